"""Trains LeNet-5 on MNIST with PyTorch and writes the weights.

    python train.py mnist_train_60k.npz mnist_test_10k.npz -o lenet5.pt

Deterministic: one thread, a fixed seed, a fixed number of epochs; the test digits are looked at once, after the last
step. Exits with 1 when fewer than 98.5 % of them come out right.
"""

import argparse
import sys
from pathlib import Path

import mnist
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from mini_infer.demo.pytorch import network

REQUIRED_ACCURACY = 0.985


def tensors(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> tuple[Tensor, Tensor]:
    """Pixels in [0, 1] of shape (N, 1, 28, 28) and integer labels of shape (N,)."""
    return torch.from_numpy(images[:, None].astype(np.float32) / 255), torch.from_numpy(labels.astype(np.int64))


def train(pixels: Tensor, labels: Tensor, *, epochs: int, seed: int) -> nn.Module:
    """A network trained with Adam under a one-cycle learning rate."""
    torch.manual_seed(seed)
    lenet = network().train()
    batches = DataLoader(TensorDataset(pixels, labels), batch_size=64, shuffle=True)
    optimizer = torch.optim.Adam(lenet.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=epochs * len(batches))
    for epoch in range(epochs):
        total = 0.0
        for batch, expected in batches:
            optimizer.zero_grad()
            # Smoothing keeps the logits small (5 rather than 34), so float32 keeps their sixth decimal.
            loss = nn.functional.cross_entropy(lenet(batch), expected, label_smoothing=0.1)
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1} of {epochs}: mean loss {total / len(batches):.4f}", flush=True)
    return lenet.eval()


def accuracy(lenet: nn.Module, pixels: Tensor, labels: Tensor) -> float:
    """The share of digits whose largest logit is their label."""
    with torch.inference_mode():
        return float((lenet(pixels).argmax(1) == labels).double().mean())


def main() -> int:
    """Train, test once, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path, help="npz: images (N, 28, 28) uint8 and labels (N,); x and y also do")
    parser.add_argument("test", type=Path, help="npz like it, never trained on")
    parser.add_argument("-o", "--output", type=Path, default=Path("lenet5.pt"), help="default: %(default)s")
    parser.add_argument("--epochs", type=int, default=10, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    args = parser.parse_args()

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    lenet = train(*tensors(*mnist.load(args.train)), epochs=args.epochs, seed=args.seed)
    torch.save(lenet.state_dict(), args.output)
    test = tensors(*mnist.load(args.test))
    share = accuracy(lenet, *test)
    print(f"{args.output}: {share:.2%} of {len(test[1])} test digits, PyTorch {torch.__version__}")
    return 0 if share >= REQUIRED_ACCURACY else 1


if __name__ == "__main__":
    sys.exit(main())
