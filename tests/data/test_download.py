"""A download ends whole and right under its name, or says what to do and leaves none.

Every server here is on 127.0.0.1.
"""

import hashlib
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from tqdm import tqdm

from minialexnet.data import download as module
from minialexnet.data.download import DownloadError
from minialexnet.files.progress import Lines
from tests.support.file_server import serve

PAYLOAD = np.random.default_rng(0).bytes(1000)
SHA256 = hashlib.sha256(PAYLOAD).hexdigest()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(module, "CHUNK", 64)
    with serve(PAYLOAD) as server:
        yield server


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "data.bin"


def part_of(path, content=None):
    """Return the path of the part, after writing what an earlier call left there."""
    part = path.with_name("data.bin.part")
    if content is not None:
        path.parent.mkdir(exist_ok=True)
        part.write_bytes(content)
    return part


def download(server, path):
    module.download(server.url, path, 1000, SHA256)


def refuse(server, path, message):
    """Download, which must fail with `message`, and leave nothing under the name."""
    with pytest.raises(DownloadError, match=message) as caught:
        download(server, path)
    assert not path.exists()
    return str(caught.value)


def assert_whole(path):
    assert path.read_bytes() == PAYLOAD
    assert os.listdir(path.parent) == ["data.bin"]


@pytest.fixture
def bars(capsys, monkeypatch):
    """Standard error, with the bars that a terminal shows."""
    monkeypatch.setattr(module, "progress_bar", tqdm)
    return capsys


def test_a_file_is_fetched_with_a_progress_bar(server, path, bars):
    download(server, path)
    assert_whole(path)
    assert server.ranges == [None]
    bar = bars.readouterr().err
    assert "data.bin: 100%" in bar
    assert "1.00k/1.00k" in bar


@pytest.fixture
def two(server, path, monkeypatch):
    """Download in two threads; the first to begin goes on once the other waits."""
    fcntl = pytest.importorskip("fcntl", reason="files cannot be locked here")
    both, rest, locked, fetched = threading.Barrier(2, timeout=20), module._rest, [], []

    def flock(file, how):
        locked.append(file)
        if len(locked) == 2:
            both.wait()
        fcntl.flock(file, how)

    def slow(*about):
        fetched.append(about)
        if len(fetched) == 1:
            both.wait()
        yield from rest(*about)
        server.payload = PAYLOAD

    locks = SimpleNamespace(flock=flock, LOCK_EX=fcntl.LOCK_EX)
    monkeypatch.setattr(module, "fcntl", locks)
    monkeypatch.setattr(module, "_rest", slow)

    def outcome():
        try:
            return download(server, path)
        except DownloadError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        yield lambda: [one.result() for one in [pool.submit(outcome) for _ in "ab"]]


def test_of_two_that_want_a_file_one_fetches_it_and_the_other_waits(two, server, path):
    assert two() == [None, None]
    assert server.ranges == [None]
    assert_whole(path)


def test_who_has_waited_for_one_that_failed_fetches_the_file(two, server, path):
    server.payload = bytes(1000)
    right, wrong = sorted(two(), key=str)
    assert right is None
    assert "expected the SHA256" in str(wrong)
    assert server.ranges == [None, None]
    assert_whole(path)


def test_a_file_replaces_what_lay_under_its_name(server, path):
    path.parent.mkdir()
    path.write_bytes(b"old")
    download(server, path)
    assert_whole(path)


@pytest.mark.parametrize("says_length", [True, False])
def test_a_download_that_broke_off_is_gone_on_from(server, path, bars, says_length):
    server.says_length = says_length
    server.breaks_off_after = 300
    message = refuse(server, path, "300 of 1,000 bytes have come and are kept in")
    assert server.url in message and f"{part_of(path)}; run again" in message
    assert part_of(path).read_bytes() == PAYLOAD[:300]
    refuse(server, path, "600 of 1,000")
    assert part_of(path).read_bytes() == PAYLOAD[:600]
    server.breaks_off_after = None
    bars.readouterr()
    download(server, path)
    assert_whole(path)
    assert server.ranges == [None, "bytes=300-", "bytes=600-"]
    bar = bars.readouterr().err
    assert "data.bin:  60%" in bar
    assert "data.bin:   0%" not in bar


def test_a_server_that_ignores_range_costs_nothing_that_has_come(server, path):
    server.honours_range = False
    part_of(path, PAYLOAD[:300])
    server.breaks_off_after = 100
    refuse(server, path, "300 of 1,000")
    assert part_of(path).read_bytes() == PAYLOAD[:300]
    server.breaks_off_after = 500
    refuse(server, path, "500 of 1,000")
    assert part_of(path).read_bytes() == PAYLOAD[:500]
    server.breaks_off_after = None
    download(server, path)
    assert_whole(path)


def test_wrong_bytes_are_deleted_and_fetched_anew(server, path):
    server.payload = PAYLOAD[:-1] + bytes([PAYLOAD[-1] ^ 1])
    got = hashlib.sha256(server.payload).hexdigest()
    refuse(server, path, f"expected the SHA256 {SHA256}, got {got}")
    assert os.listdir(path.parent) == []
    server.payload = PAYLOAD
    download(server, path)
    assert_whole(path)
    assert server.ranges == [None, None]


def test_a_part_of_other_bytes_is_found_out(server, path):
    part_of(path, b"x" * 300)
    refuse(server, path, "expected the SHA256")
    assert os.listdir(path.parent) == []


def test_a_part_that_is_too_long_is_begun_anew(server, path):
    part_of(path, b"x" * 1001)
    download(server, path)
    assert_whole(path)
    assert server.ranges == [None]


def test_a_part_that_is_whole_needs_no_server(server, path):
    part_of(path, PAYLOAD)
    download(server, path)
    assert_whole(path)
    assert server.ranges == []


@pytest.mark.parametrize("payload", [b"<html>log in</html>", PAYLOAD * 2])
def test_an_offer_of_another_size_is_refused_and_the_part_kept(server, path, payload):
    server.payload = payload
    server.honours_range = False
    part_of(path, PAYLOAD[:300])
    refuse(server, path, f"expected 1,000 bytes.*got an offer of {len(payload)} from 0")
    assert part_of(path).read_bytes() == PAYLOAD[:300]


def test_no_more_is_taken_than_was_asked_for(server, path):
    server.says_length = False
    server.payload = PAYLOAD * 2
    download(server, path)
    assert_whole(path)


def test_a_part_from_elsewhere_is_refused(server, path):
    part_of(path, PAYLOAD[:300])
    server.shifts_range = 1
    refuse(server, path, "asked for those from 300 on, got an offer of 1000 from 301")
    assert part_of(path).read_bytes() == PAYLOAD[:300]


@pytest.mark.parametrize("status", [206, 404, 416, 503])
def test_an_answer_without_the_file_is_an_error(server, path, status):
    part_of(path, PAYLOAD[:300])
    server.status = status
    reason = "Content-Range None" if status == 206 else f"HTTP Error {status}"
    refuse(server, path, f"could not be fetched: .*{reason}.* 300 of 1,000 bytes")
    assert part_of(path).read_bytes() == PAYLOAD[:300]


def test_a_refused_connection_is_an_error_that_keeps_the_part(server, path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, but nobody listens
        server.url = f"http://127.0.0.1:{closed.getsockname()[1]}/data.bin"
        part_of(path, PAYLOAD[:300])
        refuse(server, path, "could not be fetched: .*refused.* 300 of 1,000 bytes")
    assert part_of(path).read_bytes() == PAYLOAD[:300]


def test_a_silent_server_is_not_waited_for_without_end(server, path, monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server.url = f"http://127.0.0.1:{silent.getsockname()[1]}/data.bin"
        refuse(server, path, "could not be fetched: timed out")


def test_an_interrupt_keeps_what_has_come(server, path, monkeypatch):
    class Interrupted(Lines):
        def update(self, n):
            super().update(n)
            if self.n > 500:
                raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, "progress_bar", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            download(server, path)
    assert part_of(path).read_bytes() == PAYLOAD[:448]  # 7 chunks of 64
    download(server, path)
    assert_whole(path)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's /dev/full")
def test_a_full_disk_is_an_error_that_leaves_nothing_under_the_name(server, path):
    path.parent.mkdir()
    part_of(path).symlink_to("/dev/full")
    refuse(server, path, "could not be written: No space left.*takes 1,000 bytes")


def test_a_folder_that_cannot_be_made_is_an_error(server, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    refuse(server, tmp_path / "file" / "data.bin", "could not be written: File exists")
    assert server.ranges == []


def test_the_bytes_are_on_the_disk_before_the_name_is_there(server, path, monkeypatch):
    real, seen = os.fsync, []

    def fsync(descriptor):
        seen.append((os.fstat(descriptor).st_size, path.exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    download(server, path)
    assert (1000, False) in seen
