"""Loads the tables of data/processed with their types; the one place that knows where they are."""

from __future__ import annotations

import difflib
import hashlib
import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from importlib import resources
from pathlib import Path

import pandas as pd

from xianbi import XianbiError

VARIABLE = "XIANBI_DATA"
"""The environment variable that names another folder of tables."""

TEXT, WHOLE, NUMBER = "text", "whole", "number"

# The columns that `xianbi` uses; a table may have more. Codes and ids are text, whatever they
# look like: 130127 is a name, and a leading nought belongs to it.
COLUMNS: dict[str, dict[str, str]] = {
    "documents": {
        "document": TEXT,
        "county_code": TEXT,
        "province": TEXT,
        "city": TEXT,
        "county": TEXT,
        "reporting_unit": TEXT,
        "year": WHOLE,
        "report_type": TEXT,
    },
    "mentions": {
        "mention_id": TEXT,
        "document": TEXT,
        "page": WHOLE,
        "start": WHOLE,
        "end": WHOLE,
        "quote": TEXT,
        "indicator": TEXT,
        "scenario": TEXT,
        "year": WHOLE,
        "value": NUMBER,
        "unit": TEXT,
    },
    "observations": {
        "county_code": TEXT,
        "province": TEXT,
        "city": TEXT,
        "county": TEXT,
        "reporting_unit": TEXT,
        "year": WHOLE,
        "indicator": TEXT,
        "scenario": TEXT,
        "population": TEXT,
        "subject": TEXT,
        "basis": TEXT,
        "value": NUMBER,
        "unit": TEXT,
        "comparator": TEXT,
        "status": TEXT,
        "document": TEXT,
        "mention_ids": TEXT,
        "note": TEXT,
    },
    "audit": {
        "document": TEXT,
        "county_code": TEXT,
        "county": TEXT,
        "year": WHOLE,
        "indicator": TEXT,
        "population": TEXT,
        "subject": TEXT,
        "basis": TEXT,
        "kind": TEXT,
        "reported": NUMBER,
        "recomputed": NUMBER,
        "formula": TEXT,
        "verdict": TEXT,
        "mention_ids": TEXT,
    },
    "issues": {
        "document": TEXT,
        "severity": TEXT,
        "kind": TEXT,
        "where": TEXT,
        "message": TEXT,
        "action": TEXT,
    },
    "codebook": {
        "family": TEXT,
        "indicator": TEXT,
        "name_zh": TEXT,
        "kind": TEXT,
        "unit": TEXT,
        "definition": TEXT,
    },
}

# What makes an observation the one it is (the README says what each means).
KEY = ("county_code", "year", "indicator", "scenario", "population", "subject", "basis")

# So the note of an observation begins, or goes on, where a person should look at the report first.
_DOUBT = r"(?:^|; )review: "

_NATIONAL = {
    "indicator": TEXT,
    "population": TEXT,
    "year": WHOLE,
    "value": NUMBER,
    "unit": TEXT,
    "comparator": TEXT,
    "source": TEXT,
    "source_en": TEXT,
    "checked": TEXT,
}


@dataclass(frozen=True)
class Tables:
    """The tables of one folder, a DataFrame each; what one row is stands in the README.

    Text columns hold str (empty, never NaN), whole numbers Int64, figures float64 whose shortest
    form is the one in the file. `observations` has an `observation_id`: ten digits that follow
    from the key alone, so that they stay the same when other reports are added. It and `audit`
    say the kind and the year of the report a row is from (`report`, `report_year`); `prior` marks
    what a report quotes of another year than its own, `review` what a person should check in the
    report before using it.
    """

    documents: pd.DataFrame
    mentions: pd.DataFrame
    observations: pd.DataFrame
    audit: pd.DataFrame
    issues: pd.DataFrame
    codebook: pd.DataFrame


def folder(path: str | Path | None = None) -> Path:
    """Returns the folder of tables: `path`, else XIANBI_DATA, else data/processed here or above.

    Raises XianbiError when there is none.
    """
    given = path or os.environ.get(VARIABLE)
    if given:
        if not Path(given).is_dir():
            raise XianbiError(
                f"no folder {given}: write the tables with `xianbi build RAW --out {given}`"
            )
        return Path(given)
    here = Path.cwd()
    for above in (here, *here.parents):
        if (above / "data" / "processed").is_dir():
            return above / "data" / "processed"
    raise XianbiError(
        f"no folder data/processed in {here} or above it: run `xianbi build` in the project, "
        f"or set {VARIABLE} to the folder of your tables"
    )


def raw_folder(path: str | Path | None = None) -> Path | None:
    """Returns the folder of the reports: `path`, else `raw` beside the folder of tables, or None.

    Only `evidence` looks at the reports themselves. Raises XianbiError when `path` is missing.
    """
    if path is not None:
        if not Path(path).is_dir():
            raise XianbiError(f"no folder {path}: name the one that `xianbi build` read")
        return Path(path)
    try:
        beside = folder().parent / "raw"
    except XianbiError:  # the tables were loaded from a folder that was named
        return None
    return beside if beside.is_dir() else None


def load(path: str | Path | None = None) -> Tables:
    """Loads every table of a folder (see `folder` for the default).

    Raises XianbiError, in one line, for a missing folder, table or column, for a cell that is
    not of its column's type, and for a folder of tables without a single report.
    """
    where = folder(path)
    if not any(_path(where, field.name).is_file() for field in fields(Tables)):
        raise XianbiError(
            f"no tables in {where}: put reports into a folder RAW and run "
            f"`xianbi build RAW --out {where}`"
        )
    tables = Tables(**{field.name: _table(where, field.name) for field in fields(Tables)})
    if tables.documents.empty:
        raise XianbiError(
            f"the tables in {where} hold no report: put reports into a folder RAW and run "
            f"`xianbi build RAW --out {where}`"
        )
    # Told once, here: a selection of rows then still says from which report they are.
    reports = tables.documents.set_index("document")
    for rows in (tables.observations, tables.audit):
        rows["report"] = rows["document"].map(reports["report_type"]).fillna("")
        rows["report_year"] = rows["document"].map(reports["year"]).astype("Int64")
    tables.observations["prior"] = _prior(tables.observations)
    tables.observations["review"] = tables.observations["note"].str.contains(_DOUBT)
    if "observation_id" not in tables.observations:
        tables.observations["observation_id"] = _ids(tables.observations)
    return tables


def select(tables: Tables, counties: Sequence[str] = (), years: Sequence[int] = ()) -> Tables:
    """Returns the tables with only the counties (names or codes) and years asked for.

    Nothing asked for is everything. Of a year asked for, what later reports quote of it counts
    too. An unknown county is a XianbiError with the nearest names, a year without a report one
    that names the years there are.
    """
    codes = {code for county in counties for code in county_codes(tables, county)}
    known = sorted({int(year) for year in tables.observations["year"].dropna()})
    for year in years:
        if year not in known:
            raise XianbiError(
                f"no figure of the year {year}: the tables have {', '.join(map(str, known))}"
            )

    def chosen(rows: pd.DataFrame) -> pd.DataFrame:
        if codes:
            rows = rows[rows["county_code"].isin(codes)]
        return rows[rows["year"].isin(years)] if years else rows

    observations = chosen(tables.observations)
    return replace(
        tables,
        documents=chosen(tables.documents),
        observations=observations.assign(prior=False) if years else observations,
        audit=chosen(tables.audit),
    )


def county_codes(tables: Tables, county: str) -> list[str]:
    """Returns the division codes that a name (高邑县, 石家庄市高邑县, 高邑) or a code means.

    Two counties of one name are both meant. Raises XianbiError with the nearest names.
    """
    rows = pd.concat([tables.documents, tables.observations])
    rows = rows[rows["county_code"] != ""].drop_duplicates("county_code")
    names = {
        row.county_code: (row.county_code, row.county, row.city + row.county, row.county[:-1])
        for row in rows.itertuples()
    }
    codes = [code for code, known in names.items() if county and county in known]
    if codes:
        return sorted(codes)
    hint = _nearest(county, [*(name for _, name, *_ in names.values()), *names], "documents.csv")
    raise XianbiError(f"no county named '{county}': {hint}")


def indicator_id(tables: Tables, indicator: str) -> str:
    """Returns the id of an indicator given its id or its Chinese name.

    Raises XianbiError with the nearest ids or names.
    """
    ids: dict[str, str] = dict(
        zip(tables.codebook["name_zh"], tables.codebook["indicator"], strict=True)
    )
    if indicator in ids.values():
        return indicator
    if indicator in ids:
        return ids[indicator]
    hint = _nearest(indicator, [*ids.values(), *ids], "codebook.csv")
    raise XianbiError(f"no indicator named '{indicator}': {hint}")


def national() -> pd.DataFrame:
    """Returns the national lines that the package carries, each with its source.

    `checked` says how the source was read: from a copy, where the original was not at hand.
    """
    with resources.as_file(resources.files("xianbi").joinpath("national.csv")) as path:
        return _typed(path, _NATIONAL)


def _nearest(asked: str, names: Iterable[str], where: str) -> str:
    near = difflib.get_close_matches(asked, list(dict.fromkeys(names)), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"{where} lists them all"


def _prior(observations: pd.DataFrame) -> pd.Series:
    years = observations[["year", "report_year"]]
    return years.notna().all(axis=1) & (years["year"] != years["report_year"]).fillna(False)


def _ids(observations: pd.DataFrame) -> list[str]:
    """Makes an id of each row from its key; without a county, the report stands for it."""
    return [
        hashlib.sha256(
            "\x1f".join([*map(str, key), "" if key[0] else document]).encode()
        ).hexdigest()[:10]
        for *key, document in observations[[*KEY, "document"]].itertuples(index=False, name=None)
    ]


# A build that was killed while it put its tables in place leaves the rest of them here, for the
# next build to move. They are the newer ones, and the others go with them.
_READY = ".complete"


def _path(where: Path, name: str) -> Path:
    ready = where / _READY / f"{name}.csv"
    return ready if ready.is_file() else where / f"{name}.csv"


def _table(where: Path, name: str) -> pd.DataFrame:
    path = _path(where, name)
    if not path.is_file():
        raise XianbiError(f"no table {path}: write it with `xianbi build RAW --out {where}`")
    return _typed(path, COLUMNS[name])


def _typed(path: Path, columns: dict[str, str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise XianbiError(
            f"{path} cannot be read ({error}): run `xianbi build` again; "
            "an Excel user edits a copy, not this file"
        ) from error
    missing = [column for column in columns if column not in table]
    if missing:
        raise XianbiError(
            f"{path} lacks the column(s) {', '.join(missing)}: "
            "it comes from another version or was edited; run `xianbi build` again"
        )
    for column, kind in columns.items():
        if kind == WHOLE:
            table[column] = pd.array(_parsed(table[column], path, int), dtype="Int64")
        elif kind == NUMBER:
            table[column] = pd.array(_parsed(table[column], path, _figure), dtype="float64")
    return table


def _figure(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _parsed(cells: pd.Series, path: Path, parse: Callable[[str], float]) -> list[float | None]:
    parsed: list[float | None] = []
    for row, text in enumerate(cells, start=2):
        try:
            parsed.append(parse(text) if text else None)
        except ValueError as error:
            raise XianbiError(
                f"{path}, line {row}, column {cells.name}: '{text}' is no number; "
                "run `xianbi build` again"
            ) from error
    return parsed
