"""C of kernels that read or write where their indices say. No index leads outside: 1 is returned instead."""

import math

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item, nest
from mini_infer.codegen.statements import For, Statement
from mini_infer.codegen.vectors.expression import scalar_code
from mini_infer.codegen.vectors.halves import one
from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels import Operation
from mini_infer.program.kernels.movement.gather import Gather, GatherElements
from mini_infer.program.kernels.movement.scatter import ScatterElements, ScatterSlices
from mini_infer.program.strides import dense_strides


def emit_gather(kernel: Gather, _machine: Machine) -> Body:
    """Write the function of a `Gather`: an item is a slice."""
    number, batch = "item", "0"
    if kernel.batch != 1:
        batch = f"item / {kernel.count} * {math.prod(kernel.sizes) * kernel.inner}"
        number = f"item % {kernel.count}" if kernel.shared else "item"
    copy: Statement = f"__builtin_memcpy(y + item * {kernel.inner}, x + o, {kernel.inner});"
    helpers: tuple[str, ...] = ()
    if kernel.half is not None:
        copy = For("j", kernel.inner, [f"y[item * {kernel.inner} + j] = mi_of_{kernel.half.value}(x[o + j]);"])
        helpers = (one(kernel.half),)
    body = each_item(*_slice(kernel, number, batch), copy)
    return Body("gather", body, kernel.batch * kernel.count, helpers, can_fail=kernel.checked)


def emit_gather_elements(kernel: GatherElements, _machine: Machine) -> Body:
    """Write the function of a `GatherElements`."""
    still = (*kernel.strides[: kernel.axis], 0, *kernel.strides[kernel.axis + 1 :])
    walks = {"i": dense_strides(kernel.shape), "start": still}
    place = _position("indices[i]", kernel.size, kernel.checked, kernel.strides[kernel.axis])
    body = nest(kernel.shape, walks, "long o = start;", place, "y[i] = x[o];")
    return Body("gather_elements", *body, can_fail=kernel.checked)


def emit_scatter_slices(kernel: ScatterSlices, _machine: Machine) -> Body:
    """Write the function of a `ScatterSlices`: one item, because slices may meet."""
    join, helpers = _join(kernel.reduction, kernel.dtype, "y[o + j]", f"updates[slice * {kernel.inner} + j]")
    slices: list[Statement] = [*_slice(kernel, "slice", "0"), For("j", kernel.inner, [join])]
    body = each_item(For("slice", kernel.count, slices))
    return Body("scatter_slices", body, 1, helpers, can_fail=kernel.checked)


def emit_scatter_elements(kernel: ScatterElements, _machine: Machine) -> Body:
    """Write the function of a `ScatterElements`: an item is a line along the axis, where elements may meet."""
    axis = kernel.axis
    dense = dense_strides(kernel.shape)
    outer, line, start = ((*item[:axis], *item[axis + 1 :]) for item in (kernel.shape, dense, kernel.strides))
    join, helpers = _join(kernel.reduction, kernel.dtype, "y[o]", "updates[i]")
    element = [
        f"const long i = line + k * {dense[axis]};",
        "long o = start;",
        _position("indices[i]", kernel.size, kernel.checked, kernel.strides[axis]),
        join,
    ]
    body = nest(outer, {"line": line, "start": start}, For("k", kernel.shape[axis], element))
    return Body("scatter_elements", *body, helpers, can_fail=kernel.checked)


def _slice(kernel: Gather | ScatterSlices, number: str, start: str) -> list[str]:
    """Statements that declare `o`, where the slice begins that a list of indices names, from `start` on."""
    strides = dense_strides((*kernel.sizes, kernel.inner))
    return [
        f"const {C_TYPES[kernel.index]} *at = indices + {number} * {len(kernel.sizes)};",
        f"long o = {start};",
        *(_position(f"at[{k}]", size, kernel.checked, strides[k]) for k, size in enumerate(kernel.sizes)),
    ]


def _position(index: str, size: int, checked: bool, stride: int) -> str:  # noqa: FBT001 - a description's field
    """Statements that move `o` to an index of a dimension; they leave the function when it is out of range."""
    test = f"  if (p < 0 || p >= {size}) return 1;\n" if checked else ""
    return f"{{\n  int64_t p = {index};\n  p += p < 0 ? {size} : 0;\n{test}  o += p * {stride};\n}}"


def _join(reduction: str, dtype: DType, old: str, new: str) -> tuple[str, tuple[str, ...]]:
    """Statements that put a new element where an old one is, and the functions they call."""
    if not reduction:
        return f"{old} = {new};", ()
    code = scalar_code((Operation(reduction, (0, 1), dtype),), (old, new), (dtype, dtype))
    return "\n".join([*code.statements, f"{old} = {code.result};"]), code.helpers
