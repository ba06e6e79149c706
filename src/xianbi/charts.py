"""One function a chart: a table of `compare` in, a closed matplotlib Figure out.

The title states the finding, the subtitle what is drawn (indicator, unit, basis), the foot where
the figures come from: `captions` has the words. What is absent is named as absent and never drawn
as zero; a contradiction is drawn with both its values; a bound (≥) has an open end; a derived
figure is hollow.

Every function takes `lang` ("zh" or "en") and `width` in inches: SLIDE for a slide or a page,
COLUMN for a column of a page. The height follows from the number of rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from xianbi import captions
from xianbi.captions import Caption
from xianbi.labels import (
    POPULATIONS,
    aside,
    figure,
    indicator_name,
    listed,
    number,
    say,
    typeset,
    word,
)
from xianbi.style import COLOURS, FAINT, INK, MUTED, look

SLIDE = 9.0
COLUMN = 3.5
"""Inches."""


class Mark(NamedTuple):
    """How a kind of figure is drawn: shape and colour, so that grey print keeps the difference."""

    shape: str
    colour: str


BASIS_MARKS = {
    "initial_budget": Mark("o", COLOURS["blue"]),
    "adjusted_budget": Mark("s", COLOURS["orange"]),
    "available_funds": Mark("D", COLOURS["green"]),
    "budget": Mark("^", COLOURS["purple"]),
    "unstated": Mark("P", MUTED),
    "": Mark("o", COLOURS["blue"]),
}
STATUS_MARKS = {
    "reported": Mark("s", COLOURS["blue"]),
    "bound": Mark(">", COLOURS["blue"]),
    "derived": Mark("D", COLOURS["green"]),
    "conflicting": Mark("X", COLOURS["red"]),
    "undefined": Mark("v", INK),
    "target_only": Mark("o", FAINT),
}
SCENARIO_MARKS = {
    "actual": Mark("o", COLOURS["blue"]),
    "initial_budget": Mark("^", COLOURS["orange"]),
    "adjusted_budget": Mark("s", COLOURS["orange"]),
    "budget": Mark("D", COLOURS["green"]),
    "target": Mark("v", COLOURS["purple"]),
}
# The groups of one indicator never share a shape: the insured, the asked, the staff. Everybody
# ("all") may stand beside the groups of any.
_GROUPS = (
    [p for p in POPULATIONS if p][:11],
    ["all", "staff", "public"],
    ["all", "administrative", "institution", "bureau", "centre"],
)
_SHAPES = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*", "d")
POPULATION_MARKS = {
    population: Mark(shape, list(COLOURS.values())[n % len(COLOURS)])
    for group in _GROUPS
    for n, (population, shape) in enumerate(zip(group, _SHAPES, strict=False))
} | {"": Mark("o", COLOURS["blue"])}

_PAPER = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"}
_LISTED = 12  # contradictions written out beside the scatter
_ROW = 0.2  # inches between two marks of one county, so that equal values are both seen
_AWAY, _ARROW = 9.0, 26.0  # points: from a mark to its figure, length of an arrow
_OPEN = {
    "arrowstyle": "<-",
    "linewidth": 1.4,
    "shrinkA": 0,
    "shrinkB": 0,
}  # the head at the far end
_DASHED = (0, (4, 3))
# Two statements of one report: no other line is dotted, in grey print too.
_TORN = {"color": COLOURS["red"], "linewidth": 2.0, "linestyle": (0, (1, 1))}
_OPENING, _CLOSING = "（“《([≥≤≈\u2212", "，。；：、）！？”》)]%,.;:"
_PAUSES = tuple("，。；：、,;:")
_NAME = re.compile(r"[\u4e00-\u9fff]{1,5} \d{4}(?!\d)")  # of a county, with its year
_RAGGED = 0.25  # the share of a line that may stay empty, so that it ends at a pause
_PLACE = 0.0625
"""Inches that half a Chinese character takes in the figures beside the marks (9 points)."""


def coverage(table: pd.DataFrame, *, lang: str = "zh", width: float = SLIDE) -> Figure:
    """Draws a table of `compare.coverage`: indicators down, reports across, a sign for the status.

    An empty cell is an absent figure. Indicators that no report has are named below the chart.
    """
    caption = captions.coverage(table, lang)
    have = table[table["status"] != "absent"]
    names = list(dict.fromkeys(_names(have, lang)))
    reports = list(dict.fromkeys(_reports(table)))
    steep = len(reports) > (6 if width >= SLIDE else 2)
    with look():
        fig, (ax,) = _page(
            caption,
            0.26 * len(names) + 1.1,
            width=width,
            signs=[
                _sign(*mark, word("status", status, lang), hollow=status == "derived")
                for status, mark in STATUS_MARKS.items()
                if (have["status"] == status).any()
            ],
        )
        for status, mark in STATUS_MARKS.items():
            rows = have[have["status"] == status]
            if rows.empty:
                continue
            ax.scatter(
                [reports.index(report) for report in _reports(rows)],
                [names.index(name) for name in _names(rows, lang)],
                s=62 if width >= SLIDE else 26,
                marker=mark.shape,
                facecolor="white" if status == "derived" else mark.colour,
                edgecolor=mark.colour,
                linewidth=1.5,
                gid=status,
            )
        ax.set_xlim(-0.6, len(reports) - 0.4)
        ax.set_ylim(len(names) - 0.4, -0.6)
        ax.set_xticks(range(len(reports)), [f"{place} {year}" for place, year in reports])
        ax.set_yticks(range(len(names)), names)
        ax.xaxis.tick_top()
        # Slanted names are easier to read, upright ones take less room.
        slant = (55 if width >= SLIDE else 90) if steep else 0
        ax.tick_params("x", length=0, rotation=slant)
        if width < SLIDE:
            ax.tick_params(labelsize=7)
        for label in ax.get_xticklabels():
            label.set_horizontalalignment("left" if slant == 55 else "center")
            label.set_rotation_mode("anchor" if slant == 55 else "default")
        families = dict(zip(_names(have, lang), have["family"], strict=True))
        for n, (above, below) in enumerate(pairwise(names)):
            if families[above] != families[below]:
                ax.axhline(n + 0.5, color=MUTED, linewidth=0.8)
        ax.spines[:].set_visible(False)
        return _closed(fig)


def ranked(table: pd.DataFrame, *, lang: str = "zh", width: float = SLIDE) -> Figure:
    """Draws a table of `compare.across_counties`: a county a row, its target and national line.

    Amounts and persons are drawn from zero. Counties without the figure are named below.
    """
    caption = captions.ranked(table, lang)
    drawn = table[table["status"] != "absent"].reset_index(drop=True)
    from_zero = drawn["unit"].iloc[0] != "%"
    signs = _status_signs(drawn, lang)
    aims, lines = drawn["target"].notna().any(), drawn["national"].notna().any()
    if aims:
        name = say(lang, "本报告的目标", "target in the report") + _of_all(drawn, "target")
        signs.append(_sign("|", INK, name))
    if lines:
        name = say(lang, "同年全国", "national, same year") + _of_all(drawn, "national")
        signs.append(Line2D([], [], color=COLOURS["orange"], linestyle=_DASHED, label=name))
    with look():
        fig, (ax,) = _page(caption, 0.34 * len(drawn) + 0.6, width=width, signs=signs)
        values = _all_values(drawn)
        values += [*drawn["target"].dropna(), *drawn["national"].dropna()]
        low, high, _ = _reach([*values, 0.0] if from_zero else values, drawn, width)
        if from_zero and min(values, default=0) >= 0:
            low = 0.0
        unit = (high - low) / (width - 1.4)  # of the axis, an inch
        for n, row in drawn.iterrows():
            if pd.notna(row["national"]):
                ax.plot(
                    [row["national"]] * 2,
                    [n - 0.5, n + 0.5],
                    color=COLOURS["orange"],
                    linestyle=_DASHED,
                    linewidth=1.4,
                    zorder=1,
                    gid="national",
                )
            if pd.notna(row["target"]):
                ax.plot(
                    [row["target"]],
                    [n],
                    marker="|",
                    color=INK,
                    markersize=14,
                    markeredgewidth=2,
                    linestyle="none",
                    zorder=2,
                    gid="target",
                )
            if pd.isna(row["value"]):
                _instead(ax, low, n, word("status", "undefined", lang))
                continue
            if from_zero:
                ax.plot([0, row["value"]], [n, n], color=FAINT, linewidth=2, zorder=1)
            right, away = _mark(ax, row, n, BASIS_MARKS[""])
            # The figure stands behind the signs that it would cover.
            covered = (away / 72 + _PLACE * _room(_text(row)) + 0.1) * unit
            taken = [v for v in (row["target"], row["national"]) if 0 <= v - right < covered]
            _beside(ax, max([right, *taken]), n, _text(row), away)
        _rows(ax, _places(drawn), low, high, width)
        return _closed(fig)


def dumbbell(table: pd.DataFrame, *, lang: str = "zh", width: float = SLIDE) -> Figure:
    """Draws a table of `compare.side_by_side` by basis: initial and adjusted budget joined by a line."""
    return _grouped(table, captions.dumbbell(table, lang), "basis", BASIS_MARKS, lang, width)


def by_population(table: pd.DataFrame, *, lang: str = "zh", width: float = SLIDE) -> Figure:
    """Draws a table of `compare.side_by_side` by population: a county a row, a mark a population."""
    caption = captions.by_population(table, lang)
    return _grouped(table, caption, "population", POPULATION_MARKS, lang, width)


def by_scenario(table: pd.DataFrame, *, lang: str = "zh", width: float = SLIDE) -> Figure:
    """Draws a table of `compare.side_by_side` by scenario: the actual against budgets and target."""
    caption = captions.by_scenario(table, lang)
    return _grouped(table, caption, "scenario", SCENARIO_MARKS, lang, width)


def control_rates(table: pd.DataFrame, *, lang: str = "zh", width: float = SLIDE) -> Figure:
    """Draws a table of `compare.control_rates`: a panel a rate, the line at 100 the budget."""
    caption = captions.control_rates(table, lang)
    return _grouped(table, caption, "basis", BASIS_MARKS, lang, width)


def slope(table: pd.DataFrame, *, lang: str = "zh", width: float = SLIDE) -> Figure:
    """Draws a table of `compare.over_years` of one indicator: a line a county, named at its end.

    A county with one year only is named below; a missing year breaks the line.
    """
    caption = captions.slope(table, lang)
    drawn = _long(table)
    counties = list(dict.fromkeys(drawn["county_code"]))
    with look():
        fig, (ax,) = _page(caption, 3.2, width=width, signs=_status_signs(drawn, lang))
        shapes = list(POPULATION_MARKS.values())
        ends: list[tuple[float, int, str, str]] = []
        starts: list[str] = []
        for n, code in enumerate(counties):
            rows = drawn[drawn["county_code"] == code]
            mark = shapes[n % len(shapes)]
            _line(ax, rows, mark)
            last = rows[rows["value"].notna()].iloc[-1]
            text = f"{last['place']}{' ' if width >= SLIDE else chr(10)}{_text(last)}"
            ends.append((last["value"], int(last["year"]), text, mark.colour))
            first = rows[rows["value"].notna()].iloc[0]
            starts.append(_text(first))
            _beside(ax, int(first["year"]), first["value"], starts[-1], -_AWAY)
        # Room for the figures before the lines and for the names behind them, in inches.
        before = _PLACE * max(map(_room, starts)) + 0.25
        written = [line for _, _, text, _ in ends for line in text.split("\n")]
        behind = _PLACE * max(map(_room, written)) + 0.25
        span = max(width - 0.8 - before - behind, 0.5)
        _years(ax, drawn, room=(before / span, behind / span))
        low, high, _ = _reach(_all_values(drawn), drawn.iloc[:0], 3.0)
        ax.set_ylim(0 if low < 0 <= min(_all_values(drawn)) else low, high)
        _ends(ax, ends, fig.get_figheight())
        _figure_axis(ax.yaxis, 6)
        return _closed(fig)


def small_multiples(table: pd.DataFrame, *, lang: str = "zh", width: float = SLIDE) -> Figure:
    """Draws a table of `compare.over_years`: a panel a series, each on its own scale.

    Amounts and persons are drawn from zero. A missing year breaks the line.
    """
    caption = captions.small_multiples(table, lang)
    drawn = _long(table)
    keys = ["indicator", "county_code", "population", "basis"]
    series = [rows for _, rows in drawn.groupby(keys, sort=False)]
    across = min(len(series), 3 if width >= SLIDE else 1)
    down = -(-len(series) // across)
    one_county = drawn["county_code"].nunique() == 1
    one_indicator = drawn["indicator"].nunique() == 1
    with look():
        fig, panels = _page(
            caption,
            1.75 * down,
            width=width,
            signs=_status_signs(drawn, lang),
            grid=(down, across),
        )
        for ax in panels[len(series) :]:
            ax.remove()
        for ax, rows in zip(panels, series, strict=False):
            first = rows.iloc[0]
            values = _all_values(rows)
            values = [*values, 0.0] if first["unit"] != "%" else values
            low, high, _ = _reach(values, rows.iloc[:0], 3.0)  # a panel is about 3 inches high
            if first["unit"] != "%" and min(values) >= 0:
                low = 0.0
            _line(ax, rows, BASIS_MARKS[""])
            _above(ax, rows[rows["value"].notna()], width / across - 0.9)
            names = [] if one_county else [first["place"]]
            if one_county or not one_indicator:
                names.append(indicator_name(first["indicator"], first["name"], lang))
            extra = [word(k, first[k], lang) for k in ("population", "basis") if first[k]]
            extra.append(word("unit", first["unit"], lang).strip())
            title = " ".join(names) + aside(listed(extra, lang), lang)
            room = (width / across - 0.3) * 144 / 10
            ax.set_title("\n".join(_wrapped(title, room)), fontsize=10)
            ax.set_ylim(low, high)
            _years(ax, rows, room=(0.3, 0.3))
            _figure_axis(ax.yaxis, 4)
        return _closed(fig)


def reported_vs_recomputed(
    table: pd.DataFrame, *, lang: str = "zh", width: float = SLIDE
) -> Figure:
    """Draws a table of `compare.reported_vs_recomputed` as a scatter with the 45° line.

    Contradictions are numbered on the chart and written out beside it.
    """
    caption = captions.reported_vs_recomputed(table, lang)
    wrong = table[table["verdict"] != "agree"].reset_index(drop=True)
    agree = table[table["verdict"] == "agree"]
    beside = width >= SLIDE
    lines = [
        say(
            lang,
            f"{n + 1}  {row['place']} {row['year']}  {_what(row, lang)}\n"
            f"    报告 {number(row['reported'])}，重算 {number(row['recomputed'])}",
            f"{n + 1}  {row['place']} {row['year']}  {_what(row, lang)}\n"
            f"    printed {number(row['reported'])}, recomputed {number(row['recomputed'])}",
        )
        for n, row in wrong.head(_LISTED).iterrows()
    ]
    if len(wrong) > _LISTED:
        rest = len(wrong) - _LISTED
        lines.append(say(lang, f"其余 {rest} 个见表", f"{rest} more in the table"))
    listing = [
        wrapped
        for line in "\n".join(lines).split("\n")
        for wrapped in _wrapped(line, (width / (2 if beside else 1) - 0.5) * 144 / 9.5)
    ]
    written = 0.2 * len(listing) + 0.1
    with look():
        fig, (ax, side) = _page(
            caption,
            4.8 if beside else width + written,
            width=width,
            grid=(1, 2) if beside else (2, 1),
            ratios=(1.1, 1) if beside else (width, written),
        )
        values = [*table["reported"], *table["recomputed"]]
        low, high = min(0.0, *values), max(values)
        margin = 0.06 * (high - low or 1)
        limits = (low - margin, high + margin)
        ax.plot(limits, limits, color=FAINT, linewidth=1.2, zorder=1)
        for rows, shape, colour, verdict in (
            (agree, "o", COLOURS["blue"], "agree"),
            (wrong, "X", COLOURS["red"], "disagree"),
        ):
            if not rows.empty:
                ax.scatter(
                    rows["reported"],
                    rows["recomputed"],
                    s=58,
                    marker=shape,
                    facecolor="white" if shape == "o" else colour,
                    edgecolor=colour,
                    linewidth=1.5,
                    label=say(
                        lang,
                        f"{word('verdict', verdict)} {len(rows)} 个",
                        f"{len(rows)} {word('verdict', verdict, lang)}",
                    ),
                    zorder=3 if shape == "X" else 2,
                    gid=verdict,
                )
        for n, row in wrong.iterrows():
            ax.annotate(
                str(n + 1),
                (row["reported"], row["recomputed"]),
                xytext=(7, -11 if n % 2 else 5),
                textcoords="offset points",
                fontsize=10,
            )
        ax.set(
            xlim=limits,
            ylim=limits,
            xlabel=say(lang, "报告值（%）", "Reported, %"),
            ylabel=say(lang, "重算值（%）", "Recomputed, %"),
        )
        ax.set_aspect("equal", anchor="NW")
        _figure_axis(ax.xaxis, _ticks(width))
        _figure_axis(ax.yaxis, _ticks(width))
        ax.legend(loc="upper left")
        side.axis("off")
        side.text(0, 1, typeset("\n".join(listing)), va="top", fontsize=9.5, linespacing=1.5)
        return _closed(fig)


def _grouped(
    table: pd.DataFrame,
    caption: Caption,
    by: str,
    marks: dict[str, Mark],
    lang: str,
    width: float,
) -> Figure:
    """Draws a county and year a row, a mark a value of `by`, a panel an indicator."""
    drawn = table[table["status"] != "absent"]
    have = set(_names(drawn, lang))
    names = [name for name in dict.fromkeys(_names(table, lang)) if name in have]
    rows = list(dict.fromkeys(_reports(drawn)))
    used = [value for value in marks if value in set(drawn[by])]
    most = max(drawn.groupby(["county_code", "year", "indicator"]).size())
    tall = _ROW * most + 0.2  # inches a row
    rate = drawn["unit"].iloc[0] == "%"
    signs = [_sign(*marks[value], word(by, value, lang)) for value in used if word(by, value, lang)]
    signs += _status_signs(drawn, lang)
    if rate:
        signs.append(Line2D([], [], color=MUTED, linestyle=_DASHED, label="100%"))
    stacked = width < SLIDE and len(names) > 1
    with look():
        one = tall * len(rows) + 0.6 + 0.3 * (len(names) > 1)
        fig, panels = _page(
            caption,
            one * (len(names) if stacked else 1),
            width=width,
            signs=signs,
            grid=(len(names), 1) if stacked else (1, len(names)),
        )
        for ax, name in zip(panels, names, strict=True):
            here = drawn[[found == name for found in _names(drawn, lang)]]
            across = width if stacked else width / len(names)
            _panel(ax, here, rows, by, marks, _ROW / tall, rate, lang, across)
            if len(names) > 1:
                ax.set_title("\n".join(_wrapped(name, (across - 0.5) * 144 / 11)))
        shown = [f"{place} {year}" for place, year in rows]
        for n, ax in enumerate(panels):
            ax.set_yticks(range(len(rows)), shown if stacked or n == 0 else [""] * len(rows))
        return _closed(fig)


def _panel(
    ax: Axes,
    drawn: pd.DataFrame,
    rows: list[tuple[str, int]],
    by: str,
    marks: dict[str, Mark],
    step: float,
    rate: bool,
    lang: str,
    width: float,
) -> None:
    values = [*_all_values(drawn), 100.0 if rate else 0.0]
    low, high, _ = _reach(values, drawn, width)
    if low < 0 <= min(values):
        low = 0.0
    if rate:
        ax.axvline(100, color=MUTED, linewidth=1.1, linestyle=_DASHED, zorder=1)
    for n, report in enumerate(rows):
        here = drawn[[found == report for found in _reports(drawn)]]
        if here.empty:
            _instead(ax, low, n, word("status", "absent", lang))
            continue
        known = here[here["value"].notna()]
        if known.empty:
            _instead(ax, low, n, word("status", "undefined", lang))
            continue
        values = _all_values(known)
        if by != "population":
            ax.plot([min(values), max(values)], [n, n], color=FAINT, linewidth=1.6, zorder=1)
        # The marks of a row are spread evenly about its middle.
        order = [value for value in marks if value in set(known[by])]
        for _, row in known.iterrows():
            y = n + step * (order.index(row[by]) - (len(order) - 1) / 2)
            right, away = _mark(ax, row, y, marks[row[by]])
            _beside(ax, right, y, _text(row), away)
    ax.set(xlim=(low, high), ylim=(len(rows) - 0.4, -0.6))
    ax.grid(visible=False, axis="y")
    _figure_axis(ax.xaxis, _ticks(width))


def _mark(ax: Axes, row: pd.Series, y: float, mark: Mark) -> tuple[float, float]:
    """Draws one figure: both values of a contradiction, the open end of a bound.

    Returns where it ends on the right, and the points that a text beside it must keep away.
    """
    for other in row["others"]:
        ax.plot([row["value"], other], [y, y], zorder=2, **_TORN)
        _dot(ax, other, y, mark, hollow=False, gid="other")
    _dot(ax, row["value"], y, mark, hollow=row["status"] == "derived", gid=row["status"])
    away = _AWAY
    if row["comparator"] in (">=", ">", "<=", "<"):
        up = row["comparator"][0] == ">"
        ax.annotate(
            "",
            (row["value"], y),
            xytext=(_ARROW if up else -_ARROW, 0),
            textcoords="offset points",
            arrowprops=_OPEN | {"color": mark.colour},
            zorder=2,
        )
        away += _ARROW if up else 0
    return max([row["value"], *row["others"]]), away


def _dot(ax: Axes, x: float, y: float, mark: Mark, *, hollow: bool, gid: str) -> None:
    ax.plot(
        [x],
        [y],
        marker=mark.shape,
        color=mark.colour,
        markerfacecolor="white" if hollow else mark.colour,
        markeredgewidth=1.6,
        linestyle="none",
        zorder=3,
        clip_on=False,  # a nought stands on the axis, and is to be seen whole
        gid=gid,
    )


def _line(ax: Axes, rows: pd.DataFrame, mark: Mark) -> None:
    """Draws a series over the years; the line joins consecutive years only."""
    known = rows[rows["value"].notna()].sort_values("year")
    for (_, one), (_, other) in pairwise(known.iterrows()):
        if other["year"] - one["year"] == 1:
            ax.plot(
                [one["year"], other["year"]],
                [one["value"], other["value"]],
                color=mark.colour,
                linewidth=1.8,
                zorder=2,
                gid="step",
            )
    for _, row in known.iterrows():
        for other in row["others"]:
            ax.plot([row["year"]] * 2, [row["value"], other], **_TORN)
            _dot(ax, row["year"], other, mark, hollow=False, gid="other")
        _dot(ax, row["year"], row["value"], mark, hollow=row["status"] == "derived", gid="year")
        if row["comparator"] in (">=", ">", "<=", "<"):
            up = row["comparator"][0] == ">"
            ax.annotate(
                "",
                (row["year"], row["value"]),
                xytext=(0, _ARROW if up else -_ARROW),
                textcoords="offset points",
                arrowprops=_OPEN | {"color": mark.colour},
            )


def _ends(ax: Axes, ends: list[tuple[float, int, str, str]], inches: float) -> None:
    """Names each line at its last point; names that would overlap are moved apart."""
    low, high = ax.get_ylim()
    lines = max(text.count("\n") for _, _, text, _ in ends) + 1
    least = 0.2 * lines / max(inches - 1.5, 1) * (high - low)
    at = low - least
    for value, year, text, colour in sorted(ends):
        at = max(value, at + least)
        ax.annotate(
            text,
            (year, value),
            xytext=(9, at),
            textcoords=("offset points", "data"),
            va="center",
            fontsize=9,
            color=INK,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6}
            if at != value
            else None,
        )


def _years(ax: Axes, rows: pd.DataFrame, room: tuple[float, float]) -> None:
    """Sets an axis of years; `room` before and behind them is counted in their span."""
    years = range(int(rows["year"].min()), int(rows["year"].max()) + 1)
    ax.set_xticks(list(years), [str(year) for year in years])
    span = max(1, len(years) - 1)
    ax.set_xlim(years[0] - room[0] * span, years[-1] + room[1] * span)
    ax.grid(visible=False, axis="x")


def _beside(ax: Axes, x: float, y: float, text: str, away: float) -> None:
    """Writes a text so many points right of a place, or left of it (negative)."""
    ax.annotate(
        typeset(text),
        (x, y),
        xytext=(away, 0),
        textcoords="offset points",
        ha="left" if away > 0 else "right",
        va="center",
        fontsize=9,
        bbox=_PAPER,
    )


def _above(ax: Axes, rows: pd.DataFrame, inches: float) -> None:
    """Writes the figures of a series above its marks; one that would run into the last, below."""
    years = rows["year"].astype(int)
    # The years, and the room beside them (see `_years`), share the width of the panel.
    inch = inches / (1.6 * max(1, int(years.max() - years.min())))
    end = float("-inf")
    for _, row in rows.sort_values("year").iterrows():
        text, x = _text(row), int(row["year"] - years.min()) * inch
        half = _PLACE * _room(text) / 2
        below = x - half < end
        values = [row["value"], *row["others"]]
        ax.annotate(
            text,
            (row["year"], min(values) if below else max(values)),
            xytext=(0, -7 if below else 7),
            textcoords="offset points",
            ha="center",
            va="top" if below else "bottom",
            fontsize=9,
            bbox=_PAPER,
        )
        end = end if below else x + half


def _instead(ax: Axes, x: float, y: float, text: str) -> None:
    ax.annotate(
        text,
        (x, y),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        color=MUTED,
        fontsize=9,
        bbox=_PAPER,
    )


def _rows(ax: Axes, names: list[str], low: float, high: float, width: float) -> None:
    ax.set(xlim=(low, high), ylim=(len(names) - 0.4, -0.6))
    ax.set_yticks(range(len(names)), names)
    ax.grid(visible=False, axis="y")
    _figure_axis(ax.xaxis, _ticks(width))


def _all_values(rows: pd.DataFrame) -> list[float]:
    return [
        *rows["value"].dropna(),
        *(value for others in rows["others"] for value in others),
    ]


def _reach(values: Sequence[float], rows: pd.DataFrame, width: float) -> tuple[float, float, float]:
    """Returns the ends of an axis and the span of its values.

    There is room for the figures written to the right of the marks.
    """
    low, high = min(values, default=0.0), max(values, default=1.0)
    span = (high - low) or abs(high) * 0.2 or 1.0
    longest = max((_room(_text(row)) for _, row in rows.iterrows()), default=0.0)
    # The share of the axis that the longest figure takes, with a mark and an arrow before it.
    right = min(0.45, (_PLACE * longest + 0.45) / max(width - 1.4, 0.8))
    left = 0.08
    whole = span / (1 - min(left + right, 0.8))
    return low - left * whole, high + right * whole, span


def _long(table: pd.DataFrame) -> pd.DataFrame:
    """Returns the rows of the series that have two years or more."""
    keys = ["indicator", "county_code", "population", "basis"]
    known = table[table["value"].notna()]
    return known[known.groupby(keys)["year"].transform("nunique") > 1]


def _status_signs(drawn: pd.DataFrame, lang: str) -> list[Line2D]:
    signs = []
    if (drawn["status"] == "derived").any():
        name = say(lang, "空心＝按报告数字推算", "hollow: derived from the report's figures")
        signs.append(_sign("o", INK, name, hollow=True))
    if (drawn["status"] == "conflicting").any():
        name = say(lang, "点线连着报告的两个说法", "dotted: the report says both")
        signs.append(Line2D([], [], label=name, **_TORN))
    if drawn["comparator"].isin([">=", ">", "<=", "<"]).any():
        name = say(lang, "箭头＝只报上下限", "arrow: only a bound is reported")
        signs.append(Line2D([], [], color=MUTED, marker=r"$\rightarrow$", linestyle="", label=name))
    return signs


def _what(row: pd.Series, lang: str) -> str:
    extra = [word(kind, row[kind], lang) for kind in ("population", "basis") if row[kind]]
    return indicator_name(row["indicator"], row["name"], lang) + aside(listed(extra, lang), lang)


def _text(row: pd.Series) -> str:
    text = typeset(figure(row["value"], row["comparator"], row["others"]))
    return text + captions.DOUBT if row["review"] else text


def _of_all(drawn: pd.DataFrame, line: str) -> str:
    """Returns the figure of a line that is the same for all rows that have it, else nothing."""
    have = drawn[drawn[line].notna()]
    figures = {figure(r[line], r[f"{line}_comparator"]) for _, r in have.iterrows()}
    return f" {figures.pop()}" if len(figures) == 1 else ""


def _names(table: pd.DataFrame, lang: str) -> list[str]:
    return [
        indicator_name(*pair, lang) for pair in zip(table["indicator"], table["name"], strict=True)
    ]


def _reports(table: pd.DataFrame) -> list[tuple[str, int]]:
    return list(zip(table["place"], table["year"], strict=True))


def _places(table: pd.DataFrame) -> list[str]:
    return [f"{place} {year}" for place, year in _reports(table)]


def _ticks(width: float) -> int:
    return 6 if width > SLIDE / 2 else 3 if width < SLIDE / 3 else 4


class _Ticks(MaxNLocator):
    """Ticks at round figures; with `above`, none below zero, where there is only room for text."""

    def __init__(self, *, above: bool, **settings: Any) -> None:
        super().__init__(**settings)
        self._above = above

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        return [v for v in super().tick_values(vmin, vmax) if v >= 0 or not self._above]


def _figure_axis(axis: Axis, ticks: int) -> None:
    """Writes figures at about so many ticks; where nothing is negative, none below zero."""
    least = axis.get_data_interval()[0]
    axis.set_major_locator(_Ticks(nbins=ticks, steps=[1, 2, 2.5, 5, 10], above=least >= 0))
    axis.set_major_formatter(FuncFormatter(lambda value, _: typeset(number(round(value, 6)))))


def _sign(shape: str, colour: str, name: str, *, hollow: bool = False) -> Line2D:
    """Returns an entry of a legend."""
    return Line2D(
        [],
        [],
        marker=shape,
        color=colour,
        markerfacecolor="white" if hollow else colour,
        markeredgewidth=1.6,
        linestyle="none",
        label=name,
    )


def _fitting(signs: Sequence[Line2D], width: float) -> int:
    """Returns how many columns of legend entries fit the page (half-width places, as `_wrapped`)."""
    widest = max((_room(str(sign.get_label())) for sign in signs), default=0) + 8
    return max(1, min(len(signs), int(width * 14.4 / widest)))


def _page(
    caption: Caption,
    body: float,
    *,
    width: float,
    signs: Sequence[Line2D] = (),
    grid: tuple[int, int] = (1, 1),
    ratios: Sequence[float] | None = None,
) -> tuple[Figure, list[Axes]]:
    """Lays out a page: title, subtitle, legend, `body` inches of chart, notes and source.

    Returns the figure and its panels, row by row.
    """
    margin = 0.15
    size = 13 if width >= SLIDE else 11
    # Half-width places a line of `width` inches holds: 144 / points of them an inch.
    heading = _wrapped(caption.title, (width - 2 * margin) * 138 / size)
    under_it = _wrapped(caption.subtitle, (width - 2 * margin) * 138 / 9.5)
    foot = [
        wrapped
        for text in (*caption.notes, caption.source)
        for wrapped in _wrapped(text, (width - 2 * margin) * 138 / 8)
    ]
    columns = _fitting(signs, width)
    legend = 0.24 * -(-len(signs) // columns)
    under = margin + 0.0208 * size * len(heading)  # inches from the top to the subtitle
    top = under + 0.08 + 0.2 * len(under_it) + legend
    bottom = margin + 0.17 * len(foot)
    height = top + body + bottom
    fig, axes = plt.subplots(
        *grid,
        figsize=(width, height),
        layout="constrained",
        squeeze=False,
        width_ratios=ratios if grid[0] == 1 else None,
        height_ratios=ratios if grid[0] > 1 else None,
    )
    engine = fig.get_layout_engine()
    assert isinstance(engine, ConstrainedLayoutEngine)
    engine.set(
        rect=(0.01, (bottom + 0.05) / height, 0.98, body / height - 0.05 / height),
        w_pad=0.1,
        h_pad=0.04,
    )
    left = margin / width
    fig.text(
        left, 1 - margin / height, "\n".join(heading), va="top", fontsize=size, linespacing=1.35
    )
    fig.text(
        left,
        1 - (under + 0.03) / height,
        "\n".join(under_it),
        va="top",
        fontsize=9.5,
        color=MUTED,
        linespacing=1.35,
    )
    if signs:
        fig.legend(
            handles=signs,
            loc="upper left",
            bbox_to_anchor=(left, 1 - (under + 0.06 + 0.2 * len(under_it)) / height),
            ncols=columns,
            borderpad=0,
            borderaxespad=0,
            handlelength=1.4,
            handletextpad=0.4,
            columnspacing=1.4,
        )
    fig.text(
        left,
        margin / 2 / height,
        "\n".join(foot),
        va="bottom",
        fontsize=8,
        color=MUTED,
        linespacing=1.4,
    )
    return fig, list(axes.flat)


def _wrapped(text: str, width: float) -> list[str]:
    """Breaks text into lines of at most `width` half-width places (a Chinese character takes two).

    Behind a punctuation mark where one is near the end of the line. Never within a number or a
    word, or between a county and its year; no line starts with a closing sign or ends with an
    opening one.

    >>> _wrapped("执行率从52.33%到159.21%，差距大", 17)
    ['执行率从52.33%到', '159.21%，差距大']
    >>> _wrapped("未报告：高邑县 2024、北塔区 2023", 25)
    ['未报告：高邑县 2024、', '北塔区 2023']
    """
    lines, start = [], 0
    while start < len(text):
        used, fits, good = 0.0, start, start
        for end in range(start + 1, len(text) + 1):
            used += _room(text[end - 1])
            if used > width and fits > start:
                break
            if end == len(text) or _may_break(text, end):
                fits = end
                if used > width:
                    break  # a word longer than the line
                if used > (1 - _RAGGED) * width and text[:end].rstrip()[-1:] in _PAUSES:
                    good = end
        cut = good if fits < len(text) and good > start else fits
        lines.append(text[start:cut].rstrip())
        start = cut
        while start < len(text) and text[start] == " ":
            start += 1
    return lines or [""]


def _may_break(text: str, at: int) -> bool:
    """Whether a line may end before the character at that place."""
    last, after = text[at - 1], text[at]
    if after in _CLOSING or last in _OPENING or after == " ":
        return False
    if last != " ":
        name = _is_han(last) and _NAME.match(text, at)
        return not name and (_is_wide(last) or _is_wide(after))
    before = text[at - 2] if at > 1 else " "
    if "/" in (before, after):
        return False
    # So do 高邑县 2024 and 3 个.
    return not (_is_wide(before) and after.isdigit()) and not (before.isdigit() and _is_wide(after))


def _is_wide(character: str) -> bool:
    return character >= "\u2e80"


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def _room(text: str) -> float:
    # Digits and most Latin letters are a little wider than half a Chinese character.
    return sum(1.1 if character < "\u2000" else 2 for character in text)


def _closed(fig: Figure) -> Figure:
    # Laid out once, within the look, and then left so: ticks are made when first drawn, with the
    # rcParams of then. The layout solver does not settle on the same last bit every time; rounding
    # makes the bytes repeat.
    fig.draw_without_rendering()
    fig.set_layout_engine("none")
    for ax in fig.axes:
        x, y, width, height = ax.get_position(original=True).bounds
        ax.set_position((round(x, 4), round(y, 4), round(width, 4), round(height, 4)))
    plt.close(fig)
    return fig
