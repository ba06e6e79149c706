"""One report in every format gives one truth: the same cells, the same text, the same mentions."""

import re
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import typeset
import typeset_pdf
from handmade import DEFINITIONS
from typeset import MENTIONS, MODEL

from ingest import pipeline
from ingest.documents import sources
from ingest.documents.glyphs import fold
from ingest.documents.readers import legacy, scan

OFFICE = "LibreOffice (Debian: apt-get install libreoffice-writer libreoffice-calc)"

# Formats that know their grid: every cell comes back in its place.
GRIDS = {
    "docx": lambda: typeset.docx(MODEL),
    "docx with automatic numbers": lambda: typeset.docx(MODEL, numbered=True),
    "doc": lambda: typeset.doc(MODEL),
    "rtf": lambda: typeset.rtf(MODEL),
    "html": lambda: typeset.html(MODEL),
    "html in GB18030": lambda: typeset.html(MODEL, "gb18030", declared="gb2312"),
    "xlsx": lambda: typeset.xlsx(MODEL),
    "xls": lambda: typeset.xls(MODEL),
    "pdf": lambda: typeset_pdf.pdf(MODEL),
    "pdf with page furniture": lambda: typeset_pdf.pdf(
        MODEL, furniture="—{page}—", head="祁门县医疗保障局", repeat_header=True
    ),
    "pdf with thin rectangles for rules": lambda: typeset_pdf.pdf(MODEL, rules="thin", latin=True),
}
# Formats that keep the cells and lose the grid, or the rules that show it.
FLAT = {
    "txt": lambda: typeset.txt(MODEL),
    "txt in GB18030": lambda: typeset.txt(MODEL, "gb18030"),
    "doc by extractous": lambda: typeset.doc(MODEL),
    "pdf with level rules": lambda: typeset_pdf.pdf(MODEL, rules="level"),
    "pdf with three rules": lambda: typeset_pdf.pdf(MODEL, rules="three"),
    "pdf without rules": lambda: typeset_pdf.pdf(MODEL, rules="none"),
}
FORMATS = GRIDS | FLAT
WITHOUT_RULES = ("pdf with level rules", "pdf with three rules", "pdf without rules")
SCAN = {"scan": lambda: typeset_pdf.scan(MODEL)}

NEEDS_OFFICE = {"doc", "rtf", "xls", "doc by extractous"}


@cache
def report(name):
    """The report in a format, read by the pipeline."""
    if name in NEEDS_OFFICE and typeset.office() is None:
        pytest.skip(f"{name} needs {OFFICE}")
    data = (FORMATS | SCAN)[name]()
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if name == "doc by extractous":
            pytest.importorskip(
                "extractous", reason="needs the extra `doc`: pip install extractous"
            )
            patch.setattr(legacy, "office", lambda: None)
        (Path(folder) / "report").write_bytes(data)
        ((source,), _) = sources.find(Path(folder))
        return pipeline.read_report(source, DEFINITIONS)


def stated(name):
    """What the mentions of a format say, and how often."""
    return Counter(
        (m.indicator, m.scenario, m.population, m.year, m.value.normalize(), m.subject, m.unit)
        for m in report(name).mentions
    )


EXPECTED = Counter(
    (
        e.indicator,
        e.scenario,
        e.population,
        e.year,
        Decimal(e.value).normalize(),
        e.subject,
        DEFINITIONS.indicators[e.indicator].unit,
    )
    for e in MENTIONS
)


def difference(found, wanted):
    return {"missing": dict(wanted - found), "extra": dict(found - wanted)}


NOTHING = {"missing": {}, "extra": {}}


def test_the_report_gives_the_mentions_expected():
    assert difference(stated("docx"), EXPECTED) == NOTHING


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_mentions(name):
    assert difference(stated(name), stated("docx")) == NOTHING


@pytest.mark.skipif(not scan.available(), reason="needs pip install rapidocr onnxruntime")
def test_a_scan_gives_nearly_all_mentions_and_none_wrong():
    found = stated("scan")
    assert difference(found, EXPECTED)["extra"] == {}
    assert found.total() >= 0.95 * EXPECTED.total()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_whose_report_it_is_without_complaint(name):
    identity = report(name).identity
    assert (identity.county, identity.year) == ("祁门县", 2023)
    assert identity.reporting_unit == "祁门县医疗保障局"
    assert [issue for issue in report(name).issues if issue.severity != "info"] == []


@pytest.mark.parametrize("name", FORMATS)
def test_every_mention_slices_back_to_its_quote_and_has_its_place(name):
    document = report(name).document
    assert document.text == fold(document.text)
    for mention in report(name).mentions:
        assert document.text[mention.start : mention.end] == mention.quote
        if document.reader not in ("text", "extractous"):
            assert any(p.start <= mention.start < p.end for p in document.places)


# --- fidelity ------------------------------------------------------------------------------


def words(text):
    """A text as it has to come back; where lines break is the format's own affair."""
    return re.sub(r"\s", "", fold(text))


def grids(document):
    """(row, column, columns, rows, words) of every cell of every table."""
    return [
        [
            (c.row, c.column, c.columns, c.rows, words(document.text[c.start : c.end]))
            for c in sorted(block.cells, key=lambda c: (c.row, c.column))
        ]
        for block in document.blocks
        if block.kind == "table"
    ]


@pytest.mark.parametrize("name", GRIDS)
def test_every_cell_comes_back_exactly_where_it_stood(name):
    expected = [
        [(c.row, c.column, c.columns, c.rows, words(c.text)) for c in typeset.placed(rows)]
        for rows in typeset.tables(MODEL)
    ]
    assert grids(report(name).document) == expected
    assert not any(block.ragged for block in report(name).document.blocks)


@pytest.mark.parametrize("name", FORMATS)
def test_every_paragraph_and_heading_comes_back_exactly(name):
    document = report(name).document
    found = [words(document.text[b.start : b.end]) for b in document.blocks if b.kind != "table"]
    assert found == [words(block[-1]) for block in MODEL if block[0] != "table"]


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in WITHOUT_RULES])
def test_every_cell_comes_back_in_order(name):
    found = [[cell[-1] for cell in grid if cell[-1]] for grid in grids(report(name).document)]
    expected = [
        [words(c.text) for c in typeset.placed(rows) if c.text] for rows in typeset.tables(MODEL)
    ]
    assert found == expected


@pytest.mark.parametrize("name", WITHOUT_RULES)
def test_every_figure_of_a_page_without_rules_comes_back(name):
    """Which row a cell in the middle of several belongs to is not to be seen there."""
    figures = re.compile(r"\d[\d,]*(?:\.\d+)?%?")
    expected = Counter(
        figure
        for kind, *rest in MODEL
        for piece in ([c.text for c in typeset.placed(rest[0])] if kind == "table" else rest[-1:])
        for figure in figures.findall(fold(piece))
    )
    assert Counter(figures.findall(report(name).document.text)) == expected
