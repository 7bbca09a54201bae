"""Operators that move elements and leave them as they are."""

import math
from collections.abc import Mapping, Sequence

from mini_infer.frontend.rules.claims import (
    Claim,
    axes,
    axis,
    choice,
    distinct_axes,
    divides,
    least,
    least_rank,
    ranks,
    same_shape,
    single,
    stretches,
    vector,
)
from mini_infer.frontend.rules.operands import Operands, text

_PADS_AXES, _SLICE_AXES, _SLICE_STEPS = 3, 3, 4
_MOST_DIMENSIONS = 64
"""NumPy's."""


def _reshape(o: Operands) -> None:
    """As many elements after as before."""
    x, wanted = o.shape(0), o.integers(1)
    if o.rank(1) != 1:
        raise o.wrong(f"{o.say(1)}, but a shape must have one dimension")
    if any(size < -1 for size in wanted) or wanted.count(-1) > 1:
        raise o.wrong(f"input shape is {list(wanted)}, which is no shape")
    keeps = not o.integer("allowzero", 0)
    if keeps and any(size == 0 and k >= len(x) for k, size in enumerate(wanted)):
        raise o.wrong(f"input shape is {list(wanted)}, of which a 0 copies an axis that is not there: {o.say(0)}")
    sizes = [x[k] if size == 0 and keeps else size for k, size in enumerate(wanted)]
    known = math.prod(size for size in sizes if size != -1)
    have = math.prod(x)
    fits = have == known if -1 not in sizes else not have or (known and have % known == 0)
    if not fits:
        raise o.wrong(f"{o.say(0)}, whose {have} elements cannot be reshaped to {list(wanted)}")


def _permutation(o: Operands) -> None:
    perm = o.listed("perm")
    if perm is not None and sorted(perm) != [*range(o.rank())]:
        raise o.wrong(f"attribute perm is {list(perm)}, which does not order the axes of {o.say(0)}")


def _squeezed(o: Operands) -> None:
    for each in o.given("axes", 1) or ():
        if o.size(0, each) != 1:
            raise o.wrong(f"axis {each} cannot be dropped, because it is not 1: {o.say(0)}")


def _joined(o: Operands) -> None:
    """Inputs agree in every axis but the one they are joined along."""
    first, along = o.shape(0), o.integer("axis", 1)
    for position in range(1, len(o.node.input)):
        have = o.shape(position)
        if len(have) != len(first) or any(
            size != wanted
            for k, (size, wanted) in enumerate(zip(have, first, strict=True))
            if k != along % max(len(first), 1)
        ):
            raise o.wrong(f"{o.say(position)}, which cannot be joined along axis {along} with {o.say(0)}")


def _parts(o: Operands) -> None:
    """The parts of a split are as many as its outputs, and together what there is."""
    sizes, count, whole = o.given("split", 1), len(o.node.output), o.size(0, o.integer("axis", 0))
    asked = o.integer("num_outputs", count)
    if asked != count:
        raise o.wrong(f"attribute num_outputs is {asked}, but it has {count} outputs")
    if sizes is not None:
        if len(sizes) != count or min(sizes, default=0) < 0 or sum(sizes) != whole:
            raise o.wrong(f"input split is {list(sizes)}, which are no {count} parts of {whole}: {o.say(0)}")
    elif o.attribute("num_outputs") is None and whole % count:
        raise o.wrong(f"{o.say(0)}, which cannot be split into {count} equal parts along axis {o.integer('axis', 0)}")
    elif (count - 1) * -(-whole // count) > whole:
        raise o.wrong(f"{o.say(0)}, which has too little along axis {o.integer('axis', 0)} for {count} parts")


def _flattened(o: Operands) -> None:
    value, rank = o.integer("axis", 1), o.rank()
    if not -rank <= value <= rank:
        raise o.wrong(f"attribute axis is {value}, but must be in [{-rank}, {rank}]: {o.say(0)}")


def _repeats(o: Operands) -> None:
    repeats = o.integers(1)
    if len(repeats) != o.rank() or min(repeats, default=0) < 0:
        raise o.wrong(f"input repeats is {list(repeats)}, but must say how often for each axis of {o.say(0)}")


def _expanded(o: Operands) -> Sequence[int]:
    """The shape to expand to, which itself may be expanded."""
    wanted = o.integers(1)
    if o.rank(1) != 1 or min(wanted, default=0) < 0:
        raise o.wrong(f"input shape is {list(wanted)}, which is no shape")
    have, rank = o.shape(0), max(o.rank(), len(wanted))
    padded = (1,) * (rank - len(have)) + have
    target = (1,) * (rank - len(wanted)) + wanted
    return tuple(a if b == 1 else b for a, b in zip(padded, target, strict=True))


def _ends(o: Operands) -> int:
    return 2 * (o.size(_PADS_AXES, 0) if o.has(_PADS_AXES) else o.rank())


def _pads(o: Operands) -> None:
    """An amount for each end of each axis; a mirror has something to show, and nothing is cropped twice."""
    pads, shape = o.given("pads", 1), o.shape(0)
    if pads is None:
        raise o.wrong("it has no pads")
    chosen = o.integers(_PADS_AXES) if o.has(_PADS_AXES) else tuple(range(len(shape)))
    distinct_axes(o, "input axes", chosen, len(shape))
    if len(pads) != 2 * len(chosen):
        raise o.wrong(f"pads are {list(pads)}, but there must be {2 * len(chosen)}: {o.say(0)}")
    mode = o.attribute("mode") or "constant"
    for k, each in enumerate(chosen):
        before, after, size = pads[k], pads[k + len(chosen)], shape[each]
        if size + min(before, 0) + min(after, 0) < 0 or size + before + after < 0:
            raise o.wrong(f"pads {before} and {after} crop more of axis {each} than there is: {o.say(0)}")
        if mode != "constant" and size == 0 and max(before, after) > 0:
            raise o.wrong(f"mode {mode!r} has nothing to repeat along axis {each}: {o.say(0)}")


def _bounds(o: Operands) -> None:
    """Starts, ends, axes and steps are as many; no step is 0."""
    starts, ends = o.given("starts", 1), o.given("ends", 2)
    if starts is None or ends is None:
        raise o.wrong("it has no starts or no ends")
    chosen = o.given("axes", _SLICE_AXES)
    steps = o.integers(_SLICE_STEPS) if o.has(_SLICE_STEPS) else None
    lists = [starts, ends, *([] if chosen is None else [chosen])]
    if len({len(each) for each in lists}) != 1:
        raise o.wrong(f"starts, ends and axes differ in length: {', '.join(str(list(each)) for each in lists)}")
    if steps is not None and 0 in steps:
        raise o.wrong(f"input steps is {list(steps)}, of which one is 0")
    distinct_axes(o, "axes", chosen if chosen is not None else tuple(range(len(starts))), o.rank())


def _blocks(o: Operands) -> None:
    """Depth to space: the channels divide among the elements of a block."""
    size = o.integer("blocksize", 0)
    if size < 1 or o.size(0, 1) % size**2:
        raise o.wrong(f"attribute blocksize is {size}, of which the square does not divide axis 1: {o.say(0)}")


def _cropped(o: Operands) -> None:
    """A size for each axis that is cropped or padded."""
    sizes, chosen = o.integers(1), o.listed("axes")
    count = o.rank() if chosen is None else len(chosen)
    if len(sizes) != count or min(sizes, default=0) < 0:
        raise o.wrong(f"input shape is {list(sizes)}, but must say a size for each of {count} axes: {o.say(0)}")


def _sequences(o: Operands) -> None:
    batch, time = o.integer("batch_axis", 1), o.integer("time_axis", 0)
    if {batch, time} != {0, 1}:
        raise o.wrong(f"attributes batch_axis and time_axis are {batch} and {time}, but must be 0 and 1")


def _few(position: int) -> Claim:
    """An input that is a shape has no more sizes than a tensor has dimensions: onnx makes room for each."""

    def claim(o: Operands) -> None:
        if o.rank(position) == 1 and o.size(position, 0) > _MOST_DIMENSIONS:
            raise o.wrong(f"{o.say(position)}, a shape; tensors have {_MOST_DIMENSIONS} dimensions at most")

    return claim


def _shape(o: Operands) -> None:
    sizes = o.integers(0)
    if o.rank() != 1 or min(sizes, default=0) < 0:
        raise o.wrong(f"input input is {list(sizes)}, which is no shape")


def _one_element(o: Operands) -> None:
    value = o.attribute("value")
    if value is not None and math.prod(getattr(value, "dims", (1,))) != 1:
        raise o.wrong(f"attribute value is of shape {text(getattr(value, 'dims', ()))}, but must be one element")


RULES: Mapping[str, tuple[Claim, ...]] = {
    "CenterCropPad": (axes(-1), ranks(1, 1), _cropped),
    "Concat": (axis(1), _joined),
    "ConstantOfShape": (_few(0), _shape, _one_element),
    "DepthToSpace": (ranks(0, 4), _blocks, choice("mode", "DCR", "CRD")),
    "Expand": (_few(1), stretches(0, _expanded)),
    "EyeLike": (ranks(0, 2),),
    "Flatten": (_flattened,),
    "Pad": (vector(1, _ends), choice("mode", "constant", "reflect", "edge", "wrap"), single(2), _pads),
    "Reshape": (_few(1), _reshape),
    "ReverseSequence": (
        least_rank(0, 2),
        _sequences,
        vector(1, lambda o: o.size(0, o.integer("batch_axis", 1))),
    ),
    "Slice": (ranks(1, 1), *(same_shape(1, position) for position in range(2, 5)), _bounds),
    "SpaceToDepth": (ranks(0, 4), divides("blocksize", 0, 0, 2), divides("blocksize", 0, 0, 3)),
    "Split": (axis(0), vector(1, lambda o: len(o.node.output)), least("num_outputs", 1), _parts),
    "Squeeze": (axes(1), _squeezed),
    "Tile": (vector(1, Operands.rank), _repeats),
    "Transpose": (_permutation,),
    "Trilu": (least_rank(0, 2), single(1)),
    "Unsqueeze": (axes(1, more=True),),
}
"""Operator → what must be so."""
