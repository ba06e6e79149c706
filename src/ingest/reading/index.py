"""The index of a text: every quantity and every typed word of a passage, found once.

A passage is a stretch of a document without the blanks and line breaks that its layout put into it.
Rules match on the tightened text; evidence is quoted from the document. `Passage.offsets` leads from
one to the other, `Index` holds what was found in it, and every later stage reads that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ingest.codebook.model import NO_GROUPS, Codebook, expand
from ingest.codebook.patterns import Alphabet, Compiled, compiled
from ingest.reading.quantities import comparator, find, not_figures
from ingest.reading.words import Span, Words
from ingest.records import Quantity

_PINYIN = r"(?<=[\u4e00-\u9fff])\([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,6}\)"
# Quotation marks come and go around the same term (“三公”经费); they carry nothing here.
_GAP = re.compile(rf"\s+|{_PINYIN}|[\"']|,(?=[\s\"']*[,、;。])")
_KEPT = 80
"""The longest text whose index is kept: a cell of a form, or a heading."""
# Where words overlap a label is preferred to a generic word, and the longer to the shorter.
_RANK = {
    "label": 0,
    "not_label": 0,
    "ratio": 0,
    "generic": 1,
    "rate_of_topic": 1,
    "short": 1,
    "flow": 2,
}
_WEAK = ("flow", "short", "generic")
_SUB = {
    "not_label": "mock",
    "ratio": "ratio",
    "generic": "generic",
    "rate_of_topic": "topic_rate",
    "flow": "flow",
    "short": "short",
}
_MARKS = {
    ",": "comma",
    ";": "semicolon",
    ":": "colon",
    "。": "stop",
    "(": "open",
    ")": "close",
    "!": "stop",
    "?": "stop",
    " ": "blank",
}
_SENTENCE_END = re.compile(r"[。！？!?](?!\d)|[。！？!?](?=(?:19|20)\d\d\D)")
_SHORT = 4
_ASIDE = re.compile(r"\([^()\d]{1,12}\)")
_LONGEST = 16
"""How far a label may reach to both sides of words in brackets."""
_SIGNS = "≥≤><="


@dataclass(frozen=True)
class Passage:
    """`text` is the tightened text, `offsets[i]` the place of its character i in the document."""

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The document offsets of `text[start:end]`, half open."""
        if start >= end:
            place = self.offsets[start] if start < len(self.offsets) else self.offsets[-1] + 1
            return place, place
        return self.offsets[start], self.offsets[end - 1] + 1


def tighten(text: str, start: int, end: int) -> Passage:
    """Takes `text[start:end]` without its blanks and line breaks.

    One blank is kept where two numbers would run together; a number broken over two lines, or
    parted from its decimal point, is closed. Pinyin in brackets after a character is left out, and
    so are quotation marks and a comma that another mark follows (、,,).

    >>> tighten("公务用车购\\n置及运行费 3.98 万\\n元", 0, 20).text
    '公务用车购置及运行费3.98万元'
    >>> tighten("79 0 75", 0, 7).text
    '79 0 75'
    """
    gap = _GAP.search(text, start, end)
    if gap is None:
        return Passage(text[start:end], tuple(range(start, end)))
    pieces: list[str] = []
    offsets: list[int] = []
    at = start
    while gap is not None:
        first, last = gap.span()
        pieces.append(text[at:first])
        offsets.extend(range(at, first))
        at = last
        if _parts_numbers(text, start, first, last, end):
            pieces.append(" ")
            offsets.append(first)
        gap = _GAP.search(text, at, end)
    pieces.append(text[at:end])
    offsets.extend(range(at, end))
    return Passage("".join(pieces), tuple(offsets))


def _parts_numbers(text: str, start: int, first: int, last: int, end: int) -> bool:
    """Whether the gap text[first:last] keeps two numbers (or words of Latin letters) apart."""
    before = text[first - 1] if first > start else ""
    after = text[last] if last < end else ""
    if not (before.isascii() and after.isascii() and before and after):
        return False
    if before.isalnum() and after.isalnum():
        broken = "\n" in text[first:last] and before.isdigit() and after.isdigit()
        return not broken
    if before == "%" and after.isdigit():
        return True
    if before == "." and after.isdigit():
        # "1. 2023" is a list number and a year, "98. 5" one figure.
        head = text[max(start, first - 4) : first]
        return re.fullmatch(r"(?:.*\D)?\d{1,2}\.", head, re.S) is not None and (
            re.match(r"(?:19|20)\d\d", text[last : last + 4]) is not None
            or first - len(head) <= start
        )
    return False


@dataclass(frozen=True)
class Figure:
    """A quantity with the stretch it takes up together with its comparator.

    `tile` is where its tile begins: behind a sign (≥), which is a span of its own.
    """

    quantity: Quantity
    begin: int
    end: int
    comparator: str
    tile: int = -1

    @property
    def kind(self) -> str:
        """What its unit measures (see `records.Quantity`)."""
        return self.quantity.kind


@dataclass(frozen=True)
class Sentence:
    """One sentence of an index: text[start:end], the figures in it and its tiling.

    Tiles are laid when they are first asked for: most sentences of a report state no figure.
    """

    index: Index
    start: int
    end: int
    figures: tuple[Figure, ...]
    labels: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The text of the whole passage; offsets count in it."""
        return self.index.text

    @cached_property
    def tiles(self) -> tuple[Span, ...]:
        """What covers the sentence from left to right without a gap, behind a mark for its start."""
        inside = (t for t in self.index.tiles if self.start <= t.start < self.end)
        return (Span(self.start, self.start, "mark", "start", ""), *inside)

    @cached_property
    def string(self) -> str:
        """One symbol for each tile (see `patterns`)."""
        return self.index.lexicon.alphabet.string(self.tiles)


@dataclass(frozen=True)
class Index:
    """What was found in a text: `labels` with their kinds, `scenarios`, `sentences`."""

    text: str
    figures: tuple[Figure, ...]
    labels: tuple[Span, ...]
    scenarios: tuple[Span, ...]
    sentences: tuple[Sentence, ...]
    lexicon: Lexicon
    dated: tuple[tuple[int, int, str], ...] = ()

    @cached_property
    def tiles(self) -> tuple[Span, ...]:
        """The spans that cover the text: figures, labels, words, marks, and what is unknown."""
        return self.lexicon.tiles(self)

    def groups(self, start: int, end: int, counts: str = "insured") -> list[Span]:
        """Words for groups of persons in text[start:end], as such an indicator counts them."""
        return self.lexicon.groups(self.text, start, end, counts)

    def said(self, start: int, end: int) -> list[Span]:
        """Words in text[start:end] that tell a goal, a budget or a result."""
        return [s for s in self.scenarios if start <= s.start and s.end <= end]


class Lexicon:
    """A codebook compiled for reading. Build it with `lexicon_of`, once per process."""

    def __init__(self, book: Codebook) -> None:
        self.book = book
        self.classes: dict[str, str] = book.words.get("classes", {})
        self._labels = Words(self._label_entries())
        spans = book.words["spans"]
        # Words that hold a weak label and mean something else.
        self._longer = Words(
            entry
            for name in ("result", "balance", "change")
            for value, words in spans.get(name, {}).items()
            for entry in self._entries(name, value, words)
        )
        # The terms of a formula name no figure of their own: 上年结转+年初预算+追加预算.
        self._formulas = self._listed("basis", spans.get("basis", {}))
        self._groups = {
            "insured": self._listed("group", spans.get("group", {})),
            "posts": self._listed("staff_group", spans.get("staff_group", {})),
            "satisfied": self._listed("satisfied_group", spans.get("satisfied_group", {})),
        }
        self.group_ids = frozenset(
            value
            for name in ("group", "staff_group", "satisfied_group")
            for value in spans.get(name, {})
            if value not in NO_GROUPS
        )
        order = [n for n in spans if n not in ("neutral", "link", "staff_group", "satisfied_group")]
        future = [book.words["expressions"]["future"] + w for w in spans["link"]["to"]]
        spans = {
            **spans,
            "scenario": {**spans["scenario"], "plan": [*spans["scenario"]["plan"], *future]},
        }
        self._scenarios = self._listed("scenario", spans["scenario"])
        growth = spans.get("change", {}).get("word", [])
        levels = [c + to for c in growth for to in book.words["growth"]["to_a_level"]]
        listed = {**spans, "link": {**spans["link"], "to": [*spans["link"]["to"], *levels]}}
        self._others = Words(
            entry
            for name in [*order, "link", "staff_group", "satisfied_group", "neutral"]
            for value, words in listed.get(name, {}).items()
            for entry in self._entries(name, value, words)
        )
        marks = "".join(map(re.escape, _MARKS))
        self._known = re.compile(f"{self._others.beginning}|[{marks}]")
        # Words that tell ratios apart: before a ratio's label they are no unknown words.
        ratios = book.words.get("ratios", {})
        self.kinds_of_ratios = tuple(
            dict.fromkeys(
                word
                for kind in (*ratios.get("kinds", ()), *ratios.get("leads", ()))
                for words in kind.get("all", ())
                for word in words
            )
        ) + tuple(ratios.get("scoped", ()))
        self.assisted_costs = tuple(
            w
            for label in book.words.get("ratios", {}).get("assisted_costs", ())
            for w in expand(label, self.classes)
        )
        self.alphabet = Alphabet(book)
        self.constructions: tuple[Compiled, ...] = tuple(
            compiled(c, self.alphabet) for c in book.constructions
        )
        self._kept = lru_cache(maxsize=8192)(self._index)
        self._kept_labels = lru_cache(maxsize=8192)(self._labels_in)

    def _entries(
        self, name: str, value: str, words: Iterable[str]
    ) -> Iterable[tuple[str, tuple[str, str]]]:
        return ((w, (name, value)) for label in words for w in expand(label, self.classes) if w)

    def _listed(self, name: str, lists: dict[str, list[str]]) -> Words:
        return Words(
            entry for value, words in lists.items() for entry in self._entries(name, value, words)
        )

    def _label_entries(self) -> Iterable[tuple[str, tuple[str, str]]]:
        indicators = self.book.indicators.values()
        heads = set(self.book.words.get("ratios", {}).get("families", ()))
        for indicator in indicators:
            kind = "ratio" if indicator.family in heads else "label"
            yield from self._entries(kind, indicator.indicator, indicator.labels)
        for indicator in indicators:
            yield from self._entries("not_label", indicator.indicator, indicator.not_labels)
        yield from self._entries("ratio", "", self.book.words.get("ratios", {}).get("heads", ()))
        generic = self.book.words["generic"]
        yield from self._entries("generic", "", generic["amount"])
        for indicator in indicators:
            yield from self._entries("rate_of_topic", "", indicator.topic_labels)
        yield from self._entries("flow", "in", generic["flow_in"])
        yield from self._entries("flow", "out", generic["flow_out"])
        for indicator in indicators:
            yield from self._entries("short", indicator.indicator, indicator.short_labels)

    def _across_brackets(self, text: str) -> list[Span]:
        """Labels that words in brackets part: 职工医保基金(含生育保险)收入, 实际报销(兜底)比例."""
        out: list[Span] = []
        for bracket in _ASIDE.finditer(text):
            first, last = bracket.span()
            opening = max(0, first - _LONGEST)
            joined = text[opening:first] + text[last : last + _LONGEST]
            edge = first - opening
            for span in self._labels.every(joined):
                if span.start < edge < span.end and span.type != "not_label":
                    start, end = opening + span.start, last + span.end - edge
                    out.append(Span(start, end, span.type, span.value, text[start:end]))
        return out

    def index(self, text: str) -> Index:
        """The index of a tightened, folded text."""
        return self._kept(text) if len(text) <= _KEPT else self._index(text)

    def groups(self, text: str, start: int, end: int, counts: str = "insured") -> list[Span]:
        """Words for groups of persons in text[start:end] (value "other": without an id)."""
        return [s for s in self._groups[counts].walk(text, start, end) if s.value != "none"]

    def labels(self, text: str) -> tuple[Span, ...]:
        """Labels (also those that only look like one), generic amounts and ratio heads, in order.

        >>> from ingest.codebook.loading import load
        >>> [(t.type, t.value, t.text) for t in lexicon_of(load()).labels("未参保3人,参保率98%")]
        [('not_label', 'insured_persons', '未参保'), ('label', 'participation_rate', '参保率')]
        """
        return self._kept_labels(text) if len(text) <= _KEPT else self._labels_in(text)

    def _labels_in(self, text: str) -> tuple[Span, ...]:
        at_each = list(self._labels.every(text))
        formulas = self._formulas.walk(text) if at_each else []
        if formulas:
            at_each = [
                t
                for t in at_each
                if not any(f.start <= t.start and t.end <= f.end for f in formulas)
            ]
        at_each += self._across_brackets(text)
        if any(token.type in _WEAK for token in at_each):
            groups = [*self._groups["insured"].walk(text), *self._longer.walk(text)]
            at_each = [t for t in at_each if t.type not in _WEAK or not _within(t, groups)]
        at_each.sort(key=lambda t: (_RANK[t.type], t.start - t.end, t.start))
        kept: list[Span] = []
        for token in at_each:
            if all(token.end <= k.start or k.end <= token.start for k in kept):
                kept.append(token)
        return tuple(sorted(_headed(kept, at_each), key=lambda t: t.start))

    def _index(self, text: str) -> Index:
        figures = tuple(_figure(text, q) for q in find(text))
        dated = [d for d in not_figures(text) if d[2] != "list"]
        formulas = [(a, b) for a, b, kind in dated if kind == "formula"]
        labels = tuple(
            t for t in self.labels(text) if not any(a <= t.start < b for a, b in formulas)
        )
        scenarios = self._said(text, labels)
        index = Index(text, figures, labels, scenarios, (), self, tuple(dated))
        sentences = tuple(
            Sentence(
                index,
                start,
                end,
                tuple(f for f in figures if start <= f.quantity.start < end),
                tuple(t for t in labels if start <= t.start < end),
            )
            for start, end in sentence_spans(text)
        )
        object.__setattr__(index, "sentences", sentences)
        return index

    def tiles(self, index: Index) -> tuple[Span, ...]:
        """The tiles of an index (see `Index.tiles`)."""
        fixed = self._fixed(index.text, index.figures, index.labels, index.dated)
        return tuple(self._tiles(index.text, fixed))

    def _said(self, text: str, labels: Sequence[Span]) -> tuple[Span, ...]:
        """Scenario words that are not a piece of a name: none in ratios, in rates only budgets."""
        out = []
        names = [t for t in labels if t.type in ("ratio", "not_label") or self._is_rate(t)]
        for span in self._scenarios.walk(text):
            within = next((t for t in names if t.start <= span.start and span.end <= t.end), None)
            named = within is not None and (
                within.type == "ratio"
                or span.value not in ("initial_budget", "adjusted_budget", "budget")
            )
            if span.value != "none" and not named:
                out.append(span)
        return tuple(out)

    def _is_rate(self, label: Span) -> bool:
        known = self.book.indicators.get(label.value)
        return label.type == "label" and known is not None and known.kind == "rate"

    def _fixed(
        self,
        text: str,
        figures: Sequence[Figure],
        labels: Sequence[Span],
        dated: Sequence[tuple[int, int, str]],
    ) -> list[Span]:
        """The tiles that are sure: figures, labels, and numbers that are none."""
        taken = [Span(f.tile, f.end, "figure", f.kind, text[f.tile : f.end]) for f in figures]
        taken += [
            Span(f.begin, f.tile, "sign", "", text[f.begin : f.tile])
            for f in figures
            if f.begin < f.tile
        ]
        for label in labels:
            if all(label.end <= t.start or t.end <= label.start for t in taken):
                taken.append(Span(label.start, label.end, "label", self.sub(label), label.text))
        for start, end, kind in dated:
            # 2022年初部门预算: the label takes what it shares with the date.
            end = min([end, *(t.start for t in taken if start < t.start < end)])
            if all(end <= t.start or t.end <= start for t in taken):
                span = Span(start, end, "time", "date", text[start:end])
                taken.append(span if kind == "date" else span._replace(type="not_figure", value=""))
        return sorted(taken)

    def sub(self, label: Span) -> str:
        """The value of a label's tile: the kind of its indicator, or what it is instead."""
        return _SUB.get(label.type) or self.book.indicators[label.value].kind

    def _tiles(self, text: str, fixed: Sequence[Span]) -> list[Span]:
        tiles: list[Span] = []
        at = 0
        for span in [*fixed, Span(len(text), len(text), "", "", "")]:
            tiles += self._between(text, at, span.start)
            if span.type:
                tiles.append(span)
            at = span.end
        return tiles

    def _between(self, text: str, start: int, end: int) -> list[Span]:
        """The tiles of a stretch without figures and labels: words, marks, and what is unknown."""
        tiles: list[Span] = []
        at = start
        while at < end:
            mark = _MARKS.get(text[at])
            word = None if mark else self._others.at(text, at, end)
            if mark:
                tiles.append(Span(at, at + 1, "mark", mark, text[at]))
            elif word:
                tiles.append(word)
            else:
                following = self._known.search(text, at + 1, end)
                reach = following.start() if following else end
                first = tiles.pop().start if tiles and tiles[-1].type == "unknown" else at
                tiles.append(_unknown(text, first, reach))
            at = tiles[-1].end
        return tiles


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """The sentences of a passage as half-open spans."""
    spans, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        spans.append((start, match.end()))
        start = match.end()
    if start < len(text):
        spans.append((start, len(text)))
    return spans


def _unknown(text: str, start: int, end: int) -> Span:
    value = "short" if end - start <= _SHORT else "long"
    return Span(start, end, "unknown", value, text[start:end])


def _figure(text: str, quantity: Quantity) -> Figure:
    mark, begin, end = comparator(text, quantity.start, quantity.end)
    if quantity.kind == "range":
        mark, begin, end = quantity.comparator, quantity.start, quantity.end
    signed = not text[begin : quantity.start].strip(_SIGNS)
    return Figure(quantity, begin, end, mark, quantity.start if signed else begin)


def _headed(kept: Sequence[Span], at_each: Sequence[Span]) -> list[Span]:
    """The labels kept, each given up for one that overlaps its end: the head of a noun stands last.

    实际参保率 is a 参保率, not 实际参保.
    """
    heads = [t for t in at_each if t.type in ("label", "ratio") and t not in kept]
    out = list(kept)
    for place, token in enumerate(out):
        if token.type != "label":
            continue
        later = [h for h in heads if token.start < h.start < token.end < h.end]
        free = [
            h
            for h in later
            if all(h.end <= k.start or k.end <= h.start for k in out if k is not token)
        ]
        out[place] = max(free, key=lambda h: h.end, default=token)
    return out


def _within(token: Span, groups: Sequence[Span]) -> bool:
    """Whether the token is a piece of a longer word for a group (收入 in 低收入人口)."""
    return any(
        g.start <= token.start and token.end <= g.end and len(g.text) > len(token.text)
        for g in groups
    )


_CACHE: dict[int, tuple[Codebook, Lexicon]] = {}


def lexicon_of(book: Codebook) -> Lexicon:
    """The compiled lexicon of this codebook (kept for the life of the process)."""
    held = _CACHE.get(id(book))
    if held is None or held[0] is not book:
        held = (book, Lexicon(book))
        _CACHE[id(book)] = held
    return held[1]
