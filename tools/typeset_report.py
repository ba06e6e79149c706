"""Typesets a report that `ingest` can read into another format: docx, html, pdf, xlsx, rtf or txt.

    python tools/typeset_report.py data/raw/hunan/beita-2023.txt beita-2023.docx
    python tools/typeset_report.py --scan tests/scans/wenquan-2019-project-goals.txt \\
        data/raw/excerpts/wenquan-2019-project-goals.pdf

The sample reports in data/raw came to their formats so: written down as text, then typeset with
the code that typesets the tests' model report. Paragraphs, headings and cells stay as they were
read (out of another format than text with their characters folded); the same report gives the
same bytes. The words of a scan cannot be had back from it, so they are kept in tests/scans.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import sys
import zipfile
from pathlib import Path

# Fonts and PDF files carry a date otherwise.
os.environ.setdefault("SOURCE_DATE_EPOCH", "946684800")
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import typeset
import typeset_pdf
from reportlab.lib.pagesizes import A5, landscape

from ingest.documents import readers
from ingest.documents.readers import text
from ingest.records import Block, Source


def report(path: Path) -> list[tuple]:
    """The blocks of a report file as `typeset` takes them; raises UnreadableError as readers do."""
    data = path.read_bytes()
    source = Source(path.name, str(path), hashlib.sha256(data).hexdigest(), len(data))
    document = readers.read(source)
    words = document.text
    if document.reader == "text":
        # The reader keeps every character in its place, so that the original can be cut instead.
        words = text.decode(document.source.document, data)
    return [_block(words, block) for block in document.blocks]


def _block(whole: str, block: Block) -> tuple:
    words = whole[block.start : block.end]
    if block.kind == "heading":
        return "heading", block.level, words
    if block.kind == "paragraph":
        # Where the lines of a text were full says nothing in a format that breaks them itself.
        return "paragraph", "".join(line.strip() for line in words.split("\n"))
    rows: dict[int, list] = {}
    for cell in block.cells:
        piece = whole[cell.start : cell.end]
        rows.setdefault(cell.row, []).append((piece, cell.columns, cell.rows))
    return "table", _filled(list(rows.values())) if block.ragged else list(rows.values())


def _filled(rows: list[list]) -> list[list]:
    """Rows of a table that lost its grid, the last cell of each as wide as makes it full."""
    width = max(sum(cell[1] for cell in row) for row in rows)
    filled = []
    for row in rows:
        *before, (words, columns, deep) = row
        missing = width - sum(cell[1] for cell in row)
        filled.append([*before, (words, columns + missing, deep)])
    return filled


def _undated(data: bytes) -> bytes:
    """A docx or xlsx without the times at which its parts were written."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def scan(blocks: list[tuple]) -> bytes:
    """A PDF of scanned half sheets, without text, about 90 kB each."""
    sheets = typeset_pdf.pdf(blocks, latin=True, size=landscape(A5))
    return typeset_pdf.bound(typeset_pdf.pictures(sheets, angle=0.6, noise=4), quality=60)


WRITERS = {
    ".docx": lambda blocks: _undated(typeset.docx(blocks)),
    ".xlsx": lambda blocks: _undated(typeset.xlsx(blocks)),
    ".html": lambda blocks: typeset.html(blocks, site="县人民政府"),
    ".rtf": typeset.rtf,
    ".txt": typeset.txt,
    ".pdf": typeset_pdf.pdf,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("report", type=Path, help="the report to read")
    parser.add_argument("out", type=Path, help="the file to write; its suffix tells the format")
    parser.add_argument("--scan", action="store_true", help="a PDF of scanned pages, without text")
    given = parser.parse_args()
    if given.out.suffix not in WRITERS or (given.scan and given.out.suffix != ".pdf"):
        parser.error(f"{given.out.name}: the suffix has to be one of {', '.join(WRITERS)}")
    write = scan if given.scan else WRITERS[given.out.suffix]
    given.out.write_bytes(write(report(given.report)))


if __name__ == "__main__":
    main()
