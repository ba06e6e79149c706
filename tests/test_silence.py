"""Places that name an indicator without a figure: what they say instead."""

import pytest
from handmade import DEFINITIONS

from ingest import pipeline
from ingest.documents import sources
from ingest.reviewing import silence

TITLE = "邵阳市北塔区医疗保障局2023年度部门整体支出绩效自评报告\n\n"


@pytest.fixture
def said(tmp_path):
    """What a report of a few lines tells of each indicator without a figure: (state, passage)."""

    def said_(text):
        folder = tmp_path / "raw"
        folder.mkdir(exist_ok=True)
        (folder / "beita.txt").write_text(TITLE + text, encoding="utf-8")
        (report,) = pipeline.read_all(sources.find(folder)[0], DEFINITIONS)
        found = silence.silences(report.document, report.refusals, DEFINITIONS)
        below = [s for s in found if s.start >= len(TITLE)]
        return [(s.indicator, s.state, report.document.text[s.start : s.end]) for s in below]

    return said_


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        # said behind the label
        ("预算执行率较好。", "budget_execution_rate"),
        ("三公经费未超出预算。", "three_public_expenditure"),
        ("全年公用经费控制在预算范围内。", "operating_control_rate"),
        ("全年公用经费支出在预算内。", "operating_expenditure"),
        ("公务接待费严格按规定支出。", "reception_expenditure"),
        ("公务接待费与上年持平。", "reception_expenditure"),
        ("住院政策范围内报销比例有所提高。", "inpatient_reimbursement_ratio"),
        ("门诊报销比例比上年明显提升。", "outpatient_reimbursement_ratio"),
        ("参保率均已完成目标任务。", "participation_rate"),
        ("参保人数基本稳定。", "insured_persons"),
        ("人员经费按时足额发放。", "personnel_expenditure"),
        ("我局预算执行率达到年度目标。", "budget_execution_rate"),
        # said before it
        ("我局从严控制三公经费。", "three_public_expenditure"),
        ("进一步压减公务接待费。", "reception_expenditure"),
        # words that name the indicator themselves
        ("困难群众做到应参尽参。", "participation_rate"),
        ("全县实现应保尽保。", "participation_rate"),
        ("对困难群众应助尽助。", "subsidised_persons"),
    ],
)
def test_words_in_place_of_a_figure(said, text, indicator):
    states = {name: state for name, state, _ in said(text)}
    assert states.get(indicator) == "qualitative"


@pytest.mark.parametrize(
    "text",
    [
        # said of something else
        "参保群众看病负担明显下降。",
        "公用经费用于办公,服务质量有所提高。",
        "公用经费开支范围为办公、水电。信息系统运行良好。",
        "各项工作按时办结,群众较满意。",
        "人员经费和公用经费由财政安排。",
        # a figure is stated
        "参保率达97.2%,做到应参尽参。",
        "公务接待费2.1万元,未超出预算。",
        "参保率比上年有所提高,达到97.2%。",
    ],
)
def test_no_words_of_the_indicator(said, text):
    assert "qualitative" not in {state for _, state, _ in said(text)}


def test_a_label_of_which_nothing_is_said_is_only_named(said):
    assert said("人员经费由财政安排。") == [("personnel_expenditure", "named_only", "人员经费")]


def test_a_heading_takes_what_stands_below_it(said):
    assert said("一、公务接待费\n\n与上年持平。\n\n二、其他") == [
        ("reception_expenditure", "qualitative", "公务接待费")
    ]


def test_the_passage_leads_to_the_words_that_name_their_indicator(said):
    assert said("困难群众做到应参尽参。") == [("participation_rate", "qualitative", "应参尽参")]


TABLE = "绩效自评表\n\n三级指标\t年度指标值\t实际完成值\n{row}\n满意度\t95%\t96%\n"


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ("三公经费控制率\t从严控制\t控制良好", "qualitative"),
        ("三公经费控制率\t按要求\t按要求", "named_only"),
        ("三公经费控制率\t\t", "template_blank"),
        ("三公经费控制率\t—\t—", "none_stated"),
    ],
)
def test_a_row_of_a_form(said, row, state):
    found = [(name, state) for name, state, _ in said(TABLE.format(row=row))]
    assert ("three_public_control_rate", state) in found


def test_a_figure_in_the_row_speaks_for_words_that_name_their_indicator(said):
    rows = said(TABLE.format(row="全县参保情况\t应参尽参\t97.2%"))
    assert "participation_rate" not in {name for name, _, _ in rows}
    rows = said(TABLE.format(row="全县参保情况\t应参尽参\t已完成"))
    assert ("participation_rate", "qualitative", "应参尽参") in rows


def test_the_words_of_the_definitions_name_indicators_of_the_four_families():
    for entry in DEFINITIONS.words["qualitative"]["alone"]:
        assert DEFINITIONS.expected(entry["indicator"])
