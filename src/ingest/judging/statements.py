"""What one document states, by key: the amounts to reckon with, and which of several stands.

A part counts only where the report states it plainly: for the very year, subject and population,
for the whole year, exactly (no 以上), without a mark for review, and with one value in each layout.
Where prose and a table state different values the table's is used, as `reconcile` does, and the
remark says so. Several values that nothing orders may explain a printed figure, and never refute or
replace one. All arithmetic is exact (`Decimal`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ingest.codebook.model import Codebook
from ingest.judging.agreement import CORRECTION, groups, in_order, population_of, subject_of
from ingest.printed import last_place, plain
from ingest.records import Finding, Identity, Mention

BUDGETS = ("initial_budget", "adjusted_budget", "budget")

FigureKey = tuple[str, str, int, str, str]
"""Indicator, scenario, year, population, subject."""


@dataclass(frozen=True)
class Amount:
    """A stated or computed amount: its value, the range its rounding allows, and how it is written.

    `kept` is the reading that stands: it alone may refute a printed figure or give one that is not
    printed. `ordered` is False for one of several values that nothing puts in an order.
    """

    value: Decimal
    low: Decimal
    high: Decimal
    text: str
    mentions: tuple[Mention, ...]
    remarks: tuple[str, ...] = ()
    kept: bool = True
    ordered: bool = True


@dataclass(frozen=True)
class Statements:
    """What one document states, by key, with what is needed to judge it."""

    index: dict[FigureKey, list[Mention]]
    identity: Identity
    codebook: Codebook
    known: dict[FigureKey, list[Amount]] = field(default_factory=dict)

    def readings(self, key: FigureKey) -> list[Amount]:
        """The values stated for a key, the one to use first."""
        if key not in self.index:
            return []
        if key not in self.known:
            self.known[key] = self._readings(key)
        return self.known[key]

    def _readings(self, key: FigureKey) -> list[Amount]:
        exact = self.ordered(m for m in self.index.get(key, ()) if m.comparator == "=")
        if not exact:
            return []
        together = groups(exact)
        if len(together) == 1:
            return [amount_of(exact)]
        table = groups(m for m in exact if m.layout == "table")
        prose = groups(m for m in exact if m.layout != "table")
        if len(table) == 1:
            kept = amount_of(table[0])
            others = [amount_of(group) for group in prose]
            others = [other for other in others if other.value != kept.value]
            said = " and ".join(other.text for other in others)
            return [
                replace(kept, remarks=(f"{kept.text} as in the table, the prose has {said}",)),
                *(
                    replace(
                        other,
                        remarks=(f"{other.text} as in the prose, the table has {kept.text}",),
                        kept=False,
                        ordered=len(others) == 1,
                    )
                    for other in others
                ),
            ]
        texts = [plain(finest(group).value) for group in together]
        return [
            replace(
                amount_of(group),
                remarks=(f"{text}, where another place has {_others(texts, text)}",),
                kept=False,
                ordered=False,
            )
            for group, text in zip(together, texts, strict=True)
        ]

    def in_doubt(self, mention: Mention) -> bool:
        """Whether a figure has, for any kind of budget or outcome, several values without order."""
        name, _, year, population, subject = figure_key(mention, self.codebook)
        return any(
            reading and not reading[0].kept
            for reading in (
                self.readings((name, scenario, year, population, subject))
                for scenario in ("actual", *BUDGETS)
            )
        )

    def ordered(self, mentions: Iterable[Mention]) -> list[Mention]:
        return in_order(mentions, self.codebook, {})

    def finding(
        self,
        key: tuple[str, int, str, str],
        kind: str,
        verdict: str,
        formula: str,
        mentions: Iterable[Mention],
        basis: str = "",
        reported: Decimal | None = None,
        recomputed: Decimal | None = None,
    ) -> Finding:
        indicator, year, population, subject = key
        involved = list(mentions)
        return Finding(
            document=involved[0].document,
            county_code=self.identity.county_code,
            county=self.identity.county,
            year=year,
            indicator=indicator,
            population=population,
            subject=subject,
            basis=basis,
            kind=kind,
            reported=reported,
            recomputed=recomputed,
            formula=formula,
            verdict=verdict,
            mention_ids=tuple(dict.fromkeys(m.mention_id for m in involved)),
        )


def statements_of(
    mentions: Iterable[Mention], identity: Identity, codebook: Codebook
) -> Statements:
    return Statements(grouped(mentions, codebook), identity, codebook)


def grouped(mentions: Iterable[Mention], codebook: Codebook) -> dict[FigureKey, list[Mention]]:
    index: dict[FigureKey, list[Mention]] = defaultdict(list)
    for mention in mentions:
        index[figure_key(mention, codebook)].append(mention)
    return dict(index)


def figure_key(mention: Mention, codebook: Codebook) -> FigureKey:
    assert mention.year is not None
    population = population_of(mention, codebook)
    return (mention.indicator, mention.scenario, mention.year, population, subject_of(mention))


def without_scenario(key: FigureKey) -> tuple[str, int, str, str]:
    name, _, year, population, subject = key
    return name, year, population, subject


def amount_of(mentions: Sequence[Mention]) -> Amount:
    finest = max(mentions, key=lambda m: m.decimals)
    # 80.87万人 is a rounded count; 86万元 may well be all of the 860,000 yuan, and is taken as such.
    slack = last_place(finest.decimals) / 2 if finest.decimals < 0 else Decimal(0)
    value = finest.value or Decimal(0)
    corrected = (f"{plain(value)} as corrected",) if finest.rule == CORRECTION else ()
    return Amount(value, value - slack, value + slack, plain(value), (finest,), corrected)


def finest(group: Sequence[Mention]) -> Mention:
    return max(group, key=lambda m: m.decimals)


def _others(texts: Sequence[str], text: str) -> str:
    return " and ".join(other for other in texts if other != text)


def total_of(parts: Sequence[Amount], minus: bool = False) -> Amount:
    """Adds amounts up (or takes the others from the first), and writes how."""
    if len(parts) == 1:
        return parts[0]
    first, rest = parts[0], parts[1:]
    sign = -1 if minus else 1
    low, high = first.low, first.high
    for part in rest:
        low += part.low if not minus else -part.high
        high += part.high if not minus else -part.low
    return Amount(
        first.value + sign * sum(p.value for p in rest),
        low,
        high,
        "(" + (" - " if minus else " + ").join(p.text for p in parts) + ")",
        tuple(m for p in parts for m in p.mentions),
        tuple(r for p in parts for r in p.remarks),
        all(p.kept for p in parts),
        all(p.ordered for p in parts),
    )
