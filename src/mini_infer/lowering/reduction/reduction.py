"""Building a `Reduction`: values of groups and what is computed from them, as terms."""

import math
from collections.abc import Callable, Sequence

from mini_infer.lowering.builder import NotNativeError
from mini_infer.lowering.shapes import broadcast_strides, merge
from mini_infer.lowering.term import Term, linearize, wide
from mini_infer.program import Call, View
from mini_infer.program.kernels.reduction.reduction import Reduction, ReductionStage
from mini_infer.program.strides import dense_strides


class Folding:
    """The values and elements of one `Reduction`, while it is being built.

    Parameters
    ----------
    source
        The input.
    shape
        How to see it.
    axes
        The dimensions of `shape` that run inside the groups.
    inputs
        Further inputs, which broadcast against `shape`.

    Raises
    ------
    NotNativeError
        When the inputs do not broadcast.
    """

    def __init__(self, source: View, shape: Sequence[int], axes: Sequence[int], inputs: Sequence[View] = ()) -> None:
        self.source = source
        self.shape = tuple(shape)
        self.reduced = tuple(axis in axes for axis in range(len(shape)))
        self.views = tuple(inputs)
        self.strides = [broadcast_strides(view.type.shape, shape) for view in inputs]
        self._further = [Term(view.type.dtype) for view in inputs]
        self._element = Term(source.type.dtype)
        self._values: list[Term] = []
        self._stages: list[ReductionStage] = []

    @property
    def element(self) -> Term:
        """The current element, in the type to compute in: half floats would lose too much."""
        return self._element.cast(wide(self._element.dtype))

    @property
    def inputs(self) -> list[Term]:
        """The further inputs, in the type to compute in."""
        return [term.cast(wide(term.dtype)) for term in self._further]

    def fold(
        self, combine: str, before: Term, after: Callable[[Term], Term] = lambda total: total, *, keep: bool = False
    ) -> Term:
        """Combine what `before` gives for each element of a group; the value is what `after` makes of the whole.

        With `keep`, what `before` gives becomes the element from here on (and must be of the output's type).
        """
        total = Term(before.dtype)
        value = after(total)
        stage = ReductionStage(
            combine,
            linearize(before, [self._element, *self._further, *self._values]),
            linearize(value, [total, *self._values]),
            keep,
        )
        self._stages.append(stage)
        self._values.append(Term(value.dtype))
        if keep:
            self._element = Term(before.dtype)
        return self._values[-1]

    def call(
        self, output: View | None, result: Term | None, values: Sequence[tuple[Term, View]] = ()
    ) -> Sequence[Call]:
        """Call the kernel; nothing to do where there is nothing to write.

        Parameters
        ----------
        output, result
            Where the elements go, and what they are; neither where only values are wanted.
        values
            Values to be written, and where.
        """
        if 0 in self.shape:
            raise NotNativeError(f"no native code for results of nothing, {list(self.shape)}")
        shape, reduced, strides = _merge(self.shape, self.reduced, self.strides)
        in_place = output is not None and self.source.same_bytes(output)
        arguments = [self._element, *self._further, *self._values]
        kernel = Reduction(
            shape,
            reduced,
            self.source.type.dtype,
            tuple(self._stages),
            strides,
            tuple(view.type.dtype for view in self.views),
            () if result is None else linearize(result, arguments),
            tuple(self._values.index(value) for value, _ in values),
            in_place,
        )
        views = (None if in_place else self.source, *self.views, output, *(view for _, view in values))
        return (Call(kernel, tuple(view for view in views if view is not None)),)


def _merge(
    shape: Sequence[int], reduced: Sequence[bool], strides: Sequence[Sequence[int]]
) -> tuple[tuple[int, ...], tuple[bool, ...], tuple[tuple[int, ...], ...]]:
    """Drop dimensions of size 1, and merge neighbors of one kind that every operand walks as one.

    One dimension at least is reduced.
    """
    if math.prod(shape) == 1:
        return (1,), (True,), ((1,),) * len(strides)
    # A result's stride is 0 along what is reduced, so that neighbors of two kinds are not merged.
    kept = dense_strides([1 if flag else size for size, flag in zip(shape, reduced, strict=True)])
    result = [0 if flag else stride for stride, flag in zip(kept, reduced, strict=True)]
    sizes, (_, own, *walks) = merge(shape, [dense_strides(shape), result, *strides])
    kinds = tuple(stride == 0 for stride in own)
    if any(kinds):
        return sizes, kinds, tuple(walks)
    return (*sizes, 1), (*kinds, True), tuple((*walk, 1) for walk in walks)
