"""The `briefing` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.figure import Figure

from briefing import BriefingError, charts, compare, data, export


class Chart(NamedTuple):
    """A chart that `briefing charts` writes: its table and how it is drawn."""

    table: Callable[[data.Tables], pd.DataFrame]
    draw: Callable[[pd.DataFrame], Figure]


CHARTS = {
    "coverage": Chart(compare.coverage, charts.coverage),
    "execution-by-basis": Chart(compare.execution_by_basis, charts.execution_by_basis),
    "control-rates": Chart(compare.control_rates, charts.control_rates),
    "reported-vs-recomputed": Chart(compare.reported_vs_recomputed, charts.reported_vs_recomputed),
}


def _parser() -> argparse.ArgumentParser:
    """Returns the parser of the command line (a test compares it with the README)."""
    top = argparse.ArgumentParser(
        prog="briefing",
        description="Charts for a policy briefing from the tables that `ingest build` wrote.",
        epilog="Exit status: 0 all written; 1 a table or a chart could not be made; 2 bad usage.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    drawing = commands.add_parser(
        "charts",
        help="write every chart as SVG and PNG",
        description=f"Writes every chart as SVG and PNG: {', '.join(CHARTS)}.",
    )
    drawing.add_argument(
        "--data",
        metavar="DIR",
        help=f"folder of tables (default: ${data.VARIABLE}, else data/processed here or above)",
    )
    drawing.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        default=Path("build/charts"),
        help="folder to write to, made if missing (default: %(default)s)",
    )
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        tables = data.load(options.data)
    except BriefingError as error:
        print(f"briefing: {error}", file=sys.stderr)
        return 1
    status = 0
    for name, chart in CHARTS.items():
        try:
            paths = export.write(chart.draw(chart.table(tables)), options.out, name)
        except (BriefingError, OSError) as error:
            print(f"briefing: {name} not written: {error}", file=sys.stderr)
            status = 1
        else:
            print(*paths, sep="\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
