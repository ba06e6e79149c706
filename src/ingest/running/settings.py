"""How reports are read: processes, limits, cache, and who is told of the progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.running import workers

Progress = Callable[[int, int, int, str], None]
"""Told after each report: how many are done, of how many, their pages so far, and its name."""


@dataclass(frozen=True)
class Running:
    """How reports are read; nothing in the tables depends on it.

    `jobs` is the number of processes: 1 is this one alone, without a limit of memory; None as many
    others as there are cores, or one if the files are few and small. `seconds` is the time limit
    of a file, `memory` the limit of each process in MB. `cluster` is the address of a Dask
    scheduler, `cache` the folder of what was read before; `fresh` reads all reports again.
    """

    jobs: int | None = 1
    seconds: float = workers.SECONDS
    memory: int = workers.MEMORY
    cluster: str = ""
    cache: Path | None = None
    fresh: bool = False
