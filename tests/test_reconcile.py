"""The one value for a key: which is kept, what its status says, what its note names."""

from dataclasses import replace

import pytest
from handmade import DEFINITIONS, IDENTITY, mention

from ingest.judging import audit, reconcile
from ingest.printed import plain
from ingest.records import Identity, Refusal

IDENTITIES = {"report.txt": IDENTITY}


def reconciled(*mentions, identities=IDENTITIES, findings=()):
    return reconcile.observations(mentions, identities, DEFINITIONS, findings)


def audited(*mentions):
    found = audit.findings(mentions, IDENTITY, DEFINITIONS)
    return {(o.indicator, o.basis): o for o in reconciled(*mentions, findings=found)}


def test_an_observation_says_whose_it_is_and_where_it_comes_from():
    stated = mention("participation_rate", "95.93", population="all")
    (found,) = reconciled(stated)
    assert (found.county_code, found.province, found.city, found.county, found.reporting_unit) == (
        "430511",
        "湖南省",
        "邵阳市",
        "北塔区",
        "北塔区医疗保障局",
    )
    assert (found.year, found.indicator, found.scenario, found.population, found.subject) == (
        2023,
        "participation_rate",
        "actual",
        "all",
        "部门整体",
    )
    assert (plain(found.value), found.unit, found.comparator, found.status, found.note) == (
        "95.93",
        "%",
        "=",
        "reported",
        "",
    )
    assert (found.document, found.mention_ids) == ("report.txt", (stated.mention_id,))


@pytest.mark.parametrize(
    "change",
    [
        {"year": 2022, "period": "2022"},
        {"scenario": "target"},
        {"population": "residents"},
        {"subject": "城乡医疗救助"},
        {"indicator": "actual_reimbursement_ratio"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_dimension_makes_a_key_of_its_own(change):
    stated = mention("inpatient_reimbursement_ratio", "72.78", population="employees")
    assert len(reconciled(stated, replace(stated, mention_id="other", **change))) == 2


def test_the_basis_is_part_of_the_key_of_a_rate_with_several_denominators():
    bases = ["", "initial_budget", "adjusted_budget"]
    found = reconciled(*(mention("budget_execution_rate", "100", basis=b) for b in bases))
    assert [o.basis for o in found] == ["adjusted_budget", "initial_budget", "unstated"]
    (control,) = reconciled(mention("operating_control_rate", "317", basis="budget"))
    assert control.basis == ""


@pytest.mark.parametrize(("indicator", "key"), [("participation_rate", "all"), ("expenditure", "")])
def test_no_population_and_all_are_one_key(indicator, key):
    (found,) = reconciled(mention(indicator, "95"), mention(indicator, "95", population="all"))
    assert (found.population, len(found.mention_ids)) == (key, 2)


def test_a_part_of_a_year_is_never_the_years_figure():
    assert not reconciled(mention("insured_persons", "69296", period="2023-01/2023-06"))


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        (("56", "56.375"), "56.375"),
        (("56.375", "56"), "56.375"),
        (("94.5", "94.50"), "94.50"),
        (("95", "94.5"), "94.5"),
    ],
)
def test_equal_values_are_one_observation_with_the_most_digits(values, kept):
    (found,) = reconciled(*(mention("three_public_control_rate", v) for v in values))
    assert (plain(found.value), found.status, found.note) == (kept, "reported", "")
    assert len(found.mention_ids) == 2


def test_a_rounded_count_equals_the_exact_one():
    (found,) = reconciled(
        mention("insured_persons", "75300", decimals=-2), mention("insured_persons", "75295")
    )
    assert (plain(found.value), found.status) == ("75295", "reported")


# --- which of two values is kept ---


def test_a_filled_form_comes_before_prose_and_the_note_names_the_other():
    prose = mention("self_evaluation_score", "97")
    table = mention("self_evaluation_score", "94.5", layout="table")
    (found,) = reconciled(prose, table)
    assert (plain(found.value), found.status) == ("94.5", "conflicting")
    assert found.note == f"the prose has 97 ({prose.mention_id})"
    assert found.mention_ids == (table.mention_id, prose.mention_id)


def test_of_two_amounts_the_larger_is_the_total():
    (found,) = reconciled(mention("expenditure", "2815.61"), mention("expenditure", "2026.88"))
    assert (plain(found.value), found.status) == ("2815.61", "conflicting")


def test_of_two_rates_the_later_is_kept_as_a_last_resort():
    (found,) = reconciled(mention("participation_rate", "98"), mention("participation_rate", "97"))
    assert (plain(found.value), found.status) == ("97", "conflicting")


def test_what_is_marked_for_review_is_kept_last_and_said():
    doubtful = mention("participation_rate", "98", layout="table", review="two readings are open")
    (found,) = reconciled(doubtful, mention("participation_rate", "97"))
    assert (plain(found.value), found.status) == ("97", "conflicting")
    assert found.note == (f"a table has 98 ({doubtful.mention_id}); review: two readings are open")


def test_a_single_doubtful_figure_is_kept_with_its_doubt():
    (found,) = reconciled(mention("participation_rate", "98", review="two readings are open"))
    assert (found.status, found.note) == ("reported", "review: two readings are open")


# --- bounds ---


@pytest.mark.parametrize(("scenario", "status"), [("actual", "bound"), ("target", "reported")])
def test_a_bound_is_one_on_an_actual_only(scenario, status):
    (found,) = reconciled(mention("participation_rate", "95", scenario, comparator=">="))
    assert (found.status, found.comparator) == (status, ">=")


@pytest.mark.parametrize(
    ("comparator", "bound", "status"),
    [
        (">=", "95", "reported"),
        (">=", "97", "conflicting"),
        ("<=", "96", "reported"),
        ("<=", "95", "conflicting"),
        ("~", "96", "reported"),
        ("~", "97", "conflicting"),
    ],
)
def test_an_exact_figure_keeps_or_breaks_a_bound_stated_elsewhere(comparator, bound, status):
    (found,) = reconciled(
        mention("participation_rate", bound, comparator=comparator, layout="table"),
        mention("participation_rate", "95.93"),
    )
    assert (plain(found.value), found.comparator, found.status) == ("95.93", "=", status)


def test_two_goals_conflict_even_if_one_is_a_bound():
    (found,) = reconciled(
        mention("participation_rate", "95", "target", comparator=">="),
        mention("participation_rate", "98", "target"),
    )
    assert found.status == "conflicting"


# --- several documents ---


def test_two_reports_of_one_county_share_their_keys_and_the_note_names_the_report():
    identities = IDENTITIES | {"second.txt": IDENTITY}
    first = mention("participation_rate", "95.93", layout="table")
    second = mention("participation_rate", "96.5", document="second.txt")
    (found,) = reconciled(first, second, identities=identities)
    assert (found.document, found.status) == ("report.txt", "conflicting")
    assert found.note == f"the prose of second.txt has 96.5 ({second.mention_id})"


def test_the_report_of_the_year_comes_before_a_later_look_back():
    identities = IDENTITIES | {"next.txt": replace(IDENTITY, year=2024)}
    own = mention("operating_expenditure", "134.21")
    later = mention("operating_expenditure", "138.16", document="next.txt", layout="table")
    (found,) = reconciled(later, own, identities=identities)
    assert (plain(found.value), found.document) == ("134.21", "report.txt")
    assert found.note == f"a table of next.txt has 138.16 ({later.mention_id})"


def test_without_a_county_each_document_stands_for_itself():
    identities = {"a.txt": Identity(year=2023), "b.txt": Identity(year=2023)}
    found = reconciled(
        mention("participation_rate", "95", document="a.txt"),
        mention("participation_rate", "96", document="b.txt"),
        identities=identities,
    )
    assert [(o.document, plain(o.value), o.status) for o in found] == [
        ("a.txt", "95", "reported"),
        ("b.txt", "96", "reported"),
    ]


# --- what the audit adds ---


def test_a_rate_that_follows_from_printed_parts_is_derived_with_its_formula():
    parts = (
        mention("expenditure", "488.18"),
        mention("expenditure", "490.06", "initial_budget"),
    )
    found = audited(*parts)["budget_execution_rate", "initial_budget"]
    assert (plain(found.value), found.unit, found.status, found.comparator) == (
        "99.62",
        "%",
        "derived",
        "=",
    )
    assert found.note == "488.18 / 490.06 = 99.62"
    assert found.mention_ids == tuple(m.mention_id for m in parts)
    assert (found.county, found.year, found.document) == ("北塔区", 2023, "report.txt")


def test_a_printed_rate_that_its_parts_refute_keeps_its_value_and_says_so():
    found = audited(
        mention("revenue", "2406.01"),
        mention("revenue", "2644.67", "budget"),
        mention("revenue_completion_rate", "100"),
    )
    rate = found["revenue_completion_rate", "unstated"]
    assert (plain(rate.value), rate.status) == ("100", "reported")
    assert rate.note == "recomputed 2406.01 / 2644.67 = 90.98"
    assert ("revenue_completion_rate", "budget") not in found


EXECUTION = (
    ("expenditure", "355.27", "actual"),
    ("expenditure", "223.15", "initial_budget"),
    ("expenditure", "355.27", "adjusted_budget"),
)


def test_a_rate_without_a_basis_is_filed_under_the_one_that_reproduces_it():
    rate = mention("budget_execution_rate", "100")
    found = audited(*(mention(*fact) for fact in EXECUTION), rate)
    assert ("budget_execution_rate", "unstated") not in found
    proved = found["budget_execution_rate", "adjusted_budget"]
    assert (plain(proved.value), proved.status) == ("100", "reported")
    assert proved.note == "names no basis; proved by 355.27 / 355.27 = 100.00"
    assert proved.mention_ids == (rate.mention_id,)
    assert found["budget_execution_rate", "initial_budget"].status == "derived"


def test_a_rate_that_two_bases_reproduce_is_filed_under_both():
    found = audited(
        mention("expenditure", "90"),
        mention("expenditure", "100", "initial_budget"),
        mention("expenditure", "100", "adjusted_budget"),
        mention("budget_execution_rate", "90"),
    )
    assert {basis for name, basis in found if name == "budget_execution_rate"} == {
        "initial_budget",
        "adjusted_budget",
    }


def test_a_rate_printed_with_and_without_its_basis_is_one_observation():
    bare = mention("budget_execution_rate", "100")
    named = mention("budget_execution_rate", "100", basis="adjusted_budget", layout="table")
    found = audited(*(mention(*fact) for fact in EXECUTION), bare, named)
    assert ("budget_execution_rate", "unstated") not in found
    assert found["budget_execution_rate", "adjusted_budget"].mention_ids == (
        named.mention_id,
        bare.mention_id,
    )


def test_rates_without_a_basis_that_conflict_stay_without():
    found = audited(
        *(mention(*fact) for fact in EXECUTION),
        mention("budget_execution_rate", "100"),
        mention("budget_execution_rate", "97"),
    )
    assert found["budget_execution_rate", "unstated"].status == "conflicting"


def test_nought_of_nought_is_undefined_and_keeps_no_value():
    parts = (
        mention("three_public_expenditure", "0"),
        mention("three_public_expenditure", "0", "budget"),
    )
    silent = audited(*parts)["three_public_control_rate", ""]
    assert (silent.value, silent.status, silent.note) == (None, "undefined", "0 / 0")
    said = audited(*parts, mention("three_public_control_rate", "100"))
    rate = said["three_public_control_rate", ""]
    assert (rate.value, rate.status) == (None, "undefined")
    assert rate.note == "printed 100, but 0 / 0 is undefined"


def test_a_printed_rate_is_never_replaced_by_a_derived_one_of_another_report():
    identities = IDENTITIES | {"second.txt": IDENTITY}
    parts = [
        mention("expenditure", "90"),
        mention("expenditure", "100", "initial_budget"),
    ]
    printed = mention("budget_execution_rate", "91", basis="initial_budget", document="second.txt")
    findings = audit.findings(parts, IDENTITY, DEFINITIONS)
    found = reconciled(*parts, printed, identities=identities, findings=findings)
    rates = [o for o in found if o.indicator == "budget_execution_rate"]
    assert [(plain(o.value), o.status, o.document) for o in rates] == [
        ("91", "reported", "second.txt")
    ]


def test_the_order_of_mentions_does_not_matter():
    given = [
        mention("participation_rate", "98"),
        mention("participation_rate", "97"),
        mention("expenditure", "488.18"),
        mention("expenditure", "490.06", layout="table"),
    ]
    assert reconciled(*given) == reconciled(*reversed(given))


# --- units that a sum gives ---


def test_a_unit_that_a_sum_proves_leaves_no_doubt():
    doubt = "no unit is printed; read as 万元"
    found = audited(
        mention("expenditure", "339.45", printed="339.45万元"),
        mention("basic_expenditure", "239.45", review=doubt),
        mention("project_expenditure", "100", printed="100万元"),
    )
    note = found["basic_expenditure", ""].note
    assert note == (
        "unit: actual: 239.45 + 100 = 339.45 for 339.45; '239.45' has no unit and fits only in 万元"
    )


def test_an_amount_refused_for_its_unit_is_derived_from_the_sum():
    parts = [
        mention("expenditure", "339.45", "initial_budget"),
        mention("project_expenditure", "100", "initial_budget"),
    ]
    refusal = Refusal(0, 6, "239.45", "basic_expenditure", "the unit does not fit")
    findings = audit.findings(parts, IDENTITY, DEFINITIONS, [refusal])
    found = {o.indicator: o for o in reconciled(*parts, findings=findings)}
    derived = found["basic_expenditure"]
    assert (plain(derived.value), derived.status, derived.scenario) == (
        "239.45",
        "derived",
        "initial_budget",
    )
    assert "fits only in 万元" in derived.note


def test_an_amount_that_seems_ten_thousand_times_off_is_kept_and_noted():
    found = audited(
        mention("expenditure", "2644.67"),
        mention("basic_expenditure", "0.020307", decimals=6, printed="203.07元"),
        mention("project_expenditure", "2441.60"),
    )
    kept = found["basic_expenditure", ""]
    assert (plain(kept.value), kept.status) == ("0.020307", "reported")
    assert "if '203.07元' is 203.07万元, 10,000 times what is printed" in kept.note
