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
from difflib import get_close_matches
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

    @property
    def names(self) -> list[str]:
        """The types of spans and the marks that a pattern may name."""
        return sorted({*self._of_type, *_MARKS})

    def is_macro(self, word: str) -> bool:
        """Whether a word of a pattern stands for a pattern of its own."""
        return word in self._macros

    def one_of(self, word: str) -> str:
        """The symbols that a word of a pattern stands for; PatternError for an unknown word."""
        name, _, value = word.partition(".")
        if name in _MARKS and not value:
            return self._symbols["mark", name]
        if name not in self._of_type:
            known = sorted([*self.names, *self._macros])
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
            raise PatternError(f"no type of spans named '{name}'; {hint}")
        if not value:
            return self._of_type[name]
        if (name, value) not in self._symbols:
            known = sorted(v for n, v in self._symbols if n == name)
            raise PatternError(f"'{name}' has no value '{value}'; it has {', '.join(known)}")
        return self._symbols[name, value]

    def expression(self, pattern: str, depth: int = 0) -> str:
        """A pattern as a regular expression over symbols."""
        out: list[str] = []
        closing: list[str] = []
        at = 0
        while at < len(pattern.rstrip()):
            piece = _PIECE.match(pattern, at)
            if piece is None:
                raise PatternError(
                    f"'{pattern[at:]}' cannot be read; write names of spans, ( ) | ? * + and blanks"
                )
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
            raise PatternError(
                f"'{pattern}' does not close what it opens, or captures one name twice; mend it"
            ) from error
        return joined

    def _piece(self, piece: re.Match[str], depth: int) -> str:
        if piece["bar"]:
            return "|"
        name, captured, word = piece["word"].rpartition(":")
        many = piece["many"]
        if word in self._macros:
            if depth > 8:
                raise PatternError(f"the macro '{word}' names itself; take it out of itself")
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


LABELLED = ("label", "after", "waiting", "budget-of-share", "completion", "second-name")
"""What binds a figure to a label that the pattern itself captures."""


def of_macros(book: Codebook) -> Iterator[tuple[str, str]]:
    """The macros that cannot be read, each with what is wrong with it."""
    alphabet = Alphabet(book)
    macros: Mapping[str, str] = book.words.get("macros", {})
    wrong: dict[str, str] = {}
    for name, pattern in macros.items():
        try:
            alphabet.expression(pattern)
        except PatternError as error:
            wrong[name] = str(error)
    # One that only names a wrong one is right as soon as that is mended.
    own = [n for n in wrong if not (set(re.findall(r"\w+", macros[n])) - {n}) & set(wrong)]
    yield from ((name, wrong[name]) for name in own or wrong)


def complaints(construction: Construction, book: Codebook) -> Iterator[str]:
    """What is wrong with the pattern of a construction."""
    try:
        captured = compiled(construction, Alphabet(book)).expression.groupindex
    except PatternError as error:
        yield str(error)
        return
    if "figure" not in captured:
        yield "captures no figure; write figure: before the figure it is about"
    elif construction.binds in LABELLED and "label" not in captured:
        yield f"binds '{construction.binds}' and captures no label; write label: before the label"
