"""Figures that lost the blanks between them: parted where their heads and one identity tell how.

Every way to part the digits into as many numbers as there are heads is tried. What was spent of the
budget must give the printed rate; where one way does so, the others do not, the figures are sure.
Where several do, they are sure if only one of them gives every amount two decimals, as accounts do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ingest.codebook.model import Codebook
from ingest.reading.tables.columns import Column
from ingest.reading.tables.proof import decimals, verdict_of
from ingest.reading.tables.wording import SCENARIOS

_NUMBER = re.compile(r"(?:0|[1-9]\d{0,12}|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d{1,6})?%?")
_LONGEST = 80
_MOST = 50_000
"""Ways that are tried; where there are more nothing is parted."""
_CENTS = 2
_BUDGETS = ("adjusted_budget", "budget", "initial_budget")
_HUNDRED = Decimal(100)
Spans = list[tuple[int, int]]


def part(text: str, columns: Sequence[Column], book: Codebook) -> Spans:
    """Where the numbers of a text stand that lie under these columns; [] where nothing tells."""
    # One identity only: the rate of the nearest budget.
    budget = next((r for r in _BUDGETS if any(c.role == r for c in columns)), "")
    measured = [c if c.role not in _BUDGETS or c.role == budget else None for c in columns]
    rated = [c for c in columns if c.rate and c.role not in SCENARIOS]
    if len(text) > _LONGEST or not budget or len(rated) != 1:
        return []
    found: list[Spans] = []
    for tried, spans in enumerate(_ways(text, 0, columns)):
        if tried >= _MOST:
            return []
        values = [_number(text[a:b]) for a, b in spans]
        held = [(c, v) for c, v in zip(measured, values, strict=True) if c is not None]
        verdict = verdict_of(held, book)
        if verdict.proved and not verdict.broken:
            found.append(spans)
    if len(found) > 1:
        found = [spans for spans in found if _of_accounts(spans, text, columns)]
    return found[0] if len(found) == 1 else []


def _number(text: str) -> Decimal:
    return Decimal(text.rstrip("%").replace(",", ""))


def _of_accounts(spans: Spans, text: str, columns: Sequence[Column]) -> bool:
    """Whether every amount has two decimals."""
    return all(
        decimals(_number(text[a:b])) == _CENTS
        for (a, b), column in zip(spans, columns, strict=True)
        if column.role in SCENARIOS
    )


def _ways(text: str, at: int, columns: Sequence[Column]) -> Iterator[Spans]:
    """The ways to part text[at:] into numbers that may stand under the columns."""
    if not columns:
        if at == len(text):
            yield []
        return
    for end in range(at + 1, len(text) - len(columns) + 2):
        if _may_stand(text[at:end], columns[0]):
            for rest in _ways(text, end, columns[1:]):
                yield [(at, end), *rest]


def _may_stand(number: str, column: Column) -> bool:
    """Whether a text is a number that a column may hold: no percentage of money, no mark above 100."""
    if not _NUMBER.fullmatch(number):
        return False
    if number.endswith("%"):
        return column.rate and column.role not in SCENARIOS
    if column.role == "weight":
        return 0 < _number(number) <= _HUNDRED and decimals(_number(number)) <= _CENTS
    return True
