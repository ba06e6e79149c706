"""The `ingest` command: build | check | explain | evaluate.

Exit status: 0 done; 1 a report, a definition or an override is wrong, or a score is below the one
asked for; 2 bad usage.
"""

from __future__ import annotations

import argparse
import difflib
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from ingest import pipeline
from ingest.definitions import FAMILIES, DefinitionError, Definitions, load
from ingest.documents import private, sources
from ingest.identifying import identify
from ingest.output import commit, parquet, tables
from ingest.printed import plain
from ingest.records import Document, Finding, Issue, Mention, Refusal, Source
from ingest.reviewing import corrections, coverage, evaluate
from ingest.reviewing.readings import open_readings
from ingest.reviewing.silence import marked
from ingest.running import cache, workers
from ingest.running.settings import Progress, Running

DONE, WRONG, USAGE = 0, 1, 2
RAW, OUT = Path("data/raw"), Path("data/processed")
_AROUND = 60
"""How many characters `explain` shows on each side of a quote."""


class UsageError(ValueError):
    """What the user asked for makes no sense; the message says what to ask for instead."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command with `arguments` (default: those of the process); returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that lacks a character shows a mark instead of ending the run.
            stream.reconfigure(errors="replace")
    parser = _parser()
    options = parser.parse_args(arguments)
    if not options.command:
        parser.print_help(sys.stderr)
        return USAGE
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except (UsageError, sources.NoFolderError, evaluate.GoldError) as error:
        return _complain(error, USAGE)
    except (
        DefinitionError,
        identify.OverrideError,
        corrections.CorrectionError,
        sources.NoReportsError,
        commit.BusyError,
        parquet.MissingPackageError,
        workers.WorkerError,
    ) as error:
        return _complain(error, WRONG)
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        reason = error.strerror or str(error)
        return _complain(
            f"{named}{reason}. The tables were not changed; make room or mend the permissions, "
            "then run the command again.",
            WRONG,
        )
    except KeyboardInterrupt:
        kept = "; what was read is not read again" if options.command == "build" else ""
        return _complain(
            f"stopped. The tables were not changed; run the command again{kept}.", WRONG
        )


def _complain(message: object, status: int) -> int:
    print(private.words(f"ingest: {message}"), file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ingest", description="County self-evaluation reports to tidy, audited tables."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], help_: str):  # type: ignore[no-untyped-def]
        added = commands.add_parser(name, help=help_, description=help_)
        added.set_defaults(run=run)
        return added

    build = command("build", _build, "read the reports and write the tables")
    build.add_argument(
        "raw",
        nargs="?",
        type=Path,
        default=RAW,
        metavar="RAW",
        help=f"folder of reports (default {RAW.as_posix()})",
    )
    build.add_argument(
        "--out",
        type=Path,
        default=OUT,
        metavar="DIR",
        help=f"folder of tables (default {OUT.as_posix()})",
    )
    build.add_argument(
        "--jobs",
        type=_at_least(int, 1),
        metavar="N",
        help="reports read at a time, each in a process of its own (default: as many as there are "
        "cores, one if the reports are few and small; 1 is this process alone)",
    )
    build.add_argument(
        "--time-limit",
        type=_at_least(float, 0.1),
        default=workers.SECONDS,
        metavar="SECONDS",
        help=f"a report that takes longer is given up (default {workers.SECONDS:g})",
    )
    build.add_argument(
        "--memory-limit",
        type=_at_least(int, 512),
        default=workers.MEMORY,
        metavar="MB",
        help=f"memory that a process that reads reports may use (default {workers.MEMORY})",
    )
    build.add_argument(
        "--cluster",
        default="",
        metavar="ADDRESS",
        help="read the reports on the Dask cluster with this scheduler, such as tcp://host:8786",
    )
    build.add_argument(
        "--cache",
        type=Path,
        metavar="DIR",
        help=f"folder of what was read before (default {cache.FOLDER} beside the tables)",
    )
    build.add_argument(
        "--fresh", action="store_true", help="read every report again, whatever the cache holds"
    )
    build.add_argument(
        "--parquet",
        action="store_true",
        help="also write mentions and observations as Parquet, by province and year",
    )

    check = command("check", _check, "check definitions, overrides and corrections; writes nothing")
    check.add_argument(
        "--raw",
        type=Path,
        default=RAW,
        metavar="RAW",
        help=f"folder of reports (default {RAW.as_posix()})",
    )
    check.add_argument(
        "--coverage",
        action="store_true",
        help="also list labels without a figure, and figures that nothing accounts for",
    )
    for added in (build, check):
        added.add_argument(
            "--corrections",
            type=Path,
            metavar="FILE",
            help=f"file of corrections (default {corrections.FILE} beside the folder of reports)",
        )

    explain = command("explain", _explain, "show what was read from a report, and why")
    explain.add_argument(
        "document",
        metavar="DOCUMENT",
        help="the report: its path, its name, or how its name begins",
    )
    explain.add_argument(
        "--raw",
        type=Path,
        default=RAW,
        metavar="RAW",
        help=f"folder of reports (default {RAW.as_posix()})",
    )
    explain.add_argument("--indicator", metavar="ID", help="show this indicator only")
    explain.add_argument(
        "--image",
        type=Path,
        metavar="FILE",
        help="write the page with a box around each figure shown (PDF and pictures)",
    )

    score = command("evaluate", _evaluate, "score what is read against a hand-made truth")
    score.add_argument("raw", type=Path, metavar="RAW", help="folder of reports")
    score.add_argument(
        "--gold",
        type=Path,
        required=True,
        metavar="FILE",
        help="CSV of the figures that the reports state",
    )
    score.add_argument(
        "--coarse",
        action="store_true",
        help="fold hardship groups into one, and kinds of budget into one",
    )
    score.add_argument(
        "--optional", type=Path, metavar="FILE", help="CSV of figures that count neither way"
    )
    score.add_argument(
        "--audit", type=Path, metavar="FILE", help="CSV of checks that the audit must hold"
    )
    score.add_argument(
        "--families",
        default=",".join(FAMILIES),
        metavar="A,B",
        help="families to score (default: all)",
    )
    score.add_argument(
        "--min-precision",
        type=float,
        default=0.0,
        metavar="P",
        help="exit status 1 below this precision",
    )
    score.add_argument(
        "--min-recall", type=float, default=0.0, metavar="R", help="exit status 1 below this recall"
    )
    score.add_argument(
        "--min-audit",
        type=float,
        default=0.0,
        metavar="S",
        help="exit status 1 below this share of the checks",
    )
    score.add_argument(
        "--show", type=int, default=0, metavar="N", help="list so many missed and wrong figures"
    )
    return parser


def _at_least(kind: Callable[[str], float], lowest: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = lowest - 1
        if value < lowest:
            raise argparse.ArgumentTypeError(f"'{text}' is no number from {lowest} up")
        return value

    return number


def _progress() -> Progress | None:
    """Reports progress on a terminal only: logs and notebooks stay clean."""
    if not sys.stderr.isatty():
        return None
    # What the cache gives comes first and at once; the pace of late tells how long it will take.
    recent: deque[tuple[float, int, int]] = deque([(time.monotonic(), 0, 0)], maxlen=200)

    def show(done: int, total: int, pages: int, document: str) -> None:
        recent.append((time.monotonic(), done, pages))
        line = f"{done}/{total} {_pace(*recent[0], *recent[-1], total)}{document}"[:78]
        print(f"\r{line:<78}", end="\n" if done == total else "", file=sys.stderr, flush=True)

    return show


def _pace(
    began: float, done: int, pages: int, now: float, done_now: int, pages_now: int, total: int
) -> str:
    """Pages a second between two moments, and the time left at that pace.

    >>> _pace(0.0, 0, 0, 10.0, 20, 150, 140)
    '15 pages/s, 1:00 left '
    """
    took = max(now - began, 1e-3)
    left = round((total - done_now) * took / max(done_now - done, 1))
    hours, minutes, seconds = left // 3600, left // 60 % 60, left % 60
    clock = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{(pages_now - pages) / took:.0f} pages/s, {clock} left "


def _tell(issues: Iterable[Issue]) -> None:
    for issue in issues:
        print(f"{issue.document}: {issue.message} ({issue.where}). {issue.action}", file=sys.stderr)


# --- build and check -----------------------------------------------------------------------------


def _build(options: argparse.Namespace) -> int:
    raw, out = options.raw, options.out
    if out.resolve().is_relative_to(raw.resolve()):
        raise UsageError(
            f"--out {out} lies in the folder of reports {raw}: its tables would be read as "
            "reports. Name a folder outside it."
        )
    if options.cluster and options.jobs:
        raise UsageError("--jobs is for this machine and --cluster for others: leave one out.")
    folder = options.cache or cache.folder_beside(out)
    if folder.resolve().is_relative_to(raw.resolve()):
        raise UsageError(f"--cache {folder} lies in the folder of reports {raw}. Name another.")
    running = Running(
        jobs=options.jobs,
        seconds=options.time_limit,
        memory=options.memory_limit,
        cluster=options.cluster,
        cache=folder,
        fresh=options.fresh,
    )
    summary = pipeline.build(
        raw, out, load(), _progress(), _corrections_file(options), running, options.parquet
    )
    _tell(summary.errors)
    for remark in summary.remarks:
        _complain(f"{remark}.", DONE)
    corrected = f", {summary.corrections} corrections" if summary.corrections else ""
    print(
        f"{summary.reports} reports, {summary.mentions} mentions, {summary.observations} "
        f"observations, {summary.findings} checks, {summary.issues} issues, "
        f"{summary.questions} to review{corrected} -> {out.as_posix()}"
    )
    return WRONG if summary.errors else DONE


def _corrections_file(options: argparse.Namespace) -> Path | None:
    """The file named with --corrections; it must be there, unlike the usual one."""
    path: Path | None = options.corrections
    if path is not None and not path.is_file():
        raise UsageError(f"--corrections {path}: no such file. Name one, or leave the option out.")
    return path


def _check(options: argparse.Namespace) -> int:
    complaints: list[ValueError] = []
    path = options.raw / identify.FILE
    overrides: identify.Overrides = {}
    definitions = None
    try:
        definitions = load()
        print(
            f"definitions: {len(definitions.indicators)} indicators, {len(definitions.sums)} sums"
        )
    except DefinitionError as error:
        complaints.append(error)
    try:
        overrides = identify.overrides(path)
        print(f"{path.as_posix()}: {len(overrides)} overrides")
    except identify.OverrideError as error:
        complaints.append(error)
    if definitions is not None:
        file = _corrections_file(options) or corrections.beside(options.raw)
        try:
            running = Running(jobs=None)
            number = pipeline.check_corrections(options.raw, definitions, file, running)
            print(f"{file.as_posix()}: {number} corrections")
        except corrections.CorrectionError as error:
            complaints.append(error)
        except identify.OverrideError:
            pass  # already said
        if options.coverage:
            _gaps(options.raw, definitions, overrides)
    for complaint in complaints:
        _complain(complaint, WRONG)
    return WRONG if complaints else DONE


def _gaps(raw: Path, definitions: Definitions, overrides: identify.Overrides) -> None:
    """Prints, for each report, the labels without a figure and the figures without an account."""
    labels = figures = 0
    for report in pipeline.read_all(sources.find(raw)[0], definitions, overrides, _progress()):
        if report.document is None:
            _tell(report.issues)
            continue
        found = coverage.gaps(report.document, report.mentions, report.refusals, definitions)
        if found:
            print(f"\n{report.source.document}")
        for gap in found:
            name = definitions.indicators[gap.indicator].name_zh
            what = gap.state if gap.kind == "label" else "a figure that nothing accounts for"
            print(f"  {gap.indicator} {name}: {what}")
            print(f"    {marked(report.document, gap.start, gap.end, _AROUND)}")
            labels += gap.kind == "label"
            figures += gap.kind == "figure"
    print(f"\n{labels} labels without a figure, {figures} figures that nothing accounts for")


# --- explain -------------------------------------------------------------------------------------


def _explain(options: argparse.Namespace) -> int:
    definitions = load()
    names = {one.name_zh: name for name, one in definitions.indicators.items()}
    options.indicator = names.get(options.indicator, options.indicator)
    if options.indicator and options.indicator not in definitions.indicators:
        raise UsageError(
            f"no indicator named '{options.indicator}'"
            + _nearest(options.indicator, [*definitions.indicators, *names])
        )
    if options.image and options.image.resolve().is_relative_to(options.raw.resolve()):
        raise UsageError(
            f"--image {options.image} lies in the folder of reports {options.raw}, which no command "
            "writes to. Name a file outside it."
        )
    overrides = identify.overrides(options.raw / identify.FILE)
    source = _named(options.document, options.raw)
    report = pipeline.read_report(source, definitions, overrides.get(source.document))
    if report.document is None:
        _tell(report.issues)
        return WRONG
    wanted = [m for m in report.mentions if options.indicator in (None, m.indicator)]
    refused = [r for r in report.refusals if options.indicator in (None, r.indicator)]
    identity = report.identity
    place = "".join((identity.province, identity.city, identity.county)) or "county unknown"
    print(f"{source.document}: {place} {identity.county_code}, {identity.year or 'year unknown'}")
    doubtful = sum(bool(mention.review) for mention in wanted)
    print(
        f"{report.document.format}, {len(report.document.text)} characters, "
        f"{len(wanted)} mentions, {doubtful} to review"
    )
    for mention in wanted:
        print()
        print("\n".join(_mention_lines(mention, report.document, report.findings, definitions)))
    if refused:
        print(f"\nNot taken: {len(refused)}")
    for refusal in refused:
        print("\n".join(_refusal_lines(refusal, report.document)))
    if report.issues and not options.indicator:
        print(f"\nIssues: {len(report.issues)}")
        for issue in report.issues:
            print(f"  {issue.severity} {issue.kind} ({issue.where}): {issue.message}")
            print(f"    {issue.action}")
    if options.image:
        _draw(options.image, report.document, wanted)
    return DONE


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
    raise UsageError(f"no report named '{name}' below {raw}" + _nearest(name, called))


def _nearest(name: str, known: Iterable[str] | Mapping[str, str]) -> str:
    """Says which known words are near a name; a mapping says what they stand for."""
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.4)
    if isinstance(known, Mapping):
        near = list(dict.fromkeys(known[word] for word in near))
    return f". Did you mean {' or '.join(near)}?" if near else "."


def _mention_lines(
    mention: Mention, document: Document, findings: Iterable[Finding], definitions: Definitions
) -> list[str]:
    name = definitions.indicators[mention.indicator].name_zh
    dimensions = (mention.scenario, mention.population, mention.subject, mention.basis)
    page = f", page {mention.page}" if mention.page else ""
    lines = [
        f"{mention.mention_id}  {mention.indicator} {name}",
        f"  {mention.comparator} {plain(mention.value)} {mention.unit}  "
        f"({', '.join(d for d in dimensions if d)}, {mention.period or 'no year'})",
        f"  {mention.layout}{page}: {marked(document, mention.start, mention.end, _AROUND)}",
        f"  rule: {mention.rule}",
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


def _refusal_lines(refusal: Refusal, document: Document) -> list[str]:
    claim = f"{refusal.indicator}: " if refusal.indicator else ""
    return [
        f"  {claim}{refusal.reason}",
        f"    {marked(document, refusal.start, refusal.end, _AROUND)}",
    ]


# --- evaluate ------------------------------------------------------------------------------------

_FIGURE = ("document", "indicator", "scenario", "population", "value")
_CHECK = ("document", "indicator", "population", "kind", "reported", "recomputed", "verdict")


def _evaluate(options: argparse.Namespace) -> int:
    families = [family for family in options.families.split(",") if family]
    unknown = [family for family in families if family not in FAMILIES]
    if unknown or not families:
        raise UsageError(
            f"--families {options.families}: known are {', '.join(FAMILIES)}, parted by commas."
        )
    gold = evaluate.read(options.gold, _FIGURE)
    optional = evaluate.read(options.optional, _FIGURE) if options.optional else []
    checks = evaluate.read(options.audit, _CHECK) if options.audit else None
    definitions = load()
    overrides = identify.overrides(options.raw / identify.FILE)
    found, _ = sources.find(options.raw)
    mentions: list[evaluate.Row] = []
    findings: list[evaluate.Row] = []
    errors: list[Issue] = []
    for report in pipeline.read_all(found, definitions, overrides, _progress()):
        mentions += [_as_texts(tables.record_row(m)) for m in report.mentions]
        findings += [_as_texts(tables.record_row(f)) for f in report.findings]
        errors += [issue for issue in report.issues if issue.severity == "error"]
    _tell(errors)

    result = evaluate.score(mentions, gold, definitions, families, options.coarse, optional)
    passed = not errors
    for name, of_family in result.families.items():
        print(of_family.line(name))
    for name, of_indicator in result.indicators.items():
        print("  " + of_indicator.line(name))
    for word, rows in (("MISSED", result.missed), ("WRONG", result.wrong)):
        for row in rows[: options.show]:
            shown = [row.get(c) or "" for c in (*_FIGURE[:4], "year", "value", "unit")]
            print(word, *shown, "|", " ".join((row.get("quote") or "").split())[:60])
    total = result.total
    gold_count = total.found + total.missed
    print(
        f"precision {total.precision:.3f} recall {total.recall:.3f} f1 {total.f1:.3f} "
        f"gold {gold_count}"
    )
    passed &= _reaches("precision", total.precision, options.min_precision)
    passed &= _reaches("recall", total.recall, options.min_recall)
    if checks is not None:
        held, missed = evaluate.score_audit(findings, checks)
        for row in missed[: options.show]:
            print("MISSED", *(row.get(c) or "" for c in _CHECK))
        share = held / max(1, len(checks))
        print(f"audit {held}/{len(checks)} = {share:.3f}")
        passed &= _reaches("audit", share, options.min_audit)
    return DONE if passed else WRONG


def _as_texts(row: tables.Row) -> dict[str, str]:
    return {name: tables.as_text(value) for name, value in row.items()}


def _reaches(name: str, value: float, wanted: float) -> bool:
    if value < wanted:
        _complain(f"{name} {value:.4f} is below the {wanted:g} asked for", WRONG)
    return value >= wanted


if __name__ == "__main__":
    sys.exit(main())
