"""Records → files: CSV for programs, one workbook for people, and a description of every column.

The same records give the same bytes: rows are sorted, nothing carries a date or a path of this
machine. All files are written aside first and put in place together at the end.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from importlib import metadata
from itertools import islice
from pathlib import Path

from ingest.codebook.model import Codebook
from ingest.judging.agreement import comparable_key
from ingest.output import commit, workbook
from ingest.output import parquet as parquet_files
from ingest.output.rows import Rows, gathering
from ingest.printed import plain
from ingest.records import Document, Finding, Identity, Issue, Mention, Observation, Source

Row = dict[str, object]
WORKBOOK = "xianbi.xlsx"
DESCRIPTION = "datapackage.json"
PARQUET = "parquet"
"""The folder of datasets; one for each table that grows with the number of reports."""

IN_PARQUET = ("mentions", "observations")
PARTED_BY = ("province", "year")
SEPARATOR = "|"
"""Stands between the items of a cell that holds several (mention ids, other names)."""

_ROWS_OF_A_SHEET = 1_000_000
# What a spreadsheet takes for the start of a formula, full-width forms included.
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
# A lone sign, a signed number and a comparator are harmless, and programs look for them.
_HARMLESS = re.compile(r"[=+\-—]+|[+-]?\d[\d,]*(\.\d+)?[%‰]?")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Column:
    """A column: its name, its type in a Table Schema, what it means, and its width for people."""

    name: str
    type: str
    description: str
    width: int = 12


@dataclass(frozen=True)
class Table:
    """One file: what a row is, its columns in order, and the columns it is sorted by.

    `order` is what rows are sorted by where that is no column; their first column numbers them.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    sorted_by: tuple[str, ...]
    primary_key: tuple[str, ...] = ()
    order: str = ""


def _place(*more: Column) -> tuple[Column, ...]:
    return (
        Column("county_code", "string", "Six digits of GB/T 2260; text, not a number", 12),
        *more,
        Column("county", "string", "County, district or county-level city", 12),
    )


_REGION = (
    Column("province", "string", "Province, autonomous region or municipality", 16),
    Column("city", "string", "Prefecture-level city; empty where there is none between", 12),
)
_UNIT = Column("reporting_unit", "string", "The office that reports, as the report names it", 24)
_DOCUMENT = Column("document", "string", "The report file: its path below the raw folder", 32)
_INDICATOR = Column("indicator", "string", "Id of the indicator; codebook.csv explains it", 28)
_POPULATION = Column(
    "population",
    "string",
    "Who is counted: all, residents, employees, a hardship group; staff or public for "
    "satisfaction; a part of the office for posts; empty for indicators without",
    16,
)
_SUBJECT = Column(
    "subject", "string", "部门整体, or the project or fund that the figure belongs to", 20
)
_SCENARIO = Column(
    "scenario", "string", "actual, target, initial_budget, adjusted_budget or budget", 14
)
_MENTION_IDS = Column(
    "mention_ids",
    "string",
    f"Rows of mentions.csv that it rests on, the decisive one first, parted by {SEPARATOR}",
    20,
)
_BASIS = Column(
    "basis",
    "string",
    "The denominator of a rate: initial_budget, adjusted_budget, available_funds, budget (the "
    "report only says 预算), unstated; empty where there is but one",
    16,
)

TABLES = (
    Table(
        "documents",
        "a report file",
        (
            _DOCUMENT,
            Column("sha256", "string", "Fingerprint of the file's bytes", 20),
            Column("format", "string", "Format found in the file, whatever its suffix says", 10),
            Column("reader", "string", "The reader used", 14),
            Column("pages", "integer", "Pages; empty for formats without", 8),
            Column("characters", "integer", "Length of the text read", 10),
            *_place(*_REGION),
            _UNIT,
            Column("year", "integer", "The year reported on", 8),
            Column("report_type", "string", "What kind of report it is", 24),
            Column("mentions", "integer", "Rows in mentions.csv", 10),
            Column("issues", "integer", "Rows in issues.csv", 8),
            Column("blank_pages", "integer", "Pages without usable text", 10),
        ),
        ("document",),
        ("document",),
    ),
    Table(
        "mentions",
        "a place that states a figure",
        (
            Column("mention_id", "string", "Ten digits of the file's fingerprint and a number", 16),
            _DOCUMENT,
            Column("page", "integer", "Page; empty for formats without", 8),
            Column("block", "integer", "Heading, paragraph or table of the document, from 0", 8),
            Column("start", "integer", "Where the quote starts in the text, in characters", 8),
            Column("end", "integer", "Where it ends; text[start:end] is the quote", 8),
            Column("quote", "string", "The passage that states the figure", 48),
            Column("layout", "string", "prose or table", 8),
            _INDICATOR,
            _SCENARIO,
            _POPULATION,
            _SUBJECT,
            _BASIS,
            Column("year", "integer", "The year the figure is about", 8),
            Column("period", "string", "That year, or a part of it (2025-01/2025-03)", 16),
            Column("comparator", "string", "=, >=, <=, >, < or ~", 12),
            Column("value", "number", "The figure in `unit`, exact", 14),
            Column("unit", "string", "The codebook's unit: 万元, %, 人 or 分", 8),
            Column(
                "decimals",
                "integer",
                "Digits printed after the point, counted in `unit` (-2: exact to hundreds)",
                10,
            ),
            Column("printed", "string", "The figure as it stands in the report", 14),
            Column("rule", "string", "The rule that read it", 20),
            Column("settled", "string", "The words that decided each dimension", 40),
            Column("review", "string", "Why a person should look first; empty if nothing is", 32),
        ),
        ("mention_id", "document"),
        ("mention_id",),
    ),
    Table(
        "observations",
        "a key: county, year, indicator, scenario, population, subject, basis",
        (
            *_place(*_REGION),
            _UNIT,
            Column("year", "integer", "The year the figure is about", 8),
            _INDICATOR,
            _SCENARIO,
            _POPULATION,
            _SUBJECT,
            _BASIS,
            Column("value", "number", "The figure in `unit`; empty if undefined", 14),
            Column("unit", "string", "万元, %, 人 or 分", 8),
            Column("comparator", "string", "=, or >=, <=, >, <, ~ for a bound", 12),
            Column(
                "status",
                "string",
                "reported; derived (computed from printed parts); conflicting (other values are "
                "printed too, see note); bound (以上 and the like on an actual); undefined (0 of 0)",
                12,
            ),
            _DOCUMENT,
            _MENTION_IDS,
            Column("note", "string", "Other values, formulas, what to look at, corrections", 48),
            Column(
                "comparable_key",
                "string",
                f"indicator, basis, scope and population, parted by {SEPARATOR}: only rows with the "
                "same key belong on one axis; empty if the basis is unstated (comparable with none)",
                32,
            ),
        ),
        (
            "county_code",
            "year",
            "indicator",
            "scenario",
            "population",
            "subject",
            "basis",
            "document",
        ),
    ),
    Table(
        "audit",
        "a check done",
        (
            _DOCUMENT,
            *_place(),
            Column("year", "integer", "The year the figures are about", 8),
            _INDICATOR,
            _POPULATION,
            _SUBJECT,
            _BASIS,
            Column(
                "kind",
                "string",
                "rate, sum, bounds, unit (a unit not printed, or 元 for 万元), prose_vs_table, "
                "prose_vs_prose, table_vs_table, prior_year (against last year's report) or "
                "report_vs_report (of one county and year)",
                16,
            ),
            Column("reported", "number", "What the report prints; in prose if it prints two", 12),
            Column(
                "recomputed",
                "number",
                "What its parts give; what its table, or the other place, prints",
                12,
            ),
            Column("formula", "string", "The arithmetic in numbers, and which were chosen", 48),
            Column(
                "verdict",
                "string",
                "agree (at the digits printed), disagree, undefined, or derived (not printed)",
                12,
            ),
            _MENTION_IDS,
            Column(
                "quotes",
                "string",
                f"What those places say, in the same order, parted by {SEPARATOR}",
                48,
            ),
        ),
        (
            "document",
            "year",
            "indicator",
            "population",
            "subject",
            "basis",
            "kind",
            "formula",
            "mention_ids",
        ),
    ),
    Table(
        "issues",
        "a thing to look at",
        (
            _DOCUMENT,
            Column("severity", "string", "error (could not be read), warning or info", 10),
            Column("kind", "string", "A short word for its kind", 20),
            Column("where", "string", "Where in the report", 24),
            Column("message", "string", "What was found", 60),
            Column("action", "string", "What to do next", 60),
        ),
        ("document", "severity", "kind", "where", "message", "action"),
    ),
    Table(
        "coverage",
        "an indicator of the four families in a report: what there is of it for the report's year",
        (
            _DOCUMENT,
            *_place(),
            Column("year", "integer", "The year the report is about", 8),
            Column("family", "string", "Family of the indicator", 16),
            _INDICATOR,
            Column(
                "state",
                "string",
                "reported; derived; undefined (0 of 0); target_only (goals or budgets only); "
                "part_only (of one project or fund only); refused (found, and not taken); "
                "none_stated (无 or a dash); template_blank (the form was not filled in); "
                "qualitative (told in words); named_only (named, and nothing said of it); "
                "unreadable (the file, or some of its pages); "
                "not_mentioned",
                16,
            ),
            Column("page", "integer", "Page of the passage; empty for formats without", 8),
            Column("quote", "string", "The passage that decides it, where there is no figure", 48),
            Column("reason", "string", "Why there is none, where the state alone does not say", 40),
        ),
        ("document", "family", "indicator"),
        ("document", "indicator"),
    ),
    Table(
        "review",
        "a question for a person, what matters most first",
        (
            Column("rank", "integer", "1 is looked at first", 6),
            Column(
                "kind",
                "string",
                "conflict (two values), rate, unit, bounds, sum (what the audit refutes), doubt "
                "(could be read otherwise), refused (found, and not taken)",
                12,
            ),
            _DOCUMENT,
            *_place(),
            Column("year", "integer", "The year the figure is about", 8),
            Column("family", "string", "Family of the indicator", 16),
            _INDICATOR,
            _SCENARIO,
            _POPULATION,
            _SUBJECT,
            _BASIS,
            Column("question", "string", "What is to be decided", 48),
            Column(
                "readings",
                "string",
                f"The values in question and where they stand, parted by {SEPARATOR}",
                48,
            ),
            Column("page", "integer", "Page of the first passage; empty without pages", 8),
            Column("quotes", "string", f"The passages, parted by {SEPARATOR}", 48),
            Column(
                "correction",
                "string",
                "An entry for corrections.toml that settles it, once its reason is written",
                60,
            ),
        ),
        (),
        ("rank",),
        "order",
    ),
    Table(
        "codebook",
        "an indicator",
        (
            Column("indicator", "string", "Id of the indicator", 32),
            Column("family", "string", "Family of the indicator", 16),
            Column("name_zh", "string", "Its name in Chinese", 24),
            Column("kind", "string", "amount, rate, count or score", 10),
            Column("unit", "string", "The unit of its values", 8),
            Column("definition", "string", "What it measures", 60),
            Column("numerator", "string", "Numerator of a rate: indicator/scenario", 28),
            Column("denominator", "string", "Denominator of a rate: indicator/scenario", 28),
            Column("dimensions", "string", f"Dimensions it varies by, parted by {SEPARATOR}", 20),
            Column("also_called", "string", f"Other names in reports, parted by {SEPARATOR}", 40),
            Column("lowest", "number", "Values below are not believed", 10),
            Column("highest", "number", "Values above are not believed", 10),
        ),
        (),
        ("indicator",),
    ),
)

_BY_NAME = {table.name: table for table in TABLES}


# --- records → rows ------------------------------------------------------------------------------


def document_row(
    source: Source, document: Document | None, identity: Identity, mentions: int, issues: int
) -> Row:
    """The row of documents.csv; `document` is None for a file that could not be read."""
    return {
        "document": source.document,
        "sha256": source.sha256,
        "format": document.format if document else "",
        "reader": document.reader if document else "",
        "pages": document.pages if document else None,
        "characters": len(document.text) if document else 0,
        "county_code": identity.county_code,
        "province": identity.province,
        "city": identity.city,
        "county": identity.county,
        "reporting_unit": identity.reporting_unit,
        "year": identity.year,
        "report_type": identity.report_type,
        "mentions": mentions,
        "issues": issues,
        "blank_pages": document.blank_pages if document and document.pages is not None else None,
    }


def record_row(record: Mention | Observation | Finding | Issue) -> Row:
    """The row of a record whose fields are the columns of its table."""
    row: Row = dict(record.__dict__)
    if isinstance(record, Mention):
        row["settled"] = tuple(f"{dimension}: {words}" for dimension, words in record.settled)
    elif isinstance(record, Observation):
        row["comparable_key"] = comparable_key(record)
    return row


def texts_of(record: Mention | Finding) -> dict[str, str]:
    """The row of a record as texts, which scores compare with a truth from a file."""
    return {name: as_text(value) for name, value in record_row(record).items()}


def finding_row(finding: Finding, mentions: Mapping[str, Mention]) -> Row:
    """The row of a finding, with the quotes of the mentions (by their ids) that it rests on."""
    row = record_row(finding)
    quotes = (mentions[name].quote for name in finding.mention_ids if name in mentions)
    row["quotes"] = tuple(" ".join(quote.split()) for quote in quotes)
    return row


def mention_rows(mentions: Iterable[Mention], identities: Mapping[str, Identity]) -> Iterator[Row]:
    """The rows of mentions, with the province of the report that each stands in."""
    for mention in mentions:
        yield record_row(mention) | {"province": identities[mention.document].province}


def finding_rows(findings: Iterable[Finding], mentions: Iterable[Mention]) -> Iterator[Row]:
    """The rows of findings, with the quotes of those of these mentions that each rests on."""
    by_id = {mention.mention_id: mention for mention in mentions}
    return (finding_row(finding, by_id) for finding in findings)


def codebook_rows(codebook: Codebook) -> list[Row]:
    """The rows of codebook.csv, in the codebook's order."""
    return [dict(indicator.__dict__) for indicator in codebook.indicators.values()]


def as_text(value: object) -> str:
    """A value as it stands in a CSV cell, before it is made safe for spreadsheets.

    >>> as_text(Decimal("2441.60")), as_text(None), as_text(("a-1", "a-2"))
    ('2441.60', '', 'a-1|a-2')
    """
    if isinstance(value, str):
        return value if value.isprintable() else _UNWRITABLE.sub("\ufffd", value)
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return SEPARATOR.join(str(item) for item in value)
    return _UNWRITABLE.sub("\ufffd", str(value))


def safe(text: str) -> str:
    """Keeps a spreadsheet from running a cell: what looks like a formula gets a leading '.

    Numbers, comparators and lone signs stay as they are.

    >>> safe("=1+1"), safe("-5.2%"), safe(">="), safe("="), safe("@SUM(A1)")
    ("'=1+1", '-5.2%', '>=', '=', "'@SUM(A1)")
    """
    if text[:1] in _FORMULA and not _HARMLESS.fullmatch(text):
        return "'" + text
    return text


# --- rows → files --------------------------------------------------------------------------------


class Sink:
    """Takes the rows of all tables, in any order; what it holds is on disk, not in memory."""

    def __init__(self, rows: Rows, scratch: Path) -> None:
        self._rows = rows
        self.scratch = scratch
        """A folder on the disk of the tables that lives as long as the sink."""
        self.written: Counter[str] = Counter()
        """How many rows each table has been given."""

    def add(self, name: str, rows: Iterable[Sequence[str]]) -> None:
        """Adds rows, as `texts` gives them, to the table of that name."""
        self.written[name] += self._rows.add(name, rows)


def texts(name: str, rows: Iterable[Row]) -> list[list[str]]:
    """The rows of the table of that name as the texts of their cells, and what they are sorted by.

    >>> texts("issues", [{"document": "a.pdf", "severity": "info", "kind": "pages"}])
    [['a.pdf', 'info', 'pages', '', '', '']]
    """
    table = _BY_NAME[name]
    own = [column.name for column in table.columns]
    further = _kept(table)[len(own) :]
    return [
        # Most cells by far are empty, or texts that stand as they are.
        [
            ""
            if value is None
            else value
            if type(value) is str and value.isprintable()
            else as_text(value)
            for value in map(row.get, own)
        ]
        + [str(row.get(c) or "") for c in further]
        for row in rows
    ]


def write(out: Path, rows: Mapping[str, Iterable[Row]], parquet: bool = False) -> list[Path]:
    """Writes every table into the folder `out`, and returns the files.

    `rows` gives the rows of each table by its name. See `writing`.
    """
    with writing(out, parquet) as sink:
        for name, given in rows.items():
            sink.add(name, texts(name, given))
    return [path for path in _files_of(out) if path.is_file()]


@contextmanager
def writing(out: Path, parquet: bool = False) -> Iterator[Sink]:
    """Takes rows, and writes every table into the folder `out` when all are there.

    `parquet` adds mentions and observations as a dataset for large sets, which otherwise is
    removed: all files of a folder are of one build. Nothing in `out` changes before all files are
    complete; raises OSError if they cannot be written, and leaves the former ones then, as it does
    when the block ends with an exception. Raises commit.BusyError while another build writes there.
    """
    is_new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    try:
        with commit.alone_in(out):
            aside = Path(tempfile.mkdtemp(prefix=commit.ASIDE, dir=out))
            try:
                kept = {table.name: _kept(table) for table in TABLES}
                with gathering(aside / "rows", kept) as rows:
                    yield Sink(rows, aside)
                    (aside / "tables").mkdir()
                    _write_all(aside / "tables", rows, parquet)
                if not parquet and (out / PARQUET).is_dir():
                    (aside / "tables" / PARQUET).mkdir()
                commit.put_in_place(aside / "tables", out)
                is_new = False
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    finally:
        if is_new:
            with suppress(OSError):
                out.rmdir()


def _write_all(folder: Path, rows: Rows, parquet: bool) -> None:
    sheets, written = [], []
    for table in TABLES:
        headings = [workbook.Heading(c.name, c.type == "string", c.width) for c in table.columns]
        coming = _into_csv(folder / f"{table.name}.csv", table, _sorted(table, rows))
        written.append(coming)
        for part in range(max(1, -(-rows.count(table.name) // _ROWS_OF_A_SHEET))):
            name = table.name + (f"_{part + 1}" if part else "")
            sheets.append(workbook.Sheet(name, headings, islice(coming, _ROWS_OF_A_SHEET)))
    workbook.write(folder / WORKBOOK, sheets)
    for coming in written:
        # Nobody has asked for the end of a table that fills its last sheet to the last row.
        next(coming, None)
    (folder / DESCRIPTION).write_text(_description(), encoding="utf-8", newline="\n")
    if parquet:
        for name in IN_PARQUET:
            _write_parquet(folder / PARQUET / name, _BY_NAME[name], rows)


def _files_of(out: Path) -> list[Path]:
    named = (*(f"{table.name}.csv" for table in TABLES), WORKBOOK, DESCRIPTION)
    return [*sorted(out / name for name in named), *sorted((out / PARQUET).rglob("*.parquet"))]


def fingerprints(out: Path) -> dict[str, str]:
    """The sha256 of every file that `write` has written to `out`; raises OSError if one is gone."""
    found = {}
    for path in _files_of(out):
        with path.open("rb") as file:
            found[path.relative_to(out).as_posix()] = hashlib.file_digest(
                file, "sha256"
            ).hexdigest()
    return found


def versions() -> list[str]:
    """The versions of what shapes the bytes of the files."""
    return [
        sys.version,
        zlib.ZLIB_RUNTIME_VERSION,
        metadata.version("openpyxl"),
        parquet_files.version(),
    ]


def _kept(table: Table) -> list[str]:
    """The columns of a table while it is gathered: its own, and what it is sorted or parted by."""
    names = [column.name for column in table.columns]
    if table.order:
        names.append(table.order)
    if table.name in IN_PARQUET:
        names += [name for name in PARTED_BY if name not in names]
    return names


def _sorted(table: Table, rows: Rows) -> Iterator[tuple[str, ...]]:
    names = [column.name for column in table.columns]
    if not table.order:
        return rows.sorted(table.name, names, table.sorted_by)
    ranked = enumerate(rows.sorted(table.name, names[1:], (table.order,)), start=1)
    return ((str(rank), *row) for rank, row in ranked)


def _into_csv(
    path: Path, table: Table, rows: Iterable[tuple[str, ...]]
) -> Iterator[tuple[str, ...]]:
    """Writes rows into a file on their way to the workbook, so that they are sorted only once."""
    texts = [column.type == "string" for column in table.columns]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(column.name for column in table.columns)
        for row in rows:
            writer.writerow(
                [
                    safe(text) if is_text and text and text[0] in _FORMULA else text
                    for text, is_text in zip(row, texts, strict=True)
                ]
            )
            yield row


def _write_parquet(folder: Path, table: Table, rows: Rows) -> None:
    fields = [parquet_files.Field(c.name, c.type) for c in table.columns if c.name not in PARTED_BY]
    names = [*PARTED_BY, *(field.name for field in fields)]
    parquet_files.write(
        folder, fields, rows.sorted(table.name, names, (*PARTED_BY, *table.sorted_by))
    )


def _description() -> str:
    """datapackage.json: the tables as a Frictionless data package with a Table Schema each."""
    resources = []
    for table in TABLES:
        schema: dict[str, object] = {
            "fields": [
                {"name": c.name, "type": c.type, "description": c.description}
                for c in table.columns
            ],
            "missingValues": [""],
        }
        if table.primary_key:
            schema["primaryKey"] = list(table.primary_key)
        resources.append(
            {
                "name": table.name,
                "path": f"{table.name}.csv",
                "profile": "tabular-data-resource",
                "description": f"One row is {table.row}.",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {"lineTerminator": "\n"},
                "schema": schema,
            }
        )
    package = {
        "name": "xianbi",
        "title": "县比: county medical-security self-evaluation reports as tidy, audited tables",
        "profile": "tabular-data-package",
        "description": "A text cell that a spreadsheet would run as a formula starts with an "
        "apostrophe. Numbers carry the digits that were printed.",
        "resources": resources,
    }
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"
