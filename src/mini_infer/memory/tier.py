"""Functions that are interpreted at first, and compiled by numba once they have taken long.

Loading numba and what it compiled before takes half a second of CPU; compiling it the first time, more than ten. Most
streams are chosen, and most of their plans found, in less by interpreting. Both ways do the same arithmetic on whole
numbers and float64, so they choose the same whenever it is that one gives way to the other.

The functions of a package are compiled together: those that place buffers without those that choose streams.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, update_wrapper
from pathlib import Path
from types import FunctionType
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np

from mini_infer import clock, stages

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Record = TypeVar("Record", bound=tuple[Any, ...])

SOON, LATE = 0.2, 8.0
"""CPU seconds of interpreting after which a package is compiled: where numba has kept machine code, and where it has
not."""

PLACES = "mini_infer.memory.compiled"
"""The package of what places buffers."""


@dataclass(slots=True)
class _Package:
    """What interpreting a package's functions has taken so far, whether one is running, and whether that is over.

    `inner` has those that only functions of their own module call, with their decorators: while they are interpreted,
    nothing is between them and their callers. `made` has the compiled ones.
    """

    seconds: float = 0.0
    running: bool = False
    compiled: bool = False
    inner: dict[Callable[..., Any], str] = field(default_factory=dict)
    made: dict[Callable[..., Any], Any] = field(default_factory=dict)


_packages: dict[str, _Package] = {}
_only_indexed: set[type] = set()


class _Interpreted:
    """A function that may be compiled later, by the decorator of that name in `memory.compiled.jit`."""

    def __init__(self, function: Callable[..., Any], decorator: str, package: _Package) -> None:
        update_wrapper(self, function)
        self.function = function
        self.decorator = decorator
        self.package = package

    def __call__(self, *arguments: Any) -> Any:
        package = self.package
        if package.running:
            return self.function(*arguments)
        if package.compiled:  # by whoever kept the name that it had before
            return package.made[self.function](*arguments)
        began = time.thread_time()
        package.running = True
        try:
            with clock.left_out(), np.errstate(over="ignore"):  # hashes wrap around
                return _plain(self.function(*map(_seen, arguments)))
        finally:
            package.running = False
            package.seconds += time.thread_time() - began
            if package.seconds >= (SOON if is_kept(self.function.__code__.co_filename) else LATE):
                compile_package(_package_of(self.function))


def _package_of(function: Callable[..., Any]) -> str:
    return function.__module__.rpartition(".")[0]


def _seen(value: Any) -> Any:
    """What interpreting is given for it: `only_indexed` arrays become such whose elements are Python's numbers."""
    if type(value) in _only_indexed:
        return type(value)(*(each.data if isinstance(each, np.ndarray) else each for each in value))
    return value


def _plain(value: Any) -> Any:
    """What a compiled function returns for it: numbers of Python's, not NumPy's."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple):
        parts = map(_plain, value)
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile it once interpreting has taken long.

    Functions with an underscore are called by their own module alone.
    """
    return _later(function, "compiled")


def compiled_leaf(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The same for what makes no arrays (`memory.compiled.jit.compiled_leaf`)."""
    return _later(function, "compiled_leaf")


def compiled_inside(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The same for what becomes a part of its callers (`memory.compiled.jit.compiled_inside`)."""
    return _later(function, "compiled_inside")


def only_indexed(record: type[Record]) -> type[Record]:
    """Mark a tuple of arrays of which nothing but single elements is used: interpreting reads them twice as fast."""
    _only_indexed.add(record)
    return record


def _later(function: Callable[Parameters, Result], decorator: str) -> Callable[Parameters, Result]:
    package = _packages.setdefault(_package_of(function), _Package())
    if package.compiled:
        return cast("Callable[Parameters, Result]", _compiled(function, decorator))
    if function.__name__.startswith("_"):
        package.inner[function] = decorator
        return function
    return cast("Callable[Parameters, Result]", _Interpreted(function, decorator, package))


@cache
def is_kept(module: str) -> bool:
    """Whether numba seems to have kept the machine code of a module's functions: beside it, or where it was told to."""
    path = Path(module)
    elsewhere = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(elsewhere) if elsewhere else path.parent / "__pycache__"
    written = path.stat().st_mtime
    return any(kept.stat().st_mtime >= written for kept in folder.rglob(f"{path.stem}.*.nbi"))


def compile_package(name: str) -> None:
    """Compile a package's functions from now on, each at its first call: wherever they are, their names mean these."""
    package = _packages.setdefault(name, _Package())
    if package.compiled:
        return
    package.compiled = True
    for module in [each for key, each in list(sys.modules.items()) if key.startswith("mini_infer.")]:
        for key, value in list(vars(module).items()):
            if isinstance(value, _Interpreted) and value.package is package:
                function, decorator = value.function, value.decorator
            elif isinstance(value, FunctionType) and value in package.inner:
                function, decorator = value, package.inner[value]
            else:
                continue
            if not package.made:
                kept = is_kept(function.__code__.co_filename)
                stages.say("loading the compiled planner" if kept else "compiling the planner, once")
            if function not in package.made:
                package.made[function] = _compiled(function, decorator)
            setattr(module, key, package.made[function])


def _compiled(function: Callable[..., Any], decorator: str) -> Any:
    from mini_infer.memory.compiled import jit

    return getattr(jit, decorator)(function)
