"""Streams whose ends share bytes: the distances against a plain simulation, the bits, and what is refused."""

from dataclasses import replace

import numpy as np
import onnx.parser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_kernels import NativeKernels
from stream_models import random_model
from streamed import (
    ALIGNMENT,
    Poisoned,
    assert_same_bits,
    engine_of,
    inputs_of,
    kernels_of,
    options_for,
    program_of,
    random_intervals,
    with_streams,
)

from examples import examples
from mini_infer.errors import ProgramError
from mini_infer.memory import Buffer, Overlap, Plan, Problem, find_plan
from mini_infer.memory import validate as validate_plan
from mini_infer.program import Ring, Space, format_program
from mini_infer.program.pieces import pieces
from mini_infer.program.validate import validate
from mini_infer.report.plan.text import overlap_lines
from mini_infer.runtime import Artifact, Engine, Variant
from mini_infer.streaming import stream
from mini_infer.streaming.access import Accesses
from mini_infer.streaming.choose import Chooser
from mini_infer.streaming.estimate import Estimator
from mini_infer.streaming.flat import flattened
from mini_infer.streaming.fuse import Fuser, Interval
from mini_infer.streaming.rings import placed
from mini_infer.toolchain import find

SEEDS = st.integers(0, 2**32 - 1)
GOALS = ("memory", "balanced", "speed")
NATIVE = pytest.mark.skipif(find() is None, reason="native code is compared")


def model_of(height, middle, operators=("x", "y")):
    """Three convolutions; the middle one reads and writes whole values where it streams alone."""
    ones = ",".join(str((number % 5 - 2) / 8) for number in range(4 * 4 * 9))
    first, last = operators
    return onnx.parser.parse_model(f"""
<ir_version: 10, opset_import: ["" : 21]>
three (float[1,4,{height},6] x) => (float[1,4,oh,ow] y)
<float[4,4,3,3] w = {{{ones}}}>
{{
    a = Conv <pads=[1,1,1,1]> ({first}, w)
    b = {middle}
    {last} = Conv <pads=[1,1,1,1]> (b, w)
}}
""")


def made_of(height, middle, bands=1000):
    """The program of `model_of`, whose middle step streams, its options and the program as it was."""
    options = options_for()
    program = program_of(model_of(height, middle), options)
    return with_streams(program, [Interval(1, 2, bands)], options), options, program


def ends_of(program):
    """The overlap of what streams read and write, without rings."""
    rings = {step.stream.buffer for step in program.steps if step.stream}
    (found,) = [each for each in program.problem.overlaps if rings.isdisjoint((each.lower, each.upper))]
    return found


@pytest.mark.parametrize(
    ("middle", "rows"),
    [
        pytest.param("Conv <pads=[1,1,1,1]> (a, w)", 2, id="a window of three lies one row back"),
        pytest.param("Conv <kernel_shape=[3,3]> (a, w)", 1, id="without padding"),
        pytest.param("Conv <pads=[1,1,1,1], strides=[2,2]> (a, w)", 1, id="every other row"),
    ],
)
def test_an_exit_begins_as_many_rows_below_as_a_window_is_behind(middle, rows):
    made, _, program = made_of(16, middle)
    overlap = ends_of(made)
    lower, upper = (made.problem.buffers[index] for index in (overlap.lower, overlap.upper))
    assert (upper.id, lower.id) == tuple(program.problem.buffers[index].id for index in (0, 1))
    row = program.values[program.steps[1].node.writes[0]].type.shape[2] * 16
    assert overlap.distance == rows * row
    assert lower.size > overlap.distance


def expected_distances(program, step):
    """Of each buffer that dies in a stream and each that is born there, from what every run touches, byte by byte.

    The stream's rings are born and die there.
    """
    stream = program.steps[step].stream
    buffers = program.problem.buffers
    entries = [index for index, buffer in enumerate(buffers) if buffer.start < step and buffer.end == step + 1]
    exits = [index for index, buffer in enumerate(buffers) if buffer.start == step and buffer.end > step + 1]
    pairs = {(leaving, entry) for leaving in exits for entry in entries}
    pairs |= {(stream.buffer, entry) for entry in entries} | {(leaving, stream.buffer) for leaving in exits}
    runs = []
    for piece in pieces(program.steps[step].calls, stream):
        if isinstance(piece, Ring):
            runs.append([(stream.buffer, piece.offset, piece.offset + piece.bytes)])
        else:
            touched = [
                (view.index, view.offset + operand.reach[0], view.offset + operand.reach[1])
                for view, operand in zip(piece.views, piece.kernel.operands(), strict=True)
                if view.space is Space.ARENA and operand.points
            ]
            runs.append(touched)
    found = {}
    for lower, upper in pairs:
        distance = 1
        for number, touched in enumerate(runs):
            high = max((high for index, _, high in touched if index == lower), default=0)
            later = [low for each in runs[number:] for index, low, _ in each if index == upper]
            if high and later:
                distance = max(distance, high - min(later))
        found[lower, upper] = distance
    return found


@examples(30)
@given(seed=SEEDS)
def test_distances_are_those_of_a_plain_simulation(seed):
    """They may be larger by what of two rows is not touched, and never smaller."""
    options = options_for(GOALS[seed % 3])
    program = program_of(random_model(seed, 6 + seed % 20), options)
    made = with_streams(program, random_intervals(program, np.random.default_rng(seed)), options)
    row_bytes = Accesses.of(program).row_bytes
    rows = {buffer.id: row for buffer, row in zip(program.problem.buffers, row_bytes, strict=False)}
    given_distances = {(each.lower, each.upper): each.distance for each in made.problem.overlaps}
    for number, step in enumerate(made.steps):
        if step.stream is None:
            continue
        for pair, distance in expected_distances(made, number).items():
            lower, upper = (made.problem.buffers[index] for index in pair)
            if step.stream.buffer in pair:  # a ring counts as a whole from its first run to its last
                assert distance <= given_distances.pop(pair, 1 << 60)
                continue
            most = distance + rows[lower.id] + rows[upper.id]
            if pair in given_distances:
                assert distance <= given_distances.pop(pair) <= most
            else:
                assert min(lower.size, upper.size) == 0 or lower.size < most + ALIGNMENT
    assert not given_distances


def nearest(program):
    """A plan in which the one pair that overlaps is as near as it may be, and all else apart."""
    pair = ends_of(program)
    offsets, top = {pair.lower: 0, pair.upper: -(-pair.distance // ALIGNMENT) * ALIGNMENT}, 0
    for index, buffer in enumerate(program.problem.buffers):
        top = max(top, offsets.get(index, 0) + buffer.size)
    for index, buffer in enumerate(program.problem.buffers):
        if index not in offsets:
            offsets[index] = -(-top // ALIGNMENT) * ALIGNMENT
            top = offsets[index] + buffer.size
    plan = Plan(program.problem, tuple(offset for _, offset in sorted(offsets.items())), "hand", 0)
    validate_plan(plan)
    return plan


def shared_bytes(program, plan):
    found = 0
    for each in program.problem.overlaps:
        lower, upper = (program.problem.buffers[index] for index in (each.lower, each.upper))
        begin, end = plan.offsets[each.upper], plan.offsets[each.lower] + lower.size
        found += max(0, min(end, begin + upper.size) - begin) if plan.offsets[each.lower] < begin else 0
    return found


@NATIVE
@examples(8)
@given(seed=SEEDS)
def test_nothing_dead_is_read_in_one_arena(seed):
    """What is dead of an arena is poisoned after each run, byte by byte, where buffers overlap in it."""
    options = options_for(GOALS[seed % 3])
    program = program_of(random_model(seed, 6 + seed % 20), options)
    rng = np.random.default_rng(seed)
    made = with_streams(program, random_intervals(program, rng), options)
    inputs = inputs_of(program, rng)
    natives = NativeKernels([*kernels_of(program), *kernels_of(made)], options.built_for.machine)
    whole = Poisoned(program, natives).run(inputs)
    assert_same_bits(whole, Poisoned(made, natives, find_plan(made.problem, time_limit=0)).run(inputs))


@NATIVE
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("bands", [4, 1000])
def test_a_stream_of_one_convolution_works_in_its_input(threads, bands):
    made, options, program = made_of(24, "Conv <pads=[1,1,1,1]> (a, w)", bands)
    options = replace(options, threads=threads)
    plan = nearest(made)
    assert shared_bytes(made, plan) > 0
    artifact = Artifact.of([Variant("", made, plan)], options.built_for)
    inputs = inputs_of(program, np.random.default_rng(0))
    whole = engine_of(program, options).create_context().run(inputs)
    assert_same_bits(whole, Engine.from_artifact(artifact).create_context().run(inputs))
    interpreted = engine_of(program, options, "none").create_context().run(inputs)
    for poison in (False, True):
        context = Engine.from_artifact(artifact, compiler="none").create_context(poison=poison)
        assert_same_bits(interpreted, context.run(inputs))


def test_reports_say_what_overlaps():
    made, _, _ = made_of(24, "Conv <pads=[1,1,1,1]> (a, w)")
    assert "may grow into buf#0, from 192 bytes below it on" in format_program(made)
    plan = nearest(made)
    lines = overlap_lines(plan, 0, 20)
    assert lines[0].startswith("overlaps: 1 ")
    assert f"{shared_bytes(made, plan):,} bytes" in lines[1]


@pytest.fixture(scope="module")
def made():
    return made_of(16, "Conv <pads=[1,1,1,1]> (a, w)")


class TestRefused:
    """What a program must not say of overlaps: each is a `ProgramError`, or a plan that is refused."""

    def refused(self, made, overlaps, message, **fields):
        program, options, _ = made
        problem = replace(program.problem, overlaps=overlaps)
        with pytest.raises(ProgramError, match=message):
            validate(replace(program, problem=problem, **fields), machine=options.built_for.machine)

    def test_one_byte_less(self, made):
        overlap = ends_of(made[0])
        self.refused(made, (replace(overlap, distance=overlap.distance - 1),), "writes .* which is touched from byte")

    def test_the_other_way_round(self, made):
        overlap = ends_of(made[0])
        self.refused(made, (Overlap(overlap.upper, overlap.lower, 64),), "is not where .* is born")

    def test_with_what_lives_on(self, made):
        overlap = ends_of(made[0])
        rings = made[0].steps[1].stream.buffer
        self.refused(made, (Overlap(rings, overlap.lower, 64),), "is not where")

    def test_rings_in_what_is_read(self, made):
        overlap = ends_of(made[0])
        rings = made[0].steps[1].stream.buffer
        size = made[0].problem.buffers[rings].size
        if size:
            self.refused(made, (Overlap(rings, overlap.upper, 1),), "writes")

    def test_a_step_that_does_not_stream(self, made):
        _, options, program = made
        problem = replace(program.problem, overlaps=(Overlap(1, 0, 192),))
        with pytest.raises(ProgramError, match="writes"):
            validate(replace(program, problem=problem), machine=options.built_for.machine)

    def test_a_plan_that_is_too_near(self, made):
        program, _, _ = made
        overlap = ends_of(program)
        plan = find_plan(program.problem)
        offsets = list(plan.offsets)
        offsets[overlap.lower], offsets[overlap.upper] = 64, 64 + overlap.distance // 64 * 64 - 64
        with pytest.raises(Exception, match="share bytes"):
            validate_plan(Plan(program.problem, tuple(offsets), "hand", 0))


@examples(20)
@given(seed=SEEDS)
def test_a_distance_is_refused_where_it_is_too_small(seed):
    options = options_for()
    program = program_of(random_model(seed, 6 + seed % 20), options)
    made = with_streams(program, random_intervals(program, np.random.default_rng(seed)), options)
    expected = {}
    for number, step in enumerate(made.steps):
        if step.stream is not None:
            expected |= expected_distances(made, number)
    for each in made.problem.overlaps:
        least = expected[each.lower, each.upper]
        for distance, sound in ((least, True), (least - 1, False)):
            if distance:
                overlaps = (replace(each, distance=distance),)
                given_program = replace(made, problem=replace(made.problem, overlaps=overlaps))
                if sound:
                    validate(given_program, machine=options.built_for.machine)
                else:
                    with pytest.raises(ProgramError, match="writes"):
                        validate(given_program, machine=options.built_for.machine)


@examples(60)
@given(
    st.lists(
        st.tuples(st.integers(1, 300), st.booleans(), st.integers(0, 3), st.integers(1, 4), st.integers(0, 50)),
        min_size=1,
        max_size=9,
    )
)
def test_rings_that_are_done_first_lie_lowest_and_take_no_more(given_rings):
    """(size, whether it lives in all of six calls, else first call and calls, last run)."""
    sizes = [size for size, *_ in given_rings]
    lives = [(0, 6) if always else (start, start + calls) for _, always, start, calls, _ in given_rings]
    spans = [(0, last) for *_, last in given_rings]
    names = [str(number) for number in range(len(sizes))]
    offsets = placed(names, sizes, lives, spans, ALIGNMENT)
    buffers = [
        Buffer(name, size, *life, alignment=ALIGNMENT) for name, size, life in zip(names, sizes, lives, strict=True)
    ]
    problem = Problem(tuple(buffers))
    plan = Plan(problem, offsets, "rings", 0)
    validate_plan(plan)
    best = find_plan(problem, time_limit=0)
    assert plan.size <= best.size
    always = [number for number, life in enumerate(lives) if life == (0, 6)]
    in_order = [spans[number] for number in sorted(always, key=lambda number: offsets[number])]
    assert in_order == sorted(in_order) or offsets == best.offsets


@examples(12)
@given(seed=SEEDS)
def test_no_arena_is_larger_than_with_ends_apart(seed):
    options = options_for("memory")
    program = program_of(random_model(seed, 6 + seed % 20), options)
    machine = options.built_for.machine
    estimator = Estimator(program, machine, ALIGNMENT)
    estimator.sharing = False
    accesses = Accesses.of(program)
    apart = Fuser(program, accesses, flattened(accesses), ALIGNMENT).run(
        Chooser(estimator).within(np.inf).intervals, sharing=False
    )
    assert not apart.problem.overlaps
    made = stream(program, machine, alignment=ALIGNMENT)
    assert find_plan(made.program.problem, time_limit=0).size <= find_plan(apart.problem, time_limit=0).size


@examples(12)
@given(seed=SEEDS)
def test_no_streams_are_chosen_that_are_of_no_use(seed):
    """What is not below the bytes that are known to do has no streams, with ends that share bytes and without."""
    options = options_for("balanced")
    program = program_of(random_model(seed, 6 + seed % 20), options)
    estimator = Estimator(program, options.built_for.machine, ALIGNMENT)
    for estimator.sharing in (True, False):
        best = Chooser(estimator).within(0.1)
        for below in (best.peak, best.peak + 1, max(estimator.alive)):
            choice = Chooser(estimator).within(0.1, below=below)
            assert choice.peak < below or not choice.intervals
