"""Problems and plans as JSON; the schema is `docs/schemas/placement.json`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mini_infer.errors import ProblemError
from mini_infer.files import read_json as read_json_file
from mini_infer.files import write_atomically
from mini_infer.memory.overlap import Overlap
from mini_infer.memory.plan import Plan
from mini_infer.memory.problem import Buffer, Pool, Problem, expect_problem

SCHEMA = "mini-infer/placement/1"
"""Name and version; the version changes when a key changes its meaning or goes."""


def to_record(what: Problem | Plan) -> dict[str, Any]:
    """Turn a problem or a plan into what `json.dumps` takes. Sizes and offsets are bytes, lifetimes half-open steps."""
    problem = what.problem if isinstance(what, Plan) else what
    expect_problem(problem, "to_record")
    plan = what if isinstance(what, Plan) else None
    buffers = []
    for index, buffer in enumerate(problem.buffers):
        record: dict[str, Any] = {"id": buffer.id, "size": buffer.size, "start": buffer.start, "end": buffer.end}
        if buffer.alignment > 1:
            record["alignment"] = buffer.alignment
        if buffer.offset is not None:
            record["pin"] = buffer.offset
        if buffer.gaps:
            record["gaps"] = [list(gap) for gap in buffer.gaps]
        if buffer.pools:
            record["pools"] = list(buffer.pools)
        if buffer.traffic is not None:
            record["traffic"] = buffer.traffic
        if plan is not None:
            record["offset"] = plan.offsets[index]
            if plan.regions:
                record["pool"] = plan.regions[index]
        buffers.append(record)
    return {
        "schema": SCHEMA,
        "capacity": problem.capacity,
        "pools": [{"name": pool.name, "capacity": pool.capacity} for pool in problem.pools],
        **({"overlaps": _overlap_records(problem)} if problem.overlaps else {}),
        **({} if plan is None else {"height": plan.size, "lower_bound": plan.lower_bound, "strategy": plan.strategy}),
        "buffers": buffers,
    }


def _overlap_records(problem: Problem) -> list[dict[str, Any]]:
    ids = [buffer.id for buffer in problem.buffers]
    return [
        {"lower": ids[each.lower], "upper": ids[each.upper], "distance": each.distance} for each in problem.overlaps
    ]


def write_json(what: Problem | Plan, path: str | Path) -> None:
    """Write a problem or a plan. The file appears whole or not at all."""
    write_atomically(Path(path), [(json.dumps(to_record(what), indent=1) + "\n").encode()])


def read_json(path: str | Path) -> Problem:
    """Read a problem; the offsets of a plan are left out, pins are not.

    Raises
    ------
    ProblemError
        The file cannot be read, or an entry is wrong: the message names file, entry and value.
    """
    return _read(Path(path))[0]


def read_json_plan(path: str | Path) -> Plan:
    """Read a plan: every buffer needs an offset. Nothing is checked yet; that is what `validate` is for.

    Raises
    ------
    ProblemError
        As `read_json`, or a buffer has no offset.
    """
    problem, record = _read(Path(path))
    offsets: list[int] = []
    for number, entry in enumerate(record["buffers"]):
        where = f"{path}, buffers[{number}]"
        if "offset" not in entry:
            raise ProblemError(f"{where}: buffer {entry['id']!r} has no offset; a plan needs one for every buffer")
        offsets.append(_value(entry, "offset", int, where))
    return Plan(
        problem,
        tuple(offsets),
        strategy=str(record.get("strategy", "file")),
        lower_bound=0,
        regions=tuple(
            _value(entry, "pool", str, f"{path}, buffers[{i}]", "") for i, entry in enumerate(record["buffers"])
        )
        if problem.pools
        else (),
    )


def _read(path: Path) -> tuple[Problem, dict[str, Any]]:
    record = read_json_file(path, error=ProblemError)
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        found = record.get("schema") if isinstance(record, dict) else type(record).__name__
        raise ProblemError(f"{path}: the schema is {found!r}; expected {SCHEMA!r}")
    pools = [_pool(entry, f"{path}, pools[{i}]") for i, entry in enumerate(_entries(record, "pools", path, ()))]
    buffers = [_buffer(entry, f"{path}, buffers[{i}]") for i, entry in enumerate(_entries(record, "buffers", path))]
    capacity = _value(record, "capacity", int, str(path), None)
    at = {buffer.id: index for index, buffer in enumerate(buffers)}
    overlaps = [
        _overlap(entry, at, f"{path}, overlaps[{i}]") for i, entry in enumerate(_entries(record, "overlaps", path, ()))
    ]
    try:
        return Problem(tuple(buffers), capacity, tuple(pools), tuple(overlaps)), record
    except ProblemError as error:
        raise ProblemError(f"{path}: {error}") from None


def _entries(record: Mapping[str, Any], key: str, path: Path, default: Any = None) -> Sequence[Mapping[str, Any]]:
    entries = record.get(key, default)
    if not isinstance(entries, list | tuple) or not all(isinstance(entry, dict) for entry in entries):
        raise ProblemError(f"{path}: {key} has to be a list of objects")
    return entries


def _pool(entry: Mapping[str, Any], where: str) -> Pool:
    name, capacity = _value(entry, "name", str, where), _value(entry, "capacity", int, where, None)
    try:
        return Pool(name, capacity)
    except ProblemError as error:
        raise ProblemError(f"{where}: {error}") from None


def _overlap(entry: Mapping[str, Any], at: Mapping[str, int], where: str) -> Overlap:
    names = {key: _value(entry, key, str, where) for key in ("lower", "upper")}
    for key, name in names.items():
        if name not in at:
            raise ProblemError(f"{where}: {key} is {name!r}, which is no buffer")
    return Overlap(at[names["lower"]], at[names["upper"]], _value(entry, "distance", int, where))


def _buffer(entry: Mapping[str, Any], where: str) -> Buffer:
    gaps, pools = entry.get("gaps", []), entry.get("pools", [])
    if not isinstance(gaps, list) or not all(_is_gap(gap) for gap in gaps):
        raise ProblemError(f"{where}: gaps is {gaps!r}; expected pairs of integers")
    if not isinstance(pools, list) or not all(isinstance(pool, str) for pool in pools):
        raise ProblemError(f"{where}: pools is {pools!r}; expected a list of names")
    try:
        return Buffer(
            _value(entry, "id", str, where),
            _value(entry, "size", int, where),
            _value(entry, "start", int, where),
            _value(entry, "end", int, where),
            _value(entry, "alignment", int, where, 1),
            _value(entry, "pin", int, where, None),
            tuple((start, end) for start, end in gaps),
            tuple(pools),
            _value(entry, "traffic", int, where, None),
        )
    except ProblemError as error:
        message = str(error)
        raise ProblemError(message if message.startswith(where) else f"{where}: {message}") from None


def _is_gap(gap: object) -> bool:
    return isinstance(gap, list) and len(gap) == 2 and all(type(step) is int for step in gap)  # noqa: PLR2004


_NEEDED = object()


def _value(entry: Mapping[str, Any], key: str, kind: type, where: str, default: Any = _NEEDED) -> Any:
    value = entry.get(key, default)
    if value is _NEEDED:
        raise ProblemError(f"{where}: {key} is missing")
    if type(value) is not kind and not (value is None and default is None):
        raise ProblemError(f"{where}: {key} is {value!r}; expected {'an integer' if kind is int else 'text'}")
    return value
