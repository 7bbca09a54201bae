"""Modules and exported programs as engines."""

import sys

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxscript", reason="PyTorch's exporter needs it")

import torch
from torch import nn

import mini_infer as mi
import mini_infer.torch
from mini_infer.errors import UnsupportedError, UsageError

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 5)).eval()


def test_a_module_becomes_an_engine_file(net, tmp_path):
    x = torch.randn(1, 3, 8, 8)
    mini_infer.torch.compile(net, (x,)).save(tmp_path / "net.engine")
    engine = mi.load(tmp_path / "net.engine")
    (made,) = engine.create_context().run({"input": x.numpy()}).values()
    with torch.no_grad():
        np.testing.assert_allclose(made, net(x).numpy(), rtol=1e-4, atol=1e-5)


def test_an_exported_program_with_an_open_batch(net):
    x = torch.randn(2, 3, 8, 8)
    program = torch.export.export(net, (x,), dynamic_shapes=({0: torch.export.Dim("batch", max=16)},))
    (given,) = mini_infer.torch.onnx_model(program).graph.input
    name = given.type.tensor_type.shape.dim[0].dim_param  # PyTorch's own
    ranged(net, mini_infer.torch.compile(program, dims={name: mi.Range(1, 4)}, threads=1))


def test_a_module_with_an_open_batch(net):
    shapes = {"input": {0: "batch"}}
    x = torch.randn(2, 3, 8, 8)
    ranged(net, mini_infer.torch.compile(net, (x,), dynamic_shapes=shapes, dims={"batch": mi.Range(1, 4)}))


def ranged(net, engine):
    with torch.no_grad():
        for batch in (1, 3, 4):
            x = torch.randn(batch, 3, 8, 8)
            (made,) = engine.create_context().run({"input": x.numpy()}).values()
            np.testing.assert_allclose(made, net(x).numpy(), rtol=1e-4, atol=1e-5)


def test_a_module_needs_inputs(net):
    with pytest.raises(UsageError, match=r"example inputs: compile\(module, \(x,\)\)$"):
        mini_infer.torch.compile(net)


def test_what_pytorch_cannot_export(net):
    with pytest.raises(UnsupportedError, match=r"^PyTorch cannot export it to ONNX: .*channels"):
        mini_infer.torch.compile(net, (torch.randn(1, 4, 8, 8),))


def test_without_pytorch(monkeypatch, net):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match=r"pip install \"mini-infer-engine\[torch\]\"$"):
        mini_infer.torch.compile(net, ())
