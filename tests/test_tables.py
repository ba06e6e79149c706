"""Tables: exact columns, exact values, the same bytes every time, and cells that cannot bite."""

import csv
import json
import os
import re
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from handmade import DEFINITIONS, IDENTITY, mention

from ingest.judging import audit
from ingest.output import commit, tables
from ingest.records import Document, Issue, Observation, Source

CONTRACT = {
    "documents": "document sha256 format reader pages characters county_code province city county "
    "reporting_unit year report_type mentions issues",
    "mentions": "mention_id document page block start end quote layout indicator scenario "
    "population subject basis year period comparator value unit decimals printed rule",
    "observations": "county_code province city county reporting_unit year indicator scenario "
    "population subject basis value unit comparator status document mention_ids note comparable_key",
    "audit": "document county_code county year indicator population subject basis kind reported "
    "recomputed formula verdict mention_ids quotes",
    "issues": "document severity kind where message action",
    "coverage": "document county_code county year family indicator state page quote reason",
    "review": "rank kind document county_code county year family indicator scenario population "
    "subject basis question readings page quotes correction",
    "codebook": "indicator family name_zh kind unit definition",
}
SOURCE = Source("hunan/beita.txt", "/somewhere/hunan/beita.txt", "ab" * 32, 10)
DOCUMENT = Document(SOURCE, "text", "text", "北塔区", ())


def observation(**given):
    fields = {
        "county_code": "130127",
        "province": "河北省",
        "city": "石家庄市",
        "county": "高邑县",
        "reporting_unit": "高邑县医疗保障局",
        "year": 2024,
        "indicator": "expenditure",
        "scenario": "actual",
        "population": "",
        "subject": "部门整体",
        "basis": "",
        "value": Decimal("2406.01"),
        "unit": "万元",
        "comparator": "=",
        "status": "reported",
        "document": "gaoyi.txt",
        "mention_ids": ("a-0001", "a-0002"),
    }
    return Observation(**(fields | given))


def rows_of(**named):
    made = {
        "documents": [tables.document_row(SOURCE, DOCUMENT, IDENTITY, 2, 1)],
        "codebook": tables.codebook_rows(DEFINITIONS),
    }
    return made | {name: map(tables.record_row, records) for name, records in named.items()}


def read(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", CONTRACT)
def test_the_columns_are_those_of_the_contract_and_more_may_follow(tmp_path, name):
    tables.write(tmp_path, rows_of())
    header = (tmp_path / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    promised = CONTRACT[name].split()
    assert header[: len(promised)] == promised


def test_rows_hold_the_records_exactly(tmp_path):
    figure = mention(
        "participation_rate",
        "95.930",
        quote="参保率\t95.930%",
        settled=(("scenario", "实际完成值"), ("population", "全区")),
        review="two readings are open",
    )
    tables.write(tmp_path, rows_of(mentions=[figure], observations=[observation()]))
    (row,) = read(tmp_path, "mentions")
    assert row["quote"] == "参保率\t95.930%"
    assert (row["value"], row["decimals"], row["year"], row["page"]) == ("95.930", "3", "2023", "")
    assert row["settled"] == "scenario: 实际完成值|population: 全区"
    assert row["review"] == "two readings are open"
    (row,) = read(tmp_path, "observations")
    assert (row["county_code"], row["value"], row["mention_ids"]) == (
        "130127",
        "2406.01",
        "a-0001|a-0002",
    )
    (row,) = read(tmp_path, "documents")
    assert (row["document"], row["characters"], row["county"], row["pages"]) == (
        "hunan/beita.txt",
        "3",
        "北塔区",
        "",
    )
    assert [r["indicator"] for r in read(tmp_path, "codebook")] == list(DEFINITIONS.indicators)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("808700"), "808700"),
        (Decimal("8.087E+5"), "808700"),
        (Decimal("11155.30"), "11155.30"),
        (Decimal("0.0000"), "0"),
        (Decimal("-0"), "0"),
        (Decimal("1E-7"), "0.0000001"),
        (None, ""),
        (130.0, "130"),
    ],
)
def test_numbers_are_written_plainly_with_the_digits_they_have(value, text):
    assert tables.as_text(value) == text


def test_csv_is_utf8_without_mark_and_with_line_feeds(tmp_path):
    tables.write(tmp_path, rows_of(observations=[observation()]))
    for path in tmp_path.glob("*.csv"):
        raw = path.read_bytes()
        assert not raw.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in raw
        assert raw.endswith(b"\n")


def test_rows_are_sorted_by_key_whatever_order_they_come_in(tmp_path):
    given = [
        observation(county_code="430511"),
        observation(year=2023),
        observation(indicator="basic_expenditure"),
        observation(scenario="budget"),
    ]
    tables.write(tmp_path / "a", rows_of(observations=given))
    tables.write(tmp_path / "b", rows_of(observations=given[::-1]))
    assert (tmp_path / "a/observations.csv").read_bytes() == (
        tmp_path / "b/observations.csv"
    ).read_bytes()
    keys = [(r["county_code"], r["year"]) for r in read(tmp_path / "a", "observations")]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({}, "expenditure||department|"),
        ({"subject": "城乡医疗救助"}, "expenditure||城乡医疗救助|"),
        (
            {"indicator": "budget_execution_rate", "basis": "initial_budget"},
            "budget_execution_rate|initial_budget|department|",
        ),
        ({"indicator": "budget_execution_rate", "basis": "unstated"}, ""),
        (
            {"indicator": "participation_rate", "population": "residents"},
            "participation_rate||department|residents",
        ),
    ],
)
def test_only_figures_of_one_indicator_basis_scope_and_population_are_comparable(given, key):
    assert tables.record_row(observation(**given))["comparable_key"] == key


def test_a_check_shows_what_the_places_say():
    one = mention("self_evaluation_score", "97", quote="综合\n得分97分")
    two = mention("self_evaluation_score", "94.5", layout="table", quote="总分 100 94.5")
    (found,) = audit.findings([one, two], IDENTITY, DEFINITIONS)
    row = tables.finding_row(found, {m.mention_id: m for m in (one, two)})
    assert row["quotes"] == ("综合 得分97分", "总分 100 94.5")


# --- cells that a spreadsheet would run ---


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\n=1", '=HYPERLINK("x")', "＝1+1"]
)
def test_text_that_looks_like_a_formula_is_kept_from_running(tmp_path, text):
    issue = Issue(text, "warning", "no_figure", "", "", "")
    tables.write(tmp_path, rows_of(issues=[issue]))
    assert read(tmp_path, "issues")[0]["document"] == "'" + text
    book = openpyxl.load_workbook(tmp_path / tables.WORKBOOK)
    cell = book["issues"]["A2"]
    assert (cell.data_type, cell.value) == ("s", text)


@pytest.mark.parametrize(
    "text", ["=", ">=", "-", "——", "-5.2", "-5.2%", "+3", "1,022.89", "参保率-居民", "", "98%以上"]
)
def test_harmless_text_stays_as_it_is(text):
    assert tables.safe(text) == text


def test_characters_that_no_file_can_hold_are_replaced_one_by_one(tmp_path):
    broken = mention("participation_rate", "95", quote="参\x00保\x07率\ud800")
    tables.write(tmp_path, rows_of(mentions=[broken]))
    assert read(tmp_path, "mentions")[0]["quote"] == "参\ufffd保\ufffd率\ufffd"
    book = openpyxl.load_workbook(tmp_path / tables.WORKBOOK)
    assert book["mentions"]["G2"].value == "参\ufffd保\ufffd率\ufffd"


# --- the workbook ---


def test_the_workbook_holds_the_same_rows_with_codes_as_text_and_numbers_as_numbers(tmp_path):
    tables.write(tmp_path, rows_of(observations=[observation()]))
    book = openpyxl.load_workbook(tmp_path / tables.WORKBOOK)
    assert book.sheetnames == [table.name for table in tables.TABLES]
    sheet = book["observations"]
    header = [cell.value for cell in sheet[1]]
    row = dict(zip(header, sheet[2], strict=True))
    assert (row["county_code"].value, row["county_code"].data_type) == ("130127", "s")
    assert (row["value"].value, row["value"].data_type) == (2406.01, "n")
    assert (row["year"].value, row["comparator"].value) == (2024, "=")
    assert (sheet.freeze_panes, sheet["A1"].font.bold) == ("A2", True)
    assert sheet.column_dimensions["A"].width == 12


def test_more_rows_than_a_sheet_holds_go_on_in_another(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_ROWS_OF_A_SHEET", 2)
    given = [observation(year=year) for year in (2021, 2022, 2023)]
    tables.write(tmp_path, rows_of(observations=given))
    book = openpyxl.load_workbook(tmp_path / tables.WORKBOOK)
    assert [book[name].max_row for name in ("observations", "observations_2")] == [3, 2]


def test_rows_that_fill_sheets_to_the_last_are_all_in_the_csv(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_ROWS_OF_A_SHEET", 2)
    given = [observation(year=year) for year in (2020, 2021, 2022, 2023)]
    tables.write(tmp_path, rows_of(observations=given))
    lines = (tmp_path / "observations.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 5
    book = openpyxl.load_workbook(tmp_path / tables.WORKBOOK)
    assert [book[name].max_row for name in ("observations", "observations_2")] == [3, 3]


def test_the_same_rows_give_the_same_bytes(tmp_path):
    given = [observation(), observation(year=2023)]
    tables.write(tmp_path / "a", rows_of(observations=given))
    tables.write(tmp_path / "b", rows_of(observations=given))
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_the_workbook_does_not_tell_when_it_was_written(tmp_path):
    tables.write(tmp_path, rows_of())
    with zipfile.ZipFile(tmp_path / tables.WORKBOOK) as book:
        assert {member.date_time for member in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = book.read("docProps/core.xml").decode()
        assert set(re.findall(r"\d{4}-\d\d-\d\d", core)) == {"2000-01-01"}


# --- the description ---


def test_every_column_of_every_table_is_described(tmp_path):
    tables.write(tmp_path, rows_of())
    package = json.loads((tmp_path / tables.DESCRIPTION).read_text(encoding="utf-8"))
    assert [r["name"] for r in package["resources"]] == list(CONTRACT)
    for resource in package["resources"]:
        header = (tmp_path / resource["path"]).read_text(encoding="utf-8").splitlines()[0]
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == header.split(",")
        assert all(field["description"] and field["type"] for field in fields)
        assert resource["description"].startswith("One row is ")
        assert set(resource["schema"].get("primaryKey", [])) <= {f["name"] for f in fields}


# --- written aside ---


def test_a_failed_write_leaves_the_former_tables_and_nothing_else(tmp_path, monkeypatch):
    tables.write(tmp_path, rows_of(observations=[observation()]))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables.workbook, "write", full)
    with pytest.raises(OSError, match="No space left"):
        tables.write(tmp_path, rows_of(observations=[observation(year=1999)]))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_no_table_is_put_in_place_before_all_are_complete(tmp_path, monkeypatch):
    replace, moved = os.replace, []

    def watch(source, target):
        if not moved:
            aside = {path.name for path in source.iterdir()}
            assert aside == {f"{name}.csv" for name in CONTRACT} | {
                tables.WORKBOOK,
                tables.DESCRIPTION,
            }
        moved.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", watch)
    written = tables.write(tmp_path / "new", rows_of())
    assert moved == [tmp_path / "new" / commit.READY, *written]
    assert len(written) == len(CONTRACT) + 2
