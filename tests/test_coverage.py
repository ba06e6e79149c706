"""Why a figure is missing: what a report says of an indicator when it states no figure."""

from pathlib import Path

import pytest
from handmade import DEFINITIONS, IDENTITY, mention

from ingest import pipeline
from ingest.codebook.model import expand
from ingest.documents import sources
from ingest.documents.readers import scan
from ingest.judging import audit, reconcile
from ingest.reading.index import tighten
from ingest.reading.quantities import find
from ingest.records import Identity
from ingest.reviewing import coverage

TITLE = "邵阳市北塔区医疗保障局2023年度部门整体支出绩效自评报告\n\n"
PROJECT = Identity(year=2023, report_type="project_self_evaluation")


MAIN_FAMILIES = [name for name, family in DEFINITIONS.families.items() if family.expected]


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
        ("预算执行率按季度通报。", "budget_execution_rate", "named_only"),
        ("全县做到应参尽参。", "participation_rate", "qualitative"),
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


def test_a_figure_in_another_unit_was_not_refused_to_the_indicator(read):
    assert state_of(read("医疗救助资助314.24万元。"), "subsidised_persons").state == "not_mentioned"


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
    wanted = [i for i in DEFINITIONS.indicators.values() if i.family in MAIN_FAMILIES]
    assert list(rows) == [i.indicator for i in wanted]
    assert {row.family for row in rows.values()} == set(MAIN_FAMILIES)
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


# --- issues.csv ---


def issues(report, kind):
    return [(i.where, i.message) for i in report.issues if i.kind == kind]


def test_what_is_told_in_words_is_a_note_for_each_indicator(read):
    report = read("三公经费从严控制。\n\n困难群众应参尽参。三公经费未超出预算。")
    assert issues(report, "qualitative") == [
        (
            "line 3, line 5",
            "three_public_expenditure 三公经费 is told in words, not as a number: "
            "“三公经费从严控制。”; “困难群众应参尽参。三公经费未超出预算。”",
        ),
        (
            "line 5",
            "participation_rate 参保率 is told in words, not as a number: "
            "“困难群众应参尽参。三公经费未超出预算。”",
        ),
    ]
    assert report.mentions == ()


def test_the_note_says_where_a_figure_stands_too(read):
    (note,) = issues(read("参保率97.2%。\n\n困难群众应参尽参。"), "qualitative")
    assert "; a figure stands elsewhere: " in note[1]


def test_figures_that_were_not_taken_are_one_issue_a_reason(read):
    text = (
        "公务接待费比上年减少0.5万元。三公经费较上年减少1.2万元。公务接待费由2.1万元减少0.3万元。"
    )
    report = read("\n\n".join([text] * 9))
    found = issues(report, "untaken")
    assert 0 < len(found) < 4
    assert all(message.count("“") <= 3 for _, message in found)
    counted = sum(int(message.split()[0]) for _, message in found)
    left = coverage.untaken(report.document, report.mentions, report.refusals, DEFINITIONS)
    assert counted == len(left) > 9


def test_a_figure_that_nothing_accounts_for_is_a_warning(read):
    report = read("全县参保率97.2%。")
    (issue,) = coverage.issues(report.document, (), (), (), DEFINITIONS)
    assert (issue.severity, issue.kind, issue.where) == ("warning", "unaccounted", "line 3")
    assert "1 figure beside a label of participation_rate that no rule accounts for: " in (
        issue.message
    )
    assert "【97.2%】" in issue.message


def test_a_factor_of_a_formula_and_a_title_are_accounted_for(read):
    report = read("指标\t全年执行率(B/A×100%)\t得分\n资金总额\t98%\t9.8\n")
    assert issues(report, "unaccounted") == []


def test_rows_torn_from_their_header_are_an_issue(read):
    form = "三公经费明细表\n\n项目\t上年决算数\t年初预算数\t决算数\n"
    form += "公务接待费\n0.8\n0.4\n公务用车运行维护费\n2.1\n1.9\n1.7\n"
    report = read(form)
    ((_, message),) = issues(report, "untaken")
    assert report.mentions == ()
    assert message.startswith("5 figures beside a label of reception_expenditure, ")
    assert "not taken (several figures in a row without a header): " in message
    assert "【0.8】" in message


# --- the sample reports: no figure of the four families is lost ---

RAW = Path(__file__).parent.parent / "data/raw"
KINDS = {"amount": {"amount"}, "rate": {"percent"}, "count": {"count"}}


@pytest.fixture(scope="module")
def samples():
    reports = list(pipeline.read_all(sources.find(RAW)[0], DEFINITIONS))
    # Without the optional engine, the scan is an issue; test_processed says that it was left out.
    return [report for report in reports if report.document or scan.available()]


def labels_of(kind):
    """Every wording of the four families whose indicators are measured so, without the lexicon."""
    classes = DEFINITIONS.words["classes"]
    return [
        word
        for indicator in DEFINITIONS.indicators.values()
        if indicator.family in MAIN_FAMILIES and indicator.kind == kind
        for label in indicator.labels
        for word in expand(label, classes)
    ]


def test_every_figure_beside_a_label_is_a_mention_or_refused_with_a_reason(samples):
    wordings = {kind: labels_of(kind) for kind in KINDS}
    seen, lost = 0, []
    for report in samples:
        text = report.document.text
        accounted = [(m.start, m.end) for m in report.mentions]
        accounted += [(r.start, r.end) for r in report.refusals if r.reason]
        for block in report.document.blocks:
            if block.kind == "table":
                continue
            passage = tighten(text, block.start, block.end)
            named = {k for k, words in wordings.items() if any(w in passage.text for w in words)}
            for quantity in find(passage.text):
                if not any(quantity.kind in KINDS[kind] for kind in named):
                    continue
                start, end = passage.span(quantity.start, quantity.end)
                seen += 1
                if not any(first < end and start < last for first, last in accounted):
                    lost.append((report.source.document, text[start - 20 : end + 5]))
    assert lost == []
    assert seen > 100


def test_no_figure_of_the_samples_is_without_an_account(samples):
    assert [i for report in samples for i in report.issues if i.kind == "unaccounted"] == []


def test_every_refused_figure_of_the_four_families_is_counted_in_an_issue(samples):
    for report in samples:
        left = coverage.untaken(report.document, report.mentions, report.refusals, DEFINITIONS)
        counted = [int(message.split()[0]) for _, message in issues(report, "untaken")]
        assert sum(counted) == len(left)
        assert len(counted) <= 12


def test_every_refusal_has_a_reason(samples):
    assert all(refusal.reason for report in samples for refusal in report.refusals)
