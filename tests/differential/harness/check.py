"""Compile a model in one way, run it between canaries, and compare with what must come out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import mini_infer
from harness.ball import UNIT, Ball
from harness.instance import Instance, model_of
from harness.ways import Way
from mini_infer import compiler as pipeline
from mini_infer.codegen import generate
from mini_infer.errors import MiniInferError
from mini_infer.ir import TensorType

_CANARY = 192
"""Bytes before and behind each array that nothing may touch."""
_BYTE = 0xA5


@dataclass(frozen=True)
class Fault:
    """What went wrong.

    Parameters
    ----------
    instance
        The number of the instance in its model; none where that is not known yet.
    """

    kind: str
    text: str
    way: Way
    instance: int | None = None


def faults(instances: Sequence[Instance], way: Way, compiler: str | None = None) -> list[Fault]:
    """What goes wrong with a model of these instances."""
    model, feeds = model_of(instances)
    try:
        with way.applied():
            engine = mini_infer.compile(model, options=way.options(compiler))
    except Exception as error:  # noqa: BLE001 - whatever is raised is the fault
        return [_raised("", error, way)]
    try:
        outputs, touched = _run(engine, feeds, way)
    except Exception as error:  # noqa: BLE001 - likewise
        return [_raised("run ", error, way)]
    found = [Fault("canary", f"bytes around {name!r} were written", way, _number(name)) for name in touched]
    for number, one in enumerate(instances):
        for name in one.outputs:
            text = difference(outputs[f"i{number}_{name}"], one.values[name])
            if text:
                found.append(Fault("wrong", f"{name}: {text}", way, number))
                break
    return found


def written(instances: Sequence[Instance], way: Way, **form: bool) -> list[Fault]:
    """What goes wrong while a model of these instances becomes C, in this form (`generate`); nothing is compiled."""
    model, _ = model_of(instances)
    try:
        with way.applied():
            options = way.options()
            target = options.built_for
            for variant in pipeline.build(model, options=options).variants:
                generate(variant.program, variant.plan, target.machine, threads=target.threads, **form)
    except Exception as error:  # noqa: BLE001 - likewise
        return [_raised("", error, way)]
    return []


def _raised(when: str, error: Exception, way: Way) -> Fault:
    kind = "refused" if isinstance(error, MiniInferError) else "crash"
    return Fault(when + kind, f"{type(error).__name__}: {error}", way)


def _number(name: str) -> int | None:
    head = name.partition("_")[0].removeprefix("i")
    return int(head) if head.isdigit() else None


def _placed(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A copy of an array in the middle of canaries, and all the bytes; texts have none of their own."""
    if array.dtype == object:
        return array, np.full(2 * _CANARY, _BYTE, np.uint8)
    room = np.full(array.nbytes + 2 * _CANARY, _BYTE, np.uint8)
    place = room[_CANARY : _CANARY + array.nbytes].view(array.dtype).reshape(array.shape)
    place[...] = array
    return place, room


def _run(
    engine: "mini_infer.Engine", feeds: dict[str, np.ndarray], way: Way
) -> tuple[dict[str, np.ndarray], list[str]]:
    """The outputs, and what was touched beside them, of two runs in a row."""
    context = engine.create_context(poison=way.poison)
    kinds = {port.name: port.type for port in engine.program.outputs}
    rooms: dict[str, np.ndarray] = {}
    given = {}
    for name, array in feeds.items():
        given[name], rooms[name] = _placed(array)
    if any(not isinstance(kind, TensorType) for kind in kinds.values()) or any(p.bound for p in engine.program.outputs):
        context.run(given)
        outputs = context.run(given)
    else:
        outputs = {}
        for name, kind in kinds.items():
            outputs[name], rooms[name] = _placed(np.zeros(kind.shape, kind.dtype.numpy))
        run = context.bind(given, outputs)
        run()
        run()
    touched = [
        name for name, room in rooms.items() if (room[:_CANARY] != _BYTE).any() or (room[-_CANARY:] != _BYTE).any()
    ]
    touched += [
        name for name, array in feeds.items() if array.dtype != object and given[name].tobytes() != array.tobytes()
    ]
    return outputs, touched


def difference(got: np.ndarray, want: Ball) -> str:
    """Where a result is wrong; empty if it is right."""
    got = np.asarray(got)
    if got.shape != want.shape:
        return f"shape {got.shape}, right is {want.shape}"
    if str(got.dtype) != want.dtype:
        return f"type {got.dtype}, right is {want.dtype}"
    if want.dtype in UNIT:
        with np.errstate(all="ignore"):
            far = np.abs(got.astype(np.float64) - want.value)
            alike = (got == want.value) | (np.isnan(got) & np.isnan(want.value)) | np.isinf(want.error)
            wrong = ~(alike | (far <= want.error))
    else:
        wrong = (got != want.value) & ~np.isinf(want.error)
        if want.error.any():
            wide = np.abs(got.astype(np.int64) - want.value.astype(np.int64))
            wrong &= wide > np.where(np.isinf(want.error), 0, want.error)
    if not wrong.any():
        return ""
    first = tuple(int(at) for at in np.unravel_index(np.argmax(wrong), wrong.shape))
    right, ours = want.value[first], got[first]
    slack = f" (or {want.error[first]:.3g} away)" if want.error[first] else ""
    return (
        f"at {list(first)} the right value is {right!r}{slack}, ours {ours!r}; {int(wrong.sum())} of {wrong.size} wrong"
    )
