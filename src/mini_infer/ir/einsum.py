"""The equation of an Einsum: what each axis of its operands and of its result is called, and how large that is.

The rules are those of `numpy.einsum`, which ONNX follows: an axis of size 1 is broadcast to what other operands have
under its label, and the axes of an ellipsis are aligned from the last one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_TERM = re.compile(r"[A-Za-z]*(\.\.\.)?[A-Za-z]*")
_HIDDEN = "."
"""Prefix of the labels that stand for the axes of an ellipsis, counted from the last."""


@dataclass(frozen=True, slots=True)
class Einsum:
    """An equation applied to operands.

    Parameters
    ----------
    labels
        Of each operand's axes.
    result
        Of the result's axes.
    sizes
        Label → size.
    """

    labels: tuple[tuple[str, ...], ...]
    result: tuple[str, ...]
    sizes: dict[str, int]

    @classmethod
    def of(cls, equation: str, shapes: Sequence[Sequence[int]]) -> "Einsum":
        """The equation of operands of these shapes.

        Raises
        ------
        ValueError
            When it is no equation, or not one of these operands.

        Examples
        --------
        >>> Einsum.of("bij,bjk->bik", [(1, 2, 3), (4, 3, 5)]).shape
        (4, 2, 5)
        """
        left, arrow, right = equation.replace(" ", "").partition("->")
        terms = left.split(",")
        if not all(_TERM.fullmatch(term) for term in (*terms, right)):
            raise ValueError(f"{equation!r} is no equation")
        if len(terms) != len(shapes):
            raise ValueError(f"{equation!r} has {len(terms)} terms for {len(shapes)} operands")
        labels = tuple(_labels(equation, term, shape) for term, shape in zip(terms, shapes, strict=True))
        sizes = _sizes(equation, labels, shapes)
        hidden = sorted((label for label in sizes if label.startswith(_HIDDEN)), key=lambda label: -int(label[1:]))
        if arrow:
            before, ellipsis, after = right.partition("...")
            result = (*before, *(hidden if ellipsis else ()), *after)
        else:
            once = (label for label in sizes if left.count(label) == 1)
            result = (*hidden, *sorted(label for label in once if not label.startswith(_HIDDEN)))
        for label in result:
            if label not in sizes or result.count(label) > 1:
                raise ValueError(f"{equation!r} must have {label!r} once in its result, and in an operand")
        if lost := [label for label in hidden if label not in result]:
            raise ValueError(f"{equation!r} leaves out the ellipsis of {len(lost)} axes in its result")
        return cls(labels, result, sizes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the result."""
        return tuple(self.sizes[label] for label in self.result)


def _labels(equation: str, term: str, shape: Sequence[int]) -> tuple[str, ...]:
    before, ellipsis, after = term.partition("...")
    count = len(shape) - len(before) - len(after)
    if count < 0 or (count and not ellipsis):
        raise ValueError(f"the term {term!r} of {equation!r} has another number of axes than {list(shape)}")
    return (*before, *(f"{_HIDDEN}{index}" for index in reversed(range(count))), *after)


def _sizes(equation: str, labels: Sequence[Sequence[str]], shapes: Sequence[Sequence[int]]) -> dict[str, int]:
    """The size of each label: the one that is not 1; within one operand, all are the same."""
    sizes: dict[str, int] = {}
    for names, shape in zip(labels, shapes, strict=True):
        own: dict[str, int] = {}
        for label, size in zip(names, shape, strict=True):
            if own.setdefault(label, size) != size or (size != 1 and sizes.get(label, 1) not in {1, size}):
                what = "an axis of the ellipsis" if label.startswith(_HIDDEN) else repr(label)
                other = own[label] if own[label] != size else sizes[label]
                raise ValueError(f"{what} of {equation!r} is {other} and {size} long")
            sizes[label] = size if sizes.get(label, 1) == 1 else sizes[label]
    return sizes
