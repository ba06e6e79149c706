"""Pages of lines and tables → one document.

What the paper did to a report is undone here: page marks and running heads go, lines become
paragraphs again, also over pages, and a table cut by page ends becomes one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from statistics import median
from typing import NamedTuple

from ingest.documents.readers import UnreadableError, gaps, text
from ingest.documents.readers.assembly import moved
from ingest.documents.readers.layout import Item, Line, Page, Run, Table, in_reading_order
from ingest.documents.readers.rules import Grid, filled, frames, grid
from ingest.documents.readers.sheets import Placed, Sheets, continued, goes_on, is_note, sheets_of
from ingest.records import Block, Cell, Document, Issue, Place, Source

MOST_SCANNED = 60
"""How many pages of one file are read as scans; a page takes seconds."""

# Page marks and running heads stand this near to the edge: in points, on a page of usual size.
_MARGIN, _USUAL_SIDE = 66.0, 842.0
_MARK = re.compile(r"[-—–―－·~\s]*\d{1,4}[-—–―－·~\s]*|\d{1,4}\s*/\s*\d{1,4}")
_CONTINUED = re.compile(
    r"\(?续(?:上?表|前|\d)?[\s\d一二三四五六七八九十]*\)?|.{0,30}[\(（]续表?[\)）]"
)
_TOKEN = re.compile(r"[0-9A-Za-z.,%]+|.")
_MEANINGLESS = "\ufffd"
_QUOTED = 3


class Laid(NamedTuple):
    """A page and what stands on it, in reading order.

    `unclear` says that the rules of a table do not tell its cells; `illegible` are the lines in
    which figures were left out that nobody can tell apart.
    """

    page: Page
    items: list[Item]
    unclear: bool = False
    illegible: Sequence[str] = ()


Look = Callable[[Page], list[Grid]]
"""A second look at the tables of a page whose rules do not explain its text."""


def laid(page: Page, look_again: Look | None = None) -> Laid:
    """Finds the tables of a page, by its rules or by its gaps, and the lines of what is left."""
    level: list[tuple[float, float, float]] = []
    grids: list[Grid] = []
    for frame in frames(page.rules):
        found = grid(frame)
        if found is None or len(found.xs) == 2:
            level += frame.level
        else:
            grids.append(found)
    ruled = _ruled(grids, page.runs)
    if not ruled.fits and look_again:
        again = _ruled(look_again(page), page.runs)
        ruled = again if again.fits and again.tables else ruled
    unruled = gaps.tables(ruled.rest, level)
    items = in_reading_order(unruled.rest, ruled.tables + unruled.tables)
    return Laid(page, items, not ruled.fits, unruled.illegible)


class _Ruled(NamedTuple):
    tables: list[Table]
    rest: list[Run]
    fits: bool


def _ruled(grids: list[Grid], runs: list[Run]) -> _Ruled:
    tables: list[Table] = []
    fits = True
    # A table inside a cell takes its text before the one around it does.
    for found in sorted(grids, key=lambda g: (g.xs[-1] - g.xs[0]) * (g.ys[-1] - g.ys[0])):
        result = filled(found, runs)
        if sum(bool(cell.lines) for cell in result.table.cells) > 1:
            tables.append(gaps.with_rows_parted(result.table))
            runs = result.rest
            fits = fits and result.fits
    return _Ruled(tables, runs, fits)


def document(
    source: Source,
    format: str,
    reader: str,
    pages: Iterable[Page],
    look_again: Look | None = None,
) -> Document:
    """Puts pages together to a document; raises UnreadableError if none has text."""
    laid_out = [laid(page, look_again) for page in pages]
    issues = tuple(_issues(source, laid_out))
    whole, blocks, places = _written(_pieces(_without_furniture(laid_out)))
    if not whole.strip():
        found = issues[0].message if issues else f"its {len(laid_out)} pages are blank"
        action = issues[0].action if issues else "fetch it again, or remove it"
        raise UnreadableError(
            f"{source.document} has no text: {found}.", f"{action[0].upper()}{action[1:]}."
        )
    blank = sum(bool(of_page.page.trouble) for of_page in laid_out)
    return Document(
        source,
        format,
        reader,
        whole,
        tuple(blocks),
        tuple(places),
        len(laid_out),
        blank,
        issues,
    )


# --- furniture -----------------------------------------------------------------------------


def _without_furniture(laid_out: list[Laid]) -> list[Laid]:
    """Leaves out page marks, and lines that stand at the same place in the margin of most pages."""
    sizes = [item.size for _, items, *_ in laid_out for item in items if isinstance(item, Line)]
    usual = median(sizes) if sizes else 0.0
    places: Counter[tuple[str, int]] = Counter()
    for page, items, *_ in laid_out:
        places.update({_place(item) for item in items if _in_margin(page, item)})
    often = max(2, len(laid_out) * 0.4)

    def stays(page: Page, item: Item) -> bool:
        if not isinstance(item, Line) or not _in_margin(page, item):
            return True
        words = item.text.strip()
        if _MARK.fullmatch(words) or not text.clean(words).strip():
            return False
        return item.size > usual * 1.1 or places[_place(item)] < often

    return [
        Laid(page, [item for item in items if stays(page, item)]) for page, items, *_ in laid_out
    ]


def _in_margin(page: Page, item: Item) -> bool:
    room = _MARGIN * max(1.0, max(page.height, page.width) / _USUAL_SIDE)
    return isinstance(item, Line) and (item.bottom < room or item.top > page.height - room)


def _place(item: Item) -> tuple[str, int]:
    words = item.text if isinstance(item, Line) else ""
    return re.sub(r"\d+", "#", words), round(item.top / 6)


# --- lines to paragraphs -------------------------------------------------------------------


_Piece = list[Placed] | Sheets


class _Measures(NamedTuple):
    """The usual size of type, and from where to where lines reach on pages of one size."""

    size: float
    edges: dict[tuple[int, int, int], tuple[float, float]]

    def reach(self, placed: Placed) -> tuple[float, float]:
        line = placed.line
        return self.edges.get(_edge_key(placed), (line.x0, line.x1))


def _measures(laid_out: list[Laid]) -> _Measures:
    lines = [Placed(i, page) for page, items, *_ in laid_out for i in items if isinstance(i, Line)]
    edges: dict[tuple[int, int, int], tuple[float, float]] = {}
    for placed in lines:
        line, key = placed.line, _edge_key(placed)
        left, right = edges.get(key, (line.x0, line.x1))
        edges[key] = min(left, line.x0), max(right, line.x1)
    # By characters, not lines: a short report may have no more lines of text than of title.
    sizes = [size for line, _ in lines for size in (line.size,) * len(line.text)]
    return _Measures(median(sizes) if sizes else 0.0, edges)


def _edge_key(placed: Placed) -> tuple[int, int, int]:
    line, page = placed
    return round(page.width / 10), round(page.height / 10), line.column


def _pieces(laid_out: list[Laid]) -> Iterator[_Piece]:
    """Paragraphs and tables in reading order, each whole."""
    measures = _measures(laid_out)
    waiting: list[_Piece] = []
    for page, items, *_ in laid_out:
        for item in items:
            last = waiting[-1] if waiting else None
            if isinstance(item, Table):
                sheets = sheets_of(item, page)
                before = waiting[0] if waiting else None
                if isinstance(before, Sheets) and goes_on(before, item, page):
                    # What stands between is only the note that the table goes on.
                    waiting = [continued(before, sheets)]
                    continue
                yield from waiting
                waiting = [sheets]
                continue
            placed = Placed(item, page)
            if isinstance(last, list) and _reads_on(last, placed, measures):
                last.append(placed)
                continue
            if isinstance(last, Sheets) and page.number > last.page.number and is_note(item):
                waiting.append([placed])
                continue
            yield from waiting
            waiting = [[placed]]
    yield from waiting


def _reads_on(paragraph: list[Placed], placed: Placed, measures: _Measures) -> bool:
    """Whether a line goes on with the paragraph above it.

    It does if the line above is full, that is, if the first word of this one would not have fitted
    there, and this one is not indented. Where paragraphs are not indented, a full line that ends
    with a sentence ends the paragraph too. Lines of a title are large and stand in the middle.
    """
    before = paragraph[-1]
    line, above = placed.line, before.line
    size = line.size
    together = placed.page is before.page and line.column == above.column
    if (
        "  " in line.text
        or "  " in above.text
        or (together and line.top - above.bottom > 1.6 * size)
    ):
        return False
    left, right = measures.reach(placed)
    left_above, right_above = measures.reach(before)
    if min(size, above.size) > 1.15 * measures.size:
        return (
            together
            and abs(size - above.size) < 0.1 * size
            and abs(line.x0 + line.x1 - left - right) < 2 * size
            and abs(above.x0 + above.x1 - left_above - right_above) < 2 * size
        )
    indent = above.x0 - left_above
    if indent > 2.6 * size and abs(indent - right_above + above.x1) < 1.5 * size:
        # A heading in the middle of its line.
        return False
    if line.x0 - left > 0.9 * size or not 0.8 < size / above.size < 1.25:
        return False
    token = _TOKEN.match(line.text)
    first_word = (line.x1 - line.x0) * len(token[0] if token else "") / len(line.text)
    if right_above - above.x1 > first_word + 1.3 * size:
        return False
    finished = above.text.rstrip()[-1:] in tuple("。;:!?")
    return not finished or paragraph[0].line.x0 - measures.reach(paragraph[0])[0] > 0.9 * size


# --- document ------------------------------------------------------------------------------


_Written = tuple[str, list[Block], list[Place]]
"""Text, and the blocks and places in it, counted from where the document has it."""


def _written(pieces: Iterable[_Piece]) -> _Written:
    parts: list[str] = []
    blocks: list[Block] = []
    places: list[Place] = []
    length = 0
    paragraphs: list[list[Placed]] = []

    def add(written: _Written) -> None:
        nonlocal length
        parts.append(written[0])
        length += len(written[0])
        blocks.extend(written[1])
        places.extend(written[2])

    for piece in pieces:
        if isinstance(piece, list):
            paragraphs.append(piece)
            continue
        add(_prose(paragraphs, length, opens=not blocks))
        paragraphs = []
        add(_table(piece, length))
    add(_prose(paragraphs, length, opens=not blocks))
    return "".join(parts), blocks, places


def _prose(paragraphs: list[list[Placed]], at: int, opens: bool) -> _Written:
    """Headings and paragraphs, a line each."""
    words = ""
    places = []
    for paragraph in paragraphs:
        start = len(words)
        for placed in paragraph:
            line = placed.line.text
            if _MEANINGLESS in line:
                continue
            if len(words) > start and _is_latin(words[-1]) and _is_latin(line[0]):
                words += " "
            places.append(_place_of(placed, at + len(words), at + len(words) + len(line)))
            words += line
        words += "\n"
    words = text.clean(words)
    ends = frozenset(found.start() for found in re.finditer("\n", words))
    return words, [moved(block, at) for block in text.blocks(words, opens, ends)], places


def _table(sheets: Sheets, at: int) -> _Written:
    """A table: the lines of a cell parted by newlines, cells by tabs, rows by newlines."""
    words = ""
    cells: list[Cell] = []
    places: list[Place] = []
    row = 0
    for cell, lines in sorted(sheets.cells, key=lambda c: (c[0].row, c[0].column)):
        if cells:
            words += "\n" if cell.row > row else "\t"
        row = cell.row
        start = len(words)
        for placed in lines:
            line = placed.line.text
            if _MEANINGLESS in line:
                continue
            words += "\n" if len(words) > start else ""
            places.append(_place_of(placed, at + len(words), at + len(words) + len(line)))
            words += line
        cells.append(
            Cell(cell.row, cell.column, at + start, at + len(words), cell.rows, cell.columns)
        )
    block = Block("table", at, at + len(words), cells=tuple(cells))
    return words + "\n", [block], places


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _place_of(placed: Placed, start: int, end: int) -> Place:
    line, page = placed
    box = page.shown((line.x0, line.top, line.x1, line.bottom))
    return Place(start, end, page.number, box, "", line.confidence)


# --- issues --------------------------------------------------------------------------------


def _issues(source: Source, laid_out: list[Laid]) -> Iterator[Issue]:
    """One issue a kind of trouble, however many pages have it."""
    pages = [of_page.page for of_page in laid_out]
    pictures = [page.number for page in pages if page.trouble == "picture"]
    if pictures:
        yield Issue(
            source.document,
            "warning",
            "scan_unread",
            _numbers(pictures),
            f"{len(pictures)} of {len(pages)} pages are pictures without text",
            f"split the file: up to {MOST_SCANNED} such pages are read from one file"
            if len(pictures) > MOST_SCANNED
            else "install the optional reader of scans, pip install rapidocr onnxruntime, and build again; "
            "or read these pages by eye",
        )
    scanned = [page.number for page in pages if any(run.confidence < 1 for run in page.runs)]
    if scanned:
        yield Issue(
            source.document,
            "info",
            "scan_read",
            _numbers(scanned),
            f"the text of {len(scanned)} of {len(pages)} pages was recognised from pictures",
            "compare their figures with the pages before use",
        )
    damaged = [page.number for page in pages if page.trouble == "damaged"]
    if damaged:
        yield Issue(
            source.document,
            "warning",
            "pages_damaged",
            _numbers(damaged),
            f"{len(damaged)} of {len(pages)} pages are damaged and could not be opened",
            "fetch the file again; if it opens in a viewer, print it from there to a new PDF",
        )
    strange = [page.number for page in pages if page.trouble == "characters"]
    if strange:
        yield Issue(
            source.document,
            "warning",
            "characters_unreadable",
            _numbers(strange),
            f"the characters of {len(strange)} pages have no meaning: their font does not say "
            "which characters it draws",
            "open the file and print it to a new PDF, or read these pages by eye",
        )
    unclear = [of_page.page.number for of_page in laid_out if of_page.unclear]
    if unclear:
        yield Issue(
            source.document,
            "warning",
            "table_unclear",
            _numbers(unclear),
            f"the rules of a table on {len(unclear)} pages do not tell its cells: text stands "
            "across them, or they do not close",
            "compare the figures of these tables with the pages",
        )
    illegible = [of_page for of_page in laid_out if of_page.illegible]
    if illegible:
        rows = [words for of_page in illegible for words in of_page.illegible]
        yield Issue(
            source.document,
            "warning",
            "figures_unclear",
            _numbers([of_page.page.number for of_page in illegible]),
            f"{len(rows)} rows of tables without rules have figures that run into each other or "
            f"are broken, so that nobody can tell where one ends; they were left out: {_quoted(rows)}",
            "read these rows by eye, or ask for the report as Word or Excel; add what they say to "
            "corrections.toml",
        )
    lost = [page for page in pages if page.lost and not page.trouble]
    if lost:
        yield Issue(
            source.document,
            "warning",
            "characters_lost",
            _numbers([page.number for page in lost]),
            f"{sum(page.lost for page in lost)} characters have no meaning in their font; the "
            "lines they stand in were left out",
            "read these pages by eye",
        )


def _quoted(rows: list[str]) -> str:
    """The first of some rows, shortened, and how many more there are."""
    first = [f"“{' '.join(row.split())[:60]}”" for row in rows[:_QUOTED]]
    more = len(rows) - len(first)
    return "; ".join(first) + (f"; and {more} more" if more else "")


def _numbers(pages: list[int]) -> str:
    """Pages in words: "pages 1-3, 7"."""
    spans: list[list[int]] = []
    for page in pages:
        if spans and page == spans[-1][1] + 1:
            spans[-1][1] = page
        else:
            spans.append([page, page])
    named = ", ".join(f"{a}-{b}" if b > a else str(a) for a, b in spans)
    return f"page{'s' if len(pages) > 1 else ''} {named}"
