"""Reads many reports, or takes from the cache what was read before, and holds it on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import groupby
from pathlib import Path

from ingest.codebook.model import Codebook
from ingest.identifying.by_hand import Overrides
from ingest.records import Source
from ingest.running import failures, jobs, kept, reports, workers
from ingest.running.settings import Progress, Running


class Collected:
    """What was read of all reports, on disk: JSON by document, in groups of one county each.

    `lasting` tells whether reading all files again would give the same, `complaint` why what was
    read could not be kept, if it could not.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed by `close`)
        self._places: dict[str, tuple[str, int, int]] = {}
        self.pages = 0
        self.lasting = True
        self.complaint = ""

    def add(self, document: str, told: bytes) -> None:
        """Adds the extract of a report, as `reports.told` gives it."""
        head, _, content = told.partition(b"\n")
        code, pages = head.decode().split(" ")
        start = self._file.seek(0, 2)
        self._file.write(content)
        self._places[document] = (code or document, start, len(content))
        self.pages += int(pages)

    def __len__(self) -> int:
        return len(self._places)

    def counties(self) -> Iterator[reports.County]:
        """What the reports of each county say, one county in memory at a time."""
        return map(reports.county_of, self.extracts())

    def extracts(self) -> Iterator[tuple[bytes, ...]]:
        """The extracts, one county after the other; a report of an unknown one stands alone."""
        placed = sorted((owner, name) for name, (owner, _, _) in self._places.items())
        for _, group in groupby(placed, key=lambda place: place[0]):
            yield tuple(self._told(name) for _, name in group)

    def _told(self, document: str) -> bytes:
        _, start, length = self._places[document]
        self._file.seek(start)
        return self._file.read(length)

    def close(self) -> None:
        """Gives the disk free again."""
        self._file.close()


@contextmanager
def collecting(
    found: Iterable[Source],
    read: jobs.Read,
    codebook: Codebook,
    overrides: Overrides,
    running: Running,
    folder: Path,
    progress: Progress | None = None,
) -> Iterator[tuple[Collected, jobs.Deal]]:
    """Reads reports with `read`, or takes them from the cache; `folder` is for scratch.

    Whoever read them is there for further work as long as the block lasts. Raises
    workers.WorkerError if no process or cluster is to be had.
    """
    with closing(Collected(folder)) as collected:
        listed = list(found)
        stamp = kept.stamp(codebook)
        new = []

        def add(source: Source, told: bytes) -> None:
            collected.add(source.document, told)
            if progress:
                progress(len(collected), len(listed), collected.pages, source.document)

        for source in listed:
            told = kept.extract(running, source, kept.stamp_of(stamp, source, overrides))
            if told is None:
                new.append(source)
            else:
                add(source, told)
        with jobs.crew(new, codebook, running) as deal:
            for job, done in deal(partial(jobs.work, read), jobs.jobs(new, overrides, running)):
                if isinstance(done, workers.Lost):
                    nothing = failures.lost(job.source, done, running.seconds)
                    done = jobs.Done(reports.told(nothing), None, False)
                collected.lasting &= done.lasting
                if done.lasting and not collected.complaint:
                    own = kept.stamp_of(stamp, job.source, overrides)
                    collected.complaint = _kept(running, job.source, done, own)
                add(job.source, done.extract)
            yield collected, deal


def _kept(running: Running, source: Source, done: jobs.Done, stamp: str) -> str:
    """Keeps what was read for the next run; says why it cannot, or ""."""
    try:
        kept.keep(running, source, done.document, done.extract, stamp)
    except OSError as error:
        return (
            f"{running.cache}: what was read cannot be kept ({error.strerror or error}), so the "
            "next run reads it again. Make room, or name another folder with --cache"
        )
    return ""
