"""What the lowering of one node may ask for: types, places, constants, packed weights, workspace."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.ir.splats import element, is_splat
from mini_infer.lowering.tables import Table, Tables
from mini_infer.lowering.tiles import Work, choose
from mini_infer.lowering.timings import Tiles
from mini_infer.machine import Machine
from mini_infer.objective import BALANCED, Objective, Preference
from mini_infer.program import AnyPacking, Call, Constant, Space, View
from mini_infer.program.kernels import Tile


class NotNativeError(Exception):
    """No kernel fits this node; the text says why, and the node is interpreted."""


class StridedError(Exception):
    """A kernel takes no tensor with gaps between its rows: `name` must have bytes of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


Lowering = Callable[[Node, "Builder"], Sequence[Call]]
"""How one operator becomes kernel calls. Raises `NotNativeError` when no kernel fits."""


@dataclass(slots=True)
class ConstantPool:
    """The program's constants while it is being built; equal requests share one entry. Nothing is packed here.

    `whole` are constants that must be written out although they are one value many times; `tables` are what lowering
    made of constants already.
    """

    graph: Graph
    whole: frozenset[str] = frozenset()
    tables: Tables = field(default_factory=Tables)
    entries: list[Constant] = field(default_factory=list)
    _indices: dict[tuple[str, AnyPacking | None], int] = field(default_factory=dict)

    def view(self, name: str, packing: AnyPacking | None = None) -> View:
        """The place of a graph constant, packed as asked; of one value many times, one element without strides."""
        index = self._indices.get((name, packing))
        array = self.graph.constants[name]
        once = packing is None and name not in self.whole and is_splat(array)
        if index is None:
            index = self._add((name, packing), Constant(name, element(array) if once else array, packing))
        view = _constant_view(index, self.entries[index])
        return replace(view, type=replace(view.type, shape=array.shape), strides=(0,) * array.ndim) if once else view

    def literal(self, name: str, array: np.ndarray) -> View:
        """The place of a table that lowering computed itself, under a name of its own."""
        index = self._indices.get((name, None))
        if index is None:
            index = self._add((name, None), Constant(name, array))
        elif not _same_bits(self.entries[index].value, array):
            raise ValueError(f"two different literals are named {name!r}")
        return _constant_view(index, self.entries[index])

    def table(self, table: Table) -> View:
        """The place of a table that is made of the graph's constants."""
        return self.literal(table.name, self.tables.get(table))

    def keep(self, name: str) -> None:
        """Keep a constant that is no dense tensor (strings), for the interpreter to find by name."""
        self._add((name, None), Constant(name, self.graph.constants[name]))

    def _add(self, key: tuple[str, AnyPacking | None], constant: Constant) -> int:
        self._indices[key] = len(self.entries)
        self.entries.append(constant)
        return self._indices[key]


def _same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two tables are the same, those with NaN in them too."""
    return one is other or (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())


def _constant_view(index: int, constant: Constant) -> View:
    return View(Space.CONSTANT, index, 0, TensorType(DType.of(constant.value.dtype), constant.shape))


@dataclass(slots=True)
class Builder:
    """The lowering's view of one node.

    Parameters
    ----------
    graph
        The graph being lowered.
    machine
        What kernels are chosen for.
    threads
        That a run is spread over: a kernel's workspace holds the private memory of each (`Operand.private`).
    places
        Value name → where it lives, constants aside.
    pool
        The program's constants.
    workspaces
        Workspace views that this node asked for.
    preference
        The `objective`, and whether it was asked for.
    tiles
        Register tiles that were measured, see `timings`.
    reused
        The next workspace to give out again.
    room
        Bytes of workspace that do not add too much to the memory of the node that needs most.
    """

    graph: Graph
    machine: Machine
    places: Mapping[str, View]
    pool: ConstantPool
    first_workspace: int
    threads: int = 1
    workspaces: list[View] = field(default_factory=list)
    preference: Preference = field(default_factory=lambda: Preference(BALANCED))
    tiles: Tiles = field(default_factory=dict)
    reused: int | None = None
    room: int = sys.maxsize

    @property
    def objective(self) -> Objective:
        """What to prefer where bytes and time are at odds.

        It is asked for last, where all else leaves a choice: a program whose lowering never asked is not lowered again
        for another objective.
        """
        return self.preference.objective

    def tile(self, work: Work) -> Tile:
        """The register tile for a product: as measured, or else by the cost model."""
        return self.tiles.get(work) or choose(work, self.machine)

    def tiled(self, dtype: DType) -> bool:
        """Whether products of this type are summed in register tiles: float32, where the machine has vectors."""
        return dtype is DType.FLOAT32 and self.machine.has_vectors

    def type(self, name: str) -> TensorType:
        """The tensor type of a value.

        Raises
        ------
        NotNativeError
            When the value has no static shape.
        """
        kind = self.graph.types[name]
        if not isinstance(kind, TensorType):
            why = "whose size is known only at run time" if "?" in str(kind) else "which has no static shape"
            raise NotNativeError(f"{name!r} is {kind}, {why}")
        return kind

    def view(self, name: str) -> View:
        """Where a value lives: an input of the node, one of its outputs, or a constant as the model has it.

        Raises
        ------
        StridedError
            When it has gaps between its rows, because it is part of another value.
        """
        view = self.strided(name)
        if view.strides:
            raise StridedError(name)
        return view

    def strided(self, name: str) -> View:
        """Where a value lives, for kernels that do not mind gaps between its rows."""
        if name in self.graph.constants:
            return self.pool.view(name)
        self.type(name)
        return self.places[name]

    def constant(self, name: str) -> np.ndarray | None:
        """The value, if it is known at build time."""
        return self.graph.constants.get(name)

    def known(self, name: str) -> np.ndarray:
        """The value of what a kernel must know beforehand.

        Raises
        ------
        NotNativeError
            When it is computed at run time.
        """
        value = self.constant(name)
        if value is None:
            raise NotNativeError(f"{name!r} is not known at build time")
        return value

    def packed(self, name: str, packing: AnyPacking) -> View:
        """A constant in the layout the kernel wants."""
        return self.pool.view(name, packing)

    def literal(self, name: str, array: np.ndarray) -> View:
        """A table computed at build time, such as a padded bias, under a name that no other table has."""
        return self.pool.literal(name, array)

    def table(self, table: Table) -> View:
        """A table made of constants, under a name that no other table has."""
        return self.pool.table(table)

    def workspace(self, kind: TensorType) -> View:
        """Bytes in the arena that only this node uses, while it runs."""
        position = len(self.workspaces) if self.reused is None else self.reused
        view = View(Space.ARENA, self.first_workspace + position, 0, kind)
        if position == len(self.workspaces):
            self.workspaces.append(view)
        elif kind.bytes > self.workspaces[position].type.bytes:
            self.workspaces[position] = view
        if self.reused is not None:
            self.reused += 1
        return view

    def reuse_workspaces(self, position: int) -> None:
        """Give the workspaces from this one on out again: what used them before is done with them."""
        self.reused = position
