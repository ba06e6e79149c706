import warnings
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection

from briefing import BriefingError, charts, compare, export, style

DRAWINGS = [
    (compare.coverage, charts.coverage),
    (compare.execution_by_basis, charts.execution_by_basis),
    (compare.control_rates, charts.control_rates),
    (compare.reported_vs_recomputed, charts.reported_vs_recomputed),
]
every_chart = pytest.mark.parametrize(
    ("table", "draw"), DRAWINGS, ids=[draw.__name__ for _, draw in DRAWINGS]
)


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
def test_a_closed_figure_is_returned_and_no_setting_is_left_changed(tables, table, draw):
    before = mpl.rcParams.copy()
    figure = draw(table(tables))
    assert isinstance(figure, mpl.figure.Figure)
    assert plt.get_fignums() == []
    assert mpl.rcParams == before


@every_chart
def test_the_same_figures_give_the_same_bytes(tables, table, draw, tmp_path):
    first = export.write(draw(table(tables)), tmp_path / "1", "chart")
    second = export.write(draw(table(tables)), tmp_path / "2", "chart")
    assert [path.name for path in first] == ["chart.svg", "chart.png"]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


@every_chart
def test_nothing_runs_off_the_page_and_headings_do_not_meet(tables, table, draw):
    figure = draw(table(tables))
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
    figure = charts.execution_by_basis(compare.execution_by_basis(tables))
    assert dots(figure) == [
        ("derived", 90.98, 0.0, True),
        ("derived", 159.21, pytest.approx(0.89), True),
        ("reported", 100.0, pytest.approx(1.11), False),
    ]
    assert {"90.98", "159.21", "100"} <= set(texts(figure))
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [
        "高邑县 2024",
        "北塔区 2023",
    ]


def test_absent_is_named_and_never_a_zero(tables):
    figure = charts.execution_by_basis(compare.execution_by_basis(tables))
    foot = next(text for text in texts(figure) if "资料来源" in text)
    note, source = foot.split("\n")
    assert note == "未报告执行率，也无从推算：无数县 2023"
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
    assert "0/0，无意义" in texts(figure)
    assert texts(figure).count("未报告") == 2
    assert "≥95" in texts(figure)
    arrows = [
        (note.xyann, note.xy)
        for note in figure.axes[2].findobj(mpl.text.Annotation)
        if note.arrow_patch
    ]
    assert len(arrows) == 1
    (start, end) = arrows[0]
    assert start == (95.0, 1.0)
    assert end[0] > 95
    for ax in figure.axes:
        assert set(ax.get_lines()[0].get_xdata()) == {100}


def test_a_contradiction_is_drawn_with_both_values(tables):
    table = compare.execution_by_basis(tables)
    table.at[1, "others"] = (95.5,)
    table.loc[1, "status"] = "conflicting"
    figure = charts.execution_by_basis(table)
    assert [mark[:2] for mark in dots(figure)[:2]] == [("other", 95.5), ("conflicting", 90.98)]
    assert {"90.98", "95.5"} <= set(texts(figure))
    assert "红线连着报告的两个说法" in texts(figure)


def test_audit_scatter_draws_every_pair_and_the_diagonal(tables):
    figure = charts.reported_vs_recomputed(compare.reported_vs_recomputed(tables))
    ax = figure.axes[0]
    assert points(figure) == {"一致": [(92.48, 92.485), (100.0, 100.0)], "不一致": [(100.0, 90.98)]}
    diagonal = ax.get_lines()[0]
    assert (diagonal.get_xdata() == diagonal.get_ydata()).all()
    assert ax.get_xlim() == ax.get_ylim()
    assert any("高邑县 2024  预算执行率" in text for text in texts(figure))


@pytest.mark.parametrize("draw", [charts.coverage, charts.execution_by_basis, charts.control_rates])
def test_nothing_to_draw_is_said(tables, draw):
    table = compare.coverage(tables) if draw is charts.coverage else compare.control_rates(tables)
    table = table.assign(status="absent", value=None)
    with pytest.raises(BriefingError, match="figure to draw: the coverage notebook shows what the"):
        draw(table)


def test_a_missing_glyph_is_an_error_in_tests(tables, tmp_path):
    table = compare.execution_by_basis(tables)
    table.loc[table.index[-1], "place"] = "\ue123县"  # a private character: no face has it
    with pytest.raises(UserWarning, match="Glyph 57635"):
        export.write(charts.execution_by_basis(table), tmp_path, "chart")


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
    with pytest.raises(BriefingError, match=r"no Chinese typeface.*apt install fonts-noto-cjk.*mp"):
        style.face()


def test_colours_differ_in_grey_print_or_by_shape():
    """Every kind of mark on one chart differs from every other in shape."""
    for marks in (charts.STATUS_MARKS, {k: v for k, v in charts.BASIS_MARKS.items() if k}):
        signs = [(mark.shape, mark.colour) for mark in marks.values()]
        assert len(set(signs)) == len(signs)
        shapes = [mark.shape for mark in marks.values()]
        assert len(set(shapes)) == len(shapes)


def test_drawing_raises_no_warning(tables):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for table, draw in DRAWINGS:
            draw(table(tables))
