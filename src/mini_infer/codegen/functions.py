"""The C functions of a program's kernels: equal texts once, named after what they say, and cut into files."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mini_infer.codegen.function import C_TYPES, Function
from mini_infer.codegen.registry import EMITTERS
from mini_infer.machine import Machine
from mini_infer.program.kernels import Kernel
from mini_infer.program.operand import Operand

UNIT_CHARACTERS = 40_000
"""A file of functions is full when it has so many: about half a second of a compiler's work."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A C function with its name: its head without a storage class, its whole text, and the helpers it calls."""

    name: str
    head: str
    text: str
    helpers: tuple[str, ...]


class Functions:
    """Collects the functions of kernels, in the order in which they are first asked for."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.definitions: dict[str, Definition] = {}
        self._known: dict[Kernel, tuple[Definition, Function]] = {}

    def of(self, kernel: Kernel) -> tuple[Definition, Function]:
        """The function that computes a kernel, and what is to be known to call it."""
        if kernel not in self._known:
            function = EMITTERS[type(kernel)](kernel, self.machine)
            check_parameters(kernel, function)
            signature = ", ".join([*function.parameters, "long begin", "long end"])
            text = f"({signature}) {{\n{function.body}\n}}\n"
            # Named after its text: what other functions there are changes nothing in the file it stands in.
            digest = hashlib.sha256("".join([text, *function.helpers]).encode()).hexdigest()[:8]
            name = f"{function.family}_{digest}"
            result = "int" if function.fallible else "void"
            head = f"{result} {name}({signature})"
            definition = Definition(name, head, f"{result} {name}{text}", function.helpers)
            self._known[kernel] = self.definitions.setdefault(name, definition), function
        return self._known[kernel]


def check_parameters(kernel: Kernel, function: Function) -> None:
    """Check that a function takes what its kernel says of its operands: as many, written or not, of the same types.

    Raises
    ------
    TypeError
        When the two have drifted apart.
    """
    operands = kernel.operands()
    private = {index for index, operand in enumerate(operands) if operand.private}
    agree = len(operands) == len(function.parameters) and private == set(function.private)
    if not agree or not all(map(_declares, function.parameters, operands)):
        raise TypeError(f"{type(kernel).__name__} has {operands}, its function ({', '.join(function.parameters)})")


def _declares(parameter: str, operand: Operand) -> bool:
    """Whether a C parameter is a pointer of the operand's type, through which nothing is written unless it may be."""
    kind, _, _ = parameter.removeprefix("const ").partition(" *")
    typed = kind in (_BYTES[operand.kind] if isinstance(operand.kind, int) else (C_TYPES[operand.kind],))
    return typed and parameter.startswith("const ") != operand.written


_BYTES = {size: [c for dtype, c in C_TYPES.items() if dtype.numpy.itemsize == size] for size in (1, 2, 4, 8)}
"""C types by their size: elements that are only moved are of any."""


def inline(definitions: Iterable[Definition]) -> list[str]:
    """The functions as private parts of the file that calls them."""
    texts = dict.fromkeys(text for one in definitions for text in (*one.helpers, f"static {one.text}"))
    return list(texts)


def units(definitions: Sequence[Definition]) -> list[list[str]]:
    """The functions as the contents of files of about `UNIT_CHARACTERS`, each with the helpers it needs."""
    cut: list[list[str]] = []
    texts: dict[str, None] = {}
    for definition in definitions:
        texts |= dict.fromkeys((*definition.helpers, definition.text))
        if sum(map(len, texts)) >= UNIT_CHARACTERS:
            cut.append(list(texts))
            texts = {}
    return [*cut, list(texts)] if texts else cut
