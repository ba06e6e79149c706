"""Scores mentions against a hand-made truth: precision, recall and F1 by family and indicator.

A mention is right when report, indicator, scenario, population, year and value agree with a row of
the truth; a wrong value is one false positive and one false negative. Amounts of one project count
apart from the department's.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ingest.codebook.model import Codebook
from ingest.records import WHOLE_DEPARTMENT

Row = Mapping[str, str]
FIGURE = ("document", "indicator", "scenario", "population", "value")
"""The columns that a truth of figures must have."""

# What --coarse folds into one.
HARDSHIP = frozenset(
    [
        "low_income",
        "subsistence_allowance",
        "extreme_poverty",
        "lifted_from_poverty",
        "registered_poor",
        "poor",
        "monitored",
        "special_hardship",
        "hardship",
        "other",
    ]
)
BUDGETS = frozenset(("initial_budget", "adjusted_budget", "budget"))
_BY_SUBJECT = frozenset(("spending", "income", "project_spending", "execution"))
"""Roles of which a project's or a fund's own figure is told from the department's."""


class GoldError(ValueError):
    """A file of hand-made truth cannot be used."""


@dataclass(frozen=True)
class _Key:
    report: str
    indicator: str
    scenario: str
    population: str
    is_part: bool


@dataclass(frozen=True)
class _Figure:
    key: _Key
    value: float | None
    year: str


@dataclass
class Score:
    """Counts: gold rows found and missed, mentions right and wrong."""

    found: int = 0
    missed: int = 0
    right: int = 0
    wrong: int = 0

    @property
    def precision(self) -> float:
        """Right mentions as a share of all; 0 where there is none."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Gold rows found as a share of all; 0 where there is none."""
        return self.found / max(1, self.found + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / max(1e-9, both)

    def line(self, name: str) -> str:
        """The score in words, under a name."""
        return (
            f"{name}: precision {self.precision:.3f} recall {self.recall:.3f} "
            f"(tp {self.found} fn {self.missed} fp {self.wrong})"
        )


@dataclass
class Evaluation:
    """Scores over all, by family and by indicator, and the rows behind the errors."""

    total: Score = field(default_factory=Score)
    families: dict[str, Score] = field(default_factory=dict)
    indicators: dict[str, Score] = field(default_factory=dict)
    missed: list[Row] = field(default_factory=list)
    wrong: list[Row] = field(default_factory=list)


def read(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """Reads a CSV of hand-made truth; raises GoldError if it is not there or lacks a column."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            have = reader.fieldnames or []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise GoldError(f"{path}: cannot be read ({reason}). Name a CSV file in UTF-8.") from None
    missing = [column for column in columns if column not in have]
    if missing:
        raise GoldError(
            f"{path}: no column {', '.join(missing)}; found {', '.join(have) or 'none'}. "
            "Add it, or name another file."
        )
    return rows


def score(
    predicted: Iterable[Row],
    gold: Iterable[Row],
    codebook: Codebook,
    families: Iterable[str] | None = None,
    coarse: bool = False,
    optional: Iterable[Row] = (),
) -> Evaluation:
    """Scores `predicted` rows (columns of mentions.csv) against `gold` rows.

    `coarse` folds every hardship group into one and every kind of budget into one. Mentions that
    equal a row of `optional` in report, indicator and value count neither way. A year that either
    side leaves out agrees with any. Rows of unknown indicators are left out.
    """
    wanted = set(codebook.families if families is None else families)
    family_of = {name: i.family for name, i in codebook.indicators.items() if i.family in wanted}
    gold_rows = [row for row in gold if row["indicator"] in family_of]
    rows = [row for row in predicted if row["indicator"] in family_of]
    by_subject = bool(gold_rows) and "subject" in gold_rows[0]
    if by_subject:
        rows = [row for row in rows if _covers_its_year(row)]
    parted = {n for n, i in codebook.indicators.items() if by_subject and i.role in _BY_SUBJECT}
    truth = [(_figure(row, coarse, parted), row) for row in gold_rows]
    claims = [(_figure(row, coarse, parted), row) for row in rows]
    skipped = {(_report(row), row["indicator"], number(row["value"])) for row in optional}

    result = Evaluation()
    known, claimed = _index(f for f, _ in truth), _index(f for f, _ in claims)
    for figure, row in _once(truth):
        if _stands(figure, claimed):
            _count(result, family_of, figure, found=1)
        else:
            _count(result, family_of, figure, missed=1)
            result.missed.append(row)
    for figure, row in _once(claims):
        if _stands(figure, known):
            _count(result, family_of, figure, right=1)
        elif (figure.key.report, figure.key.indicator, figure.value) not in skipped:
            _count(result, family_of, figure, wrong=1)
            result.wrong.append(row)
    result.families = dict(sorted(result.families.items()))
    result.indicators = {
        name: result.indicators[name] for name in codebook.indicators if name in result.indicators
    }
    return result


def judged(
    predicted: Sequence[Row], gold: Sequence[Row], codebook: Codebook, coarse: bool = False
) -> list[bool]:
    """Whether each of the `predicted` rows is right by the `gold` rows (see `score`)."""
    by_subject = bool(gold) and "subject" in gold[0]
    parted = {n for n, i in codebook.indicators.items() if by_subject and i.role in _BY_SUBJECT}
    known = _index(_figure(row, coarse, parted) for row in gold)
    return [_stands(_figure(row, coarse, parted), known) for row in predicted]


def number(text: object) -> float | None:
    """A printed number as the scores compare it; None where there is none."""
    try:
        return round(float(str(text).replace(",", "")), 6)
    except ValueError:
        return None


def _covers_its_year(row: Row) -> bool:
    period = (row.get("period") or "").strip()
    return not period or period == (row.get("year") or "").strip()


def _report(row: Row) -> str:
    return PurePosixPath(row["document"] or "").name


def _figure(row: Row, coarse: bool, parted: Container[str]) -> _Figure:
    population = (row["population"] or "").strip()
    if coarse and population in HARDSHIP:
        population = "hardship"
    scenario = (row["scenario"] or "actual").strip()
    if coarse and scenario in BUDGETS:
        scenario = "budget"
    is_part = (
        row["indicator"] in parted and (row.get("subject") or WHOLE_DEPARTMENT) != WHOLE_DEPARTMENT
    )
    key = _Key(
        _report(row),
        row["indicator"],
        scenario,
        "" if population == "all" else population,
        is_part,
    )
    return _Figure(key, number(row["value"]), str(row.get("year") or ""))


def _index(figures: Iterable[_Figure]) -> dict[_Key, list[_Figure]]:
    index: dict[_Key, list[_Figure]] = defaultdict(list)
    for figure in figures:
        index[figure.key].append(figure)
    return index


def _once(stated: Sequence[tuple[_Figure, Row]]) -> list[tuple[_Figure, Row]]:
    """The same figure stated in several places counts once."""
    first: dict[_Figure, Row] = {}
    for figure, row in stated:
        first.setdefault(figure, row)
    return list(first.items())


def _stands(figure: _Figure, index: Mapping[_Key, Sequence[_Figure]]) -> bool:
    """Whether the other side states the figure; a plain "budget" equals any kind of budget."""
    keys = [figure.key]
    if figure.key.scenario in BUDGETS:
        keys += [
            _Key(
                figure.key.report,
                figure.key.indicator,
                kind,
                figure.key.population,
                figure.key.is_part,
            )
            for kind in BUDGETS
            if "budget" in (kind, figure.key.scenario)
        ]
    return any(
        other.value == figure.value
        and (not other.year or not figure.year or other.year == figure.year)
        for key in keys
        for other in index.get(key, ())
    )


def _count(
    result: Evaluation, family_of: Mapping[str, str], figure: _Figure, **counts: int
) -> None:
    name = figure.key.indicator
    for score in (
        result.total,
        result.families.setdefault(family_of[name], Score()),
        result.indicators.setdefault(name, Score()),
    ):
        for count, by in counts.items():
            setattr(score, count, getattr(score, count) + by)


# --- the audit -----------------------------------------------------------------------------------

_AUDIT_KINDS = {"reported_vs_recomputed": "rate", "undefined": "rate"}


def score_audit(predicted: Iterable[Row], gold: Sequence[Row]) -> tuple[int, list[Row]]:
    """How many rows of a hand-made audit stand in `predicted` with their verdict and values.

    Gives the number of rows found and the rows missed. Values agree within what rounding to two
    decimals can do; of a contradiction between prose and table, either may be named first.
    """
    by_key: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in predicted:
        by_key[_audit_key(row)].append(row)
    missed = [
        row
        for row in gold
        if not any(_same_check(other, row) for other in by_key.get(_audit_key(row), ()))
    ]
    return len(gold) - len(missed), missed


def _audit_key(row: Row) -> tuple[str, str, str, str]:
    population = row["population"] or ""
    kind = _AUDIT_KINDS.get(row["kind"], row["kind"])
    return (_report(row), row["indicator"], "" if population == "all" else population, kind)


def _exactly(text: object) -> float | None:
    try:
        return float(str(text).replace(",", ""))
    except ValueError:
        return None


def _same_check(predicted: Row, gold: Row) -> bool:
    if predicted["verdict"] != gold["verdict"]:
        return False
    reported, recomputed = _exactly(gold["reported"]), _exactly(gold["recomputed"])
    said = (_exactly(predicted["reported"]), _exactly(predicted["recomputed"]))
    if gold["kind"] == "prose_vs_table":
        return set(said) == {reported, recomputed}
    return _close(recomputed, said[1]) and (reported is None or _close(reported, said[0]))


def _close(wanted: float | None, found: float | None) -> bool:
    if wanted is None:
        return True
    return found is not None and abs(wanted - found) <= 0.0051 + 1e-4 * abs(wanted)
