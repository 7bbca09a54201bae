"""Random tensors with what breaks kernels in them: NaN, infinities, zeros of both signs, the ends of integers."""

import numpy as np

REALS = ("float32", "float64", "float16")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
SPECIALS = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 65504.0)


def tensor(rng: np.random.Generator, dtype: str, shape: tuple[int, ...], *, scale: float = 3.0, special: bool = True):
    """A tensor of any type; `special` mixes awkward values in."""
    kind = np.dtype(dtype)
    if kind == np.bool_:
        return rng.integers(0, 2, shape).astype(np.bool_)
    if kind.kind == "f":
        array = (rng.standard_normal(shape) * scale).astype(kind)
        awkward = rng.choice(SPECIALS, shape).astype(kind)
    else:
        limits = np.iinfo(kind)
        array = rng.integers(max(-20, limits.min), 20, shape).astype(kind)
        awkward = rng.choice(np.array([limits.min, limits.max, 0, 1, limits.max - 1], kind), shape)
    return np.where(rng.random(shape) < 0.2, awkward, array) if special else array


def broadcast_shapes(rng: np.random.Generator, count: int, *, empty: bool = True) -> list[tuple[int, ...]]:
    """Shapes that broadcast together, of rank 0 to 4."""
    rank = int(rng.integers(0, 5))
    sizes = [0, 1, 2, 3, 5, 17, 33] if empty and rng.random() < 0.1 else [1, 2, 3, 5, 17, 33]
    full = [int(rng.choice(sizes)) for _ in range(rank)]
    while np.prod(full, dtype=int) > 20_000:
        full[int(np.argmax(full))] = 2
    shapes = []
    for _ in range(count):
        kept = full[int(rng.integers(0, rank + 1)) if rng.random() < 0.4 else 0 :]
        shapes.append(tuple(1 if rng.random() < 0.25 else size for size in kept))
    return shapes
