"""Every construction proves itself: its examples are read by it, with every word that says the same."""

from dataclasses import replace

import pytest

from ingest.codebook.loading import load
from ingest.reading.index import lexicon_of
from ingest.reviewing.proving import complaints, other_words, read, stated, wanted

BOOK = load()
LEXICON = lexicon_of(BOOK)
CONSTRUCTIONS = {c.id: c for c in BOOK.constructions}
GOAL = "says that it is a goal"
ABOUT = "says that it is about so much"
LESS = "a label that only looks like one (those newly insured) takes the word"
NOT_AND = "joins no list: it also compares"
BOUND = "a bound takes the word, so that what the goal was exceeded by is read as the goal"
GROUP = "the sum is taken for one more figure of the last group"
RULE = "its 得 or 扣 is another word, so that the rule is not seen"
LINKS = {"目标定为": GOAL, "约为": ABOUT}
CHANGES = {"减少": LESS, "净增": LESS, "新增": LESS}
KNOWN = {
    ("label-before-figure", "link.to"): LINKS,
    ("rate-before-amount", "link.to"): LINKS,
    ("carried-to-a-year", "link.to"): LINKS,
    ("carried-to-a-new-level", "link.to"): LINKS,
    ("label-before-posts", "link.to"): {"约为": ABOUT},
    ("level-after-its-start", "link.to"): LINKS,
    ("our-own-after-others", "link.to"): LINKS,
    ("level-after-its-change", "link.to"): LINKS,
    ("level-after-a-trend", "link.to"): LINKS,
    ("level-after-its-change", "change.word"): CHANGES,
    ("level-after-a-trend", "change.word"): CHANGES,
    ("level-after-a-trend", "trend.word"): {"基本": "a label ends with it"},
    ("carried-to-another-year", "time.previous"): {
        "上一年度": "the year before is not known by it",
        "上一年": "the year before is not known by it",
    },
    ("carried-with-scenario", "result.word"): {"自评结果": "a label of the score takes the word"},
    ("amount-carried-with-scenario", "result.word"): {
        "自评结果": "a label of the score takes the word",
        "实绩": "tells a result of rates and counts, of no amount",
        "落实结果": "tells a result of rates and counts, of no amount",
    },
    ("carried-to-its-sum", "sum.word"): {"共计": GROUP, "累计": GROUP, "合并": GROUP},
    ("summed-score", "sum.word"): {"累计": "is a word for a result first"},
    ("one-figure-for-rates", "and.word"): {"与": NOT_AND},
    ("project-under-its-total", "and.word"): {"与": NOT_AND},
    ("all-of-a-group-insured", "and.word"): {"与": NOT_AND},
    ("exceeded-by", "exceed.word"): dict.fromkeys(
        ("超出", "超过", "高于", "低于", "超", "少于", "多于"), BOUND
    ),
    ("scored-for-it", "scoring.rule"): {"不得分": RULE, "不扣分": RULE, "得基本分": RULE},
    ("insured-share-of-people", "base.people"): {
        "总人口": "a word for everybody takes it",
        "参保对象": "a label of those who should be insured takes it, and knows no rate",
        "应参合": "a label of those who should be insured takes it",
    },
    ("scheme-joined", "group.residents"): {"参合": "a label of the insured takes it"},
}
"""Words with which an example states something else: construction and list, word, why.

A word that states the same has to be taken off the list.
"""


each = pytest.mark.parametrize("construction", CONSTRUCTIONS.values(), ids=CONSTRUCTIONS)


@each
def test_every_construction_has_examples_both_ways(construction):
    assert construction.examples, "write a sentence that it reads, with the figures stated there"
    assert construction.counterexamples, "write a sentence that looks like it and is not"


@each
def test_every_construction_reads_its_examples_and_no_counterexample(construction):
    assert list(complaints(BOOK, only=[construction])) == []


SWAPS = [(c, name) for c in CONSTRUCTIONS.values() for name in c.swap]


@pytest.mark.parametrize(("construction", "name"), SWAPS, ids=[f"{c.id}-{n}" for c, n in SWAPS])
def test_every_example_states_the_same_with_every_other_word(construction, name):
    found = list(other_words(construction, name, LEXICON))
    assert found, f"no example holds a word of {name}"
    differ = {
        word
        for example, word, text in found
        if stated(read(text, LEXICON)) != wanted(example, BOOK)
    }
    assert differ == set(KNOWN.get((construction.id, name), ()))


def test_known_failures_name_lists_that_are_swapped():
    assert set(KNOWN) <= {(construction.id, name) for construction, name in SWAPS}


WRONG = {
    "no figure": ({"text": "支出合计3万元。", "states": ["支出 3"]}, "is no figure"),
    "no number": (
        {"text": "支出合计3万元。", "states": ["expenditure actual - 2023 ≈x"]},
        "is no number",
    ),
    "no indicator": ({"text": "支出合计3万元。", "states": ["money actual - 2023 3"]}, "'money'"),
    "another value": (
        {"text": "支出合计3万元。", "states": ["expenditure actual - 2023 4"]},
        "is read as expenditure actual - 2023 3",
    ),
    "too little": (
        {"text": "支出合计3万元。", "states": []},
        "states nothing, but is read as expenditure actual - 2023 3",
    ),
    "another construction": (
        {"text": "支出合计3万元。", "states": ["expenditure actual - 2023 3"]},
        "is not read by it but by label-before-figure",
    ),
    "no states": ({"text": "支出合计3万元。"}, "is no example"),
}


@pytest.mark.parametrize(("example", "complaint"), WRONG.values(), ids=WRONG)
def test_an_example_that_does_not_hold_is_complained_about(example, complaint):
    construction = replace(CONSTRUCTIONS["change"], examples=(example,), counterexamples=())
    (found,) = complaints(BOOK, [construction])
    assert found.startswith("common/constructions.toml, constructions.change: '支出合计3万元。' ")
    assert complaint in found


def test_a_counterexample_that_is_read_is_complained_about():
    construction = replace(CONSTRUCTIONS["change"], examples=(), counterexamples=("增长3%。",))
    (found,) = complaints(BOOK, [construction])
    assert "the counterexample '增长3%。' is read by it" in found
