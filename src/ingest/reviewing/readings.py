"""The readings that are open for a figure marked for review: the one taken, and the other one."""

from __future__ import annotations

from ingest.printed import STEP, plain
from ingest.reading.quantities import find
from ingest.records import RESTATED, UNSAID, Mention


def open_readings(mention: Mention) -> tuple[str, ...]:
    """The readings of a mention marked for review, the one taken first; empty where none is open.

    A bound may be a result or a goal; an amount without a unit may be in 元; of what an engine read
    off a picture the picture itself is the other reading.
    """
    if not mention.review:
        return ()
    value = f"{mention.comparator} {plain(mention.value)} {mention.unit}"
    taken = f"{value}, {mention.scenario}"
    bound = mention.comparator not in ("=", "~")
    others = []
    if bound and dict(mention.settled).get("scenario") in (UNSAID, RESTATED):
        other = "target" if mention.scenario == "actual" else "actual"
        others.append(f"{value}, {other}")
    if mention.unit == "万元" and {q.kind for q in find(mention.printed)} == {"bare"}:
        in_yuan = (mention.value / STEP).normalize()
        others.append(
            f"{mention.comparator} {plain(in_yuan)} {mention.unit}, {mention.scenario} "
            f"({mention.printed} taken as 元)"
        )
    return (taken, *(others or ("what the passage in the report shows",)))
