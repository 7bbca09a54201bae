"""mini-infer: static memory planner and ahead-of-time inference engine for ONNX models.

>>> import mini_infer as mi
>>> sorted(mi.__all__)  # doctest: +NORMALIZE_WHITESPACE
['Artifact', 'Context', 'ContextPool', 'Engine', 'Options', 'Range', '__version__', 'build', 'compile', 'errors',
 'load', 'load_or_compile', 'memory', 'plan', 'quantize', 'sizes']
"""

from mini_infer.version import __version__

TYPE_CHECKING = False  # importing the one of `typing` takes longer than all of this
if TYPE_CHECKING:
    from typing import Any

    from mini_infer import errors, memory
    from mini_infer.compiler import Options, build, plan
    from mini_infer.engines import compile, load_or_compile  # noqa: A004 - mi.compile is what a user looks for
    from mini_infer.ir.ranges import Range
    from mini_infer.quantization import quantize
    from mini_infer.runtime import Artifact, Context, ContextPool, Engine, load, sizes

__all__ = [
    "Artifact",
    "Context",
    "ContextPool",
    "Engine",
    "Options",
    "Range",
    "__version__",
    "build",
    "compile",
    "errors",
    "load",
    "load_or_compile",
    "memory",
    "plan",
    "quantize",
    "sizes",
]

_HOMES = {
    "Artifact": "mini_infer.runtime",
    "Context": "mini_infer.runtime",
    "ContextPool": "mini_infer.runtime",
    "Engine": "mini_infer.runtime",
    "Options": "mini_infer.options",
    "Range": "mini_infer.ir.ranges",
    "build": "mini_infer.compiler",
    "compile": "mini_infer.engines",
    "load": "mini_infer.runtime",
    "load_or_compile": "mini_infer.engines",
    "plan": "mini_infer.compiler",
    "quantize": "mini_infer.quantization",
    "sizes": "mini_infer.runtime",
}


def __getattr__(name: str) -> "Any":
    """Import the public names when they are first used: running an engine needs neither onnx nor the compiler."""
    import importlib

    if name in ("errors", "memory"):
        return importlib.import_module(f"mini_infer.{name}")
    if name in _HOMES:
        try:
            return getattr(importlib.import_module(_HOMES[name]), name)
        except ModuleNotFoundError as error:
            from mini_infer.extras import missing

            raise missing(error, f"mini_infer.{name}") or error from None
    raise AttributeError(f"module 'mini_infer' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, those among them that are not imported yet."""
    return sorted({*globals(), *__all__})
