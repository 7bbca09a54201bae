"""Options as keywords of a function: which there are, of which types, and what they were called before."""

import inspect
import warnings
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, TypeVar

from mini_infer.errors import UsageError, did_you_mean
from mini_infer.ir.ranges import Dims, Range
from mini_infer.objective import Objective
from mini_infer.options import Options
from mini_infer.toolchain import Target

if TYPE_CHECKING:
    import numpy as np

Taker = TypeVar("Taker", bound=Callable[..., Any])

Shapes: TypeAlias = "Mapping[str, tuple[int | Range, ...] | str] | tuple[int | Range, ...] | str"
"""Shapes by the inputs' names, as tuples or text; the shape alone where there is one input."""

OLD_NAMES: Mapping[str, str] = {"goal": "optimize", "plan_memory": "memory_planning", "fixed": "fix"}
"""What options were called → what they are called, as on the command line."""


class Keywords(TypedDict, total=False):
    """The fields of `Options` as editors and type checkers know them; `Options` says what each is."""

    shapes: Shapes
    dims: Dims
    state: Mapping[str, str]
    profiles: Mapping[str, Shapes]
    fix: "Mapping[str, np.ndarray | float | list[float]]"
    quantized: str
    weights: str
    rewrite: bool
    optimize: str | Objective
    memory_planning: bool
    strategy: str
    time_limit: float
    memory_limit: int | str | None
    recompute: float
    alignment: int | str
    io: str
    order: str
    compiler: str | None
    timings: str | Path | None
    target: Target | str | None
    threads: int


def chosen(options: Options | None, named: Mapping[str, Any]) -> Options:
    """The options, the defaults where there are none, with those that are named instead.

    Raises
    ------
    UsageError
        When there is no option of a name, or its value makes no sense.
    """
    known = {each.name for each in fields(Options)}
    found: dict[str, Any] = {}
    for name, value in named.items():
        now = OLD_NAMES.get(name, name)
        if now == "optimize" and isinstance(value, bool):
            now = "rewrite"
        if now not in known:
            raise UsageError(
                f"there is no option {name!r}{did_you_mean(name, known)}; help(mini_infer.Options) lists them"
            )
        if now != name:
            warnings.warn(f"the option {name!r} is now called {now!r}", DeprecationWarning, stacklevel=3)
        found[now] = value
    return replace(options or Options(), **found)


def takes_options(function: Taker) -> Taker:
    """A function that takes options by name, which its signature lists: `help` and completion show them."""
    signature = inspect.signature(function)
    defaults = Options()
    kept = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
    named = [
        inspect.Parameter(
            each.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=getattr(defaults, each.name),
            annotation=Keywords.__annotations__[each.name],
        )
        for each in fields(Options)
    ]
    function.__signature__ = signature.replace(parameters=[*kept, *named])  # type: ignore[attr-defined]
    return function
