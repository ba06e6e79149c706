"""Whose report a document is, and of which year: read from its content, never from its file name.

Places come from `definitions/counties.csv` (made by `tools/divisions_from_packages.py`, which says
where each name is from). The title decides first, then the cells that name the reporting unit, then
the name that the text cues most. A name that several counties share is settled by the province or
city that the text names, or not at all: then an issue asks for a line in `sources.csv`.

The year is the one that the figures cover: title, then form captions, then sentences. The day of
filing, the number of a document, and years that are only compared with or planned for do not count.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path

from ingest.definitions import Definitions
from ingest.documents import private
from ingest.documents.glyphs import fold
from ingest.records import Document, Identity, Issue, Source

# The first that the title has is the type; wordings that contain another's come first.
REPORT_TYPES = tuple(
    (report_type, re.compile(words))
    for report_type, words in (
        (
            "department_self_evaluation",
            "整体(支出)?(绩效|支出).*(自评|评价)|部门整体支出(管理|使用)",
        ),
        ("project_self_evaluation", "(项目|资金|转移支付|经费).*(自评|绩效评价|评价报告)"),
        ("self_evaluation", "自评|绩效评价"),
        ("fund_bulletin", "基金.*(收支|决算|运行)|(收支|运行)(情况|表|分析)"),
        ("final_accounts", "决算"),
        ("target_table", "绩效目标(申报|批复|公开)?(表|公示|公开)"),
        ("budget", "预算"),
        ("yearbook", "年鉴"),
        ("work_report", "工作(总结|报告|要点)"),
    )
)

OVERRIDE_COLUMNS = ("document", "county_code", "year", "url")
SOURCES = "data/raw/sources.csv"
FILE = "sources.csv"
"""The name of the file of overrides, in the folder of reports."""

Overrides = Mapping[str, Mapping[str, str]]
"""Document → the columns of its line in sources.csv that are filled."""

# The ethnic groups in the names of autonomous counties; those of one character keep their 族.
_GROUPS = (
    "(?:(?:各|回|满|苗|彝|藏|壮|侗|瑶|白|黎|傣|畲|水|土|怒|羌|佤)族|(?:蒙古|维吾尔|朝鲜|布依|土家|哈尼"
    "|哈萨克|傈僳|高山|拉祜|东乡|纳西|景颇|柯尔克孜|达斡尔|仫佬|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米"
    "|塔吉克|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺)族?)"
)
# Names that also come about by chance in ordinary sentences (居民和县级, 会同县财政局, 沿海城市).
_CHANCE = re.compile(
    ".?和县|会同县|公安县|互助县|通道县|富裕县|合作市|东方市|海城市|[东西南北新老]城区|城[中东西南北]区|市[中南北]区|新市区"
    "|和平[区县]|平安[区县]|友好区|安定区"
)
_SELF = re.compile("[全我本该]([县市区州旗省盟])")
_HAN = re.compile("[一-鿿〇]")
_UNIT = re.compile(
    "[一-鿿()]{0,18}?[一-鿿](?:局|委员会|办公室|中心|管委会|联合会|厅|总队|支队|医院|委(?!员|办))"
)
_NOT_IN_UNIT = re.compile("[的由对在为将按等]")
_MEDICAL = re.compile("医疗保障|医保|医疗保险")
_UNIT_CELL = re.compile(
    r"(?:^|[\s|:(])(中央|地方)?((?:预算|填报|编制|申报|实施|项目|资金使用|自评|评价|公开|报告|主管)?"
    r"(?:单位|部门)(?:\((?:单位|部门)\))?(?:名称)?)(?:\(\w{1,4}\))?[ \t]*[\s|:]+([^\n\t|:]{2,40})"
)
_BUREAU = re.compile("(?:医疗保障|医保|医疗保险)(?:局|服务|事务|经办|基金|管理|中心)")
_AID = re.compile("对口(?:帮扶|支援|协作|援助)|(?:结对|定点)帮扶|赴|考察|借鉴|学习")
_UNLISTED = re.compile(
    r"([一-鿿]{0,10}?(?:开发区|新区|示范区|管理区|园区))(?=医|人|社|管|民|财|20\d\d|[\s()]|$)"
)
_SECTION = re.compile(
    r"(?:第[一二三四五六七八九十]+[部章节]|[一二三四五六七八九十]+、|\([一二三四五六七八九十\d]+\)(?!\S*年度)"
    r"|\d{1,2}[.、]|目\s*录)"
)

_DIGITS = {"〇": "0", "○": "0", "零": "0", "O": "0"} | {
    c: str(i) for i, c in enumerate("一二三四五六七八九", start=1)
}
_YEAR = re.compile(
    r"(?<![\d.])(20[0-4]\d|二[〇○零O][〇○零O一二三四][〇○零O一二三四五六七八九])\s*"
    r"(年\s*度?|(?=部门|整体|预算|决算))"
)
_CAPTION = re.compile(r"^[ \t|(]*" + _YEAR.pattern + r"[ \t|)]*$", re.MULTILINE)
_DATE = re.compile(r"\s*(\d{1,2})\s*月(?!\s*[-~至到])")
_SPAN = re.compile(r"\s*1\s*月?\s*[-~至到]\s*1?\d\s*月")
_COMPARED = re.compile(
    "(?:较|比|占|同期|[上去]年|自|从|结转|成立于|印发)(?:年|年?度|上年|了)?[(]?$"
)
_PLANNED = re.compile("(?:下一?(?:年|步)|明年|今后|拟|编制|编报|做好|谋划|制定)[一-鿿]{0,8}$")
_NOT_COVERED = re.compile(
    r"\s*(?:以来|起|结转|底?前|统计年鉴|的?(?:工作)?(?:计划|打算|安排)|[一-鿿,]{0,6}将|的预算|我们要)"
)
_COVERED = re.compile(
    r"\s*(?:年?[末底]|全[年县市区省州]|我[局县市区]|[本各]?(?:部门|单位|年度)|1\s*-\s*12\s*月)"
)


class OverrideError(ValueError):
    """`sources.csv` is wrong. `complaints` holds everything that is, a line each."""

    def __init__(self, complaints: list[str]) -> None:
        self.complaints = complaints
        super().__init__(
            f"{len(complaints)} problem(s) in {SOURCES}:\n"
            + "\n".join(f"  - {c}" for c in complaints)
            + "\nCorrect them there and run `ingest check` again."
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
class _Form:
    divisions: tuple[Division, ...]
    bare: bool = False


@dataclass(frozen=True)
class _Spot:
    """A place name in a text. `first` is where the names before it begin (湖南省邵阳市|北塔区)."""

    start: int
    end: int
    divisions: tuple[Division, ...]
    bare: bool
    first: int

    @property
    def level(self) -> str:
        return self.divisions[0].level


@dataclass(frozen=True)
class _Finding:
    """What the place was settled on, and what is left to be said about it (kind, message)."""

    divisions: tuple[Division, ...] = ()
    county: str = ""
    issue: tuple[str, str] | None = None


@lru_cache(maxsize=1)
def divisions() -> tuple[Division, ...]:
    """All divisions of counties.csv, current and former, by code.

    >>> [d.name for d in divisions() if d.code == "130127"]
    ['高邑县']
    """
    table = resources.files("ingest").joinpath("definitions", "counties.csv")
    rows = csv.reader(table.read_text(encoding="utf-8").splitlines()[1:])
    return tuple(
        Division(code, name, level, province, city, int(gone_by) if gone_by else None)
        for code, name, level, province, city, gone_by in rows
    )


@lru_cache(maxsize=1)
def _by_code() -> dict[str, Division]:
    # A code that was given twice is the current name's.
    return {d.code: d for d in sorted(divisions(), key=lambda d: d.gone_by is None)}


def _stem(name: str) -> str:
    """The name without what kind of division it is: 邵阳市 → 邵阳, 大理白族自治州 → 大理."""
    autonomous = re.fullmatch("(.+)自治[县州区旗]", name)
    if autonomous:
        stem = re.fullmatch(f"(.+?){_GROUPS}+", autonomous[1])
        return stem[1] if stem else autonomous[1].removesuffix("族")
    return re.sub("(特别行政区|地区|[省市县区州盟旗])$", "", name)


def _customary(division: Division) -> set[str]:
    """The ways to write a name in full, short forms of long names included."""
    name = fold(division.name)
    forms = {name}
    autonomous = re.fullmatch("(.+)自治([县州旗])", name)
    if autonomous:
        forms.add(_stem(name) + autonomous[2])
    banner = re.fullmatch("(.).+([左右])翼(?:([前中后])旗|.+(县))", name)
    if banner:
        forms.add("".join(part for part in banner.groups() if part))
    if division.level == "zone":
        forms |= {f.removeprefix(_stem(division.province)) for f in forms if len(f) > 8}
        forms |= {f.replace("高新技术产业开发区", "高新区") for f in forms}
        forms |= {re.sub("经济(技术)?开发区", "经开区", f) for f in forms}
        forms |= {f.replace(_stem(division.city), division.city, 1) for f in forms}
    if name.startswith("市"):
        # 济南市中区 is 市中区 of 济南市, whose 市 is not written twice.
        forms.add(_stem(fold(division.city)) + name)
    return {form for form in forms if len(form) > 1}


@lru_cache(maxsize=1)
def _gazetteer() -> tuple[dict[str, _Form], dict[str, tuple[str, ...]], dict[str, _Form]]:
    """Name → divisions; first two characters → names, longest first; county stems → divisions."""
    full: dict[str, list[Division]] = defaultdict(list)
    bare: dict[str, list[Division]] = defaultdict(list)
    for division in divisions():
        for form in _customary(division):
            full[form].append(division)
        stem = _stem(fold(division.name))
        if division.level != "zone" and len(stem) > 1:
            bare[stem].append(division)
    forms = {name: _Form(tuple(places)) for name, places in full.items()}
    stems = {name: _Form(tuple(places), bare=True) for name, places in bare.items()}
    for stem, places in bare.items():
        upper = tuple(d for d in places if d.level in ("province", "prefecture"))
        if upper and stem not in forms:
            forms[stem] = _Form(upper, bare=True)
    index: dict[str, list[str]] = defaultdict(list)
    for known in sorted(forms, key=len, reverse=True):
        index[known[:2]].append(known)
    return forms, {start: tuple(names) for start, names in index.items()}, stems


def _inside(part: Division, whole: Division) -> bool:
    if part.province != whole.province or part is whole:
        return False
    if whole.level == "province":
        return part.level != "province"
    return whole.level == "prefecture" and bool(part.city) and _stem(part.city) == _stem(whole.name)


def _below(parts: Sequence[Division], wholes: Sequence[Division]) -> bool:
    return any(_inside(part, whole) for part in parts for whole in wholes)


def _part_follows(text: str, position: int, wholes: Sequence[Division]) -> bool:
    """Whether a county of these prefectures is named right there (邵阳|北塔区)."""
    forms, index, _ = _gazetteer()
    return any(
        text.startswith(name, position)
        and not forms[name].bare
        and _below(forms[name].divisions, wholes)
        for name in index.get(text[position : position + 2], ())
    )


def _stands(text: str, start: int, name: str, form: _Form, chained: bool) -> bool:
    """Whether the characters at `start` are this name and no accident of the words around it."""
    end = start + len(name)
    after = text[end : end + 1]
    left_free = not _HAN.fullmatch(text[max(0, start - 1) : start])
    if form.bare:
        is_province = form.divisions[0].level == "province"
        return is_province or left_free or chained or _part_follows(text, end, form.divisions)
    if chained:
        return True
    if (name[-1] == "区" and after in tuple("域间别划")) or (name[-1] == "市" and after == "场"):
        return False
    if len(name) == 2:
        # 城区, 东区 are words without their city; 单县, 费县 also end 名单 and 经费 before a 县
        free = left_free or text[start - 1] in "在由对为是年度"
        if not left_free and text[start - 1] in "省市州盟区" and not _CHANCE.fullmatch(name):
            free = bool(_BUREAU.match(text, end))
        return name[-1] != "区" and free and after not in tuple("级域长")
    if _CHANCE.fullmatch(name) or (name[-1] in "县区" and _stem(name) in _province_stems()):
        if start == 0 or text[start - 1] == "\n":
            return True
        return text[start - 1] in "年度 \t|(" and bool(_MEDICAL.match(text, end))
    return True


@lru_cache(maxsize=1)
def _province_stems() -> frozenset[str]:
    return frozenset(_stem(d.name) for d in divisions() if d.level == "province")


def _scan(text: str) -> list[_Spot]:
    """The place names of a folded text, from left to right, the longest at each place."""
    forms, index, _ = _gazetteer()
    spots: list[_Spot] = []
    reach = 0
    for position in [at for at in range(len(text) - 1) if text[at : at + 2] in index]:
        if position < reach:
            continue
        for name in index[text[position : position + 2]]:
            if not text.startswith(name, position):
                continue
            form = forms[name]
            before = spots[-1] if spots and spots[-1].end == position else None
            within = tuple(d for d in form.divisions if before and _below([d], before.divisions))
            if _stands(text, position, name, form, bool(within)):
                first = before.first if before and within else position
                end = position + len(name)
                spots.append(_Spot(position, end, within or form.divisions, form.bare, first))
                reach = end
                break
    return spots


def _title_lines(document: Document) -> list[str]:
    """The lines that may be the title: those before the first section, table or long paragraph."""
    table = next((b.start for b in document.blocks if b.kind == "table"), len(document.text))
    lines: list[str] = []
    for line in document.text[: min(table, 2000)].split("\n"):
        line = re.sub("[ \t#*]+", "", line)
        if not line:
            continue
        if len(lines) == 8 or (_SECTION.match(line) and not re.search("自评|评价|决算|报告", line)):
            break
        # A sentence is no title, but the first line may be a headline with a comma.
        if len(line) <= 80 and (not lines or not re.search("[。,;|]", line)):
            lines.append(line)
    for block in document.blocks[:20]:
        line = re.sub("[ \t#*]+", "", document.text[block.start : block.end])
        is_title = (block.kind, block.level) == ("heading", 1) and len(line) <= 80
        if is_title and line not in lines and not _SECTION.match(line):
            lines.append(line)
    return lines


def _unit_cells(text: str) -> list[str]:
    """What follows 预算单位名称, 填报单位 and the like; a supervising body's after the others."""
    found = [(bool(m[1]), "主管" in m[2], m[3].replace(" ", "")) for m in _UNIT_CELL.finditer(text)]
    return [value for _, _, value in sorted(found, key=lambda f: f[:2])]


def _deepest(text: str, *, at_start: bool = False) -> _Spot | None:
    """The place whose bureau is named, else the county named first, the prefecture, the province."""
    order = {"county": 0, "zone": 0, "prefecture": 1, "province": 2}
    named = [s for s in _scan(text) if not s.bare and not (at_start and s.first)]
    return min(
        named,
        key=lambda s: (not _BUREAU.match(text, s.end), order[s.level], s.start),
        default=None,
    )


def _unlisted(text: str, spot: _Spot) -> str:
    """The name of a development zone that follows a place and is in no list, or nothing."""
    zone = None if spot.level == "zone" else _UNLISTED.match(text, spot.end)
    return zone[1] if zone else ""


def _cited(text: str) -> bytearray:
    """For each character, whether it stands in the title of a document that the text cites."""
    marks = bytearray(len(text))
    for title in re.finditer("《[^》]{0,80}》", text):
        marks[title.start() : title.end()] = b"\1" * len(title[0])
    return marks


def _weights(text: str, spots: Sequence[_Spot]) -> Counter[tuple[Division, ...]]:
    """How strongly the text cues each place: its own bureau most, a cited document least."""
    cited = _cited(text)
    weights: Counter[tuple[Division, ...]] = Counter()
    parents = {s.first for s in spots if s.first != s.start}
    for spot in spots:
        # 对口帮扶甲县、乙县: the rest of the sentence is about them; 甲县对口帮扶的: only the name is
        before = re.split("[。;\n]", text[max(0, spot.first - 30) : spot.first])[-1]
        aided = _AID.search(before) or _AID.match(text, spot.end)
        if spot.bare or spot.start in parents or aided:
            continue
        weight = 8 if _MEDICAL.match(text, spot.end) else 4
        if cited[spot.start] or spot.level == "province":
            weight = 1
        weights[spot.divisions] += weight
    # A name that is once said with its city is that city's wherever it stands.
    for places in [p for p in weights if len(p) > 1]:
        narrowed = [p for p in weights if len(p) < len(places) and set(p) <= set(places)]
        if narrowed:
            weights[max(narrowed, key=lambda p: weights[p])] += weights.pop(places)
    return weights


def _most_cued(
    weights: Counter[tuple[Division, ...]], selves: Counter[str]
) -> tuple[Division, ...]:
    if selves["县"] + selves["旗"] > selves["市"] + selves["州"] + selves["省"]:
        counties = {p: w for p, w in weights.items() if p[0].level in ("county", "zone")}
        weights = Counter(counties) or weights
    return max(weights, key=lambda p: weights[p], default=())


def _bare_title(lines: Sequence[str], selves: Counter[str]) -> tuple[Division, ...]:
    """The place that a headline names without 县 or 市 (永州年鉴), at its start or in brackets."""
    stems = _gazetteer()[2]
    for line in lines:
        for match in re.finditer(r"(?:^|[(])([一-鿿]{2,8})", line):
            for length in range(len(match[1]), 1, -1):
                form = stems.get(match[1][:length])
                if form:
                    kind = [k for k, _ in selves.most_common(1)]
                    fitting = tuple(d for d in form.divisions if d.name[-1:] in kind)
                    current = tuple(d for d in form.divisions if d.gone_by is None)
                    province = tuple(d for d in form.divisions if d.level == "province")
                    return fitting or province or current or form.divisions
    return ()


def _settle(
    candidates: tuple[Division, ...], spots: Sequence[_Spot], year: int | None
) -> tuple[Division, ...]:
    """The candidates left after looking at the year, and at the city or province the text names."""
    alive = tuple(d for d in candidates if not (d.gone_by and year and year >= d.gone_by))
    candidates = alive or candidates
    for level in ("prefecture", "province"):
        if len(candidates) < 2:
            break
        named = [s.divisions for s in spots if s.level == level]
        support = {
            d: sum(any(_inside(d, whole) for whole in places) for places in named)
            for d in candidates
        }
        most = max(support.values())
        # A city named in passing does not outweigh one that is named again and again.
        candidates = tuple(d for d in candidates if most and support[d] * 3 > most) or candidates
    return candidates


def _cue(lines: Sequence[str], cells: Sequence[str]) -> tuple[str, _Spot | None]:
    """The place of the title, or the one within it that a cell of the form names; with its passage."""
    title = "\n".join(lines)
    cue = _deepest(title)
    if cue and cue.level in ("county", "zone"):
        return title, cue
    for cell in cells:
        named = _deepest(cell, at_start=True)
        if named and (not cue or _below(named.divisions, cue.divisions)):
            return cell, named
    return title, cue


def _narrowed(
    found: tuple[Division, ...],
    weights: Counter[tuple[Division, ...]],
    selves: Counter[str],
) -> tuple[Division, ...]:
    """The county that the text is about, where its title names only a city or province.

    Nothing, when the text speaks of its county without naming one.
    """
    below = Counter({p: w for p, w in weights.items() if _below(p, found)})
    inner = max(below, key=lambda p: below[p], default=())
    if selves["县"] + selves["旗"] and not selves["市"] + selves["州"] + selves["省"]:
        return inner
    # Its bureau twice at least, and far more than the city and its other counties together.
    if below[inner] >= 16 and below[inner] > 2 * (below.total() - below[inner] + weights[found]):
        return inner
    return found


def _place(
    document: Document, lines: Sequence[str], cells: Sequence[str], year: int | None
) -> _Finding:
    text, selves = document.text, Counter(_SELF.findall(document.text))
    spots = _scan(text)
    weights = _weights(text, spots)
    passage, cue = _cue(lines, cells)
    if cue and (zone := _unlisted(passage, cue)):
        message = f"'{zone}' of {cue.divisions[0].name} is in no list of divisions"
        return _Finding(cue.divisions, zone, ("unknown_county", message))
    found = cue.divisions if cue else _most_cued(weights, selves)
    short = not found
    if short:
        found = _bare_title(lines, selves)
    if not found:
        return _Finding(issue=("unknown_county", "no county, prefecture or province is named"))
    if found[0].level in ("prefecture", "province"):
        narrowed = _narrowed(found, weights, selves)
        if not narrowed:
            message = f"the text speaks of a county of {found[0].name} without naming it"
            return _Finding(found, issue=("unknown_county", message))
        found = narrowed
    settled = _settle(found, spots, year)
    if len(settled) > 1:
        names = ", ".join(f"{d.code} {d.province}{d.city}{_county(d)}" for d in settled)
        message = f"the place named may be any of: {names}"
        return _Finding(settled, issue=("ambiguous_county", message))
    if short:
        message = f"taken for {settled[0].name} ({settled[0].code}) by the short name in the title"
        return _Finding(settled, issue=("short_name", message))
    return _Finding(settled)


def _units(text: str, places: Sequence[Division]) -> Iterator[str]:
    """The offices that a text names right after one of the places, in its own words."""
    for spot in _scan(text):
        if spot.bare or not set(spot.divisions) & set(places):
            continue
        office = _UNIT.match(text, spot.end)
        if office and not _NOT_IN_UNIT.search(office[0]):
            # Folding may have changed a character of the name itself (乾县).
            name = spot.divisions[0].name
            printed = text[spot.start : spot.end]
            printed = name if printed == fold(name) else printed
            yield text[spot.first : spot.start] + printed + office[0]


def _reporting_unit(
    text: str, lines: Sequence[str], cells: Sequence[str], places: Sequence[Division]
) -> str:
    for passage in ("\n".join(lines), *cells):
        unit = next(_units(passage, places), "")
        if unit:
            return unit
    named = Counter(unit for unit in _units(text, places) if _MEDICAL.search(unit))
    if named:
        return named.most_common(1)[0][0]
    return next((m[0] for cell in cells if (m := _UNIT.fullmatch(cell))), "")


def _number(digits: str) -> int:
    return int("".join(_DIGITS.get(c, c) for c in digits))


def _years(text: str) -> Iterator[tuple[int, int]]:
    """Each year that a folded text names, with how much it tells of the year the figures cover."""
    cited = _cited(text)
    for match in _YEAR.finditer(text):
        before, end = text[max(0, match.start() - 12) : match.start()].rstrip(), match.end()
        year = _number(match[1])
        date = _DATE.match(text, end)
        if date and not _SPAN.match(text, end):
            yield year, 2 if re.search("截[至止]到?$", before) else 0
        elif (
            _COMPARED.search(before)
            or _PLANNED.search(before)
            or _NOT_COVERED.match(text, end)
            or cited[match.start()]
        ):
            yield year, 0
        elif "度" in match[2]:
            yield year, 3
        else:
            yield year, 2 if _COVERED.match(text, end) or before[-2:] in ("截至", "截止") else 1


def _year(document: Document, lines: Sequence[str]) -> tuple[int | None, list[tuple[str, str]]]:
    """The year that the figures cover, and what is doubtful about it."""
    support: Counter[int] = Counter()
    for year, weight in _years(document.text):
        support[year] += weight
    captions = Counter(_number(m[1]) for m in _CAPTION.finditer(document.text))
    in_title = [year for year, weight in _years("\n".join(lines)) if weight]
    for candidates in (in_title, list(captions.elements())):
        if candidates:
            times = Counter(candidates)
            best = max(times, key=lambda y: (times[y], support[y]))
            rival = max(support, key=lambda y: support[y], default=best)
            if support[rival] > 4 * max(support[best], 2):
                message = f"the title or form says {best}, but most sentences speak of {rival}"
                return best, [("doubtful_year", message)]
            return best, []
    named = [(weight, year) for year, weight in support.items() if weight]
    if not named:
        return None, [("unknown_year", "no year is named that the figures cover")]
    most, best = max(named)
    if sum(weight == most for weight, _ in named) > 1:
        years = ", ".join(str(y) for w, y in sorted(named) if w == most)
        return best, [("doubtful_year", f"{years} are named equally often; {best} is taken")]
    return best, []


def _report_type(document: Document, lines: Sequence[str]) -> str:
    headings = (document.text[b.start : b.end] for b in document.blocks if b.kind == "heading")
    for passage in ("".join(lines), *headings):
        for report_type, words in REPORT_TYPES:
            if words.search(passage):
                return report_type
    return "other"


def identify(document: Document, definitions: Definitions) -> Identity:
    """Says whose report a document is and of which year.

    `document` is what a reader made (folded text); `definitions` is the codebook that every stage
    is given. Parts that the text does not settle are empty (year: None), each with an issue that
    says what to do. A prefecture's or province's report has no county and that division's code.

    >>> from ingest.definitions import load
    >>> from ingest.records import Source
    >>> text = "邵阳市北塔区医疗保障局2023年度部门整体支出绩效自评报告"
    >>> report = Document(Source("a.txt", "a.txt", "", 0), "text", "text", text, ())
    >>> who = identify(report, load())
    >>> who.county_code, who.county, who.year, who.reporting_unit
    ('430511', '北塔区', 2023, '邵阳市北塔区医疗保障局')
    """
    lines, cells = _title_lines(document), _unit_cells(document.text)
    year, problems = _year(document, lines)
    place = _place(document, lines, cells, year)
    if place.issue:
        problems.append(place.issue)
    identity = Identity(
        reporting_unit=_reporting_unit(document.text, lines, cells, place.divisions),
        year=year,
        report_type=_report_type(document, lines),
        issues=tuple(_issue(document, kind, message, lines) for kind, message in problems),
    )
    known = place.divisions
    code = (
        known[0].code
        if len(known) == 1 and (not place.issue or place.issue[0] == "short_name")
        else ""
    )
    return replace(
        identity,
        county_code=code,
        province=_common(d.province for d in known),
        city=_common(d.city for d in known),
        county=place.county or _common(_county(d) for d in known),
    )


def _common(values: Iterable[str]) -> str:
    different = set(values)
    return different.pop() if len(different) == 1 else ""


def _county(division: Division) -> str:
    return division.name if division.level in ("county", "zone") else ""


def _issue(document: Document, kind: str, message: str, lines: Sequence[str]) -> Issue:
    name = document.source.document
    column = "year" if kind.endswith("_year") else "county_code"
    return Issue(
        document=name,
        severity="info" if kind == "short_name" else "warning",
        kind=kind,
        where=f"title: {lines[0][:40]}" if lines else "whole text (no title line)",
        message=message,
        action=(
            f"look at the report; {'if this is wrong, ' if kind in ('short_name', 'doubtful_year') else ''}"
            f"add a line with document {name} and its {column} to {SOURCES}"
        ),
    )


def overrides(path: Path) -> dict[str, dict[str, str]]:
    """Reads sources.csv: document → the columns that are filled (county_code, year, url).

    The file is optional (no file: no overrides) and may come from Excel (UTF-8 or GB18030).
    Raises OverrideError with everything that is wrong in it.
    """
    if not path.exists():
        return {}
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError:
            raise OverrideError(
                ["the file is neither UTF-8 nor GB18030 text; save it as CSV UTF-8"]
            ) from None
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="")
    columns = [c.strip() for c in reader.fieldnames or ()]
    reader.fieldnames = columns
    complaints = [
        f"line 1: unknown column '{c}'; known are {', '.join(OVERRIDE_COLUMNS)}"
        for c in columns
        if c not in OVERRIDE_COLUMNS
    ]
    if "document" not in columns:
        complaints.append("line 1: there is no column 'document'; the first line names the columns")
    found: dict[str, dict[str, str]] = {}
    for row in reader:
        line = f"line {reader.line_num}"
        if "" in row:
            complaints.append(f"{line}: more cells than columns; quote a cell that has a comma")
        values = {k: (row.get(k) or "").strip() for k in OVERRIDE_COLUMNS}
        name = values.pop("document")
        name = private.words(name)  # as the name of the file is in every table
        if not name:
            if "document" in columns and any(values.values()):
                complaints.append(f"{line}: no document; write its path below the raw folder")
            continue
        if name in found:
            complaints.append(f"{line}: '{name}' stands in the file twice; keep one line")
        if values["county_code"] and values["county_code"] not in _by_code():
            complaints.append(
                f"{line}: county_code '{values['county_code']}' is no known code; "
                "take the six digits from src/ingest/definitions/counties.csv"
            )
        if values["year"] and not re.fullmatch(r"20[0-4]\d", values["year"]):
            complaints.append(
                f"{line}: year '{values['year']}' is no year; write four digits, as 2023"
            )
        found[name] = {k: v for k, v in values.items() if v}
    if complaints:
        raise OverrideError(complaints)
    return found


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


def apply(identity: Identity, override: dict[str, str], definitions: Definitions) -> Identity:
    """The identity with what a line of sources.csv says instead; issues so settled are dropped.

    >>> from ingest.definitions import load
    >>> apply(Identity(county="鼓楼区"), {"county_code": "320106"}, load()).city
    '南京市'
    """
    settled: tuple[str, ...] = ()
    if code := override.get("county_code"):
        division = _by_code()[code]
        identity = replace(
            identity,
            county_code=code,
            province=division.province,
            city=division.city,
            county=_county(division),
        )
        settled += ("unknown_county", "ambiguous_county", "short_name")
    if year := override.get("year"):
        identity = replace(identity, year=int(year))
        settled += ("unknown_year", "doubtful_year")
    return replace(identity, issues=tuple(i for i in identity.issues if i.kind not in settled))
