"""Arguments that commands share: usual folders, types of values, and what makes no sense."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from ingest.codebook import loading
from ingest.codebook.model import Codebook
from ingest.reviewing import corrections, proving

RAW, OUT = Path("data/raw"), Path("data/processed")
OWN = "codebook"
"""The folder of one's own words beside the folder of reports."""
RAW_HELP = f"folder of reports (default {RAW.as_posix()})"

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What a command adds itself to."""


class UsageError(ValueError):
    """What the user asked for makes no sense; the message says what to ask for instead."""


def command(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], int], help_: str
) -> argparse.ArgumentParser:
    """Adds a command that is done by `run`; `help_` says what it does."""
    added = commands.add_parser(name, help=help_, description=help_)
    added.set_defaults(run=run)
    return added


def add_raw(command: argparse.ArgumentParser) -> None:
    """Adds the folder of reports."""
    command.add_argument("--raw", type=Path, default=RAW, metavar="RAW", help=RAW_HELP)


def add_codebook(command: argparse.ArgumentParser) -> None:
    """Adds the folder of one's own words, laid beside the codebook that Xianbi brings."""
    command.add_argument(
        "--codebook",
        type=Path,
        metavar="DIR",
        help="folder of words, indicators and forms of your own, laid over Xianbi's "
        f"(default: {OWN} beside the folder of reports, where there is one)",
    )


def codebook_of(options: argparse.Namespace) -> Codebook:
    """The codebook, with the user's own folder where one is named or lies beside the reports.

    With a folder of one's own every construction must still read its examples. Raises UsageError
    if the folder named is not there, loading.CodebookError with everything wrong.
    """
    folder: Path | None = options.codebook
    if folder is not None and not folder.is_dir():
        raise UsageError(
            f"--codebook {folder}: no such folder. Name one that holds .toml files, or leave it out."
        )
    beside: Path = options.raw.parent / OWN
    own = folder or (beside if beside.is_dir() else None)
    if own is None:
        return loading.load()
    codebook = loading.load(own)
    wrong = list(proving.complaints(codebook))
    if wrong:
        raise loading.CodebookError(wrong)
    return codebook


def add_corrections(command: argparse.ArgumentParser) -> None:
    """Adds the file of corrections."""
    command.add_argument(
        "--corrections",
        type=Path,
        metavar="FILE",
        help=f"file of corrections (default {corrections.FILE} beside the folder of reports)",
    )


def corrections_file(options: argparse.Namespace) -> Path | None:
    """The file named with --corrections; it must be there, unlike the usual one.

    Raises UsageError if it is not.
    """
    path: Path | None = options.corrections
    if path is not None and not path.is_file():
        raise UsageError(f"--corrections {path}: no such file. Name one, or leave the option out.")
    return path


def at_least(kind: Callable[[str], float], lowest: float) -> Callable[[str], float]:
    """The type of an argument that is a number from `lowest` up."""

    def number(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = lowest - 1
        if value < lowest:
            raise argparse.ArgumentTypeError(f"'{text}' is no number from {lowest} up")
        return value

    return number


def nearest(name: str, known: Iterable[str] | Mapping[str, str]) -> str:
    """Says which known words are near a name; a mapping says what they stand for."""
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.4)
    if isinstance(known, Mapping):
        near = list(dict.fromkeys(known[word] for word in near))
    return f". Did you mean {' or '.join(near)}?" if near else "."
