"""Which sizes to give for the dimensions that a model leaves open, and which of them its operators do not take yet."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import onnx

from mini_infer import compiler, frontend
from mini_infer.compiler import Options
from mini_infer.frontend.model.dims import open_dims, suggestion
from mini_infer.interpreter import evaluate
from mini_infer.ir import OpaqueType
from mini_infer.ir.ranges import Dims, Range
from mini_infer.program import Program

_READS = 24
"""How often a model is read to find out what it takes, at most."""


@dataclass(frozen=True, slots=True)
class Detour:
    """Steps that are interpreted because sizes are open, and what to give instead.

    Parameters
    ----------
    steps
        Their numbers in the program.
    dims
        All of them, with sizes instead of ranges as far as must be.
    """

    steps: tuple[int, ...]
    dims: Dims


def proposal(
    model: onnx.ModelProto, inputs: Iterable[onnx.ValueInfoProto], options: Options
) -> "dict[str, int | Range]":
    """A size or a range for each open dimension of inputs of known rank, by its name, that the model takes.

    What the names and places suggest, where the model can be read so; else sizes alone, halved until it can; from them
    each in turn a range again, up to the largest with which every output keeps a size that is known.
    """
    wanted = {name: suggestion(name, places) for name, places in open_dims(inputs).items()}
    trial = _Trial(model, options)
    if trial.takes(wanted):
        return wanted
    ranges = {name: size for name, size in wanted.items() if isinstance(size, Range)}
    fixed = next((sizes for sizes in _fixed(ranges) if trial.takes({**wanted, **sizes})), None)
    if fixed is None:
        return wanted
    found: dict[str, int | Range] = {**wanted, **fixed}
    for name, size in ranges.items():
        one = fixed[name]
        if one > size.low and trial.takes({**found, name: Range(size.low, one, size.step)}):
            high = trial.highest(found, name, Range(size.low, min(2 * one, size.high), size.step), one)
            found[name] = Range(size.low, high, size.step)
    return found


def _fixed(ranges: Mapping[str, Range]) -> Iterator[dict[str, int]]:
    """Single sizes to try: the largest, one of them the least instead, then halves of them."""
    for share in range(10):
        sizes = {name: max(size.high >> share, size.step) for name, size in ranges.items()}
        yield sizes
        if not share and len(ranges) > 1:
            yield from ({**sizes, name: max(size.low, 1)} for name, size in ranges.items())


class _Trial:
    """Reads a model with other sizes, a few times."""

    def __init__(self, model: onnx.ModelProto, options: Options) -> None:
        self.model = model
        self.options = options
        self.reads = 0

    def takes(self, dims: Dims) -> bool:
        """Whether the model can be read with these sizes, and says the size of every output."""
        self.reads += 1
        if self.reads > _READS:
            return False
        options = self.options
        try:
            graph = frontend.read(
                self.model,
                shapes=options.shapes,
                dims={**options.dims, **dims},
                fixed=options.fix,
                evaluate=evaluate,
            )
        except Exception:  # noqa: BLE001 - a trial: why it fails is said of what is given, not of what might be
            return False
        types = [graph.types[name] for name in graph.outputs]
        return not any(isinstance(kind, OpaqueType) and "sequence" not in str(kind) for kind in types)

    def highest(self, dims: Dims, name: str, sizes: Range, known: int) -> int:
        """The end of the longest range that the model takes: `known` or more, up to that of `sizes`."""
        first, end = known // sizes.step, sizes.high // sizes.step + 1
        while end - first > 1:
            middle = (first + end) // 2
            if self.takes({**dims, name: Range(sizes.low, middle * sizes.step, sizes.step)}):
                first = middle
            else:
                end = middle
        return first * sizes.step


def detour(model: Path, options: Options, program: Program) -> Detour | None:
    """The steps that are interpreted because sizes are open, and what to give instead; none where no step is.

    They are those that are native, or have another reason, when all sizes are the typical ones. One size is fixed where
    that is enough, else all are.
    """
    ranges = {each.name: Range(each.low, each.high, each.step, each.typical) for each in program.symbols}
    typical = {each.name: each.typical for each in program.symbols}
    if not ranges or program.native_steps == len(program.steps):
        return None
    static = _reasons(model, options, typical)
    if static is None:
        return None
    steps = tuple(
        index
        for index, step in enumerate(program.steps)
        if not step.native and (step.node.op, step.interpreted_because) not in static
    )
    for name, size in typical.items() if steps and len(typical) > 1 else ():
        left = _reasons(model, options, {name: size})
        if left is not None and left <= static:
            return Detour(steps, {**options.dims, **ranges, name: size})
    return Detour(steps, {**options.dims, **typical}) if steps else None


def single_sizes(model: Path, options: Options) -> Dims:
    """What to give where a model is not compiled with the ranges: one size for as few dimensions as helps.

    All of `options.dims` are named; none where nothing helps.
    """
    typical = {name: _typical(size) for name, size in options.dims.items() if isinstance(size, Range)}
    trials = [{name: size} for name, size in typical.items()] if len(typical) > 1 else []
    for dims in (*trials, typical):
        if dims and _reasons(model, options, dims) is not None:
            return {**options.dims, **dims}
    return {}


def _typical(size: Range) -> int:
    return size.high if size.typical is None else size.typical


def _reasons(model: Path, options: Options, dims: Mapping[str, int]) -> set[tuple[str, str]] | None:
    """Which operators are interpreted, and why, when dimensions have these sizes; none where it does not compile."""
    quick = replace(options, dims={**options.dims, **dims}, time_limit=0.0, order="exported", memory_limit=None)
    try:
        program = compiler.lower(model, quick).program
    except Exception:  # noqa: BLE001 - a trial, as above
        return None
    return {(step.node.op, step.interpreted_because) for step in program.steps if not step.native}
