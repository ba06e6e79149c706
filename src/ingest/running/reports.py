"""What reading one file gives, and what is kept of it until the tables are made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ingest.output import tables
from ingest.records import Document, Finding, Identity, Issue, Mention, Refusal, Source
from ingest.reviewing.silence import Silence
from ingest.running import cache


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


def told(report: Report) -> bytes:
    """The extract of a report as JSON, after a line with its county's code and its pages."""
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


@dataclass
class County:
    """What the reports of one county say, while its rows are made."""

    fingerprints: dict[str, str] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    silences: dict[str, tuple[Silence, ...]] = field(default_factory=dict)
    blank_pages: dict[str, int | None] = field(default_factory=dict)
    documents: list[tables.Row] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def add(self, extract: Extract) -> None:
        """Adds what was read from one more report."""
        name = extract.source.document
        self.fingerprints[name] = extract.source.sha256
        self.identities[name] = extract.identity
        self.mentions += extract.mentions
        self.findings += extract.findings
        self.silences[name] = extract.silences
        self.blank_pages[name] = extract.blank_pages
        self.issues += extract.issues
        self.documents.append(extract.row)


def county_of(extracts: Iterable[bytes]) -> County:
    """What the extracts (JSON, without their first lines) of one county's reports say together.

    Raises ValueError if one is no extract.
    """
    county = County()
    for one in extracts:
        county.add(cache.decode(Extract, one))
    return county
