"""Files that are whole or not there at all, names that are safe as paths, and one process at a time in a folder."""

from __future__ import annotations

import errno
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

from flanksim.errors import FlanksimError, Problem

#: Longest name of a file or folder that is made from a name in a scenario, bytes; file systems allow 255.
LONGEST_NAME = 120
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_IN_THE_WAY = (errno.ENOTDIR, errno.EEXIST, errno.EISDIR)


class SystemRefused(FlanksimError):  # noqa: N818 - what happened, in the words of its message
    """The system would not write or read something: a full disk, a folder without permission, a file in the way."""


def refused(error: OSError, where: Path | str, what: str = "cannot be written") -> SystemRefused:
    """The system's word on a file or folder, with what to do about it."""
    inside = re.search(r"errno (\d+)", str(error), re.IGNORECASE)  # of libraries that keep it in their text
    code = error.errno or (int(inside.group(1)) if inside else 0)
    hint = "look at the disk and the name of the folder, then do it again"
    if code in _FULL:
        hint = "make room or choose another disk; flanksim run, sweep and compare go on with --resume and the folder"
    elif code in _FORBIDDEN:
        hint = "choose a folder that you may write to and read from, such as --results with another one"
    elif code == errno.ENOENT:
        hint = "make the folder first, or choose one that is there"
    elif code in _IN_THE_WAY:
        hint = "a file stands where a folder is wanted, or the other way round: choose another name"
    reason = os.strerror(code) if code else " ".join(str(error).split())
    return SystemRefused(Problem("E507", str(where), "", f"{what}: {reason}", hint))


@contextmanager
def saving(where: Path | str) -> Iterator[None]:
    """What the system refuses in here is raised as a problem with the file or folder `where`.

    Raises
    ------
    SystemRefused
        E507.
    """
    try:
        yield
    except OSError as error:
        raise refused(error, where) from error


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Write to a neighbour and rename: the file is whole or not there at all.

    Raises
    ------
    SystemRefused
        E507 if there is no room, no permission, or something in the way.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        with saving(path):
            write(partial)
            partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def make_folder(path: Path) -> Path:
    """The folder, made with those above it if it is not there.

    Raises
    ------
    SystemRefused
        E507.
    """
    with saving(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


def remove_partial(folder: Path) -> None:
    """Remove what `write_atomically` left in a folder and below it when its process was killed."""
    for partial in folder.rglob(".*.part"):
        with suppress(OSError):
            partial.unlink()


def file_name(name: str) -> str:
    """A name out of a scenario as the name of one file or folder, on any system.

    Letters, digits and ``._+=-`` stay; every other character becomes ``_``. Dots at either end are taken away, a
    name that Windows reserves gets a ``_``, and one that is too long is cut and ends with a hash of the whole.

    Examples
    --------
    >>> file_name("plan-south"), file_name("../../elsewhere"), file_name("plan A/B"), file_name("nul.txt")
    ('plan-south', '_.._elsewhere', 'plan_A_B', '_nul.txt')
    """
    safe = re.sub(r"[^\w.+=-]", "_", unicodedata.normalize("NFC", name)).strip(".") or "_"
    if _RESERVED.fullmatch(safe):
        safe = f"_{safe}"
    raw = safe.encode()
    if len(raw) <= LONGEST_NAME:
        return safe
    mark = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{raw[: LONGEST_NAME - len(mark) - 1].decode('utf-8', 'ignore')}-{mark}"


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder: no other process, and no other study of this one, works in it meanwhile.

    The system lets go of the folder when the process ends, however it ends. A file system that knows no locks
    (some network drives) is used without.

    Raises
    ------
    FlanksimError
        E508 if another study holds it.
    """
    held = None
    try:
        with suppress(OSError):
            held = _handle(folder)
        if held is not None and not _taken(held):
            hint = "wait until it has ended, or end it; then give --resume again"
            raise FlanksimError(Problem("E508", str(folder), "", "another flanksim is at work in this folder", hint))
        yield
    finally:
        if held is not None:
            os.close(held)


if sys.platform == "win32":
    import msvcrt

    def _handle(folder: Path) -> int:
        return os.open(folder / ".lock", os.O_RDWR | os.O_CREAT)

    def _taken(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _handle(folder: Path) -> int:
        return os.open(folder, os.O_RDONLY)

    def _taken(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # no locks here
        return True
