import json

import numpy as np
import pytest
from cli_checks import conforms

from mini_infer.demo import assets


@pytest.fixture
def answers(command, lenet):
    """Run the hundred digits with further words; the JSON and the terminal's text."""

    def run(*words):
        path = lenet.folder / "out.json"
        done = command(
            "run", lenet.model, *lenet.digits, f"--labels={lenet.labels}", "--compiler=none", "-o", path, *words
        )
        assert (done.status, done.errors) == (0, [])
        content = json.loads(path.read_text())
        conforms(content)
        return content, done.out

    return run


def test_digits_are_recognised(answers):
    content, text = answers()
    assert [sample["index"] for sample in content["samples"]] == list(range(100))
    assert all(sample["prediction"] == sample["label"] for sample in content["samples"])
    assert all(abs(sum(sample["probabilities"]) - 1) < 1e-9 for sample in content["samples"])
    logits = np.array([sample["logits"] for sample in content["samples"]])
    np.testing.assert_allclose(logits, assets.load_reference().logits, atol=1e-5)
    assert content["memory_stats"]["optimized_memory_kb"] <= 4.608
    assert "100 samples, interpreted, arena" in text
    assert "100 of 100 right (100.0 %)" in text


def test_memory_planning_changes_no_bit(answers):
    planned, _ = answers()
    unplanned, _ = answers("--no-memory-planning")
    assert unplanned["memory_stats"]["strategy"] == "naive"
    assert unplanned["memory_stats"]["optimized_memory_kb"] > planned["memory_stats"]["optimized_memory_kb"]
    for one, other in zip(planned["samples"], unplanned["samples"], strict=True):
        assert one["logits"] == other["logits"]


def test_poison_shows_no_wrong_lifetime(answers):
    assert answers("--poison")[0]["samples"][7]["logits"] == answers()[0]["samples"][7]["logits"]


def test_outputs_can_be_kept(answers, lenet):
    path = lenet.folder / "outputs.npz"
    content, _ = answers(f"--save-outputs={path}")
    with np.load(path) as archive:
        assert archive.files == ["logits"]
        assert archive["logits"].shape == (100, 1, 10)
        assert archive["logits"][3, 0].tolist() == content["samples"][3]["logits"]


def test_json_goes_to_the_terminal_without_a_file(command, lenet):
    done = command("run", lenet.model, *lenet.digits, "--compiler=none")
    content = json.loads(done.out)
    conforms(content)
    assert len(content["samples"]) == 100
    assert "label" not in content["samples"][0]


def test_an_engine_runs_as_its_model(command, lenet, arrays):
    engine = lenet.folder / "net.engine"
    command("compile", lenet.model, "-o", engine, "--compiler=none")
    given = arrays(input=np.ones((1, 1, 28, 28), np.float32))
    of_engine, of_model = (
        json.loads(command("run", model, *given, "--compiler=none").out) for model in (engine, lenet.model)
    )
    assert of_engine["samples"][0]["logits"] == of_model["samples"][0]["logits"]


def test_native_code_gives_the_interpreters_answers(command, lenet):
    native, interpreted = (
        json.loads(command("run", lenet.model, *lenet.digits, *words).out)["samples"] for words in ([], ["--interpret"])
    )
    assert [sample["prediction"] for sample in native] == [sample["prediction"] for sample in interpreted]
    logits = [np.array([sample["logits"] for sample in samples]) for samples in (native, interpreted)]
    np.testing.assert_allclose(*logits, rtol=0, atol=1e-6)


def test_several_inputs_and_outputs(command, tiny, arrays):
    a, b = np.array([[1.0, -2.0, 3.0]], np.float32), np.array([[0.5, 1.0, -4.0]], np.float32)
    done = command("run", tiny, *arrays(a=a, b=b), "--shapes=a:1x3", "--shapes=b:1x3", "--compiler=none")
    outputs = json.loads(done.out)["samples"][0]["outputs"]
    assert outputs["y"] == {"dtype": "float32", "shape": [1, 3], "values": [[1.5, 0.0, 0.0]]}
    assert abs(sum(outputs["z"]["values"][0]) - 1) < 1e-6


def test_a_fixed_input_is_not_asked_for(command, tiny, arrays):
    given = arrays(a=np.array([[1.0, -2.0, 3.0]], np.float32))
    done = command("run", tiny, *given, "--shapes=a:1x3", "--fix=b=[[1,1,1]]", "--compiler=none")
    assert json.loads(done.out)["samples"][0]["outputs"]["y"]["values"] == [[2.0, 0.0, 4.0]]


def test_the_profile_is_found_by_the_inputs_shapes(command, tiny, arrays):
    profiles = ["--profile=one=a:1x3,b:1x3", "--profile=two=a:2x3,b:2x3", "--compiler=none"]
    for rows in (1, 2):
        given = arrays(a=np.ones((rows, 3), np.float32), b=np.ones((rows, 3), np.float32))
        done = command("run", tiny, *given, *profiles)
        assert json.loads(done.out)["samples"][0]["outputs"]["y"]["values"] == [[2.0, 2.0, 2.0]] * rows
    wrong = command("run", tiny, *arrays(a=np.ones((3, 4), np.float32), b=np.ones((3, 4), np.float32)), *profiles)
    assert wrong.status == 3


def test_a_trace_of_the_first_sample(command, lenet):
    path = lenet.folder / "trace.json"
    out = lenet.folder / "out.json"
    done = command("run", lenet.model, *lenet.digits, "--compiler=none", "--trace", path, "-o", out)
    assert (done.status, done.errors) == (0, [])
    trace = json.loads(path.read_text())
    assert trace["otherData"]["arena_bytes"] <= 4608
    assert sum(event["ph"] == "X" for event in trace["traceEvents"]) == trace["otherData"]["steps"]


def test_the_archive_says_what_it_is(command, lenet):
    answer = command("run", lenet.model, *lenet.digits, "--save-outputs=outputs.npy")
    assert (answer.status, len(answer.errors)) == (2, 1)


def test_the_likeliest_classes_by_name(answers, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("\n".join("zero one two three four five six seven eight".split()))
    content, _ = answers("--names", names, "--top=3")
    for sample in content["samples"]:
        ranked = sample["top"]
        assert [each["class"] for each in ranked] == np.argsort(sample["probabilities"])[::-1][:3].tolist()
        assert [each["probability"] for each in ranked] == sorted(sample["probabilities"], reverse=True)[:3]
        assert all(("name" in each) == (each["class"] < 9) for each in ranked)
    content, _ = answers("--names", names)
    assert {len(sample["top"]) for sample in content["samples"]} == {5}
    content, _ = answers()
    assert "top" not in content["samples"][0]


def test_names_that_are_none(command, lenet, tmp_path):
    (tmp_path / "empty.txt").touch()
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe")
    for name, said in (("empty", "holds no names"), ("bytes", "no UTF-8 text"), ("missing", "No such file")):
        done = command("run", lenet.model, *lenet.digits, "--names", tmp_path / f"{name}.txt", "--compiler=none")
        assert done.status == 3
        assert said in done.errors[0]


def test_random_inputs_where_none_are_given(command, lenet):
    one, same, other = (
        command("run", lenet.model, "--compiler=none", *seed) for seed in ([], ["--seed=0"], ["--seed=1"])
    )
    assert one.status == 0
    assert one.errors == ["mini-infer: warning: no --input: the inputs are random numbers (--seed 0)"]
    assert one.out != other.out
    logits = [json.loads(answer.out)["samples"][0]["logits"] for answer in (one, same, other)]
    assert logits[0] == logits[1] != logits[2]
