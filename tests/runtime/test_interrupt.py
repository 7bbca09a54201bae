"""Ctrl-C ends a run within a second, of the thread that gets it; the context is as good as new."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import onnx.parser
import pytest
from machines import shared_target

import mini_infer as mi
from mini_infer.codegen import generate, interrupts
from mini_infer.errors import MiniInferError, ToolchainError
from mini_infer.runtime.native import NativeLibrary
from mini_infer.toolchain import Target, build, find

pytestmark = pytest.mark.skipif(find() is None or os.name != "posix", reason="signals to native code are POSIX")
SLOW = pytest.mark.slow

LOOP = """
<ir_version: 10, opset_import: ["" : 21]>
looping (float[40,24] x, int64 trips) => (float[40,24] y)
<bool yes = {1}>
{
    y = Loop (trips, yes, x) <
        body = step (int64 i, bool go, float[40,24] h) => (bool more, float[40,24] next) {
            more = Identity (go)
            turned = Transpose <perm=[1,0]> (h)
            square = MatMul (h, turned)
            small = Softmax (square)
            next = MatMul (small, h)
        }
    >
}
"""
STRAIGHT = """
<ir_version: 10, opset_import: ["" : 21]>
straight (float[40,24] x) => (float[40,24] y)
{
    turned = Transpose <perm=[1,0]> (x)
    square = MatMul (x, turned)
    small = Softmax (square)
    y = MatMul (small, x)
}
"""
FOREVER = np.array(10**12, np.int64)


@pytest.fixture
def x():
    return np.random.default_rng(0).standard_normal((40, 24)).astype(np.float32)


def interrupted(run):
    """Whether a run that would never end is ended by an interrupt, and how long after it."""
    sent = []

    def send():
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.2, send)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run()
    late = time.monotonic() - sent[0]
    timer.join()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):  # Python's own handler is back
        signal.raise_signal(signal.SIGINT)
    return late


@pytest.mark.parametrize("threads", [pytest.param(1, marks=SLOW), 2, pytest.param(3, marks=SLOW)])
def test_a_native_loop_is_ended(x, threads):
    engine = mi.compile(onnx.parser.parse_model(LOOP), target=shared_target(), threads=threads)
    ((segment, _),) = engine.library.segments
    assert (segment.interruptible, segment.parallel) == (True, threads > 1)
    context, y = engine.create_context(), np.empty_like(x)
    expected = context.run({"x": x, "trips": np.array(3)})["y"]
    assert interrupted(lambda: context.run({"x": x, "trips": FOREVER})) < 5  # on a busy machine, too
    assert interrupted(context.bind({"x": x, "trips": FOREVER}, {"y": y})) < 5
    assert context.run({"x": x, "trips": np.array(3)})["y"].tobytes() == expected.tobytes()


def test_an_interpreted_loop_is_ended_and_begins_anew(x):
    context = mi.compile(onnx.parser.parse_model(LOOP), compiler="none").create_context()
    expected = context.run({"x": x, "trips": np.array(3)})["y"]
    assert interrupted(lambda: context.run({"x": x, "trips": FOREVER})) < 5
    assert context.run({"x": x, "trips": np.array(3)})["y"].tobytes() == expected.tobytes()


def test_an_interpreted_loop_that_fails_begins_anew():
    text = """
    <ir_version: 10, opset_import: ["" : 21]>
    g (float[3] x, int64 trips, int64 pick) => (float[3] y, int64 last) <bool yes = {1}, int64 none = {-1}>
    {
        y, last = Loop (trips, yes, x, none) <
            body = step (int64 i, bool go, float[3] h, int64 before) => (bool more, float[3] next, int64 now) {
                more = Identity (go)
                now = Identity (i)
                far = Mul (i, pick)
                picked = Gather (h, far)
                next = Add (h, picked)
            }
        >
    }
    """
    context = mi.compile(onnx.parser.parse_model(text), compiler="none").create_context()
    given = {"x": np.ones(3, np.float32), "trips": np.array(3)}
    before = context.run({**given, "pick": np.array(1)})
    with pytest.raises(MiniInferError):
        context.run({**given, "pick": np.array(7)})
    after = context.run({**given, "pick": np.array(1)})
    assert after["last"] == before["last"] == 2
    assert after["y"].tobytes() == before["y"].tobytes()


def test_other_threads_and_other_handlers_go_on(x):
    engine = mi.compile(onnx.parser.parse_model(LOOP))
    context, answers = engine.create_context(), []
    trips = np.array(20_000)
    thread = threading.Thread(target=lambda: answers.append(context.run({"x": x, "trips": trips})))
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    thread.join()
    seen = []
    before = signal.signal(signal.SIGINT, lambda *_: seen.append("interrupt"))
    try:
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        while not seen:
            answers.append(engine.create_context().run({"x": x, "trips": trips}))
    finally:
        signal.signal(signal.SIGINT, before)
    assert {answer["y"].tobytes() for answer in answers} == {answers[0]["y"].tobytes()}


@pytest.mark.parametrize("threads", [1, pytest.param(2, marks=SLOW)])
def test_long_programs_look_between_their_steps(x, threads, monkeypatch):
    model = onnx.parser.parse_model(STRAIGHT)
    short = mi.compile(model, target=shared_target(), threads=threads)
    assert not any(segment.interruptible for segment, _ in short.library.segments)
    assert "sigaction" not in short.library.source.files["mini_infer.c"]
    monkeypatch.setattr(interrupts, "MIN_RUN_NS", 1)
    monkeypatch.setattr(interrupts, "MIN_STEP_NS", 0)
    long = mi.compile(model, target=shared_target(), threads=threads)
    ((segment, _),) = long.library.segments
    assert (segment.interruptible, segment.parallel) == (True, threads > 1)
    answers = [engine.create_context().run({"x": x})["y"].tobytes() for engine in (short, long)]
    assert answers[0] == answers[1]
    source = long.library.source  # as if the interrupt came at the very beginning:
    files = {name: text.replace("mi_interrupted = 0;", "mi_interrupted = 1;") for name, text in source.files.items()}
    library = NativeLibrary(build(files, find(), Target.host()), source.segments)
    y = np.zeros_like(x)
    with pytest.raises(KeyboardInterrupt):
        replace(long, libraries=(library,)).create_context().run_into({"x": x}, {"y": y})
    assert not y.any()


@pytest.mark.skipif("MINI_INFER_TEST_SANITIZE" in os.environ, reason="the sanitizers are gcc's, for this machine")
@pytest.mark.parametrize("target", ["x86_64-windows-gnu", "aarch64-macos", "aarch64-linux-musl", "x86_64-linux-gnu"])
@pytest.mark.parametrize("threads", [pytest.param(1, marks=SLOW), 2])
def test_every_system_has_a_way_to_watch(tmp_path, target, threads):
    try:
        zig = find("zig")
    except ToolchainError:
        pytest.skip("zig builds for other systems")
    artifact = mi.build(onnx.parser.parse_model(LOOP), target=shared_target(Target.parse(target)), threads=threads)
    source = generate(artifact.program, artifact.plan, artifact.target.machine, threads=threads)
    assert all(segment.interruptible for segment in source.segments)
    build(source.files, zig, artifact.target, cache=tmp_path / "cache", warnings=True)


def test_the_command_line_ends_with_130(tmp_path):
    onnx.save(onnx.parser.parse_model(LOOP), tmp_path / "loop.onnx")
    np.save(tmp_path / "x.npy", np.ones((40, 24), np.float32))
    np.save(tmp_path / "trips.npy", FOREVER)
    words = ["run", "loop.onnx", "--input=x=x.npy", "--input=trips=trips.npy"]
    process = subprocess.Popen(
        [sys.executable, "-m", "mini_infer", *words],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
