"""Loads the tables of data/processed with their types; the one place that knows where they are."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from briefing import BriefingError

VARIABLE = "XIANBI_DATA"
"""The environment variable that names another folder of tables."""

TEXT, WHOLE, NUMBER = "text", "whole", "number"

# The columns that `briefing` uses; a table may have more. Codes and ids are text, whatever they
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


@dataclass(frozen=True)
class Tables:
    """The tables of one folder, a DataFrame each; what one row is stands in the README.

    Text columns hold str (empty, never NaN), whole numbers Int64, figures float64 whose shortest
    form is the one in the file.
    """

    documents: pd.DataFrame
    mentions: pd.DataFrame
    observations: pd.DataFrame
    audit: pd.DataFrame
    issues: pd.DataFrame
    codebook: pd.DataFrame


def folder(path: str | Path | None = None) -> Path:
    """Returns the folder of tables: `path`, else XIANBI_DATA, else data/processed here or above.

    Raises BriefingError when there is none.
    """
    given = path or os.environ.get(VARIABLE)
    if given:
        if not Path(given).is_dir():
            raise BriefingError(
                f"no folder {given}: write the tables with `ingest build RAW --out {given}`"
            )
        return Path(given)
    here = Path.cwd()
    for above in (here, *here.parents):
        if (above / "data" / "processed").is_dir():
            return above / "data" / "processed"
    raise BriefingError(
        f"no folder data/processed in {here} or above it: run `ingest build` in the project, "
        f"or set {VARIABLE} to the folder of your tables"
    )


def load(path: str | Path | None = None) -> Tables:
    """Loads every table of a folder (see `folder` for the default).

    Raises BriefingError, in one line, for a missing folder, table or column and for a cell that
    is not of its column's type.
    """
    where = folder(path)
    return Tables(**{field.name: _table(where, field.name) for field in fields(Tables)})


def _table(where: Path, name: str) -> pd.DataFrame:
    path = where / f"{name}.csv"
    if not path.is_file():
        raise BriefingError(f"no table {path}: write it with `ingest build RAW --out {where}`")
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise BriefingError(
            f"{path} cannot be read ({error}): run `ingest build` again; "
            "an Excel user edits a copy, not this file"
        ) from error
    missing = [column for column in COLUMNS[name] if column not in table]
    if missing:
        raise BriefingError(
            f"{path} lacks the column(s) {', '.join(missing)}: "
            "it comes from another version or was edited; run `ingest build` again"
        )
    for column, kind in COLUMNS[name].items():
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
            raise BriefingError(
                f"{path}, line {row}, column {cells.name}: '{text}' is no number; "
                "run `ingest build` again"
            ) from error
    return parsed
