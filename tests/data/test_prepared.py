import dataclasses
import json
import os
import random
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet import data
from minialexnet.data.prepare import prepare
from minialexnet.data.prepared import check, load
from minialexnet.data.record import ARRAYS, read_record, resume_command
from minialexnet.data.shards import OPEN_SHARDS, Shards
from minialexnet.files import checkpoint
from tests.support.pictures import photographs

SIDE = 16
COUNTS = (5, 0, 1, 7, 3)


def write_shards(folder, counts, side=4):
    """Write shards of noise; return them, and their pixels as one array."""
    pixels = np.random.default_rng(0).integers(
        0, 256, (sum(counts), 3, side, side), np.uint8
    )
    paths = [folder / f"{number}.npy" for number in range(len(counts))]
    for path, part in zip(paths, np.split(pixels, np.cumsum(counts)[:-1]), strict=True):
        np.save(path, part)
    return Shards(paths, counts, side), pixels


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return write_shards(tmp_path_factory.mktemp("shards"), COUNTS)


# ---------------------------------------------------------------------------- indexing


@given(st.lists(st.integers(-16, 15), max_size=40))
def test_indices_mean_what_they_mean_to_numpy(shards, rows):
    images, pixels = shards
    index = np.array(rows, np.int64)
    found = images[index]
    assert (found == pixels[index]).all()
    assert found.shape == pixels[index].shape and found.dtype == np.uint8


@given(st.slices(sum(COUNTS)))
def test_slices_mean_what_they_mean_to_numpy(shards, index):
    images, pixels = shards
    assert images[index].shape == pixels[index].shape
    assert (images[index] == pixels[index]).all()


def test_other_indices(shards):
    images, pixels = shards
    odd = np.arange(16) % 2 == 1
    assert (images[odd] == pixels[odd]).all()
    assert (images[-1] == pixels[-1]).all() and images[3].shape == (3, 4, 4)
    assert (images[[0, 15]] == pixels[[0, 15]]).all()
    assert (images.shape, len(images)) == (pixels.shape, len(pixels))
    for wrong in 16, [-17], np.array([[0]]), 0.5, np.ones(15, bool):
        with pytest.raises(IndexError):
            images[wrong]


def test_what_is_read_is_a_copy(shards):
    images, pixels = shards
    images[:2][:] = 0
    assert (images[:] == pixels).all()


def test_only_shards_that_are_needed_are_opened(tmp_path):
    images, pixels = write_shards(tmp_path, COUNTS)
    for number in (0, 1, 2, 4):
        (tmp_path / f"{number}.npy").unlink()
    assert (images[6:13] == pixels[6:13]).all()
    with pytest.raises(FileNotFoundError, match=r"4\.npy"):
        images[[7, 14]]


def test_more_shards_than_may_be_open(tmp_path):
    images, pixels = write_shards(tmp_path, (2,) * (2 * OPEN_SHARDS))
    index = np.random.default_rng(1).permutation(len(pixels))
    assert (images[index] == pixels[index]).all()
    mapped = Path("/proc/self/maps")
    if mapped.exists():
        assert mapped.read_text().count(f"{tmp_path}/") == OPEN_SHARDS


def test_threads_may_read_at_once(tmp_path):
    images, pixels = write_shards(tmp_path, (3,) * 100)
    wrong = []

    def read(seed):
        index = np.random.default_rng(seed).integers(0, 300, 500)
        wrong.extend(index[(images[index] != pixels[index]).any(axis=(1, 2, 3))])

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    "other", [np.zeros((4, 3, 4, 4), np.uint8), np.zeros((5, 3, 4, 4), np.int8)]
)
def test_a_shard_of_another_shape_or_dtype_is_refused(tmp_path, other):
    images, _ = write_shards(tmp_path, COUNTS)
    np.save(tmp_path / "0.npy", other)
    with pytest.raises(ValueError, match=r"0\.npy: expected uint8 of shape \(5, 3, 4"):
        images[0]


# ------------------------------------------------------------------------- the folder


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    root = tmp_path_factory.mktemp("original")
    photographs(root / "src/train", ["cat", "dog"], 10)
    photographs(root / "src/val", ["cat", "dog"], 2)
    prepare(root / "src", root / "set", SIDE, workers=0)
    return root / "set"


@pytest.fixture
def folder(original, tmp_path):
    """A prepared set of 20 + 4 pictures in three shards."""
    return shutil.copytree(original, tmp_path / "set")


def test_a_folder_is_a_data_set_by_its_name(folder):
    dataset = data.load(str(folder))
    assert dataset.name == str(folder)
    assert isinstance(dataset.train_images, Shards)
    assert dataset.train_images.shape == (20, 3, SIDE, SIDE)
    assert dataset.test_labels.tolist() == [0, 0, 1, 1]
    assert check(folder) == 4


def test_checking_counts_pictures(folder):
    counts = []
    check(folder, counts.append)
    assert counts == [0, 16, 4, 4]


@pytest.mark.parametrize("name", ["train-00001.npy", "test-00000.npy", "arrays.npz"])
def test_a_flipped_bit_is_found(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[-50] ^= 4
    (folder / name).write_bytes(content)
    with pytest.raises(ValueError, match=f"got others for {name}; the set must be pre"):
        check(folder)


@pytest.mark.parametrize("size", [3199, 3201])
def test_a_shard_of_another_size_is_refused_at_once(folder, size):
    path = folder / "train-00001.npy"
    with path.open("r+b") as file:
        file.truncate(size)
    message = rf"00001\.npy: expected 3,200 bytes, got {size:,}"
    with pytest.raises(ValueError, match=message):
        load(folder)


def test_the_statistics_are_those_that_were_written(folder):
    dataset, twice = load(folder), np.eye(3) * 2
    assert dataset.color_covariance.shape == (3, 3)
    assert (dataset.covariance() == dataset.color_covariance).all()
    other = dataclasses.replace(dataset, color_covariance=twice)
    assert (other.covariance() == twice).all()


@pytest.mark.parametrize("name", ["train-00000.npy", "arrays.npz"])
@pytest.mark.parametrize("read", [load, check])
def test_a_missing_file_is_named(folder, name, read):
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        read(folder)


@pytest.mark.parametrize("read", [load, check])
def test_another_folder_is_refused(tmp_path, read):
    with pytest.raises(FileNotFoundError, match=r"prepare made, got no prepared\.json"):
        read(tmp_path)


def change(record, **changes):
    return json.dumps(record | changes)


@pytest.mark.parametrize(
    "damage, message",
    [
        (lambda record: "", "expected a file that minialexnet prepare wrote"),
        (lambda record: "[]", "expected a file that minialexnet prepare wrote"),
        (lambda record: "{}", "expected a file that minialexnet prepare wrote"),
        (lambda record: change(record, format="x"), "that minialexnet prepare wrote"),
        (
            lambda record: change(record, version=2),
            "expected version 1, got 2; a newer",
        ),
        (lambda record: change(record, side="x"), "expected side to be a whole"),
        (
            lambda record: change(record, class_names=["one"]),
            "expected as many classes as names, got",
        ),
        (lambda record: change(record, train=None), "expected train to be a list"),
        (lambda record: change(record, test=[{}]), r"expected test\[0\]\.pictures"),
        (
            lambda record: json.dumps(
                {k: v for k, v in record.items() if k != "arrays"}
            ),
            r"prepared\.json: expected arrays, got nothing there",
        ),
    ],
)
def test_a_damaged_record_is_refused(folder, damage, message):
    path = folder / "prepared.json"
    path.write_text(damage(json.loads(path.read_text())))
    with pytest.raises(ValueError, match=message):
        load(folder)


def test_the_command_that_goes_on_has_all_that_was_asked_for(folder, tmp_path):
    record = json.loads((folder / "prepared.json").read_text())
    asked = {"src": "my photos", "classes_file": "a list", "held_out": 0.25, "side": 9}
    (tmp_path / "unfinished.json").write_text(change(record, **asked))
    assert resume_command(tmp_path) == (
        f"minialexnet prepare 'my photos' {tmp_path} --side 9 --classes 'a list' "
        "--held-out 0.25"
    )


def test_arrays_of_another_set_are_refused(folder):
    arrays, _ = checkpoint.load(folder / ARRAYS)
    arrays["train_labels"] = arrays["train_labels"][1:]
    checkpoint.save(folder / ARRAYS, arrays, {})
    with pytest.raises(ValueError, match="train_labels of shape"):
        load(folder)
    del arrays["train_labels"]
    checkpoint.save(folder / ARRAYS, arrays, {})
    with pytest.raises(ValueError, match=r"arrays\.npz: expected 'train_labels' in it"):
        load(folder)


def test_a_set_that_the_first_edition_wrote_is_read():
    """Commit c9b7c85 wrote it, of 20 + 1 photographs and a file that is none."""
    folder = Path(__file__).parent / "fixtures" / "prepared_by_c9b7c85"
    assert check(folder) == 4
    dataset = load(folder)
    assert dataset.class_names == ("ant", "bee")
    assert dataset.train_labels.tolist() == [0] * 10 + [1] * 10
    assert dataset.test_labels.tolist() == [0]
    assert dataset.train_images.shape == (20, 3, 8, 8)
    assert dataset.train_images[17][:, 0, 0].tolist() == [76, 95, 204]
    assert dataset.train_images[:].sum() == 478853
    mean = dataset.train_images[:].mean(0, dtype=np.float64)
    assert (dataset.mean() == mean.astype(np.float32)).all()
    assert dataset.covariance()[0].tolist() == [
        *(2005.6962591552735, 174.07595764160158, 88.94368347167969),
    ]
    assert read_record(folder)["skipped"][0]["file"] == "train/ant/broken.jpg"


VALUES = (None, True, -1, 0, 2**70, 1.5, "", "x" * 2000, [], [None], {}, {"a": 1})


def test_whatever_a_record_says_is_read_or_refused(folder):
    """Each value in each place, and each name left out or written twice."""
    path = folder / "prepared.json"
    record, whole = json.loads(path.read_text()), path.read_text()
    damaged = [record | {name: value} for name in record for value in VALUES]
    damaged += [{k: v for k, v in record.items() if k != name} for name in record]
    for split in "train", "test":
        for name in "pictures", "sha256":
            for value in VALUES:
                shards = [dict(shard) for shard in record[split]]
                shards[0][name] = value
                damaged.append(record | {split: shards})
    texts = [json.dumps(one) for one in damaged]
    texts += [whole.replace('"side"', '"side": 1, "side"'), "[" * 100_000, whole[:-2]]
    refused = 0
    for text in texts:
        path.write_text(text)
        try:
            assert len(load(folder).train_images[:]) == 20
        except ValueError as error:
            assert len(str(error)) < 500
            refused += 1
    assert refused > len(texts) * 0.8


@pytest.mark.parametrize("name", ["train-00000.npy", "arrays.npz", "prepared.json"])
@pytest.mark.parametrize("read", [load, check])
def test_what_is_no_file_is_not_waited_for(folder, name, read):
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(ValueError, match=name.partition(".")[0]):
        read(folder)


def test_damaged_shards_are_refused_where_they_are_read(folder):
    path, draw = folder / "train-00000.npy", random.Random(2012)
    whole, refused = path.read_bytes(), 0
    for _ in range(100):
        content = bytearray(whole)
        for _ in range(draw.choice([1, 3])):
            content[draw.randrange(128)] = draw.randrange(256)
        path.write_bytes(content)
        images = load(folder).train_images
        try:
            assert images[:].shape == (20, 3, SIDE, SIDE)
        except ValueError as error:
            assert str(error).startswith(f"{path}: expected ")
            refused += 1
    assert refused > 25


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mean_image", np.full((3, SIDE, SIDE), np.nan, np.float32)),
        ("mean_image", np.zeros((3, SIDE, SIDE))),
        ("color_covariance", np.full((3, 3), np.inf)),
        ("color_covariance", np.zeros((3, 3), "U1")),
    ],
)
def test_statistics_that_are_none_are_refused(folder, name, value):
    arrays, _ = checkpoint.load(folder / ARRAYS)
    checkpoint.save(folder / ARRAYS, arrays | {name: value}, {})
    with pytest.raises(ValueError, match=rf"arrays\.npz: expected {name} of finite"):
        load(folder)
