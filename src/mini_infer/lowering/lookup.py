"""`Lookup`: 8-bit numbers by a table."""

from collections.abc import Sequence

from mini_infer.ir import Node
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.shapes import merge
from mini_infer.program import Call
from mini_infer.program.kernels.quantized import Lookup
from mini_infer.program.kernels.rules import NATIVE


def lower_lookup(node: Node, build: Builder) -> Sequence[Call]:
    """Take each element from the table, in place where the result has the bytes of x."""
    x, table, y = build.strided(node.inputs[0]), build.view(node.inputs[1]), build.strided(node.outputs[0])
    if y.type.dtype not in NATIVE:
        raise NotNativeError(f"no native code for {y.type.dtype.value}")
    if 0 in y.type.shape:
        return ()
    shape, (source, target) = merge(y.type.shape, [x.walk, y.walk])
    in_place = x.same_bytes(y)
    kernel = Lookup(shape, source, target, x.type.dtype, y.type.dtype, in_place)
    return (Call(kernel, (table, y) if in_place else (x, table, y)),)
