"""Values whose size is known only at run time, kept in tensors as large as they can become.

An operator like `NonZero` gives as many elements as its input's values say. Of its result an upper bound is known: in
the graph it gives a tensor of that size, zeros after what is there, and beside it how much is there, one int64. The
nodes that do so have the domain `BOUNDED_DOMAIN`:

`NonMaxSuppression`, `NonZero`, `Compress`
    ONNX's, with that second output.
`Trim`
    The tensor and its count → only what is there, along the attribute `axis`: for readers that need the true size.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BOUNDED_DOMAIN = "mini_infer.bounded"


@dataclass(frozen=True, slots=True)
class Bound:
    """Along `axis`, only the first so many elements are there as the int64 value named `count` says."""

    count: str
    axis: int


def trimmed(values: Mapping[str, Any], bounds: Mapping[str, Bound]) -> dict[str, Any]:
    """Output values by name, each as much as is there; the counts are left out."""
    counts = {bound.count for bound in bounds.values()}
    return {
        name: value if name not in bounds else value[_there(bounds[name], values)]
        for name, value in values.items()
        if name not in counts
    }


def _there(bound: Bound, values: Mapping[str, Any]) -> tuple[slice, ...]:
    return (*[slice(None)] * bound.axis, slice(int(values[bound.count])))
