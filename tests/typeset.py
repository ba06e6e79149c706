"""One report as data, and the same report typeset into each format that counties publish in.

The county is real, every figure is invented, and the words are our own. A report is a list of
blocks: ("heading", level, text), ("paragraph", text) and ("table", rows). A row is a list of cells,
left to right; a cell is a text, or (text, columns, rows) if it covers more than one place of the
grid. A row leaves out the places that a cell from above covers.

`docx`, `html`, `xlsx`, `txt` and `rtf` take a report and return the bytes of a file; `doc` asks
LibreOffice. PDF and scans are typeset by `typeset_pdf`.
"""

from __future__ import annotations

import html as markup
import io
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from docx import Document
from lxml import etree
from openpyxl import Workbook
from openpyxl.styles import Alignment

DEPARTMENT = "部门整体"

MODEL: list[tuple] = [
    ("heading", 1, "祁门县医疗保障局2023年度部门整体支出绩效自评报告"),
    (
        "paragraph",
        "按照县财政局的通知，我局对照年初目标逐项核对了2023年度的支出与成效，现将自评结果报告如下。",
    ),
    ("heading", 2, "一、预算执行情况"),
    ("heading", 3, "（一）收支总体情况"),
    (
        "paragraph",
        "2023年，我局年初预算1286.40万元，全年预算1352.75万元，实际支出1330.18万元，预算执行率为98.33%。"
        "实际支出里，基本支出412.36万元，项目支出917.82万元。",
    ),
    ("heading", 3, "（二）“三公”经费使用情况"),
    (
        "paragraph",
        "2023年“三公”经费预算数6.80万元，实际支出数5.32万元，“三公”经费控制率为78.24%。"
        "其中：公务接待费1.18万元，公务用车运行维护费4.14万元，因公出国（境）费0万元。",
    ),
    ("heading", 2, "二、参保情况"),
    (
        "paragraph",
        "截至2023年底，全县基本医疗保险参保人数148612人，其中城镇职工17935人、城乡居民130677人，"
        "参保率为97.85%。低收入人口参保率达到100%。",
    ),
    ("heading", 2, "三、待遇保障情况"),
    (
        "paragraph",
        "2023年，城乡居民政策范围内住院费用报销比例为71.62%，职工政策范围内住院费用报销比例为84.35%。"
        "我局派人下乡讲解政策，方便群众就近办理，群众看病的负担有所减轻。",
    ),
    ("heading", 2, "四、2024年绩效目标"),
    ("paragraph", "2024年力争城乡居民参保率达到98%以上。"),
    ("heading", 1, "附件1 部门整体支出绩效评价基础数据表"),
    (
        "table",
        [
            [("财政供养人员情况", 1, 2), "编制数", "2023年实际在职人数", "控制率"],
            ["24", "23", "95.83%"],
            ["经费控制情况", "2022年决算数", "2023年预算数", "2023年决算数"],
            ["“三公”经费", "6.05", "6.80", "5.32"],
            ["　　公务接待费", "1.47", "1.60", "1.18"],
            ["　　公务用车运行维护费", "4.58", "5.20", "4.14"],
            ["项目支出", "876.15", "940.35", "917.82"],
            ["公用经费", "62.70", "58.90", "57.44"],
        ],
    ),
    ("heading", 1, "附件2 “三公”经费支出表"),
    ("paragraph", "单位：万元"),
    (
        "table",
        [
            [
                ("项目", 1, 2),
                ("“三公”经费合计", 1, 2),
                ("因公出国（境）费", 1, 2),
                ("公务用车购置及运行维护费", 2, 1),
                ("公务接待费", 1, 2),
            ],
            ["公务用车购置费", "公务用车运行维护费"],
            ["2023年预算数", "6.80", "0.00", "0.00", "5.20", "1.60"],
            ["2023年决算数", "5.32", "0.00", "0.00", "4.14", "1.18"],
        ],
    ),
    ("heading", 1, "附件3 部门整体支出绩效自评表"),
    (
        "table",
        [
            ["单位名称", ("祁门县医疗保障局", 8, 1)],
            [
                ("年度预算资金（万元）", 1, 4),
                ("", 2, 1),
                "年初预算数",
                "全年预算数",
                "全年执行数",
                "分值",
                "执行率",
                "得分",
            ],
            [("年度资金总额", 2, 1), "1286.40", "1352.75", "1330.18", "10", "98.33%", "9.83"],
            [("其中：基本支出", 2, 1), "398.20", "412.40", "412.36", "", "", ""],
            [("项目支出", 2, 1), "888.20", "940.35", "917.82", "", "", ""],
            [("年度总体目标", 1, 2), ("预期目标", 4, 1), ("实际完成情况", 4, 1)],
            [
                ("待遇按时兑现，机关正常运转，办事更加便利。", 4, 1),
                ("待遇均已按时兑现，机关运转正常。\n办事窗口延伸到了乡镇。", 4, 1),
            ],
            [
                ("绩效指标", 1, 7),
                "一级指标",
                "二级指标",
                "三级指标",
                "年度指标值",
                "实际完成值",
                "分值",
                "得分",
                "偏差原因",
            ],
            [
                ("产出指标", 1, 3),
                ("数量指标", 1, 2),
                "城乡居民参保人数",
                "≥130000人",
                "130,677人",
                "15",
                "15",
                "",
            ],
            ["职工参保人数", "≥17500人", "17935人", "10", "10", ""],
            ["质量指标", "低收入人口参保率", "100%", "100%", "15", "15", ""],
            [
                ("效益指标", 1, 2),
                ("社会效益指标", 1, 2),
                "城乡居民政策范围内住院费用报销比例",
                "≥70%",
                "71.62%",
                "20",
                "20",
                "",
            ],
            ["职工政策范围内住院费用报销比例", "≥80%", "84.35%", "20", "20", ""],
            [
                "满意度指标",
                "服务对象满意度",
                "社会公众满意度",
                "≥90%",
                "92.6%",
                "10",
                "8.5",
                "宣传不够",
            ],
            [("总分", 6, 1), "100", "98.33", ""],
        ],
    ),
]


class Expected(NamedTuple):
    """A mention that every format has to give; `value` as the codebook's unit has it."""

    indicator: str
    scenario: str
    population: str
    year: int
    value: str
    subject: str = DEPARTMENT


def _expected() -> list[Expected]:
    actual, target = "actual", "target"
    initial, adjusted, budget = "initial_budget", "adjusted_budget", "budget"
    in_scope = "inpatient_reimbursement_ratio"
    amounts = [
        ("expenditure", initial, "1286.40", 2),
        ("expenditure", adjusted, "1352.75", 2),
        ("expenditure", actual, "1330.18", 2),
        ("basic_expenditure", initial, "398.20", 1),
        ("basic_expenditure", adjusted, "412.40", 1),
        ("basic_expenditure", actual, "412.36", 2),
        ("project_expenditure", initial, "888.20", 1),
        ("project_expenditure", adjusted, "940.35", 1),
        ("project_expenditure", budget, "940.35", 1),
        ("project_expenditure", actual, "917.82", 3),
        ("operating_expenditure", budget, "58.90", 1),
        ("operating_expenditure", actual, "57.44", 1),
        ("budget_execution_rate", actual, "98.33", 2),
        ("three_public_expenditure", budget, "6.80", 3),
        ("three_public_expenditure", actual, "5.32", 3),
        ("three_public_control_rate", actual, "78.24", 1),
        ("reception_expenditure", budget, "1.60", 2),
        ("reception_expenditure", actual, "1.18", 3),
        ("vehicle_operation_expenditure", budget, "5.20", 2),
        ("vehicle_operation_expenditure", actual, "4.14", 3),
        ("vehicle_purchase_expenditure", budget, "0", 1),
        ("vehicle_purchase_expenditure", actual, "0", 1),
        ("overseas_expenditure", budget, "0", 1),
        ("overseas_expenditure", actual, "0", 2),
        ("self_evaluation_score", actual, "98.33", 1),
    ]
    last_year = [
        ("three_public_expenditure", "6.05"),
        ("reception_expenditure", "1.47"),
        ("vehicle_operation_expenditure", "4.58"),
        ("project_expenditure", "876.15"),
        ("operating_expenditure", "62.70"),
    ]
    people = [
        ("authorised_posts", actual, "all", 2023, "24", 1),
        ("staff", actual, "all", 2023, "23", 1),
        ("staffing_control_rate", actual, "", 2023, "95.83", 1),
        ("insured_persons", actual, "all", 2023, "148612", 1),
        ("insured_persons", actual, "employees", 2023, "17935", 2),
        ("insured_persons", target, "employees", 2023, "17500", 1),
        ("insured_persons", actual, "residents", 2023, "130677", 2),
        ("insured_persons", target, "residents", 2023, "130000", 1),
        ("participation_rate", actual, "all", 2023, "97.85", 1),
        ("participation_rate", actual, "low_income", 2023, "100", 2),
        ("participation_rate", target, "low_income", 2023, "100", 1),
        ("participation_rate", target, "residents", 2024, "98", 1),
        (in_scope, actual, "residents", 2023, "71.62", 2),
        (in_scope, target, "residents", 2023, "70", 1),
        (in_scope, actual, "employees", 2023, "84.35", 2),
        (in_scope, target, "employees", 2023, "80", 1),
        ("satisfaction_rate", actual, "public", 2023, "92.6", 1),
        ("satisfaction_rate", target, "public", 2023, "90", 1),
    ]
    found = []
    for indicator, scenario, value, times in amounts:
        found += [Expected(indicator, scenario, "", 2023, value)] * times
    for indicator, value in last_year:
        found.append(Expected(indicator, actual, "", 2022, value))
    for indicator, scenario, population, year, value, times in people:
        found += [Expected(indicator, scenario, population, year, value)] * times
    return found


MENTIONS: list[Expected] = _expected()
"""Every place of MODEL that states a figure: one entry a place, so that repeats count."""


# --- the grid ------------------------------------------------------------------------------


class Placed(NamedTuple):
    """A cell with its place and span in the grid, all counted from 0."""

    row: int
    column: int
    text: str
    columns: int
    rows: int


def placed(rows: list[list]) -> list[Placed]:
    """Gives every cell of a table its place, row by row."""
    taken: set[tuple[int, int]] = set()
    cells = []
    for row, line in enumerate(rows):
        column = 0
        for cell in line:
            text, columns, deep = cell if isinstance(cell, tuple) else (cell, 1, 1)
            while (row, column) in taken:
                column += 1
            taken |= {(row + r, column + c) for r in range(deep) for c in range(columns)}
            cells.append(Placed(row, column, text, columns, deep))
            column += columns
    return cells


def width(rows: list[list]) -> int:
    """How many columns the grid of a table has."""
    return max(cell.column + cell.columns for cell in placed(rows))


def tables(report: Iterable[tuple]) -> Iterator[list[list]]:
    """The rows of every table of a report."""
    return (block[1] for block in report if block[0] == "table")


# --- flattened text ------------------------------------------------------------------------


def txt(report: Iterable[tuple], encoding: str = "utf-8") -> bytes:
    """Plain text as Word leaves it: one cell a line behind a tab, rows parted by blank lines.

    A place that a cell from above covers is an empty cell, one that a cell from the left covers
    is gone.
    """
    lines: list[str] = []
    for kind, *rest in report:
        if kind != "table":
            lines += [rest[-1], ""]
            continue
        cells = placed(rest[0])
        for row in range(len(rest[0])):
            here = [c for c in cells if c.row <= row < c.row + c.rows]
            for cell in sorted(here, key=lambda c: c.column):
                lines.append("\t" + (cell.text if cell.row == row else ""))
            lines.append("")
    return "\n".join(lines).encode(encoding)


# --- web page ------------------------------------------------------------------------------

_PAGE = """<!DOCTYPE html>
<html lang="zh"><head><meta charset="{declared}"><title>{title} - {site}</title>
<style>td {{ border: 1px solid #000 }}</style><script>var views = 2381.50;</script></head>
<body><div class="top"><a href="/">首页</a> <a href="/zw/">政务公开</a> <a href="/hd/">互动交流</a></div>
<div class="crumbs">当前位置：<a href="/">首页</a> &gt; <a href="/zw/">政务公开</a> &gt; 正文</div>
<div class="main">{heading}
<div class="meta">发布时间：2024-08-15 10:20　浏览次数：365　字号：大 中 小</div>
<div class="content">
{body}
</div></div>
<div class="related"><ul><li><a href="/1.html">2022年参保人数统计公报</a></li>
<li><a href="/2.html">2021年参保率98%</a></li></ul></div>
<div class="footer">主办：{site}　网站标识码：0000000001　备案号：ICP备00000001号</div>
</body></html>
"""


def html(
    report: Iterable[tuple],
    encoding: str = "utf-8",
    declared: str | None = None,
    site: str = "祁门县人民政府",
) -> bytes:
    """A page of a county's site: navigation, breadcrumbs, the report, related links, a footer.

    `declared` is the charset that the page claims, if it is not the truth.
    """
    report = list(report)
    title = next((rest[-1] for kind, *rest in report if kind == "heading"), "正文")
    opens = report[0][-1] == title
    body = []
    for kind, *rest in report[opens:]:
        if kind == "table":
            body.append(_html_table(rest[0]))
        else:
            words = markup.escape(rest[-1], quote=False)
            body.append(f'<p style="text-indent:2em">&nbsp;&nbsp;&nbsp;&nbsp;{words}</p>')
    title = markup.escape(title)
    page = _PAGE.format(
        declared=declared or encoding,
        title=title,
        heading=f"<h1>{title}</h1>" if opens else "",
        site=site,
        body="\n".join(body),
    )
    return page.encode(encoding)


def _html_table(rows: list[list]) -> str:
    lines = ['<table border="1"><tbody>']
    cells = placed(rows)
    for row in range(len(rows)):
        lines.append("<tr>")
        for cell in cells:
            if cell.row == row:
                spans = f' colspan="{cell.columns}"' if cell.columns > 1 else ""
                spans += f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
                words = markup.escape(cell.text, quote=False).replace("\n", "<br>") or "&nbsp;"
                lines.append(f"<td{spans}><p><span>{words}</span></p></td>")
        lines.append("</tr>")
    return "\n".join([*lines, "</tbody></table>"])


# --- Word ----------------------------------------------------------------------------------

_AUTOMATIC = (
    (re.compile(r"[一二三四五六七八九十]+、"), 0),
    (re.compile(r"（[一二三四五六七八九十]+）"), 1),
)
_NUMBERING = """
<w:abstractNum xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 w:abstractNumId="90"><w:multiLevelType w:val="multilevel"/>
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:suff
 w:val="nothing"/><w:lvlText w:val="%1、"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:suff
 w:val="nothing"/><w:lvlText w:val="（%2）"/></w:lvl></w:abstractNum>
"""
_NUMBER = """
<w:num xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" w:numId="90">
<w:abstractNumId w:val="90"/></w:num>
"""


def docx(report: Iterable[tuple], numbered: bool = False) -> bytes:
    """A Word file. `numbered` leaves the numbers of headings to Word's automatic numbering."""
    document = Document()
    if numbered:
        _add_numbering(document)
    for kind, *rest in report:
        if kind == "heading":
            level, words = rest
            automatic = next(
                ((found, at) for rule, at in _AUTOMATIC if (found := rule.match(words))), None
            )
            if numbered and automatic:
                words = words[automatic[0].end() :]
            paragraph = document.add_heading(words, level)
            if numbered and automatic:
                _number(paragraph, automatic[1])
        elif kind == "paragraph":
            document.add_paragraph(rest[0])
        else:
            _docx_table(document, rest[0])
    document.add_paragraph()  # Word ends every text with one, LibreOffice needs it there
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _add_numbering(document) -> None:
    numbering = document.part.numbering_part.element
    first = numbering.find("{*}num")
    first.addprevious(etree.fromstring(_NUMBERING))
    numbering.append(etree.fromstring(_NUMBER))


def _number(paragraph, level: int) -> None:
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = level
    properties.get_or_add_numId().val = 90


def _docx_table(document, rows: list[list]) -> None:
    table = document.add_table(len(rows), width(rows), style="Table Grid")
    for cell in placed(rows):
        first = table.cell(cell.row, cell.column)
        last = table.cell(cell.row + cell.rows - 1, cell.column + cell.columns - 1)
        if first is not last:
            first = first.merge(last)
        first.text = cell.text


# --- spreadsheet ---------------------------------------------------------------------------

_AMOUNT = re.compile(r"\d+(?:\.(\d+))?")
_RATE = re.compile(r"\d+(?:\.(\d+))?%")


def xlsx(report: Iterable[tuple]) -> bytes:
    """A workbook: the prose in one sheet, a paragraph a cell, and every table in a sheet of its own.

    A table's sheet begins with the headings and lines that stand before it. Numbers are numbers
    and rates are shares of one, as they come from a form that people fill in.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = "报告"
    row, waiting = 0, []
    for kind, *rest in report:
        if kind == "heading" and rest[0] == 1 and row:
            waiting = [rest[-1]]
        elif kind != "table" and waiting:
            waiting.append(rest[-1])
        elif kind != "table":
            row += 1
            sheet.cell(row, 1, rest[-1]).alignment = Alignment(wrap_text=True)
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=9)
        else:
            _xlsx_table(book.create_sheet(f"表{len(book.sheetnames)}"), waiting, rest[0])
            waiting = []
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _xlsx_table(sheet, lines: list[str], rows: list[list]) -> None:
    for row, words in enumerate(lines, start=1):
        sheet.cell(row, 1, words)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width(rows))
    above = len(lines) + 1
    for cell in placed(rows):
        target = sheet.cell(cell.row + above, cell.column + 1)
        rate, amount = _RATE.fullmatch(cell.text), _AMOUNT.fullmatch(cell.text)
        if rate:
            digits = rate[1] or ""
            target.value = float(cell.text[:-1]) / 100
            target.number_format = f"0.{'0' * len(digits)}%" if digits else "0%"
        elif amount:
            digits = amount[1] or ""
            target.value = float(cell.text) if digits else int(cell.text)
            target.number_format = f"0.{'0' * len(digits)}" if digits else "0"
        elif cell.text:
            target.value = cell.text
        if cell.columns > 1 or cell.rows > 1:
            sheet.merge_cells(
                start_row=target.row,
                end_row=target.row + cell.rows - 1,
                start_column=target.column,
                end_column=target.column + cell.columns - 1,
            )


# --- RTF and old Word ----------------------------------------------------------------------


def rtf(report: Iterable[tuple]) -> bytes:
    """Rich text with real table rows and merged cells."""
    lines = [r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 SimSun;}}\f0\fs24"]
    for kind, *rest in report:
        if kind == "table":
            lines += _rtf_rows(rest[0])
        else:
            lines.append(rf"\pard {_rtf_text(rest[-1])}\par")
    return "\n".join([*lines, "}"]).encode("ascii")


def _rtf_text(words: str) -> str:
    coded = []
    for character in words:
        if character in "\\{}":
            coded.append("\\" + character)
        elif character == "\n":
            coded.append(r"\line ")
        elif character < "\x80":
            coded.append(character)
        else:
            number = ord(character)
            coded.append(rf"\u{number - 65536 if number > 32767 else number}?")
    return "".join(coded)


def _rtf_rows(rows: list[list]) -> Iterator[str]:
    cells = placed(rows)
    for row in range(len(rows)):
        here = sorted((c for c in cells if c.row <= row < c.row + c.rows), key=lambda c: c.column)
        yield r"\trowd\trgaph60"
        for cell in here:
            merge = ""
            if cell.rows > 1:
                merge = r"\clvmgf" if cell.row == row else r"\clvmrg"
            yield rf"{merge}\cellx{(cell.column + cell.columns) * 1000}"
        for cell in here:
            words = _rtf_text(cell.text) if cell.row == row else ""
            yield rf"\pard\intbl {words}\cell"
        yield r"\row"


def office() -> str | None:
    """The LibreOffice of this machine, None without one."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def doc(report: Iterable[tuple]) -> bytes:
    """An old Word file, written by LibreOffice from the docx."""
    return converted(docx(report), "docx", "doc:MS Word 97")


def xls(report: Iterable[tuple]) -> bytes:
    """An old Excel file, written by LibreOffice from the xlsx."""
    return converted(xlsx(report), "xlsx", "xls:MS Excel 97")


def converted(data: bytes, suffix: str, target: str) -> bytes:
    """What LibreOffice makes of a file; `target` is a suffix and the name of its filter."""
    program = office()
    assert program, "install LibreOffice (Debian: libreoffice-writer libreoffice-calc)"
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / f"report.{suffix}").write_bytes(data)
        subprocess.run(
            [
                program,
                "--headless",
                f"-env:UserInstallation={(place / 'profile').as_uri()}",
                "--convert-to",
                target,
                "--outdir",
                str(place),
                str(place / f"report.{suffix}"),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        return (place / f"report.{target.split(':')[0]}").read_bytes()
