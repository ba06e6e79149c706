"""Deals the figures of a list out to as many labels, groups or years (分别为…、…)."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.reading.facts import Given, Proposal, add, fitted
from ingest.reading.groups import SCHEMES
from ingest.reading.index import Figure
from ingest.reading.meaning import indicator_named, remember_topic
from ingest.reading.state import Reading, Refused
from ingest.reading.words import Span

# Nobody deals out more figures than this in one sentence.
_LONGEST_LIST = 60
_LABELS = ("label", "ratio", "generic", "flow")


def deal_out(reading: Reading, number: int) -> int:
    """Deals the figures of a list out to as many labels, groups or years.

    Returns how many figures it took (also where it refused them: the counts do not agree).
    """
    figures = reading.sentence.figures
    if number + 1 == len(figures):
        return 0
    first = figures[number]
    left = reading.left_of(first)
    each = [t for t in reading.tiles(left, first.begin) if t.type == "each"]
    listed = _listed_from(reading, number)
    if len(listed) < 2 or (len({f.kind for f in listed}) > 1 and not each):
        return 0
    reach = each[0].start if each else first.begin
    clause, labels = _labels(reading, left, reach, first.begin, bool(each))
    if labels and reading.role(labels[0].value) == "subsidised":
        # 资助…参保分别为: one label in two words.
        labels = [labels[0], *(t for t in labels[1:] if reading.role(t.value) != "insured")]
    if not labels and each:
        return _by_facts(reading, listed)
    if not labels:
        return 0
    if not each and labels[-1].type in ("generic", "flow"):
        # 「实际支出18万元、15万元、40万元」: of several owners, named before or not at all.
        return _refuse_all(reading, listed) if first.kind == "amount" else 0
    if each and _by_labels(reading, listed, labels, clause):
        return len(listed)
    if _by_groups(reading, listed, labels, clause):
        return len(listed)
    if each and _by_years(reading, listed, labels, clause):
        return len(listed)
    return _refuse_all(reading, listed) if each else 0


def _labels(
    reading: Reading, left: int, reach: int, begin: int, each: bool
) -> tuple[int, list[Span]]:
    """Where the list of names begins, and the labels in it."""

    def inside(first: int, last: int) -> list[Span]:
        return [
            t
            for t in reading.sentence.labels
            if first <= t.start and t.end <= last and t.type in _LABELS
        ]

    clause = reading.clause_start(reach, left)
    labels = inside(clause, reach)
    if each and not labels:
        # 「报销比例,低保对象、监测对象分别为…」: the label stands a clause before.
        clause, labels = left, inside(left, reach)
    if each and not labels:
        # 「特困人员、低保对象分别资助参保312人、8460人」
        labels = inside(reach, begin)
    return clause, labels


def _listed_from(reading: Reading, number: int) -> list[Figure]:
    """The figures that follow each other with nothing but 、, 和 between them."""
    figures = reading.sentence.figures
    listed = [figures[number]]
    for figure in figures[number + 1 : number + _LONGEST_LIST]:
        between = reading.tiles(listed[-1].end, figure.begin)
        joins = all(t.type == "and" or (t.type == "mark" and t.value == "comma") for t in between)
        if not between or not joins:
            break
        if reading.has(figure.end, figure.end + 1, "of"):
            # 「支付比例达到69%,94.5%的地区…」: a share of what follows.
            break
        listed.append(figure)
    return listed


def _refuse_all(reading: Reading, listed: list[Figure]) -> int:
    for figure in listed:
        quantity = figure.quantity
        reading.state.refused.append(
            Refused(quantity.start, quantity.end, "", "a list of figures that cannot be dealt out")
        )
    reading.state.fact = None
    return len(listed)


def _by_facts(reading: Reading, listed: list[Figure]) -> int:
    """「…收入13.1亿元,支出12.7亿元;2022年分别为12.1亿元、12.5亿元」: the figures before, of another year."""
    before, label = reading.state.facts[-len(listed) :], reading.state.label
    alike = len(before) == len(listed) and len({f.indicator for f in before}) == len(before)
    if label is None or not alike:
        return _refuse_all(reading, listed)
    if any(
        fitted(reading, f.indicator, q, label) is None for f, q in zip(before, listed, strict=True)
    ):
        return _refuse_all(reading, listed)
    for fact, figure in zip(before, listed, strict=True):
        given = Given(scenario=fact.scenario, population=fact.population)
        near = replace(figure, begin=listed[0].begin)
        left = reading.left_of(listed[0])
        add(reading, Proposal(near, label, fact.indicator, left, "list-dealt-by-facts", given))
    return len(listed)


def _by_labels(reading: Reading, listed: list[Figure], labels: list[Span], clause: int) -> bool:
    """「参保人数、参保率分别为…」: a figure for each label."""
    if len(labels) != len(listed):
        return False
    topic = reading.state.topic
    dealt, left = [], clause
    for label, figure in zip(labels, listed, strict=True):
        indicator = indicator_named(reading, label, left, figure)
        if not indicator or fitted(reading, indicator, figure, label) is None:
            reading.state.topic = topic
            return False
        remember_topic(reading, indicator, figure.begin)
        dealt.append((figure, indicator, label, left))
        left = label.end
    for figure, indicator, label, left in dealt:
        reading.state.used.add(label.start)
        # What settles a figure of the list stands before its own label's end.
        near = replace(figure, begin=label.end)
        add(reading, Proposal(near, label, indicator, left, "list-dealt-by-labels"))
    return True


def _by_groups(reading: Reading, listed: list[Figure], labels: list[Span], clause: int) -> bool:
    """「职工、居民参保率分别为…」: a figure for each group of persons."""
    label, begin = labels[-1], listed[0].begin
    if len({t.value for t in labels}) > 1:
        return False
    indicator = indicator_named(reading, label, clause, listed[0])
    if not indicator or any(fitted(reading, indicator, f, label) is None for f in listed):
        return False
    groups = _groups(reading, indicator, clause, begin)
    changes = any(t.type == "change" for t in reading.tiles(label.end, begin))
    if len(groups) != len(listed) or any(g.value == "other" for g in groups) or changes:
        return False
    for figure, group in zip(listed, groups, strict=True):
        reading.state.used.add(label.start)
        given = Given(population=group.value)
        add(reading, Proposal(figure, label, indicator, clause, "list-dealt-by-groups", given))
    reading.state.dealt = tuple(g.value for g in groups)
    return True


def _groups(reading: Reading, indicator: str, clause: int, begin: int) -> list[Span]:
    counts = reading.entry(indicator).counts
    # 资助…参加居民医保 names the scheme, not those whose premium was paid.
    schemes = SCHEMES if reading.role(indicator) == "subsidised" else set()
    near = [
        g
        for g in reading.index.groups(clause, begin, counts)
        if g.value not in ("everybody", "people", "assisted", *schemes)
    ]
    return near or [
        g
        for g in reading.index.groups(reading.sentence.start, clause, counts)
        if g.value in reading.lexicon.group_ids
    ]


def _by_years(reading: Reading, listed: list[Figure], labels: list[Span], clause: int) -> bool:
    """「2022年、2023年参保率分别为…」: a figure for each year."""
    named = re.finditer(
        reading.book.words["expressions"]["year"], reading.text[clause : listed[0].begin]
    )
    years = [int(m.group(1)) for m in named]
    label = labels[-1]
    if len(labels) != 1 or len(years) != len(listed):
        return False
    indicator = indicator_named(
        reading, label, reading.clause_start(label.start, clause), listed[0]
    )
    if not indicator or any(fitted(reading, indicator, f, label) is None for f in listed):
        return False
    for figure, year in zip(listed, years, strict=True):
        reading.state.used.add(label.start)
        add(
            reading,
            Proposal(figure, label, indicator, clause, "list-dealt-by-years", Given(year=year)),
        )
    return True
