"""Tables without upright rules: columns from the gaps between texts, rows from the figures.

Figures do not run over two lines, so each level on which figures stand is a row; labels, which do,
belong to the row in whose middle (or at whose head) they stand. Where nothing shows a table,
nothing is one: prose has no wide gaps at the same places.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from statistics import median
from typing import NamedTuple

from ingest.documents.readers import digits
from ingest.documents.readers.headings import heading_level
from ingest.documents.readers.layout import (
    COLUMN_GAP,
    Line,
    Run,
    Stretch,
    Table,
    TableCell,
    cut,
    edges_of,
    joined,
    lines_of,
)

_VALUE = re.compile(
    r"[≥≤<>=~约]{0,2}\s?-?\d[\d,]*(?:\.\d+)?\s?(?:[%‰]|[\u4e00-\u9fff/()]{0,4})|[-/]{1,4}"
)
_YEAR = re.compile(r"(?:19|20)\d\d\s?年")
_EXACT = re.compile(r"\d\.\d|%|\d[万亿元人]|\d,\d{3}")
_BETWEEN_FIGURES = re.compile(r"(?<=[\d%]) (?=[\d≥≤])")
_SENTENCE = re.compile(r"[。;]|(?<!\d),|,(?!\d)")
_BETWEEN_HEADS = re.compile(
    r"(?<=[\u4e00-\u9fff)]{2}) +(?=[\u4e00-\u9fff]{2})(?!年|月|[亿万千]?元)"
)
_MOST_LINES, _MOST_ALONE, _LONGEST_HEAD = 9, 5, 10
_BEFORE_VALUE = tuple("于到过达为≥≤>=<")


class _Texts(NamedTuple):
    """The texts of one line of print, parted by wide gaps."""

    pieces: list[Line]

    @property
    def top(self) -> float:
        return min(piece.top for piece in self.pieces)

    @property
    def bottom(self) -> float:
        return max(piece.bottom for piece in self.pieces)


class Found(NamedTuple):
    """Tables, the lines that are in none of them, and those with figures nobody can tell apart."""

    tables: list[Table]
    rest: list[list[Run]]
    illegible: list[str]


def tables(runs: list[Run], level: Sequence[tuple[float, float, float]]) -> Found:
    """The tables that stand between level rules, and those that stand without any.

    `level` are rules that touch no upright one, as (y, x0, x1).
    """
    lines = lines_of(runs)
    texts, ruled, spread = _stretches(lines, level)
    told = digits.told_apart(lines, ruled, spread)
    if told.lines != lines:
        texts, ruled, spread = _stretches(told.lines, level)
    taken: set[int] = set()
    found: list[Table] = []
    for stretch in [*ruled, *spread]:
        if taken.intersection(stretch):
            continue
        table = _table([texts[at] for at in stretch], level)
        if table:
            found.append(table)
            taken.update(stretch)
    # A sentence that is in no table is left whole: the rules of prose take no part of a number.
    prose = {at for at, words in told.illegible.items() if _SENTENCE.search(words)} - taken
    rest = [
        line if at in prose else told.lines[at] for at, line in enumerate(lines) if at not in taken
    ]
    illegible = sorted(told.illegible.keys() - prose)
    return Found(found, rest, [told.illegible[at] for at in illegible])


def _stretches(
    lines: list[list[Run]], level: Sequence[tuple[float, float, float]]
) -> tuple[list[_Texts], list[range], list[range]]:
    """The texts of each line, and where lines may be a table: between rules, and without any."""
    texts = [_Texts(_pieces(line)) for line in lines]
    return texts, _between_rules(texts, level), _spread(texts)


def _pieces(line: list[Run]) -> list[Line]:
    """The texts of a line; runs with no more than a word's gap between them are one.

    Two figures are two texts, however narrow the gap.
    """
    groups: list[list[Run]] = []
    for run in line:
        for part in _figures_apart(run):
            before = groups[-1][-1] if groups else None
            if before is None or _parts_columns(before, part):
                groups.append([])
            groups[-1].append(part)
    return [joined(group) for group in groups]


def _figures_apart(run: Run) -> list[Run]:
    gaps = [found.start() for found in _BETWEEN_FIGURES.finditer(run.text)]
    if not gaps:
        return [run]
    edges = edges_of(run)
    return cut(run, [sum(edges[at]) / 2 for at in gaps])


def _parts_columns(before: Run, run: Run) -> bool:
    if digits.ILLEGIBLE in (before.text, run.text):
        return True
    if before.text[-1] == "%" and run.text[0].isdigit():
        return True
    figures = _BETWEEN_FIGURES.search(f"{before.text[-1]} {run.text[0]}")
    gap = digits.APART if figures else COLUMN_GAP
    return run.x0 - before.x1 > gap * min(before.size, run.size)


def _is_value(piece: Line) -> bool:
    words = piece.text.strip()
    # A figure that cannot be read makes a row all the same: its label is no other figure's.
    return words == digits.ILLEGIBLE or (
        bool(_VALUE.fullmatch(words)) and not _YEAR.fullmatch(words)
    )


# --- where a table may stand ---------------------------------------------------------------


def _between_rules(texts: list[_Texts], level: Sequence[tuple[float, float, float]]) -> list[range]:
    """Stretches of lines between rules as long as each other, three or more."""
    stretches = []
    for _, group in groupby(sorted(level, key=_extent), key=_extent):
        ys = sorted({y for y, _, _ in group})
        bands = [
            [at for at, line in enumerate(texts) if above < (line.top + line.bottom) / 2 < below]
            for above, below in pairwise(ys)
        ]
        for tabular, together in groupby(bands, key=lambda band: _is_tabular(texts, band)):
            lines = [at for band in together for at in band]
            if tabular and lines:
                stretches.append(range(min(lines), max(lines) + 1))
    return stretches


def _extent(rule: tuple[float, float, float]) -> tuple[int, int]:
    return round(rule[1] / 8), round(rule[2] / 8)


def _is_tabular(texts: list[_Texts], band: list[int]) -> bool:
    """Whether what stands between two rules looks like rows: several texts on many lines."""
    spread = sum(len(texts[at].pieces) > 1 for at in band)
    return spread * 3 >= len(band) and spread > 0


def _spread(texts: list[_Texts]) -> list[range]:
    """Stretches of lines that have several texts each; a lone text between two such may wrap."""
    stretches = []
    left = min((line.pieces[0].x0 for line in texts), default=0.0)
    right = max((line.pieces[-1].x1 for line in texts), default=0.0)
    first = 0
    while first < len(texts):
        if len(texts[first].pieces) < 2:
            first += 1
            continue
        last = first
        for at in range(first + 1, len(texts)):
            size = texts[at].bottom - texts[at].top
            if texts[at].top - texts[at - 1].bottom > 2.2 * size or at - last > _MOST_ALONE:
                break
            if len(texts[at].pieces) > 1:
                last = at
            elif not _may_be_cell(texts[at].pieces[0], left, right):
                break
        begins = first
        if first and texts[first - 1].bottom > texts[first].top - 1:
            # The head above several columns stands higher than those beside it.
            begins -= _may_be_cell(texts[first - 1].pieces[0], left, right)
        elif first and texts[first].top - texts[first - 1].bottom < texts[first].pieces[0].size:
            begins -= _are_heads(texts[first - 1].pieces)
        stretches.append(range(begins, last + 1))
        first = last + 1
    return stretches


def _are_heads(pieces: list[Line]) -> bool:
    """Whether a line is the heads of columns that stand as near as words."""
    words = _BETWEEN_HEADS.split(pieces[-1].text.strip())
    return len(words) > 1 and all(len(word) <= _LONGEST_HEAD for word in words)


def _may_be_cell(piece: Line, left: float, right: float) -> bool:
    """Whether a lone text may be a line of a cell: no caption, and no line of prose."""
    words = piece.text.strip()
    wide = piece.x1 - piece.x0 > 0.6 * (right - left)
    prose = words.endswith(("。", ";")) and piece.x0 - left < 3 * piece.size
    return not (wide or prose or heading_level(words) == 1 or words.startswith("单位"))


# --- columns -------------------------------------------------------------------------------


def _columns(lines: list[_Texts]) -> list[Stretch]:
    """Where columns stand: as few as keep the texts of every line apart."""
    gaps: list[Stretch] = []
    for at, line in enumerate(lines):
        beside = list(line.pieces)
        if at + 1 < len(lines):
            # Beside a cell of two lines, a text of one line stands between them.
            below = lines[at + 1]
            apart = abs(below.top + below.bottom - line.top - line.bottom) / 2
            beside += below.pieces if apart < 0.75 * (line.bottom - line.top) else []
        beside.sort(key=lambda piece: piece.x0)
        gaps += [(a.x1, b.x0) for a, b in pairwise(beside) if b.x0 - a.x1 > 1]
    return _between(_walls(gaps), [(p.x0, p.x1) for line in lines for p in line.pieces])


def common_columns(one: list[Stretch], other: list[Stretch]) -> list[Stretch]:
    """The columns of a table whose parts, on two pages, have the columns given.

    >>> common_columns([(0, 10), (20, 60)], [(0, 12), (20, 30), (40, 60)])
    [(0, 12), (20, 30), (40, 60)]
    """
    gaps = [(a[1], b[0]) for part in (one, other) for a, b in pairwise(part)]
    return _between(_walls(gaps), [*one, *other])


def _walls(gaps: list[Stretch]) -> list[float]:
    """As few places as have one in every gap.

    >>> _walls([(0, 10), (4, 12), (20, 30)])
    [7.0, 25.0]
    """
    walls = []
    together: list[Stretch] = []
    for gap in sorted(gaps, key=lambda gap: gap[1]):
        if together and gap[0] >= together[0][1]:
            walls.append((max(x0 for x0, _ in together) + together[0][1]) / 2)
            together = []
        together.append(gap)
    if together:
        walls.append((max(x0 for x0, _ in together) + together[0][1]) / 2)
    return walls


def _between(walls: list[float], texts: list[Stretch]) -> list[Stretch]:
    """The columns between walls: as wide as the texts that stand in one only."""
    columns: list[list[Stretch]] = [[] for _ in range(len(walls) + 1)]
    for x0, x1 in texts:
        first, last = bisect_left(walls, x0 + 1), bisect_left(walls, x1 - 1)
        if first == last:
            columns[first].append((x0, x1))
    return [(min(column)[0], max(x1 for _, x1 in column)) for column in columns if column]


def _overlap(one: Stretch, other: Stretch) -> bool:
    return one[0] < other[1] - 1 and other[0] + 1 < one[1]


def spanned(stretch: Stretch, columns: list[Stretch]) -> tuple[int, int]:
    """The first and last column that a text stands in, or the nearest one."""
    over = [at for at, column in enumerate(columns) if _overlap(stretch, column)]
    if over:
        return over[0], over[-1]
    nearest = min(range(len(columns)), key=lambda at: abs(sum(columns[at]) - sum(stretch)))
    return nearest, nearest


def _span(piece: Line, columns: list[Stretch]) -> tuple[int, int]:
    return spanned((piece.x0, piece.x1), columns)


def _heads(piece: Line, columns: list[Stretch]) -> list[Line]:
    """The heads of neighbouring columns, where no more than a blank parts them.

    Left together, both columns would be of the first head's kind.
    """
    blanks = [found.start() for found in _BETWEEN_HEADS.finditer(piece.text)]
    if not blanks or len(set(_span(piece, columns))) == 1:
        return [piece]
    run = Run(piece.text, piece.x0, piece.x1, piece.top, piece.bottom, piece.size)
    edges = edges_of(run)
    parts = cut(run, [sum(edges[at]) / 2 for at in blanks])
    nearest = [_nearest(part, columns) for part in parts]
    if len(set(nearest)) < len(parts):
        return [piece]
    return [piece._replace(text=part.text, x0=part.x0, x1=part.x1) for part in parts]


def _nearest(part: Run, columns: list[Stretch]) -> int:
    return min(range(len(columns)), key=lambda at: abs(sum(columns[at]) - part.x0 - part.x1))


# --- rows ----------------------------------------------------------------------------------


def _middle(pieces: Sequence[Line]) -> float:
    """The middle of texts that stand one above the other, the first at the top."""
    return (pieces[0].top + pieces[-1].bottom) / 2


def _levels(pieces: Iterable[Line], size: float) -> list[float]:
    """The levels on which figures stand; two nearer than a line are one, where most stand."""
    groups: list[list[float]] = []
    for middle in sorted(_middle([piece]) for piece in pieces):
        if groups and middle - groups[-1][0] < 0.85 * size:
            groups[-1].append(middle)
        else:
            groups.append([middle])
    return [median(group) for group in groups]


class _Group(NamedTuple):
    """Texts one above the other that make a cell, and the first and last column they stand in."""

    pieces: list[Line]
    first: int
    last: int

    @property
    def top(self) -> float:
        return self.pieces[0].top

    @property
    def bottom(self) -> float:
        return self.pieces[-1].bottom

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


_Plan = tuple[float, tuple[tuple[int, int, int | None], ...]]
"""What it costs to part texts so, and the parts: from which to which, and on which level."""


def _parted(pieces: list[Line], levels: list[float], size: float, alone: list[float]) -> _Plan:
    """Parts the texts of a column into cells, top down: the cheapest way to give each its level.

    A cell stands with its middle, or with its first or last line, on its level, and reaches over
    no other. Each level takes one. Text off all levels is left alone, which costs what `alone`
    says.
    """
    count = len(pieces)
    # best[at][used]: the cheapest plan for the texts before `at` and the levels before `used`.
    best: list[dict[int, _Plan]] = [{} for _ in range(count + 1)]
    best[0][0] = (0.0, ())

    def keep(
        at: int, used: int, cost: float, parts: tuple[tuple[int, int, int | None], ...]
    ) -> None:
        if used not in best[at] or cost < best[at][used][0]:
            best[at][used] = cost, parts

    for at in range(count):
        for used, (cost, parts) in list(best[at].items()):
            keep(at + 1, used, cost + alone[at], (*parts, (at, at + 1, None)))
            for end in range(at + 1, min(count, at + _MOST_LINES) + 1):
                group = pieces[at:end]
                if end - at > 1 and not _may_follow(group[-2], group[-1], size):
                    break
                beside = [n for n, y in enumerate(levels) if group[0].top < y < group[-1].bottom]
                for number in beside or range(used, len(levels)):
                    apart = _apart(group, levels[number]) / size
                    if len(beside) < 2 and number >= used and apart < 0.6:
                        keep(end, number + 1, cost + apart, (*parts, (at, end, number)))
    return min(best[count].values(), key=lambda plan: plan[0])


def _may_follow(above: Line, below: Line, size: float) -> bool:
    """Whether two texts may be lines of one cell: a figure stands alone, but for its unit."""
    if below.top - above.bottom > 0.9 * size:
        return False
    if _is_value(above) and not _YEAR.match(above.text):
        return len(below.text) <= 3 and not _is_value(below)
    return not _is_value(below) or above.text.rstrip()[-1:] in _BEFORE_VALUE


def _apart(pieces: list[Line], level: float) -> float:
    size = pieces[0].size
    return min(
        abs(_middle(pieces) - level),
        abs(_middle(pieces[:1]) - level) + 0.25 * size,
        abs(_middle(pieces[-1:]) - level) + 0.55 * size,
    )


def _rows(pieces: list[Line], columns: list[Stretch], levels: list[float]) -> list[list[_Group]]:
    """The rows of a table, top down: one for each level, and those that have no figures."""
    size = median(piece.size for piece in pieces)
    middles = sorted(_middle([piece]) for piece in pieces)
    on_level: list[list[_Group]] = [[] for _ in levels]
    alone: list[_Group] = []
    for span in sorted({_span(piece, columns) for piece in pieces}):
        inside = sorted((p for p in pieces if _span(p, columns) == span), key=lambda p: p.top)
        # A text with others on its line is more likely to begin a row without figures.
        cost = [0.5 if _have_company(_middle([p]), middles, 0.2 * size) else 1.0 for p in inside]
        for start, end, number in _parted(inside, levels, size, cost)[1]:
            group = _Group(inside[start:end], *span)
            if number is not None:
                on_level[number].append(group)
            elif (
                alone
                and (alone[-1].first, alone[-1].last) == span
                and alone[-1].pieces[-1] is inside[start - 1]
                and group.top - alone[-1].bottom < 0.5 * size
            ):
                alone[-1].pieces.extend(group.pieces)
            else:
                alone.append(group)
    rows = [row for row in on_level if row]
    for group in sorted(alone, key=lambda g: g.middle):
        near = rows[-1] if rows else []
        if near and near[0] in alone and _on_one_row(near[0], group, size):
            near.append(group)
        else:
            rows.append([group])
    return sorted(rows, key=_row_middle)


def _have_company(middle: float, middles: list[float], near: float) -> bool:
    return bisect_left(middles, middle + near) - bisect_left(middles, middle - near) > 1


def _on_one_row(one: _Group, other: _Group, size: float) -> bool:
    return (
        abs(one.middle - other.middle) < 0.4 * size
        or abs(_middle(one.pieces[:1]) - _middle(other.pieces[:1])) < 0.25 * size
    )


def _row_middle(row: list[_Group]) -> float:
    return (min(g.top for g in row) + max(g.bottom for g in row)) / 2


def _spans_down(rows: list[list[_Group]], size: float) -> list[list[tuple[_Group, int]]]:
    """Rows of groups with how many rows each reaches down.

    What stands alone between rows that are empty in its columns, and in the middle of them, is a
    label of all of them.
    """
    spanned: list[list[tuple[_Group, int]]] = [[(group, 1) for group in row] for row in rows]
    at = 0
    while at < len(spanned):
        reach = _reach(spanned, at, size)
        if reach is None:
            at += 1
            continue
        first, last = reach
        moved = [(group, last - first) for group, _ in spanned.pop(at)]
        # What reaches down over the row that is gone covers one row less.
        for above in range(at):
            spanned[above] = [
                (group, reach - (above + reach > at)) for group, reach in spanned[above]
            ]
        spanned[first] += moved
        at = 0
    return spanned


def _reach(rows: list[list[tuple[_Group, int]]], at: int, size: float) -> tuple[int, int] | None:
    """From which to which row the texts of a row reach, if it is none of its own."""
    if any(reach > 1 or _is_value(piece) for group, reach in rows[at] for piece in group.pieces):
        return None
    columns = {c for group, _ in rows[at] for c in range(group.first, group.last + 1)}
    middle = _row_middle([group for group, _ in rows[at]])
    best: tuple[int, int, int, int] | None = None
    for first in range(at - 1, -1, -1):
        if _columns_of(rows, first, first + 1) & columns:
            break
        for last in range(at + 1, len(rows)):
            if _columns_of(rows, last, last + 1) & columns:
                break
            top = min(g.top for g, reach in rows[first] if reach == 1)
            bottom = max(g.bottom for g, reach in rows[last] if reach == 1)
            apart = abs((top + bottom) / 2 - middle) / size
            if apart < 0.75:
                # Of those that fit as well, the longest.
                better = (round(apart * 4), first - last, first, last)
                best = min(best, better) if best else better
    return best[2:] if best else None


def _columns_of(rows: list[list[tuple[_Group, int]]], first: int, after: int) -> set[int]:
    """The columns that are covered in some rows, also from above."""
    return {
        column
        for number, row in enumerate(rows[:after])
        for group, reach in row
        if number + reach > first
        for column in range(group.first, group.last + 1)
    }


# --- rows that no rule parts ---------------------------------------------------------------


def with_rows_parted(table: Table) -> Table:
    """Parts the rows of a ruled table in which several columns hold figures one above the other.

    Such forms have upright rules, and level ones only around the whole.
    """
    for row in range(max(cell.row for cell in table.cells), -1, -1):
        inside = [c for c in table.cells if c.row == row and c.rows == 1]
        stacks = [cell for cell in inside if _is_stack(cell, table.columns)]
        labels = max((len(cell.lines) for cell in inside if cell not in stacks), default=0)
        # A number broken over two lines is no stack: no label stands beside its second line.
        if len(stacks) > 1 and labels >= max(len(cell.lines) for cell in stacks):
            table = _with_row_parted(table, row, [c for c in inside if c.lines])
    return table


def _is_stack(cell: TableCell, columns: list[Stretch]) -> bool:
    """Whether figures stand one above the other that would have fitted side by side."""
    values = [line for line in cell.lines if _is_value(line)]
    room = columns[cell.column + cell.columns - 1][1] - columns[cell.column][0]
    return len(values) > 1 and all(
        above.x1 - above.x0 + below.x1 - below.x0 < 0.6 * room
        for above, below in pairwise(cell.lines)
    )


def _with_row_parted(table: Table, row: int, inside: list[TableCell]) -> Table:
    pieces = [line for cell in inside for line in cell.lines]
    size = median(piece.size for piece in pieces)
    levels = _levels([piece for piece in pieces if _is_value(piece)], size)
    rows = _rows(pieces, table.columns, levels)
    further = len(rows) - 1
    cells = []
    for cell in table.cells:
        if cell.row > row:
            cells.append(cell._replace(row=cell.row + further))
        elif cell.row + cell.rows - 1 > row or (cell.row < row <= cell.row + cell.rows - 1):
            cells.append(cell._replace(rows=cell.rows + further))
        elif cell.row < row or cell not in inside:
            cells.append(cell._replace(rows=cell.rows + further * (cell.row == row)))
    for cell in inside:
        for number, groups in enumerate(rows):
            lines = tuple(p for group in groups for p in group.pieces if p in cell.lines)
            cells.append(cell._replace(row=row + number, lines=lines))
    return table._replace(cells=sorted(cells, key=lambda cell: (cell.row, cell.column)))


# --- tables --------------------------------------------------------------------------------


def _table(lines: list[_Texts], level: Sequence[tuple[float, float, float]]) -> Table | None:
    """The table that stands in some lines; None if there is none."""
    columns = _columns(lines)
    if len(columns) < 2:
        return None
    pieces = [part for line in lines for piece in line.pieces for part in _heads(piece, columns)]
    size = median(piece.size for piece in pieces)
    values = [piece for piece in pieces if _is_value(piece)]
    levels = _levels(values, size)
    beside = [piece for piece in values if _span(piece, columns)[0] > 0]
    ruled = any(lines[0].top - 2 * size < y < lines[-1].bottom + 2 * size for y, _, _ in level)
    if not beside or (not ruled and not _is_sure(beside, columns, levels)):
        return None
    rows = _spans_down(_rows(pieces, columns, levels), size)
    return Table(columns, _cells(rows, len(columns)), lines[0].top, lines[-1].bottom, ruled=False)


def _is_sure(values: list[Line], columns: list[Stretch], levels: list[float]) -> bool:
    """Whether lines without any rule make a table: rows of figures, and not page numbers.

    Two columns are a table only if most of the figures are exact or have units.
    """
    if len(levels) < 2 or len(values) < 3:
        return False
    exact = sum(bool(_EXACT.search(value.text)) for value in values)
    return len(columns) > 2 or exact * 2 > len(values)


def _cells(rows: list[list[tuple[_Group, int]]], width: int) -> list[TableCell]:
    """Gives each group its place; where two would share one, the wider gives way."""
    taken: dict[tuple[int, int], int] = {}
    cells: list[TableCell] = []
    for number, row in enumerate(rows):
        for group, reach in sorted(row, key=lambda entry: entry[0].last - entry[0].first):
            free = [c for c in range(group.first, group.last + 1) if (number, c) not in taken]
            if not free:
                at = taken[number, group.first]
                lines = sorted([*cells[at].lines, *group.pieces], key=lambda line: line.top)
                cells[at] = cells[at]._replace(lines=tuple(lines))
                continue
            together = [c for c in free if c - free[0] == free.index(c)]
            for deep in range(reach):
                for column in together:
                    taken[number + deep, column] = len(cells)
            cells.append(TableCell(number, together[0], reach, len(together), tuple(group.pieces)))
    for number in range(len(rows)):
        for column in range(width):
            if (number, column) not in taken:
                cells.append(TableCell(number, column, 1, 1, ()))
    return sorted(cells, key=lambda cell: (cell.row, cell.column))
