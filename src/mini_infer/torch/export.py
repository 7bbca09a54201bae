"""Modules and exported programs → ONNX, by PyTorch's own exporter → engines."""

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mini_infer import compiler
from mini_infer.errors import UnsupportedError, UsageError
from mini_infer.extras import needs
from mini_infer.runtime import Engine

if TYPE_CHECKING:
    import onnx

OPSET = 18


def compile(  # noqa: A001 - mini_infer.torch.compile is what a user looks for
    program: Any,
    example_inputs: Sequence[Any] | None = None,
    *,
    example_kwargs: Mapping[str, Any] | None = None,
    dynamic_shapes: Any = None,
    **options: Any,
) -> Engine:
    """An engine of a module or an exported program; its inputs have the names of `forward`'s parameters.

    Parameters
    ----------
    program
        A `torch.nn.Module`, in evaluation mode, or a `torch.export.ExportedProgram`.
    example_inputs, example_kwargs, dynamic_shapes
        What `torch.onnx.export` takes; for modules only. Open dimensions, such as ``{"x": {0: "batch"}}``, are given
        sizes or ranges by the option `dims`.
    **options
        Those of `mini_infer.compile`.

    Raises
    ------
    UsageError
        A module comes without inputs, or PyTorch or `onnxscript` is not installed.
    UnsupportedError
        PyTorch cannot export it, or mini-infer cannot run it.
    """
    model = onnx_model(program, example_inputs, example_kwargs=example_kwargs, dynamic_shapes=dynamic_shapes)
    return compiler.compile(model, **options)


def onnx_model(
    program: Any,
    example_inputs: Sequence[Any] | None = None,
    *,
    example_kwargs: Mapping[str, Any] | None = None,
    dynamic_shapes: Any = None,
) -> "onnx.ModelProto":
    """The ONNX model of a module or an exported program. Parameters and errors are those of `compile`."""
    if isinstance(program, torch().export.ExportedProgram):
        return to_onnx(program)
    if example_inputs is None:
        raise UsageError("a module is exported with example inputs: compile(module, (x,))")
    return to_onnx(program, tuple(example_inputs), kwargs=dict(example_kwargs or {}), dynamic_shapes=dynamic_shapes)


def torch() -> Any:
    """The module `torch`.

    Raises
    ------
    MissingPackageError
        When PyTorch is not installed.
    """
    with needs("this"):
        import torch
    return torch


def exported_program(module: Any, inputs: tuple[Any, ...]) -> Any:
    """The `ExportedProgram` of a module.

    Raises
    ------
    UnsupportedError
        When PyTorch cannot export it.
    """
    try:
        with warnings.catch_warnings(), torch().no_grad():
            warnings.simplefilter("ignore")
            return torch().export.export(module, inputs, strict=False)
    except Exception as error:  # whatever its tracing meets
        raise UnsupportedError(f"PyTorch cannot export it: {_first_line(error)}") from error


def to_onnx(program: Any, inputs: tuple[Any, ...] = (), **others: Any) -> "onnx.ModelProto":
    """The ONNX model of an `ExportedProgram`, or of a module and inputs; `others` are the exporter's.

    Raises
    ------
    MissingPackageError
        When `onnxscript` is not installed.
    UnsupportedError
        When PyTorch cannot translate it.
    """
    with needs("PyTorch's exporter"):
        import onnxscript  # noqa: F401 - only whether it is there
    settings = {"dynamo": True, "opset_version": OPSET, "external_data": False, "verbose": False}
    try:
        with warnings.catch_warnings(), torch().no_grad():
            warnings.simplefilter("ignore")
            model: onnx.ModelProto = torch().onnx.export(program, inputs, **settings, **others).model_proto
    except Exception as error:  # whatever its tracing and translation meet
        raise UnsupportedError(f"PyTorch cannot export it to ONNX: {_first_line(error)}") from error
    return model


def _first_line(error: BaseException) -> str:
    """What the error that was met first says first, or its kind."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).strip().partition("\n")[0] or type(error).__name__
