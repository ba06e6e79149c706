"""The order of the stages: report files → mentions → findings, observations → corrections → tables."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ingest.codebook.model import Codebook
from ingest.documents import readers, sources
from ingest.identifying import by_hand, identify
from ingest.identifying.by_hand import Overrides
from ingest.judging import audit
from ingest.output import parquet as parquet_files
from ingest.output import tables
from ingest.reading import reader
from ingest.records import Document, Source
from ingest.reviewing import corrected, corrections, coverage, review, silence, templates
from ingest.running import collect, counties, failures, unchanged
from ingest.running.jobs import seldom_collecting
from ingest.running.reports import County, Report
from ingest.running.settings import Progress, Running
from ingest.running.unchanged import Summary


def read_report(
    source: Source,
    codebook: Codebook,
    override: Mapping[str, str] | None = None,
    document: Document | None = None,
) -> Report:
    """Reads one report file: document, whose it is, mentions, findings, and what went wrong.

    `override` is its line of sources.csv, `document` what a reader made of it, if one has. Never
    raises for what a file holds: a file that cannot be read gives a report with one issue and
    nothing else.
    """
    try:
        return _read(source, codebook, override or {}, document)
    except Exception as error:
        # One report out of thousands must not end the run. What broke is said, not hidden.
        return failures.stopped(source, error)


def _read(
    source: Source,
    codebook: Codebook,
    override: Mapping[str, str],
    document: Document | None,
) -> Report:
    document = document or readers.read(source)
    identity = identify.identify(document, codebook)
    if override:
        identity = by_hand.apply(identity, dict(override), codebook)
    reading = reader.read(document, identity, codebook)
    found, refusals = reading.mentions, reading.refusals
    silent = silence.silences(document, refusals, codebook)
    issues = [*document.issues, *identity.issues, *reading.issues]
    issues += templates.issues(document, found, silent, codebook)
    issues += coverage.issues(document, silent, found, refusals, codebook)
    if not found:
        issues.append(coverage.no_figure(document))
    return Report(
        source=source,
        document=document,
        identity=identity,
        mentions=found,
        refusals=refusals,
        findings=audit.findings(found, identity, codebook, refusals),
        silences=silence.strongest(silent),
        issues=tuple(issues),
    )


def read_all(
    found: Iterable[Source],
    codebook: Codebook,
    overrides: Overrides | None = None,
    progress: Progress | None = None,
) -> Iterator[Report]:
    """Reads reports one after the other, in the order of their sources."""
    listed = list(found)
    pages = 0
    for number, source in enumerate(listed, start=1):
        report = read_report(source, codebook, (overrides or {}).get(source.document))
        yield report
        pages += (report.document.pages or 0) if report.document else 0
        if progress:
            progress(number, len(listed), pages, source.document)


def build(
    raw: Path,
    out: Path,
    codebook: Codebook,
    progress: Progress | None = None,
    corrections_file: Path | None = None,
    running: Running | None = None,
    parquet: bool = False,
) -> Summary:
    """Reads every report below `raw`, corrects what is known to be wrong, writes tables to `out`.

    `corrections_file` defaults to corrections.toml beside the folder `raw`; `parquet` adds
    datasets for large sets. What stands in memory at a time is one county's reports. Raises
    sources.NoFolderError, sources.NoReportsError, by_hand.OverrideError (a wrong sources.csv),
    corrections.CorrectionError (a wrong or outdated correction), commit.BusyError (another build is
    writing to `out`), workers.WorkerError (no process or cluster to be had) and OSError (the tables
    cannot be written); nothing in `out` has changed then.
    """
    running = running or Running()
    path = corrections_file or corrections.beside(raw)
    entries = corrections.load(path, codebook)
    overrides = by_hand.read(raw / by_hand.FILE)
    found, issues = sources.find_some(raw)
    if parquet:
        parquet_files.check()
    issues = (*issues, *by_hand.unused(overrides, found, issues))
    stamp = unchanged.stamp(found, issues, entries, overrides, codebook, parquet)
    if (former := unchanged.former(running, out, stamp)) is not None:
        return former
    errors = [issue for issue in issues if issue.severity == "error"]
    with (
        seldom_collecting(),
        tables.writing(out, parquet) as sink,
        collect.collecting(
            found, read_report, codebook, overrides, running, sink.scratch, progress
        ) as (collected, deal),
    ):
        placed = corrected.placed(path, entries, collected.counties(), codebook)
        sink.add("issues", tables.texts("issues", map(tables.record_row, issues)))
        sink.add("codebook", tables.texts("codebook", tables.codebook_rows(codebook)))
        extracts = collected.extracts()
        for rows in counties.in_order(deal, rows_by_table, extracts, placed, codebook):
            errors += rows.errors
            for name, texts in rows.texts:
                sink.add(name, texts)
    summary = unchanged.summed(len(found), len(placed), sink.written, errors, collected.complaint)
    if collected.lasting and not collected.complaint:
        unchanged.note(running, out, stamp, summary)
    return summary


def rows_by_table(
    county: County, placed: Iterable[corrections.Placed], codebook: Codebook
) -> Iterator[tuple[str, Iterable[tables.Row]]]:
    """The rows that the reports of one county, corrected, add to each table."""
    read, identities = county.mentions, county.identities
    county.findings += audit.across(read, identities, codebook)
    placed = tuple(one for one in placed if one.document in identities)
    observations, findings = corrected.observations(
        read, county.findings, identities, placed, codebook
    )
    county.issues += corrections.dropped(placed)
    covered = coverage.of_reports(
        identities, county.blank_pages, read, county.silences, observations, codebook
    )
    asked = review.questions(
        observations,
        findings,
        read,
        review.refused(covered),
        identities,
        county.fingerprints,
        {one.key for one in placed},
        codebook,
    )
    yield "documents", county.documents
    yield "mentions", tables.mention_rows(read, identities)
    yield "observations", map(tables.record_row, observations)
    yield "audit", tables.finding_rows(county.findings, read)
    yield "issues", map(tables.record_row, county.issues)
    yield "coverage", (dict(row.__dict__) for row in covered)
    yield "review", (row.__dict__ | {"order": review.order(row)} for row in asked)


def check_corrections(
    raw: Path,
    codebook: Codebook,
    corrections_file: Path | None = None,
    running: Running | None = None,
) -> int:
    """Checks corrections.toml, and every entry against the reports; returns how many there are.

    Raises corrections.CorrectionError with every complaint. Reads the reports only if there are
    entries; writes nothing.
    """
    path = corrections_file or corrections.beside(raw)
    entries = corrections.load(path, codebook)
    if entries:
        overrides = by_hand.read(raw / by_hand.FILE)
        found, _ = sources.find(raw)
        with (
            tempfile.TemporaryDirectory(prefix="xianbi-") as scratch,
            collect.collecting(
                found, read_report, codebook, overrides, running or Running(), Path(scratch)
            ) as (collected, _),
        ):
            corrected.placed(path, entries, collected.counties(), codebook)
    return len(entries)
