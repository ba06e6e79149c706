"""Finds the numbers in a passage: exact value, unit, comparator and printed precision.

Also decides what looks like a figure and is none: dates, document numbers, list numbers, ages.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from ingest.records import Quantity

_DIGITS = "零〇一二两三四五六七八九"
_VALUE = dict(zip(_DIGITS, (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_POWER = {"十": 10, "百": 100, "千": 1000}

# Unit as printed → (kind, unit kept, power of ten that leads to the kept unit).
_UNITS: dict[str, tuple[str, str]] = {
    "个百分点": ("points", "百分点"),
    "百分点": ("points", "百分点"),
    "%": ("percent", "%"),
    "‰": ("percent", "‰"),
    "元/人": ("other", "元/人"),
    "元/年": ("other", "元/年"),
    "元/月": ("other", "元/月"),
    "亿元": ("amount", "亿元"),
    "万元": ("amount", "万元"),
    "千元": ("amount", "千元"),
    "元": ("amount", "元"),
    "亿人次": ("visits", "亿人次"),
    "万人次": ("visits", "万人次"),
    "万人(次)": ("visits", "万人次"),
    "人次": ("visits", "人次"),
    "人(次)": ("visits", "人次"),
    "例次": ("visits", "人次"),
    "亿人": ("count", "亿人"),
    "万人": ("count", "万人"),
    "万名": ("count", "万人"),
    "万余人": ("count", "万人"),
    "万余元": ("amount", "万元"),
    "余万元": ("amount", "万元"),
    "多万元": ("amount", "万元"),
    "万多元": ("amount", "万元"),
    "亿多元": ("amount", "亿元"),
    "亿余元": ("amount", "亿元"),
    "多亿元": ("amount", "亿元"),
    "万多人": ("count", "万人"),
    "余万人": ("count", "万人"),
    "多万人": ("count", "万人"),
    "人": ("count", "人"),
    "名": ("count", "人"),
    "分": ("score", "分"),
}
_OTHER = (
    "万户|户|万份|份|万张|张|万件|件|万条|条|万例|例|万次|次|家|个|起|项|台|辆|批|本|册|场|期|篇|"
    "天|周岁|岁|小时|分钟|年|个月|月|日|号|㎡|平方米|公里|倍|笔|种|类|处|所|套|亩|级|股|科|人·天|床|"
    "批次|频次|届|讲|部|幅|块|面|轮|位数|季度"
)
# Blanks as thousands separators only behind words: "预算1 126.5万元", not "79 1 126".
_NUMBER = r"(?<=[\u4e00-\u9fff:、])\d{1,3}(?: \d{3})+(?:\.\d+)?(?= ?[亿万元人名])|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:[.。]\d+)?"
_UNIT = "|".join(sorted((re.escape(u) for u in _UNITS), key=len, reverse=True))
_ONE = re.compile(
    rf"(?=[\d-])(?P<sign>(?<![\d%元人)\]])-)?(?P<number>{_NUMBER})(?P<more>余|多)?"
    rf"(?:(?P<unit>{_UNIT})|(?P<other>{_OTHER})|(?P<short>[亿万](?![\u4e00-\u9fff])|[亿万](?=元|[,。;、:)])))?"
)
# 18.03万农民: 万 before a word for persons counts them.
_PERSONS = re.compile("名?(?:农民|农牧民|农村居民|群众|居民|职工|贫困|参保|参合|城乡)")
_SHORT = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>[亿万])")
_PERCENT_WORDS = re.compile(rf"百分之([{_DIGITS}十百]+(?:点[{_DIGITS}]+)?)")
_TENTHS = re.compile(
    rf"(?<![构组变形建落现促养分])([{_DIGITS}]|\d(?:\.\d)?)成([{_DIGITS}](?!年))?(?=以上|左右|以内|[,。;、)]|$|的)"
)

# A formula before its result: =(19/20)×100%=95%.
FORMULA = re.compile(r"=[^,。;=%]*[×*]100%(?:=[^,。;=%]*[×*]100%)*(?==)|:[^,。;:=%]*[×*]100%(?==)")
# Numbers that state no figure, whatever stands around them.
# Looking first at what one can begin with is several times as fast as trying each: what a further
# pattern begins with has to stand there, too.
_NO_FIGURE = re.compile(
    r"(?=[\dA-Za-z\[(=:第目指附表图项])(?:"
    + "|".join(
        (
            r"(?:19|20)\d\d(?:年度?)?\s?[-~至到]\s?(?:19|20)\d\d年度?",
            r"(?:19|20)\d\d年度?(?:\d{1,2}月(?:\d{1,2}日|[底末份初])?)?(?:[-~至到]\d{1,2}月(?:\d{1,2}日|[底末份])?)?",
            r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}日?",
            r"(?<![\d.])(?:19|20)\d\d(?:/(?:0?[1-9]|1[0-2])|\.(?:0?[1-9]|1[0-2])(?=[.\-~至)]|以来|起))(?![\d%万亿元人分])",
            r"\d{1,2}月?[-~至到]\d{1,2}月(?:份|底|末)?",
            r"\d{1,2}月(?:\d{1,2}日|[底末份初])?",
            r"[\[(](?:19|20)\d\d[\])]第?\d+号",
            r"第\d+[号条款章节次届批季个期]",
            r"(?<!\d)\d+号",
            r"(?<![\d.])1[3-9]\d{9}(?![\d元万])",
            r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)",
            r"(?<!\d)\d{15,19}[Xx]?(?!\d)",
            r"(?:目标|指标|附件|附表|表|图|项目)\d{1,2}(?=[:.、)])",
            r"(?<!\d)\d+[-—]\d+(?![\d.%])(?=岁|周岁|号|级)",
            r"[A-Za-z]\d+|(?<!\d)\d+[A-Za-z]+",
            FORMULA.pattern,
        )
    )
    + ")"
)
_LIST_NUMBER = re.compile(
    r"(?=[(\[\d])(?:(?<=^)|(?<=[。;:,)\]]))[(\[]?\d{1,2}(?:[.](?!\d)|、|[)\]](?![\d.]*%))"
)
_HEAD_NUMBER = re.compile(r"^\s*[(\[]?\d{1,2}(?:[.](?=\D|(?:19|20)\d\d年)|、|[)\]])")

# Without one of these a text has no figure; digits go on where a number was cut short.
_ANY = re.compile(r"\d|百分之|成")
_DIGITS_GO_ON = re.compile(r"[\d.]*\d")
# The longest text whose figures are kept for the next stage.
_CELL = 80
# A longer row of digits is a code or a damaged table. Decimal computes exactly up to 28.
_MOST_DIGITS = 20

_BEFORE_WORDS = {
    ">=": "≥ >= 大于等于 大于或等于 不低于 不少于 不小于 不得低于 不得少于 不得小于 至少 最低 高于或等于",
    "<=": "≤ <= 小于等于 小于或等于 不超过 不高于 不大于 不多于 不得超过 不得高于 控制在 最高 限于",
    ">": "> 大于 超过 超出 超 高于 突破 多于",
    "<": "< 小于 低于 少于 不足 不到 不满",
    "~": "约为 约 近 大约 接近 将近 左右",
}
_BEFORE_MARKS = tuple(_BEFORE_WORDS)
_BEFORE = re.compile("|".join(f"({words.replace(' ', '|')})$" for words in _BEFORE_WORDS.values()))
_AFTER = re.compile(
    r"(?:\(含\)|及其|\(含\d+%\))?\(?(?:(及以上|以上|或以上|起)|(及以下|以下|以内|之内|内(?=[,。;)]|$))|(左右|上下|[多余](?!\d)))\)?"
)
# Most figures have no such word on either side, and need no further look.
_BEFORE_ENDS = frozenset(word[-1] for words in _BEFORE_WORDS.values() for word in words.split())
_AFTER_BEGINS = frozenset("(及以或起之内左上多余")
_WITHIN = re.compile(r"控制在$")


def chinese_number(words: str) -> Decimal:
    """Reads a Chinese numeral below a thousand, with 点.

    >>> chinese_number("九十五点六"), chinese_number("一百")
    (Decimal('95.6'), Decimal('100'))
    """
    whole, _, fraction = words.partition("点")
    total, digit = 0, 0
    for character in whole:
        if character in _POWER:
            total += (digit or 1) * _POWER[character]
            digit = 0
        else:
            digit = _VALUE[character]
    number = str(total + digit)
    if fraction:
        number += "." + "".join(str(_VALUE[c]) for c in fraction)
    return Decimal(number)


def comparator(text: str, start: int, end: int) -> tuple[str, int, int]:
    """The comparator printed before or after `text[start:end]`, and the span widened by it.

    >>> comparator("参保率不低于95%", 6, 9)
    ('>=', 3, 9)
    """
    before = after = None
    if text[start - 1 : start] in _BEFORE_ENDS:
        before = _BEFORE.search(text, max(0, start - 8), start)
    if text[end : end + 1] in _AFTER_BEGINS:
        after = _AFTER.match(text, end)
    if after:
        mark = (">=", "<=", "~")[next(i for i, g in enumerate(after.groups()) if g)]
        first = start
        if (before and _WITHIN.search(before.group(0))) or before:
            first = before.start()
        return mark, first, after.end()
    if before and not _WITHIN.search(before.group(0)):
        mark = _BEFORE_MARKS[next(i for i, g in enumerate(before.groups()) if g)]
        return mark, before.start(), end
    return "=", start, end


def find(text: str) -> tuple[Quantity, ...]:
    """All quantities in a tightened, folded passage, in order, none overlapping.

    >>> [(q.printed, q.kind, q.comparator) for q in find("参保率达98%以上,支出355.27万")]
    [('98%', 'percent', '>='), ('355.27万', 'amount', '=')]
    """
    # Every stage asks for the figures of a cell again; long texts are asked for once, and not kept.
    return _found_in_cell(text) if len(text) <= _CELL else _found_in(text)


@lru_cache(maxsize=8192)
def _found_in_cell(text: str) -> tuple[Quantity, ...]:
    return _found_in(text)


def _found_in(text: str) -> tuple[Quantity, ...]:
    if not _ANY.search(text):
        return ()
    taken = [m.span() for m in _NO_FIGURE.finditer(text)]
    taken += [m.span() for m in _LIST_NUMBER.finditer(text)]
    head = _HEAD_NUMBER.match(text)
    if head:
        taken.append(head.span())
    found: list[Quantity] = []

    def free(start: int, end: int) -> bool:
        return not any(a < end and start < b for a, b in taken)

    for words in _PERCENT_WORDS.finditer(text):
        value = chinese_number(words.group(1))
        found.append(_quantity(text, *words.span(), value, "%", "percent"))
        taken.append(words.span())
    for tenths in _TENTHS.finditer(text) if "成" in text else ():
        tens, ones = tenths.groups()
        value = Decimal(_VALUE.get(tens, 0) if tens in _VALUE else tens) * 10
        value += _VALUE[ones] if ones else 0
        if free(*tenths.span()):
            found.append(_quantity(text, *tenths.span(), value, "%", "percent"))
            taken.append(tenths.span())
    at = 0
    while match := _ONE.search(text, at):
        start, end = match.span()
        if not free(match.start("number"), match.end("number")):
            at = max(match.end("number"), at + 1)
            # A year directly before a unit of persons is a count: "2025人次".
            continue
        at = end
        if text[end - 1].isdigit() and _DIGITS_GO_ON.match(text, end):
            continue
        printed_number = match.group("number").replace("。", ".")
        value = Decimal(printed_number.replace(",", "").replace(" ", ""))
        if len(printed_number) > _MOST_DIGITS and len(value.as_tuple().digits) > _MOST_DIGITS:
            continue
        if match.group("sign"):
            value = -value
            if start and text[start - 1] in "-~":
                value = -value
        unit, kind = "", "bare"
        if match.group("unit"):
            kind, unit = _UNITS[match.group("unit")]
        elif match.group("other"):
            kind, unit = "other", match.group("other")
        elif match.group("short"):
            kind, unit = "amount", match.group("short") + "元"
        else:
            short = _SHORT.match(text, match.start("number"))
            if short and _PERSONS.match(text, short.end()):
                kind, unit, end = "count", short.group("unit") + "人", short.end()
                at = end
            elif short:
                kind, unit, end = "other", short.group("unit"), short.end()
                at = end
        if kind == "bare" and "。" in match.group("number"):
            # A full stop between two bare numbers ends a sentence.
            end = match.start("number") + match.group("number").index("。")
            value, printed_number, at = Decimal(match.group("number").split("。")[0]), "", end
        found.append(_quantity(text, start, end, value, unit, kind, bool(match.group("more"))))
    found.sort(key=lambda q: q.start)
    return tuple(_ranges(text, found))


def _quantity(
    text: str, start: int, end: int, value: Decimal, unit: str, kind: str, more: bool = False
) -> Quantity:
    mark, _, _ = comparator(text, start, end)
    if mark == "=" and (more or "余" in text[start:end] or "多" in text[start:end]):
        mark = "~"
    exponent = value.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return Quantity(start, end, value, unit, kind, mark, decimals, text[start:end])


_RANGE = re.compile(r"(?:-|~|至|到|—)+")


def _ranges(text: str, found: list[Quantity]) -> list[Quantity]:
    """Marks both ends of "60%-70%" as a range: it is no single figure."""
    out = list(found)
    for i in range(len(out) - 1):
        first, second = out[i], out[i + 1]
        gap = text[first.end : second.start]
        # "由95%到98%" is a change, not a range.
        led = text[max(0, first.start - 1) : first.start] in ("由", "从")
        if _RANGE.fullmatch(gap) and not led and first.kind in (second.kind, "bare"):
            if gap in "至到" and first.kind == "bare":
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


# Powers of ten that lead from a printed unit to the codebook's.
_SCALE = {
    ("亿元", "万元"): 4,
    ("万元", "万元"): 0,
    ("千元", "万元"): -1,
    ("元", "万元"): -4,
    ("亿人", "人"): 8,
    ("万人", "人"): 4,
    ("人", "人"): 0,
    ("亿人次", "人"): 8,
    ("万人次", "人"): 4,
    ("人次", "人"): 0,
    ("%", "%"): 0,
    ("‰", "%"): -1,
    ("分", "分"): 0,
}


def convert(value: Decimal, decimals: int, unit: str, to: str) -> tuple[Decimal, int] | None:
    """Value and decimals in the codebook's unit `to`; None where the units do not go together.

    Decimals may come out negative: 80.87万人 is exact to hundreds of persons.

    >>> convert(Decimal("80.87"), 2, "万人", "人")
    (Decimal('808700'), -2)
    """
    power = _SCALE.get((unit, to))
    if power is None:
        return None
    scaled = value.scaleb(power)
    exponent = scaled.as_tuple().exponent
    if isinstance(exponent, int) and exponent > 0:
        scaled = scaled.quantize(Decimal(1))
    return scaled, decimals - power
