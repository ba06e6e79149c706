"""Settles what a figure is about: scenario, year and period, basis.

Every word that tells one of these is a modifier with a direction and an extent, and words that end
it (as ConText does for clinical text: Harkema et al. 2009). Nearest wins within an extent; the
narrower extent wins over the wider: clause, list, sentence, section, document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ingest.reading.index import Figure
from ingest.reading.state import BOUNDS, BUDGETS, UNSAID, Fact, Reading, in_brackets
from ingest.reading.words import Span

YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=\D)")
_MARKS = re.compile("[,;:。]")
_OPENS = ("", ",", ":", "(")


def goal_behind(reading: Reading, figure: Figure) -> Span | None:
    """「…98%以上的目标要求」: the word right behind a figure that makes it a goal."""
    for tile in reading.sentence.tiles:
        if tile.start < figure.end or tile.start > figure.end + 9:
            continue
        if tile.type == "scenario" and tile.value == "goal":
            return tile
        if tile.type == "label":
            said = [
                s
                for s in reading.index.scenarios
                if tile.start <= s.start < tile.end and s.value == "goal"
            ]
            if said:
                return said[0]
            continue
        if tile.type in ("mark", "figure", "result", "link") and tile.value != "close":
            return None
        if tile.type == "scenario" and tile.value in ("spent", "done"):
            return None
    return None


def scenario_of(
    reading: Reading, indicator: str, label: Span, figure: Figure, left: int
) -> tuple[str, str]:
    """The scenario of a figure and the words that settled it."""
    kind = reading.entry(indicator).kind
    goal = goal_behind(reading, figure)
    if goal is not None and kind != "amount":
        return "target", goal.text
    region = left if label.start >= left else reading.sentence.start
    clause = reading.clause_start(min(label.start, figure.begin), region)
    if label.start < left:
        # 高于70%的目标;职工为86.4%: the goal was the figure's before.
        before = [f for f in reading.sentence.figures if f.end == left]
        goal = goal_behind(reading, before[0]) if before else None
        clause = min(goal.end, figure.begin) if goal is not None else left
    said = reading.index.said(clause, figure.begin)
    if kind == "amount":
        return _of_amount(reading, indicator, label, figure, left, said)
    return _of_count_or_rate(reading, indicator, label, figure, left, clause, said)


def _of_amount(
    reading: Reading, indicator: str, label: Span, figure: Figure, left: int, said: list[Span]
) -> tuple[str, str]:
    modifiers = reading.book.words["modifiers"]
    for span in reversed(said):
        rule = modifiers[span.value]
        if "amount" in rule.get("kinds", ("amount",)) and rule["scenario"] != "target":
            return rule["scenario"], span.text
    planned = next((s for s in said if s.value == "plan"), None)
    if planned is not None:
        return "target", planned.text
    if plans_next_year(reading, figure.begin):
        return "target", "planned for the next year"
    if _what_comes(reading):
        return "target", reading.text[reading.sentence.start : reading.sentence.start + 4]
    if label.start < left and reading.state.fact is not None:
        return reading.state.fact.scenario, "as the figure before"
    opened = _lead_in(reading, figure, left)
    if opened is not None:
        return modifiers[opened.value]["scenario"], opened.text
    whole = _of_whole(reading, indicator, figure) if label.type != "flow" else ""
    whole = whole or _listed_under(reading, figure.begin)
    if whole:
        return whole, "as its whole"
    scope = reading.scope
    if scope.scenario in (*BUDGETS, "actual"):
        return scope.scenario, scope.scenario_from
    if scope.scenario == "target":
        return "budget", scope.scenario_from
    return "actual", UNSAID


def _lead_in(reading: Reading, figure: Figure, left: int) -> Span | None:
    """「2023年三公经费预算中,出国费6万元,…」: a clause without a figure opens a list.

    What it says holds for the figures after it until a clause says otherwise.
    """
    text, start = reading.text, reading.part_start(figure.begin)
    first = next((f for f in reading.sentence.figures if f.begin >= start), None)
    if first is None or in_brackets(text, figure.begin):
        return None
    opening = reading.clause_start(first.begin, start)
    if opening <= start:
        return None
    modifiers = reading.book.words["modifiers"]
    said = [
        s
        for s in reading.index.said(start, opening)
        if "amount" in modifiers[s.value].get("kinds", ())
        and modifiers[s.value]["scenario"] != "target"
    ]
    later = [
        s
        for s in reading.index.said(opening, figure.begin)
        if "amount" in modifiers[s.value].get("kinds", ()) or s.value == "done"
    ]
    return said[-1] if said and not later else None


def _of_count_or_rate(
    reading: Reading,
    indicator: str,
    label: Span,
    figure: Figure,
    left: int,
    clause: int,
    said: list[Span],
) -> tuple[str, str]:
    scope, role = reading.scope, reading.role(indicator)
    if _set_by_policy(reading, indicator, label, figure):
        return "target", "a rule of the policy"
    own = _nearest(reading, said, clause, figure)
    if own and not (own[0] == "target" and role == "posts"):
        # Posts are granted, not aimed at: 「人员情况要求:编制42人」.
        return own
    if plans_next_year(reading, figure.begin):
        return "target", "planned for the next year"
    before = _fact_to_follow(reading, indicator, figure)
    done = [s for s in said if s.value == "spent"]
    if label.start < left and before is not None and before.scenario == "target" and done:
        # 「目标37.6万人,完成37.71万人」
        return "actual", done[-1].text
    if label.start < left and before is not None and not said:
        return before.scenario, "as the figure before"
    opened = _opened_before(reading, clause)
    if opened:
        return opened
    if _what_comes(reading):
        return "target", reading.text[reading.sentence.start : reading.sentence.start + 4]
    # What is scored or counted of its own office is no goal because a heading speaks of goals.
    found = reading.entry(indicator).kind == "score" or role in ("staff", "posts")
    bound = reading.text[figure.begin : figure.end]
    norm = re.search(reading.book.words["expressions"]["norm"], bound)
    if norm and not scope.scenario and reading.entry(indicator).kind == "rate":
        # Nobody says of a result that it is no lower than something.
        return "target", norm.group(0)
    if scope.scenario == "actual" or (scope.scenario == "target" and not found):
        return scope.scenario, scope.scenario_from
    return "actual", UNSAID


def _nearest(
    reading: Reading, said: list[Span], clause: int, figure: Figure
) -> tuple[str, str] | None:
    """The goal, plan or result that the figure's own clause names last."""
    results = [t for t in reading.tiles(clause, figure.begin) if t.type == "result"]
    spans = sorted([*(s for s in said if s.value in ("goal", "plan", "done")), *results])
    for span in reversed(spans):
        if span.type == "result":
            return "actual", span.text
        return str(reading.book.words["modifiers"][span.value]["scenario"]), span.text
    return None


def _opened_before(reading: Reading, clause: int) -> tuple[str, str] | None:
    """What an earlier clause opened for the rest of the sentence: 「力争…」, 「完成情况:」, 「目标:」."""
    tiles = [
        t
        for t in reading.tiles(reading.sentence.start, clause)
        if t.type in ("scenario", "result", "mark")
    ]
    for place in range(len(tiles) - 1, -1, -1):
        tile = tiles[place]
        headed = (
            re.match(reading.book.words["expressions"]["headed"], reading.text[tile.end :])
            is not None
        )
        if tile.type == "result":
            return ("actual", tile.text) if headed else None
        if tile.type == "scenario" and tile.value == "done":
            return None
        if tile.type == "scenario" and tile.value == "plan":
            return "target", tile.text
        if tile.type == "scenario" and tile.value == "goal" and headed:
            return "target", tile.text + ":"
    return None


def _set_by_policy(reading: Reading, indicator: str, label: Span, figure: Figure) -> bool:
    """A ratio in a part of the sentence that tells what the policy grants (起付线 …).

    One behind its own cost and payment is measured, never a rule.
    """
    entry = reading.entry(indicator)
    policy = reading.book.words.get("policy", {})
    heads = reading.book.words.get("ratios", {}).get("families", ())
    if entry.kind != "rate" or not (entry.family in heads or label.start >= figure.end):
        return False
    first = reading.part_start(figure.begin)
    last = reading.text.find(";", figure.begin, reading.sentence.end)
    part = reading.text[first : last if last >= 0 else reading.sentence.end]
    if not any(words in part for words in policy.get("plan", ())):
        return False
    measured = [
        f
        for f in reading.sentence.figures
        if first <= f.begin < figure.begin and f.kind == "amount"
    ]
    return len(measured) < 2 and not reading.has(first, figure.begin, "scenario.done")


def plans_next_year(reading: Reading, begin: int) -> bool:
    """「谋划2024年工作,参保率保持95%以上,…」: whether the sentence plans the year after the report's."""
    year = reading.scope.year
    plans = reading.book.words["expressions"]["plans"]
    if not year or not re.search(plans, reading.text[reading.sentence.start : begin]):
        return False
    years = [*YEAR.finditer(reading.text, reading.sentence.start, begin)]
    if not years or int(years[-1].group(1)) != year + 1:
        return False
    if re.search(
        reading.book.words["expressions"]["reached"], reading.text[years[-1].end() : begin]
    ):
        return False
    clauses = _MARKS.split(reading.text[reading.sentence.start : begin])
    return any(years[-1].group(1) in words and re.search(plans, words) for words in clauses)


def _what_comes(reading: Reading) -> bool:
    """A sentence on what comes next, or on what a meeting asked for, states no result."""
    opening = reading.book.words["expressions"]["what_comes"]
    return (
        re.match(opening, reading.text[reading.sentence.start : reading.sentence.end]) is not None
    )


def _fact_to_follow(reading: Reading, indicator: str, figure: Figure) -> Fact | None:
    """The figure whose scenario a further one shares; not the goal that only measured it."""
    text = reading.text[: figure.begin]
    facts = [
        f for f in reading.state.facts if not in_brackets(text, f.end - 1)
    ] or reading.state.facts
    before = reading.state.fact
    if before is None:
        return None
    if in_brackets(text, before.end - 1):
        before = facts[-1]
    if before.scenario != "target" or dict(before.settled).get("scenario") == UNSAID:
        return before
    level = [f for f in reading.state.facts if f.indicator == indicator and f.scenario != "target"]
    return level[-1] if level else before


def _of_whole(reading: Reading, indicator: str, figure: Figure) -> str:
    """A part listed under its whole shares the whole's scenario; what stands in brackets does not.

    A whole stated since the last semicolon comes before all others: 「预算8.5万元,其中甲7万元;实际
    支出6.2万元,其中甲5.4万元」.
    """
    whole = whole_fact(reading, indicator, figure)
    return whole.scenario if whole is not None else ""


def whole_fact(reading: Reading, indicator: str, figure: Figure) -> Fact | None:
    """The figure stated before of a whole of this indicator, or of another part of it."""
    text, state = reading.text, reading.state
    wholes = reading.book.wholes(indicator)
    opened = text.rfind("(", reading.sentence.start, figure.begin)
    if in_brackets(text, figure.begin):
        outer = [f for f in state.facts if f.end == opened and f.indicator in wholes]
        if outer:
            return outer[-1]
    said = [
        f
        for f in reversed([*state.earlier, *state.facts])
        if not in_brackets(text, f.start) and not (f.compared and f.scenario in BUDGETS)
    ]
    part = reading.part_start(figure.begin)
    near = [
        f
        for f in said
        if f in state.facts and f.start >= part > reading.sentence.start and f.indicator in wholes
    ]
    if near:
        return near[0]
    siblings = {
        p for t in reading.book.sums if t.by == "kind" and indicator in t.parts for p in t.parts
    }
    for related in (wholes, siblings):
        for fact in said:
            if fact.indicator in related:
                return fact
    return None


def is_compared(reading: Reading, start: int, end: int) -> bool:
    """「支出0.86万元,比预算1.6万元少,…」, 「支出607万元,预算588万元,完成预算的103%」: back to the actual."""
    before = [t for t in reading.sentence.tiles if t.end == start and t.start < t.end]
    if before and before[0].type in ("compare", "share", "and"):
        return True
    measured = reading.book.words["expressions"]["measured_by"]
    return re.match(measured, reading.text[end : reading.sentence.end]) is not None


def _listed_under(reading: Reading, begin: int) -> str:
    """「收入预算738万元,其中…拨款701万元」: the scenario of the amount that 其中 takes apart."""
    part = reading.part_start(begin)
    among = [t for t in reading.tiles(part, begin) if t.type == "part" and t.value == "list"]
    if not among:
        return ""
    whole = [f for f in reading.state.facts if part <= f.start and f.end <= among[-1].start]
    if whole:
        return whole[-1].scenario if whole[-1].scenario in BUDGETS else ""
    # The whole may have been refused, as revenue that holds last year's balance is.
    modifiers = reading.book.words["modifiers"]
    kinds = [modifiers[s.value]["scenario"] for s in reading.index.said(part, among[-1].start)]
    return kinds[-1] if kinds and set(kinds) <= set(BUDGETS) else ""


# --- year and period -----------------------------------------------------------------------------


def year_and_period(
    reading: Reading, indicator: str, label: Span, figure: Figure, left: int
) -> tuple[int | None, str, str]:
    """Year, period ("" for the whole year) and the words that settled them."""
    scope, stock = reading.scope, _is_stock(reading, indicator)
    year, words = _named_year(reading, figure, left)
    clause = reading.clause_start(min(label.start, figure.begin), left)
    near = [t for t in reading.tiles(clause, figure.begin) if t.type == "time"]
    if scope.year and plans_next_year(reading, figure.begin):
        year, words = scope.year + 1, "planned for the next year"
    elif scope.year:
        relative = _relative(reading, near, clause, figure, left)
        if relative:
            year, words = relative
    wholes = reading.book.words["spans"]["time"]["whole"]
    whole_year = any(w in reading.text[clause : figure.begin] for w in wholes)
    if not year or whole_year:
        return year, "", words
    months = months_in(reading, reading.text[reading.sentence.start : figure.begin], stock)
    dated = reading.has(reading.sentence.start, figure.begin, "time.date")
    months = (
        months
        or (None if stock else scope.months)
        or (
            None
            if dated or (reading.entry(indicator).stock and reading.entry(indicator).kind == "rate")
            else scope.held_months
        )
    )
    return year, f"{year}-{months[0]:02d}/{year}-{months[1]:02d}" if months else "", words


def _is_stock(reading: Reading, indicator: str) -> bool:
    entry = reading.entry(indicator)
    return entry.kind == "count" or entry.stock


def _relative(
    reading: Reading, near: list[Span], clause: int, figure: Figure, left: int
) -> tuple[int, str] | None:
    """上年, 今年, 由…: a year named by its distance from the report's, in the figure's own clause."""
    assert reading.scope.year is not None
    year = reading.scope.year
    expressions = reading.book.words["expressions"]
    said = reading.text[clause : figure.begin]
    label_start = max(
        (t.start for t in reading.sentence.labels if clause <= t.start < figure.begin),
        default=clause,
    )
    for words in (said, reading.text[clause:label_start]):
        compared = re.search(expressions["compared_before"], words)
        if compared and not compared.group("year"):
            return year - 1, compared.group(0)
    if re.search(expressions["starting_from"], said) and not re.search(r"\d", said):
        return year - 1, said[-3:]
    previous = [
        t
        for t in near
        if t.value == "previous"
        and not re.match(expressions["not_last_year"], reading.text[t.end : t.end + 4])
    ]
    compares = {t.end for t in reading.tiles(clause, figure.begin) if t.type in ("compare", "and")}
    previous = [t for t in previous if t.start not in compares]
    if previous and not re.search(
        expressions["since_then"], reading.text[previous[-1].end : figure.begin]
    ):
        return _last_year(reading, previous[-1]), previous[-1].text
    opening = [
        t
        for t in reading.tiles(reading.part_start(figure.begin), clause)
        if t.type == "time" and t.value in ("this", "date", "previous") and t.start not in compares
    ]
    this = [t for t in near if t.value == "this"]
    if not any(t.value == "date" for t in near):
        this = this or [t for t in opening[-1:] if t.value == "this"]
        if not near and _opens_with(reading, opening[-1:]):
            return _last_year(reading, opening[-1]), opening[-1].text
    if this:
        return year, this[0].text
    part = reading.tiles(reading.part_start(figure.begin), figure.begin)
    following = [t for t in part if t.type == "time" and t.value == "next"]
    return (year + 1, following[-1].text) if following else None


def _opens_with(reading: Reading, opening: list[Span]) -> bool:
    """Whether a clause that says nothing but 去年 opens what is told: 「去年,全省…人,…」."""
    if not opening or opening[0].value != "previous":
        return False
    expressions = reading.book.words["expressions"]
    word, start = opening[0], reading.clause_start(opening[0].start, reading.sentence.start)
    said = re.match(expressions["only_time"], reading.text[word.end :])
    return said is not None and all(
        t.type in ("scenario", "neutral", "mark", "time") for t in reading.tiles(start, word.start)
    )


def _last_year(reading: Reading, word: Span) -> int:
    """The year that 上年 or 去年 is: 去年 is the one before the page was published.

    「公布2015年决算,去年三公经费…」: what is published is last year's.
    """
    assert reading.scope.year is not None
    expressions = reading.book.words["expressions"]
    if re.match(expressions["by_the_calendar"], word.text):
        told = re.findall(expressions["published_year"], reading.text[: word.start])
        if told:
            return int(told[-1])
        if reading.scope.published:
            return reading.scope.published - 1
    return reading.scope.year - 1


def _named_year(reading: Reading, figure: Figure, left: int) -> tuple[int | None, str]:
    """The year that the sentence names last before a figure, by digits."""
    year, words = reading.scope.held_year or reading.scope.year, ""
    start = reading.sentence.start
    stretch = reading.text[start : figure.begin]
    expressions = reading.book.words["expressions"]
    for match in re.finditer(expressions["year"], stretch):
        at, own = start + match.start(), int(match.group(1))
        if _not_meant(reading, stretch, match, figure, left):
            continue
        opening = at - reading.part_start(at)
        past = ";" in reading.text[at : figure.begin]
        held = reading.state.fact
        # 「2022年度自评得分96分、预算执行率95%」: listed under one year.
        listed = held is not None and held.year == own and reading.text[left : left + 1] == "、"
        late = opening and (opening > 14 or past) and not (listed and not past)
        # 「据介绍,2014年全省…,参保率99%」: what opens a clause holds for those after it.
        alone = _only_year(reading, own, reading.part_start(at), figure)
        late = late and not (reading.text[at - 1 : at] in _OPENS and alone and not past)
        before = stretch[max(0, match.start() - 2) : match.start()]
        if at < left and own != reading.scope.year and late:
            continue
        if at < left and re.search(expressions["from"], before):
            continue
        year, words = own, match.group(0)
    return year, words


def _only_year(reading: Reading, year: int, start: int, figure: Figure) -> bool:
    """Whether text[start:] names no other year up to a figure, save in days and comparisons."""
    expressions = reading.book.words["expressions"]
    for match in re.finditer(expressions["year"], reading.text[start : figure.begin]):
        before = reading.text[max(0, start + match.start() - 3) : start + match.start()]
        behind = reading.text[start + match.end() :]
        compared = re.search(expressions["only_compared"], before)
        if (
            int(match.group(1)) != year
            and not compared
            and not re.match(expressions["day_behind"], behind)
        ):
            return False
    return True


def _not_meant(
    reading: Reading, stretch: str, match: re.Match[str], figure: Figure, left: int
) -> bool:
    """Whether a year is only compared with, the start of a span, or the year of something else."""
    expressions = reading.book.words["expressions"]
    at = reading.sentence.start + match.start()
    before = stretch[max(0, match.start() - 3) : match.start()]
    compared = re.search(expressions["compared_before"], reading.text[left : figure.begin])
    own_words = (compared is not None and left + compared.start() <= at) or (
        re.search(expressions["compares"], before) is not None
        and at >= left
        and re.match(expressions["compared_behind"], reading.text[figure.begin :]) is not None
    )
    if re.search(expressions["only_compared"], before) and not own_words:
        return True
    if re.match(expressions["since"], stretch[match.end() :]):
        return True
    opened = re.search(r"\([^()]*$", stretch[: match.start()])
    return opened is not None and ")" in stretch[match.end() :]


def months_in(reading: Reading, text: str, stock: bool = False) -> tuple[int, int] | None:
    """The part of a year that the text names last, as first and last month; None for the year.

    The number insured on a day (`stock`) is no figure of a part of the year.
    """
    return months_named(reading.book.words["expressions"], text, stock)


def months_named(
    expressions: Mapping[str, object], text: str, stock: bool = False
) -> tuple[int, int] | None:
    """The same, by the codebook's own expressions for parts of a year."""
    months, reach = None, -1
    parts = expressions["periods"]
    assert isinstance(parts, dict)
    for rule in parts.values():
        if stock and rule.get("day"):
            continue
        for match in re.finditer(rule["find"], text):
            first = int(match["first"]) if "first" in match.groupdict() else rule.get("first", 1)
            last = int(match["last"]) if "last" in match.groupdict() else rule.get("last", 12)
            if 1 <= first <= last <= 12 and match.start() >= reach:
                months, reach = (None if (first, last) == (1, 12) else (first, last)), match.start()
    return months


def by_year(reading: Reading, scenario: str, words: str, mark: str, year: int | None) -> str:
    """The scenario, where the year of the figure shows that it is the other one."""
    scope = reading.scope
    if not year or not scope.year:
        return scenario
    if scenario == "target" and words == scope.scenario_from and year < scope.year:
        # A year already over in a plan: what was reached then.
        return "actual"
    if words == UNSAID and mark in BOUNDS and year > scope.year:
        # 「2024年参保率95%以上」 in the report on 2023: only what is planned can be told of it.
        return "target"
    return scenario


# --- basis ---------------------------------------------------------------------------------------


def basis_of(reading: Reading, label: Span, figure: Figure, left: int) -> str:
    """Which budget a rate is measured on, by the words before the figure."""
    names, expressions = reading.book.words["names"], reading.book.words["expressions"]
    start = reading.clause_start(min(label.start, figure.begin), left)
    lead_start = max(left, reading.clause_start(max(start - 1, left), left))
    leads = re.match(expressions["measured_on"], reading.text[lead_start:start]) is not None
    first = lead_start if leads else start
    words = reading.text[first : figure.begin] + (label.text if label.start < left else "")
    if all(w in words for w in expressions["available_funds"]):
        return "available_funds"
    spans = reading.index.said(first, figure.begin)
    if label.start < left:
        spans = [*spans, *reading.index.said(label.start, label.end)]
    for span in reversed(spans):
        if span.value in ("initial_budget", "adjusted_budget"):
            return span.value
    whose = label.text.endswith(tuple(names["budget_ends"]))
    return "budget" if whose else "unstated"
