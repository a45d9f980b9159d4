"""Writes small files of weights, from the formats' public descriptions alone."""

import io
import json
import struct
import zipfile
import zlib

import numpy as np

from minialexnet.alexnet import alexnet
from minialexnet.profiles import changed_profile

# The narrowest network whose kernels are even: conv 2-2-4-4-2, 32 units in fc6 and fc7.
WIDTH = 1 / 128


def network(profile, classes=3, size=None, seed=1, **changes):
    """Return a narrow network with weights and biases that all differ."""
    profile = changed_profile(profile, changes)
    net = alexnet(profile, classes, WIDTH, size, seed=seed)
    rng = np.random.default_rng(seed)
    for layer in net.layers.values():
        for key, value in layer.params.items():
            layer.params[key] = value + rng.normal(0, 0.02, value.shape).astype("f4")
    return net


# How the pooling of the model zoo's AlexNet rounds behind conv1 to conv5.
ZOO = [False, False, True, True, True]


def zoo():
    """Return a narrow network as the model zoo has it."""
    return network("caffe", size=224, pool_ceil_mode=ZOO)


def arrays(net):
    """Return [(name, W, b), ...] of conv1 to fc8."""
    layers = net.layers.items()
    return {n: (la.params["W"], la.params["b"]) for n, la in layers if la.params}


# Protocol buffers


def varint(number):
    number %= 2**64
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def pb(number, value):
    """Return a field: of an int, a float, a text, bytes or a list of fields."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, list):
        value = b"".join(value)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


# Caffe. What the layers are is in models/bvlc_alexnet/train_val.prototxt and
# models/bvlc_reference_caffenet/train_val.prototxt.

POOL = {"kernel": 3, "stride": 2}
LRN = {"n": 5, "alpha": 0.0001, "beta": 0.75}
CONVOLUTIONS = {
    "conv1": {"kernel": 11, "stride": 4},
    "conv2": {"kernel": 5, "pad": 2, "group": 2},
    "conv3": {"kernel": 3, "pad": 1},
    "conv4": {"kernel": 3, "pad": 1, "group": 2},
    "conv5": {"kernel": 3, "pad": 1, "group": 2},
}


def caffe_layers(pool_first=False):
    """Return [(name, type, settings), ...] of bvlc_alexnet, or of the reference net."""
    layers = []
    for i in range(1, 6):
        layers += [(f"conv{i}", "Convolution", dict(CONVOLUTIONS[f"conv{i}"]))]
        layers += [(f"relu{i}", "ReLU", {})]
        behind = [(f"norm{i}", "LRN", dict(LRN)), (f"pool{i}", "Pooling", dict(POOL))]
        if i in (1, 2):
            layers += behind[::-1] if pool_first else behind
        if i == 5:
            layers += behind[1:]
    for i in (6, 7):
        layers += [(f"fc{i}", "InnerProduct", {}), (f"relu{i}", "ReLU", {})]
        layers += [(f"drop{i}", "Dropout", {})]
    return [*layers, ("fc8", "InnerProduct", {})]


V1_TYPES = {
    "Data": 5, "Convolution": 4, "ReLU": 18, "LRN": 15, "Pooling": 17,
    "InnerProduct": 14, "Dropout": 6, "SoftmaxWithLoss": 21, "Split": 22, "Concat": 3,
}  # fmt: skip
SETTINGS = {  # type: (field in V1, field in V2, {setting: field})
    "Convolution": (10, 106, {"kernel": 4, "stride": 6, "pad": 3, "group": 5,
                              "dilation": 18, "kernel_h": 11, "kernel_w": 12}),
    "Pooling": (19, 121, {"kernel": 2, "stride": 3, "pad": 4, "method": 1, "all": 12}),
    "LRN": (18, 118, {"n": 1, "alpha": 2, "beta": 3, "within": 4, "k": 5}),
    "InnerProduct": (17, 117, {"transpose": 6}),
    "ReLU": (30, 123, {"slope": 1}),
}  # fmt: skip


def blob(array, legacy, double=False):
    """Return a BlobProto's fields; in the old form four numbers are its shape."""
    if legacy:
        shape = (1,) * (4 - array.ndim) + array.shape
        head = [pb(1 + axis, length) for axis, length in enumerate(shape)]
    else:
        head = [pb(7, [pb(1, b"".join(map(varint, array.shape)))])]
    data = array.astype("<f8" if double else "<f4").tobytes()
    return [*head, pb(8 if double else 5, data)]


def caffemodel(weights, layers, version=2, data=(), top=(), double=False):
    """Return a .caffemodel: a Data layer with the fields `data`, `layers`, a loss."""
    field = 2 if version == 1 else 100
    source = ("data", "Data", {})
    loss = ("loss", "SoftmaxWithLoss", {})
    out, current = [pb(1, "AlexNet"), *top], None
    for name, kind, settings in [source, *layers, loss]:
        in_place = kind in ("ReLU", "Dropout")
        tops = [current if in_place else name]
        tops = settings.get("tops", ["data", "label"] if kind == "Data" else tops)
        bottoms = [] if kind == "Data" else [settings.get("bottom", current)]
        if version == 1:
            f = [pb(2, b) for b in bottoms] + [pb(3, t) for t in tops]
            f += [pb(4, name), pb(5, V1_TYPES.get(kind, 99))]
        else:
            f = [pb(1, name), pb(2, kind)]
            f += [pb(3, b) for b in bottoms] + [pb(4, t) for t in tops]
        if kind == "Data":
            f += data
        if kind in SETTINGS:
            *numbers, fields = SETTINGS[kind]
            inner = [pb(fields[s], v) for s, v in settings.items() if s in fields]
            f.append(pb(numbers[version - 1], inner))
        if name in weights and kind in ("Convolution", "InnerProduct"):
            old = version == 1
            f += [pb(6 if old else 7, blob(a, old, double)) for a in weights[name]]
        out.append(pb(field, f))
        current = tops[0]
    return b"".join(out)


# ONNX


def attribute(name, value):
    """Return an AttributeProto."""
    if isinstance(value, float):
        return [pb(1, name), pb(2, value), pb(20, 1)]
    if isinstance(value, int):
        return [pb(1, name), pb(3, value), pb(20, 2)]
    if isinstance(value, str):
        return [pb(1, name), pb(4, value), pb(20, 3)]
    return [pb(1, name), *(pb(8, v) for v in value), pb(20, 7)]


def onnx_tensor(name, array, raw=True, kind=1):
    """Return a TensorProto."""
    if kind == 16:  # bfloat16, the upper halves of float32
        array = (array.view(np.uint32) >> 16).astype("<u2")
    else:
        array = array.astype({1: "<f4", 10: "<f2", 11: "<f8"}[kind])
    field, data = 9, array.tobytes()
    if not raw:
        field = {1: 4, 10: 5, 11: 10, 16: 5}[kind]
    if field == 5:  # each in a number of its own
        data = b"".join(map(varint, array.reshape(-1).view("<u2").tolist()))
    return [*(pb(1, n) for n in array.shape), pb(2, kind), pb(8, name), pb(field, data)]


def onnx_nodes(torchvision=False):
    """Return [(operator, name, attributes), ...] of the model zoo's AlexNet.

    In bvlcalexnet-12.onnx only the last pooling has padding behind the picture.
    """
    window = {"kernel_shape": [3, 3], "strides": [2, 2]}
    pads = {"pads": [0, 0, 0, 0]}
    last = {} if torchvision else {"pads": [0, 0, 1, 1]}
    lrn = ("LRN", None, {"size": 5, "alpha": 0.0001, "beta": 0.75, "bias": 1.0})
    nodes = []
    for i in range(1, 6):
        c = CONVOLUTIONS[f"conv{i}"]
        pad = 2 if torchvision and i == 1 else c.get("pad", 0)
        group = 1 if torchvision else c.get("group", 1)
        settings = {"kernel_shape": [c["kernel"]] * 2, "pads": [pad] * 4}
        settings |= {"strides": [c.get("stride", 1)] * 2, "group": group}
        nodes += [("Conv", f"conv{i}", settings), ("Relu", None, {})]
        if i in (1, 2):
            nodes += [] if torchvision else [lrn]
            nodes += [("MaxPool", None, window | pads)]
        if i == 5:
            nodes += [("MaxPool", None, window | last)]
    idle = {"kernel_shape": [1, 1], "strides": [1, 1]}
    nodes += [("AveragePool", None, idle)] if torchvision else []
    nodes += [("Reshape", None, {})]
    for i in (6, 7, 8):
        nodes += [("Gemm", f"fc{i}", {"transB": 1})]
        if i < 8:
            nodes += [("Relu", None, {}), ("Dropout", None, {})]
    return [*nodes, ("Softmax", None, {})]


def onnx(
    weights, nodes, size=224, raw=True, kind=1, old=False, changed=None, constants=False
):
    """Return an .onnx; `old`: the tensors stand among the inputs too.

    `changed` has, by the names of tensors, bytes and what they become. `constants`:
    each tensor is the value of a node.
    """
    graph, current, changed = [], "data_0", changed or {}
    for place, (operator, name, settings) in enumerate(nodes):
        inputs = [current, *([f"{name}_w_0", f"{name}_b_0"] if name else [])]
        inputs = settings.get("inputs", inputs)
        current = f"out_{place}"
        fields = [pb(1, i) for i in inputs] + [pb(2, current), pb(4, operator)]
        fields += [pb(5, attribute(k, v)) for k, v in settings.items() if k != "inputs"]
        graph.append(pb(1, fields))
    named = {f"{n}_w_0": W for n, (W, b) in weights.items()}
    named |= {f"{n}_b_0": b for n, (W, b) in weights.items()}
    for name, array in named.items():
        tensor = b"".join(onnx_tensor(name, array, raw, kind))
        tensor = tensor.replace(*changed.get(name, (b"", b"")), 1)
        value = [pb(1, "value"), pb(5, tensor), pb(20, 4)]
        node = [pb(2, name), pb(4, "Constant"), pb(5, value)]
        graph.append(pb(1, node) if constants else pb(5, tensor))

    def value(name, shape):
        dimensions = [pb(1, [pb(1, n)]) for n in shape]
        return pb(11, [pb(1, name), pb(2, [pb(1, [pb(1, 1), pb(2, dimensions)])])])

    graph.append(value("data_0", (1, 3, size, size)))
    graph += [value(n, a.shape) for n, a in named.items()] if old else []
    return b"".join([pb(1, 3), pb(7, graph), pb(8, [pb(2, 9)])])


# PyTorch, by the opcodes of pickletools


def state_dict(net):
    """Return {"features.0.weight": array, ...} as torchvision names them."""
    names = [f"features.{n}" for n in (0, 3, 6, 8, 10)]
    names += [f"classifier.{n}" for n in (1, 4, 6)]
    out = {}
    for name, (W, b) in zip(names, arrays(net).values(), strict=True):
        out |= {f"{name}.weight": W, f"{name}.bias": b}
    return out


def unicode(text):
    return b"X" + struct.pack("<I", len(text.encode())) + text.encode()


def whole(number):
    if 0 <= number < 2**31:
        return b"J" + struct.pack("<i", number)
    return b"\x8a\x09" + number.to_bytes(9, "little", signed=True)


def tuple_of(*items):
    return b"(" + b"".join(items) + b"t"


def dict_of(items):
    """Return the opcodes that make a dict of texts to what other opcodes make."""
    return b"}(" + b"".join(unicode(k) + v for k, v in items.items()) + b"u"


ORDERED_DICT = b"ccollections\nOrderedDict\n)R"
STORAGES = {
    "f4": b"FloatStorage", "f8": b"DoubleStorage", "i8": b"LongStorage",
    "f2": b"HalfStorage", "u2": b"BFloat16Storage",
}  # fmt: skip


def tensor(key, array, legacy, offset=0, shape=None, strides=None, count=None):
    """Return the opcodes that make a tensor of the storage `key`."""
    strides = strides or [s // array.itemsize for s in array.strides]
    kind = b"ctorch\n" + STORAGES[array.dtype.str[1:]] + b"\n"
    count = array.size if count is None else count
    view = [b"N"] * legacy
    storage = tuple_of(
        *(unicode("storage"), kind, unicode(key), unicode("cpu"), whole(count), *view)
    )
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n("
        + storage
        + b"Q"
        + whole(offset)
        + tuple_of(*map(whole, array.shape if shape is None else shape))
        + tuple_of(*map(whole, strides))
        + b"\x89"
        + ORDERED_DICT
        + b"tR"
    )


def state_pickle(state, legacy=False, extra=b""):
    """Return the pickle of a state dict; `extra` are pairs of key and value more."""
    items = [
        unicode(name) + tensor(str(key), array, legacy)
        for key, (name, array) in enumerate(state.items())
    ]
    # As torch.save does: an OrderedDict with the attribute _metadata.
    metadata = b"}" + unicode("_metadata") + ORDERED_DICT + b"s"
    items = b"(" + b"".join(items) + extra + b"u"
    return b"\x80\2" + ORDERED_DICT + items + metadata + b"b."


def archive(members, zip64=False):
    """Return a zip archive without compression."""
    if not zip64:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as file:
            for name, data in members.items():
                file.writestr(name, data)
        return out.getvalue()
    out, directory = bytearray(), bytearray()
    for name, data in members.items():
        at, name, full = len(out), name.encode(), 0xFFFFFFFF
        common = struct.pack("<HHHHHI", 45, 0, 0, 0, 33, zlib.crc32(data))
        wide = struct.pack("<HHQQQ", 1, 24, len(data), len(data), at)
        out += b"PK\3\4" + common + struct.pack("<IIHH", full, full, len(name), 20)
        out += name + struct.pack("<HHQQ", 1, 16, len(data), len(data)) + data
        directory += b"PK\1\2" + struct.pack("<H", 45) + common
        sizes = (full, full, len(name), len(wide), 0, 0, 0, 0, full)
        directory += struct.pack("<IIHHHHHII", *sizes)
        directory += name + wide
    at, count = len(out), len(members)
    end = struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, len(directory), at)
    out += directory
    locator = b"PK\6\7" + struct.pack("<IQI", 0, len(out), 1)
    short = struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return bytes(out + b"PK\6\6" + end + locator + b"PK\5\6" + short)


def zipped(state, pickle=None, zip64=True, more=None):
    """Return a .pth of PyTorch 1.6 and later."""
    members = {"alexnet/data.pkl": state_pickle(state) if pickle is None else pickle}
    for key, array in enumerate(state.values()):
        members[f"alexnet/data/{key}"] = array.tobytes()
    return archive(members | {"alexnet/version": b"3\n"} | (more or {}), zip64)


def legacy(state, pickle=None):
    """Return a .pth of PyTorch before 1.6."""
    magic = b"\x80\2\x8a\x0a" + 0x1950A86A20F9469CFC6C.to_bytes(10, "little") + b"."
    version = b"\x80\2M\xe9\x03."
    machine = b"\x80\2}" + unicode("little_endian") + b"\x88s."
    keys = b"".join(unicode(str(k)) + b"a" for k in range(len(state)))
    keys = b"\x80\2]" + keys + b"."
    out = magic + version + machine
    out += (state_pickle(state, True) if pickle is None else pickle) + keys
    for array in state.values():
        out += struct.pack("<q", array.size) + array.tobytes()
    return out


# safetensors


def safetensors(tensors, metadata=None, header=None):
    """Return a .safetensors; `header` takes the place of what would be right."""
    at, entries, data = 0, {}, b""
    if metadata is not None:
        entries["__metadata__"] = metadata
    for name, array in tensors.items():
        kinds = {"f4": "F32", "f8": "F64", "f2": "F16", "u2": "BF16"}
        kind = kinds[array.dtype.str[1:]]
        entry = {"dtype": kind, "shape": list(array.shape)}
        entries[name] = entry | {"data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
        data += array.tobytes()
    text = json.dumps(entries).encode() if header is None else header
    return struct.pack("<Q", len(text)) + text + data
