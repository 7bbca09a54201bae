"""The programs and plans in an engine file: written as JSON, read and checked before anything is built of them."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from mini_infer.codegen import EMITTERS
from mini_infer.errors import EngineError
from mini_infer.ir import DType
from mini_infer.memory import PlacedPool, Plan
from mini_infer.memory.problem import MAX_BYTES
from mini_infer.program import Constant, Program
from mini_infer.program.classes import DIMENSIONS, with_kernels
from mini_infer.program.codec import build, decode, encode
from mini_infer.program.conform import conforms
from mini_infer.program.constants import bind
from mini_infer.program.validate import validate
from mini_infer.runtime.interface import Interface
from mini_infer.runtime.variant import Variant
from mini_infer.toolchain import Target

_FIELDS = ("steps", "inputs", "outputs", "values", "problem", "symbols", "sizes", "images", "states")
"""Of a program, what is written as it is."""
_CLASSES = with_kernels(EMITTERS)
_STATIC_CLASSES = {name: kind for name, kind in _CLASSES.items() if kind not in DIMENSIONS}

Programs = tuple[tuple[Program, Plan], ...]
"""A program and a plan for each profile."""


def write(variants: Sequence[Variant]) -> tuple[dict[str, bytes], list[np.ndarray]]:
    """The sections that hold programs and plans, and the arrays that they refer to."""
    arrays: list[np.ndarray] = []
    programs = _json([_program_fields(variant.program, arrays) for variant in variants])
    return {"programs": programs, "plans": _json([_plan_fields(variant.plan) for variant in variants])}, arrays


def read(
    sections: dict[str, np.ndarray],
    array_types: Sequence[Sequence[Any]],
    target: Target,
    interfaces: Sequence[Interface],
) -> Programs:
    """The programs, whose constants are views of the constant block, and their plans.

    Raises
    ------
    EngineError
        When one is not what its interface says.
    MiniInferError
        When a program or plan breaks a rule.
    ArithmeticError, AttributeError, LookupError, TypeError, ValueError, ...
        When the data is not what `write` writes.
    """
    arrays = _split(sections["arrays"], array_types)
    laid: list[Sequence[Constant]] = []
    programs = [_read_program(fields, arrays, laid) for fields in json.loads(bytes(sections["programs"]))]
    bound = bind(programs, laid, sections["constants"])
    for program in bound:
        validate(program, machine=target.machine, threads=target.threads)
    plans = json.loads(bytes(sections["plans"]))
    found = tuple((program, _read_plan(fields, program)) for fields, program in zip(plans, bound, strict=True))
    for (program, plan), interface in zip(found, interfaces, strict=True):
        variant = Variant("", program, plan)
        if wrong := variant.interface.differs(interface):
            raise EngineError(f"the header says other {', '.join(wrong)} than the program has")
    return found


def _program_fields(program: Program, arrays: list[np.ndarray]) -> dict[str, Any]:
    return {
        "name": program.name,
        "exported_bytes": program.exported_bytes,
        "constants": [
            [
                constant.name,
                encode(constant.value, arrays) if constant.value.dtype.hasobject else str(constant.value.dtype),
                list(constant.shape),
                encode(constant.packing, arrays),
                constant.offset,
            ]
            for constant in program.constants
        ],
        **{field: encode(getattr(program, field), arrays) for field in _FIELDS},
    }


def _read_program(fields: dict[str, Any], arrays: list[np.ndarray], laid: list[Sequence[Constant]]) -> Program:
    """A program without its constants, which are appended to `laid`."""
    classes = _CLASSES if fields["symbols"] else _STATIC_CLASSES
    decoded = {field: decode(fields[field], arrays, classes) for field in _FIELDS}
    laid.append([_read_constant(entry, arrays) for entry in fields["constants"]])
    plain = {field: fields[field] for field in ("name", "exported_bytes")}
    return build(Program, {**plain, "constants": (), **decoded})


def _read_constant(entry: Sequence[Any], arrays: list[np.ndarray]) -> Constant:
    """A constant of the right type and shape that takes no memory yet."""
    name, kind, shape, packing, offset = entry
    value = decode(kind, arrays, _CLASSES) if not isinstance(kind, str) else _like(kind, shape)
    packed = decode(packing, arrays, _CLASSES)
    return build(Constant, {"name": name, "value": value, "packing": packed, "offset": offset, "is_packed": True})


def _plan_fields(plan: Plan) -> dict[str, Any]:
    return {
        "offsets": list(plan.offsets),
        "strategy": plan.strategy,
        "lower_bound": plan.lower_bound,
        "pools": [[pool.name, pool.offset, pool.size, list(pool.members)] for pool in plan.pools],
    }


def _read_plan(fields: dict[str, Any], program: Program) -> Plan:
    pools = tuple(
        build(PlacedPool, {"name": name, "offset": offset, "size": size, "members": tuple(members)})
        for name, offset, size, members in fields["pools"]
    )
    plain = {field: fields[field] for field in ("strategy", "lower_bound")}
    plan = build(Plan, {"problem": program.problem, "offsets": tuple(fields["offsets"]), "pools": pools, **plain})
    if plan.size > MAX_BYTES:
        raise ValueError(f"an arena of {plan.size} bytes")
    return plan


def _split(data: np.ndarray, headers: Sequence[Sequence[Any]]) -> list[np.ndarray]:
    """The arrays that lie one after another in a section, and fill it."""
    arrays = []
    start = 0
    for dtype, shape in headers:
        like = _like(dtype, shape)
        arrays.append(np.frombuffer(bytes(data[start : start + like.nbytes]), like.dtype).reshape(shape))
        start += like.nbytes
    if start != data.size:
        raise ValueError(f"arrays of {start} bytes in a section of {data.size}")
    return arrays


def _like(dtype: str, shape: Sequence[int]) -> np.ndarray:
    """An array of a type and shape that takes no memory."""
    if not conforms(tuple(shape), tuple[int, ...]):
        raise TypeError(f"{shape} is no shape")
    return np.broadcast_to(np.zeros((), DType(dtype).numpy), shape)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
