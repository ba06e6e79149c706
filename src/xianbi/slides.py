"""Charts → PowerPoint slides: native charts and tables that an analyst can edit."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from PIL import Image
from pptx import Presentation
from pptx.chart.chart import Chart as NativeChart
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.util import Inches, Pt

from xianbi.captions import DOUBT
from xianbi.charts import BASIS_MARKS, POPULATION_MARKS
from xianbi.chartset import Chart
from xianbi.labels import figure, indicator_name, say, typeset, word
from xianbi.pages import FACE
from xianbi.style import COLOURS, FAINT, INK, MUTED

_WIDE, _HIGH = 13.333, 7.5  # inches
_MARGIN = 0.5
_ROWS = 15  # of a table on a slide; a longer one is shown as its picture
_BOUNDS = ("≥", "≤", ">", "<", "≈")
_QUOTES = 40  # passages in the notes of a slide; the workbook has them all
_BODY = 1.75  # inches from the top to the chart
_TITLE = ((22, 2), (18, 2), (16, 3), (14, 3))  # points, and the lines that then fit
_FOOT = ((10, 4), (9, 6), (8, 14))
# Where the labels of the first, second … series stand, so that near ones are both read.
_SIDES = (
    XL_LABEL_POSITION.RIGHT,
    XL_LABEL_POSITION.LEFT,
    XL_LABEL_POSITION.BELOW,
    XL_LABEL_POSITION.ABOVE,
)
_STYLES = {
    "o": XL_MARKER_STYLE.CIRCLE,
    "s": XL_MARKER_STYLE.SQUARE,
    "^": XL_MARKER_STYLE.TRIANGLE,
    "v": XL_MARKER_STYLE.TRIANGLE,
    "D": XL_MARKER_STYLE.DIAMOND,
    "d": XL_MARKER_STYLE.DIAMOND,
    "P": XL_MARKER_STYLE.PLUS,
    "X": XL_MARKER_STYLE.X,
    "*": XL_MARKER_STYLE.STAR,
    "<": XL_MARKER_STYLE.DASH,
    ">": XL_MARKER_STYLE.DOT,
    "|": XL_MARKER_STYLE.DASH,
}


class Series(NamedTuple):
    """A series of a native chart: one value a category (None: absent), and labels that are no number."""

    name: str
    values: list[float | None]
    labels: list[str]
    shape: str
    colour: str
    derived: tuple[int, ...] = ()
    """Places of the values that are derived: drawn hollow."""


def made(
    charts: Sequence[Chart], said: Sequence[pd.DataFrame], pictures: Sequence[Path], lang: str
) -> bytes:
    """Returns the slides, one a chart; what it rests on stands in the notes."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(_WIDE), Inches(_HIGH)
    deck.core_properties.title = say(
        lang, "医疗保障绩效：图表", "Medical security performance: charts"
    )
    deck.core_properties.author = ""
    for chart, rows, picture in zip(charts, said, pictures, strict=True):
        # "Title only": the title is found by outline view and screen readers.
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        title = slide.shapes.title
        title.left, title.top = Inches(_MARGIN), Inches(0.3)
        title.width, title.height = Inches(_WIDE - 2 * _MARGIN), Inches(1.0)
        size, _ = _fitting([chart.caption.title], _TITLE)
        _write(title.text_frame, [chart.caption.title], size, INK)
        _text(slide, [chart.caption.subtitle], 1.3, 0.4, 14)
        foot = [*chart.caption.notes, chart.caption.source]
        size, lines = _fitting(foot, _FOOT)
        high = lines * size * 1.25 / 72 + 0.15
        _text(slide, foot, _HIGH - high - 0.1, high, size)
        room = _HIGH - high - 0.15 - _BODY
        if chart.kind == "table" and len(chart.reading) <= _ROWS:
            _table(slide, chart.reading, room)
        elif chart.kind == "table":
            _picture(slide, picture, chart.caption.title, room)
        else:
            _native(slide, chart, lang, room)
        notes = slide.notes_slide.notes_text_frame
        quotes = [
            f"{row.place} {row.year} {indicator_name(row.indicator, row.name, lang)}: {row.quote}"
            for row in rows.itertuples()
            if row.quote
        ]
        more = len(quotes) - _QUOTES
        quotes = quotes[:_QUOTES]
        if more > 0:
            quotes.append(say(lang, f"另有 {more} 条见工作簿", f"{more} more in the workbook"))
        notes.text = "\n".join(quotes)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _fitting(texts: Sequence[str], sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Returns the largest size at which texts keep to the lines it allows, and how many they take."""
    for size, most in sizes:
        places = (_WIDE - 2 * _MARGIN - 0.2) * 144 / size  # half as wide as a Chinese character
        lines = sum(-(-_room(text) // places) for text in texts)
        if lines <= most:
            break
    return size, int(lines)


def _room(text: str) -> float:
    return sum(1.15 if character < "\u2000" else 2 for character in text)


def series(chart: Chart, lang: str) -> tuple[list[str], list[Series]]:
    """Returns the categories of a chart of the kinds dot, bar and line, and its series."""
    drawn = chart.table[chart.table["status"] != "absent"]
    if chart.kind == "line":
        return _over_years(drawn)
    categories = list(dict.fromkeys(_category(row) for row in drawn.to_dict("records")))
    if chart.kind == "bar":
        categories.reverse()  # an office program draws the first one lowest
    at = {name: n for n, name in enumerate(categories)}
    wanted = _by_mark(chart, drawn, lang) if chart.by else _beside_goals(drawn, lang)
    found = [_drawn(*one, at) for one in wanted]
    found.append(_other_values(drawn, lang, at))
    return categories, [one for one in found if any(value is not None for value in one.values)]


def _category(row: dict[Any, Any]) -> str:
    return f"{row['place']} {row['year']}"


_Wanted = tuple[str, pd.DataFrame, str, str, str]  # name, rows, column, shape, colour


def _by_mark(chart: Chart, drawn: pd.DataFrame, lang: str) -> Iterator[_Wanted]:
    """A series for each indicator, basis or population that the chart tells apart by its mark."""
    marks = BASIS_MARKS if chart.by == "basis" else POPULATION_MARKS
    spare = list(POPULATION_MARKS.values())
    order = chart.table[chart.by] if chart.by == "indicator" else marks
    for n, value in enumerate(v for v in dict.fromkeys(order) if v in set(drawn[chart.by])):
        rows = drawn[drawn[chart.by] == value]
        mark = marks.get(value, spare[n])
        name = (
            indicator_name(value, rows["name"].iloc[0], lang)
            if chart.by == "indicator"
            else word(chart.by, value, lang)
        )
        yield name, rows, "value", mark.shape, mark.colour


def _beside_goals(drawn: pd.DataFrame, lang: str) -> Iterator[_Wanted]:
    """The values of the one indicator, its goals, and the national values."""
    name = indicator_name(drawn["indicator"].iloc[0], drawn["name"].iloc[0], lang)
    yield name, drawn, "value", "o", COLOURS["blue"]
    yield word("column", "target", lang), drawn, "target", "|", INK
    yield word("column", "national", lang), drawn, "national", "|", COLOURS["orange"]


def _drawn(
    name: str, rows: pd.DataFrame, column: str, shape: str, colour: str, at: dict[str, int]
) -> Series:
    """One column of some rows as a series; `at` tells the place of each category."""
    values: list[float | None] = [None] * len(at)
    texts = [""] * len(at)
    derived = []
    for row in rows.to_dict("records"):
        if pd.isna(row[column]):
            continue
        n = at[_category(row)]
        values[n] = row[column]
        if column == "value":
            texts[n] = typeset(figure(row["value"], row["comparator"], row["others"]))
            texts[n] += DOUBT if row["review"] else ""
            derived += [n] if row["status"] == "derived" else []
        else:
            texts[n] = typeset(figure(row[column], row[f"{column}_comparator"], ()))
    return Series(name, values, texts, shape, colour, tuple(derived))


def _other_values(drawn: pd.DataFrame, lang: str, at: dict[str, int]) -> Series:
    """The values that reports print besides those taken."""
    others: list[float | None] = [None] * len(at)
    for row in drawn.to_dict("records"):
        for other in row["others"]:
            others[at[_category(row)]] = other
    texts = ["" if other is None else typeset(figure(other)) for other in others]
    return Series(word("column", "others", lang), others, texts, "X", COLOURS["red"])


def _over_years(drawn: pd.DataFrame) -> tuple[list[str], list[Series]]:
    drawn = drawn[drawn["value"].notna()]
    years = list(range(int(drawn["year"].min()), int(drawn["year"].max()) + 1))
    found = []
    marks = list(POPULATION_MARKS.values())
    for n, (_, rows) in enumerate(drawn.groupby("county_code", sort=False)):
        if rows["year"].nunique() > 1:
            of = {int(row.year): row for row in rows.itertuples()}
            values = [float(of[year].value) if year in of else None for year in years]
            texts = [
                typeset(figure(of[y].value, of[y].comparator, of[y].others))
                + (DOUBT if of[y].review else "")
                if y in of
                else ""
                for y in years
            ]
            mark = marks[n % len(marks)]
            found.append(Series(rows["place"].iloc[0], values, texts, mark.shape, mark.colour))
    return [str(year) for year in years], found


def _no_formula(name: str) -> str:
    """A name that the workbook inside a chart takes for text, whatever it begins with.

    >>> _no_formula("=1+1"), _no_formula("高邑县 2024")
    ("'=1+1", '高邑县 2024')
    """
    return f"'{name}" if name.startswith(("=", "{=", "+", "-", "@", "\t")) else name


def _native(slide: Slide, chart: Chart, lang: str, room: float) -> None:
    place = (Inches(_MARGIN), Inches(_BODY), Inches(_WIDE - 2 * _MARGIN), Inches(room))
    if chart.kind == "scatter":
        _scatter(
            slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *place, _pairs(chart, lang)), lang
        )
        return
    categories, found = series(chart, lang)
    data: Any = CategoryChartData()
    data.categories = [_no_formula(name) for name in categories]
    for one in found:
        data.add_series(_no_formula(one.name), one.values)
    bars = chart.kind == "bar"
    kind = XL_CHART_TYPE.BAR_CLUSTERED if bars else XL_CHART_TYPE.LINE_MARKERS
    frame: Any = slide.shapes.add_chart(kind, *place, data)
    native: NativeChart = frame.chart
    _dress(native, legend=len(found) > 1 or chart.kind == "line")
    for place_of, (drawn, one) in enumerate(zip(native.plots[0].series, found, strict=True)):
        if bars:
            drawn.format.fill.solid()
            drawn.format.fill.fore_color.rgb = _rgb(one.colour)
        else:
            drawn.smooth = False
            drawn.marker.style = _STYLES.get(one.shape, XL_MARKER_STYLE.CIRCLE)
            drawn.marker.size = 11
            drawn.marker.format.fill.solid()
            drawn.marker.format.fill.fore_color.rgb = _rgb(one.colour)
            drawn.marker.format.line.color.rgb = _rgb(one.colour)
            for n in one.derived:
                hollow = drawn.points[n].marker
                hollow.style, hollow.size = drawn.marker.style, drawn.marker.size
                hollow.format.fill.solid()
                hollow.format.fill.fore_color.rgb = _rgb("#ffffff")
                hollow.format.line.color.rgb = _rgb(one.colour)
            if chart.kind == "line":
                drawn.format.line.color.rgb = _rgb(one.colour)
            else:
                drawn.format.line.fill.background()  # dots, not a line from county to county
        labels = drawn.data_labels
        labels.show_value = True
        labels.number_format, labels.number_format_is_linked = "General", False
        labels.font.size = Pt(11)
        side = XL_LABEL_POSITION.OUTSIDE_END if bars else _SIDES[place_of % len(_SIDES)]
        labels.position = side
        for n, (value, text) in enumerate(zip(one.values, one.labels, strict=True)):
            # A number keeps its own label, which follows when it is edited; bounds need words.
            if value is not None and (text.startswith(_BOUNDS) or text.endswith(DOUBT)):
                label = drawn.points[n].data_label
                frame = label.text_frame
                frame.text = text
                label.position = side
                frame.paragraphs[0].runs[0].font.size = Pt(11)
    native.value_axis.has_major_gridlines = True
    native.value_axis.major_gridlines.format.line.color.rgb = _rgb(FAINT)
    native.value_axis.format.line.fill.background()


def _pairs(chart: Chart, lang: str) -> Any:
    data: Any = XyChartData()
    for verdict, rows in chart.table.groupby("verdict", sort=True):
        one = data.add_series(word("verdict", str(verdict), lang))
        for row in rows.itertuples():
            one.add_data_point(row.reported, row.recomputed)
    values = [*chart.table["reported"], *chart.table["recomputed"]]
    line = data.add_series(say(lang, "两者相等", "equal"))
    for value in (min(0.0, *values), max(values)):
        line.add_data_point(value, value)
    return data


def _scatter(frame: Any, lang: str) -> None:
    native: NativeChart = frame.chart
    _dress(native, legend=True)
    *points, line = native.plots[0].series
    looks = [("o", COLOURS["blue"]), ("X", COLOURS["red"])]
    for one, (shape, colour) in zip(points, looks, strict=False):
        one.format.line.fill.background()
        one.marker.style, one.marker.size = _STYLES[shape], 10
        one.marker.format.fill.solid()
        one.marker.format.fill.fore_color.rgb = _rgb(colour)
        one.marker.format.line.color.rgb = _rgb(colour)
    line.marker.style = XL_MARKER_STYLE.NONE
    line.format.line.color.rgb = _rgb(MUTED)
    line.format.line.width = Pt(1)
    for axis, name in (
        (native.category_axis, say(lang, "报告值（%）", "Reported, %")),
        (native.value_axis, say(lang, "重算值（%）", "Recomputed, %")),
    ):
        axis.has_title = True
        axis.axis_title.text_frame.text = name
        axis.axis_title.text_frame.paragraphs[0].runs[0].font.size = Pt(12)
        axis.has_major_gridlines = False


def _dress(native: NativeChart, *, legend: bool) -> None:
    native.has_title = False  # else an office program writes the only series' name above it
    native.font.size = Pt(12)
    native.font.name = FACE
    native.has_legend = legend
    if legend:
        native.legend.position = XL_LEGEND_POSITION.TOP
        native.legend.include_in_layout = False


def _table(slide: Slide, rows: pd.DataFrame, room: float) -> None:
    """Writes a table; its rows are as high as they need to be to fill the slide."""
    place = (Inches(_MARGIN), Inches(_BODY), Inches(_WIDE - 2 * _MARGIN), Inches(room))
    frame: Any = slide.shapes.add_table(len(rows) + 1, len(rows.columns), *place)
    lines = [list(rows.columns), *rows.itertuples(index=False, name=None)]
    for down, line in enumerate(lines):
        for across, text in enumerate(line):
            cell = frame.table.cell(down, across)
            cell.margin_top = cell.margin_bottom = Inches(0.02)
            _write(cell.text_frame, [text], 11, INK if down else "#ffffff")


def _picture(slide: Slide, picture: Path, words: str, room: float) -> None:
    with Image.open(picture) as image:
        ratio = image.width / image.height
    high = min(room, (_WIDE - 2 * _MARGIN) / ratio)
    shape: Any = slide.shapes.add_picture(
        str(picture), Inches((_WIDE - high * ratio) / 2), Inches(_BODY), height=Inches(high)
    )
    shape._element.nvPicPr.cNvPr.set("descr", words)


def _text(slide: Slide, lines: Sequence[str], top: float, high: float, size: int) -> None:
    box = slide.shapes.add_textbox(
        Inches(_MARGIN), Inches(top), Inches(_WIDE - 2 * _MARGIN), Inches(high)
    )
    _write(box.text_frame, lines, size, MUTED)


def _write(frame: Any, lines: Sequence[str], size: int, colour: str) -> None:
    frame.word_wrap = True
    for n, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if n == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.LEFT
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.name = Pt(size), FACE
        run.font.color.rgb = _rgb(colour)
        # The Latin face alone would leave the Chinese to the program's default.
        east = run._r.get_or_add_rPr().makeelement(qn("a:ea"), {"typeface": FACE})
        run._r.get_or_add_rPr().append(east)


def _rgb(colour: str) -> RGBColor:
    return RGBColor(*bytes.fromhex(colour.removeprefix("#")))
