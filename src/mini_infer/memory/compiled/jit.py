"""numba's decorator, with a type."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile on the first call; numba keeps the machine code for the next run."""
    return cast("Callable[Parameters, Result]", njit(cache=True)(function))
