"""Deals jobs out to this process, to processes of this machine, or to a cluster.

Each way is opened with `with` and gives a `Deal`: what takes work and jobs, and gives pairs of a
job and what came of it, in the order in which they are done. A job that ends its process, or takes
longer than the time limit, costs only itself: its result is `Lost`.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from concurrent.futures import ProcessPoolExecutor as Pool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

SECONDS = 600.0
"""The usual time limit of a job; a scan of a hundred pages is read in it."""

MEMORY = 4096
"""The usual memory limit of a process that reads reports, in MB; recognising a scan takes half of it."""

_FEW, _SMALL = 64, 8 << 20
_PATIENCE = 10.0
"""Seconds that a scheduler has to answer, and to find a worker."""

_INSTALL = "pip install 'distributed' (the extra `cluster`)"


class WorkerError(RuntimeError):
    """Workers cannot be started or reached; the message says what to do."""


class _TimeLimit(BaseException):
    """Rung by the alarm; no handler of ordinary exceptions may swallow it."""


@dataclass(frozen=True)
class Lost:
    """What came of a job that gave no result: `why` is "time_limit" or "died"."""

    why: str


class Deal(Protocol):
    """Has work done on each of some jobs, any number of times while its workers are there."""

    def __call__(
        self, work: Callable[[Job], Result], jobs: Iterable[Job], /
    ) -> Generator[tuple[Job, Result | Lost], None, None]: ...


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def worth_starting(sizes: Sequence[int]) -> bool:
    """Whether files of these sizes (bytes) take longer to read than processes to start."""
    return len(sizes) > 1 and (len(sizes) >= _FEW or sum(sizes) >= _SMALL)


# --- in this process -----------------------------------------------------------------------------


@contextmanager
def here(seconds: float = SECONDS) -> Iterator[Deal]:
    """Does one job after the other. The time limit holds in the main thread of a Unix process."""

    def deal(
        work: Callable[[Job], Result], jobs: Iterable[Job], /
    ) -> Generator[tuple[Job, Result | Lost], None, None]:
        for job in jobs:
            try:
                with _alarm(seconds):
                    result = work(job)
            except _TimeLimit:
                yield job, Lost("time_limit")
            else:
                yield job, result

    yield deal


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        raise _TimeLimit

    former = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


# --- executors -----------------------------------------------------------------------------------


@dataclass
class _Lane:
    """An executor, how many jobs it is given at a time, and how to start another in its place.

    `process` tells the number of its process, where it has but one.
    """

    start: Callable[[], Executor]
    capacity: int
    executor: Executor
    process: int = 0
    running: set[Future[Any]] = field(default_factory=set)


class _Round(Generic[Job, Result]):
    """One round of dealing: the jobs that are out, those given up, and what was told of others."""

    def __init__(
        self, lanes: Sequence[_Lane], work: Callable[[Job], Result], jobs: Iterable[Job]
    ) -> None:
        self.lanes = lanes
        self.work = work
        self.coming = iter(jobs)
        self.more = True
        self.out: dict[Future[Result], tuple[_Lane, Job, float]] = {}
        self.given_up: set[Future[Result]] = set()
        self.told: list[tuple[Job, Result | Lost]] = []

    def hand_out(self) -> None:
        """Gives each lane as many jobs as it takes, as long as there are more."""
        for lane in self.lanes:
            while self.more and len(lane.running) < lane.capacity:
                try:
                    job = next(self.coming)
                except StopIteration:
                    self.more = False
                    break
                future = lane.executor.submit(self.work, job)
                lane.running.add(future)
                self.out[future] = lane, job, time.monotonic()

    def tell(self) -> list[tuple[Job, Result | Lost]]:
        """What was told since the last time."""
        told, self.told = self.told, []
        return told

    def take_in(self, done: set[Future[Result]], seconds: float) -> None:
        """Takes what came of jobs; their lanes are free for others."""
        for future in done & self.given_up:
            self.given_up.discard(future)
            for lane in self.lanes:
                lane.running.discard(future)
        for future in done & set(self.out):
            lane, job, began = self.out.pop(future)
            lane.running.discard(future)
            late = time.monotonic() - began >= seconds
            self.told.append((job, self._result(lane, future, late)))

    def _result(self, lane: _Lane, future: Future[Result], late: bool) -> Result | Lost:
        """What came of a job; a lane whose executor broke over it gets another."""
        try:
            return future.result()
        except BrokenExecutor:
            lane.executor.shutdown(wait=False)
            lane.executor = lane.start()
            lane.process = _started(lane.executor.submit(_ready, self.work))
            return Lost("time_limit" if late else "died")
        except Exception as error:
            if type(error).__name__ != "KilledWorker":
                raise
            return Lost("died")

    def give_up(self, seconds: float) -> None:
        """Gives up the jobs that have been out for so long; their lanes stay taken."""
        for future, (_, job, began) in list(self.out.items()):
            if time.monotonic() - began >= seconds:
                del self.out[future]
                if not future.cancel():
                    self.given_up.add(future)
                self.told.append((job, Lost("time_limit")))


def _dealt(
    lanes: Sequence[_Lane],
    work: Callable[[Job], Result],
    jobs: Iterable[Job],
    seconds: float,
    watched: bool,
) -> Generator[tuple[Job, Result | Lost], None, None]:
    """The same for every executor: no more jobs are out than the lanes take at a time.

    `watched` says that a worker ends itself at the time limit; other jobs are left to run and
    given up.
    """
    dealing = _Round(lanes, work, jobs)
    while True:
        dealing.hand_out()
        # Only now: no worker waits while what others did is dealt with.
        yield from dealing.tell()
        if not dealing.out:
            if dealing.more:
                raise WorkerError(
                    f"every worker has been busy with one file for longer than {seconds:g} seconds. "
                    "Restart the workers, and run the command again; what was read is kept."
                )
            return
        everything = {*dealing.out, *dealing.given_up}
        done, _ = wait(everything, None if watched else 1.0, FIRST_COMPLETED)
        dealing.take_in(done, seconds)
        if not watched:
            dealing.give_up(seconds)


# --- processes of this machine -------------------------------------------------------------------


@contextmanager
def in_processes(number: int, seconds: float = SECONDS, memory: int = MEMORY) -> Iterator[Deal]:
    """Does `number` jobs at a time, each in a process of its own that goes on to the next job.

    Work and jobs have to be picklable. Each process has an executor to itself, so that one that
    dies tells which job it was, and takes no other with it. `memory` is the most that each may use,
    in MB, where the system has such limits (not on Windows).
    """
    start = partial(_process, memory)
    lanes = [_Lane(start, 1, start()) for _ in range(number)]

    def deal(
        work: Callable[[Job], Result], jobs: Iterable[Job], /
    ) -> Generator[tuple[Job, Result | Lost], None, None]:
        work_watched = partial(_watched, work, seconds)
        starting = [lane.executor.submit(_ready, work_watched) for lane in lanes]
        for lane, process in zip(lanes, starting, strict=True):
            lane.process = _started(process)
        yield from _dealt(lanes, work_watched, jobs, seconds, watched=True)

    try:
        yield deal
    finally:
        for lane in lanes:
            _end(lane)


def _process(memory: int) -> Executor:
    # Spawned on every system: a fork would copy the threads and locks of the parent half.
    return Pool(1, multiprocessing.get_context("spawn"), _begin, (memory,))


def _end_with_parent() -> None:
    """Ends this process when the one that started it is gone, killed maybe: nobody else would."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _begin(memory: int) -> None:
    """Sets the limits of a process that has just begun; what it starts has them too."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Ctrl-C goes to all processes of a terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries complain of broken files there, in words of the report. What counts is an issue.
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        limit = memory << 20
        limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
        with suppress(ValueError, OSError):  # macOS knows the limit and may refuse it
            resource.setrlimit(resource.RLIMIT_AS, (limit, most))
        # A library that breaks leaves no image of the report's text on the disk.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _watched(work: Callable[[Job], Result], seconds: float, job: Job) -> Result:
    """Does a job under the eyes of a thread that no library can hold up, and that ends the process."""
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            return work(job)
        finally:
            faulthandler.cancel_dump_traceback_later()


def _ready(work: object) -> int:
    """The number of a process that has loaded what the work needs, so that no job waits for it."""
    return os.getpid()


def _started(process: Future[int]) -> int:
    try:
        return process.result()
    except BrokenExecutor as error:
        raise WorkerError(
            "worker processes end as soon as they start. In a script of your own, call the build "
            'below `if __name__ == "__main__":`; else use --jobs 1.'
        ) from error


def _end(lane: _Lane) -> None:
    """Ends an executor, and at once: what its process still does is of no use to anybody."""
    if lane.running and lane.process:
        with suppress(OSError):
            os.kill(lane.process, signal.SIGTERM)
    lane.executor.shutdown(wait=False, cancel_futures=True)


# --- a cluster -----------------------------------------------------------------------------------


@contextmanager
def on_cluster(address: str, seconds: float = SECONDS) -> Iterator[Deal]:
    """Does jobs on the Dask cluster whose scheduler has this address ("tcp://host:8786").

    Raises WorkerError if nothing answers there, if it has no worker, or if it goes away.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise WorkerError(f"--cluster needs the package distributed: {_INSTALL}.") from error
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise WorkerError(
            f"no Dask scheduler answers at {address} ({_reason(error)}). Start one with "
            "`dask scheduler` and give the address that it prints, or leave --cluster out."
        ) from error
    try:
        threads = sum(client.nthreads().values())
        if not threads:
            raise WorkerError(
                f"the scheduler at {address} has no worker. Start some with "
                f"`dask worker {address} --nthreads 1` on each machine, then run the command again."
            )
        executor = client.get_executor(pure=False)
        lane = _Lane(lambda: executor, threads, executor)

        def deal(
            work: Callable[[Job], Result], jobs: Iterable[Job], /
        ) -> Generator[tuple[Job, Result | Lost], None, None]:
            try:
                yield from _dealt([lane], work, jobs, seconds, watched=False)
            except WorkerError:
                raise
            except Exception as error:
                raise WorkerError(
                    f"the cluster at {address} stopped working ({_reason(error)}). Look at the "
                    "scheduler and the workers: each needs this version of xianbi and its "
                    "packages. Then run the command again; what was read is kept."
                ) from error

        yield deal
    finally:
        with suppress(Exception):
            client.close(timeout=_PATIENCE)


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
