"""The types that may stand in an engine file."""

import dataclasses
import typing
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, cast

from mini_infer.ir import Bound, Dim, DType, Graph, Node, OpaqueType, Symbol, TensorType
from mini_infer.ir.dims import Quotient
from mini_infer.memory import Buffer, Overlap, Pool, Problem
from mini_infer.program.codec import Classes
from mini_infer.program.columns import ColumnPacking
from mini_infer.program.conform import field_types
from mini_infer.program.packing import Packing
from mini_infer.program.ports import Port, State
from mini_infer.program.strassen import StrassenPacking
from mini_infer.program.types import Call, Control, ControlKind, Ring, Run, Space, Step, Stream, Turn, View
from mini_infer.program.winograd import WinogradPacking

DIMENSIONS = (Dim, Quotient, Symbol)
"""What stands for sizes that are given at run time: in no program that has none."""

_TYPES = [
    *[
        Bound,
        Buffer,
        Call,
        Control,
        Graph,
        Node,
        OpaqueType,
        Overlap,
        Packing,
        Pool,
        Port,
        Problem,
        Ring,
        Run,
        State,
        Step,
        Stream,
    ],
    *[TensorType, Turn, View],
    *DIMENSIONS,
    *[ColumnPacking, StrassenPacking, WinogradPacking],
    *[ControlKind, DType, Space],
]

CLASSES: Classes = {kind.__name__: kind for kind in _TYPES}
"""What may stand in a file, by name, but for kernels and their parts."""


def with_kernels(kinds: Iterable[type]) -> Classes:
    """All types that may stand in a file whose kernels are of these kinds: those of their fields, too."""
    found = dict(CLASSES)
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if found.setdefault(kind.__name__, kind) is not kind:
            raise ValueError(f"two classes are called {kind.__name__}")
        parts = (part for hint in field_types(cast("Hashable", kind)).values() for part in _dataclasses(hint))
        waiting += [part for part in parts if part.__name__ not in found]
    return found


def _dataclasses(hint: Any) -> Iterator[type]:
    """The dataclasses in an annotation."""
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield hint
    for argument in typing.get_args(hint):
        yield from _dataclasses(argument)
