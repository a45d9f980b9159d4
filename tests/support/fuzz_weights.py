"""Read thousands of mutated files of weights, within bounds of memory and time.

    python -m tests.support.fuzz_weights FORMAT COUNT SEED

In a process of its own, so that a crash is seen and memory can be bounded: at most a
GiB more than it has when it begins. Every file must be read, or be refused by a
WeightsError that names it in a line. Prints how many were which, as JSON.
"""

import io
import json
import os
import resource
import struct
import sys
import tempfile
import traceback
from pathlib import Path

import numpy as np

from minialexnet import model, weights
from minialexnet.weights import WeightsError
from tests.support import weight_files as wf

BOUND = 2**30
OWN = ("own", "npz")


def seeds(name, seed):
    """Return a few whole files of a format."""
    caffe, zoo = (
        wf.network("caffe", seed=seed),
        wf.network("caffe", size=224, seed=seed),
    )
    torch = wf.state_dict(wf.network("torchvision", seed=seed))
    data = [wf.pb(100, [wf.pb(3, 227), *(wf.pb(5, m) for m in (1.0, 2.0, 3.0))])]
    layers, nodes = wf.caffe_layers(), wf.onnx_nodes()
    if name == "caffemodel":
        arrays = wf.arrays(caffe)
        return [wf.caffemodel(arrays, layers, v, data) for v in (1, 2)]
    if name == "onnx":
        return [
            wf.onnx(wf.arrays(zoo), nodes),
            wf.onnx(wf.arrays(zoo), nodes, raw=False),
        ]
    if name == "zip":
        return [wf.zipped(torch)]
    if name == "legacy":
        return [wf.legacy(torch)]
    if name == "safetensors":
        return [wf.safetensors(torch, {"format": "pt"})]
    return [own(caffe, own_state(), name)]


def own_state():
    """Return what stands in a file of our own beside the arrays."""
    how = {"model": "alexnet", "profile": "caffe", "classes": 3, "width": wf.WIDTH}
    how |= {"input_size": 227, "towers": 2, "seed": 0}
    before = {"size": 227, "divisor": [1.0, 1.0, 1.0], "order": "BGR", "side": 256}
    return {"model": how, "preprocessing": before, "class_names": ["a", "b", "c"]}


def own(net, state, form):
    """Return a .safetensors or a .npz of our own."""
    arrays = {f"w/{n}": w for n, w in net.parameters().items()}
    arrays["mean"] = np.zeros(3, np.float32)
    if form == "npz":
        header = {"format": "minialexnet checkpoint", "version": 2, "state": state}
        text = json.dumps(header | {"arrays": list(arrays)}).encode()
        out = io.BytesIO()
        np.savez(out, minialexnet=np.frombuffer(text, np.uint8), **arrays)
        return out.getvalue()
    return wf.safetensors(arrays, {"minialexnet": json.dumps(state)})


def structure(name, seed):
    """Return each file with the places of its bytes that are no weights."""
    for one, other in zip(seeds(name, seed), seeds(name, seed + 1), strict=True):
        same = np.frombuffer(one, np.uint8) == np.frombuffer(other, np.uint8)
        yield one, np.flatnonzero(same)


# How a file goes wrong

NUMBERS = [
    *(
        wf.varint(n)
        for n in (0, 2**14, 2**31 - 1, 2**31, 2**32, 2**62, 2**63, 2**64 - 1)
    ),
    *(struct.pack("<I", n) for n in (0, 1, 2**16, 2**31 - 1, 2**32 - 1)),
    *(struct.pack("<Q", n) for n in (0, 2**20, 2**31, 2**40, 2**63, 2**64 - 1)),
    *(b"-1", b"1e999", b"9" * 20, b"99999999", b"null", b"[[]]", b'""', b"{}"),
]
VALUES = [
    *(0, 1, 5, -1, 3.5, 200, 1000, 10**5, 10**9, 2**63, 10**40, 1e6, 1e308),
    *(float("inf"), float("nan"), "", "paper", "cifar", None, True, [], {}, [1, 2, 3]),
]
TEXTS = [b"\0", b"\xff" * 9, b"[" * 3000, b'{"":' * 3000, b"\x0a\xff\xff\x03" * 99]


def nest(rng, field, depth):
    """Return messages within messages, with a number in the innermost."""
    data = wf.pb(int(field), 2**63)
    for _ in range(depth):
        data = wf.pb(int(field), data)
    return data + bytes(rng.integers(0, 256, 3, np.uint8))


def hostile_opcodes(rng):
    """Return opcodes that no state dict has, or has with other arguments."""
    n = struct.pack("<I", int(rng.choice([0, 1, 255, 2**31 - 1, 2**32 - 1])))
    q = struct.pack("<Q", int(rng.choice([0, 2**31, 2**40, 2**63 - 1])))
    ways = [
        b"cos\nsystem\n(X\4\0\0\0truetR", b"cbuiltins\nexec\n", b"(ios\nsystem\n",
        b"X\2\0\0\0osX\6\0\0\0system\x93", b"r" + n, b"q" + n[:1], b"j" + n,
        b"h" + n[:1], b"X" + n, b"\x8d" + q, b"\x8e" + q, b"\x96" + q,
        b"\x95" + q, b"\x8b" + n, b"\x8a\xff", b"T" + n, b"B" + n, b"J" + n,
        b"(" * 500, b"t", b"u", b"e", b"a", b"s", b"b", b"R", b"Q", b"\x81",
        b"\x92", b"o", b"0", b"1", b"2", b"\x82\1", b"P\n", b"V\\u\n", b"S'\\q'\n",
        b"I9\n", b"L" + b"9" * 9999 + b"L\n", b"F1e999\n", b"]" * 300,
        b"}" * 300, b")" + b"q\1h\1\x86" * 300, b".", b"N", b"\x94", b"\x8f",
    ]  # fmt: skip
    return ways[int(rng.integers(len(ways)))]


def mutate(rng, data, places, name):
    """Return a file with one to three things wrong, mostly where no weights are."""
    data = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        if not data:
            break
        at = int(rng.choice(places)) if rng.random() < 0.9 else int(rng.integers(2**31))
        at %= len(data)
        way = rng.integers(8)
        if way == 0:
            data[at] ^= 1 << int(rng.integers(8))
        elif way == 1:
            data[at] = int(rng.integers(256))
        elif way == 2:
            del data[at:]
        elif way == 3:
            number = NUMBERS[int(rng.integers(len(NUMBERS)))]
            data[at : at + len(number)] = number
        elif way == 4:
            del data[at : at + int(rng.integers(1, 40))]
        elif way == 5:
            other = int(rng.choice(places))
            data[at:at] = data[other : other + int(rng.integers(1, 300))]
        elif name in ("zip", "legacy"):
            data[at:at] = hostile_opcodes(rng)
        elif name in ("caffemodel", "onnx"):
            depth = int(rng.choice([1, 5, 50, 500]))
            data[at:at] = nest(rng, rng.choice([1, 2, 5, 7, 100]), depth)
        else:
            data[at:at] = TEXTS[int(rng.integers(len(TEXTS)))]
    return bytes(data)


def mutations(name, count, seed):
    """Yield mutated files; every second one wrong behind its checksum, in its JSON."""
    rng = np.random.default_rng(seed)
    files = list(structure(name, seed))
    torch = wf.state_dict(wf.network("torchvision", seed=seed))
    pickle, caffe = wf.state_pickle(torch), wf.network("caffe", seed=seed)
    for i in range(count):
        if name == "zip" and i % 2:
            yield wf.zipped(torch, mutate(rng, pickle, np.arange(len(pickle)), name))
        elif name in OWN and i % 2:
            state = own_state()
            where = state[("model", "preprocessing")[int(rng.integers(2))]]
            key = list(where)[int(rng.integers(len(where)))]
            where[key] = VALUES[int(rng.integers(len(VALUES)))]
            yield own(caffe, state, name)
        else:
            yield mutate(rng, *files[i % len(files)], name)


def main(name, count, seed):
    """Read the files; return 1 if one did anything but be read or be refused."""
    ending = {"zip": "pth", "legacy": "pth", "own": "safetensors"}.get(name, name)
    load, kind = weights.read, WeightsError
    if name in OWN:
        load, kind = model.load, ValueError
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (now + BOUND, now + BOUND))
    counts = {"read": 0, "refused": 0}
    # In memory where that is offered: on a disk, opening takes longer than reading.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        path = Path(folder) / f"a.{ending}"
        for i, data in enumerate(mutations(name, count, seed)):
            path.write_bytes(data)
            try:
                load(path)
                counts["read"] += 1
            except kind as error:
                counts["refused"] += 1
                text = str(error)
                short = len(text) < 600 and text.isprintable()
                if text.startswith(f"{path}: ") and (short or name in OWN):
                    continue
                print(
                    f"{name}, seed {seed}, file {i}: {text[:2000]!r}", file=sys.stderr
                )
                return 1
            except BaseException:
                print(f"{name}, seed {seed}, file {i}:", file=sys.stderr)
                traceback.print_exc()
                return 1
    print(json.dumps(counts))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
