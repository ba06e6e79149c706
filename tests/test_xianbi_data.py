import re

import pytest
from conftest import ROWS, write_table

from xianbi import XianbiError, data


def test_codes_stay_text_and_figures_exact(tables):
    assert list(tables.documents["county_code"]) == ["130127", "430511", "011111"]
    assert list(tables.documents["year"]) == [2024, 2023, 2023]
    assert repr(tables.observations["value"].iloc[0].item()) == "2644.67"
    assert tables.observations["value"].isna().sum() == 1
    assert (tables.observations["note"] == "").all()


def test_the_environment_variable_names_another_folder(folder, tmp_path, monkeypatch):
    elsewhere = tmp_path / "mine"
    folder.rename(elsewhere)
    monkeypatch.setenv(data.VARIABLE, str(elsewhere))
    assert data.folder() == elsewhere
    assert len(data.load().documents) == 3


def test_the_folder_is_found_from_below(folder, tmp_path, monkeypatch):
    monkeypatch.delenv(data.VARIABLE, raising=False)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert data.folder() == folder


def test_no_folder_here_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.delenv(data.VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    message = (
        f"no folder data/processed in {tmp_path} or above it: run `xianbi build` in the project, "
        "or set XIANBI_DATA to the folder of your tables"
    )
    with pytest.raises(XianbiError, match=f"^{re.escape(message)}$"):
        data.folder()


def test_a_named_folder_that_is_missing(tmp_path):
    gone = tmp_path / "gone"
    message = f"no folder {gone}: write the tables with `xianbi build RAW --out {gone}`"
    with pytest.raises(XianbiError, match=f"^{re.escape(message)}$"):
        data.load(gone)


def test_a_missing_table(folder):
    (folder / "audit.csv").unlink()
    message = f"no table {folder / 'audit.csv'}: write it with `xianbi build RAW --out {folder}`"
    with pytest.raises(XianbiError, match=f"^{re.escape(message)}$"):
        data.load(folder)


def test_missing_columns_are_all_named(folder):
    columns = [c for c in data.COLUMNS["documents"] if c not in ("year", "county")]
    write_table(folder, "documents", [], columns)
    with pytest.raises(XianbiError, match=r"lacks the column\(s\) county, year: .*xianbi build"):
        data.load(folder)


@pytest.mark.parametrize("cell", ["12,3", "inf", "nan", "一百"])
def test_a_cell_that_is_no_number_is_located(folder, cell):
    rows = [dict(row) for row in ROWS["observations"]]
    rows[2]["value"] = cell
    write_table(folder, "observations", rows)
    message = f"observations.csv, line 4, column value: '{cell}' is no number; run `xianbi build`"
    with pytest.raises(XianbiError, match=re.escape(message)):
        data.load(folder)


def test_a_file_that_is_no_utf_8(folder):
    (folder / "issues.csv").write_bytes("文件,severity".encode("gb18030"))
    with pytest.raises(XianbiError, match=r"issues.csv cannot be read .*an Excel user edits a co"):
        data.load(folder)


def test_a_notebook_shows_one_line_and_no_call_stack():
    assert XianbiError("no folder").__class__._render_traceback_(XianbiError("x: do y")) == [
        "XianbiError: x: do y"
    ]


def test_an_empty_folder_and_tables_without_a_report(tmp_path, folder):
    empty = tmp_path / "empty"
    empty.mkdir()
    message = (
        f"no tables in {empty}: put reports into a folder RAW and run "
        f"`xianbi build RAW --out {empty}`"
    )
    with pytest.raises(XianbiError, match=f"^{re.escape(message)}$"):
        data.load(empty)
    write_table(folder, "documents", [])
    with pytest.raises(XianbiError, match=r"^the tables in .* hold no report: put reports into"):
        data.load(folder)


def test_an_id_follows_from_the_key_alone(folder):
    before = data.load(folder).observations
    assert before["observation_id"].is_unique
    rows = [dict(row) for row in ROWS["observations"]]
    rows[3] |= {"value": "1", "document": "a.txt"}
    write_table(folder, "observations", rows[::-1])
    after = data.load(folder).observations
    assert list(after["observation_id"])[::-1] == list(before["observation_id"])
    rows[3]["population"] = "all"
    write_table(folder, "observations", rows)
    assert data.load(folder).observations["observation_id"][3] != before["observation_id"][3]


def test_an_id_that_the_tables_bring_is_kept(folder):
    columns = [*data.COLUMNS["observations"], "observation_id"]
    rows = [row | {"observation_id": f"o{n}"} for n, row in enumerate(ROWS["observations"])]
    write_table(folder, "observations", rows, columns)
    assert data.load(folder).observations["observation_id"][2] == "o2"
