"""Figures that no rule parts: which stand whole, and which may be two at once or a part of one.

Where columns all but touch, or a file sets the digits of one number apart, only the layout of the
other rows can tell a figure from its neighbour. What it cannot tell is left out, and said.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from ingest.documents.readers.layout import COLUMN_GAP, Run, cut, edges_of, joined, size_of

ILLEGIBLE = "\ufffd"
"""Stands for figures that cannot be told apart, in a run of their own."""

APART = 0.06
"""A gap between digits wider than this share of the type's size is not the type's own."""

_OF_NUMBERS = "0123456789.,"
_FIGURES = re.compile(r"[\d.,%]+")
# Letters set wide have the same gap everywhere; a wider one parts words.
_MOST_SPACING = 0.15
# What counts as the same place, and as another one; in sizes of the type.
_SAME, _OTHER = 0.12, 0.3
_NEAR_LINES, _FAR_LINES, _SHORT = 6, 30, 5
# With fewer figures, lines without rules are no table.
_FEWEST = 3
_FAR = 9.0
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(r"(?:(?:19|20)\d\d[.,])?\d{1,2}(?:[.,]\d{1,2})+")
_NUMBER = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?,?")


class _Token(NamedTuple):
    """Digits side by side: on which line, in which run and where there, and where on the page.

    `left` and `right` are the ends of the word it is in, with its sign and unit, and `others` counts
    its characters that are of no figure. `before` and `after` are the gaps to the figures beside it, in sizes of the type;
    they are wide where there is none. `unit` is the character behind it.
    """

    line: int
    run: int
    start: int
    end: int
    words: str
    x0: float
    x1: float
    size: float
    left: float
    right: float
    others: int
    before: float = _FAR
    after: float = _FAR
    unit: str = ""

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    @property
    def alone(self) -> bool:
        """Whether its word says little else."""
        return self.others < _SHORT


class Told(NamedTuple):
    """Lines whose figures are told apart, and what each line says that has figures left out."""

    lines: list[list[Run]]
    illegible: dict[int, str]


def told_apart(
    lines: Sequence[list[Run]], ruled: Iterable[range], spread: Iterable[range] = ()
) -> Told:
    """Parts figures that all but touch, and leaves out those whose ends cannot be seen.

    `ruled` say which lines stand together between the rules of a table, `spread` which only stand
    as the rows of one may: these are looked at if they hold figures enough. Prose is left alone.
    """
    found = list(lines)
    illegible: dict[int, str] = {}
    for stretch, sure in [*((s, True) for s in ruled), *((s, False) for s in spread)]:
        tokens = [token for at in stretch for token in _tokens(at, lines[at])]
        alone = [token.line for token in tokens if token.alone]
        if not sure and (len(alone) < _FEWEST or len(set(alone)) < 2):
            continue
        bad, walls = _judged(tokens)
        for at in {token.line for token in bad} | walls.keys():
            groups = [token for token in bad if token.line == at]
            if groups:
                illegible[at] = joined(lines[at]).text
            found[at] = list(_with_walls(_without(lines[at], groups), walls.get(at, [])))
    return Told(found, illegible)


# --- where figures stand ---------------------------------------------------------------------


def _tokens(number: int, line: list[Run]) -> list[_Token]:
    """The figures of a line; those that an engine read off a picture have no places to go by."""
    tokens: list[_Token] = []
    # Where the figure ended that the last character was of, if it was.
    end: float | None = None
    for at, run in enumerate(line):
        if run.confidence < 1 or not any(map(str.isdigit, run.text)):
            end = None
            continue
        edges = edges_of(run)
        slack = (APART + _spacing(run, edges)) * run.size
        for place, (character, (x0, x1)) in enumerate(zip(run.text, edges, strict=True)):
            if character == " ":
                continue
            if character not in _OF_NUMBERS or (end is None and character in ".,"):
                if tokens and end is not None:
                    tokens[-1] = tokens[-1]._replace(unit=character)
                end = None
                continue
            if end is not None and x0 - end <= slack and tokens[-1].run == at:
                words = tokens[-1].words + character
                tokens[-1] = tokens[-1]._replace(end=place + 1, words=words, x1=x1)
            else:
                before = _FAR
                if end is not None:
                    before = (x0 - end) / run.size
                    tokens[-1] = tokens[-1]._replace(after=before)
                first = run.text.rfind(" ", 0, place) + 1
                after = run.text.find(" ", place)
                last = (after if after >= 0 else len(run.text)) - 1
                others = _beside(run.text[first : last + 1])
                reach = edges[first][0], edges[last][1], others
                tokens.append(
                    _Token(
                        number, at, place, place + 1, character, x0, x1, run.size, *reach, before
                    )
                )
            end = x1
    return tokens


def _beside(word: str) -> int:
    """How many characters of a word are of no figure; many if it has several figures (5月20日)."""
    words = [part for part in _FIGURES.split(word) if part]
    return sum(map(len, words)) if len(_FIGURES.findall(word)) < 2 else _SHORT


def _spacing(run: Run, edges: Sequence[tuple[float, float]]) -> float:
    """By how much the digits of a run are all set apart, in sizes of its type."""
    gaps = [
        (right[0] - left[1]) / run.size
        for (one, left), (other, right) in pairwise(zip(run.text, edges, strict=True))
        if one in _OF_NUMBERS and other in _OF_NUMBERS
    ]
    usual = median(gaps) if len(gaps) > 2 else 0.0
    return usual if 0 < usual < _MOST_SPACING else 0.0


# --- what can be told ------------------------------------------------------------------------


_Rows = dict[int, list[_Token]]
"""The figures of each line, from left to right."""


def _judged(tokens: list[_Token]) -> tuple[list[_Token], dict[int, list[float]]]:
    """The figures that cannot be told, and where on which line two that can be are to be parted."""
    bad: dict[_Token, None] = {}
    walls: dict[int, list[float]] = {}
    rows: _Rows = {}
    for token in tokens:
        rows.setdefault(token.line, []).append(token)
    for left, right in pairwise(tokens):
        if left.unit == "%" and (left.line, left.run, left.end + 1) == right[:3]:
            walls.setdefault(left.line, []).append(right.x0)
        if left.line != right.line or right.before >= COLUMN_GAP or _is_prose(left, right):
            continue
        if _aligned(left, right, rows):
            walls.setdefault(left.line, []).append((left.x1 + right.x0) / 2)
        else:
            bad |= {left: None, right: None}
    for token in tokens:
        if _is_several(token) or _covers_columns(token, rows):
            bad[token] = None
    return list(bad), walls


def _over(token: _Token, rows: _Rows, reach: int) -> Iterator[list[_Token]]:
    """Of each line near by that has figures, those that stand above or below a figure."""
    for line in range(token.line - reach, token.line + reach + 1):
        if line != token.line and line in rows:
            row = rows[line]
            first = bisect_left(row, token.x0, key=lambda other: other.right)
            last = bisect_left(row, token.x1, key=lambda other: other.left)
            yield row[first:last]


def _aligned(left: _Token, right: _Token, rows: _Rows) -> bool:
    """Whether two figures with little between them stand in columns that other rows show."""
    of_left = [t for row in _over(left, rows, _FAR_LINES) for t in row]
    of_right = [t for row in _over(right, rows, _FAR_LINES) for t in row]
    ends = [(t.right, t.left, t.after >= COLUMN_GAP) for t in of_left]
    begins = [(t.left, t.right, t.before >= COLUMN_GAP) for t in of_right]
    return (
        _in_line(left.x1, left.left, ends, left.size)
        or _in_line(right.x0, right.right, begins, left.size)
        or (_in_middle(left, of_left) and _in_middle(right, of_right))
    )


def _in_middle(token: _Token, others: list[_Token]) -> bool:
    """Whether a figure stands in the middle of a column, as two others do that nothing is near."""
    middle = (token.x0 + token.x1) / 2
    whole = [t for t in others if min(t.before, t.after) >= COLUMN_GAP]
    return sum(_same(t.middle, middle, token.size) for t in whole) > 1


def _in_line(
    place: float, end: float, others: list[tuple[float, float, bool]], size: float
) -> bool:
    """Whether a figure ends at the place at which other figures end, and not by chance.

    `others` are (where they end there, where they end on their other side, whether nothing is near
    there). One has to stand so that nothing is near, and their other ends have to differ, or the
    parts of broken numbers would prove each other; or else its own, where none ends elsewhere.
    """
    level = [(far, free) for near, far, free in others if _same(near, place, size)]
    fars = [far for far, _ in level]
    elsewhere = sum(free for *_, free in others) > sum(free for _, free in level)
    return (
        len(level) > 1
        and any(free for _, free in level)
        and (
            max(fars) - min(fars) > _OTHER * size
            or not (elsewhere or _same(fars[0], end, size, _OTHER))
        )
    )


def _is_several(token: _Token) -> bool:
    """Whether digits, points and commas are more than a number: "1286.401352.75"."""
    return token.alone and not (_NUMBER.fullmatch(token.words) or _DATE.fullmatch(token.words))


def _is_prose(left: _Token, right: _Token) -> bool:
    """Whether two figures are words of a sentence, a number of a list and its item, or years."""
    item = left.words[-1] in ".," and right.others > 0
    return not (left.alone and right.alone) or item or _is_year(right)


def _is_year(token: _Token) -> bool:
    return bool(_YEAR.fullmatch(token.words)) and token.unit in ("", "年")


def _same(one: float, other: float, size: float, share: float = _SAME) -> bool:
    return abs(one - other) <= share * size


def _covers_columns(token: _Token, rows: _Rows) -> bool:
    """Whether a figure reaches over the gap between two columns of figures near by."""
    if not token.alone or _is_year(token):
        return False
    slack = _OTHER * token.size
    several = over = 0
    for row in _over(token, rows, _NEAR_LINES):
        several += len(rows[row[0].line]) > 1 if row else 0
        over += any(
            left.alone
            and right.alone
            and token.x0 < left.x1 - slack
            and right.x0 + slack < token.x1
            for left, right in pairwise(row)
        )
    return over > 1 or 0 < over == several


# --- lines again -----------------------------------------------------------------------------


def _without(line: list[Run], bad: list[_Token]) -> list[Run]:
    """A line in which a run without meaning stands for figures, and for what follows them at once."""
    if not bad:
        return line
    kept: list[Run] = []
    groups: list[list[_Token]] = []
    for token in bad:
        if groups and token.before < COLUMN_GAP and groups[-1][-1].x1 < token.x0:
            groups[-1].append(token)
        else:
            groups.append([token])
    # Runs wholly or partly inside a group.
    for at, run in enumerate(line):
        group = next((g for g in groups if g[0].run <= at <= g[-1].run), None)
        if group is None:
            kept.append(run)
            continue
        if at == group[0].run:
            words = run.text[: group[0].start].rstrip()
            if words:
                kept += cut(run, [group[0].x0])[:1]
            inside = line[at : group[-1].run + 1]
            x0, x1 = group[0].x0, max(group[-1].x1, inside[-1].x1)
            top, bottom = min(r.top for r in inside), max(r.bottom for r in inside)
            kept.append(Run(ILLEGIBLE, x0, x1, top, bottom, size_of(inside)))
    return kept


def _with_walls(line: list[Run], walls: list[float]) -> Iterator[Run]:
    for run in line:
        yield from cut(run, walls) if any(run.x0 < x < run.x1 for x in walls) else [run]
