"""Tables cut by the ends of pages or columns → whole ones."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from ingest.documents.readers.gaps import common_columns, spanned
from ingest.documents.readers.layout import Line, Page, Stretch, Table, TableCell

# Edges of columns that are nearer than this are one; in points.
_SAME = 4.0
_NOTE = re.compile(r"\(?续(?:上?表|前)?[\s\d一二三四五六七八九十]*\)?|.{0,30}\(续表?\)")


class Placed(NamedTuple):
    line: Line
    page: Page


class Sheets(NamedTuple):
    """A table and where it ends: each cell with its lines and their pages."""

    columns: list[Stretch]
    cells: list[tuple[TableCell, list[Placed]]]
    page: Page
    bottom: float
    ruled: bool


_Cells = list[tuple[TableCell, list[Placed]]]


def sheets_of(table: Table, page: Page) -> Sheets:
    """A table as it stands on one page."""
    cells = [(cell, [Placed(line, page) for line in cell.lines]) for cell in table.cells]
    return Sheets(table.columns, cells, page, table.bottom, table.ruled)


def is_note(line: Line) -> bool:
    """Whether a line above a table says that it goes on from the page before."""
    return bool(_NOTE.fullmatch(line.text.strip()))


def goes_on(before: Sheets, table: Table, page: Page) -> bool:
    """Whether a table goes on from the page, or the column, before: broken at the end, and alike.

    Ruled tables are alike if they are as wide, others if most of their columns stand alike.
    """
    next_page = page.number == before.page.number + 1
    next_column = page.number == before.page.number and table.x0 > before.columns[-1][1]
    if not (next_page or next_column) or before.ruled != table.ruled:
        return False
    if before.bottom < 0.6 * before.page.height or table.top > 0.4 * page.height:
        return False
    if table.ruled:
        width = before.columns[-1][1] - before.columns[0][0]
        return abs(table.x1 - table.x0 - width) < 2 * _SAME
    common = common_columns(before.columns, table.columns)
    return len(common) <= max(len(before.columns), len(table.columns)) + 1


def continued(before: Sheets, after: Sheets) -> Sheets:
    """One table of two: columns matched by their places, a repeated header left out."""
    columns, at_before, at_after = _matched(before, after)
    cells = _in_columns(before.cells, at_before)
    further = _in_columns(after.cells, at_after)
    header = _repeated(cells, further)
    further = [
        (cell._replace(row=cell.row - header), lines)
        for cell, lines in further
        if cell.row >= header
    ]
    height = max(cell.row + cell.rows for cell, _ in cells)
    if _breaks_row(cells, further, height):
        further = _with_first_row_joined(cells, further, height)
    below = [
        (cell._replace(row=cell.row + height), lines)
        for cell, lines in _without_reaching_on(cells, further, height)
    ]
    return Sheets(columns, cells + below, after.page, after.bottom, before.ruled)


_Spans = list[tuple[int, int]]
"""The first and last of the common columns that each column covers."""


def _matched(before: Sheets, after: Sheets) -> tuple[list[Stretch], _Spans, _Spans]:
    if not before.ruled:
        columns = common_columns(before.columns, after.columns)
        return (
            columns,
            [spanned(column, columns) for column in before.columns],
            [spanned(column, columns) for column in after.columns],
        )
    # Pages to the left and to the right of a fold have other margins.
    shift = before.columns[0][0] - after.columns[0][0]
    moved = [(x0 + shift, x1 + shift) for x0, x1 in after.columns]
    edges: list[float] = []
    for x in sorted(x for column in [*before.columns, *moved] for x in column):
        if not edges or x - edges[-1] > _SAME:
            edges.append(x)
    at = {x: _nearest(edges, x) for column in [*before.columns, *moved] for x in column}
    return (
        list(pairwise(edges)),
        [(at[x0], at[x1] - 1) for x0, x1 in before.columns],
        [(at[x0], at[x1] - 1) for x0, x1 in moved],
    )


def _nearest(edges: list[float], x: float) -> int:
    return min(range(len(edges)), key=lambda at: abs(edges[at] - x))


def _in_columns(cells: _Cells, spans: _Spans) -> _Cells:
    found = []
    for cell, lines in cells:
        first = spans[cell.column][0]
        last = spans[cell.column + cell.columns - 1][1]
        found.append((cell._replace(column=first, columns=last - first + 1), lines))
    return found


def _repeated(cells: _Cells, further: _Cells) -> int:
    """How many rows at the top of the second part repeat the top of the first."""
    one, other = _rows(cells), _rows(further)
    count = 0
    while count + 1 < len(other) and count < len(one) and one[count] == other[count] != []:
        count += 1
    # A header ends where no cell reaches further down.
    while count and any(c.row < count < c.row + c.rows for c, _ in further):
        count -= 1
    return count


def _rows(cells: _Cells) -> list[list[str]]:
    """What stands in each row, from left to right."""
    rows: list[list[str]] = [[] for _ in range(max(c.row for c, _ in cells) + 1)]
    for cell, lines in cells:
        if lines:
            rows[cell.row].append("".join(placed.line.text for placed in lines))
    return rows


def _breaks_row(cells: _Cells, further: _Cells, height: int) -> bool:
    """Whether the page ended inside a row: what follows is text without label and without figure."""
    first = {cell.column: lines for cell, lines in further if cell.row == 0}
    filled_ = {column: lines for column, lines in first.items() if lines}
    if not filled_ or first.get(0) or len(filled_) * 2 > len(first):
        return False
    above = {c.column: lines for c, lines in cells if c.row + c.rows == height}
    return all(
        above.get(column) and not re.fullmatch(r"[\d.,%≥≤-]+", lines[0].line.text)
        for column, lines in filled_.items()
    ) and all(c.rows == 1 for c, _ in further if c.row == 0)


def _with_first_row_joined(cells: _Cells, further: _Cells, height: int) -> _Cells:
    for cell, lines in further:
        if cell.row == 0 and lines:
            above = next(
                found for c, found in cells if c.column == cell.column and c.row + c.rows == height
            )
            above += lines
    return [(c._replace(row=c.row - 1), lines) for c, lines in further if c.row > 0]


def _without_reaching_on(cells: _Cells, further: _Cells, height: int) -> _Cells:
    """Lets merged cells at the page's end reach on over the empty ones that go on from them.

    Those stand before the first filled cell of the page's first row.
    """
    first = sorted((entry for entry in further if entry[0].row == 0), key=lambda e: e[0].column)
    above = {
        (cell.column, cell.columns): at
        for at, (cell, lines) in enumerate(cells)
        if cell.row + cell.rows == height and lines
    }
    gone: list[TableCell] = []
    for cell, lines in first:
        at = above.get((cell.column, cell.columns))
        if lines or at is None or len(gone) + 1 == len(first):
            break
        reaching, found = cells[at]
        cells[at] = reaching._replace(rows=reaching.rows + cell.rows), found
        gone.append(cell)
    return [entry for entry in further if entry[0] not in gone]
