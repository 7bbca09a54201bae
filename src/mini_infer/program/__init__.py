"""The lowered form of a model as frozen types: steps, kernel calls, views into buffers, packed weights."""

from typing import TYPE_CHECKING

from mini_infer.late import late

if TYPE_CHECKING:
    from mini_infer.program.columns import ColumnPacking
    from mini_infer.program.constants import gather
    from mini_infer.program.packing import Packing
    from mini_infer.program.ports import Port, State
    from mini_infer.program.printer import format_program
    from mini_infer.program.strassen import StrassenPacking
    from mini_infer.program.types import (
        AnyPacking,
        Call,
        Constant,
        Control,
        ControlKind,
        Program,
        Ring,
        Run,
        Space,
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

__getattr__ = late(
    __name__,
    {
        "ColumnPacking": "mini_infer.program.columns",
        "gather": "mini_infer.program.constants",
        "Packing": "mini_infer.program.packing",
        "Port": "mini_infer.program.ports",
        "State": "mini_infer.program.ports",
        "format_program": "mini_infer.program.printer",
        "StrassenPacking": "mini_infer.program.strassen",
        **dict.fromkeys(
            "AnyPacking Call Constant Control ControlKind Program Ring Run Space Step Stream Turn View".split(),
            "mini_infer.program.types",
        ),
        "WinogradPacking": "mini_infer.program.winograd",
    },
)
