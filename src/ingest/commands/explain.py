"""`ingest explain`: shows what was read from a report, and why."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from ingest import pipeline
from ingest.codebook.model import Codebook
from ingest.commands.arguments import (
    Commands,
    UsageError,
    add_codebook,
    add_raw,
    codebook_of,
    command,
    nearest,
)
from ingest.commands.messages import AROUND, DONE, WRONG, tell
from ingest.documents import sources
from ingest.identifying import by_hand
from ingest.printed import plain
from ingest.reading import explaining
from ingest.reading.explaining import Choices
from ingest.records import Document, Finding, Mention, Refusal, Source
from ingest.reviewing.readings import open_readings
from ingest.reviewing.silence import marked
from ingest.running.reports import Report


def add(commands: Commands) -> None:
    """Adds the command and its arguments."""
    explain = command(commands, "explain", run, "show what was read from a report, and why")
    explain.add_argument(
        "document",
        metavar="DOCUMENT",
        help="the report: its path, its name, or how its name begins",
    )
    add_raw(explain)
    add_codebook(explain)
    explain.add_argument("--indicator", metavar="ID", help="show this indicator only")
    explain.add_argument(
        "--image",
        type=Path,
        metavar="FILE",
        help="write the page with a box around each figure shown (PDF and pictures)",
    )


def run(options: argparse.Namespace) -> int:
    """Prints what was read from one report, and draws it with --image; WRONG if it is unreadable.

    Raises UsageError for an unknown indicator or report, and for a picture that cannot be drawn.
    """
    codebook = codebook_of(options)
    names = {one.name_zh: name for name, one in codebook.indicators.items()}
    options.indicator = names.get(options.indicator, options.indicator)
    if options.indicator and options.indicator not in codebook.indicators:
        raise UsageError(
            f"no indicator named '{options.indicator}'"
            + nearest(options.indicator, [*codebook.indicators, *names])
        )
    if options.image and options.image.resolve().is_relative_to(options.raw.resolve()):
        raise UsageError(
            f"--image {options.image} lies in the folder of reports {options.raw}, which no command "
            "writes to. Name a file outside it."
        )
    overrides = by_hand.read(options.raw / by_hand.FILE)
    source = _named(options.document, options.raw)
    report = pipeline.read_report(source, codebook, overrides.get(source.document))
    if report.document is None:
        tell(report.issues)
        return WRONG
    wanted = [m for m in report.mentions if options.indicator in (None, m.indicator)]
    refused = [r for r in report.refusals if options.indicator in (None, r.indicator)]
    told = explaining.choices(report.document, report.identity, codebook)
    _show(report, report.document, wanted, refused, codebook, told)
    if report.issues and not options.indicator:
        print(f"\nIssues: {len(report.issues)}")
        for issue in report.issues:
            print(f"  {issue.severity} {issue.kind} ({issue.where}): {issue.message}")
            print(f"    {issue.action}")
    if options.image:
        _draw(options.image, report.document, wanted)
    return DONE


def _show(
    report: Report,
    document: Document,
    wanted: Sequence[Mention],
    refused: Sequence[Refusal],
    codebook: Codebook,
    told: Iterable[Choices],
) -> None:
    """Prints whose the report is, and the figures taken and not taken, each with its constructions."""
    behind: dict[tuple[int, int, str, bool], Choices] = {}
    for one in told:
        behind.setdefault((one.start, one.end, one.indicator, one.taken), one)
    identity = report.identity
    place = "".join((identity.province, identity.city, identity.county)) or "county unknown"
    print(
        f"{report.source.document}: {place} {identity.county_code}, {identity.year or 'year unknown'}"
    )
    doubtful = sum(bool(mention.review) for mention in wanted)
    print(
        f"{document.format}, {len(document.text)} characters, "
        f"{len(wanted)} mentions, {doubtful} to review"
    )
    for mention in wanted:
        print()
        choice = behind.get((mention.start, mention.end, mention.indicator, True))
        print("\n".join(_mention_lines(mention, document, report.findings, codebook, choice)))
    if refused:
        print(f"\nNot taken: {len(refused)}")
    for refusal in refused:
        why = behind.get((refusal.start, refusal.end, refusal.indicator, False))
        print("\n".join([*_refusal_lines(refusal, document), *_choice_lines(why)]))


def _draw(path: Path, document: Document, mentions: list[Mention]) -> None:
    """Writes the pages on which mentions stand: the first to `path`, others with their number."""
    from ingest.documents.readers import marking  # loads pdfplumber, which a build seldom needs

    try:
        pages = marking.marked_pages(document, [(m.start, m.end) for m in mentions])
    except marking.NoPageError as error:
        raise UsageError(f"--image {path}: {error}.") from error
    print()
    for number, (page, image) in enumerate(sorted(pages.items())):
        target = path.with_stem(f"{path.stem}-{page}") if number else path
        try:
            image.save(target)
        except ValueError as error:
            raise UsageError(f"--image {path}: name it .png or .jpg.") from error
        print(f"page {page} -> {target.as_posix()}")


def _named(name: str, raw: Path) -> Source:
    """The source that a user means: by its path below the raw folder or from here, or its name.

    The beginning of a name is enough where only one report has it.
    """
    found, issues = sources.find(raw)
    path = Path(name)
    if path.exists() and path.resolve().is_relative_to(raw.resolve()):
        name = sources.name_of(path.resolve(), raw.resolve())
    fitting = (
        [s for s in found if s.document == name]
        or [s for s in found if name in (Path(s.document).name, Path(s.document).stem)]
        or [s for s in found if name and Path(s.document).name.startswith(name)]
    )
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(source.document for source in fitting)
        raise UsageError(f"'{name}' may be any of {names}. Give the path below {raw}.")
    for issue in issues:
        if issue.document == name:
            raise UsageError(f"{name}: {issue.message}. {issue.action}")
    # A name without its folder and suffix is near enough.
    called = {Path(s.document).stem: s.document for s in found} | {
        s.document: s.document for s in found
    }
    raise UsageError(f"no report named '{name}' below {raw}" + nearest(name, called))


def _mention_lines(
    mention: Mention,
    document: Document,
    findings: Iterable[Finding],
    codebook: Codebook,
    choice: Choices | None,
) -> list[str]:
    name = codebook.indicators[mention.indicator].name_zh
    dimensions = (mention.scenario, mention.population, mention.subject, mention.basis)
    page = f", page {mention.page}" if mention.page else ""
    lines = [
        f"{mention.mention_id}  {mention.indicator} {name}",
        f"  {mention.comparator} {plain(mention.value)} {mention.unit}  "
        f"({', '.join(d for d in dimensions if d)}, {mention.period or 'no year'})",
        f"  {mention.layout}{page}: {marked(document, mention.start, mention.end, AROUND)}",
        *(_choice_lines(choice) or [f"  rule: {mention.rule}"]),
        *(f"  {dimension}: {words}" for dimension, words in mention.settled),
    ]
    if mention.review:
        lines.append(f"  REVIEW: {mention.review}")
        taken, *others = open_readings(mention)
        lines.append(f"    taken: {taken}")
        lines += [f"    or:    {other}" for other in others]
    for finding in findings:
        if finding.verdict == "disagree" and mention.mention_id in finding.mention_ids:
            lines.append(f"  DISAGREES ({finding.kind}): {finding.formula}")
    return lines


def _choice_lines(choice: Choices | None) -> list[str]:
    """The construction that decided, with its cost, and those that did not; nothing for tables."""
    lines = []
    for one in choice.considered if choice is not None else ():
        cost = "" if one.cost is None else f" (cost {one.cost})"
        if not one.reason:
            lines.append(f"  rule: {one.construction}{cost}")
        else:
            label = f" with '{one.label}'" if one.label else ""
            lines.append(f"    not {one.construction}{cost}{label}: {one.reason}")
    return lines


def _refusal_lines(refusal: Refusal, document: Document) -> list[str]:
    claim = f"{refusal.indicator}: " if refusal.indicator else ""
    return [
        f"  {claim}{refusal.reason}",
        f"    {marked(document, refusal.start, refusal.end, AROUND)}",
    ]
