"""What prose and forms share: the scope that title and headings set, and the way back to the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace

from ingest.dimensions import months_in
from ingest.lexicon import Lexicon
from ingest.passages import Passage, tighten
from ingest.records import Block, Document, Identity, Mention, Place, Refusal
from ingest.sentence import Figure, Refused, Scope

_BUDGET_HEADING = re.compile(r"预算(?:安排|编制)?(?:总体)?(?:情况|安排)?$")
_PROJECTS_HEADING = re.compile(
    "主要项目|重点项目|项目完成|项目预算|项目支出|项目资金|项目执行|项目绩效|专项资金|项目自评|项目情况|常年项目|一次性项目|延续性项目"
)
_NUMBERING = re.compile(r"^(?:[(\[]?[一二三四五六七八九十\d]+[)\]、.]|[①-⑳])+")
_TITLE_UNIT = re.compile(r"(?:金额)?单位(?:均)?(?:为|:)?(亿元|万元|千元|元)")
_PROJECT_TITLE = re.compile(
    r"(?:项目|补助资金|专项资金|经费|资金).*(?:自评|绩效|目标|公示|申报|评价|使用报告|使用情况)|转移支付"
)
_BUDGET_TITLE = re.compile(r"预算(?!执行|绩效|完成)")
# A text with planned amounts and no word of spending or result states plans only.
_PLANNED = re.compile(r"预算数|预算安排|年初预算")
_SPENT = re.compile(r"[决決]算|[执執]行|完成|实际|實際|自评|支付|使用率|实支|已支|结果")

# 「附件2：项目支出绩效自评表」: what follows stands under none of the report's headings.
_ATTACHED = re.compile(
    r"附[件表]?[\d一二三四五六]{0,2}(?:[:.、]|$)|[^。;]{2,40}(?:自评表|数据表|评分表|申报表)(?:\([^()]*\))?$"
)


def attached(text: str) -> bool:
    """Whether a tightened line announces an attachment: the headings above it hold no longer.

    >>> attached("附表:部门预算绩效自评表(2023年度)"), attached("附加费12万元。")
    (True, False)
    """
    return len(text) < 60 and _ATTACHED.match(text) is not None


def document_scope(document: Document, identity: Identity, lexicon: Lexicon) -> Scope:
    """What the title and kind of the report imply for all its figures."""
    title = "".join(
        tighten(document.text, b.start, b.end).text
        for b in document.blocks[:3]
        if b.kind == "heading" and b.level <= 1
    )
    if not title and document.blocks:
        first: Block = document.blocks[0]
        opening = tighten(document.text, first.start, min(first.end, first.start + 60)).text
        # Only a line that is no sentence can serve as the title.
        if first.kind == "table" and first.cells:
            opening = tighten(document.text, first.cells[0].start, first.cells[0].end).text
        title = opening if len(opening) <= 40 and not re.search("[。,;]", opening) else ""
    scope = Scope(year=identity.year)
    group = one_group(title, lexicon)
    insured = group if group in ("residents", "employees") else ""
    scope = replace(scope, population=group, insured=insured)
    scope = replace(scope, fund=identity.report_type == "fund_bulletin" and "基金" in title)
    unit = _TITLE_UNIT.search(title)
    months = months_in(title)
    if months and months[1] == 12:
        # A bulletin on the last quarter states the year to date, which is the year.
        months = None
    scope = replace(scope, months=months, unit=unit.group(1) if unit else "")
    if identity.report_type == "project_self_evaluation" or (
        _PROJECT_TITLE.search(title) and not re.search("部门|整体|单位", title)
    ):
        scope = replace(scope, project_report=True, subject=title[:60])
    if re.search("工作要点|工作计划|实施方案|行动方案|目标责任", title) and "总结" not in title:
        scope = replace(scope, scenario="target", scenario_from=title[:40])
    if identity.report_type == "target_table":
        scope = replace(scope, scenario="target", scenario_from="a table of targets")
    elif not re.search("执行|决算|审计", title) and (
        identity.report_type == "budget" or _BUDGET_TITLE.search(title)
    ):
        scope = replace(scope, scenario="budget", scenario_from=title[:40])
    elif _PLANNED.search(document.text) and not _SPENT.search(document.text):
        scope = replace(scope, scenario="budget", scenario_from="a document that only plans")
    return scope


def heading_scope(scope: Scope, headings: list[str], lexicon: Lexicon) -> Scope:
    """Adds what the headings above a paragraph imply; the nearest heading decides.

    A heading may tell the scenario, the group of persons, the topic (三公经费) and the project.
    """
    words = lexicon.context["headings"]
    for heading in headings:
        if any(w in heading for w in words["actual"]):
            scope = replace(scope, scenario="actual", scenario_from=heading)
        elif any(w in heading for w in words["target"]):
            scope = replace(scope, scenario="target", scenario_from=heading)
            planned = re.search(r"((?:19|20)\d\d)年", heading)
            if planned and scope.year and int(planned.group(1)) > scope.year:
                scope = replace(scope, year=int(planned.group(1)))
        elif _BUDGET_HEADING.search(heading):
            scope = replace(scope, scenario="budget", scenario_from=heading)
        group = one_group(heading, lexicon)
        if group:
            scope = replace(scope, population=group)
        scope = announced(scope, heading, lexicon)
        scope = replace(scope, projects=announces_projects(heading) or scope.projects)
    return scope


def announces_projects(words: str) -> bool:
    """Whether a heading, or what opens a paragraph, says that projects are told one by one."""
    return _PROJECTS_HEADING.search(words) is not None


def announced(scope: Scope, words: str, lexicon: Lexicon) -> Scope:
    """What a heading or the opening words of a paragraph announce: a topic, a project, a part."""
    bare = _NUMBERING.sub("", words).strip("。:、,;")
    topics = [
        t.value
        for t in lexicon.labels(bare)
        if t.kind == "label" and lexicon.indicators[t.value].family == "three_public"
    ]
    if topics:
        return replace(scope, topic=topics[0], subject="", part=False)
    if any(bare.startswith(words) for words in lexicon.context["department"]["other_costs"]):
        return replace(scope, topic="", subject="", part=True)
    projects = lexicon.context["projects"]
    if (
        5 < len(bare) < 40
        and (scope.projects or bare.endswith(tuple(projects["endings"])))
        and bare not in projects["no_name"]
        and not any(
            t.kind in ("label", "generic") and (t.end == len(bare) or not scope.projects)
            for t in lexicon.labels(bare)
        )
    ):
        return replace(scope, topic="", subject=bare, part=False)
    if bare in lexicon.context["department"]["parts"]:
        return replace(scope, topic="", subject="", part=True)
    return scope


def one_group(title: str, lexicon: Lexicon) -> str:
    """The group of insured persons that a title is about, "" where it names none or several."""
    tokens = lexicon.populations(title, 0, len(title), "insured_persons")
    groups = {t.value for t in tokens if t.value in lexicon.group_ids}
    return groups.pop() if len(groups) == 1 else ""


def mention_of(
    figure: Figure, document: Document, block: int, passage: Passage, layout: str
) -> Mention:
    """Ties a figure to its place in the document; what an engine read off a picture is to be reviewed."""
    start, end = passage.span(figure.start, figure.end)
    place = place_at(document, start)
    review = figure.review
    if place is not None and place.confidence < 1:
        # Rounded down so far that processors that add up in another order write the same table.
        sure = int(place.confidence * 10 + 1e-9) / 10
        review = review or f"read off a picture, confidence at least {sure:.1f}"
    return Mention(
        mention_id="",
        document=document.source.document,
        page=place.page if place is not None else None,
        block=block,
        start=start,
        end=end,
        quote=document.text[start:end],
        layout=layout,
        indicator=figure.indicator,
        scenario=figure.scenario,
        population=figure.population,
        subject=figure.subject,
        basis=figure.basis,
        year=figure.year,
        period=figure.period,
        comparator=figure.comparator,
        value=figure.value,
        unit=figure.unit,
        decimals=figure.decimals,
        printed=figure.printed,
        rule=figure.rule,
        settled=figure.settled,
        review=review,
    )


def place_at(document: Document, offset: int) -> Place | None:
    """Where the passage at `offset` stands in the original, None if the reader does not say."""
    after = bisect_right(document.places, offset, key=lambda p: p.start)
    place = document.places[after - 1] if after else None
    return place if place is not None and offset < place.end else None


def refusal_of(refused: Refused, document: Document, passage: Passage) -> Refusal:
    """Ties a refusal to its place in the document."""
    start, end = passage.span(refused.start, refused.end)
    return Refusal(start, end, document.text[start:end], refused.indicator, refused.reason)
