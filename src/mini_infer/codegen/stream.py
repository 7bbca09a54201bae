"""The statements of a stream: a table of runs, and a loop over it.

Runs of one function differ only in where some of their operands begin, and in how many rows they have: each is the
number of a case, and the numbers in which it differs from others of that case.
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mini_infer.codegen.alike import Form, forms
from mini_infer.codegen.functions import Functions
from mini_infer.ir.dims import at
from mini_infer.program import Call, Ring, Stream
from mini_infer.program.kernels import Kernel
from mini_infer.program.pieces import Piece, pieces

_WIDTH = 116
_LARGEST = 2**31 - 1


@dataclass(slots=True)
class Case:
    """Runs of one function on the same buffers, or turns of one ring.

    Parameters
    ----------
    piece
        The first of them, its kernel that of all (`alike.Form`).
    numbers
        Of each run: where its operands begin, how many items it has, and the sizes that the function is given.
    """

    piece: Piece | Ring
    numbers: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def varies(self) -> tuple[bool, ...]:
        """For each of the numbers, whether it is another one in other runs."""
        return tuple(len(set(column)) > 1 for column in zip(*self.numbers, strict=True))


@dataclass(frozen=True, slots=True)
class Table:
    """The cases of a stream, and its runs: (case, its numbers)."""

    cases: tuple[Case, ...]
    runs: tuple[tuple[int, tuple[int, ...]], ...]

    @classmethod
    def of(cls, calls: Sequence[Call], stream: Stream, functions: Functions) -> "Table":
        """The table of a stream of these calls."""
        made = list(pieces(calls, stream))
        known = _forms(made)
        cases: dict[tuple[object, ...], int] = {}
        found: list[Case] = []
        runs = []
        for piece in made:
            key: tuple[object, ...] = ()
            numbers: tuple[int, ...] = ()
            shown = piece
            if isinstance(piece, Ring):
                key = piece.offset, piece.id
            else:
                form = known[id(piece.kernel)]
                function, places = functions.of(form.kernel), [(view.space, view.index) for view in piece.views]
                sizes = (form.sizes[symbol.name] // symbol.step for symbol in function.symbols)
                key = piece.run.call, function.name, *places
                numbers = (*(view.offset for view in piece.views), at(function.body.items, form.sizes), *sizes)
                shown = Piece(piece.run, form.kernel, piece.views)
            number = cases.setdefault(key, len(found))
            if number == len(found):
                found.append(Case(shown))
            found[number].numbers.append(numbers)
            runs.append((number, numbers))
        return cls(tuple(found), tuple(runs))

    def declaration(self) -> str:
        """The table as C."""
        varies = [case.varies for case in self.cases]
        numbers: list[int] = []
        for case, given in self.runs:
            numbers += [case, *(number for number, moves in zip(given, varies[case], strict=True) if moves)]
        kind = "int32_t" if max(map(abs, numbers), default=0) <= _LARGEST else "int64_t"
        entries = textwrap.indent("\n".join(textwrap.wrap(", ".join(map(str, numbers)), _WIDTH)), "      ")
        return (
            f"    static const {kind} runs[] = {{\n{entries}}};\n"
            f"    const {kind} *run = runs, *const end = runs + {len(numbers)};"
        )


def _forms(made: Iterable[Piece | Ring]) -> Mapping[int, Form]:
    """The form of each kernel, by its identity: runs of a call whose kernels are alike share a function."""
    kernels: dict[int, dict[int, Kernel]] = {}
    for piece in made:
        if isinstance(piece, Piece):
            kernels.setdefault(piece.run.call, {})[id(piece.kernel)] = piece.kernel
    found: dict[int, Form] = {}
    for of_call in kernels.values():
        known = forms(of_call.values())
        found |= {number: known[kernel] for number, kernel in of_call.items()}
    return found
