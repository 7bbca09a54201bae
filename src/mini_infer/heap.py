"""Memory that the process is done with, given back to the system."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

_ENOUGH = 8 << 20
"""Bytes that are worth a call."""


@dataclass(slots=True)
class Leftovers:
    """Bytes that were freed, or soon will be, since memory was last given back."""

    size: int = 0

    def add(self, size: int) -> None:
        """So many more; all are given back where they are many."""
        self.size += size
        if self.size >= _ENOUGH:
            give_back()
            self.size = 0


def give_back() -> None:
    """Give back what was freed: where it lies between pieces that are in use, glibc keeps it otherwise."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """Glibc's `malloc_trim`; none where there is another allocator."""
    try:
        function = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # musl, macOS; Windows has no library without a name
        return None
    function.argtypes, function.restype = [ctypes.c_size_t], ctypes.c_int
    return function
