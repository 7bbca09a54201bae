"""One node, by the interpreter and by onnxruntime."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
import onnxruntime
from hypothesis import settings
from onnx import helper, numpy_helper

from mini_infer import frontend
from mini_infer.interpreter import evaluate, run_graph

onnxruntime.set_default_logger_severity(4)

FEW = settings(max_examples=30)
"""For properties that make a session for every example."""


def both(
    op: str,
    inputs: Sequence[np.ndarray | None],
    attributes: Mapping[str, object] = {},
    *,
    opset: int = 17,
    domain: str = "",
    outputs: int = 1,
    constant: Sequence[int] = (),
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """What the interpreter and what onnxruntime makes of the inputs; those in `constant` are initialisers.

    The interpreter runs the graph that the front end read, so the types it inferred are checked on the way.
    """
    inputs = [None if value is None else np.asarray(value) for value in inputs]
    names = ["" if value is None else f"x{index}" for index, value in enumerate(inputs)]
    results = [f"y{index}" for index in range(outputs)]
    given = {name: value for name, value in zip(names, inputs, strict=True) if name}
    weights = {f"x{index}": given.pop(f"x{index}") for index in constant}
    graph = helper.make_graph(
        [helper.make_node(op, names, results, domain=domain, **attributes)],
        op,
        [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
            for name, value in given.items()
        ],
        [onnx.ValueInfoProto(name=name) for name in results],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    imports = [helper.make_opsetid("", opset), *([helper.make_opsetid(domain, 1)] if domain else [])]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    expected = session.run(None, given)
    ours = run_graph(frontend.read(_with_types(model), evaluate=evaluate), given)
    return [ours[name] for name in results], expected


def agree(*arguments, rtol=1e-5, atol=1e-6, **options) -> None:
    """Assert that both give the same."""
    ours, expected = both(*arguments, **options)
    for mine, theirs in zip(ours, expected, strict=True):
        assert mine.dtype == theirs.dtype
        np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=atol)


def _with_types(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with element types for its outputs, which onnx's checker wants and onnxruntime infers."""
    for output in model.graph.output:
        output.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    return model
