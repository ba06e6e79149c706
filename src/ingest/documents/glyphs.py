"""One character in, one character out: full width, radicals, compatibility and traditional forms.

Offsets into a text therefore hold before and after folding.
"""

from __future__ import annotations

import unicodedata

from opencc import OpenCC

_TO_SIMPLIFIED = OpenCC("t2s")
# NFKC leaves these alone, or folds them to something that is not one character.
_BY_HAND = str.maketrans(
    {
        "〔": "[",
        "〕": "]",
        "【": "[",
        "】": "]",
        "“": '"',
        "”": '"',
        "〝": '"',
        "〞": '"',
        "＂": '"',
        "「": '"',
        "」": '"',
        "『": '"',
        "』": '"',
        "‘": "'",
        "’": "'",
        "—": "-",
        "–": "-",
        "―": "-",
        "−": "-",
        "～": "~",
        "〜": "~",
        "∼": "~",
        "≧": "≥",
        "≦": "≤",
        "﹥": ">",
        "﹤": "<",
        "\u00a0": " ",
        "\u3000": " ",
        "\u200b": " ",
        "\ufeff": " ",
        "\u00ad": " ",
        "\r": " ",
        "﹪": "%",
        "％": "%",
        "⺠": "民",
        "⻓": "长",
        "⻚": "页",
        "⻔": "门",
        "⻅": "见",
        "⻋": "车",
        "⻜": "飞",
        "⻢": "马",
        "⻩": "黄",
        "⻬": "齐",
        "⻥": "鱼",
        "⻛": "风",
        "⻘": "青",
        "⻆": "角",
        "⻉": "贝",
        "⺟": "母",
        "⼾": "户",
        "⻝": "食",
        "⻤": "鬼",
        "⻦": "鸟",
        "⻰": "龙",
        "⻄": "西",
        "⻙": "韦",
        "⻣": "骨",
        "⻮": "齿",
        "⻁": "虎",
        "⻨": "麦",
        "⻧": "卤",
        "⻸": "龟",
        # Older forms that the tables of simplification leave out.
        "毉": "医",
        "縂": "总",
        "蓡": "参",
        "儅": "当",
        "搆": "构",
        "鄕": "乡",
        "敎": "教",
        "緖": "绪",
        "衞": "卫",
        "眞": "真",
        "曁": "暨",
        "嵗": "岁",
        "処": "处",
        "擧": "举",
        "竝": "并",
        "覈": "核",
        "麪": "面",
    }
)
# Circled and bracketed ordinals stay as they are: NFKC would make plain numbers of them.
_ORDINALS = range(0x2460, 0x2500)


def fold_character(character: str) -> str:
    """Folds one character; returns exactly one.

    >>> fold_character("％"), fold_character("萬"), fold_character("①")
    ('%', '万', '①')
    """
    if character < "\u0080":
        return " " if character == "\r" else character
    by_hand = character.translate(_BY_HAND)
    if by_hand != character:
        return by_hand
    if ord(character) in _ORDINALS:
        return character
    compatible = unicodedata.normalize("NFKC", character)
    folded = compatible if len(compatible) == 1 else character
    if folded >= "\u3400":
        simplified = _TO_SIMPLIFIED.convert(folded)
        if len(simplified) == 1:
            folded = simplified
    return folded


def fold(text: str) -> str:
    """Folds a text one character to one; the length never changes.

    >>> fold("參保率１００％（不含長期外出）")
    '参保率100%(不含长期外出)'
    """
    return text.translate(_FOLDED)


class _Folded(dict[int, str]):
    """Code point → what it folds to, for every character met so far."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = fold_character(chr(code))
        return folded


_FOLDED = _Folded()
