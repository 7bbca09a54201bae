"""Model-local functions in place of their calls."""

import onnx
from onnx import inliner

from mini_infer.errors import UnsupportedError


def inline_functions(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without functions; one written for another opset than the model is converted to the model's.

    Raises
    ------
    UnsupportedError
        When a function cannot be converted.
    """
    if not model.functions:
        return model
    inlined = inliner.inline_local_functions(model)
    if inlined.functions:
        inlined = inliner.inline_local_functions(model, convert_version=True)
    if inlined.functions:
        names = ", ".join(f"{function.domain}.{function.name}" for function in inlined.functions)
        raise UnsupportedError(f"functions for another opset than the model's cannot be inlined: {names}")
    return inlined
