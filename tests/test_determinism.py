"""The same reports give the same bytes, wherever and however the build runs."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typeset
import typeset_pdf

ROOT = Path(__file__).parent.parent
# Lists the entries of a folder in another order than the disk does, then runs the command.
SHUFFLED = """
import os, random, runpy, sys
scandir, listdir, chance = os.scandir, os.listdir, random.Random(8)

class Entries(list):
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def close(self): pass

def shuffled(entries):
    return chance.sample(entries, len(entries))

os.scandir = lambda *given: Entries(shuffled(list(scandir(*given))))
os.listdir = lambda *given: shuffled(listdir(*given))
sys.argv = sys.argv[:1] + sys.argv[1:]
from ingest.__main__ import main
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""
MACHINES = [
    ({"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONUTF8": "0"}, ["--jobs", "1"]),
    ({"LC_ALL": "zh_CN.GB18030", "TZ": "Asia/Shanghai", "PYTHONHASHSEED": "1"}, ["--jobs", "3"]),
    ({"LC_ALL": "tr_TR.UTF-8", "TZ": "America/St_Johns", "PYTHONHASHSEED": "987654"}, []),
]


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """Reports of every format that needs no other program, some of them of one county."""
    folder = tmp_path_factory.mktemp("same") / "raw"
    folder.mkdir()
    short = typeset.MODEL[:9]
    for name, content in {
        "一.txt": typeset.txt(short),
        "b.html": typeset.html(short),
        "B.docx": typeset.docx(short),
        "é.xlsx": typeset.xlsx(typeset.MODEL),
        "Ａ.pdf": typeset_pdf.pdf(short),
        "broken.pdf": typeset_pdf.pdf(short)[:5000],
    }.items():
        (folder / name).write_bytes(content)
    shutil.copy(ROOT / "data/raw/hunan/beita-2023.txt", folder)
    for number in range(4):
        other = typeset.txt(short).replace(b"2023", f"{2019 + number}".encode())
        (folder / f"{random.Random(number).random()}.txt").write_bytes(other)
    (folder.parent / "shuffled.py").write_text(SHUFFLED, "utf-8")
    return folder


def built(raw, number):
    settings, options = MACHINES[number]
    place = raw.parent / f"machine {number}"
    # Another place, other dates of the files.
    shutil.copytree(raw, place / "raw", copy_function=shutil.copyfile)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LC_")}
    environment |= settings | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, raw.parent / "shuffled.py", "build", "raw", "--out", "out"]
    done = subprocess.run(
        [*command, *options], cwd=place, env=environment, capture_output=True, text=True
    )
    assert "broken.pdf" in done.stderr, done.stderr
    return {path.name: path.read_bytes() for path in (place / "out").iterdir()}


def test_locale_time_zone_hash_seed_order_of_files_and_processes_change_no_byte(raw):
    first, *others = (built(raw, number) for number in range(len(MACHINES)))
    assert len(first["mentions.csv"].splitlines()) > 70
    for other in others:
        assert other.keys() == first.keys()
        assert [name for name in first if other[name] != first[name]] == []
