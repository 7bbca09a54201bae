"""`torch.compile(backend="mini_infer")` against PyTorch's eager mode and inductor: first call, and a run's time.

    python benchmarks/torch_compile.py [resnet18 mobilenet_v2 vit bert ...] [--rounds 15] [--without inductor]

One thread each, alternating turns in one process; only ratios mean much. Models have random weights: torchvision's for
images of 224 x 224, and an encoder of BERT-base's sizes for 128 tokens.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

import mini_infer.torch

BACKENDS: dict[str, Any] = {"eager": None, "inductor": "inductor", "mini_infer": mini_infer.torch.backend}


class Encoder(nn.Module):
    """Twelve layers of 768 with 12 heads: BERT-base without its embedding."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(768, 12, 3072, activation="gelu", batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 12, enable_nested_tensor=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Encode [batch, tokens, 768]."""
        encoded: torch.Tensor = self.layers(x)
        return encoded


def model(name: str) -> tuple[nn.Module, torch.Tensor]:
    """A model and an input."""
    torch.manual_seed(0)
    if name == "bert":
        return Encoder().eval(), torch.randn(1, 128, 768)
    import torchvision.models

    made = getattr(torchvision.models, {"vit": "vit_b_16"}.get(name, name))()
    for weight in made.parameters():
        if weight.dim() > 1 and not weight.any():
            nn.init.normal_(weight, std=0.02)  # a head of zeros answers zeros
    return made.eval(), torch.randn(1, 3, 224, 224)


def measure(name: str, backends: Sequence[str], rounds: int) -> None:
    """Print a line of a model."""
    net, x = model(name)
    runs: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {}
    first: dict[str, float] = {}
    answers: dict[str, torch.Tensor] = {}
    with torch.no_grad():
        for each in backends:
            torch.compiler.reset()
            chosen = BACKENDS[each]
            runs[each] = net if chosen is None else torch.compile(net, backend=chosen)
            began = time.perf_counter()
            runs[each](x)
            first[each] = time.perf_counter() - began
            answers[each] = runs[each](x)
        times: dict[str, list[float]] = {each: [] for each in backends}
        for _ in range(rounds):
            for each in backends:
                began = time.thread_time()
                runs[each](x)
                times[each].append(time.thread_time() - began)
    exact = answers["eager"]
    error = float((answers["mini_infer"] - exact).abs().max() / exact.abs().max())
    cells = [name, f"error {error:.1e}"]
    for each in backends:
        ours = statistics.median(a / b for a, b in zip(times[each], times["mini_infer"], strict=True))
        cells.append(f"{each} {1000 * statistics.median(times[each]):.1f} ms ({ours:.2f}), first {first[each]:.1f} s")
    print(" | ".join(cells), flush=True)


def main() -> None:
    """Measure the models named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=["resnet18", "mobilenet_v2", "vit", "bert"])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--without", action="append", default=[], choices=["inductor"])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.backends.mha.set_fastpath_enabled(False)  # its one fused operator cannot be exported
    for name in arguments.models:
        measure(name, [each for each in BACKENDS if each not in arguments.without], arguments.rounds)


if __name__ == "__main__":
    main()
