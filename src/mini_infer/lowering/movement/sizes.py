"""What follows from sizes that are given at run time."""

from collections.abc import Sequence

from mini_infer.ir import Node
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.program import Call
from mini_infer.program.kernels.movement.sizes import Progression, WriteSizes


def lower_sizes(node: Node, build: Builder) -> Sequence[Call]:
    """Write the numbers that the node has for an attribute."""
    values = node.attributes["values"]
    assert isinstance(values, tuple)  # noqa: S101 - the front end says so
    return (Call(WriteSizes(values), (build.view(node.outputs[0]),)),)  # type: ignore[arg-type]


def lower_range(node: Node, build: Builder) -> Sequence[Call]:
    """Write integers one after the other, where the first and the step are known."""
    y = build.view(node.outputs[0])
    if y.type.dtype.is_float:
        raise NotNativeError("a range of real numbers")
    (start,), (step,) = (build.numbers(node.inputs[position]) for position in (0, 2))
    return (Call(Progression(y.type.shape[0], start, step, y.type.dtype), (y,)),)
