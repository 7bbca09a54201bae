"""C of `Elementwise`: vectors where it computes in float32, loops that the compiler vectorizes elsewhere."""

from collections.abc import Sequence

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import chunks, nest
from mini_infer.codegen.statements import Block, For, If, Statement, text
from mini_infer.codegen.tiling import Tiling
from mini_infer.codegen.vectors.expression import Rendered, has_vector_form, is_cheap, scalar_code, stored_code
from mini_infer.codegen.vectors.integers import definitions, load
from mini_infer.ir import Dim, DType
from mini_infer.ir.dims import at
from mini_infer.ir.fusion import FEW_PLANES
from mini_infer.machine import Machine
from mini_infer.program.kernels.elementwise import Elementwise
from mini_infer.program.kernels.expression import EIGHT_BITS

_CHUNK = 4096
"""Elements in an item, where the whole output is one row."""

_PIXELS = 2
"""The innermost dimensions of pixels: which, and of what plane."""


def emit_elementwise(kernel: Elementwise, machine: Machine) -> Body:
    """Write the function of an `Elementwise`.

    Rows are computed one after the other: `o` is where a row starts in the output `y`, and `o0`, `o1`, … where it
    starts in the inputs `x0`, `x1`, …
    """
    if machine.has_vectors and _is_woven(kernel):
        return _woven(kernel, machine)
    *outer, size = kernel.shape
    vector = (
        machine.has_vectors
        and has_vector_form(kernel.expression, kernel.dtypes)
        and _is_real(kernel)
        and all(walk[-1] in (0, 1) for walk in kernel.strides)
        and (kernel.target[-1] == 1 or size == 1)
        and not (at(size) < machine.lanes // 2 and is_cheap(kernel.expression))
    )
    start, stop = ("0", str(size)) if outer else ("start", "stop")
    row, helpers = _vector_row(kernel, start, stop, machine) if vector else _scalar_row(kernel, start, stop)
    if outer:
        apart = ((index, walk) for index, walk in enumerate(kernel.strides) if index not in kernel.in_place)
        walks = {f"o{index}": walk[:-1] for index, walk in apart}
        body, items = nest(outer, {**walks, "o": kernel.target[:-1]}, *row)
    else:
        body, items = chunks(size, _CHUNK, *row)
    return Body("elementwise", body, items, helpers)


def _is_woven(kernel: Elementwise) -> bool:
    """Whether the elements of a few planes, walked side by side in each input, become bytes that are neighbors in y."""
    if len(kernel.shape) < _PIXELS or kernel.in_place or kernel.expression[-1].dtype not in EIGHT_BITS:
        return False
    (size, columns), (step, one) = kernel.shape[-2:], kernel.target[-2:]
    few = not isinstance(columns, Dim) and not isinstance(size, Dim) and 1 < columns <= FEW_PLANES
    planes = all(walk[-2] == 1 or walk[-2:] == (0, 0) for walk in kernel.strides)
    apart = any(walk[-1] not in (0, 1) for walk in kernel.strides)
    return (
        few and (step, one) == (columns, 1) and planes and apart and has_vector_form(kernel.expression, kernel.dtypes)
    )


def _woven(kernel: Elementwise, machine: Machine) -> Body:
    """A vector of each plane at a time, from which pixels are made."""
    *outer, size, columns = kernel.shape
    result, lanes, places = kernel.expression[-1].dtype, machine.lanes, range(len(kernel.strides))
    starts = [f"x{index} + o{index}" if outer else f"x{index}" for index in places]
    stays = [walk[-2:] == (0, 0) for walk in kernel.strides]
    once = [f"const vf s{index} = mi_set1(*({starts[index]}));" for index in places if stays[index]]

    def plane(k: int, part: int) -> list[str]:
        given = [
            f"s{index}" if stays[index] else load(f"{starts[index]} + j + {k * walk[-1]}", part, dtype)
            for index, (walk, dtype) in enumerate(zip(kernel.strides, kernel.dtypes, strict=True))
        ]
        return list(stored_code(kernel.expression, given, f"line[{k}]", part).statements)

    def pixels(part: int) -> list[Statement]:
        weave = [f"q[i * {columns} + {k}] = line[{k}][i];" for k in range(columns)]
        target = f"{C_TYPES[result]} *const q = y + {'o + ' if outer else ''}j * {columns};"
        planes = [Block(plane(k, part)) for k in range(columns)]
        return [f"{C_TYPES[result]} line[{columns}][{lanes}];", *planes, target, For("i", part or lanes, weave)]

    stop = str(size) if outer else "stop"
    row: list[Statement] = [*once, f"long j = {'0' if outer else 'start'};"]
    if size >= lanes:
        row.append(f"for (; j <= {stop} - {lanes}; j += {lanes}) {text([Block(pixels(0))])}")
    if size % lanes:
        row.append(If(f"j < {stop}", pixels(size % lanes)))
    walks = {f"o{index}": walk[:-2] for index, walk in enumerate(kernel.strides)}
    body, items = nest(outer, {**walks, "o": kernel.target[:-2]}, *row) if outer else chunks(size, _CHUNK, *row)
    helpers = stored_code(kernel.expression, [f"s{index}" for index in places], "line").helpers
    return Body("elementwise", body, items, (*definitions(machine, result, *kernel.dtypes), *helpers))


def _is_real(kernel: Elementwise) -> bool:
    """Whether it does something in float32; of whole numbers alone compilers make narrower vectors."""
    only_casts = [step.name for step in kernel.expression] == ["Cast"] and DType.INT32 in kernel.dtypes
    return DType.FLOAT32 in (*kernel.dtypes, *(step.dtype for step in kernel.expression)) and not only_casts


def _stays(kernel: Elementwise, index: int) -> bool:
    """Whether an input does not change along the row, nor by what is written there."""
    return index not in kernel.in_place and kernel.strides[index][-1] == 0


def _elements(kernel: Elementwise) -> list[str]:
    """C for element `j` of the row in each input; those in place are read through `y`, which is `restrict`."""
    outer = len(kernel.shape) > 1
    elements = []
    for index, strides in enumerate(kernel.strides):
        step = strides[-1]
        if index in kernel.in_place:
            same = kernel.dtypes[index] is kernel.expression[-1].dtype
            pointer = "y" if same else f"((const {C_TYPES[kernel.dtypes[index]]} *)y)"
            elements.append(f"{pointer}[{_target(kernel)}]")
        else:
            terms = [f"o{index}"] * outer + [f"j * {step}" if step != 1 else "j"] * (step != 0)
            elements.append(f"x{index}[{' + '.join(terms) or 0}]")
    return elements


def _target(kernel: Elementwise) -> str:
    """Where element `j` of the row is in the output."""
    step = kernel.target[-1]
    return ("o + " if len(kernel.shape) > 1 else "") + ("j" if step == 1 else f"j * {step}")


def _once(kernel: Elementwise, elements: list[str], kinds: Sequence[str], load: str) -> list[str]:
    """Read the inputs that do not change along the row before its loop; their element becomes a name."""
    lines = []
    for index in range(len(elements)):
        if _stays(kernel, index):
            lines.append(f"const {kinds[index]} s{index} = {load.format(elements[index])};")
            elements[index] = f"s{index}"
    return lines


def _scalar_row(kernel: Elementwise, start: str, stop: str) -> tuple[list[Statement], tuple[str, ...]]:
    """The loop over elements `[start, stop)` of a row, and the functions it calls."""
    elements = _elements(kernel)
    once = _once(kernel, elements, [C_TYPES[dtype] for dtype in kernel.dtypes], "{}")
    code = scalar_code(kernel.expression, elements, kernel.dtypes)
    store = f"y[{_target(kernel)}] = {code.result};"
    return [*once, For("j", stop, [*code.statements, store], first=start)], code.helpers


def _vector_row(
    kernel: Elementwise, start: str, stop: str, machine: Machine
) -> tuple[list[Statement], tuple[str, ...]]:
    """The same a vector at a time; what remains at the row's end is a part of a vector."""
    size, lanes, result = kernel.shape[-1], machine.lanes, kernel.expression[-1].dtype
    elements = _elements(kernel)
    once = _once(kernel, elements, ["vf"] * len(elements), "mi_set1({})")
    target = f"&y[{_target(kernel)}]"

    loaded = [not _stays(kernel, index) for index in range(len(elements))]

    def code(part: int) -> Rendered:
        loads = [
            load(f"&{name}", part, dtype) if each else name
            for name, dtype, each in zip(elements, kernel.dtypes, loaded, strict=True)
        ]
        return stored_code(kernel.expression, loads, target, part)

    row: list[Statement] = [*once, f"long j = {start};"]
    tiling = Tiling(size, lanes)
    if tiling.some_whole:
        row.append(f"for (; j <= {stop} - {lanes}; j += {lanes}) {text([Block(code(0).statements)])}")
    if tiling.rests:
        row.append(If(f"j < {stop}", code(size % lanes).statements))
    return row, (*definitions(machine, result, *kernel.dtypes), *code(0).helpers)
