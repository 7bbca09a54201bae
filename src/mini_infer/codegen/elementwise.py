"""C of `Elementwise`: vectors where it computes in float32, loops that the compiler vectorizes elsewhere."""

from collections.abc import Sequence

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import chunks, nest
from mini_infer.codegen.statements import Block, For, If, Statement, text
from mini_infer.codegen.tiling import Tiling
from mini_infer.codegen.vectors.expression import Rendered, has_vector_form, is_cheap, scalar_code, vector_code
from mini_infer.codegen.vectors.integers import SUFFIXES, definitions, load, store
from mini_infer.ir import Dim, DType
from mini_infer.ir.dims import at
from mini_infer.machine import Machine
from mini_infer.program.kernels.elementwise import Elementwise
from mini_infer.program.kernels.expression import EIGHT_BITS

_WOVEN = 256
"""Elements of a row that are woven with those of others at once."""

_FEW = 4
"""Rows that are few."""

_CHUNK = 4096
"""Elements in an item, where the whole output is one row."""


def emit_elementwise(kernel: Elementwise, machine: Machine) -> Body:
    """Write the function of an `Elementwise`.

    Rows are computed one after the other: `o` is where a row starts in the output `y`, and `o0`, `o1`, … where it
    starts in the inputs `x0`, `x1`, …
    """
    *outer, size = kernel.shape
    if machine.has_vectors and _is_woven(kernel):
        return _woven(kernel, machine)
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
    """Whether rows become the few columns of a matrix of bytes: images that get channels last."""
    rows = kernel.shape[-2] if len(kernel.shape) > 1 else 1
    if isinstance(rows, Dim) or not 1 < rows <= _FEW or kernel.target[-2:] != (1, rows) or kernel.in_place:
        return False
    walks = all(walk[-1] in (0, 1) for walk in kernel.strides)
    eight_bits = kernel.expression[-1].dtype in EIGHT_BITS
    return walks and eight_bits and _is_real(kernel) and has_vector_form(kernel.expression, kernel.dtypes)


def _woven(kernel: Elementwise, machine: Machine) -> Body:
    """Some of each row in vectors, which are then written in turns, a byte of each row."""
    *outer, rows, size = kernel.shape
    lanes, result = machine.lanes, kernel.expression[-1].dtype

    def step(row: int, part: str) -> Rendered:
        loads = []
        for index, (strides, dtype) in enumerate(zip(kernel.strides, kernel.dtypes, strict=True)):
            place = " + ".join([f"o{index}"] * bool(outer) + [str(row * strides[-2])] + ["c + j"] * (strides[-1] == 1))
            address = f"&x{index}[{place}]"
            if strides[-1] == 0:
                loads.append(f"mi_set1(*{address})")
            else:
                loads.append(f"mi_load{SUFFIXES[dtype]}_n({address}, {part})" if part else load(address, 0, dtype))
        return vector_code(kernel.expression, loads)

    stop = size if outer else "stop"
    lines: list[Statement] = [
        f"const long count = {stop} - c < {_WOVEN} ? {stop} - c : {_WOVEN};",
        f"{C_TYPES[result]} row[{rows}][{_WOVEN}];",
    ]
    for row in range(rows):
        whole, part = step(row, ""), step(row, "(int)(count - j)")
        end = f"mi_store{SUFFIXES[result]}_n(&row[{row}][j], {part.result}, (int)(count - j));"
        whole_lines = [*whole.statements, store(f"&row[{row}][j]", whole.result, 0, result)]
        lines.append(
            Block(
                [
                    "long j = 0;",
                    f"for (; j <= count - {lanes}; j += {lanes}) {text([Block(whole_lines)])}",
                    If("j < count", [*part.statements, end]),
                ]
            )
        )
    to = "o + " if outer else ""
    turns = [f"y[{to}(c + j) * {rows} + {row}] = row[{row}][j];" for row in range(rows)]
    lines.append(For("j", "count", turns))
    every = For("c", stop, lines, first=0 if outer else "start", step=_WOVEN)
    if outer:
        walks = {f"o{index}": walk[:-2] for index, walk in enumerate(kernel.strides)}
        body, items = nest(outer, {**walks, "o": kernel.target[:-2]}, every)
    else:
        body, items = chunks(size, _CHUNK, every)
    return Body("elementwise", body, items, (*definitions(machine, result, *kernel.dtypes), *step(0, "").helpers))


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
        return vector_code(kernel.expression, loads)

    def step(part: int) -> list[str]:
        rendered = code(part)
        return [*rendered.statements, store(target, rendered.result, part, result)]

    row: list[Statement] = [*once, f"long j = {start};"]
    tiling = Tiling(size, lanes)
    if tiling.some_whole:
        row.append(f"for (; j <= {stop} - {lanes}; j += {lanes}) {text([Block(step(0))])}")
    if tiling.rests:
        row.append(If(f"j < {stop}", step(size % lanes)))
    return row, (*definitions(machine, result, *kernel.dtypes), *code(0).helpers)
