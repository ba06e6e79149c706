"""The Chinese words for ids, and tables as a reader sees them."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

ABSENT = "—"

FAMILIES = {
    "budget": "预算与收支",
    "three_public": "三公经费",
    "participation": "参保",
    "reimbursement": "报销",
    "supplementary": "补充指标",
}
SCENARIOS = {
    "actual": "实际",
    "target": "目标",
    "initial_budget": "年初预算",
    "adjusted_budget": "调整后预算",
    "budget": "预算",
}
BASES = {
    "initial_budget": "年初预算",
    "adjusted_budget": "调整后预算",
    "available_funds": "年初+追加+上年结转",
    "budget": "报告所称预算",
    "unstated": "未注明口径",
    "": "",
}
POPULATIONS = {
    "": "",
    "all": "全体",
    "residents": "居民",
    "employees": "职工",
    "low_income": "低收入人口",
    "subsistence_allowance": "低保对象",
    "extreme_poverty": "特困人员",
    "lifted_from_poverty": "脱贫人口",
    "registered_poor": "建档立卡人口",
    "poor": "困难群众",
    "monitored": "监测对象",
    "special_hardship": "特殊困难人群",
    "staff": "干部职工",
    "public": "社会公众",
    "administrative": "行政",
    "institution": "事业",
    "bureau": "局机关",
    "centre": "中心",
}
STATUSES = {
    "reported": "报告值",
    "conflicting": "前后矛盾",
    "bound": "只报上下限",
    "derived": "推算值",
    "undefined": "无意义（0/0）",
    "target_only": "仅有目标或预算",
    "absent": "未报告",
}
VERDICTS = {
    "agree": "一致",
    "disagree": "不一致",
    "undefined": "无意义（0/0）",
    "derived": "报告未写，推算",
}
REPORTS = {
    "department_self_evaluation": "部门整体支出绩效自评报告",
    "project_self_evaluation": "项目（资金）绩效自评报告",
    "self_evaluation": "绩效自评报告",
    "fund_bulletin": "基金收支情况",
    "final_accounts": "决算公开",
    "target_table": "绩效目标表",
    "budget": "预算公开",
    "yearbook": "年鉴",
    "work_report": "工作总结",
    "other": "其他公开材料",
}
COMPARATORS = {"=": "", ">=": "≥", "<=": "≤", ">": ">", "<": "<", "~": "约"}

COLUMNS = {
    "family": "类别",
    "name": "指标",
    "place": "县（市、区）",
    "year": "年度",
    "population": "人群",
    "basis": "口径",
    "scenario": "情形",
    "value": "数值",
    "others": "另一说法",
    "unit": "单位",
    "status": "状态",
    "reported": "报告值",
    "recomputed": "重算值",
    "gap": "差（报告−重算）",
    "formula": "算式",
    "verdict": "结论",
    "document": "报告文件",
}
_WORDS = {
    "family": FAMILIES,
    "population": POPULATIONS,
    "basis": BASES,
    "scenario": SCENARIOS,
    "status": STATUSES,
    "verdict": VERDICTS,
    "report": REPORTS,
}
_HIDDEN = ("indicator", "county_code", "comparator", "report", "reporter")


def number(value: float | None) -> str:
    """Writes a figure as it stands in the table, with thousands parted; missing as a dash.

    >>> number(56.375), number(317.0), number(75295.0), number(None)
    ('56.375', '317', '75,295', '—')
    """
    if value is None or pd.isna(value):
        return ABSENT
    exact = Decimal(repr(float(value)))
    return f"{exact.to_integral_value() if exact == exact.to_integral_value() else exact:,f}"


def figure(value: float | None, comparator: str = "=", others: tuple[float, ...] = ()) -> str:
    """Writes a figure with its bound and with the other values that the report gives.

    >>> figure(95.0, ">="), figure(96.0, "=", (98.0,))
    ('≥95', '96 / 98')
    """
    return COMPARATORS.get(comparator, comparator) + " / ".join(map(number, (value, *others)))


def word(kind: str, value: str) -> str:
    """Returns the Chinese word for an id of a column (`kind`); an unknown id stays as it is.

    >>> word("basis", "initial_budget")
    '年初预算'
    """
    return _WORDS[kind].get(value, value)


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Returns a table of `compare` for reading: Chinese words, figures exact, as text.

    Columns that only the charts need are left out, and dimensions that no row uses.
    """
    out = pd.DataFrame(index=table.index)
    for column in table.columns:
        cells = table[column]
        if column in _HIDDEN or (column in ("population", "basis") and (cells == "").all()):
            continue
        if column == "value":
            cells = [
                figure(value, comparator)
                for value, comparator in zip(cells, table["comparator"], strict=True)
            ]
        elif column == "others":
            cells = [" / ".join(map(number, values)) for values in cells]
        elif column in _WORDS:
            cells = [word(column, value) for value in cells]
        elif pd.api.types.is_float_dtype(cells):
            cells = [number(value) for value in cells]
        out[COLUMNS.get(column, column)] = list(cells)
    return out.reset_index(drop=True)


def matrix(table: pd.DataFrame, rows: list[str], columns: list[str]) -> pd.DataFrame:
    """Lays a table of `compare` out for reading, figures (or their status) in the cells.

    `rows` and `columns` name columns of the table. A cell without a row is a dash; a status other
    than a plain reported one stands behind the figure.
    """
    present = table[table["status"] != "absent"] if "value" in table else table
    cells: dict[tuple[str, ...], dict[str, str]] = {
        tuple(_cell(column, row[column]) for column in rows): {} for _, row in table.iterrows()
    }
    heads: dict[str, tuple[int, ...]] = {}
    ranks = [_ranks(table, column) for column in columns]
    for _, row in present.iterrows():
        head = " ".join(filter(None, (_cell(column, row[column]) for column in columns)))
        heads[head] = tuple(rank[row[c]] for rank, c in zip(ranks, columns, strict=True))
        line = cells[tuple(_cell(column, row[column]) for column in rows)]
        line[head] = "；".join(filter(None, (line.get(head), _content(row))))
    ordered = sorted(heads, key=lambda head: heads[head])
    return pd.DataFrame(
        [[*key, *(line.get(head, ABSENT) for head in ordered)] for key, line in cells.items()],
        columns=[*(COLUMNS.get(row, row) for row in rows), *ordered],
    )


def _ranks(table: pd.DataFrame, column: str) -> dict[object, int]:
    """Maps the values of a column to their order: that of the words, else of appearance."""
    values = dict.fromkeys([*_WORDS.get(column, ()), *table[column]])
    return {value: n for n, value in enumerate(values)}


def _cell(column: str, value: object) -> str:
    return word(column, str(value)) if column in _WORDS else str(value)


def _content(row: pd.Series) -> str:
    if "value" not in row:
        return word("status", row["status"]) if row["status"] != "absent" else ABSENT
    if row["status"] == "undefined":
        return word("status", "undefined")
    mark = "" if row["status"] in ("reported", "bound") else f"（{word('status', row['status'])}）"
    return figure(row["value"], row["comparator"], row["others"]) + mark
