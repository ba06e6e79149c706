"""A department of its own is a folder: the report of an education bureau, read without Python."""

from pathlib import Path

import pytest

from ingest.codebook.loading import load, packaged
from ingest.documents.glyphs import fold
from ingest.reading import reader
from ingest.records import Block, Document, Identity, Source
from ingest.reviewing.proving import complaints

COMMON = packaged()[0]
EDUCATION = Path(__file__).parent / "codebooks/education"
REPORT = """
# 青禾县教育局2023年度部门整体支出绩效自评报告
## 一、部门基本情况
县教育局核定编制42名,年末实有在职人员39人。
## 二、预算执行情况
2023年部门整体支出年初预算8620.5万元,全年支出合计8214.37万元,预算执行率95.29%。其中基本支出6105.2万元,项目支出2109.17万元。
“三公”经费预算12万元,实际支出9.6万元,其中公务接待费2.1万元,公务用车运行维护费7.5万元。
## 三、绩效目标完成情况
全县在园幼儿5230人,适龄幼儿5648人,学前教育毛入园率达到92.6%,较上年提高1.4个百分点。
全年资助小学生640人、普通高中学生1180人、特教学生35人。
服务对象满意度目标90%,实际96.4%。
"""


@pytest.fixture(scope="module")
def book():
    return load(base=(COMMON, EDUCATION))


@pytest.fixture(scope="module")
def figures(book):
    """The figures of the report, as indicator, scenario, population and value."""
    text, blocks = "", []
    for line in fold(REPORT).strip().splitlines():
        marks = len(line) - len(line.lstrip("#"))
        words = line[marks:].strip()
        kind = "heading" if marks else "paragraph"
        blocks.append(Block(kind, len(text), len(text) + len(words), marks))
        text += words + "\n"
    source = Source("report.txt", "report.txt", "0" * 64, len(text))
    document = Document(source, "text", "text", text, tuple(blocks))
    identity = Identity(
        county="青禾县",
        reporting_unit="青禾县教育局",
        year=2023,
        report_type="department_self_evaluation",
    )
    mentions = reader.read(document, identity, book).mentions
    return {(m.indicator, m.scenario, m.population, float(m.value)) for m in mentions}


def test_nothing_of_medical_security_is_known(book):
    assert "participation_rate" not in book.indicators
    assert "reimbursement" not in book.families


def test_what_all_departments_report_is_read(figures):
    assert figures >= {
        ("authorised_posts", "actual", "all", 42),
        ("staff", "actual", "all", 39),
        ("expenditure", "initial_budget", "", 8620.5),
        ("expenditure", "actual", "", 8214.37),
        ("budget_execution_rate", "actual", "", 95.29),
        ("basic_expenditure", "actual", "", 6105.2),
        ("project_expenditure", "actual", "", 2109.17),
        ("three_public_expenditure", "budget", "", 12),
        ("three_public_expenditure", "actual", "", 9.6),
        ("reception_expenditure", "actual", "", 2.1),
        ("vehicle_operation_expenditure", "actual", "", 7.5),
        ("satisfaction_rate", "target", "public", 90),
        ("satisfaction_rate", "actual", "public", 96.4),
    }


def test_what_only_an_education_bureau_reports_is_read(figures, book):
    own = {f for f in figures if book.indicators[f[0]].family == "schooling"}
    assert own == {
        ("kindergarten_children", "actual", "", 5230),
        ("children_of_kindergarten_age", "actual", "", 5648),
        ("preschool_gross_enrolment_rate", "actual", "", 92.6),
        ("supported_pupils", "actual", "pupils", 640),
        ("supported_pupils", "actual", "students", 1180),
    }


def test_what_all_departments_say_is_proved_without_medical_security(book):
    assert list(complaints(book)) == []
