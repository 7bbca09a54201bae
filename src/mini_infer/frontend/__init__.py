"""Reading ONNX models: the only part besides the interpreter that imports onnx."""

from mini_infer.frontend.composer import RefusedError
from mini_infer.frontend.inference.scope import Evaluate
from mini_infer.frontend.model.external import external_files
from mini_infer.frontend.model.operators import UnknownOperator, unknown_operators
from mini_infer.frontend.model.shapes import OpenError
from mini_infer.frontend.onnx import read

__all__ = [
    "Evaluate",
    "OpenError",
    "RefusedError",
    "UnknownOperator",
    "external_files",
    "read",
    "unknown_operators",
]
