"""A node by its ONNX meaning: the oracle, and the home of operators without a native kernel."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np

from mini_infer.errors import MiniInferError, UnsupportedError
from mini_infer.interpreter.control import CONTROL
from mini_infer.interpreter.operators import FAST, Value
from mini_infer.interpreter.reference import Reference
from mini_infer.ir import Graph, Node

_NOTHING: Mapping[str, Value] = {}
_Run = Callable[[Sequence[Value], Mapping[str, Value]], Sequence[Value]]


def evaluate(node: Node, inputs: Sequence[Value], *, outer: Mapping[str, Value] = _NOTHING) -> list[Value]:
    """The values of a node's outputs.

    Parameters
    ----------
    node
        Plain or fused.
    inputs
        One value for each of `node.inputs`, `None` where omitted.
    outer
        The values that the node's nested graphs capture.

    Raises
    ------
    UnsupportedError
        When the node has no meaning here, or its meaning fails on these values.
    """
    return Evaluator(node)(inputs, outer)


class Evaluator:
    """One node made ready to be evaluated many times.

    A fused node is its body, an operator with nested graphs is run by `CONTROL`, and a plain one by `FAST` or else by
    `onnx.reference`.
    """

    __slots__ = ("_node", "_run")

    def __init__(self, node: Node) -> None:
        self._node = node
        with self._named():
            self._run = _made_ready(node)

    def __call__(self, inputs: Sequence[Value], outer: Mapping[str, Value] = _NOTHING) -> list[Value]:
        """As `evaluate`."""
        with self._named(), np.errstate(all="ignore"):
            outputs = self._run(inputs, outer)
        return [np.asarray(value) if isinstance(value, np.generic) else value for value in outputs]

    @contextmanager
    def _named(self) -> Iterator[None]:
        """What code that takes the node's word for it raises, as an error that names the node."""
        try:
            yield
        except MiniInferError:
            raise
        except Exception as error:
            reason = str(error.__cause__ or error).partition("\n")[0]
            node = self._node
            label = f"node {node.name!r} ({node.op} of {node.domain or 'ai.onnx'} {node.version})"
            raise UnsupportedError(f"{label} cannot be evaluated: {reason}") from error


def _made_ready(node: Node) -> _Run:
    if node.body:
        return BodyEvaluator(node.body, node.inputs, node.outputs)
    if node.domain == "" and node.op in CONTROL:
        control = CONTROL[node.op]
        bodies = {
            name: BodyEvaluator(value.nodes, value.inputs, value.outputs, value.constants)
            for name, value in node.attributes.items()
            if isinstance(value, Graph)
        }
        return lambda inputs, outer: control(node, bodies, inputs, outer)
    if (fast := FAST.get(f"{node.domain}.{node.op}" if node.domain else node.op)) is not None:
        return lambda inputs, _: fast(node, inputs)
    reference = Reference(node)
    return lambda inputs, _: reference(inputs)


class BodyEvaluator:
    """Nodes in order over an environment of named values: a graph, a nested graph or a fused node's body."""

    __slots__ = ("_captured", "_constants", "_inputs", "_outputs", "_steps")

    def __init__(
        self,
        nodes: Sequence[Node],
        inputs: Sequence[str],
        outputs: Sequence[str],
        constants: Mapping[str, np.ndarray] = _NOTHING,
    ) -> None:
        self._inputs, self._outputs, self._constants = inputs, outputs, constants
        last_read = {name: index for index, node in enumerate(nodes) for name in (*node.writes, *node.reads)}
        dying: list[list[str]] = [[] for _ in nodes]
        for name, index in last_read.items():
            if name not in constants and name not in outputs:
                dying[index].append(name)
        self._steps = [(node, Evaluator(node), tuple(names)) for node, names in zip(nodes, dying, strict=True)]
        defined = {"", *inputs, *constants, *(name for node in nodes for name in node.writes)}
        reads = (name for names in (*(node.reads for node in nodes), outputs) for name in names)
        self._captured = [name for name in dict.fromkeys(reads) if name not in defined]

    def __call__(
        self,
        inputs: Sequence[Value],
        outer: Mapping[str, Value] = _NOTHING,
        observe: Callable[[Node, Sequence[Value]], None] | None = None,
    ) -> list[Value]:
        """The outputs' values; `observe` is shown each node with what it produced."""
        environment: dict[str, Value] = {"": None, **self._constants}
        environment.update((name, outer[name]) for name in self._captured)
        environment.update(zip(self._inputs, inputs, strict=True))
        for node, evaluator, dying in self._steps:
            outputs = evaluator([environment[name] for name in node.inputs], environment)
            if observe is not None:
                observe(node, outputs)
            environment.update((name, value) for name, value in zip(node.outputs, outputs, strict=False) if name)
            for name in dying:
                del environment[name]
        return [environment[name] for name in self._outputs]
