"""Tensors and axes of no elements."""

import numpy as np

from harness.draw import Draw
from harness.instance import Instance


def empty(i: Instance, d: Draw) -> None:
    """Tensors of no elements through every operator that takes them."""
    x = i.input((0, 3, 4, 4))
    flat = i.input((0, 4))
    rows = i.input((3, 4))
    none = i.input((3, 0))

    def ints(shape: tuple[int, ...]) -> str:
        return i.given(np.zeros(shape, np.int64), constant=d.maybe())

    made = (
        lambda: i.node("Conv", x, i.constant((2, 3, 3, 3))),
        lambda: i.node("ConvTranspose", x, i.constant((3, 2, 3, 3))),
        lambda: i.node("MaxPool", x, kernel_shape=[2, 2]),
        lambda: i.node("GlobalAveragePool", x),
        lambda: i.node("Gemm", flat, i.constant((4, 5))),
        lambda: i.node("MatMul", flat, i.constant((4, 5))),
        lambda: i.node("MatMul", none, i.input((0, 5))),
        lambda: i.node("Gemm", none, i.input((0, 5)), i.constant((5,))),
        lambda: i.node("Einsum", flat, i.input((4, 5)), equation="ij,jk->ik"),
        lambda: i.node("Einsum", none, i.input((0, 5)), equation="ij,jk->ik"),
        lambda: i.node("Gather", rows, ints((0,))),
        lambda: i.node("GatherElements", rows, ints((0, 4))),
        lambda: i.node("GatherND", rows, ints((0, 1))),
        lambda: i.node("ScatterElements", rows, ints((0, 4)), i.input((0, 4))),
        lambda: i.node("ScatterND", rows, ints((0, 1)), i.input((0, 4))),
        lambda: i.node("Trilu", i.input((0, 3, 3))),
        lambda: i.node("OneHot", ints((0,)), i.given(4, "int64"), i.given([0.0, 1.0], "float32")),
        lambda: i.node("ReverseSequence", i.input((3, 0, 2)), ints((0,))),
        lambda: i.node("TopK", rows, i.ints(0), outputs=2)[0],
        lambda: i.node("CumSum", flat, i.given(0, "int64")),
        lambda: i.node("Softmax", flat, axis=-1),
        lambda: i.node("Hardmax", flat, axis=-1),
        lambda: i.node("LRN", x, size=3),
        lambda: i.node("LayerNormalization", flat, i.constant((4,))),
        lambda: i.node("LayerNormalization", none, i.constant((0,)), outputs=2)[1],
        lambda: i.node("GroupNormalization", i.input((2, 4, 0)), i.constant((4,)), i.constant((4,)), num_groups=2),
        lambda: i.node("MeanVarianceNormalization", x),
        lambda: i.node("ArgMax", flat, axis=1),
        lambda: i.node("ReduceSum", flat, i.ints(1)),
        lambda: i.node("Add", flat, i.constant((4,))),
        lambda: i.node("Tile", flat, i.ints(2, 2)),
        lambda: i.node("Pad", flat, i.ints(0, 1, 0, 1)),
        lambda: i.node("Pad", flat, i.ints(0, 1, 0, 1), mode="edge"),
        lambda: i.node("CenterCropPad", flat, i.ints(0, 6)),
        lambda: i.node("Resize", x, "", i.given([1, 1, 2, 2], "float32")),
        lambda: i.node("GridSample", x, i.input((0, 2, 2, 2))),
        lambda: i.node("DeformConv", x, i.constant((2, 3, 1, 1)), i.input((0, 2, 4, 4))),
        lambda: i.node("RoiAlign", i.input((1, 2, 6, 6)), i.input((0, 4)), ints((0,)), output_height=2, output_width=2),
        lambda: i.node("MatMulInteger", i.input((0, 4), "uint8"), i.constant((4, 6), "uint8")),
        lambda: i.node("MatMulInteger", i.input((3, 0), "uint8"), i.input((0, 6), "uint8"), i.given(3, "uint8")),
        lambda: i.node("ConvInteger", i.input((0, 3, 4, 4), "uint8"), i.constant((2, 3, 3, 3), "uint8")),
        lambda: i.node("Slice", rows, i.ints(2), i.ints(1), i.ints(0)),
        lambda: i.node("Concat", flat, rows, axis=0),
        lambda: i.node("Expand", i.input((1, 4)), i.ints(0, 4)),
        lambda: i.node("Transpose", flat, perm=(1, 0)),
        lambda: i.node("Attention", *(i.input((0, 2, 5, 4)) for _ in range(3))),
        lambda: i.node(
            "Attention",
            *(i.input((1, 2, size, 4)) for size in (0, 3, 3)),
            i.input((0, 5)),
            *(i.input((1, 2, 2, 4)) for _ in range(2)),
            outputs=3,
        )[1],
        lambda: i.node("RotaryEmbedding", i.input((0, 2, 3, 8)), i.input((0, 3, 4)), i.input((0, 3, 4))),
    )
    i.give(d.in_turn(made)())


def of_nothing(i: Instance, d: Draw) -> None:
    """Reductions of no elements, of every type."""
    op = d.in_turn("ReduceSum ReduceProd ReduceMax ReduceMin ReduceLogSum ReduceLogSumExp ReduceL2 ReduceMean".split())
    kinds = ["float32", "float64"]
    if op in {"ReduceMax", "ReduceMin"}:
        kinds += ["int32", "uint8", "bool", "int8"]
    if op in {"ReduceSum", "ReduceProd"}:
        kinds += ["int32", "int64"]
    i.give(i.node(op, i.input((3, 0, 2), d.one_of(kinds)), i.ints(1), keepdims=d.pick(0, 1)))


def unreduced(i: Instance, d: Draw) -> None:
    """Reductions over no axis, and those of truth values."""
    if d.maybe(0.3):
        i.give(i.node(d.pick("ReduceMax", "ReduceMin"), i.input((5, d.pick(3, 70)), "bool"), i.ints(d.pick(0, 1))))
        return
    op = "Reduce" + d.pick("Sum", "Mean", "Max", "L1", "L2", "SumSquare", "LogSum", "LogSumExp")
    x = i.input((3, 5), d.pick("float32", "float64"), 1, 3)
    i.give(i.node(op, x, noop_with_empty_axes=1))


FAMILIES = {
    "empty": empty,
    "of-nothing": of_nothing,
    "unreduced": unreduced,
}
