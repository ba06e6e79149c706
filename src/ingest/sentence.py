"""A sentence being read: what surrounds it, what it has said so far, and where things stand in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from ingest.lexicon import Lexicon, Token
from ingest.quantities import comparator, convert
from ingest.records import Quantity


@dataclass(frozen=True)
class Scope:
    """What the surroundings of a sentence say where the sentence itself is silent.

    `scenario` is "" or what the heading, column or kind of report implies; `population` the group
    that title or heading named, `carried` the one of the sentence before,
    `insured` the one insurance that the title of the report names; `topic` the indicator a heading or row is about; `fund`
    whether the passage speaks of the insurance funds' money, `part` whether of one unit of
    several; `projects` whether the heading announces a list of projects, `project_report` whether the whole report is one project's; `form` whether the passage
    is a row of a form; `months` the part of a year that the title names; `unit` the unit of bare amounts.
    """

    year: int | None = None
    scenario: str = ""
    scenario_from: str = ""
    population: str = ""
    carried: str = ""
    insured: str = ""
    subject: str = ""
    topic: str = ""
    fund: bool = False
    part: bool = False
    projects: bool = False
    project_report: bool = False
    form: bool = False
    months: tuple[int, int] | None = None
    unit: str = ""


@dataclass(frozen=True)
class Figure:
    """One figure of one indicator, before it is tied to its document (offsets: in the passage)."""

    indicator: str
    scenario: str
    population: str
    subject: str
    basis: str
    year: int | None
    period: str
    comparator: str
    value: Decimal
    unit: str
    decimals: int
    printed: str
    start: int
    end: int
    rule: str
    settled: tuple[tuple[str, str], ...]
    review: str = ""


@dataclass(frozen=True)
class Refused:
    """A quantity or label that was not taken; offsets in the passage."""

    start: int
    end: int
    indicator: str
    reason: str


@dataclass
class State:
    """What the sentence has said so far.

    `stranger` is the place of an amount whose owner the sentence names but nobody knows, or -1.
    """

    topic: str = ""
    population: tuple[str, ...] = ()
    subject: str = ""
    scenario: str = ""
    label: Token | None = None
    indicator: str = ""
    figure: Figure | None = None
    previous: Quantity | None = None
    pending: Token | None = None
    completing: Token | None = None
    elsewhere: bool = False
    stranger: int = -1
    dealt_groups: tuple[str, ...] = ()
    figures: list[Figure] = field(default_factory=list)
    earlier: list[Figure] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


@dataclass
class Sentence:
    """One sentence of a passage (`text[start:end]`) with its quantities and labels, in order.

    `used` holds the starts of labels that found a figure, `closed` those that belong to a figure
    before them and name no other; `dealt_until` is where the last list dealt out ends.
    """

    text: str
    start: int
    end: int
    quantities: list[Quantity]
    labels: list[Token]
    scope: Scope
    lexicon: Lexicon
    state: State = field(default_factory=lambda: State())
    used: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    dealt_until: int = 0

    def __post_init__(self) -> None:
        self.state = State(topic=self.scope.topic, subject=self.scope.subject)
        self.dealt_until = self.start


def go_on_from(sentence: Sentence, before: Sentence) -> None:
    """A sentence that opens with 其中 itemises the one before it."""
    held = before.state
    sentence.state.topic, sentence.state.subject = held.topic, held.subject
    if held.figures:
        sentence.state.figure, sentence.state.label = held.figures[-1], held.label
        sentence.state.indicator, sentence.state.population = held.indicator, held.population
        sentence.state.earlier = held.figures


def left_bound(sentence: Sentence, quantity: Quantity) -> int:
    previous = sentence.state.previous
    if previous is None:
        return sentence.start
    _, _, after = comparator(sentence.text, previous.start, previous.end)
    return min(after, quantity.start)


def begin_of(sentence: Sentence, quantity: Quantity) -> int:
    """Where the figure begins, its comparator included."""
    return comparator(sentence.text, quantity.start, quantity.end)[1]


def refuse(sentence: Sentence, quantity: Quantity, reason: str, indicator: str = "") -> None:
    if indicator:
        sentence.state.figure = None
    sentence.state.refused.append(Refused(quantity.start, quantity.end, indicator, reason))


def fitted(
    sentence: Sentence, indicator: str, quantity: Quantity, label: Token
) -> tuple[Decimal, int] | None:
    """Value and decimals in the codebook's unit, None if the unit does not fit."""
    kind = sentence.lexicon.indicators[indicator].kind
    unit = sentence.lexicon.indicators[indicator].unit
    if quantity.kind == "range":
        # Both ends of a range are kept as bounds; a range of amounts or persons is too loose.
        return (
            convert(quantity.value, quantity.decimals, quantity.unit, unit)
            if kind == "rate"
            else None
        )
    if quantity.kind == "other" and quantity.unit == "个" and indicator == "authorised_posts":
        return convert(quantity.value, quantity.decimals, "人", unit)
    if quantity.kind == "bare":
        if kind == "score":
            return convert(quantity.value, quantity.decimals, "分", unit)
        counted = sentence.scope.form or label.text.endswith(("数", "人口"))
        whole = quantity.value == quantity.value.to_integral_value()
        if kind == "count" and counted and (whole or sentence.scope.unit == "万人"):
            persons = sentence.scope.unit if sentence.scope.unit == "万人" else "人"
            return convert(quantity.value, quantity.decimals, persons, unit)
        if kind == "rate" and quantity.value == 0 and quantity.decimals == 0:
            return convert(quantity.value, 0, "%", unit)
        if kind == "rate" and sentence.scope.form and sentence.scope.unit not in ("人", "万人"):
            # A form may print the sign in the head, or nowhere: 95.93 is then a percentage.
            return (quantity.value, quantity.decimals) if quantity.value > 1 else None
        if kind == "amount" and quantity.value == 0 and label.kind == "label":
            return convert(quantity.value, 0, "万元", unit)
        if kind == "amount" and sentence.scope.unit:
            return convert(quantity.value, quantity.decimals, sentence.scope.unit, unit)
        return None
    fits = {"amount": "amount", "percent": "rate", "count": "count", "score": "score"}
    if quantity.kind == "visits" and indicator == "subsidised_persons":
        return convert(quantity.value, quantity.decimals, quantity.unit, unit)
    if fits.get(quantity.kind) != kind:
        return None
    return convert(quantity.value, quantity.decimals, quantity.unit, unit)


def labels_between(sentence: Sentence, start: int, end: int) -> bool:
    return any(start <= t.start and t.end <= end for t in sentence.labels)


def phrase_start(sentence: Sentence, at: int, left: int) -> int:
    """The start of the clause that text[at] stands in, not before `left`."""
    for mark in range(at - 1, left - 1, -1):
        if sentence.text[mark] in ",;:。":
            return mark + 1
    return left


def lead_of(sentence: Sentence, label: Token, left: int) -> str:
    return sentence.text[phrase_start(sentence, label.start, left) : label.start]


def is_change(sentence: Sentence, gap: str, quantity: Quantity) -> bool:
    """Whether the words before a figure, or the points after it, make it a change."""
    if sentence.text.startswith(("百分点", "个百分点"), quantity.end):
        return True
    return sentence.lexicon.change.search(gap) is not None
