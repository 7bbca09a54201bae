"""No command writes onto what it reads, nor two answers onto one file: refused before anything is done."""

import argparse
import os
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from mini_infer.errors import UsageError

OUTPUTS: Mapping[str, str] = {
    "output": "--output",
    "html": "--html",
    "picture": "--picture",
    "dot": "--dot",
    "trace": "--trace",
    "save_outputs": "--save-outputs",
}
"""Argument that names a file to write → its flag."""

SAMPLES = ("input", "calibrate", "evaluate")
"""Arguments that name files with samples, as `NAME=FILE` where there are several inputs."""

READ = ("model", "other", "plan", "problem", "timings", "expected", "labels", *SAMPLES)
"""Arguments that name files to read, some of them as `FILE.npz:ARRAY`."""


def keep_apart(args: argparse.Namespace) -> None:
    """Refuse outputs that are inputs, however they are named, and outputs that are each other.

    Raises
    ------
    UsageError
        Where one is: it names the flag, and the file.
    """
    written: dict[str, Path] = {}
    for name, flag in OUTPUTS.items():
        path = getattr(args, name, None)
        if path is None:
            continue
        for other, taken in written.items():
            if _same(path, taken) or (os.path.realpath(path) == os.path.realpath(taken) and not path.exists()):
                raise UsageError(f"{other} and {flag} both write to {path}: name two files")
        written[flag] = path
    for flag, path in written.items():
        for read in _read(args):
            if _same(path, read):
                raise UsageError(f"{flag} {path} would write over {read}, which is read: name another file")
        if path.is_file():
            _spare_weights(args, flag, path)


def _spare_weights(args: argparse.Namespace, flag: str, path: Path) -> None:
    """Refuse to write over the external data of a model."""
    from mini_infer.cli.models import is_engine

    for model in (getattr(args, "model", None), getattr(args, "other", None)):
        if model is None or model.suffix == ".json" or is_engine(model):
            continue
        from mini_infer.frontend import external_files

        if any(_same(path, weights) for weights in external_files(model)):
            raise UsageError(f"{flag} {path} would write over weights of {model}: name another file")


def _read(args: argparse.Namespace) -> Iterator[Path]:
    for name in READ:
        values = getattr(args, name, None)
        for value in values if isinstance(values, list) else [values]:
            if value is None:
                continue
            text = str(value)
            yield Path(text)
            if name in SAMPLES:
                file = text.partition("=")[2]
                yield Path(file)
                yield from chain.from_iterable(_images(Path(folder)) for folder in (text, file) if folder)
            head, archive, _ = text.rpartition(".npz:")
            if archive:
                yield Path(f"{head.partition('=')[2] or head}.npz")


def _images(folder: Path) -> Iterator[Path]:
    """The images in a folder of samples, if it is one."""
    from mini_infer.cli.files import images_in

    if os.path.isdir(folder):  # noqa: PTH112 - of any name
        yield from images_in(folder)


def _same(path: Path, other: Path) -> bool:
    """Whether both name one regular file, by links of either kind or other spellings."""
    try:
        return path.is_file() and path.samefile(other)
    except (OSError, ValueError):
        return False  # what is not there is no input; the command says so
