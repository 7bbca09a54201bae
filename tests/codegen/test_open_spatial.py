"""Heights, widths and lengths that are given at run time: every size of a range, held against onnxruntime."""

import itertools
import os
import subprocess
import sys

import numpy as np
import onnxruntime
import pytest
from apart import Apart
from open_models import MODELS

import mini_infer
from mini_infer.errors import ToolchainError
from mini_infer.toolchain import find, sanitizer_environment

SANITIZE = "MINI_INFER_TEST_SANITIZE"
FEW, MANY = 9, 40


def sizes_of(model, high, most):
    """Combinations of sizes up to `high`, about `most` of them: all where one is among the first and the last."""
    found = list(itertools.product(range(model.low, high + 1), repeat=len(model.names)))
    every = [dict(zip(model.names, sizes, strict=True)) for sizes in found]
    return every[:: max(1, len(every) // most)] + every[-1:]


def engine_of(model, high):
    ranges = {name: mini_infer.Range(model.low, high) for name in model.names}
    engine = mini_infer.compile(model.proto(), dims=ranges)
    assert [step.interpreted_because for step in engine.program.steps if not step.native] == []
    return engine


def hold(model, engine, high, most, rtol):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.proto().SerializeToString(), options)
    context = engine.create_context()
    rng = np.random.default_rng(0)
    for sizes in sizes_of(model, high, most):
        feeds = model.feeds(rng, sizes)
        for name, ours in context.run(feeds).items():
            (theirs,) = session.run([name], feeds)
            assert ours.shape == theirs.shape, (name, sizes)
            scale = max(1.0, float(np.abs(theirs).max(initial=0)))
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=rtol * scale, err_msg=f"{name} at {sizes}")


@pytest.mark.parametrize("name", MODELS)
def test_every_size(name):
    model = MODELS[name]()
    hold(model, engine_of(model, FEW), FEW, 150, model.rtol)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_many_sizes(name):
    model = MODELS[name]()
    # Larger images are convolved by Winograd's method, which rounds.
    hold(model, engine_of(model, MANY), MANY, 1000, model.rtol + 3e-5)


@pytest.mark.parametrize("name", MODELS)
def test_no_kernel_leaves_what_it_says_that_it_reaches(name):
    model = MODELS[name]()
    high = MANY // 2
    engine = engine_of(model, high)
    apart = Apart(engine, sanitize=SANITIZE in os.environ)
    rng = np.random.default_rng(0)
    context = engine.create_context()
    for sizes in sizes_of(model, high, 12):
        feeds = model.feeds(rng, sizes)
        whole = context.run(feeds)
        for port, found in zip(engine.program.outputs, apart.run(feeds, sizes), strict=True):
            # The sanitizers are another compiler's, which rounds otherwise.
            near = 1e-5 * float(np.abs(found).max(initial=1)) if SANITIZE in os.environ else 0
            message = f"{port.name} at {sizes}"
            np.testing.assert_allclose(found, whole[port.name], rtol=0, atol=near, err_msg=message)


@pytest.mark.slow
@pytest.mark.skipif(SANITIZE in os.environ, reason="this is the run with sanitizers")
def test_no_kernel_leaves_its_operands_or_overflows():
    try:
        environment = sanitizer_environment(find("gcc"))
    except ToolchainError as error:
        pytest.skip(str(error))
    words = ["-q", "-x", "-n", "0", "-k", "leaves_what", "-p", "no:cacheprovider", __file__]
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        env={**os.environ, **environment, SANITIZE: "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout[-4000:] + answer.stderr[-4000:]
