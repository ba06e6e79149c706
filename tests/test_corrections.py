"""Corrections: what is wrong in the file is all said, what is outdated stops, what fits is applied."""

import csv
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from handmade import DEFINITIONS, IDENTITY, mention

from ingest.judging import audit, reconcile
from ingest.printed import plain
from ingest.reviewing import corrections
from ingest.reviewing.corrections import CorrectionError, Placed

PATH = Path("corrections.toml")
SHA = "ab" * 32
IDENTITIES = {"report.txt": IDENTITY}
FINGERPRINTS = {"report.txt": SHA}
ENTRY = {
    "county_code": "430511",
    "year": 2023,
    "indicator": "self_evaluation_score",
    "action": "override",
    "expect": "94.5",
    "value": "97",
    "reason": "the cover says 97",
}


def written(*entries):
    """corrections.toml with these entries, a field a line."""
    lines = []
    for entry in entries:
        lines.append("[[corrections]]")
        for name, value in entry.items():
            text = str(value) if isinstance(value, int | float) else f'"{value}"'
            lines.append(f"{name} = {text}")
        lines.append("")
    return "\n".join(lines)


def without(*names, **changed):
    return {name: value for name, value in (ENTRY | changed).items() if name not in names}


@pytest.fixture
def load(tmp_path):
    def load_(text):
        path = tmp_path / "corrections.toml"
        path.write_text(text, encoding="utf-8")
        return corrections.load(path, DEFINITIONS)

    return load_


@pytest.fixture
def complaints(load):
    def complaints_(text):
        with pytest.raises(CorrectionError) as caught:
            load(text)
        assert f"{len(caught.value.complaints)} problem(s), nothing was written" in str(
            caught.value
        )
        return list(caught.value.complaints)

    return complaints_


# --- the file ---


def test_no_file_is_no_correction(tmp_path):
    assert corrections.load(tmp_path / "gone.toml", DEFINITIONS) == ()


def test_an_entry_is_read_with_its_line_and_the_usual_dimensions(load):
    (one,) = load("# a remark\n\n" + written(ENTRY | {"by": "analyst", "when": "2026-01-02"}))
    assert (one.line, one.scenario, one.population, one.subject, one.basis) == (
        3,
        "actual",
        "",
        "部门整体",
        "",
    )
    assert (one.expect, one.value, one.by, one.when) == (
        "94.5",
        Decimal(97),
        "analyst",
        "2026-01-02",
    )


def test_numbers_may_stand_without_quotes_and_stay_exact(load):
    (one,) = load(written(ENTRY | {"expect": 94.1, "value": 0.1}))
    assert (one.expect, one.value) == ("94.1", Decimal("0.1"))


@pytest.mark.parametrize(
    ("indicator", "population", "basis"),
    [
        ("participation_rate", "all", ""),
        ("budget_execution_rate", "", "unstated"),
        ("expenditure", "", ""),
    ],
)
def test_dimensions_left_out_are_those_of_a_figure_that_names_none(
    load, indicator, population, basis
):
    (one,) = load(written(ENTRY | {"indicator": indicator}))
    assert (one.population, one.basis) == (population, basis)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (without("reason"), "line 1: no reason. Say why"),
        (without(reason=" "), "line 8: no reason. Say why"),
        (without("action"), "line 1: no action. Write one: override, drop, add, accept"),
        (without(action="overide"), "line 5: action 'overide' is unknown. Did you mean override?"),
        (
            without(indicator="self_evaluation"),
            "line 4: indicator 'self_evaluation' is unknown. Did you mean self_evaluation_score",
        ),
        (without(scenario="goal"), "line 9: scenario 'goal' is unknown. Known: actual, target"),
        (without(basis="initial"), "line 9: basis 'initial' is unknown. Did you mean initial_bud"),
        (without(population="farmers"), "line 9: population 'farmers' is unknown. Known: all"),
        (without("county_code"), "line 1: which report? Name county_code and year, or document"),
        (without("year"), "line 1: which report? Name county_code and year, or document"),
        (without(year="2023"), "line 3: year = '2023' is no year. Write year = 2023, without"),
        (without(year=23), "line 3: year = 23 is no year"),
        (without(county_code="43051"), "line 2: county_code '43051' is not six digits. Copy it"),
        (without(county_code=430511), "line 2: county_code = 430511 is no text. Put it in quotes"),
        (without(document="xyz"), "line 9: document 'xyz' is no fingerprint. Copy sha256 from"),
        (without("value"), "line 1: override needs a value, in the unit of codebook.csv: value ="),
        (without(value="97分"), "line 7: value = '97分' is no number. Write digits, such as value"),
        (without(value="NaN"), "line 7: value = 'NaN' is no number"),
        (without("expect"), "line 1: override needs expect, the value that observations.csv has"),
        (without(expect="about 94"), "line 6: expect = 'about 94' is no number"),
        (without(action="drop"), "line 7: drop takes no value. Remove it, or use action = "),
        (without(action="accept"), "line 7: accept takes no value."),
        (without(expcet="94.5"), "line 9: unknown field 'expcet'. Did you mean expect?"),
        (without(note="x"), "line 9: unknown field 'note'."),
    ],
    ids=lambda part: part[:40] if isinstance(part, str) else "",
)
def test_what_is_wrong_is_said_with_its_line_and_what_to_do(complaints, entry, message):
    (found,) = complaints(written(entry))
    assert found.startswith(message)


def test_everything_that_is_wrong_is_said_at_once(complaints):
    found = complaints(
        written(
            without("reason", action="overide", valu="1"),
            ENTRY,
            without(year="x"),
            without(reason="again"),
        )
    )
    assert [line.partition(":")[0] for line in found] == [
        "line 8",
        "line 5",
        "line 1",
        "line 21",
        "line 28",
    ]
    assert found[-1] == "line 28: the entry of line 10 is about the same figure. Keep one of them"


def test_broken_toml_in_one_entry_does_not_hide_what_is_wrong_in_another(complaints):
    text = written(ENTRY).replace('"97"', "97分") + "\n" + written(without("reason"))
    broken, other = complaints(text)
    assert broken.startswith("line 1: no TOML: ")
    assert "in line 7, column" in broken
    assert other.startswith("line 10: no reason")


def test_other_tables_and_no_utf8_are_said(complaints, tmp_path):
    (found,) = complaints("[[correction]]\naction = 'drop'\n")
    assert found.startswith("'correction' is unknown here. Entries are written [[corrections]]")
    (found,) = complaints("corrections = 3\n")
    assert found.startswith("'corrections' is no list of entries.")
    path = tmp_path / "latin.toml"
    path.write_bytes("reason = '预算'".encode("gb18030"))
    with pytest.raises(CorrectionError, match=r"cannot be read .* Save it as UTF-8 text"):
        corrections.load(path, DEFINITIONS)


# --- against the reports ---


def entry(**given):
    """One correction of the score, as if loaded from line 1."""
    fields = {
        "line": 1,
        "document": "",
        "county_code": "430511",
        "year": 2023,
        "indicator": "self_evaluation_score",
        "scenario": "actual",
        "population": "",
        "subject": "部门整体",
        "basis": "",
        "action": "override",
        "expect": "94.5",
        "value": Decimal(97),
        "reason": "the cover says 97",
    }
    return corrections.Correction(**(fields | given))


def observed(*mentions):
    found = audit.findings(mentions, IDENTITY, DEFINITIONS)
    return reconcile.observations(mentions, IDENTITIES, DEFINITIONS, found)


SCORES = (
    mention("self_evaluation_score", "97", mention_id="abababab-1"),
    mention("self_evaluation_score", "94.5", layout="table", mention_id="abababab-2"),
)


def placed(correction, *mentions):
    return corrections.place(PATH, [correction], FINGERPRINTS, IDENTITIES, observed(*mentions))


def stale(correction, *mentions, fingerprints=FINGERPRINTS, identities=IDENTITIES):
    with pytest.raises(CorrectionError) as caught:
        corrections.place(PATH, [correction], fingerprints, identities, observed(*mentions))
    (complaint,) = caught.value.complaints
    return complaint


@pytest.mark.parametrize("given", [{}, {"document": SHA}, {"document": SHA[:10]}])
def test_an_entry_finds_its_report_by_county_and_year_or_by_fingerprint(given):
    (one,) = placed(entry(**given), *SCORES)
    assert (one.document, plain(one.observation.value)) == ("report.txt", "94.5")


def test_a_fingerprint_alone_is_enough():
    (one,) = placed(entry(document=SHA, county_code="", year=None), *SCORES)
    assert one.observation.mention_ids == ("abababab-2", "abababab-1")


@pytest.mark.parametrize("expect", ["94.5", "94.50"])
def test_the_same_number_may_be_written_in_two_ways(expect):
    assert placed(entry(expect=expect), *SCORES)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"expect": "96"},
            "line 1: expect = '96', but report.txt now gives '94.5' for self_evaluation_score "
            "(conflicting). Look at it with `ingest explain report.txt --indicator "
            "self_evaluation_score`, then write the new value in expect, or remove the entry",
        ),
        (
            {"document": "cd" * 32},
            "line 1: the report has changed: cdcdcdcdcd was corrected, report.txt is now "
            "ababababab. Look at it with `ingest explain report.txt`",
        ),
        (
            {"document": "cd" * 32, "county_code": "", "year": None},
            "line 1: no report has the fingerprint cdcdcdcdcd (there are 1). Put the report back",
        ),
        (
            {"county_code": "130127"},
            "line 1: no report of county 130127 is in the folder. Correct the code",
        ),
        (
            {"document": SHA, "county_code": "130127"},
            "line 1: document ababababab is report.txt, which is not a report of county 130127",
        ),
        (
            {"scenario": "target"},
            "line 1: no self_evaluation_score (target, -, 部门整体, -) with the value 94.5 in "
            "report.txt, 2023. It has (actual, -, 部门整体, -: 94.5). Correct the entry or remove",
        ),
        (
            {"indicator": "participation_rate", "population": "all"},
            "line 1: no participation_rate (actual, all, 部门整体, -) with the value 94.5 in "
            "report.txt, 2023. It has none of this indicator.",
        ),
        (
            {"action": "add", "expect": None},
            "line 1: self_evaluation_score is there already: 94.5 in report.txt. Use action = "
            '"override" with expect = "94.5"',
        ),
    ],
)
def test_an_entry_that_no_longer_fits_shows_what_was_expected_and_what_is_there(given, message):
    assert stale(entry(**given), *SCORES).startswith(message)


def test_an_undefined_value_is_expected_as_nothing():
    parts = [
        mention("three_public_expenditure", "0"),
        mention("three_public_expenditure", "0", "budget"),
    ]
    rate = entry(indicator="three_public_control_rate", expect="")
    (one,) = placed(rate, *parts)
    assert one.observation.status == "undefined"
    assert "now gives '' for three_public_control_rate" in stale(replace(rate, expect="0"), *parts)


def test_one_figure_named_in_two_ways_is_still_one():
    both = [entry(), entry(line=9, document=SHA, county_code="", year=None)]
    with pytest.raises(CorrectionError, match="line 9: the entry of line 1 is about the same"):
        corrections.place(PATH, both, FINGERPRINTS, IDENTITIES, observed(*SCORES))


# --- applied ---


def corrected(correction, *mentions):
    """The observations after one correction, by indicator and basis."""
    (one,) = placed(correction, *mentions)
    after = corrections.mentions_after(mentions, [one], DEFINITIONS)
    found = corrections.apply(observed(*after), [one])
    return {(o.indicator, o.basis): o for o in found}


def test_an_overridden_figure_has_the_new_value_and_a_note_of_the_old():
    found = corrected(entry(by="analyst", when="2026-01-02"), *SCORES)
    (score,) = found.values()
    assert (plain(score.value), score.status) == ("97", "reported")
    assert score.note == "corrected from 94.5 to 97: the cover says 97 (analyst, 2026-01-02)"
    assert score.mention_ids == ("abababab-2", "abababab-1")


def test_an_accepted_contradiction_stands_and_keeps_its_note():
    (score,) = corrected(entry(action="accept", value=None), *SCORES).values()
    assert (plain(score.value), score.status) == ("94.5", "reported")
    assert score.note == "accepted: the cover says 97; the prose has 97 (abababab-1)"


def test_a_dropped_figure_is_gone():
    assert not corrected(entry(action="drop", value=None), *SCORES)


def test_an_added_figure_rests_on_no_mention():
    added = entry(
        indicator="participation_rate",
        population="residents",
        action="add",
        expect=None,
        value=Decimal("98.5"),
    )
    rate = corrected(added, *SCORES)["participation_rate", ""]
    assert (plain(rate.value), rate.unit, rate.status) == ("98.5", "%", "reported")
    assert (rate.population, rate.document, rate.mention_ids) == ("residents", "report.txt", ())
    assert rate.note == "added: the cover says 97"


SPENT = mention("expenditure", "355.27")
BUDGET = mention("expenditure", "223.15", "initial_budget")


def test_what_follows_from_a_corrected_figure_follows_from_the_corrected_one():
    found = corrected(
        entry(indicator="expenditure", expect="355.27", value=Decimal("200.00")), SPENT, BUDGET
    )
    rate = found["budget_execution_rate", "initial_budget"]
    assert (plain(rate.value), rate.status) == ("89.63", "derived")
    assert rate.note == "200.00 / 223.15 = 89.63; 200.00 as corrected"


def test_what_follows_from_a_dropped_figure_goes_with_it():
    found = corrected(
        entry(indicator="expenditure", action="drop", expect="355.27", value=None), SPENT, BUDGET
    )
    assert set(found) == {("expenditure", "")}


def test_an_added_part_gives_its_rate():
    added = entry(
        indicator="expenditure",
        scenario="initial_budget",
        action="add",
        expect=None,
        value=Decimal("223.15"),
    )
    rate = corrected(added, SPENT)["budget_execution_rate", "initial_budget"]
    assert (plain(rate.value), rate.mention_ids) == ("159.21", (SPENT.mention_id,))


def test_a_rate_that_is_derived_may_be_dropped_or_overridden():
    rate = entry(indicator="budget_execution_rate", basis="initial_budget", expect="159.21")
    found = corrected(replace(rate, action="drop", value=None), SPENT, BUDGET)
    assert ("budget_execution_rate", "initial_budget") not in found
    found = corrected(replace(rate, value=Decimal(100)), SPENT, BUDGET)
    changed = found["budget_execution_rate", "initial_budget"]
    assert (plain(changed.value), changed.status) == ("100", "reported")
    assert changed.note.startswith("corrected from 159.21 to 100: ")


def test_a_dropped_rate_leaves_the_one_that_its_parts_give():
    printed = mention("budget_execution_rate", "100", basis="initial_budget")
    rate = entry(
        indicator="budget_execution_rate",
        basis="initial_budget",
        action="drop",
        expect="100",
        value=None,
    )
    found = corrected(rate, SPENT, BUDGET, printed)["budget_execution_rate", "initial_budget"]
    assert (plain(found.value), found.status) == ("159.21", "derived")
    assert found.note.startswith("printed 100 dropped: ")


def test_a_rate_filed_under_the_basis_that_proves_it_is_corrected_there():
    printed = mention("budget_execution_rate", "159.21")
    rate = entry(
        indicator="budget_execution_rate",
        basis="initial_budget",
        expect="159.21",
        value=Decimal("159.2"),
    )
    found = corrected(rate, SPENT, BUDGET, printed)
    assert plain(found["budget_execution_rate", "initial_budget"].value) == "159.2"
    assert ("budget_execution_rate", "unstated") not in found


def test_accepting_one_of_two_values_settles_what_follows_from_it():
    other = mention("expenditure", "300")
    found = corrected(
        entry(indicator="expenditure", action="accept", expect="355.27", value=None),
        SPENT,
        other,
        BUDGET,
    )
    assert plain(found["budget_execution_rate", "initial_budget"].value) == "159.21"


def test_mentions_are_never_changed():
    (one,) = placed(entry(), *SCORES)
    before = tuple(SCORES)
    corrections.mentions_after(SCORES, [one], DEFINITIONS)
    assert before == SCORES
    assert isinstance(one, Placed)


# --- through the command ---

REPORT = """邵阳市北塔区医疗保障局2023年度部门整体支出绩效自评报告

一、预算执行情况
2023年,年初预算安排223.15万元,全年支出决算355.27万元。

二、自评结论
综合得分97分。
附表中总分94.5分。
"""


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "data/raw"
    folder.mkdir(parents=True)
    (folder / "beita.txt").write_text(REPORT, encoding="utf-8")
    return folder


def run(capsys, *arguments):
    from ingest.__main__ import main

    status = main([str(a) for a in arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def rows(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_build_takes_the_corrections_beside_its_reports(capsys, raw, tmp_path):
    out = tmp_path / "out"
    run(capsys, "build", raw, "--jobs", 1, "--out", out)
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    entry_ = without(indicator="expenditure", expect="355.27", value="200")
    (raw.parent / "corrections.toml").write_text(written(entry_), encoding="utf-8")
    status, printed, err = run(capsys, "build", raw, "--jobs", 1, "--out", out)
    assert (status, err) == (0, "")
    assert ", 1 corrections -> " in printed
    found = {(r["indicator"], r["scenario"]): r for r in rows(out, "observations")}
    assert found["expenditure", "actual"]["value"] == "200"
    assert found["expenditure", "actual"]["note"].startswith("corrected from 355.27 to 200: ")
    assert found["budget_execution_rate", "actual"]["value"] == "89.63"
    # What the report says stays what it says.
    for name in ("mentions.csv", "audit.csv"):
        assert (out / name).read_bytes() == before[name]


def test_a_dropped_figure_is_said_in_the_issues(capsys, raw, tmp_path):
    entry_ = without("value", indicator="expenditure", expect="355.27", action="drop")
    (raw.parent / "corrections.toml").write_text(written(entry_), encoding="utf-8")
    run(capsys, "build", raw, "--jobs", 1, "--out", tmp_path / "out")
    (issue,) = (i for i in rows(tmp_path / "out", "issues") if i["kind"] == "corrected")
    assert issue["message"] == "expenditure actual 355.27 was dropped: the cover says 97"
    assert issue["where"] == "corrections.toml, line 1"


def test_an_outdated_correction_stops_build_and_check_and_changes_nothing(capsys, raw, tmp_path):
    out = tmp_path / "out"
    run(capsys, "build", raw, "--jobs", 1, "--out", out)
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    file = tmp_path / "mine.toml"
    file.write_text(
        written(
            without(indicator="expenditure", expect="355.28"),
            without("county_code", "year", document="cd" * 32),
        ),
        encoding="utf-8",
    )
    for arguments in (
        ("build", raw, "--jobs", 1, "--out", out, "--corrections", file),
        ("check", "--raw", raw, "--corrections", file),
    ):
        status, _, err = run(capsys, *arguments)
        assert status == 1
        assert "2 problem(s), nothing was written" in err
        assert "line 1: expect = '355.28', but beita.txt now gives '355.27'" in err
        assert "line 10: no report has the fingerprint cdcdcdcdcd" in err
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before


def test_check_counts_the_corrections(capsys, raw):
    file = raw.parent / "corrections.toml"
    status, printed, err = run(capsys, "check", "--raw", raw)
    assert (status, err) == (0, "")
    assert printed.endswith(f"{file.as_posix()}: 0 corrections\n")
    entry_ = without(indicator="expenditure", expect="355.27", value="200")
    file.write_text(written(entry_), encoding="utf-8")
    assert run(capsys, "check", "--raw", raw)[1].endswith(": 1 corrections\n")


def test_a_file_of_corrections_that_is_named_must_be_there(capsys, raw, tmp_path):
    gone = tmp_path / "gone.toml"
    for command in (
        ("build", raw, "--jobs", 1, "--out", tmp_path / "out"),
        ("check", "--raw", raw),
    ):
        status, _, err = run(capsys, *command, "--corrections", gone)
        assert status == 2
        assert "gone.toml: no such file. Name one, or leave the option out." in err
