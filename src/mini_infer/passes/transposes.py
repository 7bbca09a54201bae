"""Transposes, pushed towards the outputs, merged, cancelled, and absorbed by weights.

One sweep carries every transpose along as a fact, "`x` is `u` transposed", and emits it only where an operator needs
`x` itself. Two transposes in a row are one fact; a fact without effect is no fact.

Fires on

1. `Transpose` of a transpose: one, or none; of a constant: another constant,
2. a transpose before an operator that `moves.py` knows (reductions, softmax, slices, pads, reshapes, …): after it,
3. transposes before elementwise operators and `Concat`: after them, when that moves fewer bytes. Constants are
   transposed at build time; other operands get the opposite transpose, which must be worth it,
4. a transpose that a `Reshape` flattens for a matrix product with constant weights: the rows of the weights change
   places instead,
5. a transpose that moves axes of size 1 only: a `Reshape`.

Must not fire on

1. an operator that needs its input as it is (convolutions, products, everything without a move): there it stays, and
   the journal says who holds it,
2. a flattened tensor that anything but such products reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.operators import traits
from mini_infer.passes.attributes import integer
from mini_infer.passes.base import Journal, Needs, Pass
from mini_infer.passes.draft import Draft, rename, rename_outputs
from mini_infer.passes.moves import MOVES
from mini_infer.passes.permutation import (
    Permutation,
    compose,
    extend,
    extended,
    identity,
    inverse,
    keeps_bytes,
    permute,
)
from mini_infer.passes.rows import Shuffle, merged_axes, takes_rows
from mini_infer.passes.wanted import is_transpose, order_of, wanted_orders


@dataclass(frozen=True, slots=True)
class Transposes(Pass):
    """Moves transposes out of the way.

    Parameters
    ----------
    final
        Whether the transposes that stay are reported: in the journal, each with who holds it.
    """

    final: bool = True
    name: ClassVar[str] = "transposes"
    needs: ClassVar[Needs] = (frozenset({"Transpose"}),)

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The graph with as few transposes as the rules above reach."""
        return _Sweep(graph, journal, self.name, final=self.final).run()


@dataclass(frozen=True, slots=True)
class _Fact:
    """A value is `source` transposed by `order`. `node` names the transpose."""

    source: str
    order: Permutation
    node: str


class _Sweep:
    def __init__(self, graph: Graph, journal: Journal, name: str, *, final: bool) -> None:
        self.final = final
        self.graph = graph
        self.draft = Draft(graph)
        self.journal = journal
        self.name = name
        self.facts: dict[str, _Fact] = {}
        self.emitted: set[str] = set()
        self.wanted = wanted_orders(graph)
        self.aligned: dict[tuple[str, Permutation, bool], str] = {}
        self.shuffles: dict[str, Shuffle] = {}
        self.changed = False

    def run(self) -> Graph:
        for old in self.graph.nodes:
            if is_transpose(old, self.graph):
                self._learn(old)
                continue
            shuffle = next((self.shuffles[name] for name in old.inputs if name in self.shuffles), None)
            node = shuffle.apply(old, self.draft) if shuffle else old
            if self.facts.keys().isdisjoint(node.reads):
                self.draft.emit(node)
            else:
                self._pass(node)
        for name in self.graph.outputs:
            self._emit_transpose(name, "the caller gets the result")
        return self.draft.finish() if self.changed else self.graph

    def _made(self, node: str, text: str) -> None:
        self.changed = True
        self.journal.made(self.name, node, text)

    def _shape(self, name: str) -> tuple[int, ...]:
        kind = self.draft.types[name]
        return kind.shape if isinstance(kind, TensorType) else ()

    def _bytes(self, name: str, order: Permutation) -> int:
        """What it costs to transpose a value: its bytes, unless only axes of size 1 move."""
        kind = self.draft.types[name]
        if not isinstance(kind, TensorType) or keeps_bytes(extended(kind.shape, len(order)), order):
            return 0
        return kind.bytes

    def _learn(self, node: Node) -> None:
        """Take a Transpose out of the graph and remember what it says."""
        value, result = node.inputs[0], node.outputs[0]
        order = order_of(node, len(self._shape(value)))
        before = self.facts.get(value)
        source = before.source if before else value
        if before:
            order = compose(before.order, order)
            self._made(node.name, f"merged with the transpose {before.node!r}")
        if source in self.draft.constants:
            self.draft.define(result, np.ascontiguousarray(self.draft.constants[source].transpose(order)))
            self._made(node.name, f"constant {source!r} transposed at build time")
            return
        self.facts[result] = _Fact(source, order, node.name)
        if order == identity(len(order)):
            self._made(node.name, f"{result!r} is {source!r}: the transposes cancel")

    def _emit_transpose(self, name: str, why: str) -> None:
        """Make a transposed value exist, if it does not yet."""
        fact = self.facts.get(name)
        if fact is None or name in self.emitted:
            return
        self.emitted.add(name)
        kind = self.draft.types[name]
        if fact.order == identity(len(fact.order)):
            self.draft.emit(Node(fact.node, "Identity", (fact.source,), (name,), version=13))
        elif isinstance(kind, TensorType) and keeps_bytes(self._shape(fact.source), fact.order):
            self._made(fact.node, f"{fact.source!r} is only reshaped: no element moves")
            self._emit_reshape(fact.node, fact.source, name)
        else:
            if self.final:
                self.journal.refused(self.name, fact.node, f"Transpose to {kind} stays: {why}")
            node = Node(fact.node, "Transpose", (fact.source,), (name,), {"perm": fact.order}, version=13)
            self.draft.emit(node)

    def _emit_reshape(self, node: str, source: str, result: str) -> None:
        shape = self.draft.constant(f"{result}_shape", np.asarray(self._shape(result), dtype=np.int64))
        self.draft.emit(Node(node, "Reshape", (source, shape), (result,), version=13))

    def _pass(self, node: Node) -> None:
        """Emit a node that reads transposed values: moved before the transposes, or after them."""
        for name in node.captured:
            self._emit_transpose(name, f"a nested graph of {node.op} {node.name!r} reads the result")
        facts = {name: self.facts[name] for name in node.inputs if name in self.facts}
        same = {name: fact.source for name, fact in facts.items() if fact.order == identity(len(fact.order))}
        node = rename(node, same)
        facts = {name: fact for name, fact in facts.items() if name not in same}
        reason = self._move(node, facts) if facts else "nothing to move"
        if reason is None:
            return
        for name in facts:
            self._emit_transpose(name, f"{node.op} {node.name!r} reads the result: {reason}")
        self.draft.emit(node)

    def _move(self, node: Node, facts: Mapping[str, _Fact]) -> str | None:
        """Emit the node before the transposes of its inputs; otherwise say why that cannot be."""
        if not all(isinstance(self.graph.types.get(name), TensorType) for name in node.writes):
            return "the result has no static shape"
        if traits(node).elementwise or (node.domain == "" and node.op == "Concat"):
            return self._align(node, facts)
        move = MOVES.get((node.domain, node.op))
        if move is None:
            return f"{node.op} has no form for transposed input"
        value = node.inputs[0]
        if len(facts) > 1 or value not in facts:
            return "only its first input could be transposed"
        fact = facts[value]
        try:
            moved = move(node, fact.order, self.draft)
        except LookupError as error:
            return str(error)
        if isinstance(moved, str):
            return None if self._flatten(node, fact) else moved
        after, order = moved
        gain = self._cost_of_emission(value, fact)
        gain += sum(self._cost_of_wanted(name, identity(len(order))) for name in node.writes)
        gain -= sum(self._cost_of_wanted(name, order) for name in node.writes)
        if gain < 0 or (
            gain == 0 and node.op in _ALONG_LAST and integer(after, "axis", -1) % len(order) != len(order) - 1
        ):
            return "the transpose is cheaper here than after it"
        self._emit_moved(rename(after, {value: fact.source}), order)
        return None

    def _cost_of_wanted(self, name: str, order: Permutation) -> int:
        """The bytes that transposes of the result move, when a value is kept as what `order` transposes to it."""
        kind = self.graph.tensor(name)

        def real(axes: Permutation) -> Permutation:
            return tuple(axis for axis in axes if kind.shape[axis] != 1)

        return kind.bytes * len({real(wanted) for wanted in self.wanted[name]} - {real(inverse(order))})

    def _cost_of_emission(self, name: str, fact: _Fact) -> int:
        """The bytes that a transpose moves to make its result exist, if it would not exist anyway."""
        return 0 if name in self.emitted or self.draft.is_output(name) else self._bytes(fact.source, fact.order)

    def _align(self, node: Node, facts: Mapping[str, _Fact]) -> str | None:
        """Emit an elementwise operator or a Concat in the order that moves the fewest bytes."""
        result = node.outputs[0]
        rank = len(self.graph.tensor(result).shape)
        names = [name for name in dict.fromkeys(node.inputs) if name]
        if not all(self.draft.tensor(name) for name in names):
            return "an operand has no static shape"
        best = self._cost_of_wanted(result, identity(rank))
        best += sum(self._cost_of_emission(name, fact) for name, fact in facts.items())
        chosen: Permutation | None = None
        for order in dict.fromkeys(extend(fact.order, rank) for fact in facts.values()):
            alignment = sum(self._cost_of_alignment(name, order, facts) for name in names)
            cost = alignment + self._cost_of_wanted(result, order)
            if cost < best or (cost == best and alignment == 0 and chosen is None):
                best, chosen = cost, order
        if chosen is None:
            return "transposing the other operands costs more"
        aligned = {name: self._aligned(name, chosen, facts, broadcast=node.op != "Concat") for name in names}
        moved = rename(node, aligned)
        if node.op == "Concat":
            moved = replace(moved, attributes={**node.attributes, "axis": chosen[integer(node, "axis", 1) % rank]})
        self._emit_moved(moved, chosen)
        return None

    def _cost_of_alignment(self, name: str, order: Permutation, facts: Mapping[str, _Fact]) -> int:
        """The bytes to move so that `order` transposes something to this operand."""
        fact = facts.get(name)
        if name in self.draft.constants or (fact and extend(fact.order, len(order)) == order):
            return 0
        return self._bytes(name, inverse(order))

    def _aligned(self, name: str, order: Permutation, facts: Mapping[str, _Fact], *, broadcast: bool) -> str:
        """A value that `order` transposes to this operand, up to axes of size 1 in front if it is broadcast."""
        fact = facts.get(name)
        if fact and extend(fact.order, len(order)) == order:
            return fact.source
        if not fact and self._shape(name).count(1) == len(self._shape(name)):
            return name
        known = self.aligned.get((name, order, broadcast))
        if known is None:
            known = self.aligned[name, order, broadcast] = self._align_anew(name, order, broadcast=broadcast)
        return known

    def _align_anew(self, name: str, order: Permutation, *, broadcast: bool) -> str:
        back = inverse(order)
        full = extended(self._shape(name), len(order))
        if name in self.draft.constants:
            array = self.draft.constants[name].reshape(full).transpose(back)
            if broadcast:
                ones = next((axis for axis, size in enumerate(array.shape) if size != 1), array.ndim)
                array = array.reshape(array.shape[ones:])
            return self.draft.constant(f"{name}_moved", np.ascontiguousarray(array))
        kind = self.draft.types[name]
        if not isinstance(kind, TensorType):
            raise TypeError(f"{name!r} has no static shape")
        moved = self.draft.declare(f"{name}_moved", TensorType(kind.dtype, permute(full, back)))
        if keeps_bytes(full, back) and (name not in self.facts or name in self.emitted):
            self._emit_reshape(moved, name, moved)
            return moved
        source, before = name, identity(len(full))
        if name in self.facts:
            source, before = self.facts[name].source, extend(self.facts[name].order, len(full))
        if len(self._shape(source)) < len(full):
            wide = self.draft.declare(
                f"{source}_wide", TensorType(kind.dtype, extended(self._shape(source), len(full)))
            )
            self._emit_reshape(wide, source, wide)
            source = wide
        self.facts[moved] = _Fact(source, compose(before, back), moved)
        self._emit_transpose(moved, "the other operands are transposed")
        return moved

    def _emit_moved(self, node: Node, order: Permutation) -> None:
        """Emit a node whose results must be transposed by `order` to be what they were."""
        outputs = []
        for name in node.outputs:
            if not name:
                outputs.append("")
                continue
            kind = self.graph.tensor(name)
            moved = self.draft.declare(f"{name}_moved", TensorType(kind.dtype, permute(kind.shape, inverse(order))))
            self.facts[name] = _Fact(moved, order, name)
            outputs.append(moved)
        self._made(node.name, f"{node.op} moved before the transpose")
        self.draft.emit(rename_outputs(node, dict(zip(node.outputs, outputs, strict=True))))

    def _flatten(self, node: Node, fact: _Fact) -> bool:
        """Reshape the untransposed tensor, if products with constant weights can take its elements in another order."""
        result = node.outputs[0]
        axes = merged_axes(self._shape(node.inputs[0]), self._shape(result), fact.order)
        readers = self.graph.readers.get(result, ())
        if (
            axes is None
            or self.draft.is_output(result)
            or not all(takes_rows(reader, result, self.draft.constants) for reader in readers)
        ):
            return False
        flat = self.draft.declare(f"{result}_moved", self.graph.tensor(result))
        self.shuffles[result] = Shuffle(flat, *axes)
        self._made(node.name, f"the rows of the weights after {node.op} change places instead of its elements")
        self._emit_reshape(node.name, fact.source, flat)
        return True


_ALONG_LAST = frozenset("Hardmax LogSoftmax Softmax TopK".split())
"""Operators that are faster along the last axis: they move only where that saves a transpose."""
