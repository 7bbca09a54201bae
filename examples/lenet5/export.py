"""Exports trained LeNet-5 weights from PyTorch to ONNX: batch 1, opset 17, input `input`, output `logits`.

    python export.py lenet5.pt -o lenet5.onnx

The TorchScript exporter keeps PyTorch's parameter names and needs nothing but torch and onnx; the same weights and
PyTorch version give the same bytes.
"""

import argparse
import warnings
from pathlib import Path

import torch

from mini_infer.demo.pytorch import network

OPSET = 17


def main() -> None:
    """Export one file of weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="what train.py wrote")
    parser.add_argument("-o", "--output", type=Path, default=Path("lenet5.onnx"), help="default: %(default)s")
    args = parser.parse_args()

    lenet = network()
    lenet.load_state_dict(torch.load(args.weights, weights_only=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the other exporter needs onnxscript and renames weights
        torch.onnx.export(
            lenet.eval(),
            (torch.zeros(1, 1, 28, 28),),
            args.output,
            dynamo=False,
            opset_version=OPSET,
            input_names=["input"],
            output_names=["logits"],
        )
    print(f"{args.output}: {args.output.stat().st_size} bytes, opset {OPSET}, PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
