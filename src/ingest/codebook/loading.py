"""Reads codebook folders, and complains about everything wrong in them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingest.codebook import checking, patterns
from ingest.codebook.files import Files, Path_, base_of, kind_of, packaged, read
from ingest.codebook.model import SUMS, Codebook, Construction, Family, Indicator, Sum
from ingest.documents.glyphs import fold

__all__ = ["CodebookError", "load", "packaged"]

_OWN_TABLES = ("indicators", "sums", "constructions", "examples", "families", "units")


class CodebookError(ValueError):
    """A codebook is wrong. `complaints` holds every one of its mistakes, a line each."""

    def __init__(self, complaints: Sequence[str]) -> None:
        self.complaints = list(complaints)
        super().__init__(
            f"{len(self.complaints)} problem(s) in the codebook:\n"
            + "\n".join(f"  - {c}" for c in self.complaints)
            + "\nCorrect them in the files named and run `ingest check` again."
        )


def load(*own: Path, base: Sequence[Path] | None = None) -> Codebook:
    """The codebook of the folders of `base`, then of `own`.

    Without `base` these are the package's own: medical security, or what a folder of `own` says
    that it is laid over. Raises CodebookError with every complaint when anything is wrong in any.

    >>> load().indicators["participation_rate"].unit
    '%'
    """
    # Folders of one's own may change while the process lives.
    read_in = _load if not own else _load.__wrapped__
    return read_in(own, None if base is None else tuple(base))


@lru_cache(maxsize=4)
def _load(own: tuple[Path, ...], base: tuple[Path, ...] | None) -> Codebook:
    files = Files()
    for folder in (*(base_of(own, files) if base is None else base), *own):
        read(folder, files)
    families, units = _families(files), _units(files)
    classes = checking.classes(files)
    checking.words(files, classes)
    indicators = _with_examples(files, _indicators(files, families, units))
    sums = _sums(files, indicators)
    constructions = _constructions(files)
    checking.roles(files, indicators)
    checking.wordings(files, indicators, classes)
    checking.modifiers(files, units)
    checking.expressions(files)
    checking.references(files, indicators, families)
    words = {name: table for name, table in files.tables.items() if name not in _OWN_TABLES}
    words["classes"] = classes
    book = Codebook(
        indicators, sums, constructions, families, units, words, said_in=_said_in(files)
    )
    _check_patterns(files, book)
    if files.complaints:
        raise CodebookError(list(dict.fromkeys(files.complaints)))
    return book


def _families(files: Files) -> dict[str, Family]:
    found = {}
    for name in files.tables.get("families", {}):
        fields = checking.sound_fields(files, ("families", name), Family)
        if fields is None:
            continue
        written = files.tables["families"][name]
        missing = [key for key in ("name_zh", "order") if key not in written]
        if missing:
            files.complaints.append(
                f"{files.where('families', name)}: {', '.join(missing)} missing; write it"
            )
        elif {"name_zh", "order"} <= set(fields):
            found[name] = Family(**fields)
    return dict(sorted(found.items(), key=lambda item: item[1].order))


def _units(files: Files) -> dict[str, str]:
    found = {}
    for kind, unit in files.tables.get("units", {}).items():
        if isinstance(unit, str):
            found[kind] = unit
        else:
            files.complaints.append(
                f"{files.where('units', kind)}: is {kind_of(unit)}; write the unit as a text"
            )
    return found


def _indicators(
    files: Files, families: Mapping[str, Family], units: Mapping[str, str]
) -> dict[str, Indicator]:
    """The indicators that can be read, in the order of their families."""
    found = []
    for name in files.tables.get("indicators", {}):
        fields = checking.sound_fields(files, ("indicators", name), Indicator, own=("indicator",))
        if fields is not None and checking.indicator(files, name, fields, families, units):
            found.append(Indicator(indicator=name, **fields))
    found.sort(key=lambda indicator: families[indicator.family].order)
    return {indicator.indicator: indicator for indicator in found}


def _with_examples(files: Files, indicators: Mapping[str, Indicator]) -> dict[str, Indicator]:
    """The indicators with what the tables of examples say of them."""
    merged = dict(indicators)
    for name in files.tables.get("examples", {}):
        fields = checking.sound_fields(
            files, ("examples", name), Indicator, own=checking.NO_EXAMPLES
        )
        if name in merged and fields:
            changed: dict[str, Any] = {
                key: (*getattr(merged[name], key), *sentences) for key, sentences in fields.items()
            }
            merged[name] = replace(merged[name], **changed)
    return merged


def _sums(files: Files, indicators: Mapping[str, Indicator]) -> tuple[Sum, ...]:
    found = []
    for entry in files.tables.get("sums", ()):
        by, whole, parts = (entry.get(key) for key in ("by", "whole", "parts"))
        where = f"{files.file('sums')}, sums of '{whole}'"
        if by not in SUMS or not isinstance(parts, list) or not parts:
            files.complaints.append(
                f"{where}: is no sum; write by ({', '.join(SUMS)}), whole (an indicator) and parts "
                "(a list of indicators, or of groups of its population)"
            )
            continue
        for name in [whole, *(parts if by != "population" else ())]:
            if name not in indicators:
                files.complaints.append(
                    f"{where}: no indicator named '{name}'; write its id as it stands"
                )
        found.append(Sum(by, str(whole), tuple(map(str, parts))))
    return tuple(found)


def _constructions(files: Files) -> tuple[Construction, ...]:
    found = []
    for name in files.tables.get("constructions", {}):
        fields = checking.sound_fields(files, ("constructions", name), Construction, own=("id",))
        if fields is not None and checking.construction(files, name, fields):
            fields["pattern"] = fold(fields["pattern"])
            found.append(Construction(id=name, **{"why": "", **fields}))
    return tuple(found)


def _said_in(files: Files) -> dict[str, str]:
    """The files that say something of each indicator and construction."""
    found = {}
    for path, names in files.said_in.items():
        if len(path) == 2 and path[0] in ("indicators", "constructions"):
            also: Path_ = ("examples", path[1]) if path[0] == "indicators" else ()
            said = dict.fromkeys([*names, *files.said_in.get(also, ())])
            found[".".join(path)] = " and ".join(said)
    return found


def _check_patterns(files: Files, book: Codebook) -> None:
    """Complains about macros and constructions whose patterns cannot be read.

    A construction with a wrong macro is not told again.
    """
    wrong = False
    for name, complaint in patterns.of_macros(book):
        wrong = True
        files.complaints.append(f"{files.where('macros', name)}: {complaint}; mend the macro")
    for construction in () if wrong else book.constructions:
        for complaint in patterns.complaints(construction, book):
            files.complaints.append(
                f"{files.where('constructions', construction.id, 'pattern')}: {complaint}"
            )
