"""What a user may decide about how a model is quantized."""

from collections.abc import Mapping
from dataclasses import dataclass

from mini_infer.errors import UsageError, did_you_mean

FORMATS: Mapping[str, str] = {"qdq": "QDQ", "qoperator": "QOperator"}
"""Ours → onnxruntime's name."""

ACTIVATIONS: Mapping[str, str] = {"uint8": "QUInt8", "int8": "QInt8"}
"""Element type of activations → onnxruntime's name."""

RANGES: Mapping[str, str] = {"min-max": "MinMax", "percentile": "Percentile", "entropy": "Entropy"}
"""How the range of an activation follows from samples → onnxruntime's name."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is quantized: weights are symmetric int8 in any case, and use all of its range.

    Parameters
    ----------
    format
        ``"qdq"`` keeps the model's nodes between QuantizeLinear and DequantizeLinear; ``"qoperator"`` has QLinearConv
        and its like, and leaves in float what has none.
    activations
        Element type of activations, ``"uint8"`` or ``"int8"``, with a zero point where zero is: both say the same
        numbers. The instructions of x86-64 multiply uint8 by int8; ARM's and those of microcontrollers int8 by int8.
    ranges
        How an activation's range follows from the samples: ``"min-max"``, or one that cuts off outliers,
        ``"percentile"`` or ``"entropy"``.
    per_channel
        Give each output channel's weights a scale of their own.
    dynamic
        Quantize products only, by the ranges that their inputs have at run time: no samples are needed.
    keep
        Names of nodes that stay float.

    Raises
    ------
    UsageError
        When a setting makes no sense.
    """

    format: str = "qdq"
    activations: str = "uint8"
    ranges: str = "min-max"
    per_channel: bool = True
    dynamic: bool = False
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = (("format", FORMATS), ("activations", ACTIVATIONS), ("ranges", RANGES))
        for name, choices in known:
            chosen = getattr(self, name)
            if chosen not in choices:
                raise UsageError(
                    f"{name}={chosen!r}: choose one of {', '.join(choices)}{did_you_mean(str(chosen), choices)}"
                )
            if self.dynamic and chosen != next(iter(choices)):
                raise UsageError(f"{name}={chosen!r} is for samples: a dynamically quantized model has no such choice")
