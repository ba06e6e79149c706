"""The three-public account of a flattened text, where all headings come first and the values after.

Copied cell by cell or row by row, the national account 「“三公”经费支出决算表」 keeps the order of its cells and
nothing else: which heading stands over which value is lost. Its columns are known all the same. The
headings name them in order, the vehicles' three below the vehicles; and the values prove it, since
the whole is the sum of its parts twice over. Values that prove nothing are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from ingest.clauses import read as read_clauses
from ingest.definitions import Definitions
from ingest.documents.glyphs import fold
from ingest.evidence import document_scope, mention_of
from ingest.lexicon import Lexicon, lexicon_of
from ingest.passages import Passage, tighten
from ingest.printed import last_place
from ingest.records import Document, Identity, Mention, Reading, Refusal
from ingest.sentence import Scope

_WHOLE = "three_public_expenditure"
_VEHICLES = "vehicle_expenditure"
_TOPS = ("overseas_expenditure", _VEHICLES, "reception_expenditure")
_LONGEST_CELL = 30
_VALUE = re.compile(r"-?\d[\d,]*(?:\.\d+)?|[-—/]{1,4}")
_UNIT = re.compile(r"单位[:为]?\(?(亿元|万元|千元|元)")
_YEAR = re.compile(r"((?:19|20)\d\d)年?度?")
_SCENARIO = re.compile("(预算|决算)数?$")
_ROLES = {"预算": "budget", "决算": "actual"}
_HEAD = re.compile("费|[合小总]计|预算|决算|年度|单位|项目")
_WHOLE_ROW = re.compile(rf"[合总]计|栏次|{_YEAR.pattern}")
_UNPROVED = "headings and values stand apart, and no sum proves which value is under which heading"
_FURTHER = 4
"""Columns that may follow the account's own: 会议费, 培训费 …"""


class _Cell(NamedTuple):
    """A line with nothing but one cell, tightened."""

    passage: Passage
    start: int
    end: int
    is_value: bool

    @property
    def text(self) -> str:
        return self.passage.text


def read(document: Document, identity: Identity, definitions: Definitions) -> Reading:
    """The mentions of all such accounts in a text; empty for formats that keep the cells' places."""
    if document.format != "text" or _WHOLE not in definitions.indicators:
        return Reading()
    lexicon = lexicon_of(definitions)
    base = document_scope(document, identity, lexicon)
    mentions: list[Mention] = []
    refusals: list[Refusal] = []
    caption = ""
    for is_cell, lines in groupby(_lines(document.text), lambda line: isinstance(line, _Cell)):
        if not is_cell:
            caption = "".join(line for line in lines if isinstance(line, str))[-240:]
            continue
        cells = [line for line in lines if isinstance(line, _Cell)]
        unit = _UNIT.findall(caption + "".join(c.text for c in cells if not c.is_value))
        scope = replace(base, unit=unit[-1] if len(set(unit)) == 1 else "", form=True)
        found, refused = _account(document, cells, scope, lexicon)
        mentions += found
        refusals += refused
    return Reading(tuple(mentions), tuple(refusals))


def _lines(text: str) -> Iterable[_Cell | str]:
    """The cells of the lines of a text, and the tightened words of all other lines; no blank ones.

    A line holds one cell, or several of heads or of values with blanks between; numbers of columns
    are none. A cell with a tab or a bar is none of ours: it stands in a table whose rows are known.
    """
    start = 0
    for line in text.split("\n"):
        cells = [
            _cell(text, start + found.start(), start + found.end())
            for found in re.finditer(r"\S+", line)
        ]
        inner = line.strip(" ")
        if len(cells) > 1 and _is_row(line, cells):
            if not _numbers_columns([cell.text for cell in cells]):
                yield from cells
        elif inner:
            cell = _cell(text, at := start + line.index(inner), at + len(inner))
            alone = len(inner) <= _LONGEST_CELL and not re.search(r"[。;!?|\t]|:.*\d", inner)
            yield cell if alone else cell.text
        start += len(line) + 1


def _cell(text: str, start: int, end: int) -> _Cell:
    passage = tighten(text, start, end)
    return _Cell(passage, start, end, bool(_VALUE.fullmatch(passage.text)))


def _numbers_columns(texts: Sequence[str]) -> bool:
    """1 2 3 …, maybe with 栏次 before."""
    numbers = texts if texts[0].isdigit() else texts[1:]
    return [*numbers] == [str(n + 1) for n in range(len(numbers))]


def _is_row(line: str, cells: Sequence[_Cell]) -> bool:
    """Whether a line is a row of heads, or of values, which may be named as the whole's or a year's."""
    if re.search(r"[。;!?|\t:]|,(?!\d{3})", line):
        return False
    if all(cell.is_value for cell in cells[1:]):
        first = cells[0]
        whole = first.is_value or bool(_WHOLE_ROW.fullmatch(first.text))
        return len(cells) > 3 and whole
    return not any(cell.is_value for cell in cells) and all(
        _HEAD.search(cell.text) for cell in cells
    )


def _account(
    document: Document, cells: Sequence[_Cell], scope: Scope, lexicon: Lexicon
) -> tuple[list[Mention], list[Refusal]]:
    """The figures of the rows below the account's head whose sums hold, and the rows refused."""
    head: list[_Cell] = []
    found: list[Mention] = []
    refused: list[Refusal] = []
    columns: list[tuple[str, str]] = []
    name = ""
    for is_value, run in groupby(cells, lambda cell: cell.is_value):
        row = list(run)
        if not is_value:
            name = row[-1].text
            named = _columns("".join(cell.text for cell in row), lexicon)
            # Row names stand between the rows; another head begins another table.
            head, columns = (row, named) if named else (head, columns)
            continue
        year = _YEAR.fullmatch(name)
        if not columns or (head and name != head[-1].text and not year):
            continue
        fits = len(columns) <= len(row) <= len(columns) + _FURTHER
        if not fits or not _proved(columns, [_amount(cell) for cell in row]):
            refused += [
                Refusal(c.start, c.end, document.text[c.start : c.end], _WHOLE, _UNPROVED)
                for c in row
                if re.search(r"\d", c.text)
            ]
            continue
        for (indicator, scenario), cell in zip(columns, row, strict=False):
            here = replace(scope, year=int(year.group(1))) if year else scope
            if scenario:
                here = replace(here, scenario=scenario, scenario_from="预算数、决算数")
            found += _mentions(document, indicator, cell, here, lexicon)
    return found, refused


def _columns(head: str, lexicon: Lexicon) -> list[tuple[str, str]]:
    """(indicator, scenario) of the columns that a head names, in order; empty if it is another's.

    The head runs together: first the columns of the upper row, then those below the vehicles.
    """
    upper, parts = (
        next(t.parts for t in lexicon.definitions.sums if t.by == "kind" and t.whole == whole)
        for whole in (_WHOLE, _VEHICLES)
    )
    labels = [t.value for t in lexicon.labels(head) if t.kind in ("label", "short")]
    named = [name for name in labels if name in (*upper, *parts)]
    if labels[-1:] != named[-1:]:
        return []
    tops = [name for name in named if name in upper]
    below = [name for name in named if name in parts]
    times = len(tops) // len(upper)
    first, children = tops[: len(upper)], below[: len(parts)]
    if (
        times not in (1, 2)
        or tops != first * times
        or set(first) != set(upper)
        or below != children * (len(below) // max(len(parts), 1))
        or (children and (set(children) != set(parts) or len(below) not in (2, 2 * times)))
    ):
        return []
    scenarios = [""]
    if times == 2:
        scenarios = [_ROLES[word] for word in re.findall("(预算|决算)数", head)]
        if sorted(scenarios) != ["actual", "budget"]:
            return []
    leaves = [_WHOLE]
    for name in first:
        leaves += [name, *children] if name == _VEHICLES else [name]
    return [(leaf, scenario) for scenario in scenarios for leaf in leaves]


def _amount(cell: _Cell) -> Decimal:
    digits = cell.text.replace(",", "")
    return Decimal(digits) if re.search(r"\d", digits) else Decimal(0)


def _proved(columns: Sequence[tuple[str, str]], amounts: Sequence[Decimal]) -> bool:
    """Whether whole and parts add up in every account of a row, to the rounding of what is printed."""
    names = list(dict.fromkeys(name for name, _ in columns))
    for at in range(0, len(columns), len(names)):
        row = dict(zip(names, amounts[at : at + len(names)], strict=True))
        whole, vehicles = row.pop(_WHOLE), row[_VEHICLES]
        of_vehicles = [row.pop(name) for name in [*row] if name not in _TOPS]
        if not whole or not _adds_up(whole, [*row.values()]):
            return False
        if of_vehicles and not _adds_up(vehicles, of_vehicles):
            return False
    return True


def _adds_up(whole: Decimal, parts: Sequence[Decimal]) -> bool:
    places = max(-int(value.as_tuple().exponent) for value in (whole, *parts))
    rounding = last_place(places) * sum(1 for value in parts if value) / 2
    return abs(whole - sum(parts)) <= (rounding if places > 0 else 0)


def _mentions(
    document: Document, indicator: str, cell: _Cell, scope: Scope, lexicon: Lexicon
) -> list[Mention]:
    if not re.search(r"\d", cell.text):
        return []
    label = fold(f"{lexicon.indicators[indicator].name_zh}:")
    review = ""
    if not scope.unit:
        scope = replace(scope, unit="万元")
        review = "no unit is printed; read as 万元, as the form prescribes"
    passage = Passage(
        label + cell.text, (*([cell.passage.offsets[0]] * len(label)), *cell.passage.offsets)
    )
    figures, _ = read_clauses(passage.text, scope, lexicon)
    block = next(
        (n for n, b in enumerate(document.blocks) if b.start <= cell.start < b.end),
        0,
    )
    return [
        mention_of(
            replace(
                f, rule="column of a form, proved by its sums", review=review if f.value else ""
            ),
            document,
            block,
            passage,
            "table",
        )
        for f in figures
    ]
