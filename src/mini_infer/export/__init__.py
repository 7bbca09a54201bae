"""A model as C that needs no Python: a header, kernels, constants, and a test that says whether they are right."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mini_infer.errors import CapacityError
from mini_infer.export import folder, project
from mini_infer.export.header import header
from mini_infer.export.names import Names, check_name, identifier
from mini_infer.export.network import Network, in_pools, network, obstacles, weight_bytes
from mini_infer.export.pools import check_pools, place
from mini_infer.export.record import EXPORT_SCHEMA, record
from mini_infer.export.selftest import bound, selftest
from mini_infer.export.sizes import Sizes, measure
from mini_infer.export.source import external_functions, source
from mini_infer.export.target import DEFAULT, is_board, parse, stand_in
from mini_infer.export.weight_file import WeightFile, lay
from mini_infer.export.weights import weights
from mini_infer.program import Constant

__all__ = [
    "DEFAULT",
    "EXPORT_SCHEMA",
    "Export",
    "Names",
    "Network",
    "check_flash",
    "check_name",
    "check_pools",
    "check_ram",
    "export",
    "identifier",
    "in_pools",
    "is_board",
    "network",
    "obstacles",
    "parse",
    "place",
    "stand_in",
]

_NAMED = 3
"""Of what is largest, as many are named."""


@dataclass(frozen=True)
class Export:
    """What an export is made of, not yet written.

    Parameters
    ----------
    network
        What is exported.
    source
        The text of `net.c`.
    arrays
        The constants that it reads, by the names of their arrays.
    sizes
        What a compiler made of it; none: none was asked.
    """

    network: Network
    source: str
    arrays: Mapping[str, Constant]
    sizes: Sizes | None = None

    @property
    def constant_bytes(self) -> int:
        """Of all arrays, or of the file."""
        return self.file.nbytes if self.network.in_file else weight_bytes(self.arrays)

    @property
    def file(self) -> WeightFile:
        """The constants as a file."""
        return lay(self.arrays, self.network.alignment)

    @property
    def functions(self) -> tuple[str, ...]:
        """Functions of the C library that a compiler may leave as calls."""
        return external_functions(self.source)

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files."""
        lower = self.network.names.file
        endings = (".h", ".c", "_weights.bin" if self.network.in_file else "_weights.c", "_test.c", ".json")
        return (*(lower(ending) for ending in endings), "CMakeLists.txt", "README.md")

    def record(self, expected: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """What `net.json` says."""
        bounds = {each.name: bound(each, expected[each.name]) for each in self.network.outputs}
        return record(self.network, self.file, self.functions, self.files, bounds, self.sizes)

    def measured(self) -> "Export":
        """With the sizes that a compiler makes; errors are those of `sizes.measure`."""
        of, file = self.network, self.network.names.file
        texts = {file(".h"): header(of, self.file), file(".c"): self.source}
        made = measure(of.machine, texts, file(".c"), f"{of.names.lower}_run", project.options(of))
        return replace(self, sizes=made)

    def write(self, path: Path, given: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> dict[str, int]:
        """Write the files into a folder, with a test on these inputs and outputs; return the bytes of each.

        Errors are those of `folder.write`.
        """
        report = json.dumps(self.record(expected), indent=2, allow_nan=False) + "\n"
        texts: list[Iterable[str | bytes]] = [
            [header(self.network, self.file)],
            [self.source],
            self.file.content() if self.network.in_file else weights(self.network, self.arrays),
            selftest(self.network, given, expected),
            [report],
            [project.cmake(self.network)],
            [project.readme(self.network, self.functions, self.constant_bytes)],
        ]
        return folder.write(path, dict(zip(self.files, texts, strict=True)))


def export(of: Network) -> Export:
    """The C of a network."""
    text = source(of)
    return Export(of, text, of.arrays(text))


def check_ram(of: Network, limit: int) -> None:
    """Check what a run takes against a limit.

    Raises
    ------
    CapacityError
        When it is more: it names what is largest.
    """
    if of.ram <= limit:
        return
    parts = [("the arena", of.plan.size), ("the state", of.state_bytes)]
    parts += [(f"{each.name!r}", each.type.bytes) for each in of.ports if each.offset is None]
    raise CapacityError(f"--ram {limit}: {of.ram} bytes are needed, of which {_largest(parts)}")


def check_flash(of: Export, limit: int) -> None:
    """Check the bytes of the constants against a limit.

    Raises
    ------
    CapacityError
        When they are more: it names what is largest.
    """
    if of.constant_bytes <= limit:
        return
    parts = [(f"{constant.name!r}", constant.nbytes) for constant in of.arrays.values()]
    raise CapacityError(
        f"--flash {limit}: the constants alone take {of.constant_bytes} bytes, of which {_largest(parts)}"
    )


def _largest(parts: list[tuple[str, int]]) -> str:
    parts = sorted((part for part in parts if part[1]), key=lambda part: -part[1])
    more = f" and {len(parts) - _NAMED} more" if len(parts) > _NAMED else ""
    return ", ".join(f"{name} {size}" for name, size in parts[:_NAMED]) + more
