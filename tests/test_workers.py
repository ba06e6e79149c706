"""Jobs dealt out to this process, to others, and to a cluster; and those that are lost."""

import os
import signal
import time

import pytest

from ingest.running import workers
from ingest.running.workers import Lost


def work(job):
    """What a job says is done: a number is doubled, a word is a way to fail."""
    if job == "hang":
        time.sleep(60)
    if job == "die":
        os._exit(3)
    if job == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    return job * 2


def test_jobs_here_are_done_in_order_and_one_at_a_time():
    begun = []
    with workers.here() as deal:
        results = deal(work, (begun.append(n) or n for n in range(3)))
        assert next(results) == (0, 0)
        assert begun == [0]
        assert list(results) == [(1, 2), (2, 4)]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no timer for this")
def test_a_job_here_that_hangs_is_given_up():
    started = time.monotonic()
    with workers.here(seconds=0.2) as deal:
        found = list(deal(work, [1, "hang", 2]))
    assert found == [(1, 2), ("hang", Lost("time_limit")), (2, 4)]
    assert time.monotonic() - started < 30


def test_processes_do_all_jobs_and_lose_only_those_that_hang_or_die():
    jobs = [1, "die", 2, "hang", 3, "kill" if hasattr(signal, "SIGKILL") else "die", 4]
    with workers.in_processes(2, seconds=3) as deal:
        found = dict(deal(work, jobs))
    assert found == {
        1: 2,
        2: 4,
        3: 6,
        4: 8,
        "die": Lost("died"),
        jobs[5]: Lost("died"),
        "hang": Lost("time_limit"),
    }


def hungry(megabytes):
    """Takes memory, and says what it may have."""
    try:
        taken = bytearray(megabytes << 20)
    except MemoryError:
        return "no memory"
    return len(taken) >> 20


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such limit")
def test_a_process_has_as_much_memory_as_it_may():
    with workers.in_processes(1, memory=600) as deal:
        found = dict(deal(hungry, [100, 900]))
    assert found == {100: 100, 900: "no memory"}


def limits(_):
    import resource

    os.write(2, b"a library complains in words of the report")
    return [resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_CORE)]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such limit")
def test_processes_have_limits_and_say_nothing_on_the_terminal(capfd):
    with workers.in_processes(1) as deal:
        assert list(deal(limits, [0])) == [(0, [workers.MEMORY << 20, 0])]
    assert capfd.readouterr() == ("", "")


def test_processes_end_with_the_one_who_asked():
    with workers.in_processes(2) as deal:
        (_, pid) = next(deal(_pid, [0, 60, 60]))
    deadline = time.monotonic() + 20
    while _is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_alive(pid)


def test_processes_stay_for_further_work_and_one_that_died_is_replaced():
    with workers.in_processes(1) as deal:
        ((_, first),) = deal(_pid, [0])
        assert list(deal(_pid, [0])) == [(0, first)]
        assert dict(deal(work, ["die", 2])) == {"die": Lost("died"), 2: 4}
        ((_, second),) = deal(_pid, [0])
    assert second != first


def test_a_worker_is_given_more_before_what_it_did_is_dealt_with():
    given = []
    with workers.in_processes(1) as deal:
        next(deal(work, (given.append(n) or n for n in range(3))))
    assert given == [0, 1]


def _pid(seconds):
    time.sleep(seconds)
    return os.getpid()


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def test_an_error_of_a_job_is_no_loss_but_raised():
    with pytest.raises(TypeError, match="NoneType"), workers.here() as deal:
        list(deal(work, [None]))


@pytest.mark.parametrize(
    ("sizes", "worth"),
    [
        ([], False),
        ([1 << 30], False),
        ([1000] * 10, False),
        ([1000] * 100, True),
        ([5 << 20] * 2, True),
    ],
)
def test_processes_are_started_for_many_or_large_files(sizes, worth):
    assert workers.worth_starting(sizes) is worth


def test_a_cluster_that_cannot_be_reached_is_said(monkeypatch):
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    monkeypatch.setattr(workers, "_PATIENCE", 0.5)
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        with pytest.raises(workers.WorkerError) as stop, workers.on_cluster(address):
            pass
        assert f"no Dask scheduler answers at {address}" in str(stop.value)
        assert "Start one with `dask scheduler`" in str(stop.value)


def test_without_the_package_a_cluster_is_refused_with_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with (
        pytest.raises(workers.WorkerError, match="pip install 'distributed'"),
        workers.on_cluster("tcp://127.0.0.1:9"),
    ):
        pass
