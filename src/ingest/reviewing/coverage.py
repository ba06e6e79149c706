"""Why a figure is missing: what a report does say where it states no figure of an indicator.

A label may stand without a figure because the outcome is told in words, because the form was left
blank, because there is nothing to report (无), or because the figure was not taken. Each of these
is another thing to do, and none of them is nought.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from ingest.codebook.model import Codebook
from ingest.judging.agreement import is_year_figure, subject_of
from ingest.reading.index import lexicon_of, tighten
from ingest.reading.quantities import find
from ingest.records import (
    WHOLE_DEPARTMENT,
    Block,
    Document,
    Identity,
    Issue,
    Mention,
    Observation,
    Quantity,
    Refusal,
)
from ingest.reviewing.silence import (
    FITTING,
    NO_FIGURE,
    SILENT,
    Silence,
    around,
    could_be_figure,
    fits,
    marked,
    names,
    silences,
    where,
)

STATES = (
    "reported",
    "derived",
    "undefined",
    "target_only",
    "part_only",
    *SILENT,
    "unreadable",
    "not_mentioned",
)
"""What a report may have of an indicator; where several hold, the first does."""

_HEAD_ROWS = 2
"""How many rows a table's head is looked for in."""

_SHOWN = 3
"""How many passages an issue quotes of many."""


@dataclass(frozen=True)
class Coverage:
    """What a report has of an indicator for its year, and the place and reason where it has none."""

    document: str
    county_code: str
    county: str
    year: int | None
    family: str
    indicator: str
    state: str
    page: int | None = None
    quote: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Gap:
    """A label without a figure ("label") or a figure that nobody claims ("figure"), and where."""

    kind: str
    start: int
    end: int
    quote: str
    indicator: str
    state: str


# --- what each report has of each indicator ------------------------------------------------------


def states(
    document: str,
    identity: Identity,
    readable: bool,
    blank_pages: int,
    mentions: Iterable[Mention],
    silent: Iterable[Silence],
    observations: Iterable[Observation],
    codebook: Codebook,
) -> tuple[Coverage, ...]:
    """What one report has of every indicator of the four families, in the codebook's order.

    Comes in: a report's name, whose it is, whether it could be read and how many of its pages could
    not, what was read from it, and the observations that rest on it. Only its own year and the
    department as a whole count (in a report about one project, the project).
    """
    of_indicator: dict[str, list[Mention]] = {}
    for mention in mentions:
        of_indicator.setdefault(mention.indicator, []).append(mention)
    found: dict[str, set[str]] = {}
    for observation in observations:
        own = observation.subject == WHOLE_DEPARTMENT or _of_a_project(identity)
        if own and observation.year == identity.year and observation.scenario == "actual":
            state = observation.status if observation.status in STATES else "reported"
            found.setdefault(observation.indicator, set()).add(state)
    named = {silence.indicator: silence for silence in silent}
    rows = []
    for indicator in codebook.indicators.values():
        if not codebook.expected(indicator.indicator):
            continue
        name = indicator.indicator
        stated = of_indicator.get(name, [])
        state, silence = _state(found.get(name, set()), stated, identity, named.get(name))
        page, quote, reason = None, "", ""
        if not readable or (state == "not_mentioned" and blank_pages):
            state = "unreadable"
            reason = f"{blank_pages} page(s) without text" if readable else "the whole file"
        elif silence is not None:
            page, quote, reason = silence.page, silence.quote, silence.reason
        elif state in ("target_only", "part_only", "refused"):
            own_year = [m for m in stated if m.year == identity.year]
            shown = next((m for m in own_year if _why(m)), own_year[0])
            page, quote = shown.page, " ".join(shown.quote.split())
            reason = _why(shown) or "dropped by a correction"
        rows.append(
            Coverage(
                document=document,
                county_code=identity.county_code,
                county=identity.county,
                year=identity.year,
                family=indicator.family,
                indicator=name,
                state=state,
                page=page,
                quote=quote,
                reason=reason,
            )
        )
    return tuple(rows)


def of_reports(
    identities: Mapping[str, Identity],
    blank_pages: Mapping[str, int | None],
    mentions: Iterable[Mention],
    silences: Mapping[str, Iterable[Silence]],
    observations: Iterable[Observation],
    codebook: Codebook,
) -> list[Coverage]:
    """What each of some reports has of every indicator, one report after the other.

    Comes in, by document: whose it is, how many pages could not be read (None: the whole file), and
    where it is silent; and what was read from all of them, and the observations that came of it.
    """
    of_document: dict[str, list[Mention]] = {}
    where: dict[str, str] = {}
    for mention in mentions:
        of_document.setdefault(mention.document, []).append(mention)
        where[mention.mention_id] = mention.document
    resting: dict[str, list[Observation]] = {}
    for observation in observations:
        on = (where[name] for name in observation.mention_ids)
        for document in dict.fromkeys((observation.document, *on)):
            resting.setdefault(document, []).append(observation)
    rows: list[Coverage] = []
    for document, identity in identities.items():
        blank = blank_pages[document]
        rows += states(
            document,
            identity,
            blank is not None,
            blank or 0,
            of_document.get(document, ()),
            silences[document],
            resting.get(document, ()),
            codebook,
        )
    return rows


def _of_a_project(identity: Identity) -> bool:
    return identity.report_type == "project_self_evaluation"


def _state(
    found: set[str], stated: Sequence[Mention], identity: Identity, silence: Silence | None
) -> tuple[str, Silence | None]:
    """The state of one indicator, and the silence that explains it where there is no figure."""
    for state in STATES:
        if state in found:
            return state, None
    own = [m for m in stated if m.year == identity.year]
    if any(m.scenario != "actual" and subject_of(m) == WHOLE_DEPARTMENT for m in own):
        return "target_only", None
    if any(not is_year_figure(m) or not _why(m) for m in own):
        return "refused", None
    if own:
        return "part_only", None
    if silence is not None:
        return silence.state, silence
    return "not_mentioned", None


def _why(mention: Mention) -> str:
    """Why a figure is not the department's outcome of its year, "" if it is."""
    if not is_year_figure(mention):
        return f"covers only {mention.period}"
    if subject_of(mention) != WHOLE_DEPARTMENT:
        return f"of {mention.subject} only"
    return f"{mention.scenario} only" if mention.scenario != "actual" else ""


# --- figures that were not taken -----------------------------------------------------------------


@dataclass(frozen=True)
class Untaken:
    """A figure beside a label of the four families that no mention states.

    `indicator` is the one whose label stands beside it and whose unit it could have; `reason` says
    why it was refused, "" if no stage accounts for it.
    """

    start: int
    end: int
    indicator: str
    reason: str


def untaken(
    document: Document,
    mentions: Iterable[Mention],
    refusals: Iterable[Refusal],
    codebook: Codebook,
) -> tuple[Untaken, ...]:
    """Every figure of the four families that was found and is no mention, in text order.

    In prose, every figure counts whose unit fits a label of its sentence; in a table, a label of
    its row, or of the head if the figure was refused, with or without a unit; and everywhere what
    was refused to an indicator of the four families.
    """
    taken = _Spans((m.start, m.end, "") for m in mentions)
    figures = [r for r in refusals if r.reason != NO_FIGURE]
    refused = _Spans((r.start, r.end, r.reason) for r in figures)
    found = []
    for block in document.blocks:
        lines = _lines(document, block)
        table = block.kind == "table"
        head = [piece for line in lines[:_HEAD_ROWS] for piece in line] if table else []
        named_by_head = _Names(document, head, codebook)
        for line in lines:
            near = (_Names(document, line, codebook), *((named_by_head,) if table else ()))
            for one in _beside(document, line, near, taken, refused, codebook):
                found.append(replace(one, reason=one.reason or _unread(block)))
    known = {(one.start, one.end) for one in found}
    for refusal in figures:
        if could_be_figure(refusal, codebook) and (refusal.start, refusal.end) not in known:
            found.append(Untaken(refusal.start, refusal.end, refusal.indicator, refusal.reason))
    return tuple(sorted(found, key=lambda one: (one.start, one.end, one.indicator)))


def _unread(block: Block) -> str:
    """Why no stage looks at the figures of a block, "" if one should have."""
    title = block.kind == "heading" and block.level <= 1
    return "it stands in a title, and titles are not read for figures" if title else ""


class _Spans:
    """Spans of a document by place, each with a word."""

    def __init__(self, spans: Iterable[tuple[int, int, str]]) -> None:
        self.spans = sorted(spans)
        self.longest = max((end - start for start, end, _ in self.spans), default=0)

    def at(self, start: int, end: int) -> str | None:
        """The word of the first span that overlaps, None if none does."""
        at = bisect_left(self.spans, (start - self.longest, 0, ""))
        while at < len(self.spans) and self.spans[at][0] < end:
            if start < self.spans[at][1]:
                return self.spans[at][2]
            at += 1
        return None


def _lines(document: Document, block: Block) -> list[list[tuple[int, int]]]:
    """The sentences of a paragraph, or the rows of a table with their cells, as spans."""
    if block.kind == "table":
        rows: dict[int, list[tuple[int, int]]] = {}
        for cell in block.cells:
            rows.setdefault(cell.row, []).append((cell.start, cell.end))
        return list(rows.values())
    spans, start = [], block.start
    for match in re.finditer(r"。|$", document.text[block.start : block.end]):
        spans.append([(start, block.start + match.end())])
        start = block.start + match.end()
    return [span for span in spans if span[0][0] < span[0][1]]


class _Names:
    """The indicators that some pieces of a document name; looked for only when asked."""

    def __init__(
        self, document: Document, pieces: Iterable[tuple[int, int]], codebook: Codebook
    ) -> None:
        self._text = document.text
        self._pieces = pieces
        self._definitions = codebook

    @cached_property
    def indicators(self) -> list[str]:
        lexicon = lexicon_of(self._definitions)
        return [
            name
            for start, end in self._pieces
            for name in names(tighten(self._text, start, end).text, lexicon)
        ]


def _beside(
    document: Document,
    line: Sequence[tuple[int, int]],
    near: Sequence[_Names],
    taken: _Spans,
    refused: _Spans,
    codebook: Codebook,
) -> Iterator[Untaken]:
    """The figures of a sentence or row that no mention takes and that a label near them fits.

    `near` is what the sentence or row names, and after it what the head of the table does.
    """
    for quantity, start, end in _left(document, line, taken):
        reason = refused.at(start, end)
        bare = reason is not None and quantity.kind == "bare" and len(near) > 1
        if not (bare or quantity.kind in FITTING):
            continue
        named = chain.from_iterable(
            n.indicators for n in (near if reason is not None else near[:1])
        )
        indicator = next((n for n in named if bare or fits(quantity, n, codebook)), "")
        if indicator:
            yield Untaken(start, end, indicator, reason or "")


def _left(
    document: Document, line: Sequence[tuple[int, int]], taken: _Spans
) -> Iterator[tuple[Quantity, int, int]]:
    """The quantities of a sentence or row that no mention takes, with their places."""
    for passage in (tighten(document.text, start, end) for start, end in line):
        for quantity in find(passage.text) if passage.text else ():
            start, end = passage.span(quantity.start, quantity.end)
            factor = passage.text[: quantity.start].endswith(("×", "*"))  # (B/A×100%)
            if not factor and taken.at(start, end) is None:
                yield quantity, start, end


# --- for issues.csv and `ingest check --coverage` ------------------------------------------------


def issues(
    document: Document,
    silent: Iterable[Silence],
    mentions: Iterable[Mention],
    refusals: Iterable[Refusal],
    codebook: Codebook,
) -> tuple[Issue, ...]:
    """What a report tells in words, and its figures that were not taken: an issue a kind of each.

    One issue (kind qualitative) for each indicator told in words, one (kind untaken) for each
    reason why figures were refused, and one (kind unaccounted) for figures that no stage speaks of.
    """
    told: dict[str, list[Silence]] = {}
    for silence in silent:
        if silence.state == "qualitative":
            told.setdefault(silence.indicator, []).append(silence)
    mentions = tuple(mentions)
    stated = {mention.indicator for mention in mentions}
    found = [
        _in_words(document, told[name], name in stated, codebook)
        for name in codebook.indicators
        if name in told
    ]
    reasons: dict[str, list[Untaken]] = {}
    for one in untaken(document, mentions, refusals, codebook):
        reasons.setdefault(_general(one.reason), []).append(one)
    found += [_not_taken(document, reason, reasons[reason]) for reason in sorted(reasons)]
    return tuple(found)


def no_figure(document: Document) -> Issue:
    """What is said of a report in which no figure of any indicator was found."""
    name = document.source.document
    return Issue(
        name,
        "warning",
        "no_figure",
        "the whole text",
        f"no figure of any indicator was found in {len(document.text)} characters",
        f"look whether the file is a report; if it is, see what was refused with `ingest explain {name}`",
    )


def _in_words(
    document: Document, places: Sequence[Silence], stated: bool, codebook: Codebook
) -> Issue:
    indicator = places[0].indicator
    name = codebook.indicators[indicator].name_zh
    elsewhere = "; a figure stands elsewhere" if stated else ""
    return Issue(
        document.source.document,
        "info",
        "qualitative",
        _places(document, [place.start for place in places]),
        f"{indicator} {name} is told in words, not as a number{elsewhere}: "
        + _quotes([place.quote for place in places]),
        "quote the words if they are needed; they are not turned into a number",
    )


def _not_taken(document: Document, reason: str, figures: Sequence[Untaken]) -> Issue:
    count = "1 figure" if len(figures) == 1 else f"{len(figures)} figures"
    indicators = ", ".join(dict.fromkeys(one.indicator for one in figures))
    quotes = _quotes([marked(document, one.start, one.end) for one in figures])
    place = _places(document, [one.start for one in figures])
    name = document.source.document
    if not reason:
        return Issue(
            name,
            "warning",
            "unaccounted",
            place,
            f"{count} beside a label of {indicators} that no rule accounts for: {quotes}",
            "look whether they belong to the indicator; if so, add them to corrections.toml",
        )
    return Issue(
        name,
        "info",
        "untaken",
        place,
        f"{count} beside a label of {indicators} not taken ({reason}): {quotes}",
        f"see each with `ingest explain {name}`; add what is a figure to corrections.toml",
    )


def _general(reason: str) -> str:
    """A reason without the words and numbers of the single case, so that like cases go together.

    >>> _general("the unit does not fit '预算'"), _general("120.5 is above any believable value")
    ("the unit does not fit '…'", '… is above any believable value')
    """
    return re.sub(r"^-?\d[\d.]*", "…", re.sub(r"'.*'", "'…'", reason))


def _quotes(quotes: Sequence[str]) -> str:
    shown = list(dict.fromkeys(quotes))
    more = len(shown) - _SHOWN
    text = "; ".join(f"“{quote}”" for quote in shown[:_SHOWN])
    return f"{text}; and {more} more" if more > 0 else text


def _places(document: Document, starts: Sequence[int]) -> str:
    places = list(dict.fromkeys(where(document, start) for start in starts))
    more = len(places) - _SHOWN
    return ", ".join(places[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def gaps(
    document: Document,
    mentions: Iterable[Mention],
    refusals: Iterable[Refusal],
    codebook: Codebook,
) -> tuple[Gap, ...]:
    """Labels of the four families without a figure, and figures near one that nothing accounts for.

    A figure is accounted for when it stands in a mention or in a refusal.
    """
    refused = tuple(refusals)
    found = [
        Gap("label", s.start, s.end, s.quote, s.indicator, s.state)
        for s in silences(document, refused, codebook)
        if s.state != "refused"
    ]
    found += [
        Gap("figure", u.start, u.end, around(document, u.start, u.end), u.indicator, "")
        for u in untaken(document, mentions, refused, codebook)
        if not u.reason
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda g: (g.start, g.end, g.kind, g.indicator)))
