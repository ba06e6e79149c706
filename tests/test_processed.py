"""data/processed, as committed, is what `ingest build` makes of data/raw today."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ingest.__main__ import main
from ingest.documents.readers import scan

ROOT = Path(__file__).resolve().parents[1]
COMMITTED = ROOT / "data" / "processed"
TABLES = sorted(p.name for p in COMMITTED.iterdir() if p.suffix in (".csv", ".json"))
needs_engine = pytest.mark.skipif(
    not scan.available(),
    reason="needs pip install rapidocr onnxruntime; all but the scanned report was compared",
)


def records(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def but_scanned(path: Path) -> list[list[str]]:
    """The rows of a table that are not about the scanned report."""
    rows = [row for row in records(path) if not SCANNED.intersection(row)]
    # The place in the list of questions moves up by those about the scan.
    return [row[1:] for row in rows] if path.name == "review.csv" else rows


SCANNED = {row[0] for row in records(COMMITTED / "documents.csv") if "rapidocr" in row[3]}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("processed")
    # A report that cannot be read is an error; a scan cannot without the engine.
    assert main(["build", str(ROOT / "data" / "raw"), "--out", str(out)]) == (not scan.available())
    return out


@pytest.mark.parametrize("name", TABLES)
def test_the_committed_table_is_what_build_makes_of_data_raw(built: Path, name: str) -> None:
    now = (built / name).read_text(encoding="utf-8").splitlines()
    before = (COMMITTED / name).read_text(encoding="utf-8").splitlines()
    if not scan.available() and name.endswith(".csv"):
        # The skipped test below says so.
        now, before = (but_scanned(folder / name) for folder in (built, COMMITTED))
    assert now == before, f"data/processed/{name} is stale: run `make` and commit what it changes"


def test_build_makes_no_other_files_than_those_committed(built: Path) -> None:
    assert sorted(p.name for p in built.iterdir()) == sorted(p.name for p in COMMITTED.iterdir())


@needs_engine
def test_the_figures_of_the_scanned_report_are_there_to_be_reviewed(built: Path) -> None:
    header, *mentions = records(built / "mentions.csv")
    rows = [dict(zip(header, row, strict=True)) for row in mentions if SCANNED.intersection(row)]
    assert len(SCANNED) == 1
    assert len(rows) == 8
    assert all(row["review"].startswith("read off a picture, confidence at least ") for row in rows)


def test_without_the_engine_the_scanned_report_is_one_issue_and_all_else_the_same(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "available", lambda: False)
    raw, out = ROOT / "data" / "raw", tmp_path / "out"
    assert main(["build", str(raw), "--out", str(out), "--jobs", "1", "--fresh"]) == 1
    for name in ("mentions.csv", "observations.csv", "audit.csv", "issues.csv"):
        of_scan = [row for row in records(out / name) if SCANNED.intersection(row)]
        assert len(of_scan) == (name == "issues.csv")
        assert but_scanned(out / name) == but_scanned(built / name)
