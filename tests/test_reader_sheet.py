"""Workbooks: what the sheet shows, cell by cell."""

import datetime
import io
import struct
import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from typeset import MODEL, converted, office
from typeset import xlsx as typeset_xlsx

from ingest.documents import readers
from ingest.documents.readers import UnreadableError, sheet
from ingest.documents.readers.number_formats import is_date, shown
from ingest.records import Source

with_office = pytest.mark.skipif(
    office() is None,
    reason="needs LibreOffice to write xls (Debian: apt-get install libreoffice-calc)",
)


def read(tmp_path, data, name="report.xlsx"):
    path = tmp_path / name
    path.write_bytes(data)
    return readers.read(Source(name, str(path), "0" * 64, len(data)))


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def filled(*rows, title="Sheet1"):
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return book


def cells(document, number=0):
    table = [block for block in document.blocks if block.kind == "table"][number]
    return [
        (c.row, c.column, c.rows, c.columns, document.text[c.start : c.end]) for c in table.cells
    ]


def kinds(document):
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks if b.kind != "table"]


# --- values as shown -----------------------------------------------------------------------

SHOWN = [
    (None, "General", ""),
    (24, "General", "24"),
    (24.0, "General", "24"),
    (0.1 + 0.2, "General", "0.3"),
    (1234567.891, "General", "1234567.891"),
    (1e15, "General", "1000000000000000"),
    (1e-7, "General", "0.0000001"),
    (-5.5, "General", "-5.5"),
    (True, "General", "TRUE"),
    ("≥95%", "0.00%", "≥95%"),
    (0.9833, "0.00%", "98.33%"),
    (0.9598, "0.0%", "96.0%"),
    (1, "0%", "100%"),
    (3.17, "0%", "317%"),
    (1286.4, "#,##0.00", "1,286.40"),
    (148612, "#,##0", "148,612"),
    (612, "#,##0", "612"),
    (0, "#,##0.00", "0.00"),
    (98.325, "0.00", "98.33"),
    (1.005, "0.00", "1.01"),
    (2406.006, "0.00_ ", "2406.01"),
    (-0.001, "0.00", "0.00"),
    (-12.5, "0.0", "-12.5"),
    (0.5, "0.##", "0.5"),
    (12, "0.##", "12"),
    (0.25, ".00", ".25"),
    (7, "000", "007"),
    (23, '0"人"', "23人"),
    (5.32, "0.00万元", "5.32万元"),
    (5.32, "￥#,##0.00", "￥5.32"),
    (5.32, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "5.32"),
    (0, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-"),
    (-5.3, "#,##0.00_);[Red](#,##0.00)", "(5.30)"),
    (0, "0.00;-0.00;", ""),
    (1286400, "#,##0.0,", "1,286.4"),
    (1286400, "0.0,,", "1.3"),
    (12345, "0!.0,", "1.2"),
    (12864000, '0!.0,"万"', "1286.4万"),
    (12345, "0\\.0000", "1.2345"),
    (1286.4, "[$-804]0.00", "1286.40"),
    (1286.4, "[>1000]0;0.0", "1286.4"),
    (1286.4, "0.00E+00", "1286.4"),
    (0.5, "# ?/?", "0.5"),
    (24, "@", "24"),
    (24, '"共"General"人"', "共24人"),
    (datetime.datetime(2023, 12, 31), "yyyy/m/d", "2023/12/31"),
    (datetime.datetime(2023, 2, 1), 'yyyy"年"m"月"d"日"', "2023年2月1日"),
    (datetime.datetime(2023, 2, 1), "yyyy\\-mm\\-dd", "2023-02-01"),
    (datetime.datetime(2023, 2, 1), "[$-F800]yy.mm", "23.02"),
    (datetime.datetime(2023, 2, 1, 9, 5), "h:mm:ss", "9:05:00"),
    (datetime.time(9, 5), "hh:mm", "09:05"),
    (datetime.date(2023, 2, 1), "General", "2023-02-01"),
    (datetime.timedelta(hours=25, minutes=3), "[h]:mm:ss", "25:03:00"),
]


@pytest.mark.parametrize(("value", "number_format", "words"), SHOWN)
def test_a_value_is_shown_as_the_sheet_shows_it(value, number_format, words):
    assert shown(value, number_format) == words


@pytest.mark.parametrize(
    ("number_format", "expected"),
    [("m/d/yy", True), ("h:mm", True), ('0"day"', False), ("[Red]0.00", False), ("General", False)],
)
def test_formats_of_dates_are_told_from_those_of_numbers(number_format, expected):
    assert is_date(number_format) is expected


# --- regions -------------------------------------------------------------------------------


def test_lines_around_a_table_are_paragraphs_and_blank_rows_part_tables(tmp_path):
    book = filled(
        ["某县医疗保障局自评表"],
        ["单位：万元"],
        ["项目", "预算", "决算"],
        ["支出", 100, 98.5],
        ["注：以上为全口径。"],
        [],
        ["参保率", "98%"],
    )
    found = read(tmp_path, saved(book))
    assert kinds(found) == [
        ("heading", "某县医疗保障局自评表"),
        ("paragraph", "单位:万元"),
        ("paragraph", "注:以上为全口径。"),
    ]
    assert [c[-1] for c in cells(found)] == ["项目", "预算", "决算", "支出", "100", "98.5"]
    assert [c[-1] for c in cells(found, 1)] == ["参保率", "98%"]
    assert {found.text[p.start : p.end]: p.where for p in found.places}["98.5"] == "Sheet1!C4"
    assert (found.format, found.reader, found.issues) == ("xlsx", "openpyxl", ())


def test_merged_cells_have_spans_and_hold_their_rows_together(tmp_path):
    book = filled(
        [], [None, "项目", "2023年", None], [None, None, "预算", "决算"], [None, "支出", 1, 2]
    )
    active = book.active
    active["B5"], active["C5"], active["D5"] = "备注", "甲", "乙"
    active.merge_cells("B2:B3")
    active.merge_cells("C2:D2")
    active.merge_cells("B5:B6")
    active["C7"], active["D7"] = "丙", "丁"
    assert cells(read(tmp_path, saved(book))) == [
        (0, 0, 2, 1, "项目"),
        (0, 1, 1, 2, "2023年"),
        (1, 1, 1, 1, "预算"),
        (1, 2, 1, 1, "决算"),
        (2, 0, 1, 1, "支出"),
        (2, 1, 1, 1, "1"),
        (2, 2, 1, 1, "2"),
        (3, 0, 2, 1, "备注"),
        (3, 1, 1, 1, "甲"),
        (3, 2, 1, 1, "乙"),
        (4, 1, 1, 1, ""),
        (4, 2, 1, 1, ""),
        (5, 0, 1, 1, ""),
        (5, 1, 1, 1, "丙"),
        (5, 2, 1, 1, "丁"),
    ]


def test_hidden_sheets_rows_and_columns_are_skipped_and_said(tmp_path):
    book = filled(["项目", "旧数", "预算"], ["支出", 90, 100], ["底稿", 1, 2], ["收入", 91, 101])
    book.active.column_dimensions["B"].hidden = True
    book.active.row_dimensions[3].hidden = True
    book.active.merge_cells("A2:B2")
    hidden = book.create_sheet("底表")
    hidden["A1"] = "参保率50%"
    hidden.sheet_state = "hidden"
    found = read(tmp_path, saved(book))
    assert cells(found) == [
        (0, 0, 1, 1, "项目"),
        (0, 1, 1, 1, "预算"),
        (1, 0, 1, 1, "支出"),
        (1, 1, 1, 1, "100"),
        (2, 0, 1, 1, "收入"),
        (2, 1, 1, 1, "101"),
    ]
    sheets, rows = found.issues
    assert (sheets.severity, sheets.kind) == ("info", "hidden_sheet")
    assert sheets.message == "hidden and therefore not read: 底表"
    assert sheets.action.startswith("make them visible in Excel or WPS")
    assert (rows.kind, rows.where) == ("hidden_cells", "Sheet1")
    assert rows.message == "1 hidden rows and 1 hidden columns were not read"


# --- formulas ------------------------------------------------------------------------------


def test_formulas_without_values_are_named_and_the_rest_is_read(tmp_path):
    book = filled(["支出", 100, *["=A1"] * 7], ["合计", 100])
    found = read(tmp_path, saved(book))
    (issue,) = found.issues
    assert (issue.severity, issue.kind) == ("warning", "formula_without_value")
    assert issue.where == "Sheet1!C1, D1, E1, F1, G1 and 2 more"
    assert issue.message == "7 formulas have no value, so their cells were read as empty"
    assert issue.action.startswith("open the file in Excel or WPS, which computes them")
    assert [c[-1] for c in cells(found)] == ["支出", "100", "合计", "100"]


def test_a_formula_with_its_value_is_that_value(tmp_path):
    data = saved(filled(["支出", "=1+1"]))
    with_value = data_with(data, "xl/worksheets/sheet1.xml", b"<v></v>", b"<v>2</v>")
    with_value = data_with(with_value, "xl/worksheets/sheet1.xml", b"<v />", b"<v>2</v>")
    found = read(tmp_path, with_value)
    assert [c[-1] for c in cells(found)] == ["支出", "2"]
    assert found.issues == ()


def data_with(data, part, old, new):
    """The same container with bytes of one part replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(file, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            after.writestr(name, content.replace(old, new) if name == part else content)
    return file.getvalue()


# --- old workbooks and broken ones ---------------------------------------------------------


@with_office
def test_an_old_workbook_gives_the_same_document(tmp_path):
    book = filled(
        ["项目", "执行率", "金额", "日期"], ["支出", 0.9833, 1286.4, None], ["备注", 1, 24, 3]
    )
    active = book.active
    active["B2"].number_format, active["C2"].number_format = "0.00%", "#,##0.00"
    active["D2"], active["D2"].number_format = datetime.datetime(2023, 12, 31), "yyyy/m/d"
    active.merge_cells("A2:A3")
    active.row_dimensions[3].hidden = False
    new = read(tmp_path, saved(book))
    old = read(tmp_path, converted(saved(book), "xlsx", "xls:MS Excel 97"), "report.xls")
    assert [c[-1] for c in cells(new)][4:8] == ["支出", "98.33%", "1,286.40", "2023/12/31"]
    assert (old.text, old.blocks, old.places) == (new.text, new.blocks, new.places)
    assert (old.format, old.reader) == ("xls", "xlrd")


def test_a_workbook_that_openpyxl_refuses_is_read_without_formats_and_said_so(tmp_path):
    book = filled(["执行率", "金额"], [0.9833, 12])
    book.active["A2"].number_format = "0.00%"
    broken = data_with(saved(book), "xl/styles.xml", b"<cellXfs", b"<cellXfs nonsense='1'")
    broken = data_with(
        broken, "xl/styles.xml", b"<fonts", b"<fonts><font><sz val='x'/></font></fonts><fonts"
    )
    found = read(tmp_path, broken)
    assert found.reader == "python-calamine"
    assert [c[-1] for c in cells(found)] == ["执行率", "金额", "0.9833", "12"]
    (issue,) = found.issues
    assert (issue.severity, issue.kind) == ("warning", "number_formats_unknown")
    assert "98.33% is read as 0.9833" in issue.message
    assert issue.action == "open the file in Excel or WPS and save it again as .xlsx"


def protected():
    """An OLE container whose directory names what an encrypted docx or xlsx is kept in."""
    entries = b""
    for name in ("Root Entry", "EncryptionInfo", "EncryptedPackage"):
        words = name.encode("utf-16-le")
        entries += words.ljust(64, b"\0") + struct.pack("<H", len(words) + 2) + bytes(62)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + entries


@pytest.mark.parametrize("name", ["report.xlsx", "report.docx"])
def test_an_encrypted_file_asks_for_one_without_password(tmp_path, name):
    with pytest.raises(UnreadableError) as raised:
        read(tmp_path, protected(), name)
    assert raised.value.message == f"{name} is protected by a password."
    assert raised.value.action == (
        "Open it with the password in Word, Excel or WPS, and save it without one."
    )


def hidden_only():
    book = filled()
    book.create_sheet("底表")["A1"] = "参保率50%"
    book["底表"].sheet_state = "hidden"
    return saved(book)


@pytest.mark.parametrize(
    ("data", "message", "action"),
    [
        (lambda: saved(filled()), "has no filled cell in any sheet.", "Open it and look whether"),
        (hidden_only, "in any sheet but the hidden 底表.", "Open it and look whether"),
        (lambda: saved(filled(["=1+1"])), "holds formulas only", "Open it in Excel or WPS"),
        (
            lambda: data_with(saved(filled(["a"])), "xl/workbook.xml", b"<", b"("),
            "is a damaged workbook",
            "Open it in Excel or WPS, let it be repaired",
        ),
        (lambda: saved(filled(["a"]))[:-30], "damaged or cut off", "Fetch the file again"),
    ],
    ids=["empty", "hidden", "formulas", "damaged", "cut off"],
)
def test_what_cannot_be_read_says_what_to_do(tmp_path, data, message, action):
    with pytest.raises(UnreadableError) as raised:
        read(tmp_path, data())
    assert raised.value.message.startswith("report.xlsx ")
    assert message in raised.value.message
    assert raised.value.action.startswith(action)


def test_a_sheet_of_more_cells_than_are_read_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "CELLS", 3)
    with pytest.raises(
        UnreadableError, match=r"report.xlsx has more than 3 cells, filled or merged\. Save"
    ):
        read(tmp_path, saved(filled(["a", "b"], ["c", "d"])))


def test_the_model_report_comes_back_cell_by_cell(tmp_path):
    found = read(tmp_path, typeset_xlsx(MODEL))
    places = {p.where for p in found.places}
    assert {"报告!A1", f"表3!{get_column_letter(9)}2"} & places
