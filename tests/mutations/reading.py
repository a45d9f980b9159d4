"""Reading pictures, labels and lists from wherever they lie."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module("data.lists", "data/test_lists.py", {"read_lines": [
                ("a mark is part of the first name", 'data.decode("utf-8-sig")', 'data.decode("utf-8")'),
                ("UTF-16 passes", 'if "\\0" in text:', "if False:"),
                ("quotation marks pass", "if line[:1] == '\"' or ',\"' in line:", "if False:"),
                ("blank lines are lines", "if line:", "if True:"),
                ("lines are counted from 0", "enumerate(LINE_BREAK.split(text), 1)", "enumerate(LINE_BREAK.split(text))"),
            ], MODULE: [
                ("CR ends no line", 're.compile(r"\\r\\n|\\n|\\r")', 're.compile(r"\\r\\n|\\n")'),
                ("CR and LF end two", 're.compile(r"\\r\\n|\\n|\\r")', 're.compile(r"\\n|\\r")'),
                ("names without end", "if max(len(name), len(words)) > LONGEST:", "if False:"),
                ("words stay empty", "words.strip() or name.strip()", "words.strip()"),
            ], "read_order": [
                ("a class twice", "if name in listed:", "if False:"),
            ], "read_words": [
                ("contradictions pass", "if found.setdefault(name, words) != words:", "if found.update({name: words}):"),
            ],},),
    *in_module("data.labels", "data/test_lists.py data/test_layout.py", {"read_labels": [
                ("contradictions pass", "if before.label != line.label:", "if False:"),
                ("a list of none passes", "if not truth:", "if False:"),
                ("a header is a picture", "del lines[0]", "pass"),
            ], MODULE: [
                ("a number counts from 1", "order[int(line.label)]", "order[int(line.label) - 1]"),
                ("numbers and names mixed", "if not _is_number(line.label):", "if False:"),
                ("numbers of no class", "int(line.label) >= len(order)", "int(line.label) > len(order)"),
                ("an ending is no part of a name", "found = [] if name.lower().endswith(SUFFIXES) else self.stems.get(name, [])", "found = self.stems.get(name.rpartition('.')[0] or name, [])"),
                ("two pictures of one name", "if len(found) > 1:", "if False:"),
                ("folders are not looked at", "return exact or found", "return found"),
                ("a line without a label", "if not name or not label:", "if False:"),
                ("names end at the first space", "for found in reversed(separators):", "for found in separators:"),
                ("folders that are numbers are numbers", "if label not in known:", "if True:"),
            ], "read_numbers": [
                ("any word is a number", "if not _is_number(line):", "if not line:"),
            ],},),
    *in_module("data.layout", "data/test_layout.py data/test_classes_file.py", {"find_in": [
                ("val alone", 'if "val" in folders and "train" not in folders:', "if False:"),
                ("loose pictures are lost in silence", 'skipped += [ImageError(name, "lies in no class folder") for name in loose]', "pass"),
                ("no class folder passes", "if not found:", "if False:"),
                ("other classes are not counted", "left_out += 1", "pass"),
                ("test is passed over in silence", "skipped += [ImageError(name, why) for name in others]", "pass"),
                ("names of test folders in small letters only", "name.lower() in OTHER_NAMES", "name in OTHER_NAMES"),
                ("test pictures are not sorted", "test.sort(key=lambda item: (item[1], item[0]))", "pass"),
                ("--classes has no words", "{w: text for w, text in listed if text != w}", "{}"),
            ],},),
    *in_module("data.classes", "data/test_classes_file.py data/test_layout.py", {"class_folders": [
                ("images is a class", 'entry.is_folder and entry.name != "images"', "entry.is_folder"),
                ("a link that leads nowhere", 'if entry.wrong.startswith("cannot be read"):', "if False:"),
                ("endings in small letters only", "entry.name.lower().endswith(SUFFIXES)", "entry.name.endswith(SUFFIXES)"),
            ], MODULE: [
                ("empty classes are lost in silence", 'skipped.append(ImageError(folder, "is a class folder without pictures"))', "pass"),
                ("nested folders are lost in silence", '"is a folder inside a class folder, it is not looked into" * inside', '""'),
                ("names without an ending are lost in silence", '"." not in name or name.rpartition(".")[2] in OTHER_SUFFIXES', 'name.rpartition(".")[2] in OTHER_SUFFIXES'),
                ("other endings are lost in silence", '"." not in name or name.rpartition(".")[2] in OTHER_SUFFIXES', '"." not in name'),
            ], "class_order": [
                ("folders outside of --classes", "if strange:", "if False:", (1, 2)),
                ("folders outside of wnids.txt", "if strange:", "if False:", (2, 2)),
                ("--classes is sorted", "return list(wanted), list(wanted)", "return sorted(wanted), sorted(wanted)"),
                ("classes without pictures count", "[wnid for wnid in order if wnid in found]", "order"),
            ],},),
    *in_module("data.listing", "data/test_layout.py data/test_tiny_imagenet.py", {"Folder.entries": [
                ("hidden files are seen", 'name[0] != "."', "True"),
                ("as the disk has them", "sorted(os.listdir(self._root / folder))", "sorted(os.listdir(self._root / folder))[::-1]"),
            ], "Packed": [
                ("hidden members are seen", 'part[:1] in ("", ".")', 'part[:1] == ""'),
                ("another folder's members", 'first != inside or any(part[:1] in ("", ".") for part in parts)', 'any(part[:1] in ("", ".") for part in parts)'),
                ("members without end", "if info.file_size > most:", "if False:"),
            ],},),
    *in_module("data.validation", "data/test_layout.py", {"validation_images": [
                ("a list is not needed", "if truth is None and not found:", "if False:"),
                ("pictures without labels are lost in silence", "skipped.append(ImageError(name, why))", "pass"),
                ("what is wrong in val is lost in silence", 'class_folders(listing, "val", skipped)', 'class_folders(listing, "val", [])'),
                ("an empty val says nothing", "if not found:", "if False:"),
            ], MODULE: [
                ("any number of numbers", "if len(numbers) != len(pictures):", "if False:"),
                ("numbers of no class", "if number not in synsets:", "if False:"),
            ],},),
    *in_module("data.ilsvrc", "data/test_ilsvrc.py data/test_layout.py", {MODULE: [
                ("bytes without end", "if self._bytes < 0:", "if False:"),
                ("elements without end", "if self._elements < 0:", "if False:"),
                ("depth without end", "if depth == 0:", "if False:"),
                ("small elements", "if kind >> 16:", "if False:"),
                ("padding of compressed elements", "0 if kind == COMPRESSED else -(start + size) % 8", "-(start + size) % 8"),
                ("fields without end", "0 < len(text) <= FIELDS * step", "0 < len(text)"),
            ],},),
    *in_module("data.picture", "data/test_layout.py data/test_jpeg.py", {MODULE: [
                ("pictures of any size", "if pixels > PIXELS:", "if False:"),
                ("scans without end", "if work > WORK:", "if False:"),
                ("channels without end", "if held > PIXELS * 3:", "if False:"),
                ("files of any size", "if status.st_size > BYTES:", "if False:"),
                ("pipes are pictures", "if not stat.S_ISREG(status.st_mode):", "if False:"),
                ("cut ones pass", "isinstance(image, JpegImageFile) and is_cut(data, image)", "False"),
                ("any error is the picture's", "if error.errno not in UNREADABLE:", "if False:"),
                ("an unreadable file ends the work", "if error.errno not in UNREADABLE:", "if True:"),
            ], "decode_image": [
                ("the square's corner", "(length - short) // 2", "0"),
                ("width and height swapped", "np.asarray(square).transpose(2, 0, 1)", "np.asarray(square).transpose(2, 1, 0)"),
                ("the nearest pixel", "Image.Resampling.BILINEAR", "Image.Resampling.NEAREST"),
            ],},),
    *in_module("data.picture", "data/test_prepare.py::test_too_little_memory_is_no_damaged_picture", {"decode_image": [
                ("too little memory is damage", "(ImageError, MemoryError)", "ImageError"),
            ],},),
    *in_module("data.jpeg", "data/test_jpeg.py", {"is_cut": [
                ("nothing is cut", "if not suspicious:", "if True:"),
                ("progressive ones are whole", "image.width * image.height * scans <= TWICE", "False"),
                ("only the first strip", "range(0, image.height, rows)", "range(0, rows, rows)"),
                ("the first end", "data.rindex(END)", "data.index(END)"),
                ("arithmetic codes are cut", "frame not in HUFFMAN or END not in data", "END not in data"),
            ], "count_scans": [
                ("a thumbnail's scans count", 'data.count(b"\\xff\\xda", _frame(data)[1])', 'data.count(b"\\xff\\xda")'),
            ], MODULE: [
                ("flat ends are whole", "return alike or w % 16 in (1, 2, 3) or w * h <= SMALL", "return w % 16 in (1, 2, 3) or w * h <= SMALL"),
            ],},),
    *in_module("data.rgb", "data/test_layout.py", {MODULE: [
                ("16 bits are clipped", "grey >> 8", "grey"),
                ("clear pixels are black", 'Image.new("RGBA", strip.size, "white")', 'Image.new("RGBA", strip.size, "black")'),
                ("damaged EXIF ends it", "return 1", "raise"),
                ("pictures lie as they were taken", "image if turn is None else image.transpose(turn)", "image"),
            ],},),
    *in_module("data.cifar10", "data/test_cifar10.py", {MODULE: [
                ("labels of any size", "if wrong.size:", "if False:"),
                ("files of any size", "if size != expected:", "if False:"),
                ("missing files", "if missing:", "if False:"),
                ("a file twice", "if name in files:", "if False:"),
                ("green before red", "images.reshape(-1, 3, 32, 32)", "images.reshape(-1, 32, 3, 32).transpose(0, 2, 1, 3)"),
                ("labels among the pixels", "files[name][:, 1:]", "files[name][:, :-1]"),
            ],},),
    *in_module("data.tar", "data/test_cifar10.py", {MODULE: [
                ("reading without end", "if self._left < 0:", "if False:", (1, 2)),
                ("skipping without end", "if self._left < 0:", "if False:", (2, 2)),
                ("members without end", "range(MEMBERS)", "range(10**12)"),
                ("checksums are not compared", "checksum != found", "False"),
                ("a member cut short", "if data and len(data) < size:", "if False:"),
            ], "read_members": [
                ("members of any size", "is_file and PurePosixPath(name).name in wanted and size <= largest", "is_file and PurePosixPath(name).name in wanted"),
                ("gzip's checksum is not reached", "stream.skip(most)", "pass"),
            ],},),
    *in_module("data.download", "data/test_download.py", {MODULE: [
                ("nobody is waited for", "fcntl.flock(file, fcntl.LOCK_EX)", "pass"),
                ("a part that is gone is gone on from", "part.exists() and os.path.samestat(os.fstat(file.fileno()), part.stat())", "True"),
                ("what the other has brought is fetched again", "yield False", "yield True"),
                ("any bytes", "if got != sha256:", "if False:"),
                ("what is wrong is kept", "part.unlink()", "pass"),
                ("the name outlives the bytes", "os.fsync(file.fileno())", "pass"),
                ("it is begun anew", "have = file.tell()", "have = file.truncate(0)"),
                ("too much is kept", "if have > size:", "if False:"),
                ("Range is believed", "chunk[max(0, have - at) :]", "chunk"),
                ("an offer of another size", "at not in (0, have) or offered not in (size, None)", "at not in (0, have)"),
                ("an offer from elsewhere", "at not in (0, have) or offered not in (size, None)", "offered not in (size, None)"),
            ],},),
    *in_module("data.download", "data/test_tiny_imagenet.py", {"download_once": [
                ("it is fetched again", "if path.exists():", "if False:"),
                ("it is fetched unasked", "if not allowed:", "if False:"),
            ],},),
    *in_module("data.tiny_imagenet", "data/test_tiny_imagenet.py", {"load": [
                ("damaged pictures are passed over", "raise error", "pass"),
                ("labels of all classes", "(name, i - skip)", "(name, i)"),
                ("--classes without bound", "wanted < 1 or skip < 0 or skip + wanted > len(with_images)", "wanted < 1 or skip < 0"),
                ("folders of other classes", "found.classes[skip:][:classes]", "found.classes[:classes]"),
            ],},),
    *in_module("data.dataset", "data/test_dataset.py", {"Dataset": [
                ("the mean's last part", "self.train_images[start : start + CHUNK].sum(0, dtype=np.int64)", "self.train_images[start : start + CHUNK - 1].sum(0, dtype=np.int64)"),
                ("sizes that differ", "if train != test:", "if False:"),
                ("labels of any size", "(labels < 0) | (labels >= classes)", "labels < 0"),
                ("negative labels", "(labels < 0) | (labels >= classes)", "labels >= classes"),
                ("no training pictures", '0 in (shape if split == "train" else shape[1:])', "0 in shape[1:]"),
                ("folders are not counted", "if len(self.class_folders) not in (0, len(self.class_names)):", "if False:"),
                ("the mean has any shape", "if value is not None and value.shape != shape:", "if False:"),
            ], "check_dtype": [
                ("any type", "if found != np.dtype(dtype):", "if False:"),
            ],},),
    *in_module("data.shapes", "data/test_shapes.py", {"draw": [
                ("train and test alike", "SPLITS.index(split)", "0"),
                ("the first chunk again", "words = _random_words(indices[part], seed, SPLITS.index(split))", "words = _random_words(indices[:len(indices[part])], seed, SPLITS.index(split))"),
                ("labels of another order", "indices % len(CLASS_NAMES)", "(indices + 1) % len(CLASS_NAMES)"),
                ("negative indices", "indices.ndim != 1 or (indices < 0).any()", "indices.ndim != 1"),
            ], MODULE: [
                ("large numbers are others'", "picture >> 32", "0"),
            ],},),
    *in_module("data.painting", "data/test_shapes.py", {MODULE: [
                ("no shadow", "picture * (65536 - shadow * shade) >> 16", "picture"),
                ("grain of one byte", "first + second - 255", "2 * first - 255"),
                ("half of what is covered", "covered >> 1", "covered >> 2"),
            ],},),
    *in_module("data.__init__", "data/test_dataset.py", {"data_dir": [
                ("an empty variable is a folder", 'path or os.environ.get("MINIALEXNET_DATA") or "~/.cache/minialexnet"', 'path or os.environ.get("MINIALEXNET_DATA", "~/.cache/minialexnet")'),
                ("the environment comes first", 'path or os.environ.get("MINIALEXNET_DATA") or "~/.cache/minialexnet"', 'os.environ.get("MINIALEXNET_DATA") or path or "~/.cache/minialexnet"'),
                ("a folder called ~", "Path(chosen).expanduser()", "Path(chosen)"),
            ],},),
    *in_module("data.outlines", "data/test_shapes.py", {MODULE: [
                ("one star for two", "_star(0.55)", "_star(0.42)"),
            ],},),
]  # fmt: skip
