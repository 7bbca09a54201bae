"""Operator → its loops (see `ir.axes`), each of them a fact of its meaning in ONNX."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from mini_infer.ir.attributes import has_input, integer, integers, setting, text
from mini_infer.ir.graph import Node
from mini_infer.ir.groups import groups
from mini_infer.ir.operators import OPERATORS
from mini_infer.ir.result_shapes import Shape

_MATRIX = 2


@dataclass(frozen=True, slots=True)
class Slot:
    """Index i of a loop is the elements `[i * step, (i + 1) * step)` along an axis."""

    axis: int
    step: int = 1


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop of a node over so many indices: its slots in the inputs and outputs, none in what it has as a whole."""

    size: int
    inputs: tuple[Slot | None, ...]
    outputs: tuple[Slot | None, ...]

    def over(self, wanted: Slot) -> "Loop | None":
        """The loop with this slot in the first output, if it is the same, several indices at a time."""
        own = self.outputs[0]
        if own is None or own.axis != wanted.axis or wanted.step % own.step:
            return None
        times = wanted.step // own.step

        def wider(slots: tuple[Slot | None, ...]) -> tuple[Slot | None, ...]:
            return tuple(slot and replace(slot, step=slot.step * times) for slot in slots)

        return Loop(self.size // times, wider(self.inputs), wider(self.outputs))


@dataclass(frozen=True, slots=True)
class Case:
    """A plain node with the shapes of its inputs and outputs; none of an omitted one."""

    node: Node
    inputs: tuple[Shape | None, ...]
    outputs: tuple[Shape | None, ...]
    constants: Mapping[str, np.ndarray]

    @property
    def first(self) -> Shape:
        """The shape of the first input."""
        return self.inputs[0] or ()

    @property
    def result(self) -> Shape:
        """The shape of the first output."""
        return self.outputs[0] or ()

    @property
    def rank(self) -> int:
        """Axes of the first input."""
        return len(self.first)

    def attribute(self, name: str, default: int) -> int:
        """An integer attribute."""
        return integer(self.node, name, default)

    def listed(self, name: str, position: int) -> tuple[int, ...] | None:
        """A setting; none where it is absent or not known."""
        try:
            return setting(self.node, name, position, self.constants)
        except LookupError:
            return None

    def known(self, position: int) -> bool:
        """Whether an input is absent or a constant."""
        return not has_input(self.node, position) or self.node.inputs[position] in self.constants

    def along(self, size: int, inputs: Mapping[int, Slot | int | None], output: Slot | int) -> Loop:
        """The loop with these slots, or axes, of some inputs and the same one of each output."""
        found = (None if shape is None else _slot(inputs.get(at)) for at, shape in enumerate(self.inputs))
        return Loop(size, tuple(found), tuple(None if shape is None else _slot(output) for shape in self.outputs))

    def aligned(self, position: int, axis: int) -> int | None:
        """The axis of an input that broadcasting aligns with one of the result; none where it has one element."""
        shape = self.inputs[position]
        own = axis - len(self.result) + len(shape or ())
        return own if shape is not None and own >= 0 and shape[own] != 1 else None


def _slot(found: Slot | int | None) -> Slot | None:
    return Slot(found) if isinstance(found, int) else found


Rule = Callable[[Case], Iterable[Loop]]


def _pointwise(case: Case) -> Iterator[Loop]:
    for axis, size in enumerate(case.result):
        yield case.along(size, {p: case.aligned(p, axis) for p in range(len(case.inputs))}, axis)


def _of_first(case: Case) -> Iterator[Loop]:
    """The first input, element by element; the others say of which type, or which shape, the result is."""
    for axis, size in enumerate(case.result):
        yield case.along(size, {0: case.aligned(0, axis)}, axis)


def _but(case: Case, axes: Iterable[int], *, keepdims: bool = True) -> Iterator[Loop]:
    """All axes but some, which disappear unless `keepdims`."""
    gone = {axis % case.rank for axis in axes} if case.rank else set()
    for axis, size in enumerate(case.first):
        if axis not in gone:
            yield case.along(size, {0: axis}, axis if keepdims else axis - sum(other < axis for other in gone))


def _along(default: int, since: int = 0) -> Rule:
    """All axes but one; before version `since` it was the first of those that were one."""

    def rule(case: Case) -> Iterator[Loop]:
        axis = case.attribute("axis", default if case.node.version >= since else 1) % max(1, case.rank)
        yield from _but(case, [axis] if case.node.version >= since else range(axis, case.rank))

    return rule


def _concat(case: Case) -> Iterator[Loop]:
    joined = case.attribute("axis", 1) % case.rank
    for axis, size in enumerate(case.result):
        if axis != joined:
            yield case.along(size, dict.fromkeys(range(len(case.inputs)), axis), axis)


def _transpose(case: Case) -> Iterator[Loop]:
    for axis, source in enumerate(integers(case.node, "perm", tuple(range(case.rank))[::-1])):
        yield case.along(case.result[axis], {0: source}, axis)


def _view(case: Case) -> Iterator[Loop]:
    """The first axes of each group that is merged or split, as far as both have common indices."""
    for before, after in groups(case.first, case.result) or ():
        wide, made = case.first[before[0]], case.result[after[0]]
        size = math.gcd(wide, made)
        yield case.along(size, {0: Slot(before[0], wide // size)}, Slot(after[0], made // size))


def _slice(case: Case) -> Iterator[Loop]:
    axes = case.listed("axes", 3)
    if axes is None and not has_input(case.node, 3):
        axes = tuple(range(len(case.listed("starts", 1) or range(case.rank))))
    return _but(case, range(case.rank) if axes is None else axes)


def _pad(case: Case) -> Iterator[Loop]:
    pads, axes = case.listed("pads", 1), case.listed("axes", 3)
    if pads is None or not case.known(3):
        return
    axes = tuple(range(case.rank)) if axes is None else axes
    yield from _but(case, [axis for at, axis in enumerate(axes) if pads[at] or pads[at + len(axes)]])


def _tile(case: Case) -> Iterator[Loop]:
    repeats = case.listed("repeats", 1) or ()
    if len(repeats) == case.rank:
        yield from _but(case, [axis for axis, count in enumerate(repeats) if count != 1])


def _reduce(case: Case) -> Iterator[Loop]:
    if not case.known(1):
        return
    axes = case.listed("axes", 1) or ()
    if not axes and not case.attribute("noop_with_empty_axes", 0):
        axes = tuple(range(case.rank))
    yield from _but(case, axes, keepdims=bool(case.attribute("keepdims", 1)))


def _arg(case: Case) -> Iterator[Loop]:
    yield from _but(case, [case.attribute("axis", 0)], keepdims=bool(case.attribute("keepdims", 1)))


def _cumulate(case: Case) -> Iterator[Loop]:
    axes = case.listed("axis", 1)
    yield from _but(case, range(case.rank) if axes is None else axes)


def _last_axes(case: Case) -> Iterator[Loop]:
    """What is before the normalized axes, which scale and bias have alone."""
    first = case.attribute("axis", -1) % case.rank
    if all(len(shape) <= case.rank - first for shape in case.inputs[1:] if shape is not None):
        yield from _but(case, range(first, case.rank))


def _channels(case: Case) -> Iterator[Loop]:
    """Batch and channels; what belongs to a channel follows. Windows lie in the other axes."""
    if len(case.node.writes) == 1 and case.rank >= _MATRIX and not case.attribute("training_mode", 0):
        yield case.along(case.first[0], {0: 0}, 0)
        yield case.along(case.first[1], {0: 1, **dict.fromkeys(range(1, len(case.inputs)), 0)}, 1)


def _batch_norm(case: Case) -> Iterator[Loop]:
    yield from _channels(case)
    if len(case.node.writes) == 1 and not case.attribute("training_mode", 0):
        yield from _but(case, range(min(_MATRIX, case.rank)))


def _batch(case: Case) -> Iterator[Loop]:
    if len(case.node.writes) == 1:
        yield case.along(case.first[0], {0: 0}, 0)


def _conv(case: Case) -> Iterator[Loop]:
    """Batch; channels of the result or, of several groups, the groups; where windows are one element, space."""
    weights, count = case.inputs[1] or (), case.attribute("group", 1)
    yield case.along(case.first[0], {0: 0}, 0)
    made = case.result[1]
    transposed = case.node.op == "ConvTranspose"
    if count == 1:
        yield case.along(made, {1: 1 if transposed else 0, 2: 0}, 1)
    else:
        own = Slot(0, weights[0] // count), Slot(0, made // count), Slot(1, made // count)
        yield case.along(count, {0: Slot(1, case.first[1] // count), 1: own[0], 2: own[1]}, own[2])
    rank = case.rank - 2
    strides, pads = integers(case.node, "strides", (1,) * rank), integers(case.node, "pads", (0,) * 2 * rank)
    if text(case.node, "auto_pad", "NOTSET") == "NOTSET" and not any(integers(case.node, "output_padding")):
        for at in range(rank):
            if weights[2 + at] == strides[at] == 1 and pads[at] == pads[rank + at] == 0:
                yield case.along(case.result[2 + at], {0: 2 + at}, 2 + at)


def _matmul(case: Case) -> Iterator[Loop]:
    left, right = case.inputs[0] or (), case.inputs[1] or ()
    rank = len(case.result)
    matrices = (len(left) >= _MATRIX) + (len(right) >= _MATRIX)
    outer = rank - matrices
    for axis in range(outer):
        # Batch axes are aligned as those of matrices: a vector has none.
        own = {p: axis - outer + len(shape) - _MATRIX for p, shape in enumerate((left, right))}
        slots = {p: at for p, at in own.items() if at >= 0 and (left, right)[p][at] != 1}
        yield case.along(case.result[axis], slots, axis)
    if len(left) >= _MATRIX:
        yield case.along(left[-2], {0: len(left) - 2}, outer)
    if len(right) >= _MATRIX:
        yield case.along(right[-1], {1: len(right) - 1}, rank - 1)


def _gemm(case: Case) -> Iterator[Loop]:
    for axis, position, name in ((0, 0, "transA"), (1, 1, "transB")):
        own = axis != bool(case.attribute(name, 0))
        added = case.aligned(2, axis) if len(case.inputs) > _MATRIX else None
        yield case.along(case.result[axis], {position: int(own), 2: added}, axis)


def _gather(case: Case) -> Iterator[Loop]:
    indices = case.inputs[1] or ()
    axis = case.attribute("axis", 0) % case.rank
    for own, size in enumerate(case.first):
        if own != axis:
            yield case.along(size, {0: own}, own if own < axis else own - 1 + len(indices))
    for own, size in enumerate(indices):
        yield case.along(size, {1: own}, axis + own)


def _gather_nd(case: Case) -> Iterator[Loop]:
    indices = case.inputs[1] or ()
    if not case.attribute("batch_dims", 0):
        for axis, size in enumerate(indices[:-1]):
            yield case.along(size, {1: axis}, axis)


def _quantize(case: Case) -> Iterator[Loop]:
    """By one scale, or by one for each element of an axis."""
    scale = case.inputs[1] or ()
    if len(scale) < _MATRIX:
        own = case.attribute("axis", 1) % case.rank if scale and case.rank else None
        for axis, size in enumerate(case.first):
            yield case.along(size, {0: axis, **({1: 0, 2: 0} if axis == own and scale != (1,) else {})}, axis)


def _attention(case: Case) -> Iterator[Loop]:
    """Batch and heads, where nothing is kept from one run to the next and each head of keys is one of queries."""
    shapes = case.inputs[:3]
    if case.rank != 4 or len(case.inputs) > 4 or len(case.node.writes) > 1:  # noqa: PLR2004 - heads on their own, a mask
        return
    for axis in (0, 1):
        sizes = {shape[axis] for shape in shapes if shape is not None}
        if len(sizes) == 1:
            mask = case.aligned(3, axis) if len(case.inputs) > 3 else None  # noqa: PLR2004 - q, k, v, mask
            yield case.along(case.first[axis], {**dict.fromkeys(range(3), axis), 3: mask}, axis)


_REDUCTIONS = "L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare"

RULES: Mapping[str, Rule] = {
    **{op: _pointwise for op, traits in OPERATORS.items() if traits.elementwise},
    **dict.fromkeys("Cast CastLike Dropout Expand Identity".split(), _of_first),
    **dict.fromkeys("Hardmax LogSoftmax Softmax".split(), _along(-1, since=13)),
    **dict.fromkeys((f"Reduce{kind}" for kind in _REDUCTIONS.split()), _reduce),
    **dict.fromkeys("ArgMax ArgMin".split(), _arg),
    **dict.fromkeys("Flatten Reshape Squeeze Unsqueeze".split(), _view),
    **dict.fromkeys("LayerNormalization RMSNormalization".split(), _last_axes),
    **dict.fromkeys(
        "AveragePool GlobalAveragePool GlobalMaxPool InstanceNormalization LpPool MaxPool".split(), _channels
    ),
    **dict.fromkeys("GlobalLpPool".split(), _channels),
    **dict.fromkeys("DepthToSpace GroupNormalization LRN SpaceToDepth".split(), _batch),
    **dict.fromkeys("Conv ConvTranspose".split(), _conv),
    **dict.fromkeys("CumProd CumSum".split(), _cumulate),
    **dict.fromkeys("DequantizeLinear QuantizeLinear".split(), _quantize),
    "Attention": _attention,
    "BatchNormalization": _batch_norm,
    "Concat": _concat,
    "Gather": _gather,
    "GatherND": _gather_nd,
    "Gemm": _gemm,
    "LpNormalization": _along(-1),
    "MatMul": _matmul,
    "Pad": _pad,
    "Slice": _slice,
    "Split": _along(0),
    "Tile": _tile,
    "TopK": _along(-1),
    "Transpose": _transpose,
}
"""ONNX operator → the rule of its loops. What is not listed is taken as a whole."""
