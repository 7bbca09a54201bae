"""Operators of elements: what they are given broadcasts."""

from collections.abc import Mapping

from mini_infer.frontend.rules.claims import Claim, broadcast, choice, same_shape, single, stretches

BROADCASTING = (
    "Add And BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or "
    "Pow Sub Sum Where Xor"
).split()
"""Operators whose result has the shape that their inputs broadcast to."""

RULES: Mapping[str, tuple[Claim, ...]] = {
    **{op: (broadcast(),) for op in BROADCASTING},
    "BitShift": (broadcast(), choice("direction", "LEFT", "RIGHT")),
    "Clip": (single(1, 2),),
    "Dropout": (single(1, 2),),
    "Gelu": (choice("approximate", "none", "tanh"),),
    "PRelu": (stretches(1, lambda o: o.shape(0)),),
    "SwiGLU": (same_shape(0, 1),),
}
"""Operator → what must be so."""
