import numpy as np
import pytest

from mini_infer.demo import assets
from mini_infer.demo.pytorch import network, reference_logits, with_weights_of
from mini_infer.errors import InputError

pytestmark = pytest.mark.slow  # importing torch takes seconds


@pytest.fixture(autouse=True)
def torch():
    return pytest.importorskip("torch")


def test_network_has_the_documented_size_and_shapes(torch):
    lenet = network()
    assert sum(weight.numel() for weight in lenet.parameters()) == 44_426
    assert lenet(torch.zeros(3, 1, 28, 28)).shape == (3, 10)


def test_reference_is_the_network_one_sample_at_a_time(torch):
    inputs = assets.load_digits().inputs[:5]
    logits, version = reference_logits(assets.MODEL, inputs)
    assert version == str(torch.__version__)
    with torch.inference_mode():
        batched = with_weights_of(assets.MODEL)(torch.from_numpy(inputs)).numpy()
    np.testing.assert_allclose(logits, batched, rtol=0, atol=1e-5)


def test_threads_are_left_as_they_were(torch):
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        reference_logits(assets.MODEL, assets.load_digits().inputs[:1])
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


def test_another_models_weights_are_refused(tmp_path):
    import onnx

    model = onnx.load(assets.MODEL)
    del model.graph.initializer[0]
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(InputError, match=r"other\.onnx: these are not LeNet-5's weights: .*conv1\.weight"):
        with_weights_of(tmp_path / "other.onnx")
