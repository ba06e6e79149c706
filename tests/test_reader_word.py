"""Word files: what a reader of the printed page sees, and where it stands."""

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from typeset import MODEL
from typeset import docx as typeset_docx

from ingest.documents import readers
from ingest.documents.readers import UnreadableError
from ingest.documents.readers.word_numbers import chinese
from ingest.records import Source

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def read(tmp_path, data, name="report.docx"):
    path = tmp_path / name
    path.write_bytes(data)
    return readers.read(Source(name, str(path), "0" * 64, len(data)))


def saved(document):
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def body(*parts):
    """A Word file whose body is made of these pieces of XML."""
    document = docx.Document()
    for part in parts:
        document.element.body.insert(
            len(document.element.body) - 1, parse_xml(part.replace(">", f" {W}>", 1))
        )
    return document


def texts(document, kind=None):
    return [document.text[b.start : b.end] for b in document.blocks if kind in (None, b.kind)]


def cells(document, number=0):
    table = [b for b in document.blocks if b.kind == "table"][number]
    return [
        (c.row, c.column, c.rows, c.columns, document.text[c.start : c.end]) for c in table.cells
    ]


def run(words):
    return f"<w:r><w:t>{words}</w:t></w:r>"


# --- headings and numbers ------------------------------------------------------------------


def test_headings_come_from_styles_outline_levels_and_numbers(tmp_path):
    document = docx.Document()
    document.add_heading("某县医疗保障局自评报告", 0)
    document.add_heading("部门概况", 1)
    outlined = document.add_paragraph("收支情况")
    outlined._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {W} w:val="1"/>'))
    document.add_paragraph("（三）资产情况")
    document.add_paragraph("年末资产共计20万元。")
    found = read(tmp_path, saved(document))
    assert [(b.kind, b.level) for b in found.blocks] == [
        ("heading", 1),
        ("heading", 2),
        ("heading", 3),
        ("heading", 3),
        ("paragraph", 0),
    ]


def test_a_sentence_in_a_headings_style_is_a_paragraph(tmp_path):
    document = docx.Document()
    document.add_paragraph("自评报告")
    document.add_heading("全年支出100万元。执行率98%。", 2)
    document.add_heading("1、参保率为98%", 3)
    assert [b.kind for b in read(tmp_path, saved(document)).blocks] == [
        "heading",
        "paragraph",
        "paragraph",
    ]


def test_automatic_numbers_give_the_text_that_word_prints(tmp_path):
    by_hand = read(tmp_path, typeset_docx(MODEL))
    automatic = read(tmp_path, typeset_docx(MODEL, numbered=True))
    assert "一、预算执行情况" in automatic.text
    assert automatic.text == by_hand.text
    assert automatic.blocks == by_hand.blocks


LEVELS = """
<w:abstractNum {W} w:abstractNumId="70">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1章"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%2"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="3"/><w:numFmt w:val="{form}"/><w:suff w:val="nothing"/><w:lvlText w:val="%3"/></w:lvl>
<w:lvl w:ilvl="3"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="·"/></w:lvl>
</w:abstractNum>"""


def listed(levels, form="decimalEnclosedCircle", further=""):
    """A Word file of list paragraphs at these levels, of list 70 unless (list, level) is given."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    numbering.find("{*}num").addprevious(parse_xml(LEVELS.format(W=W, form=form)))
    numbering.append(parse_xml(f'<w:num {W} w:numId="70"><w:abstractNumId w:val="70"/></w:num>'))
    if further:
        numbering.append(parse_xml(further.replace(">", f" {W}>", 1)))
    for level in levels:
        number, level = level if isinstance(level, tuple) else (70, level)
        properties = document.add_paragraph("甲").paragraph_format.element.get_or_add_pPr()
        properties = properties.get_or_add_numPr()
        properties.get_or_add_ilvl().val = level
        properties.get_or_add_numId().val = number
    return saved(document)


def numbers(tmp_path, *arguments, **named):
    lines = read(tmp_path, listed(*arguments, **named)).text.split("\n")
    return [line.removesuffix("甲") for line in lines if line]


def test_numbers_count_restart_below_a_higher_level_and_skip_bullets(tmp_path):
    assert numbers(tmp_path, [0, 1, 1, 0, 1, 2, 2, 3, 1, 2]) == [
        "第一章 ",
        "1.1 ",
        "1.2 ",
        "第二章 ",
        "2.1 ",
        "③",
        "④",
        "",
        "2.2 ",
        "③",
    ]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("decimal", "3"),
        ("decimalZero", "03"),
        ("chineseCountingThousand", "三"),
        ("ideographTraditional", "丙"),
        ("chineseLegalSimplified", "叁"),
        ("decimalEnclosedParen", "⑶"),
        ("upperRoman", "III"),
        ("lowerLetter", "c"),
        ("aFormatOfTheFuture", "3"),
    ],
)
def test_every_common_format_of_numbers(tmp_path, form, expected):
    assert numbers(tmp_path, [2], form=form) == [expected]


def test_a_list_that_starts_anew_and_one_with_a_level_of_its_own(tmp_path):
    again = (
        '<w:num w:numId="71"><w:abstractNumId w:val="70"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    )
    assert numbers(tmp_path, [0, (71, 0), (71, 0), 0], further=again) == [
        "第一章 ",
        "第五章 ",
        "第六章 ",
        "第七章 ",
    ]
    own = (
        '<w:num w:numId="71"><w:abstractNumId w:val="70"/><w:lvlOverride w:ilvl="0"><w:lvl '
        'w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1、"/></w:lvl>'
        "</w:lvlOverride></w:num>"
    )
    assert numbers(tmp_path, [0, (71, 0), 0], further=own) == ["第一章 ", "1、", "第二章 "]


def test_a_number_never_runs_into_a_figure(tmp_path):
    document = docx.Document()
    document.add_paragraph("2023年参保率为98%。", style="List Number")
    assert read(tmp_path, saved(document)).text.startswith("1. 2023年")


def test_chinese_numbers_as_lists_count():
    assert [chinese(n) for n in (1, 11, 20, 21, 100, 101, 215, 1000)] == [
        "一",
        "十一",
        "二十",
        "二十一",
        "一百",
        "一百〇一",
        "二百一十五",
        "一千",
    ]


# --- what is printed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "printed"),
    [
        (run("支出") + "<w:del>" + run("90万元") + "</w:del>" + run("100万元"), "支出100万元"),
        ("<w:ins>" + run("支出100万元") + "</w:ins>", "支出100万元"),
        ("<w:moveFrom>" + run("旧") + "</w:moveFrom>" + run("新"), "新"),
        ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>密</w:t></w:r>" + run("明"), "明"),
        ("<w:r><w:instrText>PAGE</w:instrText></w:r>" + run("文"), "文"),
        (run("数") + '<w:r><w:footnoteReference w:id="2"/></w:r>', "数"),
        ("<w:hyperlink>" + run("链接") + "</w:hyperlink>", "链接"),
        ("<w:sdt><w:sdtContent>" + run("控件") + "</w:sdtContent></w:sdt>", "控件"),
        ("<w:r><w:t>98</w:t><w:noBreakHyphen/><w:t>99</w:t></w:r>", "98-99"),
        ("<w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t></w:r>", "甲\n乙"),
        (
            "<w:r><w:ruby><w:rt>" + run("bao") + "</w:rt><w:rubyBase>" + run("保") + "</w:rubyBase>"
            "</w:ruby></w:r>",
            "保",
        ),
    ],
)
def test_only_what_is_printed_is_read(tmp_path, inside, printed):
    assert read(tmp_path, saved(body(f"<w:p>{inside}</w:p>"))).text.strip() == printed


def test_a_text_box_is_read_once_and_after_its_paragraph(tmp_path):
    box = "<w:txbxContent><w:p>" + run("参保率98%。") + "</w:p></w:txbxContent>"
    part = (
        '<w:p xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        + run("正文。")
        + f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{box}</w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        "</w:p>"
    )
    found = read(tmp_path, saved(body(part, "<w:p>" + run("下文。") + "</w:p>")))
    assert texts(found) == ["正文。", "参保率98%。", "下文。"]


def test_a_paragraph_ends_where_word_ends_it_unless_a_clause_is_broken(tmp_path):
    document = docx.Document()
    for words in ("自评报告", "其中，职工5999人", "居民69296人，全部参保", "支出为", "100万元。"):
        document.add_paragraph(words)
    assert texts(read(tmp_path, saved(document)), "paragraph") == [
        "其中,职工5999人",
        "居民69296人,全部参保",
        "支出为\n100万元。",
    ]


# --- tables --------------------------------------------------------------------------------


def test_merged_cells_keep_their_spans_and_places(tmp_path):
    document = docx.Document()
    table = document.add_table(3, 3)
    for row, words in enumerate(("甲 乙 丙", "1 2 3", "4 5 6")):
        for column, word in enumerate(words.split()):
            table.cell(row, column).text = word
    table.cell(0, 0).merge(table.cell(1, 0)).text = "项目"
    table.cell(2, 1).merge(table.cell(2, 2)).text = "合计"
    found = read(tmp_path, saved(document))
    assert cells(found) == [
        (0, 0, 2, 1, "项目"),
        (0, 1, 1, 1, "乙"),
        (0, 2, 1, 1, "丙"),
        (1, 1, 1, 1, "2"),
        (1, 2, 1, 1, "3"),
        (2, 0, 1, 1, "4"),
        (2, 1, 1, 2, "合计"),
    ]
    places = {found.text[p.start : p.end]: p.where for p in found.places}
    assert places["合计"] == "table 1 row 3 cell 2"
    assert all(not block.ragged for block in found.blocks)


def test_a_row_may_begin_further_right_and_a_deleted_row_is_gone(tmp_path):
    row = "<w:tr>{}<w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr>"
    one, two = ("<w:p>" + run(words) + "</w:p>" for words in ("一", "二"))
    table = (
        "<w:tbl>"
        + row.format("", one, two)
        + row.format('<w:trPr><w:gridBefore w:val="1"/></w:trPr>', one, two)
        + row.format('<w:trPr><w:del w:id="1" w:author="x"/></w:trPr>', one, two)
        + "</w:tbl>"
    )
    assert [c[:2] for c in cells(read(tmp_path, saved(body(table))))] == [
        (0, 0),
        (0, 1),
        (1, 1),
        (1, 2),
    ]


def test_a_table_inside_a_cell_is_a_table_of_its_own(tmp_path):
    document = docx.Document()
    outer = document.add_table(2, 2)
    for number, cell in enumerate(c for row in outer.rows for c in row.cells):
        cell.text = f"外{number}"
    inner = outer.cell(1, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "参保率", "98%"
    found = read(tmp_path, saved(document))
    assert [c[-1] for c in cells(found)] == ["外0", "外1", "外2", "外3"]
    assert [c[-1] for c in cells(found, 1)] == ["参保率", "98%"]


def test_a_table_that_only_arranges_prose_is_prose(tmp_path):
    document = docx.Document()
    table = document.add_table(1, 2)
    table.cell(0, 0).text = "内容"
    table.cell(0, 1).text = "全县参保10万人。参保率达到98%。群众看病的负担减轻了。" * 2
    frame = document.add_table(1, 1)
    frame.cell(0, 0).text = "一、参保情况"
    assert [b.kind for b in read(tmp_path, saved(document)).blocks] == [
        "heading",
        "paragraph",
        "heading",
    ]


# --- complaints ----------------------------------------------------------------------------


def without(data, name, instead=b""):
    """The same container with one part emptied, or with something else in its place."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for part in old.namelist():
            new.writestr(part, instead if part == name else old.read(part))
    return file.getvalue()


@pytest.mark.parametrize(
    ("spoil", "message", "action"),
    [
        (
            lambda data: data[: len(data) // 2],
            "a zip container (docx, xlsx or zip) that is damaged",
            "Fetch",
        ),
        (lambda data: b"\x07\x08" * 99, "a binary file of unknown kind", "Save it as one of"),
        (
            lambda data: without(data, "word/document.xml"),
            "is a damaged Word file",
            "let it be rep",
        ),
        (lambda data: without(data, "[Content_Types].xml"), "is a damaged Word file", "let it be"),
        (
            lambda data: without(data, "word/document.xml", b"<html><body/></html>"),
            "is a damaged Word file: its parts are not those of a Word document.",
            "let it be",
        ),
        (lambda data: saved(docx.Document()), "holds no text: only pictures", "print it to PDF"),
    ],
    ids=["cut off", "no zip", "no body", "no types", "web page inside", "no text"],
)
def test_what_cannot_be_read_says_what_to_do(tmp_path, spoil, message, action):
    with pytest.raises(UnreadableError) as raised:
        read(tmp_path, spoil(typeset_docx(MODEL)))
    assert raised.value.message.startswith("report.docx ")
    assert message in raised.value.message
    assert raised.value.action.startswith(action) or action in raised.value.action
