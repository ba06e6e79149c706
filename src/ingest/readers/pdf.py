"""PDF reports: pdfium's characters and ruling lines, page by page, to a document.

pdfium reads every page; pdfplumber, which costs twenty times as much, only looks at pages whose
rules do not explain their text. A page whose characters have no meaning (a font without a table of
them) is reported, never read.
"""

from __future__ import annotations

import ctypes
import io
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import pi
from typing import NamedTuple

import pdfplumber
import pypdfium2
import pypdfium2.raw as pdfium

from ingest.glyphs import fold
from ingest.readers import UnreadableError, pages
from ingest.readers.layout import Box, Page, Rules, Run
from ingest.readers.rules import Grid, grid_of_boxes
from ingest.records import Document, Source

_BEGINNING = b"%PDF-"
_THIN, _SHORT = 3.0, 4.0
_MOST_SEGMENTS = 20_000
# How many of a page's characters may be without meaning before the page is given up.
_MEANINGLESS = 0.02
_FEW = 8
_QUARTER = pi / 2
_DRAWN = (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE)
_DEEPEST = 8


def matches(data: bytes) -> bool:
    """Whether the bytes are a PDF file; some writers put a few bytes before its mark."""
    return _BEGINNING in data[:1024]


def read(source: Source, data: bytes) -> Document:
    """Reads a PDF file into a document.

    Raises UnreadableError for a file that is encrypted or damaged, or that has no text at all.
    Pages without usable text become one issue; the others are read.
    """
    file = _opened(source, data)
    try:
        found = [_page(file, number) for number in range(1, len(file) + 1)]
    finally:
        file.close()
    return pages.document(source, "pdf", "pypdfium2", found, lambda page: _second_look(data, page))


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

    def turned(self, quarter: int, x0: float, y1: float, x1: float, y0: float) -> Box:
        """A box of the page as one sees it who reads text that runs in this direction."""
        if quarter == 0:
            return x0 - self.left, self.top - y1, x1 - self.left, self.top - y0
        if quarter == 1:
            return self.top - y1, self.right - x1, self.top - y0, self.right - x0
        if quarter == 2:
            return self.right - x1, y0 - self.bottom, self.right - x0, y1 - self.bottom
        return y0 - self.bottom, x0 - self.left, y1 - self.bottom, x1 - self.left


# --- characters ----------------------------------------------------------------------------


class _Text(NamedTuple):
    runs: list[Run]
    quarter: int
    meaningless: int
    characters: int


def _text(page: pypdfium2.PdfPage, box: _Sheet) -> _Text:
    """The characters of a page, put together to runs, in the direction in which most are read."""
    handle = page.get_textpage()
    try:
        count = handle.count_chars()
        characters = _characters(handle, count)
        quarter, mixed = _direction(handle, characters)
        odd = {c: m for c in set(characters) if (m := _meaning(c)) != c}
        runs, unmapped = _runs(handle, fold(characters), box, quarter, mixed)
        if unmapped or odd:
            characters = _marked(handle, characters, odd)
            runs, _ = _runs(handle, fold(characters), box, quarter, mixed)
    finally:
        handle.close()
    filled = [c for c in characters if not c.isspace()]
    return _Text(runs, quarter, filled.count("\ufffd"), len(filled))


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
    filled = [at for at, character in enumerate(characters) if not character.isspace()]
    step = max(1, len(filled) // 24)
    angles = [pdfium.FPDFText_GetCharAngle(handle.raw, at) for at in filled[::step]]
    quarters = [round(angle / _QUARTER) % 4 for angle in angles]
    if not quarters:
        return 0, False
    quarter = max(range(4), key=quarters.count)
    return quarter, any(not _runs_along(angle, quarter) for angle in angles)


def _runs_along(angle: float, quarter: int) -> bool:
    apart = (angle - quarter * _QUARTER) % (4 * _QUARTER)
    return min(apart, 4 * _QUARTER - apart) < 0.1


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


def _runs(
    handle: pypdfium2.PdfTextPage, characters: str, box: _Sheet, quarter: int, mixed: bool
) -> tuple[list[Run], bool]:
    """Characters that follow each other on a line; whether a font without meanings is among them.

    One call a character is what reading costs, so the loop does no more than it must: whether a
    character has a meaning is asked where a run begins and where the script changes.
    """
    raw, rectangle = handle.raw, pdfium.FS_RECTF()
    reference = ctypes.byref(rectangle)
    box_of = pdfium.FPDFText_GetLooseCharBox
    runs: list[Run] = []
    words: list[str] = []
    lefts: list[float] = []
    rights: list[float] = []
    top = bottom = right = size = 0.0
    blank = unmapped = latin = False
    west, north = box.left, box.top
    for at, character in enumerate(characters):
        if character <= " " or character in "\u3000\u00a0":
            blank = True
            continue
        if mixed and not _runs_along(pdfium.FPDFText_GetCharAngle(raw, at), quarter):
            continue
        box_of(raw, at, reference)
        if quarter:
            x0, high, x1, low = box.turned(
                quarter, rectangle.left, rectangle.top, rectangle.right, rectangle.bottom
            )
        else:
            x0, x1 = rectangle.left - west, rectangle.right - west
            high, low = north - rectangle.top, north - rectangle.bottom
        if low - high < 1:
            low = high + max(pdfium.FPDFText_GetFontSize(raw, at), 1)
        if words:
            gap = x0 - right
            level = high == top or min(low, bottom) - max(high, top) > 0.5 * min(low - high, size)
            if level and -0.2 * size < gap < 0.8 * size:
                if blank and gap > 0:
                    words.append(" ")
                    lefts.append(right)
                    rights.append(x0)
                if latin != (character < "\x80"):
                    latin = not latin
                    unmapped = unmapped or pdfium.FPDFText_HasUnicodeMapError(raw, at) == 1
                words.append(character)
                lefts.append(x0)
                rights.append(x1)
                right = x1
                top, bottom = min(top, high), max(bottom, low)
                blank = False
                continue
            if character == words[-1] and level and abs(x0 - lefts[-1]) < 0.3 * size:
                continue
            runs.append(Run("".join(words), lefts, rights, top, bottom))
        unmapped = unmapped or pdfium.FPDFText_HasUnicodeMapError(raw, at) == 1
        words, lefts, rights = [character], [x0], [x1]
        top, bottom, right, size = high, low, x1, low - high
        latin, blank = character < "\x80", False
    if words:
        runs.append(Run("".join(words), lefts, rights, top, bottom))
    return runs, unmapped


# --- ruling lines and pictures -------------------------------------------------------------

_Matrix = tuple[float, float, float, float, float, float]


class _Drawn(NamedTuple):
    """Boxes of thin shapes, in the page's own measures (x0, y0, x1, y1), and the pictures' area."""

    thin: list[Box]
    pictures: float


def _drawn(page: pypdfium2.PdfPage) -> _Drawn:
    thin: list[Box] = []
    pictures = 0.0
    left = _MOST_SEGMENTS
    for kind, handle, matrix in _objects(page):
        box = _bounds(handle, matrix)
        if box is None:
            continue
        wide, high = box[2] - box[0], box[3] - box[1]
        if (wide <= _THIN and high > _SHORT) or (high <= _THIN and wide > _SHORT):
            thin.append(box)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures += wide * high
        elif left > 0 and max(wide, high) > _SHORT:
            strokes = _strokes(handle, matrix)
            left -= len(strokes) + 1
            thin += strokes
    return _Drawn(thin if left > 0 else [], pictures)


def _objects(page: pypdfium2.PdfPage) -> Iterator[tuple[int, object, _Matrix | None]]:
    """The paths and pictures of a page and of the forms on it, with the matrix of their form."""
    object_at, kind_of = pdfium.FPDFPage_GetObject, pdfium.FPDFPageObj_GetType
    for at in range(pdfium.FPDFPage_CountObjects(page.raw)):
        handle = object_at(page.raw, at)
        kind = kind_of(handle)
        if kind in _DRAWN:
            yield kind, handle, None
        elif kind == pdfium.FPDF_PAGEOBJ_FORM:
            yield from _form_objects(handle, None, 0)


def _form_objects(
    form: object, outer: _Matrix | None, depth: int
) -> Iterator[tuple[int, object, _Matrix | None]]:
    if depth > _DEEPEST:
        return
    matrix = _product(_matrix(form), outer)
    for at in range(max(0, pdfium.FPDFFormObj_CountObjects(form))):
        handle = pdfium.FPDFFormObj_GetObject(form, at)
        kind = pdfium.FPDFPageObj_GetType(handle)
        if kind in _DRAWN:
            yield kind, handle, matrix
        elif kind == pdfium.FPDF_PAGEOBJ_FORM:
            yield from _form_objects(handle, matrix, depth + 1)


def _matrix(handle: object) -> _Matrix:
    m = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(handle, ctypes.byref(m))
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


def _bounds(handle: object, matrix: _Matrix | None) -> Box | None:
    x0, y0, x1, y1 = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(handle, x0, y0, x1, y1):
        return None
    if matrix is None:
        return x0.value, y0.value, x1.value, y1.value
    corners = (_moved(matrix, x0.value, y0.value), _moved(matrix, x1.value, y1.value))
    return _around(corners)


def _around(points: Sequence[tuple[float, float]]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _is_thin(box: Box) -> bool:
    wide, high = box[2] - box[0], box[3] - box[1]
    return (wide <= _THIN and high > _SHORT) or (high <= _THIN and wide > _SHORT)


def _strokes(handle: object, outer: _Matrix | None) -> list[Box]:
    """The thin parts of a path: its straight strokes, or the thin rectangles that it fills."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(handle, fill, stroke)
    if not fill.value and not stroke.value:
        return []
    matrix = _product(_matrix(handle), outer)
    x, y = ctypes.c_float(), ctypes.c_float()
    shapes: list[list[tuple[float, float]]] = []
    for at in range(min(pdfium.FPDFPath_CountSegments(handle), _MOST_SEGMENTS)):
        segment = pdfium.FPDFPath_GetPathSegment(handle, at)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = _moved(matrix, x.value, y.value)
        if pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_MOVETO or not shapes:
            shapes.append([point])
        else:
            shapes[-1].append(point)
        if pdfium.FPDFPathSegment_GetClose(segment):
            shapes[-1].append(shapes[-1][0])
    if stroke.value:
        boxes = [_around(pair) for shape in shapes for pair in pairwise(shape)]
    else:
        boxes = [_around(shape) for shape in shapes]
    return [box for box in boxes if _is_thin(box)]


# --- a second look -------------------------------------------------------------------------


def _second_look(data: bytes, page: Page) -> list[Grid]:
    """The tables that pdfplumber finds on a page: it joins edges where pdfium's rules are torn."""
    if page.turn:
        return []
    with pdfplumber.open(io.BytesIO(data), pages=[page.number]) as file:
        plumbed = file.pages[0]
        west, north, _, _ = plumbed.cropbox
        found = [
            grid_of_boxes(
                [
                    (x0 - west, top - north, x1 - west, bottom - north)
                    for x0, top, x1, bottom in cells
                ]
            )
            for table in plumbed.find_tables()
            if len(cells := [cell for cell in table.cells if cell]) > 1
        ]
        plumbed.close()
    return found


# --- pages ---------------------------------------------------------------------------------


def _page(file: pypdfium2.PdfDocument, number: int) -> Page:
    """One page as it is read; it is closed when this returns."""
    page = file[number - 1]
    try:
        sheet = _Sheet(*page.get_bbox())
        text = _text(page, sheet)
        drawn = _drawn(page)
        shown = (4 - page.get_rotation() // 90) % 4
    finally:
        page.close()
    quarter = text.quarter if text.runs else shown
    level, upright = [], []
    for x0, y0, x1, y1 in drawn.thin:
        left, top, right, bottom = sheet.turned(quarter, x0, y1, x1, y0)
        if right - left > bottom - top:
            level.append(((top + bottom) / 2, left, right))
        else:
            upright.append(((left + right) / 2, top, bottom))
    wide, high = sheet.right - sheet.left, sheet.top - sheet.bottom
    if quarter % 2:
        wide, high = high, wide
    area = drawn.pictures / max(wide * high, 1.0)
    trouble = _trouble(text, area)
    return Page(
        number,
        wide,
        high,
        [] if trouble else text.runs,
        Rules(level, upright),
        turn=(quarter - shown) % 4,
        trouble=trouble,
        lost=text.meaningless,
    )


def _trouble(text: _Text, pictured: float) -> str:
    """Why the text of a page is of no use; "" if it is. `pictured` is the share under pictures."""
    if text.characters < _FEW:
        return "picture" if pictured > 0.3 else "" if text.characters else "blank"
    if text.meaningless > _MEANINGLESS * text.characters:
        return "characters"
    return ""
