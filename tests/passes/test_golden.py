"""Models and what the whole pipeline makes of them: the graph and the remarks, in tests/golden/passes/*.txt."""

import pytest
from all_passes import pipeline
from golden_files import hold, model_text, paths, read_model
from pass_checks import assert_same_meaning

from mini_infer import frontend
from mini_infer.interpreter import evaluate
from mini_infer.ir import format_graph
from mini_infer.passes import Remarks, run


@pytest.mark.parametrize("path", paths("passes"), ids=lambda path: path.stem)
def test_pipeline(path):
    model, _ = read_model(model_text(path))
    before = frontend.read(model, evaluate=evaluate)
    remarks = Remarks()
    after = run(before, pipeline(), remarks)
    decisions = "".join(
        f"{rewrite.pass_name}: {rewrite.node}: {'' if rewrite.applied else 'missed: '}{rewrite.text}\n"
        for rewrite in remarks.entries
    )
    hold(path, f"{format_graph(after)}\n{decisions}")
    assert_same_meaning(before, after)
