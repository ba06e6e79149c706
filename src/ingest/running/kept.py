"""What is kept of each report for the next run, and what it follows from.

Two levels: the document that a reader made of a file, which changes with the code of the readers,
and the extract, which changes with all code, the codebook, and the line of sources.csv.
"""

from __future__ import annotations

from ingest.codebook.model import Codebook
from ingest.identifying.by_hand import Overrides
from ingest.records import Source
from ingest.running import cache
from ingest.running.settings import Running


def stamp(codebook: Codebook) -> str:
    """The fingerprint of all that makes mentions of a file."""
    told = cache.encode(codebook).decode("utf-8", "backslashreplace")
    return cache.stamp(cache.reading_stamp(), cache.code_stamp(), told)


def stamp_of(stamp: str, source: Source, overrides: Overrides) -> str:
    """The fingerprint of all that makes an extract of this file; `stamp` is that of all files."""
    return cache.stamp(stamp, sorted(overrides.get(source.document, {}).items()))


def extract(running: Running, source: Source, stamp: str) -> bytes | None:
    """The extract of this file that a former run kept under this stamp, if there is one."""
    return _get(running, "extracts", source, stamp)


def document(running: Running, source: Source) -> bytes | None:
    """The document that a former run made of this file, if the readers are still the same."""
    return _get(running, "documents", source, cache.reading_stamp())


def _get(running: Running, level: str, source: Source, stamp: str) -> bytes | None:
    if running.cache is None or running.fresh:
        return None
    return cache.get(running.cache, level, entry(source), stamp)


def keep(
    running: Running, source: Source, document: bytes | None, extract: bytes, stamp: str
) -> None:
    """Keeps the extract of a file under this stamp, and the document where it was made anew.

    Raises OSError if the cache cannot be written.
    """
    if running.cache is None:
        return
    if document is not None:
        reading = cache.reading_stamp()
        cache.put(running.cache, "documents", entry(source), reading, document)
    cache.put(running.cache, "extracts", entry(source), stamp, extract)


def entry(source: Source) -> str:
    """The name under which a file is kept. Its own name is in it: readers put it into issues."""
    return f"{source.sha256} {source.document}"
