"""A stream that is changed is refused, and a refusal is a `ProgramError`."""

import itertools
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from golden_files import TARGET, read_model
from hypothesis import given
from hypothesis import strategies as st
from native_kernels import NativeKernels
from streamed import (
    Poisoned,
    assert_same_bits,
    inputs_of,
    kernels_of,
    longest_interval,
    options_for,
    program_of,
    with_streams,
)

from examples import examples
from mini_infer.errors import ProgramError
from mini_infer.memory import Problem
from mini_infer.program import Run, Space, Turn
from mini_infer.program.kernels.contraction.winograd import WinogradConv
from mini_infer.program.validate import validate
from mini_infer.toolchain import Target, find

CHAIN = """constants: w0=8,8,3,3 w1=8,8,3,3
chain (float[1,8,24,16] x) => (float[1,8,12,8] y) {
    a = Conv <pads=[1,1,1,1]> (x, w0)
    b = Conv <pads=[1,1,1,1]> (a, w1)
    c = Add (b, a)
    d = Relu (c)
    y = MaxPool <kernel_shape=[2,2], strides=[2,2]> (d)
}
"""
MODELS = {
    "chain": CHAIN,
    "mean": """constants: w=8,3,3,3 d=8,1,3,3 v=4,8,1,1
mean (float[1,3,13,8] x) => (float[1,4,1,1] y) {
    a = Conv <pads=[1,1,1,1], strides=[1,2]> (x, w)
    b = Conv <group=8, pads=[1,1,1,1]> (a, d)
    c = Sigmoid (b)
    e = GlobalAveragePool (c)
    y = Conv (e, v)
}
""",
    "larger": """constants: w=16,2,3,3 v=4,16,3,3 t=4,8,2,2 u=3,10,3,3
larger (float[1,2,6,6] x) => (float[1,3,24,24] y) {
    two = Constant <value_floats=[1.0,1.0,2.0,2.0]> ()
    a = Conv <pads=[1,1,1,1]> (x, w)
    b = Conv <pads=[1,1,1,1]> (a, v)
    c = ConvTranspose <strides=[2,2]> (b, t)
    e = Resize <mode="nearest"> (x, , two)
    f = Concat <axis=1> (c, e)
    h = Resize <mode="nearest"> (f, , two)
    y = Conv <pads=[1,1,1,1]> (h, u)
}
""",
    "branches": """constants: w=8,4,3,3 u=8,8,1,1 v=8,8,5,5
branches (float[1,4,15,9] x) => (float[1,16,7,9] y, float[1,8,15,9] z) {
    a = Conv <pads=[1,1,1,1]> (x, w)
    z = Conv (a, u)
    c = Conv <pads=[4,4,4,4], dilations=[2,2]> (a, v)
    e = Concat <axis=1> (z, c)
    y = AveragePool <kernel_shape=[3,1], strides=[2,1]> (e)
}
""",
    "tokens": """constants: s=8 b=8 w=8,40 c=40 v=40,8
tokens (float[24,8] x) => (float[24,8] y) {
    n = LayerNormalization (x, s, b)
    h = MatMul (n, w)
    i = Add (h, c)
    g = Tanh (i)
    o = MatMul (g, v)
    y = Add (o, x)
}
""",
}
MACHINE = TARGET.machine
RUNS = pytest.mark.skipif(
    MACHINE.vector_bytes > Target.host().machine.vector_bytes or find() is None, reason="what is not refused is run"
)


@cache
def stream_program(name, bands=1000, *, lazy=False):
    """A model as one stream of so many bands."""
    options = options_for(target=TARGET)
    program = program_of(read_model(MODELS[name])[0], options)
    interval = replace(longest_interval(program, bands), lazy=lazy)
    return with_streams(program, [interval], options)


def chain():
    """Two convolutions, a sum with the first, and a pool, as one stream of single rows."""
    return stream_program("chain")


def place_of(program):
    """The number of the step that streams."""
    (place,) = [number for number, step in enumerate(program.steps) if step.stream]
    return place


def changed(program, *, calls=None, number=None, **fields):
    """The program with other fields of its stream, or other calls."""
    place = place_of(program) if number is None else number
    step = program.steps[place]
    step = replace(step, stream=replace(step.stream, **fields), calls=step.calls if calls is None else calls)
    return replace(program, steps=(*program.steps[:place], step, *program.steps[place + 1 :]))


def stream_of(program):
    return program.steps[place_of(program)].stream


def refused(program, reason="."):
    with pytest.raises(ProgramError, match=reason) as caught:
        validate(program, machine=MACHINE)
    assert "\n" not in str(caught.value)


def put(items, index, *new):
    """The items with others in the place of one."""
    return (*items[:index], *new, *items[index + 1 :])


def ring_changed(program, number, **fields):
    rings = stream_of(program).rings
    return changed(program, rings=put(rings, number, replace(rings[number], **fields)))


def apron_rings(program):
    """The numbers of rings that turn."""
    return sorted({each.ring for each in stream_of(program).runs if isinstance(each, Turn)})


def test_a_stream_passes():
    program = chain()
    validate(program, machine=MACHINE)
    assert apron_rings(program)
    assert len(stream_of(program).rings) >= 2


def test_a_run_that_writes_nothing_waits_for_nobody():
    """The last row of Winograd's tiles has sums that no whole pool takes; who reads the pools is further on by then."""
    options = options_for("speed", target=TARGET)
    model, _ = read_model(
        "constants: w0=32,32,3,3 w1=8,32,1,1\n"
        """
        pooled (float[1,32,17,17] x) => (float[1,8,8,8] y) {
            a = Conv <pads=[1,1,1,1]> (x, w0)
            b = MaxPool <kernel_shape=[2,2], strides=[2,2]> (a)
            y = Conv (b, w1)
        }
        """
    )
    program = program_of(model, options)
    made = with_streams(program, [longest_interval(program, 1000)], options)
    step = made.steps[place_of(made)]
    (number,) = [index for index, call in enumerate(step.calls) if isinstance(call.kernel, WinogradConv)]
    runs = [run for run in step.stream.runs if isinstance(run, Run) and run.call == number]
    operands = step.calls[number].kernel.band(runs[-1].first, runs[-1].rows).operands()
    assert [each.name for each in operands if not each.points] == ["y"]
    validate(made, machine=MACHINE)


def test_runs_that_are_left_out():
    program = chain()
    runs = stream_of(program).runs
    for index, run in enumerate(runs):
        if isinstance(run, Run):
            refused(changed(program, runs=put(runs, index)), "stream|Stream")


def test_turns_that_are_left_out():
    program = chain()
    runs = stream_of(program).runs
    for index, turn in enumerate(runs):
        if isinstance(turn, Turn):
            refused(changed(program, runs=put(runs, index)), "where there are others")


def test_runs_that_come_twice():
    program = chain()
    runs = stream_of(program).runs
    for index, run in enumerate(runs):
        if isinstance(run, Run):
            refused(changed(program, runs=put(runs, index, run, run)), "runs from row")


def test_runs_of_one_call_in_another_order():
    program = chain()
    runs = stream_of(program).runs
    by_call = {}
    for index, run in enumerate(runs):
        if isinstance(run, Run):
            by_call.setdefault(run.call, []).append(index)
    for places in by_call.values():
        for one, other in itertools.pairwise(places):
            swapped = put(put(runs, one, runs[other]), other, runs[one])
            refused(changed(program, runs=swapped), "runs from row")


def test_other_frames():
    program = chain()
    stream = stream_of(program)
    calls = program.steps[place_of(program)].calls
    for index, run in list(enumerate(stream.runs))[::4]:
        if not isinstance(run, Run):
            continue
        for position, view in enumerate(calls[run.call].operands):
            if view.space is not Space.RING:
                continue
            ring = stream.rings[view.index]
            for frame in (run.frames[position] + 1, run.frames[position] - 1, run.frames[position] + ring.revolution):
                other = replace(run, frames=put(run.frames, position, frame))
                refused(changed(program, runs=put(stream.runs, index, other)))


def test_smaller_rings():
    program = chain()
    for number, ring in enumerate(stream_of(program).rings):
        if ring.revolution + ring.apron < ring.size // ring.row:
            refused(ring_changed(program, number, revolution=ring.revolution - 1))
        if ring.apron:
            refused(ring_changed(program, number, apron=ring.apron - 1))


@cache
def whole(program):
    """The kernels of a program, inputs, and its outputs."""
    natives = NativeKernels(kernels_of(program), MACHINE)
    inputs = inputs_of(program, np.random.default_rng(0))
    return natives, inputs, Poisoned(program, natives).run(inputs)


def any_change(program, draw):
    """The program with one to three changes that leave the kernels of its runs alone."""
    for _ in range(draw(st.integers(1, 3))):
        runs, rings = stream_of(program).runs, stream_of(program).rings
        index, number = draw(st.integers(0, len(runs) - 1)), draw(st.integers(0, len(rings) - 1))
        run, ring = runs[index], rings[number]
        match draw(st.sampled_from(["move", "leave out", "repeat", "turn", "frame", "offset", "revolution", "apron"])):
            case "move":
                others = put(runs, index)
                at = draw(st.integers(max(0, index - 5), min(len(others), index + 5)))
                program = changed(program, runs=(*others[:at], run, *others[at:]))
            case "leave out":
                program = changed(program, runs=put(runs, index))
            case "repeat":
                program = changed(program, runs=put(runs, index, run, run))
            case "turn":
                program = changed(program, runs=put(runs, index, Turn(number), run))
            case "frame" if isinstance(run, Run):
                position = draw(st.integers(0, len(run.frames) - 1))
                frame = run.frames[position] + draw(st.integers(-4, 4))
                program = changed(program, runs=put(runs, index, replace(run, frames=put(run.frames, position, frame))))
            case "offset":
                offset = ring.offset + 64 * draw(st.integers(-8, 8))
                program = ring_changed(program, number, offset=offset)
            case "revolution":
                program = ring_changed(program, number, revolution=ring.revolution + draw(st.integers(-2, 2)))
            case "apron":
                program = ring_changed(program, number, apron=ring.apron + draw(st.integers(-2, 2)))
    return program


def is_refused(program, original):
    """Whether it is; otherwise it is right: it does what the original does."""
    try:
        validate(program, machine=MACHINE)
    except ProgramError:
        return True
    natives, inputs, outputs = whole(original)
    assert_same_bits(outputs, Poisoned(program, natives).run(inputs))
    return False


@RUNS
def test_rings_in_each_other():
    """Most are refused; others mean nothing while the other ring's rows lie there."""
    program, found = chain(), []
    for (_, one), (number, other) in itertools.permutations(enumerate(stream_of(program).rings), 2):
        if one.start < other.end and other.start < one.end:
            found += [
                is_refused(ring_changed(program, number, offset=offset), program)
                for offset in (one.offset, one.offset + one.bytes - other.row)
            ]
    assert found.count(True) > len(found) / 2


@RUNS
@examples(400)
@given(data=st.data())
def test_what_is_changed_is_refused_or_right(data):
    is_refused(any_change(chain(), data.draw), chain())


@RUNS
@pytest.mark.slow
@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("bands", [1000, 5])
@pytest.mark.parametrize("name", MODELS)
@examples(100)
@given(data=st.data())
def test_other_streams_that_are_changed_are_refused_or_right(name, bands, lazy, data):
    program = stream_program(name, bands, lazy=lazy)
    is_refused(any_change(program, data.draw), program)


@pytest.mark.parametrize(
    "fields",
    [{name: value} for name in ("offset", "row", "revolution", "apron") for value in (-1, -64, 1 << 40)]
    + [{"row": 0}, {"revolution": 0}]
    + [{"size": size} for size in (-1, 0, 1 << 40, 1 << 62)]
    + [{"offset": 2}],
    ids=str,
)
def test_rings_that_cannot_be(fields):
    program = chain()
    for number in range(len(stream_of(program).rings)):
        refused(ring_changed(program, number, **fields))


def test_a_ring_of_more_rows_than_can_be_followed():
    program = chain()
    buffers = program.problem.buffers
    index = stream_of(program).buffer
    large = replace(program, problem=Problem(put(buffers, index, replace(buffers[index], size=1 << 50))))
    refused(ring_changed(large, 0, revolution=1 << 30, offset=1 << 40), "rows of .* in a ring")


@pytest.mark.parametrize("frame", [1 << 62, -(1 << 62), 1 << 80])
def test_frames_beyond_all_numbers(frame):
    runs = stream_of(chain()).runs
    refused(changed(chain(), runs=(replace(runs[0], frames=(frame,) * len(runs[0].frames)), *runs[1:])))


@pytest.mark.parametrize("buffer", [-1, 1 << 40])
def test_rings_in_a_buffer_that_there_is_not(buffer):
    refused(changed(chain(), buffer=buffer), "in a buffer that there is not")


def test_a_buffer_that_is_too_small():
    program = chain()
    buffers = program.problem.buffers
    index = stream_of(program).buffer
    small = replace(buffers[index], size=buffers[index].size - 64)
    refused(replace(program, problem=Problem(put(buffers, index, small))), "outside its buffer|has")


def test_a_buffer_that_lives_at_another_time():
    program = chain()
    buffers = program.problem.buffers
    index = stream_of(program).buffer
    later = replace(buffers[index], start=buffers[index].start + 1, end=buffers[index].end + 1)
    refused(replace(program, problem=Problem(put(buffers, index, later))), "lives in steps")


@pytest.mark.parametrize("ring", [-1, 1 << 40])
def test_turns_of_a_ring_that_there_is_not(ring):
    runs = stream_of(chain()).runs
    refused(changed(chain(), runs=(Turn(ring), *runs)), "turns a ring that there is not")


@pytest.mark.parametrize("call", [-1, 1 << 40])
def test_runs_of_a_call_that_there_is_not(call):
    runs = stream_of(chain()).runs
    refused(changed(chain(), runs=(replace(runs[0], call=call), *runs[1:])), "runs a call that there is not")


@pytest.mark.parametrize(
    "fields", [{"first": -1}, {"rows": 0}, {"rows": -1}, {"rows": 1 << 40}, {"frames": ()}], ids=str
)
def test_runs_that_cannot_be(fields):
    runs = stream_of(chain()).runs
    refused(changed(chain(), runs=(replace(runs[0], **fields), *runs[1:])))


def test_operands_in_a_ring_that_there_is_not():
    program = chain()
    stream, calls = stream_of(program), program.steps[place_of(program)].calls
    for index, call in enumerate(calls):
        for position, view in enumerate(call.operands):
            if view.space is Space.RING:
                for ring in (-1, len(stream.rings)):
                    views = put(call.operands, position, replace(view, index=ring))
                    new = put(calls, index, replace(call, operands=views))
                    refused(changed(program, calls=new), "in a ring that there is not")


def test_operands_in_a_ring_outside_a_stream():
    program = chain()
    place = place_of(program)
    refused(
        replace(program, steps=put(program.steps, place, replace(program.steps[place], stream=None))),
        "in ring number 0 of 0",
    )


def test_operands_in_the_buffer_of_the_rings():
    program = chain()
    calls, stream = program.steps[place_of(program)].calls, stream_of(program)
    view = next(view for view in calls[0].operands if view.space is Space.RING)
    position = calls[0].operands.index(view)
    beside = replace(view, space=Space.ARENA, index=stream.buffer, offset=0)
    new = put(calls, 0, replace(calls[0], operands=put(calls[0].operands, position, beside)))
    refused(changed(program, calls=new), "in the buffer of its rings")


def test_a_view_elsewhere_in_its_ring():
    program = chain()
    calls = program.steps[place_of(program)].calls
    for index, call in enumerate(calls):
        for position, view in enumerate(call.operands):
            if view.space is Space.RING:
                for offset in (-4, view.offset + 4, 1 << 40):
                    views = put(call.operands, position, replace(view, offset=offset))
                    refused(changed(program, calls=put(calls, index, replace(call, operands=views))))


def test_calls_in_another_order():
    program = chain()
    calls = program.steps[place_of(program)].calls
    refused(changed(program, calls=calls[::-1]))
