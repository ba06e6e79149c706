"""How much of what the reports say is read rightly: precision, recall, F1, and which errors.

    python benchmarks/accuracy.py                      all of tests/accuracy, and ../shared if there
    python benchmarks/accuracy.py --split held_out     only what no rule was tuned on
    python benchmarks/accuracy.py --show 20            with the first errors of each confusion

Run by hand. Brackets hold 95 % bootstrap intervals: documents are drawn with replacement, for a
report that misleads misleads in many places at once. The draws are seeded, so two runs agree.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from random import Random

from ingest import pipeline
from ingest.codebook.loading import load
from ingest.codebook.model import Codebook
from ingest.documents import sources
from ingest.documents.glyphs import fold
from ingest.output import tables
from ingest.records import WHOLE_DEPARTMENT, Document
from ingest.reviewing import evaluate
from ingest.reviewing.evaluate import BUDGETS, HARDSHIP, Row, Score
from ingest.running.reports import Report

ROOT = Path(__file__).resolve().parent.parent
ACCURACY = ROOT / "tests" / "accuracy"
SHARED = ROOT.parent / "shared"
# The first letters of the documents, as tests/accuracy/README.md parts them.
SPLITS = {"tuning": "rstuvwxy", "held_out": "z", "all": "rstuvwxyz"}
COLUMNS = ("document", "indicator", "scenario", "population", "year", "value")
FAMILIES = tuple(load().families)
MAIN = tuple(name for name, family in load().families.items() if family.expected)
DRAWS, SEED = 2000, 20240501
TARGET, YEAR, SCORE, SHARE, POPULATION, UNIT = MATTER = (
    "target read as actual",
    "prior year read as this year",
    "score read as value",
    "share or growth read as rate",
    "wrong population",
    "wrong unit",
)
"""The confusions that mislead most; they are printed even where there is none."""


@dataclass(frozen=True)
class Set:
    """Reports with their truth. `families` are those that the truth covers."""

    name: str
    reports: tuple[Report, ...]
    gold: tuple[Row, ...]
    optional: tuple[Row, ...]
    coarse: bool
    families: tuple[str, ...]


@dataclass(frozen=True)
class Marked:
    """One report, what was read from it and what should have been, as rows with their layout."""

    format: str
    read: tuple[Row, ...]
    truth: tuple[Row, ...]


def main() -> None:
    """Prints the scores of every set that is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=sorted(SPLITS), default="all")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N of each error")
    options = parser.parse_args()
    definitions = load()
    for chosen in sets(options.split, definitions):
        marked = [mark(report, chosen) for report in chosen.reports]
        print(f"\n{chosen.name}: {len(marked)} documents")
        print_scores(marked, chosen, definitions)
        print_confusions(marked, chosen, definitions, options.show)


def sets(split: str, definitions: Codebook) -> list[Set]:
    """The sets of reports to score, read from their folders."""
    letters = SPLITS[split]
    wanted = [
        (f"tests/accuracy, {split}", ACCURACY / "reports", ACCURACY, False, FAMILIES),
        ("../shared/reports, strict", SHARED / "reports", SHARED / "gold", False, FAMILIES),
        ("../shared/dev, coarse", SHARED / "dev", SHARED / "dev", True, MAIN),
    ]
    result = []
    for name, folder, truth, coarse, families in wanted:
        if not folder.is_dir():
            continue
        found, _ = sources.find(folder)
        if folder.parent == ACCURACY:
            found = tuple(s for s in found if s.document[0] in letters)
        names = {source.document for source in found}
        gold = next(p for p in (truth / "gold.csv", truth / "mentions.csv") if p.exists())
        optional = truth / "optional.csv"
        result.append(
            Set(
                name,
                tuple(pipeline.read_report(source, definitions) for source in found),
                _rows_of(evaluate.read(gold, COLUMNS), names),
                _rows_of(evaluate.read(optional, COLUMNS) if optional.exists() else (), names),
                coarse,
                families,
            )
        )
    return result


def _rows_of(rows: Iterable[Row], names: set[str]) -> tuple[Row, ...]:
    return tuple(row for row in rows if row["document"] in names)


def mark(report: Report, chosen: Set) -> Marked:
    """Puts what was read beside the truth; a part of a year is no figure of the year."""
    document = report.document
    name = report.source.document
    read = [
        {column: tables.as_text(value) for column, value in tables.record_row(mention).items()}
        for mention in report.mentions
        if mention.period in ("", str(mention.year))
    ]
    if document:
        for row in read:
            row["sentence"] = _around(document, row)
    truth = [
        {**row, "layout": _layout(document, row["quote"])}
        for row in chosen.gold
        if row["document"] == name
    ]
    return Marked(document.format if document else "unreadable", tuple(read), tuple(truth))


def _around(document: Document, row: Row) -> str:
    """The quote with what follows it, for the words that tell a score or a share."""
    end = int(row["end"])
    following = re.match(r"[^。;,\n\t]{0,8}", document.text[end:])
    return f"{row['quote']}{following[0] if following else ''}"


def _layout(document: Document | None, quote: str) -> str:
    """Whether a quote of the truth stands in a table of the document, as far as it is found."""
    if document is None:
        return "prose"
    places = [i for i, character in enumerate(document.text) if not character.isspace()]
    squeezed = "".join(document.text[i] for i in places)
    at = squeezed.find("".join(fold(quote).split()))
    tables_at = [(b.start, b.end) for b in document.blocks if b.kind == "table"]
    in_table = at >= 0 and any(start <= places[at] < end for start, end in tables_at)
    return "table" if in_table or (at < 0 and "|" in quote) else "prose"


# --- scores --------------------------------------------------------------------------------------


def print_scores(marked: Sequence[Marked], chosen: Set, definitions: Codebook) -> None:
    """Prints a line for all, and one for each family, layout and format."""

    def scored(document: Marked, families: Sequence[str] = chosen.families) -> Score:
        return _score(document.read, document.truth, chosen, definitions, families)

    def of_layout(document: Marked, layout: str) -> Score:
        # A figure that stands in prose and in a table counts once in each.
        read = [row for row in document.read if row["layout"] == layout]
        truth = [row for row in document.truth if row["layout"] == layout]
        right = _score(read, document.truth, chosen, definitions, chosen.families)
        found = _score(document.read, truth, chosen, definitions, chosen.families)
        return Score(found.found, found.missed, right.right, right.wrong)

    lines: list[tuple[str, list[Score]]] = [("all", [scored(d) for d in marked])]
    if len(chosen.families) == len(FAMILIES):
        lines.append(("four main families", [scored(d, MAIN) for d in marked]))
    lines += [(f"  {family}", [scored(d, (family,)) for d in marked]) for family in chosen.families]
    lines += [
        (f"  {layout}", [of_layout(d, layout) for d in marked]) for layout in ("prose", "table")
    ]
    lines += [
        (f"  {kind}", [scored(d) for d in marked if d.format == kind])
        for kind in sorted({d.format for d in marked})
    ]
    width = max(len(name) for name, _ in lines)
    for name, scores in lines:
        total = _sum(scores)
        print(
            f"{name:<{width}}"
            f"  precision {interval(scores, lambda s: s.precision)}"
            f"  recall {interval(scores, lambda s: s.recall)}"
            f"  F1 {interval(scores, lambda s: s.f1)}"
            f"  found {total.found} missed {total.missed} wrong {total.wrong}"
        )


def _score(
    read: Sequence[Row],
    truth: Sequence[Row],
    chosen: Set,
    definitions: Codebook,
    families: Sequence[str],
) -> Score:
    return evaluate.score(read, truth, definitions, families, chosen.coarse, chosen.optional).total


def interval(scores: Sequence[Score], measure: Callable[[Score], float]) -> str:
    """A measure over all documents, and between which values 95 % of the draws lie."""
    dice = Random(SEED)
    draws = (_sum(dice.choices(scores, k=len(scores))) for _ in range(DRAWS))
    # A draw of documents that neither state nor yield such a figure says nothing about it.
    drawn = sorted(measure(draw) for draw in draws if draw != Score())
    if not drawn:
        return "-"
    low, high = drawn[round(0.025 * len(drawn))], drawn[round(0.975 * len(drawn)) - 1]
    return f"{measure(_sum(scores)):.3f} [{low:.3f}, {high:.3f}]"


def _sum(scores: Iterable[Score]) -> Score:
    total = Score()
    for score in scores:
        total = replace(
            total,
            found=total.found + score.found,
            missed=total.missed + score.missed,
            right=total.right + score.right,
            wrong=total.wrong + score.wrong,
        )
    return total


# --- confusions ----------------------------------------------------------------------------------


def print_confusions(
    marked: Sequence[Marked], chosen: Set, definitions: Codebook, show: int
) -> None:
    """Prints how many figures were missed, and what the wrong ones are."""
    counts: Counter[str] = Counter(dict.fromkeys(MATTER, 0))
    rows: dict[str, list[Row]] = defaultdict(list)
    for document in marked:
        result = evaluate.score(
            document.read,
            document.truth,
            definitions,
            chosen.families,
            chosen.coarse,
            chosen.optional,
        )
        for row in result.wrong:
            name = confusion(row, document.truth, chosen.coarse)
            counts[name] += 1
            rows[name].append(row)
        rows["missed"] += result.missed
    for name, count in [("missed", len(rows["missed"])), *counts.most_common()]:
        print(f"  {count:>4}  {name}")
        for row in rows[name][:show]:
            words = [row.get(column) or "-" for column in COLUMNS]
            print("          ", *words, "|", " ".join((row.get("quote") or "").split())[:60])


def confusion(wrong: Row, truth: Sequence[Row], coarse: bool) -> str:
    """Names the error of a mention that no row of the truth bears out.

    The nearest row of the truth decides: one that differs in a single dimension, then one that
    differs in its value by a power of ten. Without any, the words around the figure are asked.
    """
    alike = [row for row in truth if row["indicator"] == wrong["indicator"]]
    same = {
        column: [row for row in alike if _text(row, column, coarse) == _text(wrong, column, coarse)]
        for column in ("scenario", "population", "year", "value", "part")
    }

    def all_but(*left_out: str) -> list[Row]:
        kept = [rows for column, rows in same.items() if column not in left_out]
        return [row for row in alike if all(row in rows for rows in kept)]

    for row in all_but("scenario"):
        if row["scenario"] == "target" and wrong["scenario"] == "actual":
            return TARGET
        if row["scenario"] in BUDGETS and wrong["scenario"] in BUDGETS:
            return "one kind of budget read as another"
        return f"{_kind(row['scenario'])} read as {_kind(wrong['scenario'])}"
    for row in all_but("year"):
        before = row["year"] and wrong["year"] and int(row["year"]) < int(wrong["year"])
        return YEAR if before else "wrong year"
    if all_but("population"):
        return POPULATION
    if all_but("part"):
        return "project or fund and department confused"
    for row in all_but("value"):
        if _power_of_ten(wrong["value"], row["value"]):
            return UNIT
    if named := _named_around(wrong.get("sentence", "")):
        return named
    if all_but("scenario", "population", "year", "part"):
        return "several dimensions wrong"
    return (
        "other value of the same figure"
        if all_but("value")
        else "figure that the truth does not have"
    )


def _named_around(words: str) -> str:
    """What the words around a figure say that it is, if they name something else than a figure."""
    if re.search(r"分值|得分|权重|满分|标准分|扣分|\d分(?!之|别)", words):
        return SCORE
    if re.search(r"占|比重|增长|增加|增幅|下降|减少|降低|同比|百分点", words):
        return SHARE
    return ""


def _kind(scenario: str) -> str:
    return "budget" if scenario in BUDGETS else scenario


def _text(row: Row, column: str, coarse: bool) -> object:
    if column == "part":
        return (row.get("subject") or WHOLE_DEPARTMENT) != WHOLE_DEPARTMENT
    if column == "value":
        return evaluate.number(row["value"])
    text = row[column] or ""
    if column == "population":
        return "hardship" if coarse and text in HARDSHIP else text.replace("all", "")
    return "budget" if coarse and text in BUDGETS else text


def _power_of_ten(one: str, other: str) -> bool:
    """Whether two different values show the same digits."""
    try:
        digits = [
            Decimal(value.replace(",", "")).normalize().as_tuple().digits for value in (one, other)
        ]
    except InvalidOperation:
        return False
    return digits[0] == digits[1] and digits[0] != (0,)


if __name__ == "__main__":
    main()
