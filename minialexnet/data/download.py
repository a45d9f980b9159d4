"""Fetching one known file, once: resumed where it broke off, and checked."""

import hashlib
import os
import re
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from ..files.progress import progress_bar

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

CHUNK = 1 << 18  # bytes
TIMEOUT = 30.0  # seconds without a single byte


class DownloadError(RuntimeError):
    """A file could not be fetched; nothing lies under its name."""


def download(url: str, path: Path, size: int, sha256: str) -> None:
    """Fetch a file whose size and hash are known, with a progress bar.

    What comes is written to `path` with ``.part`` after it, and gets its own name only
    once it is whole and right. A part that an earlier call left is gone on from; where
    another process is fetching it, that one is waited for.

    Parameters
    ----------
    url : str
    path : pathlib.Path
        Its folder is made when it is not there.
    size : int
        In bytes.
    sha256 : str
        In hexadecimal digits.

    Raises
    ------
    DownloadError
        If the server cannot be reached, offers another size, or breaks off (what has
        come is kept); if the file cannot be written, as on a full disk; or if the hash
        is another (what has come is deleted, as nothing can be gone on from).
    """
    part = path.with_name(f"{path.name}.part")
    if part.is_fifo():  # which would be waited for
        raise DownloadError(f"{part} could not be written: expected a file there.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(part, path) as is_missing:
            if is_missing:
                _fetch(url, part, size, sha256)
                os.replace(part, path)
    except OSError as error:
        raise DownloadError(
            f"{part} could not be written: {error.strerror} "
            f"(the whole file takes {size:,} bytes)."
        ) from error


@contextmanager
def _one_at_a_time(part: Path, path: Path) -> Iterator[bool]:
    """Wait for another process that fetches the part; say if the file is missing yet.

    Where files cannot be locked nothing is waited for.
    """
    while fcntl is not None:
        with part.open("ab") as file:
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX)
            # The other process may have renamed it, or deleted it as a wrong one.
            if part.exists() and os.path.samestat(os.fstat(file.fileno()), part.stat()):
                yield True
                return
        if path.exists():
            yield False
            return
    yield True


def _fetch(url: str, part: Path, size: int, sha256: str) -> None:
    """Fetch what is missing of the part, and check the whole."""
    with part.open("ab") as file:
        have = file.tell()
        if have > size:  # of some other file
            have = file.truncate(0)
        with closing(_rest(url, have, size, part)) as chunks:
            for chunk in chunks:
                file.write(chunk)
        file.flush()
        os.fsync(file.fileno())  # the name must not outlive the bytes
    with part.open("rb") as file:
        got = hashlib.file_digest(file, "sha256").hexdigest()
    if got != sha256:
        part.unlink()
        raise DownloadError(
            f"{url}: expected the SHA256 {sha256}, got {got}. "
            "What came has been deleted; run again to fetch it anew."
        )


def download_once(
    url: str,
    path: Path,
    size: int,
    sha256: str,
    folder: str,
    allowed: bool,
    other_way: str = "",
) -> None:
    """Fetch an archive unless it is there, and say how else to get the data.

    Parameters
    ----------
    url, path, size, sha256
        As for `download`.
    folder : str
        What the archive holds, which was looked for in vain.
    allowed : bool
        Whether a download is.
    other_way : str
        What else somebody without the data may do.

    Raises
    ------
    FileNotFoundError
        If a download is needed and not allowed.
    DownloadError
        As for `download`.
    """
    if path.exists():
        return
    advice = (
        f"You can also fetch {url} by other means and put it into {path.parent} (or "
        f"into the folder that MINIALEXNET_DATA or --data-dir names){other_way}."
    )
    if not allowed:
        raise FileNotFoundError(
            f"expected {folder} or {path.name} in {path.parent}, found neither, and a "
            f"download is not allowed. {advice}"
        )
    try:
        download(url, path, size, sha256)
    except DownloadError as error:
        raise DownloadError(f"{error} {advice}") from error


def _rest(url: str, have: int, size: int, part: Path) -> Generator[bytes, None, None]:
    """Yield what is still missing after the first `have` bytes."""
    if have == size:
        return
    request = Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    at = 0
    try:
        with urlopen(request, timeout=TIMEOUT) as response:
            at, offered = _offer(response)
            if at not in (0, have) or offered not in (size, None):
                raise DownloadError(
                    f"{url}: expected {size:,} bytes, asked for those from {have:,} "
                    f"on, got an offer of {offered} from {at:,} on. {part} is kept."
                )
            with progress_bar(
                desc=part.stem, total=size, initial=at, unit="B", unit_scale=True
            ) as bar:
                while at < size:
                    chunk = response.read(min(CHUNK, size - at))
                    if not chunk:
                        raise HTTPException("the server closed the connection")
                    bar.update(len(chunk))
                    # A server that ignores Range begins at 0: pass over what is there.
                    yield chunk[max(0, have - at) :]
                    at += len(chunk)
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()  # it is the server's answer too, and holds the connection
        raise DownloadError(
            f"{url} could not be fetched: {error}. {max(at, have):,} of {size:,} bytes "
            f"have come and are kept in {part}; run again to go on from there."
        ) from error


def _offer(response: HTTPResponse) -> tuple[int, int | None]:
    """Return where the body begins, and the size of the whole file if it is said."""
    if response.status != 206:
        length = response.headers["Content-Length"]
        return 0, None if length is None else int(length)
    span = response.headers["Content-Range"]
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", span or "")
    if match is None:
        raise HTTPException(f"the server answered with the Content-Range {span!r}")
    return int(match[1]), None if match[2] == "*" else int(match[2])
