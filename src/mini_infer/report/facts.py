"""What reports say of a program, worked out once for all of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mini_infer.ir import Node
from mini_infer.program import Program, Space, View
from mini_infer.program.kernels.contraction.winograd import WinogradProducts

TENSOR = "tensor"
WORKSPACE = "workspace"
RINGS = "rings"
SHARED = "shared"
"""Of several tensors, one after another: what pictures tell apart."""
LAYOUT = "Transpose"

_WINDOW = 9
"""Weights of a 3x3 window."""

MOST_NAMES = 6
"""Of operators or kernels, before they are counted instead."""


@dataclass(frozen=True, slots=True)
class Alias:
    """A value that lives in another's bytes, from `offset` bytes into them."""

    value: str
    of: str
    offset: int


def buffer_kinds(program: Program) -> tuple[str, ...]:
    """For each buffer of the program's problem, whether it holds tensors, a stream's rings or a kernel's workspace."""
    held = {view.index: TENSOR for view in program.values.values() if view.space is Space.ARENA}
    rings = {step.stream.buffer: RINGS for step in program.steps if step.stream is not None}
    kinds = held | rings
    return tuple(kinds.get(index, WORKSPACE) for index in range(len(program.problem.buffers)))


def drawn_kinds(program: Program) -> tuple[str, ...]:
    """The kinds as pictures color them: those of `buffer_kinds`, but `SHARED` where a buffer holds several values."""
    views = buffer_views(program)
    return tuple(SHARED if len(views.get(index, ())) > 1 else kind for index, kind in enumerate(buffer_kinds(program)))


def buffer_views(program: Program) -> Mapping[int, tuple[tuple[str, View], ...]]:
    """Buffer index → the values that live in it, in the program's order."""
    found: dict[int, list[tuple[str, View]]] = {}
    for name, view in program.values.items():
        if view.space is Space.ARENA:
            found.setdefault(view.index, []).append((name, view))
    return {index: tuple(views) for index, views in found.items()}


def aliases(program: Program) -> tuple[Alias, ...]:
    """Every value that lives in the bytes of a buffer, an input or an output that is named after another value."""
    owners = {
        Space.ARENA: [buffer.id for buffer in program.problem.buffers],
        Space.INPUT: [port.value for port in program.inputs],
        Space.OUTPUT: [port.value for port in program.outputs],
        Space.STATE: [state.name for state in program.states],
    }
    return tuple(
        Alias(name, owners[view.space][view.index], view.offset)
        for name, view in program.values.items()
        if view.space in owners and owners[view.space][view.index] != name
    )


def operators_text(node: Node) -> str:
    """The ONNX operators that a node stands for; a fused one without the transposes that are only its layout."""
    names = [inner.op for inner in node.primitives]
    return listed([name for name in names if name != LAYOUT] or names, " + ")


def listed(names: Sequence[str], between: str) -> str:
    """The names in order; of more than six each once, with how many there are."""
    return counted(names, between) if len(names) > MOST_NAMES else between.join(names)


def counted(names: Sequence[str], between: str) -> str:
    """Each name once, with how many there are."""
    return between.join(f"{count} x {name}" if count > 1 else name for name, count in Counter(names).items())


def winograd_bytes(program: Program) -> int:
    """Bytes by which weights are larger because Winograd's method has them transformed; those of shared ones once."""
    larger = {}
    for step in program.steps:
        for call in step.calls:
            if isinstance(call.kernel, WinogradProducts):
                conv, weights = call.kernel.shape.conv, call.operands[1]
                plain = _WINDOW * conv.in_channels * conv.out_channels * weights.type.dtype.numpy.itemsize
                larger[weights.space, weights.index, weights.offset] = weights.type.bytes - plain
    return sum(larger.values())


def interpreted_reasons(program: Program) -> Mapping[str, int]:
    """Why steps are interpreted → how many, the most frequent reason first."""
    return dict(Counter(step.interpreted_because for step in program.steps if not step.native).most_common())
