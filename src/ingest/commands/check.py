"""`ingest check`: looks through codebook, overrides and corrections; writes nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from ingest import pipeline
from ingest.codebook.loading import CodebookError
from ingest.codebook.model import Codebook
from ingest.commands.arguments import (
    Commands,
    UsageError,
    add_codebook,
    add_corrections,
    add_raw,
    codebook_of,
    command,
    corrections_file,
)
from ingest.commands.messages import AROUND, DONE, WRONG, complain, progress, tell
from ingest.documents import sources
from ingest.identifying import by_hand
from ingest.output import tables
from ingest.reviewing import corrections, coverage, evaluate, support
from ingest.reviewing.silence import marked
from ingest.running.settings import Running


def add(commands: Commands) -> None:
    """Adds the command and its arguments."""
    check = command(
        commands, "check", run, "check codebook, overrides and corrections; writes nothing"
    )
    add_raw(check)
    check.add_argument(
        "--coverage",
        action="store_true",
        help="also list labels without a figure, and figures that nothing accounts for",
    )
    check.add_argument(
        "--rules",
        action="store_true",
        help="also count the figures that each construction gave and refused",
    )
    check.add_argument(
        "--gold",
        type=Path,
        metavar="FILE",
        help="with --rules: CSV of the figures that the reports state; counts those that are right, "
        "and lists the constructions and words that no right figure supports",
    )
    check.add_argument(
        "--coarse",
        action="store_true",
        help="with --gold: fold hardship groups into one, and kinds of budget into one",
    )
    add_codebook(check)
    add_corrections(check)


def run(options: argparse.Namespace) -> int:
    """Says what each file holds, and everything that is wrong in any; WRONG if something is.

    Raises UsageError if the file of corrections that was named is not there, or for a truth without
    --rules, and evaluate.GoldError for a truth that cannot be read.
    """
    if options.gold and not options.rules:
        raise UsageError("--gold is the truth that --rules counts by: add --rules.")
    if options.coarse and not options.gold:
        raise UsageError("--coarse folds what --gold compares: name a FILE with --gold.")
    gold = evaluate.read(options.gold, evaluate.FIGURE) if options.gold else None
    complaints: list[ValueError] = []
    path = options.raw / by_hand.FILE
    overrides: by_hand.Overrides = {}
    codebook = None
    try:
        codebook = codebook_of(options)
        print(f"codebook: {len(codebook.indicators)} indicators, {len(codebook.sums)} sums")
    except CodebookError as error:
        complaints.append(error)
    try:
        overrides = by_hand.read(path)
        print(f"{path.as_posix()}: {len(overrides)} overrides")
    except by_hand.OverrideError as error:
        complaints.append(error)
    if codebook is not None:
        file = corrections_file(options) or corrections.beside(options.raw)
        try:
            running = Running(jobs=None)
            number = pipeline.check_corrections(options.raw, codebook, file, running)
            print(f"{file.as_posix()}: {number} corrections")
        except corrections.CorrectionError as error:
            complaints.append(error)
        except by_hand.OverrideError:
            pass  # already said
        if options.coverage:
            _gaps(options.raw, codebook, overrides)
        if options.rules:
            _rules(options.raw, codebook, overrides, gold, options.coarse)
    for complaint in complaints:
        complain(options.called, complaint, WRONG)
    return WRONG if complaints else DONE


def _gaps(raw: Path, codebook: Codebook, overrides: by_hand.Overrides) -> None:
    """Prints, for each report, the labels without a figure and the figures without an account."""
    labels = figures = 0
    for report in pipeline.read_all(sources.find(raw)[0], codebook, overrides, progress()):
        if report.document is None:
            tell(report.issues)
            continue
        found = coverage.gaps(report.document, report.mentions, report.refusals, codebook)
        if found:
            print(f"\n{report.source.document}")
        for gap in found:
            name = codebook.indicators[gap.indicator].name_zh
            what = gap.state if gap.kind == "label" else "a figure that nothing accounts for"
            print(f"  {gap.indicator} {name}: {what}")
            print(f"    {marked(report.document, gap.start, gap.end, AROUND)}")
            labels += gap.kind == "label"
            figures += gap.kind == "figure"
    print(f"\n{labels} labels without a figure, {figures} figures that nothing accounts for")


def _rules(
    raw: Path,
    codebook: Codebook,
    overrides: by_hand.Overrides,
    gold: list[dict[str, str]] | None,
    coarse: bool,
) -> None:
    """Prints what each construction gave and refused; by a truth, what is right and what has no use."""
    counted = support.Support()
    for report in pipeline.read_all(sources.find(raw)[0], codebook, overrides, progress()):
        if report.document is None:
            tell(report.issues)
            continue
        rows = [tables.texts_of(mention) for mention in report.mentions]
        right = evaluate.judged(rows, gold or [], codebook, coarse)
        judged = list(zip(report.mentions, right, strict=True))
        support.count(counted, report.document, report.identity, judged, codebook)
    print()
    print("\n".join(support.table_of_constructions(counted, codebook, gold is not None)))
    if gold is not None:
        print()
        print("\n".join(support.table_of_words(counted, codebook)))
