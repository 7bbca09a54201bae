"""Engines with streams: files, profiles, control flow, sanitizers."""

import itertools
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx.parser
import pytest
from machines import shared_target
from stream_models import random_model
from streamed import (
    assert_same_bits,
    engine_of,
    inputs_of,
    longest_interval,
    options_for,
    program_of,
    with_streams,
)

import mini_infer as mi
from mini_infer.compiler import plan_program
from mini_infer.errors import ProgramError, ToolchainError
from mini_infer.program import format_program
from mini_infer.program.validate import validate
from mini_infer.runtime import Artifact, Engine, Variant
from mini_infer.streaming.fuse import Interval
from mini_infer.toolchain import find, sanitizer_environment

HERE = Path(__file__).parent
NATIVE = pytest.mark.skipif(find() is None, reason="native code is compared")

ROWS = """
<ir_version: 10, opset_import: ["" : 21]>
rows (float[1,3,h,12] x) => (float[1,4,oh,ow] y)
<float[4,3,3,3] w = {WEIGHTS}>
{
    a = Conv <pads=[1,1,1,1]> (x, w)
    b = Relu (a)
    y = MaxPool <kernel_shape=[2,2], strides=[2,2]> (b)
}
""".replace("WEIGHTS", ",".join(str(number % 7 - 3) for number in range(108)))

STEERED = """
<ir_version: 10, opset_import: ["" : 21]>
steered (float[1,4,12,12] x, int64 trips) => (float[1,4,12,12] y)
<bool yes = {1}, float[4,4,3,3] w = {WEIGHTS}>
{
    before = Conv <pads=[1,1,1,1]> (x, w)
    more = Conv <pads=[1,1,1,1]> (before, w)
    first = Relu (more)
    h = Loop (trips, yes, first) <
        body = step (int64 i, bool go, float[1,4,12,12] h) => (bool again, float[1,4,12,12] next) {
            again = Identity (go)
            inside = Conv <pads=[1,1,1,1]> (h, w)
            next = Tanh (inside)
        }
    >
    after = Conv <pads=[1,1,1,1]> (h, w)
    y = Relu (after)
}
""".replace("WEIGHTS", ",".join(str((number % 5 - 2) / 16) for number in range(144)))


def streams_of(program):
    return [step for step in program.steps if step.stream]


@NATIVE
def test_an_engine_file_keeps_its_streams(tmp_path):
    options = options_for()
    program = program_of(random_model(3), options)
    made = with_streams(program, [longest_interval(program, 1000)], options)
    artifact = Artifact.of([Variant("", made, plan_program(made, options))], options.built_for)
    artifact.save(tmp_path / "streamed.engine")
    loaded = mi.load(tmp_path / "streamed.engine")
    assert [step.stream for step in loaded.program.steps] == [step.stream for step in made.steps]
    assert format_program(loaded.program) == format_program(artifact.program)
    inputs = inputs_of(program, np.random.default_rng(0))
    whole = engine_of(program, options).create_context().run(inputs)
    assert_same_bits(whole, loaded.create_context().run(inputs))


def test_the_same_program_is_made_again():
    options = options_for()
    texts = set()
    for _ in range(2):
        program = program_of(random_model(5), options)
        texts.add(format_program(with_streams(program, [longest_interval(program, 7)], options)))
    assert len(texts) == 1


@NATIVE
def test_profiles_have_streams_of_their_own():
    options = options_for()
    variants, programs = [], {}
    for high in (8, 20):
        sized = replace(options, shapes={"x": (1, 3, high, 12)})
        programs[high] = program_of(onnx.parser.parse_model(ROWS), sized)
        made = with_streams(programs[high], [longest_interval(programs[high], 1000)], options)
        assert streams_of(made)
        variants.append(Variant(str(high), made, plan_program(made, options)))
    context = Engine.from_artifact(Artifact.of(variants, options.built_for)).create_context()
    for high, program in programs.items():
        inputs = inputs_of(program, np.random.default_rng(high))
        assert_same_bits(engine_of(program, options).create_context().run(inputs), context.run(inputs))


@NATIVE
@pytest.mark.parametrize("threads", [1, 2])
def test_streams_around_a_loop_and_in_it(threads):
    options = options_for(threads=threads, target=shared_target())
    program = program_of(onnx.parser.parse_model(STEERED), options)
    borders = [-1, *(index for index, step in enumerate(program.steps) if step.control), len(program.steps)]
    intervals = [Interval(before + 1, end, 4) for before, end in itertools.pairwise(borders)]
    assert len(intervals) == 3
    made = with_streams(program, intervals, options)
    assert len(streams_of(made)) == 3
    whole, streamed = (engine_of(one, options).create_context() for one in (program, made))
    x = np.random.default_rng(0).standard_normal((1, 4, 12, 12)).astype(np.float32)
    for trips in (0, 1, 5):
        given = {"x": x, "trips": np.array(trips, np.int64)}
        assert_same_bits(whole.run(given), streamed.run(given))


def test_a_stream_does_not_cross_control_flow():
    options = options_for()
    program = program_of(onnx.parser.parse_model(STEERED), options)
    before = next(index for index, step in enumerate(program.steps) if step.control)
    made = with_streams(program, [Interval(0, before, 4)], options)
    (place,) = [index for index, step in enumerate(made.steps) if step.stream]
    mixed = replace(made.steps[place], control=made.steps[place + 1].control)
    broken = replace(made, steps=(*made.steps[:place], mixed, *made.steps[place + 1 :]))
    with pytest.raises(ProgramError, match="of several kinds at once"):
        validate(broken, machine=options.built_for.machine)


@pytest.mark.slow
@pytest.mark.skipif("MINI_INFER_TEST_SANITIZE" in os.environ, reason="this is the run with sanitizers")
def test_streams_leave_no_tensor():
    """Streams once more, on one thread and two, their C built with the sanitizers."""
    try:
        environment = sanitizer_environment(find("gcc"))
    except ToolchainError as error:
        pytest.skip(str(error))
    words = ["-q", "-x", "-n", "0", "-p", "no:cacheprovider", "--sanitize", "-k", "native or threads or loop"]
    command = [sys.executable, "-m", "pytest", *words, str(HERE)]
    answer = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False, cwd=HERE.parents[1]
    )
    assert answer.returncode == 0, answer.stdout[-4000:] + answer.stderr[-4000:]
