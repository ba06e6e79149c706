"""Numbers and dates as a spreadsheet shows them, from the value stored and the cell's format."""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

GENERAL = "General"
# A sheet shows a number without a format in at most so many digits.
_DIGITS = 11
_TOKEN = re.compile(
    r'"([^"]*)"'  # a text between quotation marks
    r"|[\\!](.)"  # one character taken as it is
    r"|(_.|\*.)"  # a blank as wide as a character; a character that fills the cell
    r"|\[([^\]]*)\]"  # a colour, a condition, a locale, an elapsed time
    r"|(General|[0#?]|\.|,|%|[Ee][+-]|@|/)"
    r"|(.)",
    re.DOTALL | re.IGNORECASE,
)
_DATE_PARTS = re.compile(r"[ymdhs]", re.IGNORECASE)


def shown(value: object, number_format: str = GENERAL) -> str:
    """A cell's value as text, as the sheet shows it. Rounds half up, as sheets do.

    >>> shown(0.9833, "0.00%"), shown(1286.4, "#,##0.00"), shown(24.0), shown(None)
    ('98.33%', '1,286.40', '24', '')
    >>> shown(datetime.datetime(2023, 12, 31), 'yyyy"年"m"月"d"日"')
    '2023年12月31日'
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return _date(value, number_format)
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, int | float):
        return _number(Decimal(repr(value)), number_format)
    return str(value)


def is_date(number_format: str) -> bool:
    """Whether a format shows a number as a date or a time.

    >>> is_date("yyyy/m/d"), is_date('0.00"元/d"'), is_date("[Red]0.00")
    (True, False, False)
    """
    section = next(iter(_sections(number_format)), [])
    return any(token.kind == "sign" and _DATE_PARTS.match(token.text) for token in section)


class _Token(NamedTuple):
    kind: str  # text, digit, point, comma, percent, exponent, general, at, slash, sign, bracket
    text: str


_SIGNS = {".": "point", ",": "comma", "%": "percent", "@": "at", "/": "slash"}


def _sections(number_format: str) -> list[list[_Token]]:
    """The parts between semicolons: for numbers above nought, below it, nought, and for texts."""
    sections: list[list[_Token]] = [[]]
    for found in _TOKEN.finditer(number_format):
        quoted, escaped, filler, bracket, sign, other = found.groups()
        if other == ";":
            sections.append([])
        elif quoted is not None or escaped is not None:
            sections[-1].append(_Token("text", quoted if escaped is None else escaped))
        elif filler is not None:
            sections[-1].append(_Token("text", " " if filler[0] == "_" else ""))
        elif bracket is not None:
            sections[-1].append(_Token("bracket", bracket))
        elif sign is not None:
            kind = _SIGNS.get(sign, "digit" if sign in "0#?" else "")
            kind = kind or ("general" if len(sign) > 2 else "exponent")
            sections[-1].append(_Token(kind, sign))
        else:
            sections[-1].append(_Token("sign", other))
    return sections


def _number(value: Decimal, number_format: str) -> str:
    sections = _sections(number_format)
    condition = re.search(r"^[^;]*\[([<>=])", number_format)
    signed = True
    section = sections[0]
    if len(sections) > 1 and not condition:
        if value < 0:
            section, signed = sections[1], False
        elif value == 0 and len(sections) > 2:
            section = sections[2]
    if not section and len(sections) > 1:
        return ""  # a section left empty hides the value
    kinds = {token.kind for token in section}
    if condition or "exponent" in kinds or "slash" in kinds or not section or "at" in kinds:
        # Chosen by a condition, scientific, a fraction: the exact value says more.
        return _general(value)
    if any(token.kind == "sign" and _DATE_PARTS.match(token.text) for token in section):
        return _general(value)
    if "digit" not in kinds:
        return _text(section, _general(value if signed else -value))
    words = _filled(abs(value), section)
    negative = value < 0 and signed and any(digit in words for digit in "123456789")
    return ("-" + words if negative else words).strip()


def _text(section: list[_Token], general: str) -> str:
    words = (
        general if token.kind == "general" else "" if token.kind == "bracket" else token.text
        for token in section
    )
    return "".join(words).strip()


def _general(value: Decimal) -> str:
    if not value:
        return "0"
    places = max(_DIGITS - 1 - value.adjusted(), 0)
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) if places < 300 else value
    words = f"{rounded:f}"
    return words.rstrip("0").rstrip(".") if "." in words else words


def _filled(value: Decimal, section: list[_Token]) -> str:
    """Puts the digits of a number in the places of its format, texts between them kept."""
    digits = [at for at, token in enumerate(section) if token.kind == "digit"]
    point = next((at for at, token in enumerate(section) if token.kind == "point"), len(section))
    whole = [at for at in digits if at < point]
    fraction = [at for at in digits if at > point]
    # A comma behind the last digit divides by a thousand, one between digits groups them.
    scale = sum(_commas_after(section, at) for at in {*whole[-1:], *digits[-1:]})
    grouped = bool(whole) and any(t.kind == "comma" for t in section[whole[0] : whole[-1]])
    percents = sum(token.kind == "percent" for token in section)
    value = value.scaleb(2 * percents - 3 * scale)
    rounded = value.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    integer, _, decimals = f"{rounded:f}".partition(".")
    integer = integer.lstrip("0")
    while decimals and section[fraction[len(decimals) - 1]].text == "#" and decimals[-1] == "0":
        decimals = decimals[:-1]
    put = dict.fromkeys(digits, "")
    for at in reversed(whole):
        put[at] = integer[-1:] or section[at].text.strip("#?")
        integer = integer[:-1]
    if whole:
        put[whole[0]] = integer + put[whole[0]]
    for at, digit in zip(fraction, decimals, strict=False):
        put[at] = digit
    if grouped:
        joined = "".join(put[at] for at in whole)
        for at in whole:
            put[at] = ""
        put[whole[0]] = f"{int(joined):,}" if joined else ""
    words = []
    for at, token in enumerate(section):
        if token.kind == "digit":
            words.append(put[at])
        elif token.kind == "point":
            words.append("." if decimals else "")
        elif token.kind not in ("comma", "bracket", "general"):
            words.append(token.text)
    return "".join(words)


def _commas_after(section: list[_Token], at: int) -> int:
    after = at + 1
    while after < len(section) and section[after].kind == "comma":
        after += 1
    return after - at - 1


_ELAPSED = re.compile(r"\[(?:\$[^\]]*|[A-Za-z]+\d*)\]")
_DATE = re.compile(
    r'"([^"]*)"|[\\!](.)|(y+|m+|d+|h+|s+|AM/PM|上午/下午)|(.)', re.IGNORECASE | re.DOTALL
)


def _date(value: datetime.datetime | datetime.date | datetime.time, number_format: str) -> str:
    section = _ELAPSED.sub("", number_format.split(";")[0])
    if not _DATE_PARTS.search(section):
        return value.isoformat(" ") if isinstance(value, datetime.datetime) else value.isoformat()
    words = []
    hours = False
    for found in _DATE.finditer(section):
        quoted, escaped, part, other = found.groups()
        if part is None:
            words.append(next(t for t in (quoted, escaped, other) if t is not None))
            continue
        kind = part[0].lower()
        # After hours, and before seconds, m are minutes.
        minutes = kind == "m" and (hours or section[found.end() :].lstrip(":").lower()[:1] == "s")
        words.append(_part(value, "n" if minutes else kind, len(part)))
        hours = kind == "h"
    return "".join(words).replace("_", "").replace("@", "").strip()


def _part(value: datetime.datetime | datetime.date | datetime.time, kind: str, size: int) -> str:
    name = {"y": "year", "m": "month", "d": "day", "h": "hour", "n": "minute", "s": "second"}
    number = getattr(value, name.get(kind, ""), None)
    if number is None:
        return ""
    if kind == "y":
        return f"{number % 100:02}" if size <= 2 else f"{number}"
    return f"{number:02}" if size == 2 else f"{number}"
