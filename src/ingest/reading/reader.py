"""A document → its mentions: paragraphs, tables and torn accounts, held against each other."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace

from ingest.codebook.model import Codebook
from ingest.reading import gate, prose, sentences
from ingest.reading.evidence import (
    attached,
    document_scope,
    heading_scope,
    mention_of,
    title_of,
)
from ingest.reading.index import Lexicon, lexicon_of, tighten
from ingest.reading.prose import Headings
from ingest.reading.state import Fact, Refused, Scope
from ingest.reading.tables.reader import TableRefusal, read_table
from ingest.reading.tables.torn import read_torn
from ingest.records import (
    WHOLE_DEPARTMENT,
    Document,
    Identity,
    Issue,
    Mention,
    Reading,
    Refusal,
    Source,
)

_CAPTION = 240
_SHORT_LINE = 60


def read(document: Document, identity: Identity, book: Codebook) -> Reading:
    """Every place that states a figure of an indicator, numbered, and every figure refused, in order.

    `identity` tells whose the document is and of which year.
    """
    lexicon = lexicon_of(book)
    told = prose.read(document, identity, lexicon)
    tabled = gate.with_proved(
        tables(document, identity, lexicon), torn(document, identity, lexicon)
    )
    readings = gate.settle_bounds((told, gate.refuse_shuffled(told, tabled, document)))
    funds = re.search(book.words["titles"]["fund"], title_of(document)) is not None
    stated = [
        _of_its_project(m, document, funds, book) for reading in readings for m in reading.mentions
    ]
    return Reading(
        mentions=_numbered(stated, document.source),
        refusals=tuple(sorted((r for reading in readings for r in reading.refusals), key=_place)),
        issues=tuple(issue for reading in readings for issue in reading.issues),
    )


def _of_its_project(mention: Mention, document: Document, funds: bool, book: Codebook) -> Mention:
    """What a named project spent is spending on projects, also where its report calls it the whole.

    In a report on `funds` handed down to a region the region's spending on the fund stays spending,
    unless the sentence calls it a project's.
    """
    indicator = book.of_role("project_spending")
    if mention.indicator != book.of_role("spending") or mention.subject == WHOLE_DEPARTMENT:
        return mention
    sentence = re.split("[。\n]", document.text[: mention.end])[-1]
    said = mention.layout == "prose" and book.words["names"]["project"] in sentence
    of_project = not funds or said
    return replace(mention, indicator=indicator) if of_project and indicator else mention


def tables(document: Document, identity: Identity, lexicon: Lexicon) -> Reading:
    """The mentions of all tables of the document, and what was refused, in text order."""
    base = document_scope(document, identity, lexicon)
    headings, caption = Headings(), ""
    mentions: list[Mention] = []
    refusals: list[Refusal] = []
    issues: list[Issue] = []

    def words(text: str, scope: Scope) -> tuple[list[Fact], list[Refused]]:
        return sentences.read(text, scope, lexicon)

    for number, block in enumerate(document.blocks):
        if block.kind != "table":
            text = tighten(document.text, block.start, min(block.end, block.start + 120)).text
            if attached(text, lexicon):
                # The section that the text ended with says nothing of what is attached to it.
                headings.leave_section()
            if block.kind == "heading":
                headings.pass_heading(block.level, text)
            caption = (caption + " " + text)[-_CAPTION:] if len(text) < _SHORT_LINE else ""
            continue
        scope = heading_scope(base, headings.below_title(), lexicon)
        above = headings.path[-1][1] if headings.path else ""
        scope = _of_caption_year(scope, above + caption, lexicon)
        title = headings.path[0][1] if headings.path else ""
        facts, refused = read_table(
            document, block, number, scope, f"{title} {caption}", lexicon, words
        )
        mentions += [mention_of(f, document, number, passage, "table") for f, passage in facts]
        refusals += [Refusal(r.start, r.end, r.quote, r.indicator, r.reason) for r in refused]
        issues += [_issue(document, r) for r in refused if r.severity != "info"]
        caption = ""
    return Reading(tuple(mentions), tuple(refusals), tuple(issues))


def _of_caption_year(scope: Scope, words: str, lexicon: Lexicon) -> Scope:
    """The scope of a table whose heading or caption puts a year in brackets: (2023年度)."""
    own = re.findall(lexicon.book.words["titles"]["year_in_brackets"], words)
    return replace(scope, year=int(own[-1])) if own else scope


def torn(document: Document, identity: Identity, lexicon: Lexicon) -> Reading:
    """The mentions of accounts that a flattened text tore into headings and values."""
    scope = document_scope(document, identity, lexicon)
    facts, refused = read_torn(document, scope, lexicon)
    starts = [block.start for block in document.blocks]
    return Reading(
        tuple(
            mention_of(f, document, bisect_right(starts, passage.offsets[0]) - 1, passage, "table")
            for f, passage in facts
        ),
        tuple(Refusal(r.start, r.end, r.quote, r.indicator, r.reason) for r in refused),
        tuple(_issue(document, r) for r in refused if r.severity != "info"),
    )


def _issue(document: Document, refused: TableRefusal) -> Issue:
    return Issue(
        document.source.document,
        refused.severity,
        "row_refused",
        " ".join(refused.quote.split())[:80],
        refused.reason,
        "look at the row in the report; add its figures to corrections.toml if they matter",
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
