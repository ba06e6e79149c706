"""The order of the stages: report files → mentions → findings, observations → corrections → tables."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest import (
    audit,
    corrections,
    coverage,
    forms,
    identify,
    prose,
    readers,
    reconcile,
    review,
    silence,
    sources,
    tables,
    templates,
)
from ingest.definitions import Definitions
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
from ingest.silence import Silence

Overrides = Mapping[str, Mapping[str, str]]
Progress = Callable[[int, int, str], None]
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
class Summary:
    """How many rows a build wrote, and the issues that are errors."""

    reports: int
    mentions: int
    observations: int
    findings: int
    issues: int
    questions: int
    corrections: int
    errors: tuple[Issue, ...]


@dataclass
class _Gathered:
    """What is kept of all reports once they are read; the texts are not."""

    fingerprints: dict[str, str] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    silences: dict[str, tuple[Silence, ...]] = field(default_factory=dict)
    blank_pages: dict[str, int | None] = field(default_factory=dict)  # None: could not be read
    documents: list[tables.Row] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def add(self, report: Report) -> None:
        name = report.source.document
        self.fingerprints[name] = report.source.sha256
        self.identities[name] = report.identity
        self.mentions += report.mentions
        self.findings += report.findings
        self.silences[name] = report.silences
        self.blank_pages[name] = report.document.blank_pages if report.document else None
        self.issues += report.issues
        self.documents.append(
            tables.document_row(
                report.source,
                report.document,
                report.identity,
                len(report.mentions),
                len(report.issues),
            )
        )


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
    raw: Path,
    out: Path,
    definitions: Definitions,
    progress: Progress | None = None,
    corrections_file: Path | None = None,
) -> Summary:
    """Reads every report below `raw`, corrects what is known to be wrong, writes tables to `out`.

    `corrections_file` defaults to corrections.toml beside the folder `raw`. Raises
    sources.NoFolderError, NoReportsError, identify.OverrideError (a wrong sources.csv),
    corrections.CorrectionError (a wrong or outdated correction) and OSError (the tables cannot be
    written); nothing in `out` has changed then.
    """
    path = corrections_file or corrections_beside(raw)
    entries = corrections.load(path, definitions)
    overrides = identify.overrides(raw / OVERRIDES)
    found, issues = sources.find(raw)
    if not found and not any(issue.severity == "error" for issue in issues):
        raise NoReportsError(
            f"{raw}: no report file below this folder. Put reports there (text, and the other "
            "formats the README names), or name another folder: ingest build FOLDER"
        )
    gathered = _Gathered(issues=[*issues, *_unused(overrides, found, issues)])
    for report in read_all(found, definitions, overrides, progress):
        gathered.add(report)
    gathered.findings += audit.across(gathered.mentions, gathered.identities, definitions)
    placed = _placed(path, entries, gathered, definitions)
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
    tables.write(
        out,
        {
            "documents": gathered.documents,
            "mentions": map(tables.record_row, gathered.mentions),
            "observations": map(tables.record_row, observations),
            "audit": (tables.finding_row(f, by_id) for f in gathered.findings),
            "issues": map(tables.record_row, gathered.issues),
            "coverage": (dict(row.__dict__) for row in covered),
            "review": (dict(row.__dict__) for row in asked),
            "codebook": tables.codebook_rows(definitions),
        },
    )
    return Summary(
        reports=len(found),
        mentions=len(gathered.mentions),
        observations=len(observations),
        findings=len(gathered.findings),
        issues=len(gathered.issues),
        questions=len(asked),
        corrections=len(placed),
        errors=tuple(issue for issue in gathered.issues if issue.severity == "error"),
    )


def corrections_beside(raw: Path) -> Path:
    """Where the corrections of a folder of reports are looked for: beside it.

    >>> corrections_beside(Path("data/raw")).as_posix()
    'data/corrections.toml'
    """
    if raw.name in ("", ".", ".."):
        raw = raw.resolve()
    return raw.parent / CORRECTIONS


def check_corrections(
    raw: Path, definitions: Definitions, corrections_file: Path | None = None
) -> int:
    """Checks corrections.toml, and every entry against the reports; returns how many there are.

    Raises corrections.CorrectionError with every complaint. Reads the reports only if there are
    entries; writes nothing.
    """
    path = corrections_file or corrections_beside(raw)
    entries = corrections.load(path, definitions)
    if entries:
        gathered = _Gathered()
        overrides = identify.overrides(raw / OVERRIDES)
        for report in read_all(sources.find(raw)[0], definitions, overrides):
            gathered.add(report)
        gathered.findings += audit.across(gathered.mentions, gathered.identities, definitions)
        _placed(path, entries, gathered, definitions)
    return len(entries)


def _placed(
    path: Path,
    entries: Iterable[corrections.Correction],
    gathered: _Gathered,
    definitions: Definitions,
) -> tuple[corrections.Placed, ...]:
    entries = tuple(entries)
    if not entries:
        return ()
    before = reconcile.observations(
        gathered.mentions, gathered.identities, definitions, gathered.findings
    )
    return corrections.place(path, entries, gathered.fingerprints, gathered.identities, before)


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
