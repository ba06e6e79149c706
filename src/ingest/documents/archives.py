"""Zip containers: opened within bounds, whatever they claim of themselves.

Word and Excel files are zip containers, and counties publish reports packed in one. A container
is never unpacked onto the disk: members are read into memory, and only as many bytes of them as
was announced and allowed.
"""

from __future__ import annotations

import errno
import hashlib
import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import NamedTuple

LIMIT = 200 * 2**20
"""The most bytes that a file may have; a scan of a hundred pages has a quarter of them."""
MEMBERS = 1_000
"""The most members that a container may have."""
TOTAL = 500 * 2**20
"""The most bytes that all members of a container may hold when unpacked."""
RATIO = 200
"""The most that a member may grow in unpacking; small ones may grow more."""
_SMALL = 2**20
# A table of contents that is not even listed: with millions of entries that alone fills memory.
_ENTRY, _ENTRIES = b"PK\x01\x02", 50_000
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1

_BEGINNING = b"PK\x03\x04"
# The part that tells what a container is; no other container has it.
_KINDS = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "xlsb",
    "ppt/presentation.xml": "pptx",
    "ofd.xml": "ofd",
    "content.xml": "opendocument",
    "androidmanifest.xml": "apk",
    "meta-inf/manifest.mf": "jar",
}


class ArchiveError(ValueError):
    """A container that cannot be read, or that is not safe to. `action` says what to do next."""

    def __init__(self, message: str, action: str) -> None:
        self.message = message
        self.action = action
        super().__init__(f"{message}. {action}")


class Member(NamedTuple):
    """A file in an archive: its name below it, its size and the fingerprint of its bytes."""

    name: str
    size: int
    sha256: str


def kind(data: bytes) -> str:
    """What a container is: docx, xlsx, xlsb, pptx, ofd, opendocument, apk, jar, or zip.

    Empty for what is no container, "damaged" for one that cannot be opened.

    >>> kind(b"no container"), kind(b"PK\\x03\\x04 and no more")
    ('', 'damaged')
    """
    if not data.startswith(_BEGINNING):
        return ""
    if data.count(_ENTRY) > _ENTRIES:
        return "zip"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            names = {name.lower().lstrip("/") for name in container.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "damaged"
    return next((found for part, found in _KINDS.items() if part in names), "zip")


def check(data: bytes) -> None:
    """Raises ArchiveError for a container that is damaged or unpacks to more than is allowed."""
    with _opened(data) as container:
        _bounded(container)


def members(data: bytes) -> tuple[tuple[Member, ...], tuple[str, ...]]:
    """The files in an archive by name, and the names that lead out of it and are left out.

    Hidden files and folders' own entries are no files. Raises ArchiveError.
    """
    found: dict[str, Member] = {}
    unsafe: list[str] = []
    with _opened(data) as container:
        for info in _bounded(container):
            name = _name(info)
            if info.is_dir() or _is_hidden(name):
                continue
            if not _is_inside(name):
                unsafe.append(name)
                continue
            content = _content(container, info)
            digest = hashlib.sha256(content).hexdigest()
            found.setdefault(name, Member(name, len(content), digest))
    return tuple(found[name] for name in sorted(found)), tuple(sorted(unsafe))


def read(path: Path) -> bytes:
    """The bytes of a file, or of a member of an archive: `folder/archive.zip/member.docx`.

    Raises OSError for a file that cannot be opened, ArchiveError for a member.
    """
    archive = next((parent for parent in path.parents if parent.is_file()), None)
    if archive is None or path.exists():
        if path.exists() and not path.is_file():
            # A pipe or a device in the place of the file that was listed: reading would wait on it.
            raise OSError(errno.EINVAL, "it is no file any more")
        return path.read_bytes()
    name = path.relative_to(archive).as_posix()
    with _opened(archive.read_bytes()) as container:
        for info in _bounded(container):
            if _name(info) == name:
                return _content(container, info)
    raise ArchiveError(
        f"{name} is no longer in the archive", "List the folder again: run the command anew"
    )


def _opened(data: bytes) -> zipfile.ZipFile:
    if data.count(_ENTRY) > _ENTRIES:
        raise _too_many(data.count(_ENTRY))
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ArchiveError(
            f"the zip container is damaged ({_reason(error)})",
            "Fetch the file again; a download that broke off ends like this",
        ) from error


def _bounded(container: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    infos = container.infolist()
    if len(infos) > MEMBERS:
        raise _too_many(len(infos))
    total = sum(info.file_size for info in infos)
    if total > TOTAL:
        raise ArchiveError(
            f"the zip container unpacks to {total / 2**20:.0f} MB, "
            f"more than the {TOTAL // 2**20} MB allowed",
            _BY_HAND,
        )
    for info in infos:
        if info.file_size > _SMALL and info.file_size > RATIO * info.compress_size:
            raise ArchiveError(
                f"{_name(info)} in the zip container grows "
                f"{info.file_size // max(info.compress_size, 1)} times in unpacking, "
                f"more than the {RATIO} times allowed",
                _BY_HAND,
            )
    return infos


_BY_HAND = "Unpack it yourself, look what it is, and put the reports in it into the raw folder"


def _too_many(members: int) -> ArchiveError:
    return ArchiveError(
        f"the zip container has {members} members, more than the {MEMBERS} allowed", _BY_HAND
    )


def _content(container: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveError(
            f"{_name(info)} in the archive is protected by a password",
            "Unpack it with the password and put the reports in it into the raw folder",
        )
    try:
        with container.open(info) as member:
            # A member may hold more than it announces; zipfile stops there and checks the sum.
            return member.read(info.file_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise ArchiveError(
            f"{_name(info)} in the archive is damaged ({_reason(error)})",
            "Fetch the archive again, or unpack it with another program",
        ) from error


def _name(info: zipfile.ZipInfo) -> str:
    """The name of a member. Names that are not marked as UTF-8 were written in GBK here."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        try:
            raw = name.encode("cp437")
            try:
                name = raw.decode("utf-8")
            except UnicodeDecodeError:
                name = raw.decode("gb18030")
        except UnicodeError:
            pass
    return name.replace("\\", "/")


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        not path.is_absolute()
        and ".." not in path.parts
        and ":" not in name
        and "\0" not in name
        and path.as_posix() == name
    )


def _is_hidden(name: str) -> bool:
    return any(
        (part.startswith((".", "~$")) and part != "..") or part == "__MACOSX"
        for part in name.split("/")
    )


def _reason(error: Exception) -> str:
    return str(error).lower().rstrip(".") or type(error).__name__
