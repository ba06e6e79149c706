"""`ingest evaluate`: scores what is read against a hand-made truth."""

from __future__ import annotations

import argparse
from pathlib import Path

from ingest import pipeline
from ingest.commands.arguments import Commands, UsageError, add_codebook, codebook_of, command
from ingest.commands.messages import DONE, WRONG, complain, progress, tell
from ingest.documents import sources
from ingest.identifying import by_hand
from ingest.output import tables
from ingest.records import Issue
from ingest.reviewing import evaluate

_CHECK = ("document", "indicator", "population", "kind", "reported", "recomputed", "verdict")


def add(commands: Commands) -> None:
    """Adds the command and its arguments."""
    score = command(commands, "evaluate", run, "score what is read against a hand-made truth")
    score.add_argument("raw", type=Path, metavar="RAW", help="folder of reports")
    add_codebook(score)
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


def run(options: argparse.Namespace) -> int:
    """Prints the scores; WRONG if one is below the one asked for, or a report was unreadable.

    Raises UsageError for unknown families, and evaluate.GoldError for a truth that cannot be read.
    """
    codebook = codebook_of(options)
    families = list(codebook.families)
    if options.families is not None:
        families = [family for family in options.families.split(",") if family]
        if not families or not set(families) <= set(codebook.families):
            raise UsageError(
                f"--families {options.families}: known are {', '.join(codebook.families)}, "
                "parted by commas."
            )
    gold = evaluate.read(options.gold, evaluate.FIGURE)
    optional = evaluate.read(options.optional, evaluate.FIGURE) if options.optional else []
    checks = evaluate.read(options.audit, _CHECK) if options.audit else None
    overrides = by_hand.read(options.raw / by_hand.FILE)
    found, _ = sources.find(options.raw)
    mentions: list[evaluate.Row] = []
    findings: list[evaluate.Row] = []
    errors: list[Issue] = []
    for report in pipeline.read_all(found, codebook, overrides, progress()):
        mentions += [tables.texts_of(m) for m in report.mentions]
        findings += [tables.texts_of(f) for f in report.findings]
        errors += [issue for issue in report.issues if issue.severity == "error"]
    tell(errors)

    result = evaluate.score(mentions, gold, codebook, families, options.coarse, optional)
    passed = not errors
    for name, of_family in result.families.items():
        print(of_family.line(name))
    for name, of_indicator in result.indicators.items():
        print("  " + of_indicator.line(name))
    for word, rows in (("MISSED", result.missed), ("WRONG", result.wrong)):
        for row in rows[: options.show]:
            shown = [row.get(c) or "" for c in (*evaluate.FIGURE[:4], "year", "value", "unit")]
            print(word, *shown, "|", " ".join((row.get("quote") or "").split())[:60])
    total = result.total
    gold_count = total.found + total.missed
    print(
        f"precision {total.precision:.3f} recall {total.recall:.3f} f1 {total.f1:.3f} "
        f"gold {gold_count}"
    )
    passed &= _reaches(options.called, "precision", total.precision, options.min_precision)
    passed &= _reaches(options.called, "recall", total.recall, options.min_recall)
    if checks is not None:
        held, missed = evaluate.score_audit(findings, checks)
        for row in missed[: options.show]:
            print("MISSED", *(row.get(c) or "" for c in _CHECK))
        share = held / max(1, len(checks))
        print(f"audit {held}/{len(checks)} = {share:.3f}")
        passed &= _reaches(options.called, "audit", share, options.min_audit)
    return DONE if passed else WRONG


def _reaches(called: str, name: str, value: float, wanted: float) -> bool:
    if value < wanted:
        complain(called, f"{name} {value:.4f} is below the {wanted:g} asked for", WRONG)
    return value >= wanted
