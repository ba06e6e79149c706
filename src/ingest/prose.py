"""Paragraphs → mentions: what headings say about the paragraphs below them, then the clauses."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.clauses import read as read_clauses
from ingest.definitions import Definitions
from ingest.evidence import (
    announced,
    announces_projects,
    attached,
    document_scope,
    heading_scope,
    mention_of,
    refusal_of,
)
from ingest.lexicon import Lexicon, lexicon_of
from ingest.passages import tighten
from ingest.records import Document, Identity, Mention, Reading, Refusal
from ingest.sentence import Scope

_ITEM = re.compile(r"(?:[(\[]?[\d一二三四五六七八九十]{1,3}[)\]、.]|[①-⑳]|目标\d)")
# 「资金情况（万元）」 over lines such as 「年度资金总额：21450.00」.
_HEADING_UNIT = re.compile(r"\((亿元|万元|千元|元)\)$")
_BARE_LINE = re.compile(r"[^\d,。;]{2,24}:?[\d.,]+")
_OPENING = re.compile(r"^[^。:,;%]{2,36}[。:]")
_LEAD = re.compile(
    r"^[^,。;:]{0,18}?(?:目标\d|绩效指标|绩效目标|预期目标|年度目标|目标值?|指标值|总体目标|打算|工作计划|目标任务|主要目标|主要任务|重点任务|年度任务)[:。]"
)


def read(document: Document, identity: Identity, definitions: Definitions) -> Reading:
    """The mentions of all headings and paragraphs, and what was refused, in text order."""
    lexicon = lexicon_of(definitions)
    mentions: list[Mention] = []
    refusals: list[Refusal] = []
    path: list[tuple[int, str]] = []
    base = document_scope(document, identity, lexicon)
    lead_in = ""
    above: list[str] | None = None
    under = base
    for index, block in enumerate(document.blocks):
        if block.kind == "table":
            continue
        passage = tighten(document.text, block.start, block.end)
        if not passage.text:
            continue
        if attached(passage.text):
            path = [(level, text) for level, text in path if level < 2]
        if block.kind == "heading":
            path = [(level, text) for level, text in path if level < block.level]
            path.append((block.level, passage.text))
            lead_in = ""
            if block.level <= 1:
                continue
        listed = _ITEM.match(passage.text) is not None
        lead_in = lead_in if listed else ""
        headings = [text for level, text in path if level > 1]
        leading = [*headings, lead_in] if lead_in else headings
        if leading != above:
            above, under = leading, heading_scope(base, leading, lexicon)
        scope = _led(under, passage.text, lexicon)
        unit = _HEADING_UNIT.search(headings[-1]) if headings else None
        if unit and _BARE_LINE.fullmatch(passage.text):
            scope = replace(scope, unit=unit.group(1))
        figures, refused = read_clauses(passage.text, scope, lexicon)
        mentions += [mention_of(f, document, index, passage, "prose") for f in figures]
        refusals += [refusal_of(r, document, passage) for r in refused]
        if passage.text.endswith(":") and len(passage.text) < 40:
            # A line that ends with a colon heads the items below it.
            lead_in = passage.text
    return Reading(tuple(mentions), tuple(refusals))


def _led(scope: Scope, text: str, lexicon: Lexicon) -> Scope:
    """Adds what the opening words of a paragraph announce ("绩效指标：", "三公经费。")."""
    lead = _LEAD.match(text)
    if lead and "完成" not in lead.group(0):
        scope = replace(scope, scenario="target", scenario_from=lead.group(0))
        year = re.search(r"((?:19|20)\d\d)年", lead.group(0))
        if year:
            scope = replace(scope, year=int(year.group(1)))
    opening = _OPENING.match(text)
    if opening is None:
        return scope
    listed = opening.group(0).endswith(":") and announces_projects(opening.group(0))
    scope = announced(scope, opening.group(0), lexicon)
    return replace(scope, projects=True) if listed else scope
