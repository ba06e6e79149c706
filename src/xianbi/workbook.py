"""Charts → an Excel workbook: a sheet a chart's figures, and a sheet of sources with quotes."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from xianbi.chartset import Chart
from xianbi.labels import COMPARATORS, cells_for_reading, indicator_name, say, word

# Ids that a word stands for, and what only drawing needs.
_LEFT_OUT = ("indicator", "reporter", "mention_ids", "national_source")
_WIDEST = 60


def made(charts: Sequence[Chart], said: Sequence[pd.DataFrame], lang: str) -> bytes:
    """Returns the workbook; `said` are the sources of each chart (`compare.sources`)."""
    book = Workbook()
    book.remove(book.active)
    for n, chart in enumerate(charts, start=1):
        # Excel takes 31 characters; the number keeps the names apart.
        sheet = book.create_sheet(f"{n} {chart.name}"[:31])
        for row, words in enumerate((chart.caption.title, chart.caption.subtitle), start=1):
            _text(sheet, row, 1, words)
        sheet["A1"].font = Font(bold=True, size=12)
        _fill(sheet, chart.table, lang, top=4)
    sheet = book.create_sheet(say(lang, "来源", "Sources"))
    rows = [
        table.assign(chart=f"{n} {chart.name}")
        for n, (chart, table) in enumerate(zip(charts, said, strict=True), start=1)
        if not table.empty
    ]
    if rows:
        table = pd.concat(rows, ignore_index=True)
        first = ["chart", "county_code", "place", "year", "indicator", "name"]
        _fill(sheet, table[[*first, *(c for c in table if c not in first)]], lang, top=1)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, table: pd.DataFrame, lang: str, top: int) -> None:
    """Writes a table with its head in row `top`: figures as numbers, everything else as text."""
    columns = [column for column in table if column not in _LEFT_OUT]
    for across, column in enumerate(columns, start=1):
        _text(sheet, top, across, _head(column, lang)).font = Font(bold=True)
        cells = _cells(table, column, lang)
        for down, value in enumerate(cells, start=top + 1):
            _put(sheet, down, across, value)
        width = max(map(_room, [_head(column, lang), *map(str, cells)]), default=8) + 2
        sheet.column_dimensions[get_column_letter(across)].width = min(width, _WIDEST)
    sheet.freeze_panes = sheet.cell(top + 1, 1)
    if len(table):
        last = f"{get_column_letter(len(columns))}{top + len(table)}"
        sheet.auto_filter.ref = f"A{top}:{last}"


def _put(sheet: Worksheet, row: int, column: int, value: object) -> None:
    if isinstance(value, float | int):
        cell = sheet.cell(row, column, value)
        digits = -int(Decimal(repr(value)).normalize().as_tuple().exponent)
        cell.number_format = "#,##0" + ("." + "0" * digits if digits > 0 else "")
    else:
        cell = _text(sheet, row, column, str(value))
        cell.number_format = "@"
        if len(str(value)) > _WIDEST / 2:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _text(sheet: Worksheet, row: int, column: int, words: str) -> Cell:
    """Writes text, whatever it begins with: a code keeps its nought, a quote is no formula."""
    cell = sheet.cell(row, column, words)
    assert isinstance(cell, Cell)
    cell.data_type = "s"
    return cell


def _cells(table: pd.DataFrame, column: str, lang: str) -> list[object]:
    if column == "year":
        return ["" if pd.isna(year) else str(year) for year in table[column]]
    if column.endswith("comparator"):
        return [COMPARATORS.get(sign, sign) for sign in table[column]]
    if column == "name":
        pairs = zip(table["indicator"], table["name"], strict=True)
        return [indicator_name(*pair, lang) for pair in pairs]
    if pd.api.types.is_float_dtype(table[column]):
        return ["" if pd.isna(value) else float(value) for value in table[column]]
    return list(cells_for_reading(table, column, lang))


def _head(column: str, lang: str) -> str:
    if column.endswith("comparator"):
        whose = word(
            "column", column.removesuffix("_comparator").replace("comparator", "value"), lang
        )
        return say(lang, f"{whose}的上下限", f"{whose}, bound")
    return word("column", column, lang)


def _room(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
