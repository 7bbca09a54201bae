"""Models and what lowering makes of them: the program, in tests/golden/lowering/*.txt."""

import pytest
from golden_files import compiled, first_words, hold, paths

from mini_infer.codegen.registry import EMITTERS
from mini_infer.program import format_program
from mini_infer.program.fields import class_text


@pytest.mark.parametrize("path", paths("lowering"), ids=lambda path: path.stem)
def test_lowering(path):
    artifact = compiled(path)
    hold(path, format_program(artifact.program))


def test_every_kernel_is_somewhere():
    printed = set().union(*map(first_words, paths("lowering")))
    assert {kind.__name__ for kind in EMITTERS if class_text(kind) not in printed} == set()
