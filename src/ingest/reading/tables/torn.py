"""Accounts whose cells kept nothing but their order: all headings first, and the values after.

Copied cell by cell or row by row, the national account of three-public spending loses which heading
stands over which value. Its columns are known all the same: the headings name them in order, those
of the vehicles below the vehicles; and the values prove it, since the whole is the sum of its parts
twice over. Values that prove nothing are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from ingest.reading.index import Lexicon, Passage, tighten
from ingest.reading.state import Fact, Scope
from ingest.reading.tables.accounts import Account, Head, account_of, dealt
from ingest.reading.tables.grid import GridCell
from ingest.reading.tables.names import name_of
from ingest.reading.tables.reader import TableRefusal
from ingest.reading.tables.settling import Claim, NotTakenError, Settling
from ingest.reading.tables.unheaded import TornCell, accounts, scenarios_of, told_elsewhere
from ingest.reading.tables.wording import wording_of
from ingest.records import Block, Cell, Document

_LONGEST_CELL = 30
_VALUE = re.compile(r"-?\d[\d,]*(?:\.\d+)?|[-—/]{1,4}")
_UNPROVED = "headings and values stand apart, and no sum proves which value is under which heading"
_CAPTION = 240
Torn = tuple[list[tuple[Fact, Passage]], list[TableRefusal]]


def read_torn(document: Document, scope: Scope, lexicon: Lexicon) -> Torn:
    """The facts of all such accounts in a flattened text; none for formats that keep the places.

    `scope` is the document's. Where a fact or a refusal ends at the place of one that `read_table`
    made, it takes that one's place: only the sums tell which heading a value has.
    """
    account = account_of(lexicon.book)
    if document.format != "text" or account is None:
        return [], []
    reader = _Torn(document, scope, lexicon, account)
    reader.pairs()
    caption = ""
    for is_cell, lines in groupby(reader.lines(), lambda line: isinstance(line, TornCell)):
        if is_cell:
            cells = [line for line in lines if isinstance(line, TornCell)]
            reader.account(cells, caption)
        else:
            caption = "".join(line for line in lines if isinstance(line, str))[-_CAPTION:]
    for block in document.blocks:
        if block.kind == "table":
            cells = reader.cells(block)
            above = tighten(document.text, max(0, block.start - _CAPTION), block.start).text
            reader.unheaded(cells, above)
            if not reader.begun(block):
                reader.table = block
                reader.account(cells, above)
    return reader.facts, reader.refusals


@lru_cache(maxsize=4)
def _rules(expressions: tuple[tuple[str, str], ...]) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(expression) for name, expression in expressions}


class _Torn:
    """Reads the accounts of one document."""

    def __init__(
        self, document: Document, scope: Scope, lexicon: Lexicon, account: Account
    ) -> None:
        self.document, self.base, self.lexicon, self.known = document, scope, lexicon, account
        self.rules = _rules(tuple(lexicon.book.words["expressions"]["torn"].items()))
        self.words = wording_of(lexicon)
        self.facts: list[tuple[Fact, Passage]] = []
        self.refusals: list[TableRefusal] = []
        self.table: Block | None = None

    def lines(self) -> Iterable[TornCell | str]:
        """The cells of the lines of the text, and the tightened words of all other lines.

        A line holds one cell, or several of heads or of values with blanks between; numbers of
        columns are none. A cell with a tab or a bar stands in a table (see `_unproved`).
        """
        text, start = self.document.text, 0
        for line in text.split("\n"):
            inner = line.strip(" ")
            cells = [
                self._cell(start + found.start(), start + found.end())
                for found in re.finditer(r"\S+", line)
            ]
            if len(cells) > 1 and self._is_row(line, cells):
                if not _numbers_columns([cell.text for cell in cells]):
                    yield from cells
            elif inner:
                at = start + line.index(inner)
                cell = self._cell(at, at + len(inner))
                alone = len(inner) <= _LONGEST_CELL and not self.rules["sentence"].search(inner)
                yield cell if alone else cell.text
            start += len(line) + 1

    def _cell(self, start: int, end: int) -> TornCell:
        passage = tighten(self.document.text, start, end)
        return TornCell(passage, start, end, bool(_VALUE.fullmatch(passage.text)))

    def _is_row(self, line: str, cells: Sequence[TornCell]) -> bool:
        """Whether a line is a row of heads, or of values, named at most as the whole's or a year's."""
        if self.rules["words_in_row"].search(line):
            return False
        if all(cell.is_value for cell in cells[1:]):
            first = cells[0]
            whole = first.is_value or bool(self.rules["whole_row"].fullmatch(first.text))
            return len(cells) > 3 and whole
        heads = all(self.rules["head"].search(cell.text) for cell in cells)
        return heads and not any(cell.is_value for cell in cells)

    def pairs(self) -> None:
        """Reads forms a cell a line: a name alone, then its figure alone, then no other figure."""
        cells = [line for line in self.lines() if isinstance(line, TornCell)]
        names = [not c.is_value and self._names(c.text) for c in cells]
        figures = [self._figure(c) for c in cells]
        for place in range(1, len(cells)):
            opens = names[place - 1] and not (place > 1 and names[place - 2])
            after = place + 1 < len(cells) and figures[place + 1]
            here = cells[place]
            if (
                opens
                and figures[place]
                and not after
                and not (self._in_table(here) or self._in_sentence(here))
            ):
                self._pair(cells[place - 1], cells[place])

    def _names(self, text: str) -> str:
        """The indicator that a line names, if it names nothing else."""
        name = name_of(self.words.bare(text), self.lexicon)
        whole = name.label is not None and len(name.label.text) * 2 > len(name.text)
        return name.indicator if whole else ""

    def _figure(self, cell: TornCell) -> bool:
        """Whether a line holds one figure and nothing else."""
        figures = self.lexicon.index(cell.text).figures
        return len(figures) == 1 and (figures[0].begin, figures[0].end) == (0, len(cell.text))

    def _in_sentence(self, cell: TornCell) -> bool:
        """Whether a line is a piece of a paragraph with sentences, broken by its layout."""
        blocks = self.document.blocks
        around = (b for b in blocks if b.kind == "paragraph" and b.start <= cell.start < b.end)
        return any(re.search("[,。;]", self.document.text[b.start : b.end]) for b in around)

    def _in_table(self, cell: TornCell) -> bool:
        blocks = self.document.blocks
        return any(b.kind == "table" and b.start <= cell.start < b.end for b in blocks)

    def _pair(self, name: TornCell, cell: TornCell) -> None:
        """A bare number is a number of posts; all else prints its unit."""
        indicator = self._names(name.text)
        entry = self.lexicon.book.indicators[indicator]
        bare = self.lexicon.index(cell.text).figures[0].kind == "bare"
        if entry.kind == "score" or (bare and entry.counts != "posts"):
            return
        text = self.words.bare(name.text)
        claim = Claim(indicator, text, text, texts=(text,), rule="name-and-figure-a-line")
        held = GridCell(Cell(0, 0, cell.start, cell.end), cell.passage, "number")
        passage = Passage(name.text + cell.text, (*name.passage.offsets, *cell.passage.offsets))
        scope = replace(self.base, form=True)
        try:
            facts = Settling(self.lexicon, self.words, "").facts(claim, held, scope, len(name.text))
        except NotTakenError as refused:
            quote = self.document.text[cell.start : cell.end]
            self.refusals.append(
                TableRefusal(cell.start, cell.end, quote, refused.indicator, refused.reason)
            )
            return
        self.facts += [(fact, passage) for fact in facts]

    def _scope(self, cells: Sequence[TornCell], caption: str) -> Scope:
        """The scope of an account: with the one unit that it prints."""
        named = "".join(c.text for c in cells if not c.is_value)
        units = self.rules["unit"].findall(caption + named)
        return replace(self.base, unit=units[-1] if len(set(units)) == 1 else "", form=True)

    def cells(self, block: Block) -> list[TornCell]:
        """The filled cells of a table, in order."""
        return [cell for c in block.cells if (cell := self._cell(c.start, c.end)).text]

    def begun(self, block: Block) -> bool:
        """Whether figures of a table were read or refused already, a cell a line."""
        ends = [passage.offsets[-1] for _, passage in self.facts]
        ends += [refused.start for refused in self.refusals]
        return any(block.start <= end < block.end for end in ends)

    def unheaded(self, cells: Sequence[TornCell], above: str) -> None:
        """Reads the account whose rows are named and whose columns are told by the report only."""
        text, members = self.document.text, self.known.members
        if any(self.rules["scenario"].search(c.text) for c in cells):
            # The columns have heads.
            return
        names = [("" if c.is_value else self._names(c.text)) for c in cells]
        names = [name if name in members else "" for name in names]
        amounts = {cell: _amount(cell) for cell in cells if cell.is_value}
        scope = self._scope(cells, above)
        for rows in accounts(cells, names, self.known):
            wholes = rows.values[self.known.whole]
            told = [told_elsewhere(cell, text, self.lexicon) for cell in wholes]
            for place, scenario in enumerate(scenarios_of(rows, self.known, amounts, told)):
                for name, cell in rows.column(place).items():
                    if re.search(r"\d", cell.text):
                        self._fact(name, scenario, cell, scope)

    def account(self, cells: Sequence[TornCell], caption: str) -> None:
        """Reads the rows below the account's head whose sums hold, and refuses the others."""
        scope = self._scope(cells, caption)
        head: Head | None = None
        names: list[str] = []
        rows: list[list[TornCell]] = []
        for is_value, run in groupby(cells, lambda cell: cell.is_value):
            row = list(run)
            if is_value:
                rows += [row] if head else []
                continue
            told = self._head("".join(cell.text for cell in row))
            if told:
                # Another head begins another table.
                self._rows(head, names, rows, scope)
                head, names, rows = told, [], []
            names += [row[-1].text] if head else []
        self._rows(head, names, rows, scope)

    def _rows(
        self, head: Head | None, names: list[str], rows: list[list[TornCell]], scope: Scope
    ) -> None:
        """Reads the rows below a head: of a year, of the whole, or the only one, whatever its name."""
        for name, row in zip(names, rows, strict=False):
            year = self.rules["year"].fullmatch(name)
            whole = self.rules["whole_row"].fullmatch(name) or (
                name is names[0] and self._heads(name)
            )
            if head and (year or whole or len(rows) == 1):
                here = replace(scope, year=int(year.group(1))) if year else scope
                self._row(_without_numbers(row), head, here)

    def _heads(self, text: str) -> bool:
        """Whether a text is a head of the account, and so names no row."""
        labels = {t.value for t in self.lexicon.labels(text)}
        scenario = self.rules["scenario"].search(text) is not None
        return bool(labels & set(self.known.members)) or scenario

    def _row(self, row: Sequence[TornCell], head: Head, scope: Scope) -> None:
        columns = dealt([_amount(cell) for cell in row], head, self.known)
        for (indicator, scenario), cell in zip(columns, row, strict=False):
            if re.search(r"\d", cell.text):
                self._fact(indicator, scenario, cell, scope)
        if not columns:
            self._unproved(row, head)

    def _unproved(self, row: Sequence[TornCell], head: Head) -> None:
        """Refuses a row; in a table only one that fits the head, if nothing else tells its places."""
        fits = any(True for _ in head.columns(self.known, len(row)))
        if self.table is not None and not (self.table.ragged and fits):
            return
        filled = [cell for cell in row if re.search(r"\d", cell.text)]
        self.refusals += [self._refusal(c.start, c.end, "info") for c in filled]
        if filled:
            self.refusals.append(self._refusal(filled[0].start, filled[-1].end, "warning"))

    def _refusal(self, start: int, end: int, severity: str) -> TableRefusal:
        quote = self.document.text[start:end]
        return TableRefusal(start, end, quote, self.known.whole, _UNPROVED, severity)

    def _head(self, text: str) -> Head | None:
        """What the headings of an account name, in order, run together; None for another table's."""
        known = self.known
        labels = [t for t in self.lexicon.labels(text) if t.type in ("label", "short")]
        named = [t.value for t in labels if t.value in (*known.parts, *known.divisions)]
        if [t.value for t in labels[-1:]] != named[-1:]:
            return None
        tops = tuple(name for name in named if name in known.parts)
        below = tuple(name for name in named if name in known.divisions)
        first, children = tops[: len(known.parts)], below[: len(known.divisions)]
        times = len(tops) // len(known.parts)
        if times not in (1, 2) or tops != first * times or set(first) != set(known.parts):
            return None
        if not self._divided(below, children, times):
            return None
        roles = tuple(self.words.role(m.group()) for m in self.rules["scenario"].finditer(text))
        last = max((t.start for t in labels if t.value in known.parts), default=0)
        behind = bool(self.rules["total"].search(text, last)) and not self._whole_before(text, last)
        return Head(first, children, times, roles, behind)

    def _whole_before(self, text: str, end: int) -> bool:
        """Whether a heading names the whole before a place."""
        labels = self.lexicon.labels(text[:end])
        named = any(t.value == self.known.whole for t in labels)
        return named or self.rules["total"].search(text, 0, end) is not None

    def _divided(self, below: tuple[str, ...], children: tuple[str, ...], times: int) -> bool:
        """Whether the heads below the one that is divided name its divisions, once or twice."""
        divisions = self.known.divisions
        if below != children * (len(below) // max(len(divisions), 1)):
            return False
        return not children or (
            set(children) == set(divisions)
            and len(below) in (len(divisions), times * len(divisions))
        )

    def _fact(self, indicator: str, scenario: str, cell: TornCell, scope: Scope) -> None:
        label = self.lexicon.book.indicators[indicator].name_zh
        told = "" if not scenario else self.words.columns[scenario][0]
        claim = Claim(
            indicator, label, rule="column-proved-by-its-sums", scenario=scenario, told=told
        )
        settling = Settling(self.lexicon, self.words, scope.unit)
        held = GridCell(Cell(0, 0, cell.start, cell.end), cell.passage, "number")
        try:
            facts = settling.facts(claim, held, scope, 0)
        except NotTakenError as refused:
            quote = self.document.text[cell.start : cell.end]
            self.refusals.append(
                TableRefusal(cell.start, cell.end, quote, refused.indicator, refused.reason)
            )
            return
        self.facts += [(fact, cell.passage) for fact in facts]


def _numbers_columns(texts: Sequence[str]) -> bool:
    """Whether texts are 1 2 3 …, maybe behind a name."""
    numbers = texts if texts[0].isdigit() else texts[1:]
    return [*numbers] == [str(n + 1) for n in range(len(numbers))]


def _without_numbers(row: Sequence[TornCell]) -> Sequence[TornCell]:
    """A run of values without the numbers of the columns that it begins with."""
    half = len(row) // 2
    first = next(
        (n for n in range(len(row), 2, -1) if _numbers_columns([c.text for c in row[:n]])), 0
    )
    return row[first:] if 2 < first <= half else row


def _amount(cell: TornCell) -> Decimal:
    digits = cell.text.replace(",", "")
    return Decimal(digits) if re.search(r"\d", digits) else Decimal(0)
