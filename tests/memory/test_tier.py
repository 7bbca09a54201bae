"""Streams are the same whether they are chosen by interpreting, by compiled code, or by one after the other."""

import subprocess
import sys

import pytest

from mini_infer.demo import assets

CODE = """
import sys
import mini_infer as mi
from mini_infer import streaming
from mini_infer.memory import tier

tier.SOON = tier.LATE = float(sys.argv[1])
streaming.MANY = sys.maxsize
artifact = mi.build(sys.argv[2], optimize="memory", time_limit=0)
streams = [step.stream for step in artifact.program.steps]
print("numba" in sys.modules, artifact.plan.size, artifact.plan.offsets, streams)
"""


def chosen(seconds, model):
    """Whether numba was loaded, and what came out."""
    command = [sys.executable, "-c", CODE, str(seconds), str(model)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded, _, rest = done.stdout.partition(" ")
    return loaded, rest


def pyramid(path):
    """Convolutions on an image whose middle is large."""
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    rng = np.random.default_rng(0)
    nodes, weights, before, channels = [], [], "x", 2
    for index, wide in enumerate((8, 16, 16, 8, 4)):
        weight = rng.standard_normal((wide, channels, 3, 3)).astype(np.float32)
        weights.append(numpy_helper.from_array(weight, f"w{index}"))
        nodes.append(helper.make_node("Conv", [before, f"w{index}"], [f"c{index}"], pads=[1] * 4))
        nodes.append(helper.make_node("Relu", [f"c{index}"], [f"r{index}"]))
        before, channels = f"r{index}", wide
    nodes.append(helper.make_node("GlobalAveragePool", [before], ["y"]))
    graph = helper.make_graph(
        nodes,
        "pyramid",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 2, 40, 24])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, 4, 1, 1])],
        weights,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), path)
    return path


def test_a_small_model_needs_no_numba():
    assert chosen(60, assets.MODEL)[0] == "False"


@pytest.mark.slow
def test_streams_are_the_same_either_way(tmp_path):
    model = pyramid(tmp_path / "pyramid.onnx")
    (interpreted, first), (compiled, second), (changed, third) = (chosen(s, model) for s in (60, 0, 0.02))
    assert (interpreted, compiled, changed) == ("False", "True", "True")
    assert first == second == third
    assert "Stream(" in first
