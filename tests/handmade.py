"""Records made by hand, with everything a test does not care about filled in."""

from decimal import Decimal

from ingest.codebook.loading import load
from ingest.records import WHOLE_DEPARTMENT, Identity, Mention

DEFINITIONS = load()
IDENTITY = Identity("430511", "湖南省", "邵阳市", "北塔区", "北塔区医疗保障局", 2023, "")
_COUNT = iter(range(1, 1_000_000))


def mention(indicator, value, scenario="actual", **given):
    """A mention of `value` (written as printed, so that its digits count) in 2023, in prose."""
    value = Decimal(value)
    number = next(_COUNT)
    fields = {
        "mention_id": f"m-{number:06d}",
        "document": "report.txt",
        "page": None,
        "block": 0,
        "start": number * 10,
        "end": number * 10 + 5,
        "quote": "",
        "layout": "prose",
        "indicator": indicator,
        "scenario": scenario,
        "population": "",
        "subject": WHOLE_DEPARTMENT,
        "basis": "",
        "year": 2023,
        "comparator": "=",
        "value": value,
        "unit": DEFINITIONS.indicators[indicator].unit,
        "decimals": max(0, -value.as_tuple().exponent),
        "printed": str(value),
        "rule": "handmade",
    } | given
    fields.setdefault("period", str(fields["year"]))
    return Mention(**fields)
