"""Graph and order → program: kernels chosen, values given places, the memory problem stated."""

from mini_infer.lowering.builder import Builder, Lowering, NotNativeError
from mini_infer.lowering.place import place
from mini_infer.lowering.registry import LOWERINGS
from mini_infer.lowering.select import Selection, Selector, select
from mini_infer.lowering.storage.places import exported_bytes

__all__ = [
    "LOWERINGS",
    "Builder",
    "Lowering",
    "NotNativeError",
    "Selection",
    "Selector",
    "exported_bytes",
    "place",
    "select",
]
