"""What is installed is locked with its fingerprint, and what is optional stays optional."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
# What each extra brings, by the name it is imported by.
EXTRAS = {
    "doc": ["extractous"],
    "ocr": ["rapidocr", "onnxruntime", "cv2"],
    "cluster": ["distributed", "dask"],
    "parquet": ["pyarrow"],
}
WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
import importlib.util
find_spec = importlib.util.find_spec

def absent(name, package=None):
    return None if name.split(".")[0] in {missing!r} else find_spec(name, package)

importlib.util.find_spec = absent
from xianbi.__main__ import main as xianbi
from ingest.__main__ import main as ingest
if __name__ == "__main__":
    status = ingest(["build", "raw", "--out", "out", "--jobs", "1"])
    xianbi(["export", "--data", "out", "--out", "briefing", "--indicator", "参保率"])
    assert not set(sys.modules) & set({missing!r}), "imported all the same"
    sys.exit(status)
"""


def locked():
    """Each package of the lock with its version and the number of its fingerprints."""
    entries = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)
    for entry in entries:
        found = re.match(r"([A-Za-z0-9._-]+)==(\S+)", entry)
        if found:
            yield found[1].lower().replace("_", "-"), found[2], entry.count("--hash=sha256:")


def test_every_package_of_the_lock_has_one_version_and_fingerprints():
    entries = list(locked())
    assert len(entries) > 50
    assert [name for name, _, hashes in entries if not hashes] == []
    lines = [line for line in LOCK.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(lines) == len(entries), "and nothing else stands in it: no address, no file"
    assert "://" not in LOCK


def test_everything_the_project_needs_is_in_the_lock():
    names = {name for name, _, _ in locked()}
    wanted = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]
    for entry in wanted:
        name = re.match(r"[\w.-]+", entry).group().lower().replace("_", "-")
        assert name in names or isinstance(entry, dict), name


def test_every_extra_is_known_here():
    assert set(EXTRAS) == set(PROJECT["project"]["optional-dependencies"])


def test_without_any_extra_reports_are_read_and_charts_are_made(tmp_path):
    import typeset
    import typeset_pdf

    (tmp_path / "raw").mkdir()
    for name, content in {
        "a.txt": typeset.txt(typeset.MODEL),
        "b.pdf": typeset_pdf.pdf(typeset.MODEL[:9]),
        "c.docx": typeset.docx(typeset.MODEL[:9]),
        "d.xlsx": typeset.xlsx(typeset.MODEL[:9]),
    }.items():
        (tmp_path / "raw" / name).write_bytes(content)
    missing = sorted({module for modules in EXTRAS.values() for module in modules})
    (tmp_path / "without.py").write_text(WITHOUT.format(missing=missing), "utf-8")
    done = subprocess.run(
        [sys.executable, "without.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "briefing" / "briefing.pptx").is_file()
    assert "participation_rate" in (tmp_path / "out" / "mentions.csv").read_text("utf-8")
