"""Web pages: the report out of what a site puts around it, its tables with merged cells.

Old Word files are often web pages under another name, so the same reader takes them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from ingest.glyphs import fold
from ingest.readers import UnreadableError, assembly, text
from ingest.readers.assembly import Grid, GridCell, Words
from ingest.records import Document, Source

LIMIT = 20 * 2**20
"""The most bytes that a page may have. Real reports stay below a tenth of it."""

_SAMPLE = 4096
_MARKS = re.compile(
    rb"<!doctype\s+html|<html[\s>]|<(?:head|body|table|div|meta|title)[\s>]", re.IGNORECASE
)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_DEEPEST = 200
_WIDEST, _TALLEST = 200, 5000

_NEVER = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "nav",
        "header",
        "footer",
        "aside",
        "form",
        "button",
        "select",
        "option",
        "input",
        "iframe",
        "object",
        "embed",
        "svg",
        "canvas",
        "audio",
        "video",
        "map",
        "textarea",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "html",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "caption",
    ]
)
_LISTS = frozenset(["div", "dl", "ol", "section", "table", "ul"])
_LEVELS = {f"h{level}": level for level in range(1, 7)}
# Names that sites give to what is no part of the text.
_FURNITURE = re.compile(
    r"(?<![a-z])(?:nav|menu|crumbs?|breadcrumbs?|location|position|footer|foot|copyright|sidebar|share"
    r"|bdshare\w*|related|relate\w*|pager|pagination|prevnext|toolbar|search|banner|qrcode|ewm|dqwz|weizhi)"
    r"(?![a-z])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE
)
# Lines that sites print around a text: where one is, when it came, how to print it.
_LINE = re.compile(
    r"(?:当前|现在|您(?:现在|当前)?(?:所在)?的?|所在)(?:的)?位置\s*[:：]"
    r"|(?:首页|网站首页)\s*[>》›»]"
    r"|(?:【?\s*(?:字号|字体|打印|关闭|打印本页|关闭窗口|关闭本页|分享到?|扫一扫|返回顶部|收藏|大|中|小)\s*】?[:：]?\s*)+$"
    r"|(?:上一[篇条]|下一[篇条]|相关(?:链接|阅读|新闻|文章|附件下载)|责任编辑|浏览次数|点击(?:数|次数|率)|阅读次数|访问量)\s*[:：]"
    r"|(?:发布|发文|更新|生成|成文)(?:时间|日期)\s*[:：]"
    r"|(?:索\s*引\s*号|信息分类|发布机构|发文机关|文\s*号|信息来源|来\s*源|文章来源|作\s*者|编\s*辑)\s*[:：][^。]{0,40}$"
)


def matches(data: bytes) -> bool:
    """Whether the bytes begin like a web page, in whatever encoding."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        sample = data[: _SAMPLE * 2].decode("utf-16", "ignore").encode()
    else:
        sample = data[:_SAMPLE]
    head = sample.removeprefix(codecs.BOM_UTF8).lstrip()
    return head.startswith(b"<") and bool(_MARKS.search(head))


def read(source: Source, data: bytes) -> Document:
    """Reads a web page into a document; raises UnreadableError if it cannot."""
    return assembly.document(source, "html", "lxml", pieces(source, data))


def pieces(source: Source, data: bytes) -> list[Words | Grid]:
    """The paragraphs and tables of a page's main text; raises UnreadableError."""
    if len(data) > LIMIT:
        raise UnreadableError(
            f"{source.document} is a web page of {len(data) / 2**20:.0f} MB, "
            f"more than the {LIMIT // 2**20} MB that are read.",
            "Save the report alone from the browser, without the site around it.",
        )
    words = _DECLARATION.sub("", decode(source.document, data)).replace("\0", " ")
    try:
        page = document_fromstring(words, parser=HTMLParser(remove_comments=True, remove_pis=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError(
            f"{source.document} is a web page without content.",
            "Fetch the page again; some sites send an empty page to programs.",
        ) from error
    title = _title(page)
    body = page.find("body")
    body = page if body is None else body
    _strip(body)
    main = _main(body)
    found = [piece for piece in _Reading().of(main) if not _is_line(piece)]
    if title and not _names(found[:8], title):
        found.insert(0, Words(title, "the title of the page", 1))
    return found


def decode(document: str, data: bytes) -> str:
    """The text of a page: its mark decides, then what the page declares if the bytes agree.

    Pages that claim gb2312 hold characters of GB18030, which holds all of gb2312; pages that
    claim a charset their bytes are not in are decoded by their bytes. Raises UnreadableError.

    >>> decode("a.html", '<meta charset="gb2312"><p>镕㎡'.encode("gb18030"))[-2:]
    '镕㎡'
    """
    declared = _CHARSET.search(data[:_SAMPLE])
    if declared and not data.startswith((codecs.BOM_UTF8, b"\xff\xfe", b"\xfe\xff")):
        name = declared[1].decode("ascii").lower()
        name = "gb18030" if name in ("gb2312", "gbk", "x-gbk", "gb_2312-80", "cp936") else name
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            pass
    try:
        return text.decode(document, data)
    except UnreadableError:
        # One byte lost in a long page is no reason to lose the page.
        for name in ("utf-8", "gb18030"):
            words = data.decode(name, "replace")
            if words.count("\ufffd") * 1000 < len(words):
                return words
        raise


# --- the page ------------------------------------------------------------------------------


def _title(page: Any) -> str:
    """The title that the page names for its text, without the name of the site; "" if it has none.

    What names no report (the site, a section of it) is no title.
    """
    named = [
        element.get("content", "")
        for element in page.iter("meta")
        if element.get("name", "").lower() in ("articletitle", "title")
    ]
    named += [e.text_content() for tag in ("h1", "title") for e in page.iter(tag)]
    for words in map(_line, named):
        for title in (words, re.split(r"\s?[-—_|]+\s?", words)[0]):
            if text.heading_level(fold(title)) == 1:
                return title
    return ""


def _line(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip()


def _names(pieces: list[Words | Grid], title: str) -> bool:
    """Whether the first pieces say the title themselves, over one line or several."""
    said = "".join(piece.text for piece in pieces if isinstance(piece, Words))
    return re.sub(r"\s", "", title) in re.sub(r"\s", "", said)


def _strip(body: Any) -> None:
    """Takes out what is never text: scripts, forms, what is hidden, what a site names furniture."""
    whole = _weight(body)
    for element in list(body.iterdescendants()):
        if not isinstance(element.tag, str):
            continue
        name = f"{element.get('class', '')} {element.get('id', '')}"
        if (
            element.tag in _NEVER
            or _HIDDEN.search(element.get("style", ""))
            or element.get("hidden") is not None
            # A site may use such a name for the frame around everything.
            or (_FURNITURE.search(name) and _weight(element) * 2 < whole)
            or (element.tag in _LISTS and _is_menu(element))
        ):
            _drop(element, whole)


def _is_menu(element: Any) -> bool:
    """Whether an element holds links and next to nothing else."""
    links = sum(1 for _ in element.iter("a"))
    return links > 1 and _weight(element) * 5 < len(_words(element))


def _drop(element: Any, whole: int) -> None:
    # Badly closed tags make a form or a header hold the whole text: then only the tag goes.
    if element.tag in ("form", "header", "footer", "aside", "nav", "button") and (
        _weight(element) * 2 > whole
    ):
        element.drop_tag()
    elif element.getparent() is not None:
        element.drop_tree()


def _weight(element: Any) -> int:
    """How much text below an element is no link."""
    total = len(_words(element))
    return total - sum(len(_words(link)) for link in element.iter("a"))


def _words(element: Any) -> str:
    return "".join("".join(element.itertext()).split())


def _main(body: Any) -> Any:
    """The smallest element that holds nine tenths of the text that is no link."""
    main, whole = body, _weight(body)
    while True:
        larger = [
            child
            for child in main
            if isinstance(child.tag, str)
            and child.tag in _BLOCKS - {"p", "table", "ul", "ol", "dl", "tr", "li"}
            and _weight(child) * 10 >= whole * 9
        ]
        if not larger:
            return main
        main = larger[0]


def _is_line(piece: Words | Grid) -> bool:
    return isinstance(piece, Words) and len(piece.text) < 200 and bool(_LINE.match(piece.text))


# --- paragraphs and tables -----------------------------------------------------------------


class _Reading:
    """A page being read in its order; a paragraph ends where a block begins or ends."""

    def __init__(self) -> None:
        self.paragraphs = self.tables = 0

    def of(self, element: Any) -> Iterator[Words | Grid]:
        words: list[str] = []
        level = 0
        for event in _events(element):
            if isinstance(event, str):
                words.append(event)
                continue
            yield from self._paragraph(words, level)
            words, level = [], event if isinstance(event, int) else 0
            if not isinstance(event, int):
                yield from self._table(event)
        yield from self._paragraph(words, level)

    def _paragraph(self, words: list[str], level: int) -> Iterator[Words]:
        lines = "".join(words).split("\n")
        whole = "\n".join(line.strip(" \u00a0\u3000\u2003") for line in lines).strip()
        if whole:
            self.paragraphs += 1
            yield Words(whole, f"paragraph {self.paragraphs}", level)

    def _table(self, table: Any) -> Iterator[Words | Grid]:
        self.tables += 1
        number, paragraphs = self.tables, self.paragraphs
        cells: list[GridCell] = []
        held: list[list[Words | Grid]] = []
        for row, column, rows, columns, element, order in _grid(table):
            inside = list(self.of(element))
            words = "\n".join(piece.text for piece in inside if isinstance(piece, Words))
            where = f"table {number} row {row + 1} cell {order + 1}"
            cells.append(GridCell(row, column, words, where, rows, columns))
            held.append(inside)
        caption = table.find("caption")
        if caption is not None:
            yield from self.of(caption)
        nested = any(not isinstance(piece, Words) for inside in held for piece in inside)
        if assembly.is_layout(cells) or (nested and _is_frame(cells, held)):
            for inside in held:
                yield from inside
            return
        self.paragraphs = paragraphs
        yield tuple(cells)
        for inside in held:
            yield from (piece for piece in inside if not isinstance(piece, Words))


def _is_frame(cells: list[GridCell], held: list[list[Words | Grid]]) -> bool:
    """Whether the tables inside a table say more than its own cells."""
    inner = sum(
        len(cell.text)
        for inside in held
        for piece in inside
        if not isinstance(piece, Words)
        for cell in piece
    )
    return inner > sum(len(cell.text) for cell in cells) or len(cells) <= 4


def _events(element: Any) -> Iterator[Any]:
    """The text below an element, a heading's level (0 for none) at every border of a block,
    and tables as they are."""
    stack = [(element, iter(element), 0)]
    yield _collapsed(element.text)
    while stack:
        parent, children, level = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            if stack:
                if parent.tag in _BLOCKS:
                    yield stack[-1][2]
                yield _collapsed(parent.tail)
            continue
        if child.tag == "table":
            yield child
            yield level
            yield _collapsed(child.tail)
        elif child.tag == "br":
            yield "\n"
            yield _collapsed(child.tail)
        elif isinstance(child.tag, str) and len(stack) < _DEEPEST:
            below = _LEVELS.get(child.tag, level)
            if child.tag in _BLOCKS:
                yield below
            yield _collapsed(child.text)
            stack.append((child, iter(child), below))
        else:
            yield _collapsed(child.tail)


def _collapsed(words: str | None) -> str:
    """Text as a browser shows it: line breaks of the source are blanks."""
    return re.sub(r"[ \t\r\n\f]+", " ", words or "")


def _grid(table: Any) -> Iterator[tuple[int, int, int, int, Any, int]]:
    """Row, column, rows, columns, element and order in its row of every cell of a table."""
    lines = [row for row in table.iter("tr") if _table_of(row) is table][:_TALLEST]
    taken: set[tuple[int, int]] = set()
    for row, line in enumerate(lines):
        column = 0
        for order, cell in enumerate(c for c in line if c.tag in ("td", "th")):
            while (row, column) in taken:
                column += 1
            columns = min(_span(cell, "colspan"), _WIDEST)
            # A span of 0 reaches to the end of the table, and none reaches further.
            rows = min(_span(cell, "rowspan") or len(lines), len(lines) - row)
            taken |= {(row + r, column + c) for r in range(rows) for c in range(columns)}
            yield row, column, rows, max(columns, 1), cell, order
            column += max(columns, 1)


def _table_of(row: Any) -> Any:
    return next(row.iterancestors("table"), None)


def _span(cell: Any, name: str) -> int:
    digits = re.match(r"\s*(\d{1,5})", cell.get(name, ""))
    return int(digits[1]) if digits else 1
