"""One character in, one character out, whatever the report was typed with."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from ingest.codebook.loading import load
from ingest.codebook.model import expand
from ingest.documents.glyphs import fold, fold_character

DEFINITIONS = load()


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("０１２３４５６７８９", "0123456789"),
        ("ＡＢＣａｂｃ", "ABCabc"),
        ("９８．５％", "98.5%"),
        ("98﹪", "98%"),
        ("（境）", "(境)"),
        ("〔2023〕15号", "[2023]15号"),
        ("【说明】", "[说明]"),
        ("“三公”经费", '"三公"经费'),
        ("‘三公’", "'三公'"),
        ("支出，收入：合计；", "支出,收入:合计;"),
        ("支出。收入、合计", "支出。收入、合计"),
        ("60％～70％", "60%~70%"),
        ("60—70–80−90", "60-70-80-90"),
        ("≧95", "≥95"),
        ("≦95", "≤95"),
        ("＞95＜", ">95<"),
        ("﹥95﹤", ">95<"),
        ("參保率", "参保率"),
        ("醫療保障局", "医疗保障局"),
        ("財政撥款支出決算數", "财政拨款支出决算数"),
        ("干部職工滿意度", "干部职工满意度"),
        ("萬元億元", "万元亿元"),
        ("⺠生⻓期⻔诊⻋辆", "民生长期门诊车辆"),
        ("㎡", "㎡"),
        ("①②⑴⒈", "①②⑴⒈"),
        ("a\u3000b\u00a0c\u200bd\ufeffe", "a b c d e"),
        ("一行\r\n二行\t三", "一行 \n二行\t三"),
        ("‰", "‰"),
        ("", ""),
    ],
)
def test_fold(printed, folded):
    assert fold(printed) == folded


@settings(deadline=None, derandomize=True)
@given(st.text())
def test_offsets_hold_and_folding_twice_changes_nothing(text):
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded
    assert folded == "".join(fold_character(c) for c in text)


@given(st.text(st.characters(max_codepoint=127, exclude_characters="\r")))
def test_ascii_is_left_alone(text):
    assert fold(text) == text


def wordings():
    classes = DEFINITIONS.words["classes"]
    for indicator in DEFINITIONS.indicators.values():
        for label in (*indicator.labels, *indicator.short_labels, *indicator.not_labels):
            yield from expand(label, classes)
        yield from indicator.examples


@pytest.mark.parametrize("script", ["s2t", "s2tw", "s2hk"])
def test_every_wording_is_known_in_traditional_characters(script):
    """Typed in plain traditional characters, Taiwan's or Hong Kong's, it is the same wording."""
    convert = OpenCC(script).convert
    typed = {w: convert(w) for w in wordings()}
    # 批覆 is another word than 批复, not another form of its characters.
    assert {w: t for w, t in typed.items() if fold(t.replace("批覆", "批復")) != fold(w)} == {}
