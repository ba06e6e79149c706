"""Known errors in reports, as data: loads corrections.toml, checks every entry, applies them.

An entry names one observation and says what is expected to be there. If something else is, or if
the report has changed, the build stops: a correction must never outlive its reason. Mentions stay
as the reports state them; what follows from a corrected figure (a derived rate) follows from the
corrected one.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import Any

from ingest.codebook.model import NO_GROUPS, Codebook
from ingest.documents import private
from ingest.judging.agreement import CORRECTION, Key, key_of, population_of, subject_of
from ingest.printed import plain
from ingest.records import WHOLE_DEPARTMENT, Identity, Issue, Mention, Observation

FILE = "corrections.toml"
ACTIONS = ("override", "drop", "add", "accept")
SCENARIOS = ("actual", "target", "initial_budget", "adjusted_budget", "budget")
BASES = ("initial_budget", "adjusted_budget", "available_funds", "budget", "unstated")
COMPUTED = ("derived", "undefined")
"""The states of an observation that may rest on other figures only."""

_FIELDS = (
    *("document", "county_code", "year", "indicator", "scenario", "population", "subject"),
    *("basis", "action", "expect", "value", "reason", "by", "when"),
)
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*corrections[ \t]*\]\]", re.MULTILINE)
_EXAMPLE = '[[corrections]] with county_code = "430511", year = 2023, indicator, action, reason'


class CorrectionError(ValueError):
    """Corrections are wrong or out of date. `complaints` holds every one of them, a line each."""

    def __init__(self, path: Path, complaints: Sequence[str]) -> None:
        self.complaints = tuple(complaints)
        super().__init__(
            f"{path.as_posix()}: {len(complaints)} problem(s), nothing was written:\n"
            + "\n".join(f"  - {complaint}" for complaint in complaints)
        )


@dataclass(frozen=True)
class Correction:
    """One entry. `document` is a fingerprint or its beginning; `year` the year of the figure.

    `line` is where the entry begins in the file. `expect` is the value as it stands before the
    correction ("" for an undefined one), None where the entry does not say.
    """

    line: int
    document: str
    county_code: str
    year: int | None
    indicator: str
    scenario: str
    population: str
    subject: str
    basis: str
    action: str
    expect: str | None
    value: Decimal | None
    reason: str
    by: str = ""
    when: str = ""


@dataclass(frozen=True)
class Placed:
    """A correction with the report and the observation that it is about (None for one to add)."""

    correction: Correction
    document: str
    key: Key
    observation: Observation | None


# --- the file ------------------------------------------------------------------------------------


def beside(raw: Path) -> Path:
    """Where the corrections of a folder of reports are looked for: beside it.

    >>> beside(Path("data/raw")).as_posix()
    'data/corrections.toml'
    """
    if raw.name in ("", ".", ".."):
        raw = raw.resolve()
    return raw.parent / FILE


def load(path: Path, codebook: Codebook) -> tuple[Correction, ...]:
    """Reads corrections.toml; none if there is no such file.

    Raises CorrectionError with every complaint: broken TOML, unknown and missing fields, wrong
    types, unknown indicators and actions, two entries for one key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CorrectionError(path, [f"cannot be read ({reason}). Save it as UTF-8 text"]) from None
    complaints: list[str] = []
    entries = _entries(text, complaints)
    found = []
    for line, entry in entries:
        correction = _correction(_Entry(line, text.splitlines(), entry, complaints), codebook)
        if correction is not None:
            found.append(correction)
    seen: dict[tuple[object, ...], int] = {}
    for correction in found:
        key = (correction.county_code or correction.document, *_named(correction))
        if key in seen:
            complaints.append(
                f"line {correction.line}: the entry of line {seen[key]} is about the same figure. "
                "Keep one of them"
            )
        seen.setdefault(key, correction.line)
    if complaints:
        raise CorrectionError(path, complaints)
    return tuple(found)


def _entries(text: str, complaints: list[str]) -> list[tuple[int, dict[str, Any]]]:
    """The entries with the lines where they begin. A broken entry does not hide the others."""
    starts = [text.count("\n", 0, match.start()) for match in _HEADER.finditer(text)]
    books: list[tuple[int, dict[str, Any]]]
    try:
        books = [(0, tomllib.loads(text, parse_float=Decimal))]
    except tomllib.TOMLDecodeError:
        lines = text.splitlines()
        bounds = [*dict.fromkeys((0, *starts)), len(lines)]
        books = [
            (first + 1, _piece(lines, first, last, complaints)) for first, last in pairwise(bounds)
        ]
    found: list[tuple[int, dict[str, Any]]] = []
    for line, book in books:
        for name in book:
            if name != "corrections":
                complaints.append(f"'{name}' is unknown here. Entries are written {_EXAMPLE}")
        entries = book.get("corrections", [])
        if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
            complaints.append(f"'corrections' is no list of entries. Write {_EXAMPLE}")
            continue
        found += [(line, entry) for entry in entries]
    if len(books) == 1 and len(starts) == len(found):
        return [(start + 1, entry) for start, (_, entry) in zip(starts, found, strict=True)]
    return found


def _piece(lines: list[str], first: int, last: int, complaints: list[str]) -> dict[str, Any]:
    """One entry of a broken file, on the lines where it stands."""
    try:
        return tomllib.loads("\n" * first + "\n".join(lines[first:last]), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        said = re.sub(r"\(at line (\d+), column (\d+)\)", r"in line \1, column \2", str(error))
        complaints.append(f'line {first + 1}: no TOML: {said}. Texts stand in quotes: reason = "…"')
        return {}


@dataclass(frozen=True)
class _Entry:
    """An entry being checked, with a way to say what is wrong and in which line."""

    line: int
    lines: Sequence[str]
    fields: dict[str, Any]
    complaints: list[str]

    def complain(self, name: str, message: str) -> None:
        at = self.line
        for number in range(self.line, len(self.lines)):
            if _HEADER.match(self.lines[number]):
                break
            if re.match(rf"\s*{re.escape(name)}\s*=", self.lines[number]):
                at = number + 1
                break
        self.complaints.append(f"line {at}: {message}")

    def text(self, name: str) -> str:
        value = self.fields.get(name, "")
        if isinstance(value, str):
            return value.strip()
        self.complain(name, f"{name} = {value} is no text. Put it in quotes")
        return ""

    def one_of(self, name: str, known: Iterable[str], default: str) -> str:
        value = self.text(name) or default
        known = list(known)
        if not isinstance(self.fields.get(name, ""), str):
            return value
        if not value and "" not in known:
            self.complain(name, f"no {name}. Write one: {', '.join(known[:4])}")
        elif value not in known:
            near = difflib.get_close_matches(value, known, n=2, cutoff=0.5)
            hint = (
                f"Did you mean {' or '.join(near)}?"
                if near
                else f"Known: {', '.join(filter(None, known))}"
            )
            self.complain(name, f"{name} '{value}' is unknown. {hint}")
        return value

    def figure(self, name: str) -> Decimal | None:
        value = self.fields.get(name)
        try:
            if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
                raise InvalidOperation
            number = Decimal(value)
            if not number.is_finite():
                raise InvalidOperation
        except InvalidOperation:
            self.complain(
                name, f'{name} = {value!r} is no number. Write digits, such as {name} = "94.5"'
            )
            return None
        return number


def _correction(entry: _Entry, codebook: Codebook) -> Correction | None:
    """The correction that an entry makes; None, with complaints, if anything is wrong in it."""
    before = len(entry.complaints)
    for name in entry.fields:
        if name not in _FIELDS:
            near = difflib.get_close_matches(name, _FIELDS, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(_FIELDS)}"
            entry.complain(name, f"unknown field '{name}'. {hint}")
    texts = {name: entry.text(name) for name in ("document", "county_code")}
    # These stand in the tables, where no person's number may.
    texts |= {name: private.words(entry.text(name)) for name in ("reason", "by")}
    action = entry.one_of("action", ACTIONS, "")
    figure = _figure(entry, codebook)
    year = _year(entry)
    _check_report(entry, texts["document"], texts["county_code"])
    if not texts["reason"]:
        entry.complain("reason", 'no reason. Say why, for those who read the note: reason = "…"')
    value, expect = _value(entry, action), _expected(entry, action)
    if len(entry.complaints) > before:
        return None
    when = entry.fields.get("when", "")
    return Correction(
        line=entry.line,
        year=year,
        subject=entry.text("subject") or WHOLE_DEPARTMENT,
        action=action,
        expect=expect,
        value=value,
        when=when.isoformat() if isinstance(when, date) else str(when),
        **figure,
        **texts,
    )


def _figure(entry: _Entry, codebook: Codebook) -> dict[str, str]:
    """The indicator of an entry and its dimensions, as they stand in the key of an observation."""
    name = entry.one_of("indicator", codebook.indicators, "")
    scenario = entry.one_of("scenario", SCENARIOS, "actual")
    basis = entry.one_of("basis", ("", *BASES), "")
    population = entry.one_of("population", ("", *_populations(codebook)), "")
    indicator = codebook.indicators.get(name)
    if indicator is not None:
        if "population" not in indicator.dimensions:
            population = "" if population == "all" else population
        elif not population:
            population = indicator.population
        basis = (basis or "unstated") if "basis" in indicator.dimensions else ""
    return {"indicator": name, "scenario": scenario, "basis": basis, "population": population}


def _year(entry: _Entry) -> int | None:
    year = entry.fields.get("year")
    if year is None:
        return None
    if isinstance(year, bool) or not isinstance(year, int) or not 1990 <= year <= 2100:
        entry.complain("year", f"year = {year!r} is no year. Write year = 2023, without quotes")
        return None
    return year


def _check_report(entry: _Entry, document: str, county_code: str) -> None:
    """Complains where an entry does not say which report it is about."""
    if not entry.fields.get("document") and not (
        entry.fields.get("county_code") and "year" in entry.fields
    ):
        entry.complain(
            "",
            "which report? Name county_code and year, or document (its sha256 in documents.csv)",
        )
    if document and not re.fullmatch("[0-9a-f]{10,64}", document):
        entry.complain(
            "document",
            f"document '{document}' is no fingerprint. Copy sha256 from documents.csv "
            "(at least its first 10 digits)",
        )
    if county_code and not re.fullmatch(r"\d{6}", county_code):
        entry.complain(
            "county_code",
            f"county_code '{county_code}' is not six digits. Copy it from documents.csv",
        )


def _value(entry: _Entry, action: str) -> Decimal | None:
    """The value that an entry gives, where its action takes one."""
    if action in ("override", "add"):
        if "value" in entry.fields:
            return entry.figure("value")
        entry.complain("", f'{action} needs a value, in the unit of codebook.csv: value = "…"')
    elif action in ACTIONS and "value" in entry.fields:
        entry.complain("value", f'{action} takes no value. Remove it, or use action = "override"')
    return None


def _expected(entry: _Entry, action: str) -> str | None:
    """The value that an entry expects to find, "" for an undefined one."""
    if "expect" in entry.fields:
        return "" if entry.fields["expect"] == "" else str(entry.figure("expect"))
    if action in ("override", "drop", "accept"):
        entry.complain(
            "",
            f'{action} needs expect, the value that observations.csv has now: expect = "…"',
        )
    return None


def _populations(codebook: Codebook) -> list[str]:
    spans = codebook.words["spans"]
    lists = ("group", "staff_group", "satisfied_group")
    known = [name for part in lists for name in spans.get(part, {}) if name not in NO_GROUPS]
    return [*dict.fromkeys(["all", *known])]


def _named(correction: Correction) -> tuple[object, ...]:
    return (
        correction.year,
        correction.indicator,
        correction.scenario,
        correction.population,
        correction.subject,
        correction.basis,
    )


# --- against the reports -------------------------------------------------------------------------


def place(
    path: Path,
    corrections: Iterable[Correction],
    fingerprints: Mapping[str, str],
    identities: Mapping[str, Identity],
    observations: Iterable[Observation],
) -> tuple[Placed, ...]:
    """Finds the report and the observation of each correction, and checks that both are unchanged.

    Comes in: the fingerprint (sha256) and the identity of each document, and the observations
    before any correction. Raises CorrectionError with every entry whose report is not there or has
    changed, whose figure is not there, or whose `expect` no longer holds; each says what was
    expected and what was found.
    """
    by_key = {key_of(observation): observation for observation in observations}
    complaints: list[str] = []
    found: dict[Key, Placed] = {}
    for correction in corrections:
        document = _document(correction, fingerprints, identities, complaints)
        if document is None:
            continue
        identity = identities[document]
        year = correction.year if correction.year is not None else identity.year
        key = (identity.county_code or document, year, *_named(correction)[1:])
        placed = Placed(correction, document, key, by_key.get(key))  # type: ignore[arg-type]
        if placed.key in found:
            complaints.append(
                f"line {correction.line}: the entry of line "
                f"{found[placed.key].correction.line} is about the same figure. Keep one of them"
            )
            continue
        found[placed.key] = placed
        complaint = _stale(placed, by_key)
        if complaint:
            complaints.append(f"line {correction.line}: {complaint}")
    if complaints:
        raise CorrectionError(path, complaints)
    return tuple(found.values())


def _document(
    correction: Correction,
    fingerprints: Mapping[str, str],
    identities: Mapping[str, Identity],
    complaints: list[str],
) -> str | None:
    of_county = [
        document
        for document in sorted(fingerprints)
        if correction.county_code and identities[document].county_code == correction.county_code
    ]
    of_year = [d for d in of_county if identities[d].year == correction.year]
    if not correction.document:
        if of_county:
            return (of_year or of_county)[0]
        complaints.append(
            f"line {correction.line}: no report of county {correction.county_code} is in the "
            "folder. Correct the code (see documents.csv), or remove the entry"
        )
        return None
    same = [
        d for d, sha256 in sorted(fingerprints.items()) if sha256.startswith(correction.document)
    ]
    if same:
        if not correction.county_code or same[0] in of_county:
            return same[0]
        complaints.append(
            f"line {correction.line}: document {correction.document[:10]} is {same[0]}, which is "
            f"not a report of county {correction.county_code}. Correct one of the two"
        )
        return None
    if of_year or of_county:
        now = (of_year or of_county)[0]
        complaints.append(
            f"line {correction.line}: the report has changed: {correction.document[:10]} was "
            f"corrected, {now} is now {fingerprints[now][:10]}. Look at it with "
            f"`ingest explain {now}`, then write the new fingerprint or remove the entry"
        )
        return None
    complaints.append(
        f"line {correction.line}: no report has the fingerprint {correction.document[:10]} (there "
        f"are {len(fingerprints)}). Put the report back, or correct or remove the entry"
    )
    return None


def _stale(placed: Placed, by_key: Mapping[Key, Observation]) -> str:
    """Why a correction no longer fits the observation; "" if it does."""
    correction, now = placed.correction, placed.observation
    if now is None:
        if correction.action == "add":
            return ""
        others = [
            f"{o.scenario}, {o.population or '-'}, {o.subject}, {o.basis or '-'}: {_shown(o)}"
            for o in by_key.values()
            if key_of(o)[:3] == placed.key[:3]
        ]
        known = f"It has ({'; '.join(others)})" if others else "It has none of this indicator"
        wanted = ", ".join(str(part) or "-" for part in placed.key[3:])
        expected = f" with the value {correction.expect}" if correction.expect else ""
        return (
            f"no {correction.indicator} ({wanted}){expected} in {placed.document}, "
            f"{placed.key[1]}. {known}. Correct the entry or remove it"
        )
    if correction.action == "add":
        return (
            f"{correction.indicator} is there already: {_shown(now)} in {now.document}. Use "
            f'action = "override" with expect = "{_shown(now)}", or remove the entry'
        )
    shown = "" if now.value is None else plain(now.value)
    same = (
        correction.expect == shown
        if not correction.expect or now.value is None
        else Decimal(correction.expect) == now.value
    )
    if same:
        return ""
    return (
        f"expect = '{correction.expect}', but {now.document} now gives '{shown}' for "
        f"{correction.indicator} ({now.status}). Look at it with `ingest explain {now.document} "
        f"--indicator {correction.indicator}`, then write the new value in expect, or remove the "
        "entry"
    )


def _shown(observation: Observation) -> str:
    return "undefined" if observation.value is None else plain(observation.value)


# --- applying ------------------------------------------------------------------------------------


def mentions_after(
    mentions: Iterable[Mention], placed: Iterable[Placed], codebook: Codebook
) -> tuple[Mention, ...]:
    """The mentions as they would be without the errors, for the rates that follow from them.

    An overridden figure stands for all its mentions, a dropped one goes with them, of an accepted
    contradiction the value kept remains, and an added figure becomes a mention without an id.
    """
    left = list(mentions)
    for one in placed:
        correction, observation = one.correction, one.observation
        if observation is None:
            left.append(_added(one, codebook))
            continue
        about = [
            m
            for m in left
            if m.mention_id in observation.mention_ids
            and m.indicator == correction.indicator
            and m.scenario == correction.scenario
            and m.year == observation.year
            and population_of(m, codebook) == observation.population
            and subject_of(m) == observation.subject
        ]
        if not about:
            continue
        gone = {id(m) for m in about}
        if correction.action == "override" and correction.value is not None:
            first = min(about, key=lambda m: observation.mention_ids.index(m.mention_id))
            gone.discard(id(first))
            stands = _with_value(first, correction, correction.value)
            left = [stands if m is first else m for m in left if id(m) not in gone]
        elif correction.action == "accept":
            left = [m for m in left if id(m) not in gone or m.value == observation.value]
        else:
            left = [m for m in left if id(m) not in gone]
    return tuple(left)


def _with_value(mention: Mention, correction: Correction, value: Decimal) -> Mention:
    basis = mention.basis if correction.basis in ("", "unstated") else correction.basis
    return replace(
        mention,
        value=value,
        decimals=_decimals(value),
        comparator="=",
        basis=basis,
        rule=CORRECTION,
        review="",
    )


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _added(placed: Placed, codebook: Codebook) -> Mention:
    correction = placed.correction
    value = correction.value or Decimal(0)
    year = placed.key[1]
    return Mention(
        mention_id="",
        document=placed.document,
        page=None,
        block=0,
        start=0,
        end=0,
        quote="",
        layout="prose",
        indicator=correction.indicator,
        scenario=correction.scenario,
        population=correction.population,
        subject=correction.subject,
        basis=correction.basis,
        year=year,
        period=str(year or ""),
        comparator="=",
        value=value,
        unit=codebook.indicators[correction.indicator].unit,
        decimals=_decimals(value),
        printed="",
        rule=CORRECTION,
    )


def apply(observations: Iterable[Observation], placed: Iterable[Placed]) -> tuple[Observation, ...]:
    """The observations with every correction in them and noted, in the order they came.

    Comes in: observations reconciled from `mentions_after`. The note says what was there before.
    """
    found = {key_of(observation): observation for observation in observations}
    for one in placed:
        correction, before = one.correction, one.observation
        now = found.get(one.key)
        if correction.action == "drop":
            if now is None or before is None or before.status in COMPUTED:
                found.pop(one.key, None)
            else:
                # What remains follows from the parts: the printed figure is gone.
                found[one.key] = _noted(now, f"printed {correction.expect} dropped", correction)
        elif correction.action == "accept" and (now or before):
            kept = now or before
            assert kept is not None
            status = "reported" if kept.status == "conflicting" else kept.status
            note = before.note if before is not None else kept.note
            ids = before.mention_ids if before is not None else kept.mention_ids
            kept = replace(kept, status=status, note=note, mention_ids=ids)
            found[one.key] = _noted(kept, "accepted", correction)
        elif correction.action == "add" and now is not None:
            found[one.key] = _noted(now, "added", correction)
        elif correction.action == "override" and correction.value is not None and before:
            changed = replace(
                now or before,
                value=correction.value,
                comparator="=",
                status="reported",
                document=before.document,
                mention_ids=before.mention_ids,
            )
            said = f"corrected from {_shown(before)} to {plain(correction.value)}"
            found[one.key] = _noted(changed, said, correction)
    return tuple(
        replace(o, mention_ids=tuple(name for name in o.mention_ids if name))
        for o in found.values()
    )


def _noted(observation: Observation, what: str, correction: Correction) -> Observation:
    signed = ", ".join(part for part in (correction.by, correction.when) if part)
    said = f"{what}: {correction.reason}" + (f" ({signed})" if signed else "")
    return replace(observation, note="; ".join(n for n in (said, observation.note) if n))


def dropped(placed: Iterable[Placed]) -> list[Issue]:
    """An issue for each figure that is dropped: it leaves no row to note it in."""
    return [
        Issue(
            one.document,
            "info",
            "corrected",
            f"{FILE}, line {one.correction.line}",
            f"{one.correction.indicator} {one.correction.scenario} {one.correction.expect} was "
            f"dropped: {one.correction.reason}",
            "nothing; the entry stops the build when the report changes",
        )
        for one in placed
        if one.correction.action == "drop"
    ]
