"""One comparable table a question: what may stand side by side, sorted, with where it came from.

Every function takes the `Tables` of `briefing.data` and returns a DataFrame with one row a figure
(ids, not words: `labels.shown` turns them into a table for reading). Figures are never rounded
here; what is computed here (gaps, shares) is rounded half up to two decimals.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from briefing import BriefingError
from briefing.data import Tables
from briefing.labels import BASES, POPULATIONS

WHOLE_DEPARTMENT = ("部门整体", "")
"""The subjects that are no single project or fund."""

EXECUTION = "budget_execution_rate"
CONTROL = ("three_public_control_rate", "operating_control_rate", "staffing_control_rate")

# What a cell of the coverage matrix says when several figures fall into it: the first that occurs.
# A contradiction comes first, so that it is never covered by a figure that is in order.
_PRECEDENCE = ("conflicting", "reported", "bound", "derived", "undefined")

_FIGURE_COLUMNS = [
    "indicator",
    "name",
    "county_code",
    "place",
    "year",
    "population",
    "basis",
    "value",
    "comparator",
    "others",
    "unit",
    "status",
    "report",
    "reporter",
    "document",
]


def rounded(value: float | Decimal, digits: int = 2) -> float:
    """Rounds half up, as people do (the built-in rounds half to even, and binary).

    >>> rounded(2.675), rounded(-0.125)
    (2.68, -0.13)
    """
    step = Decimal(1).scaleb(-digits)
    return float(Decimal(str(value)).quantize(step, ROUND_HALF_UP))


def places(tables: Tables) -> dict[str, str]:
    """Maps each division code to a name that is its own: 鼓楼区 becomes 南京市鼓楼区 if two occur."""
    rows = pd.concat([tables.documents, tables.observations])
    rows = rows[rows["county_code"] != ""].drop_duplicates("county_code")
    names = {row.county_code: row.county or row.city or row.province for row in rows.itertuples()}
    shared = {name for name in names.values() if list(names.values()).count(name) > 1}
    return {
        row.county_code: row.city + names[row.county_code]
        if names[row.county_code] in shared
        else names[row.county_code]
        for row in rows.itertuples()
    }


def coverage(tables: Tables) -> pd.DataFrame:
    """Says, for every indicator and every county and year with a report, what figure there is.

    `status` is that of the department's own actual of the year (of any population and basis;
    a contradiction first); "target_only" when only goals or budgets are stated; else "absent".
    """
    reports = _reports(tables)
    own = tables.observations[tables.observations["subject"].isin(WHOLE_DEPARTMENT)]
    cells: dict[tuple[str, str, int], set[str]] = {}
    for row in own[own["year"].notna()].itertuples():
        found = row.status if row.scenario == "actual" else "target_only"
        cells.setdefault((row.indicator, row.county_code, row.year), set()).add(found)
    rows = []
    for entry in tables.codebook.itertuples():
        for report in reports.itertuples():
            found = cells.get((entry.indicator, report.county_code, report.year), set())
            rows.append(
                {
                    "family": entry.family,
                    "indicator": entry.indicator,
                    "name": entry.name_zh,
                    "county_code": report.county_code,
                    "place": report.place,
                    "year": report.year,
                    "status": _state(found),
                    "report": report.report,
                    "reporter": report.reporter,
                    "document": report.document,
                }
            )
    return pd.DataFrame(rows)


def execution_by_basis(tables: Tables) -> pd.DataFrame:
    """Returns budget execution rates, %, one row a county, year and basis.

    The bases are kept apart in `basis`: rates on different ones are not comparable. A report
    without any rate has one row of status "absent".
    """
    return _with_absent(_figures(tables, [EXECUTION]), tables, [EXECUTION])


def control_rates(tables: Tables) -> pd.DataFrame:
    """Returns control rates (actual as a share of the budget, %): three-public, running costs, staff.

    One row a county, year, indicator and basis; a rate that a report has not has one row "absent".
    """
    return _with_absent(_figures(tables, CONTROL), tables, CONTROL)


def across_counties(
    tables: Tables,
    indicator: str,
    *,
    scenario: str = "actual",
    population: str | None = None,
    basis: str | None = None,
    year: int | None = None,
) -> pd.DataFrame:
    """Returns one indicator over counties and years, highest first.

    Raises BriefingError for an unknown indicator (naming the nearest), for a selection without
    figures, and for one that mixes bases or populations: choose one, or compare them side by side
    with `execution_by_basis`.
    """
    table = _figures(tables, [indicator], scenario)
    for column, chosen in (("population", population), ("basis", basis), ("year", year)):
        if chosen is not None:
            table = table[table[column] == chosen]
    table = table[table["value"].notna()]
    if table.empty:
        asked = ", ".join(str(c) for c in (scenario, population, basis, year) if c is not None)
        raise BriefingError(
            f"no figure of {indicator} for {asked}: the coverage notebook shows what there is"
        )
    for column, words in (("basis", BASES), ("population", POPULATIONS)):
        mixed = sorted(table[column].unique())
        if len(mixed) > 1:
            named = ", ".join(f"'{m}' ({words.get(m) or 'none'})" for m in mixed)
            raise BriefingError(
                f"{indicator} stands on {len(mixed)} {column} values here, {named}, which are not "
                f"comparable: choose one with {column}=, or keep them in separate columns"
            )
    order = ["value", "county_code", "year"]
    return table.sort_values(order, ascending=[False, True, True], ignore_index=True)


def reported_vs_recomputed(tables: Tables) -> pd.DataFrame:
    """Returns every rate that a report prints and that its own amounts allow to be recomputed.

    `gap` is reported - recomputed in percentage points. Contradictions first, widest gap first.
    """
    audit = tables.audit
    audit = audit[(audit["kind"] == "rate") & audit["reported"].notna()]
    audit = audit[audit["recomputed"].notna()]
    names, units = _codebook(tables, "name_zh"), _codebook(tables, "unit")
    of, reports = places(tables), _reporters(tables)
    rows = [
        {
            "indicator": row.indicator,
            "name": names.get(row.indicator, row.indicator),
            "county_code": row.county_code,
            "place": of.get(row.county_code) or row.county or row.document,
            "year": row.year,
            "population": row.population,
            "basis": row.basis,
            "reported": row.reported,
            "recomputed": row.recomputed,
            "gap": rounded(Decimal(str(row.reported)) - Decimal(str(row.recomputed))),
            "unit": units.get(row.indicator, "%"),
            "formula": row.formula,
            "verdict": row.verdict,
            **reports[row.document],
            "document": row.document,
        }
        for row in audit.itertuples()
    ]
    if not rows:
        raise BriefingError("no rate that is both reported and recomputed: nothing to compare")
    table = pd.DataFrame(rows)
    table["_agrees"] = table["verdict"] == "agree"
    table["_width"] = -table["gap"].abs()
    order = ["_agrees", "_width", "county_code", "year", "indicator", "basis"]
    return table.sort_values(order, ignore_index=True).drop(columns=["_agrees", "_width"])


def _state(found: set[str]) -> str:
    for status in _PRECEDENCE:
        if status in found:
            return status
    return "target_only" if found else "absent"


def _codebook(tables: Tables, column: str) -> dict[str, str]:
    return dict(zip(tables.codebook["indicator"], tables.codebook[column], strict=True))


def _reporters(tables: Tables) -> dict[str, dict[str, str]]:
    """Maps a document to the words of its source line: what kind of report, whose, of which year."""
    of = places(tables)
    return {
        row.document: {
            "report": row.report_type or "other",
            "reporter": " ".join(
                (
                    of.get(row.county_code) or row.document,
                    *([] if pd.isna(row.year) else [str(row.year)]),
                )
            ),
        }
        for row in tables.documents.itertuples()
    }


def _reports(tables: Tables) -> pd.DataFrame:
    """Returns the counties and years that have a report of their own, by code and year.

    Reports whose county or year is unknown cannot be compared and are left out.
    """
    of, reports = places(tables), _reporters(tables)
    known = tables.documents[tables.documents["county_code"] != ""]
    known = known[known["year"].notna()].drop_duplicates(["county_code", "year"])
    if known.empty:
        raise BriefingError(
            "no report with a known county and year: see issues.csv, and name them in "
            "data/raw/sources.csv"
        )
    known = known.sort_values(["county_code", "year"], ignore_index=True)
    known = known.assign(place=known["county_code"].map(of))
    for word in ("report", "reporter"):
        known[word] = [reports[document][word] for document in known["document"]]
    return known[["county_code", "place", "year", "report", "reporter", "document"]]


def _figures(tables: Tables, indicators: Sequence[str], scenario: str = "actual") -> pd.DataFrame:
    names, units = _codebook(tables, "name_zh"), _codebook(tables, "unit")
    for indicator in indicators:
        if indicator not in names:
            near = difflib.get_close_matches(indicator, names, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else "codebook.csv lists them all"
            raise BriefingError(f"no indicator named '{indicator}': {hint}")
    of, reports = places(tables), _reporters(tables)
    stated = tables.mentions.set_index("mention_id")
    found = tables.observations
    found = found[found["indicator"].isin(indicators) & (found["scenario"] == scenario)]
    found = found[found["subject"].isin(WHOLE_DEPARTMENT) & found["year"].notna()]
    rows = [
        {
            "indicator": row.indicator,
            "name": names[row.indicator],
            "county_code": row.county_code,
            "place": of.get(row.county_code, row.document),
            "year": row.year,
            "population": row.population,
            "basis": row.basis,
            "value": row.value,
            "comparator": row.comparator,
            "others": _other_values(row.value, row.indicator, row.mention_ids, stated)
            if row.status == "conflicting"
            else (),
            "unit": row.unit or units[row.indicator],
            "status": row.status,
            **reports[row.document],
            "document": row.document,
        }
        for row in found.itertuples()
    ]
    return _sorted(rows, indicators)


def _other_values(
    kept: float, indicator: str, mention_ids: str, stated: pd.DataFrame
) -> tuple[float, ...]:
    """Returns the values that the mentions of a contradiction state besides the one kept."""
    ids = [name for name in mention_ids.split("|") if name in stated.index]
    mentions = stated.loc[ids]
    values = mentions.loc[mentions["indicator"] == indicator, "value"].dropna()
    return tuple(sorted(set(values) - {kept}))


def _with_absent(table: pd.DataFrame, tables: Tables, indicators: Sequence[str]) -> pd.DataFrame:
    """Adds a row of status "absent" for every report and indicator that has no row in the table."""
    names, units = _codebook(tables, "name_zh"), _codebook(tables, "unit")
    have = set(zip(table["county_code"], table["year"], table["indicator"], strict=True))
    absent = [
        {
            "indicator": indicator,
            "name": names[indicator],
            "county_code": report.county_code,
            "place": report.place,
            "year": report.year,
            "population": "",
            "basis": "",
            "value": None,
            "comparator": "=",
            "others": (),
            "unit": units[indicator],
            "status": "absent",
            "report": report.report,
            "reporter": report.reporter,
            "document": report.document,
        }
        for report in _reports(tables).itertuples()
        for indicator in indicators
        if (report.county_code, report.year, indicator) not in have
    ]
    return _sorted([*table.to_dict("records"), *absent], indicators)


def _sorted(rows: list[dict[str, object]], indicators: Sequence[str]) -> pd.DataFrame:
    """Returns a table of figures by county, year, indicator (in the order asked), basis."""
    table = pd.DataFrame(rows, columns=_FIGURE_COLUMNS).astype({"value": "float64"})
    bases = list(BASES)
    rank = {
        "indicator": list(indicators).index,
        "basis": lambda basis: bases.index(basis) if basis in bases else len(bases),
    }
    return table.sort_values(
        ["county_code", "year", "indicator", "population", "basis"],
        key=lambda column: column.map(rank[column.name]) if column.name in rank else column,
        ignore_index=True,
    )
