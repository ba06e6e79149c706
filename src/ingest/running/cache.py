"""Keeps on disk what was read from a report, so that an unchanged report is not read again.

An entry is named after the report and stamped with everything that it follows from: the bytes of
the file, the code, the definitions, the libraries. An entry with another stamp, of another version
or with damaged contents counts as none, and is replaced by the next one. Entries are compressed
JSON, never pickles: a cache folder runs nothing. Two runs may share a folder, and it may be deleted
at any time. Nothing in the tables depends on it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Record = TypeVar("Record")

FOLDER = ".cache/xianbi"
VERSION = "1"
"""Changes with the form of the entries; those of other versions are not looked at."""

READING = ("documents", "records")
"""The rooms and modules that make a document of a file. All others only matter to what is read from it."""

LIBRARIES = (
    "extractous",
    "lxml",
    "numpy",
    "onnxruntime",
    "opencc",
    "opencv-python",
    "opencv-python-headless",
    "openpyxl",
    "pdfplumber",
    "pillow",
    "pypdfium2",
    "python-calamine",
    "python-docx",
    "rapidocr",
    "xlrd",
)
"""The packages that documents depend on. Optional ones count as absent where they are."""

_PROGRAMS = ("soffice", "libreoffice", "soffice.exe")
_PACKAGE = Path(__file__).parent.parent


def folder_beside(out: Path) -> Path:
    """Where the cache of a folder of tables is kept unless the user names a place: beside it.

    >>> folder_beside(Path("data/processed")).as_posix()
    'data/.cache/xianbi'
    """
    return (out if out.name not in ("", "..") else out.resolve()).parent / FOLDER


# --- what an entry follows from ------------------------------------------------------------------


def stamp(*parts: object) -> str:
    """A fingerprint of some texts, numbers and lists of these, the same in every run.

    >>> stamp("a", ["b"]) == stamp("a", ["b"]), stamp("a", "b") == stamp("ab")
    (True, False)
    """
    told = json.dumps(parts, ensure_ascii=True, sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


@lru_cache(maxsize=1)
def reading_stamp() -> str:
    """The fingerprint of all that turns a file into a document: code, libraries, LibreOffice."""
    office = next(filter(None, map(shutil.which, _PROGRAMS)), "")
    version = ""
    if office:
        # The program is a link to its folder; another version has another size or another place.
        real = Path(office).resolve()
        version = f"{real} {real.stat().st_size}"
    libraries = [[name, _version(name)] for name in LIBRARIES]
    return stamp(VERSION, code_of(READING), libraries, version)


@lru_cache(maxsize=1)
def code_stamp() -> str:
    """The fingerprint of this package: all its code, and the definitions that lie in it."""
    return stamp(VERSION, code_of(path.stem for path in _PACKAGE.iterdir()))


def code_of(modules: Iterable[str]) -> str:
    """The fingerprint of some modules, packages and folders of data of `ingest`."""
    digest = hashlib.sha256()
    for module in sorted(set(modules)):
        for path in sorted((_PACKAGE / f"{module}.py", *(_PACKAGE / module).rglob("*"))):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


# --- entries -------------------------------------------------------------------------------------


def get(folder: Path, level: str, name: str, stamp: str) -> bytes | None:
    """The contents of an entry; None if there is none with this stamp, or if it is damaged.

    `level` is the kind of entry ("documents"); `name` what it is about, any text.
    """
    try:
        head, _, body = _path(folder, level, name).read_bytes().partition(b"\n")
        if head.decode("ascii") != f"{stamp} {hashlib.sha256(body).hexdigest()}":
            return None
        return zlib.decompress(body)
    except (OSError, ValueError, zlib.error):
        return None


def put(folder: Path, level: str, name: str, stamp: str, content: bytes) -> None:
    """Writes an entry, in place of a former one of this name. Raises OSError if it cannot."""
    path = _path(folder, level, name)
    if not path.parent.is_dir():
        _prepare(folder)
        path.parent.mkdir(parents=True, exist_ok=True)
    body = zlib.compress(content, 1)
    head = f"{stamp} {hashlib.sha256(body).hexdigest()}\n".encode()
    # Aside first: another run, or the next one, must never find half an entry.
    handle, aside = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            file.write(head + body)
        os.replace(aside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(aside)
        raise


def _path(folder: Path, level: str, name: str) -> Path:
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return folder / f"v{VERSION}" / level / digest[:2] / digest[2:]


def _prepare(folder: Path) -> None:
    """Makes the folder, which holds the texts of reports: for its owner alone, and never for git."""
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="ascii")


# --- records ↔ JSON ------------------------------------------------------------------------------


def encode(record: object) -> bytes:
    """A frozen dataclass as JSON: the values of its fields in order, decimals as text.

    >>> from ingest.records import Cell
    >>> encode(Cell(0, 1, 10, 15))
    b'[0,1,10,15,1,1]'
    """
    told = json.dumps(
        record, default=_told, ensure_ascii=False, separators=(",", ":"), check_circular=False
    )
    return told.encode("utf-8", "surrogatepass")


def _told(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if is_dataclass(value):
        return list(value.__dict__.values())
    raise TypeError(f"a {type(value).__name__} cannot be kept in the cache")


def decode(kind: type[Record], content: bytes) -> Record:
    """The dataclass of that kind that `encode` made the JSON of; raises ValueError if it did not.

    >>> from ingest.records import Cell
    >>> decode(Cell, b'[0,1,10,15,1,1]')
    Cell(row=0, column=1, start=10, end=15, rows=1, columns=1)
    """
    try:
        told = json.loads(content.decode("utf-8", "surrogatepass"))
        return cast(Record, _maker(cast(Any, kind))(told))
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"no {kind.__name__}: {error}") from error


_Maker = Callable[[Any], Any]
_AS_TOLD = (str, int, float, bool, object, NoneType)


@cache
def _maker(kind: Any) -> _Maker:
    """What makes a value of this type out of JSON."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        (some,) = (one for one in inner if one is not NoneType)
        make = _maker(some)
        return make if make is _same else lambda told: None if told is None else make(told)
    if origin is tuple and inner[1:] == (...,):
        make = _maker(inner[0])
        return tuple if make is _same else lambda told: tuple(map(make, told))
    if origin is tuple:
        if all(_maker(one) is _same for one in inner):
            return tuple
        makes = [_maker(one) for one in inner]
        return lambda told: tuple(make(x) for make, x in zip(makes, told, strict=True))
    if origin is dict:
        return _same
    if kind is Decimal:
        return Decimal
    if is_dataclass(kind):
        return _record_maker(cast(type, kind))
    if kind in _AS_TOLD:
        return _same
    raise TypeError(f"no value of type {kind} can be kept in the cache")


def _record_maker(kind: type) -> _Maker:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    makes = [
        (at, make) for at, name in enumerate(names) if (make := _maker(hints[name])) is not _same
    ]

    def make_record(told: list[Any]) -> object:
        if len(told) != len(names):
            raise ValueError(f"a {kind.__name__} has {len(names)} fields, not {len(told)}")
        for at, make in makes:
            told[at] = make(told[at])
        return kind(*told)

    return make_record


def _same(told: Any) -> Any:
    return told
