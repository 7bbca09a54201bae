"""onnx's own checker, its complaints as one line."""

import onnx

from mini_infer.errors import ModelError


def check(model: onnx.ModelProto) -> None:
    """Check a model whose weights are detached and whose inputs' shapes are fixed.

    Raises
    ------
    ModelError
        With the checker's complaint.
    """
    for output in model.graph.output:
        # The checker wants a type with a shape where ONNX does not; what is declared for outputs is read nowhere else.
        if output.type.WhichOneof("value") in {None, "tensor_type"}:
            output.type.tensor_type.shape.SetInParent()
            output.type.tensor_type.elem_type = output.type.tensor_type.elem_type or onnx.TensorProto.FLOAT
    complaint = _complaint(model)
    if complaint:
        for node in model.graph.node:
            node.name = node.name or next(filter(None, node.output), "")
        raise ModelError(f"the model is wrong: {_complaint(model) or complaint}")  # now with the node's name


def _complaint(model: onnx.ModelProto) -> str:
    """What the checker says of a model; nothing when it is right."""
    try:
        onnx.checker.check_model(model)
    except (onnx.checker.ValidationError, ValueError) as error:
        return one_line(error)
    return ""


def one_line(error: Exception, limit: int = 300) -> str:
    """An onnx message, which may run over many lines, as one of bounded length."""
    text = " ".join(str(error).split())
    return text if len(text) <= limit else f"{text[:limit]}..."
