"""A build of which nothing has changed, neither what it follows from nor its tables, is not done
again: its summary is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.codebook.model import Codebook
from ingest.identifying.by_hand import Overrides
from ingest.output import tables
from ingest.records import Issue, Source
from ingest.reviewing.corrections import Correction
from ingest.running import cache, kept
from ingest.running.settings import Running


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


def summed(
    reports: int,
    corrections: int,
    written: Mapping[str, int],
    errors: Iterable[Issue],
    complaint: str,
) -> Summary:
    """The summary of a build that wrote so many rows into each table."""
    return Summary(
        reports=reports,
        mentions=written["mentions"],
        observations=written["observations"],
        findings=written["audit"],
        issues=written["issues"],
        questions=written["review"],
        corrections=corrections,
        errors=tuple(sorted(errors, key=lambda issue: issue.document)),
        remarks=(complaint,) if complaint else (),
    )


@dataclass(frozen=True)
class _Built:
    """What a build wrote: the fingerprint of each file of the folder of tables, and its summary."""

    files: dict[str, str]
    summary: Summary


def stamp(
    found: Iterable[Source],
    issues: Iterable[Issue],
    entries: Iterable[Correction],
    overrides: Overrides,
    codebook: Codebook,
    parquet: bool,
) -> str:
    """The fingerprint of all that the tables follow from."""
    return cache.stamp(
        kept.stamp(codebook),
        [[source.document, source.sha256] for source in found],
        [list(issue.__dict__.values()) for issue in issues],
        [[str(value) for value in entry.__dict__.values()] for entry in entries],
        {document: dict(line) for document, line in overrides.items()},
        parquet,
        tables.versions(),
    )


def former(running: Running, out: Path, stamp: str) -> Summary | None:
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


def note(running: Running, out: Path, stamp: str, summary: Summary) -> None:
    """Keeps the summary of a build, if there is a cache and it can be written."""
    # Without the note the next run writes the same tables again, which is no harm.
    with suppress(OSError):
        if running.cache is not None:
            told = cache.encode(_Built(tables.fingerprints(out), summary))
            cache.put(running.cache, "builds", str(out.resolve()), stamp, told)
