"""Everything mini-infer raises on purpose, and the exit code the command line gives it.

::

    MiniInferError
    ├── UsageError           2   an option or argument that makes no sense
    │   └── MissingPackageError  2   a library that is an extra, and is not installed
    ├── InputError           3   a model, file, tensor or problem that is wrong
    │   ├── ModelError       3   not ONNX, truncated, inconsistent, a dimension left open
    │   └── ProblemError     3   a buffer, pool or file of buffers that is wrong
    ├── UnsupportedError     4   an operator, type or shape we cannot run
    ├── CapacityError        5   does not fit the capacity or memory limit
    ├── MismatchError        6   outputs differ beyond tolerance, or a plan that was to be checked breaks a rule
    ├── EngineError          7   an engine file that is corrupt or for another machine
    ├── PlanError            1   a plan in which live buffers overlap: a bug in whoever made it
    ├── ProgramError         1   a program that would leave its memory: a bug in whoever made it
    ├── ToolchainError       1   the C compiler failed
    └── ContextBusyError     1   one context used by two threads at once

A message names the thing, the numbers and the way out, in one line.
"""

from collections.abc import Iterable
from typing import ClassVar


class MiniInferError(Exception):
    """Base of every error mini-infer raises on purpose."""

    exit_code: ClassVar[int] = 1


class UsageError(MiniInferError):
    """An option or argument that makes no sense."""

    exit_code = 2


class MissingPackageError(UsageError, ImportError):
    """A library is needed that comes with an extra of the package, and is not installed."""


class InputError(MiniInferError):
    """A model, file, tensor or problem that is wrong."""

    exit_code = 3


class ModelError(InputError):
    """A model that is not ONNX, truncated, inconsistent, or has a dimension left open."""


class ProblemError(InputError, ValueError):
    """A buffer, a pool, or a file of buffers that is wrong."""


class UnsupportedError(MiniInferError):
    """An operator, type or shape that cannot be run."""

    exit_code = 4


class CapacityError(MiniInferError):
    """A plan does not fit the capacity or the memory limit."""

    exit_code = 5


class MismatchError(MiniInferError):
    """Outputs differ from the reference beyond tolerance, or a plan that was to be checked breaks a rule."""

    exit_code = 6


class EngineError(MiniInferError):
    """An engine file that is corrupt, or made for another machine."""

    exit_code = 7


class PlanError(MiniInferError):
    """A plan that breaks a rule: overlap of live buffers, bounds, alignment or capacity."""


class ProgramError(MiniInferError):
    """A program that breaks a rule, such as a kernel that reaches beyond its tensors."""


class ToolchainError(MiniInferError):
    """The C compiler is missing or failed."""


class ContextBusyError(MiniInferError):
    """One context was used by two threads at once."""


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """The word that is nearest to one that there is not, as the end of a complaint; empty where none is near."""
    from difflib import get_close_matches  # needed only where something is wrong

    near = get_close_matches(word, list(words), 1)
    return f"; did you mean {near[0]}?" if near else ""
