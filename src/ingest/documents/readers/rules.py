"""Ruling lines → the cells of tables.

Small steps, each of which can be looked at: pieces of rules are joined to whole ones, rules that
touch make a frame, a frame makes a grid, and places of the grid that no rule parts make a cell.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from ingest.documents.readers.layout import (
    Box,
    Rules,
    Run,
    Table,
    TableCell,
    cut,
    edges_of,
    joined,
    lines_of,
)

_Rule = tuple[float, float, float]
"""At which y (or x), from where, to where."""

# Rules nearer than this are one rule, drawn in pieces or double; in points.
_SAME, _GAP, _TOUCH = 2.0, 3.5, 3.0
_SHORTEST = 4.0
_MOST = 3000


class Frame(NamedTuple):
    """Rules that touch each other."""

    level: list[_Rule]
    upright: list[_Rule]


class Grid(NamedTuple):
    """The cells of a frame: `owner[row][column]` is the number of the cell that covers the place.

    It is -1 where there is none. `cells` holds the first row and column and the span of each.
    `whole` says that every cell is a rectangle; if one is not, the rules do not tell the cells.
    """

    xs: list[float]
    ys: list[float]
    owner: list[list[int]]
    cells: list[tuple[int, int, int, int]]
    whole: bool


def whole_rules(pieces: Iterable[_Rule]) -> list[_Rule]:
    """Joins the pieces of rules: thin rectangles side by side, dashes, double rules.

    >>> whole_rules([(10, 0, 50), (10.4, 50, 90), (30, 0, 90)])
    [(10, 0, 90), (30, 0, 90)]
    """
    found: list[list[float]] = []
    group: list[_Rule] = []

    def flush() -> None:
        at = group[0][0]
        for _, start, end in sorted(group, key=itemgetter(1)):
            if found and found[-1][0] == at and start <= found[-1][2] + _GAP:
                found[-1][2] = max(found[-1][2], end)
            else:
                found.append([at, start, end])

    for piece in sorted(pieces):
        if group and piece[0] - group[0][0] > _SAME:
            flush()
            group = []
        group.append(piece)
    if group:
        flush()
    return [(at, start, end) for at, start, end in found if end - start >= _SHORTEST]


def frames(rules: Rules) -> list[Frame]:
    """Groups rules that touch: one group a table, and one for each rule that stands alone.

    A drawing of thousands of strokes is no table; it gives no frame.
    """
    level, upright = whole_rules(rules.level), whole_rules(rules.upright)
    if len(level) + len(upright) > _MOST:
        return []
    parent = list(range(len(level) + len(upright)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for number, (x, top, bottom) in enumerate(upright, start=len(level)):
        for other, (y, x0, x1) in enumerate(level):
            if x0 - _TOUCH <= x <= x1 + _TOUCH and top - _TOUCH <= y <= bottom + _TOUCH:
                parent[root(number)] = root(other)
    groups: dict[int, Frame] = {}
    for number, rule in enumerate([*level, *upright]):
        frame = groups.setdefault(root(number), Frame([], []))
        (frame.level if number < len(level) else frame.upright).append(rule)
    return list(groups.values())


def grid(frame: Frame) -> Grid | None:
    """The cells of a frame; None if it has no upright rule or no room for cells.

    A side that is open is where the rules across it end.
    """
    if not frame.upright or not frame.level:
        return None
    wide = min(x0 for _, x0, _ in frame.level), max(x1 for _, _, x1 in frame.level)
    high = min(y0 for _, y0, _ in frame.upright), max(y1 for _, _, y1 in frame.upright)
    xs = _edges([*wide, *(x for x, _, _ in frame.upright)])
    ys = _edges([*high, *(y for y, _, _ in frame.level)])
    width, height = len(xs) - 1, len(ys) - 1
    if width < 1 or height < 1:
        return None
    walls = _walls(frame.upright, xs, ys)
    floors = _walls(frame.level, ys, xs)
    owner = [[-1] * width for _ in range(height)]
    cells: list[tuple[int, int, int, int]] = []
    whole = True
    for row in range(height):
        for column in range(width):
            if owner[row][column] >= 0:
                continue
            right = column + 1
            while right < width and (right, row) not in walls and owner[row][right] < 0:
                right += 1
            bottom = row + 1
            while bottom < height:
                closed = [(bottom, at) in floors for at in range(column, right)]
                if any(closed):
                    whole = whole and all(closed)
                    break
                # The side must stay closed and the inside open, or the cell is no rectangle.
                inside = any((at, bottom) in walls for at in range(column + 1, right))
                whole = whole and not inside and (right == width or (right, bottom) in walls)
                bottom += 1
            for place in owner[row:bottom]:
                place[column:right] = [len(cells)] * (right - column)
            cells.append((row, column, bottom - row, right - column))
    return Grid(xs, ys, owner, cells, whole)


def grid_of_boxes(boxes: Sequence[Box]) -> Grid:
    """The cells of a table whose boxes are known."""
    xs = _edges([x for x0, _, x1, _ in boxes for x in (x0, x1)])
    ys = _edges([y for _, top, _, bottom in boxes for y in (top, bottom)])
    owner = [[-1] * (len(xs) - 1) for _ in range(len(ys) - 1)]
    cells: list[tuple[int, int, int, int]] = []
    for x0, top, x1, bottom in sorted(boxes, key=lambda box: (box[1], box[0])):
        row, column = _nearest(ys, top), _nearest(xs, x0)
        rows, columns = _nearest(ys, bottom) - row, _nearest(xs, x1) - column
        for place in owner[row : row + rows]:
            place[column : column + columns] = [len(cells)] * columns
        cells.append((row, column, rows, columns))
    covered = sum(number >= 0 for places in owner for number in places)
    # Boxes that overlap cover fewer places than they have.
    whole = covered == sum(rows * columns for _, _, rows, columns in cells)
    return Grid(xs, ys, owner, cells, whole)


def _edges(places: list[float]) -> list[float]:
    """Sorted places of rules, one of those that all but coincide."""
    edges: list[float] = []
    for at in sorted(places):
        if not edges or at - edges[-1] > _TOUCH + 1:
            edges.append(at)
    return edges


def _walls(rules: list[_Rule], at: list[float], across: list[float]) -> set[tuple[int, int]]:
    """Which sides of places a rule closes: (number of the edge, number of the place along it)."""
    middles = [(start + end) / 2 for start, end in pairwise(across)]
    walls: set[tuple[int, int]] = set()
    for place, start, end in rules:
        edge = _nearest(at, place)
        covered = range(bisect_left(middles, start), bisect_right(middles, end))
        walls.update((edge, number) for number in covered)
    return walls


def _nearest(edges: list[float], place: float) -> int:
    at = bisect_right(edges, place)
    if at == len(edges) or (at and place - edges[at - 1] < edges[at] - place):
        return at - 1
    return at


class Filled(NamedTuple):
    """A table with its text, what of the page's text is not in it, and whether all of it fitted."""

    table: Table
    rest: list[Run]
    fits: bool


def filled(grid: Grid, runs: Iterable[Run]) -> Filled:
    """Puts text into the cells in which it stands."""
    xs, ys, owner = grid.xs, grid.ys, grid.owner
    inside: dict[int, list[Run]] = {}
    rest: list[Run] = []
    fits = grid.whole
    for run in runs:
        row = bisect_right(ys, (run.top + run.bottom) / 2) - 1
        middle = (run.x0 + run.x1) / 2
        if not (0 <= row < len(owner) and xs[0] <= middle <= xs[-1]):
            rest.append(run)
            continue
        cells = owner[row]
        column = _column(xs, middle)
        number = cells[column]
        if number < 0:
            rest.append(run)
            fits = False
            continue
        slack = min(2.0, run.size / 4)
        left, right = run.x0 + slack, run.x1 - slack
        if xs[column] <= left and right < xs[column + 1]:
            inside.setdefault(number, []).append(run)
            continue
        first, last = _column(xs, left), _column(xs, right)
        if last <= first or cells[first] == cells[last]:
            inside.setdefault(number, []).append(run)
            continue
        walls = [xs[c] for c in range(first + 1, last + 1) if cells[c - 1] != cells[c]]
        if all(_between_characters(run, x) for x in walls):
            for piece in cut(run, walls):
                at = _column(xs, (piece.x0 + piece.x1) / 2)
                inside.setdefault(cells[at], []).append(piece)
            continue
        # Text that is wider than its cell stands over the rule; it belongs where most of it is.
        _, column, _, columns = grid.cells[number]
        within = min(xs[column + columns], run.x1) - max(xs[column], run.x0)
        fits = fits and within > 0.6 * (run.x1 - run.x0)
        inside.setdefault(number, []).append(run)
    cells_ = []
    for number, place in enumerate(grid.cells):
        found = inside.get(number, [])
        lines = lines_of(found) if len(found) > 1 else [found] if found else []
        row, column, rows, columns = place
        cells_.append(TableCell(row, column, rows, columns, tuple(map(joined, lines))))
    return Filled(Table(list(pairwise(xs)), cells_, ys[0], ys[-1]), rest, fits)


def _column(xs: list[float], x: float) -> int:
    return min(max(bisect_right(xs, x) - 1, 0), len(xs) - 2)


def _between_characters(run: Run, x: float) -> bool:
    """Whether a rule stands between two characters, not through one."""
    slack = run.size * 0.15
    return not any(
        left + slack < x < right - slack
        for (left, right), character in zip(edges_of(run), run.text, strict=True)
        if character != " "
    )
