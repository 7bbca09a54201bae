"""C of `PlainContraction`: a strip of results at a time, for element types and layouts that have no better kernel."""

import math
from collections.abc import Sequence

from mini_infer.codegen.contraction.blocked_sum import Loop, Nest, Term, add_up
from mini_infer.codegen.contraction.plain import longest_chain, plain_epilogue, sum_type
from mini_infer.codegen.contraction.windows import clip, coordinates
from mini_infer.codegen.function import Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import For, Statement
from mini_infer.ir.dims import greatest
from mini_infer.machine import Machine
from mini_infer.program.kernels import Axis
from mini_infer.program.kernels.contraction.plain_contraction import PlainContraction

_STRIP = 64
"""Results along the innermost loop that are summed at once."""


def emit_plain_contraction(kernel: PlainContraction, machine: Machine) -> Body:  # noqa: ARG001 - the compiler's vectors
    """Write a contraction in plain loops; an item is all along the innermost loop."""
    return _Writer(kernel).body()


class _Writer:
    def __init__(self, kernel: PlainContraction) -> None:
        self.kernel = kernel
        self.wide = sum_type(kernel.dtype)
        self.last = kernel.axes[-1] if kernel.axes else None
        counts = [*(loop.count for loop in kernel.outer), *(axis.output for axis in kernel.axes)] or [1]
        *self.counts, self.count = counts
        self.strip = min(greatest(self.count), _STRIP) or 1
        self.strips = -(-self.count // self.strip)
        # The indices of the loops over results; the innermost is that of a strip's result.
        self.indices = [
            *["n", *(f"o{k}" for k in range(len(self.counts)))][: len(self.counts)],
            "j" if self.strips == 1 else "(start + j)",
        ]

    def body(self) -> Body:
        kernel = self.kernel
        width = f"{self.count} - start < {self.strip} ? {self.count} - start : {self.strip}"
        rendered = plain_epilogue(kernel.epilogue, kernel.target, "sums[j]", "residual[at]")
        bias = self._sum(0, [loop.bias for loop in kernel.outer])
        begin = f"({self.wide})bias[{bias}]" if kernel.epilogue.bias else "0"
        y = [*(loop.y for loop in kernel.outer), *(axis.y_stride for axis in kernel.axes)]
        store: list[Statement] = [*rendered.statements, f"y[at] = {rendered.result};"]
        outer = list(enumerate(kernel.axes[:-1]))
        strip: list[Statement] = [
            f"const long width = {width if self.strips != 1 else self.strip};",
            f"{self.wide} sums[{self.strip}];",
            f"for (long j = 0; j < width; ++j) sums[j] = {begin};",
            *(line for k, axis in outer for line in clip(axis, f"{self._index(k)} * {axis.stride}", str(k))),
            *add_up(self._products, "sums", self.wide, count=self.strip, longest=longest_chain(kernel.dtype)),
            For("j", "width", [f"const long at = {self._sum(kernel.y_start, y)};", *store]),
        ]
        text = each_item(
            *(coordinates(self.counts[1:], "item") if self.counts else []),
            *([For("start", self.count, strip, step=self.strip)] if self.strips != 1 else strip),
        )
        return Body("plain", text, math.prod(self.counts), rendered.helpers)

    def _products(self, name: str) -> Nest:
        """Add every product to the strip's sums, each to those that have it."""
        kernel, before, factors = self.kernel, [], []
        for index in range(len(kernel.starts)):
            if (step := self._step(index)) != 0:
                before.append(f"const long at{index} = {self._input(index)};")
                factors.append(f"({self.wide})x{index}[at{index} + {self.indices[-1]} * {step}]")
            else:
                before.append(f"const {self.wide} factor{index} = ({self.wide})x{index}[{self._input(index)}];")
                factors.append(f"factor{index}")
        low, high = "0", "width"
        if self.last and self.last.clipped:
            before += self._bounds(self.last)
            low, high = "low", "high"
        add = For("j", high, [f"{name}[j] += {' * '.join(factors)};"], first=low)
        nest: Nest = Term((*before, add))
        for k, axis in reversed(list(enumerate(kernel.axes))):
            bounds = ("0", str(axis.kernel)) if self._is_last(k) else (f"first{k}", f"last{k}")
            nest = Loop(f"k{k}", axis.kernel, nest, *bounds)
        for k, loop in reversed(list(enumerate(kernel.summed))):
            nest = Loop.of(f"c{k}", loop.count, nest)
        return nest

    def _bounds(self, axis: Axis) -> list[str]:
        """C that declares `low` and `high`, the results of the strip whose windows have element `k`."""
        start = "0" if self.strips == 1 else "start"
        return [
            f"const long shift = k{len(self.kernel.axes) - 1} * {axis.dilation} - {axis.pad};",
            f"long low = shift < 0 ? (-shift + {axis.stride - 1}) / {axis.stride} - {start} : -{start};",
            f"long high = shift < {axis.input} ? ({axis.input - 1} - shift) / {axis.stride} + 1 - {start} : 0;",
            "low = low < 0 ? 0 : low;",
            "high = high < width ? high : width;",
        ]

    def _step(self, index: int) -> int:
        """From one result of a strip to the next in an input."""
        if self.last:
            return 0 if index else self.last.stride * self.last.x_stride
        return self.kernel.outer[-1].inputs[index] if self.kernel.outer else 0

    def _input(self, index: int) -> str:
        """The place of an input's element, of the first result along the innermost loop."""
        kernel = self.kernel
        outer = kernel.outer if kernel.axes else kernel.outer[:-1]
        terms = [self._sum(kernel.starts[index], [loop.inputs[index] for loop in outer])]
        terms += [f"c{k} * {loop.inputs[index]}" for k, loop in enumerate(kernel.summed) if loop.inputs[index] != 0]
        for k, (axis, stride) in enumerate(zip(kernel.axes, kernel.windows, strict=True)):
            if index:
                terms.append(f"k{k} * {stride}")
            else:
                result = "" if self._is_last(k) else f"{self._index(k)} * {axis.stride} + "
                element = f"{result}k{k} * {axis.dilation} - {axis.pad}"
                terms.append(f"({element}) * {axis.x_stride}")
        return " + ".join(terms)

    def _is_last(self, axis: int) -> bool:
        """Whether an axis is the innermost one, along which a strip lies."""
        return axis == len(self.kernel.axes) - 1

    def _index(self, axis: int) -> str:
        """The index of an axis's result."""
        return self.indices[len(self.kernel.outer) + axis]

    def _sum(self, start: int, strides: Sequence[int]) -> str:
        """A place: that of the first results and so far on for each of them."""
        steps = (f"{index} * {stride}" for index, stride in zip(self.indices, strides, strict=False) if stride != 0)
        return " + ".join([*([str(start)] if start != 0 else []), *steps]) or "0"
