"""What to look at first: the order, the readings, and entries that settle the question."""

from dataclasses import replace
from decimal import Decimal

import pytest
from handmade import DEFINITIONS, IDENTITY, mention

from ingest.judging import audit, reconcile
from ingest.judging.agreement import key_of
from ingest.reviewing import corrections, review

SHA = "ab" * 32
IDENTITIES = {"report.txt": IDENTITY}
FINGERPRINTS = {"report.txt": SHA}


def asked(*mentions, refused=(), settled=()):
    found = audit.findings(mentions, IDENTITY, DEFINITIONS)
    observations = reconcile.observations(mentions, IDENTITIES, DEFINITIONS, found)
    return review.questions(
        observations,
        found,
        mentions,
        refused,
        IDENTITIES,
        FINGERPRINTS,
        settled,
        DEFINITIONS,
    )


def brief(*mentions, **given):
    return [(q.kind, q.indicator, q.readings) for q in asked(*mentions, **given)]


SCORES = (
    mention("self_evaluation_score", "97", quote="综合得分97分", page=2),
    mention("self_evaluation_score", "94.5", layout="table", quote="总分\n100\n94.5", page=9),
)


def test_a_contradiction_shows_every_reading_and_passage():
    (question,) = asked(*SCORES)
    assert (question.rank, question.kind, question.family) == (1, "conflict", "supplementary")
    assert question.readings == ("94.5 (table, page 9)", "97 (prose, page 2)")
    assert question.quotes == ("总分 100 94.5", "综合得分97分")
    assert (question.page, question.county, question.year) == (9, "北塔区", 2023)


def test_a_rate_that_its_parts_refute_is_asked_for():
    assert brief(
        mention("revenue", "2406.01"),
        mention("revenue", "2644.67", "budget"),
        mention("revenue_completion_rate", "100", basis="budget"),
    ) == [("rate", "revenue_completion_rate", ("printed 100", "2406.01 / 2644.67 = 90.98"))]


def test_sums_bounds_units_and_doubts_are_asked_for():
    assert [
        kind
        for kind, _, _ in brief(
            mention("expenditure", "100"),
            mention("basic_expenditure", "60"),
            mention("project_expenditure", "30"),
        )
    ] == ["sum"]
    assert [
        kind
        for kind, _, _ in brief(
            mention("three_public_expenditure", "4"), mention("reception_expenditure", "6")
        )
    ] == ["bounds"]
    (question,) = asked(mention("participation_rate", "95", review="two readings are open"))
    assert (question.kind, question.readings) == (
        "doubt",
        ("95 (prose): two readings are open",),
    )
    kinds = [
        kind
        for kind, _, _ in brief(
            mention("expenditure", "2644.67"),
            mention("basic_expenditure", "0.020307", decimals=6, printed="203.07元"),
            mention("project_expenditure", "2441.60"),
        )
    ]
    assert kinds == ["unit", "sum"]


def test_a_refused_figure_is_asked_for_last():
    refused = review.Refused(
        "report.txt", 2023, "participation_rate", 3, "参保率提高2%", "a change, not a level"
    )
    questions = asked(*SCORES[:1], mention("expenditure", "90", review="?"), refused=[refused])
    assert [q.kind for q in questions] == ["doubt", "refused"]
    assert (questions[1].readings, questions[1].quotes, questions[1].page) == (
        ("a change, not a level",),
        ("参保率提高2%",),
        3,
    )
    assert 'action = "add"' in questions[1].correction


def test_what_is_in_order_asks_nothing():
    assert not asked(
        mention("expenditure", "90"),
        mention("expenditure", "100", "budget"),
        mention("budget_execution_rate", "90"),
    )


def test_the_four_families_come_first_then_outcomes_then_contradictions():
    questions = asked(
        *SCORES,
        mention("participation_rate", "95", "target", population="all"),
        mention("participation_rate", "96", "target", population="all", layout="table"),
        mention("expenditure", "100"),
        mention("basic_expenditure", "60"),
        mention("project_expenditure", "30"),
        mention("inpatient_reimbursement_ratio", "70"),
        mention("inpatient_reimbursement_ratio", "75", layout="table"),
    )
    assert [(q.rank, q.kind, q.indicator, q.scenario) for q in questions] == [
        (1, "conflict", "inpatient_reimbursement_ratio", "actual"),
        (2, "sum", "expenditure", "actual"),
        (3, "conflict", "participation_rate", "target"),
        (4, "conflict", "self_evaluation_score", "actual"),
    ]


def test_a_settled_question_is_not_asked_again():
    found = audit.findings(SCORES, IDENTITY, DEFINITIONS)
    (observation,) = reconcile.observations(SCORES, IDENTITIES, DEFINITIONS, found)
    assert not asked(*SCORES, settled={key_of(observation)})


# --- entries to paste ---

RATE = mention("budget_execution_rate", "100", basis="budget")
WITH_RATE = (mention("expenditure", "90"), mention("expenditure", "100", "budget"), RATE)
DOUBT = (mention("participation_rate", "95", population="residents", review="?"),)
UNIT = (
    mention("expenditure", "2644.67"),
    mention("basic_expenditure", "0.020307", decimals=6, printed="203.07元"),
    mention("project_expenditure", "2441.60"),
)


@pytest.mark.parametrize(
    ("mentions", "action", "value"),
    [
        (SCORES, "accept", None),
        (WITH_RATE, "accept", None),
        (DOUBT, "accept", None),
        (UNIT, "override", Decimal("203.07")),
    ],
)
def test_an_entry_settles_its_question_once_its_reason_is_written(
    tmp_path, mentions, action, value
):
    question = asked(*mentions)[0]
    path = tmp_path / "corrections.toml"
    path.write_text(question.correction, encoding="utf-8")
    with pytest.raises(corrections.CorrectionError, match="no reason"):
        corrections.load(path, DEFINITIONS)
    written = question.correction.replace('reason = ""', 'reason = "looked at"')
    path.write_text(written, encoding="utf-8")
    (entry,) = corrections.load(path, DEFINITIONS)
    assert (entry.action, entry.value) == (action, value)
    found = audit.findings(mentions, IDENTITY, DEFINITIONS)
    observations = reconcile.observations(mentions, IDENTITIES, DEFINITIONS, found)
    (placed,) = corrections.place(path, [entry], FINGERPRINTS, IDENTITIES, observations)
    after = corrections.mentions_after(mentions, [placed], DEFINITIONS)
    left = asked(*after, settled={placed.key})
    assert question.indicator not in {q.indicator for q in left}


def test_an_entry_names_what_else_might_be_done():
    (question,) = asked(*SCORES)
    assert 'action = "accept"  # or override, with value = "97"' in question.correction
    (question,) = asked(*WITH_RATE)
    assert '# or override, with value = "90.00", or drop' in question.correction


def test_a_name_with_quotes_and_line_breaks_is_written_safely(tmp_path):
    first = mention("project_expenditure", "19", subject='医疗"救助"\\资金')
    questions = asked(first, replace(first, mention_id="x", layout="table", value=Decimal(20)))
    path = tmp_path / "corrections.toml"
    text = questions[0].correction.replace('reason = ""', 'reason = "x"')
    path.write_text(text, encoding="utf-8")
    (entry,) = corrections.load(path, DEFINITIONS)
    assert entry.subject == '医疗"救助"\\资金'
