"""The demo's network in PyTorch: what `examples/lenet5` trains and exports, and what makes the reference outputs.

PyTorch is imported inside the functions: the package does not need it.
"""

from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mini_infer.errors import InputError, UsageError

if TYPE_CHECKING:
    import torch


def network() -> "torch.nn.Sequential":
    """LeNet-5 with ReLU and max pooling: 1x1x28x28 pixels in [0, 1] to 1x10 logits, 44,426 weights.

    After LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.
    """
    from torch import nn

    return nn.Sequential(
        OrderedDict[str, nn.Module](
            conv1=nn.Conv2d(1, 6, 5),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(6, 16, 5),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            fc1=nn.Linear(256, 120),
            relu3=nn.ReLU(),
            fc2=nn.Linear(120, 84),
            relu4=nn.ReLU(),
            fc3=nn.Linear(84, 10),
        )
    )


def with_weights_of(model: Path) -> "torch.nn.Sequential":
    """The network with the weights of an exported ONNX file: the exporter keeps PyTorch's parameter names.

    Raises
    ------
    InputError
        When the file does not hold exactly this network's weights.
    """
    import onnx
    import torch

    initializers = onnx.load(model).graph.initializer
    lenet = network()
    try:
        lenet.load_state_dict(
            {tensor.name: torch.from_numpy(onnx.numpy_helper.to_array(tensor).copy()) for tensor in initializers}
        )
    except RuntimeError as error:
        raise InputError(f"{model}: these are not LeNet-5's weights: {' '.join(str(error).split())}") from None
    return lenet.eval()


def reference_logits(model: Path, inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], str]:
    """What PyTorch computes for each input, one at a time on one thread, and PyTorch's version.

    Parameters
    ----------
    model
        The exported ONNX file whose weights to use.
    inputs
        Shape (N, 1, 28, 28), in [0, 1].

    Returns
    -------
    Logits of shape (N, 10), and the version.

    Raises
    ------
    UsageError
        When PyTorch is not installed.
    """
    try:
        import torch
    except ImportError:
        raise UsageError(
            "PyTorch is not installed: install it with pip install torch, or leave --torch out "
            "to use the outputs that come with the package"
        ) from None
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        lenet = with_weights_of(model)
        with torch.inference_mode():
            rows = [lenet(torch.from_numpy(sample[None])).numpy()[0] for sample in inputs]
    finally:
        torch.set_num_threads(threads)
    return np.stack(rows), str(torch.__version__)
