"""The grid of a table: what its cells hold, which rows are heads, what each column says.

A table with coordinates is read by place. Where a flattened table kept only the order of its cells,
a row is laid under its head by counting; one that does not fit is left to be refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from ingest.lexicon import Lexicon
from ingest.passages import Passage, tighten
from ingest.quantities import find
from ingest.records import Block, Cell, Document

ROW_UNITS = ("亿元", "万元", "千元", "元", "万人", "人", "%")
SIGNS = ("≥", "≤", ">", "<", "=")
_DASH = re.compile(r"[-—/\\]+|无|…+|\.{3,}")
UNIT = re.compile(r"(?:单位[:为]?|\()(亿元|万元|千元|元|万人|人|%)(?:\)|$|,|[、,]|\s)")
_CAPTION_UNIT = re.compile(r"(?:单位|金额单位|计量单位)[:为]?\(?(亿元|万元|千元|元)")
_CELL_UNIT = re.compile(r"\((亿元|万元|千元|元)\)")
YEAR_HEAD = re.compile(r"(?:19|20)\d\d年?度?")
_MONEY_HEAD = re.compile(r"(?:年初|全年|调整后?)?(?:预算|决算|执行)数(?:\([A-Z]\))?(?:\(万?元\))?")
_HEAD_YEAR = re.compile(r"((?:19|20)\d\d)年?")
_ORDINAL = re.compile(r"^(?:\(?[一二三四五六七八九十\d]+[)、.:]|[①-⑳]|其中:?|加:|减:)+")
_LINE_NUMBER = re.compile(r"\d{1,3}")
_OF_A_PART = re.compile("财政拨款收[入支]|政府性基金|国有资本")
SCENARIOS = ("initial_budget", "adjusted_budget", "budget", "actual", "target")
_VALUE_ROLES = (*SCENARIOS, "score", "weight", "change")


@dataclass(frozen=True)
class Column:
    """What the head of a column says: `role` is a list's name in context.toml, or ""."""

    text: str
    role: str
    passage: Passage
    year: int | None
    unit: str
    labelled: str
    total: bool = False


@dataclass(frozen=True)
class GridCell:
    cell: Cell
    passage: Passage
    kind: str  # empty, dash, number, text

    @property
    def text(self) -> str:
        return self.passage.text


class Grid:
    """One table: `rows` of cells, and `head`, the head rows that hold for the rows read next.

    `caption` is what stands before the table, `year` the report's; `unit` that of bare amounts.
    """

    def __init__(
        self, document: Document, block: Block, caption: str, year: int | None, lexicon: Lexicon
    ) -> None:
        self.document, self.block, self.caption = document, block, caption
        self.year, self.lexicon = year, lexicon
        self.rows_of = lexicon.context["rows"]
        self.head: list[list[GridCell]] = []
        # Indicators that the rows above name: a short name may be a part of one.
        self.above: set[str] = set()
        # The columns already told under the head rows that hold now.
        self._head_seen: list[list[GridCell]] = self.head
        self._seen: dict[tuple[int, int], Column] = {}
        self.rows = self._joined_heads(self._without_line_numbers(self._grid()))
        # The wordy cells that reach over rows below, with the rows they stand in.
        self.tall = [
            (row, cell)
            for row in self.rows
            for cell in row
            if cell.cell.rows > 1 and cell.kind == "text"
        ]
        self.unit = self._table_unit()

    def _grid(self) -> list[list[GridCell]]:
        rows: dict[int, list[GridCell]] = {}
        for cell in self.block.cells:
            passage = tighten(self.document.text, cell.start, cell.end)
            rows.setdefault(cell.row, []).append(GridCell(cell, passage, self._kind(passage.text)))
        grid = [sorted(rows[r], key=lambda c: c.cell.column) for r in sorted(rows)]
        return [part for row in grid for part in self._rechunked(row)]

    def _rechunked(self, row: list[GridCell]) -> list[list[GridCell]]:
        """A table whose rows ran together into one: a head, then rows of a name and its figures."""
        if not self.block.ragged or len(row) < 9:
            return [row]
        width = next((i for i, c in enumerate(row) if i and self._ends_head(row, i)), 0)
        if width < 2 or len(row) % width:
            return [row]
        parts = [row[i : i + width] for i in range(0, len(row), width)]
        regular = all(
            part[0].kind == "text" and all(c.kind != "text" for c in part[1:]) for part in parts[1:]
        )
        return parts if regular else [row]

    def _without_line_numbers(self, grid: list[list[GridCell]]) -> list[list[GridCell]]:
        """The rows of a final account without their line numbers (行次), where these are sure.

        Accounts of appropriations alone keep them, and are refused: their totals are a part only.
        """
        if _OF_A_PART.search(self.caption):
            return grid
        told = "行次" in self.caption or any(c.text == "行次" for row in grid for c in row)
        width = max(map(len, grid), default=0)
        full = [row for row in grid if len(row) == width and self._numbers_line(row, 1)]
        two = width > 5 and all(self._numbers_line(row, 4) or not row[4].text for row in full)
        sides = (1, 4) if two else (1,)
        for place in sides:
            numbers = [int(row[place].text) for row in full if row[place].text]
            if not told or len(full) < 2 or any(a >= b for a, b in pairwise(numbers)):
                return grid
        return [
            [c for i, c in enumerate(row) if i not in sides] if row in full else row for row in grid
        ]

    def _numbers_line(self, row: list[GridCell], place: int) -> bool:
        if len(row) < place + 2:
            return False
        return bool(_LINE_NUMBER.fullmatch(row[place].text)) and row[place - 1].kind == "text"

    def _ends_head(self, row: list[GridCell], place: int) -> bool:
        """Whether row[:place] is a head: words only, and then a name and a figure."""
        following = row[place : place + 2]
        named = [c.kind for c in following] in (["text", "number"], ["text", "dash"])
        return named and all(c.kind == "text" for c in row[:place])

    def _table_unit(self) -> str:
        """The unit of amounts that caption or cells prescribe, "" where none or several do."""
        words = [self.caption, *(c.text for row in self.rows for c in row if c.kind == "text")]
        for rule in (_CAPTION_UNIT, _CELL_UNIT):
            units = {u for w in words for u in rule.findall(w)}
            if units:
                return units.pop() if len(units) == 1 else ""
        return ""

    def _kind(self, text: str) -> str:
        if not text.strip():
            return "empty"
        if _DASH.fullmatch(text):
            return "dash"
        found = find(text)
        if len(found) == 1 and found[0].kind not in ("other", "points", "range"):
            rest = text[: found[0].start] + text[found[0].end :]
            if re.fullmatch(r"[≥≤><=~约近以上内下左右及不低于少超过高达到为\s()]*", rest):
                return "number"
        return "text"

    def _joined_heads(self, grid: list[list[GridCell]]) -> list[list[GridCell]]:
        """Joins head rows torn apart inside their words (年初预 / 算数) into one."""
        out: list[list[GridCell]] = []
        at = 0
        while at < len(grid):
            taken = 1
            for count in (3, 2):
                rows = grid[at : at + count]
                if len(rows) == count and self._torn_words(rows):
                    out.append(self._glue(rows))
                    taken = count
                    break
            else:
                out.append(grid[at])
            at += taken
        return out

    def head_line(self, block: Block) -> list[list[GridCell]]:
        """The head that a flattened table left in the line before it, if it fits the columns."""
        if block.kind != "paragraph" or not self.block.ragged or not self.rows:
            return []
        words = list(re.finditer(r"\S+", self.document.text[block.start : block.end]))
        if len(words) != len(self.rows[0]) or self.is_head(self.rows[0]):
            return []
        cells = []
        for place, word in enumerate(words):
            start, end = block.start + word.start(), block.start + word.end()
            passage = tighten(self.document.text, start, end)
            cells.append(GridCell(Cell(-1, place, start, end), passage, self._kind(passage.text)))
        return [cells] if self.is_head(cells) else []

    def _torn_words(self, rows: list[list[GridCell]]) -> bool:
        if any(c.kind == "number" for row in rows for c in row):
            return False
        if len(rows[0]) < 4 or any(len(row) > len(rows[0]) for row in rows):
            return False
        alone = sum(self.role(c.text) in SCENARIOS for row in rows for c in row)
        joined = sum(self.role(c.text) in SCENARIOS for c in self._glue(rows))
        return joined >= 2 and joined > alone

    def _glue(self, rows: list[list[GridCell]]) -> list[GridCell]:
        out = []
        for place, cell in enumerate(rows[0]):
            parts = [row[place] for row in rows if place < len(row)]
            text = "".join(p.text for p in parts)
            offsets = tuple(o for p in parts for o in p.passage.offsets)
            out.append(GridCell(cell.cell, Passage(text, offsets), "text" if text else "empty"))
        return out

    def role(self, text: str) -> str:
        """The list in context.toml whose longest word stands in a column's head, "" if none."""
        return self.lexicon.column_role(text)

    def is_head(self, row: list[GridCell]) -> bool:
        """A header row names roles or indicators and holds no figure."""
        if any(c.kind == "number" and not YEAR_HEAD.fullmatch(c.text) for c in row):
            return False
        filled = [c for c in row if c.kind in ("text", "number")]
        if not filled or any(len(c.text) > 40 for c in filled):
            return False
        roles = [self.role(c.text) for c in filled]
        values = [r for r in roles if r in (*SCENARIOS, "score", "weight", "change")]
        values += [c.text for c in filled if YEAR_HEAD.fullmatch(c.text)]
        if values and not any(
            find(c.text) and not self.role(c.text) and not YEAR_HEAD.fullmatch(c.text)
            for c in filled
        ):
            return len(filled) >= 2 or len(row) <= 2
        groups = [
            c
            for c in filled
            if self.has_group(c.text)
            or self.role(c.text) == "label"
            or c.text in self.rows_of["total"]
            or "医疗保险" in c.text
            or "医保" in c.text
        ]
        if len(groups) >= 2 and len(groups) == len(filled) and not self.labelled(filled[0].text):
            return True
        labelled = [c for c in filled if self.labelled(c.text)]
        framing = [
            c for c in filled if c.text in self.rows_of["total"] or self.role(c.text) == "label"
        ]
        return (
            len(labelled) >= 2
            and (len(labelled) + len(framing)) * 2 >= len(filled)
            and not any(find(c.text) for c in filled)
        )

    def labelled(self, text: str) -> str:
        """The indicator that a label or ratio in the text names, or "".

        A short label counts behind its whole (公务用车购置及运行费…购置费).
        """
        tokens = self.lexicon.labels(text)
        for place, token in enumerate(tokens[::-1]):
            if token.kind == "label":
                return token.value
            if token.kind == "ratio":
                return self.lexicon.ratio_indicator(text, "", "")
            before = {t.value for t in tokens[: len(tokens) - 1 - place] if t.kind == "label"}
            before |= self.above
            if token.kind == "short" and any(
                total.whole in before and token.value in total.parts
                for total in self.lexicon.definitions.sums
            ):
                return token.value
        return ""

    def columns(self, row: list[GridCell]) -> dict[int, Column] | None:
        """For each cell of a data row (by its place in the row) the column it stands in.

        None when the row does not fit the header by any safe reading.
        """
        if not self.head:
            return {}
        if not self.block.ragged:
            return {i: self._above(c) for i, c in enumerate(row)}
        head = self.head[-1]
        if len(row) == len(head) and (self._stands_apart(row, head) or self._share_of_money(row)):
            return self._by_sequence(row, head)
        if len(row) == len(head):
            return {i: self._column(self._over(i)) for i in range(len(row))}
        unnamed = not any(self.role(h.text) == "label" for h in head)
        if len(row) == len(head) + 1 and row[0].kind == "text" and unnamed:
            # The blank over the column of names was lost.
            return {i + 1: self._column([h]) for i, h in enumerate(head)}
        if len(self.head) > 1:
            return self._torn(row)
        if self._spans_names(row, head):
            first = len(row) - len(head)
            return {first + i: self._column([h]) for i, h in enumerate(head) if i}
        return self._shifted(row, head) or self._by_sequence(row, head)

    def _share_of_money(self, row: list[GridCell]) -> bool:
        """Whether a percentage stands below a head of amounts: the row lost a cell before it."""
        return any(
            "%" in c.text and c.kind == "number" and _MONEY_HEAD.fullmatch(h.text)
            for c, h in zip(row, self.head[-1], strict=True)
        )

    def _stands_apart(self, row: list[GridCell], head: list[GridCell]) -> bool:
        """Whether a row as long as its head begins with its name and ends with a figure, but the
        head has a column of figures over the name, or ends with none: the cells are not below it.
        """
        if row[-1].kind != "number":
            return False
        last = head[-1].text
        names = [c.kind == "text" and bool(c.text) and not self.states(c.text) for c in row]
        over = [self.role(h.text) in SCENARIOS for h in head]
        if self.role(last) == "note":
            return any(
                name and value and self.labelled(c.text)
                for name, value, c in zip(names, over, row, strict=True)
            )
        none = self.role(last) not in _VALUE_ROLES and not re.search("[数额率值]$", last)
        return names[0] and over[0] and none

    def _spans_names(self, row: list[GridCell], head: list[GridCell]) -> bool:
        """Whether the head's first cell stands over all names of a longer row, and the others over
        its figures."""
        names, figures = row[: 1 - len(head)], row[1 - len(head) :]
        return (
            len(head) > 2
            and len(row) > len(head)
            and names[-1].kind == "text"
            and all(c.kind in ("text", "empty") and not self.states(c.text) for c in names)
            and all(c.kind in ("number", "dash") for c in figures)
            and all(self.role(h.text) in _VALUE_ROLES or self.labelled(h.text) for h in head[1:])
        )

    def _over(self, place: int) -> list[GridCell]:
        """The head cells over a place of a counted row; blanks of the upper rows are spans."""
        over = []
        for depth, row in enumerate(self.head):
            if len(row) != len(self.head[-1]):
                continue
            at = place
            while depth < len(self.head) - 1 and at > 0 and not row[at].text:
                at -= 1
            over.append(row[at])
        return over

    def _above(self, cell: GridCell) -> Column:
        first, last = cell.cell.column, cell.cell.column + cell.cell.columns
        if self._head_seen is not self.head:
            self._head_seen, self._seen = self.head, {}
        if (first, last) in self._seen:
            return self._seen[first, last]
        over = [
            h
            for row in self.head
            for h in row
            if h.text and h.cell.column < last and first < h.cell.column + h.cell.columns
        ]
        column = self._column(over)
        # What a short label means depends on the rows above, of which there will be more.
        labels = (
            t
            for words in (column.text, *(h.text for h in self.head[-1]))
            for t in self.lexicon.labels(words)
        )
        if not any(token.kind == "short" for token in labels):
            self._seen[first, last] = column
        return column

    def _shifted(self, row: list[GridCell], head: list[GridCell]) -> dict[int, Column] | None:
        """A row that lost empty cells at one end: the one shift that puts figures under value heads."""
        values = [
            h
            for h in head
            if self.role(h.text) in _VALUE_ROLES
            or self.labelled(h.text)
            or re.search("[数额率值]$", h.text)
        ]
        figures = [c for c in row if self.states(c.text) or c.kind in ("number", "dash")]
        if len(row) + 1 == len(head) and self._without_growth(row, head):
            return {i: self._column([h]) for i, h in enumerate(head[: len(row)])}
        if len(row) > len(head) or len(figures) != len(values):
            # With a figure missing nobody can tell which one.
            return None
        fitting = []
        for shift in {0, len(head) - len(row)}:
            under = head[shift : shift + len(row)]
            roles = [self.role(h.text) for h in under]
            stated = [self.states(c.text) or c.kind in ("number", "dash") for c in row]
            if any(stated) and all(
                (role in _VALUE_ROLES or bool(self.labelled(h.text))) == s
                or (not s and c.kind == "empty")
                or (role == "note" and not s)
                for role, s, c, h in zip(roles, stated, row, under, strict=True)
            ):
                fitting.append(under)
        if len(fitting) != 1:
            return None
        return {i: self._column([h]) for i, h in enumerate(fitting[0])}

    def _without_growth(self, row: list[GridCell], head: list[GridCell]) -> bool:
        """Whether a row lacks only the growth at its end (of 0 there is none): its difference,
        which stands before, proves where the two amounts stand.
        """
        roles = [self.role(h.text) for h in head]
        if (
            len(row) < 4
            or roles[-2:] != ["change", "change"]
            or not re.search("[%率幅]", head[-1].text)
        ):
            return False
        amounts = all(
            role in SCENARIOS or YEAR_HEAD.fullmatch(h.text)
            for role, h in zip(roles[-4:-2], head[-4:-2], strict=True)
        )
        if (
            not amounts
            or re.search("[%率幅]", head[-2].text)
            or any(c.kind != "number" for c in row[-3:])
        ):
            return False
        first, second, difference = (abs(find(c.text)[0].value) for c in row[-3:])
        return abs(second - first) == difference

    def _by_sequence(self, row: list[GridCell], head: list[GridCell]) -> dict[int, Column] | None:
        """Values from right to left under the value columns, when there are as many of both."""
        heads = [h for h in head if self.role(h.text) in _VALUE_ROLES or self.labelled(h.text)]
        values = [i for i, c in enumerate(row) if c.kind in ("number", "dash")]
        if not heads or not values:
            return {}
        if len(values) == len(heads):
            return {i: self._column([h]) for i, h in zip(values, heads, strict=True)}
        return None

    def _torn(self, row: list[GridCell]) -> dict[int, Column] | None:
        """Two header rows whose spans are lost: one upper cell must stand over all the lower ones.

        Which one is told by the parts it names; only columns outside it are sure of their place.
        """
        upper = [h for h in self.head[-2] if h.text]
        lower = [h for h in self.head[-1] if h.text]
        values = [i for i, c in enumerate(row) if c.kind in ("number", "dash")]
        if len(row) == len(lower) and len(values) <= len(lower):
            return (
                {i: self._column([h]) for i, h in enumerate(self.head[-1])}
                if len(self.head[-1]) == len(row)
                else None
            )
        if len(values) != len(upper) - 1 + len(lower):
            return None
        parts = {self.labelled(h.text) for h in lower} - {""}
        wholes = [
            k
            for k, h in enumerate(upper)
            if any(
                self.labelled(h.text) == total.whole and parts & set(total.parts)
                for total in self.lexicon.definitions.sums
                if total.by == "kind" and total.whole != "three_public_expenditure"
            )
        ]
        if len(wholes) != 1:
            return None
        over = wholes[0]
        leaves: list[GridCell | None] = [*upper[:over], *[None] * len(lower), *upper[over + 1 :]]
        return {i: self._column([h]) for i, h in zip(values, leaves, strict=True) if h is not None}

    def _column(self, over: list[GridCell]) -> Column:
        words = [h for h in over if h.text not in ("小计", "合计", "")]
        text = "".join(h.text for h in words) or "".join(h.text for h in over)
        offsets = tuple(o for h in (words or over) for o in h.passage.offsets)
        role = ""
        for h in over:
            role = self.role(h.text) or role
        year = None
        for h in over:
            found = _HEAD_YEAR.search(h.text)
            if found:
                year = int(found.group(1))
            elif h.text.startswith(("上年", "去年")) and self.year:
                year = self.year - 1
        unit = UNIT.search(text)
        labelled = self.labelled(text) or self._rate_of(text)
        return Column(
            text,
            role,
            Passage(text, offsets),
            year,
            unit.group(1) if unit else "",
            labelled,
            total=any(h.text in self.rows_of["total"] for h in over),
        )

    def _rate_of(self, text: str) -> str:
        """A bare 控制率 or 比率 column: the rate whose two parts stand in the same header."""
        if "率" not in text and "比例" not in text:
            return ""
        beside = {self.labelled(h.text) for h in self.head[-1]}
        for indicator in self.lexicon.indicators.values():
            parts = {indicator.numerator.split("/")[0], indicator.denominator.split("/")[0]}
            if indicator.kind == "rate" and len(parts) == 2 and parts <= beside:
                return indicator.indicator
        return ""

    def expanded(self, row: list[GridCell]) -> list[GridCell]:
        """A second head row that lost its blanks, laid under the spans of the row above it."""
        above = self.head[-1]
        spans = [
            i
            for i, c in enumerate(above)
            if not c.text or (i + 1 < len(above) and not above[i + 1].text)
        ]
        filled = [c for c in row if c.text]
        if not self.block.ragged or len(row) >= len(above) or len(filled) != len(spans):
            return row
        laid = iter(filled)
        blank = GridCell(row[0].cell, Passage("", ()), "empty")
        return [next(laid) if i in spans else blank for i in range(len(above))]

    def is_second_level(self, row: list[GridCell]) -> bool:
        """小计, 购置费, 运行费: short names that mean something only under the head above."""
        filled = [c for c in row if c.kind != "empty"]
        return len(filled) > 1 and all(
            c.kind == "text"
            and not find(c.text)
            and (c.text in ("小计", "合计") or bool(self.lexicon.labels(c.text)))
            for c in filled
        )

    def goes_on(self, row: list[GridCell]) -> bool:
        """Whether a header row directly under another is its second level."""
        if not self.block.ragged or len(row) == len(self.head[-1]):
            return True
        return not any(self.role(c.text) == "label" for c in row if c.text)

    def states(self, text: str) -> bool:
        """Whether a cell of words states a figure itself, and so names no other."""
        return any(q.kind in ("percent", "amount", "count") for q in find(text))

    def bare(self, text: str) -> str:
        return _ORDINAL.sub("", text).rstrip(":")

    def has_group(self, text: str) -> bool:
        if len(text) > 24 or any(word in text for word in self.rows_of["frame"]):
            return False
        return bool(
            [
                t
                for t in self.lexicon.populations(text, 0, len(text), "insured_persons")
                if t.value in self.lexicon.group_ids or t.value == "other"
            ]
        )
