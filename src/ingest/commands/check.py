"""`ingest check`: looks through codebook, overrides and corrections; writes nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from ingest import pipeline
from ingest.codebook.loading import CodebookError
from ingest.codebook.model import Codebook
from ingest.commands.arguments import (
    Commands,
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
from ingest.reviewing import corrections, coverage
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
    add_codebook(check)
    add_corrections(check)


def run(options: argparse.Namespace) -> int:
    """Says what each file holds, and everything that is wrong in any; WRONG if something is.

    Raises UsageError if the file of corrections that was named is not there.
    """
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
