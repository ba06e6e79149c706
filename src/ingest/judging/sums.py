"""Wholes against their parts: what must add up, and the one amount whose unit keeps it from doing so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product

from ingest.codebook.model import Codebook, Sum
from ingest.judging.statements import (
    Amount,
    FigureKey,
    Statements,
    figure_key,
    total_of,
    without_scenario,
)
from ingest.printed import last_place, plain
from ingest.records import Finding


def members_of(report: Statements, total: Sum) -> list[tuple[FigureKey, list[FigureKey]]]:
    """The keys of each whole that could be stated, with those of its parts."""
    found = {}
    names = (total.whole,) if total.by == "population" else (total.whole, *total.parts)
    for name, scenario, year, population, subject in sorted(
        key for key in report.index if key[0] in names
    ):
        if total.by == "population":
            everybody = report.codebook.indicators[name].population
            whole = (name, scenario, year, everybody, subject)
            parts = [(name, scenario, year, part, subject) for part in total.parts]
        else:
            whole = (total.whole, scenario, year, population, subject)
            parts = [(part, scenario, year, population, subject) for part in total.parts]
        found[whole] = parts
    return list(found.items())


def sums_of(report: Statements, total: Sum) -> list[Finding]:
    found = []
    for whole, parts in members_of(report, total):
        readings = list(product(*(report.readings(key) for key in (whole, *parts))))
        fitting = next((r for r in readings if _adds_up(r, report.codebook)), None)
        reading = fitting or next((r for r in readings if all(a.kept for a in r)), None)
        if reading is None:
            continue
        recomputed = total_of(reading[1:])
        formula = f"{whole[1]}: {added(reading[1:])}"
        remarks = dict.fromkeys(r for amount in reading for r in amount.remarks)
        found.append(
            report.finding(
                without_scenario(whole),
                "sum",
                "agree" if fitting else "disagree",
                "; ".join((formula, *remarks)),
                (m for amount in reading for m in amount.mentions),
                reported=reading[0].value,
                recomputed=recomputed.value,
            )
        )
        if not fitting:
            found += _repaired(report, whole, reading)
    return found


def added(parts: Sequence[Amount]) -> str:
    total = total_of(parts)
    return f"{' + '.join(p.text for p in parts)} = {plain(total.value)}"


def _adds_up(reading: Sequence[Amount], codebook: Codebook) -> bool:
    """Whether a whole equals its parts within the rounding of what is printed.

    Persons are counted and must add up exactly. Amounts are rounded alike in a report, to the
    most digits that it prints for any of them; a printed nought is exact.
    """
    members = [amount.mentions[0] for amount in reading]
    counted = codebook.indicators[members[0].indicator].kind == "count"
    return balances([(a.value, m.decimals) for a, m in zip(reading, members, strict=True)], counted)


def balances(members: Sequence[tuple[Decimal, int]], counted: bool) -> bool:
    """Whether the first of some figures (value, decimals) is the sum of the others."""
    whole, *parts = (value for value, _ in members)
    return abs(whole - sum(parts)) <= slack_of(members, counted)


def slack_of(members: Sequence[tuple[Decimal, int]], counted: bool) -> Decimal:
    places = max((decimals for value, decimals in members if value), default=0)
    slack = Decimal(0)
    for value, decimals in members:
        if decimals < 0:
            slack += last_place(decimals) / 2
        elif value and not counted:
            slack += last_place(places) / 2
    return slack


def _repaired(report: Statements, whole: FigureKey, reading: Sequence[Amount]) -> list[Finding]:
    """The one member of a sum that is 10,000 times off, where one unit step of it repairs the sum."""
    if report.codebook.indicators[whole[0]].kind != "amount":
        return []
    members = [(a.value, a.mentions[0].decimals) for a in reading]
    repairs = []
    for place, (value, decimals) in enumerate(members):
        for power in (4, -4):
            stepped = (value.scaleb(power), decimals - power)
            others = [*members[:place], *members[place + 1 :]]
            changed = [*members[:place], stepped, *members[place + 1 :]]
            # What is lost in the rounding of the others proves nothing.
            telling = abs(stepped[0]) > 10 * slack_of(others, False)
            if value and telling and balances(changed, False):
                repairs.append((place, stepped[0], power))
    if len(repairs) != 1:
        return []
    place, value, power = repairs[0]
    wrong = reading[place].mentions[0]
    parts = [
        replace(a, text=plain(value), value=value) if i == place else a
        for i, a in enumerate(reading)
    ]
    times = "10,000 times" if power > 0 else "a ten thousandth of"
    formula = (
        f"{whole[1]}: {added(parts[1:])} for {parts[0].text} if '{wrong.printed}' is "
        f"{plain(value)}万元, {times} what is printed"
    )
    ordered = [wrong, *(a.mentions[0] for i, a in enumerate(reading) if i != place)]
    return [
        report.finding(
            without_scenario(figure_key(wrong, report.codebook)),
            "unit",
            "disagree",
            formula,
            ordered,
            reported=wrong.value,
            recomputed=value,
        )
    ]


def parts_above_wholes(report: Statements) -> list[Finding]:
    """Parts that exceed their whole, where not all parts are printed (else the sum says so)."""
    pairs, summed = {}, set()
    for total in report.codebook.sums:
        for whole, parts in members_of(report, total) if total.by != "population" else ():
            pairs.update(dict.fromkeys((part, whole) for part in parts))
            if total.by == "kind" and all(report.index.get(part) for part in parts):
                summed |= {(part, whole) for part in parts}
    found = {}
    for part, whole in pairs:
        if (part, whole) not in summed:
            found.update(_above(report, part, whole))
    for key in sorted(report.index):
        name, scenario, year, population, subject = key
        indicator = report.codebook.indicators[name]
        if population not in ("", indicator.population) and indicator.kind == "count":
            whole = (name, scenario, year, indicator.population, subject)
            found.update(_above(report, key, whole))
    return list(found.values())


def _above(
    report: Statements, part: FigureKey, whole: FigureKey
) -> dict[tuple[FigureKey, FigureKey], Finding]:
    over, under = report.readings(part), report.readings(whole)
    if not over or not under or not (over[0].kept and under[0].kept):
        return {}
    above, below = over[0].mentions[0], under[0].mentions[0]
    counted = report.codebook.indicators[whole[0]].kind == "count"
    slack = slack_of([(m.value, m.decimals) for m in (above, below)], counted)
    if above.value - below.value <= slack:
        return {}
    of = (part[0], whole[0]) if part[0] != whole[0] else (part[3], whole[3])
    return {
        (part, whole): report.finding(
            without_scenario(part),
            "bounds",
            "disagree",
            f"{part[1]}: {of[0]} {plain(above.value)} is above {of[1]} {plain(below.value)}",
            (above, below),
            reported=above.value,
        )
    }
