"""The nine image models in the onnx wheel, with weights of constants: all planned fully native, the small ones run.

onnxruntime is the witness: the models are float32 throughout, where its processors' kernels differ by rounding alone.
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

import mini_infer
from mini_infer import compiler

FOLDER = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
MODELS = sorted(FOLDER.glob("light_*.onnx"))
SMALL = ("light_shufflenet.onnx", "light_squeezenet.onnx")
OPTIONS = compiler.Options(time_limit=0, order="exported")


def test_they_are_there():
    assert len(MODELS) == 9


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if path.stem != "light_squeezenet" else [])
        for path in MODELS
    ],
)
def test_planned_fully_native(path):
    lowered = compiler.lower(path, OPTIONS)
    assert all(step.native for step in lowered.program.steps)
    plan = compiler.plan_program(lowered.program, OPTIONS)
    assert plan.lower_bound <= plan.size < lowered.program.exported_bytes


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_run(name):
    onnxruntime.set_default_logger_severity(4)
    engine = mini_infer.compile(FOLDER / name, options=OPTIONS)
    (port,) = engine.program.inputs
    inputs = {port.name: np.random.default_rng(0).standard_normal(port.type.shape).astype(np.float32)}
    session = onnxruntime.InferenceSession(FOLDER / name, providers=["CPUExecutionProvider"])
    (expected,), (ours,) = session.run(None, inputs), engine.create_context().run(inputs).values()
    np.testing.assert_allclose(ours, expected, rtol=1e-4)
