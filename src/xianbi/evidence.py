"""Shows in a notebook what a figure rests on: the quote in its passage, and the page of a PDF."""

from __future__ import annotations

import html
import io
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from xianbi import XianbiError
from xianbi.data import Tables, raw_folder
from xianbi.labels import aside, doubt, figure, indicator_name, remark, say, word

_AROUND = 60  # characters of the passage on either side of the quote
_ENDS = re.compile(r"[。；！？\n\r\f]")
# What a passage never shows: who signed, and numbers of telephones, identity cards and accounts.
_SIGNED = re.compile(r"联系人|负责人|填表人|填报人|经办人|电话|手机|身份证|账号")
_ROSTER = re.compile(r"(?:人员|成员|专家)\S{0,6}名单|评价(?:工作)?小?组\S{0,4}(?:成员|人员)|姓名")
_HEADING = re.compile(
    r"[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|第.{1,3}[章节]"
)
_MAIL = re.compile(r"[\w.%+-]{1,64}@[\w.-]{1,64}")
_PRIVATE = re.compile(r"(?<![\d.])(?:0\d{2,3}-?\d{7,8}|1[3-9]\d{9}|\d{15,19}[Xx]?)(?![\d.])")
_ENCODINGS = ("utf-8-sig", "gb18030", "utf-16")
_PAD = 2  # points about the quote
_RESOLUTION = 80  # dots an inch of a page image


@dataclass(frozen=True)
class Passage:
    """One place that a figure rests on: the quote with the words about it, and where it stands.

    `before` and `after` are empty where the report is not at hand or is no plain text.
    """

    document: str
    page: int | None
    before: str
    quote: str
    after: str
    image: bytes | None = None
    """The page as PNG with a box about the quote, for a PDF at hand."""


@dataclass(frozen=True)
class Evidence:
    """What one figure rests on; a notebook shows it as the last value of a cell."""

    title: str
    note: str
    passages: tuple[Passage, ...]
    lang: str = "zh"

    def __repr__(self) -> str:
        lines = [self.title]
        for passage in self.passages:
            where = _where(passage, self.lang)
            lines.append(f"  {where}: {passage.before}【{passage.quote}】{passage.after}")
        return "\n".join(lines + ([f"  {self.note}"] if self.note else []))

    def _repr_html_(self) -> str:
        """Returns the passages as HTML; whatever a report says stays text."""
        parts = [f"<p><b>{html.escape(self.title)}</b></p>"]
        for passage in self.passages:
            parts.append(
                f"<p><small>{html.escape(_where(passage, self.lang))}</small><br>"
                f"{html.escape(passage.before)}<mark>{html.escape(passage.quote)}</mark>"
                f"{html.escape(passage.after)}</p>"
            )
        if self.note:
            parts.append(f"<p><small>{html.escape(self.note)}</small></p>")
        return "\n".join(parts)

    def _ipython_display_(self) -> None:
        # Imported here: only a notebook has it. The pages follow the text as pictures of their own.
        from IPython.display import Image, display

        display({"text/plain": repr(self), "text/html": self._repr_html_()}, raw=True)
        for passage in self.passages:
            if passage.image:
                display(Image(passage.image))


def evidence(
    observation_id: str, tables: Tables, *, raw: str | Path | None = None, lang: str = "zh"
) -> Evidence:
    """Returns what the observation of this id rests on (every table of `compare` has the ids).

    `raw` is the folder of the reports (default: see `data.raw_folder`); a report found there gives
    the words around the quote, a PDF the image of the page. Raises XianbiError for an unknown id.
    """
    found = tables.observations[tables.observations["observation_id"] == observation_id]
    if found.empty:
        raise XianbiError(
            f"no observation '{observation_id}': take an id from the last column of a table "
            "of compare"
        )
    row = found.iloc[0]
    names = dict(zip(tables.codebook["indicator"], tables.codebook["name_zh"], strict=True))
    dimensions = [
        word(kind, row[kind], lang) for kind in ("scenario", "population", "basis") if row[kind]
    ]
    title = (
        f"{row['county']} {row['year']} "
        f"{indicator_name(row['indicator'], names.get(row['indicator'], ''), lang)}"
        f"{aside(say(lang, '，', ', ').join(dimensions), lang)}{say(lang, '：', ': ')}"
        f"{figure(row['value'], row['comparator'])}{word('unit', row['unit'], lang)}"
        f"{aside(word('status', row['status'], lang), lang)}"
        f"{doubt(lang) if row['review'] else ''}"
    )
    folder = raw_folder(raw)
    mentions = tables.mentions.drop_duplicates("mention_id").set_index("mention_id")
    ids = [name for name in row["mention_ids"].split("|") if name in mentions.index]
    return Evidence(
        title,
        remark(row["note"], lang),
        tuple(_passage(mentions.loc[name], folder) for name in ids),
        lang,
    )


def _passage(mention: pd.Series, folder: Path | None) -> Passage:
    page = None if pd.isna(mention["page"]) else int(mention["page"])
    quote = " ".join(mention["quote"].split())
    alone = Passage(mention["document"], page, "", quote, "")
    if folder is None:
        return alone
    path = (folder / mention["document"]).resolve()
    # A table made elsewhere may name any path: only reports below the folder are opened.
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        return alone
    content = path.read_bytes()
    if content.startswith(b"%PDF-"):
        image = _page_image(path, page, mention["quote"]) if page else None
        return Passage(mention["document"], page, "", quote, "", image)
    text = _text(content)
    start, end = mention["start"], mention["end"]
    if text is None or pd.isna(start) or _plain(text[start:end]) != _plain(mention["quote"]):
        return alone
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    return Passage(
        mention["document"],
        page,
        _from_last_end(before),
        quote,
        _to_first_end(after),
    )


def _text(content: bytes) -> str | None:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _plain(text: str) -> str:
    """Folds a text so that it is found however it was typed: half width, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _from_last_end(text: str) -> str:
    """Returns the end of a text: from its last sentence's start, without what is private."""
    sentence = text[max((found.end() for found in _ENDS.finditer(text)), default=0) :]
    # A person's name may follow the word for the office: then nothing before the quote is shown.
    return "" if _SIGNED.search(sentence) else _PRIVATE.sub("■", sentence).lstrip()


def _to_first_end(text: str) -> str:
    """Returns the start of a text: to its first sentence's end, without what is private."""
    ends = [found.end() for found in _ENDS.finditer(text)]
    ends += [found.start() for found in _SIGNED.finditer(text)]
    return _PRIVATE.sub("■", text[: min(ends, default=len(text))]).rstrip()


def _page_image(path: Path, number: int, quote: str) -> bytes | None:
    """Draws a page with a box about each line of the quote; None where the page cannot be drawn."""
    import pdfplumber  # only here: the tables are often looked at without the reports

    with pdfplumber.open(path) as pdf:
        if not 1 <= number <= len(pdf.pages):
            return None
        page = pdf.pages[number - 1]
        characters = [c for c in page.chars if _plain(c["text"])]
        # A character may fold to several: every one points back to where it stands.
        letters = [(letter, c) for c in characters for letter in _plain(c["text"])]
        at = "".join(letter for letter, _ in letters).find(_plain(quote))
        image = page.to_image(resolution=_RESOLUTION)
        quoted = [c for _, c in letters[at : at + len(_plain(quote))]] if at >= 0 else []
        shown = set(map(id, quoted))
        for box in _lines([c for c in _private(characters) if id(c) not in shown]):
            image.draw_rect(box, fill=(0, 0, 0), stroke=(0, 0, 0))
        if at >= 0:
            for box in _lines(quoted):
                x0, top, x1, bottom = box
                # A little wider than the letters, which the line would else run through.
                wide = (x0 - _PAD, top - _PAD, x1 + _PAD, bottom + _PAD)
                image.draw_rect(wide, fill=(255, 200, 0, 60), stroke=(200, 60, 0), stroke_width=2)
        out = io.BytesIO()
        image.annotated.save(out, "PNG")
        return out.getvalue()


def _private(characters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the characters of a page that name a person: rather too many than too few.

    They are numbers, what stands in a line after a label for who signed, and lists of persons to
    the next heading.
    """
    rows: dict[int, list[dict[str, Any]]] = {}
    for c in sorted(characters, key=lambda c: c["x0"]):
        rows.setdefault(round(c["bottom"] / 3), []).append(c)
    hidden, in_roster = [], False
    for _, row in sorted(rows.items()):
        letters = [(letter, c) for c in row for letter in _plain(c["text"])]
        text = "".join(letter for letter, _ in letters)
        in_roster = (in_roster or bool(_ROSTER.search(text))) and not (
            _HEADING.match(text) and not _ROSTER.search(text)
        )
        spans = [found.span() for found in (*_PRIVATE.finditer(text), *_MAIL.finditer(text))]
        spans += [
            (found.end(), len(text))
            for found in _SIGNED.finditer(text)
            if _is_label(letters, found.end())
        ]
        listed = _ROSTER.search(text)
        if in_roster:
            spans.append((listed.end() if listed else 0, len(text)))
        hidden += [c for start, end in spans for _, c in letters[start:end]]
    return hidden


def _is_label(letters: list[tuple[str, dict[str, Any]]], end: int) -> bool:
    """Whether a word that ends there asks for what stands behind it, and is none of a sentence."""
    if end >= len(letters):
        return False
    last, following = letters[end - 1][1], letters[end][1]
    gap = following["x0"] - last["x1"] > 0.4 * (last["bottom"] - last["top"])
    return gap or letters[end][0] in ":(" or letters[end][0].isdigit()


def _lines(characters: list[dict[str, Any]]) -> list[tuple[float, float, float, float]]:
    """Returns a box (x0, top, x1, bottom) for each line that characters stand on."""
    boxes: list[tuple[float, float, float, float]] = []
    for c in characters:
        if boxes and abs(boxes[-1][1] - c["top"]) < (c["bottom"] - c["top"]) / 2:
            x0, top, x1, bottom = boxes[-1]
            boxes[-1] = (
                min(x0, c["x0"]),
                min(top, c["top"]),
                max(x1, c["x1"]),
                max(bottom, c["bottom"]),
            )
        else:
            boxes.append((c["x0"], c["top"], c["x1"], c["bottom"]))
    return boxes


def _where(passage: Passage, lang: str) -> str:
    if passage.page is None:
        return passage.document
    page = say(lang, f"第 {passage.page} 页", f"p. {passage.page}")
    return passage.document + aside(page, lang)
