"""The data dictionary is what the code would write today, and misses no column and no id."""

import ast
import csv
import importlib.util
import re
from pathlib import Path

import pytest

from ingest.codebook import loading
from ingest.documents.readers import READERS
from ingest.identifying import identify
from ingest.output.tables import TABLES
from ingest.reviewing import coverage, review
from xianbi import data, labels

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location(
    "data_dictionary", ROOT / "tools" / "data_dictionary.py"
)
assert SPEC
assert SPEC.loader
dictionary = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(dictionary)
SAID = dictionary.sayings()
BOOK = loading.load().indicators
every_language = pytest.mark.parametrize("lang", dictionary.PAGES)
TYPES = {"integer": r"-?\d+", "number": r"-?\d+(\.\d+)?", "string": r".+"}


@every_language
def test_the_page_is_what_the_code_would_write(lang):
    path = ROOT / dictionary.PAGES[lang]
    assert path.read_text(encoding="utf-8") == dictionary.page(lang), (
        f"{dictionary.PAGES[lang]} is stale: run `python tools/data_dictionary.py` and look at its diff"
    )


@every_language
def test_every_column_and_every_indicator_has_its_row(lang):
    sections = re.split(r"^##+ ", dictionary.page(lang), flags=re.MULTILINE)
    for table in TABLES:
        (section,) = [s for s in sections if s.startswith(f"`{table.name}.csv`")]
        rows = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        assert rows == [column.name for column in table.columns]
    for one in BOOK.values():
        assert f"| `{one.indicator}` | {one.name_zh} |" in dictionary.page(lang)


@every_language
def test_no_cell_of_meaning_is_empty_and_every_link_leads_somewhere(lang):
    page = dictionary.page(lang)
    titles = re.findall(r"^##+ (.*)$", page, re.MULTILINE)
    anchors = {re.sub(r"[`.]", "", title).lower().replace(" ", "-") for title in titles}
    assert set(re.findall(r"\]\(#([^)]*)\)", page)) <= anchors
    for row in re.findall(r"^\| `.*$", page, re.MULTILINE):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        meaning = {2: 1, 3: 2, 6: 4, 8: 4}[len(cells)]  # ids, named ids, columns, indicators
        assert cells[meaning], row
        assert len(cells) != 3 or cells[1], row


def test_examples_are_of_their_column_s_type_and_among_its_ids():
    for table in TABLES:
        for column in table.columns:
            said = dictionary.entry(SAID, table, column)
            assert re.fullmatch(TYPES[column.type], said["example"]), (table.name, column.name)
            assert said["zh"]
            if kind := said.get("values"):
                known = BOOK if kind == "indicator" else SAID["values"][kind]
                assert said["example"] in known, (table.name, column.name)


def test_nothing_is_said_of_what_is_no_column_or_indicator():
    used = set()
    for table in TABLES:
        for column in table.columns:
            own = f"{table.name}.{column.name}"
            used.add(own if own in SAID["columns"] else column.name)
    assert set(SAID["columns"]) == used
    assert list(SAID["tables"]) == [table.name for table in TABLES]
    assert list(SAID["indicators"]) == list(BOOK)


def test_a_column_without_a_meaning_is_named():
    said = SAID | {"columns": {}}
    with pytest.raises(LookupError, match=r"nothing on the column documents\.document; add a line"):
        dictionary.entry(said, TABLES[0], TABLES[0].columns[0])


def test_the_ids_are_those_of_the_code():
    ids = {kind: list(values) for kind, values in SAID["values"].items()}
    assert ids["scenario"] == list(labels.SCENARIOS)
    assert ids["population"] == [name for name in labels.POPULATIONS if name]
    assert ids["basis"] == [name for name in labels.BASES if name]
    assert set(ids["status"]) == set(labels.STATUSES) - {"target_only", "absent"}
    assert set(ids["check"]) == set(labels.KINDS)
    assert set(ids["verdict"]) <= set(labels.VERDICTS)
    assert ids["comparator"] == list(labels.COMPARATORS)
    assert ids["family"] == list(labels.FAMILIES)
    assert ids["state"] == list(coverage.STATES)
    assert ids["question"] == list(review.KINDS)
    assert ids["report_type"] == [name for name, _ in identify.REPORT_TYPES]
    assert set(ids["unit"]) == {one.unit for one in BOOK.values()}
    assert set(ids["measure"]) == {one.kind for one in BOOK.values()}
    named = {name for reader in READERS for name in reader.name.split(", ")}
    assert named - {"jpg", "png", "tif", "wps"} <= set(ids["format"])


def literals(name, place):
    """The texts that the code passes as argument number `place` of a record called `name`."""
    for path in (ROOT / "src" / "ingest").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                given = node.args[place : place + 1]
                yield from (a.value for a in given if isinstance(a, ast.Constant))


def test_every_kind_of_issue_that_the_code_raises_is_explained():
    raised = set(literals("Issue", 2))
    kinds = set(SAID["values"]["issue"])
    assert len(raised) > 20
    assert raised <= kinds, (
        f"say what {', '.join(sorted(raised - kinds))} is under [values.issue] of "
        "tools/data_dictionary.toml, then run `python tools/data_dictionary.py`"
    )
    code = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "src" / "ingest").rglob("*.py")
    )
    assert [kind for kind in kinds if f'"{kind}"' not in code] == []
    assert set(literals("Issue", 1)) <= set(SAID["values"]["severity"])


def test_the_tables_of_the_samples_hold_no_other_ids():
    for table in TABLES:
        path = ROOT / "data" / "processed" / f"{table.name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for column in table.columns:
            kind = dictionary.entry(SAID, table, column).get("values")
            if kind:
                known = set(BOOK if kind == "indicator" else SAID["values"][kind]) | {""}
                assert {row[column.name] for row in rows} <= known, (table.name, column.name)


def test_both_readmes_lead_to_it():
    for name, lang in (("README.md", "en"), ("README.zh-CN.md", "zh")):
        assert f"]({dictionary.PAGES[lang]})" in (ROOT / name).read_text(encoding="utf-8")


def test_xianbi_reads_no_column_that_is_not_in_it():
    columns = {table.name: {column.name for column in table.columns} for table in TABLES}
    for name, read in data.COLUMNS.items():
        assert set(read) <= columns[name]
