"""Resize, GridSample, RoiAlign, DeformConv."""

import math

import numpy as np

from harness import thresholds as at
from harness.draw import Draw
from harness.instance import Instance


def resize(i: Instance, d: Draw) -> None:
    """Every mode and every way to say where samples lie."""
    mode = d.pick("nearest", "linear", "cubic")
    rank = d.pick(4, 4, 3, 2, 5)
    dtype = d.pick(
        "float32", "float32", "float64", "float16", *(("uint8", "int8", "int32") if mode == "nearest" else ("uint8",))
    )
    shape = [d.pick(1, 2), *([d.pick(1, 3, 4, 8)] if rank > 2 else [])]
    shape += [d.pick(4, 2, 3, 5, 7, 8, 16) for _ in range(rank - len(shape))]
    how = d.pick(
        "half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "tf_crop_and_resize", "half_pixel_symmetric"
    )
    if i.version < 18 and how == "half_pixel_symmetric":
        how = "half_pixel"
    if mode == "nearest" and d.maybe(0.3) and i.version < 18:
        how = "tf_half_pixel_for_nn"
    options: dict[str, object] = {"coordinate_transformation_mode": how, "mode": mode}
    if mode == "nearest":
        options["nearest_mode"] = d.pick("round_prefer_floor", "floor", "ceil", "round_prefer_ceil")
    if mode == "cubic":
        options["cubic_coeff_a"] = d.pick(-0.75, -0.5)
    if mode != "nearest" and d.maybe(0.2):
        options["exclude_outside"] = int(mode == "cubic")
    if mode != "nearest" and d.maybe(0.2) and i.version >= 18:
        options["antialias"] = 1
    factors = [1.0] * rank
    for axis in range(rank):
        if axis >= 2 or d.maybe(0.2) or rank == 2:
            factors[axis] = d.pick(2.0, 0.5, 3.0, 1.0, 1.5, 0.75, 4.0, 0.25, 0.125)
    if max(shape) * 4 > 40:
        factors = [min(f, 2.0) for f in factors]
    axes = None
    if d.maybe(0.2) and i.version >= 18:
        axes = list(range(rank - 2, rank))
        factors = factors[-2:]
        options["axes"] = axes
    chosen = axes or range(rank)
    sizes = [max(1, int(shape[a] * f)) for a, f in zip(chosen, factors, strict=True)]
    if how == "tf_crop_and_resize":
        roi = i.given([d.pick(0.0, 0.1, -0.2) for _ in factors] + [d.pick(1.0, 0.8, 1.3) for _ in factors], "float32")
        options["extrapolation_value"] = 7.0
    else:
        roi = ""
    x = i.input(shape, dtype, 0, 20)
    if d.maybe(0.3) and dtype == "float32" and rank == 4:
        x = i.node("Conv", x, i.constant((shape[1], shape[1], 1, 1), low=-1, high=1))
    if all(int(shape[a] * f) >= 1 for a, f in zip(chosen, factors, strict=True)) and d.maybe():
        y = i.node("Resize", x, roi, i.given(factors, "float32"), **options)
    else:
        if d.maybe(0.5) and i.version >= 18 and axes and how != "tf_crop_and_resize":
            options["keep_aspect_ratio_policy"] = d.pick("not_larger", "not_smaller")
        y = i.node("Resize", x, roi, "", i.ints(*sizes), **options)
    i.give(y)


def bands(i: Instance, d: Draw) -> None:
    """Images whose rows between two passes are more than a band."""
    side = d.pick(64, 96)
    channels = d.pick(1, 2)
    x = i.input((1, channels, side, side), low=0, high=20)
    factor = 2 if 4 * side * side * 4 * channels < 3 * at.RESIZE_BAND else 3
    i.give(
        i.node(
            "Resize",
            x,
            "",
            i.given([1, 1, factor, factor], "float32"),
            mode="linear",
            coordinate_transformation_mode=d.pick("half_pixel", "asymmetric"),
        )
    )


def grid_sample(i: Instance, d: Draw) -> None:
    """Samples at points of a dyadic grid, inside and outside."""
    rank = d.pick(2, 2, 3, 1) if i.version >= 20 else 2
    rank = max(rank, 2)
    mode = d.pick("linear", "nearest", "cubic" if rank == 2 else "linear")
    if i.version < 20:
        mode = {"linear": "bilinear", "cubic": "bicubic", "nearest": "nearest"}[mode]
    dtype = d.pick("float32", "float32", "float64")
    n = d.pick(1, 2)
    x = i.input((n, d.integer(1, 4), *[d.pick(4, 2, 3, 8, 5) for _ in range(rank)]), dtype)
    out = [d.integer(1, 6) for _ in range(rank)]
    step = 1 / 64 + 1 / 4096 if "nearest" in mode else 1 / 16
    points = i.input((n, *out, rank), dtype, *((-100, 100) if "nearest" in mode else (-25, 25)), step)
    i.give(
        i.node(
            "GridSample",
            x,
            points,
            mode=mode,
            padding_mode=d.pick("zeros", "border", "reflection"),
            align_corners=d.pick(0, 1),
        )
    )


def roi_align(i: Instance, d: Draw) -> None:
    """Regions of images."""
    dtype = d.pick("float32", "float32", "float64")
    n, count = d.pick(1, 2), d.integer(1, 4)
    x = i.input((n, d.integer(1, 4), d.integer(4, 12), d.integer(4, 12)), dtype)
    rng = np.random.default_rng(d.seed)
    starts = rng.integers(0, 5, (count, 2))
    regions = np.concatenate([starts, starts + rng.integers(1, 8, (count, 2))], 1)
    # no sample lies at the image's edge itself, where RoiAlign jumps and the last bit of its position decides; nor is
    # a region whole numbers long, where the last bit decides of how many samples a mean is
    regions = (regions + np.array([3, 3, 4, 4]) / 13).astype(dtype)
    images = i.given(rng.integers(0, n, count), "int64", constant=d.maybe())
    options: dict[str, object] = {
        "mode": d.pick("avg", "max"),
        "sampling_ratio": d.pick(2, 0, 1, 3),
        "spatial_scale": d.pick(1.0, 0.5),
    }
    if i.version >= 16:
        options["coordinate_transformation_mode"] = d.pick("half_pixel", "output_half_pixel")
    i.give(
        i.node(
            "RoiAlign",
            x,
            i.given(regions, constant=False),
            images,
            output_height=d.integer(1, 4),
            output_width=d.integer(1, 4),
            **options,
        )
    )


def deform_conv(i: Instance, d: Draw) -> None:
    """Windows whose elements are moved by quarters of an element, into the padding and beyond it."""
    dtype = d.pick("float32", "float32", "float64", "float16")
    rank = d.pick(2, 2, 1, 3)
    kernel = [d.pick(3, 1, 2) for _ in range(rank)]
    groups, parts = d.pick(1, 2, 3), d.pick(1, 2, 3)
    channels, n = math.lcm(groups, parts) * d.pick(1, 2, 64), d.pick(1, 2)
    dilations = [d.pick(1, 2) for _ in range(rank)]
    extents = [(k - 1) * step + 1 for k, step in zip(kernel, dilations, strict=True)]
    first, *rest = (max(extent, d.pick(5, 1, 8)) for extent in extents)
    if d.maybe(0.3):  # along one axis as many outputs as a strip has, or nearly
        first = max(extents[0], d.pick(*at.STRIP))
    sizes = [first, *rest]
    strides = [d.pick(1, 2) for _ in range(rank)]
    pads = [d.pick(0, 1, 2) for _ in range(2 * rank)]
    outputs = [
        (size + pads[k] + pads[rank + k] - extent) // strides[k] + 1
        for k, (size, extent) in enumerate(zip(sizes, extents, strict=True))
    ]
    taps = math.prod(kernel)
    mask = i.input((n, parts * taps, *outputs), dtype, 0, 2, 0.5) if d.maybe() else ""
    bias = i.tensor((groups * 2,), dtype) if d.maybe() else ""
    i.give(
        i.node(
            "DeformConv",
            i.input((n, channels, *sizes), dtype, -2, 2),
            i.tensor((groups * 2, channels // groups, *kernel), dtype, -1, 1),
            i.input((n, parts * taps * rank, *outputs), dtype, -12, 12, 0.25),
            *([bias, mask] if mask else [bias] if bias else []),
            group=groups,
            offset_group=parts,
            pads=pads,
            strides=strides,
            dilations=dilations,
        )
    )


FAMILIES = {
    "deform-conv": deform_conv,
    "resize": resize,
    "resize-bands": bands,
    "grid-sample": grid_sample,
    "roi-align": roi_align,
}
