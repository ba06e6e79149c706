"""The `xianbi` command, the one door to all: build | check | explain | evaluate | export.

All but `export` are the verbs of `ingest`. The two packages meet here and nowhere else, and each
is imported only when a verb of its own is called: a build needs no charts, and each of its
processes loads this module again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

VERBS = {
    "build": "read the reports and write the tables",
    "check": "check codebook, overrides and corrections; writes nothing",
    "explain": "show what was read from a report, and why",
    "evaluate": "score what is read against a hand-made truth",
    "export": "write a set of charts as pictures, workbook, document and slides",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser()
    if not words:
        parser.print_help(sys.stderr)
        return 2
    # What follows the verb is for the parser of the verb, its --help too.
    verb = parser.parse_args(words[:1]).verb
    if verb == "export":
        return _export(words[1:])
    from ingest.__main__ import main as ingest

    return ingest(words, called="xianbi")


def _parser() -> argparse.ArgumentParser:
    """Returns the parser of the verb alone."""
    parser = argparse.ArgumentParser(
        prog="xianbi",
        description="County self-evaluation reports to tidy, audited tables, and charts of them.",
        epilog="`xianbi COMMAND --help` lists the options of a command. Exit status: 0 done; 1 a "
        "report, a definition, a table or the selection is wrong; 2 bad usage.",
    )
    commands = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    for verb, help_ in VERBS.items():
        commands.add_parser(verb, help=help_)
    return parser


def _export_parser() -> argparse.ArgumentParser:
    """Returns the parser of `export` (a test compares it with the README)."""
    from xianbi import data, export, labels

    parser = argparse.ArgumentParser(
        prog="xianbi export",
        description=(
            "Writes each chart as PNG (300 dpi) and SVG, and all of them with their tables and "
            f"sources as {export.WORKBOOK}, {export.DOCUMENT} and {export.SLIDES}. "
            "Options that may be repeated select more than one."
        ),
        epilog="Exit status: 0 written; 1 the tables or the selection give no chart; 2 bad usage.",
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        help=f"folder of tables (default: ${data.VARIABLE}, else data/processed here or above)",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        default=Path("build/briefing"),
        help="folder to write to, made if missing (default: %(default)s)",
    )
    parser.add_argument(
        "--indicator",
        metavar="NAME",
        action="append",
        default=[],
        help="id or Chinese name of an indicator (repeatable; default: the main ones)",
    )
    parser.add_argument(
        "--county",
        metavar="NAME",
        action="append",
        default=[],
        help="name or code of a county (repeatable; default: all)",
    )
    parser.add_argument(
        "--year",
        metavar="YEAR",
        action="append",
        type=int,
        default=[],
        help="year of the figures (repeatable; default: all)",
    )
    parser.add_argument(
        "--lang",
        choices=labels.LANGUAGES,
        default="zh",
        help="language of the labels (default: %(default)s)",
    )
    return parser


def _export(arguments: Sequence[str]) -> int:
    from xianbi import XianbiError, data, export

    options = _export_parser().parse_args(arguments)
    try:
        reports = data.folder(options.data).resolve().parent / "raw"
        if Path(options.out).resolve().is_relative_to(reports):
            raise XianbiError(
                f"--out {options.out} lies in the folder of reports {reports.name}, which no command "
                "writes to: name a folder outside it"
            )
        tables = data.select(data.load(options.data), options.county, options.year)
        paths, left_out = export.write_all(tables, options.out, options.indicator, options.lang)
    except XianbiError as error:
        print(f"xianbi: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        where = error.filename or options.out
        print(
            f"xianbi: {where} cannot be written ({error.strerror or error}): "
            "name a folder of your own with --out",
            file=sys.stderr,
        )
        return 1
    for line in left_out:
        print(f"xianbi: {line}", file=sys.stderr)
    print(*paths, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
