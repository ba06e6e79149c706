"""The `ingest` command: what it prints, what it refuses, and its exit status."""

import csv

import pytest

from ingest.__main__ import main

BEITA = """邵阳市北塔区医疗保障局2023年度部门整体支出绩效自评报告

一、目标完成情况
截至年底,城乡居民参保率98.5%,住院政策范围内报销比例72.78%。参保工作有序推进。
"""
GOLD = """document,indicator,scenario,population,year,value,unit,quote
beita.txt,participation_rate,actual,residents,2023,98.5,%,参保率98.5%
beita.txt,inpatient_reimbursement_ratio,actual,residents,2023,72.78,%,72.78%
"""


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "beita.txt").write_text(BEITA, encoding="utf-8")
    return folder


@pytest.fixture
def ingest(capsys):
    """Runs the command and gives exit status, output and messages."""

    def run(*arguments):
        try:
            status = main([str(a) for a in arguments])
        except SystemExit as stop:
            status = stop.code
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_without_arguments_the_help_is_shown(ingest):
    status, out, err = ingest()
    assert (status, out) == (2, "")
    for command in ("build", "check", "explain", "evaluate"):
        assert command in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bild"], "invalid choice: 'bild'"),
        (["build", "--jobz"], "unrecognized arguments: --jobz"),
        (["explain"], "DOCUMENT"),
        (["evaluate", "raw"], "--gold"),
    ],
)
def test_bad_usage_is_said(ingest, arguments, message):
    status, _, err = ingest(*arguments)
    assert status == 2
    assert message in err


# --- build ---


def test_build_writes_the_tables_and_says_how_much(ingest, raw, tmp_path):
    status, out, err = ingest("build", raw, "--out", tmp_path / "out")
    assert (status, err) == (0, "")
    assert out.startswith("1 reports, ")
    assert out.rstrip().endswith(f"-> {(tmp_path / 'out').as_posix()}")
    assert (tmp_path / "out/mentions.csv").exists()


def test_build_reads_and_writes_the_usual_folders_by_itself(ingest, raw, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    raw.rename(tmp_path / "data/raw")
    monkeypatch.chdir(tmp_path)
    assert ingest("build")[0] == 0
    assert (tmp_path / "data/processed/observations.csv").exists()


def test_a_file_that_cannot_be_read_gives_status_1_and_a_message(ingest, raw, tmp_path):
    (raw / "empty.txt").write_bytes(b"")
    status, out, err = ingest("build", raw, "--out", tmp_path / "out")
    assert status == 1
    assert out.startswith("2 reports, ")
    assert err.startswith("empty.txt: ")
    assert "0 bytes" in err
    assert "Traceback" not in err


def test_a_text_without_county_is_no_reason_to_fail(ingest, raw, tmp_path):
    (raw / "odd.txt").write_text("各项工作按时办结。", encoding="utf-8")
    assert ingest("build", raw, "--out", tmp_path / "out")[0] == 0


def test_a_missing_folder_is_bad_usage(ingest, tmp_path):
    status, _, err = ingest("build", tmp_path / "gone", "--out", tmp_path / "out")
    assert status == 2
    assert "gone: no such folder" in err
    assert "ingest build FOLDER" in err


def test_a_folder_without_reports_is_wrong(ingest, tmp_path):
    status, _, err = ingest("build", tmp_path, "--out", tmp_path.parent / "out")
    assert status == 1
    assert "no report file below this folder" in err


def test_tables_are_not_written_among_the_reports(ingest, raw):
    status, _, err = ingest("build", raw, "--out", raw / "processed")
    assert status == 2
    assert "would be read as reports. Name a folder outside it." in err
    assert not (raw / "processed").exists()


def test_a_folder_that_cannot_be_written_is_said(ingest, raw, tmp_path):
    (tmp_path / "out").write_text("a file, no folder", encoding="utf-8")
    status, _, err = ingest("build", raw, "--out", tmp_path / "out")
    assert status == 1
    assert "File exists" in err
    assert "The tables were not changed" in err


def test_wrong_overrides_are_all_named(ingest, raw, tmp_path):
    (raw / "sources.csv").write_text(
        "document,year\nbeita.txt,20x4\nbeita.txt,2023\n", encoding="utf-8"
    )
    for arguments in (["build", raw, "--out", tmp_path / "out"], ["check", "--raw", raw]):
        status, _, err = ingest(*arguments)
        assert status == 1
        assert "2 problem(s)" in err
        assert "line 2: year '20x4' is no year" in err
        assert "line 3: 'beita.txt' stands in the file twice" in err
    assert not (tmp_path / "out").exists()


# --- check ---


def test_check_says_what_is_in_order_and_writes_nothing(ingest, raw, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    status, out, err = ingest("check", "--raw", raw)
    assert (status, err) == (0, "")
    assert "codebook: 48 indicators" in out
    assert "sources.csv: 0 overrides" in out
    assert sorted(tmp_path.rglob("*")) == before


# --- explain ---


@pytest.mark.parametrize("name", ["beita.txt", "beita", "bei"])
def test_explain_shows_the_passage_with_the_quote_marked_and_the_rule(ingest, raw, name):
    status, out, err = ingest("explain", name, "--raw", raw)
    assert (status, err) == (0, "")
    assert out.startswith("beita.txt: 湖南省邵阳市北塔区 430511, 2023\n")
    assert "participation_rate 参保率" in out
    assert "= 98.5 %  (actual, residents, 部门整体, 2023)" in out
    assert "98.5%】" in out
    assert "rule: " in out


def test_explain_shows_labels_that_found_no_figure(ingest, raw):
    (raw / "odd.txt").write_text(
        "高邑县医疗保障局2024年度自评报告\n\n预算执行率较好。", encoding="utf-8"
    )
    _, out, _ = ingest("explain", "odd.txt", "--raw", raw)
    assert "Not taken: 1" in out
    assert "【预算执行率】较好" in out
    assert "no_figure" in out


def test_explain_shows_both_readings_of_a_figure_to_review(ingest, raw):
    (raw / "odd.txt").write_text(
        "高邑县医疗保障局2024年度自评报告\n\n全县参保率97%以上。", encoding="utf-8"
    )
    _, out, _ = ingest("explain", "odd.txt", "--raw", raw)
    assert "1 mentions, 1 to review" in out
    assert "  REVIEW: a bound" in out
    assert "    taken: >= 97 %, actual\n    or:    >= 97 %, target\n" in out


def test_explain_shows_which_figures_the_report_contradicts(ingest, raw):
    (raw / "odd.txt").write_text(
        "高邑县医疗保障局2024年度自评报告\n\n全年人员经费支出95.2万元。\n\n人员经费支出91.7万元。",
        encoding="utf-8",
    )
    _, out, _ = ingest("explain", "odd.txt", "--raw", raw)
    assert out.count("  DISAGREES (prose_vs_prose): ") == 2


def test_explain_takes_a_path_from_here(ingest, raw, monkeypatch):
    monkeypatch.chdir(raw.parent)
    status, out, _ = ingest("explain", "raw/beita.txt", "--raw", "raw")
    assert (status, out[:10]) == (0, "beita.txt:")


def test_explain_shows_one_indicator_if_asked(ingest, raw):
    _, out, _ = ingest("explain", "beita", "--raw", raw, "--indicator", "participation_rate")
    assert "参保率98.5%" in out.replace("【", "").replace("】", "")
    assert "inpatient_reimbursement_ratio" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["beitta.txt"], "no report named 'beitta.txt'"),
        (["beitta.txt"], "Did you mean beita.txt?"),
        (["beita", "--indicator", "participation"], "Did you mean participation_rate"),
        (["beita", "--indicator", "xyz"], "no indicator named 'xyz'."),
    ],
)
def test_explain_names_what_is_near(ingest, raw, arguments, message):
    status, _, err = ingest("explain", *arguments, "--raw", raw)
    assert status == 2
    assert message in err


def test_explain_asks_which_of_several_is_meant(ingest, raw):
    (raw / "beita-2.txt").write_text("x", encoding="utf-8")
    status, _, err = ingest("explain", "bei", "--raw", raw)
    assert status == 2
    assert "'bei' may be any of beita-2.txt, beita.txt." in err


def test_explain_of_an_unreadable_report_says_why(ingest, raw):
    (raw / "empty.txt").write_bytes(b"")
    status, out, err = ingest("explain", "empty.txt", "--raw", raw)
    assert (status, out) == (1, "")
    assert "0 bytes" in err


# --- evaluate ---


@pytest.fixture
def gold(tmp_path):
    path = tmp_path / "gold.csv"
    path.write_text(GOLD, encoding="utf-8")
    return path


def test_evaluate_prints_scores_by_family_and_indicator(ingest, raw, gold):
    status, out, err = ingest("evaluate", raw, "--gold", gold)
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "participation: precision 1.000 recall 1.000 (tp 1 fn 0 fp 0)",
        "reimbursement: precision 1.000 recall 1.000 (tp 1 fn 0 fp 0)",
        "  participation_rate: precision 1.000 recall 1.000 (tp 1 fn 0 fp 0)",
        "  inpatient_reimbursement_ratio: precision 1.000 recall 1.000 (tp 1 fn 0 fp 0)",
        "precision 1.000 recall 1.000 f1 1.000 gold 2",
    ]


def test_evaluate_writes_nothing(ingest, raw, gold, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    ingest("evaluate", raw, "--gold", gold)
    assert sorted(tmp_path.rglob("*")) == before


def test_evaluate_fails_below_what_is_asked_and_shows_what_is_wrong(ingest, raw, gold):
    with gold.open("a", encoding="utf-8") as file:
        file.write("beita.txt,insured_persons,actual,all,2023,75295,人,75295人\n")
    arguments = ("evaluate", raw, "--gold", gold, "--show", 5)
    status, out, _ = ingest(*arguments, "--min-precision", "1", "--min-recall", "0.6")
    assert status == 0
    assert "MISSED beita.txt insured_persons actual all 2023 75295 人 | 75295人" in out
    status, _, err = ingest(*arguments, "--min-recall", "0.67")
    assert status == 1
    assert err == "ingest: recall 0.6667 is below the 0.67 asked for\n"


def test_evaluate_scores_the_families_asked_for(ingest, raw, gold):
    _, out, _ = ingest("evaluate", raw, "--gold", gold, "--families", "participation")
    assert out.splitlines()[-1] == "precision 1.000 recall 1.000 f1 1.000 gold 1"
    status, _, err = ingest("evaluate", raw, "--gold", gold, "--families", "partcipation")
    assert status == 2
    assert "known are budget, three_public, participation, reimbursement, supplementary" in err


def test_evaluate_scores_the_audit_too(ingest, raw, gold, tmp_path):
    checks = tmp_path / "audit.csv"
    with checks.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["document", "indicator", "population", "kind", "reported", "recomputed", "verdict"]
        )
        writer.writerow(["beita.txt", "budget_execution_rate", "", "rate", "", "9", "derived"])
    arguments = ("evaluate", raw, "--gold", gold, "--audit", checks)
    status, out, _ = ingest(*arguments)
    assert (status, out.splitlines()[-1]) == (0, "audit 0/1 = 0.000")
    assert ingest(*arguments, "--min-audit", "1")[0] == 1


def test_evaluate_without_its_truth_is_bad_usage(ingest, raw, tmp_path):
    status, _, err = ingest("evaluate", raw, "--gold", tmp_path / "gone.csv")
    assert status == 2
    assert "gone.csv: cannot be read" in err
