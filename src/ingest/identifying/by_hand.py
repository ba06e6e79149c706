"""What a person says of a report in `sources.csv`: its county, its year, where it was published."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ingest.codebook.model import Codebook
from ingest.documents import private
from ingest.identifying.divisions import by_code, county_name
from ingest.records import Identity, Issue, Source

COLUMNS = ("document", "county_code", "year", "url")
SOURCES = "data/raw/sources.csv"

FILE = "sources.csv"
"""The name of the file of overrides, in the folder of reports."""


Overrides = Mapping[str, Mapping[str, str]]
"""Document → the columns of its line in sources.csv that are filled."""


class OverrideError(ValueError):
    """`sources.csv` is wrong. `complaints` holds everything that is, a line each."""

    def __init__(self, complaints: list[str]) -> None:
        self.complaints = complaints
        super().__init__(
            f"{len(complaints)} problem(s) in {SOURCES}:\n"
            + "\n".join(f"  - {c}" for c in complaints)
            + "\nCorrect them there and run `ingest check` again."
        )


def read(path: Path) -> dict[str, dict[str, str]]:
    """Reads sources.csv: document → the columns that are filled (county_code, year, url).

    The file is optional (no file: no overrides) and may come from Excel (UTF-8 or GB18030).
    Raises OverrideError with everything that is wrong in it.
    """
    if not path.exists():
        return {}
    reader = csv.DictReader(io.StringIO(_text(path.read_bytes()), newline=""), restkey="")
    columns = [c.strip() for c in reader.fieldnames or ()]
    reader.fieldnames = columns
    complaints = [
        f"line 1: unknown column '{c}'; known are {', '.join(COLUMNS)}"
        for c in columns
        if c not in COLUMNS
    ]
    if "document" not in columns:
        complaints.append("line 1: there is no column 'document'; the first line names the columns")
    found: dict[str, dict[str, str]] = {}
    for row in reader:
        line = f"line {reader.line_num}"
        if "" in row:
            complaints.append(f"{line}: more cells than columns; quote a cell that has a comma")
        values = {k: (row.get(k) or "").strip() for k in COLUMNS}
        name = values.pop("document")
        name = private.words(name)  # as the name of the file is in every table
        if not name:
            if "document" in columns and any(values.values()):
                complaints.append(f"{line}: no document; write its path below the raw folder")
            continue
        if name in found:
            complaints.append(f"{line}: '{name}' stands in the file twice; keep one line")
        complaints += (f"{line}: {wrong}" for wrong in _wrong(values))
        found[name] = {k: v for k, v in values.items() if v}
    if complaints:
        raise OverrideError(complaints)
    return found


def _text(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise OverrideError(["the file is neither UTF-8 nor GB18030 text; save it as CSV UTF-8"])


def _wrong(values: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the county and the year that a line gives."""
    code, year = values["county_code"], values["year"]
    if code and code not in by_code():
        yield (
            f"county_code '{code}' is no known code; "
            "take the six digits from src/ingest/codebook/common/counties.csv"
        )
    if year and not re.fullmatch(r"20[0-4]\d", year):
        yield f"year '{year}' is no year; write four digits, as 2023"


def unused(overrides: Overrides, found: Iterable[Source], issues: Iterable[Issue]) -> list[Issue]:
    """An issue for each line that names no report, found or with an issue: most likely misspelt."""
    known = {source.document for source in found} | {issue.document for issue in issues}
    return [
        Issue(
            document,
            "warning",
            "unused_override",
            FILE,
            f"{FILE} names a report that is not in the folder",
            "correct the name (the path below the raw folder), or remove the line",
        )
        for document in overrides
        if document not in known
    ]


def apply(identity: Identity, override: dict[str, str], codebook: Codebook) -> Identity:
    """The identity with what a line of sources.csv says instead; issues so settled are dropped.

    >>> from ingest.codebook.loading import load
    >>> apply(Identity(county="鼓楼区"), {"county_code": "320106"}, load()).city
    '南京市'
    """
    settled: tuple[str, ...] = ()
    if code := override.get("county_code"):
        division = by_code()[code]
        identity = replace(
            identity,
            county_code=code,
            province=division.province,
            city=division.city,
            county=county_name(division),
        )
        settled += ("unknown_county", "ambiguous_county", "short_name")
    if year := override.get("year"):
        identity = replace(identity, year=int(year))
        settled += ("unknown_year", "doubtful_year")
    return replace(identity, issues=tuple(i for i in identity.issues if i.kind not in settled))
