"""`mini-infer export --library`: what it is told, and what it says."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mini_infer import compiler, export
from mini_infer.cli import models, options, output
from mini_infer.errors import UsageError
from mini_infer.export import library
from mini_infer.report.sizes import exact_bytes
from mini_infer.runtime import Engine
from mini_infer.toolchain import Target

BESIDE = "beside"
PLACES = ("inside", BESIDE)
"""Where the weights of a library may lie."""
FILE = "bin"
"""Where those of C may lie, if not in arrays."""

_ONLY_HERE = {
    "threads": "--threads",
    "compiler": "--compiler",
    "timings": "--timings",
    "memory_limit": "--memory-limit",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what only libraries need."""
    parser.add_argument("--library", action="store_true", help="a shared and a static library instead of C")


def refuse_without(args: argparse.Namespace, places: Sequence[str]) -> None:
    """Refuse what is for libraries, where none is asked for; `places` are those of weights that were given.

    Raises
    ------
    UsageError
        It names the option.
    """
    for name, flag in _ONLY_HERE.items():
        if name in args:
            raise UsageError(f"{flag} is for --library: C for boards is written without")
    if places and places[0] in PLACES:
        raise UsageError(f"--weights {places[0]} is for --library: C has weights in arrays, or in a file ({FILE})")


def run(args: argparse.Namespace, names: export.Names, places: Sequence[str]) -> int:
    """Build the libraries, write the folder, and say what is in it; `places` are those of weights that were given."""
    if args.sizes:
        raise UsageError("--sizes is for C; a --library is made by a compiler as it is")
    if FILE in places:
        raise UsageError(f"--weights {FILE} is for C; those of a --library lie {' or '.join(PLACES)}")
    if getattr(args, "io", "caller") != "caller":
        raise UsageError("--io arena is for boards; inputs and outputs of a --library are the caller's")
    for flag, limit in (("--ram", args.ram), ("--flash", args.flash), ("--pool", args.pool)):
        if limit not in (None, []):
            raise UsageError(f"{flag} is for boards; the arena of a --library is limited by --memory-limit")
    chosen = options.from_arguments(args)
    product = library.Product.of(
        lambda target: compiler.build(args.model, options=replace(chosen, target=target)),
        [replace(Target.parse(text), threads=chosen.threads) for text in args.machines or ["native"]],
        args.model.name,
        names,
        inside=BESIDE not in places,
        compiler=chosen.compiler,
    )
    (given, *_) = models.read_or_draw(args, product.artifact)
    expected = Engine.from_artifact(product.artifact, compiler="none").create_context().run(given)
    report, sizes = library.write(product, args.output, given, expected)
    output.tell(args, lambda: report, lambda: text(args, product, sizes))
    return 0


def text(args: argparse.Namespace, product: library.Product, sizes: Mapping[str, int]) -> str:
    """What came out, for people."""
    lines = [f"{args.output}: {product.names.lower}, {exact_bytes(product.context_bytes)} bytes for a context", ""]
    for system, compiler_ in zip(product.systems, product.compilers, strict=True):
        lines.append(f"  {system.name}, by {compiler_.name}: weights {exact_bytes(system.constants.nbytes)} bytes")
        lines += [
            f"    {edition.called}: an arena of {exact_bytes(edition.network.plan.size)} bytes"
            for edition in system.editions
        ]
    width = max(map(len, sizes))
    lines += ["", *(f"  {name:<{width}}  {exact_bytes(size)} bytes" for name, size in sizes.items())]
    return "\n".join(lines) + "\n"
