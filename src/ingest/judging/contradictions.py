"""Places that print two values for one figure, in one report or in two, and values out of range."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from ingest.codebook.model import Codebook, Indicator
from ingest.judging.agreement import basis_of, groups
from ingest.judging.statements import FigureKey, Statements, figure_key, finest, without_scenario
from ingest.printed import one_step_off, plain
from ingest.records import Finding, Identity, Mention


def contradictions_of(report: Statements) -> list[Finding]:
    """Places of a report that print two values for one key: prose and table, or two of one kind."""
    found = []
    for key, stated in report.index.items():
        exact = [m for m in stated if m.comparator == "="]
        if len(exact) < 2:
            continue
        for basis in sorted({basis_of(m, report.codebook) for m in exact}):
            same = [m for m in exact if basis_of(m, report.codebook) == basis]
            tables = groups(report.ordered(m for m in same if m.layout == "table"))
            prose = groups(report.ordered(m for m in same if m.layout == "prose"))
            shown = "" if basis == "unstated" else basis
            for group in prose:
                # A prose value that any table confirms contradicts none of them.
                if tables and not any(len(groups((*group, *table))) == 1 for table in tables):
                    found.append(
                        _contradiction(report, key, shown, "prose_vs_table", group, tables[0])
                    )
            for kind, alike in (("table_vs_table", tables), ("prose_vs_prose", prose)):
                if kind == "prose_vs_prose" and tables:
                    continue
                for group in alike[1:]:
                    found.append(_contradiction(report, key, shown, kind, group, alike[0]))
    return found


def _contradiction(
    report: Statements,
    key: FigureKey,
    basis: str,
    kind: str,
    group: Sequence[Mention],
    kept: Sequence[Mention],
) -> Finding:
    said, other = finest(group), finest(kept)
    if kind == "prose_vs_table":
        told = f"prose {plain(said.value)}, table {plain(other.value)}"
    else:
        first, second = sorted((said, other), key=lambda m: m.start)
        told = f"first {plain(first.value)}, later {plain(second.value)}"
    remarks = slip(said.value, other.value, report.codebook.indicators[key[0]])
    return report.finding(
        without_scenario(key),
        kind,
        "disagree",
        "; ".join((f"{key[1]}: {told}", *remarks)),
        (*group, *kept),
        basis,
        said.value,
        other.value,
    )


def slip(one: Decimal, two: Decimal, indicator: Indicator) -> list[str]:
    if indicator.kind == "amount" and one_step_off(one, two):
        return ["the one is 10,000 times the other (元 for 万元)"]
    return []


def bounds_of(report: Statements, mentions: Iterable[Mention]) -> list[Finding]:
    found = []
    for mention in mentions:
        indicator = report.codebook.indicators.get(mention.indicator)
        if indicator is None:
            continue
        low, high = indicator.lowest, indicator.highest
        if low is None and indicator.kind in ("count", "score"):
            low = 0.0
        below = low is not None and mention.value < Decimal(str(low))
        above = high is not None and mention.value > Decimal(str(high))
        if not (below or above):
            continue
        name, scenario, year, population, subject = figure_key(mention, report.codebook)
        limit = f"below {low:g}" if below else f"above {high:g}"
        found.append(
            report.finding(
                (name, year, population, subject),
                "bounds",
                "disagree",
                f"{scenario}: {plain(mention.value)} is {limit}",
                (mention,),
                basis_of(mention, report.codebook).replace("unstated", ""),
                mention.value,
            )
        )
    return found


def between(
    key: tuple[object, ...],
    stated: tuple[Sequence[Mention], Sequence[Mention]],
    identities: Mapping[str, Identity],
    codebook: Codebook,
) -> list[Finding]:
    _, name, scenario, year, population, subject, basis = key
    one, two = sorted(stated, key=lambda m: (identities[m[0].document].year or 0, m[0].document))
    if len(groups(one)) > 1 or len(groups(two)) > 1:
        return []
    earlier, later = finest(one), finest(two)
    years = [identities[m.document].year for m in (earlier, later)]
    if years[0] == years[1]:
        kind = "report_vs_report"
    elif years[0] == year:
        kind = "prior_year"
    else:
        return []
    verdict = "agree" if len(groups((*one, *two))) == 1 else "disagree"
    remark = slip(earlier.value, later.value, codebook.indicators[str(name)])
    formula = (
        f"{scenario}: {plain(later.value)} in the report of {years[1]}, "
        f"{plain(earlier.value)} in {earlier.document}"
    )
    identity = identities[later.document]
    report = Statements({}, identity, codebook)
    return [
        report.finding(
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
