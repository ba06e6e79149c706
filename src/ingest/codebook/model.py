"""The records of a codebook: indicators, sums, constructions; and the language of their labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.documents.glyphs import fold


@dataclass(frozen=True)
class Indicator:
    """One row of the codebook, with the labels that reports use for it.

    `numerator` and `denominator` are read as "indicator/scenario" terms (see `ingest.judging`).
    `labels` name the indicator; `short_labels` do so only in a list under its whole;
    `not_labels` look alike and are not; `topic_labels` are bare rates (控制率) that mean the
    indicator where the sentence is about its numerator. `examples` hold the labels, `counterexamples` what must
    not be read as the indicator. `population` is the group that a figure is of where the report
    names none. `lowest` and `highest` bound a believable value.

    Its properties tell the reader how it behaves; nothing is known of an indicator by its name.
    `role` is the part it plays in the report (one of ROLES), "" for none; `counts` the kind of
    groups it counts ("insured", "posts", "satisfied"); `stock` whether it is measured on a day, so
    that a day named is no part of the year.
    """

    indicator: str
    family: str
    name_zh: str
    kind: str
    unit: str
    definition: str
    numerator: str = ""
    denominator: str = ""
    dimensions: tuple[str, ...] = ()
    population: str = "all"
    also_called: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    short_labels: tuple[str, ...] = ()
    not_labels: tuple[str, ...] = ()
    topic_labels: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    role: str = ""
    counts: str = "insured"
    stock: bool = False


ROLES = {
    "spending": "what the department spent: a bare budget or outlay is of it",
    "income": "what the department received",
    "project_spending": "spending on projects; one project's money where the report names it",
    "opening_balance": "carried over from the year before",
    "closing_balance": "carried over to the next year",
    "execution": "spending as a share of the budget, also of one project",
    "income_execution": "income as a share of the budgeted income",
    "three_public": "overseas travel, vehicles and reception together",
    "three_public_control": "three-public spending as a share of its budget",
    "score": "the total of the self-evaluation",
    "posts": "posts authorised",
    "staff": "persons in post",
    "satisfaction": "how satisfied the asked are",
    "insured": "persons insured",
    "eligible": "persons who should be insured",
    "subsidised": "persons whose premium was paid for them",
    "participation": "the insured as a share of those who should be",
    "assistance": "what medical assistance pays",
    "fund_income": "what an insurance fund received",
    "fund_spending": "what an insurance fund spent",
}
"""The parts an indicator may play, each played by one indicator at most."""


DIMENSIONS = ("scenario", "population", "subject", "basis")
"""What a figure of an indicator may differ by."""

SCENARIOS = ("actual", "target", "initial_budget", "adjusted_budget", "budget")
"""What a figure may be: what was done, what was aimed at, or a budget."""

ASKS = {
    "kind": "the kind of the indicator",
    "role": "its role",
    "family": "its family",
    "counts": "what it counts",
    "label": "the role of the label captured",
    "after": "the role of what was counted before",
    "word": '"balance": the word captured must say that it is carried over',
    "word_role": "the role of the word captured, if it is a label",
}
"""What a construction may ask for."""

SETS = {
    "scenario": "the scenario",
    "role": "the indicator, by its role",
    "year": '"report": the year of the report; "starting": that of an earlier starting value',
    "held": 'whose label is carried on: "first", "kind", "near"; the last one if not said',
    "place": '"own": the figure is our own although others stand before it',
    "under": 'a project under its "total", or under its own "name"',
}
"""What a construction may settle itself."""


NO_GROUPS = ("none", "everybody", "people", "whole", "assisted", "other")
"""What words for groups may mean besides a group with an id."""


SUMS = {
    "kind": "the parts are indicators that add up to the whole",
    "within": "the parts are indicators within the whole, with others beside them",
    "population": "the parts are groups of the population of the whole",
}
"""How the parts of a sum make up their whole."""


@dataclass(frozen=True)
class Sum:
    """A whole and its parts; `by` is one of SUMS."""

    by: str
    whole: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Modifier:
    """What words for a goal, a budget or a result tell, of which kinds of figures, and how far."""

    scenario: str
    kinds: tuple[str, ...] = ()
    extent: str = "clause"
    ended_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Construction:
    """How a sentence says something, as a pattern over typed spans.

    `pattern` is written in the language of `ingest.codebook.patterns`. `binds` says what a match
    proposes ("label", "carry", "list" …, see `ingest.reading.binder`), `refuses` why the figure is
    none instead. `rank` is its cost: the lowest sum of ranks wins. `asks` names what the label must
    be (kind or role), `sets` dimensions that the construction itself settles. `why` explains it to
    a person, `examples` are sentences with the figures they state, `counterexamples` sentences in
    which it must not be used. `swap` names lists of words ("link.to"): an example states the same
    with every other word of the list in place of its own.
    """

    id: str
    pattern: str
    why: str
    binds: str = ""
    refuses: str = ""
    rank: int = 0
    asks: Mapping[str, Any] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[Mapping[str, Any], ...] = ()
    counterexamples: tuple[str, ...] = ()
    swap: tuple[str, ...] = ()


@dataclass(frozen=True)
class Family:
    """A family of indicators; `expected`: every report should state figures of it."""

    name_zh: str
    order: int
    expected: bool = False


@dataclass(frozen=True)
class Codebook:
    """All that the reader knows. `words` are the further tables of the files, by their names.

    `said_in` tells the files that indicators and constructions stand in ("constructions.change").
    """

    indicators: dict[str, Indicator]
    sums: tuple[Sum, ...]
    constructions: tuple[Construction, ...]
    families: dict[str, Family]
    units: dict[str, str]
    words: dict[str, Any]
    said_in: Mapping[str, str] = field(default_factory=dict)

    def where(self, *path: str) -> str:
        """An indicator or construction with the files that say something of it, for a complaint."""
        entry = ".".join(path)
        return f"{self.said_in[entry]}, {entry}" if entry in self.said_in else entry

    def expected(self, indicator: str) -> bool:
        """Whether every report should state a figure of the family of this indicator."""
        known = self.indicators.get(indicator)
        return known is not None and self.families[known.family].expected

    def of_role(self, role: str) -> str:
        """The id of the indicator that plays a part, "" if none does."""
        played = (i.indicator for i in self.indicators.values() if role and i.role == role)
        return next(played, "")

    def wholes(self, indicator: str) -> frozenset[str]:
        """The amounts that an indicator is a part of, and those that they are parts of."""
        found: set[str] = set()
        wanted = {indicator}
        by_kind = [total for total in self.sums if total.by == "kind"]
        while wanted:
            wanted = {t.whole for t in by_kind if wanted & set(t.parts)} - found
            found |= wanted
        return frozenset(found)

    def parts(self, whole: str) -> frozenset[str]:
        """What a whole consists of, and what these consist of."""
        return frozenset(i for i in self.indicators if whole in self.wholes(i))


def expand(label: str, classes: Mapping[str, str]) -> list[str]:
    """All the wordings that a label stands for, folded, in the order written.

    `[x]` may be missing, `{a|b}` is one of several, `<name>` stands for the class of that name; all
    else is literal. Raises ValueError for a bracket that is not closed, for an unknown class and
    for a class that names itself.

    >>> expand("因公出国[(境)]费", {})
    ['因公出国(境)费', '因公出国费']
    >>> expand("<pay>比例", {"pay": "{报销|支付}"})
    ['报销比例', '支付比例']
    """
    wordings, rest = _alternatives(fold(label), classes, label, "", ())
    if rest:
        raise ValueError(f"'{label}': '{rest[0]}' closes nothing")
    return list(dict.fromkeys(wordings))


_CLOSING = {"[": "]", "{": "}"}


def _alternatives(
    text: str, classes: Mapping[str, str], label: str, closing: str, within: tuple[str, ...]
) -> tuple[list[str], str]:
    """The wordings of `text` up to the bracket `closing`, and what follows that bracket."""
    done: list[str] = []
    current = [""]
    while text:
        character, text = text[0], text[1:]
        if character in _CLOSING:
            inner, text = _alternatives(text, classes, label, _CLOSING[character], within)
            if character == "[":
                inner = [*inner, ""]
            current = [head + tail for head in current for tail in inner]
        elif character in _CLOSING.values():
            if character != closing:
                return done + current, character + text
            return done + current, text
        elif character == "|" and closing:
            done, current = done + current, [""]
        elif character == "<":
            inner, text = _class(text, classes, label, within)
            current = [head + tail for head in current for tail in inner]
        else:
            current = [head + character for head in current]
    if closing:
        raise ValueError(f"'{label}': a '{closing}' is missing")
    return done + current, ""


def _class(
    text: str, classes: Mapping[str, str], label: str, within: tuple[str, ...]
) -> tuple[list[str], str]:
    """The members of the class whose name opens `text`, and what follows its closing mark."""
    name, mark, rest = text.partition(">")
    if not mark or name not in classes:
        raise ValueError(f"'{label}': no word class named '{name}'")
    if name in within:
        raise ValueError(f"'{label}': the class '{name}' names itself")
    inner, left = _alternatives(fold(classes[name]), classes, label, "", (*within, name))
    if left:
        raise ValueError(f"class '{name}': '{left[0]}' closes nothing")
    return inner, rest
