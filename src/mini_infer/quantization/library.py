"""onnxruntime's quantizer: whether it is there, and how it is kept silent."""

import contextlib
import io
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mini_infer.errors import UsageError

if TYPE_CHECKING:
    from types import ModuleType


def onnxruntime_quantization() -> "ModuleType":
    """The module `onnxruntime.quantization`.

    Raises
    ------
    UsageError
        When onnxruntime is not installed.
    """
    try:
        import onnxruntime.quantization
    except ImportError:
        raise UsageError(
            "quantizing needs onnxruntime, which is not installed: pip install onnxruntime sympy"
        ) from None
    module: ModuleType = onnxruntime.quantization
    return module


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let onnxruntime's tools print nothing, and log nothing where nobody listens."""
    root, nobody = logging.getLogger(), logging.NullHandler()
    root.addHandler(nobody)  # or logging.warning makes one that writes
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        root.removeHandler(nobody)


def first_line(error: Exception) -> str:
    """What an error says first, or its kind."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
