"""The language of constructions: patterns over typed spans, compiled to regular expressions.

A pattern is words parted by blanks. Each names a type of span (`link`), or a type and a value
(`scenario.target`, `label.rate`); `a|b` is one of several, `( … )` groups, and `?`, `*`, `+` after a
word or a group have their usual meaning. `name:type` captures the span under a name. A word that
the codebook lists under `macros` stands for the pattern written there.

A sentence is turned into a string with one character a span, so that a pattern is matched by `re`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Protocol

from ingest.codebook.model import Codebook, Construction

_FIRST = 0xE000
"""Private use: no text holds these characters, so a span's symbol is never mistaken for text."""
_PIECE = re.compile(
    r"\s*(?:(?P<open>(?:\w+:)?\()|(?P<close>\)[?*+]?)|(?P<bar>\|)|(?P<word>[\w.:@-]+)(?P<many>[?*+]?))"
)
_FIGURES = ("amount", "percent", "count", "visits", "score", "points", "other", "bare", "range")
_LABELS = (
    "amount",
    "rate",
    "count",
    "score",
    "mock",
    "ratio",
    "generic",
    "topic_rate",
    "flow",
    "short",
)
_MARKS = {
    "comma": ",",
    "semicolon": ";",
    "colon": ":",
    "stop": "。",
    "open": "(",
    "close": ")",
    "blank": " ",
    "start": "",
}
_UNKNOWN = ("short", "long")
_SHORT = 4
"""An unknown run of so many characters is short."""


class Typed(Protocol):
    """A span as patterns see it: what list its word stands in, and what it means there."""

    @property
    def type(self) -> str: ...

    @property
    def value(self) -> str: ...


class PatternError(ValueError):
    """A pattern cannot be read; the message says why."""


class Alphabet:
    """The symbols of the types of spans that a codebook knows."""

    def __init__(self, book: Codebook) -> None:
        types: dict[str, list[str]] = {
            "figure": list(_FIGURES),
            "label": list(_LABELS),
            "mark": list(_MARKS),
            "unknown": list(_UNKNOWN),
            "not_figure": [""],
            "sign": [""],
        }
        for name, values in book.words.get("spans", {}).items():
            # A type without words has a symbol, too, which no sentence holds.
            types[name] = list(values) or [""]
        types["time"] = [*types.get("time", ()), "date"]
        self._symbols: dict[tuple[str, str], str] = {}
        for name, values in types.items():
            for value in values:
                self._symbols[name, value] = chr(_FIRST + len(self._symbols))
        self._of_type = {
            name: "".join(self._symbols[name, value] for value in values)
            for name, values in types.items()
        }
        self._other = chr(_FIRST + len(self._symbols))
        self._macros: dict[str, str] = book.words.get("macros", {})

    def symbol(self, span: Typed) -> str:
        """The character that stands for a span."""
        return self._symbols.get((span.type, span.value), self._other)

    def string(self, spans: Sequence[Typed]) -> str:
        """A sentence as one character a span."""
        return "".join([self._symbols.get((s.type, s.value), self._other) for s in spans])

    def is_macro(self, word: str) -> bool:
        """Whether a word of a pattern stands for a pattern of its own."""
        return word in self._macros

    def one_of(self, word: str) -> str:
        """The symbols that a word of a pattern stands for; PatternError for an unknown word."""
        name, _, value = word.partition(".")
        if name in _MARKS and not value:
            return self._symbols["mark", name]
        if name not in self._of_type:
            known = ", ".join(sorted([*self._of_type, *_MARKS]))
            raise PatternError(f"no type of spans named '{name}'; known are {known}")
        if not value:
            return self._of_type[name]
        if (name, value) not in self._symbols:
            raise PatternError(f"'{name}' has no value '{value}'")
        return self._symbols[name, value]

    def expression(self, pattern: str, depth: int = 0) -> str:
        """A pattern as a regular expression over symbols."""
        out: list[str] = []
        closing: list[str] = []
        at = 0
        while at < len(pattern.rstrip()):
            piece = _PIECE.match(pattern, at)
            if piece is None:
                raise PatternError(f"'{pattern[at:]}' cannot be read")
            at = piece.end()
            if piece["open"]:
                # What is captured is the group with all its repetitions.
                name = piece["open"][:-2]
                out.append(f"(?P<{name}>(?:" if name else "(?:")
                closing.append(")" if name else "")
            elif piece["close"]:
                out.append(piece["close"] + (closing.pop() if closing else ""))
            else:
                out.append(self._piece(piece, depth))
        joined = "".join(out)
        try:
            re.compile(joined)
        except re.error as error:
            raise PatternError(f"'{pattern}': {error}") from None
        return joined

    def _piece(self, piece: re.Match[str], depth: int) -> str:
        if piece["bar"]:
            return "|"
        name, captured, word = piece["word"].rpartition(":")
        many = piece["many"]
        if word in self._macros:
            if depth > 8:
                raise PatternError(f"the macro '{word}' names itself")
            inner = f"(?:{self.expression(self._macros[word], depth + 1)})"
        else:
            inner = f"[{self.one_of(word)}]"
        if captured:
            return f"(?P<{name}>{inner}{many})"
        return inner + many


@dataclass(frozen=True)
class Compiled:
    """A construction ready to match.

    `needs` holds symbols of which a sentence must have one each. `several`: other figures may stand
    in the pattern, so that a match is sought for each figure by itself.
    """

    construction: Construction
    expression: re.Pattern[str]
    needs: tuple[frozenset[str], ...]
    several: bool = False

    def matches(
        self, string: str, figures: Sequence[int], present: Set[str]
    ) -> Iterator[Mapping[str, tuple[int, int]]]:
        """Every match: captured names with their places in `string`; `figures` are those of figures.

        `present` are the symbols of `string`, made once for all constructions.
        """
        for wanted in self.needs:
            if wanted.isdisjoint(present):
                return
        for marked in [_marked(string, f) for f in figures] if self.several else [string]:
            for match in self.expression.finditer(marked):
                named = {
                    name: match.span(name)
                    for name, held in match.groupdict().items()
                    if held is not None
                }
                yield named


def _marked(string: str, place: int) -> str:
    """The string with one figure told from the others by a symbol of its own."""
    return string[:place] + chr(ord(string[place]) + _OWN) + string[place + 1 :]


def compiled(construction: Construction, alphabet: Alphabet) -> Compiled:
    """Compiles a construction; PatternError where its pattern cannot be read."""
    words = construction.pattern.split()
    several = any(re.match(r"\(*figure(?![:\w])", w) for w in words) or any(
        w.strip("()?*+") in ("between",) for w in words
    )
    expression = alphabet.expression(construction.pattern)
    if several:
        expression = _OWN_FIGURE.sub(lambda m: _shifted(m.group(0)), expression)
    needs = [
        frozenset(alphabet.one_of(word.rpartition(":")[2]))
        for word in words
        if re.fullmatch(r"\w+:[\w.]+", word) and not alphabet.is_macro(word.rpartition(":")[2])
    ]
    if several:
        needs = [n for n in needs if not n & set(alphabet.one_of("figure"))]
    return Compiled(construction, re.compile(f"(?=(?P<whole>{expression}))"), tuple(needs), several)


_OWN = 0x800
"""How far the symbol of the figure being asked about lies behind that of its kind."""
_OWN_FIGURE = re.compile(r"\(\?P<figure>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")


def _shifted(expression: str) -> str:
    """The expression of the captured figure with the symbols that mark it as the one asked about."""
    return "".join(
        chr(ord(c) + _OWN) if _FIRST <= ord(c) < _FIRST + _OWN else c for c in expression
    )


def complaints(construction: Construction, book: Codebook) -> Iterator[str]:
    """What is wrong with the pattern of a construction."""
    try:
        compiled(construction, Alphabet(book))
    except PatternError as error:
        yield str(error)
