import numpy as np
import pytest


def test_against_onnxruntime(record, lenet):
    pytest.importorskip("onnxruntime")
    answer = record("verify", lenet.model, "--against=onnxruntime", "--samples=3", "--compiler=none")
    assert answer["passed"]
    assert answer["samples"] == 3
    figures = answer["references"]["onnxruntime"]
    assert figures["argmax_agreement"] == 1.0
    assert 0 <= figures["max_abs_error"] < 1e-5


def test_against_several_in_text(command, tiny):
    pytest.importorskip("onnxruntime")
    words = ["--against=onnx", "--against=onnxruntime", "--shapes=a:4x3", "--fix=b=[[1,2,3]]", "--compiler=none"]
    answer = command("verify", tiny, *words)
    assert (answer.status, answer.errors) == (0, [])
    assert "onnx: passed (atol 1e-05, rtol 1e-05" in answer.out
    assert "onnxruntime: passed" in answer.out


def test_expected_outputs_of_a_file(record, lenet):
    answer = record("verify", lenet.model, *lenet.digits, f"--expected={lenet.logits}", "--rtol=0", "--compiler=none")
    assert answer["references"]["expected"]["max_abs_error"] < 1e-5


def test_a_mismatch_is_exit_code_6(record, command, lenet, tmp_path):
    with np.load(lenet.logits) as archive:
        logits = archive["logits"].copy()
    logits[42, 7] += 0.125
    np.save(tmp_path / "wrong.npy", logits)
    words = ["verify", lenet.model, *lenet.digits, f"--expected={tmp_path / 'wrong.npy'}", "--compiler=none"]
    answer = record(*words, status=6)
    assert not answer["passed"]
    figures = answer["references"]["expected"]
    assert figures["max_abs_error"] == pytest.approx(0.125, abs=1e-5)
    assert figures["outputs"][0]["where"] == [42, 0, 7]
    assert "expected: FAILED" in command(*words).out
    assert record(*words, "--atol=0.2")["passed"]


def test_the_same_seed_draws_the_same_inputs(record, lenet):
    one, same, other = (
        record("verify", lenet.model, f"--seed={seed}", "--against=onnx", "--compiler=none") for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


def test_an_engine_needs_expected_outputs(command, record, lenet):
    engine = lenet.folder / "net.engine"
    command("compile", lenet.model, "-o", engine, "--compiler=none")
    assert record("verify", engine, *lenet.digits, f"--expected={lenet.logits}", "--compiler=none")["passed"]
    answer = command("verify", engine, "--against=onnx")
    assert answer.status == 2
    assert "give --expected" in answer.errors[0]


def test_profiles_are_verified_with_their_own_shapes(record, tiny, arrays):
    profiles = ["--profile=one=a:1x3,b:1x3", "--profile=two=a:2x3,b:2x3", "--compiler=none"]
    for rows in (1, 2):
        given = arrays(a=np.ones((rows, 3), np.float32), b=np.ones((rows, 3), np.float32))
        assert record("verify", tiny, "--against=onnx", *given, *profiles)["passed"]


def test_a_quantized_model_that_onnx_rounds_otherwise_passes(record, command, tied_model):
    answer = record("verify", tied_model, "--against=onnx", "--compiler=none")
    figures = answer["references"]["onnx"]
    assert answer["passed"]
    assert figures["max_abs_error"] > 1
    assert "onnx differs first in" in figures["because"]
    assert "beyond it, and yet right: all" in command("verify", tied_model, "--against=onnx", "--compiler=none").out


def test_onnxruntime_multiplies_the_same_integers(record, tied_model):
    pytest.importorskip("onnxruntime")
    figures = record("verify", tied_model, "--samples=3", "--compiler=none")["references"]["onnxruntime"]
    assert figures["passed"]
    real = record("verify", tied_model, "--compiler=none", "--quantized=float", status=6)["references"]["onnxruntime"]
    assert not real["passed"]
    assert real["because"] is None
