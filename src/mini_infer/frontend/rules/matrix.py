"""Matrix products."""

import math
from collections.abc import Mapping

from mini_infer.frontend.rules.claims import Claim, least_rank, merged_shape, ranks, stretches
from mini_infer.frontend.rules.operands import Operands, text
from mini_infer.ir.einsum import Einsum


def _product(left: int, right: int) -> Claim:
    """Rows of one side are as long as columns of the other, and what is in front of both broadcasts."""

    def claim(o: Operands) -> None:
        a, b = o.shape(left), o.shape(right)
        if not a or not b:
            raise o.wrong(f"a matrix product of a scalar: {o.say(left)}; {o.say(right)}")
        depth = b[-2] if len(b) > 1 else b[0]
        if a[-1] != depth:
            raise o.wrong(f"{o.say(left)}, whose rows of {a[-1]} do not fit columns of {depth}: {o.say(right)}")
        if merged_shape(a[:-2], b[:-2]) is None:
            raise o.wrong(f"the matrices of {o.say(left)} do not broadcast with those of {o.say(right)}")

    return claim


def _gemm_sides(o: Operands) -> tuple[tuple[int, ...], tuple[int, ...]]:
    a, b = (o.shape(k)[::-1] if o.integer(name, 0) else o.shape(k) for k, name in enumerate(("transA", "transB")))
    return a, b


def _gemm_depth(o: Operands) -> None:
    (*_, depth), (other, *_) = _gemm_sides(o)
    if depth != other:
        raise o.wrong(f"{o.say(0)}, which is {depth} deep as its attributes turn it, but {o.say(1)} is {other}")


def _gemm_result(o: Operands) -> tuple[int, int]:
    a, b = _gemm_sides(o)
    return a[0], b[1]


def _side(position: int, matrix: int, axis: int) -> Claim:
    """A scale or zero point of a matrix: one, one for each row or column, or of the matrix's rank with ones."""

    def claim(o: Operands) -> None:
        have, whole = o.shape(position), o.shape(matrix)
        count = o.size(matrix, axis if len(whole) > 1 else -1)
        each = [*whole]
        if len(whole) > 1:
            each[-3 - axis] = 1
        if math.prod(have) != 1 and have != (count,) and merged_shape(have, each) != tuple(each):
            raise o.wrong(f"{o.say(position)}, but must be one element or one for each of {count}: {o.say(matrix)}")

    return claim


def _equation(o: Operands) -> None:
    """The equation is one of operands of these shapes, which have one element type: onnx's inference is not asked."""
    positions = range(len(o.node.input))
    shapes = [o.shape(position) for position in positions]
    for position in positions:
        if o.type(position).dtype is not o.type(0).dtype:
            raise o.wrong(f"{o.say(position)}, but its elements must be {o.type(0).dtype.value}, as {o.say(0)}")
    try:
        Einsum.of(str(o.attribute("equation")), shapes)
    except ValueError as error:
        raise o.wrong(f"inputs of {' and '.join(map(text, shapes))}: {error}") from error


def _squares(o: Operands) -> None:
    if o.size(0, -1) != o.size(0, -2):
        raise o.wrong(f"{o.say(0)}, but must be square matrices")


RULES: Mapping[str, tuple[Claim, ...]] = {
    "Det": (least_rank(0, 2), _squares),
    "Einsum": (_equation,),
    "Gemm": (ranks(0, 2), ranks(1, 2), _gemm_depth, stretches(2, _gemm_result)),
    "MatMul": (_product(0, 1),),
    "MatMulInteger": (_product(0, 1), _side(2, 0, -2), _side(3, 1, -1)),
    "QLinearMatMul": (
        _product(0, 3),
        _side(1, 0, -2),
        _side(2, 0, -2),
        _side(4, 3, -1),
        _side(5, 3, -1),
        _side(6, 0, -2),
        _side(7, 0, -2),
    ),
}
"""Operator → what must be so."""
