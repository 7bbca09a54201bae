"""The epilogue of a contraction from the type of its sums to another: int32 sums scaled, rounded and saturated."""

import ctypes
from dataclasses import replace

import numpy as np
import pytest
from machines import WIDTHS

from mini_infer.codegen.function import Function
from mini_infer.codegen.functions import inline
from mini_infer.codegen.registry import EMITTERS
from mini_infer.codegen.vectors.vector import prelude
from mini_infer.ir import DType
from mini_infer.lowering.term import Term, linearize
from mini_infer.machine import GENERIC
from mini_infer.program.kernels import ContractionShape, Epilogue, Tile, TiledContraction, Types
from mini_infer.program.kernels.rules import KernelError
from mini_infer.toolchain import Target, build, load

SCALE = 1 / 512
ZERO = 3


def requantizing(dtype, *, residual=False):
    """An epilogue that scales, adds a zero point (and a residual), and saturates."""
    total, other = Term(DType.INT32), Term(dtype)
    scaled = (total.cast(DType.FLOAT64) * SCALE).apply("Round") + float(ZERO)
    scaled = scaled + other.cast(DType.FLOAT64) if residual else scaled
    limits = np.iinfo(dtype.value)
    result = scaled.apply("Clip", parameters=(float(limits.min), float(limits.max))).cast(dtype)
    return Epilogue(True, residual, linearize(result, (total, other) if residual else (total,)))


@pytest.mark.parametrize(("width", "dtype", "residual"), [(16, DType.UINT8, True), (32, DType.INT8, False)])
def test_sums_of_pairs(compiler, tmp_path, width, dtype, residual):
    target = replace(Target.host(), machine=WIDTHS[width], features=())
    lanes = target.machine.lanes
    rows, columns, depth, tile = 7, 2 * lanes + 5, 34, Tile(3, 2, lanes)
    shape = ContractionShape.matrix(rows, columns, depth, (depth, 1, columns))
    types = Types(DType.INT16, DType.INT32, dtype)
    kernel = TiledContraction(shape, tile, 3, 1, types=types, epilogue=requantizing(dtype, residual=residual))
    operands = kernel.verified(target.machine)
    function = Function(operands, EMITTERS[TiledContraction](kernel, target.machine))
    texts = [prelude(target.machine), *inline([function])]
    texts[-1] = texts[-1].replace("static void", "MI_EXPORT void", 1)
    run = getattr(load(build({"one.c": "\n".join(texts)}, compiler, target, cache=tmp_path)), function.name)

    rng = np.random.default_rng(0)
    a = rng.integers(-200, 200, (rows, depth), np.int16)
    b = rng.integers(-200, 200, (depth, columns), np.int16)
    blocks = -(-columns // tile.block)
    padded = np.zeros((depth, blocks * tile.block), np.int16)
    padded[:, :columns] = b
    packed = np.ascontiguousarray(padded.reshape(-1, 2, blocks, tile.block).transpose(2, 0, 3, 1))
    bias = np.zeros(blocks * tile.block, np.int32)
    bias[:columns] = rng.integers(-(1 << 16), 1 << 16, columns)
    y = rng.integers(0, 100, (rows, columns)).astype(dtype.numpy)  # the residual lies in y's own bytes
    exact = a.astype(np.int64) @ b.astype(np.int64) + bias[:columns]
    wanted = np.rint(exact * SCALE) + ZERO + (y.astype(np.int64) if residual else 0)
    limits = np.iinfo(dtype.value)
    saturated = np.clip(wanted, limits.min, limits.max)
    assert (saturated != wanted).any()
    assert (saturated == wanted).any()
    arrays = [a, packed, bias, *([y] if residual else []), y]
    run(*(ctypes.c_void_p(array.ctypes.data) for array in arrays), ctypes.c_long(0), ctypes.c_long(3 * blocks))
    np.testing.assert_array_equal(y, saturated.astype(dtype.numpy))


def test_descriptions_that_there_is_no_tile_for():
    shape = ContractionShape.matrix(4, 8, 6, (6, 1, 8))
    pairs = Types(DType.INT16, DType.INT32, DType.INT32)
    lanes = WIDTHS[16].lanes
    TiledContraction(shape, Tile(2, 1, lanes), 1, types=pairs).check(WIDTHS[16])
    wrong = {
        "no tiles for int16 in float32": TiledContraction(shape, Tile(2, 1, lanes), 1, types=Types(DType.INT16)),
        "a depth of 5": TiledContraction(replace(shape, in_channels=5), Tile(2, 1, lanes), 1, types=pairs),
        "the epilogue of int32 gives int32": TiledContraction(
            shape, Tile(2, 1, lanes), 1, types=replace(pairs, result=DType.UINT8)
        ),
    }
    wrong["larger than the output"] = TiledContraction(shape, Tile(8, 1, lanes), 1, pool=(8,))
    wrong["are not neighbors"] = TiledContraction(shape, Tile(2, 1, lanes), 1, across=True)
    wrong["b is not packed"] = TiledContraction(replace(shape, groups=2), Tile(2, 1, lanes), 1, b_row=8)
    for message, kernel in wrong.items():
        with pytest.raises(KernelError, match=message):
            kernel.check(WIDTHS[16])
    with pytest.raises(KernelError):
        TiledContraction(shape, Tile(2, 1, lanes), 1, types=pairs).check(replace(GENERIC, vector_bytes=0))
