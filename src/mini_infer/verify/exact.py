"""Whether a quantized model's answers are the exact ones where a reference has others, and which layer it differs in.

onnxruntime's sums of products of uint8 and int8 saturate on x86-64 processors without VNNI, it leaves some layers
between DequantizeLinear and QuantizeLinear real, and onnx's own reference all of them. What it rounds on the way may
make a result one step of its scale larger or smaller, and later layers carry that on. So each of our steps is held
against its meaning on the values that it really read: integers to integers, byte for byte.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mini_infer import frontend, passes
from mini_infer.errors import MiniInferError
from mini_infer.interpreter import evaluate, run_graph
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.options import Options
from mini_infer.program import Program
from mini_infer.toolchain import Target
from mini_infer.verify.bisect import CHANNELS_LAST, from_least
from mini_infer.verify.compare import compare
from mini_infer.verify.steps import Stepper, is_alive

Tensors = Mapping[str, np.ndarray]

Observed = Callable[[Path, Tensors, Sequence[str]], Mapping[str, np.ndarray]]
"""A model, inputs, and names of values → what a reference has for them, as far as it shows them."""

_MEANS_INTEGERS = frozenset({"ConvInteger", "DynamicQuantizeLinear", "MatMulInteger", "QuantizeLinear", "Requantize"})
_BYTES = (DType.UINT8, DType.INT8)
_RTOL = 1e-4
_SAMPLES = 2
"""Of those that differ, how many are looked at step by step: the interpreter takes its time."""


@dataclass(frozen=True, slots=True)
class Exactness:
    """How the steps of a run stand to their meaning.

    Parameters
    ----------
    steps
        How many were compared.
    rounded
        Results of 8 bits that are one step away from it, where a step rounds real numbers before it quantizes them.
    wrong
        The first step that is further away; none where all are exact.
    """

    steps: int
    rounded: int
    wrong: Node | None


@dataclass(frozen=True, slots=True)
class Difference:
    """The first layer whose 8-bit result a reference has otherwise.

    Parameters
    ----------
    node
        The layer.
    elements, different
        How many its result has, and how many of them differ.
    furthest
        By how many steps of the scale, at most.
    """

    node: Node
    elements: int
    different: int
    furthest: int


def is_quantized(program: Program) -> bool:
    """Whether a program computes with integers that stand for real numbers."""
    return any(inner.op in _MEANS_INTEGERS for step in program.steps for inner in step.node.primitives)


def names_of_bytes(program: Program) -> list[str]:
    """The values of 8 bits that a program has, as its model may call them."""
    return [name.removesuffix(CHANNELS_LAST) for name, value in program.values.items() if value.type.dtype in _BYTES]


def exactness(stepper: Stepper, inputs: Tensors) -> Exactness | None:
    """Hold each step of a run against the interpreter; none where a program branches or repeats.

    Errors are those of `Stepper.walk`.
    """
    program = stepper.variant.program
    if any(step.control for step in program.steps) or program.symbols or program.images != 1:
        return None
    known = {**inputs, **{name: stepper.read(name) for name in _constants(program)}}
    compared = rounded = done = 0
    for _, end in stepper.walk(inputs):
        for step in program.steps[done:end]:  # among them views, whose bytes may already be others'
            try:
                results = evaluate(step.node, [known[name] if name else None for name in step.node.inputs])
            except MiniInferError:
                return None
            for name, expected in zip(step.node.outputs, results, strict=False):
                if not name:
                    continue
                there = not step.is_view and is_alive(program, name, end - 1)
                known[name] = stepper.read(name).copy() if there else expected
                apart = _apart(step.node, known[name], expected)
                if apart is None:
                    return Exactness(compared, rounded, step.node)
                rounded += apart
            compared += 1
        done = end
    return Exactness(compared, rounded, None)


def _constants(program: Program) -> list[str]:
    return [name for name, value in program.values.items() if value.space.name == "CONSTANT"]


def _apart(node: Node, actual: np.ndarray, expected: np.ndarray) -> int | None:
    """How many elements are one step away, where rounding may do that; none where any is further away."""
    if actual.dtype.kind == "f":
        return 0 if compare({"": actual}, {"": expected}, rtol=_RTOL).passed else None
    distance = np.abs(actual.astype(np.int64) - expected.astype(np.int64))
    rounds = len(node.primitives) > 1 and any(inner.op == "QuantizeLinear" for inner in node.primitives)
    if distance.max(initial=0) > (1 if rounds else 0):
        return None
    return int(distance.sum())


def first_difference(model: Path, options: Options, inputs: Tensors, observed: Observed) -> Difference | None:
    """The first layer, in the model's order, that has other integers in a reference; none where none is seen.

    Errors are those of reading the model.
    """
    graph = _graph(model, options, inputs)
    names = [name for node in graph.nodes for name in node.writes if _is_bytes(graph, name)]
    theirs = observed(model, inputs, names)
    ours = run_graph(
        graph, {name: inputs[name] for name in graph.inputs}, also=[name for name in names if name in theirs]
    )
    for node in graph.nodes:
        for name in node.writes:
            if name not in theirs or name not in names or theirs[name].shape != ours[name].shape:
                continue
            apart = np.abs(from_least(ours[name]) - from_least(theirs[name]))
            if apart.any():
                return Difference(node, apart.size, int(np.count_nonzero(apart)), int(apart.max()))
    return None


def _graph(model: Path, options: Options, inputs: Tensors) -> Graph:
    """The model as it is read, with its operators on integers, and nothing else changed."""
    shapes = {name: array.shape for name, array in inputs.items() if name not in options.fix}
    graph = frontend.read(model, shapes=shapes, dims={}, fixed=options.fix, state=options.state, evaluate=evaluate)
    plain = passes.simplification(evaluate, optimize=False, in_integers=options.in_integers)
    return passes.run(graph, plain, passes.Remarks())


def _is_bytes(graph: Graph, name: str) -> bool:
    kind = graph.types[name]
    return isinstance(kind, TensorType) and kind.dtype in _BYTES


def explain(
    model: Path,
    options: Options,
    stepper: Stepper,
    samples: Sequence[Tensors],
    reference: tuple[str, Observed],
) -> str:
    """Why a reference differs from a quantized model's exact answers; empty where they are not exact.

    Parameters
    ----------
    model, options
        What was compiled, and how.
    stepper
        What ran.
    samples
        Inputs for which the reference differs.
    reference
        Its name, and what shows its values on the way.
    """
    name, observed = reference
    found = [exactness(stepper, sample) for sample in samples[:_SAMPLES]]
    if not found or any(each is None or each.wrong is not None for each in found):
        return ""
    steps = max(each.steps for each in found if each is not None)
    rounded = sum(each.rounded for each in found if each is not None)
    exact = f"all {steps} steps are exact"
    if rounded:
        exact += f", but for {rounded} values where real numbers are rounded the other way before they are quantized"
    try:
        first = first_difference(model, replace(options, dims={}, shapes={}), samples[0], observed)
    except MiniInferError:
        first = None
    if first is None:
        return f"{exact}; {name} differs in no layer that is compared alone, only in the end"
    count = f"{first.different:,} of {first.elements:,} values of {first.node.op} {first.node.name}"
    far = "one step" if first.furthest == 1 else f"{first.furthest} steps or less"
    return f"{exact}; {name} differs first in {count}, by {far}: {_because(name, first)}"


def _because(name: str, first: Difference) -> str:
    """What a reference does otherwise in a layer."""
    host = Target.host()
    saturates = host.arch == "x86_64" and not {"avx512vnni", "avxvnni"} & set(host.features)
    if name == "onnxruntime" and saturates and first.node.op in {"Requantize", "MatMulInteger", "ConvInteger"}:
        return "its sums of products of uint8 and int8 saturate on processors without VNNI"
    if first.node.op in {"QuantizeLinear", "DynamicQuantizeLinear"}:
        return "real numbers come before it, whose last bits are rounded otherwise"
    return "it computes the layer with real numbers, and rounds them on the way"
