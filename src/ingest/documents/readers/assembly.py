"""Paragraphs and tables, as a format hands them over in reading order, to one document.

Readers of formats that know their paragraphs and cells (Word, web pages, spreadsheets) give them
as pieces; here they become one folded text, its blocks, and the place of each passage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ingest.documents.glyphs import fold
from ingest.documents.readers import UnreadableError, text
from ingest.documents.readers.headings import heading_level, numbering
from ingest.records import Block, Cell, Document, Issue, Place, Source


class Words(NamedTuple):
    """A paragraph: its text, where it stands, and its level if the format calls it a heading."""

    text: str
    where: str
    level: int = 0


class GridCell(NamedTuple):
    """A cell: its place in the grid counted from 0, its text, where it stands, and its span."""

    row: int
    column: int
    text: str
    where: str
    rows: int = 1
    columns: int = 1


Grid = tuple[GridCell, ...]
"""A table: every cell once, also the empty ones."""

_LONGEST_STYLED = 60


def document(
    source: Source,
    format: str,
    reader: str,
    pieces: Iterable[Words | Grid],
    issues: tuple[Issue, ...] = (),
) -> Document:
    """Puts the pieces of a report together; raises UnreadableError if there is no word in them."""
    whole = ""
    blocks: list[Block] = []
    places: list[Place] = []
    for part in _parts(pieces):
        if isinstance(part, list):
            added, found, stand = _prose(part, len(whole), opens=not blocks)
        else:
            added, found, stand = _table(part, len(whole))
        whole += added + "\n"
        blocks += found
        places += stand
    if not whole.strip():
        raise UnreadableError(
            f"{source.document} holds no text: only pictures, or nothing at all.",
            "Open it; if its pages are pictures, print it to PDF so that it can be read as a scan.",
        )
    return Document(source, format, reader, whole, tuple(blocks), tuple(places), issues=issues)


def is_layout(cells: Iterable[GridCell]) -> bool:
    """Whether a table only arranges prose: one column, or little beside one long text.

    >>> is_layout([GridCell(0, 0, "一、参保情况", ""), GridCell(1, 0, "参保10万人。", "")])
    True
    """
    filled = [cell for cell in cells if cell.text.strip()]
    if len({cell.column for cell in filled}) < 2:
        return True
    longest = max((cell.text for cell in filled), key=len)
    beside = sum(len(cell.text) for cell in filled) - len(longest)
    return len(filled) <= 6 and longest.count("。") > 1 and beside * 4 < len(longest)


def _parts(pieces: Iterable[Words | Grid]) -> Iterator[list[Words] | Grid]:
    """Joins paragraphs between tables; a table of one column, or of one cell, is prose too."""
    run: list[Words] = []
    for piece in pieces:
        if isinstance(piece, Words):
            run += [piece] if piece.text.strip() else []
        elif len({cell.column for cell in piece if cell.text.strip()}) < 2:
            run += [Words(cell.text, cell.where) for cell in piece if cell.text.strip()]
        else:
            if run:
                yield run
            run = []
            yield piece
    if run:
        yield run


def _prose(run: list[Words], at: int, opens: bool) -> tuple[str, list[Block], list[Place]]:
    """Blocks of paragraphs that follow each other; what the format calls headings part them."""
    joined = text.clean("\n".join(words.text for words in run))
    blocks: list[Block] = []
    places: list[Place] = []
    start = since = 0
    ends: set[int] = set()

    def flush(until: int) -> None:
        found = text.blocks(
            joined[since:until],
            opens and not blocks,
            frozenset(end - since for end in ends),
        )
        blocks.extend(moved(block, since) for block in found)

    for words in run:
        end = start + len(words.text)
        places.append(Place(at + start, at + end, where=words.where))
        level = _styled_level(joined[start:end].strip(), words.level, opens and not blocks)
        if level:
            flush(start)
            inner = joined[start:end]
            left = start + len(inner) - len(inner.lstrip())
            blocks.append(Block("heading", left, start + len(inner.rstrip()), level))
            since = end
        ends.add(end)
        start = end + 1
    flush(len(joined))
    return joined, [moved(block, at) for block in blocks], places


def _styled_level(words: str, level: int, opens: bool) -> int:
    """The level of what a format calls a heading; 0 if the words show that it is none.

    The report's own numbers say more than the style. Level 1 is kept for titles.
    """
    if not level or not words or len(words) > _LONGEST_STYLED or "。" in words[:-1]:
        return 0
    own = heading_level(words)
    if own:
        return min(own, level + 1)
    if numbering(words)[0]:
        return 0
    return 1 if opens else level + 1


def _table(grid: Grid, at: int) -> tuple[str, list[Block], list[Place]]:
    cells: list[Cell] = []
    places: list[Place] = []
    whole = ""
    row = 0
    for cell in sorted(grid):
        words = fold(cell.text.strip())
        if cells:
            whole += "\n" if cell.row > row else "\t"
        row = cell.row
        start = at + len(whole)
        whole += words
        end = at + len(whole)
        cells.append(Cell(cell.row, cell.column, start, end, cell.rows, cell.columns))
        if words:
            places.append(Place(start, end, where=cell.where))
    return whole, [Block("table", at, at + len(whole), cells=tuple(cells))], places


def moved(block: Block, by: int) -> Block:
    """A block so many characters further on."""
    cells = tuple(
        Cell(c.row, c.column, c.start + by, c.end + by, c.rows, c.columns) for c in block.cells
    )
    return Block(block.kind, block.start + by, block.end + by, block.level, cells, block.ragged)
