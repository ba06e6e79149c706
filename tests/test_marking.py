"""The picture of a page shows the figure inside the box that is drawn."""

import hashlib
import io

import numpy as np
import pypdfium2
import pytest
import typeset
import typeset_pdf
from PIL import Image

from ingest.__main__ import main
from ingest.documents.readers import marking, pdf
from ingest.records import Block, Document, Place, Source

REPORT = [
    ("heading", 1, "祁门县医疗保障局2023年度部门整体支出绩效自评报告"),
    ("paragraph", "2023年，年初预算1286.40万元，实际支出1330.18万元。" * 2),
]


def document_of(path, data):
    path.write_bytes(data)
    return pdf.read(Source(path.name, str(path), hashlib.sha256(data).hexdigest(), len(data)), data)


def reddish(image):
    """From where to where the page is marked, as shares of its width and height."""
    red, green, blue = (np.asarray(image.convert("RGB"), dtype=int)[..., n] for n in range(3))
    rows, columns = np.nonzero((red > 150) & (green < 120) & (blue < 120))
    high, wide = red.shape
    return columns.min() / wide, rows.min() / high, columns.max() / wide, rows.max() / high


def test_a_page_of_which_only_a_part_is_shown(tmp_path):
    file = pypdfium2.PdfDocument(typeset_pdf.pdf(REPORT))
    file[0].set_cropbox(40, 100, 560, 800)
    shown = io.BytesIO()
    file.save(shown)
    document = document_of(tmp_path / "a.pdf", shown.getvalue())
    start = document.text.index("1286.40")
    [image] = marking.marked_pages(document, [(start, start + 7)]).values()
    x0, top, x1, bottom = reddish(image)
    assert 0.25 < x0 < x1 < 0.4
    assert 0.06 < top < bottom < 0.18


@pytest.mark.parametrize("options", [{}, {"rotated": True}], ids=["upright", "turned page"])
def test_the_box_is_around_the_passage(tmp_path, options):
    document = document_of(tmp_path / "a.pdf", typeset_pdf.pdf(REPORT, **options))
    start = document.text.index("1286.40")
    [image] = marking.marked_pages(document, [(start, start + 7)]).values()
    x0, top, x1, bottom = reddish(image)
    # On its line, in the first third of the page from above; as wide as seven digits.
    assert 0.28 < x0 < x1 < 0.42
    assert 0.03 < x1 - x0 < 0.09
    assert 0.1 < top < bottom < 0.2
    assert bottom - top < 0.025


def test_pages_are_numbered_and_those_without_a_passage_left_out(tmp_path):
    report = [REPORT[0], *[("paragraph", "参保率为97.85%。")] * 80, ("paragraph", "完毕。")]
    document = document_of(tmp_path / "a.pdf", typeset_pdf.pdf(report))
    start = document.text.index("完毕")
    assert document.pages == 3
    assert list(marking.marked_pages(document, [(start, start + 2)])) == [3]


def test_a_picture_is_marked_where_the_passage_was_read(tmp_path):
    path = tmp_path / "a.png"
    Image.new("L", (421, 842), 255).save(path)
    source = Source("a.png", str(path), "0" * 64, 1)
    document = Document(
        source,
        "picture",
        "rapidocr",
        "支出12.5万元",
        (Block("paragraph", 0, 8),),
        (Place(0, 8, 1, (100.0, 200.0, 180.0, 212.0), confidence=0.9),),
    )
    [image] = marking.marked_pages(document, [(0, 8)]).values()
    assert image.size == (421, 842)
    assert reddish(image) == pytest.approx((100 / 421, 200 / 842, 180 / 421, 212 / 842), abs=0.01)


def test_explain_writes_the_page(tmp_path, capsys):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.pdf").write_bytes(typeset_pdf.pdf(typeset.MODEL))
    target = tmp_path / "page.png"
    words = ["explain", "a.pdf", "--raw", str(tmp_path / "raw"), "--image", str(target)]
    assert main([*words, "--indicator", "participation_rate"]) == 0
    out = capsys.readouterr().out
    second = tmp_path / "page-2.png"
    assert f"page 1 -> {target.as_posix()}\npage 2 -> {second.as_posix()}\n" in out
    assert Image.open(target).size == Image.open(second).size == (1241, 1754)


@pytest.mark.parametrize(
    ("name", "indicator", "image", "message"),
    [
        ("a.pdf", "staff", "page.odd", "page.odd: name it .png or .jpg."),
        ("a.pdf", "fund_revenue", "page.png", "a.pdf has no such figure; ask for another"),
        ("b.html", "staff", "page.png", "b.html is html, which has no pages; only"),
    ],
)
def test_what_cannot_be_drawn_is_told(tmp_path, capsys, name, indicator, image, message):
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.pdf").write_bytes(typeset_pdf.pdf(typeset.MODEL))
    (raw / "b.html").write_bytes(typeset.html(typeset.MODEL))
    words = ["explain", name, "--raw", str(raw), "--indicator", indicator]
    assert main([*words, "--image", str(tmp_path / image)]) == 2
    assert message in capsys.readouterr().err
