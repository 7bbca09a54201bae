"""Weights of a few bits: products and rows of tables, as onnxruntime's operators and with DequantizeLinear."""

from harness import thresholds as at
from harness.draw import Draw
from harness.instance import Instance


def _zeros(i: Instance, d: Draw, packed: tuple[int, ...], real: tuple[int, ...]) -> list[str]:
    match d.index(3):
        case 0:
            return []
        case 1:
            return [i.constant(packed, "uint8", 0, 255)]
    return [i.constant(real, "float32", 0, 9)]


_BY_AXIS, _FOUR_BITS = 13, 21
"""Since when DequantizeLinear has an axis, and numbers of four bits and blocks."""


def product(i: Instance, d: Draw) -> None:
    """MatMulNBits: few rows and many, blocks that end early, vectors that are not full."""
    bits, block = d.pick(4, 4, 2, 8), d.pick(32, 16, 64, 128, 256, 512)
    depth, columns = d.size([block, 2 * block, 256, 512], 1, 600), d.size(at.COLUMNS, 1, 130)
    rows = d.size(at.ROWS, 1, 140)
    blocks = -(-depth // block)
    batch = d.pick((), (), (2,)) if rows < 40 else ()
    a = i.input((*batch, rows, depth) if d.maybe(0.9) else (depth,), "float32", -3, 3)
    b = i.constant((columns, blocks, block * bits // 8), "uint8", 0, 255)
    scales = i.constant((columns * blocks,) if d.maybe() else (columns, blocks), "float32", 1, 3, 0.5)
    zeros = _zeros(i, d, (columns, -(-blocks * bits // 8)), (columns, blocks))
    bias = [*([] if zeros else [""]), "", i.constant((columns,), "float32", -9, 9)] if d.maybe(0.3) else []
    options = {"K": depth, "N": columns, "bits": bits, "block_size": block}
    i.give(i.node("MatMulNBits", a, b, scales, *zeros, *bias, domain="com.microsoft", **options))


def rows(i: Instance, d: Draw) -> None:
    """GatherBlockQuantized of bytes."""
    bits, block = d.pick(4, 4, 2, 8), d.pick(16, 32, 64)
    lines = d.pick((), (), (3,))
    width, count = d.integer(1, 40), d.integer(1, 30)
    blocks = -(-width * 8 // bits // block)
    table = i.tensor((count, *lines, width), "uint8", 0, 255)
    indices = i.tensor(d.pick((5,), (), (2, 3)), d.pick("int64", "int32"), -count, count - 1)
    scales = i.tensor((count, *lines, blocks), "float32", 1, 3, 0.5)
    zeros = [i.constant((count, *lines, -(-blocks * bits // 8)), "uint8", 0, 255)] if d.maybe() else []
    options = {"bits": bits, "block_size": block, "quantize_axis": len(lines) + 1}
    i.give(i.node("GatherBlockQuantized", table, indices, scales, *zeros, domain="com.microsoft", **options))


def dequantized(i: Instance, d: Draw) -> None:
    """DequantizeLinear of four bits before a product or a gather: for the tensor, for a column, in blocks."""
    dtype, block = d.pick("int4", "uint4"), d.pick(0, 32, 16, 8)
    if i.version < _FOUR_BITS:
        dtype, block = "uint8", 0
    depth, columns = d.size([32, 64, 256], 1, 300), d.size(at.COLUMNS, 1, 70)
    turned = d.maybe(0.4)
    axis, shape = (1, (columns, depth)) if turned else (0, (depth, columns))
    low, high = (-8, 7) if dtype == "int4" else (0, 15)
    w = i.constant(shape, dtype, low, high)
    options: dict[str, object] = {"axis": axis}
    if block:
        scale_shape = tuple(-(-size // block) if k == axis else size for k, size in enumerate(shape))
        options["block_size"] = block
    elif d.maybe() and i.version >= _BY_AXIS:
        scale_shape, options["axis"] = (columns,), 1 - axis
    else:
        scale_shape = ()
    if i.version < _BY_AXIS:
        del options["axis"]
    zeros = [i.constant(scale_shape, dtype, low, high)] if d.maybe() else []
    real = i.node("DequantizeLinear", w, i.constant(scale_shape, "float32", 1, 3, 0.5), *zeros, **options)
    if d.maybe(0.2):
        i.give(i.node("Gather", real, i.input((3,), "int64", -shape[0], shape[0] - 1)))
        return
    a = i.input((d.size(at.ROWS, 1, 40), depth), "float32", -3, 3)
    if turned and d.maybe():
        y = i.node("Gemm", a, real, transB=1)
    else:
        y = i.node("MatMul", a, i.node("Transpose", real, perm=[1, 0]) if turned else real)
    if d.maybe(0.4):
        y = i.node("Add", y, i.constant((columns,), "float32", -9, 9))
    i.give(y)


FAMILIES = {"bits-product": product, "bits-rows": rows, "bits-dequantized": dequantized}
