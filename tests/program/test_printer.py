import dataclasses

import pytest
from pass_checks import graph_of
from streams import streamed_program

from mini_infer import memory
from mini_infer.lowering import Selector, place, select
from mini_infer.program import format_program
from mini_infer.program.printer import WIDTH


def sums(name="s"):
    graph = graph_of(f"""
        g (float[2,8] x, float[8] b) => (float[2,8] y, float[2,4] z) {{
            {name} = Add (x, b)
            y = Softmax ({name})
            start = Constant <value_ints = [4]> ()
            end = Constant <value_ints = [8]> ()
            axis = Constant <value_ints = [1]> ()
            part = Slice ({name}, start, end, axis)
            z = Exp (part)
        }}
        """)
    return place(select(graph))


def test_a_program():
    assert format_program(sums()) == SUMS


SUMS = """\
program 'g'
  in#0 x: float32[2x8]
  in#1 b: float32[8]
  out#0 y: float32[2x8]
  out#1 z: float32[2x4]
  const#0 start: int64[1], 8 bytes
  const#1 end: int64[1], 8 bytes
  const#2 axis: int64[1], 8 bytes
  buf#0 s: 64 bytes in steps [0, 4)
  bytes: inputs 96, outputs 96, constants 24, buffers 64
  0 Add_0: s: float32[2x8] = Add(x, b)
      elementwise x0:in#0 f32, x1:in#1 f32 -> y:buf#0 f32
        shape=[2, 8], strides=[[8, 1], [0, 1]], dtypes=[f32, f32]
        expression=[Add(%0, %1) f32]
        in_place=[], target=[8, 1]
  1 Softmax_1: y: float32[2x8] = Softmax(s)
      reduction x:buf#0 f32 -> y:out#0 f32
        shape=[2, 8], reduced=[False, True], dtype=f32
        stages=[(combiner='Max', map=[Identity(%0) f32], finalize=[Identity(%0) f32]), (combiner='Add', map=[Sub(%0, %1)
            f32, Exp(%2) f32], finalize=[Reciprocal(%0) f32], materialize=True)]
        result=[Mul(%0, %2) f32]
  2 Slice_2: part: float32[2x4] = Slice(s, start, end, axis)
      view s:buf#0 f32, start:const#0 i64, end:const#1 i64, axis:const#2 i64 -> part:buf#0[16:64] f32
  3 Exp_3: z: float32[2x4] = Exp(part)
      elementwise x0:buf#0[16:64] f32 -> y:out#1 f32
        shape=[2, 4], strides=[[8, 1]], dtypes=[f32]
        expression=[Exp(%0) f32]
        in_place=[], target=[4, 1]
"""


def test_addresses_come_from_the_plan():
    program = sums()
    plan = dataclasses.replace(memory.solve(program.problem), offsets=(192,))
    text = format_program(program, plan)
    assert "  buf#0 s: 64 bytes in steps [0, 4), arena[192:256]\n" in text
    assert "y:arena[192:256] f32" in text
    assert "x0:arena[208:256] f32" in text
    assert "start: int64[1], 8 bytes at 0\n" in text
    assert "buf#0[" not in text


@pytest.mark.parametrize("threads", [1, 3])
def test_memory_of_each_thread(threads):
    graph = graph_of(
        """
        g (float[1,8,8,8] q, float[1,8,8,8] k, float[1,8,8,8] v) => (float[1,8,8,8] y) {
            y = Attention (q, k, v)
        }
        """,
        opset=23,
    )
    program = place(select(graph, Selector(threads=threads)))
    (call,) = program.steps[0].calls
    size = next(operand.reach[1] for operand in call.kernel.operands() if operand.private)
    of_one = "" if threads == 1 else f"[0:{size}]"
    text = format_program(program)
    assert f"scratch:buf#0{of_one} f32 per thread" in text
    assert f"buf#0 Attention_0/workspace0: {threads * size} bytes" in text


def test_what_is_done_in_place():
    text = format_program(
        place(select(graph_of("g (float[8] x) => (float[8] y) { s = Exp (x) t = Softmax (s) y = Neg (t) }")))
    )
    assert "reduction -> y:buf#0 f32 updated\n" in text


def test_steps_of_branches_and_loops_are_indented():
    text = format_program(place(select(graph_of(NESTED))))
    for line in (
        "  0 If_2 (if): if condition:in#1 bool",
        "    1 If_2/then_branch/Exp_0: If_2/then_branch/a: float32[4] = Exp(x)",
        "        elementwise x0:in#0 f32 -> y:buf#0 f32",
        "  3 If_2 (else): else",
        "    4 If_2/else_branch/Sqrt_1: If_2/else_branch/b: float32[4] = Sqrt(x)",
        "  6 If_2 (end if): end if",
        "  9 Loop_5 (loop): loop trips:in#2 i64, condition:buf#2 bool -> iteration:buf#3 i64",
        "        view Loop_5/body/condition:buf#2 bool -> Loop_5/body/e:buf#2 bool",
        "  15 Loop_5 (end loop): end loop",
    ):
        assert f"\n{line}\n" in text


NESTED = """
    g (float[4] x, bool c, int64 n) => (float[4] y, float[4] z) {
        y = If (c) <
            then_branch = t () => (float[4] a) { a = Exp (x) },
            else_branch = f () => (float[4] b) { b = Sqrt (x) }
        >
        z = Loop (n, c, x) <body = l (int64 i, bool d, float[4] v) => (bool e, float[4] w) {
            e = Identity (d)
            w = Sin (v)
        }>
    }
"""


def test_what_is_interpreted_has_a_reason():
    graph = graph_of("g (float[4] x, string[2] s) => (float[4] y, string[2] t) { y = Exp (x) t = Identity (s) }")
    program = place(select(graph))
    text = format_program(program)
    assert "  in#1 s: " in text
    assert f"      interpreted; {program.steps[1].interpreted_because}" in text


def test_lines_are_no_wider_than_they_must_be():
    text = format_program(sums("a_value_that_has_a_rather_long_name_" * 2))
    assert WIDTH - 40 < max(map(len, text.splitlines())) <= WIDTH


def test_a_step_that_streams():
    program = streamed_program(end=2)
    assert STREAM in format_program(program)
    plan = dataclasses.replace(memory.solve(program.problem), offsets=(0, 768, 1408))
    text = format_program(program, plan)
    assert "1152 bytes in calls [0, 2), arena[1408:2560]\n" in text
    assert "a:ring#0 f32, b:const#1 f32 -> y:arena[0:768] f32\n" in text


STREAM = """\
  0 MaxPool_3: d_last: float32[1x8x6x4] = Conv+Relu+Transpose+Transpose+Conv+MaxPool+Transpose(x, w, v)
      stream in buf#2: 2 calls in 4 bands, 8 runs, 3 turns
      ring#0 b_last: 4+2 of 16 rows of 192 bytes, 1152 bytes in calls [0, 2), buf#2
      tiled_contraction a:in#0 f32, b:const#0 f32 -> y:ring#0 f32
        in 4 bands of at most 5 of 16 rows
        shape=(in_channels=2, out_channels=4, axes=[(input=16, output=16, kernel=3, stride=1, dilation=1, pad=1,
            x_stride=12, y_stride=48), (input=12, output=12, kernel=3, stride=1, dilation=1, pad=1, x_stride=1,
            y_stride=4)], x_channel=192, y_channel=1, batch=[(count=1, a_stride=384, b_stride=0, y_stride=768)])
        tile=(rows=12, vectors=1, width=8)
        row_panel=16
        epilogue=(expression=[Relu(%0) f32])
      tiled_contraction a:ring#0 f32, b:const#1 f32 -> y:buf#0 f32
        in 4 bands of 2 of 8 rows
        shape=(in_channels=4, out_channels=4, axes=[(input=16, output=16, kernel=3, stride=1, dilation=1, pad=1,
            x_stride=48, y_stride=24), (input=12, output=12, kernel=3, stride=1, dilation=1, pad=1, x_stride=4,
            y_stride=4)], x_channel=1, y_channel=1, batch=[(count=1, a_stride=768, b_stride=0, y_stride=192)])
        tile=(rows=12, vectors=1, width=8)
        row_panel=8, pool=[2, 2]
"""


def test_rings_are_named_as_parts_of_their_buffer():
    text = format_program(streamed_program(bands=3))
    for line in (
        "stream in buf#0: 5 calls in 3 bands, 15 runs, 4 turns",
        "ring#1 d_last: 3 of 8 rows of 96 bytes, 288 bytes in calls [1, 4), buf#0[1536:1824]",
        "elementwise -> y:ring#1 f32 updated",
        "  in 3 bands of at most 72 of 192 rows",
    ):
        assert f"\n      {line}\n" in text
