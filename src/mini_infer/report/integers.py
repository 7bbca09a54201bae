"""What of a quantized model is computed with integers, and what stays real."""

from mini_infer.ir import Node
from mini_infer.program import Program

_INTEGER_PRODUCTS = frozenset({"ConvInteger", "MatMulInteger"})
_REAL_PRODUCTS = frozenset({"Attention", "Conv", "ConvTranspose", "Gemm", "MatMul"})
_QUANTIZING = frozenset({"DynamicQuantizeLinear", "QuantizeLinear", "Requantize"})
_MOST = 3
"""Real products that are named, before they are counted."""


def integers_lines(program: Program) -> list[str]:
    """One line on how many products are sums of integers, and which are not; none where nothing is quantized."""
    nodes = [node for step in program.steps for node in step.node.primitives]
    sums = sum(node.op in _INTEGER_PRODUCTS for node in nodes)
    if not sums and not any(node.op in _QUANTIZING for node in nodes):
        return []
    tables = sum(node.op == "Lookup" for node in nodes)
    real = [node for node in nodes if node.op in _REAL_PRODUCTS and not node.domain]
    line = f"quantized: {_counted(sums, 'product')} of integers"
    if tables:
        line += f", {_counted(tables, 'table')}"
    return [line + (f"; real: {_named(real)}" if real else "")]


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _named(nodes: list[Node]) -> str:
    names = [f"{node.op} {node.name}" for node in nodes[:_MOST]]
    more = len(nodes) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
