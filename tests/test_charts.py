import re
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection

from xianbi import XianbiError, charts, compare, export, labels, style

EXECUTION = compare.EXECUTION


def by_basis(tables):
    return compare.side_by_side(tables, EXECUTION, by="basis")


def ranking(tables):
    return compare.across_counties(tables, "participation_rate", population="all")


DRAWINGS = [
    (compare.coverage, charts.coverage),
    (ranking, charts.ranked),
    (by_basis, charts.dumbbell),
    (
        lambda tables: compare.side_by_side(tables, "participation_rate", by="population"),
        charts.by_population,
    ),
    (
        lambda tables: compare.side_by_side(tables, "operating_expenditure", by="scenario"),
        charts.by_scenario,
    ),
    (compare.control_rates, charts.control_rates),
    (lambda tables: compare.over_years(tables, "operating_expenditure"), charts.slope),
    (lambda tables: compare.over_years(tables, county="北塔区"), charts.small_multiples),
    (compare.reported_vs_recomputed, charts.reported_vs_recomputed),
]
every_chart = pytest.mark.parametrize(
    ("table", "draw"), DRAWINGS, ids=[draw.__name__ for _, draw in DRAWINGS]
)
every_size = pytest.mark.parametrize(
    "width", [charts.SLIDE, charts.COLUMN], ids=["slide", "column"]
)
every_language = pytest.mark.parametrize("lang", labels.LANGUAGES)
BUILD = Path(__file__).parents[1] / "build" / "contact-sheet"


def texts(figure):
    return [text.get_text() for text in figure.findobj(mpl.text.Text) if text.get_text()]


def dots(figure):
    """The marks drawn: (kind, x, y, hollow), panel by panel."""
    return [
        (line.get_gid(), *line.get_xydata()[0].tolist(), line.get_markerfacecolor() == "white")
        for ax in figure.axes
        for line in ax.get_lines()
        if line.get_gid()
    ]


def points(figure):
    return {
        artist.get_gid(): sorted(tuple(point) for point in artist.get_offsets().tolist())
        for artist in figure.findobj(PathCollection)
        if artist.get_gid()
    }


@every_chart
def test_a_closed_figure_is_returned_and_no_setting_is_left_changed(rich, table, draw):
    mpl.get_backend()  # found on first use, whoever that is
    before = mpl.rcParams.copy()
    figure = draw(table(rich))
    assert isinstance(figure, mpl.figure.Figure)
    assert plt.get_fignums() == []
    assert mpl.rcParams == before


@every_chart
def test_the_same_figures_give_the_same_bytes(rich, table, draw, tmp_path):
    first = export.write(draw(table(rich)), tmp_path / "1", "chart")
    second = export.write(draw(table(rich)), tmp_path / "2", "chart")
    assert [path.name for path in first] == ["chart.svg", "chart.png"]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


@every_chart
@every_language
@every_size
def test_nothing_runs_off_the_page_and_headings_do_not_meet(rich, table, draw, lang, width):
    figure = draw(table(rich), lang=lang, width=width)
    assert figure.get_figwidth() == width
    renderer = FigureCanvasAgg(figure).get_renderer()
    for text in figure.texts:
        box = text.get_window_extent(renderer)
        assert figure.bbox.x0 <= box.x0
        assert box.x1 <= figure.bbox.x1
        assert box.y0 >= figure.bbox.y0
        assert box.y1 <= figure.bbox.y1
    title, subtitle, foot = (text.get_window_extent(renderer) for text in figure.texts[:3])
    panels = [ax.get_tightbbox(renderer) for ax in figure.axes]
    assert title.y0 >= subtitle.y1
    assert all(subtitle.y0 >= panel.y1 and panel.y0 >= foot.y1 for panel in panels)
    for legend in figure.legends:
        box = legend.get_window_extent(renderer)
        assert subtitle.y0 >= box.y1
        assert box.x1 <= figure.bbox.x1
        assert all(box.y0 >= panel.y1 for panel in panels)
    # The contact sheet, to be looked at: what was just measured, as it is printed.
    BUILD.mkdir(parents=True, exist_ok=True)
    size = "slide" if width == charts.SLIDE else "column"
    figure.savefig(BUILD / f"{draw.__name__}-{lang}-{size}.png", dpi=80)


def test_text_in_an_svg_stays_text_and_carries_no_date(tables, tmp_path):
    path, _ = export.write(charts.coverage(compare.coverage(tables)), tmp_path, "chart")
    drawing = ET.parse(path)
    words = [node.text for node in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert "预算执行率" in words
    assert "dc:date" not in path.read_text(encoding="utf-8")


def test_coverage_draws_every_status_in_its_cell_and_nothing_where_absent(tables):
    figure = charts.coverage(compare.coverage(tables))
    # Columns: 无数县, 高邑县, 北塔区; rows as in the codebook, without the one nobody reports.
    assert points(figure) == {
        "reported": [(1.0, 4.0), (2.0, 0.0), (2.0, 1.0)],
        "derived": [(1.0, 1.0), (2.0, 2.0)],
        "bound": [(2.0, 3.0)],
        "undefined": [(2.0, 4.0)],
        "conflicting": [(2.0, 5.0)],
        "target_only": [(1.0, 0.0)],
    }
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == [
        "无数县 2023",
        "高邑县 2024",
        "北塔区 2023",
    ]
    assert any(text.startswith("没有任何报告给出：项目支出\n") for text in texts(figure))


def test_execution_draws_one_mark_a_basis(tables):
    figure = charts.dumbbell(by_basis(tables))
    assert dots(figure) == [
        ("derived", 90.98, 0.0, True),
        ("derived", 159.21, pytest.approx(5 / 6), True),
        ("reported", 100.0, pytest.approx(7 / 6), False),
    ]
    assert {"90.98", "159.21", "100"} <= set(texts(figure))
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [
        "高邑县 2024",
        "北塔区 2023",
    ]


def test_absent_is_named_and_never_a_zero(tables):
    figure = charts.dumbbell(by_basis(tables))
    foot = next(text for text in texts(figure) if "资料来源" in text)
    note, years, source = foot.split("\n")
    assert note == "未报告，也无从推算：无数县 2023"
    assert years == "各行年度不同，比较时请注意"
    assert source == "资料来源：部门整体支出绩效自评报告（高邑县 2024、北塔区 2023）"
    assert all(value > 0 for _, value, _, _ in dots(figure))


def test_control_rates_draw_undefined_and_absent_in_words_and_a_bound_with_an_open_end(tables):
    figure = charts.control_rates(compare.control_rates(tables))
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "三公经费控制率",
        "公用经费控制率",
        "在职人员控制率",
    ]
    assert dots(figure) == [
        ("reported", 92.48, 0.0, False),
        ("derived", 623.3, 1.0, True),
        ("bound", 95.0, 1.0, False),
    ]
    assert "无意义（0/0）" in texts(figure)
    assert texts(figure).count("未报告") == 2
    assert "≥95" in texts(figure)
    arrows = [
        (note.xyann, note.xy)
        for note in figure.axes[2].findobj(mpl.text.Annotation)
        if note.arrow_patch
    ]
    assert arrows == [((26.0, 0), (95.0, 1.0))]  # so many points to the right of the mark
    for ax in figure.axes:
        assert set(ax.get_lines()[0].get_xdata()) == {100}


def test_a_contradiction_is_drawn_with_both_values(tables):
    table = by_basis(tables)
    table.at[1, "others"] = (95.5,)
    table.loc[1, "status"] = "conflicting"
    figure = charts.dumbbell(table)
    assert [mark[:2] for mark in dots(figure)[:2]] == [("other", 95.5), ("conflicting", 90.98)]
    assert "90.98 / 95.5" in texts(figure)
    assert "点线连着报告的两个说法" in texts(figure)


def test_audit_scatter_draws_every_pair_and_the_diagonal(tables):
    figure = charts.reported_vs_recomputed(compare.reported_vs_recomputed(tables))
    ax = figure.axes[0]
    assert points(figure) == {
        "agree": [(92.48, 92.485), (100.0, 100.0)],
        "disagree": [(100.0, 90.98)],
    }
    diagonal = ax.get_lines()[0]
    assert (diagonal.get_xdata() == diagonal.get_ydata()).all()
    assert ax.get_xlim() == ax.get_ylim()
    assert any("高邑县 2024  预算执行率" in text for text in texts(figure))


@pytest.mark.parametrize(("table", "draw"), DRAWINGS[:6])
def test_nothing_to_draw_is_said(rich, table, draw):
    table = table(rich).assign(status="absent", value=None)
    with pytest.raises(XianbiError, match="figure to draw: the coverage notebook shows what the"):
        draw(table)


def test_a_missing_glyph_is_an_error_in_tests(tables, tmp_path):
    table = by_basis(tables)
    table.loc[table.index[-1], "place"] = "\ue123县"  # a private character: no face has it
    with pytest.raises(UserWarning, match="Glyph 57635"):
        export.write(charts.dumbbell(table), tmp_path, "chart")


def fonts(monkeypatch, *names):
    listed = [font_manager.FontEntry(fname=f"{name}.ttf", name=name) for name in names]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", listed)


def test_the_first_installed_face_is_used(monkeypatch):
    fonts(monkeypatch, "DejaVu Sans", "SimHei", "Microsoft YaHei")
    assert style.face() == "Microsoft YaHei"


def test_the_carried_face_is_used_where_none_is_installed_and_never_its_simhei(monkeypatch):
    fonts(monkeypatch, "DejaVu Sans")
    assert style.face() == "Noto Sans CJK SC"
    added = {Path(font.fname).name for font in font_manager.fontManager.ttflist[1:]}
    assert added == {"NotoSansCJKsc-Regular.otf"}


def test_no_face_at_all_says_how_to_get_one(monkeypatch):
    fonts(monkeypatch, "DejaVu Sans")
    monkeypatch.setattr(style.util, "find_spec", lambda name: None)
    with pytest.raises(XianbiError, match=r"no Chinese typeface.*apt install fonts-noto-cjk.*mp"):
        style.face()


def test_colours_differ_in_grey_print_or_by_shape():
    """Every kind of mark on one chart differs from every other in shape."""
    groups = [{p: charts.POPULATION_MARKS[p] for p in group} for group in charts._GROUPS]
    assert set().union(*groups) == {p for p in labels.POPULATIONS if p}
    assert set(charts.SCENARIO_MARKS) == set(labels.SCENARIOS)
    for marks in (
        charts.STATUS_MARKS,
        charts.SCENARIO_MARKS,
        {k: v for k, v in charts.BASIS_MARKS.items() if k},
        *groups,
    ):
        signs = [(mark.shape, mark.colour) for mark in marks.values()]
        assert len(set(signs)) == len(signs)
        shapes = [mark.shape for mark in marks.values()]
        assert len(set(shapes)) == len(shapes)


@every_chart
@every_language
def test_drawing_raises_no_warning(rich, table, draw, lang):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(table(rich), lang=lang)


def signs(figure, gid):
    return [
        line.get_xydata().tolist()
        for ax in figure.axes
        for line in ax.get_lines()
        if line.get_gid() == gid
    ]


def test_ranked_draws_value_target_and_national_line_of_each_row(rich):
    table = ranking(rich)
    assert list(table["place"]) == ["北塔区", "无数县", "高邑县"]
    figure = charts.ranked(table)
    assert dots(figure) == [
        ("national", 95.0, -0.5, False),
        ("target", 95.0, 0.0, False),
        ("reported", 95.93, 0.0, False),
        ("national", 95.0, 0.5, False),
        ("target", 96.0, 1.0, False),
        ("bound", 95.0, 1.0, False),
        ("national", 95.0, 1.5, False),
        ("target", 95.0, 2.0, False),
        ("reported", 94.0, 2.0, False),
    ]
    assert signs(figure, "national")[0] == [[95.0, -0.5], [95.0, 0.5]]
    assert {"95.93", "≥95", "94"} <= set(texts(figure))
    arrows = [a for a in figure.findobj(mpl.text.Annotation) if a.arrow_patch]
    assert [(a.xy, a.xyann) for a in arrows] == [((95.0, 1), (26.0, 0))]


def test_amounts_are_ranked_from_zero(rich):
    figure = charts.ranked(compare.across_counties(rich, "operating_expenditure"))
    assert figure.axes[0].get_xlim()[0] == 0
    assert {mark[1:3] for mark in dots(figure)} == {(130.83, 0.0), (134.21, 0.0), (50.5, 1.0)}
    assert "130.83 / 134.21" in texts(figure)
    foot = next(text for text in texts(figure) if "资料来源" in text)
    assert "未报告，也无从推算：高邑县 2024" in foot


def test_populations_are_told_apart_by_their_mark(rich):
    table = compare.side_by_side(rich, "participation_rate", by="population")
    figure = charts.by_population(table)
    drawn = {
        (line.get_marker(), *line.get_xydata()[0].tolist())
        for line in figure.axes[0].get_lines()
        if line.get_gid()
    }
    everybody, residents = (charts.POPULATION_MARKS[p].shape for p in ("all", "residents"))
    assert {(shape, value) for shape, value, _ in drawn} == {
        (everybody, 94.0),
        (everybody, 95.0),
        (everybody, 95.93),
        (residents, 98.0),
    }


def test_a_missing_year_breaks_the_line_and_a_single_year_is_a_note(rich):
    for figure in (
        charts.slope(compare.over_years(rich, "operating_expenditure")),
        charts.small_multiples(compare.over_years(rich, county="北塔区")),
    ):
        assert signs(figure, "step") == [[[2022.0, 138.16], [2023.0, 130.83]]]
        assert [mark[1:3] for mark in dots(figure) if mark[0] == "year"] == [
            (2020.0, 120.0),
            (2022.0, 138.16),
            (2023.0, 130.83),
        ]
        assert signs(figure, "other") == [[[2023.0, 134.21]]]
    figure = charts.slope(compare.over_years(rich, "operating_expenditure"))
    assert any("只有一年，不成线：无数县 2023" in text for text in texts(figure))
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == [
        "2020",
        "2021",
        "2022",
        "2023",
    ]


def test_english_charts_hold_no_chinese_but_the_names_of_counties_and_sources(rich):
    names = {"高邑县", "北塔区", "无数县"}
    for table, draw in DRAWINGS:
        for text in texts(draw(table(rich), lang="en")):
            for name in names:
                text = text.replace(name, "").replace("\n", "")
            rest = re.sub(r"[高邑县北塔区无数]", "", text)  # names that a line break divides
            assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", rest), text


def test_a_negative_figure_has_a_minus_sign_and_not_a_hyphen(tables):
    table = by_basis(tables).assign(value=[None, -9.02, 159.21, 100.0])
    found = texts(charts.dumbbell(table))
    assert "\u22129.02" in found
    assert not any(text.startswith("-") for text in found)


def test_everybody_and_the_parts_of_an_office_have_marks_of_their_own():
    group = [charts.POPULATION_MARKS[p] for p in ("all", "administrative", "institution", "centre")]
    assert len({mark.shape for mark in group}) == len({mark.colour for mark in group}) == 4


def test_a_figure_to_be_checked_has_a_star_and_a_note(rich):
    table = ranking(rich)
    table["review"] = table["status"] == "bound"
    figure = charts.ranked(table)
    assert {"95.93", "≥95*", "94"} <= set(texts(figure))
    assert "* 待核，用前请看原文：无数县 2023" in next(t for t in texts(figure) if "资料来源" in t)


def test_what_to_mind_when_comparing_stands_under_the_chart(rich):
    foot = next(t for t in texts(charts.ranked(ranking(rich))) if "资料来源" in t)
    assert "各行年度不同，比较时请注意" in foot
    assert "各报告参保率的分母可能不同" in foot.replace("\n", "")
    table = ranking(rich)
    table.loc[0, ["county_code", "place"]] = ["430500", "邵阳市"]
    foot = next(t for t in texts(charts.ranked(table)) if "资料来源" in t)
    assert "是省、市本级或全市的数，不是县：邵阳市 2023" in foot


def test_a_nought_is_drawn_whole_and_no_tick_stands_below_it(rich):
    table = compare.side_by_side(rich, "operating_expenditure", by="scenario")
    table.loc[table["value"].notna(), "value"] = [0.0, 20.99, 130.83]
    (ax,) = charts.by_scenario(table, width=charts.COLUMN).axes
    assert ax.get_xlim()[0] == 0
    assert min(ax.get_xticks()) >= 0
    assert not any(line.get_clip_on() for line in ax.get_lines() if line.get_gid())


def test_names_and_figures_beside_the_lines_stay_off_the_scale(rich):
    table = compare.over_years(rich, "operating_expenditure")
    for width in (charts.SLIDE, charts.COLUMN):
        figure = charts.slope(table, width=width)
        renderer = FigureCanvasAgg(figure).get_renderer()
        (ax,) = figure.axes
        inside = ax.get_window_extent(renderer)
        for note in ax.texts:
            box = note.get_window_extent(renderer)
            assert inside.x0 <= box.x0
            assert box.x1 <= inside.x1


@pytest.mark.parametrize("width", range(8, 60))
def test_lines_are_broken_where_print_breaks_them(width):
    text = "参保率（全体）：2 个数中最高 106.44%（射阳县 2023），最低 ≥95%（北塔区 2023）；报告 130.83 / 134.21 万元"
    lines = charts._wrapped(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines[1:]:
        assert line[0] not in "，。；：、）！？》%"
    for line in lines[:-1]:
        assert line[-1] not in "（《≥"
    joined = "\n".join(lines)
    for whole in ("射阳县 2023", "北塔区 2023", "106.44%", "≥95%", "130.83 / 134.21", "2 个"):
        assert whole in joined


@pytest.mark.parametrize("width", [charts.SLIDE, charts.COLUMN])
def test_figures_over_neighbouring_years_do_not_run_into_each_other(rich, width):
    figure = charts.small_multiples(compare.over_years(rich, county="北塔区"), width=width)
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [t.get_window_extent(renderer) for t in figure.axes[0].texts if t.get_text()]
    assert len(boxes) == 3
    assert not any(one.overlaps(two) for n, one in enumerate(boxes) for two in boxes[:n])


@pytest.mark.parametrize("width", [charts.SLIDE, charts.COLUMN])
def test_a_figure_stands_behind_the_arrow_of_its_bound(rich, width):
    figure = charts.ranked(ranking(rich), width=width)
    renderer = FigureCanvasAgg(figure).get_renderer()
    notes = figure.axes[0].texts
    (arrow,) = [n.arrow_patch.get_window_extent(renderer) for n in notes if n.arrow_patch]
    (text,) = [n.get_window_extent(renderer) for n in notes if n.get_text() == "≥95"]
    assert text.x0 >= arrow.x1
