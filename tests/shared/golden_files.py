"""Golden files: a model and, below a rule, what is made of it as text.

With MINI_INFER_REGENERATE=1 in the environment the part below is written anew.
"""

import difflib
import os
import re
from pathlib import Path

import numpy as np
import onnx.parser

import mini_infer
from mini_infer.codegen import generate
from mini_infer.ir.ranges import parse_dim
from mini_infer.toolchain import Target

FOLDER = Path(__file__).parents[1] / "golden"
RULE = "-" * 100 + "\n"
TARGET = Target.parse("x86_64-linux-gnu+v3")
"""Vectors of 32 bytes; `options:` may name another."""


def paths(kind, ending="txt"):
    return sorted((FOLDER / kind).glob(f"*.{ending}"))


def model_text(path):
    """What stands above the rule."""
    return path.read_text(encoding="utf-8").partition(RULE)[0]


def hold(path, actual):
    """Compare what stands below the rule, or all of a file that is no model's; or write it."""
    above = model_text(path) + RULE if path.suffix == ".txt" else ""
    if os.environ.get("MINI_INFER_REGENERATE"):
        path.write_text(above + actual, encoding="utf-8", newline="\n")
        return
    wanted, found = path.read_text(encoding="utf-8"), above + actual
    assert found == wanted, "\n".join(
        difflib.unified_diff(wanted.splitlines(), found.splitlines(), path.name, lineterm="")
    )


def read_model(text, opset=18):
    """The model that a text is, and words of its first lines: `options:` gives those of the compiler.

    `constants:` names constants and their shapes, `w=3,1,3,3`; unless they are float32, with their types, `w:int8=4`.
    They are random; those of integers small. `dims:` gives ranges of sizes, `seq=1..40`.
    """
    words = {"constants": "", "options": "", "dims": ""}
    while found := re.match(r"(constants|options|dims): (.*)\n", text):
        words[found[1]] = found[2]
        text = text[found.end() :]
    if "opset_import" not in text:
        text = f'<ir_version: 9, opset_import: ["": {opset}]>\n{text}'
    model = onnx.parser.parse_model(text)
    generator = np.random.default_rng(0)
    for name, dtype, shape in re.findall(r"(\w+)(?::(\w+))?=([\d,]*)", words["constants"]):
        array = _random(generator, np.dtype(dtype or "float32"), tuple(map(int, filter(None, shape.split(",")))))
        model.graph.initializer.append(onnx.numpy_helper.from_array(array, name))
    options = dict(re.findall(r"(\w+)=(\S+)", words["options"]))
    dims = dict(map(parse_dim, words["dims"].split()))
    return model, {**options, "dims": dims} if dims else options


def _random(generator, dtype, shape):
    if dtype.kind == "f":
        return generator.uniform(0.25, 1.25, shape).astype(dtype)
    return generator.integers(0, 4, shape).astype(dtype)


def compiled(path):
    """What the model in a file compiles to: the same on every machine."""
    model, words = read_model(model_text(path), opset=23)
    target, threads = words.pop("target", TARGET), int(words.pop("threads", 1))
    return mini_infer.build(model, **words, target=target, threads=threads, time_limit=0)


def generated(path):
    """C of the model in a file, as an engine has it: file name → text."""
    artifact = compiled(path)
    target = artifact.target
    return generate(artifact.program, artifact.plan, target.machine, threads=target.threads).files


def first_words(path):
    """Of each line below the rule."""
    return {line.split()[0] for line in path.read_text(encoding="utf-8").partition(RULE)[2].splitlines()}
