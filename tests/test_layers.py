"""Imports go down: each room of `ingest` imports only from the rooms below it."""

import ast
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src"
# The rooms from the ground up. A room is a package, or a few modules that stand beside each other.
ROOMS = {
    "records": ("records", "printed"),
    "documents": ("documents",),
    "codebook": ("codebook",),
    "identifying": ("identifying",),
    "reading": ("reading",),
    "judging": ("judging",),
    "reviewing": ("reviewing",),
    "output": ("output",),
    "running": ("running",),
    "pipeline": ("pipeline",),
    "commands": ("commands",),
    "command line": ("__main__",),
}
FLOOR = {part: floor for floor, parts in enumerate(ROOMS.values()) for part in parts}


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
    """Module of a package, dotted below it → the absolute names that it imports from our packages."""
    found = {}
    for path in sorted((SRC / package).rglob("*.py")):
        parts = path.relative_to(SRC / package).with_suffix("").parts
        name = ".".join(parts).removesuffix("__init__").rstrip(".")
        found[name] = {n for n in imported(path) if n.split(".")[0] in ("ingest", "xianbi")}
    return found


INGEST = modules("ingest")


def module_of(name):
    """The module of `ingest` that an imported name is or lies in: ingest.records.Cell → records."""
    parts = name.split(".")[1:]
    while ".".join(parts) not in INGEST:
        parts.pop()
    return ".".join(parts)


USES = {
    module: {module_of(name) for name in names if name.startswith("ingest.")} - {module}
    for module, names in INGEST.items()
}


def room_of(module):
    return module.split(".")[0]


def test_every_module_has_a_room():
    assert {room_of(module) for module in INGEST} - {""} == set(FLOOR)


def test_the_package_itself_and_its_records_import_nothing_of_ours():
    assert not INGEST[""] | INGEST["records"] | INGEST["printed"]


@pytest.mark.parametrize("module", sorted(set(INGEST) - {""}))
def test_imports_go_down(module):
    floor = FLOOR[room_of(module)]
    assert {used for used in USES[module] if FLOOR[room_of(used)] > floor} == set()


def test_only_commands_import_the_pipeline_and_only_the_command_line_the_commands():
    def users(room):
        using = {m for m, used in USES.items() if any(room_of(name) == room for name in used)}
        return {room_of(module) for module in using} - {room}

    assert users("pipeline") == {"commands"}
    assert users("commands") == {"__main__"}
    assert users("__main__") == set()


def test_no_modules_import_each_other_in_a_circle():
    # A package and what lies in it count as one: `readers` knows its readers, and they its errors.
    def whole(module):
        return "documents.readers" if module.startswith("documents.readers") else module

    waiting = {whole(module): set() for module in USES}
    for module, used in USES.items():
        waiting[whole(module)] |= {whole(name) for name in used} - {whole(module)}
    while waiting:
        free = {module for module, needs in waiting.items() if not needs & set(waiting)}
        assert free, f"a circle among {sorted(waiting)}"
        waiting = {module: needs for module, needs in waiting.items() if module not in free}


def test_the_two_packages_meet_only_at_the_files():
    assert {name.split(".")[0] for name in chain.from_iterable(modules("ingest").values())} == {
        "ingest"
    }
    analysis = modules("xianbi")
    door = analysis.pop("__main__")
    assert {name.split(".")[0] for name in chain.from_iterable(analysis.values())} == {"xianbi"}
    assert {name for name in door if name.startswith("ingest")} == {"ingest.__main__.main"}


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
