"""The grid of a table: its cells, its rows, the unit of its amounts, and which rows are heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.reading.index import Lexicon, Passage, tighten
from ingest.reading.tables.names import name_of
from ingest.reading.tables.wording import SCENARIOS, Wording, wording_of
from ingest.records import Block, Cell, Document

SIGNS = ("≥", "≤", ">", "<", "=")


@dataclass(frozen=True)
class GridCell:
    """One cell: `kind` is empty, dash, number or text."""

    cell: Cell
    passage: Passage
    kind: str

    @property
    def text(self) -> str:
        """The tightened text."""
        return self.passage.text

    @property
    def is_value(self) -> bool:
        """Whether the cell holds a figure, or the mark for none."""
        return self.kind in ("number", "dash")


Row = list[GridCell]


class Grid:
    """The rows of a table, read by place where it has coordinates (`ragged`: where not)."""

    def __init__(self, document: Document, block: Block, caption: str, lexicon: Lexicon) -> None:
        self.document, self.block, self.caption = document, block, caption
        self.lexicon = lexicon
        self.words: Wording = wording_of(lexicon)
        self.ragged = block.ragged
        # Rows in which line numbers and figures cannot be told apart, by where they start.
        self.doubtful: set[int] = set()
        rows = self._paired(self._rechunked(self._cells()))
        self.rows = self._joined_heads(self._without_line_numbers(rows))
        # The wordy cells that reach over rows below, with the rows they stand in.
        self.tall = [
            (row, cell)
            for row in self.rows
            for cell in row
            if cell.cell.rows > 1 and cell.kind == "text"
        ]
        self.unit = self._table_unit()

    # --- rows --------------------------------------------------------------------------------

    def _cells(self) -> list[Row]:
        rows: dict[int, Row] = {}
        for cell in self.block.cells:
            rows.setdefault(cell.row, []).append(self.cell_of(cell))
        return [sorted(rows[r], key=lambda c: c.cell.column) for r in sorted(rows)]

    def cell_of(self, cell: Cell) -> GridCell:
        """A cell with its text and kind."""
        passage = tighten(self.document.text, cell.start, cell.end)
        broken = self.words.rules["broken_number"].fullmatch(passage.text)
        if broken:
            # A line ended behind its point.
            gap = passage.text.index(" ")
            text = passage.text.replace(" ", "")
            passage = Passage(text, passage.offsets[:gap] + passage.offsets[gap + 1 :])
        return GridCell(cell, passage, self._kind(passage.text))

    def piece_of(self, cell: GridCell, start: int, end: int) -> GridCell:
        """A piece of a cell, text[start:end] of it, as a cell."""
        passage = Passage(cell.text[start:end], cell.passage.offsets[start:end])
        place = replace(cell.cell, start=passage.offsets[0], end=passage.offsets[-1] + 1)
        return GridCell(place, passage, self._kind(passage.text))

    def _kind(self, text: str) -> str:
        if not text.strip():
            return "empty"
        if self.words.rules["dash"].fullmatch(text):
            return "dash"
        figures = self.lexicon.index(text).figures
        if len(figures) == 1 and figures[0].kind not in ("other", "points", "range"):
            quantity = figures[0].quantity
            rest = text[: quantity.start] + text[quantity.end :]
            if self.words.rules["around_number"].fullmatch(rest):
                return "number"
        return "text"

    def _rechunked(self, grid: list[Row]) -> list[Row]:
        """A table whose rows ran together: a head, then a name and its figures, over and over."""
        if not self.ragged:
            return grid
        out: list[Row] = []
        for place, row in enumerate(grid):
            head = self._run_together(row)
            if head and place == 0 and len(grid) <= 3 and self._names_and_values(grid[1:]):
                return [row[:head], *self._records([row[head:], *grid[1:]])]
            out += self._records_of_one(row, head) if head else self._parted(row, out)
        return out

    def _parted(self, row: Row, above: Sequence[Row]) -> list[Row]:
        """The rows of one longer than the head above: each a name and a figure a head of years."""
        head = next((r for r in reversed(above) if self.is_head(r)), [])
        records = self._records([row])
        years = sum(self.words.is_year(c.text) for c in head)
        noted = records[:-1] if not any(c.is_value for c in records[-1]) else records
        counts = {sum(c.is_value for c in record) for record in noted}
        regular = counts == {years} and years > 1 and all(r[0].kind == "text" for r in records)
        return records if regular and len(row) > len(head) else [row]

    def _run_together(self, row: Row) -> int:
        """How many cells are the head of a row that holds rows of figures, too; 0 if it is none."""
        if len(row) < 6:
            return 0
        head = next((i for i, c in enumerate(row) if i and self._ends_head(row, i)), 0)
        return head if head > 1 else 0

    def _ends_head(self, row: Row, place: int) -> bool:
        """Whether row[:place] is a head: words only, and then a name and a figure."""
        following = [c.kind for c in row[place : place + 2]]
        named = following in (["text", "number"], ["text", "dash"])
        year = self.words.rules["head_year"]
        roles = any(self.words.role(c.text) in SCENARIOS or year.match(c.text) for c in row[:place])
        return named and roles and all(c.kind == "text" for c in row[:place])

    def _names_and_values(self, rows: Sequence[Row]) -> bool:
        return all(row and row[0].kind == "text" for row in rows)

    def _records(self, rows: Sequence[Row]) -> list[Row]:
        """The rows of several that ran together: each begins with its name."""
        out: list[Row] = []
        for row in rows:
            for place, cell in enumerate(row):
                named = cell.kind == "text" and (place == 0 or row[place - 1].kind != "text")
                if named or not out:
                    out.append([])
                out[-1].append(cell)
        return out

    def _records_of_one(self, row: Row, width: int) -> list[Row]:
        """The rows of one that ran together: the head, rows as long as it, and what follows them."""
        parts = [row[:width]]
        for at in range(width, len(row), width):
            part = row[at : at + width]
            if (
                len(part) < width
                or part[0].kind != "text"
                or any(c.kind == "text" for c in part[1:])
            ):
                break
            parts.append(part)
        rest = row[width * len(parts) :]
        if len(parts) < 3 or (rest and rest[0].kind != "text"):
            return [row]
        return [*parts, *self._records([rest])]

    def _without_line_numbers(self, grid: list[Row]) -> list[Row]:
        """The rows of a final account without their line numbers, where these are sure.

        Accounts of appropriations alone keep them, and are refused: their totals are a part only.
        """
        words = self.words.tables
        told = words["line_number"] in self.caption or any(
            c.text == words["line_number"] for row in grid for c in row
        )
        if any(w in self.caption for w in words["of_a_part"]):
            self.doubtful = {row[0].cell.start for row in grid if told}
            return grid
        width = max(map(len, grid), default=0)
        full = [row for row in grid if len(row) == width and _numbers_line(row, 1)]
        two = width > 5 and all(_numbers_line(row, 4) or not row[4].text for row in full)
        sides = (1, 4) if two else (1,)
        for place in sides:
            numbers = [int(row[place].text) for row in full if row[place].text]
            if not told or len(full) < 2 or any(a >= b for a, b in pairwise(numbers)):
                return grid
        self.doubtful = {
            row[0].cell.start
            for row in grid
            if row not in full and any(_numbers_line(row, n) for n in range(1, len(row)))
        }
        return [
            [c for i, c in enumerate(row) if i not in sides] if row in full else row for row in grid
        ]

    def _paired(self, grid: list[Row]) -> list[Row]:
        """A form a cell a line: a name alone and the one figure in the row below are a row."""
        if not self.ragged or len(grid) < 2:
            return grid
        alone = [filled[0] if len(filled := _filled(row)) == 1 else None for row in grid]
        names = [c is not None and c.kind == "text" and self.names_wholly(c.text) for c in alone]
        values = [c is not None and c.kind == "number" for c in alone]
        out: list[Row] = []
        for place, row in enumerate(grid):
            before = place > 0 and names[place - 1]
            opens = place < 2 or not names[place - 2]
            after = place + 1 < len(grid) and values[place + 1]
            if values[place] and before and opens and not after:
                out[-1] = [*_filled(out[-1]), *_filled(row)]
            else:
                out.append(row)
        return out

    def names_wholly(self, text: str) -> bool:
        """Whether a text is the name of an indicator and nothing else."""
        name = name_of(self.words.bare(text), self.lexicon)
        return (
            bool(name.indicator)
            and name.label is not None
            and len(name.label.text) * 2 > len(name.text)
        )

    def _joined_heads(self, grid: list[Row]) -> list[Row]:
        """Joins head rows torn apart inside their words into one."""
        out: list[Row] = []
        at = 0
        while at < len(grid):
            taken = next(
                (n for n in (3, 2) if len(grid) >= at + n and self._torn_words(grid[at : at + n])),
                1,
            )
            out.append(self._glue(grid[at : at + taken]) if taken > 1 else grid[at])
            at += taken
        return out

    def _torn_words(self, rows: Sequence[Row]) -> bool:
        if any(c.kind == "number" for row in rows for c in row):
            return False
        if len(rows[0]) < 4 or any(len(row) > len(rows[0]) for row in rows):
            return False
        role = self.words.role
        alone = sum(role(c.text) in SCENARIOS for row in rows for c in row)
        joined = sum(role(c.text) in SCENARIOS for c in self._glue(rows))
        return joined >= 2 and joined > alone

    def _glue(self, rows: Sequence[Row]) -> Row:
        out = []
        for place, cell in enumerate(rows[0]):
            parts = [row[place] for row in rows if place < len(row)]
            text = "".join(p.text for p in parts)
            offsets = tuple(o for p in parts for o in p.passage.offsets)
            out.append(GridCell(cell.cell, Passage(text, offsets), "text" if text else "empty"))
        return out

    def _table_unit(self) -> str:
        """The unit of amounts that caption or cells prescribe, "" where none or several do."""
        words = [self.caption, *(c.text for row in self.rows for c in row if c.kind == "text")]
        for rule in ("caption_unit", "cell_unit"):
            units = {u for w in words for u in self.words.rules[rule].findall(w)}
            if units:
                return units.pop() if len(units) == 1 else ""
        return ""

    # --- heads -------------------------------------------------------------------------------

    def is_head(self, row: Row) -> bool:
        """A head row names roles or indicators and holds neither a figure nor a sentence."""
        words = self.words
        if any(c.kind == "number" and not words.is_year(c.text) for c in row):
            return False
        filled = [c for c in row if c.kind in ("text", "number")]
        if not filled or any(len(c.text) > 40 for c in filled):
            return False
        if self._heads_values(filled):
            return len(filled) >= 2 or len(row) == 2
        if self._heads_sources(row, filled):
            return True
        return self._heads_groups(filled) or self._heads_indicators(filled)

    def _heads_sources(self, row: Row, filled: Row) -> bool:
        """Whether a row names sources of funds beside their whole."""
        words = self.words
        sources = [c for c in filled if words.role(c.text) == "source"]
        whole = [c for c in filled if words.is_total(c.text)]
        others = len(filled) - len(sources) - len(whole)
        stating = any(self.lexicon.index(c.text).figures for c in filled)
        apart = len(sources) > 1 or not words.is_total(row[0].text)
        return bool(sources and whole) and others <= 1 and apart and not stating

    def _heads_values(self, filled: Row) -> bool:
        words = self.words
        roles = ("score", "weight", "change", "share", *SCENARIOS)
        values = [c for c in filled if words.role(c.text) in roles or words.is_year(c.text)]
        stating = any(
            self.lexicon.index(c.text).figures
            and not words.role(c.text)
            and not words.is_year(c.text)
            for c in filled
        )
        return bool(values) and not stating

    def _heads_groups(self, filled: Row) -> bool:
        words = self.words
        groups = [
            c
            for c in filled
            if words.has_group(c.text)
            or words.role(c.text) == "label"
            or c.text in words.total
            or any(w in c.text for w in words.tables.get("schemes", ()))
        ]
        if any(c.text in words.frame for c in filled) and any(
            self.labelled(c.text) for c in filled
        ):
            # The kind of an indicator and its name: a row without its figures.
            return False
        return len(groups) >= 2 and len(groups) == len(filled) and not self.labelled(filled[0].text)

    def _heads_indicators(self, filled: Row) -> bool:
        words = self.words
        labelled = [c for c in filled if self.labelled(c.text)]
        framing = [c for c in filled if c.text in words.total or words.role(c.text) == "label"]
        return (
            len(labelled) >= 2
            and (len(labelled) + len(framing)) * 2 >= len(filled)
            and not any(self.lexicon.index(c.text).figures for c in filled)
        )

    def labelled(self, text: str) -> str:
        """The indicator that a text names by a label, "" for none."""
        return name_of(text, self.lexicon).indicator

    def head_line(self, text: str, start: int) -> list[Row]:
        """The head that a flattened table left in the line before it, if it fits the columns."""
        pieces = text.split()
        if not self.ragged or not self.rows or len(pieces) != len(self.rows[0]):
            return []
        if self.is_head(self.rows[0]):
            return []
        cells, at = [], 0
        for place, piece in enumerate(pieces):
            at = text.index(piece, at)
            cells.append(self.cell_of(Cell(-1, place, start + at, start + at + len(piece))))
            at += len(piece)
        return [cells] if self.is_head(cells) else []

    def expanded(self, row: Row, above: Row) -> Row:
        """A second head row that lost its blanks, laid under the spans of the row above it."""
        spans = [
            i
            for i, c in enumerate(above)
            if not c.text or (i + 1 < len(above) and not above[i + 1].text)
        ]
        filled = [c for c in row if c.text]
        if not self.ragged or len(row) >= len(above) or len(filled) != len(spans):
            return row
        laid = iter(filled)
        blank = GridCell(row[0].cell, Passage("", ()), "empty")
        return [next(laid) if i in spans else blank for i in range(len(above))]

    def is_second_level(self, row: Row) -> bool:
        """Short names that mean something only under the head above."""
        filled = [c for c in row if c.kind != "empty"]
        return len(filled) > 1 and all(
            c.kind == "text"
            and not self.lexicon.index(c.text).figures
            and (c.text in self.words.rows["subtotal"] or bool(self.lexicon.labels(c.text)))
            for c in filled
        )

    def goes_on(self, row: Row, above: Row) -> bool:
        """Whether a head row directly under another is its second level."""
        if not self.ragged or len(row) == len(above):
            return True
        return not any(self.words.role(c.text) == "label" for c in row if c.text)


def _filled(row: Row) -> Row:
    return [c for c in row if c.kind != "empty"]


def _numbers_line(row: Row, place: int) -> bool:
    if len(row) < place + 2:
        return False
    text = row[place].text
    return text.isdigit() and len(text) <= 3 and row[place - 1].kind == "text"


def counts_columns(row: Row) -> bool:
    """Whether a row of numbers 1, 2, 3 … numbers the columns."""
    numbers = [c.text for c in row if c.kind == "number"]
    return len(numbers) > 2 and numbers == [str(n + 1) for n in range(len(numbers))]
