"""Plans in TFLite Micro's own interpreter."""

import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tflite_micro")

from tflite_models import diamonds, save

from mini_infer import memory, tflite
from mini_infer.errors import MismatchError, ModelError, PlanError, UnsupportedError, UsageError
from mini_infer.tflite import interpreter
from mini_infer.tflite.activations import activations
from mini_infer.tflite.model import parsed, serialized
from mini_infer.tflite.offline import METADATA, planned, written_plan


@pytest.fixture
def path(tmp_path):
    return save(diamonds(), tmp_path / "net.tflite")


def test_the_file_written_has_the_plan_and_the_interpreters_answers(path, tmp_path):
    outcome = tflite.plan(path)
    assert (outcome.plan.size, outcome.plan.lower_bound, outcome.plan.optimal) == (128, 128, True)
    assert outcome.comparison.same
    assert outcome.comparison.runs == 3
    (tmp_path / "planned.tflite").write_bytes(outcome.content)
    found = tflite.check(tmp_path / "planned.tflite")
    assert (found.offsets, found.problem) == (outcome.plan.offsets, outcome.plan.problem)


def test_nothing_but_the_plan_is_changed(path):
    made = parsed(tflite.plan(path, run=False).content)
    assert (made.metadata.pop().name, len(made.metadata)) == (METADATA.encode(), 0)
    del made.buffers[-1]
    made.metadata = None
    assert serialized(made) == serialized(parsed(path.read_bytes()))


def test_a_plan_is_replaced_by_a_new_one(path, tmp_path):
    once = tmp_path / "once.tflite"
    once.write_bytes(tflite.plan(path, strategy="naive").content)
    again = tflite.plan(once)
    assert (again.earlier.size, again.plan.size) == (192, 128)
    assert len(parsed(again.content).metadata) == 1


def test_the_plan_of_all_zeros_is_refused(path):
    made = parsed(path.read_bytes())
    found = activations(made)
    zeros = replace(memory.solve(found.problem), offsets=(0,) * len(found.tensors))
    with pytest.raises(PlanError, match="share bytes while both live"):
        planned(made, found, zeros)
    assert made.metadata is None


def with_plan(made, numbers):
    """A model's file with these numbers as its plan, whatever they are."""
    found = activations(made)
    planned(made, found, memory.solve(found.problem))
    made.buffers[-1].data = np.array(numbers, "<i4").view(np.uint8)
    return serialized(made)


def test_the_interpreter_takes_the_plan_of_all_zeros_and_answers_wrongly(path, tmp_path):
    zeros = with_plan(diamonds(), [0, 0, 7, *[0] * 7])
    seen = interpreter.compare(path.read_bytes(), zeros)
    assert (seen.refused, seen.same) == ("", False)
    (tmp_path / "zeros.tflite").write_bytes(zeros)
    with pytest.raises(MismatchError, match=r"'1 t1' at .* and '0 t0' at .* share bytes while both live"):
        tflite.check(tmp_path / "zeros.tflite")
    with pytest.raises(MismatchError, match=r"answers with the plan are not those without it; the plan that the model"):
        tflite.plan(tmp_path / "zeros.tflite")


@pytest.mark.parametrize("numbers", [[], [0, 0], [0, 0, 3, 0, 0, 0], [0, 0, 7, 0], [0, 0, 6, *[0] * 7]])
def test_plans_of_other_models_are_refused(numbers, tmp_path):
    (tmp_path / "odd.tflite").write_bytes(with_plan(diamonds(), numbers))
    with pytest.raises(ModelError, match=r"its OfflineMemoryAllocation has \d+ bytes for \w+ tensors; the model has 7"):
        tflite.check(tmp_path / "odd.tflite")


def test_what_a_plan_leaves_to_the_interpreter_is_not_judged():
    made = parsed(with_plan(diamonds(), [0, 0, 7, 0, -1, -1, -1, -1, -1, -1]))
    assert [buffer.id for buffer in written_plan(made, activations(made)).problem.buffers] == ["0 t0"]


def test_what_the_interpreter_cannot_run_is_planned_and_said(tmp_path):
    made = diamonds()
    made.operatorCodes[0].builtinCode = 32  # a custom operator
    made.operatorCodes[0].deprecatedBuiltinCode = 32
    made.operatorCodes[0].customCode = "mine"
    outcome = tflite.plan(save(made, tmp_path / "custom.tflite"))
    assert outcome.plan.size == 128
    assert outcome.comparison.refused


def test_an_interpreter_that_dies_is_said(path, monkeypatch):
    monkeypatch.setattr(interpreter, "_CHILD", "import os; os.abort()")
    assert interpreter.compare(path.read_bytes(), path.read_bytes()).refused == "it ended with -6"


def test_without_the_library(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tflite_micro.tensorflow.lite.micro.python", None)
    with pytest.raises(UsageError, match=r"^a TFLite model needs tflite_micro, .* \"mini-infer-engine\[tflite\]\"$"):
        tflite.plan(path)


def wheel(name):
    """The models of a package, by name."""
    spec = find_spec(name)
    return {} if spec is None else {file.stem: file for file in Path(spec.origin).parent.glob("models/*.tflite")}


@pytest.mark.skipif(not wheel("pyopen_wakeword"), reason="pip install pyopen-wakeword has the models")
def test_open_wake_words_embedding_model():
    outcome = tflite.plan(wheel("pyopen_wakeword")["embedding_model"])
    assert (outcome.plan.size, outcome.plan.lower_bound) == (454_656, 454_656)
    assert outcome.comparison.same
    assert outcome.comparison.after <= 476_565
    assert outcome.comparison.before >= 685_000


@pytest.mark.skipif(not wheel("pyopen_wakeword"), reason="pip install pyopen-wakeword has the models")
@pytest.mark.parametrize("name", ["alexa", "hey_mycroft", "hey_rhasspy", "okay_nabu", "melspectrogram"])
def test_open_wake_words_other_models(name):
    outcome = tflite.plan(wheel("pyopen_wakeword")[name])
    assert outcome.plan.optimal
    assert outcome.comparison.same
    assert outcome.comparison.after <= outcome.comparison.before


@pytest.mark.skipif(not wheel("pymicro_wakeword"), reason="pip install pymicro-wakeword has the models")
@pytest.mark.parametrize("name", ["alexa", "hey_jarvis", "hey_mycroft", "okay_nabu"])
def test_micro_wake_words_models_have_two_subgraphs(name):
    with pytest.raises(UnsupportedError, match="has 2 subgraphs"):
        tflite.plan(wheel("pymicro_wakeword")[name])
