"""Both readings of a figure that is marked for review."""

from handmade import mention

from ingest.records import UNSAID
from ingest.reviewing.readings import open_readings


def test_a_settled_figure_has_no_open_readings():
    assert open_readings(mention("participation_rate", "95")) == ()


def test_a_bound_may_be_a_result_or_a_goal():
    bound = mention(
        "participation_rate",
        "95",
        comparator=">=",
        review="a bound",
        settled=(("scenario", UNSAID),),
    )
    assert open_readings(bound) == (">= 95 %, actual", ">= 95 %, target")


def test_an_amount_without_a_unit_may_be_in_yuan():
    bare = mention("expenditure", "4500", review="no unit", printed="4500")
    assert open_readings(bare) == (
        "= 4500 万元, actual",
        "= 0.45 万元, actual (4500 taken as 元)",
    )


def test_of_a_figure_off_a_picture_the_picture_is_the_other_reading():
    scanned = mention("participation_rate", "95.6", review="confidence 0.71", printed="95.6%")
    assert open_readings(scanned) == (
        "= 95.6 %, actual",
        "what the passage in the report shows",
    )
