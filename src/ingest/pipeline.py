"""The order of the stages: report files → mentions → findings, observations → tables."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ingest import audit, forms, identify, prose, readers, reconcile, sources, tables
from ingest.definitions import Definitions
from ingest.records import Document, Finding, Identity, Issue, Mention, Refusal, Source

Overrides = Mapping[str, Mapping[str, str]]
Progress = Callable[[int, int, str], None]
OVERRIDES = "sources.csv"


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
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class Summary:
    """How many rows a build wrote, and the issues that are errors."""

    reports: int
    mentions: int
    observations: int
    findings: int
    issues: int
    errors: tuple[Issue, ...]


def read_report(
    source: Source, definitions: Definitions, override: Mapping[str, str] | None = None
) -> Report:
    """Reads one report file: document, whose it is, mentions, findings, and what went wrong.

    `override` is its line of sources.csv. Never raises for what a file holds: a file that cannot
    be read gives a report with one issue and nothing else.
    """
    try:
        return _read(source, definitions, override or {})
    except readers.UnreadableError as error:
        issue = Issue(
            source.document, "error", "unreadable", "the whole file", error.message, error.action
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


def _read(source: Source, definitions: Definitions, override: Mapping[str, str]) -> Report:
    document = readers.read(source)
    identity = identify.identify(document, definitions)
    if override:
        identity = identify.apply(identity, dict(override), definitions)
    readings = [stage.read(document, identity, definitions) for stage in (prose, forms)]
    mentions = _numbered((m for r in readings for m in r.mentions), source)
    refusals = sorted((r for reading in readings for r in reading.refusals), key=_place)
    issues = [*document.issues, *identity.issues, *(i for r in readings for i in r.issues)]
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
    findings = audit.findings(mentions, identity, definitions)
    return Report(source, document, identity, mentions, tuple(refusals), findings, tuple(issues))


def _numbered(mentions: Iterable[Mention], source: Source) -> tuple[Mention, ...]:
    """Numbers mentions by what they say and where, so that the name of the file does not matter."""
    ordered = sorted(
        mentions,
        key=lambda m: (m.start, m.indicator, m.scenario, m.population, m.value, m.end, m.subject),
    )
    return tuple(
        replace(mention, mention_id=f"{source.sha256[:10]}-{number:04d}")
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
    for number, source in enumerate(listed, start=1):
        yield read_report(source, definitions, (overrides or {}).get(source.document))
        if progress:
            progress(number, len(listed), source.document)


def build(
    raw: Path, out: Path, definitions: Definitions, progress: Progress | None = None
) -> Summary:
    """Reads every report below `raw` and writes the tables into `out`.

    Raises sources.NoFolderError, NoReportsError, identify.OverrideError (a wrong sources.csv) and
    OSError (the tables cannot be written); nothing in `out` has changed then.
    """
    overrides = identify.overrides(raw / OVERRIDES)
    found, issues = sources.find(raw)
    if not found and not any(issue.severity == "error" for issue in issues):
        raise NoReportsError(
            f"{raw}: no report file below this folder. Put reports there (text, and the other "
            "formats the README names), or name another folder: ingest build FOLDER"
        )
    all_issues = [*issues, *_unused(overrides, found, issues)]
    documents: list[tables.Row] = []
    identities: dict[str, Identity] = {}
    mentions: list[Mention] = []
    findings: list[Finding] = []
    for report in read_all(found, definitions, overrides, progress):
        identities[report.source.document] = report.identity
        mentions += report.mentions
        findings += report.findings
        all_issues += report.issues
        documents.append(
            tables.document_row(
                report.source,
                report.document,
                report.identity,
                len(report.mentions),
                len(report.issues),
            )
        )
    observations = reconcile.observations(mentions, identities, definitions, findings)
    tables.write(
        out,
        {
            "documents": documents,
            "mentions": map(tables.record_row, mentions),
            "observations": map(tables.record_row, observations),
            "audit": map(tables.record_row, findings),
            "issues": map(tables.record_row, all_issues),
            "codebook": tables.codebook_rows(definitions),
        },
    )
    return Summary(
        len(found),
        len(mentions),
        len(observations),
        len(findings),
        len(all_issues),
        tuple(issue for issue in all_issues if issue.severity == "error"),
    )


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
