import pytest

from briefing import data
from briefing.__main__ import CHARTS, main


def test_writes_every_chart(folder, tmp_path, capsys):
    out = tmp_path / "new" / "charts"
    assert main(["charts", "--data", str(folder), "--out", str(out)]) == 0
    names = sorted(f"{name}.{suffix}" for name in CHARTS for suffix in ("svg", "png"))
    assert sorted(path.name for path in out.iterdir()) == names
    assert capsys.readouterr().out.count("\n") == len(names)


def test_a_missing_folder_is_one_line_and_status_1(tmp_path, capsys):
    assert main(["charts", "--data", str(tmp_path / "gone")]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"briefing: no folder {tmp_path / 'gone'}: write the tables with")
    assert error.count("\n") == 1


def test_one_chart_that_cannot_be_made_does_not_stop_the_others(folder, tmp_path, capsys):
    columns = ",".join(data.COLUMNS["audit"])
    (folder / "audit.csv").write_text(columns + "\n", encoding="utf-8")
    assert main(["charts", "--data", str(folder), "--out", str(tmp_path / "out")]) == 1
    assert len(list((tmp_path / "out").iterdir())) == 6
    assert capsys.readouterr().err.startswith(
        "briefing: reported-vs-recomputed not written: no rate that is both reported and recomputed"
    )


@pytest.mark.parametrize("arguments", [[], ["draw"], ["charts", "--nothing"]])
def test_bad_usage_is_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: briefing" in capsys.readouterr().err
