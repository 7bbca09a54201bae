"""Pooling in C: vectors across the channels where these are neighbors, plain loops elsewhere."""

import math
from collections.abc import Sequence

from mini_infer.codegen.contraction.blocked_sum import Loop, Nest, Term, summed, uncut
from mini_infer.codegen.contraction.plain import sum_type
from mini_infer.codegen.contraction.windows import clip, coordinates
from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.reduction.quantized_numbers import REAL, REAL_VECTOR, real
from mini_infer.codegen.statements import Block, For, Statement
from mini_infer.codegen.vectors import integers
from mini_infer.codegen.vectors import lanes as vectors
from mini_infer.codegen.vectors.scalars import literal, quantize
from mini_infer.ir import DType
from mini_infer.ir.dims import at, greatest
from mini_infer.machine import Machine
from mini_infer.program.kernels.expression import EIGHT_BITS, limits
from mini_infer.program.kernels.reduction.pool import AveragePool, MaxPool, Requantization

_TOGETHER = 4
"""Vectors of channels that pass over a window at once."""

_FEW = 16
"""Positions that are too few to be shared; then the channels are."""

_PART = 64
"""Elements of a window that are summed by themselves, and then in double: few digits are lost of any number."""


def emit_pool(kernel: MaxPool | AveragePool, machine: Machine) -> Body:
    """Write a pooling; an item is one window's position, of all channels or, where there are few positions, of some."""
    shape = kernel.shape
    width = max((width for width in _widths(kernel, machine) if width <= shape.channels), default=0)
    neighbors = shape.x_channel == shape.y_channel == 1
    vectorized = width > 0 and neighbors and not _numbered(kernel)
    positions = shape.batch * math.prod(axis.output for axis in shape.axes)
    pieces = max(1, shape.channels // (_TOGETHER * width)) if vectorized and at(positions) < _FEW else 1
    number = f"item / {pieces}" if pieces > 1 else "item" if vectorized else f"item % {positions}"
    lines: list[Statement] = [*coordinates([axis.output for axis in shape.axes], number)]
    for index, axis in enumerate(shape.axes):
        lines += clip(axis, f"o{index} * {axis.stride}", str(index))
    x_at = [f"n * {shape.x_batch}", *(f"begin{index} * {axis.x_stride}" for index, axis in enumerate(shape.axes))]
    y_at = [f"n * {shape.y_batch}", *(f"o{index} * {axis.y_stride}" for index, axis in enumerate(shape.axes))]
    lines.append(f"const long x_at = {' + '.join(x_at)}, y_at = {' + '.join(y_at)};")
    if isinstance(kernel, AveragePool):
        lines += _elements(kernel)
    helpers: tuple[str, ...] = ()
    if vectorized:
        helpers = vectors.definitions(width, machine, kernel.dtype)
        if _is_quantized(kernel):
            helpers = (*integers.definitions(machine, kernel.dtype), REAL_VECTOR, integers.QUANTIZE)
        lines += _vector_channels(kernel, width, pieces)
    else:
        helpers = (REAL, *quantize("0", "0", kernel.dtype)[1]) if _is_quantized(kernel) else ()
        lines += _plain_channel(kernel, f"item / {positions}")
    return Body("pool", each_item(*lines), positions * (pieces if vectorized else shape.channels), helpers)


def _widths(kernel: MaxPool | AveragePool, machine: Machine) -> tuple[int, ...]:
    """Channels that vectors can have: of bytes, of as many numbers as they are averaged as, or of float32."""
    if not machine.has_vectors:
        return ()
    if _is_quantized(kernel):
        return (machine.lanes,)
    if kernel.dtype in (DType.FLOAT32, *EIGHT_BITS):
        return machine.widths(kernel.dtype.numpy.itemsize)
    return ()


def _is_quantized(kernel: MaxPool | AveragePool) -> bool:
    """Whether 8-bit numbers are averaged as the real numbers that they mean."""
    return isinstance(kernel, AveragePool) and kernel.quantized is not None


def _elements(kernel: AveragePool) -> list[str]:
    """C that declares `elements`, by which the sum is divided."""
    lines = []
    factors = []
    for index, axis in enumerate(kernel.shape.axes):
        if kernel.counted:
            distance = f"{kernel.counted[index]} - begin{index}"
            count = distance if axis.dilation == 1 else f"({distance} + {axis.dilation - 1}) / {axis.dilation}"
            lines.append(f"const long padded{index} = {count};")
            factors.append(f"(padded{index} < {axis.kernel} ? padded{index} : {axis.kernel})")
        else:
            factors.append(f"(last{index} - first{index})")
    return [*lines, f"const long elements = {' * '.join(factors)};"]


def _window(kernel: MaxPool | AveragePool, body: Sequence[str]) -> Nest:
    """Loops over the elements of the window that exist; the body finds the element's place in `at`."""
    nest: Nest = Term((f"const long at = {_place(kernel, 'k')};", *body))
    for index, axis in reversed(list(enumerate(kernel.shape.axes))):
        nest = Loop(f"k{index}", greatest(axis.kernel), nest, f"first{index}", f"last{index}")
    return nest


def _place(kernel: MaxPool | AveragePool, element: str) -> str:
    """The place of an element of the window, given the start of the names of its indices."""
    steps = (axis.dilation * axis.x_stride for axis in kernel.shape.axes)
    return " + ".join(["x_at", *(f"{element}{index} * {step}" for index, step in enumerate(steps))])


def _vector_channels(kernel: MaxPool | AveragePool, width: int, pieces: int) -> list[Statement]:
    """All channels, or a piece of them: several vectors at a time, then the last ones, then one that overlaps them."""
    channels = kernel.shape.channels
    whole = channels // width
    step = _TOGETHER * width

    def vectors_at(c: str | int, count: int) -> Block:
        return Block([f"const long c = {c};", *_vectors(kernel, width, count)])

    lines: list[Statement] = []
    if pieces > 1:
        lines += [f"const long piece = item % {pieces};", vectors_at(f"piece * {step}", _TOGETHER)]
        lines += [f"if (piece < {pieces - 1}) continue;"] if channels % step else []
    elif whole >= _TOGETHER:
        lines.append(For("c", whole // _TOGETHER * step, _vectors(kernel, width, _TOGETHER), step=step))
    if whole % _TOGETHER:
        lines.append(vectors_at(whole // _TOGETHER * step, whole % _TOGETHER))
    if channels % width:
        lines.append(vectors_at(channels - width, 1))
    return lines


def _vectors(kernel: MaxPool | AveragePool, width: int, count: int) -> list[Statement]:
    v = vectors.vector(width, kernel.dtype)
    offsets = [number * width for number in range(count)]
    names = [f"a{k}" for k in range(count)]
    loads = [f"{v}_load(x + (at + c + {offset}))" for offset in offsets]
    if isinstance(kernel, MaxPool):
        start = [f"const {C_TYPES[kernel.dtype]} *const start = x + ({_place(kernel, 'first')} + c);"]
        start += [f"{v} {name} = {v}_load(start + {offset});" for name, offset in zip(names, offsets, strict=True)]
        body = [f"{name} = {v}_greatest({name}, {load});" for name, load in zip(names, loads, strict=True)]
        lines: list[Statement] = [*start, *uncut(_window(kernel, body))]
        results = names
    elif kernel.quantized is not None:
        return _quantized_vectors(kernel, kernel.quantized, offsets)
    else:
        body = [f"{name} += {load};" for name, load in zip(names, loads, strict=True)]
        begin = [f"{v} {name} = {{0}};" for name in names]
        totals = [f"{v}_wide total{k} = {{0}};" for k in range(count)]
        end = [f"total{k} += __builtin_convertvector({name}, {v}_wide);" for k, name in enumerate(names)]
        lines, cut = summed(_window(kernel, body), begin, totals, end, _PART)
        results = [f"{name} / (float)elements" for name in names]
        if cut:
            results = [f"__builtin_convertvector(total{k} / (double)elements, {v})" for k in range(count)]
    stores = [f"{v}_store(y + (y_at + c + {at}), {result});" for at, result in zip(offsets, results, strict=True)]
    return [*lines, *stores]


def _quantized_vectors(kernel: AveragePool, its: Requantization, offsets: Sequence[int]) -> list[Statement]:
    """Means of quantized numbers, real while they are added, one after the other, as on scalars."""
    loads = [integers.load(f"x + (at + c + {offset})", 0, kernel.dtype) for offset in offsets]
    body = [f"a{k} += {real(load, its, vector=True)};" for k, load in enumerate(loads)]
    low, high = (literal(end, DType.FLOAT32) for end in limits(kernel.dtype))
    ends = f"(vf){{0}}, {low}, {high}"
    stores = [
        integers.store(f"y + (y_at + c + {at})", f"mi_quantize({_scaled(f'a{k}', its)}, {ends})", 0, kernel.dtype)
        for k, at in enumerate(offsets)
    ]
    return [*(f"vf a{k} = {{0}};" for k in range(len(offsets))), *uncut(_window(kernel, body)), *stores]


def _scaled(total: str, its: Requantization) -> str:
    """C of what becomes of a sum before it is rounded."""
    scale, zero = (literal(value, DType.FLOAT32) for value in (its.y_scale, its.y_zero))
    return f"{total} / (float)elements / {scale} + {zero}"


def _plain_channel(kernel: MaxPool | AveragePool, channel: str) -> list[Statement]:
    shape = kernel.shape
    kind, wide = C_TYPES[kernel.dtype], sum_type(kernel.dtype)
    lines: list[Statement] = [f"const long channel = {channel}, x_channel = channel * {shape.x_channel};"]
    if isinstance(kernel, MaxPool):
        test = "value > result"
        if kernel.dtype.is_float:
            test += " || (value != value && result == result)"
        lines.append(f"{kind} result = x[{_place(kernel, 'first')} + x_channel];")
        change = f"if ({test}) result = value;"
        if _numbered(kernel):
            lines.append(f"int64_t position = {_number(kernel, 'first')};")
            change = f"if ({test}) {{ result = value; position = {_number(kernel, 'k')}; }}"
        body = (f"const {kind} value = x[at + x_channel];", change)
        lines += uncut(_window(kernel, body))
    elif kernel.quantized is not None:
        lines.append("float sum = 0;")
        lines += uncut(_window(kernel, [f"sum += {real('x[at + x_channel]', kernel.quantized)};"]))
        mean = quantize(_scaled("sum", kernel.quantized), "0", kernel.dtype)[0]
        lines.append(f"const {kind} result = {mean};")
    else:
        long = math.prod(greatest(axis.kernel) for axis in shape.axes) > _PART
        total = "double" if long and kernel.dtype.is_float else wide
        lines.append(f"{total} sum = 0;")
        lines += uncut(_window(kernel, ["sum += x[at + x_channel];"]))
        lines.append(f"const {kind} result = ({kind})({wide})(sum / ({total})elements);")
    lines.append(f"y[y_at + channel * {shape.y_channel}] = result;")
    if _numbered(kernel):
        lines.append(f"positions[y_at + channel * {shape.y_channel}] = position;")
    return lines


def _numbered(kernel: MaxPool | AveragePool) -> bool:
    """Whether positions are wanted."""
    return isinstance(kernel, MaxPool) and bool(kernel.numbering)


def _number(kernel: MaxPool, element: str) -> str:
    """The position of an element of the window, named as in `_place`."""
    batch, channel, *steps = kernel.numbering
    terms = [f"n * {batch}", f"channel * {channel}"]
    for index, (axis, step) in enumerate(zip(kernel.shape.axes, steps, strict=True)):
        terms.append(f"(begin{index} + {element}{index} * {axis.dilation}) * {step}")
    return " + ".join(terms)
