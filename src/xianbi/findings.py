"""One sentence a table: the computed answer that a notebook ends with and a chart is headed by."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from xianbi import XianbiError
from xianbi.compare import rounded
from xianbi.labels import (
    BASES,
    MIND,
    Word,
    aside,
    figure,
    indicator_name,
    listed,
    number,
    say,
    typeset,
    word,
)

_LINES = {
    "target": Word("本报告的目标", "its own target"),
    "national": Word("同年全国数", "the national figure of the year"),
}
_IN_HAND = ("reported", "derived", "conflicting", "bound", "undefined")


def coverage(table: pd.DataFrame, lang: str = "zh") -> str:
    """Says how much of a coverage table is filled, and with what."""
    reports = len(table.drop_duplicates(["county_code", "year"]))
    count = table["status"].value_counts()
    filled = int(sum(count.get(status, 0) for status in _IN_HAND))
    share = number(rounded(100 * filled / len(table), 1))
    derived, torn = count.get("derived", 0), count.get("conflicting", 0)
    goals, absent = count.get("target_only", 0), count.get("absent", 0)
    indicators = table["indicator"].nunique()
    return say(
        lang,
        f"{reports} 份报告、{indicators} 项指标共 {len(table)} 格，"
        f"{filled} 格（{share}%）有当年实际值，其中推算 {derived} 格、前后矛盾 {torn} 格；"
        f"仅有目标或预算 {goals} 格，未报告 {absent} 格",
        f"{filled} of {len(table)} cells ({share}%) of {reports} reports and {indicators} "
        f"indicators hold an actual of the year: {derived} derived, {torn} contradictory; "
        f"{goals} hold a target or budget only, {absent} nothing",
    )


def ranked(table: pd.DataFrame, lang: str = "zh") -> str:
    """Says how far apart the counties are, and how many pass their target or the national line."""
    drawn = _drawn(table)
    first = drawn.iloc[0]
    people = word("population", first["population"], lang)
    name = indicator_name(first["indicator"], first["name"], lang) + aside(people, lang)
    parts = [f"{name}{say(lang, '：', ': ')}{_range(drawn, lang)}"]
    firm = _firm(drawn)
    aimed = firm[firm["target"].notna() & ~firm["target_comparator"].isin(["<=", "<"])]
    parts += _against(aimed, "target", lang)
    rows = firm[firm["national"].notna()]
    parts += _against(rows, "national", lang)
    return say(lang, "；", "; ").join(parts)


def by_basis(table: pd.DataFrame, lang: str = "zh") -> str:
    """Says how far apart the rates lie on the basis that most reports allow.

    The other bases are counted, not mixed in; rates whose basis the report does not say are not
    comparable even among themselves.
    """
    drawn = _drawn(table)
    counts = drawn["basis"].value_counts(sort=False)
    count = {basis: int(counts[basis]) for basis in BASES if basis in counts}
    stated = {basis: n for basis, n in count.items() if basis not in ("unstated", "")}
    if not stated:
        return say(
            lang,
            f"{len(drawn)} 个执行率都未注明口径，彼此不可比",
            f"None of the {len(drawn)} rates says its basis: they are not comparable",
        )
    basis = max(stated, key=lambda basis: stated[basis])
    name = indicator_name(drawn["indicator"].iloc[0], drawn["name"].iloc[0], lang)
    base = word("basis", basis, lang)
    sentence = say(
        lang,
        f"按{base}，{name}：{_range(drawn[drawn['basis'] == basis], lang)}",
        f"{name} on the {base}: {_range(drawn[drawn['basis'] == basis], lang)}",
    )
    others = listed(
        (
            say(lang, f"{word('basis', other)} {n} 个", f"{n} {word('basis', other, lang)}")
            for other, n in count.items()
            if other != basis
        ),
        lang,
    )
    if not others:
        return sentence
    return sentence + say(
        lang, f"；另有不可与之相比的：{others}", f"; not comparable with these: {others}"
    )


def by_population(table: pd.DataFrame, lang: str = "zh") -> str:
    """Says how far the figures of each population reach, and how far employees lie from residents.

    Only where one report states both are the two compared.
    """
    sentence = _by(table, "population", lang)
    gaps = _gaps(_firm(_drawn(table)), "population", "employees", ("residents",))
    rates = [pair for pair in gaps if pair[0]["unit"] == "%"]
    if not rates:
        return sentence
    rates.sort(key=lambda pair: _gap(*pair))
    (low, high), more = (rates[0], rates[-1]), sum(_gap(*pair) > 0 for pair in rates)
    if more in (0, len(rates)):
        first, last = (low, high) if more else (high, low)
        reach = number(abs(_gap(*first)))
        if first is not last:
            reach = say(
                lang,
                f"{reach}（{_whose(first[0])}）到 {number(abs(_gap(*last)))}",
                f"{reach} ({_whose(first[0])}) to {number(abs(_gap(*last)))}",
            )
        way = ("高", "above") if more else ("低", "below")
        return sentence + say(
            lang,
            f"；职工比居民{way[0]} {reach} 个百分点（{_whose(last[0])}）",
            f"; employees {reach} percentage points {way[1]} residents ({_whose(last[0])})",
        )
    return sentence + say(
        lang,
        f"；{len(rates)} 份报告两者都有，{more} 份职工高于居民",
        f"; of {len(rates)} reports with both, employees are above residents in {more}",
    )


def by_scenario(table: pd.DataFrame, lang: str = "zh") -> str:
    """Says how the actuals stand to the budgets of the same reports, and where they differ most.

    The adjusted budget goes before one that the report only calls so, and that before the initial
    one. Where no report states both, says how far each reaches.
    """
    drawn = _drawn(table)
    budgets = ("adjusted_budget", "budget", "initial_budget")
    pairs = _gaps(_firm(drawn), "scenario", "actual", budgets)
    if not pairs:
        return _by(table, "scenario", lang)
    name = indicator_name(drawn["indicator"].iloc[0], drawn["name"].iloc[0], lang)
    gaps = [_gap(*pair) for pair in pairs]
    over, under = sum(gap > 0 for gap in gaps), sum(gap < 0 for gap in gaps)
    sentence = say(
        lang,
        f"{name}：{len(pairs)} 份报告同时写明实际和预算，{over} 份超过预算，{under} 份低于预算，"
        f"{len(pairs) - over - under} 份相等",
        f"{name}: of {len(pairs)} reports that state actual and budget, {over} are above the budget, "
        f"{under} below, {len(pairs) - over - under} equal",
    )
    actual, budget = max(pairs, key=lambda pair: abs(_gap(*pair)))
    if not _gap(actual, budget):
        return sentence
    return sentence + say(
        lang,
        f"；差得最多的是{_whose(actual)}：实际 {_value(actual, lang)}，"
        f"{word('scenario', budget['scenario'])} {_value(budget, lang)}",
        f"; widest apart is {_whose(actual)}: actual {_value(actual, lang)}, "
        f"{word('scenario', budget['scenario'], lang)} {_value(budget, lang)}",
    )


def control(table: pd.DataFrame, lang: str = "zh") -> str:
    """Says, for each control rate, how many pass 100, and which of these is the highest."""
    parts = []
    drawn = _drawn(table)
    names = dict(table[["indicator", "name"]].itertuples(index=False, name=None))
    for indicator in names:
        rows = drawn[drawn["indicator"] == indicator]
        if rows.empty:
            continue
        name = indicator_name(indicator, names[indicator], lang)
        high = rows.loc[rows["value"].idxmax()]
        over = int((rows["value"] > 100).sum())
        most = f"{_value(high, lang)}{aside(_whose(high), lang)}"
        if over:
            parts.append(
                say(
                    lang,
                    f"{name} {len(rows)} 个中 {over} 个超过 100%，最高 {most}",
                    f"{name}: {over} of {len(rows)} above 100%, highest {most}",
                )
            )
        else:
            parts.append(
                say(
                    lang,
                    f"{name} {len(rows)} 个都不超过 100%",
                    f"{name}: none of {len(rows)} above 100%",
                )
            )
    return say(lang, "；", "; ").join(parts)


def over_years(table: pd.DataFrame, lang: str = "zh") -> str:
    """Says how many series there are and where the figure moved most, relative to its start."""
    moves = []
    for _, rows in _drawn(table).groupby(
        ["indicator", "county_code", "population", "basis"], sort=False
    ):
        if rows["year"].nunique() > 1:
            rows = rows.sort_values("year")
            start, end = rows.iloc[0], rows.iloc[-1]
            share = abs(end["value"] - start["value"]) / (abs(start["value"]) or 1)
            moves.append((share, start, end))
    most, start, end = max(moves, key=lambda move: move[0])
    name = indicator_name(start["indicator"], start["name"], lang)
    extra = listed(filter(None, (word(k, start[k], lang) for k in ("population", "basis"))), lang)
    path = f"{start['year']} {_value(start, lang)} → {end['year']} {_value(end, lang)}"
    if len(moves) == 1:
        return say(
            lang,
            f"{start['place']}{name}{aside(extra)}：{path}",
            f"{start['place']}, {name[0].lower()}{name[1:]}{aside(extra, lang)}: {path}",
        )
    if most == 0:
        return say(
            lang,
            f"{len(moves)} 个序列有两年以上的数，首尾都没有变化",
            f"Series of two years or more: {len(moves)}; none ends other than it began",
        )
    return say(
        lang,
        f"{len(moves)} 个序列有两年以上的数；变化最大的是{start['place']}{name}{aside(extra)}：{path}",
        f"Series of two years or more: {len(moves)}; {start['place']} moved most, "
        f"{name[0].lower()}{name[1:]}{aside(extra, lang)}: {path}",
    )


def audit(table: pd.DataFrame, lang: str = "zh") -> str:
    """Says how many printed rates their own amounts do not reproduce, and the widest gap."""
    wrong = table[table["verdict"] != "agree"]
    right = len(table) - len(wrong)
    start = say(
        lang,
        f"{len(table)} 个可重算的比率中 {right} 个与重算一致",
        f"{right} of {len(table)} printed rates agree with their own amounts",
    )
    if wrong.empty:
        return start
    worst = wrong.loc[wrong["gap"].abs().idxmax()]
    name = indicator_name(worst["indicator"], worst["name"], lang)
    printed, computed = number(worst["reported"]), number(worst["recomputed"])
    return typeset(
        start
        + say(
            lang,
            f"，{len(wrong)} 个不一致；相差最大的是{worst['place']} {worst['year']} 年{name}："
            f"报告 {printed}%，重算 {computed}%",
            f", {len(wrong)} do not; widest gap: {name}, {_whose(worst)}, "
            f"printed {printed}%, recomputed {computed}%",
        )
    )


def contradictions(table: pd.DataFrame, lang: str = "zh") -> str:
    """Says how many contradictions there are, in how many reports, of which kinds."""
    if table.empty:
        return say(lang, "没有发现报告自相矛盾", "No report contradicts itself")
    kinds = listed(
        (
            say(lang, f"{word('kind', kind)} {n} 处", f"{n} {word('kind', kind, lang)}")
            for kind, n in sorted(table["kind"].value_counts().items())
        ),
        lang,
    )
    reports = table["document"].nunique()
    return say(
        lang,
        f"{reports} 份报告自相矛盾 {len(table)} 处：{kinds}",
        f"Contradictions: {len(table)}, in reports: {reports} ({kinds})",
    )


def _by(table: pd.DataFrame, dimension: str, lang: str) -> str:
    drawn = _drawn(table)
    name = indicator_name(drawn["indicator"].iloc[0], drawn["name"].iloc[0], lang)
    parts = []
    for value, rows in drawn.groupby(dimension, sort=False):
        low, high = rows.loc[rows["value"].idxmin()], rows.loc[rows["value"].idxmax()]
        reach = _value(high, lang)
        if low["value"] != high["value"]:
            least = typeset(figure(low["value"], low["comparator"], low["others"]))
            reach = say(lang, f"{least} 到 {reach}", f"{least} to {reach}")
        count = aside(say(lang, f"{len(rows)} 个", str(len(rows))), lang) if len(rows) > 1 else ""
        parts.append(f"{word(dimension, value, lang)} {reach}{count}")
    return f"{name}{say(lang, '：', ': ')}{say(lang, '；', '; ').join(parts)}"


def _range(rows: pd.DataFrame, lang: str) -> str:
    """Says which figure is highest and which lowest, and how far they are apart.

    What is only a bound, or stated twice, has no place in that order and is counted apart; figures
    of different years, or of denominators that may differ, are not subtracted from each other.
    """
    firm = _firm(rows)
    if len(rows) == 1 or firm.empty:
        return say(lang, "、", ", ").join(
            f"{_value(row, lang)}{aside(_whose(row), lang)}" for _, row in rows.iterrows()
        )
    low, high = firm.loc[firm["value"].idxmin()], firm.loc[firm["value"].idxmax()]
    least, most = (f"{_value(row, lang)}{aside(_whose(row), lang)}" for row in (low, high))
    if len(firm) == 1:
        sentence = most
    elif low["value"] == high["value"]:
        sentence = say(
            lang,
            f"{len(firm)} 个数都是 {_value(low, lang)}",
            f"all {len(firm)} figures are {_value(low, lang)}",
        )
    else:
        sentence = say(
            lang,
            f"{len(firm)} 个数中最高 {most}，最低 {least}",
            f"of {len(firm)} figures the highest is {most}, the lowest {least}",
        )
        if low["year"] == high["year"] and low["indicator"] not in MIND:
            apart = f"{number(_gap(high, low))}{_unit_of_gap(low, lang)}"
            sentence += say(lang, f"，相差 {apart}", f", {apart} apart")
    open_ = len(rows) - len(firm)
    if open_:
        sentence += say(
            lang,
            f"；另有 {open_} 个只报上下限或前后矛盾，不排高低",
            f"; {open_} more, only a bound or contradictory, cannot be ranked",
        )
    return sentence


def _against(rows: pd.DataFrame, line: str, lang: str) -> list[str]:
    """Says how figures stand to a line of their row: one by how much, several by how many."""
    if rows.empty:
        return []
    passed = int((rows["value"] >= rows[line]).sum())
    if len(rows) > 1:
        zh = {
            "target": f"{len(rows)} 个写明目标的，{passed} 个不低于目标",
            "national": f"{len(rows)} 个有同年全国数可比的，{passed} 个不低于全国",
        }
        en = {
            "target": f"{passed} of {len(rows)} with a stated target reach it",
            "national": f"{passed} of {len(rows)} with a national figure of the same year reach it",
        }
        return [say(lang, zh[line], en[line])]
    row = rows.iloc[0]
    sign, unit = row[f"{line}_comparator"], word("unit", row["unit"], lang)
    what = _LINES[line]
    named = say(lang, what.zh, what.en) + aside(figure(row[line], sign) + unit, lang)
    gap = float(Decimal(repr(float(row["value"]))) - Decimal(repr(float(row[line]))))
    if sign != "=" or gap == 0:
        return [
            say(
                lang,
                f"{_whose(row)} {'不低于' if passed else '低于'}{named}",
                f"{_whose(row)} {'reaches' if passed else 'misses'} {named}",
            )
        ]
    apart = f"{number(abs(gap))}{_unit_of_gap(row, lang)}"
    return [
        say(
            lang,
            f"{_whose(row)} 比{named}{'高' if gap > 0 else '低'} {apart}",
            f"{_whose(row)} is {apart} {'above' if gap > 0 else 'below'} {named}",
        )
    ]


def _gaps(
    rows: pd.DataFrame, dimension: str, one: str, others: tuple[str, ...]
) -> list[tuple[pd.Series, pd.Series]]:
    """Returns, for each county and year, the row of `one` and that of the first of `others`."""
    pairs = []
    for _, here in rows.groupby(["county_code", "year"], sort=False):
        named = {row[dimension]: row for _, row in here.iterrows()}
        other = next((named[name] for name in others if name in named), None)
        if one in named and other is not None:
            pairs.append((named[one], other))
    return pairs


def _gap(one: pd.Series, other: pd.Series) -> float:
    return float(Decimal(repr(float(one["value"]))) - Decimal(repr(float(other["value"]))))


def _unit_of_gap(row: pd.Series, lang: str) -> str:
    if row["unit"] == "%":
        return say(lang, " 个百分点", " percentage points")
    return word("unit", row["unit"], lang)


def _firm(rows: pd.DataFrame) -> pd.DataFrame:
    """Leaves out bounds and contradictions: nothing says on which side of another they stand."""
    return rows[(rows["comparator"] == "=") & ~rows["others"].astype(bool)]


def _drawn(table: pd.DataFrame) -> pd.DataFrame:
    drawn = table[table["value"].notna()]
    if drawn.empty:
        raise XianbiError("no figure to speak of: the coverage notebook shows what there is")
    return drawn


def _whose(row: pd.Series) -> str:
    return f"{row['place']} {row['year']}"


def _value(row: pd.Series, lang: str) -> str:
    unit = word("unit", row["unit"], lang)
    return typeset(figure(row["value"], row["comparator"], row["others"]) + unit)
