"""Writes charts to files that are the same bytes for the same figures."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from xianbi import pages, slides, workbook
from xianbi.chartset import chart_set
from xianbi.compare import sources
from xianbi.data import Tables
from xianbi.style import look

WORKBOOK, DOCUMENT, SLIDES = "briefing.xlsx", "briefing.docx", "briefing.pptx"


def write(chart: Figure, folder: str | Path, name: str) -> list[Path]:
    """Writes a chart as SVG (text kept as text) and PNG (300 dpi) and returns the two paths."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    paths = [place / f"{name}.svg", place / f"{name}.png"]
    with look():
        for path in paths:
            # No date: it would make every run another file.
            chart.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    return paths


def write_all(
    tables: Tables, folder: str | Path, indicators: Sequence[str] = (), lang: str = "zh"
) -> tuple[list[Path], list[str]]:
    """Writes a chart set (see `chartset.chart_set`) as pictures, workbook, document and slides.

    Returns the paths written, and a line for each chart left out and why.
    """
    made, left_out = chart_set(tables, indicators, lang)
    said = [sources(tables, chart.table) for chart in made]
    place = Path(folder)
    written = []
    for chart in made:
        written += write(chart.draw(chart.table, lang=lang), place, chart.name)
    pictures = [place / f"{chart.name}.png" for chart in made]
    for name, content in (
        (WORKBOOK, workbook.made(made, said, lang)),
        (DOCUMENT, pages.made(made, said, pictures, lang)),
        (SLIDES, slides.made(made, said, pictures, lang)),
    ):
        path = place / name
        path.write_bytes(settled(content))
        written.append(path)
    return written, left_out


def settled(package: bytes) -> bytes:
    """Takes the time of writing out of an office file, and out of the workbooks inside it.

    They are zip archives that date every entry, and say in docProps/core.xml when they were made.
    """
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as archive,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for entry in archive.infolist():
            content = archive.read(entry)
            if entry.filename.endswith(".xlsx"):
                content = settled(content)
            elif entry.filename == "docProps/core.xml":
                content = re.sub(
                    rb"(<dcterms:(created|modified)[^>]*>)[^<]*",
                    rb"\g<1>2000-01-01T00:00:00Z",
                    content,
                )
            dateless = zipfile.ZipInfo(entry.filename)
            dateless.compress_type = zipfile.ZIP_DEFLATED
            copy.writestr(dateless, content)
    return out.getvalue()
