import math
import re

import pytest
from conftest import RICH_ROWS, ROWS, write_table

from briefing import BriefingError, compare, data, findings, labels

EXECUTION = compare.EXECUTION


def changed(folder, name, change):
    """Loads the folder with `change` done to the rows of one table."""
    rows = [dict(row) for row in ROWS[name]]
    change(rows)
    write_table(folder, name, rows)
    return data.load(folder)


def test_coverage_says_what_there_is(tables):
    table = compare.coverage(tables)
    assert len(table) == 7 * 3
    status = {(row.indicator, row.place): row.status for row in table.itertuples()}
    assert status["expenditure", "高邑县"] == "target_only"
    assert status["expenditure", "北塔区"] == "reported"
    assert status["budget_execution_rate", "高邑县"] == "derived"
    assert status["budget_execution_rate", "北塔区"] == "reported"  # and derived on another basis
    assert status["three_public_control_rate", "北塔区"] == "undefined"
    assert status["staffing_control_rate", "北塔区"] == "bound"
    assert status["satisfaction_rate", "北塔区"] == "conflicting"
    assert {found for (_, place), found in status.items() if place == "无数县"} == {"absent"}


def test_a_project_is_not_the_department(tables):
    table = compare.coverage(tables)
    row = table[(table["indicator"] == "project_expenditure") & (table["place"] == "北塔区")]
    assert list(row["status"]) == ["absent"]


def test_a_report_without_a_known_county_is_left_out_and_none_at_all_is_an_error(folder):
    def forget(rows):
        for row in rows:
            row["county_code"] = ""

    with pytest.raises(BriefingError, match=r"no report with a known county.*data/raw/sources.csv"):
        compare.coverage(changed(folder, "documents", forget))
    tables = changed(folder, "documents", lambda rows: forget(rows[:1]))
    assert list(compare.coverage(tables)["place"].unique()) == ["无数县", "北塔区"]


def test_execution_keeps_the_bases_apart(tables):
    table = compare.side_by_side(tables, EXECUTION, by="basis")
    rows = [(r.place, r.basis, r.value, r.status) for r in table.itertuples()]
    assert rows[1:] == [
        ("高邑县", "budget", 90.98, "derived"),
        ("北塔区", "initial_budget", 159.21, "derived"),
        ("北塔区", "adjusted_budget", 100.0, "reported"),
    ]
    assert rows[0][::3] == ("无数县", "absent")
    assert table["value"].isna().tolist() == [True, False, False, False]
    matrix = labels.matrix(table, ["place", "year"], ["basis"])
    assert matrix.to_dict("list") == {
        "县（市、区）": ["无数县", "高邑县", "北塔区"],
        "年度": ["2023", "2024", "2023"],
        "年初预算": ["—", "—", "159.21（推算值）"],
        "调整后预算": ["—", "—", "100"],
        "报告所称预算": ["—", "90.98（推算值）", "—"],
    }
    assert list(matrix)[2:] == ["年初预算", "调整后预算", "报告所称预算"]


def test_mixed_bases_are_refused_by_name(tables):
    message = (
        "budget_execution_rate stands on 3 basis values here, 'adjusted_budget' (调整后预算), "
        "'budget' (报告所称预算), 'initial_budget' (年初预算), which are not comparable: "
        "choose one with basis=, or keep them apart with side_by_side(by='basis')"
    )
    with pytest.raises(BriefingError, match=f"^{re.escape(message)}$"):
        compare.across_counties(tables, "budget_execution_rate")
    table = compare.across_counties(tables, "budget_execution_rate", basis="initial_budget")
    assert list(table["value"].dropna()) == [159.21]
    assert list(table["status"]) == ["derived", "absent", "absent"]


def test_mixed_populations_are_refused_by_name(folder):
    tables = changed(
        folder, "observations", lambda rows: rows.append(rows[-1] | {"population": "staff"})
    )
    with pytest.raises(BriefingError, match=r"2 population values here, 'public' \(社会公众\), 's"):
        compare.across_counties(tables, "satisfaction_rate")


def test_an_unknown_indicator_gets_the_nearest_names(tables):
    with pytest.raises(BriefingError, match=r"'staffing_rate': did you mean staffing_control_rate"):
        compare.across_counties(tables, "staffing_rate")
    with pytest.raises(BriefingError, match=r"'预算执行绿': did you mean 预算执行率\?$"):
        compare.across_counties(tables, "预算执行绿")
    with pytest.raises(BriefingError, match=r"'参保': codebook.csv lists them all$"):
        compare.across_counties(tables, "参保")


def test_a_selection_without_figures(tables):
    message = "no figure of expenditure for actual, 2019: the coverage notebook shows what there is"
    with pytest.raises(BriefingError, match=f"^{message}$"):
        compare.across_counties(tables, "expenditure", year=2019)


def test_ranked_highest_first(folder):
    tables = changed(
        folder,
        "observations",
        lambda rows: rows.append(
            rows[3] | {"county_code": "011111", "document": "c.txt", "value": "400"}
        ),
    )
    table = compare.across_counties(tables, "expenditure")
    assert list(zip(table["place"], table["value"], strict=True))[:2] == [
        ("无数县", 400.0),
        ("北塔区", 355.27),
    ]
    assert list(table["status"])[2:] == ["absent"]


def test_a_contradiction_carries_the_other_value(tables):
    table = compare.across_counties(tables, "satisfaction_rate")
    assert table["others"][0] == (98.0,)
    shown = labels.shown(table)
    assert shown.loc[0, ["数值", "另一说法", "人群", "状态"]].tolist() == [
        "96",
        "98",
        "社会公众",
        "前后矛盾",
    ]


def test_control_rates_show_bounds_and_undefined(tables):
    matrix = labels.matrix(compare.control_rates(tables), ["place"], ["name", "basis"])
    assert matrix.set_index("县（市、区）").loc["北塔区"].to_dict() == {
        "三公经费控制率": "无意义（0/0）",
        "公用经费控制率": "623.3（推算值）",
        "在职人员控制率": "≥95",
    }


def test_rates_of_unstated_basis_are_not_compared(folder):
    def forget(rows):
        for row in rows:
            row["basis"] = "unstated"

    table = compare.side_by_side(
        changed(folder, "observations", lambda r: forget(r[1:7])), EXECUTION, by="basis"
    )
    assert findings.by_basis(table) == "3 个执行率都未注明口径，彼此不可比"


def test_audit_lists_contradictions_first_and_rounds_the_gap_half_up(tables):
    table = compare.reported_vs_recomputed(tables)
    assert list(table["verdict"]) == ["disagree", "agree", "agree"]
    assert list(table["gap"]) == [9.02, -0.01, 0.0]
    assert list(table["recomputed"]) == [90.98, 92.485, 100.0]


def test_audit_without_a_rate(folder):
    tables = changed(folder, "audit", lambda rows: rows.clear())
    with pytest.raises(BriefingError, match="no rate that is both reported and recomputed"):
        compare.reported_vs_recomputed(tables)


def test_counties_of_one_name_are_told_apart(folder):
    def rename(rows):
        rows[0]["county"] = "北塔区"

    tables = changed(folder, "documents", rename)
    assert compare.places(tables) == {
        "130127": "石家庄市北塔区",
        "430511": "邵阳市北塔区",
        "011111": "无数县",
    }


def test_findings_are_computed(tables):
    assert findings.coverage(compare.coverage(tables)) == (
        "3 份报告、7 项指标共 21 格，8 格（38.1%）有当年实际值，其中推算 2 格、前后矛盾 1 格；"
        "仅有目标或预算 1 格，未报告 12 格"
    )
    assert findings.by_basis(compare.side_by_side(tables, EXECUTION, by="basis")) == (
        "按年初预算，预算执行率 159.21%（北塔区 2023）；"
        "另有不可与之相比的：调整后预算 1 个、报告所称预算 1 个"
    )
    assert findings.control(compare.control_rates(tables)) == (
        "三公经费控制率 1 个都不超过 100%；公用经费控制率 1 个中 1 个超过 100%，"
        "最高 623.3%（北塔区 2023）；在职人员控制率 1 个都不超过 100%"
    )
    assert findings.audit(compare.reported_vs_recomputed(tables)) == (
        "3 个可重算的比率中 2 个与重算一致，1 个不一致；"
        "相差最大的是高邑县 2024 年预算执行率：报告 100%，重算 90.98%"
    )


def test_one_digit_more_is_seen_in_every_table(folder):
    """What nbval compares: a figure changed by one in its last digit changes the shown text."""
    before = data.load(folder)

    def touch(rows):
        for row in rows:
            for column in {"value", "reported"} & set(row):
                if row[column] in ("90.98", "92.48", "100"):
                    row[column] = {"90.98": "90.99", "92.48": "92.49", "100": "101"}[row[column]]

    changed(folder, "observations", touch)
    after = changed(folder, "audit", touch)
    for table in (
        lambda tables: compare.side_by_side(tables, EXECUTION, by="basis"),
        compare.control_rates,
        compare.reported_vs_recomputed,
    ):
        assert not labels.shown(table(before)).equals(labels.shown(table(after)))


def test_against_target_says_met_missed_and_undecided(rich):
    table = compare.against_target(rich, "参保率", population="all")
    rows = {
        row.place: (row.value, row.target_comparator, row.target, row.gap, row.verdict)
        for row in table.itertuples()
    }
    assert rows["高邑县"] == (94.0, ">=", 95.0, -1.0, "missed")
    assert rows["北塔区"] == (95.93, "=", 95.0, 0.93, "above")  # a bare figure has no direction
    *_, gap, verdict = rows["无数县"]  # ≥ 95 against ≥ 96
    assert math.isnan(gap)
    assert verdict == "undecided"


@pytest.mark.parametrize(
    ("value", "comparator", "line", "direction", "verdict"),
    [
        (96, "=", 95, ">=", "met"),
        (95, "=", 95, ">=", "met"),
        (95, "=", 95, ">", "missed"),
        (95, ">", 95, ">", "met"),
        (94, "<=", 95, ">=", "missed"),
        (96, "<=", 95, ">=", "undecided"),
        (8, "=", 10, "<=", "met"),
        (10, "=", 10, "<", "missed"),
        (12, ">=", 10, "<=", "missed"),
        (8, "~", 10, "<=", "undecided"),
        (95, "=", 95, "=", "equal"),
        (96, ">=", 95, "=", "above"),
        (94, "<", 95, "=", "below"),
        (94, ">=", 95, "=", "undecided"),
    ],
)
def test_a_verdict_never_guesses_beyond_a_bound(value, comparator, line, direction, verdict):
    assert compare._verdict(value, comparator, line, direction) == verdict


def test_a_contradiction_on_both_sides_of_the_target_is_undecided(rich_folder):
    rows = [dict(row) for row in [*ROWS["observations"], *RICH_ROWS]]
    goal = next(row for row in rows if row["indicator"] == "satisfaction_rate") | {
        "scenario": "target",
        "status": "reported",
        "comparator": ">=",
        "value": "97",
        "mention_ids": "",
    }
    write_table(rich_folder, "observations", [*rows, goal])
    table = compare.against_target(data.load(rich_folder), "满意度")
    assert list(table["verdict"])[:1] == ["undecided"]  # 96 and 98
    assert math.isnan(table["gap"][0])


def test_against_national_takes_the_line_of_the_same_year_and_people(rich):
    table = compare.against_national(rich, "participation_rate", population="all")
    rows = {row.place: (row.national, row.verdict) for row in table.itertuples()}
    assert rows == {
        "北塔区": (95.0, "above"),
        "无数县": (95.0, "undecided"),
        "高邑县": (95.0, "below"),
    }
    assert set(table["national_source"]) == {
        "国家医保局《2023年全国医疗保障事业发展统计公报》",
        "国家医保局《2024年全国医疗保障事业发展统计公报》",
    }
    with pytest.raises(BriefingError, match=r"^no national line for any figure of expenditure"):
        compare.against_national(rich, "expenditure")
    with pytest.raises(BriefingError, match=r"^no target line for any figure of expenditure"):
        compare.against_target(rich, "expenditure")


def test_every_national_line_has_its_source_and_how_it_was_checked():
    lines = data.national()
    assert len(lines) == 6
    assert (lines[["source", "source_en", "checked"]] != "").all(axis=None)
    assert not lines.duplicated(["indicator", "population", "year"]).any()


def test_two_counties_of_unstated_basis_are_refused(folder):
    def forget(rows):
        for row in rows:
            row["basis"] = "unstated"

    tables = changed(folder, "observations", lambda rows: forget(rows[1:7]))
    with pytest.raises(BriefingError, match=r"^2 counties do not say of which budget their bud"):
        compare.across_counties(tables, EXECUTION)


def test_side_by_side_refuses_what_it_does_not_keep_apart(rich):
    table = compare.side_by_side(rich, "参保率", by="population")
    assert [(r.place, r.population, r.value) for r in table.itertuples()] == [
        ("无数县", "all", 95.0),
        ("高邑县", "all", 94.0),
        ("北塔区", "all", 95.93),
        ("北塔区", "residents", 98.0),
    ]
    with pytest.raises(BriefingError, match="participation_rate stands on 2 population values"):
        compare.side_by_side(rich, "参保率", by="scenario")
    with pytest.raises(BriefingError, match=r"^by='colour' is no dimension: choose basis, pop"):
        compare.side_by_side(rich, "参保率", by="colour")
    budget = compare.side_by_side(rich, "公用经费", by="scenario")
    assert set(budget.loc[budget["place"] == "北塔区", "scenario"]) == {"actual", "budget"}


def test_over_years_of_a_county_and_of_an_indicator(rich):
    table = compare.over_years(rich, county="北塔")
    assert [(r.name, r.year, r.value) for r in table.itertuples()] == [
        ("公用经费", 2020, 120.0),
        ("公用经费", 2022, 138.16),
        ("公用经费", 2023, 130.83),
    ]
    # 2021 is missing, and 2023 has two values: no difference is computed.
    assert table["change"].isna().all()
    table = compare.over_years(rich, "公用经费")
    assert list(table["place"]) == ["无数县", "北塔区", "北塔区", "北塔区"]
    with pytest.raises(BriefingError, match=r"^no series of two years or more for expenditure: a"):
        compare.over_years(rich, "expenditure")
    with pytest.raises(BriefingError, match=r"^no county named '北塔县': did you mean 北塔区\?$"):
        compare.over_years(rich, county="北塔县")
    with pytest.raises(BriefingError, match=r"^over_years needs an indicator, a county, or both$"):
        compare.over_years(rich)


def test_a_change_is_exact(rich_folder):
    rows = [dict(row) for row in [*ROWS["observations"], *RICH_ROWS]]
    rows = [r | ({"year": "2021"} if r["value"] == "120" else {}) for r in rows]
    write_table(rich_folder, "observations", rows)
    table = compare.over_years(data.load(rich_folder), county="430511")
    assert table["change"].tolist()[1] == 18.16  # in floats 138.16 - 120 is 18.159999999999997


def test_prior_years_are_left_to_over_years(rich):
    table = compare.across_counties(rich, "公用经费")
    assert [(r.place, r.year) for r in table.itertuples() if r.status != "absent"] == [
        ("北塔区", 2023),
        ("无数县", 2023),
    ]
    table = compare.across_counties(rich, "公用经费", year=2022)
    assert [(r.place, r.value) for r in table.itertuples()] == [("北塔区", 138.16)]


def test_no_county_has_two_years(tables):
    with pytest.raises(BriefingError, match=r"^no county has a figure of two years: add reports"):
        compare.longest(tables)


def test_what_is_commonest_and_longest(rich):
    assert compare.commonest(rich, "参保率") == {"population": "all", "basis": ""}
    assert compare.longest(rich) == "430511"


def test_contradictions_carry_their_quotes_and_the_id_of_their_figure(folder):
    def rest(rows):
        rows[2]["mention_ids"] = "m1|m2"

    write_table(
        folder,
        "mentions",
        [row | {"quote": f"满意度\n{row['value']}%"} for row in ROWS["mentions"]],
    )
    table = compare.contradictions(changed(folder, "audit", rest))
    assert list(table["quotes"]) == ["满意度 96% | 满意度 98%"]
    assert findings.contradictions(table) == "1 份报告自相矛盾 1 处：比率重算 1 处"
    assert findings.contradictions(table, "en") == (
        "1 reports contradict themselves in 1 places: 1 rate recomputed"
    )
    assert findings.contradictions(table.iloc[:0]) == "没有发现报告自相矛盾"


def test_sources_name_report_page_and_passage(rich):
    table = compare.across_counties(rich, "参保率", population="all")
    said = compare.sources(rich, table)
    row = said[said["document"] == "a.txt"].iloc[0]
    assert (row["quote"], row["page"]) == ("参保率<b>94%</b>", 2)
    assert set(said["document"]) == {"a.txt", "b.txt", "c.txt"}


def test_a_selection_of_counties_and_years(rich):
    chosen = data.select(rich, ["北塔区", "130127"], [2023])
    assert set(chosen.observations["county"]) == {"北塔区"}
    assert list(chosen.documents["county"]) == ["北塔区"]
    assert set(data.select(rich, ["石家庄市高邑县"]).observations["county"]) == {"高邑县"}
    with pytest.raises(BriefingError, match=r"^no county named '高益县': did you mean 高邑县\?$"):
        data.select(rich, ["高益县"])
    with pytest.raises(
        BriefingError, match=r"^no figure of the year 1999: the tables have 2020, 2"
    ):
        data.select(rich, [], [1999])
    # A prior year's figure still says from which report it is.
    table = compare.across_counties(data.select(rich, [], [2022]), "公用经费")
    assert list(table["value"]) == [138.16]
    assert list(table["reporter"]) == ["北塔区 2023"]


def test_english_words(rich):
    table = compare.across_counties(rich, "参保率", population="all")
    assert findings.ranked(table, "en") == (
        "Participation rate (all): 3 figures from 94% (高邑县 2024) to 95.93% (北塔区 2023); "
        "1 of 2 with a stated target reach it; 1 of 2 with a national figure of the same year "
        "reach it"
    )
    shown = labels.shown(table, "en")
    assert {"County", "Year", "Population", "Value", "Target", "National"} <= set(shown)
    with pytest.raises(BriefingError, match=r"^no language 'fr': choose zh or en$"):
        findings.ranked(table, "fr")


def test_every_id_of_a_table_has_a_word_in_both_languages():
    for words in labels._WORDS.values():
        for word in words.values():
            assert bool(word.zh) == bool(word.en)
