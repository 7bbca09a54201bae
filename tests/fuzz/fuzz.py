"""Mutate, try, tell: the loop behind `scripts/fuzz`."""

import argparse
import itertools
import multiprocessing
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from corpus import Seed, corpus
from mutate import mutated
from workers import Case, Outcome, Worker

NATIVE = {"model": 0.1, "engine": 0.25}
"""The share that is built to machine code, which takes ten times as long."""
SHARES = {"model": 6, "engine": 6, "problem": 1, "plan": 1, "array": 1}


@dataclass
class Tally:
    """What was seen so far."""

    cases: int = 0
    results: Counter = field(default_factory=Counter)
    faults: Counter = field(default_factory=Counter)


def case(seeds: list[Seed], seed: int, number: int, kinds: tuple[str, ...]) -> Case:
    """The case of that number: a function of the seed alone."""
    random = Random(f"{seed}/{number}")
    kind = random.choices(kinds, [SHARES[kind] for kind in kinds])[0]
    chosen = random.choice([each for each in seeds if each.kind == kind])
    data, story = mutated(chosen, random)
    native = random.random() < NATIVE.get(kind, 0)
    return Case(number, kind, chosen.suffix, data, native, f"{seed}/{number}/run", f"{chosen.name}: {story}")


def main(arguments: list[str]) -> int:
    """Run until the minutes are over; 1 if there was a fault."""
    parser = argparse.ArgumentParser(
        prog="scripts/fuzz", description="Mutate models, engines, problems, plans and arrays."
    )
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--cases", type=int, help="stop after so many, whatever the time")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", default=",".join(SHARES), help=f"any of {', '.join(SHARES)}")
    parser.add_argument("--named", default="", help="only what is made of inputs in whose names this is, as stream/")
    parser.add_argument("--case", type=int, help="try the case of this number alone, and leave its file")
    parser.add_argument("--node-cases", action="store_true", help="onnx's cases of single nodes too, made in some 20 s")
    parser.add_argument("--out", type=Path, default=Path("fuzz-faults"), help="where inputs that were faults are kept")
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    options = parser.parse_args(arguments)
    seeds = [seed for seed in corpus(node_cases=options.node_cases) if options.named in seed.name]
    kinds = tuple(kind for kind in options.kinds.split(",") if any(seed.kind == kind for seed in seeds))
    _warm(seeds)
    if options.case is not None:
        numbers = iter([options.case])
    else:
        numbers = itertools.count() if options.cases is None else iter(range(options.cases))
    start = time.monotonic()
    end = start + options.minutes * 60
    tally, lock = Tally(), threading.Lock()

    def work() -> None:
        worker = Worker()
        try:
            while time.monotonic() < end:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                each = case(seeds, options.seed, number, kinds)
                outcome = worker.run(each)
                with lock:
                    _count(tally, each, outcome, options)
        finally:
            worker.close()

    threads = [threading.Thread(target=work) for _ in range(options.jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - start
    print(
        f"{tally.cases} cases in {seconds:.0f} s ({tally.cases / seconds:.1f} a second): "
        + ", ".join(f"{count} {result}" for result, count in tally.results.most_common())
        + f"; {sum(tally.faults.values())} faults in {len(tally.faults)} places"
    )
    return 1 if tally.faults else 0


def _warm(seeds: list[Seed]) -> None:
    """Import and compile what every worker needs, once, before they are forked."""
    import trial

    from mini_infer import memory

    memory.solve(memory.Problem((memory.Buffer("a", 1, 0, 1),)), time_limit=0)
    trial.build()
    assert seeds


def _count(tally: Tally, each: Case, outcome: Outcome, options: argparse.Namespace) -> None:
    tally.cases += 1
    tally.results[f"{each.kind}s {outcome.result}"] += 1
    if not outcome.fault:
        return
    where = each.story.partition(":")[0] if outcome.result == "died" else outcome.place
    key = (each.kind, outcome.fault.partition(":")[0], where)
    tally.faults[key] += 1
    if tally.faults[key] > 1:
        return
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / f"{options.seed}-{each.number}{each.suffix}"
    path.write_bytes(each.data)
    mode = "native" if each.native else "interpreted"
    again = f"scripts/fuzz --seed {options.seed} --case {each.number}" + " --node-cases" * options.node_cases
    again += f" --named {options.named}" * bool(options.named)
    if options.kinds != ",".join(SHARES):
        again += f" --kinds {options.kinds}"
    fault = " ".join(outcome.fault.split())[:200]
    print(f"FAULT {fault} | at {outcome.place} | {mode} | {each.story[:200]} | {path} | {again}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
