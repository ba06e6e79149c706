"""Units by arithmetic: an amount printed without one that fits a sum in one unit only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from ingest.codebook.model import Codebook
from ingest.judging.statements import Amount, Statements, amount_of, figure_key, without_scenario
from ingest.judging.sums import added, balances, members_of, slack_of
from ingest.printed import STEP, plain
from ingest.reading.quantities import find
from ingest.records import Finding, Mention, Refusal

# The units that a bare amount may be in, and what one is worth in 万元.
_UNITS = {"万元": Decimal(1), "元": 1 / STEP, "亿元": STEP}


def units_of(report: Statements, codebook: Codebook) -> tuple[list[Finding], set[str]]:
    """Units that are not printed and that a sum proves, and the mentions whose unit it confirms.

    All members of a sum that lack a unit are taken to be in the same one; at least one member must
    print its unit, since a sum fits in any unit that all its members share.
    """
    found: list[Finding] = []
    proved: set[str] = set()
    for total in codebook.sums:
        for whole, parts in members_of(report, total) if total.by == "kind" else ():
            readings = [report.readings(key) for key in (whole, *parts)]
            if any(len(reading) != 1 for reading in readings):
                continue
            members = [reading[0].mentions[0] for reading in readings]
            bare = [m for m in members if _unitless(m, codebook)]
            sure = [m for m in members if not m.review and m.value]
            if (
                not bare
                or not sure
                or len(bare) + sum(not m.review for m in members) < len(members)
            ):
                continue
            fitting = [unit for unit in _UNITS if _fits_in(members, bare, unit)]
            if len(fitting) != 1:
                continue
            unit = fitting[0]
            formula = f"{whole[1]}: {added([_in_unit(m, bare, unit) for m in members[1:]])}"
            for mention in bare:
                value = mention.value * _UNITS[unit]
                found.append(
                    report.finding(
                        without_scenario(figure_key(mention, codebook)),
                        "unit",
                        "agree" if unit == "万元" else "disagree",
                        f"{formula} for {_in_unit(members[0], bare, unit).text}; "
                        f"'{mention.printed}' has no unit and fits only in {unit}",
                        (mention, *(m for m in members if m is not mention)),
                        reported=mention.value,
                        recomputed=value,
                    )
                )
                if unit == "万元":
                    # The same figure in another place is proved with it.
                    proved |= {
                        m.mention_id
                        for m in report.index[figure_key(mention, codebook)]
                        if _unitless(m, codebook) and m.value == mention.value
                    }
    return found, proved


def _unitless(mention: Mention, codebook: Codebook) -> bool:
    """Whether an amount was printed without a unit, so that the unit it was read in is a guess."""
    indicator = codebook.indicators.get(mention.indicator)
    bare = not any("\u4e00" <= c <= "\u9fff" for c in mention.printed)
    return bool(
        mention.review and bare and mention.value and indicator and indicator.kind == "amount"
    )


def _in_unit(mention: Mention, bare: Sequence[Mention], unit: str) -> Amount:
    factor = _UNITS[unit] if mention in bare else Decimal(1)
    return amount_of([replace(mention, value=mention.value * factor)])


def _fits_in(members: Sequence[Mention], bare: Sequence[Mention], unit: str) -> bool:
    factor = _UNITS[unit]
    shift = factor.adjusted()
    figures = [
        (m.value * factor, m.decimals - shift) if m in bare else (m.value, m.decimals)
        for m in members
    ]
    sure = [(m.value, m.decimals) for m in members if m not in bare]
    slack = slack_of(sure, False)
    # A figure that drowns in the rounding of the others fits anything.
    if any(m in bare and abs(v) <= 10 * slack for m, (v, _) in zip(members, figures, strict=True)):
        return False
    return balances(figures, False)


def bare_amounts(report: Statements, refusals: Iterable[Refusal]) -> list[Finding]:
    """Amounts refused for want of a unit that are the one missing member of a sum, in one unit."""
    found = []
    for refusal in refusals:
        indicator = report.codebook.indicators.get(refusal.indicator)
        if indicator is None or indicator.kind != "amount" or "unit" not in refusal.reason:
            continue
        figures = [q for q in find("".join(refusal.quote.split())) if q.kind == "bare" and q.value]
        if len(figures) != 1:
            continue
        bare, proofs = figures[0], {}
        for total in report.codebook.sums:
            for whole, parts in members_of(report, total) if total.by == "kind" else ():
                keys = [whole, *parts]
                missing = [key for key in keys if not report.index.get(key)]
                if len(missing) != 1 or missing[0][0] != refusal.indicator:
                    continue
                place = keys.index(missing[0])
                known = [report.readings(key) for key in keys if key != missing[0]]
                if any(len(reading) != 1 for reading in known):
                    continue
                others = [reading[0] for reading in known]
                for unit, factor in _UNITS.items():
                    member = (bare.value * factor, bare.decimals - factor.adjusted())
                    members = [(a.value, a.mentions[0].decimals) for a in others]
                    telling = abs(member[0]) > 10 * slack_of(members, False)
                    if telling and balances([*members[:place], member, *members[place:]], False):
                        proofs[missing[0], unit] = (member[0], others, place)
        if len(proofs) != 1:
            continue
        ((key, unit), (value, others, place)) = next(iter(proofs.items()))
        amount = Amount(value, value, value, plain(value), ())
        parts_of = [*others[:place], amount, *others[place:]]
        found.append(
            report.finding(
                without_scenario(key),
                "unit",
                "derived",
                f"{key[1]}: {added(parts_of[1:])} for {parts_of[0].text}; '{bare.printed}' has "
                f"no unit and fits only in {unit}",
                (m for a in others for m in a.mentions),
                recomputed=value,
            )
        )
    return found
