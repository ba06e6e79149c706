"""Accounts whose cells kept nothing but their order: all headings first, and the values after.

Copied cell by cell or row by row, the national account of three-public spending loses which heading
stands over which value. Its columns are known all the same: the headings name them in order, those
of the vehicles below the vehicles; and the values prove it, since the whole is the sum of its parts
twice over. Values that prove nothing are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from ingest.codebook.model import Codebook
from ingest.reading.index import Lexicon, Passage, tighten
from ingest.reading.state import Fact, Scope
from ingest.reading.tables.grid import GridCell
from ingest.reading.tables.names import name_of
from ingest.reading.tables.proof import adds_up
from ingest.reading.tables.reader import TableRefusal
from ingest.reading.tables.settling import Claim, NotTakenError, Settling
from ingest.reading.tables.wording import wording_of
from ingest.records import Cell, Document

_LONGEST_CELL = 30
_VALUE = re.compile(r"-?\d[\d,]*(?:\.\d+)?|[-—/]{1,4}")
_UNPROVED = "headings and values stand apart, and no sum proves which value is under which heading"
_FURTHER = 4
"""Columns that may follow the account's own."""
_CAPTION = 240
Torn = tuple[list[tuple[Fact, Passage]], list[TableRefusal]]


@dataclass(frozen=True)
class _Cell:
    """A line with nothing but one cell, tightened."""

    passage: Passage
    start: int
    end: int
    is_value: bool

    @property
    def text(self) -> str:
        return self.passage.text


@dataclass(frozen=True)
class _Account:
    """What the account consists of: its whole, the parts, and the parts of the one that has some."""

    whole: str
    parts: tuple[str, ...]
    divided: str
    divisions: tuple[str, ...]


def read_torn(document: Document, scope: Scope, lexicon: Lexicon) -> Torn:
    """The facts of all such accounts in a flattened text; none for formats that keep the places.

    `scope` is the document's. Where a fact or a refusal ends at the place of one that `read_table`
    made, it takes that one's place: only the sums tell which heading a value has.
    """
    account = _account(lexicon.book)
    if document.format != "text" or account is None:
        return [], []
    reader = _Torn(document, scope, lexicon, account)
    reader.pairs()
    caption = ""
    for is_cell, lines in groupby(reader.lines(), lambda line: isinstance(line, _Cell)):
        if is_cell:
            reader.account([line for line in lines if isinstance(line, _Cell)], caption)
        else:
            caption = "".join(line for line in lines if isinstance(line, str))[-_CAPTION:]
    return reader.facts, reader.refusals


def _account(book: Codebook) -> _Account | None:
    sums = {t.whole: t.parts for t in book.sums if t.by == "kind"}
    whole = book.of_role("three_public")
    parts = sums.get(whole, ())
    divided = next((p for p in parts if p in sums), "")
    return _Account(whole, parts, divided, sums.get(divided, ())) if parts else None


@lru_cache(maxsize=4)
def _rules(expressions: tuple[tuple[str, str], ...]) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(expression) for name, expression in expressions}


class _Torn:
    """Reads the accounts of one document."""

    def __init__(
        self, document: Document, scope: Scope, lexicon: Lexicon, account: _Account
    ) -> None:
        self.document, self.base, self.lexicon, self.known = document, scope, lexicon, account
        self.rules = _rules(tuple(lexicon.book.words["expressions"]["torn"].items()))
        self.words = wording_of(lexicon)
        self.facts: list[tuple[Fact, Passage]] = []
        self.refusals: list[TableRefusal] = []

    def lines(self) -> Iterable[_Cell | str]:
        """The cells of the lines of the text, and the tightened words of all other lines.

        A line holds one cell, or several of heads or of values with blanks between; numbers of
        columns are none. A cell with a tab or a bar stands in a table whose rows are known.
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

    def _cell(self, start: int, end: int) -> _Cell:
        passage = tighten(self.document.text, start, end)
        return _Cell(passage, start, end, bool(_VALUE.fullmatch(passage.text)))

    def _is_row(self, line: str, cells: Sequence[_Cell]) -> bool:
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
        cells = [line for line in self.lines() if isinstance(line, _Cell)]
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

    def _figure(self, cell: _Cell) -> bool:
        """Whether a line holds one figure and nothing else."""
        figures = self.lexicon.index(cell.text).figures
        return len(figures) == 1 and (figures[0].begin, figures[0].end) == (0, len(cell.text))

    def _in_sentence(self, cell: _Cell) -> bool:
        """Whether a line is a piece of a paragraph with sentences, broken by its layout."""
        blocks = self.document.blocks
        around = (b for b in blocks if b.kind == "paragraph" and b.start <= cell.start < b.end)
        return any(re.search("[,。;]", self.document.text[b.start : b.end]) for b in around)

    def _in_table(self, cell: _Cell) -> bool:
        blocks = self.document.blocks
        return any(b.kind == "table" and b.start <= cell.start < b.end for b in blocks)

    def _pair(self, name: _Cell, cell: _Cell) -> None:
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

    def account(self, cells: Sequence[_Cell], caption: str) -> None:
        """Reads the rows below the account's head whose sums hold, and refuses the others."""
        named = "".join(c.text for c in cells if not c.is_value)
        units = self.rules["unit"].findall(caption + named)
        scope = replace(self.base, unit=units[-1] if len(set(units)) == 1 else "", form=True)
        head: list[_Cell] = []
        columns: list[tuple[str, str]] = []
        name = ""
        for is_value, run in groupby(cells, lambda cell: cell.is_value):
            row = list(run)
            if not is_value:
                name = row[-1].text
                told = self._columns("".join(cell.text for cell in row))
                # Row names stand between the rows; another head begins another table.
                head, columns = (row, told) if told else (head, columns)
                continue
            year = self.rules["year"].fullmatch(name)
            if columns and (not head or name == head[-1].text or year):
                here = replace(scope, year=int(year.group(1))) if year else scope
                self._row(row, columns, here)

    def _row(self, row: Sequence[_Cell], columns: Sequence[tuple[str, str]], scope: Scope) -> None:
        fits = len(columns) <= len(row) <= len(columns) + _FURTHER
        if not fits or not self._proved(columns, [_amount(cell) for cell in row]):
            self.refusals += [
                TableRefusal(
                    c.start,
                    c.end,
                    self.document.text[c.start : c.end],
                    self.known.whole,
                    _UNPROVED,
                    "warning",
                )
                for c in row
                if re.search(r"\d", c.text)
            ]
            return
        for (indicator, scenario), cell in zip(columns, row, strict=False):
            if re.search(r"\d", cell.text):
                self._fact(indicator, scenario, cell, scope)

    def _columns(self, head: str) -> list[tuple[str, str]]:
        """(indicator, scenario) of the columns that a head names, in order; [] if it is another's.

        The head runs together: first the columns of the upper row, then those below the vehicles.
        """
        known = self.known
        labels = [t.value for t in self.lexicon.labels(head) if t.type in ("label", "short")]
        named = [name for name in labels if name in (*known.parts, *known.divisions)]
        if labels[-1:] != named[-1:]:
            return []
        tops = [name for name in named if name in known.parts]
        below = [name for name in named if name in known.divisions]
        first, children = tops[: len(known.parts)], below[: len(known.divisions)]
        times = len(tops) // len(known.parts)
        if times not in (1, 2) or tops != first * times or set(first) != set(known.parts):
            return []
        if not self._divided(below, children, times):
            return []
        scenarios = self._scenarios(head) if times == 2 else [""]
        leaves = [known.whole]
        for name in first:
            leaves += [name, *children] if name == known.divided else [name]
        return [(leaf, scenario) for scenario in scenarios for leaf in leaves]

    def _divided(self, below: list[str], children: list[str], times: int) -> bool:
        """Whether the heads below the one that is divided name its divisions, once or twice."""
        divisions = self.known.divisions
        if below != children * (len(below) // max(len(divisions), 1)):
            return False
        return not children or (
            set(children) == set(divisions)
            and len(below) in (len(divisions), times * len(divisions))
        )

    def _scenarios(self, head: str) -> list[str]:
        roles = [self.words.role(word) for word in self.rules["scenario"].findall(head)]
        return roles if sorted(roles) == ["actual", "budget"] else []

    def _proved(self, columns: Sequence[tuple[str, str]], amounts: Sequence[Decimal]) -> bool:
        """Whether whole and parts add up in every account of a row."""
        known = self.known
        names = list(dict.fromkeys(name for name, _ in columns))
        for at in range(0, len(columns), len(names)):
            row = dict(zip(names, amounts[at : at + len(names)], strict=True))
            divisions = [row[name] for name in known.divisions if name in row]
            if not row[known.whole] or not adds_up(row[known.whole], [row[p] for p in known.parts]):
                return False
            if divisions and not adds_up(row[known.divided], divisions):
                return False
        return True

    def _fact(self, indicator: str, scenario: str, cell: _Cell, scope: Scope) -> None:
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


def _amount(cell: _Cell) -> Decimal:
    digits = cell.text.replace(",", "")
    return Decimal(digits) if re.search(r"\d", digits) else Decimal(0)
