"""What commands say besides their results: exit status, complaints, issues, progress."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterable

from ingest.documents import private
from ingest.records import Issue
from ingest.running.settings import Progress

DONE, WRONG, USAGE = 0, 1, 2

AROUND = 60
"""How many characters are shown on each side of a quote."""


def complain(called: str, message: object, status: int) -> int:
    """Says on stderr what is wrong, without anything private in it; returns the status.

    `called` is the name that the command was called by.
    """
    print(private.words(f"{called}: {message}"), file=sys.stderr)
    return status


def tell(issues: Iterable[Issue]) -> None:
    """Prints issues on stderr, a line each."""
    for issue in issues:
        print(f"{issue.document}: {issue.message} ({issue.where}). {issue.action}", file=sys.stderr)


def progress() -> Progress | None:
    """Reports progress on a terminal only: logs and notebooks stay clean."""
    if not sys.stderr.isatty():
        return None
    # What the cache gives comes first and at once; the pace of late tells how long it will take.
    recent: deque[tuple[float, int, int]] = deque([(time.monotonic(), 0, 0)], maxlen=200)

    def show(done: int, total: int, pages: int, document: str) -> None:
        recent.append((time.monotonic(), done, pages))
        line = f"{done}/{total} {_pace(*recent[0], *recent[-1], total)}{document}"[:78]
        print(f"\r{line:<78}", end="\n" if done == total else "", file=sys.stderr, flush=True)

    return show


def _pace(
    began: float, done: int, pages: int, now: float, done_now: int, pages_now: int, total: int
) -> str:
    """Pages a second between two moments, and the time left at that pace.

    >>> _pace(0.0, 0, 0, 10.0, 20, 150, 140)
    '15 pages/s, 1:00 left '
    """
    took = max(now - began, 1e-3)
    left = round((total - done_now) * took / max(done_now - done, 1))
    hours, minutes, seconds = left // 3600, left // 60 % 60, left % 60
    clock = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{(pages_now - pages) / took:.0f} pages/s, {clock} left "
