"""What part of the code the instances reach: every branch of lowering/ and codegen/ should be taken by some of them."""

import contextlib
import importlib
import itertools
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import mini_infer
from harness import campaign, check, ways
from harness.families import certain, certain_products, control, dated, nothing, rare, refused

PACKAGES = ("lowering", "codegen")
_APART = ("lowering/contraction/timings.py",)
"""The form of a file: no instance reads one."""
_GUARDS = (r"raise (ValueError|TypeError)\(",)
"""What tells of a mistake of the program's own: no model leads there, and so it is no branch to reach."""
_RARE = 48
"""Further instances of each family of what is rare, and of control flow: those have the most cases."""
IN_TURN = frozenset(
    {"certain-control", *certain.FAMILIES, *certain_products.FAMILIES, *refused.FAMILIES, *dated.FAMILIES}
)
"""Families that take their cases in turn: all of them, in every way."""
RATCHET = Path(__file__).parents[1] / "ratchet.json"
SOURCE = Path(mini_infer.__file__).parent


@contextlib.contextmanager
def traced(packages: Sequence[str] = PACKAGES) -> Iterator[object]:
    """Record the branches that are taken inside, of modules imported anew: what runs on import counts too."""
    # sys.monitoring, where there is one, costs a few per cent; the tracer in C three times the time.
    if sys.version_info >= (3, 12):
        os.environ.setdefault("COVERAGE_CORE", "sysmon")
    tracer = importlib.import_module("coverage").Coverage(
        branch=True,
        data_file=None,
        source=[str(SOURCE / package) for package in packages],
        config_file=False,
        messages=False,
    )
    for guard in _GUARDS:
        tracer.exclude(guard)
    tracer.start()
    try:
        yield tracer
    finally:
        tracer.stop()


def measure(count: int, seed: int, families: Sequence[str], packages: Sequence[str]) -> tuple[object, int]:
    """Make the C of so many instances in all ways that write C, and compile none."""
    choice = [way for way in ways.ALL if way.native]
    faults = 0
    with traced(packages) as tracer:
        further = {**nothing.FAMILIES, **rare.FAMILIES, **control.FAMILIES}
        rest = [campaign.batches(_RARE, seed + 1, [name]) for name in families if name in further]
        in_turn = [campaign.batches(campaign.TOGETHER, seed + 1, [name]) for name in families if name in IN_TURN]
        for batch in itertools.chain(campaign.batches(count, seed, families), *rest, *in_turn):
            instances = batch.instances()
            chosen = {choice[batch.number % len(choice)], choice[(batch.number * 7 + 3) % len(choice)]}
            if batch.members[0][0] in control.FAMILIES:
                chosen |= {way for way in choice if way.shared}
            if {name for name, _ in batch.members} <= IN_TURN:
                chosen |= set(choice)
            for way in sorted(chosen, key=choice.index):
                if check.written(instances, way, stepwise=batch.number % 6 == 0, whole=way.threads > 2):
                    for one in instances:
                        faults += len(check.written([one], way))
    return tracer, faults


def branches(tracer: object, packages: Sequence[str]) -> tuple[int, int, dict[str, list[str]], int]:
    """Branches taken, branches there are, module → those not taken, as `from->to`, and how many guards are left out."""
    taken = total = guards = 0
    missing: dict[str, list[str]] = {}
    paths = sorted(path for package in packages for path in (SOURCE / package).rglob("*.py"))
    for path in (path for path in paths if path.relative_to(SOURCE).as_posix() not in _APART):
        analysis = tracer._analyze(str(path))  # type: ignore[attr-defined]
        numbers = analysis.numbers
        total += numbers.n_branches
        taken += numbers.n_branches - numbers.n_missing_branches
        arcs = analysis.missing_branch_arcs()
        guards += sum(len(re.findall(guard, path.read_text())) for guard in _GUARDS)
        lines = [f"{line}->{'exit' if to < 0 else to}" for line in sorted(arcs) for to in sorted(arcs[line])]
        if lines:
            missing[str(path.relative_to(SOURCE))] = lines
    return taken, total, missing, guards


def report(
    count: int,
    seed: int,
    families: Sequence[str],
    packages: Sequence[str] = PACKAGES,
    *,
    unreached: bool,
    update: bool,
) -> int:
    """Print the share, and hold that of lowering/ and codegen/ against the ratchet."""
    start = time.monotonic()
    tracer, faults = measure(count, seed, families, packages)
    taken, total, missing, guards = branches(tracer, packages)
    share = 100 * taken / total
    if unreached:
        for module, lines in missing.items():
            print(f"{module}: {', '.join(lines)}")
    print(f"left out: {guards} guards that raise ValueError or TypeError, against mistakes of the program's own")
    print(
        f"{count} instances reach {taken} of {total} branches of {' and '.join(packages)}: {share:.2f} % "
        f"({faults} could not be written), {time.monotonic() - start:.0f} s"
    )
    if tuple(packages) != PACKAGES:
        return 0
    if update:
        RATCHET.write_text(
            json.dumps({"instances": count, "seed": seed, "share": int(share * 100) / 100}, indent=1) + "\n"
        )
        return 0
    known = json.loads(RATCHET.read_text()) if RATCHET.exists() else {"share": 0}
    if share < known["share"]:
        print(f"the ratchet says {known['share']} %: {', '.join(missing)}")
        return 1
    return 0
