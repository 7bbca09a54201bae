"""A graph of Dynamo's as an engine, with the weights frozen; or why it would not mean the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mini_infer import compiler
from mini_infer.errors import MismatchError
from mini_infer.options import Options
from mini_infer.runtime import Context
from mini_infer.torch.export import exported_program, to_onnx, torch
from mini_infer.torch.meaning import check_outputs, check_program

TOLERANCE = 1e-3
"""Of an output's largest magnitude, that the first answers may differ by from PyTorch's. Both sum in float32."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """An engine's context and how a graph's arguments and results lie in its inputs and outputs.

    `inputs` are pairs of an argument's index and an input's name. `results` are, for each result of the graph, the
    index of the argument that it is, or the name of an output with the strides that it has in PyTorch, or None.
    """

    context: Context
    inputs: tuple[tuple[int, str], ...]
    results: tuple[int | tuple[str, tuple[int, ...]] | None, ...]
    kind: type

    def run(self, arguments: Sequence[Any]) -> Any:
        """Run once; arguments and results as of the graph."""
        given = {name: arguments[index].detach().contiguous().numpy() for index, name in self.inputs}
        made = self.context.run(given)
        return self.kind([self._result(each, arguments, made) for each in self.results])

    def _result(self, each: Any, arguments: Sequence[Any], made: dict[str, Any]) -> Any:
        if each is None or isinstance(each, int):
            return each if each is None else arguments[each]
        name, strides = each
        tensor = torch().from_numpy(np.asarray(made[name]))
        if tensor.stride() != strides:
            tensor = torch().empty_strided(tensor.shape, strides, dtype=tensor.dtype).copy_(tensor)
        return tensor


def build(gm: Any, arguments: Sequence[Any], expected: Any, weights: frozenset[int], options: Options) -> Compiled:
    """Compile a graph for these shapes, and hold its answers against PyTorch's.

    Parameters
    ----------
    gm
        The graph.
    arguments, expected
        What it was called with and what PyTorch made of it. `weights` are the indices of the arguments that become
        constants. Numbers do too.

    Raises
    ------
    UnsupportedError, MiniInferError
        It would not mean the same, or cannot be exported or compiled.
    MismatchError
        The answers differ.
    """
    check_outputs(expected, arguments)
    library = torch()
    tensors = [
        index for index, value in enumerate(arguments) if index not in weights and isinstance(value, library.Tensor)
    ]
    module = _frozen(gm, arguments, weights, frozenset(tensors))
    exported = exported_program(module, tuple(arguments[index].detach() for index in tensors))
    check_program(exported)
    engine = compiler.compile(to_onnx(exported), options=options)

    names = [spec.arg.name for spec in exported.graph_signature.input_specs if spec.kind.name == "USER_INPUT"]
    taken = tuple((index, name) for index, name in zip(tensors, names, strict=True) if name in engine.inputs)
    outputs = iter(engine.outputs)
    results = tuple(_source(result, arguments, outputs) for result in expected)
    compiled = Compiled(engine.create_context(), taken, results, type(expected))
    _compare(compiled.run(arguments), expected)
    return compiled


def _source(result: Any, arguments: Sequence[Any], outputs: Iterator[str]) -> int | tuple[str, tuple[int, ...]] | None:
    """Where a result comes from, as in `Compiled.results`; an output's name is taken from `outputs`."""
    if result is None:
        return None
    name = next(outputs)  # there is one for an argument that comes back, too
    same = next((index for index, value in enumerate(arguments) if value is result), None)
    return (name, tuple(result.stride())) if same is None else same


def _frozen(gm: Any, arguments: Sequence[Any], weights: frozenset[int], tensors: frozenset[int]) -> Any:
    """A module that takes the tensors alone: weights are its buffers, numbers its constants."""
    library = torch()

    class Frozen(library.nn.Module):  # type: ignore[misc, name-defined] # the library's types are not looked at
        def __init__(self) -> None:
            super().__init__()
            self.gm = gm
            for index in sorted(weights):
                self.register_buffer(f"weight_{index}", arguments[index].detach())

        def forward(self, *given: Any) -> Any:
            rest = iter(given)
            return self.gm(
                *(
                    getattr(self, f"weight_{index}") if index in weights else next(rest) if index in tensors else value
                    for index, value in enumerate(arguments)
                )
            )

    return Frozen().eval()


def _compare(given: Sequence[Any], expected: Sequence[Any]) -> None:
    """Hold results against PyTorch's.

    Raises
    ------
    MismatchError
        When they have other shapes or types, or are further apart than `TOLERANCE`.
    """
    for index, (one, other) in enumerate(zip(given, expected, strict=True)):
        if other is None or one is other:
            continue
        if one.shape != other.shape or one.dtype != other.dtype:
            raise MismatchError(
                f"result {index} is {one.dtype} {tuple(one.shape)}, not {other.dtype} {tuple(other.shape)}"
            )
        if not other.is_floating_point():
            if not torch().equal(one, other):
                raise MismatchError(f"result {index} differs from PyTorch's")
            continue
        finite = other[other.isfinite()].abs()
        scale = float(finite.max()) if finite.numel() else 1.0
        if not torch().allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE * scale, equal_nan=True):
            error = float((one - other).abs().nan_to_num().max())
            raise MismatchError(f"result {index} differs from PyTorch's by {error:.2g}, its largest is {scale:.2g}")
