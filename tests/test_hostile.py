"""Some of the hostile files of tests/hostile.py, in one folder with a good report.

`python benchmarks/reliability.py` tries all of them; docs/reliability.md says what came of it.
"""

import csv
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import hostile
import pytest
import typeset

ROOT = Path(__file__).parent.parent
# LibreOffice, and what its launcher starts.
OFFICE = {"soffice", "libreoffice", "oosplash", "soffice.bin", "sh"}
OFFICE |= {"basename", "dirname", "grep", "ls", "sed", "uname"}
SECRET = "words of a file of this machine"
QUICK = [name for name, kind in hostile.KINDS.items() if kind.quick]


def chosen(name):
    """A few files of each kind, and all of those that reach for something."""
    kind = hostile.KINDS[name]
    bait = hostile.Bait(1, Path("/"), Path("/"))
    names = [made for made, _ in kind.files(bait)]
    few = random.Random(f"8 {name}").sample(names, min(3, len(names)))
    return set(names if name in ("XML entities", "PDF scripts, actions, attachments") else few)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Every quick kind in a folder of its own below one folder of reports, built by the command."""
    base = tmp_path_factory.mktemp("hostile")
    secret = base / "secret.txt"
    secret.write_text(SECRET, "utf-8")
    bait = hostile.Bait(9, secret, base / "touched")
    placed = 0
    for number, name in enumerate(QUICK):
        folder = base / "raw" / str(number)
        placed += hostile.place(hostile.KINDS[name], folder, bait, chosen(name).__contains__)
        (folder / hostile.GOOD).unlink()
    (base / "raw" / hostile.GOOD).write_bytes(typeset.txt(typeset.MODEL))
    before = {path for path in base.rglob("*") if "out" not in path.parts}
    command = [sys.executable, "-m", "ingest", "build", "raw", "--out", "out"]
    strace = shutil.which("strace")
    if strace:
        trace = ["-f", "--seccomp-bpf", "-qq", "-e", "trace=connect,execve", "-o", "out.trace"]
        command = [strace, *trace, *command]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        command, cwd=base, env=environment, capture_output=True, text=True, timeout=300
    )
    if strace and "ptrace" in done.stderr:
        pytest.skip("this machine lets nobody trace")
    made = {
        path for path in base.rglob("*") if path.parts[len(base.parts)][:3] not in ("out", ".ca")
    }
    return base, placed, done, made - before


def rows(base, name):
    with (base / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_build_ends_and_says_one_line_a_file_without_tracebacks(built):
    _, placed, done, _ = built
    assert placed > 60
    assert done.returncode == 1  # some files could not be read
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == sum(row["severity"] == "error" for row in rows(built[0], "issues"))


def test_each_file_is_a_document_or_has_one_error_that_is_no_fault(built):
    base, placed, _, _ = built
    errors = [row for row in rows(base, "issues") if row["severity"] == "error"]
    assert [row for row in errors if row["kind"] == "fault"] == []
    assert [row["document"] for row in errors if row["kind"] in ("died", "time_limit")] == []
    named = [row["document"] for row in errors]
    assert len(named) == len(set(named))
    read = {row["document"] for row in rows(base, "documents") if row["reader"]}
    assert not read & set(named)
    assert len(read | {row["document"] for row in rows(base, "issues")}) >= placed
    assert all(row["message"] and row["action"] for row in errors)


def test_the_good_report_beside_them_is_read_whole(built):
    (good,) = (row for row in rows(built[0], "documents") if row["document"] == hostile.GOOD)
    assert good["mentions"] == str(len(typeset.MENTIONS))


def test_nothing_of_the_machine_gets_in_and_nothing_gets_out(built):
    base, _, _, made = built
    assert made == set()
    for path in (base / "out").glob("*.csv"):
        text = path.read_text("utf-8")
        assert SECRET not in text
        assert "root:" not in text  # /etc/passwd
    if (base / "out.trace").exists():
        trace = (base / "out.trace").read_text("utf-8", "replace")
        assert "AF_INET" not in trace
        started = re.findall(r'execve\("(?:[^"]*/)?([^"/]+)".* = 0$', trace, re.MULTILINE)
        assert {name for name in started if not name.startswith("python")} <= OFFICE


@pytest.mark.parametrize("kind", ["zip bombs", "links and pipes", "file names"])
def test_every_kind_has_files(kind, tmp_path):
    if kind in hostile.KINDS:
        bait = hostile.Bait(9, tmp_path, tmp_path)
        hostile.place(hostile.KINDS[kind], tmp_path / "raw", bait, lambda name: "zeros" not in name)
        assert len(list((tmp_path / "raw").iterdir())) > 5
