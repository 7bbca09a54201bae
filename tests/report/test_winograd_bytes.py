import numpy as np
from onnx import TensorProto, helper, numpy_helper

import mini_infer
from mini_infer.report.facts import winograd_bytes
from mini_infer.report.plan.text import plan_text


def two_convolutions():
    """64 channels, windows of 3x3, the same weights twice: Winograd's method wins where speed counts."""
    rng = np.random.default_rng(0)
    weights = numpy_helper.from_array(rng.standard_normal((64, 64, 3, 3)).astype(np.float32), "w")
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], pads=[1] * 4),
        helper.make_node("Conv", ["a", "w"], ["y"], pads=[1] * 4),
    ]
    ports = [[helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 64, 56, 56])] for name in "xy"]
    graph = helper.make_graph(nodes, "g", *ports, [weights])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def test_what_winograds_method_adds_is_told():
    fast, small = (
        mini_infer.build(two_convolutions(), target="x86-64-v3", optimize=goal) for goal in ("speed", "memory")
    )
    added = winograd_bytes(fast.program)
    assert added == fast.weight_bytes - small.weight_bytes == (36 - 9) * 64 * 64 * 4
    said = plan_text("g", fast.largest, fast.memory)
    assert f"Winograd's method, chosen for speed, adds {added:,} bytes (442 kB) to the weights" in said
    assert winograd_bytes(small.program) == 0
    assert "Winograd" not in plan_text("g", small.largest, small.memory)
