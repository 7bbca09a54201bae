"""The C of programs in tests/golden/lowering, as an engine has it: tests/golden/c/*.c.

What all files begin with is in one of its own, `prelude.h`; the others include it, so each is C that compiles.
"""

import re

import pytest
from golden_files import FOLDER, TARGET, first_words, generated, hold, paths

from mini_infer.codegen import thread_pool
from mini_infer.codegen.registry import EMITTERS
from mini_infer.codegen.vectors.vector import prelude
from mini_infer.program.fields import class_text

PRELUDE = FOLDER / "c" / "prelude.h"


def model_of(path):
    return FOLDER / "lowering" / f"{path.stem}.txt"


def test_what_others_include():
    hold(PRELUDE, prelude(TARGET.machine))
    hold(PRELUDE.with_name(thread_pool.HEADER_NAME), thread_pool.HEADER)


@pytest.mark.parametrize("path", paths("c", "c"), ids=lambda path: path.stem)
def test_code(path):
    text = generated(model_of(path))["mini_infer.c"]
    assert prelude(TARGET.machine) in text
    hold(path, numbered(text.replace(prelude(TARGET.machine), f'#include "{PRELUDE.name}"\n')))


def numbered(text):
    """Functions numbered in their order, where their names end in a digest of what they say: fewer lines change."""
    names = dict.fromkeys(re.findall(r"^(?:static )?\w+ (\w+_[0-9a-f]{8})\(", text, re.MULTILINE))
    for number, name in enumerate(names):
        text = text.replace(name, f"{name[:-9]}_{number}")
    return text


def test_every_emitter_is_somewhere():
    printed = set().union(*(first_words(model_of(path)) for path in paths("c", "c")))
    assert {kind.__name__ for kind in EMITTERS if class_text(kind) not in printed} == set()
