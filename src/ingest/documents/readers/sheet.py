"""Spreadsheets (xlsx, xls): every visible sheet's filled regions as tables, values as shown."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import python_calamine
from lxml import etree

from ingest.documents import archives
from ingest.documents.readers import UnreadableError, assembly, ole
from ingest.documents.readers.assembly import Grid, GridCell, Words
from ingest.documents.readers.number_formats import GENERAL, is_date, shown
from ingest.records import Document, Issue, Source

CELLS = 2_000_000
"""The most filled cells that are read of one workbook."""
_LIST = 5


class _Sheet(NamedTuple):
    """What a library says of a sheet; rows and columns count from 1, as in the sheet's names.

    `spans` are first row, last row, first column, last column of merged cells.
    """

    name: str
    values: dict[tuple[int, int], str]
    spans: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    uncomputed: tuple[str, ...] = ()


class _Book(NamedTuple):
    reader: str
    sheets: list[_Sheet]
    hidden: list[str]
    formats: bool = True


def matches(data: bytes) -> bool:
    """Whether the bytes are a workbook, of the new or the old kind."""
    return archives.kind(data) in ("xlsx", "xlsb") or ole.kind(data) == "xls"


def read(source: Source, data: bytes) -> Document:
    """Reads a workbook into a document; raises UnreadableError if it cannot."""
    kind = "xls" if ole.kind(data) == "xls" else "xlsx"
    book = _book(source, data, kind)
    issues = tuple(_issues(source, book))
    try:
        pieces = [piece for sheet in book.sheets for piece in _pieces(sheet)]
    except _TooLargeError as error:
        raise _too_large(source) from error
    if not pieces:
        if any(sheet.uncomputed for sheet in book.sheets):
            raise UnreadableError(
                f"{source.document} holds formulas only, and none of them has a value.",
                "Open it in Excel or WPS, which computes them, and save it again.",
            )
        hidden = f" but the hidden {', '.join(book.hidden)}" if book.hidden else ""
        raise UnreadableError(
            f"{source.document} has no filled cell in any sheet{hidden}.",
            "Open it and look whether it is the right file; make hidden sheets visible if they count.",
        )
    return assembly.document(source, kind, book.reader, pieces, issues)


def _book(source: Source, data: bytes, kind: str) -> _Book:
    reads = [_with_xlrd, _with_calamine] if kind == "xls" else [_with_openpyxl, _with_calamine]
    complaints = []
    if kind == "xlsx":
        try:
            archives.check(data)
        except archives.ArchiveError as error:
            raise UnreadableError(
                f"{source.document}: {error.message}.", error.action + "."
            ) from error
    for with_library in reads:
        try:
            return with_library(data)
        except _TooLargeError as error:
            raise _too_large(source) from error
        except BaseException as error:
            # The libraries raise whatever a broken file leads them into, from KeyError to
            # struct.error; the next one may read it all the same. What is written in Rust panics,
            # and its panics are no Exception.
            panic = type(error).__name__ == "PanicException"
            if isinstance(error, MemoryError) or not (panic or isinstance(error, Exception)):
                raise
            complaints.append((str(error).strip("'\"").splitlines() or [type(error).__name__])[0])
    if any("encrypt" in words.lower() or "password" in words.lower() for words in complaints):
        raise ole.protected(source)
    raise UnreadableError(
        f"{source.document} is a damaged workbook: {complaints[0].rstrip('.')}.",
        "Open it in Excel or WPS, let it be repaired, and save it again as .xlsx.",
    )


def _too_large(source: Source) -> UnreadableError:
    return UnreadableError(
        f"{source.document} has more than {CELLS} cells, filled or merged.",
        "Save the sheets that belong to the report as a workbook of their own.",
    )


def _issues(source: Source, book: _Book) -> Iterator[Issue]:
    if book.hidden:
        yield Issue(
            source.document,
            "info",
            "hidden_sheet",
            "the sheets",
            f"hidden and therefore not read: {', '.join(book.hidden)}",
            "make them visible in Excel or WPS and save, if they belong to the report",
        )
    for sheet in book.sheets:
        if sheet.hidden_rows or sheet.hidden_columns:
            yield Issue(
                source.document,
                "info",
                "hidden_cells",
                sheet.name,
                f"{len(sheet.hidden_rows)} hidden rows and {len(sheet.hidden_columns)} hidden "
                "columns were not read",
                "make them visible in Excel or WPS and save, if they belong to the report",
            )
        if sheet.uncomputed:
            more = len(sheet.uncomputed) - _LIST
            yield Issue(
                source.document,
                "warning",
                "formula_without_value",
                f"{sheet.name}!{', '.join(sheet.uncomputed[:_LIST])}"
                + (f" and {more} more" if more > 0 else ""),
                f"{len(sheet.uncomputed)} formulas have no value, so their cells were read as empty",
                "open the file in Excel or WPS, which computes them, and save it again",
            )
    if not book.formats:
        yield Issue(
            source.document,
            "warning",
            "number_formats_unknown",
            "all cells",
            "the file could only be read without its number formats: a rate shown as 98.33% "
            "is read as 0.9833",
            "open the file in Excel or WPS and save it again as .xlsx",
        )


# --- the libraries -------------------------------------------------------------------------


class _TooLargeError(ValueError):
    """More cells than are read."""


# The last row and column that any spreadsheet has.
_ROWS, _COLUMNS = 1_048_576, 16_384
_MERGED = re.compile(rb"mergeCell [^>]{0,200}?ref=[\"']([A-Z]{1,7})(\d{1,9}):([A-Z]{1,7})(\d{1,9})")
_PLACED = re.compile(rb"<(?:\w+:)?c [^>]{0,200}?r=[\"']([A-Z]{1,7})(\d{1,9})")


def _bounded(cells: Iterable[tuple[int, int, str]], so_far: Iterable[_Sheet]) -> dict[Any, str]:
    room = CELLS - sum(len(sheet.values) for sheet in so_far)
    values = {}
    for row, column, words in cells:
        if words:
            if row > _ROWS or column > _COLUMNS:
                raise ValueError(f"a cell stands in row {row}, column {column}, beyond any sheet")
            values[row, column] = words
            if len(values) > room:
                raise _TooLargeError
    return values


def _check_places(data: bytes, dense: bool) -> None:
    """Raises _TooLargeError before a library makes room for all cells that a sheet only claims.

    openpyxl makes a cell of every place that a merged cell covers. With `dense`, as calamine does,
    room counts that spans from the first to the last cell.
    """
    for sheet in _parts(data, "xl/worksheets/"):
        covered = sum(
            (int(last) - int(first) + 1) * (_number_of(right) - _number_of(left) + 1)
            for left, first, right, last in _MERGED.findall(sheet)
        )
        filled = sheet.count(b"<c ") + sheet.count(b"<c>") + sheet.count(b":c ")
        if covered > CELLS or filled > CELLS:
            raise _TooLargeError
        if dense:
            places = [(int(row), _number_of(column)) for column, row in _PLACED.findall(sheet)]
            high = max((row for row, _ in places), default=0)
            if high * max((column for _, column in places), default=0) > 4 * CELLS:
                raise _TooLargeError


def _parts(data: bytes, folder: str) -> Iterator[bytes]:
    """The XML of the parts of a workbook below a folder, in an encoding that ASCII is part of."""
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        for name in container.namelist():
            if name.startswith(folder) and name.endswith(".xml"):
                part = container.read(name)
                wide = part.startswith((b"\xff\xfe", b"\xfe\xff"))
                yield part.decode("utf-16", "replace").encode() if wide else part


def _number_of(letters: bytes) -> int:
    """The number of a column by its letters.

    >>> _number_of(b"A"), _number_of(b"XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _with_openpyxl(data: bytes) -> _Book:
    import openpyxl  # takes long to load, and most reports are no workbooks

    _check_places(data, dense=False)
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(data)) if _has_formulas(data) else None
    sheets: list[_Sheet] = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        values = _bounded(
            (
                (cell.row, cell.column, shown(cell.value, cell.number_format or GENERAL))
                for cell in _filled(sheet)
            ),
            sheets,
        )
        merged = sorted(
            (span.min_row, span.max_row, span.min_col, span.max_col)
            for span in sheet.merged_cells.ranges
        )
        uncomputed = () if formulas is None else _uncomputed(formulas[sheet.title], sheet)
        sheets.append(
            _Sheet(
                sheet.title,
                values,
                tuple(merged),
                frozenset(at for at, row in sheet.row_dimensions.items() if row.hidden),
                frozenset(
                    at
                    for column in sheet.column_dimensions.values()
                    if column.hidden
                    for at in range(column.min or 0, min(column.max or 0, sheet.max_column) + 1)
                ),
                uncomputed,
            )
        )
    hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
    return _Book("openpyxl", sheets, hidden)


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        for name in container.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with container.open(name) as part:
                    for _, element in etree.iterparse(part, tag="{*}f", resolve_entities=False):
                        return element is not None
    return False


def _uncomputed(formulas: Any, sheet: Any) -> tuple[str, ...]:
    return tuple(
        cell.coordinate
        for cell in _filled(formulas)
        if cell.data_type == "f" and sheet[cell.coordinate].value is None
    )


def _filled(sheet: Any) -> Iterator[Any]:
    """The filled cells of a sheet by row and column. `iter_rows` would make all empty ones too."""
    for place in sorted(sheet._cells):
        if sheet._cells[place].value is not None:
            yield sheet._cells[place]


def _with_xlrd(data: bytes) -> _Book:
    import xlrd

    book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    sheets: list[_Sheet] = []
    hidden = []
    for sheet in book.sheets():
        if sheet.visibility:
            hidden.append(sheet.name)
            continue
        values = _bounded(
            (
                (row + 1, column + 1, _shown_by_xlrd(book, sheet.cell(row, column)))
                for row in range(sheet.nrows)
                for column in range(sheet.row_len(row))
            ),
            sheets,
        )
        merged = sorted(
            (top + 1, low, left + 1, right) for top, low, left, right in sheet.merged_cells
        )
        sheets.append(
            _Sheet(
                sheet.name,
                values,
                tuple(merged),
                frozenset(at + 1 for at, row in sheet.rowinfo_map.items() if row.hidden),
                frozenset(at + 1 for at, column in sheet.colinfo_map.items() if column.hidden),
            )
        )
    return _Book("xlrd", sheets, hidden)


def _shown_by_xlrd(book: Any, cell: Any) -> str:
    import xlrd

    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return ""
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return shown(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#VALUE!"))
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return str(cell.value)
    key = book.xf_list[cell.xf_index].format_key
    number_format = book.format_map[key].format_str if key in book.format_map else GENERAL
    if is_date(number_format):
        try:
            when: datetime.datetime = xlrd.xldate_as_datetime(cell.value, book.datemode)
        except (ValueError, OverflowError):
            return shown(cell.value)
        return shown(when, number_format)
    return shown(cell.value, number_format)


def _with_calamine(data: bytes) -> _Book:
    if archives.kind(data):
        _check_places(data, dense=True)
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        visible = python_calamine.SheetVisibleEnum.Visible
        sheets: list[_Sheet] = []
        for about in book.sheets_metadata:
            if about.visible != visible or about.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(about.name)
            top, left = sheet.start or (0, 0)
            values = _bounded(
                (
                    (top + row + 1, left + column + 1, shown(None if value == "" else value))
                    for row, line in enumerate(sheet.iter_rows())
                    for column, value in enumerate(line)
                ),
                sheets,
            )
            merged = sorted(
                (first[0] + 1, last[0] + 1, first[1] + 1, last[1] + 1)
                for first, last in sheet.merged_cell_ranges or ()
            )
            sheets.append(_Sheet(about.name, values, tuple(merged)))
        hidden = [about.name for about in book.sheets_metadata if about.visible != visible]
    return _Book("python-calamine", sheets, hidden, formats=False)


# --- regions -------------------------------------------------------------------------------


def _pieces(sheet: _Sheet) -> Iterator[Words | Grid]:
    """Regions parted by empty rows; the lone cells above and below a table are paragraphs."""
    sheet = _visible(sheet)
    for rows in _regions(sheet):
        first, last = 0, len(rows)
        while first < last and len(rows[first][1]) < 2:
            first += 1
        while last > first and len(rows[last - 1][1]) < 2:
            last -= 1
        yield from _lines(sheet, rows[:first])
        if first < last:
            yield _grid(sheet, rows[first:last])
        yield from _lines(sheet, rows[last:])


def _visible(sheet: _Sheet) -> _Sheet:
    if not sheet.hidden_rows and not sheet.hidden_columns:
        return sheet
    values = {
        (row, column): words
        for (row, column), words in sheet.values.items()
        if row not in sheet.hidden_rows and column not in sheet.hidden_columns
    }
    return sheet._replace(values=values)


_Row = tuple[int, list[int]]


def _regions(sheet: _Sheet) -> Iterator[list[_Row]]:
    """Rows that follow each other, each with its filled columns; a merged cell keeps its rows
    together, and hidden rows part nothing."""
    filled: dict[int, list[int]] = {}
    for row, column in sorted(sheet.values):
        filled.setdefault(row, []).append(column)
    covered = {
        row: bottom
        for top, bottom, left, _ in sheet.spans
        if (top, left) in sheet.values
        for row in range(top, min(bottom, top + 1000) + 1)
    }
    rows = sorted({*filled, *(row for row in covered if row <= max(filled, default=0))})
    region: list[_Row] = []
    for row in rows:
        if row in sheet.hidden_rows:
            continue
        if region and any(at not in sheet.hidden_rows for at in range(region[-1][0] + 1, row)):
            yield region
            region = []
        region.append((row, filled.get(row, [])))
    if region:
        yield region


def _lines(sheet: _Sheet, rows: list[_Row]) -> Iterator[Words]:
    for row, columns in rows:
        for column in columns:
            yield Words(sheet.values[row, column], _name(sheet, row, column))


def _grid(sheet: _Sheet, rows: list[_Row]) -> Grid:
    """A region as a grid: hidden rows and columns taken out, merged cells with their spans."""
    used = [column for _, columns in rows for column in columns]
    spans = {
        (top, left): (bottom, right)
        for top, bottom, left, right in sheet.spans
        if rows[0][0] <= top <= rows[-1][0] and left <= max(used) and right >= min(used)
    }
    right = max([*used, *(min(last, max(used)) for _, last in spans.values())])
    if len(rows) * (right - min(used) + 1) > CELLS:
        raise _TooLargeError
    row_at = {row: at for at, (row, _) in enumerate(rows)}
    columns = [c for c in range(min(used), right + 1) if c not in sheet.hidden_columns]
    column_at = {column: at for at, column in enumerate(columns)}
    # Where a merged cell begins in a hidden row or column, its first visible place stands for it.
    origins: dict[tuple[int, int], tuple[int, int, str]] = {}
    taken: set[tuple[int, int]] = set()
    for (top, left), (bottom, last) in spans.items():
        deep = [row_at[row] for row in range(top, min(bottom, rows[-1][0]) + 1) if row in row_at]
        wide = [column_at[c] for c in range(left, min(last, right) + 1) if c in column_at]
        if deep and wide and (deep[0], wide[0]) not in taken:
            taken |= {(r, c) for r in deep for c in wide}
            words = sheet.values.get((top, left), "")
            origins[deep[0], wide[0]] = (len(deep), len(wide), words)
    cells = []
    for row, at in row_at.items():
        for column, place in column_at.items():
            where = _name(sheet, row, column)
            if (at, place) in origins:
                deep_by, wide_by, words = origins[at, place]
                cells.append(GridCell(at, place, words, where, deep_by, wide_by))
            elif (at, place) not in taken:
                cells.append(GridCell(at, place, sheet.values.get((row, column), ""), where))
    return tuple(cells)


def _name(sheet: _Sheet, row: int, column: int) -> str:
    from openpyxl.utils import get_column_letter

    return f"{sheet.name}!{get_column_letter(column)}{row}"
