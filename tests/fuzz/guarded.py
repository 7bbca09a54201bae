"""Arrays that betray who reads or writes beside them."""

import ctypes
import mmap

import numpy as np

PAGE = mmap.PAGESIZE
PATTERN = 0xA5
_libc = ctypes.CDLL(None, use_errno=True)
_libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


class Guarded:
    """`array` ends where memory ends, so one byte behind it is a fault of the processor; a pattern lies before it.

    With `pad` it starts where memory starts, and the pattern lies behind it.
    """

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype, *, alignment: int = 1, behind: bool = True) -> None:
        size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        room = -(-(size + PAGE) // PAGE) * PAGE
        self._memory = mmap.mmap(-1, room + 2 * PAGE)
        whole = np.frombuffer(self._memory, np.uint8)
        address = whole.ctypes.data
        for forbidden in (address, address + PAGE + room):
            assert not _libc.mprotect(forbidden, PAGE, mmap.PROT_NONE if hasattr(mmap, "PROT_NONE") else 0)
        self._inside = whole[PAGE : PAGE + room]
        self._inside[:] = PATTERN
        step = max(alignment, dtype.itemsize)
        self._start = (room - size) // step * step if behind else 0
        self._end = self._start + size
        self.bytes = self._inside[self._start : self._end]
        self.array = self.bytes.view(dtype).reshape(shape)

    def broken(self) -> str:
        """Where the pattern beside the array is gone; empty if it is not."""
        for name, part in (("before", self._inside[: self._start]), ("behind", self._inside[self._end :])):
            if (part != PATTERN).any():
                return name
        return ""
