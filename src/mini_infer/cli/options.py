"""Flags made from the fields of `Options`: their help is its docstring, their defaults are its defaults."""

import argparse
import dataclasses
import inspect
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from mini_infer.cli.files import read_array
from mini_infer.cli.parser import RARE
from mini_infer.errors import InputError, UsageError
from mini_infer.ir.ranges import Range, Shape, parse_dim, parse_shape
from mini_infer.objective import OBJECTIVES
from mini_infer.options import IO, MEANINGS, WEIGHTS, Options
from mini_infer.quantities import equated, parse_bytes, parse_count, parse_factor, parse_seconds
from mini_infer.toolchain.target import Target

_SWITCH = {"action": argparse.BooleanOptionalAction}


def _parse_fixed(text: str) -> tuple[str, np.ndarray]:
    """`name=3`, `name=[1,2]`, `name=true` or `name=value.npy`; the model's input says of what type the value is."""
    name, separator, value = equated(text).partition("=")
    if not separator or not name:
        raise UsageError(f"{text!r} fixes nothing: write NAME=VALUE, such as steps=4 or mask=[1,1,0]")
    try:
        array = read_array(Path(value)) if value.endswith(".npy") else np.array(json.loads(value))
        if array.dtype.kind not in "biuf":
            raise ValueError(array.dtype)
    except InputError as error:
        raise UsageError(f"--fix {name}: {error}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"--fix {text}: {value!r} is no number, list of numbers, true, false or .npy file") from None
    return name, array


def _parse_state(text: str) -> tuple[str, str]:
    """`past_k=present_k` → the input, and the output that it is in the next run."""
    given, separator, made = equated(text).rpartition("=")
    if not separator or not given or not made:
        raise UsageError(f"{text!r} is no state: write INPUT=OUTPUT, such as past_k=present_k")
    return given, made


def _parse_profile(text: str) -> tuple[str, Mapping[str, Shape]]:
    """`large=x:8x3x224x224,mask:8x1` → the profile's name and its shapes."""
    name, separator, shapes = equated(text).partition("=")
    if not separator or not name:
        raise UsageError(f"{text!r} is no profile: write PROFILE=NAME:DIMxDIM...,..., such as large=x:8x3x224x224")
    return name, dict(parse_shape(shape) for shape in shapes.split(","))


class _Strategies(Collection[str]):
    """The names of a package's `STRATEGIES`: it is imported when somebody asks for them."""

    def __init__(self, package: str) -> None:
        self._package = package

    @property
    def _names(self) -> Collection[str]:
        names: Mapping[str, Any] = import_module(self._package).STRATEGIES
        return names

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


FLAGS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "shapes": ("--shapes", {"type": parse_shape, "metavar": "NAME:DIMxDIM...", "action": "append"}),
    "dims": ("--dim", {"type": parse_dim, "metavar": "NAME=N|LOW..HIGH[:STEP][@TYPICAL]", "action": "append"}),
    "state": ("--state", {"type": _parse_state, "metavar": "INPUT=OUTPUT", "action": "append"}),
    "profiles": ("--profile", {"type": _parse_profile, "metavar": "PROFILE=NAME:DIMxDIM...,...", "action": "append"}),
    "fix": ("--fix", {"type": _parse_fixed, "metavar": "NAME=VALUE", "action": "append"}),
    "quantized": ("--quantized", {"choices": MEANINGS}),
    "weights": ("--weights", {"choices": tuple(WEIGHTS), "metavar": "TYPE"}),
    "rewrite": ("--no-rewrite", {"action": "store_false"}),
    "optimize": ("--optimize", {"choices": tuple(OBJECTIVES), "metavar": "GOAL"}),
    "memory_planning": ("--memory-planning", _SWITCH),
    "strategy": ("--strategy", {"choices": _Strategies("mini_infer.memory"), "metavar": "NAME"}),
    "time_limit": ("--time-limit", {"type": parse_seconds, "metavar": "SECONDS"}),
    "memory_limit": ("--memory-limit", {"type": parse_bytes, "metavar": "BYTES|512K|2M"}),
    "recompute": ("--recompute", {"type": parse_factor, "metavar": "FACTOR"}),
    "alignment": ("--alignment", {"type": parse_bytes, "metavar": "BYTES"}),
    "io": ("--io", {"choices": IO}),
    "order": ("--order", {"choices": _Strategies("mini_infer.schedule"), "metavar": "NAME"}),
    "compiler": ("--compiler", {"metavar": "CC"}),
    "timings": ("--timings", {"type": Path, "metavar": "FILE"}),
    "threads": ("--threads", {"type": parse_count, "metavar": "N"}),
    "target": ("--target", {"type": Target.parse, "metavar": "MACHINE|ARCH-SYSTEM[-ABI][+FEATURE...]"}),
}
"""Field of `Options` → its flag, and what argparse needs to read it."""

COMMON = frozenset({"shapes", "dims", "optimize", "memory_limit", "threads", "target"})
"""The fields whose flags `--help` shows; `--help-all` shows all."""

OLD_FLAGS: Mapping[str, str] = {"rewrite": "--no-optimize"}
"""Field of `Options` → what its flag was called before, which is still taken."""


def add_arguments(parser: argparse.ArgumentParser, *, without: Sequence[str] = (), sizes: str = "") -> None:
    """Add a flag for every field of `Options`, except those named in `without`.

    `sizes` is what the command does at sizes that `--dim` gives beside a range, if anything (`asked_sizes`). Help is
    written where somebody asks for it.
    """
    parser.set_defaults(takes_sizes=bool(sizes))
    group = parser.add_argument_group("options of the compiler")
    helped = not getattr(parser, "helpless", False)
    texts = field_texts(Options) if helped else {}
    for field in dataclasses.fields(Options):
        if field.name not in without:
            flag, reading = FLAGS[field.name]
            text = "do not " if reading.get("action") == "store_false" else ""
            more = f"; sizes beside a range, or for an engine: {sizes}" if field.name == "dims" and sizes else ""
            hints = _hints(field.default, reading) if helped else ""
            text += f"{texts.get(field.name, '')}{more}{hints}".replace("%", "%%")
            action = group.add_argument(flag, dest=field.name, default=argparse.SUPPRESS, help=text, **reading)
            if field.name not in COMMON:
                setattr(action, RARE, text)
                action.help = argparse.SUPPRESS
            if field.name in OLD_FLAGS:
                former = {**reading, "dest": field.name, "default": argparse.SUPPRESS, "help": argparse.SUPPRESS}
                group.add_argument(OLD_FLAGS[field.name], **former)


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Add `--trust-code`."""
    parser.add_argument(
        "--trust-code",
        action="store_true",
        help="run the native code that was saved beside an engine (compile --with-code): it can do whatever you can",
    )


def from_arguments(args: argparse.Namespace) -> Options:
    """The options that the flags of `add_arguments` gave.

    Raises
    ------
    UsageError
        When an option makes no sense.
    """
    chosen: dict[str, Any] = {name: getattr(args, name) for name in given(args)}
    chosen |= {name: dict(value) for name, value in chosen.items() if isinstance(value, list)}
    if "dims" in chosen:
        chosen["dims"] = {name: sizes[0] for name, sizes in _dims(args).items()}
    return Options(**chosen)


def asked_sizes(args: argparse.Namespace, *, of_engine: bool) -> dict[str, list[int]]:
    """The sizes that `--dim` gives beside a range, by the dimension's name; for an engine, all sizes.

    Raises
    ------
    UsageError
        When a model's dimension is given two sizes and no range, or an engine is given a range: its own are settled.
    """
    found: dict[str, list[int]] = {}
    for name, sizes in _dims(args).items():
        ranged, plain = isinstance(sizes[0], Range), [size for size in sizes if isinstance(size, int)]
        if of_engine and ranged and getattr(args, "other", None) is None:
            raise UsageError(f"--dim {name}={sizes[0]}: the ranges of an engine are settled: give sizes, or the model")
        if not of_engine and not ranged and len(plain) > 1:
            raise UsageError(f"--dim {name} is {' and '.join(map(str, plain))}: give one size, or a range beside them")
        if plain and (ranged or of_engine):
            found[name] = plain
    return found


def _dims(args: argparse.Namespace) -> dict[str, list[int | Range]]:
    """What `--dim` gives for each dimension: the range first, if there is one.

    Raises
    ------
    UsageError
        When a dimension is given twice, or sizes are given that the command does nothing with.
    """
    found: dict[str, list[int | Range]] = {}
    for name, size in getattr(args, "dims", ()):
        found.setdefault(name, []).append(size)
    for name, sizes in found.items():
        sizes.sort(key=lambda size: not isinstance(size, Range))
        said = " and ".join(map(str, sizes))
        if len(sizes) > 1 and isinstance(sizes[1], Range):
            raise UsageError(f"--dim {name} is given twice, as {said}: give one range")
        if len(sizes) > 1 and not args.takes_sizes:
            raise UsageError(f"--dim {name} is given twice, as {said}: this command does nothing at single sizes")
        symbol = sizes[0].symbol(name) if isinstance(sizes[0], Range) else None
        for size in sizes[1:] if symbol is not None else ():
            if symbol is not None and size not in symbol.sizes:
                raise UsageError(f"--dim {name}={size}: it is {symbol.said}")
    return found


def given(args: argparse.Namespace) -> tuple[str, ...]:
    """The fields of `Options` that a flag was given for."""
    return tuple(name for name in FLAGS if name in args)


def field_texts(documented: type) -> dict[str, str]:
    """What a class's docstring says of each parameter, as help: one line each, without its final stop."""
    section = (inspect.getdoc(documented) or "").partition("Parameters\n----------\n")[2].partition("\n\n")[0]
    texts: dict[str, str] = {}
    for name, body in re.findall(r"^(\w+)\n((?:    .*\n?)+)", section, re.MULTILINE):
        text = " ".join(body.split()).replace("`", "")
        first = text[0].lower() if text[1].islower() else text[0]  # "C compiler" keeps its C
        texts[name] = (first + text[1:]).removesuffix(".")
    return texts


def _hints(default: object, reading: Mapping[str, Any]) -> str:
    """What to choose from, what happens without the flag, and whether it may be given more than once."""
    hints = []
    if "choices" in reading:
        hints.append("one of " + ", ".join(reading["choices"]))
    if reading.get("action") is argparse.BooleanOptionalAction:
        hints.append(f"default: {'yes' if default else 'no'}")
    elif isinstance(default, str | int | float) and not isinstance(default, bool):
        hints.append(f"default: {default}")
    if reading.get("action") == "append":
        hints.append("repeatable")
    return f" ({'; '.join(hints)})" if hints else ""
