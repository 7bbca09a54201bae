"""What the demo carries: the trained model, a hundred digits, and PyTorch's outputs for them (origin: README.md)."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent
MODEL = FOLDER / "lenet5.onnx"
DIGITS = FOLDER / "digits.npz"
REFERENCE = FOLDER / "reference.npz"


@dataclass(frozen=True, slots=True)
class Digits:
    """Real MNIST test digits.

    Attributes
    ----------
    images
        Shape (N, 28, 28), uint8, ink is 255.
    labels
        Shape (N,), uint8, 0 to 9.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    @property
    def inputs(self) -> NDArray[np.float32]:
        """What the network reads: shape (N, 1, 28, 28), pixels in [0, 1]."""
        return self.images[:, None].astype(np.float32) / np.float32(255)


@dataclass(frozen=True, slots=True)
class Reference:
    """What PyTorch computed: logits of shape (N, 10), float32, and the version that computed them."""

    logits: NDArray[np.float32]
    torch: str


def load_digits(path: Path = DIGITS) -> Digits:
    """The digits of an `.npz` file with `images` and `labels`."""
    with np.load(path, allow_pickle=False) as archive:
        return Digits(archive["images"], archive["labels"])


def load_reference(path: Path = REFERENCE) -> Reference:
    """The reference outputs of an `.npz` file with `logits`, and of the `.json` beside it with `torch`."""
    made_by = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    with np.load(path, allow_pickle=False) as archive:
        return Reference(archive["logits"], made_by["torch"])
