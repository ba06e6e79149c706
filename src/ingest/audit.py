"""Checks what a report says against itself: rates against their parts, sums, prose against tables.

All arithmetic is exact (`Decimal`). A part counts only where the report states it plainly: for the
very year, subject and population, for the whole year, exactly (no 以上), without a mark for review,
and with one value in each layout. Where prose and a table state different values the table's is
used, as `reconcile` does, and the formula says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from ingest.agreement import (
    groups,
    in_order,
    is_year_figure,
    last_place,
    plain,
    population_of,
    reproduces,
    rounded,
    subject_of,
)
from ingest.definitions import Definitions, Indicator, Sum
from ingest.records import WHOLE_DEPARTMENT, Finding, Identity, Mention

BUDGETS = ("initial_budget", "adjusted_budget", "budget")
BASES = (*BUDGETS, "available_funds")
# Parts that make up a staff when the report prints no total: each pair is complete in itself.
_SPLITS = (("administrative", "institution"), ("bureau", "centre"))

_Key = tuple[str, str, int, str, str]  # indicator, scenario, year, population, subject


@dataclass(frozen=True)
class _Amount:
    """A stated or computed amount: its value, the range its rounding allows, and how it is written."""

    value: Decimal
    low: Decimal
    high: Decimal
    text: str
    mentions: tuple[Mention, ...]
    remarks: tuple[str, ...] = ()
    kept: bool = True


@dataclass(frozen=True)
class _Rate:
    """A rate computed on one basis; `value` is None when its denominator is nought."""

    basis: str
    value: Decimal | None
    low: Decimal
    high: Decimal
    formula: str
    mentions: tuple[Mention, ...]
    remarks: tuple[str, ...]
    kept: bool


def findings(
    mentions: Iterable[Mention], identity: Identity, definitions: Definitions
) -> tuple[Finding, ...]:
    """Every check that the mentions of one document allow, in a stable order.

    Comes in: the numbered mentions of one document and whose report it is. Goes out: findings of
    the kinds "rate", "sum", "prose_vs_table" and "bounds" with the verdicts "agree", "disagree",
    "undefined" (a denominator of nought) and "derived" (the parts are printed, the rate is not).
    """
    usable = [m for m in mentions if not m.review and m.year is not None and is_year_figure(m)]
    index: dict[_Key, list[Mention]] = defaultdict(list)
    for mention in usable:
        index[_key(mention, definitions)].append(mention)
    audit = _Audit(dict(index), identity, definitions)
    found: list[Finding] = []
    for indicator in definitions.indicators.values():
        if indicator.numerator and indicator.denominator:
            found += _rates(audit, indicator)
    for total in definitions.sums:
        found += _sums(audit, total)
    found += _prose_against_tables(audit)
    found += _bounds(audit, usable)
    return tuple(sorted(dict.fromkeys(found), key=_order))


@dataclass(frozen=True)
class _Audit:
    """What one document states, by key, with what is needed to judge it."""

    index: dict[_Key, list[Mention]]
    identity: Identity
    definitions: Definitions

    def readings(self, key: _Key) -> list[_Amount]:
        """The values stated for a key, the one to use first; none when they are in doubt."""
        exact = [m for m in self.index.get(key, ()) if m.comparator == "="]
        by_layout = {
            layout: groups(self.ordered(m for m in exact if (m.layout == "table") == table))
            for layout, table in (("table", True), ("prose", False))
        }
        table, prose = by_layout["table"], by_layout["prose"]
        if len(groups(self.ordered(exact))) == 1:
            return [_stated(exact)]
        if len(table) == 1 and len(prose) == 1:
            kept, other = _stated(table[0]), _stated(prose[0])
            return [
                replace(
                    kept, remarks=(f"{kept.text} as in the table, the prose has {other.text}",)
                ),
                replace(
                    other,
                    remarks=(f"{other.text} as in the prose, the table has {kept.text}",),
                    kept=False,
                ),
            ]
        if len(table) == 1:
            return [_stated(table[0])]
        return []

    def ordered(self, mentions: Iterable[Mention]) -> list[Mention]:
        return in_order(mentions, self.definitions, {})

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


def _key(mention: Mention, definitions: Definitions) -> _Key:
    assert mention.year is not None
    population = population_of(mention, definitions)
    return (mention.indicator, mention.scenario, mention.year, population, subject_of(mention))


def _stated(mentions: Sequence[Mention]) -> _Amount:
    finest = max(mentions, key=lambda m: m.decimals)
    # 80.87万人 is a rounded count; 86万元 may well be all of the 860,000 yuan, and is taken as such.
    slack = last_place(finest.decimals) / 2 if finest.decimals < 0 else Decimal(0)
    value = finest.value or Decimal(0)
    return _Amount(value, value - slack, value + slack, plain(value), (finest,))


def _total(parts: Sequence[_Amount], minus: bool = False) -> _Amount:
    """Adds amounts up (or takes the others from the first), and writes how."""
    if len(parts) == 1:
        return parts[0]
    first, rest = parts[0], parts[1:]
    sign = -1 if minus else 1
    low, high = first.low, first.high
    for part in rest:
        low += part.low if not minus else -part.high
        high += part.high if not minus else -part.low
    return _Amount(
        first.value + sign * sum(p.value for p in rest),
        low,
        high,
        "(" + (" - " if minus else " + ").join(p.text for p in parts) + ")",
        tuple(m for p in parts for m in p.mentions),
        tuple(r for p in parts for r in p.remarks),
        all(p.kept for p in parts),
    )


# --- rates ---------------------------------------------------------------------------------------


def _rates(audit: _Audit, indicator: Indicator) -> list[Finding]:
    contexts = {
        (year, population, subject)
        for (name, scenario, year, population, subject) in audit.index
        if name == indicator.indicator and scenario == "actual"
    }
    contexts |= _where_parts_stand(audit, indicator)
    found = []
    for year, population, subject in sorted(contexts):
        found += _rate(audit, indicator, year, population, subject)
    return found


def _where_parts_stand(audit: _Audit, indicator: Indicator) -> set[tuple[int, str, str]]:
    names = {term.partition("/")[0] for term in indicator.numerator.split(" - ")}
    if "subject" in indicator.dimensions:
        names |= {_of_a_subject(name) for name in names}
    by_population = "population" in indicator.dimensions
    return {
        (year, population if by_population else "", subject)
        for (name, _, year, population, subject) in audit.index
        if name in names
    }


def _of_a_subject(indicator: str) -> str:
    """A project's spending stands under project_expenditure, the department's under expenditure."""
    return "project_expenditure" if indicator == "expenditure" else indicator


def _rate(
    audit: _Audit, indicator: Indicator, year: int, population: str, subject: str
) -> list[Finding]:
    key = (indicator.indicator, year, population, subject)
    printed = audit.index.get((indicator.indicator, "actual", year, population, subject), [])
    many_bases = "<basis>" in indicator.denominator
    computed: list[_Rate] = []
    for basis in _scenarios(indicator):
        computed += _on_basis(audit, indicator, basis, year, population, subject)

    found, settled = [], set()
    for group in groups(audit.ordered(printed)):
        for rate, verdict in _judge(group, computed, many_bases):
            basis = rate.basis if many_bases else ""
            settled.add(basis)
            decimals = max(m.decimals for m in group)
            found.append(
                audit.finding(
                    key,
                    "rate",
                    verdict,
                    _formula(rate),
                    (*group, *rate.mentions),
                    basis,
                    _finest(group).value,
                    None if rate.value is None else rounded(rate.value, max(2, decimals)),
                )
            )
    for rate in _underived(computed, settled, many_bases):
        verdict = "undefined" if rate.value is None else "derived"
        basis = rate.basis if many_bases else ""
        value = None if rate.value is None else rounded(rate.value)
        found.append(
            audit.finding(
                key, "rate", verdict, _formula(rate), rate.mentions, basis, recomputed=value
            )
        )
    return found


def _scenarios(indicator: Indicator) -> tuple[str, ...]:
    """The budgets that may stand in the denominator: each a basis, or any kind of budget."""
    if "<basis>" in indicator.denominator:
        return BASES
    if "/budget" in indicator.denominator:
        return ("budget", "initial_budget", "adjusted_budget")
    return ("",)


def _on_basis(
    audit: _Audit, indicator: Indicator, basis: str, year: int, population: str, subject: str
) -> list[_Rate]:
    """The rate on one basis, for every reading of its parts; the reading to keep comes first."""
    splits: tuple[tuple[str, ...], ...] = ((population or "all",), ("",), *_SPLITS)
    if "population" in indicator.dimensions:
        splits = ((population,),)
    for split in splits:
        above = _expression(audit, indicator.numerator, basis, year, split, subject)
        below = _expression(audit, indicator.denominator, basis, year, split, subject)
        if above and below:
            return [_divide(a, b, basis) for a, b in product(above, below)]
    return []


def _expression(
    audit: _Audit, text: str, basis: str, year: int, split: tuple[str, ...], subject: str
) -> list[_Amount]:
    """Every reading of "indicator/scenario[@year-1] [- …]" from the codebook."""
    terms = []
    for term in text.split(" - "):
        name, _, scenario = term.partition("/")
        scenario, _, before = scenario.partition("@year-")
        if scenario == "<basis>" or (scenario == "budget" and basis):
            scenario = basis
        of_year = year - int(before or 0)
        if scenario == "available_funds":
            terms.append(_available_funds(audit, name, of_year, split, subject))
        else:
            terms.append(_whole(audit, name, scenario, of_year, split, subject))
    return [_total(reading, minus=True) for reading in product(*terms)]


def _whole(
    audit: _Audit, name: str, scenario: str, year: int, split: tuple[str, ...], subject: str
) -> list[_Amount]:
    parts = []
    for population in split:
        found = audit.readings((name, scenario, year, population, subject))
        if not found and subject != WHOLE_DEPARTMENT:
            found = audit.readings((_of_a_subject(name), scenario, year, population, subject))
        parts.append(found)
    return [_total(reading) for reading in product(*parts)]


def _available_funds(
    audit: _Audit, name: str, year: int, split: tuple[str, ...], subject: str
) -> list[_Amount]:
    """上年结转 + 年初 + 追加: what was carried over and the budget as it stood after additions."""
    carried = _whole(audit, "opening_balance", "actual", year, split, subject)
    budget = _whole(audit, name, "adjusted_budget", year, split, subject)
    return [_total(reading) for reading in product(carried, budget)]


def _divide(above: _Amount, below: _Amount, basis: str) -> _Rate:
    mentions = (*above.mentions, *below.mentions)
    remarks = tuple(dict.fromkeys((*above.remarks, *below.remarks)))
    formula = f"{above.text} / {below.text}"
    kept = above.kept and below.kept
    if not below.value:
        nought = Decimal(0)
        return _Rate(basis, None, nought, nought, formula, mentions, remarks, kept)
    bounds = [100 * a / b for a in (above.low, above.high) for b in (below.low, below.high) if b]
    value = 100 * above.value / below.value
    return _Rate(basis, value, min(bounds), max(bounds), formula, mentions, remarks, kept)


def _formula(rate: _Rate) -> str:
    result = "" if rate.value is None else f" = {plain(rounded(rate.value))}"
    return "; ".join((rate.formula + result, *rate.remarks))


def _finest(group: Sequence[Mention]) -> Mention:
    return max(group, key=lambda m: m.decimals)


def _fits(group: Sequence[Mention], rate: _Rate) -> bool:
    printed = _finest(group)
    if printed.comparator in (">=", ">"):
        return rate.high >= printed.value
    if printed.comparator in ("<=", "<"):
        return rate.low <= printed.value
    return reproduces(printed.value, printed.decimals, rate.low, rate.high)


def _judge(
    group: Sequence[Mention], computed: Sequence[_Rate], many_bases: bool
) -> list[tuple[_Rate, str]]:
    """Which computed rates a printed one agrees with; if none, the nearest it disagrees with.

    A rate that names its basis is held against that basis, and may be shown to agree by amounts of
    which the report only says 预算. One that names none (or only 预算) agrees with each basis that
    reproduces it.
    """
    named = {m.basis for m in group if m.basis in ("initial_budget", "adjusted_budget")}
    named |= {m.basis for m in group if m.basis == "available_funds"}
    if many_bases and named:
        candidates = [r for r in computed if r.basis in named]
        if not candidates:
            plainly = [r for r in computed if r.basis == "budget" and r.value is not None]
            basis = min(named)
            return [(replace(r, basis=basis), "agree") for r in plainly if _fits(group, r)][:1]
    else:
        candidates = list(computed)
    undefined = [r for r in candidates if r.value is None and r.kept]
    defined = [r for r in candidates if r.value is not None]
    agreeing: dict[str, _Rate] = {}
    for rate in defined:
        if _fits(group, rate):
            agreeing.setdefault(rate.basis if many_bases else "", rate)
    if agreeing:
        return [(rate, "agree") for rate in agreeing.values()]
    # Opening balance and additions are often part of the adjusted budget already: that the sum
    # does not give the rate proves nothing.
    provable = [r for r in defined if r.kept and r.basis != "available_funds"]
    if provable:
        printed = _finest(group).value
        nearest = min(provable, key=lambda r: abs((r.value or Decimal(0)) - printed))
        return [(nearest, "disagree")]
    return [(rate, "undefined") for rate in undefined[:1]]


def _underived(computed: Sequence[_Rate], settled: set[str], many_bases: bool) -> list[_Rate]:
    """The rates that are not printed and follow from parts that are, one for each basis."""
    kept = [r for r in computed if r.kept and r.basis != "available_funds"]
    if many_bases:
        return [r for r in kept if r.basis not in settled]
    if "" in settled or not kept:
        return []
    # Any kind of budget may be meant: derive only if all that are printed give the same rate.
    values = {None if r.value is None else rounded(r.value) for r in kept}
    return kept[:1] if len(values) == 1 else []


# --- sums ----------------------------------------------------------------------------------------


def _sums(audit: _Audit, total: Sum) -> list[Finding]:
    found = []
    for name, scenario, year, population, subject in sorted(audit.index):
        if name != total.whole:
            continue
        if total.by == "population":
            if population != "all":
                continue
            parts = [(name, scenario, year, part, subject) for part in total.parts]
        else:
            parts = [(part, scenario, year, population, subject) for part in total.parts]
        whole = audit.readings((name, scenario, year, population, subject))
        readings = list(product(whole, *(audit.readings(part) for part in parts)))
        if not readings:
            continue
        fitting = next((r for r in readings if _adds_up(r, audit.definitions)), None)
        reading = fitting or readings[0]
        recomputed = _total(reading[1:])
        formula = f"{scenario}: {recomputed.text.strip('()')} = {plain(recomputed.value)}"
        remarks = dict.fromkeys(r for amount in reading for r in amount.remarks)
        found.append(
            audit.finding(
                (name, year, population, subject),
                "sum",
                "agree" if fitting else "disagree",
                "; ".join((formula, *remarks)),
                (m for amount in reading for m in amount.mentions),
                reported=reading[0].value,
                recomputed=recomputed.value,
            )
        )
    return found


def _adds_up(reading: Sequence[_Amount], definitions: Definitions) -> bool:
    """Whether a whole equals its parts within the rounding of what is printed.

    Persons are counted and must add up exactly. Amounts are rounded alike in a report, to the
    most digits that it prints for any of them; a printed nought is exact.
    """
    members = [amount.mentions[0] for amount in reading]
    counted = definitions.indicators[members[0].indicator].kind == "count"
    places = max((m.decimals for m in members if m.value), default=0)
    slack = Decimal(0)
    for member in members:
        if member.decimals < 0:
            slack += last_place(member.decimals) / 2
        elif member.value and not counted:
            slack += last_place(places) / 2
    return abs(reading[0].value - sum(part.value for part in reading[1:])) <= slack


# --- contradictions and bounds -------------------------------------------------------------------


def _prose_against_tables(audit: _Audit) -> list[Finding]:
    found = []
    for key, stated in audit.index.items():
        exact = [m for m in stated if m.comparator == "="]
        for basis in sorted({m.basis for m in exact}):
            same = [m for m in exact if m.basis == basis]
            tables = groups(audit.ordered(m for m in same if m.layout == "table"))
            prose = groups(audit.ordered(m for m in same if m.layout == "prose"))
            for group in prose:
                # A prose value that any table confirms contradicts none of them.
                if not tables or any(len(groups((*group, *table))) == 1 for table in tables):
                    continue
                said, table = _finest(group), _finest(tables[0])
                name, scenario, year, population, subject = key
                found.append(
                    audit.finding(
                        (name, year, population, subject),
                        "prose_vs_table",
                        "disagree",
                        f"{scenario}: prose {plain(said.value)}, table {plain(table.value)}",
                        (*group, *tables[0]),
                        basis,
                        said.value,
                        table.value,
                    )
                )
    return found


def _bounds(audit: _Audit, mentions: Iterable[Mention]) -> list[Finding]:
    found = []
    for mention in mentions:
        indicator = audit.definitions.indicators.get(mention.indicator)
        if indicator is None:
            continue
        low, high = indicator.lowest, indicator.highest
        below = low is not None and mention.value < Decimal(str(low))
        above = high is not None and mention.value > Decimal(str(high))
        if not (below or above):
            continue
        name, scenario, year, population, subject = _key(mention, audit.definitions)
        limit = f"below {low:g}" if below else f"above {high:g}"
        found.append(
            audit.finding(
                (name, year, population, subject),
                "bounds",
                "disagree",
                f"{scenario}: {plain(mention.value)} is {limit}",
                (mention,),
                mention.basis,
                mention.value,
            )
        )
    return found


def _order(finding: Finding) -> tuple[object, ...]:
    return (
        finding.year or 0,
        finding.indicator,
        finding.population,
        finding.subject,
        finding.basis,
        finding.kind,
        finding.formula,
        finding.mention_ids,
    )
