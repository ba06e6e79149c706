"""What must not change the figures of a report: how it is typed, broken into lines, or filled up.

The reports are put together from small invented paragraphs; figures are made up.
"""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from ingest import pipeline
from ingest.codebook.loading import load
from ingest.documents import sources
from ingest.documents.glyphs import fold
from ingest.documents.readers import text as text_reader
from ingest.identifying import identify
from ingest.reading import reader
from ingest.records import Block, Document, Source

DEFINITIONS = load()
SOURCE = Source("report.txt", "report.txt", "0" * 64, 0)
TITLE = "高邑县医疗保障局2023年部门整体支出绩效自评报告"
TO_TRADITIONAL = OpenCC("s2t")

# Each holds figures that are read, and ends with a full stop.
PARAGRAPHS = [
    "2023年年初预算600万元，全年预算735.6万元，实际支出723.9万元，预算执行率98.41%。",
    "部门整体支出723.9万元，其中：基本支出288.6万元，项目支出435.3万元。",
    "“三公”经费支出4.63万元，其中：公务接待费0.42万元，公务用车运行维护费4.21万元。",
    "三公经费控制率为73.5%，公用经费控制率为96.4%。",
    "全县基本医疗保险参保人数21.38万人，参保率达97.6%以上。",
    "城乡居民参保19.4万人，城镇职工参保1.98万人。",
    "低保对象、特困人员参保率均为100%。",
    "职工、居民政策范围内住院费用报销比例分别为84.2%、70.6%。",
    "普通门诊报销比例不低于52.3%，大病保险报销比例63.9%。",
    "目标为参保率95%，实际完成97.6%。",
    "城乡居民医保基金收入19800万元，基金支出17600万元，占基金收入的88.89%。",
    "资助困难群众参保1.26万人，医疗救助比例71.2%。",
    "核定编制29人，实有人数27人，在职人员控制率93.1%。",
    "服务对象满意度96.3%，自评得分95.4分。",
    "上年结转56.1万元，年末结转和结余31.7万元，结转结余率4.31%。",
    "医保电子凭证激活率81.4%，上年参保率为96.9%。",
]
# Without any figure, and without a word that the paragraphs after it would depend on.
PLAIN = [
    "各股室按照职责分工推进各项工作，及时报送有关材料。",
    "我们认真学习有关文件，制度不断完善，管理更加规范。",
    "下一步将继续加强内部管理，改进工作作风。",
    "以上情况，特此说明。",
]
HEADINGS = ["一、基本情况", "二、工作开展情况", "三、自评结论", "四、存在的问题"]

repeatable = settings(deadline=None, derandomize=True, max_examples=40)
chosen = st.lists(st.sampled_from(PARAGRAPHS), min_size=1, max_size=5, unique=True)


def document(lines):
    """A document of paragraphs, headings and a title, as a reader would make it of these lines."""
    text, blocks = "", []
    for number, line in enumerate(lines):
        level = (
            1
            if number == 0
            else 2
            if line.startswith(tuple("一二三四")) and "、" in line[:2]
            else 0
        )
        kind = "heading" if level else "paragraph"
        blocks.append(Block(kind, len(text), len(text) + len(line), level))
        text += line + "\n"
    return Document(SOURCE, "text", "text", fold(text), tuple(blocks))


def mentions(lines):
    made = document(lines)
    found = reader.read(made, identify.identify(made, DEFINITIONS), DEFINITIONS).mentions
    for mention in found:
        assert made.text[mention.start : mention.end] == mention.quote
        assert "".join(mention.printed.split()) in "".join(mention.quote.split())
    return [said(m) for m in found]


def said(mention):
    """What a mention says, without where it stands."""
    return replace(
        mention, document="", block=0, start=0, end=0, quote="", mention_id="", settled=()
    )


def parts_no_number(before, after):
    """Whether a blank between two characters leaves every number whole."""
    return not (before in "0123456789." and after in "0123456789.")


def breaks_no_sentence(before, after):
    """Whether a line may end here: numbers may be cut in two, as narrow columns do."""
    return before != "。"


@st.composite
def with_gaps(draw, text, gaps, fits):
    """The text with some or all of the gaps put where they fit."""
    places = [i for i in range(1, len(text)) if fits(text[i - 1], text[i])]
    some = st.lists(st.sampled_from(places), max_size=12)
    at = set(draw(st.one_of(some, st.just(places))))
    gap = draw(st.sampled_from(gaps))
    return "".join((gap if i in at else "") + c for i, c in enumerate(text))


def test_every_paragraph_has_figures():
    for paragraph in PARAGRAPHS:
        assert len(mentions([TITLE, paragraph])) >= 2, paragraph
    for paragraph in PLAIN:
        assert mentions([TITLE, paragraph]) == [], paragraph


@repeatable
@given(chosen, st.data())
def test_blanks_between_characters_change_nothing(paragraphs, data):
    blanks = [" ", "  ", "\u3000", "\t", "\u00a0"]
    gapped = [data.draw(with_gaps(p, blanks, parts_no_number)) for p in paragraphs]
    assert mentions([TITLE, *gapped]) == mentions([TITLE, *paragraphs])


@repeatable
@given(chosen, st.data())
def test_line_breaks_inside_a_sentence_change_nothing(paragraphs, data):
    breaks = ["\n", " \n", "\n  "]
    broken = [data.draw(with_gaps(p, breaks, breaks_no_sentence)) for p in paragraphs]
    assert mentions([TITLE, *broken]) == mentions([TITLE, *paragraphs])


@pytest.mark.parametrize("indicator", DEFINITIONS.indicators.values(), ids=lambda i: i.indicator)
def test_no_example_depends_on_how_it_is_typed(indicator):
    for example in indicator.examples:
        plain = mentions([TITLE, example])
        spaced = "".join(
            (" " if i and parts_no_number(example[i - 1], c) else "") + c
            for i, c in enumerate(example)
        )
        wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in example)
        traditional = TO_TRADITIONAL.convert(example).replace("批覆", "批復")
        for typed in (spaced, "\n".join(example), wide, traditional):
            assert mentions([TITLE, typed]) == plain, typed


@repeatable
@given(chosen, st.data())
def test_full_width_forms_change_nothing(paragraphs, data):
    def wide(text):
        at = data.draw(st.sets(st.integers(0, len(text) - 1)))
        return "".join(
            chr(ord(c) + 0xFEE0) if i in at and "!" <= c <= "~" else c for i, c in enumerate(text)
        )

    assert mentions([TITLE, *map(wide, paragraphs)]) == mentions([TITLE, *paragraphs])


@repeatable
@given(chosen)
def test_half_width_punctuation_changes_nothing(paragraphs):
    narrow = [p.translate(str.maketrans("，：；（）", ",:;()")) for p in paragraphs]
    assert mentions([TITLE, *narrow]) == mentions([TITLE, *paragraphs])


@repeatable
@given(chosen)
def test_traditional_characters_change_nothing(paragraphs):
    traditional = [TO_TRADITIONAL.convert(line) for line in (TITLE, *paragraphs)]
    assert mentions(traditional) == mentions([TITLE, *paragraphs])


@repeatable
@given(chosen, st.data())
def test_quotation_marks_change_nothing(paragraphs, data):
    mark = data.draw(
        st.sampled_from(["三公“经费”", "“三公”经费", "‘三公’经费", '"三公"经费', "三公经费"])
    )
    changed = [p.replace("“三公”经费", mark).replace("三公经费", mark) for p in paragraphs]
    assert mentions([TITLE, *changed]) == mentions([TITLE, *paragraphs])


@repeatable
@given(chosen, st.sampled_from(PLAIN), st.integers(0, 5))
def test_a_paragraph_without_figures_changes_nothing(paragraphs, plain, at):
    filled = [*paragraphs[:at], plain, *paragraphs[at:]]
    assert mentions([TITLE, *filled]) == mentions([TITLE, *paragraphs])


@repeatable
@given(chosen, st.sampled_from(PLAIN), st.data())
def test_a_sentence_without_figures_changes_nothing(paragraphs, plain, data):
    at = data.draw(st.integers(0, len(paragraphs) - 1))
    filled = [p + plain if i == at else p for i, p in enumerate(paragraphs)]
    assert mentions([TITLE, *filled]) == mentions([TITLE, *paragraphs])


@repeatable
@given(st.permutations(PARAGRAPHS))
def test_paragraphs_do_not_depend_on_their_order(paragraphs):
    alone = list(itertools.chain.from_iterable(mentions([TITLE, p]) for p in paragraphs))
    assert mentions([TITLE, *paragraphs]) == alone


@repeatable
@given(chosen)
def test_reading_twice_finds_the_same(paragraphs):
    assert mentions([TITLE, *paragraphs]) == mentions([TITLE, *paragraphs])


# -- through the reader --------------------------------------------------------------------------


def read(data):
    made = text_reader.read(SOURCE, data)
    found = reader.read(made, identify.identify(made, DEFINITIONS), DEFINITIONS).mentions
    assert all(made.text[m.start : m.end] == m.quote for m in found)
    return [said(m) for m in found]


def lines(paragraphs):
    return [TITLE, HEADINGS[0], *paragraphs, HEADINGS[3], PLAIN[0]]


@repeatable
@given(
    chosen,
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_encoding_and_line_ends_change_nothing(paragraphs, encoding, end):
    plain = read("\n".join(lines(paragraphs)).encode())
    assert plain == mentions(lines(paragraphs))
    assert read(end.join(lines(paragraphs)).encode(encoding)) == plain


@repeatable
@given(chosen, st.integers(20, 60))
def test_lines_of_any_length_change_nothing(paragraphs, width):
    """A report whose lines are cut at a fixed width, as in a text taken from a page."""
    cut = [
        line[i : i + width]
        for p in paragraphs
        for line in [f"    {p}"]
        for i in range(0, len(line), width)
    ]
    assert read("\n".join(lines(cut)).encode()) == read("\n".join(lines(paragraphs)).encode())


# -- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("turned", [False, True])
def test_the_order_and_the_names_of_files_do_not_matter(tmp_path, turned):
    texts = ["\n".join([TITLE, PARAGRAPHS[n], PARAGRAPHS[n + 1]]) for n in (0, 4, 8)]
    for number, text in enumerate(texts):
        name = f"{9 - number if turned else number}.txt"
        (tmp_path / name).write_text(text, "utf-8")
    found, _ = sources.find(tmp_path)
    reports = [pipeline.read_report(s, DEFINITIONS) for s in (reversed(found) if turned else found)]
    by_text = {r.source.sha256: [said(m) for m in r.mentions] for r in reports}
    expected = []
    for text in texts:
        source = replace(SOURCE, path=str(tmp_path / "x"))
        (tmp_path / "x").write_text(text, "utf-8")
        expected.append([said(m) for m in pipeline.read_report(source, DEFINITIONS).mentions])
    assert sorted(by_text.values(), key=str) == sorted(expected, key=str)
    assert all(by_text.values())
