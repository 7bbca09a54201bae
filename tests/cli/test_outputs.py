"""Where answers go: never onto what a command reads, to what is there, and an error where nobody takes them."""

import os
import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from mini_infer.errors import InputError, UsageError

posix = pytest.mark.skipif(os.name != "posix", reason="closed streams and links are POSIX")


@pytest.fixture
def weighty(tmp_path):
    """A model whose weights lie in a file beside it."""
    weights = numpy_helper.from_array(np.ones((3, 3), np.float32), "w")
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 3]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "g", values[:1], values[1:], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(model, tmp_path / "net.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0)
    return tmp_path / "net.onnx"


def refused(command, folder, *words):
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    answer = command(*words)
    assert (answer.status, answer.out, len(answer.errors)) == (UsageError.exit_code, "", 1), answer.errors
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    return answer.errors[0]


@posix
def test_no_answer_is_written_over_the_model(command, lenet):
    soft, hard = lenet.folder / "soft.onnx", lenet.folder / "hard.onnx"
    soft.symlink_to("lenet5.onnx")
    os.link(lenet.model, hard)
    for name in (lenet.model, f"{lenet.folder}/../{lenet.folder.name}/lenet5.onnx", soft, hard):
        for words in (["compile", lenet.model], ["plan", soft], ["verify", hard], ["inspect", lenet.model, "--c"]):
            assert "which is read" in refused(command, lenet.folder, *words, "-o", name)
    for flag in ("--html", "--dot", "--picture"):
        assert f"{flag} {soft} would" in refused(command, lenet.folder, "plan", lenet.model, flag, soft)


def test_no_answer_is_written_over_an_input(command, lenet, tmp_path):
    array, archive = tmp_path / "x.npy", tmp_path / "x.npz"
    np.save(array, np.zeros((1, 1, 28, 28), np.float32))
    np.savez(archive, images=np.load(array), labels=np.zeros(1, np.int64))
    for given in (f"--input={array}", f"--input=input={array}"):
        refused(command, tmp_path, "run", lenet.model, given, "-o", array)
        refused(command, tmp_path, "run", lenet.model, given, "--trace", array)
    for given in (f"--input={archive}:images", f"--input=input={archive}:images"):
        refused(command, tmp_path, "run", lenet.model, given, "--save-outputs", archive)
    refused(command, tmp_path, "run", lenet.model, f"--labels={archive}:labels", "--save-outputs", archive)


def test_no_answer_is_written_over_weights(command, weighty, tmp_path):
    weights = tmp_path / "weights.bin"
    assert "weights of" in refused(command, tmp_path, "compile", weighty, "-o", weights)
    assert "weights of" in refused(command, tmp_path, "plan", weighty, "--dot", weights)


def test_no_plan_is_written_over_its_problem(command, tmp_path):
    problem = tmp_path / "a.csv"
    problem.write_text("id,lower,upper,size\na,0,1,4\n")
    refused(command, tmp_path, "solve", problem, "-o", problem)
    refused(command, tmp_path, "solve", problem, "--html", problem)


def test_the_name_that_compile_chooses_may_be_the_model(command, lenet, monkeypatch):
    monkeypatch.chdir(lenet.folder)
    (lenet.folder / "lenet5.engine").symlink_to("lenet5.onnx")
    refused(command, lenet.folder, "compile", "lenet5.onnx", "--compiler=none")


def test_two_answers_need_two_files(command, lenet, tmp_path):
    for name in ("new", "old"):
        path = tmp_path / name
        if name == "old":
            path.touch()
        assert "name two files" in refused(command, tmp_path, "plan", lenet.model, "-o", path, "--html", path)


@posix
def test_many_answers_may_go_to_one_device(command, lenet):
    answer = command("plan", lenet.model, "-o", "/dev/null", "--html", "/dev/null", "--dot", "/dev/null")
    assert (answer.status, answer.errors) == (0, [])


@posix
def test_compile_says_how_many_bytes_it_wrote(record, tiny, tmp_path):
    words = ("compile", tiny, "--shapes=a:1x3", "--shapes=b:1x3", "--compiler=none", "-o")
    answer = record(*words, tmp_path / "net.engine")
    assert answer["engine_bytes"] == (tmp_path / "net.engine").stat().st_size
    assert record(*words, "/dev/null")["engine_bytes"] == answer["engine_bytes"]


@posix
@pytest.mark.parametrize(
    "closed", [">&-", *(pytest.param(words, marks=pytest.mark.slow) for words in ("<&- >&-", "<&- 2>&- >&-"))]
)
def test_a_closed_output(lenet, environment, closed):
    def run(*words):
        line = f"exec {sys.executable} -m mini_infer {' '.join(words)} {closed}"
        return subprocess.run(["/bin/sh", "-c", line], env=environment, capture_output=True, text=True, check=False)

    done = run("plan", lenet.model)
    assert (done.returncode, done.stdout) == (InputError.exit_code, "")
    if "2>" not in closed:
        assert done.stderr == "mini-infer: error: standard output cannot be written: Bad file descriptor\n"
    done = run("plan", lenet.model, "--json", "-o", str(lenet.folder / "plan.json"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full disk here")  # noqa: PTH110
@pytest.mark.parametrize(
    "words",
    [
        ["plan"],
        *(pytest.param(words, marks=pytest.mark.slow) for words in (["plan", "--json", "--all"], ["inspect", "--c"])),
    ],
)
def test_a_full_output(lenet, process, words):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = process(words[0], lenet.model, *words[1:], stdout=full)
    assert done.returncode == InputError.exit_code
    assert done.stderr == "mini-infer: error: standard output cannot be written: No space left on device\n"
