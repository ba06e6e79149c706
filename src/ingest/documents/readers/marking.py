"""Pages as pictures with boxes around passages: where in the report a figure was read.

What is private is covered in black: what was masked in the text, and what stands on the page
besides it, such as a running head. Rather too much is covered than too little.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pdfplumber
import pypdfium2
from pdfplumber.display import PageImage

from ingest.documents import archives, private
from ingest.documents.glyphs import fold
from ingest.documents.readers import fields, scan
from ingest.documents.readers.layout import HAN, Box
from ingest.records import Document, Place

if TYPE_CHECKING:
    from PIL.Image import Image

_DPI = 150
_RED, _BLACK = (214, 39, 40), (0, 0, 0)
_MASKED = re.compile(r"\*[\s*]*")


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
    covered = _covered(document)
    if document.format == "pdf":
        try:
            return _pdf_pages(data, boxes, covered, _crooked(document))
        except Exception as error:
            # pdfminer raises errors of every kind on damaged files.
            raise NoPageError(
                f"{document.source.document} is damaged and cannot be drawn"
            ) from error
    pictures = scan.pictures(document.source, data)
    crooked = _crooked(document)
    return {
        page: _drawn(pictures[page - 1], boxes[page], covered[page], crooked[page])
        for page in boxes
    }


def _crooked(document: Document) -> dict[int, bool]:
    """The pages that an engine has read straightened, and whether their lines run downwards."""
    lines: dict[int, list[Box]] = {}
    for place in document.places if "rapidocr" in document.reader else ():
        if place.page and place.box and place.confidence < 1:
            lines.setdefault(place.page, []).append(place.box)
    return {
        page: 2 * sum(bottom - top > x1 - x0 for x0, top, x1, bottom in found) > len(found)
        for page, found in lines.items()
    }


def _level(image: Image, lies: bool) -> Image:
    """A page that lay crooked as it was read: the places of what was read are of that one."""
    import numpy as np
    from PIL.Image import Resampling

    grey = np.asarray(image.convert("L"))
    angle = scan.skew(np.ascontiguousarray(np.rot90(grey)) if lies else grey)
    smooth = Resampling.BICUBIC
    return image.rotate(angle, smooth, fillcolor="white") if angle else image


def _covered(document: Document) -> defaultdict[int, list[Box]]:
    """Where masked characters stand on each page."""
    found: defaultdict[int, list[Box]] = defaultdict(list)
    for place in document.places:
        if place.page and place.box:
            for hidden in _MASKED.finditer(document.text, place.start, place.end):
                found[place.page].append(_around(place, document.text, *hidden.span()))
    return found


def _around(place: Place, text: str, start: int, end: int) -> Box:
    """A box that holds the masked characters of a line whether they are digits or Chinese."""
    x0, top, x1, bottom = place.box or (0, 0, 0, 0)
    if bottom - top > x1 - x0:
        return x0, top, x1, bottom
    line = text[place.start : place.end]
    sides = []
    for masked in (0.5, 1.0):
        widths = [masked if c == "*" else 1.0 if c >= HAN else 0.5 for c in line]
        scale = (x1 - x0) / sum(widths)
        sides.append(x0 + sum(widths[: start - place.start]) * scale - scale / 2)
        sides.append(x0 + sum(widths[: end - place.start]) * scale + scale / 2)
    return min(sides), top, max(sides), bottom


def _besides(characters: Iterable[dict[str, Any]]) -> Iterator[Box]:
    """Where what is private stands in the lines of a page, whatever became of them."""
    lines: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for character in characters:
        if character["text"].strip():
            lines[round(character["bottom"] / 3)].append(character)
    for line in lines.values():
        line.sort(key=lambda character: character["x0"])
        letters = [(letter, c) for c in line for letter in fold(c["text"])]
        masked = private.words("".join(letter for letter, _ in letters))
        for (letter, c), shown in zip(letters, masked, strict=True):
            if shown != letter:
                yield c["x0"], c["top"], c["x1"], c["bottom"]


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


def _pdf_pages(
    data: bytes,
    boxes: dict[int, list[Box]],
    covered: dict[int, list[Box]],
    crooked: dict[int, bool],
) -> dict[int, Image]:
    found = {}
    with pdfplumber.open(io.BytesIO(data), pages=sorted(boxes)) as file:
        for page in file.pages:
            west, north, _, _ = page.cropbox
            hidden = covered[page.page_number]
            shown = _filled_in(data, page, hidden) or page.to_image(resolution=_DPI)
            for box in _besides(page.chars):
                shown.draw_rect(box, fill=_BLACK, stroke=_BLACK)
            if page.page_number in crooked:
                level = _level(shown.annotated, crooked[page.page_number])
                shown = PageImage(page, level, resolution=_DPI)
            for x0, top, x1, bottom in hidden:
                shown.draw_rect(
                    (x0 + west, top + north, x1 + west, bottom + north),
                    fill=_BLACK,
                    stroke=_BLACK,
                )
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


def _filled_in(data: bytes, page: pdfplumber.page.Page, hidden: list[Box]) -> PageImage | None:
    """A page of a form with what was filled in, which pdfplumber does not draw.

    A field of which something is to be hidden is hidden whole: who shows it chooses where in its
    box the words stand.
    """
    with pypdfium2.PdfDocument(data) as file:
        if not fields.opened(file):
            return None
        drawn = file[page.page_number - 1]
        of_fields = fields.boxes(drawn)
        hidden += [field for field in of_fields if any(_overlap(field, box) for box in hidden)]
        picture = drawn.render(scale=_DPI / 72).to_pil().convert("RGB")
    return PageImage(page, picture, resolution=_DPI)


def _overlap(one: Box, other: Box) -> bool:
    return all(one[at] < other[at + 2] and other[at] < one[at + 2] for at in (0, 1))


def _drawn(picture: scan.Picture, boxes: list[Box], covered: list[Box], lies: bool) -> Image:
    from PIL import Image, ImageDraw

    image = _level(Image.fromarray(picture).convert("RGB"), lies)
    scale = max(picture.shape) / scan.LONG_SIDE
    for box in covered:
        ImageDraw.Draw(image).rectangle([side * scale for side in box], fill=_BLACK)
    for box in boxes:
        ImageDraw.Draw(image).rectangle([side * scale for side in box], outline=_RED, width=3)
    return image
