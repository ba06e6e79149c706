"""What the name of a row, or a head, says: which indicator, and whether it says something else."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from ingest.codebook.model import Codebook, Indicator, expand
from ingest.reading.index import Lexicon
from ingest.reading.words import Span

_CHANGES = ("change", "share", "per")
_LEADS = ("per",)
_TAILS = ("unknown", "label", *_CHANGES)


@dataclass(frozen=True)
class Name:
    """A text as a name: `indicator` is "" where it names none of ours, `reason` says why then.

    `type` is the type of the label ("label", "ratio", "short", "generic", ""), `label` its span.
    """

    text: str
    indicator: str = ""
    type: str = ""
    label: Span | None = None
    reason: str = ""


def name_of(text: str, lexicon: Lexicon, above: Collection[str] = ()) -> Name:
    """What a text names; a short label counts below its whole (`above`) or behind it."""
    labels = lexicon.labels(text)
    for place in range(len(labels) - 1, -1, -1):
        label = labels[place]
        if label.type == "label":
            return _checked(text, label, _paid_for(labels[:place], label, lexicon.book), lexicon)
        if label.type == "ratio":
            return _checked(text, label, ratio_of(text, lexicon.book), lexicon)
        if label.type == "not_label" and place == len(labels) - 1:
            return Name(text, type="mock", label=label, reason="a name that only looks like one")
        if label.type == "short":
            before = {t.value for t in labels[:place] if t.type == "label"} | set(above)
            if label.value in parts_of(before, lexicon.book):
                return _checked(text, label, label.value, lexicon)
    return Name(text)


def _paid_for(before: Collection[Span], label: Span, book: Codebook) -> str:
    """What a label names: 资助困难群众参保人数 counts those whose premium was paid."""
    paid = book.of_role("subsidised")
    counted = book.indicators[label.value].role == "insured"
    return paid if counted and any(t.value == paid for t in before) else label.value


def parts_of(wholes: Collection[str], book: Codebook) -> set[str]:
    """What these amounts directly consist of, or hold."""
    return {p for t in book.sums if t.whole in wholes for p in t.parts}


def _checked(text: str, label: Span, indicator: str, lexicon: Lexicon) -> Name:
    book = lexicon.book
    reason = _otherwise(text, label, lexicon) or _of_a_fund(text, label, indicator, book)
    entry = book.indicators.get(indicator)
    if not reason and entry is not None:
        reason = _of_another_kind(text, label, entry, lexicon)
    changes = book.words["columns"]["change"]
    if not reason and any(t.start >= label.end and t.text in changes for t in lexicon.labels(text)):
        reason = "a change"
    return Name(text, "" if reason else indicator, label.type, label, reason)


def _of_another_kind(text: str, label: Span, entry: Indicator, lexicon: Lexicon) -> str:
    """Why a name whose label is known names something of another kind: what stands behind it."""
    book = lexicon.book
    flows = [t for t in lexicon.labels(text) if t.start >= label.end]
    if entry.kind != "amount":
        named = any(t.type in ("flow", "generic") and t.value != "" for t in flows)
        return "an amount named behind it" if named else ""
    things, money = book.words["expressions"]["names"]["things"], book.words["rows"]["money_ends"]
    if not label.text.endswith(tuple(money)) and re.match(things, text[label.end :]):
        return "a number of things, no money"
    came_in = any(t.type == "flow" and t.value == "in" for t in flows)
    wholes = {t.whole for t in book.sums if label.value in t.parts}
    if label.type == "short" and came_in and book.of_role("income") not in wholes:
        return "what came in, named behind it"
    return ""


def _otherwise(text: str, label: Span, lexicon: Lexicon) -> str:
    """Why a name with this label names something else: a change of it, what is unknown behind it."""
    if _explains(text, label, lexicon):
        return "in brackets behind another name"
    depth = 0
    for sentence in lexicon.index(text).sentences:
        for tile in sentence.tiles:
            depth += {"open": 1, "close": -1}.get(tile.value, 0) if tile.type == "mark" else 0
            if depth > 0:
                continue
            if tile.end <= label.start:
                if tile.type in _LEADS or (tile.type == "change" and tile.end == label.start):
                    return "of one each, or a change"
            elif tile.start >= label.end and tile.type in _TAILS:
                if tile.type in _CHANGES:
                    return "a change or a share"
                if tile.type == "unknown" and any(c.isalpha() for c in tile.text):
                    return f"'{tile.text}' behind the name is unknown"
    return ""


def _explains(text: str, label: Span, lexicon: Lexicon) -> bool:
    """Whether the label stands in brackets and only explains another name before them."""
    opened = text.rfind("(", 0, label.start)
    if opened <= 0 or ")" in text[opened : label.start] or ")" not in text[label.end :]:
        return False
    tiles = [t for s in lexicon.index(text[:opened]).sentences for t in s.tiles]
    return any(t.type == "unknown" and any(c.isalpha() for c in t.text) for t in tiles)


def _of_a_fund(text: str, label: Span, indicator: str, book: Codebook) -> str:
    """Why a rate of the department's money is none here: the words before it name an insurance fund."""
    entry = book.indicators.get(indicator)
    funds = book.words.get("names", {}).get("fund", ())
    money = entry is not None and entry.kind == "rate" and _measures_money(entry, book)
    if money and any(word in text[: label.start] for word in funds):
        return "the rate of an insurance fund"
    return ""


def _measures_money(entry: Indicator, book: Codebook) -> bool:
    """Whether a rate is of amounts that have budgets, as the department's have."""
    top = book.indicators.get(entry.numerator.split("/")[0])
    return top is not None and top.kind == "amount" and not top.role.startswith("fund")


def ratio_of(text: str, book: Codebook) -> str:
    """Which ratio a noun phrase names, "" for none: by the first rule of the codebook that fits.

    What assistance pays is a share of what patients paid themselves; those words refuse no ratio then.
    """
    rules = book.words.get("ratios", {})
    said = text
    if _is_assistance(text, book):
        for costs in _assisted_costs(book):
            said = said.replace(costs, "")
    if any(word in said for word in rules.get("refused", ())):
        return ""
    for kind in rules.get("kinds", ()):
        if any(word in text for word in kind.get("without", ())):
            continue
        if all(any(word in text for word in words) for words in kind["all"]):
            return str(kind["indicator"])
    return ""


def _is_assistance(text: str, book: Codebook) -> bool:
    kinds = book.words.get("ratios", {}).get("kinds", ())
    own = [k for k in kinds if book.indicators[k["indicator"]].role == "assistance"]
    return any(all(any(w in text for w in words) for words in k["all"]) for k in own)


def _assisted_costs(book: Codebook) -> list[str]:
    labels = book.words["ratios"].get("assisted_costs", ())
    return [w for label in labels for w in expand(label, book.words.get("classes", {}))]


def rate_of(amount: str, book: Codebook) -> str:
    """The rate that measures the spending of an amount on its budget, "" for none."""
    for entry in book.indicators.values():
        top, bottom = entry.numerator, entry.denominator
        if entry.kind == "rate" and top == f"{amount}/actual" and bottom.startswith(f"{amount}/"):
            return entry.indicator
    return ""


def rate_between(amounts: Collection[str], book: Codebook) -> str:
    """The rate whose two terms are among these indicators, "" for none."""
    for entry in book.indicators.values():
        terms = {entry.numerator.split("/")[0], entry.denominator.split("/")[0]}
        if entry.kind == "rate" and len(terms) == 2 and terms <= set(amounts):
            return entry.indicator
    return ""
