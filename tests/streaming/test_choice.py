"""The streams that are chosen: a smaller peak, within the time and the limit that are given, and the same bits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stream_models import random_model
from streamed import ALIGNMENT, assert_same_bits, engine_of, inputs_of, options_for, program_of

import mini_infer as mi
from examples import examples
from mini_infer import memory, streaming
from mini_infer.program.validate import validate
from mini_infer.streaming import stream
from mini_infer.streaming.access import _MOST_ROWS, _coarse
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


def test_programs_of_very_many_steps_stay_whole(monkeypatch):
    options = options_for()
    program = program_of(random_model(3, 12), options)
    for most, streams in ((len(program.steps), True), (len(program.steps) - 1, False)):
        monkeypatch.setattr(streaming, "_MOST_STEPS", most)
        made = stream(program, options.built_for.machine, alignment=ALIGNMENT)
        assert bool(made.intervals) == (made.program is not program) == streams


@pytest.mark.parametrize(("rows", "each"), [(1, 1), (_MOST_ROWS, 1), (_MOST_ROWS + 1, 3), (2 * _MOST_ROWS, 2)])
def test_many_rows_are_taken_together(rows, each):
    """Of 513 rows three make one, since two do not divide them."""
    assert _coarse(64, 64 * rows) == 64 * each


@pytest.mark.parametrize(("won", "streams"), [(0.019, False), (0.021, True)])
def test_what_is_not_needed_must_win_more_than_a_part_of_its_time(won, streams, monkeypatch):
    options = options_for()
    program = program_of(random_model(3, 12), options)
    estimator = Estimator(program, options.built_for.machine, ALIGNMENT)
    monkeypatch.setattr(estimator, "most_gained", lambda *_: math.inf)
    monkeypatch.setattr(estimator, "lost", lambda start, end, *_: -won * estimator.time(start, end))
    assert bool(Chooser(estimator).fastest(max(estimator.alive)).intervals) == streams


@examples(20)
@given(seed=SEEDS)
def test_no_stream_wins_more_than_is_said_before_a_look(seed):
    options = options_for("balanced")
    program = program_of(random_model(seed, 12), options)
    estimator = Estimator(program, options.built_for.machine, ALIGNMENT)
    for end in range(1, len(program.steps) + 1):
        for start in range(end):
            most = estimator.most_gained(start, end) + 1
            assert all(-estimator.lost(start, end, bands) <= most for bands in estimator.bands(start, end))


@pytest.mark.parametrize(("lost", "streams"), [(0.0, True), (0.6, False)])
def test_a_loss_that_is_not_allowed_leaves_the_program_whole(lost, streams, monkeypatch):
    options = options_for()
    program = program_of(random_model(3, 12), options)
    estimator = Estimator(program, options.built_for.machine, ALIGNMENT)
    monkeypatch.setattr(estimator, "lost", lambda *_: lost * estimator.cycles)
    assert bool(Chooser(estimator).within(0.5).intervals) == streams
