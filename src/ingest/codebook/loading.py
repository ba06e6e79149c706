"""Reads codebook folders, and complains about everything wrong in them at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from ingest.codebook import patterns
from ingest.codebook.model import (
    ROLES,
    Codebook,
    Construction,
    Family,
    Indicator,
    Sum,
    expand,
)
from ingest.documents.glyphs import fold

_WORDS = ("labels", "short_labels", "not_labels", "topic_labels")
_LISTS = ("dimensions", "also_called", *_WORDS, "examples", "counterexamples")
_OWN_TABLES = ("indicators", "sums", "constructions", "examples", "families", "units")
_COUNTS = ("insured", "posts", "satisfied")
_EXPRESSIONS = (
    "titles",
    "sentences",
    "other_units",
    "money",
    "costs",
    "modifiers",
    "classes",
    "expressions",
    "macros",
    "templates",
    "names",
    "measures",
    "asides",
    "posts_apart",
)
"""Tables of regular expressions and patterns, and of words that are no labels."""
_SKIPPED = ("quantities.toml",)
"""Read by `ingest.reading.quantities` itself: numbers are the same in every department."""


class CodebookError(ValueError):
    """A codebook is wrong. `complaints` holds every one of its mistakes, a line each."""

    def __init__(self, complaints: Sequence[str]) -> None:
        self.complaints = list(complaints)
        super().__init__(
            f"{len(self.complaints)} problem(s) in the codebook:\n"
            + "\n".join(f"  - {c}" for c in self.complaints)
            + "\nCorrect them in the files named and run `ingest check` again."
        )


@dataclass
class _Files:
    """The tables of all files, merged, with the file that each entry came from."""

    tables: dict[str, Any] = field(default_factory=dict)
    origin: dict[tuple[str, ...], str] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def where(self, *path: str) -> str:
        """The file of an entry and the entry's name, for a complaint."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origin:
                return f"{self.origin[path[:length]]}, {'.'.join(path)}"
        return ".".join(path)


def packaged(department: str = "medical") -> tuple[Path, ...]:
    """The folders that Xianbi brings for a department: what all have in common, then its own."""
    base = Path(str(resources.files("ingest").joinpath("codebook")))
    return (base / "common", base / department)


def load(*own: Path, base: Sequence[Path] | None = None) -> Codebook:
    """The codebook of the folders of `base` (default: the package's own), then of `own`.

    Raises CodebookError with every complaint when anything is wrong in any of them.

    >>> load().indicators["participation_rate"].unit
    '%'
    """
    return _load(tuple(packaged() if base is None else base) + own)


@lru_cache(maxsize=4)
def _load(folders: tuple[Path, ...]) -> Codebook:
    files = _Files()
    for folder in folders:
        _read_folder(folder, files)
    tables = files.tables
    families = _families(files)
    units = _texts(files, "units")
    read = _indicators(files, families, units).values()
    known = (i for i in read if i.family in families)
    indicators = {i.indicator: i for i in sorted(known, key=lambda i: families[i.family].order)}
    words = {name: table for name, table in tables.items() if name not in _OWN_TABLES}
    classes = _classes(files, words)
    _check_wordings(files, indicators, classes)
    _check_words(files, words, classes)
    indicators = _with_examples(files, indicators)
    sums = _sums(files, indicators)
    constructions = _constructions(files)
    _check_roles(files, indicators)
    book = Codebook(indicators, sums, constructions, families, units, words)
    if not files.complaints:
        _check_patterns(files, book)
    if files.complaints:
        raise CodebookError(files.complaints)
    return book


def _read_folder(folder: Path, files: _Files) -> None:
    found = sorted(p for p in folder.glob("*.toml") if p.name not in _SKIPPED)
    if not found:
        files.complaints.append(f"{folder.name}: no .toml file in this folder; put one there")
    for path in found:
        name = f"{folder.name}/{path.name}"
        try:
            held = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            files.complaints.append(f"{name}: {error}")
            continue
        _merge(files, held, name)


def _merge(files: _Files, held: Mapping[str, Any], name: str) -> None:
    """Lays a file over those read before: tables and lists are united, texts replaced."""
    stack: list[tuple[dict[str, Any], Mapping[str, Any], tuple[str, ...]]] = [
        (files.tables, held, ())
    ]
    while stack:
        into, table, path = stack.pop()
        for key, value in table.items():
            here = (*path, key)
            files.origin.setdefault(here, name)
            before = into.get(key)
            if isinstance(value, dict):
                if not isinstance(before, dict):
                    into[key] = before = {}
                stack.append((before, value, here))
            elif isinstance(value, list) and isinstance(before, list):
                into[key] = [*before, *(v for v in value if v not in before)]
            else:
                into[key] = list(value) if isinstance(value, list) else value


def _families(files: _Files) -> dict[str, Family]:
    found = {}
    for name, entry in files.tables.get("families", {}).items():
        fields = isinstance(entry, dict) and set(entry) <= {"name_zh", "order", "expected"}
        if not fields or not isinstance(entry.get("order"), int) or not entry.get("name_zh"):
            files.complaints.append(
                f"{files.where('families', name)}: give name_zh, a whole number as order, and "
                "expected = true where every report should state its figures"
            )
            continue
        found[name] = Family(**entry)
    return dict(sorted(found.items(), key=lambda item: item[1].order))


def _texts(files: _Files, table: str) -> dict[str, str]:
    held = files.tables.get(table, {})
    if not isinstance(held, dict) or not all(isinstance(v, str) for v in held.values()):
        files.complaints.append(f'{files.where(table)}: write it as name = "text"')
        return {}
    return dict(held)


def _indicators(
    files: _Files, families: Mapping[str, Family], units: Mapping[str, str]
) -> dict[str, Indicator]:
    found = {}
    for name, entry in files.tables.get("indicators", {}).items():
        indicator = _indicator(files, name, entry, families, units)
        if indicator:
            found[name] = indicator
    return found


def _indicator(
    files: _Files,
    name: str,
    entry: Mapping[str, Any],
    families: Mapping[str, Family],
    units: Mapping[str, str],
) -> Indicator | None:
    where = files.where("indicators", name)
    complaints = files.complaints
    known = set(Indicator.__dataclass_fields__) - {"indicator"}
    complaints += [f"{where}: unknown entry '{key}'" for key in entry if key not in known]
    missing = [k for k in ("family", "name_zh", "kind", "unit", "definition") if not entry.get(k)]
    if missing:
        complaints.append(f"{where}: {', '.join(missing)} missing")
        return None
    if not re.fullmatch("[a-z][a-z_]*", name):
        complaints.append(f"{where}: an id is English snake_case")
    if entry["family"] not in families:
        complaints.append(f"{where}: family '{entry['family']}' is none of {', '.join(families)}")
    if units.get(entry["kind"]) != entry["unit"]:
        complaints.append(
            f"{where}: kind '{entry['kind']}' and unit '{entry['unit']}' do not go together"
        )
    values: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in entry.items() if k in known
    }
    for key in _LISTS:
        held = values.get(key, ())
        if not isinstance(held, tuple) or not all(isinstance(v, str) for v in held):
            complaints.append(f"{where}: {key} is not a list of texts")
            values[key] = ()
    return Indicator(indicator=name, **values)


def _check_roles(files: _Files, indicators: Mapping[str, Indicator]) -> None:
    played: dict[str, str] = {}
    for name, indicator in indicators.items():
        where = files.where("indicators", name)
        if indicator.role and indicator.role not in ROLES:
            files.complaints.append(
                f"{where}: role '{indicator.role}' is none of {', '.join(ROLES)}"
            )
        elif indicator.role and played.setdefault(indicator.role, name) != name:
            files.complaints.append(
                f"{where}: the role '{indicator.role}' is already played by "
                f"{played[indicator.role]}; leave it out of one of them"
            )
        if indicator.counts not in _COUNTS:
            files.complaints.append(
                f"{where}: counts '{indicator.counts}' is none of {', '.join(_COUNTS)}"
            )


def _classes(files: _Files, words: Mapping[str, Any]) -> dict[str, str]:
    classes = words.get("classes", {})
    for name, wording in classes.items():
        try:
            expand(wording, classes)
        except ValueError as error:
            files.complaints.append(f"{files.where('classes', name)}: {error}")
        except RecursionError:
            files.complaints.append(f"{files.where('classes', name)}: the class names itself")
    return dict(classes)


def _check_wordings(
    files: _Files, indicators: Mapping[str, Indicator], classes: Mapping[str, str]
) -> None:
    """Complains about labels that cannot be read and wordings that two indicators claim.

    A wording may name one indicator and only look like another: the label wins then.
    """
    claimed: dict[str, str] = {}
    for name, indicator in indicators.items():
        where = files.where("indicators", name)
        for kind, label in ((k, label) for k in _WORDS for label in getattr(indicator, k)):
            try:
                wordings = expand(label, classes)
            except ValueError as error:
                files.complaints.append(f"{where}: {error}")
                continue
            for wording in wordings if kind not in ("not_labels", "topic_labels") else ():
                if claimed.setdefault(wording, name) != name:
                    files.complaints.append(
                        f"{where}: '{wording}' is already a label of {claimed[wording]}"
                    )


def _check_words(files: _Files, words: Mapping[str, Any], classes: Mapping[str, str]) -> None:
    """Complains about words that cannot be read."""
    for path, word in _every_word(words):
        try:
            expand(word, classes)
        except ValueError as error:
            files.complaints.append(f"{files.where(*path)}: {error}")


def _every_word(words: Mapping[str, Any]) -> Iterable[tuple[tuple[str, ...], str]]:
    """Every word of every list, with the names that lead to the list."""
    stack: list[tuple[tuple[str, ...], Any]] = [
        ((table,), held) for table, held in words.items() if table not in _EXPRESSIONS
    ]
    while stack:
        path, held = stack.pop()
        if isinstance(held, dict):
            stack += [((*path, name), inner) for name, inner in held.items()]
        elif isinstance(held, list):
            yield from ((path, word) for word in held if isinstance(word, str))


def _with_examples(files: _Files, indicators: dict[str, Indicator]) -> dict[str, Indicator]:
    """The indicators with what the tables of examples say of them."""
    merged = dict(indicators)
    for name, entry in files.tables.get("examples", {}).items():
        where = files.where("examples", name)
        if name not in indicators:
            files.complaints.append(f"{where}: no indicator named '{name}'")
            continue
        for key, sentences in entry.items():
            if key not in ("examples", "counterexamples"):
                files.complaints.append(f"{where}: unknown entry '{key}'")
            elif not isinstance(sentences, list) or not all(isinstance(s, str) for s in sentences):
                files.complaints.append(f"{where}: {key} is not a list of texts")
            else:
                held = getattr(merged[name], key)
                changed: dict[str, Any] = {key: (*held, *sentences)}
                merged[name] = replace(merged[name], **changed)
    return merged


def _sums(files: _Files, indicators: Mapping[str, Indicator]) -> tuple[Sum, ...]:
    sums = tuple(
        Sum(entry.get("by", ""), entry.get("whole", ""), tuple(entry.get("parts", ())))
        for entry in files.tables.get("sums", ())
    )
    for total in sums:
        for name in [total.whole, *(total.parts if total.by == "kind" else ())]:
            if name not in indicators:
                files.complaints.append(f"{files.where('sums')}: no indicator named '{name}'")
    return sums


def _constructions(files: _Files) -> tuple[Construction, ...]:
    found: dict[str, Construction] = {}
    known = set(Construction.__dataclass_fields__)
    for name, entry in files.tables.get("constructions", {}).items():
        where = files.where("constructions", name)
        unknown = [key for key in entry if key not in known - {"id"}]
        files.complaints += [f"{where}: unknown entry '{key}'" for key in unknown]
        missing = [key for key in ("pattern", "why") if not entry.get(key)]
        if missing or not (entry.get("binds") or entry.get("refuses")):
            lacks = missing or ["binds or refuses"]
            files.complaints.append(f"{where}: {', '.join(lacks)} missing")
            continue
        if not unknown:
            values: dict[str, Any] = {
                k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()
            }
            values["pattern"] = fold(values["pattern"])
            found[name] = Construction(id=name, **values)
    return tuple(found.values())


def _check_patterns(files: _Files, book: Codebook) -> None:
    for construction in book.constructions:
        for complaint in patterns.complaints(construction, book):
            files.complaints.append(f"{files.where('constructions', construction.id)}: {complaint}")
