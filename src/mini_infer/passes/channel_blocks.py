"""A convolution and the depthwise one behind it, a block of channels at a time, so that only a block ever exists.

What a depthwise convolution makes of some channels depends on these channels alone. So the first convolution gives a
block of them, the depthwise one works on that, and the blocks of its results are concatenated, which is done in place::

    y = Depthwise(Conv(x))      →      y = Concat(Depthwise(Conv(x, block 0)), Depthwise(Conv(x, block 1)), …)

Nothing is computed twice; x is read once for each block.

Fires on `Conv`, with activations or none and constant weights, of more than `above` bytes, which

1. a depthwise `Conv` with constant weights, with activations or none, reads and nobody else.

Must not fire on

1. residuals, pools, groups in the first convolution, several outputs for one channel in the second,
2. channels that have no block of a multiple of `multiple`: their vectors would be cut up.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.equal_parts import parts
from mini_infer.ir.fusion import is_depthwise
from mini_infer.ir.operators import traits
from mini_infer.passes.attributes import integer
from mini_infer.passes.base import Journal
from mini_infer.passes.draft import Draft, rename, rename_outputs

_CONCAT_VERSION = 13


@dataclass(frozen=True, slots=True)
class ChannelBlocks:
    """Blocks convolutions with depthwise ones behind them.

    Parameters
    ----------
    above
        Bytes of the largest result between two such convolutions that is left whole, and of a block where that goes.
    multiple
        Of channels, that a block has.
    """

    above: int
    multiple: int = 8
    name: ClassVar[str] = "channel-blocks"

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The graph without the large results between convolutions and depthwise ones."""
        draft = Draft(graph)
        changed = False
        for node in graph.nodes:
            first = draft.producer(node.inputs[0]) if node.inputs and _is_depthwise(node, draft) else None
            kind = draft.tensor(first.outputs[0]) if first else None
            if first is None or kind is None or kind.bytes <= self.above or not _gives_channels(first, draft):
                draft.emit(node)
                continue
            block = self._block(kind)
            if block is None or not draft.only_use(first.outputs[0]):
                why = "others read it too" if block else f"{kind.shape[1]} channels have no blocks of whole vectors"
                journal.refused(self.name, first.name, f"not blocked with {node.name!r}: {why}")
                draft.emit(node)
                continue
            draft.take(first.outputs[0])
            _cut(first, node, block, draft)
            changed = True
            journal.made(self.name, node.name, f"with {first.name!r}, {block} of {kind.shape[1]} channels at a time")
        return draft.finish() if changed else graph

    def _block(self, kind: TensorType) -> int | None:
        """The largest block that takes no more than `above`; the smallest if all take more."""
        channels = kind.shape[1]
        blocks = parts(channels, self.multiple)
        fitting = [size for size in blocks if kind.bytes // channels * size <= self.above]
        return max(fitting) if fitting else min(blocks, default=None)


def _is_conv(node: Node, draft: Draft) -> bool:
    """Whether a node is a convolution with constant weights and activations at most."""
    conv, *rest = node.meaning
    return (
        conv.op == "Conv"
        and not conv.domain
        and all(
            name in draft.constants
            for name in (*conv.inputs[1:], *(name for name in node.inputs if name != conv.inputs[0]))
            if name
        )
        and all(traits(inner).elementwise for inner in rest)
    )


def _is_depthwise(node: Node, draft: Draft) -> bool:
    if not _is_conv(node, draft):
        return False
    conv = node.meaning[0]
    return is_depthwise(conv, draft.constants[conv.inputs[1]].shape)


def _gives_channels(node: Node, draft: Draft) -> bool:
    """Whether each channel of a convolution's result can be had by itself."""
    return _is_conv(node, draft) and integer(node.meaning[0], "group", 1) == 1


def _cut(first: Node, second: Node, block: int, draft: Draft) -> None:
    """Emit both convolutions block by block, and the concatenation."""
    result = second.outputs[0]
    parts = []
    for start in range(0, draft.graph.tensor(result).shape[1], block):
        middle, made = (_declare(node.outputs[0], start, block, draft) for node in (first, second))
        draft.emit(_part(first, {first.outputs[0]: middle}, start, block, draft))
        draft.emit(_part(second, {first.outputs[0]: middle, result: made}, start, block, draft))
        parts.append(made)
    name = f"{second.name}_blocks"
    draft.emit(Node(name, "Concat", tuple(parts), (result,), {"axis": 1}, version=_CONCAT_VERSION))


def _declare(value: str, start: int, block: int, draft: Draft) -> str:
    kind = draft.graph.tensor(value)
    return draft.declare(f"{value}_{start}", TensorType(kind.dtype, (kind.shape[0], block, *kind.shape[2:])))


def _part(node: Node, names: dict[str, str], start: int, block: int, draft: Draft) -> Node:
    """A convolution for a block of its output channels."""
    conv = node.meaning[0]
    for name in conv.inputs[1:]:
        if name:
            part = np.ascontiguousarray(draft.constants[name][start : start + block])
            names[name] = draft.constant(f"{name}_{start}", part)
    attributes = {**conv.attributes, "group": block} if integer(conv, "group", 1) > 1 else conv.attributes
    conv = replace(conv, attributes=attributes)
    whole = replace(node, name=f"{node.name}_{start}")
    whole = replace(whole, body=(conv, *node.body[1:])) if node.body else replace(whole, attributes=attributes)
    return rename_outputs(rename(whole, names), names)
