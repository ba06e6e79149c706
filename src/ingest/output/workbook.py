"""Rows → one workbook (.xlsx) for people: a frozen header, codes as text, numbers as numbers.

openpyxl writes the workbook with its headers; the rows are streamed into it as XML, since a cell
object for every figure of a nation's reports would take longer than reading them.
"""

from __future__ import annotations

import gc
import io
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple
from xml.sax.saxutils import escape

_NO_DATE = datetime(2000, 1, 1)
_END = b"</sheetData>"
_LONGEST = 32_767
"""Characters that a cell of a spreadsheet holds."""

_ROWS_AT_A_TIME = 500
_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")


class Heading(NamedTuple):
    """A column: its name, whether its cells are text, and its width."""

    name: str
    is_text: bool
    width: int


class Sheet(NamedTuple):
    """A sheet and its rows. Rows that a sheet has no room for are given as another sheet."""

    name: str
    headings: Sequence[Heading]
    rows: Iterable[Sequence[str]]


def write(path: Path, sheets: Sequence[Sheet]) -> None:
    """Writes a workbook, the same bytes for the same rows; the rows are read one at a time."""
    with (
        zipfile.ZipFile(io.BytesIO(_skeleton(sheets))) as source,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            found = _SHEET.fullmatch(name)
            if found:
                with target.open(member, "w", force_zip64=True) as file:
                    _fill(file, content, sheets[int(found.group(1)) - 1])
                continue
            if name == "docProps/core.xml":
                stamp = f"{_NO_DATE:%Y-%m-%dT%H:%M:%SZ}".encode()
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, content)
            target.writestr(member, content)


def _skeleton(sheets: Iterable[Sheet]) -> bytes:
    """The workbook with nothing but its headers; raises OSError if there is no room for them."""
    shown, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        try:
            return _headers(sheets)
        except OSError as error:
            failed = OSError(error.errno, error.strerror)
        gc.collect()  # half-written sheets complain on the terminal when they are dropped: now
        raise failed
    finally:
        sys.unraisablehook = shown


def _headers(sheets: Iterable[Sheet]) -> bytes:
    # Loaded by whoever writes a workbook; the processes that read reports never do.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for one in sheets:
        sheet = book.create_sheet(one.name)
        sheet.freeze_panes = "A2"
        for place, heading in enumerate(one.headings, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = heading.width
        header = [WriteOnlyCell(sheet, value=heading.name) for heading in one.headings]
        for cell in header:
            cell.font = Font(bold=True)
        sheet.append(header)
    book.properties.creator = "xianbi"
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def _fill(file: IO[bytes], skeleton: bytes, sheet: Sheet) -> None:
    before, end, after = skeleton.rpartition(_END)
    lines = _lines(sheet)
    with ThreadPoolExecutor(1) as beside:
        # Compressing takes as long as putting the rows together, and can go on meanwhile.
        writing = beside.submit(file.write, before)
        while some := "".join(islice(lines, _ROWS_AT_A_TIME)):
            writing.result()
            writing = beside.submit(file.write, some.encode())
        writing.result()
    file.write(end + after)


def _escaped(text: str) -> str:
    if len(text) > _LONGEST:
        text = text[:_LONGEST]
    return escape(text) if "&" in text or "<" in text or ">" in text else text


def _lines(sheet: Sheet) -> Iterator[str]:
    from openpyxl.utils import get_column_letter

    columns = [
        (get_column_letter(place), heading.is_text)
        for place, heading in enumerate(sheet.headings, start=1)
    ]
    for number, row in enumerate(sheet.rows, start=2):
        cells = [
            # Said to be text, so that "=…" is shown and never run; no apostrophe is needed here.
            f'<c r="{letter}{number}" t="inlineStr"><is><t xml:space="preserve">'
            f"{_escaped(text)}</t></is></c>"
            if is_text
            else f'<c r="{letter}{number}"><v>{text}</v></c>'
            for (letter, is_text), text in zip(columns, row, strict=True)
            if text
        ]
        yield f'<row r="{number}">{"".join(cells)}</row>'
