"""The three-public account whose headings and values stand apart, one a line."""

import pytest
from handmade import DEFINITIONS

from ingest import flattened, pipeline
from ingest.documents import sources

TITLE = "通城县医疗保障局2023年度三公经费支出决算表\n金额单位：{unit}\n"
GROUP = ["合计", "因公出国（境）费", "公务用车购置及运行维护费", "公务接待费"]
VEHICLES = ["小计", "公务用车购置费", "公务用车运行维护费"]
BROKEN = ["小计", "公务用车购", "置费", "公务用车运", "行维护费"]


@pytest.fixture
def read(tmp_path):
    def read_(lines, unit="万元"):
        folder = tmp_path / "raw"
        folder.mkdir(exist_ok=True)
        text = TITLE.format(unit=unit) + "\n".join(map(str, lines)) + "\n"
        (folder / "a.txt").write_text(text, encoding="utf-8")
        (report,) = pipeline.read_all(sources.find(folder)[0], DEFINITIONS)
        return report

    return read_


def stated(report):
    return {
        (m.indicator.removesuffix("_expenditure"), m.scenario, m.year, str(m.value))
        for m in report.mentions
    }


def test_two_accounts_side_by_side_are_dealt_out_by_their_sums(read):
    head = ["预算数", "决算数", *GROUP, *GROUP, *VEHICLES, *VEHICLES, ""]
    values = ["9.20", "0.40", "7.00", "3.00", "4.00", "1.80"]
    spent = ["7.35", "0.00", "6.05", "2.95", "3.10", "1.30"]
    report = read([*head, *values, *spent])
    assert stated(report) == {
        ("three_public", "budget", 2023, "9.20"),
        ("overseas", "budget", 2023, "0.40"),
        ("vehicle", "budget", 2023, "7.00"),
        ("vehicle_purchase", "budget", 2023, "3.00"),
        ("vehicle_operation", "budget", 2023, "4.00"),
        ("reception", "budget", 2023, "1.80"),
        ("three_public", "actual", 2023, "7.35"),
        ("overseas", "actual", 2023, "0.00"),
        ("vehicle", "actual", 2023, "6.05"),
        ("vehicle_purchase", "actual", 2023, "2.95"),
        ("vehicle_operation", "actual", 2023, "3.10"),
        ("reception", "actual", 2023, "1.30"),
    }
    assert all(m.quote == m.printed for m in report.mentions)


def test_labels_broken_over_lines_further_columns_and_rows_named_by_year(read):
    head = ["年度", *GROUP, "会议费", "培训费", *BROKEN]
    rows = ["2022年", 5.8, 0, 4, 0, 4, 1.8, 1, 2.5, "2023年", 5.2, 0, 3.8, 0, 3.8, 1.4, 0.8, 3]
    report = read([*head, *rows, "增减变化", -0.6, 0, -0.2, 0, -0.2, -0.4, -0.2, 0.5])
    assert ("reception", "actual", 2022, "1.8") in stated(report)
    assert ("vehicle_operation", "actual", 2023, "3.8") in stated(report)
    assert len(report.mentions) == 12


def test_one_account_without_the_vehicles_parts_in_yuan(read):
    report = read(["三公经费合计", *GROUP[1:], "96,000", "0", "64,000", "32,000"], unit="元")
    assert ("vehicle", "actual", 2023, "6.4000") in stated(report)
    assert ("three_public", "actual", 2023, "9.6000") in stated(report)


@pytest.mark.parametrize(
    "numbers", [[], [" ".join(map(str, range(1, 13)))], ["栏次 1 2 3 4 5 6 7 8 9 10 11 12"]]
)
def test_rows_with_blanks_between_their_cells(read, numbers):
    head = ["预算数　　　　决算数", " ".join([*GROUP, *GROUP]), " ".join([*VEHICLES, *VEHICLES])]
    row = "11.30 0.50 8.20 2.00 6.20 2.60 9.84 0.00 7.94 2.00 5.94 1.90"
    report = read([*head, *numbers, row])
    assert ("three_public", "budget", 2023, "11.30") in stated(report)
    assert ("vehicle_purchase", "budget", 2023, "2.00") in stated(report)
    assert ("vehicle_operation", "actual", 2023, "5.94") in stated(report)
    assert ("reception", "actual", 2023, "1.90") in stated(report)
    assert len(report.mentions) == 12


def test_the_rows_of_units_are_left_alone(read):
    head = [" ".join(GROUP), " ".join(VEHICLES)]
    row = "9.20 0.40 7.00 3.00 4.00 1.80"
    report = read([*head, f"局机关 {row}", f"服务中心 {row}"])
    assert stated(report) == set()


@pytest.mark.parametrize(
    "values",
    [
        ["9.20", "0.40", "7.00", "3.00", "4.00", "1.90"],  # the whole is not the sum
        ["9.20", "0.40", "7.00", "3.00", "4.10", "1.80"],  # nor are the vehicles
        ["9.20", "0.40", "7.00", "3.00", "1.80"],  # one value is missing
        ["9.20"] * 12,  # twice as many values as columns
    ],
)
def test_values_that_no_sum_proves_are_refused(read, values):
    report = read([*GROUP, *VEHICLES, *values])
    assert stated(report) == set()
    refused = [r for r in report.refusals if "no sum proves" in r.reason]
    assert [r.quote for r in refused] == values
    assert any(i.kind == "untaken" for i in report.issues)


def test_formats_with_cells_are_left_to_the_forms(read):
    report = read([*GROUP, *VEHICLES, "9.2", "0.4", "7", "3", "4", "1.8"])
    from dataclasses import replace

    document = replace(report.document, format="docx")
    assert flattened.read(document, report.identity, DEFINITIONS).mentions == ()
