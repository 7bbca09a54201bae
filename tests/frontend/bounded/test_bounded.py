"""Data-dependent sizes as upper bounds: the values are onnxruntime's, and as much as possible stays native.

No operator here multiplies bytes, so what onnxruntime says depends on the machine by rounding alone.
"""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto
from tiny_models import body, model, node, read, tensor

import mini_infer
from mini_infer.errors import InputError
from mini_infer.ir import BOUNDED_DOMAIN, OpaqueType

RNG = np.random.default_rng(3)
X = RNG.standard_normal((5, 4, 6)).astype(np.float32)
KEEP = np.array([True, False, True, True, False])
CORNERS = RNG.uniform(0, 9, (1, 30, 2))
BOXES = np.concatenate([CORNERS, CORNERS + RNG.uniform(1, 5, (1, 30, 2))], axis=2).astype(np.float32)
SCORES = RNG.random((1, 3, 30), np.float32)
ELEMENTS = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int64): TensorProto.INT64}
ELEMENTS[np.dtype(np.bool_)] = TensorProto.BOOL
WEIGHTS = {
    "w": RNG.standard_normal((6, 3)).astype(np.float32),
    "b": RNG.standard_normal(3).astype(np.float32),
    "rows": RNG.standard_normal((4, 1)).astype(np.float32),
    "zero": np.array([0]),
    "one": np.array([1]),
    "two": np.array([2]),
    "three": np.array(3),
    "flat": np.array([-1, 24]),
    "overlap": np.float32(0.5),
    "least": np.float32(0.3),
}


def made(nodes, inputs, outputs):
    infos = [tensor(name, value.shape, ELEMENTS[value.dtype]) for name, value in inputs.items()]
    proto = model(nodes, infos, outputs, WEIGHTS, opset=17)
    proto.ir_version = 8
    for output in proto.graph.output:
        output.ClearField("type")
        output.type.tensor_type.elem_type = TensorProto.FLOAT
    return proto


def compared(nodes, inputs, outputs):
    """The engine, run by the interpreter; its outputs are onnxruntime's."""
    proto = made(nodes, inputs, outputs)
    for output in proto.graph.output:
        output.ClearField("type")
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    engine = mini_infer.compile(made(nodes, inputs, outputs), compiler="none")
    results = engine.create_context().run(inputs)
    for name, expected in zip(outputs, session.run(None, inputs), strict=True):
        assert results[name].dtype == expected.dtype
        np.testing.assert_allclose(results[name], expected, rtol=1e-4, atol=1e-5)
    assert list(results) == outputs
    return engine


def is_native(engine) -> bool:
    return engine.program.native_steps == len(engine.program.steps)


CHOSEN = node("Compress", "x keep", "c", axis=0)
KEPT = {"x": X, "keep": KEEP}


@pytest.mark.parametrize(
    "nodes",
    [
        [node("Relu", "c", "y")],
        [node("Mul", "c rows", "y")],
        [node("Add", "c c", "t"), node("Cast", "t", "y", to=TensorProto.FLOAT)],
        [node("Transpose", "c", "t", perm=[2, 0, 1]), node("Neg", "t", "y")],
        [node("Unsqueeze", "c one", "t"), node("Squeeze", "t one", "y")],
        [node("MatMul", "c w", "t"), node("Softmax", "t", "y", axis=-1)],
        [node("Flatten", "c", "t"), node("ReduceMax", "t", "y", axes=[1], keepdims=0)],
        [node("Reshape", "c flat", "t"), node("ReduceSum", "t one", "y", keepdims=1)],
        [node("Gather", "c one", "t", axis=1), node("Reshape", "t shape", "y")],
        [node("Gather", "c three", "t", axis=1), node("Gemm", "t w b", "y")],
        [node("Slice", "c zero two one", "y")],
        [node("Slice", "c zero two zero", "y")],
        [node("Concat", "c c", "t", axis=2), node("ArgMax", "t", "y", axis=1, keepdims=0)],
        [node("Split", "c", "t u", axis=2), node("Sub", "t u", "y")],
        [node("TopK", "c two", "y i", axis=-1)],
        [node("Shape", "c", "s"), node("Gather", "s zero", "y")],
        [node("LayerNormalization", "c scale", "y")],
    ],
    ids=lambda nodes: "-".join(each.op_type for each in nodes),
)
def test_rows_stay_rows(nodes):
    constants = [
        node("Constant", "", "shape", value_ints=[-1, 6]),
        node("Constant", "", "scale", value_floats=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
    ]
    for constant in constants:
        constant.ClearField("input")
    for keep in (KEEP, np.zeros(5, np.bool_), np.ones(5, np.bool_)):
        engine = compared([*constants, CHOSEN, *nodes], {"x": X, "keep": keep}, ["y"])
        assert is_native(engine)


@pytest.mark.parametrize(
    "nodes",
    [
        [node("ReduceSum", "c zero", "y", keepdims=0)],
        [node("ReduceMean", "c", "y", keepdims=0)],
        [node("Softmax", "c", "y", axis=0)],
        [node("Concat", "c x", "y", axis=0)],
        [node("Slice", "c one two zero", "y")],
        [node("Gather", "c one", "y", axis=0)],
        [node("NonZero", "c", "y")],
    ],
    ids=lambda nodes: nodes[0].op_type,
)
def test_what_needs_the_true_size_is_interpreted_from_there_on(nodes):
    engine = compared([CHOSEN, *nodes], KEPT, ["y"])
    steps = {step.node.op: step for step in engine.program.steps}
    assert steps["Compress"].native
    assert steps["Trim"].interpreted_because


def test_detections():
    nodes = [
        node("NonMaxSuppression", "boxes scores limit overlap least", "s"),
        node("Gather", "s two", "column", axis=1),
        node("Squeeze", "column one", "which"),
        node("Squeeze", "boxes zero", "all"),
        node("Gather", "all which", "found"),
        node("Gather", "s one", "kind", axis=1),
        node("Cast", "kind", "real", to=TensorProto.FLOAT),
        node("Concat", "found real", "y", axis=1),
    ]
    inputs = {"boxes": BOXES, "scores": SCORES, "limit": np.array(4)}
    engine = compared(nodes, inputs, ["y", "s"])
    assert is_native(engine)
    assert engine.program.outputs[0].type.shape == (90, 5)  # the limit is an input: every box may be one
    constant = node("Constant", "", "limit", value_int=4)
    constant.ClearField("input")
    engine = compared([constant, *nodes], {name: inputs[name] for name in ("boxes", "scores")}, ["y"])
    assert engine.program.outputs[0].type.shape == (12, 5)


def test_elements_where_a_mask_says():
    nodes = [node("Greater", "x least", "m"), node("NonZero", "m", "i"), node("Transpose", "i", "t")]
    engine = compared([*nodes, node("GatherND", "x t", "y")], {"x": X}, ["y", "i"])
    assert is_native(engine)


def test_what_only_gives_a_type_bounds_nothing():
    nodes = [node("NonZero", "k", "n"), node("CastLike", "a n", "c"), node("Cast", "c", "y", to=1)]
    compared(nodes, {"k": np.zeros(3, np.bool_), "a": np.array([[2.5]], np.float32)}, ["y"])


def test_nested_graphs_take_the_true_size():
    branches = {
        name: body([node(op, "c", "r")], [], ["r"]) for name, op in (("then_branch", "Neg"), ("else_branch", "Relu"))
    }
    compared([CHOSEN, node("If", "which", "y", **branches)], {**KEPT, "which": np.array(False)}, ["y"])


def test_the_callers_own_arrays_hold_the_upper_bound_and_a_count():
    engine = mini_infer.compile(made([CHOSEN], KEPT, ["c"]), compiler="none")
    context = engine.create_context()
    (output, count) = engine.program.outputs
    assert output.bound.count == count.name
    rows, number = np.full((5, 4, 6), np.nan, np.float32), np.zeros((), np.int64)
    context.run_into(KEPT, {"c": rows, count.name: number})
    assert number == 3
    np.testing.assert_array_equal(rows[:3], X[KEEP])
    np.testing.assert_array_equal(rows[3:], 0)
    rows[:] = np.nan
    context.run_into(KEPT, {"c": rows})
    np.testing.assert_array_equal(rows[:3], X[KEEP])
    with pytest.raises(InputError):
        context.run_into(KEPT, {count.name: number})


def test_bounds_survive_an_engine_file(tmp_path):
    engine = mini_infer.compile(made([CHOSEN], KEPT, ["c"]), compiler="none")
    engine.save(tmp_path / "e.engine")
    loaded = mini_infer.Engine.load(tmp_path / "e.engine", compiler="none")
    np.testing.assert_array_equal(loaded.create_context().run(KEPT)["c"], X[KEEP])


def test_no_bound_where_nothing_is_selected_or_too_much():
    nothing = node("NonMaxSuppression", "boxes scores", "y")
    infos = [tensor("boxes", (1, 30, 4)), tensor("scores", (1, 3, 30))]
    assert {each.domain for each in read(model([nothing], infos, ["y"])).nodes} == {""}
    huge = read(model([node("NonZero", "x", "y")], [tensor("x", (1 << 14, 1 << 14))], ["y"]))
    assert isinstance(huge.types["y"], OpaqueType)


def test_sizes_that_follow_from_constants_have_no_bound():
    graph = read(
        model([node("NonZero", "m", "i"), node("Gather", "x i", "y")], [tensor("x", (4,))], ["y"], {"m": [1, 0, 1]})
    )
    assert BOUNDED_DOMAIN not in {each.domain for each in graph.nodes}
