"""A few of the examples that tests/fuzz.py tries for hours; what it found has cases of its own."""

import fuzz
import pytest


@pytest.mark.parametrize(
    ("target", "examples"), [(name, 25) for name in fuzz.TARGETS if name != "scans"]
)
def test_what_nobody_would_write_is_read_or_told(target, examples):
    assert fuzz.run(target, examples, seed=8) >= examples


def test_the_fuzzer_finds_what_it_looks_for(monkeypatch):
    """A rule that breaks is found, in its smallest form."""
    monkeypatch.setitem(fuzz.TARGETS, "quantities", (fuzz.passages, broken))
    with pytest.raises(AssertionError, match="has a percent"):
        fuzz.run("quantities", 200, seed=8)


def broken(text):
    assert "%" not in text, f"{text!r} has a percent"
