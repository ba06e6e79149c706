"""Checks what a report says against itself, and the reports of one county against each other.

The checks themselves stand in `rates`, `sums`, `units` and `contradictions`; what they reckon with
in `statements`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations

from ingest.codebook.model import Codebook
from ingest.judging.agreement import basis_of, is_year_figure
from ingest.judging.contradictions import between, bounds_of, contradictions_of
from ingest.judging.rates import rates_of
from ingest.judging.statements import figure_key, grouped, statements_of
from ingest.judging.sums import parts_above_wholes, sums_of
from ingest.judging.units import bare_amounts, units_of
from ingest.records import Finding, Identity, Mention, Refusal

_ALL_PAIRS = 20
"""The most reports of one county that are held against each other, and not only against the first."""
ACROSS = ("prior_year", "report_vs_report")
"""The kinds of findings that rest on more than one report."""


def findings(
    mentions: Iterable[Mention],
    identity: Identity,
    codebook: Codebook,
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
    proofs, proved = units_of(statements_of(stated, identity, codebook), codebook)
    usable = [replace(m, review="") if m.mention_id in proved else m for m in stated]
    usable = [m for m in usable if not m.review]
    report = statements_of(usable, identity, codebook)
    claims = grouped(stated, codebook)
    found: list[Finding] = [*proofs]
    for indicator in codebook.indicators.values():
        if indicator.numerator and indicator.denominator:
            found += rates_of(report, indicator, claims)
    for total in codebook.sums:
        if total.by != "within":
            found += sums_of(report, total)
    found += parts_above_wholes(report)
    found += contradictions_of(report)
    found += bounds_of(report, usable)
    found += bare_amounts(report, refusals)
    return tuple(sorted(dict.fromkeys(found), key=_order))


def across(
    mentions: Iterable[Mention], identities: Mapping[str, Identity], codebook: Codebook
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
        basis = basis_of(mention, codebook)
        if (
            identity.county_code
            and mention.year is not None
            and is_year_figure(mention)
            and mention.comparator == "="
            and not mention.review
            and basis != "unstated"
        ):
            key = (identity.county_code, *figure_key(mention, codebook), basis)
            by_key[key][mention.document].append(mention)
    found = []
    for shared, by_document in by_key.items():
        names = sorted(by_document)
        # A folder may hold a report in hundreds of versions, and their pairs by the ten thousand.
        few = len(names) <= _ALL_PAIRS
        pairs = combinations(names, 2) if few else ((names[0], other) for other in names[1:])
        for first, second in pairs:
            stated = (by_document[first], by_document[second])
            found += between(shared, stated, identities, codebook)
    return tuple(sorted(found, key=_order))


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
