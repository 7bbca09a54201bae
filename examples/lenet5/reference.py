"""Writes what PyTorch computes for the demo's digits: the reference that `mini-infer demo` compares with.

    python reference.py lenet5.onnx digits.npz -o reference.npz

The weights are read from the exported file, the network is PyTorch's own, one digit at a time on one thread. Writes
`logits` (100, 10) float32, and beside them, in reference.json, the versions that made them.
"""

import argparse
import json
import platform
from pathlib import Path

import numpy as np

from mini_infer.demo.assets import load_digits
from mini_infer.demo.pytorch import reference_logits


def main() -> None:
    """Compute and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="what export.py wrote")
    parser.add_argument("digits", type=Path, help="what digits.py wrote")
    parser.add_argument("-o", "--output", type=Path, default=Path("reference.npz"), help="default: %(default)s")
    args = parser.parse_args()

    digits = load_digits(args.digits)
    logits, version = reference_logits(args.model, digits.inputs)
    np.savez_compressed(args.output, logits=logits)
    made_by = {
        "torch": version,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    args.output.with_suffix(".json").write_text(json.dumps(made_by, indent=2) + "\n", encoding="utf-8")
    right = int((logits.argmax(axis=1) == digits.labels).sum())
    print(f"{args.output}: {right} of {len(logits)} digits right, PyTorch {version}")


if __name__ == "__main__":
    main()
