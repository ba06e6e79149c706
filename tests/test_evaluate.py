"""Scores against a hand-made truth. The expected lines are those of an independent scorer."""

import pytest
from handmade import DEFINITIONS

from ingest.reviewing import evaluate

FOUR = ("budget", "three_public", "participation", "reimbursement")


def figure(indicator, value, scenario="actual", **given):
    row = {
        "document": "a.txt",
        "indicator": indicator,
        "scenario": scenario,
        "population": "",
        "subject": "部门整体",
        "year": "2023",
        "period": "2023",
        "value": value,
    }
    return row | given


def counts(predicted, gold, **options):
    total = evaluate.score(predicted, gold, DEFINITIONS, **options).total
    return total.found, total.missed, total.right, total.wrong


RATE = figure("participation_rate", "98", population="all")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (1, 0, 1, 0)),
        ({"value": "98.0"}, (1, 0, 1, 0)),
        ({"value": "98.0000001"}, (1, 0, 1, 0)),
        ({"population": ""}, (1, 0, 1, 0)),
        ({"year": "", "period": ""}, (1, 0, 1, 0)),
        ({"document": "folder/a.txt"}, (1, 0, 1, 0)),
        # a wrong value is one of each
        ({"value": "97"}, (0, 1, 0, 1)),
        ({"value": ""}, (0, 1, 0, 1)),
        ({"scenario": "target"}, (0, 1, 0, 1)),
        ({"population": "residents"}, (0, 1, 0, 1)),
        ({"year": "2022", "period": "2022"}, (0, 1, 0, 1)),
        ({"document": "b.txt"}, (0, 1, 0, 1)),
        ({"indicator": "eligible_persons"}, (0, 1, 0, 1)),
        # not scored at all
        ({"indicator": "unknown"}, (0, 1, 0, 0)),
        ({"period": "2023-01/2023-03"}, (0, 1, 0, 0)),
    ],
)
def test_a_figure_is_right_when_its_key_and_value_agree(change, expected):
    assert counts([RATE | change], [RATE]) == expected


def test_the_same_figure_in_several_places_counts_once():
    assert counts([RATE, RATE], [RATE, RATE | {"value": "98.00"}]) == (1, 0, 1, 0)


def test_thousands_separators_do_not_matter():
    row = figure("insured_persons", "75,295")
    assert counts([row | {"value": "75295"}], [row]) == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("said", "truth", "strict", "coarse"),
    [
        ("budget", "initial_budget", 1, 1),
        ("adjusted_budget", "budget", 1, 1),
        ("initial_budget", "adjusted_budget", 0, 1),
        ("actual", "budget", 0, 0),
    ],
)
def test_a_plain_budget_is_any_budget(said, truth, strict, coarse):
    gold, predicted = [figure("expenditure", "100", truth)], [figure("expenditure", "100", said)]
    assert counts(predicted, gold)[0] == strict
    assert counts(predicted, gold, coarse=True)[0] == coarse


def test_coarse_folds_hardship_groups_into_one():
    gold = [figure("medical_assistance_ratio", "70", population="hardship")]
    predicted = [figure("medical_assistance_ratio", "70", population="extreme_poverty")]
    assert counts(predicted, gold) == (0, 1, 0, 1)
    assert counts(predicted, gold, coarse=True) == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("indicator", "apart"), [("project_expenditure", True), ("fund_expenditure", False)]
)
def test_a_projects_amount_counts_apart_where_the_truth_names_subjects(indicator, apart):
    gold = [figure(indicator, "40", subject="城乡医疗救助")]
    whole = [figure(indicator, "40")]
    assert counts(whole, gold)[0] == (0 if apart else 1)
    assert counts([figure(indicator, "40", subject="another project")], gold)[0] == 1
    unnamed = [{k: v for k, v in row.items() if k != "subject"} for row in gold]
    assert counts(whole, unnamed)[0] == 1


def test_optional_rows_count_neither_way():
    extra = figure("expenditure", "7")
    assert counts([RATE, extra], [RATE]) == (1, 0, 1, 1)
    assert counts([RATE, extra], [RATE], optional=[extra]) == (1, 0, 1, 0)
    assert counts([RATE], [RATE], optional=[RATE]) == (1, 0, 1, 0)


def test_only_the_families_asked_for_are_scored():
    gold = [RATE, figure("satisfaction_rate", "96", population="staff")]
    assert counts([], gold) == (0, 2, 0, 0)
    assert counts([], gold, families=FOUR) == (0, 1, 0, 0)


def test_scores_are_given_by_family_and_by_indicator():
    gold = [
        figure("expenditure", "100"),
        figure("revenue", "90"),
        figure("expenditure", "110", "budget"),
        RATE,
    ]
    predicted = [figure("expenditure", "100"), figure("revenue", "91"), RATE]
    result = evaluate.score(predicted, gold, DEFINITIONS)
    assert [score.line(name) for name, score in result.families.items()] == [
        "budget: precision 0.500 recall 0.333 (tp 1 fn 2 fp 1)",
        "participation: precision 1.000 recall 1.000 (tp 1 fn 0 fp 0)",
    ]
    assert [score.line(name) for name, score in result.indicators.items()] == [
        "expenditure: precision 1.000 recall 0.500 (tp 1 fn 1 fp 0)",
        "revenue: precision 0.000 recall 0.000 (tp 0 fn 1 fp 1)",
        "participation_rate: precision 1.000 recall 1.000 (tp 1 fn 0 fp 0)",
    ]
    assert result.total.line("all") == "all: precision 0.667 recall 0.500 (tp 2 fn 2 fp 1)"
    assert f"{result.total.f1:.3f}" == "0.571"
    assert [row["value"] for row in result.missed] == ["90", "110"]
    assert [row["value"] for row in result.wrong] == ["91"]


def test_nothing_read_and_nothing_true_scores_nought():
    total = evaluate.score([], [], DEFINITIONS).total
    assert (total.precision, total.recall, total.f1) == (0, 0, 0)


# --- the audit ---


def finding(kind="rate", reported="", recomputed="90.98", verdict="derived", **given):
    row = {
        "document": "a.txt",
        "indicator": "budget_execution_rate",
        "population": "",
        "kind": kind,
        "reported": reported,
        "recomputed": recomputed,
        "verdict": verdict,
    }
    return row | given


@pytest.mark.parametrize(
    ("change", "held"),
    [
        ({}, 1),
        ({"recomputed": "90.975"}, 1),
        ({"recomputed": "90.96"}, 0),
        ({"recomputed": ""}, 0),
        ({"verdict": "agree"}, 0),
        ({"kind": "sum"}, 0),
        ({"document": "folder/a.txt"}, 1),
        ({"population": "all"}, 1),
        ({"population": "residents"}, 0),
        ({"indicator": "revenue_completion_rate"}, 0),
        # what the truth leaves open may be anything
        ({"reported": "100"}, 1),
    ],
)
def test_a_check_is_held_with_its_verdict_and_value(change, held):
    assert evaluate.score_audit([finding(**change)], [finding()])[0] == held


def test_a_reported_value_must_agree_where_the_truth_has_one():
    gold = [finding(reported="100", verdict="disagree")]
    assert evaluate.score_audit([finding(reported="100", verdict="disagree")], gold)[0] == 1
    held, missed = evaluate.score_audit([finding(reported="99", verdict="disagree")], gold)
    assert (held, missed) == (0, gold)


def test_prose_and_table_may_be_named_in_either_order():
    gold = [finding("prose_vs_table", "97", "94.5", "disagree")]
    turned = finding("prose_vs_table", "94.5", "97", "disagree")
    assert evaluate.score_audit([turned], gold) == (1, [])
    other = finding("prose_vs_table", "94.5", "96", "disagree")
    assert evaluate.score_audit([other], gold) == (0, gold)


# --- files ---


def test_a_file_of_truth_is_read_with_or_without_a_mark(tmp_path):
    path = tmp_path / "gold.csv"
    path.write_text("document,value\na.txt,98\n", encoding="utf-8-sig")
    assert evaluate.read(path, ["document", "value"]) == [{"document": "a.txt", "value": "98"}]


def test_a_missing_column_is_named(tmp_path):
    path = tmp_path / "gold.csv"
    path.write_text("document,figure\n", encoding="utf-8")
    with pytest.raises(evaluate.GoldError, match=r"no column value; found document, figure\. Add"):
        evaluate.read(path, ["document", "value"])


@pytest.mark.parametrize("content", [None, b"document\n\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_says_so(tmp_path, content):
    path = tmp_path / "gold.csv"
    if content:
        path.write_bytes(content)
    with pytest.raises(evaluate.GoldError, match=r"gold\.csv: cannot be read .*Name a CSV file"):
        evaluate.read(path, ["document"])
