"""The Python that the documents show runs, in both languages."""

import re
from importlib.util import find_spec

import pytest
from documents import ROOT, python_of, run_python

PRINTED = {"quickstart": "4480 4480 True\n7\n"}


def documents():
    """Every document with Python."""
    for path in sorted([*ROOT.glob("README*.md"), *ROOT.glob("docs/**/*.md")]):
        if python_of(path):
            yield pytest.param(path, id=path.relative_to(ROOT).as_posix(), marks=pytest.mark.slow)


@pytest.mark.parametrize("path", list(documents()))
def test_every_block_runs(path, folder):
    imported = re.findall(r"^(?:import|from) (\w+)", python_of(path), re.MULTILINE)
    if missing := [name for name in imported if find_spec(name) is None]:
        pytest.skip(f"needs {missing[0]}")
    printed = run_python(path, folder)
    stem = path.name.partition(".")[0]
    if stem in PRINTED:
        assert printed == PRINTED[stem]
