"""PDF reports: every digit of every cell and paragraph comes back, however the page is drawn."""

import hashlib
import io
import re
from decimal import Decimal

import pdfplumber
import pypdfium2
import pytest
import typeset
import typeset_pdf
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader

from ingest.codebook.loading import load
from ingest.documents import readers
from ingest.documents.glyphs import fold
from ingest.documents.readers import UnreadableError, pdf, pdfium_calls, scan
from ingest.identifying import identify
from ingest.reading import reader
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


# --- tables with rules ---------------------------------------------------------------------

RULED = {
    "full rules": {},
    "thin rectangles": {"rules": "thin", "latin": True},
    "over pages": {"size": SHORT, "furniture": "—{page}—", "head": "绩效自评报告", "latin": True},
    "header repeated": {"size": SHORT, "furniture": "- {page} -", "repeat_header": True},
    "page turned": {"rotated": True},
    "text turned": {"turned": True},
    "line drawn twice": {"bold": "line"},
    "character drawn twice": {"bold": "character"},
    "font not in the file": {"embedded": False},
    "font not in the file, page turned": {"embedded": False, "rotated": True},
    "font not in the file, text turned": {"embedded": False, "turned": True, "latin": True},
    "two columns": {"columns": 2, "size": (1190.0, 842.0)},
}


@pytest.mark.parametrize("options", RULED.values(), ids=RULED)
def test_ruled_reports_come_back_cell_by_cell(options):
    document = read(typeset_pdf.pdf(typeset.MODEL, **options))
    assert tables_of(document) == tables_printed(typeset.MODEL)
    assert prose_of(document) == prose_printed(typeset.MODEL)
    assert document.issues == ()


def grid(canvas, xs, ys):
    for x in xs:
        canvas.line(x, ys[0], x, ys[-1])
    for y in ys:
        canvas.line(xs[0], y, xs[-1], y)


def test_pdfplumber_looks_again_where_rules_do_not_close_and_only_there(monkeypatch):
    looked = []
    look = pdf._second_look
    monkeypatch.setattr(
        pdf, "_second_look", lambda data, page: looked.append(page.number) or look(data, page)
    )

    def draw(canvas, font):
        canvas.setFont(font, 10)
        for x, low in ((100, 640), (400, 640)):
            canvas.line(x, 700, x, low)
        # Neither 项目 and 预算数 are apart, nor 项目 and 支出: what they make is no cell.
        canvas.line(200, 670, 200, 640)
        canvas.line(300, 700, 300, 640)
        canvas.line(200, 670, 400, 670)
        canvas.line(100, 700, 400, 700)
        canvas.line(100, 640, 400, 640)
        for x, y, words in (
            (110, 680, "项目"),
            (210, 680, "预算数"),
            (310, 680, "决算数"),
            (110, 650, "支出"),
            (210, 650, "12.5"),
            (310, 650, "11.8"),
        ):
            canvas.drawString(x, y, words)

    read(typeset_pdf.pdf(typeset.MODEL))
    assert looked == []
    document = read(typeset_pdf.drawn("项目预算数决支出125.8", draw))
    assert looked == [1]
    assert [tight(w) for w in ("12.5", "11.8")] == [w for *_, w in tables_of(document)[0]][-2:]
    [issue] = document.issues
    assert (issue.kind, issue.where) == ("table_unclear", "page 1")
    assert issue.message.startswith("the rules of a table on 1 pages do not tell its cells")
    assert issue.action == "compare the figures of these tables with the pages"


def test_figures_stacked_between_upright_rules_are_rows():
    def draw(canvas, font):
        canvas.setFont(font, 10)
        grid(canvas, [100, 250, 350, 450], [700, 680, 620])
        rows = ["项目", "预算数", "决算数"], ["支出", "12.5", "11.8"], ["收入", "13.6", "13.2"]
        for row, y in zip((*rows, ["余额", "1.1", "1.4"]), (686, 665, 648, 631), strict=True):
            for words, x in zip(row, (110, 260, 360), strict=True):
                canvas.drawString(x, y, words)

    [cells] = tables_of(read(typeset_pdf.drawn("项目预算数决支出收入余额1234568.", draw)))
    assert [(row, column, words) for row, column, _, _, words in cells] == [
        *((0, n, w) for n, w in enumerate(["项目", "预算数", "决算数"])),
        *((1, n, w) for n, w in enumerate(["支出", "12.5", "11.8"])),
        *((2, n, w) for n, w in enumerate(["收入", "13.6", "13.2"])),
        *((3, n, w) for n, w in enumerate(["余额", "1.1", "1.4"])),
    ]


def test_a_number_broken_in_a_narrow_cell_and_one_wider_than_its_cell_stay_whole():
    def draw(canvas, font):
        canvas.setFont(font, 10)
        grid(canvas, [100, 200, 230, 300], [700, 680, 650])
        canvas.drawString(110, 686, "项目")
        canvas.drawString(203, 686, "预算")
        canvas.drawString(240, 686, "决算数")
        canvas.drawString(110, 661, "支出")
        canvas.drawString(203, 667, "1286")
        canvas.drawString(203, 655, ".40")
        canvas.drawString(228, 661, "123456789.15")

    [cells] = tables_of(read(typeset_pdf.drawn("项目预算决数支出0123456789.", draw)))
    assert [words for *_, words in cells][-3:] == ["支出", "1286.40", "123456789.15"]


def test_forms_one_after_the_other_are_not_one_table():
    rows = [["项目", "金额"], ["支出", "12.5"]]
    report = [("heading", 1, "附件一"), ("table", rows), ("heading", 1, "附件二"), ("table", rows)]
    report += [("paragraph", "完。")] * 14 + [("table", rows), ("paragraph", "续表")] + report[-1:]
    document = read(typeset_pdf.pdf(report, size=SHORT))
    assert len(tables_of(document)) == len(list(typeset.tables(report)))
    assert [block.level for block in document.blocks if block.kind == "heading"][:2] == [1, 1]


# --- tables without upright rules ----------------------------------------------------------

UNRULED = {
    "level rules": {"rules": "level"},
    "three rules": {"rules": "three", "latin": True},
    "no rules": {"rules": "none", "latin": True},
    "three rules, over pages": {"rules": "three", "latin": True, "size": SHORT},
    "no rules, header repeated": {"rules": "none", "size": SHORT, "repeat_header": True},
}


@pytest.fixture(scope="module")
def codebook():
    return load()


def mentions_of(document, codebook):
    identity = identify.identify(document, codebook)
    return sorted(
        (m.indicator, m.scenario, m.population, str(m.year), Decimal(m.value), m.subject)
        for m in reader.read(document, identity, codebook).mentions
    )


@pytest.mark.parametrize("options", UNRULED.values(), ids=UNRULED)
def test_tables_without_upright_rules_say_the_same(options, codebook):
    document = read(typeset_pdf.pdf(typeset.MODEL, **options))
    ruled = read(typeset_pdf.pdf(typeset.MODEL))
    assert prose_of(document) == prose_printed(typeset.MODEL)
    assert mentions_of(document, codebook) == mentions_of(ruled, codebook)
    for found, printed in zip(tables_of(document), tables_printed(typeset.MODEL), strict=True):
        assert sorted(w for *_, w in found if w) == sorted(w for *_, w in printed if w)


@pytest.mark.parametrize("rules", ["level", "three", "none"])
def test_figures_without_upright_rules_stand_in_their_row_and_column(rules):
    document = read(typeset_pdf.pdf(typeset.MODEL, rules=rules, latin=True))
    for found, printed in zip(tables_of(document), tables_printed(typeset.MODEL), strict=True):
        figures = {(r, c, w) for r, c, *_, w in printed if re.search(r"\d", w) and len(w) < 12}
        assert figures <= {(r, c, w) for r, c, *_, w in found}


PROSE = [
    ("heading", 1, "关于2023年度部门整体支出绩效自评的报告"),
    ("paragraph", "一是参保扩面。2023年参保 10.5 万人，参保率 98.2%，比上年高 0.3 个百分点。" * 3),
    (
        "paragraph",
        "二是基金运行。" + "全年收入 1286.40 万元 支出 1330.18 万元 结余 12.5 万元。" * 4,
    ),
    ("paragraph", "填报人：某某　　　　　　联系电话：无"),
    ("paragraph", "三是待遇保障。" + "各项待遇按时足额发放，群众比较满意。" * 6),
]


@pytest.mark.parametrize("columns", [1, 2])
def test_prose_is_never_a_table(columns):
    report = PROSE[:3] + (PROSE[3:] if columns == 1 else PROSE[4:] * 8)
    document = read(typeset_pdf.pdf(report, columns=columns, latin=True))
    assert tables_of(document) == []
    assert prose_of(document) == prose_printed(report)


def test_a_list_of_contents_is_no_table():
    titles = ["一、部门概况", "二、预算执行情况", "三、绩效目标完成情况", "四、存在问题"]

    def draw(canvas, font):
        canvas.setFont(font, 12)
        for at, title in enumerate(titles):
            canvas.drawString(80, 700 - 20 * at, title)
            canvas.drawString(500, 700 - 20 * at, str(at + 1))

    assert tables_of(read(typeset_pdf.drawn("".join(titles) + "1234", draw))) == []


# --- where a passage stands ----------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"rotated": True}, {"turned": True}], ids=str)
def test_every_place_holds_its_passage(options):
    data = typeset_pdf.pdf(typeset.MODEL, **options)
    document = read(data)
    assert len(document.places) > 150
    with pdfplumber.open(io.BytesIO(data)) as file:
        for place in document.places[::9]:
            x0, top, x1, bottom = place.box
            inside = file.pages[place.page - 1].crop((x0 - 1, top - 1, x1 + 1, bottom + 1))
            letters = {fold(c["text"]) for c in inside.chars}
            assert letters == set(tight(document.text[place.start : place.end]))


def test_page_marks_and_running_heads_are_left_out_and_titles_are_not():
    report = [("heading", 1, "绩效自评报告"), *[("paragraph", "参保率为98.2%。")] * 40]
    document = read(
        typeset_pdf.pdf(report, size=SHORT, head="绩效自评报告", furniture="第{page}页 共4页")
    )
    assert prose_of(document) == prose_printed(report)
    assert document.pages == 3


def test_a_title_of_two_lines_is_one_also_above_two_lines_of_text():
    title = "祁门县2023年城乡居民基本医疗保险财政补助资金项目绩效目标公示"
    report = [("heading", 1, title), ("paragraph", "全县居民参保148612人，参保率为97.85%。" * 2)]
    document = read(typeset_pdf.pdf(report))
    assert [block.kind for block in document.blocks] == ["heading", "paragraph"]
    assert prose_of(document) == prose_printed(report)


# --- what cannot be read -------------------------------------------------------------------


def pages_of(*parts):
    """One file of the pages of several."""
    whole = pypdfium2.PdfDocument.new()
    for part in parts:
        whole.import_pages(pypdfium2.PdfDocument(part))
    file = io.BytesIO()
    whole.save(file)
    return file.getvalue()


def picture_pages(count):
    return typeset_pdf.bound([Image.new("L", (300, 400), 255)] * count)


def test_a_pdf_is_known_by_its_mark_and_not_by_its_name(tmp_path):
    path = tmp_path / "report.txt"
    data = typeset_pdf.pdf(PROSE)
    path.write_bytes(data)
    document = readers.read(Source("report.txt", str(path), "0" * 64, len(data)))
    assert (document.format, document.reader, document.pages) == ("pdf", "pypdfium2", 1)


def test_a_password_is_asked_for_only_if_it_is_not_empty():
    open_ = typeset_pdf.pdf(PROSE, password=StandardEncryption("", "owner"))
    assert prose_of(read(open_)) == prose_printed(PROSE)
    closed = typeset_pdf.pdf(PROSE, password=StandardEncryption("secret"))
    with pytest.raises(UnreadableError) as raised:
        read(closed)
    assert raised.value.message == "report.pdf is encrypted: it opens with a password only."
    assert raised.value.action == "Open it with its password and print it to a PDF without one."


@pytest.mark.parametrize("share", [0.0, 0.4, 0.99])
def test_a_damaged_file_is_told(share):
    data = typeset_pdf.pdf(PROSE)
    with pytest.raises(UnreadableError) as raised:
        read(b"%PDF-1.7\n" + data[9 : int(len(data) * share)])
    assert "is a damaged PDF file of" in raised.value.message
    assert raised.value.action.startswith("Fetch it again")


def test_a_font_that_does_not_say_its_characters_is_told_and_not_read(monkeypatch):
    monkeypatch.setattr(scan, "available", lambda: False)
    mute = typeset_pdf.pdf(PROSE).replace(b"/ToUnicode", b"/ToUnicodX")
    with pytest.raises(UnreadableError, match="the characters of 1 pages have no meaning"):
        read(mute)
    document = read(pages_of(typeset_pdf.pdf(PROSE), mute))
    assert prose_of(document) == prose_printed(PROSE)
    assert (document.pages, document.blank_pages) == (2, 1)
    [issue] = document.issues
    assert (issue.kind, issue.where) == ("characters_unreadable", "page 2")
    assert issue.action.startswith("open the file and print it to a new PDF")


def test_a_page_of_letters_that_no_report_uses_is_told(monkeypatch):
    monkeypatch.setattr(scan, "available", lambda: False)

    def draw(canvas, font):
        canvas.setFont("Helvetica", 12)
        for line in range(9):
            canvas.drawString(80, 700 - 20 * line, "Äêðñó ÖÜáàßç Øþýæ ¤¶§")

    with pytest.raises(UnreadableError, match="have no meaning"):
        read(typeset_pdf.drawn("字", draw))


def test_a_single_character_without_meaning_costs_its_line_only():
    def draw(canvas, font):
        canvas.setFont(font, 12)
        for at in range(30):
            canvas.drawString(80, 760 - 20 * at, "全县参保人数和参保率都有提高。")
        canvas.drawString(80, 100, "支出3\ue5e55.2万元。")

    words = "全县参保人数和参保率都有提高。支出3\ue5e55.2万元。"
    document = read(typeset_pdf.drawn(words, draw))
    assert "5.2" not in document.text
    [issue] = document.issues
    assert (issue.kind, issue.where) == ("characters_lost", "page 1")
    assert issue.message == (
        "1 characters have no meaning in their font; the lines they stand in were left out"
    )


def test_pictures_of_pages_without_the_engine_are_one_issue(monkeypatch):
    monkeypatch.setattr(scan, "available", lambda: False)
    document = read(pages_of(picture_pages(2), typeset_pdf.pdf(PROSE), picture_pages(1)))
    assert prose_of(document) == prose_printed(PROSE)
    assert (document.pages, document.blank_pages) == (4, 3)
    [issue] = document.issues
    assert (issue.kind, issue.where) == ("scan_unread", "pages 1-2, 4")
    assert issue.message == "3 of 4 pages are pictures without text"
    assert "pip install rapidocr onnxruntime" in issue.action


def test_a_book_of_pictures_is_not_read_for_hours():
    with pytest.raises(UnreadableError) as raised:
        read(picture_pages(500))
    assert "500 of 500 pages are pictures without text" in raised.value.message
    assert raised.value.action == (
        "Split the file: up to 60 such pages are read from one file."
        if scan.available()
        else raised.value.action
    )


def test_blank_pages_are_counted():
    document = read(pages_of(typeset_pdf.pdf(PROSE), typeset_pdf.drawn("字", lambda *_: None)))
    assert (document.pages, document.blank_pages, document.issues) == (2, 1, ())
    with pytest.raises(UnreadableError, match=r"has no text: its 3 pages are blank\."):
        read(typeset_pdf.drawn("字", lambda *_: None, pages=3))


def test_a_text_layer_below_a_picture_is_not_taken_for_certain():
    def draw(canvas, font):
        canvas.drawImage(ImageReader(Image.new("L", (60, 84), 250)), 0, 0, 595, 842)
        text = canvas.beginText(80, 700)
        text.setFont(font, 12)
        text.setTextRenderMode(3)
        for _ in range(5):
            text.textLine("全县参保率为98.2%。")
        canvas.drawText(text)

    document = read(typeset_pdf.drawn("全县参保率为98.2%。", draw))
    assert {place.confidence for place in document.places} == {0.9}
    assert [issue.kind for issue in document.issues] == ["scan_read"]


def test_the_cheap_calls_say_what_pypdfium2s_own_say():
    """They take their types from its prototypes, which another version may declare otherwise."""
    file = pypdfium2.PdfDocument(typeset_pdf.pdf(typeset.MODEL[:8], latin=True))
    for page in file:
        text = page.get_textpage()
        at = pdfium_calls.address(text.raw)
        for number in range(text.count_chars()):
            assert pdfium_calls.char_box(at, number, pdfium_calls.BOX)
            left, top, right, bottom = pdfium_calls.box()
            assert (left, bottom, right, top) == text.get_charbox(number, loose=True)
        handle = pdfium_calls.address(page.raw)
        for number, item in enumerate(page.get_objects(max_depth=1)):
            found = pdfium_calls.object_at(handle, number)
            assert found == pdfium_calls.address(item.raw)
            assert pdfium_calls.kind_of(found) == item.type
            assert pdfium_calls.bounds(found, *pdfium_calls.EDGES)
            assert pdfium_calls.box() == item.get_bounds()
        text.close()
        page.close()
    file.close()
