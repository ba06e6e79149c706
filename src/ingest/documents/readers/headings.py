"""Which lines of a folded text are headings, and of which level: numbers, titles, topics."""

from __future__ import annotations

import re

_DIGITS = "一二三四五六七八九十百"
# The levels follow the order in which Chinese reports nest their numbers.
_NUMBERING: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(rf"第[{_DIGITS}\d]{{1,4}}(?:部分|章|编|篇)[、:.\s]?"), 1),
    (re.compile(rf"第[{_DIGITS}\d]{{1,4}}节[、:.\s]?"), 2),
    (re.compile(rf"[{_DIGITS}]{{1,4}}[、.:]"), 2),
    (re.compile(rf"\([{_DIGITS}]{{1,4}}\)[、.]?|[㈠-㈩][、.]?"), 3),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{1,2}[.、]?(?=[^\d.%])"), 6),
    (re.compile(r"\d{1,2}\.\d{1,2}[.、]?(?=\s*[\u4e00-\u9fff])(?!\s*[万亿元人个倍分])"), 5),
    (re.compile(r"\d{1,2}(?:、|[.:](?!\d)|\.(?=\d{4}年))|[⒈-⒛]"), 4),
    (re.compile(r"\(\d{1,2}\)[、.]?|\d{1,2}\)[、.]?|[⑴-⒇]"), 5),
    (re.compile(r"[①-⑳][、.]?"), 6),
)
# What every number begins with.
_BEGINS_NUMBER = re.compile(rf"[第{_DIGITS}\d(㈠-㈩⒈-⒛⑴-⒇①-⑳]")
MARKDOWN = re.compile(r"(#{1,6})\s*(?=[^#\s])")
# A heading without number stands below all others: it holds until the next heading of any kind.
UNNUMBERED = 7
LONGEST_HEADING = 40
_FIGURE = re.compile(r"\d\s?(?:[%‰万亿元人个名户家件次项份台处条倍分张]|\.\d)")
_TITLE = re.compile(
    r"(?:报告|公示|公告|公开|年鉴|决算|预算"
    r"|(?:自评|评价|评分|目标|指标|数据|情况|汇总|统计|明细|申报|决算|预算|收支|一览|审核)表)$"
)
_ATTACHMENT = re.compile(
    r"附?[件表录]\s?[\d一二三四五六七八九十-]{1,5}[:.、]?(?=\s|$)|附[件表][:.、]?$"
)
_YEAR_ALONE = re.compile(r"\(?(?:19|20)\d\d\s?年?度?\)?$")
_TOPIC = re.compile(
    r"(?:情况|分析|说明|目标|结论|措施|问题|建议|职责|职能|概况|方法|过程|内容|指标|结果|原因"
    r"|意见|方向|安排|简介|计划|依据|总结|效果|效益|评价|打算)$"
)
REMARK = re.compile(
    r"(?:\(?(?:金额)?单位[:(]|填[表报]|说明[:\s]|备?注[:\s]|附(?:件|表)|联系|审核人|制表|(?:无|略|\(略\))[。.]?$"
    r"|(?:19|20)\d\d\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日$)"
)


def numbering(line: str) -> tuple[int, int]:
    """The level that a line's number stands for and the number's length; (0, 0) without one.

    >>> numbering("(一)收支情况"), numbering("收支情况")
    ((3, 3), (0, 0))
    """
    head = line[:20]
    for pattern, level in _NUMBERING if _BEGINS_NUMBER.match(head) else ():
        found = pattern.match(head)
        if found:
            return level, found.end()
    return 0, 0


def heading_level(line: str) -> int:
    """The level of a heading, 0 for a line that is none. `line` is folded and stripped.

    >>> heading_level("一、参保情况"), heading_level("一、参保10万人")
    (2, 0)
    """
    marked = MARKDOWN.match(line)
    if marked:
        rest = line[marked.end() :]
        # Converters guess the number of # from the type; the report's own numbers say more.
        return numbering(rest)[0] or len(marked[1])
    if len(line) > LONGEST_HEADING + 20:
        return 0
    line = line.strip("* ")
    level, length = numbering(line)
    rest = line[length:].strip()
    if level:
        return level if _is_topic(rest) else 0
    if rest.endswith("。") and len(rest) <= 20:
        rest = rest[:-1] if _TOPIC.search(rest[:-1]) else rest
    attached = _ATTACHMENT.match(rest)
    if attached and attached.end() == len(rest):
        return 1
    rest = rest[attached.end() :].strip() if attached else rest
    if not rest or re.search(r"[。;!?,|\t]|\s{2}", rest):
        return 0
    bare = re.sub(r"\([^()]{0,20}\)$", "", rest)
    if _YEAR_ALONE.match(rest):
        return 1
    if _FIGURE.search(bare) or ":" in bare or len(rest) > LONGEST_HEADING:
        return 0
    if _TITLE.search(bare):
        return 1
    return UNNUMBERED if _TOPIC.search(bare) and len(rest) <= 20 else 0


def _is_topic(rest: str) -> bool:
    """Whether what follows a number names a section, and is no sentence and no figure."""
    if not rest or len(rest) > LONGEST_HEADING or _FIGURE.search(rest):
        return False
    inner = rest.rstrip(":")
    if inner.endswith("。"):
        inner = inner[:-1]
        if "," in inner or not _TOPIC.search(re.sub(r"\([^()]{0,20}\)$", "", inner)):
            return False
    return not re.search(r"[。;!?:|\t]", inner)
