"""One sentence a table: the computed answer that a notebook ends with and a chart is headed by."""

from __future__ import annotations

import pandas as pd

from briefing import BriefingError
from briefing.compare import rounded
from briefing.labels import BASES, figure, number, word

_IN_HAND = ("reported", "derived", "conflicting", "bound", "undefined")


def coverage(table: pd.DataFrame) -> str:
    """Says how much of a coverage table is filled, and with what."""
    reports = len(table.drop_duplicates(["county_code", "year"]))
    count = table["status"].value_counts()
    filled = int(sum(count.get(status, 0) for status in _IN_HAND))
    share = rounded(100 * filled / len(table), 1)
    return (
        f"{reports} 份报告、{table['indicator'].nunique()} 项指标共 {len(table)} 格，"
        f"{filled} 格（{number(share)}%）有当年实际值，"
        f"其中推算 {count.get('derived', 0)} 格、前后矛盾 {count.get('conflicting', 0)} 格；"
        f"仅有目标或预算 {count.get('target_only', 0)} 格，"
        f"未报告 {count.get('absent', 0)} 格"
    )


def execution(table: pd.DataFrame) -> str:
    """Says how far apart the execution rates lie on the basis that most reports allow.

    The other bases are counted, not mixed in; rates whose basis the report does not say are not
    comparable even among themselves.
    """
    drawn = _drawn(table)
    counts = drawn["basis"].value_counts(sort=False)
    count = {basis: int(counts[basis]) for basis in BASES if basis in counts}
    stated = {basis: n for basis, n in count.items() if basis not in ("unstated", "")}
    if not stated:
        return f"{len(drawn)} 个执行率都未注明口径，彼此不可比"
    basis = max(stated, key=lambda basis: stated[basis])
    rows = drawn[drawn["basis"] == basis]
    low, high = rows.loc[rows["value"].idxmin()], rows.loc[rows["value"].idxmax()]
    if len(rows) == 1:
        range_ = f"{_whose(low)} 的执行率是 {_percent(low)}"
    else:
        range_ = (
            f"{len(rows)} 个执行率从 {_percent(low)}（{_whose(low)}）"
            f"到 {_percent(high)}（{_whose(high)}）"
        )
    others = [f"{word('basis', other)} {n} 个" for other, n in count.items() if other != basis]
    return f"按{word('basis', basis)}，{range_}" + (
        f"；另有不可与之相比的：{'、'.join(others)}" if others else ""
    )


def control(table: pd.DataFrame) -> str:
    """Says, for each control rate, how many pass 100, and which of these is the highest."""
    parts = []
    drawn = _drawn(table)
    for name in table["name"].unique():
        rows = drawn[drawn["name"] == name]
        if rows.empty:
            continue
        high = rows.loc[rows["value"].idxmax()]
        over = int((rows["value"] > 100).sum())
        parts.append(
            f"{name} {len(rows)} 个中 {over} 个超过 100%，最高 {_percent(high)}（{_whose(high)}）"
            if over
            else f"{name} {len(rows)} 个都不超过 100%"
        )
    return "；".join(parts)


def audit(table: pd.DataFrame) -> str:
    """Says how many printed rates their own amounts do not reproduce, and the widest gap."""
    wrong = table[table["verdict"] != "agree"]
    start = f"{len(table)} 个可重算的比率中 {len(table) - len(wrong)} 个与重算一致"
    if wrong.empty:
        return start
    worst = wrong.loc[wrong["gap"].abs().idxmax()]
    return (
        f"{start}，{len(wrong)} 个不一致；相差最大的是{worst['place']} {worst['year']} 年"
        f"{worst['name']}：报告 {number(worst['reported'])}%，重算 {number(worst['recomputed'])}%"
    )


def _drawn(table: pd.DataFrame) -> pd.DataFrame:
    drawn = table[table["value"].notna()]
    if drawn.empty:
        raise BriefingError("no figure to speak of: the coverage notebook shows what there is")
    return drawn


def _whose(row: pd.Series) -> str:
    return f"{row['place']} {row['year']}"


def _percent(row: pd.Series) -> str:
    return figure(row["value"], row["comparator"], row["others"]) + "%"
