"""What the documents show works: every `mini-infer` command in a console block is run, in order, in its own folder.

Lines below a command are its output, in order; three dots stand for the rest of a line, or alone for any lines. A
comment `# exit code N` says how the command ends.
"""

import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest
from documents import run_python

from mini_infer.cli import COMMANDS, main

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("README*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/[!d]*/*.md")]
)
LONG = ("docs/usage.md", "docs/sizes.md", "docs/quantization.md", "docs/tutorials/ocr.md")
"""Those whose commands take seconds, besides the Chinese ones, which have the English commands."""
MADE_BY_PYTHON = "docs/tutorials/pytorch"
"""Begins the name of what works on the files that its Python makes."""

NEEDS = {"plan-tflite": "tflite_micro"}
"""Command → the package without which it is not run here."""

ELSEWHERE = ("serve", "python")
"""Commands that end by a signal, or run a program of their own: their own tests run them."""

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(document):
    """Each command of mini-infer with the lines shown below it."""
    found = []
    for block in BLOCK.findall((ROOT / document).read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            if command.startswith("mini-infer "):
                found.append((command, shown.splitlines()))
    return found


def present():
    return [document for document in DOCUMENTS if (ROOT / document).exists() and commands(document)]


@pytest.mark.parametrize(
    "document",
    [pytest.param(name, marks=[pytest.mark.slow] if name in LONG or "zh-CN" in name else []) for name in present()],
)
def test_every_command_does_what_is_shown(document, folder, capsys):
    if document.startswith(MADE_BY_PYTHON):
        pytest.importorskip("torch")
        run_python(ROOT / document, folder)
    for command, shown in commands(document):
        if command.split()[1] in ELSEWHERE:
            continue
        if (needed := NEEDS.get(command.split()[1])) and find_spec(needed) is None:
            continue
        expected = re.search(r"# exit code (\d+)", command)
        status = main(shlex.split(command, comments=True)[1:])
        said = capsys.readouterr()
        assert status == int(expected[1] if expected else 0), f"{command}\n{said.err}"
        matches(command, shown, (said.out + said.err).splitlines())


def matches(command, shown, printed):
    """Check that the lines shown were printed, in order, with others only where dots stand."""
    if not shown:
        return
    lines = ("(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + "\n" for line in shown)
    pattern = "".join(lines)
    text = "".join(line.rstrip() + "\n" for line in printed)
    assert re.fullmatch(pattern + "\n*", text), f"{command}\nshown:\n" + "\n".join(shown) + f"\nprinted:\n{text}"


def test_usage_has_every_command():
    used = {command.split()[1] for command, _ in commands("docs/usage.md")}
    assert used >= set(COMMANDS) - {"demo", *ELSEWHERE}
