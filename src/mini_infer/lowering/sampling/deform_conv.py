"""DeformConv."""

from collections.abc import Sequence
from dataclasses import replace

from mini_infer.ir import Node, TensorType
from mini_infer.lowering.attributes import integer
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.contraction.spatial import Window, axes_of
from mini_infer.lowering.fused import Layout
from mini_infer.program import Call
from mini_infer.program.kernels.rules import REALS
from mini_infer.program.kernels.sampling.deform_conv import MOST_AXES, MOST_OUTPUTS, DeformConv
from mini_infer.program.strides import dense_strides

_SHORT = 8
"""Outputs of a strip: fewer are no vectors of products."""


def lower_deform_conv(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `DeformConv`, over up to `MOST_AXES` spatial axes; a strip's samples stay in the cache."""
    names = (*node.inputs, "", "")[:5]
    x, w, offset, bias, mask = (build.view(name) if name else None for name in names)
    y = build.view(node.outputs[0])
    if x is None or w is None or x.type.dtype not in REALS:
        raise NotNativeError(f"no native code for windows of {y.type.dtype.value}")
    batch, channels, *sizes = x.type.shape
    kernel, outputs = w.type.shape[2:], y.type.shape[2:]
    if 0 in (*x.type.shape, *w.type.shape) or not 1 <= len(sizes) <= MOST_AXES:
        raise NotNativeError(f"no native code for windows of {w.type} over {x.type}")
    layout = Layout.of(x.type, channels_last=False)
    whole = DeformConv(
        batch=batch,
        channels=channels,
        out_channels=w.type.shape[0],
        axes=axes_of(node, Window.of(node, kernel, sizes), layout, dense_strides(outputs)),
        groups=integer(node, "group", 1),
        offset_groups=integer(node, "offset_group", 1),
        bias=bias is not None,
        mask=mask is not None,
        strip=1,
        dtype=x.type.dtype,
    )
    samples = channels * whole.window
    fitting = build.machine.near(1) // (samples * whole.sum.numpy.itemsize)
    strip = min(whole.positions, max(_SHORT, min(MOST_OUTPUTS, fitting)))
    columns = build.workspace(TensorType(whole.sum, (build.threads * samples * strip,)))
    operands = (x, w, offset, bias, mask, columns, y)
    return (Call(replace(whole, strip=strip), tuple(view for view in operands if view is not None)),)
