"""The shapes of a node's outputs where sizes are given at run time and onnx does not know them."""

import math
from collections.abc import Callable, Mapping, Sequence

import onnx
from onnx import TypeProto

from mini_infer.frontend.inference.quantized import DOMAINS
from mini_infer.frontend.inference.scope import Scope
from mini_infer.frontend.inference.types import dtype_of
from mini_infer.frontend.rules.elementwise import BROADCASTING
from mini_infer.frontend.rules.operands import Operands, UnknownError
from mini_infer.frontend.rules.results import RESULTS
from mini_infer.frontend.rules.windows import of_attribute, of_weights, spatial
from mini_infer.ir import Node, TensorType, UndecidedError
from mini_infer.ir.attributes import integer
from mini_infer.ir.dims import at_least, bounds, shown, symbols_in
from mini_infer.ir.slices import open_slice

Shape = Sequence[int]

_EXACT = 1 << 8
"""The denominators of scales that make exact numbers of sizes."""


def _values(o: Operands, position: int) -> list[int]:
    """The numbers of an input, of which some may depend on sizes."""
    found = o.scope.open_value(o.node.input[position]) if o.has(position) else None
    return list(o.integers(position)) if found is None else found.ravel().tolist()


def _reshaped(o: Operands) -> Shape:
    have, wanted = o.shape(0), _values(o, 1)
    zeros = o.integer("allowzero", 0)
    shape = [have[axis] if size == 0 and not zeros else size for axis, size in enumerate(wanted)]
    if -1 in shape:
        rest = math.prod([size for size in shape if size != -1])
        shape[shape.index(-1)] = math.prod(have) // rest
    return shape


def _expanded(o: Operands) -> Shape:
    return broadcast(o.shape(0), _values(o, 1))


def broadcast(one: Shape, other: Shape) -> Shape:
    """The shape that two broadcast to, at every size."""
    rank = max(len(one), len(other))
    left, right = ((1,) * (rank - len(each)) + tuple(each) for each in (one, other))
    if any(a != b and 1 not in (a, b) for a, b in zip(left, right, strict=True)):
        raise UnknownError
    return tuple(b if a == 1 else a for a, b in zip(left, right, strict=True))


def _broadcast(o: Operands) -> Shape:
    shape: Shape = ()
    for each in o.shapes():
        shape = broadcast(shape, each)
    return shape


def _multiplied(o: Operands) -> Shape:
    a, b = o.shape(0), o.shape(1)
    rows, columns = a[-2:-1], b[-1:] if len(b) > 1 else ()
    return (*broadcast(a[:-2], b[:-2]), *rows, *columns)


def _unpacked(o: Operands) -> Shape:
    data = o.shape(0)
    return (*o.shape(1), *data[1:-1], data[-1] * 8 // o.integer("bits", 4))


def _cut(o: Operands) -> Shape:
    shape = [*o.shape(0)]
    starts, ends = _values(o, 1), _values(o, 2)
    axes = _values(o, 3) if o.has(3) else range(len(starts))
    steps = _values(o, 4) if o.has(4) else [1] * len(starts)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        if not isinstance(axis, int):
            raise UnknownError
        shape[axis] = open_slice(shape[axis], start, end, step)[1]
    return shape


def _ranged(o: Operands) -> Shape:
    (start,), (limit,), (delta,) = (_values(o, position) for position in range(3))
    if not isinstance(delta, int) or delta < 1:
        raise UnknownError
    span = limit - start
    return (-(-span // delta) if span > 0 else 0,)


def _same(o: Operands, sizes: Shape) -> list[int]:
    """What a window finds where padding is automatic and keeps the size."""
    strides = o.listed("strides") or (1,) * len(sizes)
    return [-(-size // stride) for size, stride in zip(sizes, strides, strict=True)]


def _places(o: Operands, window: Sequence[int]) -> list[int]:
    """How many places a window has along each axis."""
    sizes = spatial(o)
    rank = len(sizes)
    if str(o.attribute("auto_pad")).startswith("SAME"):
        return _same(o, sizes)
    pads = o.listed("pads") or (0,) * 2 * rank
    strides, dilations = (o.listed(name) or (1,) * rank for name in ("strides", "dilations"))
    found = []
    for k, size in enumerate(sizes):
        room = size + pads[k] + pads[rank + k] - (window[k] - 1) * dilations[k] - 1
        if bounds(room)[0] < 0:
            raise UnknownError
        count = (-(-room // strides[k]) if o.integer("ceil_mode", 0) else room // strides[k]) + 1
        if o.integer("ceil_mode", 0) and (count - 1) * strides[k] >= size + pads[k]:
            count = count - 1
        found.append(count)
    return found


def _convolved(o: Operands) -> Shape:
    return (o.size(0, 0), o.size(1, 0), *_places(o, of_weights(1)(o)))


def _pooled(o: Operands) -> Shape:
    return (o.size(0, 0), o.size(0, 1), *_places(o, of_attribute(o)))


def _resized(o: Operands) -> Shape:
    """By sizes, or by scales that make whole numbers of all sizes."""
    have = o.shape(0)
    axes = o.listed("axes") or range(len(have))
    shape = [*have]
    if o.has(3):
        for axis, size in zip(axes, _values(o, 3), strict=True):
            shape[axis] = size
        return shape
    scales = o.value(2).ravel()
    for axis, scale in zip(axes, scales, strict=True):
        times, over = float(scale).as_integer_ratio()
        if over <= _EXACT:
            shape[axis] = have[axis] * times // over
        elif scale < 1 and 1 / scale == int(1 / scale):
            shape[axis] = have[axis] // int(1 / scale)
        else:
            raise UnknownError
    return shape


def _blocks(up: bool) -> Callable[[Operands], Shape]:  # noqa: FBT001 - one of two directions
    def shape(o: Operands) -> Shape:
        n, c, h, w = o.shape(0)
        block = o.integer("blocksize", 1)
        return (n, c // block**2, h * block, w * block) if up else (n, c * block**2, h // block, w // block)

    return shape


def _parts(o: Operands) -> list[Shape]:
    """The parts of a Split: of given lengths, or equal ones at every size."""
    shape, axis, count = o.shape(0), o.integer("axis", 0) % o.rank(), len(o.node.output)
    if o.has(1):
        lengths = _values(o, 1)
    else:
        length, rest = divmod(shape[axis], count)
        if rest != 0:
            raise UnknownError
        lengths = [length] * count
    return [(*shape[:axis], length, *shape[axis + 1 :]) for length in lengths]


def _kept(o: Operands) -> Shape:
    """What is kept of the lines along an axis, where each has as many elements at every size."""
    shape, axis, (count,) = o.shape(0), o.integer("axis", -1) % o.rank(), _values(o, 1)
    if not at_least(shape[axis], count):
        raise UnknownError
    return (*shape[:axis], count, *shape[axis + 1 :])


def _attended(o: Operands) -> list[Shape]:
    """The result of Attention, and the keys and values that it has then."""
    query, key, value = (o.shape(position) for position in range(3))
    heads, shared = o.integer("q_num_heads", 0), o.integer("kv_num_heads", 0)
    batch, length, new = query[0], query[-2], key[-2]
    if len(query) == 3:  # noqa: PLR2004 - heads lie in the rows
        if not heads or not shared:
            raise UnknownError
        size, width = key[-1] // shared, value[-1] // shared
        result: Shape = (batch, length, heads * width)
    else:
        shared, size, width = key[1], key[3], value[3]
        result = (batch, query[1], length, width)
    total = new + (o.size(4, 2) if o.has(4) else 0)
    return [result, (batch, shared, total, size), (batch, shared, total, width)]


_SEVERAL: Mapping[str, Callable[[Operands], Sequence[Shape]]] = {"Attention": _attended, "Split": _parts}
"""Operator → the shapes of its first outputs."""

_RULES: Mapping[str, Callable[[Operands], Shape]] = {
    **RESULTS,
    **dict.fromkeys(BROADCASTING, _broadcast),
    "AveragePool": _pooled,
    "ConstantOfShape": lambda o: _values(o, 0),
    "Conv": _convolved,
    "DepthToSpace": _blocks(up=True),
    "Expand": _expanded,
    "GatherBlockQuantized": _unpacked,
    "MatMul": _multiplied,
    "MatMulNBits": lambda o: (*o.shape(0)[:-1], o.integer("N", 0)),
    "MaxPool": _pooled,
    "QLinearAdd": lambda o: broadcast(o.shape(0), o.shape(3)),
    "QLinearAveragePool": _pooled,
    "QLinearGlobalAveragePool": lambda o: (*o.shape(0)[:2], *[1] * (o.rank() - 2)),
    "QLinearMul": lambda o: broadcast(o.shape(0), o.shape(3)),
    "Range": _ranged,
    "Reshape": _reshaped,
    "Requantize": lambda o: o.shape(0),
    "Resize": _resized,
    **dict.fromkeys(("Lookup", "QLinearSoftmax"), lambda o: o.shape(0)),
    "RotaryEmbedding": lambda o: o.shape(0),
    "Slice": _cut,
    "SpaceToDepth": _blocks(up=False),
    "TopK": _kept,
    "Tile": lambda o: [size * times for size, times in zip(o.shape(0), _values(o, 1), strict=True)],
}


def unlike(node: Node, scope: Scope) -> str:
    """What is wrong with a node that works at some sizes only; empty: nothing that is found here."""
    kinds = [kind for name in node.inputs if isinstance(kind := scope.type(name), TensorType)]
    if node.op != "Concat" or node.domain or len({len(kind.shape) for kind in kinds}) != 1:
        return ""
    joined = integer(node, "axis") % len(kinds[0].shape)
    for axis, sizes in enumerate(zip(*(kind.shape for kind in kinds), strict=True)):
        others = [size for size in sizes if size != sizes[0]]
        if axis != joined and others and symbols_in((sizes[0], *others)):
            return f"joins sizes of {shown(sizes[0])} and {shown(others[0])}, which are the same at some sizes only"
    return ""


_ALIKE = {"MaxPool": 2, "TopK": 2}
"""Operators whose first outputs are all of one shape, and how many they are."""


def define_open_types(node: Node, proto: onnx.NodeProto, inferred: Mapping[str, TypeProto], scope: Scope) -> bool:
    """Define what a node produces of sizes that are given at run time; whether all of it is known then.

    `inferred` is what onnx knows: the element types, and the sizes that do not depend on others.
    """
    shapes = _shapes(node, Operands(proto, node.version, scope, typical=False))
    for name, shape in zip(node.outputs, shapes, strict=False):
        kind = inferred.get(name)
        dtype = None if kind is None else dtype_of(kind.tensor_type.elem_type)
        if dtype is not None and not isinstance(scope.type(name), TensorType):
            scope.define_tensor(name, TensorType(dtype, tuple(shape)))
    return all(isinstance(scope.type(name), TensorType) for name in node.writes)


def _shapes(node: Node, operands: Operands) -> Sequence[Shape]:
    """The shapes of the first outputs, at every size; none where they do not follow."""
    rule, several = _RULES.get(node.op), _SEVERAL.get(node.op)
    if node.domain not in {"", *DOMAINS} or (rule is None and several is None):
        return ()
    try:
        shapes = several(operands) if several else [rule(operands)] * _ALIKE.get(node.op, 1) if rule else []
        return () if any(size < 0 for shape in shapes for size in shape) else shapes
    except (UnknownError, UndecidedError):
        return ()
