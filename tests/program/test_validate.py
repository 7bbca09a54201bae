"""What kernels say of their operands is true, and a program that breaks a rule is refused."""

import dataclasses
import inspect
import pkgutil
import typing
from importlib import import_module

import numpy as np
import pytest
from golden_files import TARGET, read_model
from streams import streamed_program

import mini_infer
from mini_infer import lowering
from mini_infer.codegen.registry import EMITTERS
from mini_infer.codegen.vectors.expression import SCALAR
from mini_infer.errors import ProgramError
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.machine import GENERIC
from mini_infer.memory import Problem
from mini_infer.program import kernels
from mini_infer.program.classes import with_kernels
from mini_infer.program.footprint import apart
from mini_infer.program.kernels import Axis, Kernel, Operation
from mini_infer.program.kernels.elementwise import Elementwise
from mini_infer.program.kernels.expression import _FORMS, OPERATIONS
from mini_infer.program.kernels.movement.copy import Copy
from mini_infer.program.kernels.movement.selection import CumulativeOp
from mini_infer.program.kernels.reduction.loss import NegativeLogLikelihood
from mini_infer.program.kernels.reduction.pool import MaxPool, PoolShape
from mini_infer.program.kernels.rules import KernelError, LimitError
from mini_infer.program.kernels.sampling.deform_conv import DeformConv
from mini_infer.program.operand import reads, writes
from mini_infer.program.validate import validate


def program(nodes=("Relu", "Exp"), size=8):
    kind = TensorType(DType.FLOAT32, (2, size))
    names = ["x", *(f"v{index}" for index in range(len(nodes)))]
    made = [Node(op, op, (names[i],), (names[i + 1],), version=17) for i, op in enumerate(nodes)]
    graph = Graph("g", tuple(made), ("x",), (names[-1],), dict.fromkeys(names, kind))
    return lowering.place(lowering.select(graph), in_place=False)


def test_buffers_are_aligned_for_their_elements():
    kind = TensorType(DType.FLOAT64, (3,))
    nodes = tuple(Node(op, op, (a,), (b,), version=17) for op, a, b in (("Relu", "x", "h"), ("Exp", "h", "y")))
    graph = Graph("g", nodes, ("x",), ("y",), dict.fromkeys("xhy", kind))
    assert {buffer.alignment for buffer in lowering.place(lowering.select(graph), alignment=1).problem.buffers} == {8}


def changed(program, **fields):
    return dataclasses.replace(program, **fields)


def test_every_kernel_states_its_operands_and_has_code():
    modules = [import_module(one.name) for one in pkgutil.walk_packages(kernels.__path__, f"{kernels.__name__}.")]
    every = {kind for module in modules for kind in vars(module).values() if isinstance(kind, type)}
    concrete = {kind for kind in every if issubclass(kind, Kernel) and not inspect.isabstract(kind)}
    assert concrete == set(EMITTERS)
    with pytest.raises(TypeError, match="abstract"):
        Kernel()


def test_rules_of_fields_are_where_they_are_looked_for():
    for kind in with_kernels(EMITTERS).values():
        for name, hint in typing.get_type_hints(kind, include_extras=True).items():
            whole = getattr(hint, "__origin__", hint) if hasattr(hint, "__metadata__") else hint
            assert "Annotated" not in repr(whole), f"the rule in {kind.__name__}.{name} is for a part of the field"


def test_operations_are_those_that_c_is_written_for():
    assert {*SCALAR, "Cast", "Pow", "FloorMod", "FusedMultiplyAdd", "Quantize"} == OPERATIONS
    for name, (arguments, parameters, kinds) in _FORMS.items():
        if name == "FloorMod":
            continue
        form = SCALAR[name]
        texts = {"f": form.real, "i": form.signed, "u": form.unsigned, "b": form.unsigned}
        assert {kind for kind, text in texts.items() if text} == set(kinds), name
        known = texts[kinds[0]]
        assert [f"{{{letter}}}" in known for letter in "abc"] == [arguments > k for k in range(3)], name
        assert [f"{{{letter}}}" in known for letter in "pq"] == [parameters > k for k in range(2)], name


def test_a_lowered_program_passes():
    validate(program(), machine=GENERIC)


def test_a_view_behind_its_buffer_is_refused():
    given = program()
    step = given.steps[0]
    call = step.calls[0]
    views = tuple(dataclasses.replace(view, offset=4) for view in call.operands)
    steps = (dataclasses.replace(step, calls=(dataclasses.replace(call, operands=views),)), *given.steps[1:])
    with pytest.raises(ProgramError, match=r"step 0 \('Relu', Relu\) by Elementwise reads x0 .* input 'x'.* 64"):
        validate(changed(given, steps=steps), machine=GENERIC)


def test_steps_in_another_order_are_refused():
    given = program()
    with pytest.raises(ProgramError, match="from buffer 'v0', which no step before it writes"):
        validate(changed(given, steps=given.steps[::-1]), machine=GENERIC)


def test_a_buffer_that_dies_too_early_is_refused():
    given = program(("Relu", "Exp", "Neg"))
    buffers = tuple(dataclasses.replace(one, end=one.start + 1) for one in given.problem.buffers)
    with pytest.raises(ProgramError, match=r"in buffer 'v0', which lives in steps \[0, 1\)"):
        validate(changed(given, problem=Problem(buffers)), machine=GENERIC)


def test_a_buffer_with_gaps_is_refused():
    given = program(("Relu", "Exp", "Neg"))
    buffers = tuple(
        dataclasses.replace(one, end=one.start + 3, gaps=((one.start + 1, one.start + 2),))
        for one in given.problem.buffers
    )
    with pytest.raises(ProgramError, match="has gaps"):
        validate(changed(given, problem=Problem(buffers)), machine=GENERIC)


def test_an_output_that_no_step_writes_is_refused():
    given = program()
    with pytest.raises(ProgramError, match="output 'v1' is written by no step"):
        validate(changed(given, steps=given.steps[:1]), machine=GENERIC)


def test_a_buffer_of_unaligned_floats_is_refused():
    given = program()
    buffers = tuple(dataclasses.replace(one, alignment=2) for one in given.problem.buffers)
    with pytest.raises(ProgramError, match="aligned to 2 bytes"):
        validate(changed(given, problem=Problem(buffers)), machine=GENERIC)


def deformed(axis, *, groups=1, strip=4):
    return DeformConv(1, 4, 2, (axis,), groups, 1, bias=False, mask=False, strip=strip, dtype=DType.FLOAT32)


@pytest.mark.parametrize(
    ("kernel", "reason"),
    [
        (Copy((2,), (1, 1), (1,), 4), "dimensions"),
        (Copy((2,), (1,), (1,), 3), "element_bytes"),
        (Copy((0,), (1,), (1,), 4), "at least 1"),
        (Copy((2,), (1 << 62,), (1,), 4), "64-bit"),
        (Copy((1 << 50,), (0,), (1,), 4), "more than 2\\^48"),
        (Copy((4, 4), (4, 1), (1, 1), 4), "more than once"),
        (Elementwise((2,), ((1,),), (DType.FLOAT32,), (), (), (1,)), "no operation"),
        (
            Elementwise((2,), ((-1,),), (DType.FLOAT32,), (Operation("Relu", (0,), DType.FLOAT32),), (), (1,)),
            "negative",
        ),
        (
            Elementwise((2,), ((1,),), (DType.FLOAT32,), (Operation("Sqrt", (0,), DType.INT32),), (), (1,)),
            "no Sqrt of int32",
        ),
        (
            Elementwise((2,), ((1,),), (DType.FLOAT32,), (Operation("Add", (0, 1), DType.FLOAT32),), (), (1,)),
            "applied to",
        ),
        (CumulativeOp((), 0, "Add", False, False, DType.FLOAT32), "no dimension"),
        (CumulativeOp((2,), 0, "Max", False, False, DType.FLOAT32), "operation is 'Max'"),
        (
            MaxPool(PoolShape(1, 1, (Axis(2, 2, 1, 0, 1, 0, 1, 1),), 2, 2, 2, 2), DType.FLOAT32),
            "stride is 0; it must be at least 1",
        ),
        (NegativeLogLikelihood(1, 2, 3, False, None, "none", DType.INT32, DType.INT64), "dtype is int32"),
        (
            MaxPool(PoolShape(1, 1, (Axis(2, 3, 1, 2, 1, 1, 1, 1),), 2, 2, 3, 3), DType.FLOAT32),
            "a window has no element",
        ),
        (deformed(Axis(5, 4, 2, 1, 1, 0, 7, 1)), r"strides of \[\(7, 1\)\], where dense tensors have \[\(1, 1\)\]"),
        (deformed(Axis(5, 4, 2, 1, 1, 0, 1, 2)), "where dense tensors"),
        (deformed(Axis(5, 4, 2, 1, 1, 0, 1, 1), strip=1 << 20), "strip is 1048576, which is not known"),
        (deformed(Axis(5, 4, 2, 1, 1, 0, 1, 1), groups=3), "4 channels in 3 groups"),
    ],
)
def test_a_kernel_of_nonsense_is_refused(kernel, reason):
    with pytest.raises(KernelError, match=reason):
        kernel.verified(GENERIC)


def test_what_is_empty_can_be_interpreted_and_what_is_negative_is_nonsense():
    """Lowering interprets what raises `LimitError`: a rule that forgot an empty operand ends no compilation."""
    for classes, kind, said in ((0, LimitError, "0; it must be at least 1"), (-1, KernelError, "-1, negative")):
        kernel = NegativeLogLikelihood(1, classes, 3, False, None, "none", DType.FLOAT32, DType.INT64)
        with pytest.raises(KernelError, match=f"classes is {said}") as caught:
            kernel.verified(GENERIC)
        assert type(caught.value) is kind


def test_what_is_added_may_be_where_the_result_goes_and_nothing_else():
    model, _ = read_model(
        "constants: w=8,8\n"
        "g (float[8,8] x) => (float[8,8] y) { h = Exp (x)  added = Sigmoid (x)  product = MatMul (h, w)"
        "  sum = Add (product, added)  y = Exp (sum) }"
    )
    artifact = mini_infer.build(model, target=TARGET)
    fused, machine = artifact.program, artifact.target.machine
    at, call = next(
        (index, call)
        for index, step in enumerate(fused.steps)
        for call in step.calls
        if any(operand.twin for operand in call.kernel.operands())
    )
    places = {operand.name: view for operand, view in zip(call.kernel.operands(), call.operands, strict=True)}
    assert places["residual"] == places["y"]
    validate(fused, machine=machine)
    moved = dataclasses.replace(call, operands=tuple({**places, "a": places["y"]}.values()))
    steps = list(fused.steps)
    steps[at] = dataclasses.replace(steps[at], calls=(moved,))
    with pytest.raises(ProgramError, match="has a and y in the same bytes"):
        validate(changed(fused, steps=tuple(steps)), machine=machine)


def brute(axis):
    """The inputs that some window reads, and whether every window reads one."""
    found = [
        [o * axis.stride + k * axis.dilation - axis.pad for k in range(axis.kernel) if axis.reads(o, k)]
        for o in range(axis.output)
    ]
    return sorted({place for window in found for place in window}), all(found)


def test_windows_reach_what_they_read():
    generator = np.random.default_rng(0)
    for _ in range(3000):
        given, output, kernel, stride, dilation = (int(n) for n in generator.integers(1, 6, 5))
        axis = Axis(given, output, kernel, stride, dilation, int(generator.integers(-2, 6)), 1, 1)
        places, everywhere = brute(axis)
        first, count = axis.read()
        assert axis.always_reads == everywhere, axis
        for k in range(kernel):
            assert list(axis.having(k)) == [o for o in range(output) if axis.reads(o, k)], axis
        assert not places or (first <= places[0] and places[-1] < first + count <= given), axis


def test_walks_that_lie_between_each_other_are_apart():
    generator = np.random.default_rng(1)
    kept = 0
    for _ in range(3000):

        def walk():
            return tuple((int(generator.integers(1, 4)), int(generator.choice([0, 1, 2, 6, 12, 24]))) for _ in range(3))

        one, other = reads("a", 4, *walk()), writes("b", 4, *walk())
        starts = [4 * int(at) for at in generator.integers(0, 12, 2)]
        touched = [
            set((start // 4 + places(operand.walk)).tolist())
            for start, operand in zip(starts, (one, other), strict=True)
        ]
        if apart(one, starts[0], other, starts[1]):
            assert not touched[0] & touched[1]
            kept += 1
    assert kept > 500
    rows = ((4, 24), (3, 1))
    assert apart(reads("a", 4, *rows), 0, writes("b", 4, (4, 24), (21, 1)), 12)
    assert not apart(reads("a", 4, *rows), 0, writes("b", 4, (4, 24), (22, 1)), 8)


def places(walk):
    """Every element that a walk reaches."""
    at = np.zeros(1, np.int64)
    for count, stride in walk:
        at = (at[:, None] + np.arange(count) * stride).ravel()
    return at


def with_rings(program, **fields):
    """The streamed program, its rings changed: field → the value of each ring."""
    (step,) = program.steps
    changes = [dict(zip(fields, values, strict=True)) for values in zip(*fields.values(), strict=True)]
    rings = tuple(dataclasses.replace(ring, **change) for ring, change in zip(step.stream.rings, changes, strict=True))
    return changed(program, steps=(changed(step, stream=changed(step.stream, rings=rings)),))


def test_rings_are_a_plan_in_the_plan():
    program = streamed_program()
    validate(program, machine=TARGET.machine)
    plan = program.plan_of_rings(program.steps[0].stream)
    assert [buffer.id for buffer in plan.problem.buffers] == ["b_last", "d_last", "y_last"]
    assert [(buffer.size, buffer.start, buffer.end) for buffer in plan.problem.buffers] == [
        (1152, 0, 5),
        (192, 1, 4),
        (144, 3, 5),
    ]
    assert plan.offsets == (0, 1152, 1344)
    assert plan.size == plan.lower_bound == plan.problem.capacity == program.problem.buffers[0].size
    assert plan.optimal


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"offset": (0, 1152, 1280)}, r"'d_last' at \[1152, 1344\) and 'y_last' at \[1280, 1424\) share bytes"),
        ({"offset": (0, 1152, 1408)}, "'y_last' at .* ends beyond the 1488 bytes"),
        ({"offset": (0, 1160, 1344)}, "'d_last' lies at offset 1160, which is no multiple of its alignment 64"),
        ({"start": (0, 2, 3)}, r"the ring of 'd_last' in calls \[2, 4\), not in 1"),
        ({"end": (5, 3, 5)}, r"the ring of 'd_last' in calls \[1, 3\), not in 3"),
        ({"end": (5, 1, 5)}, r"'d_last' lives in \[1, 1\), which is empty"),
        ({"revolution": (4, -1, 12)}, "'d_last' has size -96"),
        ({"id": ("b_last", "d_last", "d_last")}, "'d_last' is used more than once"),
    ],
)
def test_rings_that_are_no_plan_are_refused(fields, message):
    with pytest.raises(ProgramError, match=rf"step 0 \('y', Stream\) has .*{message}"):
        validate(with_rings(streamed_program(), **fields), machine=TARGET.machine)


def test_a_stream_has_calls_and_rings_are_for_them():
    program = streamed_program()
    (step,) = program.steps
    spare = dataclasses.replace(step.stream.rings[2], id="spare", start=0, end=1)
    for wrong, message in (
        (changed(step, calls=(), stream=changed(step.stream, rings=(), runs=())), "runs no calls in bands"),
        (changed(step, stream=changed(step.stream, rings=(*step.stream.rings, spare))), "rings that no call touches"),
    ):
        with pytest.raises(ProgramError, match=message):
            validate(changed(program, steps=(wrong,)), machine=TARGET.machine)
