"""Inputs drawn at random, for comparisons and measurements."""

from collections.abc import Mapping, Sequence

import numpy as np

from mini_infer.ir import Symbol, TensorType

Sample = dict[str, np.ndarray]

_BYTE = 256

_FEW = 1000
"""Sizes that are listed, to draw from those that are left."""


def random_samples(types: Mapping[str, TensorType], *, count: int = 1, seed: int = 0) -> list[Sample]:
    """Draw inputs: the same ones for the same seed.

    Floating-point elements are standard normal, 8-bit integers uniform over what they can hold, booleans fair coins,
    and wider integers 0 or 1: they are often indices, and those two are in range of nearly everything.

    Parameters
    ----------
    types
        Input name → type.
    count
        How many samples.
    seed
        Of the random numbers.
    """
    generator = np.random.default_rng(seed)
    return [{name: _draw(kind, generator) for name, kind in types.items()} for _ in range(count)]


def spread(symbols: Sequence[Symbol], *, seed: int = 0) -> list[dict[str, int]]:
    """Sizes that say much of all: the least, two between, the typical and the greatest; without symbols, once none.

    Parameters
    ----------
    symbols
        What has a range.
    seed
        Of the two between.
    """
    generator = np.random.default_rng(seed)
    found = [
        {each.name: each.low for each in symbols},
        *_transposed({each.name: _between(each, generator) for each in symbols}),
        {each.name: each.typical for each in symbols},
        {each.name: each.high for each in symbols},
    ]
    return [dict(items) for items in dict.fromkeys(tuple(sizes.items()) for sizes in found)]


def _between(symbol: Symbol, generator: np.random.Generator) -> list[int]:
    """Two sizes that are neither the ends nor the typical one, as far as there are such."""
    known = {symbol.low, symbol.typical, symbol.high}
    if len(symbol.sizes) <= _FEW:
        rest = [size for size in symbol.sizes if size not in known] or [symbol.typical]
        return [int(size) for size in generator.choice(rest, 2, replace=len(rest) == 1)]
    found: list[int] = []
    while len(found) < 2:  # noqa: PLR2004 - two, of many more
        size = symbol.low + symbol.step * int(generator.integers(len(symbol.sizes)))
        if size not in {*known, *found}:
            found.append(size)
    return found


def _transposed(columns: Mapping[str, list[int]]) -> list[dict[str, int]]:
    return [{name: sizes[row] for name, sizes in columns.items()} for row in range(2)]


def stack(samples: Sequence[Mapping[str, np.ndarray]]) -> Sample:
    """Each tensor of all samples as one array, samples first."""
    return {name: np.stack([sample[name] for sample in samples]) for name in samples[0]}


def _draw(kind: TensorType, generator: np.random.Generator) -> np.ndarray:
    dtype = kind.dtype.numpy
    if kind.dtype.is_float or dtype.kind == "c":
        return generator.standard_normal(kind.shape).astype(dtype)
    if dtype.kind in "iu" and dtype.itemsize == 1:
        return generator.integers(0, _BYTE, kind.shape, dtype=np.uint8).view(dtype)
    return generator.integers(0, 2, kind.shape).astype(dtype)
