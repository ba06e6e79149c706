"""Plain text reports: bytes to one folded text, and the text to headings, paragraphs and tables.

Reports on the web are often Word files flattened to text: this module puts sentences broken over
lines together, `headings` tells what is one, `flat_tables` rebuilds the tables, and `running_tables`
those that were written into lines of text. Every step keeps offsets: a block or a cell is a span of the text, never a copy of it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from statistics import median

from ingest.documents.glyphs import fold, fold_character
from ingest.documents.readers import UnreadableError
from ingest.documents.readers.flat_tables import (
    LOOK,
    VALUE,
    Line,
    Table,
    find_tables,
    half_widths,
    table_block,
)
from ingest.documents.readers.headings import (
    LONGEST_HEADING,
    MARKDOWN,
    REMARK,
    UNNUMBERED,
    heading_level,
    numbering,
)
from ingest.documents.readers.running_tables import parted
from ingest.records import Block, Document, Source

LIMIT = 20 * 2**20
"""The most bytes of a text; reports have a hundredth of them."""

# --- bytes to text -------------------------------------------------------------------------

# The longer marks first: the mark of UTF-32 begins with the one of UTF-16.
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# UTF-8 comes first, for other encodings almost never pass for it.
_CANDIDATES = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
# Bytes that begin formats whose content may look like text further on.
_NOT_TEXT = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
_SAMPLE = 1 << 16
_CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\n\r\f\v\x1a")
# The share of everyday characters in a text that was decoded rightly, and in one that was not.
_PLAUSIBLE = 0.85


def matches(data: bytes) -> bool:
    """Whether the bytes look like text: no other format's beginning, no stray control bytes."""
    return not data.startswith(_NOT_TEXT) and (
        _marked(data) is not None or _looks_like_text(data[:_SAMPLE])
    )


def decode(document: str, data: bytes) -> str:
    """Decodes the bytes of a text file, without its byte order mark.

    UTF-8, GB18030 (and so GB2312 and GBK) and UTF-16 are told apart by their marks, by which of
    them the bytes are valid in, and by how much of the outcome is everyday Chinese. `document`
    is the name used in the complaint when none fits (UnreadableError).

    >>> decode("a.txt", "参保率98%".encode("gb18030"))
    '参保率98%'
    """
    marked = _marked(data)
    if marked:
        mark, encoding = marked
        try:
            return data[len(mark) :].decode(encoding)
        except UnicodeDecodeError as error:
            raise _undecodable(document, data, [(encoding, error.start + len(mark))]) from error
    failures = []
    best, best_share = "", 0.0
    for encoding in _CANDIDATES:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            failures.append((encoding, error.start))
            continue
        share = everyday_share(text)
        if encoding == "utf-8" and "\0" not in text[:_SAMPLE]:
            return text
        if share > best_share:
            best, best_share = text, share
    if best_share < _PLAUSIBLE:
        raise _undecodable(document, data, failures)
    return best


def _marked(data: bytes) -> tuple[bytes, str] | None:
    return next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), None)


def _looks_like_text(sample: bytes) -> bool:
    if b"\0" in sample:
        even = sample[: len(sample) // 2 * 2]
        return any(
            everyday_share(even.decode(encoding, "replace")) >= _PLAUSIBLE
            for encoding in ("utf-16-le", "utf-16-be")
        )
    strange = sum(sample.count(ord(control)) for control in _CONTROLS)
    return strange * 100 <= len(sample)


def everyday_share(text: str) -> float:
    """The share of characters that a Chinese report would use, from a sample of the text."""
    sample = text[:4000]
    usual = sum(_is_everyday(character) for character in sample)
    return usual / len(sample) if sample else 0.0


@lru_cache(maxsize=65536)
def _is_everyday(character: str) -> bool:
    if character < "\x80":
        return character not in _CONTROLS and character != "\x7f"
    try:
        lead = fold_character(character).encode("gb2312")[0]
    except UnicodeEncodeError:
        return character in "\u00a0\u200b\ufeff"
    # Rows of symbols and of the 3,755 common characters; the rarer ones make up bytes misread.
    return lead < 0x80 or 0xA1 <= lead <= 0xA3 or 0xB0 <= lead <= 0xD7


def _undecodable(document: str, data: bytes, failures: list[tuple[str, int]]) -> UnreadableError:
    if failures:
        # Where the reading went furthest is where the damage is.
        encoding, at = max(failures, key=lambda failure: failure[1])
        line = data.count(b"\n", 0, at) + 1
        found = (
            f"byte {data[at : at + 1].hex() or 'end of file'} at offset {at} (line {line}) "
            f"is not valid {encoding.upper()}"
        )
    else:
        found = "what it decodes to is no Chinese text"
    return UnreadableError(
        f"{document} could not be decoded: {found}.",
        "Save it as UTF-8 from the program that wrote it, or fetch the report again.",
    )


# --- text, cleaned -------------------------------------------------------------------------

# Marks of page numbers: -23-, — 12 —, 第3页, 第3页 共10页, 3/10页.
_PAGE_MARK = (
    r"[-—–―－]{1,2}[ \t　]?\d{1,4}[ \t　]?[-—–―－]{1,2}"
    r"|第[ 　]?\d{1,4}[ 　]?[页頁](?:[ 　/，,]{0,3}共[ 　]?\d{1,4}[ 　]?[页頁])?"
    r"|\d{1,4}[ 　]?/[ 　]?\d{1,4}[ 　]?[页頁]"
)
_PAGE_MARK_LINE = re.compile(rf"^[ \t　]{{0,80}}(?:{_PAGE_MARK})[ \t　\r]{{0,80}}$", re.MULTILINE)
# Inside a line only the tight form between long dashes is sure to be no range and no cell.
_PAGE_MARK_INSIDE = re.compile(r"(?<![\d—–])[—–]{1,2}\d{1,4}[—–]{1,2}(?![—–])")
_LINE_ENDS = "\v\x85\u2028\u2029"


def clean(decoded: str) -> str:
    """Folds a decoded text and blanks out what is no part of it; the length never changes.

    Every line end becomes a newline and page marks become blanks. A mark inside a sentence takes
    its line with it, so that the sentence reads on.

    >>> clean("支出\\n—23—\\n１００万元")
    '支出     \\n100万元'
    """
    text = re.sub(r"\r(?![\r\n])", "\n", decoded)
    for mark in _LINE_ENDS:
        text = text.replace(mark, "\n")
    text = re.sub(r"(?<=\n)\f", " ", text).replace("\f", "\n")
    text = _without_page_lines(text)
    return fold(_PAGE_MARK_INSIDE.sub(lambda mark: " " * len(mark[0]), text))


def _without_page_lines(text: str) -> str:
    pieces = []
    done = 0
    for mark in _PAGE_MARK_LINE.finditer(text):
        before = text[max(done, mark.start() - LOOK) : mark.start()]
        after = text[mark.end() : mark.end() + LOOK]
        start = mark.start() - (len(before) - len(before.rstrip()))
        gap = len(after) - len(after.lstrip())
        end = mark.end() + after.rfind("\n", 0, gap) + 1
        inside = before.strip() and after.strip() and end > mark.end()
        if inside and not _is_finished(fold(before[-8:])) and after.lstrip(" \n\r")[0] not in "\t|":
            pieces += [text[done:start], " " * (end - start - 1), "\n"]
            done = end
        else:
            pieces += [text[done : mark.start()], " " * len(mark[0])]
            done = mark.end()
    return "".join([*pieces, text[done:]])


def _is_finished(line: str) -> bool:
    """Whether a folded line ends where a sentence, or a cell, ends."""
    return line.rstrip().rstrip("\"')]} ")[-1:] in tuple("。;:!?…|\t")


# --- blocks --------------------------------------------------------------------------------


def blocks(text: str, opens: bool = True, ends: frozenset[int] = frozenset()) -> list[Block]:
    """Divides a cleaned text into headings, paragraphs and tables, in text order.

    `text` is what `clean` gives. Blocks do not overlap, and every character that is neither blank
    nor a mark of markdown is in one of them. `opens`: a report begins here, so that the first line
    may be its title. `ends` holds the places of newlines that are known to end a paragraph.

    >>> [block.kind for block in blocks("一、参保情况\\n全县参保10万人。")]
    ['heading', 'paragraph']
    """
    lines, running = parted(text, _lines(text))
    tables = list(_tables(text, lines, running))
    starts = [0, *(table.after for table in tables)]
    afters = [*(table.first for table in tables), len(lines)]
    flows = [lines[start:after] for start, after in zip(starts, afters, strict=True)]
    width = _wrap_width(flows, ends)
    found = _flow(flows[0], opens, ends, width)
    for table, flow in zip(tables, flows[1:], strict=True):
        found.append(table_block(text, lines, table))
        found += _flow(flow, False, ends, width)
    return found


def _tables(text: str, lines: list[Line], running: list[Table]) -> Iterator[Table]:
    """The tables of a text, those of running text and the others between them, in order."""
    start = 0
    for table in [*running, None]:
        stop = table.first if table else len(lines)
        for found in find_tables(text, lines[start:stop]):
            yield found._replace(first=found.first + start, after=found.after + start)
        if table:
            yield table
            start = table.after


def _lines(text: str) -> list[Line]:
    lines = []
    start = 0
    for line in text.split("\n"):
        lines.append(Line(start, start + len(line), line))
        start += len(line) + 1
    return lines


def _flow(lines: list[Line], first: bool, ends: frozenset[int], width: float) -> list[Block]:
    """Headings and paragraphs of the lines between tables. `first`: the text begins here.

    `width` is what `_wrap_width` found.
    """
    found: list[Block] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        words = line.text.strip()
        if not words:
            at += 1
            continue
        start = line.start + line.text.index(words[0])
        level = heading_level(words)
        if level in (0, UNNUMBERED) and first and _opens(words):
            level = 1
        first = False
        if level:
            start += _markdown_length(words)
            found.append(Block("heading", start, line.start + len(line.text.rstrip()), level))
            at += 1
            continue
        after = at + 1
        while after < len(lines) and _reads_on(
            lines[after - 1].text,
            lines[after].text,
            lines[after - 1].end in ends,
            _is_full(lines, after - 1, width),
        ):
            after += 1
        last = lines[after - 1]
        found.append(Block("paragraph", start, last.start + len(last.text.rstrip())))
        at = after
    return found


def _markdown_length(words: str) -> int:
    marked = MARKDOWN.match(words)
    return marked.end() if marked else 0


def _opens(words: str) -> bool:
    """Whether the first line of a text is its title, whatever words it uses."""
    return (
        len(words) <= LONGEST_HEADING + 10
        and not numbering(words)[0]
        and not words.endswith(_LINKS)
        and not re.search(
            r"[。;!?,|\t]|\s{2}|[\d:]$|\d.*:|^.{0,3}(?:单位|名称|日期|时间):",
            re.sub(r"\([^()]{0,20}\)", "", words),
        )
    )


_LINKS = (
    "的",
    "为",
    "是",
    "和",
    "与",
    "及",
    "或",
    "达",
    "共",
    "计",
    "比",
    "较",
    "、",
    ",",
    "(",
    "-",
)
_AFTER_A_NUMBER = re.compile(r"\s*(?:[%‰万亿元人个名户家件次项份台处条倍分张.,、)]|\d)")


_PAUSE = re.compile(r"[。;]|,(?!\d{3})")


_STATEMENT = re.compile(r"(?!其中)[^\d,。;:]{2,16}:")


def _reads_on(line: str, following: str, ended: bool, full: bool = False) -> bool:
    """Whether a line break inside a paragraph is only where the line was full.

    A paragraph that `ended` there goes on only if a person has broken it inside a clause. One
    whose line is known to be `full` goes on after a semicolon too, and without any mark.
    """
    line_words, words = line.rstrip(), following.strip()
    bare = line_words.strip()
    wrapped = full and not _STATEMENT.match(words[:20])
    if _is_finished(bare) and not (wrapped and bare.endswith(";")):
        return False
    if not words or REMARK.match(bare[:LOOK]):
        return False
    level = heading_level(words)
    if numbering(words)[0] or REMARK.match(words[:LOOK]) or 0 < level < UNNUMBERED:
        return False
    if _breaks_off(bare, words):
        return True
    if ended or _indent(following) >= _indent(line) + 2:
        return False
    if _PAUSE.search(bare):
        return True
    if heading_level(bare) or len(bare) <= 4:
        return False
    return bool(_PAUSE.search(words)) or (wrapped and not level)


_NARROWEST = 30


def _wrap_width(flows: list[list[Line]], ends: frozenset[int]) -> float:
    """The width in half widths at which a text was broken into lines; 0 if it was not.

    The lines that break off in the middle of a sentence tell, if several are about as long.
    """
    widths = [
        half_widths(line.text.rstrip())
        for flow in flows
        for line, following in pairwise(flow)
        if line.text.strip() and _reads_on(line.text, following.text, line.end in ends)
    ]
    width = median(widths) if widths else 0
    several = sum(_is_near(each, width) for each in widths) > 2
    return width if several and width >= _NARROWEST else 0


def _is_near(width: float, usual: float) -> bool:
    return abs(width - usual) * 100 <= usual * 15


def _is_full(lines: list[Line], at: int, width: float) -> bool:
    """Whether a line goes as far as the text's lines do, and is no item of a list.

    Two lines in a row that end with a semicolon are not wrapped there: they are items.
    """
    words = lines[at].text.rstrip()
    if not width or not _is_near(half_widths(words), width):
        return False
    beside = [*lines[max(at - 1, 0) : at], *lines[at + 1 : at + 2]]
    return not words.endswith(";") or not any(line.text.rstrip().endswith(";") for line in beside)


def _breaks_off(line: str, following: str) -> bool:
    """Whether a line ends inside a number, a clause or brackets. Both are stripped."""
    if line[-1].isdigit() and not VALUE.match(line) and _AFTER_A_NUMBER.match(following):
        return True
    return line.endswith(_LINKS) or line.count("(") > line.count(")")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


# --- the reader ----------------------------------------------------------------------------


def read(source: Source, data: bytes) -> Document:
    """Reads the bytes of a text file into a document; raises UnreadableError if it cannot."""
    if len(data) > LIMIT:
        raise UnreadableError(
            f"{source.document} is a text of {len(data) / 2**20:.0f} MB, "
            f"more than the {LIMIT // 2**20} MB that are read.",
            "Save the report alone, without what stands around it.",
        )
    text = clean(decode(source.document, data))
    if not text.strip():
        raise UnreadableError(
            f"{source.document} is empty: {len(data)} bytes, and nothing but blanks in them.",
            "Fetch the report again, or remove the file from the raw folder.",
        )
    return Document(source, "text", "text", text, tuple(blocks(text)))
