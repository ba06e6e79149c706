"""Words found in a sentence: labels longest first, groups, scenarios, fillers, kinds of ratio."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.definitions import Definitions, expand, load
from ingest.lexicon import lexicon_of

DEFINITIONS = load()
LEXICON = lexicon_of(DEFINITIONS)


def names(text):
    """What stands in a text, as "indicator:wording"; what only looks like it, with a minus."""
    marks = {"label": "", "ratio": "", "not_label": "-"}
    return [f"{marks[t.kind]}{t.value}:{t.text}" for t in LEXICON.labels(text) if t.kind in marks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("支出", []),
        ("基本支出", ["basic_expenditure:基本支出"]),
        ("部门整体支出", ["expenditure:部门整体支出"]),
        # the rate, not the amount whose name it holds
        ("部门整体支出预算执行率", ["budget_execution_rate:部门整体支出预算执行率"]),
        ("三公经费控制率", ["three_public_control_rate:三公经费控制率"]),
        ("在职人员控制率", ["staffing_control_rate:在职人员控制率"]),
        ("参保率", ["participation_rate:参保率"]),
        # a longer look-alike wins over the label in it
        ("生育保险参保率", ["-participation_rate:生育保险参保率"]),
        ("政策宣传覆盖率", ["-participation_rate:宣传覆盖率"]),
        ("满意度得分", ["-self_evaluation_score:满意度得分"]),
        ("个人账户基金收入", ["-revenue:个人账户基金收入"]),
        # where one indicator's label looks like another, the label wins
        ("三公经费变动率", ["three_public_change_rate:三公经费变动率"]),
        ("政府采购执行率", ["procurement_execution_rate:政府采购执行率"]),
        ("应参保人数", ["eligible_persons:应参保人数"]),
        # neighbours
        (
            "未参保3人,参保率98%",
            ["-insured_persons:未参保", "participation_rate:参保率"],
        ),
        (
            "公务用车购置费和公务用车运行维护费",
            [
                "vehicle_purchase_expenditure:公务用车购置费",
                "vehicle_operation_expenditure:公务用车运行维护费",
            ],
        ),
        ("公务用车购置及运行维护费", ["vehicle_expenditure:公务用车购置及运行维护费"]),
        (
            "政策范围内住院费用报销比例",
            ["inpatient_reimbursement_ratio:政策范围内住院费用报销比例"],
        ),
        ("大病保险支付率", [":支付率"]),
        ("", []),
    ],
)
def test_labels(text, expected):
    assert names(text) == expected


def test_labels_do_not_overlap_and_stand_where_they_say():
    for indicator in DEFINITIONS.indicators.values():
        for sentence in (*indicator.examples, *indicator.counterexamples):
            last = 0
            for token in LEXICON.labels(sentence):
                assert last <= token.start < token.end
                assert sentence[token.start : token.end] == token.text
                last = token.end


@pytest.mark.parametrize("indicator", DEFINITIONS.indicators.values(), ids=lambda i: i.indicator)
def test_every_wording_alone_is_its_label(indicator):
    """No label is hidden behind another's, whatever way of writing it a report chooses."""
    hidden = []
    for label in indicator.labels:
        for wording in expand(label, DEFINITIONS.context["classes"]):
            tokens = LEXICON.labels(wording)
            if [(t.text, t.value) for t in tokens] != [(wording, indicator.indicator)]:
                hidden.append(wording)
    assert hidden == []


@settings(deadline=None, derandomize=True, max_examples=50)
@given(st.lists(st.sampled_from(["参保率", "三公经费", "98%", ",", "支出", "未", "控制率", "人"])))
def test_any_sequence_of_words_is_walked(words):
    text = "".join(words)
    for token in LEXICON.labels(text):
        assert text[token.start : token.end] == token.text


@pytest.mark.parametrize(
    ("text", "indicator", "groups"),
    [
        ("城乡居民", "participation_rate", ["residents"]),
        ("城镇职工", "participation_rate", ["employees"]),
        ("已脱贫人口", "participation_rate", ["lifted_from_poverty"]),
        ("建档立卡贫困人口", "participation_rate", ["registered_poor"]),
        ("困难群众", "participation_rate", ["poor"]),
        ("特殊困难群众", "participation_rate", ["special_hardship"]),
        ("农村低收入人口", "participation_rate", ["low_income"]),
        ("防返贫监测对象", "participation_rate", ["monitored"]),
        (
            "低保对象、特困人员",
            "participation_rate",
            ["subsistence_allowance", "extreme_poverty"],
        ),
        ("全县", "participation_rate", ["everybody"]),
        ("退休人员", "participation_rate", ["other"]),
        # not the subsistence allowance's own
        ("低保边缘家庭", "participation_rate", ["other"]),
        # each kind of indicator counts its own groups
        ("社会公众、干部职工", "satisfaction_rate", ["public", "staff"]),
        ("社会公众", "participation_rate", []),
        ("行政编制9人,事业编制20人", "authorised_posts", ["administrative", "institution"]),
        ("行政", "participation_rate", []),
    ],
)
def test_populations(text, indicator, groups):
    assert [t.value for t in LEXICON.populations(text, 0, len(text), indicator)] == groups


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("年初预算", ["initial_budget"]),
        ("年初部门预算批复", ["initial_budget"]),
        ("全年预算", ["adjusted_budget"]),
        ("调整后预算", ["adjusted_budget"]),
        ("下达资金", ["adjusted_budget"]),
        ("预算数", ["budget"]),
        ("决算数", ["actual"]),
        ("截至年底", ["actual"]),
        ("目标值", ["target"]),
        ("力争达到", ["target"]),
        ("年初预算数与决算数", ["initial_budget", "actual"]),
        # terms that only hold such a word
        ("一般公共预算", []),
        ("预算编制", []),
        ("计划生育", []),
    ],
)
def test_scenarios(text, expected):
    assert [t.value for t in LEXICON.scenarios(text, 0, len(text))] == expected


def test_only_the_stretch_asked_for_is_searched():
    text = "城乡居民和城镇职工"
    assert [t.text for t in LEXICON.populations(text, 4, len(text), "participation_rate")] == [
        "城镇职工"
    ]
    assert LEXICON.populations(text, 0, 2, "participation_rate") == []


@pytest.mark.parametrize(
    "text", ["", "为", "达到", "约为", "2023年底", "全县累计", "(含外出)", "、"]
)
def test_fillers(text):
    assert LEXICON.only_fillers(text)


@pytest.mark.parametrize("text", ["增长", "占", "医院", "3", "为3", "的满意度", "。"])
def test_words_that_are_no_fillers(text):
    assert not LEXICON.only_fillers(text)


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("政策范围内住院费用报销比例", "inpatient_reimbursement_ratio"),
        ("居民住院报销比例", "inpatient_reimbursement_ratio"),
        ("政策范围内报销比例", "reimbursement_ratio"),
        ("普通门诊报销比例", "outpatient_reimbursement_ratio"),
        ("门诊慢特病报销比例", "chronic_outpatient_reimbursement_ratio"),
        ("高血压、糖尿病用药报销比例", "chronic_outpatient_reimbursement_ratio"),
        ("大病保险赔付比例", "critical_illness_reimbursement_ratio"),
        ("医疗救助比例", "medical_assistance_ratio"),
        ("实际报销比例", "actual_reimbursement_ratio"),
        ("三重保障后综合报销比例", "comprehensive_reimbursement_ratio"),
        # none of ours
        ("个人自付比例", ""),
        ("住院费用直接结算率", ""),
        ("药品占比", ""),
        ("资金支付率", ""),
    ],
)
def test_kind_of_ratio_by_its_phrase(phrase, expected):
    assert LEXICON.ratio_indicator(phrase, "", "") == expected


def test_words_before_the_phrase_tell_the_service():
    phrase = "政策范围内报销比例"
    assert LEXICON.ratio_indicator(phrase, "住院", "住院") == "inpatient_reimbursement_ratio"
    assert LEXICON.ratio_indicator(phrase, "门诊", "门诊") == "outpatient_reimbursement_ratio"
    # both named: neither is chosen
    assert LEXICON.ratio_indicator(phrase, "住院和门诊", "住院和门诊") == "reimbursement_ratio"


def test_definitions_are_compiled_once():
    assert lexicon_of(DEFINITIONS) is LEXICON
    other = Definitions(DEFINITIONS.indicators, DEFINITIONS.sums, DEFINITIONS.context)
    assert lexicon_of(other) is not LEXICON
