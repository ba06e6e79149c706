"""Which charts a selection is worth: the set that `xianbi export` and the last notebook write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import pandas as pd
from matplotlib.figure import Figure

from xianbi import XianbiError, captions, charts, compare, labels
from xianbi.captions import Caption
from xianbi.data import Tables, indicator_id
from xianbi.labels import Word

INDICATORS = (
    compare.EXECUTION,
    "three_public_expenditure",
    "participation_rate",
    "inpatient_reimbursement_ratio",
)
"""What is drawn when nothing is asked for."""

_NOT_IN_PRINT = ("formula", "document", "unit", "observation_id")


class Chart(NamedTuple):
    """A chart to be written: what it is called, its figures, its words, how it is drawn.

    `topic` names it in a few words. `kind` says how an office program shows it: as dot, bar, line
    or scatter chart, or as table. `by` is the dimension that its series are values of; empty for one series.
    `reading` is the small table to print under it.
    """

    name: str
    topic: str
    kind: str
    by: str
    table: pd.DataFrame
    caption: Caption
    reading: pd.DataFrame
    draw: Callable[..., Figure]


class _Plan(NamedTuple):
    """How a chart of the set is made; each step may find that there is nothing to draw."""

    name: str
    topic: Word
    table: Callable[[], pd.DataFrame]
    draw: Callable[..., Figure]
    caption: Callable[[pd.DataFrame, str], Caption]
    reading: Callable[[pd.DataFrame, str], pd.DataFrame]
    kind: str
    by: str = ""


def chart_set(
    tables: Tables, indicators: Sequence[str] = (), lang: str = "zh"
) -> tuple[list[Chart], list[str]]:
    """Returns the charts of some indicators, and a line for each chart left out and why.

    Indicators are ids or Chinese names (none: INDICATORS). Each is ranked over the counties, set
    side by side by basis and by population where it has several, and drawn over the years where
    there are two; with the coverage, the control rates and the audit. Raises XianbiError for an
    unknown indicator, and when nothing at all can be drawn.
    """
    known = set(tables.codebook["indicator"])
    chosen = [indicator_id(tables, indicator) for indicator in indicators]
    chosen = list(dict.fromkeys(chosen)) or [name for name in INDICATORS if name in known]
    made: list[Chart] = []
    left_out: list[str] = []
    for plan in _plans(tables, chosen, everything=not indicators):
        try:
            table = plan.table()
            chart = Chart(
                plan.name,
                labels.say(lang, plan.topic.zh, plan.topic.en),
                plan.kind,
                plan.by,
                table,
                plan.caption(table, lang),
                plan.reading(table, lang),
                plan.draw,
            )
        except XianbiError as error:
            left_out.append(f"{plan.name} left out: {error}")
        else:
            made.append(chart)
    if not any(chart.name != "coverage" for chart in made):
        raise XianbiError(
            f"nothing to draw of {', '.join(chosen)} in the counties and years chosen: "
            "the notebook 1-coverage shows what there is"
        )
    return made, left_out


def _plans(tables: Tables, indicators: list[str], *, everything: bool) -> Iterator[_Plan]:
    yield _Plan(
        "coverage",
        Word("有哪些数", "Coverage"),
        lambda: compare.coverage(tables),
        charts.coverage,
        captions.coverage,
        _counted,
        "table",
    )
    for indicator in indicators:
        yield from _of_indicator(tables, indicator)
    if everything:
        yield _Plan(
            "control-rates",
            Word("控制率", "Control rates"),
            lambda: compare.control_rates(tables),
            charts.control_rates,
            captions.control_rates,
            lambda table, lang: labels.matrix(
                table, ["place", "year"], ["name", "basis"], lang, absent=False
            ),
            "dot",
            "indicator",
        )
    yield _Plan(
        "reported-vs-recomputed",
        Word("报告值与重算值", "Reported and recomputed"),
        lambda: _of(compare.reported_vs_recomputed(tables), [] if everything else indicators),
        charts.reported_vs_recomputed,
        captions.reported_vs_recomputed,
        lambda table, lang: labels.shown(table[[c for c in table if c not in _NOT_IN_PRINT]], lang),
        "scatter",
        "verdict",
    )


def _of_indicator(tables: Tables, indicator: str) -> Iterator[_Plan]:
    stem = indicator.replace("_", "-")
    have = tables.observations
    have = have[(have["indicator"] == indicator) & (have["scenario"] == "actual")]
    have = have[have["subject"].isin(compare.WHOLE_DEPARTMENT)]
    rate = not have.empty and have["unit"].iloc[0] == "%"
    zh = dict(zip(tables.codebook["indicator"], tables.codebook["name_zh"], strict=True))[indicator]
    en = labels.indicator_name(indicator, zh, "en")
    yield _Plan(
        f"{stem}-ranked",
        Word(zh, en),
        # The rest of the set keeps the other populations and bases apart.
        lambda: compare.across_counties(tables, indicator, **compare.commonest(tables, indicator)),
        charts.ranked,
        captions.ranked,
        _ranking,
        "dot" if rate else "bar",
    )
    for by, words, draw, caption in (
        ("basis", Word("分口径", "by basis"), charts.dumbbell, captions.dumbbell),
        (
            "population",
            Word("分人群", "by population"),
            charts.by_population,
            captions.by_population,
        ),
    ):
        if have[by].nunique() > 1:
            yield _Plan(
                f"{stem}-by-{by}",
                Word(f"{zh}：{words.zh}", f"{en} {words.en}"),
                lambda by=by: compare.side_by_side(tables, indicator, by=by),  # type: ignore[misc]
                draw,
                caption,
                lambda table, lang, by=by: labels.matrix(  # type: ignore[misc]
                    table, ["place", "year"], [by], lang, absent=False
                ),
                "dot",
                by,
            )
    if (have.groupby("county_code")["year"].nunique() > 1).any():
        yield _Plan(
            f"{stem}-over-years",
            Word(f"{zh}：历年", f"{en} over the years"),
            lambda: compare.over_years(tables, indicator, **compare.commonest(tables, indicator)),
            charts.slope,
            captions.slope,
            lambda table, lang: labels.matrix(table, ["place"], ["year"], lang),
            "line",
            "place",
        )


def _of(table: pd.DataFrame, indicators: list[str]) -> pd.DataFrame:
    if not indicators:
        return table
    table = table[table["indicator"].isin(indicators)].reset_index(drop=True)
    if table.empty:
        raise XianbiError(f"no rate of {', '.join(indicators)} is reported and recomputed")
    return table


def _ranking(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    rows = table[table["status"] != "absent"]
    kept = [
        *("indicator", "place", "year", "value", "comparator", "others", "target"),
        *("target_comparator", "national", "national_comparator", "status"),
    ]
    return labels.shown(rows[kept], lang)


def _counted(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Counts the cells of the coverage matrix by report and status."""
    words = {status: labels.word("status", status, lang) for status in labels.STATUSES}
    rows = [
        {
            labels.word("column", "place", lang): place,
            labels.word("column", "year", lang): str(year),
            **{name: str(int((cells == status).sum())) for status, name in words.items()},
        }
        for (_, place, year), cells in table.groupby(["county_code", "place", "year"], sort=False)[
            "status"
        ]
    ]
    return pd.DataFrame(rows)
