"""Register tiles of 8-bit convolutions where there are no vectors."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from mini_infer import compiler
from mini_infer.export import stand_in
from mini_infer.machine import MACHINES
from mini_infer.program.kernels import TiledContraction


def _model():
    """A window of many numbers, one of a few in a row, and none."""
    shapes = {"long": (8, 8, 3, 3), "short": (8, 1, 5, 4), "alone": (8, 8, 1, 1)}
    random = np.random.default_rng(0)
    constants = {name: random.integers(-99, 99, shape, dtype=np.int8) for name, shape in shapes.items()}
    constants |= {"scale": np.float32(0.01), "zero": np.int8(0)}
    nodes, before = [], "x"
    for name in ("short", "long", "alone"):
        operands = [before, "scale", "zero", name, "scale", "zero", "scale", "zero"]
        nodes.append(helper.make_node("QLinearConv", operands, [f"{name}_y"], name))
        before = f"{name}_y"
    ports = [("x", [1, 1, 16, 16]), (before, [1, 8, 10, 11])]
    values = [[helper.make_tensor_value_info(name, TensorProto.INT8, shape)] for name, shape in ports]
    initializers = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "small", *values, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


@pytest.mark.parametrize(
    ("machine", "tiles"), [("cortex-m0plus", [(1, 2), (3, 1), (1, 2)]), ("cortex-m3", [(2, 2), (2, 2), (2, 2)])]
)
def test_sums_leave_registers_for_numbers(machine, tiles):
    """Of eight registers: three rows where a window's row has many numbers, two columns elsewhere."""
    program = compiler.build(_model(), target=stand_in(MACHINES[machine]), optimize="speed").program
    kernels = [call.kernel for step in program.steps for call in step.calls]
    found = [(each.tile.rows, each.tile.block) for each in kernels if isinstance(each, TiledContraction)]
    assert found == tiles
