"""Contractions that quantize what they read, against exact integers: every tail of rows, depth and columns."""

import itertools

import numpy as np
import pytest
from driver import MACHINES, run_graph
from machines import SCALAR
from onnx import TensorProto, helper, numpy_helper

import mini_infer
from mini_infer import lowering
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.ir.ranges import Range
from mini_infer.machine import MACHINES as NAMED
from mini_infer.objective import OBJECTIVES
from mini_infer.passes import Remarks
from mini_infer.passes.fusion.operands import FuseOperands
from mini_infer.program.kernels import Axis, ContractionShape, Operation, Tile, TiledContraction, Types
from mini_infer.program.kernels.rules import KernelError

EVERY = [*MACHINES, pytest.param(SCALAR, id="plain C")]
SIZES = [*itertools.product([1, 2, 5, 13], [1, 3, 63, 64, 65, 130], [17]), (1, 640, 128), (3, 70, 65), (2, 9, 200)]
SCALE = np.float32(0.037)


def graph_of(*cases):
    """For each (x, weights, zero point) QuantizeLinear and the contraction of what it makes, fused."""
    nodes, types, known = [], {}, {}
    for number, (x, w, zero) in enumerate(cases):
        quantize, product = (
            [f"{name}{number}" for name in names.split()] for names in ("x scale zero bytes", "bytes w zero sums")
        )
        op, sums = "MatMulInteger", (*x.shape[:-1], w.shape[-1])
        if x.ndim > 2:
            op, sums = "ConvInteger", (x.shape[0], w.shape[0], *x.shape[2:])
        nodes += [
            Node(f"q{number}", "QuantizeLinear", tuple(quantize[:3]), tuple(quantize[3:]), version=13),
            Node(f"m{number}", op, tuple(product[:3]), tuple(product[3:]), version=10),
        ]
        known |= {f"w{number}": w, f"scale{number}": np.asarray(SCALE), f"zero{number}": zero}
        types |= {quantize[0]: TensorType(DType.FLOAT32, x.shape), product[3]: TensorType(DType.INT32, sums)}
        types[quantize[3]] = TensorType(DType.of(zero.dtype), x.shape)
    types |= {name: TensorType(DType.of(array.dtype), array.shape) for name, array in known.items()}
    every = range(len(cases))
    ends = tuple(f"x{number}" for number in every), tuple(f"sums{number}" for number in every)
    graph = FuseOperands()(Graph("g", tuple(nodes), *ends, types, known), Remarks())
    assert len(graph.nodes) == len(cases)
    return graph


def quantized(x, zero):
    """Less the zero point, exact: the quotient is float32, ties go to the even number, NaN gives 0."""
    ends = np.iinfo(zero.dtype)
    with np.errstate(invalid="ignore"):
        near = np.rint(x / SCALE).astype(np.float64) + float(zero)
    return np.where(np.isnan(x), 0, np.clip(near, ends.min, ends.max)).astype(np.int64) - int(zero)


def reals(random, *shape):
    """Of all magnitudes, halfway between two bytes, and what is no number."""
    x = (random.standard_normal(shape) * random.choice([1, 5, 1000], shape)).astype(np.float32)
    halves = random.random(shape) < 0.2
    x[halves] = (random.integers(-200, 200, halves.sum()) + np.float32(0.5)) * SCALE
    x.ravel()[:3] = [np.inf, -np.inf, np.nan][: x.size]
    return x


@pytest.mark.parametrize("objective", ["memory", "balanced"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
@pytest.mark.parametrize("machine", EVERY)
def test_products(machine, dtype, objective):
    random, cases = np.random.default_rng(0), []
    for (rows, depth, columns), zero in zip(SIZES, itertools.cycle([0, 3, 127]), strict=False):
        w = random.integers(-128, 128, (depth, columns), dtype=np.int8)
        cases.append((reals(random, rows, depth), w, np.array(zero, dtype)))
    given = [x for x, _, _ in cases]
    found = run_graph(graph_of(*cases), given, machine=machine, objective=OBJECTIVES[objective])
    for (x, w, zero), sums in zip(cases, found, strict=True):
        np.testing.assert_array_equal(sums, quantized(x, zero).dot(w.astype(np.int64)))


@pytest.mark.parametrize("machine", EVERY)
def test_convolutions_of_single_elements(machine):
    """Of one channel, or of one pixel, the numbers of a pixel are neighbors; else bytes are laid out first."""
    random, zero, cases = np.random.default_rng(1), np.array(100, np.uint8), []
    for channels, pixels in [(1, 5), (67, 1), (70, 6)]:
        w = random.integers(-128, 128, (9, channels, 1, 1), dtype=np.int8)
        cases.append((reals(random, 1, channels, pixels, 1), w, zero))
    given = [x for x, _, _ in cases]
    found = run_graph(graph_of(*cases), given, machine=machine, objective=OBJECTIVES["memory"])
    for (x, w, _), sums in zip(cases, found, strict=True):
        expected = np.einsum("ncij,oc->noij", quantized(x, zero), w[..., 0, 0].astype(np.int64))
        np.testing.assert_array_equal(sums, expected)


@pytest.mark.parametrize(
    ("objective", "columns", "calls"), [("memory", 4096, 1), ("balanced", 4096, 2), ("balanced", 8, 1)]
)
def test_who_quantizes(objective, columns, calls):
    """The product, where it does that once or for memory's sake; its bytes lie nowhere then."""
    x, w = np.zeros((1, 640), np.float32), np.ones((640, columns), np.int8)
    graph = graph_of((x, w, np.array(3, np.uint8)))
    program = lowering.place(
        lowering.select(graph, lowering.Selector(NAMED["x86-64-v4"], 1)), objective=OBJECTIVES[objective]
    )
    (step,) = program.steps
    assert len(step.calls) == calls
    assert sum(buffer.size for buffer in program.problem.buffers) == 640 * (calls - 1)


@pytest.mark.parametrize(("goal", "columns"), [("balanced", 33), ("balanced", 400), ("memory", 400)])
def test_rows_that_are_given_at_run_time(goal, columns):
    random, zero = np.random.default_rng(2), np.array(9, np.uint8)
    w = random.integers(-128, 128, (70, columns), dtype=np.int8)
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["bytes"]),
        helper.make_node("MatMulInteger", ["bytes", "w", "zero"], ["y"]),
    ]
    ends = [
        [helper.make_tensor_value_info(name, kind, ["n", size])]
        for name, kind, size in (("x", TensorProto.FLOAT, 70), ("y", TensorProto.INT32, columns))
    ]
    known = [
        numpy_helper.from_array(np.asarray(array), name)
        for name, array in zip(("scale", "zero", "w"), (SCALE, zero, w), strict=True)
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "g", *ends, known), opset_imports=[helper.make_opsetid("", 17)], ir_version=9
    )
    context = mini_infer.compile(model, dims={"n": Range(1, 30)}, optimize=goal).create_context()
    for rows in (1, 2, 7, 14, 30):
        x = reals(random, rows, 70)
        np.testing.assert_array_equal(context.run({"x": x})["y"], quantized(x, zero).dot(w.astype(np.int64)))


ROWS = Axis(5, 5, 1, 1, 1, 0, 8, 16)
BORDER = Axis(5, 7, 1, 1, 1, 1, 8, 16)
WINDOW = Axis(5, 3, 3, 1, 1, 0, 8, 16)
TO_BYTES = (Operation("Constant", (), DType.FLOAT32, (9.0,)), Operation("Quantize", (0, 1), DType.UINT8))


@pytest.mark.parametrize(
    ("axis", "convert", "reason"),
    [
        (WINDOW, TO_BYTES, "no single bytes"),
        (BORDER, TO_BYTES, "no single bytes"),
        (ROWS, (Operation("Exp", (0,), DType.FLOAT32), *TO_BYTES), "else than a quantization"),
        (ROWS, (*TO_BYTES[:1], Operation("Quantize", (0, 1), DType.INT8)), "uint8 are converted to int8"),
    ],
)
def test_what_is_no_conversion(axis, convert, reason):
    machine = NAMED["x86-64-v3"]
    types = Types(DType.UINT8, DType.INT32, DType.INT32)
    shape = ContractionShape(8, 16, (axis,), 1, 1)
    kernel = TiledContraction(shape, Tile(1, 1, machine.lanes), 1, types=types, convert=convert)
    with pytest.raises(KernelError, match=reason):
        kernel.check(machine)


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("x86-64-v4", Types(DType.UINT8, DType.INT32, DType.INT32)),
        ("x86-64-v3", Types(DType.INT8, DType.INT32, DType.INT32)),
    ],
)
def test_products_that_nothing_knows_to_fit(name, types):
    """Of signed bytes, or where no instruction adds up pairs of them."""
    machine = NAMED[name]
    kernel = TiledContraction(
        ContractionShape(8, 16, (ROWS,), 1, 1), Tile(1, 1, machine.lanes), 1, types=types, fits=True
    )
    with pytest.raises(KernelError, match="no products of unsigned bytes"):
        kernel.check(machine)
