"""C of `NegativeLogLikelihood`."""

from mini_infer.codegen.contraction.plain import sum_type
from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import For
from mini_infer.machine import Machine
from mini_infer.program.kernels.reduction.loss import NegativeLogLikelihood


def emit_negative_log_likelihood(kernel: NegativeLogLikelihood, _machine: Machine) -> Body:
    """Write the function of a `NegativeLogLikelihood`: an item is a batch entry; one item if all are summed."""
    kind = C_TYPES[kernel.dtype]
    wide = sum_type(kernel.dtype)
    places, classes = kernel.places, kernel.classes
    ignores = kernel.ignored is not None
    unless = "ignored ? 0 : " if ignores else ""
    weight = unless + (f"({wide})weights[chosen]" if kernel.weighted else "1")
    loss = f"{unless}-({wide})x[(n * {classes} + chosen) * {places} + i] * weight"
    store = {
        "none": f"y[n * {places} + i] = ({kind})loss;",
        "sum": "sum += loss;",
        "mean": "sum += loss;\ntotal += weight;",
    }[kernel.reduction]
    known = "!ignored && " if ignores else ""
    place = [
        f"int64_t chosen = target[n * {places} + i];",
        *([f"const int ignored = chosen == {kernel.ignored};"] if ignores else []),
        f"if ({known}(chosen < -{classes} || chosen >= {classes})) return 1;",
        f"chosen += chosen < 0 ? {classes} : 0;",
        f"const {wide} weight = {weight};",
        f"const {wide} loss = {loss};",
        store,
    ]
    row = For("i", places, place)
    if kernel.reduction == "none":
        body, items = each_item("const long n = item;", row), kernel.batch
    else:
        sums, result = ("sum = 0, total = 0", "sum / total") if kernel.reduction == "mean" else ("sum = 0", "sum")
        rows = For("n", kernel.batch, [row])
        body, items = each_item(f"double {sums};", rows, f"*y = ({kind})({wide})({result});"), 1
    return Body("class_loss", body, items, can_fail=True)
