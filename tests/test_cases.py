"""Sentences and small forms in our own words, each with the figures a careful reader takes from it.

`cases/sentences.txt` and `cases/forms.txt` hold one case after the other:

    [name] year=2022 ragged     year of the report (2023 if not given); ragged: the columns of its
                                tables were rebuilt by counting, as in flattened text
    # title                     headings: # is the title of the document, ## and ### its sections
    words of a paragraph        lines that follow each other are one paragraph with line breaks
    | cell | cell | < |         a row of a table; < continues the cell to the left, ^ the one above
    > indicator scenario population year value [part] [partial] [basis=...]
    > optional ...              may be read or not
    > nothing

`value` is in the codebook's unit, with its comparator before it (>=95) unless that is =.
`population` is - for indicators without one. `part`: the figure is one project's or fund's, not
the department's. `partial`: it covers a part of the year. `basis` is compared where it is named.
Lines that begin with ; are remarks, === opens a group.

`cases/known_failures.txt` lists the cases that are read wrongly, with a word why. Such a case must
fail: one that is read rightly has to be taken off the list.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from ingest.codebook.loading import load
from ingest.documents.glyphs import fold
from ingest.identifying import identify
from ingest.reading import reader
from ingest.records import WHOLE_DEPARTMENT, Block, Cell, Document, Identity, Mention, Source

FOLDER = Path(__file__).parent / "cases"
SCENARIOS = {"actual", "target", "initial_budget", "adjusted_budget", "budget"}
# The indicators that a project or a fund can have as well as the department.
OF_A_PART = {
    "expenditure",
    "revenue",
    "project_expenditure",
    "budget_execution_rate",
    "self_evaluation_score",
}


@dataclass
class Case:
    """One case as written: its lines of text and table rows, and the figures it expects."""

    name: str
    year: int
    ragged: bool
    lines: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    optional: list[str] = field(default_factory=list)


def read_cases(file: str) -> list[Case]:
    """The cases of a file, in its order."""
    cases: list[Case] = []
    for line in (FOLDER / file).read_text(encoding="utf-8").splitlines():
        header = re.fullmatch(r"\[([\w-]+)\](?: year=(\d{4}))?( ragged)?", line)
        if header:
            name = f"{file.removesuffix('.txt')}/{header[1]}"
            cases.append(Case(name, int(header[2] or 2023), bool(header[3])))
        elif line.startswith("> optional "):
            cases[-1].optional.append(line.removeprefix("> optional "))
        elif line.startswith("> "):
            cases[-1].expected.append(line.removeprefix("> "))
        elif cases and not line.startswith((";", "===")):
            cases[-1].lines.append(line)
    return cases


def known_failures() -> dict[str, str]:
    """Names of the cases that are read wrongly, and why."""
    lines = (FOLDER / "known_failures.txt").read_text(encoding="utf-8").splitlines()
    named = (line.split(maxsplit=1) for line in lines if line and not line.startswith(";"))
    return dict(named)


CASES = read_cases("sentences.txt") + read_cases("forms.txt")
KNOWN_FAILURES = known_failures()


# --- from a case to a document ----------------------------------------------------------------


def document_of(case: Case) -> Document:
    """The document that a reader would make of a case."""
    text, blocks = "", []
    for lines in _passages(case.lines):
        if lines[0].startswith("|"):
            block, words = _table([_row(line) for line in lines], len(text), case)
        else:
            heading = re.match(r"(#+) (.*)", lines[0])
            words = fold(heading[2] if heading else "\n".join(lines))
            kind, level = ("heading", len(heading[1])) if heading else ("paragraph", 0)
            block = Block(kind, len(text), len(text) + len(words), level)
        blocks.append(block)
        text += words + "\n"
    source = Source(f"{case.name}.txt", f"{case.name}.txt", "0" * 64, len(text))
    return Document(source, "text", "text", text, tuple(blocks))


def _passages(lines: list[str]) -> list[list[str]]:
    """Lines that belong together: one heading, one paragraph or one table."""
    passages: list[list[str]] = []
    previous = ""
    for line in lines:
        kind = line[:1] if line[:1] in "|#" else "words"
        if line and kind == previous != "#":
            passages[-1].append(line)
        elif line:
            passages.append([line])
        previous = kind if line else ""
    return passages


def _row(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip()[1:-1].split("|")]


def _table(rows: list[list[str]], start: int, case: Case) -> tuple[Block, str]:
    assert case.ragged or len({len(row) for row in rows}) == 1, (
        f"{case.name}: the rows have {', '.join(str(len(row)) for row in rows)} cells; "
        "write a cell for each place, or mark the case as ragged"
    )
    text, cells = "", []
    for r, row in enumerate(rows):
        for c, words in enumerate(row):
            if words in ("<", "^"):
                continue
            right = _run([cell == "<" for cell in row[c + 1 :]])
            below = _run([c < len(under) and under[c] == "^" for under in rows[r + 1 :]])
            words = fold(words)
            at = start + len(text)
            cells.append(Cell(r, c, at, at + len(words), below + 1, right + 1))
            text += words + "\t"
        text = text[:-1] + "\n"
    return Block("table", start, start + len(text), cells=tuple(cells), ragged=case.ragged), text


def _run(truths: list[bool]) -> int:
    return truths.index(False) if False in truths else len(truths)


def identity_of(case: Case, document: Document) -> Identity:
    """An unnamed county's medical security bureau; the title says what kind of report it is."""
    titled = any(block.level == 1 for block in document.blocks)
    kind = identify.identify(document, load()).report_type if titled else ""
    return Identity(
        county="青禾县",
        reporting_unit="青禾县医疗保障局",
        year=case.year,
        report_type=kind or "department_self_evaluation",
    )


# --- from mentions and expectations to lines that compare -------------------------------------


def stated(mention: Mention) -> str:
    """A mention in the words of a case, without its basis."""
    comparator = "" if mention.comparator == "=" else mention.comparator
    words = [
        mention.indicator,
        mention.scenario,
        mention.population or "-",
        str(mention.year or "-"),
        comparator + _plain(mention.value),
    ]
    if mention.indicator in OF_A_PART and mention.subject != WHOLE_DEPARTMENT:
        words.append("part")
    if mention.period != str(mention.year):
        words.append("partial")
    return " ".join(words)


def wanted(line: str) -> tuple[str, str]:
    """An expected line with its value in plain form, and the basis it names, if any."""
    indicator, scenario, population, year, value, *flags = line.split()
    sign = re.match("[<>=~]*", value)[0]
    basis = "".join(flag.removeprefix("basis=") for flag in flags if flag.startswith("basis="))
    flags = [flag for flag in flags if not flag.startswith("basis=")]
    number = _plain(Decimal(value.removeprefix(sign)))
    return " ".join([indicator, scenario, population, year, sign + number, *flags]), basis


def _plain(value: Decimal) -> str:
    return f"{value.normalize() + 0:f}"


@cache
def mentions_of(name: str) -> tuple[tuple[Mention, ...], tuple[str, ...]]:
    """What is read from a case, and what was refused in words."""
    case = next(case for case in CASES if case.name == name)
    document = document_of(case)
    identity = identity_of(case, document)
    reading = reader.read(document, identity, load())
    mentions = reading.mentions
    for mention in mentions:
        assert document.text[mention.start : mention.end] == mention.quote
    refusals = tuple(f"{r.quote!r}: {r.reason}" for r in reading.refusals)
    return mentions, refusals


def differences(case: Case) -> list[str]:
    """What is missing, too much, or has another basis than expected; nothing if all is right."""
    mentions, _ = mentions_of(case.name)
    expected = dict(wanted(line) for line in case.expected if line != "nothing")
    optional = dict(wanted(line) for line in case.optional)
    found = {stated(mention): mention for mention in mentions}
    missing = [f"missing     {line}" for line in expected if line not in found]
    surplus = [
        f"unexpected  {line}   {mention.quote!r}"
        for line, mention in found.items()
        if line not in expected and line not in optional
    ]
    bases = [
        f"basis       {line}: {found[line].basis or 'none'} instead of {basis}"
        for line, basis in expected.items()
        if basis and line in found and found[line].basis != basis
    ]
    return missing + surplus + bases


def explanation(case: Case) -> str:
    """The case, the differences and what was refused, for the one who reads the failure."""
    _, refusals = mentions_of(case.name)
    refused = [f"refused     {line}" for line in refusals]
    return "\n".join([case.name, *case.lines, *differences(case), *refused])


def _parameters() -> list[object]:
    return [
        pytest.param(
            case,
            id=case.name,
            marks=[pytest.mark.xfail(reason=KNOWN_FAILURES[case.name], raises=AssertionError)]
            if case.name in KNOWN_FAILURES
            else [],
        )
        for case in CASES
    ]


@pytest.mark.parametrize("case", _parameters())
def test_case(case: Case) -> None:
    assert not differences(case), explanation(case)


def test_cases_are_well_formed() -> None:
    repeated = [name for name, count in Counter(c.name for c in CASES).items() if count > 1]
    assert not repeated
    for case in CASES:
        assert case.lines, f"{case.name} has no text"
        assert case.expected, f"{case.name} expects neither figures nor nothing"
        assert case.expected == ["nothing"] or "nothing" not in case.expected
        for line in [*case.expected, *case.optional]:
            if line != "nothing":
                indicator, scenario, population = line.split()[:3]
                known = load().indicators
                assert indicator in known, f"{case.name}: no indicator {indicator}"
                assert scenario in SCENARIOS, f"{case.name}: no scenario {scenario}"
                by_group = "population" in known[indicator].dimensions
                assert (population != "-") == by_group, f"{case.name}: population of {line!r}"


def test_cases_are_many_and_often_expect_nothing() -> None:
    sentences = [case for case in CASES if case.name.startswith("sentences/")]
    empty = [case for case in sentences if case.expected == ["nothing"]]
    assert len(sentences) >= 300
    assert len(CASES) - len(sentences) >= 60
    assert len(empty) >= len(sentences) / 5


def test_known_failures_name_cases() -> None:
    assert not set(KNOWN_FAILURES) - {case.name for case in CASES}
