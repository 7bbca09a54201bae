"""`scripts/differential`: what is asked for, and what is said of it."""

import argparse
import logging
import os
import tempfile
import time
import warnings
from collections import Counter
from functools import partial
from pathlib import Path

from harness import campaign, coverage, ways
from harness.campaign import Batch, Found
from harness.reduce import reduced
from harness.script import script
from mini_infer.toolchain import find


def parser() -> argparse.ArgumentParser:
    """The command line."""
    line = argparse.ArgumentParser(
        prog="scripts/differential",
        description="Compare kernels at real sizes with exact oracles, in many ways to compile and run them.",
    )
    line.add_argument("--instances", type=int, default=5000, help="how many to try (default 5000)")
    line.add_argument("--seed", type=int, default=1, help="of everything that is drawn (default 1)")
    line.add_argument(
        "--family", action="append", choices=sorted(campaign.ALL_FAMILIES), help="this family only; repeatable"
    )
    line.add_argument("--minutes", type=float, help="stop drawing after so long")
    line.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="models at once (default: one for each processor)"
    )
    line.add_argument("--compiler", help="C compiler, as for mini-infer")
    line.add_argument("--every-way", action="store_true", help="each model in all ways, not in three of them in turn")
    line.add_argument(
        "--in-pieces", action="store_true", help="each model in all ways with blocks and streams everywhere"
    )
    line.add_argument(
        "--reduce", type=float, default=60, metavar="SECONDS", help="for each fault's smallest model (default 60)"
    )
    line.add_argument(
        "--scripts", type=Path, metavar="FOLDER", help="write each fault's script there instead of printing it"
    )
    line.add_argument(
        "--coverage", action="store_true", help="compile nothing: what part of lowering/ and codegen/ is reached"
    )
    line.add_argument(
        "--package",
        action="append",
        help="with --coverage: of this part of mini_infer instead, such as streaming or program/kernels; repeatable",
    )
    line.add_argument("--unreached", action="store_true", help="with --coverage: list the branches that are not")
    line.add_argument("--update", action="store_true", help="with --coverage: write the ratchet anew")
    return line


def main(arguments: list[str] | None = None) -> int:
    """Run; 1 if there was a fault, or less is reached than the ratchet says."""
    options = parser().parse_args(arguments)
    warnings.simplefilter("ignore")
    logging.getLogger("mini_infer").setLevel(logging.ERROR)
    families = options.family or campaign.ALL_FAMILIES
    if options.coverage:
        return coverage.report(
            options.instances,
            options.seed,
            families,
            options.package or coverage.PACKAGES,
            unreached=options.unreached,
            update=options.update,
        )
    with tempfile.TemporaryDirectory(prefix="differential-") as folder:
        os.environ.setdefault("MINI_INFER_CACHE", folder)
        find(options.compiler)
        return _campaign(options, families)


def _campaign(options: argparse.Namespace, families: list[str]) -> int:
    start, cpu = time.monotonic(), campaign.cpu_seconds()
    deadline = start + 60 * options.minutes if options.minutes else None
    tasks = campaign.batches(options.instances, options.seed, families)
    chosen = ways.PIECES if options.in_pieces else ways.ALL if options.every_way else None
    function = partial(campaign.examine, compiler=options.compiler, chosen=chosen)
    counts: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    total = 0
    for batch, result in campaign.in_processes(tasks, function, options.jobs, deadline):
        counts.update(family for family, _ in batch.members)
        for found in result if isinstance(result, list) else _whole(batch, result, options, chosen):
            faults[found.family] += 1
            total += 1
            _tell(found, options, total)
    wall, used = time.monotonic() - start, campaign.cpu_seconds() - cpu
    print(f"{'family':20s} instances  faults")
    for family in families:
        print(f"{family:20s} {counts[family]:9d} {faults[family]:7d}")
    print(f"{sum(counts.values())} instances, {total} faults, {wall:.0f} s, {used:.0f} s of processors")
    return 1 if total else 0


def _whole(batch: Batch, why: str, options: argparse.Namespace, chosen: tuple[ways.Way, ...] | None) -> list[Found]:
    """A model that brought its process down: each instance again, in a process of its own."""
    alone = (Batch(batch.number, batch.version, (member,)) for member in batch.members)
    function = partial(campaign.examine, compiler=options.compiler, chosen=chosen)
    found: list[Found] = []
    for one, result in campaign.in_processes(alone, function, options.jobs, None):
        if isinstance(result, list):
            found += result
        else:
            family, seed = one.members[0]
            found.append(Found(family, seed, batch.version, campaign.check.Fault("died", result, ways.DEFAULT)))
    family, seed = batch.members[0]
    return found or [Found(family, seed, batch.version, campaign.check.Fault("died together", why, ways.DEFAULT))]


def _tell(found: Found, options: argparse.Namespace, number: int) -> None:
    """One fault: its smallest model as a program."""
    print(f"fault {number}: {found.family}, seed {found.seed}, opset {found.version}, {found.fault.way}", flush=True)
    print(f"  {found.fault.kind}: {found.fault.text}", flush=True)
    if not found.decisions:
        return
    function = partial(_reduced, found, options.compiler, options.reduce)
    ((_, text),) = campaign.in_processes(iter([0]), function, 1, None)
    if options.scripts:
        options.scripts.mkdir(parents=True, exist_ok=True)
        path = options.scripts / f"{found.family}_{found.seed}.py"
        path.write_text(text)
        print(f"  smallest: {path}", flush=True)
    else:
        print(text, flush=True)


def _reduced(found: Found, compiler: str | None, seconds: float, _task: int) -> str:
    smallest = reduced(found.family, found.seed, found.version, found.decisions, found.fault.way, compiler, seconds)
    if smallest is None:
        instance = campaign.make(found.family, found.seed, None, found.version)
        return "# It does not fail alone.\n" + script(instance, found.fault)
    return script(*smallest)
