"""`ingest build`: reads the reports and writes the tables."""

from __future__ import annotations

import argparse
from pathlib import Path

from ingest import pipeline
from ingest.commands.arguments import (
    OUT,
    RAW,
    RAW_HELP,
    Commands,
    UsageError,
    add_codebook,
    add_corrections,
    at_least,
    codebook_of,
    command,
    corrections_file,
)
from ingest.commands.messages import DONE, WRONG, complain, progress, tell
from ingest.running import cache, workers
from ingest.running.settings import Running


def add(commands: Commands) -> None:
    """Adds the command and its arguments."""
    build = command(commands, "build", run, "read the reports and write the tables")
    build.add_argument("raw", nargs="?", type=Path, default=RAW, metavar="RAW", help=RAW_HELP)
    build.add_argument(
        "--out",
        type=Path,
        default=OUT,
        metavar="DIR",
        help=f"folder of tables (default {OUT.as_posix()})",
    )
    build.add_argument(
        "--jobs",
        type=at_least(int, 1),
        metavar="N",
        help="reports read at a time, each in a process of its own (default: as many as there are "
        "cores, one if the reports are few and small; 1 is this process alone)",
    )
    build.add_argument(
        "--time-limit",
        type=at_least(float, 0.1),
        default=workers.SECONDS,
        metavar="SECONDS",
        help=f"a report that takes longer is given up (default {workers.SECONDS:g})",
    )
    build.add_argument(
        "--memory-limit",
        type=at_least(int, 512),
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
    add_codebook(build)
    add_corrections(build)


def run(options: argparse.Namespace) -> int:
    """Builds the tables, says how much was written; WRONG if a report could not be read.

    Raises UsageError for options that contradict each other, and what `pipeline.build` raises.
    """
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
        raw,
        out,
        codebook_of(options),
        progress(),
        corrections_file(options),
        running,
        options.parquet,
    )
    tell(summary.errors)
    for remark in summary.remarks:
        complain(options.called, f"{remark}.", DONE)
    corrected = f", {summary.corrections} corrections" if summary.corrections else ""
    print(
        f"{summary.reports} reports, {summary.mentions} mentions, {summary.observations} "
        f"observations, {summary.findings} checks, {summary.issues} issues, "
        f"{summary.questions} to review{corrected} -> {out.as_posix()}"
    )
    return WRONG if summary.errors else DONE
