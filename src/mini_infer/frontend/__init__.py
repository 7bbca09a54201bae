"""Reading ONNX models: the only part besides the interpreter that imports onnx."""

from mini_infer.frontend.composer import RefusedError
from mini_infer.frontend.external import external_files
from mini_infer.frontend.onnx import read
from mini_infer.frontend.operators import UnknownOperator, unknown_operators
from mini_infer.frontend.scope import Evaluate
from mini_infer.frontend.shapes import parse_shape

__all__ = [
    "Evaluate",
    "RefusedError",
    "UnknownOperator",
    "external_files",
    "parse_shape",
    "read",
    "unknown_operators",
]
