"""numba's decorator, with a type."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

from mini_infer import clock

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

clock.leave_out_compiling()


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile on the first call; numba keeps the machine code for the next run."""
    return cast("Callable[Parameters, Result]", njit(cache=True)(function))
