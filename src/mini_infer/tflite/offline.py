"""The metadata `OfflineMemoryAllocation`: a plan that the interpreter follows without a check.

Its buffer holds 32-bit integers: a version (0), a subgraph (0), the number of tensors n, and n offsets, -1 where the
interpreter places a tensor itself (`tensorflow/lite/micro/docs/memory_management.md`).
"""

from dataclasses import replace
from typing import Any

import numpy as np

from mini_infer import memory
from mini_infer.errors import ModelError
from mini_infer.memory import Plan
from mini_infer.tflite.activations import Activations
from mini_infer.tflite.library import schema

METADATA = "OfflineMemoryAllocation"

_AT_RUN_TIME = -1
_HEAD = 3


def planned(model: Any, found: Activations, plan: Plan) -> None:
    """Put a plan of a model's activations into the model, in place of one that it had.

    Raises
    ------
    PlanError
        The plan breaks a rule; the model is as it was.
    """
    memory.validate(plan)
    offsets = np.full(found.count, _AT_RUN_TIME, np.int32)
    offsets[list(found.tensors)] = plan.offsets
    content = np.concatenate([np.array([0, 0, found.count], np.int32), offsets]).astype("<i4").view(np.uint8)
    tables = schema()
    buffer = tables.BufferT(content)
    entries = [each for each in model.metadata or [] if _name(each) == METADATA]
    if entries:
        for entry in entries:
            model.buffers[entry.buffer] = buffer
        return
    model.buffers = [*model.buffers, buffer]
    entry = tables.MetadataT()
    entry.name, entry.buffer = METADATA, len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), entry]


def written_plan(model: Any, found: Activations, name: str = "model") -> Plan | None:
    """The plan that a model brings, not validated; None where it brings none.

    What it leaves to the interpreter is not in its problem.

    Raises
    ------
    ModelError
        It is no such plan: cut off, or of another number of tensors.
    """
    entries = [each for each in model.metadata or [] if _name(each) == METADATA]
    if not entries:
        return None
    index = entries[-1].buffer  # the interpreter takes the last one
    data = model.buffers[index].data if 0 <= index < len(model.buffers) else None
    content = b"" if data is None else np.asarray(data, np.uint8).tobytes()
    numbers = np.frombuffer(content[: len(content) // 4 * 4], "<i4")
    if len(numbers) < _HEAD or len(numbers) != _HEAD + found.count or numbers[2] != found.count:
        said = numbers[2] if len(numbers) >= _HEAD else "no"
        raise ModelError(
            f"{name}: its {METADATA} has {len(content)} bytes for {said} tensors; the model has {found.count}, "
            f"which take {4 * (_HEAD + found.count)}"
        )
    offsets = [int(numbers[_HEAD + tensor]) for tensor in found.tensors]
    kept = [index for index, offset in enumerate(offsets) if offset != _AT_RUN_TIME]
    problem = replace(found.problem, buffers=tuple(found.problem.buffers[index] for index in kept))
    return Plan(problem, tuple(offsets[index] for index in kept), "offline", memory.lower_bound(problem))


def _name(entry: Any) -> str:
    return entry.name.decode(errors="replace") if isinstance(entry.name, bytes) else str(entry.name)
