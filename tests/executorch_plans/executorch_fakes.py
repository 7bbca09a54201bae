"""What ExecuTorch hands to a planning algorithm, without ExecuTorch: tensors with lifetimes in a graph of nodes."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest


@dataclass(eq=False)
class Spec:
    """A `TensorSpec`, as far as planners look; `lifetime` is closed."""

    size: int
    lifetime: list
    mem_id: int | None = None
    mem_offset: int | None = None
    storage_base: "Spec | None" = None
    storage_base_offset: int = 0
    alignment: int = 16
    device: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(name="CPU"))
    dtype: str = "torch.float32"

    @property
    def shape(self):
        return [self.size // 4]

    @property
    def allocated_memory(self):
        return -(-self.size // self.alignment) * self.alignment

    def nbytes(self):
        return self.size

    def realign(self, alignment):
        self.alignment = alignment


@dataclass(eq=False)
class Node:
    """A node; `branches` are names of submodules, for one that chooses between two."""

    branches: tuple = ()

    @property
    def args(self):
        return (None, *(SimpleNamespace(target=name) for name in self.branches))


def module(steps, branches=()):
    """A graph of `steps` nodes; `branches`: step → the bytes of memory 1 that its two submodules take."""
    nodes = [Node() for _ in range(steps)]
    made = SimpleNamespace(graph=SimpleNamespace(nodes=nodes))
    for step, sizes in dict(branches).items():
        nodes[step].branches = tuple(f"branch_{step}_{index}" for index in range(2))
        for name, size in zip(nodes[step].branches, sizes, strict=True):
            setattr(made, name, SimpleNamespace(meta={"non_const_buffer_sizes": [0, size]}))
    return made


@dataclass
class Result:
    spec_dict: dict
    bufsizes: list


@dataclass
class Place:
    mem_id: int
    mem_obj_id: int
    mem_offset: int


PLANNING = SimpleNamespace(
    MemoryAlgoResult=Result,
    SpecAllocResult=Place,
    get_cond_nodes=lambda made: [node for node in made.graph.nodes if node.branches],
    get_while_nodes=lambda _: [],
    get_map_nodes=lambda _: [],
    get_scan_nodes=lambda _: [],
)


def suite(algorithm):
    """What ExecuTorch's suite does with one algorithm: write its places into the tensors."""

    def run(alignment, specs, *others):
        result = algorithm(alignment, specs, *others)
        for spec, place in result.spec_dict.items():
            spec.mem_id, spec.mem_offset = place.mem_id, place.mem_offset
        return result.bufsizes

    return run


@pytest.fixture
def planning(monkeypatch):
    """The fakes in place of `executorch.exir.memory_planning`."""
    for name in ("planner", "problem"):
        monkeypatch.setattr(f"mini_infer.executorch.{name}.library", lambda _: PLANNING)
