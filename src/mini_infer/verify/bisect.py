"""The first step whose values differ from a reference's, by comparing what both compute on the way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mini_infer.ir import Node
from mini_infer.program import Space
from mini_infer.verify.compare import OutputError, compare
from mini_infer.verify.peers import OnnxRuntime
from mini_infer.verify.steps import Stepper, is_alive, space_of

CHANNELS_LAST = "_last"
"""What the passes add to a value's name when they move its channels to the end."""

Tensors = Mapping[str, np.ndarray]

_BYTES = {np.dtype(np.uint8), np.dtype(np.int8)}


@dataclass(frozen=True, slots=True)
class Bisection:
    """How far two runs of a model agree.

    Parameters
    ----------
    steps
        How many steps ran.
    compared
        How many values and weights both sides know by name.
    step
        The first step with a value or weight beyond tolerance; `None` when there is none.
    node
        Its node; `None` when there is none.
    error
        That value's error.
    """

    steps: int
    compared: int
    step: int | None = None
    node: Node | None = None
    error: OutputError | None = None


def bisect(stepper: Stepper, inputs: Tensors, reference: Tensors, *, atol: float, rtol: float) -> Bisection:
    """Run an engine step by step, and stop at the first value that is beyond tolerance of the reference's.

    Parameters
    ----------
    stepper, inputs
        What to run.
    reference
        Values by name; those that the engine does not have are left out, and a value that the engine keeps with its
        channels last is compared so.
    atol, rtol
        As for `verify.compare`.
    """
    program = stepper.variant.program
    compared = 0
    for step, name, value in values(stepper, inputs):
        expected = _expected(name, value, reference)
        if expected is None:
            continue
        compared += 1
        comparison = compare({name: value}, {name: expected}, atol=atol, rtol=rtol)
        if not comparison.passed:
            node = program.steps[step].node
            return Bisection(step + 1, compared, step, node, comparison.worst)
    return Bisection(len(program.steps), compared)


def values(stepper: Stepper, inputs: Tensors) -> Iterator[tuple[int, str, np.ndarray]]:
    """Run an engine, and give each tensor as soon as it is there: the step, its name, and a view of its bytes.

    Weights come with the first step that reads them: a wrong one need not show in the outputs of every input.
    """
    program = stepper.variant.program
    seen: set[str] = set()
    for start, end in stepper.walk(inputs):
        for step in range(start, end):
            node = program.steps[step].node
            weights = [name for name in node.reads if name not in seen and space_of(program, name) is Space.CONSTANT]
            seen.update(weights)
            for name in (*weights, *(name for name in node.writes if is_alive(program, name, end - 1))):
                yield step, name, stepper.read(name)


def onnxruntime_values(model: Path, inputs: Tensors, names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Every tensor that onnxruntime computes on the way, by name, all made outputs of the model; and its weights.

    Where `names` are given, only these, as far as there are such: onnxruntime fuses nothing across an output.

    Raises
    ------
    UsageError
        When onnxruntime is not installed.
    UnsupportedError
        When onnxruntime refuses the model.
    """
    import onnx

    message = onnx.load(model)
    outputs = {output.name for output in message.graph.output}
    made = dict.fromkeys(name for node in message.graph.node for name in node.output if name not in {"", *outputs})
    if names is not None:
        made = {name: None for name in made if name in names}
    message.graph.output.extend(onnx.ValueInfoProto(name=name) for name in made)
    results = OnnxRuntime(message.SerializeToString()).run(inputs)
    weights = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in message.graph.initializer}
    return weights | {name: value for name, value in results.items() if isinstance(value, np.ndarray)}


def from_least(array: np.ndarray) -> np.ndarray:
    """How far integers are from the least that their type holds: uint8 and int8 of zero points 128 apart are alike."""
    return array.astype(np.int64) - np.iinfo(array.dtype).min


def engine_values(stepper: Stepper, inputs: Tensors) -> dict[str, np.ndarray]:
    """Every tensor that an engine computes on the way, and its weights, by name."""
    return {name: value.copy() for _, name, value in values(stepper, inputs)}


def _expected(name: str, value: np.ndarray, reference: Tensors) -> np.ndarray | None:
    """The reference's value of that name in the same layout, if it can be compared."""
    expected = reference.get(name)
    if expected is None and name.endswith(CHANNELS_LAST):
        expected = reference.get(name.removesuffix(CHANNELS_LAST))
        expected = None if expected is None or expected.ndim < 2 else np.moveaxis(expected, 1, -1)  # noqa: PLR2004
    if expected is not None and {expected.dtype, value.dtype} == _BYTES:
        expected = from_least(expected) + np.iinfo(value.dtype).min  # of zero points 128 apart
        expected = expected.astype(value.dtype)
    if expected is None or expected.shape != value.shape or expected.dtype != value.dtype:
        return None
    return expected if expected.dtype.kind in "biuf" else None
