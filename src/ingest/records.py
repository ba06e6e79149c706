"""The records that pass between the stages: frozen dataclasses, nothing else.

Offsets are counted in characters of `Document.text`, half open, so that
`document.text[start:end]` is always the passage meant. Amounts are in the codebook's unit
(万元, %, 人, 分) as exact `Decimal`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

WHOLE_DEPARTMENT = "部门整体"
"""The subject of a figure that is the department's own and not one project's or fund's."""

UNSAID = "nothing said otherwise"
"""What `Mention.settled` holds where neither sentence nor heading nor column told the scenario."""

RESTATED = "as the target named elsewhere"
"""What `Mention.settled` holds where another place of the report calls the same bound its target."""


@dataclass(frozen=True)
class Source:
    """One report file.

    `document` is its POSIX path below the raw folder (the name used in every table);
    `path` where it lies on this machine; `sha256` the fingerprint of its bytes.
    """

    document: str
    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Cell:
    """One cell of a table block: position and span in the grid, and its passage.

    `row` and `column` count from 0; `rows` and `columns` are how many grid places the cell covers.
    An empty cell has `start == end`.
    """

    row: int
    column: int
    start: int
    end: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True)
class Block:
    """A heading, paragraph or table of a document.

    `kind` is "heading", "paragraph" or "table". `level` is 1 for a title and grows downwards
    (headings only). `cells` is filled for tables only, in reading order; `ragged` says that the
    columns of a table were rebuilt by counting (flattened text), so that a row whose number of
    cells differs from its header's cannot be aligned by place.
    """

    kind: str
    start: int
    end: int
    level: int = 0
    cells: tuple[Cell, ...] = ()
    ragged: bool = False


@dataclass(frozen=True)
class Place:
    """Where a passage stands in the original: page and box (PDF points, x0 top x1 bottom), or in words.

    `where` names the paragraph, cell or sheet ("Sheet1!B4") for formats without pages.
    `confidence` is below 1 only for text that an OCR engine read.
    """

    start: int
    end: int
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    where: str = ""
    confidence: float = 1.0


@dataclass(frozen=True)
class Issue:
    """Something a person should look at.

    `severity` is "error" (a file or a definition could not be read), "warning" or "info";
    `kind` a short snake_case word; `where` the place in words; `message` what was found;
    `action` what to do next.
    """

    document: str
    severity: str
    kind: str
    where: str
    message: str
    action: str


@dataclass(frozen=True)
class Document:
    """What a reader makes of a source: one normalised text, its blocks and their places.

    `blocks` are in text order and do not overlap. `pages` is None for formats without pages;
    `blank_pages` counts pages without usable text.
    """

    source: Source
    format: str
    reader: str
    text: str
    blocks: tuple[Block, ...]
    places: tuple[Place, ...] = ()
    pages: int | None = None
    blank_pages: int = 0
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class Identity:
    """Whose report a document is, and of which year. Unknown parts are empty (year: None).

    `published` is the year of the day that a page prints as its own, None where it prints none.
    """

    county_code: str = ""
    province: str = ""
    city: str = ""
    county: str = ""
    reporting_unit: str = ""
    year: int | None = None
    report_type: str = ""
    issues: tuple[Issue, ...] = ()
    published: int | None = None


@dataclass(frozen=True)
class Quantity:
    """A number as printed, with its unit; `start` and `end` count in the passage it was found in.

    `kind` is what the unit measures: "amount", "percent", "count", "visits", "score", "points"
    (percentage points), "other" (households, cases, years of age …), "bare" (no unit printed),
    "range" or "dash" (a printed nought such as "——"). `value` is exact, in the unit printed;
    `decimals` the digits printed after the point. `comparator` is one of = >= <= > < ~.
    """

    start: int
    end: int
    value: Decimal
    unit: str
    kind: str
    comparator: str
    decimals: int
    printed: str


@dataclass(frozen=True)
class Mention:
    """One place in a document that states one figure of one indicator.

    `period` equals the year ("2023") or names a part of it ("2023-01/2023-06"). `settled` tells,
    for each dimension, the words of the report (or the rule) that decided it. `review` is empty,
    or says why a person should look at the figure before using it.
    """

    mention_id: str
    document: str
    page: int | None
    block: int
    start: int
    end: int
    quote: str
    layout: str
    indicator: str
    scenario: str
    population: str
    subject: str
    basis: str
    year: int | None
    period: str
    comparator: str
    value: Decimal
    unit: str
    decimals: int
    printed: str
    rule: str
    settled: tuple[tuple[str, str], ...] = ()
    review: str = ""


@dataclass(frozen=True)
class Refusal:
    """A label without a figure, or a figure that was not taken, and why.

    `indicator` is empty where no label claims the figure.
    """

    start: int
    end: int
    quote: str
    indicator: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """What one extraction stage found in a document."""

    mentions: tuple[Mention, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class Observation:
    """The one value that the notebooks use for a key. `value` is None when undefined (0 of 0)."""

    county_code: str
    province: str
    city: str
    county: str
    reporting_unit: str
    year: int | None
    indicator: str
    scenario: str
    population: str
    subject: str
    basis: str
    value: Decimal | None
    unit: str
    comparator: str
    status: str
    document: str
    mention_ids: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Finding:
    """One result of the audit: a recomputed rate, a sum, a contradiction."""

    document: str
    county_code: str
    county: str
    year: int | None
    indicator: str
    population: str
    subject: str
    basis: str
    kind: str
    reported: Decimal | None
    recomputed: Decimal | None
    formula: str
    verdict: str
    mention_ids: tuple[str, ...]
