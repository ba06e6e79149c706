"""Reads a passage sentence by sentence, each in the scope that those before it left."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.reading.binder import bind
from ingest.reading.groups import carried_group
from ingest.reading.index import Lexicon, Sentence
from ingest.reading.meaning import only_soft
from ingest.reading.scopes import YEAR, months_named
from ingest.reading.state import Fact, Reading, Refused, Scope, State
from ingest.reading.words import Span


def read(text: str, scope: Scope, lexicon: Lexicon) -> tuple[list[Fact], list[Refused]]:
    """The facts of a tightened passage (several sentences) and what was refused.

    A group of insured persons named in one sentence holds for the sentences after it, until
    another group or everybody is named.
    """
    facts: list[Fact] = []
    refused: list[Refused] = []
    for reading in readings(text, scope, lexicon):
        facts += reading.state.facts
        refused += reading.state.refused
    return facts, refused


def readings(text: str, scope: Scope, lexicon: Lexicon) -> list[Reading]:
    """The sentences of a passage, each read: with its facts, refusals and losers."""
    index = lexicon.index(text)
    words = lexicon.book.words["sentences"]
    unit = re.match(words["unit"], text)
    if unit and not scope.unit:
        scope = replace(scope, unit=unit.group(1))
    out: list[Reading] = []
    for sentence in index.sentences:
        before = out[-1] if out else None
        if before is not None:
            carried = carried_group(before)
            if carried != scope.carried:
                scope = replace(scope, carried=carried)
        scope = _by_function(scope, sentence, words["by_function"])
        about = _scored_item(scope, sentence, words["scored_item"])
        if re.search(
            lexicon.book.words["expressions"]["own_time"], text[sentence.start : sentence.end]
        ):
            about = replace(about, held_year=None)
        if before is not None and re.match(words["goals_go_on"], text[sentence.start :]):
            about = _planned(about, before)
        reading = Reading(sentence, about, lexicon, State(topic=about.topic, subject=about.subject))
        if before is not None and re.match(words["goes_on"], text[sentence.start :]):
            _go_on(reading, before)
        elif before is not None and not reading.state.topic:
            reading.state.topic = _topic_held(reading, before)
            if reading.state.topic:
                reading.state.groups = before.state.groups
        bind(reading)
        out.append(reading)
        held = _months_held(scope, reading), _year_held(scope, reading)
        if held != (scope.held_months, scope.held_year):
            scope = replace(scope, held_months=held[0], held_year=held[1])
        scored = [f for f in reading.state.facts if reading.role(f.indicator) == "score"]
        if scored and not scope.project_report:
            # What the paragraph goes on to say is of the project just scored.
            scope = replace(scope, subject=reading.state.subject)
    return out


def _months_held(scope: Scope, reading: Reading) -> tuple[int, int] | None:
    """The part of the year that a sentence opens for those after it, until one names a year's end."""
    expressions = reading.book.words["expressions"]
    said = reading.text[reading.sentence.start : reading.sentence.end]
    if re.search(expressions["whole_year"], said):
        return None
    return months_named(expressions, said, stock=True) or scope.held_months


def _year_held(scope: Scope, reading: Reading) -> int | None:
    """The one year that a sentence names at its opening, for those after it that name none.

    「2013年度基金收入2972亿元。基金支出2909亿元」
    """
    text, sentence = reading.text, reading.sentence
    named = set(YEAR.findall(text, sentence.start, sentence.end))
    if not named:
        return scope.held_year
    opened = YEAR.match(text, sentence.start)
    facts = reading.state.facts
    # 「某部2013年三公经费的预算数和执行数一致。预算总数为2893万元」
    announced = not facts and any(reading.role(t.value) == "three_public" for t in sentence.labels)
    held = len(named) == 1 and (announced or (opened is not None and bool(facts)))
    return int(named.pop()) if held and all(str(f.year) in text for f in facts) else None


def _by_function(scope: Scope, sentence: Sentence, expression: str) -> Scope:
    """「卫生健康支出(类)医疗救助(款)城乡医疗救助(项)。年初预算为…」: a line of the budget by function."""
    named = re.search(expression, sentence.text[sentence.start : sentence.end])
    if named is None:
        return scope
    at = sentence.start + named.start()
    if sentence.figures and sentence.figures[0].begin < at:
        return scope
    return replace(scope, part=True, topic="", subject="")


def _scored_item(scope: Scope, sentence: Sentence, expression: str) -> Scope:
    """The scope of a sentence that opens with the item scored: that item is its topic."""
    item = re.match(expression, sentence.text[sentence.start :])
    if item is None:
        return scope
    first, last = (sentence.start + place for place in item.span("name"))
    named = [t for t in sentence.labels if t.type == "label" and first <= t.start]
    if not named or named[0].end > last:
        return scope
    return replace(scope, topic=named[0].value)


def _planned(scope: Scope, before: Reading) -> Scope:
    """「2025年预算安排1420万元。力争参保率保持在96%以上」: goals of the year named before them."""
    sentence = before.sentence
    named = YEAR.findall(sentence.text, sentence.start, sentence.end)
    following = scope.year + 1 if scope.year else 0
    return replace(scope, year=following) if named[-1:] == [str(following)] else scope


def _topic_held(reading: Reading, before: Reading) -> str:
    """The topic of the sentence before where this one names parts of it, or what its fund spent.

    「三公经费预算18万元。2022年决算数合计18.1万元,公务用车12万元,…」
    """
    labels = [t for t in reading.sentence.labels if t.type in ("label", "short", "generic", "flow")]
    if not labels:
        return ""
    held = [
        name
        for name in (before.state.topic, *(f.indicator for f in before.state.facts[-1:]))
        if reading.role(name) in ("fund_income", "fund_spending")
    ]
    if held:
        return held[0] if _of_the_same_fund(reading, labels[0]) else ""
    topic = before.state.topic or next(
        (t.value for t in reversed(before.sentence.labels) if t.type == "label"), ""
    )
    if reading.role(topic) != "three_public":
        return ""
    parts = reading.book.parts(topic)
    named = [t for t in labels if t.type != "generic"]
    parted = bool(named) and all(t.value in parts for t in named)
    return topic if parted and labels[0].type == "generic" else ""


def _of_the_same_fund(reading: Reading, label: Span) -> bool:
    """「职工基金收入4779亿元。本年支出3880亿元」: what the fund named before spent."""
    flows = label.type in ("generic", "flow") or reading.role(label.value) in ("spending", "income")
    return flows and only_soft(reading, reading.sentence.start, label.start)


def _go_on(reading: Reading, before: Reading) -> None:
    """A sentence that opens with 其中 itemises the one before it."""
    held = before.state
    reading.state.topic, reading.state.subject = held.topic, held.subject
    if held.facts:
        reading.state.fact, reading.state.label = held.facts[-1], held.label
        reading.state.groups, reading.state.earlier = held.groups, held.facts
