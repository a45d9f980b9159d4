import hashlib
import os
import zipfile

import numpy as np
import pytest

from minialexnet import data
from minialexnet.data import tiny_imagenet
from minialexnet.data.download import DownloadError
from minialexnet.data.picture import ImageError
from minialexnet.data.prepare import prepare
from minialexnet.data.prepared import load as load_prepared
from tests.support.file_server import serve
from tests.support.pictures import encoded, noise, write

WNIDS = ["n02119789", "n01440764", "n02100735"]
PRESENT = ["n02119789", "n02100735"]


@pytest.fixture
def folder(tmp_path):
    """Tiny ImageNet of three classes, of which two have training pictures."""
    root = tmp_path / "data" / "tiny-imagenet-200"
    for place, wnid in enumerate(PRESENT):
        for number in range(3):
            picture = encoded(noise(10 * place + number, 64, 64), "JPEG")
            write(root / f"train/{wnid}/images/{wnid}_{number}.JPEG", picture)
        write(root / f"train/{wnid}/{wnid}_boxes.txt", b"0 0 62 62")
    lines = []
    for number, wnid in enumerate(WNIDS[::-1] * 2):
        picture = encoded(noise(100 + number, 64, 64), "JPEG")
        write(root / f"val/images/val_{number}.JPEG", picture)
        lines.append(f"val_{number}.JPEG\t{wnid}\t0\t32\t44\t62\n")
    write(root / "val/val_annotations.txt", "".join(lines).encode())
    write(root / "test/images/test_0.JPEG", picture)
    write(root / "wnids.txt", "\n".join(WNIDS).encode())
    write(root / "words.txt", b"n00001740\tentity\nn02119789\tkit fox, a fox\n")
    return root


@pytest.fixture
def archive(folder):
    """The same as a zip file, and the folder gone."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted(folder.rglob("*")):
            packed.write(file, file.relative_to(folder.parent))
        for root, other in (folder.name, "._0.JPEG"), ("__MACOSX", "0.JPEG"):
            packed.writestr(f"{root}/train/{PRESENT[0]}/images/{other}", b"Macintosh")
    folder.rename(folder.with_name("unpacked"))
    return path


def assert_read(dataset):
    assert dataset.name == "tiny-imagenet"
    assert dataset.class_names == ("kit fox, a fox", "n02100735")
    assert dataset.train_labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert dataset.test_labels.tolist() == [0, 0, 1, 1]
    train = [noise(seed, 64, 64) for seed in (0, 1, 2, 10, 11, 12)]
    test = [noise(100 + seed, 64, 64) for seed in (2, 5, 0, 3)]
    for images, expected in (dataset.train_images, train), (dataset.test_images, test):
        difference = images - np.array(expected, int).transpose(0, 3, 1, 2)
        assert images.shape == (len(expected), 3, 64, 64)
        assert np.abs(difference).mean() < 3  # of JPEG; of another picture about 50


def test_the_folder_is_read(folder):
    for place in folder, folder.parent:
        assert_read(tiny_imagenet.load(place, download=False))


def test_the_archive_is_read_as_it_is(archive):
    for place in archive, archive.parent:
        assert_read(tiny_imagenet.load(place, download=False))
    assert sorted(os.listdir(archive.parent)) == ["tiny-imagenet-200.zip", "unpacked"]


def test_by_its_name_and_from_where_the_environment_says(folder, monkeypatch):
    monkeypatch.setenv("MINIALEXNET_DATA", str(folder.parent))
    assert_read(data.load("tiny-imagenet"))


def test_it_is_what_prepare_makes_of_it(folder, tmp_path):
    prepare(folder, tmp_path / "set", side=64, workers=0)
    ours, prepared = tiny_imagenet.load(folder), load_prepared(tmp_path / "set")
    assert ours.class_names == prepared.class_names
    for split in "train", "test":
        images = f"{split}_images", f"{split}_labels"
        for name in images:
            assert (getattr(ours, name)[:] == getattr(prepared, name)[:]).all()
    assert (ours.mean() == prepared.mean()).all()
    np.testing.assert_allclose(ours.covariance(), prepared.covariance(), rtol=1e-9)


def test_the_first_classes(folder):
    dataset = tiny_imagenet.load(folder, classes=1)
    assert dataset.class_names == ("kit fox, a fox",)
    assert dataset.train_labels.tolist() == [0, 0, 0]
    assert dataset.test_labels.tolist() == [0, 0]
    whole = tiny_imagenet.load(folder)
    assert (dataset.train_images == whole.train_images[:3]).all()
    assert (dataset.test_images == whole.test_images[:2]).all()


def test_classes_after_the_first(folder):
    every, rest = tiny_imagenet.load(folder), tiny_imagenet.load(folder, skip=1)
    assert rest.class_names == every.class_names[1:]
    assert rest.class_folders == every.class_folders[1:]
    for split in ("train", "test"):
        labels = getattr(every, f"{split}_labels")
        assert (getattr(rest, f"{split}_labels") == labels[labels > 0] - 1).all()
        images = getattr(every, f"{split}_images")
        assert (getattr(rest, f"{split}_images") == images[labels > 0]).all()
    with pytest.raises(ValueError, match=r"to the 2 that have .*, got 2 after 1"):
        tiny_imagenet.load(folder, classes=2, skip=1)


@pytest.mark.parametrize("classes", [-1, 0, 3])
def test_more_classes_than_there_are_are_refused(folder, classes):
    with pytest.raises(ValueError, match=f"to the 2 that have .*, got {classes}"):
        tiny_imagenet.load(folder, classes=classes)


def test_training_pictures_alone(folder):
    (folder / "val").rename(folder.parent / "elsewhere")
    dataset = tiny_imagenet.load(folder)
    assert (len(dataset.train_labels), len(dataset.test_labels)) == (6, 0)


def test_no_training_pictures_are_refused(folder):
    (folder / "train").rename(folder.parent / "elsewhere")
    with pytest.raises(ValueError, match="expected the folder train beside val"):
        tiny_imagenet.load(folder)


def test_validation_pictures_in_class_folders(folder):
    """As many move them; what a Mac leaves beside them is no picture."""
    whole = tiny_imagenet.load(folder)
    for number, wnid in enumerate(WNIDS[::-1] * 2):
        path = folder / f"val/images/val_{number}.JPEG"
        write(folder / f"val/{wnid}/images/{path.name}", path.read_bytes())
        write(folder / f"val/{wnid}/images/._{path.name}", b"")
        path.unlink()
    dataset = tiny_imagenet.load(folder)
    assert dataset.test_labels.tolist() == [0, 0, 1, 1]
    assert (dataset.test_images == whole.test_images).all()
    assert dataset.class_folders == tuple(PRESENT)


@pytest.mark.parametrize("name", ["wnids.txt", "words.txt", "val/val_annotations.txt"])
def test_a_pipe_is_not_waited_for(folder, name):
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(ValueError, match=rf"{name}: expected a file, got something"):
        tiny_imagenet.load(folder)


def test_a_picture_without_a_label_is_refused(folder):
    write(folder / "val/images/val_99.JPEG", b"")
    with pytest.raises(ValueError, match=r"val/images/val_99\.JPEG: has no label in"):
        tiny_imagenet.load(folder)


def test_a_broken_picture_is_named(folder):
    write(folder / "val/images/val_0.JPEG", b"<html>")
    with pytest.raises(ImageError, match=r"val/images/val_0\.JPEG: expected the bytes"):
        tiny_imagenet.load(folder)


def test_a_broken_archive_is_refused(archive):
    content = archive.read_bytes()
    archive.write_bytes(content[:-100])
    with pytest.raises(ValueError, match=r"expected a whole tiny-imagenet-200\.zip of"):
        tiny_imagenet.load(archive)
    picture = archive.parent / "unpacked/train/n02100735/images/n02100735_1.JPEG"
    at = content.index(picture.read_bytes()) + 300
    archive.write_bytes(content[:at] + bytes([content[at] ^ 8]) + content[at + 1 :])
    with pytest.raises(ValueError, match="Bad CRC-32"):
        tiny_imagenet.load(archive)


def test_a_member_that_would_fill_the_memory_is_refused(archive, monkeypatch):
    monkeypatch.setattr(tiny_imagenet, "MEMBER_BYTES", 100)
    with pytest.raises(ValueError, match=r"got [\d,]+ bytes of train/n02119789"):
        tiny_imagenet.load(archive)


def test_without_a_download_the_error_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        tiny_imagenet.load(tmp_path / "none", download=False)
    for words in (
        "found neither, and a download is not allowed",
        f"fetch {tiny_imagenet.URL} by other means",
        f"put it into {tmp_path / 'none'} ",
        "MINIALEXNET_DATA",
        "--data-dir",
    ):
        assert words in str(error.value)
    assert os.listdir(tmp_path) == []


def test_an_archive_that_is_not_there_is_not_downloaded(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"mine\.zip, found no such file"):
        tiny_imagenet.load(tmp_path / "mine.zip")


@pytest.fixture
def server(archive, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serve(archive.read_bytes()) as server:
        sha256 = hashlib.sha256(server.payload).hexdigest()
        monkeypatch.setattr(tiny_imagenet, "URL", server.url)
        monkeypatch.setattr(tiny_imagenet, "SIZE", len(server.payload))
        monkeypatch.setattr(tiny_imagenet, "SHA256", sha256)
        yield server


def test_it_is_downloaded_once(tmp_path, server):
    for _ in range(2):
        assert_read(tiny_imagenet.load(tmp_path / "new"))
    assert server.ranges == [None]
    assert os.listdir(tmp_path / "new") == ["tiny-imagenet-200.zip"]


def test_a_download_of_other_bytes_is_refused(tmp_path, server):
    server.payload = server.payload[:-1] + b"!"
    with pytest.raises(DownloadError, match="You can also fetch") as error:
        tiny_imagenet.load(tmp_path / "new")
    assert f"expected the SHA256 {tiny_imagenet.SHA256}" in str(error.value)
    assert os.listdir(tmp_path / "new") == []


def test_the_official_archive_is_the_one_asked_for():
    assert tiny_imagenet.URL == "http://cs231n.stanford.edu/tiny-imagenet-200.zip"
    assert tiny_imagenet.SIZE == 248100043
    assert tiny_imagenet.SHA256 == (
        "6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821"
    )
