"""C of `PackedGather`."""

from mini_infer.codegen.function import Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import Block, For, Statement
from mini_infer.codegen.tiling import Tiling
from mini_infer.machine import Machine
from mini_infer.program.kernels.movement.packed_gather import PackedGather


def emit_packed_gather(kernel: PackedGather, _machine: Machine) -> Body:
    """Write the function of a `PackedGather`: an item is a row. An index that leads outside makes it return 1."""
    per_byte = kernel.per_byte
    mask = (1 << kernel.bits) - 1

    def block(count: int) -> list[Statement]:
        numbers = [
            f"to[{per_byte} * i + {k}] = ((float)(from[i] >> {k * kernel.bits} & {mask}) - zero) * scale;"
            for k in range(per_byte)
        ]
        return [
            f"const float scale = scales[line * {kernel.blocks} + b], zero = {_zero(kernel, mask)};",
            f"const uint8_t *const from = x + line * {kernel.size // per_byte} + b * {kernel.block} / {per_byte};",
            f"float *const to = y + (item * {kernel.lines} + l) * {kernel.size} + b * {kernel.block};",
            For("i", count // per_byte, numbers),
        ]

    blocks = Tiling(kernel.size, kernel.block)
    lines: list[Statement] = [f"const int64_t line = p * {kernel.lines} + l;"]
    if blocks.some_whole:
        lines.append(For("b", blocks.whole, block(kernel.block)))
    lines += blocks.after(lambda rest: [Block([f"const long b = {blocks.whole};", *block(rest)])])
    body = each_item(
        "int64_t p = indices[item];",
        f"p += p < 0 ? {kernel.rows} : 0;",
        f"if (p < 0 || p >= {kernel.rows}) return 1;",
        For("l", kernel.lines, lines),
    )
    return Body("packed_gather", body, kernel.count, can_fail=True)


def _zero(kernel: PackedGather, mask: int) -> str:
    """C of a block's zero."""
    if kernel.zeros == "packed":
        byte = f"zeros[line * {kernel.zero_bytes} + b / {kernel.per_byte}]"
        return f"(float)({byte} >> b % {kernel.per_byte} * {kernel.bits} & {mask})"
    return f"zeros[line * {kernel.blocks} + b]" if kernel.zeros else f"{1 << (kernel.bits - 1)}"
