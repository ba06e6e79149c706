"""What the heads over a cell say about the figures below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.reading.index import Passage
from ingest.reading.tables.grid import Grid, GridCell, Row
from ingest.reading.tables.names import name_of, rate_between
from ingest.reading.tables.wording import SCENARIOS, VALUES, Wording


@dataclass(frozen=True)
class Column:
    """What a column says: `role` is a list's name in forms.toml, or ""; `indicator` what it names.

    `text` are its words, `passage` where they stand; `total` tells that it is of all sources, units
    or groups; `money` that it holds amounts, `rate` that its words are of a rate.
    """

    text: str
    role: str
    passage: Passage
    year: int | None
    unit: str
    indicator: str
    total: bool = False
    money: bool = False
    rate: bool = False

    @property
    def scenario(self) -> str:
        """The scenario that the column tells, "" for none."""
        return self.role if self.role in SCENARIOS else ""


class Columns:
    """Makes columns of head cells; what a short name means depends on `above`, the rows read so far."""

    def __init__(self, grid: Grid, year: int | None) -> None:
        self.grid, self.year = grid, year
        self.words: Wording = grid.words
        self.above: set[str] = set()

    def of(self, over: Sequence[GridCell], beside: Row) -> Column:
        """The column under these head cells, upper ones first; `beside` is the lowest head row."""
        told = [h for h in over if not self.words.is_sentence(h.text)]
        if over and not told:
            return Column(over[-1].text, "sentence", over[-1].passage, None, "", "")
        over = told
        subtotal = self.words.rows["subtotal"]
        held = [h for h in over if h.text not in subtotal and h.text] or list(over)
        text = "".join(h.text for h in held)
        role = ""
        for head in over:
            role = self.role_in(head.text, beside) or role
        unit = self.words.rules["unit"].search(text)
        name = name_of(text, self.grid.lexicon, self.above)
        indicator = name.indicator or ("" if role == "share" else self._rate_of(text, beside))
        return Column(
            text,
            role,
            Passage(text, tuple(o for h in held for o in h.passage.offsets)),
            self._year(over),
            unit.group(1) if unit else "",
            "" if role in ("share", "score", "weight") else indicator,
            total=any(self._is_total(h.text) for h in over),
            money=self.words.is_money(text),
            rate=any(word in text for word in self.words.heads["rate"]),
        )

    def role_in(self, text: str, beside: Row) -> str:
        """The role of a head among its neighbours: one source of funds needs a whole beside it."""
        role = self.words.role(text)
        if role != "source":
            return role
        whole = any(h.text and h.text != text and self._is_whole(h.text) for h in beside)
        return role if whole else self.words.role_without_source(text)

    def _is_whole(self, text: str) -> bool:
        return self._is_total(text) or self.words.role(text) in SCENARIOS

    def _is_total(self, text: str) -> bool:
        return text in self.words.total or text.endswith(tuple(self.words.rows["subtotal"]))

    def _year(self, over: Sequence[GridCell]) -> int | None:
        year = None
        for head in over:
            found = self.words.rules["head_year"].search(head.text)
            if found:
                year = int(found.group(1))
            elif self.year and head.text.startswith(tuple(self.words.tables["previous_year"])):
                year = self.year - 1
        return year

    def _rate_of(self, text: str, beside: Row) -> str:
        """A bare rate: the one whose two terms stand in the same head."""
        if not any(word in text for word in self.words.heads["rate"][:3]):
            return ""
        named = {name_of(h.text, self.grid.lexicon, self.above).indicator for h in beside}
        return rate_between(named - {""}, self.grid.lexicon.book)

    def is_value(self, head: GridCell) -> bool:
        """Whether a head stands over figures."""
        role = self.words.role(head.text)
        return role in VALUES or bool(name_of(head.text, self.grid.lexicon, self.above).indicator)
