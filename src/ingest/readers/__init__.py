"""Report files to documents: the reader is chosen by what a file holds, never by its suffix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ingest.records import Document, Source


class UnreadableError(ValueError):
    """A report file that cannot be read.

    `message` says which file, where in it and what was found; `action` what to do next.
    """

    def __init__(self, message: str, action: str) -> None:
        self.message = message
        self.action = action
        super().__init__(f"{message} {action}")


# Readers raise UnreadableError, so it has to stand before they are imported.
from ingest.readers import text  # noqa: E402


class Reader(NamedTuple):
    """A format: its name, whether some bytes are of it, and how they become a document."""

    name: str
    matches: Callable[[bytes], bool]
    read: Callable[[Source, bytes], Document]


READERS: tuple[Reader, ...] = (Reader("text", text.matches, text.read),)
"""Asked in this order; text comes last, because other formats can look like text."""

# How the files begin that people keep under a wrong suffix; only to name them in a complaint.
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a zip container (docx, xlsx, wps, ofd or zip)"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (doc, xls, wps or et)"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
)


def read(source: Source) -> Document:
    """Reads a report file into a document.

    Raises UnreadableError for a file that cannot be opened, is empty, or is of no known format.
    """
    try:
        data = Path(source.path).read_bytes()
    except OSError as error:
        raise UnreadableError(
            f"{source.document} could not be opened: {error.strerror or error}.",
            "Check that the file is still there and that you may read it.",
        ) from error
    if not data:
        raise UnreadableError(
            f"{source.document} is empty: it has 0 bytes.",
            "Fetch the report again, or remove the file from the raw folder.",
        )
    for reader in READERS:
        if reader.matches(data):
            return reader.read(source, data)
    raise UnreadableError(
        f"{source.document} is {_described(data)}; the formats read are "
        f"{', '.join(reader.name for reader in READERS)}.",
        "Save it as one of these formats, or remove it from the raw folder.",
    )


def _described(data: bytes) -> str:
    for beginning, name in _BEGINNINGS:
        if data.startswith(beginning):
            return name
    return f"a binary file of unknown kind (it begins with {data[:8].hex(' ')})"
