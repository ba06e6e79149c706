"""Why a figure is missing: what a report says of an indicator when it states no figure."""

from pathlib import Path

import pytest
from handmade import DEFINITIONS, IDENTITY, mention

from ingest import audit, coverage, pipeline, reconcile, sources
from ingest.records import Identity

TITLE = "邵阳市北塔区医疗保障局2023年度部门整体支出绩效自评报告\n\n"
PROJECT = Identity(year=2023, report_type="project_self_evaluation")


@pytest.fixture
def read(tmp_path):
    """Reads a report of a few lines, as the pipeline does."""

    def read_(text):
        folder = tmp_path / "raw"
        folder.mkdir(exist_ok=True)
        (folder / "beita.txt").write_text(TITLE + text, encoding="utf-8")
        (report,) = pipeline.read_all(sources.find(Path(folder))[0], DEFINITIONS)
        return report

    return read_


def state_of(report, indicator):
    """The state of an indicator in a report, and the passage that decides it."""
    identities = {report.source.document: report.identity}
    observations = reconcile.observations(report.mentions, identities, DEFINITIONS, report.findings)
    rows = coverage.states(
        report.source.document,
        report.identity,
        True,
        0,
        report.mentions,
        report.silences,
        observations,
        DEFINITIONS,
    )
    (row,) = (r for r in rows if r.indicator == indicator)
    return row


@pytest.mark.parametrize(
    ("text", "indicator", "state"),
    [
        ("全县参保率97.2%。", "participation_rate", "reported"),
        ("全县参保率97%以上。", "participation_rate", "reported"),
        ("年初预算223.15万元,全年支出决算355.27万元。", "budget_execution_rate", "derived"),
        ("三公经费预算数0万元,三公经费决算数0万元。", "three_public_control_rate", "undefined"),
        ("力争全县参保率达到95%以上。", "participation_rate", "target_only"),
        ("三公经费预算数8万元。", "three_public_expenditure", "target_only"),
        ("2023年1-6月城乡居民参保人数69296人。", "insured_persons", "refused"),
        ("全年预算执行率较好。", "budget_execution_rate", "qualitative"),
        ("公务接待费无。", "reception_expenditure", "none_stated"),
        ("公务接待费:无;其他费用已公开。", "reception_expenditure", "none_stated"),
        ("全年未发生公务接待费。", "reception_expenditure", "none_stated"),
        ("本年公务接待费——。", "reception_expenditure", "none_stated"),
        ("公务接待费____万元。", "reception_expenditure", "template_blank"),
        ("公务接待费为  万元。", "reception_expenditure", "template_blank"),
        ("预算执行率为XX%。", "budget_execution_rate", "template_blank"),
        ("一、公务接待费\n\n无\n\n二、其他", "reception_expenditure", "none_stated"),
        ("全年各项工作按时办结。", "participation_rate", "not_mentioned"),
        # a title that only holds the words says nothing of the indicator
        ("一、部门整体支出绩效目标\n\n工作有序。", "expenditure", "not_mentioned"),
    ],
)
def test_the_state_of_an_indicator(read, text, indicator, state):
    row = state_of(read(text), indicator)
    assert row.state == state
    if state in ("qualitative", "none_stated", "template_blank", "target_only"):
        assert row.quote
    if state == "not_mentioned":
        assert (row.quote, row.reason) == ("", "")


TABLE = "三公经费明细表\n\n项目\t年初预算数\t决算数\n{row}\n会议费\t1.2\t1.1\n"


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ("公务接待费\t2.5\t2.1", "reported"),
        ("公务接待费\t\t", "template_blank"),
        ("公务接待费\t—\t—", "none_stated"),
        ("公务接待费\t无\t无", "none_stated"),
        ("公务接待费\t从严控制\t逐年下降", "qualitative"),
    ],
)
def test_a_row_of_a_form_tells_what_it_lacks(read, row, state):
    report = read(TABLE.format(row=row))
    assert any(block.kind == "table" for block in report.document.blocks)
    assert state_of(report, "reception_expenditure").state == state


def test_the_reason_says_why_a_figure_was_not_taken(read):
    row = state_of(read("2023年1-6月城乡居民参保人数69296人。"), "insured_persons")
    assert row.reason == "covers only 2023-01/2023-06"
    row = state_of(read("力争全县参保率达到95%以上。"), "participation_rate")
    assert row.reason == "target only"


def states(mentions=(), silent=(), identity=IDENTITY, readable=True, blank=0):
    found = audit.findings(mentions, identity, DEFINITIONS)
    observations = reconcile.observations(mentions, {"report.txt": identity}, DEFINITIONS, found)
    rows = coverage.states(
        "report.txt", identity, readable, blank, mentions, silent, observations, DEFINITIONS
    )
    return {row.indicator: row for row in rows}


def test_there_is_a_row_for_every_indicator_of_the_four_families():
    rows = states()
    wanted = [i for i in DEFINITIONS.indicators.values() if i.family in coverage.FAMILIES]
    assert list(rows) == [i.indicator for i in wanted]
    assert {row.family for row in rows.values()} == set(coverage.FAMILIES)
    assert {(row.county, row.year) for row in rows.values()} == {("北塔区", 2023)}


def test_a_file_that_cannot_be_read_tells_nothing():
    rows = states(readable=False)
    assert {(row.state, row.reason) for row in rows.values()} == {("unreadable", "the whole file")}


def test_what_is_not_found_may_stand_on_a_page_that_cannot_be_read():
    rows = states([mention("participation_rate", "97")], blank=2)
    assert rows["participation_rate"].state == "reported"
    assert rows["expenditure"].state == "unreadable"
    assert rows["expenditure"].reason == "2 page(s) without text"


def test_a_figure_of_a_project_is_the_departments_only_in_a_report_about_it():
    figure = mention("project_expenditure", "19", subject="城乡医疗救助", quote="支付19万元")
    row = states([figure])["project_expenditure"]
    assert (row.state, row.quote, row.reason) == (
        "part_only",
        "支付19万元",
        "of 城乡医疗救助 only",
    )
    assert states([figure], identity=PROJECT)["project_expenditure"].state == "reported"


def test_another_years_figure_is_none_of_this_year():
    figure = mention("expenditure", "90", year=2022)
    assert states([figure])["expenditure"].state == "not_mentioned"


def test_of_several_places_the_most_telling_counts(read):
    report = read("公务接待费从严控制。\n\n公务接待费无。\n\n公务接待费____万元。")
    assert state_of(report, "reception_expenditure").state == "none_stated"


# --- labels without a figure, figures without an account ---


def gaps(report, mentions=None):
    found = coverage.gaps(
        report.document,
        report.mentions if mentions is None else mentions,
        report.refusals,
        DEFINITIONS,
    )
    return [(g.kind, g.indicator, report.document.text[g.start : g.end], g.state) for g in found]


def test_labels_without_a_figure_are_listed(read):
    assert gaps(read("全年预算执行率较好。公务接待费无。")) == [
        ("label", "budget_execution_rate", "预算执行率", "qualitative"),
        ("label", "reception_expenditure", "公务接待费", "none_stated"),
    ]


def test_a_figure_that_is_neither_taken_nor_refused_is_listed(read):
    report = read("全县参保率97.2%,较好。")
    assert gaps(report) == []
    assert gaps(report, mentions=()) == [("figure", "participation_rate", "97.2%", "")]


def test_a_figure_of_another_kind_needs_no_account(read):
    report = read("全县参保率97.2%,走访12次,得分9.5分,发放资料3万份。")
    assert gaps(report, mentions=()) == [("figure", "participation_rate", "97.2%", "")]


def test_check_lists_them_with_the_passage(read, tmp_path, capsys):
    from ingest.__main__ import main

    read("全年预算执行率较好。")
    assert main(["check", "--raw", str(tmp_path / "raw"), "--coverage"]) == 0
    out = capsys.readouterr().out
    assert "beita.txt\n  budget_execution_rate 预算执行率: qualitative\n" in out
    assert "全年【预算执行率】较好" in out
    assert out.endswith("1 labels without a figure, 0 figures that nothing accounts for\n")
