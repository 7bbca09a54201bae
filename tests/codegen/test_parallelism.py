"""Which calls run on several threads, and where there are barriers."""

import itertools
import os
import re
from dataclasses import replace

import numpy as np
import pytest
from driver import SANITIZE
from onnx import TensorProto, helper, numpy_helper

import mini_infer as mi
from mini_infer.codegen import functions, generate, thread_pool
from mini_infer.codegen.parallelism import MemoryAccess, Region
from mini_infer.errors import ToolchainError
from mini_infer.objective import BALANCED
from mini_infer.program import Space
from mini_infer.toolchain import Target, build, find, load

WHOLE = replace(BALANCED, name="whole", slowdown=-1.0)
"""Where no step streams: none takes no time at all."""

LEFT, RIGHT = Region(Space.ARENA, 0, 0, 64), Region(Space.ARENA, 0, 64, 128)
BOTH = Region(Space.ARENA, 0, 32, 96)


@pytest.mark.parametrize(
    ("earlier", "later", "depends"),
    [
        (MemoryAccess(2, (), (LEFT,)), MemoryAccess(2, (LEFT,), (RIGHT,)), True),  # reads what was written
        (MemoryAccess(2, (LEFT,), ()), MemoryAccess(2, (), (LEFT,)), True),  # writes what was read
        (MemoryAccess(2, (), (LEFT,)), MemoryAccess(2, (), (BOTH,)), True),  # writes what was written, in part
        (MemoryAccess(2, (LEFT,), ()), MemoryAccess(2, (LEFT,), ()), False),
        (MemoryAccess(2, (), (LEFT,)), MemoryAccess(2, (), (RIGHT,)), False),
        (MemoryAccess(1, (), (LEFT,)), MemoryAccess(1, (LEFT,), ()), False),  # one thread after the other
        (MemoryAccess(1, (), (LEFT,)), MemoryAccess(2, (LEFT,), ()), True),
        (MemoryAccess(2, (), (LEFT,)), MemoryAccess(1, (LEFT,), ()), True),
        (
            MemoryAccess(2, (), (Region(Space.OUTPUT, 0, 0, 1),)),
            MemoryAccess(2, (Region(Space.OUTPUT, 1, 0, 1),), ()),
            False,
        ),
    ],
)
def test_calls_that_conflict_on_bytes_depend_on_each_other(earlier, later, depends):
    assert later.depends_on(earlier) is depends


def dense(sizes, rows):
    """Matrix products one after the other, and a step that needs none of them."""
    rng = np.random.default_rng(0)
    names = [f"h{i}" for i in range(len(sizes))]
    weights = [
        numpy_helper.from_array(rng.standard_normal((a, b)).astype(np.float32), f"w{i}")
        for i, (a, b) in enumerate(itertools.pairwise(sizes))
    ]
    nodes = [helper.make_node("MatMul", [names[i], f"w{i}"], [names[i + 1]]) for i in range(len(weights))]
    nodes.append(helper.make_node("Exp", ["h0"], ["again"]))
    outputs = [
        helper.make_tensor_value_info(names[-1], TensorProto.FLOAT, [rows, sizes[-1]]),
        helper.make_tensor_value_info("again", TensorProto.FLOAT, [rows, sizes[0]]),
    ]
    graph = helper.make_graph(
        nodes, "dense", [helper.make_tensor_value_info("h0", TensorProto.FLOAT, [rows, sizes[0]])], outputs, weights
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def written(model, threads):
    engine = mi.compile(model, compiler="none", order="exported", strategy="first-fit", optimize=WHOLE)
    return generate(engine.program, engine.plan, engine.target.machine, threads=threads)


def test_large_steps_are_parallel_and_small_ones_are_not():
    source = written(dense([256, 1024, 1024, 2], rows=64), threads=2)
    assert source.thread_counts == (2, 2, 2, 1)
    (segment,) = source.segments
    assert segment.parallel
    text = source.files["mini_infer.c"]
    assert len(re.findall(r"mi_barrier\(pool\)", text)) == 2  # before the second product, and before the last one
    assert text.count("if (worker < 1)") == 1


def test_a_program_of_microseconds_is_serial():
    source = written(dense([16, 32, 16], rows=4), threads=8)
    assert set(source.thread_counts) == {1}
    assert set(source.files) == {"mini_infer.c"}


def test_threads_do_not_change_the_functions():
    model = dense([256, 1024, 1024, 2], rows=64)
    serial, parallel = (written(model, threads).files["mini_infer.c"] for threads in (1, 2))
    pattern = re.compile(r"^static (?:void|int) \w+_[0-9a-f]{8}\(.*?^}", re.MULTILINE | re.DOTALL)
    assert pattern.findall(serial) == pattern.findall(parallel)
    assert len(pattern.findall(serial)) == 4


def test_large_programs_are_several_files_of_which_most_stay_as_they_are(monkeypatch):
    monkeypatch.setattr(functions, "UNIT_CHARACTERS", 4000)
    monkeypatch.setattr("mini_infer.codegen.program.UNIT_CHARACTERS", 4000)
    first = written(dense([24, 40, 56, 72, 88], rows=9), threads=1).files
    other = written(dense([24, 40, 56, 72, 104], rows=9), threads=1).files
    kernels = {name for name in first if "kernels" in name}
    assert len(kernels) > 2
    assert {name for name in kernels if first[name] != other[name]} < kernels
    assert first["mini_infer.h"] == other["mini_infer.h"]
    x = {"h0": np.linspace(-1, 1, 9 * 24, dtype=np.float32).reshape(9, 24)}
    several = mi.compile(dense([24, 40, 56, 72, 88], rows=9))
    assert {"mini_infer.h", "mini_infer.c", *sorted(kernels)[:3]} <= set(several.library.source.files)
    monkeypatch.undo()
    one = mi.compile(dense([24, 40, 56, 72, 88], rows=9))
    assert set(one.library.source.files) == {"mini_infer.c"}
    assert one.create_context().run(x)["h4"].tobytes() == several.create_context().run(x)["h4"].tobytes()


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("aarch64-linux-gnu", marks=pytest.mark.slow),
        "aarch64-macos",
        "x86_64-windows-gnu+v3",
        "aarch64-windows-gnu",
    ],
)
@pytest.mark.skipif(SANITIZE in os.environ, reason="the sanitizers are gcc's, for this machine")
def test_a_thread_pool_builds_for_every_system(target):
    try:
        zig = find("zig")
    except ToolchainError:
        pytest.skip("only zig builds for other systems")
    files = {thread_pool.HEADER_NAME: thread_pool.HEADER, thread_pool.SOURCE_NAME: thread_pool.source(4)}
    assert build(files, zig, Target.parse(target), warnings=True).stat().st_size


def test_every_compiler_builds_the_thread_pool(compiler):
    files = {thread_pool.HEADER_NAME: thread_pool.HEADER, thread_pool.SOURCE_NAME: thread_pool.source(2)}
    assert load(build(files, compiler, Target.host(), warnings=True)).mini_infer_shutdown
