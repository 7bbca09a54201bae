"""`net_weights.bin`: the constants in one file, whose place in memory the caller gives."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mini_infer.codegen import comment
from mini_infer.program import Constant

_HEAD_BYTES = 64
"""Of the file, before the constants."""
_MARK = "mini-infer weights "


@dataclass(frozen=True, slots=True)
class WeightFile:
    """Where each constant lies in the file.

    Parameters
    ----------
    arrays
        Name in C → the constant, in the order of the file.
    offsets
        The first byte of each, from the beginning of the file; multiples of the alignment.
    nbytes
        Of the file.
    """

    arrays: Mapping[str, Constant]
    offsets: Mapping[str, int]
    nbytes: int

    @property
    def head(self) -> str:
        """What the file begins with, a line of 64 characters: other constants give another, by their SHA-256."""
        digest = hashlib.sha256()
        for piece in self._constants():
            digest.update(piece)
        return f"{_MARK}{digest.hexdigest()[: _HEAD_BYTES - len(_MARK) - 1]}\n"

    def content(self) -> Iterator[bytes]:
        """The file, piece by piece."""
        yield self.head.encode()
        yield from self._constants()

    def definitions(self) -> Iterator[str]:
        """The constants' names as macros of C: where they lie behind `weights`."""
        for name, offset in self.offsets.items():
            constant = self.arrays[name]
            shape = "x".join(map(str, constant.shape)) or "1"
            described = f"{comment(constant.name)}: {constant.value.dtype.name}[{shape}]"
            yield f"#define {name} (weights + {offset}u) /* {described} */"

    def _constants(self) -> Iterator[bytes]:
        """All behind the head."""
        end = _HEAD_BYTES
        for name, offset in self.offsets.items():
            yield bytes(offset - end)
            yield self.arrays[name].data.tobytes()
            end = offset + self.arrays[name].nbytes


def lay(arrays: Mapping[str, Constant], alignment: int) -> WeightFile:
    """One constant behind the other, each at a multiple of `alignment` bytes."""
    offsets, end = {}, _HEAD_BYTES
    for name, constant in arrays.items():
        offsets[name] = -(-end // alignment) * alignment
        end = offsets[name] + constant.nbytes
    return WeightFile(arrays, offsets, end)
