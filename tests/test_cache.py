"""The cache: what comes back is what went in, or nothing; and what makes an entry stale."""

import ast
import json
import os
import re
import sys
from dataclasses import replace
from decimal import Decimal
from importlib import metadata
from pathlib import Path

import pytest
from handmade import DEFINITIONS, IDENTITY, mention

import ingest
from ingest import pipeline
from ingest.documents import sources
from ingest.records import Block, Cell, Document, Finding, Issue, Mention, Place, Source
from ingest.running import cache, kept, reports
from ingest.running.settings import Running

PACKAGE = Path(ingest.__file__).parent


# --- records ---


@pytest.mark.parametrize(
    "record",
    [
        mention("expenditure", "1E+2", settled=(("year", "2023年"), ("basis", "")), page=3),
        mention("expenditure", "-0.00", year=None, quote='参"\\\n\ud800𠮷'),
        IDENTITY,
        Document(
            Source("a/b.pdf", "", "00", 5),
            "pdf",
            "pypdfium2",
            "甲\n乙",
            (Block("table", 0, 3, cells=(Cell(0, 0, 0, 1), Cell(1, 0, 2, 3, 1, 2)), ragged=True),),
            (Place(0, 1, 1, (0.1, 2.0, 3.5, 1e-9)), Place(2, 3, None, None, "A1", 0.5)),
            2,
            1,
            (Issue("a/b.pdf", "warning", "x", "page 2", "m", "a"),),
        ),
        Finding("d", "", "", None, "i", "", "", "", "sum", None, Decimal("0.10"), "", "agree", ()),
    ],
    ids=["amount", "odd text", "nested issues", "document", "finding"],
)
def test_a_record_comes_back_equal_to_the_last_digit(record):
    back = cache.decode(type(record), cache.encode(record))
    assert back == record
    # 1E+2 equals 100, and -0.00 equals 0: the digits have to be the same too.
    assert repr(back) == repr(record)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[1,2]", b"null", b"[" * 100_000, b'["x","y","0",1,1]'],
    ids=["empty", "object", "too short", "null", "deep", "too long"],
)
def test_what_is_no_such_record_is_refused(content):
    with pytest.raises(ValueError, match="no Source: "):
        cache.decode(Source, content)


def test_every_record_of_the_pipeline_can_be_kept():
    told = reports.told(reports.Report(Source("d", "p", "0", 1), None, IDENTITY))
    extract = cache.decode(reports.Extract, told.partition(b"\n")[2])
    assert (extract.identity, extract.source.path) == (IDENTITY, "")


# --- entries ---


def path_of(folder):
    (path,) = (p for p in folder.rglob("*") if p.is_file() and p.name != ".gitignore")
    return path


def test_an_entry_is_found_by_name_and_stamp_only(tmp_path):
    cache.put(tmp_path / "c", "documents", "a", "s1", b"content")
    assert cache.get(tmp_path / "c", "documents", "a", "s1") == b"content"
    for level, name, stamp in (
        ("extracts", "a", "s1"),
        ("documents", "b", "s1"),
        ("documents", "a", "s2"),
    ):
        assert cache.get(tmp_path / "c", level, name, stamp) is None


def test_a_new_entry_takes_the_place_of_the_former(tmp_path):
    for stamp in ("s1", "s2"):
        cache.put(tmp_path / "c", "documents", "a", stamp, stamp.encode())
    assert cache.get(tmp_path / "c", "documents", "a", "s2") == b"s2"
    path_of(tmp_path / "c")  # one file only


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-3],
        lambda content: content[:-3] + b"xyz",
        lambda content: content.replace(b"\n", b" ", 1),
        lambda content: b"\xff" + content,
    ],
    ids=["empty", "cut off", "changed", "no head", "no text"],
)
def test_a_damaged_entry_counts_as_none_and_is_replaced(tmp_path, damage):
    cache.put(tmp_path / "c", "documents", "a", "s", b"content" * 50)
    path = path_of(tmp_path / "c")
    path.write_bytes(damage(path.read_bytes()))
    assert cache.get(tmp_path / "c", "documents", "a", "s") is None
    cache.put(tmp_path / "c", "documents", "a", "s", b"whole")
    assert cache.get(tmp_path / "c", "documents", "a", "s") == b"whole"


def test_an_entry_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        cache.put(tmp_path / "c", "documents", "a", "s", b"content")
    assert [p for p in (tmp_path / "c").rglob("*") if p.is_file()] == [tmp_path / "c/.gitignore"]


@pytest.mark.skipif(os.name != "posix", reason="rights of files are told otherwise on Windows")
def test_the_texts_of_reports_are_for_their_owner_alone_and_not_for_git(tmp_path):
    cache.put(tmp_path / "c", "documents", "a", "s", b"content")
    assert (tmp_path / "c").stat().st_mode & 0o077 == 0
    assert (tmp_path / "c/.gitignore").read_text() == "*\n"


def test_no_entry_can_run_anything(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a.txt").write_text("高邑县医疗保障局2024年度自评报告\n参保率97.2%。", "utf-8")
    running = Running(cache=tmp_path / "c")
    pipeline.build(tmp_path / "raw", tmp_path / "out", DEFINITIONS, running=running)
    for level in ("documents", "extracts", "builds"):
        (path,) = (p for p in (tmp_path / f"c/v{cache.VERSION}/{level}").rglob("*") if p.is_file())
        stamp = path.read_bytes().split(b" ")[0].decode()
        name = {
            "builds": str((tmp_path / "out").resolve()),
        }.get(level) or kept.entry(sources.find(tmp_path / "raw")[0][0])
        content = cache.get(tmp_path / "c", level, name, stamp)
        json.loads(content.partition(b"\n")[2] if level == "extracts" else content)
        assert str(tmp_path).encode() not in content


# --- what makes an entry stale ---


def modules_behind(module):
    """The modules of `ingest` that one imports, and those that they import."""
    seen, waiting = set(), [module]
    while waiting:
        name = waiting.pop()
        seen.add(name)
        paths = [PACKAGE / f"{name}.py", *(PACKAGE / name).rglob("*.py")]
        for path in filter(Path.is_file, paths):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module == "ingest":
                    waiting += {alias.name for alias in node.names} - seen
                elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("ingest."):
                    waiting += {node.module.split(".")[1]} - seen
    return seen


def test_all_code_that_makes_documents_is_in_their_stamp():
    assert modules_behind("documents") == set(cache.READING)


def test_all_libraries_that_make_documents_are_in_their_stamp():
    provided = metadata.packages_distributions()
    used = set()
    for module in cache.READING:
        for path in filter(
            Path.is_file, [PACKAGE / f"{module}.py", *(PACKAGE / module).rglob("*.py")]
        ):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    used |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    used.add(str(node.module).split(".")[0])
    used -= {"ingest", *sys.stdlib_module_names}
    packages = {re.sub("_", "-", p.lower()) for name in used for p in provided.get(name, [])}
    assert len(packages) > 5
    assert packages - set(cache.LIBRARIES) == set()


def test_the_codebook_and_the_code_have_stamps_of_their_own(monkeypatch):
    changed = replace(DEFINITIONS, sums=DEFINITIONS.sums[1:])
    assert kept.stamp(DEFINITIONS) == kept.stamp(replace(DEFINITIONS))
    assert kept.stamp(DEFINITIONS) != kept.stamp(changed)
    assert cache.code_of(["reading"]) != cache.code_of(["judging"])
    assert cache.code_of(["codebook"]) != cache.code_of(["nothing"])
    reading = cache.reading_stamp()
    monkeypatch.setattr(cache, "_version", lambda package: "another")
    cache.reading_stamp.cache_clear()
    try:
        assert cache.reading_stamp() != reading
    finally:
        cache.reading_stamp.cache_clear()


def test_mentions_are_what_the_type_says():
    """Fields are kept by their place, so that a new one must change nothing silently."""
    told = json.loads(cache.encode(mention("expenditure", "1.50")))
    assert len(told) == len(Mention.__dataclass_fields__)
