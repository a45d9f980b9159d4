"""The keys as data: the documented tables are made of them."""

import pytest

from minialexnet import cuda_convnet
from minialexnet.cuda_convnet.cfg import CfgError, parse
from minialexnet.cuda_convnet.keys import KEYS, TYPES, keys_of, table
from minialexnet.cuda_convnet.values import parse_value


def test_the_documented_tables_are_those_of_the_keys():
    assert table() in cuda_convnet.__doc__


def test_every_key_is_in_the_tables_once():
    rows = [line[19:35].split("=")[0].strip() for line in table().split("\n")]
    names = sorted(key.name for key in KEYS)
    assert sorted(row for row in rows if row in names) == names
    assert max(map(len, table().split("\n"))) <= 88


@pytest.mark.parametrize("kind", TYPES)
def test_a_key_has_one_meaning_in_a_type(kind):
    names = [name.lower() for key in keys_of(kind) for name in (key.name, key.also)]
    names = [name for name in names if name]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.types[0]}-{key.name}")
def test_a_default_is_a_value_that_may_be_written(key):
    empty = parse("[a]", "x.cfg")["a"]
    if key.default is None:
        with pytest.raises(CfgError, match="which is missing"):
            parse_value(key, empty, 2, {"sizeX": 3})
        return
    value = parse_value(key, empty, 2, {"sizeX": 3})
    if key.default:
        written = ",".join([key.default] * (2 if isinstance(value, list) else 1))
        section = parse(f"[a]\n{key.name}={written}", "x.cfg")["a"]
        assert parse_value(key, section, 2, {"sizeX": 3}) == value
    else:
        assert value is None
