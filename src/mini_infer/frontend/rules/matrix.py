"""Matrix products."""

import math
import re
from collections.abc import Mapping

from mini_infer.frontend.rules.claims import Claim, least_rank, merged_shape, ranks, stretches
from mini_infer.frontend.rules.operands import Operands, text


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
    """Each term names the axes of its input; one letter is one size, or 1."""
    equation = str(o.attribute("equation")).replace(" ", "")
    given, _, result = equation.partition("->")
    terms = given.split(",")
    if len(terms) != len(o.node.input):
        raise o.wrong(f"equation {equation!r} has {len(terms)} terms for {len(o.node.input)} inputs")
    if not all(re.fullmatch(r"[A-Za-z]*(\.\.\.)?[A-Za-z]*", term) for term in (*terms, result)):
        raise o.wrong(f"equation {equation!r} is none")
    sizes: dict[str, int] = {}
    batch: tuple[int, ...] = ()
    for position, term in enumerate(terms):
        shape, letters = o.shape(position), term.replace("...", "")
        dots = len(shape) - len(letters)
        if dots < 0 or (dots and "..." not in term):
            raise o.wrong(f"{o.say(position)}, but its term in {equation!r} is {term!r}")
        start = term.index("...") if "..." in term else len(letters)
        merged = merged_shape(batch, shape[start : start + dots])
        if merged is None:
            raise o.wrong(f"{o.say(position)}, which does not broadcast with {text(batch)} at the dots of {equation!r}")
        batch = merged
        for letter, size in zip(letters, (*shape[:start], *shape[start + dots :]), strict=True):
            if size != sizes.setdefault(letter, size) and 1 not in (size, sizes[letter]):
                raise o.wrong(f"{o.say(position)}, but {letter!r} of {equation!r} is {sizes[letter]} before")
            sizes[letter] = max(size, sizes[letter]) if size else size
    named = result.replace("...", "")
    unknown = [letter for letter in named if letter not in sizes]
    if unknown or len(set(named)) != len(named):
        raise o.wrong(f"equation {equation!r} has a result with letters that are unknown or repeated")


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
