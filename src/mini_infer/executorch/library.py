"""`executorch`, where it is installed."""

import importlib
from typing import Any

from mini_infer.errors import UsageError


def library(name: str) -> Any:
    """The module `executorch.exir.<name>`.

    Raises
    ------
    UsageError
        When `executorch` is not installed.
    """
    try:
        return importlib.import_module(f"executorch.exir.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("executorch", "torch"):
            raise
        raise UsageError(
            "planning for ExecuTorch needs executorch, which is not installed: pip install executorch==1.5.1"
        ) from None
