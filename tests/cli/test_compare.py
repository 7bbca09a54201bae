import json

import numpy as np
import onnx
import pytest


def corrupted(lenet, name, index):
    """LeNet-5 with one weight raised by 1."""
    model = onnx.load(lenet.model)
    for tensor in model.graph.initializer:
        if tensor.name == name:
            array = onnx.numpy_helper.to_array(tensor).copy()
            array[index] += 1
            tensor.CopyFrom(onnx.numpy_helper.from_array(array, name))
    path = lenet.folder / "corrupted.onnx"
    onnx.save(model, path)
    return path


def test_a_plan_does_not_differ_from_itself(record, command, lenet):
    difference = record("compare", lenet.model, lenet.model)
    assert difference["arena_bytes"][0] == difference["arena_bytes"][1] <= 4608
    assert not any(difference[key] for key in ("appeared", "gone", "resized", "moved", "retimed"))
    assert "every buffer is the same, in the same place" in command("compare", lenet.model, lenet.model).out


def test_an_older_plan_against_the_model(record, command, lenet):
    path = lenet.folder / "old.json"
    command("plan", lenet.model, "--no-optimize", "--json", "-o", path)
    difference = record("compare", path, lenet.model)
    assert difference["arena_bytes"][0] == 27_648
    assert difference["arena_bytes"][1] <= 4608
    assert "/conv1/Conv_output_0" in {buffer["id"] for buffer in difference["gone"]}
    assert "/relu4/Relu_output_0" in {buffer["id"] for buffer in difference["retimed"]}
    assert "/pool1/MaxPool_output_0_last" in {buffer["id"] for buffer in difference["retimed"]}
    assert difference["appeared"] == []  # only channels were moved to the end
    text = command("compare", path, lenet.model).out
    assert "/conv1/Conv_output_0" in text
    assert f"{difference['arena_bytes'][1] - 27_648:,}" in text


def test_what_was_resized_and_moved(record, command, lenet):
    path = lenet.folder / "old.json"
    plan = record("plan", lenet.model)
    plan["buffers"][0]["size"] += 64
    plan["buffers"][1]["offset"] += 128
    path.write_text(json.dumps(plan))
    difference = record("compare", path, lenet.model)
    (resized,), (moved,) = difference["resized"], difference["moved"]
    assert (resized["id"], resized["before"] - resized["after"]) == (plan["buffers"][0]["id"], 64)
    assert (moved["id"], moved["before"] - moved["after"]) == (plan["buffers"][1]["id"], 128)
    text = command("compare", path, lenet.model).out
    assert "grew or shrank: 1\n" in text
    assert "moved to another offset: 1\n" in text


@pytest.mark.parametrize(
    ("content", "said"),
    [("{}", "no plan (mini-infer/plan/1)"), ("nonsense", "no JSON"), ('{"schema": "other"}', "no plan")],
)
def test_files_that_are_no_plan(command, lenet, content, said):
    (lenet.folder / "old.json").write_text(content)
    answer = command("compare", lenet.folder / "old.json", lenet.model)
    assert (answer.status, len(answer.errors)) == (3, 1)
    assert said in answer.errors[0]


def test_a_plan_that_is_missing(command, lenet):
    answer = command("compare", lenet.folder / "old.json", lenet.model)
    assert answer.status == 3
    assert "cannot be read: No such file" in answer.errors[0]


def test_an_engine_alone_has_no_rivals(command, lenet):
    engine = lenet.folder / "net.engine"
    command("compile", lenet.model, "-o", engine, "--compiler=none")
    assert command("compare", engine).status == 2


def test_runs_that_agree(record, command, lenet):
    pytest.importorskip("onnxruntime")
    found = record("compare", lenet.model, "--bisect", "--compiler=none")
    assert found["difference"] is None
    assert found["compared"] >= 10
    assert "no difference beyond tolerance" in command("compare", lenet.model, "--bisect").out


@pytest.mark.parametrize("words", [[], ["--no-optimize", "--compiler=none"]])
def test_the_node_with_a_wrong_weight_is_named(record, command, lenet, words):
    bad = corrupted(lenet, "conv2.weight", (3, 5, 1, 1))
    found = record("compare", bad, lenet.model, "--bisect", *words, status=6)["difference"]
    assert "Conv" in found["operators"]
    assert "/conv2/Conv" in found["stands_for"]
    assert found["error"]["name"].startswith("conv2.weight")
    assert found["error"]["max_abs_error"] == pytest.approx(1)
    assert found["node"] in command("compare", bad, lenet.model, "--bisect", *words).out


def test_an_engine_against_onnxruntime_on_its_model(record, command, lenet):
    pytest.importorskip("onnxruntime")
    bad = corrupted(lenet, "fc2.bias", 7)
    engine = lenet.folder / "bad.engine"
    command("compile", bad, "-o", engine, "--no-optimize")
    words = ["compare", engine, lenet.model, "--bisect", "--against=onnxruntime"]
    found = record(*words, status=6)["difference"]
    assert (found["node"], found["error"]["name"]) == ("/fc2/Gemm", "fc2.bias")
    assert record(*words, "--atol=2")["difference"] is None


def test_outputs_of_two_models_and_of_onnxruntime(record, command, lenet):
    pytest.importorskip("onnxruntime")
    bad = corrupted(lenet, "fc3.bias", 4)
    answer = record("compare", bad, lenet.model, "--outputs", "--compiler=none", status=6)
    (error,) = answer["references"]["lenet5.onnx"]["outputs"]
    assert error["max_abs_error"] == pytest.approx(1)
    assert error["mean_abs_error"] == pytest.approx(0.1)
    assert error["where"][1:] == [0, 4]
    assert error["mean_rel_error"] == pytest.approx(error["max_rel_error"] / 10)
    assert record("compare", lenet.model, "--outputs", "--compiler=none")["passed"]
    assert "onnxruntime on lenet5.onnx: passed" in command("compare", lenet.model, "--outputs").out


def test_bisection_on_given_inputs(record, lenet, arrays):
    given = arrays(input=np.zeros((1, 1, 28, 28), np.float32))
    assert record("compare", lenet.model, lenet.model, "--bisect", *given, "--compiler=none")["difference"] is None
