"""The rows of one county after the other, made by whoever is free and handed on in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from ingest.codebook.model import Codebook
from ingest.output import tables
from ingest.records import Issue
from ingest.reviewing.corrections import Placed
from ingest.running import reports, workers
from ingest.running.jobs import Deal
from ingest.running.reports import County

RowsByTable = Callable[
    [County, tuple[Placed, ...], Codebook], Iterable[tuple[str, Iterable[tables.Row]]]
]
"""The rows that the reports of one county, corrected, add to each table."""


@dataclass(frozen=True)
class Extracts:
    """The extracts of one county's reports, and the corrections; in which place it comes."""

    place: int
    told: tuple[bytes, ...]
    placed: tuple[Placed, ...]


@dataclass(frozen=True)
class CountyRows:
    """What the reports of one county add to each table, and their issues that are errors."""

    texts: list[tuple[str, list[list[str]]]]
    errors: list[Issue]


def in_order(
    deal: Deal,
    make: RowsByTable,
    counties: Iterable[tuple[bytes, ...]],
    placed: tuple[Placed, ...],
    codebook: Codebook,
) -> Iterator[CountyRows]:
    """The rows of all counties in their order, whichever is done first."""
    waiting: dict[int, CountyRows] = {}
    given = (Extracts(place, told, placed) for place, told in enumerate(counties))
    following = 0
    for county, made in deal(partial(rows_if_room, make), given):
        # A county that is too much for a worker is done here: its reports were read after all.
        lost = isinstance(made, workers.Lost) or made is None
        waiting[county.place] = rows(make, codebook, county) if lost else made
        while following in waiting:
            yield waiting.pop(following)
            following += 1


def rows_if_room(make: RowsByTable, codebook: Codebook, extracts: Extracts) -> CountyRows | None:
    """The rows of a county; None if there is not the memory for them."""
    try:
        return rows(make, codebook, extracts)
    except MemoryError:
        return None


def rows(make: RowsByTable, codebook: Codebook, extracts: Extracts) -> CountyRows:
    """The rows of a county as texts, made with `make`."""
    county = reports.county_of(extracts.told)
    return CountyRows(
        [
            (name, tables.texts(name, made))
            for name, made in make(county, extracts.placed, codebook)
        ],
        [issue for issue in county.issues if issue.severity == "error"],
    )
