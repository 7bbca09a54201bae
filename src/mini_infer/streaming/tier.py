"""Functions that are interpreted at first, and compiled by numba once they have taken long.

Loading numba and what it compiled before takes half a second of CPU; compiling it the first time, more than ten. Most
streams are chosen in less by interpreting. Both ways do the same arithmetic on whole numbers and float64, so they
choose the same whenever it is that one gives way to the other.
"""

import os
import sys
import time
from collections.abc import Callable
from functools import cache, update_wrapper
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np

from mini_infer import stages

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

SOON, LATE = 0.2, 4.0
"""CPU seconds of interpreting after which all is compiled: where numba has kept machine code, and where it has not."""

MANY = 400
"""Rows of all calls of a program whose streams take longer to choose by interpreting than kept code takes to load."""


class _Spent:
    """What interpreting has taken so far, and how deep it is in functions that call each other."""

    seconds = 0.0
    depth = 0


class _Interpreted:
    """A function that may be compiled later, by the decorator of that name in `memory.compiled.jit`."""

    def __init__(self, function: Callable[..., Any], decorator: str) -> None:
        update_wrapper(self, function)
        self.function = function
        self.decorator = decorator

    def __call__(self, *arguments: Any) -> Any:
        if _Spent.depth:
            return self.function(*arguments)
        began = time.thread_time()
        _Spent.depth = 1
        try:
            return _plain(self.function(*arguments))
        finally:
            _Spent.depth = 0
            _Spent.seconds += time.thread_time() - began
            if _Spent.seconds >= (SOON if is_kept() else LATE):
                compile_all()


def _plain(value: Any) -> Any:
    """What a compiled function returns for it: numbers of Python's, not NumPy's."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple):
        parts = map(_plain, value)
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile it once interpreting has taken long."""
    return _later(function, "compiled")


def compiled_leaf(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The same for what makes no arrays (`memory.compiled.jit.compiled_leaf`)."""
    return _later(function, "compiled_leaf")


def compiled_inside(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The same for what becomes a part of its callers (`memory.compiled.jit.compiled_inside`)."""
    return _later(function, "compiled_inside")


def _later(function: Callable[Parameters, Result], decorator: str) -> Callable[Parameters, Result]:
    return cast("Callable[Parameters, Result]", _Interpreted(function, decorator))


def expect(rows: int) -> None:
    """Compile all before streams are chosen among so many rows, if that is known to be sooner."""
    if rows >= MANY and is_kept():
        compile_all()


@cache
def is_kept() -> bool:
    """Whether numba seems to have kept the machine code of these functions: beside them, or where it was told to."""
    elsewhere = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(elsewhere) if elsewhere else Path(__file__).parent / "__pycache__"
    written = Path(__file__).with_name("look.py").stat().st_mtime
    return any(path.stat().st_mtime >= written for path in folder.rglob("look.*.nbi"))


@cache
def compile_all() -> None:
    """Compile all of them from now on, each at its first call: in every module, their names mean the compiled ones."""
    stages.say("loading the compiled planner" if is_kept() else "compiling the planner, once")
    from mini_infer.memory.compiled import jit

    made: dict[_Interpreted, Any] = {}
    for name, module in list(sys.modules.items()):
        if name.startswith(__package__):
            for key, value in list(vars(module).items()):
                if isinstance(value, _Interpreted):
                    if value not in made:
                        made[value] = getattr(jit, value.decorator)(value.function)
                    setattr(module, key, made[value])
