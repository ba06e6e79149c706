"""Which construction read each figure, which ones lost, and what a hand-made truth supports."""

import re
from pathlib import Path

import pytest

from ingest.__main__ import main
from ingest.codebook.loading import load
from ingest.documents import readers, sources
from ingest.identifying import identify
from ingest.reading import explaining, prose
from ingest.reading.index import lexicon_of

PREPARED = Path(__file__).parent / "accuracy/reports"
REPORT = """邵阳市北塔区医疗保障局2023年度部门整体支出绩效自评报告

一、目标完成情况
全年支出合计320.5万元,比上年增长8.2%。参保人数全年执行26.3万人。公务接待费目标待定。

城乡居民参保率98.5%,其中建档立卡人口参保率95%,高出任务数1.5%。
"""
GOLD = """document,indicator,scenario,population,year,value
beita.txt,expenditure,actual,,2023,320.5
beita.txt,participation_rate,actual,residents,2023,98.5
beita.txt,participation_rate,actual,registered_poor,2023,96
"""


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "beita.txt").write_text(REPORT, encoding="utf-8")
    (tmp_path / "gold.csv").write_text(GOLD, encoding="utf-8")
    return folder


@pytest.fixture
def ingest(capsys):
    """Runs the command and gives exit status, output and messages."""

    def run(*arguments):
        status = main([str(a) for a in arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


# --- explain --------------------------------------------------------------------------------------


def test_explain_shows_the_construction_its_cost_and_the_losers(ingest, raw):
    _, out, _ = ingest("explain", "beita", "--raw", raw)
    (counted,) = re.findall(r"insured_persons .*?\n\n", out, re.S)
    assert "  rule: count-behind-money-words (cost 15)\n" in counted
    assert (
        "    not label-before-figure (cost 10) with '全年执行': "
        "'全年执行' names no known figure here\n" in counted
    )


def test_explain_shows_constructions_that_were_never_tried(ingest, raw):
    _, out, _ = ingest("explain", "beita", "--raw", raw, "--indicator", "expenditure")
    assert "  rule: label-before-figure (cost 10)\n" in out
    assert "    not project-under-its-total" in out
    assert ": costs more than what was taken\n" in out


def test_explain_shows_which_construction_refused(ingest, raw):
    _, out, _ = ingest("explain", "beita", "--raw", raw)
    refused = out.partition("Not taken")[2]
    assert "  a change, not a level\n" in refused
    assert "【8.2%】" in refused
    assert "  rule: change (cost 5)\n" in refused


def test_explaining_goes_through_the_prose_as_reading_does():
    """Every mention and refusal of the prose has its choices, and there are no others."""
    book = load()
    for source in sources.find(PREPARED)[0][::20]:
        document = readers.read(source)
        identity = identify.identify(document, book)
        reading = prose.read(document, identity, lexicon_of(book))
        told = explaining.choices(document, identity, book)
        places = sorted((c.start, c.end, c.indicator, c.rule) for c in told if c.taken)
        assert places == sorted((m.start, m.end, m.indicator, m.rule) for m in reading.mentions)
        refused = sorted((c.start, c.end, c.indicator) for c in told if not c.taken)
        assert refused == sorted((r.start, r.end, r.indicator) for r in reading.refusals)
        assert all(not c.considered or c.considered[0].reason == "" for c in told if c.rule)


# --- check --rules --------------------------------------------------------------------------------


def rows(out):
    """The lines of the table of constructions, by their first word."""
    return {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.strip()}


def test_check_counts_what_each_construction_gave(ingest, raw):
    status, out, _ = ingest("check", "--raw", raw, "--rules")
    assert status == 0
    table = rows(out)
    assert table["construction"] == ["figures", "refused"]
    assert table["label-before-figure"] == ["3", "0"]
    assert table["change"] == ["0", "1"]
    assert table["scored-for-it"] == ["0", "0", "no", "support"]
    assert "list " not in out


def test_check_counts_what_is_right_by_a_truth(ingest, raw):
    status, out, _ = ingest("check", "--raw", raw, "--rules", "--gold", raw.parent / "gold.csv")
    assert status == 0
    table = rows(out)
    assert table["construction"] == ["figures", "right", "refused"]
    assert table["label-before-figure"] == ["3", "2", "0"]
    assert table["count-behind-money-words"] == ["1", "0", "0", "no", "support"]
    constructions = len(load().constructions)
    assert re.search(rf"^{constructions} constructions, \d+ without support$", out, re.M)
