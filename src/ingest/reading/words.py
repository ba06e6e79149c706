"""Finds words of many lists in one walk over a text, longest first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

Trie = dict[str, Any]
_END = ""


class Span(NamedTuple):
    """A word found in text[start:end]: `type` tells its list, `value` what it means there."""

    start: int
    end: int
    type: str
    value: str
    text: str


class Words:
    """Words with what they mean, compiled for matching; of two meanings the first given holds."""

    def __init__(self, entries: Iterable[tuple[str, tuple[str, str]]]) -> None:
        self._trie: Trie = {}
        for word, meaning in entries:
            node = self._trie
            for character in word:
                node = node.setdefault(character, {})
            if word:
                node.setdefault(_END, meaning)
        # Most places are ruled out here, several times as fast as by a look into the trie.
        second = {c for node in self._trie.values() for c in node if c}
        alone = {c for c, node in self._trie.items() if _END in node}
        self.beginning = f"{_any_of(self._trie)}(?={_any_of(second)})|{_any_of(alone)}"
        """A regular expression for the places where a word may begin."""
        self._beginning = re.compile(self.beginning)

    def every(self, text: str) -> Iterator[Span]:
        """The longest word at every place of the text where one begins; they may overlap."""
        for beginning in self._beginning.finditer(text):
            span = self.at(text, beginning.start(), len(text))
            if span:
                yield span

    def walk(self, text: str, start: int = 0, end: int | None = None) -> list[Span]:
        """All words in text[start:end], leftmost and longest first, none overlapping."""
        found = []
        end = len(text) if end is None else end
        reach = start
        for beginning in self._beginning.finditer(text, start, end):
            place = beginning.start()
            span = self.at(text, place, end) if place >= reach else None
            if span:
                found.append(span)
                reach = span.end
        return found

    def at(self, text: str, place: int, end: int) -> Span | None:
        """The longest word that begins at text[place] and ends by `end`."""
        node = self._trie.get(text[place])
        best, meaning, reach = 0, None, place + 1
        while node is not None:
            if _END in node:
                best, meaning = reach, node[_END]
            if reach >= end:
                break
            node = node.get(text[reach])
            reach += 1
        return Span(place, best, meaning[0], meaning[1], text[place:best]) if meaning else None


def _any_of(characters: Collection[str]) -> str:
    """A pattern for one of these characters; for none of them, one that fits nowhere."""
    held = [c for c in characters if c]
    return f"[{''.join(map(re.escape, sorted(held)))}]" if held else "(?!)"
