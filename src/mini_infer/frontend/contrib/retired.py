"""Operators that ONNX had as experimental ones before opset 10 and dropped; onnxruntime still runs them."""

from collections.abc import Sequence

import numpy as np

from mini_infer.frontend.composer import Composer


def affine(c: Composer) -> Sequence[str]:
    """`Affine`: alpha · x + beta."""
    x = c.input(0)
    return [c("Add", c("Mul", x, c.like(c.attribute("alpha", 1.0), x)), c.like(c.attribute("beta", 0.0), x))]


def crop(c: Composer) -> Sequence[str]:
    """`Crop`: without a border (left, top, right, bottom), or of a size (height, width) after its start."""
    left, top, right, bottom = c.attribute("border")
    height, width = c.shape(c.input(0))[2:]
    ends = [height - bottom, width - right]
    if scale := c.attribute("scale"):
        ends = [top + scale[0], left + scale[1]]
    return [c("Slice", c.input(0), c.integers(top, left), c.integers(*ends), c.integers(2, 3))]


def image_scaler(c: Composer) -> Sequence[str]:
    """`ImageScaler`: scale · x + a bias for each channel."""
    x = c.input(0)
    bias = np.reshape(c.attribute("bias"), (1, -1, 1, 1))
    scaled = c("Mul", x, c.like(c.attribute("scale", 1.0), x))
    return [c("Add", scaled, c("CastLike", c.constant(bias, np.float32), x))]


def parametric_softplus(c: Composer) -> Sequence[str]:
    """`ParametricSoftplus`: alpha · log(1 + exp(beta · x))."""
    x = c.input(0)
    soft = c("Softplus", c("Mul", x, c.like(c.attribute("beta", 1.0), x)))
    return [c("Mul", soft, c.like(c.attribute("alpha", 1.0), x))]


def scaled_tanh(c: Composer) -> Sequence[str]:
    """`ScaledTanh`: alpha · tanh(beta · x)."""
    x = c.input(0)
    inner = c("Tanh", c("Mul", x, c.like(c.attribute("beta", 1.0), x)))
    return [c("Mul", inner, c.like(c.attribute("alpha", 1.0), x))]


def thresholded_relu(c: Composer) -> Sequence[str]:
    """`ThresholdedRelu` as it was."""
    return [c("ThresholdedRelu", c.input(0), **c.attributes("alpha"))]
