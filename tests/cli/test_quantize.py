"""`mini-infer quantize`: what it writes and says, and what it refuses before anything is written."""

import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import mini_infer as mi
from mini_infer.cli.commands import quantize
from mini_infer.errors import InputError, UnsupportedError, UsageError

pytest.importorskip("onnxruntime")

QUICK = "--compiler=none"


@pytest.fixture
def asked(lenet, tmp_path):
    """The words that quantize LeNet-5 with its digits, and the file that they write."""
    made = tmp_path / "made.onnx"
    digits = [each.replace("--input", "--calibrate") for each in lenet.digits]
    return ["quantize", lenet.model, "-o", made, *digits, QUICK], made


@pytest.fixture
def refused(command, tmp_path):
    """Run a command that must fail: one line, and every file as it was; returns the line."""

    def run(error, *words):
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        answer = command(*words)
        assert (answer.status, answer.out) == (error.exit_code, ""), answer.errors
        (line,) = answer.errors
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
        return line

    return run


def share(text):
    """`12,345 (12.3 kB)  0.32 x` as numbers."""
    before, after = re.search(r"([\d,]+) +([\d,]+) \(", text).groups()
    return int(before.replace(",", "")), int(after.replace(",", ""))


def test_what_it_writes_and_says(command, record, asked, lenet):
    words, made = asked
    answer = command(*words, "--labels", lenet.labels, "--layers", 2)
    assert (answer.status, answer.errors) == (0, [])
    report = record(*words, "--labels", lenet.labels, "--layers", 2)

    digits = np.load(lenet.labels.removesuffix(":labels"))
    images = digits["images"].astype(np.float32)[:, None, None] / np.float32(255)
    contexts = [mi.compile(model, compiler="none").create_context() for model in (lenet.model, made)]
    expected, found = (np.stack([context.run({"input": each})["logits"] for each in images]) for context in contexts)
    (loss,) = report["outputs"]
    assert loss["max_abs_error"] == np.abs(found.astype(np.float64) - expected).max()
    assert loss["relative_error"] == pytest.approx(np.linalg.norm(found - expected) / np.linalg.norm(expected), 1e-5)
    assert loss["agreement"] == (found.argmax(axis=-1) == expected.argmax(axis=-1)).mean()
    right = [int((each[:, 0].argmax(axis=-1) == digits["labels"]).sum()) for each in (expected, found)]
    assert report["accuracy"] == {"labels": 100, "float_right": right[0], "quantized_right": right[1]}
    assert (report["calibration_samples"], report["samples"], report["random_samples"]) == (100, 100, False)
    for kind, model in (("float", lenet.model), ("quantized", made)):
        artifact = mi.build(model)
        sizes = {"file": Path(model).stat().st_size, "weights": artifact.weight_bytes, "arena": artifact.arena_bytes}
        assert report["bytes"][kind] == sizes
    assert report["bytes"]["quantized"]["file"] < report["bytes"]["float"]["file"] / 3

    lines = answer.out.splitlines()
    assert lines[0] == (
        f"{made}: lenet5.onnx as qdq, uint8 activations, int8 weights per channel, min-max of 100 samples"
    )
    for line, key in zip(lines[2:5], ("file", "weights", "arena"), strict=True):
        assert line.split()[0] == key
        assert share(line) == tuple(report["bytes"][kind][key] for kind in ("float", "quantized"))
    assert f"  right: float {right[0]} of 100 ({right[0]}.00 %), quantized {right[1]} of 100" in answer.out
    layers = [layer["name"] for layer in report["layers"]]
    assert len(layers) == 5
    assert [line.split()[-1] for line in lines[-3:-1]] == layers[:2]
    assert lines[-1] == f"--keep {layers[0]} leaves the first in float"


def test_both_formats_and_activations_are_written_as_they_are_asked_for(command, asked):
    words, made = asked
    for options, operator, kind in (
        (["--activations=int8", "--no-per-channel"], "QuantizeLinear", TensorProto.INT8),
        (["--format=qoperator", "--ranges=percentile"], "QLinearConv", TensorProto.UINT8),
    ):
        assert command(*words, *options, "--layers=0").status == 0
        model = onnx.load(made)
        assert operator in [node.op_type for node in model.graph.node]
        (zero,) = (each for each in model.graph.initializer if each.name == "input_zero_point")
        assert zero.data_type == kind


def test_a_node_that_is_kept(command, record, asked):
    words, made = asked
    report = record(*words, "--keep=/fc3/Gemm", "--keep=/conv1/Conv")
    assert report["settings"]["keep"] == ["/fc3/Gemm", "/conv1/Conv"]
    assert {layer["name"] for layer in report["layers"]} == {"/conv2/Conv", "/fc1/Gemm", "/fc2/Gemm"}
    float_weights = {each.name for each in onnx.load(made).graph.initializer if each.data_type == TensorProto.FLOAT}
    kept = {node.input[1] for node in onnx.load(made).graph.node if node.name in report["settings"]["keep"]}
    assert len(kept) == 2
    assert kept <= float_weights
    assert ", 2 nodes kept float\n" in command(*words, "--keep=/fc3/Gemm", "--keep=/conv1/Conv", "--layers=0").out


def test_a_dynamic_model_needs_no_samples(record, lenet, tmp_path):
    made = tmp_path / "made.onnx"
    report = record("quantize", lenet.model, "-o", made, "--dynamic", QUICK, "--seed=3", "--layers=0")
    assert (report["calibration_samples"], report["random_samples"], report["layers"]) == (0, True, [])
    assert "ConvInteger" in [node.op_type for node in onnx.load(made).graph.node]
    given = record(
        "quantize",
        lenet.model,
        "-o",
        made,
        "--dynamic",
        QUICK,
        f"--evaluate={lenet.digits[0][8:]}",
        "--scale=1/255",
        f"--labels={lenet.labels}",
    )
    assert (given["samples"], given["random_samples"], given["accuracy"]["quantized_right"]) == (100, False, 100)


def test_measured_on_other_samples_than_the_ranges_are_of(record, asked, tmp_path):
    words, made = asked
    noise = np.random.default_rng(0).random((7, 1, 28, 28), np.float32) * 255
    np.save(tmp_path / "noise.npy", noise)
    plain = record(*words, "--layers=0")
    content = made.read_bytes()
    other = record(*words, "--layers=0", f"--evaluate={tmp_path / 'noise.npy'}")
    assert made.read_bytes() == content
    assert (other["calibration_samples"], other["samples"]) == (100, 7)
    assert other["outputs"] != plain["outputs"]


def test_a_folder_of_images(record, lenet, refused, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    digits = np.load(lenet.labels.removesuffix(":labels"))["images"][:5]
    for index, image in enumerate(digits):
        (folder / f"{index}.pgm").write_bytes(b"P5 28 28 255\n" + image.tobytes())
    (folder / "notes.txt").write_text("no image")
    np.save(tmp_path / "digits.npy", digits)
    words = ["quantize", lenet.model, "-o", tmp_path / "made.onnx", "--scale=1/255", QUICK, "--layers=0"]
    of_folder, of_array = (
        (record(*words, f"--calibrate={tmp_path / name}"), (tmp_path / "made.onnx").read_bytes())
        for name in ("photos", "digits.npy")
    )
    assert of_folder == of_array
    assert of_folder[0]["samples"] == 5
    words[3] = folder / "0.pgm"
    assert "which is read" in refused(UsageError, *words, f"--calibrate={folder}")
    assert "which is read" in refused(UsageError, *words, f"--calibrate=input={folder}")
    (tmp_path / "empty").mkdir()
    assert "a folder without images" in refused(
        InputError, *words[:3], tmp_path / "x", f"--calibrate={tmp_path / 'empty'}"
    )


def test_weights_beside_the_model_count_as_its_file(record, tmp_path):
    weights = numpy_helper.from_array(np.random.default_rng(0).standard_normal((64, 64)).astype(np.float32), "w")
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 64]) for name in "xy"]
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"], "product")], "g", values[:1], values[1:], [weights]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(model, tmp_path / "net.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0)
    np.save(tmp_path / "x.npy", np.random.default_rng(1).standard_normal((3, 2, 64)).astype(np.float32))
    words = [tmp_path / "net.onnx", "-o", tmp_path / "made.onnx", f"--calibrate={tmp_path / 'x.npy'}", QUICK]
    report = record("quantize", *words)
    assert report["bytes"]["float"]["file"] == (tmp_path / "net.onnx").stat().st_size + 4 * 64 * 64
    assert [layer["name"] for layer in report["layers"]] == ["product"]
    assert report["bytes"]["quantized"]["file"] == (tmp_path / "made.onnx").stat().st_size < 2 * 64 * 64


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        ([], UsageError, "give --calibrate FILE: real inputs, from which the ranges follow; or --dynamic"),
        (["--calibrate=random"], UsageError, "the ranges of noise are not those of real inputs"),
        (["--calibrate=DIGITS", "--dynamic"], UsageError, "--dynamic needs no --calibrate"),
        (["--dynamic", "--labels=LABELS"], UsageError, "give these by --evaluate"),
        (["--dynamic", "--format=qoperator"], UsageError, "format='qoperator' is for samples"),
        (["--calibrate=DIGITS"], InputError, "holds uint8, expected float32; normalize it with --scale"),
        (["--calibrate=DIGITS", "--scale=1/255", "--labels=nowhere.npy"], InputError, "nowhere.npy"),
        (["--calibrate=DIGITS", "--scale=1/255", "--keep=/conv1/Cov"], InputError, "did you mean /conv1/Conv?"),
        (["--calibrate=nowhere.npz"], InputError, "nowhere.npz"),
        (["--calibrate=x=DIGITS"], InputError, "no input is called 'x'; the model's inputs are input (float32"),
        (["--calibrate=DIGITS", "--scale=1/255", "--layers=few"], UsageError, "'few' is no count: write 0 or more"),
    ],
)
def test_what_makes_no_sense(refused, lenet, tmp_path, words, error, said):
    digits = lenet.digits[0].removeprefix("--input=")
    given = [each.replace("DIGITS", digits).replace("LABELS", lenet.labels) for each in words]
    assert said in refused(error, "quantize", lenet.model, "-o", tmp_path / "made.onnx", QUICK, *given)


def test_an_input_without_samples_names_the_option(refused, tiny, arrays, tmp_path):
    (given,) = arrays(a=np.ones((2, 3), np.float32))
    words = ["-o", tmp_path / "made.onnx", "--dim=N=2", given.replace("--input", "--calibrate")]
    assert "no --calibrate for 'b'" in refused(InputError, "quantize", tiny, *words)


def test_an_engine(refused, command, lenet, tmp_path):
    engine = tmp_path / "net.engine"
    command("compile", lenet.model, "-o", engine, QUICK)
    line = refused(UsageError, "quantize", engine, "-o", tmp_path / "made.onnx", "--dynamic")
    assert "net.engine is an engine; quantize takes an ONNX model" in line


def test_a_quantized_model(refused, command, asked, tmp_path):
    words, made = asked
    assert command(*words, "--layers=0").status == 0
    words[1], words[3] = made, tmp_path / "twice.onnx"
    assert "the model is quantized already" in refused(InputError, *words)


def test_it_is_not_written_over_what_it_reads(refused, asked, lenet, tmp_path):
    words, _ = asked
    words[3] = lenet.model
    assert "which is read" in refused(UsageError, *words)
    samples = tmp_path / "x.npy"
    np.save(samples, np.ones((1, 1, 28, 28), np.float32))
    for given in (["--calibrate", samples], ["--calibrate", f"input={samples}"], ["--dynamic", "--evaluate", samples]):
        assert "which is read" in refused(UsageError, "quantize", lenet.model, "-o", samples, *given)


def test_layers_that_cannot_be_looked_at_say_how_to_do_without(refused, command, asked, monkeypatch):
    def fails(*_):
        raise UnsupportedError("onnxruntime does not run the layers: it is tired")

    monkeypatch.setattr(quantize, "layer_losses", fails)
    assert refused(UnsupportedError, *asked[0]).endswith("it is tired; --layers 0 quantizes without looking at them")
    assert command(*asked[0], "--layers=0").status == 0


def test_more_weights_than_a_file_holds(refused, asked, monkeypatch):
    monkeypatch.setattr("mini_infer.quantization.prepare._FILE", 40_000)
    assert re.search(r"has \d+ bytes of weights, more than a file of ONNX holds", refused(UnsupportedError, *asked[0]))


def test_a_folder_that_is_not_there(refused, asked, tmp_path):
    words, _ = asked
    words[3] = tmp_path / "nowhere" / "made.onnx"
    assert "No such file" in refused(InputError, *words, "--layers=0")
