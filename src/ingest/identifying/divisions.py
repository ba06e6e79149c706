"""The administrative divisions of the country: their names, short forms, and what lies in what.

They come from `codebook/common/counties.csv` (made by `tools/divisions_from_packages.py`, which says
where each name is from).
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from ingest.documents.glyphs import fold

# The ethnic groups in the names of autonomous counties; those of one character keep their 族.
_GROUPS = (
    "(?:(?:各|回|满|苗|彝|藏|壮|侗|瑶|白|黎|傣|畲|水|土|怒|羌|佤)族|(?:蒙古|维吾尔|朝鲜|布依|土家|哈尼"
    "|哈萨克|傈僳|高山|拉祜|东乡|纳西|景颇|柯尔克孜|达斡尔|仫佬|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米"
    "|塔吉克|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺)族?)"
)


@dataclass(frozen=True)
class Division:
    """One row of counties.csv: a province, prefecture, county or development zone.

    `city` is the prefecture (empty where there is none between province and county).
    `gone_by` is the first year of which we know that the name is no longer in use.
    """

    code: str
    name: str
    level: str
    province: str
    city: str
    gone_by: int | None


@dataclass(frozen=True)
class Form:
    """A way to write a name, and the divisions that it may be; `bare` is one without 县, 市 or 省."""

    divisions: tuple[Division, ...]
    bare: bool = False


@lru_cache(maxsize=1)
def divisions() -> tuple[Division, ...]:
    """All divisions of counties.csv, current and former, by code.

    >>> [d.name for d in divisions() if d.code == "130127"]
    ['高邑县']
    """
    table = resources.files("ingest").joinpath("codebook", "common", "counties.csv")
    rows = csv.reader(table.read_text(encoding="utf-8").splitlines()[1:])
    return tuple(
        Division(code, name, level, province, city, int(gone_by) if gone_by else None)
        for code, name, level, province, city, gone_by in rows
    )


@lru_cache(maxsize=1)
def by_code() -> dict[str, Division]:
    """Code → division; a code that was given twice is the current name's."""
    return {d.code: d for d in sorted(divisions(), key=lambda d: d.gone_by is None)}


def stem(name: str) -> str:
    """The name without what kind of division it is: 邵阳市 → 邵阳, 大理白族自治州 → 大理."""
    autonomous = re.fullmatch("(.+)自治[县州区旗]", name)
    if autonomous:
        named = re.fullmatch(f"(.+?){_GROUPS}+", autonomous[1])
        return named[1] if named else autonomous[1].removesuffix("族")
    return re.sub("(特别行政区|地区|[省市县区州盟旗])$", "", name)


def _customary(division: Division) -> set[str]:
    """The ways to write a name in full, short forms of long names included."""
    name = fold(division.name)
    forms = {name}
    autonomous = re.fullmatch("(.+)自治([县州旗])", name)
    if autonomous:
        forms.add(stem(name) + autonomous[2])
    banner = re.fullmatch("(.).+([左右])翼(?:([前中后])旗|.+(县))", name)
    if banner:
        forms.add("".join(part for part in banner.groups() if part))
    if division.level == "zone":
        forms |= {f.removeprefix(stem(division.province)) for f in forms if len(f) > 8}
        forms |= {f.replace("高新技术产业开发区", "高新区") for f in forms}
        forms |= {re.sub("经济(技术)?开发区", "经开区", f) for f in forms}
        forms |= {f.replace(stem(division.city), division.city, 1) for f in forms}
    if name.startswith("市"):
        # 济南市中区 is 市中区 of 济南市, whose 市 is not written twice.
        forms.add(stem(fold(division.city)) + name)
    return {form for form in forms if len(form) > 1}


@lru_cache(maxsize=1)
def gazetteer() -> tuple[dict[str, Form], dict[str, tuple[str, ...]], dict[str, Form]]:
    """Name → divisions; first two characters → names, longest first; county stems → divisions."""
    full: dict[str, list[Division]] = defaultdict(list)
    bare: dict[str, list[Division]] = defaultdict(list)
    for division in divisions():
        for form in _customary(division):
            full[form].append(division)
        short = stem(fold(division.name))
        if division.level != "zone" and len(short) > 1:
            bare[short].append(division)
    forms = {name: Form(tuple(places)) for name, places in full.items()}
    stems = {name: Form(tuple(places), bare=True) for name, places in bare.items()}
    for short, places in bare.items():
        upper = tuple(d for d in places if d.level in ("province", "prefecture"))
        if upper and short not in forms:
            forms[short] = Form(upper, bare=True)
    index: dict[str, list[str]] = defaultdict(list)
    for known in sorted(forms, key=len, reverse=True):
        index[known[:2]].append(known)
    return forms, {start: tuple(names) for start, names in index.items()}, stems


def inside(part: Division, whole: Division) -> bool:
    """Whether one division lies in the other."""
    if part.province != whole.province or part is whole:
        return False
    if whole.level == "province":
        return part.level != "province"
    return whole.level == "prefecture" and bool(part.city) and stem(part.city) == stem(whole.name)


def below(parts: Sequence[Division], wholes: Sequence[Division]) -> bool:
    """Whether any of these divisions lies in any of those."""
    return any(inside(part, whole) for part in parts for whole in wholes)


@lru_cache(maxsize=1)
def province_stems() -> frozenset[str]:
    """The names of the provinces without 省, 市 and the like."""
    return frozenset(stem(d.name) for d in divisions() if d.level == "province")


def county_name(division: Division) -> str:
    """The name of a county or development zone; "" for what lies above them."""
    return division.name if division.level in ("county", "zone") else ""
