"""Functions of one quantized tensor as one table: what is computed of it and of what tables make of it.

::

    x ─┬─────────── QLinearMul ─ y      ─▶      x ─ Lookup ─ y
       └─ Lookup ──────┘

Such is a SiLU, or a HardSwish, of 8-bit numbers. Fires on

1. `Lookup` of a `Lookup` that nothing else reads,
2. `QLinearAdd` and `QLinearMul` whose operands are one tensor of the result's shape, or what tables make of it, or one
   constant number; one of them at least is such a tensor.

Must not fire on

1. operands that broadcast, or tensors of one element,
2. scales, zero points or tables that are not constant.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.graph import CONTRIB_DOMAIN, QUANTIZED_DOMAIN
from mini_infer.ir.lookup import every_value
from mini_infer.ir.quantized import lookup
from mini_infer.passes.base import Evaluate, Needs, Pass, sweep
from mini_infer.passes.cleanup.dead import DeadCode
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import GraphRewriter

_OPERANDS = {
    (QUANTIZED_DOMAIN, "Lookup"): (0,),
    (CONTRIB_DOMAIN, "QLinearAdd"): (0, 3),
    (CONTRIB_DOMAIN, "QLinearMul"): (0, 3),
}
"""(domain, operator) → the positions of the tensors."""


@dataclass(frozen=True, slots=True)
class FuseTables(Pass):
    """Makes one `Lookup` of what is a function of one quantized tensor.

    Parameters
    ----------
    evaluate
        Computes a node from arrays.
    """

    evaluate: Evaluate
    name: ClassVar[str] = "tables"
    needs: ClassVar[Needs] = (frozenset(op for _, op in _OPERANDS),)

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph in which nothing more can be done; tables that nobody reads any longer are gone."""
        while (after := sweep(self.name, graph, remarks, self.rewrite)) is not graph:
            graph = DeadCode()(after, remarks)
        return graph

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> list[Node] | None:
        """The `Lookup` that a node is."""
        positions = _OPERANDS.get((node.domain, node.op), ())
        constants = {at: rewriter.constants.get(name) for at, name in enumerate(node.inputs)}
        tensors = [at for at in positions if constants[at] is None]
        if not tensors or any(array is None for at, array in constants.items() if at not in tensors):
            return None
        if any(array.size != 1 for at, array in constants.items() if at in positions and array is not None):
            return None
        source = self._source(node, tensors, rewriter)
        kind = rewriter.tensor(source) if source else None
        if source is None or kind is None or not _alike(node, tensors, kind, rewriter):
            return None
        values = every_value(kind.dtype.numpy)
        given = [
            _made(node.inputs[at], source, values, rewriter) if at in tensors else _single(array)
            for at, array in constants.items()
        ]
        (table,) = self.evaluate(node, given)
        rewriter.applied(node.name, f"{node.op} is a table of {source!r}")
        return [lookup(node.name, source, rewriter.new_constant(f"{node.outputs[0]}_table", table), node.outputs[0])]

    def _source(self, node: Node, tensors: list[int], rewriter: GraphRewriter) -> str | None:
        """The nearest tensor of which all operands are functions; none of a `Lookup` of what others read too."""
        first, *others = [[name for name, _ in _origins(node.inputs[at], rewriter)] for at in tensors]
        common = [name for name in first if all(name in each for each in others)]
        if node.op != "Lookup":
            return common[0] if common else None
        return common[1] if len(common) > 1 and rewriter.has_one_use(common[0]) else None


def _origins(name: str, rewriter: GraphRewriter) -> Iterator[tuple[str, np.ndarray | None]]:
    """A tensor, and what it is looked up from, each with the table by which the one before follows from it."""
    yield name, None
    while (node := rewriter.producer(name)) is not None and (node.domain, node.op) == (QUANTIZED_DOMAIN, "Lookup"):
        name, table = node.inputs
        if (array := rewriter.constants.get(table)) is None:
            return
        yield name, array


def _made(name: str, source: str, values: np.ndarray, rewriter: GraphRewriter) -> np.ndarray:
    """What tables make of all values of the source."""
    tables = []
    for origin, table in _origins(name, rewriter):
        if table is not None:
            tables.append(table)
        if origin == source:
            break
    for table in reversed(tables):
        values = table[values.astype(np.int32) - np.iinfo(values.dtype).min]
    return values


def _alike(node: Node, tensors: list[int], kind: TensorType, rewriter: GraphRewriter) -> bool:
    """Whether operands and result have one shape, of several elements: a sum rounds single ones in another order."""
    shapes = [rewriter.tensor(name) for name in (*(node.inputs[at] for at in tensors), node.outputs[0])]
    return kind.elements != 1 and all(each is not None and each.shape == kind.shape for each in shapes)


def _single(array: np.ndarray | None) -> np.ndarray | None:
    """A constant of one number without axes; a table as it is."""
    return array.reshape(()) if array is not None and array.size == 1 else array
