"""Feeds readers, rules and the corrections file with what nobody would write; run by hand.

    python tests/fuzz.py --minutes 30 --seed 1 [--target readers]

Whatever comes in, a report is read or ends as one issue (never as a fault of the program), every
quote slices out of its text, a wrong corrections file is told with its lines, and nothing takes
longer than SECONDS. What fails is printed in its smallest form, and the exit status is 1; files
that failed are kept in build/fuzz. `make test` runs a few examples of each target
(tests/test_fuzz.py); what was found and mended stays there as a case.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import io
import random
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path

import hypothesis
import typeset
import typeset_pdf
from hypothesis import HealthCheck, Phase, Verbosity, given, note
from hypothesis import strategies as st

from ingest import pipeline
from ingest.codebook.loading import load
from ingest.documents import private
from ingest.documents.glyphs import fold
from ingest.documents.readers import legacy, scan
from ingest.reading import quantities
from ingest.records import Block, Cell, Document, Source
from ingest.reviewing import corrections
from ingest.running import reports

DEFINITIONS = load()
ROOT = Path(__file__).parent.parent
KEPT = ROOT / "build" / "fuzz"
BATCH = 100
SECONDS, SECONDS_OF_SCANS = 30, 300
"""The longest that one example may take; each has some kilobytes, or a page to recognise."""


class TooSlowError(AssertionError):
    """An example took longer than SECONDS."""


def in_time(check: Callable[..., None]) -> Callable[..., None]:
    """The check, ended with an error where it takes too long."""

    seconds = SECONDS_OF_SCANS if check.__name__ == "check_scan" else SECONDS

    @functools.wraps(check)
    def timed(*given_: object) -> None:
        def ring(*_: object) -> None:
            raise TooSlowError(f"{check.__name__} took longer than {seconds} seconds")

        if not hasattr(signal, "setitimer"):
            check(*given_)
            return
        former = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            check(*given_)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, former)

    return timed


# --- files ---------------------------------------------------------------------------------------

SHORT = [*typeset.MODEL[:8], typeset.MODEL[14], *typeset.MODEL[-2:]]


@functools.cache
def samples() -> dict[str, bytes]:
    """A small good report in each format."""
    found = {
        "txt": typeset.txt(SHORT),
        "txt in gb18030": typeset.txt(SHORT, "gb18030"),
        "html": typeset.html(SHORT),
        "docx": typeset.docx(SHORT),
        "xlsx": typeset.xlsx(SHORT),
        "pdf": typeset_pdf.pdf(SHORT),
        "pdf without rules": typeset_pdf.pdf(SHORT[-2:], rules="none"),
        "web archive": b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=a\n\n--a\n"
        b"Content-Type: text/html; charset=utf-8\n\n" + typeset.html(SHORT) + b"\n--a--\n",
    }
    return found


@functools.cache
def pictures() -> dict[str, bytes]:
    """A small page as pictures of several kinds, and as a scan."""
    page = typeset_pdf.pictures(typeset_pdf.pdf(SHORT[:3]), dpi=40)[0]
    found = {"scan": typeset_pdf.bound([page], dpi=40)}
    for form in ("PNG", "JPEG", "TIFF"):
        file = io.BytesIO()
        page.save(file, form)
        found[form.lower()] = file.getvalue()
    return found


# What means something to one format or another.
_TOKENS = [
    *(b"\0", b"\xff", b"\xff\xfe", b"\r", b"\n\n", b"\t", b" " * 50, b"9" * 40, b"-1", b"1e999"),
    *(b"<table>", b"</td>", b"<tr>", b"<td rowspan=9999 colspan=9999>", b"<!--", b"]]>", b"&#x0;"),
    *(b"<w:tbl>", b"</w:tc>", b'w:val="-1"', b'w:val="99999999"', b"<w:p>", b"</w:p>", b"<w:vMerge/>"),
    *(b'r="ZZZ99"', b't="s"', b"<v>", b"</c>", b"<f>", b'ref="A1:XFD1048576"', b'numFmtId="999"'),
    *(b"endobj", b"endstream", b"/Length 0", b"/Kids[3 0 R]", b"0 0 R", b"<<", b">>", b"[", b"(", b" Do\n"),
    *(b"/Filter/FlateDecode", b"stream\n", b"/Rotate 90", b" Tm\n", b" re\n", b"q ", b"Q "),
    *("参保率".encode(), "%，".encode(), "万元".encode(), "2023年".encode(), "\u202e".encode(), b"\x81\x30"),
]  # fmt: skip


def mutated(data: bytes, chance: random.Random, times: int) -> bytes:
    """The bytes with some of them changed, dropped, doubled or put elsewhere."""
    made = bytearray(data)
    for _ in range(times):
        at = chance.randrange(len(made) + 1)
        length = int(chance.paretovariate(0.7)) % 2000
        way = chance.randrange(7)
        if way == 0 and made:
            made[min(at, len(made) - 1)] ^= 1 << chance.randrange(8)
        elif way == 1:
            del made[at : at + length]
        elif way == 2:
            made[at:at] = made[at : at + length] * chance.randrange(1, 4)
        elif way == 3:
            made[at:at] = chance.choice(_TOKENS) * int(chance.paretovariate(1)) ** 2
        elif way == 4:
            made[at : at + length] = chance.randbytes(length)
        elif way == 5:
            other = chance.randrange(len(made) + 1)
            made[at:at] = made[other : other + length]
        elif digits := [i for i, b in enumerate(made[:200_000]) if 48 <= b < 58]:
            made[chance.choice(digits)] = 48 + chance.randrange(10)
    return bytes(made[: 3 * len(data) + 10_000])


def mutated_inside(data: bytes, chance: random.Random, times: int) -> bytes:
    """A container with changes in one of its members, checksums right."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(members))
    members[name] = mutated(members[name], chance, times)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


@in_time
def check_file(data: bytes) -> None:
    """As `check_scan`, without what takes seconds a page: recognition, and LibreOffice."""
    available, scan.available = scan.available, lambda: False
    try:
        _check_file(data)
    finally:
        scan.available = available


@in_time
def check_scan(data: bytes) -> None:
    """A file is read, or ends as one issue that is no fault, and every quote is in its text."""
    _check_file(data)


def _check_file(data: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="xianbi-") as folder:
        path = Path(folder) / "report"
        path.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        source = Source("report", str(path), digest, len(data))
        office, legacy.office = legacy.office, lambda: None
        try:
            report = pipeline.read_report(source, DEFINITIONS)
        finally:
            legacy.office = office
    faults = [issue.message for issue in report.issues if issue.kind in ("fault", "memory_limit")]
    assert not faults, keep(data, faults[0])
    for issue in report.issues:
        assert issue.message, issue
        assert issue.action, issue
        assert len(issue.message) < 2000, keep(data, f"a message of {len(issue.message)}")
    if report.document is None:
        assert len(report.issues) == 1
        return
    check_document(report.document)
    for mention in report.mentions:
        assert report.document.text[mention.start : mention.end] == mention.quote
    # What the cache and the workers hand on is the same.
    told = reports.told(report)
    assert told


def check_document(document: Document) -> None:
    """Blocks are in order, and what they point at is there."""
    at = 0
    for block in document.blocks:
        assert at <= block.start <= block.end <= len(document.text), block
        at = block.end
        for cell in block.cells:
            assert block.start <= cell.start <= cell.end <= block.end, cell
            assert min(cell.row, cell.column) >= 0 < min(cell.rows, cell.columns), cell
    for place in document.places:
        assert 0 <= place.start <= place.end <= len(document.text), place


def keep(data: bytes, what: str) -> str:
    """Keeps a file that failed, and says where."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / hashlib.sha256(data).hexdigest()[:12]
    path.write_bytes(data)
    return f"{what} (kept as {path.relative_to(ROOT)})"


@st.composite
def files(draw: st.DrawFn, kinds: Callable[[], dict[str, bytes]] = samples) -> bytes:
    name = draw(st.sampled_from(sorted(kinds())))
    number = draw(st.integers(0, 2**32))
    times = draw(st.integers(1, 12))
    data, chance = kinds()[name], random.Random(number)
    note(f"{name}, changed {times} times from {number}")
    if name in ("docx", "xlsx") and chance.random() < 0.85:
        return mutated_inside(data, chance, times)
    return mutated(data, chance, times)


# --- words ---------------------------------------------------------------------------------------

_LABELS = sorted({e[:12] for i in DEFINITIONS.indicators.values() for e in i.examples})
_WORDS = [
    *("2023年", "上年", "2024年度", "1-6月", "截至2023年底", "全年", "年初", "较上年", "同比", "其中:"),
    *("98.5%", "100", "0", "1,234.56万元", "3.2亿元", "-5", "±", "12,34", "九十五点六%", "百分之", "万", "元"),
    *("1e5", "0.0000001%", "99999999999999999999万元", "1.2.3", "5‰", "——", "―", "/", "①", "⑴", "Ⅳ"),
    *("不低于", "以上", "控制在", "以内", "左右", "(含)", "≥", "<", "分别为", "、", ",", "。", ";", ":", "(", ")"),
    *("居民", "职工", "困难群众", "目标", "实际完成", "完成率", "较", "增长", "下降", "个百分点", "占", "达到"),
    *("填表人:张三", "联系电话:", "13800001111", "a@b.cn", "公示", "附件1", "一、", "(一)", "1.", "|", "\t", "\n"),
    *(" ", "\u3000", "\u00a0", "\u200b", "\u0301", "\U0001f4b0", "\ufeff", "ａ", "％", "９", "萬", "\u202e"),
]  # fmt: skip
_words = st.one_of(
    st.sampled_from(_WORDS),
    st.sampled_from(_WORDS),
    st.sampled_from(_LABELS),
    st.integers(0, 10**6).map(str),
    st.text(max_size=3),
)
# Lists of a length of their own: left alone, most would be short.
passages = st.integers(0, 30).flatmap(
    lambda n: st.lists(_words, min_size=n, max_size=n).map("".join)
)


@in_time
def check_quantities(text: str) -> None:
    """Quantities stand in order, do not overlap, and their numbers are numbers."""
    at = 0
    text = fold(text)
    for found in quantities.find(text):
        assert at <= found.start < found.end <= len(text), found
        assert found.value.is_finite(), found
        assert found.decimals >= 0, found
        at = found.end


@in_time
def check_words(lines: list[str]) -> None:
    """Paragraphs of any words give mentions that stand in the text, and mask what is private."""
    text, blocks = "", []
    for number, line in enumerate(lines):
        kind = "heading" if number % 3 == 0 else "paragraph"
        blocks.append(Block(kind, len(text), len(text) + len(line), int(kind == "heading")))
        text += fold(line) + "\n"
    check_report(Document(_NOWHERE, "text", "text", text, tuple(blocks)))


@in_time
def check_table(rows: list[list[tuple[str, int, int]]]) -> None:
    """A table of any cells, overlapping or ragged, gives mentions that stand in the text."""
    text, cells = "参保情况\n", []
    for row, line in enumerate(rows):
        for column, (words, wide, high) in enumerate(line):
            words = fold(words)
            cells.append(Cell(row, column, len(text), len(text) + len(words), high, wide))
            text += words + "\t"
        text += "\n"
    blocks = [Block("heading", 0, 4, 1), Block("table", 5, len(text), cells=tuple(cells))]
    check_report(Document(_NOWHERE, "text", "text", text, tuple(blocks)))


_NOWHERE = Source("report", "", "0" * 64, 0)


def check_report(document: Document) -> None:
    masked = private.masked(document)
    assert len(masked.text) == len(document.text)
    report = pipeline._read(masked.source, DEFINITIONS, {}, masked)
    for mention in report.mentions:
        assert masked.text[mention.start : mention.end] == mention.quote, mention
        assert mention.value.is_finite(), mention


# --- the corrections file ------------------------------------------------------------------------

_ENTRY = """[[corrections]]
document = "6b8614fc84"
county_code = "430511"
year = 2023
indicator = "self_evaluation_score"
action = "override"
expect = "94.5"
value = "97"
reason = "封面与批复都是 97"
"""
_PIECES = [
    *("[[corrections]]", "[corrections]", "[[", "]]", "document", "county_code", "year", "indicator"),
    *("action", "expect", "value", "reason", "by", "when", "subject", "basis", "population", "scenario"),
    *("=", '"', "'", '"""', "'''", "\n", "#", "\\u0000", "\\", "2023", "0x7e7", "nan", "inf", "-inf"),
    *("1e999", "1_0", "2023-02-30", "2023-01-01T00:00:00Z", "true", "[", "]", "{", "}", ",", "."),
    *('"override"', '"drop"', '"add"', '"accept"', '"participation_rate"', '"97"', '"１２"', '"٣"', '""'),
]  # fmt: skip


@st.composite
def toml_files(draw: st.DrawFn) -> bytes:
    pieces = st.one_of(st.sampled_from(_PIECES), st.text(max_size=5))
    if draw(st.booleans()):
        return " ".join(draw(st.lists(pieces, max_size=40))).encode("utf-8", "replace")
    made = _ENTRY * draw(st.integers(1, 3))
    for at, cut, piece in draw(
        st.lists(st.tuples(st.integers(0, len(made)), st.integers(0, 20), pieces), max_size=6)
    ):
        made = made[:at] + piece + made[at + cut :]
    return made.encode("utf-8", draw(st.sampled_from(["replace", "surrogatepass"])))


@in_time
def check_corrections(data: bytes) -> None:
    """A file of corrections is taken, or refused with complaints of one line each."""
    with tempfile.TemporaryDirectory(prefix="xianbi-") as folder:
        path = Path(folder) / "corrections.toml"
        path.write_bytes(data)
        try:
            found = corrections.load(path, DEFINITIONS)
            complaints = None
        except corrections.CorrectionError as error:
            found, complaints = (), error.complaints
        assert path.read_bytes() == data
    assert all(c.action in corrections.ACTIONS and c.reason for c in found)
    assert complaints is None or complaints
    assert all(c.strip() and "\n" not in c for c in complaints or ()), complaints


# --- running -------------------------------------------------------------------------------------

cells = st.tuples(passages.map(lambda t: t[:60]), st.integers(1, 4), st.integers(1, 4))
TARGETS: dict[str, tuple[st.SearchStrategy, Callable[..., None]]] = {
    "readers": (files(), check_file),
    "scans": (files(pictures), check_scan),
    "quantities": (passages, check_quantities),
    "prose": (st.lists(passages, max_size=6), check_words),
    "forms": (st.lists(st.lists(cells, max_size=6), max_size=8), check_table),
    "corrections": (toml_files(), check_corrections),
}


def run(target: str, examples: int, seed: int) -> int:
    """Checks some examples of a target; returns how many, raises what the smallest bad one does."""
    strategy, check = TARGETS[target]
    counted = 0

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def one(example: object) -> None:
        nonlocal counted
        counted += 1
        check(example)

    one()
    return counted


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1, help="how long (default 1)")
    parser.add_argument("--seed", type=int, default=1, help="where chance begins (default 1)")
    parser.add_argument("--target", choices=TARGETS, action="append", help="only this; repeatable")
    options = parser.parse_args()
    # A page takes seconds to recognise: pictures are tried when they are asked for.
    targets = options.target or [name for name in TARGETS if name != "scans"]
    counts, spent, failed = dict.fromkeys(targets, 0), dict.fromkeys(targets, 0.0), {}
    end, batch = time.monotonic() + 60 * options.minutes, 0
    while time.monotonic() < end:
        # Whichever target has had the least time comes next.
        target = min(targets, key=lambda name: spent[name])
        began = time.monotonic()
        try:
            counts[target] += run(target, BATCH, options.seed * 1_000_003 + batch)
        except Exception as error:
            counts[target] += 1
            frames = traceback.extract_tb(error.__traceback__)
            place = (
                type(error).__name__,
                *(f"{f.name}:{f.lineno}" for f in frames[-1:]),
                str(error)[:90],
            )
            if place not in failed:
                failed[place] = target
                print(f"--- {target}, batch {batch}:", flush=True)
                # Examples are printed too, and some have many kilobytes.
                told = "".join(traceback.format_exception(error, limit=-4)).splitlines()
                print(*(said[:300] for said in told), sep="\n")
        spent[target] += time.monotonic() - began
        batch += 1
    for target in targets:
        print(f"{target}: {counts[target]} examples in {spent[target] / 60:.1f} minutes")
    print(f"seed {options.seed}: {len(failed)} findings")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
