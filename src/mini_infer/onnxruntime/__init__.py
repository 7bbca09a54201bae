"""What programs use of onnxruntime's Python interface, run by engines: ``import mini_infer.onnxruntime as ort``.

Models are compiled once, in a process of their own, and kept in the cache (`mini_infer.load_or_compile`). What cannot
be run, and every other name, is onnxruntime's own where that is installed; the logger `mini_infer.onnxruntime` says so
once. `mini-infer python app.py` runs a program with this module in the place of onnxruntime.
"""

from typing import Any

from mini_infer.onnxruntime import peer
from mini_infer.onnxruntime.options import ExecutionMode, GraphOptimizationLevel, RunOptions, SessionOptions
from mini_infer.onnxruntime.ports import ModelMetadata, NodeArg
from mini_infer.onnxruntime.session import InferenceSession

__all__ = [
    "ExecutionMode",
    "GraphOptimizationLevel",
    "InferenceSession",
    "ModelMetadata",
    "NodeArg",
    "RunOptions",
    "SessionOptions",
    "get_all_providers",
    "get_available_providers",
    "get_device",
    "set_default_logger_severity",
]

__path__ = [*__path__, *peer.folders()]  # what it has besides, such as onnxruntime.capi, is onnxruntime's own


def get_available_providers() -> list[str]:
    """What can run models: the processor."""
    return ["CPUExecutionProvider"]


def get_all_providers() -> list[str]:
    """As `get_available_providers`."""
    return get_available_providers()


def get_device() -> str:
    """Where models run."""
    return "CPU"


def set_default_logger_severity(severity: int) -> None:
    """Do nothing: this package logs by Python's `logging`."""


def set_default_logger_verbosity(verbosity: int) -> None:
    """Do nothing, as `set_default_logger_severity`."""


def disable_telemetry_events() -> None:
    """Do nothing: there are none."""


def enable_telemetry_events() -> None:
    """Do nothing: there are none."""


def set_seed(seed: int) -> None:
    """Do nothing: engines draw no random numbers that a seed of onnxruntime's would repeat."""


def __getattr__(name: str) -> Any:
    """Everything else is onnxruntime's own; so is the version, which takes 2 MB of libraries to find out."""
    if name == "__version__":
        return peer.version()
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    library = peer.library()
    if library is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}, and onnxruntime is not installed")
    return getattr(library, name)
