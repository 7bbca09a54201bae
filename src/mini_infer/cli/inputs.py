"""Model inputs from the command line: `--input name=path`, as many samples as the file holds."""

import argparse
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mini_infer.cli import files
from mini_infer.cli.files import shape_text
from mini_infer.errors import InputError, UsageError
from mini_infer.files import read_regular
from mini_infer.ir import DType, TensorType
from mini_infer.ir.dims import symbols_in

Sample = dict[str, NDArray[Any]]

SOURCES = (
    f"{files.FORMATS}, or a folder of images; an array with one axis more than the input holds many samples; "
    "digits.npz:images takes one array of several; the name may be left out where the model has one input"
)
"""Where inputs may come from, as help says it."""


@dataclass(frozen=True, slots=True)
class Normalization:
    """`(value * scale - mean) / std`, computed in float64; `mean` and `std` hold one number, or one per channel."""

    scale: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        if 0.0 in self.std:
            raise UsageError("--std cannot be 0: values are divided by it")

    @property
    def changes_nothing(self) -> bool:
        """Whether every value stays as it is."""
        return self == Normalization()

    def apply(self, samples: NDArray[Any], name: str) -> NDArray[np.float64]:
        """Normalize samples of shape (N, 1, C, ...); the channel axis matters where there is a number per channel."""
        return (samples.astype(np.float64) * self.scale - self._per_channel(self.mean, samples, name)) / (
            self._per_channel(self.std, samples, name)
        )

    @staticmethod
    def _per_channel(values: tuple[float, ...], samples: NDArray[Any], name: str) -> NDArray[np.float64]:
        if len(values) == 1:
            return np.array(values)
        channel_axis = 2
        if samples.ndim <= channel_axis or samples.shape[channel_axis] != len(values):
            raise UsageError(
                f"--mean or --std has {len(values)} numbers, input {name!r} is {shape_text(samples.shape[1:])}: "
                "give one number, or one per channel"
            )
        return np.array(values).reshape(-1, *[1] * (samples.ndim - channel_axis - 1))


AS_THEY_ARE = Normalization()
AS_THEY_LIE = files.Fitting()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that `from_arguments` reads."""
    group = parser.add_argument_group("inputs")
    add_files(
        group,
        "--input",
        f"what the model reads: {SOURCES}",
    )
    add_reading(group)


def add_files(group: "argparse._ArgumentGroup", flag: str, purpose: str) -> None:
    """Add an option that names files with samples, for `from_arguments`."""
    group.add_argument(flag, action="append", default=[], metavar="[NAME=]FILE", help=purpose)


def add_reading(group: "argparse._ArgumentGroup") -> None:
    """Add what says how files become inputs."""
    group.add_argument(
        "--resize", action="store_true", help="scale PNG and JPEG images to the input's height and width"
    )
    group.add_argument("--bgr", action="store_true", help="colors in the order blue, green, red")
    group.add_argument("--dtype", help="element type of raw bytes (default: the input's)")
    group.add_argument("--scale", type=_number, default=1.0, metavar="S", help="multiply values by S, such as 1/255")
    group.add_argument("--mean", type=_numbers, default=(0.0,), metavar="M[,M...]", help="then subtract, by channel")
    group.add_argument("--std", type=_numbers, default=(1.0,), metavar="D[,D...]", help="then divide, by channel")


def from_arguments(args: argparse.Namespace, expected: Mapping[str, TensorType], option: str = "input") -> list[Sample]:
    """The samples in the files that an option of `add_files` names, read as the options of `add_reading` say."""
    normalization, fitting = Normalization(args.scale, args.mean, args.std), files.Fitting(args.resize, args.bgr)
    named = getattr(args, option)
    return read_samples(named, expected, normalization, dtype=args.dtype, fitting=fitting, option=option)


def read_samples(
    arguments: Sequence[str],
    expected: Mapping[str, TensorType],
    normalization: Normalization = AS_THEY_ARE,
    *,
    dtype: str | None = None,
    fitting: files.Fitting = AS_THEY_LIE,
    option: str = "input",
) -> list[Sample]:
    """Read every input of a model: one dictionary of arrays per sample, in the model's shapes and element types.

    An array is one sample when its shape is the input's (axes of length 1 aside), and N samples when it has one more
    leading axis. An input with an open dimension may have several files, with samples of different sizes. The images in
    a folder are samples in the order of their names. Elements must have the input's type, with two exceptions that
    become the input's floats: pixels of an image, and anything that is normalized. Normalization applies to
    floating-point inputs.

    Parameters
    ----------
    arguments
        `name=path` for each input, `path` where the model has one input, or one `.npz` with an array for every input.
    expected
        The model's inputs, in order.
    normalization
        What to do with the values of floating-point inputs.
    dtype
        Element type of raw bytes.
    fitting
        What is done to images.
    option
        That named the files.

    Raises
    ------
    InputError
        When a file cannot be read, or a name, shape, element type or number of samples does not fit.
    UsageError
        When an option makes no sense.
    """
    if not normalization.changes_nothing and not any(tensor.dtype.is_float for tensor in expected.values()):
        raise UsageError("--scale, --mean and --std need a floating-point input, this model has none")
    stacks: dict[str, list[NDArray[Any]]] = {}
    for name, given, key in _expand(arguments, expected):
        if name in stacks and not expected[name].is_open:
            raise InputError(f"input {name!r} is given twice; the model's inputs are {_describe(expected)}")
        for path in files.images_in(given) if os.path.isdir(given) else [given]:  # noqa: PTH112 - of any name
            content = files.read(path, expected[name], name=name, key=key, dtype=dtype, fitting=fitting)
            found = _fit(content, expected[name], normalization, f"input {name!r}: {path}", name)
            stacks.setdefault(name, []).extend(found)
    missing = [name for name in expected if name not in stacks]
    if missing:
        raise InputError(
            f"no --{option} for {', '.join(map(repr, missing))}; the model's inputs are {_describe(expected)}"
        )
    counts = {name: len(stack) for name, stack in stacks.items()}
    if len(set(counts.values())) > 1:
        raise InputError(f"the inputs have different numbers of samples: {counts}")
    return [dict(zip(stacks, rows, strict=True)) for rows in zip(*stacks.values(), strict=True)]


def read_labels(argument: str, count: int) -> list[int]:
    """The right class of each sample, from `path` or `path.npz:name`: `count` integers.

    Raises
    ------
    InputError
        When the file cannot be read, or does not hold `count` integers.
    """
    path, key = _split_key(argument)
    labels = files.read(path, TensorType(DType.INT64, (1,)), name="labels", key=key).array
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        raise InputError(
            f"{argument}: expected {count} integer labels, got {labels.dtype} of shape {shape_text(labels.shape)}"
        )
    return [int(label) for label in labels]


def read_names(path: Path) -> list[str]:
    """What the classes are called: one name a line, in the classes' order.

    Raises
    ------
    InputError
        When the file cannot be read, or holds no names.
    """
    try:
        names = read_regular(path).decode().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {getattr(error, 'strerror', None) or 'no UTF-8 text'}") from None
    if not names:
        raise InputError(f"{path}: holds no names: write one a line, in the order of the classes")
    return [name.strip() for name in names]


def _number(text: str) -> float:
    """A decimal number or a fraction."""
    numerator, _, denominator = text.partition("/")
    try:
        number = float(numerator) / float(denominator or 1)
    except ZeroDivisionError:
        raise argparse.ArgumentTypeError(f"{text} divides by zero") from None
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text} is not a finite number")
    return number


def _numbers(text: str) -> tuple[float, ...]:
    """Numbers between commas."""
    return tuple(_number(part) for part in text.split(","))


def _describe(expected: Mapping[str, TensorType]) -> str:
    return ", ".join(f"{name} ({tensor.dtype.value} {shape_text(tensor.shape)})" for name, tensor in expected.items())


def _split_key(text: str) -> tuple[Path, str]:
    """`digits.npz:images` → the path and the array's name; a drive letter's colon does not count."""
    head, separator, key = text.rpartition(".npz:")
    return (Path(f"{head}.npz"), key) if separator else (Path(text), "")


def _expand(arguments: Sequence[str], expected: Mapping[str, TensorType]) -> list[tuple[str, Path, str]]:
    """Name, path and archive key of each input."""
    expanded: list[tuple[str, Path, str]] = []
    for argument in arguments:
        name, separator, rest = argument.partition("=")
        if separator:
            if name not in expected:
                raise InputError(f"no input is called {name!r}; the model's inputs are {_describe(expected)}")
            expanded.append((name, *_split_key(rest)))
            continue
        path, key = _split_key(argument)
        if len(expected) == 1:
            expanded.append((next(iter(expected)), path, key))
        elif path.suffix == ".npz" and not key:
            expanded += [(each, path, each) for each in expected]
        else:
            raise InputError(f"{argument}: say which input it is, NAME={argument}; the model has {_describe(expected)}")
    return expanded


def _fit(
    content: files.Content, tensor: TensorType, normalization: Normalization, what: str, name: str
) -> NDArray[Any]:
    """An array of shape (N, *tensor.shape) in the tensor's element type."""
    samples = _split_samples(content.array, tensor, what)
    kind = tensor.dtype.numpy
    if tensor.dtype.is_float and not normalization.changes_nothing:
        return normalization.apply(samples, name).astype(kind)
    pixels = content.is_image and tensor.dtype.is_float
    if samples.dtype.newbyteorder("=") != kind and not pixels:
        way_out = "normalize it with --scale" if tensor.dtype.is_float else "convert it"
        raise InputError(f"{what} holds {samples.dtype}, expected {kind}; {way_out}, or save it as {kind}")
    return np.ascontiguousarray(samples, kind)


def _split_samples(array: NDArray[Any], tensor: TensorType, what: str) -> NDArray[Any]:
    if tensor.is_open:
        return _split_open(array, tensor, what)

    def squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(dim for dim in shape if dim != 1)

    if squeezed(array.shape) == squeezed(tensor.shape):
        return array.reshape(1, *tensor.shape)
    if array.ndim and array.shape[0] and squeezed(array.shape[1:]) == squeezed(tensor.shape):
        return array.reshape(array.shape[0], *tensor.shape)
    expected = shape_text(tensor.shape)
    raise InputError(f"{what} has shape {shape_text(array.shape)}, expected {expected}, or Nx{expected} for N samples")


def _split_open(array: NDArray[Any], tensor: TensorType, what: str) -> NDArray[Any]:
    """The samples in an array, of a tensor with open dimensions."""
    if tensor.takes(array.shape):
        return array[np.newaxis]
    if array.ndim and array.shape[0] and tensor.takes(array.shape[1:]):
        return array
    padded = (*[1] * (len(tensor.shape) - array.ndim), *array.shape)
    if tensor.takes(padded):
        return array.reshape(1, *padded)
    sizes = [size for size in array.shape if size != 1]
    if len(sizes) == sum(dim != 1 for dim in tensor.shape):
        rest = iter(sizes)
        whole = tuple(dim if dim == 1 else next(rest) for dim in tensor.shape)
        if tensor.takes(whole):
            return array.reshape(1, *whole)
    expected = shape_text(tensor.shape)
    ranges = ", ".join(f"{symbol.name} {symbol.said}" for symbol in sorted(symbols_in(tensor)))
    raise InputError(
        f"{what} has shape {shape_text(array.shape)}, expected {expected} with {ranges}, or Nx{expected} for N samples"
    )
