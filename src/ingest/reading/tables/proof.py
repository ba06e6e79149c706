"""Identities of rows and blocks, at printed precision: they decide where a torn row's cells stand.

A rate is what was spent of what was budgeted; a difference is the later amount less the earlier; a
whole is the sum of its parts; no score is above its full mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from ingest.codebook.model import Codebook
from ingest.reading.index import Lexicon
from ingest.reading.tables.columns import Column
from ingest.reading.tables.grid import GridCell, Row
from ingest.reading.tables.wording import SCENARIOS

_BUDGETS = ("adjusted_budget", "budget", "initial_budget")
_HALF = Decimal("0.5")
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Verdict:
    """How many identities a reading of a row satisfies, and how many it breaks."""

    proved: int = 0
    broken: int = 0


def amount_in(cell: GridCell, lexicon: Lexicon) -> Decimal | None:
    """The one number in a cell, as printed; a dash is 0; None for words and blanks."""
    if cell.kind == "dash":
        return Decimal(0)
    figures = lexicon.index(cell.text).figures
    return figures[0].quantity.value if cell.kind == "number" and figures else None


def decimals(value: Decimal) -> int:
    """The digits printed behind the point."""
    exponent = value.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def ulp(value: Decimal) -> Decimal:
    """Half a unit of the last digit printed."""
    return _HALF.scaleb(-decimals(value))


def is_rate(rate: Decimal, part: Decimal, whole: Decimal) -> bool:
    """Whether a printed percentage is what two printed amounts give.

    >>> is_rate(Decimal("96.00"), Decimal("6.24"), Decimal("6.50"))
    True
    """
    if not whole:
        return False
    loose = sum(ulp(v) / abs(whole) * _HUNDRED for v in (part, whole) if decimals(v))
    return abs(part / whole * _HUNDRED - rate) <= ulp(rate) + min(loose, _HALF)


def adds_up(whole: Decimal, parts: Sequence[Decimal]) -> bool:
    """Whether parts make the whole, to the rounding of what is printed."""
    places = max(decimals(v) for v in (whole, *parts))
    rounding = ulp(Decimal(1).scaleb(-places)) * sum(1 for v in parts if v)
    return abs(whole - sum(parts)) <= (rounding if places else 0)


def judge(row: Row, columns: Mapping[int, Column], lexicon: Lexicon) -> Verdict:
    """What the identities of a row say of a reading of it."""
    held = [
        (columns[place], value)
        for place, cell in enumerate(row)
        if place in columns and (value := amount_in(cell, lexicon)) is not None
    ]
    return verdict_of(held, lexicon.book)


def verdict_of(held: Sequence[tuple[Column, Decimal]], book: Codebook) -> Verdict:
    """What the identities of a row say of the values that it holds under its columns."""
    told = [*_rates(held, book), *_differences(held), *_scores(held, book), *_sums(held, book)]
    return Verdict(told.count(True), told.count(False))


def _rates(held: Sequence[tuple[Column, Decimal]], book: Codebook) -> Iterable[bool]:
    """Whether each printed rate follows from the amounts of its row."""
    by_role = {c.role: v for c, v in held if c.role in SCENARIOS and not _is_rate(c, book)}
    named = {c.indicator: v for c, v in held if c.indicator}
    for column, rate in held:
        if column.role == "share" or _is_rate(column, book):
            entry = book.indicators.get(column.indicator)
            pairs = [(by_role.get("actual"), by_role.get(b)) for b in _BUDGETS if b in by_role]
            if entry and "<" not in entry.denominator and entry.denominator:
                terms = (entry.numerator.split("/")[0], entry.denominator.split("/")[0])
                pairs = (
                    pairs if terms[0] == terms[1] else [(named.get(terms[0]), named.get(terms[1]))]
                )
            known = [(part, whole) for part, whole in pairs if part is not None and whole]
            if known:
                yield any(is_rate(rate, part, whole) for part, whole in known)


def _is_rate(column: Column, book: Codebook) -> bool:
    entry = book.indicators.get(column.indicator)
    return entry is not None and entry.kind == "rate" and bool(entry.numerator)


def _differences(held: Sequence[tuple[Column, Decimal]]) -> Iterable[bool]:
    """Whether a change is the difference of the two amounts before it."""
    for place, (column, change) in enumerate(held):
        if column.role != "change" or place < 2 or column.rate:
            continue
        (first, before), (second, after) = held[place - 2 : place]
        amounts = all(c.role in SCENARIOS or (c.year and not c.role) for c in (first, second))
        if amounts and first.year != second.year:
            yield abs(after - before) == abs(change)


def _scores(held: Sequence[tuple[Column, Decimal]], book: Codebook) -> Iterable[bool]:
    """No score is above its full mark; one that is the share spent of its full mark proves the row.

    A score need not be that share, and one without decimals is so by chance.
    """
    full = [v for c, v in held if c.role == "weight"]
    score = [v for c, v in held if c.role == "score"]
    if len(full) != 1 or len(score) != 1:
        return
    if full[0] < score[0] or full[0] > _HUNDRED:
        yield False
    elif decimals(score[0]) > 1 and full[0]:
        by_role = {c.role: v for c, v in held if c.role in SCENARIOS and not _is_rate(c, book)}
        spent, budgets = by_role.get("actual"), [by_role.get(b) for b in _BUDGETS]
        if spent is not None and any(
            whole and abs(spent / whole * full[0] - score[0]) <= ulp(score[0]) for whole in budgets
        ):
            yield True


def _sums(held: Sequence[tuple[Column, Decimal]], book: Codebook) -> Iterable[bool]:
    """Whether each whole of the row is the sum of its parts beside it, under one upper head."""
    sides: dict[tuple[str, int | None], dict[str, Decimal]] = {}
    for column, value in held:
        if column.indicator:
            sides.setdefault((column.role, column.year), {})[column.indicator] = value
    for named in sides.values():
        for total in book.sums:
            parts = [named.get(p) for p in total.parts]
            known = [p for p in parts if p is not None]
            if total.by == "kind" and named.get(total.whole) and len(known) == len(parts):
                yield adds_up(named[total.whole], known)


def placed_by_sums(
    short: Sequence[Decimal],
    indicator: str,
    width: int,
    laid: Mapping[str, Sequence[Decimal]],
    book: Codebook,
) -> tuple[int, ...] | None:
    """Under which of `width` columns the values of a short row stand: only one placing adds up.

    `laid` holds the rows of the block that are sure, by their indicators, a value a column.
    """
    fitting = [
        places
        for places in _placings(len(short), width)
        if _block_adds_up(_laid_with(laid, indicator, short, places, width), indicator, book)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _placings(count: int, width: int) -> Iterable[tuple[int, ...]]:
    return combinations(range(width), count)


def _laid_with(
    laid: Mapping[str, Sequence[Decimal]],
    indicator: str,
    short: Sequence[Decimal],
    places: Sequence[int],
    width: int,
) -> dict[str, list[Decimal]]:
    row = [Decimal(0)] * width
    for place, value in zip(places, short, strict=True):
        row[place] = value
    return {**{k: list(v) for k, v in laid.items()}, indicator: row}


def _block_adds_up(rows: Mapping[str, Sequence[Decimal]], indicator: str, book: Codebook) -> bool:
    """Whether every column of a whole is the sum of its parts, one of which is the indicator."""
    for total in book.sums:
        parts = [rows[p] for p in total.parts if p in rows]
        if (
            total.by == "kind"
            and indicator in total.parts
            and total.whole in rows
            and len(parts) > 1
        ):
            whole = rows[total.whole]
            return all(adds_up(whole[c], [part[c] for part in parts]) for c in range(len(whole)))
    return False
