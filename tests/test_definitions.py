"""The codebook: its labels against their examples, both ways, and every complaint about it."""

from pathlib import Path

import pytest
from ingest.clauses import read
from ingest.sentence import Scope

from ingest.codebook.loading import CodebookError, expand, load
from ingest.documents.glyphs import fold
from ingest.reading.index import lexicon_of, tighten

DEFINITIONS = load()
INDICATORS = list(DEFINITIONS.indicators.values())
CLASSES = DEFINITIONS.context["classes"]
LEXICON = lexicon_of(DEFINITIONS)
each_indicator = pytest.mark.parametrize("indicator", INDICATORS, ids=lambda i: i.indicator)


def tightened(sentence):
    text = fold(sentence)
    return tighten(text, 0, len(text)).text


def own_tokens(indicator, sentence):
    """The tokens of a sentence that are labels of the indicator."""
    return [
        t
        for t in LEXICON.labels(tightened(sentence))
        if t.kind in ("label", "short", "ratio") and t.value == indicator.indicator
    ]


def figures(sentence):
    return read(tightened(sentence), Scope(year=2023), LEXICON)[0]


@each_indicator
def test_every_label_is_matched_in_an_example(indicator):
    matched = {t.text for s in indicator.examples for t in own_tokens(indicator, s)}
    lacking = [
        label
        for label in (*indicator.labels, *indicator.short_labels)
        if not matched.intersection(expand(label, CLASSES))
    ]
    assert not lacking, (
        f"write an example for each into examples.toml, [{indicator.indicator}], "
        "or delete the label if another always wins"
    )


@each_indicator
def test_every_example_holds_a_label(indicator):
    assert indicator.examples
    assert [s for s in indicator.examples if not own_tokens(indicator, s)] == []


@each_indicator
def test_every_example_with_a_figure_is_read_so(indicator):
    printed = [s for s in indicator.examples if any(c.isdigit() for c in s)]
    assert [
        s for s in printed if indicator.indicator not in {f.indicator for f in figures(s)}
    ] == []


@each_indicator
def test_every_counterexample_holds_no_figure_of_the_indicator(indicator):
    assert indicator.counterexamples
    read_so = [
        (s, str(f.value))
        for s in indicator.counterexamples
        for f in figures(s)
        if f.indicator == indicator.indicator
    ]
    assert read_so == []


@each_indicator
def test_every_not_label_has_a_counterexample(indicator):
    """Its wording stands there and no label of the indicator is found in it."""
    own = {w for label in indicator.labels for w in expand(label, CLASSES)}
    lacking = []
    for label in indicator.not_labels:
        wordings = [w for w in expand(label, CLASSES) if w not in own]
        if wordings and not any(
            _only_looks_alike(indicator, tightened(s), wording)
            for s in indicator.counterexamples
            for wording in wordings
        ):
            lacking.append(label)
    assert not lacking, f"write a sentence for each into examples.toml, [{indicator.indicator}]"


def _only_looks_alike(indicator, text, wording):
    start = text.find(wording)
    return start >= 0 and not any(
        t.start < start + len(wording) and start < t.end for t in own_tokens(indicator, text)
    )


def test_examples_are_folded_like_reports():
    """Quotation marks and full-width brackets of an example do not keep its label from it."""
    three_public = DEFINITIONS.indicators["three_public_expenditure"]
    assert own_tokens(three_public, "“三公”经费４.６３万元")


# -- the language of labels ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "wordings"),
    [
        ("支出", ["支出"]),
        ("[总]支出", ["总支出", "支出"]),
        ("支出{合计|总额}", ["支出合计", "支出总额"]),
        ("支出[合计|总额]", ["支出合计", "支出总额", "支出"]),
        ("[a[b]]c", ["abc", "ac", "c"]),
        ("{a|[b]c}d", ["ad", "bcd", "cd"]),
        ("{a|}b", ["ab", "b"]),
        ("<pay>率", ["报销率", "支付率"]),
        ("支出（本年）", ["支出(本年)"]),
        ("參保｛率｜數｝", ["参保率", "参保数"]),
        ("a|b", ["a|b"]),
        ("[a|a]", ["a", ""]),
    ],
)
def test_expand(label, wordings):
    assert expand(label, {"pay": "{报销|支付}"}) == wordings


@pytest.mark.parametrize(
    ("label", "complaint"),
    [
        ("支出[合计", "'支出[合计': a ']' is missing"),
        ("支出{合计", "'支出{合计': a '}' is missing"),
        ("支出合计]", "'支出合计]': ']' closes nothing"),
        ("支出{合计]", "'支出{合计]': ']' closes nothing"),
        ("<fee>率", "'<fee>率': no word class named 'fee'"),
        ("<pay率", "'<pay率': no word class named 'pay率'"),
    ],
)
def test_a_label_that_cannot_be_read(label, complaint):
    with pytest.raises(ValueError, match=r"^'") as raised:
        expand(label, {"pay": "{报销|支付}"})
    assert complaint in str(raised.value)


# -- complaints ----------------------------------------------------------------------------------

SMALL = {
    "indicators.toml": """
[indicators.expenditure]
family = "budget"
name_zh = "支出"
kind = "amount"
unit = "万元"
definition = "Total spending"
labels = ["总支出"]
""",
    "context.toml": '[classes]\npay = "{报销|支付}"\n',
    "examples.toml": '[expenditure]\nexamples = ["总支出3万元"]\ncounterexamples = ["占总支出3%"]\n',
}
REVENUE = SMALL["indicators.toml"].replace("expenditure", "revenue").replace("总支出", "总收入")


def written(folder: Path, **changes: str) -> Path:
    """A small, sound set of definitions, with text added to (or put in place of) its files."""
    for name, text in SMALL.items():
        change = changes.get(name.partition(".")[0], "")
        (folder / name).write_text(change[1:] if change[:1] == "=" else text + change, "utf-8")
    return folder


def complaints(folder: Path) -> list[str]:
    with pytest.raises(CodebookError) as raised:
        load(folder)
    return raised.value.complaints


def test_sound_definitions_hold_their_examples(tmp_path):
    indicator = load(written(tmp_path)).indicators["expenditure"]
    assert indicator.examples == ("总支出3万元",)
    assert indicator.counterexamples == ("占总支出3%",)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        (
            {"indicators": 'lables = ["支出"]\n'},
            "indicators.toml, expenditure: unknown entry 'lables'",
        ),
        (
            {"indicators": '[indicators.x]\nfamily = "budget"\nkind = "rate"\n'},
            "indicators.toml, x: name_zh, unit, definition missing",
        ),
        (
            {"indicators": REVENUE.replace("indicators.revenue", "indicators.Revenue2")},
            "indicators.toml, Revenue2: an id is English snake_case",
        ),
        (
            {"indicators": REVENUE.replace('"budget"', '"income"')},
            "indicators.toml, revenue: family 'income' is none of budget, three_public, "
            "participation, reimbursement, supplementary",
        ),
        (
            {"indicators": REVENUE.replace('"万元"', '"%"')},
            "indicators.toml, revenue: kind 'amount' and unit '%' do not go together",
        ),
        (
            {"indicators": REVENUE.replace('"amount"', '"money"')},
            "indicators.toml, revenue: kind 'money' and unit '万元' do not go together",
        ),
        (
            {"indicators": REVENUE.replace('["总收入"]', '"总收入"')},
            "indicators.toml, revenue: labels is not a list of texts",
        ),
        (
            {"indicators": REVENUE.replace("总收入", "总收入[合计")},
            "indicators.toml, revenue: '总收入[合计': a ']' is missing",
        ),
        (
            {"indicators": REVENUE.replace("总收入", "<fund>收入")},
            "indicators.toml, revenue: '<fund>收入': no word class named 'fund'",
        ),
        (
            {"indicators": REVENUE.replace("总收入", "总{收入|支出}")},
            "indicators.toml, revenue: '总支出' is already a label of expenditure",
        ),
        (
            {"indicators": REVENUE + 'short_labels = ["总支出"]\n'},
            "indicators.toml, revenue: '总支出' is already a label of expenditure",
        ),
        (
            {"indicators": '[[sums]]\nby = "kind"\nwhole = "outlay"\nparts = ["expenditure"]\n'},
            "indicators.toml, sums: no indicator named 'outlay'",
        ),
        (
            {"indicators": '[[sums]]\nby = "kind"\nwhole = "expenditure"\nparts = ["outlay"]\n'},
            "indicators.toml, sums: no indicator named 'outlay'",
        ),
        (
            {"context": '[scenarios]\ntarget = ["目标{值"]\n'},
            "context.toml, scenarios: '目标{值': a '}' is missing",
        ),
        (
            {"examples": '[outlay]\nexamples = ["支出"]\n'},
            "examples.toml: no indicator named 'outlay'",
        ),
        (
            {"examples": 'example = ["支出"]\n'},
            "examples.toml, expenditure: unknown entry 'example'",
        ),
        (
            {"examples": '=[expenditure]\nexamples = "总支出"\n'},
            "examples.toml, expenditure: examples is not a list of texts",
        ),
    ],
)
def test_one_mistake_is_one_complaint(tmp_path, changes, complaint):
    assert complaints(written(tmp_path, **changes)) == [complaint]


def test_a_wording_may_only_look_like_another_indicator(tmp_path):
    both = REVENUE + 'not_labels = ["总支出"]\n'
    assert set(load(written(tmp_path, indicators=both)).indicators) == {"expenditure", "revenue"}


@pytest.mark.parametrize("name", SMALL)
def test_a_missing_file(tmp_path, name):
    (written(tmp_path) / name).unlink()
    assert f"{name}: the file is missing" in complaints(tmp_path)


@pytest.mark.parametrize("name", SMALL)
def test_broken_toml_tells_the_line(tmp_path, name):
    (written(tmp_path) / name).write_text("[a]\nb = [\n", "utf-8")
    [broken] = [c for c in complaints(tmp_path) if c.startswith(f"{name}: ")]
    assert "line 3" in broken or "end of document" in broken


def test_a_file_that_is_not_utf8(tmp_path):
    (written(tmp_path) / "context.toml").write_bytes('[classes]\nx = "报销"\n'.encode("gb18030"))
    assert any("context.toml: 'utf-8' codec can't decode" in c for c in complaints(tmp_path))


def test_every_complaint_at_once(tmp_path):
    folder = written(
        tmp_path,
        indicators='lables = ["支出"]\n'
        + REVENUE.replace("总收入", "总收入[合计").replace('"万元"', '"%"')
        + '[[sums]]\nby = "kind"\nwhole = "outlay"\nparts = []\n',
        context='[scenarios]\ntarget = ["目标<words>"]\n',
        examples='[outlay]\nexamples = ["支出"]\n',
    )
    with pytest.raises(CodebookError) as raised:
        load(folder)
    assert str(raised.value) == (
        "6 problem(s) in the definitions:\n"
        "  - indicators.toml, expenditure: unknown entry 'lables'\n"
        "  - indicators.toml, revenue: kind 'amount' and unit '%' do not go together\n"
        "  - indicators.toml, sums: no indicator named 'outlay'\n"
        "  - indicators.toml, revenue: '总收入[合计': a ']' is missing\n"
        "  - context.toml, scenarios: '目标<words>': no word class named 'words'\n"
        "  - examples.toml: no indicator named 'outlay'\n"
        "Correct them in src/ingest/definitions/ and run `ingest check` again."
    )


def test_the_codebook_is_complete():
    assert len(INDICATORS) == 48
    for indicator in INDICATORS:
        assert indicator.labels, indicator.indicator
    # Every part of a rate is an indicator of the codebook.
    for indicator in INDICATORS:
        for term in f"{indicator.numerator} - {indicator.denominator}".split(" - "):
            name = term.partition("/")[0].strip()
            assert not name or name in DEFINITIONS.indicators, indicator.indicator
