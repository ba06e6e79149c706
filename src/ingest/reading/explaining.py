"""Reads the prose of a document again, and tells of every figure what else it could have been.

A build keeps what was taken and what was refused. Here the constructions that competed for each
figure are kept as well: the one that won, those that were tried and did not hold, and those that
were never tried because a cheaper one held.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.codebook.model import Codebook
from ingest.reading import binder, prose, sentences
from ingest.reading.evidence import attached, document_scope, heading_scope
from ingest.reading.index import Lexicon, Passage, lexicon_of, tighten
from ingest.reading.state import Reading, Scope
from ingest.records import Document, Identity

COSTLIER = "costs more than what was taken"


@dataclass(frozen=True)
class Choice:
    """A construction that fitted at a figure. `cost` is None for what is dealt out to a list.

    `reason` is "" for the one that was used, and says why it was not for the others.
    """

    construction: str
    cost: int | None
    label: str
    reason: str = ""


@dataclass(frozen=True)
class Choices:
    """What was decided about one place of a document, and between which constructions.

    `start` and `end` are those of a mention (`taken`) or of a refusal, and so is `indicator`;
    `rule` is the construction that decided, "" where none did.
    """

    start: int
    end: int
    indicator: str
    taken: bool
    rule: str
    considered: tuple[Choice, ...]


def choices(document: Document, identity: Identity, book: Codebook) -> list[Choices]:
    """The choices behind every mention and every refusal of the prose, in text order."""
    lexicon = lexicon_of(book)
    return [
        choice
        for passage, scope in _passages(document, identity, lexicon)
        for reading in sentences.readings(passage.text, scope, lexicon)
        for choice in _of_sentence(reading, passage)
    ]


def _of_sentence(reading: Reading, passage: Passage) -> Iterator[Choices]:
    fitting = binder._candidates(reading)
    told = [
        *((f.start, f.end, f.at, f.indicator, True, f.rule) for f in reading.state.facts),
        *((r.start, r.end, r.start, r.indicator, False, r.rule) for r in reading.state.refused),
    ]
    for start, end, at, indicator, taken, rule in told:
        considered = _considered(reading, fitting.get(at, ()), at, rule)
        yield Choices(*passage.span(start, end), indicator, taken, rule, tuple(considered))


def _considered(
    reading: Reading, fitting: Sequence[binder.Candidate], at: int, rule: str
) -> list[Choice]:
    """The constructions that fitted at a figure, the one that was used first."""
    tried = {(loser.rule, loser.cost): loser for loser in reading.state.losers if loser.at == at}
    used: list[Choice] = []
    others: dict[str, Choice] = {}
    for candidate in fitting:
        name, label = candidate.construction.id, candidate.label(reading)
        words = label.text if label is not None else ""
        lost = tried.get((name, candidate.cost))
        if name == rule and not used and lost is None:
            used.append(Choice(name, candidate.cost, words))
        elif name != rule:
            others.setdefault(
                name, Choice(name, candidate.cost, words, lost.reason if lost else COSTLIER)
            )
    if rule and not used:
        used.append(Choice(rule, None, ""))
    return [*used, *others.values()]


def _passages(
    document: Document, identity: Identity, lexicon: Lexicon
) -> Iterator[tuple[Passage, Scope]]:
    """The passages of the prose, each with what stands above it, as `prose.read` goes through them."""
    titles = lexicon.book.words["titles"]
    headings = prose.Headings()
    base = document_scope(document, identity, lexicon)
    for block in document.blocks:
        passage = tighten(document.text, block.start, block.end)
        if block.kind == "table" or not passage.text:
            continue
        if attached(passage.text, lexicon):
            headings.leave_section()
        if block.kind == "heading":
            headings.pass_heading(block.level, passage.text)
            if block.level <= 1:
                continue
        if not re.match(titles["item"], passage.text):
            headings.lead_in = ""
        leading = headings.below_title()
        under = heading_scope(base, leading, lexicon)
        led = prose._led(under, passage.text, lexicon)
        yield passage, prose._unit_above(led, leading, passage.text, lexicon)
        if passage.text.endswith(":") and len(passage.text) < 40:
            headings.lead_in = passage.text
