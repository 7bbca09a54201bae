"""The streams that are chosen: a smaller peak, within the time and the limit that are given, and the same bits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stream_models import random_model
from streamed import ALIGNMENT, assert_same_bits, engine_of, inputs_of, options_for, program_of

import mini_infer as mi
from examples import examples
from mini_infer import memory
from mini_infer.program.validate import validate
from mini_infer.streaming import stream
from mini_infer.streaming.choose import Chooser
from mini_infer.streaming.estimate import Estimator
from mini_infer.toolchain import find

SEEDS = st.integers(0, 2**32 - 1)
NATIVE = pytest.mark.skipif(find() is None, reason="native code is compared")


def peak_of(program):
    return memory.peak(program.problem).size


@examples(30)
@given(seed=SEEDS)
def test_the_peak_never_grows(seed):
    options = options_for()
    machine = options.built_for.machine
    program = program_of(random_model(seed, 6 + seed % 20), options)
    made = stream(program, machine, alignment=ALIGNMENT).program
    validate(made, machine=machine)
    assert peak_of(made) <= peak_of(program)
    for slowdown in (0.0, 0.01, 0.5):
        slower = stream(program, machine, alignment=ALIGNMENT, slowdown=slowdown).program
        assert peak_of(slower) <= peak_of(program)


@examples(30)
@given(seed=SEEDS)
def test_a_limit_that_can_be_kept_is_kept(seed):
    options = options_for()
    machine = options.built_for.machine
    program = program_of(random_model(seed, 6 + seed % 20), options)
    chooser = Chooser(Estimator(program, machine, ALIGNMENT))
    largest = max(chooser.estimator.alive)
    smallest = chooser.smallest(largest)
    limit = (smallest + largest) // 2
    assert smallest <= largest
    assert chooser.fastest(limit).peak <= limit


@NATIVE
@examples(5)
@given(seed=SEEDS)
def test_compiled_models_give_the_bits_of_those_without_streams(seed):
    model = random_model(seed, 6 + seed % 20)
    options = options_for()
    program = program_of(model, options)
    made = stream(program, options.built_for.machine, alignment=ALIGNMENT).program
    inputs = inputs_of(program, np.random.default_rng(seed))
    whole = engine_of(program, options).create_context().run(inputs)
    assert_same_bits(whole, engine_of(made, options).create_context().run(inputs))
    found = mi.compile(model, options=options).create_context().run(inputs)
    for name, array in whole.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-4, atol=1e-5)
