"""Products of small integers by constants, and by constants again: every fold gives the same integers."""

import numpy as np
import pytest
from all_passes import pipeline
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from examples import examples
from mini_infer import frontend, passes
from mini_infer.interpreter import evaluate, run_graph

_LARGEST = 3


@st.composite
def matmul(draw):
    """MatMul of any ranks, vectors and broadcasting batches included; the constant on either side."""
    depth, rows, columns = (draw(st.integers(1, _LARGEST)) for _ in range(3))
    batch = draw(st.lists(st.integers(1, _LARGEST), max_size=2))

    def leading():
        kept = batch[len(batch) - draw(st.integers(0, len(batch))) :]
        return [size if draw(st.booleans()) else 1 for size in kept]

    a = [depth] if draw(st.integers(0, 3)) == 0 else [*leading(), rows, depth]
    b = [depth] if draw(st.integers(0, 2)) == 0 else [*leading(), depth, columns]
    if draw(st.integers(0, 4)) == 0:
        return "MatMul", {}, [("w", a), ("x", b)]
    return "MatMul", {}, [("x", a), ("w", b)]


@st.composite
def gemm(draw):
    """Gemm either way round, with c of any shape that broadcasts."""
    depth, rows, columns = (draw(st.integers(1, _LARGEST)) for _ in range(3))
    across, along = draw(st.booleans()), draw(st.booleans())
    attributes = {"transA": int(across), "transB": int(along), "alpha": 2.0, "beta": draw(st.sampled_from([1.0, 0.5]))}
    a, b = ([depth, rows] if across else [rows, depth]), ([columns, depth] if along else [depth, columns])
    c = draw(st.sampled_from([None, [], [1], [columns], [1, columns], [rows, 1], [rows, columns], [1, 1]]))
    return "Gemm", attributes, [("x", a), ("w", b), *([("c", c)] if c is not None else [])]


@st.composite
def convolution(draw):
    """Conv and ConvTranspose with groups, of one and two dimensions."""
    operator = draw(st.sampled_from(["Conv", "ConvTranspose"]))
    group, into, out, rank = (draw(st.integers(1, 2)) for _ in range(4))
    x = [draw(st.integers(1, 2)), group * into, *[_LARGEST] * rank]
    w = [group * out, into] if operator == "Conv" else [group * into, out]
    c = [("c", [group * out])] if draw(st.booleans()) else []
    return operator, {"group": group}, [("x", x), ("w", [*w, *[draw(st.integers(1, 2))] * rank]), *c]


@st.composite
def following(draw, shape):
    """The shape of a constant that is broadcast to the result, or that enlarges it."""
    rank = draw(st.integers(0, len(shape) + 1))
    own = [1] * (rank - len(shape)) + list(shape[max(0, len(shape) - rank) :])
    if rank > len(shape):
        own[0] = draw(st.integers(1, 2))
    return [draw(st.sampled_from(sorted({1, size, size if size > 1 else 2}))) for size in own]


@pytest.mark.slow
@examples(150)
@given(st.data())
def test_what_follows_a_product_is_folded_where_it_belongs(data):
    operator, attributes, operands = data.draw(st.one_of(matmul(), matmul(), gemm(), convolution()))
    numbers = np.random.default_rng(data.draw(st.integers(0, 1000)))
    arrays = {name: numbers.integers(-3, 4, shape).astype(np.float32) for name, shape in operands}
    nodes = [helper.make_node(operator, [name for name, _ in operands], ["v0"], **attributes)]
    shape = _run(nodes, arrays, {"x": arrays["x"]}, "v0", optimize=False).shape
    for step in range(data.draw(st.integers(1, 3))):
        op = data.draw(st.sampled_from(["Add", "Sub", "Mul", "Div"]))
        name, made = f"k{step}", data.draw(following(shape))
        low, high = (0, 2) if op == "Div" else (-3, 4)
        array = numbers.integers(low, high, made).astype(np.float32)
        arrays[name] = 2**array if op == "Div" else array
        pair = [f"v{step}", name] if op == "Div" or data.draw(st.booleans()) else [name, f"v{step}"]
        nodes.append(helper.make_node(op, pair, [f"v{step + 1}"]))
        shape = np.broadcast_shapes(shape, made)
    result = f"v{len(nodes) - 1}"
    expected = _run(nodes, arrays, {"x": arrays["x"]}, result, optimize=False)
    np.testing.assert_array_equal(_run(nodes, arrays, {"x": arrays["x"]}, result, optimize=True), expected)


@pytest.mark.parametrize(
    ("a", "scale"), [((3, 3), [1, 10, 100]), ((2, 3), 0.5), ((3,), 0.5), ((2, 1, 3), [[2.0], [4]])]
)
def test_a_vector_on_the_right_has_no_columns(a, scale):
    arrays = {"x": np.arange(1.0, 1 + np.prod(a), dtype=np.float32).reshape(a), "w": np.float32([1, 2, 3])}
    arrays["k"] = np.asarray(scale, np.float32)
    nodes = [helper.make_node("MatMul", ["x", "w"], ["p"]), helper.make_node("Mul", ["p", "k"], ["y"])]
    made = _run(nodes, arrays, {"x": arrays["x"]}, "y", optimize=True)
    np.testing.assert_array_equal(made, arrays["x"] @ arrays["w"] * arrays["k"])


def _run(nodes, arrays, inputs, result, *, optimize):
    """A value of the graph of these nodes; what is no input is a constant."""
    given_inputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, array.shape) for name, array in inputs.items()
    ]
    output = helper.make_tensor_value_info(result, TensorProto.FLOAT, None)
    constants = [numpy_helper.from_array(array, name) for name, array in arrays.items() if name not in inputs]
    model = helper.make_model(
        helper.make_graph(nodes, "g", given_inputs, [output], constants), opset_imports=[helper.make_opsetid("", 17)]
    )
    graph = frontend.read(model, evaluate=evaluate)
    graph = passes.run(graph, pipeline(optimize=optimize), passes.Remarks())
    return run_graph(graph, inputs)[result]
