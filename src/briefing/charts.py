"""One function a chart: a table of `compare` in, a closed matplotlib Figure out.

The title states the finding, the subtitle what is drawn (indicator, unit, basis), the foot where
the figures come from: the source line is built from the rows drawn. What is absent is named as
absent and never drawn as zero; a contradiction is drawn with both its values; a bound (≥) has an
open end; a derived figure is hollow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from briefing import BriefingError, findings
from briefing.labels import STATUSES, figure, number, word
from briefing.style import COLOURS, FAINT, INK, MUTED, look

WIDTH = 9.0
"""Inches; the height follows from the number of rows."""


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
_PAPER = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"}
_LISTED = 12  # contradictions written out beside the scatter
_DODGE = 0.22  # rows apart: two bases with the same value are both seen


def coverage(table: pd.DataFrame) -> Figure:
    """Draws a table of `compare.coverage`: indicators down, reports across, a sign for the status.

    An empty cell is an absent figure. Indicators that no report has are named below the chart.
    """
    _need(table, "coverage")
    have = table[table["status"] != "absent"]
    names = [name for name in table["name"].unique() if name in set(have["name"])]
    without = [name for name in table["name"].unique() if name not in names]
    reports = list(dict.fromkeys(_reports(table)))
    with look():
        fig, (ax,) = _page(
            0.26 * len(names) + 1.1,
            title=findings.coverage(table),
            subtitle="各报告当年的部门整体数字；空格＝未报告，不是零",
            notes=[f"没有任何报告给出：{'、'.join(without)}"] if without else [],
            source=_source(table),
            signs=[
                _sign(*mark, STATUSES[status], hollow=status == "derived")
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
                [names.index(name) for name in rows["name"]],
                s=62,
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
        ax.tick_params("x", length=0, rotation=55 if len(reports) > 6 else 0)
        for label in ax.get_xticklabels():
            label.set_horizontalalignment("left" if len(reports) > 6 else "center")
            label.set_rotation_mode("anchor" if len(reports) > 6 else "default")
        families = have.drop_duplicates("name").set_index("name")["family"]
        for n, (above, below) in enumerate(pairwise(names)):
            if families[above] != families[below]:
                ax.axhline(n + 0.5, color=MUTED, linewidth=0.8)
        ax.spines[:].set_visible(False)
        return _closed(fig)


def execution_by_basis(table: pd.DataFrame) -> Figure:
    """Draws a table of `compare.execution_by_basis`: a county and year a row, a mark a basis."""
    _need(table, "execution")
    return _rates(
        table,
        title=findings.execution(table),
        subtitle="预算执行率（%），部门整体，当年实际；标记＝口径，不同口径不可直接比较",
        missing="未报告执行率，也无从推算",
    )


def control_rates(table: pd.DataFrame) -> Figure:
    """Draws a table of `compare.control_rates`: a panel a rate, the line at 100 the budget."""
    _need(table, "control")
    return _rates(
        table,
        title=findings.control(table),
        subtitle="控制率（%）＝实际 ÷ 预算（人员：在职 ÷ 编制），100 以内为控制住；各栏刻度不同",
        missing="三项控制率都未报告",
    )


def reported_vs_recomputed(table: pd.DataFrame) -> Figure:
    """Draws a table of `compare.reported_vs_recomputed` as a scatter with the 45° line.

    Contradictions are numbered on the chart and written out beside it.
    """
    _need(table, "audit")
    wrong = table[table["verdict"] != "agree"].reset_index(drop=True)
    agree = table[table["verdict"] == "agree"]
    with look():
        fig, (ax, side) = _page(
            4.8,
            title=findings.audit(table),
            subtitle="横轴：报告写明的比率（%）；纵轴：按同一报告的分子、分母重算（%）；斜线上＝两者相等",
            notes=["“一致”按报告写出的小数位判断，例如 56% 与 56.375% 一致"],
            source=_source(table),
            panels=2,
            ratios=(1.1, 1),
        )
        values = [*table["reported"], *table["recomputed"]]
        low, high = min(0.0, *values), max(values)
        margin = 0.06 * (high - low or 1)
        limits = (low - margin, high + margin)
        ax.plot(limits, limits, color=FAINT, linewidth=1.2, zorder=1)
        for rows, shape, colour, name in (
            (agree, "o", COLOURS["blue"], "一致"),
            (wrong, "X", COLOURS["red"], "不一致"),
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
                    label=f"{name} {len(rows)} 个",
                    zorder=3 if shape == "X" else 2,
                    gid=name,
                )
        for n, row in wrong.iterrows():
            ax.annotate(
                str(n + 1),
                (row["reported"], row["recomputed"]),
                xytext=(7, -11 if n % 2 else 5),
                textcoords="offset points",
                fontsize=10,
            )
        ax.set(xlim=limits, ylim=limits, xlabel="报告值（%）", ylabel="重算值（%）")
        ax.set_aspect("equal", anchor="NW")
        _percent_axis(ax.xaxis)
        _percent_axis(ax.yaxis)
        ax.legend(loc="upper left")
        side.axis("off")
        lines = [
            f"{n + 1}  {row['place']} {row['year']}  {_what(row)}\n"
            f"    报告 {number(row['reported'])}，重算 {number(row['recomputed'])}"
            for n, row in wrong.head(_LISTED).iterrows()
        ]
        if len(wrong) > _LISTED:
            lines.append(f"其余 {len(wrong) - _LISTED} 个见表")
        side.text(0, 1, "\n".join(lines), va="top", fontsize=9.5, linespacing=1.5)
        return _closed(fig)


def _rates(table: pd.DataFrame, title: str, subtitle: str, missing: str) -> Figure:
    drawn = table[table["status"] != "absent"]
    names = [name for name in table["name"].unique() if name in set(drawn["name"])]
    rows = list(dict.fromkeys(_reports(drawn)))
    bases = [basis for basis in BASIS_MARKS if basis in set(drawn["basis"])]
    without = [report for report in dict.fromkeys(_reports(table)) if report not in rows]
    notes = []
    if without:
        notes.append(f"{missing}：{'、'.join(f'{place} {year}' for place, year in without)}")
    with look():
        fig, panels = _page(
            0.42 * len(rows) + 0.9 + 0.3 * (len(names) > 1),
            title=title,
            subtitle=subtitle,
            notes=notes,
            source=_source(drawn),
            signs=_rate_signs(drawn, bases),
            panels=len(names),
        )
        for ax, name in zip(panels, names, strict=True):
            _rate_panel(ax, drawn[drawn["name"] == name], rows, bases)
            if len(names) > 1:
                ax.set_title(name)
        panels[0].set_yticks(range(len(rows)), [f"{place} {year}" for place, year in rows])
        for ax in panels[1:]:
            ax.set_yticks(range(len(rows)), [""] * len(rows))
        return _closed(fig)


def _rate_panel(
    ax: Axes, drawn: pd.DataFrame, rows: list[tuple[str, int]], bases: list[str]
) -> None:
    known = drawn[drawn["value"].notna()]
    values = [100.0, *known["value"], *(v for others in known["others"] for v in others)]
    span = max(20.0, max(values) - min(values))
    # Room at both ends for the figures, which stand outside of the outermost marks.
    low, high = min(values) - 0.25 * span, max(values) + 0.3 * span
    ax.axvline(100, color=MUTED, linewidth=1.1, linestyle=(0, (4, 3)), zorder=1)
    for n, report in enumerate(rows):
        here = drawn[[r == report for r in _reports(drawn)]]
        marks: list[tuple[float, str]] = []
        used = [basis for basis in bases if basis in set(here["basis"])]
        for row in here.itertuples():
            if pd.isna(row.value):
                _instead(ax, low, n, "0/0，无意义")
                continue
            # The bases of a row are spread evenly about its middle.
            y = n + _DODGE * (used.index(row.basis) - (len(used) - 1) / 2)
            mark = BASIS_MARKS[row.basis]
            for other in row.others:
                ax.plot([row.value, other], [y, y], color=COLOURS["red"], linewidth=1.4, zorder=2)
                _dot(ax, other, y, mark, hollow=False, gid="other")
                marks.append((other, number(other)))
            _dot(ax, row.value, y, mark, hollow=row.status == "derived", gid=row.status)
            if row.comparator in (">=", ">", "<=", "<"):
                reach = 0.09 * span * (1 if row.comparator[0] == ">" else -1)
                ax.annotate(
                    "",
                    (row.value + reach, y),
                    (row.value, y),
                    arrowprops={"arrowstyle": "->", "color": mark.colour, "linewidth": 1.4},
                )
            marks.append((row.value, figure(row.value, row.comparator)))
        if not marks:
            if here.empty:
                _instead(ax, low, n, "未报告")
            continue
        marks.sort()
        (least, left), (most, right) = marks[0], marks[-1]
        if least != most:
            ax.plot([least, most], [n, n], color=FAINT, linewidth=1.6, zorder=1)
            _beside(ax, least, n, left, -1)
        _beside(ax, most, n, right, 1)
    ax.set(xlim=(low, high), ylim=(len(rows) - 0.4, -0.6))
    ax.grid(visible=False, axis="y")
    _percent_axis(ax.xaxis)


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
        gid=gid,
    )


def _beside(ax: Axes, x: float, y: float, text: str, side: int) -> None:
    ax.annotate(
        text,
        (x, y),
        xytext=(9 * side, 0),
        textcoords="offset points",
        ha="left" if side > 0 else "right",
        va="center",
        fontsize=9,
        bbox=_PAPER,
    )


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


def _rate_signs(drawn: pd.DataFrame, bases: Iterable[str]) -> list[Line2D]:
    signs = [
        _sign(*BASIS_MARKS[basis], word("basis", basis)) for basis in bases if word("basis", basis)
    ]
    if (drawn["status"] == "derived").any():
        signs.append(_sign("o", INK, "空心＝按报告数字推算", hollow=True))
    if (drawn["status"] == "conflicting").any():
        signs.append(Line2D([], [], color=COLOURS["red"], label="红线连着报告的两个说法"))
    signs.append(Line2D([], [], color=MUTED, linestyle=(0, (4, 3)), label="100%"))
    return signs


def _what(row: pd.Series) -> str:
    extra = [word(kind, row[kind]) for kind in ("population", "basis") if row[kind]]
    name = str(row["name"])
    return name + (f"（{'，'.join(extra)}）" if extra else "")


def _reports(table: pd.DataFrame) -> list[tuple[str, int]]:
    return list(zip(table["place"], table["year"], strict=True))


def _source(table: pd.DataFrame) -> str:
    """Names every report that a drawn row comes from, by kind of report."""
    parts = [
        f"{word('report', str(report))}（{'、'.join(rows['reporter'].unique())}）"
        for report, rows in table.groupby("report", sort=False)
    ]
    return f"资料来源：{'；'.join(parts)}"


def _need(table: pd.DataFrame, what: str) -> None:
    if table.empty or ("status" in table and (table["status"] == "absent").all()):
        raise BriefingError(f"no {what} figure to draw: the coverage notebook shows what there is")


def _percent_axis(axis: Axis) -> None:
    axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(round(value, 6))))


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


def _fitting(signs: Sequence[Line2D]) -> int:
    """Returns how many columns of legend entries fit the page (half-width places, as `_wrapped`)."""
    widest = max((_room(str(sign.get_label())) for sign in signs), default=0) + 8
    return max(1, min(len(signs), 130 // widest))


def _page(
    body: float,
    *,
    title: str,
    subtitle: str,
    notes: Sequence[str],
    source: str,
    signs: Sequence[Line2D] = (),
    panels: int = 1,
    ratios: Sequence[float] | None = None,
) -> tuple[Figure, list[Axes]]:
    """Lays out a page `WIDTH` wide: title, subtitle, legend, `body` inches of chart, notes, source.

    Returns the figure and its panels from left to right.
    """
    margin = 0.15
    heading = _wrapped(title, 92)
    foot = [wrapped for text in (*notes, source) for wrapped in _wrapped(text, 150)]
    columns = _fitting(signs)
    legend = 0.24 * -(-len(signs) // columns)
    under = margin + 0.27 * len(heading)  # inches from the top to the subtitle
    top = under + 0.28 + legend
    bottom = margin + 0.17 * len(foot)
    height = top + body + bottom
    fig, axes = plt.subplots(
        1,
        panels,
        figsize=(WIDTH, height),
        layout="constrained",
        squeeze=False,
        width_ratios=ratios,
    )
    engine = fig.get_layout_engine()
    assert isinstance(engine, ConstrainedLayoutEngine)
    engine.set(
        rect=(0.01, (bottom + 0.05) / height, 0.98, body / height - 0.05 / height),
        w_pad=0.1,
        h_pad=0.04,
    )
    left = margin / WIDTH
    fig.text(left, 1 - margin / height, "\n".join(heading), va="top", fontsize=13, linespacing=1.35)
    fig.text(left, 1 - (under + 0.12) / height, subtitle, va="center", fontsize=9.5, color=MUTED)
    if signs:
        fig.legend(
            handles=signs,
            loc="upper left",
            bbox_to_anchor=(left, 1 - (under + 0.24) / height),
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
    return fig, list(axes[0])


def _wrapped(text: str, width: int) -> list[str]:
    """Breaks text into lines of at most `width` half-width places (a Chinese character takes two).

    Never within a number or a word, and no line starts with closing punctuation.

    >>> _wrapped("执行率从52.33%到159.21%，差距大", 16)
    ['执行率从52.33%到', '159.21%，差距大']
    """
    lines, line, used = [], "", 0
    for piece in re.findall(r"(?:[!-~]+|.)[，。；：、）”！？]*", text):
        room = _room(piece)
        if line and used + room > width:
            lines.append(line.rstrip())
            line, used = "", 0
            piece = piece.lstrip()
        line += piece
        used += room
    return [*lines, line]


def _room(text: str) -> int:
    return sum(1 if character < "\u2000" else 2 for character in text)


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
