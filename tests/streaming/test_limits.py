"""Where streams end: more rows than are followed, than tables name, or than a buffer is cut into; very many steps."""

import numpy as np
import onnx.parser
import pytest
from streamed import ALIGNMENT, options_for, program_of

import mini_infer as mi
from mini_infer import streaming
from mini_infer.codegen.stream import Case, Table
from mini_infer.errors import ProgramError
from mini_infer.lowering.sampling import resize
from mini_infer.program import Ring, Stream, rings
from mini_infer.program.kernels.sampling.resize import SampleNearest
from mini_infer.streaming import access
from mini_infer.streaming.access import Accesses

HEADER = '<ir_version: 10, opset_import: ["" : 21]>'


def doubled(rows):
    """A model that makes so many rows of half as many."""
    return onnx.parser.parse_model(
        f"""{HEADER} doubled (float[1,1,{rows // 2},2] x) => (float[1,1,{rows},4] y)
        <int64[4] sizes = {{1,1,{rows},4}}> {{ y = Resize <mode = "nearest"> (x, , , sizes) }}"""
    )


def convolutions(high, wide, channels, nodes):
    """A model of convolutions that keep an image's size."""
    weights = ",".join(["1"] * channels * channels * 9)
    kind = f"float[1,{channels},{high},{wide}]"
    return onnx.parser.parse_model(
        f"{HEADER} g ({kind} x) => ({kind} y) <float[{channels},{channels},3,3] w = {{{weights}}}> {{ {nodes} }}"
    )


@pytest.mark.parametrize(("more", "banded"), [(0, True), (2, False)])
def test_rows_that_are_picked_are_known_of_so_many(more, banded):
    rows = resize._MOST_ROWS + more
    program = program_of(doubled(rows), options_for())
    (kernel,) = [call.kernel for step in program.steps for call in step.calls]
    assert isinstance(kernel, SampleNearest)
    assert (kernel.bands() is not None) is banded
    x = np.arange(rows, dtype=np.float32).reshape(1, 1, rows // 2, 2)
    found = mi.compile(doubled(rows), compiler="none", time_limit=0).create_context().run({"x": x})["y"]
    np.testing.assert_array_equal(found, x.repeat(2, 2).repeat(2, 3))


def test_a_ring_is_followed_of_so_many_rows():
    def follow(rows, *, apron=0):
        ring = Ring("a", 4 * rows, 4, rows - apron, apron, 0, 0, 1)
        rings.Follower((), Stream(0, (ring,), ()), 4 * rows).finish()

    follow(rings._MOST)
    follow(rings._MOST, apron=5)
    with pytest.raises(ProgramError, match=f"has {rings._MOST + 1} rows of 'a' in a ring, not 1 to {rings._MOST}"):
        follow(rings._MOST + 1)


def test_a_value_is_followed_of_so_many_rows():
    ring = Ring("a", 4 * rings._MOST, 4, 1, 0, 0, 0, 1)
    rings.Follower((), Stream(0, (ring,), ()), 4).finish()
    more = Ring("a", 4 * rings._MOST + 1, 4, 1, 0, 0, 0, 1)
    with pytest.raises(ProgramError, match=f"has {rings._MOST + 1} rows"):
        rings.Follower((), Stream(0, (more,), ()), 4)


@pytest.mark.parametrize(
    ("rows", "cut"),
    [(access._MOST_ROWS, access._MOST_ROWS), (access._MOST_ROWS + 1, 171), (521, 1), (2 * access._MOST_ROWS, 512)],
)
def test_a_buffer_has_so_many_rows(rows, cut):
    """Where there are more, several are one: 3 of 513, all of a prime number."""
    nodes = "a = Conv <pads = [1,1,1,1]> (x, w) b = Conv <pads = [1,1,1,1]> (a, w) y = Relu (b)"
    accesses = Accesses.of(program_of(convolutions(rows, 4, 1, nodes), options_for()))
    found = [*zip(accesses.rows, accesses.row_bytes, strict=True)]
    assert (cut, 16 * rows // cut) in found
    assert all(number <= access._MOST_ROWS for number, _ in found)


def test_programs_of_very_many_steps_have_no_streams(monkeypatch):
    nodes = "a = Conv <pads = [1,1,1,1]> (x, w) b = Conv <pads = [1,1,1,1]> (a, w) y = Conv <pads = [1,1,1,1]> (b, w)"
    model = convolutions(24, 24, 4, nodes)
    options = options_for()
    program = program_of(model, options)

    def made():
        return streaming.stream(program, options.built_for.machine, alignment=ALIGNMENT).program

    monkeypatch.setattr(streaming, "_MOST_STEPS", len(program.steps))
    assert any(step.stream for step in made().steps)
    monkeypatch.setattr(streaming, "_MOST_STEPS", len(program.steps) - 1)
    assert made() is program


@pytest.mark.parametrize(("offset", "kind"), [((1 << 31) - 1, "int32_t"), (1 << 31, "int64_t")])
def test_a_table_of_runs_has_numbers_as_wide_as_they_must_be(offset, kind):
    case = Case(Ring("a", 4, 4, 1, 0, 0, 0, 1), [(0,), (offset,)])
    text = Table((case,), ((0, (0,)), (0, (offset,)))).declaration()
    assert f"static const {kind} runs[]" in text
    assert f"0, 0, 0, {offset}" in text
    assert f"const {kind} *run = runs, *const end = runs + 4;" in text
