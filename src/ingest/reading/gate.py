"""What two places of one report say about each other, before any figure is numbered.

A place that leaves a reading open, or that was put in order by counting only, yields to one that
is plain about it. What contradicts without such a reason stays: that is for the audit to show.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ingest.reading.state import BOUNDS
from ingest.records import RESTATED, UNSAID, Document, Mention, Reading, Refusal

SHUFFLED = "the words of the report give this value to another column of the table"


def with_proved(tabled: Reading, torn: Reading) -> Reading:
    """The reading of the tables with what was proved or refused of torn accounts in place of its own.

    Where a value has no heading but by its order, only the sums can tell which one.
    """
    ends = {m.end for m in torn.mentions} | {r.end for r in torn.refusals}
    return replace(
        tabled,
        mentions=(*torn.mentions, *(m for m in tabled.mentions if m.end not in ends)),
        refusals=(*torn.refusals, *(r for r in tabled.refusals if r.end not in ends)),
        issues=(*tabled.issues, *torn.issues),
    )


def refuse_shuffled(prose: Reading, tabled: Reading, document: Document) -> Reading:
    """The reading of the tables without columns whose values the prose deals out otherwise.

    What flattens a page to text may write the cells of a two-level header in another order than
    their values. Refused are figures of a table in a flattened text (other formats keep the places
    of cells) which the prose states with other values, where the values on both sides are the same
    in another order. A single figure that differs is a contradiction, and stays.
    """
    told: dict[tuple[object, ...], Mention | None] = {}
    for mention in _exact(prose.mentions):
        other = told.get(_key(mention), mention)
        told[_key(mention)] = mention if other and other.value == mention.value else None
    shuffled: set[Mention] = set()
    for number, block in enumerate(document.blocks if document.format == "text" else ()):
        if block.kind != "table":
            continue
        differing = []
        for mention in _exact(m for m in tabled.mentions if m.block == number):
            said = told.get(_key(mention))
            if said is not None and said.value != mention.value:
                differing.append((mention, said))
        if len(differing) > 1 and sorted((m.unit, m.value) for m, _ in differing) == sorted(
            (m.unit, m.value) for _, m in differing
        ):
            shuffled |= {mention for mention, _ in differing}
    refused = (Refusal(m.start, m.end, m.quote, m.indicator, SHUFFLED) for m in shuffled)
    return replace(
        tabled,
        mentions=tuple(m for m in tabled.mentions if m not in shuffled),
        refusals=(*tabled.refusals, *refused),
    )


def settle_bounds(readings: Iterable[Reading]) -> list[Reading]:
    """The readings with every open bound that restates a target of the report read as that target.

    「参保率达98%以上」 alone is a result or a goal; where another sentence of the report calls the
    same 98%以上 its task, it is the goal. Both readings stay open for a person to choose.
    """
    readings = list(readings)
    goals = {
        (_key(m), m.comparator, m.value)
        for reading in readings
        for m in reading.mentions
        if m.scenario == "target" and not m.review
    }

    def settled(mention: Mention) -> Mention:
        words = dict(mention.settled)
        if mention.comparator not in BOUNDS or words.get("scenario") != UNSAID:
            return mention
        goal = replace(mention, scenario="target")
        if (_key(goal), mention.comparator, mention.value) not in goals:
            return mention
        words["scenario"] = RESTATED
        return replace(
            mention,
            scenario="target",
            settled=tuple(words.items()),
            review="a bound: read as the target that the report names elsewhere",
        )

    return [replace(r, mentions=tuple(settled(m) for m in r.mentions)) for r in readings]


def _exact(mentions: Iterable[Mention]) -> Iterable[Mention]:
    return (m for m in mentions if m.comparator == "=")


def _key(mention: Mention) -> tuple[object, ...]:
    return (
        mention.indicator,
        mention.scenario,
        mention.population,
        mention.subject,
        mention.basis,
        mention.period,
    )
