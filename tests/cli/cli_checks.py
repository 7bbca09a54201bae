"""What the tests of several commands need."""

import json
from pathlib import Path

import jsonschema
import onnx
from onnx import helper

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


def save(graph, path):
    """Write a model of one graph."""
    opsets = [helper.make_opsetid(*each) for each in (("", 18), ("com.example", 1), ("com.microsoft", 1))]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)
    return str(path)


def conforms(content):
    """Check a JSON answer against the schema that it names."""
    name = content["schema"].split("/")[1]
    jsonschema.validate(content, json.loads((SCHEMAS / f"{name}.json").read_text()))
