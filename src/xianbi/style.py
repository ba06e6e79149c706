"""One look for all charts, with a Chinese typeface, and nothing of it left behind afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources, util
from pathlib import Path

import matplotlib as mpl
import seaborn as sns
from matplotlib import font_manager, style

from xianbi import XianbiError

FACES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "SimHei",
)
"""Chinese faces in the order they are looked for among the installed ones."""

INK, MUTED, FAINT = "#222222", "#666666", "#bdbdbd"

_BLUE, _ORANGE, _GREEN, _RED, _PURPLE, *_ = sns.color_palette("colorblind").as_hex()
COLOURS = {
    "blue": _BLUE,
    "orange": _ORANGE,
    "green": _GREEN,
    "red": _RED,
    "purple": _PURPLE,
}
"""Colours told apart by colour-blind readers; in grey print the marker's shape tells them apart."""


def face() -> str:
    """Returns the name of the Chinese typeface to draw with.

    The first of FACES that is installed; else the Noto Sans CJK SC that the package mplfonts
    carries. Raises XianbiError, saying how to install one, when there is neither.
    """
    installed = {font.name for font in font_manager.fontManager.ttflist}
    for name in FACES:
        if name in installed:
            return name
    carried = _carried()
    if carried is None:
        raise XianbiError(
            "no Chinese typeface on this machine: install one (Debian, Ubuntu: `apt install "
            "fonts-noto-cjk`; Windows and macOS bring one) or run `pip install mplfonts`, then try again"
        )
    font_manager.fontManager.addfont(carried)
    return font_manager.FontProperties(fname=carried).get_name()


def _carried() -> Path | None:
    # The package is asked for its file and not imported: it would change rcParams. Its SimHei is
    # not freely licensed and never used.
    spec = util.find_spec("mplfonts")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place) / "fonts" / "NotoSansCJKsc-Regular.otf"
        if path.is_file():
            return path
    return None


@contextmanager
def look() -> Iterator[None]:
    """Draws and writes charts in the one look; every rcParam is as before afterwards."""
    with mpl.rc_context():
        sns.set_theme(context="paper", style="whitegrid", palette="colorblind")
        sheet = resources.files("xianbi").joinpath("xianbi.mplstyle")
        with resources.as_file(sheet) as path:
            style.use(path)
        # The name itself, not "sans-serif": a Figure is drawn again after this look has ended, and
        # a generic name would be looked up in the rcParams of that moment.
        mpl.rcParams["font.family"] = [face()]
        yield
