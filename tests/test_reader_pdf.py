"""PDF reports: every digit of every cell and paragraph comes back, however the page is drawn."""

import hashlib
import re

import pytest
import typeset
import typeset_pdf

from ingest import readers
from ingest.glyphs import fold
from ingest.readers import pdf
from ingest.records import Source

SHORT = (595.28, 500.0)
"""A page so low that the model's tables run over page ends."""


def read(data, name="report.pdf"):
    source = Source(name, name, hashlib.sha256(data).hexdigest(), len(data))
    return pdf.read(source, data)


def tight(words):
    return re.sub(r"\s+", "", fold(words))


def tables_of(document):
    return [
        [
            (c.row, c.column, c.columns, c.rows, tight(document.text[c.start : c.end]))
            for c in block.cells
        ]
        for block in document.blocks
        if block.kind == "table"
    ]


def tables_printed(report):
    return [
        [(c.row, c.column, c.columns, c.rows, tight(c.text)) for c in typeset.placed(rows)]
        for rows in typeset.tables(report)
    ]


def prose_of(document):
    return [tight(document.text[b.start : b.end]) for b in document.blocks if b.kind != "table"]


def prose_printed(report):
    return [tight(block[-1]) for block in report if block[0] != "table"]


RULED = {
    "full rules": {},
    "thin rectangles": {"rules": "thin", "latin": True},
    "digits of another type": {"latin": True},
    "over pages": {"size": SHORT, "furniture": "—{page}—", "head": "绩效自评报告", "latin": True},
    "header repeated": {"size": SHORT, "furniture": "- {page} -", "repeat_header": True},
    "page turned": {"rotated": True},
    "text turned": {"turned": True},
    "line drawn twice": {"bold": "line"},
    "character drawn twice": {"bold": "character"},
    "two columns": {"columns": 2, "size": (1190.0, 842.0)},
}


@pytest.mark.parametrize("options", RULED.values(), ids=RULED)
def test_ruled_reports_come_back_cell_by_cell(options):
    document = read(typeset_pdf.pdf(typeset.MODEL, **options))
    assert tables_of(document) == tables_printed(typeset.MODEL)
    assert prose_of(document) == prose_printed(typeset.MODEL)
    assert document.issues == ()


def test_a_pdf_is_known_by_its_mark_and_read_as_one(tmp_path):
    path = tmp_path / "report.txt"
    data = typeset_pdf.pdf(typeset.MODEL)
    path.write_bytes(data)
    document = readers.read(Source("report.txt", str(path), "0" * 64, len(data)))
    assert (document.format, document.reader, document.pages) == ("pdf", "pypdfium2", 2)
