"""Which form a table is, and what it asks for and leaves blank."""

import pytest
from handmade import DEFINITIONS

from ingest import pipeline
from ingest.documents import sources
from ingest.reviewing import silence, templates

TITLE = "邵阳市北塔区医疗保障局2023年度部门整体支出绩效自评报告\n\n"

# One small form of each name, as counties print them; "\t" parts cells.
FORMS = {
    "部门整体支出绩效自评表": """部门整体支出绩效自评表

单位名称\t北塔区医疗保障局\t\t\t\t
年度资金\t年初预算数\t全年预算数\t全年执行数\t执行率\t得分
年度资金总额\t80\t90\t88\t97.78%\t9.8
一级指标\t三级指标\t年度指标值\t实际完成值\t分值\t得分
产出指标\t全县参保率\t95%\t96.1%\t10\t10
""",
    "项目支出绩效自评表": """项目支出绩效自评表

项目名称\t城乡医疗救助\t\t\t\t
项目资金\t年初预算数\t全年预算数\t全年执行数\t执行率\t得分
资金总额\t80\t90\t88\t97.78%\t9.8
一级指标\t三级指标\t年度指标值\t实际完成值\t分值\t得分
产出指标\t救助人次\t900人次\t930人次\t10\t10
""",
    "转移支付绩效目标自评表": """转移支付区域绩效目标自评表

转移支付名称\t医疗救助补助资金\t\t\t
资金情况\t全年预算数\t全年执行数\t执行率\t
资金总额\t90\t88\t97.78%\t
一级指标\t三级指标\t指标值\t全年实际完成值\t原因
产出指标\t资助参保人数\t900人\t930人\t
""",
    "项目支出绩效自评表(含预算调整)": """部门预算项目支出绩效自评表

项目名称\t年初预算\t调整后预算数\t预算执行数\t预算执行率\t权重\t得分
医保经办能力提升\t20\t25\t24\t96%\t10\t9.6
""",
    "整体支出绩效评价基础数据表": """整体支出绩效评价基础数据表

财政供养人员\t编制数\t在职人数\t控制率
\t12\t11\t91.67%
经费控制\t2022年决算数\t2023年预算数\t2023年决算数
三公经费\t3\t4\t2
""",
    "三公经费决算表": """财政拨款三公经费支出表

项目\t预算数\t决算数
因公出国(境)费\t0\t0
公务用车购置及运行费\t3\t2.5
公务接待费\t1\t0.4
""",
    "绩效目标申报表": """整体支出绩效目标申报表

年度目标\t保障待遇\t\t
一级指标\t二级指标\t三级指标\t指标值
产出指标\t数量指标\t全县参保率\t95%
""",
    "收支决算总表": """收入支出决算总表

收入\t决算数\t支出\t决算数
本年收入合计\t80\t本年支出合计\t78
年初结转和结余\t2\t年末结转和结余\t4
""",
    "统计报表": """医疗保障事业统计表

指标名称\t计量单位\t代码\t本年累计
参保人数\t人\t01\t90215
住院人次\t人次\t02\t10021
""",
}


@pytest.fixture
def read(tmp_path):
    """Reads a report of a few lines, as the pipeline does."""

    def read_(text, title=TITLE):
        folder = tmp_path / "raw"
        folder.mkdir(exist_ok=True)
        (folder / "beita.txt").write_text(title + text, encoding="utf-8")
        (report,) = pipeline.read_all(sources.find(folder)[0], DEFINITIONS)
        return report

    return read_


def tables_of(report):
    return [i for i, block in enumerate(report.document.blocks) if block.kind == "table"]


def blanks(report):
    return [i for i in report.issues if i.kind == "template_blank"]


def emptied(form):
    """A copy of a form without its figures: the frame and the full marks stay."""
    keep = []
    for line in form.splitlines():
        cells = line.split("\t")
        keep.append("\t".join("" if any(c.isdigit() for c in cell) else cell for cell in cells))
    return "\n".join(keep) + "\n"


def test_every_form_of_the_definitions_is_tried_here():
    known = [form["name"] for form in DEFINITIONS.words["templates"]["forms"]]
    assert sorted(known) == sorted(FORMS)


def test_a_form_has_a_name_and_words_that_must_stand_in_it():
    for form in DEFINITIONS.words["templates"]["forms"]:
        assert set(form) <= {"name", "all", "without"}
        assert len(form["all"]) > 1, form["name"]
        assert all(form["all"]), form["name"]


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_known_by_its_headings(read, name):
    report = read(FORMS[name])
    found = {templates.name_of(report.document, i, DEFINITIONS) for i in tables_of(report)}
    assert name in found
    assert found <= {name, ""}


def test_other_tables_are_no_form(read):
    report = read("评价工作组名单\n\n姓名\t职务\n甲\t组长\n乙\t组员\n")
    assert [templates.name_of(report.document, i, DEFINITIONS) for i in tables_of(report)] == [""]
    assert blanks(report) == []


def test_a_filled_form_tells_which_indicators_it_leaves_blank(read):
    form = FORMS["三公经费决算表"].replace("公务接待费\t1\t0.4", "公务接待费\t\t")
    (issue,) = blanks(read(form))
    assert (issue.severity, issue.where) == ("info", "三公经费决算表, line 5")
    assert issue.message == (
        "the form asks for figures and leaves them blank, and the report states them nowhere: "
        "reception_expenditure 公务接待费"
    )
    assert issue.action == "ask the office if they are needed; a blank is no nought"


def test_what_stands_elsewhere_in_the_report_is_not_missing(read):
    form = FORMS["三公经费决算表"].replace("公务接待费\t1\t0.4", "公务接待费\t\t")
    assert blanks(read("全年公务接待费支出0.4万元。\n\n" + form)) == []


def test_empty_copies_after_a_filled_form_give_one_issue_in_all(read):
    name = "项目支出绩效自评表"
    report = read(
        "\n\n".join([FORMS[name], emptied(FORMS[name]), emptied(FORMS["三公经费决算表"])])
    )
    (issue,) = blanks(report)
    assert issue.severity == "info"
    assert issue.where.startswith("项目支出绩效自评表, 三公经费决算表, from line ")
    assert issue.message == (
        "empty copies of forms: nothing was read from them, and no figure is missing"
    )


def test_copies_of_one_form_are_counted(read):
    form = FORMS["三公经费决算表"]
    report = read("\n\n".join([form, emptied(form), "另一份。", emptied(form)]))
    (issue,) = blanks(report)
    assert issue.where.startswith("三公经费决算表 (2 times), from line ")


def test_a_report_of_empty_forms_is_a_warning(read):
    report = read(emptied(FORMS["三公经费决算表"]))
    assert report.mentions == ()
    (issue,) = blanks(report)
    assert (issue.severity, issue.action) == ("warning", "ask the office for the filled ones")


def test_full_marks_do_not_fill_a_form(read):
    form = "项目支出绩效自评表\n\n项目名称\t\t\t\n年度资金总额\t执行数\t分值\t得分\n\t\t10\t\n"
    form += "一级指标(满分50分)\t三级指标\t指标值\t完成值\n总分\t100\t\t\n"
    (table,) = templates.forms(
        (report := read(form)).document,
        report.mentions,
        silence.silences(report.document, report.refusals, DEFINITIONS),
        DEFINITIONS,
    )
    assert table.empty
    filled = read(form.replace("\t\t10\t", "\t88.5\t10\t"))
    assert not any(
        table.empty for table in templates.forms(filled.document, filled.mentions, (), DEFINITIONS)
    )
