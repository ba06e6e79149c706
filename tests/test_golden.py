"""What the sample reports give, as a person reads it: figures, checks, questions, issues of each.

`golden/` holds one file a report. A file that is missing is written, and the test fails so that
somebody looks at it. To accept a change: delete the file, run the tests twice, and read the diff.
"""

import csv
import difflib
import re
from pathlib import Path

import pytest
from handmade import DEFINITIONS

from ingest import pipeline
from ingest.documents.readers import scan

ROOT = Path(__file__).parent.parent
RAW = ROOT / "data/raw"
GOLDEN = Path(__file__).parent / "golden"
TABLES = ("observations", "audit", "review", "issues")
REPORTS = sorted(p.relative_to(RAW).as_posix() for p in RAW.rglob("*") if p.is_file())
# Numbers of mentions move with every mention found before them, and say nothing to a reader.
_MENTION = re.compile(r" ?\(?[0-9a-f]{10}-\d{4}\)?")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The tables of data/raw, by name."""
    out = tmp_path_factory.mktemp("processed")
    pipeline.build(RAW, out, DEFINITIONS)
    found = {}
    for name in TABLES:
        with (out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found[name] = list(csv.DictReader(file))
    return found


def named(row):
    """What a row is about: the dimensions that are not the usual ones."""
    parts = [row["year"], row["indicator"], row.get("scenario", "")]
    parts += [row["population"], row["basis"]]
    parts.append("" if row["subject"] == "部门整体" else row["subject"])
    return " ".join(part for part in parts if part)


def page(built, document):
    """The golden file of a report."""
    observations, checks, questions, issues = (
        [row for row in built[name] if row["document"] == document] for name in TABLES
    )
    lines = [f"# {document}", "", "## figures"]
    for row in observations:
        value = f"{row['comparator']} {row['value'] or 'undefined'} {row['unit']}"
        lines.append(f"{named(row)} {value} ({row['status']})")
        lines += [f"    {note}" for note in row["note"].split("; ") if note]
    lines += ["", "## checks"]
    for row in checks:
        lines.append(f"{row['verdict']} {row['kind']}: {named(row)}: {row['formula']}")
        if row["verdict"] == "disagree":
            lines += [f"    {quote}" for quote in row["quotes"].split("|")]
    lines += ["", "## questions"]
    for row in questions:
        lines.append(f"{row['kind']}: {named(row)}: {row['readings'].replace('|', ' or ')}")
        lines += [f"    {quote}" for quote in row["quotes"].split("|")]
    lines += ["", "## issues"]
    lines += [f"{row['kind']} ({row['where']}): {row['message']}" for row in issues]
    return _MENTION.sub("", "\n".join(lines)) + "\n"


def golden_name(document):
    """A report keeps its golden file when it is typeset into another format."""
    return document.rsplit(".", 1)[0].replace("/", "-")


@pytest.mark.parametrize("document", REPORTS)
def test_a_sample_report_gives_what_was_accepted(built, document):
    file = GOLDEN / f"{golden_name(document)}.txt"
    found = page(built, document)
    if "pictures without text" in found and not scan.available():
        pytest.skip(f"{document} is a scan: reading it needs pip install rapidocr onnxruntime")
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8", newline="\n")
        pytest.fail(f"{file.relative_to(ROOT).as_posix()} was written: please review it")
    accepted = file.read_text(encoding="utf-8")
    if found != accepted:
        diff = difflib.unified_diff(
            accepted.splitlines(), found.splitlines(), "accepted", "found", lineterm="", n=1
        )
        pytest.fail(
            f"{document} now gives something else. If that is right, delete "
            f"{file.relative_to(ROOT).as_posix()}, run the tests twice and read the diff:\n"
            + "\n".join(diff)
        )


def test_there_is_no_golden_file_without_a_report():
    kept = {path.stem for path in GOLDEN.glob("*.txt")}
    assert kept <= set(map(golden_name, REPORTS))
