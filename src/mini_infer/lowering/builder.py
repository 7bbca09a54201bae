"""What the lowering of one node may ask for: types, places, constants, packed weights, workspace."""

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mini_infer.ir import SIZES, SIZES_DOMAIN, DType, Graph, Node, TensorType
from mini_infer.ir.dims import at, greatest
from mini_infer.ir.splats import element, is_splat
from mini_infer.lowering.alike import same_array
from mini_infer.lowering.contraction.tiles import Work, choose, typical_rows
from mini_infer.lowering.contraction.timings import Tiles
from mini_infer.lowering.halves import Halves
from mini_infer.lowering.tables import Table, Tables
from mini_infer.machine import Machine
from mini_infer.objective import BALANCED, Objective, Preference
from mini_infer.program import AnyPacking, Call, Constant, Space, View
from mini_infer.program.kernels import Tile, Types


class NotNativeError(Exception):
    """No kernel fits this node; the text says why, and the node is interpreted."""


class StridedError(Exception):
    """A kernel takes no tensor with gaps between its rows: the one of this name must have bytes of its own."""


Lowering = Callable[[Node, "Builder"], Sequence[Call]]
"""How one operator with elements to write becomes kernel calls. Raises `NotNativeError` when no kernel fits."""


Shared = dict[tuple[str, AnyPacking | None, bool], tuple[np.ndarray, Constant]]
"""(name, packing, whether it is one element for many) → what it was made of, and the constant."""


@dataclass(slots=True)
class ConstantPool:
    """Constants while a program, or the kernels of one node, are being built; equal requests share one entry.

    Nothing is packed here.

    Parameters
    ----------
    graph
        Whose constants they are.
    whole
        Constants that must be written out although they are one value many times.
    shared
        What pools of one model have made, for all of them: none makes it again.
    tables
        What lowering made of constants already.
    entries
        The constants, in the order of the first requests.
    """

    graph: Graph
    whole: Collection[str] = ()
    shared: Shared = field(default_factory=dict)
    tables: Tables = field(default_factory=Tables)
    entries: list[Constant] = field(default_factory=list)
    _indices: dict[tuple[str, AnyPacking | None], int] = field(default_factory=dict)

    def view(self, name: str, packing: AnyPacking | None = None) -> View:
        """The place of a graph constant, packed as asked; of one value many times, one element without strides."""
        index = self._indices.get((name, packing))
        array = self.graph.constants[name]
        once = packing is None and name not in self.whole and is_splat(array)
        if index is None:
            known, constant = self.shared.get((name, packing, once), (None, None))
            if constant is None or not same_array(known, array):
                constant = Constant(name, element(array) if once else array, packing)
                self.shared[name, packing, once] = array, constant
            index = self.add(constant)
        view = _constant_view(index, self.entries[index])
        return replace(view, type=replace(view.type, shape=array.shape), strides=(0,) * array.ndim) if once else view

    def literal(self, name: str, array: np.ndarray) -> View:
        """The place of a table that lowering computed itself, under a name of its own."""
        known, constant = self.shared.get((name, None, False), (None, None))
        if constant is None or known is None or not _same_bits(known, array):
            constant = Constant(name, array)
            self.shared[name, None, False] = array, constant
        index = self.add(constant)
        return _constant_view(index, self.entries[index])

    def add(self, constant: Constant) -> int:
        """The index of a constant; of an equal request, if there was one."""
        index = self._indices.setdefault((constant.name, constant.packing), len(self.entries))
        if index == len(self.entries):
            self.entries.append(constant)
        elif (known := self.entries[index]) is not constant and not _same_bits(known.value, constant.value):
            raise ValueError(f"two different constants are named {constant.name!r}")
        return index


def _same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two tables are the same, those with NaN in them too."""
    return one is other or (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())


def _constant_view(index: int, constant: Constant) -> View:
    return View(Space.CONSTANT, index, 0, TensorType(DType.of(constant.dtype), constant.shape))


@dataclass(slots=True)
class Builder:
    """The lowering's view of one node, on values: where these lie in a program is nothing that it knows.

    Parameters
    ----------
    graph
        The graph being lowered.
    machine
        What kernels are chosen for.
    threads
        That a run is spread over: a kernel's workspace holds the private memory of each (`Operand.private`).
    places
        Name of an operand → where it lives, constants aside.
    pool
        The constants that the node needs.
    first_workspace
        How many storages its operands have: workspaces are numbered on from there.
    workspaces
        Workspace views that this node asked for.
    preference
        The `objective`, and whether it was asked for.
    tiles
        Register tiles that were measured, see `timings`.
    halves
        Which weights lie in 16 bits.
    room
        Bytes of workspace that do not add too much to the memory of the node that needs most; see `fits`.
    fitting, excess
        The most bytes that were said to fit, and the fewest that were not.
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
    halves: Halves = field(default_factory=Halves)
    room: int = sys.maxsize
    fitting: int = -sys.maxsize
    excess: int = sys.maxsize

    @property
    def objective(self) -> Objective:
        """What to prefer where bytes and time are at odds.

        It is asked for last, where all else leaves a choice: a program whose lowering never asked is not lowered again
        for another objective.
        """
        return self.preference.objective

    def fits(self, size: int) -> bool:
        """Whether so many bytes of workspace do not add too much to the memory of the node that needs most."""
        size = greatest(size)
        if size <= self.room:
            self.fitting = max(self.fitting, size)
        else:
            self.excess = min(self.excess, size)
        return size <= self.room

    def tile(self, work: Work) -> Tile:
        """The register tile for a product: as measured, or else by the cost model."""
        typical = at(replace(work, rows=typical_rows(work.rows)))
        return self.tiles.get(typical) or choose(typical, self.machine)

    def tiled(self, dtype: DType) -> bool:
        """Whether products of this type are summed in register tiles."""
        return Types.of(dtype).depth > 0 and (self.machine.has_vectors or dtype.is_float)

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

    def output(self, node: Node, position: int, kind: TensorType) -> View:
        """Where an output of the node lives; workspace of that type where nobody wants it."""
        name = node.outputs[position] if len(node.outputs) > position else ""
        return self.view(name) if name else self.workspace(kind)

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

    def numbers(self, name: str) -> tuple[int, ...]:
        """Integers that a kernel must know beforehand, of which some may follow from sizes that are given at run time.

        Raises
        ------
        NotNativeError
            When they are computed at run time.
        """
        producer = self.graph.producers.get(name)
        if producer is not None and (producer.domain, producer.op) == (SIZES_DOMAIN, SIZES):
            return producer.attributes["values"]  # type: ignore[return-value]
        return tuple(int(item) for item in self.known(name).ravel())

    def packed(self, name: str, packing: AnyPacking) -> View:
        """A constant in the layout the kernel wants."""
        return self.pool.view(name, packing)

    def literal(self, name: str, array: np.ndarray) -> View:
        """A table computed at build time, such as a padded bias, under a name that no other table has."""
        return self.pool.literal(name, array)

    def table(self, table: Table) -> View:
        """A table made of constants, under a name that no other table has."""
        return self.pool.literal(table.name, self.pool.tables.get(table))

    def workspace(self, kind: TensorType) -> View:
        """Bytes in the arena that only this node uses, while it runs."""
        self.workspaces.append(View(Space.ARENA, self.first_workspace + len(self.workspaces), 0, kind))
        return self.workspaces[-1]
