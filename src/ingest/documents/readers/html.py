"""Web pages: the report out of what a site puts around it, its tables with merged cells.

Old Word files are often web pages under another name, so the same reader takes them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from ingest.documents.glyphs import fold
from ingest.documents.readers import UnreadableError, assembly, text
from ingest.documents.readers.assembly import Grid, GridCell, Words
from ingest.documents.readers.headings import heading_level
from ingest.records import Document, Source

LIMIT = 20 * 2**20
"""The most bytes that a page may have. Real reports stay below a tenth of it."""

_SAMPLE = 4096
_MARKS = re.compile(
    rb"<!doctype\s+html|<html[\s>]|<(?:head|body|table|div|meta|title)[\s>]", re.IGNORECASE
)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
# The parser takes them, and refuses them later when their surroundings are moved.
_NO_TEXT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NUMBERED = re.compile("&#(?:x0*([0-9a-f]{1,4})|0*([0-9]{1,5}));?", re.IGNORECASE)
# Tables in tables in tables: further down they are read as text.
_DEEPEST = 20
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
# What the main text may be looked for in.
_FRAMES = _BLOCKS - {"p", "table", "ul", "ol", "dl", "tr", "li"}
_CLOSED = frozenset(["aside", "button", "footer", "form", "header", "nav"])
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
    words = _printable(_DECLARATION.sub("", decode(source.document, data)))
    parser = HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        page = document_fromstring(words, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError(
            f"{source.document} is a web page without content.",
            "Fetch the page again; some sites send an empty page to programs.",
        ) from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise UnreadableError(
            f"{source.document} is a web page whose elements stand in each other without end, "
            "so that only its beginning could be read.",
            "Open it in a browser, and save the report from there as text or PDF.",
        )
    title = _title(page)
    body = page.find("body")
    body = page if body is None else body
    _strip(body)
    main = _main(body)
    found = [piece for piece in _Reading().of(main) if not _is_line(piece)]
    if title and not _names(found[:8], title):
        found.insert(0, Words(title, "the title of the page", 1))
    return found


def _printable(words: str) -> str:
    """The page with a blank for each character, written out or by number, that no text holds.

    >>> _printable("98\x01% &#11;&#x41;")
    '98 %  &#x41;'
    """

    def printable(number: re.Match[str]) -> str:
        code = int(number[1], 16) if number[1] else int(number[2])
        return " " if _NO_TEXT.match(chr(code)) else number.group()

    return _NO_TEXT.sub(" ", _NUMBERED.sub(printable, words))


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
        # What is valid UTF-8 is next to never anything else, whatever the page claims.
        for encoding in ("utf-8", name):
            try:
                return data.decode(encoding)
            except (UnicodeDecodeError, LookupError):
                continue
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
            if heading_level(fold(title)) == 1:
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
    amounts = _amounts(body)
    whole = amounts[body].plain
    for element in list(body.iterdescendants()):
        if not isinstance(element.tag, str):
            continue
        name = f"{element.get('class', '')} {element.get('id', '')}"
        # Badly closed tags make a form or a footer hold the whole text, and a site may give such
        # names to the frame around everything.
        small = amounts[element].plain * 2 < whole
        if element.tag in _CLOSED and not small:
            element.drop_tag()
        elif (
            element.tag in _NEVER
            or _HIDDEN.search(element.get("style", ""))
            or element.get("hidden") is not None
            or (small and _FURNITURE.search(name))
            or (element.tag in _LISTS and amounts[element].is_menu())
        ):
            element.drop_tree()


class _Amount(NamedTuple):
    """How much text is below an element, in characters: all of it, what is in links, and how many."""

    words: int = 0
    linked: int = 0
    links: int = 0

    @property
    def plain(self) -> int:
        return self.words - self.linked

    def is_menu(self) -> bool:
        """Whether there are links and next to nothing else."""
        return self.links > 1 and self.plain * 5 < self.words


def _amounts(body: Any) -> dict[Any, _Amount]:
    """For every element below the body (and itself) how much text it holds, in one pass."""
    amounts: dict[Any, _Amount] = {}
    for element in reversed(list(body.iter())):
        words, linked, links = _length(element.text), 0, 0
        if not isinstance(element.tag, str) or element.tag in ("script", "style"):
            words = 0
        for child in element:
            below = amounts[child]
            words += below.words + _length(child.tail)
            linked += below.linked
            links += below.links
        if element.tag == "a":
            linked, links = words, links + 1
        amounts[element] = _Amount(words, linked, links)
    return amounts


def _length(words: str | None) -> int:
    return len("".join(words.split())) if words else 0


def _main(body: Any) -> Any:
    """The smallest element that holds nine tenths of the text that is no link."""
    amounts = _amounts(body)
    main, enough = body, amounts[body].plain * 0.9
    while True:
        larger = next((c for c in main if c.tag in _FRAMES and amounts[c].plain >= enough), None)
        if larger is None:
            return main
        main = larger


def _is_line(piece: Words | Grid) -> bool:
    return isinstance(piece, Words) and len(piece.text) < 200 and bool(_LINE.match(piece.text))


# --- paragraphs and tables -----------------------------------------------------------------


class _Reading:
    """A page being read in its order; a paragraph ends where a block begins or ends."""

    def __init__(self) -> None:
        self.paragraphs = self.tables = 0

    def of(self, element: Any, depth: int = 0) -> Iterator[Words | Grid]:
        words: list[str] = []
        level = 0
        for event in _events(element, tables=depth < _DEEPEST):
            if isinstance(event, str):
                words.append(event)
                continue
            yield from self._paragraph(words, level)
            words, level = [], event if isinstance(event, int) else 0
            if not isinstance(event, int):
                yield from self._table(event, depth)
        yield from self._paragraph(words, level)

    def _paragraph(self, words: list[str], level: int) -> Iterator[Words]:
        lines = "".join(words).split("\n")
        whole = "\n".join(line.strip(" \u00a0\u3000\u2003") for line in lines).strip()
        if whole:
            self.paragraphs += 1
            yield Words(whole, f"paragraph {self.paragraphs}", level)

    def _table(self, table: Any, depth: int) -> Iterator[Words | Grid]:
        self.tables += 1
        number, paragraphs = self.tables, self.paragraphs
        cells: list[GridCell] = []
        held: list[list[Words | Grid]] = []
        for row, column, rows, columns, element, order in _grid(table):
            inside = list(self.of(element, depth + 1))
            words = "\n".join(piece.text for piece in inside if isinstance(piece, Words))
            where = f"table {number} row {row + 1} cell {order + 1}"
            cells.append(GridCell(row, column, words, where, rows, columns))
            held.append(inside)
        caption = table.find("caption")
        if caption is not None:
            yield from self.of(caption, depth + 1)
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


def _events(element: Any, tables: bool) -> Iterator[Any]:
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
        elif child.tag == "table" and tables:
            yield child
            yield level
            yield _collapsed(child.tail)
        elif child.tag == "br":
            yield "\n"
            yield _collapsed(child.tail)
        else:
            below = _LEVELS.get(child.tag, level)
            if child.tag in _BLOCKS:
                yield below
            yield _collapsed(child.text)
            stack.append((child, iter(child), below))


def _collapsed(words: str | None) -> str:
    """Text as a browser shows it: line breaks of the source are blanks."""
    return re.sub(r"[ \t\r\n\f]+", " ", words or "")


def _grid(table: Any) -> Iterator[tuple[int, int, int, int, Any, int]]:
    """Row, column, rows, columns, element and order in its row of every cell of a table."""
    lines = [row for row in table.iter("tr") if _table_of(row) is table][:_TALLEST]
    # In each column, the first row that no cell from above covers.
    free: dict[int, int] = {}
    for row, line in enumerate(lines):
        column = 0
        for order, cell in enumerate(c for c in line if c.tag in ("td", "th")):
            while free.get(column, 0) > row:
                column += 1
            columns = max(min(_span(cell, "colspan"), _WIDEST), 1)
            # A span of 0 reaches to the end of the table, and none reaches further.
            rows = min(_span(cell, "rowspan") or len(lines), len(lines) - row)
            for place in range(column, column + columns):
                free[place] = max(free.get(place, 0), row + rows)
            yield row, column, rows, columns, cell, order
            column += columns


def _table_of(row: Any) -> Any:
    return next(row.iterancestors("table"), None)


def _span(cell: Any, name: str) -> int:
    digits = re.match(r"\s*(\d{1,5})", cell.get(name, ""))
    return int(digits[1]) if digits else 1
