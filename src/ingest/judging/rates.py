"""Rates against their parts, on every basis, at the digits printed; and the rates that nobody printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from ingest.codebook.model import Codebook, Indicator
from ingest.judging.agreement import groups, population_of
from ingest.judging.statements import BUDGETS, Amount, FigureKey, Statements, finest, total_of
from ingest.printed import STEP, plain, reproduces, rounded
from ingest.records import WHOLE_DEPARTMENT, Finding, Mention

BASES = (*BUDGETS, "available_funds")
# Parts that make up a staff when the report prints no total and no other part.
_SPLITS = tuple(
    (own, other) for own in ("administrative", "bureau") for other in ("institution", "centre")
)


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
    ordered: bool


def rates_of(
    report: Statements, indicator: Indicator, claims: Mapping[FigureKey, Sequence[Mention]]
) -> list[Finding]:
    contexts = {
        (year, population, subject)
        for (name, scenario, year, population, subject) in claims
        if name == indicator.indicator and scenario == "actual"
    }
    contexts |= _where_parts_stand(report, indicator)
    found = []
    for year, population, subject in sorted(contexts):
        printed = claims.get((indicator.indicator, "actual", year, population, subject), ())
        found += _rate(report, indicator, year, population, subject, printed)
    return found


def _where_parts_stand(report: Statements, indicator: Indicator) -> set[tuple[int, str, str]]:
    names = {term.partition("/")[0] for term in indicator.numerator.split(" - ")}
    if "subject" in indicator.dimensions:
        names |= {_of_a_subject(name, report.codebook) for name in names}
    by_population = "population" in indicator.dimensions
    return {
        (year, population if by_population else "", subject)
        for (name, _, year, population, subject) in report.index
        if name in names
    }


def _of_a_subject(indicator: str, codebook: Codebook) -> str:
    """What a project spent is spending on projects, what the department spent all its spending."""
    if indicator == codebook.of_role("spending"):
        return codebook.of_role("project_spending")
    return indicator


def _rate(
    report: Statements,
    indicator: Indicator,
    year: int,
    population: str,
    subject: str,
    printed: Sequence[Mention],
) -> list[Finding]:
    key = (indicator.indicator, year, population, subject)
    many_bases = "<basis>" in indicator.denominator
    computed: list[_Rate] = []
    for basis in _scenarios(indicator):
        computed += _on_basis(report, indicator, basis, year, population, subject)

    found, settled = [], set()
    for group in groups(report.ordered(printed)):
        for rate, verdict in _judge(group, computed, many_bases):
            basis = rate.basis if many_bases else ""
            settled.add(basis)
            if basis not in {r.basis for r in computed}:
                # What the report only calls 预算 is the basis that the rate names.
                settled.add("budget")
            decimals = max(m.decimals for m in group)
            found.append(
                report.finding(
                    key,
                    "rate",
                    verdict,
                    "; ".join((_formula(rate), *_near_miss(group, rate, verdict, indicator))),
                    (*group, *rate.mentions),
                    basis,
                    finest(group).value,
                    None if rate.value is None else rounded(rate.value, max(2, decimals)),
                )
            )
    for rate in _underived(computed, settled, many_bases):
        if any(report.in_doubt(part) for part in rate.mentions):
            continue
        verdict = "undefined" if rate.value is None else "derived"
        basis = rate.basis if many_bases else ""
        value = None if rate.value is None else rounded(rate.value)
        if value is not None and not _believable(value, indicator):
            found += _unbelievable(report, rate, indicator, (year, population, subject))
            continue
        found.append(
            report.finding(
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
    report: Statements, indicator: Indicator, basis: str, year: int, population: str, subject: str
) -> list[_Rate]:
    """The rate on one basis, for every reading of its parts; the reading to keep comes first."""
    splits: tuple[tuple[str, ...], ...] = ((population or "all",), ("",), *_SPLITS)
    if "population" in indicator.dimensions:
        splits = ((population,),)
    for split in splits:
        above = _expression(report, indicator.numerator, basis, year, split, subject)
        below = above and _expression(report, indicator.denominator, basis, year, split, subject)
        if below and _complete(report, indicator, year, split, subject):
            return [_divide(a, b, basis) for a, b in product(above, below)]
    return []


def _complete(
    report: Statements, indicator: Indicator, year: int, split: tuple[str, ...], subject: str
) -> bool:
    """Whether a report prints no other part of numerator and denominator than those of the split."""
    if len(split) == 1:
        return True
    names = {
        term.partition("/")[0]
        for terms in (indicator.numerator, indicator.denominator)
        for term in terms.split(" - ")
    }
    printed = {
        population
        for (name, _, of_year, population, of_subject) in report.index
        if name in names and of_year == year and of_subject == subject
    }
    return printed <= {*split, "all", ""}


def _expression(
    report: Statements, text: str, basis: str, year: int, split: tuple[str, ...], subject: str
) -> list[Amount]:
    """Every reading of "indicator/scenario[@year-1] [- …]" from the codebook."""
    terms = []
    for term in text.split(" - "):
        name, _, scenario = term.partition("/")
        scenario, _, before = scenario.partition("@year-")
        if scenario == "<basis>" or (scenario == "budget" and basis):
            scenario = basis
        of_year = year - int(before or 0)
        if scenario == "available_funds":
            terms.append(_available_funds(report, name, of_year, split, subject))
        else:
            terms.append(_whole(report, name, scenario, of_year, split, subject))
    return [total_of(reading, minus=True) for reading in product(*terms)]


def _whole(
    report: Statements, name: str, scenario: str, year: int, split: tuple[str, ...], subject: str
) -> list[Amount]:
    parts = []
    for population in split:
        found = report.readings((name, scenario, year, population, subject))
        if not found and subject != WHOLE_DEPARTMENT:
            of_subject = _of_a_subject(name, report.codebook)
            found = report.readings((of_subject, scenario, year, population, subject))
        parts.append(found)
    return [total_of(reading) for reading in product(*parts)]


def _available_funds(
    report: Statements, name: str, year: int, split: tuple[str, ...], subject: str
) -> list[Amount]:
    """上年结转 + 年初 + 追加: what was carried over and the budget as it stood after additions.

    Where nothing was carried over this is no basis of its own. Nor may it refute: opening balance
    and additions are often part of the adjusted budget already.
    """
    carried = _whole(report, "opening_balance", "actual", year, split, subject)
    budget = _whole(report, name, "adjusted_budget", year, split, subject) or _whole(
        report, name, "initial_budget", year, split, subject
    )
    return [
        replace(total_of(reading), kept=False)
        for reading in product(carried, budget)
        if reading[0].value
    ]


def _divide(above: Amount, below: Amount, basis: str) -> _Rate:
    mentions = (*above.mentions, *below.mentions)
    remarks = tuple(dict.fromkeys((*above.remarks, *below.remarks)))
    formula = f"{above.text} / {below.text}"
    kept, ordered = above.kept and below.kept, above.ordered and below.ordered
    if not below.value:
        nought = Decimal(0)
        return _Rate(basis, None, nought, nought, formula, mentions, remarks, kept, ordered)
    bounds = [100 * a / b for a in (above.low, above.high) for b in (below.low, below.high) if b]
    value = 100 * above.value / below.value
    return _Rate(basis, value, min(bounds), max(bounds), formula, mentions, remarks, kept, ordered)


def _formula(rate: _Rate) -> str:
    result = "" if rate.value is None else f" = {plain(rounded(rate.value))}"
    return "; ".join((rate.formula + result, *rate.remarks))


def _telling(printed: Mention) -> bool:
    """Whether a printed rate is so particular that parts which give it are hardly there by chance."""
    digits = [c for c in plain(printed.value).strip("0") if c.isdigit()]
    return len(digits) >= 3


def _fits(group: Sequence[Mention], rate: _Rate) -> bool:
    printed = finest(group)
    if not rate.ordered and not _telling(printed):
        return False
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
    if len(agreeing) > 1 and "available_funds" not in named:
        agreeing.pop("available_funds", None)
    only_called_so = agreeing.get("budget")
    if only_called_so and any(
        basis != "budget" and rate.value == only_called_so.value for basis, rate in agreeing.items()
    ):
        # An amount only called 预算 that is one of the named budgets is no basis of its own.
        del agreeing["budget"]
    if agreeing:
        return [(rate, "agree") for rate in agreeing.values()]
    provable = [r for r in defined if r.kept]
    if provable:
        printed = finest(group).value
        nearest = min(provable, key=lambda r: abs((r.value or Decimal(0)) - printed))
        return [(nearest, "disagree")]
    return [(rate, "undefined") for rate in undefined[:1]]


def _underived(computed: Sequence[_Rate], settled: set[str], many_bases: bool) -> list[_Rate]:
    """The rates that are not printed and follow from parts that are, one for each basis."""
    kept = [r for r in computed if r.kept]
    if many_bases:
        named = {r.value for r in kept if r.basis != "budget"}
        return [
            r
            for r in kept
            if r.basis not in settled and not (r.basis == "budget" and r.value in named)
        ]
    if "" in settled or not kept:
        return []
    # Any kind of budget may be meant: derive only if all that are printed give the same rate.
    values = {None if r.value is None else rounded(r.value) for r in kept}
    return kept[:1] if len(values) == 1 else []


def _near_miss(
    group: Sequence[Mention], rate: _Rate, verdict: str, indicator: Indicator
) -> list[str]:
    """What would make a refuted rate agree: a fraction for a percentage, a part in another unit."""
    if verdict != "disagree" or rate.value is None:
        return []
    printed = finest(group)
    if printed.comparator != "=" or not printed.value:
        return []
    said = plain(printed.value)
    if reproduces(printed.value * 100, printed.decimals - 2, rate.low, rate.high):
        return [f"{said} is the fraction, {plain(printed.value * 100)} the percentage"]
    for step in (STEP, 1 / STEP):
        if _same_measure(indicator) and reproduces(
            printed.value, printed.decimals, rate.low * step, rate.high * step
        ):
            return [f"{said} if one of the two amounts is 10,000 times off (元 for 万元)"]
    return []


def _same_measure(indicator: Indicator) -> bool:
    """Whether a rate sets an outcome against its own budget, which is of the same magnitude."""
    parts = (indicator.numerator, indicator.denominator)
    return len({part.partition("/")[0] for part in parts}) == 1 and " - " not in parts[0]


def _believable(value: Decimal, indicator: Indicator) -> bool:
    """Whether a rate that nobody printed may be given: within its range, and no slip of a unit."""
    low, high = indicator.lowest, indicator.highest
    if low is not None and value < Decimal(str(low)):
        return False
    if high is not None and value > Decimal(str(high)):
        return False
    return not (_same_measure(indicator) and _slipped(value))


def _slipped(percent: Decimal) -> bool:
    return any(10 <= percent * step <= 1000 for step in (STEP, 1 / STEP))


def _unbelievable(
    report: Statements, rate: _Rate, indicator: Indicator, where: tuple[int, str, str]
) -> list[Finding]:
    if rate.value is None or not (_same_measure(indicator) and _slipped(rate.value)):
        return []
    year, _, subject = where
    part = rate.mentions[0]
    population = population_of(part, report.codebook)
    formula = f"{_formula(rate)}; believable if one of the two is 10,000 times off (元 for 万元)"
    key = (part.indicator, year, population, subject)
    return [report.finding(key, "unit", "disagree", formula, rate.mentions, rate.basis, part.value)]
