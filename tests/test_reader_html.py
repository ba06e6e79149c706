"""Web pages: the report out of its page, and its tables."""

import pytest
from typeset import MODEL
from typeset import html as typeset_html

from ingest.documents import readers
from ingest.documents.readers import UnreadableError, html
from ingest.records import Source

SENTENCE = "截至年底，全县参加基本医疗保险的有10万人，参保率达到98%，群众看病的负担有所减轻。"
REPORT = f"<p>一、参保情况</p><p>{SENTENCE}</p><p>二、待遇情况</p><p>{SENTENCE}</p>"


def read(tmp_path, page, encoding="utf-8", name="report.html"):
    data = page if isinstance(page, bytes) else page.encode(encoding)
    path = tmp_path / name
    path.write_bytes(data)
    return readers.read(Source(name, str(path), "0" * 64, len(data)))


def texts(document):
    return [document.text[block.start : block.end] for block in document.blocks]


def cells(document):
    table = next(block for block in document.blocks if block.kind == "table")
    return [
        (c.row, c.column, c.rows, c.columns, document.text[c.start : c.end]) for c in table.cells
    ]


def page(body, head="<meta charset='utf-8'>"):
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


# --- the page around the report ------------------------------------------------------------


@pytest.mark.parametrize(
    "around",
    [
        "<nav><a href='/'>首页</a> 参保率50%</nav>{}",
        "<script>var rate='50%'</script>{}<style>p{{}}</style>",
        "<div class='header'><ul><li><a href='/'>首页</a></li><li><a>50%</a></li></ul></div>{}",
        "<div class='bread-crumbs'>当前位置：<a>首页</a> &gt; 50%</div>{}",
        "<p>当前位置：首页 &gt; 公开 &gt; 50%</p>{}",
        "{}<div id='footer'>主办单位：某县人民政府 50%</div>",
        "{}<footer>备案号50%</footer>",
        "{}<div><ul><li><a>2021年参保率50%</a></li><li><a>2020年公报</a></li></ul></div>",
        "{}<p>上一篇：<a>参保率50%</a></p>",
        "<p>发布时间：2024-05-01 浏览次数：50%</p>{}<p>【打印】【关闭】</p>",
        "<div style='display: none'>50%</div>{}<!-- 50% -->",
        "<form><input value='50%'><select><option>50%</select></form>{}",
    ],
)
def test_what_a_site_puts_around_a_report_is_left_out(tmp_path, around):
    found = texts(read(tmp_path, page(around.format(REPORT))))
    assert [words.split(",")[0] for words in found] == [
        "一、参保情况",
        "截至年底",
        "二、待遇情况",
        "截至年底",
    ]


@pytest.mark.parametrize(
    "frame",
    [
        "<form>{}</form>",
        "<div class='share'><div>{}</div></div>",
        "<header><div>{}</div></header>",
        "<table><tr><td width=100><a>首页</a></td><td>{}</td></tr></table>",
        "<table><tr><td><table><tr><td>{}</td></tr></table></td></tr></table>",
    ],
)
def test_a_frame_around_everything_is_not_taken_for_furniture(tmp_path, frame):
    found = read(tmp_path, page(frame.format(REPORT)))
    assert [b.kind for b in found.blocks if b.kind == "table"] == []
    assert texts(found)[-4:][::2] == ["一、参保情况", "二、待遇情况"]
    assert found.text.count("10万人") == 2


@pytest.mark.parametrize(
    ("head", "body", "first"),
    [
        ("<title>某县2023年自评报告-某县人民政府</title>", "", "某县2023年自评报告"),
        (
            "<title>首页</title><meta name='ArticleTitle' content='某县自评报告'>",
            "",
            "某县自评报告",
        ),
        ("<title>某县人民政府</title>", "", "一、参保情况"),
        ("<title>某县自评报告</title>", "<p>某县</p><p>自评报告</p>", "某县"),
    ],
)
def test_the_title_comes_from_the_page_if_its_text_does_not_say_it(tmp_path, head, body, first):
    assert texts(read(tmp_path, page(body + REPORT, head + "<meta charset=utf-8>")))[0] == first


def test_headings_and_places(tmp_path):
    found = read(tmp_path, page(f"<h1>自评报告</h1><h2>参保情况</h2><p>{SENTENCE}</p>"))
    assert [(b.kind, b.level) for b in found.blocks] == [
        ("heading", 1),
        ("heading", 3),
        ("paragraph", 0),
    ]
    assert [place.where for place in found.places] == [f"paragraph {n}" for n in (1, 2, 3)]


# --- encodings -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "gb2312"),
        ("utf-8-sig", "gb2312"),
        ("gb18030", "gb2312"),
        ("gb18030", "gbk"),
        ("gb18030", "utf-8"),
        ("gb18030", "no-such-charset"),
        ("utf-16", "utf-16"),
        ("big5", "big5"),
    ],
)
def test_the_bytes_decide_when_the_page_claims_a_wrong_charset(tmp_path, encoding, declared):
    words = "參保率" if encoding == "big5" else "朱镕同志参保率㎡"
    body = page(
        f"<p>{words}98%</p>",
        f"<meta http-equiv=Content-Type content='text/html; charset={declared}'>",
    )
    expected = "参保率98%" if encoding == "big5" else "朱镕同志参保率㎡98%"
    assert read(tmp_path, body, encoding).text.strip() == expected


def test_a_lost_byte_does_not_lose_the_page(tmp_path):
    data = page("<p>" + SENTENCE * 60 + "</p>").encode()
    assert read(tmp_path, data.replace(b"\xe5\xba\x95", b"\xe5\xba", 1)).text.count("98%") == 60


# --- text and tables -----------------------------------------------------------------------


def test_blanks_and_line_breaks_are_those_a_browser_shows(tmp_path):
    body = "<p>&nbsp;&nbsp;参保\n   10万人，<br/>参保率<b>98</b>%。&emsp;</p><div>下文<p>再下文</p>尾</div>"
    found = read(tmp_path, page(body))
    assert found.text.split("\n")[:5] == ["参保 10万人,", "参保率98%。", "下文", "再下文", "尾"]
    assert texts(found)[0] == "参保 10万人,\n参保率98%。"


def test_spans_of_cells(tmp_path):
    table = (
        "<table><caption>单位：万元</caption><thead><tr><th rowspan=2>项目<th colspan=2>2023年</tr>"
        "<tr><td>预算<td>决算</tr></thead><tbody><tr><td>支出<td>&nbsp;1<br>&nbsp;<td>2<tr>"
        "<td rowspan=0>尾<td colspan='x'>3<td>4<tr><td>5<td>6</table>"
    )
    found = read(tmp_path, page(table))
    assert cells(found) == [
        (0, 0, 2, 1, "项目"),
        (0, 1, 1, 2, "2023年"),
        (1, 1, 1, 1, "预算"),
        (1, 2, 1, 1, "决算"),
        (2, 0, 1, 1, "支出"),
        (2, 1, 1, 1, "1"),
        (2, 2, 1, 1, "2"),
        (3, 0, 2, 1, "尾"),
        (3, 1, 1, 1, "3"),
        (3, 2, 1, 1, "4"),
        (4, 1, 1, 1, "5"),
        (4, 2, 1, 1, "6"),
    ]
    assert texts(found)[0] == "单位:万元"
    assert "table 1 row 5 cell 2" in {place.where for place in found.places}


def test_old_pages_without_a_charset_and_with_capital_tags(tmp_path):
    body = f"<HTML><BODY><TABLE><TR><TD>参保率<TD>98%</TABLE>{REPORT}</BODY>"
    assert cells(read(tmp_path, body, "gbk"))[1][-1] == "98%"


def test_a_doc_that_is_a_web_page_is_read_as_one(tmp_path):
    found = read(tmp_path, typeset_html(MODEL), name="report.doc")
    assert (found.format, found.reader) == ("html", "lxml")


# --- complaints ----------------------------------------------------------------------------


def test_a_page_of_fifty_megabytes_is_refused(tmp_path):
    with pytest.raises(UnreadableError) as raised:
        read(tmp_path, b"<html><p>" + b"a" * (50 * 2**20))
    assert raised.value.message == (
        "report.html is a web page of 50 MB, more than the 20 MB that are read."
    )
    assert raised.value.action.startswith("Save the report alone from the browser")


@pytest.mark.parametrize("body", ["", "<script>load()</script>", "<p>&nbsp;</p>"])
def test_a_page_without_text_is_refused(tmp_path, body):
    with pytest.raises(UnreadableError, match=r"report.html (holds no text|is a web page without)"):
        read(tmp_path, page(body))


@pytest.mark.parametrize("tag", ["div", "font", "table><tr><td"])
def test_a_page_of_unclosed_tags_is_read_to_its_end(tmp_path, tag):
    found = read(tmp_path, page(f"<{tag}>" * 500 + SENTENCE + REPORT))
    assert found.text.count("10万人") == 3


def test_a_page_nested_without_end_is_refused(tmp_path):
    with pytest.raises(UnreadableError) as raised:
        read(tmp_path, page(f"<p>{SENTENCE}</p>" + "<div>" * 5000 + REPORT))
    assert "only its beginning could be read" in raised.value.message
    assert raised.value.action.startswith("Open it in a browser")


@pytest.mark.parametrize("sign", ["\x01", "\0", "&#1;", "&#x0B;", "&#xFFFE;", "&#31;", "&#xD800;"])
def test_characters_that_no_text_holds_are_blanks(tmp_path, sign):
    """They stand behind what is left out, so that they are moved."""
    page = f"<html><body><p>a</p><nav>b</nav>参保率{sign}98%<p>&#21442;保</p></body></html>"
    made = read(tmp_path, page.encode())
    assert [line.replace("\ufffd", " ") for line in made.text.split("\n") if line] == [
        "a",
        "参保率 98%",
        "参保",
    ]


def test_text_that_holds_a_tag_is_no_page():
    assert not html.matches("参保率<98%的有<b>3</b>个乡镇".encode())
