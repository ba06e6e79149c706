"""What keeps the reading general: its words, its ids and its limits stand in data, never in code."""

import ast
import re
import tomllib
from dataclasses import replace
from functools import cache
from itertools import count, product
from pathlib import Path
from string import ascii_lowercase

import pytest

from ingest import pipeline
from ingest.codebook.files import NUMBERS
from ingest.codebook.loading import load, packaged
from ingest.codebook.model import ROLES
from ingest.documents import sources

ROOT = Path(__file__).parent.parent
SRC = ROOT / "src/ingest"
REPORTS = ROOT.parent / "shared/reports"
"""Reports that lie beside a checkout; they are nobody's to publish."""
PREPARED = Path(__file__).parent / "accuracy/reports"
DOCUMENTS = 40
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_RANGE = "\u4e00-\u9fff"
"""The range of a regular expression that stands for any Han character; in code it may be spelt out."""


def literals(path):
    """The string literals of a module that are no docstrings, with their lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    # A string on a line of its own explains what stands above it.
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def modules(*folders):
    found = sorted(path for folder in folders for path in folder.rglob("*.py"))
    assert found
    return found


# --- no wording in code ---------------------------------------------------------------------------

NUMERALS = {
    "reading/meaning.py": {
        r"^[(\[]?[\d一二三四五六七八九十]{1,3}[)\]、.]",
        r"^.*(?:19|20)\d\d[^\d,;:]{0,2}(?<=[年度])",
    },
}
"""The numbers of list items and the sign of a year, in expressions that wait to become data."""


def test_no_wording_stands_in_the_code_that_reads():
    found = {}
    for path in modules(SRC / "reading", SRC / "codebook"):
        words = {text for _, text in literals(path) if _HAN.search(text.replace(_RANGE, ""))}
        if words:
            found[path.relative_to(SRC).as_posix()] = words
    assert found == NUMERALS, "write the words into a table of the codebook"


# --- no id in code --------------------------------------------------------------------------------


def test_no_id_of_an_indicator_stands_in_code():
    """What is known of an indicator are its properties and its role, never its name."""
    ids = set(load().indicators) - set(ROLES)
    found = [
        f"{path.relative_to(SRC).as_posix()}, line {line}: {name}"
        for path in modules(SRC)
        for line, text in literals(path)
        for name in re.findall("[a-z_]+", text)
        if name in ids
    ]
    assert found == [], "ask for the indicator of a role (Codebook.of_role) or for a property"


# --- ids renamed ----------------------------------------------------------------------------------


@cache
def names():
    """Another id for every indicator: x_aa, x_ab, …, in no order of the old ones."""
    letters = ("".join(pair) for pair in product(ascii_lowercase, repeat=2))
    return {old: f"x_{new}" for old, new in zip(reversed(load().indicators), letters, strict=False)}


def renamed(value, path=()):
    """A table of a codebook in which every indicator has its other id; roles keep theirs."""
    new = names()
    if isinstance(value, dict):
        keys = new if path in (("indicators",), ("examples",)) else {}
        return {keys.get(k, k): renamed(v, (*path, k)) for k, v in value.items()}
    if isinstance(value, list):
        return [renamed(v, path) for v in value]
    if not isinstance(value, str):
        return value
    place = path[-1]
    if place in ("indicator", "of", "whole", "parts"):
        return new.get(value, value)
    if place in ("numerator", "denominator"):
        return re.sub("[a-z_]+(?=/)", lambda m: new[m[0]], value)
    if place == "states":
        name, _, rest = value.partition(" ")
        return f"{new[name]} {rest}"
    return value


def toml(value):
    """A value as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return quoted(value)
    return str(value).lower()


def quoted(text):
    escaped = "".join(
        f"\\{c}" if c in '\\"' else c if c.isprintable() else f"\\u{ord(c):04x}" for c in text
    )
    return f'"{escaped}"'


@pytest.fixture(scope="module")
def other_book(tmp_path_factory):
    """The codebook under other ids, read from files like any other."""
    folders = []
    for number, folder in enumerate(packaged()):
        written = tmp_path_factory.mktemp(f"folder{number}")
        for path in folder.glob("*.toml"):
            if path.name != NUMBERS:
                table = renamed(tomllib.loads(path.read_text(encoding="utf-8")))
                lines = [f"{quoted(k)} = {toml(v)}" for k, v in table.items()]
                (written / path.name).write_text("\n".join(lines), encoding="utf-8")
        folders.append(written)
    return load(base=folders)


def test_the_renamed_codebook_knows_no_old_id(other_book):
    assert set(other_book.indicators) == set(names().values())
    held = repr(other_book)
    assert [old for old in names() if old not in ROLES and f"'{old}'" in held] == []


def said(report, ids):
    """What a report gives under the ids `ids` leads to: figures, refusals and checks, in no order."""
    numbers = count()
    fresh = {m.mention_id: next(numbers) for m in sorted(report.mentions, key=_place(ids))}
    figures = {(fresh[m.mention_id], replace(m, mention_id="", indicator=ids[m.indicator]))
               for m in report.mentions}  # fmt: skip
    refused = {(r.start, r.end, ids.get(r.indicator, "")) for r in report.refusals}
    checks = {
        replace(f, indicator=ids[f.indicator], formula="", mention_ids=_numbers(f, fresh))
        for f in report.findings
    }
    return figures, refused, checks


def _numbers(finding, fresh):
    return tuple(sorted(fresh[mention] for mention in finding.mention_ids))


def _place(ids):
    return lambda m: (
        m.start,
        m.end,
        ids[m.indicator],
        m.scenario,
        m.population,
        m.value,
        m.subject,
    )


def assert_same_under_other_ids(found, other_book):
    book, new = load(), names()
    same = {name: name for name in new.values()}
    figures = 0
    for source in found:
        report = pipeline.read_report(source, book)
        other = pipeline.read_report(source, other_book)
        for own, others in zip(said(report, new), said(other, same), strict=True):
            assert own == others, source.document
        figures += len(report.mentions)
    assert figures > 3 * len(found)


def test_other_ids_change_no_figure_of_prepared_reports(other_book):
    found = sources.find(PREPARED)[0]
    assert_same_under_other_ids(found[:: len(found) // DOCUMENTS][:DOCUMENTS], other_book)


@pytest.mark.skipif(not REPORTS.is_dir(), reason="no folder of reports beside the repository")
def test_other_ids_change_no_figure_of_the_reports_beside_the_repository(other_book):
    found = sources.find(REPORTS)[0]
    assert found
    assert_same_under_other_ids(found, other_book)


# --- small functions ------------------------------------------------------------------------------


def test_no_function_may_be_complex():
    """The limits hold for all of src: no file is let off."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"][
        "lint"
    ]
    rules = {"C901", "PLR0912", "PLR0915"}
    assert rules <= set(lint["select"])
    assert not rules & set(lint["ignore"])
    assert lint["mccabe"]["max-complexity"] <= 12
    assert lint["pylint"]["max-branches"] <= 12
    assert lint["pylint"]["max-statements"] <= 50
    let_off = {
        place: codes
        for place, codes in lint.get("per-file-ignores", {}).items()
        if any(rule.startswith(code) or code == "ALL" for code in codes for rule in rules)
    }
    assert let_off == {}
    marked = [
        path.relative_to(ROOT).as_posix()
        for path in modules(ROOT / "src")
        if re.search("noqa(?!:)|noqa:.*(?:C90|PLR)|ruff: *noqa", path.read_text(encoding="utf-8"))
    ]
    assert marked == []
