"""What a report says against itself: rates, sums, contradictions, bounds."""

from dataclasses import replace

import pytest
from handmade import DEFINITIONS, IDENTITY, mention

from ingest.judging import audit
from ingest.printed import plain


def check(*mentions, definitions=DEFINITIONS):
    return audit.findings(mentions, IDENTITY, definitions)


def brief(found):
    """(basis, reported, recomputed, verdict) of each finding."""
    return [
        (
            f.basis,
            None if f.reported is None else plain(f.reported),
            None if f.recomputed is None else plain(f.recomputed),
            f.verdict,
        )
        for f in found
    ]


def rates(*mentions, indicator="budget_execution_rate"):
    return brief(f for f in check(*mentions) if f.kind == "rate" and f.indicator == indicator)


def execution(actual, budget, printed=None, basis="", scenario="initial_budget"):
    given = [mention("expenditure", actual), mention("expenditure", budget, scenario)]
    if printed is not None:
        given.append(mention("budget_execution_rate", printed, basis=basis))
    return rates(*given)


@pytest.mark.parametrize(
    ("actual", "budget", "printed", "recomputed", "verdict"),
    [
        ("2815.61", "5380.44", "52.33", "52.33", "agree"),
        ("2815.61", "5380.44", "52.3", "52.33", "agree"),
        ("2815.61", "5380.44", "52", "52.33", "agree"),
        # rounded up, and cut off
        ("4.51", "8", "56.38", "56.38", "agree"),
        ("4.51", "8", "56.37", "56.38", "agree"),
        ("4.51", "8", "56", "56.38", "agree"),
        ("5.6", "8", "70.00", "70.00", "agree"),
        ("272.74", "86", "317", "317.14", "agree"),
        ("99.6", "100", "99", "99.60", "agree"),
        ("99.6", "100", "100", "99.60", "agree"),
        # more digits printed than usual
        ("1", "3", "33.333", "33.333", "agree"),
        ("1", "3", "33.334", "33.333", "disagree"),
        # a figure next to nought
        ("0.31", "2644.67", "0", "0.01", "agree"),
        ("0.31", "2644.67", "0.01", "0.01", "agree"),
        ("0", "20.8", "0", "0", "agree"),
        ("0", "20.8", "100", "0", "disagree"),
        # one off in the last digit printed
        ("2815.61", "5380.44", "52.34", "52.33", "disagree"),
        ("2815.61", "5380.44", "52.32", "52.33", "disagree"),
        ("2815.61", "5380.44", "53", "52.33", "disagree"),
        ("2815.61", "5380.44", "51", "52.33", "disagree"),
        # a fifth of a point off, printed as 100, a fraction for a percentage
        ("2406.01", "2644.67", "90.78", "90.98", "disagree"),
        ("2406.01", "2644.67", "100", "90.98", "disagree"),
        ("2815.61", "5380.44", "0.5233", "52.3305", "disagree"),
        # overspent: never clipped
        ("355.27", "223.15", "159.21", "159.21", "agree"),
        ("355.27", "223.15", "100", "159.21", "disagree"),
    ],
)
def test_a_printed_rate_is_held_against_its_parts_at_its_digits(
    actual, budget, printed, recomputed, verdict
):
    assert execution(actual, budget, printed) == [("initial_budget", printed, recomputed, verdict)]


@pytest.mark.parametrize(
    ("comparator", "printed", "verdict"),
    [
        (">=", "90", "agree"),
        (">=", "91", "disagree"),
        ("<=", "91", "agree"),
        ("<=", "90", "disagree"),
        (">", "90", "agree"),
        ("<", "95", "agree"),
    ],
)
def test_a_bound_is_kept_or_not(comparator, printed, verdict):
    found = rates(
        mention("expenditure", "2406.01"),
        mention("expenditure", "2644.67", "budget"),
        mention("budget_execution_rate", printed, comparator=comparator),
    )
    assert found == [("budget", printed, "90.98", verdict)]


def test_the_formula_is_in_numbers_and_the_parts_are_named():
    actual = mention("expenditure", "2815.61")
    budget = mention("expenditure", "5380.44", "initial_budget")
    rate = mention("budget_execution_rate", "52.33")
    (found,) = check(actual, budget, rate)
    assert found.formula == "2815.61 / 5380.44 = 52.33"
    assert found.mention_ids == (rate.mention_id, actual.mention_id, budget.mention_id)
    assert (found.document, found.county_code, found.county) == ("report.txt", "430511", "北塔区")


BOTH = (
    ("expenditure", "355.27", "actual"),
    ("expenditure", "223.15", "initial_budget"),
    ("expenditure", "355.27", "adjusted_budget"),
)


@pytest.mark.parametrize(
    ("printed", "basis", "expected"),
    [
        # the basis that reproduces it is found, and the other one derived
        (
            "100",
            "",
            [
                ("adjusted_budget", "100", "100.00", "agree"),
                ("initial_budget", None, "159.21", "derived"),
            ],
        ),
        (
            "159.21",
            "",
            [
                ("adjusted_budget", None, "100.00", "derived"),
                ("initial_budget", "159.21", "159.21", "agree"),
            ],
        ),
        (
            "159",
            "unstated",
            [
                ("adjusted_budget", None, "100.00", "derived"),
                ("initial_budget", "159", "159.21", "agree"),
            ],
        ),
        # a basis that is named is the only one tried
        (
            "100",
            "initial_budget",
            [
                ("adjusted_budget", None, "100.00", "derived"),
                ("initial_budget", "100", "159.21", "disagree"),
            ],
        ),
        # none fits: held against the nearest
        (
            "97",
            "",
            [
                ("adjusted_budget", "97", "100.00", "disagree"),
                ("initial_budget", None, "159.21", "derived"),
            ],
        ),
        (
            None,
            "",
            [
                ("adjusted_budget", None, "100.00", "derived"),
                ("initial_budget", None, "159.21", "derived"),
            ],
        ),
    ],
)
def test_every_basis_is_tried(printed, basis, expected):
    given = [mention(*fact) for fact in BOTH]
    if printed:
        given.append(mention("budget_execution_rate", printed, basis=basis))
    assert rates(*given) == expected


def test_the_same_rate_in_prose_and_on_a_named_basis_is_one_finding():
    given = [mention(*fact) for fact in BOTH[::2]]
    prose = mention("budget_execution_rate", "100")
    table = mention("budget_execution_rate", "100", basis="adjusted_budget", layout="table")
    (found,) = (f for f in check(*given, prose, table) if f.kind == "rate")
    assert {prose.mention_id, table.mention_id} < set(found.mention_ids)


def test_a_named_basis_agrees_with_a_budget_that_is_only_called_so():
    found = execution("90", "100", "90", basis="initial_budget", scenario="budget")
    assert ("initial_budget", "90", "90.00", "agree") in found
    assert ("budget", "90", "90.00", "disagree") not in found


def test_a_named_basis_is_not_refuted_by_a_budget_that_is_only_called_so():
    found = execution("90", "100", "95", basis="initial_budget", scenario="budget")
    assert [row[3] for row in found] == ["derived"]


def test_opening_balance_and_budget_explain_a_rate_and_never_refute_one():
    parts = [
        mention("expenditure", "120"),
        mention("opening_balance", "20"),
        mention("expenditure", "110", "adjusted_budget"),
    ]
    fits = mention("budget_execution_rate", "92.31", basis="available_funds")
    assert ("available_funds", "92.31", "92.31", "agree") in rates(*parts, fits)
    off = mention("budget_execution_rate", "99", basis="available_funds")
    assert [row[0] for row in rates(*parts, off)] == ["adjusted_budget"]


@pytest.mark.parametrize(
    "change",
    [
        {"year": 2022},
        {"period": "2023-01/2023-06"},
        {"review": "two readings are open"},
        {"comparator": ">="},
        {"subject": "城乡医疗救助"},
        {"year": None, "period": ""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_part_that_is_doubtful_or_of_something_else_gives_no_rate(change):
    given = [
        mention("expenditure", "90"),
        replace(mention("expenditure", "100", "initial_budget"), **change),
    ]
    assert rates(*given) == []
    printed = mention("budget_execution_rate", "50", basis="initial_budget")
    assert rates(*given, printed) == []


def test_a_target_rate_is_no_claim_about_the_outcome():
    target = mention("budget_execution_rate", "95", "target")
    assert rates(mention("expenditure", "90"), mention("expenditure", "100", "budget"), target) == [
        ("budget", None, "90.00", "derived")
    ]


def test_two_values_of_a_part_in_the_prose_leave_it_in_doubt():
    given = [
        mention("expenditure", "90"),
        mention("expenditure", "100", "budget"),
        mention("expenditure", "120", "budget"),
    ]
    assert rates(*given) == []


def test_the_table_is_used_where_the_prose_says_otherwise_and_the_formula_says_so():
    given = [
        mention("operating_expenditure", "134.21"),
        mention("operating_expenditure", "130.83", layout="table"),
        mention("operating_expenditure", "20.99", "budget", layout="table"),
    ]
    (found,) = (f for f in check(*given) if f.kind == "rate")
    assert (found.basis, plain(found.recomputed), found.verdict) == ("", "623.30", "derived")
    assert found.formula == (
        "130.83 / 20.99 = 623.30; 130.83 as in the table, the prose has 134.21"
    )


def test_the_prose_value_may_explain_a_printed_rate():
    given = [
        mention("operating_expenditure", "134.21"),
        mention("operating_expenditure", "130.83", layout="table"),
        mention("operating_expenditure", "20.99", "budget", layout="table"),
        mention("operating_control_rate", "639.40"),
    ]
    (found,) = (f for f in check(*given) if f.kind == "rate")
    assert found.verdict == "agree"
    assert found.formula == (
        "134.21 / 20.99 = 639.40; 134.21 as in the prose, the table has 130.83"
    )


def test_the_finest_printed_value_of_a_part_is_used():
    found = rates(
        mention("expenditure", "2816"),
        mention("expenditure", "2815.61"),
        mention("expenditure", "5380.44", "initial_budget"),
    )
    assert found == [("initial_budget", None, "52.33", "derived")]


# --- nought ---


@pytest.mark.parametrize("printed", [None, "0", "100"])
def test_nought_of_nought_is_undefined_whatever_is_printed(printed):
    given = [
        mention("three_public_expenditure", "0", layout="table"),
        mention("three_public_expenditure", "0", "budget", layout="table"),
    ]
    if printed:
        given.append(mention("three_public_control_rate", printed))
    found = [f for f in check(*given) if f.indicator == "three_public_control_rate"]
    assert brief(found) == [("", printed, None, "undefined")]
    assert found[0].formula == "0 / 0"


def test_spending_without_a_budget_is_undefined_too():
    assert execution("5", "0") == [("initial_budget", None, None, "undefined")]


def test_a_missing_part_gives_nothing():
    assert rates(mention("expenditure", "5")) == []
    assert rates(mention("expenditure", "5", "budget")) == []
    assert rates(mention("budget_execution_rate", "90")) == []


# --- other rates of the codebook ---


@pytest.mark.parametrize("kind", ["budget", "initial_budget", "adjusted_budget"])
def test_a_control_rate_takes_any_kind_of_budget(kind):
    found = rates(
        mention("three_public_expenditure", "4.51"),
        mention("three_public_expenditure", "8", kind),
        mention("three_public_control_rate", "56"),
        indicator="three_public_control_rate",
    )
    assert found == [("", "56", "56.38", "agree")]


def test_a_control_rate_is_derived_only_if_all_budgets_give_the_same():
    parts = [
        mention("operating_expenditure", "10"),
        mention("operating_expenditure", "20", "initial_budget"),
    ]
    same = mention("operating_expenditure", "20", "adjusted_budget")
    other = mention("operating_expenditure", "25", "adjusted_budget")
    name = "operating_control_rate"
    assert rates(*parts, same, indicator=name) == [("", None, "50.00", "derived")]
    assert rates(*parts, other, indicator=name) == []
    printed = mention(name, "40")
    assert rates(*parts, other, printed, indicator=name) == [("", "40", "40.00", "agree")]


def test_a_rate_is_computed_for_each_population_apart():
    given = [
        mention("fund_expenditure", "13688.72", population="residents"),
        mention("fund_revenue", "11155.30", population="residents"),
        mention("fund_expenditure_ratio", "122.71", population="residents"),
        mention("fund_expenditure", "7183.01", population="employees"),
        mention("fund_revenue", "6809.15", population="employees"),
        mention("fund_revenue", "20000", population="all"),
    ]
    found = [f for f in check(*given) if f.indicator == "fund_expenditure_ratio"]
    assert [(f.population, plain(f.recomputed), f.verdict) for f in found] == [
        ("employees", "105.49", "derived"),
        ("residents", "122.71", "agree"),
    ]


def test_no_population_named_is_all():
    found = rates(
        mention("insured_persons", "96"),
        mention("eligible_persons", "100", population="all"),
        mention("participation_rate", "96", population="all"),
        indicator="participation_rate",
    )
    assert found == [("", "96", "96.00", "agree")]


@pytest.mark.parametrize(
    ("printed", "verdict"), [("98.0", "agree"), ("98.04", "agree"), ("97.5", "disagree")]
)
def test_a_count_printed_in_ten_thousands_is_a_rounded_one(printed, verdict):
    found = rates(
        mention("insured_persons", "245000", decimals=-3),
        mention("eligible_persons", "250000", decimals=-2),
        mention("participation_rate", printed),
        indicator="participation_rate",
    )
    assert found == [("", printed, "98.00", verdict)]


def test_a_change_of_the_budget_is_held_against_both_budgets():
    given = [mention(*fact) for fact in BOTH] + [mention("budget_adjustment_rate", "59.2")]
    assert rates(*given, indicator="budget_adjustment_rate") == [("", "59.2", "59.21", "agree")]


def test_a_change_against_last_year_takes_last_years_budget():
    found = [
        f
        for f in check(
            mention("three_public_expenditure", "8", "budget"),
            mention("three_public_expenditure", "10", "budget", year=2022),
            mention("three_public_change_rate", "-20"),
        )
        if f.indicator == "three_public_change_rate"
    ]
    assert brief(found) == [("", "-20", "-20.00", "agree")]
    assert found[0].formula == "(8 - 10) / 10 = -20.00"


@pytest.mark.parametrize(
    ("first", "second"), [("administrative", "institution"), ("bureau", "centre")]
)
def test_staff_is_added_up_where_only_its_parts_are_printed(first, second):
    parts = [
        mention("staff", "6", population=first),
        mention("staff", "36", population=second),
        mention("authorised_posts", "6", population=first),
        mention("authorised_posts", "41", population=second),
        mention("staffing_control_rate", "100"),
    ]
    (found,) = (f for f in check(*parts) if f.kind == "rate")
    assert brief([found]) == [("", "100", "89.36", "disagree")]
    assert found.formula == "(6 + 36) / (6 + 41) = 89.36"


def test_the_printed_total_of_staff_comes_before_its_parts():
    found = rates(
        mention("staff", "12", layout="table"),
        mention("authorised_posts", "12", layout="table"),
        mention("staff", "7", population="administrative"),
        mention("staff", "2", population="institution"),
        mention("authorised_posts", "6", population="administrative"),
        mention("authorised_posts", "6", population="institution"),
        mention("staffing_control_rate", "100", layout="table"),
        indicator="staffing_control_rate",
    )
    assert found == [("", "100", "100.00", "agree")]


def test_a_part_of_the_staff_alone_gives_no_rate():
    found = rates(
        mention("staff", "7", population="administrative"),
        mention("authorised_posts", "7", population="administrative"),
        indicator="staffing_control_rate",
    )
    assert found == []


def test_a_project_has_its_own_rate():
    given = {"subject": "城乡居民医疗保险县级配套资金"}
    (found,) = check(
        mention("project_expenditure", "167.76", **given),
        mention("project_expenditure", "180", "adjusted_budget", **given),
    )
    assert (found.indicator, found.subject) == ("budget_execution_rate", given["subject"])
    assert brief([found]) == [("adjusted_budget", None, "93.20", "derived")]


def test_project_spending_of_the_department_is_not_its_spending():
    assert not check(
        mention("project_expenditure", "0"), mention("project_expenditure", "20.8", "budget")
    )


# --- sums ---


def sums(*mentions):
    return [
        (f.indicator, plain(f.reported), plain(f.recomputed), f.verdict, f.formula)
        for f in check(*mentions)
        if f.kind == "sum"
    ]


def test_a_total_is_held_against_its_parts_for_each_scenario():
    found = sums(
        mention("expenditure", "2644.67", "budget"),
        mention("basic_expenditure", "203.07", "budget"),
        mention("project_expenditure", "2441.60", "budget"),
        mention("expenditure", "2406.01"),
        mention("basic_expenditure", "236.73"),
        mention("project_expenditure", "2100"),
    )
    assert found == [
        ("expenditure", "2406.01", "2336.73", "disagree", "actual: 236.73 + 2100 = 2336.73"),
        ("expenditure", "2644.67", "2644.67", "agree", "budget: 203.07 + 2441.60 = 2644.67"),
    ]


def test_a_part_that_is_not_printed_leaves_the_sum_unchecked():
    assert not sums(
        mention("three_public_expenditure", "4.51"),
        mention("reception_expenditure", "4.51"),
        mention("vehicle_expenditure", "0"),
    )


def test_parts_of_another_kind_of_budget_are_not_added():
    assert not sums(
        mention("expenditure", "100", "initial_budget"),
        mention("basic_expenditure", "60", "initial_budget"),
        mention("project_expenditure", "40", "adjusted_budget"),
    )


@pytest.mark.parametrize(
    ("whole", "parts", "verdict"),
    [
        ("100.01", ("60.33", "39.67"), "agree"),
        ("100.02", ("60.33", "39.67"), "disagree"),
        ("4.51", ("4.51", "0"), "agree"),
        ("4.52", ("4.51", "0"), "agree"),
        ("4.54", ("4.51", "0"), "disagree"),
        # 20.8 is 20.80 with its nought left out, not a figure known to tenths only
        ("30.13", ("20.8", "9.23"), "disagree"),
        ("100", ("60", "39"), "agree"),
        ("100", ("60", "38"), "disagree"),
    ],
)
def test_amounts_add_up_within_their_rounding(whole, parts, verdict):
    ((_, _, _, found, _),) = sums(
        mention("expenditure", whole),
        mention("basic_expenditure", parts[0]),
        mention("project_expenditure", parts[1]),
    )
    assert found == verdict


@pytest.mark.parametrize(
    ("whole", "decimals", "verdict"),
    [("75295", 0, "agree"), ("75296", 0, "disagree"), ("75300", -2, "agree")],
)
def test_persons_add_up_exactly_unless_printed_in_ten_thousands(whole, decimals, verdict):
    ((name, _, recomputed, found, _),) = sums(
        mention("insured_persons", whole, decimals=decimals),
        mention("insured_persons", "5999", population="employees"),
        mention("insured_persons", "69296", population="residents"),
    )
    assert (name, recomputed, found) == ("insured_persons", "75295", verdict)


def test_a_nought_printed_in_yuan_does_not_sharpen_the_rounding():
    ((_, reported, recomputed, found, formula),) = sums(
        mention("expenditure", "100.01"),
        mention("basic_expenditure", "100.00"),
        mention("project_expenditure", "0.0000", decimals=4),
    )
    assert (reported, recomputed, found) == ("100.01", "100.00", "agree")
    assert formula == "actual: 100.00 + 0 = 100.00"


def test_a_sum_that_only_the_prose_value_gives_says_so():
    found = sums(
        mention("basic_expenditure", "355.27"),
        mention("personnel_expenditure", "221.06"),
        mention("operating_expenditure", "134.21"),
        mention("operating_expenditure", "130.83", layout="table"),
    )
    assert found == [
        (
            "basic_expenditure",
            "355.27",
            "355.27",
            "agree",
            "actual: 221.06 + 134.21 = 355.27; 134.21 as in the prose, the table has 130.83",
        )
    ]


# --- contradictions and bounds ---


def contradictions(*mentions):
    return [f for f in check(*mentions) if f.kind == "prose_vs_table"]


@pytest.mark.parametrize(
    ("prose", "table", "contradict"),
    [
        ("97", "94.5", True),
        ("96", "98", True),
        ("134.21", "130.83", True),
        ("94.5", "94.5", False),
        ("94", "94.4", False),
        ("95", "94.5", False),
        ("94.50", "94.5", False),
        ("94.51", "94.50", True),
    ],
)
def test_prose_and_table_contradict_each_other_beyond_rounding(prose, table, contradict):
    found = contradictions(
        mention("self_evaluation_score", prose),
        mention("self_evaluation_score", table, layout="table"),
    )
    expected = [("", prose, table, "disagree")] if contradict else []
    assert brief(found) == expected


def test_a_contradiction_lists_both_places():
    prose = mention("satisfaction_rate", "96", population="staff")
    table = mention("satisfaction_rate", "98", population="staff", layout="table")
    (found,) = contradictions(prose, table)
    assert found.mention_ids == (prose.mention_id, table.mention_id)
    assert (found.population, found.formula) == ("staff", "actual: prose 96, table 98")


def test_a_prose_value_that_one_of_the_tables_confirms_is_no_contradiction():
    assert not contradictions(
        mention("self_evaluation_score", "97"),
        mention("self_evaluation_score", "94.5", layout="table"),
        mention("self_evaluation_score", "97", layout="table"),
    )


@pytest.mark.parametrize(
    "change",
    [
        {"scenario": "target"},
        {"year": 2022, "period": "2022"},
        {"population": "public"},
        {"subject": "城乡医疗救助"},
        {"comparator": ">="},
        {"review": "two readings are open"},
        {"period": "2023-01/2023-03"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_figures_of_different_keys_do_not_contradict_each_other(change):
    prose = mention("satisfaction_rate", "96", population="staff")
    table = mention("satisfaction_rate", "98", population="staff", layout="table")
    assert not contradictions(prose, replace(table, **change))


def test_a_value_outside_its_bounds_is_found():
    rate = replace(DEFINITIONS.indicators["participation_rate"], lowest=0.0, highest=130.0)
    bounded = replace(DEFINITIONS, indicators=DEFINITIONS.indicators | {"participation_rate": rate})
    good = mention("participation_rate", "101.9")
    high = mention("participation_rate", "959.3")
    low = mention("participation_rate", "-3", "target")
    found = [f for f in check(good, high, low, definitions=bounded) if f.kind == "bounds"]
    assert [(f.formula, plain(f.reported), f.verdict, f.mention_ids) for f in found] == [
        ("actual: 959.3 is above 130", "959.3", "disagree", (high.mention_id,)),
        ("target: -3 is below 0", "-3", "disagree", (low.mention_id,)),
    ]


def test_the_order_of_mentions_does_not_matter():
    given = [mention(*fact) for fact in BOTH]
    given += [
        mention("budget_execution_rate", "100"),
        mention("self_evaluation_score", "97"),
        mention("self_evaluation_score", "94.5", layout="table"),
    ]
    assert check(*given) == check(*reversed(given))
    assert len(check(*given)) == len(set(check(*given))) == 4


# --- the reports of one county against each other ---

LATER = replace(IDENTITY, year=2024)
ELSEWHERE = replace(IDENTITY, county_code="130127", county="高邑县", year=2024)


def across(*mentions, **identities):
    documents = {"report.txt": IDENTITY} | {f"{name}.txt": i for name, i in identities.items()}
    return audit.across(mentions, documents, DEFINITIONS)


def test_a_prior_years_value_is_held_against_the_report_of_that_year():
    own = mention("expenditure", "355.27")
    back = mention("expenditure", "360.00", document="later.txt")
    (found,) = across(own, back, later=LATER)
    assert (found.kind, found.document, found.year, found.verdict) == (
        "prior_year",
        "later.txt",
        2023,
        "disagree",
    )
    assert (plain(found.reported), plain(found.recomputed)) == ("360.00", "355.27")
    assert found.formula == ("actual: 360.00 in the report of 2024, 355.27 in report.txt")
    assert found.mention_ids == (back.mention_id, own.mention_id)


def test_the_same_value_in_both_reports_agrees_at_the_digits_printed():
    (found,) = across(
        mention("expenditure", "355.27"),
        mention("expenditure", "355.3", document="later.txt"),
        later=LATER,
    )
    assert found.verdict == "agree"


def test_two_reports_of_one_year_are_held_against_each_other():
    (found,) = across(
        mention("expenditure", "355.27"),
        mention("expenditure", "3552700", document="budget.txt"),
        budget=IDENTITY,
    )
    assert found.kind == "report_vs_report"
    assert found.formula.endswith("; the one is 10,000 times the other (元 for 万元)")


@pytest.mark.parametrize(
    ("change", "identity"),
    [
        ({}, ELSEWHERE),
        ({}, replace(LATER, county_code="")),
        ({"year": 2024, "period": "2024"}, LATER),
        ({"scenario": "budget"}, LATER),
        ({"subject": "城乡医疗救助"}, LATER),
        ({"comparator": ">="}, LATER),
        ({"review": "two readings are open"}, LATER),
        ({"period": "2023-01/2023-06"}, LATER),
    ],
)
def test_other_counties_keys_and_doubtful_figures_are_not_held_against_each_other(change, identity):
    other = replace(mention("expenditure", "360", document="later.txt"), **change)
    assert not across(mention("expenditure", "355.27"), other, later=identity)


def test_rates_of_an_unstated_basis_are_not_held_against_each_other():
    first = mention("budget_execution_rate", "90")
    later = mention("budget_execution_rate", "95", document="later.txt", basis="unstated")
    assert not across(first, later, later=LATER)
    named = [replace(m, basis="initial_budget") for m in (first, later)]
    (found,) = across(*named, later=LATER)
    assert (found.basis, found.verdict) == ("initial_budget", "disagree")


def test_a_report_that_says_two_things_is_held_against_none():
    assert not across(
        mention("expenditure", "355.27"),
        mention("expenditure", "300"),
        mention("expenditure", "360", document="later.txt"),
        later=LATER,
    )


def test_hundreds_of_versions_of_a_report_are_held_against_one():
    """A folder may hold a report many times over; all their pairs would take hours."""
    names = [f"v{number:03}" for number in range(400)]
    said = [mention("expenditure", "355.27", document=f"{name}.txt") for name in names[:-1]]
    said.append(mention("expenditure", "360.00", document=f"{names[-1]}.txt"))
    found = across(*said, **dict.fromkeys(names, IDENTITY))
    assert len(found) == 399
    assert [f.verdict for f in found].count("disagree") == 1
