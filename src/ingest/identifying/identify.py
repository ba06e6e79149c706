"""Whose report a document is, and of which year: read from its content, never from its file name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.codebook.model import Codebook
from ingest.identifying.by_hand import SOURCES
from ingest.identifying.cues import title_lines, unit_cells
from ingest.identifying.divisions import county_name
from ingest.identifying.owner import place_of, reporting_unit
from ingest.identifying.years import published_in, year_of
from ingest.records import Document, Identity, Issue

# The first that the title has is the type; wordings that contain another's come first.
REPORT_TYPES = tuple(
    (report_type, re.compile(words))
    for report_type, words in (
        (
            "department_self_evaluation",
            "整体(支出)?(绩效|支出).*(自评|评价)|部门整体支出(管理|使用)",
        ),
        ("project_self_evaluation", "(项目|资金|转移支付|经费).*(自评|绩效评价|评价报告)"),
        ("self_evaluation", "自评|绩效评价"),
        ("fund_bulletin", "基金.*(收支|决算|运行)|(收支|运行)(情况|表|分析)"),
        ("final_accounts", "决算"),
        ("target_table", "绩效目标(申报|批复|公开)?(表|公示|公开)"),
        ("budget", "预算(?!财政拨款|拨款|执行|完成|数?(?:对比|相比))"),
        ("yearbook", "年鉴"),
        ("work_report", "工作(总结|报告|要点)"),
    )
)


def _report_type(document: Document, lines: Sequence[str]) -> str:
    headings = (document.text[b.start : b.end] for b in document.blocks if b.kind == "heading")
    for passage in ("".join(lines), *headings):
        for report_type, words in REPORT_TYPES:
            if words.search(passage):
                return report_type
    return "other"


def identify(document: Document, codebook: Codebook) -> Identity:
    """Says whose report a document is and of which year.

    `document` is what a reader made (folded text); `codebook` is the codebook that every stage
    is given. Parts that the text does not settle are empty (year: None), each with an issue that
    says what to do. A prefecture's or province's report has no county and that division's code.

    >>> from ingest.codebook.loading import load
    >>> from ingest.records import Source
    >>> text = "邵阳市北塔区医疗保障局2023年度部门整体支出绩效自评报告"
    >>> report = Document(Source("a.txt", "a.txt", "", 0), "text", "text", text, ())
    >>> who = identify(report, load())
    >>> who.county_code, who.county, who.year, who.reporting_unit
    ('430511', '北塔区', 2023, '邵阳市北塔区医疗保障局')
    """
    lines, cells = title_lines(document), unit_cells(document.text)
    report_type, published = _report_type(document, lines), published_in(document.text)
    year, problems = year_of(
        document, lines, published if report_type in ("other", "budget") else None
    )
    place = place_of(document, lines, cells, year)
    if place.issue:
        problems.append(place.issue)
    identity = Identity(
        reporting_unit=reporting_unit(document.text, lines, cells, place.divisions),
        year=year,
        report_type=report_type,
        published=published[0] if published else None,
        issues=tuple(_issue(document, kind, message, lines) for kind, message in problems),
    )
    known = place.divisions
    code = (
        known[0].code
        if len(known) == 1 and (not place.issue or place.issue[0] == "short_name")
        else ""
    )
    return replace(
        identity,
        county_code=code,
        province=_common(d.province for d in known),
        city=_common(d.city for d in known),
        county=place.county or _common(county_name(d) for d in known),
    )


def _common(values: Iterable[str]) -> str:
    different = set(values)
    return different.pop() if len(different) == 1 else ""


def _issue(document: Document, kind: str, message: str, lines: Sequence[str]) -> Issue:
    name = document.source.document
    column = "year" if kind.endswith("_year") else "county_code"
    return Issue(
        document=name,
        severity="info" if kind == "short_name" else "warning",
        kind=kind,
        where=f"title: {lines[0][:40]}" if lines else "whole text (no title line)",
        message=message,
        action=(
            f"look at the report; {'if this is wrong, ' if kind in ('short_name', 'doubtful_year') else ''}"
            f"add a line with document {name} and its {column} to {SOURCES}"
        ),
    )
