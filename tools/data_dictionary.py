"""Writes the data dictionary, docs/data-dictionary.md and docs/data-dictionary.zh-CN.md.

    python tools/data_dictionary.py

Tables, columns, types and indicators are those of the code, words those of the charts; what the
code cannot say (meanings in Chinese, examples, what each id stands for) is in data_dictionary.toml
beside this file. A test fails when the pages are not what this would write.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

from ingest.codebook import loading
from ingest.output.tables import TABLES, Column, Table
from xianbi import labels

ROOT = Path(__file__).parents[1]
PAGES = {"en": "docs/data-dictionary.md", "zh": "docs/data-dictionary.zh-CN.md"}

_TYPES = {
    "string": ("text", "文字"),
    "integer": ("whole number", "整数"),
    "number": ("number", "数"),
}
# The sections on ids, in the order of the page, with the charts' words where there are any.
_SECTIONS: dict[str, tuple[str, str, dict[str, labels.Word]]] = {
    "scenario": ("Scenarios", "情形", labels.SCENARIOS),
    "population": ("Populations", "人群", labels.POPULATIONS),
    "basis": ("Bases", "口径", labels.BASES),
    "unit": ("Units", "单位", {}),
    "comparator": ("Comparators", "比较符号", {}),
    "status": ("Statuses of observations", "数的状态", labels.STATUSES),
    "check": ("Kinds of checks", "核对的种类", labels.KINDS),
    "verdict": ("Verdicts of checks", "核对的结论", labels.VERDICTS),
    "state": ("States of coverage", "有没有数", {}),
    "question": ("Kinds of questions in review.csv", "review.csv 的问题种类", {}),
    "severity": ("Severities", "要紧的程度", {}),
    "issue": ("Kinds of issues", "issues.csv 的事情种类", {}),
    "family": ("Families of indicators", "指标的类", labels.FAMILIES),
    "measure": ("Kinds of indicators", "指标的种类", {}),
    "layout": ("Layouts", "版式", {}),
    "report_type": ("Types of reports", "材料的种类", labels.REPORTS),
    "format": ("Formats of files", "文件的格式", {}),
}


def sayings() -> dict[str, Any]:
    """Returns what data_dictionary.toml says: columns, tables, values, indicators."""
    return tomllib.loads((Path(__file__).with_suffix(".toml")).read_text(encoding="utf-8"))


def entry(said: dict[str, Any], table: Table, column: Column) -> dict[str, Any]:
    """Returns what is said of a column; raises LookupError, naming it, if nothing is."""
    own, shared = f"{table.name}.{column.name}", column.name
    found = said["columns"].get(own) or said["columns"].get(shared)
    if found is None:
        raise LookupError(
            f"tools/data_dictionary.toml: nothing on the column {own}; "
            f"add a line '{shared}' (for all tables) or '\"{own}\"' to [columns]"
        )
    return dict(found)


def page(lang: str) -> str:
    """Returns the dictionary in a language, "en" or "zh", as Markdown."""
    said = sayings()
    zh = lang == "zh"
    lines = _opening(zh)
    lines += ["## 表" if zh else "## Tables", ""]
    for table in TABLES:
        lines += _table(said, table, zh)
    lines += _indicators(said, zh)
    for kind, (en_title, zh_title, words) in _SECTIONS.items():
        lines += ["", f"## {zh_title if zh else en_title}", ""]
        named = bool(words)
        heads = ["代号", "名称", "意思"] if zh else ["Id", "Name", "Meaning"]
        lines += _head(heads if named else [heads[0], heads[2]])
        for name, meaning in said["values"][kind].items():
            cells = [f"`{name}`"]
            if named:
                word = words.get(name, labels.Word("", ""))
                cells.append(word.zh if zh else word.en)
            lines.append(_row([*cells, meaning[1] if zh else meaning[0]]))
    return "\n".join(lines) + "\n"


def _opening(zh: bool) -> list[str]:
    if zh:
        return [
            "# 数据字典",
            "[In English](data-dictionary.md)",
            "",
            "`xianbi build` 写出的每张表、每一列，每个指标，和列里的代号各是什么意思。本页由 "
            "`python tools/data_dictionary.py` 按代码生成，请改代码和 `tools/data_dictionary.toml`，"
            "不要改本页。",
            "",
            "表都是 UTF-8、逗号分隔，空格子是“没有”，不是零。代号是英文，写在文件里的就是它；"
            "说明、提示（`note`、`message` 等）是英文，原文照报告。例子多取自样例报告。",
            "",
        ]
    return [
        "# Data dictionary",
        "[中文](data-dictionary.zh-CN.md)",
        "",
        "Every table and column that `xianbi build` writes, every indicator, and what the ids in the "
        "columns stand for. This page is generated from the code by `python tools/data_dictionary.py`: "
        "change the code and `tools/data_dictionary.toml`, not the page.",
        "",
        "Tables are comma-separated UTF-8; an empty cell is “none”, never zero. Most examples are from "
        "the sample reports.",
        "",
    ]


def _table(said: dict[str, Any], table: Table, zh: bool) -> list[str]:
    one = said["tables"][table.name] if zh else table.row
    keys = "、".join if zh else ", ".join
    about = f"一行是：{one}。" if zh else f"One row is {one}."
    if table.primary_key:
        names = keys(f"`{name}`" for name in table.primary_key)
        about += f"各行的 {names} 不同。" if zh else f" No two rows share {names}."
    heads = (
        ["列", "类型", "单位", "取值", "意思", "例子"]
        if zh
        else ["Column", "Type", "Unit", "Values", "Meaning", "Example"]
    )
    rows = []
    for column in table.columns:
        found = entry(said, table, column)
        unit = found.get("unit", ["", ""])[zh]
        kind = found.get("values", "")
        rows.append(
            _row(
                [
                    f"`{column.name}`",
                    _TYPES[column.type][zh],
                    unit,
                    _link(kind, zh),
                    found["zh"] if zh else column.description.replace("|", r"\|"),
                    f"`{found['example']}`",
                ]
            )
        )
    return [f"### `{table.name}.csv`", "", about, "", *_head(heads), *rows, ""]


def _link(kind: str, zh: bool) -> str:
    if not kind:
        return ""
    if kind == "indicator":
        return "[指标](#指标)" if zh else "[indicators](#indicators)"
    title = _SECTIONS[kind][zh]
    anchor = title.lower().replace(" ", "-").replace(".", "")
    return f"[{title if zh else title[0].lower() + title[1:]}](#{anchor})"


def _indicators(said: dict[str, Any], zh: bool) -> list[str]:
    book = loading.load().indicators.values()
    lines = ["## 指标" if zh else "## Indicators", ""]
    lines.append(
        "分子、分母写作“指标/情形”；`<basis>` 是口径说的那种预算，`@year-1` 是上一年。"
        "空的是报告直接给出、不由别的指标算出的。"
        if zh
        else "Numerator and denominator are indicator/scenario; `<basis>` is the budget that the basis "
        "names, `@year-1` the year before. Where they are empty, reports state the figure itself."
    )
    heads = (
        ["代号", "名称", "种类", "单位", "定义", "分子", "分母", "维度"]
        if zh
        else [
            *("Id", "Chinese name", "Kind", "Unit"),
            *("Definition", "Numerator", "Denominator", "Dimensions"),
        ]
    )
    for family, word in labels.FAMILIES.items():
        lines += ["", f"### {word.zh if zh else word.en}", "", *_head(heads)]
        for one in book:
            if one.family == family:
                terms = [f"`{term}`" if term else "" for term in (one.numerator, one.denominator)]
                meaning = said["indicators"][one.indicator] if zh else one.definition
                dimensions = ", ".join(f"`{name}`" for name in one.dimensions)
                lines.append(
                    _row(
                        [
                            f"`{one.indicator}`",
                            one.name_zh,
                            f"`{one.kind}`",
                            one.unit,
                            meaning,
                            *terms,
                            dimensions,
                        ]
                    )
                )
    return lines


def _head(cells: list[str]) -> list[str]:
    return [_row(cells), _row(["---"] * len(cells))]


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    """Writes both pages and returns the exit status."""
    for lang, name in PAGES.items():
        path = ROOT / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(page(lang), encoding="utf-8", newline="\n")
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
