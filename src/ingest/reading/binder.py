"""Gives every figure of a sentence the label of the best construction.

Each construction of the codebook that fits the sentence proposes a reading of a figure: a label for
it, the label of the figure before, a list dealt out, or a reason why it is none of ours. The rank of
the construction and what stands unknown between label and figure add up to its cost; the proposal of
the lowest cost that holds (indicator, unit, group) is taken, and the others are kept as losers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ingest.codebook.model import Construction
from ingest.reading import dealing, meaning
from ingest.reading.facts import Given, Proposal, add, fitted
from ingest.reading.index import Figure
from ingest.reading.scopes import YEAR
from ingest.reading.state import BOUNDS, UNSAID, Fact, Loser, Reading, Refused, in_brackets
from ingest.reading.words import Span
from ingest.records import WHOLE_DEPARTMENT

Captured = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Candidate:
    """A construction that fits at a figure: its cost, and the spans it captured by name."""

    cost: int
    construction: Construction
    captured: Captured
    figure: Figure
    unknown: int

    def span(self, reading: Reading, name: str) -> Span | None:
        """The first tile captured under a name."""
        if name not in self.captured:
            return None
        return reading.sentence.tiles[self.captured[name][0]]

    def label(self, reading: Reading) -> Span | None:
        """The label captured, with the indicator it stands for."""
        tile = self.span(reading, "label")
        if tile is None:
            return None
        named = (t for t in reading.sentence.labels if t.start == tile.start)
        return next(named, tile._replace(type="generic"))


def bind(reading: Reading) -> None:
    """Reads a sentence: its facts, refusals and losers are in `reading.state` afterwards."""
    candidates = _candidates(reading)
    done: set[int] = set()
    for number, figure in enumerate(reading.sentence.figures):
        if number not in done and _may_be_taken(reading, figure):
            dealt = dealing.deal_out(reading, number)
            done.update(range(number, number + dealt))
            if not dealt:
                _take(reading, figure, candidates.get(figure.quantity.start, []))
        reading.state.figure = figure
    for token in reading.sentence.labels:
        if (
            token.type in ("label", "ratio", "rate_of_topic")
            and token.start not in reading.state.used
        ):
            reading.state.refused.append(
                Refused(token.start, token.end, token.value, "label without a figure")
            )


def _candidates(reading: Reading) -> dict[int, list[Candidate]]:
    """What the constructions propose for each figure, by its start, the cheapest first."""
    figures = {f.tile: f for f in reading.sentence.figures if _may_be_taken(reading, f)}
    found: dict[int, list[Candidate]] = {}
    if not figures:
        return found
    tiles = reading.sentence.tiles
    places = [n for n, t in enumerate(tiles) if t.type == "figure" and t.start in figures]
    present = frozenset(reading.sentence.string)
    for ready in reading.lexicon.constructions:
        for captured in ready.matches(reading.sentence.string, places, present):
            figure = figures.get(tiles[captured["figure"][0]].start)
            if figure is not None:
                cost, unknown = _cost(reading, ready.construction, captured)
                found.setdefault(figure.quantity.start, []).append(
                    Candidate(cost, ready.construction, captured, figure, unknown)
                )
    for proposed in found.values():
        proposed.sort(key=lambda c: (c.cost, -c.captured["whole"][0]))
    return found


def _cost(reading: Reading, construction: Construction, captured: Captured) -> tuple[int, int]:
    """The rank and what the tiles passed over add to it; how many characters are unknown."""
    costs = reading.book.words["costs"]
    named = {place for name, span in captured.items() if name != "whole" for place in range(*span)}
    cost, unknown = construction.rank, 0
    for place in range(*captured["whole"]):
        tile = reading.sentence.tiles[place]
        if place in named:
            continue
        if tile.type == "unknown":
            unknown += tile.end - tile.start
            cost += costs["unknown"] * (tile.end - tile.start)
        else:
            cost += costs.get(f"{tile.type}.{tile.value}", costs.get(tile.type, 0))
    return cost, unknown


def _take(reading: Reading, figure: Figure, candidates: list[Candidate]) -> None:
    _announce(reading, figure)
    if re.fullmatch(reading.book.words["sentences"]["broken"], reading.text[figure.quantity.end :]):
        _refuse(reading, figure, "the text breaks off in the middle of the figure")
        return
    reasons: list[tuple[Candidate, str]] = []
    for candidate in candidates:
        if candidate.construction.refuses:
            _refuse(reading, figure, candidate.construction.refuses, candidate.construction.id)
            return
        if candidate.construction.binds == _SECOND_NAME:
            continue
        reason = _BINDS[candidate.construction.binds](reading, candidate)
        if not reason:
            _lost(reading, figure, reasons)
            _second_names(reading, candidates)
            return
        reasons.append((candidate, reason))
    _lost(reading, figure, reasons)
    indicator = ""
    if reasons:
        label = reasons[0][0].label(reading)
        indicator = (
            label.value if label is not None and label.value in reading.book.indicators else ""
        )
    _remember_owner(reading, figure)
    _refuse(reading, figure, reasons[0][1] if reasons else "no label", "", indicator)


def _may_be_taken(reading: Reading, figure: Figure) -> bool:
    """Whether a figure is of a kind that some indicator has: no percentage points, no 册 or 项.

    A count in units of its own (编制6个) asks for a label in its sentence.
    """
    if figure.kind == "other":
        return bool(reading.sentence.labels) and _countable(reading, figure)
    return figure.kind != "points"


def _countable(reading: Reading, figure: Figure) -> bool:
    return figure.quantity.unit in reading.book.words["other_units"]


def _lost(reading: Reading, figure: Figure, reasons: list[tuple[Candidate, str]]) -> None:
    for candidate, reason in reasons:
        label = candidate.label(reading)
        reading.state.losers.append(
            Loser(
                figure.quantity.start,
                candidate.construction.id,
                label.text if label else "",
                candidate.cost,
                reason,
            )
        )


def _refuse(
    reading: Reading, figure: Figure, reason: str, rule: str = "", indicator: str = ""
) -> None:
    if indicator:
        reading.state.fact = None
    quantity = figure.quantity
    reading.state.refused.append(Refused(quantity.start, quantity.end, indicator, reason, rule))


def _announce(reading: Reading, figure: Figure) -> None:
    """「三公经费:」 announces the topic of what follows."""
    left = reading.left_of(figure)
    for token in reading.sentence.labels:
        behind = reading.text[token.end :]
        if left <= token.start < figure.begin and token.type == "label":
            closed = behind.partition(")")[2] if behind.startswith("(") else behind
            if closed.startswith(":"):
                meaning.remember_topic(reading, token.value, token.start)


# --- what a construction binds -------------------------------------------------------------------


def _asked(reading: Reading, construction: Construction, indicator: str) -> bool:
    """Whether an indicator is what the construction asks for."""
    asks, entry = construction.asks, reading.entry(indicator)
    for name in ("kind", "role", "family", "counts"):
        if name in asks and getattr(entry, name) not in (
            [asks[name]] if isinstance(asks[name], str) else asks[name]
        ):
            return False
    return True


def _given(candidate: Candidate) -> Given:
    sets = candidate.construction.sets
    limit = candidate.unknown
    review = f"{limit} characters that nobody knows stand between label and figure" if limit else ""
    return Given(scenario=sets.get("scenario", ""), review=review)


def _bind_label(reading: Reading, candidate: Candidate) -> str:
    label, figure = candidate.label(reading), candidate.figure
    assert label is not None
    left = (
        min(reading.left_of(figure), label.start)
        if label.start >= figure.end
        else reading.left_of(figure)
    )
    if label.start < left or label.start in reading.state.closed:
        return "another figure has the label"
    reading.state.used.add(label.start)
    if label.type == "not_label":
        if figure.kind != "amount" or reading.entry(label.value).kind == "amount":
            reading.state.topic = reading.scope.topic
        return f"'{label.text}' only looks like a label"
    longer = _longer_name(reading, candidate, label)
    if longer:
        return longer
    indicator = meaning.indicator_named(reading, label, left, figure)
    if not indicator:
        return f"'{label.text}' names no known figure here"
    if not _asked(reading, candidate.construction, indicator):
        return f"'{label.text}' is none that '{candidate.construction.id}' asks for"
    given = _given(candidate)
    if candidate.construction.sets.get("year") == "starting":
        others = [f.year for f in reading.state.facts if f.year and f.year != reading.scope.year]
        if not others:
            return "the value it starts from, of a year not stated"
        given = replace(given, year=others[0])
    reason = add(
        reading, Proposal(figure, label, indicator, left, candidate.construction.id, given)
    )
    if reason:
        meaning.remember_topic(reading, indicator, figure.begin)
    else:
        _share_out(reading, figure, label, left)
        _close_behind(reading, figure, indicator)
    return reason


def _close_behind(reading: Reading, figure: Figure, indicator: str) -> None:
    """「资助21193名困难群众参保,其中…」: the 参保 behind the figure belongs to it."""
    if reading.role(indicator) not in ("insured", "subsidised"):
        return
    label = next((t for t in reading.sentence.labels if t.start >= figure.end), None)
    if label is None or reading.role(label.value) not in ("insured", "subsidised"):
        return
    between = reading.tiles(figure.end, label.start)
    if all(t.type not in ("mark", "and", "figure", "unknown", "label") for t in between):
        reading.state.used.add(label.start)
        reading.state.closed.add(label.start)


def _longer_name(reading: Reading, candidate: Candidate, label: Span) -> str:
    """Why a label with unknown words behind it is only the head of a longer name, "" if it is not.

    医保征缴工作经费20万元 is a cost, 参保人员受益率98% a rate of something else.
    """
    if not candidate.unknown:
        return ""
    endings = reading.book.words["nouns"].get(candidate.figure.kind, ())
    gap = reading.text[label.end : candidate.figure.begin]
    leads = sorted(reading.book.words["nouns"]["led_by"], key=len, reverse=True)
    while gap:
        lead = next((w for w in leads if gap.endswith(w)), "")
        if not lead:
            break
        gap = gap[: -len(lead)]
    if gap.endswith(tuple(endings)):
        return f"'{label.text}' is only the head of the longer name '{label.text}{gap}'"
    return ""


def _share_out(reading: Reading, figure: Figure, label: Span, left: int) -> None:
    """「甲参保率、乙参保率均为100%」: the labels listed before share the figure."""
    if not reading.has(label.end, figure.begin, "all", "link.all"):
        return
    end, clause = label.start, reading.clause_start(label.start, left)
    for token in reversed(reading.sentence.labels):
        if token.start < clause or token.end > end or token.type not in ("label", "ratio"):
            continue
        between = reading.tiles(token.end, end)
        if not between or between[0].type != "and":
            return
        joined = [t.end for t in reading.tiles(clause, token.start) if t.type == "and"]
        lead = joined[-1] if joined else clause
        indicator = meaning.indicator_named(reading, token, lead, figure)
        if indicator and fitted(reading, indicator, figure, token) is not None:
            reading.state.used.add(token.start)
            near = replace(figure, begin=token.end)
            add(reading, Proposal(near, token, indicator, lead, "list-sharing-one-figure"))
        end = token.start


def _bind_after(reading: Reading, candidate: Candidate) -> str:
    """The label stands behind the figure; it must not have a figure of its own."""
    label, figure = candidate.label(reading), candidate.figure
    assert label is not None
    if label.type == "not_label":
        return f"'{label.text}' only looks like a label"
    following = next((f for f in reading.sentence.figures if f.begin >= label.end), None)
    if (
        following is not None and fitted(reading, label.value, following, label) is not None
        if label.value
        else following is not None
    ):
        assert following is not None
        between = reading.tiles(label.end, following.begin)
        apart = any(t.type == "mark" and t.value in ("comma", "semicolon", "stop") for t in between)
        if not apart and meaning.only_soft(reading, label.end, following.begin):
            return f"'{label.text}' has a figure of its own"
    left = reading.left_of(figure)
    wanted = candidate.construction.asks.get("label")
    if wanted and reading.role(label.value) != wanted:
        return f"'{label.text}' is none that '{candidate.construction.id}' asks for"
    if any(s.value == "goal" for s in reading.index.said(label.start, label.end)):
        return f"'{label.text}' is a goal"
    if meaning.ends_with_change(reading, figure.begin):
        return "a change, not a level"
    if _goes_on_paying(reading, figure):
        return "the last of a list of those paid for"
    indicator = (
        meaning.ratio_named(reading, label, figure.end) if label.type == "ratio" else label.value
    )
    indicator = _role_set(reading, candidate) or indicator
    if not indicator or not _asked(reading, candidate.construction, indicator):
        return f"'{label.text}' names no known figure here"
    years = [m.group(1) for m in YEAR.finditer(reading.text, figure.end, label.start)]
    # 「268413人完成2025年度居民医保缴费」: the year that they are insured for.
    given = replace(_given(candidate), year=int(years[-1]) if years else None)
    reason = add(
        reading, Proposal(figure, label, indicator, left, candidate.construction.id, given)
    )
    if not reason:
        reading.state.used.add(label.start)
        reading.state.closed.add(label.start)
    return reason


def _goes_on_paying(reading: Reading, figure: Figure) -> bool:
    """「资助特困918人、脱贫户及其他对象2108人参保」: the last of a list of those paid for."""
    held = reading.state.fact
    if held is None or reading.role(held.indicator) != "subsidised":
        return False
    between = reading.tiles(held.end, figure.begin)
    return bool(between) and between[0].type == "and" and all(t.type != "mark" for t in between)


def _role_set(reading: Reading, candidate: Candidate) -> str:
    return reading.book.of_role(candidate.construction.sets.get("role", ""))


def _bind_carry(reading: Reading, candidate: Candidate) -> str:
    """The figure takes the label of the one before; what stands between tells how it differs."""
    figure, state = candidate.figure, reading.state
    held = _held(reading, candidate)
    if held is None or state.label is None:
        return "no figure before it whose label it could share"
    left = reading.left_of(figure)
    if any(
        g.value == "other"
        for g in reading.index.groups(left, figure.begin, reading.entry(held.indicator).counts)
    ):
        return "a group without an id"
    before = [f for f in reading.sentence.figures if f.end <= figure.begin]
    if (
        candidate.construction.sets.get("held") == "near"
        and before
        and before[-1].quantity.start != held.at
    ):
        return "the figure before it is another's"
    if fitted(reading, held.indicator, figure, state.label) is None:
        return "its unit is not that of the figure before"
    reason = add(
        reading,
        Proposal(
            figure, state.label, held.indicator, left, candidate.construction.id, _given(candidate)
        ),
    )
    if not reason:
        _bound_was_goal(reading, held)
        _own_predicate(reading, figure)
    return reason


def _held(reading: Reading, candidate: Candidate) -> Fact | None:
    """The fact whose label is carried on: the last one, or where the sentence compares with another
    year or opens a list, the first of this figure's kind."""
    state, figure = reading.state, candidate.figure
    kinds = {"percent": "rate", "range": "rate", "visits": "count"}
    kind = kinds.get(figure.kind, figure.kind)

    def same(fact: Fact) -> bool:
        return reading.entry(fact.indicator).kind == kind or figure.kind == "bare"

    held = state.fact
    closed = reading.text[reading.left_of(figure) : figure.begin].startswith(")")
    if held is not None and closed and in_brackets(reading.text, held.start):
        # Brackets that are closed hand nothing on.
        outside = [f for f in state.facts if same(f) and not in_brackets(reading.text, f.start)]
        held = outside[-1] if outside else None
    how = candidate.construction.sets.get("held", "last")
    if how not in ("last", "near") and (held is None or not same(held)):
        earlier = [
            f
            for f in (*state.earlier, *state.facts)
            if same(f) and not in_brackets(reading.text, f.start)
        ]
        held = earlier[-1] if earlier else held
    if how == "first" and held is not None:
        # What is compared is the first figure of its kind, not the budget named on the way.
        part = reading.part_start(figure.begin)
        alike = [f for f in state.facts if f.start >= part and same(f) and f.year == held.year]
        held = alike[0] if alike else held
    return held


def _bound_was_goal(reading: Reading, held: Fact) -> None:
    """「控制在100%以内,实际为83.3%」: a bound before an outspoken actual was the goal."""
    added = reading.state.fact
    silent = dict(held.settled).get("scenario") == UNSAID
    if added is None or held.comparator not in BOUNDS or not silent:
        return
    outspoken = added.scenario == "actual" and dict(added.settled).get("scenario") not in (
        UNSAID,
        "as the figure before",
    )
    if outspoken and held in reading.state.facts:
        place = reading.state.facts.index(held)
        reading.state.facts[place] = replace(held, scenario="target", review="")


def _own_predicate(reading: Reading, figure: Figure) -> None:
    """「其中建档立卡人口149627人全部参保,」: the part becomes what the sentence is about."""
    added = reading.state.fact
    behind = [t for t in reading.sentence.tiles if t.start >= figure.end][:3]
    if added and any(t.type == "grant" and t.value == "enrolled" for t in behind):
        reading.state.groups = (added.population,)


def _bind_role(reading: Reading, candidate: Candidate) -> str:
    """No label at all: the construction itself says which part the figure plays."""
    indicator = _role_set(reading, candidate)
    if not indicator:
        return "the codebook has no indicator for it"
    figure, sets = candidate.figure, candidate.construction.sets
    left = reading.left_of(figure)
    word = candidate.span(reading, "word") or Span(figure.begin, figure.begin, "label", "", "")
    label = Span(word.start, word.end, "label", indicator, word.text)
    given = _given(candidate)
    if "group" in candidate.captured:
        group = _group(reading, candidate, indicator)
        if group is None:
            return "a group without an id"
        given = replace(given, population=group)
    if sets.get("year") == "report":
        given = replace(given, year=reading.scope.year)
    after = candidate.construction.asks.get("after")
    if after:
        counted = [f for f in reading.state.facts if reading.role(f.indicator) == after]
        if not counted and reading.role(reading.scope.topic) != after:
            return "nothing that it could be a share of was counted before"
        if counted:
            given = replace(given, population=counted[-1].population, year=counted[-1].year)
    refused = _not_own(reading, candidate, indicator)
    if refused:
        return refused
    wanted = candidate.construction.asks.get("word_role")
    named = next((t for t in reading.sentence.labels if t.start == word.start), None)
    if wanted and named is not None and reading.role(named.value) != wanted:
        return f"'{word.text}' is none that '{candidate.construction.id}' asks for"
    if candidate.construction.asks.get("word") and not _is_balance(reading, word):
        return f"'{word.text}' is no balance carried over"
    reading.state.used.add(word.start)
    reading.state.closed.add(word.start)
    return add(reading, Proposal(figure, label, indicator, left, candidate.construction.id, given))


def _is_balance(reading: Reading, word: Span) -> bool:
    """Whether a word behind what is left says that it is carried over."""
    named = next((t for t in reading.sentence.labels if t.start == word.start), None)
    if named is None:
        return True
    return named.text in reading.book.words["names"]["carried"]


def _not_own(reading: Reading, candidate: Candidate, indicator: str) -> str:
    """Money of a fund or of one project is not the department's."""
    entry, scope = reading.entry(indicator), reading.scope
    if entry.kind != "amount":
        return ""
    said = reading.text[reading.sentence.start : candidate.figure.begin]
    if scope.fund or any(w in said for w in reading.book.words["names"]["fund"]):
        return "money of a fund"
    if reading.state.subject and not scope.project_report:
        return "money of a project"
    return ""


def _group(reading: Reading, candidate: Candidate, indicator: str) -> str | None:
    """The group captured; several together are the one that the indicator is of by default."""
    first, last = candidate.captured["group"]
    tiles = reading.sentence.tiles[first:last]
    named = reading.index.groups(tiles[0].start, tiles[-1].end, reading.entry(indicator).counts)
    known = {t.value for t in named if t.value in reading.lexicon.group_ids}
    if not known or named[-1].value not in reading.lexicon.group_ids:
        return None
    if len(known) == 1 or reading.entry(indicator).population == "all":
        return named[-1].value
    return reading.entry(indicator).population


def _bind_budget_of_share(reading: Reading, candidate: Candidate) -> str:
    """「完成年初预算1320万元的112%」: the budget that is named inside its own share."""
    label, figure = candidate.label(reading), candidate.figure
    assert label is not None
    if reading.role(label.value) != "execution":
        return "not a share of the budget"
    amounts = [f for f in reading.state.facts if reading.entry(f.indicator).kind == "amount"]
    stated = (
        amounts[-1].indicator
        if reading.state.fact and amounts
        else reading.book.of_role("spending")
    )
    reading.state.used.add(label.start)
    return add(
        reading, Proposal(figure, label, stated, reading.left_of(figure), candidate.construction.id)
    )


def _bind_completion(reading: Reading, candidate: Candidate) -> str:
    """「…年初预算1320万元的112%」: the share of the budget just named."""
    label, figure = candidate.label(reading), candidate.figure
    assert label is not None
    indicator = meaning.completion_of(reading, label, label.start)
    if not indicator:
        return "a share of the budget of what is no indicator"
    given = Given(scenario="actual")
    return add(
        reading, Proposal(figure, label, indicator, label.start, candidate.construction.id, given)
    )


def _second_names(reading: Reading, candidates: list[Candidate]) -> None:
    """「本年收入263万元,均为一般公共预算财政拨款收入」: the same amount under a second name."""
    first = reading.state.fact
    second = next((c for c in candidates if c.construction.binds == _SECOND_NAME), None)
    label = second.label(reading) if second is not None else None
    if first is None or second is None or label is None or label.type != "label":
        return
    if reading.entry(label.value).kind != reading.entry(first.indicator).kind:
        return
    state = reading.state
    state.used.add(label.start)
    state.closed.add(label.start)
    about = state.topic, state.fact, state.label
    left = reading.left_of(second.figure)
    given = Given(scenario=first.scenario, year=first.year)
    add(reading, Proposal(second.figure, label, label.value, left, second.construction.id, given))
    # The sentence goes on about the whole.
    state.topic, state.fact, state.label = about


def _bind_waiting(reading: Reading, candidate: Candidate) -> str:
    """The level that a label waited for, behind how it changed."""
    label, figure = candidate.label(reading), candidate.figure
    assert label is not None
    if candidate.construction.sets.get("place") == "own":
        start = reading.clause_start(label.start, reading.sentence.start)
        indicator = (
            meaning.ratio_named(reading, label, start) if label.type == "ratio" else label.value
        )
    else:
        start = label.start
        indicator = meaning.indicator_named(reading, label, reading.sentence.start, figure)
    if not indicator:
        return f"'{label.text}' names no known figure here"
    reason = add(
        reading,
        Proposal(figure, label, indicator, start, candidate.construction.id, _given(candidate)),
    )
    if not reason:
        reading.state.used.add(label.start)
    return reason


def _bind_project(reading: Reading, candidate: Candidate) -> str:
    """A project listed under its total, or a fund named before its amount: the name is its label."""
    figure = candidate.figure
    left = reading.left_of(figure)
    start = max(
        [
            reading.clause_start(figure.begin, left),
            *(
                t.end
                for t in reading.tiles(left, figure.begin)
                if t.type in ("and", "part", "mark")
            ),
        ]
    )
    name = meaning.name_in(reading, reading.text[start : figure.begin])
    endings = (*reading.book.words["projects"]["endings"], *reading.book.words["projects"]["costs"])
    if (
        len(name) < 5
        or not name.endswith(endings)
        or name in reading.book.words["projects"]["no_name"]
    ):
        return "no name of a project stands before it"
    if any(t.type == "not_label" for t in reading.lexicon.labels(name)):
        return f"'{name}' is a kind of spending"
    indicator = reading.book.of_role("project_spending")
    held = [f for f in (*reading.state.earlier, *reading.state.facts) if f.indicator == indicator]
    sets = candidate.construction.sets
    if sets.get("under") == "total" and not _under_total(reading, figure, indicator):
        return "no total of projects stands before it"
    scenario = sets.get("scenario", "") or (held[0].scenario if held else "")
    reading.state.subject = name
    label = Span(figure.begin - len(name), figure.begin, "generic", "", name)
    return add(
        reading,
        Proposal(
            figure,
            label,
            indicator,
            label.start,
            candidate.construction.id,
            Given(scenario=scenario, subject=name),
        ),
    )


def _under_total(reading: Reading, figure: Figure, indicator: str) -> bool:
    """Whether a total of projects opened the list that the figure stands in."""
    if reading.scope.projects or _among(reading, figure):
        return True
    earlier = [f for f in reading.state.earlier if reading.entry(f.indicator).kind == "amount"]
    if earlier and earlier[-1].indicator == indicator:
        return True
    totals = [
        f for f in reading.state.facts if f.indicator == indicator and f.subject == WHOLE_DEPARTMENT
    ]
    opened = totals and reading.has(totals[-1].end, figure.begin, "each", "part.list", "part.with")
    return bool(opened)


def _among(reading: Reading, figure: Figure) -> bool:
    """「项目支出中,医疗救助资金5912万元」: a lead-in that opens a list of projects."""
    opens = tuple(reading.book.words["names"]["among"])
    return any(
        reading.role(t.value) == "project_spending" and reading.text.startswith(opens, t.end)
        for t in reading.sentence.labels
        if t.end <= figure.begin
    )


def _remember_owner(reading: Reading, figure: Figure) -> None:
    """「某项补助2714万元,执行率100%」: the rate is that of what the amount is of."""
    left = reading.left_of(figure)
    lead = reading.text[reading.clause_start(figure.begin, left) : figure.begin]
    following = [f.begin for f in reading.sentence.figures if f.begin >= figure.end]
    reach = following[0] if following else reading.sentence.end
    behind = [t for t in reading.sentence.labels if figure.end <= t.start < reach]
    rate = any(reading.role(t.value) == "execution" for t in behind)
    if figure.kind == "amount" and rate and meaning.subject_in(reading, lead):
        reading.state.stranger = figure.begin


_BINDS: Mapping[str, Callable[[Reading, Candidate], str]] = {
    "label": _bind_label,
    "after": _bind_after,
    "carry": _bind_carry,
    "role": _bind_role,
    "waiting": _bind_waiting,
    "budget-of-share": _bind_budget_of_share,
    "completion": _bind_completion,
    "project": _bind_project,
}
_SECOND_NAME = "second-name"
BINDS = (*_BINDS, _SECOND_NAME)
"""What a construction may bind."""
