"""C of `Reduction`: groups are rows where the innermost dimension is reduced, else columns, worked on side by side.

The order in which elements are combined depends on shapes and the vectors' width alone, never on threads.
"""

from itertools import starmap

from mini_infer.codegen.function import Body
from mini_infer.codegen.reduction.reduction_scalars import ScalarTiles
from mini_infer.codegen.reduction.reduction_vectors import VectorRows, VectorTiles
from mini_infer.codegen.reduction.reduction_writer import Writer
from mini_infer.codegen.vectors.expression import is_cheap, is_of_reals
from mini_infer.ir import DType
from mini_infer.ir.dims import at
from mini_infer.machine import Machine
from mini_infer.program.kernels.reduction.reduction import Reduction


def emit_reduction(kernel: Reduction, machine: Machine) -> Body:
    """Write the function of a `Reduction`."""
    writer: Writer
    if not machine.has_vectors or not _has_vector_form(kernel) or _is_short(kernel, machine.lanes):
        writer = ScalarTiles(kernel)
    elif kernel.reduced[-1]:
        writer = VectorRows(kernel, machine)
    else:
        writer = VectorTiles(kernel, machine)
    body, items = writer.text()
    return Body("fold", body, items, tuple(dict.fromkeys(writer.helpers)))


def _is_short(kernel: Reduction, lanes: int) -> bool:
    """Whether groups are rows that do not fill a vector, and as fast element by element."""
    expressions = [kernel.result, *(part for stage in kernel.stages for part in (stage.map, stage.finalize))]
    return kernel.reduced[-1] and at(kernel.shape[-1]) < lanes and all(map(is_cheap, expressions))


def _has_vector_form(kernel: Reduction) -> bool:
    """Whether everything can be computed in vectors of float32; what is done to a row's value remains scalar."""
    elements = [kernel.dtype, *kernel.dtypes]
    values = [stage.finalize[-1].dtype for stage in kernel.stages]
    parts = [(stage.map, [*elements, *values[:index]]) for index, stage in enumerate(kernel.stages)]
    if not kernel.reduced[-1]:
        parts += [(stage.finalize, [DType.FLOAT32, *values[:index]]) for index, stage in enumerate(kernel.stages)]
    parts += [(kernel.result, [*elements, *values])] * bool(kernel.result)
    return all(starmap(is_of_reals, parts)) and all(strides[-1] in (0, 1) for strides in kernel.strides)
