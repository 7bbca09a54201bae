"""What one call of a planning algorithm is about: tensors with lifetimes, and bytes that control flow took before.

A step is the number of a node in its graph module.

1. A tensor lives from its first node to its last; one that lies in another's storage (`storage_base`) makes that one
   live as long.
2. A submodule of `cond`, `while_loop`, `map` or `scan` was planned before, from offset 0 of each memory. Its bytes are
   taken from the node that runs it to the end of the graph: a result is handed over without a copy, so it stays where
   the submodule put it for as long as anything may read it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mini_infer.errors import ProblemError
from mini_infer.executorch.library import library
from mini_infer.memory import Buffer

_SUBMODULES = (
    ("get_cond_nodes", (1, 2)),
    ("get_while_nodes", (0, 1)),
    ("get_map_nodes", (0,)),
    ("get_scan_nodes", (0,)),
)
"""How control-flow nodes are found, and which of their arguments are submodules."""


@dataclass(frozen=True, slots=True)
class Tensors:
    """The tensors of a call: `roots` have bytes of their own, `members` lie in those of another one.

    `lifetimes` of the roots are half-open, in nodes.
    """

    roots: tuple[Any, ...]
    members: tuple[Any, ...]
    lifetimes: tuple[tuple[int, int], ...]


def tensors(specs: Iterable[Any]) -> Tensors:
    """Sort out the `TensorSpec`s of a call.

    Raises
    ------
    ProblemError
        A tensor has no lifetime, or lies in the storage of one that is not planned, or of itself.
    """
    given = list(specs)
    lives: dict[int, list[int]] = {}
    for spec in given:
        if spec.lifetime[0] is None or spec.lifetime[1] is None:
            raise ProblemError(f"{spec!r} has no lifetime: run it through ExecuTorch's memory planning")
        lives[id(spec)] = [spec.lifetime[0], spec.lifetime[1] + 1]
    roots = [spec for spec in given if spec.storage_base is None]
    members = [spec for spec in given if spec.storage_base is not None]
    for spec in members:
        root, _ = placed_in(spec)
        if id(root) not in lives:
            raise ProblemError(f"{spec!r} lies in the storage of {root!r}, which is not planned with it")
        start, end = lives[id(spec)]
        lives[id(root)] = [min(lives[id(root)][0], start), max(lives[id(root)][1], end)]
    found = tuple((start, end) for start, end in (lives[id(root)] for root in roots))
    return Tensors(tuple(roots), tuple(members), found)


def placed_in(spec: Any) -> tuple[Any, int]:
    """The tensor whose bytes a tensor lies in, at last, and how many bytes behind its beginning."""
    root, distance, seen = spec, 0, {id(spec)}
    while root.storage_base is not None:
        distance += root.storage_base_offset
        root = root.storage_base
        if id(root) in seen:
            raise ProblemError(f"{spec!r} lies in its own storage")
        seen.add(id(root))
    return root, distance


def buffer(spec: Any, index: int, lifetime: tuple[int, int], alignment: int, pools: Sequence[str] = ()) -> Buffer:
    """A tensor as a buffer, with the bytes that ExecuTorch allocates for it; its name says what it is."""
    shape = "x".join(map(str, spec.shape)) or "scalar"
    name = f"tensor {index} ({str(spec.dtype).removeprefix('torch.')} {shape})"
    return Buffer(name, spec.allocated_memory, *lifetime, alignment=alignment, pools=tuple(pools))


def taken(graph_module: Any) -> Mapping[int, tuple[Buffer, ...]]:
    """What submodules have taken of each memory (`mem_id`), as buffers that are pinned at 0."""
    planning = library("memory_planning")
    nodes = list(graph_module.graph.nodes)
    steps = {node: step for step, node in enumerate(nodes)}
    bytes_of: dict[int, dict[int, int]] = {}
    for finder, arguments in _SUBMODULES:
        for node in getattr(planning, finder)(graph_module):
            for argument in arguments:
                sizes = getattr(graph_module, node.args[argument].target).meta["non_const_buffer_sizes"]
                for memory, size in enumerate(sizes):
                    of = bytes_of.setdefault(memory, {})
                    of[steps[node]] = max(of.get(steps[node], 0), size)
    return {memory: _growing(sizes, len(nodes)) for memory, sizes in bytes_of.items() if memory and any(sizes.values())}


def _growing(sizes: Mapping[int, int], end: int) -> tuple[Buffer, ...]:
    """Bytes that are taken from given steps to the end, as buffers that are apart from each other."""
    edges, height, found = sorted(sizes), 0, []
    for step, after in zip(edges, [*edges[1:], end], strict=True):
        height = max(height, sizes[step])
        if height:
            found.append(Buffer(f"submodules from node {step} on", height, step, after, offset=0))
    return tuple(found)
