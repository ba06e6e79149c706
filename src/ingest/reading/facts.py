"""Makes a fact of a label and a figure: fits the unit, settles every dimension, or says why not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ingest.codebook.model import Indicator
from ingest.reading.groups import groups_of
from ingest.reading.index import Figure
from ingest.reading.meaning import remember_topic
from ingest.reading.quantities import convert
from ingest.reading.scopes import (
    basis_of,
    by_year,
    goal_behind,
    is_compared,
    scenario_of,
    year_and_period,
)
from ingest.reading.state import BOUNDS, BUDGETS, UNSAID, Fact, Reading
from ingest.reading.words import Span
from ingest.records import WHOLE_DEPARTMENT

_FITS = {"amount": "amount", "percent": "rate", "count": "count", "score": "score"}


@dataclass(frozen=True)
class Given:
    """What a construction itself settles of a fact; "" and None leave it to the sentence."""

    scenario: str = ""
    population: str | None = None
    year: int | None = None
    subject: str = ""
    comparator: str = ""
    review: str = ""


@dataclass(frozen=True)
class Proposal:
    """A figure, the label that would name it, and what its construction settles."""

    figure: Figure
    label: Span
    indicator: str
    left: int
    rule: str
    given: Given = field(default_factory=Given)


def fitted(
    reading: Reading, indicator: str, figure: Figure, label: Span
) -> tuple[Decimal, int] | None:
    """Value and decimals in the codebook's unit, None if the unit does not fit."""
    entry, quantity = reading.entry(indicator), figure.quantity
    if quantity.kind == "range":
        # Both ends of a range are kept as bounds; a range of amounts or persons is too loose.
        fits = entry.kind == "rate"
        return (
            convert(quantity.value, quantity.decimals, quantity.unit, entry.unit) if fits else None
        )
    if quantity.kind == "bare":
        return _bare(reading, entry, figure, label)
    units = reading.book.words["other_units"]
    unit = units.get(quantity.unit, {}).get(entry.role) or units.get(quantity.unit, {}).get(
        entry.kind
    )
    if quantity.kind == "other" or (quantity.kind == "amount" and entry.kind == "count"):
        # 编制6个; 参合人数为33.13万
        printed = not quantity.printed.endswith(reading.book.words["money"]["sign"])
        return (
            convert(quantity.value, quantity.decimals, unit, entry.unit)
            if unit and printed
            else None
        )
    if quantity.kind == "visits" and entry.role == "subsidised":
        return convert(quantity.value, quantity.decimals, quantity.unit, entry.unit)
    if _FITS.get(quantity.kind) != entry.kind:
        return None
    return convert(quantity.value, quantity.decimals, quantity.unit, entry.unit)


def _bare(
    reading: Reading, entry: Indicator, figure: Figure, label: Span
) -> tuple[Decimal, int] | None:
    quantity, scope = figure.quantity, reading.scope
    thousands = reading.book.words["other_units"]["bare"]
    if entry.kind == "score":
        return quantity.value, quantity.decimals
    if entry.kind == "count":
        whole = quantity.value == quantity.value.to_integral_value()
        counted = scope.form or label.text.endswith(tuple(thousands["counts"]))
        unit = scope.unit if scope.unit in thousands["persons"] else entry.unit
        fits = counted and (whole or unit != entry.unit)
        return convert(quantity.value, quantity.decimals, unit, entry.unit) if fits else None
    nought = quantity.value == 0 and quantity.decimals == 0
    if entry.kind == "rate":
        if nought:
            return quantity.value, 0
        # A form may print the sign in the head, or nowhere: 95.93 is then a percentage.
        beside = label.end == figure.begin and quantity.decimals == 2 and quantity.value > 50
        plain = scope.form and scope.unit not in thousands["persons"] and quantity.value > 1
        plain = plain or (beside and quantity.value <= 100)
        return (quantity.value, quantity.decimals) if plain else None
    if nought and label.type in ("label", "short"):
        return quantity.value, 0
    return (
        convert(quantity.value, quantity.decimals, scope.unit, entry.unit) if scope.unit else None
    )


def add(reading: Reading, proposal: Proposal) -> str:
    """Settles a proposal and keeps its facts; returns "" or the reason why it is none."""
    figure, label, left = proposal.figure, proposal.label, proposal.left
    entry = reading.entry(proposal.indicator)
    amount = fitted(reading, proposal.indicator, figure, label)
    if amount is None:
        return f"the unit does not fit '{label.text}'"
    refused = _outside(entry, amount[0]) or _policy(reading, entry, label, figure, left)
    if refused:
        return refused
    mark = proposal.given.comparator or figure.comparator
    scenario, scenario_words = proposal.given.scenario, proposal.rule
    if not scenario:
        scenario, scenario_words = scenario_of(reading, proposal.indicator, label, figure, left)
        if mark in (">", "<") and label.start < left and goal_behind(reading, figure):
            # 「满意度95.9%,高于90%的目标」: the goal is 90 %.
            mark = "="
    if entry.kind == "amount" and "scenario" not in entry.dimensions:
        if _only_planned(reading, scenario, scenario_words, label):
            return "a budget of what is only counted when done"
        scenario = "actual"
    groups, group_words = _groups(reading, proposal)
    refused = _no_group(groups, group_words, entry.kind)
    if refused:
        return refused
    year, period, year_words = _when(reading, proposal)
    if scenario == "target" and entry.role != "execution":
        # A goal by a day in the year is the year's; how far to have spent by June is June's.
        period = ""
    scenario = by_year(reading, scenario, scenario_words, mark, year)
    _keep(
        reading,
        proposal,
        entry,
        amount,
        mark,
        scenario,
        groups,
        (year, period),
        _settled(label, scenario_words, group_words, year_words),
    )
    return ""


def _settled(*words: object) -> tuple[tuple[str, str], ...]:
    label, *rest = words
    assert isinstance(label, Span)
    names = ("scenario", "population", "year")
    told = [(n, str(w)) for n, w in zip(names, rest, strict=True) if w]
    return (("indicator", label.text), *told)


def _keep(
    reading: Reading,
    proposal: Proposal,
    entry: Indicator,
    amount: tuple[Decimal, int],
    mark: str,
    scenario: str,
    groups: Iterable[str],
    when: tuple[int | None, str],
    settled: tuple[tuple[str, str], ...],
) -> None:
    figure, label = proposal.figure, proposal.label
    indicator = proposal.indicator
    subject = proposal.given.subject or _whose(reading, entry, label)
    if entry.role == "project_spending" and reading.scope.project_report:
        # In a report on one project that project's money is the whole of it.
        indicator = (
            reading.book.of_role("spending") if subject == reading.scope.subject else indicator
        )
    if subject != WHOLE_DEPARTMENT:
        settled = (*settled, ("subject", subject))
    basis = basis_of(reading, label, figure, proposal.left) if "basis" in entry.dimensions else ""
    year, period = when
    words = dict(settled).get("scenario", "")
    before = label.end <= figure.begin and label.start >= proposal.left
    start = min(label.start, figure.begin) if before else figure.begin
    last = reading.state.fact
    beside = (
        label.type == "generic"
        and scenario in BUDGETS
        and last is not None
        and (last.indicator, last.scenario) == (indicator, "actual")
    )
    # 「支出2.05万元,年初预算为2.95万元」: what was spent is told, the budget beside it.
    compared = beside or is_compared(reading, start, figure.end)
    for group in groups:
        fact = Fact(
            indicator=indicator,
            scenario=scenario,
            population=group,
            subject=subject,
            basis=basis,
            year=year,
            period=period or (str(year) if year else ""),
            comparator=mark,
            value=amount[0],
            unit=entry.unit,
            decimals=amount[1],
            printed=figure.quantity.printed,
            start=start,
            end=max(figure.end, label.end if label.start >= figure.end else figure.end),
            rule=proposal.rule,
            settled=settled,
            review=proposal.given.review
            or _without_sign(reading, entry, figure)
            or _open(entry.kind, words, mark)
            or unknown_beside(reading, label, [w for n, w in settled if n == "population"]),
            at=figure.quantity.start,
            compared=compared,
        )
        reading.state.facts.append(fact)
        reading.state.fact = fact
    reading.state.label = label
    remember_topic(reading, indicator, figure.begin)


def _only_planned(reading: Reading, scenario: str, words: str, label: Span) -> bool:
    implied = (reading.scope.scenario_from, "as its whole", "as the figure before")
    balance = any(w in label.text for w in reading.book.words["names"]["balance"])
    return scenario in BUDGETS and words not in implied and not balance


def _groups(reading: Reading, proposal: Proposal) -> tuple[tuple[str, ...], str]:
    given = proposal.given.population
    if given is not None:
        return (given,), ""
    groups, words = groups_of(
        reading, proposal.indicator, proposal.label, proposal.figure, proposal.left
    )
    entry = reading.entry(proposal.indicator)
    if groups == ("all",) and entry.population != "all":
        return (entry.population,), "whom the indicator is of"
    return groups, words


def _no_group(groups: tuple[str, ...], words: str, kind: str) -> str:
    """Why a figure of these groups is none of ours, "" where it is."""
    if not groups:
        return f"a group without an id: '{words}'"
    return "one count for several groups" if len(groups) > 1 and kind == "count" else ""


def _when(reading: Reading, proposal: Proposal) -> tuple[int | None, str, str]:
    """Year and period of a figure, and the words that say so."""
    if proposal.given.year is not None:
        return proposal.given.year, "", str(proposal.given.year)
    year, period, words = year_and_period(
        reading, proposal.indicator, proposal.label, proposal.figure, proposal.left
    )
    if (
        reading.role(proposal.indicator) == "opening_balance"
        and year
        and year + 1 == reading.scope.year
    ):
        # 「2022年未用完结转」 opens 2023.
        year = reading.scope.year
    return year, period, words


def _whose(reading: Reading, entry: Indicator, label: Span) -> str:
    """The project or fund that the money, or the score, is of; else the whole department."""
    own = label.type in ("generic", "flow") or entry.role in ("score", "execution")
    # 「甲项目预算20万元,全年支出19万元」: the whole's name for what a project spent.
    own = own or (entry.role == "project_spending" and reading.role(label.value) == "spending")
    of_money = entry.family == "budget" or entry.role == "score"
    if reading.state.subject and (own or reading.scope.project_report) and of_money:
        return reading.state.subject
    return WHOLE_DEPARTMENT


def _open(kind: str, words: str, mark: str) -> str:
    """Why a person should choose between two readings, "" where one is settled.

    A bound that neither heading nor sentence calls a goal or a result may be either.
    """
    if kind != "amount" and mark in BOUNDS and words == UNSAID:
        return "a bound: read as actual, but nothing says that it is no target"
    return ""


def _without_sign(reading: Reading, entry: Indicator, figure: Figure) -> str:
    """A rate in prose that prints no %: 「参合率91.13,筹集资金…」."""
    bare = entry.kind == "rate" and figure.quantity.kind == "bare" and figure.quantity.value
    return "no % is printed" if bare and not reading.scope.form else ""


def unknown_beside(reading: Reading, label: Span, groups: Iterable[str]) -> str:
    """Why a figure should be looked at: a word nobody knows right before its label or its group.

    困难居民参保率, 普通参保人员, 期末结转: such a word may make it another figure. "" where none stands.
    """
    words = reading.book.words["beside"]
    start = reading.clause_start(label.start, reading.sentence.start)
    places = {label.start} | {reading.text.find(w, start) for w in groups if w}
    tiles = reading.tiles(start, max(*places, label.start))
    units = {t.start for t in tiles if t.text in words["units_of_time"]}
    known = [*words["known"], *(reading.lexicon.kinds_of_ratios if label.type == "ratio" else ())]
    for at in sorted(places | units):
        word = _unknown_before(tiles, at)
        rest = word
        for plain in known if at in places else ():
            rest = rest.replace(plain, "")
        if len(re.findall(reading.book.words["expressions"]["word"], rest)) > 1:
            return f"'{word}' before '{label.text}' is not known"
    of_persons = reading.entry(label.value).counts if label.value in reading.book.indicators else ""
    if (
        of_persons == "satisfied"
        and not any(groups)
        and tiles
        and tiles[-1].text in words["persons"]
    ):
        return f"nobody knows which persons '{tiles[-1].text}' before '{label.text}' are"
    return ""


def _unknown_before(tiles: Sequence[Span], at: int) -> str:
    """The unknown word that ends at text[at], also where its last character alone is a word."""
    last = next((n for n, t in enumerate(tiles) if t.end == at and t.start < at), None)
    if last is None:
        return ""
    tile = tiles[last]
    if tile.type == "unknown":
        return tile.text
    before = tiles[last - 1] if last else tile
    parted = len(tile.text) == 1 and tile.type not in ("neutral", "mark", "of", "and", "class")
    joined = parted and before.type == "unknown" and before.end == tile.start
    return before.text + tile.text if joined else ""


def _outside(entry: Indicator, value: Decimal) -> str:
    if entry.lowest is not None and value < Decimal(str(entry.lowest)):
        return f"{value} is below any believable value"
    if entry.highest is not None and value > Decimal(str(entry.highest)):
        return f"{value} is above any believable value"
    return ""


def _policy(reading: Reading, entry: Indicator, label: Span, figure: Figure, left: int) -> str:
    """Why a ratio is set by the policy: words of its rules, or tiers by level of care; else ""."""
    policy = reading.book.words.get("policy", {})
    if entry.family not in reading.book.words.get("ratios", {}).get("families", ()):
        return ""
    refused = "a rule of the policy, not an outcome"
    sentence = reading.text[reading.sentence.start : reading.sentence.end]
    before = reading.text[reading.sentence.start : figure.quantity.start]
    tiers = {w for w in policy["levels"] if w in sentence}
    part = reading.text[reading.part_start(figure.begin) : figure.quantity.start]
    set_anew = [t for t in reading.tiles(label.end, figure.begin) if t.text in policy["set_anew"]]
    if set_anew and any(words in part for words in policy["plan"]):
        return refused
    if any(words in before for words in policy["tiers"]):
        return refused
    if len(tiers) > 1 and any(w in reading.text[left : figure.quantity.start] for w in tiers):
        return refused
    start = reading.clause_start(label.start, left)
    around = reading.text[start : figure.quantity.start]
    for span in reading.index.groups(start, figure.quantity.start):
        # 档 in 建档立卡 is no tier.
        around = around.replace(span.text, "")
    ruled = any(w in around for w in policy["words"]) and not any(
        w in around for w in policy["unless"]
    )
    measured = [
        f
        for f in reading.sentence.figures
        if reading.part_start(figure.begin) <= f.begin < figure.begin and f.kind == "amount"
    ]
    return refused if ruled and len(measured) < 2 else ""
