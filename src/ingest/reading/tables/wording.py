"""The words of heads, rows and forms, compiled from the codebook once."""

from __future__ import annotations

import re
from functools import lru_cache

from ingest.codebook.model import Codebook
from ingest.reading.index import Lexicon
from ingest.reading.state import BUDGETS

SCENARIOS = ("initial_budget", "adjusted_budget", "budget", "actual", "target")
VALUES = (*SCENARIOS, "score", "weight", "change", "source", "share")
"""Roles of columns with figures."""


class Wording:
    """What `forms.toml` says, ready for asking."""

    def __init__(self, lexicon: Lexicon) -> None:
        words = lexicon.book.words
        self.lexicon = lexicon
        self.columns: dict[str, list[str]] = words["columns"]
        self.heads: dict[str, list[str]] = words["columns_of"]
        self.rows: dict[str, list[str]] = words["rows"]
        self.tables = words["tables"]
        self.rules = {
            name: re.compile(expression)
            for name, expression in words["expressions"]["tables"].items()
        }
        self.total = frozenset(self.rows["total"])
        self.frame = frozenset(self.rows["frame"])
        self.role = lru_cache(maxsize=4096)(self._role)
        self.schemes = schemes_of(lexicon.book)

    def _role(self, text: str) -> str:
        """What the head of a column says (the name of a list), "" for nothing known."""
        return self._longest(text, "")

    def role_without_source(self, text: str) -> str:
        """The role of a head whose table has one source of funds only."""
        return self._longest(text, "source")

    def _longest(self, text: str, without: str) -> str:
        """The list whose longest word the text holds; two years in one head are compared."""
        if len(set(self.rules["head_year"].findall(text))) > 1:
            return "change"
        best, role = 0, ""
        for name, words in self.columns.items():
            for word in words if name != without else ():
                if len(word) > best and word in text:
                    best, role = len(word), name
        if role == "budget":
            exact = (n for n in BUDGETS[:2] if any(w in text for w in self.heads[n]))
            return next(exact, role)
        return role

    def bare(self, text: str) -> str:
        """A row's name without its number and the colon at its end."""
        return self.rules["numbering"].sub("", text).rstrip(":")

    def is_total(self, text: str) -> bool:
        """Whether a row's name stands for the whole."""
        return self.bare(text) in self.total

    def is_year(self, text: str) -> bool:
        """Whether a cell holds a year and nothing else."""
        return self.rules["year_head"].fullmatch(text) is not None

    def is_sentence(self, text: str) -> bool:
        """Whether a cell holds a sentence, which heads nothing."""
        return self.rules["sentence"].search(text) is not None

    def is_money(self, text: str) -> bool:
        """Whether a head is one of amounts, so that no rate stands below it."""
        return any(word in text for word in self.heads["money"])

    def states(self, text: str) -> bool:
        """Whether a cell of words states a figure itself, and so names no other."""
        figures = self.lexicon.index(text).figures
        return any(f.kind in ("percent", "amount", "count") for f in figures)

    def has_group(self, text: str) -> bool:
        """Whether a short text names a group of the insured."""
        if len(text) > 24 or any(word in text for word in self.frame):
            return False
        known = self.lexicon.group_ids
        found = self.lexicon.groups(text, 0, len(text))
        return any(g.value in known or g.value == "other" for g in found)

    def group_words(self, text: str) -> str:
        """The words of a head that name groups of persons."""
        found = self.lexicon.groups(text, 0, len(text))
        return "".join(g.text for g in found if g.value != "people")


def schemes_of(book: Codebook) -> frozenset[str]:
    """The insurances, as groups of the insured: what all the insured are the sum of."""
    return frozenset(
        part
        for total in book.sums
        if total.by == "population" and book.indicators[total.whole].role == "insured"
        for part in total.parts
    )


_CACHE: dict[int, Wording] = {}


def wording_of(lexicon: Lexicon) -> Wording:
    """The compiled words of a lexicon (kept for the life of the process)."""
    held = _CACHE.get(id(lexicon))
    if held is None or held.lexicon is not lexicon:
        held = _CACHE[id(lexicon)] = Wording(lexicon)
    return held
