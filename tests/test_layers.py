"""Imports go one way: records ← shared modules ← stages ← pipeline ← command ← `xianbi` command."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src"
# What only the order of the stages may know. All other modules of `ingest` are shared by stages.
STAGES = {
    "sources",
    "readers",
    "identify",
    "prose",
    "flattened",
    "forms",
    "reconcile",
    "audit",
    "corrections",
    "coverage",
    "crossread",
    "review",
    "tables",
    "templates",
    "evaluate",
}
TOP = {"pipeline", "__main__"}


def imported(path):
    """The absolute names of all modules that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative imports hide the layers"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def modules(package):
    """Module of a package → the modules of `ingest` and `xianbi` that it imports."""
    found = {}
    for path in sorted((SRC / package).rglob("*.py")):
        parts = path.relative_to(SRC / package).with_suffix("").parts
        name = parts[0] if parts != ("__init__",) else package
        ours = {tuple(n.split(".")[:2]) for n in imported(path)}
        ours = {n for n in ours if n[0] in ("ingest", "xianbi")}
        found.setdefault(name, set()).update(ours)
    return found


INGEST = modules("ingest")


def used_by(module):
    return {name for package, name in INGEST[module] if package == "ingest"} - {module}


def test_the_modules_the_rules_speak_of_are_there():
    assert STAGES | TOP | {"records"} <= set(INGEST)


def test_records_import_nothing_of_ours():
    assert not INGEST["records"]


@pytest.mark.parametrize("module", sorted(set(INGEST) - TOP))
def test_only_the_pipeline_knows_the_stages(module):
    assert not used_by(module) & (STAGES | TOP)


def test_the_command_is_imported_by_nothing_and_the_pipeline_by_the_command_alone():
    users = {top: {m for m in INGEST if top in used_by(m)} for top in TOP}
    assert users == {"pipeline": {"__main__"}, "__main__": set()}


def test_shared_modules_do_not_import_each_other_in_a_circle():
    waiting = {module: used_by(module) & set(INGEST) for module in INGEST}
    while waiting:
        free = {module for module, needs in waiting.items() if not needs & set(waiting)}
        assert free, f"a circle among {sorted(waiting)}"
        waiting = {module: needs for module, needs in waiting.items() if module not in free}


def test_the_two_packages_meet_only_at_the_files():
    assert all(package == "ingest" for names in INGEST.values() for package, _ in names)
    analysis = modules("xianbi")
    door = analysis.pop("__main__")
    assert all(package == "xianbi" for names in analysis.values() for package, _ in names)
    assert {name for name in door if name[0] == "ingest"} == {("ingest", "__main__")}


def loaded_by(code):
    """The modules that a process has loaded after it ran `code`."""
    run = [sys.executable, "-c", f"{code}; import sys; print(*sys.modules, file=sys.stderr)"]
    return set(subprocess.run(run, capture_output=True, text=True, check=True).stderr.split())


def test_analysis_and_the_door_load_nothing_of_ingest():
    names = sorted(path.stem for path in (SRC / "xianbi").glob("[!_]*.py"))
    loaded = loaded_by(f"import xianbi.__main__; from xianbi import {', '.join(names)}")
    assert {f"xianbi.{name}" for name in ("__main__", *names)} <= loaded
    assert not {name for name in loaded if name.split(".")[0] == "ingest"}


@pytest.mark.parametrize(
    "code",
    [
        "import ingest.__main__",
        "import xianbi.__main__",
        # as far as a command goes without reports
        "from xianbi.__main__ import main; assert main(['build', 'no such folder']) == 2",
    ],
)
def test_a_command_that_reads_starts_without_charts_and_the_libraries_of_single_formats(code):
    # With them it, and each of its processes, would take a second more to start.
    heavy = {"docx", "numpy", "openpyxl", "pandas", "pdfplumber", "PIL", "pyarrow", "xlrd"}
    assert not heavy & loaded_by(code)
