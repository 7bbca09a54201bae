"""Running by ONNX meaning instead of native code: slow, exact, and knowing every operator."""

from mini_infer.interpreter.evaluate import Evaluator, evaluate
from mini_infer.interpreter.graph import run_graph

__all__ = ["Evaluator", "evaluate", "run_graph"]
