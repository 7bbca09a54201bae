"""NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss."""

import math
from collections.abc import Sequence

from mini_infer.ir import Node
from mini_infer.lowering.attributes import integer, text
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.reduction.normalization import log_softmax
from mini_infer.program import Call, View
from mini_infer.program.kernels.reduction.loss import NegativeLogLikelihood

_FARTHEST = 1 << 62
"""Classes further from 0 are not compared natively; kernels hold no numbers so large."""


def lower_negative_log_likelihood(node: Node, build: Builder) -> Sequence[Call]:
    """The loss of logarithms of probabilities that are given."""
    return [_loss(node, build, build.view(node.inputs[0]))]


def lower_softmax_cross_entropy(node: Node, build: Builder) -> Sequence[Call]:
    """First those logarithms, which may be an output too, then their loss."""
    scores = build.view(node.inputs[0])
    probabilities = build.output(node, 1, scores.type)
    return [*log_softmax(scores, probabilities, 1), _loss(node, build, probabilities)]


def _loss(node: Node, build: Builder, probabilities: View) -> Call:
    batch, classes, *places = probabilities.type.shape
    target = build.view(node.inputs[1])
    weights = [build.view(name) for name in node.inputs[2:] if name]
    ignored = integer(node, "ignore_index") if "ignore_index" in node.attributes else None
    if ignored is not None and abs(ignored) > _FARTHEST:
        raise NotNativeError(f"class {ignored} is ignored, which C cannot write")
    kernel = NegativeLogLikelihood(
        batch=batch,
        classes=classes,
        places=math.prod(places),
        weighted=bool(weights),
        ignored=ignored,
        reduction=text(node, "reduction", "mean"),
        dtype=probabilities.type.dtype,
        index=target.type.dtype,
    )
    return Call(kernel, (probabilities, target, *weights, build.view(node.outputs[0])))
