import json
from importlib.util import find_spec

import jsonschema
import pytest
from cli_checks import SCHEMAS, conforms

from mini_infer.cli.parser import COMMANDS, configured


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
def test_schemas_are_schemas(path):
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema"] == {"const": f"mini-infer/{path.stem}/1"}


@pytest.fixture
def buffers(tmp_path):
    path = tmp_path / "buffers.csv"
    path.write_text("id,lower,upper,size,offset\na,0,2,100,0\nb,1,3,50,100\n")
    return path


def examples(lenet, buffers):
    """For every command that has --json: how to ask it, and the schema of its answer."""
    model, quick = lenet.model, "--compiler=none"
    return {
        "demo": (["--output-dir", lenet.folder / "demo", quick], "demo"),
        "plan": ([model], "plan"),
        "compile": ([model, "-o", lenet.folder / "net.engine", quick], "compile"),
        "export": ([model, "-o", lenet.folder / "net"], "export"),
        "run": ([model, *lenet.digits, quick], "samples"),
        "verify": ([model, "--against=onnx", quick], "verify"),
        "compare": ([model, "--against=none"], "compare"),
        "bench": ([model, "--runs=5", quick], "bench"),
        "inspect": ([model], "inspect"),
        "doctor": ([model, quick], "doctor"),
        "quantize": ([model, "-o", lenet.folder / "made.onnx", "--dynamic", "--layers=0", quick], "quantize"),
        "solve": ([buffers], "solve"),
        "check": ([buffers], "check"),
        "plan-tflite": ([], "plan-tflite"),
        "cache": ([], "cache"),
    }


def test_every_command_answers_in_json_that_conforms(command, lenet, buffers):
    having = {name for name, parser in configured() if "--json" in parser._option_string_actions}
    assert having == set(COMMANDS) - {"completion", "python", "serve"}
    asked = examples(lenet, buffers)
    assert set(asked) == having
    for name, (words, schema) in asked.items():
        if name == "quantize" and find_spec("onnxruntime") is None:
            continue
        if name == "plan-tflite":  # test_plan_tflite has a model for it
            continue
        answer = command(name, *words, "--json")
        assert (answer.status, answer.errors) == (0, []), name
        content = json.loads(answer.out)
        conforms(content)
        assert content["schema"] == f"mini-infer/{schema}/1"


@pytest.mark.slow
def test_every_file_of_the_demo_conforms(command, tmp_path):
    answer = command("demo", "--output-dir", tmp_path, "--compiler=none")
    assert (answer.status, answer.errors) == (0, [])
    files = sorted(tmp_path.glob("*.json"))
    assert len(files) == 5
    for path in files:
        conforms(json.loads(path.read_text(encoding="utf-8")))


def test_a_problem_on_a_page(command, tmp_path):
    (tmp_path / "problem.csv").write_text("id,lower,upper,size\na,0,2,100\nb,1,3,50\n")
    answer = command("solve", tmp_path / "problem.csv", "--html", tmp_path / "plan.html")
    assert (answer.status, answer.errors) == (0, [])
    assert '"ids":["a","b"]' in (tmp_path / "plan.html").read_text(encoding="utf-8")
