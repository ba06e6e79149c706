"""Makes a fact of a cell: settles every dimension from the spans of its row, column and surroundings.

Nothing is read as a sentence: each dimension is told by the nearest text that says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.codebook.model import Indicator
from ingest.reading.index import Figure, Lexicon
from ingest.reading.quantities import convert
from ingest.reading.state import BOUNDS, BUDGETS, UNSAID, Fact, Scope
from ingest.reading.tables.columns import Column
from ingest.reading.tables.grid import GridCell
from ingest.reading.tables.wording import Wording
from ingest.records import WHOLE_DEPARTMENT

_FITS = {"amount": "amount", "percent": "rate", "count": "count", "score": "score"}
_MOST_BARE = Decimal(1_000_000)
_STATED = {"goal": "target", "plan": "target", "done": "actual"}
_MONEY = {
    "initial_budget": "initial_budget",
    "adjusted_budget": "adjusted_budget",
    "budget": "budget",
}


class NotTakenError(Exception):
    """Why a cell gives no fact; `indicator` is what its row or column names."""

    def __init__(self, reason: str, indicator: str = "") -> None:
        super().__init__(reason)
        self.reason, self.indicator = reason, indicator


@dataclass(frozen=True)
class Claim:
    """What a cell is said to be, before its dimensions are settled.

    `texts` may tell the group, nearest first; `row` is the row's name, `label` the words that name
    the indicator; `sign` a comparator printed in a cell of its own; `basis` the budget that a rate
    was found to be measured on; `scenario` one known already, with `told` its words.
    """

    indicator: str
    label: str
    row: str = ""
    column: Column | None = None
    texts: tuple[str, ...] = ()
    rule: str = "row-and-column"
    sign: str = ""
    subject: str = ""
    basis: str = ""
    scenario: str = ""
    told: str = ""
    review: str = ""


class Settling:
    """Settles the dimensions of the cells of one table."""

    def __init__(self, lexicon: Lexicon, words: Wording, table_unit: str) -> None:
        self.lexicon, self.words, self.table_unit = lexicon, words, table_unit

    def facts(self, claim: Claim, cell: GridCell, scope: Scope, before: int) -> list[Fact]:
        """The facts of a cell, one a group that it is of; `before` characters of its passage are the
        row's name. Raises NotTakenError.
        """
        entry = self.lexicon.book.indicators.get(claim.indicator)
        if entry is None:
            raise NotTakenError("the codebook has no indicator for it")
        groups, words = self._groups(entry, claim, scope)
        return [self._fact(claim, cell, scope, before, group, words) for group in groups]

    def _fact(
        self, claim: Claim, cell: GridCell, scope: Scope, before: int, group: str, named: str
    ) -> Fact:
        entry = self.lexicon.book.indicators[claim.indicator]
        figure = self.lexicon.index(cell.text).figures[0]
        value, decimals, review = self._value(entry, figure, claim, scope)
        balance = entry.role in ("opening_balance", "closing_balance")
        if value < 0 and entry.kind != "rate" and not balance:
            raise NotTakenError("less than nothing: a change", claim.indicator)
        mark = self._mark(claim, figure)
        scenario, told = self._scenario(entry, claim, scope)
        settled = [("indicator", claim.label), ("scenario", told)]
        if named:
            settled.append(("population", named))
        year, words = self._year(entry, claim, scope)
        if words:
            settled.append(("year", words))
        scenario = self._over(scenario, told, year, scope, entry)
        subject = claim.subject or WHOLE_DEPARTMENT
        if subject != WHOLE_DEPARTMENT:
            settled.append(("subject", subject))
        if entry.lowest is not None and value < Decimal(str(entry.lowest)):
            raise NotTakenError(f"{value} is below any believable value", claim.indicator)
        if entry.highest is not None and value > Decimal(str(entry.highest)):
            raise NotTakenError(f"{value} is above any believable value", claim.indicator)
        bound = entry.kind != "amount" and mark in BOUNDS and told == UNSAID
        doubt = "a bound: read as actual, but nothing says that it is no target" if bound else ""
        return Fact(
            indicator=claim.indicator,
            scenario=scenario,
            population=group,
            subject=subject,
            basis=self._basis(entry, claim),
            year=year,
            period=self._period(entry, scenario, year, scope),
            comparator=mark,
            value=value,
            unit=entry.unit,
            decimals=decimals,
            printed=figure.quantity.printed,
            start=0,
            end=before + figure.end,
            rule=claim.rule,
            settled=tuple(settled),
            review=claim.review or review or doubt,
            at=before + figure.quantity.start,
        )

    # --- the value ---------------------------------------------------------------------------

    def _mark(self, claim: Claim, figure: Figure) -> str:
        if claim.sign and figure.comparator == "=":
            return {"≥": ">=", "≤": "<="}.get(claim.sign, claim.sign)
        return figure.comparator

    def _value(
        self, entry: Indicator, figure: Figure, claim: Claim, scope: Scope
    ) -> tuple[Decimal, int, str]:
        """Value and decimals in the codebook's unit, and a doubt."""
        quantity = figure.quantity
        if quantity.kind == "bare":
            return self._bare(entry, figure, claim, scope)
        unit = quantity.unit
        fits = _FITS.get(quantity.kind) == entry.kind
        fits = fits or (quantity.kind == "range" and entry.kind == "rate")
        fits = fits or (quantity.kind == "visits" and entry.role == "subsidised")
        amount = convert(quantity.value, quantity.decimals, unit, entry.unit) if fits else None
        if amount is None:
            raise NotTakenError(f"its unit does not fit: {quantity.printed}", claim.indicator)
        return (*amount, "")

    def _bare(
        self, entry: Indicator, figure: Figure, claim: Claim, scope: Scope
    ) -> tuple[Decimal, int, str]:
        quantity = figure.quantity
        value, decimals = quantity.value, quantity.decimals
        if entry.kind == "amount":
            return self._bare_amount(value, decimals, entry, claim, scope)
        unit = entry.unit
        if entry.kind == "count":
            many = scope.unit == self.words.tables["many_persons"]
            if (decimals or value != value.to_integral_value()) and not many:
                raise NotTakenError("a broken number of persons", claim.indicator)
            unit = scope.unit if many else unit
        if entry.kind == "rate" and (scope.unit in self.words.tables["persons"] or 0 < value <= 1):
            raise NotTakenError("a bare number that is no percentage", claim.indicator)
        amount = convert(value, decimals, unit, entry.unit)
        if amount is None:
            raise NotTakenError("its unit does not fit", claim.indicator)
        return (*amount, "")

    def _bare_amount(
        self, value: Decimal, decimals: int, entry: Indicator, claim: Claim, scope: Scope
    ) -> tuple[Decimal, int, str]:
        money = self.words.tables["money_units"]
        unit = scope.unit if scope.unit in money else self.table_unit
        review = ""
        if not unit:
            unit = self.words.tables["full_unit"]
            review = self.words.tables["no_unit"] if value else ""
            if value >= _MOST_BARE:
                raise NotTakenError(
                    "no unit is printed, and too much for one that is usual", claim.indicator
                )
        amount = convert(value, decimals, unit, entry.unit)
        if amount is None:
            raise NotTakenError("its unit does not fit", claim.indicator)
        return (*amount, review)

    # --- scenario ----------------------------------------------------------------------------

    def _scenario(self, entry: Indicator, claim: Claim, scope: Scope) -> tuple[str, str]:
        if claim.scenario:
            return claim.scenario, claim.told
        if entry.kind == "amount":
            scenario, told = self._scenario_of_amount(claim, scope)
            if "scenario" not in entry.dimensions:
                return self._only_done(entry, claim, scenario, told, scope)
            return scenario, told
        return self._scenario_of_result(entry, claim, scope)

    def _said(self, claim: Claim) -> tuple[str, str]:
        """The last word of the row's name that tells a scenario, and which."""
        said = self.lexicon.index(claim.row).scenarios
        return (said[-1].value, said[-1].text) if said else ("", "")

    def _scenario_of_amount(self, claim: Claim, scope: Scope) -> tuple[str, str]:
        column = claim.column
        of_column = column.scenario if column else ""
        value, text = self._said(claim)
        if of_column and column and (column.money or value not in _MONEY):
            exact = of_column == "budget" and value in ("initial_budget", "adjusted_budget")
            return (value, text) if exact else (of_column, column.text)
        if value in _MONEY:
            return value, text
        if value == "done" or scope.scenario == "actual":
            return "actual", text if value == "done" else scope.scenario_from
        if scope.scenario in BUDGETS:
            return scope.scenario, scope.scenario_from
        if scope.scenario == "target":
            return "budget", scope.scenario_from
        return "actual", UNSAID

    def _only_done(
        self, entry: Indicator, claim: Claim, scenario: str, told: str, scope: Scope
    ) -> tuple[str, str]:
        """What is counted only when done has no budget and no goal; balances are what they are."""
        implied = told in (scope.scenario_from, UNSAID)
        balance = entry.role in ("opening_balance", "closing_balance")
        if scenario == "target":
            raise NotTakenError("a goal of what is only counted when done", claim.indicator)
        if scenario in BUDGETS and not balance and not implied:
            raise NotTakenError("a budget of what is only counted when done", claim.indicator)
        return "actual", told

    def _scenario_of_result(self, entry: Indicator, claim: Claim, scope: Scope) -> tuple[str, str]:
        column = claim.column
        if column and column.scenario in ("actual", "target"):
            return column.scenario, column.text
        value, text = self._said(claim)
        if value in _STATED:
            return _STATED[value], text
        # What is scored or counted of its own office is no goal because a heading speaks of goals.
        found = entry.kind == "score" or entry.counts == "posts"
        if scope.scenario == "actual" or (scope.scenario == "target" and not found):
            return scope.scenario, scope.scenario_from
        return "actual", UNSAID

    def _over(
        self, scenario: str, told: str, year: int | None, scope: Scope, entry: Indicator
    ) -> str:
        """A goal of a heading, of a year already over, is what was reached then."""
        over = year and scope.year and year < scope.year and told == scope.scenario_from
        return "actual" if scenario == "target" and over else scenario

    # --- groups ------------------------------------------------------------------------------

    def _groups(self, entry: Indicator, claim: Claim, scope: Scope) -> tuple[tuple[str, ...], str]:
        """The groups that a figure is of, and the words that say so: those named nearest.

        A scheme (residents, employees) yields to a group named further off.
        """
        if "population" not in entry.dimensions:
            return ("",), ""
        scheme: tuple[tuple[str, ...], str] = ((), "")
        for text in claim.texts:
            groups, words = self._groups_in(text, entry, claim)
            if groups and not set(groups) <= self.words.schemes:
                return groups, words
            if groups and not scheme[0]:
                scheme = groups, words
        if scheme[0]:
            return scheme
        held = scope.carried or scope.population
        insurance = held in self.words.schemes
        fund = entry.role in ("fund_income", "fund_spending")
        of_others = insurance and entry.population != "all"
        if held and entry.counts == "insured" and (insurance or not fund) and not of_others:
            return (held,), "as named before"
        return (entry.population,), ""

    def _groups_in(self, text: str, entry: Indicator, claim: Claim) -> tuple[tuple[str, ...], str]:
        """The groups that one text names, () for none; NotTakenError for one without an id.

        What stands in brackets counts only where nothing before them names a group.
        """
        opened = text.find("(")
        if opened > 0 and self.lexicon.groups(text, 0, opened, entry.counts):
            text = text[:opened] + text[text.rfind(")") + 1 :]
        spans = self.lexicon.groups(text, 0, len(text), entry.counts)
        if entry.role != "assistance" and any(s.value == "assisted" for s in spans):
            raise NotTakenError("of those who were assisted", claim.indicator)
        known = self.lexicon.group_ids
        spans = [s for s in spans if s.value in known or s.value == "other"]
        persons = [s for s in spans if s.value not in self.words.schemes]
        if entry.population != "all" or any(s.value != "other" for s in persons):
            # The scheme is not the group whose premium was paid, or that is insured in it.
            spans = persons
        if not spans:
            return (), ""
        listed = [spans[-1]]
        for span in reversed(spans[:-1]):
            if not self._joins(text[span.end : listed[0].start]):
                break
            listed.insert(0, span)
        return self._together([s.value for s in listed], [s.text for s in listed], entry, claim)

    def _joins(self, between: str) -> bool:
        tiles = [t for s in self.lexicon.index(between).sentences for t in s.tiles]
        return all(t.type in ("and", "mark", "neutral") for t in tiles) and len(between) < 10

    def _together(
        self, values: Sequence[str], texts: Sequence[str], entry: Indicator, claim: Claim
    ) -> tuple[tuple[str, ...], str]:
        distinct = tuple(dict.fromkeys(values))
        words = ", ".join(texts)
        if "other" in distinct:
            other = texts[list(values).index("other")]
            raise NotTakenError(f"a group without an id: {other}", claim.indicator)
        if len(distinct) == 1 or entry.kind == "rate":
            return distinct, words
        if entry.population != "all":
            return (entry.population,), words
        wholes = [t for t in self.lexicon.book.sums if t.by == "population"]
        if any(set(distinct) == set(t.parts) for t in wholes):
            return ("all",), words
        raise NotTakenError("one count for several groups", claim.indicator)

    # --- time --------------------------------------------------------------------------------

    def _year(self, entry: Indicator, claim: Claim, scope: Scope) -> tuple[int | None, str]:
        year, words = scope.year, ""
        if claim.column and claim.column.year:
            year, words = claim.column.year, claim.column.text
        else:
            for text in (claim.row, *claim.texts[:1]):
                found = self.words.rules["row_year"].search(text)
                if found and found.group(1):
                    year, words = int(found.group(1)), found.group(0)
                elif entry.role != "opening_balance" and self._previous(text):
                    year, words = (scope.year or 1) - 1, text
                if words:
                    break
        own = claim.column is not None and claim.column.year is not None
        if entry.role == "opening_balance" and year and year + 1 == scope.year and not own:
            # What was left of 2022 opens 2023.
            year = scope.year
        return year, words

    def _previous(self, text: str) -> bool:
        tiles = [t for s in self.lexicon.index(text).sentences for t in s.tiles]
        return any(t.type == "time" and t.value == "previous" for t in tiles)

    def _period(self, entry: Indicator, scenario: str, year: int | None, scope: Scope) -> str:
        if not year:
            return ""
        stock = entry.stock or entry.kind == "count"
        if scope.months and not stock and scenario != "target":
            return f"{year}-{scope.months[0]:02d}/{year}-{scope.months[1]:02d}"
        return str(year)

    # --- basis -------------------------------------------------------------------------------

    def _basis(self, entry: Indicator, claim: Claim) -> str:
        if "basis" not in entry.dimensions:
            return ""
        if claim.basis:
            return claim.basis
        for text in (claim.row, claim.label):
            for word in reversed(self.lexicon.index(text).scenarios):
                if word.value in ("initial_budget", "adjusted_budget"):
                    return word.value
        return "unstated"
