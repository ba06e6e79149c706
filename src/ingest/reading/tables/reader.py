"""Reads one table: its blocks under their heads, row by row, cell by cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from ingest.codebook.model import Codebook
from ingest.reading.index import Lexicon, Passage
from ingest.reading.state import UNSAID, Fact, Refused, Scope
from ingest.reading.tables.columns import Column, Columns
from ingest.reading.tables.grid import SIGNS, Grid, GridCell, Row, counts_columns
from ingest.reading.tables.layout import Laid, Layout
from ingest.reading.tables.names import Name, name_of
from ingest.reading.tables.proof import amount_in, placed_by_sums
from ingest.reading.tables.settling import Claim, NotTakenError, Settling
from ingest.reading.tables.view import OPENING, View
from ingest.reading.tables.wording import SCENARIOS
from ingest.records import Block, Document

Words = Callable[[str, Scope], tuple[list[Fact], list[Refused]]]

_HEADS = (*SCENARIOS, "score", "weight", "label", "note")
"""Roles of heads beside a head of names: what stands there is no project's name."""


@dataclass(frozen=True)
class TableRefusal:
    """A cell or row not taken: document offsets, what it names, why; `severity` as of an issue."""

    start: int
    end: int
    quote: str
    indicator: str
    reason: str
    severity: str = "info"


def read_table(
    document: Document,
    block: Block,
    index: int,
    scope: Scope,
    caption: str,
    lexicon: Lexicon,
    read_words: Words,
) -> tuple[list[tuple[Fact, Passage]], list[TableRefusal]]:
    """The facts of a table, each with the passage that leads to the document, and what was refused.

    `block` is `document.blocks[index]`; `scope` holds what title and headings say, `caption` the
    title and the short lines before the table; `read_words` reads a wordy cell as prose.
    """
    table = Table(document, block, scope, caption, lexicon, read_words)
    before = document.blocks[index - 1] if index else block
    if before.kind == "paragraph":
        words = document.text[before.start : before.end]
        table.head = table.grid.head_line(words, before.start)
    table.read()
    return table.facts, table.refusals


@dataclass
class TableRow:
    """A data row being read: its cells, their columns, and whether identities prove these."""

    cells: Row
    columns: Laid | None
    proved: bool = False
    rule: str = ""


class Table:
    """A table while it is read: the head that holds, and what the rows above said."""

    def __init__(
        self,
        document: Document,
        block: Block,
        scope: Scope,
        caption: str,
        lexicon: Lexicon,
        read_words: Words,
    ) -> None:
        self.document, self.lexicon, self.read_words = document, lexicon, read_words
        self.caption = caption
        self.book: Codebook = lexicon.book
        self.grid = Grid(document, block, caption, lexicon)
        self.words = self.grid.words
        self.columns = Columns(self.grid, scope.year)
        self.head: list[Row] = []
        self.layout = Layout(self.grid, self.columns, [])
        self.settling = Settling(lexicon, self.words, self.grid.unit)
        self.facts: list[tuple[Fact, Passage]] = []
        self.refusals: list[TableRefusal] = []
        name = self._project_name(caption)
        scope = replace(scope, subject=name or scope.subject, form=True)
        if scope.subject and not scope.population:
            scope = replace(scope, population=self.one_group(scope.subject))
        self.scope = scope
        self.topic = self._topic_of(caption) or scope.topic
        self.title_topic = self.topic
        self.fund = scope.fund or self._is_fund_table(caption)
        self.section = ""
        self.counted = self.counted_group = ""
        self.under_projects = False
        self.has_names = False
        self.keys: dict[int, str] = {}
        self.scores = any(
            self.words.role(c.text) in ("score", "weight") for r in self.grid.rows for c in r
        )

    # --- what the whole table is about -----------------------------------------------------------

    def _topic_of(self, words: str) -> str:
        """The three-public total where caption or title is about it: a bare total stands for it."""
        three = self.book.of_role("three_public")
        labels = self.lexicon.labels(words)
        return three if any(t.type == "label" and t.value == three for t in labels) else ""

    def _is_fund_table(self, caption: str) -> bool:
        """Whether the money of the table is the insurance funds', by its title or its rows."""
        if self.scope.project_report or self.scope.subject:
            return False
        if self.words.rules["fund_title"].search(caption):
            return True
        said = self.words.tables.get("fund", ())
        cells = [c.text for row in self.grid.rows for c in row if c.kind == "text"]
        return sum(any(word in text for word in said) for text in cells) > 1

    def _project_name(self, caption: str) -> str:
        """The project a form is about: a cell, a line before the table, or its heading."""
        for row in self.grid.rows:
            for here, following in pairwise(row):
                if here.text.rstrip(":") in self.words.rows["project_name"]:
                    role = self.words.role(following.text)
                    if following.kind == "text" and role not in _HEADS:
                        return following.text[:60]
        line = self.words.rules["project_line"].search(caption)
        if line:
            return line.group(1)[:60]
        heading = self.words.rules["project_form"].search(caption)
        return (heading.group(1) or heading.group(0))[:60] if heading else ""

    def one_group(self, text: str) -> str:
        """The group of persons that a text names, "" for none and for several."""
        spans = self.lexicon.groups(text, 0, len(text))
        groups = {s.value for s in spans if s.value in self.lexicon.group_ids}
        return groups.pop() if len(groups) == 1 else ""

    # --- rows ------------------------------------------------------------------------------------

    def read(self) -> None:
        """Reads all rows: a head row opens a block, the rows below it are laid and read."""
        fresh = False
        block: list[TableRow] = []
        self._under(self.head)
        for cells in self.grid.rows:
            if self.grid.is_head(cells) or (fresh and self.grid.is_second_level(cells)):
                self._read_block(block)
                block = []
                self._open(cells, fresh)
                fresh = True
                continue
            if any(c.kind in ("number", "text") for c in cells):
                fresh = False
            block.append(TableRow(cells, None))
        self._read_block(block)

    def _open(self, cells: Row, fresh: bool) -> None:
        """A new head row, or the next level of the one above."""
        if fresh:
            cells = self.grid.expanded(cells, self.head[-1])
        below = fresh and self.grid.goes_on(cells, self.head[-1])
        self._under([*self.head, cells] if below else [cells])
        if not below:
            self.topic = self._head_topic(cells) or self.title_topic
            self.keys = {}

    def _under(self, head: list[Row]) -> None:
        self.head = head
        self.layout = Layout(self.grid, self.columns, head)

    def _head_topic(self, cells: Row) -> str:
        """The amount that the head's first cell is about, as of a block of its own."""
        first = cells[0] if cells else None
        if first is None or first.kind != "text" or len(cells) < 2:
            return ""
        named = name_of(first.text, self.lexicon).indicator
        others = [self.words.role(c.text) in SCENARIOS for c in cells[1:] if c.text]
        amount = named and self.book.indicators[named].kind == "amount"
        return named if amount and all(others) and others else ""

    def _read_block(self, rows: list[TableRow]) -> None:
        for row in rows:
            self._lay(row)
        self._lay_by_sums(rows)
        self.has_names = any(self._row_indicator(row.cells) for row in rows)
        for row in rows:
            filled = [c for c in row.cells if c.kind != "empty"]
            if len(filled) == 1 and filled[0].kind == "text" and not self._figures(filled[0]):
                self.section = filled[0].text
            elif not counts_columns(filled):
                self._row(row)

    def _lay(self, row: TableRow) -> None:
        """Lays a row by its head; one that cells of others got into, or lost, by its identities."""
        if self.layout.glued_at(row.cells) >= 0 and self.head:
            self._part(row)
            return
        if self._is_figures(row.cells):
            row.columns, row.proved = self.layout.lay(row.cells)
        if row.columns is None and (wrapped := self.layout.wrapped(row.cells)):
            row.cells, row.columns, row.proved = row.cells[1:], wrapped, True
        if row.columns is None and (leading := self.layout.leading(row.cells)):
            for cell in row.cells[len(leading) :]:
                if cell.kind == "number":
                    self._refuse(cell, "a row without a name behind the first one")
            row.cells, row.columns, row.proved = row.cells[: len(leading)], leading, True
            row.rule = OPENING

    def _part(self, row: TableRow) -> None:
        """Parts the figures of a row that ran together, or refuses them."""
        parted = self.layout.glued(row.cells)
        if parted:
            row.cells, row.columns = parted
            row.proved = True
            return
        cell = row.cells[self.layout.glued_at(row.cells)]
        self._refuse(cell, "numbers that ran together, and nothing tells where to part them")
        self.refusals[-1] = replace(self.refusals[-1], severity="warning")
        row.cells = [c for c in row.cells if c is not cell]

    def _is_figures(self, cells: Row) -> bool:
        return any(c.kind != "empty" for c in cells)

    def _figures(self, cell: GridCell) -> bool:
        return bool(self.lexicon.index(cell.text).figures)

    def _lay_by_sums(self, rows: list[TableRow]) -> None:
        """Lays rows that are short by the sums of their block, where these allow one way only."""
        torn = [r for r in rows if r.columns is None and self.head]
        if not torn or len(self.head) != 1 or len(torn) > 2:
            return
        heads = [h for h in self.head[-1] if self.columns.is_value(h)]
        laid: dict[str, list[Decimal]] = {}
        for row in rows:
            values = self._values(row.cells)
            indicator = self._row_indicator(row.cells)
            if row.columns is not None and indicator and len(values) == len(heads):
                laid.setdefault(indicator, values)
        for row in torn:
            values = self._values(row.cells)
            indicator = self._row_indicator(row.cells)
            if not indicator or not 0 < len(values) < len(heads):
                continue
            places = placed_by_sums(values, indicator, len(heads), laid, self.book)
            if places is not None:
                cells = [i for i, c in enumerate(row.cells) if c.is_value]
                under = [self.columns.of([heads[p]], self.head[-1]) for p in places]
                row.columns, row.proved = dict(zip(cells, under, strict=True)), True

    def _values(self, cells: Row) -> list[Decimal]:
        amounts = (amount_in(c, self.lexicon) for c in cells if c.is_value)
        return [a for a in amounts if a is not None]

    def _row_indicator(self, cells: Row) -> str:
        """What the first name of a row is, a total being the topic's."""
        name = next((c for c in cells if c.kind == "text"), None)
        if name is None:
            return ""
        bare = self.words.bare(name.text)
        return self.topic if bare in self.words.total else name_of(bare, self.lexicon).indicator

    def _row(self, row: TableRow) -> None:
        cells = row.cells
        if row.columns is None or cells[0].cell.start in self.grid.doubtful:
            self._unlaid(row)
            return
        if self._total_score(cells, row.columns):
            return
        if not row.columns and self._goal_beside_result(cells):
            return
        self._remember_keys(cells, row.columns)
        for place, cell in enumerate(cells):
            if cell.kind == "number":
                self._cell(row, place, cell)
            elif cell.kind == "text" and self.words.rules["several_numbers"].fullmatch(cell.text):
                self._refuse(cell, "several numbers in one cell, or one that is broken")
            elif cell.kind == "text" and self._figures(cell):
                self._wordy(row, place, cell)

    def _unlaid(self, row: TableRow) -> None:
        """A row that no reading of its head satisfies."""
        if self._total_score(row.cells, {}) or self._goal_beside_result(row.cells):
            return
        numbers = [c for c in row.cells if c.kind == "number"]
        if not numbers:
            return
        start, end = row.cells[0].cell.start, row.cells[-1].cell.end
        reason = "the values of the row do not fit the header"
        for cell in numbers:
            self._refuse(cell, reason)
        quote = self.document.text[start:end]
        self.refusals.append(TableRefusal(start, end, quote, "", reason, "warning"))

    def _refuse(self, cell: GridCell, reason: str, indicator: str = "") -> None:
        start, end = cell.cell.start, cell.cell.end
        quote = self.document.text[start:end]
        self.refusals.append(TableRefusal(start, end, quote, indicator, reason))

    # --- one figure ------------------------------------------------------------------------------

    def _cell(self, row: TableRow, place: int, cell: GridCell) -> None:
        try:
            self._value(row, place, cell)
        except NotTakenError as refused:
            self._refuse(cell, refused.reason, refused.indicator)

    def _value(self, row: TableRow, place: int, cell: GridCell) -> None:
        view = View(self, row, place, cell)
        for reading in (
            view.skipped,
            view.project,
            view.group_under_count,
            view.checked,
            view.by_column,
            view.whole,
            view.total_column,
            view.by_row,
        ):
            if reading():
                return
        if view.named is not None:
            raise NotTakenError("no name of an indicator in its row or column")

    def add(self, fact: Fact, passage: Passage) -> None:
        """Keeps a fact."""
        self.facts.append((fact, passage))

    def state(self, claim: Claim, name: GridCell | None, cell: GridCell, scope: Scope) -> None:
        """Settles a claim and keeps it; the passage runs from the row's name to the cell."""
        text = ""
        offsets: tuple[int, ...] = ()
        if name is not None and name.cell.start < cell.cell.start:
            text, offsets = name.text, name.passage.offsets
        passage = Passage(text + cell.text, (*offsets, *cell.passage.offsets))
        for fact in self.settling.facts(claim, cell, scope, len(text)):
            self.add(fact, passage)

    # --- rows read as a whole --------------------------------------------------------------------

    def _total_score(self, cells: Row, columns: Laid) -> bool:
        """The row of the total score: full marks, then the score."""
        names = [c for c in cells if c.kind == "text"]
        rows = self.words.rows
        name = self.words.bare(names[0].text) if names else ""
        if name not in rows["total_score"]:
            return False
        heads = {self.words.role(h.text) for r in self.head for h in r}
        if "score" not in heads and name in rows["total"]:
            return False
        scored = self._scored(cells, columns, name)
        for cell in cells:
            if cell.kind == "number" and cell not in scored:
                self._refuse(cell, "full marks, or a number of a row of scores")
        if len(scored) == 1:
            claim = Claim(
                self.book.of_role("score"),
                names[0].text,
                row=name,
                rule="total-score",
                subject=self.scope.subject,
                scenario="actual",
                told=UNSAID,
            )
            self._state_or_refuse(claim, names[0], scored[0], self.scope)
        return True

    def _scored(self, cells: Row, columns: Laid, name: str) -> list[GridCell]:
        """The cells of the row of the total score that hold it."""
        numbers = [c for c in cells if c.kind == "number"]
        scored = [
            c
            for i, c in enumerate(cells)
            if c.kind == "number" and i in columns and columns[i].role == "score"
        ]
        if len(numbers) == 1 and numbers[0].text == "100" and (self.grid.ragged or not scored):
            # The full marks of a form that is not filled in.
            return []
        if len(numbers) == 2 and numbers[0].text == "100":
            # Full marks, then the score, whatever the row lost before them.
            return [numbers[1]]
        if not scored and len(numbers) == 1 and name not in self.words.rows["full_marks"]:
            return numbers
        return scored if len(scored) == 1 else []

    def _state_or_refuse(
        self, claim: Claim, name: GridCell | None, cell: GridCell, scope: Scope
    ) -> None:
        try:
            self.state(claim, name, cell, scope)
        except NotTakenError as refused:
            self._refuse(cell, refused.reason, refused.indicator)

    def _goal_beside_result(self, cells: Row) -> bool:
        """Reads a goal with its sign and the result beside it where no head tells the columns.

        A goal has its sign, a result has none: two figures of one unit side by side are sure, if
        there are no more of that unit in the row.
        """
        signed = [n for n, c in enumerate(cells[:-1]) if c.text[:1] in SIGNS and c.kind == "number"]
        if len(signed) != 1:
            return False
        goal, result = cells[signed[0]], cells[signed[0] + 1]
        units = [self._unit(c) for c in cells if c.kind == "number" and self._unit(c)]
        pair = self._unit(goal), self._unit(result)
        alike = pair[0] == pair[1] != "" and units.count(pair[0]) == 2
        names = self.labels_left(cells, signed[0])
        named = next((c for c in names if self.name(c).indicator), None)
        if not alike or result.kind != "number" or named is None:
            return False
        texts = tuple(self.words.bare(c.text) for c in names)
        told = f"{goal.text[:1]} beside a plain figure"
        for cell, scenario in ((goal, "target"), (result, "actual")):
            claim = Claim(
                self.name(named).indicator,
                named.text,
                self.words.bare(named.text),
                texts=texts,
                rule="goal-beside-result",
                scenario=scenario,
                told=told,
            )
            self._state_or_refuse(claim, named, cell, self.scope)
        return True

    def _unit(self, cell: GridCell) -> str:
        figures = self.lexicon.index(cell.text).figures
        return figures[0].quantity.unit if figures else ""

    def _remember_keys(self, cells: Row, columns: Laid) -> None:
        """Keys that tell a scenario hold for the values below theirs, where no head does."""
        if columns or self.head:
            return
        for key, value in pairwise(cells):
            tells = key.kind == "text" and self.words.role(key.text) in SCENARIOS
            if tells and value.kind == "number" and not self.name(key).indicator:
                self.keys[value.cell.column] = key.text

    # --- names -----------------------------------------------------------------------------------

    def name(self, cell: GridCell) -> Name:
        """What a cell names."""
        return name_of(self.words.bare(cell.text), self.lexicon, self.columns.above)

    def names_figure(self, cell: GridCell) -> bool:
        """Whether a cell names a figure: a label, a total, or a generic word for an amount."""
        if self.name(cell).label is not None or self.words.is_total(cell.text):
            return True
        return self.generic(cell)

    def generic(self, cell: GridCell) -> bool:
        """Whether a cell is a generic word for an amount and nothing else."""
        labels = self.lexicon.labels(self.words.bare(cell.text))
        return len(labels) == 1 and labels[0].type == "generic" and len(labels[0].text) > 2

    def labels_left(self, cells: Row, place: int) -> list[GridCell]:
        """The wordy cells that name a figure, the nearest first, cells that span its row too.

        What stands left of another figure names that one.
        """
        left: list[GridCell] = []
        several = self.words.rules["several_numbers"]
        for cell in reversed(cells[:place]):
            if cell.text in self.words.tables["units"] or cell.text in SIGNS:
                continue
            figure = cell.is_value or several.fullmatch(cell.text)
            if cell.kind == "text" and not figure and not self.words.states(cell.text):
                left.append(cell)
            elif left and figure:
                return left
        if self.grid.ragged:
            return left
        at = cells[place].cell.row
        spanning = [
            c
            for r, c in self.grid.tall
            if c.cell.row < at < c.cell.row + c.cell.rows
            and c.cell.column < cells[place].cell.column
            and r not in self.head
        ]
        return sorted([*spanning, *left], key=lambda c: c.cell.column, reverse=True)

    # --- wordy cells -----------------------------------------------------------------------------

    def _wordy(self, row: TableRow, place: int, cell: GridCell) -> None:
        """A cell of words with figures in it: its own sentence, or the value of its row."""
        column = (row.columns or {}).get(place)
        if column is not None and column.role in ("score", "weight", "change", "note"):
            return
        if column is None and self.words.rules["scoring_rule"].search(cell.text):
            self._refuse(cell, "a rule of scoring")
            return
        scope = self.scope_of(column, self.unit_of(row.cells, place + 1, column))
        if not self.head and self.words.is_sentence(cell.text):
            scope = replace(scope, form=False)
        if self.lists_tasks() and not (column is not None and column.role == "actual"):
            scope = replace(scope, scenario="target", scenario_from="a list of tasks")
        names = self.labels_left(row.cells, place)
        group = next((g for c in names if (g := self.one_group(c.text))), "")
        if group:
            scope = replace(scope, population=group)
        facts, refused = self.read_words(cell.text, scope)
        if column is None and self.grid.ragged and self.roles() & {"target"}:
            implied = (UNSAID, self.scope.scenario_from)
            silent = [f for f in facts if dict(f.settled).get("scenario") in implied]
            if silent:
                self._refuse(cell, "goal or result: nobody can tell its column")
                facts = [f for f in facts if f not in silent]
        if facts:
            for fact in facts:
                self.add(_goal_by_sign(self._of_those_named(fact, names), cell.text), cell.passage)
            return
        scenario = column.scenario if column is not None else ""
        if self.lexicon.labels(cell.text) and not scenario:
            self._refuse_words(refused, cell.passage)
            return
        named = next((c for c in names if self.name(c).indicator), None)
        if named is not None and scenario:
            self._row_named(named, names, column, cell, scope)

    def _row_named(
        self,
        named: GridCell,
        names: list[GridCell],
        column: Column | None,
        cell: GridCell,
        scope: Scope,
    ) -> None:
        """The values of a row in words, told by the row's name: one, or one a group named before it."""
        figures = self.lexicon.index(cell.text).figures
        texts = tuple(self.words.bare(c.text) for c in names)
        row = self.words.bare(named.text)
        claim = Claim(self.name(named).indicator, named.text, row, column, texts, "row-and-column")
        if len(figures) == 1:
            self._state_or_refuse(claim, named, cell, scope)
            return
        starts = [0, *(f.end for f in figures[:-1])]
        groups = [
            self.one_group(cell.text[a : f.begin]) for a, f in zip(starts, figures, strict=True)
        ]
        if not all(groups) or len(set(groups)) != len(groups):
            return
        for start, figure in zip(starts, figures, strict=True):
            text = cell.text[start : figure.begin]
            piece = Passage(cell.text[start : figure.end], cell.passage.offsets[start : figure.end])
            own = replace(claim, texts=(text,), rule="groups-in-a-cell")
            self._state_or_refuse(own, named, replace(cell, passage=piece), scope)

    def _refuse_words(self, refused: list[Refused], passage: Passage) -> None:
        for one in refused:
            start, end = passage.span(one.start, one.end)
            quote = self.document.text[start:end]
            self.refusals.append(TableRefusal(start, end, quote, one.indicator, one.reason))

    def _of_those_named(self, fact: Fact, names: list[GridCell]) -> Fact:
        """A satisfaction told without saying whose is that of those the row's name tells."""
        entry = self.book.indicators[fact.indicator]
        if entry.role != "satisfaction" or fact.population != "all":
            return fact
        groups = {
            span.value
            for c in names
            if self.name(c).indicator == fact.indicator
            for span in self.lexicon.groups(c.text, 0, len(c.text), entry.counts)
        }
        return replace(fact, population=groups.pop()) if len(groups) == 1 else fact

    # --- scope of a cell -------------------------------------------------------------------------

    def scope_of(self, column: Column | None, unit: str) -> Scope:
        """The scope of a cell read in words: its column's scenario and year."""
        scope = self.scope
        if column is not None and column.scenario:
            scope = replace(scope, scenario=column.role, scenario_from=column.text)
        if column is not None and column.year:
            scope = replace(scope, year=column.year)
        return replace(scope, unit=unit or self.grid.unit or scope.unit)

    def unit_of(self, cells: Row, place: int, column: Column | None) -> str:
        """The unit of bare figures in a cell: its column's, its row's, its name's."""
        if column is not None and column.unit:
            return column.unit
        for cell in cells:
            if cell.text in self.words.tables["units"]:
                return cell.text
        for cell in reversed(cells[:place]):
            unit = self.words.rules["unit"].search(cell.text)
            if unit:
                return unit.group(1)
        return ""

    def lists_tasks(self) -> bool:
        """Whether the rows are the year's tasks with the money set aside for each."""
        return any(h.text in self.words.rows["task_name"] for h in (self.head or [[]])[-1])

    def roles(self) -> set[str]:
        """The roles of the heads that hold."""
        return {self.words.role(h.text) for row in self.head for h in row}


def _goal_by_sign(fact: Fact, text: str) -> Fact:
    """「执行率≥95%」 in a cell that no head explains is what is asked for: results have no sign."""
    silent = dict(fact.settled).get("scenario") == UNSAID
    printed = any(sign in text[fact.start : fact.end] for sign in SIGNS[:4])
    if not (silent and fact.unit == "%" and printed and fact.comparator != "="):
        return fact
    settled = tuple(("scenario", SIGNS[0]) if k == "scenario" else (k, v) for k, v in fact.settled)
    return replace(fact, scenario="target", settled=settled, review="")
