"""Random models with random streams: valid programs, and the bits of the programs without."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from machines import shared_target
from native_kernels import NativeKernels
from stream_models import random_model, random_tokens
from streamed import (
    Poisoned,
    assert_same_bits,
    engine_of,
    inputs_of,
    kernels_of,
    longest_interval,
    options_for,
    program_of,
    random_intervals,
    with_streams,
)

from examples import examples
from mini_infer.program.validate import validate
from mini_infer.toolchain import find

SEEDS = st.integers(0, 2**32 - 1)
GOALS = ("memory", "balanced", "speed")
NATIVE = pytest.mark.skipif(find() is None, reason="native code is compared")


@cache
def model(seed):
    return (random_tokens if seed % 4 == 1 else random_model)(seed, 6 + seed % 20)


def drawn(seed, **options):
    """A program, one with streams, and inputs."""
    rng = np.random.default_rng(seed)
    options = options_for(GOALS[seed % 3], **options)
    program = program_of(model(seed), options)
    return options, program, with_streams(program, random_intervals(program, rng), options), inputs_of(program, rng)


@examples(40)
@given(seed=SEEDS)
def test_streams_are_valid(seed):
    options = options_for(GOALS[seed % 3])
    program = program_of(model(seed), options)
    validate(program, machine=options.built_for.machine)
    rng = np.random.default_rng(seed)
    for _ in range(4):
        with_streams(program, random_intervals(program, rng), options)


@examples(20)
@given(seed=SEEDS)
def test_a_stream_takes_no_more_bytes_than_its_values(seed):
    options = options_for(GOALS[seed % 3])
    program = program_of(model(seed), options)
    for bands in (1, 4, 1000):
        made = with_streams(program, [longest_interval(program, bands)], options)
        (stream,) = [step.stream for step in made.steps if step.stream]
        for ring in stream.rings:
            assert ring.bytes <= -(-ring.size // ring.row) * ring.row
            assert bands > 1 or not ring.apron


@NATIVE
@examples(6)
@given(seed=SEEDS)
def test_native_streams_give_the_bits_of_the_whole(seed):
    options, program, made, inputs = drawn(seed)
    whole = engine_of(program, options).create_context().run(inputs)
    assert_same_bits(whole, engine_of(made, options).create_context().run(inputs))


@NATIVE
@pytest.mark.slow
@examples(12)
@given(seed=SEEDS)
def test_streams_on_threads_give_the_bits_of_the_whole(seed):
    options, program, made, inputs = drawn(seed, threads=2, target=shared_target())
    whole = engine_of(program, options).create_context().run(inputs)
    assert_same_bits(whole, engine_of(made, options).create_context().run(inputs))


@examples(10)
@given(seed=SEEDS)
def test_interpreted_streams_give_the_bits_of_the_whole(seed):
    options, program, made, inputs = drawn(seed)
    whole = engine_of(program, options, "none").create_context().run(inputs)
    assert_same_bits(whole, engine_of(made, options, "none").create_context().run(inputs))
    assert_same_bits(whole, engine_of(made, options, "none").create_context(poison=True).run(inputs))


@NATIVE
@examples(5)
@given(seed=SEEDS)
def test_nothing_dead_is_read(seed):
    options, program, made, inputs = drawn(seed)
    machine = options.built_for.machine
    natives = NativeKernels([*kernels_of(program), *kernels_of(made)], machine)
    assert_same_bits(Poisoned(program, natives).run(inputs), Poisoned(made, natives).run(inputs))
