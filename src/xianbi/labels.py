"""The Chinese and English words for ids, and tables as a reader sees them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from xianbi import XianbiError

ABSENT = "—"
LANGUAGES = ("zh", "en")


class Word(NamedTuple):
    """What an id is called in each language."""

    zh: str
    en: str


FAMILIES = {
    "budget": Word("预算与收支", "Budget"),
    "three_public": Word("三公经费", "Three-public spending"),
    "participation": Word("参保", "Participation"),
    "reimbursement": Word("报销", "Reimbursement"),
    "supplementary": Word("补充指标", "Supplementary"),
}
SCENARIOS = {
    "actual": Word("实际", "actual"),
    "target": Word("目标", "target"),
    "initial_budget": Word("年初预算", "initial budget"),
    "adjusted_budget": Word("调整后预算", "adjusted budget"),
    "budget": Word("预算", "budget"),
}
BASES = {
    "initial_budget": Word("年初预算", "initial budget"),
    "adjusted_budget": Word("调整后预算", "adjusted budget"),
    "available_funds": Word("年初+追加+上年结转", "initial + added + carried over"),
    "budget": Word("报告所称预算", "'budget' in the report's words"),
    "unstated": Word("未注明口径", "basis not stated"),
    "": Word("", ""),
}
POPULATIONS = {
    "": Word("", ""),
    "all": Word("全体", "all"),
    "residents": Word("居民", "residents"),
    "employees": Word("职工", "employees"),
    "low_income": Word("低收入人口", "low-income"),
    "subsistence_allowance": Word("低保对象", "on subsistence allowance"),
    "extreme_poverty": Word("特困人员", "in extreme poverty"),
    "lifted_from_poverty": Word("脱贫人口", "lifted from poverty"),
    "registered_poor": Word("建档立卡人口", "registered poor"),
    "poor": Word("困难群众", "in hardship"),
    "monitored": Word("监测对象", "monitored"),
    "special_hardship": Word("特殊困难人群", "in special hardship"),
    "staff": Word("干部职工", "staff"),
    "public": Word("社会公众", "the public"),
    "administrative": Word("行政", "administrative"),
    "institution": Word("事业", "institution"),
    "bureau": Word("局机关", "bureau"),
    "centre": Word("中心", "centre"),
}
STATUSES = {
    "reported": Word("报告值", "reported"),
    "conflicting": Word("前后矛盾", "contradictory"),
    "bound": Word("只报上下限", "bound only"),
    "derived": Word("推算值", "derived"),
    "undefined": Word("无意义（0/0）", "undefined (0/0)"),
    "target_only": Word("仅有目标或预算", "target or budget only"),
    "absent": Word("未报告", "not reported"),
}
VERDICTS = {
    "agree": Word("一致", "agree"),
    "disagree": Word("不一致", "disagree"),
    "undefined": Word("无意义（0/0）", "undefined (0/0)"),
    "derived": Word("报告未写，推算", "not printed, derived"),
    "met": Word("达到", "met"),
    "missed": Word("未达到", "missed"),
    "above": Word("高于", "above"),
    "below": Word("低于", "below"),
    "equal": Word("等于", "equal"),
    "undecided": Word("无从判断", "undecided"),
    "": Word("", ""),
}
REPORTS = {
    "department_self_evaluation": Word(
        "部门整体支出绩效自评报告", "departmental self-evaluation reports"
    ),
    "project_self_evaluation": Word("项目（资金）绩效自评报告", "project self-evaluation reports"),
    "self_evaluation": Word("绩效自评报告", "self-evaluation reports"),
    "fund_bulletin": Word("基金收支情况", "fund bulletins"),
    "final_accounts": Word("决算公开", "final accounts"),
    "target_table": Word("绩效目标表", "performance target tables"),
    "budget": Word("预算公开", "budgets"),
    "yearbook": Word("年鉴", "yearbooks"),
    "work_report": Word("工作总结", "work reports"),
    "other": Word("其他公开材料", "other published material"),
}
KINDS = {
    "rate": Word("比率重算", "rate recomputed"),
    "sum": Word("合计", "sum"),
    "prose_vs_table": Word("正文与表格", "prose against table"),
    "prose_vs_prose": Word("正文前后", "prose against prose"),
    "table_vs_table": Word("表格之间", "table against table"),
    "prior_year": Word("与上年报告", "prior year against its report"),
    "report_vs_report": Word("报告之间", "report against report"),
    "bounds": Word("上下限", "bounds"),
    "unit": Word("单位", "unit"),
}
UNITS = {
    "%": Word("%", "%"),
    "万元": Word(" 万元", " ×10,000 yuan"),
    "人": Word(" 人", " persons"),
    "分": Word(" 分", " points"),
}
# English names of indicators whose ids, read as words, are no good ones.
NAMES = {
    "general_budget_revenue": "General public budget revenue",
    "operating_expenditure": "Running costs",
    "operating_control_rate": "Running-cost control rate",
    "staffing_control_rate": "Staffing control rate",
    "three_public_expenditure": "Three-public spending",
    "three_public_control_rate": "Three-public control rate",
    "three_public_change_rate": "Change of the three-public budget",
    "inpatient_reimbursement_ratio": "In-scope inpatient reimbursement ratio",
    "reimbursement_ratio": "In-scope reimbursement ratio",
    "chronic_outpatient_reimbursement_ratio": "Chronic outpatient reimbursement ratio",
    "critical_illness_reimbursement_ratio": "Critical-illness reimbursement ratio",
    "self_evaluation_score": "Self-evaluation score",
    "staff": "Staff in post",
    "e_certificate_activation_rate": "E-certificate activation rate",
    "e_certificate_usage_rate": "E-certificate usage rate",
}
# What to mind when the figures of an indicator stand side by side.
MIND = {
    "participation_rate": Word(
        "各报告参保率的分母可能不同（应参保人数、常住或户籍人口），超过 100% 的尤其不宜直接比",
        "The denominators may differ (those who should be insured, residents, registered "
        "population); rates above 100% above all are not comparable as they stand",
    ),
}
COMPARATORS = {"=": "", ">=": "≥", "<=": "≤", ">": ">", "<": "<", "~": "≈"}

# What formulas and notes are made of, the longer wordings first.
_REMARKS = [
    (re.compile(english), chinese)
    for english, chinese in (
        *((rf"\b{name}: ", f"{said.zh}：") for name, said in reversed(SCENARIOS.items())),
        (
            r"review: no unit is printed; read as 万元, as the form prescribes",
            "待核：没有印单位，按表式读作万元",
        ),
        (
            r"review: a bound: read as actual, but nothing says that it is no target",
            "待核：只说上下限，当作实际，也可能是目标",
        ),
        (
            r"review: a bound: read as the target that the report names elsewhere",
            "待核：只说上下限，当作报告别处说的目标",
        ),
        (
            r"review: read off a picture, confidence at least ([\d.]+)",
            r"待核：从图片上认出，把握不低于 \1",
        ),
        (r"review: read off a picture, confidence ([\d.]+)", r"待核：从图片上认出，把握 \1"),
        (r"review: ", "待核："),
        (r"prose (\S+), table (\S+)", r"正文 \1，表格 \2"),
        (r"first (\S+), later (\S+)", r"前 \1，后 \2"),
        (r"(\S+) as in the (?:prose|table), the (?:prose|table) has (\S+)", r"取 \1，另一处是 \2"),
        (r"(\S+), where another place has (\S+)", r"取 \1，另一处是 \2"),
        (r"the one is 10,000 times the other \(元 for 万元\)", "两数相差一万倍，疑是元与万元"),
        (r"([\d.]+) in the report of (\d+), ([\d.]+) in (\S+)", r"\2 年报告是 \1，\4 是 \3"),
        (r"(\S+) is below (\S+)", r"\1 低于 \2"),
        (r"(\S+) is above (\S+)", r"\1 高于 \2"),
        (r"names no basis; proved by ", "没说口径，由算式证明："),
        (r"\brecomputed (?=[\d(])", "重算 "),
        (r"\bunit: ", "单位："),
        (r"'([^']*)' has no unit and fits only in (\S+)", r"“\1”没有单位，只有按\2才合"),
        (r"printed (\S*), but (.+) is undefined", r"印作 \1，而 \2 没有意义"),
        (
            r"(?:the prose|a table)(?: of (\S+))? and (?:the prose|a table)(?: of \S+)? has",
            "另几处是",
        ),
        (r"the prose has", "正文是"),
        (r"a table has", "表格是"),
        (r"the prose of (\S+) has", r"\1 的正文是"),
        (r"a table of (\S+) has", r"\1 的表格是"),
        (r"(?:the prose|a table)(?: of \S+)? says", "另一处说"),
        (r" \(([0-9a-z]+-\d+)\)", r"（\1）"),
        (r"; ", "；"),
    )
]

# In the order in which a table for reading has them.
COLUMNS = {
    "chart": Word("图", "Chart"),
    "family": Word("类别", "Family"),
    "name": Word("指标", "Indicator"),
    "county_code": Word("区划代码", "Code"),
    "place": Word("县（市、区）", "County"),
    "year": Word("年度", "Year"),
    "kind": Word("核对", "Check"),
    "population": Word("人群", "Population"),
    "basis": Word("口径", "Basis"),
    "scenario": Word("情形", "Scenario"),
    "value": Word("数值", "Value"),
    "others": Word("另一说法", "Also stated"),
    "change": Word("比上年", "Change"),
    "target": Word("目标", "Target"),
    "national": Word("全国", "National"),
    "reported": Word("报告值", "Reported"),
    "recomputed": Word("重算值", "Recomputed"),
    "stated": Word("一处", "One place"),
    "otherwise": Word("另一处或重算", "Another, or recomputed"),
    "gap": Word("差", "Gap"),
    "unit": Word("单位", "Unit"),
    "status": Word("状态", "Status"),
    "formula": Word("算式", "Formula"),
    "verdict": Word("结论", "Verdict"),
    "quotes": Word("原文", "Quotes"),
    "quote": Word("原文", "Quote"),
    "page": Word("页", "Page"),
    "report": Word("报告", "Report"),
    "document": Word("报告文件", "Report file"),
    "observation_id": Word("编号", "Id"),
}
_WORDS = {
    "family": FAMILIES,
    "population": POPULATIONS,
    "basis": BASES,
    "scenario": SCENARIOS,
    "status": STATUSES,
    "verdict": VERDICTS,
    "report": REPORTS,
    "kind": KINDS,
    "unit": UNITS,
    "column": COLUMNS,
}
# Only for drawing and for finding the evidence.
_HIDDEN = (
    "indicator",
    "county_code",
    "comparator",
    "review",
    "target_comparator",
    "national_comparator",
    "national_source",
    "report",
    "reporter",
    "mention_ids",
)


def show_whole_tables() -> None:
    """Has pandas show every row and column of a table, Chinese characters two places wide.

    So that the text of a notebook's table holds all of it and reads well when compared.
    """
    for option in ("max_rows", "max_columns", "max_colwidth"):
        pd.set_option(f"display.{option}", None)
    pd.set_option("display.width", 1000)
    pd.set_option("display.unicode.east_asian_width", True)


def say(lang: str, zh: str, en: str) -> str:
    """Returns the text in the language asked for; an unknown one is a XianbiError."""
    if lang not in LANGUAGES:
        raise XianbiError(f"no language '{lang}': choose {' or '.join(LANGUAGES)}")
    return zh if lang == "zh" else en


def listed(items: Iterable[str], lang: str = "zh") -> str:
    """Joins the items of a list as the language does.

    >>> listed(["高邑县", "北塔区"]), listed(["residents", "all"], "en")
    ('高邑县、北塔区', 'residents, all')
    """
    return say(lang, "、", ", ").join(items)


def aside(text: str, lang: str = "zh") -> str:
    """Puts a text in the brackets of the language; an empty one stays empty."""
    return say(lang, f"（{text}）", f" ({text})") if text else ""


def indicator_name(indicator: str, name: str, lang: str = "zh") -> str:
    """Returns the name of an indicator: the codebook's Chinese one, or its id as English words.

    >>> indicator_name("participation_rate", "参保率", "en"), indicator_name("staff", "在职人数", "en")
    ('Participation rate', 'Staff in post')
    """
    return say(lang, name, NAMES.get(indicator) or indicator.replace("_", " ").capitalize())


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


def doubt(lang: str = "zh") -> str:
    """Returns what is said behind a figure that a person should check first."""
    return aside(say(lang, "待核", "to be checked"), lang)


def remark(text: str, lang: str = "zh") -> str:
    """Returns a formula of audit.csv or a note of observations.csv in the language.

    The tables hold them in English; a remark that is not known stays as it is.

    >>> remark("actual: prose 134.21, table 130.83"), remark("the prose has 97 (a-0015)")
    ('实际：正文 134.21，表格 130.83', '正文是 97（a-0015）')
    """
    if say(lang, "zh", "en") == "zh":
        for pattern, chinese in _REMARKS:
            text = pattern.sub(chinese, text)
    return text


def typeset(text: str) -> str:
    """Gives the negative figures of a text a minus sign as wide as a digit, as print has it.

    >>> typeset("-7.33"), typeset("2022-2023")
    ('−7.33', '2022-2023')
    """
    return re.sub(r"(?<![\w-])-(?=\d)", "\u2212", text)


def word(kind: str, value: str, lang: str = "zh") -> str:
    """Returns the word for an id of a column (`kind`); an unknown id stays as it is.

    >>> word("basis", "initial_budget"), word("basis", "initial_budget", "en")
    ('年初预算', 'initial budget')
    """
    found = _WORDS[kind].get(value)
    return value if found is None else say(lang, found.zh, found.en)


def shown(table: pd.DataFrame, lang: str = "zh") -> pd.DataFrame:
    """Returns a table of `compare` for reading: words for ids, figures exact, as text.

    Columns that only the charts need are left out, and those that no row uses.
    """
    out = pd.DataFrame(index=table.index)
    order = list(COLUMNS)
    columns = sorted(table.columns, key=lambda c: order.index(c) if c in order else len(order))
    for column in columns:
        if column in _HIDDEN or (column == "scenario" and table[column].nunique() == 1):
            continue
        cells = cells_for_reading(table, column, lang)
        if all(cell in ("", ABSENT) for cell in cells) and column not in ("value", "status"):
            continue
        out[word("column", column, lang)] = cells
    return out.reset_index(drop=True)


def cells_for_reading(table: pd.DataFrame, column: str, lang: str = "zh") -> list[str]:
    """Returns the cells of one column of a table of `compare` as text in the language."""
    cells = table[column]
    if column == "name":
        return [
            indicator_name(*pair, lang)
            for pair in zip(table["indicator"], table["name"], strict=True)
        ]
    if column in ("value", "target", "national"):
        bound = table["comparator" if column == "value" else f"{column}_comparator"]
        return [figure(value, sign) for value, sign in zip(cells, bound, strict=True)]
    if column == "others":
        return [" / ".join(map(number, values)) for values in cells]
    if column == "unit":
        return [word("unit", value, lang).strip() for value in cells]
    if column == "formula":
        return [remark(value, lang) for value in cells]
    if column == "status" and "review" in table:
        checks = [doubt(lang) if review else "" for review in table["review"]]
        return [word(column, v, lang) + c for v, c in zip(cells, checks, strict=True)]
    if column in _WORDS:
        return [word(column, value, lang) for value in cells]
    if pd.api.types.is_float_dtype(cells):
        return [number(value) for value in cells]
    return ["" if pd.isna(value) else str(value) for value in cells]


def matrix(
    table: pd.DataFrame,
    rows: list[str],
    columns: list[str],
    lang: str = "zh",
    *,
    absent: bool = True,
) -> pd.DataFrame:
    """Lays a table of `compare` out for reading, figures (or their status) in the cells.

    `rows` and `columns` name columns of the table. A cell without a row is a dash; a status other
    than a plain reported one stands behind the figure. `absent=False` leaves out rows of dashes.
    """
    words = {column: cells_for_reading(table, column, lang) for column in {*rows, *columns}}
    ranks = [_ranks(table, column) for column in columns]
    cells: dict[tuple[str, ...], dict[str, str]] = {}
    heads: dict[str, tuple[int, ...]] = {}
    for n, (_, row) in enumerate(table.iterrows()):
        line = cells.setdefault(tuple(words[column][n] for column in rows), {})
        if "value" in row and row["status"] == "absent":
            continue
        head = " ".join(filter(None, (words[column][n] for column in columns)))
        heads[head] = tuple(rank[row[c]] for rank, c in zip(ranks, columns, strict=True))
        line[head] = say(lang, "；", "; ").join(filter(None, (line.get(head), _content(row, lang))))
    ordered = sorted(heads, key=lambda head: heads[head])
    if not absent:
        cells = {key: line for key, line in cells.items() if line}
    return pd.DataFrame(
        [[*key, *(line.get(head, ABSENT) for head in ordered)] for key, line in cells.items()],
        columns=[
            *(word("column", row, lang) for row in rows),
            *(head or word("column", "value", lang) for head in ordered),
        ],
    )


def _ranks(table: pd.DataFrame, column: str) -> dict[object, int]:
    """Maps the values of a column to their order: that of the words, else of appearance."""
    values = dict.fromkeys([*_WORDS.get(column, ()), *table[column]])
    return {value: n for n, value in enumerate(values)}


def _content(row: pd.Series, lang: str) -> str:
    if "value" not in row:
        return word("status", row["status"], lang) if row["status"] != "absent" else ABSENT
    if row["status"] == "undefined":
        return word("status", "undefined", lang)
    plain = row["status"] in ("reported", "bound")
    mark = "" if plain else aside(word("status", row["status"], lang), lang)
    mark += doubt(lang) if row["review"] else ""
    return figure(row["value"], row["comparator"], row["others"]) + mark
