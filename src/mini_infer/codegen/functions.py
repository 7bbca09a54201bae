"""The C functions of a program's kernels: equal texts once, named after what they say, and cut into files."""

from collections.abc import Iterable, Sequence

from mini_infer.codegen.function import Function
from mini_infer.codegen.registry import EMITTERS
from mini_infer.ir.dims import at, at_most, symbols_in
from mini_infer.machine import Machine
from mini_infer.program.kernels import Kernel

UNIT_CHARACTERS = 40_000
"""A file of functions is full when it has so many: about half a second of a compiler's work."""


class Functions:
    """Collects the functions of kernels, in the order in which they are first asked for; their names have a prefix."""

    def __init__(self, machine: Machine, prefix: str = "") -> None:
        self.machine = machine
        self.prefix = prefix
        self.distinct: dict[str, Function] = {}
        self._known: dict[Kernel, Function] = {}

    def of(self, kernel: Kernel) -> Function:
        """The function that computes a kernel; kernels of one text keep their own, whose operands may reach further."""
        known = self._known.get(kernel)
        if known is None:
            symbols = tuple(sorted(symbols_in(kernel)))
            body = EMITTERS[type(kernel)](kernel, self.machine)
            known = Function(at_most(kernel).operands(), body, symbols, self.prefix)
            self._known[kernel] = known
            self.distinct.setdefault(known.name, known)
        return known

    def items(self, kernel: Kernel) -> int:
        """Into how many items a kernel is cut, typically, whether or not its function is asked for."""
        known = self._known.get(kernel)
        return at((known.body if known else EMITTERS[type(kernel)](kernel, self.machine)).items)


def inline(functions: Iterable[Function]) -> list[str]:
    """The functions as private parts of the file that calls them."""
    texts = dict.fromkeys(text for one in functions for text in (*one.body.helpers, f"static {one.text}"))
    return list(texts)


def units(functions: Sequence[Function]) -> list[list[str]]:
    """The functions as the contents of files of about `UNIT_CHARACTERS`, each with the helpers it needs."""
    cut: list[list[str]] = []
    texts: dict[str, None] = {}
    for function in functions:
        texts |= dict.fromkeys((*function.body.helpers, function.text))
        if sum(map(len, texts)) >= UNIT_CHARACTERS:
            cut.append(list(texts))
            texts = {}
    return [*cut, list(texts)] if texts else cut
