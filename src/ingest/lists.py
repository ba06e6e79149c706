"""Deals the figures of a list out to as many labels, groups or years (分别为…、…)."""

from __future__ import annotations

import re

from ingest.dimensions import YEAR
from ingest.figures import add
from ingest.lexicon import Token
from ingest.naming import indicator_named, remember_topic
from ingest.quantities import comparator
from ingest.records import Quantity
from ingest.sentence import Sentence, begin_of, fitted, is_change, left_bound, phrase_start, refuse

# Nobody deals out more figures than this in one sentence.
_LONGEST_LIST = 60


def deal_out(sentence: Sentence, number: int) -> int:
    """Deals the figures of a list out to as many labels, groups or years.

    Returns how many figures it took (also where it refused them: the counts do not agree).
    """
    if number + 1 == len(sentence.quantities):
        return 0
    first = sentence.quantities[number]
    begin, left = begin_of(sentence, first), left_bound(sentence, first)
    shared_out = "分别" in sentence.text[left:begin]
    listed = _listed_from(sentence, number)
    if len(listed) < 2 or (len({q.kind for q in listed}) > 1 and not shared_out):
        return 0
    kinds = ("label", "ratio", "generic", "flow")
    reach = sentence.text.find("分别", left) if shared_out else begin
    clause = phrase_start(sentence, reach, left)
    labels = [
        t for t in sentence.labels if clause <= t.start and t.end <= reach and t.kind in kinds
    ]
    if shared_out and not labels:
        # 「报销比例,低保对象、监测对象分别为…」: the label stands a clause before.
        clause = left
        labels = [
            t for t in sentence.labels if clause <= t.start and t.end <= reach and t.kind in kinds
        ]
    if shared_out and not labels:
        # 「特困人员、低保对象分别资助参保312人、8460人」
        labels = [t for t in sentence.labels if reach <= t.start and t.end <= begin]
    if not labels:
        return 0
    if not shared_out and labels[-1].kind in ("generic", "flow"):
        # 「实际支出18万元、15万元、40万元」: of several owners, named before or not at all.
        return _refuse_all(sentence, listed) if first.kind == "amount" else 0
    if shared_out and _deal_by_labels(sentence, listed, labels, clause):
        return len(listed)
    if _deal_by_groups(sentence, listed, labels, clause, begin):
        return len(listed)
    if shared_out and _deal_by_years(sentence, listed, labels, clause, begin):
        return len(listed)
    if not shared_out:
        return 0
    return _refuse_all(sentence, listed)


def _refuse_all(sentence: Sentence, listed: list[Quantity]) -> int:
    for quantity in listed:
        refuse(sentence, quantity, "a list whose figures and names do not count the same")
    return len(listed)


def _listed_from(sentence: Sentence, number: int) -> list[Quantity]:
    """The figures that follow each other with nothing but 、, 和 between them."""
    listed = [sentence.quantities[number]]
    for quantity in sentence.quantities[number + 1 : number + _LONGEST_LIST]:
        _, _, end = comparator(sentence.text, listed[-1].start, listed[-1].end)
        gap = sentence.text[end : begin_of(sentence, quantity)]
        if not re.fullmatch(r"[、,和及与]|以及|,?(?:和|及)", gap):
            break
        listed.append(quantity)
    return listed


def _deal_by_labels(
    sentence: Sentence, listed: list[Quantity], labels: list[Token], clause: int
) -> bool:
    """「参保人数、参保率分别为…」: a figure for each label."""
    if len(labels) != len(listed):
        return False
    topic = sentence.state.topic
    dealt, left = [], clause
    for label, quantity in zip(labels, listed, strict=True):
        indicator = indicator_named(sentence, label, left, quantity)
        if not indicator or fitted(sentence, indicator, quantity, label) is None:
            sentence.state.topic = topic
            return False
        remember_topic(sentence, indicator, begin_of(sentence, quantity))
        dealt.append((quantity, indicator, label, left))
        left = label.end
    for quantity, indicator, label, left in dealt:
        sentence.used.add(label.start)
        add(sentence, quantity, indicator, label, left, label.end, left, "list dealt out by labels")
    return True


def _deal_by_groups(
    sentence: Sentence, listed: list[Quantity], labels: list[Token], clause: int, begin: int
) -> bool:
    """「职工、居民参保率分别为…」: a figure for each group of persons."""
    label = labels[-1]
    if len({t.value for t in labels}) > 1:
        return False
    indicator = indicator_named(sentence, label, clause, listed[0])
    if not indicator or any(fitted(sentence, indicator, q, label) is None for q in listed):
        return False
    groups = [
        g
        for g in sentence.lexicon.populations(sentence.text, clause, begin, indicator)
        if g.value not in ("everybody", "people", "assisted")
    ]
    if not groups:
        groups = [
            g
            for g in sentence.lexicon.populations(sentence.text, sentence.start, clause, indicator)
            if g.value in sentence.lexicon.group_ids
        ]
    change = is_change(sentence, sentence.text[label.end : begin], listed[0])
    if len(groups) != len(listed) or any(g.value == "other" for g in groups) or change:
        return False
    for quantity, group in zip(listed, groups, strict=True):
        sentence.used.add(label.start)
        add(
            sentence,
            quantity,
            indicator,
            label,
            clause,
            begin,
            clause,
            "list dealt out by groups",
            population=group.value,
        )
    sentence.state.dealt_groups = tuple(g.value for g in groups)
    return True


def _deal_by_years(
    sentence: Sentence, listed: list[Quantity], labels: list[Token], clause: int, begin: int
) -> bool:
    """「2022年、2023年参保率分别为…」: a figure for each year."""
    years = [int(m.group(1)) for m in YEAR.finditer(sentence.text, clause, begin)]
    label = labels[-1]
    if len(labels) != 1 or len(years) != len(listed):
        return False
    indicator = indicator_named(
        sentence, label, phrase_start(sentence, label.start, clause), listed[0]
    )
    if not indicator or any(fitted(sentence, indicator, q, label) is None for q in listed):
        return False
    for quantity, year in zip(listed, years, strict=True):
        sentence.used.add(label.start)
        add(
            sentence,
            quantity,
            indicator,
            label,
            clause,
            begin,
            clause,
            "list dealt out by years",
            year=year,
        )
    return True
