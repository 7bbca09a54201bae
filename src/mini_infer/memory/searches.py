"""Whether the compiled searches can run: they need numba, which the planner does without."""

import importlib.util
import logging
from functools import cache

from mini_infer.errors import MissingPackageError
from mini_infer.extras import pip_line

_log = logging.getLogger(__name__)


@cache
def available() -> bool:
    """Whether numba is installed; it is not imported."""
    return importlib.util.find_spec("numba") is not None


@cache
def leave_out() -> None:
    """Say, once, that a plan might be smaller."""
    _log.warning("numba is not installed, so plans are by rules alone, and may be larger: %s", pip_line("numba"))


def require(strategy: str) -> None:
    """Check that a strategy can search.

    Raises
    ------
    MissingPackageError
        When it cannot: it says what to install.
    """
    if not available():
        raise MissingPackageError(f"the strategy {strategy!r} needs numba, which is not installed: {pip_line('numba')}")
