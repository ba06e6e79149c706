"""The functions of pdfium that are called for each word and each object of a page, made cheap.

A page takes a thousand calls, and most of what one costs is not pdfium's work but Python's: the
prototypes of pypdfium2 make and check a typed pointer for every handle. Here the same functions take
and give handles as plain numbers, which halves the cost; they also take what `ctypes.byref` gives.
They keep the interpreter's lock, for none takes long, and leave floats in one place, so they are for
one thread.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from ctypes import c_void_p
from functools import partial
from typing import Any

import pypdfium2.raw as pdfium


def address(handle: Any) -> int:
    """A handle of pypdfium2 as the number that the functions here take; 0 for none."""
    return ctypes.cast(handle, c_void_p).value or 0


def _cheap(function: Any) -> Callable[..., Any]:
    """A function of pypdfium2 whose pointers are plain numbers; the other types are its own."""
    kinds = [
        c_void_p if hasattr(kind, "contents") else kind
        for kind in (function.restype, *function.argtypes)
    ]
    return ctypes.PYFUNCTYPE(*kinds)(address(function))


_floats = (ctypes.c_float * 4)()
BOX = ctypes.addressof(_floats)
"""Where four floats are left, filled again by each call: making new ones costs more than that."""
EDGES = tuple(range(BOX, BOX + 16, 4))
"""Where each of the four is."""
box: Callable[[], tuple[float, float, float, float]] = partial(struct.Struct("4f").unpack, _floats)
"""What the last call left there."""

# Of the text of a page and the number of a character.
char_box = _cheap(pdfium.FPDFText_GetLooseCharBox)
char_is_unmapped = _cheap(pdfium.FPDFText_HasUnicodeMapError)

# Of a page, or a form, and the number of an object; then of an object.
object_at = _cheap(pdfium.FPDFPage_GetObject)
object_in_form = _cheap(pdfium.FPDFFormObj_GetObject)
objects_of_form = _cheap(pdfium.FPDFFormObj_CountObjects)
kind_of = _cheap(pdfium.FPDFPageObj_GetType)
bounds = _cheap(pdfium.FPDFPageObj_GetBounds)
matrix = _cheap(pdfium.FPDFPageObj_GetMatrix)
font = _cheap(pdfium.FPDFTextObj_GetFont)
font_is_embedded = _cheap(pdfium.FPDFFont_GetIsEmbedded)
font_name = _cheap(pdfium.FPDFFont_GetBaseFontName)

# Of a path, and of a segment of it.
draw_mode = _cheap(pdfium.FPDFPath_GetDrawMode)
segments = _cheap(pdfium.FPDFPath_CountSegments)
segment_at = _cheap(pdfium.FPDFPath_GetPathSegment)
segment_point = _cheap(pdfium.FPDFPathSegment_GetPoint)
segment_kind = _cheap(pdfium.FPDFPathSegment_GetType)
segment_closes = _cheap(pdfium.FPDFPathSegment_GetClose)
