"""Register tiles that were measured instead of estimated: a JSON file that can be shipped with a model.

::

    {"schema": "mini-infer/timings/2",
     "machines": {"x86_64-linux+avx2+fma zig":
         [{"rows": 56, "columns": 64, "depth": 576, "multiple": 1, "tile": {"rows": 14, "vectors": 2, "width": 8}}]}}
"""

import json
from collections.abc import Mapping
from pathlib import Path

from mini_infer.errors import InputError
from mini_infer.files import read_json, write_atomically
from mini_infer.lowering.contraction.tiles import Work, candidates
from mini_infer.machine import MACHINES
from mini_infer.program.kernels import Tile

SCHEMA = "mini-infer/timings/2"
_FORMER = "mini-infer/timings/1"

Tiles = Mapping[Work, Tile]
"""Which tile each product is to have; the cost model chooses for those that are missing."""

_WORK = ("rows", "columns", "depth", "multiple")
_TILE = ("rows", "vectors", "width")


def read(path: Path) -> dict[str, dict[Work, Tile]]:
    """Machine → what was measured there; of the C that a former version wrote, nothing that counts.

    Raises
    ------
    InputError
        When the file cannot be read, is of another form, or names a tile that no kernel can have.
    """
    content = read_json(path)
    schema = content.get("schema") if isinstance(content, dict) else None
    if schema == _FORMER:
        return {}
    if schema != SCHEMA:
        raise InputError(f"{path}: is no file of timings, whose schema is {SCHEMA!r}: make one with compile --tune")
    try:
        machines = {machine: dict(map(_entry, entries)) for machine, entries in content["machines"].items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: malformed timings: {error!r}: make them anew with compile --tune") from None
    for work, tile in (item for tiles in machines.values() for item in tiles.items()):
        if not any(tile in candidates(work, machine) for machine in MACHINES.values() if machine.has_vectors):
            raise InputError(f"{path}: {tile} is no tile for {work}: make the file anew with compile --tune")
    return machines


def write(path: Path, machines: Mapping[str, Tiles]) -> None:
    """Write the file, whole or not at all."""
    entries = {
        machine: [
            {name: getattr(work, name) for name in _WORK} | {"tile": {name: getattr(tile, name) for name in _TILE}}
            for work, tile in sorted(tiles.items(), key=str)
        ]
        for machine, tiles in machines.items()
    }
    write_atomically(path, [json.dumps({"schema": SCHEMA, "machines": entries}, indent=1).encode() + b"\n"])


def _entry(entry: Mapping[str, int | Mapping[str, int]]) -> tuple[Work, Tile]:
    work = Work(*(_count(entry[name]) for name in _WORK))
    tile = entry["tile"]
    if not isinstance(tile, dict):
        raise TypeError(f"{tile} is no tile")
    return work, Tile(*(_count(tile[name]) for name in _TILE))


def _count(value: object) -> int:
    if type(value) is not int or value < 1:
        raise ValueError(f"{value!r} counts nothing")
    return value
