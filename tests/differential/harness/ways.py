"""Ways to compile and run a model, which must all give the same."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from unittest import mock

from machines import SCALAR, WIDTHS, shared_target

from harness import pieces
from mini_infer.ir.operators import OPERATORS
from mini_infer.lowering.contraction.tiles import Work, candidates
from mini_infer.lowering.sampling import resize
from mini_infer.machine import Machine
from mini_infer.objective import OBJECTIVES, Objective
from mini_infer.options import Options
from mini_infer.program.kernels import Tile
from mini_infer.toolchain import Target

SMALL_BLOCKS = {"memory": (64, 32), "balanced": (32, 16), "speed": (16,)}
"""Values of more than this part of the arena are made in blocks: nearly all, as in a network where each is the peak."""
FUNCTIONS = {
    name: replace(OPERATORS[name], activation=True)
    for name in "Acos Asinh Atan Ceil Cos Erf Exp Log Neg Round Sign Sin Softplus Sqrt Tan".split()
}
"""What products do besides activations, where they do every function."""


@dataclass(frozen=True)
class Way:
    """How to compile and run.

    Parameters
    ----------
    width
        Bytes of a vector; 0: the machine's own.
    scalar
        Whether C is written for a machine without vectors.
    shared
        Whether threads share every kernel that has items, however small.
    pieces
        Whether values are made in blocks, and steps run in bands of rows, wherever they can be.
    any_tile
        Whether products get some register tile of those that they may have, as if it had been measured.
    any_function
        Whether products do every function that comes behind them, also those that have no form in vectors, and Resize
        has tables for few samples only.
    """

    width: int = 0
    scalar: bool = False
    goal: str = "balanced"
    threads: int = 1
    shared: bool = False
    plan: bool = True
    optimize: bool = True
    native: bool = True
    poison: bool = False
    pieces: bool = False
    any_tile: bool = False
    any_function: bool = False

    def __str__(self) -> str:
        words = [f"vectors of {self.width} bytes"] if self.width else []
        words += ["no vectors"] * self.scalar
        words += [f"goal {self.goal}", f"{self.threads} threads"]
        words += ["any tile"] * self.any_tile + ["any function"] * self.any_function
        words += ["shared"] * self.shared + ["in pieces"] * self.pieces
        words += ["without a plan"] * (not self.plan) + ["not optimized"] * (not self.optimize)
        words += ["interpreted"] * (not self.native) + ["poisoned"] * self.poison
        return ", ".join(words)

    @property
    def retargeted(self) -> bool:
        """Whether C is written for another machine than this one."""
        return bool(self.width) or self.scalar or self.shared

    @property
    def objective(self) -> Objective:
        """What the goal means; in pieces, one of its own, which makes nearly all values in blocks."""
        plain = OBJECTIVES[self.goal]
        return replace(plain, rounds_of_blocks=1, worth=2.0, shares=SMALL_BLOCKS[self.goal]) if self.pieces else plain

    def options(self, compiler: str | None = None) -> Options:
        """The options of `mini_infer.compile`."""
        target = Target.host()
        if self.width:
            features = target.features if self.width > 16 or target.arch != "x86_64" else _narrow(target)
            target = replace(target, features=features, machine=WIDTHS[self.width])
        if self.scalar:
            target = replace(target, machine=SCALAR)
        if self.shared:
            target = shared_target(target)
        return Options(
            target=target,
            optimize=self.objective,
            threads=self.threads,
            memory_planning=self.plan,
            rewrite=self.optimize,
            compiler=compiler if self.native else "none",
            time_limit=0,
        )

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """What no option says."""
        with contextlib.ExitStack() as stack:
            if self.any_tile:
                tiles = AnyTile(self.options().built_for.machine)
                stack.enter_context(mock.patch("mini_infer.candidates._tiles", return_value=tiles))
            if self.pieces:
                stack.enter_context(pieces.everywhere())
            if self.any_function:
                stack.enter_context(mock.patch.dict(OPERATORS, FUNCTIONS))
                stack.enter_context(mock.patch.object(resize, "_LONGEST", 12))
            yield


class AnyTile(Mapping[Work, Tile]):
    """For each product one of the tiles that it may have; the same at each time."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def __getitem__(self, work: Work) -> Tile:
        possible = candidates(work, self.machine)
        return possible[(work.rows * 7 + work.columns * 13 + work.depth * 29) % len(possible)]

    def __iter__(self) -> Iterator[Work]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _narrow(target: Target) -> tuple[str, ...]:
    """Features of processors whose widest vectors have 16 bytes."""
    from mini_infer.toolchain import host

    return tuple(f for f in target.features if f in host.X86_LEVELS["v2"])


DEFAULT = Way()
INTERPRETED = (
    Way(native=False),
    Way(native=False, optimize=False),
    Way(native=False, poison=True),
    Way(native=False, goal="memory", pieces=True),
    Way(native=False, plan=False, goal="speed"),
)
OTHERS = (
    Way(width=16),
    Way(width=64, threads=3, shared=True),
    Way(width=32, goal="speed"),
    Way(width=16, goal="memory", threads=2, shared=True),
    Way(width=32, optimize=False),
    Way(width=64, goal="memory", pieces=True),
    Way(width=16, goal="speed", threads=3, shared=True),
    Way(width=32, goal="memory", pieces=True, threads=2),
    Way(width=64, goal="speed", plan=False),
    Way(width=32, goal="balanced", threads=3, plan=False),
    Way(width=16, pieces=True),
    Way(width=32, goal="speed", threads=2, shared=True),
    Way(width=64, optimize=False, threads=2, shared=True),
    Way(width=32, goal="memory"),
    Way(width=64),
    Way(width=32, any_tile=True),
    Way(width=16, any_tile=True, threads=3, shared=True),
    Way(width=64, any_tile=True, goal="speed"),
    Way(scalar=True),
    Way(scalar=True, goal="memory", threads=2, shared=True, pieces=True),
    Way(width=32, goal="speed", pieces=True),
    Way(width=64, pieces=True, threads=3, any_tile=True),
    Way(width=32, any_function=True, goal="speed"),
    Way(width=16, any_function=True),
)
ALL = (DEFAULT, *INTERPRETED, *OTHERS)
PIECES = tuple(way for way in ALL if way.pieces)


def of(number: int) -> tuple[Way, ...]:
    """The ways of one model: the machine's own, one that interprets, another one; in turn all of them."""
    return DEFAULT, INTERPRETED[number % len(INTERPRETED)], OTHERS[number % len(OTHERS)]
