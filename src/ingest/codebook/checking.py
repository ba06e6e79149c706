"""What can be wrong in tables of a codebook, each said with the place, what is there and what to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from ingest.codebook.files import Files, Path_, kind_of
from ingest.codebook.model import (
    ASKS,
    DIMENSIONS,
    NO_GROUPS,
    ROLES,
    SCENARIOS,
    SETS,
    Family,
    Indicator,
    Modifier,
    expand,
)

WORDS = ("labels", "short_labels", "not_labels", "topic_labels")
NO_EXAMPLES = tuple(
    name for name in Indicator.__dataclass_fields__ if name not in ("examples", "counterexamples")
)
"""What a table of examples does not hold."""
_COUNTS = {"insured": "group", "posts": "staff_group", "satisfied": "satisfied_group"}
"""What an indicator may count, and the spans that hold the groups of it."""
_EXPRESSIONS = ("titles", "sentences", "expressions", "asides")
"""Tables in which every text is a regular expression, but for lists of plain words."""
_OF_NAMES = ("towns", "some_towns", "asked", "openings", "around_a_name")
"""Lists of the table `names` that hold regular expressions, not words."""
_NO_WORDS = (
    *_EXPRESSIONS,
    "other_units",
    "money",
    "costs",
    "modifiers",
    "classes",
    "macros",
    "templates",
    "names",
    "measures",
    "posts_apart",
)
"""Tables that hold no words in the language of labels."""


def _is_list(of: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(isinstance(v, of) for v in value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_WANTED: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "str": ("a text", lambda value: isinstance(value, str)),
    "bool": ("true or false", lambda value: isinstance(value, bool)),
    "int": ("a whole number", lambda value: _is_number(value) and isinstance(value, int)),
    "float | None": ("a number", _is_number),
    "tuple[str, ...]": ("a list of texts", _is_list(str)),
    "tuple[Mapping[str, Any], ...]": ("a list of tables", _is_list(dict)),
    "Mapping[str, Any]": ("a table", lambda value: isinstance(value, dict)),
    "Mapping[str, str]": ("a table", lambda value: isinstance(value, dict)),
}
"""What a field of a record wants to be written as, by the type that the record gives it."""


def sound_fields(
    files: Files, path: Path_, record: type, own: Collection[str] = ()
) -> dict[str, Any] | None:
    """The fields of an entry that can be read as a record's, complaining about all others.

    `own` are fields of the record that no file may write. None if the entry is no table.
    """
    entry: Any = files.tables
    for name in path:
        entry = entry[name]
    if not isinstance(entry, dict):
        files.complaints.append(
            f"{files.where(*path)}: is {kind_of(entry)}; write a table [{'.'.join(path)}]"
        )
        return None
    types = {k: f.type for k, f in record.__dataclass_fields__.items() if k not in own}  # type: ignore[attr-defined]
    sound = {}
    for key, value in entry.items():
        where = files.where(*path, key)
        if key not in types:
            near = difflib.get_close_matches(key, types, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(types)}"
            files.complaints.append(f"{where}: unknown entry '{key}'; {hint}")
            continue
        wanted, fits = _WANTED[types[key]]
        if fits(value):
            sound[key] = tuple(value) if isinstance(value, list) else value
        else:
            found = kind_of(value) if isinstance(value, list | dict) else repr(value)
            files.complaints.append(f"{where}: is {found}; write {wanted}")
    return sound


def one_of(files: Files, path: Path_, value: str, known: Iterable[str]) -> bool:
    """Whether a value is one of those known; complains if it is not."""
    names = list(known)
    if value not in names:
        near = difflib.get_close_matches(value, names, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "write one of them"
        files.complaints.append(
            f"{files.where(*path, word=value)}: '{value}' is none of {', '.join(names)}; {hint}"
        )
    return value in names


# --- indicators -----------------------------------------------------------------------------------


def indicator(
    files: Files,
    name: str,
    fields: Mapping[str, Any],
    families: Mapping[str, Family],
    units: Mapping[str, str],
) -> bool:
    """Whether an indicator can be made of these fields; complains about what is wrong in them."""
    path = ("indicators", name)
    missing = [k for k in ("family", "name_zh", "kind", "unit", "definition") if not fields.get(k)]
    written = files.tables["indicators"][name]
    absent = [key for key in missing if key not in written or not written[key]]
    if absent:
        files.complaints.append(f"{files.where(*path)}: {', '.join(absent)} missing; write it")
    if missing:
        return False
    if not re.fullmatch("[a-z][a-z_]*", name):
        files.complaints.append(
            f"{files.where(*path)}: '{name}' is no id; write small English letters joined by _"
        )
    known = one_of(files, (*path, "family"), fields["family"], families)
    if one_of(files, (*path, "kind"), fields["kind"], units):
        unit = units[fields["kind"]]
        if fields["unit"] != unit:
            files.complaints.append(
                f"{files.where(*path, 'unit')}: '{fields['unit']}' is not what kind "
                f"'{fields['kind']}' is counted in; write '{unit}', or another kind"
            )
    for dimension in fields.get("dimensions", ()):
        one_of(files, (*path, "dimensions"), dimension, DIMENSIONS)
    one_of(files, (*path, "counts"), fields.get("counts", "insured"), _COUNTS)
    if fields.get("role"):
        one_of(files, (*path, "role"), fields["role"], ROLES)
    return known


def roles(files: Files, indicators: Mapping[str, Indicator]) -> None:
    """Complains about roles that two indicators play."""
    played: dict[str, str] = {}
    for name, entry in indicators.items():
        if entry.role and played.setdefault(entry.role, name) != name:
            files.complaints.append(
                f"{files.where('indicators', name, 'role')}: the role '{entry.role}' is already "
                f"played by {played[entry.role]}; leave it out of one of them"
            )


def references(
    files: Files, indicators: Mapping[str, Indicator], families: Mapping[str, Family]
) -> None:
    """Complains about names of indicators, families and groups that nothing bears."""
    for path, name in _named_indicators(files.tables, indicators):
        if name not in indicators:
            near = difflib.get_close_matches(name, indicators, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "write one, or its id as it stands"
            files.complaints.append(
                f"{files.where(*path, word=name)}: no indicator named '{name}'; {hint}"
            )
    for path in (("counted_families", "names"), ("ratios", "families")):
        for name in files.tables.get(path[0], {}).get(path[1], ()):
            one_of(files, path, name, families)
    spans = files.tables.get("spans", {})
    for name, entry in indicators.items():
        groups = [g for g in spans.get(_COUNTS.get(entry.counts, ""), ()) if g not in NO_GROUPS]
        if entry.population != "all":
            one_of(files, ("indicators", name, "population"), entry.population, ["all", *groups])


def _named_indicators(
    tables: Mapping[str, Any], indicators: Mapping[str, Indicator]
) -> Iterator[tuple[Path_, str]]:
    """Every id of an indicator that a table names, with the names that lead to the table."""
    for name, entry in indicators.items():
        for key in ("numerator", "denominator"):
            for term in filter(None, getattr(entry, key).split(" - ")):
                yield ("indicators", name, key), term.partition("/")[0]
    for name in tables.get("examples", {}):
        yield ("examples",), name
    for key in ("kinds", "leads"):
        for rule in tables.get("ratios", {}).get(key, ()):
            yield ("ratios", key), str(rule.get("indicator", ""))
            yield from ((("ratios", key), str(of)) for of in rule.get("of", ()))
    for entry in tables.get("qualitative", {}).get("alone", ()):
        yield ("qualitative", "alone"), str(entry.get("indicator", ""))


# --- words ----------------------------------------------------------------------------------------


def classes(files: Files) -> dict[str, str]:
    """The classes as labels that stand for all their members; one that cannot be read is empty."""
    held: dict[str, str] = {}
    for name, members in files.tables.get("classes", {}).items():
        held[name] = ""
        if _is_list(str)(members):
            held[name] = "{" + "|".join(members) + "}"
        else:
            files.complaints.append(
                f"{files.where('classes', name)}: is not a list of texts; write "
                f'{name} = ["…", "…"], all of which say the same'
            )
    wrong = set()
    for name in held:
        try:
            expand(held[name], held)
        except ValueError as error:
            wrong.add(name)
            files.complaints.append(f"{files.where('classes', name)}: {error}; take it out")
    return {name: "" if name in wrong else label for name, label in held.items()}


def wordings(files: Files, indicators: Mapping[str, Indicator], classes: Mapping[str, str]) -> None:
    """Complains about labels that cannot be read and wordings that two indicators claim.

    A wording may name one indicator and only look like another: the label wins then.
    """
    claimed: dict[str, str] = {}
    # Whoever was read last is told that another has the label already.
    for name in (n for n in files.tables.get("indicators", {}) if n in indicators):
        for kind in WORDS:
            for label in getattr(indicators[name], kind):
                where = files.where("indicators", name, kind, word=label)
                for wording in _wordings(files, where, label, classes):
                    other = claimed.get(wording, name)
                    if kind in ("not_labels", "topic_labels"):
                        continue
                    if other != name:
                        files.complaints.append(
                            f"{where}: '{wording}' is already a label of {other} "
                            f"({files.file('indicators', other)}); take it off one of them"
                        )
                    claimed.setdefault(wording, name)


def _wordings(files: Files, where: str, label: str, classes: Mapping[str, str]) -> list[str]:
    try:
        found = expand(label, classes)
    except ValueError as error:
        files.complaints.append(f"{where}: {error}; mend the word")
        return []
    if not all(found):
        files.complaints.append(f"{where}: '{label}' may be nothing at all; let some of it stay")
    return [wording for wording in found if wording]


def words(files: Files, classes: Mapping[str, str]) -> None:
    """Complains about spans that are no lists, emptying them, and words that cannot be read."""
    for name, lists in files.tables.get("spans", {}).items():
        if not isinstance(lists, dict) or not all(_is_list(str)(v) for v in lists.values()):
            files.complaints.append(
                f"{files.where('spans', name)}: is not lists of texts; write [spans.{name}] and "
                'below it word = ["…", "…"]'
            )
            files.tables["spans"] = {**files.tables["spans"], name: {}}
    for path, word in _every_word(files.tables):
        try:
            expand(word, classes)
        except ValueError as error:
            files.complaints.append(f"{files.where(*path, word=word)}: {error}; mend the word")


def _every_word(tables: Mapping[str, Any]) -> Iterator[tuple[Path_, str]]:
    """Every word of every list, with the names that lead to the list."""
    records = ("indicators", "sums", "constructions", "examples", "families", "units")
    stack: list[tuple[Path_, Any]] = [
        ((table,), held)
        for table, held in tables.items()
        if table not in _NO_WORDS and table not in records
    ]
    while stack:
        path, held = stack.pop()
        if isinstance(held, dict):
            stack += [((*path, name), inner) for name, inner in held.items()]
        elif isinstance(held, list):
            yield from ((path, word) for word in held if isinstance(word, str))


def modifiers(files: Files, kinds: Collection[str]) -> None:
    """Complains about modifiers, and about words for scenarios that no modifier explains."""
    held = files.tables.get("modifiers", {})
    for name in held:
        fields = sound_fields(files, ("modifiers", name), Modifier)
        if fields is None:
            continue
        one_of(files, ("modifiers", name, "scenario"), fields.get("scenario", ""), SCENARIOS)
        for kind in fields.get("kinds", ()):
            one_of(files, ("modifiers", name, "kinds"), kind, kinds)
    for name in files.tables.get("spans", {}).get("scenario", ()):
        if name not in ("none", *held):
            files.complaints.append(
                f"{files.where('spans', 'scenario', name)}: no modifier says what these words "
                f'tell; write [modifiers.{name}] with scenario = "target" or another, or put the '
                f"words into one of {', '.join(held)}"
            )


def expressions(files: Files) -> None:
    """Complains about regular expressions that cannot be compiled, and about costs."""
    for path, text in _every_expression(files.tables):
        try:
            re.compile(text.replace("(?<first>", "(?P<first>").replace("(?<last>", "(?P<last>"))
        except re.error as error:
            files.complaints.append(
                f"{files.where(*path, word=text)}: '{text}' is no regular expression ({error}); "
                "mend it, or write \\\\ before a sign that stands for itself"
            )
    for name, cost in files.tables.get("costs", {}).items():
        if not _is_number(cost):
            files.complaints.append(
                f"{files.where('costs', name)}: is {kind_of(cost)}; write a number"
            )


def _every_expression(tables: Mapping[str, Any]) -> Iterator[tuple[Path_, str]]:
    stack: list[tuple[Path_, Any]] = [((t,), tables.get(t, {})) for t in (*_EXPRESSIONS, "names")]
    while stack:
        path, held = stack.pop()
        if isinstance(held, dict):
            stack += [((*path, name), inner) for name, inner in held.items()]
        elif isinstance(held, str):
            yield path, held
        elif isinstance(held, list) and (path[0] == "asides" or path[-1] in _OF_NAMES):
            yield from ((path, text) for text in held)


# --- constructions --------------------------------------------------------------------------------


def construction(files: Files, name: str, fields: Mapping[str, Any]) -> bool:
    """Whether a construction can be made of these fields; complains about what is wrong in them."""
    path = ("constructions", name)
    written = files.tables["constructions"][name]
    missing = [key for key in ("pattern", "why") if not written.get(key)]
    if not (written.get("binds") or written.get("refuses")):
        missing.append("binds or refuses")
    if missing:
        files.complaints.append(f"{files.where(*path)}: {', '.join(missing)} missing; write it")
        return False
    if written.get("binds") and written.get("refuses"):
        files.complaints.append(
            f"{files.where(*path)}: binds a figure and refuses it; leave one of the two out"
        )
    for key, known in (("asks", ASKS), ("sets", SETS)):
        for asked, value in fields.get(key, {}).items():
            if one_of(files, (*path, key), asked, known) and asked == "role":
                for role in [value] if isinstance(value, str) else value:
                    one_of(files, (*path, key), role, ROLES)
    if fields.get("sets", {}).get("scenario"):
        one_of(files, (*path, "sets"), fields["sets"]["scenario"], SCENARIOS)
    spans = files.tables.get("spans", {})
    lists = [f"{kind}.{value}" for kind, values in spans.items() for value in values]
    for swapped in fields.get("swap", ()):
        if swapped not in lists:
            near = difflib.get_close_matches(swapped, lists, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "write type.list"
            files.complaints.append(
                f"{files.where(*path, 'swap', word=swapped)}: no list of words named "
                f"'{swapped}'; {hint}"
            )
    return "pattern" in fields
