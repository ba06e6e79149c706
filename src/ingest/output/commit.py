"""Puts files that belong together into a folder: all of them or none, by one writer at a time.

What is ready is moved below the folder as `.complete` in one step; from then on it is what counts,
and its files take the places of the former ones. A writer that is killed among them leaves the rest
there for the next one to put in place; one that fails puts the former files back.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

READY = ".complete"
"""The folder, below that of the tables, of files that are on their way into their places."""
ASIDE = ".writing-"
"""How folders begin in which files are written before they are complete."""
_LOCK = ".lock"


class BusyError(RuntimeError):
    """Another build is writing into the folder; the message says what to do."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keeps other builds out of an existing folder for as long as the block runs.

    What a build that was killed has left is put right first. Raises BusyError if another build is
    at work there. Where a file system knows no locks, nobody is kept out.
    """
    held = _lock(folder)
    try:
        _finish(folder)
        for left in folder.glob(f"{ASIDE}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        if held is not None:
            os.close(held)


def _lock(folder: Path) -> int | None:
    """A handle whose closing gives the folder free, which the end of the process does too."""
    busy = BusyError(
        f"another build is writing to {folder.as_posix()}. Wait until it has ended, or name "
        "another folder with --out"
    )
    if sys.platform == "win32":
        try:
            return os.open(folder / _LOCK, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_TEMPORARY)
        except OSError:
            raise busy from None
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise busy from None
    except OSError:  # some network drives have no locks
        pass
    return handle


def put_in_place(made: Path, folder: Path) -> None:
    """Moves everything in `made`, a folder beside the others below `folder`, into `folder`.

    What has the name of a former file or folder takes its place; an empty folder removes it. Raises
    OSError if that fails; the former files are back in place then.
    """
    for path in made.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())  # a file that counts has to be on the disk itself
    names = sorted(path.name for path in made.iterdir())
    former = made.with_name("former")
    former.mkdir()
    ready = folder / READY
    os.replace(made, ready)
    undo: list[tuple[Path, Path]] = []
    try:
        for name in names:
            path, target = ready / name, folder / name
            if target.is_dir():
                os.replace(target, former / name)
                undo.append((former / name, target))
            elif target.exists():
                _double(target, former / name)
                undo.append((former / name, target))
            os.replace(path, target)
            undo.append((target, path))
        _flush(folder)
    except BaseException:
        for source, target in reversed(undo):
            os.replace(source, target)
        os.replace(ready, made)
        raise
    _tidy(folder, names)


def _finish(folder: Path) -> None:
    """Goes on where a build was killed while it put files in place."""
    ready = folder / READY
    if not ready.is_dir():
        return
    names = sorted(path.name for path in ready.iterdir())
    for name in names:
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
        os.replace(ready / name, folder / name)
    _tidy(folder, names)


def _tidy(folder: Path, names: Iterable[str]) -> None:
    with suppress(OSError):  # the tables stand; the next build tidies up
        for name in names:
            path = folder / name
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        (folder / READY).rmdir()


def _double(path: Path, other: Path) -> None:
    """Another name for a file, so that it can come back; a copy where there are no such names."""
    try:
        os.link(path, other)
    except OSError:
        shutil.copy2(path, other)


def _flush(folder: Path) -> None:
    """Has the names in a folder on the disk itself, where the system lets one open a folder."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
