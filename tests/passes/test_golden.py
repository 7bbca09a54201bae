"""Models and what the whole pipeline makes of them, as text: tests/golden/passes/*.txt.

Above the rule stands the model, below it the graph and the journal. With MINI_INFER_REGENERATE=1 in the environment
the part below is written anew.
"""

import os
import re
from pathlib import Path

import pytest
from pass_checks import assert_same_meaning, graph_of

from mini_infer.interpreter import evaluate
from mini_infer.ir import format_graph
from mini_infer.passes import Journal, pipeline, run

FOLDER = Path(__file__).parents[1] / "golden" / "passes"
RULE = "-" * 100 + "\n"


def read(text):
    """The graph of a model's text; its first line may name constants and their shapes."""
    first, _, rest = text.partition("\n")
    if not first.startswith("constants:"):
        return graph_of(text)
    shapes = re.findall(r"(\w+)=([\d,]+)", first)
    return graph_of(rest, constants={name: tuple(map(int, shape.split(","))) for name, shape in shapes})


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_pipeline(path):
    model, _, expected = path.read_text().partition(RULE)
    before = read(model)
    journal = Journal()
    after = run(before, pipeline(evaluate), journal)
    decisions = "".join(
        f"{rewrite.pass_name}: {rewrite.node}: {'' if rewrite.made else 'refused: '}{rewrite.text}\n"
        for rewrite in journal.rewrites
    )
    actual = f"{format_graph(after)}\n{decisions}"
    if os.environ.get("MINI_INFER_REGENERATE"):
        path.write_text(f"{model}{RULE}{actual}")
    else:
        assert actual == expected
    assert_same_meaning(before, after)
