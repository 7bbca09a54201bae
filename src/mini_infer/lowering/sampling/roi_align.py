"""RoiAlign."""

from collections.abc import Sequence

from mini_infer.ir import DType, Node
from mini_infer.lowering.attributes import integer, number, text
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.program import Call
from mini_infer.program.kernels.sampling.roi_align import RoiAlign


def lower_roi_align(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `RoiAlign`."""
    x, regions, images, y = (build.view(name) for name in (*node.inputs, node.outputs[0]))
    dtype = x.type.dtype
    if dtype not in (DType.FLOAT32, DType.FLOAT64) or regions.type.dtype is not dtype:
        raise NotNativeError(f"no native code for regions of {dtype.value}")
    if 0 in x.type.shape:
        raise NotNativeError("regions of an empty tensor")
    batch, channels, height, width = x.type.shape
    kernel = RoiAlign(
        batch,
        channels,
        height,
        width,
        regions=y.type.shape[0],
        rows=y.type.shape[2],
        columns=y.type.shape[3],
        samples=integer(node, "sampling_ratio"),
        scale=number(node, "spatial_scale", 1.0),
        half_pixel=text(node, "coordinate_transformation_mode", "half_pixel") == "half_pixel",
        maximum=text(node, "mode", "avg") == "max",
        dtype=dtype,
        index=images.type.dtype,
    )
    return (Call(kernel, (x, regions, images, y)),)
