"""Tables → mentions.

Each figure of a table is read as the sentence that its row and column make together
("特殊困难人群参保率:95.93%"), by the same rules as prose; what the column says (target, budget of
a year, actual) is the sentence's scope. A row that does not fit its header is refused.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from ingest.clauses import read as read_clauses
from ingest.definitions import Definitions
from ingest.evidence import (
    attached,
    document_scope,
    heading_scope,
    mention_of,
    one_group,
    refusal_of,
)
from ingest.grids import ROW_UNITS, SCENARIOS, SIGNS, UNIT, Column, Grid, GridCell
from ingest.lexicon import Lexicon, lexicon_of
from ingest.passages import Passage, tighten
from ingest.quantities import find
from ingest.records import UNSAID, Block, Document, Identity, Mention, Reading, Refusal
from ingest.sentence import Figure, Scope

# The words of a sentence for a project's money in a column of each role.
_MONEY_OF = {
    "initial_budget": "年初预算数",
    "adjusted_budget": "全年预算数",
    "budget": "预算数",
    "actual": "实际支出",
}
_SKIPPED = ("score", "weight", "note", "change", "label", "unit", "sign")
# "4 12.40" may be two figures, or one whose digits stand apart.
_NUMBERS = re.compile(r"[-≥≤<>=~约]?\d[\d,.]*(?: [.,]?\d[\d,.]*)+(?:%|[亿万千]?元|人)?")
_PART_OF_YEAR = re.compile(
    r"\d{1,2}月?[-~至到]\d{1,2}月|上半年|季度|\d{1,2}月(?:份|底|末)?(?:执行|完成|累计)"
)
_UNIT_IN_BRACKETS = re.compile(r"\((?:亿元|万元|千元|元|万人|人|%|)\)")
_DIGITS = re.compile(r"\d+")
_YEAR_OF_ROW = re.compile(r"(?:19|20)\d\d年?度?|[上本]年度?")
_SIGNED = re.compile(r"(?:[≥≤><]=?|=)[\d.]")
_PLACE = re.compile("(?:乡|镇|街道|村|社区|县|区)$")
_ITEM = re.compile(r"\d{1,2}[、.]")
_PROJECT_LINE = re.compile(r"(?:项目|专项|资金)名称:?([^\s:,;]{4,})")
_PROJECT_FORM = re.compile(
    r"项目(?:支出)?绩效(?:目标)?(?:自评|评价|申报)?表?(?:\(([^()\d]{4,})\))?"
)


def read(document: Document, identity: Identity, definitions: Definitions) -> Reading:
    """The mentions of all tables of the document, and what was refused, in text order."""
    lexicon = lexicon_of(definitions)
    base = document_scope(document, identity, lexicon)
    path: list[tuple[int, str]] = []
    mentions: list[Mention] = []
    refusals: list[Refusal] = []
    caption = ""
    for index, block in enumerate(document.blocks):
        if block.kind == "table":
            scope = heading_scope(base, [text for level, text in path if level > 1], lexicon)
            title = path[0][1] if path else ""
            words = title + " " + caption
            own = re.findall(r"\(((?:19|20)\d\d)年度?[),]", (path[-1][1] if path else "") + caption)
            if own:
                scope = replace(scope, year=int(own[-1]))
            table = _Form(document, block, index, scope, words, lexicon)
            if index and not table.head:
                table.head = table.head_line(document.blocks[index - 1])
            table.read()
            mentions += table.mentions
            refusals += table.refusals
            caption = ""
            continue
        text = tighten(document.text, block.start, min(block.end, block.start + 120)).text
        if attached(text):
            # The section that the text ended with says nothing of what is attached to it.
            path = [(level, words) for level, words in path if level <= 1]
        if block.kind == "heading":
            path = [(level, words) for level, words in path if level < block.level]
            path.append((block.level, text))
        caption = (caption + " " + text)[-240:] if len(text) < 60 else ""
    return Reading(tuple(mentions), tuple(refusals))


def _counts_columns(row: list[GridCell]) -> bool:
    """A row 1, 2, 3 … that numbers the columns."""
    numbers = [c.text for c in row if c.kind == "number"]
    return len(numbers) > 2 and numbers == [str(n + 1) for n in range(len(numbers))]


def _goal_by_sign(figure: Figure, text: str) -> Figure:
    """「执行率≥95%」 in a cell that no head explains is what is asked for: results have no sign."""
    silent = dict(figure.settled).get("scenario") == UNSAID
    rate = figure.unit == "%" and re.search(r"[≥≤><]", text[figure.start : figure.end])
    if not (silent and rate and figure.comparator != "="):
        return figure
    settled = tuple(
        ("scenario", "≥") if key == "scenario" else (key, v) for key, v in figure.settled
    )
    return replace(figure, scenario="target", settled=settled, review="")


class _Form(Grid):
    """A table being read, row by row, under the head rows seen last."""

    def __init__(
        self,
        document: Document,
        block: Block,
        index: int,
        scope: Scope,
        caption: str,
        lexicon: Lexicon,
    ) -> None:
        super().__init__(document, block, caption, scope.year, lexicon)
        self.index = index
        self.mentions: list[Mention] = []
        self.refusals: list[Refusal] = []
        name = self._project_name()
        self.scope = replace(scope, subject=name or scope.subject, form=True)
        if self.scope.subject and not scope.population:
            group = one_group(self.scope.subject, lexicon)
            self.scope = replace(self.scope, population=group)
        self.topic = scope.topic or self._topic_of(caption)
        self.section = ""
        self.counted = ""
        self.under_projects = False
        # What each column makes of the scope: the same for all its rows.
        self._scopes: dict[tuple[str, str, int | None, str], Scope] = {}
        self.scores = any(self.role(c.text) in ("score", "weight") for r in self.rows for c in r)

    def _topic_of(self, words: str) -> str:
        """The three-public total where caption or title is about it: 合计 then stands for it."""
        for token in self.lexicon.labels(words):
            if token.kind == "label" and token.value == "three_public_expenditure":
                return token.value
        return ""

    def _project_name(self) -> str:
        """The project a form is about: a cell, a line before the table, or its heading."""
        for row in self.rows:
            for here, following in pairwise(row):
                if (
                    here.text.rstrip(":") in self.rows_of["project_name"]
                    and following.kind == "text"
                ):
                    return following.text[:60]
        line = _PROJECT_LINE.search(self.caption)
        if line:
            return line.group(1)[:60]
        heading = _PROJECT_FORM.search(self.caption)
        return (heading.group(1) or heading.group(0))[:60] if heading else ""

    def read(self) -> None:
        fresh = False
        for row in self.rows:
            if self.is_head(row) or (fresh and self.is_second_level(row)):
                row = self.expanded(row) if fresh else row
                self.head = [*self.head, row] if fresh and self.goes_on(row) else [row]
                fresh = True
                continue
            if any(c.kind in ("number", "text") for c in row):
                fresh = False
            filled = [c for c in row if c.kind != "empty"]
            if len(filled) == 1 and filled[0].kind == "text" and not find(filled[0].text):
                self.section = filled[0].text
            elif not _counts_columns(filled):
                self._row(row)

    def _row(self, row: list[GridCell]) -> None:
        columns = self.columns(row)
        if columns is None:
            if self._total_score(row) or self._goal_beside_result(row):
                return
            for cell in row:
                if cell.kind == "number":
                    self._refuse(cell, "the values of the row do not fit the header")
            return
        if self._total_score(row, columns) or (not columns and self._goal_beside_result(row)):
            return
        for place, cell in enumerate(row):
            if cell.kind == "number":
                self._value(row, place, cell, columns)
            elif cell.kind == "text" and _NUMBERS.fullmatch(cell.text):
                self._refuse(cell, "several numbers in one cell, or one that is broken")
            elif cell.kind == "text" and find(cell.text):
                self._wordy(row, place, cell, columns)

    def _goal_beside_result(self, row: list[GridCell]) -> bool:
        """Reads 「满意度 | ≥95% | 96.88% | 10」 where no head tells the columns.

        A goal has its sign, a result has none: two figures of one unit side by side are sure, if
        there are no more of that unit in the row.
        """
        signed = [n for n, cell in enumerate(row[:-1]) if _SIGNED.match(cell.text)]
        if len(signed) != 1:
            return False
        goal, result = row[signed[0]], row[signed[0] + 1]
        units = [q.unit for cell in row if cell.kind == "number" for q in find(cell.text) if q.unit]
        pair = [q.unit for cell in (goal, result) for q in find(cell.text)]
        alike = len(pair) == 2 and pair[0] == pair[1] != "" and units.count(pair[0]) == 2
        names = self._labels_left(row, signed[0])
        named = next((c for c in names if self._names(c.text)), None)
        if not alike or result.kind != "number" or named is None:
            return False
        text = self.bare(named.text)
        group = next((c.text for c in names if c is not named and self.has_group(c.text)), "")
        if not self.has_group(named.text):
            text = self.bare(group) + text
        for cell, scenario in ((goal, "target"), (result, "actual")):
            scope = replace(self.scope, scenario=scenario, scenario_from="≥ beside a plain figure")
            self._sentence(text, named, cell, scope)
        return True

    def _refuse(self, cell: GridCell, reason: str) -> None:
        self.refusals.append(
            Refusal(
                cell.cell.start,
                cell.cell.end,
                self.document.text[cell.cell.start : cell.cell.end],
                "",
                reason,
            )
        )

    def _scope_of(self, column: Column | None, unit: str) -> Scope:
        scope = self.scope
        scenario, said = scope.scenario, scope.scenario_from
        if column is not None and column.role in SCENARIOS:
            scenario, said = column.role, column.text
        year = column.year if column is not None and column.year else scope.year
        told = (scenario, said, year, unit)
        if told not in self._scopes:
            self._scopes[told] = replace(
                scope, scenario=scenario, scenario_from=said, year=year, unit=unit
            )
        return self._scopes[told]

    def _unit_of(self, row: list[GridCell], place: int, column: Column | None) -> str:
        if column is not None and column.unit:
            return column.unit
        for cell in row:
            if cell.text in ROW_UNITS:
                return cell.text
        for cell in reversed(row[:place]):
            unit = UNIT.search(cell.text)
            if unit:
                return unit.group(1)
        return self.unit

    def _labels_left(self, row: list[GridCell], place: int) -> list[GridCell]:
        """The wordy cells that name a figure, the nearest first, cells that span its row too.

        What stands left of another figure names that one ("收入 | 10 | 支出 | 9").
        """
        left: list[GridCell] = []
        for cell in reversed(row[:place]):
            if cell.text in ROW_UNITS or cell.text in SIGNS:
                continue
            figure = cell.kind in ("number", "dash") or _NUMBERS.fullmatch(cell.text)
            if cell.kind == "text" and not figure and not self.states(cell.text):
                left.append(cell)
            elif left and figure:
                return left
        if self.block.ragged:
            return left
        at = row[place].cell.row
        spanning = [
            c
            for r, c in self.tall
            if c.cell.row < at < c.cell.row + c.cell.rows
            and c.cell.column < row[place].cell.column
            and r not in self.head
        ]
        return sorted([*spanning, *left], key=lambda c: c.cell.column, reverse=True)

    def _value(
        self, row: list[GridCell], place: int, cell: GridCell, columns: dict[int, Column]
    ) -> None:
        """Reads one figure: by the row's name, the column's, or both."""
        column = columns.get(place)
        role = column.role if column else ""
        column_kind = self._kind_of(column.labelled) if column else ""
        names_itself = role in ("change", "label") and bool(column_kind)
        project_score = role == "score" and bool(self._project_of(row))
        if role in _SKIPPED and not names_itself and not project_score:
            return
        if column is not None and _PART_OF_YEAR.search(column.text):
            self._refuse(cell, "a part of the year")
            return
        if self._lists_tasks():
            self._refuse(cell, "the money of tasks, which need not be all of the department's")
            return
        names = self._labels_left(row, place)
        scope = self._scope_of(column, self._unit_of(row, place, column))
        project = self._project_of(row)
        if project and column is not None:
            self._of_project(project, cell, column, scope)
            return
        if self._item_of_projects(names) and column is not None and column.role in SCENARIOS:
            self._of_project(self.bare(names[0].text)[:60], cell, column, scope)
            return
        named = next((c for c in names if self._names(c.text)), None)
        if named is not None and self.labelled(named.text):
            self.counted = named.text if "人数" in named.text else ""
        grouped = next((c for c in names if self.has_group(c.text)), None)
        if named is None and grouped is not None and self.counted:
            self._sentence(grouped.text + "参保人数", grouped, cell, scope)
            return
        if not columns and named is not None and self._crowded(row, place, named):
            self._refuse(cell, "several figures in a row without a header")
            return
        indicator = self.labelled(named.text) if named else ""
        row_kind = self._kind_of(indicator)
        bare_rate = row_kind == "rate" and "%" not in cell.text and scope.unit != "%"
        if not columns and bare_rate and self.scores:
            self._refuse(cell, "a bare number where scores and weights stand")
            return
        scope = self._part_of(indicator, scope)
        last_year = indicator == "opening_balance" and named is not None and "上年" in named.text
        if last_year and self._funds_of_a_form():
            self._refuse(cell, "a source of the year's funds, not the balance it opened with")
            return
        if row_kind == "rate" and self._is_score_beside(row, cell, column):
            self._refuse(cell, "a bare number beside the rate of the row: a score or a weight")
            return
        money = column is not None and re.search("[预决]算|执行", column.text) is not None
        if money and row_kind == "rate" and column_kind != "rate" and "%" not in cell.text:
            self._refuse(cell, "a rate under the head of an amount")
            return
        total = bool(names) and self.bare(names[0].text) in self.rows_of["total"]
        if column is not None and self._column_names(column_kind, row_kind, total):
            self._by_column(names, cell, column, scope)
            return
        if self._money_row(names, total) and self._whole_row(
            names[0] if names else cell, cell, scope
        ):
            return
        if column is not None and column.total and self.topic and not row_kind:
            if names and self._beside_another(self.bare(names[0].text)):
                self._refuse(cell, "the row is of one unit, place or part")
                return
            self._sentence(self.lexicon.indicators[self.topic].name_zh, named, cell, scope)
            return
        if named is None or self.bare(named.text) in self.rows_of["total"]:
            return
        text = self.bare(named.text)
        prefix = self._group_of(column.text) if column is not None else ""
        group = next((c.text for c in names if c is not named and self.has_group(c.text)), "")
        if not group and self.has_group(self.section):
            group = self.section
        if not self.has_group(named.text):
            text = (prefix or self.bare(group)) + text
        sign = row[place - 1].text if place and row[place - 1].text in SIGNS else ""
        self._sentence(text, named, cell, scope, sign=sign if role == "target" else "")

    def _is_score_beside(self, row: list[GridCell], cell: GridCell, column: Column | None) -> bool:
        """「控制率 | ≤100% | 87% | 3」 where no column is sure: the row prints its rates with %."""
        sure = not self.block.ragged and column is not None and column.role in SCENARIOS
        if sure or "%" in cell.text or not re.fullmatch(r"[\d.]+", cell.text):
            return False
        return any("%" in c.text and c.kind == "number" for c in row)

    def _part_of(self, indicator: str, scope: Scope) -> Scope:
        """A row with a short name (购置费) is part of a whole that a row above names."""
        wholes = [
            total.whole
            for total in self.lexicon.definitions.sums
            if total.by == "kind" and indicator in total.parts and total.whole in self.above
        ]
        if indicator:
            self.above.add(indicator)
        return replace(scope, topic=wholes[-1]) if wholes else scope

    def _column_names(self, column_kind: str, row_kind: str, total: bool) -> bool:
        """Whether the column, not the row, says what the figure is: a rate before an amount."""
        if not column_kind or row_kind == "rate":
            return False
        return not row_kind or column_kind == "rate" or total

    def _kind_of(self, indicator: str) -> str:
        return self.lexicon.indicators[indicator].kind if indicator else ""

    def _names(self, text: str) -> bool:
        """Whether a cell names a figure: a label, a total, or a generic word for an amount."""
        bare = self.bare(text)
        if self.labelled(text) or bare in self.rows_of["total"]:
            return True
        tokens = self.lexicon.labels(bare)
        return len(tokens) == 1 and tokens[0].kind == "generic" and len(tokens[0].text) > 2

    def _crowded(self, row: list[GridCell], place: int, named: GridCell) -> bool:
        """Without a header only pairs of a name and a value are safe."""
        if named not in row:
            return False
        between = [c for c in row[row.index(named) + 1 : place] if c.kind in ("number", "dash")]
        following = row[place + 1] if place + 1 < len(row) else None
        twice = sum(c.text == named.text for c in row) > 1
        return bool(between) or twice or (following is not None and following.kind == "number")

    def _money_row(self, names: list[GridCell], total: bool) -> bool:
        """Whether the row is the whole's: 合计, or a row with no name but the form's own."""
        if not names:
            return bool(self.head) and not self.topic
        return total or bool(re.search("预算执行|资金情况|预算情况", names[0].text))

    def _funds_of_a_form(self) -> bool:
        """Whether budget, changed budget and spending head the columns, as over 资金总额 and its parts."""
        roles = {self.role(h.text) for row in self.head for h in row}
        return "actual" in roles and "adjusted_budget" in roles and not self.topic

    def _lists_tasks(self) -> bool:
        """Whether the rows are the year's tasks with the money set aside for each."""
        return any(h.text in self.rows_of["task_name"] for h in (self.head or [[]])[-1])

    def _project_of(self, row: list[GridCell]) -> str:
        """In a list of projects, the project that the row is about."""
        head = self.head[-1] if self.head else []
        listing = [
            h
            for h in head
            if h.text in self.rows_of["project_name"]
            or (self.scope.projects and h.text in ("项目", "名称"))
        ]
        if not listing:
            return ""
        at = head.index(listing[0])
        cell = row[at] if at < len(row) else None
        if cell is None or cell.kind != "text" or self.bare(cell.text) in self.rows_of["total"]:
            return ""
        if self.role(cell.text) in ("score", "weight"):
            return ""
        return cell.text[:60]

    def _item_of_projects(self, names: list[GridCell]) -> bool:
        """「项目支出:」 over 「1、业务工作专项」, 「2、运行维护专项」: numbered rows are its projects."""
        name = names[0].text if names else ""
        indicator = self.labelled(name)
        if indicator:
            self.under_projects = indicator == "project_expenditure" and not _ITEM.match(name)
        return self.under_projects and not indicator and _ITEM.match(name) is not None

    def _of_project(self, project: str, cell: GridCell, column: Column, scope: Scope) -> None:
        """A figure in the row of one project: its money, its rate or its score."""
        scope = replace(scope, subject=project)
        if column.role == "score":
            self._sentence("自评得分", None, cell, scope)
        elif column.labelled == "budget_execution_rate":
            self._sentence("执行率", None, cell, scope)
        elif column.role in SCENARIOS and column.role != "target":
            self._sentence(_MONEY_OF[column.role], None, cell, scope)

    def _whole_row(self, name: GridCell, cell: GridCell, scope: Scope) -> bool:
        """合计 or 年度资金总额: of the topic of the table, or of the money the form is about."""
        if self.topic:
            self._sentence(self.lexicon.indicators[self.topic].name_zh, name, cell, scope)
            return True
        roles = {self.role(h.text) for row in self.head for h in row}
        funding = len(roles & {"initial_budget", "adjusted_budget", "budget", "actual"}) >= 2
        if not funding and not (
            "资金" in name.text and (self.scope.project_report or self.scope.subject)
        ):
            return False
        for figure in self._sentence("年度资金总额", name, cell, scope, keep=False):
            if figure.indicator != "expenditure":
                continue
            if self.scope.projects and not self.scope.subject:
                figure = replace(figure, indicator="project_expenditure")
            if self.scope.subject:
                figure = replace(figure, subject=self.scope.subject)
                if not self.scope.project_report:
                    figure = replace(figure, indicator="project_expenditure")
            self._keep(figure)
        return True

    def _group_of(self, text: str) -> str:
        """The words of a column head that name groups of persons."""
        tokens = self.lexicon.populations(text, 0, len(text), "insured_persons")
        return "".join(t.text for t in tokens if t.value != "people")

    def _by_column(
        self, names: list[GridCell], cell: GridCell, column: Column, scope: Scope
    ) -> None:
        """The column itself names the indicator (执行率, 控制率, 编制数); the row says whose."""
        named = names[0] if names else None
        name = self.bare(named.text) if named else ""
        whole = not name or name in self.rows_of["total"] or bool(self.labelled(name))
        if column.labelled == "budget_execution_rate":
            basis = "budget"
            for role in ("initial_budget", "adjusted_budget"):
                if any(self.role(h.text) == role for row in self.head for h in row):
                    basis = role
            part = "" if self.labelled(name) in ("", "expenditure") and whole else name
            for figure in self._sentence(column.text, named, cell, scope, keep=False):
                figure = replace(figure, basis=basis)
                if part or self.scope.subject:
                    figure = replace(figure, subject=part or self.scope.subject)
                self._keep(figure)
            return
        posts = column.labelled in ("staff", "authorised_posts", "staffing_control_rate")
        kind = self._staff_kind(name) if posts else ""
        if (kind and column.labelled == "staffing_control_rate") or (
            not whole and not kind and self._one_of_many(name)
        ):
            self._refuse(cell, "the row is of one unit, place or part")
            return
        text = (
            column.text
            if self.labelled(column.text)
            else self.lexicon.indicators[column.labelled].name_zh
        )
        if kind:
            text = kind + text
        elif self._of_a_budget_or_year(name):
            text = name + text
        elif name and self.has_group(name):
            tokens = [t for t in self.lexicon.labels(text) if t.kind == "label"]
            text = name + (tokens[-1].text if tokens and self.has_group(text) else text)
        self._sentence(text, named, cell, scope)

    def _of_a_budget_or_year(self, name: str) -> bool:
        """Rows named 2023年预算数 and the like tell the scenario and the year."""
        rest = _YEAR_OF_ROW.sub("", name)
        return rest != name or self.role(rest) in SCENARIOS

    def _staff_kind(self, name: str) -> str:
        """The words of a row's name for a kind of posts (行政人员)."""
        tokens = self.lexicon.populations(name, 0, len(name), "staff")
        return "".join(t.text for t in tokens if t.value != "other")

    def _one_of_many(self, name: str) -> bool:
        """Whether the rows of this table are units, places or parts beside each other."""
        if self.has_group(name) or self._of_a_budget_or_year(name) or name in self.rows_of["frame"]:
            return False
        others = {self.bare(r[0].text) for r in self.rows if r and r[0].kind == "text"}
        return (
            len(others - {name}) > 1
            and any(c.text in self.rows_of["total"] for r in self.rows for c in r[:2])
        ) or sum(bool(_PLACE.search(o)) for o in others) > 1

    def _beside_another(self, name: str) -> bool:
        """Whether figures of something else than the whole stand in another row, too."""
        frame = (*self.rows_of["total"], *self.rows_of["frame"])
        named = {
            self.bare(r[0].text)
            for r in self.rows
            if r and r[0].kind == "text" and any(c.kind == "number" for c in r)
        }
        rows = {n for n in named if n not in frame and not self._of_a_budget_or_year(n)}
        return name in rows and len(rows) > 1

    def _total_score(self, row: list[GridCell], columns: dict[int, Column] | None = None) -> bool:
        """总分: full marks, then the score."""
        names = [c for c in row if c.kind == "text"]
        numbers = [c for c in row if c.kind == "number"]
        if not names or self.bare(names[0].text) not in self.rows_of["total_score"]:
            return False
        if not any(self.role(h.text) == "score" for r in self.head for h in r) and self.bare(
            names[0].text
        ) in ("合计", "总计"):
            return False
        scored = [
            c
            for i, c in enumerate(row)
            if c.kind == "number" and columns and i in columns and columns[i].role == "score"
        ]
        if not scored and len(numbers) == 2 and numbers[0].text == "100":
            scored = [numbers[1]]
        if not scored and len(numbers) == 1 and self.bare(names[0].text) != "总分":
            scored = numbers
        if len(scored) == 1:
            scope = self.scope
            if columns and scope.scenario == "target":
                # Under a heading of goals a column of scores tells results all the same.
                scope = replace(scope, scenario="", scenario_from="")
            self._sentence("自评得分", names[0], scored[0], scope)
        return True

    def _wordy(
        self, row: list[GridCell], place: int, cell: GridCell, columns: dict[int, Column]
    ) -> None:
        """A cell of words with figures in it: its own sentence, or the value of its row."""
        column = columns.get(place)
        if column is not None and column.role in ("score", "weight", "change", "note"):
            return
        unit = self._unit_of(row, place + 1, column) or self.unit
        scope = self._scope_of(column, unit)
        if self._lists_tasks() and not (column is not None and column.role == "actual"):
            scope = replace(scope, scenario="target", scenario_from="a list of tasks")
        group = next(
            (g for c in self._labels_left(row, place) if (g := one_group(c.text, self.lexicon))), ""
        )
        if group:
            scope = replace(scope, population=group)
        figures, refused = read_clauses(cell.text, scope, self.lexicon)
        if figures:
            for figure in figures:
                figure = self._of_those_named(figure, row, place)
                self._add(_goal_by_sign(figure, cell.text), cell.passage)
            return
        if self.lexicon.labels(cell.text) and not (column and column.role in SCENARIOS):
            self.refusals += [refusal_of(r, self.document, cell.passage) for r in refused]
            return
        names = self._labels_left(row, place)
        named = next((c for c in names if self.labelled(c.text)), None)
        if named is not None and column is not None and column.role in SCENARIOS:
            self._sentence(self.bare(named.text), named, cell, scope)

    def _of_those_named(self, figure: Figure, row: list[GridCell], place: int) -> Figure:
        """A satisfaction told without saying whose is that of those the row's name tells."""
        if figure.indicator != "satisfaction_rate" or figure.population != "all":
            return figure
        groups = {
            token.value
            for c in self._labels_left(row, place)
            if self.labelled(c.text) == figure.indicator
            for token in self.lexicon.populations(c.text, 0, len(c.text), figure.indicator)
        }
        return replace(figure, population=groups.pop()) if len(groups) == 1 else figure

    def _sentence(
        self,
        label: str,
        named: GridCell | None,
        cell: GridCell,
        scope: Scope,
        keep: bool = True,
        sign: str = "",
    ) -> list[Figure]:
        """Reads "label:value" by the rules of prose; offsets lead to the row and the value."""
        label = _UNIT_IN_BRACKETS.sub("", label)
        label = _DIGITS.sub(lambda m: m.group(0) if len(m.group(0)) == 4 else "", label)
        prefix = label + ":" + sign
        anchor = named.cell.start if named is not None else cell.cell.start
        text = prefix + cell.text
        passage = Passage(
            text, (*([min(anchor, cell.cell.start)] * len(prefix)), *cell.passage.offsets)
        )
        bare = [q for q in find(cell.text) if q.kind == "bare"]
        review = ""
        amount = self.under_projects or self._is_amount(label)
        if bare and scope.unit in ("", "人", "%") and self.unit and amount:
            scope = replace(scope, unit=self.unit)
        if bare and not scope.unit and amount:
            scope = replace(scope, unit="万元")
            review = "no unit is printed; read as 万元, as the form prescribes"
        figures, refused = read_clauses(text, scope, self.lexicon)
        found = [self._in_goal_column(f, scope) for f in figures if f.end > len(prefix)]
        found = [f for f in found if not self._is_goal_of_a_fact(f, scope)]
        if self.scope.subject or self.scope.project_report:
            # What a project carried over is none of the department's balance.
            found = [f for f in found if f.indicator != "opening_balance"]
        if "总计" in label and any(
            "结转" in c.text or "结余" in c.text for r in self.rows for c in r
        ):
            # The totals of such a table hold last year's balance.
            found = []
        out = []
        for figure in found:
            if review and figure.unit == "万元" and figure.value >= 1_000_000:
                continue
            doubt = review if figure.unit == "万元" and figure.value != 0 else ""
            told = {"rule": "row and column of a form", "review": doubt or figure.review}
            figure = Figure(**{**figure.__dict__, **told})
            out.append(figure)
            if keep:
                self._add(figure, passage)
        if not found:
            self.refusals += [
                refusal_of(r, self.document, passage) for r in refused if r.end > len(prefix)
            ]
        self._passage = passage
        return out

    def _in_goal_column(self, figure: Figure, scope: Scope) -> Figure:
        """An amount under 指标值 is a goal; in a plan of goals, money without such a head is budget."""
        by_column = scope.scenario_from != self.scope.scenario_from
        implied = ("scenario", scope.scenario_from) in figure.settled
        if scope.scenario == "target" and figure.scenario == "budget" and by_column and implied:
            return replace(figure, scenario="target")
        return figure

    def _is_goal_of_a_fact(self, figure: Figure, scope: Scope) -> bool:
        """Under 指标值 an amount that is only counted when done (基金支出) is none yet."""
        entry = self.lexicon.indicators[figure.indicator]
        implied = ("scenario", scope.scenario_from) in figure.settled
        only_done = entry.kind == "amount" and "scenario" not in entry.dimensions
        return scope.scenario == "target" and only_done and implied

    def _is_amount(self, label: str) -> bool:
        named = self.labelled(label)
        return bool(named) and self.lexicon.indicators[named].kind == "amount"

    def _keep(self, figure: Figure) -> None:
        self._add(figure, self._passage)

    def _add(self, figure: Figure, passage: Passage) -> None:
        self.mentions.append(mention_of(figure, self.document, self.index, passage, "table"))
