"""`mini-infer plan-tflite`."""

import pytest

pytest.importorskip("tflite_micro")

from tflite_models import diamonds, model, save


@pytest.fixture
def net(tmp_path):
    return save(diamonds(), tmp_path / "net.tflite")


def test_the_report_and_the_file(command, net, tmp_path):
    answer = command("plan-tflite", net, "-o", tmp_path / "planned.tflite")
    assert (answer.status, answer.errors) == (0, [])
    assert answer.out.splitlines()[0] == "net.tflite: 5 operators, 6 activations"
    assert "planned      128 bytes, optimal: no plan is smaller\nlower bound  128 bytes\n" in answer.out
    assert "answers      equal in every bit, for 3 random inputs\n" in answer.out
    checked = command("plan-tflite", tmp_path / "planned.tflite", "--check")
    assert (checked.status, checked.out) == (0, "valid: 6 buffers in 128 bytes; no plan can be below 128\n")


def test_json(record, net, tmp_path):
    answer = record("plan-tflite", net)
    assert (answer["planned"], answer["optimal"], answer["same_answers"], answer["earlier"]) == (128, True, True, None)
    assert record("plan-tflite", net, "--no-run")["arena_after"] is None
    command_line = ("plan-tflite", net, "-o", tmp_path / "planned.tflite")
    record(*command_line)
    assert record("plan-tflite", tmp_path / "planned.tflite", "--check")["planned"] == 128


def test_what_is_refused_leaves_no_file(command, tmp_path):
    two = save(model([4, 4], [((0,), 1)], [0], [1], subgraphs=2), tmp_path / "two.tflite")
    made = tmp_path / "planned.tflite"
    answer = command("plan-tflite", two, "-o", made)
    assert (answer.status, answer.out, made.exists()) == (4, "", False)
    assert "two.tflite: has 2 subgraphs" in answer.errors[0]
    (tmp_path / "text.tflite").write_text("not a model")
    assert command("plan-tflite", tmp_path / "text.tflite").status == 3
    assert command("plan-tflite", tmp_path / "nowhere.tflite").status == 3
    assert command("plan-tflite", two, "--check", "-o", made).status == 2


def test_check_of_a_model_without_a_plan(command, net):
    answer = command("plan-tflite", net, "--check")
    assert (answer.status, answer.out) == (3, "")
    assert "has no offline plan" in answer.errors[0]
