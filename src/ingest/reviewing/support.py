"""Which constructions and which listed words a hand-made truth supports."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ingest.codebook.model import Codebook, expand
from ingest.documents.glyphs import fold
from ingest.reading.explaining import choices
from ingest.reading.index import Lexicon, Sentence, lexicon_of, tighten
from ingest.records import Document, Identity, Mention

_KINDS = {"labels": "label", "short_labels": "short", "topic_labels": "rate_of_topic"}
Seen = set[tuple[str, str, str]]


@dataclass
class Support:
    """What was counted: figures that each construction gave, those of them that are right, figures
    that it refused; and the words (type, value, text) in the sentences of right figures.
    """

    gave: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    seen: Seen = field(default_factory=set)


@dataclass(frozen=True)
class Listed:
    """A list of words, under its name: how many it holds, and those that no right figure has."""

    name: str
    words: int
    unsupported: tuple[str, ...]


def count(
    support: Support,
    document: Document,
    identity: Identity,
    judged: Sequence[tuple[Mention, bool]],
    book: Codebook,
) -> None:
    """Adds one report: its mentions, each with whether the truth states it."""
    lexicon = lexicon_of(book)
    for mention, right in judged:
        support.gave[mention.rule] += 1
        support.right[mention.rule] += right
        if right:
            support.seen |= _words(document, mention, lexicon)
    for choice in choices(document, identity, book):
        if choice.rule and not choice.taken:
            support.refused[choice.rule] += 1


def _words(document: Document, mention: Mention, lexicon: Lexicon) -> Seen:
    """The words around a figure: of its sentence, or of its row and of what settled it."""
    if mention.layout == "prose":
        block = document.blocks[mention.block]
        passage = tighten(document.text, block.start, block.end)
        at = bisect_right(passage.offsets, mention.start) - 1
        held = (s for s in lexicon.index(passage.text).sentences if s.start <= at < s.end)
        return {word for sentence in held for word in _of_sentence(sentence)}
    texts = [mention.quote, *(words for _, words in mention.settled)]
    passages = (tighten(text, 0, len(text)).text for text in map(fold, texts))
    found = (s for text in passages for s in lexicon.index(text).sentences)
    return {word for sentence in found for word in _of_sentence(sentence)}


def _of_sentence(sentence: Sentence) -> Iterator[tuple[str, str, str]]:
    yield from ((t.type, t.value, t.text) for t in sentence.tiles)
    yield from ((t.type, t.value, t.text) for t in sentence.labels)
    said = sentence.index.said(sentence.start, sentence.end)
    yield from ((t.type, t.value, t.text) for t in said)


def table_of_constructions(support: Support, book: Codebook, by_truth: bool) -> Iterator[str]:
    """Every construction and every rule of tables: figures it gave, right ones, figures it refused.

    A construction with neither a right figure nor a refusal has no support: it is marked.
    """
    own = [c.id for c in book.constructions]
    names = [*own, *sorted({*support.gave, *support.refused} - set(own))]
    width = max(map(len, names))
    head = ("figures", "right", "refused") if by_truth else ("figures", "refused")
    yield f"{'construction':<{width}}" + "".join(f"{word:>9}" for word in head)
    idle = 0
    for name in names:
        right = (support.right[name],) if by_truth else ()
        counts = (support.gave[name], *right, support.refused[name])
        unsupported = not (support.right if by_truth else support.gave)[name]
        unsupported &= not support.refused[name]
        idle += unsupported and name in own
        mark = "  no support" if unsupported else ""
        yield f"{name:<{width}}" + "".join(f"{count:>9}" for count in counts) + mark
    yield f"{len(own)} constructions, {idle} without support"


def table_of_words(support: Support, book: Codebook) -> Iterator[str]:
    """Every list of words, how many it holds, and the words that stand with no right figure."""
    listed = list(lists(support, book))
    width = max(len(one.name) for one in listed)
    yield f"{'list':<{width}}{'words':>9}{'without':>9}"
    for one in listed:
        yield f"{one.name:<{width}}{one.words:>9}{len(one.unsupported):>9}"
        if one.unsupported:
            yield "    " + " ".join(one.unsupported)
    words, without = sum(o.words for o in listed), sum(len(o.unsupported) for o in listed)
    yield f"{words} listed words, {without} of them with no right figure"


def lists(support: Support, book: Codebook) -> Iterator[Listed]:
    """Every list of words of the codebook, and the labels of every indicator."""
    classes: dict[str, str] = book.words.get("classes", {})
    for kind, values in book.words["spans"].items():
        for value, words in values.items():
            seen = {text for t, v, text in support.seen if (t, v) == (kind, value)}
            yield _listed(f"{kind}.{value}", words, seen, classes)
    for indicator in book.indicators.values():
        for name, kind in _KINDS.items():
            own = {(kind, indicator.indicator), ("ratio", indicator.indicator)}
            seen = {text for t, v, text in support.seen if (t, v) in own}
            if words := getattr(indicator, name):
                yield _listed(f"{indicator.indicator}.{name}", words, seen, classes)


def _listed(name: str, words: Iterable[str], seen: set[str], classes: dict[str, str]) -> Listed:
    held = tuple(words)
    without = tuple(w for w in held if not seen.intersection(expand(w, classes)))
    return Listed(name, len(held), without)
