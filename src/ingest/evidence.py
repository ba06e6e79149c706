"""What prose and forms share: the scope that title and headings set, and the way back to the text."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.clauses import Figure, Refused, Scope
from ingest.lexicon import Lexicon
from ingest.passages import Passage, tighten
from ingest.records import Block, Document, Identity, Mention, Refusal

_BUDGET_TITLE = re.compile(r"预算(?!执行|绩效|完成)")


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
