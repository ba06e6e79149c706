"""The numbers that Word puts before the paragraphs of a list: 一、 (二) 3. ④ and so on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CHINESE = "〇一二三四五六七八九"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_LEGAL = str.maketrans("〇一二三四五六七八九十百千", "零壹贰叁肆伍陆柒捌玖拾佰仟")
_MOST_LEVELS = 9


def chinese(number: int) -> str:
    """A number from 1 to 9999 in Chinese, as lists count.

    >>> chinese(10), chinese(12), chinese(20), chinese(103), chinese(110)
    ('十', '十二', '二十', '一百〇三', '一百一十')
    """
    if not 0 < number < 10_000:
        return str(number)
    words, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            words += ("〇" if gap and words else "") + _CHINESE[digit] + name
        gap = not digit
    return words.removeprefix("一") if 10 <= number < 20 else words


def _letters(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if number > 0 else "0"


def _roman(number: int) -> str:
    words = ""
    for value, sign in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    ):
        count, number = divmod(number, value)
        words += sign * count
    return words


def _one_of(signs: str) -> Callable[[int], str]:
    return lambda number: signs[number - 1] if 0 < number <= len(signs) else str(number)


def _range(first: str, count: int) -> Callable[[int], str]:
    return _one_of("".join(chr(ord(first) + at) for at in range(count)))


_FORMATS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda number: f"{number:02}",
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "decimalEnclosedCircle": _range("①", 20),
    "decimalEnclosedCircleChinese": _range("①", 20),
    "decimalEnclosedParen": _range("⑴", 20),
    "decimalEnclosedFullstop": _range("⒈", 20),
    "ideographEnclosedCircle": _range("㊀", 10),
    "ideographTraditional": _one_of(_STEMS),
    "ideographZodiac": _one_of(_BRANCHES),
    "ideographDigital": lambda number: "".join(_CHINESE[int(digit)] for digit in str(number)),
    "chineseLegalSimplified": lambda number: chinese(number).translate(_LEGAL),
    "ideographLegalTraditional": lambda number: chinese(number).translate(_LEGAL),
    **dict.fromkeys(
        (
            "chineseCounting",
            "chineseCountingThousand",
            "taiwaneseCounting",
            "taiwaneseCountingThousand",
            "japaneseCounting",
            "japaneseDigitalTenThousand",
        ),
        chinese,
    ),
}


class _Level(NamedTuple):
    start: int
    format: str
    text: str
    suffix: str
    legal: bool


class Numbers:
    """Counts the lists of a document, paragraph by paragraph.

    `element` is the XML of numbering.xml, None for a document without lists.
    """

    def __init__(self, element: Any) -> None:
        self.lists: dict[str, str] = {}
        self.levels: dict[str, dict[int, _Level]] = {}
        self.overrides: dict[str, dict[int, int]] = {}
        self.counts: dict[str, dict[int, int]] = {}
        if element is None:
            return
        links: dict[str, str] = {}
        styles: dict[str, str] = {}
        for abstract in element.iterchildren(_W + "abstractNum"):
            name = abstract.get(_W + "abstractNumId", "")
            self.levels[name] = {
                _int(level.get(_W + "ilvl"), 0): _level(level)
                for level in abstract.iterchildren(_W + "lvl")
            }
            # A list may borrow its levels from a list style, which another list defines.
            links[name] = _child(abstract, "numStyleLink", "")
            styles.setdefault(_child(abstract, "styleLink", ""), name)
        for name, link in links.items():
            if link and not self.levels[name]:
                self.levels[name] = self.levels.get(styles.get(link, ""), {})
        for number in element.iterchildren(_W + "num"):
            name = number.get(_W + "numId", "")
            self.lists[name] = abstract_name = _child(number, "abstractNumId", "")
            for override in number.iterchildren(_W + "lvlOverride"):
                at = _int(override.get(_W + "ilvl"), 0)
                start = _child(override, "startOverride", "")
                if start:
                    self.overrides.setdefault(name, {})[at] = _int(start, 1)
                own = override.find(_W + "lvl")
                if own is not None:
                    # Lists with levels of their own count by themselves.
                    self.lists[name] = own_name = f"{abstract_name}/{name}"
                    levels = self.levels.setdefault(
                        own_name, dict(self.levels.get(abstract_name, {}))
                    )
                    levels[at] = _level(own)

    def next(self, number: str, level: int) -> str:
        """The label of the next paragraph of list `number` at `level`; "" for none and bullets."""
        abstract = self.lists.get(number)
        if abstract is None or level not in self.levels.get(abstract, {}):
            return ""
        counts = self.counts.setdefault(abstract, {})
        start = self.overrides.get(number, {}).pop(level, None)
        levels = self.levels[abstract]
        if start is not None:
            counts[level] = start
        else:
            counts[level] = counts[level] + 1 if level in counts else levels[level].start
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        for above in range(level):
            if above in levels:
                counts.setdefault(above, levels[above].start)
        here = levels[level]
        if here.format in ("bullet", "none"):
            return ""

        def count(placeholder: re.Match[str]) -> str:
            at = int(placeholder[1]) - 1
            if at not in counts or at not in levels or levels[at].format in ("bullet", "none"):
                return ""
            form = None if here.legal else _FORMATS.get(levels[at].format)
            return form(counts[at]) if form else str(counts[at])

        label = re.sub(r"%([1-9])", count, here.text)
        closed = label.endswith(("、", ".", "．", ")", "）"))
        return label if not label or closed or here.suffix == "nothing" else label + " "


def _level(element: Any) -> _Level:
    form = _child(element, "numFmt", "")
    if not form:
        # Newer formats stand beside an older one that programs fall back on.
        form = next((found.get(_W + "val", "") for found in element.iter(_W + "numFmt")), "decimal")
    legal = element.find(_W + "isLgl")
    return _Level(
        _int(_child(element, "start", "1"), 1),
        form,
        _child(element, "lvlText", ""),
        _child(element, "suff", "tab"),
        legal is not None and legal.get(_W + "val") not in ("0", "false"),
    )


def _child(element: Any, name: str, default: str) -> str:
    found = element.find(_W + name)
    value = None if found is None else found.get(_W + "val")
    return default if value is None else str(value)


def _int(value: str | None, default: int) -> int:
    return int(value) if value and value.isdigit() else default
