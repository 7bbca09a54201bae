"""GridSample."""

import math
from collections.abc import Sequence

from mini_infer.ir import DType, Node
from mini_infer.lowering.attributes import integer, text
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.program import Call
from mini_infer.program.kernels.sampling.grid_sample import GridSample

_TAPS = {"nearest": 1, "linear": 2, "bilinear": 2, "cubic": 4, "bicubic": 4}


def lower_grid_sample(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `GridSample`, over any number of spatial axes."""
    x, grid, y = (build.view(name) for name in (*node.inputs, node.outputs[0]))
    if x.type.dtype not in (DType.FLOAT32, DType.FLOAT64) or grid.type.dtype is not x.type.dtype:
        raise NotNativeError(f"no native code for sampling {x.type.dtype.value} by {grid.type.dtype.value}")
    batch, channels, *sizes = x.type.shape
    kernel = GridSample(
        batch=batch,
        channels=channels,
        sizes=tuple(sizes),
        samples=math.prod(y.type.shape[2:]),
        taps=_TAPS[text(node, "mode", "linear")],
        padding=text(node, "padding_mode", "zeros"),
        align_corners=bool(integer(node, "align_corners")),
        dtype=x.type.dtype,
    )
    return (Call(kernel, (x, grid, y)),)
