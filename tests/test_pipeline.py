"""From a folder of reports to the tables: order, numbering, repeatability, and bad input."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest
from handmade import DEFINITIONS, mention

from ingest import pipeline
from ingest.documents import readers, sources
from ingest.identifying import by_hand
from ingest.output import parquet, workbook
from ingest.output.rows import gathering
from ingest.reading import prose, reader
from ingest.records import Issue, Reading, Refusal
from ingest.running import cache, counties, jobs, reports, workers
from ingest.running.settings import Running

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
        monkeypatch.setattr(prose, "read", lambda *_, h=halves: Reading(mentions=tuple(next(h))))
        monkeypatch.setattr(reader, "tables", lambda *_, h=halves: Reading(mentions=tuple(next(h))))
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
    monkeypatch.setattr(prose, "read", lambda *_: Reading(refusals=(late,)))
    monkeypatch.setattr(reader, "tables", lambda *_: Reading(refusals=(early,), issues=(issue,)))
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
    read_report = reader.read

    def fail(document, identity, codebook):
        if identity.county == "高邑县":
            raise IndexError("list index out of range")
        return read_report(document, identity, codebook)

    monkeypatch.setattr(reader, "read", fail)
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
    with pytest.raises(sources.NoReportsError, match="raw: no report file below this folder"):
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
    with pytest.raises(by_hand.OverrideError, match="20x4"):
        build(raw, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_progress_is_told_for_each_report(raw, tmp_path):
    told = []
    build(raw, tmp_path / "out", progress=lambda *step: told.append(step))
    assert told == [(1, 2, 0, "gaoyi.txt"), (2, 2, 0, "hunan/beita.txt")]


# --- memory and stable order ---


def corpus(folder, number, start=0):
    """Small reports of several counties and years, some of them about the same county."""
    counties = ("邵阳市北塔区", "高邑县", "临泽县", "辰溪县")
    folder.mkdir(parents=True, exist_ok=True)
    for at in range(start, start + number):
        county, year = counties[at % 4], 2015 + at // 4 % 9
        (folder / f"{at:03}.txt").write_text(
            f"{county}医疗保障局{year}年度部门整体支出绩效自评报告\n\n一、预算执行情况\n"
            f"{year}年,年初预算安排{200 + at}.15万元,全年支出决算{300 + at}.27万元。\n\n"
            f"二、目标完成情况\n参保率{90 + at % 9}.{at % 7}%,{year - 1}年参保率{89 + at % 9}.3%。\n",
            encoding="utf-8",
        )
    return folder


def test_whichever_way_reports_are_read_the_bytes_are_the_same(tmp_path):
    raw = corpus(tmp_path / "raw", 9)
    cached = Running(cache=tmp_path / "cache")
    build(raw, tmp_path / "plain")
    build(raw, tmp_path / "processes", running=Running(jobs=2))
    build(raw, tmp_path / "first", running=cached)
    build(raw, tmp_path / "again", running=cached)
    build(raw, tmp_path / "fresh", running=replace(cached, fresh=True))
    plain = bytes_of(tmp_path / "plain")
    for name in ("processes", "first", "again", "fresh"):
        assert bytes_of(tmp_path / name) == plain, name
    kinds = {row["kind"] for row in read(tmp_path / "plain", "audit")}
    assert kinds & {"prior_year", "report_vs_report"}, "the reports are held against each other"


def test_only_one_countys_reports_are_in_memory(tmp_path, monkeypatch):
    raw = corpus(tmp_path / "raw", 12)
    most = []
    together = reports.county_of
    monkeypatch.setattr(reports, "county_of", lambda told: most.append(len(told)) or together(told))
    build(raw, tmp_path / "out")
    assert most == [3, 3, 3, 3]


# --- the cache ---


@pytest.fixture
def counted(monkeypatch):
    """How often a file was read, and how often a document was looked through."""
    counts = {"read": 0, "extracted": 0}

    def counting(name, stage):
        def call(*given):
            counts[name] += 1
            return stage(*given)

        return call

    monkeypatch.setattr(readers, "read", counting("read", readers.read))
    monkeypatch.setattr(reader, "read", counting("extracted", reader.read))

    def since():
        told = (counts["read"], counts["extracted"])
        counts.update(read=0, extracted=0)
        return told

    return since


@pytest.fixture
def cached(tmp_path):
    return Running(cache=tmp_path / "cache")


def test_an_unchanged_report_is_not_read_again(raw, tmp_path, counted, cached):
    build(raw, tmp_path / "out", running=cached)
    assert counted() == (2, 2)
    build(raw, tmp_path / "elsewhere", running=cached)
    assert counted() == (0, 0)
    (raw / "gaoyi.txt").write_text(GAOYI + "另有参保职工1000人。", encoding="utf-8")
    build(raw, tmp_path / "out", running=cached)
    assert counted() == (1, 1)
    build(raw, tmp_path / "out", running=replace(cached, fresh=True))
    assert counted() == (2, 2)


def test_a_changed_definition_redoes_extraction_and_no_reading(raw, tmp_path, counted, cached):
    build(raw, tmp_path / "out", running=cached)
    counted()
    fewer = dict(DEFINITIONS.indicators)
    del fewer["self_evaluation_score"]
    changed = replace(DEFINITIONS, indicators=fewer)
    pipeline.build(raw, tmp_path / "out", changed, running=cached)
    assert counted() == (0, 2)
    assert len(read(tmp_path / "out", "codebook")) == len(fewer)


def test_a_changed_override_redoes_its_report_alone(raw, tmp_path, counted, cached):
    build(raw, tmp_path / "out", running=cached)
    counted()
    (raw / "sources.csv").write_text("document,year\ngaoyi.txt,2022\n", encoding="utf-8")
    build(raw, tmp_path / "out", running=cached)
    assert counted() == (0, 1)
    assert read(tmp_path / "out", "documents")[0]["year"] == "2022"


def test_tables_of_an_unchanged_build_are_left_alone_and_mended_if_changed(raw, tmp_path, cached):
    out = tmp_path / "out"
    first = build(raw, out, running=cached)
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    assert build(raw, out, running=cached) == first
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before
    whole = bytes_of(out)
    (out / "mentions.csv").write_text("broken", encoding="utf-8")
    (out / "issues.csv").unlink()
    assert build(raw, out, running=cached) == first
    assert bytes_of(out) == whole


def test_a_correction_changes_the_tables_though_nothing_is_read(raw, tmp_path, counted, cached):
    build(raw, tmp_path / "out", running=cached)
    counted()
    (tmp_path / "corrections.toml").write_text(
        '[[corrections]]\ncounty_code = "130127"\nyear = 2024\nindicator = "participation_rate"\n'
        'population = "all"\naction = "override"\nexpect = "97.2"\nvalue = "97.3"\nreason = "x"\n',
        encoding="utf-8",
    )
    assert build(raw, tmp_path / "out", running=cached).corrections == 1
    assert counted() == (0, 0)
    assert "97.3" in {o["value"] for o in read(tmp_path / "out", "observations")}


def test_a_report_that_could_not_be_read_is_tried_again(raw, tmp_path, counted, cached):
    (raw / "empty.txt").write_bytes(b"")
    for out in ("a", "a", "b"):
        (error,) = build(raw, tmp_path / out, running=cached).errors
        assert error.document == "empty.txt"
    assert counted() == (2 + 3, 2)


def test_every_entry_may_be_damaged(raw, tmp_path, cached):
    build(raw, tmp_path / "a", running=cached)
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:40])
    build(raw, tmp_path / "b", running=cached)
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


def test_a_cache_that_cannot_be_written_is_remarked_and_costs_nothing_else(raw, tmp_path):
    (tmp_path / "cache").write_text("a file, no folder", encoding="utf-8")
    (remark,) = build(raw, tmp_path / "a", running=Running(cache=tmp_path / "cache")).remarks
    assert remark.startswith(f"{tmp_path / 'cache'}: what was read cannot be kept")
    assert "name another folder with --cache" in remark
    build(raw, tmp_path / "b")
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


# --- when a worker, the disk or the user ends it ---

WORK, ROWS = jobs.work, counties.rows_if_room
READ = readers.read


def work_badly(read, codebook, job):
    """Reads a report, unless it is one that ends the process or never comes to an end."""
    if job.source.document == "000.txt":
        os._exit(1)
    if job.source.document == "001.txt":
        time.sleep(60)
    return WORK(read, codebook, job)


def test_a_report_that_kills_or_hangs_its_worker_costs_one_issue(tmp_path, monkeypatch):
    raw = corpus(tmp_path / "raw", 5)
    monkeypatch.setattr(jobs, "work", work_badly)
    running = Running(jobs=2, seconds=2, cache=tmp_path / "cache")
    errors = build(raw, tmp_path / "out", running=running).errors
    assert [(e.document, e.kind) for e in errors] == [
        ("000.txt", "died"),
        ("001.txt", "time_limit"),
    ]
    assert "ended without a word" in errors[0].message
    assert errors[1].message == "reading took longer than 2 seconds and was given up"
    assert "--time-limit" in errors[1].action
    stated = {m["document"] for m in read(tmp_path / "out", "mentions")}
    assert stated == {"002.txt", "003.txt", "004.txt"}
    monkeypatch.undo()
    assert build(raw, tmp_path / "out", running=replace(running, jobs=1)).errors == ()


def rows_badly(make, codebook, county):
    """Makes the rows of a county, unless it is one that ends the process or has no memory."""
    if county.place == 0:
        os._exit(1)
    return None if county.place == 1 else ROWS(make, codebook, county)


def test_a_county_whose_rows_are_too_much_for_a_worker_has_them_all_the_same(tmp_path, monkeypatch):
    raw = corpus(tmp_path / "raw", 4)
    build(raw, tmp_path / "here")
    monkeypatch.setattr(counties, "rows_if_room", rows_badly)
    build(raw, tmp_path / "there", running=Running(jobs=2))
    assert bytes_of(tmp_path / "there") == bytes_of(tmp_path / "here")


def test_a_report_that_takes_too_much_memory_costs_one_issue(raw, tmp_path, monkeypatch):
    def starved(source):
        if source.document == "gaoyi.txt":
            raise MemoryError
        return READ(source)

    monkeypatch.setattr(readers, "read", starved)
    (error,) = build(raw, tmp_path / "out").errors
    assert (error.document, error.kind) == ("gaoyi.txt", "memory_limit")
    assert error.message == "reading took more memory than a report may have and was given up"
    assert "--memory-limit" in error.action
    assert {m["document"] for m in read(tmp_path / "out", "mentions")} == {"hunan/beita.txt"}


def test_the_command_reads_in_processes_of_its_own_and_only_what_is_new(raw, tmp_path, monkeypatch):
    started = []
    inside = workers.in_processes

    def counting(number, *limits):
        started.append((number, *limits))
        return inside(number, *limits)

    monkeypatch.setattr(workers, "in_processes", counting)
    running = Running(jobs=None, seconds=50, memory=3000, cache=tmp_path / "cache")
    build(raw, tmp_path / "out", running=running)
    build(raw, tmp_path / "again", running=running)
    assert started == [(1, 50, 3000)]
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "again")


def test_a_full_disk_leaves_the_former_tables_and_nothing_else(raw, tmp_path, monkeypatch, cached):
    out = tmp_path / "out"
    build(raw, out, running=cached)
    before = bytes_of(out)
    (raw / "gaoyi.txt").unlink()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workbook, "write", full)
    with pytest.raises(OSError, match="No space left"):
        build(raw, out, running=cached)
    with pytest.raises(OSError, match="No space left"):
        build(raw, tmp_path / "new", running=cached)
    assert bytes_of(out) == before
    assert not (tmp_path / "new").exists()


def test_a_disk_that_fills_up_while_rows_are_gathered_is_told_as_such(tmp_path):
    with gathering(tmp_path / "rows", {"t": ["a"]}) as rows:
        rows._database.execute("PRAGMA max_page_count = 20")
        with pytest.raises(OSError, match="the disk is full") as stop:
            rows.add("t", (["x" * 1000] for _ in range(1000)))
        assert stop.value.errno == 28


def is_there(group):
    """Whether any process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(os.name != "posix", reason="Windows tells processes otherwise")
def test_ctrl_c_leaves_no_table_and_no_process_and_the_next_run_goes_on(tmp_path):
    raw = corpus(tmp_path / "raw", 150)
    command = [sys.executable, "-m", "ingest", "build", raw, "--out", tmp_path / "out"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [*command, "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    ) as process:
        kept = tmp_path / ".cache/xianbi"
        deadline = time.monotonic() + 60
        while not any(kept.rglob("extracts/*/*")) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        _, message = process.communicate(timeout=60)
    assert message == (
        "ingest: stopped. The tables were not changed; run the command again; what was read is "
        "not read again.\n"
    )
    assert process.returncode == 1
    assert not (tmp_path / "out").exists()
    while is_there(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_there(process.pid)
    before = {path: path.stat().st_mtime_ns for path in kept.rglob("extracts/*/*")}
    assert 0 < len(before) < 150
    build(raw, tmp_path / "out", running=Running(cache=kept))
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(read(tmp_path / "out", "documents")) == 150


# --- Parquet ---


def test_parquet_holds_the_same_rows_by_province_and_year(tmp_path):
    pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    raw, out = corpus(tmp_path / "raw", 9), tmp_path / "out"
    (raw / "nowhere.txt").write_text("全县参保率97.2%。", encoding="utf-8")
    build(raw, out, parquet=True)
    for name in ("mentions", "observations"):
        folder = out / "parquet" / name
        frame = pd.read_parquet(folder)
        rows = read(out, name)
        assert len(frame) == len(rows)
        assert sorted(frame["value"].dropna()) == sorted(float(r["value"]) for r in rows)
        columns = set(frame.columns) - {"province", "year"}
        assert columns == set(rows[0]) - {"province", "year"}
        one = pd.read_parquet(
            folder,
            columns=["document"],
            filters=[("province", "==", "河北省"), ("year", "==", 2016)],
        )
        assert set(one["document"]) == {"005.txt"}
    assert (out / "parquet/mentions/province=未知/year=0").is_dir()
    build(raw, tmp_path / "again", parquet=True)
    for path in (out / "parquet").rglob("*.parquet"):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(out)).read_bytes()
    build(raw, out)
    assert not (out / "parquet").exists(), "a dataset of a former build would contradict the tables"


def test_duckdb_reads_the_dataset(tmp_path):
    pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed")
    out = tmp_path / "out"
    build(corpus(tmp_path / "raw", 9), out, parquet=True)
    counted = duckdb.sql(
        f"SELECT province, year, count(*) FROM read_parquet('{out}/parquet/mentions/**/*.parquet',"
        " hive_partitioning = true) WHERE year = 2016 GROUP BY ALL"
    ).fetchall()
    told = [m for m in read(out, "mentions") if m["year"] == "2016"]
    assert sum(number for *_, number in counted) == len(told) > 0
    assert {province for province, *_ in counted} >= {"甘肃省"}


def test_without_pyarrow_parquet_is_refused_before_anything_is_read(raw, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(parquet.MissingPackageError, match="pip install pyarrow"):
        build(raw, tmp_path / "out", parquet=True)
    assert not (tmp_path / "out").exists()


# --- a cluster ---


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers as processes of their own: its address, and the workers."""
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    told = tmp_path / "scheduler.json"

    def start(*arguments):
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments, "--scheduler-file", told, "--no-dashboard"],
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    host = ("--host", "127.0.0.1")
    processes = [start("scheduler", *host, "--port", "0")]
    try:
        processes += [start("worker", *host, "--nthreads", "1", "--no-nanny") for _ in range(2)]
        deadline = time.monotonic() + 60
        while not told.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        address = json.loads(told.read_text())["address"]
        from distributed import Client

        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        yield address, processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_a_cluster_gives_the_same_bytes_even_if_it_loses_a_worker(tmp_path, cluster):
    address, (first, _) = cluster
    raw = corpus(tmp_path / "raw", 40)
    running = Running(cluster=address, cache=tmp_path / "cache")
    # The workers have just started, and read the code as it is now.
    cache.code_stamp.cache_clear()
    build(raw, tmp_path / "plain")
    done = []

    def kill_one(number, *_):
        done.append(number)
        if number == 10:
            first.kill()

    build(raw, tmp_path / "out", progress=kill_one, running=running)
    assert first.wait(10) != 0
    assert done == list(range(1, 41))
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "plain")


def test_a_worker_of_another_version_is_refused(raw):
    source = sources.find(raw)[0][0]
    with pytest.raises(RuntimeError, match="another version of xianbi"):
        jobs.work(pipeline.read_report, DEFINITIONS, jobs.Job(source, {}, code="other"))


def test_a_file_is_sent_to_workers_that_cannot_open_it(raw):
    source = sources.find(raw)[0][0]
    here = jobs.work(pipeline.read_report, DEFINITIONS, jobs.Job(source, {}))
    data = (raw / "gaoyi.txt").read_bytes()
    there = jobs.Job(replace(source, path="/nowhere"), {}, data=data)
    assert jobs.work(pipeline.read_report, DEFINITIONS, there) == here
