"""Mentions → observations: the one value that the notebooks use for a key, and why that one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ingest.codebook.model import Codebook
from ingest.judging.agreement import (
    basis_of,
    groups,
    in_order,
    is_year_figure,
    population_of,
    same_figure,
    subject_of,
)
from ingest.printed import plain
from ingest.records import Finding, Identity, Mention, Observation


@dataclass(frozen=True)
class _Key:
    """`owner` is the county's code, or the document where no county is known."""

    owner: str
    year: int | None
    indicator: str
    scenario: str
    population: str
    subject: str
    basis: str


def observations(
    mentions: Iterable[Mention],
    identities: Mapping[str, Identity],
    codebook: Codebook,
    findings: Iterable[Finding] = (),
) -> tuple[Observation, ...]:
    """One observation for each key, sorted by it.

    Comes in: numbered mentions of any number of documents, whose report each document is, and the
    audit's findings. Mentions of a part of a year are left out. Equal values (at the digits
    printed) give one observation with several mentions; unequal ones the status "conflicting" and
    a note that names the others; 以上 and the like on an actual "bound". Findings add the rates
    that follow from printed parts ("derived") and mark those without a denominator ("undefined").
    """
    findings = tuple(findings)
    proved = {f.mention_ids[0] for f in findings if (f.kind, f.verdict) == ("unit", "agree")}
    by_key: dict[_Key, list[Mention]] = defaultdict(list)
    for mention in mentions:
        if mention.mention_id in proved:
            # What made it doubtful, the missing unit, follows from a sum.
            mention = replace(mention, review="")
        if is_year_figure(mention):
            by_key[_key(mention, identities, codebook)].append(mention)
    own_year = {document: identity.year for document, identity in identities.items()}
    found = {
        key: _observation(key, in_order(group, codebook, own_year), identities)
        for key, group in by_key.items()
    }
    _add_findings(found, findings, identities, codebook)
    return tuple(sorted(found.values(), key=_order))


def _owner(document: str, identities: Mapping[str, Identity]) -> str:
    identity = identities.get(document, Identity())
    return identity.county_code or document


def _key(mention: Mention, identities: Mapping[str, Identity], codebook: Codebook) -> _Key:
    return _Key(
        _owner(mention.document, identities),
        mention.year,
        mention.indicator,
        mention.scenario,
        population_of(mention, codebook),
        subject_of(mention),
        basis_of(mention, codebook),
    )


def _observation(
    key: _Key, ordered: Sequence[Mention], identities: Mapping[str, Identity]
) -> Observation:
    first = ordered[0]
    kept, *others = groups(ordered)
    # The one with the most printed digits says the same value best.
    value = max((m for m in kept if m.comparator == first.comparator), key=lambda m: m.decimals)
    conflicts = [
        group for group in others if not all(_allows(m, value, key.scenario) for m in group)
    ]
    bound = key.scenario == "actual" and value.comparator != "="
    notes = [_other(group, value.document) for group in conflicts]
    notes += [
        f"{_where(m, value.document)} says {m.comparator} {plain(m.value)}"
        for group in others
        if group not in conflicts
        for m in group[:1]
    ]
    notes += [f"review: {text}" for text in dict.fromkeys(m.review for m in ordered) if text]
    status = "conflicting" if conflicts else "bound" if bound else "reported"
    return _placed(
        key,
        identities.get(value.document, Identity()),
        value=value.value,
        unit=value.unit,
        comparator=value.comparator,
        status=status,
        document=value.document,
        mention_ids=tuple(dict.fromkeys((value.mention_id, *(m.mention_id for m in ordered)))),
        note="; ".join(notes),
    )


def _placed(
    key: _Key,
    identity: Identity,
    value: Decimal | None,
    unit: str,
    comparator: str,
    status: str,
    document: str,
    mention_ids: tuple[str, ...],
    note: str,
) -> Observation:
    """An observation of a key, with the county of the document that it is taken from."""
    return Observation(
        county_code=identity.county_code,
        province=identity.province,
        city=identity.city,
        county=identity.county,
        reporting_unit=identity.reporting_unit,
        year=key.year,
        indicator=key.indicator,
        scenario=key.scenario,
        population=key.population,
        subject=key.subject,
        basis=key.basis,
        value=value,
        unit=unit,
        comparator=comparator,
        status=status,
        document=document,
        mention_ids=mention_ids,
        note=note,
    )


def _allows(other: Mention, kept: Mention, scenario: str) -> bool:
    """Whether a bound on an actual is kept by the figure chosen; two goals are two goals."""
    if scenario != "actual" or kept.comparator != "=":
        return False
    match other.comparator:
        case ">=" | ">":
            return kept.value >= other.value
        case "<=" | "<":
            return kept.value <= other.value
        case "~":
            return same_figure(other, kept)
    return False


def _where(mention: Mention, document: str) -> str:
    layout = "a table" if mention.layout == "table" else "the prose"
    return layout if mention.document == document else f"{layout} of {mention.document}"


def _other(group: Sequence[Mention], document: str) -> str:
    places = dict.fromkeys(_where(m, document) for m in group)
    sign = "" if group[0].comparator == "=" else group[0].comparator + " "
    return f"{' and '.join(places)} has {sign}{plain(group[0].value)} ({group[0].mention_id})"


# --- what the audit adds -------------------------------------------------------------------------


def _add_findings(
    found: dict[_Key, Observation],
    findings: Iterable[Finding],
    identities: Mapping[str, Identity],
    codebook: Codebook,
) -> None:
    by_mention = {
        mention: key for key, observation in found.items() for mention in observation.mention_ids
    }
    proved: dict[_Key, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.kind == "unit":
            _add_unit(found, finding, by_mention, identities, codebook)
        if finding.kind != "rate":
            continue
        if finding.verdict in ("derived", "undefined") and finding.reported is None:
            key = _Key(
                _owner(finding.document, identities),
                finding.year,
                finding.indicator,
                "actual",
                finding.population,
                finding.subject,
                finding.basis,
            )
            if key not in found:
                found[key] = _derived(key, finding, identities, codebook)
            elif found[key].status == "derived" and finding.recomputed != found[key].value:
                found[key] = _noted(found[key], f"{finding.document} gives {finding.formula}")
            continue
        printed = [by_mention[m] for m in finding.mention_ids if m in by_mention]
        for key in dict.fromkeys(k for k in printed if k.indicator == finding.indicator):
            if finding.verdict == "undefined":
                found[key] = _undefined(found[key], finding)
            elif finding.verdict == "disagree":
                found[key] = _noted(found[key], f"recomputed {finding.formula}")
            elif key.basis == "unstated" and finding.reported == found[key].value:
                proved[key].append(finding)
    for key, proofs in proved.items():
        _file_by_basis(found, key, proofs)


def _add_unit(
    found: dict[_Key, Observation],
    finding: Finding,
    by_mention: Mapping[str, _Key],
    identities: Mapping[str, Identity],
    codebook: Codebook,
) -> None:
    """Adds an amount whose unit a sum gives; notes a unit that a sum confirms or refutes."""
    if finding.verdict == "derived":
        # The other members of the sum are of the same scenario.
        beside = by_mention.get(finding.mention_ids[0])
        if beside is not None:
            key = replace(
                beside,
                indicator=finding.indicator,
                population=finding.population,
                subject=finding.subject,
                basis="",
            )
            found.setdefault(key, _derived(key, finding, identities, codebook))
        return
    about = by_mention.get(finding.mention_ids[0])
    if about is None or about.indicator != finding.indicator:
        return
    found[about] = _noted(found[about], f"unit: {finding.formula}")


def _file_by_basis(found: dict[_Key, Observation], key: _Key, proofs: Sequence[Finding]) -> None:
    """Files a rate that names no basis under each one that arithmetic proves it to be on.

    It stays where it is while the report says two things, or another report says something else
    on that basis.
    """
    unstated = found[key]
    if unstated.status != "reported":
        return
    filed = {}
    for proof in proofs:
        there = replace(key, basis=proof.basis)
        known = found.get(there)
        if known is None or known.status == "derived":
            note = f"names no basis; proved by {proof.formula}"
            filed[there] = replace(_noted(unstated, note), basis=proof.basis)
        elif known.value == unstated.value:
            ids = tuple(dict.fromkeys((*known.mention_ids, *unstated.mention_ids)))
            filed[there] = replace(known, mention_ids=ids)
        else:
            return
    del found[key]
    found.update(filed)


def _derived(
    key: _Key, finding: Finding, identities: Mapping[str, Identity], codebook: Codebook
) -> Observation:
    return _placed(
        key,
        identities.get(finding.document, Identity()),
        value=finding.recomputed,
        unit=codebook.indicators[key.indicator].unit,
        comparator="=",
        status=finding.verdict,
        document=finding.document,
        mention_ids=finding.mention_ids,
        note=finding.formula,
    )


def _undefined(observation: Observation, finding: Finding) -> Observation:
    printed = "" if observation.value is None else plain(observation.value)
    changed = _noted(observation, f"printed {printed}, but {finding.formula} is undefined")
    return replace(changed, value=None, status="undefined")


def _noted(observation: Observation, note: str) -> Observation:
    parts = [observation.note, note] if observation.note else [note]
    return replace(observation, note="; ".join(parts))


def _order(observation: Observation) -> tuple[object, ...]:
    return (
        observation.county_code,
        observation.document if not observation.county_code else "",
        observation.year or 0,
        observation.indicator,
        observation.scenario,
        observation.population,
        observation.subject,
        observation.basis,
    )
