"""A report typeset as PDF, and as a scan: the same blocks as `typeset`, drawn page by page.

`pdf` draws with reportlab, so that every rule and every character stands where the options say.
`pictures` renders the pages crooked and noisy, as a scanner does; `scan` binds them into a PDF
without any text.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import mplfonts
import numpy as np
import pypdfium2
from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFString
from reportlab.pdfbase.ttfonts import TTFont as ReportlabFont
from reportlab.pdfgen.canvas import Canvas
from typeset import placed, width

_FACE = Path(mplfonts.__file__).parent / "fonts" / "NotoSansCJKsc-Regular.otf"
_SIDE, _ABOVE, _BELOW = 72.0, 80.0, 80.0
_SIZE, _LEADING = 12.0, 20.0
_CELL_SIZE, _CELL_LEADING, _PADDING = 9.0, 12.0, 5.0
_TOKEN = re.compile(r"[0-9A-Za-z.,%]+|.", re.DOTALL)
_LATIN = re.compile(r"[0-9A-Za-z.,%() ]+")
_NO_START = "，。；：、）”%！？》"


# --- type ----------------------------------------------------------------------------------


@lru_cache
def _open_font(characters: str) -> bytes:
    """A TrueType font with these characters: reportlab embeds no other kind of outlines."""
    font = TTFont(_FACE, lazy=True)
    options = subset.Options()
    options.layout_features = []
    options.drop_tables += ["GSUB", "GPOS", "VORG", "vhea", "vmtx", "BASE", "DSIG"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=characters)
    subsetter.subset(font)
    shapes = font.getGlyphSet()
    glyphs = {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(shapes)
        shapes[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    outlines = font["glyf"] = newTable("glyf")
    outlines.glyphOrder, outlines.glyphs = font.getGlyphOrder(), glyphs
    outlines.compile(font)
    profile = font["maxp"]
    profile.tableVersion = 0x00010000
    for limit in ("TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements"):
        setattr(profile, f"max{limit}", 0)
    profile.maxZones, profile.maxSizeOfInstructions, profile.maxComponentElements = 1, 0, 0
    profile.compile(font)
    font["post"].formatType = 3.0
    # reportlab takes fonts of one name for one font.
    for record in font["name"].names:
        if record.nameID in (3, 4, 6):
            record.string = f"Han-{_named(characters)}"
    del font["CFF "]
    font.sfntVersion = "\x00\x01\x00\x00"
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def _named(characters: str) -> str:
    return hashlib.sha256(characters.encode()).hexdigest()[:12]


def _font(report: list[tuple], further: str) -> str:
    """Registers a font that has every character of the report; returns its name."""
    words = "".join(
        cell.text for kind, *rest in report if kind == "table" for cell in placed(rest[0])
    ) + "".join(rest[-1] for kind, *rest in report if kind != "table")
    characters = "".join(sorted(set(words + further) - {"\n"}))
    name = _named(characters)
    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(ReportlabFont(name, io.BytesIO(_open_font(characters))))
    return name


# --- pages ---------------------------------------------------------------------------------


class _Pages:
    """A canvas with a place to write at: `x` and `y` are the left top of what comes next."""

    def __init__(self, report: list[tuple], **options) -> None:
        self.options = options
        self.head = options["head"]
        self.font = "STSong-Light"
        if options["embedded"]:
            self.font = _font(report, self.head + "—-第页共0123456789 （）续表")
        elif self.font not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(UnicodeCIDFont(self.font))
        self.file = io.BytesIO()
        self.size = options["size"]
        self.canvas = Canvas(
            self.file, pagesize=self.size, invariant=1, encrypt=options["password"]
        )
        self.page = 0
        self.column = 0
        self.count = options["columns"]
        self.gutter = 24.0
        self._open()

    @property
    def width(self) -> float:
        room = self.size[0] - 2 * _SIDE
        return (room - self.gutter * (self.count - 1)) / self.count

    @property
    def left(self) -> float:
        return _SIDE + self.column * (self.width + self.gutter)

    def _open(self) -> None:
        self.page += 1
        self.column = 0
        self.y = self.size[1] - _ABOVE
        self.top = self.y
        if self.options["rotated"]:
            # A page scanned or printed sideways: drawn lying, shown standing.
            self.canvas.setPageRotation(90)
            self.canvas.translate(self.size[1], 0)
            self.canvas.rotate(90)
        if self.options["turned"]:
            # A wide table drawn sideways on a standing page that nobody turns.
            self.canvas.setPageSize((self.size[1], self.size[0]))
            self.canvas.translate(self.size[1], 0)
            self.canvas.rotate(90)
        if self.head:
            self.text(_SIDE, self.size[1] - 50, self.head, 9)
        if self.options["furniture"]:
            mark = self.options["furniture"].format(page=self.page)
            self.text(self.size[0] / 2 - self.measure(mark, 9) / 2, 40, mark, 9)

    def next_page(self) -> None:
        if self.column + 1 < self.count:
            self.column += 1
            self.y = self.top
            return
        self.canvas.showPage()
        self._open()

    def room(self, height: float) -> bool:
        return self.y - height >= _BELOW

    def measure(self, words: str, size: float) -> float:
        return sum(
            pdfmetrics.stringWidth(piece, font, size) for piece, font, _ in self._pieces(words)
        )

    def _pieces(self, words: str) -> Iterator[tuple[str, str, float]]:
        """Pieces of one font each, and how far below the line they stand."""
        if not self.options["latin"]:
            yield words, self.font, 0.0
            return
        at = 0
        for found in _LATIN.finditer(words):
            if found.start() > at:
                yield words[at : found.start()], self.font, 0.0
            yield found.group(), "Times-Roman", 1.0
            at = found.end()
        if at < len(words):
            yield words[at:], self.font, 0.0

    def text(self, x: float, y: float, words: str, size: float) -> None:
        """One line; a fake bold is the same line twice, a hair apart."""
        for piece, font, low in self._pieces(words):
            self.canvas.setFont(font, size)
            for shift in (0, 0.3) if self.options["bold"] == "line" else (0,):
                if self.options["bold"] == "character":
                    at = x
                    for character in piece:
                        for hair in (0, 0.3):
                            self.canvas.drawString(at + hair, y - low, character)
                        at += pdfmetrics.stringWidth(character, font, size)
                else:
                    self.canvas.drawString(x + shift, y - low, piece)
            x += pdfmetrics.stringWidth(piece, font, size)

    def wrapped(self, words: str, size: float, room: float, indent: float = 0) -> list[str]:
        """Lines no wider than `room`; numbers are not broken, no line begins with a stop."""
        lines, line, used = [], "", indent
        for token in _TOKEN.findall(words):
            wide = self.measure(token, size)
            if token == "\n" or (used + wide > room and line and token[0] not in _NO_START):
                lines.append(line)
                line, used = "", 0.0
                if token == "\n":
                    continue
            line += token
            used += wide
        return [*lines, line]

    # -- what stands on them ------------------------------------------------------------------

    def heading(self, level: int, words: str) -> None:
        size = 16.0 if level == 1 else _SIZE
        for line in self.wrapped(words, size, self.width):
            if not self.room(size * 1.6):
                self.next_page()
            self.y -= size * 1.6
            middle = (self.width - self.measure(line, size)) / 2 if level == 1 else 2 * size
            self.text(self.left + middle, self.y, line, size)
        self.y -= 4

    def paragraph(self, words: str) -> None:
        indent = 2 * _SIZE
        for line in self.wrapped(words, _SIZE, self.width, indent):
            if not self.room(_LEADING):
                self.next_page()
            self.y -= _LEADING
            self.text(self.left + indent, self.y, line, _SIZE)
            indent = 0.0

    def table(self, rows: list[list]) -> None:
        cells = placed(rows)
        edges = self._columns(cells, width(rows))
        heights = self._heights(cells, edges, len(rows))
        header = max(cell.rows for cell in cells if cell.row == 0)
        self.y -= 8
        first = 0
        while first < len(rows):
            last = first
            repeated = range(header if first and self.options["repeat_header"] else 0)
            used = sum(heights[row] for row in repeated)
            while last < len(rows) and self.room(used + heights[last]):
                used += heights[last]
                last += 1
            assert last > first or self.y < self.top, "a row is higher than a page"
            if last > first:
                self._rows(cells, edges, heights, [*repeated, *range(first, last)], header)
            if last < len(rows):
                self.next_page()
            first = last
        self.y -= 8

    def _columns(self, cells, count: int) -> list[float]:
        """The left edges of the columns, and the right edge of the last."""
        wanted = [30.0] * count
        least = [20.0] * count
        for cell in cells:
            if cell.columns == 1:
                at = cell.column
                widest = max(self.measure(w, _CELL_SIZE) for w in cell.text.split("\n"))
                wanted[at] = max(wanted[at], min(widest, 90) + 2 * _PADDING)
                tokens = _TOKEN.findall(cell.text) or [""]
                longest = max(self.measure(token, _CELL_SIZE) for token in tokens)
                least[at] = max(least[at], longest + 2 * _PADDING)
        spare = self.width - sum(least)
        share = spare / max(sum(wanted) - sum(least), 1)
        edges = [self.left]
        for at in range(count):
            edges.append(edges[-1] + least[at] + (wanted[at] - least[at]) * share)
        return edges

    def _heights(self, cells, edges: list[float], count: int) -> list[float]:
        heights = [0.0] * count
        for cell in sorted(cells, key=lambda c: c.rows):
            lines = self._cell_lines(cell, edges)
            missing = len(lines) * _CELL_LEADING + _PADDING
            missing -= sum(heights[cell.row : cell.row + cell.rows])
            if missing > 0:
                heights[cell.row + cell.rows - 1] += missing
        return heights

    def _cell_lines(self, cell, edges: list[float]) -> list[str]:
        room = edges[cell.column + cell.columns] - edges[cell.column] - 2 * _PADDING + 1
        return self.wrapped(cell.text, _CELL_SIZE, room)

    def _rows(self, cells, edges, heights, rows: list[int], header: int) -> None:
        top = self.y
        tops = [top]
        for row in rows:
            tops.append(tops[-1] - heights[row])
        for cell in cells:
            places = [at for at, row in enumerate(rows) if cell.row <= row < cell.row + cell.rows]
            # The first run of them: a header stands apart from the rows it is repeated above.
            places = [at for n, at in enumerate(places) if at == places[0] + n]
            if not places:
                continue
            shift = edges[0] - self.left
            box = (
                edges[cell.column] - shift,
                tops[places[-1] + 1],
                edges[cell.column + cell.columns] - shift,
                tops[places[0]],
            )
            self._cell_rules(box)
            if rows[places[0]] == cell.row:
                self._cell_text(cell, edges, box)
        left, right = self.left, self.left + edges[-1] - edges[0]
        if self.options["rules"] == "three":
            for y in {tops[0], tops[header] if rows[0] == 0 else tops[0], tops[-1]}:
                self._rule(left, y, right, y)
        self.y = tops[-1]

    def _cell_text(self, cell, edges, box) -> None:
        lines = self._cell_lines(cell, edges)
        if self.options["fields"] and cell.row and cell.text:
            x0, y0, x1, y1 = box
            field(self.canvas, (x0 + 2, y0 + 1, x1 - 2, y1 - 1), "\n".join(lines))
            return
        y = (box[1] + box[3]) / 2 + len(lines) * _CELL_LEADING / 2 - _CELL_SIZE
        for line in lines:
            x = box[0] + _PADDING
            if re.fullmatch(r"[\d.,%≥人]+", line) and self.options["numbers"] == "right":
                x = box[2] - _PADDING - self.measure(line, _CELL_SIZE)
            elif cell.column or cell.rows > 1:
                x = (box[0] + box[2]) / 2 - self.measure(line, _CELL_SIZE) / 2
            self.text(x, y, line, _CELL_SIZE)
            y -= _CELL_LEADING

    def _cell_rules(self, box) -> None:
        x0, y0, x1, y1 = box
        if self.options["rules"] in ("full", "thin"):
            self._rule(x0, y0, x0, y1)
            self._rule(x1, y0, x1, y1)
        if self.options["rules"] in ("full", "thin", "level"):
            self._rule(x0, y0, x1, y0)
            self._rule(x0, y1, x1, y1)

    def _rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        if self.options["rules"] == "thin":
            half = 0.25
            self.canvas.rect(
                x0 - half, y0 - half, x1 - x0 + 2 * half, y1 - y0 + 2 * half, stroke=0, fill=1
            )
        else:
            self.canvas.setLineWidth(0.5)
            self.canvas.line(x0, y0, x1, y1)


def pdf(
    report: Iterable[tuple],
    *,
    rules: str = "full",
    latin: bool = False,
    furniture: str = "",
    head: str = "",
    repeat_header: bool = False,
    columns: int = 1,
    bold: str = "",
    numbers: str = "right",
    rotated: bool = False,
    turned: bool = False,
    size: tuple[float, float] = A4,
    embedded: bool = True,
    password: str | None = None,
    fields: bool = False,
) -> bytes:
    """The report as a PDF file.

    `rules`: "full", "thin" (rectangles filled), "level" (no upright ones), "three" (above and
    below the header, and at the foot), "none". `latin` sets digits and Latin letters in a type of
    their own that stands lower. `furniture` is the page mark ("—{page}—"), `head` a running head;
    `repeat_header` repeats a table's header on each page. `bold` draws everything twice, by
    "line" or by "character". `rotated` turns the page and its view, `turned` only the text.
    `embedded` puts the font into the file; without, the machine that shows it should have it.
    With `fields`, what stands in tables below their first row is filled into form fields.
    """
    report = list(report)
    pages = _Pages(
        report,
        rules=rules,
        latin=latin,
        furniture=furniture,
        head=head,
        repeat_header=repeat_header,
        columns=columns,
        bold=bold,
        numbers=numbers,
        rotated=rotated,
        turned=turned,
        size=size,
        embedded=embedded,
        password=password,
        fields=fields,
    )
    for kind, *rest in report:
        getattr(pages, kind)(*rest)
    pages.canvas.showPage()
    pages.canvas.save()
    return pages.file.getvalue()


def field(canvas: Canvas, box: tuple[float, float, float, float], words: str, **more) -> None:
    """A text field of a form, filled by a program that leaves the drawing to who shows it.

    `more` are further entries of its dictionary, as reportlab's PDF objects.
    """
    (x0, y0), (x1, y1) = (canvas.absolutePosition(*corner) for corner in (box[:2], box[2:]))
    form = getattr(canvas._doc.Catalog, "AcroForm", None)
    if form is None:
        entries = {"Fields": PDFArray([]), "NeedAppearances": "true"}
        form = canvas._doc.Catalog.AcroForm = PDFDictionary(entries)
    name = f"field{len(form.dict['Fields'].sequence)}"
    entries = {
        "Type": PDFName("Annot"),
        "Subtype": PDFName("Widget"),
        "FT": PDFName("Tx"),
        "F": 4,
        "Ff": 1 << 12 if "\n" in words else 0,
        "Rect": PDFArray([min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)]),
        "T": PDFString(name),
        "DA": PDFString("/Helv 9 Tf 0 g"),
        "V": PDFString(words),
    }
    canvas._addAnnotation(PDFDictionary(entries | more), name)
    form.dict["Fields"].sequence.append(canvas._doc.refAnnotation(name))


def drawn(words: str, draw: Callable[[Canvas, str], None], pages: int = 1) -> bytes:
    """Pages on which `draw` has drawn; it gets the canvas and a font that has all the `words`."""
    file = io.BytesIO()
    font = _font([("paragraph", words)], "")
    canvas = Canvas(file, invariant=1)
    for _ in range(pages):
        draw(canvas, font)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


# --- scans ---------------------------------------------------------------------------------


def pictures(
    data: bytes, *, dpi: int = 200, angle: float = 0.4, noise: float = 12
) -> list[Image.Image]:
    """The pages of a PDF as a scanner gives them: turned by `angle` degrees, with grey noise."""
    chance = np.random.default_rng(1)
    document = pypdfium2.PdfDocument(data)
    found = []
    for page in document:
        picture = page.render(scale=dpi / 72, grayscale=True).to_pil()
        picture = picture.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=255)
        grey = np.asarray(picture, dtype=np.float32)
        grey = grey + chance.normal(0, noise, grey.shape)
        found.append(Image.fromarray(grey.clip(0, 255).astype(np.uint8)))
    return found


def bound(pages: Iterable[Image.Image], *, dpi: int = 200, quality: int = 85) -> bytes:
    """Pictures bound into a PDF, one a page, without any text; `quality` is that of the JPEG."""
    file = io.BytesIO()
    canvas = Canvas(file, invariant=1)
    for picture in pages:
        size = (picture.width * 72 / dpi, picture.height * 72 / dpi)
        coded = io.BytesIO()
        picture.save(coded, "JPEG", quality=quality)
        coded.seek(0)
        canvas.setPageSize(size)
        canvas.drawImage(ImageReader(coded), 0, 0, *size)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def scan(report: Iterable[tuple], **options) -> bytes:
    """The report printed and scanned: a PDF of pictures. `options` are those of `pdf`."""
    return bound(pictures(pdf(report, **options)))
