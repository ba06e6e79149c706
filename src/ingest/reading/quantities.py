"""Finds the numbers in a passage: exact value, unit, comparator and printed precision.

Also tells what looks like a figure and is none: dates, clock times, document numbers, list numbers,
ages. All wording is in `codebook/common/quantities.toml`; a new word needs no Python.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ingest.records import Quantity

_FILE = "codebook/common/quantities.toml"
_KINDS = ("amount", "count", "visits", "percent", "points", "score", "other")
_COUNTED = ("amount", "count", "visits")
_MARKS = (">=", "<=", ">", "<", "~")

# The longest text whose figures are kept for the next stage.
_CELL = 80
# A longer row of digits is a code or a damaged table. Decimal computes exactly up to 28.
_MOST_DIGITS = 20
# Characters before a number in which a comparator, or the name of a number of persons, may stand.
_NEAR = 8
_NEAR_LABEL = 16

_DIGIT = re.compile(r"\d")
_LEAD = re.compile(r"[\d-]")
# Digits that go on where a number was cut short.
_DIGITS_GO_ON = re.compile(r"[\d.]*\d")
_PART = re.compile(r"\{([a-z_]+)\}")


# -- the words -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Unit:
    """What a printed unit means: its kind, the unit kept, and whether it says "and some more"."""

    kind: str
    unit: str
    about: bool = False


@dataclass(frozen=True)
class _Spoken:
    """Numbers in words: a pattern, where it may begin, the unit if none is printed."""

    pattern: re.Pattern[str]
    begins: re.Pattern[str]
    unit: _Unit | None


@dataclass(frozen=True)
class Rules:
    """The file of words, checked and compiled."""

    digits: Mapping[str, int]
    powers: Mapping[str, int]
    point: str
    units: Mapping[str, _Unit]
    # (unit printed, unit of the codebook) → power of ten
    scale: Mapping[tuple[str, str], int]
    number: re.Pattern[str]
    full_stop: str
    # mark → (unit of money, unit of persons)
    short: Mapping[str, tuple[str, str]]
    after_count: re.Pattern[str]
    spoken: tuple[_Spoken, ...]
    # where any of these may begin
    spoken_begins: re.Pattern[str]
    no_figure: re.Pattern[str]
    # group of the pattern → kind
    no_figure_kinds: Mapping[str, str]
    before: re.Pattern[str]
    before_ends: frozenset[str]
    only_with_after: frozenset[str]
    words_ending_so: tuple[str, ...]
    after: re.Pattern[str]
    after_begins: frozenset[str]
    range: re.Pattern[str]
    range_words: frozenset[str]
    changes: frozenset[str]


def read_rules(text: str, name: str = _FILE) -> Rules:
    """The rules that a TOML text holds; `name` is the file as messages call it.

    Raises ValueError with the file, the entry and what to do where anything in it is wrong.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}: no valid TOML ({error}); correct that line") from error
    return _Reader(table, name).rules()


@lru_cache(maxsize=1)
def _rules() -> Rules:
    path = files("ingest").joinpath(_FILE)
    return read_rules(path.read_text(encoding="utf-8"))


class _Reader:
    """Reads the tables of the file one after another; every complaint names its entry."""

    def __init__(self, table: dict[str, Any], name: str) -> None:
        self.table = table
        self.name = name
        self.parts: dict[str, str] = {}

    def rules(self) -> Rules:
        numerals = self.section("numerals")
        digits = self.numbers(numerals, "digits", "[numerals]")
        powers = self.numbers(numerals, "powers", "[numerals]")
        units, scale = self.units()
        self.parts = self.named_parts(digits, units)
        short = self.short(units, scale)
        number = self.section("number")
        shorts = self.section("short")
        spoken = tuple(self.spoken(units))
        no_figure, kinds = self.no_figure()
        before, after = self.comparators()
        around = self.section("around")
        leads = self.strings(around, "led_by", "[around]")
        span = self.section("range")
        marks = self.strings(span, "marks", "[range]")
        return Rules(
            digits=digits,
            powers=powers,
            point=self.string(numerals, "point", "[numerals]"),
            units=units,
            scale=scale,
            number=self.number(number, shorts, units),
            full_stop=self.string(number, "full_stop", "[number]"),
            short=short,
            after_count=self.pattern(shorts, "after_count", "[short]"),
            spoken=spoken,
            spoken_begins=self.compiled(
                "|".join(form.begins.pattern for form in spoken), "[[spoken]] begins"
            ),
            no_figure=no_figure,
            no_figure_kinds=kinds,
            before=self.compiled(
                "|".join(f"({_any_of(w, re.escape)})$" if w else "((?!))" for w in before),
                "[[comparator]] before",
            ),
            before_ends=frozenset(word[-1] for words in before for word in words),
            only_with_after=frozenset(self.strings(around, "only_with_after", "[around]")),
            words_ending_so=tuple(self.strings(around, "words_ending_so", "[around]")),
            after=self.compiled(
                rf"(?:{'|'.join(leads)})?\(?(?:"
                + "|".join(f"({'|'.join(w)})" if w else "((?!))" for w in after)
                + r")\)?",
                "[[comparator]] after, or [around] led_by",
            ),
            after_begins=frozenset(
                pattern.lstrip("\\")[0]
                for patterns in (*after, leads, ["("])
                for pattern in patterns
            ),
            range=self.compiled(f"(?:{_any_of(marks, re.escape)})+", "[range] marks"),
            range_words=frozenset(self.strings(span, "words", "[range]")),
            changes=frozenset(self.strings(span, "changes", "[range]")),
        )

    # The tables.

    def units(self) -> tuple[dict[str, _Unit], dict[tuple[str, str], int]]:
        units: dict[str, _Unit] = {}
        scale: dict[tuple[str, str], int] = {}

        def add(printed: str, unit: _Unit, entry: str) -> None:
            if printed in units:
                raise self.wrong(entry, f"{printed!r} is printed for two units", "delete one")
            units[printed] = unit

        for i, row in enumerate(self.rows("unit"), 1):
            entry = f"[[unit]] {row.get('unit', i)!r}"
            kind = self.choice(row, "kind", entry, _KINDS)
            unit = self.string(row, "unit", entry)
            for key, about in (("printed", False), ("about", True)):
                for printed in self.strings(row, key, entry) if key in row else ():
                    add(printed, _Unit(kind, unit, about), entry)
            for to, power in self.numbers(row, "in", entry).items() if "in" in row else ():
                scale[unit, to] = power
        entry = "[other_units]"
        for printed in self.strings(self.section("other_units"), "printed", entry):
            add(printed, _Unit("other", printed), entry)
        return units, scale

    def named_parts(self, digits: Iterable[str], units: Mapping[str, _Unit]) -> dict[str, str]:
        parts = {
            "digit": "".join(digits),
            "counted": _any_of(
                [u for u, unit in units.items() if unit.kind in _COUNTED], re.escape
            ),
        }
        own = self.section("parts")
        for name in own:
            if name in parts:
                raise self.wrong(
                    "[parts]", f"{name!r} is made from the tables", "name it otherwise"
                )
            # A part may use those above it.
            parts[name] = self.filled(self.string(own, name, "[parts]"), f"[parts] {name}", parts)
        return parts

    def short(
        self, units: Mapping[str, _Unit], scale: dict[tuple[str, str], int]
    ) -> dict[str, tuple[str, str]]:
        """The marks, each with its two units; `scale` learns to lead from the mark to both."""
        marks = self.section("short").get("marks")
        if not isinstance(marks, dict) or not marks:
            raise self.wrong("[short]", "no table `marks`", "give mark = [money, persons]")
        short: dict[str, tuple[str, str]] = {}
        for mark in marks:
            pair = self.strings(marks, mark, "[short] marks")
            if len(pair) != 2 or not all(unit in units for unit in pair):
                raise self.wrong(
                    "[short] marks", f"{mark!r} has not two known units", "name two of [[unit]]"
                )
            short[mark] = pair[0], pair[1]
            for unit in pair:
                scale.update({(mark, to): p for (u, to), p in scale.items() if u == unit})
        return short

    def number(
        self, number: Mapping[str, Any], short: Mapping[str, Any], units: Mapping[str, _Unit]
    ) -> re.Pattern[str]:
        """One number with what belongs to it: sign, digits, "and some", an aside, the unit."""
        entry = "[number]"
        digits = "|".join(self.filled(p, entry) for p in self.strings(number, "patterns", entry))
        marks = _any_of(short["marks"], re.escape)
        beside = [printed for printed, unit in units.items() if unit.kind != "other"]
        source = (
            rf"(?P<sign>(?<!{self.string(number, 'sign_not_after', entry)})-)?(?P<number>{digits})"
            rf"(?P<more>{_any_of(self.strings(number, 'about', entry), re.escape)})?"
            rf"(?:(?P<unit>{_any_of(units, re.escape)})"
            rf"|(?:{self.string(number, 'aside', entry)})(?P<beside>{_any_of(beside, re.escape)})"
            rf"(?!{self.string(number, 'aside_unit_not_before', entry)})"
            rf"|(?P<short>{marks})(?!{self.string(short, 'not_before', '[short]')})"
            rf"|(?P<persons>{marks})(?={self.string(short, 'persons', '[short]')})"
            rf"|(?P<loose>{marks}))?"
        )
        return self.compiled(source, "[number] or [short]")

    def spoken(self, units: Mapping[str, _Unit]) -> Iterator[_Spoken]:
        for row in self.rows("spoken"):
            entry = f"[[spoken]] {row.get('id', '?')}"
            self.string(row, "id", entry)
            pattern = self.pattern(row, "pattern", entry)
            groups = set(pattern.groupindex)
            if not groups & {"words", "tens"} or groups - {"words", "tens", "ones", "unit", "more"}:
                raise self.wrong(
                    entry, "the pattern names other parts", "name words, or tens and ones"
                )
            if ("unit" in groups) == ("unit" in row):
                raise self.wrong(
                    entry, "the unit is to be named once", "in the pattern, or beside it as `unit`"
                )
            unit = None
            if printed := row.get("unit"):
                if printed not in units:
                    raise self.wrong(entry, f"unknown unit {printed!r}", "name one of [[unit]]")
                unit = units[printed]
            elif "unit" in row:
                unit = _Unit("bare", "")
            yield _Spoken(pattern, self.pattern(row, "begins", entry), unit)

    def no_figure(self) -> tuple[re.Pattern[str], dict[str, str]]:
        """All patterns as one, grouped by what they begin with, and the kind of each group."""
        # begins → ahead → patterns
        groups: dict[str, dict[str, list[str]]] = {}
        kinds: dict[str, str] = {}
        for i, row in enumerate(self.rows("no_figure"), 1):
            entry = f"[[no_figure]] {i} ({row.get('kind', '?')})"
            kinds[f"n{i}"] = self.string(row, "kind", entry)
            begins = self.string(row, "begins", entry)
            self.compiled(begins, entry)
            ahead = self.pattern(row, "ahead", entry).pattern if "ahead" in row else ""
            patterns = [self.filled(p, entry) for p in self.strings(row, "patterns", entry)]
            for pattern in patterns:
                if self.compiled(pattern, entry).groups:
                    raise self.wrong(entry, f"{pattern} has a group", "write (?:…) for (…)")
            alike = groups.setdefault(begins, {}).setdefault(ahead, [])
            alike.append(f"(?P<n{i}>{'|'.join(patterns)})")
        source = "|".join(
            f"(?={begins})(?:"
            + "|".join(f"(?={ahead})(?:{'|'.join(alike)})" for ahead, alike in group.items())
            + ")"
            for begins, group in groups.items()
        )
        return self.compiled(f"(?={'|'.join(groups)})(?:{source})", "[[no_figure]]"), kinds

    def comparators(self) -> tuple[list[list[str]], list[list[str]]]:
        """Words before and patterns after a number, in the order of _MARKS."""
        rows = {}
        for i, row in enumerate(self.rows("comparator"), 1):
            mark = self.choice(row, "mark", f"[[comparator]] {i}", _MARKS)
            rows[mark] = row
        if len(rows) < len(_MARKS) or len(self.rows("comparator")) > len(_MARKS):
            raise self.wrong("[[comparator]]", "not every mark once", f"one each of {_MARKS}")
        before, after = (
            [self.strings(rows[m], key, f"[[comparator]] {m}", empty=True) for m in _MARKS]
            for key in ("before", "after")
        )
        for mark, patterns in zip(_MARKS, after, strict=True):
            for pattern in patterns:
                self.compiled(pattern, f"[[comparator]] {mark}")
        return before, after

    # Single values.

    def wrong(self, entry: str, what: str, step: str) -> ValueError:
        return ValueError(f"{self.name}: {entry}: {what}; {step}")

    def section(self, name: str) -> dict[str, Any]:
        found = self.table.get(name)
        if not isinstance(found, dict):
            raise self.wrong(
                f"[{name}]", "the table is missing", "add it, as the first version has"
            )
        return found

    def rows(self, name: str) -> list[dict[str, Any]]:
        found = self.table.get(name)
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise self.wrong(f"[[{name}]]", "no such entries", f"begin each with [[{name}]]")
        return found

    def string(self, row: Mapping[str, Any], key: str, entry: str, empty: bool = False) -> str:
        value = row.get(key)
        if not isinstance(value, str) or not (value or empty):
            raise self.wrong(entry, f"no text `{key}`", f"write {key} = '…'")
        return value

    def strings(
        self, row: Mapping[str, Any], key: str, entry: str, empty: bool = False
    ) -> list[str]:
        value = row.get(key)
        if not isinstance(value, list) or not all(v and isinstance(v, str) for v in value):
            raise self.wrong(entry, f"no list of texts `{key}`", f"write {key} = ['…', '…']")
        if not value and not empty:
            raise self.wrong(entry, f"the list `{key}` is empty", "add one, or delete the entry")
        return value

    def numbers(self, row: Mapping[str, Any], key: str, entry: str) -> dict[str, int]:
        value = row.get(key)
        if not isinstance(value, dict) or not all(type(v) is int for v in value.values()):
            raise self.wrong(entry, f"no table of whole numbers `{key}`", "write {'…' = 1}")
        return value

    def choice(self, row: Mapping[str, Any], key: str, entry: str, choices: tuple[str, ...]) -> str:
        value = self.string(row, key, entry)
        if value not in choices:
            raise self.wrong(entry, f"unknown {key} {value!r}", f"one of {', '.join(choices)}")
        return value

    def pattern(self, row: Mapping[str, Any], key: str, entry: str) -> re.Pattern[str]:
        return self.compiled(self.filled(self.string(row, key, entry), entry), entry)

    def filled(self, pattern: str, entry: str, parts: Mapping[str, str] | None = None) -> str:
        """The pattern with its {parts} put in."""
        known = self.parts if parts is None else parts

        def part(match: re.Match[str]) -> str:
            if match.group(1) not in known:
                raise self.wrong(entry, f"unknown part {match.group()}", "add it to [parts], above")
            return known[match.group(1)]

        return _PART.sub(part, pattern)

    def compiled(self, pattern: str, entry: str) -> re.Pattern[str]:
        try:
            return re.compile(pattern)
        except re.error as error:
            raise self.wrong(
                entry, f"no valid pattern ({error})", f"correct it: {pattern[:80]}"
            ) from error


def _any_of(words: Iterable[str], escape: Callable[[str], str]) -> str:
    """The words as alternatives of a pattern, the longest first."""
    return "|".join(escape(word) for word in sorted(words, key=len, reverse=True))


# -- numbers ---------------------------------------------------------------------------------------


def find(text: str) -> tuple[Quantity, ...]:
    """All quantities in a tightened, folded passage, in order, none overlapping.

    Values are exact, in the unit printed; `text[start:end] == printed`. A number in words before a
    unit of money or persons is one, too. 万 and 亿 alone, behind the name of a number of persons, keep
    that mark as their unit (kind "other"); `convert` leads from it to persons or money.
    Raises ValueError if the file of words is wrong.

    >>> [(q.printed, q.kind, q.comparator) for q in find("参保率达98%以上,支出355.27万")]
    [('98%', 'percent', '>='), ('355.27万', 'amount', '=')]
    >>> [(q.printed, q.unit) for q in find("参合人数为33.13万,救助一百二十名,截止3月8日9点")]
    [('33.13万', '万'), ('一百二十名', '人')]
    """
    # Every stage asks for the figures of a cell again; long texts are asked for once, and not kept.
    return _found_in_cell(text) if len(text) <= _CELL else _found_in(text)


def not_figures(text: str) -> tuple[tuple[int, int, str], ...]:
    """What looks like a figure in a tightened, folded passage and is none: (start, end, kind).

    In order, none overlapping. Kinds are those of the file: "date", "clock", "document", "ordinal",
    "list", "phone", "code", "formula", "age". Raises ValueError if the file of words is wrong.

    >>> text = "截止2023年3月8日9点"
    >>> [(text[start:end], kind) for start, end, kind in not_figures(text)]
    [('2023年3月8日', 'date'), ('9点', 'clock')]
    """
    rules = _rules()
    return tuple(
        (*match.span(), rules.no_figure_kinds[match.lastgroup or ""])
        for match in rules.no_figure.finditer(text)
    )


@lru_cache(maxsize=8192)
def _found_in_cell(text: str) -> tuple[Quantity, ...]:
    return _found_in(text)


def _found_in(text: str) -> tuple[Quantity, ...]:
    rules = _rules()
    digits = _DIGIT.search(text) is not None
    taken = [match.span() for match in rules.no_figure.finditer(text)] if digits else []
    found = _spoken_in(text, rules, taken) if rules.spoken_begins.search(text) else []
    if digits:
        if found:
            taken = sorted(taken + [(q.start, q.end) for q in found])
        found += _printed_in(text, rules, taken)
        found.sort(key=lambda q: q.start)
    return tuple(_ranges(text, found, rules)) if len(found) > 1 else tuple(found)


def _spoken_in(text: str, rules: Rules, taken: list[tuple[int, int]]) -> list[Quantity]:
    """The numbers in words, outside of what is taken."""
    found: list[Quantity] = []
    for spoken in rules.spoken:
        for lead in spoken.begins.finditer(text):
            match = spoken.pattern.match(text, lead.start())
            if match is None:
                continue
            start, end = match.span()
            if any(a < end and start < b for a, b in taken):
                continue
            if any(q.start < end and start < q.end for q in found):
                continue
            parts = match.groupdict()
            unit = spoken.unit or rules.units[parts["unit"]]
            about = unit.about or bool(parts.get("more"))
            value = _spoken_value(parts, rules)
            found.append(_quantity(text, start, end, value, unit.unit, unit.kind, about, rules))
    return found


def _spoken_value(parts: Mapping[str, str | None], rules: Rules) -> Decimal:
    tens, ones = parts.get("tens"), parts.get("ones")
    if tens is None:
        return chinese_number(parts["words"] or "")
    whole = Decimal(rules.digits[tens]) if tens in rules.digits else Decimal(tens)
    return _scaled(whole, 1) + (rules.digits[ones] if ones else 0)


def _printed_in(text: str, rules: Rules, taken: list[tuple[int, int]]) -> list[Quantity]:
    """The numbers in digits, outside of what is taken (spans in order)."""
    found: list[Quantity] = []
    at, nearest = 0, 0
    # Looking for what a number begins with, and then for the number, is twice as fast as the latter.
    while lead := _LEAD.search(text, at):
        match = rules.number.match(text, lead.start())
        if match is None:
            at = lead.end()
            continue
        first, last = match.span("number")
        while nearest < len(taken) and taken[nearest][1] <= first:
            nearest += 1
        blocked = nearest < len(taken) and taken[nearest][0] < last
        # A full stop before what is no figure, or between two bare numbers, ends a sentence.
        stop = text.find(rules.full_stop, first, last)
        if stop >= 0 and (
            taken[nearest][0] > stop if blocked else match.lastgroup in ("number", "more")
        ):
            last = at = stop
            found.append(_bare(text, match, stop, rules))
            continue
        at = last if blocked else match.end()
        if not blocked and (quantity := _read(text, match, rules)):
            found.append(quantity)
    return found


def _bare(text: str, match: re.Match[str], end: int, rules: Rules) -> Quantity:
    value = _value(text, match, match.start("number"), end, rules)
    return _quantity(text, match.start(), end, value, "", "bare", False, rules)


def _read(text: str, match: re.Match[str], rules: Rules) -> Quantity | None:
    """A number and its unit; None for a row of digits that is no number."""
    start, end = match.span()
    if text[end - 1].isdigit() and _DIGITS_GO_ON.match(text, end):
        return None
    value = _value(text, match, *match.span("number"), rules)
    if len(value.as_tuple().digits) > _MOST_DIGITS:
        return None
    unit, kind, about = _unit(text, match, rules)
    return _quantity(text, start, end, value, unit, kind, about or bool(match["more"]), rules)


def _value(text: str, match: re.Match[str], first: int, last: int, rules: Rules) -> Decimal:
    printed = text[first:last].replace(rules.full_stop, ".").replace(",", "").replace(" ", "")
    value = Decimal(printed)
    # A hyphen behind a hyphen is a dash.
    minus = match["sign"] and text[match.start() - 1 : match.start()] not in ("-", "~")
    return -value if minus else value


def _unit(text: str, match: re.Match[str], rules: Rules) -> tuple[str, str, bool]:
    """Unit, kind, and whether the unit says "and some more"."""
    printed = match["unit"] or match["beside"]
    if printed:
        unit = rules.units[printed]
        return unit.unit, unit.kind, unit.about
    if mark := match["short"]:
        start = match.start()
        _, begin, _ = comparator(text, start, match.end())
        if rules.after_count.search(text, max(0, begin - _NEAR_LABEL), begin):
            return mark, "other", False
        return rules.short[mark][0], "amount", False
    if mark := match["persons"]:
        return rules.short[mark][1], "count", False
    if mark := match["loose"]:
        return mark, "other", False
    return "", "bare", False


def _quantity(
    text: str,
    start: int,
    end: int,
    value: Decimal,
    unit: str,
    kind: str,
    about: bool,
    rules: Rules,
) -> Quantity:
    mark = _compared(text, start, end, rules)[0]
    if about and mark == "=":
        mark = "~"
    exponent = value.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return Quantity(start, end, value, unit, kind, mark, decimals, text[start:end])


def _ranges(text: str, found: list[Quantity], rules: Rules) -> list[Quantity]:
    """Marks both ends of "60%-70%" as a range: it is no single figure."""
    out = list(found)
    for i in range(len(out) - 1):
        first, second = out[i], out[i + 1]
        gap = text[first.end : second.start]
        if first.kind not in (second.kind, "bare") or not rules.range.fullmatch(gap):
            continue
        changes = text[max(0, first.start - 1) : first.start] in rules.changes
        if changes or (gap in rules.range_words and first.kind == "bare"):
            continue
        out[i] = _as_range(first, second, ">=")
        out[i + 1] = _as_range(second, second, "<=")
    return out


def _as_range(quantity: Quantity, unit_of: Quantity, mark: str) -> Quantity:
    return Quantity(
        quantity.start,
        quantity.end,
        quantity.value,
        unit_of.unit,
        "range",
        mark,
        quantity.decimals,
        quantity.printed,
    )


# -- words around a number, words for a number, units ------------------------------------------------


def comparator(text: str, start: int, end: int) -> tuple[str, int, int]:
    """The comparator printed before or after `text[start:end]`, and the span widened by it.

    One of = >= <= > < ~. Raises ValueError if the file of words is wrong.

    >>> comparator("参保率不低于95%", 6, 9)
    ('>=', 3, 9)
    """
    return _compared(text, start, end, _rules())


def _compared(text: str, start: int, end: int, rules: Rules) -> tuple[str, int, int]:
    # Most figures have no such word on either side, and need no further look.
    before = after = None
    if text[start - 1 : start] in rules.before_ends:
        before = rules.before.search(text, max(0, start - _NEAR), start)
    if before and text.endswith(rules.words_ending_so, 0, start):
        before = None
    if text[end : end + 1] in rules.after_begins:
        after = rules.after.match(text, end)
    if after:
        mark = _MARKS[(after.lastindex or 1) - 1]
        return mark, before.start() if before else start, after.end()
    if before and before.group() not in rules.only_with_after:
        return _MARKS[(before.lastindex or 1) - 1], before.start(), end
    return "=", start, end


def chinese_number(words: str) -> Decimal:
    """Reads a Chinese numeral, with 点: powers of ten up to 亿, or digits one after another.

    Raises ValueError for a character that belongs to no numeral.

    >>> chinese_number("九十五点六"), chinese_number("一百"), chinese_number("三万五千")
    (Decimal('95.6'), Decimal('100'), Decimal('35000'))
    """
    rules = _rules()
    whole, _, fraction = words.partition(rules.point)
    strange = [c for c in whole if c not in rules.digits and c not in rules.powers]
    strange += [c for c in fraction if c not in rules.digits]
    if strange:
        raise ValueError(
            f"{words!r} is no numeral: {strange[0]!r} is neither a digit nor a power of ten; "
            f"add it to [numerals] of {_FILE} if it is one"
        )
    number = str(_whole(whole, rules))
    if fraction:
        number += "." + "".join(str(rules.digits[c]) for c in fraction)
    return Decimal(number)


def _whole(words: str, rules: Rules) -> int:
    if words and not any(c in rules.powers for c in words):
        return int("".join(str(rules.digits[c]) for c in words))
    total = section = digit = highest = 0
    for character in words:
        power = rules.powers.get(character)
        if power is None:
            digit = rules.digits[character]
        elif power < 10_000:
            section += (digit or 1) * power
            digit = 0
        else:
            # A power above all before it multiplies all before it: 一万二千亿.
            section += digit
            total = (
                (total + section) * power
                if power > highest and total
                else total + (section or 1) * power
            )
            highest = max(highest, power)
            section = digit = 0
    return total + section + digit


def convert(value: Decimal, decimals: int, unit: str, to: str) -> tuple[Decimal, int] | None:
    """Value and decimals in the codebook's unit `to`; None where the units do not go together.

    Decimals may come out negative: 80.87万人 is exact to hundreds of persons. A short 万 or 亿 becomes
    persons or money, as `to` asks. Raises ValueError if the file of words is wrong.

    >>> convert(Decimal("80.87"), 2, "万人", "人")
    (Decimal('808700'), -2)
    """
    power = _rules().scale.get((unit, to))
    return None if power is None else (_scaled(value, power), decimals - power)


def _scaled(value: Decimal, power: int) -> Decimal:
    """`value` times ten to the power, without an exponent in print."""
    scaled = value.scaleb(power)
    exponent = scaled.as_tuple().exponent
    return scaled.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else scaled
