"""Reading a report as a job: what a worker is given, what it gives back, and who works."""

from __future__ import annotations

import gc
import pickle
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Protocol

from ingest.codebook.model import Codebook
from ingest.documents import archives
from ingest.identifying.by_hand import Overrides
from ingest.records import Document, Source
from ingest.running import cache, kept, reports, workers
from ingest.running.reports import Report
from ingest.running.settings import Running


class Read(Protocol):
    """Reads one file: `override` is its line of sources.csv, `document` what was made of it before."""

    def __call__(
        self,
        source: Source,
        codebook: Codebook,
        override: Mapping[str, str] | None,
        document: Document | None,
        /,
    ) -> Report: ...


@dataclass(frozen=True)
class Job:
    """A report to be read. `document` is what a reader made of it before, as the cache keeps it;
    `data` the file, where the worker cannot open it; `code` what the worker's code has to be;
    `keeps` whether the cache wants the document.
    """

    source: Source
    override: dict[str, str]
    document: bytes | None = None
    data: bytes | None = None
    code: str = ""
    keeps: bool = False


@dataclass(frozen=True)
class Done:
    """What a worker made of a report: its extract, as `reports.told` gives it.

    `document` is the document, if it was read anew and the cache wants it; `lasting` whether
    reading the file again would give the same.
    """

    extract: bytes
    document: bytes | None
    lasting: bool


def jobs(new: Iterable[Source], overrides: Overrides, running: Running) -> Iterator[Job]:
    """The jobs of reading new files, each made when it is asked for."""
    code = cache.code_stamp() if running.cluster else ""
    for source in new:
        document = kept.document(running, source)
        override = dict(overrides.get(source.document, {}))
        data = None
        if running.cluster and document is None:
            # A file that cannot be opened here can be told so only here.
            with suppress(OSError, archives.ArchiveError):
                data = archives.read(Path(source.path))
        yield Job(source, override, document, data, code, running.cache is not None)


_AT_A_TIME = threading.Lock()
"""pdfium reads one document at a time; the workers of a cluster may have several threads."""


def work(read: Read, codebook: Codebook, job: Job) -> Done:
    """Reads one report; what is done in this process, in another, or on another machine.

    Raises RuntimeError where the code is not the one that the job asks for.
    """
    if job.code not in ("", cache.code_stamp()):
        raise RuntimeError("a worker runs another version of xianbi than this machine")
    with _AT_A_TIME, seldom_collecting(), _file_of(job) as source:
        before = cache.decode(Document, job.document) if job.document else None
        known = replace(before, source=source) if before else None
        report = read(source, codebook, job.override, known)
    document = report.document
    anew = None
    if document is not None and job.document is None and job.keeps:
        anew = cache.encode(replace(document, source=replace(document.source, path="")))
    return Done(reports.told(report), anew, document is not None)


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Records make no cycles; looking for dead ones as often as Python does costs a twentieth."""
    former = gc.get_threshold()
    gc.set_threshold(10_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*former)


@contextmanager
def _file_of(job: Job) -> Iterator[Source]:
    if job.data is None:
        yield job.source
        return
    with tempfile.TemporaryDirectory(prefix="xianbi-") as folder:
        path = Path(folder) / "report"
        path.write_bytes(job.data)
        yield replace(job.source, path=str(path))


# --- who works -----------------------------------------------------------------------------------

Deal = Callable[[Callable[[Codebook, Any], Any], Iterable[Any]], Iterator[tuple[Any, Any]]]
"""As workers.Deal; the work is given the codebook, too."""


@contextmanager
def crew(new: Sequence[Source], codebook: Codebook, running: Running) -> Iterator[Deal]:
    """Those who read new reports; this process, where there are none.

    Raises workers.WorkerError if no process or cluster is to be had.
    """
    if not new or (running.jobs == 1 and not running.cluster):
        with workers.here(running.seconds) as deal:
            yield lambda work, jobs: deal(partial(work, codebook), jobs)
        return
    if running.cluster:
        others = workers.on_cluster(running.cluster, running.seconds)
    else:
        number = running.jobs
        if number is None:
            worth = workers.worth_starting([source.size for source in new])
            number = workers.cores() if worth else 1
        others = workers.in_processes(min(number, len(new)), running.seconds, running.memory)
    pickled = pickle.dumps(codebook)
    with others as deal:
        yield lambda work, jobs: deal(partial(_there, work, pickled), jobs)


def _there(work: Callable[[Codebook, Any], Any], pickled: bytes, job: object) -> object:
    """Does work in another process, or on another machine."""
    return work(_definitions(pickled), job)


@lru_cache(maxsize=2)
def _definitions(pickled: bytes) -> Codebook:
    """The codebook that the parent sent: once a process, since what is made of them is kept."""
    sent: Codebook = pickle.loads(pickled)
    return sent
