"""Finds the names of divisions in a text, and no accident of the words around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.identifying.divisions import (
    Division,
    Form,
    below,
    gazetteer,
    province_stems,
    stem,
)

# Names that also come about by chance in ordinary sentences (居民和县级, 会同县财政局, 沿海城市).
_CHANCE = re.compile(
    ".?和县|会同县|公安县|互助县|通道县|富裕县|合作市|东方市|海城市|[东西南北新老]城区|城[中东西南北]区|市[中南北]区|新市区"
    "|和平[区县]|平安[区县]|友好区|安定区"
)
_HAN = re.compile("[一-鿿〇]")
MEDICAL = re.compile("医疗保障|医保|医疗保险")
BUREAU = re.compile("(?:医疗保障|医保|医疗保险)(?:局|服务|事务|经办|基金|管理|中心)")
_UNLISTED = re.compile(
    r"([一-鿿]{0,10}?(?:开发区|新区|示范区|管理区|园区))(?=医|人|社|管|民|财|20\d\d|[\s()]|$)"
)


@dataclass(frozen=True)
class Spot:
    """A place name in a text. `first` is where the names before it begin (湖南省邵阳市|北塔区)."""

    start: int
    end: int
    divisions: tuple[Division, ...]
    bare: bool
    first: int

    @property
    def level(self) -> str:
        return self.divisions[0].level


def _part_follows(text: str, position: int, wholes: Sequence[Division]) -> bool:
    """Whether a county of these prefectures is named right there (邵阳|北塔区)."""
    forms, index, _ = gazetteer()
    return any(
        text.startswith(name, position)
        and not forms[name].bare
        and below(forms[name].divisions, wholes)
        for name in index.get(text[position : position + 2], ())
    )


def _stands(text: str, start: int, name: str, form: Form, chained: bool) -> bool:
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
            free = bool(BUREAU.match(text, end))
        return name[-1] != "区" and free and after not in tuple("级域长")
    if _CHANCE.fullmatch(name) or (name[-1] in "县区" and stem(name) in province_stems()):
        if start == 0 or text[start - 1] == "\n":
            return True
        return text[start - 1] in "年度 \t|(" and bool(MEDICAL.match(text, end))
    return True


def places_in(text: str) -> list[Spot]:
    """The place names of a folded text, from left to right, the longest at each place."""
    forms, index, _ = gazetteer()
    spots: list[Spot] = []
    reach = 0
    for position in [at for at in range(len(text) - 1) if text[at : at + 2] in index]:
        if position < reach:
            continue
        for name in index[text[position : position + 2]]:
            if not text.startswith(name, position):
                continue
            form = forms[name]
            before = spots[-1] if spots and spots[-1].end == position else None
            within = tuple(d for d in form.divisions if before and below([d], before.divisions))
            if _stands(text, position, name, form, bool(within)):
                first = before.first if before and within else position
                end = position + len(name)
                spots.append(Spot(position, end, within or form.divisions, form.bare, first))
                reach = end
                break
    return spots


def unlisted(text: str, spot: Spot) -> str:
    """The name of a development zone that follows a place and is in no list, or nothing."""
    zone = None if spot.level == "zone" else _UNLISTED.match(text, spot.end)
    return zone[1] if zone else ""
