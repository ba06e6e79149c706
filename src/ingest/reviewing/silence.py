"""Places that name an indicator of the four families and give no figure of it, and what they say
instead: words (应参尽参), nothing (无), a blank, or a figure that was not taken.

`coverage` tells from them why a figure is missing, `templates` which forms were not filled in.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingest.codebook.model import Codebook
from ingest.documents.glyphs import fold
from ingest.reading.evidence import place_at
from ingest.reading.index import Lexicon, lexicon_of, tighten
from ingest.reading.meaning import ratio_of, soft_text
from ingest.reading.quantities import find
from ingest.reading.words import Span
from ingest.records import Block, Cell, Document, Quantity, Refusal

SILENT = ("refused", "none_stated", "template_blank", "qualitative", "named_only")
"""What a place may say of an indicator without a figure; where several do, the first counts."""

NO_FIGURE = "label without a figure"
"""The reason of a refusal that is a label and no figure."""

LOOK_ALIKE = "only looks like a label"
"""Part of the reason of a refusal whose words are known to name something else."""

_NONE = "无|没有|未发生|未安排|未产生|未列支|不涉及|不适用"
_NONE_AFTER = re.compile(
    rf"(?:支出|费用|经费|预算|决算|情况|金额|执行)*[:为是]*(?:均|全年|本年度?|当年|全部)?"
    rf"(?:(?:{_NONE})(?!超)|[-—/]+(?=[,。;、]|$))"
)
_NONE_BEFORE = re.compile(rf"(?:{_NONE})[^,。;:]{{0,4}}$")
_BLANK_AFTER = re.compile(
    r"(?:支出|费用|经费|预算|决算|金额|数)*[:为是达到约]*"
    r"(?:_{2,}|[×xX]{2,}|\*{2,}|□+|\(\)|(?=%|万元|元|人|万人))"
)
_EMPTY_CELL = re.compile(r"[\s_×xX*□()]*(?:%|万元|元|人)?")
_DASH_CELL = re.compile(rf"[-—/\\]+|(?:{_NONE})")
_NUMBERING = re.compile(r"^(?:[(\[]?[一二三四五六七八九十\d]+[)\]、.]|[①-⑳]|[#\s])+")
_BLANKS = re.compile(r"\s+")
_STOP = re.compile("[。;!?]")
_CLAUSE = re.compile("[,。;:!?]")
_FITS = {
    "amount": ("amount",),
    "rate": ("percent", "range"),
    "count": ("count", "visits"),
    "score": (),
}
FITTING = frozenset(kind for kinds in _FITS.values() for kind in kinds)
"""The kinds of quantities whose unit is that of some indicator."""


@dataclass(frozen=True)
class Silence:
    """A place that names an indicator and gives no figure of it; `state` is one of SILENT.

    `start` and `end` lead to the label, `block` is the place of its block in the document;
    `quote` is a short passage around it, `reason` says why a figure was refused.
    """

    start: int
    end: int
    block: int
    indicator: str
    state: str
    page: int | None
    quote: str
    reason: str = ""


def silences(
    document: Document, refusals: Iterable[Refusal], codebook: Codebook
) -> tuple[Silence, ...]:
    """Every place of a document that names an indicator without a figure, in text order."""
    reading = _Reading(document, codebook)
    for refusal in refusals:
        reading.refusal(refusal)
    for index, block in enumerate(document.blocks):
        if block.kind == "table":
            reading.table(index, block)
        else:
            reading.telling_words(index, block.start, block.end)
    return tuple(sorted(set(reading.found), key=_order))


def strongest(found: Iterable[Silence]) -> tuple[Silence, ...]:
    """The most telling silence of each indicator, the first of several alike."""
    best: dict[str, Silence] = {}
    for silence in found:
        known = best.get(silence.indicator)
        if known is None or SILENT.index(silence.state) < SILENT.index(known.state):
            best[silence.indicator] = silence
    return tuple(best[name] for name in sorted(best))


def _order(silence: Silence) -> tuple[object, ...]:
    return (silence.start, silence.end, silence.indicator, silence.state, silence.reason)


def fits(quantity: Quantity, indicator: str, codebook: Codebook) -> bool:
    """Whether the unit printed could be that of the indicator."""
    return quantity.kind in _FITS[codebook.indicators[indicator].kind]


def could_be_figure(refusal: Refusal, codebook: Codebook) -> bool:
    """Whether a refusal is a figure that could be one of the indicator it was refused to.

    A label without a figure is none, nor are words known to name something else, nor a number in
    a unit of another kind; a number without a unit could be.
    """
    indicator = codebook.indicators.get(refusal.indicator)
    if indicator is None or not codebook.expected(refusal.indicator):
        return False
    if refusal.reason == NO_FIGURE or LOOK_ALIKE in refusal.reason:
        return False
    found = find(tighten(refusal.quote, 0, len(refusal.quote)).text)
    return not found or any(
        quantity.kind == "bare" or fits(quantity, refusal.indicator, codebook) for quantity in found
    )


def names(text: str, lexicon: Lexicon) -> list[str]:
    """The indicators of the four families that a tightened passage names, in order."""
    found = (_named(token, text, lexicon) for token in lexicon.labels(text))
    return [name for name in found if name]


def _named(token: Span, text: str, lexicon: Lexicon) -> str:
    name = token.value if token.type in ("label", "ratio") else ""
    if token.type == "ratio":
        name = ratio_of(lexicon, text[: token.end], text, text) or name
    return name if lexicon.book.expected(name) else ""


def block_at(document: Document, offset: int) -> int | None:
    """The block that the character at `offset` stands in, None between blocks."""
    index = bisect_right(document.blocks, offset, key=lambda b: b.start) - 1
    return index if index >= 0 and offset < document.blocks[index].end else None


def around(document: Document, start: int, end: int, reach: int = 24) -> str:
    """A short passage around a place, within its block, on one line."""
    return "".join(_pieces(document, start, end, reach))


def marked(document: Document, start: int, end: int, reach: int = 24) -> str:
    """The same passage with the place itself between 【 and 】."""
    before, quote, after = _pieces(document, start, end, reach)
    return f"{before}【{quote}】{after}"


def _pieces(document: Document, start: int, end: int, reach: int) -> tuple[str, str, str]:
    first, last = max(0, start - reach), min(len(document.text), end + reach)
    index = block_at(document, start)
    if index is not None:
        block = document.blocks[index]
        first, last = max(first, block.start), min(last, max(end, block.end))
    text = document.text
    before, quote, after = (
        _BLANKS.sub(" ", text[a:b]) for a, b in ((first, start), (start, end), (end, last))
    )
    return before.lstrip(), quote.strip(), after.rstrip()


def where(document: Document, offset: int) -> str:
    """Where a place stands, in words: the page, the cell or paragraph, or the line of the text."""
    place = place_at(document, offset)
    if place is not None and place.page is not None:
        return f"page {place.page}"
    if place is not None and place.where:
        return place.where
    return f"line {document.text.count(chr(10), 0, offset) + 1}"


# --- words in place of a figure ------------------------------------------------------------------


class _Telling:
    """The words of context.toml that tell of an indicator without a figure."""

    def __init__(self, codebook: Codebook) -> None:
        said, classes = codebook.words["qualitative"], codebook.words["classes"]
        self.after = re.compile(_regex(said["words"], classes))
        self.before = re.compile(rf"(?:{_regex(said['before'], classes)})[^,。;:、]{{0,4}}$")
        self.between = re.compile(_regex(said["between"], classes))
        self.alone = [
            (entry["indicator"], re.compile(_regex(entry["words"], classes)))
            for entry in said["alone"]
        ]

    def of(self, before: str, after: str, lexicon: Lexicon) -> bool:
        """Whether such words stand next to a label: nothing of another meaning may lie between."""
        stop = _STOP.search(after)
        clause = after[: stop.start()] if stop else after
        for match in self.after.finditer(clause):
            gap = self.between.sub("", clause[: match.start()])
            if soft_text(lexicon, gap):
                return True
        return self.before.search(before) is not None


_TELLING: dict[int, tuple[Codebook, _Telling]] = {}


def _telling_of(codebook: Codebook) -> _Telling:
    """The words of these codebook (kept for the life of the process, as their lexicon is)."""
    held = _TELLING.get(id(codebook))
    if held is None or held[0] is not codebook:
        held = _TELLING[id(codebook)] = (codebook, _Telling(codebook))
    return held[1]


_BRACKETS = {"[": "(?:", "]": ")?", "{": "(?:", "}": ")", "|": "|"}


def _regex(labels: Iterable[str], classes: Mapping[str, str]) -> str:
    """Labels in the language of the codebook as one pattern.

    Written out in full they are thousands of words, which a pattern tries one by one.

    >>> _regex(["未超[出]{预算|标准}"], {})
    '未超(?:出)?(?:预算|标准)'
    """
    found = []
    for label in labels:
        plain = fold(re.sub("<([^>]*)>", lambda match: classes[match.group(1)], label))
        found.append("".join(_BRACKETS.get(c) or re.escape(c) for c in plain))
    return "|".join(found)


class _Reading:
    """One document being read."""

    def __init__(self, document: Document, codebook: Codebook) -> None:
        self.document = document
        self.codebook = codebook
        self.lexicon = lexicon_of(codebook)
        self.telling = _telling_of(codebook)
        self.found: list[Silence] = []

    def add(
        self, start: int, end: int, block: int, indicator: str, state: str, reason: str = ""
    ) -> None:
        if not state:
            return
        place = place_at(self.document, start)
        page = place.page if place is not None else None
        quote = around(self.document, start, end)
        self.found.append(Silence(start, end, block, indicator, state, page, quote, reason))

    # -- paragraphs and headings --

    def refusal(self, refusal: Refusal) -> None:
        index = block_at(self.document, refusal.start)
        if index is None:
            return
        name = self._indicator(refusal, self.document.blocks[index])
        if not self.codebook.expected(name):
            return
        span = (refusal.start, refusal.end, index, name)
        if refusal.reason != NO_FIGURE:
            if could_be_figure(refusal, self.codebook):
                self.add(*span, "refused", refusal.reason)
        elif self.document.blocks[index].kind != "table":
            self.add(*span, self._in_words(index, refusal))

    def _indicator(self, refusal: Refusal, block: Block) -> str:
        """The indicator of a refusal; which reimbursement ratio a head names, its clause tells."""
        known = self.codebook.indicators.get(refusal.indicator)
        if refusal.reason != NO_FIGURE or (known and known.family != "reimbursement"):
            return refusal.indicator
        start = max(block.start, refusal.end - 60)
        clause = _CLAUSE.split(tighten(self.document.text, start, refusal.end).text)[-1]
        return ratio_of(self.lexicon, clause, clause, clause) or refusal.indicator

    def _in_words(self, index: int, refusal: Refusal) -> str:
        """What a label in a heading or paragraph tells without a figure, "" if nothing."""
        text, block = self.document.text, self.document.blocks[index]
        after = tighten(text, refusal.end, min(block.end, refusal.end + 60)).text
        before = tighten(text, max(block.start, refusal.start - 20), refusal.start).text
        if block.kind == "heading" and not text[: block.end].rstrip().endswith("。"):
            # A heading is about the indicator only where it names nothing else.
            if block.level <= 1 or _NUMBERING.sub("", before) or len(after) > 2:
                return ""
            below = self._text_after(index)
            if re.match(rf"(?:{_NONE})(?:。|$)", below):
                return "none_stated"
            return self._told("", below)
        if _NONE_AFTER.match(after) or _NONE_BEFORE.search(before):
            return "none_stated"
        if _BLANK_AFTER.match(after):
            return "template_blank"
        return self._told(before, after)

    def _told(self, before: str, after: str) -> str:
        return "qualitative" if self.telling.of(before, after, self.lexicon) else "named_only"

    def _text_after(self, index: int) -> str:
        """The text of the block after, without blanks: what stands below a heading."""
        if index + 1 >= len(self.document.blocks):
            return ""
        below = self.document.blocks[index + 1]
        return tighten(self.document.text, below.start, min(below.end, below.start + 60)).text

    def telling_words(
        self, index: int, start: int, end: int, beside: Sequence[Quantity] = ()
    ) -> None:
        """Words that name their indicator themselves, where neither sentence nor row has a figure."""
        passage = tighten(self.document.text, start, end)
        for indicator, words in self.telling.alone:
            for match in words.finditer(passage.text):
                first = max((passage.text.rfind(c, 0, match.start()) for c in "。;!?"), default=-1)
                stop = _STOP.search(passage.text, match.end())
                sentence = passage.text[first + 1 : stop.start() if stop else None]
                stated = (*find(sentence), *beside)
                if any(fits(quantity, indicator, self.codebook) for quantity in stated):
                    continue
                self.add(*passage.span(*match.span()), index, indicator, "qualitative")

    # -- tables --

    def table(self, index: int, block: Block) -> None:
        """What the labels of a table tell whose own cells, right of them or below, hold no figure."""
        grid = _rows(block)
        texts = {id(c): tighten(self.document.text, c.start, c.end).text for c in block.cells}
        labels = {
            id(c): _label(texts[id(c)], self.lexicon)
            for c in block.cells
            if 1 < len(texts[id(c)]) <= 40
        }
        width = max((c.column + c.columns for c in block.cells), default=0)
        for number, row in enumerate(grid):
            stated = [quantity for cell in row for quantity in find(texts[id(cell)])]
            for place, cell in enumerate(row):
                text = texts[id(cell)]
                if text:
                    self.telling_words(index, cell.start, cell.end, stated)
                indicator, end = labels.get(id(cell)) or ("", 0)
                if not indicator or find(text):
                    continue
                after = row[place + 1 :]
                right = [texts[id(c)] for c in _right(after, labels)]
                below = [texts[id(c)] for c in _below(grid[number + 1 :], cell, labels)]
                if self.telling.of("", text[end:], self.lexicon):
                    state = "qualitative"
                elif not after and cell.column + cell.columns < width:
                    # A reader may leave out the empty cells at the end of a row.
                    state = "template_blank"
                elif self._of_values(right) == "named_only" and below:
                    # Words right of a label may be the heads of the next columns.
                    state = self._of_values(below)
                else:
                    state = self._of_values(right or below)
                self.add(cell.start, cell.end, index, indicator, state)

    def _of_values(self, texts: Sequence[str]) -> str:
        """What the cells of a label tell: blank, nothing (无), words; "" if a figure is in them."""
        if not texts or any(find(text) for text in texts):
            return ""
        if all(_EMPTY_CELL.fullmatch(text) for text in texts):
            return "template_blank"
        if all(_DASH_CELL.fullmatch(text) or _EMPTY_CELL.fullmatch(text) for text in texts):
            return "none_stated"
        told = any(self.telling.after.search(text) for text in texts)
        return "qualitative" if told else "named_only"


def _rows(block: Block) -> list[list[Cell]]:
    rows: dict[int, list[Cell]] = {}
    for cell in block.cells:
        rows.setdefault(cell.row, []).append(cell)
    return [sorted(rows[row], key=lambda c: c.column) for row in sorted(rows)]


def _label(text: str, lexicon: Lexicon) -> tuple[str, int]:
    """The indicator of the four families that a cell names and where its label ends; "" for none."""
    for token in reversed(lexicon.labels(text)):
        name = _named(token, text, lexicon)
        if name:
            return name, token.end
    return "", 0


_Labels = Mapping[int, tuple[str, int]]


def _is_label(cell: Cell, labels: _Labels) -> bool:
    return bool(labels.get(id(cell), ("", 0))[0])


def _right(cells: Sequence[Cell], labels: _Labels) -> list[Cell]:
    """The cells after a label, up to the next label; none if another label follows at once."""
    values = []
    for cell in cells:
        if _is_label(cell, labels):
            break
        values.append(cell)
    return values


def _below(rows: Sequence[Sequence[Cell]], head: Cell, labels: _Labels) -> list[Cell]:
    values = []
    for row in rows:
        under = [
            c
            for c in row
            if c.column < head.column + head.columns and head.column < c.column + c.columns
        ]
        if any(_is_label(cell, labels) for cell in under):
            break
        values += under
    return values
