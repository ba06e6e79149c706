"""Passages: a stretch of a document without the blanks and line breaks its layout put into it.

Rules match on the tightened text; evidence is quoted from the document. `Passage.offsets` leads
from one to the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_PINYIN = r"(?<=[\u4e00-\u9fff])\([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,6}\)"
# Quotation marks come and go around the same term (“三公”经费); they carry nothing here.
_GAP = re.compile(rf"\s+|{_PINYIN}|[\"']")
# The longest passage of a document that is kept for the next stage: a cell, or a short line.
_CELL = 80


@dataclass(frozen=True)
class Passage:
    """`text` is the tightened text, `offsets[i]` the place of its character i in the document."""

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The document offsets of `text[start:end]`, half open."""
        if start >= end:
            place = self.offsets[start] if start < len(self.offsets) else self.offsets[-1] + 1
            return place, place
        return self.offsets[start], self.offsets[end - 1] + 1


def tighten(text: str, start: int, end: int) -> Passage:
    """Takes `text[start:end]` without its blanks and line breaks.

    One blank is kept where two numbers would run together; a number broken over two lines, or
    parted from its decimal point, is closed. Pinyin in brackets after a character is left out, and so
    are quotation marks.

    >>> tighten("公务用车购\\n置及运行费 3.98 万\\n元", 0, 20).text
    '公务用车购置及运行费3.98万元'
    >>> tighten("79 0 75", 0, 7).text
    '79 0 75'
    """
    if end - start > _CELL or len(text) <= _CELL:
        return _tightened(text, start, end)
    kept = _passages_of(text)
    passage = kept.get((start, end))
    if passage is None:
        passage = kept[start, end] = _tightened(text, start, end)
    return passage


@lru_cache(maxsize=1)
def _passages_of(text: str) -> dict[tuple[int, int], Passage]:
    """The cells of the document being read: each stage asks for them again."""
    return {}


def _tightened(text: str, start: int, end: int) -> Passage:
    gap = _GAP.search(text, start, end)
    if gap is None:
        return Passage(text[start:end], tuple(range(start, end)))
    pieces: list[str] = []
    offsets: list[int] = []
    at = start
    while gap is not None:
        first, last = gap.span()
        pieces.append(text[at:first])
        offsets.extend(range(at, first))
        at = last
        before = text[first - 1] if first > start else ""
        after = text[last] if last < end else ""
        if _parts_numbers(text, start, first, last, before, after):
            pieces.append(" ")
            offsets.append(first)
        gap = _GAP.search(text, at, end)
    pieces.append(text[at:end])
    offsets.extend(range(at, end))
    return Passage("".join(pieces), tuple(offsets))


def _parts_numbers(text: str, start: int, first: int, last: int, before: str, after: str) -> bool:
    """Whether the gap text[first:last] keeps two numbers (or words of Latin letters) apart."""
    if not (before.isascii() and after.isascii() and before and after):
        return False
    if before.isalnum() and after.isalnum():
        broken = "\n" in text[first:last] and before.isdigit() and after.isdigit()
        return not broken
    if before == "%" and after.isdigit():
        return True
    if before == "." and after.isdigit():
        # "1. 2023" is a list number and a year, "98. 5" one figure.
        head = text[max(start, first - 4) : first]
        return re.fullmatch(r"(?:.*\D)?\d{1,2}\.", head, re.S) is not None and (
            re.match(r"(?:19|20)\d\d", text[last : last + 4]) is not None
            or first - len(head) <= start
        )
    return False
