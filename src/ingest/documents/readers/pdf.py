"""PDF reports: pdfium's characters and ruling lines, page by page, to a document.

pdfium reads every page; pdfplumber, which costs twenty times as much, only looks at pages whose
rules do not explain their text. A page whose characters have no meaning (a font without a table of
them) is reported, never read.
"""

from __future__ import annotations

import ctypes
import io
import logging
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice, pairwise, repeat
from math import atan2, pi
from typing import TYPE_CHECKING, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.documents.glyphs import fold
from ingest.documents.readers import UnreadableError, fields, pages, pdfium_calls, scan
from ingest.documents.readers.digits import APART
from ingest.documents.readers.layout import HAN, Box, Page, Rules, Run, Stretch, edges_of, size_of
from ingest.documents.readers.rules import Grid, grid_of_boxes
from ingest.documents.readers.text import everyday_share
from ingest.records import Document, Source

if TYPE_CHECKING:
    from pdfplumber import page as plumber

# What pdfminer warns of is either told as an issue or of no consequence.
logging.getLogger("pdfminer").setLevel(logging.ERROR)

_READER = "pypdfium2"
_BEGINNING = b"%PDF-"
_THIN, _SHORT = 3.0, 4.0
_MOST_SEGMENTS = 20_000
# How many of a page's characters may be without meaning before the page is given up.
_MOST_MEANINGLESS = 0.02
_MEANINGLESS = "\ufffd"
# The share of everyday characters below which a page's text is taken to be none.
_EVERYDAY = 0.6
# Fewer characters than this are no text, and fewer than that no text beside a picture.
_FEW, _STAMP = 8, 40
# Letters drawn as outlines give a page so many shapes.
_OUTLINES = 300
# What is read from a text layer below a picture is as sure as the engine that made it.
_TEXT_LAYER = 0.9
_QUARTER = pi / 2
_DRAWN = (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE)
_TEXTS = pdfium.FPDF_PAGEOBJ_TEXT
_NO_WIDTH, _SAMPLE = 0.01, 16
_COMMON_FONTS = (b"Helvetica", b"Times", b"Courier", b"Arial", b"Symbol", b"ZapfDingbats")
_DEEPEST = 8
_WORD = re.compile(r"\S+")
_LATIN = re.compile(r"[!-~]")
_IN_NUMBERS = "0123456789.,"
_NUMBER = re.compile(r"\d[\d.,]+%?")


def matches(data: bytes) -> bool:
    """Whether the bytes are a PDF file; some writers put a few bytes before its mark."""
    return _BEGINNING in data[:1024]


def read(source: Source, data: bytes) -> Document:
    """Reads a PDF file into a document.

    Raises UnreadableError for a file that is encrypted or damaged, or that has no text at all.
    Pages without usable text are read as scans if the engine for it is installed; if not, they
    become one issue, and the others are read.
    """
    file = _opened(source, data)
    try:
        fields.opened(file)
        found = [_page(file, data, number) for number in range(1, len(file) + 1)]
        unread = [page for page in found if page.trouble in ("picture", "characters")]
        if 0 < len(unread) <= pages.MOST_SCANNED and scan.available():
            reader = f"{_READER}, rapidocr"
            found = [_scanned(file, page) if page in unread else page for page in found]
        else:
            reader = _READER
    finally:
        file.close()
    return pages.document(source, "pdf", reader, found, lambda page: _second_look(data, page))


def _opened(source: Source, data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise UnreadableError(
                f"{source.document} is encrypted: it opens with a password only.",
                "Open it with its password and print it to a PDF without one.",
            ) from error
        raise UnreadableError(
            f"{source.document} is a damaged PDF file of {len(data)} bytes: its end is missing or "
            "its contents cannot be found.",
            "Fetch it again; if it opens in a viewer, print it from there to a new PDF.",
        ) from error


class _Sheet(NamedTuple):
    """The visible part of a page, in the page's own measures, where y grows upwards."""

    left: float
    bottom: float
    right: float
    top: float

    def turned(self, quarter: int, box: Box) -> Box:
        """A box of the page as one sees it who reads text that runs in this direction."""
        x0, y0, x1, y1 = box
        if quarter == 0:
            return x0 - self.left, self.top - y1, x1 - self.left, self.top - y0
        if quarter == 1:
            return self.top - y1, self.right - x1, self.top - y0, self.right - x0
        if quarter == 2:
            return self.right - x1, y0 - self.bottom, self.right - x0, y1 - self.bottom
        return y0 - self.bottom, x0 - self.left, y1 - self.bottom, x1 - self.left


# --- characters ----------------------------------------------------------------------------


class _Text(NamedTuple):
    """The characters of a page, put together to runs, in the direction in which most are read.

    That is so many quarters to the right; `rules` are those of the page, read in it.
    """

    runs: list[Run]
    quarter: int
    rules: Rules
    meaningless: int
    characters: int


def _text(page: pypdfium2.PdfPage, sheet: _Sheet, thin: list[Box]) -> _Text:
    """The text of a page; `thin` are the boxes of its thin shapes, which may part columns."""
    handle = page.get_textpage()
    try:
        characters = _characters(handle, handle.count_chars())
        quarter, mixed = _direction(handle, characters)
        rules = _rules(thin, sheet, quarter)
        reader = _Reader(
            handle, pdfium_calls.address(handle.raw), sheet, quarter, mixed, sorted(rules.upright)
        )
        # What can be printed has a meaning, and pages with anything else are rare.
        printable = characters.replace("\r", "").replace("\n", "").isprintable()
        looked_at = "" if printable else set(characters)
        odd = {c: m for c in looked_at if (m := _meaning(c)) != c}
        runs, unmapped = _runs(reader, fold(characters))
        if unmapped or odd:
            characters = _marked(handle, characters, odd)
            runs, _ = _runs(reader, fold(characters))
        if _is_hidden(handle, characters):
            runs = [run._replace(confidence=_TEXT_LAYER) for run in runs]
    finally:
        handle.close()
    filled = len(characters) - sum(map(characters.count, " \r\n"))
    return _Text(runs, quarter, rules, characters.count(_MEANINGLESS), filled)


def _rules(thin: list[Box], sheet: _Sheet, quarter: int) -> Rules:
    """Thin shapes as rules, as one sees them who reads in this direction."""
    level, upright = [], []
    for box in thin:
        left, top, right, bottom = sheet.turned(quarter, box)
        if right - left > bottom - top:
            level.append(((top + bottom) / 2, left, right))
        else:
            upright.append(((left + right) / 2, top, bottom))
    return Rules(level, upright)


def _is_hidden(handle: pypdfium2.PdfTextPage, characters: str) -> bool:
    """Whether the text is not drawn: an engine put it below the picture of the page."""
    sample = [m.start() for m in islice(_WORD.finditer(characters), 3)]
    objects = [pdfium.FPDFText_GetTextObject(handle.raw, at) for at in sample]
    modes = [pdfium.FPDFTextObj_GetTextRenderMode(item) for item in objects if item]
    return bool(modes) and all(mode == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE for mode in modes)


def _characters(handle: pypdfium2.PdfTextPage, count: int) -> str:
    buffer = (ctypes.c_ushort * (count + 1))()
    pdfium.FPDFText_GetText(handle.raw, 0, count, buffer)
    characters = bytes(buffer)[: 2 * count].decode("utf-16-le", "replace")
    if len(characters) == count and "\0" not in characters:
        return characters
    # Characters without meaning are left out of the text: then each has to be asked for.
    codes = (pdfium.FPDFText_GetUnicode(handle.raw, at) for at in range(count))
    return "".join(chr(code) if 0 < code < 0x110000 else "\ufffd" for code in codes)


def _direction(handle: pypdfium2.PdfTextPage, characters: str) -> tuple[int, bool]:
    """In which direction most of the text runs, in quarters to the right; whether some does not."""
    sample = range(0, len(characters), max(1, len(characters) // 24))
    filled = [at for at in sample if not characters[at].isspace()]
    angles = [pdfium.FPDFText_GetCharAngle(handle.raw, at) for at in filled]
    quarters = [round(angle / _QUARTER) % 4 for angle in angles]
    if not quarters:
        return 0, False
    quarter = max(range(4), key=quarters.count)
    return quarter, any(not _runs_along(angle, quarter) for angle in angles)


def _runs_along(angle: float, quarter: int) -> bool:
    apart = (angle - quarter * _QUARTER) % (4 * _QUARTER)
    return min(apart, 4 * _QUARTER - apart) < 0.1


@lru_cache(maxsize=65536)
def _meaning(character: str) -> str:
    """The character; U+FFFD for one that stands for nothing.

    Private signs in the range of the symbol fonts are the bullets and boxes of Word.
    """
    if character in "\r\n\t ":
        return character
    if "\uf000" <= character <= "\uf0ff":
        return "\uf0b7"
    return "\ufffd" if unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs") else character


def _marked(handle: pypdfium2.PdfTextPage, characters: str, odd: dict[str, str]) -> str:
    """The text with U+FFFD for each character without meaning; bullets become blanks."""
    found = []
    for at, character in enumerate(characters):
        meaning = odd.get(character, character)
        if meaning == "\ufffd" and pdfium.FPDFText_IsHyphen(handle.raw, at) == 1:
            meaning = "-"
        elif meaning == "\uf0b7":
            around = characters[max(at - 1, 0) : at] + characters[at + 1 : at + 2]
            meaning = "\ufffd" if any(c.isdigit() or c in ".%" for c in around) else " "
        elif not meaning.isspace() and pdfium.FPDFText_HasUnicodeMapError(handle.raw, at) == 1:
            meaning = "\ufffd"
        found.append(meaning)
    return "".join(found)


_Wall = tuple[float, float, float]
"""An upright rule: where, from where, to where."""


class _Reader(NamedTuple):
    """What is needed to ask where a character stands."""

    handle: pypdfium2.PdfTextPage
    address: int
    sheet: _Sheet
    quarter: int
    mixed: bool
    walls: list[_Wall]

    def box(self, at: int) -> Box:
        pdfium_calls.char_box(self.address, at, pdfium_calls.BOX)
        left, up, right, down = pdfium_calls.box()
        x0, top, x1, bottom = self.sheet.turned(self.quarter, (left, down, right, up))
        if bottom - top < 1:
            bottom = top + max(pdfium.FPDFText_GetFontSize(self.handle.raw, at), 1)
        return x0, top, x1, bottom

    def unmapped(self, at: int) -> bool:
        return bool(pdfium_calls.char_is_unmapped(self.address, at) == 1)


def _runs(reader: _Reader, characters: str) -> tuple[list[Run], bool]:
    """Characters that follow each other on a line; whether a font without meanings is among them.

    Calls are what reading costs, so only the ends of a word are looked at, and its first Latin
    character, which may be of another font. Each character is where the ends make no line of the
    right length, or where a rule passes between.
    """
    runs: list[Run] = []
    blanks: list[int] = []
    box, walls = reader.box, reader.walls
    unmapped = False
    after = -1
    for word in _WORD.finditer(characters):
        text, start, end = word.group(), word.start(), word.end()
        if reader.mixed and not _runs_along(
            pdfium.FPDFText_GetCharAngle(reader.handle.raw, start), reader.quarter
        ):
            continue
        if not unmapped:
            latin = _LATIN.search(text)
            unmapped = reader.unmapped(start) or (
                latin is not None and latin.start() > 0 and reader.unmapped(start + latin.start())
            )
        first = box(start)
        last = box(end - 1) if end - start > 1 else first
        if (
            _is_line(text, first, last)
            and not _crossed(walls, first[0] + 2, last[2] - 2, (first[1] + first[3]) / 2)
            and (not _NUMBER.fullmatch(text) or _is_number(reader, text, start, first, last))
        ):
            top, bottom = min(first[1], last[1]), max(first[3], last[3])
            typical = last if text[0] < HAN <= text[-1] else first
            size = typical[3] - typical[1]
            found = [Run(text, first[0], last[2], top, bottom, size)]
        else:
            found = _by_character(text, [box(at) for at in range(start, end)])
        # Blanks that the file prints, or pdfium saw; a rule between parts them all the same.
        if runs and characters[after:start] == " " and _goes_on(runs[-1], found[0], walls):
            blanks.append(len(runs))
        runs += found
        after = end
    return _with_blanks(runs, blanks), unmapped


def _with_blanks(runs: list[Run], blanks: list[int]) -> list[Run]:
    """Runs with those at `blanks` joined to the run before them.

    pdfium tells some characters out of their order, those of a second font on a text that lies on
    its side: what looks like a blank is then where they stand, and the two runs stay two.
    """
    joined: list[Run] = []
    for at, run in enumerate(runs):
        if at in blanks and not _filled(runs[at - 1], run, runs):
            joined[-1] = _joined_by_blank(joined[-1], run)
        else:
            joined.append(run)
    return joined


def _filled(before: Run, after: Run, runs: list[Run]) -> bool:
    """Whether another run stands in the gap between two."""
    return any(before.x1 < (run.x0 + run.x1) / 2 < after.x0 and _level(before, run) for run in runs)


def _is_line(text: str, first: Box, last: Box) -> bool:
    """Whether a word reaches from its first to its last character without a gap or a turn."""
    if first is last:
        return True
    size = min(first[3] - first[1], last[3] - last[1])
    if min(first[3], last[3]) - max(first[1], last[1]) < 0.5 * size:
        return False
    wide = (len(text.encode()) - len(text)) / 2
    # A Chinese character is as wide as its type is large; heights of types differ more.
    em = first[2] - first[0] if text[0] >= HAN else max(size, last[2] - last[0])
    latin = len(text) - wide
    length = last[2] - first[0]
    return em * (0.75 * wide + 0.2 * latin) < length < em * (1.08 * wide + 0.65 * latin + 0.5)


def _is_number(reader: _Reader, text: str, start: int, first: Box, last: Box) -> bool:
    """Whether the digits of a number stand side by side, as wide as its first one each."""
    marks = [reader.box(start + at) for at, mark in enumerate(text) if mark in ".,%"]
    wide = (len(text) - len(marks)) * (first[2] - first[0]) + sum(x1 - x0 for x0, _, x1, _ in marks)
    return abs(last[2] - first[0] - wide) < APART * (first[3] - first[1])


def _crossed(walls: list[_Wall], x0: float, x1: float, y: float) -> bool:
    """Whether an upright rule stands between two places on a line."""
    if x1 <= x0 or not walls:
        return False
    start, end = bisect_right(walls, (x0,)), bisect_left(walls, (x1,))
    return any(top < y < bottom for _, top, bottom in walls[start:end])


def _goes_on(before: Run, run: Run, walls: list[_Wall]) -> bool:
    """Whether a run stands right behind another on its line."""
    return (
        0 <= run.x0 - before.x1 < 0.8 * run.size
        and _level(before, run)
        and not _crossed(walls, before.x1 - 1, run.x0 + 1, (run.top + run.bottom) / 2)
    )


def _by_character(text: str, boxes: list[Box]) -> list[Run]:
    """The runs of a word whose characters do not simply follow each other."""
    runs: list[Run] = []
    for character, (x0, top, x1, bottom) in zip(text, boxes, strict=True):
        run = Run(character, x0, x1, top, bottom, bottom - top, edges=((x0, x1),))
        before = runs[-1] if runs else None
        if before and _level(before, run):
            left = before.edges[-1][0]
            if before.text[-1] == character and abs(x0 - left) < 0.3 * run.size:
                continue
            if -0.2 * run.size < x0 - before.x1 < 0.8 * run.size:
                runs[-1] = Run(
                    before.text + character,
                    before.x0,
                    x1,
                    min(top, before.top),
                    max(bottom, before.bottom),
                    max(run.size, before.size),
                    edges=(*before.edges, (x0, x1)),
                )
                continue
        runs.append(run)
    return runs


def _level(one: Run, other: Run) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.5 * min(one.bottom - one.top, other.bottom - other.top)


def _joined_by_blank(one: Run, other: Run) -> Run:
    edges: tuple[Stretch, ...] = ()
    if (one.edges and other.edges) or (one.text[-1] in _IN_NUMBERS and other.text[0].isdigit()):
        edges = (*edges_of(one), (one.x1, other.x0), *edges_of(other))
    return Run(
        f"{one.text} {other.text}",
        one.x0,
        other.x1,
        min(one.top, other.top),
        max(one.bottom, other.bottom),
        size_of((one, other)),
        edges=edges,
    )


# --- ruling lines and pictures -------------------------------------------------------------

_Matrix = tuple[float, float, float, float, float, float]


class _Drawn(NamedTuple):
    """What is drawn on a page, in its own measures.

    `thin` are the boxes of thin shapes (x0, y0, x1, y1), `pictures` the area of pictures, `shapes`
    counts other shapes, and `skipped` texts that pdfium leaves out: their font is neither in the
    file nor on this machine, so that a single character, or a text on its side, has no width.
    """

    thin: list[Box]
    pictures: float
    shapes: int
    skipped: int


def _drawn(page: pypdfium2.PdfPage) -> _Drawn:
    thin: list[Box] = []
    pictures = 0.0
    shapes = 0
    left = _MOST_SEGMENTS
    texts = []
    for kind, handle, matrix in _objects(page):
        if kind == _TEXTS:
            texts.append(handle)
            continue
        if kind not in _DRAWN or (box := _bounds(handle, matrix)) is None:
            continue
        wide, high = box[2] - box[0], box[3] - box[1]
        if (wide <= _THIN and high > _SHORT) or (high <= _THIN and wide > _SHORT):
            thin.append(box)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures += wide * high
        elif left > 0 and max(wide, high) > _SHORT:
            shapes += 1
            strokes = _strokes(handle, matrix)
            left -= len(strokes) + 1
            thin += strokes
    return _Drawn(thin if left > 0 else [], pictures, shapes, _skipped(texts))


def _skipped(texts: list[int]) -> int:
    """How many texts pdfium leaves out. It is only asked where some are of a foreign font."""
    if not any(map(_is_foreign, texts[:: max(1, len(texts) // _SAMPLE)])):
        return 0
    boxes = (_bounds(text, None) for text in texts if _is_foreign(text))
    return sum(box[2] - box[0] < _NO_WIDTH for box in boxes if box)


def _is_foreign(text: int) -> bool:
    """Whether a text is of a font that is not in the file, and is none that every machine has."""
    font = pdfium_calls.font(text)
    if pdfium_calls.font_is_embedded(font):
        return False
    name = ctypes.create_string_buffer(64)
    pdfium_calls.font_name(font, name, 64)
    return not name.value.startswith(_COMMON_FONTS)


_Object = tuple[int, int, _Matrix | None]
"""Its kind, its handle, and the matrix of the form it is in."""


def _objects(page: pypdfium2.PdfPage) -> Iterator[_Object]:
    """The objects of a page and of the forms on it."""
    count = pdfium.FPDFPage_CountObjects(page.raw)
    handles = list(
        map(pdfium_calls.object_at, repeat(pdfium_calls.address(page.raw)), range(count))
    )
    kinds = list(map(pdfium_calls.kind_of, handles))
    objects = zip(kinds, handles, repeat(None))
    return _opened_forms(objects, None, 0) if pdfium.FPDF_PAGEOBJ_FORM in kinds else objects


def _opened_forms(
    objects: Iterable[_Object], outer: _Matrix | None, depth: int
) -> Iterator[_Object]:
    """The objects, with what is in a form instead of the form."""
    for kind, handle, matrix in objects:
        if kind != pdfium.FPDF_PAGEOBJ_FORM:
            yield kind, handle, matrix
        elif depth <= _DEEPEST:
            inside = _product(_matrix(handle), outer)
            count = max(0, pdfium_calls.objects_of_form(handle))
            handles = (pdfium_calls.object_in_form(handle, at) for at in range(count))
            found = ((pdfium_calls.kind_of(each), each, inside) for each in handles)
            yield from _opened_forms(found, inside, depth + 1)


def _matrix(handle: int) -> _Matrix:
    m = pdfium.FS_MATRIX()
    pdfium_calls.matrix(handle, ctypes.byref(m))
    return m.a, m.b, m.c, m.d, m.e, m.f


def _product(inner: _Matrix, outer: _Matrix | None) -> _Matrix:
    if outer is None:
        return inner
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def _moved(matrix: _Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _bounds(handle: int, matrix: _Matrix | None) -> Box | None:
    if not pdfium_calls.bounds(handle, *pdfium_calls.EDGES):
        return None
    x0, y0, x1, y1 = box = pdfium_calls.box()
    if matrix is None:
        return box
    return _around((_moved(matrix, x0, y0), _moved(matrix, x1, y1)))


def _around(points: Sequence[tuple[float, float]]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _is_thin(box: Box) -> bool:
    wide, high = box[2] - box[0], box[3] - box[1]
    return (wide <= _THIN and high > _SHORT) or (high <= _THIN and wide > _SHORT)


def _strokes(handle: int, outer: _Matrix | None) -> list[Box]:
    """The thin parts of a path: its straight strokes, or the thin rectangles that it fills."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium_calls.draw_mode(handle, ctypes.byref(fill), ctypes.byref(stroke))
    if not fill.value and not stroke.value:
        return []
    matrix = _product(_matrix(handle), outer)
    x, y = ctypes.c_float(), ctypes.c_float()
    place = ctypes.byref(x), ctypes.byref(y)
    shapes: list[list[tuple[float, float]]] = []
    for at in range(min(pdfium_calls.segments(handle), _MOST_SEGMENTS)):
        segment = pdfium_calls.segment_at(handle, at)
        pdfium_calls.segment_point(segment, *place)
        point = _moved(matrix, x.value, y.value)
        if pdfium_calls.segment_kind(segment) == pdfium.FPDF_SEGMENT_MOVETO or not shapes:
            shapes.append([point])
        else:
            shapes[-1].append(point)
        if pdfium_calls.segment_closes(segment):
            shapes[-1].append(shapes[-1][0])
    if stroke.value:
        boxes = [_around(pair) for shape in shapes for pair in pairwise(shape)]
    else:
        boxes = [_around(shape) for shape in shapes]
    return [box for box in boxes if _is_thin(box)]


# --- a second look -------------------------------------------------------------------------


@contextmanager
def _plumbed(data: bytes, number: int) -> Iterator[plumber.Page]:
    """A page as pdfplumber sees it. Raises _DamagedError for one that it cannot open."""
    import pdfplumber  # few reports need it, and it takes long to load

    try:
        with pdfplumber.open(io.BytesIO(data), pages=[number]) as file:
            yield file.pages[0]
            file.pages[0].close()
    except Exception as error:
        # pdfminer raises errors of every kind on damaged files.
        raise _DamagedError from error


class _DamagedError(Exception):
    """A page that pdfium opens and pdfplumber does not."""


def _second_look(data: bytes, page: Page) -> list[Grid]:
    """The tables that pdfplumber finds on a page: it joins edges where pdfium's rules are torn."""
    if page.turn:
        return []
    try:
        with _plumbed(data, page.number) as plumbed:
            west, north, _, _ = plumbed.cropbox
            tables = [[cell for cell in table.cells if cell] for table in plumbed.find_tables()]
    except _DamagedError:
        return []
    return [
        grid_of_boxes([(x0 - west, y0 - north, x1 - west, y1 - north) for x0, y0, x1, y1 in cells])
        for cells in tables
        if len(cells) > 1
    ]


def _text_again(data: bytes, number: int, sheet: _Sheet, thin: list[Box], shown: int) -> _Text:
    """The text of a page as pdfplumber finds it, which needs no glyph to know a width.

    Raises _DamagedError.
    """
    with _plumbed(data, number) as plumbed:
        west, north, _, _ = plumbed.cropbox
        found = [c for c in plumbed.chars if c["text"].strip()]
    if not found:
        return _Text([], shown, _rules(thin, sheet, shown), 0, 0)
    turns = [round(atan2(-c["matrix"][1], c["matrix"][0]) / _QUARTER) % 4 for c in found]
    turn = max(range(4), key=turns.count)
    wide, high = sheet.right - sheet.left, sheet.top - sheet.bottom
    if shown % 2:
        wide, high = high, wide
    as_shown = Page(number, wide, high, [], Rules([], []), turn=-turn % 4)
    boxes = [
        as_shown.shown((c["x0"] - west, c["top"] - north, c["x1"] - west, c["bottom"] - north))
        for c in found
    ]
    words = "".join(_meaning(c["text"]) if len(c["text"]) == 1 else _MEANINGLESS for c in found)
    runs = _by_character(fold(words), boxes)
    quarter = (turn + shown) % 4
    rules = _rules(thin, sheet, quarter)
    return _Text(runs, quarter, rules, words.count(_MEANINGLESS), len(words))


# --- pages ---------------------------------------------------------------------------------


def _page(file: pypdfium2.PdfDocument, data: bytes, number: int) -> Page:
    """One page as it is read; it is closed when this returns. `data` are the bytes of the file."""
    damaged = Page(number, 0.0, 0.0, [], Rules([], []), trouble="damaged")
    try:
        page = file[number - 1]
    except pypdfium2.PdfiumError:
        return damaged
    try:
        sheet = _Sheet(*page.get_bbox())
        drawn = _drawn(page)
        text = _text(page, sheet, drawn.thin)
        shown = (4 - page.get_rotation() // 90) % 4
        filled = fields.filled(file, page) if file.formenv else []
    finally:
        page.close()
    if drawn.skipped:
        try:
            text = _text_again(data, number, sheet, drawn.thin, shown)
        except _DamagedError:
            return damaged
    quarter = text.quarter if text.runs else shown
    rules = text.rules if quarter == text.quarter else _rules(drawn.thin, sheet, quarter)
    wide, high = sheet.right - sheet.left, sheet.top - sheet.bottom
    trouble = _trouble(text, drawn, wide * high)
    if quarter % 2:
        wide, high = high, wide
    if filled and trouble in ("", "blank"):
        trouble = ""
        printed = tuple(text.runs)
        for lines, box, size in filled:
            text.runs.extend(fields.runs(lines, sheet.turned(quarter, box), size, printed))
    return Page(
        number,
        wide,
        high,
        [] if trouble else text.runs,
        rules,
        turn=(quarter - shown) % 4,
        trouble=trouble,
        lost=text.meaningless,
    )


def _scanned(file: pypdfium2.PdfDocument, page: Page) -> Page:
    """A page read by the engine for scans, as it is shown."""
    handle = file[page.number - 1]
    try:
        wide, high = handle.get_size()
        scale = min(scan.DPI / 72, scan.LONGEST / max(wide, high))
        picture = handle.render(scale=scale, grayscale=True).to_numpy()
    finally:
        handle.close()
    return scan.read_page(picture.reshape(picture.shape[:2]), page.number, 1 / scale)


def _trouble(text: _Text, drawn: _Drawn, area: float) -> str:
    """Why the text of a page is of no use; "" if it is.

    A page that is a picture may carry a page mark, or the name of the scanning program.
    """
    pictured = drawn.pictures > 0.5 * area
    if text.characters < (_STAMP if pictured else _FEW):
        if drawn.pictures > 0.2 * area or drawn.shapes > _OUTLINES:
            return "picture"
        return "" if text.characters else "blank"
    if text.meaningless > _MOST_MEANINGLESS * text.characters:
        return "characters"
    sample = "".join(run.text for run in text.runs)
    if len(sample) >= _STAMP and everyday_share(sample[:: len(sample) // _STAMP]) < _EVERYDAY:
        return "characters"
    return ""
