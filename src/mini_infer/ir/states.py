"""What a model carries from run to run: an output that is an input of the next run."""

from mini_infer.ir.types import TensorType

SAME = -1
"""Instead of an axis: a state that never grows."""


def grown_axis(before: TensorType, after: TensorType) -> int | None:
    """The axis along which a state has rows added by a run; `SAME` where it has the same shape; `None` where neither.

    Parameters
    ----------
    before, after
        Its types before and after the run.
    """
    if before.dtype is not after.dtype or len(before.shape) != len(after.shape):
        return None
    differing = [axis for axis, (one, other) in enumerate(zip(before.shape, after.shape, strict=True)) if one != other]
    return SAME if not differing else differing[0] if len(differing) == 1 else None
