"""The order of the stages: report files → mentions → findings, observations → corrections → tables."""

from __future__ import annotations

import gc
import pickle
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

from ingest import crossread, flattened, forms, prose
from ingest.definitions import Definitions
from ingest.documents import archives, readers, sources
from ingest.identifying import identify
from ingest.judging import audit, reconcile
from ingest.output import parquet as parquet_files
from ingest.output import tables
from ingest.records import (
    Document,
    Finding,
    Identity,
    Issue,
    Mention,
    Observation,
    Refusal,
    Source,
)
from ingest.reviewing import corrections, coverage, review, silence, templates
from ingest.reviewing.silence import Silence
from ingest.running import cache, workers

Overrides = Mapping[str, Mapping[str, str]]
Progress = Callable[[int, int, int, str], None]
"""Told after each report: how many are done, of how many, their pages so far, and its name."""

OVERRIDES = "sources.csv"
CORRECTIONS = "corrections.toml"


class NoReportsError(ValueError):
    """The raw folder holds no report file."""


@dataclass(frozen=True)
class Report:
    """Everything read from one file; `document` is None if it could not be read."""

    source: Source
    document: Document | None
    identity: Identity
    mentions: tuple[Mention, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    findings: tuple[Finding, ...] = ()
    silences: tuple[Silence, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class Extract:
    """What is kept of a report once it is read: all but its text, and what was refused.

    `row` is its row of documents.csv; `blank_pages` None if it could not be read.
    """

    source: Source
    row: dict[str, object]
    blank_pages: int | None
    identity: Identity
    mentions: tuple[Mention, ...]
    findings: tuple[Finding, ...]
    silences: tuple[Silence, ...]
    issues: tuple[Issue, ...]


@dataclass(frozen=True)
class Summary:
    """How many rows a build wrote, the issues that are errors, and remarks on the run itself."""

    reports: int
    mentions: int
    observations: int
    findings: int
    issues: int
    questions: int
    corrections: int
    errors: tuple[Issue, ...]
    remarks: tuple[str, ...] = ()


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


@dataclass
class _Gathered:
    """What is kept of some reports while their tables are made."""

    fingerprints: dict[str, str] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    silences: dict[str, tuple[Silence, ...]] = field(default_factory=dict)
    blank_pages: dict[str, int | None] = field(default_factory=dict)
    documents: list[tables.Row] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def add(self, extract: Extract) -> None:
        name = extract.source.document
        self.fingerprints[name] = extract.source.sha256
        self.identities[name] = extract.identity
        self.mentions += extract.mentions
        self.findings += extract.findings
        self.silences[name] = extract.silences
        self.blank_pages[name] = extract.blank_pages
        self.issues += extract.issues
        self.documents.append(extract.row)


def _gathered(told: Iterable[bytes]) -> _Gathered:
    gathered = _Gathered()
    for one in told:
        gathered.add(cache.decode(Extract, one))
    return gathered


def read_report(
    source: Source,
    definitions: Definitions,
    override: Mapping[str, str] | None = None,
    document: Document | None = None,
) -> Report:
    """Reads one report file: document, whose it is, mentions, findings, and what went wrong.

    `override` is its line of sources.csv, `document` what a reader made of it, if one has. Never
    raises for what a file holds: a file that cannot be read gives a report with one issue and
    nothing else.
    """
    try:
        return _read(source, definitions, override or {}, document)
    except readers.UnreadableError as error:
        issue = Issue(
            source.document, "error", "unreadable", "the whole file", error.message, error.action
        )
    except MemoryError:
        issue = Issue(
            source.document,
            "error",
            "memory_limit",
            "the whole file",
            "reading took more memory than a report may have and was given up",
            "give it more with --memory-limit, or take the file out of the raw folder",
        )
    except Exception as error:
        # One report out of thousands must not end the run. What broke is said, not hidden.
        at = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(at.filename).name}, line {at.lineno}"
        issue = Issue(
            source.document,
            "error",
            "fault",
            "the whole file",
            f"reading stopped with {type(error).__name__} at {place}",
            "this is a fault of the program: please report it together with the file",
        )
    return Report(source, None, Identity(), issues=(issue,))


def _read(
    source: Source,
    definitions: Definitions,
    override: Mapping[str, str],
    document: Document | None,
) -> Report:
    document = document or readers.read(source)
    identity = identify.identify(document, definitions)
    if override:
        identity = identify.apply(identity, dict(override), definitions)
    told, tabled, torn = (
        stage.read(document, identity, definitions) for stage in (prose, forms, flattened)
    )
    tabled = crossread.with_proved(tabled, torn)
    readings = crossread.settle_bounds((told, crossread.refuse_shuffled(told, tabled, document)))
    mentions = _numbered((m for r in readings for m in r.mentions), source)
    refusals = sorted((r for reading in readings for r in reading.refusals), key=_place)
    silent = silence.silences(document, refusals, definitions)
    issues = [*document.issues, *identity.issues, *(i for r in readings for i in r.issues)]
    issues += templates.issues(document, mentions, silent, definitions)
    issues += coverage.issues(document, silent, mentions, refusals, definitions)
    if not mentions:
        issues.append(
            Issue(
                source.document,
                "warning",
                "no_figure",
                "the whole text",
                f"no figure of any indicator was found in {len(document.text)} characters",
                "look whether the file is a report; if it is, see what was refused with "
                f"`ingest explain {source.document}`",
            )
        )
    return Report(
        source=source,
        document=document,
        identity=identity,
        mentions=mentions,
        refusals=tuple(refusals),
        findings=audit.findings(mentions, identity, definitions, refusals),
        silences=silence.strongest(silent),
        issues=tuple(issues),
    )


def _numbered(mentions: Iterable[Mention], source: Source) -> tuple[Mention, ...]:
    """Numbers mentions by what they say and where, so that the name of the file does not matter."""
    ordered = sorted(
        mentions,
        key=lambda m: (m.start, m.indicator, m.scenario, m.population, m.value, m.end, m.subject),
    )
    return tuple(
        Mention(**{**mention.__dict__, "mention_id": f"{source.sha256[:10]}-{number:04d}"})
        for number, mention in enumerate(ordered, start=1)
    )


def _place(refusal: Refusal) -> tuple[object, ...]:
    return (refusal.start, refusal.end, refusal.indicator, refusal.reason)


def read_all(
    found: Iterable[Source],
    definitions: Definitions,
    overrides: Overrides | None = None,
    progress: Progress | None = None,
) -> Iterator[Report]:
    """Reads reports one after the other, in the order of their sources."""
    listed = list(found)
    pages = 0
    for number, source in enumerate(listed, start=1):
        report = read_report(source, definitions, (overrides or {}).get(source.document))
        yield report
        pages += (report.document.pages or 0) if report.document else 0
        if progress:
            progress(number, len(listed), pages, source.document)


# --- reading many reports ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Job:
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
class _Done:
    """What a worker made of a report: an Extract as JSON, after the county's code and the pages.

    `document` is the document, if it was read anew and the cache wants it; `lasting` whether reading the file again
    would give the same.
    """

    extract: bytes
    document: bytes | None
    lasting: bool


_AT_A_TIME = threading.Lock()
"""pdfium reads one document at a time; the workers of a cluster may have several threads."""


def _work(definitions: Definitions, job: _Job) -> _Done:
    """Reads one report; what is done in this process, in another, or on another machine."""
    if job.code not in ("", cache.code_stamp()):
        raise RuntimeError("a worker runs another version of xianbi than this machine")
    with _AT_A_TIME, _seldom_collecting(), _file_of(job) as source:
        kept = cache.decode(Document, job.document) if job.document else None
        known = replace(kept, source=source) if kept else None
        report = read_report(source, definitions, job.override, known)
    read = report.document
    anew = None
    if read is not None and job.document is None and job.keeps:
        anew = cache.encode(replace(read, source=replace(read.source, path="")))
    return _Done(_told(report), anew, read is not None)


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Records make no cycles; looking for dead ones as often as Python does costs a twentieth."""
    former = gc.get_threshold()
    gc.set_threshold(10_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*former)


def _there(work: Callable[[Definitions, Any], Any], pickled: bytes, job: object) -> object:
    """Does work in another process, or on another machine."""
    return work(_definitions(pickled), job)


@lru_cache(maxsize=2)
def _definitions(pickled: bytes) -> Definitions:
    """The definitions that the parent sent: once a process, since what is made of them is kept."""
    sent: Definitions = pickle.loads(pickled)
    return sent


@contextmanager
def _file_of(job: _Job) -> Iterator[Source]:
    if job.data is None:
        yield job.source
        return
    with tempfile.TemporaryDirectory(prefix="xianbi-") as folder:
        path = Path(folder) / "report"
        path.write_bytes(job.data)
        yield replace(job.source, path=str(path))


def _told(report: Report) -> bytes:
    document, identity = report.document, report.identity
    extract = Extract(
        replace(report.source, path=""),
        tables.document_row(
            report.source, document, identity, len(report.mentions), len(report.issues)
        ),
        document.blank_pages if document else None,
        identity,
        report.mentions,
        report.findings,
        report.silences,
        report.issues,
    )
    pages = (document.pages or 0) if document else 0
    return f"{identity.county_code} {pages}\n".encode() + cache.encode(extract)


class _Readings:
    """What was read of all reports, on disk: JSON by document, in groups of one county each."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed by `close`)
        self._places: dict[str, tuple[str, int, int]] = {}
        self.pages = 0
        self.lasting = True
        self.complaint = ""

    def add(self, document: str, told: bytes) -> None:
        head, _, content = told.partition(b"\n")
        code, pages = head.decode().split(" ")
        start = self._file.seek(0, 2)
        self._file.write(content)
        self._places[document] = (code or document, start, len(content))
        self.pages += int(pages)

    def __len__(self) -> int:
        return len(self._places)

    def counties(self) -> Iterator[tuple[bytes, ...]]:
        """What was read, one county after the other; a report of an unknown one stands alone."""
        placed = sorted((owner, name) for name, (owner, _, _) in self._places.items())
        for _, group in groupby(placed, key=lambda place: place[0]):
            yield tuple(self._told(name) for _, name in group)

    def _told(self, document: str) -> bytes:
        _, start, length = self._places[document]
        self._file.seek(start)
        return self._file.read(length)

    def close(self) -> None:
        self._file.close()


@contextmanager
def _readings(
    found: Iterable[Source],
    definitions: Definitions,
    overrides: Overrides,
    running: Running,
    folder: Path,
    progress: Progress | None,
) -> Iterator[tuple[_Readings, _Deal]]:
    """Reads reports, or takes them from the cache; `folder` is for scratch.

    Whoever read them is there for further work as long as the block lasts.
    """
    with closing(_Readings(folder)) as readings:
        listed = list(found)
        stamp = _stamp(definitions)
        new = []

        def add(source: Source, told: bytes) -> None:
            readings.add(source.document, told)
            if progress:
                progress(len(readings), len(listed), readings.pages, source.document)

        for source in listed:
            told = _kept(running, "extracts", source, _stamp_of(stamp, source, overrides))
            if told is None:
                new.append(source)
            else:
                add(source, told)
        with _workers(new, definitions, running) as deal:
            for job, done in deal(_work, _jobs(new, overrides, running)):
                if isinstance(done, workers.Lost):
                    done = _Done(_told(_lost(job.source, done, running.seconds)), None, False)
                readings.lasting &= done.lasting
                if done.lasting and not readings.complaint:
                    try:
                        _keep(running, job.source, done, _stamp_of(stamp, job.source, overrides))
                    except OSError as error:
                        readings.complaint = (
                            f"{running.cache}: what was read cannot be kept "
                            f"({error.strerror or error}), so the next run reads it again. Make "
                            "room, or name another folder with --cache"
                        )
                add(job.source, done.extract)
            yield readings, deal


_Deal = Callable[[Callable[[Definitions, Any], Any], Iterable[Any]], Iterator[tuple[Any, Any]]]
"""As workers.Deal; the work is given the definitions, too."""


@contextmanager
def _workers(new: Sequence[Source], definitions: Definitions, running: Running) -> Iterator[_Deal]:
    """Those who read new reports; this process, where there are none."""
    if not new or (running.jobs == 1 and not running.cluster):
        with workers.here(running.seconds) as deal:
            yield lambda work, jobs: deal(partial(work, definitions), jobs)
        return
    if running.cluster:
        others = workers.on_cluster(running.cluster, running.seconds)
    else:
        number = running.jobs
        if number is None:
            worth = workers.worth_starting([source.size for source in new])
            number = workers.cores() if worth else 1
        others = workers.in_processes(min(number, len(new)), running.seconds, running.memory)
    pickled = pickle.dumps(definitions)
    with others as deal:
        yield lambda work, jobs: deal(partial(_there, work, pickled), jobs)


def _jobs(new: Iterable[Source], overrides: Overrides, running: Running) -> Iterator[_Job]:
    code = cache.code_stamp() if running.cluster else ""
    for source in new:
        document = _kept(running, "documents", source, cache.reading_stamp())
        override = dict(overrides.get(source.document, {}))
        data = None
        if running.cluster and document is None:
            # A file that cannot be opened here can be told so only here.
            with suppress(OSError, archives.ArchiveError):
                data = archives.read(Path(source.path))
        yield _Job(source, override, document, data, code, running.cache is not None)


def _lost(source: Source, lost: workers.Lost, seconds: float) -> Report:
    if lost.why == "time_limit":
        message = f"reading took longer than {seconds:g} seconds and was given up"
        action = "give it more time with --time-limit, or take the file out of the raw folder"
    else:
        message = (
            "the process that read it ended without a word: memory ran out, or a library broke"
        )
        action = (
            "save the file anew with the program it was made with, or convert it to PDF; if it is "
            "large, give it more memory with --memory-limit"
        )
    issue = Issue(source.document, "error", lost.why, "the whole file", message, action)
    return Report(source, None, Identity(), issues=(issue,))


def _stamp(definitions: Definitions) -> str:
    """The fingerprint of all that makes mentions of a file."""
    told = cache.encode(definitions).decode("utf-8", "backslashreplace")
    return cache.stamp(cache.reading_stamp(), cache.code_stamp(), told)


def _stamp_of(stamp: str, source: Source, overrides: Overrides) -> str:
    return cache.stamp(stamp, sorted(overrides.get(source.document, {}).items()))


def _kept(running: Running, level: str, source: Source, stamp: str) -> bytes | None:
    if running.cache is None or running.fresh:
        return None
    return cache.get(running.cache, level, _entry(source), stamp)


def _keep(running: Running, source: Source, done: _Done, stamp: str) -> None:
    if running.cache is None:
        return
    if done.document is not None:
        reading = cache.reading_stamp()
        cache.put(running.cache, "documents", _entry(source), reading, done.document)
    cache.put(running.cache, "extracts", _entry(source), stamp, done.extract)


def _entry(source: Source) -> str:
    # The name too: readers put it into their issues.
    return f"{source.sha256} {source.document}"


# --- from reports to tables ----------------------------------------------------------------------


def build(
    raw: Path,
    out: Path,
    definitions: Definitions,
    progress: Progress | None = None,
    corrections_file: Path | None = None,
    running: Running | None = None,
    parquet: bool = False,
) -> Summary:
    """Reads every report below `raw`, corrects what is known to be wrong, writes tables to `out`.

    `corrections_file` defaults to corrections.toml beside the folder `raw`; `parquet` adds
    datasets for large sets. What stands in memory at a time is one county's reports. Raises
    sources.NoFolderError, NoReportsError, identify.OverrideError (a wrong sources.csv),
    corrections.CorrectionError (a wrong or outdated correction), commit.BusyError (another build is
    writing to `out`), workers.WorkerError (no process
    or cluster to be had) and OSError (the tables cannot be written); nothing in `out` has changed
    then.
    """
    running = running or Running()
    path = corrections_file or corrections_beside(raw)
    entries = corrections.load(path, definitions)
    overrides = identify.overrides(raw / OVERRIDES)
    found, issues = sources.find(raw)
    if not found and not any(issue.severity == "error" for issue in issues):
        raise NoReportsError(
            f"{raw}: no report file below this folder. Put reports there (text, and the other "
            "formats the README names), or name another folder: ingest build FOLDER"
        )
    if parquet:
        parquet_files.check()
    issues = (*issues, *_unused(overrides, found, issues))
    stamp = _build_stamp(found, issues, entries, overrides, definitions, parquet)
    former = _unchanged(running, out, stamp)
    if former is not None:
        return former
    with (
        _seldom_collecting(),
        tables.writing(out, parquet) as sink,
        _readings(found, definitions, overrides, running, sink.scratch, progress) as (
            readings,
            deal,
        ),
    ):
        placed = _placed(path, entries, readings, definitions)
        counts = dict.fromkeys(("mentions", "observations", "audit", "issues", "review"), 0)
        errors = [issue for issue in issues if issue.severity == "error"]
        counts["issues"] += sink.add(
            "issues", tables.texts("issues", map(tables.record_row, issues))
        )
        sink.add("codebook", tables.texts("codebook", tables.codebook_rows(definitions)))
        for rows in _in_order(deal, readings.counties(), placed, definitions):
            errors += rows.errors
            for name, texts in rows.texts:
                number = sink.add(name, texts)
                if name in counts:
                    counts[name] += number
    summary = Summary(
        reports=len(found),
        mentions=counts["mentions"],
        observations=counts["observations"],
        findings=counts["audit"],
        issues=counts["issues"],
        questions=counts["review"],
        corrections=len(placed),
        errors=tuple(sorted(errors, key=lambda issue: issue.document)),
        remarks=(readings.complaint,) if readings.complaint else (),
    )
    if running.cache is not None and readings.lasting and not readings.complaint:
        _note(running.cache, out, stamp, summary)
    return summary


@dataclass(frozen=True)
class _County:
    """The reports of one county, as they were told, and the corrections; in which place it comes."""

    place: int
    told: tuple[bytes, ...]
    placed: tuple[corrections.Placed, ...]


@dataclass(frozen=True)
class _CountyRows:
    """What the reports of one county add to each table, and their issues that are errors."""

    texts: list[tuple[str, list[list[str]]]]
    errors: list[Issue]


def _in_order(
    deal: _Deal,
    counties: Iterable[tuple[bytes, ...]],
    placed: tuple[corrections.Placed, ...],
    definitions: Definitions,
) -> Iterator[_CountyRows]:
    """The rows of all counties in their order, whichever is done first."""
    waiting: dict[int, _CountyRows] = {}
    given = (_County(place, told, placed) for place, told in enumerate(counties))
    following = 0
    for county, rows in deal(_rows_of, given):
        # A county that is too much for a worker is done here: its reports were read after all.
        lost = isinstance(rows, workers.Lost) or rows is None
        waiting[county.place] = _rows(county, definitions) if lost else rows
        while following in waiting:
            yield waiting.pop(following)
            following += 1


def _rows_of(definitions: Definitions, county: _County) -> _CountyRows | None:
    """The rows of a county; None if there is not the memory for them."""
    try:
        return _rows(county, definitions)
    except MemoryError:
        return None


def _rows(county: _County, definitions: Definitions) -> _CountyRows:
    gathered = _gathered(county.told)
    return _CountyRows(
        [
            (name, tables.texts(name, rows))
            for name, rows in _rows_by_table(gathered, county.placed, definitions)
        ],
        [issue for issue in gathered.issues if issue.severity == "error"],
    )


def _rows_by_table(
    gathered: _Gathered, placed: Iterable[corrections.Placed], definitions: Definitions
) -> Iterator[tuple[str, Iterable[tables.Row]]]:
    """The rows that the reports of one county add to each table."""
    gathered.findings += audit.across(gathered.mentions, gathered.identities, definitions)
    placed = tuple(one for one in placed if one.document in gathered.identities)
    observations, findings = _observations(gathered, placed, definitions)
    gathered.issues += [_dropped(one) for one in placed if one.correction.action == "drop"]
    covered = _coverage(gathered, observations, definitions)
    asked = review.questions(
        observations,
        findings,
        gathered.mentions,
        (
            review.Refused(c.document, c.year, c.indicator, c.page, c.quote, c.reason)
            for c in covered
            if c.state == "refused"
        ),
        gathered.identities,
        gathered.fingerprints,
        {one.key for one in placed},
        definitions,
    )
    by_id = {mention.mention_id: mention for mention in gathered.mentions}
    provinces = {name: identity.province for name, identity in gathered.identities.items()}
    yield "documents", gathered.documents
    yield (
        "mentions",
        (tables.record_row(m) | {"province": provinces[m.document]} for m in gathered.mentions),
    )
    yield "observations", map(tables.record_row, observations)
    yield "audit", (tables.finding_row(f, by_id) for f in gathered.findings)
    yield "issues", map(tables.record_row, gathered.issues)
    yield "coverage", (dict(row.__dict__) for row in covered)
    yield "review", (row.__dict__ | {"order": review.order(row)} for row in asked)


# --- an unchanged build --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Built:
    """What a build wrote: the fingerprint of each file of the folder of tables, and its summary."""

    files: dict[str, str]
    summary: Summary


def _build_stamp(
    found: Iterable[Source],
    issues: Iterable[Issue],
    entries: Iterable[corrections.Correction],
    overrides: Overrides,
    definitions: Definitions,
    parquet: bool,
) -> str:
    """The fingerprint of all that the tables follow from."""
    return cache.stamp(
        _stamp(definitions),
        [[source.document, source.sha256] for source in found],
        [list(issue.__dict__.values()) for issue in issues],
        [[str(value) for value in entry.__dict__.values()] for entry in entries],
        {document: dict(line) for document, line in overrides.items()},
        parquet,
        tables.versions(),
    )


def _unchanged(running: Running, out: Path, stamp: str) -> Summary | None:
    """The summary of the last build, if nothing has changed since, the tables included."""
    if running.cache is None or running.fresh:
        return None
    told = cache.get(running.cache, "builds", str(out.resolve()), stamp)
    if told is None:
        return None
    try:
        built = cache.decode(_Built, told)
        return built.summary if tables.fingerprints(out) == built.files else None
    except (ValueError, OSError):
        return None


def _note(folder: Path, out: Path, stamp: str, summary: Summary) -> None:
    # Without the note the next run writes the same tables again, which is no harm.
    with suppress(OSError):
        told = cache.encode(_Built(tables.fingerprints(out), summary))
        cache.put(folder, "builds", str(out.resolve()), stamp, told)


# --- corrections ---------------------------------------------------------------------------------


def corrections_beside(raw: Path) -> Path:
    """Where the corrections of a folder of reports are looked for: beside it.

    >>> corrections_beside(Path("data/raw")).as_posix()
    'data/corrections.toml'
    """
    if raw.name in ("", ".", ".."):
        raw = raw.resolve()
    return raw.parent / CORRECTIONS


def check_corrections(
    raw: Path,
    definitions: Definitions,
    corrections_file: Path | None = None,
    running: Running | None = None,
) -> int:
    """Checks corrections.toml, and every entry against the reports; returns how many there are.

    Raises corrections.CorrectionError with every complaint. Reads the reports only if there are
    entries; writes nothing.
    """
    path = corrections_file or corrections_beside(raw)
    entries = corrections.load(path, definitions)
    if entries:
        overrides = identify.overrides(raw / OVERRIDES)
        found, _ = sources.find(raw)
        with (
            tempfile.TemporaryDirectory(prefix="xianbi-") as scratch,
            _readings(found, definitions, overrides, running or Running(), Path(scratch), None) as (
                readings,
                _,
            ),
        ):
            _placed(path, entries, readings, definitions)
    return len(entries)


def _placed(
    path: Path,
    entries: Iterable[corrections.Correction],
    readings: _Readings,
    definitions: Definitions,
) -> tuple[corrections.Placed, ...]:
    """Every correction with what it is about; only counties that one names are looked into."""
    entries = tuple(entries)
    if not entries:
        return ()
    named = {entry.county_code for entry in entries if entry.county_code}
    files = tuple(entry.document for entry in entries if entry.document)
    fingerprints: dict[str, str] = {}
    identities: dict[str, Identity] = {}
    before: list[Observation] = []
    for gathered in map(_gathered, readings.counties()):
        fingerprints |= gathered.fingerprints
        identities |= {name: replace(i, issues=()) for name, i in gathered.identities.items()}
        if any(
            identity.county_code in named or gathered.fingerprints[name].startswith(files)
            for name, identity in gathered.identities.items()
        ):
            findings = [
                *gathered.findings,
                *audit.across(gathered.mentions, gathered.identities, definitions),
            ]
            before += reconcile.observations(
                gathered.mentions, gathered.identities, definitions, findings
            )
    return corrections.place(path, entries, fingerprints, identities, before)


def _observations(
    gathered: _Gathered, placed: Iterable[corrections.Placed], definitions: Definitions
) -> tuple[tuple[Observation, ...], list[Finding]]:
    """The observations with all corrections in them, and the findings that hold after these.

    What follows from a corrected figure follows from the corrected one; what the reports say
    against themselves (audit.csv) stays what they say.
    """
    placed = tuple(placed)
    identities = gathered.identities
    if not placed:
        found = reconcile.observations(
            gathered.mentions, identities, definitions, gathered.findings
        )
        return found, gathered.findings
    mentions = corrections.mentions_after(gathered.mentions, placed, definitions)
    touched = {
        document
        for one in placed
        for document in (one.document, one.observation.document if one.observation else "")
    }
    touched |= {
        m.document
        for one in placed
        for m in gathered.mentions
        if one.observation and m.mention_id in one.observation.mention_ids
    }
    # A unit that a refused amount was proved to have does not depend on mentions alone.
    findings = [
        f
        for f in gathered.findings
        if f.kind not in audit.ACROSS
        and (f.document not in touched or (f.kind == "unit" and f.verdict == "derived"))
    ]
    for document in sorted(touched & set(identities)):
        own = [m for m in mentions if m.document == document]
        findings += audit.findings(own, identities[document], definitions)
    findings += audit.across(mentions, identities, definitions)
    found = reconcile.observations(mentions, identities, definitions, findings)
    return corrections.apply(found, placed), findings


def _dropped(placed: corrections.Placed) -> Issue:
    """A dropped figure leaves no row to note it in."""
    correction = placed.correction
    return Issue(
        placed.document,
        "info",
        "corrected",
        f"{CORRECTIONS}, line {correction.line}",
        f"{correction.indicator} {correction.scenario} {correction.expect} was dropped: "
        f"{correction.reason}",
        "nothing; the entry stops the build when the report changes",
    )


def _coverage(
    gathered: _Gathered, observations: Iterable[Observation], definitions: Definitions
) -> list[coverage.Coverage]:
    mentions: dict[str, list[Mention]] = {}
    for mention in gathered.mentions:
        mentions.setdefault(mention.document, []).append(mention)
    where = {mention.mention_id: mention.document for mention in gathered.mentions}
    resting: dict[str, list[Observation]] = {}
    for observation in observations:
        on = (where[name] for name in observation.mention_ids)
        for document in dict.fromkeys((observation.document, *on)):
            resting.setdefault(document, []).append(observation)
    rows: list[coverage.Coverage] = []
    for document, identity in gathered.identities.items():
        blank = gathered.blank_pages[document]
        rows += coverage.states(
            document,
            identity,
            blank is not None,
            blank or 0,
            mentions.get(document, ()),
            gathered.silences[document],
            resting.get(document, ()),
            definitions,
        )
    return rows


def _unused(overrides: Overrides, found: Iterable[Source], issues: Iterable[Issue]) -> list[Issue]:
    """A line of sources.csv that names no report is most likely a misspelt name."""
    known = {source.document for source in found} | {issue.document for issue in issues}
    return [
        Issue(
            document,
            "warning",
            "unused_override",
            OVERRIDES,
            f"{OVERRIDES} names a report that is not in the folder",
            "correct the name (the path below the raw folder), or remove the line",
        )
        for document in overrides
        if document not in known
    ]
