"""What prose and tables share: the scope that title and headings set, and the way back to the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from ingest.reading.index import Lexicon, Passage, tighten
from ingest.reading.scopes import YEAR, months_named
from ingest.reading.state import BUDGETS, Fact, Refused, Scope
from ingest.records import Block, Document, Identity, Mention, Place, Refusal


def attached(text: str, lexicon: Lexicon) -> bool:
    """Whether a tightened line announces an attachment: the headings above it hold no longer."""
    expression = lexicon.book.words["titles"]["attached"]
    return len(text) < 60 and re.match(expression, text) is not None


def title_of(document: Document) -> str:
    """The title of a document, tightened; "" where it has none."""
    title = "".join(
        tighten(document.text, b.start, b.end).text
        for b in document.blocks[:3]
        if b.kind == "heading" and b.level <= 1
    )
    if title or not document.blocks:
        return title
    first: Block = document.blocks[0]
    opening = tighten(document.text, first.start, min(first.end, first.start + 60)).text
    # Only a line that is no sentence can serve as the title.
    if first.kind == "table" and first.cells:
        opening = tighten(document.text, first.cells[0].start, first.cells[0].end).text
    return opening if len(opening) <= 40 and not re.search("[。,;]", opening) else ""


def document_scope(document: Document, identity: Identity, lexicon: Lexicon) -> Scope:
    """What the title and kind of the report imply for all its figures."""
    titles, title = lexicon.book.words["titles"], title_of(document)
    group = one_group(title, lexicon)
    months = months_named(lexicon.book.words["expressions"], title)
    unit = re.search(titles["unit"], title)
    scope = Scope(
        year=identity.year,
        population=group,
        insured=group if group in titles["insurances"] else "",
        fund=identity.report_type in titles["fund_reports"]
        and any(w in title for w in lexicon.book.words["names"]["fund"]),
        # A bulletin on the last quarter states the year to date, which is the year.
        months=None if months and months[1] == 12 else months,
        unit=unit.group(1) if unit else "",
        office=identity.reporting_unit,
        place=identity.county,
        published=identity.published,
    )
    of_project = re.search(titles["project"], title) and not re.search(titles["not_project"], title)
    if identity.report_type in titles["project_reports"] or of_project:
        scope = replace(scope, project_report=True, subject=title[:60])
    return _planned(scope, title, document, identity, lexicon)


def _planned(
    scope: Scope, title: str, document: Document, identity: Identity, lexicon: Lexicon
) -> Scope:
    """What a title, or a text without a result, says of its amounts and goals."""
    titles = lexicon.book.words["titles"]
    if re.search(titles["plan"], title) and not re.search(titles["not_plan"], title):
        scope = replace(scope, scenario="target", scenario_from=title[:40])
    if identity.report_type in titles["target_reports"]:
        return replace(scope, scenario="target", scenario_from="a table of targets")
    budget = identity.report_type in titles["budget_reports"] or re.search(titles["budget"], title)
    if re.search(titles["beside_budget"], document.text):
        # 「支出2万元,年初预算3万元」: what is told beside its budget is no budget.
        return scope
    if budget and not re.search(titles["not_budget"], title):
        return replace(scope, scenario="budget", scenario_from=title[:40])
    only_plans = re.search(titles["planned"], document.text) and not re.search(
        titles["spent"], document.text
    )
    if only_plans:
        return replace(scope, scenario="budget", scenario_from="a document that only plans")
    return scope


def heading_scope(scope: Scope, headings: Sequence[str], lexicon: Lexicon) -> Scope:
    """Adds what the headings above a paragraph imply; the nearest heading decides.

    A heading may tell the scenario, the group of persons, the topic (三公经费) and the project.
    """
    words, titles = lexicon.book.words["headings"], lexicon.book.words["titles"]
    for heading in headings:
        if any(w in heading for w in words["actual"]):
            scope = replace(scope, scenario="actual", scenario_from=heading)
        elif any(w in heading for w in words["target"]):
            scope = replace(scope, scenario="target", scenario_from=heading)
            planned = re.search(r"((?:19|20)\d\d)\D", heading)
            if planned and scope.year and int(planned.group(1)) > scope.year:
                scope = replace(scope, year=int(planned.group(1)))
        elif re.search(titles["budget_heading"], heading):
            scope = replace(scope, scenario="budget", scenario_from=heading)
        else:
            scope = _of_next_year(scope, heading)
        group = one_group(heading, lexicon)
        if group:
            scope = replace(scope, population=group)
        scope = replace(announced(scope, heading, lexicon), service=heading)
        scope = replace(scope, projects=announces_projects(heading, lexicon) or scope.projects)
    return scope


def _of_next_year(scope: Scope, heading: str) -> Scope:
    """Under a heading that names the year after the report's nothing is done yet."""
    named = YEAR.findall(heading)
    if not scope.year or named[-1:] != [str(scope.year + 1)] or scope.scenario in BUDGETS:
        return scope
    return replace(scope, scenario="target", scenario_from=heading, year=scope.year + 1)


def announces_projects(words: str, lexicon: Lexicon) -> bool:
    """Whether a heading, or what opens a paragraph, says that projects are told one by one."""
    return re.search(lexicon.book.words["titles"]["projects_heading"], words) is not None


def announced(scope: Scope, words: str, lexicon: Lexicon) -> Scope:
    """What a heading or the opening words of a paragraph announce: a topic, a project, a part."""
    book = lexicon.book
    bare = re.sub(book.words["titles"]["numbering"], "", words).strip("。:、,;")
    labels = lexicon.labels(bare)
    topics = [
        t.value
        for t in labels
        if t.type == "label" and book.indicators[t.value].family == "three_public"
    ]
    if topics:
        return replace(scope, topic=topics[0], subject="", part=False)
    department, projects = book.words["department"], book.words["projects"]
    if any(bare.startswith(cost) for cost in department["other_costs"]):
        return replace(scope, topic="", subject="", part=True)
    ends_so = scope.projects or bare.endswith(tuple(projects["endings"]))
    labelled = any(
        t.type in ("label", "generic") and (t.end == len(bare) or not scope.projects)
        for t in labels
    )
    if 5 < len(bare) < 40 and ends_so and bare not in projects["no_name"] and not labelled:
        return replace(scope, topic="", subject=bare, part=False)
    if bare in department["parts"]:
        return replace(scope, topic="", subject="", part=True)
    return scope


def one_group(title: str, lexicon: Lexicon) -> str:
    """The group of insured persons that a title is about, "" where it names none or several."""
    tokens = lexicon.groups(title, 0, len(title))
    groups = {t.value for t in tokens if t.value in lexicon.group_ids}
    return groups.pop() if len(groups) == 1 else ""


def mention_of(
    fact: Fact, document: Document, block: int, passage: Passage, layout: str
) -> Mention:
    """Ties a fact to its place in the document; what an engine read off a picture is to be reviewed."""
    start, end = passage.span(fact.start, fact.end)
    place = place_at(document, start)
    review = fact.review
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
        indicator=fact.indicator,
        scenario=fact.scenario,
        population=fact.population,
        subject=fact.subject,
        basis=fact.basis,
        year=fact.year,
        period=fact.period,
        comparator=fact.comparator,
        value=fact.value,
        unit=fact.unit,
        decimals=fact.decimals,
        printed=fact.printed,
        rule=fact.rule,
        settled=fact.settled,
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
