"""A document → its mentions: paragraphs, tables and torn tables, held against each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ingest import crossread, flattened, forms, prose
from ingest.definitions import Definitions
from ingest.records import Document, Identity, Mention, Reading, Refusal, Source


def read(document: Document, identity: Identity, definitions: Definitions) -> Reading:
    """Every place that states a figure of an indicator, numbered, and every figure refused, in order.

    `identity` tells whose the document is and of which year.
    """
    told, tabled, torn = (
        stage.read(document, identity, definitions) for stage in (prose, forms, flattened)
    )
    tabled = crossread.with_proved(tabled, torn)
    readings = crossread.settle_bounds((told, crossread.refuse_shuffled(told, tabled, document)))
    return Reading(
        mentions=_numbered((m for reading in readings for m in reading.mentions), document.source),
        refusals=tuple(sorted((r for reading in readings for r in reading.refusals), key=_place)),
        issues=tuple(issue for reading in readings for issue in reading.issues),
    )


def _numbered(mentions: Iterable[Mention], source: Source) -> tuple[Mention, ...]:
    """Numbers mentions by what they say and where, so that the name of the file does not matter."""
    ordered = sorted(
        mentions,
        key=lambda m: (m.start, m.indicator, m.scenario, m.population, m.value, m.end, m.subject),
    )
    return tuple(
        replace(mention, mention_id=f"{source.sha256[:10]}-{number:04d}")
        for number, mention in enumerate(ordered, start=1)
    )


def _place(refusal: Refusal) -> tuple[object, ...]:
    return (refusal.start, refusal.end, refusal.indicator, refusal.reason)
