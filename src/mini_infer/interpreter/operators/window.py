"""The geometry of a window sliding over spatial dimensions: convolution and pooling alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mini_infer.interpreter.operators.values import attribute
from mini_infer.ir import Node


@dataclass(frozen=True, slots=True)
class Window:
    """Where the window lies for every output position; one entry per spatial dimension.

    Tap `k` of output `o` reads element `o * stride + k * dilation - before` of the input; what lies outside is padding.
    `after` is as long as the last window needs; `declared_after` is what the model says, which `ceil_mode` may exceed.
    """

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    declared_after: tuple[int, ...]
    output: tuple[int, ...]

    @classmethod
    def of(cls, node: Node, spatial: tuple[int, ...], kernel: tuple[int, ...]) -> "Window":
        """The window of a node with the ONNX attributes `strides, dilations, pads, auto_pad, ceil_mode`."""
        rank = len(spatial)
        strides = tuple(attribute(node, "strides", (1,) * rank))
        dilations = tuple(attribute(node, "dilations", (1,) * rank))
        extents = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True))
        auto_pad = attribute(node, "auto_pad", "NOTSET")
        if auto_pad in ("SAME_UPPER", "SAME_LOWER"):
            output = tuple(-(-size // s) for size, s in zip(spatial, strides, strict=True))
            total = tuple(
                max((o - 1) * s + e - size, 0) for o, s, e, size in zip(output, strides, extents, spatial, strict=True)
            )
            small = tuple(t // 2 for t in total)
            large = tuple(t - t // 2 for t in total)
            before, after = (small, large) if auto_pad == "SAME_UPPER" else (large, small)
        else:
            pads = (0,) * (2 * rank) if auto_pad == "VALID" else tuple(attribute(node, "pads", (0,) * (2 * rank)))
            before, after = pads[:rank], pads[rank:]
            ceil = bool(attribute(node, "ceil_mode", 0))
            output = tuple(
                _positions(size + b + a - e, s, size + b if ceil else None)
                for size, b, a, e, s in zip(spatial, before, after, extents, strides, strict=True)
            )
        needed = tuple(
            max(a, (o - 1) * s + e - size - b)
            for a, o, s, e, size, b in zip(after, output, strides, extents, spatial, before, strict=True)
        )
        return cls(kernel, strides, dilations, before, needed, after, output)

    def pad(self, x: np.ndarray, value: object) -> np.ndarray:
        """`x` of shape `[N, C, *spatial]` with its spatial borders filled with `value`."""
        if not any(self.before) and not any(self.after):
            return x
        widths = [(0, 0), (0, 0), *zip(self.before, self.after, strict=True)]
        return np.pad(x, widths, constant_values=np.asarray(value, x.dtype))

    def taps(self, padded: np.ndarray) -> np.ndarray:
        """A read-only view `[N, C, *output, *kernel]` of a padded input."""
        rank = len(self.kernel)
        spatial = padded.strides[2:]
        return np.lib.stride_tricks.as_strided(
            padded,
            (*padded.shape[:2], *self.output, *self.kernel),
            (
                *padded.strides[:2],
                *(spatial[i] * self.strides[i] for i in range(rank)),
                *(spatial[i] * self.dilations[i] for i in range(rank)),
            ),
            writeable=False,
        )


def _positions(room: int, stride: int, last_start: int | None) -> int:
    """How many window positions fit in `room` steps; with `last_start` (ceil mode), partial last windows count too."""
    if last_start is None:
        return max(room // stride + 1, 0)
    positions = -(-room // stride) + 1
    return max(positions - 1 if (positions - 1) * stride >= last_start else positions, 0)


def box(*slices: Iterable[int]) -> tuple[Any, ...]:
    """The index of a box in the last axes, one `(start, stop)` or `(start, stop, step)` for each."""
    return (..., *(slice(*bounds) for bounds in slices))
