"""One node, by the interpreter and by onnxruntime, a witness for what onnx.reference gets wrong or does not know.

It may be asked wherever its kernels round float32 as any others do, compare or move elements. It may not be asked about
products of eight-bit integers: on processors without VNNI they saturate. Those are held to `shared/exact.py`.
"""

import re

import numpy as np
import onnxruntime
from one_node import interpret, one_node

from examples import examples

onnxruntime.set_default_logger_severity(4)

FEW = examples(30)
"""For properties that make a session for every example."""
SATURATES = re.compile(r"QLinear(Conv|MatMul)|QGemm|QAttention|.*Integer.*|DynamicQuantize(MatMul|LSTM)|MatMulNBits")


def agree(op, *arguments, rtol=1e-5, atol=1e-6, **options) -> None:
    """Assert that both give the same; the arguments are those of `one_node`."""
    assert not SATURATES.fullmatch(op), f"{op}: onnxruntime saturates on some machines"
    model, given = one_node(op, *arguments, **options)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    for mine, theirs in zip(interpret(model, given), session.run(None, given), strict=True):
        assert mine.dtype == theirs.dtype
        np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=atol)
