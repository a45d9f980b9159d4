"""Data sets on the disk, and how they are written."""

from .mutation import MODULE, in_module, only

PREPARE = "data/test_prepare.py"
WHOLE = only(
    PREPARE,
    "pictures_labels_and_names",
    "mean_and_covariance_are_those_of_the_training_pictures",
    "the_record_names_what_was_skipped",
    "nothing_is_left_beside_the_set",
    "a_shard_without_a_whole_picture",
)
WHERE = only(
    PREPARE,
    "options_out_of_range_are_refused",
    "a_folder_inside_the_source_is_refused",
    "a_folder_of_something_else_is_refused",
    "a_disk_that_is_too_small_is_noticed_before",
    "a_shard_has_at_most_so_many_bytes",
    "two_at_once_are_refused",
)
STRICT = only(
    PREPARE,
    "strict_refuses_what_is_no_file",
    "strict_names_the_first_broken_file",
    "strict_sees_what_was_skipped_before",
    "strict_refuses_a_finished_set_with_skipped_files",
)
AGAIN = only(
    PREPARE,
    "a_finished_set_is_left_as_it_is",
    "changed_pictures_are_refused",
    "another_label_of_the_same_picture_is_refused",
    "going_on_with_other_options_is_refused",
    "shards_written_by_halves_are_redone",
    "what_a_kill_left_takes_no_room",
    "a_full_disk_keeps_the_finished_shards",
)
DECODED = only(
    PREPARE,
    "shards_are_on_the_disk_before_they_have_their_names",
    "no_whole_picture_at_all_is_an_error",
    "a_full_disk_under_the_workers",
    "the_covariance_is_exact",
)
PROCESSES = only(
    PREPARE,
    "pictures_over_which_workers_die_are_named_and_the_rest_goes_on",
    "workers_that_cannot_begin_end_the_work",
    "a_program_without_a_main_part_may_call_it",
    "ctrl_c_leaves_nobody_and_says_how_to_go_on",
    "workers_do_not_hear_ctrl_c",
)
HELD_OUT = only(
    PREPARE,
    "held_out_pictures_come_evenly_from_the_classes",
    "a_class_is_never_held_out_whole",
    "a_held_out_share_leaves_pictures_on_both_sides",
    "held_out_where_there_are_validation_pictures_is_refused",
)

MUTATIONS = [
    *in_module("data.prepare", f"{WHERE} {STRICT} {AGAIN} {WHOLE}", {"prepare": [
                ("the source lies in its destination", "if dst.resolve().is_relative_to(src.resolve()):", "if False:"),
                ("strict hears of no list", "if strict and source.skipped:", "if False:"),
                ("strict finishes", 'if strict and record["skipped"]:', "if False:"),
                ("what is left is left", "path.unlink(missing_ok=True)", "pass"),
                ("two at a time", 'with alone(dst, "prepare"):', "if True:"),
                ("any share", "0 <= held_out < 1", "True"),
            ], MODULE: [
                ("a shard too large", "min(count, max(1, SHARD_BYTES // (3 * side**2)))", "count"),
                ("finished shards are done anew", "skipped is None", "True"),
                ("a full disk is found at its end", "if free < needed:", "if False:"),
                ("what is half-written stays", "unfinished.sweep(dst)", "pass"),
                ("strict goes on", "if strict and already:", "if False:"),
            ],},),
    *in_module("data.prepare", only(PREPARE, "too_little_memory_is_no_damaged_picture"), {MODULE: [
                ("too little memory has no name", 'str(error) or "out of memory"', "str(error)"),
            ],},),
    *in_module("data.unfinished", f"{AGAIN} {WHERE} {DECODED} {WHOLE}", {"begin": [
                ("any folder will do", "if names and not finished and UNFINISHED not in names:", "if False:"),
                ("other pictures go in", 'begun.get(name) != value and name == "source"', "False"),
                ("other options go on", "if begun.get(name) != value:", "if False:"),
            ], "kept": [
                ("a shard of any size", "size == shard_bytes(pictures, job.side)", "size >= shard_bytes(pictures, job.side)"),
            ], "keep": [
                ("finished before it is there", "os.replace(shard.temporary, job.path)", "pass"),
            ], "fingerprint": [
                ("sizes do not count", "[name, label, status.st_size, status.st_mtime_ns]", "[name, label, status.st_mtime_ns]"),
                ("dates do not count", "[name, label, status.st_size, status.st_mtime_ns]", "[name, label, status.st_size]"),
                ("names do not count", "[name, label, status.st_size, status.st_mtime_ns]", "[label, status.st_size, status.st_mtime_ns]"),
                ("labels do not count", "[name, label, status.st_size, status.st_mtime_ns]", "[name, status.st_size, status.st_mtime_ns]"),
            ], "finish": [
                ("test pictures have their mean", 'if job.split == "train":', "if True:"),
                ("no picture at all", "if count == 0:", "if False:"),
                ("what was skipped is forgotten", 'skipped += state["skipped"]', "pass"),
                ("the arrays' checksum", "hashlib.sha256((dst / ARRAYS).read_bytes()).hexdigest()", '""'),
            ],},),
    *in_module("data.decoding", f"{DECODED} {STRICT} {AGAIN} {WHOLE}", {"decode": [
                ("the bytes stay in memory", "os.fsync(file.fileno())", "pass"),
                ("a shard counts what it has skipped", "write_header(file, len(labels), side)", "pass"),
                ("the checksum begins at the end", "file.seek(0)", "pass", (2, 2)),
                ("strict skips", "if strict:", "if False:"),
                ("the sum of the last", "total += image", "total = image.astype(np.int64)"),
                ("the products of the last", "products += color_sums(image[None])[1]", "products = color_sums(image[None])[1]"),
            ],},),
    *in_module("data.workers", PROCESSES, {"decode_all": [
            ], MODULE: [
                ("children hear Ctrl-C", "with children_do_not_hear():", "if True:"),
            ],},),
    *in_module("data.prepared", "data/test_prepared.py", {"load": [
                ("a shard may be longer", "if size != expected:", "if size < expected:"),
                ("a shard may be shorter", "if size != expected:", "if size > expected:"),
                ("the test's labels for training", 'arrays["train_labels"]', 'arrays["test_labels"]'),
                ("the covariance is left out", 'arrays["color_covariance"]', "None"),
            ], "check": [
                ("checksums are not compared", 'hashlib.file_digest(file, "sha256").hexdigest() != sha256', "False"),
                ("the arrays are not compared", '[(folder / ARRAYS, record["arrays"], 0)]', "[]"),
                ("only training pictures", "for split in SPLITS:", "for split in SPLITS[:1]:"),
            ], MODULE: [
                ("a mean that is none", "array.dtype != dtype or not np.isfinite(array).all()", "array.dtype != dtype"),
                ("a mean of any type", "array.dtype != dtype or not np.isfinite(array).all()", "not np.isfinite(array).all()"),
            ],},),
    *in_module("data.record", "data/test_prepared.py " + only(PREPARE, "a_half_written_set_is_refused_and_says_how_to_go_on", "a_file_of_somebody_else_is_refused"), {"read_record": [
                ("half-written sets are none", "not path.exists() and (folder / UNFINISHED).exists()", "False"),
                ("any version", 'if found["version"] != VERSION:', "if False:"),
                ("names are not counted", "if alike[0] != alike[1]:", "if False:"),
                ("a record is believed", 'WHOLE(found, "")', "pass"),
            ], "resume_command": [
                ("the share is forgotten", 'if begun["held_out"]:', "if False:"),
                ("the list is forgotten", 'if begun.get("classes_file"):', "if False:"),
                ("blanks are not quoted", "shlex.join(words)", '" ".join(words)'),
            ],},),
    *in_module("data.shards", "data/test_prepared.py", {"Shards": [
                ("the next shard begins early", 'np.searchsorted(self._starts, flat, side="right") - 1', 'np.searchsorted(self._starts, flat, side="left") - 1'),
                ("an int is a batch of one", "pictures.reshape(*rows.shape, *self.shape[1:])", "pictures"),
                ("indices of two axes", "if rows.ndim > 1:", "if False:"),
                ("a file of another size", "pixels.dtype != np.uint8 or pixels.shape != shape", "pixels.dtype != np.uint8"),
                ("files stay open", "lru_cache(maxsize=OPEN_SHARDS)(self._map)", "lru_cache(maxsize=None)(self._map)"),
            ],},),
    *in_module("data.digest", "data/test_digest.py data/test_set_aside.py", {"digest": [
                ("labels do not count", 'found.update(np.ascontiguousarray(labels, "<i8").tobytes())', "pass"),
                ("test pictures do not count", 'for split in ("train", "test"):', 'for split in ("train",):'),
            ], "digest_of": [
                ("the shape does not count", "hashlib.sha256(str(images.shape).encode())", "hashlib.sha256()"),
                ("the first pictures only", "range(0, len(images), CHUNK)", "range(0, min(CHUNK, len(images)), CHUNK)"),
            ],},),
    *in_module("data.set_aside", "data/test_set_aside.py data/test_digest.py", {"Chosen.digest": [
                ("which of them does not count", "digest_of(self.images) + hashlib.sha256(indices).hexdigest()", "digest_of(self.images)"),
            ], "set_aside": [
                ("the first ones are held out", "own[len(own) - count :]", "own[:count]"),
                ("a class may be left empty", "if len(own) <= count:", "if len(own) < count:"),
                ("the mean is of all", "mean_image=None", "mean_image=dataset.mean_image"),
                ("the labels of others", "test_labels=dataset.train_labels[aside]", "test_labels=dataset.train_labels[kept][:len(aside)]"),
            ],},),
    *in_module("data.held_out", HELD_OUT, {"hold_out": [
                ("beside a test set", "if source.test:", "if False:"),
                ("a class loses all", "if item[1] not in kept:", "if False:"),
                ("in the order of names", "hashlib.sha256(os.fsencode(item[0])).digest()", "item[0]"),
                ("none at all", "0 < len(test) < len(mixed)", "len(test) < len(mixed)"),
            ],},),
]  # fmt: skip
