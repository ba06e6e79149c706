"""Rows of tables on disk while they are gathered: any number, in any order, read back sorted.

SQLite sorts them without holding them in memory. The file is scratch: it is written without
safeguards, and thrown away.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

_CACHE_KB = 8_000
_FULL = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")


class Rows:
    """Tables of texts. Every method raises OSError if the disk is full or fails."""

    def __init__(self, database: sqlite3.Connection, tables: Mapping[str, Sequence[str]]) -> None:
        self._database = database
        self._insert = {}
        for table, columns in tables.items():
            named = ", ".join(f'"{column}" TEXT' for column in columns)
            database.execute(f'CREATE TABLE "{table}" ({named})')
            marks = ", ".join("?" * len(columns))
            self._insert[table] = f'INSERT INTO "{table}" VALUES ({marks})'

    def add(self, table: str, rows: Iterable[Sequence[str]]) -> int:
        """Adds rows, each with a text for every column of the table; returns how many."""
        with _told_as_os_error():
            return self._database.executemany(self._insert[table], rows).rowcount

    def count(self, table: str) -> int:
        """How many rows a table has."""
        with _told_as_os_error():
            (number,) = self._database.execute(f'SELECT count(*) FROM "{table}"').fetchone()
            return int(number)

    def sorted(
        self, table: str, columns: Sequence[str], by: Sequence[str]
    ) -> Iterator[tuple[str, ...]]:
        """These columns of all rows, sorted as texts by others; equal ones in the order added."""
        shown = ", ".join(f'"{column}"' for column in columns)
        order = ", ".join((*(f'"{column}"' for column in by), "rowid"))
        with _told_as_os_error():
            yield from self._database.execute(f'SELECT {shown} FROM "{table}" ORDER BY {order}')


@contextmanager
def gathering(path: Path, tables: Mapping[str, Sequence[str]]) -> Iterator[Rows]:
    """Opens a new file for rows: the columns of each table by its name."""
    with _told_as_os_error():
        database = sqlite3.connect(path, isolation_level=None)
    with closing(database):
        with _told_as_os_error():
            database.execute("PRAGMA journal_mode = OFF")
            database.execute("PRAGMA synchronous = OFF")
            database.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
            database.execute("BEGIN")
            rows = Rows(database, tables)
        yield rows


@contextmanager
def _told_as_os_error() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith(_FULL):
            raise OSError(errno.ENOSPC, f"the disk is full or fails ({error})") from error
        raise
