"""Everything that stands between a model and running it, found without running it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import onnx

from mini_infer import compiler
from mini_infer.compiler import Options
from mini_infer.errors import MiniInferError, ModelError
from mini_infer.frontend import UnknownOperator, unknown_operators
from mini_infer.frontend.shapes import fix_shapes
from mini_infer.frontend.source import load
from mini_infer.memory import Plan
from mini_infer.program import Program


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found.

    Parameters
    ----------
    unknown_operators
        Nodes whose operators nobody defines.
    open_inputs
        What is said of inputs with open dimensions, with the flags to give; empty when none is open. The program is
        then that for 1 in every open dimension, where there is one, and its memory says nothing.
    obstacles
        Whatever else stops the model, a line each.
    program, plan
        The model lowered, and planned within the memory limit; `None` where it did not come so far.
    """

    unknown_operators: tuple[UnknownOperator, ...]
    open_inputs: str
    obstacles: tuple[str, ...]
    program: Program | None
    plan: Plan | None

    @property
    def runs(self) -> bool:
        """Whether nothing is in the way."""
        return not (self.unknown_operators or self.open_inputs or self.obstacles)


def diagnose(model: Path, options: Options) -> Diagnosis:
    """Look for everything at once, going on after each find as far as that is possible.

    Raises
    ------
    ModelError
        When the file is no ONNX model.
    UnsupportedError
        When it is for a newer ONNX than the installed one.
    """
    message, _ = load(model)
    unknown = unknown_operators(message)
    open_inputs = _open_inputs(message, options)
    if unknown:
        return Diagnosis(unknown, open_inputs, (), None, None)
    if open_inputs:
        options = replace(options, shapes={**_ones(message, options), **options.shapes})
    program = plan = None
    obstacles = []
    try:
        program = compiler.lower(model, options).program
        if not open_inputs:
            plan = compiler.plan(program, options)
    except MiniInferError as error:
        if not open_inputs:  # ones may be what does not fit
            obstacles.append(str(error))
    return Diagnosis((), open_inputs, tuple(obstacles), program, plan)


def _open_inputs(model: onnx.ModelProto, options: Options) -> str:
    inputs = [onnx.ValueInfoProto.FromString(info.SerializeToString()) for info in _free_inputs(model, options)]
    try:
        fix_shapes(inputs, options.shapes)
    except ModelError as error:
        return str(error)
    return ""


def _ones(model: onnx.ModelProto, options: Options) -> Mapping[str, tuple[int, ...]]:
    """The inputs' shapes with 1 in every open dimension."""
    return {
        info.name: tuple(max(dim.dim_value, 0) if dim.HasField("dim_value") else 1 for dim in tensor.shape.dim)
        for info in _free_inputs(model, options)
        if (tensor := info.type.tensor_type).HasField("shape")
    }


def _free_inputs(model: onnx.ModelProto, options: Options) -> list[onnx.ValueInfoProto]:
    """The inputs that a caller gives: neither weights nor fixed."""
    known = {tensor.name for tensor in model.graph.initializer} | set(options.fixed)
    return [info for info in model.graph.input if info.name not in known]
