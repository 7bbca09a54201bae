"""What the documents' examples talk about, in a folder of its own."""

import shutil
from importlib.util import find_spec

import numpy as np
import onnx
import pytest
from sized_models import decoder, detector, embedding

from mini_infer.demo import assets
from mini_infer.demo.example import save_example


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """What the documents talk about: LeNet-5 and its digits, a small network with an input for it, and models with open
    dimensions with inputs of different sizes.
    """
    shutil.copy(assets.MODEL, tmp_path / "lenet5.onnx")
    shutil.copy(assets.DIGITS, tmp_path / "digits.npz")
    shutil.copy(assets.REFERENCE, tmp_path / "reference.npz")
    (tmp_path / "buffers.csv").write_text("id,lower,upper,size\na,0,2,100\nb,1,3,50\nc,2,4,100\n")
    save_example(tmp_path / "net.onnx")
    generator = np.random.default_rng(0)
    onnx.save(embedding(), tmp_path / "embed.onnx")
    onnx.save(detector(), tmp_path / "det.onnx")
    onnx.save(decoder(), tmp_path / "decoder.onnx")
    for name, length in (("short", 7), ("long", 200)):
        ids = generator.integers(0, 100, (1, length))
        np.savez(tmp_path / f"{name}.npz", input_ids=ids, attention_mask=np.ones_like(ids))
    for name, shape in (("small", (1, 3, 64, 64)), ("wide", (1, 3, 96, 320))):
        np.save(tmp_path / f"{name}.npy", generator.standard_normal(shape).astype(np.float32))
    if find_spec("tflite_micro"):
        from tflite_models import diamonds
        from tflite_models import save as save_tflite

        save_tflite(diamonds(), tmp_path / "net.tflite")
    monkeypatch.chdir(tmp_path)
    return tmp_path
