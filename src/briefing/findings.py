"""One sentence a table: the computed answer that a notebook ends with and a chart is headed by."""

from __future__ import annotations

import pandas as pd

from briefing import BriefingError
from briefing.compare import rounded
from briefing.labels import (
    BASES,
    aside,
    figure,
    indicator_name,
    listed,
    number,
    say,
    typeset,
    word,
)

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
    # Bounds and contradictions leave open on which side they stand.
    firm = drawn[(drawn["comparator"] == "=") & ~drawn["others"].astype(bool)]
    aimed = firm[firm["target"].notna() & ~firm["target_comparator"].isin(["<=", "<"])]
    if len(aimed):
        passed = int((aimed["value"] >= aimed["target"]).sum())
        parts.append(
            say(
                lang,
                f"{len(aimed)} 个写明目标的，{passed} 个不低于目标",
                f"{passed} of {len(aimed)} with a stated target reach it",
            )
        )
    rows = firm[firm["national"].notna()]
    if len(rows):
        passed = int((rows["value"] >= rows["national"]).sum())
        parts.append(
            say(
                lang,
                f"{len(rows)} 个有同年全国数可比的，{passed} 个不低于全国",
                f"{passed} of {len(rows)} with a national figure of the same year reach it",
            )
        )
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
        f"按{base}，{name} {_range(drawn[drawn['basis'] == basis], lang)}",
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
    """Says, for each population, how far its figures reach; populations are not compared."""
    return _by(table, "population", lang)


def by_scenario(table: pd.DataFrame, lang: str = "zh") -> str:
    """Says, for the actual and each kind of budget or target, how far its figures reach."""
    return _by(table, "scenario", lang)


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
    if most == 0:
        return say(
            lang,
            f"{len(moves)} 个序列有两年以上的数，首尾都没有变化",
            f"Series of two years or more: {len(moves)}; none ends other than it began",
        )
    name = indicator_name(start["indicator"], start["name"], lang)
    extra = listed(filter(None, (word(k, start[k], lang) for k in ("population", "basis"))), lang)
    path = f"{start['year']} {_value(start, lang)} → {end['year']} {_value(end, lang)}"
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
        f"{reports} reports contradict themselves in {len(table)} places: {kinds}",
    )


def _by(table: pd.DataFrame, dimension: str, lang: str) -> str:
    drawn = _drawn(table)
    name = indicator_name(drawn["indicator"].iloc[0], drawn["name"].iloc[0], lang)
    parts = []
    for value, rows in drawn.groupby(dimension, sort=False):
        low, high = rows.loc[rows["value"].idxmin()], rows.loc[rows["value"].idxmax()]
        reach = _value(low, lang)
        if len(rows) > 1:
            reach = say(
                lang,
                f"{reach} 到 {_value(high, lang)}",
                f"{reach} to {_value(high, lang)}",
            )
        parts.append(
            say(
                lang,
                f"{word(dimension, value)} {reach}（{len(rows)} 个）",
                f"{word(dimension, value, lang)} {reach} ({len(rows)})",
            )
        )
    return f"{name}{say(lang, '：', ': ')}{say(lang, '；', '; ').join(parts)}"


def _range(rows: pd.DataFrame, lang: str) -> str:
    low, high = rows.loc[rows["value"].idxmin()], rows.loc[rows["value"].idxmax()]
    if len(rows) == 1:
        return f"{_value(low, lang)}{aside(_whose(low), lang)}"
    return say(
        lang,
        f"{len(rows)} 个数从 {_value(low, lang)}（{_whose(low)}）"
        f"到 {_value(high, lang)}（{_whose(high)}）",
        f"{len(rows)} figures from {_value(low, lang)} ({_whose(low)}) "
        f"to {_value(high, lang)} ({_whose(high)})",
    )


def _drawn(table: pd.DataFrame) -> pd.DataFrame:
    drawn = table[table["value"].notna()]
    if drawn.empty:
        raise BriefingError("no figure to speak of: the coverage notebook shows what there is")
    return drawn


def _whose(row: pd.Series) -> str:
    return f"{row['place']} {row['year']}"


def _value(row: pd.Series, lang: str) -> str:
    unit = word("unit", row["unit"], lang)
    return typeset(figure(row["value"], row["comparator"], row["others"]) + unit)
