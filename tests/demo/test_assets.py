from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from mini_infer.demo import assets

EXAMPLE = Path(__file__).parents[2] / "examples" / "lenet5"


def test_example_and_package_carry_the_same_model():
    assert (EXAMPLE / "lenet5.onnx").read_bytes() == assets.MODEL.read_bytes()


def test_model_is_small_static_and_named():
    model = onnx.load(assets.MODEL)
    onnx.checker.check_model(model, full_check=True)
    shapes = {
        value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    assert shapes == {"input": [1, 1, 28, 28], "logits": [1, 10]}
    assert sum(np.prod(tensor.dims) for tensor in model.graph.initializer) == 44_426
    assert assets.MODEL.stat().st_size < 200_000


def test_digits_are_ten_of_each_class_and_not_empty():
    digits = assets.load_digits()
    assert digits.images.shape == (100, 28, 28)
    assert digits.images.dtype == np.uint8
    assert np.bincount(digits.labels).tolist() == [10] * 10
    assert (digits.images.max(axis=(1, 2)) > 200).all()
    assert len({image.tobytes() for image in digits.images}) == 100


def test_inputs_are_pixels_between_zero_and_one():
    digits = assets.Digits(np.array([[[0, 51], [102, 255]]], np.uint8), np.array([7], np.uint8))
    assert digits.inputs.dtype == np.float32
    np.testing.assert_array_equal(digits.inputs, np.array([[[[0, 0.2], [0.4, 1]]]], np.float32))


def test_reference_agrees_with_the_meaning_of_the_model():
    evaluator = ReferenceEvaluator(onnx.load(assets.MODEL))
    reference = assets.load_reference()
    assert reference.torch.startswith("2.")
    assert reference.logits.shape == (100, 10)
    for sample, expected in list(zip(assets.load_digits().inputs, reference.logits, strict=True))[::9]:
        (logits,) = evaluator.run(None, {"input": sample[None]})
        np.testing.assert_allclose(logits[0], expected, rtol=0, atol=1e-5)


def test_reference_reads_the_digits_right():
    assert (assets.load_reference().logits.argmax(axis=1) == assets.load_digits().labels).mean() >= 0.985


@pytest.mark.parametrize("path", [assets.DIGITS, assets.REFERENCE])
def test_assets_are_small(path):
    assert path.stat().st_size < 20_000
