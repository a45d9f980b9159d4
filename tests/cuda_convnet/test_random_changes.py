"""Files changed at random are read or refused, and nothing else."""

import re

import numpy as np
import pytest

from minialexnet.cuda_convnet import CfgError
from tests.support.layer_files import NARROW, WEB, WEB_PARAMS


def mutants(text, rng, count):
    """Yield a text changed in one to three ways: as bytes, as lines, as numbers."""
    numbers = ["0", "-1", "1e39", "99999999999", "nan", "", "1,2", "7", "0.5", "\0"]
    for _ in range(count):
        data = text.encode()
        for _ in range(rng.integers(1, 4)):
            way, place = rng.integers(6), int(rng.integers(len(data) + 1))
            lines = data.split(b"\n")
            line = int(rng.integers(len(lines)))
            if way == 0:
                data = data[:place] + bytes([rng.integers(256)]) + data[place:]
            elif way == 1:
                data = data[:place] + data[place + int(rng.integers(1, 40)) :]
            elif way == 2:
                del lines[line]
                data = b"\n".join(lines)
            elif way == 3:
                lines.insert(int(rng.integers(len(lines))), lines[line])
                data = b"\n".join(lines)
            elif way == 4:
                key, _, _ = lines[line].partition(b"=")
                lines[line] = key + b"=" + numbers[rng.integers(10)].encode()
                data = b"\n".join(lines)
            else:
                other = lines[int(rng.integers(len(lines)))]
                _, _, value = other.partition(b"=")
                key, _, _ = lines[line].partition(b"=")
                lines[line] = key + b"=" + value
                data = b"\n".join(lines)
        yield data


@pytest.mark.parametrize("file", [0, 1])
@pytest.mark.parametrize(
    ("texts", "shape"),
    [((WEB, WEB_PARAMS), (2, 6, 6)), (NARROW, (3, 63, 63))],
)
def test_files_changed_at_random_are_read_or_refused(written, texts, shape, file):
    refused = 0
    texts = list(texts)
    for data in mutants(texts[file], np.random.default_rng(file), 150):
        texts[file] = data
        try:
            written(*texts, shape)
        except CfgError as error:
            assert re.match(r".*\.cfg(:\d+)?: (\[|expected)", str(error))
            refused += 1
    assert 100 <= refused < 150
