"""One comparable table a question: what may stand side by side, sorted, with where it came from.

Every function takes the `Tables` of `xianbi.data` and returns a DataFrame with one row a figure
(ids, not words: `labels.shown` turns them into a table for reading). Figures are never rounded
here; what is computed here is exact, or rounded half up to two decimals. An indicator may be named
by its id or its Chinese name. A county and year that has a report but not the figure has a row of
status "absent", so that a chart can say so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TypedDict

import pandas as pd

from xianbi import XianbiError
from xianbi.data import Tables, county_codes, indicator_id, national
from xianbi.labels import BASES, POPULATIONS, SCENARIOS, Word

WHOLE_DEPARTMENT = ("部门整体", "")
"""The subjects that are no single project or fund."""

EXECUTION = "budget_execution_rate"
CONTROL = ("three_public_control_rate", "operating_control_rate", "staffing_control_rate")

# What a cell of the coverage matrix says when several figures fall into it: the first that occurs.
# A contradiction comes first, so that it is never covered by a figure that is in order.
_PRECEDENCE = ("conflicting", "reported", "bound", "derived", "undefined")

_NO_TEXT = ("Cc", "Cs")

_WORDS: dict[str, dict[str, Word]] = {
    "basis": BASES,
    "population": POPULATIONS,
    "scenario": SCENARIOS,
}

_FIGURE_COLUMNS = [
    "indicator",
    "name",
    "county_code",
    "place",
    "year",
    "scenario",
    "population",
    "basis",
    "value",
    "comparator",
    "others",
    "unit",
    "status",
    "review",
    "report",
    "reporter",
    "document",
    "mention_ids",
    "observation_id",
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
    if reports.empty:
        raise XianbiError(
            "no report with a known county and year: see issues.csv, and name them in "
            "data/raw/sources.csv"
        )
    own = tables.observations[tables.observations["subject"].isin(WHOLE_DEPARTMENT)]
    cells: dict[tuple[str, str, int], set[str]] = {}
    for row in own[own["year"].notna()].itertuples():
        found = row.status if row.scenario == "actual" else "target_only"
        cells.setdefault((row.indicator, row.county_code, row.year), set()).add(found)
    return pd.DataFrame(
        [
            {
                "family": entry.family,
                "indicator": entry.indicator,
                "name": entry.name_zh,
                "county_code": report.county_code,
                "place": report.place,
                "year": report.year,
                "status": _state(
                    cells.get((entry.indicator, report.county_code, report.year), set())
                ),
                "report": report.report,
                "reporter": report.reporter,
                "document": report.document,
            }
            for entry in tables.codebook.itertuples()
            for report in reports.itertuples()
        ]
    )


def across_counties(
    tables: Tables,
    indicator: str,
    *,
    scenario: str = "actual",
    population: str | None = None,
    basis: str | None = None,
    year: int | None = None,
) -> pd.DataFrame:
    """Returns one indicator over counties, highest first, with its target and national line.

    Without a year, each report's own year is taken; a prior year's figures, which reports quote,
    are left to `over_years`. Raises XianbiError for an unknown indicator (naming the nearest),
    for a selection without figures, and for one that mixes bases or populations, which it names:
    choose one, or set them side by side with `side_by_side`.
    """
    name = indicator_id(tables, indicator)
    table = _chosen(_figures(tables, [name], [scenario]), population, basis)
    table = table[table["_own_year"] if year is None else table["year"] == year]
    _refuse_nothing(table, name, scenario, population, basis, year)
    _refuse_mixture(table, name)
    table = _with_absent(table, tables, [name], year)
    table = _with_lines(table, _figures(tables, [name], ["target"]))
    order = ["value", "county_code", "year"]
    return table.sort_values(order, ascending=[False, True, True], ignore_index=True)


class Choice(TypedDict):
    """What picks comparable figures of an indicator: `across_counties(..., **choice)`."""

    population: str
    basis: str


def commonest(tables: Tables, indicator: str) -> Choice:
    """Returns the population and basis that most figures of an indicator have.

    A stated basis comes before an unstated one. Raises XianbiError when there is no figure.
    """
    name = indicator_id(tables, indicator)
    table = _figures(tables, [name])
    table = table[table["_own_year"] & table["value"].notna()]
    _refuse_nothing(table, name)
    stated = table[table["basis"] != "unstated"]
    counted = (stated if len(stated) else table).value_counts(["population", "basis"], sort=False)
    population, basis = counted.sort_index().idxmax()
    return {"population": population, "basis": basis}


def longest(tables: Tables) -> str:
    """Returns the county with the most series of two years or more (`over_years` draws them).

    Raises XianbiError when no county has any.
    """
    table = _figures(tables, list(tables.codebook["indicator"]))
    keys = ["county_code", "indicator", "population", "basis"]
    years = table[table["value"].notna()].groupby(keys)["year"].nunique()
    series = years[years > 1].groupby("county_code").size()
    if series.empty:
        raise XianbiError("no county has a figure of two years: add reports of other years")
    return str(series.idxmax())


def against_target(
    tables: Tables,
    indicator: str,
    *,
    population: str | None = None,
    basis: str | None = None,
    year: int | None = None,
) -> pd.DataFrame:
    """Returns `across_counties` with the distance to each report's own target.

    `gap` is actual - target, empty where the actual is only a bound or contradicts itself.
    `verdict`: met or missed where the target has a direction (≥, ≤), above, below or equal where
    it is a bare figure, undecided where the report leaves it open. Raises XianbiError as
    `across_counties` does, and when no report states both.
    """
    table = across_counties(tables, indicator, population=population, basis=basis, year=year)
    return _against(table, "target")


def against_national(
    tables: Tables,
    indicator: str,
    *,
    population: str | None = None,
    basis: str | None = None,
    year: int | None = None,
) -> pd.DataFrame:
    """Returns `across_counties` with the distance to the national line of the same year and people.

    `gap` is actual - national. `verdict`: above, below or equal to a national figure, met or missed
    where the nation has a bound only (≥95); undecided where the report leaves it open. Raises
    XianbiError as `across_counties` does, and when no row has a national line (national.csv has them all).
    """
    table = across_counties(tables, indicator, population=population, basis=basis, year=year)
    return _against(table, "national")


def side_by_side(
    tables: Tables,
    indicator: str,
    *,
    by: str,
    population: str | None = None,
    basis: str | None = None,
    year: int | None = None,
) -> pd.DataFrame:
    """Returns one indicator with its bases, populations or scenarios (`by`) kept apart.

    One row a county, year and value of `by`. Raises XianbiError for a mixture in the other
    dimensions, and for a selection without figures.
    """
    if by not in _WORDS:
        raise XianbiError(f"by='{by}' is no dimension: choose {', '.join(_WORDS)}")
    name = indicator_id(tables, indicator)
    scenarios = list(SCENARIOS) if by == "scenario" else ["actual"]
    table = _chosen(_figures(tables, [name], scenarios), population, basis)
    table = table[table["_own_year"] if year is None else table["year"] == year]
    _refuse_nothing(table, name, population, basis, year)
    _refuse_mixture(table, name, apart=by)
    return _with_absent(table, tables, [name], year)


def together(tables: Tables, indicators: Sequence[str]) -> pd.DataFrame:
    """Returns the actuals of several indicators: one row a county, year, indicator and basis.

    For a table with a column an indicator, or a panel an indicator; never for one axis.
    """
    names = [indicator_id(tables, indicator) for indicator in indicators]
    return _with_absent(_figures(tables, names), tables, names)


def control_rates(tables: Tables) -> pd.DataFrame:
    """Returns control rates (actual as a share of the budget, %): three-public, running costs, staff."""
    return together(tables, CONTROL)


def over_years(
    tables: Tables,
    indicator: str | None = None,
    *,
    county: str | None = None,
    population: str | None = None,
    basis: str | None = None,
    scenario: str = "actual",
) -> pd.DataFrame:
    """Returns series over the years, prior-year values that reports quote included.

    Of one indicator over the counties, or of one county over all its indicators that have two
    years or more (or both). `change` is the exact difference from the year before, empty where
    that year is missing or one of the two is a bound or a contradiction. Raises XianbiError for
    mixed bases or populations of one indicator, and when nothing has two years.
    """
    if indicator is None and county is None:
        raise XianbiError("over_years needs an indicator, a county, or both")
    names = [indicator_id(tables, indicator)] if indicator else list(tables.codebook["indicator"])
    table = _chosen(_figures(tables, names, [scenario]), population, basis)
    if county is not None:
        table = table[table["county_code"].isin(county_codes(tables, county))]
    if indicator:
        _refuse_nothing(table, names[0], scenario, population, basis, county)
        _refuse_mixture(table, names[0])
    series = ["indicator", "county_code", "population", "basis"]
    years = table[table["value"].notna()].groupby(series)["year"].transform("nunique")
    long = years.reindex(table.index).fillna(0) > 1
    if not long.any():
        asked = " of ".join(part for part in (indicator, county) if part)
        raise XianbiError(f"no series of two years or more for {asked}: add reports of other years")
    if not indicator:
        table = table[long]
    table = table.drop(columns="_own_year")
    order = ["indicator", "population", "basis", "county_code", "year"]
    table = table.sort_values(order, ignore_index=True, key=_by(names))
    firm = {
        (*(row[column] for column in series), row["year"]): row["value"]
        for _, row in table.iterrows()
        if row["comparator"] == "=" and not row["others"] and pd.notna(row["value"])
    }
    table["change"] = [
        _difference(
            firm.get((*(row[column] for column in series), row["year"])),
            firm.get((*(row[column] for column in series), row["year"] - 1)),
        )
        for _, row in table.iterrows()
    ]
    return table


def reported_vs_recomputed(tables: Tables) -> pd.DataFrame:
    """Returns every rate that a report prints and that its own amounts allow to be recomputed.

    `gap` is reported - recomputed in percentage points. Contradictions first, widest gap first.
    """
    audit = tables.audit
    audit = audit[(audit["kind"] == "rate") & audit["reported"].notna()]
    audit = audit[audit["recomputed"].notna()]
    if audit.empty:
        raise XianbiError("no rate that is both reported and recomputed: nothing to compare")
    table = _audited(audit, tables)
    table["_agrees"] = table["verdict"] == "agree"
    table["_width"] = -table["gap"].abs()
    order = ["_agrees", "_width", "county_code", "year", "indicator", "basis"]
    return table.sort_values(order, ignore_index=True).drop(columns=["_agrees", "_width", "kind"])


def contradictions(tables: Tables) -> pd.DataFrame:
    """Returns every place where a report contradicts itself, with what it says in `quotes`.

    A rate that its amounts do not reproduce, a sum that is not its parts', prose and table at odds.
    `stated` is the one figure, `otherwise` the other, or what the parts give.
    """
    table = _audited(tables.audit[tables.audit["verdict"] == "disagree"], tables)
    table = table.rename(columns={"reported": "stated", "recomputed": "otherwise"})
    said = {row.mention_id: _on_one_line(row.quote) for row in tables.mentions.itertuples()}
    table["quotes"] = [
        " | ".join(dict.fromkeys(said[name] for name in ids.split("|") if name in said))
        for ids in table["mention_ids"]
    ]
    order = ["kind", "county_code", "year", "indicator", "population", "basis"]
    table = table.sort_values(order, ignore_index=True)
    last = ["document", "observation_id"]
    return table[[column for column in table if column not in last] + last]


def sources(tables: Tables, table: pd.DataFrame) -> pd.DataFrame:
    """Returns where the rows of a table of this module are from: report, passage, page.

    One row a mention; a row without any (a derived figure) once, without a quote. Empty for a
    table that shows no figures, as that of `coverage`.
    """
    if "mention_ids" not in table:
        return pd.DataFrame()
    said = tables.mentions.drop_duplicates("mention_id").set_index("mention_id")
    rows = []
    for row in table.to_dict("records"):
        if row.get("status") == "absent":
            continue
        ids = [name for name in str(row.get("mention_ids", "")).split("|") if name in said.index]
        for name in ids or [""]:
            rows.append(
                {column: row[column] for column in ("county_code", "place", "year", "indicator")}
                | {
                    "name": row["name"],
                    "observation_id": row.get("observation_id", ""),
                    "document": said.at[name, "document"] if name else row["document"],
                    "page": said.at[name, "page"] if name else pd.NA,
                    "quote": _on_one_line(said.at[name, "quote"]) if name else "",
                }
            )
    return pd.DataFrame(rows).drop_duplicates(ignore_index=True) if rows else pd.DataFrame()


def _on_one_line(quote: str) -> str:
    # Control characters are no text, and neither Word nor Excel takes them.
    return " ".join(
        "".join(c for c in quote if c.isspace() or unicodedata.category(c) not in _NO_TEXT).split()
    )


def _state(found: set[str]) -> str:
    for status in _PRECEDENCE:
        if status in found:
            return status
    return "target_only" if found else "absent"


def _codebook(tables: Tables, column: str) -> dict[str, str]:
    return dict(zip(tables.codebook["indicator"], tables.codebook[column], strict=True))


def _whose(place: str, year: object) -> str:
    """Says in a source line whose report it is and of which year."""
    return place if pd.isna(year) else f"{place} {year}"


def _reports(tables: Tables, year: int | None = None) -> pd.DataFrame:
    """Returns the counties and years that have a report of their own, by code and year.

    Reports whose county or year is unknown cannot be compared and are left out.
    """
    of = places(tables)
    known = tables.documents[tables.documents["county_code"] != ""]
    known = known[known["year"].notna()].drop_duplicates(["county_code", "year"])
    if year is not None:
        known = known[known["year"] == year]
    known = known.sort_values(["county_code", "year"], ignore_index=True)
    known = known.assign(
        place=known["county_code"].map(of), report=known["report_type"].replace("", "other")
    )
    known["reporter"] = [_whose(row.place, row.year) for row in known.itertuples()]
    return known[["county_code", "place", "year", "report", "reporter", "document"]]


def _figures(
    tables: Tables, indicators: Sequence[str], scenarios: Sequence[str] = ("actual",)
) -> pd.DataFrame:
    """Returns the department's figures; `_own_year`: no prior year's, quoted by a report."""
    names, units = _codebook(tables, "name_zh"), _codebook(tables, "unit")
    of = places(tables)
    stated = tables.mentions.drop_duplicates("mention_id").set_index("mention_id")
    found = tables.observations
    found = found[found["indicator"].isin(indicators) & found["scenario"].isin(scenarios)]
    found = found[found["subject"].isin(WHOLE_DEPARTMENT) & found["year"].notna()]
    rows = [
        {
            "indicator": row.indicator,
            "name": names[row.indicator],
            "county_code": row.county_code,
            "place": of.get(row.county_code, row.document),
            "year": row.year,
            "scenario": row.scenario,
            "population": row.population,
            "basis": row.basis,
            "value": row.value,
            "comparator": row.comparator,
            "others": _other_values(row.value, row.indicator, row.mention_ids, stated)
            if row.status == "conflicting"
            else (),
            "unit": row.unit or units[row.indicator],
            "status": row.status,
            "review": row.review,
            "report": row.report or "other",
            "reporter": _whose(of.get(row.county_code, row.document), row.report_year),
            "document": row.document,
            "mention_ids": row.mention_ids,
            "observation_id": row.observation_id,
            "_own_year": not row.prior,
        }
        for row in found.itertuples()
    ]
    return _sorted(rows, indicators).astype({"_own_year": bool})


def _other_values(
    kept: float, indicator: str, mention_ids: str, stated: pd.DataFrame
) -> tuple[float, ...]:
    """Returns the values that the mentions of a contradiction state besides the one kept."""
    ids = [name for name in mention_ids.split("|") if name in stated.index]
    mentions = stated.loc[ids]
    values = mentions.loc[mentions["indicator"] == indicator, "value"].dropna()
    return tuple(sorted(set(values) - {kept}))


def _chosen(table: pd.DataFrame, population: str | None, basis: str | None) -> pd.DataFrame:
    for column, chosen in (("population", population), ("basis", basis)):
        if chosen is not None:
            table = table[table[column] == chosen]
    return table


def _refuse_nothing(table: pd.DataFrame, indicator: str, *asked: object) -> None:
    if not len(table):
        said = ", ".join(str(part) for part in asked if part is not None)
        raise XianbiError(
            f"no figure of {indicator}{' for ' if said else ''}{said}: "
            "the coverage notebook shows what there is"
        )


def _refuse_mixture(table: pd.DataFrame, indicator: str, apart: str = "") -> None:
    for column in ("basis", "population"):
        mixed = sorted(table[column].unique())
        if column != apart and len(mixed) > 1:
            words = _WORDS[column]
            named = ", ".join(f"'{m}' ({words[m].zh if words.get(m) else m})" for m in mixed)
            raise XianbiError(
                f"{indicator} stands on {len(mixed)} {column} values here, {named}, which are not "
                f"comparable: choose one with {column}=, or keep them apart with "
                f"side_by_side(by='{column}')"
            )
    counties = table["county_code"].nunique()
    if apart != "basis" and counties > 1 and (table["basis"] == "unstated").any():
        raise XianbiError(
            f"{counties} counties do not say of which budget their {indicator} is a share "
            "('unstated', 未注明口径), so that even these are not comparable: keep them apart with "
            "side_by_side(by='basis')"
        )


def _with_lines(table: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Adds to each row the target of its own report and the national line of its year and people."""
    of_row = ["indicator", "county_code", "year", "population", "basis"]
    target = {
        tuple(row[c] for c in of_row): (row["value"], row["comparator"])
        for _, row in targets.iterrows()
    }
    line = {
        (row.indicator, row.population, row.year): (row.value, row.comparator, row.source)
        for row in national().itertuples()
    }
    none = (float("nan"), "=", "")
    goals = [target.get(tuple(row[c] for c in of_row), none) for _, row in table.iterrows()]
    lines = [
        line.get((row.indicator, row.population, row.year), none) for row in table.itertuples()
    ]
    return table.assign(
        target=pd.array([goal[0] for goal in goals], dtype="float64"),
        target_comparator=[goal[1] for goal in goals],
        national=pd.array([entry[0] for entry in lines], dtype="float64"),
        national_comparator=[entry[1] for entry in lines],
        national_source=[entry[2] for entry in lines],
    )


def _against(table: pd.DataFrame, line: str) -> pd.DataFrame:
    """Adds `gap` and `verdict` against the column `line`."""
    if not (table["value"].notna() & table[line].notna()).any():
        have = ", ".join(sorted({f"{n.population} {n.year}" for n in national().itertuples()}))
        raise XianbiError(
            f"no {line} line for any figure of {table['indicator'].iloc[0]} chosen here: "
            + (
                "the reports state none; compare the counties with across_counties"
                if line == "target"
                else f"national.csv has lines for {have} of a few indicators"
            )
        )
    gaps, verdicts = [], []
    for _, row in table.iterrows():
        goal = row[line]
        known = pd.notna(row["value"]) and pd.notna(goal)
        firm = known and row["comparator"] == "=" and not row["others"]
        gaps.append(_difference(row["value"], goal) if firm else float("nan"))
        sign = row[f"{line}_comparator"]
        found = (
            {
                _verdict(value, row["comparator"], goal, sign)
                for value in (row["value"], *row["others"])
            }
            if known
            else {""}
        )
        verdicts.append(found.pop() if len(found) == 1 else "undecided")
    return table.assign(gap=pd.array(gaps, dtype="float64"), verdict=verdicts)


def _verdict(value: float, comparator: str, line: float, direction: str) -> str:
    """Says where a value, perhaps only a bound, stands to a line, perhaps with a direction.

    >>> _verdict(95.93, "=", 95, ">="), _verdict(95.93, "=", 95, "="), _verdict(90, ">=", 95, ">=")
    ('met', 'above', 'undecided')
    """
    low = float("-inf") if comparator in ("<=", "<", "~") else value
    high = float("inf") if comparator in (">=", ">", "~") else value
    if direction in (">=", ">"):
        passes = low > line or (low == line and (direction == ">=" or comparator == ">"))
        return "met" if passes else "missed" if high < line else _exactly(value, comparator, line)
    if direction in ("<=", "<"):
        passes = high < line or (high == line and (direction == "<=" or comparator == "<"))
        return "met" if passes else "missed" if low > line else _exactly(value, comparator, line)
    if low > line or (low == line and comparator == ">"):
        return "above"
    if high < line or (high == line and comparator == "<"):
        return "below"
    return "equal" if comparator == "=" else "undecided"


def _exactly(value: float, comparator: str, line: float) -> str:
    # A figure that equals a strict bound (> 95) misses it; an open one leaves it open.
    return "missed" if comparator == "=" and value == line else "undecided"


def _difference(value: float | None, base: float | None) -> float:
    if value is None or base is None:
        return float("nan")
    return float(Decimal(repr(float(value))) - Decimal(repr(float(base))))


def _audited(audit: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    names, units = _codebook(tables, "name_zh"), _codebook(tables, "unit")
    of = places(tables)
    rests = {
        (name, row.indicator): row.observation_id
        for row in tables.observations.itertuples()
        for name in row.mention_ids.split("|")
        if name
    }
    rows = [
        {
            "indicator": row.indicator,
            "name": names.get(row.indicator, row.indicator),
            "county_code": row.county_code,
            "place": of.get(row.county_code) or row.county or row.document,
            "year": row.year,
            "kind": row.kind,
            "population": row.population,
            "basis": row.basis,
            "reported": row.reported,
            "recomputed": row.recomputed,
            "gap": float("nan")
            if pd.isna(row.reported) or pd.isna(row.recomputed)
            else rounded(Decimal(str(row.reported)) - Decimal(str(row.recomputed))),
            "unit": units.get(row.indicator, "%"),
            "formula": row.formula,
            "verdict": row.verdict,
            "report": row.report or "other",
            "reporter": _whose(of.get(row.county_code) or row.document, row.report_year),
            "document": row.document,
            "mention_ids": row.mention_ids,
            "observation_id": rests.get((row.mention_ids.split("|")[0], row.indicator), ""),
        }
        for row in audit.itertuples()
    ]
    columns = [
        *("indicator", "name", "county_code", "place", "year", "kind", "population", "basis"),
        *("reported", "recomputed", "gap", "unit", "formula", "verdict", "report", "reporter"),
        *("document", "mention_ids", "observation_id"),
    ]
    return pd.DataFrame(rows, columns=columns)


def _with_absent(
    table: pd.DataFrame, tables: Tables, indicators: Sequence[str], year: int | None = None
) -> pd.DataFrame:
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
            "scenario": "actual",
            "population": "",
            "basis": "",
            "value": None,
            "comparator": "=",
            "others": (),
            "unit": units[indicator],
            "status": "absent",
            "review": False,
            "report": report.report,
            "reporter": report.reporter,
            "document": report.document,
            "mention_ids": "",
            "observation_id": "",
        }
        for report in _reports(tables, year).itertuples()
        for indicator in indicators
        if (report.county_code, report.year, indicator) not in have
    ]
    return _sorted([*table.to_dict("records"), *absent], indicators).drop(columns="_own_year")


def _sorted(rows: list[dict[str, object]], indicators: Sequence[str]) -> pd.DataFrame:
    """Returns a table of figures by county, year, indicator (in the order asked), dimensions."""
    table = pd.DataFrame(rows, columns=[*_FIGURE_COLUMNS, "_own_year"])
    table = table.astype({"value": "float64", "review": bool})
    order = ["county_code", "year", "indicator", "scenario", "population", "basis"]
    return table.sort_values(order, key=_by(indicators), ignore_index=True)


def _by(indicators: Sequence[str]) -> Callable[[pd.Series], pd.Series]:
    """Returns a sort key: indicators as asked for, dimensions in the order of their words."""
    ranks = {"indicator": list(indicators)} | {kind: list(words) for kind, words in _WORDS.items()}

    def rank(column: pd.Series) -> pd.Series:
        if column.name not in ranks:
            return column
        values = dict.fromkeys([*ranks[column.name], *column])
        return column.map({value: n for n, value in enumerate(values)})

    return rank
