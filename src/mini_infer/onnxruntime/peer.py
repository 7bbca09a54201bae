"""onnxruntime itself, where it is installed: it may have to be imported past a module that stands in its place."""

import importlib
import importlib.machinery
import logging
import sys
from functools import cache
from types import ModuleType

_log = logging.getLogger("mini_infer.onnxruntime")
_NAME = "onnxruntime"

STANDIN = "mini_infer.onnxruntime"
"""The module that may stand in its place."""


def version() -> str:
    """Of onnxruntime where it is installed, else the one whose interface this is."""
    from importlib import metadata

    try:
        return metadata.version(_NAME)
    except metadata.PackageNotFoundError:
        return "1.22.0"


def folders() -> list[str]:
    """Where its modules are."""
    found = importlib.machinery.PathFinder.find_spec(_NAME)
    return list(found.submodule_search_locations or ()) if found else []


@cache
def library() -> ModuleType | None:
    """The library; None where it is not installed."""
    standin = sys.modules.pop(_NAME, None)
    try:
        return importlib.import_module(_NAME)
    except ImportError:
        return None
    finally:
        if standin is not None:
            sys.modules[_NAME] = standin


@cache
def say(model: str, reason: str) -> None:
    """Say once that onnxruntime runs a model, and why."""
    _log.warning("%s runs by onnxruntime: %s", model, reason)
