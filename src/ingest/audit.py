"""Checks what a report says against itself: rates against their parts, sums, one place against another.

All arithmetic is exact (`Decimal`). A part counts only where the report states it plainly: for the
very year, subject and population, for the whole year, exactly (no 以上), without a mark for review,
and with one value in each layout. Where prose and a table state different values the table's is
used, as `reconcile` does, and the formula says so. Where a report has several values of a part and
nothing orders them, they may explain a printed figure, and never refute or replace one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations, product

from ingest.agreement import (
    CORRECTION,
    STEP,
    basis_of,
    groups,
    in_order,
    is_year_figure,
    last_place,
    one_step_off,
    plain,
    population_of,
    reproduces,
    rounded,
    subject_of,
)
from ingest.definitions import Definitions, Indicator, Sum
from ingest.quantities import find
from ingest.records import WHOLE_DEPARTMENT, Finding, Identity, Mention, Refusal

ACROSS = ("prior_year", "report_vs_report")
"""The kinds of findings that rest on more than one report."""

BUDGETS = ("initial_budget", "adjusted_budget", "budget")
BASES = (*BUDGETS, "available_funds")
# Parts that make up a staff when the report prints no total and no other part.
_SPLITS = tuple(
    (own, other) for own in ("administrative", "bureau") for other in ("institution", "centre")
)
# The units that a bare amount may be in, and what one is worth in 万元.
_UNITS = {"万元": Decimal(1), "元": 1 / STEP, "亿元": STEP}

_Key = tuple[str, str, int, str, str]  # indicator, scenario, year, population, subject


@dataclass(frozen=True)
class _Amount:
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


def findings(
    mentions: Iterable[Mention],
    identity: Identity,
    definitions: Definitions,
    refusals: Iterable[Refusal] = (),
) -> tuple[Finding, ...]:
    """Every check that the mentions of one document allow, in a stable order.

    Comes in: the numbered mentions of one document, whose report it is, and what was refused (an
    amount without a unit may be proved by a sum). Goes out: findings of the kinds

    * "rate": a rate against its parts, on each basis;
    * "sum": a whole against its parts;
    * "prose_vs_table", "prose_vs_prose", "table_vs_table": two places with two values;
    * "bounds": a value outside its range, or a part above its whole;
    * "unit": a unit that is not printed and follows from a sum, or an amount that is 10,000 times
      off (元 for 万元);

    with the verdicts "agree", "disagree", "undefined" (a denominator of nought) and "derived" (the
    parts are printed, the figure is not).
    """
    stated = [m for m in mentions if m.year is not None and is_year_figure(m)]
    proofs, proved = _units(_audit_of(stated, identity, definitions), definitions)
    usable = [replace(m, review="") if m.mention_id in proved else m for m in stated]
    usable = [m for m in usable if not m.review]
    audit = _audit_of(usable, identity, definitions)
    claims = _by_key(stated, definitions)
    found: list[Finding] = [*proofs]
    for indicator in definitions.indicators.values():
        if indicator.numerator and indicator.denominator:
            found += _rates(audit, indicator, claims)
    for total in definitions.sums:
        if total.by != "within":
            found += _sums(audit, total)
    found += _parts_above_wholes(audit)
    found += _contradictions(audit)
    found += _bounds(audit, usable)
    found += _bare_amounts(audit, refusals)
    return tuple(sorted(dict.fromkeys(found), key=_order))


def across(
    mentions: Iterable[Mention], identities: Mapping[str, Identity], definitions: Definitions
) -> tuple[Finding, ...]:
    """What the reports of one county say of the same year against each other, in a stable order.

    Comes in: mentions of any number of documents and whose each is. A report's prior-year value is
    held against the report of that year ("prior_year"), two reports of one year against each other
    ("report_vs_report"). `reported` is what the later report (or the later name) says, `recomputed`
    what the earlier does. Rates of an unstated basis are never ranged against each other, and a
    value is compared only where each report states one.
    """
    by_key: dict[tuple[object, ...], dict[str, list[Mention]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for mention in mentions:
        identity = identities.get(mention.document, Identity())
        basis = basis_of(mention, definitions)
        if (
            identity.county_code
            and mention.year is not None
            and is_year_figure(mention)
            and mention.comparator == "="
            and not mention.review
            and basis != "unstated"
        ):
            key = (identity.county_code, *_key(mention, definitions), basis)
            by_key[key][mention.document].append(mention)
    found = []
    for shared, by_document in by_key.items():
        for first, second in combinations(sorted(by_document), 2):
            stated = (by_document[first], by_document[second])
            found += _between(shared, stated, identities, definitions)
    return tuple(sorted(found, key=_order))


def _between(
    key: tuple[object, ...],
    stated: tuple[Sequence[Mention], Sequence[Mention]],
    identities: Mapping[str, Identity],
    definitions: Definitions,
) -> list[Finding]:
    _, name, scenario, year, population, subject, basis = key
    one, two = sorted(stated, key=lambda m: (identities[m[0].document].year or 0, m[0].document))
    if len(groups(one)) > 1 or len(groups(two)) > 1:
        return []
    earlier, later = _finest(one), _finest(two)
    years = [identities[m.document].year for m in (earlier, later)]
    if years[0] == years[1]:
        kind = "report_vs_report"
    elif years[0] == year:
        kind = "prior_year"
    else:
        return []
    verdict = "agree" if len(groups((*one, *two))) == 1 else "disagree"
    remark = _slip(earlier.value, later.value, definitions.indicators[str(name)])
    formula = (
        f"{scenario}: {plain(later.value)} in the report of {years[1]}, "
        f"{plain(earlier.value)} in {earlier.document}"
    )
    identity = identities[later.document]
    audit = _Audit({}, identity, definitions)
    return [
        audit.finding(
            (str(name), int(str(year)), str(population), str(subject)),
            kind,
            verdict,
            "; ".join((formula, *remark)),
            (later, earlier),
            str(basis),
            later.value,
            earlier.value,
        )
    ]


def _by_key(mentions: Iterable[Mention], definitions: Definitions) -> dict[_Key, list[Mention]]:
    index: dict[_Key, list[Mention]] = defaultdict(list)
    for mention in mentions:
        index[_key(mention, definitions)].append(mention)
    return dict(index)


def _audit_of(mentions: Iterable[Mention], identity: Identity, definitions: Definitions) -> _Audit:
    return _Audit(_by_key(mentions, definitions), identity, definitions)


@dataclass(frozen=True)
class _Audit:
    """What one document states, by key, with what is needed to judge it."""

    index: dict[_Key, list[Mention]]
    identity: Identity
    definitions: Definitions
    known: dict[_Key, list[_Amount]] = field(default_factory=dict)

    def readings(self, key: _Key) -> list[_Amount]:
        """The values stated for a key, the one to use first."""
        if key not in self.known:
            self.known[key] = self._readings(key)
        return self.known[key]

    def _readings(self, key: _Key) -> list[_Amount]:
        exact = self.ordered(m for m in self.index.get(key, ()) if m.comparator == "=")
        if not exact:
            return []
        together = groups(exact)
        if len(together) == 1:
            return [_stated(exact)]
        table = groups(m for m in exact if m.layout == "table")
        prose = groups(m for m in exact if m.layout != "table")
        if len(table) == 1:
            kept = _stated(table[0])
            others = [_stated(group) for group in prose]
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
        texts = [plain(_finest(group).value) for group in together]
        return [
            replace(
                _stated(group),
                remarks=(f"{text}, where another place has {_others(texts, text)}",),
                kept=False,
                ordered=False,
            )
            for group, text in zip(together, texts, strict=True)
        ]

    def in_doubt(self, mention: Mention) -> bool:
        """Whether a figure has, for any kind of budget or outcome, several values without order."""
        name, _, year, population, subject = _key(mention, self.definitions)
        return any(
            reading and not reading[0].kept
            for reading in (
                self.readings((name, scenario, year, population, subject))
                for scenario in ("actual", *BUDGETS)
            )
        )

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
    corrected = (f"{plain(value)} as corrected",) if finest.rule == CORRECTION else ()
    return _Amount(value, value - slack, value + slack, plain(value), (finest,), corrected)


def _others(texts: Sequence[str], text: str) -> str:
    return " and ".join(other for other in texts if other != text)


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
        all(p.ordered for p in parts),
    )


# --- rates ---------------------------------------------------------------------------------------


def _rates(
    audit: _Audit, indicator: Indicator, claims: Mapping[_Key, Sequence[Mention]]
) -> list[Finding]:
    contexts = {
        (year, population, subject)
        for (name, scenario, year, population, subject) in claims
        if name == indicator.indicator and scenario == "actual"
    }
    contexts |= _where_parts_stand(audit, indicator)
    found = []
    for year, population, subject in sorted(contexts):
        printed = claims.get((indicator.indicator, "actual", year, population, subject), ())
        found += _rate(audit, indicator, year, population, subject, printed)
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
    audit: _Audit,
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
        computed += _on_basis(audit, indicator, basis, year, population, subject)

    found, settled = [], set()
    for group in groups(audit.ordered(printed)):
        for rate, verdict in _judge(group, computed, many_bases):
            basis = rate.basis if many_bases else ""
            settled.add(basis)
            if basis not in {r.basis for r in computed}:
                # What the report only calls 预算 is the basis that the rate names.
                settled.add("budget")
            decimals = max(m.decimals for m in group)
            found.append(
                audit.finding(
                    key,
                    "rate",
                    verdict,
                    "; ".join((_formula(rate), *_near_miss(group, rate, verdict, indicator))),
                    (*group, *rate.mentions),
                    basis,
                    _finest(group).value,
                    None if rate.value is None else rounded(rate.value, max(2, decimals)),
                )
            )
    for rate in _underived(computed, settled, many_bases):
        if any(audit.in_doubt(part) for part in rate.mentions):
            continue
        verdict = "undefined" if rate.value is None else "derived"
        basis = rate.basis if many_bases else ""
        value = None if rate.value is None else rounded(rate.value)
        if value is not None and not _believable(value, indicator):
            found += _unbelievable(audit, rate, indicator, (year, population, subject))
            continue
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
        if len(split) > 1 and not _complete(audit, indicator, year, split, subject):
            continue
        above = _expression(audit, indicator.numerator, basis, year, split, subject)
        below = _expression(audit, indicator.denominator, basis, year, split, subject)
        if above and below:
            return [_divide(a, b, basis) for a, b in product(above, below)]
    return []


def _complete(
    audit: _Audit, indicator: Indicator, year: int, split: tuple[str, ...], subject: str
) -> bool:
    """Whether a report prints no other part of numerator and denominator than those of the split."""
    names = {
        term.partition("/")[0]
        for terms in (indicator.numerator, indicator.denominator)
        for term in terms.split(" - ")
    }
    printed = {
        population
        for (name, _, of_year, population, of_subject) in audit.index
        if name in names and of_year == year and of_subject == subject
    }
    return printed <= {*split, "all", ""}


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
    """上年结转 + 年初 + 追加: what was carried over and the budget as it stood after additions.

    Where nothing was carried over this is no basis of its own. Nor may it refute: opening balance
    and additions are often part of the adjusted budget already.
    """
    carried = _whole(audit, "opening_balance", "actual", year, split, subject)
    budget = _whole(audit, name, "adjusted_budget", year, split, subject) or _whole(
        audit, name, "initial_budget", year, split, subject
    )
    return [
        replace(_total(reading), kept=False)
        for reading in product(carried, budget)
        if reading[0].value
    ]


def _divide(above: _Amount, below: _Amount, basis: str) -> _Rate:
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


def _finest(group: Sequence[Mention]) -> Mention:
    return max(group, key=lambda m: m.decimals)


def _telling(printed: Mention) -> bool:
    """Whether a printed rate is so particular that parts which give it are hardly there by chance."""
    digits = [c for c in plain(printed.value).strip("0") if c.isdigit()]
    return len(digits) >= 3


def _fits(group: Sequence[Mention], rate: _Rate) -> bool:
    printed = _finest(group)
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
    if agreeing:
        return [(rate, "agree") for rate in agreeing.values()]
    provable = [r for r in defined if r.kept]
    if provable:
        printed = _finest(group).value
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
            # An amount only called 预算 that is one of the named budgets gives no further rate.
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
    printed = _finest(group)
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
    audit: _Audit, rate: _Rate, indicator: Indicator, where: tuple[int, str, str]
) -> list[Finding]:
    if rate.value is None or not (_same_measure(indicator) and _slipped(rate.value)):
        return []
    year, _, subject = where
    part = rate.mentions[0]
    population = population_of(part, audit.definitions)
    formula = f"{_formula(rate)}; believable if one of the two is 10,000 times off (元 for 万元)"
    key = (part.indicator, year, population, subject)
    return [audit.finding(key, "unit", "disagree", formula, rate.mentions, rate.basis, part.value)]


# --- sums ----------------------------------------------------------------------------------------


def _members(audit: _Audit, total: Sum) -> list[tuple[_Key, list[_Key]]]:
    """The keys of each whole that could be stated, with those of its parts."""
    found = {}
    for name, scenario, year, population, subject in sorted(audit.index):
        if total.by == "population":
            if name != total.whole:
                continue
            whole = (name, scenario, year, "all", subject)
            parts = [(name, scenario, year, part, subject) for part in total.parts]
        else:
            if name not in (total.whole, *total.parts):
                continue
            whole = (total.whole, scenario, year, population, subject)
            parts = [(part, scenario, year, population, subject) for part in total.parts]
        found[whole] = parts
    return list(found.items())


def _sums(audit: _Audit, total: Sum) -> list[Finding]:
    found = []
    for whole, parts in _members(audit, total):
        readings = list(product(*(audit.readings(key) for key in (whole, *parts))))
        fitting = next((r for r in readings if _adds_up(r, audit.definitions)), None)
        reading = fitting or next((r for r in readings if all(a.kept for a in r)), None)
        if reading is None:
            continue
        recomputed = _total(reading[1:])
        formula = f"{whole[1]}: {_added(reading[1:])}"
        remarks = dict.fromkeys(r for amount in reading for r in amount.remarks)
        found.append(
            audit.finding(
                _without_scenario(whole),
                "sum",
                "agree" if fitting else "disagree",
                "; ".join((formula, *remarks)),
                (m for amount in reading for m in amount.mentions),
                reported=reading[0].value,
                recomputed=recomputed.value,
            )
        )
        if not fitting:
            found += _repaired(audit, whole, reading)
    return found


def _added(parts: Sequence[_Amount]) -> str:
    total = _total(parts)
    return f"{' + '.join(p.text for p in parts)} = {plain(total.value)}"


def _without_scenario(key: _Key) -> tuple[str, int, str, str]:
    name, _, year, population, subject = key
    return name, year, population, subject


def _adds_up(reading: Sequence[_Amount], definitions: Definitions) -> bool:
    """Whether a whole equals its parts within the rounding of what is printed.

    Persons are counted and must add up exactly. Amounts are rounded alike in a report, to the
    most digits that it prints for any of them; a printed nought is exact.
    """
    members = [amount.mentions[0] for amount in reading]
    counted = definitions.indicators[members[0].indicator].kind == "count"
    return _balances(
        [(a.value, m.decimals) for a, m in zip(reading, members, strict=True)], counted
    )


def _balances(members: Sequence[tuple[Decimal, int]], counted: bool) -> bool:
    """Whether the first of some figures (value, decimals) is the sum of the others."""
    whole, *parts = (value for value, _ in members)
    return abs(whole - sum(parts)) <= _slack(members, counted)


def _slack(members: Sequence[tuple[Decimal, int]], counted: bool) -> Decimal:
    places = max((decimals for value, decimals in members if value), default=0)
    slack = Decimal(0)
    for value, decimals in members:
        if decimals < 0:
            slack += last_place(decimals) / 2
        elif value and not counted:
            slack += last_place(places) / 2
    return slack


def _repaired(audit: _Audit, whole: _Key, reading: Sequence[_Amount]) -> list[Finding]:
    """The one member of a sum that is 10,000 times off, where one unit step of it repairs the sum."""
    if audit.definitions.indicators[whole[0]].kind != "amount":
        return []
    members = [(a.value, a.mentions[0].decimals) for a in reading]
    repairs = []
    for place, (value, decimals) in enumerate(members):
        for power in (4, -4):
            stepped = (value.scaleb(power), decimals - power)
            others = [*members[:place], *members[place + 1 :]]
            changed = [*members[:place], stepped, *members[place + 1 :]]
            # What is lost in the rounding of the others proves nothing.
            telling = abs(stepped[0]) > 10 * _slack(others, False)
            if value and telling and _balances(changed, False):
                repairs.append((place, stepped[0], power))
    if len(repairs) != 1:
        return []
    place, value, power = repairs[0]
    wrong = reading[place].mentions[0]
    parts = [
        replace(a, text=plain(value), value=value) if i == place else a
        for i, a in enumerate(reading)
    ]
    times = "10,000 times" if power > 0 else "a ten thousandth of"
    formula = (
        f"{whole[1]}: {_added(parts[1:])} for {parts[0].text} if '{wrong.printed}' is "
        f"{plain(value)}万元, {times} what is printed"
    )
    ordered = [wrong, *(a.mentions[0] for i, a in enumerate(reading) if i != place)]
    return [
        audit.finding(
            _without_scenario(_key(wrong, audit.definitions)),
            "unit",
            "disagree",
            formula,
            ordered,
            reported=wrong.value,
            recomputed=value,
        )
    ]


# --- units by arithmetic -------------------------------------------------------------------------


def _unitless(mention: Mention, definitions: Definitions) -> bool:
    """Whether an amount was printed without a unit, so that the unit it was read in is a guess."""
    indicator = definitions.indicators.get(mention.indicator)
    bare = not any("\u4e00" <= c <= "\u9fff" for c in mention.printed)
    return bool(
        mention.review and bare and mention.value and indicator and indicator.kind == "amount"
    )


def _units(audit: _Audit, definitions: Definitions) -> tuple[list[Finding], set[str]]:
    """Units that are not printed and that a sum proves, and the mentions whose unit it confirms.

    All members of a sum that lack a unit are taken to be in the same one; at least one member must
    print its unit, since a sum fits in any unit that all its members share.
    """
    found: list[Finding] = []
    proved: set[str] = set()
    for total in definitions.sums:
        for whole, parts in _members(audit, total) if total.by == "kind" else ():
            readings = [audit.readings(key) for key in (whole, *parts)]
            if any(len(reading) != 1 for reading in readings):
                continue
            members = [reading[0].mentions[0] for reading in readings]
            bare = [m for m in members if _unitless(m, definitions)]
            sure = [m for m in members if not m.review and m.value]
            if (
                not bare
                or not sure
                or len(bare) + sum(not m.review for m in members) < len(members)
            ):
                continue
            fitting = [unit for unit in _UNITS if _fits_in(members, bare, unit)]
            if len(fitting) != 1:
                continue
            unit = fitting[0]
            formula = f"{whole[1]}: {_added([_in_unit(m, bare, unit) for m in members[1:]])}"
            for mention in bare:
                value = mention.value * _UNITS[unit]
                found.append(
                    audit.finding(
                        _without_scenario(_key(mention, definitions)),
                        "unit",
                        "agree" if unit == "万元" else "disagree",
                        f"{formula} for {_in_unit(members[0], bare, unit).text}; "
                        f"'{mention.printed}' has no unit and fits only in {unit}",
                        (mention, *(m for m in members if m is not mention)),
                        reported=mention.value,
                        recomputed=value,
                    )
                )
                if unit == "万元":
                    # The same figure in another place is proved with it.
                    proved |= {
                        m.mention_id
                        for m in audit.index[_key(mention, definitions)]
                        if _unitless(m, definitions) and m.value == mention.value
                    }
    return found, proved


def _in_unit(mention: Mention, bare: Sequence[Mention], unit: str) -> _Amount:
    factor = _UNITS[unit] if mention in bare else Decimal(1)
    return _stated([replace(mention, value=mention.value * factor)])


def _fits_in(members: Sequence[Mention], bare: Sequence[Mention], unit: str) -> bool:
    factor = _UNITS[unit]
    shift = factor.adjusted()
    figures = [
        (m.value * factor, m.decimals - shift) if m in bare else (m.value, m.decimals)
        for m in members
    ]
    sure = [(m.value, m.decimals) for m in members if m not in bare]
    slack = _slack(sure, False)
    # A figure that drowns in the rounding of the others fits anything.
    if any(m in bare and abs(v) <= 10 * slack for m, (v, _) in zip(members, figures, strict=True)):
        return False
    return _balances(figures, False)


def _bare_amounts(audit: _Audit, refusals: Iterable[Refusal]) -> list[Finding]:
    """Amounts refused for want of a unit that are the one missing member of a sum, in one unit."""
    found = []
    for refusal in refusals:
        indicator = audit.definitions.indicators.get(refusal.indicator)
        if indicator is None or indicator.kind != "amount" or "unit" not in refusal.reason:
            continue
        figures = [q for q in find("".join(refusal.quote.split())) if q.kind == "bare" and q.value]
        if len(figures) != 1:
            continue
        bare, proofs = figures[0], {}
        for total in audit.definitions.sums:
            for whole, parts in _members(audit, total) if total.by == "kind" else ():
                keys = [whole, *parts]
                missing = [key for key in keys if not audit.index.get(key)]
                if len(missing) != 1 or missing[0][0] != refusal.indicator:
                    continue
                place = keys.index(missing[0])
                known = [audit.readings(key) for key in keys if key != missing[0]]
                if any(len(reading) != 1 for reading in known):
                    continue
                others = [reading[0] for reading in known]
                for unit, factor in _UNITS.items():
                    member = (bare.value * factor, bare.decimals - factor.adjusted())
                    members = [(a.value, a.mentions[0].decimals) for a in others]
                    telling = abs(member[0]) > 10 * _slack(members, False)
                    if telling and _balances([*members[:place], member, *members[place:]], False):
                        proofs[missing[0], unit] = (member[0], others, place)
        if len(proofs) != 1:
            continue
        ((key, unit), (value, others, place)) = next(iter(proofs.items()))
        amount = _Amount(value, value, value, plain(value), ())
        parts_of = [*others[:place], amount, *others[place:]]
        found.append(
            audit.finding(
                _without_scenario(key),
                "unit",
                "derived",
                f"{key[1]}: {_added(parts_of[1:])} for {parts_of[0].text}; '{bare.printed}' has "
                f"no unit and fits only in {unit}",
                (m for a in others for m in a.mentions),
                recomputed=value,
            )
        )
    return found


# --- contradictions and bounds -------------------------------------------------------------------


def _contradictions(audit: _Audit) -> list[Finding]:
    """Places of a report that print two values for one key: prose and table, or two of one kind."""
    found = []
    for key, stated in audit.index.items():
        exact = [m for m in stated if m.comparator == "="]
        for basis in sorted({basis_of(m, audit.definitions) for m in exact}):
            same = [m for m in exact if basis_of(m, audit.definitions) == basis]
            tables = groups(audit.ordered(m for m in same if m.layout == "table"))
            prose = groups(audit.ordered(m for m in same if m.layout == "prose"))
            shown = "" if basis == "unstated" else basis
            for group in prose:
                # A prose value that any table confirms contradicts none of them.
                if tables and not any(len(groups((*group, *table))) == 1 for table in tables):
                    found.append(
                        _contradiction(audit, key, shown, "prose_vs_table", group, tables[0])
                    )
            for kind, alike in (("table_vs_table", tables), ("prose_vs_prose", prose)):
                if kind == "prose_vs_prose" and tables:
                    continue
                for group in alike[1:]:
                    found.append(_contradiction(audit, key, shown, kind, group, alike[0]))
    return found


def _contradiction(
    audit: _Audit,
    key: _Key,
    basis: str,
    kind: str,
    group: Sequence[Mention],
    kept: Sequence[Mention],
) -> Finding:
    said, other = _finest(group), _finest(kept)
    if kind == "prose_vs_table":
        told = f"prose {plain(said.value)}, table {plain(other.value)}"
    else:
        first, second = sorted((said, other), key=lambda m: m.start)
        told = f"first {plain(first.value)}, later {plain(second.value)}"
    remarks = _slip(said.value, other.value, audit.definitions.indicators[key[0]])
    return audit.finding(
        _without_scenario(key),
        kind,
        "disagree",
        "; ".join((f"{key[1]}: {told}", *remarks)),
        (*group, *kept),
        basis,
        said.value,
        other.value,
    )


def _slip(one: Decimal, two: Decimal, indicator: Indicator) -> list[str]:
    if indicator.kind == "amount" and one_step_off(one, two):
        return ["the one is 10,000 times the other (元 for 万元)"]
    return []


def _parts_above_wholes(audit: _Audit) -> list[Finding]:
    """Parts that exceed their whole, where not all parts are printed (else the sum says so)."""
    pairs, summed = {}, set()
    for total in audit.definitions.sums:
        for whole, parts in _members(audit, total) if total.by != "population" else ():
            pairs.update(dict.fromkeys((part, whole) for part in parts))
            if total.by == "kind" and all(audit.index.get(part) for part in parts):
                summed |= {(part, whole) for part in parts}
    found = {}
    for part, whole in pairs:
        if (part, whole) not in summed:
            found.update(_above(audit, part, whole))
    for key in sorted(audit.index):
        name, scenario, year, population, subject = key
        indicator = audit.definitions.indicators[name]
        if population not in ("", "all") and indicator.kind == "count":
            found.update(_above(audit, key, (name, scenario, year, "all", subject)))
    return list(found.values())


def _above(audit: _Audit, part: _Key, whole: _Key) -> dict[tuple[_Key, _Key], Finding]:
    over, under = audit.readings(part), audit.readings(whole)
    if not over or not under or not (over[0].kept and under[0].kept):
        return {}
    above, below = over[0].mentions[0], under[0].mentions[0]
    counted = audit.definitions.indicators[whole[0]].kind == "count"
    slack = _slack([(m.value, m.decimals) for m in (above, below)], counted)
    if above.value - below.value <= slack:
        return {}
    of = (part[0] if part[0] != whole[0] else part[3], whole[0] if part[0] != whole[0] else "all")
    return {
        (part, whole): audit.finding(
            _without_scenario(part),
            "bounds",
            "disagree",
            f"{part[1]}: {of[0]} {plain(above.value)} is above {of[1]} {plain(below.value)}",
            (above, below),
            reported=above.value,
        )
    }


def _bounds(audit: _Audit, mentions: Iterable[Mention]) -> list[Finding]:
    found = []
    for mention in mentions:
        indicator = audit.definitions.indicators.get(mention.indicator)
        if indicator is None:
            continue
        low, high = indicator.lowest, indicator.highest
        if low is None and indicator.kind in ("count", "score"):
            low = 0.0
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
                basis_of(mention, audit.definitions).replace("unstated", ""),
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
