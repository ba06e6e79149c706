"""The `xianbi` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from xianbi import XianbiError, data, export, labels


def _parser() -> argparse.ArgumentParser:
    """Returns the parser of the command line (a test compares it with the README)."""
    top = argparse.ArgumentParser(
        prog="xianbi",
        description="Charts for a policy briefing from the tables that `ingest build` wrote.",
        epilog="Exit status: 0 written; 1 the tables or the selection give no chart; 2 bad usage.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    exporting = commands.add_parser(
        "export",
        help="write a set of charts as pictures, workbook, document and slides",
        description=(
            "Writes each chart as PNG (300 dpi) and SVG, and all of them with their tables and "
            f"sources as {export.WORKBOOK}, {export.DOCUMENT} and {export.SLIDES}. "
            "Options that may be repeated select more than one."
        ),
    )
    exporting.add_argument(
        "--data",
        metavar="DIR",
        help=f"folder of tables (default: ${data.VARIABLE}, else data/processed here or above)",
    )
    exporting.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        default=Path("build/briefing"),
        help="folder to write to, made if missing (default: %(default)s)",
    )
    exporting.add_argument(
        "--indicator",
        metavar="NAME",
        action="append",
        default=[],
        help="id or Chinese name of an indicator (repeatable; default: the main ones)",
    )
    exporting.add_argument(
        "--county",
        metavar="NAME",
        action="append",
        default=[],
        help="name or code of a county (repeatable; default: all)",
    )
    exporting.add_argument(
        "--year",
        metavar="YEAR",
        action="append",
        type=int,
        default=[],
        help="year of the figures (repeatable; default: all)",
    )
    exporting.add_argument(
        "--lang",
        choices=labels.LANGUAGES,
        default="zh",
        help="language of the labels (default: %(default)s)",
    )
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    options = _parser().parse_args(arguments)
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
