"""Constant folding: what is known at build time is computed at build time.

Of one value many times only that value is kept, a splat (`ir.splats`), whatever its shape: it takes the bytes of one
element while a model is compiled, and in the engine. Splats are a large `ConstantOfShape`, what an operator that only
moves elements (`Expand`, `Tile`, `Transpose` ...) makes of a splat or of one element, and what an elementwise one makes
of such inputs.

Fires on

1. a node whose inputs are all constants (`Constant` and the like have none at all),
2. `Shape` and `Size` of a tensor whose shape is static, whatever computes the tensor.

Must not fire on

1. random operators, and `Dropout` that may be in training mode: they mean another value each time,
2. nodes with nested graphs: their bodies may read values that are not constant,
3. a result that is larger than both the limit and the constants it is made of, and has more elements than each of
   them: it would bloat the engine; splats do not,
4. a result without a static shape (strings, sequences, optionals),
5. an operator that the evaluator does not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mini_infer.errors import UnsupportedError
from mini_infer.heap import Leftovers
from mini_infer.ir import Graph, Node, OpaqueType, TensorType
from mini_infer.ir.attributes import integer
from mini_infer.ir.dims import symbols_in
from mini_infer.ir.operators import is_random, traits
from mini_infer.ir.splats import element, is_splat, stored_bytes, stored_elements
from mini_infer.passes.base import Evaluate, Pass, sweep
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import GraphRewriter

_SMALL = 4096
"""Bytes of a constant that is written out, whatever its elements."""

_SHARES = 4
"""Parts of all constants: a model is swept a few times, however large it is."""


@dataclass(frozen=True, slots=True)
class FoldConstants(Pass):
    """Replaces nodes by the constants they compute.

    Parameters
    ----------
    evaluate
        Computes a node from arrays.
    limit
        Bytes that a result may have even if the constants it is made of are much smaller. A known value costs no
        context its bytes when it is a weight, and each one when it is not; but an engine is to be no larger than what
        it was made of warrants.
    part
        Bytes that are computed in one sweep; a quarter of all constants if that is more. What they were computed from
        is dropped before the next one.
    kept
        Operators whose results are not computed.
    """

    evaluate: Evaluate
    limit: int = 4 << 20
    part: int = 32 << 20
    kept: frozenset[str] = frozenset()
    name: ClassVar[str] = "fold"
    in_parts: ClassVar[bool] = True

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph without the nodes whose values are known."""
        leftovers = Leftovers()
        part = max(self.part, sum(map(stored_bytes, graph.constants.values())) // _SHARES)
        decided = Remarks()
        size = 0

        def rewrite(node: Node, rewriter: GraphRewriter) -> list[Node] | None:
            nonlocal size
            arrays = _known_extent(node, rewriter)
            if arrays is None and size < part and node.op not in self.kept and _is_candidate(node, rewriter):
                arrays = self._fold(node, rewriter)
            if arrays is None:
                return None
            made = sum(map(stored_bytes, arrays))
            size += made
            leftovers.add(made)  # as much, or more, was used on the way
            for output, array in zip(node.outputs, arrays, strict=False):
                if output:
                    rewriter.set_constant(output, array)
            kinds = ", ".join(str(rewriter.types[name]) for name in node.writes)
            rewriter.applied(node.name, f"{node.op} is known: {kinds}")
            return []

        folded = sweep(self.name, graph, decided, rewrite)
        # What is missed is missed again in the next sweep, if there is one: the last one tells.
        remarks.entries += [each for each in decided.entries if each.applied or folded is graph]
        return folded

    def _fold(self, node: Node, rewriter: GraphRewriter) -> list[np.ndarray] | None:
        """The values of a node whose inputs are all constants, or none if they must not be computed."""
        inputs = [rewriter.constants[name] if name else None for name in node.inputs]
        kinds = [rewriter.types[name] for name in node.writes]
        opaque = [kind for kind in kinds if isinstance(kind, OpaqueType)]
        if opaque:
            rewriter.missed(node.name, f"{node.op} gives {opaque[0]}, which has no static size")
            return None
        tensors = [kind for kind in kinds if not isinstance(kind, OpaqueType)]
        size = sum(kind.bytes for kind in tensors)
        stored = [(stored_elements(array), array.itemsize) for array in inputs if array is not None]
        given = sum(elements * size for elements, size in stored)
        widest = max((elements for elements, _ in stored), default=0)
        try:
            if len(tensors) == 1 and (one := self._splat(node, inputs, tensors[0])) is not None:
                return [one]
            if size > max(self.limit, given) and sum(kind.elements for kind in tensors) > widest:
                reason = f"{node.op} makes {size} bytes from {given}: more than the limit of {self.limit}"
                rewriter.missed(node.name, reason)
                return None
            return self.evaluate(node, inputs)
        except UnsupportedError as error:
            rewriter.missed(node.name, f"{node.op} cannot be evaluated: {error}")
            return None

    def _splat(self, node: Node, inputs: Sequence[np.ndarray | None], kind: TensorType) -> np.ndarray | None:
        """The value of a node of one result, if that is one element many times and more than a few bytes."""
        if node.domain or kind.bytes <= _SMALL:
            return None
        if node.op == "ConstantOfShape":
            given = node.attributes.get("value")
            one = given.reshape(-1)[:1] if isinstance(given, np.ndarray) else np.zeros(1, np.float32)
        elif traits(node).movement and (source := inputs[0]) is not None and (is_splat(source) or source.size == 1):
            one = element(source)
        elif traits(node).elementwise and all(each is None or is_splat(each) or each.size == 1 for each in inputs):
            (one,) = self.evaluate(node, [None if each is None else element(each) for each in inputs])
        else:
            return None
        return np.broadcast_to(one.reshape(()), kind.shape)


def _is_candidate(node: Node, rewriter: GraphRewriter) -> bool:
    """Whether all that the node reads is constant and its value is the same each time."""
    if any(name not in rewriter.constants for name in node.inputs if name) or is_random(node) or _is_open(node):
        return False
    return not any(isinstance(value, Graph) for inner in node.primitives for value in inner.attributes.values())


def _is_open(node: Node) -> bool:
    """Whether a node says what follows from sizes that are given at run time."""
    return bool(symbols_in(node.attributes))


def _known_extent(node: Node, rewriter: GraphRewriter) -> list[np.ndarray] | None:
    """The value of `Shape` or `Size`, which need the type of their input and not its value."""
    if node.domain or node.op not in {"Shape", "Size"}:
        return None
    kind = rewriter.tensor(node.inputs[0])
    if kind is None or kind.is_open:
        return None
    if node.op == "Size":
        return [np.asarray(kind.elements, dtype=np.int64)]
    start, end = integer(node, "start", 0), integer(node, "end", len(kind.shape))
    return [np.asarray(kind.shape[start:end], dtype=np.int64)]
