"""Families: each makes an instance of one kind of kernel from decisions."""

from collections.abc import Callable

from harness.draw import Draw
from harness.families import (
    certain,
    certain_products,
    chains,
    control,
    convolutions,
    copies,
    dated,
    elements,
    few_bits,
    folds,
    indices,
    nothing,
    products,
    quantized,
    rare,
    refused,
    sampled,
    sequences,
    streams,
)
from harness.instance import NEWEST, Instance

Family = Callable[[Instance, Draw], None]

FAMILIES: dict[str, Family] = {
    **convolutions.FAMILIES,
    **products.FAMILIES,
    **folds.FAMILIES,
    **elements.FAMILIES,
    **copies.FAMILIES,
    **indices.FAMILIES,
    **sampled.FAMILIES,
    **sequences.FAMILIES,
    **quantized.FAMILIES,
    **few_bits.FAMILIES,
    **control.FAMILIES,
    **chains.FAMILIES,
    **streams.FAMILIES,
    **nothing.FAMILIES,
    **rare.FAMILIES,
    **refused.FAMILIES,
    **dated.FAMILIES,
    **certain.FAMILIES,
    **certain_products.FAMILIES,
}
"""Name → what makes an instance."""


def make(family: str, seed: int, replay: list[int] | None = None, version: int = NEWEST) -> Instance:
    """The instance of a family that follows from a seed, or from decisions taken before."""
    draw = Draw(seed, replay)
    instance = Instance(family, draw, version)
    FAMILIES[family](instance, draw)
    if not instance.outputs:
        instance.give(instance.nodes[-1].output[0])
    return instance
