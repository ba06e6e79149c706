"""The `ingest` command: build | check | explain | evaluate.

Exit status: 0 done; 1 a report, a definition or an override is wrong, or a score is below the one
asked for; 2 bad usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from ingest.codebook.loading import CodebookError
from ingest.commands import build, check, evaluate, explain
from ingest.commands.arguments import UsageError
from ingest.commands.messages import USAGE, WRONG, complain
from ingest.documents import sources
from ingest.identifying import by_hand
from ingest.output import commit, parquet
from ingest.reviewing import corrections
from ingest.reviewing.evaluate import GoldError
from ingest.running import workers


def main(arguments: Sequence[str] | None = None, called: str = "ingest") -> int:
    """Runs the command with `arguments` (default: those of the process); returns its exit status.

    `called` is the name it was called by, which help and messages say.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that lacks a character shows a mark instead of ending the run.
            stream.reconfigure(errors="replace")
    parser = _parser(called)
    options = parser.parse_args(arguments)
    if not options.command:
        parser.print_help(sys.stderr)
        return USAGE
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except (UsageError, sources.NoFolderError, GoldError) as error:
        return complain(called, error, USAGE)
    except (
        CodebookError,
        by_hand.OverrideError,
        corrections.CorrectionError,
        sources.NoReportsError,
        commit.BusyError,
        parquet.MissingPackageError,
        workers.WorkerError,
    ) as error:
        return complain(called, error, WRONG)
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        reason = error.strerror or str(error)
        return complain(
            called,
            f"{named}{reason}. The tables were not changed; make room or mend the permissions, "
            "then run the command again.",
            WRONG,
        )
    except KeyboardInterrupt:
        kept = "; what was read is not read again" if options.command == "build" else ""
        return complain(
            called, f"stopped. The tables were not changed; run the command again{kept}.", WRONG
        )


def _parser(called: str = "ingest") -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=called, description="County self-evaluation reports to tidy, audited tables."
    )
    parser.set_defaults(called=called)
    parser.set_defaults(called=called)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for verb in (build, check, explain, evaluate):
        verb.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
