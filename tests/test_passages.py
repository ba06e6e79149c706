"""Passages: what a layout put between characters is taken out, and every offset leads back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.reading.index import tighten


def tight(text):
    return tighten(text, 0, len(text)).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # between Chinese characters nothing parts words
        ("参 保 率", "参保率"),
        ("参保\n率", "参保率"),
        ("  参保率\n\n", "参保率"),
        ("参保率 98 %", "参保率98%"),
        ("参保率98%, 支出 3 万元", "参保率98%,支出3万元"),
        # numbers that stand apart stay apart
        ("79 0 75", "79 0 75"),
        ("79\t0\t75", "79 0 75"),
        ("98% 97%", "98% 97%"),
        ("98%\n97%", "98% 97%"),
        ("A 3", "A 3"),
        ("IP 地址", "IP地址"),
        # numbers that a line or a blank breaks are closed
        ("355.\n27万元", "355.27万元"),
        ("355 .27万元", "355.27万元"),
        ("355. 27万元", "355.27万元"),
        ("21\n38万元", "2138万元"),
        ("1,\n234万元", "1,234万元"),
        # a list number and what follows it
        ("1. 2023年", "1. 2023年"),
        ("2. 98%", "2. 98%"),
        ("支出共计98. 5万元", "支出共计98.5万元"),
        # quotation marks and pinyin
        ('"三公"经费', "三公经费"),
        ("'三公'经费", "三公经费"),
        ("郫(pí)都区", "郫都区"),
        ("亳(bó) 州", "亳州"),
        ("(pi)", "(pi)"),
        ("预算(A)数", "预算(A)数"),
        ("", ""),
        (" \n\t", ""),
    ],
)
def test_tighten(text, expected):
    assert tight(text) == expected


def test_only_the_stretch_asked_for_is_taken():
    text = "参保率 98%。支出 3 万元。"
    passage = tighten(text, 8, len(text))
    assert passage.text == "支出3万元。"
    start, end = passage.span(2, 5)
    assert text[start:end] == "3 万元"


def test_a_span_covers_the_blanks_inside_it_but_none_around():
    text = "达到 98 %\n左右"
    passage = tighten(text, 0, len(text))
    at = passage.text.index("98%")
    start, end = passage.span(at, at + 3)
    assert text[start:end] == "98 %"


def test_an_empty_span_is_a_place():
    passage = tighten("参 保", 0, 3)
    assert passage.span(1, 1) == (2, 2)
    assert passage.span(2, 2) == (3, 3)


written = st.text("参保率支出万元人次一二年0123456789.,%-~:;、。()[]\"' \n\tabz", max_size=40)
repeatable = settings(deadline=None, derandomize=True)


@repeatable
@given(written, st.integers(0, 40), st.integers(0, 40))
def test_every_offset_leads_back(text, one, other):
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    passage = tighten(text, start, end)
    assert len(passage.offsets) == len(passage.text)
    assert list(passage.offsets) == sorted(passage.offsets)
    for character, offset in zip(passage.text, passage.offsets, strict=True):
        assert start <= offset < end
        # A blank that parts two numbers stands for whatever stood there.
        assert text[offset] == character or (character == " " and not text[offset].isalnum())


@repeatable
@given(written)
def test_nothing_but_blanks_quotation_marks_pinyin_and_doubled_commas_is_lost(text):
    kept = set(tighten(text, 0, len(text)).offsets)
    for offset, character in enumerate(text):
        assert (
            offset in kept
            or character in " \n\t\"'()"
            or (character.isascii() and character.isalpha())
            or (character == "," and text[offset + 1 :].lstrip(" \n\t\"'")[:1] in tuple(",、;。"))
        )


@repeatable
@given(written)
def test_tightening_twice_changes_nothing(text):
    once = tight(text)
    assert tight(once) == once
