"""One figure of a table with all that may name it: its row's names, its column, its table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeAlias

from ingest.codebook.model import Indicator
from ingest.reading.tables.columns import Column
from ingest.reading.tables.grid import SIGNS, GridCell
from ingest.reading.tables.names import Name, name_of, rate_of
from ingest.reading.tables.proof import amount_in, is_rate
from ingest.reading.tables.settling import Claim, NotTakenError
from ingest.reading.tables.wording import SCENARIOS

Table: TypeAlias = Any
TableRow: TypeAlias = Any
"""The table being read and its row (see `reader`, which imports this module)."""

_BUDGETS = ("adjusted_budget", "initial_budget", "budget")
_SKIPPED = ("score", "weight", "note", "change", "label", "unit", "sign")
_BALANCES = ("opening_balance", "closing_balance")
_DEPARTMENT = ("spending", "income", *_BALANCES)
_FUND = {"income": "fund_income", "spending": "fund_spending"}
_UNNAMED = Name("")
OPENING = "opening"
"""The rule of a row without a name that opens a form: its whole."""


class View:
    """A number cell; each reading returns whether it settled the matter, or raises NotTakenError."""

    def __init__(self, table: Table, row: TableRow, place: int, cell: GridCell) -> None:
        self.table, self.row, self.place, self.cell = table, row, place, cell
        self.words, self.book = table.words, table.book
        self.column: Column | None = (row.columns or {}).get(place)
        self.role = self.column.role if self.column else ""
        self.names = self._names(table.labels_left(row.cells, place))
        self.bares = tuple(self.words.bare(c.text) for c in self.names)
        named = next((c for c in self.names if table.names_figure(c)), None)
        self.named = named
        self.name = table.name(named) if named is not None else _UNNAMED
        unit = table.unit_of(row.cells, place, self.column)
        self.scope = replace(table.scope, unit=unit) if unit else table.scope
        self.total = bool(self.bares) and self.bares[0] in self.words.total
        self.row_kind = self._kind(self.name.indicator)
        self.column_indicator = self.column.indicator if self.column else ""
        self.column_kind = self._kind(self.column_indicator)

    def _names(self, left: list[GridCell]) -> list[GridCell]:
        """The wordy cells left of the figure without those in a column of remarks or rules."""
        columns, cells = self.row.columns or {}, self.row.cells
        remarks = [c for i, c in enumerate(cells) if i in columns and columns[i].role == "note"]
        return [c for c in left if c not in remarks]

    def _kind(self, indicator: str) -> str:
        return self.book.indicators[indicator].kind if indicator else ""

    def entry(self, indicator: str) -> Indicator | None:
        """What the codebook says of an indicator, None for none."""
        found: Indicator | None = self.book.indicators.get(indicator)
        return found

    @property
    def role_of_row(self) -> str:
        """The part that the row's indicator plays."""
        entry = self.entry(self.name.indicator)
        return entry.role if entry else ""

    # --- columns that give no figure -------------------------------------------------------------

    def skipped(self) -> bool:
        """Whether the column holds no figures of ours; NotTakenError where the row has a known name."""
        names_itself = self.role in ("change", "label") and bool(self.column_kind)
        project_score = self.role == "score" and bool(self.project_name())
        reason = ""
        if self.role in _SKIPPED and not names_itself and not project_score:
            reason = f"a column of another kind: {self.role}"
        elif self.role == "source" and not (self.column_indicator and not self.row_kind):
            reason = "one source of the funds, beside the whole"
        elif self.role == "sentence":
            reason = "a sentence stands over the column, and is no head"
        elif self._unknown_beside_known():
            reason = "nobody knows the head of the column, beside heads that are known"
        elif self.column and self.words.rules["part_of_year"].search(self.column.text):
            reason = "a part of the year"
        elif self.table.lists_tasks():
            reason = "the money of tasks, which need not be all of the department's"
        if reason and (self.named is not None or self.role not in _SKIPPED):
            raise NotTakenError(reason, self.name.indicator)
        return bool(reason)

    def _unknown_beside_known(self) -> bool:
        """Whether the head says nothing known, where its neighbours tell goals, budgets or results."""
        column = self.column
        if column is None or not column.text or column.role or column.year or column.total:
            return False
        if column.indicator or column.unit or self.words.group_words(column.text):
            return False
        return bool(self.table.roles() & set(SCENARIOS))

    # --- projects --------------------------------------------------------------------------------

    def project_name(self) -> str:
        """In a list of projects, the project that the row is about."""
        rows, tables = self.words.rows, self.words.tables
        listing = next(
            (
                (h, place)
                for head in reversed(self.table.head)
                for place, h in enumerate(head)
                if h.text in rows["project_name"]
                or (self.table.scope.projects and h.text in tables["name_columns"])
            ),
            None,
        )
        cell = self._below(*listing) if listing else None
        if cell is None or cell.kind != "text" or self.words.is_total(cell.text):
            return ""
        return "" if self.words.role(cell.text) in ("score", "weight") else cell.text[:60]

    def _below(self, head: GridCell, place: int) -> GridCell | None:
        """The row's cell under a head, by place where the table has places."""
        cells = self.row.cells
        if self.table.grid.ragged:
            return cells[place] if place < len(cells) else None
        return next((c for c in cells if c.cell.column == head.cell.column), None)

    def project(self) -> bool:
        """A figure in the row of one project: its money, its rate or its score."""
        project = self.project_name()
        if not project and self._item_of_projects():
            project = self.bares[0][:60] if self.role in SCENARIOS else ""
        if not project or self.column is None:
            return False
        entry = self.entry(self.column_indicator)
        if self.role == "score":
            self._state("score", project)
        elif (entry and entry.role == "execution") or self.role == "share":
            self._state("execution", project)
        elif self.role in SCENARIOS and self.role != "target" and self.column_kind != "rate":
            own = self.scope.project_report and project == self.scope.subject
            self._state("spending" if own else "project_spending", project)
        return True

    def _state(self, role: str, subject: str) -> None:
        assert self.column is not None
        claim = Claim(
            self.book.of_role(role),
            self.column.text,
            column=self.column,
            texts=(subject,),
            rule="project-row",
            subject=subject,
            basis=self.basis() if role == "execution" else "",
        )
        self.table.state(claim, self.names[0] if self.names else None, self.cell, self.scope)

    def _item_of_projects(self) -> bool:
        """Rows below the one of all projects are these, numbered or named as projects are."""
        table = self.table
        if not self.names:
            return False
        text = self.names[0].text
        item = self.words.rules["item"].match(text) is not None
        indicator = table.name(self.names[0]).indicator
        if indicator:
            entry = self.book.indicators[indicator]
            table.under_projects = entry.role == "project_spending" and not item
        endings = tuple(self.book.words["projects"]["endings"])
        no_name = self.book.words["projects"]["no_name"]
        named = self.bares[0].endswith(endings) and self.bares[0] not in no_name
        return table.under_projects and not indicator and (item or named) and not self.total

    # --- groups under a count --------------------------------------------------------------------

    def group_under_count(self) -> bool:
        """A row that names a group only, below a row that counts persons: so many of the group."""
        table = self.table
        if self.name.indicator and self.named is not None:
            counting = self.words.tables["counted"] in self.named.text and self.row_kind == "count"
            table.counted = self.name.indicator if counting else ""
            table.counted_group = table.one_group(self.named.text) if counting else ""
        grouped = next((c for c in self.names if self.words.has_group(c.text)), None)
        if self.named is not None or grouped is None or not table.counted or self.column_kind:
            return False
        if table.counted_group and table.one_group(grouped.text) == table.counted_group:
            raise NotTakenError("a part of the group counted above it", table.counted)
        claim = Claim(
            table.counted,
            grouped.text,
            self.words.bare(grouped.text),
            self.column,
            self.bares,
            rule="group-under-count",
        )
        table.state(claim, grouped, self.cell, self.scope)
        return True

    # --- what must not be read -------------------------------------------------------------------

    def checked(self) -> bool:
        """Raises NotTakenError where something says that the figure is not what it seems."""
        table, column = self.table, self.column
        percent = "%" in self.cell.text or self.scope.unit == "%"
        if not self.row.columns and self._crowded():
            raise NotTakenError("several figures in a row without a header", self.name.indicator)
        if not self.row.columns and not self._next_to_name():
            raise NotTakenError(
                "other words stand between the name and the figure", self.name.indicator
            )
        if self.row_kind == "rate" and not percent:
            if not self.row.columns and table.scores:
                raise NotTakenError(
                    "a bare number where scores and weights stand", self.name.indicator
                )
            if self._is_score_beside():
                raise NotTakenError(
                    "a bare number beside the rate of the row: a score or a weight",
                    self.name.indicator,
                )
            if column is not None and column.money and self.column_kind != "rate":
                raise NotTakenError("a rate under the head of an amount", self.name.indicator)
        of_money = column is not None and column.money and not column.rate
        if self.row_kind != "rate" and "%" in self.cell.text and of_money:
            raise NotTakenError("a percentage under the head of an amount", self.name.indicator)
        self._check_balance()
        self._check_amounts()
        self._short_below_whole()
        return False

    def _check_amounts(self) -> None:
        """A part's row stands below its whole's column, and below no other amount's."""
        row, column = self.name.indicator, self.column_indicator
        two = self.row_kind == self.column_kind == "amount" and row != column and not self.total
        if not two or column in self.book.wholes(row):
            return
        # What was spent is a head over every outlay.
        spent = self.book.indicators[column].role == "spending"
        if not spent or self.role_of_row in (*_DEPARTMENT, *_FUND.values()):
            raise NotTakenError("its row and its column name different amounts", row)

    def _check_balance(self) -> None:
        if self.role_of_row == "opening_balance":
            roles = self.table.roles()
            form = "actual" in roles and "adjusted_budget" in roles and not self.table.topic
            assert self.named is not None
            previous = any(w in self.named.text for w in self.words.rows["previous"])
            if (form and previous) or self.scope.subject or self.scope.project_report:
                raise NotTakenError(
                    "a source of the year's funds, not the balance it opened with",
                    self.name.indicator,
                )

    def _is_score_beside(self) -> bool:
        """Whether a bare number stands in a row that prints its rates with % and has no sure head."""
        sure = not self.table.grid.ragged and self.role in SCENARIOS
        if sure or not self.cell.text.replace(".", "").isdigit():
            return False
        return any("%" in c.text and c.kind == "number" for c in self.row.cells)

    def _short_below_whole(self) -> None:
        if self.name.indicator:
            self.table.columns.above.add(self.name.indicator)

    def _next_to_name(self) -> bool:
        """Without a header only words that say whose or which kind may stand between."""
        if self.named is None or self.named not in self.row.cells:
            return True
        between = self.names[: self.names.index(self.named)]
        return all(
            self.words.has_group(c.text) or self.words.bare(c.text) in self.words.frame
            for c in between
        )

    def _crowded(self) -> bool:
        """Without a header only pairs of a name and a value are safe."""
        cells, named = self.row.cells, self.named
        if named is None or named not in cells:
            return False
        between = [c for c in cells[cells.index(named) + 1 : self.place] if c.is_value]
        following = cells[self.place + 1] if self.place + 1 < len(cells) else None
        twice = sum(c.text == named.text for c in cells) > 1
        keyed = self.cell.cell.column in self.table.keys
        return not keyed and (
            bool(between) or twice or (following is not None and following.kind == "number")
        )

    # --- the column names it ---------------------------------------------------------------------

    def by_column(self) -> bool:
        """The column itself names the indicator (a rate, a count); the row says whose."""
        if self.role == "share":
            return self._by_share()
        if not self.column_kind or self.row_kind == "rate":
            return False
        if self.row_kind and self.column_kind != "rate" and not self.total:
            return False
        entry = self.book.indicators[self.column_indicator]
        if entry.role == "execution":
            self._execution()
        else:
            self._column_of_row(entry)
        return True

    def _by_share(self) -> bool:
        amount = self.table.topic if self.total or not self.names else self.name.indicator
        if self.total and not amount:
            amount = self.book.of_role("spending")
        rate = rate_of(amount, self.book) if amount else ""
        if not rate:
            raise NotTakenError("a share of a budget that is no indicator", self.name.indicator)
        if self.book.indicators[rate].role == "execution" and not self.total:
            raise NotTakenError("a share of a budget that is no indicator", self.name.indicator)
        assert self.column is not None
        claim = Claim(
            rate,
            self.column.text,
            column=replace(self.column, role=""),
            texts=self.bares,
            rule="share-of-a-budget",
            basis=self.basis(),
            scenario="actual",
            told=self.column.text,
        )
        self.table.state(claim, self.names[0] if self.names else None, self.cell, self.scope)
        return True

    def basis(self) -> str:
        """The budget that the row's rate is measured on: the one that gives it, else the head's."""
        lexicon = self.table.lexicon
        amounts = {
            c.role: amount_in(self.row.cells[place], lexicon)
            for place, c in (self.row.columns or {}).items()
            if c.role in SCENARIOS and not c.indicator
        }
        rate, spent = amount_in(self.cell, lexicon), amounts.get("actual")
        for budget in _BUDGETS:
            whole = amounts.get(budget)
            if rate is not None and spent is not None and whole and is_rate(rate, spent, whole):
                return budget
        roles = self.table.roles()
        return next((b for b in _BUDGETS[:2] if b in roles), "budget")

    def _execution(self) -> None:
        """The rate of execution of the row: the department's, or that of the part it names."""
        name = self.bares[0] if self.names else ""
        indicator = name_of(name, self.table.lexicon).indicator
        entry = self.entry(indicator)
        own = (
            not name or name in self.words.total or (entry is not None and entry.role == "spending")
        )
        own = own or any(w in name for w in self.words.rows["money"])
        if not own:
            raise NotTakenError(
                "the rate of a part or of one source of the funds", self.column_indicator
            )
        assert self.column is not None
        claim = Claim(
            self.column_indicator,
            self.column.text,
            name,
            self.column,
            self.bares,
            rule="column-and-row",
            subject=self.scope.subject,
            basis=self.basis(),
        )
        self.table.state(claim, self.names[0] if self.names else None, self.cell, self.scope)

    def _column_of_row(self, entry: Indicator) -> None:
        name = self.bares[0] if self.names else ""
        whole = not name or name in self.words.total or bool(self.name.indicator)
        posts = bool(self.table.lexicon.groups(name, 0, len(name), "posts"))
        of_posts = entry.counts == "posts" or self._rate_of_posts(entry)
        kind = posts and of_posts
        if kind and entry.kind == "rate":
            raise NotTakenError("the row is of one unit, place or part", entry.indicator)
        if not whole and not kind and self._one_of_many(name):
            raise NotTakenError("the row is of one unit, place or part", entry.indicator)
        assert self.column is not None
        # A bare total is of the places listed, which may not be all.
        listed = self.total and name in self.words.rows["bare_total"] and self._lists_places()
        claim = Claim(
            entry.indicator,
            self.column.text,
            name,
            self.column,
            (*self.bares, self.column.text, self.table.section),
            rule="column-and-row",
            subject=self._subject(entry),
            review="the total of the places listed, which need not be all" if listed else "",
        )
        self._money_checked(claim, entry)

    def _lists_places(self) -> bool:
        places = tuple(self.words.tables["places"])
        cells = [c.text for r in self.table.grid.rows for c in r[:2] if c.kind == "text"]
        found: bool = sum(self.words.bare(text).endswith(places) for text in cells) > 2
        return found

    def _rate_of_posts(self, entry: Indicator) -> bool:
        top = self.entry(entry.numerator.split("/")[0])
        return entry.kind == "rate" and top is not None and top.counts == "posts"

    def _one_of_many(self, name: str) -> bool:
        """Whether the rows of this table are units, places or parts beside each other."""
        if (
            self.words.has_group(name)
            or self._tells_year_or_budget(name)
            or name in self.words.frame
        ):
            return False
        rows = self.table.grid.rows
        others = {self.words.bare(r[0].text) for r in rows if r and r[0].kind == "text"}
        totals = any(c.text in self.words.total for r in rows for c in r[:2])
        places = tuple(self.words.tables["places"])
        return (len(others - {name}) > 1 and totals) or sum(o.endswith(places) for o in others) > 1

    def _tells_year_or_budget(self, name: str) -> bool:
        rest = self.words.rules["row_year"].sub("", name)
        return rest != name or self.words.role(rest) in SCENARIOS

    # --- the whole of the table ------------------------------------------------------------------

    def whole(self) -> bool:
        """A total, or a row with no name but the form's own: of the topic, or of the form's money."""
        table = self.table
        money = any(w in self.bares[0] for w in self.words.rows["money"]) if self.bares else False
        if self.names and not (self.total or money):
            return False
        opens = self.row.rule == OPENING
        if not self.names and (not table.head or table.topic or (table.has_names and not opens)):
            return False
        if self.names and self.total and self._sides():
            return True
        name = (self.names[0] if self.names else self.cell).text
        funds = any(w in name for w in self.words.rows["funds"])
        if table.topic and not funds:
            return self._of_topic("total-of-a-topic")
        roles = table.roles() | set(self._key_roles())
        funding = len(roles & {"initial_budget", "adjusted_budget", "budget", "actual"}) >= 2
        own = self.scope.project_report or bool(self.scope.subject)
        if table.fund or not (funding or (funds and own)):
            return False
        self._form_money()
        return True

    def _sides(self) -> bool:
        """A row of two totals: what came in and what was spent, as the heads over their names tell."""
        totals = [c for c in self.row.cells if c.kind == "text" and self.words.is_total(c.text)]
        if len(totals) < 2:
            return False
        flow = self._flow_over(self.names[0])
        if not flow:
            raise NotTakenError("several totals in a row, and nothing tells of what")
        if self.scope.subject or self.scope.projects:
            raise NotTakenError("the totals of a project's account")
        claim = Claim(
            self.book.of_role("income" if flow == "in" else "spending"),
            self.bares[0],
            column=self.column,
            rule="total-of-a-side",
        )
        self._money_checked(claim, self._claimed(claim))
        return True

    def _flow_over(self, name: GridCell) -> str:
        """Whether the heads over a name tell of what came in ("in") or was spent ("out")."""
        at = self.row.cells.index(name) if name in self.row.cells else -1
        over = [
            h
            for row in self.table.layout.head
            for place, h in enumerate(row)
            if (place == at and len(row) == len(self.row.cells))
            or (
                not self.table.grid.ragged
                and h.cell.column <= name.cell.column < h.cell.column + h.cell.columns
            )
        ]
        flows = [
            t.value for h in over for t in self.table.lexicon.labels(h.text) if t.type == "flow"
        ]
        return flows[-1] if flows else ""

    def _key_roles(self) -> list[str]:
        return [self.words.role(text) for text in self.table.keys.values()]

    def _form_money(self) -> None:
        """The money that a form is about: the department's, all projects', or one project's."""
        scope = self.scope
        role = "spending"
        if (scope.projects and not scope.subject) or (scope.subject and not scope.project_report):
            role = "project_spending"
        column = self._keyed_column()
        claim = Claim(
            self.book.of_role(role),
            self.bares[0] if self.bares else (column.text if column else ""),
            column=column,
            rule="whole-of-a-form",
            subject=scope.subject,
        )
        if column is not None and column.role == "target":
            raise NotTakenError("a goal of money without a name")
        self._money_checked(claim, self._claimed(claim))

    def _keyed_column(self) -> Column | None:
        """The cell's column, or what the key over it tells where there is no head."""
        key = self.table.keys.get(self.cell.cell.column, "")
        if self.column is not None or not key:
            return self.column
        return Column(key, self.words.role(key), self.cell.passage, None, "", "", money=True)

    def _of_topic(self, rule: str) -> bool:
        topic = self.table.topic
        claim = Claim(
            topic,
            self.bares[0] if self.bares else topic,
            self.bares[0] if self.bares else "",
            self.column,
            (),
            rule=rule,
        )
        self.table.state(claim, self.names[0] if self.names else None, self.cell, self.scope)
        return True

    def total_column(self) -> bool:
        """The total of the topic in a column of its own (合计 | 出国 | 用车 | 接待)."""
        column, table = self.column, self.table
        if column is None or not column.total or not table.topic or self.row_kind:
            return False
        if self.bares and self._beside_another(self.bares[0]):
            raise NotTakenError("the row is of one unit, place or part", table.topic)
        return self._of_topic("total-column-of-a-topic")

    def _beside_another(self, name: str) -> bool:
        """Whether figures of something else than the whole stand in another row, too."""
        named = {
            self.words.bare(r[0].text)
            for r in self.table.grid.rows
            if r and r[0].kind == "text" and any(c.kind == "number" for c in r)
        }
        rows = {
            n
            for n in named
            if n not in self.words.total
            and n not in self.words.frame
            and not self._tells_year_or_budget(n)
        }
        return name in rows and len(rows) > 1

    # --- the row names it ------------------------------------------------------------------------

    def by_row(self) -> bool:
        """The row names the indicator, by a label or by a generic word for the money of a form."""
        if self.named is None or self.total:
            return False
        if self.name.reason:
            raise NotTakenError(self.name.reason)
        if self.name.indicator:
            self._row_label(self.book.indicators[self.name.indicator])
            return True
        if self.table.generic(self.named):
            self._row_generic()
            return True
        return False

    def _row_label(self, entry: Indicator) -> None:
        assert self.named is not None
        row = self.words.bare(self.named.text)
        # Posts are told apart by their own row or column only.
        others = tuple(b for b in self.bares if b != row) if entry.counts == "insured" else ()
        column = self._keyed_column()
        texts = (row, column.text if column else "", *others, self.table.section)
        sign = self.row.cells[self.place - 1].text if self.place else ""
        # Where no head tells it a sign stands before what is asked for.
        asked = column is None and entry.kind == "rate" and self.cell.text[0] in SIGNS
        claim = Claim(
            entry.indicator,
            row,
            row,
            column,
            texts,
            rule="row-and-column" if column else "key-and-value",
            sign=sign if sign in SIGNS and self.role == "target" else "",
            scenario="target" if asked else "",
            told=self.cell.text[0] if asked else "",
            subject=self._subject(entry),
        )
        self._money_checked(claim, entry)

    def _row_generic(self) -> None:
        """「年初预算数 | 712.6万元」: of the topic, of the project, or of the department."""
        assert self.named is not None
        row = self.words.bare(self.named.text)
        role = self.words.role(row)
        topic = self.table.topic
        scope = self.scope
        if role not in SCENARIOS or role == "target" or self.table.fund:
            raise NotTakenError("an amount without a name")
        if self.column and self.column.money and self.column.scenario not in ("", role):
            raise NotTakenError("its row and its column name different amounts")
        spending = "spending"
        if (scope.subject and not scope.project_report) or (scope.projects and not scope.subject):
            spending = "project_spending"
        claim = Claim(
            topic or self.book.of_role(spending),
            row,
            row,
            self.column,
            rule="key-and-value",
            subject="" if topic else scope.subject,
            scenario="" if self.column and self.column.scenario else role,
            told=row,
        )
        self._money_checked(claim, self._claimed(claim))

    def _subject(self, entry: Indicator) -> str:
        scope = self.scope
        own = entry.role in ("execution", "score")
        money = (
            entry.kind == "amount" and entry.role not in _FUND.values() and entry.family == "budget"
        )
        return scope.subject if scope.subject and (own or (scope.project_report and money)) else ""

    def _money_checked(self, claim: Claim, entry: Indicator) -> None:
        """Keeps a claim, the money of an insurance fund as the fund's."""
        name = self.names[0] if self.names and self.named is None else self.named
        name = name if name is not None else (self.names[0] if self.names else None)
        if entry.role in _DEPARTMENT:
            self._check_department(entry, claim)
            fund = _FUND.get(entry.role)
            if self.table.fund:
                if fund is None or not self.book.of_role(fund):
                    raise NotTakenError("the balance of an insurance fund", entry.indicator)
                claim = replace(
                    claim,
                    indicator=self.book.of_role(fund),
                    texts=(*claim.texts, self.table.caption),
                )
        self.table.state(claim, name, self.cell, self.scope)

    def _claimed(self, claim: Claim) -> Indicator:
        """The codebook's entry for a claim; a codebook may lack an indicator of some role."""
        entry = self.entry(claim.indicator)
        if entry is None:
            raise NotTakenError("the codebook has no indicator for it")
        return entry

    def _check_department(self, entry: Indicator, claim: Claim) -> None:
        rows = self.words.rows
        if self.scope.part:
            raise NotTakenError("of one unit of several", entry.indicator)
        if any(w in claim.label for w in rows["grand_total"]):
            cells = [c.text for r in self.table.grid.rows for c in r]
            if any(w in text for text in cells for w in rows["balance"]):
                raise NotTakenError("a total that holds last year's balance", entry.indicator)
