"""The files that `xianbi export` writes, opened again with other eyes."""

import io
import os
import re
import shutil
import subprocess
import zipfile
from itertools import pairwise

import openpyxl
import pandas as pd
import pypdfium2
import pytest
from conftest import RICH_MENTIONS, RICH_ROWS, ROWS, write_table
from docx import Document
from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE

from xianbi import chartset, compare, data, export, pages, slides

INDICATORS = ("参保率", "公用经费", "budget_execution_rate")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """One set for all tests of this module; none of them changes it."""
    tables = tmp_path_factory.mktemp("tables")
    rows = ROWS | {
        "observations": [*ROWS["observations"], *RICH_ROWS],
        "mentions": [*ROWS["mentions"], *RICH_MENTIONS],
        "codebook": [
            *ROWS["codebook"],
            *(
                {"family": family, "indicator": name, "name_zh": zh, "kind": kind, "unit": unit}
                for family, name, zh, kind, unit in (
                    ("budget", "operating_expenditure", "公用经费", "amount", "万元"),
                    ("participation", "participation_rate", "参保率", "rate", "%"),
                )
            ),
        ],
    }
    for name, content in rows.items():
        write_table(tables, name, content)
    loaded = data.load(tables)
    folder = tmp_path_factory.mktemp("briefing")
    paths, left_out = export.write_all(loaded, folder, INDICATORS)
    return loaded, folder, paths, left_out


def test_the_same_tables_give_the_same_bytes(written, tmp_path):
    loaded, _, paths, _ = written
    again, _ = export.write_all(loaded, tmp_path, INDICATORS)
    assert [path.name for path in again] == [path.name for path in paths]
    for one, other in zip(paths, again, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_no_file_says_when_or_where_it_was_made(written):
    _, folder, paths, _ = written
    for path in paths:
        if path.suffix in (".xlsx", ".docx", ".pptx"):
            with zipfile.ZipFile(path) as archive:
                assert {entry.date_time[:3] for entry in archive.infolist()} == {(1980, 1, 1)}
                core = archive.read("docProps/core.xml").decode()
                assert set(re.findall(r">(\d{4}-[^<]*)<", core)) <= {"2000-01-01T00:00:00Z"}
                for name in archive.namelist():
                    assert str(folder).encode() not in archive.read(name)


def test_settling_reaches_the_workbook_inside_a_chart(written):
    _, folder, _, _ = written
    with zipfile.ZipFile(folder / "briefing.pptx") as deck:
        inside = [name for name in deck.namelist() if name.endswith(".xlsx")]
        assert inside
        for name in inside:
            with zipfile.ZipFile(io.BytesIO(deck.read(name))) as book:
                assert b">2000-01-01T00:00:00Z<" in book.read("docProps/core.xml")


def test_the_workbook_has_a_sheet_a_chart_and_one_of_sources(written):
    loaded, folder, _, _ = written
    made, _ = chartset.chart_set(loaded, INDICATORS)
    book = openpyxl.load_workbook(folder / "briefing.xlsx")
    assert book.sheetnames == [
        *(f"{n} {chart.name}"[:31] for n, chart in enumerate(made, start=1)),
        "来源",
    ]
    sheet = book[next(name for name in book.sheetnames if "participation-rate-ranke" in name)]
    heads = {cell.value: cell.column for cell in sheet[4]}
    rows = {
        sheet.cell(row, heads["县（市、区）"]).value: row for row in range(5, sheet.max_row + 1)
    }
    row = rows["无数县"]
    code = sheet.cell(row, heads["区划代码"])
    assert (code.value, code.data_type, code.number_format) == ("011111", "s", "@")
    value = sheet.cell(rows["北塔区"], heads["数值"])
    assert (value.value, value.number_format) == (95.93, "#,##0.00")
    assert sheet.cell(row, heads["数值的上下限"]).value == "≥"
    assert sheet.column_dimensions["A"].width >= 8
    assert sheet.freeze_panes == "A5"


def test_a_quote_is_text_whatever_it_begins_with(written):
    _, folder, _, _ = written
    sheet = openpyxl.load_workbook(folder / "briefing.xlsx")["来源"]
    quotes = [cell for row in sheet.iter_rows() for cell in row if "1+1" in str(cell.value)]
    assert quotes
    assert {(cell.value, cell.data_type) for cell in quotes} == {("=1+1 134.21", "s")}


def test_the_document_has_every_chart_its_caption_table_notes_and_quotes(written):
    loaded, folder, _, _ = written
    made, _ = chartset.chart_set(loaded, INDICATORS)
    document = Document(folder / "briefing.docx")
    said = [paragraph.text for paragraph in document.paragraphs]
    assert len(document.inline_shapes) == len(made)
    for n, chart in enumerate(made, start=1):
        assert chart.topic in said
        assert f"图 {n}  {chart.caption.subtitle}" in said
        assert chart.caption.source in said
        assert set(chart.caption.notes) <= set(said)
    tables = [[cell.text for cell in table.rows[0].cells] for table in document.tables]
    assert tables == [list(chart.reading.columns) for chart in made]
    assert any("参保率<b>94%</b>" in text and "第 2 页" in text for text in said)
    notes = said[said.index("可比性说明") + 1 : said.index("资料来源")]
    assert notes == pages.comparability(made, "zh")
    assert any("年初预算" in note and "口径不同不可比" in note for note in notes)
    assert any("只给了上下限" in note for note in notes)
    assert any("全国数：国家医保局" in note for note in notes)


def test_notes_speak_only_of_what_is_drawn(rich):
    made, _ = chartset.chart_set(rich, ["公用经费"])
    notes = "".join(pages.comparability(made, "en"))
    assert "both are shown" in notes
    assert "National line" not in notes
    assert "a bound only" not in notes


def native(folder):
    deck = Presentation(folder / "briefing.pptx")
    return {
        slide.shapes.title.text: next(
            (shape.chart for shape in slide.shapes if shape.has_chart), None
        )
        for slide in deck.slides
    }


def test_bars_dots_and_lines_are_native_charts_with_the_figures(written):
    loaded, folder, _, _ = written
    made, _ = chartset.chart_set(loaded, INDICATORS)
    charts = native(folder)
    kinds = {
        "bar": XL_CHART_TYPE.BAR_CLUSTERED,
        "dot": XL_CHART_TYPE.LINE_MARKERS,
        "line": XL_CHART_TYPE.LINE_MARKERS,
    }
    assert {chart.kind for chart in made} >= set(kinds)
    for chart in made:
        if chart.kind in kinds:
            drawn = charts[chart.caption.title]
            assert drawn.chart_type == kinds[chart.kind]
            categories, series = slides.series(chart, "zh")
            assert list(drawn.plots[0].categories) == categories
            assert {one.name: list(one.values) for one in drawn.plots[0].series} == {
                one.name: one.values for one in series
            }


def test_absent_is_a_gap_and_both_values_of_a_contradiction_are_there(written):
    loaded, _, _, _ = written
    made = {chart.name: chart for chart in chartset.chart_set(loaded, INDICATORS)[0]}
    years, (line,) = slides.series(made["operating-expenditure-over-years"], "zh")
    assert years == ["2020", "2021", "2022", "2023"]
    assert line.values == [120.0, None, 138.16, 130.83]
    places, (value, other) = slides.series(made["operating-expenditure-ranked"], "zh")
    assert places == ["无数县 2023", "北塔区 2023"]
    assert value.values == [50.5, 130.83]
    assert (other.name, other.values) == ("另一说法", [None, 134.21])


def test_a_bound_keeps_its_sign_and_a_dot_chart_has_no_line(written):
    loaded, folder, _, _ = written
    made = {chart.name: chart for chart in chartset.chart_set(loaded, INDICATORS)[0]}
    chart = made["participation-rate-ranked"]
    drawn = native(folder)[chart.caption.title]
    value, target, national = drawn.plots[0].series
    at = list(drawn.plots[0].categories).index("无数县 2023")
    assert value.points[at].data_label.text_frame.text == "≥95"
    assert [one.name for one in (target, national)] == ["目标", "全国"]
    for one in (value, target, national):
        assert one._element.find(".//{*}spPr/{*}ln/{*}noFill") is not None


def test_a_derived_figure_is_hollow_and_series_keep_their_order(rich, tmp_path):
    made, _ = chartset.chart_set(rich)
    chart = next(chart for chart in made if chart.name == "control-rates")
    assert list(chart.reading.columns)[2:] == ["三公经费控制率", "公用经费控制率", "在职人员控制率"]
    assert list(chart.reading["县（市、区）"]) == ["高邑县", "北塔区"]
    places, found = slides.series(chart, "zh")
    assert places == ["高邑县 2024", "北塔区 2023"]
    assert [(one.name, one.values, one.derived) for one in found] == [
        ("三公经费控制率", [92.48, None], ()),
        ("公用经费控制率", [None, 623.3], (1,)),
        ("在职人员控制率", [None, 95.0], ()),
    ]
    export.write_all(rich, tmp_path)
    running = native(tmp_path)[chart.caption.title].plots[0].series[1]
    assert str(running.points[1].marker.format.fill.fore_color.rgb) == "FFFFFF"


def test_the_coverage_has_no_passages(rich):
    assert compare.sources(rich, compare.coverage(rich)).empty


def test_every_slide_has_a_title_that_finds_and_its_source(written):
    loaded, folder, _, _ = written
    made, _ = chartset.chart_set(loaded, INDICATORS)
    deck = Presentation(folder / "briefing.pptx")
    assert [slide.shapes.title.text for slide in deck.slides] == [c.caption.title for c in made]
    for slide, chart in zip(deck.slides, made, strict=True):
        said = "\n".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)
        assert chart.caption.source in said
        assert chart.caption.subtitle in said


def test_a_long_table_is_shown_as_its_picture(written, monkeypatch, tmp_path):
    loaded, _, _, _ = written
    monkeypatch.setattr(slides, "_ROWS", 2)
    export.write_all(loaded, tmp_path, ["参保率"])
    first = Presentation(tmp_path / "briefing.pptx").slides[0]
    assert [shape.shape_type.name for shape in first.shapes].count("PICTURE") == 1


def test_an_english_set(rich, tmp_path):
    export.write_all(rich, tmp_path, ["公用经费"], lang="en")
    document = Document(tmp_path / "briefing.docx")
    said = [paragraph.text for paragraph in document.paragraphs]
    assert "Notes on comparability" in said
    assert openpyxl.load_workbook(tmp_path / "briefing.xlsx").sheetnames[-1] == "Sources"


OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
FILTERS = {"briefing.docx": "writer", "briefing.pptx": "impress", "briefing.xlsx": "calc"}


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed: apt install libreoffice")
@pytest.mark.parametrize("name", FILTERS)
def test_libreoffice_opens_it(written, tmp_path, name):
    _, folder, _, _ = written
    done = subprocess.run(
        [
            OFFICE,
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            *("--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(folder / name)),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"HOME": str(tmp_path)},
    )
    made = tmp_path / name.replace(name.rsplit(".", 1)[1], "pdf")
    if not made.is_file() and "source file could not be loaded" in done.stderr:
        pytest.skip(
            f"LibreOffice is here without its part for {name}: apt install libreoffice-"
            f"{FILTERS[name]}"
        )
    pdf = pypdfium2.PdfDocument(made)
    text = "".join(pdf[n].get_textpage().get_text_range() for n in range(len(pdf)))
    assert "95.93" in text
    if name == "briefing.pptx":
        assert len(pdf) == len(Presentation(folder / name).slides)


def test_titles_and_notes_of_any_length_stay_on_the_slide_and_off_the_chart(rich, tmp_path):
    made, _ = chartset.chart_set(rich, ["参保率"])
    many = [f"未报告的县第{n}个 2023" for n in range(60)]
    long = [
        chart._replace(
            caption=chart.caption._replace(
                title=chart.caption.title * 2, notes=("、".join(many), *chart.caption.notes)
            )
        )
        for chart in made
    ]
    pictures = [export.write(c.draw(c.table), tmp_path, c.name)[1] for c in long]
    said = [compare.sources(rich, chart.table) for chart in long]
    deck = Presentation(io.BytesIO(slides.made(long, said, pictures, "zh")))
    for slide in deck.slides:
        boxes = sorted((shape.top, shape.top + shape.height) for shape in slide.shapes)
        assert boxes[-1][1] <= deck.slide_height
        assert all(below[0] >= above[1] for above, below in pairwise(boxes))


def test_the_columns_of_a_word_table_are_as_wide_as_their_longest_word():
    table = pd.DataFrame({"Indicator": ["Revenue completion rate"] * 2, "Year": ["2024"] * 2})
    table = table.assign(**{f"Basis {n}": "'budget' in the report's words" for n in range(5)})
    document = Document()
    pages._table(document, table)
    (drawn,) = document.tables
    widths = [cell.width.cm for cell in drawn.rows[1].cells]
    assert sum(widths) == pytest.approx(16.0, abs=0.1)
    assert widths[1] >= 1.0
    assert widths[0] > widths[1]
