"""Numbers as reports print them: what their last digit is worth, and how they are written again."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

STEP = Decimal(10_000)
"""What a 元 that should be a 万元, or the reverse, makes of an amount."""


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
