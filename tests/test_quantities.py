"""Numbers as reports print them: value, unit, comparator, and what is no figure at all.

A case is a text and what is found in it, each figure as "kind comparator value unit".
"""

from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ingest.documents.glyphs import fold
from ingest.passages import tighten
from ingest.quantities import chinese_number, comparator, convert, find


def found(text):
    """The quantities of a text as printed in a report (folded and tightened on the way)."""
    text = fold(text)
    return find(tighten(text, 0, len(text)).text)


def told(text):
    return [f"{q.kind} {q.comparator} {q.value} {q.unit}".strip() for q in found(text)]


CASES = [
    # money
    ("支出355.27元", ["amount = 355.27 元"]),
    ("支出355.27万元", ["amount = 355.27 万元"]),
    ("支出3.5亿元", ["amount = 3.5 亿元"]),
    ("支出12千元", ["amount = 12 千元"]),
    ("支出355.27万", ["amount = 355.27 万元"]),
    ("支出355.27万，", ["amount = 355.27 万元"]),
    ("支出1.2亿。", ["amount = 1.2 亿元"]),
    ("支出(355.27万)", ["amount = 355.27 万元"]),
    ("支出0元", ["amount = 0 元"]),
    ("支出0.00万元", ["amount = 0.00 万元"]),
    ("支出100.0万元", ["amount = 100.0 万元"]),
    ("支出3.2亿元人民币", ["amount = 3.2 亿元"]),
    ("5万。", ["amount = 5 万元"]),
    ("共355.27万元、66.67万元", ["amount = 355.27 万元", "amount = 66.67 万元"]),
    # rates of money for a person or a year are no amounts
    ("320元/人", ["other = 320 元/人"]),
    ("每月45元/月", ["other = 45 元/月"]),
    # persons
    ("参保21.38万人", ["count = 21.38 万人"]),
    ("参保1.2亿人", ["count = 1.2 亿人"]),
    ("参保213800人", ["count = 213800 人"]),
    ("干部27名", ["count = 27 人"]),
    ("参保5万名", ["count = 5 万人"]),
    ("住院3200人次", ["visits = 3200 人次"]),
    ("住院3.2万人次", ["visits = 3.2 万人次"]),
    ("住院2.3万人（次）", ["visits = 2.3 万人次"]),
    ("住院860例次", ["visits = 860 人次"]),
    # a year's digits before a unit are a count
    ("住院2025人次", ["visits = 2025 人次"]),
    ("救助2023人", ["count = 2023 人"]),
    ("支出2023万元", ["amount = 2023 万元"]),
    ("支出2023.5万元", ["amount = 2023.5 万元"]),
    ("2023年参保2023人", ["count = 2023 人"]),
    ("2023年度支出2024万元", ["amount = 2024 万元"]),
    # per cent
    ("参保率98%", ["percent = 98 %"]),
    ("参保率98.50%", ["percent = 98.50 %"]),
    ("参保率98.5％", ["percent = 98.5 %"]),
    ("参保率98.5﹪", ["percent = 98.5 %"]),
    ("参保率0%", ["percent = 0 %"]),
    ("死亡率3.2‰", ["percent = 3.2 ‰"]),
    ("执行率100%100%", ["percent = 100 %", "percent = 100 %"]),
    ("参保率百分之九十八", ["percent = 98 %"]),
    ("参保率百分之九十八点五", ["percent = 98.5 %"]),
    ("参保率百分之百", ["percent = 100 %"]),
    ("参保率百分之一百零五", ["percent = 105 %"]),
    ("参保率百分之一百二十三点四", ["percent = 123.4 %"]),
    ("参保率百分之八十", ["percent = 80 %"]),
    ("参保率百分之十五", ["percent = 15 %"]),
    ("参保率百分之零点五", ["percent = 0.5 %"]),
    ("参保率百分之九十五以上", ["percent >= 95 %"]),
    ("不低于百分之九十五", ["percent >= 95 %"]),
    ("参保率九成以上", ["percent >= 90 %"]),
    ("参保率超过九成", ["percent > 90 %"]),
    ("参保率九成五", ["percent = 95 %"]),
    ("参保率8成", ["percent = 80 %"]),
    ("提高3.5个百分点", ["points = 3.5 百分点"]),
    ("提高3.5百分点", ["points = 3.5 百分点"]),
    # separators, full width, blanks and line breaks
    ("参保213,800人", ["count = 213800 人"]),
    ("参保1,213,800人", ["count = 1213800 人"]),
    ("支出1,234.56万元", ["amount = 1234.56 万元"]),
    ("支出12,345,678.90元", ["amount = 12345678.90 元"]),
    ("支出３，２００．５万元", ["amount = 3200.5 万元"]),
    ("支出１２３４．５６万元", ["amount = 1234.56 万元"]),
    ("参保率９８．５％", ["percent = 98.5 %"]),
    ("支出 355.27 万元", ["amount = 355.27 万元"]),
    ("支出355.27万\n元", ["amount = 355.27 万元"]),
    ("支出\n355.27\t万 元", ["amount = 355.27 万元"]),
    ("支出35\n5.27万元", ["amount = 355.27 万元"]),
    ("支出355.\n27万元", ["amount = 355.27 万元"]),
    ("支出355. 27万元", ["amount = 355.27 万元"]),
    ("支出355 .27万元", ["amount = 355.27 万元"]),
    ("支出1 234.56万元", ["amount = 1234.56 万元"]),
    ("支出355.27\u3000万元", ["amount = 355.27 万元"]),
    ("参保21.38 万 人", ["count = 21.38 万人"]),
    ("98%\n97%", ["percent = 98 %", "percent = 97 %"]),
    # a full stop where a point is meant, and where it ends the sentence
    ("参保率98。5%", ["percent = 98.5 %"]),
    ("支出355。27万元", ["amount = 355.27 万元"]),
    ("得分95。其中", ["bare = 95"]),
    ("参保率98.5%。5万人", ["percent = 98.5 %", "count = 5 万人"]),
    # ranges are no figure, changes are two
    ("95%-98%", ["range >= 95 %", "range <= 98 %"]),
    ("95-98%", ["range >= 95 %", "range <= 98 %"]),
    ("95.5~98.5%", ["range >= 95.5 %", "range <= 98.5 %"]),
    ("95%～98%", ["range >= 95 %", "range <= 98 %"]),
    ("95%至98%", ["range >= 95 %", "range <= 98 %"]),
    ("60%—70%之间", ["range >= 60 %", "range <= 70 %"]),
    ("95%——98%", ["range >= 95 %", "range <= 98 %"]),
    ("3—5人", ["range >= 3 人", "range <= 5 人"]),
    ("3~5万元", ["range >= 3 万元", "range <= 5 万元"]),
    ("由95%到98%", ["percent = 95 %", "percent = 98 %"]),
    ("从95%至98%", ["percent = 95 %", "percent = 98 %"]),
    ("从95%提高到98%", ["percent = 95 %", "percent = 98 %"]),
    # comparators before
    ("不低于95%", ["percent >= 95 %"]),
    ("不得低于95%", ["percent >= 95 %"]),
    ("不少于95%", ["percent >= 95 %"]),
    ("≥95%", ["percent >= 95 %"]),
    ("≧95%", ["percent >= 95 %"]),
    (">=95%", ["percent >= 95 %"]),
    ("大于等于95%", ["percent >= 95 %"]),
    ("大于或等于95%", ["percent >= 95 %"]),
    ("至少95%", ["percent >= 95 %"]),
    ("不超过100%", ["percent <= 100 %"]),
    ("不高于5%", ["percent <= 5 %"]),
    ("≤100%", ["percent <= 100 %"]),
    ("最高30万元", ["amount <= 30 万元"]),
    ("超过95%", ["percent > 95 %"]),
    ("突破20万人", ["count > 20 万人"]),
    ("＞95%", ["percent > 95 %"]),
    ("低于5%", ["percent < 5 %"]),
    ("不足1%", ["percent < 1 %"]),
    ("＜5%", ["percent < 5 %"]),
    ("约98%", ["percent ~ 98 %"]),
    ("近2万人", ["count ~ 2 万人"]),
    ("接近100%", ["percent ~ 100 %"]),
    # and after
    ("95%以上", ["percent >= 95 %"]),
    ("95%及以上", ["percent >= 95 %"]),
    ("98.5 % 以 上", ["percent >= 98.5 %"]),
    ("100%以内", ["percent <= 100 %"]),
    ("5‰以内", ["percent <= 5 ‰"]),
    ("控制在100%以内", ["percent <= 100 %"]),
    ("控制在100%以下", ["percent <= 100 %"]),
    ("控制在3万元内。", ["amount <= 3 万元"]),
    ("98%左右", ["percent ~ 98 %"]),
    ("15000余人", ["count ~ 15000 人"]),
    ("15000多人", ["count ~ 15000 人"]),
    ("200余万元", ["amount ~ 200 万元"]),
    ("3200余人次", ["visits ~ 3200 人次"]),
    ("21余万人", ["count ~ 21 万人"]),
    ("控制在100%", ["percent = 100 %"]),
    # signs
    ("变动率-12.5%", ["percent = -12.5 %"]),
    ("变动率：−12.5％", ["percent = -12.5 %"]),
    ("减少-0.5万元", ["amount = -0.5 万元"]),
    # scores and other units
    ("得分95.5分", ["score = 95.5 分"]),
    ("得95分（满分100分）", ["score = 95 分", "score = 100 分"]),
    ("公务用车2辆", ["other = 2 辆"]),
    ("定点机构20家", ["other = 20 家"]),
    ("参保2.3万户", ["other = 2.3 万户"]),
    ("80周岁以上", ["other >= 80 周岁"]),
    ("60岁", ["other = 60 岁"]),
    ("24小时", ["other = 24 小时"]),
    ("增长1.5倍", ["other = 1.5 倍"]),
    # no unit
    ("支出35，比上年", ["bare = 35"]),
    ("支出1.0", ["bare = 1.0"]),
    ("合计1,000", ["bare = 1000"]),
    ("2023", ["bare = 2023"]),
    ("79 0 75", ["bare = 79", "bare = 0", "bare = 75"]),
    # dates
    ("2023年12月31日", []),
    ("2023年12月底", []),
    ("2023年底", []),
    ("2023-12-31", []),
    ("2023.12.31", []),
    ("2023/12/31", []),
    ("2023年1-6月", []),
    ("1至6月", []),
    ("2023年1月至6月", []),
    ("12月份", []),
    ("6月30日", []),
    ("2021-2023年", []),
    ("2021年至2023年", []),
    ("2022—2023年度", []),
    ("2022-2023年参保率98%", ["percent = 98 %"]),
    ("到2025年98%以上", ["percent >= 98 %"]),
    # numbers of documents, lists, persons and telephones
    ("高政办〔2023〕15号", []),
    ("（2023）第15号", []),
    ("第15号", []),
    ("第3条", []),
    ("第3季度", []),
    ("12345号", []),
    ("附件1：", []),
    ("指标3：", []),
    ("B05表", []),
    ("1.参保率98%", ["percent = 98 %"]),
    ("1、参保率98%", ["percent = 98 %"]),
    ("（1）参保率98%", ["percent = 98 %"]),
    ("①参保率98%", ["percent = 98 %"]),
    ("良好；3、参保率98%", ["percent = 98 %"]),
    ("良好，（2）参保率98%", ["percent = 98 %"]),
    ("1.2023年支出35万元", ["amount = 35 万元"]),
    ("2、2023年支出35万元", ["amount = 35 万元"]),
    ("18-60周岁", []),
    ("电话：13800000000", []),
    ("电话：0311-00000000", []),
    ("证号110101190001010000", []),
    ("证号11010119000101000X", []),
    ("", []),
    # amounts that look like dates or phones, 余 and 多, 含
    ("预算2044.12", ["bare = 2044.12"]),
    ("预算12023.5", ["bare = 12023.5"]),
    ("总得分2023.5分", ["score = 2023.5 分"]),
    ("分别为98、97、96%", ["bare = 98", "bare = 97", "percent = 96 %"]),
    ("收入13812345678元", ["amount = 13812345678 元"]),
    ("参保率达九成以上", ["percent >= 90 %"]),
    ("95%（含）以上", ["percent >= 95 %"]),
    ("95%及其以上", ["percent >= 95 %"]),
    ("21万余人", ["count ~ 21 万人"]),
    ("21万多人", ["count ~ 21 万人"]),
    ("3.2万余元", ["amount ~ 3.2 万元"]),
    ("2亿多元", ["amount ~ 2 亿元"]),
]

# What is read wrongly or not at all today. A case that begins to hold must move up.
KNOWN_FAILURES = [
    # amounts near 2000 look like "2023.10", a year and a month
    ("得分95。2023年", ["bare = 95"]),
    # the middle of a list looks like a list number
    ("12、35、66人", ["bare = 12", "bare = 35", "count = 66 人"]),
    # eleven digits look like a mobile phone
    ("收入13812345678.50元", ["amount = 13812345678.50 元"]),
    ("参保率9.5成", ["percent = 95 %"]),
    ("3至5万元", ["range >= 3 万元", "range <= 5 万元"]),
    ("参保率98，5%", ["percent = 98.5 %"]),
    ("参保率.5%", ["percent = 0.5 %"]),
    ("支出1.\n5万元", ["amount = 1.5 万元"]),
    ("参保率9 8%", ["percent = 98 %"]),
    ("住院1.5万例次", ["visits = 1.5 万人次"]),
    ("2.3万元/户", ["other = 2.3 万元/户"]),
    ("第1名", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_find(text, expected):
    assert told(text) == expected


@pytest.mark.parametrize(("text", "expected"), KNOWN_FAILURES)
@pytest.mark.xfail(strict=True, reason="a known failure")
def test_find_one_day(text, expected):
    assert told(text) == expected


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_quantity_stands_where_it_says(text, expected):
    folded = fold(text)
    tight = tighten(folded, 0, len(folded)).text
    last = 0
    for quantity in find(tight):
        assert tight[quantity.start : quantity.end] == quantity.printed
        assert quantity.start >= last
        last = quantity.end


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [
        ("参保率不低于95%", "95%", (">=", "不低于95%")),
        ("参保率95%以上的", "95%", (">=", "95%以上")),
        ("控制在5%以内", "5%", ("<=", "控制在5%以内")),
        ("控制在5%", "5%", ("=", "5%")),
        ("约5%左右", "5%", ("~", "约5%左右")),
        ("参保率95%", "95%", ("=", "95%")),
        # outside the eight characters before the number
        ("超过预期的参保率目标值95%", "95%", ("=", "95%")),
    ],
)
def test_comparator_widens_the_span(text, number, expected):
    start = text.index(number)
    mark, first, last = comparator(text, start, start + len(number))
    assert (mark, text[first:last]) == expected


# -- round trips ---------------------------------------------------------------------------------

# The same examples on every run, however slow the machine.
repeatable = settings(deadline=None, derandomize=True)
UNITS = ["元", "万元", "亿元", "千元", "%", "‰", "人", "万人", "人次", "万人次", "分", "个百分点"]
FULL_WIDTH = str.maketrans("0123456789.,%", "０１２３４５６７８９．，％")


@st.composite
def printed_numbers(draw):
    """A number and a unit, and a way in which reports print them."""
    decimals = draw(st.integers(0, 4))
    value = Decimal(draw(st.integers(0, 10**9))).scaleb(-decimals)
    unit = draw(st.sampled_from(UNITS))
    number = f"{value:,f}" if draw(st.booleans()) else f"{value:f}"
    if draw(st.booleans()):
        number = number.translate(FULL_WIDTH)
    if draw(st.booleans()):
        at = draw(st.integers(0, len(number)))
        # "10.", a new line, and "2023" may be a list number and a year.
        if number[at - 1] not in ".．":
            number = number[:at] + "\n" + number[at:]
    blank = draw(st.sampled_from(["", " ", "\n", "\u3000", "\t "]))
    before = draw(st.sampled_from(["", "为", "达到", "支出", "：", "（"]))
    after = draw(st.sampled_from(["", "。", "，", "；", "的", "）"]))
    return value, decimals, unit, before + number + blank + unit + after


@repeatable
@given(printed_numbers())
def test_any_printed_number_comes_back_exact(case):
    value, decimals, unit, text = case
    # Counted in a unit it is no mobile phone, but it looks like one: see KNOWN_FAILURES.
    assume(not 13 * 10**9 <= value < 2 * 10**10)
    [quantity] = found(text)
    assert (quantity.value, quantity.decimals) == (value, decimals)
    assert quantity.comparator == "="
    assert quantity.unit == unit.removeprefix("个")


@repeatable
@given(st.integers(1, 999), st.integers(0, 9))
def test_percent_in_words_comes_back_exact(whole, tenth):
    value = Decimal(f"{whole}.{tenth}") if tenth else Decimal(whole)
    words = in_words(whole) + ("点" + DIGITS[tenth] if tenth else "")
    assert chinese_number(words) == value
    [quantity] = found(f"参保率为百分之{words}。")
    assert (quantity.value, quantity.unit) == (value, "%")


DIGITS = "零一二三四五六七八九"


def in_words(number):
    """A number below a thousand as it is spoken: 105 → 一百零五, 12 → 十二, 110 → 一百一十."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = DIGITS[hundreds] + "百" if hundreds else ""
    if tens:
        words += (DIGITS[tens] if hundreds or tens > 1 else "") + "十"
    elif hundreds and ones:
        words += "零"
    return words + (DIGITS[ones] if ones else "")


@repeatable
@given(st.decimals(0, 10**6, places=3), st.sampled_from("-~至到—"), st.decimals(0, 10**6, places=3))
def test_no_end_of_a_range_is_a_figure(low, mark, high):
    assert [q.kind for q in found(f"在{low}%{mark}{high}%之间")] == ["range", "range"]


@repeatable
@given(st.text("0123456789.,%-~、。:()年月日万亿元人次成百分之点第号 \n[]", max_size=30))
def test_any_text_is_read_without_a_fault(text):
    tight = tighten(text, 0, len(text)).text
    last = 0
    for quantity in find(tight):
        assert last <= quantity.start < quantity.end
        last = quantity.end
        assert quantity.value.is_finite()
        assert quantity.decimals >= 0


@pytest.mark.parametrize("digits", [21, 29, 400, 100_000])
def test_a_row_of_digits_without_end_is_no_figure(digits):
    assert not find("支出" + "9" * digits + "万亿元")
    assert [q.printed for q in find("支出" + "9" * digits + "万元,其中5万元")] == ["5万元"]


# -- units ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "decimals", "unit", "to", "expected"),
    [
        ("355.27", 2, "万元", "万元", ("355.27", 2)),
        ("3.5527", 4, "亿元", "万元", ("35527", 0)),
        ("3.5", 1, "亿元", "万元", ("35000", -3)),
        ("3552700", 0, "元", "万元", ("355.2700", 4)),
        ("3552.7", 1, "千元", "万元", ("355.27", 2)),
        ("80.87", 2, "万人", "人", ("808700", -2)),
        ("27", 0, "人", "人", ("27", 0)),
        ("3.2", 1, "‰", "%", ("0.32", 2)),
        ("0", 0, "元", "万元", ("0.0000", 4)),
        ("95.4", 1, "分", "分", ("95.4", 1)),
    ],
)
def test_convert(value, decimals, unit, to, expected):
    converted = convert(Decimal(value), decimals, unit, to)
    assert (str(converted[0]), converted[1]) == expected


@pytest.mark.parametrize(
    ("unit", "to"), [("万元", "人"), ("%", "万元"), ("户", "人"), ("", "%"), ("百分点", "%")]
)
def test_units_that_do_not_go_together(unit, to):
    assert convert(Decimal(1), 0, unit, to) is None
