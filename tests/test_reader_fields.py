"""Forms filled in on a screen: the values stand where a person sees them, and no script runs."""

import numpy as np
import pytest
import typeset
import typeset_pdf
from handmade import DEFINITIONS
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFString
from test_marking import document_of, reddish
from test_reader_pdf import (
    SHORT,
    mentions_of,
    prose_of,
    prose_printed,
    read,
    tables_of,
    tables_printed,
    tight,
)

from ingest.documents import readers
from ingest.documents.readers import UnreadableError, fields, marking, scan
from ingest.records import Source

MOBILE = "1" + "38" + "0" * 8

FILLED = {
    "full rules": {},
    "over pages": {"size": SHORT},
    "page turned": {"rotated": True},
    "text turned": {"turned": True},
}


@pytest.mark.parametrize("options", FILLED.values(), ids=FILLED)
def test_a_filled_form_comes_back_cell_by_cell(options):
    document = read(typeset_pdf.pdf(typeset.MODEL, fields=True, **options))
    assert tables_of(document) == tables_printed(typeset.MODEL)
    assert prose_of(document) == prose_printed(typeset.MODEL)
    assert document.issues == ()
    printed = read(typeset_pdf.pdf(typeset.MODEL, **options))
    assert mentions_of(document, DEFINITIONS) == mentions_of(printed, DEFINITIONS)


def test_a_field_stands_in_its_line_although_its_box_is_higher():
    def draw(canvas, font):
        canvas.setFont(font, 12)
        canvas.drawString(80, 760, "全年支出")
        typeset_pdf.field(canvas, (130, 748, 180, 772), "1286.40")
        canvas.drawString(184, 760, "万元。")

    document = read(typeset_pdf.drawn("全年支出万元。", draw))
    assert tight(document.text) == "全年支出1286.40万元。"
    assert len(document.text.splitlines()) == 1


def test_hidden_and_secret_fields_are_not_read():
    def draw(canvas, font):
        canvas.setFont(font, 12)
        canvas.drawString(80, 760, "全年支出决算数")
        typeset_pdf.field(canvas, (80, 700, 180, 720), "11.1", F=2)
        typeset_pdf.field(canvas, (80, 600, 180, 620), "22.2", F=32)
        typeset_pdf.field(canvas, (80, 500, 180, 520), "33.3", Ff=1 << 13)
        typeset_pdf.field(canvas, (80, 400, 180, 420), "44.4")

    document = read(typeset_pdf.drawn("全年支出决算数", draw))
    assert document.text.split() == ["全年支出决算数", "44.4"]


def test_scripts_of_a_form_do_not_run():
    script = PDFDictionary(
        {
            "S": PDFName("JavaScript"),
            "JS": PDFString('event.value = "999"; this.getField("field0").value = "999";'),
        }
    )

    def draw(canvas, font):
        canvas.setFont(font, 12)
        canvas.drawString(80, 760, "全年支出决算数")
        events = PDFDictionary(dict.fromkeys("EXDUFoBlKFVC", script))
        events.dict |= dict.fromkeys(("Fo", "Bl", "PO", "PV"), script)
        typeset_pdf.field(canvas, (180, 755, 280, 775), "1286.40", AA=events, A=script)
        canvas._doc.Catalog.OpenAction = script

    data = typeset_pdf.drawn("全年支出决算数", draw)
    assert data.count(b"JavaScript") >= 1
    document = read(data)
    assert "1286.40" in document.text
    assert "999" not in document.text


def test_a_page_of_fields_only_is_read_and_a_picture_below_fields_is_a_scan(monkeypatch):
    monkeypatch.setattr(scan, "available", lambda: False)

    def draw(canvas, font):
        typeset_pdf.field(canvas, (80, 740, 500, 760), "全年支出1286.40万元。")

    document = read(typeset_pdf.drawn("字", draw))
    assert (document.text, document.blank_pages) == ("全年支出1286.40万元。\n", 0)

    def draw_scan(canvas, font):
        canvas.drawImage(ImageReader(Image.new("L", (60, 84), 250)), 0, 0, 595, 842)
        draw(canvas, font)

    with pytest.raises(UnreadableError, match="1 of 1 pages are pictures without text"):
        read(typeset_pdf.drawn("字", draw_scan))


def test_files_without_fields_are_not_searched_for_them(monkeypatch):
    monkeypatch.setattr(fields, "filled", lambda *_: pytest.fail("asked for fields"))
    read(typeset_pdf.pdf(typeset.MODEL[:2]))


def test_the_picture_of_a_page_shows_what_was_filled_in(tmp_path):
    def draw(canvas, font):
        canvas.setFont(font, 12)
        canvas.drawString(80, 760, "全年支出决算数")
        typeset_pdf.field(canvas, (180, 755, 280, 775), "1286.40")

    document = document_of(tmp_path / "a.pdf", typeset_pdf.drawn("全年支出决算数", draw))
    start = document.text.index("1286.40")
    [image] = marking.marked_pages(document, [(start, start + 7)]).values()
    x0, top, x1, bottom = reddish(image)
    wide, high = image.size
    inside = image.crop(
        (int(x0 * wide) + 4, int(top * high) + 4, int(x1 * wide), int(bottom * high))
    )
    assert np.asarray(inside.convert("L")).min() < 100


@pytest.mark.parametrize("turned", [False, True])
def test_a_field_with_something_private_is_covered_whole(tmp_path, turned):
    def draw(canvas, font):
        if turned:
            canvas.setPageRotation(90)
            canvas.translate(841.89, 0)
            canvas.rotate(90)
        canvas.setFont(font, 12)
        canvas.drawString(80, 760, "全年支出决算数")
        typeset_pdf.field(canvas, (180, 755, 280, 775), "1286.40")
        # Set in the middle of its box, where the reader of values does not look for it.
        typeset_pdf.field(canvas, (80, 600, 480, 620), f"电话 {MOBILE}", Q=1)

    path = tmp_path / "a.pdf"
    path.write_bytes(typeset_pdf.drawn("全年支出决算数", draw))
    document = readers.read(Source("a.pdf", str(path), "0" * 64, path.stat().st_size))
    assert MOBILE not in document.text
    start = document.text.index("1286.40")
    [image] = marking.marked_pages(document, [(start, start + 7)]).values()
    wide, high = image.size
    left, right = 80 / 595.28 * wide, 480 / 595.28 * wide
    top, bottom = (841.89 - 620) / 841.89 * high, (841.89 - 600) / 841.89 * high
    assert (
        np.asarray(image.convert("L").crop((left + 3, top + 3, right - 3, bottom - 3))).max() < 10
    )
