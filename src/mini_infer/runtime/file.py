"""The engine file: data only, every byte under a checksum.

::

    magic (8 bytes) | header length (8 bytes, little endian) | SHA-256 of the header (32 bytes) | header (JSON)
    sections, each at the next multiple of 64 bytes, zeros between: programs, plans, arrays, constants

The header names the format, the version of mini-infer that wrote it, the target, and for each section its place, size
and SHA-256. No pickle, no machine code: native code is generated from the program when the engine is loaded. The
constant block is mapped, not copied, so processes that run one engine share it.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mini_infer.codegen import EMITTERS
from mini_infer.errors import EngineError, MiniInferError
from mini_infer.files import write_atomically
from mini_infer.ir import DType, UndecidedError
from mini_infer.memory import PlacedPool, Plan
from mini_infer.memory.problem import MAX_BYTES
from mini_infer.program import Constant, Program
from mini_infer.program.codec import DIMENSIONS, build, decode, encode, with_kernels
from mini_infer.program.conform import conforms
from mini_infer.program.constants import bind
from mini_infer.program.validate import validate
from mini_infer.runtime.variant import Variant
from mini_infer.toolchain import Target
from mini_infer.version import __version__

MAGIC = b"MINIINFR"
FORMAT = 10
ALIGNMENT = 64
_DIGEST = 32
_PREFIX = len(MAGIC) + 8 + _DIGEST
_FIELDS = ("steps", "inputs", "outputs", "values", "problem", "symbols", "sizes", "images", "states")
"""Of a program, what is written as it is."""
_SECTIONS = ("programs", "plans", "arrays", "constants")
_CLASSES = with_kernels(EMITTERS)
_STATIC_CLASSES = {name: kind for name, kind in _CLASSES.items() if kind not in DIMENSIONS}
_BROKEN = (
    *(ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError),
    UndecidedError,
)
"""What data of a wrong form raises where it is taken apart."""


Contents = tuple[tuple[Variant, ...], Target, np.ndarray]
"""What an engine file holds: a program and a plan for each profile, the machine, and the constant block."""


def write(path: Path, variants: Sequence[Variant], target: Target, constants: np.ndarray) -> int:
    """Write an engine file, whole or not at all; returns how many bytes it has."""
    arrays: list[np.ndarray] = []
    sections: dict[str, bytes | memoryview] = {
        "programs": _json([_program_fields(variant.program, arrays) for variant in variants]),
        "plans": _json([_plan_fields(variant.plan) for variant in variants]),
        "arrays": b"".join(np.ascontiguousarray(array).tobytes() for array in arrays),
        "constants": constants.data,
    }
    header: dict[str, Any] = {
        "format": FORMAT,
        "mini_infer": __version__,
        "target": target.to_json(),
        "profiles": [variant.name for variant in variants],
        "arrays": [[str(array.dtype), list(array.shape)] for array in arrays],
        "sections": {},
    }
    end = 0
    for name, data in sections.items():
        start = -(-end // ALIGNMENT) * ALIGNMENT
        end = start + len(data)
        header["sections"][name] = {"start": start, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    text = _json(header)
    prefix = MAGIC + len(text).to_bytes(8, "little") + hashlib.sha256(text).digest() + text
    pieces: list[bytes | memoryview] = [prefix, bytes(-len(prefix) % ALIGNMENT)]
    for data in sections.values():
        pieces += [data, bytes(-len(data) % ALIGNMENT)]
    return write_atomically(path, pieces)


def read(path: Path) -> Contents:
    """Read and check an engine file: every byte, and that its programs are safe to run, before anything is built.

    The programs' constants are views of the constant block.

    Raises
    ------
    EngineError
        When it is no engine file, of another format, differs in any byte from what was written, or holds a program or
        plan that breaks a rule.
    """
    try:
        size = path.stat().st_size
        data = np.memmap(path, dtype=np.uint8, mode="r") if size else np.empty(0, np.uint8)
    except OSError as error:
        raise EngineError(f"{path}: cannot be read: {error.strerror}") from error
    header, end = _read_header(path, data)
    try:
        sections = _read_sections(path, data, header["sections"], end)
        return _read_contents(_read_target(path, header["target"]), header, sections)
    except EngineError:
        raise
    except MiniInferError as error:
        raise EngineError(f"{path}: not safe to run: {error}; build the engine again") from error
    except _BROKEN as error:
        raise EngineError(
            f"{path}: written by mini-infer {header.get('mini_infer')}, which this version cannot read"
        ) from error


def _read_target(path: Path, data: object) -> Target:
    try:
        return Target.from_json(data)
    except EngineError as error:
        raise EngineError(f"{path}: {error}") from error


def _read_contents(target: Target, header: dict[str, Any], sections: dict[str, np.ndarray]) -> Contents:
    arrays = _split(sections["arrays"], header["arrays"])
    laid: list[Sequence[Constant]] = []
    programs = [_read_program(fields, arrays, laid) for fields in json.loads(bytes(sections["programs"]))]
    plans = json.loads(bytes(sections["plans"]))
    names = header["profiles"]
    if not programs or len(set(names)) < len(names):
        raise ValueError(f"profiles {names}: at least one, each with a name of its own")
    bound = bind(programs, laid, sections["constants"])
    for program in bound:
        validate(program, machine=target.machine, threads=target.threads)
    variants = tuple(
        build(Variant, {"name": name, "program": program, "plan": _read_plan(fields, program)})
        for name, program, fields in zip(names, bound, plans, strict=True)
    )
    return variants, target, sections["constants"]


def _read_header(path: Path, data: np.ndarray) -> tuple[dict[str, Any], int]:
    """The header, and where it ends."""
    if bytes(data[: len(MAGIC)]) != MAGIC:
        raise EngineError(f"{path}: not an engine file; make one with mini-infer compile")
    length = int.from_bytes(bytes(data[len(MAGIC) : len(MAGIC) + 8]), "little")
    text = bytes(data[_PREFIX : _PREFIX + length])
    if hashlib.sha256(text).digest() != bytes(data[_PREFIX - _DIGEST : _PREFIX]) or len(text) != length:
        raise EngineError(f"{path}: the header is corrupt; build the engine again with mini-infer compile")
    try:
        header = json.loads(text)
        known = header["format"]
    except _BROKEN as error:
        raise EngineError(f"{path}: the header is malformed; build the engine again with mini-infer compile") from error
    if known != FORMAT:
        raise EngineError(f"{path}: engine format {known}; this version reads {FORMAT}: build it again")
    return header, _PREFIX + length


def _read_sections(path: Path, data: np.ndarray, places: dict[str, Any], end: int) -> dict[str, np.ndarray]:
    """The sections, which follow each other where the writer puts them; the first begins after the header."""
    if tuple(places) != _SECTIONS:
        raise ValueError(f"sections {', '.join(places)}")
    base = -(-end // ALIGNMENT) * ALIGNMENT
    sections = {}
    for name, place in places.items():
        start, size = -(-end // ALIGNMENT) * ALIGNMENT, place["size"]
        if not conforms(size, int) or place["start"] != start - base or size < 0:
            raise ValueError(f"the {name} section has {size} bytes from {place['start']} on")
        section = data[start : start + size]
        if hashlib.sha256(section.data).hexdigest() != place["sha256"] or data[end:start].any():
            raise EngineError(f"{path}: the {name} section is corrupt; build the engine again with mini-infer compile")
        sections[name] = section
        end = start + size
    if data.size != -(-end // ALIGNMENT) * ALIGNMENT or data[end:].any():
        raise EngineError(f"{path}: {data.size} bytes, not the size that was written; copy or build the engine again")
    return sections


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
    value = decode(kind, arrays) if not isinstance(kind, str) else _like(kind, shape)
    fields = {"name": name, "value": value, "packing": decode(packing, arrays), "offset": offset, "is_packed": True}
    return build(Constant, fields)


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
