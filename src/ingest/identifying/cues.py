"""The passages of a report that tell the most: its title, the cells that name the reporting unit, and
(the least) the titles of documents that it cites.
"""

from __future__ import annotations

import re

from ingest.records import Document

_UNIT_CELL = re.compile(
    r"(?:^|[\s|:(])(中央|地方)?((?:预算|填报|编制|申报|实施|项目|资金使用|自评|评价|公开|报告|主管)?"
    r"(?:单位|部门)(?:\((?:单位|部门)\))?(?:名称)?)(?:\(\w{1,4}\))?[ \t]*[\s|:]+([^\n\t|:]{2,40})"
)
_SECTION = re.compile(
    r"(?:第[一二三四五六七八九十]+[部章节]|[一二三四五六七八九十]+、|\([一二三四五六七八九十\d]+\)(?!\S*年度)"
    r"|\d{1,2}[.、]|目\s*录)"
)


def title_lines(document: Document) -> list[str]:
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


def unit_cells(text: str) -> list[str]:
    """What follows 预算单位名称, 填报单位 and the like; a supervising body's after the others."""
    found = [(bool(m[1]), "主管" in m[2], m[3].replace(" ", "")) for m in _UNIT_CELL.finditer(text)]
    return [value for _, _, value in sorted(found, key=lambda f: f[:2])]


def cited(text: str) -> bytearray:
    """For each character, whether it stands in the title of a document that the text cites."""
    marks = bytearray(len(text))
    for title in re.finditer("《[^》]{0,80}》", text):
        marks[title.start() : title.end()] = b"\1" * len(title[0])
    return marks
