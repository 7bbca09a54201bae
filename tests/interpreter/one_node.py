"""One node, by the interpreter."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import helper, numpy_helper

from mini_infer import frontend
from mini_infer.interpreter import evaluate, run_graph


def interpreted(*arguments, **options) -> list[np.ndarray]:
    """What the interpreter makes of the inputs; the arguments are those of `one_node`."""
    return interpret(*one_node(*arguments, **options))


def interpret(model: onnx.ModelProto, given: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The model's outputs; its graph is the one that the front end reads, so inferred types are checked on the way."""
    typed = onnx.ModelProto()
    typed.CopyFrom(model)
    for output in typed.graph.output:  # onnx's checker wants a type, and the front end infers the right one
        output.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    results = run_graph(frontend.read(typed, evaluate=evaluate), given)
    return [results[output.name] for output in model.graph.output]


def one_node(
    op: str,
    inputs: Sequence[np.ndarray | None],
    attributes: Mapping[str, object] = {},
    *,
    opset: int = 17,
    domain: str = "",
    outputs: int = 1,
    constant: Sequence[int] = (),
) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """A model of one node, and its inputs' values by name; those in `constant` are initializers."""
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
    return helper.make_model(graph, opset_imports=imports, ir_version=8), given
