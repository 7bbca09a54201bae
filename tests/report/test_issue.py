import json

import numpy as np
import onnx
import pytest

from mini_infer.cli import main
from mini_infer.demo import assets
from mini_infer.verify.outline import outline

SECRET = 1234.5678
TEXT = f"""<ir_version: 8, opset_import: ["": 17]>
g (float[n,4] x, bool c) => (float[m,k] y) <float[4] w = {{{SECRET}, 2, 3, 4}}, int64[2] shape = {{2, -1}}> {{
    a = Mul (x, w)
    b = If (c) <
        then_branch = yes () => (float[p,q] t) {{ t = Constant <value = float[2] {{{SECRET}, 7}}> () }},
        else_branch = no () => (float[p,q] e) {{ e = Identity (a) }}
    >
    y = Reshape (b, shape)
}}"""


def test_a_model_is_told_without_its_weights():
    told = outline(onnx.parser.parse_model(TEXT))
    graph = told["graph"]
    assert told["opsets"] == {"ai.onnx": 17}
    assert graph["inputs"] == {"x": "float[nx4]", "c": "bool[]"}
    assert graph["constants"] == {"w": "float[4]", "shape": "int64[2] = [2, -1]"}
    assert [node["op"] for node in graph["nodes"]] == ["Mul", "If", "Reshape"]
    branch = graph["nodes"][1]["attributes"]["then_branch"]
    assert branch["nodes"][0]["attributes"] == {"value": "float[2]"}
    assert "1234" not in json.dumps(told)


def test_attributes_of_every_kind():
    node = onnx.helper.make_node(
        "F", [], ["y"], domain="d", i=3, f=0.5, s="linear", ints=[1, 2], many=list(range(99)), floats=[1.5], s2="x" * 99
    )
    graph = onnx.helper.make_graph([node], "g", [], [])
    (told,) = outline(onnx.helper.make_model(graph))["graph"]["nodes"]
    assert told["op"] == "d.F"
    assert told["attributes"] == {
        "i": 3,
        "f": "0.5",
        "s": "linear",
        "ints": [1, 2],
        "many": "ints",
        "floats": "floats",
        "s2": "string",
    }


@pytest.mark.parametrize("flags", [[], ["--memory-limit=1K"]])
def test_doctor_writes_a_report(flags, tmp_path, capsys):
    path = tmp_path / "report.json"
    status = main(["doctor", str(assets.MODEL), "--report", str(path), *flags])
    assert status == (5 if flags else 0)
    assert capsys.readouterr().out
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["schema"] == "mini-infer/report/1"
    assert report["packages"]["numpy"] == np.__version__
    assert report["doctor"]["runs"] is not bool(flags)
    assert report["options"] == ("with memory_limit=1024" if flags else "")
    assert path.stat().st_size < 20_000  # the model has 178 kB of weights
