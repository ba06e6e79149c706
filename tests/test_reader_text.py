"""The text reader: bytes to text, and text to headings, paragraphs and tables."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ingest.documents import readers
from ingest.documents.glyphs import fold
from ingest.documents.readers import UnreadableError, text
from ingest.records import Block, Source

REPORT = "云州县医疗保障局\n一、参保情况\n2023年全县参保10.5万人，参保率为98%。\n"


def source(path: Path) -> Source:
    return Source(document=path.name, path=str(path), sha256="", size=0)


def read(tmp_path: Path, data: bytes, name: str = "report.txt") -> readers.Document:
    path = tmp_path / name
    path.write_bytes(data)
    return readers.read(source(path))


def words(cleaned: str, kind: str) -> list[str]:
    return [cleaned[b.start : b.end] for b in text.blocks(cleaned) if b.kind == kind]


def tables(cleaned: str) -> list[Block]:
    return [block for block in text.blocks(cleaned) if block.kind == "table"]


def grid(cleaned: str, table: Block | None = None) -> list[list[str]]:
    """The rows of the only table of a text, wrapped cells without their line breaks."""
    [table] = [table] if table else tables(cleaned)
    rows: dict[int, list[str]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cleaned[cell.start : cell.end].replace("\n", ""))
    return list(rows.values())


# --- bytes to text -------------------------------------------------------------------------

ENCODINGS = {
    "utf-8": ("", "utf-8"),
    "utf-8 with mark": (codecs.BOM_UTF8, "utf-8"),
    "gb2312": ("", "gb2312"),
    "gbk": ("", "gbk"),
    "gb18030": ("", "gb18030"),
    "gb18030 with mark": (b"\x84\x31\x95\x33", "gb18030"),
    "utf-16 little end first, with mark": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "utf-16 big end first, with mark": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "utf-16 little end first": ("", "utf-16-le"),
    "utf-16 big end first": ("", "utf-16-be"),
    "utf-32 little end first, with mark": (codecs.BOM_UTF32_LE, "utf-32-le"),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_encoding_gives_the_same_document(tmp_path: Path, name: str) -> None:
    mark, encoding = ENCODINGS[name]
    document = read(tmp_path, (mark or b"") + REPORT.encode(encoding))
    assert document.text == fold(REPORT)
    assert (document.format, document.reader) == ("text", "text")
    assert [block.kind for block in document.blocks] == ["heading", "heading", "paragraph"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "words",
    [
        "参保率",
        "城鄉居民醫療保險參保率為九成八",
        "参保率达到98％，报销比例７０％",
        "budget 2023: 10.5",
        "参保" * 3000 + "\n",
    ],
)
def test_encodings_are_told_apart_without_marks(words: str, encoding: str) -> None:
    assert text.decode("a.txt", words.encode(encoding)) == words


def test_a_reader_is_chosen_by_content_and_not_by_suffix(tmp_path: Path) -> None:
    assert read(tmp_path, REPORT.encode(), "report.pdf").reader == "text"


@pytest.mark.parametrize(
    ("data", "found", "action"),
    [
        (b"", "report.txt is empty: it has 0 bytes.", "Fetch the report again"),
        (b" \n\t\r\n", "report.txt is empty: 5 bytes, and nothing but blanks", "Fetch the report"),
        (codecs.BOM_UTF8, "report.txt is empty: 3 bytes, and nothing but blanks", "Fetch"),
        (b"\xd0\xcf\x11\xe0" + bytes(99), "report.txt is an old Office file", "Save it as one of"),
        (
            bytes(range(256)) * 9,
            "a binary file of unknown kind (it begins with 00 01 02",
            "Save it",
        ),
        (
            REPORT.encode()[:-10] + b"\xff\xfe\xff",
            "report.txt could not be decoded: byte ff at offset 85 (line 3) is not valid",
            "Save it as UTF-8",
        ),
        (
            codecs.BOM_UTF8 + "参保率\n".encode() + b"\xc4\xea",
            "byte c4 at offset 13 (line 2) is not valid UTF-8",
            "Save it as UTF-8",
        ),
        (
            "Größe und Maß: überprüft für 25 €".encode("cp1252"),
            "report.txt could not be decoded",
            "Save",
        ),
    ],
)
def test_what_cannot_be_read_is_said_with_the_next_step(
    tmp_path: Path, data: bytes, found: str, action: str
) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, data)
    assert found in caught.value.message
    assert caught.value.action.startswith(action)
    assert str(caught.value) == f"{caught.value.message} {caught.value.action}"


def test_a_text_of_a_hundred_megabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes("参保率98%，".encode() * 2_000_000)
    with pytest.raises(UnreadableError) as raised:
        text.read(Source("long.txt", str(path), "", 0), path.read_bytes())
    assert raised.value.message == "long.txt is a text of 29 MB, more than the 20 MB that are read."
    assert raised.value.action == "Save the report alone, without what stands around it."


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        UnreadableError, match=r"gone.txt could not be opened: No such file.* Check"
    ):
        readers.read(source(tmp_path / "gone.txt"))


# --- text, cleaned -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decoded", "cleaned"),
    [
        ("支出\r\n收入\r\n", "支出 \n收入 \n"),
        ("支出\r收入", "支出\n收入"),
        ("支出\u2028收入\v余额", "支出\n收入\n余额"),
        ("第一页\n\f第二页", "第一页\n 第二页"),
        ("第一页\f第二页", "第一页\n第二页"),
        # between paragraphs a page mark only goes
        ("支出完毕。\n—5—\n收入", "支出完毕。\n   \n收入"),
        ("— 12 —\n支出", "      \n支出"),
        ("支出。\n第 3 页 共 10 页\n", "支出。\n" + " " * 12 + "\n"),
        ("支出。\n3/10页", "支出。\n     "),
        # inside a sentence it takes its line along
        ("支出为\n- 12 -\n10万元。", "支出为       \n10万元。"),
        ("支出为\n\n—12—\n\n10万元。", "支出为       \n10万元。"),
        ("支出为—12—10万元。", "支出为    10万元。"),
        # what only looks like one stays
        ("2020-2023年", "2020-2023年"),
        ("预算|—5—|", "预算|   |"),
        ("\t10\n—5—\n\t20", "\t10\n   \n\t20"),
    ],
)
def test_cleaning(decoded: str, cleaned: str) -> None:
    assert text.clean(decoded) == cleaned


@given(st.text(alphabet="支出１０％万（）—-–23第页共/ \t\r\n\f\v\u2028|。参保"))
def test_cleaning_keeps_the_length(decoded: str) -> None:
    assert len(text.clean(decoded)) == len(decoded)


# --- headings and paragraphs ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("第一部分 部门概况", 1),
        ("第二章 绩效目标完成情况", 1),
        ("第三节 支出", 2),
        ("一、部门基本情况", 2),
        ("十二、其他事项", 2),
        ("(三)“三公”经费使用和管理情况", 3),
        ("(三) 专项管理情况。", 3),
        ("4.项目支出情况", 4),
        ("4、2023年度绩效目标", 4),
        ("4.2 预算执行", 5),
        ("(5)时效指标", 5),
        ("⑹成本指标", 5),
        ("①参保人数", 6),
        ("# 云州县医疗保障局2023年度自评报告", 1),
        ("### 主要工作", 3),
        ("#### 二、支出情况", 2),  # the report's own number says more than the type
        ("**二、支出情况**", 2),
        ("部门整体支出绩效自评报告", 1),
        ("云州县2022年度部门决算公开", 1),
        ("项目支出绩效自评表(2023年度)", 1),
        ("附件2", 1),
        ("附表3  绩效目标表", 1),
        ("(2023年度)", 1),
        ("绩效目标完成情况", 7),
        ("存在的主要问题", 7),
        ("资金使用情况。", 7),
        # sentences, items and figures
        ("1、人员控制在编制以内，控制率为100%。", 0),
        ("(2)支出进度符合时序要求，没有超支。", 0),
        ("2、完成全年各项任务。", 0),
        ("一、要坚持原则。要落实责任。", 0),
        ("①参保人数75295人", 0),
        ("3.参保率95.5%", 0),
        ("1.5万元以上的项目", 0),
        ("12.5%", 0),
        ("2023年收入355.2万元", 0),
        ("单位:万元", 0),
        ("无", 0),
        ("(四)" + "负责全县医疗保障经办管理和公共服务体系建设工作" * 2, 0),
    ],
)
def test_heading_levels(line: str, level: int) -> None:
    # An opening line, so that the heading is not taken for the title of the text.
    cleaned = text.clean(f"前文到此为止。\n{line}\n后文，从此开始。")
    block = text.blocks(cleaned)[1]
    assert (block.kind, block.level) == ("heading" if level else "paragraph", level)


def test_a_heading_stands_without_its_markdown_marks() -> None:
    assert words("##  一、概况\n", "heading") == ["一、概况"]


@pytest.mark.parametrize(
    ("first", "is_title"),
    [
        ("云州县参保缴费工作稳步推进", True),
        ("云州县参保率达98%以上", True),
        ("云州县（转载，有删节）医保动态", True),
        ("云州县：织密一张医保网", True),
        ("发布日期：见后文", False),
        ("2023年，云州县参保10万人", False),
        ("本局2023年支出共计100", False),
    ],
)
def test_the_first_line_is_the_title_unless_it_is_prose(first: str, is_title: bool) -> None:
    cleaned = text.clean(f"{first}\n万元，比上年多。")
    assert (text.blocks(cleaned)[0].kind == "heading") is is_title


@pytest.mark.parametrize(
    "paragraph",
    [
        "本年支出100.5万元，其中本\n级支出50万元。",
        "对下转移支付0\n万元。",
        "公务用车购\n置费3万元，接待费1.5万\n元，共计\n4.5万元。",
        "支出为\n100万元",
        "基金收入（含利息\n收入）共7亿元。",
        "预算执行率为97.0\n1%。",
        "2020年度经费支\n出决算为5.48万元，比上年多。",
        "本级财政安排，\n 下达资金40万元。",
    ],
)
def test_lines_broken_inside_a_sentence_are_one_paragraph(paragraph: str) -> None:
    cleaned = text.clean(f"前文。\n{paragraph}\n\n后文。")
    assert words(cleaned, "paragraph") == ["前文。", fold(paragraph), "后文。"]


def test_a_page_mark_does_not_part_a_sentence() -> None:
    [paragraph] = words(text.clean("本年参保率为\n—7—\n98.5%，有所提高。"), "paragraph")
    assert paragraph.split() == ["本年参保率为", "98.5%,有所提高。"]


@pytest.mark.parametrize(
    "lines",
    [
        ["第一段到此为止。", "第二段，从此开始"],
        ["全县任务如下：", "参保扩面，基金监管"],
        ["本年支出100万元", "（二）收入20万元，有所增加"],
        ["单位：万元", "本年支出，如下表所列"],
        ["无", "本年支出100万元，比上年多"],
        ["中央财政资金100万元", "省级财政资金50万元"],
        ["本年支出，见后文所列各项", "    收入则见前文，不再重复"],
        ["本年支出，见后文所列各项", "填报日期 2024年1月，由办公室填"],
        ["本年支出，见后文所列各项", "2024年3月8日"],
        ["预算数 见后文，不再重复", "资金支出绩效自评表"],
    ],
)
def test_lines_that_start_something_new_are_not_joined(lines: list[str]) -> None:
    cleaned = text.clean("\n".join(["前文。", *lines]))
    blocks = text.blocks(cleaned)
    assert [cleaned[b.start : b.end] for b in blocks[1:]] == [fold(line.strip()) for line in lines]


# Lines of 36 to 40 half widths, as a page of that width breaks them.
WRAPPED = """\
二、全年工作总结。本局会同税务部门开展
集中宣传，进村入户讲解缴费政策，并将困
难家庭名单逐户核对，确保没有一户遗漏在
制度之外。
"""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("全年共办理住院结算36127人次，比例73.4%；", "其中职工一方为81.9%。"),
        ("居民一方当年筹集资金4.18亿元，增长2%；", "支出3.97亿元、结余2,100万元。"),
        ("职工一方由单位与个人按月缴纳的资金全部", "入库"),
        ("经办大厅设十二个窗口和六台自助终端供参", "保群众查询"),
    ],
)
def test_a_full_line_of_a_wrapped_text_reads_on(first: str, second: str) -> None:
    cleaned = text.clean(f"{WRAPPED}{first}\n{second}\n")
    assert words(cleaned, "paragraph")[1:] == [fold(f"{first}\n{second}")]
    # The same two lines where nothing is known of the width, or in lines much longer.
    once = "二、全年工作总结。本局会同税务部门开展\n集中宣传。\n"
    for before in ("前文到此为止。\n", once, WRAPPED.replace("\n", "") + "\n"):
        cleaned = text.clean(f"{before}{first}\n{second}\n")
        assert words(cleaned, "paragraph")[-2:] == [fold(first), fold(second)]


@pytest.mark.parametrize(
    "lines",
    [
        # shorter than the others: the line was ended, not full
        ["住院结算比例为73.4%；", "门诊结算比例为51.2%。"],
        ["局领导班子成员", "各股室负责人"],
        # much longer than the others
        ["全年共办理住院结算36127人次，" * 3 + "比例为73.4%；", "门诊结算比例为51.2%。"],
        # items, each ended by a semicolon
        [
            "特困家庭成员住院费用救助的比例为96.3%；",
            "低保家庭成员住院费用救助的比例为74.1%；",
            "边缘家庭成员住院费用救助的比例为68.5%。",
        ],
        # a statement of its own, a numbered item, an indented paragraph, a heading, a blank line
        ["城镇职工：收入17,341万元，支出13,957万元；", "城乡居民：收入38,651万元，无结余。"],
        ["全年共办理住院结算36127人次，比例73.4%；", "（2）门诊结算比例为51.2%。"],
        ["全年共办理住院结算36127人次，比例73.4%；", "    门诊结算比例为51.2%。"],
        ["经办大厅设窗口十二个，自助终端六台使用。", "门诊结算比例为51.2%。"],
        ["经办大厅设窗口十二个自助终端六台供参保", "三、存在问题"],
        ["经办大厅设窗口十二个自助终端六台供参保", "绩效目标完成情况"],
    ],
)
def test_a_wrapped_text_keeps_its_statements_apart(lines: list[str]) -> None:
    cleaned = text.clean(WRAPPED + "\n".join(lines))
    blocks = text.blocks(cleaned)[1:]
    assert [cleaned[b.start : b.end] for b in blocks] == [fold(line.strip()) for line in lines]


def test_short_lines_tell_no_width() -> None:
    short = "本局会同税务，\n集中开展宣传，\n进村入户讲解，\n逐户核对名单。"
    cleaned = text.clean(f"前文，到此为止。\n{short}\n门诊则为51%；\n住院为73.4%。")
    assert words(cleaned, "paragraph")[1:] == [fold(short), "门诊则为51%;", "住院为73.4%。"]


def test_a_paragraph_known_to_end_does_not_read_on_though_its_line_is_full() -> None:
    cleaned = text.clean(
        f"{WRAPPED}全年共办理住院结算36127人次，比例73.4%；\n其中职工一方为81.9%。"
    )
    ends = frozenset({cleaned.rindex("\n")})
    assert len(text.blocks(cleaned)) + 1 == len(text.blocks(cleaned, ends=ends))


# --- tables --------------------------------------------------------------------------------

GRIDS = {
    "a cell a line, led by tabs": (
        "\t项目\n\t预算数\n\t决算数\n\n\t公用经费\n\t10.5\n\t9.8\n\n\t接待费\n\t\n\t \u3000\n",
        [["项目", "预算数", "决算数"], ["公用经费", "10.5", "9.8"], ["接待费", "", ""]],
    ),
    "wrapped cells": (
        "\t年度\n预算数\n（万元）\n\t得分\n\n\t88\n\t9\n",
        [["年度预算数(万元)", "得分"], ["88", "9"]],
    ),
    "an empty first cell, and a cell led by two tabs": (
        "\t人员\n\t编制数\n\t控制率\n\n\t\n\t　12\n\t\t　100%\n",
        [["人员", "编制数", "控制率"], ["", "12", "100%"]],
    ),
    "a row parted by blank lines inside an empty cell": (
        "\t指标\n\t指标值\n\t完成值\n\n\t\n\n\n\t95%\n\t96%\n\n\t参保率\n\t1\n\t2\n",
        [["指标", "指标值", "完成值"], ["", "95%", "96%"], ["参保率", "1", "2"]],
    ),
    "a row parted by a blank line inside a cell": (
        "\t目标\n\t指标值\n\t完成值\n\n\t稳步提高\n\n不断完善\n\t95%\n\t96%\n\n\t参保率\n\t1\n\t2\n",
        [["目标", "指标值", "完成值"], ["稳步提高不断完善", "95%", "96%"], ["参保率", "1", "2"]],
    ),
    "a row a line, with bars": (
        "指标 | 预算数 | 执行数 | |||\n资金总额： | 10万 | 9万 | |||\n其他 | | 1万 |\n",
        [
            ["指标", "预算数", "执行数", "", "", ""],
            ["资金总额:", "10万", "9万", "", "", ""],
            ["其他", "", "1万"],
        ],
    ),
    "a markdown table": (
        "| 指标 | 目标 |\n|:---|---:|\n| 参保率 | 95% |\n| 报销比例 | |\n",
        [["指标", "目标"], ["参保率", "95%"], ["报销比例", ""]],
    ),
    "bars without outer ones": (
        "指标 | 目标 | 完成\n参保率 | 95% | 96%\n",
        [["指标", "目标", "完成"], ["参保率", "95%", "96%"]],
    ),
    "bars without outer ones, and empty first and last cells": (
        "资金情况 | 来源 | 预算 | 执行 | 原因\n | 总额 | 45 | 38.6 | 压减\n | 其中：县级 | 45 | 38.6 |\n"
        "产出 | 数量 | 终端 | 40台 | 无\n | | 窗口 | 12个 | 无\n | 质量 | 故障 | 0次 | 无\n",
        [
            ["资金情况", "来源", "预算", "执行", "原因"],
            ["", "总额", "45", "38.6", "压减"],
            ["", "其中:县级", "45", "38.6", ""],
            ["产出", "数量", "终端", "40台", "无"],
            ["", "", "窗口", "12个", "无"],
            ["", "质量", "故障", "0次", "无"],
        ],
    ),
    "outer bars, and an empty first cell": (
        "| 资金情况 | 来源 | 预算 |\n| | 总额 | 45 |\n\n | 产出 | 终端 | 40台 |\n",
        [["资金情况", "来源", "预算"], ["", "总额", "45"], ["产出", "终端", "40台"]],
    ),
    "outer bars, and a cell broken over two lines": (
        "| 资金情况 | 来源 |\n| 年度资金\n总额 | 45 |\n| 县级 | 40 |\n| 其他 | 5 |\n",
        [["资金情况", "来源"], ["年度资金"], ["总额", "45"], ["县级", "40"], ["其他", "5"]],
    ),
    "a cell a line closed by a bar, rows closed by further bars": (
        "项目 |\n预算数 |\n||\n公用经费 |\n10 |\n|||\n接待费 |\n2 |\n",
        [["项目", "预算数"], ["公用经费", "10"], ["接待费", "2"]],
    ),
    "bars on lines of their own": (
        "|\n科 目\n|\n决 算 数\n|\n|\n公务用车\n购置费\n|\n11.4\n|\n|\n接待费\n|\n7\n|\n",
        [["科 目", "决 算 数"], ["公务用车购置费", "11.4"], ["接待费", "7"]],
    ),
    "bars on lines of their own, with an empty cell": (
        "|\n项目\n|\n预算数\n|\n决算数\n|\n|\n公用经费\n|\n|\n9\n|\n|\n合计\n|\n5\n|\n6\n|\n",
        [["项目", "预算数", "决算数"], ["公用经费", "", "9"], ["合计", "5", "6"]],
    ),
    "every cell closed by a bar on its own line, a merged cell left empty": (
        "考核内容\n|\n分值\n|\n说明\n|\n得分\n|\n预算\n|\n6\n|\n执行率91.5%\n|\n5\n|\n|\n4\n|\n按时公开\n|\n4\n|\n"
        "合计\n|\n10\n|\n|\n9\n|\n",
        [
            ["考核内容", "分值", "说明", "得分"],
            ["预算", "6", "执行率91.5%", "5"],
            ["", "4", "按时公开", "4"],
            ["合计", "10", "", "9"],
        ],
    ),
    "headers run on and the values after them": (
        "中央 |\n省级 |\n县级 |\n41元 |\n7元 |\n2元 |\n目标 |\n|\n参保率 |\n95% |\n|\n",
        [["中央", "省级", "县级"], ["41元", "7元", "2元"], ["目标"], ["参保率", "95%"]],
    ),
    "a wrapped cell closed by a bar": (
        "项目 |\n预算数 |\n|\n公务用车\n购置费 |\n10 |\n|\n",
        [["项目", "预算数"], ["公务用车购置费", "10"]],
    ),
    "tabs between the cells of a line": (
        "姓名\t单位\t电话\n（略）\t医保局\t\n\t办公室\t略\n",
        [["姓名", "单位", "电话"], ["(略)", "医保局", ""], ["", "办公室", "略"]],
    ),
    "tabs between the cells and before the first": (
        "\t项目\t预算数\n\t公用经费\t10\n\t合计\n",
        [["项目", "预算数"], ["公用经费", "10"], ["合计"]],
    ),
    "single blanks between the cells": (
        "主管部门 县医保局 预算数(A) 执行数(B)\n项目资金 资金总额 410 396.2\n其中:中央补助 410 396.2\n",
        [
            ["主管部门", "县医保局", "预算数(A)", "执行数(B)"],
            ["项目资金", "资金总额", "410", "396.2"],
            ["其中:中央补助", "410", "396.2"],
        ],
    ),
    "single blanks between the cells, and before what stands in brackets": (
        "全年预算数 (A) 全年执行数 (B) 执行率 (B/A) 得分\n资金总额 (万元) 415.3 402.8 96.99% 9.7\n中央补助 300 290 96.67% -\n",
        [
            ["全年预算数 (A)", "全年执行数 (B)", "执行率 (B/A)", "得分"],
            ["资金总额 (万元)", "415.3", "402.8", "96.99%", "9.7"],
            ["中央补助", "300", "290", "96.67%", "-"],
        ],
    ),
    "a goal beside its result": (
        "年度总体目标 实际完成情况\n居民参保21万人 参保21.4万人,参保率97%,已完成\n",
        [["年度总体目标", "实际完成情况"], ["居民参保21万人", "参保21.4万人,参保率97%,已完成"]],
    ),
    "blanks that align the cells": (
        "              城镇职工            城乡居民\n"
        "项目          应参保    已参保    应参保    已参保\n"
        "人数          41260     40873     538914    523187\n"
        "参保率        99.06               97.08\n"
        "其中困难群体\n"
        "特困人员                          4127      4120\n",
        [
            ["城镇职工", "城乡居民"],
            ["项目", "应参保", "已参保", "应参保", "已参保"],
            ["人数", "41260", "40873", "538914", "523187"],
            ["参保率", "99.06", "", "97.08", ""],
            ["其中困难群体", "", "", "", ""],
            ["特困人员", "", "", "4127", "4120"],
        ],
    ),
    "nothing between the cells but line ends": (
        "一级指标\n二级指标\n指标值\n产出指标\n参保人数\n≥71000人\n参保率\n≥95%\n效益指标\n满意度\n≥90%\n",
        [
            ["一级指标", "二级指标", "指标值"],
            ["产出指标", "参保人数", "≥71000人"],
            ["参保率", "≥95%"],
            ["效益指标", "满意度", "≥90%"],
        ],
    ),
    "bare headers run on and the values after them": (
        "合计\n出国费\n接待费\n7\n0\n7.0\n",
        [["合计", "出国费", "接待费"], ["7", "0", "7.0"]],
    ),
    "bare headers, one of them divided": (
        "合计\n公务用车购置及运行费\n接待费\n小计\n公务用车购置费\n公务用车运行费\n9\n5\n2\n3\n4\n",
        [
            ["合计", "公务用车购置及运行费", "接待费"],
            ["小计", "公务用车购置费", "公务用车运行费"],
            ["9", "5", "2", "3", "4"],
        ],
    ),
    "bare cells with a blank line after each": (
        "指标值\n\n完成值\n\n参保率\n\n95%\n\n96%\n\n满意度\n\n90%\n\n91%\n",
        [["指标值", "完成值"], ["参保率", "95%", "96%"], ["满意度", "90%", "91%"]],
    ),
    "bare cells with a blank line after each, which parts no row": (
        "指标值\n\n完成值\n\n参保率\n\n95%\n\n96%\n\n检查\n\n机构\n\n9家\n\n满意度\n\n90%\n\n91%\n",
        [
            ["指标值", "完成值"],
            ["参保率", "95%", "96%"],
            ["检查", "机构", "9家"],
            ["满意度", "90%", "91%"],
        ],
    ),
    "single blanks, and a remark after the values": (
        "质量指标 参保率 95% 96% 10 9 宣传不够\n质量指标 救助比例 70% 71% 10 10\n数量指标 检查 5家 6家 5 5 无\n",
        [
            ["质量指标", "参保率", "95%", "96%", "10", "9", "宣传不够"],
            ["质量指标", "救助比例", "70%", "71%", "10", "10"],
            ["数量指标", "检查", "5家", "6家", "5", "5", "无"],
        ],
    ),
    "single blanks, and a divided header": (
        "合计 出国(境)费 公务用车购置及运行费 接待费\n小计 公务用车购置费 公务用车运行费\n79 0 75 25 50 4\n",
        [
            ["合计", "出国(境)费", "公务用车购置及运行费", "接待费"],
            ["小计", "公务用车购置费", "公务用车运行费"],
            ["79", "0", "75", "25", "50", "4"],
        ],
    ),
    "bare cells, a label broken over two lines": (
        "一级指标\n二级指标\n三级指标\n指标值\n完成值\n\n产出指标\n质量指标\n困难家庭住院\n救助比例\n"
        "70%左右\n74.1%\n\n效益指标\n可持续影响\n基金结余可支付\n月数\n≥6个月\n7.4个月\n\n"
        "效益指标\n满意程度\n参保家庭满意\n率\n≥85%\n91%\n\n效益指标\n满意程度\n职工满意率\n≥85%\n93%\n\n",
        [
            ["一级指标", "二级指标", "三级指标", "指标值", "完成值"],
            ["产出指标", "质量指标", "困难家庭住院救助比例", "70%左右", "74.1%"],
            ["效益指标", "可持续影响", "基金结余可支付月数", "≥6个月", "7.4个月"],
            ["效益指标", "满意程度", "参保家庭满意率", "≥85%", "91%"],
            ["效益指标", "满意程度", "职工满意率", "≥85%", "93%"],
        ],
    ),
    "bare cells, and more than one way to join a row": (
        "项目\n指标值\n完成值\n分值\n\n就医\n负担\n减轻\n有所减轻\n20\n\n参保率\n95%\n96%\n10\n\n",
        [
            ["项目", "指标值", "完成值", "分值"],
            ["就医", "负担", "减轻", "有所减轻", "20"],
            ["参保率", "95%", "96%", "10"],
        ],
    ),
    "bare cells, rows that no blank line parts": (
        "指标值\n完成值\n\n检查\n机构\n95%\n较少\n力量\n96%\n\n参保率\n97%\n\n",
        [["指标值", "完成值"], ["检查", "机构", "95%"], ["较少", "力量", "96%"], ["参保率", "97%"]],
    ),
    "bare cells, a merged cell and a name before the first figures": (
        "年初预算\n调整预算\n实际支出\n执行率\n基本支出\n人员经费\n61.2\n63\n63\n100%\n"
        "公用经费\n8.4\n8.1\n7.9\n97.53%\n合计\n69.6\n71.1\n70.9\n99.72%\n",
        [
            ["年初预算", "调整预算", "实际支出", "执行率"],
            ["基本支出", "人员经费", "61.2", "63", "63", "100%"],
            ["公用经费", "8.4", "8.1", "7.9", "97.53%"],
            ["合计", "69.6", "71.1", "70.9", "99.72%"],
        ],
    ),
    "bare cells below years and a column of units": (
        "指标名称\n计量单位\n2022年\n2021年\n同比±%\n一般:\n职工参保人数\n万人\n8.31\n8.02\n3.6\n基金收入\n亿元\n2.07\n1.95\n\n基金支出\n亿元\n1.62\n1.5\n8\n",
        [
            ["指标名称", "计量单位", "2022年", "2021年", "同比±%"],
            ["一般:"],
            ["职工参保人数", "万人", "8.31", "8.02", "3.6"],
            ["基金收入", "亿元", "2.07", "1.95"],
            ["基金支出", "亿元", "1.62", "1.5", "8"],
        ],
    ),
    "bare cells below years, a blank line after each": (
        "项 目\n\n2022年预算数\n\n2023年预算数\n\n增减额\n\n增减%\n\n合 计\n\n3.1\n\n2.8\n\n-0.3\n\n-9.68\n\n出国费\n\n0\n\n0\n\n0\n\n"
        "接待费\n\n3.1\n\n2.8\n\n-0.3\n\n-9.68\n\n",
        [
            ["项 目", "2022年预算数", "2023年预算数", "增减额", "增减%"],
            ["合 计", "3.1", "2.8", "-0.3", "-9.68"],
            ["出国费", "0", "0", "0"],
            ["接待费", "3.1", "2.8", "-0.3", "-9.68"],
        ],
    ),
    "bare headers that might be titles": (
        "资金情况\n（万元）\n年初预算\n全年预算\n全年执行\n执行率\n\n总额\n60\n62\n54.9\n88.55%\n\n",
        [
            ["资金情况(万元)", "年初预算", "全年预算", "全年执行", "执行率"],
            ["总额", "60", "62", "54.9", "88.55%"],
        ],
    ),
    "bare headers that might be titles, years with them": (
        "公用经费\n2021年决算\n2022年预算\n2022年决算\n\n合计\n8.1\n8.4\n7.9\n\n",
        [["公用经费", "2021年决算", "2022年预算", "2022年决算"], ["合计", "8.1", "8.4", "7.9"]],
    ),
    "bare cells, rows parted by blank lines": (
        "项目资金\n（万元）\n全年预算数\n执行数\n\n资金总额\n82\n80.36\n\n中央补助\n50\n达到40以上\n\n",
        [
            ["项目资金(万元)", "全年预算数", "执行数"],
            ["资金总额", "82", "80.36"],
            ["中央补助", "50"],
        ],
    ),
}


@pytest.mark.parametrize("layout", GRIDS)
def test_tables_are_rebuilt(layout: str) -> None:
    flattened, rows = GRIDS[layout]
    cleaned = text.clean(f"一、支出情况\n单位：万元\n{flattened}\n\n后文，从此开始，到此为止。")
    assert grid(cleaned) == rows
    kinds = [block.kind for block in text.blocks(cleaned)]
    assert kinds[:3] == ["heading", "paragraph", "table"]
    assert kinds[-1] == "paragraph"
    assert cleaned.endswith(words(cleaned, "paragraph")[-1])


@pytest.mark.parametrize("layout", GRIDS)
def test_cells_are_counted_in_reading_order_within_their_table(layout: str) -> None:
    cleaned = text.clean(GRIDS[layout][0])
    [table] = tables(cleaned)
    places = [(cell.row, cell.column) for cell in table.cells]
    assert places == sorted(set(places))
    for cell, following in zip(table.cells, table.cells[1:], strict=False):
        assert table.start <= cell.start <= cell.end <= following.start <= table.end
        assert cleaned[cell.start : cell.end] == cleaned[cell.start : cell.end].strip()


def spans(cleaned: str) -> list[tuple[str, int, int, int, int]]:
    [table] = tables(cleaned)
    return [
        (cleaned[cell.start : cell.end], cell.row, cell.column, cell.rows, cell.columns)
        for cell in table.cells
    ]


def test_a_divided_header_is_placed_above_its_parts() -> None:
    cleaned = text.clean(
        "合计 |\n出国费 |\n公务用车购置及运行费 |\n接待费 |\n|||\n"
        "合并 |\n公务用车运行费 |\n公务用车购置费 |\n|||\n64 |\n1 |\n60 |\n22 |\n38 |\n3 |\n"
    )
    assert spans(cleaned)[:7] == [
        ("合计", 0, 0, 2, 1),
        ("出国费", 0, 1, 2, 1),
        ("公务用车购置及运行费", 0, 2, 1, 3),
        ("接待费", 0, 5, 2, 1),
        ("合并", 1, 2, 1, 1),
        ("公务用车运行费", 1, 3, 1, 1),
        ("公务用车购置费", 1, 4, 1, 1),
    ]
    assert spans(cleaned)[-1] == ("3", 2, 5, 1, 1)
    assert not tables(cleaned)[0].ragged


def test_empty_cells_show_which_cells_of_a_header_go_on_downwards() -> None:
    cleaned = text.clean(
        "\t项目\n\t职工\n\t城乡居民\n\t合计\n\n\t\n\t\n\t人数\n\t金额\n\t\n\n"
        "\t住院\n\t31\n\t52\n\t7\n\t83\n\n"
    )
    assert spans(cleaned)[:7] == [
        ("项目", 0, 0, 2, 1),
        ("职工", 0, 1, 2, 1),
        ("城乡居民", 0, 2, 1, 2),
        ("合计", 0, 4, 2, 1),
        ("人数", 1, 2, 1, 1),
        ("金额", 1, 3, 1, 1),
        ("住院", 2, 0, 1, 1),
    ]
    assert not tables(cleaned)[0].ragged


def test_a_row_that_does_not_divide_a_header_covers_its_parts() -> None:
    cleaned = text.clean(
        "|\n|\n职工医疗保险 |\n居民保险 |\n|\n|\n医疗保险 |\n生育险 |\n||\n"
        "|\n参保人数 |\n90 |\n58 |\n40 |\n|\n基金收入 |\n48 |\n8 |\n|\n|\n"
    )
    assert spans(cleaned) == [
        ("职工医疗保险", 0, 1, 1, 2),
        ("居民保险", 0, 3, 2, 1),
        ("医疗保险", 1, 1, 1, 1),
        ("生育险", 1, 2, 1, 1),
        ("参保人数", 2, 0, 1, 1),
        ("90", 2, 1, 1, 1),
        ("58", 2, 2, 1, 1),
        ("40", 2, 3, 1, 1),
        ("基金收入", 3, 0, 1, 1),
        ("48", 3, 1, 1, 2),
        ("8", 3, 3, 1, 1),
    ]


def test_headers_of_unlike_names_are_left_ragged() -> None:
    cleaned = text.clean("甲 |\n乙 |\n||\n丙 |\n丁 |\n||\n1 |\n2 |\n3 |\n")
    assert tables(cleaned)[0].ragged
    assert grid(cleaned) == [["甲", "乙"], ["丙", "丁"], ["1", "2", "3"]]


def test_a_header_above_aligned_columns_spans_them() -> None:
    cleaned = text.clean(GRIDS["blanks that align the cells"][0])
    assert spans(cleaned)[:2] == [("城镇职工", 0, 1, 1, 2), ("城乡居民", 0, 3, 1, 2)]
    assert not tables(cleaned)[0].ragged


def test_counted_columns_are_called_ragged() -> None:
    assert tables("\t项目\n\t预算数\n\n\t合计\n\t10\n")[0].ragged


def test_what_follows_the_last_cell_is_no_part_of_it() -> None:
    cleaned = text.clean("\t项目\n\t预算数\n\n\t合计\n\t10\n填表人：略\n说明，本表由办公室填报。\n")
    assert grid(cleaned) == [["项目", "预算数"], ["合计", "10"]]
    assert words(cleaned, "paragraph") == ["填表人:略", "说明,本表由办公室填报。"]


def test_a_title_above_bare_cells_is_no_header() -> None:
    rows = "单位名称\n指标值\n完成值\n\n产出\n参保率\n95%\n96%\n\n费用\n1\n2\n"
    cleaned = text.clean(f"2022年度预算\n{rows}")
    assert words(cleaned, "heading") == ["2022年度预算"]
    assert grid(cleaned)[0] == ["单位名称", "指标值", "完成值"]


def test_prose_between_tables_parts_them() -> None:
    rows = "\t项目\n\t预算数\n\n\t合计\n\t10\n\n"
    cleaned = text.clean(f"{rows}\n说明：如上。\n项目支出绩效自评表\n{rows}")
    assert [block.kind for block in text.blocks(cleaned)] == [
        "table",
        "paragraph",
        "heading",
        "table",
    ]


@pytest.mark.parametrize(
    "prose",
    [
        "\t本局全年支出合计为一百万元上下。其余各项见后文所列。\n\t本年收入见后。\n",
        "\t一、部门概况\n\t本局内设机构若干\n",
        "\t本局内设机构五个，下设中心一个。\n\n\t本局人员若干名，编制若干名。\n",
        "1.\t部门概况\n2.\t支出情况\n",
        "2024 年本局安排了 1310.57 万元，年中调整 100 万\n元，执行 900 万元。\n",
        "截至 2024 年 12 月\n共有 5 个项目 3 个单位\n",
        "选择甲|乙两种方案，均可。\n",
        "中央资金\n省级资金\n县级资金\n其他资金\n",
        "本年支出\n100万元\n本年收入，见后文\n",
        "合计 10 20\n",
    ],
)
def test_prose_is_never_taken_for_a_table(prose: str) -> None:
    assert tables(text.clean(prose)) == []


# --- what holds for every text -------------------------------------------------------------

SENTENCE = st.sampled_from(
    [
        "全县参保10.5万人，参保率为98%。",
        "本年支出100.5万元，其中本\n级支出50万元。",
        "公用经费控制率100%；",
        "绩效目标已经完成。",
    ]
)
HEADING = st.sampled_from(["一、部门概况", "(二)支出情况", "绩效目标完成情况", "## 3.收入"])
TABLE = st.sampled_from([flattened for flattened, _ in GRIDS.values()])
SOUP = st.text(alphabet="参保预算数率一、（1）.。，：|\t \n10%万元其中指标-—#", max_size=120)


@settings(max_examples=200)
@given(st.lists(st.one_of(SENTENCE, HEADING, TABLE, SOUP), max_size=8).map("\n".join))
def test_blocks_hold_every_character_once_and_in_order(decoded: str) -> None:
    cleaned = text.clean(decoded)
    covered = [False] * len(cleaned)
    end = 0
    for block in text.blocks(cleaned):
        assert end <= block.start < block.end <= len(cleaned)
        end = block.end
        covered[block.start : block.end] = [True] * (block.end - block.start)
        assert (block.level > 0) == (block.kind == "heading")
        assert bool(block.cells) == (block.kind == "table")
        inside = [False] * len(cleaned)
        for cell in block.cells:
            assert block.start <= cell.start <= cell.end <= block.end
            inside[cell.start : cell.end] = [True] * (cell.end - cell.start)
        if block.kind == "table":
            lost = {cleaned[at] for at in range(block.start, block.end) if not inside[at]}
            assert lost <= set("|\t \n:-")
    lost = {character for character, held in zip(cleaned, covered, strict=True) if not held}
    assert lost <= set("# \t\n")


@given(st.lists(st.one_of(SENTENCE, HEADING), min_size=1, max_size=8), st.integers(1, 3))
def test_blank_lines_between_paragraphs_change_nothing(parts: list[str], blanks: int) -> None:
    close, apart = (text.clean(("\n" * n).join(parts)) for n in (1, 1 + blanks))
    for kind in ("heading", "paragraph"):
        assert words(close, kind) == words(apart, kind)


@given(SOUP)
def test_headings_and_paragraphs_are_never_blank(decoded: str) -> None:
    cleaned = text.clean(decoded)
    for kind in ("heading", "paragraph"):
        assert all(piece.strip() for piece in words(cleaned, kind))


@given(st.lists(st.one_of(SENTENCE, HEADING, TABLE), min_size=1, max_size=6).map("\n".join))
def test_the_encoding_changes_nothing(decoded: str) -> None:
    assume(decoded.strip())
    place = Source("a.txt", "a.txt", "", 0)
    plain = text.read(place, decoded.encode())
    assert text.read(place, decoded.encode("gb18030")) == plain
    assert text.read(place, decoded.encode("utf-16")) == plain


@pytest.mark.parametrize(
    "unit", ["参保", "1", "1,111", "—3—", " ", "\t", "|", "(", "#", "第1页", "参保 10 ", "a|b\t"]
)
def test_one_endless_line_is_read(unit: str) -> None:
    decoded = unit * 100_000
    assert len(text.clean(decoded)) == len(decoded)
    assert len(text.blocks(text.clean(decoded))) <= 1


def test_semicolons_between_cells_make_a_table():
    lines = [
        "分类统计",
        "类别;应参保;已参保",
        "特困人员;1020;1020",
        "低保对象;16300;16290",
        "年末数。",
    ]
    cleaned = text.clean("\n".join(lines))
    [table] = [b for b in text.blocks(cleaned) if b.kind == "table"]
    assert [cleaned[c.start : c.end] for c in table.cells] == ";".join(lines[1:4]).split(";")


def test_sentences_parted_by_semicolons_are_no_table():
    lines = [
        "一是参保;二是待遇;三是监管。",
        "一是宣传;二是培训;三是检查。",
        "一是缴费;二是报销;三是结算。",
    ]
    assert all(b.kind != "table" for b in text.blocks(text.clean("\n".join(lines))))


def test_between_bars_on_lines_of_their_own_a_head_that_looks_like_a_title_is_a_cell() -> None:
    cells = [
        "项目",
        "2021年预算",
        "2022年预算",
        "合计",
        "6.20",
        "5.90",
        "公务接待费",
        "2.20",
        "1.90",
    ]
    flat = "三公经费预算表\n" + "\n|\n".join(cells) + "\n|\n"
    assert [cell for row in grid(flat) for cell in row] == cells
