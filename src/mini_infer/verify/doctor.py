"""Everything that stands between a model and running it, found without running it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import onnx

from mini_infer import compiler
from mini_infer.compiler import Options
from mini_infer.errors import CapacityError, MiniInferError
from mini_infer.frontend import OpenError, RefusedError, UnknownOperator, unknown_operators
from mini_infer.frontend.model.dims import dim_flags, fix_dims, open_dims, ranges_in, suggestion
from mini_infer.frontend.model.shapes import fix_shapes, named_shapes
from mini_infer.frontend.model.source import load
from mini_infer.interpreter.evaluate import Evaluator
from mini_infer.ir import OpaqueType
from mini_infer.ir.ranges import Dims
from mini_infer.memory import Plan
from mini_infer.program import Program
from mini_infer.runtime import Artifact, Memory, Variant
from mini_infer.verify.dead_ends import dead_ends
from mini_infer.verify.open_sizes import Detour, detour, proposal, single_sizes

_ELEMENTS = frozenset(onnx.TensorProto.DataType.values())


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found.

    Parameters
    ----------
    unknown_operators
        Nodes whose operators nobody defines.
    open_inputs
        What is said of inputs with open dimensions, with the flags to give; empty when none is open. What follows is
        then for these flags, where they say all that is open.
    detour
        Which steps are interpreted because sizes are open, and what to give instead; none where no step is.
    obstacles
        Whatever else stops the model, a line each.
    remarks
        What does not stop it, but is worth knowing, a line each: inputs of strings or of low precision, outputs whose
        true size is known only at run time.
    program, plan
        The model lowered, and planned within the memory limit; `None` where it did not come so far.
    memory
        What it takes in all, where it is planned.
    too_large
        Whether the memory limit is all that is in the way.
    """

    unknown_operators: tuple[UnknownOperator, ...]
    open_inputs: str
    obstacles: tuple[str, ...]
    remarks: tuple[str, ...]
    program: Program | None
    plan: Plan | None
    detour: Detour | None = None
    memory: Memory | None = None
    too_large: bool = False

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
    try:
        inputs, shapeless = _open_inputs(message, options)
    except MiniInferError as error:
        return Diagnosis(unknown, "", (str(error),), _inputs(message, options), None, None)
    if unknown:
        proposed = {name: suggestion(name, places) for name, places in open_dims(inputs).items()}
        return Diagnosis(unknown, _said(proposed, shapeless), (), _inputs(message, options), None, None)
    proposed = {} if shapeless else proposal(message, inputs, options)
    open_inputs = _said(proposed or dict.fromkeys(open_dims(inputs), 1), shapeless)
    program = plan = around = taken = None
    too_large = False
    obstacles: list[str] = []
    if not shapeless:
        options = replace(options, dims={**options.dims, **proposed})
        try:
            lowered = compiler.lower(model, options)
            program = lowered.program
            obstacles += dead_ends(lowered.graph)
            obstacles += _impossible(program)
            around = detour(model, options, program)
            plan = compiler.plan_program(program, options)
            taken = Artifact.of([Variant("", program, plan)], options.built_for).memory
        except RefusedError as error:
            obstacles += error.reasons
        except MiniInferError as error:
            sizes = single_sizes(model, options) if program is None else {}
            text = str(error)
            too_large = isinstance(error, CapacityError) and program is not None and not obstacles
            obstacles.append(
                f"{text.partition('; give')[0]}; it is compiled with {dim_flags(sizes)}" if sizes else text
            )
    remarks = (*_inputs(message, options), *_outputs(program))
    too_large = too_large and not open_inputs
    return Diagnosis((), open_inputs, tuple(obstacles), remarks, program, plan, around, taken, too_large)


def _said(dims: Dims, shapeless: Sequence[str]) -> str:
    """What is open, and the line to paste; empty where nothing is."""
    if not dims and not shapeless:
        return ""
    flags = [*([dim_flags(dims)] if dims else []), *(f"--shapes {name}:DIMxDIM..." for name in shapeless)]
    return f"open dimensions: {', '.join([*dims, *shapeless])}; give them: {' '.join(flags)}"


def _impossible(program: Program) -> tuple[str, ...]:
    """The interpreted steps that the interpreter does not know either."""
    found = []
    for step in program.steps:
        if not step.native:
            try:
                Evaluator(step.node)
            except MiniInferError as error:
                found.append(str(error))
    return tuple(found)


def _inputs(model: onnx.ModelProto, options: Options) -> tuple[str, ...]:
    """What is to be said of inputs whose elements no kernel computes with as they are."""
    found = []
    for info in _free_inputs(model, options):
        element = info.type.tensor_type.elem_type
        name = onnx.TensorProto.DataType.Name(element).lower() if element in _ELEMENTS else ""
        if element == onnx.TensorProto.STRING:
            found.append(f"input {info.name!r} holds strings: what reads them is interpreted")
        elif element == onnx.TensorProto.FLOAT16:
            found.append(f"input {info.name!r} is float16: each step computes in float32 and rounds its result")
        elif name.startswith(("bfloat", "float8", "float6", "float4", "int4", "uint4", "int2", "uint2")):
            found.append(f"input {info.name!r} is {name}: it is moved natively, but arithmetic on it is interpreted")
    return tuple(found)


def _outputs(program: Program | None) -> tuple[str, ...]:
    """What is to be said of outputs of data-dependent sizes."""
    if program is None:
        return ()
    unplanned = "its size is known only at run time, and nothing bounds it: it is no part of the plan"
    return tuple(
        f"output {port.name!r} is at most {port.type}: how much of it is there is known at run time"
        if port.bound is not None
        else f"output {port.name!r} is {port.type}: {unplanned}"
        for port in program.outputs
        if port.bound is not None or (isinstance(port.type, OpaqueType) and "?" in str(port.type))
    )


def _open_inputs(model: onnx.ModelProto, options: Options) -> tuple[list[onnx.ValueInfoProto], list[str]]:
    """The inputs with what is given written into them, and the names of those whose rank is not known.

    Raises
    ------
    ModelError, UsageError
        When what is given does not fit the model.
    """
    inputs = [onnx.ValueInfoProto.FromString(info.SerializeToString()) for info in _free_inputs(model, options)]
    shapes = named_shapes(inputs, options.shapes)
    ranges = fix_dims(inputs, {**ranges_in(inputs, shapes), **options.dims})
    with suppress(OpenError):
        fix_shapes(inputs, shapes, ranges)
    for info in inputs:
        for dim in info.type.tensor_type.shape.dim:
            if dim.dim_param in ranges:
                dim.dim_value = ranges[dim.dim_param].bounds[1]  # no longer open
    shapeless = [
        info.name
        for info in inputs
        if info.type.HasField("tensor_type")
        and info.type.tensor_type.elem_type != onnx.TensorProto.STRING
        and not info.type.tensor_type.HasField("shape")
    ]
    return inputs, shapeless


def _free_inputs(model: onnx.ModelProto, options: Options) -> list[onnx.ValueInfoProto]:
    """The inputs that a caller gives: neither weights nor fixed."""
    known = {tensor.name for tensor in model.graph.initializer} | set(options.fix)
    return [info for info in model.graph.input if info.name not in known]
