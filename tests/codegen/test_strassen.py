from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from driver import FEW, MACHINES, SEEDS, Case, check
from hypothesis import given
from machines import WIDTHS
from onnx import helper

from mini_infer import lowering
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.lowering.contraction import gemm, strassen
from mini_infer.objective import OBJECTIVES, Preference
from mini_infer.program.kernels import TiledContraction
from mini_infer.program.kernels.contraction.strassen import StrassenGemm


def small_products_too(rng, chosen):
    """Strassen's method for whatever can be split, and short segments; what was chosen is put into a list."""

    def choose(shape, epilogue, build):
        rates = replace(build.machine.rates, strassen_rows=2, strassen_half=1, strassen_k_block=segment)
        machine, preference = replace(build.machine, rates=rates), Preference(OBJECTIVES["speed"])
        chosen.append(strassen.strassen(shape, epilogue, replace(build, machine=machine, preference=preference)))
        return chosen[-1]

    segment = int(rng.choice([16, 32, 64]))
    return patch.object(gemm, "strassen", choose)


@pytest.mark.parametrize("machine", MACHINES)
@FEW
@given(seed=SEEDS)
def test_products_by_quarters(seed, machine):
    rng = np.random.default_rng(seed)
    cases = []
    for _ in range(8):
        rows, depth = int(rng.choice([2, 3, 7, 16, 33, 50])), 2 * 16 * int(rng.integers(1, 5))
        columns = 2 * 16 * int(rng.integers(1, 6))
        op = str(rng.choice(["Gemm", "MatMul"]))
        transposed = op == "Gemm" and rng.random() < 0.5
        a, b, bias, residual = (
            rng.standard_normal(shape).astype(np.float32)
            for shape in ((rows, depth), (columns, depth) if transposed else (depth, columns), columns, (rows, columns))
        )
        if op == "Gemm":
            body = [helper.make_node("Gemm", ["x0", "x1", "x2"], ["v"], transB=int(transposed))]
        else:
            body = [helper.make_node("MatMul", ["x0", "x1"], ["w"]), helper.make_node("Add", ["w", "x2"], ["v"])]
        inputs = [a, b, bias]
        match rng.integers(0, 4):
            case 0:
                inputs.append(residual)
                body.append(helper.make_node("Add", ["x3", "v"], ["y0"]))
            case 1:
                inputs.append(residual)
                body += [helper.make_node("Relu", ["v"], ["z"]), helper.make_node("Add", ["x3", "z"], ["y0"])]
            case _:
                body.append(helper.make_node(str(rng.choice(["Gelu", "Softplus", "Relu", "Identity"])), ["v"], ["y0"]))
        cases.append(Case(op, inputs, body=body, constants=frozenset({1, 2})))
    chosen = []
    with small_products_too(rng, chosen):
        check(cases, rtol=1e-4, atol=1e-4, machine=machine)
    assert sum(method is not None for method in chosen) >= len(cases) // 4


def test_a_product_without_bias_or_epilogue():
    rng = np.random.default_rng(0)
    case = Case(
        "MatMul", [rng.standard_normal(s).astype(np.float32) for s in ((9, 64), (64, 96))], constants=frozenset({1})
    )
    chosen = []
    with small_products_too(rng, chosen):
        check([case], rtol=1e-4, atol=1e-4)
    assert chosen[0] is not None


@pytest.mark.parametrize(
    ("shape", "goal", "kernel"),
    [
        ((128, 768, 768), "speed", StrassenGemm),
        ((128, 768, 768), "balanced", TiledContraction),
        ((128, 768, 100), "speed", TiledContraction),
        ((8, 768, 768), "speed", TiledContraction),
    ],
)
def test_large_products_where_speed_is_wanted(shape, goal, kernel):
    rows, depth, columns = shape
    types = {"a": (rows, depth), "b": (depth, columns), "y": (rows, columns)}
    graph = Graph(
        "product",
        (Node("y", "MatMul", ("a", "b"), ("y",), version=13),),
        ("a",),
        ("y",),
        {name: TensorType(DType.FLOAT32, kind) for name, kind in types.items()},
        {"b": np.zeros((depth, columns), np.float32)},
    )
    selection = lowering.select(graph, lowering.Selector(WIDTHS[64]))
    calls = lowering.place(selection, objective=OBJECTIVES[goal]).steps[0].calls
    assert isinstance(calls[-1].kernel, kernel)
