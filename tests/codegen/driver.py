"""Runs single nodes through lowering, code generation and a C compiler, many of them in one compiled file.

With `SANITIZE` in the environment the code is built with the sanitizers, and three threads share every kernel that has
items to share (`test_sanitizers.py` does that).
"""

import functools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import strategies as st
from machines import WIDTHS, sharing
from onnx import helper
from onnx.reference import ReferenceEvaluator

from examples import examples
from mini_infer import lowering, memory
from mini_infer.codegen import generate
from mini_infer.codegen.functions import Functions, inline
from mini_infer.codegen.vectors.vector import prelude
from mini_infer.interpreter import evaluate
from mini_infer.ir import DType, Graph, Node, TensorType, verify
from mini_infer.machine import Machine
from mini_infer.objective import BALANCED, Objective
from mini_infer.program import Program, Space
from mini_infer.program.constants import gather
from mini_infer.runtime.native import NativeLibrary, pointers
from mini_infer.toolchain import Target, build, find, load

SANITIZE = "MINI_INFER_TEST_SANITIZE"
ALIGNMENT = 64

FEW = examples(1 if SANITIZE in os.environ else 2)
"""Every example is many cases in one C file: compiling is what takes time."""
RUNTIME_VERSION = 21
"""An opset that onnxruntime knows."""
SEEDS = st.integers(0, 2**32 - 1)
THREADS = 3 if SANITIZE in os.environ else 1
SLOW = pytest.mark.slow
MACHINES = [
    pytest.param(WIDTHS[width], marks=SLOW if width != 32 else (), id=f"{width} bytes")
    for width in ((32,) if SANITIZE in os.environ else (64, 32, 16))
]
"""Machines that kernels are written for, one of each width of vectors: each has tiles of its own."""
HOST = Target.host().machine


@dataclass(frozen=True)
class Case:
    """One node: its operator, inputs (`None`: omitted) and attributes.

    `constants` are the positions of inputs that are known at build time. A fused case has a `body` of plain nodes that
    read `x0`, `x1`, … and write `y0`, `y1`, ….
    """

    op: str
    inputs: Sequence[np.ndarray | None]
    attributes: Mapping[str, object] = field(default_factory=dict)
    version: int = onnx.defs.onnx_opset_version()
    constants: frozenset[int] = frozenset()
    outputs: int = 1
    body: Sequence[onnx.NodeProto] = ()
    domain: str = ""

    def __str__(self) -> str:
        kinds = [None if x is None else f"{x.dtype}{list(x.shape)}" for x in self.inputs]
        return f"{self.op}-{self.version}({', '.join(map(str, kinds))}) {dict(self.attributes)} {set(self.constants)}"


def node_proto(case: Case) -> onnx.NodeProto:
    names = [f"x{i}" if x is not None else "" for i, x in enumerate(case.inputs)]
    return helper.make_node(
        case.op, names, [f"y{i}" for i in range(case.outputs)], domain=case.domain, **case.attributes
    )


def model(case: Case) -> onnx.ModelProto:
    """The case as an ONNX model; every input is the caller's."""
    inputs = [
        helper.make_tensor_value_info(f"x{i}", helper.np_dtype_to_tensor_dtype(x.dtype), x.shape)
        for i, x in enumerate(case.inputs)
        if x is not None
    ]
    outputs = [onnx.ValueInfoProto(name=f"y{i}") for i in range(case.outputs)]
    graph = helper.make_graph(list(case.body) or [node_proto(case)], "case", inputs, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", case.version)], ir_version=10)


def reference(case: Case) -> list[np.ndarray]:
    """What onnx says the node computes; of float16, in float64 and rounded once.

    NumPy rounds float16 at every step, so what it says depends on the order of a sum.
    """
    feeds = {f"x{i}": x for i, x in enumerate(case.inputs) if x is not None}
    with np.errstate(all="ignore"):
        plain = [np.asarray(y) for y in ReferenceEvaluator(model(case)).run(None, feeds)]
        if not any(y.dtype == np.float16 for y in plain):
            return plain
        halves = [x is not None and x.dtype == np.float16 for x in case.inputs]
        inputs = [x.astype(np.float64) if half else x for x, half in zip(case.inputs, halves, strict=True)]
        wide = reference(replace(case, inputs=inputs)) if any(halves) else plain
        return [exact.astype(y.dtype) if y.dtype == np.float16 else y for y, exact in zip(plain, wide, strict=True)]


def meaning(case: Case) -> list[np.ndarray]:
    """What the interpreter says the node computes, for operators of which onnx.reference knows too little."""
    proto = node_proto(case)
    return evaluate(_node(proto, "", case.version), list(case.inputs))


def run(
    cases: Sequence[Case], expected: Sequence[Sequence[np.ndarray]], *, machine: Machine = HOST
) -> list[list[np.ndarray]]:
    """What the native code computes for each case; `expected` gives the outputs' types."""
    given = [x for case in cases for i, x in enumerate(case.inputs) if x is not None and i not in case.constants]
    results = iter(run_graph(_graph(cases, expected), given, machine=machine, names=list(map(str, cases))))
    return [[next(results) for _ in ys] for ys in expected]


def run_graph(
    graph: Graph,
    given: Sequence[np.ndarray],
    *,
    machine: Machine = HOST,
    names: Sequence[str] = (),
    in_place: bool = True,
    half: DType | None = None,
    objective: Objective = BALANCED,
) -> list[np.ndarray]:
    """A graph's outputs, by native code. Every node must be native; `names` are the nodes' in what is reported.

    Weights lie in the type `half` of 16 bits, where it holds them.
    """
    verify(graph)
    selection = lowering.select(graph, lowering.Selector(machine, THREADS, half=half))
    program = lowering.place(selection, alignment=ALIGNMENT, in_place=in_place, objective=objective)
    names = [*names, *(node.name for node in graph.nodes[len(names) :])]
    for name, step in zip(names, program.steps, strict=False):
        assert step.native, f"{name}: {step.interpreted_because}"
    (program,), constants = gather([program])
    plan = memory.solve(program.problem, "first-fit")
    source = generate(program, plan, sharing(machine), threads=THREADS)
    sanitize = SANITIZE in os.environ
    path = build(source.files, _compiler(), Target.host(), warnings=True, sanitize=sanitize, jobs=1)
    alone = run_apart(program, given, machine) if sanitize else None
    library = NativeLibrary(path, source.segments)
    pool = library.create_thread_pool() if library.parallel else np.empty(0, np.uint8)
    arena = np.full(plan.size + ALIGNMENT, 0xFF, np.uint8)
    inputs = [np.ascontiguousarray(x) for x in given]
    outputs = [np.zeros(port.type.shape, port.type.dtype.numpy) for port in program.outputs]
    try:
        for segment, function in library.segments:
            if function is None:
                continue
            code = function(
                pointers([x.ctypes.data for x in inputs]),
                pointers([y.ctypes.data for y in outputs]),
                constants.ctypes.data,
                arena.ctypes.data,
                *([pool.ctypes.data] if segment.parallel else []),
                *([0] if segment.interruptible else []),
            )
            assert code == 0, f"{names[code // 256]} failed with code {code % 256}"
    finally:
        if library.parallel:
            library.shut_down(pool)
    for one, other in zip(outputs, alone, strict=True) if alone else ():
        np.testing.assert_array_equal(_bytes(one), _bytes(other))
    return outputs


def run_apart(program: Program, given: Sequence[np.ndarray], machine: Machine) -> list[np.ndarray]:
    """The same with every operand of every call in memory of its own, no byte more than the kernel says it reaches.

    With the sanitizers, a kernel that reaches further ends the process.
    """
    functions = Functions(machine)
    calls = [call for step in program.steps for call in step.calls]
    wrappers = []
    for call in calls:
        function = functions.of(call.kernel)
        arguments = ", ".join(f"operands[{index}]" for index in range(len(call.operands)))
        value = f"{function.name}({arguments}, 0, {function.body.items})"
        body = f"return {value};" if function.body.can_fail else f"{value}; return 0;"
        wrappers.append(f"MI_EXPORT int call_{len(wrappers)}(void *const *operands) {{ {body} }}\n")
    definitions = inline(functions.distinct.values())
    text = "\n".join([prelude(machine), *definitions, *wrappers])
    library = load(build({"apart.c": text}, _compiler(), Target.host(), sanitize=True, jobs=1))
    memory = {(Space.INPUT, index): _bytes(np.array(x, order="C")) for index, x in enumerate(given)}
    memory |= {(Space.CONSTANT, index): _bytes(constant.data) for index, constant in enumerate(program.constants)}
    memory |= {
        (Space.ARENA, index): np.full(buffer.size, 0xFF, np.uint8)
        for index, buffer in enumerate(program.problem.buffers)
    }
    outputs = [np.zeros(port.type.shape, port.type.dtype.numpy) for port in program.outputs]
    memory |= {(Space.OUTPUT, index): _bytes(y) for index, y in enumerate(outputs)}
    for number, call in enumerate(calls):
        blocks: dict[tuple[object, ...], np.ndarray] = {}
        places = []
        for view, operand in zip(call.operands, call.kernel.operands(), strict=True):
            low, high = operand.reach
            key = (view.space, view.index, view.offset + low, view.offset + high)
            whole = memory[key[:2]][key[2] : key[3]]
            assert whole.size == high - low
            blocks.setdefault(key, whole.copy())
            places.append((blocks[key].ctypes.data - low, whole, blocks[key], operand.written))
        code = library[f"call_{number}"](pointers([address for address, *_ in places]))
        assert code == 0, f"call {number}, {call.kernel}, failed with code {code}"
        for _, whole, block, written in places:
            if written:
                whole[...] = block
    return outputs


def _bytes(array: np.ndarray) -> np.ndarray:
    return array.reshape(-1).view(np.uint8)


def check(
    cases: Sequence[Case],
    *,
    expected: Sequence[Sequence[np.ndarray]] | None = None,
    rtol: float = 1e-5,
    atol: float = 1e-6,
    machine: Machine = HOST,
) -> None:
    """Compare native results with onnx's: integers and truth values exactly, floats within a tolerance.

    `expected` stands for onnx's results where `onnx.reference` is wrong or narrow.
    """
    expected = [reference(case) for case in cases] if expected is None else expected
    for case, got, want in zip(cases, run(cases, expected, machine=machine), expected, strict=True):
        for ours, theirs in zip(got, want, strict=True):
            half = ours.dtype == np.float16
            np.testing.assert_allclose(
                ours.astype(np.float64) if ours.dtype.kind == "f" else ours,
                theirs.astype(np.float64) if theirs.dtype.kind == "f" else theirs,
                rtol=(1e-3 if half else rtol) if ours.dtype.kind == "f" else 0,
                atol=(1e-6 if half else atol) if ours.dtype.kind == "f" else 0,
                err_msg=str(case),
            )


def check_against_onnxruntime(
    cases: Sequence[Case], *, rtol: float = 1e-5, atol: float = 1e-6, machine: Machine = HOST
) -> None:
    """Compare native results with onnxruntime's, for windows and regions that onnx.reference gets wrong.

    Its kernels of floats differ between machines by rounding alone; its sums of bytes saturate, so maxima alone of
    bytes may be asked.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    expected = []
    for case in cases:
        session = onnxruntime.InferenceSession(
            model(case).SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        expected.append(session.run(None, {f"x{i}": x for i, x in enumerate(case.inputs) if x is not None}))
    for case, got, want in zip(cases, run(cases, expected, machine=machine), expected, strict=True):
        for ours, theirs in zip(got, want, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol, err_msg=str(case))


@functools.cache
def _compiler():
    return find("gcc" if SANITIZE in os.environ else None)


def _graph(cases: Sequence[Case], expected: Sequence[Sequence[np.ndarray]]) -> Graph:
    nodes, inputs, outputs, types, constants = [], [], [], {}, {}
    for number, (case, ys) in enumerate(zip(cases, expected, strict=True)):
        prefix = f"case{number}/"
        for i, x in enumerate(case.inputs):
            if x is None:
                continue
            name = f"{prefix}x{i}"
            types[name] = TensorType(DType.of(x.dtype), x.shape)
            if i in case.constants:
                constants[name] = x
            else:
                inputs.append(name)
        for i, y in enumerate(ys):
            outputs.append(f"{prefix}y{i}")
            types[outputs[-1]] = TensorType(DType.of(y.dtype), y.shape)
        if case.body:
            body = tuple(_node(proto, prefix, case.version) for proto in case.body)
            given = tuple(f"{prefix}x{i}" for i, x in enumerate(case.inputs) if x is not None)
            made = tuple(f"{prefix}y{i}" for i in range(case.outputs))
            nodes.append(Node(prefix, case.op, given, made, domain="mini_infer", body=body))
        else:
            nodes.append(_node(node_proto(case), prefix, case.version))
    return Graph("cases", tuple(nodes), tuple(inputs), tuple(outputs), types, constants)


def _node(proto: onnx.NodeProto, prefix: str, version: int) -> Node:
    return Node(
        prefix,
        proto.op_type,
        tuple(prefix + name if name else "" for name in proto.input),
        tuple(prefix + name if name else "" for name in proto.output),
        {attribute.name: _attribute(attribute) for attribute in proto.attribute},
        domain=proto.domain,
        version=version,
    )


def _attribute(attribute: onnx.AttributeProto) -> object:
    value = helper.get_attribute_value(attribute)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, onnx.TensorProto):
        return onnx.numpy_helper.to_array(value)
    return (
        tuple(item.decode() if isinstance(item, bytes) else item for item in value)
        if isinstance(value, list)
        else value
    )
