import re

import numpy as np
import pytest
from driver import FEW, MACHINES, SEEDS, Case, check, run
from hypothesis import given
from machines import WIDTHS
from onnx import TensorProto, helper, numpy_helper
from values import tensor

import mini_infer
from mini_infer.codegen.movement.copy import emit_copy
from mini_infer.codegen.vectors.transposition import transposition
from mini_infer.program.kernels.movement.copy import Copy

DTYPES = ("float32", "float64", "float16", "int8", "int64", "bool", "complex64", "complex128")


def some_shape(rng, rank=None):
    rank = int(rng.integers(0, 5)) if rank is None else rank
    shape = [int(rng.choice([1, 2, 3, 5, 16, 17, 33])) for _ in range(rank)]
    while np.prod(shape, dtype=int) > 20_000:
        shape[int(np.argmax(shape))] = 2
    return tuple(shape)


def some_tensor(rng, shape):
    dtype = str(rng.choice(DTYPES))
    if dtype.startswith("complex"):
        return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(dtype)
    return tensor(rng, dtype, shape)


def ints(*values):
    return np.array(values, np.int64)


@FEW
@given(seed=SEEDS)
def test_transpose(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for _ in range(25):
        x = some_tensor(rng, some_shape(rng))
        cases.append(Case("Transpose", [x], {"perm": [int(a) for a in rng.permutation(x.ndim)]} if x.ndim else {}))
    cases.append(Case("Transpose", [some_tensor(rng, (3, 50, 33))]))
    check(cases)


@pytest.mark.parametrize("shape", [(9, 10), (9, 40), (40, 9), (16, 16), (16, 35)])
def test_transposes_around_the_vectors_width(shape):
    check([Case("Transpose", [tensor(np.random.default_rng(0), "float32", shape)])])


@pytest.mark.parametrize("machine", MACHINES)
def test_transposes_of_bytes(machine):
    """Around the blocks that vectors have, and of few columns, which are woven."""
    shapes = [(9, 40), (15, 16), (16, 16), (16, 35), (33, 17), (64, 49), (3, 50), (50, 3), (4, 5000), (2, 33), (33, 2)]
    rng = np.random.default_rng(0)
    cases = [Case("Transpose", [tensor(rng, dtype, shape)]) for shape in shapes for dtype in ("uint8", "int8")]
    for shape in [(2, 3, 9, 13), (3, 4, 70, 70), (2, 24, 5, 7), (2, 64, 3, 11)]:
        orders = ([0, 2, 3, 1], [0, 3, 1, 2], [1, 2, 3, 0])
        cases += [Case("Transpose", [tensor(rng, "uint8", shape)], {"perm": perm}) for perm in orders]
    check(cases, machine=machine)


@FEW
@given(seed=SEEDS)
def test_slice_by_any_steps(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for _ in range(25):
        x = some_tensor(rng, some_shape(rng, int(rng.integers(1, 5))))
        axes = [int(a) for a in rng.permutation(x.ndim)[: int(rng.integers(1, x.ndim + 1))]]
        starts, ends = ([int(rng.integers(-x.shape[a] - 2, x.shape[a] + 3)) for a in axes] for _ in range(2))
        steps = [int(rng.choice([-3, -2, -1, 1, 1, 1, 2, 3])) for _ in axes]
        # Backwards from before the first element, the reference takes none, against the specification.
        starts = [max(s, -x.shape[a]) if t < 0 else s for s, a, t in zip(starts, axes, steps, strict=True)]
        ends = [int(rng.choice([e, -(2**63) if s < 0 else 2**63 - 1])) for e, s in zip(ends, steps, strict=True)]
        axes = [a - x.ndim if rng.random() < 0.5 else a for a in axes]
        given_inputs = [x, ints(*starts), ints(*ends), ints(*axes), ints(*steps)]
        cases.append(Case("Slice", given_inputs, constants=frozenset({1, 2, 3, 4})))
    cases.append(Case("Slice", [tensor(rng, "float32", (6, 7))], {"starts": [1, -3], "ends": [4, 100]}, version=1))
    check(cases)


@pytest.mark.parametrize("compiler", [None, "none"])
def test_slices_from_before_the_first_element(compiler):
    """Backwards they take the first element, by ONNX's rules of clamping; forwards they begin with it."""
    x = np.arange(5, dtype=np.float32)
    ends = ((-(2**63), -1, 1), (-9, -2, 1), (0, -1, 0), (2, 1, 2), (2**63 - 1, 2, 3))  # with step, and elements taken
    asked = [(start, *end) for start in (-5, -6, -(2**63)) for end in ends]
    nodes, constants = [], [numpy_helper.from_array(ints(0), "axis")]
    for k, (start, end, step, _) in enumerate(asked):
        bounds = {f"start{k}": start, f"end{k}": end, f"step{k}": step}
        constants += [numpy_helper.from_array(ints(value), name) for name, value in bounds.items()]
        nodes.append(helper.make_node("Slice", ["x", f"start{k}", f"end{k}", "axis", f"step{k}"], [f"y{k}"]))
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)]
    outputs = [helper.make_tensor_value_info(f"y{k}", TensorProto.FLOAT, [None]) for k in range(len(asked))]
    graph = helper.make_graph(nodes, "slices", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    got = mini_infer.compile(model, compiler=compiler).create_context().run({"x": x})
    for k, (_, _, step, count) in enumerate(asked):
        np.testing.assert_array_equal(got[f"y{k}"], x[:: abs(step)][:count], str(asked[k]))


@FEW
@given(seed=SEEDS)
def test_concat_and_split(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for _ in range(12):
        shape = list(some_shape(rng, int(rng.integers(1, 5))))
        axis = int(rng.integers(-len(shape), len(shape)))
        whole = some_tensor(rng, (*shape[: axis % len(shape)], 12, *shape[axis % len(shape) + 1 :]))
        sizes = [3, 1, 8] if rng.random() < 0.5 else [4, 4, 4]
        parts = np.split(whole, np.cumsum(sizes)[:-1], axis)
        cases.append(Case("Concat", parts, {"axis": axis}))
        if rng.random() < 0.5:
            known = frozenset({1})
            cases.append(Case("Split", [whole, ints(*sizes)], {"axis": axis}, version=13, constants=known, outputs=3))
        else:
            cases.append(Case("Split", [whole], {"axis": axis, "num_outputs": 3}, outputs=3))
    cases.append(Case("Split", [tensor(rng, "float32", (5, 2))], {"split": [2, 3]}, version=11, outputs=2))
    check(cases)


@FEW
@given(seed=SEEDS)
def test_expand_and_tile(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for _ in range(12):
        shape = some_shape(rng, int(rng.integers(0, 4)))
        x = some_tensor(rng, shape)
        repeats = rng.integers(0 if rng.random() < 0.1 else 1, 4, x.ndim)
        cases.append(Case("Tile", [x, repeats], constants=frozenset({1})))
        wide = (2, *(3 if size == 1 else size for size in shape))
        cases.append(Case("Expand", [x, ints(*wide)], constants=frozenset({1})))
    check(cases)


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_pad_in_every_mode(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for mode in ("constant", "reflect", "edge", "wrap"):
        for _ in range(6):
            x = some_tensor(rng, tuple(int(n) for n in rng.integers(3, 8, int(rng.integers(1, 5)))))
            if x.dtype.kind == "c":
                continue
            pads = rng.integers(0, 3, (2, x.ndim))
            value = tensor(rng, str(x.dtype), ()) if mode == "constant" and rng.random() < 0.7 else None
            known = frozenset({1, 2} if rng.random() < 0.5 else {1})
            cases.append(Case("Pad", [x, pads.ravel(), value], {"mode": mode}, constants=known))
    x = tensor(rng, "float32", (2, 3, 4))
    cases.append(Case("Pad", [x, ints(1, 2), None, ints(-1)], constants=frozenset({1, 3})))
    cases.append(Case("Pad", [x], {"pads": [0, 1, 2, 1, 0, 1], "value": 2.5}, version=2))
    cases.append(Case("Pad", [x], {"pads": [0, 1, 2, 1, 0, 1], "mode": "reflect"}, version=2))
    sizes = (ints(2, 4, 3), ints(3, 2, 7), ints(5, 6, 2))
    cases += [Case("CenterCropPad", [x, size], constants=frozenset({1})) for size in sizes]
    cases.append(Case("CenterCropPad", [x, ints(9)], {"axes": [-1]}, constants=frozenset({1})))
    check(cases)


def test_negative_pads_crop():
    x = np.arange(20, dtype=np.float32).reshape(4, 5)
    case = Case("Pad", [x, ints(-1, 2, 1, -3), np.float32(9)], constants=frozenset({1}))
    expected = np.pad(x[1:, :2], ((0, 1), (2, 0)), constant_values=9)
    np.testing.assert_array_equal(run([case], [[expected]])[0][0], expected)


@FEW
@given(seed=SEEDS)
def test_reshaping_copies_bytes(seed):
    rng = np.random.default_rng(seed)
    x = some_tensor(rng, (2, 3, 1, 4))
    cases = [
        Case("Reshape", [x, ints(4, -1)], constants=frozenset({1})),
        Case("Flatten", [x], {"axis": 2}),
        Case("Squeeze", [x, ints(2)], constants=frozenset({1})),
        Case("Unsqueeze", [x, ints(0, -1)], constants=frozenset({1})),
        Case("Unsqueeze", [x], {"axes": [0]}, version=11),
        Case("Identity", [x]),
        Case("Identity", [some_tensor(rng, ())]),
        Case("Dropout", [tensor(rng, "float32", (3, 5))], outputs=2),
        Case("BitCast", [tensor(rng, "float32", (3, 5), special=False)], {"to": TensorProto.INT32}),
    ]
    check(cases)


@FEW
@given(seed=SEEDS)
def test_depth_and_space(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for mode in ("DCR", "CRD"):
        n, c, h, w = (int(rng.integers(1, 5)) for _ in range(4))
        attributes = {"blocksize": 3, "mode": mode}
        cases.append(Case("DepthToSpace", [tensor(rng, "float32", (n, 9 * c, h, w))], attributes))
        cases.append(
            Case("SpaceToDepth", [tensor(rng, "float32", (n, c, 2 * h, 2 * w))], {"blocksize": 2, "mode": mode})
        )
    check(cases)


def test_fills():
    value = helper.make_tensor("value", 6, [1], [7])
    cases = [
        Case("ConstantOfShape", [ints(3, 20)], constants=frozenset({0})),
        Case("ConstantOfShape", [ints(2, 3)], {"value": value}, constants=frozenset({0})),
        Case("ConstantOfShape", [ints(0, 3)], {"value": value}, constants=frozenset({0})),
        *[Case("EyeLike", [np.zeros((4, 7), np.float32)], {"k": k}) for k in (0, 2, -2, 6, -3, 9, -9)],
        Case("EyeLike", [np.zeros((3, 2), np.int8)], {"dtype": 11}),
    ]
    check(cases)


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_large_copies_are_cut_into_items(dtype):
    rng = np.random.default_rng(0)
    x = tensor(rng, dtype, (300, 700))
    cases = [
        Case("Transpose", [x]),
        Case("Slice", [x.ravel(), ints(3), ints(-1), ints(0), ints(1)], constants=frozenset({1, 2, 3, 4})),
        Case("Slice", [x.ravel(), ints(-1), ints(0), ints(0), ints(-1)], constants=frozenset({1, 2, 3, 4})),
    ]
    check(cases)


@pytest.mark.parametrize("machine", WIDTHS.values(), ids=str)
def test_its_helper_lives_beside_the_one_of_attention(machine):
    helpers = emit_copy(Copy((64, 64), (1, 64), (64, 1), 4), machine).helpers
    names = [re.findall(r"\b(mi_\w+)\(const", text) for text in (*helpers, transposition(machine.lanes))]
    assert [len(found) for found in names if found] == [1, 1]
    assert names[-2] != names[-1]


@pytest.mark.parametrize("compiler", [None, "none"])
@pytest.mark.parametrize("sizes", [None, [1, 3, 2]])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_split_leaves_parts_out(compiler, sizes, axis):
    x = np.arange(36, dtype=np.float32).reshape(6, 6)
    inputs = ["x"] if sizes is None else ["x", "sizes"]
    options = {"num_outputs": 3} if sizes is None else {}
    split = helper.make_node("Split", inputs, ["", "", "b"], name="cut", axis=axis, **options)
    nodes = [split, helper.make_node("Neg", ["b"], ["y"])]
    constants = [] if sizes is None else [numpy_helper.from_array(ints(*sizes), "sizes")]
    x_info = helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)
    y_info = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, None])
    graph = helper.make_graph(nodes, "left out", [x_info], [y_info], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    engine = mini_infer.compile(model, compiler=compiler, time_limit=0)
    assert engine.program.native_steps == len(engine.program.steps)
    want = -np.split(x, np.cumsum([2, 2] if sizes is None else sizes[:-1]), axis)[2]
    np.testing.assert_array_equal(engine.create_context().run({"x": x})["y"], want)
