"""The `xianbi` command: every verb behind one door, and what `export` prints and refuses."""

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from conftest import write_table

from ingest.__main__ import main as ingest
from xianbi.__main__ import main

ROOT = Path(__file__).parents[1]
READING = ("build", "check", "explain", "evaluate")
REPORT = (
    "邵阳市北塔区医疗保障局2023年度部门整体支出绩效自评报告\n\n截至年底,城乡居民参保率98.5%。\n"
)


def helped(command, *arguments, capsys):
    """The help that a command prints."""
    with pytest.raises(SystemExit) as ended:
        command([*arguments, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


# --- the door ------------------------------------------------------------------------------------


def test_the_help_lists_every_verb_with_one_line(capsys):
    lines = helped(main, capsys=capsys).splitlines()
    for line in helped(ingest, capsys=capsys).splitlines():
        if line.split()[:1] and line.split()[0] in READING:
            assert line in lines
    assert [line.split()[0] for line in lines if line.startswith("    ")] == [*READING, "export"]
    assert all(line.split()[1:] for line in lines if line.startswith("    "))


@pytest.mark.parametrize("verb", READING)
def test_the_help_of_a_verb_is_that_of_ingest_under_its_own_name(verb, capsys):
    text = helped(main, verb, capsys=capsys)
    assert text.startswith(f"usage: xianbi {verb} ")
    # The names are of one length, so that lines break alike.
    assert text == helped(ingest, verb, capsys=capsys).replace("ingest", "xianbi")


def test_export_has_a_help_of_its_own(capsys):
    assert helped(main, "export", capsys=capsys).startswith("usage: xianbi export ")


def test_an_unknown_verb_is_answered_with_those_there_are(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["bild"])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert "invalid choice: 'bild'" in error
    assert all(verb in error for verb in (*READING, "export"))


def test_without_a_verb_the_help_is_shown(capsys):
    assert main([]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert all(verb in printed.err for verb in (*READING, "export"))


def test_from_a_report_to_slides_through_one_door(tmp_path, capsys):
    raw, out = tmp_path / "raw", tmp_path / "processed"
    raw.mkdir()
    (raw / "beita.txt").write_text(REPORT, encoding="utf-8")
    assert main(["check", "--raw", str(raw)]) == 0
    assert main(["build", str(raw), "--out", str(out), "--jobs", "1"]) == 0
    assert main(["explain", "beita", "--raw", str(raw)]) == 0
    assert "【参保率98.5%】" in capsys.readouterr().out
    charts = ["--out", str(tmp_path / "charts"), "--indicator", "参保率"]
    assert main(["export", "--data", str(out), *charts]) == 0
    assert (tmp_path / "charts" / "briefing.pptx").is_file()


def test_a_verb_of_ingest_keeps_its_status_and_complains_under_the_name_it_was_called_by(
    tmp_path, capsys
):
    gone = str(tmp_path / "gone")
    (tmp_path / "sources.csv").write_text("nothing\n", encoding="utf-8")
    for command, name in ((main, "xianbi"), (ingest, "ingest")):
        assert command(["build", gone]) == 2
        assert capsys.readouterr().err.startswith(f"{name}: {gone}: no such folder")
        assert command(["check", "--raw", str(tmp_path)]) == 1
        assert capsys.readouterr().err.startswith(f"{name}: 2 problem(s) in ")


def test_python_m_xianbi_is_the_command(tmp_path):
    command = [sys.executable, "-m", "xianbi", "build", str(tmp_path / "gone")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 2
    assert done.stderr.startswith("xianbi: ")
    assert "no such folder" in done.stderr


def test_two_commands_are_installed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["scripts"]) == {"xianbi", "ingest"}
    for target in project["scripts"].values():
        module, function = target.split(":")
        assert callable(getattr(import_module(module), function))


# --- export --------------------------------------------------------------------------------------


def test_writes_the_chart_set_and_says_what_is_left_out(rich_folder, tmp_path, capsys):
    out = tmp_path / "new" / "briefing"
    arguments = ["export", "--data", str(rich_folder), "--out", str(out), "--indicator", "参保率"]
    assert main(arguments) == 0
    names = ["coverage", "participation-rate-by-population", "participation-rate-ranked"]
    pictures = [f"{name}.{suffix}" for name in names for suffix in ("png", "svg")]
    files = ["briefing.docx", "briefing.pptx", "briefing.xlsx"]
    assert sorted(path.name for path in out.iterdir()) == sorted([*pictures, *files])
    printed = capsys.readouterr()
    assert printed.out.count("\n") == len(pictures) + len(files)
    assert printed.err == (
        "xianbi: reported-vs-recomputed left out: no rate of participation_rate is reported and "
        "recomputed\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--indicator", "参保律"], "no indicator named '参保律': did you mean 参保率"),
        (["--county", "北塔县"], "no county named '北塔县': did you mean 北塔区?"),
        (["--county", "430512"], "no county named '430512': did you mean 430511"),
        (["--year", "1999"], "no figure of the year 1999: the tables have 2020, 2022, 2023, 2024"),
        (
            ["--indicator", "inpatient_reimbursement_ratio"],
            "nothing to draw of inpatient_reimbursement_ratio in the counties and years chosen: the",
        ),
    ],
)
def test_a_selection_that_cannot_be_is_one_line_and_status_1(
    rich_folder, tmp_path, capsys, arguments, message
):
    out = tmp_path / "out"
    assert main(["export", "--data", str(rich_folder), "--out", str(out), *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"xianbi: {message}")
    assert error.count("\n") == 1
    assert not out.exists()


def test_a_missing_folder_is_one_line_and_status_1(tmp_path, capsys):
    assert main(["export", "--data", str(tmp_path / "gone")]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"xianbi: no folder {tmp_path / 'gone'}: write the tables with")
    assert error.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_one_line(rich_folder, tmp_path, capsys):
    (tmp_path / "file").write_text("", encoding="utf-8")
    arguments = ["export", "--data", str(rich_folder), "--out", str(tmp_path / "file")]
    assert main([*arguments, "--indicator", "参保率"]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"xianbi: {tmp_path / 'file'} cannot be written (")
    assert error.endswith("): name a folder of your own with --out\n")
    assert error.count("\n") == 1


def test_a_chart_that_cannot_be_made_does_not_stop_the_others(folder, tmp_path, capsys):
    write_table(folder, "audit", [])
    out = tmp_path / "out"
    assert main(["export", "--data", str(folder), "--out", str(out)]) == 0
    assert (out / "budget-execution-rate-by-basis.png").is_file()
    assert "reported-vs-recomputed left out: no rate that is both" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["draw"], ["export", "--nothing"], ["export", "--year", "x"]]
)
def test_bad_usage_is_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: xianbi" in capsys.readouterr().err
