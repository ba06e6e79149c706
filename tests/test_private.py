"""No number of a person and no name of who signed gets out of a report; amounts stay amounts.

All numbers, names and addresses are made up.
"""

import csv
import io
import re
import time
import zipfile
from pathlib import Path

import docx
import pdfplumber
import pytest
import typeset
import typeset_pdf
from openpyxl import load_workbook
from PIL import Image

from ingest import pipeline
from ingest.__main__ import main
from ingest.codebook.loading import load
from ingest.documents import private, readers, sources
from ingest.documents.glyphs import fold
from ingest.documents.readers import UnreadableError, scan
from ingest.records import Block, Cell, Document, Issue, Place, Source
from ingest.reviewing import corrections
from xianbi import evidence

DEFINITIONS = load()
MOBILE = "13800001111"
SECRETS = {
    "mobile": MOBILE,
    "mobile with hyphens": "138-0000-2222",
    "mobile with country": "+8613800003333",
    "landline": "0319-1234567",
    "landline in brackets": "(0319)7654321",
    "landline without hyphen": "03197654328",
    "landline with extension": "0319-1234567-801",
    "identity card": "110101199001011234",
    "identity card with X": "11010119900101123X",
    "old identity card": "110101900101123",
    "bank card": "6222021234567890123",
    "bank card of 16": "6222021234567890",
    "e-mail": "zhang.san@example.com",
}
# What looks like it and must stay.
PUBLIC = [
    "基金收入13812345678元",
    "基金收入13812345678.50元",
    "收入 13812345678 万元",
    "参保13812345678人次",
    "统一社会信用代码:114305110000000000",
    "统一社会信用代码:91430511MA4L12345X",
    "项目编码430511230000012345",
    "邵财预[2023]1号",
    "接听咨询电话1286400次",
    "拨打12345或12393热线",
    "联系电话:        填报日期:2024-07-30",
    "电话: 2024-07-30",
    "预算600万元,支出723.9万元,执行率98.41%",
    "1 126.5 1 234.5 13.8 100 000",
    "6212 5300 4800 1100",
    "约谈两定机构负责人90多人",
    "培训经办人员186人次",
    "负责人:无",
    "成员:各股室负责人",
    "审核:县财政局",
    "负责人 金额 单位",
    "填表人:        填报日期:2024年7月30日",
    "参保率98.41%@2023",
]
NAMED = [
    ("填表人:张三  填报日期:2024年7月30日", "填表人:**  填报日期:2024年7月30日"),
    ("填 表 人: 张 三  审核人:李四丰", "填 表 人: * *  审核人:***"),
    ("联系人:张三联系电话:", "联系人:**联系电话:"),
    ("负责人(签字):欧阳明", "负责人(签字):***"),
    ("单位负责人:阿不都·热合曼", "单位负责人:*******"),
    ("联系人:张女士", "联系人:*女士"),
    ("经办人:李四局长", "经办人:**局长"),
    ("填报人  王五  复核人  赵六", "填报人  **  复核人  **"),
    ("评价组成员:王五、欧阳明(副局长)、赵六", "评价组成员:**、***(副局长)、**"),
    ("由局长张三任组长,副局长李小四担任副组长", "由局长**任组长,副局长***担任副组长"),
    ("审核人\n李四\n金额", "审核人\n**\n金额"),
    (
        "六、评价工作组人员名单\n张三 医保局 局长\n王 五 财务股\n七、附件\n赵六 一",
        "六、评价工作组人员名单\n** 医保局 局长\n* * 财务股\n七、附件\n赵六 一",
    ),
]


def document(text, blocks=(), **given):
    return Document(Source("a.txt", "a.txt", "0" * 64, 0), "text", "text", text, blocks, **given)


def table(rows, before=""):
    """A document of one table, as a reader would make it."""
    text, cells = before, []
    for row, line in enumerate(rows):
        for column, words in enumerate(line):
            cells.append(Cell(row, column, len(text), len(text) + len(words)))
            text += words + ("\n" if column + 1 == len(line) else "\t")
    return document(text, (Block("table", len(before), len(text) - 1, cells=tuple(cells)),))


def cells(made):
    (block,) = made.blocks
    rows = {}
    for cell in block.cells:
        rows.setdefault(cell.row, []).append(made.text[cell.start : cell.end])
    return list(rows.values())


# --- running text --------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("frame", ["{}", "参保率98%。咨询{},邮编", "电话:{}、", "\n{}\n", "（{}）"])
def test_a_number_of_a_person_is_masked_at_equal_length(secret, frame):
    text = fold(frame.format(secret))
    made = private.masked(document(text)).text
    assert len(made) == len(text)
    left = made.replace("+86", "")
    assert not re.search(r"\d{3}", left.replace("98", "")), made
    assert "@" not in made
    # nothing else is touched
    assert re.sub(r"\*", "", made) in {text.replace(fold(secret), ""), "电话:、"} | {
        text.replace(fold(secret).removeprefix("+86"), "")
    }


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_no_secret_stays(text):
    assert private.masked(document(text)).text == text


@pytest.mark.parametrize(("text", "expected"), NAMED)
def test_names_of_those_who_signed_are_masked(text, expected):
    assert private.masked(document(text)).text == expected


@pytest.mark.parametrize(
    "words", ["账号:2010 0123 4567 8901", "身份证 110101 19900101 1234", "QQ:12345678"]
)
def test_a_labelled_number_is_masked_however_it_is_parted(words):
    assert not re.search(r"\d", private.words(words))


# --- tables --------------------------------------------------------------------------------------


def test_a_list_of_the_evaluators_is_masked_by_its_header():
    made = private.masked(
        table(
            [
                ["姓名", "工作单位", "职务", "电话", "签字"],
                ["张三", "某县医疗保障局", "局长", "7654321", "张三"],
                ["李 四", "某县医疗保障局", "财务股长", MOBILE, ""],
                ["阿依古丽", "某县医疗保障局", "", "13800\n002222", "(略)"],
            ]
        )
    )
    assert cells(made) == [
        ["姓名", "工作单位", "职务", "电话", "签字"],
        ["**", "某县医疗保障局", "局长", "*******", "**"],
        ["* *", "某县医疗保障局", "财务股长", "***********", ""],
        ["****", "某县医疗保障局", "", "*****\n******", "(略)"],
    ]


def test_a_cell_beside_its_label_is_masked_and_labels_and_figures_stay():
    rows = [
        ["项目负责人", "张三", "联系电话", "7654321"],
        ["项目名称", "城乡居民医保", "预算数", "13812345678"],
        ["填表人(签字)", "张三丰 13800001111", "审核人", "项目支出"],
    ]
    rows_masked = cells(private.masked(table(rows, "单位:元\n")))
    assert rows_masked == [
        ["项目负责人", "**", "联系电话", "*******"],
        ["项目名称", "城乡居民医保", "预算数", "13812345678"],
        ["填表人(签字)", "*** ***********", "审核人", "项目支出"],
    ]


def test_a_column_of_people_is_masked_and_a_column_of_other_things_is_not():
    people = [["任务", "责任人", "金额"], ["培训", "张三", "12.5"], ["宣传", "李四", "3"]]
    assert [row[1] for row in cells(private.masked(table(people)))] == ["责任人", "**", "**"]
    others = [["任务", "责任人", "金额"], ["培训", "金额", "12.5"], ["宣传", "财务股", "3"]]
    assert cells(private.masked(table(others))) == others


def test_a_mobile_number_is_only_an_amount_in_a_table_in_yuan_without_label():
    rows = [["名称", "数"], ["收入", MOBILE]]
    assert cells(private.masked(table(rows)))[1][1] == "*" * 11
    assert cells(private.masked(table(rows, "单位:元\n"))) == rows
    called = [["收入", "联系电话"], ["12", MOBILE]]
    assert cells(private.masked(table(called, "单位:元\n")))[1][1] == "*" * 11


def test_places_and_issues_are_masked_too():
    given = document(
        "参保率98%",
        places=(Place(0, 3, where=f"{MOBILE}!A1"),),
        issues=(Issue("a.txt", "info", "hidden_sheet", MOBILE, f"hidden: {MOBILE}", "look"),),
    )
    made = private.masked(given)
    assert MOBILE not in repr(made)
    assert made.places[0].where == "***********!A1"


ROOT = Path(__file__).parent.parent
REPORTS = [*sources.find(ROOT / "data/raw")[0], *sources.find(ROOT / "tests/accuracy/reports")[0]]


def test_reports_from_which_the_persons_were_taken_out_lose_nothing():
    """Real wordings in which whatever looks like a number of a person is an amount or a count."""
    assert len(REPORTS) > 100
    for source in REPORTS:
        data = Path(source.path).read_bytes()
        reader = next(r for r in readers.READERS if r.matches(data))
        try:
            plain = reader.read(source, data)
        except UnreadableError:
            assert source.document.endswith(".pdf")
            assert not scan.available(), "only a scan may stay unread, and only without the engine"
            continue
        assert private.masked(plain).text == plain.text, source.document


# --- from files to outputs -----------------------------------------------------------------------

TITLE = "高邑县医疗保障局2023年部门整体支出绩效自评报告"
FIGURES = "2023年年初预算600万元,全年预算735.6万元,实际支出723.9万元,预算执行率98.41%"
PEOPLE = ["张三丰", "李四明"]
BODY = [
    TITLE,
    f"{FIGURES}(咨询{SECRETS['mobile']}、{SECRETS['landline']})。",
    f"参保率97.6%,联系人:{PEOPLE[0]},身份证{SECRETS['identity card']},"
    f"卡号{SECRETS['bank card']},{SECRETS['e-mail']},满意度96%。",
]
ROWS = [
    ["指标", "年初预算(万元)", "实际支出(万元)"],
    [f"基本支出(电话{SECRETS['mobile']})", "288.6", "280.1"],
    [f"项目支出 联系人:{PEOPLE[1]}", "311.4", "300.2"],
    ["填表人", PEOPLE[0], SECRETS["landline"]],
]


REPORT = [
    ("heading", 1, BODY[0]),
    *(("paragraph", line) for line in BODY[1:]),
    ("table", ROWS),
]


def as_docx():
    """The report with more in the page header, as the Word file of a county has it."""
    report = docx.Document(io.BytesIO(typeset.docx(REPORT)))
    report.sections[0].header.paragraphs[0].text = f"联系人:{PEOPLE[0]} {SECRETS['mobile']}"
    file = io.BytesIO()
    report.save(file)
    return file.getvalue()


def as_xlsx():
    """The report in a workbook whose sheets are named after secrets, one of them hidden."""
    book = load_workbook(io.BytesIO(typeset.xlsx(REPORT)))
    book.worksheets[0].title = SECRETS["mobile"]
    book.create_sheet(f"联系人 {SECRETS['landline']}").sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


FORMATS = {
    "txt": lambda: typeset.txt(REPORT),
    "html": lambda: typeset.html(REPORT),
    "docx": as_docx,
    "xlsx": as_xlsx,
    "pdf": lambda: typeset_pdf.pdf(REPORT, head=f"联系电话 {SECRETS['landline']}"),
}


def everything_in(folder):
    """All text in the files of a folder, workbooks unpacked."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as container:
                yield from (container.read(name).decode() for name in container.namelist())
        elif path.is_file():
            yield path.read_bytes().decode("utf-8", "replace")


def leaks(text):
    return [secret for secret in [*SECRETS.values(), *PEOPLE] if secret in text]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder in which every format, name and archive tells secrets, and the tables made of it."""
    base = tmp_path_factory.mktemp("private")
    raw = base / "raw"
    raw.mkdir()
    for suffix, make in FORMATS.items():
        (raw / f"{suffix}报告{SECRETS['mobile']}.{suffix}").write_bytes(make())
    (raw / f"{SECRETS['landline']}.bin").write_bytes(b"\0\1\2\3" * 10)
    (raw / f"{SECRETS['bank card']}.csv").write_text("a", "utf-8")
    with zipfile.ZipFile(raw / f"{SECRETS['e-mail']}.zip", "w") as archive:
        archive.writestr(f"{SECRETS['identity card']}.txt", typeset.txt(REPORT) + b" ")
        archive.writestr(f"../{SECRETS['mobile']}.txt", "x")
    (base / "corrections.toml").write_text("", "utf-8")
    pipeline.build(raw, base / "out", DEFINITIONS)
    return base


def test_no_output_holds_a_secret(built):
    texts = list(everything_in(built / "out"))
    assert len(texts) > 10
    assert [leaks(text) for text in texts if leaks(text)] == []


def test_every_format_still_gives_its_figures(built):
    with (built / "out" / "mentions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    by_document = {}
    for row in rows:
        by_document.setdefault(row["document"], set()).add((row["indicator"], row["value"]))
    assert len(by_document) == len(FORMATS) + 1
    for found in by_document.values():
        assert {("budget_execution_rate", "98.41"), ("participation_rate", "97.6")} <= found


def test_quotes_still_slice_out_of_the_text(built):
    found, _ = sources.find(built / "raw")
    masked = 0
    for source in found:
        report = pipeline.read_report(source, DEFINITIONS)
        if report.document is None:
            continue
        assert leaks(report.document.text) == []
        for mention in report.mentions:
            assert report.document.text[mention.start : mention.end] == mention.quote
            masked += "*" in mention.quote
    assert masked > 0  # the figures stand around the numbers


@pytest.mark.parametrize("command", ["explain", "coverage", "missing"])
def test_the_command_says_no_secret(built, capsys, command):
    raw = str(built / "raw")
    arguments = {
        "explain": ["explain", "txt报告", "--raw", raw],
        "coverage": ["check", "--raw", raw, "--coverage"],
        "missing": ["explain", SECRETS["mobile"] + "x", "--raw", raw],
    }[command]
    main(arguments)
    said = capsys.readouterr()
    assert (said.out + said.err).strip()
    assert leaks(said.out + said.err) == []


def test_an_error_that_names_a_file_says_no_secret(tmp_path, capsys):
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / f"{MOBILE}.docx").write_bytes(typeset.docx(REPORT)[:900])
    main(["build", str(raw), "--out", str(tmp_path / "out")])
    said = capsys.readouterr().err
    assert "***********.docx is a zip container" in said
    assert MOBILE not in said


def test_names_that_masking_makes_the_same_are_told_apart(tmp_path):
    for number, secret in enumerate((MOBILE, "13900001111", "13700001111")):
        (tmp_path / f"报告{secret}.txt").write_text(f"参保率9{number}%", "utf-8")
    found, issues = sources.find(tmp_path)
    assert [s.document for s in found] == [
        "报告***********.txt",
        "报告***********~2.txt",
        "报告***********~3.txt",
    ]
    assert issues == ()
    texts = [readers.read(source).text.strip() for source in found]
    assert texts == ["参保率92%", "参保率90%", "参保率91%"]  # each is read from its own file


def test_a_line_of_sources_csv_finds_a_report_by_its_own_name(tmp_path):
    (tmp_path / f"{MOBILE}.txt").write_text("参保率98%", "utf-8")
    (tmp_path / "sources.csv").write_text(f"document,year\n{MOBILE}.txt,2022\n", "utf-8")
    pipeline.build(tmp_path, tmp_path.parent / "out", DEFINITIONS)
    with (tmp_path.parent / "out" / "documents.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["document"], row["year"]) == ("***********.txt", "2022")


def test_a_correction_that_names_a_person_by_number_is_masked(tmp_path):
    path = tmp_path / "corrections.toml"
    path.write_text(
        '[[corrections]]\ncounty_code = "430511"\nyear = 2023\naction = "add"\nvalue = "97"\n'
        f'indicator = "self_evaluation_score"\nreason = "asked at {MOBILE}"\nby = "a@b.cn"\n',
        "utf-8",
    )
    (entry,) = corrections.load(path, DEFINITIONS)
    assert (entry.reason, entry.by) == ("asked at ***********", "******")


def test_workbooks_for_people_hold_no_secret(built):
    book = load_workbook(built / "out" / "xianbi.xlsx", read_only=True)
    said = "\n".join(
        str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row
    )
    assert "预算执行率" in said
    assert leaks(said) == []


# --- pictures ------------------------------------------------------------------------------------

PAGE = [
    ("heading", 1, TITLE),
    ("paragraph", f"{FIGURES}。联系人：{PEOPLE[0]}，电话{SECRETS['mobile']}，满意度96%。"),
    ("paragraph", f"身份证{SECRETS['identity card']}，邮箱{SECRETS['e-mail']}。"),
    ("heading", 2, "一、评价工作组人员名单"),
    ("table", [["姓名", "单位", "电话"], [PEOPLE[1], "医保局", SECRETS["landline"]]]),
    ("heading", 2, "二、结论"),
    ("paragraph", "参保率97.6%。"),
]


def uncovered(data, image, wanted, kept):
    """Characters of some words whose place on a page's picture is not black, or is, if kept."""
    wrong = []
    with pdfplumber.open(io.BytesIO(data)) as file:
        page = file.pages[0]
        scale = image.width / float(page.width)
        text = "".join(c["text"] for c in page.chars)
        grey = image.convert("L")
        for words in wanted:
            start = text.index(words)
            for c in page.chars[start : start + len(words)]:
                box = [c["x0"] + 1, c["top"] + 1, c["x1"] - 1, c["bottom"] - 1]
                inside = grey.crop([round(side * scale) for side in box])
                black = inside.getextrema()[1] < 60
                if black is kept:
                    wrong.append((words, c["text"]))
    return wrong


@pytest.fixture(scope="module")
def drawn():
    return typeset_pdf.pdf(PAGE, head=f"联系电话 {SECRETS['landline']}")


WANTED = [
    *PEOPLE,
    SECRETS["mobile"],
    SECRETS["identity card"],
    SECRETS["e-mail"],
    SECRETS["landline"],
]
KEPT = ["98.41%", "723.9", "97.6%", "结论"]


def test_the_picture_of_explain_covers_what_is_private(tmp_path, drawn):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a.pdf").write_bytes(drawn)
    picture = tmp_path / "page.png"
    main(["explain", "a", "--raw", str(tmp_path / "raw"), "--image", str(picture)])
    with Image.open(picture) as image:
        assert uncovered(drawn, image, WANTED, kept=False) == []
        assert uncovered(drawn, image, KEPT, kept=True) == []


def test_the_picture_of_a_notebook_covers_what_is_private(tmp_path, drawn):
    (tmp_path / "a.pdf").write_bytes(drawn)
    content = evidence._page_image(tmp_path / "a.pdf", 1, "参保率97.6%")
    with Image.open(io.BytesIO(content)) as image:
        assert uncovered(drawn, image, WANTED, kept=False) == []
        assert uncovered(drawn, image, KEPT, kept=True) == []


def test_masking_long_text_takes_little_time():
    text = ("参保率98%,联系人:张三丰 13800001111," + "预算1234567.89万元 " * 20) * 500
    began = time.process_time()
    made = private.masked(document(text)).text
    assert time.process_time() - began < 5
    assert len(made) == len(text)
    assert leaks(made) == []
