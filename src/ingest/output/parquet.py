"""Rows → a Parquet dataset, parted into folders by province and year, for large sets.

pandas and DuckDB read of it only what a question needs. The same rows give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from itertools import groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

UNKNOWN = {"province": "未知", "year": "0"}
"""What stands for a province or a year that is not known: pandas cannot read folders without."""

_ROWS_OF_A_GROUP = 10_000


class MissingPackageError(ValueError):
    """pyarrow is not installed; the message says how to install it."""


class Field(NamedTuple):
    """A column: its name and its type ("string", "integer" or "number")."""

    name: str
    type: str


def check() -> None:
    """Raises MissingPackageError if Parquet cannot be written here."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise MissingPackageError(
            "--parquet needs the package pyarrow: pip install pyarrow (the extra `parquet`), or "
            "leave --parquet out."
        ) from error


def version() -> str:
    """The version of pyarrow, "" without one."""
    try:
        return metadata.version("pyarrow")
    except metadata.PackageNotFoundError:
        return ""


def write(folder: Path, fields: Sequence[Field], rows: Iterable[Sequence[str]]) -> None:
    """Writes the dataset `folder`.

    Each row has its province and its year first, which become folders, then a text for each field
    (an empty number is a missing one). Rows come sorted by province and year. Numbers are stored
    as doubles, which hold every printed figure to its last digit.
    """
    import pyarrow
    from pyarrow import parquet

    types = {"string": pyarrow.string(), "integer": pyarrow.int64(), "number": pyarrow.float64()}
    schema = pyarrow.schema([(field.name, types[field.type]) for field in fields])
    folder.mkdir(parents=True)
    for (province, year), group in groupby(rows, key=lambda row: (row[0], row[1])):
        place = folder / _named("province", province) / _named("year", year)
        place.mkdir(parents=True)
        with parquet.ParquetWriter(place / "part-0.parquet", schema, compression="zstd") as file:
            for some in _some(group):
                arrays = [_values(field, some, at) for at, field in enumerate(fields, start=2)]
                table = pyarrow.table(
                    [
                        pyarrow.array(values, type=types[f.type])
                        for f, values in zip(fields, arrays, strict=True)
                    ],
                    schema=schema,
                )
                file.write_table(table)


def _named(column: str, value: str) -> str:
    return f"{column}={value or UNKNOWN[column]}"


def _some(rows: Iterable[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    rows = iter(rows)
    while some := list(islice(rows, _ROWS_OF_A_GROUP)):
        yield some


def _values(field: Field, rows: Sequence[Sequence[str]], at: int) -> list[Any]:
    if field.type == "string":
        return [row[at] for row in rows]
    make = int if field.type == "integer" else float
    return [make(row[at]) if row[at] else None for row in rows]
