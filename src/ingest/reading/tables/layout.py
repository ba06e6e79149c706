"""Which cell of a row stands in which column.

A table with coordinates is laid by place. Where flattening kept only the order of the cells, a row
is laid by counting its figures; one that lost a cell is laid where its identities hold, and else
left to be refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ingest.reading.tables.columns import Column, Columns
from ingest.reading.tables.grid import Grid, GridCell, Row
from ingest.reading.tables.names import parts_of
from ingest.reading.tables.proof import judge
from ingest.reading.tables.wording import SCENARIOS, VALUES

Laid = dict[int, Column]
_MOST = 14
"""A head of more columns is laid by counting only: there are too many ways to try."""


class Layout:
    """Lays rows under the head rows that hold."""

    def __init__(self, grid: Grid, columns: Columns, head: list[Row]) -> None:
        self.grid, self.columns, self.head = grid, columns, head
        self.words = grid.words
        self._seen: dict[tuple[int, int, int], Column] = {}

    def lay(self, row: Row) -> tuple[Laid | None, bool]:
        """For each cell of a row (by its place in it) its column, and whether identities prove it.

        None when the row does not fit the head by any safe reading, {} where there is no head.
        """
        if not self.head:
            return {}, False
        if not self.grid.ragged:
            return {i: self._above(c) for i, c in enumerate(row)}, False
        laid = self._by_counting(row)
        lexicon = self.grid.lexicon
        if laid is not None and self._fits(row, laid):
            verdict = judge(row, laid, lexicon)
            if not verdict.broken:
                return laid, verdict.proved > 0
            return (self._proved(row) or laid), False
        proved = self._proved(row)
        return proved, proved is not None

    # --- by place ------------------------------------------------------------------------------

    def _above(self, cell: GridCell) -> Column:
        first, last = cell.cell.column, cell.cell.column + cell.cell.columns
        key = (first, last, len(self.columns.above))
        if key not in self._seen:
            over = []
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
        head = self.head[-1]
        if len(row) == len(head):
            if self._stands_apart(row, head) or self._share_of_money(row, head):
                return self._by_sequence(row, head)
            return {i: self._counted(i) for i in range(len(row))}
        unnamed = not any(self.words.role(h.text) == "label" for h in head)
        if len(row) == len(head) + 1 and row[0].kind == "text" and unnamed:
            # The blank over the column of names was lost.
            return {i + 1: self._single(h) for i, h in enumerate(head)}
        if len(self.head) > 1:
            return self._torn(row)
        if self._spans_names(row, head):
            first = len(row) - len(head)
            return {first + i: self._single(h) for i, h in enumerate(head) if i}
        return self._shifted(row, head) or self._by_sequence(row, head)

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
        ends = tuple(self.words.tables["figure_heads"])
        values = [h for h in head if self.columns.is_value(h) or h.text.endswith(ends)]
        stated = [self.words.states(c.text) or c.is_value for c in row]
        if len(row) > len(head) or sum(stated) != len(values):
            # With a figure missing nobody can tell which one.
            return None
        fitting = [
            under
            for shift in {0, len(head) - len(row)}
            if any(stated) and self._under(row, stated, under := head[shift : shift + len(row)])
        ]
        if len(fitting) != 1:
            return None
        return {i: self._single(h) for i, h in enumerate(fitting[0])}

    def _under(self, row: Row, stated: list[bool], under: Row) -> bool:
        return all(
            self.columns.is_value(h) == s
            or (not s and (c.kind == "empty" or self.words.role(h.text) == "note"))
            for s, c, h in zip(stated, row, under, strict=True)
        )

    def _by_sequence(self, row: Row, head: Row) -> Laid | None:
        """Values from left to right under the value columns, when there are as many of both."""
        ends = tuple(self.words.tables["figure_heads"])
        heads = [h for h in head if self.columns.is_value(h)]
        others = [h for h in head if h not in heads and h.text.endswith(ends)]
        values = [i for i, c in enumerate(row) if c.is_value]
        if not heads or not values:
            return {}
        if len(values) == len(heads) and not others:
            return {i: self._single(h) for i, h in zip(values, heads, strict=True)}
        return None

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
        return all(
            self._may_stand(row[place], column) and not (column.money and total(row[place].text))
            for place, column in laid.items()
            if place < len(row)
        )

    def _may_stand(self, cell: GridCell, column: Column) -> bool:
        """A rate stands under no head of money, and a figure under no head of names."""
        if cell.kind == "number" and "%" in cell.text:
            return column.rate or not column.money
        return True

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
