"""A report that cannot be read costs itself alone: it becomes a report with one issue."""

from __future__ import annotations

import traceback
from pathlib import Path

from ingest.documents import readers
from ingest.records import Identity, Issue, Source
from ingest.running.reports import Report
from ingest.running.workers import Lost


def stopped(source: Source, error: Exception) -> Report:
    """The report of a file at which reading stopped with this error."""
    if isinstance(error, readers.UnreadableError):
        return _report(source, "unreadable", error.message, error.action)
    if isinstance(error, MemoryError):
        return _report(
            source,
            "memory_limit",
            "reading took more memory than a report may have and was given up",
            "give it more with --memory-limit, or take the file out of the raw folder",
        )
    at = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(at.filename).name}, line {at.lineno}"
    return _report(
        source,
        "fault",
        f"reading stopped with {type(error).__name__} at {place}",
        "this is a fault of the program: please report it together with the file",
    )


def lost(source: Source, how: Lost, seconds: float) -> Report:
    """The report of a file whose worker took longer than `seconds`, or died over it."""
    if how.why == "time_limit":
        message = f"reading took longer than {seconds:g} seconds and was given up"
        action = "give it more time with --time-limit, or take the file out of the raw folder"
    else:
        message = (
            "the process that read it ended without a word: memory ran out, or a library broke"
        )
        action = (
            "save the file anew with the program it was made with, or convert it to PDF; if it is "
            "large, give it more memory with --memory-limit"
        )
    return _report(source, how.why, message, action)


def _report(source: Source, kind: str, message: str, action: str) -> Report:
    issue = Issue(source.document, "error", kind, "the whole file", message, action)
    return Report(source, None, Identity(), issues=(issue,))
