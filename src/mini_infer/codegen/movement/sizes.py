"""C of `WriteSizes` and `Progression`."""

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import chunks, each_item
from mini_infer.codegen.statements import For
from mini_infer.machine import Machine
from mini_infer.program.kernels.movement.sizes import Progression, WriteSizes

_CHUNK = 4096
"""Numbers in an item."""


def emit_sizes(kernel: WriteSizes, _machine: Machine) -> Body:
    """Write the function of a `WriteSizes`: one item."""
    return Body("sizes", each_item(*(f"y[{index}] = {value};" for index, value in enumerate(kernel.values))))


def emit_progression(kernel: Progression, _machine: Machine) -> Body:
    """Write the function of a `Progression`."""
    value = f"({C_TYPES[kernel.dtype]})({kernel.start} + j * {kernel.step})"
    body, items = chunks(kernel.count, _CHUNK, For("j", "stop", [f"y[j] = {value};"], first="start"))
    return Body("progression", body, items)
