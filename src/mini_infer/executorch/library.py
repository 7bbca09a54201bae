"""`executorch`, where it is installed."""

import importlib
from typing import Any

from mini_infer.extras import needs


def library(name: str) -> Any:
    """The module `executorch.exir.<name>`.

    Raises
    ------
    MissingPackageError
        When `executorch` is not installed.
    """
    with needs("planning for ExecuTorch"):
        return importlib.import_module(f"executorch.exir.{name}")
