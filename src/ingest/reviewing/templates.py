"""Which form a table is, and what it asks for and leaves blank.

Forms are known by the words of their headings (`[templates]` of context.toml). A form with some
figures says of each indicator left blank that the office was asked and did not tell. A form
without any figure is an empty copy: nothing is read from it, and nothing is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ingest.codebook.model import Codebook
from ingest.documents.glyphs import fold
from ingest.reading.index import tighten
from ingest.reading.quantities import find
from ingest.records import Block, Document, Issue, Mention, Quantity
from ingest.reviewing.silence import Silence, where

_NEAR = 3
"""How many blocks above a table may hold its title."""

_TITLE = 60
"""A title is no longer than this."""

_FULL_MARKS = Decimal(100)
"""Full marks and weights are printed in an empty form too: whole numbers up to this."""


@dataclass(frozen=True)
class Form:
    """A table that is a known form, or one that leaves cells blank; `name` is "" if unknown.

    `empty` says that it holds no figure at all; `blank` are the indicators whose label stands in
    it with blank cells, in the codebook's order.
    """

    block: int
    name: str
    empty: bool
    blank: tuple[str, ...]


def name_of(document: Document, index: int, codebook: Codebook) -> str:
    """The name of the form that the table at this block is, "" if it is none that is known."""
    block = document.blocks[index]
    words = _title(document, index)
    words += [tighten(document.text, cell.start, cell.end).text for cell in block.cells]
    text = "|".join(words)
    known: Sequence[Mapping[str, Any]] = codebook.words["templates"]["forms"]
    for form in known:
        wanted = all(any(fold(word) in text for word in words) for words in form["all"])
        if wanted and not any(fold(word) in text for word in form.get("without", ())):
            return str(form["name"])
    return ""


def forms(
    document: Document,
    mentions: Iterable[Mention],
    silent: Iterable[Silence],
    codebook: Codebook,
) -> tuple[Form, ...]:
    """The tables of a document that are known forms or leave an indicator blank, in text order."""
    filled = {mention.block for mention in mentions}
    blank: dict[int, set[str]] = {}
    for silence in silent:
        if silence.state == "template_blank":
            blank.setdefault(silence.block, set()).add(silence.indicator)
    found = []
    for index, block in enumerate(document.blocks):
        if block.kind != "table":
            continue
        name = name_of(document, index, codebook)
        asked = tuple(i for i in codebook.indicators if i in blank.get(index, ()))
        if name or asked:
            empty = index not in filled and not _has_figure(document, block)
            found.append(Form(index, name, empty, asked))
    return tuple(found)


def issues(
    document: Document,
    mentions: Iterable[Mention],
    silent: Iterable[Silence],
    codebook: Codebook,
) -> tuple[Issue, ...]:
    """What the forms of a document leave blank: one issue a filled form, one for all empty ones.

    An indicator that the report states anywhere is not missing, whatever a form leaves blank.
    """
    mentions = tuple(mentions)
    stated = {mention.indicator for mention in mentions}
    known = forms(document, mentions, silent, codebook)
    found = []
    for form in known:
        missing = [name for name in form.blank if name not in stated]
        if not form.empty and missing:
            found.append(_left_blank(document, form, missing, codebook))
    empty = [form for form in known if form.empty]
    if empty:
        found.append(_empty(document, empty, len(empty) < len(known) or bool(mentions)))
    return tuple(found)


def _left_blank(
    document: Document, form: Form, missing: Sequence[str], codebook: Codebook
) -> Issue:
    names = ", ".join(f"{i} {codebook.indicators[i].name_zh}" for i in missing)
    start = document.blocks[form.block].start
    return Issue(
        document.source.document,
        "info",
        "template_blank",
        f"{form.name or 'a table'}, {where(document, start)}",
        f"the form asks for figures and leaves them blank, and the report states them nowhere: "
        f"{names}",
        "ask the office if they are needed; a blank is no nought",
    )


def _empty(document: Document, empty: Sequence[Form], after_filled: bool) -> Issue:
    counted = Counter(form.name or "a table" for form in empty)
    names = ", ".join(name if n == 1 else f"{name} ({n} times)" for name, n in counted.items())
    first = where(document, document.blocks[empty[0].block].start)
    if after_filled:
        message = "empty copies of forms: nothing was read from them, and no figure is missing"
        action = "nothing, unless the office should have filled them in"
    else:
        message = "the forms of this report are empty: no figure could be read from them"
        action = "ask the office for the filled ones"
    return Issue(
        document.source.document,
        "info" if after_filled else "warning",
        "template_blank",
        f"{names}, from {first}",
        message,
        action,
    )


def _title(document: Document, index: int) -> list[str]:
    """The short lines above a table, up to the table before.

    The title of the whole report names the form only where it stands right above it.
    """
    found: list[str] = []
    for above in range(index - 1, max(-1, index - 1 - _NEAR), -1):
        block = document.blocks[above]
        of_report = block.kind == "heading" and block.level <= 1 and above < index - 1
        if block.kind == "table" or of_report:
            break
        text = tighten(document.text, block.start, block.end).text
        if len(text) <= _TITLE:
            found.insert(0, text)
    return found


def _has_figure(document: Document, block: Block) -> bool:
    texts = (tighten(document.text, cell.start, cell.end).text for cell in block.cells)
    return any(_is_figure(quantity) for text in texts for quantity in find(text))


def _is_figure(quantity: Quantity) -> bool:
    if quantity.kind == "score":
        return False
    whole = quantity.value == quantity.value.to_integral_value()
    return not (quantity.kind == "bare" and whole and 0 < quantity.value <= _FULL_MARKS)
