"""What two places of one report say about each other: a table's order, an open bound."""

import pytest
from handmade import DEFINITIONS

from ingest import pipeline
from ingest.documents import sources
from ingest.reading import gate

TITLE = "邵阳市北塔区医疗保障局2023年三公经费决算说明\n\n"
TABLE = (
    "三公经费合计 |\n因公出国(境)费 |\n公务用车购置及运行费 |\n公务接待费 |\n||\n"
    "小计 |\n公务用车购置费 |\n公务用车运行费 |\n|||\n31 |\n0 |\n28 |\n{purchase} |\n{running} |\n3 |\n"
)
WORDS = "公务用车购置及运行费28万元。其中：运行费10万元，购置费18万元。\n"


@pytest.fixture
def read(tmp_path):
    def read_(text):
        folder = tmp_path / "raw"
        folder.mkdir(exist_ok=True)
        (folder / "beita.txt").write_text(TITLE + text, encoding="utf-8")
        (report,) = pipeline.read_all(sources.find(folder)[0], DEFINITIONS)
        return report

    return read_


def stated(report, indicator):
    return {
        (m.layout, m.scenario, str(m.value), bool(m.review))
        for m in report.mentions
        if m.indicator == indicator
    }


def test_a_table_in_the_order_of_the_words_is_read(read):
    report = read("单位：万元\n" + TABLE.format(purchase=18, running=10) + WORDS)
    assert stated(report, "vehicle_purchase_expenditure") == {
        ("table", "actual", "18", False),
        ("prose", "actual", "18", False),
    }


def test_columns_that_the_words_put_in_another_order_are_refused(read):
    report = read("单位：万元\n" + TABLE.format(purchase=10, running=18) + WORDS)
    assert stated(report, "vehicle_purchase_expenditure") == {("prose", "actual", "18", False)}
    assert stated(report, "vehicle_operation_expenditure") == {("prose", "actual", "10", False)}
    refused = {r.indicator for r in report.refusals if r.reason == gate.SHUFFLED}
    assert refused == {"vehicle_purchase_expenditure", "vehicle_operation_expenditure"}
    assert ("table", "actual", "3", False) in stated(report, "reception_expenditure")


def test_one_figure_that_differs_is_a_contradiction_and_stays(read):
    report = read("单位：万元\n" + TABLE.format(purchase=19, running=10) + WORDS)
    assert ("table", "actual", "19", False) in stated(report, "vehicle_purchase_expenditure")
    assert "prose_vs_table" in {finding.kind for finding in report.findings}


def test_an_open_bound_is_the_target_that_the_report_names(read):
    report = read("全区居民医保参保率达97%以上。\n\n绩效目标：全区居民医保参保率达到97%以上。\n")
    assert stated(report, "participation_rate") == {
        ("prose", "target", "97", True),
        ("prose", "target", "97", False),
    }


@pytest.mark.parametrize(
    "text",
    [
        "全区居民医保参保率达97%以上。\n\n绩效目标：全区居民医保参保率达到95%以上。\n",
        "全区居民医保参保率实际达到97%以上。\n\n绩效目标：全区居民医保参保率达到97%以上。\n",
    ],
)
def test_another_bound_and_one_called_a_result_stay_actual(read, text):
    assert any(
        scenario == "actual" and value == "97"
        for _, scenario, value, _ in stated(read(text), "participation_rate")
    )
