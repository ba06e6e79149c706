"""When two figures are the same figure, and which one stands when they are not.

`reconcile` and `audit` must answer both questions alike; neither may import the other.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingest.codebook.model import Codebook
from ingest.printed import last_place
from ingest.records import WHOLE_DEPARTMENT, Mention, Observation

ADDITIVE = ("amount", "count")
"""The kinds of indicators of which a part can never exceed its whole."""

CORRECTION = "correction"
"""The rule of a figure that no report prints: it stands in corrections.toml."""


def same_figure(first: Mention, second: Mention) -> bool:
    """Whether two mentions print one value: the finer, rounded to the coarser's digits, is the coarser.

    56 and 56.375 are one figure; 56 and 56.9 are two, since between two statements of a report
    nothing says that the one was cut off from the other.
    """
    places = min(first.decimals, second.decimals)
    return abs(first.value - second.value) * 2 <= (
        last_place(places) if first.decimals != second.decimals else 0
    )


def is_year_figure(mention: Mention) -> bool:
    """Whether the figure covers its whole year; a quarter or a year to date does not."""
    return mention.period in ("", str(mention.year or ""))


def population_of(mention: Mention, codebook: Codebook) -> str:
    """The population of a mention's key: "all" where none is named, empty without that dimension."""
    indicator = codebook.indicators.get(mention.indicator)
    if indicator is not None and "population" not in indicator.dimensions:
        # Posts and scores of a bureau's own part must not be pooled with the whole's.
        return "" if mention.population == "all" else mention.population
    return mention.population or "all"


def subject_of(mention: Mention) -> str:
    """The subject of a mention's key; a figure of nothing else is the department's."""
    return mention.subject or WHOLE_DEPARTMENT


def basis_of(mention: Mention, codebook: Codebook) -> str:
    """The basis of a mention's key: "unstated" where a rate with several denominators names none."""
    indicator = codebook.indicators.get(mention.indicator)
    if indicator is not None and "basis" in indicator.dimensions:
        return mention.basis or "unstated"
    return ""


Key = tuple[str, int | None, str, str, str, str, str]
"""County code (or document where no county is known), year, indicator, scenario, population,
subject, basis."""


def key_of(observation: Observation) -> Key:
    """The key of an observation: no two observations of a build share one."""
    return (
        observation.county_code or observation.document,
        observation.year,
        observation.indicator,
        observation.scenario,
        observation.population,
        observation.subject,
        observation.basis,
    )


def comparable_key(observation: Observation) -> str:
    """What two observations must share to stand on one axis: indicator, basis, scope, population.

    Empty where the denominator is not stated: such a rate is comparable with nothing. The scope is
    the department, or the project or fund that the figure belongs to.
    """
    if observation.basis == "unstated":
        return ""
    scope = "department" if observation.subject == WHOLE_DEPARTMENT else observation.subject
    return "|".join((observation.indicator, observation.basis, scope, observation.population))


def in_order(
    mentions: Iterable[Mention], codebook: Codebook, own_year: dict[str, int | None]
) -> list[Mention]:
    """Sorts mentions of one key so that the one to keep comes first.

    In this order: not marked for review; an exact figure before a bound; from the report of that
    very year (`own_year`: document → its year) before a later report's look back; a filled form
    before prose; of two amounts or counts the larger, which is the total if one is a part; more
    printed digits; and, as a last resort, the later place in the report.
    """

    def rank(mention: Mention) -> tuple[object, ...]:
        indicator = codebook.indicators.get(mention.indicator)
        additive = indicator is not None and indicator.kind in ADDITIVE
        return (
            bool(mention.review),
            mention.comparator != "=",
            own_year.get(mention.document) != mention.year,
            mention.layout != "table",
            -mention.value if additive else 0,
            -mention.decimals,
            mention.document,
            -mention.start,
            mention.mention_id,
        )

    found = list(mentions)
    return sorted(found, key=rank) if len(found) > 1 else found


def groups(mentions: Iterable[Mention]) -> list[list[Mention]]:
    """Parts mentions into groups that print one value, in the order in which they come.

    The finest printed value of a group is the one that the others are held against, so that a
    chain of roundings never joins two values.
    """
    ordered = list(mentions)
    if len(ordered) < 2:
        return [ordered] if ordered else []
    finest = sorted(ordered, key=lambda m: -m.decimals)
    found: list[list[Mention]] = []
    for mention in finest:
        home = next((group for group in found if same_figure(group[0], mention)), None)
        if home is None:
            found.append([mention])
        else:
            home.append(mention)
    place = {id(m): i for i, m in enumerate(ordered)}
    for group in found:
        group.sort(key=lambda m: place[id(m)])
    return sorted(found, key=lambda group: place[id(group[0])])
