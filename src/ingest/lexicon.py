"""Finds the words of the definitions in a tightened passage: labels, groups, scenarios, fillers.

Everything is matched longest first, from left to right, in one walk over the passage.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from ingest.definitions import Definitions, Indicator, expand

Trie = dict[str, Any]
_END = ""
# Where words overlap a label is preferred to a generic word, and the longer to the shorter.
_RANK = {
    "label": 0,
    "not_label": 0,
    "ratio": 0,
    "generic": 1,
    "rate_of_topic": 1,
    "flow": 2,
    "short": 1,
}
_WEAK = ("flow", "short", "generic")
# The longest text that is looked up once and kept: a cell of a form, or a heading.
_CELL = 80
# Indicators that count other groups than the insured.
_COUNTED_APART = ("staff", "authorised_posts", "satisfaction_rate")


class Token(NamedTuple):
    """A word found: `kind` tells the list it stands in, `value` what it means there."""

    start: int
    end: int
    kind: str
    value: str
    text: str


class _Words:
    """Words with what they mean, compiled for matching."""

    def __init__(self, entries: Iterable[tuple[str, tuple[str, str]]]) -> None:
        self._trie: Trie = {}
        for word, meaning in entries:
            node = self._trie
            for character in word:
                node = node.setdefault(character, {})
            node.setdefault(_END, meaning)
        # Most places are ruled out here, several times as fast as by a look into the trie.
        second = {c for node in self._trie.values() for c in node if c}
        alone = {c for c, node in self._trie.items() if _END in node}
        self._beginning = re.compile(f"{_any_of(self._trie)}(?={_any_of(second)})|{_any_of(alone)}")

    def every(self, text: str) -> Iterator[Token]:
        """The longest word at every place of the text where one begins; they may overlap."""
        for beginning in self._beginning.finditer(text):
            token = self._longest(text, beginning.start(), len(text))
            if token:
                yield token

    def walk(self, text: str, start: int = 0, end: int | None = None) -> list[Token]:
        """All words in text[start:end], leftmost and longest first, none overlapping."""
        found = []
        end = len(text) if end is None else end
        reach = start
        for beginning in self._beginning.finditer(text, start, end):
            at = beginning.start()
            token = self._longest(text, at, end) if at >= reach else None
            if token:
                found.append(token)
                reach = token.end
        return found

    def _longest(self, text: str, at: int, end: int) -> Token | None:
        node = self._trie.get(text[at])
        best, meaning, reach = 0, None, at + 1
        while node is not None:
            if _END in node:
                best, meaning = reach, node[_END]
            if reach >= end:
                break
            node = node.get(text[reach])
            reach += 1
        return Token(at, best, meaning[0], meaning[1], text[at:best]) if meaning else None


def _any_of(characters: Collection[str]) -> str:
    """A pattern for one of these characters; for none of them, one that fits nowhere."""
    return f"[{''.join(map(re.escape, sorted(characters)))}]" if characters else "(?!)"


def _within(token: Token, groups: list[Token]) -> bool:
    """Whether the token is a piece of a longer word for a group (收入 in 低收入人口)."""
    return any(
        g.start <= token.start and token.end <= g.end and len(g.text) > len(token.text)
        for g in groups
    )


_PAID_TOGETHER = re.compile(r"(?:[三四多]重|综合|梯次)[^,;]{0,8}(?:保障|报销|减负|救助)后,$")
_RATIO_OF_INPATIENTS = re.compile("住院[^,;。]*(?:比例|比率|率|比)(?=[^,;。]*%)")
_OF_ONE_PAYER = (
    "inpatient_reimbursement_ratio",
    "actual_reimbursement_ratio",
    "reimbursement_ratio",
)


class Lexicon:
    """The definitions, compiled for matching. Build it with `lexicon_of`, once per process."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.indicators: dict[str, Indicator] = definitions.indicators
        context = definitions.context
        self.context = context
        self._classes: dict[str, str] = context.get("classes", {})
        self._labels = _Words(self._label_entries())
        self._populations = self._grouped({**context["populations"], **context["groups"]})
        self.group_ids = {
            name
            for table in ("populations", "staff_populations", "satisfaction_populations")
            for name in context[table]
            if name != "other"
        }
        self._staff = self._grouped(context["staff_populations"])
        self._satisfaction = self._grouped(context["satisfaction_populations"])
        self._scenarios = self._grouped(context["scenarios"])
        self.ratio_kinds: list[dict[str, Any]] = context["ratios"]["kinds"]
        self._assisted_costs = self._words(context["ratios"]["assisted_costs"])
        self.filler = self._filler()
        self.change = self._change()
        # The cells of forms are looked at several times.
        self._roles_in = lru_cache(maxsize=4096)(self._find_role)
        self._labels_in = lru_cache(maxsize=4096)(self._find_labels)
        self._groups_in = lru_cache(maxsize=4096)(self._find_groups)

    def _words(self, labels: Iterable[str]) -> list[str]:
        return [w for label in labels for w in expand(label, self._classes) if w]

    def _grouped(self, lists: dict[str, list[str]]) -> _Words:
        return _Words(
            (w, ("word", name)) for name, labels in lists.items() for w in self._words(labels)
        )

    def _label_entries(self) -> Iterable[tuple[str, tuple[str, str]]]:
        for indicator in self.indicators.values():
            kind = "ratio" if indicator.family == "reimbursement" else "label"
            for word in self._words(indicator.labels):
                yield word, (kind, indicator.indicator)
        for indicator in self.indicators.values():
            for word in self._words(indicator.not_labels):
                yield word, ("not_label", indicator.indicator)
        for word in self._words(self.context["ratios"]["heads"]):
            yield word, ("ratio", "")
        for word in self._words(self.context["generic"]["amount"]):
            yield word, ("generic", "")
        for word in self._words(self.context["generic"]["rate"]):
            yield word, ("rate_of_topic", "")
        for word in self._words(self.context["generic"]["flow_in"]):
            yield word, ("flow", "in")
        for word in self._words(self.context["generic"]["flow_out"]):
            yield word, ("flow", "out")
        for indicator in self.indicators.values():
            for word in self._words(indicator.short_labels):
                yield word, ("short", indicator.indicator)

    def labels(self, text: str) -> tuple[Token, ...]:
        """Labels (also those that only look like one), generic amounts and ratio heads, in order.

        >>> from ingest.definitions import load
        >>> [(t.kind, t.value, t.text) for t in lexicon_of(load()).labels("未参保3人,参保率98%")]
        [('not_label', 'insured_persons', '未参保'), ('label', 'participation_rate', '参保率')]
        """
        return self._labels_in(text) if len(text) <= _CELL else self._find_labels(text)

    def _find_labels(self, text: str) -> tuple[Token, ...]:
        at_each = list(self._labels.every(text))
        if any(token.kind in _WEAK for token in at_each):
            groups = self._populations.walk(text)
            at_each = [t for t in at_each if t.kind not in _WEAK or not _within(t, groups)]
        at_each.sort(key=lambda t: (_RANK[t.kind], t.start - t.end, t.start))
        kept: list[Token] = []
        for token in at_each:
            if all(token.end <= k.start or k.end <= token.start for k in kept):
                kept.append(token)
        # The head of a Chinese noun stands last: 实际参保率 is a 参保率, not 实际参保.
        heads = [t for t in at_each if t.kind in ("label", "ratio") and t not in kept]
        for place, token in enumerate(kept):
            if token.kind == "label":
                later = [h for h in heads if token.start < h.start < token.end < h.end]
                free = [
                    h
                    for h in later
                    if all(h.end <= k.start or k.end <= h.start for k in kept if k is not token)
                ]
                kept[place] = max(free, key=lambda h: h.end, default=token)
        return tuple(sorted(kept, key=lambda t: t.start))

    def populations(self, text: str, start: int, end: int, indicator: str) -> list[Token]:
        """Words for groups of persons, as the indicator counts them (`value` "other": no id)."""
        counted = indicator if indicator in _COUNTED_APART else ""
        if start == 0 and end == len(text) <= _CELL:
            return list(self._groups_in(text, counted))
        return self._walk_groups(text, start, end, counted)

    def _find_groups(self, text: str, counted: str) -> tuple[Token, ...]:
        return tuple(self._walk_groups(text, 0, len(text), counted))

    def _walk_groups(self, text: str, start: int, end: int, counted: str) -> list[Token]:
        words = self._populations
        if counted:
            words = self._satisfaction if counted == "satisfaction_rate" else self._staff
        return [t for t in words.walk(text, start, end) if t.value != "none"]

    def scenarios(self, text: str, start: int, end: int) -> list[Token]:
        """Words for target, the kinds of budget, and actual."""
        return [t for t in self._scenarios.walk(text, start, end) if t.value != "none"]

    def _change(self) -> re.Pattern[str]:
        """What ends with a change (增长, 下降了约, 增长率为), not with a level (提高到, 升至)."""
        words = "|".join(
            sorted(map(re.escape, self.context["growth"]["words"]), key=len, reverse=True)
        )
        return re.compile(
            rf"(?:{words})(?:(?:率|幅度|幅|额|比例)?(?:了|约|近|将近|大约|:)*|(?:率|幅度|幅|额)(?:为|达|约|:)+)$"
        )

    def _filler(self) -> re.Pattern[str]:
        context = self.context
        words: list[str] = list(context["fillers"]["words"])
        lists = [*context["populations"].values(), *context["scenarios"].values()]
        lists += [
            context["groups"]["everybody"],
            context["groups"]["people"],
            context["groups"]["assisted"],
            *context["staff_populations"].values(),
        ]
        lists += [context["periods"]["previous_year"], context["periods"]["next_year"]]
        lists += [context["generic"]["amount"]]
        for labels in lists:
            words += self._words(labels)
        joined = "|".join(sorted({re.escape(w) for w in words if w}, key=len, reverse=True))
        year = (
            r"(?:19|20)\d\d年?度?(?:\d{1,2}月)?(?:\d{1,2}日)?[底末]?|\d{1,2}月(?:\d{1,2}日)?[底末]?"
        )
        formula = r"[=:][^,。;:=%]*[×*]100%"
        return re.compile(rf"(?:{joined}|{year}|{formula}|\([^()\d]*\)|[,:;、()\s≥≤><=~])*")

    def only_fillers(self, text: str) -> bool:
        """Whether nothing in the text could change what a figure after it is."""
        return self.filler.fullmatch(text) is not None

    def column_role(self, text: str) -> str:
        """What the head of a column says (a list's name in context.toml): its longest word decides."""
        return self._roles_in(text)

    def _find_role(self, text: str) -> str:
        best, role = 0, ""
        for name, words in self.context["columns"].items():
            for word in words:
                if len(word) > best and word in text:
                    best, role = len(word), name
        return role

    def ratio_indicator(self, phrase: str, segment: str, sentence: str) -> str:
        """Which reimbursement ratio a noun phrase names, "" if it names none of ours.

        Where the phrase names no service, the words before it do: `segment` those since the last
        semicolon, `sentence` all of the sentence's.
        """
        rules = self.context["ratios"]
        said = phrase
        for costs in self._assisted_costs if "救助" in phrase else ():
            said = said.replace(costs, "")
        if any(word in said for word in rules["refused"]):
            return ""
        named = self._first_kind(phrase)
        if _PAID_TOGETHER.search(segment) and named in _OF_ONE_PAYER:
            # 「三重制度综合保障后,…报销比例」: what all payers reach together.
            return "comprehensive_reimbursement_ratio"
        one_payer = named in ("reimbursement_ratio", "actual_reimbursement_ratio")
        if one_payer and "大病保险" in segment and not re.search("住院|门诊|基本医", segment):
            return "critical_illness_reimbursement_ratio"
        if named != "reimbursement_ratio":
            return named
        outpatient = ("门诊", "慢特病", "慢病", "慢性病")
        if not any(w in sentence for w in outpatient) and "住院" in sentence:
            return "inpatient_reimbursement_ratio"
        if "住院" in segment and not any(w in segment for w in outpatient):
            return "inpatient_reimbursement_ratio"
        # 「住院报销比例72%;门诊报销3万人次,政策范围内报销比例55%」: each part has its own.
        apart = "住院" not in segment and any(w in segment for w in outpatient)
        if apart and _RATIO_OF_INPATIENTS.search(sentence[: len(sentence) - len(segment)]):
            return self._first_kind(segment[-40:] + phrase)
        clause = segment[:-1].rpartition(",")[2]
        # A ratio 政策范围内 sums up the services listed before; a bare one is the last one's.
        bare = not any(word in phrase for word in rules["scoped"])
        served = bare and any(w in clause for w in outpatient) and "住院" not in clause
        if served or (any(w in segment for w in outpatient) and "住院" not in sentence):
            return self._first_kind(segment[-40:] + phrase)
        return named

    def _first_kind(self, phrase: str) -> str:
        for kind in self.ratio_kinds:
            if all(any(w in phrase for w in words) for words in kind["all"]) and not any(
                w in phrase for w in kind.get("without", ())
            ):
                return str(kind["indicator"])
        return ""


_CACHE: dict[int, tuple[Definitions, Lexicon]] = {}


def lexicon_of(definitions: Definitions) -> Lexicon:
    """The compiled lexicon of these definitions (kept for the life of the process)."""
    held = _CACHE.get(id(definitions))
    if held is None or held[0] is not definitions:
        held = (definitions, Lexicon(definitions))
        _CACHE[id(definitions)] = held
    return held[1]
