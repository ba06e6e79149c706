"""Why a figure is missing: what a report does say where it states no figure of an indicator.

A label may stand without a figure because the outcome is told in words, because the form was left
blank, because there is nothing to report (无), or because the figure was not taken. Each of these
is another thing to do, and none of them is nought.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingest.agreement import is_year_figure, subject_of
from ingest.definitions import Definitions
from ingest.lexicon import Lexicon, Token, lexicon_of
from ingest.passages import tighten
from ingest.quantities import find
from ingest.records import (
    WHOLE_DEPARTMENT,
    Block,
    Cell,
    Document,
    Identity,
    Mention,
    Observation,
    Refusal,
)

FAMILIES = ("budget", "three_public", "participation", "reimbursement")
"""The families whose figures every report should state."""

STATES = (
    "reported",
    "derived",
    "undefined",
    "target_only",
    "part_only",
    "refused",
    "none_stated",
    "template_blank",
    "qualitative",
    "unreadable",
    "not_mentioned",
)
"""What a report may have of an indicator; where several hold, the first does."""

NO_FIGURE = "label without a figure"
"""The reason of a refusal that is a label and no figure."""

_SILENT = ("refused", "none_stated", "template_blank", "qualitative")
_NONE = "无|没有|未发生|未安排|未产生|未列支|不涉及|不适用"
_NONE_AFTER = re.compile(
    rf"(?:支出|费用|经费|预算|决算|情况|金额|执行)*[:为是]*(?:均|全年|本年度?|当年|全部)?"
    rf"(?:{_NONE}|[-—/]+(?=[,。;、]|$))"
)
_NONE_BEFORE = re.compile(rf"(?:{_NONE})[^,。;:]{{0,4}}$")
_BLANK_AFTER = re.compile(
    r"(?:支出|费用|经费|预算|决算|金额|数)*[:为是达到约]*"
    r"(?:_{2,}|[×xX]{2,}|\*{2,}|□+|\(\)|(?=%|万元|元|人|万人))"
)
_EMPTY_CELL = re.compile(r"[\s_×xX*□()]*(?:%|万元|元|人)?")
_DASH_CELL = re.compile(rf"[-—/\\]+|(?:{_NONE})")
_NUMBERING = re.compile(r"^(?:[(\[]?[一二三四五六七八九十\d]+[)\]、.]|[①-⑳]|[#\s])+")
_FITS = {"amount": ("amount",), "rate": ("percent",), "count": ("count", "visits"), "score": ()}


@dataclass(frozen=True)
class Silence:
    """A place that names an indicator and gives no figure of it; `state` is one of STATES."""

    indicator: str
    state: str
    page: int | None
    quote: str
    reason: str


@dataclass(frozen=True)
class Coverage:
    """What a report has of an indicator for its year, and the place and reason where it has none."""

    document: str
    county_code: str
    county: str
    year: int | None
    family: str
    indicator: str
    state: str
    page: int | None = None
    quote: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Gap:
    """A label without a figure ("label") or a figure that nobody claims ("figure"), and where."""

    kind: str
    start: int
    end: int
    quote: str
    indicator: str
    state: str


# --- what a report says without a figure ---------------------------------------------------------


def silences(
    document: Document, refusals: Iterable[Refusal], definitions: Definitions
) -> tuple[Silence, ...]:
    """The most telling silence of a document for each indicator of the four families."""
    best: dict[str, Silence] = {}
    for start, end, indicator, state, reason in _silent(document, refusals, definitions):
        known = best.get(indicator)
        if known is None or STATES.index(state) < STATES.index(known.state):
            page = next((p.page for p in document.places if p.start <= start < p.end), None)
            quote = _around(document, start, end)
            best[indicator] = Silence(indicator, state, page, quote, reason)
    return tuple(best[name] for name in sorted(best))


def _silent(
    document: Document, refusals: Iterable[Refusal], definitions: Definitions
) -> list[tuple[int, int, str, str, str]]:
    """Every place (start, end) that names an indicator without a figure: indicator, state, why."""
    found = []
    blocks = _Blocks(document)
    for refusal in refusals:
        indicator = definitions.indicators.get(refusal.indicator)
        if indicator is None or indicator.family not in FAMILIES:
            continue
        if refusal.reason != NO_FIGURE:
            if "only looks like" not in refusal.reason:
                found.append(
                    (refusal.start, refusal.end, refusal.indicator, "refused", refusal.reason)
                )
            continue
        block = blocks.at(refusal.start)
        if block is not None and block.kind != "table":
            state = _in_words(document, block, refusal, blocks.text_after(block))
            if state:
                found.append((refusal.start, refusal.end, refusal.indicator, state, ""))
    lexicon = lexicon_of(definitions)
    for block in document.blocks:
        if block.kind == "table":
            found += _in_table(document, block, lexicon)
    return found


class _Blocks:
    """The blocks of a document by place."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.blocks = document.blocks

    def at(self, place: int) -> Block | None:
        return next((b for b in self.blocks if b.start <= place < b.end), None)

    def text_after(self, block: Block) -> str:
        """The text of the block after, without blanks: what stands below a heading."""
        after = self.blocks.index(block) + 1
        if after >= len(self.blocks):
            return ""
        following = self.blocks[after]
        end = min(following.end, following.start + 40)
        return tighten(self.document.text, following.start, end).text


def _in_words(document: Document, block: Block, refusal: Refusal, below: str) -> str:
    """What a label in a heading or paragraph tells without a figure, "" if nothing."""
    after = tighten(document.text, refusal.end, min(block.end, refusal.end + 60)).text
    before = tighten(document.text, max(block.start, refusal.start - 20), refusal.start).text
    if block.kind == "heading":
        # A heading is about the indicator only where it names nothing else.
        if block.level <= 1 or _NUMBERING.sub("", before) or len(after) > 2:
            return ""
        return "none_stated" if re.match(rf"(?:{_NONE})(?:。|$)", below) else "qualitative"
    if _NONE_AFTER.match(after) or _NONE_BEFORE.search(before):
        return "none_stated"
    if _BLANK_AFTER.match(after):
        return "template_blank"
    return "qualitative"


def _in_table(
    document: Document, block: Block, lexicon: Lexicon
) -> list[tuple[int, int, str, str, str]]:
    rows: dict[int, list[Cell]] = {}
    for cell in block.cells:
        rows.setdefault(cell.row, []).append(cell)
    grid = [sorted(rows[row], key=lambda c: c.column) for row in sorted(rows)]
    texts = {id(c): tighten(document.text, c.start, c.end).text for c in block.cells}
    labels = {
        id(c): _label(texts[id(c)], lexicon) for c in block.cells if 1 < len(texts[id(c)]) <= 40
    }
    width = max((c.column + c.columns for c in block.cells), default=0)
    found = []
    for number, row in enumerate(grid):
        for place, cell in enumerate(row):
            indicator = labels.get(id(cell), "")
            if not indicator or find(texts[id(cell)]):
                continue
            after = row[place + 1 :]
            values = _right(after, labels) or _below(grid[number + 1 :], cell, labels)
            if not after and cell.column + cell.columns < width:
                # A reader may leave out the empty cells at the end of a row.
                state = "template_blank"
            else:
                state = _of_values([texts[id(value)] for value in values])
            if state:
                found.append((cell.start, cell.end, indicator, state, ""))
    return found


def _label(text: str, lexicon: Lexicon) -> str:
    """The indicator of the four families that a cell names, "" for none."""
    for token in reversed(lexicon.labels(text)):
        name = _named(token, text, lexicon)
        if name:
            return name
    return ""


def _named(token: Token, text: str, lexicon: Lexicon) -> str:
    name = token.value if token.kind in ("label", "ratio") else ""
    if token.kind == "ratio":
        name = lexicon.ratio_indicator(text[: token.end], text, text) or name
    indicator = lexicon.indicators.get(name)
    return name if indicator is not None and indicator.family in FAMILIES else ""


def _right(cells: Sequence[Cell], labels: Mapping[int, str]) -> list[Cell]:
    """The cells after a label, up to the next label; none if another label follows at once."""
    values = []
    for cell in cells:
        if labels.get(id(cell)):
            break
        values.append(cell)
    return values


def _below(rows: Sequence[Sequence[Cell]], head: Cell, labels: Mapping[int, str]) -> list[Cell]:
    values = []
    for row in rows:
        under = [
            c
            for c in row
            if c.column < head.column + head.columns and head.column < c.column + c.columns
        ]
        if any(labels.get(id(cell)) for cell in under):
            break
        values += under
    return values


def _of_values(texts: Sequence[str]) -> str:
    """What the cells of a label tell: blank, nothing (无), words; "" if a figure stands in them."""
    if not texts or any(find(text) for text in texts):
        return ""
    if all(_EMPTY_CELL.fullmatch(text) for text in texts):
        return "template_blank"
    if any(_DASH_CELL.fullmatch(text) for text in texts) and all(
        _DASH_CELL.fullmatch(text) or _EMPTY_CELL.fullmatch(text) for text in texts
    ):
        return "none_stated"
    return "qualitative"


def _around(document: Document, start: int, end: int, reach: int = 24) -> str:
    """A short passage around a place, within its block, on one line."""
    first, last = max(0, start - reach), min(len(document.text), end + reach)
    for block in document.blocks:
        if block.start <= start < block.end:
            first, last = max(first, block.start), min(last, block.end)
    return " ".join(document.text[first:last].split())


# --- what each report has of each indicator ------------------------------------------------------


def states(
    document: str,
    identity: Identity,
    readable: bool,
    blank_pages: int,
    mentions: Iterable[Mention],
    silent: Iterable[Silence],
    observations: Iterable[Observation],
    definitions: Definitions,
) -> tuple[Coverage, ...]:
    """What one report has of every indicator of the four families, in the codebook's order.

    Comes in: a report's name, whose it is, whether it could be read and how many of its pages could
    not, what was read from it, and the observations that rest on it. Only its own year and the
    department as a whole count (in a report about one project, the project).
    """
    of_indicator: dict[str, list[Mention]] = {}
    for mention in mentions:
        of_indicator.setdefault(mention.indicator, []).append(mention)
    found: dict[str, set[str]] = {}
    for observation in observations:
        own = observation.subject == WHOLE_DEPARTMENT or _of_a_project(identity)
        if own and observation.year == identity.year and observation.scenario == "actual":
            state = observation.status if observation.status in STATES else "reported"
            found.setdefault(observation.indicator, set()).add(state)
    named = {silence.indicator: silence for silence in silent}
    rows = []
    for indicator in definitions.indicators.values():
        if indicator.family not in FAMILIES:
            continue
        name = indicator.indicator
        stated = of_indicator.get(name, [])
        state, silence = _state(found.get(name, set()), stated, identity, named.get(name))
        page, quote, reason = None, "", ""
        if not readable or (state == "not_mentioned" and blank_pages):
            state = "unreadable"
            reason = f"{blank_pages} page(s) without text" if readable else "the whole file"
        elif silence is not None:
            page, quote, reason = silence.page, silence.quote, silence.reason
        elif state in ("target_only", "part_only", "refused"):
            own_year = [m for m in stated if m.year == identity.year]
            shown = next((m for m in own_year if _why(m)), own_year[0])
            page, quote = shown.page, " ".join(shown.quote.split())
            reason = _why(shown) or "dropped by a correction"
        rows.append(
            Coverage(
                document=document,
                county_code=identity.county_code,
                county=identity.county,
                year=identity.year,
                family=indicator.family,
                indicator=name,
                state=state,
                page=page,
                quote=quote,
                reason=reason,
            )
        )
    return tuple(rows)


def _of_a_project(identity: Identity) -> bool:
    return identity.report_type == "project_self_evaluation"


def _state(
    found: set[str], stated: Sequence[Mention], identity: Identity, silence: Silence | None
) -> tuple[str, Silence | None]:
    """The state of one indicator, and the silence that explains it where there is no figure."""
    for state in STATES:
        if state in found:
            return state, None
    own = [m for m in stated if m.year == identity.year]
    if any(m.scenario != "actual" and subject_of(m) == WHOLE_DEPARTMENT for m in own):
        return "target_only", None
    if any(not is_year_figure(m) or not _why(m) for m in own):
        return "refused", None
    if own:
        return "part_only", None
    if silence is not None:
        return silence.state, silence
    return "not_mentioned", None


def _why(mention: Mention) -> str:
    """Why a figure is not the department's outcome of its year, "" if it is."""
    if not is_year_figure(mention):
        return f"covers only {mention.period}"
    if subject_of(mention) != WHOLE_DEPARTMENT:
        return f"of {mention.subject} only"
    return f"{mention.scenario} only" if mention.scenario != "actual" else ""


# --- for `ingest check --coverage` ---------------------------------------------------------------


def gaps(
    document: Document,
    mentions: Iterable[Mention],
    refusals: Iterable[Refusal],
    definitions: Definitions,
) -> tuple[Gap, ...]:
    """Labels of the four families without a figure, and figures near one that nothing accounts for.

    A figure is accounted for when it stands in a mention or in a refusal. In prose, every figure
    counts whose unit fits a label of its sentence; in a table, a label of its row.
    """
    refused = tuple(refusals)
    taken = [(m.start, m.end) for m in mentions] + [(r.start, r.end) for r in refused]
    found = [
        Gap("label", start, end, _around(document, start, end), indicator, state)
        for start, end, indicator, state, _ in _silent(document, refused, definitions)
        if state != "refused"
    ]
    lexicon = lexicon_of(definitions)
    for block in document.blocks:
        for pieces in _lines(document, block):
            found += _unclaimed(document, pieces, taken, lexicon)
    return tuple(sorted(dict.fromkeys(found), key=lambda g: (g.start, g.end, g.kind, g.indicator)))


def _lines(document: Document, block: Block) -> list[list[tuple[int, int]]]:
    """The sentences of a paragraph, or the rows of a table with their cells, as spans."""
    if block.kind == "table":
        rows: dict[int, list[tuple[int, int]]] = {}
        for cell in block.cells:
            rows.setdefault(cell.row, []).append((cell.start, cell.end))
        return list(rows.values())
    spans, start = [], block.start
    for match in re.finditer(r"。|$", document.text[block.start : block.end]):
        spans.append([(start, block.start + match.end())])
        start = block.start + match.end()
    return [span for span in spans if span[0][0] < span[0][1]]


def _unclaimed(
    document: Document,
    pieces: Sequence[tuple[int, int]],
    taken: Sequence[tuple[int, int]],
    lexicon: Lexicon,
) -> list[Gap]:
    passages = [tighten(document.text, start, end) for start, end in pieces]
    named = [
        name
        for passage in passages
        for token in lexicon.labels(passage.text)
        if (name := _named(token, passage.text, lexicon))
    ]
    if not named:
        return []
    found = []
    for passage in passages:
        for quantity in find(passage.text) if passage.text else ():
            fitting = [n for n in named if quantity.kind in _FITS[lexicon.indicators[n].kind]]
            start, end = passage.span(quantity.start, quantity.end)
            if fitting and not any(first < end and start < last for first, last in taken):
                quote = _around(document, start, end)
                found.append(Gap("figure", start, end, quote, fitting[0], ""))
    return found
