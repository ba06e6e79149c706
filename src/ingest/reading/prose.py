"""Paragraphs → mentions: what headings say about the paragraphs below them, then the sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ingest.reading import sentences
from ingest.reading.evidence import (
    announced,
    announces_projects,
    attached,
    document_scope,
    heading_scope,
    mention_of,
    refusal_of,
)
from ingest.reading.index import Lexicon, tighten
from ingest.reading.state import Scope
from ingest.records import Document, Identity, Mention, Reading, Refusal


@dataclass
class Headings:
    """The headings above the block being read, from the outermost to the nearest."""

    path: list[tuple[int, str]] = field(default_factory=list)
    lead_in: str = ""

    def pass_heading(self, level: int, text: str) -> None:
        """Takes in a heading: those of its level and below it hold no longer."""
        self.path = [(above, words) for above, words in self.path if above < level]
        self.path.append((level, text))
        self.lead_in = ""

    def leave_section(self) -> None:
        """An attachment begins: only the title above it holds."""
        self.path = [(level, text) for level, text in self.path if level < 2]

    def below_title(self) -> list[str]:
        """The words of the headings below the title, the nearest last."""
        held = [text for level, text in self.path if level > 1]
        return [*held, self.lead_in] if self.lead_in else held


def read(document: Document, identity: Identity, lexicon: Lexicon) -> Reading:
    """The mentions of all headings and paragraphs, and what was refused, in text order."""
    mentions: list[Mention] = []
    refusals: list[Refusal] = []
    titles = lexicon.book.words["titles"]
    headings = Headings()
    base = document_scope(document, identity, lexicon)
    above: list[str] | None = None
    under = base
    for number, block in enumerate(document.blocks):
        if block.kind == "table":
            continue
        passage = tighten(document.text, block.start, block.end)
        if not passage.text:
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
        if leading != above:
            above, under = leading, heading_scope(base, leading, lexicon)
        scope = _unit_above(_led(under, passage.text, lexicon), leading, passage.text, lexicon)
        facts, refused = sentences.read(passage.text, scope, lexicon)
        mentions += [mention_of(f, document, number, passage, "prose") for f in facts]
        refusals += [refusal_of(r, document, passage) for r in refused]
        if passage.text.endswith(":") and len(passage.text) < 40:
            # A line that ends with a colon heads the items below it.
            headings.lead_in = passage.text
    return Reading(tuple(mentions), tuple(refusals))


def _unit_above(scope: Scope, leading: list[str], text: str, lexicon: Lexicon) -> Scope:
    """「资金情况(万元)」 over lines such as 「年度资金总额:21450.00」."""
    titles = lexicon.book.words["titles"]
    unit = re.search(titles["heading_unit"], leading[-1]) if leading else None
    if unit and re.fullmatch(titles["bare_line"], text):
        return replace(scope, unit=unit.group(1))
    return scope


def _led(scope: Scope, text: str, lexicon: Lexicon) -> Scope:
    """Adds what the opening words of a paragraph announce ("绩效指标：", "三公经费。")."""
    titles = lexicon.book.words["titles"]
    lead = re.match(titles["lead"], text)
    if lead and not re.search(titles["not_lead"], lead.group(0)):
        scope = replace(scope, scenario="target", scenario_from=lead.group(0))
        year = re.search(r"((?:19|20)\d\d)\D", lead.group(0))
        if year:
            scope = replace(scope, year=int(year.group(1)))
    opening = re.match(titles["opening"], text)
    if opening is None:
        return scope
    listed = opening.group(0).endswith(":") and announces_projects(opening.group(0), lexicon)
    scope = announced(scope, opening.group(0), lexicon)
    return replace(scope, projects=True) if listed else scope
