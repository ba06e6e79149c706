"""The TOML files of codebook folders, laid over each other, with the file that each entry came from."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

Path_ = tuple[str, ...]
"""The names that lead to an entry: ("spans", "link", "to")."""

LAID_OVER = "laid_over"
"""The entry by which a folder says what it lies over: medical, or what all departments have in common."""
COMMON = "common"
NUMBERS = "quantities.toml"
"""Read by `ingest.reading.quantities` itself: numbers are the same in every department."""
_OPEN = (
    "indicators",
    "constructions",
    "examples",
    "families",
    "units",
    "spans",
    "classes",
    "macros",
    "modifiers",
    "other_units",
    "costs",
)
"""Tables that may get entries of any name; what these hold is looked at when they are made records."""
_OPEN_BELOW = ("expressions", "periods")
_BASE = Path(str(resources.files("ingest").joinpath("codebook")))


@dataclass
class Files:
    """The tables of all files, united, and everything found wrong in them, a line each.

    `said_in` holds the files that say something of an entry, in the order they were read, and of a
    word of a list.
    """

    tables: dict[str, Any] = field(default_factory=dict)
    said_in: dict[Path_, list[str]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def where(self, *path: str, word: str = "") -> str:
        """The file of an entry (of a word in it) and the entry's name, for a complaint."""
        return f"{self.file(*path, word)}, {'.'.join(path)}"

    def file(self, *path: str) -> str:
        """The last file that says something of an entry, or of what it stands in."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.said_in:
                return self.said_in[path[:length]][-1]
        return "codebook"


def packaged(department: str = "medical") -> tuple[Path, ...]:
    """The folders that Xianbi brings for a department: what all have in common, then its own."""
    return (_BASE / COMMON,) if department == COMMON else (_BASE / COMMON, _BASE / department)


def base_of(own: Iterable[Path], files: Files) -> tuple[Path, ...]:
    """The folders of ours that folders of one's own are to lie over, as they say themselves."""
    known = _departments()
    for folder in own:
        for name, held in _tables(folder, Files()):
            said = held.get(LAID_OVER)
            if said in known:
                return packaged(said)
            if said is not None:
                files.complaints.append(
                    f"{name}, {LAID_OVER}: '{said}' is none of {', '.join(known)}; write one of "
                    "them, or leave it out"
                )
    return packaged()


def _departments() -> list[str]:
    return sorted(p.name for p in _BASE.iterdir() if any(p.glob("*.toml")))


def read(folder: Path, files: Files) -> None:
    """Lays the files of a folder over those read before."""
    ours = folder.parent == _BASE
    for name, held in _tables(folder, files):
        held.pop(LAID_OVER, None)
        _unite(files, held, name, {} if ours else _entries_of_ours())


def _tables(folder: Path, files: Files) -> Iterable[tuple[str, dict[str, Any]]]:
    """The files of a folder that can be read, by their names with that of the folder."""
    found = sorted(p for p in folder.glob("*.toml") if p.name != NUMBERS or folder.parent == _BASE)
    skipped = folder / NUMBERS
    if skipped.exists() and skipped not in found:
        files.complaints.append(
            f"{folder.name}/{NUMBERS}: nothing reads a file of this name, since numbers are the "
            "same everywhere; give it another name if it holds words"
        )
    if not found:
        files.complaints.append(f"{folder.name}: no .toml file in this folder; put one there")
    for path in found:
        if path.name == NUMBERS:
            continue
        name = f"{folder.name}/{path.name}"
        try:
            yield name, tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except tomllib.TOMLDecodeError as error:
            files.complaints.append(
                f"{name}: is no TOML: {error}; look there for a quotation mark, a bracket or a "
                "comma too few, or for a name written twice"
            )
        except UnicodeDecodeError as error:
            files.complaints.append(
                f"{name}: is not in UTF-8 (byte {error.start}); save the file as UTF-8"
            )


def _unite(
    files: Files, held: Mapping[str, Any], name: str, ours: Mapping[Path_, tuple[str, str]]
) -> None:
    """Lays a file over those before: tables and lists are united, all else is replaced.

    `ours` says what entries there are, and of what kind. What fits none of them is left out and
    complained about: nothing would read it.
    """
    stack: list[tuple[dict[str, Any], Mapping[str, Any], Path_]] = [(files.tables, held, ())]
    while stack:
        into, table, path = stack.pop()
        for key, value in table.items():
            here = (*path, key)
            wrong = _wrong_entry(here, value, ours)
            if wrong:
                files.complaints.append(f"{name}, {'.'.join(here)}: {wrong}")
                continue
            _note(files, here, name)
            if isinstance(value, dict):
                stack.append((into.setdefault(key, {}), value, here))
            elif isinstance(value, list):
                before = into.get(key, [])
                into[key] = [*before, *(v for v in value if v not in before)]
                for word in value:
                    if isinstance(word, str) and word not in before:
                        _note(files, (*here, word), name)
            else:
                into[key] = value


def _note(files: Files, path: Path_, name: str) -> None:
    said = files.said_in.setdefault(path, [])
    if name not in said:
        said.append(name)


def _wrong_entry(here: Path_, value: Any, ours: Mapping[Path_, tuple[str, str]]) -> str:
    """What is wrong with an entry at this place, "" if nothing is."""
    if not ours:
        return ""
    if here not in ours:
        if here[0] in _OPEN and len(here) > 1:
            return ""
        if here[: len(_OPEN_BELOW)] == _OPEN_BELOW and len(here) > len(_OPEN_BELOW):
            return ""
        siblings = [p[-1] for p in ours if p[:-1] == here[:-1]]
        near = difflib.get_close_matches(here[-1], siblings, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(sorted(siblings))}"
        return f"nothing reads an entry of this name; {hint}"
    kind, inner = ours[here]
    if kind_of(value) != kind:
        return f"is {kind_of(value)}; write {kind}{f' of {inner}' if inner else ''}"
    if inner and any(_several(v) != inner for v in value):
        other = next(v for v in value if _several(v) != inner)
        return f"holds {kind_of(other)} ({other}); write {inner} only"
    return ""


@lru_cache(maxsize=1)
def _entries_of_ours() -> dict[Path_, tuple[str, str]]:
    """Every entry of our own folders, with the kind of its value and of what a list holds."""
    found: dict[Path_, tuple[str, str]] = {}
    for department in _departments():
        stack: list[tuple[Mapping[str, Any], Path_]] = [
            (held, ()) for _, held in _tables(_BASE / department, Files())
        ]
        while stack:
            table, path = stack.pop()
            for key, value in table.items():
                here = (*path, key)
                if isinstance(value, dict):
                    stack.append((value, here))
                inner = _several(value[0]) if isinstance(value, list) and value else ""
                found[here] = (kind_of(value), inner or found.get(here, ("", ""))[1])
    return found


def kind_of(value: object) -> str:
    """What a value of a TOML file is, in words.

    >>> kind_of(True), kind_of(["a"]), kind_of(3)
    ('true or false', 'a list', 'a number')
    """
    for kind, name in _KINDS:
        if isinstance(value, kind):
            return name
    return "a date"


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "a text"),
    (list, "a list"),
    (dict, "a table"),
)


def _several(value: object) -> str:
    """What a list of such values holds, in words."""
    kind = kind_of(value)
    return f"{kind.partition(' ')[2]}s" if kind.startswith("a ") else kind
