"""Small tables as `ingest build` writes them, made by hand for the tests of `xianbi`."""

import csv

import pytest

from xianbi import data

COLUMNS = {name: list(columns) for name, columns in data.COLUMNS.items()}

CODEBOOK_COLUMNS = ("family", "indicator", "name_zh", "kind", "unit")
CODEBOOK = [
    ("budget", "expenditure", "支出", "amount", "万元"),
    ("budget", "project_expenditure", "项目支出", "amount", "万元"),
    ("budget", "budget_execution_rate", "预算执行率", "rate", "%"),
    ("budget", "operating_control_rate", "公用经费控制率", "rate", "%"),
    ("budget", "staffing_control_rate", "在职人员控制率", "rate", "%"),
    ("three_public", "three_public_control_rate", "三公经费控制率", "rate", "%"),
    ("supplementary", "satisfaction_rate", "满意度", "rate", "%"),
]

# code, province, city, county, year
REPORTS = {
    "a.txt": ("130127", "河北省", "石家庄市", "高邑县", "2024"),
    "b.txt": ("430511", "湖南省", "邵阳市", "北塔区", "2023"),
    "c.txt": ("011111", "某省", "某市", "无数县", "2023"),
}


def _observation(document, indicator, value, **given):
    code, province, city, county, year = REPORTS[document]
    return {
        "county_code": code,
        "province": province,
        "city": city,
        "county": county,
        "reporting_unit": f"{county}医疗保障局",
        "year": year,
        "indicator": indicator,
        "scenario": "actual",
        "population": "",
        "subject": "部门整体",
        "basis": "",
        "value": value,
        "unit": "万元" if indicator.endswith("expenditure") else "%",
        "comparator": "=",
        "status": "reported",
        "document": document,
        "mention_ids": "",
        "note": "",
    } | given


def _finding(document, indicator, reported, recomputed, verdict, **given):
    code, _, _, county, year = REPORTS[document]
    return {
        "document": document,
        "county_code": code,
        "county": county,
        "year": year,
        "indicator": indicator,
        "population": "",
        "subject": "部门整体",
        "basis": "",
        "kind": "rate",
        "reported": reported,
        "recomputed": recomputed,
        "formula": "",
        "verdict": verdict,
    } | given


def _mention(name, document, indicator, value):
    return {
        "mention_id": name,
        "document": document,
        "quote": value,
        "indicator": indicator,
        "scenario": "actual",
        "year": REPORTS[document][4],
        "value": value,
        "unit": "%",
    }


ROWS = {
    "documents": [
        {
            "document": document,
            "county_code": code,
            "province": province,
            "city": city,
            "county": county,
            "reporting_unit": f"{county}医疗保障局",
            "year": year,
            "report_type": "department_self_evaluation",
        }
        for document, (code, province, city, county, year) in REPORTS.items()
    ],
    "mentions": [
        _mention("m1", "b.txt", "satisfaction_rate", "96"),
        _mention("m2", "b.txt", "satisfaction_rate", "98"),
        _mention("m3", "b.txt", "satisfaction_rate", "96"),
    ],
    "observations": [
        _observation("a.txt", "expenditure", "2644.67", scenario="budget"),
        _observation("a.txt", "budget_execution_rate", "90.98", basis="budget", status="derived"),
        _observation("a.txt", "three_public_control_rate", "92.48"),
        _observation("b.txt", "expenditure", "355.27"),
        _observation("b.txt", "project_expenditure", "2.5", subject="某项目"),
        _observation(
            "b.txt", "budget_execution_rate", "159.21", basis="initial_budget", status="derived"
        ),
        _observation("b.txt", "budget_execution_rate", "100", basis="adjusted_budget"),
        _observation("b.txt", "three_public_control_rate", "", status="undefined"),
        _observation("b.txt", "operating_control_rate", "623.30", status="derived"),
        _observation("b.txt", "staffing_control_rate", "95", status="bound", comparator=">="),
        _observation(
            "b.txt",
            "satisfaction_rate",
            "96",
            population="public",
            status="conflicting",
            mention_ids="m1|m2|m3",
        ),
    ],
    "audit": [
        _finding("b.txt", "budget_execution_rate", "100", "100", "agree", basis="adjusted_budget"),
        _finding("a.txt", "three_public_control_rate", "92.48", "92.485", "agree"),
        _finding("a.txt", "budget_execution_rate", "100", "90.98", "disagree", basis="budget"),
        _finding("b.txt", "operating_control_rate", "", "623.30", "derived"),
        _finding("b.txt", "three_public_control_rate", "", "", "undefined"),
        _finding("b.txt", "expenditure", "355.27", "355.27", "agree", kind="sum"),
    ],
    "issues": [],
    "codebook": [
        {
            "family": family,
            "indicator": indicator,
            "name_zh": name,
            "kind": kind,
            "unit": unit,
            "definition": "",
        }
        for family, indicator, name, kind, unit in CODEBOOK
    ],
}


def write_table(folder, name, rows, columns=None):
    """Writes one table of `folder`, as `ingest build` would."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns or COLUMNS[name], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


# More of it: populations, targets, national years, a bound, several years.
RICH_CODEBOOK = [
    ("budget", "operating_expenditure", "公用经费", "amount", "万元"),
    ("participation", "participation_rate", "参保率", "rate", "%"),
    ("reimbursement", "inpatient_reimbursement_ratio", "政策范围内住院费用报销比例", "rate", "%"),
]
RICH_ROWS = [
    _observation("a.txt", "participation_rate", "94", population="all", mention_ids="m4"),
    _observation(
        "a.txt",
        "participation_rate",
        "95",
        population="all",
        scenario="target",
        comparator=">=",
    ),
    _observation("b.txt", "participation_rate", "95.93", population="all"),
    _observation("b.txt", "participation_rate", "95", population="all", scenario="target"),
    _observation("b.txt", "participation_rate", "98", population="residents"),
    _observation(
        "c.txt", "participation_rate", "95", population="all", comparator=">=", status="bound"
    ),
    _observation(
        "c.txt",
        "participation_rate",
        "96",
        population="all",
        scenario="target",
        comparator=">=",
    ),
    _observation("b.txt", "operating_expenditure", "120", year="2020"),
    _observation("b.txt", "operating_expenditure", "138.16", year="2022"),
    _observation(
        "b.txt", "operating_expenditure", "130.83", status="conflicting", mention_ids="m5|m6"
    ),
    _observation("c.txt", "operating_expenditure", "50.5"),
    _observation("b.txt", "operating_expenditure", "20.99", scenario="budget"),
]
RICH_MENTIONS = [
    _mention("m4", "a.txt", "participation_rate", "94")
    | {"quote": "参保率<b>94%</b>", "page": "2"},
    _mention("m5", "b.txt", "operating_expenditure", "130.83"),
    _mention("m6", "b.txt", "operating_expenditure", "134.21") | {"quote": "=1+1\x07 134.21"},
]


@pytest.fixture
def folder(tmp_path):
    """A folder of tables: three reports, one without any figure."""
    place = tmp_path / "data" / "processed"
    place.mkdir(parents=True)
    for name, rows in ROWS.items():
        write_table(place, name, rows)
    return place


@pytest.fixture
def rich_folder(folder):
    """The same folder with populations, targets, a bound and several years."""
    rows = [dict(zip(CODEBOOK_COLUMNS, entry, strict=True)) for entry in RICH_CODEBOOK]
    write_table(folder, "codebook", [*ROWS["codebook"], *rows])
    write_table(folder, "observations", [*ROWS["observations"], *RICH_ROWS])
    write_table(folder, "mentions", [*ROWS["mentions"], *RICH_MENTIONS])
    return folder


@pytest.fixture
def rich(rich_folder):
    """The same, loaded."""
    return data.load(rich_folder)


@pytest.fixture
def tables(folder):
    """The same, loaded."""
    return data.load(folder)
