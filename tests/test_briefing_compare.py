import re

import pytest
from conftest import ROWS, write_table

from briefing import BriefingError, compare, data, findings, labels


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
    table = compare.execution_by_basis(tables)
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
        "choose one with basis=, or keep them in separate columns"
    )
    with pytest.raises(BriefingError, match=f"^{re.escape(message)}$"):
        compare.across_counties(tables, "budget_execution_rate")
    table = compare.across_counties(tables, "budget_execution_rate", basis="initial_budget")
    assert list(table["value"]) == [159.21]


def test_mixed_populations_are_refused_by_name(folder):
    tables = changed(
        folder, "observations", lambda rows: rows.append(rows[-1] | {"population": "staff"})
    )
    with pytest.raises(BriefingError, match=r"2 population values here, 'public' \(社会公众\), 's"):
        compare.across_counties(tables, "satisfaction_rate")


def test_an_unknown_indicator_gets_the_nearest_names(tables):
    with pytest.raises(BriefingError, match=r"'staffing_rate': did you mean staffing_control_rate"):
        compare.across_counties(tables, "staffing_rate")
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
    assert list(zip(table["place"], table["value"], strict=True)) == [
        ("无数县", 400.0),
        ("北塔区", 355.27),
    ]


def test_a_contradiction_carries_the_other_value(tables):
    table = compare.across_counties(tables, "satisfaction_rate")
    assert list(table["others"]) == [(98.0,)]
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

    table = compare.execution_by_basis(changed(folder, "observations", lambda r: forget(r[1:7])))
    assert findings.execution(table) == "3 个执行率都未注明口径，彼此不可比"


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
    assert findings.execution(compare.execution_by_basis(tables)) == (
        "按年初预算，北塔区 2023 的执行率是 159.21%；"
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
        compare.execution_by_basis,
        compare.control_rates,
        compare.reported_vs_recomputed,
    ):
        assert not labels.shown(table(before)).equals(labels.shown(table(after)))
