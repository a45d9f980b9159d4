"""Weights of other programs, and the files that everything is kept in."""

from .mutation import MODULE, in_module, only

MUTATIONS = [
    *in_module('files.checkpoint', 'files/test_checkpoint.py', {MODULE: [
                ("a checkpoint of any size", "open_file(path, MAX_BYTES)", "open_file(path)"),
            ],},),
    *in_module('files.headers', 'files/test_headers.py', {MODULE: [
                ("names twice pass", "if len(found) != len(pairs):", "if False:"),
            ], "read_object": [
                ("brackets without end", "(ValueError, RecursionError)", "ValueError"),
            ],},),
    *in_module('files.opening', 'files/test_opening.py', {MODULE: [
                ("any kind of file", "if not stat.S_ISREG(found.st_mode):", "if False:"),
            ],},),
    *in_module('files.printable', 'files/test_printable.py', {"printable": [
                ("what a terminal obeys", "sign.isprintable()", "True"),
            ],},),
    *in_module('files.replacing', 'files/test_replacing.py', {"replacing": [
                ("one temporary name for all", 'path.with_name(f".{path.name}.{unique}.tmp")', 'path.with_name(f".{path.name}.tmp")'),
            ],},),
    *in_module('files.stored_zip', 'files/test_checkpoint.py weights/test_refused.py', {"read_member": [
                ("checksums are not compared", "if zlib.crc32(data.data) != member.crc:", "if False:"),
            ], MODULE: [
                ("compressed members", "if method or packed != size or flags & 1:", "if False:"),
            ], "list_members": [
                ("members upon each other", "if member.size and member.start < end:", "if False:"),
                ("members without end", "if count > MAX_MEMBERS:", "if False:"),
                ("two members of one name", "len(members) != count", "False"),
            ],},),
    *in_module('weights.caffe', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py weights/test_convert.py', {MODULE: [
                ("the mean values in BGR", "(bgr * 3)[2::-1]", "(bgr * 3)[:3]"),
                ("the crop of V1's data is not seen", "transform.integer(3) or data.integer(5) or side", "transform.integer(3) or side"),
                ("the crop of the transform is not seen", "transform.integer(3) or data.integer(5) or side", "data.integer(5) or side"),
                ("the scale is not seen", "transform.real(1) or data.real(2) or scale", "scale"),
                ("an input layer is not seen", "side = shape[3] if len(shape) == 4 else side", "pass"),
                ("the network's input is not seen", "side = dimensions[3]", "pass"),
                ("layers need not follow each other", "len(bottoms) != 1 or (current and bottoms[0] not in current)", "len(bottoms) != 1"),
                ("dropout is a layer", 'UNCHANGED = {"Dropout", "Split"}', 'UNCHANGED = {"Split"}'),
                ("an infinite scale", '0 < scale < float("inf")', "0 < scale"),
            ], "read_mean": [
                ("the mean image in BGR", "image[0, ::-1]", "image[0]"),
            ],},),
    *in_module('weights.caffe_layers', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py weights/test_convert.py', {MODULE: [
                ("pooling rounds down", "round_up=True", "round_up=False"),
                ("convolution rounds up", "round_up=False", "round_up=True"),
                ("a slope passes", "if slope:", "if False:"),
                ("average pooling passes", "if pool.integer(1) or pool.integer(12):", "if pool.integer(12):"),
                ("pooling of all passes", "if pool.integer(1) or pool.integer(12):", "if pool.integer(1):"),
                ("dilation passes", "if square(conv.integers(18) or [1]) != 1:", "if False:"),
                ("never turned", "W.T if turned else W", "W"),
                ("groups are not read", 'settings["groups"] = conv.integer(5, 1)', 'settings["groups"] = 2'),
                ("within a channel passes", '"space" if lrn.integer(4) else "channels"', '"channels"'),
            ],},),
    *in_module('weights.chain', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py', {"normalisation": [
                ("alpha is not divided", "alpha / max(n, 1)", "alpha"),
            ], "window": [
                ("padding after is left out", "room = side + before + after - kernel", "room = side + before - kernel"),
                ("never rounded up", "1 + (-(-room // stride) if round_up else room // stride)", "1 + room // stride"),
                ("rounding shows in nothing", "outputs > down", "None"),
            ],},),
    *in_module('weights.file', 'weights/test_state_dict.py files/test_opening.py weights/test_read.py', {"opened": [
                ("a file of any size", "open_file(path, most)", "open_file(path)"),
            ], "from_bfloat16": [
                ("bfloat16 are half precision", "(halves.astype(np.uint32) << 16).view(np.float32)", "halves.view(np.float16).astype(np.float32)"),
            ],},),
    *in_module('weights.matching', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py weights/test_convert.py', {MODULE: [
                ("settings are not compared", "if not _equal(value, link.settings[key]):", "if False:"),
                ("kinds are not compared", "if ours.kind != link.kind:", "if False:"),
                ("any number of layers", "if len(expected) != len(links):", "if False:"),
                ("rounding is not compared", '{"kernel_size": square(layer.kernel_size), "stride": square(layer.stride), "padding": square(layer.padding), "outputs": row.output_shape[1]}', '{"kernel_size": square(layer.kernel_size), "stride": square(layer.stride), "padding": square(layer.padding)}'),
                ("alpha is compared exactly", "return isclose(expected, got, rel_tol=1e-6)", "pass"),
                ("alpha hardly compared", "rel_tol=1e-6", "rel_tol=10"),
                ("rounding of another pool", "found[conv - 1] = up", "found[0] = up"),
            ], "from_chain": [
                ("nearest is the first", 'nearest = max(nearest, (place, f"{profile}, {difference}"), key=lambda n: n[0])', 'nearest = (place, f"{profile}, {difference}") if nearest[0] < 0 else nearest'),
            ],},),
    *in_module('weights.network', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py weights/test_convert.py', {MODULE: [
                ("RGB for Caffe", 'Preprocessing(size, pixel, (divisor,) * 3, "BGR", side)', 'Preprocessing(size, pixel, (divisor,) * 3, "RGB", side)'),
                ("the mean turned round", "CAFFE_MEAN = (123.0, 117.0, 104.0)", "CAFFE_MEAN = (104.0, 117.0, 123.0)"),
                ("the divisor left out", "(divisor,) * 3", "(1.0,) * 3"),
                ("the file's mean left out", "CAFFE_MEAN if mean is None else mean", "CAFFE_MEAN"),
                ("torchvision's deviation of 0-1", "0.229 * 255", "0.229"),
                ("numbers that are none", "if not np.isfinite(copy).all():", "if False:"),
                ("whole numbers as weights", 'if array.dtype.kind != "f":', "if False:"),
            ], "assemble": [
                ("shapes are not compared", "if arrays[name].shape != parameter.shape:", "if False:"),
                ("any number of parameters", "if 4 * count > MAX_BYTES:", "if False:"),
            ],},),
    *in_module('weights.onnx', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py', {MODULE: [
                ("always turned", 'W if _integer(attributes, "transB", 0) else W.T', "W"),
                ("operators need not follow each other", "if not current or not inputs or inputs[0] != current:", "if not inputs:"),
                ("more behind the end", 'current = ""', "pass"),
                ("padding by name passes", 'auto not in ("NOTSET", "VALID") or square(pixels("dilations", [1])) != 1', 'square(pixels("dilations", [1])) != 1'),
                ("dilation passes", 'auto not in ("NOTSET", "VALID") or square(pixels("dilations", [1])) != 1', 'auto not in ("NOTSET", "VALID")'),
                ("factors pass", 'if factors != [1, 1] or _integer(attributes, "transA", 0):', 'if _integer(attributes, "transA", 0):'),
                ("transposed pictures pass", 'factors != [1, 1] or _integer(attributes, "transA", 0)', "factors != [1, 1]"),
                ("averages of several pixels pass", "return idle.items() <= found.items()", "return True"),
                ("unread operators are missed later", "node.text(4) not in READ", "False"),
            ], "read": [
                ("old files' inputs are pictures", "[name for name in inputs if name not in tensors]", "[name for name in inputs]"),
                ("any input", "len(sides) != 4 or sides[1] != 3 or sides[2] != sides[3] or sides[2] < 1", "len(sides) != 4 or False or sides[2] < 1"),
            ],},),
    *in_module('weights.onnx_tensors', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py', {"tensor_of": [
                ("outside data passes", "if tensor.integer(14):", "if False:"),
            ], MODULE: [
                ("float16 is big-endian", '("<f2", 5)', '(">f2", 5)'),
            ], "learned": [
                ("constants are not found", 'node.text(4) == "Constant"', "False"),
            ],},),
    *in_module('weights.pickled', only('weights/test_state_dict.py', 'half_precision'), {MODULE: [
                ("float16 is big-endian", '"<f2"', '">f2"'),
            ],},),
    *in_module('weights.pickled', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py weights/test_convert.py', {MODULE: [
                ("any name", "if name not in GLOBALS:", "if False:"),
                ("axes without end", "len(shape) == len(strides) <= 8", "len(shape) == len(strides)"),
                ("strides of other axes", "len(shape) == len(strides) <= 8", "len(strides) <= 8"),
                ("a negative count", 'word != "storage" or name not in STORAGES or not isinstance(key, str) or type(count) is not int or count < 0 or view not in ([], [None])', 'word != "storage" or name not in STORAGES or not isinstance(key, str) or type(count) is not int or view not in ([], [None])'),
            ], "call": [
                ("negative places", "type(n) is int and n >= 0", "type(n) is int"),
            ],},),
    *in_module('weights.pickles', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py weights/test_convert.py', {MODULE: [
                ("pickles without end", "if len(data) > MAX_PICKLE:", "if False:"),
                ("backslashes are more", 'name == "GLOBAL"', 'name == "NONE"', (1, 2)),
                ("attributes stay on the stack", "stack.pop()", "pass"),
                ("the memo forgets", "self.memo[len(self.memo)] = stack[-1]", "self.memo[0] = stack[-1]"),
                ("numbers without bounds as keys", "abs(value) > MAX_KEY", "False"),
            ],},),
    *in_module('weights.protobuf', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py', {"Message.__init__": [
                ("fields without end", "self._budget[0] < 0", "False"),
                ("a length is believed", "if length > len(data) - at:", "if False:"),
            ], "Message.integers": [
                ("numbers without end", "self._budget[0] < 0", "False"),
                ("all numbers positive", "n - 2**64 if n >= 2**63 else n", "n"),
            ], "Message.messages": [
                ("messages inside have their own budget", "Message(part, self._budget)", "Message(part)"),
            ], MODULE: [
                ("varints without end", "range(0, 70, 7)", "range(0, 700, 7)"),
                ("seven bits are six", "(byte & 0x7F) << shift", "(byte & 0x3F) << shift"),
            ], "Message.integer": [
                ("the first counts", "(self.integers(number) or [default])[-1]", "(self.integers(number) or [default])[0]"),
            ], "Message.numbers": [
                ("only the first part", 'memoryview(b"".join(parts))', 'memoryview(b"".join(parts[:1]))'),
            ], "shaped": [
                ("a shape is believed", "prod(shape) != data.size", "False"),
            ], "Message": [
                ("a number for bytes", "if len(found) != len(values):", "if False:"),
            ],},),
    *in_module('weights.safetensors', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py weights/test_convert.py', {"save": [
                ("the header is not filled up", 'words += b" " * (-len(words) % 8)', "pass"),
                ("arrays as they lie", 'np.ascontiguousarray(array, array.dtype.newbyteorder("<"))', "np.asarray(array.T)"),
                ("narrow ones first", "-arrays[name].dtype.itemsize", "arrays[name].dtype.itemsize"),
            ],},),
    *in_module('weights.safe_layout', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py weights/test_convert.py', {MODULE: [
                ("the header's length is believed", "if length > min(MAX_HEADER, size - 8):", "if False:"),
                ("gaps pass", "if begin != at:", "if False:"),
                ("bytes behind the last pass", "if at != room:", "if at > room:"),
                ("shapes are not compared with bytes", "whole and len(shape) <= 8 and end - begin == size * prod(shape)", "whole and len(shape) <= 8"),
                ("negative sizes", "type(n) is int and n >= 0", "type(n) is int"),
                ("sizes that are no whole numbers", "type(n) is int and n >= 0", "n >= 0"),
                ("axes without end", "whole and len(shape) <= 8 and end - begin == size * prod(shape)", "whole and end - begin == size * prod(shape)"),
            ],},),
    *in_module('weights.state_dict', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py weights/test_convert.py', {MODULE: [
                ("a layer taken for another", '[f"features.{n}" for n in (0, 3, 6, 8, 10)]', '[f"features.{n}" for n in (0, 3, 8, 6, 10)]'),
                ("names are sorted as text", '[(int(p), "") if i % 2 else (0, p) for i, p in enumerate(parts)]', "[(0, name)]"),
                ("wrappers stay in the names", "p not in WRAPPERS", "True"),
            ],},),
    *in_module('weights.torch', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py weights/test_convert.py', {MODULE: [
                ("a number seen many times", "if prod(tensor.shape) <= tensor.count:", "if True:"),
                ("strides count bytes", "[n * dtype.itemsize for n in tensor.strides]", "list(tensor.strides)"),
                ("no offset", "offset = tensor.offset * dtype.itemsize", "offset = 0"),
                ("a storage's length is not compared", "if len(data) != tensor.count * dtype.itemsize:", "if False:"),
                ("other values than tensors", "not isinstance(name, str) or not isinstance(tensor, Tensor)", "not isinstance(name, str)"),
            ],},),
    *in_module('weights.torch_file', 'weights/test_read.py weights/test_refused.py weights/test_state_dict.py weights/test_convert.py', {MODULE: [
                ("big-endian archives", 'order and read_member(file, order).tobytes() != b"little"', "False"),
                ("big-endian machines", 'not isinstance(machine, dict) or machine.get("little_endian") is not True', "not isinstance(machine, dict)"),
                ("a legacy storage longer than the file", "if length > size - place:", "if False:"),
            ],},),
    *in_module('weights.__init__', 'weights/test_state_dict.py weights/test_read.py weights/test_convert.py', {"ending": [
                ("capitals are another ending", "suffix.lower()", "suffix"),
                ("the last part alone", "two if two in READERS else (suffixes or [''])[-1]", "(suffixes or [''])[-1]"),
            ],},),
]  # fmt: skip
