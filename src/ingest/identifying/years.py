"""The year that the figures of a report cover: title, then form captions, then sentences.

The day of filing, the number of a document, and years that are only compared with or planned for do
not count.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ingest.identifying.cues import cited
from ingest.records import Document

_DIGITS = {"〇": "0", "○": "0", "零": "0", "O": "0"} | {
    c: str(i) for i, c in enumerate("一二三四五六七八九", start=1)
}
_YEAR = re.compile(
    r"(?<![\d.])(20[0-4]\d|二[〇○零O][〇○零O一二三四][〇○零O一二三四五六七八九])\s*"
    r"(年\s*度?|(?=部门|整体|预算|决算))"
)
_CAPTION = re.compile(r"^[ \t|(]*" + _YEAR.pattern + r"[ \t|)]*$", re.MULTILINE)
_DATE = re.compile(r"\s*(\d{1,2})\s*月(?!\s*[-~至到])")
_SPAN = re.compile(r"\s*1\s*月?\s*[-~至到]\s*1?\d\s*月")
_COMPARED = re.compile(
    "(?:较|比|占|同期|[上去]年|自|从|结转|成立于|印发)(?:年|年?度|上年|了)?[(]?$"
)
_PLANNED = re.compile("(?:下一?(?:年|步)|明年|今后|拟|编制|编报|做好|谋划|制定)[一-鿿]{0,8}$")
_NOT_COVERED = re.compile(
    r"\s*(?:以来|起|结转|底?前|统计年鉴|的?(?:工作)?(?:计划|打算|安排)|[一-鿿,]{0,6}将|的预算|我们要)"
)
_COVERED = re.compile(
    r"\s*(?:年?[末底]|全[年县市区省州]|我[局县市区]|[本各]?(?:部门|单位|年度)|1\s*-\s*12\s*月)"
)

_DAY = re.compile(
    r"(?<!\d)(20[0-4]\d)\s*[-./年]\s*(1[0-2]|0?[1-9])\s*[-./月]\s*(?:3[01]|[12]\d|0?[1-9])(?!\d)"
)
_STAMP = re.compile(r"(?:时间|日期|发布|来源|更新|[12]\d:\d\d|0?\d:\d\d)")
_PUBLISHED = re.compile(
    r"(?:公布|公开|发布|披露)了?[《\"]?20[0-4]\d年[^。》]{0,24}(?:公报|决算|统计)"
)
_THIS = re.compile("今年")
_NOW = re.compile("目前|眼下|日前|迄今|截[至止]今|截[至止]到?\\d{1,2}月")
_OPENING, _CLOSING, _SHORT, _FIRST_MONTHS = 12, 4, 60, 2


def _number(digits: str) -> int:
    return int("".join(_DIGITS.get(c, c) for c in digits))


def _years(text: str) -> Iterator[tuple[int, int]]:
    """Each year that a folded text names, with how much it tells of the year the figures cover."""
    in_title = cited(text)
    for match in _YEAR.finditer(text):
        before, end = text[max(0, match.start() - 12) : match.start()].rstrip(), match.end()
        year = _number(match[1])
        date = _DATE.match(text, end)
        if date and not _SPAN.match(text, end):
            yield year, 2 if re.search("截[至止]到?$", before) else 0
        elif (
            _COMPARED.search(before)
            or _PLANNED.search(before)
            or _NOT_COVERED.match(text, end)
            or in_title[match.start()]
        ):
            yield year, 0
        elif "度" in match[2]:
            yield year, 3
        else:
            yield year, 2 if _COVERED.match(text, end) or before[-2:] in ("截至", "截止") else 1


def published_in(text: str) -> tuple[int, int] | None:
    """Year and month of the day of publication that a page prints above or below its text, or None.

    It stands alone in a short line, or beside a word or an hour that only such a line has.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line in (*lines[:_OPENING], *lines[-_CLOSING:]):
        day = _DAY.search(line)
        if (
            day
            and len(line) < _SHORT
            and (
                day.end() - day.start() > len(line) - 4
                or _STAMP.search(line)
                or (re.fullmatch(r"\S.*\s", line[: day.start()]) and day.end() == len(line))
            )
        ):
            return int(day[1]), int(day[2])
    return None


def year_of(
    document: Document, lines: Sequence[str], published: tuple[int, int] | None
) -> tuple[int | None, list[tuple[str, str]]]:
    """The year that the figures cover, and what is doubtful about it.

    Where neither title nor form names one and the text speaks of this year or of now, it is the
    year of publication: None where the day of publication tells nothing of the figures.
    """
    support: Counter[int] = Counter()
    for year, weight in _years(document.text):
        support[year] += weight
    captions = Counter(_number(m[1]) for m in _CAPTION.finditer(document.text))
    in_title = [year for year, weight in _years("\n".join(lines)) if weight]
    for candidates in (in_title, list(captions.elements())):
        if candidates:
            times = Counter(candidates)
            best = max(times, key=lambda y: (times[y], support[y]))
            rival = max(support, key=lambda y: support[y], default=best)
            if support[rival] > 4 * max(support[best], 2):
                message = f"the title or form says {best}, but most sentences speak of {rival}"
                return best, [("doubtful_year", message)]
            return best, []
    this = _THIS.search(document.text) is not None
    if published and (this or _NOW.search(document.text)):
        year, month = published
        # What stands now, in the first months, is the state at the end of the year before.
        if this or month > _FIRST_MONTHS or not support[year - 1]:
            message = f"no title or form names a year; the page was published in {year}"
            return year, [("doubtful_year", message)]
    named = [(weight, year) for year, weight in support.items() if weight]
    cited_years = sorted(y for y in support if _PUBLISHED.search(document.text))
    if not named and len(cited_years) == 1:
        message = f"only a publication it cites names a year: {cited_years[0]}"
        return cited_years[0], [("doubtful_year", message)]
    if not named:
        return None, [("unknown_year", "no year is named that the figures cover")]
    most, best = max(named)
    if sum(weight == most for weight, _ in named) > 1:
        years = ", ".join(str(y) for w, y in sorted(named) if w == most)
        return best, [("doubtful_year", f"{years} are named equally often; {best} is taken")]
    return best, []
