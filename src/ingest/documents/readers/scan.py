"""Scans: pictures of pages to characters and rules, with an engine that works offline.

The engine (rapidocr) is an optional extra: its models lie in its wheel, and nothing is fetched.
It reads lines of text with a box for every character; ruling lines are found by morphology, so
that forms come out by the same steps as from a PDF with text.
"""

from __future__ import annotations

import importlib.util
import io
import os
import warnings
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from ingest.documents.glyphs import fold
from ingest.documents.readers import UnreadableError, pages
from ingest.documents.readers.layout import Page, Rules, Run, cut
from ingest.records import Document, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    """Grey values, row by row, 0 is black."""

DPI = 200
"""At how many dots an inch pages are read: finer costs time, coarser costs decimal points."""

_BEGINNINGS = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
LONG_SIDE = 842.0
"""How long a page is, in points, that is a picture and does not say it."""

LONGEST = 4000
"""How many dots the longer side of a picture may have; larger ones are made smaller."""

_MOST_PIXELS = 100_000_000
# What an engine reads is never taken for certain.
_SUREST = 0.99
# Less sure lines are stains and stamps.
_LEAST = 0.5
# Shorter strokes are parts of characters; in inches.
_SHORTEST_LEVEL, _SHORTEST_UPRIGHT, _THICKEST = 0.3, 0.25, 0.05
_SKEW = 3.0
# In sizes of the type.
_GAP = 0.7
# A page surer than this does not stand on its head.
_DOUBTFUL = 0.8


def matches(data: bytes) -> bool:
    """Whether the bytes are a picture of a kind that scanners and phones make."""
    return data.startswith(_BEGINNINGS)


def available() -> bool:
    """Whether the optional engine is installed."""
    return all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime"))


def read(source: Source, data: bytes) -> Document:
    """Reads a picture (a TIFF file may hold several) into a document.

    Raises UnreadableError if it is damaged or holds no text, and where the engine is missing.
    """
    found = pictures(source, data)
    readable = available() and len(found) <= pages.MOST_SCANNED
    read_ = [
        read_page(picture, number, LONG_SIDE / max(picture.shape))
        if readable
        else Page(number, 0.0, 0.0, [], Rules([], []), trouble="picture")
        for number, picture in enumerate(found, start=1)
    ]
    return pages.document(source, "picture", "rapidocr", read_)


def pictures(source: Source, data: bytes) -> list[Picture]:
    """The pages that a picture file holds; raises UnreadableError if it cannot be opened."""
    import numpy as np
    from PIL import Image, ImageOps, ImageSequence

    try:
        with warnings.catch_warnings():
            # What Pillow warns of either ends in an error, or is of no consequence.
            warnings.simplefilter("ignore")
            file = Image.open(io.BytesIO(data))
            if file.width * file.height > _MOST_PIXELS:
                raise ValueError(f"{file.width} x {file.height} dots")
            frames = [ImageOps.exif_transpose(f).convert("L") for f in ImageSequence.Iterator(file)]
    except Exception as error:
        # Pillow raises errors of every kind on damaged files.
        raise UnreadableError(
            f"{source.document} is a picture that cannot be opened: {error}.",
            "Scan or fetch it again; at most 100 million dots a page.",
        ) from error
    for frame in frames:
        frame.thumbnail((LONGEST, LONGEST))
    return [np.asarray(frame) for frame in frames]


def read_page(picture: Picture, number: int, scale: float) -> Page:
    """Reads the picture of a page; `scale` is how many points a dot is.

    The page is straightened first, so boxes are those of the straightened page; a page that lies
    on its side or its head is turned.
    """
    upright = _read(picture, 0, scale)
    if _lies(upright.runs):
        upright = max([upright, *(_read(picture, turn, scale) for turn in (1, 3))], key=_sureness)
    elif upright.runs and _sureness(upright) < _DOUBTFUL * sum(len(r.text) for r in upright.runs):
        upright = max(upright, _read(picture, 2, scale), key=_sureness)
    high, wide = upright.picture.shape
    runs = [run for run in upright.runs if run.confidence >= _LEAST]
    return Page(
        number,
        wide * scale,
        high * scale,
        runs,
        _rules(upright.picture, scale),
        upright.turn,
        "" if runs else "blank",
    )


class _Read(NamedTuple):
    """A page that was turned to the left by so many quarters, and what was read from it then."""

    picture: Picture
    turn: int
    runs: list[Run]


def _read(picture: Picture, turn: int, scale: float) -> _Read:
    import numpy as np

    straight = _straightened(np.ascontiguousarray(np.rot90(picture, turn)))
    return _Read(straight, turn, _runs(straight, scale))


def _lies(runs: list[Run]) -> bool:
    """Whether most lines stand higher than they are wide."""
    return sum(run.bottom - run.top > 1.6 * (run.x1 - run.x0) for run in runs) * 2 > len(runs)


def _sureness(read: _Read) -> float:
    """How many characters were read, each counted by how sure it is; none if they lie."""
    return sum(run.confidence * len(run.text) for run in read.runs if not _lies([run]))


# --- text ----------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _engine() -> Any:
    # Its runtime tells its makers of every use unless it is told not to before it is loaded.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime
    from rapidocr import RapidOCR

    if hasattr(onnxruntime, "disable_telemetry_events"):  # it may have been loaded before
        onnxruntime.disable_telemetry_events()
    return RapidOCR(params={"Global.log_level": "critical", "Global.max_side_len": LONGEST})


class _Recognised(NamedTuple):
    """A line that the engine has read: its words, its corners, and its characters' corners."""

    text: str
    corners: Any
    score: float
    characters: Any


def _runs(picture: Picture, scale: float) -> list[Run]:
    import cv2

    try:
        result = _engine()(
            cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB),
            use_cls=False,
            return_word_box=True,
            return_single_char_box=True,
            text_score=0.0,
        )
    except Exception as error:
        if "alloc" in str(error).lower():  # the engine's own error for a lack of memory
            raise MemoryError from error
        raise
    if result.txts is None:
        return []
    lines = zip(result.txts, result.boxes, result.scores, result.word_results, strict=True)
    runs = [_run(_Recognised(*line), scale) for line in lines if line[0].strip()]
    return [part for run in runs for part in _parted(run)]


def _parted(run: Run) -> list[Run]:
    """Parts what the engine took for one line although a gap parts it, as between two columns."""
    gaps = [(x1 + x0) / 2 for (_, x1), (x0, _) in pairwise(run.edges) if x0 - x1 > _GAP * run.size]
    return cut(run, gaps) if gaps else [run]


def _run(line: _Recognised, scale: float) -> Run:
    """A run from a line; the engine's boxes are wider and higher than the type by a margin."""
    words = fold(line.text.strip())
    top, bottom = (float(line.corners[:, 1].min()), float(line.corners[:, 1].max()))
    margin = (bottom - top) * 0.14
    edges: tuple[tuple[float, float], ...] = ()
    characters = [(text, corners) for text, _, corners in line.characters if text.strip()]
    if "".join(text for text, _ in characters) == line.text.replace(" ", "") == line.text:
        spans = [[x * scale for x, _ in corners] for _, corners in characters]
        edges = tuple((min(span), max(span)) for span in spans)
    x0, x1 = float(line.corners[:, 0].min()) + margin, float(line.corners[:, 0].max()) - margin
    if edges:
        x0, x1 = edges[0][0] / scale, edges[-1][1] / scale
    return Run(
        words,
        x0 * scale,
        x1 * scale,
        (top + margin) * scale,
        (bottom - margin) * scale,
        (bottom - top - 2 * margin) * scale,
        min(round(float(line.score), 2), _SUREST),
        edges,
    )


# --- rules ---------------------------------------------------------------------------------


def _rules(picture: Picture, scale: float) -> Rules:
    """Ruling lines: what is left of the ink when all that is not long and straight is taken away."""
    import cv2

    inch = 72 / scale
    blurred = cv2.GaussianBlur(picture, (3, 3), 0)
    ink = cv2.adaptiveThreshold(
        blurred, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 12
    )
    found = []
    for shape in ((round(_SHORTEST_LEVEL * inch), 1), (1, round(_SHORTEST_UPRIGHT * inch))):
        kernel = cv2.getStructuringElement(cv2.MORPH_RECT, shape)
        strokes = cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel)
        _, _, boxes, _ = cv2.connectedComponentsWithStats(strokes)
        # The first one is the ground.
        found.append([[float(side) * scale for side in box[:4]] for box in boxes[1:]])
    thickest = _THICKEST * 72
    level = [(y + h / 2, x, x + w) for x, y, w, h in found[0] if h <= thickest]
    upright = [(x + w / 2, y, y + h) for x, y, w, h in found[1] if w <= thickest]
    return Rules(level, upright)


def _straightened(picture: Picture) -> Picture:
    """Turns a page that lay crooked."""
    angle = skew(picture)
    return _turned(picture, angle, 255) if angle else picture


def skew(picture: Picture) -> float:
    """By how many degrees a page has to be turned to the left until its lines are level.

    Where lines are level, light and dark rows differ most.
    """
    import cv2
    import numpy as np

    small = 800 / max(picture.shape)
    shrunk = cv2.resize(picture, None, fx=small, fy=small, interpolation=cv2.INTER_AREA)
    ink = 255 - np.asarray(shrunk, dtype=np.uint8)

    def evenness(angle: float) -> float:
        rows = _turned(ink, angle, 0).sum(axis=1, dtype=np.float64)
        return float(((rows[1:] - rows[:-1]) ** 2).sum())

    best = 0.0
    for step, reach in ((0.5, _SKEW), (0.1, 0.5), (0.03, 0.1)):
        count = round(reach / step)
        best = max((best + step * n for n in range(-count, count + 1)), key=evenness)
    return best if abs(best) > 0.02 else 0.0


def _turned(picture: Picture, angle: float, ground: int) -> Picture:
    import cv2
    import numpy as np

    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    turned = cv2.warpAffine(
        picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=ground
    )
    return np.asarray(turned, dtype=np.uint8)
