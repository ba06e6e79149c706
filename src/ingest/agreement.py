"""When two figures are the same figure, and which one stands when they are not.

`reconcile` and `audit` must answer both questions alike; neither may import the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from ingest.definitions import Definitions
from ingest.records import WHOLE_DEPARTMENT, Mention, Observation

ADDITIVE = ("amount", "count")
"""The kinds of indicators of which a part can never exceed its whole."""

STEP = Decimal(10_000)
"""What a 元 that should be a 万元, or the reverse, makes of an amount."""

CORRECTION = "correction"
"""The rule of a figure that no report prints: it stands in corrections.toml."""


def last_place(decimals: int) -> Decimal:
    """What one unit in the last printed digit is worth, in the codebook's unit.

    >>> last_place(2), last_place(-2)
    (Decimal('0.01'), Decimal('1E+2'))
    """
    return Decimal(1).scaleb(-decimals)


def rounded(value: Decimal, decimals: int = 2) -> Decimal:
    """Rounds half up, as people do by hand, to `decimals` places.

    >>> rounded(Decimal("56.375"))
    Decimal('56.38')
    """
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """Writes a number exactly, with the zeros it was printed with and without an exponent.

    Nought is written 0, however it was printed: 0元 is not 0.0000万元.

    >>> plain(Decimal("2441.60")), plain(Decimal("8.087E+5")), plain(Decimal("-0.00"))
    ('2441.60', '808700', '0')
    """
    return format(value, "f") if value else "0"


def same_figure(first: Mention, second: Mention) -> bool:
    """Whether two mentions print one value: the finer, rounded to the coarser's digits, is the coarser.

    56 and 56.375 are one figure; 56 and 56.9 are two, since between two statements of a report
    nothing says that the one was cut off from the other.
    """
    places = min(first.decimals, second.decimals)
    return abs(first.value - second.value) * 2 <= (
        last_place(places) if first.decimals != second.decimals else 0
    )


def one_step_off(first: Decimal, second: Decimal) -> bool:
    """Whether one amount is the other with 元 taken for 万元, to within half a thousandth.

    >>> one_step_off(Decimal("0.264467"), Decimal("2644.67"))
    True
    """
    small, large = sorted((abs(first), abs(second)))
    return small > 0 and abs(small * STEP - large) * 2000 <= large


def reproduces(printed: Decimal, decimals: int, low: Decimal, high: Decimal) -> bool:
    """Whether a true value between `low` and `high` could be printed so, by rounding or cutting off.

    >>> reproduces(Decimal("317"), 0, Decimal("317.14"), Decimal("317.14"))
    True
    >>> reproduces(Decimal("52.34"), 2, Decimal("52.3303"), Decimal("52.3303"))
    False
    """
    unit = last_place(decimals)
    if printed < 0:
        printed, low, high = -printed, -high, -low
    return low < printed + unit and high >= printed - unit / 2


def is_year_figure(mention: Mention) -> bool:
    """Whether the figure covers its whole year; a quarter or a year to date does not."""
    return mention.period in ("", str(mention.year or ""))


def population_of(mention: Mention, definitions: Definitions) -> str:
    """The population of a mention's key: "all" where none is named, empty without that dimension."""
    indicator = definitions.indicators.get(mention.indicator)
    if indicator is not None and "population" not in indicator.dimensions:
        # Posts and scores of a bureau's own part must not be pooled with the whole's.
        return "" if mention.population == "all" else mention.population
    return mention.population or "all"


def subject_of(mention: Mention) -> str:
    """The subject of a mention's key; a figure of nothing else is the department's."""
    return mention.subject or WHOLE_DEPARTMENT


def basis_of(mention: Mention, definitions: Definitions) -> str:
    """The basis of a mention's key: "unstated" where a rate with several denominators names none."""
    indicator = definitions.indicators.get(mention.indicator)
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
    mentions: Iterable[Mention], definitions: Definitions, own_year: dict[str, int | None]
) -> list[Mention]:
    """Sorts mentions of one key so that the one to keep comes first.

    In this order: not marked for review; an exact figure before a bound; from the report of that
    very year (`own_year`: document → its year) before a later report's look back; a filled form
    before prose; of two amounts or counts the larger, which is the total if one is a part; more
    printed digits; and, as a last resort, the later place in the report.
    """

    def rank(mention: Mention) -> tuple[object, ...]:
        indicator = definitions.indicators.get(mention.indicator)
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
