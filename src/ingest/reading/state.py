"""What a sentence being read knows: its surroundings, and what it has said so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from ingest.codebook.model import Codebook, Indicator
from ingest.reading.index import Figure, Index, Lexicon, Sentence
from ingest.reading.words import Span
from ingest.records import UNSAID as UNSAID

BUDGETS = ("initial_budget", "adjusted_budget", "budget")
BOUNDS = (">=", ">", "<=", "<")


@dataclass(frozen=True)
class Scope:
    """What the surroundings of a sentence say where the sentence itself is silent.

    `scenario` is "" or what the heading, column or kind of report implies, `scenario_from` its
    words; `population` the group that title or heading named, `carried` the one of the sentence
    before, `insured` the one insurance that the title names; `topic` the indicator a heading or row
    is about, `service` the words of a heading that name a ratio; `fund` whether the passage speaks
    of the insurance funds' money, `part` whether of one unit of several; `projects` whether the
    heading announces a list of projects, `project_report` whether the whole report is one
    project's; `form` whether the passage is a row of a form; `months` the part of a year that the
    title names, `held_months` the one that an earlier sentence opened; `unit` the unit of bare amounts; `office` the name of the
    reporting unit, `place` the county; `published` the year that the page was published in.
    """

    year: int | None = None
    scenario: str = ""
    scenario_from: str = ""
    population: str = ""
    carried: str = ""
    insured: str = ""
    subject: str = ""
    topic: str = ""
    service: str = ""
    fund: bool = False
    part: bool = False
    projects: bool = False
    project_report: bool = False
    form: bool = False
    months: tuple[int, int] | None = None
    held_months: tuple[int, int] | None = None
    unit: str = ""
    office: str = ""
    place: str = ""
    published: int | None = None
    held_year: int | None = None


@dataclass(frozen=True)
class Fact:
    """One figure of one indicator, before it is tied to its document (offsets: in the passage).

    `at` is where its number begins; `compared` says that it is only named to be compared with.
    """

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
    at: int = 0
    compared: bool = False


@dataclass(frozen=True)
class Refused:
    """A quantity or label that was not taken; offsets in the passage."""

    start: int
    end: int
    indicator: str
    reason: str
    rule: str = ""


@dataclass(frozen=True)
class Loser:
    """A reading of a figure that another one beat: what `explain` shows."""

    at: int
    rule: str
    label: str
    cost: int
    reason: str


@dataclass
class State:
    """What the sentence has said so far.

    `topic` is the indicator it is about; `fact`, `label` the last figure taken and its label;
    `stranger` the place of an amount whose owner the sentence names but nobody knows, or -1;
    `used` holds the starts of labels that found a figure, `closed` those that are a second name of
    a figure before them and name no other.
    """

    topic: str = ""
    subject: str = ""
    groups: tuple[str, ...] = ()
    dealt: tuple[str, ...] = ()
    label: Span | None = None
    fact: Fact | None = None
    figure: Figure | None = None
    stranger: int = -1
    elsewhere: bool = False
    facts: list[Fact] = field(default_factory=list)
    earlier: list[Fact] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    losers: list[Loser] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)


@dataclass
class Reading:
    """A sentence with its scope and its state, as the stages of one figure see it."""

    sentence: Sentence
    scope: Scope
    lexicon: Lexicon
    state: State = field(default_factory=State)

    @property
    def index(self) -> Index:
        """The index of the passage that the sentence stands in."""
        return self.sentence.index

    @property
    def text(self) -> str:
        """The text of the passage."""
        return self.sentence.index.text

    @property
    def book(self) -> Codebook:
        """The codebook."""
        return self.lexicon.book

    def entry(self, indicator: str) -> Indicator:
        """What the codebook says of an indicator."""
        return self.lexicon.book.indicators[indicator]

    def role(self, indicator: str) -> str:
        """The part that an indicator plays, "" for none and for no indicator."""
        known = self.lexicon.book.indicators.get(indicator)
        return known.role if known else ""

    def clause_start(self, at: int, left: int) -> int:
        """The start of the clause that text[at] stands in, not before `left`."""
        closed = 0
        for mark in range(at - 1, left - 1, -1):
            character = self.text[mark]
            if character in "()":
                # What brackets hold parts no clause around them.
                closed += 1 if character == ")" else -1
            elif closed <= 0 and character in ",;:。":
                return mark + 1
        return left

    def part_start(self, at: int) -> int:
        """Where the part between semicolons begins that text[at] stands in."""
        return max(self.text.rfind(";", self.sentence.start, at) + 1, self.sentence.start)

    def tiles(self, start: int, end: int) -> list[Span]:
        """The tiles of text[start:end], those that lie in it whole."""
        return [
            t for t in self.sentence.tiles if start <= t.start and t.end <= end and t.start < t.end
        ]

    def has(self, start: int, end: int, *types: str) -> bool:
        """Whether text[start:end] holds a tile of one of these types ("type" or "type.value")."""
        return any(
            t.type in types or f"{t.type}.{t.value}" in types for t in self.tiles(start, end)
        )

    def left_of(self, figure: Figure) -> int:
        """Where the stretch before a figure begins that belongs to no figure before it."""
        before = [f.end for f in self.sentence.figures if f.quantity.start < figure.quantity.start]
        return min(before[-1], figure.begin) if before else self.sentence.start


def in_brackets(text: str, at: int) -> bool:
    """Whether text[at] stands inside brackets that are closed after it."""
    opened = text.rfind("(", 0, at)
    return opened >= 0 and ")" not in text[opened:at] and ")" in text[at:]
