"""ONNX operators that a few others express exactly, written out as those: no kernel of their own is needed.

A node whose inputs have no static shapes, or whose tables are not known before the run, stays as it is.
"""

from collections.abc import Mapping

import onnx

from mini_infer.frontend.composer import Rule, UnexpressibleError, compose
from mini_infer.frontend.decomposed import fourier, quantized, scan, scatter, simple, windows
from mini_infer.frontend.inference.scope import Scope

RULES: Mapping[str, Rule] = {
    "AffineGrid": simple.affine_grid,
    "Col2Im": windows.col2im,
    "DFT": fourier.dft,
    "LpPool": windows.lp_pool,
    "MaxUnpool": scatter.max_unpool,
    "QLinearConv": quantized.qlinear_conv,
    "QLinearMatMul": quantized.qlinear_matmul,
    "STFT": fourier.stft,
    "Scan": scan.scan,
    "SwiGLU": simple.swiglu,
    "TensorScatter": scatter.tensor_scatter,
}
"""Operator → what writes its meaning."""


def decompose(node: onnx.NodeProto, version: int, scope: Scope) -> list[tuple[onnx.NodeProto, int]] | None:
    """The nodes that a node stands for, each with its opset; `None` for a node that stays as it is."""
    rule = RULES.get(node.op_type) if node.domain in ("", "ai.onnx") else None
    if rule is None:
        return None
    try:
        return compose(node, version, scope, rule)
    except UnexpressibleError:
        return None
