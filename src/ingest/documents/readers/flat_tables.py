"""Finds the tables of a text: rows of bars, tabs and blanks, and tables with one cell a line.

Each way of flattening a table has a finder of its own. Cells are spans of the text, never copies;
what a flattened table lost of its columns is put together here or left to be counted (`ragged`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import mode
from typing import NamedTuple

from ingest.documents.readers.headings import REMARK, heading_level, numbering
from ingest.records import Block, Cell

# How far to look around a place: a report on one endless line must not take forever.
LOOK = 200


class Line(NamedTuple):
    """A line without its newline; `text` is `document[start:end]`."""

    start: int
    end: int
    text: str


class Span(NamedTuple):
    start: int
    end: int


Row = list[Span]


class Table(NamedTuple):
    """A table found in lines `first` to `after` (not included).

    `cells` is given where more is known of their places than their order in the row.
    """

    first: int
    after: int
    rows: list[Row]
    cells: tuple[Cell, ...] = ()


def table_block(text: str, lines: list[Line], table: Table) -> Block:
    placed = (
        table.cells
        or _placed_over_empty_cells(text, table.rows)
        or _placed_below_parents(text, table.rows)
    )
    counted = (
        Cell(row, column, span.start, span.end)
        for row, spans in enumerate(table.rows)
        for column, span in enumerate(spans)
    )
    start, end = lines[table.first].start, lines[table.after - 1].end
    return Block("table", start, end, cells=placed or tuple(counted), ragged=not placed)


VALUE = re.compile(
    r"(?:[≥≤<>=~约]{0,2}\s?-?\d[\d,]{0,15}(?:\.\d{1,6})?\s?(?:[%‰]|[\u4e00-\u9fff/()]{0,4})|[-/]{1,4})$"
)


def find_tables(text: str, lines: list[Line]) -> Iterator[Table]:
    """Finds the tables. Each way of flattening one has a finder; the first that fits takes it.

    A finder says up to which line it has looked in vain, so that no line is looked at by one
    finder over and over.
    """
    looked = [0] * len(_FINDERS)
    at = 0
    while at < len(lines):
        if lines[at].text.strip(" "):
            for number, finder in enumerate(_FINDERS):
                if at < looked[number]:
                    continue
                table = finder(text, lines, at)
                if table.rows:
                    yield table
                    at = table.after - 1
                    break
                looked[number] = table.after
        at += 1


def _stripped(text: str, start: int, end: int) -> Span:
    """The span without the blanks around; empty at its start if there is nothing else."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    if left == len(piece):
        return Span(start, start)
    return Span(start + left, start + len(piece.rstrip()))


def _pieces(text: str, line: Line, mark: str) -> list[Span]:
    """The spans between the marks of a line."""
    spans = []
    start = line.start
    for piece in line.text.split(mark):
        spans.append(_stripped(text, start, start + len(piece)))
        start += len(piece) + 1
    return spans


def _is_value(text: str, span: Span) -> bool:
    return span.end - span.start <= 24 and bool(VALUE.match(text[span.start : span.end]))


def _is_sentence(words: str) -> bool:
    return len(words) > 20 and "。" in words


# One cell a line, each led by a tab; rows parted by blank lines (Word and Tika write it so).


def _is_led(line: Line) -> bool:
    return line.text.lstrip(" ").startswith("\t")


def _tab_led(text: str, lines: list[Line], at: int) -> Table:
    if not _is_led(lines[at]):
        return Table(at, at + 1, [])
    groups: list[Row] = []
    group: Row = []
    after = at
    several = 0
    for number in range(at, len(lines)):
        line = lines[number]
        if _is_led(line):
            filled = [span for span in _pieces(text, line, "\t") if span.end > span.start]
            several += len(filled) > 1
            tab = line.start + line.text.index("\t") + 1
            group += filled if len(filled) > 1 else [Span(tab, line.end)]
        elif not line.text.strip():
            if group:
                groups.append(group)
            group = []
            continue
        elif group or _closes_row(text, lines, number, groups):
            # A line without a tab belongs to the cell above it.
            group = group or groups.pop()
            group[-1] = Span(group[-1].start, line.end)
        else:
            break
        after = number + 1
    if group:
        groups.append(group)
    led = sum(map(_is_led, lines[at:after]))
    if several * 2 >= led or led < 2:
        return Table(at, after, [])
    kept = _trailing_prose(text, lines, at, after)
    last = groups[-1][-1]
    groups[-1][-1] = Span(last.start, min(last.end, lines[kept - 1].end))
    rows = [[_stripped(text, *span) for span in row] for row in groups]
    if _is_indented_prose(text, rows):
        return Table(at, after, [])
    return Table(at, kept, _rejoined(rows))


def _closes_row(text: str, lines: list[Line], at: int, groups: list[Row]) -> bool:
    """Whether the lines after a blank one are still the last cell of a row broken by it.

    Only if the row was short and the tab-led lines that follow make it as long as the one before.
    """
    if len(groups) < 2:
        return False
    number = at
    while number < min(len(lines), at + 6) and lines[number].text.strip():
        words = lines[number].text.strip()
        if _is_led(lines[number]):
            break
        if heading_level(words) or REMARK.match(words[:LOOK]) or _is_sentence(words):
            return False
        number += 1
    cells = 0
    while number < len(lines) and lines[number].text.strip(" "):
        cells += _is_led(lines[number])
        number += 1
        if cells > 40:
            return False
    return cells > 0 and len(groups[-1]) + cells == len(groups[-2])


def _trailing_prose(text: str, lines: list[Line], at: int, after: int) -> int:
    """Where the table ends, if prose follows its last cell without a blank line."""
    head = after - 1
    while not _is_led(lines[head]):
        head -= 1
    cell = _stripped(text, lines[head].start, lines[head].end)
    for number in range(head + 1, after):
        words = lines[number].text.strip()
        full = cell.start == cell.end or _is_value(text, cell)
        if REMARK.match(words[:LOOK]) or (full and (heading_level(words) or "。" in words)):
            return number
    return after


def _is_indented_prose(text: str, rows: list[Row]) -> bool:
    """Whether tabs only indent paragraphs: sentences or headings, and no value or empty cell."""
    spans = [span for row in rows for span in row]
    if max(map(len, rows)) < 2:
        return True
    if any(span.start == span.end or _is_value(text, span) for span in spans):
        return False
    return any(
        _is_sentence(text[span.start : span.end])
        or numbering(text[span.start : span.end])[0] in (1, 2)
        for span in spans
    )


def _rejoined(rows: list[Row]) -> list[Row]:
    """Puts a row together again that a blank line inside an empty cell has parted."""
    whole: list[Row] = []
    at = 0
    while at < len(rows):
        row = rows[at]
        if whole and at + 1 < len(rows):
            width, following = len(whole[-1]), rows[at + 1]
            later = len(rows[at + 2]) if at + 2 < len(rows) else width
            lone = len(row) == 1 and row[0].start == row[0].end
            fits = len(row) + len(following) == width
            if (fits and (lone or later == width)) or (lone and len(following) + 1 == later):
                row = row + following
                at += 1
        whole.append(row)
        at += 1
    return whole


# Bars: a row a line, or a cell a line with further bars where a row ends.


def _barred(text: str, lines: list[Line], at: int) -> Table:
    if "|" not in lines[at].text and not _bars_follow(lines, at):
        return Table(at, at + 1, [])
    after = at + 1
    while after < len(lines):
        if "|" in lines[after].text:
            after += 1
            continue
        step = after + 1 if not lines[after].text.strip() else after
        if not (step < len(lines) and "|" in lines[step].text):
            step = _unbarred_cell(lines, after)
        if not step:
            break
        after = step
    region = lines[at:after]
    bars = sum(line.text.count("|") for line in region)
    if bars < 2 or (len(region) == 1 and (bars < 3 or "。" in region[0].text)):
        return Table(at, after, [])
    filled = [
        sum(span.end > span.start for span in _pieces(text, line, "|"))
        for line in region
        if line.text.strip(" |")
    ]
    by_line = sum(count > 1 for count in filled) * 3 >= len(filled)
    if by_line:
        return Table(at, after, _rows_by_line(text, region))
    return Table(at, after, _rows_by_cell(text, region))


def _bars_follow(lines: list[Line], at: int) -> bool:
    """Whether a line is the first cell of a table with bars on lines of their own."""
    below = [line.text.strip() for line in lines[at + 1 : at + 6]]
    return below[::2] == ["|", "|", "|"] and _is_bare_cell(lines[at].text)


_SHORTEST_TITLE = 6


def _unbarred_cell(lines: list[Line], at: int) -> int:
    """The line after a cell whose lines have no bar; 0 if what stands here is no cell.

    Such a cell stands between lines of bars only, or is the first line of a wrapped one.
    """
    alone = not lines[at - 1].text.strip(" |")
    for number in range(at, min(len(lines), at + 5)):
        line = lines[number].text
        if "|" in line:
            return number if line.rstrip().endswith("|") else 0
        words = line.strip()
        if not alone and (not words or len(words) > 20):
            return 0
        if _is_sentence(words) or REMARK.match(words[:LOOK]):
            return 0
        between_bars = alone and number + 1 < len(lines) and lines[number + 1].text.strip() == "|"
        if heading_level(words) == 1 and len(words) > _SHORTEST_TITLE and not between_bars:
            return 0
    return 0


def _rows_by_line(text: str, lines: list[Line]) -> list[Row]:
    words = [line.text.strip() for line in lines]
    trailing = sum(word.endswith("|") for word in words) * 2 > len(words)
    # A bar that only some rows begin with is no border: it ends an empty first cell. The rest of
    # a cell broken over two lines begins no row.
    leading = words[0].startswith("|") and all(
        word.startswith("|") or (trailing and not before.endswith("|"))
        for before, word in pairwise(filter(None, words))
    )
    rows = []
    for number, line in enumerate(lines):
        if not words[number].strip("| ") or _is_rule(words[number]):
            continue
        row = _pieces(text, line, "|")
        if leading and words[number].startswith("|"):
            row = row[1:]
        if trailing and words[number].endswith("|"):
            row = row[:-1]
        rows.append(row)
    return rows


def _is_rule(words: str) -> bool:
    """Whether a line is markdown's rule below a header row."""
    return not words.strip("|:- ") and all(
        len(piece.strip(" :")) > 2 for piece in words.strip("| ").split("|")
    )


def _rows_by_cell(text: str, lines: list[Line]) -> list[Row]:
    """A bar ends a cell; a bar with no cell before it ends the row, or stands for an empty cell."""
    regular = _rows_of_one_width(text, lines)
    if regular:
        return regular
    rows: list[Row] = [[]]
    further = [0]
    cell: Span | None = None
    for line in lines:
        *closed, rest = _pieces(text, line, "|")
        for piece in closed:
            if piece.end > piece.start:
                cell = Span(cell.start if cell else piece.start, piece.end)
            if cell:
                rows[-1].append(cell)
                cell = None
            elif rows[-1]:
                rows.append([])
                further.append(1)
            else:
                further[-1] += 1
        if rest.end > rest.start:
            cell = Span(cell.start if cell else rest.start, rest.end)
    if cell:
        rows[-1].append(cell)
    return _parted_at_first(text, _with_empty_cells(text, rows, further))


_WIDEST = 13


def _rows_of_one_width(text: str, lines: list[Line]) -> list[Row]:
    """The rows if every bar ends a cell, empty ones too, and nothing ends a row; else none.

    One width only may give a head without gaps over columns of figures and columns of words.
    """
    cells: list[Span] = []
    open_: Span | None = None
    for line in lines:
        *closed, rest = _pieces(text, line, "|")
        for piece in closed:
            begun = open_ or piece
            cells.append(Span(begun.start, piece.end if piece.end > piece.start else begun.end))
            open_ = None
        if rest.end > rest.start:
            open_ = Span(open_.start if open_ else rest.start, rest.end)
    cells += [open_] if open_ else []
    fitting = []
    for width in range(3, min(_WIDEST, len(cells) // 3 + 1)):
        rows = [cells[at : at + width] for at in range(0, len(cells), width)]
        if len(cells) % width == 0 and _is_regular(text, rows):
            fitting.append(rows)
    return fitting[0] if len(fitting) == 1 else []


def _is_regular(text: str, rows: list[Row]) -> bool:
    """Whether a full head of words stands over columns that hold figures or words, never both."""
    if any(span.end == span.start or _is_value(text, span) for span in rows[0]):
        return False
    figures = 0
    for place, column in enumerate(zip(*rows[1:], strict=True)):
        filled = [span for span in column if span.end > span.start]
        values = sum(_is_value(text, span) for span in filled)
        if values not in (0, len(filled)) or (values and not place):
            return False
        figures += values * 2 > len(column)
    return figures > 1


def _with_empty_cells(text: str, rows: list[Row], further: list[int]) -> list[Row]:
    """Joins what an empty cell has parted: no row begins with a value, if most have a label.

    `further` is how many bars stand before each row that close no cell.
    """
    lengths = [len(row) for row in rows]
    width = mode(lengths)
    whole: list[Row] = []
    for row, bars in zip(rows, further, strict=True):
        parted = whole and row and _is_value(text, row[0]) and not _is_value(text, whole[-1][0])
        if parted and len(whole[-1]) + bars + len(row) == width:
            at = whole[-1][-1].end
            whole[-1] += [Span(at, at)] * bars + row
        elif row:
            whole.append(row)
    return whole


def _parted_at_first(text: str, rows: list[Row]) -> list[Row]:
    """Parts a first row that runs on: so many labels, then as many values.

    One label more than values is a header that others divide, and 小计 is the first of these.
    """
    first = rows[0] if rows else []
    values = [_is_value(text, span) for span in first]
    labels = values.index(True) if True in values else 0
    run = next((n for n, value in enumerate(values[labels:]) if not value), len(first) - labels)
    parts = [first]
    if labels > 1 and run >= labels:
        parts = [first[:labels], first[labels : labels * 2], first[labels * 2 :]]
    elif labels > 4 and run == labels - 1:
        names = [text[slice(*span)].replace(" ", "") for span in first[:labels]]
        if "小计" in names[2:]:
            divided = names.index("小计", 2)
            below = [first[divided:labels], first[labels : labels + run], first[labels + run :]]
            parts = [first[:divided], *below]
    return [part for part in parts if part] + rows[1:]


def _placed_below_parents(text: str, rows: list[Row]) -> tuple[Cell, ...]:
    """Gives two header rows their places, if the second one divides one cell of the first.

    Flattening loses which cell it is; names tell (公务用车购置费 stands below 公务用车购置及运行费),
    and the rows below confirm it by their length. Nothing is placed when any row does not fit.
    """
    if len(rows) < 3 or any(_is_value(text, span) for row in rows[:2] for span in row):
        return ()
    above, below, body = rows[0], rows[1], rows[2:]
    width = max(map(len, body))
    leading = width - (len(above) - 1 + len(below))
    labelled = all(not _is_value(text, row[0]) for row in body)
    if (
        len(below) < 2
        or leading != labelled
        or {len(row) for row in body}
        - {
            width,
            leading + len(above),
        }
    ):
        return ()
    likeness = [
        max(_common_run(text[slice(*parent)], text[slice(*child)]) for child in below)
        for parent in above
    ]
    best = max(likeness)
    if best < 3 or likeness.count(best) > 1:
        return ()
    parent = likeness.index(best)
    cells = []
    for number, row in enumerate(rows):
        divided = number == 0 or (number > 1 and len(row) < width)
        column = leading + parent if number == 1 else leading if number == 0 else 0
        for place, span in enumerate(row):
            below_parent = divided and place == parent + (leading if number else 0)
            columns = len(below) if below_parent else 1
            deep = 2 if number == 0 and not below_parent else 1
            cells.append(Cell(number, column, span.start, span.end, deep, columns))
            column += columns
    return tuple(cells)


def _placed_over_empty_cells(text: str, rows: list[Row]) -> tuple[Cell, ...]:
    """Gives two header rows their places, if the second one has an empty cell below each cell of
    the first that goes on downwards. Word flattens merged cells so; a cell that goes on to the
    right leaves nothing. Nothing is placed when any row does not fit.
    """
    if len(rows) < 3 or any(_is_value(text, span) for row in rows[:2] for span in row):
        return ()
    above, below = rows[0], rows[1]
    # The filled cells between two empty ones stand below one cell together.
    groups: list[int] = []
    filled_before = False
    for span in below:
        filled = span.end > span.start
        if filled and filled_before:
            groups[-1] += 1
        else:
            groups.append(1)
        filled_before = filled
    if len(groups) != len(above) or {len(row) for row in rows[1:]} != {len(below)}:
        return ()
    cells = []
    column = 0
    for span, columns in zip(above, groups, strict=True):
        goes_on = below[column].start == below[column].end
        cells.append(Cell(0, column, *span, rows=1 + goes_on, columns=columns))
        column += columns
    cells += [Cell(1, at, *span) for at, span in enumerate(below) if span.end > span.start]
    cells += [
        Cell(row, at, *span)
        for row, spans in enumerate(rows)
        if row > 1
        for at, span in enumerate(spans)
    ]
    return tuple(cells)


def _common_run(one: str, other: str) -> int:
    """The length of the longest run of characters that two labels share."""
    other = other[:60]
    return max(
        (
            size
            for start in range(len(other))
            for size in range(1, len(other) - start + 1)
            if other[start : start + size] in one
        ),
        default=0,
    )


# Tabs between the cells of a line.


def _tabbed(text: str, lines: list[Line], at: int) -> Table:
    after = at
    while after < len(lines) and (
        _is_tabbed(lines[after].text) or (after > at and _is_led(lines[after]))
    ):
        after += 1
    region = lines[at:after]
    counts = [line.text.strip(" ").count("\t") for line in region]
    if not counts or (len(counts) == 1 and counts[0] < 2):
        return Table(at, max(after, at + 1), [])
    rows = [_pieces(text, line, "\t") for line in region]
    if all(row[0].start == row[0].end for row in rows):
        rows = [row[1:] for row in rows]
    if _is_indented_prose(text, rows):
        return Table(at, after, [])
    return Table(at, after, rows)


def _is_tabbed(line: str) -> bool:
    """Whether a line has cells parted by tabs; a tab after a section's number parts none."""
    words = line.strip(" ").lstrip("\t")
    if "\t" not in words:
        return False
    head, rest = words.split("\t", 1)
    if not rest.strip():
        return len(head) <= 20 and "。" not in head
    return "\t" in rest or not (numbering(head + "x")[1] >= len(head) > 0)


# Semicolons between the cells of a line (a table saved as text).


def _semicoloned(text: str, lines: list[Line], at: int) -> Table:
    count = lines[at].text.count(";")
    after = at
    while after < len(lines) and lines[after].text.count(";") == count and count > 1:
        after += 1
    rows = [_pieces(text, line, ";") for line in lines[at:after]]
    values = [sum(_is_value(text, span) for span in row) for row in rows]
    # A head and rows that are mostly figures; sentences parted by semicolons are none.
    if after - at < 3 or values[0] or any(2 * n < count for n in values[1:]):
        return Table(at, max(after, at + 1), [])
    return Table(at, after, rows)


# Blanks between the cells of a line.

_COLUMN = re.compile(
    r"预算|决算|执行数|执行率|完成[值率数]|指标值|目标值|分值|得分|权重|合计|金额|编制|人数|控制率"
    r"|小计|项目|本年|上年|年初|全年|指标|参保|居民|职工|费$"
)


def _spaced(text: str, lines: list[Line], at: int) -> Table:
    rows: list[Row] = []
    last = at
    header = False
    values: list[int] = []
    for number in range(at, len(lines)):
        row = _spaced_cells(lines[number])
        if not row:
            break
        count = _values_at_end(text, row)
        if count > 1 and (count < len(row) or header):
            values.append(count)
            last = number + 1
        elif not values and _is_header(text, row, 3):
            header = True
        elif not header and number + 1 < len(lines) and _is_header(text, row, 2):
            # A header of headers, if one stands below.
            if not _is_header(text, _spaced_cells(lines[number + 1]), 3):
                break
        elif not (values and _goes_on(text, row)):
            break
        rows.append(row)
    if not values or (not header and (len(values) < 2 or len(set(values)) > 1)):
        return Table(at, at + max(len(rows), 1), [])
    while last - at < len(rows) and _values_at_end(text, rows[last - at]):
        last += 1
    rows = rows[: last - at]
    return Table(at, last, rows, _placed_by_position(text, lines[at:last], rows))


def _goes_on(text: str, row: Row) -> bool:
    """Whether a row among others is one with a single value, or a label alone."""
    label, *rest = row
    return label.end - label.start <= 12 and len(rest) < 2 and all(_is_value(text, v) for v in rest)


def _spaced_cells(line: Line) -> Row:
    """The pieces between blanks; none for a line that reads as a sentence."""
    words = line.text
    if (
        len(words) > LOOK
        or "|" in words
        or "\t" in words
        or re.search(r"[。;!?]|,(?!\d{3})", words)
    ):
        return []
    wide = len(re.findall(r"\S\s{2,}(?=\S)", words)) > 1
    # What stands in brackets (年初预算数 (A)) belongs to the words before it.
    pattern = r"\S+(?:\s\S+)*" if wide else r"\S+(?:\s\([^()\s]{1,8}\)(?=\s|$))*"
    return [
        Span(line.start + found.start(), line.start + found.end())
        for found in re.finditer(pattern, words)
    ]


def _values_at_end(text: str, row: Row) -> int:
    """How many values end a row; one remark may follow them."""
    values = [_is_value(text, span) for span in row]
    if len(row) > 3 and values[-3:] == [True, True, False]:
        values.pop()
    return next((n for n, value in enumerate(reversed(values)) if not value), len(values))


def _is_header(text: str, row: Row, least: int) -> bool:
    if len(row) < least or any(_is_value(text, span) for span in row):
        return False
    return sum(bool(_COLUMN.search(text[slice(*span)])) for span in row) >= 2


def _placed_by_position(text: str, lines: list[Line], rows: list[Row]) -> tuple[Cell, ...]:
    """Gives cells the columns below which they are printed, empty places included.

    The rows with most cells show where the columns are. Nothing is placed where single blanks part
    cells or two cells of a row fall into one column: then the blanks were not meant to align.
    """
    width = max(map(len, rows))
    if any(right.start - left.end < 2 for row in rows for left, right in pairwise(row)):
        return ()
    extents = [
        [_printed(text, line, span) for span in row] for line, row in zip(lines, rows, strict=True)
    ]
    full = [row for row in extents if len(row) == width]
    columns = [
        (min(row[place][0] for row in full), max(row[place][1] for row in full))
        for place in range(width)
    ]
    if any(left[1] > right[0] for left, right in pairwise(columns)):
        return ()
    heads = next(number for number, row in enumerate(extents) if len(row) == width)
    cells = []
    for number, row in enumerate(extents):
        places = [_column_below(columns, extent) for extent in row]
        if any(here >= there for here, there in pairwise(places)):
            return ()
        if number < heads:
            # A header above the full one spans all columns up to the next header.
            cells += [
                Cell(number, place, *span, columns=after - place)
                for span, place, after in zip(
                    rows[number], places, [*places[1:], width], strict=True
                )
            ]
            continue
        spans = dict(zip(places, rows[number], strict=True))
        at = lines[number].start
        for place in range(width):
            span = spans.get(place, Span(at, at))
            cells.append(Cell(number, place, *span))
            at = span.end
    return tuple(cells)


def _printed(text: str, line: Line, span: Span) -> tuple[int, int]:
    """From where to where a cell is printed, in half widths."""
    left = half_widths(text[line.start : span.start])
    return left, left + half_widths(text[slice(*span)])


def half_widths(words: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in words)


def _column_below(columns: list[tuple[int, int]], extent: tuple[int, int]) -> int:
    """The column that a cell shares most with, or else the nearest."""
    return max(
        range(len(columns)),
        key=lambda place: min(columns[place][1], extent[1]) - max(columns[place][0], extent[0]),
    )


# The year's goal beside its result, each in a sentence: two cells below two heads.

_GOAL_AND_RESULT = re.compile(
    r"(?:\S{1,6}\s)?(?=\S*目标)(?!\S*完成)\S{2,16}\s+\S{0,12}(?:完成|实现)情况\S{0,8}$"
)


def _goal_beside_result(text: str, lines: list[Line], at: int) -> Table:
    nothing = Table(at, at + 1, [])
    if not _GOAL_AND_RESULT.match(lines[at].text.strip()[:LOOK]) or at + 1 == len(lines):
        return nothing
    rows = []
    for line in lines[at : at + 2]:
        for gap in (r"\s{2,}", r"\s"):
            parts = [found.span() for found in re.finditer(rf"\S(?:(?!{gap}\S).)*", line.text)]
            if len(parts) > 1:
                break
        rows.append([_stripped(text, line.start + a, line.start + b) for a, b in parts])
    heads, cells = rows
    if len(heads) not in (2, 3) or len(cells) not in (2, len(heads)):
        return nothing
    return Table(at, at + 2, [heads[-2:], cells[-2:]])


# One cell a line below a head of years: the head tells how long a row is.

_NAMES = re.compile(r"(?:指标|项\s{0,4}目|科\s{0,4}目|内容)(?:名称)?$|名称$")
_UNITS = re.compile(r"(?:计量|度量|计算)?单位$")
_YEARS = re.compile(r"(?:19|20)\d\d年度?(?:末|底|[预决]算数?|实际数?|完成数?)?$")
_CHANGES = re.compile(
    r"(?:增减|同比|比上年|较上年|增长|增幅|变动|差额)[额率幅度增减变动数值]{0,4}[\d%±+()/-]{0,6}$"
)
_UNIT_ALONE = re.compile(r"(?:[百千万亿]?(?:人次|人|元|户|家|张|个|件)|%|‰)$")


def _year_columns(text: str, lines: list[Line], at: int) -> Table:
    """Names, units and years head the columns; each row is a name, its unit and its figures."""
    if not _NAMES.match(lines[at].text.strip()[:LOOK]):
        return Table(at, at + 1, [])
    head: Row = []
    years = units = 0
    rows: list[Row] = []
    after = at
    for number in range(at, len(lines)):
        words = lines[number].text.strip()
        if not words:
            continue
        span = _stripped(text, lines[number].start, lines[number].end)
        is_year, is_unit = bool(_YEARS.match(words)), bool(_UNITS.match(words))
        if not rows and (not head or is_year or (is_unit and not units) or _CHANGES.match(words)):
            head.append(span)
            years += is_year
            units += is_unit
        elif years < 2 or len(head) > _WIDEST:
            return Table(at, number, [])
        elif rows and _is_value(text, span):
            rows[-1].append(span)
            after = number + 1
            if len(rows[-1]) > len(head):
                return Table(at, number, [])
        elif rows and len(rows[-1]) == 1 and _UNIT_ALONE.match(words):
            rows[-1].append(span)
        elif _is_bare_cell(lines[number].text) and not _is_value(text, span):
            rows.append([span])
        else:
            break
    while rows and len(rows[-1]) < 2 + units:
        rows.pop()
    alone = [text[slice(*row[0])] for row in rows if len(row) == 1]
    broken = any(not numbering(words)[0] and not words.endswith(":") for words in alone)
    if broken or sum(len(row) == len(head) for row in rows) < 2:
        # A name without figures that heads no section may be half of the next one.
        return Table(at, max(after, at + 1), [])
    last = next(n for n in range(at, after) if lines[n].end >= rows[-1][-1].end)
    return Table(at, last + 1, [head, *rows])


# Nothing between the cells: one a line, and only what they say tells labels from values.

_LONGEST_CELL = 40
_COLUMN_ALONE = re.compile(
    r"(?:(?:年初|全年|调整后?)?(?:预算|决算|执行)数?.{0,4}|(?:预算)?执行率.{0,6}|[一二三]级指标|指标名称"
    r"|(?:年度|全年|实际)?(?:指标|目标|完成)值|(?:实际|全年)(?:完成|支出).{0,3}|分值|得分|权重|金额|编制数|控制率"
    r"|合计|备注|.{0,4}原因.{0,8})$"
)


def _bare(text: str, lines: list[Line], at: int) -> Table:
    """Labels, then values, then labels again; a blank line may part the rows.

    Lines of prose are told by their length and punctuation. Three values standing alone on their
    lines, and no more labels between them than a row may have, make a table.
    """
    apart = _stand_apart(lines, at)
    found = _bare_rows(text, lines, at, apart)
    rows = _parted_at_first(text, found.rows)
    if found.values < 3 or len(rows) < 2:
        return Table(at, max(at + 1, found.begun), [])
    parted = [_without_header(text, row) for row in rows]
    if len(parted[0]) > 2:
        del parted[0][0]
    rows = [part for parts in parted for part in parts]
    if not apart:
        rows = _with_broken_labels(text, rows)
    # Lines above the first header that no column stands below are no part of the table.
    extra = len(rows[0]) - len(rows[1])
    if extra > 0 and _has_header(text, rows[0]):
        rows[0] = rows[0][extra:]
    begin = rows[0][0].start
    at = next(number for number in range(at, found.end) if lines[number].end > begin)
    return Table(at, found.end, rows)


@dataclass
class _BareRows:
    """Rows of bare cells: how many values stand alone in them, and on which lines they stand.

    `begun` is the line on which the last row begins, `end` the one after the last with a value.
    """

    rows: list[Row]
    values: int
    begun: int
    end: int


def _bare_rows(text: str, lines: list[Line], at: int, apart: bool) -> _BareRows:
    """The cells from line `at` on, up to what can be none, parted into rows of labels and values.

    `apart` says that a blank line follows every line.
    """
    found = _BareRows([], 0, at, at)
    row: Row = []
    values = 0
    for number in range(at, len(lines)):
        words = lines[number].text.strip()
        if not words:
            if apart and lines[number - 1].text.strip():
                continue
            if len(row) < 2 or (not values and not _has_header(text, row)):
                break
            found.rows.append(row)
            row, values = [], 0
            continue
        is_cell = _is_bare_cell(lines[number].text) or _is_column(lines, number)
        if not is_cell or len(row) > (40 if values else 9):
            break
        span = _stripped(text, lines[number].start, lines[number].end)
        is_value = _is_value(text, span)
        if values and not is_value and not _starts_value(words):
            found.rows.append(row)
            row, values = [], 0
        note = row and not values and re.fullmatch(r"\([^()]{1,6}\)", words)
        if note and span.end - row[-1].start <= 2 * _LONGEST_CELL:
            row[-1] = Span(row[-1].start, span.end)
            continue
        found.begun = found.begun if row else number
        row.append(span)
        if len(row) > 1 and (is_value or _starts_value(words)):
            values += 1
            found.values += is_value
            found.end = number + 1
    if values:
        found.rows.append(row)
    return found


def _stand_apart(lines: list[Line], at: int) -> bool:
    """Whether a blank line follows every line here, so that one blank line parts nothing."""
    here = [bool(line.text.strip()) for line in lines[at : at + 6]]
    return here == [True, False, True, False, True, False]


def _is_bare_cell(line: str) -> bool:
    words = line.strip()
    if len(words) > _LONGEST_CELL or "\t" in line or re.search(r"\S\s{2,}\S", words):
        return False
    if re.search(r"[。;!?|\t]|[,、]$|:\s*[^\s\d]", words):
        return words.startswith("其中:") and len(words) <= 20
    return not (REMARK.match(words) or heading_level(words) == 1 or numbering(words)[0] in (1, 2))


_BUDGET_COLUMN = re.compile(
    r"(?:(?:19|20)\d\d年度?)?(?:年初|全年|上年|本年|当年|调整后?)?(?:预算|决算)$"
)


def _is_column(lines: list[Line], at: int) -> bool:
    """Whether a line that might be a title (年初预算) heads a column, as a line beside it does."""
    if not _BUDGET_COLUMN.match(lines[at].text.strip()):
        return False
    above, below = reversed(lines[max(at - 2, 0) : at]), lines[at + 1 : at + 3]
    return any(
        _COLUMN_ALONE.match(words) or _BUDGET_COLUMN.match(words)
        for side in (above, below)
        for words in [next((line.text.strip() for line in side if line.text.strip()), "")]
    )


def _starts_value(words: str) -> bool:
    """Whether a cell states its value in words: 达到95%以上, 职工80%以上."""
    return bool(re.search(r"\d\s?[%万人元]", words)) and len(words) <= 24


def _has_header(text: str, row: Row) -> bool:
    return sum(bool(_COLUMN_ALONE.match(text[slice(*span)])) for span in row) >= 2


# What the forms call the branches of their indicators, and what is never a part of a longer label.
_BRANCH = re.compile(
    r"(?:(?:投入|过程|管理|产出|效果|效益|满意度?|数量|质量|时效|成本|可持续影响|服务对象满意度?"
    r"|(?:经济|社会|生态|环境)(?:效益|成本|影响)|(?:服务对象|群众|社会公众)满意度)(?:指标)?"
    r"|(?:年度)?绩效指标)(?:\([^()]{1,8}\))?$"
)


def _with_broken_labels(text: str, rows: list[Row]) -> list[Row]:
    """Joins a label broken over two lines, in rows that blank lines part.

    Such a row has one cell more than its header. Its label is joined only if no other neighbours
    could be: values, names of branches and cells that stand in a row of the right length are whole.
    """
    standing: dict[int, set[str]] = {}
    for row in rows:
        standing.setdefault(len(row), set()).update(text[slice(*span)] for span in row)
    whole: list[Row] = []
    width = 0
    for row in rows:
        if _has_header(text, row) and not any(_is_value(text, span) for span in row):
            width = len(row)
        elif width and len(row) == width + 1 and _is_parted(text, row):
            joints = [
                at
                for at, pair in enumerate(pairwise(row))
                if not any(_is_whole(text, span, standing[width]) for span in pair)
            ]
            if len(joints) == 1:
                [at] = joints
                row = [*row[:at], Span(row[at].start, row[at + 1].end), *row[at + 2 :]]
        whole.append(row)
    return whole


def _is_whole(text: str, span: Span, known: set[str]) -> bool:
    words = text[slice(*span)]
    return (
        words in known
        or _is_value(text, span)
        or _starts_value(words)
        or bool(_BRANCH.match(words))
    )


def _is_parted(text: str, row: Row) -> bool:
    """Whether blank lines stand around a row, or the text begins or ends there."""
    above = text[max(0, row[0].start - LOOK) : row[0].start].split("\n")[-2:]
    below = text[row[-1].end : row[-1].end + LOOK].split("\n")[:2]
    return not "".join(above + below).strip()


def _without_header(text: str, row: Row) -> list[Row]:
    """Parts a row from the header that runs on into it: as many headers as the row has cells.

    Or as many as it has figures; then what stands before these headers is parted, too.
    """
    values = [_is_value(text, span) or _starts_value(text[slice(*span)]) for span in row]
    labels = values.index(True) if True in values else len(row)
    if labels == len(row):
        return [row]
    figures = len(row) - labels
    if figures > 2 and all(values[labels:]):
        # Between head and figures stand a merged cell and a name: as many heads as figures.
        heads = [bool(_COLUMN_ALONE.match(text[slice(*span)])) for span in row[:labels]]
        end = len(heads) - heads[::-1].index(True) if True in heads else 0
        begin = end - figures
        if (
            begin >= 0
            and all(heads[begin:end])
            and 2 <= labels - end <= 3
            and not any(heads[:begin])
        ):
            return [part for part in (row[:begin], row[begin:end], row[end:]) if part]
    cells, odd = divmod(len(row), 2)
    count = cells if not odd and cells <= labels else labels - 1
    if _has_header(text, row[:count]):
        return [row[:count], row[count:]]
    return [row]


_FINDERS = (
    _tab_led,
    _barred,
    _tabbed,
    _semicoloned,
    _goal_beside_result,
    _year_columns,
    _spaced,
    _bare,
)
