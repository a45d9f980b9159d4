import contextlib
import errno
import fcntl
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest

from minialexnet.data import (
    data_dir,
    picture,
    prepared,
    tiny_imagenet,
    unfinished,
    workers,
)
from minialexnet.data import prepare as module
from minialexnet.data import record as records
from minialexnet.data.dataset import Dataset
from minialexnet.data.layout import find_images
from minialexnet.data.picture import ImageError, read_image
from minialexnet.data.prepare import PrepareError, prepare
from minialexnet.files import alone
from tests.support import prepare_stopped
from tests.support.pictures import bomb, encoded, mutated, noise, photographs, write
from tests.support.prepare_stopped import SIDE, contents, go_on

CLASSES = ("cat", "dog", "eel")
BROKEN = {
    "train/cat/bomb.png": bomb(30000, 30000),
    "train/dog/empty.JPEG": b"",
    "val/eel/page.jpg": b"<html>",
}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """120 training and 24 validation photographs, and three files that are none."""
    root = tmp_path_factory.mktemp("source")
    photographs(root / "train", CLASSES, 40)
    photographs(root / "val", CLASSES, 8)
    for name, content in BROKEN.items():
        write(root / name, content)
    return root


@pytest.fixture(scope="module")
def undisturbed(source, tmp_path_factory):
    """Return the folder that one process prepared without a stop."""
    folder = tmp_path_factory.mktemp("undisturbed") / "set"
    prepare(source, folder, SIDE, workers=0)
    return folder


def assert_nobody_works():
    assert multiprocessing.active_children() == []


def expected_pixels(source, items):
    pixels = [
        read_image(source / name, SIDE) for name, _ in items if name not in BROKEN
    ]
    return np.stack(pixels), [label for name, label in items if name not in BROKEN]


# ------------------------------------------------------------------- what is prepared


def test_pictures_labels_and_names(source, undisturbed):
    dataset, found = prepared.load(undisturbed), find_images(source)
    assert dataset.class_names == CLASSES
    for split in "train", "test":
        images, labels = expected_pixels(source, getattr(found, split))
        assert getattr(dataset, f"{split}_labels").tolist() == labels
        shards = getattr(dataset, f"{split}_images")
        assert shards.shape == images.shape
        assert (shards[:] == images).all()
    assert (dataset.train_images.shape[0], dataset.test_images.shape[0]) == (120, 24)
    assert len(list(undisturbed.glob("train-*.npy"))) == 8


def test_mean_and_covariance_are_those_of_the_training_pictures(source, undisturbed):
    images, _ = expected_pixels(source, find_images(source).train)
    dataset = prepared.load(undisturbed)
    assert dataset.mean().dtype == np.float32
    np.testing.assert_allclose(dataset.mean(), images.mean(0, dtype=float), rtol=1e-7)
    rgb = images.transpose(1, 0, 2, 3).reshape(3, -1)
    np.testing.assert_allclose(
        dataset.covariance(), np.cov(rgb, bias=True), rtol=1e-12, atol=1e-9
    )
    plain = Dataset(
        "plain", images, dataset.train_labels, images[:0], np.zeros(0, int), CLASSES
    )
    assert (dataset.mean() == plain.mean()).all()


def test_the_covariance_is_exact(tmp_path):
    photographs(tmp_path / "src", CLASSES, 10)
    prepare(tmp_path / "src", tmp_path / "set", side=100, workers=0)
    dataset = prepared.load(tmp_path / "set")
    pixels = dataset.train_images[:].transpose(1, 0, 2, 3).reshape(3, -1).astype(int)
    n, sums, squares = pixels.shape[1], pixels.sum(1), pixels @ pixels.T
    expected = [
        [(n * int(squares[i, j]) - int(sums[i] * sums[j])) / n**2 for j in range(3)]
        for i in range(3)
    ]
    assert dataset.covariance().tolist() == expected


def test_the_record_names_what_was_skipped(undisturbed):
    record = json.loads((undisturbed / "prepared.json").read_text())
    assert record == records.read_record(undisturbed)
    assert record["skipped"] == [
        {
            "file": "train/cat/bomb.png",
            "why": "expected at most 90,000,000 pixels, got 30000 x 30000",
        },
        {
            "file": "train/dog/empty.JPEG",
            "why": "expected the bytes of a JPEG or PNG, got none",
        },
        {
            "file": "val/eel/page.jpg",
            "why": "expected the bytes of a JPEG or PNG, got 6 bytes that begin with "
            "b'<htm'",
        },
    ]
    assert (record["side"], record["left_out"]) == (SIDE, 0)
    assert record["classes"] == list(CLASSES)


def test_nothing_is_left_beside_the_set(undisturbed):
    shards = [f"train-{number:05d}.npy" for number in range(8)]
    shards += ["test-00000.npy", "test-00001.npy"]
    assert {path.name for path in undisturbed.iterdir()} == {
        *shards,
        "arrays.npz",
        "prepared.json",
    }
    assert (np.load(undisturbed / "train-00001.npy") > 0).any()


def test_a_shard_has_at_most_so_many_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SHARD_BYTES", 5 * 3 * SIDE**2)
    photographs(tmp_path / "src", ["cat"], 12)
    record = prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=0)
    assert [shard["pictures"] for shard in record["train"]] == [5, 5, 2]


def test_shards_are_on_the_disk_before_they_have_their_names(tmp_path, monkeypatch):
    photographs(tmp_path / "src", ["cat"], 20)
    synced, real = set(), os.fsync

    def fsync(descriptor):
        synced.add(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=0)
    shards = {path.stat().st_ino for path in (tmp_path / "set").glob("train-*.npy")}
    assert len(shards) == 2 and shards <= synced


@pytest.mark.parametrize("count", [1, 2])
def test_any_number_of_workers_gives_the_same_bits(
    tmp_path, source, undisturbed, count, monkeypatch
):
    keep, crew = unfinished.keep, set()

    def seen(job, shard):
        crew.update(multiprocessing.active_children())
        keep(job, shard)

    monkeypatch.setattr(unfinished, "keep", seen)
    prepare(source, tmp_path / "set", SIDE, count)
    assert contents(tmp_path / "set") == contents(undisturbed)
    assert len(crew) == count
    assert_nobody_works()


def test_a_program_without_a_main_part_may_call_it(tmp_path, source, undisturbed):
    """Its processes do not run it anew, and its threads do them no harm."""
    program = (
        "from minialexnet.data.prepare import prepare; import threading\n"
        "waiting = threading.Event()\n"
        "threading.Thread(target=waiting.wait).start()\n"
        f"prepare({str(source)!r}, {str(tmp_path / 'set')!r}, {SIDE}, workers=1)\n"
        "waiting.set()\n"
        "print('once')\n"
    )
    (tmp_path / "program.py").write_text(program)
    done = subprocess.run(
        [sys.executable, tmp_path / "program.py"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "once\n", "")
    assert contents(tmp_path / "set") == contents(undisturbed)


def test_a_finished_set_is_left_as_it_is(source, undisturbed):
    before = {path: path.stat().st_mtime_ns for path in undisturbed.iterdir()}
    record = prepare(source, undisturbed, SIDE, workers=0)
    assert record == records.read_record(undisturbed)
    assert {path: path.stat().st_mtime_ns for path in undisturbed.iterdir()} == before


def test_a_shard_without_a_whole_picture(tmp_path):
    for number in range(40):
        content = encoded(noise(number)) if number >= 20 else b"broken"
        write(tmp_path / f"src/cat/{number:02d}.png", content)
    record = prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=0)
    assert [shard["pictures"] for shard in record["train"]] == [0, 12, 8]
    dataset = prepared.load(tmp_path / "set")
    assert (
        dataset.train_images[[0]] == read_image(tmp_path / "src/cat/20.png", SIDE)
    ).all()
    assert dataset.test_images[:].shape == (0, 3, SIDE, SIDE)
    assert prepared.check(tmp_path / "set") == 4


def test_damaged_files_are_named_and_skipped(tmp_path):
    originals = encoded(noise(0), "JPEG"), encoded(noise(1))
    draw = random.Random(2012)
    for number in range(200):
        content = mutated(originals[number % 2], draw)
        write(tmp_path / f"src/cat/{number:03d}.jpg", content)
    record = prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=2)
    skipped = {item["file"]: item["why"] for item in record["skipped"]}
    assert 20 < len(skipped) < 180
    assert all(why.startswith("expected ") for why in skipped.values())
    images = prepared.load(tmp_path / "set").train_images
    assert len(images) + len(skipped) == 200
    names = (f"cat/{number:03d}.jpg" for number in range(200))
    whole = [tmp_path / "src" / name for name in names if name not in skipped]
    with warnings.catch_warnings(action="ignore"):  # Pillow's, of damaged EXIF
        assert (images[:] == [read_image(path, SIDE) for path in whole]).all()


def test_no_whole_picture_at_all_is_an_error(tmp_path):
    write(tmp_path / "src/cat/x.jpg", b"broken")
    with pytest.raises(
        ValueError, match="expected a training picture that can be read"
    ):
        prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=0)


def test_names_of_any_bytes(tmp_path):
    folder = tmp_path / "src/cat"
    photographs(tmp_path / "src", ["cat"], 1)
    name = os.fsdecode(b"\xff\x1b\n.jpg")
    write(folder / name, b"")
    (folder / "cat_0.JPEG").rename(folder / os.fsdecode(b"\xfe.JPEG"))
    record = prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=0)
    assert [item["file"] for item in record["skipped"]] == [f"cat/{name}"]
    assert len(prepared.load(tmp_path / "set").train_labels) == 1


# ---------------------------------------------------------------------------- options


def test_held_out_pictures_come_evenly_from_the_classes(tmp_path):
    photographs(tmp_path / "src", CLASSES, 10)
    for dst in "a", "b":
        prepare(tmp_path / "src", tmp_path / dst, SIDE, workers=0, held_out=0.2)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    dataset = prepared.load(tmp_path / "a")
    assert np.bincount(dataset.train_labels).tolist() == [8, 8, 8]
    assert np.bincount(dataset.test_labels).tolist() == [2, 2, 2]
    images, _ = expected_pixels(tmp_path / "src", find_images(tmp_path / "src").train)
    every = np.concatenate([dataset.train_images[:], dataset.test_images[:]])
    assert sorted(map(bytes, every)) == sorted(map(bytes, images))
    # Not the same places in each class, as they would be by number.
    places = [
        [bytes(image) for image in images[10 * label :][:10]].index(bytes(picture))
        for picture, label in zip(
            dataset.test_images[:], dataset.test_labels, strict=True
        )
    ]
    assert len(set(places)) > 2


def test_a_class_is_never_held_out_whole(tmp_path):
    photographs(tmp_path / "src", [f"single {number:02d}" for number in range(20)], 1)
    with pytest.raises(ValueError, match=r"one of each class for training, got 0\.1"):
        prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=0, held_out=0.1)
    photographs(tmp_path / "src", ["pair", "many"], 2)
    photographs(tmp_path / "src", ["many"], 40)
    prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=0, held_out=0.9)
    dataset = prepared.load(tmp_path / "set")
    assert np.bincount(dataset.train_labels).min() == 1
    test = np.bincount(dataset.test_labels, minlength=22)
    assert test[2:].sum() == 0 and test[0] >= 35 and test[1] <= 1


@pytest.mark.parametrize("share", [0.001, 0.999])
def test_a_held_out_share_leaves_pictures_on_both_sides(tmp_path, share):
    photographs(tmp_path / "src", ["cat"], 1)
    with pytest.raises(ValueError, match="leaves pictures on both sides, and"):
        prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=0, held_out=share)


def test_held_out_where_there_are_validation_pictures_is_refused(tmp_path, source):
    with pytest.raises(ValueError, match="as there are 25 validation pictures, got"):
        prepare(source, tmp_path / "set", SIDE, workers=0, held_out=0.1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"side": 0}, "side >= 1, got 0"),
        ({"workers": -1}, "workers >= 0, got -1"),
        ({"held_out": 1}, "held_out from 0 to below 1, got 1"),
        ({"held_out": -0.1}, "held_out from 0 to below 1, got -0.1"),
    ],
)
def test_options_out_of_range_are_refused(tmp_path, source, options, words):
    with pytest.raises(ValueError, match=f"expected {words}"):
        prepare(source, tmp_path / "set", **options)
    assert not (tmp_path / "set").exists()


def test_strict_names_the_first_broken_file(tmp_path, source):
    with pytest.raises(ImageError, match=r"^train/cat/bomb\.png: expected at most"):
        prepare(source, tmp_path / "set", SIDE, workers=0, strict=True)
    assert not (tmp_path / "set" / "prepared.json").exists()


def test_strict_sees_what_was_skipped_before(tmp_path, source, monkeypatch):
    stop_at_shard(3, monkeypatch, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        prepare(source, tmp_path / "set", SIDE, workers=0)
    monkeypatch.undo()
    monkeypatch.setattr(workers, "decode_all", None)  # it does not even begin
    with pytest.raises(ImageError, match=r"bomb\.png"):
        prepare(source, tmp_path / "set", SIDE, workers=0, strict=True)


def test_strict_refuses_a_finished_set_with_skipped_files(source, undisturbed):
    with pytest.raises(ImageError, match=r"bomb\.png"):
        prepare(source, undisturbed, SIDE, workers=0, strict=True)


def test_strict_refuses_what_is_no_file(tmp_path):
    photographs(tmp_path / "src", ["cat"], 1)
    (tmp_path / "src/cat/loop.jpg").symlink_to("loop.jpg")
    with pytest.raises(ImageError, match=r"cat/loop\.jpg: cannot be read: Too many"):
        prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=0, strict=True)
    assert not (tmp_path / "set").exists()  # it is seen before anything is begun
    record = prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=0)
    assert [item["file"] for item in record["skipped"]] == ["cat/loop.jpg"]


# --------------------------------------------------------------- where it may not work


def stop_at_shard(number, monkeypatch, error):
    """Raise an error where the number-th shard is written down as finished."""
    keep, calls = unfinished.keep, iter(range(1, number + 1))

    def counted(job, shard):
        if next(calls) == number:
            raise error
        keep(job, shard)

    monkeypatch.setattr(unfinished, "keep", counted)


@pytest.fixture
def half_written(tmp_path, source, monkeypatch):
    """Return a folder in which two shards are finished."""
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        stop_at_shard(3, patch, KeyboardInterrupt())
        prepare(source, tmp_path / "half", SIDE, workers=0)
    return tmp_path / "half"


def test_a_half_written_set_is_refused_and_says_how_to_go_on(half_written, source):
    command = f"minialexnet prepare {source} {half_written} --side {SIDE}"
    for read in prepared.load, prepared.check:
        with pytest.raises(
            ValueError, match="got a half-written one, with 2 sh"
        ) as error:
            read(half_written)
        assert str(error.value).endswith(f"; go on with: {command}")


@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize(
    "options, message",
    [
        ({"side": 8}, f"expected --side {SIDE}, with which it was begun, got 8"),
        (
            {"held_out": 0.1},
            "expected --held-out 0.0, with which it was begun, got 0.1",
        ),
    ],
)
def test_going_on_with_other_options_is_refused(
    tmp_path, half_written, finished, options, message
):
    photographs(tmp_path / "src", ["cat"], 10)
    prepare(tmp_path / "src", tmp_path / "whole", SIDE, workers=0)
    if not finished:
        (tmp_path / "whole" / "prepared.json").rename(
            tmp_path / "whole/unfinished.json"
        )
    before = contents(tmp_path / "whole")
    with pytest.raises(ValueError, match=message):
        prepare(tmp_path / "src", tmp_path / "whole", **{"side": SIDE, **options})
    assert contents(tmp_path / "whole") == before


def test_another_pillow_is_refused(half_written, source, monkeypatch):
    monkeypatch.setattr(module.PIL, "__version__", "99.0")
    with pytest.raises(ValueError, match=r"expected Pillow \d.*, got 99\.0"):
        prepare(source, half_written, SIDE, workers=0)


def change_a_date(root):
    os.utime(root / "cat/cat_0.JPEG", (1, 1))


def change_a_size(root):
    path = root / "cat/cat_0.JPEG"
    status = path.stat()
    path.write_bytes(path.read_bytes() + b"\0")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def change_a_name(root):
    (root / "cat/cat_0.JPEG").rename(root / "cat/cat_00.JPEG")


def change_a_label(root):
    (root / "wnids.txt").write_text("dog\ncat")


def change_what_is_skipped(root):
    (root / "cat/loop.jpg").symlink_to("loop.jpg")


@pytest.mark.parametrize(
    "change",
    [
        change_a_date,
        change_a_size,
        change_a_name,
        change_a_label,
        change_what_is_skipped,
    ],
)
def test_changed_pictures_are_refused(tmp_path, change):
    photographs(tmp_path / "src", ["cat", "dog"], 2)
    prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=0)
    change(tmp_path / "src")
    with pytest.raises(
        ValueError, match="expected the pictures that it was begun with"
    ):
        prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=0)


def test_another_label_of_the_same_picture_is_refused(tmp_path):
    photographs(tmp_path / "src/train", ["cat", "dog"], 1)
    write(tmp_path / "src/val/1.jpg", encoded(noise(0), "JPEG"))
    how = {"side": SIDE, "workers": 0}
    (tmp_path / "src/val.txt").write_text("1.jpg cat\n")
    prepare(tmp_path / "src", tmp_path / "set", **how)
    (tmp_path / "src/val.txt").write_text("1.jpg dog\n")
    with pytest.raises(ValueError, match="the pictures that it was begun with"):
        prepare(tmp_path / "src", tmp_path / "set", **how)


def test_a_folder_of_something_else_is_refused(tmp_path, source):
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"new or empty folder.*holds 'precious\.txt'"):
        prepare(source, tmp_path, SIDE, workers=0)
    assert os.listdir(tmp_path) == ["precious.txt"]


def test_a_file_of_somebody_else_is_refused(tmp_path, source):
    (tmp_path / "unfinished.json").write_text("{}")
    with pytest.raises(
        ValueError, match="expected a file that minialexnet prepare wro"
    ):
        prepare(source, tmp_path, SIDE, workers=0)


@pytest.mark.parametrize("inside", [".", "train", "new/folder"])
def test_a_folder_inside_the_source_is_refused(source, inside):
    with pytest.raises(ValueError, match="to lie outside of"):
        prepare(source, source / inside, SIDE, workers=0)


def test_two_at_once_are_refused(half_written, source):
    descriptor = os.open(half_written, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with pytest.raises(ValueError, match="another prepare is at work"):
            prepare(source, half_written, SIDE, workers=0)
    finally:
        os.close(descriptor)
    prepare(source, half_written, SIDE, workers=0)


def test_without_locks_of_files_it_works_too(
    tmp_path, source, undisturbed, monkeypatch
):
    monkeypatch.setattr(alone, "fcntl", None)
    prepare(source, tmp_path / "set", SIDE, workers=0)
    assert contents(tmp_path / "set") == contents(undisturbed)


def test_a_disk_that_is_too_small_is_noticed_before(tmp_path, source, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    needed = f"{147 * 3 * SIDE**2:,}"
    with pytest.raises(PrepareError, match=f"expected {needed} bytes .* got 1,000"):
        prepare(source, tmp_path / "set", SIDE, workers=0)


# -------------------------------------------------------------------- stopped, resumed


def test_a_full_disk_keeps_the_finished_shards(
    tmp_path, source, undisturbed, monkeypatch
):
    stop_at_shard(4, monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(PrepareError) as error:
        prepare(source, tmp_path / "set", SIDE, workers=0)
    assert str(error.value) == (
        f"{tmp_path / 'set'}: [Errno 28] No space left on device; 3 of 10 shards are "
        "finished and kept, the same command goes on from there"
    )
    monkeypatch.undo()
    assert not list((tmp_path / "set").glob(".*"))
    assert go_on(source, tmp_path / "set") == 3
    assert contents(tmp_path / "set") == contents(undisturbed)


def test_a_full_disk_under_the_workers(tmp_path, source, undisturbed):
    # The limit on a file's size is what a test can set; workers inherit it.
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, limits[1]))
    try:
        with pytest.raises(
            PrepareError, match=r"File too large; 0 of 10 shards are fin"
        ):
            prepare(source, tmp_path / "set", SIDE, workers=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert_nobody_works()
    assert not list((tmp_path / "set").glob(".*"))
    assert go_on(source, tmp_path / "set") == 0
    assert contents(tmp_path / "set") == contents(undisturbed)


def test_pictures_that_vanish_are_no_broken_pictures(tmp_path, monkeypatch):
    photographs(tmp_path / "src", ["cat"], 20)
    stop_at_shard(1, monkeypatch, KeyboardInterrupt())
    monkeypatch.setattr(unfinished, "fingerprint", lambda source: "the same")
    found = find_images(tmp_path / "src")
    monkeypatch.setattr(module, "find_images", lambda *_: found)
    (tmp_path / "src/cat/cat_3.JPEG").unlink()
    with pytest.raises(
        PrepareError, match=r"No such file or directory: .*cat_3\.JPEG'"
    ):
        prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=0)


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES])
def test_a_picture_on_a_bad_place_of_the_disk_is_named(
    tmp_path, source, monkeypatch, capsys, number
):
    """As where the disk answers EIO, to the open or to the read."""
    bad = sorted(source.rglob("*.jpg"))[0]
    real = picture.open_file

    def failing(path, most=None):
        if path == bad:
            raise OSError(number, os.strerror(number))  # read names no file
        return real(path, most)

    monkeypatch.setattr(picture, "open_file", failing)
    record = prepare(source, tmp_path / "set", SIDE, workers=0)
    skipped = {item["file"]: item["why"] for item in record["skipped"]}
    name = str(bad.relative_to(source))
    assert skipped[name] == f"cannot be read: {os.strerror(number)}"


def test_too_little_memory_is_no_damaged_picture(tmp_path, source, monkeypatch):
    monkeypatch.setattr(picture, "to_rgb", lambda image: [0] * 2**62)
    with pytest.raises(PrepareError, match="out of memory; 0 of 10 shards are fin"):
        prepare(source, tmp_path / "set", SIDE, workers=0)


def test_a_worker_that_is_killed_costs_nothing(
    tmp_path, source, undisturbed, monkeypatch
):
    """As by the system, where memory ends; it says nothing against a picture."""
    keep, calls = unfinished.keep, iter(range(1000))

    def kill_one(job, shard):
        keep(job, shard)
        if next(calls) == 1:
            os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)

    monkeypatch.setattr(unfinished, "keep", kill_one)
    prepare(source, tmp_path / "set", SIDE, workers=2)
    assert contents(tmp_path / "set") == contents(undisturbed)
    assert_nobody_works()


DEADLY = """
import os, signal, sys
def look(event, arguments):
    if event == "open" and os.path.basename(str(arguments[0])) in ({names}):
        os.kill(os.getpid(), signal.{signal})
sys.addaudithook(look)
"""


def make_deadly(tmp_path, monkeypatch, *names, signal="SIGKILL"):
    """Have each new Python process die that opens a file of such a name."""
    hook = DEADLY.format(names="".join(f"{name!r}," for name in names), signal=signal)
    write(tmp_path / "hook/sitecustomize.py", hook.encode())
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hook"))


def test_pictures_over_which_workers_die_are_named_and_the_rest_goes_on(
    tmp_path, monkeypatch
):
    photographs(tmp_path / "src", ["cat"], 20)
    make_deadly(tmp_path, monkeypatch, "cat_13.JPEG", "cat_14.JPEG")
    record = prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=1)
    names = ["cat/cat_13.JPEG", "cat/cat_14.JPEG"]
    assert record["skipped"] == [{"file": n, "why": workers.DIED} for n in names]
    items = [i for i in find_images(tmp_path / "src").train if i[0] not in names]
    expected, _ = expected_pixels(tmp_path / "src", items)
    assert (prepared.load(tmp_path / "set").train_images[:] == expected).all()
    assert_nobody_works()


@pytest.mark.slow
def test_strict_names_a_picture_over_which_a_worker_dies(tmp_path, monkeypatch):
    photographs(tmp_path / "src", ["cat"], 2)
    make_deadly(tmp_path, monkeypatch, "cat_1.JPEG", signal="SIGSEGV")
    with pytest.raises(ImageError, match=r"cat_1\.JPEG: .* the end of the process"):
        prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=1, strict=True)


def test_workers_that_cannot_begin_end_the_work(tmp_path, monkeypatch):
    photographs(tmp_path / "src", ["cat"], 2)
    write(tmp_path / "hook/sitecustomize.py", b"import os; os._exit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hook"))
    with pytest.raises(PrepareError, match=r"die at their beginning; 0 of 1 shards"):
        prepare(tmp_path / "src", tmp_path / "set", SIDE, workers=2)


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"x"])
def test_shards_written_by_halves_are_redone(source, undisturbed, half_written, change):
    shard = half_written / "train-00000.npy"
    shard.write_bytes(change(shard.read_bytes()))
    done = half_written / "train-00001.done"
    done.write_bytes(done.read_bytes()[:-100])
    prepare(source, half_written, SIDE, workers=0)
    assert contents(half_written) == contents(undisturbed)


def test_what_a_kill_left_takes_no_room(source, half_written, monkeypatch):
    left = half_written / ".train-00003.npy.1234.tmp"
    left.write_bytes(b"half")
    usage = shutil.disk_usage(half_written)

    def disk_usage(folder):
        assert not left.exists()
        return usage

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    prepare(source, half_written, SIDE, workers=0)


def run(*arguments, **environment):
    """Start the program of `prepare_stopped` in a group of processes of its own."""
    path = os.pathsep.join(path for path in sys.path if path)
    return subprocess.Popen(
        [sys.executable, prepare_stopped.__file__, *map(str, arguments)],
        env=os.environ
        | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def assert_nobody_is_left(process):
    """See every process of a program end: each holds the end of a pipe."""
    output, errors = process.communicate(timeout=600)
    return process.returncode, output, errors


def test_killed_everywhere_it_ends_in_the_same_bits(tmp_path):
    photographs(tmp_path / "src/train", CLASSES, 12)
    photographs(tmp_path / "src/val", CLASSES, 2)
    process = run("everywhere", tmp_path / "src", tmp_path)
    output, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    moments, most_kept = map(int, output.split())
    assert moments > 30 and most_kept == 4


# Quick, and at moments that no clock draws, the test above holds the same.
@pytest.mark.slow
def test_killed_at_random_it_ends_in_the_same_bits(tmp_path):
    src = tmp_path / "src"
    write(src / "cat/0.jpg", encoded(noise(0, 640, 480), "JPEG"))
    for number in range(1, 1000):
        (src / f"cat/{number}.jpg").symlink_to("0.jpg")
    prepare(src, tmp_path / "undisturbed", SIDE, workers=0)
    undisturbed = contents(tmp_path / "undisturbed")

    def begin(dst):
        """Start the command, and return once it has begun to work."""
        process = run("prepare", src, dst, "--side", SIDE, "--workers", 2)
        assert process.stdout.readline() == "begun\n"
        return process

    process = begin(tmp_path / "timed")
    start = time.monotonic()
    process.communicate()
    seconds = time.monotonic() - start
    draw, kept = random.Random(2012), []
    for number in range(20):
        process = begin(dst := tmp_path / f"run {number}")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(draw.uniform(0, seconds))
        process.kill()
        process.wait()
        # At once: the workers that have lost their parent may still be there.
        kept.append(go_on(src, dst))
        assert_nobody_is_left(process)
        assert contents(dst) == undisturbed
    assert any(kept)


def test_workers_do_not_hear_ctrl_c(tmp_path, source, undisturbed):
    arguments = ("prepare", source, tmp_path / "set", "--side", SIDE, "--workers", 2)
    code, _, errors = assert_nobody_is_left(
        run(*arguments, INTERRUPT="3", WORKERS_ONLY="1")
    )
    assert (code, errors) == (0, "")
    assert contents(tmp_path / "set") == contents(undisturbed)


def test_ctrl_c_leaves_nobody_and_says_how_to_go_on(tmp_path, source, undisturbed):
    dst = tmp_path / "a set"
    arguments = ("prepare", source, dst, "--side", SIDE, "--workers", 2)
    process = run(*arguments, INTERRUPT="3")
    code, output, errors = assert_nobody_is_left(process)
    assert (code, output) == (130, "begun\n")
    assert errors == (
        "\nStopped. The finished shards are kept; go on with:\n"
        f"minialexnet prepare {source} '{dst}' --side {SIDE}\n"
    )
    assert go_on(source, dst) >= 3
    assert contents(dst) == contents(undisturbed)


# -------------------------------------------------------------------------- real data


def real(name):
    """Return a folder of real pictures, or skip and say why."""
    if not os.environ.get("MINIALEXNET_DATA"):
        pytest.skip("MINIALEXNET_DATA is not set: it says where the real pictures lie")
    folder = data_dir() / name
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}")
    return folder


@pytest.mark.real_data
def test_photographs_of_imagenet(tmp_path):
    source = real("imagenet-sample")
    record = prepare(source, tmp_path / "set", strict=True)
    assert (record["skipped"], len(record["classes"])) == ([], 100)
    assert record["classes"] == sorted(os.listdir(source))
    dataset = prepared.load(tmp_path / "set")
    assert dataset.train_images.shape == (100, 3, 256, 256)
    assert dataset.train_labels.tolist() == list(range(100))
    grey = [(image == image[:1]).all() for image in dataset.train_images[:]]
    assert sum(grey) == 1
    # ImageNet's published mean colour, and its strongest axis, which is brightness.
    mean = dataset.mean().mean(axis=(1, 2))
    np.testing.assert_allclose(mean, [124, 117, 104], atol=8)
    values, vectors = np.linalg.eigh(dataset.covariance())
    assert values[2] > 10 * values[1] > 10 * values[0] / 2
    np.testing.assert_allclose(np.abs(vectors[:, 2]), 0.577, atol=0.05)
    assert prepared.check(tmp_path / "set") == 8


@pytest.mark.real_data
def test_tiny_imagenet(tmp_path):
    source = real("tiny-imagenet-200")
    record = prepare(source, tmp_path / "set", side=64, strict=True)
    ours, memory = prepared.load(tmp_path / "set"), tiny_imagenet.load(source)
    classes = len(record["classes"])
    assert ours.class_names == memory.class_names and classes % 50 == 0
    assert record["left_out"] == 50 * (200 - classes)
    assert (ours.train_images[:] == memory.train_images).all()
    assert (ours.test_images[:] == memory.test_images).all()
    assert np.bincount(ours.train_labels).tolist() == [500] * classes
    assert np.bincount(ours.test_labels).tolist() == [50] * classes
    assert (ours.test_labels == memory.test_labels).all()
    assert (ours.mean() == memory.mean()).all()
    np.testing.assert_allclose(ours.covariance(), memory.covariance(), rtol=1e-9)
