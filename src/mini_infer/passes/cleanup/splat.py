"""Constants that are one value many times: kept as that value, however large their shape.

Such a splat is an array whose strides are all zero (`ir.splats`). It takes the bytes of one element while a model is
compiled, and in the engine.

Fires on

1. `ConstantOfShape`,
2. an operator that only moves elements (`Expand`, `Tile`, `Transpose` ...), of a splat or of one element,
3. an elementwise operator whose inputs are all splats or have one element.

Must not fire on

1. results of at most `SMALL` bytes: they are written out,
2. results without a static shape.
"""

from collections.abc import Sequence

import numpy as np

from mini_infer.ir import Node, TensorType
from mini_infer.ir.operators import traits
from mini_infer.ir.splats import element, is_splat
from mini_infer.passes.base import Evaluate

SMALL = 4096
"""Bytes of a constant that is written out, whatever its elements."""


def splat(node: Node, inputs: Sequence[np.ndarray | None], kind: TensorType, evaluate: Evaluate) -> np.ndarray | None:
    """The value of a node of one result, if that is one element many times and more than a few bytes.

    Raises
    ------
    UnsupportedError
        When the evaluator does not know the operator.
    """
    if node.domain or kind.bytes <= SMALL:
        return None
    if node.op == "ConstantOfShape":
        given = node.attributes.get("value", np.zeros(1, np.float32))
        one = given.reshape(-1)[:1] if isinstance(given, np.ndarray) else np.zeros(1, np.float32)
    elif traits(node).movement and (source := inputs[0]) is not None and (is_splat(source) or source.size == 1):
        one = element(source)
    elif traits(node).elementwise and all(each is None or is_splat(each) or each.size == 1 for each in inputs):
        (one,) = evaluate(node, [None if each is None else element(each) for each in inputs])
    else:
        return None
    return np.broadcast_to(one.reshape(()), kind.shape)
