"""What a user may decide about how a model is compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsFloat, SupportsIndex

from mini_infer.errors import UsageError
from mini_infer.ir import DType
from mini_infer.ir.halves import HALVES
from mini_infer.ir.ranges import Dims, Range, Shape, parse_range, parse_shape
from mini_infer.objective import OBJECTIVES, Objective
from mini_infer.quantities import parse_bytes
from mini_infer.toolchain.target import Target

if TYPE_CHECKING:
    import numpy as np

MEANINGS = ("fused", "float")
"""What `Options.quantized` may be."""
IO = ("caller", "arena")
"""What `Options.io` may be."""

WEIGHTS = {"float32": None, **{half.value: half for half in HALVES}}
"""What `Options.weights` may be, and the type of 16 bits that it means."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may decide; the command line is made from these fields, and takes the same words for their values.

    Parameters
    ----------
    shapes
        Input name → shape, for inputs with open dimensions; a dimension may be a range, as of `dims`. The name may be
        left out where there is one input.
    dims
        Name of an open dimension → its size, or the `Range` of sizes that it has at run time, such as ``seq=1..512``;
        ``seq=1..512@128`` says which size is typical, ``h=32..960:32`` that all are multiples.
    state
        Input name → output name: what the output is after a run, the input is in the next. Both are in the context, and
        no longer given and taken; one ``*`` in both names stands for the same text.
    profiles
        Profile name → shapes: one engine for several sets of shapes, with a plan each and the largest arena.
    fix
        Input name → value: the input becomes a constant.
    quantized
        What a model means where operators lie between DequantizeLinear and QuantizeLinear: ``"fused"``, computed with
        integers as onnxruntime does by default, or ``"float"``, with real numbers as ONNX defines them.
    weights
        What weights of products and convolutions are kept in: ``"float32"``, as the model has them, or rounded to
        ``"bfloat16"`` or ``"float16"``, half the bytes; sums are those of float32. What a type holds exactly is kept
        exactly.
    rewrite
        Rewrite the graph: fusion, layouts, results in place.
    optimize
        What to prefer where bytes and time are at odds: ``"memory"``, ``"balanced"`` or ``"speed"``.
    memory_planning
        Share bytes between buffers that never live together; otherwise each has its own.
    strategy
        Of the memory planner: a name in `memory.STRATEGIES`.
    time_limit
        Seconds that each search may take (of the order, and of the memory planner); 0 means cheap methods only.
    memory_limit
        Bytes the arena may have, such as ``512K``; where it takes more, slower kernels and blocks are taken, as with
        the goal ``"memory"``.
    recompute
        Up to how many times the model's multiply-adds may be done to make the arena smaller; 1 means that nothing is
        computed twice.
    alignment
        Of every buffer, in bytes.
    io
        Whose memory inputs and outputs lie in: the ``"caller"``'s, or the ``"arena"``, planned with all else; an input
        is there before a run, and may be written over when its last reader is done.
    order
        Of the nodes: a name in `schedule.STRATEGIES`. ``"auto"`` keeps the exported order unless another one leads to a
        smaller arena.
    compiler
        C compiler: a path, ``"clang"``, ``"zig"``, ``"gcc"``, ``"none"`` to interpret; the first found when absent.
    timings
        File of register tiles that were measured on this machine, which the cost model's choice gives way to.
    target
        The system and the machine to compile for, or their name, such as ``"aarch64-linux-gnu"`` (`Target.parse`); this
        one when absent.
    threads
        How many one run of the engine is spread over; steps that are too small to share run on one of them.
    """

    shapes: Mapping[str, "tuple[int | Range, ...]"] = field(default_factory=dict)
    dims: Dims = field(default_factory=dict)
    state: Mapping[str, str] = field(default_factory=dict)
    profiles: Mapping[str, Mapping[str, "tuple[int | Range, ...]"]] = field(default_factory=dict)
    fix: "Mapping[str, np.ndarray]" = field(default_factory=dict)
    quantized: str = "fused"
    weights: str = "float32"
    rewrite: bool = True
    optimize: str | Objective = "balanced"
    memory_planning: bool = True
    strategy: str = "auto"
    time_limit: float = 2.0
    memory_limit: int | None = None
    recompute: float = 1.0
    alignment: int = 64
    io: str = "caller"
    order: str = "auto"
    compiler: str | None = None
    timings: str | Path | None = None
    target: Target | str | None = None
    threads: int = 1

    def __post_init__(self) -> None:
        self._read_words()
        self._check_numbers()
        if self.memory_limit is not None and self.memory_limit < 0:
            raise UsageError(f"a memory limit of {self.memory_limit} bytes: give 0 or more")
        if self.alignment < 1 or self.alignment & (self.alignment - 1):
            raise UsageError(f"an alignment of {self.alignment} bytes: choose a power of two, such as 64")
        if self.shapes and self.profiles:
            raise UsageError("both shapes and profiles are given; put the shapes into the profiles")
        if not isinstance(self.optimize, Objective) and self.optimize not in tuple(OBJECTIVES):
            raise UsageError(f"unknown goal {self.optimize!r}; choose one of {', '.join(OBJECTIVES)}")
        if self.quantized not in MEANINGS:
            raise UsageError(
                f"unknown meaning {self.quantized!r} of quantized models; choose one of {', '.join(MEANINGS)}"
            )
        if self.weights not in WEIGHTS:
            raise UsageError(f"unknown type {self.weights!r} of weights; choose one of {', '.join(WEIGHTS)}")
        if self.io not in IO:
            raise UsageError(f"unknown place {self.io!r} of inputs and outputs; choose one of {', '.join(IO)}")
        self._check_strategies()
        if self.threads < 1:
            raise UsageError(f"{self.threads} threads: an engine is built for a number of them, 1 or more")

    def _check_strategies(self) -> None:
        """Check that the strategies are some; which there are is looked up where they are not the usual ones."""
        for package, field_name in (("memory", "strategy"), ("schedule", "order")):
            name = getattr(self, field_name)
            if name != "auto" and name not in (known := import_module(f"mini_infer.{package}").STRATEGIES):
                raise UsageError(f"unknown {field_name} {name!r}; choose one of {', '.join(known)}")

    def _read_words(self) -> None:
        """Read what is text where the command line has text: shapes, ranges of sizes, numbers of bytes."""
        if not isinstance(self.profiles, Mapping):
            raise UsageError(f"{self.profiles!r} is given for profiles; give the shapes of each, by its name")
        if not isinstance(self.dims, Mapping):
            raise UsageError(f"{self.dims!r} is given for dims; give sizes by name, such as {{'batch': 1}}")
        read: dict[str, Any] = {
            "shapes": read_shapes(self.shapes),
            "profiles": {name: read_shapes(shapes) for name, shapes in self.profiles.items()},
            "dims": {name: parse_range(name, size) for name, size in self.dims.items()},
        }
        for name in ("memory_limit", "alignment"):
            value = getattr(self, name)
            read[name] = parse_bytes(value) if isinstance(value, str) else value
        for name, value in read.items():
            object.__setattr__(self, name, value)

    def _check_numbers(self) -> None:
        """Check that each number is one."""
        for name in ("alignment", "threads", "memory_limit"):
            value = getattr(self, name)
            if (type(value) is bool or not isinstance(value, SupportsIndex)) and (name, value) != (
                "memory_limit",
                None,
            ):
                raise UsageError(f"{name} is {value!r}: give a whole number")
        for name in ("rewrite", "memory_planning"):
            if type(value := getattr(self, name)) is not bool:
                raise UsageError(f"{name} is {value!r}: give True or False")
        for name, least, what in (("time_limit", 0, "seconds, 0 or more"), ("recompute", 1, "a factor, 1 or more")):
            value = getattr(self, name)
            if not isinstance(value, SupportsFloat) or not least <= float(value) < inf:
                raise UsageError(f"{name} is {value!r}: give {what}")

    @property
    def in_integers(self) -> bool:
        """Whether what lies between DequantizeLinear and QuantizeLinear is computed with integers."""
        return self.quantized == "fused"

    @property
    def half(self) -> DType | None:
        """The type of 16 bits that weights are kept in, if any."""
        return WEIGHTS[self.weights]

    @property
    def objective(self) -> Objective:
        """What the goal means; a goal that is an `Objective` of one's own means itself."""
        return self.optimize if isinstance(self.optimize, Objective) else OBJECTIVES[self.optimize]

    @property
    def built_for(self) -> Target:
        """The target, or else this machine, with the threads that its programs are for."""
        target = Target.parse(self.target) if isinstance(self.target, str) else self.target
        return replace(target or Target.host(), threads=self.threads)


def read_shapes(given: object) -> dict[str, Shape]:
    """Input name → shape; a shape may be text, and where there is one input (called "") its shape alone.

    >>> read_shapes({"x": (1, 3)}), read_shapes("x:1x3"), read_shapes((1, 3))
    ({'x': (1, 3)}, {'x': (1, 3)}, {'': (1, 3)})

    Raises
    ------
    UsageError
        When it is neither.
    """
    if isinstance(given, str):
        return dict([parse_shape(given)])
    if isinstance(given, tuple | list):
        return {"": tuple(given)}
    if not isinstance(given, Mapping):
        raise UsageError(f"{given!r} is given for shapes; give each input's, such as {{'x': (1, 3)}}")
    return {
        name: parse_shape(f"{name}:{shape}")[1] if isinstance(shape, str) else shape for name, shape in given.items()
    }
