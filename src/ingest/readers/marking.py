"""Pages as pictures with boxes around passages: where in the report a figure was read."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pdfplumber
import pypdfium2
from pdfplumber.display import PageImage

from ingest import archives
from ingest.readers import fields, scan
from ingest.readers.layout import HAN, Box
from ingest.records import Document, Place

if TYPE_CHECKING:
    from PIL.Image import Image

_DPI = 150
_RED = (214, 39, 40)


class NoPageError(ValueError):
    """The passages stand on no page that could be shown; the message says why."""


def marked_pages(document: Document, passages: Iterable[tuple[int, int]]) -> dict[int, Image]:
    """The pages on which passages stand, by page number, with a box around each passage.

    `passages` are offsets of `document.text`. Raises NoPageError for a document without pages,
    and where no passage is given.
    """
    boxes: dict[int, list[Box]] = {}
    for start, end in passages:
        for place in document.places:
            if place.page and place.box and place.start < end and start < place.end:
                boxes.setdefault(place.page, []).append(_part(place, document.text, start, end))
    if not boxes:
        raise NoPageError(
            f"{document.source.document} has no such figure; ask for another indicator, or for all"
            if any(place.box for place in document.places)
            else f"{document.source.document} is {document.format}, which has no pages; "
            "only PDF files and pictures can be shown"
        )
    data = archives.read(Path(document.source.path))
    if document.format == "pdf":
        try:
            return _pdf_pages(data, boxes)
        except Exception as error:
            # pdfminer raises errors of every kind on damaged files.
            raise NoPageError(
                f"{document.source.document} is damaged and cannot be drawn"
            ) from error
    pictures = scan.pictures(document.source, data)
    return {page: _drawn(pictures[page - 1], boxes[page]) for page in boxes}


def _part(place: Place, text: str, start: int, end: int) -> Box:
    """The part of a place's box that a passage takes, if the line runs level."""
    assert place.box
    x0, top, x1, bottom = place.box
    if bottom - top > x1 - x0:
        return place.box
    widths = [1.0 if character >= HAN else 0.5 for character in text[place.start : place.end]]
    scale = (x1 - x0) / sum(widths)
    first, last = max(start, place.start) - place.start, min(end, place.end) - place.start
    left = x0 + sum(widths[:first]) * scale
    return left, top, left + sum(widths[first:last]) * scale, bottom


def _pdf_pages(data: bytes, boxes: dict[int, list[Box]]) -> dict[int, Image]:
    found = {}
    with pdfplumber.open(io.BytesIO(data), pages=sorted(boxes)) as file:
        for page in file.pages:
            west, north, _, _ = page.cropbox
            shown = _filled_in(data, page) or page.to_image(resolution=_DPI)
            shown.draw_rects(
                [
                    (x0 + west - 1, top + north - 1, x1 + west + 1, bottom + north + 2)
                    for x0, top, x1, bottom in boxes[page.page_number]
                ],
                fill=(*_RED, 40),
                stroke=_RED,
                stroke_width=2,
            )
            found[page.page_number] = shown.annotated
            page.close()
    return found


def _filled_in(data: bytes, page: pdfplumber.page.Page) -> PageImage | None:
    """A page of a form with what was filled in, which pdfplumber does not draw."""
    with pypdfium2.PdfDocument(data) as file:
        if not fields.opened(file):
            return None
        picture = file[page.page_number - 1].render(scale=_DPI / 72).to_pil().convert("RGB")
    return PageImage(page, picture, resolution=_DPI)


def _drawn(picture: scan.Picture, boxes: list[Box]) -> Image:
    from PIL import Image, ImageDraw

    image = Image.fromarray(picture).convert("RGB")
    scale = max(picture.shape) / scan.LONG_SIDE
    for box in boxes:
        ImageDraw.Draw(image).rectangle([side * scale for side in box], outline=_RED, width=3)
    return image
