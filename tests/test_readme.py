"""Both READMEs name every command, option, table, notebook, dependency and make target."""

import argparse
import re
import tomllib
from pathlib import Path

import pytest

from ingest.__main__ import _parser as ingest
from ingest.output.tables import TABLES
from xianbi.__main__ import VERBS
from xianbi.__main__ import _export_parser as export

ROOT = Path(__file__).parents[1]
NAMES = ("README.md", "README.zh-CN.md")
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in NAMES}


@pytest.fixture(params=NAMES)
def readme(request):
    return TEXTS[request.param]


def spoken(parser, command):
    """Every command line word that a parser takes, as `command option`."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                yield f"{command} {name}", None
                yield from spoken(sub, f"{command} {name}")
        elif not isinstance(action, argparse._HelpAction):
            for option in action.option_strings or [action.metavar or action.dest.upper()]:
                if option.startswith("--") or not action.option_strings:
                    yield command, option


def test_every_command_and_option_stands_in_the_readme(readme):
    named = dict.fromkeys([*spoken(ingest("xianbi"), "xianbi"), *spoken(export(), "xianbi export")])
    assert {command for command, _ in named} == {f"xianbi {verb}" for verb in VERBS}
    missing = [
        f"{command} {option or ''}".strip()
        for command, option in named
        if not re.search(rf"^#+ `{command}\b", readme, re.MULTILINE)
        or (option and option not in section(command, readme))
    ]
    assert missing == []


def section(command, readme):
    """The README's section about a command: from its heading to the next."""
    found = re.search(rf"^#+ `{command}\b.*?(?=^#+ |\Z)", readme, re.MULTILINE | re.DOTALL)
    return found.group() if found else ""


def test_every_dependency_is_explained(readme):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    entries = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = [re.match(r"[\w.-]+", entry).group() for entry in entries]
    assert [name for name in names if f"`{name}`" not in readme] == []


def test_every_make_target_is_named_and_the_two_that_matter_first(readme):
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE).group(1)
    targets = [target for target in targets.split() if target != "all"]
    assert [target for target in targets if f"`make {target}`" not in readme] == []
    screen = readme[: readme.index("\n## ")]
    assert "\nmake\n" in screen
    assert "\nmake test" in screen


def test_every_table_is_explained(readme):
    tables = [table.name for table in TABLES]
    assert [table for table in tables if f"`{table}.csv`" not in readme] == []


def test_every_notebook_is_named(readme):
    names = [notebook.stem for notebook in (ROOT / "notebooks").glob("*.ipynb")]
    assert len(names) >= 8
    assert [name for name in names if name not in readme] == []


def test_both_readmes_have_the_same_sections_and_the_same_code():
    one, other = (outline(TEXTS[name]) for name in NAMES)
    assert one == other


def outline(text):
    """The levels of the headings and the code, comments and quoted words of the language aside."""
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    code = [re.sub(r"#.*|[\u4e00-\u9fff]+", "", block).split() for _, block in fences]
    plain = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return [len(level) for level in re.findall(r"^(#+) ", plain, re.MULTILINE)], code
