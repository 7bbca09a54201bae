"""The ONNX backend test suite, run case by case through mini-infer.

Cases whose steps are all native are generated first, each under a prefix of its own, and built into one library; then
every case runs, and its outputs are compared as onnx's own runner compares them.
"""

import enum
import logging
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.test_case import TestCase
from onnx.backend.test.loader import load_model_tests
from onnx.backend.test.runner import Runner

from mini_infer import compiler
from mini_infer.backend import deciding_inputs
from mini_infer.codegen import Source, generate
from mini_infer.runtime import Artifact, Engine, Variant
from mini_infer.runtime.native import NativeLibrary
from mini_infer.toolchain import Target, build, find

KINDS = ("node", "simple", "pytorch-converted", "pytorch-operator")
"""Every kind of case that comes with its data; the nine large networks ("real") do not."""


class Status(enum.IntEnum):
    """How well a case went; higher is better."""

    FAILED = 0
    PASSED = 1
    NATIVE = 2


@dataclass(slots=True)
class Run:
    """One data set of one case, on its way: the model, what goes in, what must come out."""

    case: TestCase
    model: onnx.ModelProto
    inputs: dict[str, Any]
    outputs: list[Any]
    stage: compiler.Lowered | None = None
    error: str = ""


def run_suite(chosen: Callable[[str], bool] = lambda _: True) -> tuple[dict[str, Status], dict[str, str]]:
    """Case name → status, and case name → what went wrong, of the cases whose names are chosen."""
    logging.getLogger("mini_infer").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runs = [run for case in _cases() if chosen(case.name) for run in _load(case)]
        for run in runs:
            _lower(run)
        libraries = _build([run for run in runs if run.stage and _is_native(run.stage)])
        statuses: dict[str, Status] = {}
        errors: dict[str, str] = {}
        for index, run in enumerate(runs):
            status = _execute(run, libraries.get(id(run)))
            statuses[run.case.name] = min(status, statuses.get(run.case.name, Status.NATIVE))
            if run.error:
                errors[run.case.name] = run.error
            runs[index] = None  # type: ignore[call-overload]
    return statuses, errors


def _cases() -> Iterator[TestCase]:
    for kind in KINDS:
        yield from load_model_tests(kind=kind)


def _load(case: TestCase) -> Iterator[Run]:
    model = case.model or onnx.load(Path(str(case.model_dir)) / "model.onnx")
    initialized = {tensor.name for tensor in model.graph.initializer}
    inputs = [info for info in model.graph.input if info.name not in initialized] or list(model.graph.input)
    for given, wanted in case.data_sets or _data_sets(case, model):
        names = [info.name for info in (inputs if len(given) <= len(inputs) else model.graph.input)]
        yield Run(case, model, dict(zip(names, map(_value, given), strict=False)), [_value(value) for value in wanted])


def _data_sets(case: TestCase, model: onnx.ModelProto) -> Iterator[tuple[list[Any], list[Any]]]:
    for folder in sorted(Path(str(case.model_dir)).glob("test_data_set_*")):
        yield tuple(  # type: ignore[misc]
            [
                _read(folder / f"{kind}_{index}.pb", infos[index].type)
                for index in range(len(list(folder.glob(f"{kind}_*.pb"))))
            ]
            for kind, infos in (("input", model.graph.input), ("output", model.graph.output))
        )


def _read(path: Path, kind: onnx.TypeProto) -> Any:
    proto: Any = onnx.TensorProto()
    if kind.HasField("sequence_type"):
        proto = onnx.SequenceProto()
    elif kind.HasField("optional_type"):
        proto = onnx.OptionalProto()
    proto.ParseFromString(path.read_bytes())
    return _value(proto)


def _value(value: Any) -> Any:
    match value:
        case onnx.TensorProto():
            return numpy_helper.to_array(value)
        case onnx.SequenceProto():
            return numpy_helper.to_list(value)
        case onnx.OptionalProto():
            return numpy_helper.to_optional(value)
        case np.generic():
            return np.asarray(value)
    return value


def _lower(run: Run) -> None:
    """Lower the model for these inputs, as the backend does: inputs that decide shapes become constants."""
    tensors = {info.name for info in run.model.graph.input if info.type.HasField("tensor_type")}
    shapes = {name: value.shape for name, value in run.inputs.items() if name in tensors}
    try:
        run.stage = compiler.lower(run.model, compiler.Options(shapes=shapes))
        deciding = deciding_inputs(run.stage.graph)
        if deciding:
            fixed = {name: run.inputs.pop(name) for name in deciding}
            shapes = {name: shape for name, shape in shapes.items() if name not in fixed}
            run.stage = compiler.lower(run.model, compiler.Options(shapes=shapes, fix=fixed))
    except Exception as error:  # noqa: BLE001 - a case that fails in any way has failed
        run.error = f"{type(error).__name__}: {error}"


def _is_native(stage: compiler.Lowered) -> bool:
    return all(step.native for step in stage.program.steps)


def _build(runs: list[Run]) -> dict[int, tuple[Engine, NativeLibrary]]:
    """All native programs in one library: run's id → its engine and machine code."""
    compiler_found = find()
    if compiler_found is None:
        return {}
    target = Target.host()
    engines: dict[int, tuple[Engine, Source]] = {}
    for index, run in enumerate(runs):
        engine = _engine(run)
        source = generate(engine.program, engine.plan, target.machine, prefix=f"case{index}")
        engines[id(run)] = engine, source
    files = {name: text for _, source in engines.values() for name, text in source.files.items()}
    path = build(files, compiler_found, target)
    return {key: (engine, NativeLibrary(path, source.segments)) for key, (engine, source) in engines.items()}


def _engine(run: Run) -> Engine:
    """The case's engine, without machine code."""
    assert run.stage is not None
    plan = compiler.plan_program(run.stage.program, compiler.Options(time_limit=0))
    return Engine.from_artifact(Artifact.of([Variant("", run.stage.program, plan)], Target.host()), compiler="none")


def _execute(run: Run, native: tuple[Engine, NativeLibrary] | None) -> Status:
    if run.stage is None:
        return Status.FAILED
    try:
        engine = _engine(run) if native is None else replace(native[0], libraries=(native[1],))
        got = engine.create_context().run(run.inputs)
        Runner.assert_similar_outputs(run.outputs, list(got.values()), rtol=run.case.rtol, atol=run.case.atol)
    except Exception as error:  # noqa: BLE001 - a case that fails in any way has failed
        run.error = f"{type(error).__name__}: {error}"
        return Status.FAILED
    return Status.NATIVE if native is not None else Status.PASSED
