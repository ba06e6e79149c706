"""What stands on a page: characters and ruling lines to lines of text and tables, in reading order.

Pages come from PDF files or from pictures. All measures are points; x grows to the right and y
downwards, in the direction in which the text is read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

Box = tuple[float, float, float, float]
"""x0, top, x1, bottom."""

Stretch = tuple[float, float]
"""From where to where."""


class Run(NamedTuple):
    """Characters that stand side by side, folded.

    `size` is how high one of them is, a Chinese one if there is any; the run is higher if it holds
    several types. `edges` is from where to where each character reaches, or empty where nobody has
    asked.
    """

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    confidence: float = 1.0
    edges: tuple[Stretch, ...] = ()


class Rules(NamedTuple):
    """Ruling lines: `level` as (y, x0, x1), `upright` as (x, top, bottom)."""

    level: list[tuple[float, float, float]]
    upright: list[tuple[float, float, float]]


class Page(NamedTuple):
    """A page as it is read. `turn` says how many quarters it is shown turned to the right of that.

    `trouble` is empty, or says why its text is of no use: "blank", "picture", "characters" or
    "damaged".
    `lost` counts characters without meaning; they stand as U+FFFD in the runs.
    """

    number: int
    width: float
    height: float
    runs: list[Run]
    rules: Rules
    turn: int = 0
    trouble: str = ""
    lost: int = 0

    def shown(self, box: Box) -> Box:
        """A box as one sees it on the page shown."""
        x0, top, x1, bottom = box
        if self.turn == 1:
            return self.height - bottom, x0, self.height - top, x1
        if self.turn == 2:
            return self.width - x1, self.height - bottom, self.width - x0, self.height - top
        if self.turn == 3:
            return top, self.width - x1, bottom, self.width - x0
        return box


class Line(NamedTuple):
    """A line of text; `column` is 0 on a page of one column, or counts the columns from 1."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    confidence: float = 1.0
    column: int = 0


class TableCell(NamedTuple):
    """A cell: its place and span in the grid, and the lines of text in it."""

    row: int
    column: int
    rows: int
    columns: int
    lines: tuple[Line, ...]


class Table(NamedTuple):
    """A table: from where to where its columns reach, its cells, and where it stands.

    `ruled` says that rules show the columns, and not only the texts in them.
    """

    columns: list[Stretch]
    cells: list[TableCell]
    top: float
    bottom: float
    ruled: bool = True

    @property
    def x0(self) -> float:
        return self.columns[0][0]

    @property
    def x1(self) -> float:
        return self.columns[-1][1]


Item = Line | Table

HAN = "\u2e80"
"""The first of the Chinese characters; their type is as wide as it is high."""


# A gap wider than this share of the type's size parts words; a wider one parts columns.
_WORD_GAP, COLUMN_GAP, _WIDE_GAP = 0.45, 0.7, 2.0
# Lines that fill their column, before a page is taken to have two.
_FULL_LINES = 8


def lines_of(runs: Iterable[Run]) -> list[list[Run]]:
    """Groups runs that stand on one line, top down, each group from left to right.

    Digits of a Latin type sit lower than Chinese characters, and beside a cell of two lines one
    stands between them, so a line is what overlaps by two thirds.
    """
    lines: list[list[Run]] = []
    top = bottom = 0.0
    for run in sorted(runs, key=lambda run: run.top + run.bottom):
        overlap = min(bottom, run.bottom) - max(top, run.top)
        high = run.bottom - run.top
        if lines and overlap > 0.66 * min(bottom - top, high):
            lines[-1].append(run)
            if high > bottom - top:
                top, bottom = run.top, run.bottom
        else:
            lines.append([run])
            top, bottom = run.top, run.bottom
    return [sorted(line, key=lambda run: run.x0) for line in lines]


def size_of(runs: Sequence[Run]) -> float:
    """The size of the type that most of some runs are set in, a Chinese one if there is any."""
    return max(runs, key=lambda run: (max(run.text) >= HAN, len(run.text))).size


def joined(runs: Sequence[Run]) -> Line:
    """One line of text from its runs: a blank for the gap of a word, two for a wide one."""
    if len(runs) == 1:
        run = runs[0]
        return Line(run.text, run.x0, run.x1, run.top, run.bottom, run.size, run.confidence)
    pieces = [runs[0].text]
    for before, run in pairwise(runs):
        gap = (run.x0 - before.x1) / min(before.size, run.size)
        if gap > _WORD_GAP:
            pieces.append("  " if gap > _WIDE_GAP else " ")
        pieces.append(run.text)
    return Line(
        "".join(pieces),
        runs[0].x0,
        max(run.x1 for run in runs),
        min(run.top for run in runs),
        max(run.bottom for run in runs),
        size_of(runs),
        min(run.confidence for run in runs),
    )


def edges_of(run: Run) -> Sequence[Stretch]:
    """From where to where each character of a run reaches; by its usual width if unknown."""
    if run.edges:
        return run.edges
    widths = [1.0 if character >= HAN else 0.5 for character in run.text]
    scale = (run.x1 - run.x0) / sum(widths)
    ends = [run.x0, *(run.x0 + wide * scale for wide in accumulate(widths))]
    return list(pairwise(ends))


def cut(run: Run, walls: Sequence[float]) -> list[Run]:
    """Cuts a run at the walls, by the middles of its characters."""
    edges = edges_of(run)
    pieces: list[Run] = []
    start = 0
    sides = [bisect_right(walls, (x0 + x1) / 2) for x0, x1 in edges]
    for at in range(1, len(sides) + 1):
        if at < len(sides) and sides[at] == sides[start]:
            continue
        words = run.text[start:at]
        bare = words.strip()
        if bare:
            first = start + len(words) - len(words.lstrip())
            reach = tuple(edges[first : first + len(bare)])
            pieces.append(run._replace(text=bare, x0=reach[0][0], x1=reach[-1][1], edges=reach))
        start = at
    return pieces


def in_reading_order(lines: list[list[Run]], tables: list[Table]) -> list[Item]:
    """The lines and tables of a page as they are read: downwards, and column by column."""
    gutter = _gutter(lines, tables)
    if gutter is None:
        items: list[Item] = [*map(joined, lines), *tables]
        return sorted(items, key=lambda item: item.top)
    found: list[Item] = []
    sides: tuple[list[Item], list[Item]] = ([], [])

    def flush() -> None:
        for side in sides:
            found.extend(side)
            side.clear()

    parts: list[tuple[float, Item, int]] = []
    for table in tables:
        parts.append((table.top, table, _side(table.x0, table.x1, gutter)))
    for line in lines:
        left = [run for run in line if run.x1 <= gutter]
        right = [run for run in line if run.x0 >= gutter]
        if len(left) + len(right) < len(line):
            parts.append((line[0].top, joined(line), 0))
            continue
        for side, runs in ((1, left), (2, right)):
            if runs:
                whole = joined(runs)._replace(column=side)
                parts.append((whole.top, whole, side))
    for _, item, side in sorted(parts, key=lambda part: part[0]):
        if side:
            sides[side - 1].append(item)
        else:
            flush()
            found.append(item)
    flush()
    return found


def _side(x0: float, x1: float, gutter: float) -> int:
    return 1 if x1 <= gutter + 3 else 2 if x0 >= gutter - 3 else 0


def _gutter(lines: list[list[Run]], tables: list[Table]) -> float | None:
    """Where the gap between two columns of prose is; None for a page of one column.

    Little crosses it, and what stands beside it fills its column: in a table without rules, cells
    do not.
    """
    boxes = [(run.x0, run.x1) for line in lines for run in line]
    # A table is as good as so many lines.
    boxes += [(table.x0, table.x1) for table in tables for _ in range(_FULL_LINES // 2)]
    if len(boxes) < _FULL_LINES:
        return None
    left, right = min(x0 for x0, _ in boxes), max(x1 for _, x1 in boxes)
    gutter = _emptiest(boxes, left + 0.38 * (right - left), left + 0.62 * (right - left))
    middle = sum(gutter) / 2
    crossing = sum(x0 < middle < x1 for x0, x1 in boxes)
    full_left = sum(x1 < middle and x1 - x0 > 0.75 * (gutter[0] - left) for x0, x1 in boxes)
    full_right = sum(x0 > middle and x1 - x0 > 0.75 * (right - gutter[1]) for x0, x1 in boxes)
    full, beside = full_left + full_right, len(boxes) - crossing
    if min(full_left, full_right) * 2 < _FULL_LINES or full < _FULL_LINES:
        return None
    return middle if crossing * 3 < beside < full * 3 else None


def _emptiest(boxes: list[tuple[float, float]], first: float, last: float) -> tuple[float, float]:
    """The widest stretch between two places that the fewest boxes cover."""
    ends = sorted({first, last, *(x for box in boxes for x in box if first < x < last)})

    def covering(stretch: tuple[float, float]) -> tuple[int, float]:
        middle = (stretch[0] + stretch[1]) / 2
        return sum(x0 < middle < x1 for x0, x1 in boxes), stretch[0] - stretch[1]

    return min(pairwise(ends), key=covering)
