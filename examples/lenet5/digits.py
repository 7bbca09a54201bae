"""Picks the hundred digits of the demo: the first ten of each class among MNIST's test digits, in their order.

    python digits.py mnist_test_10k.npz -o digits.npz

Writes `images` (100, 28, 28) uint8, `labels` (100,) uint8 and `indices` (100,) int32, each digit's place in the test
set.
"""

import argparse
from pathlib import Path

import mnist
import numpy as np

PER_CLASS = 10


def main() -> None:
    """Pick and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("test", type=Path, help="npz: images (N, 28, 28) uint8 and labels (N,); x and y also do")
    parser.add_argument("-o", "--output", type=Path, default=Path("digits.npz"), help="default: %(default)s")
    args = parser.parse_args()

    images, labels = mnist.load(args.test)
    indices = np.sort(np.concatenate([np.flatnonzero(labels == digit)[:PER_CLASS] for digit in range(10)]))
    np.savez_compressed(args.output, images=images[indices], labels=labels[indices], indices=indices.astype(np.int32))
    print(f"{args.output}: {len(indices)} digits, {args.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
