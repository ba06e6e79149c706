"""The words around a chart: what it finds, what is drawn, what is missing, where it is from."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from xianbi import XianbiError, findings
from xianbi.data import national
from xianbi.labels import MIND, aside, indicator_name, listed, say, word

DOUBT = "*"
"""Stands behind a drawn figure that a person should check first; a note says so."""


class Caption(NamedTuple):
    """Title (the finding), subtitle (what is drawn), notes (what is missing), source line."""

    title: str
    subtitle: str
    notes: tuple[str, ...]
    source: str


def coverage(table: pd.DataFrame, lang: str = "zh") -> Caption:
    """Words a chart of `compare.coverage`; indicators that no report has are a note."""
    _need(table, "coverage")
    have = set(table.loc[table["status"] != "absent", "indicator"])
    names = table.drop_duplicates("indicator")
    without = [
        indicator_name(row.indicator, row.name, lang)
        for row in names.itertuples()
        if row.indicator not in have
    ]
    return Caption(
        findings.coverage(table, lang),
        say(
            lang,
            "各报告当年的部门整体数字；空格＝未报告，不是零",
            "The department's own figures of the year; an empty cell is not reported, not zero",
        ),
        _note(lang, "没有任何报告给出", "In no report", without),
        _source(table, lang),
    )


def ranked(table: pd.DataFrame, lang: str = "zh") -> Caption:
    """Words a chart of `compare.across_counties`, `against_target` or `against_national`."""
    _need(table, "ranked")
    drawn = table[table["status"] != "absent"]
    first = drawn.iloc[0]
    subtitle = _measure(first, lang, population=True, basis=True)
    notes = _missing(table, lang) + _mind(drawn, lang)
    source = _source(drawn, lang)
    english = dict(national()[["source", "source_en"]].itertuples(index=False, name=None))
    lines = [
        say(lang, line, english.get(line, line))
        for line in sorted(set(drawn["national_source"]) - {""})
    ]
    if lines:
        source += say(lang, "；全国：", "; national: ") + listed(lines, lang)
    return Caption(findings.ranked(table, lang), subtitle, notes, source)


def dumbbell(table: pd.DataFrame, lang: str = "zh") -> Caption:
    """Words a chart of `compare.side_by_side` by basis."""
    _need(table, "rate")
    return Caption(
        findings.by_basis(table, lang),
        _measure(_first(table), lang, population=True)
        + say(
            lang,
            "；标记＝口径，不同口径不可直接比较",
            "; a mark a basis, which are not comparable with each other",
        ),
        _missing(table, lang) + _mind(table[table["status"] != "absent"], lang),
        _source(table[table["status"] != "absent"], lang),
    )


def by_population(table: pd.DataFrame, lang: str = "zh") -> Caption:
    """Words a chart of `compare.side_by_side` by population."""
    _need(table, "grouped")
    return Caption(
        findings.by_population(table, lang),
        _measure(_first(table), lang, basis=True)
        + say(lang, "；标记＝人群", "; a mark a population"),
        _missing(table, lang) + _mind(table[table["status"] != "absent"], lang),
        _source(table[table["status"] != "absent"], lang),
    )


def by_scenario(table: pd.DataFrame, lang: str = "zh") -> Caption:
    """Words a chart of `compare.side_by_side` by scenario."""
    _need(table, "grouped")
    first = _first(table)
    people = word("population", first["population"], lang)
    return Caption(
        findings.by_scenario(table, lang),
        indicator_name(first["indicator"], first["name"], lang)
        + aside(listed(filter(None, (people, _unit(first, lang))), lang), lang)
        + say(lang, "；标记＝实际、预算或目标", "; a mark the actual, a budget or a target"),
        _missing(table, lang) + _mind(table[table["status"] != "absent"], lang),
        _source(table[table["status"] != "absent"], lang),
    )


def control_rates(table: pd.DataFrame, lang: str = "zh") -> Caption:
    """Words a chart of `compare.control_rates`."""
    _need(table, "control")
    return Caption(
        findings.control(table, lang),
        say(
            lang,
            "控制率（%）＝实际 ÷ 预算（人员：在职 ÷ 编制），不超过 100 即没有突破预算",
            "Actual ÷ budget, % (staff: in post ÷ authorised); up to 100 is within budget",
        ),
        _missing(table, lang) + _mind(table[table["status"] != "absent"], lang),
        _source(table[table["status"] != "absent"], lang),
    )


def slope(table: pd.DataFrame, lang: str = "zh") -> Caption:
    """Words a chart of `compare.over_years` of one indicator; single years are a note."""
    _need(table, "yearly")
    return Caption(
        findings.over_years(table, lang),
        _measure(_first(table), lang, population=True, basis=True, year=False)
        + say(lang, "；含下一年报告引用的上年数", "; prior years as quoted by the next report too"),
        _note(lang, "只有一年，不成线", "One year only, no line", _single(table))
        + _checks(table, lang),
        _source(table[table["value"].notna()], lang),
    )


def small_multiples(table: pd.DataFrame, lang: str = "zh") -> Caption:
    """Words a chart of `compare.over_years` with a panel a series."""
    _need(table, "yearly")
    return Caption(
        findings.over_years(table, lang),
        say(
            lang,
            "一格一个序列，各格刻度不同；含下一年报告引用的上年数；缺的年份不连线",
            "A panel a series, scales differ; prior years as quoted by the next report too; "
            "missing years break the line",
        ),
        _note(lang, "只有一年，未画", "One year only, not drawn", _single(table))
        + _checks(table, lang),
        _source(table[table["value"].notna()], lang),
    )


def reported_vs_recomputed(table: pd.DataFrame, lang: str = "zh") -> Caption:
    """Words a chart of `compare.reported_vs_recomputed`."""
    _need(table, "audit")
    return Caption(
        findings.audit(table, lang),
        say(
            lang,
            "横轴：报告写明的比率（%）；纵轴：按同一报告的分子、分母重算（%）；斜线上＝两者相等",
            "Across: the rate as printed, %; up: recomputed from the same report's amounts, %; "
            "on the line they are equal",
        ),
        (
            say(
                lang,
                "“一致”按报告写出的小数位判断，例如 56% 与 56.375% 一致",
                "They agree if equal at the printed decimals: 56% and 56.375% do",
            ),
        ),
        _source(table, lang),
    )


def _first(table: pd.DataFrame) -> pd.Series:
    return table[table["status"] != "absent"].iloc[0]


def _measure(
    row: pd.Series,
    lang: str,
    *,
    population: bool = False,
    basis: bool = False,
    year: bool = True,
) -> str:
    """Says what is drawn: indicator, unit, department, and the dimensions that all rows share."""
    unit = _unit(row, lang)
    parts = [
        indicator_name(row["indicator"], row["name"], lang) + aside(unit, lang),
        say(lang, "部门整体", "whole department"),
    ]
    if population and row["population"]:
        parts.append(
            say(lang, "人群：", "population: ") + word("population", row["population"], lang)
        )
    if basis and row["basis"]:
        parts.append(say(lang, "口径：", "basis: ") + word("basis", row["basis"], lang))
    if year:
        parts.append(say(lang, "当年实际", "actual of the year"))
    return say(lang, "，", ", ").join(parts)


def _unit(row: pd.Series, lang: str) -> str:
    return word("unit", row["unit"], lang).strip()


def _missing(table: pd.DataFrame, lang: str) -> tuple[str, ...]:
    """Names the counties and years that have a report and nothing to draw."""
    drawn = {(row.county_code, row.year) for row in table.itertuples() if row.status != "absent"}
    without = [
        f"{row.place} {row.year}"
        for row in table.sort_values(["county_code", "year"]).itertuples()
        if (row.county_code, row.year) not in drawn
    ]
    return _note(lang, "未报告，也无从推算", "Not reported and not derivable", without)


def _mind(drawn: pd.DataFrame, lang: str) -> tuple[str, ...]:
    """Says what to mind when the rows drawn are compared with each other."""
    notes: tuple[str, ...] = ()
    if drawn["year"].nunique() > 1:
        notes += (
            say(
                lang,
                "各行年度不同，比较时请注意",
                "The years differ from row to row: mind them when comparing",
            ),
        )
    codes = drawn["county_code"]
    wider = drawn[codes.str.endswith("00")]
    if len(wider) and codes.nunique() > 1:
        names = [f"{row.place} {row.year}" for row in wider.itertuples()]
        notes += _note(
            lang, "是省、市本级或全市的数，不是县", "Of a province or city, not a county", names
        )
    notes += tuple(
        say(lang, *MIND[indicator])
        for indicator in dict.fromkeys(drawn["indicator"])
        if indicator in MIND and len(drawn) > 1
    )
    return notes + _checks(drawn, lang)


def _checks(table: pd.DataFrame, lang: str) -> tuple[str, ...]:
    """Names the figures that a person should check in the report before they are used."""
    doubtful = table[table["review"] & table["value"].notna()]
    names = [f"{row.place} {row.year}" for row in doubtful.itertuples()]
    return _note(lang, f"{DOUBT} 待核，用前请看原文", f"{DOUBT} To be checked in the report", names)


def _single(table: pd.DataFrame) -> list[str]:
    years = table[table["value"].notna()].groupby("county_code")["year"].agg(["nunique", "min"])
    of = dict(zip(table["county_code"], table["place"], strict=True))
    return [f"{of[code]} {row['min']}" for code, row in years.iterrows() if row["nunique"] == 1]


def _note(lang: str, zh: str, en: str, items: list[str]) -> tuple[str, ...]:
    if not items:
        return ()
    once = dict.fromkeys(items)
    return (f"{say(lang, zh, en)}{say(lang, '：', ': ')}{listed(once, lang)}",)


def _source(table: pd.DataFrame, lang: str) -> str:
    """Names every report that a drawn row comes from, by kind of report."""
    parts = [
        word("report", str(report), lang) + aside(listed(rows["reporter"].unique(), lang), lang)
        for report, rows in table.groupby("report", sort=False)
    ]
    return say(lang, "资料来源：", "Source: ") + say(lang, "；", "; ").join(parts)


def _need(table: pd.DataFrame, what: str) -> None:
    if table.empty or ("status" in table and (table["status"] == "absent").all()):
        raise XianbiError(f"no {what} figure to draw: the coverage notebook shows what there is")
