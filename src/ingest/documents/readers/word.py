"""Word files (docx): paragraphs, numbered as Word would print them, and tables with merged cells.

What a reader of the printed page does not see is left out: deleted and moved text, hidden text,
comments, field codes. Footnotes, headers and footers are no part of the report's text.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from lxml import etree

from ingest.documents import archives
from ingest.documents.readers import UnreadableError, assembly
from ingest.documents.readers.assembly import Grid, GridCell, Words
from ingest.documents.readers.word_numbers import Numbers
from ingest.records import Document, Source

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Markup that only wraps what it holds.
_WRAPPERS = frozenset(
    _W + name
    for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "fldSimple")
) | {_MC + "AlternateContent", _MC + "Choice", _W + "hyperlink", _W + "dir", _W + "bdo"}
_SIGNS = {_W + "tab": "\t", _W + "cr": "\n", _W + "noBreakHyphen": "-", _W + "ptab": "\t"}
_MAX_DEPTH = 20
_BODY_LEVEL = 9


def matches(data: bytes) -> bool:
    """Whether the bytes are a zip container with a Word document in it."""
    return archives.kind(data) == "docx"


def read(source: Source, data: bytes) -> Document:
    """Reads a docx into a document; raises UnreadableError if it cannot."""
    return assembly.document(source, "docx", "python-docx", pieces(source, data))


def pieces(source: Source, data: bytes) -> list[Words | Grid]:
    """The paragraphs and tables of a docx in reading order; raises UnreadableError."""
    import docx  # takes long to load, and most reports are no Word files
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.exceptions import PackageNotFoundError

    try:
        archives.check(data)
        package = docx.Document(io.BytesIO(data))
        body = package.element.body
    except archives.ArchiveError as error:
        raise UnreadableError(f"{source.document}: {error.message}.", error.action + ".") from error
    except (
        PackageNotFoundError,
        zipfile.BadZipFile,
        zlib.error,
        etree.XMLSyntaxError,
        EOFError,
        KeyError,
        ValueError,
        AttributeError,
        TypeError,
        RuntimeError,
    ) as error:
        raise UnreadableError(
            f"{source.document} is a damaged Word file: {_first_line(error)}.",
            "Open it in Word or WPS, let it be repaired, and save it again as .docx.",
        ) from error
    styles = _Styles(_part(package, RELATIONSHIP_TYPE.STYLES))
    numbers = Numbers(_part(package, RELATIONSHIP_TYPE.NUMBERING))
    return list(_Reading(styles, numbers).of(body))


def _first_line(error: Exception) -> str:
    """What an error says of the file; nothing of a library's own names."""
    if isinstance(error, AttributeError | TypeError):
        return "its parts are not those of a Word document"
    said = (str(error).strip("'\"").splitlines() or [type(error).__name__])[0]
    return said.removesuffix(" (<string>, line 1)").rstrip(".")


def _part(package: Any, kind: str) -> Any:
    """The XML of a part of the package, None if it has none."""
    try:
        part = package.part.part_related_by(kind)
    except KeyError:
        return None
    element = getattr(part, "element", None)
    return element if element is not None else etree.fromstring(part.blob, _parser())


def _parser() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True)


# --- styles --------------------------------------------------------------------------------


class _Style(NamedTuple):
    name: str
    based_on: str
    outline: int | None
    number: tuple[str, int] | None


class _Styles:
    """What paragraph styles say of level and numbering, looked up along the styles they build on."""

    def __init__(self, element: Any) -> None:
        self.styles: dict[str, _Style] = {}
        self.default = ""
        for style in element.iterchildren(_W + "style") if element is not None else ():
            if style.get(_W + "type", "paragraph") != "paragraph":
                continue
            name = _value(style.find(_W + "name")) or ""
            properties = style.find(_W + "pPr")
            self.styles[style.get(_W + "styleId", "")] = _Style(
                name.lower(),
                _value(style.find(_W + "basedOn")) or "",
                _outline(properties),
                _number(properties),
            )
            if style.get(_W + "default") in ("1", "true"):
                self.default = style.get(_W + "styleId", "")

    def chain(self, style: str | None) -> Iterator[_Style]:
        name = style if style in self.styles else self.default
        seen: set[str] = set()
        while name in self.styles and name not in seen:
            seen.add(name)
            yield self.styles[name]
            name = self.styles[name].based_on

    def level(self, style: str | None) -> int:
        """The level of headings in this style, counted from 1; 0 if it is none for headings."""
        for found in self.chain(style):
            if found.outline is not None:
                return found.outline
            if found.name in ("title", "标题"):
                return 1
            head = found.name.removeprefix("heading").removeprefix("标题").strip()
            if head != found.name and head.isdigit():
                return int(head)
        return 0

    def number(self, style: str | None) -> tuple[str, int] | None:
        return next((s.number for s in self.chain(style) if s.number is not None), None)


def _value(element: Any) -> str | None:
    return None if element is None else element.get(_W + "val")


def _whole(element: Any) -> int | None:
    value = _value(element)
    return int(value) if value is not None and value.lstrip("-").isdigit() else None


def _outline(properties: Any) -> int | None:
    """The outline level counted from 1, 0 for body text, None if nothing is said."""
    level = None if properties is None else _whole(properties.find(_W + "outlineLvl"))
    if level is None:
        return None
    return level + 1 if 0 <= level < _BODY_LEVEL else 0


def _number(properties: Any) -> tuple[str, int] | None:
    """The list and the level in it that properties name; list "0" means no number."""
    named = None if properties is None else properties.find(_W + "numPr")
    if named is None:
        return None
    number = _value(named.find(_W + "numId"))
    return None if number is None else (number, _whole(named.find(_W + "ilvl")) or 0)


# --- paragraphs and tables -----------------------------------------------------------------


class _Reading:
    """A body being read: counts paragraphs and tables, and numbers lists as they come."""

    def __init__(self, styles: _Styles, numbers: Numbers) -> None:
        self.styles, self.numbers = styles, numbers
        self.paragraphs = self.tables = 0

    def of(self, body: Any, depth: int = 0) -> Iterator[Words | Grid]:
        for child in _content(body):
            if child.tag == _W + "p":
                yield from self.paragraph(child, depth)
            elif child.tag == _W + "tbl" and depth < _MAX_DEPTH:
                yield from self.table(child, depth)

    def paragraph(self, element: Any, depth: int) -> Iterator[Words | Grid]:
        boxes: list[Any] = []
        words = self._text(element, boxes)
        self.paragraphs += bool(words)
        where = f"paragraph {self.paragraphs}"
        properties = element.find(_W + "pPr")
        style = _value(properties.find(_W + "pStyle")) if properties is not None else None
        level = _outline(properties)
        yield Words(words, where, self.styles.level(style) if level is None else level)
        for box in boxes:
            if depth < _MAX_DEPTH:
                yield from self.of(box, depth + 1)

    def _text(self, element: Any, boxes: list[Any]) -> str:
        """The text of a paragraph with its automatic number; text boxes in it go to `boxes`."""
        words = "".join(_runs(element, boxes))
        properties = element.find(_W + "pPr")
        if properties is not None and not words and _is_deleted(properties.find(_W + "rPr")):
            return ""
        style = _value(properties.find(_W + "pStyle")) if properties is not None else None
        number = _number(properties)
        if number is None:
            number = self.styles.number(style)
        label = self.numbers.next(*number) if number is not None else ""
        if label and (words[:1].isdigit() and label[-1:] in (".", "．")):
            label += " "
        return label + words if words.strip() else ""

    def table(self, element: Any, depth: int) -> Iterator[Words | Grid]:
        self.tables += 1
        number, paragraphs = self.tables, self.paragraphs
        cells: list[GridCell] = []
        inside: list[list[Words | Grid]] = []
        nested = False
        origins: dict[int, int] = {}
        rows = (row for row in _content(element) if row.tag == _W + "tr" and not _is_gone(row))
        for row, line in enumerate(rows):
            column = _before(line)
            for place, cell in enumerate(c for c in _content(line) if c.tag == _W + "tc"):
                properties = cell.find(_W + "tcPr")
                columns = max(_whole(_property(properties, "gridSpan")) or 1, 1)
                merge = _property(properties, "vMerge")
                goes_on = merge is not None and _value(merge) in (None, "continue")
                above = origins.get(column)
                if goes_on and above is not None:
                    cells[above] = cells[above]._replace(rows=row + 1 - cells[above].row)
                else:
                    where = f"table {number} row {row + 1} cell {place + 1}"
                    held = list(self.of(cell, depth + 1))
                    own = [piece for piece in held if isinstance(piece, Words) and piece.text]
                    words = "\n".join(piece.text for piece in own)
                    nested = nested or any(not isinstance(piece, Words) for piece in held)
                    origins = {
                        c: at for c, at in origins.items() if not column <= c < column + columns
                    }
                    if merge is not None:
                        origins[column] = len(cells)
                    cells.append(GridCell(row, column, words, where, 1, columns))
                    inside.append(held)
                column += columns
        if assembly.is_layout(cells):
            for held in inside:
                yield from held
            return
        self.paragraphs = paragraphs
        yield tuple(cells)
        if nested:
            for held in inside:
                yield from (piece for piece in held if not isinstance(piece, Words))


def _content(element: Any) -> Iterator[Any]:
    """The children that count, out of the markup that only wraps them."""
    for child in element.iterchildren():
        if child.tag in _WRAPPERS:
            yield from _content(child)
        else:
            yield child


def _property(properties: Any, name: str) -> Any:
    return None if properties is None else properties.find(_W + name)


def _before(row: Any) -> int:
    """How many places of the grid the row leaves free before its first cell."""
    return _whole(_property(row.find(_W + "trPr"), "gridBefore")) or 0


def _is_gone(row: Any) -> bool:
    """Whether a tracked change deletes the row, or it is hidden."""
    properties = row.find(_W + "trPr")
    return _is_deleted(properties) or _is_on(_property(properties, "hidden"))


def _is_deleted(properties: Any) -> bool:
    return any(_property(properties, name) is not None for name in ("del", "moveFrom"))


def _is_on(switch: Any) -> bool:
    return switch is not None and _value(switch) not in ("0", "false", "off")


def _runs(element: Any, boxes: list[Any]) -> Iterable[str]:
    """The printed text below an element. Deleted and moved runs are not among what it wraps."""
    for child in _content(element):
        tag = child.tag
        if tag == _W + "r":
            if not _is_on(_property(child.find(_W + "rPr"), "vanish")):
                yield from _runs(child, boxes)
        elif tag in (_W + "t", _M + "t"):
            yield child.text or ""
        elif tag in _SIGNS:
            yield _SIGNS[tag]
        elif tag == _W + "br":
            yield "\n"
        elif tag == _W + "ruby":
            yield from _runs(child.find(_W + "rubyBase"), boxes)
        elif tag in (_W + "drawing", _W + "pict", _W + "object"):
            boxes += _outermost(child, _W + "txbxContent")
        elif isinstance(tag, str) and tag.startswith(_M):
            yield from _runs(child, boxes)


def _outermost(element: Any, tag: str) -> Iterator[Any]:
    for child in element.iterchildren():
        if child.tag == tag:
            yield child
        elif child.tag != _MC + "Fallback":
            yield from _outermost(child, tag)
