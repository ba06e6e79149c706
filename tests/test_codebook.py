"""The codebook: every mistake in a folder is told, its labels are found, its examples hold."""

import pytest

from ingest.__main__ import main as ingest
from ingest.codebook.files import NUMBERS, kind_of
from ingest.codebook.loading import CodebookError, load, packaged
from ingest.codebook.model import expand
from ingest.codebook.patterns import Alphabet, PatternError
from ingest.documents.glyphs import fold
from ingest.reading.index import lexicon_of, sentence_spans, tighten
from ingest.reading.words import Words
from ingest.reviewing import proving
from xianbi.__main__ import main as xianbi

BOOK = load()
LEXICON = lexicon_of(BOOK)
INDICATORS = list(BOOK.indicators.values())
each_indicator = pytest.mark.parametrize("indicator", INDICATORS, ids=lambda i: i.indicator)

# --- complaints -----------------------------------------------------------------------------------

INDICATOR = """
[indicators.savings]
family = "budget"
name_zh = "节约额"
kind = "amount"
unit = "万元"
definition = "What was not spent although it was budgeted"
labels = ["节约金额"]
"""
CONSTRUCTION = """
[constructions.worth]
why = "价值3万元"
pattern = "label:label neutral* figure:figure.amount"
binds = "label"
rank = 30
"""


@pytest.fixture
def folder(tmp_path):
    """A folder of one's own beside an empty folder of reports."""
    found = tmp_path / "codebook"
    found.mkdir()
    return found


def write(folder, text, name="own.toml"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def complaints(folder):
    """What a command says of the folder: the loader's complaints, else those about its examples."""
    try:
        return list(proving.complaints(load(folder)))
    except CodebookError as error:
        return error.complaints


def test_a_sound_folder_is_laid_over_ours(folder):
    book = load(write(folder, INDICATOR + CONSTRUCTION + '[classes]\npay = ["给付"]\n'))
    assert set(book.indicators) == {*BOOK.indicators, "savings"}
    assert [c.id for c in book.constructions] == [*(c.id for c in BOOK.constructions), "worth"]
    assert set(expand("<pay>", book.words["classes"])) == {
        *expand("<pay>", BOOK.words["classes"]),
        "给付",
    }
    assert list(proving.complaints(book)) == []


ROLE = INDICATOR + 'role = "{}"\n'
SAVED = INDICATOR.replace("indicators.savings", "indicators.saved")
NOT_READ = "nothing reads an entry of this name"

WRONG = {
    # the file
    "broken TOML": (
        "[classes]\npay = [\n",
        "own.toml: is no TOML: Invalid value (at end of document); look there for a quotation mark",
    ),
    "a table twice": (
        "[spans.link]\n[spans.link]\n",
        "own.toml: is no TOML: Cannot declare ('spans', 'link') twice (at line 2, column 12); look",
    ),
    # names that nothing reads
    "an unknown table": (
        "[span.link]\nto=[]\n",
        f"own.toml, span: {NOT_READ}; did you mean 'spans'",
    ),
    "an unknown entry": (
        '[names]\nownn = ["教育局"]\n',
        f"own.toml, names.ownn: {NOT_READ}; did you mean 'own'?",
    ),
    "a name far from all": ("[zzz]\n", f"own.toml, zzz: {NOT_READ}; known are asides, "),
    "an unknown field": (
        INDICATOR + 'lables = ["结余"]\n',
        "own.toml, indicators.savings.lables: unknown entry 'lables'; did you mean 'labels'?",
    ),
    "a field far from all": (
        CONSTRUCTION + "zzz = 1\n",
        "own.toml, constructions.worth.zzz: unknown entry 'zzz'; known are pattern, why, binds, ",
    ),
    "an unknown entry of examples": (
        '[examples.staff]\nexample = ["实有3人"]\n',
        "own.toml, examples.staff.example: unknown entry 'example'; did you mean 'examples'?",
    ),
    # types
    "a text for a list": (
        '[spans.link]\nto = "合为"\n',
        "own.toml, spans.link.to: is a text; write a list of texts",
    ),
    "a number for a table": (
        "indicators = 3\n",
        "own.toml, indicators: is a number; write a table",
    ),
    "numbers for texts": (
        "[spans.link]\nto = [3]\n",
        "own.toml, spans.link.to: holds a number (3); write texts only",
    ),
    "a number for an indicator": (
        "[indicators]\nx = 3\n",
        "own.toml, indicators.x: is a number; write a table [indicators.x]",
    ),
    "a text for labels": (
        INDICATOR.replace('["节约金额"]', '"节约金额"'),
        "own.toml, indicators.savings.labels: is '节约金额'; write a list of texts",
    ),
    "a text for a truth": (
        INDICATOR + 'stock = "yes"\n',
        "own.toml, indicators.savings.stock: is 'yes'; write true or false",
    ),
    "a text for a bound": (
        INDICATOR + 'lowest = "5"\n',
        "own.toml, indicators.savings.lowest: is '5'; write a number",
    ),
    "a list for a text": (
        INDICATOR.replace('"amount"', '["amount"]'),
        "own.toml, indicators.savings.kind: is a list; write a text",
    ),
    "a text for a rank": (
        CONSTRUCTION.replace("30", '"low"'),
        "own.toml, constructions.worth.rank: is 'low'; write a whole number",
    ),
    "texts for examples": (
        CONSTRUCTION + 'examples = ["支出3万元。"]\n',
        "own.toml, constructions.worth.examples: is a list; write a list of tables",
    ),
    "a date for a construction": (
        "[constructions]\nx = 2023-12-31\n",
        "own.toml, constructions.x: is a date; write a table [constructions.x]",
    ),
    "a text for a class": (
        '[classes]\nworth = "{值|价值}"\n',
        "own.toml, classes.worth: is not a list of texts; write worth = [",
    ),
    "a list for lists of words": (
        '[spans]\nworth = ["值"]\n',
        "own.toml, spans.worth: is not lists of texts; write [spans.worth] and below it word = [",
    ),
    "a unit that is none": (
        "[units]\narea = 3\n",
        "own.toml, units.area: is a number; write the unit as a text",
    ),
    "a cost that is none": (
        '[costs]\nlink = "x"\n',
        "own.toml, costs.link: is a text; write a number",
    ),
    # indicators
    "fields missing": (
        '[indicators.x]\nfamily = "budget"\nkind = "rate"\n',
        "own.toml, indicators.x: name_zh, unit, definition missing; write it",
    ),
    "an id that is none": (
        INDICATOR.replace("savings", "Savings2"),
        "own.toml, indicators.Savings2: 'Savings2' is no id; write small English letters",
    ),
    "an unknown family": (
        INDICATOR.replace('"budget"', '"budgets"'),
        "own.toml, indicators.savings.family: 'budgets' is none of budget, three_public, "
        "participation, reimbursement, supplementary; did you mean 'budget'?",
    ),
    "an unknown kind": (
        INDICATOR.replace('"amount"', '"money"'),
        "own.toml, indicators.savings.kind: 'money' is none of amount, rate, count, score; write",
    ),
    "another unit": (
        INDICATOR.replace('"万元"', '"元"'),
        "own.toml, indicators.savings.unit: '元' is not what kind 'amount' is counted in; write '万元'",
    ),
    "an unknown dimension": (
        INDICATOR + 'dimensions = ["year"]\n',
        "own.toml, indicators.savings.dimensions: 'year' is none of scenario, population, ",
    ),
    "an unknown group": (
        INDICATOR + 'population = "pupils"\n',
        "own.toml, indicators.savings.population: 'pupils' is none of all, residents, ",
    ),
    "nothing to count": (
        INDICATOR + 'counts = "pupils"\n',
        "own.toml, indicators.savings.counts: 'pupils' is none of insured, posts, satisfied; write",
    ),
    "an unknown role": (
        ROLE.format("spendings"),
        "own.toml, indicators.savings.role: 'spendings' is none of spending, ",
    ),
    "a role played twice": (
        ROLE.format("spending"),
        "own.toml, indicators.savings.role: the role 'spending' is already played by expenditure; "
        "leave it out of one of them",
    ),
    "a rate of nothing": (
        INDICATOR + 'numerator = "saving/actual"\n',
        "own.toml, indicators.savings.numerator: no indicator named 'saving'; did you mean 'savings'",
    ),
    "one label, ours and another's": (
        INDICATOR.replace("节约金额", "参保率"),
        "own.toml, indicators.savings.labels: '参保率' is already a label of participation_rate "
        "(medical/indicators.toml); take it off one of them",
    ),
    "one label of two": (
        INDICATOR + SAVED.replace("节约金额", "节约{金额|额}"),
        "own.toml, indicators.saved.labels: '节约金额' is already a label of savings "
        "(codebook/own.toml); take it off one of them",
    ),
    "a short label of another": (
        INDICATOR + 'short_labels = ["参保率"]\n',
        "own.toml, indicators.savings.short_labels: '参保率' is already a label of participation_",
    ),
    "a bracket not closed": (
        INDICATOR.replace("节约金额", "节约[金额"),
        "own.toml, indicators.savings.labels: '节约[金额': a ']' is missing; mend the word",
    ),
    "a label of nothing": (
        INDICATOR.replace("节约金额", "[节约金额]"),
        "own.toml, indicators.savings.labels: '[节约金额]' may be nothing at all; let some of it",
    ),
    "an example without a label": (
        INDICATOR + 'examples = ["省下3万元。"]\n',
        "own.toml, indicators.savings: '省下3万元。' holds no label of it; add the label, or take",
    ),
    "an example read otherwise": (
        INDICATOR + 'examples = ["节约金额占3%。"]\n',
        "own.toml, indicators.savings: '节约金额占3%。' is not read as it but as nothing; mend",
    ),
    "a counterexample of an indicator that is read": (
        INDICATOR + 'counterexamples = ["节约金额3万元。"]\n',
        "own.toml, indicators.savings: the counterexample '节约金额3万元。' is read as savings actual "
        "- 2023 3; write what looks like a label into not_labels, or take the sentence off",
    ),
    "examples of nobody": (
        '[examples.staf]\nexamples = ["实有3人"]\n',
        "own.toml, examples: no indicator named 'staf'; did you mean 'staff'?",
    ),
    "a family without a place": (
        '[families.x]\nname_zh = "其他"\n',
        "own.toml, families.x: order missing; write it",
    ),
    # sums and other references
    "a sum of nothing": (
        '[[sums]]\nby = "kind"\nwhole = "outlay"\nparts = ["staff"]\n',
        "own.toml, sums of 'outlay': no indicator named 'outlay'; write its id as it stands",
    ),
    "a sum of a part unknown": (
        '[[sums]]\nby = "within"\nwhole = "staff"\nparts = ["cooks"]\n',
        "own.toml, sums of 'staff': no indicator named 'cooks'; write its id as it stands",
    ),
    "no sum": (
        '[[sums]]\nby = "sort"\nwhole = "staff"\nparts = ["staff"]\n',
        "own.toml, sums of 'staff': is no sum; write by (kind, within, population), whole",
    ),
    "a ratio of nothing": (
        '[[ratios.kinds]]\nindicator = "x"\nall = [["门诊"]]\n',
        "own.toml, ratios.kinds: no indicator named 'x'; write one, or its id as it stands",
    ),
    "a family counted that is none": (
        '[counted_families]\nnames = ["school"]\n',
        "own.toml, counted_families.names: 'school' is none of budget, ",
    ),
    # words
    "a class that names itself": (
        '[classes]\nworth = ["值", "<worth>得"]\n',
        "own.toml, classes.worth: '{值|<worth>得}': the class 'worth' names itself; take it out",
    ),
    "a class that is not there": (
        '[spans.link]\nto = ["<worth>为"]\n',
        "own.toml, spans.link.to: '<worth>为': no word class named 'worth'; mend the word",
    ),
    "a word not closed": (
        '[spans.link]\nto = ["合{计为"]\n',
        "own.toml, spans.link.to: '合{计为': a '}' is missing; mend the word",
    ),
    "a scenario that nothing explains": (
        '[spans.scenario]\npromise = ["承诺"]\n',
        "own.toml, spans.scenario.promise: no modifier says what these words tell; write "
        '[modifiers.promise] with scenario = "target" or another, or put the words into one of goal',
    ),
    "a modifier of nothing": (
        '[modifiers.goal]\nscenario = "aim"\n',
        "own.toml, modifiers.goal.scenario: 'aim' is none of actual, target, initial_budget, ",
    ),
    "an expression that is none": (
        '[names]\ntowns = ["镇("]\n',
        "own.toml, names.towns: '镇(' is no regular expression (missing ), unterminated subpattern "
        "at position 1); mend it",
    ),
    # constructions
    "an unknown type of spans": (
        CONSTRUCTION.replace("neutral*", "neutrl*"),
        "own.toml, constructions.worth.pattern: no type of spans named 'neutrl'; did you mean "
        "'neutral'?",
    ),
    "an unknown value of a type": (
        CONSTRUCTION.replace("figure.amount", "figure.money"),
        "own.toml, constructions.worth.pattern: 'figure' has no value 'money'; it has amount, ",
    ),
    "a pattern not closed": (
        CONSTRUCTION.replace("neutral*", "(neutral"),
        "own.toml, constructions.worth.pattern: 'label:label (neutral figure:figure.amount' does "
        "not close what it opens",
    ),
    "a pattern that is none": (
        CONSTRUCTION.replace("neutral*", "=>"),
        "own.toml, constructions.worth.pattern: ' => figure:figure.amount' cannot be read; write",
    ),
    "a pattern without a figure": (
        CONSTRUCTION.replace("figure:figure.amount", "figure.amount"),
        "own.toml, constructions.worth.pattern: captures no figure; write figure: before the figure",
    ),
    "a pattern without a label": (
        CONSTRUCTION.replace("label:label", "label"),
        "own.toml, constructions.worth.pattern: binds 'label' and captures no label; write label:",
    ),
    "a macro that names itself": (
        '[macros]\nworth = "(neutral | worth)"\n',
        "own.toml, macros.worth: the macro 'worth' names itself; take it out of itself",
    ),
    "nothing bound": (
        CONSTRUCTION.replace("binds", "refuses").replace('"label"\n', '""\n'),
        "own.toml, constructions.worth: binds or refuses missing; write it",
    ),
    "bound and refused": (
        CONSTRUCTION + 'refuses = "no"\n',
        "own.toml, constructions.worth: binds a figure and refuses it; leave one of the two out",
    ),
    "bound to nothing known": (
        CONSTRUCTION.replace('binds = "label"', 'binds = "labels"'),
        "own.toml, constructions.worth: binds 'labels', which is none of label, after, carry, ",
    ),
    "asked what nobody knows": (
        CONSTRUCTION + 'asks = { kinds = "amount" }\n',
        "own.toml, constructions.worth.asks: 'kinds' is none of kind, role, family, ",
    ),
    "a role asked that nobody plays": (
        CONSTRUCTION + 'asks = { role = "spendings" }\n',
        "own.toml, constructions.worth.asks: 'spendings' is none of spending, ",
    ),
    "a scenario set that is none": (
        CONSTRUCTION + 'sets = { scenario = "goal" }\n',
        "own.toml, constructions.worth.sets: 'goal' is none of actual, target, ",
    ),
    "a list that is not there": (
        CONSTRUCTION + 'swap = ["link.too"]\n',
        "own.toml, constructions.worth.swap: no list of words named 'link.too'; did you mean "
        "'link.to'?",
    ),
    "an example that does not hold": (
        CONSTRUCTION
        + 'examples = [{ text = "支出合计3万元。", states = ["expenditure actual - 2023 4"] }]\n',
        "own.toml, constructions.worth: '支出合计3万元。' states expenditure actual - 2023 4, but is "
        "read as expenditure actual - 2023 3; mend the pattern, or the example",
    ),
    "an example that is none": (
        CONSTRUCTION + 'examples = [{ text = "支出合计3万元。", states = 3 }]\n',
        "own.toml, constructions.worth: '支出合计3万元。' is no example; write text and states",
    ),
    "an example that another reads": (
        CONSTRUCTION
        + 'examples = [{ text = "支出合计3万元。", states = ["expenditure actual - 2023 3"] }]\n',
        "own.toml, constructions.worth: '支出合计3万元。' is not read by it but by "
        "label-before-figure; give it a lower rank, or another example",
    ),
    "a counterexample that is read": (
        CONSTRUCTION.replace("30", "9")
        + 'counterexamples = ["在编人员共计3万元。", "支出合计3万元。"]\n',
        "own.toml, constructions.worth: the counterexample '支出合计3万元。' is read by it; narrow "
        "the pattern, or take the sentence off",
    ),
    # what is laid over what
    "laid over nothing": (
        'laid_over = "education"\n',
        "own.toml, laid_over: 'education' is none of common, medical; write one of them",
    ),
}


@pytest.mark.parametrize(("text", "complaint"), WRONG.values(), ids=WRONG)
def test_one_mistake_is_one_complaint_with_file_entry_and_what_to_do(folder, text, complaint):
    found = [c for c in complaints(write(folder, text)) if c.startswith("codebook/")]
    assert [c for c in found if c.startswith(f"codebook/{complaint}")], found
    assert len(found) == 1
    assert ";" in found[0], "say what to do next"


def test_a_word_that_spoils_our_examples_is_told_with_the_example(folder):
    (found,) = complaints(write(folder, '[spans.change]\nword = ["稳步增长到"]\n'))
    assert found.startswith("common/constructions.toml, constructions.label-before-figure: ")
    assert "'干部职工满意度稳步增长到98.2%。' states satisfaction_rate" in found


def test_a_file_that_is_not_utf8(folder):
    (folder / "own.toml").write_bytes('[classes]\npay = ["给付"]\n'.encode("gb18030"))
    (found,) = complaints(folder)
    assert found == "codebook/own.toml: is not in UTF-8 (byte 18); save the file as UTF-8"


def test_a_file_with_a_mark_of_its_order_is_read(folder):
    (folder / "own.toml").write_bytes(INDICATOR.encode("utf-8-sig"))
    assert "savings" in load(folder).indicators


def test_a_folder_without_files(folder):
    assert complaints(folder) == ["codebook: no .toml file in this folder; put one there"]


def test_numbers_of_ones_own_are_read_by_nobody_and_told(folder):
    write(folder, INDICATOR)
    (found,) = complaints(write(folder, "", NUMBERS))
    assert found.startswith(f"codebook/{NUMBERS}: nothing reads a file of this name, since numbers")


def test_several_files_are_laid_over_each_other(folder):
    write(folder, INDICATOR)
    write(folder, '[examples.savings]\nexamples = ["节约金额为3万元。"]\n', "sentences.toml")
    book = load(folder)
    assert book.indicators["savings"].examples == ("节约金额为3万元。",)
    where = "codebook/own.toml and codebook/sentences.toml, indicators.savings"
    assert book.where("indicators", "savings") == where


def test_every_mistake_of_all_files_is_told_at_once(folder):
    write(folder, INDICATOR + 'lables = ["结余"]\nstock = "yes"\n' + SAVED)
    write(folder, CONSTRUCTION.replace("neutral*", "neutrl*"), "patterns.toml")
    write(folder, "[classes]\npay = [\n", "words.toml")
    with pytest.raises(CodebookError) as raised:
        load(folder)
    assert str(raised.value) == (
        "5 problem(s) in the codebook:\n"
        "  - codebook/words.toml: is no TOML: Invalid value (at end of document); look there for a "
        "quotation mark, a bracket or a comma too few, or for a name written twice\n"
        "  - codebook/own.toml, indicators.savings.lables: unknown entry 'lables'; did you mean "
        "'labels'?\n"
        "  - codebook/own.toml, indicators.savings.stock: is 'yes'; write true or false\n"
        "  - codebook/own.toml, indicators.saved.labels: '节约金额' is already a label of savings "
        "(codebook/own.toml); take it off one of them\n"
        "  - codebook/patterns.toml, constructions.worth.pattern: no type of spans named 'neutrl'; "
        "did you mean 'neutral'?\n"
        "Correct them in the files named and run `ingest check` again."
    )


SEVERAL = INDICATOR + 'lables = ["结余"]\n' + '[classes]\nworth = ["<worth>"]\n'
UNPROVED = CONSTRUCTION + 'counterexamples = ["支出合计3万元。"]\n' + INDICATOR


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SEVERAL, ["2 problem(s)", "savings.lables: unknown", "classes.worth: '{<worth>}'"]),
        (
            UNPROVED.replace("30", "9") + 'examples = ["省下3万元。"]\n',
            ["3 problem(s)", "constructions.worth: the count", "indicators.savings: '省下"],
        ),
    ],
    ids=["read", "proved"],
)
@pytest.mark.parametrize("named", [True, False], ids=["named", "beside"])
@pytest.mark.parametrize("command", [ingest, xianbi], ids=["ingest", "xianbi"])
def test_commands_tell_it_all_and_write_nothing(folder, capsys, text, told, named, command):
    raw = folder.parent / "raw"
    raw.mkdir()
    (raw / "a.txt").write_text("高邑县医疗保障局2023年度自评报告", encoding="utf-8")
    write(folder, text)
    if named:
        folder.rename(folder.parent / "own")
    option = ["--codebook", str(folder.parent / "own")] if named else []
    before = sorted(folder.parent.rglob("*"))
    for arguments in (
        ["build", str(raw), "--out", str(folder.parent / "processed")],
        ["check", "--raw", str(raw)],
    ):
        assert command([*arguments, *option]) == 1
        said = capsys.readouterr().err
        assert [words for words in told if words not in said] == []
    assert sorted(folder.parent.rglob("*")) == before


# --- folders over each other ----------------------------------------------------------------------


def test_a_folder_may_be_laid_over_what_all_departments_have_in_common(folder):
    book = load(write(folder, 'laid_over = "common"\n' + INDICATOR))
    assert set(book.indicators) == {*load(base=packaged()[:1]).indicators, "savings"}
    assert "participation_rate" not in book.indicators


def test_our_own_words_are_of_use(folder):
    """A list of one's own is laid behind ours; words that stand there already stand there once."""
    book = load(write(folder, '[spans.link]\nto = ["为", "合为"]\n'))
    to = BOOK.words["spans"]["link"]["to"]
    assert book.words["spans"]["link"]["to"] == [*to, "合为"]


def test_a_value_of_ones_own_takes_the_place_of_ours(folder):
    book = load(write(folder, "[costs]\nunknown = 7\n"))
    assert book.words["costs"]["unknown"] == 7
    assert BOOK.words["costs"]["unknown"] == 4


def test_a_folder_that_changed_is_read_again(folder):
    assert "savings" in load(write(folder, INDICATOR)).indicators
    assert "saved" in load(write(folder, SAVED)).indicators


# --- the language of labels -----------------------------------------------------------------------


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
def test_a_label_stands_for_wordings(label, wordings):
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


def test_patterns_name_spans_and_marks():
    alphabet = Alphabet(BOOK)
    assert alphabet.one_of("link.to") in alphabet.one_of("link")
    assert len(alphabet.one_of("comma")) == 1
    with pytest.raises(PatternError, match="'link' has no value 'too'; it has all, to"):
        alphabet.one_of("link.too")


def test_kinds_of_values_have_names():
    values = (True, 3, 1.5, "x", [], {}, None)
    assert [kind_of(v) for v in values] == [
        "true or false", "a number", "a number", "a text", "a list", "a table", "a date",
    ]  # fmt: skip


# --- labels and examples of every indicator -------------------------------------------------------


def test_the_codebook_is_complete():
    assert len(INDICATORS) == 48
    assert list(proving.complaints(BOOK)) == []
    for indicator in INDICATORS:
        assert indicator.labels, indicator.indicator
        assert indicator.examples, indicator.indicator
        assert indicator.counterexamples, indicator.indicator


@each_indicator
def test_every_label_stands_in_an_example(indicator):
    found = {
        w for s in indicator.examples for w in proving.labels_of(indicator.indicator, s, LEXICON)
    }
    lacking = [
        label
        for label in (*indicator.labels, *indicator.short_labels)
        if not found.intersection(expand(label, LEXICON.classes))
    ]
    assert not lacking, (
        f"write a sentence for each into examples.toml, [examples.{indicator.indicator}], "
        "or delete the label if another always wins"
    )


@each_indicator
def test_every_wording_alone_is_its_label(indicator):
    """No label is hidden behind another's, whatever way of writing it a report chooses."""
    kind = "ratio" if indicator.family in BOOK.words["ratios"]["families"] else "label"
    own = {(kind, indicator.indicator)}
    assert hidden(indicator.labels, own) == []


@each_indicator
def test_a_wording_that_is_no_label_is_shadowed_by_labels_only(indicator):
    """What looks alike, is short or is a bare rate gives way to a label, its own or another's."""
    name = indicator.indicator
    for kind, words in (
        ("short", indicator.short_labels),
        ("rate_of_topic", indicator.topic_labels),
        ("not_label", indicator.not_labels),
    ):
        assert hidden(words, {(kind, name), (kind, "")}, but=("label", "not_label")) == []


def hidden(labels, own, but=()):
    """The wordings that the index finds as something else than `own`, and of no type in `but`."""
    found = []
    for label in labels:
        for wording in expand(label, LEXICON.classes):
            spans = LEXICON.labels(wording)
            read = {(s.type, s.value) for s in spans if s.text == wording}
            if not read & own and not {kind for kind, _ in read} & set(but):
                found.append(wording)
    return found


# --- the index: what a passage is tightened to ----------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tightened"),
    [
        ("公务用车购\n置及运行费 3.98 万\n元", "公务用车购置及运行费3.98万元"),
        ("79 0 75", "79 0 75"),
        ("“三公”经费", "三公经费"),
        ("12\n34.5万元", "1234.5万元"),
        ("95% 97.8%", "95% 97.8%"),
        ("参保率98. 5%", "参保率98.5%"),
        ("1. 2023年", "1. 2023年"),
        ("窠(kē)臼", "窠臼"),
    ],
)
def test_passages_are_tightened_and_lead_back(text, tightened):
    folded = fold(text)
    passage = tighten(folded, 0, len(folded))
    assert passage.text == tightened
    assert "".join(folded[at] for at in passage.offsets) == tightened


def test_a_span_of_a_passage_lies_where_its_words_stand():
    text = "一是参\n保 率 98 %。"
    passage = tighten(text, 2, len(text))
    place = passage.text.index("率")
    start, end = passage.span(place - 2, place + 1)
    assert text[start:end] == "参\n保 率"
    assert passage.span(0, 0) == (2, 2)
    assert passage.span(len(passage.text), len(passage.text)) == (len(text), len(text))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("参保率98%。支出3万元", ["参保率98%。", "支出3万元"]),
        ("完成了!好吗?好", ["完成了!", "好吗?", "好"]),
        ("增长。5%", ["增长。5%"]),
        ("增长。2023年", ["增长。", "2023年"]),
        ("", []),
    ],
)
def test_sentences_cover_a_passage(text, sentences):
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


# --- the index: words -----------------------------------------------------------------------------


def test_of_words_the_longest_wins_and_of_two_meanings_the_first():
    words = Words([("支出", ("a", "1")), ("支出合计", ("b", "2")), ("支出", ("c", "3"))])
    found = words.walk("总支出合计和支出")
    assert [(s.start, s.end, s.type, s.text) for s in found] == [
        (1, 5, "b", "支出合计"),
        (6, 8, "a", "支出"),
    ]
    assert words.walk("支出合计", 0, 3) == [(0, 2, "a", "1", "支出")]
    assert words.walk("支出合计", 1) == []
    assert words.at("支出", 0, 1) is None
    assert Words([]).walk("支出") == []


def test_words_may_overlap_at_every_place():
    words = Words([("实际参保", ("a", "")), ("参保率", ("b", ""))])
    assert [s.text for s in words.every("实际参保率")] == ["实际参保", "参保率"]
    assert [s.text for s in words.walk("实际参保率")] == ["实际参保"]


def names(text):
    """What stands in a text, as "indicator:wording"; what only looks like it, with a minus."""
    marks = {"label": "", "ratio": "", "not_label": "-"}
    return [f"{marks[t.type]}{t.value}:{t.text}" for t in LEXICON.labels(text) if t.type in marks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("支出", []),
        ("", []),
        ("基本支出", ["basic_expenditure:基本支出"]),
        ("部门整体支出", ["expenditure:部门整体支出"]),
        # the rate, not the amount whose name it holds
        ("部门整体支出预算执行率", ["budget_execution_rate:部门整体支出预算执行率"]),
        ("三公经费控制率", ["three_public_control_rate:三公经费控制率"]),
        # the head of a noun stands last
        ("实际参保率", ["participation_rate:参保率"]),
        # a longer look-alike wins over the label in it
        ("生育保险参保率", ["-participation_rate:生育保险参保率"]),
        ("满意度得分", ["-self_evaluation_score:满意度得分"]),
        # where one indicator's label looks like another, the label wins
        ("三公经费变动率", ["three_public_change_rate:三公经费变动率"]),
        ("应参保人数", ["eligible_persons:应参保人数"]),
        # neighbours
        ("未参保3人,参保率98%", ["-insured_persons:未参保", "participation_rate:参保率"]),
        (
            "公务用车购置费和公务用车运行维护费",
            [
                "vehicle_purchase_expenditure:公务用车购置费",
                "vehicle_operation_expenditure:公务用车运行维护费",
            ],
        ),
        ("大病保险支付率", [":支付率"]),
        # across brackets
        ("因公出国(含港澳)费用", ["overseas_expenditure:因公出国(含港澳)费用"]),
        # the terms of a formula
        ("(上年结转+年初预算+追加预算)", []),
    ],
)
def test_labels_of_a_text(text, expected):
    assert names(text) == expected


def test_a_weak_word_within_a_longer_one_is_none():
    assert [t.type for t in LEXICON.labels("收入")] == ["flow"]
    assert [t.type for t in LEXICON.labels("低收入人口")] == []


@pytest.mark.parametrize(
    ("text", "counts", "groups"),
    [
        ("城乡居民", "insured", ["residents"]),
        ("城镇职工", "insured", ["employees"]),
        ("已脱贫人口", "insured", ["lifted_from_poverty"]),
        ("建档立卡贫困人口", "insured", ["registered_poor"]),
        ("困难群众", "insured", ["poor"]),
        ("特殊困难群众", "insured", ["special_hardship"]),
        ("农村低收入人口", "insured", ["low_income"]),
        ("防返贫监测对象", "insured", ["monitored"]),
        ("低保对象、特困人员", "insured", ["subsistence_allowance", "extreme_poverty"]),
        ("全县", "insured", ["everybody"]),
        ("退休人员", "insured", ["other"]),
        # a word that holds a group and names none
        ("居民收入", "insured", []),
        # not the subsistence allowance's own
        ("低保边缘家庭", "insured", ["other"]),
        # each kind of indicator counts its own groups
        ("社会公众、干部职工", "satisfied", ["public", "staff"]),
        ("社会公众", "insured", []),
        ("行政编制9人,事业编制20人", "posts", ["administrative", "institution"]),
        ("行政", "insured", []),
    ],
)
def test_groups_of_a_text(text, counts, groups):
    found = LEXICON.groups(text, 0, len(text), counts)
    assert [s.value for s in found] == groups
    assert all(text[s.start : s.end] == s.text for s in found)


def test_groups_are_those_of_the_stretch_asked_for():
    text = "居民98%,职工99%"
    index = LEXICON.index(text)
    assert [(g.value, g.start) for g in index.groups(0, len(text))] == [
        ("residents", 0),
        ("employees", 6),
    ]
    assert [g.value for g in index.groups(1, len(text))] == ["employees"]
    assert index.groups(7, len(text)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("年初预算", ["initial_budget"]),
        ("年初部门预算批复", ["initial_budget"]),
        ("全年预算", ["adjusted_budget"]),
        ("调整后预算", ["adjusted_budget"]),
        ("预算数", ["budget"]),
        ("决算数", ["done"]),
        ("目标值", ["goal"]),
        ("力争达到", ["plan"]),
        ("年初预算数与决算数", ["initial_budget", "done"]),
        # a word that leads to a figure is a plan behind 将
        ("将达到", ["plan"]),
        # terms that only hold such a word
        ("一般公共预算", []),
        ("计划生育", []),
        # pieces of a name: of a ratio all, of a rate all but budgets
        ("实际报销比例", []),
        ("年初预算执行率", ["initial_budget"]),
    ],
)
def test_scenarios_of_a_text(text, said):
    index = LEXICON.index(text)
    assert [s.value for s in index.said(0, len(text))] == said


# --- the index: sentences and tiles ---------------------------------------------------------------

TEXT = "截至2023年底,参保人数26.3万人,参保率≥95%。支出合计320.5万元(不含专户)。"


def test_tiles_cover_every_sentence_without_a_gap():
    for sentence in LEXICON.index(TEXT).sentences:
        at = sentence.start
        for tile in sentence.tiles:
            assert tile.start == at
            assert TEXT[tile.start : tile.end] == tile.text
            at = tile.end
        assert at == sentence.end
        assert len(sentence.string) == len(sentence.tiles)


def test_a_sentence_holds_its_own_figures_and_labels():
    first, second = LEXICON.index(TEXT).sentences
    assert [(f.kind, str(f.quantity.value), f.comparator) for f in first.figures] == [
        ("count", "26.3", "="),
        ("percent", "95", ">="),
    ]
    assert [t.value for t in first.labels] == ["insured_persons", "participation_rate"]
    assert [t.value for t in second.labels] == ["expenditure"]
    assert [f.kind for f in second.figures] == ["amount"]


def test_a_sign_is_a_tile_before_its_figure():
    first = LEXICON.index(TEXT).sentences[0]
    signed = first.figures[1]
    kinds = {(t.type, t.text) for t in first.tiles}
    assert {("sign", "≥"), ("figure", "95%")} <= kinds
    assert (signed.begin, signed.tile) == (TEXT.index("≥"), TEXT.index("95%"))


def test_numbers_that_are_none_are_tiles_of_their_own():
    first = LEXICON.index(fold("依据国办发〔2021〕14号,2023年6月参保率98%。")).sentences[0]
    kinds = [(t.type, t.value) for t in first.tiles if any(c.isdigit() for c in t.text)]
    assert kinds == [("not_figure", ""), ("time", "date"), ("figure", "percent")]


def test_what_nobody_knows_is_short_or_long():
    values = [
        t.value
        for t in LEXICON.index("参保率噫嘻98%,参保率呜呼哀哉乎98%").sentences[0].tiles
        if t.type == "unknown"
    ]
    assert values == ["short", "long"]


def test_the_index_of_a_short_text_is_kept():
    assert LEXICON.index("参保率") is LEXICON.index("参保率")
    assert lexicon_of(BOOK) is LEXICON
