"""What a bug report needs: the machine, the versions, what doctor found, and the model without its weights."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mini_infer.options import Options
from mini_infer.report.plan.about import options_text
from mini_infer.toolchain import Target
from mini_infer.version import __version__

ISSUE_SCHEMA = "mini-infer/report/1"

_PACKAGES = ("numpy", "onnx", "numba", "onnxruntime", "ziglang", "torch")


def issue_record(diagnosis: Mapping[str, Any], options: Options, outline: Mapping[str, Any]) -> dict[str, Any]:
    """The report as JSON.

    Parameters
    ----------
    diagnosis
        What `diagnosis_record` says.
    options
        With which it was found.
    outline
        The model, as `verify.outline` tells it.
    """
    host = Target.host()
    return {
        "schema": ISSUE_SCHEMA,
        "mini_infer": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": platform.platform(),
        "machine": {"target": str(host), "vector_bytes": host.machine.vector_bytes, "processor": platform.processor()},
        "packages": {name: found for name in _PACKAGES if (found := _installed(name))},
        "options": options_text(options).strip(),
        "doctor": {name: value for name, value in diagnosis.items() if name != "schema"},
        "model": dict(outline),
    }


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
