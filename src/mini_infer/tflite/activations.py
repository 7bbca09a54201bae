"""What TFLite Micro places in its arena, as a problem of the planner.

The lifetimes are those of its allocator (`tensorflow/lite/micro/micro_allocation_info.cc`). Step 0 is before the first
operator, step k that of operator k, counted from 1:

1. inputs live from step 0, and so do outputs that no operator makes;
2. what an operator makes lives from its step;
3. all live until the last operator that reads or makes them, outputs to the end;
4. a tensor that no operator and no input makes lives from before step 0.

Constants, variables and empty tensors are not placed. Neither is what kernels ask for when they are prepared: the
interpreter fits that into the plan's gaps, or behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from mini_infer.errors import ModelError, UnsupportedError
from mini_infer.memory import Buffer, Problem
from mini_infer.tflite.library import schema

ALIGNMENT = 16
"""Of every activation, and what its size is rounded up to, in bytes (`MicroArenaBufferAlignment`)."""

ELEMENT_BYTES = {
    **dict.fromkeys(("BOOL", "INT8", "UINT8", "INT4"), 1),  # four bits take a byte as activations
    **dict.fromkeys(("INT16", "UINT16", "FLOAT16", "BFLOAT16"), 2),
    **dict.fromkeys(("INT32", "UINT32", "FLOAT32", "RESOURCE"), 4),
    **dict.fromkeys(("INT64", "UINT64", "FLOAT64", "COMPLEX64"), 8),
}
"""Bytes of an element as the interpreter counts them, by the type's name in the schema."""


@dataclass(frozen=True, slots=True)
class Activations:
    """The placed tensors of a model: `tensors` are their indices, in the order of the problem's buffers.

    `count` is how many tensors the model has, placed or not; `operators` how many operators.
    """

    problem: Problem
    tensors: tuple[int, ...]
    count: int
    operators: int


def activations(model: Any, name: str = "model") -> Activations:
    """What is to be placed of a model.

    Raises
    ------
    ModelError
        A tensor, an operand or a buffer is not there, or a size is negative.
    UnsupportedError
        The model has several subgraphs, or a tensor whose bytes the interpreter does not know.
    """
    if len(model.subgraphs) > 1:
        raise UnsupportedError(
            f"{name}: has {len(model.subgraphs)} subgraphs; TFLite Micro reads one list of offsets for each of them "
            "from its beginning, so no offline plan of such a model is safe"
        )
    graph = model.subgraphs[0]
    tensors = _listed(graph.tensors)
    lives = _lifetimes(graph, len(tensors), name)
    buffers, places = [], []
    for index, tensor in enumerate(tensors):
        if tensor.isVariable or _is_constant(model, tensor, name):
            continue
        size = _bytes(tensor, name)
        if size:
            start, last = lives[index]
            rounded = -(-size // ALIGNMENT) * ALIGNMENT
            buffers.append(Buffer(f"{index} {_text(tensor.name)}", rounded, start, last + 1, alignment=ALIGNMENT))
            places.append(index)
    return Activations(Problem(tuple(buffers)), tuple(places), len(tensors), len(_listed(graph.operators)))


def _lifetimes(graph: Any, count: int, name: str) -> list[tuple[int, int]]:
    """First and last step of each tensor."""
    operators = _listed(graph.operators)
    first, last = [-1] * count, [-1] * count
    for index in (*_indices(graph.inputs, count, name), *_indices(graph.outputs, count, name)):
        first[index] = last[index] = 0
    for step, node in enumerate(operators, 1):
        made = _indices(node.outputs, count, name)
        for index in made:
            first[index] = step
        for index in (*_indices(node.inputs, count, name), *made):
            last[index] = step
    for index in _indices(graph.outputs, count, name):
        last[index] = len(operators)
    return list(zip(first, last, strict=True))


def _indices(given: Any, count: int, name: str) -> list[int]:
    """The tensors that a list of operands names; -1 stands for one left out."""
    found = [int(index) for index in _listed(given)]
    if wrong := [index for index in found if not -1 <= index < count]:
        raise ModelError(f"{name}: names tensor {wrong[0]}; it has {count}, numbered from 0")
    return [index for index in found if index >= 0]


def _is_constant(model: Any, tensor: Any, name: str) -> bool:
    if not 0 <= tensor.buffer < len(model.buffers):
        raise ModelError(
            f"{name}: tensor {_text(tensor.name)!r} is in buffer {tensor.buffer}; there are {len(model.buffers)}"
        )
    data = model.buffers[tensor.buffer].data
    return data is not None and len(data) > 0


def _bytes(tensor: Any, name: str) -> int:
    kinds = {number: kind for kind, number in vars(schema().TensorType).items() if not kind.startswith("_")}
    kind = kinds.get(tensor.type, str(tensor.type))
    if kind not in ELEMENT_BYTES:
        raise UnsupportedError(
            f"{name}: tensor {_text(tensor.name)!r} is {kind}, whose bytes TFLite Micro does not know"
        )
    shape = [int(size) for size in _listed(tensor.shape)]
    if any(size < 0 for size in shape):
        raise ModelError(f"{name}: tensor {_text(tensor.name)!r} has shape {shape}; its sizes must be known")
    return prod(shape) * ELEMENT_BYTES[kind]


def _listed(given: Any) -> Sequence[Any]:
    """A list of the schema, which is absent where it is empty."""
    return () if given is None else given


def _text(name: Any) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name or "")
