"""The model or engine file that a command works on."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import product
from pathlib import Path

from mini_infer.cli import inputs, options
from mini_infer.errors import InputError, UnsupportedError, UsageError, did_you_mean
from mini_infer.files import open_regular
from mini_infer.ir import TensorType
from mini_infer.ir.dims import Sizes, at
from mini_infer.program.ports import Port
from mini_infer.runtime import Artifact, Engine, ports
from mini_infer.runtime.file import MAGIC

SUFFIX = ".engine"


def is_engine(path: Path) -> bool:
    """Whether a file is an engine, by its suffix or its first bytes; any other is taken for an ONNX model.

    Raises
    ------
    InputError
        When there is no such file, or it cannot be read.
    """
    with open_regular(path) as stream:
        return stream.read(len(MAGIC)) == MAGIC or path.suffix == SUFFIX


def load(path: Path, args: argparse.Namespace) -> Engine:
    """The engine in a file, or the one that the model in it compiles to.

    Raises
    ------
    UsageError
        When the file is an engine and an option was given that only compiling can obey.
    """
    if is_engine(path):
        _refuse_options(path, args)
        chosen = options.from_arguments(args)
        return Engine.load(path, compiler=chosen.compiler, trust_code=getattr(args, "trust_code", False))
    return Engine.from_artifact(read(path, args), compiler=options.from_arguments(args).compiler)


def read(path: Path, args: argparse.Namespace, *, beyond: bool = False) -> Artifact:
    """What a model compiles to, or an engine file holds, without native code. Errors are those of `load`.

    With `beyond`, the largest sizes of ranges may be beyond the memory limit, which may then be given for an engine.
    """
    if is_engine(path):
        _refuse_options(path, args, besides={"memory_limit"} if beyond else set())
        artifact = Artifact.load(path)
        if not artifact.interface.symbols:
            _refuse_options(path, args)
        return artifact
    from mini_infer import compiler

    options.asked_sizes(args, of_engine=False)  # which may make no sense
    chosen = options.from_arguments(args)
    return compiler.build_beyond(path, chosen) if beyond else compiler.build(path, options=chosen)


def read_inputs(args: argparse.Namespace, engine: Artifact, option: str = "input") -> list[inputs.Sample]:
    """The samples in the files that an option names, for the engine's profile that takes them in one piece.

    Raises
    ------
    InputError, UsageError
        When they fit no profile: what is said of the last one.
    """
    found, refusals = [], []
    for variant in engine.variants:
        expected = tensors(variant.interface.inputs)
        try:
            given = getattr(args, option)
            found.append(inputs.from_arguments(args, expected, option) if expected or given else [{}])
        except InputError as refusal:
            refusals.append(refusal)
    if not found:
        raise refusals[-1]
    return min(found, key=len)  # an array of 2x3 is one sample of 2x3 rather than two of 1x3


def read_or_draw(
    args: argparse.Namespace, engine: Artifact, count: int = 1, sizes: Sizes | None = None
) -> list[inputs.Sample]:
    """The samples that `--input` gives; without it, `count` random ones for the largest profile, from `--seed`.

    Random ones have the sizes given, or those that `--dim` asks for, or the typical ones. Errors are those of
    `read_inputs` and `sizes_to_run`.
    """
    if args.input:
        return read_inputs(args, engine)
    from mini_infer.verify.samples import random_samples

    (sizes, *_) = sizes_to_run(args, engine) if sizes is None else [sizes]
    return random_samples(at(dict(tensors(engine.interface.inputs)), sizes), count=count, seed=args.seed)


def grouped(
    args: argparse.Namespace, engine: Artifact, count: int, every: Sequence[Sizes]
) -> list[tuple[Sizes, list[inputs.Sample]]]:
    """The samples that `--input` gives, by their sizes; without it, `count` random ones of each of these sizes.

    Errors are those of `read_inputs`.
    """
    if not args.input:
        return [(sizes, read_or_draw(args, engine, count, sizes)) for sizes in every]
    groups: dict[tuple[tuple[str, int], ...], list[inputs.Sample]] = {}
    for sample in read_inputs(args, engine):
        face = engine.interface
        sizes = ports.sizes([(port, sample.get(port.name)) for port in face.inputs]) if face.symbols else {}
        groups.setdefault(tuple(sizes.items()), []).append(sample)
    return [(dict(sizes), samples) for sizes, samples in groups.items()]


def sizes_text(sizes: Sizes) -> str:
    """`batch=1, seq=128`."""
    return ", ".join(f"{name}={size}" for name, size in sizes.items())


def sizes_to_run(args: argparse.Namespace, engine: Artifact, *, largest: bool = False) -> list[dict[str, int]]:
    """The sizes that `--dim` asks for, of every dimension that has a range, in every combination.

    Where none is asked for it is the typical one, or the `largest`.

    Raises
    ------
    UsageError
        When the engine has no such dimension, or the size is none of its range.
    """
    symbols = {symbol.name: symbol for symbol in engine.interface.symbols}
    of_engine = is_engine(args.model)
    asked = options.asked_sizes(args, of_engine=of_engine) if "dims" in args else {}
    if getattr(args, "other", None) is not None:  # whose model they may be for
        asked = {name: sizes for name, sizes in asked.items() if name in symbols}
    for name, sizes in asked.items():
        if name not in symbols:
            known = ", ".join(symbols) or "none"
            raise UsageError(f"no dimension is called {name!r}{did_you_mean(name, symbols)}; those of a range: {known}")
        for size in sizes:
            if size not in symbols[name].sizes:
                raise UsageError(f"--dim {name}={size}: it is {symbols[name].said}")
    usual = {name: symbol.high if largest else symbol.typical for name, symbol in symbols.items()}
    choices = [asked.get(name, [usual[name]]) for name in symbols]
    return [dict(zip(symbols, chosen, strict=True)) for chosen in product(*choices)]


def asks_for_sizes(args: argparse.Namespace, engine: Artifact) -> bool:
    """Whether `--dim` names sizes that something is to be done at."""
    return bool(options.asked_sizes(args, of_engine=is_engine(args.model))) and bool(engine.interface.symbols)


def _refuse_options(path: Path, args: argparse.Namespace, besides: AbstractSet[str] = frozenset()) -> None:
    """Refuse options that only compiling can obey; beside an engine there may be a model that they are for."""
    if "dims" in args and not args.takes_sizes and getattr(args, "other", None) is None:
        raise UsageError(f"{path} is an engine, in which --dim is settled: give the model")
    settled = [name for name in options.given(args) if name not in {"compiler", "dims", *besides}]
    if settled and getattr(args, "other", None) is None:
        raise UsageError(f"{path} is an engine, in which {options.FLAGS[settled[0]][0]} is settled: give the model")


def tensors(ports: Iterable[Port]) -> Mapping[str, TensorType]:
    """The types of inputs or outputs by name.

    Raises
    ------
    UnsupportedError
        When one of them is no tensor of a static shape: no file can hold it.
    """
    types = {}
    for port in ports:
        if not isinstance(port.type, TensorType):
            raise UnsupportedError(f"{port.name!r} is {port.type}: the command line knows tensors only, use the API")
        types[port.name] = port.type
    return types
