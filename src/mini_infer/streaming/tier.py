"""Functions that are interpreted where little is to be done, and compiled by numba from then on where it is much.

Loading numba and what it compiled before takes half a second, in which streams of a small program are chosen ten times.
Both ways do the same arithmetic on whole numbers and float64, so they choose the same.
"""

import sys
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, ParamSpec, TypeVar, cast

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class _Interpreted:
    """A function that may be compiled later, by the decorator of that name in `memory.compiled.jit`."""

    def __init__(self, function: Callable[..., Any], decorator: str) -> None:
        update_wrapper(self, function)
        self.function = function
        self.decorator = decorator

    def __call__(self, *arguments: Any) -> Any:
        return self.function(*arguments)


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile it once much is to be done."""
    return _later(function, "compiled")


def compiled_leaf(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The same for what makes no arrays (`memory.compiled.jit.compiled_leaf`)."""
    return _later(function, "compiled_leaf")


def compiled_inside(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The same for what becomes a part of its callers (`memory.compiled.jit.compiled_inside`)."""
    return _later(function, "compiled_inside")


def _later(function: Callable[Parameters, Result], decorator: str) -> Callable[Parameters, Result]:
    return cast("Callable[Parameters, Result]", _Interpreted(function, decorator))


def compile_all() -> None:
    """Compile all of them from now on, each at its first call: in every module, their names mean the compiled ones."""
    from mini_infer.memory.compiled import jit

    made: dict[_Interpreted, Any] = {}
    for name, module in list(sys.modules.items()):
        if name.startswith(__package__):
            for key, value in list(vars(module).items()):
                if isinstance(value, _Interpreted):
                    if value not in made:
                        made[value] = getattr(jit, value.decorator)(value.function)
                    setattr(module, key, made[value])
