"""What people filled into the fields of a PDF form, and where it stands.

Values are asked for, not drawn: a form filled by a program often holds no drawing of its values, or
one in a font that is not in the file. Scripts of the form never run, so a total that a script would
compute is the one that was saved.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.documents.glyphs import fold
from ingest.documents.readers.layout import HAN, Box, Run

# What it says of forms in the XFA format, whose fields are read like others where there are any.
logging.getLogger("pypdfium2").setLevel(logging.ERROR)

_WITH_WORDS = (
    pdfium.FPDF_FORMFIELD_TEXTFIELD,
    pdfium.FPDF_FORMFIELD_COMBOBOX,
    pdfium.FPDF_FORMFIELD_LISTBOX,
)
_NOT_SHOWN = pdfium.FPDF_ANNOT_FLAG_INVISIBLE | pdfium.FPDF_ANNOT_FLAG_HIDDEN
_NOT_SHOWN |= pdfium.FPDF_ANNOT_FLAG_NOVIEW
# Bit 14 of the flags of a field: what is typed there is a password.
_PASSWORD = 1 << 13
_MARGIN, _USUAL = 2.0, 12.0
# How fine places on a page as it is shown are told, in parts of a point.
_FINE = 16


class Field(NamedTuple):
    """A filled field: its lines, its box in the page's own measures, and its type's size or 0."""

    lines: list[str]
    box: Box
    size: float


def opened(file: pypdfium2.PdfDocument) -> bool:
    """Makes the fields of a file known, if it has any; before any of its pages is opened.

    Without a platform for scripts, pdfium runs none.
    """
    if file.get_formtype() == pdfium.FORMTYPE_NONE:
        return False
    file.init_forms(pdfium.FPDF_FORMFILLINFO(version=2))
    return True


def filled(file: pypdfium2.PdfDocument, page: pypdfium2.PdfPage) -> list[Field]:
    """The fields of a page that hold words and are shown; `file` has been `opened`."""
    return [field for note in _widgets(page) for field in _filled(file.formenv.raw, note)]


def _filled(form: object, note: object) -> Iterator[Field]:
    if (
        pdfium.FPDFAnnot_GetFormFieldType(form, note) not in _WITH_WORDS
        or pdfium.FPDFAnnot_GetFlags(note) & _NOT_SHOWN
        or pdfium.FPDFAnnot_GetFormFieldFlags(form, note) & _PASSWORD
    ):
        return
    length = pdfium.FPDFAnnot_GetFormFieldValue(form, note, None, 0)
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    pdfium.FPDFAnnot_GetFormFieldValue(form, note, buffer, length)
    words = bytes(buffer)[:length].decode("utf-16-le", "replace").rstrip("\0")
    lines = [line for line in (" ".join(line.split()) for line in words.splitlines()) if line]
    edges = pdfium.FS_RECTF()
    if not lines or not pdfium.FPDFAnnot_GetRect(note, edges):
        return
    size = ctypes.c_float()
    pdfium.FPDFAnnot_GetFontSize(form, note, size)
    x0, x1 = sorted((edges.left, edges.right))
    y0, y1 = sorted((edges.bottom, edges.top))
    yield Field(lines, (x0, y0, x1, y1), size.value)


def boxes(page: pypdfium2.PdfPage) -> list[Box]:
    """Where the fields of a page stand as it is shown, in points from its left top."""
    wide, high = page.get_size()
    x, y = ctypes.c_int(), ctypes.c_int()

    def seen(at: tuple[float, float]) -> tuple[float, float]:
        size = round(wide * _FINE), round(high * _FINE)
        pdfium.FPDF_PageToDevice(page.raw, 0, 0, *size, 0, *at, x, y)
        return x.value / _FINE, y.value / _FINE

    found = []
    for note in _widgets(page):
        edges = pdfium.FS_RECTF()
        if pdfium.FPDFAnnot_GetRect(note, edges):
            (x0, y0), (x1, y1) = seen((edges.left, edges.top)), seen((edges.right, edges.bottom))
            found.append((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
    return found


def _widgets(page: pypdfium2.PdfPage) -> Iterator[object]:
    """The fields of a page; each is closed when the next one is asked for."""
    for at in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        note = pdfium.FPDFPage_GetAnnot(page.raw, at)
        if not note:
            continue
        try:
            if pdfium.FPDFAnnot_GetSubtype(note) == pdfium.FPDF_ANNOT_WIDGET:
                yield note
        finally:
            pdfium.FPDFPage_CloseAnnot(note)


def runs(lines: list[str], box: Box, size: float, printed: Sequence[Run] = ()) -> list[Run]:
    """The lines of a field as runs: one below the other in its box, which is as the page is read.

    A single line is level with the nearest of the `printed` runs beside it: the box of a field is
    often higher than its type, and set by eye.

    >>> [(run.text, run.top) for run in runs(["12.5", "13.6"], (0, 0, 50, 40), 10)]
    [('12.5', 5.0), ('13.6', 25.0)]
    """
    x0, top, x1, bottom = box
    share = (bottom - top) / len(lines)
    # Where the form leaves the size to who shows it.
    size = min(size or _USUAL, share)
    found = []
    for number, line in enumerate(lines):
        words = fold(line)
        wide = sum(1.0 if character >= HAN else 0.5 for character in words) * size
        middle = top + (number + 0.5) * share
        beside = [run for run in printed if top < (run.top + run.bottom) / 2 < bottom]
        if beside and len(lines) == 1:
            nearest = min(beside, key=lambda run: max(run.x0 - x1, x0 - run.x1))
            middle = (nearest.top + nearest.bottom) / 2
        left = min(x0 + _MARGIN, x1)
        right = max(min(left + wide, x1), left + 1)
        found.append(Run(words, left, right, middle - size / 2, middle + size / 2, size))
    return found
