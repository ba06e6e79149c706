"""Whether the constructions and indicators of a codebook hold to their own examples.

An example of an indicator is a sentence in which a label of it stands; where it has a figure, that
is read as the indicator's. None of a counterexample is. An example of a construction is `{ text = "…", states = ["indicator scenario population year value"] }`: a sentence of a
report of the year YEAR and every figure it states. `population` is - where the indicator has none; a
value has its comparator before it (>=95) unless that is =. It must be read so, and by its
construction; in a counterexample the construction must not be used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from ingest.codebook.model import Codebook, Construction, Indicator, expand
from ingest.documents.glyphs import fold
from ingest.printed import plain
from ingest.reading.binder import BINDS
from ingest.reading.index import Lexicon, lexicon_of, tighten
from ingest.reading.sentences import readings
from ingest.reading.state import Fact, Reading, Scope

YEAR = 2023
"""The year of the report that every example stands in."""
_VALUE = re.compile(r"([<>=~]*)(.+)")


def complaints(book: Codebook, only: Iterable[Construction] | None = None) -> Iterator[str]:
    """Every example that is not read as it says, and every counterexample that is read.

    `only` names the constructions to prove; all of the codebook otherwise, and its indicators.
    """
    proved = book.constructions if only is None else tuple(only)
    unknown = [c for c in proved if c.binds and c.binds not in BINDS]
    for construction in unknown:
        yield (
            f"{book.where('constructions', construction.id)}: binds '{construction.binds}', which "
            f"is none of {', '.join(BINDS)}; write one of them"
        )
    if unknown:
        return
    lexicon = lexicon_of(book)
    for construction in proved:
        where = book.where("constructions", construction.id)
        for complaint in _of_construction(construction, book, lexicon):
            yield f"{where}: {complaint}"
    for indicator in book.indicators.values() if only is None else ():
        where = book.where("indicators", indicator.indicator)
        for complaint in _of_indicator(indicator, lexicon):
            yield f"{where}: {complaint}"


def _of_construction(construction: Construction, book: Codebook, lexicon: Lexicon) -> Iterator[str]:
    for example in construction.examples:
        for complaint in _of_example(example, construction, book, lexicon):
            yield f"'{example.get('text', '')}' {complaint}"
    for text in construction.counterexamples:
        if construction.id in used(read(text, lexicon)):
            yield (
                f"the counterexample '{text}' is read by it; narrow the pattern, or take the "
                "sentence off"
            )


def _of_indicator(indicator: Indicator, lexicon: Lexicon) -> Iterator[str]:
    own = indicator.indicator
    for text in indicator.examples:
        found = figures_of(own, text, lexicon)
        if not labels_of(own, text, lexicon):
            yield f"'{text}' holds no label of it; add the label, or take the sentence off"
        elif not found and any(c.isdigit() for c in text):
            others = "; ".join(stated(read(text, lexicon))) or "nothing"
            yield f"'{text}' is not read as it but as {others}; mend the labels, or the sentence"
    for text in indicator.counterexamples:
        if found := figures_of(own, text, lexicon):
            yield (
                f"the counterexample '{text}' is read as {'; '.join(found)}; write what looks like "
                "a label into not_labels, or take the sentence off"
            )


def labels_of(indicator: str, text: str, lexicon: Lexicon) -> list[str]:
    """The labels of an indicator that stand in a sentence."""
    folded = fold(text)
    spans = lexicon.labels(tighten(folded, 0, len(folded)).text)
    return [s.text for s in spans if s.value == indicator and s.type in ("label", "short", "ratio")]


def figures_of(indicator: str, text: str, lexicon: Lexicon) -> list[str]:
    """The figures of an indicator that a sentence states, in the words of an example."""
    return [line for line in stated(read(text, lexicon)) if line.split()[0] == indicator]


def _of_example(
    example: Mapping[str, Any], construction: Construction, book: Codebook, lexicon: Lexicon
) -> Iterator[str]:
    if not is_example(example):
        yield "is no example; write text and states, the list of figures that it states"
        return
    try:
        expected = wanted(example, book)
    except ValueError as error:
        yield f"cannot be proved: {error}"
        return
    read_so = read(example["text"], lexicon)
    found = stated(read_so)
    if found != expected:
        yield (
            f"states {'; '.join(expected) or 'nothing'}, but is read as "
            f"{'; '.join(found) or 'nothing'}; mend the pattern, or the example"
        )
    elif construction.id not in used(read_so):
        others = ", ".join(sorted(used(read_so))) or "nothing"
        yield f"is not read by it but by {others}; give it a lower rank, or another example"


def is_example(example: Mapping[str, Any]) -> bool:
    """Whether a table is an example: a text and a list of the figures it states."""
    states = example.get("states")
    lines = isinstance(states, Sequence) and all(isinstance(line, str) for line in states)
    return set(example) == {"text", "states"} and isinstance(example["text"], str) and lines


def read(text: str, lexicon: Lexicon) -> list[Reading]:
    """The sentences of an example, read in a report of YEAR that says nothing around them."""
    folded = fold(text)
    return readings(tighten(folded, 0, len(folded)).text, Scope(year=YEAR), lexicon)


def used(read_so: Iterable[Reading]) -> set[str]:
    """The constructions that gave figures, or refused them."""
    states = [reading.state for reading in read_so]
    facts = {fact.rule for state in states for fact in state.facts}
    return facts | {refused.rule for state in states for refused in state.refused if refused.rule}


def stated(read_so: Iterable[Reading]) -> list[str]:
    """The figures read, in the words of an example."""
    return sorted(_words(fact) for reading in read_so for fact in reading.state.facts)


def _words(fact: Fact) -> str:
    mark = "" if fact.comparator == "=" else fact.comparator
    year = str(fact.year or "-")
    value = mark + plain(fact.value.normalize())
    return " ".join((fact.indicator, fact.scenario, fact.population or "-", year, value))


def wanted(example: Mapping[str, Any], book: Codebook) -> list[str]:
    """The figures that an example states, in plain form; ValueError for a line that states none."""
    lines = []
    for line in example["states"]:
        words = line.split()
        if len(words) != 5:
            raise ValueError(
                f"'{line}' is no figure; write indicator scenario population year value"
            )
        if words[0] not in book.indicators:
            raise ValueError(f"no indicator named '{words[0]}'")
        mark, value = _value(words[4])
        lines.append(" ".join((*words[:4], mark + plain(value))))
    return sorted(lines)


def _value(text: str) -> tuple[str, Decimal]:
    parts = _VALUE.fullmatch(text)
    try:
        assert parts is not None
        return parts[1], Decimal(parts[2]).normalize()
    except (AssertionError, InvalidOperation):
        raise ValueError(f"'{text}' is no number") from None


def other_words(
    construction: Construction, name: str, lexicon: Lexicon
) -> Iterator[tuple[Mapping[str, Any], str, str]]:
    """Each example with each word of a list in place of its own: example, word, sentence."""
    kind, _, value = name.partition(".")
    listed = lexicon.book.words["spans"][kind][value]
    words = dict.fromkeys(word for label in listed for word in expand(label, lexicon.classes))
    for example in construction.examples:
        for reading in read(example["text"], lexicon):
            for tile in reading.sentence.tiles:
                if (tile.type, tile.value) == (kind, value) and tile.start < tile.end:
                    before, after = reading.text[: tile.start], reading.text[tile.end :]
                    yield from ((example, word, before + word + after) for word in words if word)
