import json

import jsonschema
import pytest
from cli_checks import SCHEMAS, conforms


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
def test_schemas_are_schemas(path):
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema"] == {"const": f"mini-infer/{path.stem}/1"}


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
