"""The documents name only commands and options that there are, and the two READMEs say the same."""

import re
from pathlib import Path

import pytest

from mini_infer.cli.parser import COMMANDS, build, configured

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("README*.md"), ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*/README.md")]
)
OTHERS = re.compile(r"pip |pytest|scripts/|apt-get |benchmarks/|python3? |cl |zig |\$CC|gcc |clang ")
"""What begins a command of somebody else, whose options are not ours."""

BENCHMARKS = {"--made", "--goals"}
"""Options of benchmarks/placement.py."""

FLAG = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")


@pytest.fixture(scope="module")
def flags():
    """Command → its options; the empty name: those of all."""
    found = {name: set(parser._option_string_actions) for name, parser in configured()}
    return {**found, "": set(build()._option_string_actions).union(*found.values())}


def lines(path):
    """Every line that may name an option of ours."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not OTHERS.search(line)]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_option_exists(path, flags):
    for line in lines(path):
        for flag in FLAG.findall(line):
            assert flag in flags[""] | BENCHMARKS, f"{path.name}: {line}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_exists_and_takes_its_options(path, flags):
    for line in lines(path):
        for name, rest in re.findall(r"(?:^\$ |`)mini-infer ([a-z]+)([^`#|]*)", line):
            assert name in COMMANDS, line
            assert set(FLAG.findall(rest)) <= flags[name], line


def shape(path):
    """What both languages share: headings' levels, commands, table cells without words, links."""
    text = path.read_text(encoding="utf-8")
    commands = re.findall(r"^\$ ([^#\n]*?) *(?:#.*)?$", text, re.MULTILINE)
    rows = [re.findall(r"[\d.,]+", row) for row in re.findall(r"^\|.*\d.*\|$", text, re.MULTILINE)]
    links = [link for link in re.findall(r"\]\(([^)]*)\)", text) if not link.startswith("README")]
    return re.findall(r"^#+", text, re.MULTILINE), commands, rows, links


def test_the_readmes_are_in_step():
    english, chinese = (shape(ROOT / name) for name in ("README.md", "README.zh-CN.md"))
    assert english == chinese
