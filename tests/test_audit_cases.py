"""The audit on a table of cases: what a report states, and everything the audit finds in it.

`audit_cases.txt` is read as follows. A case is a line that says what it shows, lines of figures
(`indicator[/scenario][:population][@basis][#year][ table][ marks] value`, parted by `;`), and the
findings, each after `=>`: kind, indicator with population and basis, what is printed, what is
recomputed, the verdict. `=> nothing` is a case in which nothing may be found. All findings must be
listed.
"""

import re
from pathlib import Path

import pytest
from handmade import DEFINITIONS, IDENTITY, mention

from ingest.judging import audit
from ingest.printed import plain
from ingest.records import Refusal

CASES = Path(__file__).parent / "audit_cases.txt"
_FIGURE = re.compile(
    r"(?P<indicator>\w+)(?:/(?P<scenario>\w+))?(?::(?P<population>\w+))?(?:@(?P<basis>\w+))?"
    r"(?:#(?P<year>\d{4}))?(?:\[(?P<subject>\S+)\])?(?P<marks>(?: [a-z]+)*) "
    r"(?P<comparator>[<>~]=?)?(?P<value>-?[\d.]+)(?P<unit>\S*)"
)
_POWER = {"": 0, "元": -4, "万人": 4}


def cases():
    """(name, figures, findings) of each case."""
    for block in re.split(r"\n\s*\n", CASES.read_text(encoding="utf-8").strip()):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if lines:
            name, *rest = lines
            figures = [f.strip() for line in rest if "=>" not in line for f in line.split(";")]
            found = [line.partition("=>")[2].strip() for line in rest if "=>" in line]
            yield name, [f for f in figures if f], found


CASE = list(cases())


def stated(text):
    """The mention (or, for a figure `refused` for its unit, the refusal) that a figure stands for."""
    read = _FIGURE.fullmatch(text)
    assert read, f"no figure: {text}"
    marks = read["marks"].split()
    if "refused" in marks:
        return Refusal(0, 1, read["value"], read["indicator"], "the unit does not fit")
    power = _POWER[read["unit"]]
    whole, _, places = read["value"].partition(".")
    decimals = len(places) - power
    value = f"{whole}{places}E{power - len(places)}"
    given = {name: read[name] for name in ("population", "basis", "subject") if read[name]}
    if read["year"]:
        given["year"] = int(read["year"])
    if "table" in marks:
        given["layout"] = "table"
    if "doubtful" in marks:
        given["review"] = "two readings are open"
    if "bare" in marks:
        given["review"] = "no unit is printed"
    if "half" in marks:
        given["period"] = "2023-01/2023-06"
    kind = DEFINITIONS.indicators[read["indicator"]].kind
    unit = "" if "bare" in marks else read["unit"] or {"amount": "万元", "rate": "%"}.get(kind, "")
    return mention(
        read["indicator"],
        value,
        read["scenario"] or "actual",
        comparator=read["comparator"] or "=",
        decimals=decimals,
        printed=read["value"] + unit,
        **given,
    )


def told(finding):
    """A finding as a line of the table."""
    name = finding.indicator
    name += f":{finding.population}" if finding.population else ""
    name += f"@{finding.basis}" if finding.basis else ""
    name += f"#{finding.year}" if finding.year != 2023 else ""
    name += f"[{finding.subject}]" if finding.subject != "部门整体" else ""
    values = (
        "-" if value is None else plain(value) for value in (finding.reported, finding.recomputed)
    )
    return " ".join((finding.kind, name, *values, finding.verdict))


def found_in(figures):
    records = [stated(figure) for figure in figures]
    mentions = [r for r in records if not isinstance(r, Refusal)]
    refusals = [r for r in records if isinstance(r, Refusal)]
    return audit.findings(mentions, IDENTITY, DEFINITIONS, refusals)


@pytest.mark.parametrize(("name", "figures", "expected"), CASE, ids=[name for name, _, _ in CASE])
def test_everything_the_audit_finds_in_a_case(name, figures, expected):
    found = [told(finding) for finding in found_in(figures)]
    assert sorted(found or ["nothing"]) == sorted(expected)


def test_every_formula_says_the_numbers_it_rests_on():
    for _, figures, _ in CASE:
        for finding in found_in(figures):
            if finding.kind != "rate" and finding.recomputed is not None:
                assert plain(finding.recomputed) in finding.formula
            if finding.verdict in ("agree", "derived"):
                assert finding.mention_ids


def test_there_are_enough_cases_and_no_two_of_one_name():
    names = [name for name, _, _ in CASE]
    assert len(names) >= 80
    assert len(set(names)) == len(names)
