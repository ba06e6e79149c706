"""Accounts whose rows kept their names, and whose columns lost theirs; the whole's name may be lost.

The sums of every column prove the rows. What a column is of the report tells elsewhere: where its
sentences state the whole's value once more, and call it a budget or a result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from ingest.reading.index import Lexicon, Passage, tighten
from ingest.reading.state import BUDGETS
from ingest.reading.tables.accounts import Account

_MOST = 3
"""Columns of such an account."""
_BEFORE = 60
_DONE = ("done", "spent")


@dataclass(frozen=True)
class TornCell:
    """A cell that kept nothing but its order, tightened."""

    passage: Passage
    start: int
    end: int
    is_value: bool

    @property
    def text(self) -> str:
        """The tightened text."""
        return self.passage.text


@dataclass(frozen=True)
class Rows:
    """The rows of an account, each a name's indicator and a value a column."""

    values: Mapping[str, Sequence[TornCell]]

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(next(iter(self.values.values())))

    def column(self, place: int) -> dict[str, TornCell]:
        """The cells of a column by their indicators."""
        return {name: row[place] for name, row in self.values.items()}


def accounts(cells: Sequence[TornCell], names: Sequence[str], account: Account) -> Iterable[Rows]:
    """The accounts in a run of cells: rows of equal length, the whole's first, its name maybe lost.

    `names[i]` is what cell i names, "" for values and for what is no item of the account.
    """
    runs = [
        (is_value, [place for place, _ in run])
        for is_value, run in groupby(enumerate(cells), lambda pair: pair[1].is_value)
    ]
    for number, (is_value, run) in enumerate(runs):
        if not is_value or not 1 < len(run) <= _MOST:
            continue
        before = names[runs[number - 1][1][-1]] if number else ""
        if before in ("", account.whole):
            rows = {account.whole: [cells[place] for place in run]}
            yield Rows({**rows, **_following(runs[number + 1 :], len(run), cells, names, account)})


def _following(
    runs: Sequence[tuple[bool, list[int]]],
    width: int,
    cells: Sequence[TornCell],
    names: Sequence[str],
    account: Account,
) -> dict[str, Sequence[TornCell]]:
    """The rows below the whole's, as long as each is a name of the account and its values."""
    rows: dict[str, Sequence[TornCell]] = {}
    for (_, named), (_, values) in zip(runs[::2], runs[1::2], strict=False):
        name = names[named[-1]] if len(named) == 1 else ""
        if not name or name in rows or name == account.whole or len(values) != width:
            break
        rows[name] = [cells[place] for place in values]
    return rows


def scenarios_of(
    rows: Rows, account: Account, amounts: Mapping[TornCell, Decimal], told: Sequence[str]
) -> Sequence[str]:
    """The scenario of each column, () where a sum is broken or the report does not tell them apart.

    `told[i]` is what the report calls the whole's value of column i.
    """
    for place in range(rows.width):
        values = {name: amounts[cell] for name, cell in rows.column(place).items()}
        if not values[account.whole] or not account.adds_up(values):
            return ()
    return told if all(told) and len(set(told)) == len(told) else ()


def told_elsewhere(cell: TornCell, text: str, lexicon: Lexicon) -> str:
    """What sentences of the report call the value that a cell prints: a scenario, "" for none."""
    printed = re.escape(text[cell.start : cell.end])
    found = set()
    for same in re.finditer(rf"(?<![\d.,]){printed}(?![\d,]|\.\d)", text):
        clause = tighten(text, max(0, same.start() - _BEFORE), same.start()).text
        clause = re.split(r"[,;。:|]", clause)[-1]
        said = [s.value for s in lexicon.index(clause).scenarios]
        if said and same.start() != cell.start:
            found.add("actual" if said[-1] in _DONE else said[-1])
    scenario = found.pop() if len(found) == 1 else ""
    return scenario if scenario in ("actual", *BUDGETS) else ""
