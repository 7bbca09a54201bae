"""What the fuzzer found once: models as they were, and engines whose fields are changed again; none may be a fault."""

import json
from pathlib import Path

import pytest
from corpus import corpus
from engine_file import dumps, places, put_together, taken_apart
from workers import Case, Worker

MODELS = sorted((Path(__file__).parent / "seeds").glob("*.onnx"))
NATIVE = pytest.mark.parametrize(
    "native", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["interpreted", "native"]
)
GONE = object()
ENGINES = [
    ("chain/sizes", "programs", "0/outputs/0/type/shape/1", GONE),
    ("chain/sizes", "programs", "0/steps/1", 0),
    ("chain/sizes", "programs", "0/outputs/0", GONE),
    ("chain/sizes", "programs", "0/outputs", None),
    ("chain/sizes", "header", "mini_infer", GONE),
    ("chain/sizes", "plans", "0/offsets/0", -0.0),
    ("chain/sizes", "plans", "0/offsets", [0, 0]),
    ("chain/views", "header", "format", GONE),
    ("chain/views", "header", "sections/arrays/size", GONE),
    ("chain/views", "header", "sections/arrays", []),
    ("chain/views", "plans", "0/offsets/0", GONE),
    ("chain/views", "plans", "0/offsets/0", -(2**63)),
    ("chain/views", "programs", "0/steps", 0),
    ("chain/views", "programs", "0/steps/0/calls/1/kernel/target/1", 65),
    ("chain/attention", "programs", "0/constants/3/3", "a"),
    ("chain/attention", "programs", "0/constants/4/2/3", 2),
    ("chain/attention", "programs", "0/problem/buffers/2/offset", 64),
    ("chain/attention", "programs", "0/steps/0/calls/0/kernel/stages/0/map/0", GONE),
    ("chain/control", "programs", "0/steps/7/calls/0/kernel/shape/0", GONE),
    ("chain/quantized", "programs", "0/steps/2/calls/2/kernel/mean", True),
    ("chain/control", "programs", "0/steps/5/node/inputs/0", "\ud800"),
    ("chain/control", "programs", "0/steps/10/node/op", "\ud800"),
    ("chain/control", "programs", "0/values/$map/10/0", "1-"),
    ("chain/control", "programs", "0/steps/17/control/operands/1/type/shape/0", 2),
    ("chain/convolutions", "programs", "0/constants/1/2/1", GONE),
    ("chain/convolutions", "programs", "0/steps/1/node/body/0/attributes/$map/0/1/1", [[]]),
    ("chain/function", "programs", "0/steps/0/calls/0/kernel/expression/2/arguments/0", GONE),
    ("chain/function", "programs", "0/inputs/0/type/shape", []),
    ("chain/function", "programs", "0/values/$map", []),
    ("chain/mlp", "plans", "0/offsets/0", 1),
    ("chain/mlp", "plans", "0/offsets/0", 1e300),
    ("chain/mlp", "programs", "0/constants/2", GONE),
    ("chain/mlp", "programs", "0/problem/capacity", 0),
    ("chain/mlp", "programs", "0/values/$map/0/1/type/shape/0", 255),
    ("chain/mlp", "programs", "0/values/$map/3/1", []),
]


@pytest.fixture(scope="module")
def engines():
    return {seed.name.removesuffix(".engine"): seed.data for seed in corpus() if seed.kind == "engine"}


@pytest.fixture(scope="module")
def worker():
    made = Worker()
    yield made
    made.close()


@NATIVE
@pytest.mark.parametrize(("name", "section", "path", "value"), ENGINES)
def test_an_engine_with_a_field_changed(engines, worker, name, section, path, value, native):
    header, sections = taken_apart(engines[name])
    fields = header if section == "header" else json.loads(sections[section])
    *way, last = (int(key) if key.isdecimal() else key for key in path.split("/"))
    holder = fields
    for key in way:
        holder = holder[key]
    if value is GONE:
        del holder[last]
    else:
        holder[last] = value
    if section != "header":
        sections[section] = dumps(fields)
        header["sections"] = places(sections)
    outcome = worker.run(Case(0, "engine", ".engine", put_together(header, sections), native, seed="0", story=""))
    assert not outcome.fault, outcome


@NATIVE
@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_that_was_a_fault(worker, path, native):
    outcome = worker.run(Case(0, "model", ".onnx", path.read_bytes(), native, seed="0", story=""))
    assert not outcome.fault, outcome
