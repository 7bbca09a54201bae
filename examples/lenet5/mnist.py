"""MNIST as `.npz` files: `images` (or `x`) of shape (N, 28, 28), uint8, and `labels` (or `y`) of shape (N,)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIDE = 28


def load(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images of shape (N, 28, 28) and labels of shape (N,), both uint8."""
    with np.load(path, allow_pickle=False) as archive:
        images, labels = (
            next((archive[key] for key in keys if key in archive), None) for keys in (("images", "x"), ("labels", "y"))
        )
    if images is None or labels is None:
        raise SystemExit(f"{path}: expected the arrays images and labels (or x and y)")
    if images.shape != (len(labels), SIDE, SIDE) or images.dtype != np.uint8:
        raise SystemExit(f"{path}: expected uint8 images of {len(labels)}x28x28, got {images.dtype} {images.shape}")
    return images, labels
