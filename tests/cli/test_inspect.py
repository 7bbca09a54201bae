import subprocess
from pathlib import Path

import pytest
from machines import shared_target

import mini_infer as mi
from mini_infer.codegen import program


def test_every_step_is_listed(record, command, lenet):
    answer = record("inspect", lenet.model)
    plan = record("plan", lenet.model)
    assert answer["arena_bytes"] == plan["arena_bytes"]
    assert answer["native_steps"] + answer["interpreted_steps"] == len(answer["steps"])
    assert answer["inputs"] == [{"name": "input", "type": "float32[1x1x28x28]"}]
    assert answer["steps"][-1]["writes"][0]["in"] == "output"
    assert answer["steps"][0]["reads"][0]["in"] == "input"
    assert sum(step["weight_bytes"] for step in answer["steps"]) <= answer["weight_bytes"]
    operators = [operator for step in answer["steps"] for operator in step["operators"]]
    assert operators.count("Conv") == 2
    assert operators.count("Gemm") == 3
    assert [step["tile"] is not None for step in answer["steps"]].count(True) == 5
    assert {step["layout"] for step in answer["steps"]} == {"channels last", None}
    text = command("inspect", lenet.model).out
    for step in answer["steps"]:
        assert step["node"] in text


def test_the_code_of_everything_and_of_one_node(command, tiny):
    words = [tiny, "--shapes=a:2x3", "--shapes=b:2x3", "--no-rewrite"]
    whole = command("inspect", *words, "--c").out
    for step in ("0: add: Add", "1: relu: Relu"):
        assert f"/* {step} */" in whole
    for name in ("relu", "1"):
        one = command("inspect", *words, f"--c={name}").out
        assert "/* 1: relu: Relu */" in one
        assert "/* 0: add: Add */" not in one
    path = f"{tiny}.c"
    command("inspect", *words, "--c", "-o", path)
    assert Path(path).read_text() == whole


def test_the_program_with_addresses(command, tiny):
    words = [tiny, "--shapes=a:2x3", "--shapes=b:2x3", "--no-rewrite"]
    text = command("inspect", *words, "--program").out
    assert "  0 add: sum: float32[2x3] = Add(a, b)\n" in text
    assert "  1 relu: y: float32[2x3] = Relu(sum)\n      elementwise x0:arena[0:24] f32 -> y:out#0 f32\n" in text
    path = f"{tiny}.txt"
    command("inspect", *words, "--program", "-o", path)
    assert Path(path).read_text() == text
    answer = command("inspect", *words, "--program", "--c")
    assert answer.status == 2
    assert "not allowed with argument" in answer.errors[0]


def test_a_node_that_is_not_there(command, lenet):
    answer = command("inspect", lenet.model, "--c=nowhere")
    assert answer.status == 2
    assert "no node is called 'nowhere'" in answer.errors[0]


@pytest.mark.parametrize("flags", [["--json"], ["--c"], ["--program"]])
def test_an_engine_says_the_same_as_its_model(command, lenet, flags):
    engine = lenet.folder / "lenet5.onnx.engine"
    command("compile", lenet.model, "-o", engine, "--compiler=none")
    of_engine = command("inspect", engine, *flags).out
    assert of_engine.replace("lenet5.onnx.engine", "lenet5.onnx") == command("inspect", lenet.model, *flags).out


def test_steps_are_measured(record, command, lenet):
    steps = record("inspect", lenet.model, "--measure", "--compiler=none")["steps"]
    assert all(step["measured_us"] > 0 for step in steps if step["kernels"])
    assert "took us" in command("inspect", lenet.model, "--measure", "--compiler=none").out


def test_work_is_counted(record, lenet):
    by_name = {step["node"]: step for step in record("inspect", lenet.model)["steps"]}
    assert by_name["/pool1/MaxPool"]["operations"] == 2 * 6 * 24 * 24 * 25  # 5x5 windows of one channel
    assert by_name["/pool2/MaxPool"]["operations"] == 2 * 16 * 8 * 8 * 25 * 6
    assert by_name["/fc3/Gemm"]["operations"] == 2 * 84 * 10
    assert by_name["/flatten/Flatten"]["operations"] is None


def test_aliases_are_listed(command, lenet):
    assert "/flatten/Flatten_output_0_moved in /pool2/MaxPool" in command("inspect", lenet.model).out


@pytest.mark.parametrize("threads", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_the_code_of_everything_compiles_on_its_own(command, lenet, compiler, threads, monkeypatch):
    engine = lenet.folder / "shared.engine"
    mi.compile(lenet.model, target=shared_target(), threads=threads, compiler="none").save(engine)
    monkeypatch.setattr(program, "UNIT_CHARACTERS", 100)  # an engine's code is many files
    for node in ("--c", "--c=0"):
        path = lenet.folder / "net.c"
        assert command("inspect", engine, node, "-o", path).status == 0
        assert ("pthread_create" in path.read_text()) == (threads > 1)
        for flags in ([], ["-std=c11", "-Wall", "-Wextra", "-Werror", "-Wno-psabi"]):
            words = [*compiler.command, *flags, "-O0", "-c", path, "-o", lenet.folder / "net.o"]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
