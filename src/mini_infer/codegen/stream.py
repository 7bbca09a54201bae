"""The statements of a stream: a table of runs, and a loop over it.

Runs of one kernel differ only in where some of their operands begin, so each is a number of a case, and the bytes by
which these move.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from mini_infer.codegen.functions import Functions
from mini_infer.program import Call, Ring, Stream
from mini_infer.program.pieces import Piece, pieces

_WIDTH = 116
_LARGEST = 2**31 - 1


@dataclass(slots=True)
class Case:
    """Runs of one kernel on the same buffers: the statement but for what moves, and where that is in each run."""

    piece: Piece | Ring
    moved: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def varies(self) -> tuple[bool, ...]:
        """For each operand, whether it begins elsewhere in other runs."""
        return tuple(len(set(offsets)) > 1 for offsets in zip(*self.moved, strict=True))


@dataclass(frozen=True, slots=True)
class Table:
    """The cases of a stream, and its runs: (case, offsets of the operands)."""

    cases: tuple[Case, ...]
    runs: tuple[tuple[int, tuple[int, ...]], ...]

    @classmethod
    def of(cls, calls: Sequence[Call], stream: Stream, functions: Functions) -> "Table":
        """The table of a stream of these calls."""
        cases: dict[tuple[object, ...], int] = {}
        found: list[Case] = []
        runs = []
        for piece in pieces(calls, stream):
            key, offsets = _key(piece, functions)
            number = cases.setdefault(key, len(found))
            if number == len(found):
                found.append(Case(piece))
            found[number].moved.append(offsets)
            runs.append((number, offsets))
        return cls(tuple(found), tuple(runs))

    def declaration(self) -> str:
        """The table as C."""
        varies = [case.varies for case in self.cases]
        numbers: list[int] = []
        for case, offsets in self.runs:
            moving = zip(offsets, varies[case], strict=True)
            numbers += [case, *(offset for offset, moves in moving if moves)]
        kind = "int32_t" if max(map(abs, numbers), default=0) <= _LARGEST else "int64_t"
        entries = textwrap.indent("\n".join(textwrap.wrap(", ".join(map(str, numbers)), _WIDTH)), "      ")
        return (
            f"    static const {kind} runs[] = {{\n{entries}}};\n"
            f"    const {kind} *run = runs, *const end = runs + {len(numbers)};"
        )


def _key(piece: Piece | Ring, functions: Functions) -> tuple[tuple[object, ...], tuple[int, ...]]:
    """What runs of one case have in common, and where the operands of this one begin."""
    if isinstance(piece, Ring):
        return (piece.offset, piece.id), ()
    places: list[object] = [(view.space, view.index) for view in piece.views]
    function = functions.of(piece.kernel)
    return (piece.run.call, function.name, function.body.items, *places), tuple(view.offset for view in piece.views)
