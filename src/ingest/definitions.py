"""Loads the codebook and the context words, and complains about everything wrong in them at once.

Labels are written in a small language that a person can read: `[x]` may be missing, `{a|b}` is one
of several, `<name>` stands for the class of that name in `context.toml`; all else is literal.
Full-width and traditional forms need not be listed: texts are folded before they are matched.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from ingest.documents.glyphs import fold

FAMILIES = ("budget", "three_public", "participation", "reimbursement", "supplementary")
UNITS = {"amount": "万元", "rate": "%", "count": "人", "score": "分"}
_WORDS = ("labels", "short_labels", "not_labels")
_LISTS = ("dimensions", "also_called", *_WORDS, "examples", "counterexamples")


class DefinitionError(ValueError):
    """The definitions are wrong. `complaints` holds every one of them, a line each."""

    def __init__(self, complaints: list[str]) -> None:
        self.complaints = complaints
        super().__init__(
            f"{len(complaints)} problem(s) in the definitions:\n"
            + "\n".join(f"  - {c}" for c in complaints)
            + "\nCorrect them in src/ingest/definitions/ and run `ingest check` again."
        )


@dataclass(frozen=True)
class Indicator:
    """One row of the codebook, with the labels that reports use for it.

    `numerator` and `denominator` are read as "indicator/scenario" terms (see `ingest.judging.audit`).
    `labels` name the indicator; `short_labels` do so only in a list under its whole;
    `not_labels` look alike and are not. `examples` hold the labels, `counterexamples` what must
    not be read as the indicator. `population` is the group that a figure is of where the report
    names none. `lowest` and `highest` bound a believable value.
    """

    indicator: str
    family: str
    name_zh: str
    kind: str
    unit: str
    definition: str
    numerator: str = ""
    denominator: str = ""
    dimensions: tuple[str, ...] = ()
    population: str = "all"
    also_called: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    short_labels: tuple[str, ...] = ()
    not_labels: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True)
class Sum:
    """A whole and its parts: other indicators (`by` = "kind") or populations of the same one."""

    by: str
    whole: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Definitions:
    """The codebook (by indicator id, in its order), the sums to check, and the context words."""

    indicators: dict[str, Indicator]
    sums: tuple[Sum, ...]
    context: dict[str, Any] = field(default_factory=dict)


def expand(label: str, classes: dict[str, str]) -> list[str]:
    """All the wordings that a label stands for, folded, in the order written.

    `classes` are the word classes that `<name>` may stand for. Raises ValueError for a bracket
    that is not closed and for an unknown class.

    >>> expand("因公出国[(境)]费", {})
    ['因公出国(境)费', '因公出国费']
    >>> expand("<pay>比例", {"pay": "{报销|支付}"})
    ['报销比例', '支付比例']
    """
    wordings, rest = _alternatives(fold(label), classes, label, "")
    if rest:
        raise ValueError(f"'{label}': '{rest[0]}' closes nothing")
    return list(dict.fromkeys(wordings))


_CLOSING = {"[": "]", "{": "}"}


def _alternatives(
    text: str, classes: dict[str, str], label: str, closing: str
) -> tuple[list[str], str]:
    """The wordings of `text` up to the bracket `closing`, and what follows that bracket."""
    done: list[str] = []
    current = [""]
    while text:
        character, text = text[0], text[1:]
        if character in _CLOSING:
            inner, text = _alternatives(text, classes, label, _CLOSING[character])
            if character == "[":
                inner = [*inner, ""]
            current = [head + tail for head in current for tail in inner]
        elif character in _CLOSING.values():
            if character != closing:
                return done + current, character + text
            return done + current, text
        elif character == "|" and closing:
            done, current = done + current, [""]
        elif character == "<":
            name, mark, text = text.partition(">")
            if not mark or name not in classes:
                raise ValueError(f"'{label}': no word class named '{name}'")
            inner = expand(classes[name], classes)
            current = [head + tail for head in current for tail in inner]
        else:
            current = [head + character for head in current]
    if closing:
        raise ValueError(f"'{label}': a '{closing}' is missing")
    return done + current, ""


def _indicator(name: str, entry: dict[str, Any], complaints: list[str]) -> Indicator | None:
    known = set(Indicator.__dataclass_fields__) - {"indicator"}
    for key in entry:
        if key not in known:
            complaints.append(f"indicators.toml, {name}: unknown entry '{key}'")
    missing = [k for k in ("family", "name_zh", "kind", "unit", "definition") if not entry.get(k)]
    if missing:
        complaints.append(f"indicators.toml, {name}: {', '.join(missing)} missing")
        return None
    if not re.fullmatch("[a-z][a-z_]*", name):
        complaints.append(f"indicators.toml, {name}: an id is English snake_case")
    if entry["family"] not in FAMILIES:
        complaints.append(
            f"indicators.toml, {name}: family '{entry['family']}' is none of {', '.join(FAMILIES)}"
        )
    if UNITS.get(entry["kind"]) != entry["unit"]:
        complaints.append(
            f"indicators.toml, {name}: kind '{entry['kind']}' and unit '{entry['unit']}' do not go together"
        )
    values: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in entry.items() if k in known
    }
    for key in _LISTS:
        held = values.get(key, ())
        if not isinstance(held, tuple) or not all(isinstance(v, str) for v in held):
            complaints.append(f"indicators.toml, {name}: {key} is not a list of texts")
            values[key] = ()
    return Indicator(indicator=name, **values)


def _with_examples(
    indicators: dict[str, Indicator], entries: dict[str, Any], complaints: list[str]
) -> dict[str, Indicator]:
    """The indicators with what examples.toml says of them."""
    merged = dict(indicators)
    for name, entry in entries.items():
        if name not in indicators:
            complaints.append(f"examples.toml: no indicator named '{name}'")
            continue
        for key, sentences in entry.items():
            if key not in ("examples", "counterexamples"):
                complaints.append(f"examples.toml, {name}: unknown entry '{key}'")
            elif not isinstance(sentences, list) or not all(isinstance(s, str) for s in sentences):
                complaints.append(f"examples.toml, {name}: {key} is not a list of texts")
            elif key == "examples":
                held = merged[name].examples
                merged[name] = replace(merged[name], examples=(*held, *sentences))
            else:
                held = merged[name].counterexamples
                merged[name] = replace(merged[name], counterexamples=(*held, *sentences))
    return merged


def _check_wordings(
    indicators: dict[str, Indicator], classes: dict[str, str], complaints: list[str]
) -> None:
    """Complains about labels that cannot be read and wordings that two indicators claim.

    A wording may name one indicator and only look like another: the label wins then.
    """
    claimed: dict[str, str] = {}
    for name, indicator in indicators.items():
        for kind, label in ((k, label) for k in _WORDS for label in getattr(indicator, k)):
            try:
                wordings = expand(label, classes)
            except ValueError as error:
                complaints.append(f"indicators.toml, {name}: {error}")
                continue
            for wording in wordings if kind != "not_labels" else ():
                if claimed.setdefault(wording, name) != name:
                    complaints.append(
                        f"indicators.toml, {name}: '{wording}' is already a label of "
                        f"{claimed[wording]}"
                    )


def _check_context(context: dict[str, Any], classes: dict[str, str], complaints: list[str]) -> None:
    """Complains about context words that cannot be read."""
    for table, lists in context.items():
        for words in lists.values():
            for word in [words] if isinstance(words, str) else words:
                if not isinstance(word, str):
                    continue
                try:
                    expand(word, classes)
                except ValueError as error:
                    complaints.append(f"context.toml, {table}: {error}")


def load(folder: Path | None = None) -> Definitions:
    """Reads indicators, context and examples (.toml) from `folder` (default: the package's own).

    Raises DefinitionError with every complaint when anything is wrong.

    >>> load().indicators["participation_rate"].unit
    '%'
    """
    return _load_packaged() if folder is None else _load(folder)


@lru_cache(maxsize=1)
def _load_packaged() -> Definitions:
    return _load(Path(str(resources.files("ingest").joinpath("definitions"))))


def _read(path: Path, complaints: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        complaints.append(f"{path.name}: the file is missing")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        complaints.append(f"{path.name}: {error}")
    return {}


def _load(folder: Path) -> Definitions:
    complaints: list[str] = []
    book = _read(folder / "indicators.toml", complaints)
    context = _read(folder / "context.toml", complaints)
    indicators: dict[str, Indicator] = {}
    for name, entry in book.get("indicators", {}).items():
        indicator = _indicator(name, entry, complaints)
        if indicator:
            indicators[name] = indicator
    sums = tuple(
        Sum(entry.get("by", ""), entry.get("whole", ""), tuple(entry.get("parts", ())))
        for entry in book.get("sums", ())
    )
    for total in sums:
        names = [total.whole, *(total.parts if total.by == "kind" else ())]
        for name in names:
            if name not in indicators:
                complaints.append(f"indicators.toml, sums: no indicator named '{name}'")
    classes = context.get("classes", {})
    _check_wordings(indicators, classes, complaints)
    _check_context(context, classes, complaints)
    indicators = _with_examples(indicators, _read(folder / "examples.toml", complaints), complaints)
    if complaints:
        raise DefinitionError(complaints)
    return Definitions(indicators, sums, context)
