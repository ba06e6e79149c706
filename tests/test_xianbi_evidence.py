import io

import pytest
from conftest import ROWS, write_table
from PIL import Image
from reportlab.pdfgen import canvas

from xianbi import XianbiError, compare, data
from xianbi.evidence import evidence

TEXT = "上一句话。今年满意度<b>为96%</b>，比上年高。下一句话。"
QUOTE = "满意度<b>为96%</b>"


def stated(folder, text=TEXT, **given):
    """The folder of tables with a mention of m1 in b.txt, and that report in `raw` beside it."""
    raw = folder.parent / "raw"
    raw.mkdir(exist_ok=True)
    (raw / "b.txt").write_text(text, encoding="utf-8")
    at = text.find(QUOTE)
    mention = ROWS["mentions"][0] | {"quote": QUOTE, "start": at, "end": at + len(QUOTE)} | given
    write_table(folder, "mentions", [mention, *ROWS["mentions"][1:]])
    return data.load(folder)


def shown(folder, tables):
    (found,) = compare.across_counties(tables, "满意度")["observation_id"][:1]
    return evidence(found, tables, raw=folder.parent / "raw")


def test_the_quote_stands_in_its_sentence_and_html_is_escaped(folder):
    found = shown(folder, stated(folder))
    assert found.title == "北塔区 2023 满意度（实际，社会公众）：96%（前后矛盾）"
    assert [p.quote for p in found.passages] == [QUOTE, "98", "96"]
    assert "  b.txt: 今年【满意度<b>为96%</b>】，比上年高。" in repr(found)
    html = found._repr_html_()
    assert "今年<mark>满意度&lt;b&gt;为96%&lt;/b&gt;</mark>，比上年高。" in html
    assert "<b>为" not in html
    assert "上一句话" not in html


def test_a_report_that_is_not_at_hand_or_was_changed_gives_the_quote_alone(folder):
    tables = stated(folder)
    (folder.parent / "raw" / "b.txt").write_text("另一份" + TEXT, encoding="utf-8")
    assert shown(folder, tables).passages[0].before == ""
    (folder.parent / "raw" / "b.txt").unlink()
    passage = shown(folder, tables).passages[0]
    assert (passage.before, passage.quote, passage.after) == ("", QUOTE, "")


def test_a_table_cannot_have_a_file_outside_of_the_folder_opened(folder):
    (folder.parent / "secret.txt").write_text(TEXT, encoding="utf-8")
    tables = stated(folder, document="../secret.txt")
    assert shown(folder, tables).passages[0].after == ""


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (f"{QUOTE}，电话0319-1234567。", "，"),
        (f"{QUOTE}，咨询13800001111或12345.67。", "，咨询■或12345.67。"),
        (f"{QUOTE}，编号110101199001011234", "，编号■"),
    ],
)
def test_a_passage_shows_no_telephone_and_no_identity_number(folder, text, after):
    assert shown(folder, stated(folder, text)).passages[0].after == after


def test_nothing_before_a_quote_is_shown_that_names_who_signed(folder):
    found = shown(folder, stated(folder, f"负责人某某，{QUOTE}。"))
    assert (found.passages[0].before, found.passages[0].after) == ("", "。")


def test_an_unknown_id_says_where_ids_are(tables):
    with pytest.raises(XianbiError, match=r"^no observation 'x': take an id from the last colu"):
        evidence("x", tables)
    with pytest.raises(XianbiError, match=r"^no folder gone: name the one that `xianbi build`"):
        evidence(tables.observations["observation_id"][0], tables, raw="gone")


def test_every_table_of_figures_has_the_ids(rich):
    known = set(rich.observations["observation_id"])
    for table in (
        compare.across_counties(rich, "满意度"),
        compare.control_rates(rich),
        compare.over_years(rich, county="北塔区"),
        compare.side_by_side(rich, "参保率", by="population"),
    ):
        ids = table.loc[table["status"] != "absent", "observation_id"]
        assert len(ids)
        assert set(ids) <= known


def page(tmp_path, *lines):
    path = tmp_path / "report.pdf"
    sheet = canvas.Canvas(str(path), pagesize=(300, 200))
    for n, line in enumerate(lines):
        sheet.drawString(20, 160 - 20 * n, line)
    sheet.save()
    return path.read_bytes()


def boxed(image):
    """The rows of a page image that hold the colour of the box."""
    picture = Image.open(io.BytesIO(image)).convert("RGB")
    wide, high = picture.size
    return {
        y for y in range(high) if any(picture.getpixel((x, y)) == (200, 60, 0) for x in range(wide))
    }


def test_a_pdf_shows_its_page_with_a_box_about_the_quote(folder, tmp_path):
    tables = stated(folder, document="r.pdf", page="1", quote="rate 96 %")
    (folder.parent / "raw" / "r.pdf").write_bytes(page(tmp_path, "first line", "the rate 96% now"))
    passage = shown(folder, tables).passages[0]
    assert passage.page == 1
    rows = boxed(passage.image)
    # 80 dots an inch; the second line stands 140 points above the foot of a page 200 high.
    assert min(rows) > (200 - 156) * 80 / 72
    assert max(rows) < (200 - 132) * 80 / 72
    assert "r.pdf（第 1 页）" in repr(shown(folder, tables))


def test_a_quote_over_two_lines_has_two_boxes_and_one_not_found_has_none(folder, tmp_path):
    content = page(tmp_path, "the rate", "96% now")
    tables = stated(folder, document="r.pdf", page="1", quote="rate 96%")
    (folder.parent / "raw" / "r.pdf").write_bytes(content)
    rows = boxed(shown(folder, tables).passages[0].image)
    gaps = [b - a for a, b in zip(sorted(rows), sorted(rows)[1:], strict=False) if b - a > 1]
    assert len(gaps) >= 1
    tables = stated(folder, document="r.pdf", page="1", quote="nowhere")
    assert boxed(shown(folder, tables).passages[0].image) == set()
    tables = stated(folder, document="r.pdf", page="9", quote="rate")
    assert shown(folder, tables).passages[0].image is None
