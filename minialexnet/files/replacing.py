"""Files that take the place of others once they are wholly on the disk."""

import errno
import os
import platform
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

# A temporary file that nobody has written to for so long was left by a program that
# was killed, even where that cannot be seen: on another machine.
ABANDONED = 3600  # seconds
# What fsync says of a folder where it takes none, as in WebAssembly.
NO_FOLDERS = (errno.EBADF, errno.EINVAL, errno.ENOTSUP)


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `path` once it is wholly on the disk.

    It is written beside `path`, under a name of its own that begins with a dot, so
    whatever happens at whatever moment `path` is either the old file or the new one.
    Of several programs that write to one path at once, the last to finish wins.

    Raises
    ------
    OSError
        If the file cannot be written; what was at `path` is as it was.
    """
    path = Path(path)
    _remove_abandoned(path)
    unique = f"{platform.node()}.{os.getpid()}.{secrets.token_hex(4)}"
    temporary = path.with_name(f".{path.name}.{unique}.tmp")
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OSError(
                error.errno,
                f"could not write, left as it was: {error.strerror or error}",
                os.fspath(path),
            ) from error
        raise
    _sync_folder(path.parent)


def _remove_abandoned(path: Path) -> None:
    """Remove what programs that were killed have left of their writing to `path`."""
    with suppress(OSError):
        for entry in os.scandir(path.parent):
            ours = entry.name.startswith(f".{path.name}.")
            if ours and entry.name.endswith(".tmp"):
                with suppress(OSError):
                    old = time.time() - entry.stat().st_mtime > ABANDONED
                    if old or _is_dead(entry.name):
                        os.unlink(entry.path)


def _is_dead(name: str) -> bool:
    """Return whether the program that wrote a temporary file is known to be gone."""
    machine, _, process = name.rpartition(".")[0].rpartition(".")[0].rpartition(".")
    if os.name != "posix" or not machine.endswith(f".{platform.node()}"):
        return False
    try:
        os.kill(int(process), 0)  # sends nothing, but finds out
    except ProcessLookupError:
        return True
    except (ValueError, OverflowError, OSError):
        pass
    return False


def _sync_folder(folder: Path) -> None:
    """Bring the folder's list of names to the disk, where systems offer that."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in NO_FOLDERS:
                raise
        finally:
            os.close(descriptor)
