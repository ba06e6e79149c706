"""The observations of some reports once the known errors are corrected in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ingest.codebook.model import Codebook
from ingest.judging import audit, reconcile
from ingest.records import Finding, Identity, Mention, Observation
from ingest.reviewing import corrections
from ingest.reviewing.corrections import Correction, Placed


class County(Protocol):
    """What was read from the reports of one county; fingerprint and identity by document."""

    fingerprints: dict[str, str]
    identities: dict[str, Identity]
    mentions: list[Mention]
    findings: list[Finding]


def placed(
    path: Path,
    entries: Sequence[Correction],
    counties: Iterable[County],
    codebook: Codebook,
) -> tuple[Placed, ...]:
    """Every entry of the file `path` with what it is about.

    Only counties that an entry names are looked into. Raises corrections.CorrectionError as
    `corrections.place` does.
    """
    fingerprints: dict[str, str] = {}
    identities: dict[str, Identity] = {}
    before: list[Observation] = []
    for county in counties if entries else ():
        fingerprints |= county.fingerprints
        identities |= {name: replace(i, issues=()) for name, i in county.identities.items()}
        if _concerned(entries, county):
            across = audit.across(county.mentions, county.identities, codebook)
            before += reconcile.observations(
                county.mentions, county.identities, codebook, [*county.findings, *across]
            )
    return corrections.place(path, entries, fingerprints, identities, before)


def _concerned(entries: Iterable[Correction], county: County) -> bool:
    """Whether an entry names the county, or one of its reports by its fingerprint."""
    named = {entry.county_code for entry in entries if entry.county_code}
    files = tuple(entry.document for entry in entries if entry.document)
    return any(
        identity.county_code in named or county.fingerprints[name].startswith(files)
        for name, identity in county.identities.items()
    )


def observations(
    mentions: Sequence[Mention],
    findings: Sequence[Finding],
    identities: Mapping[str, Identity],
    placed: Iterable[Placed],
    codebook: Codebook,
) -> tuple[tuple[Observation, ...], list[Finding]]:
    """The observations with all corrections in them, and the findings that hold after these.

    Comes in: what was read from the reports of `identities`, and what the audit found in it. What
    follows from a corrected figure follows from the corrected one; what the reports say against
    themselves (audit.csv) stays what they say.
    """
    placed = tuple(placed)
    if not placed:
        found = reconcile.observations(mentions, identities, codebook, findings)
        return found, list(findings)
    after = corrections.mentions_after(mentions, placed, codebook)
    touched = _touched(mentions, placed)
    # A unit that a refused amount was proved to have does not depend on mentions alone.
    holding = [
        f
        for f in findings
        if f.kind not in audit.ACROSS
        and (f.document not in touched or (f.kind == "unit" and f.verdict == "derived"))
    ]
    for document in sorted(touched & set(identities)):
        own = [m for m in after if m.document == document]
        holding += audit.findings(own, identities[document], codebook)
    holding += audit.across(after, identities, codebook)
    found = reconcile.observations(after, identities, codebook, holding)
    return corrections.apply(found, placed), holding


def _touched(mentions: Iterable[Mention], placed: Iterable[Placed]) -> set[str]:
    """The documents that a correction is about, or that state the figure which it corrects."""
    touched = set()
    stating = set()
    for one in placed:
        touched |= {one.document, one.observation.document if one.observation else ""}
        stating |= set(one.observation.mention_ids if one.observation else ())
    return touched | {m.document for m in mentions if m.mention_id in stating}
