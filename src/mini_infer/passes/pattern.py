"""Small expressions over a graph, written as they are read: `op("Mul", x, op("Sigmoid", x))`.

A variable stands for any value, and for the same one each time. Commutative operators match with their operands in
either order. Every value between the leaves and the root must be read by nodes of the match only.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mini_infer.ir import Node
from mini_infer.ir.operators import traits
from mini_infer.passes.rewriter import GraphRewriter

Check = Callable[[Node, GraphRewriter], bool]
"""Whether a node's attributes and constant inputs are the expected ones."""


@dataclass(frozen=True, slots=True)
class Variable:
    """Any value; the same one wherever the name occurs."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """A constant of equal elements near `value`; any such constant for `None`, bound to `name`."""

    value: float | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """A plain node; its further inputs (parameters) are `check`'s business. Its result is bound to `name`, if given."""

    op: str
    operands: tuple["Pattern", ...]
    check: Check | None
    name: str


Pattern = Variable | Number | Operation


def op(operator: str, *operands: "Pattern | float", check: Check | None = None, name: str = "") -> Operation:
    """A node of the given operator."""
    patterns = tuple(Number(float(item)) if isinstance(item, (int, float)) else item for item in operands)
    return Operation(operator, patterns, check, name)


class Match(NamedTuple):
    """What a pattern matched: variable, or named operation or number → value; and the nodes, the root first."""

    names: Mapping[str, str]
    nodes: tuple[Node, ...]


def find(patterns: Sequence[Operation], root: Node, rewriter: GraphRewriter) -> Match | None:
    """The first of the patterns that matches at a node that is not appended yet; `rewriter` holds those before it."""
    for pattern in patterns:
        for names, nodes in _match_node(pattern, root, {}, rewriter):
            if _is_closed(nodes, rewriter):
                return Match(names, tuple(dict.fromkeys(nodes)))
    return None


def _match(pattern: Pattern, value: str, names: Mapping[str, str], rewriter: GraphRewriter) -> list[Match]:
    """All ways in which a value is what the pattern says."""
    if isinstance(pattern, Variable):
        return [Match({**names, pattern.name: value}, ())] if names.get(pattern.name, value) == value else []
    if isinstance(pattern, Number):
        number = rewriter.scalar(value)
        if number is None or not (pattern.value is None or math.isclose(number, pattern.value, rel_tol=1e-6)):
            return []
        return [Match({**names, pattern.name: value} if pattern.name else names, ())]
    node = rewriter.producer(value)
    return _match_node(pattern, node, names, rewriter) if node else []


def _match_node(pattern: Operation, node: Node, names: Mapping[str, str], rewriter: GraphRewriter) -> list[Match]:
    """All ways in which a node is what the pattern says."""
    if node.op != pattern.op or node.domain or len(node.inputs) < len(pattern.operands):
        return []
    if pattern.check and not pattern.check(node, rewriter):
        return []
    if pattern.name:
        names = {**names, pattern.name: node.outputs[0]}
    orders = [pattern.operands]
    if traits(node).commutative:
        orders.append(pattern.operands[::-1])
    found: list[Match] = []
    for operands in orders:
        states: list[Match] = [Match(names, (node,))]
        for operand, value in zip(operands, node.inputs, strict=False):
            states = [
                Match(more, (*nodes, *new))
                for known, nodes in states
                for more, new in _match(operand, value, known, rewriter)
            ]
        found += states
    return found


def _is_closed(nodes: Sequence[Node], rewriter: GraphRewriter) -> bool:
    """Whether nobody else reads what the nodes below the root make."""
    inside = {node.outputs[0] for node in nodes}
    return all(
        len(node.writes) == 1
        and not rewriter.is_output(node.outputs[0])
        and all(reader.outputs[0] in inside for reader in rewriter.graph.readers.get(node.outputs[0], ()))
        for node in nodes[1:]
    )
