"""Graph and order → program: kernels chosen, values given places, the memory problem stated."""

from mini_infer.lowering.builder import Builder, Lowering, NotNativeError
from mini_infer.lowering.goal import GOALS, Goal
from mini_infer.lowering.lower import lower
from mini_infer.lowering.places import exported_bytes
from mini_infer.lowering.registry import LOWERINGS

__all__ = ["GOALS", "LOWERINGS", "Builder", "Goal", "Lowering", "NotNativeError", "exported_bytes", "lower"]
