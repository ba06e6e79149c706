"""Finds tables that flattening wrote into running text: heads, names and figures on one line.

A run of heads opens such a table. What follows are rows: a name and its figures, or figures alone
where the names stand elsewhere. The table ends where no figures follow, and what stands around it
stays text. Heads and figures may have lost the blanks between them, too; then the figures of a row
stay one cell, for nobody can part them here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from ingest.documents.readers.flat_tables import LOOK, Line, Row, Span, Table

_SUFFIX = r"(?:\s?\([^()\s]{1,12}\)){0,2}"
_MONEY = (
    r"(?:(?:19|20)\d\d年度?)?(?:(?:年初|全年|上年|本年|当年|年中|调整后?)?(?:批复)?(?:预算|决算|执行|支出)数"
    r"|(?:年初|全年|调整后)预算)"
)
_MARKS = r"(?:预算)?执行率|分值|权重|(?:自评)?得分"
_STAFF = r"编制(?:人?数)|(?:(?:19|20)\d\d年)?(?:年末)?(?:实际|实有)?在[职编]人数|实有人数|控制率"
_WORD = rf"(?:{_MONEY}|{_MARKS}|{_STAFF}){_SUFFIX}"
_HEAD = re.compile(_WORD)
_HEADS = re.compile(rf"(?<!\S){_WORD}(?:\s+{_WORD})+(?!\S)")
_GLUED_HEADS = re.compile(rf"(?:{_WORD}){{2,}}")
_ALONE = re.compile(rf"(?<!\S)(?:{_MONEY})(?:\s数)?+(?!\S)(?!\s+[\d-])")
_MONEY_HEAD = re.compile(_MONEY)
_RATE = re.compile("执行率")
_STAFF_HEAD = re.compile(_STAFF)
_VALUE = re.compile(r"-?\d[\d,]{0,15}(?:\.\d{1,6})?%?$|[-—/]{1,4}$")
_POINT_BEHIND = re.compile(r"\d[\d,]*\.\d+\.$")
_BROKEN = re.compile(r"\d{1,9}\.$")
_REST = re.compile(r"\d{1,4}%?$")
_NUMBERING = re.compile(
    r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})[、.]$|[（(][一二三四五六七八九十\d]{1,3}[)）]$"
)
_ENDS = re.compile(r"[。;!?|\t]|,(?!\d{3})|[《》=]")
_LONGEST = 24
_MOST_NAMES = 3
_UNIT = re.compile(r"\((?:亿元|万元|千元|元)\)")
_PROJECT = re.compile(r"(?<!\S)(?:项目|专项)名称(?!\S)")
_FRAME = re.compile(
    r"(?:主管|实施|预算|项目|资金|负责)(?:部门|单位|资金|负责人|预算)|年度资金总额|其中|年初|全年|联系"
)
_GLUED_ROW = re.compile(r"\s{0,4}([^\d\s。;,%|]{1,20})?(\d[\d.,%]{4,80})(?![\d.,%])")
_GLUED_UNIT = re.compile(
    r"(?:项目|年度)?(?:预算)?(?:资金|执行)?(?:情况)?\((?:亿元|万元|千元|元)\)\s?$"
)


class Token(NamedTuple):
    """A word of a running table: `kind` is value, name or end."""

    start: int
    end: int
    kind: str


class Running(NamedTuple):
    """A table of running text: text[start:end] and its rows."""

    start: int
    end: int
    rows: list[Row]


def parted(text: str, lines: list[Line]) -> tuple[list[Line], list[Table]]:
    """The lines, parted where a running table begins and ends, and these tables in them."""
    found = sorted([*running_tables(text), *_scoring(text), *_goals(text)])
    found = [t for n, t in enumerate(found) if not n or found[n - 1].end <= t.start]
    if not found:
        return lines, []
    cuts = iter([*(place for table in found for place in (table.start, table.end)), len(text) + 1])
    cut = next(cuts)
    pieces: list[Line] = []
    for line in lines:
        start = line.start
        while cut < line.end:
            if cut > start:
                pieces.append(Line(start, cut, text[start:cut]))
            start, cut = max(start, cut), next(cuts)
        if cut == line.end:
            cut = next(cuts)
        if start < line.end or line.start == line.end:
            pieces.append(Line(start, line.end, text[start : line.end]))
    starts = [line.start for line in pieces]
    return pieces, [
        Table(bisect_left(starts, t.start), bisect_left(starts, t.end), t.rows) for t in found
    ]


def running_tables(text: str) -> Iterator[Running]:
    """The running tables of a text, in order."""
    at = 0
    spaced, glued = _run_of(text, at, _HEADS), _run_of(text, at, _GLUED_HEADS)
    while spaced or glued:
        found = min((m for m in (spaced, glued) if m), key=lambda m: (m.start(), m is not spaced))
        make = _spaced if found is spaced else _glued
        table = make(text, found, at)
        if table:
            yield table
        at = table.end if table else found.end()
        if spaced and spaced.start() < at:
            spaced = _run_of(text, at, _HEADS)
        if glued and glued.start() < at:
            glued = _run_of(text, at, _GLUED_HEADS)


def _run_of(text: str, at: int, heads: re.Pattern[str]) -> re.Match[str] | None:
    """The next run of heads: of money, with what is done of it, or of posts."""
    return next((m for m in heads.finditer(text, at) if _opens_table(text, m)), None)


def _opens_table(text: str, found: re.Match[str]) -> bool:
    words = [text[slice(*span)] for span in _heads_of(text, found)]
    money = {w for w in words if _MONEY_HEAD.match(w)}
    staff = {w for w in words if _STAFF_HEAD.match(w)}
    return len(money) > 1 or len(staff) > 1 or (bool(money) and any(map(_RATE.search, words)))


def _heads_of(text: str, found: re.Match[str]) -> Row:
    return [Span(*head.span()) for head in _HEAD.finditer(text, found.start(), found.end())]


# --- blanks between the words ----------------------------------------------------------------------


def _spaced(text: str, found: re.Match[str], after: int) -> Running | None:
    """The table below a run of heads with blanks between them."""
    opens = max(after, text.rfind("\n", 0, found.start()) + 1)
    if _HEADS.search(text, opens, found.start()):
        # Two tables side by side.
        return None
    body = _Body(text, found)
    body.read()
    if not body.runs_on or not any(len(row) > 1 for row in body.rows[1:]):
        return None
    return _with_what_stands_before(text, found, opens, body)


def _with_what_stands_before(text: str, found: re.Match[str], opens: int, body: _Body) -> Running:
    """The table with the name of the form's project and its unit, which stand before the heads.

    Where figures follow the heads at once the cells lost their order: a first head stands before,
    and the unit may stand behind.
    """
    opens = max(opens, found.start() - 2 * LOOK)
    named = _project(text, opens, found.start())
    heads: Row = []
    if body.opens_with_values:
        heads = [Span(*m.span()) for m in _ALONE.finditer(text, opens, found.start())]
    start = min([found.start(), *(span.start for span in (*heads, *named))])
    units = [Span(*m.span()) for m in _UNIT.finditer(text, start, found.start())]
    if body.opens_with_values and not units:
        units = _unit_behind(text, body.end)
    before = [*([named] if named else []), *([unit] for unit in units if unit.start < body.end)]
    behind = [[unit] for unit in units if unit.start > body.end]
    rows = [*before, [*heads, *body.rows[0]], *body.rows[1:], *behind]
    return Running(start, max(body.end, *(row[-1].end for row in rows)), rows)


def _unit_behind(text: str, at: int) -> Row:
    """The unit that a form prints behind its figures, on their line."""
    line = text.find("\n", at)
    found = _UNIT.search(text, at, min(at + LOOK // 2, line if line >= 0 else len(text)))
    return [Span(*found.span())] if found else []


class _Body:
    """The rows below heads: tokens are taken as long as they make rows.

    `runs_on` tells whether a row begins on the line on which the one before it ends.
    """

    def __init__(self, text: str, found: re.Match[str]) -> None:
        self.text, self.found = text, found
        self.rows: list[Row] = []
        self.width = 0
        self.names: Row = []
        self.values: Row = []
        self.end = self.last = found.end()
        self.runs_on = self.opens_with_values = False

    def read(self) -> None:
        """Reads rows, and further heads with theirs, to the end of the table."""
        found: re.Match[str] | None = self.found
        while found:
            self._open(found)
            found = self._rows(found.end())

    def _open(self, found: re.Match[str]) -> None:
        """A row of heads; the name before them heads the column of names."""
        heads = _heads_of(self.text, found)
        self.rows += [[name] for name in self.names[:-1]]
        self.rows.append([*self.names[-1:], *heads])
        self.names, self.width, self.last = [], len(heads), found.end()

    def _rows(self, at: int) -> re.Match[str] | None:
        """Takes the rows from a place on; returns the heads that open the next ones."""
        first = len(self.rows)
        for token in _tokens(self.text, at):
            heads = _HEADS.match(self.text, token.start) if self.rows[first:] else None
            if heads and _opens_table(self.text, heads):
                return heads
            if token.kind == "value":
                self.values.append(Span(token.start, token.end))
                continue
            if not self._flush(first) or token.kind == "end" or len(self.names) == _MOST_NAMES:
                return None
            self.names.append(Span(token.start, token.end))
        self._flush(first)
        return None

    def _flush(self, first: int) -> bool:
        """Ends a row; False where it has more figures than its heads, and so is none."""
        values, names, self.values = self.values, self.names, []
        if not values:
            return True
        if names and len(values) > self.width:
            return False
        self.opens_with_values |= not names and len(self.rows) == first == 1
        self.runs_on |= "\n" not in self.text[self.last : [*names, *values][0].start]
        self.rows += [[name] for name in names[:-1]]
        self.rows.append([*names[-1:], *values])
        self.end = self.last = values[-1].end
        self.names = []
        return True


def _tokens(text: str, at: int) -> Iterator[Token]:
    """The words from a place on: a number broken behind its point, or a name behind its number, is one."""
    words = re.compile(r"\S+").finditer(text, at)
    word = next(words, None)
    while word:
        start, end = word.span()
        following = next(words, None)
        if following and _is_broken(text, word, following):
            yield Token(start, following.end(), "value")
            word = next(words, None)
            continue
        if following and _NUMBERING.match(word[0]) and not _VALUE.match(following[0]):
            end = following.end()
            following = next(words, None)
        yield _token(text, start, end)
        word = following


def _is_broken(text: str, word: re.Match[str], following: re.Match[str]) -> bool:
    """Whether a line ended behind the point of a number."""
    parts = _BROKEN.match(word[0]) and _REST.match(following[0])
    return bool(parts) and "\n" in text[word.end() : following.start()]


def _token(text: str, start: int, end: int) -> Token:
    word = text[start:end]
    if _POINT_BEHIND.match(word):
        return Token(start, end - 1, "value")
    if _VALUE.match(word):
        return Token(start, end, "value")
    if len(word) > _LONGEST or _ENDS.search(word):
        return Token(start, end, "end")
    return Token(start, end, "name")


def _project(text: str, opens: int, end: int) -> Row:
    """The words for a project's name, and the name behind them."""
    label = next(_PROJECT.finditer(text, opens, end), None)
    if label is None:
        return []
    words: list[Span] = []
    for word in re.compile(r"\S+").finditer(text, label.end(), end):
        if _FRAME.match(word[0]) or len(words) == _MOST_NAMES:
            break
        words.append(Span(*word.span()))
    return [Span(*label.span()), Span(words[0].start, words[-1].end)] if words else []


# --- no blanks between the words -------------------------------------------------------------------


def _glued(text: str, found: re.Match[str], after: int) -> Running | None:
    """The table below heads that run together: names and figures that do so, too."""
    rows: list[Row] = []
    at = found.end()
    while row := _GLUED_ROW.match(text, at):
        piece = row[2]
        plain = re.fullmatch(r"[\d,]+(?:\.\d+)?%?", piece)
        if plain or (rows and not row[1]):
            break
        spans = [row.span(1), row.span(2)] if row[1] else [row.span(2)]
        rows.append([Span(*span) for span in spans])
        at = row.end()
    if not rows:
        return None
    unit = _GLUED_UNIT.search(text, max(after, found.start() - LOOK // 5), found.start())
    before = [[Span(*unit.span())]] if unit else []
    start = unit.start() if unit else found.start()
    return Running(start, at, [*before, _heads_of(text, found), *rows])


# --- rules of scoring ------------------------------------------------------------------------------

_SCORING = re.compile(r"评[价分]标准\s?(?:指标说明|指标解释|评分说明|说明)?\s?(?:自评|实际)?得分")
_RULE = re.compile(r"[得计扣]\d+(?:\.\d+)?分|[得计]?满分|扣完为止|不得分")
_FEWEST_RULES = 3
_SENTENCE = re.compile(r"[^。;\n]*[^\s\d。;][^。;\n]*[。;]?")


def _scoring(text: str) -> Iterator[Running]:
    """Forms of scores whose rows run together: a sentence of their rules is a cell.

    Such a form goes on over lines as long as these hold rules.
    """
    at = 0
    while found := _SCORING.search(text, at):
        at = found.end()
        line = _line_end(text, at)
        if text[at:line].strip() and not _RULE.search(text, at, line):
            continue
        while line < len(text) and _RULE.search(text, line + 1, _line_end(text, line + 1)):
            line = _line_end(text, line + 1)
        end = at + len(text[at:line].rstrip())
        if len(_RULE.findall(text, at, end)) >= _FEWEST_RULES:
            cells = [Span(*m.span()) for m in _SENTENCE.finditer(text, at, end)]
            yield Running(found.start(), end, [[Span(*found.span())], *([c] for c in cells)])
        at = max(at, end)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)


# --- goals and results that run together -----------------------------------------------------------

_GOAL_HEADS = re.compile(
    r"(?:绩效指标|[一二]级指标)*(?P<name>(?:三级)?指标(?:名称|内容)?)(?P<goal>(?:年度|全年|预期)?(?:指标|目标)值(?:\([A-Z]\))?)"
    r"(?P<result>(?:全年|实际|年度)?(?:实际)?(?:完成)?值(?:\([A-Z]\))?)(?:分值|权重)得分[^\n]{0,20}(?:\n|$)"
)
_RATE_ENDS = r"[≥≤><=]?\d{1,3}(?:\.\d{1,4})?%"
_GOAL_ROW = re.compile(
    rf"(?P<name>[^\d\n。;,≥≤><=%]{{2,40}})(?P<goal>{_RATE_ENDS})(?P<result>{_RATE_ENDS})(?![^\n]*%)"
)
_LAST_ROW = re.compile(r"总分|合计|总得分|自评")
_LONGEST_ROW = 80


def _goals(text: str) -> Iterator[Running]:
    """Rows below heads that run together, a row a line: a percentage ends with its sign, so a goal
    and the result behind it are told apart.
    """
    for heads in _GOAL_HEADS.finditer(text):
        rows = [[Span(*heads.span(part)) for part in ("name", "goal", "result")]]
        at = heads.end()
        while at < len(text):
            end = _line_end(text, at)
            line = text[at:end]
            if not line.strip() or len(line) > _LONGEST_ROW or _LAST_ROW.match(line.strip()):
                break
            row = _GOAL_ROW.match(text, at, end)
            parts = [row.span(part) for part in ("name", "goal", "result")] if row else []
            whole = (at, at + len(line.rstrip()))
            rows.append([Span(*part) for part in parts or [whole]])
            at = end + 1
        if any(len(row) > 1 for row in rows[1:]):
            yield Running(heads.start(), rows[-1][-1].end, rows)
