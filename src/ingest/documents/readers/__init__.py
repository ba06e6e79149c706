"""Report files to documents: the reader is chosen by what a file holds, never by its suffix."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ingest.documents import archives, private
from ingest.records import Block, Document, Issue, Source

LIMIT = archives.LIMIT
"""The most bytes that a report file may have; a scan of a hundred pages has a quarter of them."""
LONGEST = 4000
"""The most characters of a paragraph that are read as one; people write a tenth of that."""
WIDEST, LARGEST = 120, 50_000
"""The most columns, and the most cells, of a table that is read as one."""


class UnreadableError(ValueError):
    """A report file that cannot be read.

    `message` says which file, where in it and what was found; `action` what to do next.
    """

    def __init__(self, message: str, action: str) -> None:
        self.message = message
        self.action = action
        super().__init__(f"{message} {action}")


# Readers raise UnreadableError, so it has to stand before they are imported.
from ingest.documents.readers import html, legacy, pdf, scan, sheet, text, word  # noqa: E402


class Reader(NamedTuple):
    """A format: its name, whether some bytes are of it, and how they become a document."""

    name: str
    matches: Callable[[bytes], bool]
    read: Callable[[Source, bytes], Document]


READERS: tuple[Reader, ...] = (
    Reader("pdf", pdf.matches, pdf.read),
    Reader("jpg, png, tif", scan.matches, scan.read),
    Reader("docx", word.matches, word.read),
    Reader("xlsx, xls", sheet.matches, sheet.read),
    Reader("doc, wps, rtf", legacy.matches, legacy.read),
    Reader("html", html.matches, html.read),
    Reader("text", text.matches, text.read),
)
"""Asked in this order; text comes last, because other formats can look like text."""

# How the files begin that people keep under a wrong suffix; only to name them in a complaint.
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file of unknown kind, or one that is cut off"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
)


# Containers that no reader takes: what they are, and what to do with them.
_CONTAINERS = {
    "zip": (
        "an archive inside an archive, which is not unpacked",
        "Unpack it and put the reports in it into the raw folder.",
    ),
    "damaged": (
        "a zip container (docx, xlsx or zip) that is damaged or cut off",
        "Fetch the file again; a download that broke off ends like this.",
    ),
    "ofd": ("an OFD file", "Open it in WPS or an OFD reader and save it as PDF."),
    "pptx": ("a presentation (pptx)", "Save it as PDF, or remove it from the raw folder."),
    "opendocument": ("an OpenDocument file", "Save it as .docx or .xlsx."),
    "apk": ("a program, no report", "Remove it from the raw folder."),
    "jar": ("a program, no report", "Remove it from the raw folder."),
}


def read(source: Source) -> Document:
    """Reads a report file into a document, in which everything private is masked.

    Raises UnreadableError for a file that cannot be opened, is empty, or is of no known format;
    its message holds nothing private either.
    """
    try:
        with warnings.catch_warnings():
            # What libraries warn of would go to the terminal, words of the report and all.
            warnings.simplefilter("ignore")
            return private.masked(_in_pieces(_read(source)))
    except UnreadableError as error:
        raise UnreadableError(private.words(error.message), private.words(error.action)) from error


def _read(source: Source) -> Document:
    if source.size > LIMIT:
        raise UnreadableError(
            f"{source.document} has {source.size / 2**20:.0f} MB, more than the "
            f"{LIMIT // 2**20} MB that are read of a file.",
            "Save the pages or sheets that belong to the report as a file of their own.",
        )
    try:
        data = archives.read(Path(source.path))
    except archives.ArchiveError as error:
        raise UnreadableError(f"{source.document}: {error.message}.", f"{error.action}.") from error
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
    found, action = _CONTAINERS.get(archives.kind(data)) or (
        f"{_described(data)}; the formats read are " + ", ".join(reader.name for reader in READERS),
        "Save it as one of these formats, or remove it from the raw folder.",
    )
    raise UnreadableError(f"{source.document} is {found}.", action)


def _in_pieces(document: Document) -> Document:
    """The document with endless paragraphs cut, and without the tables that are larger than any form.

    Rules look at all pairs of words and figures in a sentence, so one that never ends would take
    hours.
    """
    blocks: list[Block] = []
    large: list[Block] = []
    for block in document.blocks:
        if len(block.cells) > LARGEST or any(c.column + c.columns > WIDEST for c in block.cells):
            large.append(block)
        elif block.cells or block.end - block.start <= LONGEST:
            blocks.append(block)
        else:
            blocks += _cut(document.text, block)
    if len(blocks) == len(document.blocks):
        return document
    issues = tuple(
        Issue(
            document.source.document,
            "warning",
            "table_too_large",
            f"the table at character {block.start}",
            f"a table of more than {WIDEST} columns or {LARGEST} cells was not read",
            "look whether it belongs to the report; if it does, save it as several smaller ones",
        )
        for block in large
    )
    return replace(document, blocks=tuple(blocks), issues=(*document.issues, *issues))


def _cut(text: str, block: Block) -> Iterator[Block]:
    """The pieces of a paragraph that is too long, cut behind sentences or clauses if it has any."""
    start = block.start
    while block.end - start > LONGEST:
        reach = start + LONGEST
        after = (text.rfind(mark, start + LONGEST // 2, reach) + 1 for mark in "。;,\n \t")
        end = next(filter(None, after), reach)
        yield replace(block, kind="paragraph", level=0, start=start, end=end)
        start = end
    yield replace(block, kind="paragraph", level=0, start=start)


def _described(data: bytes) -> str:
    for beginning, name in _BEGINNINGS:
        if data.startswith(beginning):
            return name
    return f"a binary file of unknown kind (it begins with {data[:8].hex(' ')})"
