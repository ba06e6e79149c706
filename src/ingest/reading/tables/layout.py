"""Which cell of a row stands in which column.

A table with coordinates is laid by place. Where flattening kept only the order of the cells, a row
is laid by counting its figures; one that lost a cell is laid where its identities hold, and else
left to be refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ingest.reading.tables.columns import Column, Columns
from ingest.reading.tables.glued import part
from ingest.reading.tables.grid import SIGNS, Grid, GridCell, Row
from ingest.reading.tables.names import parts_of
from ingest.reading.tables.proof import judge
from ingest.reading.tables.wording import SCENARIOS, VALUES

Laid = dict[int, Column]
_TOLD = ("target", "actual")
_MOST = 14
"""A head of more columns is laid by counting only: there are too many ways to try."""


class Layout:
    """Lays rows under the head rows that hold."""

    def __init__(self, grid: Grid, columns: Columns, head: list[Row]) -> None:
        self.grid, self.columns = grid, columns
        self.words = grid.words
        self.head = self._aligned(head) if grid.ragged else head
        self._seen: dict[tuple[int, int, int], Column] = {}

    def lay(self, row: Row) -> tuple[Laid | None, bool]:
        """For each cell of a row (by its place in it) its column, and whether identities prove it.

        None when the row does not fit the head by any safe reading, {} where there is no head.
        """
        if not self.head:
            return {}, False
        if not self.grid.ragged:
            above = {i: self._above(c) for i, c in enumerate(row)}
            # The places of a text are those of its blanks: they may be one column off.
            if self.grid.document.format != "text" or self._fits(row, above):
                return above, False
            return self._by_sequence(row) or self._proved(row) or above, False
        laid = self._by_counting(row)
        lexicon = self.grid.lexicon
        if laid is not None and not self._fits(row, laid):
            laid = self._by_sequence(row)
        if laid and self._fits(row, laid):
            verdict = judge(row, laid, lexicon)
            if not verdict.broken:
                return laid, verdict.proved > 0
            if len(self.head) > 1 or not self._sure(row, laid):
                # Nobody can tell which upper head a lower one stands under, or what was lost.
                return self._proved(row), False
            return (self._proved(row) or laid), False
        if laid == {}:
            return {}, False
        proved = self._proved(row)
        return proved, proved is not None

    def _aligned(self, head: list[Row]) -> list[Row]:
        """Head rows whose lost spans the blanks of the row below show, made as long as it."""
        out = head[-1:]
        for upper in reversed(head[:-1]):
            below = out[0]
            wide = upper if len(upper) == len(below) else _over_blanks(upper, below)
            wide = wide or _over_periods(upper, below)
            if not wide:
                return head
            out = [wide, *out]
        return out

    # --- by place ------------------------------------------------------------------------------

    def _above(self, cell: GridCell) -> Column:
        first, last = cell.cell.column, cell.cell.column + cell.cell.columns
        key = (first, last, len(self.columns.above))
        if key not in self._seen:
            over: Row = []
            for row in self.head:
                level = [
                    h
                    for h in row
                    if h.text and h.cell.column < last and first < h.cell.column + h.cell.columns
                ]
                # A cell below several heads of a level is of what stands over all of them.
                over += level if len(level) < 2 or not over else []
            self._seen[key] = self.columns.of(over, self.head[-1])
        return self._seen[key]

    # --- by counting ---------------------------------------------------------------------------

    def _by_counting(self, row: Row) -> Laid | None:
        if len(self.head) > 1 and len({len(level) for level in self.head}) > 1:
            return self._torn(row) if self._tells_more(self.head[:-1]) else self._flat(row)
        return self._flat(row)

    def _tells_more(self, upper: list[Row]) -> bool:
        """Whether head rows whose places are lost tell a year, a scenario or a group."""
        words = self.words
        return any(
            words.role(h.text) in SCENARIOS
            or words.has_group(h.text)
            or words.is_year(h.text)
            or bool(self.grid.labelled(h.text))
            for row in upper
            for h in row
        )

    def _flat(self, row: Row) -> Laid | None:
        """A row below one head row, or several of one length."""
        head = self.head[-1]
        if len(row) == len(head):
            if self._stands_apart(row, head) or self._share_of_money(row, head):
                return self._by_sequence(row)
            if self._lost_first(row, head):
                return {i: self._counted(i + 1) for i in range(len(row) - 1)}
            return {i: self._counted(i) for i in range(len(row))}
        unnamed = not any(self.words.role(h.text) == "label" for h in head)
        opens = bool(head) and (self.columns.is_value(head[0]) or self._of_group(head[0]))
        if len(row) == len(head) + 1 and row[0].kind == "text" and unnamed and opens:
            # The blank over the column of names was lost.
            return {i + 1: self._single(h) for i, h in enumerate(head)}
        if self._spans_names(row, head):
            first = len(row) - len(head)
            return {first + i: self._single(h) for i, h in enumerate(head) if i}
        return self._shifted(row, head) or self._by_sequence(row)

    def _of_group(self, head: GridCell) -> bool:
        return self.words.has_group(head.text) or head.text in self.words.total

    def _single(self, head: GridCell) -> Column:
        return self.columns.of([head], self.head[-1])

    def _counted(self, place: int) -> Column:
        """The column at a place of a counted row; blanks of the upper rows are spans."""
        over = []
        for depth, row in enumerate(self.head):
            if len(row) != len(self.head[-1]):
                continue
            at = place
            while depth < len(self.head) - 1 and at > 0 and not row[at].text:
                at -= 1
            over.append(row[at])
        return self.columns.of(over, self.head[-1])

    def _lost_first(self, row: Row, head: Row) -> bool:
        """Whether a row as long as its head lost the first of two cells over names, and has a blank
        at its end for it: its first figure stands under the second head of names.
        """
        if len(row) < 4 or row[-1].kind != "empty" or row[0].kind != "text":
            return False
        over = [self.columns.is_value(h) for h in head[:3]]
        return row[1].is_value and bool(head[1].text) and over == [False, False, True]

    def _share_of_money(self, row: Row, head: Row) -> bool:
        """Whether a percentage stands below a head of amounts: the row lost a cell before it."""
        money = self.words.rules["money_head"]
        return any(
            "%" in c.text and c.kind == "number" and money.fullmatch(h.text)
            for c, h in zip(row, head, strict=True)
        )

    def _stands_apart(self, row: Row, head: Row) -> bool:
        """Whether a row as long as its head begins with its name and ends with a figure, but the
        head has a column of figures over the name, or ends with none: the cells are not below it.
        """
        if row[-1].kind != "number":
            return False
        role = self.words.role
        last = head[-1].text
        names = [c.kind == "text" and bool(c.text) and not self.words.states(c.text) for c in row]
        over = [role(h.text) in SCENARIOS for h in head]
        if role(last) == "note":
            return any(
                name and value and bool(self.grid.labelled(c.text))
                for name, value, c in zip(names, over, row, strict=True)
            )
        none = role(last) not in VALUES and not last.endswith(
            tuple(self.words.tables["figure_heads"])
        )
        return names[0] and over[0] and none

    def _spans_names(self, row: Row, head: Row) -> bool:
        """Whether the head's first cell stands over all names of a longer row, and the others over
        its figures."""
        names, figures = row[: 1 - len(head)], row[1 - len(head) :]
        return (
            len(head) > 2
            and len(row) > len(head)
            and names[-1].kind == "text"
            and all(c.kind in ("text", "empty") and not self.words.states(c.text) for c in names)
            and all(c.is_value for c in figures)
            and all(self.columns.is_value(h) for h in head[1:])
        )

    def _shifted(self, row: Row, head: Row) -> Laid | None:
        """A row that lost empty cells at one end: the one shift that puts figures under value heads."""
        holds = set(self._value_places())
        stated = [self.words.states(c.text) or c.is_value for c in row]
        if len(row) > len(head) or sum(stated) != len(holds) or not any(stated):
            # With a figure missing nobody can tell which one.
            return None
        fitting = [
            shift
            for shift in {0, len(head) - len(row)}
            if self._under(row, stated, [n in holds for n in range(shift, shift + len(row))], shift)
        ]
        if len(fitting) != 1:
            return None
        return {i: self._counted(fitting[0] + i) for i in range(len(row))}

    def _under(self, row: Row, stated: list[bool], holds: list[bool], shift: int) -> bool:
        role, head = self.words.role, self.head[-1]
        return all(
            h == s or (not s and (c.kind == "empty" or role(head[shift + n].text) == "note"))
            for n, (s, h, c) in enumerate(zip(stated, holds, row, strict=True))
        )

    def _by_sequence(self, row: Row) -> Laid | None:
        """Values from left to right under the value columns, when there are as many of both."""
        values = [i for i, c in enumerate(row) if c.is_value]
        named = next((i for i, c in enumerate(row) if c.kind == "text"), 0)
        if named and all(c.text.isdigit() for c in row[:named]):
            # What numbers the rows is no figure.
            values = [i for i in values if i > named]
        if not values:
            return self._goal_and_result(row)
        places = self._value_places()
        if len(values) != len(places):
            return None
        return {i: self._counted(place) for i, place in zip(values, places, strict=True)}

    def _goal_and_result(self, row: Row) -> Laid:
        """A row of sentences with figures: as many as the heads that tell goals and results."""
        told = [i for i, c in enumerate(row) if c.kind == "text" and self.words.states(c.text)]
        places = [n for n, h in enumerate(self.head[-1]) if self.words.role(h.text) in _TOLD]
        if len(told) != len(places) or len({self.head[-1][n].text for n in places}) != len(places):
            return {}
        return {i: self._counted(place) for i, place in zip(told, places, strict=True)}

    def _value_places(self) -> list[int]:
        """The places of the head that stand over figures, by any of its levels."""
        levels = [level for level in self.head if len(level) == len(self.head[-1])]
        return [
            place
            for place in range(len(self.head[-1]))
            if any(self._may_hold(place, level[place]) for level in levels)
        ]

    def _may_hold(self, place: int, head: GridCell) -> bool:
        """Whether a head stands over figures, or says nothing known and may do so."""
        if self.columns.is_value(head):
            return True
        if not head.text or self.words.role(head.text) in ("label", "note", "unit", "sign"):
            return False
        if self.words.rules["foreign"].fullmatch(head.text):
            # The names of the rows, said again in another language.
            return False
        return place > 0 or self._of_group(head)

    def _torn(self, row: Row) -> Laid | None:
        """Two head rows whose spans are lost: one upper cell must stand over all the lower ones.

        Which one is told by the parts it names; only columns outside it are sure of their place.
        """
        upper = [h for h in self.head[-2] if h.text]
        lower = [h for h in self.head[-1] if h.text]
        values = [i for i, c in enumerate(row) if c.is_value]
        if len(row) == len(lower) and len(values) <= len(lower):
            same = len(self.head[-1]) == len(row)
            return {i: self._single(h) for i, h in enumerate(self.head[-1])} if same else None
        if len(values) != len(upper) - 1 + len(lower):
            return None
        over = self._over_all(upper, lower)
        if over < 0:
            return None
        leaves: list[GridCell | None] = [*upper[:over], *[None] * len(lower), *upper[over + 1 :]]
        return {i: self._single(h) for i, h in zip(values, leaves, strict=True) if h is not None}

    def _over_all(self, upper: Row, lower: Row) -> int:
        """The place of the one upper head whose parts the lower heads name, -1 for none."""
        book = self.grid.lexicon.book
        parts = {self.grid.labelled(h.text) for h in lower} - {""}
        wholes = [
            place
            for place, h in enumerate(upper)
            if (named := self.grid.labelled(h.text))
            and parts & parts_of([named], book)
            and book.indicators[named].role != "three_public"
        ]
        return wholes[0] if len(wholes) == 1 else -1

    # --- by proof ------------------------------------------------------------------------------

    def _fits(self, row: Row, laid: Laid) -> bool:
        total = self.words.is_total
        under = [(row[place], column) for place, column in laid.items() if place < len(row)]
        # Where the goal has its sign, the result may have one, too.
        signed = any(c.text[:1] in SIGNS[:4] and h.role == "target" for c, h in under if c.text)
        return all(
            self._may_stand(cell, column, signed) and not (column.money and total(cell.text))
            for cell, column in under
        )

    def _sure(self, row: Row, laid: Laid) -> bool:
        """Whether a row is whole: as long as its head, and its name under no head of figures."""
        names = [laid[i] for i, c in enumerate(row) if i in laid and c.kind == "text"]
        return len(row) == len(self.head[-1]) and not any(c.money for c in names)

    def _may_stand(self, cell: GridCell, column: Column, signed: bool = False) -> bool:
        """A rate stands under no head of money, score or weight; a goal's sign under no result; a
        figure with its unit under no head of names.
        """
        if cell.kind != "number":
            return True
        if "%" in cell.text and (column.role in ("score", "weight") or column.money):
            return column.rate
        if cell.text[0] in SIGNS[:4] and column.role == "actual" and not signed:
            return False
        unit = self.grid.lexicon.index(cell.text).figures[0].quantity.unit
        return not unit or column.role != "label" or bool(column.indicator)

    def wrapped(self, row: Row) -> Laid | None:
        """Where the last cell of the head got into the row: the columns of the cells behind it.

        Only a rate is told so, and only where the row's amounts give it.
        """
        first = row[0] if row else None
        if first is None or first.kind != "text" or not self.head:
            return None
        indicator = self.grid.labelled(first.text)
        if not indicator or self.grid.lexicon.book.indicators[indicator].kind != "rate":
            return None
        laid = self._proved(row[1:], [*self.head[-1], first])
        return laid if laid and any(c.text == first.text for c in laid.values()) else None

    def leading(self, row: Row) -> Laid | None:
        """Where rows of figures alone ran together: the columns of the first of them.

        It is the longest beginning of the run that the identities prove.
        """
        head = self.head[-1] if len(self.head) == 1 else []
        if len(row) <= len(head) or not all(c.is_value for c in row):
            return None
        lengths = range(len(head), 2, -1)
        return next((laid for n in lengths if (laid := self._proved(row[:n]))), None)

    def glued(self, row: Row) -> tuple[Row, Laid] | None:
        """A row whose figures ran together in one cell, parted; None where nothing tells how."""
        place = self.glued_at(row)
        columns = [self._single(h) for h in (self.head or [[]])[-1] if self.columns.is_value(h)]
        if place < 0 or len(self.head) != 1 or len(row) != place + 1:
            return None
        cell = row[place]
        spans = part(cell.text, columns, self.grid.lexicon.book)
        numbers = [self.grid.piece_of(cell, *span) for span in spans]
        laid = {place + n: column for n, column in enumerate(columns)}
        return ([*row[:place], *numbers], laid) if numbers else None

    def glued_at(self, row: Row) -> int:
        """The place of the cell in which several figures ran together, -1 for none."""
        glued = self.words.rules["glued"]
        return next((n for n, c in enumerate(row) if glued.fullmatch(c.text)), -1)

    def _proved(self, row: Row, head: Row | None = None) -> Laid | None:
        """The one way to put the filled cells below the head, in order, whose identities hold.

        Fewest gaps inside the row win: what is lost is lost at one place.
        """
        if head is None:
            head = self.head[-1]
            if any(len(upper) == len(head) for upper in self.head[:-1]):
                return None
        filled = [i for i, c in enumerate(row) if c.kind != "empty"]
        if not 2 < len(filled) <= len(head) <= _MOST:
            return None
        best: list[Laid] = []
        fewest = _MOST
        for gaps, laid in self._ways(row, filled, head):
            verdict = judge(row, laid, self.grid.lexicon) if gaps <= fewest else None
            if verdict is None or verdict.broken or not verdict.proved:
                continue
            best = [laid] if gaps < fewest else [*best, laid]
            fewest = gaps
        values = {
            tuple((i, laid[i].text) for i in filled if row[i].kind == "number") for laid in best
        }
        return best[0] if len(values) == 1 else None

    def _ways(self, row: Row, filled: list[int], head: Row) -> Iterator[tuple[int, Laid]]:
        single = [self._single(h) for h in head]
        for places in combinations(range(len(head)), len(filled)):
            laid = {i: single[place] for i, place in zip(filled, places, strict=True)}
            if all(self._may_stand_under(row[i], column) for i, column in laid.items()):
                yield places[-1] - places[0] + 1 - len(places), laid

    def _may_stand_under(self, cell: GridCell, column: Column) -> bool:
        if not self._may_stand(cell, column):
            return False
        if cell.kind == "number":
            named = column.role not in ("label", "note", "unit", "sign")
            return named and (column.rate or "%" not in cell.text)
        return True


def _over_blanks(upper: Row, below: Row) -> Row:
    """An upper head row as long as the one below: a blank there is below one upper cell, and so is
    a run of words; [] where the numbers do not agree.
    """
    starts = [n for n, c in enumerate(below) if not c.text or n == 0 or not below[n - 1].text]
    if len(starts) != len(upper):
        return []
    ends = [*starts[1:], len(below)]
    return [
        cell
        for cell, first, last in zip(upper, starts, ends, strict=True)
        for _ in range(last - first)
    ]


def _over_periods(upper: Row, below: Row) -> Row:
    """An upper head row whose cells stand over equal parts of the row below, which repeats itself."""
    count = len(upper)
    if count < 2 or len(below) % count:
        return []
    width = len(below) // count
    parts = [[c.text for c in below[at : at + width]] for at in range(0, len(below), width)]
    alike = all(part == parts[0] for part in parts)
    return [cell for cell in upper for _ in range(width)] if alike and width > 1 else []
