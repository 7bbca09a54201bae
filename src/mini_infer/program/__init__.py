"""The lowered form of a model as frozen types: steps, kernel calls, views into buffers, packed weights."""

from mini_infer.program.columns import ColumnPacking
from mini_infer.program.constants import gather
from mini_infer.program.packing import Packing
from mini_infer.program.printer import format_program
from mini_infer.program.strassen import StrassenPacking
from mini_infer.program.types import (
    AnyPacking,
    Call,
    Constant,
    Control,
    ControlKind,
    Port,
    Program,
    Ring,
    Run,
    Space,
    State,
    Step,
    Stream,
    Turn,
    View,
)
from mini_infer.program.winograd import WinogradPacking

__all__ = [
    "AnyPacking",
    "Call",
    "ColumnPacking",
    "Constant",
    "Control",
    "ControlKind",
    "Packing",
    "Port",
    "Program",
    "Ring",
    "Run",
    "Space",
    "State",
    "Step",
    "StrassenPacking",
    "Stream",
    "Turn",
    "View",
    "WinogradPacking",
    "format_program",
    "gather",
]
