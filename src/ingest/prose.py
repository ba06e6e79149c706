"""Paragraphs → mentions: what headings say about the paragraphs below them, then the clauses."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.clauses import Figure, Refused, Scope, read as read_clauses
from ingest.definitions import Definitions
from ingest.lexicon import Lexicon, lexicon_of
from ingest.passages import Passage, tighten
from ingest.records import Block, Document, Identity, Mention, Reading, Refusal

_LEAD = re.compile(r"^[^,。;:]{0,18}?(?:绩效指标|绩效目标|预期目标|年度目标|目标值?|指标值|总体目标):")
_BUDGET_TITLE = re.compile(r"预算(?!执行|绩效|完成)")


def read(document: Document, identity: Identity, definitions: Definitions) -> Reading:
    """The mentions of all headings and paragraphs, and what was refused, in text order."""
    lexicon = lexicon_of(definitions)
    mentions: list[Mention] = []
    refusals: list[Refusal] = []
    path: list[tuple[int, str]] = []
    base = document_scope(document, identity, lexicon)
    carried = ""
    for index, block in enumerate(document.blocks):
        passage = tighten(document.text, block.start, block.end)
        if block.kind == "table" or not passage.text:
            continue
        if block.kind == "heading":
            path = [(level, text) for level, text in path if level < block.level]
            path.append((block.level, passage.text))
            carried = ""
            if block.level <= 1:
                continue
        scope = heading_scope(base, [text for _, text in path], lexicon)
        if carried and not scope.population:
            scope = replace(scope, population=carried)
        scope = _led(scope, passage.text)
        figures, refused = read_clauses(passage.text, scope, lexicon)
        mentions += [mention_of(f, document, index, passage, "prose") for f in figures]
        refusals += [refusal_of(r, document, passage) for r in refused]
    return Reading(tuple(mentions), tuple(refusals))


def document_scope(document: Document, identity: Identity, lexicon: Lexicon) -> Scope:
    """What the title and kind of the report imply for all its figures."""
    title = "".join(
        tighten(document.text, b.start, b.end).text
        for b in document.blocks[:3]
        if b.kind == "heading" and b.level <= 1
    )
    if not title and document.blocks:
        first: Block = document.blocks[0]
        title = tighten(document.text, first.start, min(first.end, first.start + 60)).text
    scope = Scope(year=identity.year)
    groups = {
        t.value
        for t in lexicon.populations(title, 0, len(title), "insured_persons")
        if t.value in ("residents", "employees")
    }
    if len(groups) == 1:
        scope = replace(scope, population=groups.pop())
    if identity.report_type == "target_table":
        scope = replace(scope, scenario="target", scenario_from="a table of targets")
    elif identity.report_type == "budget" or _BUDGET_TITLE.search(title):
        scope = replace(scope, scenario="budget", scenario_from=title[:40])
    return scope


def heading_scope(scope: Scope, headings: list[str], lexicon: Lexicon) -> Scope:
    """Adds what the headings above a paragraph imply; the nearest heading decides."""
    words = lexicon.context["headings"]
    for heading in headings:
        if any(w in heading for w in words["actual"]):
            scope = replace(scope, scenario="actual", scenario_from=heading)
        elif any(w in heading for w in words["target"]):
            scope = replace(scope, scenario="target", scenario_from=heading)
        elif re.search(r"预算(?!执行)", heading) and "决算" not in heading:
            scope = replace(scope, scenario="budget", scenario_from=heading)
        groups = {
            t.value
            for t in lexicon.populations(heading, 0, len(heading), "insured_persons")
            if t.value in ("residents", "employees")
        }
        if len(groups) == 1:
            scope = replace(scope, population=groups.pop())
    return scope


def _led(scope: Scope, text: str) -> Scope:
    """A paragraph that opens with 绩效指标： speaks of targets."""
    lead = _LEAD.match(text)
    if lead and "完成" not in lead.group(0):
        return replace(scope, scenario="target", scenario_from=lead.group(0))
    return scope


def mention_of(
    figure: Figure, document: Document, block: int, passage: Passage, layout: str
) -> Mention:
    """Ties a figure to its place in the document."""
    start, end = passage.span(figure.start, figure.end)
    return Mention(
        mention_id="",
        document=document.source.document,
        page=next((p.page for p in document.places if p.start <= start < p.end), None),
        block=block,
        start=start,
        end=end,
        quote=document.text[start:end],
        layout=layout,
        indicator=figure.indicator,
        scenario=figure.scenario,
        population=figure.population,
        subject=figure.subject,
        basis=figure.basis,
        year=figure.year,
        period=figure.period,
        comparator=figure.comparator,
        value=figure.value,
        unit=figure.unit,
        decimals=figure.decimals,
        printed=figure.printed,
        rule=figure.rule,
        settled=figure.settled,
        review=figure.review,
    )


def refusal_of(refused: Refused, document: Document, passage: Passage) -> Refusal:
    """Ties a refusal to its place in the document."""
    start, end = passage.span(refused.start, refused.end)
    return Refusal(start, end, document.text[start:end], refused.indicator, refused.reason)
