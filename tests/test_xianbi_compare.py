import csv
import math
import re

import pandas as pd
import pytest
from conftest import RICH_ROWS, ROWS, write_table

from xianbi import XianbiError, compare, data, findings, labels

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

    with pytest.raises(XianbiError, match=r"no report with a known county.*data/raw/sources.csv"):
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
    with pytest.raises(XianbiError, match=f"^{re.escape(message)}$"):
        compare.across_counties(tables, "budget_execution_rate")
    table = compare.across_counties(tables, "budget_execution_rate", basis="initial_budget")
    assert list(table["value"].dropna()) == [159.21]
    assert list(table["status"]) == ["derived", "absent", "absent"]


def test_mixed_populations_are_refused_by_name(folder):
    tables = changed(
        folder, "observations", lambda rows: rows.append(rows[-1] | {"population": "staff"})
    )
    with pytest.raises(XianbiError, match=r"2 population values here, 'public' \(社会公众\), 's"):
        compare.across_counties(tables, "satisfaction_rate")


def test_an_unknown_indicator_gets_the_nearest_names(tables):
    with pytest.raises(XianbiError, match=r"'staffing_rate': did you mean staffing_control_rate"):
        compare.across_counties(tables, "staffing_rate")
    with pytest.raises(XianbiError, match=r"'预算执行绿': did you mean 预算执行率\?$"):
        compare.across_counties(tables, "预算执行绿")
    with pytest.raises(XianbiError, match=r"'参保': codebook.csv lists them all$"):
        compare.across_counties(tables, "参保")


def test_a_selection_without_figures(tables):
    message = "no figure of expenditure for actual, 2019: the coverage notebook shows what there is"
    with pytest.raises(XianbiError, match=f"^{message}$"):
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
    with pytest.raises(XianbiError, match="no rate that is both reported and recomputed"):
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
        "按年初预算，预算执行率：159.21%（北塔区 2023）；"
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
        "北塔区": (95.0, "met"),
        "无数县": (95.0, "met"),  # ≥95 itself
        "高邑县": (95.0, "below"),
    }
    assert set(table["national_source"]) == {
        "国家医保局《2023年全国医疗保障事业发展统计公报》",
        "国家医保局《2024年全国医疗保障事业发展统计公报》",
    }
    with pytest.raises(XianbiError, match=r"^no national line for any figure of expenditure"):
        compare.against_national(rich, "expenditure")
    with pytest.raises(XianbiError, match=r"^no target line for any figure of expenditure"):
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
    with pytest.raises(XianbiError, match=r"^2 counties do not say of which budget their bud"):
        compare.across_counties(tables, EXECUTION)


def test_side_by_side_refuses_what_it_does_not_keep_apart(rich):
    table = compare.side_by_side(rich, "参保率", by="population")
    assert [(r.place, r.population, r.value) for r in table.itertuples()] == [
        ("无数县", "all", 95.0),
        ("高邑县", "all", 94.0),
        ("北塔区", "all", 95.93),
        ("北塔区", "residents", 98.0),
    ]
    with pytest.raises(XianbiError, match="participation_rate stands on 2 population values"):
        compare.side_by_side(rich, "参保率", by="scenario")
    with pytest.raises(XianbiError, match=r"^by='colour' is no dimension: choose basis, pop"):
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
    with pytest.raises(XianbiError, match=r"^no series of two years or more for expenditure: a"):
        compare.over_years(rich, "expenditure")
    with pytest.raises(XianbiError, match=r"^no county named '北塔县': did you mean 北塔区\?$"):
        compare.over_years(rich, county="北塔县")
    with pytest.raises(XianbiError, match=r"^over_years needs an indicator, a county, or both$"):
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
    with pytest.raises(XianbiError, match=r"^no county has a figure of two years: add reports"):
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
        "Contradictions: 1, in reports: 1 (1 rate recomputed)"
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
    with pytest.raises(XianbiError, match=r"^no county named '高益县': did you mean 高邑县\?$"):
        data.select(rich, ["高益县"])
    with pytest.raises(XianbiError, match=r"^no figure of the year 1999: the tables have 2020, 2"):
        data.select(rich, [], [1999])
    # A prior year's figure still says from which report it is.
    table = compare.across_counties(data.select(rich, [], [2022]), "公用经费")
    assert list(table["value"]) == [138.16]
    assert list(table["reporter"]) == ["北塔区 2023"]


def test_english_words(rich):
    table = compare.across_counties(rich, "参保率", population="all")
    assert findings.ranked(table, "en") == (
        "Participation rate (all): of 2 figures the highest is 95.93% (北塔区 2023), the lowest "
        "94% (高邑县 2024); 1 more, only a bound or contradictory, cannot be ranked; 1 of 2 with a "
        "stated target reach it; 1 of 2 with a national figure of the same year reach it"
    )
    shown = labels.shown(table, "en")
    assert {"County", "Year", "Population", "Value", "Target", "National"} <= set(shown)
    with pytest.raises(XianbiError, match=r"^no language 'fr': choose zh or en$"):
        findings.ranked(table, "fr")


def test_every_id_of_a_table_has_a_word_in_both_languages():
    for words in labels._WORDS.values():
        for word in words.values():
            assert bool(word.zh) == bool(word.en)


def read_rows(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def figures(tables, indicator, by, rows):
    """A table of `compare` with rows of our own: county code, year, value and dimensions."""
    base = compare.side_by_side(tables, indicator, by=by).iloc[0].to_dict()
    return pd.DataFrame([base | {"others": (), "comparator": "="} | row for row in rows])


def test_employees_are_compared_with_residents_of_the_same_report_only(rich):
    def row(place, year, population, value, **more):
        return {
            "county_code": place,
            "place": place,
            "year": year,
            "population": population,
            "value": value,
            **more,
        }

    one = [row("甲县", 2023, "residents", 72.78), row("甲县", 2023, "employees", 87.57)]
    other = [row("乙县", 2021, "residents", 64.5), row("乙县", 2021, "employees", 90.74)]
    alone = [row("丙县", 2023, "employees", 99.0)]
    torn = [
        row("丁县", 2023, "residents", 10.0),
        row("丁县", 2023, "employees", 99.0, comparator=">="),
    ]
    table = figures(rich, "参保率", "population", [*one, *alone, *torn])
    assert findings.by_population(table).endswith("；职工比居民高 14.79 个百分点（甲县 2023）")
    table = figures(rich, "参保率", "population", [*one, *other])
    assert findings.by_population(table).endswith(
        "；职工比居民高 14.79（甲县 2023）到 26.24 个百分点（乙县 2021）"
    )
    assert findings.by_population(table, "en").endswith(
        "; employees 14.79 (甲县 2023) to 26.24 percentage points above residents (乙县 2021)"
    )
    turned = [row("乙县", 2021, "residents", 95.0), row("乙县", 2021, "employees", 90.74)]
    table = figures(rich, "参保率", "population", [*one, *turned])
    assert findings.by_population(table).endswith("；2 份报告两者都有，1 份职工高于居民")


def test_actuals_are_compared_with_the_budget_of_the_same_report(rich):
    def row(place, scenario, value, **more):
        return {
            "county_code": place,
            "place": place,
            "year": 2023,
            "scenario": scenario,
            "value": value,
            **more,
        }

    rows = [
        row("甲县", "actual", 4.51),
        row("甲县", "initial_budget", 4.51),
        row("甲县", "adjusted_budget", 8.0),
        row("乙县", "actual", 0.0),
        row("乙县", "budget", 0.0),
        row("丙县", "actual", 3.0),
        row("丁县", "actual", 130.83, others=(134.21,)),
        row("丁县", "budget", 20.99),
    ]
    table = figures(rich, "公用经费", "scenario", rows)
    assert findings.by_scenario(table) == (
        "公用经费：2 份报告同时写明实际和预算，0 份超过预算，1 份低于预算，1 份相等；"
        "差得最多的是甲县 2023：实际 4.51 万元，调整后预算 8 万元"
    )
    only = figures(rich, "公用经费", "scenario", [rows[5], rows[7]])
    assert findings.by_scenario(only) == "公用经费：实际 3 万元；预算 20.99 万元"


def test_bounds_and_contradictions_have_no_place_in_the_order(rich):
    table = compare.across_counties(rich, "参保率", population="all")
    assert findings.ranked(table).startswith(
        "参保率（全体）：2 个数中最高 95.93%（北塔区 2023），最低 94%（高邑县 2024）；"
        "另有 1 个只报上下限或前后矛盾，不排高低；"
    )


@pytest.mark.parametrize(
    ("value", "line", "comparator", "sentence"),
    [
        (87.57, 84.6, "=", "北塔区 2023 比同年全国数（84.6%）高 2.97 个百分点"),
        (80.0, 84.6, "=", "北塔区 2023 比同年全国数（84.6%）低 4.6 个百分点"),
        (84.6, 84.6, "=", "北塔区 2023 不低于同年全国数（84.6%）"),
        (95.93, 95.0, ">=", "北塔区 2023 不低于同年全国数（≥95%）"),
        (94.0, 95.0, ">=", "北塔区 2023 低于同年全国数（≥95%）"),
    ],
)
def test_one_figure_is_told_by_how_much_it_differs_from_the_line(
    rich, value, line, comparator, sentence
):
    table = compare.across_counties(rich, "参保率", population="all").iloc[:1]
    table = table.assign(
        value=value, target=float("nan"), national=line, national_comparator=comparator
    )
    assert findings.ranked(table).endswith(f"；{sentence}")


def test_a_figure_to_be_checked_is_marked_in_every_table(rich_folder):
    rows = read_rows(rich_folder, "observations")
    for row in rows:
        if row["indicator"] == "participation_rate" and row["status"] == "bound":
            row["note"] = "the prose has 94 (m-1); review: a bound: read as actual, but …"
    write_table(rich_folder, "observations", rows)
    tables = data.load(rich_folder)
    table = compare.across_counties(tables, "参保率", population="all")
    assert list(table["review"]) == [False, True, False]
    assert list(labels.shown(table)["状态"]) == ["报告值", "只报上下限（待核）", "报告值"]
    wide = labels.matrix(
        compare.side_by_side(tables, "参保率", by="population"), ["place"], ["year"]
    )
    assert "≥95（待核）" in wide.to_string()


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("actual: prose 134.21, table 130.83", "实际：正文 134.21，表格 130.83"),
        ("initial_budget: 3 is below 0", "年初预算：3 低于 0"),
        (
            "actual: 5 in the report of 2024, 6 in a/b.txt",
            "实际：2024 年报告是 5，a/b.txt 是 6",
        ),
        ("names no basis; proved by 1 / 2 = 50.00", "没说口径，由算式证明：1 / 2 = 50.00"),
        ("the prose of a/b.txt has 97 (f0-0015)", "a/b.txt 的正文是 97（f0-0015）"),
        ("4.51 / 8 = 56.38", "4.51 / 8 = 56.38"),
    ],
)
def test_remarks_are_told_in_chinese(english, chinese):
    assert labels.remark(english) == chinese
    assert labels.remark(english, "en") == english
