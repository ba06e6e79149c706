"""What the commands write runs nothing: no formula, no markup, no pickle, whatever a report says."""

import ast
import csv
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
import typeset
from conftest import ROWS, write_table

from ingest import pipeline
from ingest.codebook.loading import load
from xianbi import data, export
from xianbi.evidence import evidence

ROOT = Path(__file__).parent.parent
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://example.com?"&A1,"点")',
    "+1+1",
    "-1+1",
    "@SUM(A1:A9)",
    "\t=1+1",
    "=cmd|' /C calc'!A0",
    "＝1+1",
]
NUMBER = re.compile(r"-?\d+(\.\d+)?")
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def columns_of(out, name):
    package = json.loads((out / "datapackage.json").read_text("utf-8"))
    (resource,) = (r for r in package["resources"] if r["name"] == name)
    return {field["name"]: field["type"] for field in resource["schema"]["fields"]}


# --- tables --------------------------------------------------------------------------------------


def hostile_report():
    """A report whose title, unit, projects and rows begin as formulas do."""
    blocks = [("heading", 1, "=高邑县医疗保障局2023年部门整体支出绩效自评报告")]
    rows = [["项目名称", "全年预算数(万元)", "全年执行数(万元)", "执行率"]]
    for number, words in enumerate(HOSTILE, start=1):
        blocks.append(("heading", 2, f"{words}项目支出情况"))
        blocks.append(("paragraph", f"{words}，预算执行率{90 + number}.5%，参保率9{number}%。"))
        rows.append([f"{words}补助项目", f"{number}00.5", f"{number}00", f"{MARKUP}"])
    blocks.append(("table", rows))
    return blocks


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    base = tmp_path_factory.mktemp("hostile")
    raw = base / "raw"
    raw.mkdir()
    report = hostile_report()
    for name, content in {
        "=1+1.txt": typeset.txt(report),
        "@SUM(A1).html": typeset.html(report),
        "-rf.docx": typeset.docx(report[:4] + report[-1:]),
        "+1.bin": b"\0\1\2",
        f"{MARKUP.replace('/', '')}.txt": typeset.txt(report[:3]),
    }.items():
        (raw / name).write_bytes(content)
    with zipfile.ZipFile(raw / "a.zip", "w") as archive:
        archive.writestr("=cmd|x.txt", "参保率98%")
        archive.writestr("../=1+1.txt", "x")
    pipeline.build(raw, base / "processed", load())
    return base / "processed"


def csv_rows(out):
    for path in sorted(out.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            types = columns_of(out, path.stem)
            for row in csv.DictReader(file):
                for name, value in row.items():
                    yield path.stem, types[name], value


def test_no_cell_of_a_csv_file_starts_as_a_formula_does(built):
    found = list(csv_rows(built))
    assert sum(value.startswith("'") for _, _, value in found) > 10
    harmless = re.compile(r"[=+\-—]+|[+-]?\d[\d,]*(\.\d+)?[%‰]?")
    for table, _, value in found:
        assert not value.startswith(STARTS) or harmless.fullmatch(value), (table, value)


def test_numbers_in_csv_files_stay_numbers(built):
    found = [(t, v) for t, kind, v in csv_rows(built) if kind in ("number", "integer") and v]
    assert len(found) > 50
    assert [entry for entry in found if not NUMBER.fullmatch(entry[1])] == []


def test_the_workbook_holds_no_formula_and_numbers_stay_numbers(built):
    with zipfile.ZipFile(built / "xianbi.xlsx") as container:
        for name in container.namelist():
            assert not re.search(rb"<f[ >]", container.read(name)), name
            assert "external" not in name.lower()
            assert "vba" not in name.lower()
    book = openpyxl.load_workbook(built / "xianbi.xlsx")
    kinds = set()
    for sheet in book:
        types = columns_of(built, sheet.title)
        header, *rows = sheet.iter_rows()
        for row in rows:
            for head, cell in zip(header, row, strict=True):
                if cell.value is not None:
                    text = types[head.value] == "string"
                    assert cell.data_type == ("s" if text else "n"), cell.coordinate
                    kinds.add((text, str(cell.value).startswith(STARTS)))
    assert {(True, True), (False, False)} <= kinds


# --- briefings -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def briefed(tmp_path_factory):
    """A briefing made of tables in which every text of a person begins as a formula or markup."""
    folder = tmp_path_factory.mktemp("tables")
    rows = {name: [dict(row) for row in given] for name, given in ROWS.items()}
    for name, given in rows.items():
        for at, row in enumerate(given):
            if "county" in row:
                row["county"] = f"={row['county_code']}{MARKUP}"
            for column in ("quote", "note", "name_zh", "reporting_unit"):
                if column in row and (row[column] or column == "note"):
                    row[column] = f"={column}{at}{MARKUP}"
        write_table(folder, name, given)
    tables = data.load(folder)
    out = tmp_path_factory.mktemp("briefing")
    export.write_all(tables, out, ("budget_execution_rate", "three_public_control_rate"))
    return tables, out


def packages(content):
    """The members of an office file, and of the workbooks in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as container:
        for name in container.namelist():
            inner = container.read(name)
            yield name, inner
            if name.endswith(".xlsx"):
                yield from packages(inner)


@pytest.mark.parametrize("name", [export.WORKBOOK, export.DOCUMENT, export.SLIDES])
def test_no_briefing_holds_a_formula_a_link_or_a_macro(briefed, name):
    _, out = briefed
    for member, content in packages((out / name).read_bytes()):
        if "/worksheets/" in member:
            assert not re.search(rb"<f[ >]", content), member
        assert b"<script" not in content, member
        assert not re.search(rb'TargetMode="External"', content), member
        assert "vba" not in member.lower()


def test_pictures_of_charts_hold_no_markup_of_a_report(briefed):
    _, out = briefed
    found = [path.read_text("utf-8") for path in out.glob("*.svg")]
    assert found
    assert not any(
        "<script" in svg or "onerror=" in re.sub(r"<!--.*?-->|<text.*?</text>", "", svg, flags=re.S)
        for svg in found
    )


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)


def test_html_in_a_notebook_is_escaped(briefed):
    tables, _ = briefed
    row = tables.observations[tables.observations["mention_ids"] != ""].iloc[0]
    shown = evidence(row["observation_id"], tables)._repr_html_()
    tags = Tags()
    tags.feed(shown)
    assert MARKUP not in shown
    assert tags.seen <= {"p", "b", "small", "br", "mark"}
    for name in ("observations", "mentions"):
        tags = Tags()
        tags.feed(getattr(tables, name)._repr_html_())
        assert not tags.seen & {"script", "img"}


# --- code ----------------------------------------------------------------------------------------

PYTHON = sorted(
    path
    for folder in ("src", "tests", "tools", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
)
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# What runs code that a file holds.
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}
CALLS = {"read_pickle", "eval", "exec", "unsafe_load", "full_load", "import_module", "__import__"}
# Hands records to its own worker processes as pickles in memory.
IN_MEMORY = {"src/ingest/running/jobs.py"}


def code(path):
    if path.suffix == ".ipynb":
        cells = json.loads(path.read_text("utf-8"))["cells"]
        lines = "".join("".join(c["source"]) + "\n" for c in cells if c["cell_type"] == "code")
        return re.sub(r"^[%!].*$", "", lines, flags=re.M)
    return path.read_text("utf-8")


def runs_files(source):
    """What in a piece of code could run what a file holds."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield node.module
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in CALLS or (name == "to_html" and "escape=False" in ast.unparse(node)):
                yield name
            if any(
                k.arg in ("allow_pickle", "shell") and ast.unparse(k.value) != "False"
                for k in node.keywords
            ):
                yield "allow_pickle or shell"


def test_the_check_finds_what_it_looks_for():
    assert list(runs_files("import pickle\nfrom joblib import load\neval('1')\npd.read_pickle(x)"))
    assert list(runs_files("np.load(x, allow_pickle=True)\nrun(x, shell=True)")) != []
    assert list(runs_files("import json\njson.loads('1')")) == []


@pytest.mark.parametrize("path", [*PYTHON, *NOTEBOOKS], ids=lambda p: p.name)
def test_no_code_loads_a_pickle_or_runs_what_a_file_holds(path):
    allowed = {"import_module", "__import__"} if path.parent.name == "tests" else set()
    source = code(path)
    if path.relative_to(ROOT).as_posix() in IN_MEMORY:
        # Between processes of one run only: nothing is read from a file, or from another machine's.
        assert not re.search(r"pickle\.(load|Unpickler)\b|Unpickler|import_module", source)
        allowed = {"pickle"}
    assert set(runs_files(source)) <= allowed
