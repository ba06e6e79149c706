"""data/processed, as committed, is what `ingest build` makes of data/raw today."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.__main__ import main

ROOT = Path(__file__).resolve().parents[1]
COMMITTED = ROOT / "data" / "processed"
TABLES = sorted(p.name for p in COMMITTED.iterdir() if p.suffix in (".csv", ".json"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("processed")
    assert main(["build", str(ROOT / "data" / "raw"), "--out", str(out)]) == 0
    return out


@pytest.mark.parametrize("name", TABLES)
def test_the_committed_table_is_what_build_makes_of_data_raw(built: Path, name: str) -> None:
    now = (built / name).read_text(encoding="utf-8").splitlines()
    before = (COMMITTED / name).read_text(encoding="utf-8").splitlines()
    assert now == before, f"data/processed/{name} is stale: run `make` and commit what it changes"


def test_build_makes_no_other_files_than_those_committed(built: Path) -> None:
    assert sorted(p.name for p in built.iterdir()) == sorted(p.name for p in COMMITTED.iterdir())
