"""How fast reports are read, against the least and the most that reading a PDF can cost.

    python benchmarks/speed.py                       100 and 3,000 reports: 20 minutes on two cores
    python benchmarks/speed.py --sizes 30,300        the same in some minutes
    python benchmarks/speed.py --corpus DIR          keeps the reports typeset, and uses them again

Run by hand. Reports are typeset as the tests do it: nine pages, forms, seeded figures, ten years of a county, no
two alike. Measured in turn, each in a process of its own, and again: `floor`, the
text of every page by pdfium and nothing else; `job`, the whole build in one process; `pdfplumber`,
the whole build where pdfplumber reads every page: its text and tables are taken as its users take
them, and what they hold (its characters, and the cells it found) goes the same way as pdfium's
does, through the same extraction, into the same tables. The mentions of both are compared. Then
one process and two, in turn, on the large corpus. Ratios are of medians; they matter, absolute times
are of the machine.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ingest.documents.readers.layout import Page
    from ingest.records import Document, Source

ROOT = Path(__file__).resolve().parent.parent
SEED, YEARS, FIRST_YEAR = 20240501, 10, 2015
FILLER = 53
"""Paragraphs without a figure of any indicator. With them 1,000 characters hold as many figures of
indicators (9) and numbers (36) as four published reports that were counted (9; 22 to 42),
and a report has nine pages; 2,850 counties' reports of a year have some 30,000.
"""

_SUBJECTS = ("窗口服务", "基金监管", "档案整理", "政策宣讲", "系统维护", "培训工作", "信访接待")
_DOINGS = (
    "由专人负责，每月对照{}项清单逐项核对，发现差错当日改正并登记在册",
    "坚持先易后难，分片包干，走访了辖区内{}个乡镇和社区，听取了群众意见",
    "修订了内部流程{}项，减少了材料份数，把办理时限压缩到规定期限之内",
    "同财政、民政、卫生健康等部门建立了会商办法，数据按季度比对，全年{}次",
    "组织干部职工学习了有关文件{}份，结合岗位职责开展讨论，形成了整改台账",
)


class Measured(NamedTuple):
    """What a run took: seconds by its own clock or around it, and the most memory it held."""

    seconds: float
    megabytes: float


# --- the corpus ----------------------------------------------------------------------------------


def typeset_corpus(folder: Path, number: int, part: int = 0, parts: int = 1) -> None:
    """Typesets one of several parts of `number` reports into a folder; what is there is left."""
    sys.path.insert(0, str(ROOT / "tests"))
    import typeset
    import typeset_pdf

    folder.mkdir(parents=True, exist_ok=True)
    for at, county in enumerate(_counties(-(-number // YEARS))):
        if at % parts != part:
            continue
        for year in range(FIRST_YEAR, FIRST_YEAR + min(YEARS, number - at * YEARS)):
            path = folder / f"{at:03}-{year}.pdf"
            if not path.exists():
                report = list(_report(typeset.MODEL, county, year, Random(f"{SEED} {at} {year}")))
                path.write_bytes(typeset_pdf.pdf(report, furniture="—{page}—"))


def typeset(folder: Path, number: int) -> None:
    """Typesets a corpus, in as many processes as there are cores."""
    parts = os.cpu_count() or 1
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, "--typeset", *map(str, (folder, number, part, parts))]
        )
        for part in range(parts)
    ]
    if any(process.wait() for process in processes):
        raise SystemExit(f"speed: {folder}: the reports could not be typeset")


def _counties(number: int) -> list[str]:
    """So many counties whose name is theirs alone."""
    with (ROOT / "src/ingest/codebook/common/counties.csv").open(encoding="utf-8") as file:
        names = [row["name"] for row in csv.DictReader(file) if row["level"] == "county"]
    alone = [name for name in names if names.count(name) == 1 and name.endswith("县")]
    return Random(SEED).sample(alone, number)


def _report(model: Sequence[tuple], county: str, year: int, chance: Random) -> Iterator[tuple]:
    scale = chance.uniform(0.6, 1.6)

    def told(words: str) -> str:
        words = words.replace("祁门县", county)
        words = re.sub(r"202[234]", lambda found: str(int(found.group()) + year - 2023), words)
        return re.sub(
            r"(?<![\d.,])\d+\.\d\d(?![\d%])", lambda f: f"{float(f.group()) * scale:.2f}", words
        )

    for block in model:
        if block[0] == "table":
            yield (
                "table",
                [
                    [told(c) if isinstance(c, str) else (told(c[0]), *c[1:]) for c in row]
                    for row in block[1]
                ],
            )
            continue
        yield (*block[:-1], told(block[-1]))
        if block[-1].startswith("四、"):
            for _ in range(FILLER):
                subjects = chance.sample(_SUBJECTS, 3)
                words = "；".join(f"{subject}{chance.choice(_DOINGS)}" for subject in subjects)
                words = re.sub("{}", lambda _: str(chance.randint(2, 300)), words)
                yield ("paragraph", f"{words}。")


# --- the ways of reading, each run in a process of its own ----------------------------------------


def floor(raw: Path, _: Path) -> None:
    import pypdfium2

    for path in sorted(raw.glob("*.pdf")):
        file = pypdfium2.PdfDocument(path.read_bytes())
        for page in file:
            text = page.get_textpage()
            text.get_text_range()
            text.close()
            page.close()
        file.close()


def job(raw: Path, scratch: Path) -> None:
    from ingest import pipeline
    from ingest.codebook import loading

    pipeline.build(raw, scratch / "out", loading.load())


def plumber(raw: Path, scratch: Path) -> None:
    from ingest import pipeline
    from ingest.codebook import loading
    from ingest.documents import readers
    from ingest.documents.readers import pdf

    readers.READERS = (readers.Reader("pdf", pdf.matches, _read_by_pdfplumber),)
    pipeline.build(raw, scratch / "out", loading.load())


def _read_by_pdfplumber(source: Source, data: bytes) -> Document:
    import pdfplumber

    from ingest.documents.readers import pages

    found = []
    with pdfplumber.open(io.BytesIO(data)) as file:
        for page in file.pages:
            page.extract_text()
            tables = page.find_tables()
            for table in tables:
                table.extract()
            found.append(_page_of(page, tables))
            page.close()
    return pages.document(source, "pdf", "pdfplumber", found)


def _page_of(page: Any, tables: Sequence[Any]) -> Page:
    """What pdfplumber found on a page, as a page to be laid out: its characters, its cells."""
    from ingest.documents.glyphs import fold
    from ingest.documents.readers.layout import Page, Rules
    from ingest.documents.readers.pdf import _by_character

    printed = [c for c in page.chars if c["text"].strip()]
    boxes = [(c["x0"], c["top"], c["x1"], c["bottom"]) for c in printed]
    runs = _by_character(fold("".join(c["text"] for c in printed)), boxes)
    cells = [cell for table in tables for cell in table.cells if cell]
    level = [(y, x0, x1) for x0, top, x1, bottom in cells for y in (top, bottom)]
    upright = [(x, top, bottom) for x0, top, x1, bottom in cells for x in (x0, x1)]
    return Page(page.page_number, page.width, page.height, runs, Rules(level, upright))


WAYS: dict[str, Callable[[Path, Path], None]] = {"floor": floor, "job": job, "pdfplumber": plumber}


def run_way(name: str, raw: Path, scratch: Path) -> float:
    """Runs one way in this process; its imports are not counted."""
    import openpyxl  # noqa: F401
    import pdfplumber  # noqa: F401
    import pypdfium2  # noqa: F401

    if name != "floor":
        from ingest import pipeline  # noqa: F401
    started = time.perf_counter()
    WAYS[name](raw, scratch)
    return time.perf_counter() - started


# --- measuring -----------------------------------------------------------------------------------


def measured(*arguments: object) -> Measured:
    """Runs Python with these arguments; a number that it prints last is its own time."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        printed = process.stdout.read().split()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"speed: {' '.join(map(str, arguments))} ended with {process.returncode}")
    seconds = time.perf_counter() - started
    own = re.fullmatch(r"\d+\.\d+", printed[-1]) if printed else None
    return Measured(float(printed[-1]) if own else seconds, usage.ru_maxrss / 1024)


def build(raw: Path, out: Path, *options: str) -> Measured:
    return measured("-m", "ingest", "build", raw, "--out", out, *options)


def median(runs: Sequence[Measured]) -> Measured:
    return Measured(*(statistics.median(values) for values in zip(*runs, strict=True)))


def pages_of(raw: Path) -> int:
    code = (
        "import sys, pathlib, pypdfium2; print(sum(len(pypdfium2.PdfDocument(p)) "
        "for p in pathlib.Path(sys.argv[1]).glob('*.pdf')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, raw], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def compare_ways(raw: Path, scratch: Path, rounds: int) -> None:
    pages = pages_of(raw)
    print(f"{len(list(raw.glob('*.pdf')))} reports, {pages} pages, {rounds} rounds in turn")
    runs: dict[str, list[Measured]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name in WAYS:
            runs[name].append(measured(__file__, "--way", name, raw, scratch / name))
    middle = {name: median(runs[name]) for name in WAYS}
    print(f"{'way':<12}{'pages/s':>9}{'ms/page':>9}{'of floor':>10}{'peak MB':>9}")
    for name, run in middle.items():
        times = run.seconds / middle["floor"].seconds
        print(
            f"{name:<12}{pages / run.seconds:>9.0f}{1000 * run.seconds / pages:>9.1f}"
            f"{times:>10.1f}{run.megabytes:>9.0f}"
        )
    faster = middle["pdfplumber"].seconds / middle["job"].seconds
    print(f"the job is {faster:.1f} times faster than pdfplumber on every page")
    ours, theirs = (_mentions(scratch / name / "out") for name in ("job", "pdfplumber"))
    alike = sum((ours & theirs).values())
    print(f"{alike} mentions are the same, of {ours.total()} and {theirs.total()}")


def _mentions(out: Path) -> Counter[tuple[str, ...]]:
    """What the mentions of a build state and where, but for their numbers and offsets."""
    with (out / "mentions.csv").open(encoding="utf-8", newline="") as file:
        own = ("mention_id", "block", "start", "end")
        return Counter(
            tuple(value for name, value in row.items() if name not in own)
            for row in csv.DictReader(file)
        )


def compare_sizes(small: Path, large: Path, scratch: Path, rounds: int) -> None:
    numbers = [len(list(raw.glob("*.pdf"))) for raw in (small, large)]
    runs: dict[str, list[Measured]] = {"small": [], "one": [], "two": []}
    again: list[Measured] = []
    other: list[Measured] = []
    for _ in range(rounds):
        for name, raw, jobs in (("small", small, 1), ("two", large, 2), ("one", large, 1)):
            runs[name].append(build(raw, scratch / name / "out", "--jobs", str(jobs)))
            if name == "one":
                again.append(build(raw, scratch / name / "out", "--jobs", "1"))
                other.append(build(raw, scratch / name / "other", "--jobs", "1"))
            shutil.rmtree(scratch / name)
    first, second, two = (median(runs[name]) for name in ("small", "one", "two"))
    print(
        f"{numbers[1]} reports take {second.seconds / first.seconds:.1f} times as long as "
        f"{numbers[0]} ({second.seconds:.1f} s and {first.seconds:.1f} s), and "
        f"{second.megabytes / first.megabytes:.2f} times the memory "
        f"({second.megabytes:.0f} MB and {first.megabytes:.0f} MB)"
    )
    for what, run in (("unchanged", median(again)), ("unchanged, tables elsewhere", median(other))):
        print(
            f"{what}: {run.seconds:.1f} s, {100 * run.seconds / second.seconds:.1f} % of the first "
            f"build, {run.megabytes:.0f} MB"
        )
    print(
        f"2 processes: {second.seconds / two.seconds:.2f} times as fast as 1 ({two.seconds:.1f} s and "
        f"{second.seconds:.1f} s), {two.megabytes:.0f} MB in the first of them"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", default="100,3000", metavar="A,B", help="numbers of reports")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="runs of each way")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="keep the typeset reports here")
    parser.add_argument("--typeset", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--way", nargs=3, metavar=("NAME", "RAW", "DIR"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.typeset:
        folder, *numbers = options.typeset
        typeset_corpus(Path(folder), *map(int, numbers))
        return
    if options.way:
        name, raw, scratch = options.way
        print(f"{run_way(name, Path(raw), Path(scratch)):.6f}")
        return
    small, large = (int(size) for size in options.sizes.split(","))
    print(f"{date.today()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    # This process imports nothing large: what it holds would count as its children's memory.
    with tempfile.TemporaryDirectory(prefix="xianbi-speed-") as name:
        scratch = Path(name)
        corpus = options.corpus or scratch / "corpus"
        for size in (small, large):
            typeset(corpus / str(size), size)
        compare_ways(corpus / str(small), scratch, options.rounds)
        compare_sizes(corpus / str(small), corpus / str(large), scratch, options.rounds - 1 or 1)


if __name__ == "__main__":
    main()
