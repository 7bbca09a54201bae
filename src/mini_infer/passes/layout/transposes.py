"""Transposes sunk towards the outputs, merged, cancelled, and absorbed by weights.

One sweep collects every transpose as pending, "`x` is `u` transposed", and appends it only where an operator needs `x`
itself. Two transposes in a row are one pending transpose; one that moves no axis is none.

Fires on

1. `Transpose` of a transpose: one, or none; of a constant: another constant,
2. a transpose before an operator with a rule in `transpose_rules.py` (reductions, softmax, slices, pads, reshapes, …):
   it moves after the operator,
3. transposes before elementwise operators and `Concat`: after them, when that moves fewer bytes. Constants are
   transposed at build time; other operands get the opposite transpose, which must be worth it,
4. a transpose that a `Reshape` flattens for a `Gemm` or `MatMul` with constant weights: the rows of the weights change
   places instead,
5. a transpose that moves axes of size 1 only: a `Reshape`.

Must not fire on

1. an operator that needs its input as it is (convolutions, matrix products, everything without a rule): there it
   stays, and a remark says which operator holds it,
2. a flattened tensor that anything but such nodes reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mini_infer.ir import Graph, Node, TensorType, UndecidedError
from mini_infer.ir.attributes import integer
from mini_infer.ir.dims import at
from mini_infer.ir.operators import traits
from mini_infer.passes.base import Needs, Pass
from mini_infer.passes.layout.permutation import Permutation, extend, extended, identity, inverse, keeps_bytes, permute
from mini_infer.passes.layout.required_layouts import is_transpose, order_of, required_layouts
from mini_infer.passes.layout.rows import Shuffle, merged_axes, takes_rows
from mini_infer.passes.layout.transpose_rules import TRANSPOSE_RULES
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import GraphRewriter, rename, rename_outputs


@dataclass(frozen=True, slots=True)
class Transposes(Pass):
    """Sinks transposes, and removes those that can be.

    Parameters
    ----------
    final
        Whether the transposes that stay are reported: a remark for each, with the operator that holds it.
    """

    final: bool = True
    name: ClassVar[str] = "transposes"
    needs: ClassVar[Needs] = (frozenset({"Transpose"}),)

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph with as few transposes as the rules above reach."""
        return _Sweep(graph, GraphRewriter(graph, self.name, remarks), final=self.final).run()


@dataclass(frozen=True, slots=True)
class _Pending:
    """A transpose that is not in the graph yet: a value is `source` transposed by `order`. `node` is its name."""

    source: str
    order: Permutation
    node: str

    @property
    def moves_nothing(self) -> bool:
        """Whether the value is its source."""
        return self.order == identity(len(self.order))


class _Sweep:
    def __init__(self, graph: Graph, rewriter: GraphRewriter, *, final: bool) -> None:
        self.final = final
        self.graph = graph
        self.rewriter = rewriter
        self.pending: dict[str, _Pending] = {}
        self.materialized: set[str] = set()
        self.required = required_layouts(graph)
        self.aligned: dict[tuple[str, Permutation, bool], str] = {}
        self.shuffles: dict[str, Shuffle] = {}

    def run(self) -> Graph:
        for old in self.graph.nodes:
            if is_transpose(old, self.graph):
                self._collect(old)
                continue
            shuffle = next((self.shuffles[name] for name in old.inputs if name in self.shuffles), None)
            self._visit(shuffle.apply(old, self.rewriter) if shuffle else old)
        for name in self.graph.outputs:
            self._append_transpose(name, "the caller gets the result")
        return self.rewriter.finish()

    def _shape(self, name: str) -> tuple[int, ...]:
        kind = self.rewriter.tensor(name)
        return kind.shape if kind else ()

    def _bytes(self, name: str, order: Permutation) -> int:
        """What it costs to transpose a value: its bytes, unless only axes of size 1 move."""
        kind = self.rewriter.tensor(name)
        return 0 if kind is None or keeps_bytes(extended(kind.shape, len(order)), order) else at(kind.bytes)

    def _collect(self, node: Node) -> None:
        """Leave a Transpose out of the graph; it is pending until an operator needs its result."""
        value, result = node.inputs[0], node.outputs[0]
        order = order_of(node, len(self._shape(value)))
        earlier = self.pending.get(value)
        source = earlier.source if earlier else value
        if earlier:
            order = permute(earlier.order, order)
            self.rewriter.applied(node.name, f"merged with the transpose {earlier.node!r}")
        if source in self.rewriter.constants:
            self.rewriter.set_constant(result, np.ascontiguousarray(self.rewriter.constants[source].transpose(order)))
            self.rewriter.applied(node.name, f"constant {source!r} transposed at build time")
            return
        self.pending[result] = _Pending(source, order, node.name)
        if order == identity(len(order)):
            self.rewriter.applied(node.name, f"{result!r} is {source!r}: the transposes cancel")

    def _append_transpose(self, name: str, why: str) -> None:
        """Materialize a transposed value, if it is not yet."""
        transpose = self.pending.get(name)
        if transpose is None or name in self.materialized:
            return
        self.materialized.add(name)
        kind = self.rewriter.types[name]
        if transpose.moves_nothing:
            self.rewriter.append(Node(transpose.node, "Identity", (transpose.source,), (name,), version=13))
        elif isinstance(kind, TensorType) and keeps_bytes(self._shape(transpose.source), transpose.order):
            self.rewriter.applied(transpose.node, f"{transpose.source!r} is only reshaped: no element moves")
            self._append_reshape(transpose.node, transpose.source, name)
        else:
            if self.final:
                self.rewriter.missed(transpose.node, f"Transpose to {kind} stays: {why}")
            perm = {"perm": transpose.order}
            self.rewriter.append(Node(transpose.node, "Transpose", (transpose.source,), (name,), perm, version=13))

    def _append_reshape(self, node: str, source: str, result: str) -> None:
        self.rewriter.append(self.rewriter.reshape(node, source, result, self._shape(result)))

    def _visit(self, node: Node) -> None:
        """Append a node: before the transposes of what it reads, or after them."""
        for name in node.captured:
            self._append_transpose(name, f"a nested graph of {node.op} {node.name!r} reads the result")
        pending = {name: self.pending[name] for name in node.inputs if name in self.pending}
        same = {name: transpose.source for name, transpose in pending.items() if transpose.moves_nothing}
        node = rename(node, same)
        pending = {name: transpose for name, transpose in pending.items() if name not in same}
        reason = self._move(node, pending) if pending else "nothing to move"
        if reason is None:
            return
        for name in pending:
            self._append_transpose(name, f"{node.op} {node.name!r} reads the result: {reason}")
        self.rewriter.append(node)

    def _move(self, node: Node, pending: Mapping[str, _Pending]) -> str | None:
        """Append the node before the transposes of its inputs; otherwise say why that cannot be."""
        if not all(isinstance(self.graph.types.get(name), TensorType) for name in node.writes):
            return "the result has no static shape"
        if traits(node).elementwise or (node.domain == "" and node.op == "Concat"):
            return self._align(node, pending)
        rule = TRANSPOSE_RULES.get((node.domain, node.op))
        if rule is None:
            return f"{node.op} has no form for transposed input"
        value = node.inputs[0]
        if len(pending) > 1 or value not in pending:
            return "only its first input could be transposed"
        transpose = pending[value]
        try:
            moved = rule(node, transpose.order, self.rewriter)
        except (LookupError, UndecidedError) as error:
            return str(error)
        if isinstance(moved, str):
            return None if self._flatten(node, transpose) else moved
        after, order = moved
        gain = self._cost_of_materializing(value, transpose)
        gain += sum(self._cost_of_required(name, identity(len(order))) for name in node.writes)
        gain -= sum(self._cost_of_required(name, order) for name in node.writes)
        slower = node.op in _ALONG_LAST and integer(after, "axis", -1) % len(order) != len(order) - 1
        if gain < 0 or (gain == 0 and slower):
            return "the transpose is cheaper here than after it"
        self._append_moved(rename(after, {value: transpose.source}), order)
        return None

    def _cost_of_required(self, name: str, order: Permutation) -> int:
        """The bytes that transposes to the required layouts move, if what is stored must be transposed by `order`."""
        kind = self.graph.tensor(name)

        def real(axes: Permutation) -> Permutation:
            return tuple(axis for axis in axes if kind.shape[axis] != 1)

        return at(kind.bytes) * len({real(layout) for layout in self.required[name]} - {real(inverse(order))})

    def _cost_of_materializing(self, name: str, transpose: _Pending) -> int:
        """The bytes that a transpose moves to materialize its result, if it would not be materialized anyway."""
        needed = name in self.materialized or self.rewriter.is_output(name)
        return 0 if needed else self._bytes(transpose.source, transpose.order)

    def _align(self, node: Node, pending: Mapping[str, _Pending]) -> str | None:
        """Append an elementwise operator or a Concat in the layout that moves the fewest bytes."""
        result = node.outputs[0]
        rank = len(self.graph.tensor(result).shape)
        names = [name for name in dict.fromkeys(node.inputs) if name]
        if not all(self.rewriter.tensor(name) for name in names):
            return "an operand has no static shape"
        best = self._cost_of_required(result, identity(rank))
        best += sum(self._cost_of_materializing(name, transpose) for name, transpose in pending.items())
        chosen: Permutation | None = None
        for order in dict.fromkeys(extend(transpose.order, rank) for transpose in pending.values()):
            alignment = sum(self._cost_of_alignment(name, order, pending) for name in names)
            cost = alignment + self._cost_of_required(result, order)
            if cost < best or (cost == best and alignment == 0 and chosen is None):
                best, chosen = cost, order
        if chosen is None:
            return "transposing the other operands costs more"
        full = {name for name in names if name not in self.rewriter.constants and len(self._shape(name)) == rank}
        aligned = {
            name: self._aligned(name, chosen, pending, broadcast=node.op != "Concat" and bool(full - {name}))
            for name in names
        }
        moved = rename(node, aligned)
        if node.op == "Concat":
            moved = replace(moved, attributes={**node.attributes, "axis": chosen[integer(node, "axis", 1) % rank]})
        self._append_moved(moved, chosen)
        return None

    def _cost_of_alignment(self, name: str, order: Permutation, pending: Mapping[str, _Pending]) -> int:
        """The bytes to move so that `order` transposes something to this operand."""
        transpose = pending.get(name)
        if name in self.rewriter.constants or (transpose and extend(transpose.order, len(order)) == order):
            return 0
        return self._bytes(name, inverse(order))

    def _aligned(self, name: str, order: Permutation, pending: Mapping[str, _Pending], *, broadcast: bool) -> str:
        """A value that `order` transposes to this operand.

        With `broadcast` a constant may lack leading axes of size 1: another operand gives the result its rank.
        """
        transpose = pending.get(name)
        if transpose and extend(transpose.order, len(order)) == order:
            return transpose.source
        if not transpose and self._shape(name).count(1) == len(self._shape(name)):
            return name
        known = self.aligned.get((name, order, broadcast))
        if known is None:
            known = self.aligned[name, order, broadcast] = self._align_anew(name, order, broadcast=broadcast)
        return known

    def _align_anew(self, name: str, order: Permutation, *, broadcast: bool) -> str:
        back = inverse(order)
        full = extended(self._shape(name), len(order))
        if name in self.rewriter.constants:
            array = self.rewriter.constants[name].reshape(full).transpose(back)
            if broadcast:
                ones = next((axis for axis, size in enumerate(array.shape) if size != 1), array.ndim)
                array = array.reshape(array.shape[ones:])
            return self.rewriter.new_constant(f"{name}_moved", np.ascontiguousarray(array))
        kind = self.rewriter.types[name]
        if not isinstance(kind, TensorType):
            raise TypeError(f"{name!r} has no static shape")
        moved = self.rewriter.new_value(f"{name}_moved", TensorType(kind.dtype, permute(full, back)))
        if keeps_bytes(full, back) and (name not in self.pending or name in self.materialized):
            self._append_reshape(moved, name, moved)
            return moved
        source, before = name, identity(len(full))
        if name in self.pending:
            source, before = self.pending[name].source, extend(self.pending[name].order, len(full))
        if len(self._shape(source)) < len(full):
            wide_kind = TensorType(kind.dtype, extended(self._shape(source), len(full)))
            wide = self.rewriter.new_value(f"{source}_wide", wide_kind)
            self._append_reshape(wide, source, wide)
            source = wide
        self.pending[moved] = _Pending(source, permute(before, back), moved)
        self._append_transpose(moved, "the other operands are transposed")
        return moved

    def _append_moved(self, node: Node, order: Permutation) -> None:
        """Append a node whose results must be transposed by `order` to be what they were."""
        moved = {}
        for name in node.writes:
            kind = self.graph.tensor(name)
            moved_kind = TensorType(kind.dtype, permute(kind.shape, inverse(order)))
            moved[name] = self.rewriter.new_value(f"{name}_moved", moved_kind)
            self.pending[name] = _Pending(moved[name], order, name)
        self.rewriter.applied(node.name, f"{node.op} moved before the transpose")
        self.rewriter.append(rename_outputs(node, moved))

    def _flatten(self, node: Node, transpose: _Pending) -> bool:
        """Reshape the untransposed tensor, if its readers are all `Gemm` or `MatMul` with constant weights."""
        result = node.outputs[0]
        axes = merged_axes(self._shape(node.inputs[0]), self._shape(result), transpose.order)
        readers = self.graph.readers.get(result, ())
        constant = all(takes_rows(reader, result, self.rewriter.constants) for reader in readers)
        if axes is None or self.rewriter.is_output(result) or not constant:
            return False
        flat = self.rewriter.new_value(f"{result}_moved", self.graph.tensor(result))
        self.shuffles[result] = Shuffle(flat, *axes)
        self.rewriter.applied(
            node.name, f"the rows of the weights after {node.op} change places instead of its elements"
        )
        self._append_reshape(node.name, transpose.source, flat)
        return True


_ALONG_LAST = frozenset("Hardmax LogSoftmax Softmax TopK".split())
"""Operators that are faster along the last axis: they move only where that saves a transpose."""
