"""CIFAR-10 is read right from every place it may lie, and nothing else is taken for it.

The files here hold 20 records, not 10,000.
"""

import gzip
import hashlib
import io
import os
import re
import tarfile

import numpy as np
import pytest

from minialexnet.data import cifar10
from minialexnet.data.download import DownloadError
from minialexnet.data.tar import TarError, read_members
from tests.support.file_server import serve

FOLDER = "cifar-10-batches-bin"
NAMES = [*(f"data_batch_{i}.bin" for i in (1, 2, 3, 4, 5)), "test_batch.bin"]


@pytest.fixture(autouse=True)
def small_files(request, monkeypatch):
    """Make each file 20 records, for all tests but the one on the real data."""
    if not request.node.get_closest_marker("real_data"):
        monkeypatch.setattr(cifar10, "RECORDS", 20)
        monkeypatch.delenv("MINIALEXNET_DATA", raising=False)


@pytest.fixture(scope="module")
def contents():
    """Return the bytes of the six files; all differ, each has every class twice."""
    rng = np.random.default_rng(0)
    records = rng.integers(0, 256, (6, 20, 3073), dtype=np.uint8)
    for file in records:
        file[:, 0] = rng.permutation(np.repeat(np.arange(10), 2))
    return {n: f.tobytes() for n, f in zip(NAMES, records, strict=True)}


def write_folder(folder, contents):
    folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "batches.meta.txt").write_text("airplane\n")
    return folder


def pack(entries, mode="w:gz"):
    """Return a tar archive of (name, bytes) or (TarInfo, bytes) pairs."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for member, content in entries:
            if not isinstance(member, tarfile.TarInfo):
                member = tarfile.TarInfo(member)
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


def pack_as_official(contents):
    """Return an archive as the official one is: in a folder, in no order, and more."""
    order = [0, 2, 3, 5, 1, 4]
    folder = tarfile.TarInfo(FOLDER)
    folder.type = tarfile.DIRTYPE
    entries = [(f"{FOLDER}/{NAMES[i]}", contents[NAMES[i]]) for i in order]
    readme = (f"{FOLDER}/readme.html", b"<html>")
    return pack([(folder, b""), *entries[:3], readme, *entries[3:]])


def write_archive(folder, contents):
    path = folder / "cifar-10-binary.tar.gz"
    path.write_bytes(pack_as_official(contents))
    return path


def assert_read(dataset, contents):
    """Hold the dataset against the files, record by record and plane by plane."""
    for split, names in ("train", NAMES[:5]), ("test", NAMES[5:]):
        images = getattr(dataset, f"{split}_images")
        labels = getattr(dataset, f"{split}_labels")
        assert images.shape == (20 * len(names), 3, 32, 32)
        whole = b"".join(contents[name] for name in names)
        for index, (image, label) in enumerate(zip(images, labels, strict=True)):
            record = whole[3073 * index : 3073 * (index + 1)]
            assert label == record[0]
            for c, plane in enumerate(image):
                assert plane.tobytes() == record[1 + 1024 * c : 1 + 1024 * (c + 1)]


def test_it_is_read_from_wherever_it_lies(tmp_path, contents, monkeypatch):
    holder, folder = tmp_path / "a", write_folder(tmp_path / "a" / FOLDER, contents)
    (tmp_path / "b").mkdir()
    archive = write_archive(tmp_path / "b", contents)
    for place in folder, holder, archive, tmp_path / "b":
        assert_read(cifar10.load(str(place), download=False), contents)
    monkeypatch.setenv("MINIALEXNET_DATA", str(holder))
    assert_read(cifar10.load(download=False), contents)


def test_what_is_read_has_the_types_and_names_of_a_dataset(tmp_path, contents):
    dataset = cifar10.load(write_folder(tmp_path / FOLDER, contents))
    assert dataset.name == "cifar10"
    assert dataset.train_images.dtype == np.uint8
    assert dataset.train_labels.dtype == np.int64
    assert dataset.train_images.flags.writeable
    names = "airplane automobile bird cat deer dog frog horse ship truck"
    assert " ".join(dataset.class_names) == names


def test_an_image_is_indexed_by_colour_row_and_column(tmp_path, contents):
    record = bytearray(contents["test_batch.bin"][:3073])
    record[1:] = bytes(3072)
    record[1 + 2 * 1024 + 5 * 32 + 7] = 200
    changed = bytes(record) + contents["test_batch.bin"][3073:]
    folder = write_folder(tmp_path / "x", contents | {"test_batch.bin": changed})
    image = cifar10.load(folder).test_images[0]
    assert image[2, 5, 7] == 200
    assert image.sum() == 200


@pytest.mark.parametrize("prefix", ["", "./", "./cifar/", "../../", "/etc/"])
def test_a_copy_packed_anew_is_read_and_nothing_is_unpacked(tmp_path, contents, prefix):
    path = tmp_path / "mine"
    path.write_bytes(pack([(prefix + n, c) for n, c in contents.items()]))
    assert_read(cifar10.load(path, download=False), contents)
    assert [p.name for p in tmp_path.rglob("*")] == ["mine"]


def refuse(place, message, error=ValueError):
    with pytest.raises(error, match=message) as caught:
        cifar10.load(place, download=False)
    return str(caught.value)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["data_batch_3.bin", "test_batch.bin"])
@pytest.mark.parametrize(
    "change, message",
    [
        (
            lambda content: content[:-1],
            "expected 61,460 bytes, 20 records of 3,073; "
            "got 61,459, which are 19 records and 3,072 bytes",
        ),
        (lambda content: content[:-3073], "got 58,387, which are 19 records and 0"),
        (lambda content: content + content[:3073], "got 64,533, which are 21 records"),
        (lambda content: b"", "got 0, which are 0 records and 0 bytes"),
        (
            lambda content: content[: 7 * 3073] + b"\x0a" + content[7 * 3073 + 1 :],
            "expected labels from 0 to 9, got 10 in record 7",
        ),
    ],
)
def test_a_wrong_file_is_named(tmp_path, contents, name, change, message, packed):
    wrong = contents | {name: change(contents[name])}
    if packed:
        place = write_archive(tmp_path, wrong)
        where = f"{place}: {name}"
    else:
        place = write_folder(tmp_path / FOLDER, wrong)
        where = str(place / name)
    refuse(place, f"^{re.escape(where)}: .*{message}")


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(tmp_path, contents, name):
    rest = {n: c for n, c in contents.items() if n != name}
    message = f"expected {re.escape(name)} in it, found .*'data_batch"
    folder = write_folder(tmp_path / FOLDER, rest)
    assert str(folder) in refuse(tmp_path, message, FileNotFoundError)
    (folder / name).mkdir()
    refuse(folder, message, FileNotFoundError)
    archive = write_archive(tmp_path, contents)
    archive.write_bytes(pack(rest.items()))
    assert str(archive) in refuse(archive, message, FileNotFoundError)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "cifar-10-binary.tar.gz")
    refuse(tmp_path, "cifar-10-binary.tar.gz: expected a file, got something else")


def test_an_unfinished_folder_is_not_passed_over_for_the_archive(tmp_path, contents):
    write_archive(tmp_path, contents)
    write_folder(tmp_path / FOLDER, {NAMES[0]: contents[NAMES[0]]})
    refuse(tmp_path, "expected data_batch_2.bin, data_batch_3.bin", FileNotFoundError)


def test_a_link_in_an_archive_is_not_followed(tmp_path, contents):
    secret = tmp_path / "secret"
    secret.write_bytes(contents["test_batch.bin"])
    entries = []
    for name, content in contents.items():
        member = tarfile.TarInfo(name)
        member.size = len(content)
        if name == "test_batch.bin":
            member.type, member.linkname, member.size = tarfile.SYMTYPE, str(secret), 0
        entries.append((member, content))
    path = tmp_path / "links.tar.gz"
    path.write_bytes(pack(entries))
    refuse(path, "expected test_batch.bin in it", FileNotFoundError)


def test_an_archive_with_a_file_twice_is_refused(tmp_path, contents):
    path = tmp_path / "twice.tar.gz"
    more = ("other/data_batch_4.bin", contents["data_batch_5.bin"])
    path.write_bytes(pack([*contents.items(), more]))
    refuse(path, "twice.tar.gz: expected one data_batch_4.bin, found two")


def test_the_archive_of_pickles_is_refused_by_what_it_holds(tmp_path):
    path = tmp_path / "cifar-10-python.tar.gz"
    path.write_bytes(pack([("cifar-10-batches-py/data_batch_4", b"\x80\x02}q\x01")]))
    refuse(path, "found 'cifar-10-batches-py/data_batch_4'", FileNotFoundError)


@pytest.mark.parametrize(
    "content, why",
    [
        (b"", "empty file"),
        (b"<html>Not found</html>", "Not a gzipped file"),
        (b"PK\x03\x04 a zip", "Not a gzipped file"),
        (gzip.compress(b"no tar " * 200), "invalid header"),
        (pack([("data_batch_1.bin", b"")], mode="w"), "Not a gzipped file"),
    ],
)
def test_a_foreign_file_is_refused(tmp_path, content, why):
    path = tmp_path / "cifar-10-binary.tar.gz"
    path.write_bytes(content)
    message = refuse(tmp_path, f"got {len(content):,} bytes that cannot be read: {why}")
    assert message.startswith(f"{path}: expected a whole cifar-10-binary.tar.gz")
    assert "170,052,171 bytes" in message


@pytest.mark.parametrize("part", np.linspace(0, 1, 20, endpoint=False))
def test_a_truncated_archive_is_refused(tmp_path, contents, part):
    path = write_archive(tmp_path, contents)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    refuse(path, f"{path}: expected a whole")


@pytest.mark.parametrize("missing", [1, 4, 8])
def test_an_archive_without_its_last_bytes_is_refused(tmp_path, contents, missing):
    path = write_archive(tmp_path, contents)
    path.write_bytes(path.read_bytes()[:-missing])
    refuse(path, f"{path}: expected a whole .* end-of-stream")


def test_an_archive_with_a_flipped_pixel_is_refused(tmp_path, contents):
    path = tmp_path / "stored.tar.gz"
    stored = bytearray(gzip.compress(pack(contents.items(), mode="w"), 0))
    stored[len(stored) // 2] ^= 1
    path.write_bytes(stored)
    refuse(path, "stored.tar.gz: expected a whole .*CRC check failed")


@pytest.mark.parametrize("block", range(6))
def test_an_archive_with_a_broken_block_is_refused(tmp_path, contents, block):
    path = tmp_path / "stored.tar.gz"
    stored = bytearray(gzip.compress(pack(contents.items(), mode="w"), 0))
    start = 10  # after gzip's header; a stored block has 5 bytes of its own, then data
    for _ in range(block):
        start += 5 + int.from_bytes(stored[start + 1 : start + 3], "little")
    assert stored[start] in (0, 1)  # is a stored block
    stored[start] = 6  # no kind of block
    path.write_bytes(stored)
    refuse(path, "stored.tar.gz: expected a whole .*invalid block type")


def member(name, size, kind=tarfile.REGTYPE):
    """Return a header that says anything."""
    found = tarfile.TarInfo(name)
    found.size, found.type = size, kind
    return found.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    ("start", "why"),
    [
        pytest.param(member("skipped", 10**15), "invalid header", id="10^15 bytes"),
        pytest.param(member("skipped", 8**11 - 1), "more than 5,000,000", id="8 GB"),
        pytest.param(bytes(512), "more than 5,000,000", id="zeros behind the end"),
        pytest.param(
            member("long", 2**30, tarfile.GNUTYPE_LONGNAME),
            "more than 5,000,000 bytes",
            id="a gigabyte of a name",
        ),
        pytest.param(
            member("pax", 2**30, tarfile.XHDTYPE),
            "more than 5,000,000 bytes",
            id="a gigabyte of a header",
        ),
    ],
)
def test_an_archive_that_would_fill_the_memory_is_refused(
    tmp_path, start, why, monkeypatch
):
    assert cifar10.MOST == 200_000_000
    monkeypatch.setattr(cifar10, "MOST", 5_000_000)
    path = tmp_path / "cifar-10-binary.tar.gz"
    path.write_bytes(gzip.compress(start + bytes(5_000_000), 1))
    refuse(path, f"bytes that cannot be read: .*{why}")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"1" * 1024, "invalid header"),
        (member("data_batch_1.bin", 700) + bytes(300), "unexpected end of data"),
    ],
)
def test_what_is_no_whole_tar_is_refused(tmp_path, content, why):
    path = tmp_path / "cifar-10-binary.tar.gz"
    path.write_bytes(gzip.compress(content))
    refuse(path, f"bytes that cannot be read: {why}")


def test_a_member_that_is_too_large_is_not_read():
    packed = gzip.compress(member("a", 600) + bytes(2048))
    for largest, content in (599, None), (600, bytes(600)):
        (found,) = read_members(io.BytesIO(packed), {"a"}, largest, 10_000)
        assert (found.size, found.content) == (600, content)
    with pytest.raises(TarError, match="more than 2,000 bytes"):
        list(read_members(io.BytesIO(packed), {"a"}, 600, 2_000))


def test_an_archive_of_too_many_members_is_refused(tmp_path):
    path = tmp_path / "cifar-10-binary.tar.gz"
    path.write_bytes(gzip.compress(member("none", 0) * 10_001))
    refuse(path, "more than 10,000 members")


def test_long_names_and_headers_of_others_are_passed_over(tmp_path, contents):
    """As tar writes them on a Mac, or where a folder's name is long."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        for name, content in contents.items():
            entry = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            entry.size, entry.pax_headers = len(content), {"SCHILY.dev": "1" * 600}
            archive.addfile(entry, io.BytesIO(content))
    path = tmp_path / "cifar-10-binary.tar.gz"
    path.write_bytes(file.getvalue())
    assert_read(cifar10.load(path), contents)


def test_an_archive_that_is_not_there_is_not_downloaded_into(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"mine\.tar\.gz"):
        cifar10.load(tmp_path / "mine.tar.gz")
    assert os.listdir(tmp_path) == []


def test_without_a_download_the_error_says_what_to_do(tmp_path):
    message = refuse(
        tmp_path / "none",
        "found neither, and a download is not allowed",
        FileNotFoundError,
    )
    assert_says_what_to_do(message, tmp_path / "none")
    assert os.listdir(tmp_path) == []


def assert_says_what_to_do(message, place):
    advice = f"fetch {cifar10.URL} by other means and put it into {place} "
    for words in advice, "MINIALEXNET_DATA", "--data-dir", "the data set shapes":
        assert words in message


@pytest.fixture
def server(contents, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serve(pack_as_official(contents)) as server:
        sha256 = hashlib.sha256(server.payload).hexdigest()
        monkeypatch.setattr(cifar10, "URL", server.url)
        monkeypatch.setattr(cifar10, "SIZE", len(server.payload))
        monkeypatch.setattr(cifar10, "SHA256", sha256)
        yield server


def test_it_is_downloaded_once(tmp_path, contents, server):
    for _ in range(2):
        assert_read(cifar10.load(tmp_path / "new"), contents)
    assert server.ranges == [None]
    assert os.listdir(tmp_path / "new") == ["cifar-10-binary.tar.gz"]


def test_a_download_goes_where_the_environment_says(
    tmp_path, contents, server, monkeypatch
):
    monkeypatch.setenv("MINIALEXNET_DATA", str(tmp_path / "here"))
    assert_read(cifar10.load(), contents)
    assert os.listdir(tmp_path / "here") == ["cifar-10-binary.tar.gz"]


def test_a_download_that_broke_off_says_what_to_do_and_goes_on(
    tmp_path, contents, server
):
    server.breaks_off_after = 1000
    with pytest.raises(
        DownloadError, match=r"run again to go on from there\."
    ) as first:
        cifar10.load(tmp_path)
    assert_says_what_to_do(str(first.value), tmp_path)
    server.breaks_off_after = None
    assert_read(cifar10.load(tmp_path), contents)
    assert server.ranges == [None, "bytes=1000-"]


def test_a_download_of_other_bytes_is_refused(tmp_path, contents, server):
    server.payload = server.payload[:-1] + b"!"
    with pytest.raises(DownloadError, match=f"expected the SHA256 {cifar10.SHA256}"):
        cifar10.load(tmp_path)
    assert os.listdir(tmp_path) == []


def test_the_official_archive_is_the_one_asked_for():
    assert cifar10.URL == "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
    assert cifar10.SIZE == 170052171
    assert cifar10.SHA256 == (
        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
    )


@pytest.mark.real_data
def test_the_real_pictures():
    if not os.environ.get("MINIALEXNET_DATA"):
        pytest.skip("MINIALEXNET_DATA is not set: it says where the real CIFAR-10 lies")
    try:
        dataset = cifar10.load(download=False)
    except FileNotFoundError as error:
        if "found neither" in str(error):
            pytest.skip(str(error))
        raise
    assert dataset.train_images.shape == (50_000, 3, 32, 32)
    assert dataset.test_images.shape == (10_000, 3, 32, 32)
    assert np.bincount(dataset.train_labels).tolist() == [5000] * 10
    assert np.bincount(dataset.test_labels).tolist() == [1000] * 10
    # The published mean colour: the planes are red, green and blue in this order.
    mean = dataset.train_images.mean(axis=(0, 2, 3))
    np.testing.assert_allclose(mean, [125.3, 123.0, 113.9], atol=1)
    # Pixels are like their neighbours: they differ by about 16 down and 14 across, and
    # by about 35 and 29 when the planes are read as if the colours were interleaved.
    some = dataset.test_images[:1000].astype(np.float32)
    assert np.abs(np.diff(some, axis=2)).mean() < 20
    assert np.abs(np.diff(some, axis=3)).mean() < 20
