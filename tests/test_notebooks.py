"""The notebooks are thin, bilingual and executed, and a changed figure fails them."""

import ast
import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
_MOST_LINES = 6


def cells(path, kind):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def code(path):
    return ["".join(cell["source"]) for cell in cells(path, "code")]


def shown(path):
    """All text that a notebook's outputs show."""
    texts = []
    for cell in cells(path, "code"):
        for output in cell["outputs"]:
            texts.append("".join(output.get("text", [])))
            texts.append("".join(output.get("data", {}).get("text/plain", [])))
    return "\n".join(texts)


def test_the_notebooks_are_numbered_without_a_gap():
    assert [path.stem.split("-")[0] for path in NOTEBOOKS] == [str(n) for n in range(1, 9)]


@every_notebook
def test_a_notebook_defines_nothing_and_reads_no_file(path):
    tree = ast.parse("\n".join(code(path)))
    for node in ast.walk(tree):
        assert not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
        )
        name = getattr(node, "attr", getattr(node, "id", ""))
        assert not re.match(r"open$|read_", name), f"{path.name}: {name}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = {alias.name for alias in node.names}
            module = getattr(node, "module", None)
            assert (module or "").split(".")[0] == "xianbi" or modules == {"pandas"}


@every_notebook
def test_cells_are_short(path):
    for source in code(path):
        assert len(source.splitlines()) <= _MOST_LINES, f"{path.name}:\n{source}"


@every_notebook
def test_it_was_run_in_order_and_stored_without_errors_and_warnings(path):
    ran = cells(path, "code")
    assert [cell["execution_count"] for cell in ran] == list(range(1, len(ran) + 1))
    for cell in ran:
        for output in cell["outputs"]:
            assert output["output_type"] in ("display_data", "execute_result", "stream")
            assert output.get("name") != "stderr", f"{path.name}: {output['text']}"


@every_notebook
def test_outputs_hold_no_path_of_this_machine(path):
    assert str(ROOT) not in path.read_text(encoding="utf-8")
    assert not re.search(r"/(home|root|tmp|Users)/", shown(path))


@every_notebook
def test_it_asks_in_both_languages_and_answers_last(path):
    first = "".join(cells(path, "markdown")[0]["source"])
    assert re.match(r"# \d .*[\u4e00-\u9fff]", first)
    assert re.search(r"^\*[A-Z][^*]+\*$", first, re.MULTILINE)
    assert "**问题**" in first
    assert "*Question: " in first
    assert any(re.match(r"print\((findings\.|made\[1\]\.caption\.title)", c) for c in code(path))


@every_notebook
def test_the_table_stands_before_its_chart(path):
    """nbval does not compare pictures: what one draws is shown as text before it."""
    kinds = []
    for cell in cells(path, "code"):
        for output in cell["outputs"]:
            data = output.get("data", {})
            if "image/png" in data and output["output_type"] == "execute_result":
                kinds.append("chart")
            elif "text/html" in data:
                kinds.append("table")
    assert "chart" in kinds
    for before, kind in zip([None, *kinds], kinds, strict=False):
        assert kind != "chart" or before == "table", f"{path.name}: {kinds}"


def changed_by_one(value):
    """The figure with its last digit changed by one."""
    return value[:-1] + ("8" if value[-1] == "9" else str(int(value[-1]) + 1))


def test_a_figure_changed_by_one_in_its_last_digit_fails_every_notebook_that_shows_it(tmp_path):
    """On a copy: one figure for each notebook, taken from what the notebook shows."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    shutil.copytree(ROOT / "data" / "processed", tmp_path / "data" / "processed")
    table = tmp_path / "data" / "processed" / "observations.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = {path.name: shown(path) for path in NOTEBOOKS}

    def shows(name, value):
        # As labels.number writes it, and no part of a longer number or of a name.
        written = f"{int(value):,}" if value.isdigit() else re.sub(r"\.?0+$", "", value)
        return re.search(rf"(?<![\w.,-]){re.escape(written)}(?![\w.,-])", texts[name])

    values = [row["value"] for row in rows]
    candidates = [
        row
        for row in rows
        # Long enough to be nothing else, and the table's own only figure of this value.
        if len(row["value"]) >= 4
        and values.count(row["value"]) == 1
        and row["scenario"] == "actual"
        and row["subject"] == "部门整体"
        and row["status"] in ("reported", "derived")
    ]
    # The audit shows what audit.csv says; the figures themselves it shows are other notebooks'.
    showing = [n for n in texts if not n.startswith("6-")]
    chosen, expected = [], set()
    for name in showing:
        found = next((row for row in candidates if shows(name, row["value"])), None)
        if found and found not in chosen and name not in expected:
            chosen.append(found)
        expected |= {n for n in showing if any(shows(n, row["value"]) for row in chosen)}
    assert len(expected) >= 4, "the notebooks show too few figures to tell"
    for row in chosen:
        row["value"] = changed_by_one(row["value"])
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-rf", "-p", "no:cacheprovider", "--color=no"),
            *("--nbval", "--nbval-current-env", "--rootdir", str(tmp_path)),
            *(f"notebooks/{name}" for name in showing),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=os.environ | {"XIANBI_DATA": str(tmp_path / "data" / "processed")},
    )
    failed = set(re.findall(r"^FAILED .*?([\w-]+\.ipynb)", done.stdout, re.MULTILINE))
    assert done.returncode == 1, done.stdout + done.stderr
    assert expected <= failed
