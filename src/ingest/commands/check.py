"""`ingest check`: looks through definitions, overrides and corrections; writes nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from ingest import pipeline
from ingest.commands.arguments import (
    Commands,
    add_corrections,
    add_raw,
    command,
    corrections_file,
)
from ingest.commands.messages import AROUND, DONE, WRONG, complain, progress, tell
from ingest.definitions import DefinitionError, Definitions, load
from ingest.documents import sources
from ingest.identifying import by_hand
from ingest.reviewing import corrections, coverage
from ingest.reviewing.silence import marked
from ingest.running.settings import Running


def add(commands: Commands) -> None:
    """Adds the command and its arguments."""
    check = command(
        commands, "check", run, "check definitions, overrides and corrections; writes nothing"
    )
    add_raw(check)
    check.add_argument(
        "--coverage",
        action="store_true",
        help="also list labels without a figure, and figures that nothing accounts for",
    )
    add_corrections(check)


def run(options: argparse.Namespace) -> int:
    """Says what each file holds, and everything that is wrong in any; WRONG if something is.

    Raises UsageError if the file of corrections that was named is not there.
    """
    complaints: list[ValueError] = []
    path = options.raw / by_hand.FILE
    overrides: by_hand.Overrides = {}
    definitions = None
    try:
        definitions = load()
        print(
            f"definitions: {len(definitions.indicators)} indicators, {len(definitions.sums)} sums"
        )
    except DefinitionError as error:
        complaints.append(error)
    try:
        overrides = by_hand.read(path)
        print(f"{path.as_posix()}: {len(overrides)} overrides")
    except by_hand.OverrideError as error:
        complaints.append(error)
    if definitions is not None:
        file = corrections_file(options) or corrections.beside(options.raw)
        try:
            running = Running(jobs=None)
            number = pipeline.check_corrections(options.raw, definitions, file, running)
            print(f"{file.as_posix()}: {number} corrections")
        except corrections.CorrectionError as error:
            complaints.append(error)
        except by_hand.OverrideError:
            pass  # already said
        if options.coverage:
            _gaps(options.raw, definitions, overrides)
    for complaint in complaints:
        complain(options.called, complaint, WRONG)
    return WRONG if complaints else DONE


def _gaps(raw: Path, definitions: Definitions, overrides: by_hand.Overrides) -> None:
    """Prints, for each report, the labels without a figure and the figures without an account."""
    labels = figures = 0
    for report in pipeline.read_all(sources.find(raw)[0], definitions, overrides, progress()):
        if report.document is None:
            tell(report.issues)
            continue
        found = coverage.gaps(report.document, report.mentions, report.refusals, definitions)
        if found:
            print(f"\n{report.source.document}")
        for gap in found:
            name = definitions.indicators[gap.indicator].name_zh
            what = gap.state if gap.kind == "label" else "a figure that nothing accounts for"
            print(f"  {gap.indicator} {name}: {what}")
            print(f"    {marked(report.document, gap.start, gap.end, AROUND)}")
            labels += gap.kind == "label"
            figures += gap.kind == "figure"
    print(f"\n{labels} labels without a figure, {figures} figures that nothing accounts for")
