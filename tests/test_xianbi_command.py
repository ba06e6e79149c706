import pytest
from conftest import write_table

from xianbi.__main__ import main


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
    "arguments", [[], ["draw"], ["export", "--nothing"], ["export", "--year", "x"]]
)
def test_bad_usage_is_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: xianbi" in capsys.readouterr().err
