"""Random draws."""

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto, helper

from mini_infer.interpreter.operators.values import Value, attribute
from mini_infer.ir import Node


def multinomial(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x [batch, classes]`, logarithms of weights → classes drawn at random, `[batch, sample_size]`."""
    seed = attribute(node, "seed")
    random = np.random.default_rng(None if seed is None else abs(int(seed)))
    x = inputs[0].astype(np.float64)
    weights = np.exp(x - x.max(axis=1, keepdims=True)).cumsum(axis=1)
    draws = random.random((len(x), attribute(node, "sample_size", 1), 1)) * weights[:, None, -1:]
    dtype = helper.tensor_dtype_to_np_dtype(attribute(node, "dtype", TensorProto.INT32))
    return [(draws >= weights[:, None]).sum(axis=2).astype(dtype)]
