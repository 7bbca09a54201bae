"""Engines whose inputs and outputs lie in the arena: the caller's are copied there and back."""

import dataclasses

import numpy as np
import pytest
from quantized_models import classifier
from stream_models import random_model
from tied import tied

import mini_infer as mi
from mini_infer.compiler import build
from mini_infer.demo import assets
from mini_infer.errors import ProgramError, UsageError
from mini_infer.memory import Overlap
from mini_infer.program import Space
from mini_infer.program.validate import validate

MODELS = {
    "lenet": lambda: str(assets.MODEL),
    "int8": lambda: classifier(np.int8),
    "ties": tied,
    "streams": lambda: random_model(3),
    "others": lambda: random_model(8),
}


def drawn(artifact):
    rng = np.random.default_rng(1)
    return {
        name: (10 * rng.standard_normal(kind.shape)).astype(kind.dtype.numpy) for name, kind in artifact.inputs.items()
    }


def runs(artifact, given, **options):
    return mi.Engine.from_artifact(artifact, **options).create_context().run(given)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("compiler", [None, "none"])
def test_answers_are_those_of_the_callers_memory(name, compiler):
    outside, inside = (build(MODELS[name](), io=io, optimize="memory") for io in ("caller", "arena"))
    given = drawn(outside)
    expected = runs(outside, given, compiler=compiler)
    for found in (runs(inside, given, compiler=compiler), runs(inside, given, compiler=compiler)):
        assert all(np.array_equal(found[output], expected[output]) for output in expected)
    views = [inside.program.values[port.value] for port in (*inside.program.inputs, *inside.program.outputs)]
    assert {view.space for view in views} == {Space.ARENA}
    most = max(sum(kind.bytes for kind in ports.values()) for ports in (outside.inputs, outside.outputs))
    assert max(outside.arena_bytes, most) <= inside.arena_bytes


def test_lifetimes_hold(model, x):
    artifact = build(model, io="arena")
    engine = mi.Engine.from_artifact(artifact, compiler="none")
    expected = mi.compile(model, compiler="none").create_context().run(x)
    found = engine.create_context(poison=True).run(x)
    assert all(np.array_equal(found[name], expected[name]) for name in expected)


def test_run_into_and_files(model, x, tmp_path):
    mi.compile(model, io="arena").save(tmp_path / "net.engine")
    engine = mi.Engine.load(tmp_path / "net.engine")
    outputs = {name: np.empty(kind.shape, kind.dtype.numpy) for name, kind in engine.outputs.items()}
    for scale in (1, 2):
        engine.create_context().run_into({"x": scale * x}, outputs)
        expected = mi.compile(model).create_context().run(scale * x)
        assert all(np.array_equal(outputs[name], expected[name]) for name in expected)


def test_an_output_is_written_over_the_input_that_dies(model):
    """The input, 128 bytes, and what the convolution makes of it, 256; the outputs lie in the input's."""
    plan = build(model, io="arena", alignment=8, optimize="memory").plan
    assert plan.size <= 128 + 256


def test_it_is_one_of_two():
    with pytest.raises(UsageError, match="unknown place 'stack' of inputs and outputs; choose one of caller, arena"):
        mi.Options(io="stack")


def changed(program, number, **fields):
    buffers = list(program.problem.buffers)
    buffers[number] = dataclasses.replace(buffers[number], **fields)
    return dataclasses.replace(program, problem=dataclasses.replace(program.problem, buffers=tuple(buffers)))


def refused(program, reason):
    with pytest.raises(ProgramError, match=reason):
        validate(program, machine=mi.Options().built_for.machine)


def test_programs_whose_ports_do_not_live_are_refused(model):
    """An input is there from the first step on, an output up to the last; neither is what another grows into."""
    program = build(model, io="arena").program
    (given,) = program.given
    taken = program.values["p"].index
    last = len(program.steps)
    refused(changed(program, given, start=-1), "has an input in buffer 'x', which lives from step -1 on")
    refused(changed(program, taken, end=last + 1), f"which lives until step {last + 1}")
    other = next(number for number in range(len(program.problem.buffers)) if number not in (given, taken))
    grown = [(given, other, "has an input in 'x', which grows"), (other, taken, "which another grows into")]
    for lower, upper, reason in grown:
        problem = dataclasses.replace(program.problem, overlaps=(Overlap(lower, upper, 1),))
        refused(dataclasses.replace(program, problem=problem), reason)
    twice = {**program.values, "p": program.values["y"]}
    refused(dataclasses.replace(program, values=twice), "has two outputs in the same bytes")
