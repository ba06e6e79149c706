"""docs/teaching: every recipe of both pages is built with, and gives the figures that it says."""

import csv
import re
from pathlib import Path

import pytest

from ingest.__main__ import main as ingest
from ingest.codebook.loading import load
from ingest.codebook.model import ASKS, SETS
from ingest.codebook.patterns import Alphabet
from ingest.reading.binder import BINDS
from ingest.reading.index import lexicon_of
from ingest.reviewing.proving import other_words, read, stated, wanted
from xianbi.__main__ import main as xianbi

DOCS = Path(__file__).parents[1] / "docs"
ENGLISH, CHINESE = (
    (DOCS / name).read_text(encoding="utf-8") for name in ("teaching.md", "teaching.zh-CN.md")
)
TITLES = {5: "高邑县教育局2023年度部门整体支出绩效自评报告"}
TITLE = "高邑县医疗保障局2023年度部门整体支出绩效自评报告"
TABLES = ("| Sentence |", "| 句子 |")


def sections(page):
    """The numbered recipes of a page, by their numbers."""
    parts = re.split(r"^## ", page, flags=re.MULTILINE)
    return {int(p[0]): p for p in parts if re.match(r"\d\. ", p)}


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def sentences(section):
    """The sentences of a recipe, each with its figures before and now."""
    rows = section[min(section.index(t) for t in TABLES if t in section) :].splitlines()
    rows = rows[2 : rows.index("")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return [(text, figures(before), figures(now)) for text, before, now in cells]


def figures(cell):
    found = re.findall("`([^`]*)`", cell)
    assert found or cell in ("nothing", "没有")
    return found


RECIPES = sections(ENGLISH)


def lay(folder, toml):
    """Writes a block of a page into the file that its first line names, beside `raw`."""
    name = re.match(r"# (codebook/[\w-]+\.toml)\n", toml).group(1)
    (folder / "codebook").mkdir(exist_ok=True)
    (folder / name).write_text(toml, encoding="utf-8")


def reports(folder, number):
    """A report for each sentence of a recipe."""
    (folder / "raw").mkdir()
    for place, (text, _, _) in enumerate(sentences(RECIPES[number]), start=1):
        report = f"{TITLES.get(number, TITLE)}\n\n{text}\n"
        (folder / f"raw/{place:02}.txt").write_text(report, encoding="utf-8")


def built(folder):
    """The figures of each report, as the page writes them."""
    assert ingest(["build", str(folder / "raw"), "--out", str(folder / "processed")]) == 0
    found = {path.name: [] for path in sorted((folder / "raw").iterdir())}
    for row in rows(folder, "mentions"):
        mark = "" if row["comparator"] == "=" else row["comparator"]
        words = (row["indicator"], row["scenario"], row["population"] or "-", row["year"])
        found[row["document"]].append(" ".join((*words, mark + row["value"])))
    return list(found.values())


def rows(folder, table):
    with (folder / f"processed/{table}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# --- both pages -----------------------------------------------------------------------------------


def test_both_pages_hold_the_same_recipes():
    assert blocks(ENGLISH, "toml") == blocks(CHINESE, "toml")
    assert blocks(ENGLISH, "sh") == blocks(CHINESE, "sh")
    assert blocks(ENGLISH, "text") == blocks(CHINESE, "text")
    chinese = sections(CHINESE)
    assert {n: sentences(s) for n, s in RECIPES.items()} == {
        n: sentences(s) for n, s in chinese.items()
    }
    assert list(RECIPES) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("page", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_all_that_patterns_may_say_stands_on_the_page(page):
    told = set(re.findall(r"`([\w-]+)`", page[page.index("\n## ", page.index("```text")) :]))
    for known in (Alphabet(load()).names, BINDS, ASKS, SETS):
        assert sorted(set(known) - told) == []


# --- each recipe ----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", RECIPES)
def test_a_recipe_gives_what_it_says(tmp_path, number):
    said = sentences(RECIPES[number])
    reports(tmp_path, number)
    assert built(tmp_path) == [before for _, before, _ in said]
    (toml,) = blocks(RECIPES[number], "toml")
    lay(tmp_path, toml)
    assert ingest(["check", "--raw", str(tmp_path / "raw")]) == 0
    assert built(tmp_path) == [now for _, _, now in said]


def test_the_rate_of_the_new_indicator_is_recomputed(tmp_path):
    reports(tmp_path, 4)
    lay(tmp_path, blocks(RECIPES[4], "toml")[0])
    built(tmp_path)
    (found,) = [row for row in rows(tmp_path, "audit") if row["indicator"] == "recovery_rate"]
    assert (found["formula"], found["verdict"]) == ("126.4 / 130 = 97.23", "agree")


def test_the_department_knows_nothing_of_medical_security(tmp_path):
    reports(tmp_path, 5)
    lay(tmp_path, blocks(RECIPES[5], "toml")[0])
    built(tmp_path)
    families = {row["family"] for row in rows(tmp_path, "codebook")}
    assert families == {"budget", "three_public", "schooling", "supplementary"}


def test_every_word_of_a_recipe_swaps(tmp_path):
    """The examples of the new construction hold with each word of the list that it swaps."""
    lay(tmp_path, blocks(RECIPES[2], "toml")[0])
    book = load(tmp_path / "codebook")
    (construction,) = [c for c in book.constructions if c.id == "used-as"]
    lexicon = lexicon_of(book)
    found = [
        (word, stated(read(text, lexicon)) == wanted(example, book))
        for name in construction.swap
        for example, word, text in other_words(construction, name, lexicon)
    ]
    assert found == [("用作", True), ("用来支付", True)]


# --- what happened, and what is wrong -------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1], ids=["check", "explain"])
def test_what_the_commands_show_stands_on_the_page(tmp_path, capsys, number):
    reports(tmp_path, 2)
    lay(tmp_path, blocks(RECIPES[2], "toml")[0])
    command, expected = blocks(ENGLISH, "sh")[number], blocks(ENGLISH, "text")[number]
    words = command.replace("my-reports", str(tmp_path)).split()
    assert words[0] == "xianbi"
    assert xianbi(words[1:]) == 0
    # How wide a column is depends on our longest construction.
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in expected.splitlines() if line.split() not in shown] == []


def test_what_is_wrong_is_told_as_on_the_page(tmp_path, capsys):
    (tmp_path / "raw").mkdir()
    lay(tmp_path, blocks(ENGLISH, "toml")[-1])
    assert xianbi(["check", "--raw", str(tmp_path / "raw")]) == 1
    assert capsys.readouterr().err == f"xianbi: {blocks(ENGLISH, 'text')[-1]}"
