"""Figures that no rule parts: each stands in its row and column, or is left out and said to be."""

import re

import pytest
import typeset_pdf
from reportlab.pdfbase import pdfmetrics
from test_reader_pdf import read, tables_of

from ingest.documents.readers import digits
from ingest.documents.readers.layout import Run

HEAD = ["项目", "年初预算数", "全年预算数", "全年执行数"]
ROWS = [
    ["支出合计", "128640", "135275", "133018"],
    ["基本支出", "398.20", "412.40", "412.36"],
    ["项目支出", "1888.20", "1940.35", "917.82"],
    ["公用经费", "58.90", "57.40", "62.70"],
]
WORDS = "".join(HEAD) + "支出合计基本公用经费0123456789.,% "
SIZE = 10.0


def table(gap, rows=ROWS, *, broken=None, spacing=0.0, align="right"):
    """Columns as wide as their widest figure, and so far from each other; without any rule.

    `broken` gives for (row, column) of a figure where it is broken, and by how much. `spacing` sets
    all characters of figures apart.
    """

    def draw(canvas, font):
        def wide(words):
            return pdfmetrics.stringWidth(words, font, SIZE) + spacing * (len(words) - 1)

        widths = [max(wide(row[at]) for row in rows) for at in range(1, len(rows[0]))]
        y = 720.0
        canvas.setFont(font, SIZE / 2)
        for at, words in enumerate(HEAD[: len(rows[0])]):
            middle = 150 + sum(widths[: at - 1]) + widths[at - 1] / 2 + gap * (at - 1)
            canvas.drawCentredString(middle if at else 90, y, words)
        canvas.setFont(font, SIZE)
        for number, (label, *figures) in enumerate(rows):
            y -= 16
            canvas.drawString(80, y, label)
            x = 150.0
            for at, (words, width) in enumerate(zip(figures, widths, strict=True), start=1):
                place, extra = (broken or {}).get((number, at), (len(words), 0.0))
                left = x + {"right": 1, "centre": 0.5, "left": 0}[align] * (width - wide(words))
                for n, character in enumerate(words):
                    # A broken number grows to the left, so that its end stays in its place.
                    shift = extra if n < place else 0.0
                    canvas.drawString(left - shift, y, character)
                    left += wide(character) + spacing
                x += width + gap

    return read(typeset_pdf.drawn(WORDS, draw))


def rows_of(document):
    [cells] = tables_of(document)
    rows = {}
    for row, _, _, _, words in cells:
        rows.setdefault(row, []).append(words)
    return list(rows.values())[-len(ROWS) :]


def whole(rows=ROWS):
    return [[f"项目{rows[0][0]}", *rows[0][1:]], *rows[1:]]


def figures_of(document):
    return set(re.findall(r"\d[\d.,]*", document.text))


@pytest.mark.parametrize("align", ["right", "centre", "left"])
@pytest.mark.parametrize("gap", [12.0, 8.0])
def test_columns_with_room_between_them_are_told_apart(gap, align):
    document = table(gap, align=align)
    assert [row[1:] for row in rows_of(document)] == [row[1:] for row in ROWS]
    assert document.issues == ()


@pytest.mark.parametrize("gap", [4.0, 1.5, 0.8])
def test_columns_that_all_but_touch_are_told_apart_by_the_other_rows(gap):
    document = table(gap)
    assert rows_of(document) == whole()
    assert document.issues == ()


def test_figures_that_run_into_each_other_are_left_out_and_said_to_be():
    rows = [*ROWS[:2], ["项目支出", "888.20", "940.35", "917.82"], ROWS[3]]
    document = table(0.0, rows)
    assert rows_of(document)[1:] == rows[1:]
    assert not figures_of(document) & {"128640", "135275", "133018", "128640135275133018"}
    # Their row stays, so that its label goes with no other figure.
    assert rows_of(document)[0] == ["项目支出合计", ""]
    [issue] = document.issues
    assert (issue.severity, issue.kind, issue.where) == ("warning", "figures_unclear", "page 1")
    assert issue.message == (
        "1 rows of tables without rules have figures that run into each other or are broken, so "
        "that nobody can tell where one ends; they were left out: “支出合计 128640135275133018”"
    )
    assert issue.action == (
        "read these rows by eye, or ask for the report as Word or Excel; add what they say to "
        "corrections.toml"
    )


@pytest.mark.parametrize("extra", [1.0, 2.0, 4.0, 6.0])
@pytest.mark.parametrize("place", [1, 3, 4])
def test_a_broken_number_is_left_out_and_its_neighbours_are_not(extra, place):
    document = table(25.0, broken={(1, 2): (place, extra)})
    expected = [list(row) for row in whole()]
    expected[1][2] = ""
    assert rows_of(document) == expected
    [issue] = document.issues
    assert issue.kind == "figures_unclear"


def test_numbers_all_broken_at_the_same_place_do_not_prove_each_other():
    document = table(25.0, broken={(row, 2): (1, 3.0) for row in range(4)})
    assert [row[2] for row in rows_of(document)] == [""] * 4
    assert [row[3] for row in rows_of(document)] == [row[3] for row in ROWS]


def test_digits_set_wide_are_whole_as_long_as_a_gap_parts_no_words():
    assert rows_of(table(25.0, spacing=0.8)) == whole()
    document = table(25.0, spacing=3.0)
    assert figures_of(document) == set()
    assert [issue.kind for issue in document.issues] == ["figures_unclear"]


def test_a_percent_sign_ends_a_figure_whatever_follows():
    rows = [
        ["支出合计", "98.33%", "9.83"],
        ["基本支出", "97.85%", "10.25"],
        *[["公用经费", "8%", "9.5"]] * 2,
    ]
    document = table(0.4, rows=rows)
    assert rows_of(document) == whole(rows)
    assert document.issues == ()


@pytest.mark.parametrize("gap", [0.5, 0.75, 1.5])
def test_heads_with_a_blank_between_them_are_those_of_two_columns(gap):
    heads = ["年初预算数", "全年预算数", "全年执行数"]

    def draw(canvas, font):
        canvas.setFont(font, SIZE)
        for at in range(3):
            left = 150 + at * (5 + gap) * SIZE
            canvas.drawString(left, 720, heads[at])
            for number, row in enumerate(ROWS, start=1):
                canvas.drawRightString(left + 5 * SIZE, 720 - 16 * number, row[at + 1])
        for number, row in enumerate(ROWS, start=1):
            canvas.drawString(80, 720 - 16 * number, row[0])

    document = read(typeset_pdf.drawn(WORDS, draw))
    [cells] = tables_of(document)
    assert [words for row, column, *_, words in cells if row == 0 and column] == heads
    assert rows_of(document) == ROWS


@pytest.mark.parametrize("extra", [1.0, 3.0, 5.0])
def test_a_broken_number_in_a_sentence_costs_neither_the_sentence_nor_a_warning(extra):
    """What a sentence says of such a number is for the rules of prose, which take none of it."""

    def draw(canvas, font):
        canvas.setFont(font, 12)
        before, after = "2023年全年基本支出4", "12.40万元，年初预算398.20万元。"
        canvas.drawString(80, 740, before)
        x = 80 + extra + pdfmetrics.stringWidth(before, font, 12)
        canvas.drawString(x, 740, after)
        for at, words in enumerate(("1. 12个乡镇", "2. 35家医院", "3. 98名职工"), start=1):
            canvas.drawString(80, 740 - 20 * at, words)

    words = "2023年全年基本支出4 12.40万元，年初预算398.20万元。1. 12个乡镇2. 35家医院3. 98名职工"
    document = read(typeset_pdf.drawn(words, draw))
    assert tables_of(document) == []
    assert re.sub(r"\s", "", document.text) == re.sub(r"\s", "", words).replace("，", ",")
    assert document.issues == ()


def run(words, x0, x1, confidence=1.0):
    return Run(words, x0, x1, 0.0, 10.0, 10.0, confidence)


def test_dates_years_and_lists_of_numbers_in_a_text_stay():
    lines = [
        [run("2022", 0, 20), run("2023年", 23, 53), run("2023.12.31", 100, 150)],
        [run("见附件1,2,3和说明", 0, 90), run("12.5", 120, 140)],
    ]
    assert digits.told_apart(lines, [range(2)]) == (lines, {})


def test_places_of_characters_in_a_picture_prove_nothing():
    lines = [[run("12", 0, 10, 0.97), run("34", 12, 22, 0.97)]]
    assert digits.told_apart(lines, [range(1)]) == (lines, {})
