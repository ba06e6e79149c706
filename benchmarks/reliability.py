"""Tries broken and hostile files by the hundred, and tells what became of each kind.

    python benchmarks/reliability.py                     every kind: the table of docs/reliability.md
    python benchmarks/reliability.py --kind "zip bombs"  one kind; repeatable
    python benchmarks/reliability.py --list              the kinds there are

Run by hand. tests/hostile.py makes the files. Each kind is put into a folder beside a good report
and built once, by one process of readers, with the usual limit of memory and --time-limit. Told of
each: how many files became a document and how many an issue (lost: ended by a limit, or by a library
that broke); what should never happen (faults of the program, builds that failed, words on the
terminal, a good report that was not read, a file that was not accounted for, bytes of the machine in
a table, files made outside); the slowest file and the most memory. Where strace is installed it
counts what was connected to and which programs were started. The exit status is 1 if anything that
should never happen did.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import hostile  # noqa: E402

from ingest.running import workers  # noqa: E402

_SECRET = "words-of-a-file-of-this-machine"
_PATIENCE = 120
_LOST = {"time_limit", "memory_limit", "died"}
# What connects without leaving the machine: LibreOffice to itself.
_FAR = re.compile(r"connect\(.*AF_INET")
_STARTED = re.compile(r'execve\("([^"]*)".*= 0$')


@dataclass
class Outcome:
    """What became of one kind."""

    kind: str
    files: int = 0
    documents: int = 0
    issues: int = 0
    lost: int = 0
    slowest: float = 0.0
    slowest_file: str = ""
    megabytes: float = 0.0
    connected: int = 0
    programs: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


# --- one kind ------------------------------------------------------------------------------------


@contextmanager
def listening(folder: Path) -> Iterator[tuple[hostile.Bait, list[int]]]:
    """Bait on this machine, and how often its port was called."""
    secret = folder / "secret.txt"
    secret.write_text(_SECRET, "utf-8")
    calls = [0]
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)
        yield hostile.Bait(server.getsockname()[1], secret, folder / "touched"), calls
        with suppress(BlockingIOError):
            while True:
                server.accept()[0].close()
                calls[0] += 1


def tried(kind: hostile.Kind, name: str, seconds: float, chosen=bool) -> Outcome:
    """Builds a folder of a kind's files and a good report, and looks what became of them."""
    outcome = Outcome(name)
    with tempfile.TemporaryDirectory(prefix="hostile-") as scratch:
        base = Path(scratch).resolve()
        with listening(base) as (bait, calls):
            outcome.files = hostile.place(kind, base / "raw", bait, chosen)
            before = everything_in(base)
            _run(base, name, seconds, outcome)
        if calls[0]:
            outcome.wrong.append(f"the port was called {calls[0]} times")
        _look(base, outcome)
        made = {path for path in everything_in(base) - before if path.parts[0] not in _OURS}
        if made:
            outcome.wrong.append(f"files were made: {sorted(map(str, made))[:3]}")
        for path in (base / "raw").rglob("*"):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o700)  # so that it can be removed
    return outcome


_OURS = ("out", "log", "trace", "cache", "measured")


def everything_in(folder: Path) -> set[Path]:
    found = set()
    for at, folders, files in os.walk(folder):
        found |= {Path(at, name).relative_to(folder) for name in (*folders, *files)}
    return found


def _run(base: Path, name: str, seconds: float, outcome: Outcome) -> None:
    command = [sys.executable, __file__, "--measure", name, str(base), "--time-limit", str(seconds)]
    strace = shutil.which("strace")
    if strace:
        traced = [
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-e",
            "trace=connect,execve",
            "-o",
            str(base / "trace"),
        ]
        command = [strace, *traced, *command]
    # No more than a few files of a kind may take as long as they can.
    deadline = _PATIENCE + 10 * seconds + 10 * outcome.files
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=deadline)
    except subprocess.TimeoutExpired:
        outcome.wrong.append(f"the build did not end in {deadline:.0f} seconds")
        return
    if done.returncode:
        outcome.wrong.append(f"the build failed: {done.stderr.strip()[-300:]}")
    elif done.stderr.strip():
        outcome.wrong.append(f"on the terminal: {done.stderr.strip()[:300]}")
    if (base / "measured").exists():
        told = json.loads((base / "measured").read_text("utf-8"))
        outcome.slowest, outcome.slowest_file = told["slowest"], told["file"]
        outcome.megabytes = told["megabytes"]
    if strace:
        lines = (base / "trace").read_text("utf-8", "replace").splitlines()
        outcome.connected = sum(bool(_FAR.search(line)) for line in lines)
        outcome.programs = {Path(m[1]).name for line in lines if (m := _STARTED.search(line))}
        if outcome.connected:
            outcome.wrong.append(f"{outcome.connected} connections")


def _look(base: Path, outcome: Outcome) -> None:
    """Counts what the tables say, and looks for what must not be in them."""
    if not (base / "out" / "documents.csv").is_file():
        outcome.wrong.append("no tables were written")
        return
    documents, issues = (rows(base / "out" / f"{name}.csv") for name in ("documents", "issues"))
    read = {row["document"] for row in documents if row["reader"]}
    said = {row["document"] for row in issues} - read
    outcome.documents, outcome.issues = len(read - {hostile.GOOD}), len(said - {hostile.GOOD})
    outcome.lost = len({row["document"] for row in issues if row["kind"] in _LOST})
    for row in issues:
        if row["kind"] == "fault":
            outcome.wrong.append(f"{row['document']}: {row['message']}")
    errors = [row["document"] for row in issues if row["severity"] == "error"]
    outcome.wrong += [f"{name}: several errors" for name in set(errors) if errors.count(name) > 1]
    accounted = read | {row["document"] for row in issues}
    placed = {row["document"] for row in documents} - accounted
    outcome.wrong += [f"{name}: neither read nor told" for name in placed]
    if outcome.documents + outcome.issues < outcome.files:
        outcome.wrong.append(f"{outcome.files} files, of which fewer are accounted for")
    good = [row for row in documents if row["document"] == hostile.GOOD]
    if not good or good[0]["mentions"] != str(good_mentions()):
        outcome.wrong.append("the good report was not read whole")
    for path in (base / "out").iterdir():
        if path.suffix != ".xlsx" and _SECRET in path.read_text("utf-8"):
            outcome.wrong.append(f"{path.name} holds the words of a file of the machine")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def good_mentions() -> int:
    """The figures of the good report."""
    import typeset

    return len(typeset.MENTIONS)


# --- the build, in a process of its own ----------------------------------------------------------


def measured(name: str, base: Path, seconds: float) -> None:
    """Builds, and writes down how long each file took and how much memory all took at most."""
    import multiprocessing
    import resource

    from ingest import pipeline
    from ingest.codebook.loading import load
    from ingest.documents import sources
    from ingest.running.settings import Running

    find = sources.find

    def found(raw: Path) -> object:
        # Rights mean nothing to the superuser, who therefore lists the folder as nobody.
        root = os.name == "posix" and os.geteuid() == 0 and name == "no right to read"
        if root:
            base.chmod(0o755)
            os.seteuid(65534)
        try:
            listed = find(raw)
        finally:
            if root:
                os.seteuid(0)
        hostile.KINDS[name].meanwhile(raw) if name in hostile.KINDS else None
        return listed

    workers.cores = lambda: 1
    pipeline.sources.find = found  # type: ignore[assignment]
    times = [time.monotonic()]
    took: list[tuple[float, str]] = []

    dealt = workers._dealt

    def dealing(*given: object, **named: object) -> object:
        times.append(time.monotonic())  # the processes have started
        return dealt(*given, **named)

    workers._dealt = dealing

    def progress(done: int, total: int, pages: int, document: str) -> None:
        times.append(time.monotonic())
        if document != hostile.GOOD:
            took.append((times[-1] - times[-2], document))

    running = Running(jobs=None, seconds=seconds, cache=base / "cache")
    pipeline.build(base / "raw", base / "out", load(), progress, running=running)
    for process in multiprocessing.active_children():
        process.join(10)
    usage = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    slowest, file = max(took, default=(0.0, ""))
    told = {
        "slowest": slowest,
        "file": file,
        "megabytes": max(u.ru_maxrss for u in usage)
        / (2**20 if sys.platform == "darwin" else 1024),
    }
    (base / "measured").write_text(json.dumps(told), "utf-8")


# --- the table -----------------------------------------------------------------------------------

_HEAD = "| Kind | Files | Documents | Issues | of these lost | Wrong | Slowest, s | Memory, MB |"


def line(outcome: Outcome) -> str:
    return (
        f"| {outcome.kind} | {outcome.files} | {outcome.documents} | {outcome.issues} "
        f"| {outcome.lost} | {len(outcome.wrong)} | {outcome.slowest:.1f} | {outcome.megabytes:.0f} |"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", action="append", choices=list(hostile.KINDS), metavar="KIND")
    parser.add_argument("--list", action="store_true", help="the kinds there are")
    parser.add_argument(
        "--time-limit",
        type=float,
        default=workers.SECONDS,
        help="seconds a file (default: the usual)",
    )
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.list:
        print("\n".join(hostile.KINDS))
        return 0
    if options.measure:
        measured(options.measure[0], Path(options.measure[1]), options.time_limit)
        return 0
    print(f"{_HEAD}\n{'| --- ' * (_HEAD.count('|') - 1)}|", flush=True)
    outcomes = []
    for name in options.kind or hostile.KINDS:
        outcomes.append(tried(hostile.KINDS[name], name, options.time_limit))
        print(line(outcomes[-1]), flush=True)
        for wrong in outcomes[-1].wrong:
            print(f"WRONG {name}: {wrong}", file=sys.stderr, flush=True)
    total = Outcome("all")
    for outcome in outcomes:
        for part in ("files", "documents", "issues", "lost", "wrong"):
            setattr(total, part, getattr(total, part) + getattr(outcome, part))
        total.slowest = max(total.slowest, outcome.slowest)
        total.megabytes = max(total.megabytes, outcome.megabytes)
        total.programs |= outcome.programs
        total.connected += outcome.connected
    print(line(total))
    slowest = max(outcomes, key=lambda outcome: outcome.slowest)
    print(f"\nSlowest: {slowest.slowest_file} ({slowest.kind})")
    if total.programs:
        print(
            f"Connections: {total.connected}. Programs started: {', '.join(sorted(total.programs))}"
        )
    return bool(total.wrong)


if __name__ == "__main__":
    sys.exit(main())
