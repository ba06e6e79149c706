"""What a person should look at first: doubtful and contradictory figures, each with its evidence.

Every row asks one question, shows the open readings and the passages they stand in, and brings an
entry for corrections.toml that answers it; only the reason is left to write.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.codebook.model import Codebook
from ingest.judging.agreement import CORRECTION, Key, is_year_figure, key_of
from ingest.printed import plain
from ingest.records import WHOLE_DEPARTMENT, Finding, Identity, Mention, Observation
from ingest.reviewing.coverage import Coverage

FIRST = ("budget", "three_public", "participation", "reimbursement")
"""The families that are looked at before all others."""

KINDS = ("conflict", "rate", "unit", "bounds", "sum", "doubt", "refused")
"""Kinds of questions, those that matter most first."""

_PLACES = (
    "prose_vs_table",
    "prose_vs_prose",
    "table_vs_table",
    "prior_year",
    "report_vs_report",
)
_QUESTIONS = {
    "conflict": "Two values stand for one figure; which one holds?",
    "rate": "The printed rate does not follow from its parts; which is wrong?",
    "unit": "An amount seems to be in another unit than the one printed; is it?",
    "bounds": "The value is outside what can be; is it misread or misprinted?",
    "sum": "The parts do not add up to their whole; which is wrong?",
    "doubt": "The figure could be read in more than one way; is it right?",
    "refused": "A figure was found and not taken; is it one?",
}


@dataclass(frozen=True)
class Question:
    """One row of the list; `readings` are the values in question and where each stands."""

    rank: int
    kind: str
    document: str
    county_code: str
    county: str
    year: int | None
    family: str
    indicator: str
    scenario: str
    population: str
    subject: str
    basis: str
    question: str
    readings: tuple[str, ...]
    page: int | None
    quotes: tuple[str, ...]
    correction: str


@dataclass(frozen=True)
class Refused:
    """A figure of an indicator that was found and not taken, where a report has no other."""

    document: str
    year: int | None
    indicator: str
    page: int | None
    quote: str
    reason: str


def refused(covered: Iterable[Coverage]) -> Iterator[Refused]:
    """The figures that were not taken, of the indicators of which a report has no other."""
    for row in covered:
        if row.state == "refused":
            yield Refused(row.document, row.year, row.indicator, row.page, row.quote, row.reason)


def questions(
    observations: Iterable[Observation],
    findings: Iterable[Finding],
    mentions: Iterable[Mention],
    refused: Iterable[Refused],
    identities: Mapping[str, Identity],
    fingerprints: Mapping[str, str],
    settled: Collection[Key],
    codebook: Codebook,
) -> tuple[Question, ...]:
    """The review list, what matters most first: the four families, actuals, contradictions.

    Comes in: observations and findings after corrections, all mentions, what was refused, whose
    each report is and its fingerprint, and the keys that a correction has settled. Each
    observation gives at most one row of a kind.
    """
    desk = _Desk(
        {m.mention_id: m for m in mentions}, identities, fingerprints, codebook, set(settled)
    )
    kept = list(observations)
    by_mention: dict[str, list[Observation]] = {}
    for observation in kept:
        for name in observation.mention_ids:
            by_mention.setdefault(name, []).append(observation)
    found: list[Question] = []
    for observation in kept:
        if observation.status == "conflicting":
            found += _conflict(desk, observation)
        elif "review: " in observation.note:
            found += _doubt(desk, observation)
    conflicting = {key_of(o) for o in kept if o.status == "conflicting"}
    for finding in findings:
        if finding.verdict == "disagree":
            found += _finding(desk, finding, by_mention, conflicting)
    found += [desk.refused(one) for one in refused]
    found.sort(key=lambda question: _order(question))
    unique: dict[tuple[object, ...], Question] = {}
    for question in found:
        unique.setdefault((question.kind, question.correction, question.readings), question)
    return tuple(_numbered(question, rank) for rank, question in enumerate(unique.values(), 1))


def order(question: Question) -> str:
    """A text by which questions of any number of lists are sorted into one."""
    words: list[str] = []
    for part in _order(question):
        if isinstance(part, tuple):
            words.append("\x02".join(part))
        else:
            words.append(f"{int(part):06d}" if isinstance(part, int) else str(part))
    return "\x01".join(words)


def _numbered(question: Question, rank: int) -> Question:
    return Question(**{**question.__dict__, "rank": rank})


def _order(question: Question) -> tuple[object, ...]:
    return (
        question.family not in FIRST,
        question.scenario != "actual",
        KINDS.index(question.kind),
        question.subject != WHOLE_DEPARTMENT,
        FIRST.index(question.family) if question.family in FIRST else 0,
        question.county_code,
        question.document,
        question.year or 0,
        question.indicator,
        question.population,
        question.subject,
        question.basis,
        question.readings,
    )


@dataclass(frozen=True)
class _Desk:
    """What is needed to word a question."""

    mentions: Mapping[str, Mention]
    identities: Mapping[str, Identity]
    fingerprints: Mapping[str, str]
    codebook: Codebook
    settled: set[Key]

    def question(
        self,
        kind: str,
        observation: Observation,
        readings: Sequence[str],
        stated: Sequence[Mention],
        correction: str,
    ) -> Question:
        return Question(
            rank=0,
            kind=kind,
            document=observation.document,
            county_code=observation.county_code,
            county=observation.county,
            year=observation.year,
            family=self.codebook.indicators[observation.indicator].family,
            indicator=observation.indicator,
            scenario=observation.scenario,
            population=observation.population,
            subject=observation.subject,
            basis=observation.basis,
            question=_QUESTIONS[kind],
            readings=tuple(readings),
            page=next((m.page for m in stated if m.page), None),
            quotes=tuple(dict.fromkeys(" ".join(m.quote.split()) for m in stated)),
            correction=correction,
        )

    def entry(
        self, observation: Observation, action: str, value: Decimal | None = None, remark: str = ""
    ) -> str:
        return entry(
            observation, self.fingerprints.get(observation.document, ""), action, value, remark
        )

    def of(self, names: Iterable[str]) -> list[Mention]:
        return [self.mentions[name] for name in names if name in self.mentions]

    def refused(self, one: Refused) -> Question:
        identity = self.identities.get(one.document, Identity())
        indicator = self.codebook.indicators[one.indicator]
        missing = Observation(
            county_code=identity.county_code,
            province=identity.province,
            city=identity.city,
            county=identity.county,
            reporting_unit=identity.reporting_unit,
            year=one.year,
            indicator=one.indicator,
            scenario="actual",
            population=indicator.population if "population" in indicator.dimensions else "",
            subject=WHOLE_DEPARTMENT,
            basis="unstated" if "basis" in indicator.dimensions else "",
            value=None,
            unit=indicator.unit,
            comparator="=",
            status="",
            document=one.document,
            mention_ids=(),
        )
        question = self.question("refused", missing, (one.reason,), (), self.entry(missing, "add"))
        return Question(**{**question.__dict__, "page": one.page, "quotes": (one.quote,)})


def _conflict(desk: _Desk, observation: Observation) -> list[Question]:
    if key_of(observation) in desk.settled:
        return []
    stated = [m for m in desk.of(observation.mention_ids) if m.indicator == observation.indicator]
    others = dict.fromkeys(plain(m.value) for m in stated if m.value != observation.value)
    remark = "or override, with " + " or ".join(f'value = "{value}"' for value in others)
    correction = desk.entry(observation, "accept", remark=remark)
    readings = [_reading(m, observation.document) for m in stated]
    return [desk.question("conflict", observation, readings, stated, correction)]


def _doubt(desk: _Desk, observation: Observation) -> list[Question]:
    if key_of(observation) in desk.settled:
        return []
    stated = [m for m in desk.of(observation.mention_ids) if m.indicator == observation.indicator]
    readings = [
        f"{_reading(m, observation.document)}: {m.review}"
        if m.review
        else _reading(m, observation.document)
        for m in stated
    ]
    correction = desk.entry(observation, "accept", remark="or override with a value, or drop")
    return [desk.question("doubt", observation, readings, stated, correction)]


def _finding(
    desk: _Desk,
    finding: Finding,
    by_mention: Mapping[str, Sequence[Observation]],
    conflicting: Collection[Key],
) -> list[Question]:
    """The question that a refuted figure raises, about the observation that it stands for."""
    about = [
        o
        for name in finding.mention_ids
        for o in by_mention.get(name, ())
        if (o.indicator, o.year, o.population, o.subject)
        == (finding.indicator, finding.year, finding.population, finding.subject)
        and (finding.kind != "rate" or o.basis in (finding.basis, "", "unstated", "budget"))
    ]
    about = [o for o in about if finding.reported is None or o.value == finding.reported] or about
    stated = desk.of(finding.mention_ids)
    if not about or key_of(about[0]) in desk.settled:
        return []
    if any(m.rule == CORRECTION or not is_year_figure(m) for m in stated):
        return []
    observation = about[0]
    if finding.kind in _PLACES:
        if key_of(observation) in conflicting or observation.status == "conflicting":
            return []
        kind = "conflict"
    else:
        kind = finding.kind
    readings = [finding.formula]
    if finding.reported is not None:
        readings.insert(0, f"printed {plain(finding.reported)}")
    repaired = finding.recomputed if kind in ("rate", "unit") else None
    if kind == "unit" and repaired is not None:
        correction = desk.entry(observation, "override", repaired)
    elif repaired is not None:
        remark = f'or override, with value = "{plain(repaired)}", or drop'
        correction = desk.entry(observation, "accept", remark=remark)
    else:
        correction = desk.entry(observation, "accept", remark="or override with a value, or drop")
    return [desk.question(kind, observation, readings, stated, correction)]


def _reading(mention: Mention, document: str) -> str:
    sign = "" if mention.comparator == "=" else mention.comparator + " "
    place = "table" if mention.layout == "table" else "prose"
    page = f", page {mention.page}" if mention.page else ""
    report = "" if mention.document == document else f" of {mention.document}"
    return f"{sign}{plain(mention.value)} ({place}{page}{report})"


# --- an entry to paste ---------------------------------------------------------------------------


def entry(
    observation: Observation,
    sha256: str,
    action: str,
    value: Decimal | None = None,
    remark: str = "",
) -> str:
    """An entry to paste into corrections.toml; its reason is left for a person to write.

    `remark` becomes a comment beside the action: what else might be done.
    """
    lines = ["[[corrections]]", f'document = "{sha256}"']
    if observation.county_code:
        lines.append(f'county_code = "{observation.county_code}"')
    if observation.year is not None:
        lines.append(f"year = {observation.year}")
    for name in ("indicator", "scenario", "population", "subject", "basis"):
        said = getattr(observation, name)
        if said:
            lines.append(f"{name} = {_quoted(said)}")
    lines.append(f'action = "{action}"' + (f"  # {remark}" if remark else ""))
    if action != "add":
        shown = "" if observation.value is None else plain(observation.value)
        lines.append(f'expect = "{shown}"')
    if action in ("add", "override"):
        lines.append(f'value = "{"" if value is None else plain(value)}"')
    lines.append('reason = ""')
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", " ", escaped) + '"'
