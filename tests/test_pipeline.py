"""From a folder of reports to the tables: order, numbering, repeatability, and bad input."""

import csv
from decimal import Decimal

import pytest
from handmade import DEFINITIONS, mention

from ingest import identify, pipeline, sources
from ingest.records import Issue, Reading, Refusal

BEITA = """邵阳市北塔区医疗保障局2023年度部门整体支出绩效自评报告

一、预算执行情况
2023年,年初预算安排223.15万元,全年支出决算355.27万元。

二、目标完成情况
截至年底,城乡居民参保率98.5%,住院政策范围内报销比例72.78%。
"""
GAOYI = """高邑县医疗保障局2024年度部门整体支出绩效自评报告

一、参保情况
2024年全县参保人数150129人,参保率97.2%。
"""


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    (folder / "hunan").mkdir(parents=True)
    (folder / "hunan/beita.txt").write_text(BEITA, encoding="utf-8")
    (folder / "gaoyi.txt").write_text(GAOYI, encoding="utf-8")
    return folder


def build(raw, out, **options):
    return pipeline.build(raw, out, DEFINITIONS, **options)


def read(out, name):
    with (out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def bytes_of(out):
    return {path.name: path.read_bytes() for path in out.iterdir()}


def test_a_folder_of_reports_becomes_tables(raw, tmp_path):
    summary = build(raw, tmp_path / "out")
    documents = read(tmp_path / "out", "documents")
    assert [(d["document"], d["county_code"], d["year"]) for d in documents] == [
        ("gaoyi.txt", "130127", "2024"),
        ("hunan/beita.txt", "430511", "2023"),
    ]
    mentions = read(tmp_path / "out", "mentions")
    stated = {(m["document"], m["indicator"], m["value"]) for m in mentions}
    assert {
        ("gaoyi.txt", "insured_persons", "150129"),
        ("gaoyi.txt", "participation_rate", "97.2"),
        ("hunan/beita.txt", "participation_rate", "98.5"),
        ("hunan/beita.txt", "inpatient_reimbursement_ratio", "72.78"),
    } <= stated
    observations = read(tmp_path / "out", "observations")
    (rate,) = (o for o in observations if o["indicator"] == "budget_execution_rate")
    assert (rate["value"], rate["basis"], rate["status"]) == (
        "159.21",
        "initial_budget",
        "derived",
    )
    checks = read(tmp_path / "out", "audit")
    assert "355.27 / 223.15 = 159.21" in [c["formula"] for c in checks]
    assert (summary.reports, summary.mentions, summary.observations, summary.findings) == (
        2,
        len(mentions),
        len(observations),
        len(checks),
    )
    assert (summary.errors, summary.issues) == ((), len(read(tmp_path / "out", "issues")))


def test_every_quote_slices_back_to_the_text(raw):
    found, _ = sources.find(raw)
    for report in pipeline.read_all(found, DEFINITIONS):
        assert report.mentions
        for m in report.mentions:
            assert report.document.text[m.start : m.end] == m.quote


def test_ids_of_mentions_are_theirs_alone_and_known_wherever_they_are_named(raw, tmp_path):
    build(raw, tmp_path / "out")
    ids = [m["mention_id"] for m in read(tmp_path / "out", "mentions")]
    assert len(ids) == len(set(ids))
    for name in ("observations", "audit"):
        for row in read(tmp_path / "out", name):
            assert set(row["mention_ids"].split("|")) <= set(ids)


def test_building_twice_gives_the_same_bytes(raw, tmp_path):
    build(raw, tmp_path / "a")
    build(raw, tmp_path / "b")
    build(raw, tmp_path / "a")
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


def test_the_same_reports_under_other_names_give_the_same_mentions(raw, tmp_path):
    build(raw, tmp_path / "a")
    (raw / "gaoyi.txt").rename(raw / "zz 2019 临泽县.bin")
    (raw / "hunan/beita.txt").rename(raw / "1.txt")
    build(raw, tmp_path / "b")

    def without_document(out):
        return [{k: v for k, v in m.items() if k != "document"} for m in read(out, "mentions")]

    assert without_document(tmp_path / "a") == without_document(tmp_path / "b")


def test_no_path_of_this_machine_is_written(raw, tmp_path):
    (raw / "broken.txt").write_bytes(b"")
    build(raw, tmp_path / "out")
    for name, content in bytes_of(tmp_path / "out").items():
        assert str(tmp_path).encode() not in content, name


# --- numbering ---


def test_mentions_are_numbered_by_place_and_content(raw, monkeypatch):
    given = [
        mention("participation_rate", "95", start=50, end=55),
        mention("insured_persons", "10", start=20, end=25),
        mention("participation_rate", "95", "target", start=50, end=55),
        mention("insured_persons", "9", start=20, end=25),
    ]
    for order in (given, given[::-1]):
        halves = iter((order[:2], order[2:]))
        monkeypatch.setattr(
            pipeline.prose, "read", lambda *_, h=halves: Reading(mentions=tuple(next(h)))
        )
        monkeypatch.setattr(
            pipeline.forms, "read", lambda *_, h=halves: Reading(mentions=tuple(next(h)))
        )
        source = sources.find(raw)[0][0]
        found = pipeline.read_report(source, DEFINITIONS).mentions
        assert [(m.start, m.scenario, m.value) for m in found] == [
            (20, "actual", Decimal(9)),
            (20, "actual", Decimal(10)),
            (50, "actual", Decimal(95)),
            (50, "target", Decimal(95)),
        ]
        assert [m.mention_id for m in found] == [
            f"{source.sha256[:10]}-{n:04d}" for n in (1, 2, 3, 4)
        ]


def test_issues_and_refusals_of_all_stages_are_kept(raw, monkeypatch):
    issue = Issue("gaoyi.txt", "info", "qualitative", "1", "应参尽参", "nothing to do")
    late, early = (Refusal(n, n + 1, "x", "", "no label") for n in (9, 3))
    monkeypatch.setattr(pipeline.prose, "read", lambda *_: Reading(refusals=(late,)))
    monkeypatch.setattr(
        pipeline.forms, "read", lambda *_: Reading(refusals=(early,), issues=(issue,))
    )
    report = pipeline.read_report(sources.find(raw)[0][0], DEFINITIONS)
    assert report.refusals == (early, late)
    assert issue in report.issues


# --- bad input ---


def issues_of(out, document):
    return [i for i in read(out, "issues") if i["document"] == document]


@pytest.mark.parametrize(
    ("content", "severity", "kind"),
    [
        (b"", "error", "unreadable"),
        (b"\x7fELF\x02\x01\x01\x00\x00\x01\x02\x03" * 40, "error", "unreadable"),
        ("2023年全县参保率97.2%。".encode(), "warning", "unknown_county"),
        ("高邑县医疗保障局自评报告\n\n全县参保率97.2%。".encode(), "warning", "unknown_year"),
        ("高邑县医疗保障局2024年工作总结\n\n各项工作按时办结。".encode(), "warning", "no_figure"),
    ],
    ids=["empty", "binary", "no county", "no year", "no figure"],
)
def test_bad_input_is_an_issue_with_a_next_step_and_the_rest_is_written(
    raw, tmp_path, content, severity, kind
):
    (raw / "bad.txt").write_bytes(content)
    summary = build(raw, tmp_path / "out")
    found = {i["kind"]: i for i in issues_of(tmp_path / "out", "bad.txt")}
    assert found[kind]["severity"] == severity
    assert found[kind]["message"]
    assert found[kind]["action"]
    assert bool(summary.errors) == (severity == "error")
    documents = [d["document"] for d in read(tmp_path / "out", "documents")]
    assert documents == ["bad.txt", "gaoyi.txt", "hunan/beita.txt"]
    assert {m["document"] for m in read(tmp_path / "out", "mentions")} >= {
        "gaoyi.txt",
        "hunan/beita.txt",
    }


def test_a_fault_in_a_stage_costs_one_report_and_is_said(raw, tmp_path, monkeypatch):
    read_prose = pipeline.prose.read

    def fail(document, identity, definitions):
        if identity.county == "高邑县":
            raise IndexError("list index out of range")
        return read_prose(document, identity, definitions)

    monkeypatch.setattr(pipeline.prose, "read", fail)
    (error,) = build(raw, tmp_path / "out").errors
    assert (error.document, error.kind) == ("gaoyi.txt", "fault")
    assert error.message.startswith("reading stopped with IndexError at test_pipeline.py, line ")
    assert "please report it" in error.action
    assert {m["document"] for m in read(tmp_path / "out", "mentions")} == {"hunan/beita.txt"}


def test_the_same_report_twice_is_read_once(raw, tmp_path):
    (raw / "copy.txt").write_text(GAOYI, encoding="utf-8")
    build(raw, tmp_path / "out")
    assert [d["document"] for d in read(tmp_path / "out", "documents")] == [
        "copy.txt",
        "hunan/beita.txt",
    ]
    (issue,) = issues_of(tmp_path / "out", "gaoyi.txt")
    assert issue["kind"] == "duplicate_file"


def test_a_folder_without_reports_changes_nothing(tmp_path):
    (tmp_path / "raw").mkdir()
    with pytest.raises(pipeline.NoReportsError, match="raw: no report file below this folder"):
        build(tmp_path / "raw", tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- overrides ---


def test_an_override_settles_county_and_year(raw, tmp_path):
    (raw / "bad.txt").write_text("全县参保率97.2%。", encoding="utf-8")
    (raw / "sources.csv").write_text(
        "document,county_code,year\nbad.txt,620723,2022\n", encoding="utf-8"
    )
    build(raw, tmp_path / "out")
    document = read(tmp_path / "out", "documents")[0]
    assert (document["county"], document["city"], document["year"]) == (
        "临泽县",
        "张掖市",
        "2022",
    )
    kinds = {i["kind"] for i in issues_of(tmp_path / "out", "bad.txt")}
    assert not kinds & {"unknown_county", "unknown_year"}


def test_an_override_of_no_report_is_named(raw, tmp_path):
    (raw / "sources.csv").write_text("document,year\ngaoyi.tx,2022\n", encoding="utf-8")
    build(raw, tmp_path / "out")
    (issue,) = issues_of(tmp_path / "out", "gaoyi.tx")
    assert (issue["kind"], issue["where"]) == ("unused_override", "sources.csv")


def test_wrong_overrides_stop_the_build_before_anything_is_written(raw, tmp_path):
    (raw / "sources.csv").write_text("document,year\ngaoyi.txt,20x4\n", encoding="utf-8")
    with pytest.raises(identify.OverrideError, match="20x4"):
        build(raw, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_progress_is_told_for_each_report(raw, tmp_path):
    told = []
    build(raw, tmp_path / "out", progress=lambda *step: told.append(step))
    assert told == [(1, 2, 0, "gaoyi.txt"), (2, 2, 0, "hunan/beita.txt")]
