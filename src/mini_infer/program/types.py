"""The lowered program: ordered kernel calls on views into buffers."""

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from mini_infer.ir import DType, Node, Symbol, TensorType
from mini_infer.ir.dims import TYPICAL, Sizes, at, greatest, up_to
from mini_infer.ir.halves import STORED
from mini_infer.machine import Cost, Machine
from mini_infer.memory import Buffer, Plan, Problem, lower_bound, peak_bytes
from mini_infer.program.columns import ColumnPacking
from mini_infer.program.kernels import Kernel
from mini_infer.program.packing import Packing
from mini_infer.program.ports import Port, State, counted, state_offsets
from mini_infer.program.strassen import StrassenPacking
from mini_infer.program.strides import dense_strides
from mini_infer.program.winograd import WinogradPacking

AnyPacking = ColumnPacking | Packing | StrassenPacking | WinogradPacking
"""How a kernel wants its weights."""


class Space(enum.Enum):
    """The kinds of memory that a program touches.

    What lies in a state is there from run to run. A ring is part of the arena, and known to its stream alone.
    """

    ARENA = "arena"
    INPUT = "input"
    OUTPUT = "output"
    CONSTANT = "constant"
    STATE = "state"
    RING = "ring"

    __hash__ = object.__hash__  # places are keys everywhere, and an enumeration's own hash is computed in Python


@dataclass(frozen=True, slots=True)
class View:
    """Where a tensor lives: from `offset` bytes into one buffer, input, output or constant.

    `index` counts the problem's buffers, the program's inputs, outputs, constants or states, or the stream's rings, as
    `space` says; in a ring, `offset` is that in the whole value. `strides` are how
    far apart neighbors along each dimension are, in elements, where there are gaps; empty: row-major, without gaps.
    """

    space: Space
    index: int
    offset: int
    type: TensorType
    strides: tuple[int, ...] = ()

    @property
    def walk(self) -> tuple[int, ...]:
        """The stride along each dimension, with or without gaps."""
        return self.strides or dense_strides(self.type.shape)

    def same_bytes(self, other: "View") -> bool:
        """Whether both begin at one byte and go on alike, whatever their shapes."""
        mine, others = ((view.space, view.index, view.offset, view.strides) for view in (self, other))
        return mine == others


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A value known at build time, in the layout its kernel wants.

    Parameters
    ----------
    name
        Of the value in the model, or of a table that lowering made.
    value
        As the model has it, or packed already.
    packing
        How the kernel wants it; none: as it is.
    offset
        Where it starts in the engine's constant block, in bytes; `program.constants.gather` decides it.
    is_packed
        Whether `value` is packed already. A program on its way is not: weights are packed once, into the block.
    """

    name: str
    value: np.ndarray
    packing: AnyPacking | None = None
    offset: int = 0
    is_packed: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the data, packed."""
        return self.value.shape if self.packing is None or self.is_packed else self.packing.packed_shape

    @property
    def dtype(self) -> "np.dtype[np.generic]":
        """Of the data, packed."""
        return self.value.dtype if self._half is None else STORED.numpy

    @property
    def model_dtype(self) -> "np.dtype[np.generic]":
        """Of the value as the model has it."""
        return self.value.dtype if self._half is None else np.dtype(np.float32)

    @property
    def _half(self) -> DType | None:
        return self.packing.half if isinstance(self.packing, Packing) else None

    @property
    def nbytes(self) -> int:
        """Of the data, packed."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def data(self) -> np.ndarray:
        """The value as the kernel wants it: packed now, unless it is already."""
        return self.value if self.packing is None or self.is_packed else self.packing.pack(self.value)

    @property
    def original(self) -> np.ndarray:
        """The value as the model has it, without the packing."""
        return self.packing.unpack(self.value) if self.packing is not None and self.is_packed else self.value


@dataclass(frozen=True, slots=True)
class Call:
    """One kernel on its operands: what it reads, then what it writes, in the order the kernel documents."""

    kernel: Kernel
    operands: tuple[View, ...]

    def cost(self, machine: Machine) -> Cost:
        """What it has to do, and how long one thread of a machine takes for it."""
        return _cost(self.kernel, machine, at(sum(view.type.bytes for view in self.operands)))


@lru_cache(maxsize=1 << 14)
def _cost(kernel: Kernel, machine: Machine, moved: int) -> Cost:
    """What a kernel has to do, and how long it takes: candidates ask the same again."""
    return at(kernel).cost(machine, moved)


class ControlKind(enum.Enum):
    """What a control step does.

    ``IF`` runs the steps up to its ``ELSE`` when its condition holds, else those up to its ``END_IF``. ``LOOP`` repeats
    the steps up to its ``END_LOOP`` while trips are left and its condition holds. Inside a loop, ``APPEND`` copies its
    first operand to slice number *iteration* of its second. ``FAIL`` ends the run: this branch cannot be taken.
    """

    IF = "if"
    ELSE = "else"
    END_IF = "end if"
    LOOP = "loop"
    END_LOOP = "end loop"
    APPEND = "append"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Control:
    """The control flow of one step.

    Operands: ``IF``: the condition (bool). ``LOOP``: trip count (int64), condition (bool), iteration number (int64,
    written before each repetition). ``APPEND``: what it copies from and to, and the iteration number.
    `partner` is the step of the matching ``ELSE`` of an ``IF``, ``END_IF`` of an ``ELSE``, ``END_LOOP`` of a ``LOOP``
    and ``LOOP`` of an ``END_LOOP``; otherwise the step itself.
    """

    kind: ControlKind
    operands: tuple[View, ...]
    partner: int


@dataclass(frozen=True, slots=True)
class Ring:
    """The rows of a value that a stream still needs.

    Row `r` lies `apron + r - frame` rows into the ring. Rows come one after the other until the next ones would go over
    its end; then the last rows are moved to the apron, in front of those that follow, and the frame goes on by a
    revolution: a window over both is in one piece.

    Parameters
    ----------
    id
        Whose rows they are.
    size
        Bytes of the whole value.
    row
        Bytes of a row.
    revolution, apron
        In rows; the revolution is never over where all rows are kept.
    offset
        Where the ring lies in the stream's buffer, in bytes.
    start, end
        The calls `[start, end)` of the stream between which its bytes are its own, in every round.
    """

    id: str
    size: int
    row: int
    revolution: int
    apron: int
    offset: int
    start: int
    end: int

    @property
    def rows(self) -> int:
        """Of the whole value."""
        return -(-self.size // self.row)

    @property
    def bytes(self) -> int:
        """Of the rows that it has room for."""
        return (self.apron + self.revolution) * self.row


@dataclass(frozen=True, slots=True)
class Run:
    """Rows `[first, first + rows)` of a call's kernel, or all of it where it has no bands.

    `frames` has, for each operand, the frame of its ring; 0 for others.
    """

    call: int
    first: int
    rows: int
    frames: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """The end of a ring's revolution: its last rows are moved to the apron."""

    ring: int


@dataclass(frozen=True, slots=True)
class Stream:
    """How the calls of a step are run a few rows at a time, so that what is between them is never whole.

    Parameters
    ----------
    buffer
        Where the rings are.
    rings
        What is between the calls, and their workspace.
    runs
        In this order.
    """

    buffer: int
    rings: tuple[Ring, ...]
    runs: tuple[Run | Turn, ...]

    @property
    def bands(self) -> Mapping[int, tuple[int, ...]]:
        """Call → the rows of each of its runs."""
        found: dict[int, list[int]] = {}
        for run in self.runs:
            if isinstance(run, Run):
                found.setdefault(run.call, []).append(run.rows)
        return {call: tuple(rows) for call, rows in found.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One node at its place in the order.

    `calls` is how native code computes it; `node` is what it means. A step without calls is interpreted, and
    `interpreted_because` says why; a view needs no work at all and has neither. A step with `control` steers others.
    With a `stream`, calls are run in bands of rows.
    """

    node: Node
    calls: tuple[Call, ...] = ()
    interpreted_because: str = ""
    control: Control | None = None
    stream: Stream | None = None

    def users(self, ring: int) -> tuple[int, ...]:
        """The calls that touch a ring of its stream."""
        wanted = (Space.RING, ring)
        return tuple(
            i for i, call in enumerate(self.calls) if wanted in {(one.space, one.index) for one in call.operands}
        )

    @property
    def whole_bytes(self) -> int:
        """The most bytes alive in a call if those of a stream ran whole, and so every ring were all of its value."""
        rings = self.stream.rings if self.stream is not None else ()
        lives = [(ring, self.users(index)) for index, ring in enumerate(rings)]
        return peak_bytes([Buffer(ring.id, ring.size, calls[0], calls[-1] + 1) for ring, calls in lives])

    @property
    def native(self) -> bool:
        """Whether the step runs without the interpreter."""
        return not self.interpreted_because

    @property
    def is_view(self) -> bool:
        """Whether the step is no work at all: its output is its input's bytes."""
        return not self.calls and not self.interpreted_because and self.control is None


@dataclass(frozen=True, eq=False)
class Program:
    """Everything that running a model needs, but the offsets of the buffers.

    Parameters
    ----------
    name
        The model's name.
    steps
        In execution order; step i is time i of the problem.
    inputs, outputs
        What the caller gives and gets.
    values
        Value name → where it lives, for every tensor. Opaque values are absent: the interpreter keeps them.
    constants
        Values known at build time.
    problem
        The buffers to place: one for each set of values that share bytes, one for each workspace.
    exported_bytes
        Every intermediate tensor of the model as exported, a buffer each (no fusion, no planning).
    symbols
        The sizes that are given at run time, on which steps, types and places depend.
    sizes
        Of the problem's buffers, whose own are the greatest; none, where no size is given at run time.
    images
        How often all steps are run, in the same bytes: the caller's arrays have so many images, one after the other,
        along their first axis, and values and views are of one.
    states
        What lives from run to run; these are neither among the inputs nor among the outputs.
    """

    name: str
    steps: tuple[Step, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    values: Mapping[str, View]
    constants: tuple[Constant, ...]
    problem: Problem
    exported_bytes: int
    symbols: tuple[Symbol, ...] = ()
    sizes: tuple[int, ...] = ()
    images: int = 1

    def of_one(self, port: Port) -> Port:
        """A port as the steps see it: of one image."""
        kind = port.type
        if self.images == 1 or not isinstance(kind, TensorType):
            return port
        return replace(port, type=replace(kind, shape=(kind.shape[0] // self.images, *kind.shape[1:])))

    states: tuple[State, ...] = ()

    def at(self, sizes: Sizes = TYPICAL) -> "Program":
        """The program of one set of sizes: what depends on them are numbers."""
        if not self.symbols:
            return self
        buffers = tuple(
            replace(buffer, size=at(size, sizes)) for buffer, size in zip(self.problem.buffers, self.sizes, strict=True)
        )
        changed = {name: at(getattr(self, name), sizes) for name in ("steps", "inputs", "outputs", "values", "images")}
        return replace(self, **changed, problem=replace(self.problem, buffers=buffers), symbols=(), sizes=())

    def up_to(self, sizes: Sizes) -> "Program":
        """The program for sizes up to these only: the same code, in buffers that are as large as these sizes ask for.

        The greatest size of each symbol is one of its sizes; where none is given it stays.
        """
        fields = ("steps", "inputs", "outputs", "values", "sizes", "images", "states")
        changed = {name: up_to(getattr(self, name), sizes) for name in fields}
        symbols = tuple(symbol.up_to(sizes) for symbol in self.symbols)
        return replace(self, **changed, problem=self.problem_up_to(sizes), symbols=symbols)

    def problem_up_to(self, sizes: Sizes) -> Problem:
        """The buffers of `up_to` the same sizes."""
        if not self.symbols:
            return self.problem
        smaller = (greatest(up_to(size, sizes)) for size in self.sizes)
        buffers = zip(self.problem.buffers, smaller, strict=True)
        return replace(
            self.problem, buffers=tuple(replace(buffer, size=min(buffer.size, size)) for buffer, size in buffers)
        )

    @property
    def counted(self) -> tuple[Symbol, ...]:
        """The sizes that a context counts by itself: the rows of the states that grow."""
        return counted(self.states)

    @property
    def given(self) -> frozenset[int]:
        """Of those inputs that lie in the arena the buffers, which are filled before the first step."""
        return self._buffers(self.inputs)

    @property
    def taken(self) -> frozenset[int]:
        """Of those outputs that lie in the arena the buffers, which are read after the last step."""
        return self._buffers(self.outputs)

    def _buffers(self, ports: tuple[Port, ...]) -> frozenset[int]:
        views = (self.values.get(port.value) for port in ports)
        return frozenset(view.index for view in views if view is not None and view.space is Space.ARENA)

    @property
    def state_offsets(self) -> tuple[int, ...]:
        """Where each state begins in the memory of all of them, and where that ends."""
        return state_offsets(self.states)

    @property
    def native_steps(self) -> int:
        """How many steps run as native code (views included: they run as nothing)."""
        return sum(step.native for step in self.steps)

    def plan_of_rings(self, stream: Stream) -> Plan:
        """Where a stream's rings lie in its buffer: a plan in the plan, whose times are the stream's calls.

        Raises
        ------
        ProblemError
            When a ring is none: of negative size, or alive in no call.
        """
        home = self.problem.buffers[stream.buffer]
        rings = stream.rings
        buffers = (Buffer(ring.id, ring.bytes, ring.start, ring.end, alignment=home.alignment) for ring in rings)
        problem = Problem(tuple(buffers), capacity=home.size)
        return Plan(problem, tuple(ring.offset for ring in rings), "rings", lower_bound(problem))
