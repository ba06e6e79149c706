"""Writes charts to files that are the same bytes for the same figures."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from briefing.style import look


def write(chart: Figure, folder: Path, name: str) -> list[Path]:
    """Writes a chart as SVG (text kept as text) and PNG (300 dpi) and returns the two paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.svg", folder / f"{name}.png"]
    with look():
        for path in paths:
            # No date: it would make every run another file.
            chart.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    return paths
