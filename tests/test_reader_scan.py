"""Scans: what a crooked, noisy picture says comes back, is marked as recognised, and never guessed."""

import importlib.util
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import typeset
import typeset_pdf
from PIL import Image
from test_reader_pdf import pages_of, prose_of, prose_printed, tables_of, tables_printed

from ingest.documents import readers
from ingest.documents.readers import UnreadableError, marking, pdf, scan
from ingest.records import Source

needs_engine = pytest.mark.skipif(
    not scan.available(), reason="needs the extra: pip install rapidocr onnxruntime"
)
SIZE = (420.0, 380.0)
REPORT = [
    ("heading", 1, "祁门县医疗保障局自评表"),
    ("paragraph", "2023年全县参保人数148612人，参保率为97.85%，支出1330.18万元。"),
    (
        "table",
        [
            ["项目", ("预算数", 2, 1), "执行率"],
            ["“三公”经费", "6.80", "5.32", "78.24%"],
            [("公用经费", 1, 2), "62.70", "57.44", "91.61%"],
            ["58.90", "57.40", "97.45%"],
        ],
    ),
]


def source(data, name="scan.pdf"):
    return Source(name, name, "0" * 64, len(data))


def pictures(**options):
    return typeset_pdf.pictures(typeset_pdf.pdf(REPORT, size=SIZE), **options)


def saved(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


PROSE = [("heading", 1, "关于绩效自评的报告"), ("paragraph", "参保率为97.85%。")]


@pytest.fixture(scope="module")
def scanned():
    """A page with text, and one scanned crookedly."""
    data = pages_of(typeset_pdf.pdf(PROSE), typeset_pdf.bound(pictures(angle=1.1)))
    return pdf.read(source(data), data)


@needs_engine
def test_the_engine_tells_nobody_of_its_use(monkeypatch):
    """Its runtime does (from version 1.31 on) unless the environment forbids it in time."""
    code = (
        "import os, sys; from ingest.documents.readers import scan; "
        "assert 'onnxruntime' not in sys.modules; scan._engine(); "
        "print(os.environ['ORT_DISABLE_TELEMETRY'])"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert told.stdout.strip() == b"1", told.stderr


@needs_engine
def test_a_crooked_scan_comes_back_cell_by_cell(scanned):
    assert tables_of(scanned) == tables_printed(REPORT)
    assert prose_of(scanned) == prose_printed(PROSE) + prose_printed(REPORT)


@needs_engine
def test_what_was_recognised_is_marked_so_and_nothing_else(scanned):
    assert scanned.reader == "pypdfium2, rapidocr"
    assert (scanned.pages, scanned.blank_pages) == (2, 0)
    assert {place.confidence for place in scanned.places if place.page == 1} == {1}
    assert all(0.5 < place.confidence < 1 for place in scanned.places if place.page == 2)
    [issue] = scanned.issues
    assert (issue.severity, issue.kind, issue.where) == ("info", "scan_read", "page 2")
    assert issue.message == "the text of 1 of 2 pages was recognised from pictures"
    assert issue.action == "compare their figures with the pages before use"


@needs_engine
def test_boxes_hold_their_passage(scanned):
    title = next(place for place in scanned.places if place.page == 2)
    x0, top, x1, bottom = title.box
    assert scanned.text[title.start : title.end] == REPORT[0][-1]
    assert abs((x0 + x1) / 2 - SIZE[0] / 2) < 4
    assert 80 < top < bottom < 112


@needs_engine
@pytest.mark.parametrize("turned", [90, 180])
def test_a_picture_on_its_side_or_head_is_turned(turned):
    prose = REPORT[:2]
    page = typeset_pdf.pdf(prose, size=(420.0, 260.0))
    [picture] = typeset_pdf.pictures(page, angle=0.2)
    data = saved(picture.rotate(turned, expand=True), "PNG")
    document = scan.read(source(data, "scan.png"), data)
    assert (document.format, document.reader) == ("picture", "rapidocr")
    assert prose_of(document) == prose_printed(prose)
    x0, top, x1, bottom = document.places[0].box
    assert (bottom - top > x1 - x0) if turned == 90 else (top > document.places[-1].box[3])


def test_the_pages_of_a_tiff_file_are_one_document(monkeypatch):
    monkeypatch.setattr(scan, "available", lambda: False)
    blank = Image.new("L", (300, 400), 255)
    data = saved(blank, "TIFF", save_all=True, append_images=[blank])
    assert scan.matches(data)
    with pytest.raises(UnreadableError, match="2 of 2 pages are pictures"):
        scan.read(source(data, "scan.tif"), data)


def test_a_picture_without_the_engine_says_what_to_install(monkeypatch):
    monkeypatch.setattr(scan, "available", lambda: False)
    data = saved(Image.new("L", (300, 400), 255), "JPEG")
    with pytest.raises(UnreadableError) as raised:
        scan.read(source(data, "scan.jpg"), data)
    assert raised.value.message == ("scan.jpg has no text: 1 of 1 pages are pictures without text.")
    assert raised.value.action == (
        "Install the optional reader of scans, pip install rapidocr onnxruntime, and build again; "
        "or read these pages by eye."
    )


def test_a_damaged_picture_is_told():
    data = saved(Image.fromarray(np.arange(120_000, dtype=np.uint8).reshape(300, 400)), "PNG")
    assert scan.matches(data)
    with pytest.raises(UnreadableError) as raised:
        scan.read(source(data, "scan.png"), data[:200])
    assert raised.value.message.startswith("scan.png is a picture that cannot be opened: ")
    assert raised.value.action == "Scan or fetch it again; at most 100 million dots a page."


def test_a_picture_too_large_to_be_a_page_is_refused():
    data = saved(Image.new("1", (20_000, 6_000)), "PNG")
    with pytest.raises(UnreadableError, match="cannot be opened: 20000 x 6000 dots"):
        scan.read(source(data, "scan.png"), data)


def test_no_text_is_taken_for_a_picture():
    assert not scan.matches("二〇二三年度绩效自评报告".encode("utf-16"))
    assert not scan.matches(typeset.html(typeset.MODEL))


@needs_engine
@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_the_picture_of_a_crooked_page_is_level_and_its_boxes_hold_their_passage(tmp_path, kind):
    prose = [
        ("paragraph", "全年支出1286.40万元，" + "各项待遇按时足额发放。" * 2 + "参保人数148612人。")
    ]
    page = typeset_pdf.pdf(prose, size=(760.0, 300.0))
    [picture] = typeset_pdf.pictures(page, angle=2.4)
    data = typeset_pdf.bound([picture]) if kind == "pdf" else saved(picture, "PNG")
    path = tmp_path / f"scan.{kind}"
    path.write_bytes(data)
    document = readers.read(Source(path.name, str(path), "0" * 64, len(data)))
    for words in ("1286.40", "148612"):
        start = document.text.index(words)
        [image] = marking.marked_pages(document, [(start, start + len(words))]).values()
        red, green, blue = (np.asarray(image, dtype=int)[..., n] for n in range(3))
        rows, columns = np.nonzero((red > 150) & (green < 120) & (blue < 120))
        top, bottom = rows.min(), rows.max()
        ink = green[:, columns.min() + 6 : columns.max() - 5] < 100
        inside = ink[top + 5 : bottom - 4]
        assert inside[:, : inside.shape[1] // 4].any()
        assert inside[:, -inside.shape[1] // 4 :].any()
        outside = (*ink[top - 10 : top - 3], *ink[bottom + 4 : bottom + 11])
        assert np.sum(outside) < 0.05 * inside.sum()


# --- the scanned sample ----------------------------------------------------------------------

ROOT = Path(__file__).parents[1]


def grey(data):
    """The pages of a PDF as grey values."""
    file = pypdfium2.PdfDocument(data)
    return [page.render(grayscale=True).to_numpy().astype(int) for page in file]


def test_the_scanned_sample_is_made_of_the_words_kept_for_it():
    spec = importlib.util.spec_from_file_location("tool", ROOT / "tools/typeset_report.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    [words] = (ROOT / "tests/scans").iterdir()
    [sample] = (ROOT / "data/raw").rglob(f"{words.stem}.*")
    data = sample.read_bytes()
    assert len(data) < 300_000
    # Not the bytes: another version of the libraries may write the same pictures differently.
    made = grey(tool.scan(tool.report(words)))
    assert [page.shape for page in made] == [page.shape for page in grey(data)]
    assert all(np.abs(a - b).mean() < 1 for a, b in zip(made, grey(data), strict=True))
