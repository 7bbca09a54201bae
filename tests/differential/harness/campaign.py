"""Many instances, many to a model, each model in a process of its own, in several ways."""

import itertools
import multiprocessing
import multiprocessing.connection
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness import check, ways
from harness.check import Fault
from harness.families import FAMILIES, control, dated, make
from harness.instance import NEWEST, Instance

TOGETHER = 30
"""Instances in a model."""
_PATIENCE = 600
"""Seconds that a model may take before that is a fault."""
_OLD = (9, 11, 12, 13, 16, 17, 18, 21, 22)
"""Operator sets of the models that are not of the newest."""
_SINCE = {
    "attention": 23,
    "deform-conv": 19,
    "rotary": 23,
    "linear-attention": 27,
    "causal-conv": 27,
    "norm": 23,
    "q-matmul": 21,
    "unary": 20,
    "binary": 18,
    "reduce": 18,
    "long-sum": 18,
    "pad": 18,
    "chain-rows": 18,
    "chain-image": 18,
    "conv-pooled": 18,
    "conv-bands": 18,
    "stream-image": 20,
    "stream-tall": 20,
    "certain-products": 18,
    "pool": 12,
    "softmax": 11,
    "slice": 9,
    "several": 9,
    "q-linear": 10,
    "transpose": 9,
    "gather": 11,
    "fill": 14,
    "cast": 15,
    "logic": 16,
    "special": 16,
    "grid-sample": 16,
    "loop": 16,
    "if": 16,
    "repeat": 13,
    "gemm": 18,
    "conv": 18,
    "conv-few": 18,
    "conv-winograd": 18,
    "conv-depthwise": 18,
    "conv-transposed": 18,
    "conv-plain": 18,
    "matmul": 18,
    "foreign": 27,
    "empty": 23,
    "attention-odd": 23,
    "odd": 18,
    "late": 18,
    "of-nothing": 20,
    "unreduced": 20,
    "winograd-left": 18,
    "averaged": 18,
    "blocks-rows": 18,
    "blocks-channels": 18,
    "certain-attention": 24,
    "certain-convs": 20,
    "certain-folds": 18,
    "certain-moves": 19,
    "refused-forms": 27,
    "refused-types": 27,
}
"""Family → the first operator set that has what it uses; absent: 16."""


@dataclass(frozen=True)
class Batch:
    """One model: where its instances come from.

    Parameters
    ----------
    number
        Of the batch, which also says in which ways it runs.
    members
        (family, seed) of each instance.
    """

    number: int
    version: int
    members: tuple[tuple[str, int], ...]

    def instances(self) -> list[Instance]:
        return [make(family, seed, None, self.version) for family, seed in self.members]


@dataclass
class Found:
    """A fault, with what its instance is made from."""

    family: str
    seed: int
    version: int
    fault: Fault
    decisions: list[int] = field(default_factory=list)


def batches(count: int, seed: int, families: Sequence[str]) -> Iterator[Batch]:
    """As many instances as are wanted, of the families in turn, as models; deterministic.

    Each family counts its own seeds: what it does in turn (`Draw.in_turn`) it leaves out none of.
    """
    rng = np.random.default_rng(seed)
    # With graphs inside a model no value lies in another's bytes, and a model has one operator set: both are apart.
    nested = [name for name in families if name in control.FAMILIES]
    old = [name for name in families if name in dated.FAMILIES]
    plain = [name for name in families if name not in {*nested, *old}]
    apart = itertools.cycle([group for group in (nested, *([name] for name in old)) if group] or [plain])
    number = made = 0
    at = 0
    numbers = Counter[str]()
    while made < count:
        wanted = next(apart) if number % 6 == 1 or not plain else plain
        version = dated.VERSIONS.get(wanted[0], int(rng.choice(_OLD)) if number % 6 == 5 else NEWEST)
        fitting = [name for name in wanted if name in dated.VERSIONS or _SINCE.get(name, 16) <= version]
        if not fitting:
            version, fitting = NEWEST, wanted
        size = min(TOGETHER, count - made)
        chosen = [fitting[(at + k) % len(fitting)] for k in range(size)]
        members = []
        for family in chosen:
            members.append((family, (seed << 20) + numbers[family]))
            numbers[family] += 1
        at += size
        yield Batch(number, version, tuple(members))
        number, made = number + 1, made + size


def examine(batch: Batch, compiler: str | None, chosen: Sequence[ways.Way] | None = None) -> list[Found]:
    """Run one model in its ways; each instance is told of once."""
    instances = batch.instances()
    found: list[Found] = []
    guilty: set[int] = set()
    for way in chosen or ways.of(batch.number):
        left = [k for k in range(len(instances)) if k not in guilty]
        for number, fault in culprits([instances[k] for k in left], way, compiler):
            guilty.add(left[number])
            one = instances[left[number]]
            found.append(Found(one.family, one.draw.seed, batch.version, fault, one.draw.taken))
    return found


def culprits(instances: Sequence[Instance], way: ways.Way, compiler: str | None) -> list[tuple[int, Fault]]:
    """(number of an instance, its fault) for all that go wrong, also where one of them brings the model down."""
    if not instances:
        return []
    faults = check.faults(instances, way, compiler)
    if all(fault.instance is not None for fault in faults):
        return [(fault.instance, fault) for fault in faults if fault.instance is not None]
    if len(instances) == 1:
        return [(0, fault) for fault in faults[:1]]
    alone = [(k, fault) for k, one in enumerate(instances) for fault in check.written([one], way)[:1]]
    if alone:
        bad = {k for k, _ in alone}
        rest = [k for k in range(len(instances)) if k not in bad]
        return alone + [(rest[k], fault) for k, fault in culprits([instances[k] for k in rest], way, compiler)]
    half = len(instances) // 2
    lower, upper = culprits(instances[:half], way, compiler), culprits(instances[half:], way, compiler)
    return lower + [(half + k, fault) for k, fault in upper] or [(0, faults[0])]


def in_processes(
    tasks: Iterator[Any], function: Callable[[Any], Any], jobs: int, deadline: float | None
) -> Iterator[tuple[Any, Any]]:
    """(task, result) of each; a result is a text where the process died or took too long."""
    context = multiprocessing.get_context("fork")
    running: dict[Any, tuple[Any, Any, float]] = {}
    open_ended = True
    while open_ended or running:
        while open_ended and len(running) < jobs:
            task = next(tasks, None) if deadline is None or time.monotonic() < deadline else None
            if task is None:
                open_ended = False
                break
            receiver, sender = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(function, task, sender))
            process.start()
            sender.close()
            running[receiver] = task, process, time.monotonic() + _PATIENCE
        ready = multiprocessing.connection.wait(list(running), timeout=1)
        late = [receiver for receiver, (_, _, end) in running.items() if time.monotonic() > end]
        for receiver in {*ready, *late}:
            task, process, _ = running.pop(receiver)
            try:
                result = receiver.recv() if receiver in ready else f"no end within {_PATIENCE} s"
            except EOFError:
                process.join()
                result = f"the process died with exit code {process.exitcode}"
            if isinstance(result, str):
                process.kill()
            process.join()
            receiver.close()
            yield task, result


def _work(function: Callable[[Any], Any], task: Any, sender: Any) -> None:
    try:
        sender.send(function(task))
    except Exception as error:  # noqa: BLE001 - the parent decides
        import traceback

        sender.send(f"the harness failed: {error!r}\n{traceback.format_exc()}")
    sender.close()


def cpu_seconds() -> float:
    """Of this process and of those that ended."""
    return sum(
        u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


ALL_FAMILIES = tuple(FAMILIES)
