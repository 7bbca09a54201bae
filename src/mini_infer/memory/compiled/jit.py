"""numba's decorator, with a type."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from numba import njit

from mini_infer import clock

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

clock.leave_out_compiling()

_UNCOUNTED: dict[str, Any] = {"_nrt": False}
"""An option of numba without a name in its documentation."""


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile on the first call; numba keeps the machine code for the next run."""
    return cast("Callable[Parameters, Result]", njit(cache=True)(function))


def compiled_leaf(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile what makes no arrays: references to those that it is given are not counted.

    A short function that is given a tuple of many arrays takes ten times as long where they are.
    """
    return cast("Callable[Parameters, Result]", njit(cache=True, **_UNCOUNTED)(function))


def compiled_inside(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile as a part of whoever calls it: what is short, called often, and given tuples of many arrays."""
    return cast("Callable[Parameters, Result]", njit(cache=True, inline="always")(function))
