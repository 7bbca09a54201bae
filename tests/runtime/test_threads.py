"""One run on several threads: the same bits as on one, whatever the program does, and threads that end and sleep."""

import gc
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx.parser
import pytest
from machines import shared_target

import mini_infer as mi
from mini_infer.errors import InputError
from mini_infer.toolchain import find

pytestmark = pytest.mark.skipif(find() is None, reason="threads are for native code")

STEERED = """
<ir_version: 10, opset_import: ["" : 21]>
steered (float[40,24] x, int64 trips, int64[40] picks) => (float[40,24] y, float[n,40,24] all)
<bool yes = {1}, float[1] half = {0.5}, float zero = {0.0}>
{
    total = ReduceSum <keepdims=0> (x)
    positive = Greater (total, zero)
    start = If (positive) <
        then_branch = up () => (float[40,24] u) { u = Exp (x) },
        else_branch = down () => (float[40,24] d) { e = Tanh (x) d = Neg (e) }
    >
    y, all = Loop (trips, yes, start) <
        body = step (int64 i, bool go, float[40,24] h) => (bool more, float[40,24] next, float[40,24] seen) {
            more = Identity (go)
            turned = Transpose <perm=[1,0]> (h)
            square = MatMul (h, turned)
            small = Softmax (square)
            mixed = MatMul (small, h)
            scaled = Mul (mixed, half)
            next = Gather <axis=0> (scaled, picks)
            seen = Sin (next)
        }
    >
}
"""


@pytest.fixture
def inputs():
    rng = np.random.default_rng(0)
    return {
        "x": rng.standard_normal((40, 24)).astype(np.float32),
        "trips": np.array(3, np.int64),
        "picks": rng.integers(-40, 40, 40),
    }


def steered(threads):
    engine = mi.compile(
        onnx.parser.parse_model(STEERED),
        target=shared_target(),
        threads=threads,
        fix={"trips": np.array(3, np.int64)},
        strategy="first-fit",
    )
    assert engine.program.native_steps == len(engine.program.steps)
    return engine


def given(inputs, **changes):
    return {**{name: value for name, value in inputs.items() if name != "trips"}, **changes}


def same(left, right):
    return all(left[name].tobytes() == right[name].tobytes() for name in left)


@pytest.mark.parametrize("threads", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_branches_and_loops_give_the_same_bits(inputs, threads):
    one, several = steered(1), steered(threads)
    assert not one.library.parallel
    assert several.library.parallel
    alone, together = one.create_context(), several.create_context()
    for x in (inputs["x"], -inputs["x"], inputs["x"] + 1):
        wanted = alone.run(given(inputs, x=x))
        assert all(same(wanted, together.run(given(inputs, x=x))) for _ in range(20))


def test_a_fault_ends_the_run_of_all_threads_and_is_told_once(inputs):
    context = steered(2).create_context()
    wanted = context.run(given(inputs))
    for place in (0, 39):
        wrong = inputs["picks"].copy()
        wrong[place] = 40
        with pytest.raises(InputError, match="out of range"):
            context.run(given(inputs, picks=wrong))
        assert same(wanted, context.run(given(inputs)))


def test_contexts_of_one_engine_run_at_once(inputs):
    engine = steered(2)
    xs = [inputs["x"] * scale for scale in (1, -1, 2)]
    wanted = [engine.create_context().run(given(inputs, x=x)) for x in xs]
    right = []

    def run(x, expected):
        context = engine.create_context()
        right.append(all(same(expected, context.run(given(inputs, x=x))) for _ in range(50)))

    threads = [threading.Thread(target=run, args=pair) for pair in zip(xs, wanted, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert right == [True] * 3


def tasks():
    """The threads of this process."""
    return {int(path.name) for path in Path("/proc/self/task").iterdir()}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc lists the threads")
def test_threads_sleep_between_runs_and_end_with_their_context(inputs):
    engine = steered(3)
    gc.collect()
    before = tasks()
    context = engine.create_context()
    assert not tasks() - before  # made at the first run
    context.run(given(inputs))
    made = tasks() - before
    assert len(made) == 2
    time.sleep(0.2)
    spent = time.process_time()
    time.sleep(0.2)
    assert time.process_time() - spent < 0.1  # two that spin would take 0.4
    del context
    gc.collect()
    end = time.monotonic() + 30
    while made & tasks() and time.monotonic() < end:
        time.sleep(0.01)  # a thread that was waited for is listed for a moment more
    assert not made & tasks()


FORKED_WHILE_BUSY = """
import os, sys, threading, time
import numpy as np, onnx.parser
import mini_infer as mi
from dataclasses import replace
from mini_infer.toolchain import Target

host = Target.host()
rates = replace(host.machine.rates, barrier=1, wake=0)  # everything is worth sharing
shared = replace(host, machine=replace(host.machine, rates=rates))
threads, compiler = int(sys.argv[1]), sys.argv[2] or None
model = onnx.parser.parse_model(sys.argv[3])
context = mi.compile(model, target=shared, threads=threads, compiler=compiler).create_context()
x = np.ones((8, 8), np.float32)
y, z = np.empty_like(x), np.empty_like(x)
(wanted,) = context.run({"x": x, "trips": np.array(3)}).values()
long = context.bind({"x": x, "trips": np.array(2_000_000_000)}, {"y": y})
short = context.bind({"x": x, "trips": np.array(3)}, {"y": z})
threading.Thread(target=long, daemon=True).start()
try:
    while True:
        short()
except mi.errors.ContextBusyError:
    pass
child = os.fork()
if not child:
    for _ in range(3):
        short()
        assert z.tobytes() == wanted.tobytes()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
try:
    short()
except mi.errors.ContextBusyError:
    os._exit(0)
os._exit(1)
"""

REPEATED = """
<ir_version: 10, opset_import: ["" : 21]>
repeated (float[8,8] x, int64 trips) => (float[8,8] y) <bool yes = {1}, float half = {0.5}>
{
    y = Loop (trips, yes, x) <
        body = step (int64 i, bool go, float[8,8] h) => (bool more, float[8,8] next) {
            more = Identity (go)
            product = MatMul (h, h)
            next = Tanh (product)
        }
    >
}
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize(
    ("threads", "compiler"),
    [(2, ""), *(pytest.param(1, compiler, marks=pytest.mark.slow) for compiler in ("", "none"))],
)
def test_a_forked_child_runs_what_its_parent_was_running(threads, compiler):
    command = [sys.executable, "-W", "ignore", "-c", FORKED_WHILE_BUSY, str(threads), compiler, REPEATED]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


FORKED = """
import os, sys
import numpy as np
import mini_infer as mi
from dataclasses import replace
from mini_infer.toolchain import Target

host = Target.host()
rates = replace(host.machine.rates, barrier=1, wake=0)  # everything is worth sharing
shared = replace(host, machine=replace(host.machine, rates=rates))
x = np.load(sys.argv[2])
engine = mi.compile(sys.argv[1], target=shared, threads=2)
assert engine.library.parallel
context = engine.create_context()
wanted = context.run({"x": x})
child = os.fork()
again = context.run({"x": x})
assert all(wanted[name].tobytes() == again[name].tobytes() for name in wanted)
if child:
    assert os.waitpid(child, 0)[1] == 0
    print(len(os.listdir("/proc/self/task")) if os.path.isdir("/proc") else "")
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_has_threads_of_its_own(model, x, tmp_path):
    onnx.save(model, tmp_path / "small.onnx")
    np.save(tmp_path / "x.npy", x)
    command = [sys.executable, "-c", FORKED, str(tmp_path / "small.onnx"), str(tmp_path / "x.npy")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def test_a_small_model_runs_on_one_thread(model):
    engine = mi.compile(model, threads=2)
    assert engine.target.threads == 2
    assert set(engine.library.source.thread_counts) == {1}
    assert not engine.library.parallel


def test_an_engine_file_keeps_its_threads(model, tmp_path):
    mi.compile(model, threads=2).save(tmp_path / "small.engine")
    assert mi.Engine.load(tmp_path / "small.engine").target == replace(mi.Options().built_for, threads=2)
