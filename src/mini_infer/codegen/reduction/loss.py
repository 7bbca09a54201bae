"""C of `ClassLoss`."""

from textwrap import indent

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item
from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.reduction.loss import ClassLoss


def emit_class_loss(kernel: ClassLoss, _machine: Machine) -> Body:
    """Write the function of a `ClassLoss`: an item is a batch entry; one item if all are summed."""
    kind = C_TYPES[kernel.dtype]
    wide = C_TYPES[DType.FLOAT64 if kernel.dtype is DType.FLOAT64 else DType.FLOAT32]
    places, classes = kernel.places, kernel.classes
    weight = f"({wide})weights[chosen]" if kernel.weighted else "1"
    if kernel.ignored is not None:
        weight = f"ignored ? 0 : {weight}"
    loss = f"-({wide})x[(n * {classes} + chosen) * {places} + i] * weight"
    if kernel.ignored is not None:
        loss = f"ignored ? 0 : {loss}"
    store = {
        "none": f"y[n * {places} + i] = ({kind})loss;",
        "sum": "sum += loss;",
        "mean": "sum += loss;\ntotal += weight;",
    }[kernel.reduction]
    known = "!ignored && " if kernel.ignored is not None else ""
    place = "\n".join(
        [
            f"int64_t chosen = target[n * {places} + i];",
            *([f"const int ignored = chosen == {kernel.ignored};"] if kernel.ignored is not None else []),
            f"if ({known}(chosen < -{classes} || chosen >= {classes})) return 1;",
            f"chosen += chosen < 0 ? {classes} : 0;",
            f"const {wide} weight = {weight};",
            f"const {wide} loss = {loss};",
            store,
        ]
    )
    row = f"for (long i = 0; i < {places}; ++i) {{\n{indent(place, '  ')}\n}}"
    if kernel.reduction == "none":
        body, items = each_item(f"const long n = item;\n{row}"), kernel.batch
    else:
        sums, result = ("sum = 0, total = 0", "sum / total") if kernel.reduction == "mean" else ("sum = 0", "sum")
        rows = f"for (long n = 0; n < {kernel.batch}; ++n) {{\n{indent(row, '  ')}\n}}"
        body, items = each_item(f"double {sums};\n{rows}\n*y = ({kind})({wide})({result});"), 1
    return Body("class_loss", body, items, can_fail=True)
