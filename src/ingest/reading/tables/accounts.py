"""The account of three-public spending: what it consists of, and which value is which by its sums.

Flattening may leave the account's headings in any order: those that divide the vehicles below
these, or behind all others; a budget and a result of each item side by side, or of all items one
after the other. Every order that the headings allow is tried on the values. The whole is the sum of
its parts, and the one that is divided the sum of its own: what only one assignment satisfies is
sure, all else is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.codebook.model import Codebook
from ingest.reading.tables.proof import adds_up

FURTHER = 4
"""Columns that may follow the account's own."""
Leaf = tuple[str, str]
"""An indicator and its scenario, "" where no heading tells one."""


@dataclass(frozen=True)
class Account:
    """What the account consists of: its whole, the parts, and the parts of the one that has some."""

    whole: str
    parts: tuple[str, ...]
    divided: str
    divisions: tuple[str, ...]

    @property
    def members(self) -> tuple[str, ...]:
        """All that may have a value in the account."""
        return (self.whole, *self.parts, *self.divisions)

    def adds_up(self, values: Mapping[str, Decimal]) -> bool:
        """Whether the values are those of one account: whole and parts, and no sum broken."""
        divisions = [values[d] for d in self.divisions if d in values]
        whole = len(divisions) == len(self.divisions)
        divided = values.get(self.divided, sum(divisions, Decimal(0)) if whole else None)
        parts = [divided if part == self.divided else values.get(part) for part in self.parts]
        known = [p for p in parts if p is not None]
        if self.whole not in values or len(known) < len(parts):
            return False
        broken = self.divided in values and divisions and not adds_up(known_of(divided), divisions)
        return not broken and adds_up(values[self.whole], known)


def known_of(value: Decimal | None) -> Decimal:
    """A value, nought for none."""
    return value if value is not None else Decimal(0)


def account_of(book: Codebook) -> Account | None:
    """The account as the codebook's sums tell it, None where it has none."""
    sums = {t.whole: t.parts for t in book.sums if t.by == "kind"}
    whole = book.of_role("three_public")
    parts = sums.get(whole, ())
    divided = next((p for p in parts if p in sums), "")
    return Account(whole, parts, divided, sums.get(divided, ())) if parts else None


@dataclass(frozen=True)
class Head:
    """What the headings of an account name: `tops` and `below` in their order, each once.

    `times` is how often they name all items, `scenarios` what their words tell, each as often as
    it is told; `last` whether the whole stands behind its parts.
    """

    tops: tuple[str, ...]
    below: tuple[str, ...]
    times: int
    scenarios: tuple[str, ...]
    last: bool = False

    def columns(self, account: Account, count: int) -> Iterable[tuple[Leaf, ...]]:
        """The ways in which `count` values may stand below the headings."""
        nested = [name for top in self.tops for name in self._under(top, account)]
        yield from self._arranged(nested, account, count, FURTHER)
        if self.below:
            yield from self._arranged([*self.tops, *self.below], account, count, FURTHER)
            # No column for what is divided.
            undivided = [name for name in nested if name != account.divided]
            yield from self._arranged(undivided, account, count, 0)

    def _under(self, top: str, account: Account) -> list[str]:
        return [top, *self.below] if top == account.divided else [top]

    def _arranged(
        self, parts: Sequence[str], account: Account, count: int, further: int
    ) -> Iterable[tuple[Leaf, ...]]:
        """The columns of whole and parts for every scenario that the headings tell."""
        leaves = [*parts, account.whole] if self.last else [account.whole, *parts]
        told = tuple(dict.fromkeys(self.scenarios)) or ("",)
        width = len(leaves) * len(told)
        if not width <= count <= width + further:
            return
        if self.times == 1:
            yield tuple((leaf, scenario) for leaf in leaves for scenario in told)
        if len(told) > 1 and len(self.scenarios) == len(told):
            yield tuple((leaf, scenario) for scenario in told for leaf in leaves)


def dealt(values: Sequence[Decimal], head: Head, account: Account) -> tuple[Leaf, ...]:
    """Which value is which: the columns that the sums prove, () where they prove none or several.

    Assignments that give every item the same value are one.
    """
    found: dict[frozenset[tuple[Leaf, Decimal]], tuple[Leaf, ...]] = {}
    for columns in head.columns(account, len(values)):
        if _proved(columns, values, account) and _told(columns, values):
            found.setdefault(frozenset(zip(columns, values, strict=False)), columns)
    return next(iter(found.values())) if len(found) == 1 else ()


def _proved(columns: Sequence[Leaf], values: Sequence[Decimal], account: Account) -> bool:
    """Whether every account of the columns adds up."""
    scenarios = dict.fromkeys(scenario for _, scenario in columns)
    rows = (
        {leaf: v for (leaf, s), v in zip(columns, values, strict=False) if s == scenario}
        for scenario in scenarios
    )
    return all(account.adds_up(row) for row in rows)


def _told(columns: Sequence[Leaf], values: Sequence[Decimal]) -> bool:
    """Whether sums of noughts alone prove anything: only where every value has a column."""
    return any(values[: len(columns)]) or len(values) == len(columns)
