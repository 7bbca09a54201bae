"""A model as C that needs no Python: a folder with a header, kernels, constants, and a test on a recorded input.

The C is for any machine that has a name, and no compiler is needed to write it. Memory is the caller's: inputs,
outputs, and the arena, unless a macro makes that a variable. The test's main returns 0 where the outputs are those that
the model's operators mean, within the tolerance that the report names. The folder is there whole or not at all.

With --library it is a shared and a static library for applications, of the code that an engine runs, with a header for
C and one for C++. Of several targets, those of one system are in one library, which chooses by the processor.

For example:

  mini-infer export net.onnx -o net/
  mini-infer export net.onnx -o net/ --target cortex-m4 --ram 64K --flash 512K
  mini-infer export net.onnx -o net/ --target cortex-m7 --weights bin --sizes
  mini-infer export net.onnx -o net/ --target cortex-m7 --pool dtcm:64K,sram:256K
  mini-infer export net.onnx -o net/ --name digits --input x=x.npy --json
  mini-infer export --library net.onnx -o net/
  mini-infer export --library net.onnx -o net/ --target x86_64-linux+v3 --target x86_64-linux+v4 --weights beside
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mini_infer import compiler, export
from mini_infer.cli import inputs, library, models, options, output
from mini_infer.cli.commands.solve import pools as read_pools
from mini_infer.errors import CapacityError, UsageError
from mini_infer.machine import MACHINES
from mini_infer.options import IO, WEIGHTS
from mini_infer.quantities import parse_bytes
from mini_infer.report.sizes import exact_bytes
from mini_infer.runtime import Engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from mini_infer.memory import Pool
    from mini_infer.options import Options
    from mini_infer.runtime import Artifact

PLAIN_ALIGNMENT = 8
"""Bytes: what the widest number needs, where there are no vectors."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="an ONNX model")
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", required=True, help="where the files go")
    parser.add_argument(
        "--target",
        dest="machines",
        metavar="MACHINE",
        action="append",
        help=f"native, or one of {', '.join(MACHINES)} (default: {export.DEFAULT}: C11 without extensions); "
        "of a library ARCH-SYSTEM[-ABI][+FEATURE...], repeatable (default: native)",
    )
    library.add_arguments(parser)
    parser.add_argument("--name", help="of files, functions and macros (default: the model's)")
    parser.add_argument(
        "--ram", type=parse_bytes, metavar="BYTES|64K", help="that arena, state, inputs and outputs may take"
    )
    parser.add_argument(
        "--pool",
        action="append",
        default=[],
        metavar="NAME:BYTES,...",
        help="memories instead of one arena, the fastest first, each with its size: dtcm:64K,sram:256K",
    )
    parser.add_argument("--flash", type=parse_bytes, metavar="BYTES|512K", help="that the constants may take")
    parser.add_argument(
        "--sizes", action="store_true", help="compile the C by gcc for the machine, and report code and stack"
    )
    parser.add_argument(
        "--io",
        choices=IO,
        default=argparse.SUPPRESS,
        help="whose memory inputs and outputs lie in (default: the arena on boards, the caller's elsewhere)",
    )
    output.add_json(parser)
    output.add_seed(parser)
    inputs.add_arguments(parser)
    parser.add_argument(
        "--weights",
        dest="kept",
        action="append",
        default=[],
        choices=(*WEIGHTS, *library.PLACES, library.FILE),
        metavar="TYPE|PLACE",
        help=f"the type that weights are kept in, one of {', '.join(WEIGHTS)}; and where they lie: of C bin, one "
        "file that the caller has in memory, instead of arrays; of a --library inside it, or beside it in a file that "
        "programs map (default: float32, arrays, inside; repeatable)",
    )
    without = ("io", "profiles", "target", "weights")
    options.add_arguments(parser, without=without)


def run(args: argparse.Namespace) -> int:
    """Write the folder, and say what is in it."""
    if models.is_engine(args.model):
        raise UsageError(f"{args.model} is an engine, and written for its machine; export takes an ONNX model")
    name = export.identifier(args.model.stem) if args.name is None else export.check_name(args.name)
    kinds, places = ([each for each in args.kept if (each in WEIGHTS) is kind] for kind in (True, False))
    if max(len(kinds), len(places)) > 1:
        raise UsageError(f"--weights is given as {' and '.join(args.kept)}: give one type, and one place")
    args.weights = kinds[0] if kinds else "float32"
    if args.library:
        return library.run(args, export.Names(name), places)
    library.refuse_without(args, places)
    if args.machines and len(args.machines) > 1:
        raise UsageError("--target is given twice: C is written for one machine; a --library can be for several")
    machine, features = export.parse(args.machines[0] if args.machines else export.DEFAULT)
    chosen = replace(options.from_arguments(args), target=export.stand_in(machine))
    if "io" not in args and export.is_board(machine):
        chosen = replace(chosen, io="arena")
    if "alignment" not in args and not machine.has_vectors:
        chosen = replace(chosen, alignment=PLAIN_ALIGNMENT)

    pools = export.check_pools(read_pools(args))
    if pools and args.ram is not None:
        raise UsageError("--ram and --pool are given: each pool has its own size")

    scales = compiler.port_scales(args.model, chosen)

    def made(of: "Artifact") -> export.Network:
        names = export.Names(name)
        network = export.network(of, args.model.name, names, machine, features, chosen.alignment, scales)
        return replace(network, in_file=places == [library.FILE])

    artifact, network = _in_pools(args, chosen, pools, made) if pools else _in_one(args, chosen, made)
    result = export.export(network)
    if args.flash is not None:
        export.check_flash(result, args.flash)
    if args.sizes:
        result = result.measured()
    (given, *_) = models.read_or_draw(args, artifact)
    expected = Engine.from_artifact(artifact, compiler="none").create_context().run(given)
    sizes = result.write(args.output, given, expected)
    output.tell(args, lambda: result.record(expected), lambda: text(args.output, result, sizes))
    return 0


def _in_one(
    args: argparse.Namespace, chosen: "Options", made: "Callable[[Artifact], export.Network]"
) -> "tuple[Artifact, export.Network]":
    """The model in one arena, within the limit that is given."""
    artifact = compiler.build(args.model, options=chosen)
    network = made(artifact)
    if args.ram is not None and network.ram > args.ram:
        artifact = _within(args, chosen, network)
        network = made(artifact)
        export.check_ram(network, args.ram)
    return artifact, network


def _within(args: argparse.Namespace, chosen: "Options", network: export.Network) -> "Artifact":
    """The model again, with as little in its arena as the limit leaves beside what else is memory."""
    beside = network.ram - network.plan.size
    if beside > args.ram:
        export.check_ram(network, args.ram)
    try:
        return compiler.build(args.model, options=replace(chosen, memory_limit=args.ram - beside))
    except CapacityError as error:
        others = "the state takes" if network.in_arena else "inputs, outputs and state take"
        more = f"{others} {beside} bytes; beside them, " if beside else ""
        raise CapacityError(f"--ram {args.ram}: {more}{error}") from None


def _in_pools(
    args: argparse.Namespace, chosen: "Options", pools: "tuple[Pool, ...]", made: "Callable[[Artifact], export.Network]"
) -> "tuple[Artifact, export.Network]":
    """The model in several arenas; where it finds no room, with as few bytes as can be, whatever time that takes."""
    try:
        artifact = compiler.build(args.model, options=chosen)
        return artifact, export.in_pools(made(artifact), export.place(artifact.program, pools, chosen))
    except CapacityError:
        artifact = compiler.build(args.model, options=replace(chosen, optimize="memory"))
        return artifact, export.in_pools(made(artifact), export.place(artifact.program, pools, chosen))


def _memories(network: export.Network) -> list[str]:
    """Lines on the arena, or on each of several."""
    plan = network.plan
    if not network.has_pools:
        proof = "proved to be the least" if plan.optimal else f"at least {exact_bytes(plan.lower_bound)} are needed"
        return [f"  arena      {exact_bytes(plan.size)} bytes, {proof}"]
    busy = max(1, sum(buffer.worth for buffer in plan.problem.buffers))
    lines = []
    for placed, pool in zip(plan.pools, plan.problem.pools, strict=True):
        share = sum(plan.problem.buffers[index].worth for index in placed.members) / busy
        sizes = f"{exact_bytes(placed.size)} of {exact_bytes(pool.capacity or 0)} bytes"
        lines.append(f"  {pool.name:<10} {sizes}, {len(placed.members)} buffers, {share:.0%} of the traffic")
    return lines


def _compiled(result: export.Export) -> list[str]:
    """Lines on code and stack, where they were asked for."""
    if (sizes := result.sizes) is None:
        return []
    return [
        f"  code       {exact_bytes(sizes.code)} bytes by gcc -O2",
        f"  stack      {exact_bytes(sizes.stack)} bytes, without what functions of the C library take",
    ]


def text(folder: Path, result: export.Export, sizes: dict[str, int]) -> str:
    """What came out, for people."""
    network = result.network
    ports = ("in the arenas" if network.has_pools else "in the arena") if network.in_arena else "the caller's"
    held = "one file, the caller's" if network.in_file else f"{len(result.arrays)} arrays"
    lines = [
        f"{folder}: {network.names.lower} for {network.machine}, {len(network.program.steps)} steps",
        "",
        *_memories(network),
        f"  in, out    {exact_bytes(network.port_bytes)} bytes, {ports}",
        *([f"  state      {exact_bytes(network.state_bytes)} bytes, the caller's"] if network.state_bytes else []),
        f"  RAM        {exact_bytes(network.ram)} bytes without the stack",
        f"  constants  {exact_bytes(result.constant_bytes)} bytes in {held}",
        *_compiled(result),
        "",
        *(f"  {name:<{max(map(len, sizes))}}  {exact_bytes(size)} bytes" for name, size in sizes.items()),
    ]
    return "\n".join(lines) + "\n"
