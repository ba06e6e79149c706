"""Charts → a Word document: each with its caption and table, then comparability notes and sources."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from docx import Document
from docx.document import Document as Pages
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table
from PIL import Image

from xianbi.chartset import Chart
from xianbi.data import national
from xianbi.labels import BASES, aside, indicator_name, listed, say, word

FACE = "Microsoft YaHei"
"""The Chinese face named in office files; a program without it takes the one it has."""

_LONGEST = 28  # half-width places that a column of a table may ask for
_PLACE = 0.15  # cm, one of them
_WIDE, _TALL = 16.0, 21.0  # cm, of a picture on an A4 page


def made(
    charts: Sequence[Chart], said: Sequence[pd.DataFrame], pictures: Sequence[Path], lang: str
) -> bytes:
    """Returns the document; `pictures` are the PNG of the charts, in their order."""
    pages = Document()
    section = pages.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.2)
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Caption", "List Bullet"):
        style = pages.styles[name]
        style.font.name = FACE
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FACE)
    pages.styles["Normal"].font.size = Pt(10)
    title = say(lang, "医疗保障绩效：图表", "Medical security performance: charts")
    pages.core_properties.title = title
    pages.core_properties.author = ""
    pages.core_properties.comments = ""
    pages.add_heading(title, 0)
    for n, (chart, picture) in enumerate(zip(charts, pictures, strict=True), start=1):
        # The picture says the finding; the heading is for finding the way.
        heading = pages.add_heading(chart.topic, 1)
        heading.paragraph_format.page_break_before = n > 1
        with Image.open(picture) as image:
            wide = min(_WIDE, _TALL * image.width / image.height)
        drawing = pages.add_picture(str(picture), width=Cm(wide))
        # What a reader without the picture is told.
        drawing._inline.docPr.set("descr", chart.caption.title)
        figure = say(lang, f"图 {n}  ", f"Figure {n}  ")
        pages.add_paragraph(figure + chart.caption.subtitle, style="Caption")
        _table(pages, chart.reading)
        for text in (*chart.caption.notes, chart.caption.source):
            _small(pages, text)
    last = pages.add_heading(say(lang, "可比性说明", "Notes on comparability"), 1)
    last.paragraph_format.page_break_before = True
    for text in comparability(charts, lang):
        pages.add_paragraph(text, style="List Bullet")
    pages.add_heading(say(lang, "资料来源", "Sources"), 1)
    _sources(pages, said, lang)
    out = io.BytesIO()
    pages.save(out)
    return out.getvalue()


def comparability(charts: Sequence[Chart], lang: str) -> list[str]:
    """Says what a reader must know before comparing the figures drawn: only what applies to them."""
    tables = [chart.table for chart in charts]
    statuses = {status for table in tables if "status" in table for status in table["status"]}
    found = {basis for table in tables if "basis" in table for basis in table["basis"]}
    bases = [basis for basis in BASES if basis and basis in found]
    years = {int(year) for table in tables for year in table["year"].dropna()}
    signs = {sign for table in tables if "comparator" in table for sign in table["comparator"]}
    notes = [
        say(
            lang,
            "数字只取部门整体的当年实际；单个项目、基金的数不算在内。",
            "Figures are the whole department's actuals of the year; those of a single project or "
            "fund are not among them.",
        )
    ]
    if bases:
        named = listed((word("basis", basis, lang) for basis in bases), lang)
        notes.append(
            say(
                lang,
                f"比率的分母有不同口径（{named}），口径不同不可比；没有注明口径的，彼此也不可比。",
                f"Rates stand on different bases ({named}); they are not comparable across bases, "
                "nor with one that states none.",
            )
        )
    if any("population" in table and table["population"].nunique() > 2 for table in tables):
        notes.append(
            say(
                lang,
                "人群不同（如职工、居民）的比率不可直接相比。",
                "Rates of different populations (employees, residents) are not comparable.",
            )
        )
    if len(years) > 1:
        notes.append(
            say(
                lang,
                f"各县报告的年度不同（{min(years)}—{max(years)}），年度标在县名之后。",
                f"The reports are of different years ({min(years)}-{max(years)}), "
                "given after the county's name.",
            )
        )
    if "derived" in statuses:
        notes.append(
            say(
                lang,
                "“推算值”是报告没有写、由同一报告的数算出的，图中为空心。",
                "Derived figures are not printed but computed from the same report; drawn hollow.",
            )
        )
    if "conflicting" in statuses:
        notes.append(
            say(
                lang,
                "“前后矛盾”是同一报告写了两个数，图和表两个都给出，不判断哪个对。",
                "Contradictory: the same report prints two figures; both are shown, neither judged.",
            )
        )
    if signs & {">=", "<=", ">", "<"}:
        notes.append(
            say(
                lang,
                "带 ≥、≤ 的数报告只给了上下限，图中箭头一端是开的。",
                "With ≥ or ≤ the report gives a bound only; the arrow's end is open.",
            )
        )
    notes.append(
        say(
            lang,
            "未报告的县列在图下，从不当作零。",
            "Counties that report nothing are named below the chart and never taken for zero.",
        )
    )
    used = {s for table in tables if "national_source" in table for s in table["national_source"]}
    for row in national().drop_duplicates("source").itertuples():
        if row.source in used:
            checked = say(lang, f"（核对：{row.checked}）", " (read in a third-party copy)")
            notes.append(
                say(lang, f"全国数：{row.source}", f"National line: {row.source_en}") + checked
            )
    return notes


def _table(pages: Pages, rows: pd.DataFrame) -> None:
    if rows.empty:
        return
    table = pages.add_table(rows=1, cols=len(rows.columns), style="Table Grid")
    _line(table, 0, list(rows.columns), bold=True)
    # The head is repeated on every page that the table runs over.
    mark = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(mark)
    for n, row in enumerate(rows.itertuples(index=False, name=None), start=1):
        table.add_row()
        _line(table, n, [str(cell) for cell in row])
    _widths(table, [list(map(str, rows[column])) for column in rows.columns], list(rows.columns))
    pages.add_paragraph().paragraph_format.space_after = Pt(0)


def _widths(table: Table, columns: Sequence[Sequence[str]], heads: Sequence[str]) -> None:
    """Gives each column its longest word, and of the rest what its longest cell asks for."""
    cells = [[head, *column] for head, column in zip(heads, columns, strict=True)]
    least = [_PLACE * max(_room(w) for c in column for w in c.split(" ")) + 0.5 for column in cells]
    asked = [min(max(map(_room, column)), _LONGEST) for column in cells]
    spare = max(_WIDE - sum(least), 0.0)
    for across, (floor, room) in enumerate(zip(least, asked, strict=True)):
        width = Cm(min(1.0, _WIDE / sum(least)) * floor + spare * room / sum(asked))
        table.columns[across].width = width
        for cell in table.columns[across].cells:
            cell.width = width


def _room(text: str) -> int:
    return sum(2 if character >= "\u2e80" else 1 for character in text)


def _line(table: Table, row: int, texts: Sequence[str], *, bold: bool = False) -> None:
    for cell, text in zip(table.rows[row].cells, texts, strict=True):
        run = cell.paragraphs[0].add_run(text)
        run.font.size = Pt(8)
        run.bold = bold


def _small(pages: Pages, text: str) -> None:
    paragraph = pages.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(2)
    run = paragraph.add_run(text)
    run.font.size = Pt(8)
    run.font.color.rgb = RGBColor(0x66, 0x66, 0x66)


def _sources(pages: Pages, said: Sequence[pd.DataFrame], lang: str) -> None:
    """Lists, report by report, every passage that a figure drawn rests on, once."""
    rows = pd.concat([table for table in said if not table.empty], ignore_index=True)
    for document, found in rows.groupby("document", sort=True):
        pages.add_heading(f"{found['place'].iloc[0]}  {document}", 2)
        shown = found[found["quote"] != ""].drop_duplicates(["name", "year", "quote"])
        if shown.empty:
            _small(pages, say(lang, "推算，无原文", "Derived, no passage"))
        for row in shown.sort_values(["year", "indicator", "quote"]).itertuples():
            page = "" if pd.isna(row.page) else say(lang, f"第 {row.page} 页", f"p. {row.page}")
            paragraph = pages.add_paragraph(style="List Bullet")
            paragraph.paragraph_format.space_after = Pt(0)
            name = indicator_name(row.indicator, row.name, lang)
            run = paragraph.add_run(
                f"{name} {row.year}{aside(page, lang)}{say(lang, '：', ': ')}"
                + say(lang, f"“{row.quote}”", f'"{row.quote}"')
            )
            run.font.size = Pt(8)
