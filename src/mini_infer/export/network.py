"""What is exported: a program, its plan, and everything that its files agree on."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import cast

from mini_infer.codegen import C_TYPES
from mini_infer.errors import UnsupportedError
from mini_infer.export.names import Names, distinct
from mini_infer.export.pools import Arena, arenas
from mini_infer.export.target import is_board
from mini_infer.ir import DType, TensorType
from mini_infer.machine import Machine
from mini_infer.memory import Plan
from mini_infer.program import Constant, Port, Program, Space
from mini_infer.runtime import Artifact

_NAMED = 4
"""Of what stands in the way, as many are named."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output: as the model calls it, and as C does.

    `offset` is where it begins in the arena, or in the one of several that `pool` names; none: it is the caller's.
    `scale` has the scale and the zero point of what its numbers stand for; none: for themselves.
    """

    name: str
    called: str
    type: TensorType
    offset: int | None = None
    scale: tuple[float, int] | None = None
    pool: str = ""

    @property
    def c_type(self) -> str:
        """Of its elements, in the header: half floats are their bits."""
        return "uint16_t" if self.type.dtype is DType.FLOAT16 else C_TYPES[self.type.dtype]

    @property
    def described(self) -> str:
        """Its name and type."""
        return f"{self.name!r}: {self.type}"


@dataclass(frozen=True, slots=True)
class Network:
    """What is exported.

    Parameters
    ----------
    model
        The name of the model's file.
    names
        How files, functions and macros begin.
    machine
        What the C is written for.
    features
        Of the processor, that compilers are to be told of.
    program, plan
        What to run and where its buffers lie: in one arena, or in pools.
    inputs, outputs
        What the caller gives and gets.
    alignment
        Of the arena, in bytes.
    in_file
        Whether the constants are a file, whose place in memory the caller gives, and no arrays of C.
    """

    model: str
    names: Names
    machine: Machine
    features: tuple[str, ...]
    program: Program
    plan: Plan
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    alignment: int
    in_file: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is C11 without extensions."""
        return not self.machine.has_vectors

    @property
    def state_bytes(self) -> int:
        """Of what the caller keeps from run to run."""
        return self.program.state_offsets[-1]

    @property
    def ports(self) -> tuple[Tensor, ...]:
        """Inputs, then outputs."""
        return (*self.inputs, *self.outputs)

    @property
    def in_arena(self) -> bool:
        """Whether inputs and outputs lie in the arena."""
        return any(each.offset is not None for each in self.ports)

    @property
    def arenas(self) -> tuple[Arena, ...]:
        """What a run works in."""
        return arenas(self.plan)

    @property
    def has_pools(self) -> bool:
        """Whether there are several arenas, which a struct names."""
        return bool(self.plan.problem.pools)

    @property
    def port_bytes(self) -> int:
        """Of the inputs and outputs."""
        return sum(each.type.bytes for each in self.ports)

    @property
    def ram(self) -> int:
        """Bytes of the arenas, the state, the inputs and the outputs; the stack is not among them."""
        return self.plan.size + self.state_bytes + (0 if self.in_arena else self.port_bytes)

    @property
    def array_names(self) -> tuple[str, ...]:
        """For each constant the name of its array; equal ones have one."""
        first: dict[tuple[object, ...], int] = {}
        return tuple(
            f"{self.names.lower}_weights_{first.setdefault(_identity(constant, index), index)}"
            for index, constant in enumerate(self.program.constants)
        )

    def arrays(self, text: str) -> Mapping[str, Constant]:
        """Name of an array → the constant, of those that some C names."""
        used = set(re.findall(rf"\b{self.names.lower}_weights_\d+\b", text))
        named = zip(self.array_names, self.program.constants, strict=True)
        return {name: constant for name, constant in named if name in used}


def _identity(constant: Constant, index: int) -> tuple[object, ...]:
    """What equal constants have in common; an empty one is its own."""
    return (constant.offset, constant.nbytes, constant.value.dtype.str) if constant.nbytes else (index,)


def network(
    artifact: Artifact,
    model: str,
    names: Names,
    machine: Machine,
    features: Sequence[str],
    alignment: int,
    scales: Mapping[str, tuple[float, int]] = MappingProxyType({}),
) -> Network:
    """What is exported of an artifact that was lowered for a machine; `scales` are those of ports of 8 bits.

    Raises
    ------
    UnsupportedError
        When something stands in the way: it names the nodes, sizes or tensors, and why.
    """
    program, plan = artifact.program, artifact.plan
    if found := list(obstacles(program, machine)):
        raise UnsupportedError(f"cannot be exported: {found[0]}")
    inputs, outputs = _ports(program, plan, scales)
    return Network(model, names, machine, tuple(features), program, plan, inputs, outputs, alignment)


def in_pools(of: Network, plan: Plan) -> Network:
    """The same network with another plan of its program, in several arenas."""
    scales = {each.name: each.scale for each in of.ports if each.scale is not None}
    inputs, outputs = _ports(of.program, plan, scales)
    return replace(of, plan=plan, inputs=inputs, outputs=outputs)


def _ports(
    program: Program, plan: Plan, scales: Mapping[str, tuple[float, int]]
) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """Inputs and outputs."""
    given, count = (*program.inputs, *program.outputs), len(program.inputs)
    called = distinct((port.name for port in given), (arena.called for arena in arenas(plan)))
    ports = tuple(_tensor(program, plan, port, name, scales) for port, name in zip(given, called, strict=True))
    return ports[:count], ports[count:]


def _tensor(program: Program, plan: Plan, port: Port, called: str, scales: Mapping[str, tuple[float, int]]) -> Tensor:
    """A port, and where it begins in an arena, if it lies there."""
    kind, view = cast("TensorType", port.type), program.values[port.value]
    if view.space is not Space.ARENA:
        return Tensor(port.name, called, kind, scale=scales.get(port.name))
    pool = plan.regions[view.index] if plan.regions else ""
    return Tensor(port.name, called, kind, plan.offsets[view.index] + view.offset, scales.get(port.name), pool)


def obstacles(program: Program, machine: Machine) -> Iterator[str]:
    """What stands in the way of an export for a machine, a sentence each."""
    if program.symbols:
        sizes = ", ".join(f"{symbol.name} ({symbol.said})" for symbol in program.symbols)
        flags = " ".join(f"--dim {symbol.name}={symbol.typical}" for symbol in program.symbols)
        yield f"sizes are open: {sizes}; give each one size, such as {flags}"
    interpreted = [(i, step) for i, step in enumerate(program.steps) if not step.native]
    if interpreted:
        named = "; ".join(
            f"step {i}, {step.node.op} {step.node.name!r}: {step.interpreted_because}"
            for i, step in interpreted[:_NAMED]
        )
        more = f"; and {len(interpreted) - _NAMED} more" if len(interpreted) > _NAMED else ""
        yield f"{len(interpreted)} of {len(program.steps)} steps have no kernel in C: {named}{more}"
    for what, ports in (("input", program.inputs), ("output", program.outputs)):
        for port in ports:
            if not _is_plain(port):
                yield f"{what} {port.name!r} is {port.type}, for which C has no type"
    halves = [name for name, view in program.values.items() if view.type.dtype is DType.FLOAT16]
    if halves and is_board(machine) and not machine.has_vectors:
        count = f"{len(halves)} values, such as {halves[0]!r}, are" if len(halves) > 1 else f"{halves[0]!r} is"
        yield f"{count} float16, which compilers for {machine} do not know; convert the model to float32"
    if program.images != 1:
        yield "images of a batch are worked on one by one; give the batch one size"


def _is_plain(port: Port) -> bool:
    return isinstance(port.type, TensorType) and port.type.dtype in C_TYPES


def weight_bytes(arrays: Mapping[str, Constant]) -> int:
    """Bytes of the constants."""
    return sum(constant.nbytes for constant in arrays.values())
