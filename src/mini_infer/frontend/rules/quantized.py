"""Quantization: scales and zero points for a tensor, for each index of an axis, or for each block."""

import math
from collections.abc import Mapping

from mini_infer.frontend.rules.claims import Claim, least, same_shape
from mini_infer.frontend.rules.operands import Operands, text


def _scale(o: Operands) -> None:
    x, scale, block, value = o.shape(0), o.shape(1), o.integer("block_size", 0), o.integer("axis", 1)
    rank = len(x)
    if not block and math.prod(scale) == 1:
        return
    if not -rank <= value < rank:
        raise o.wrong(f"attribute axis is {value}, but must be in [{-rank}, {rank}): {o.say(0)}")
    wanted: tuple[int, ...] = (x[value],)
    if block > 0:
        wanted = tuple(-(-size // block) if k == value % rank else size for k, size in enumerate(x))
    if scale != wanted:
        raise o.wrong(f"{o.say(1)}, but must be one element or {text(wanted)} along axis {value} of {o.say(0)}")


def _zero_point(o: Operands) -> None:
    """As the scale; where there is one of each, in whatever rank."""
    if math.prod(o.shape(1)) != 1 or math.prod(o.shape(2)) != 1 or o.integer("block_size", 0):
        same_shape(1, 2)(o)


RULES: Mapping[str, tuple[Claim, ...]] = {
    "DequantizeLinear": (least("block_size", 0), _scale, _zero_point),
    "QuantizeLinear": (least("block_size", 0), _scale, _zero_point),
}
"""Operator → what must be so."""
