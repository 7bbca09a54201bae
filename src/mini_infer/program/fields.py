"""The fields of kernels, of their parts and of packings as text: every field by its name, nothing for each class."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from mini_infer.ir import Dim, DType
from mini_infer.ir.dims import shown
from mini_infer.program.kernels import Kernel, Operation


def parameter_lines(kernel: Kernel) -> Iterator[str]:
    """The fields of a kernel: those of parts and lists of parts one a line, the others together."""
    simple: list[str] = []
    for name, text in _fields(kernel).items():
        value = getattr(kernel, name)
        if not _is_part(value) and not _of_parts(value):
            simple.append(text)
            continue
        if simple:
            yield ", ".join(simple)
            simple = []
        yield text
    if simple:
        yield ", ".join(simple)


def _of_parts(value: Any) -> bool:
    """Whether there is a dataclass somewhere in nested tuples."""
    return isinstance(value, tuple) and any(_is_part(item) or _of_parts(item) for item in value)


def _is_part(value: Any) -> bool:
    """Whether a value has fields that are printed; a dimension that is given at run time is a number."""
    return dataclasses.is_dataclass(value) and not isinstance(value, Dim)


def _fields(part: Any) -> dict[str, str]:
    """Field → `field=value`, without those that are as they are unless somebody says otherwise."""
    texts: dict[str, str] = {}
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        plain = _is_part(value) and not _fields(value)
        if value != field.default and not plain:
            texts[field.name] = f"{field.name}={value_text(value)}"
    return texts


def value_text(value: Any) -> str:
    """A field's value: parts in parentheses, lists in brackets, element types by a letter and their bits."""
    match value:
        case DType():
            return value.value.replace("float", "f").replace("uint", "u").replace("int", "i")
        case Dim():
            return shown(value)
        case Operation():
            what = ", ".join([*(f"%{index}" for index in value.arguments), *map(value_text, value.parameters)])
            return f"{value.name}({what}) {value_text(value.dtype)}"
        case tuple():
            return "[" + ", ".join(map(value_text, value)) + "]"
        case _ if dataclasses.is_dataclass(value):
            return "(" + ", ".join(_fields(value).values()) + ")"
    return repr(value)


def class_text(kind: type) -> str:
    """The name of a class, in snake case."""
    return re.sub("(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
