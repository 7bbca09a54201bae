"""Running by ONNX meaning instead of native code: slow, exact, and knowing every operator."""

from mini_infer.interpreter.graph import run_graph
from mini_infer.interpreter.meaning import Evaluator, evaluate

__all__ = ["Evaluator", "evaluate", "run_graph"]
