"""What an engine cannot keep of a graph's meaning: it computes new tensors of its inputs, in float32 or wider.

A graph is left to PyTorch when it

1. changes an input, a parameter or a buffer in place;
2. draws random numbers, as dropout in training does;
3. has a tensor of low precision (float16, bfloat16 or 8 bits), or a complex one;
4. returns a number, or a tensor that shares bytes with an input or with another result.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from mini_infer.errors import UnsupportedError
from mini_infer.torch.export import torch


class Watched:
    """Tensors whose changes in place are seen: PyTorch counts them, but for those made in inference mode (rule 1)."""

    def __init__(self, tensors: Sequence[Any]) -> None:
        self.before = [(tensor, tensor.clone() if tensor.is_inference() else tensor._version) for tensor in tensors]  # noqa: SLF001

    def check(self) -> None:
        """Check that none has changed.

        Raises
        ------
        UnsupportedError
            When one has.
        """
        for tensor, before in self.before:
            same = tensor.equal(before) if tensor.is_inference() else tensor._version == before  # noqa: SLF001
            if not same:
                raise UnsupportedError("it changes an input, a parameter or a buffer in place")


def check_program(exported: Any) -> None:
    """Check an `ExportedProgram` for rules 2 and 3.

    Raises
    ------
    UnsupportedError
        With the rule that it breaks.
    """
    library = torch()
    exact = {library.float32, library.float64, library.bool}
    exact |= {library.int8, library.uint8, library.int16, library.int32, library.int64}
    for node in exported.graph.nodes:
        if library.Tag.nondeterministic_seeded in getattr(node.target, "tags", ()) and _draws(node):
            raise UnsupportedError(f"it draws random numbers ({node.target})")
        values = node.meta.get("val")
        for value in values if isinstance(values, (tuple, list)) else [values]:
            if isinstance(value, library.Tensor) and value.dtype not in exact:
                raise UnsupportedError(f"it has a tensor of {value.dtype} ({node.name})")


def _draws(node: Any) -> bool:
    """Whether a node that can draw random numbers does: dropout does so in training, with a probability above 0."""
    for index, argument in enumerate(node.target._schema.arguments):  # noqa: SLF001 - PyTorch's way to ask
        value = node.args[index] if index < len(node.args) else node.kwargs.get(argument.name, argument.default_value)
        if (argument.name in ("train", "training") and value is False) or (argument.name == "dropout_p" and value == 0):
            return False
    return True


def check_outputs(results: Sequence[Any], arguments: Sequence[Any]) -> None:
    """Check PyTorch's results for rule 4; a result that is an argument is one.

    Raises
    ------
    UnsupportedError
        With the rule that they break.
    """
    library = torch()
    if not isinstance(results, (tuple, list)):
        raise UnsupportedError(f"its result is a {type(results).__name__}, not several tensors")
    given = [value for value in arguments if isinstance(value, library.Tensor)]
    made = []
    for result in results:
        if result is None or any(result is value for value in given):
            continue
        if not isinstance(result, library.Tensor):
            raise UnsupportedError(f"it returns a {type(result).__name__}")
        if any(_overlap(result, value) for value in given):
            raise UnsupportedError("it returns a view of an input")
        made.append(result)
    if any(_overlap(one, other) for one, other in combinations(made, 2)):
        raise UnsupportedError("two of its results share bytes")


def _overlap(one: Any, other: Any) -> bool:
    """Whether two tensors may share bytes: between the first and the last byte of each."""
    if one.untyped_storage().data_ptr() != other.untyped_storage().data_ptr() or not one.numel() or not other.numel():
        return False
    spans = []
    for tensor in (one, other):
        begin = tensor.storage_offset() * tensor.element_size()
        reach = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True)) + 1
        spans.append((begin, begin + reach * tensor.element_size()))
    return bool(spans[0][0] < spans[1][1] and spans[1][0] < spans[0][1])
