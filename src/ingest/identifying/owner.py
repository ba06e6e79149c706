"""Whose report a document is.

The title decides first, then the cells that name the reporting unit, then the name that the text
cues most. A name that several counties share is settled by the province or city that the text
names, or not at all: then an issue asks for a line in `sources.csv`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.documents.glyphs import fold
from ingest.identifying.cues import cited
from ingest.identifying.divisions import Division, below, county_name, gazetteer, inside
from ingest.identifying.places import BUREAU, MEDICAL, Spot, places_in, unlisted
from ingest.records import Document

_SELF = re.compile("[全我本该]([县市区州旗省盟])")
_UNIT = re.compile(
    "[一-鿿()]{0,18}?[一-鿿](?:局|委员会|办公室|中心|管委会|联合会|厅|总队|支队|医院|委(?!员|办))"
)
_NOT_IN_UNIT = re.compile("[的由对在为将按等]")
_AID = re.compile("对口(?:帮扶|支援|协作|援助)|(?:结对|定点)帮扶|赴|考察|借鉴|学习")


@dataclass(frozen=True)
class Settled:
    """What the place was settled on, and what is left to be said about it (kind, message)."""

    divisions: tuple[Division, ...] = ()
    county: str = ""
    issue: tuple[str, str] | None = None


def _deepest(text: str, *, at_start: bool = False) -> Spot | None:
    """The place whose bureau is named, else the county named first, the prefecture, the province."""
    order = {"county": 0, "zone": 0, "prefecture": 1, "province": 2}
    named = [s for s in places_in(text) if not s.bare and not (at_start and s.first)]
    return min(
        named,
        key=lambda s: (not BUREAU.match(text, s.end), order[s.level], s.start),
        default=None,
    )


def _weights(text: str, spots: Sequence[Spot]) -> Counter[tuple[Division, ...]]:
    """How strongly the text cues each place: its own bureau most, a cited document least."""
    in_title = cited(text)
    weights: Counter[tuple[Division, ...]] = Counter()
    parents = {s.first for s in spots if s.first != s.start}
    for spot in spots:
        # 对口帮扶甲县、乙县: the rest of the sentence is about them; 甲县对口帮扶的: only the name is
        before = re.split("[。;\n]", text[max(0, spot.first - 30) : spot.first])[-1]
        aided = _AID.search(before) or _AID.match(text, spot.end)
        if spot.bare or spot.start in parents or aided:
            continue
        weight = 8 if MEDICAL.match(text, spot.end) else 4
        if in_title[spot.start] or spot.level == "province":
            weight = 1
        weights[spot.divisions] += weight
    # A name that is once said with its city is that city's wherever it stands.
    for places in [p for p in weights if len(p) > 1]:
        narrowed = [p for p in weights if len(p) < len(places) and set(p) <= set(places)]
        if narrowed:
            weights[max(narrowed, key=lambda p: weights[p])] += weights.pop(places)
    return weights


def _most_cued(
    weights: Counter[tuple[Division, ...]], selves: Counter[str]
) -> tuple[Division, ...]:
    if selves["县"] + selves["旗"] > selves["市"] + selves["州"] + selves["省"]:
        counties = {p: w for p, w in weights.items() if p[0].level in ("county", "zone")}
        weights = Counter(counties) or weights
    return max(weights, key=lambda p: weights[p], default=())


def _bare_title(lines: Sequence[str], selves: Counter[str]) -> tuple[Division, ...]:
    """The place that a headline names without 县 or 市 (永州年鉴), at its start or in brackets."""
    stems = gazetteer()[2]
    for line in lines:
        for match in re.finditer(r"(?:^|[(])([一-鿿]{2,8})", line):
            for length in range(len(match[1]), 1, -1):
                form = stems.get(match[1][:length])
                if form:
                    kind = [k for k, _ in selves.most_common(1)]
                    fitting = tuple(d for d in form.divisions if d.name[-1:] in kind)
                    current = tuple(d for d in form.divisions if d.gone_by is None)
                    province = tuple(d for d in form.divisions if d.level == "province")
                    return fitting or province or current or form.divisions
    return ()


def _settle(
    candidates: tuple[Division, ...], spots: Sequence[Spot], year: int | None
) -> tuple[Division, ...]:
    """The candidates left after looking at the year, and at the city or province the text names."""
    alive = tuple(d for d in candidates if not (d.gone_by and year and year >= d.gone_by))
    candidates = alive or candidates
    for level in ("prefecture", "province"):
        if len(candidates) < 2:
            break
        named = [s.divisions for s in spots if s.level == level]
        support = {
            d: sum(any(inside(d, whole) for whole in places) for places in named)
            for d in candidates
        }
        most = max(support.values())
        # A city named in passing does not outweigh one that is named again and again.
        candidates = tuple(d for d in candidates if most and support[d] * 3 > most) or candidates
    return candidates


def _cue(lines: Sequence[str], cells: Sequence[str]) -> tuple[str, Spot | None]:
    """The place of the title, or the one within it that a cell of the form names; with its passage."""
    title = "\n".join(lines)
    cue = _deepest(title)
    if cue and cue.level in ("county", "zone"):
        return title, cue
    for cell in cells:
        named = _deepest(cell, at_start=True)
        if named and (not cue or below(named.divisions, cue.divisions)):
            return cell, named
    return title, cue


def _narrowed(
    found: tuple[Division, ...],
    weights: Counter[tuple[Division, ...]],
    selves: Counter[str],
) -> tuple[Division, ...]:
    """The county that the text is about, where its title names only a city or province.

    Nothing, when the text speaks of its county without naming one.
    """
    deeper = Counter({p: w for p, w in weights.items() if below(p, found)})
    inner = max(deeper, key=lambda p: deeper[p], default=())
    if selves["县"] + selves["旗"] and not selves["市"] + selves["州"] + selves["省"]:
        return inner
    # Its bureau twice at least, and far more than the city and its other counties together.
    if deeper[inner] >= 16 and deeper[inner] > 2 * (
        deeper.total() - deeper[inner] + weights[found]
    ):
        return inner
    return found


def place_of(
    document: Document, lines: Sequence[str], cells: Sequence[str], year: int | None
) -> Settled:
    """Whose report this is, told from its title lines, its cells of units, and all its text.

    `year` is the one that its figures cover: some names are no longer in use.
    """
    text, selves = document.text, Counter(_SELF.findall(document.text))
    spots = places_in(text)
    weights = _weights(text, spots)
    passage, cue = _cue(lines, cells)
    if cue and (zone := unlisted(passage, cue)):
        message = f"'{zone}' of {cue.divisions[0].name} is in no list of divisions"
        return Settled(cue.divisions, zone, ("unknown_county", message))
    found = cue.divisions if cue else _most_cued(weights, selves)
    short = not found
    if short:
        found = _bare_title(lines, selves)
    if not found:
        return Settled(issue=("unknown_county", "no county, prefecture or province is named"))
    if found[0].level in ("prefecture", "province"):
        narrowed = _narrowed(found, weights, selves)
        if not narrowed:
            message = f"the text speaks of a county of {found[0].name} without naming it"
            return Settled(found, issue=("unknown_county", message))
        found = narrowed
    settled = _settle(found, spots, year)
    if len(settled) > 1:
        names = ", ".join(f"{d.code} {d.province}{d.city}{county_name(d)}" for d in settled)
        message = f"the place named may be any of: {names}"
        return Settled(settled, issue=("ambiguous_county", message))
    if short:
        message = f"taken for {settled[0].name} ({settled[0].code}) by the short name in the title"
        return Settled(settled, issue=("short_name", message))
    return Settled(settled)


def _units(text: str, places: Sequence[Division]) -> Iterator[str]:
    """The offices that a text names right after one of the places, in its own words."""
    for spot in places_in(text):
        if spot.bare or not set(spot.divisions) & set(places):
            continue
        office = _UNIT.match(text, spot.end)
        if office and not _NOT_IN_UNIT.search(office[0]):
            # Folding may have changed a character of the name itself (乾县).
            name = spot.divisions[0].name
            printed = text[spot.start : spot.end]
            printed = name if printed == fold(name) else printed
            yield text[spot.first : spot.start] + printed + office[0]


def reporting_unit(
    text: str, lines: Sequence[str], cells: Sequence[str], places: Sequence[Division]
) -> str:
    """The office of one of these places that reports, as the report names it; "" if none is named."""
    for passage in ("\n".join(lines), *cells):
        unit = next(_units(passage, places), "")
        if unit:
            return unit
    named = Counter(unit for unit in _units(text, places) if MEDICAL.search(unit))
    if named:
        return named.most_common(1)[0][0]
    return next((m[0] for cell in cells if (m := _UNIT.fullmatch(cell))), "")
