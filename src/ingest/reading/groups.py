"""Settles whose figure it is: the group of persons, posts or asked that a figure counts."""

from __future__ import annotations

import re

from ingest.reading.index import Figure
from ingest.reading.scopes import goal_behind
from ingest.reading.state import Fact, Reading, in_brackets
from ingest.reading.words import Span

# Two groups that are everybody together.
_BOTH = ({"employees", "residents"}, {"bureau", "centre"}, {"administrative", "institution"})
SCHEMES = {"employees", "residents"}
_COUNTED = re.compile(r"(?:[^,;:。\d]{2,14}[\d,.]+[^\d,;:。、%]{1,2}[、,]?){2,}$")
_BRACKETS = re.compile(r"\([^()]*\d[^()]*\)")

Groups = tuple[tuple[str, ...], str]
"""The groups a figure is of, () for one without an id, and the words that say so."""


def groups_of(reading: Reading, indicator: str, label: Span, figure: Figure, left: int) -> Groups:
    """The groups that a figure is of; ("",) where its indicator counts no groups."""
    entry = reading.entry(indicator)
    if "population" not in entry.dimensions:
        return ("",), ""
    start = reading.clause_start(min(label.start, figure.begin), left)
    if label.start < left:
        start = left
    tokens = _own_tokens(reading, indicator, label, figure, start)
    if entry.role != "assistance" and any(t.value == "assisted" for t in tokens):
        return (), next(t.text for t in tokens if t.value == "assisted")
    if entry.role == "subsidised":
        # 居民参保 names the scheme, not those whose premium was paid.
        tokens = [t for t in tokens if t.value not in SCHEMES]
    named = [t for t in tokens if t.value not in ("everybody", "people", "whole")]
    together = None if named else _together(reading, indicator, label)
    if together:
        return together
    groups = [t for t in tokens if _is_group(reading, t)]
    summed = any(w in reading.text[start : label.start] for w in reading.book.words["whole"]["sum"])
    if summed and groups and all(in_brackets(reading.text, t.start) for t in groups):
        # 三项保险合计参保率(居民、职工、新农合)
        groups = []
    if groups:
        if entry.counts == "posts" and _beside_institution(reading, groups[-1]):
            return (), groups[-1].text
        return _named(reading, indicator, groups, start, label.start > figure.begin)
    return _of_all(reading, indicator, tokens, start, figure) or _inherited(
        reading, indicator, label, figure, left, start, tokens
    )


def _is_group(reading: Reading, token: Span) -> bool:
    return token.value in reading.lexicon.group_ids or token.value == "other"


def _without_included(reading: Reading, tokens: list[Span]) -> list[Span]:
    """The groups without those that brackets only count in: 职工医保(含生育保险)."""
    included = reading.book.words["whole"]["included"]
    outside = [t for t in tokens if not in_brackets(reading.text, t.start)]
    if not outside:
        return tokens
    return [
        t
        for t in tokens
        if t in outside
        or not reading.text.startswith(
            tuple(included), reading.text.rfind("(", reading.sentence.start, t.start) + 1
        )
    ]


def _own_tokens(
    reading: Reading, indicator: str, label: Span, figure: Figure, start: int
) -> list[Span]:
    """The words for groups in the figure's own clause, and right behind a count."""
    counts = reading.entry(indicator).counts
    tokens = _without_included(reading, reading.index.groups(start, figure.begin, counts))
    if figure.kind in ("count", "visits"):
        reach = min(figure.end + 12, reading.sentence.end)
        follows = [
            t
            for t in reading.index.groups(figure.end, reach, counts)
            if t.text not in _enrolled(reading)
        ]
        between = reading.text[figure.end : follows[0].start] if follows else ""
        if follows and follows[0].start == figure.end and _more_follow(reading, follows):
            return follows
        if follows and (not between or between in reading.book.words["spans"]["of"]["word"]):
            tokens = [follows[0]]
    outside = [t for t in tokens if not (label.start <= t.start < label.end)]
    if any(t.value in reading.lexicon.group_ids for t in outside):
        # 贫困人口参加城乡居民医保: the label names the scheme, 贫困人口 is the group.
        tokens = [t for t in tokens if t in outside or t.value not in SCHEMES]
    if label.start >= figure.end and not any(t.value in reading.lexicon.group_ids for t in tokens):
        tokens = [*tokens, *reading.index.groups(label.start, label.end, counts)]
    return tokens


def _more_follow(reading: Reading, follows: list[Span]) -> bool:
    """「资助26866名农村低保对象、孤儿参加…」: a list of groups right behind the count."""
    if len(follows) < 2:
        return False
    joins = [t.type == "and" for t in reading.tiles(follows[0].end, follows[1].start)]
    return bool(joins) and joins[0]


def _enrolled(reading: Reading) -> tuple[str, ...]:
    """Words for a group that right behind a count are the verb: 5万人参合."""
    return tuple(reading.book.words["spans"].get("grant", {}).get("enrolled", ()))


def _of_all(
    reading: Reading, indicator: str, tokens: list[Span], start: int, figure: Figure
) -> Groups | None:
    """合计 and 全县 lead back to everybody."""
    totals = reading.book.words["whole"]["sum"]
    said = reading.text[start : figure.begin]
    if any(w in said for w in totals):
        reading.state.groups = ("all",)
        return ("all",), next(w for w in totals if w in said)
    everybody = [t for t in tokens if t.value == "everybody"]
    if everybody:
        # In a report on one insurance 全县 means all whom that insurance covers.
        reading.state.groups = (reading.scope.insured or "all",)
        return reading.state.groups, everybody[-1].text
    if reading.entry(indicator).counts == "satisfied":
        before = reading.state.fact
        if before is not None and before.indicator == indicator:
            return (before.population,), "as before in the sentence"
        asked = _named_earlier(reading, start, indicator)
        return ((asked.value,), asked.text) if asked else (("all",), "")
    return None


def _together(reading: Reading, indicator: str, label: Span) -> Groups | None:
    """Totals and rates that are of all the groups counted just before."""
    role = reading.role(indicator)
    if role == "subsidised":
        paid = {f.population for f in reading.state.facts if f.indicator == indicator}
        summed = any(
            reading.text.endswith(w, 0, label.start)
            for w in reading.book.words["whole"]["paid_sum"]
        )
        if len(paid) > 1 and (
            summed or any(label.text.startswith(w) for w in reading.book.words["whole"]["paid_sum"])
        ):
            return (reading.entry(indicator).population,), "all groups counted before"
    if role == "participation":
        part = reading.part_start(label.start)
        combined = any(w in label.text for w in reading.book.words["whole"]["combined"])
        insured = reading.book.of_role("insured")
        counted = {
            f.population
            for f in reading.state.facts
            if f.indicator == insured and (f.at >= part or combined)
        }
        if counted >= SCHEMES and "all" not in counted:
            return ("all",), "of both insurances counted before"
    return None


def _named(reading: Reading, indicator: str, groups: list[Span], start: int, whole: bool) -> Groups:
    """The last group named, with those listed right before it."""
    entry = reading.entry(indicator)
    listed = [groups[-1]]
    for token in reversed(groups[:-1]):
        between = reading.tiles(token.end, listed[0].start)
        if token.value == "other" and not between:
            listed.insert(0, token)
        if not _lists(reading, between):
            break
        listed.insert(0, token)
    words = "、".join(t.text for t in listed)
    if entry.role == "subsidised" and len({t.value for t in listed}) > 1:
        # One count of several groups whose premium is paid: all of them together, unless it is an
        # item of a list that counts others of them apart.
        before = reading.state.fact
        item = before is not None and before.indicator == indicator
        return ((), words) if item else ((entry.population,), words)
    if any(t.value == "other" for t in listed):
        counted = (
            entry.family in reading.book.words["counted_families"]["names"]
            or entry.counts == "posts"
        )
        return ((), words) if counted else (("all",), "")
    values = tuple(dict.fromkeys(t.value for t in listed))
    if entry.kind == "count" and len(values) > 1:
        both = set(values) in _BOTH
        reading.state.groups = ("all",) if both else values
        return (("all",), words) if both else ((), words)
    since = max(reading.sentence.start, reading.part_start(start))
    if whole or not reading.has(since, listed[0].start, "part.list"):
        reading.state.groups = values
    return values, words


def _lists(reading: Reading, between: list[Span]) -> bool:
    """Whether only the words of an insurance and one that joins a list stand between."""
    joins = [t for t in between if t.type in ("and",) or (t.type == "mark" and t.value == "comma")]
    schemes = reading.book.words["names"]["schemes"]
    rest = [t for t in between if t not in joins]
    return len(joins) == 1 and all(
        t.text in schemes or t.text in reading.book.words["names"]["insurances"] for t in rest
    )


def _inherited(
    reading: Reading,
    indicator: str,
    label: Span,
    figure: Figure,
    left: int,
    start: int,
    tokens: list[Span],
) -> Groups:
    """The groups of a figure whose own clause names none: of what was said before, or of all."""
    entry, state = reading.entry(indicator), reading.state
    held = _handed_on(reading, indicator, label, figure, left, start, tokens)
    if held is not None:
        return held
    scheme_only = entry.role == "subsidised" and set(state.groups) <= SCHEMES
    posts_before = state.fact is not None and reading.entry(state.fact.indicator).counts == "posts"
    if state.groups and (entry.counts == "posts") == posts_before and not scheme_only:
        return _before_brackets(reading, start), "as before in the sentence"
    earlier = _named_earlier(reading, start, indicator)
    if earlier is not None and earlier.value in reading.lexicon.group_ids:
        listed = _listed_with(reading, earlier, indicator)
        return (() if entry.kind == "count" and len(listed) > 1 else listed), earlier.text
    if (
        earlier is not None
        and earlier.value == "other"
        and _other_holds(reading, earlier, start, indicator)
    ):
        # 「惠民保参保率72%,参保5.1万人」
        return (), earlier.text
    whole = [t for t in tokens if t.value == "whole"]
    if whole:
        # Enrolment as a whole ends the group that an earlier sentence or a heading named.
        return (reading.scope.insured or "all",), whole[-1].text
    general = [t for t in tokens if t.value in ("everybody", "people")]
    if general:
        return (reading.scope.population or "all",), general[-1].text
    return _of_scope(reading, indicator)


def _other_holds(reading: Reading, earlier: Span, start: int, indicator: str) -> bool:
    headed = reading.text[earlier.end : earlier.end + 1] == ":"
    after_comma = reading.text[earlier.end : start].count(",") == 1
    insured = reading.book.of_role("insured")
    same = insured and reading.entry(indicator).family == reading.entry(insured).family
    return headed or bool(after_comma and same)


def _of_scope(reading: Reading, indicator: str) -> Groups:
    """The group that the sentence before, the heading or the title named."""
    entry, scope = reading.entry(indicator), reading.scope
    held = scope.carried or scope.population
    scheme = held in SCHEMES
    if not held or entry.role == "subsidised":
        return ("all",), ""
    of_fund = scheme and (
        entry.role in ("fund_income", "fund_spending") or "fund" in entry.numerator
    )
    if entry.family in reading.book.words["counted_families"]["names"] or of_fund:
        return (held,), "as named before"
    return ("all",), ""


def _listed_with(reading: Reading, group: Span, indicator: str) -> tuple[str, ...]:
    """The groups that the sentence names together with the last one: 「脱贫人口和监测对象」."""
    listed = [group]
    counts = reading.entry(indicator).counts
    for token in reversed(reading.index.groups(reading.sentence.start, group.start, counts)):
        between = reading.tiles(token.end, listed[0].start)
        joined = len(between) == 1 and between[0].type == "and"
        if not joined or token.value not in reading.lexicon.group_ids:
            break
        listed.insert(0, token)
    return tuple(dict.fromkeys(t.value for t in listed))


def _handed_on(
    reading: Reading,
    indicator: str,
    label: Span,
    figure: Figure,
    left: int,
    start: int,
    tokens: list[Span],
) -> Groups | None:
    """What the figures and groups right before a clause hand on to it; None for nothing."""
    fact, entry = reading.state.fact, reading.entry(indicator)
    carried = fact is not None and label.start < left and not tokens and fact.indicator == indicator
    if fact is not None and carried and (entry.kind == "rate" or goal_behind(reading, figure)):
        # 「参保率96.4%,低于下达97%的目标」
        return (fact.population,), "as the figure before"
    near = _named_earlier(reading, start, indicator, since=left)
    if near is not None and near.value in reading.lexicon.group_ids and start > left:
        reading.state.groups = (near.value,)
        return (near.value,), near.text
    shared = _shared(reading, indicator, label, figure, left)
    if shared is not None:
        return shared
    if entry.family in reading.book.words.get("ratios", {}).get("families", ()):
        return _of_ratio(reading, indicator, start)
    if fact is None:
        return None
    return _from_counted(reading, indicator, label, start, fact)


def _shared(
    reading: Reading, indicator: str, label: Span, figure: Figure, left: int
) -> Groups | None:
    """「…均为100%」, and with the label after its figure: 「…均100%参保」: of all listed before."""
    first, last = (label.end, figure.begin) if label.end <= figure.begin else (left, figure.begin)
    if not reading.has(first, last, "all", "link.all"):
        return None
    edge = min(label.start, figure.begin)
    while edge > reading.sentence.start and any(
        t.end == edge and t.type == "all" for t in reading.sentence.tiles
    ):
        edge -= 1
    parts = [t.end for t in reading.tiles(reading.sentence.start, edge) if t.type == "part"]
    opened = parts[-1] if parts else reading.sentence.start
    counted = _COUNTED.search(reading.text[opened:edge])
    if counted:
        counts = reading.entry(indicator).counts
        found = reading.index.groups(opened + counted.start(), edge, counts)
        if found and all(t.value in reading.lexicon.group_ids for t in found):
            return tuple(dict.fromkeys(t.value for t in found)), "、".join(t.text for t in found)
    if reading.state.dealt:
        return reading.state.dealt, "as dealt out before"
    return None


def _of_ratio(reading: Reading, indicator: str, start: int) -> Groups | None:
    """The group of a ratio behind what was said of enrolment."""
    if _both_insurances_before(reading, start, indicator):
        return ("all",), ""
    fact = reading.state.fact
    if fact is None or ";" not in reading.text[fact.end : start]:
        return None
    insured = reading.book.of_role("insured")
    if not insured or reading.entry(fact.indicator).family != reading.entry(insured).family:
        return None
    if _named_earlier(reading, start, fact.indicator, since=fact.end):
        return None
    # 「脱贫人口参保率100%;住院报销比例72%」: behind the semicolon the group does not hold.
    schemes = {f.population for f in reading.state.facts} & SCHEMES
    return (schemes.pop() if len(schemes) == 1 else "all",), "the insurance of the sentence"


def _from_counted(
    reading: Reading, indicator: str, label: Span, start: int, fact: Fact
) -> Groups | None:
    """The group of the persons or posts just counted."""
    entry, before = reading.entry(indicator), reading.entry(fact.indicator)
    if entry.role == "participation" and before.role == "insured":
        between = [t for t in reading.tiles(fact.end, label.start) if t.value not in ("comma",)]
        if between and all(
            t.type in ("all", "grant", "scenario", "neutral", "label") for t in between
        ):
            return (fact.population,), "as the persons counted"
    insured = reading.book.of_role("insured")
    if insured and entry.family == reading.entry(insured).family:
        newly = _named_earlier(reading, start, indicator, since=fact.end)
        if newly is not None and newly.value in reading.lexicon.group_ids:
            reading.state.groups = (newly.value,)
            return (newly.value,), newly.text
        if before.family in reading.book.words.get("ratios", {}).get("families", ()):
            # A ratio's group does not hold for the enrolment named after it.
            return (reading.scope.insured or "all",), ""
    if entry.role == "staff":
        return _of_staff(reading, label, start, fact)
    return None


def _of_staff(reading: Reading, label: Span, start: int, fact: Fact) -> Groups | None:
    """「局机关编制6人,实有7人」; the staff after several kinds of posts is of all."""
    kinds = {
        f.population
        for f in reading.state.facts
        if reading.role(f.indicator) == "posts" and f.at >= reading.part_start(start)
    }
    between = [
        t for t in reading.tiles(fact.end, label.start) if t.type not in ("mark", "time", "neutral")
    ]
    posts = reading.role(fact.indicator) == "posts"
    if (
        posts
        and not between
        and reading.text[fact.end : fact.end + 1] == ","
        and kinds <= {fact.population, "all"}
    ):
        return (fact.population,), "as before in the sentence"
    return (("all",), "") if len(kinds) > 1 else None


def _beside_institution(reading: Reading, group: Span) -> bool:
    """「行政8人,参公4人,事业16人」: civil-service-like posts told apart from 事业 have no id."""
    apart = reading.book.words.get("posts_apart", {})
    if group.text not in apart.get("of", ()):
        return False
    said = reading.text[reading.sentence.start : reading.sentence.end]
    return re.search(apart["beside"], said) is not None


def _before_brackets(reading: Reading, start: int) -> tuple[str, ...]:
    """The group the sentence is about: brackets that are closed take it apart for themselves only."""
    facts = reading.state.facts
    if not facts or not in_brackets(reading.text[:start], facts[-1].end - 1):
        return reading.state.groups
    outer = [f for f in facts if not in_brackets(reading.text[:start], f.end - 1)]
    return (outer[-1].population,) if outer else reading.state.groups


def _both_insurances_before(reading: Reading, start: int, indicator: str) -> bool:
    """Whether the sentence took up 居民 and 职工 both, so that neither holds for a new ratio."""
    part = reading.part_start(start)

    def named(first: int, last: int) -> set[str]:
        return {t.value for t in reading.index.groups(first, last)} & SCHEMES

    here, fact = named(part, start), reading.state.fact
    if here:
        return here == SCHEMES and fact is not None and fact.indicator != indicator
    return part > reading.sentence.start and named(reading.sentence.start, part) == SCHEMES


def _named_earlier(reading: Reading, start: int, indicator: str, since: int = 0) -> Span | None:
    """The last group named before this clause in the sentence, lists under 其中 left out."""
    dealt = max((f.end for f in reading.state.facts if f.rule.startswith("list")), default=0)
    first = min(max(dealt, since, reading.sentence.start), start)
    text = reading.text
    skipped = [m.span() for m in _BRACKETS.finditer(text, first, start)]
    for opening in reading.book.words["asides"]["opens"]:
        skipped += [m.span() for m in re.compile(opening).finditer(text, first, start)]
    subsidised = reading.role(indicator) == "subsidised"
    tokens = [
        t
        for t in reading.index.groups(first, start, reading.entry(indicator).counts)
        if t.value not in ("people", "whole")
        and not any(a <= t.start < b for a, b in skipped)
        and not (subsidised and t.value in SCHEMES)
    ]
    return tokens[-1] if tokens else None


def carried_group(reading: Reading) -> str:
    """The insured group that holds for the next sentence: 居民 or 职工, the last one named."""
    tokens = reading.index.groups(reading.sentence.start, reading.sentence.end)
    named = [t.value for t in tokens if t.value in SCHEMES or t.value == "everybody"]
    if named:
        return "" if named[-1] == "everybody" or len(set(named)) > 1 else named[-1]
    return reading.scope.carried
