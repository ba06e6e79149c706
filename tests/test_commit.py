"""Nothing is lost: tables are all new or all as before, whenever a build fails, is killed or meets another."""

import builtins
import errno
import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import typeset
import typeset_pdf
from handmade import DEFINITIONS

from ingest import pipeline
from ingest.__main__ import main
from ingest.output import commit
from ingest.running.settings import Running
from xianbi import data

ROOT = Path(__file__).parent.parent
REPORT = "{county}医疗保障局{year}年度部门整体支出绩效自评报告\n\n一、参保情况\n全县参保率{rate}%，参保人数{persons}人。\n"


def report(folder, name, county, year, rate, persons):
    folder.mkdir(parents=True, exist_ok=True)
    text = REPORT.format(county=county, year=year, rate=rate, persons=persons)
    (folder / name).write_text(text, "utf-8")


def contents(folder):
    """Every file below a folder, those of the cache aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Reports, the tables of a former build, what the next is to write, and a cache."""
    folder = tmp_path_factory.mktemp("commit")
    report(folder / "raw", "a.txt", "高邑县", 2023, "97.2", 150129)
    build(folder, "former")
    report(folder / "raw", "b.txt", "临泽县", 2024, "98.1", 121000)
    build(folder, "next")
    assert contents(folder / "former") != contents(folder / "next")
    return folder


def build(folder, out, cache="cache", parquet=False):
    running = Running(cache=folder / cache)
    return pipeline.build(
        folder / "raw", folder / out, DEFINITIONS, running=running, parquet=parquet
    )


@pytest.fixture
def fresh(base, tmp_path):
    """The same reports with the tables of the former build in place, and a cache of the former."""
    for name in ("raw", "former", "cache"):
        shutil.copytree(base / name, tmp_path / (name if name != "former" else "out"))
    return tmp_path


# --- faults at every step ------------------------------------------------------------------------


class Steps:
    """Counts what changes the disk, and does something at one of the steps: fail, or be killed."""

    def __init__(self, at, act, lasting=False):
        self.at, self.act, self.lasting, self.number = at, act, lasting, 0
        self.gone_wrong = False

    def step(self, writes=False):
        self.number += 1
        if self.number == self.at or (self.gone_wrong and writes):
            self.gone_wrong = self.lasting
            self.act()

    def __enter__(self):
        steps = self

        class Raw(io.FileIO):
            def write(self, given):
                steps.step(writes=True)
                return super().write(given)

        def opened(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, **more):
            if not set(mode) & set("wax+"):
                return steps.open(file, mode, buffering, encoding, errors, newline, **more)
            steps.step(writes=True)
            raw = Raw(file, mode.replace("b", "").replace("t", ""), **more)
            kind = io.BufferedRandom if "+" in mode else io.BufferedWriter
            buffered = kind(raw)
            if "b" in mode:
                return buffered
            return io.TextIOWrapper(buffered, encoding, errors, newline)

        def counted(function):
            def call(*given, **named):
                steps.step()
                return function(*given, **named)

            return call

        self.open, self.former = io.open, {}
        for name in ("replace", "link", "mkdir", "rmdir", "fsync"):
            self.former[name] = getattr(os, name)
            setattr(os, name, counted(self.former[name]))
        io.open = builtins.open = opened
        return self

    def __exit__(self, *_):
        io.open = builtins.open = self.open
        for name, function in self.former.items():
            setattr(os, name, function)


def full():
    raise OSError(errno.ENOSPC, "No space left on device")


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def steps(base, tmp_path_factory):
    """How many steps a build takes."""
    folder = tmp_path_factory.mktemp("steps")
    for name in ("raw", "former"):
        shutil.copytree(base / name, folder / (name if name != "former" else "out"))
    with Steps(0, full) as counting:
        build(folder, "out")
    assert contents(folder / "out") == contents(base / "next")
    assert counting.number > 50
    return counting.number


def some(number):
    """Some steps, most of them where tables are put in place; all if XIANBI_ALL_STEPS is set."""
    every = 1 if "XIANBI_ALL_STEPS" in os.environ else max(1, number // 10)
    return sorted(
        {*range(1, number + 1, every), *range(max(1, number - 32), number + 1, min(every, 4))}
    )


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_disk_that_is_full_at_any_write_leaves_the_former_tables(base, steps, tmp_path):
    former, after = contents(base / "former"), contents(base / "next")
    failed = 0
    for at in some(steps):
        folder = tmp_path / str(at)
        for name in ("raw", "former"):
            shutil.copytree(base / name, folder / (name if name != "former" else "out"))
        try:
            with Steps(at, full, lasting=True):
                build(folder, "out")
            said = None
        except OSError as error:
            said = error
        assert contents(folder / "out") == (former if said else after), at
        assert said is None or said.errno == errno.ENOSPC
        failed += said is not None
        build(folder, "out")
        assert contents(folder / "out") == after, at
        shutil.rmtree(folder)
    assert failed > 5


def run_in_fork(work):
    """Does something in a copy of this process; returns the signal that ended it, or 0."""
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status)
    assert os.WEXITSTATUS(status) == 0
    return 0


def as_read(out):
    """The tables as a notebook reads them: what was not put in place yet is read where it is."""
    ready = out / commit.READY
    names = {path.name for folder in (out, ready) for path in folder.glob("*.csv")}
    return {n: data._path(out, n.removesuffix(".csv")).read_bytes() for n in names}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_build_killed_at_any_step_leaves_all_tables_old_or_all_new(base, steps, tmp_path):
    former, after = contents(base / "former"), contents(base / "next")
    tables = [{n: c for n, c in state.items() if n.endswith(".csv")} for state in (former, after)]
    seen = []
    for at in some(steps):
        folder = tmp_path / str(at)
        for name in ("raw", "former"):
            shutil.copytree(base / name, folder / (name if name != "former" else "out"))

        def work(folder=folder, at=at):
            with Steps(at, killed):
                build(folder, "out")

        assert run_in_fork(work) in (0, signal.SIGKILL)
        state = as_read(folder / "out")
        assert state in tables, at
        seen.append(tables.index(state))
        assert data.load(folder / "out").documents.shape[0] == seen[-1] + 1
        # The next build heals tables and cache, and leaves nothing behind.
        build(folder, "out")
        assert contents(folder / "out") == after, at
        shutil.rmtree(folder)
    assert set(seen) == {0, 1}
    assert seen == sorted(seen), "once new, never old again"


def children(number):
    """The processes that a process has started, where the system tells."""
    told = Path(f"/proc/{number}/task/{number}/children")
    return [int(child) for child in told.read_text().split()] if told.exists() else []


def alive(number):
    """Whether a process is there and no mere entry of the system's list."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(os.name != "posix", reason="Windows kills otherwise")
def test_a_build_killed_at_any_moment_is_made_good_by_the_next(base, fresh):
    command = [sys.executable, "-m", "ingest", "build", fresh / "raw", "--out", fresh / "out"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    waits = [n / 20 for n in range(4, 64)] if "XIANBI_ALL_STEPS" in os.environ else (0.5, 1.2, 1.8)
    for wait in waits:
        with subprocess.Popen(
            command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            time.sleep(wait)
            started = children(process.pid)
            process.kill()
        deadline = time.monotonic() + 20
        while any(map(alive, started)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(map(alive, started)), "the processes that read end with it"
        state = as_read(fresh / "out")
        assert any(
            state == {n: c for n, c in contents(base / name).items() if n.endswith(".csv")}
            for name in ("former", "next")
        )
    build(fresh, "out")
    assert contents(fresh / "out") == contents(base / "next")


def test_a_file_that_another_program_holds_leaves_the_former_tables(base, fresh, monkeypatch):
    """As on Windows while a table is open in Excel."""
    replace = os.replace

    def refuse(source, target):
        if Path(target) == fresh / "out" / "observations.csv" and "former" not in str(source):
            raise PermissionError(13, "Permission denied", str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError):
        build(fresh, "out")
    assert contents(fresh / "out") == contents(base / "former")


def test_a_dataset_goes_and_comes_with_its_tables(base, fresh):
    pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    (fresh / "out/mine").mkdir()
    build(fresh, "out", parquet=True)
    assert any((fresh / "out/parquet").rglob("*.parquet"))
    build(fresh, "out")
    assert not (fresh / "out/parquet").exists()
    assert contents(fresh / "out") == contents(base / "next")
    assert (fresh / "out/mine").is_dir(), "an empty folder of somebody else stays"


# --- two at once ---------------------------------------------------------------------------------


def test_a_second_build_into_a_folder_says_so_and_changes_nothing(base, fresh, capsys):
    with commit.alone_in(fresh / "out"):
        arguments = ["build", fresh / "raw", "--out", fresh / "out", "--jobs", 1]
        assert main([str(a) for a in arguments]) == 1
        assert capsys.readouterr().err == (
            f"ingest: another build is writing to {fresh / 'out'}. Wait until it has ended, or "
            "name another folder with --out\n"
        )
        assert contents(fresh / "out") == contents(base / "former")
        build(fresh, "elsewhere")  # only this folder is taken
    build(fresh, "out")
    assert contents(fresh / "out") == contents(base / "next")


def test_many_builds_at_once_leave_the_tables_of_one(base, fresh):
    busy, done = [], []

    def work(number):
        try:
            done.append(build(fresh, "out", f"cache{number}"))
        except commit.BusyError:
            busy.append(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) + len(busy) == 4
    assert done
    assert contents(fresh / "out") == contents(base / "next")


def test_what_a_killed_build_left_aside_is_removed(fresh):
    left = fresh / "out" / f"{commit.ASIDE}x"
    left.mkdir()
    (left / "rows").write_bytes(b"1")
    with commit.alone_in(fresh / "out"):
        assert not left.exists()


# --- what people made ----------------------------------------------------------------------------


def state(folder):
    """Every file of a folder with its contents, and when it and the folders were changed."""
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in (folder, *folder.rglob("*"))
    }


def test_no_command_writes_to_the_reports_or_the_corrections(tmp_path, capsys, monkeypatch):
    from xianbi.__main__ import main as xianbi

    monkeypatch.chdir(tmp_path)
    for name in ("hunan/beita-2023.txt", "excerpts/small.pdf"):
        (tmp_path / "data/raw" / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "data/raw/hunan/beita-2023.txt", tmp_path / "data/raw/hunan")
    small = typeset_pdf.pdf(typeset.MODEL[:8])
    (tmp_path / "data/raw/excerpts/small.pdf").write_bytes(small)
    (tmp_path / "data/raw/sources.csv").write_text("document,year\nhunan/beita-2023.txt,2023\n")
    (tmp_path / "data/corrections.toml").write_text("# nothing yet\n")
    gold = tmp_path / "gold.csv"
    gold.write_text("document,indicator,scenario,population,value\n")
    before = state(tmp_path / "data")
    picture = "data/raw/excerpts/small.pdf"
    for run, arguments, expected in (
        (main, ["build", "--jobs", "1"], 0),
        (main, ["build", "--jobs", "1", "--fresh"], 0),
        (main, ["check", "--coverage"], 0),
        (main, ["explain", "small", "--image", "page.png"], 0),
        (main, ["explain", "small", "--image", picture], 2),
        (main, ["explain", "small", "--image", "data/raw/new.png"], 2),
        (main, ["evaluate", "data/raw", "--gold", str(gold)], 0),
        (main, ["build", "--out", "data/raw"], 2),
        (main, ["build", "--out", "data/raw/tables"], 2),
        (main, ["build", "--cache", "data/raw/cache"], 2),
        (xianbi, ["export", "--indicator", "自评得分", "--out", "build/briefing"], None),
        (xianbi, ["export", "--indicator", "参保率", "--out", "data/raw"], 1),
    ):
        status = run(arguments)
        said = capsys.readouterr().err
        assert status == expected or expected is None, (arguments, said)
        for path in (tmp_path / "data/raw", tmp_path / "data/corrections.toml"):
            now = {p: s for p, s in state(tmp_path / "data").items() if p.is_relative_to(path)}
            assert now == {p: s for p, s in before.items() if p.is_relative_to(path)}, arguments
