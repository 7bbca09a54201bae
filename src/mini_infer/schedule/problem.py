"""What there is to order: nodes, the tensors between them, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

OUTSIDE = -1
"""The producer of a tensor that is there before the first node runs."""

Order = tuple[int, ...]
"""Indices of the nodes in execution order."""


@dataclass(frozen=True)
class OrderProblem:
    """Nodes `0 … nodes - 1`, numbered so that their numbers are an order in which they can run (the exported order).

    A step takes the bytes alive before it plus those its node writes; after it, a tensor dies when all its readers ran,
    unless it is kept. The largest step is the peak of the order.

    Parameters
    ----------
    nodes
        How many.
    sizes
        Bytes of each tensor. A tensor of no bytes only says who comes after whom.
    producers
        The node that writes each tensor, or `OUTSIDE`.
    consumers
        The nodes that read each tensor, ascending, each once.
    kept
        Whether each tensor lives to the end.
    held
        Bytes alive all the time besides.

    Raises
    ------
    ValueError
        A tensor is read before it is written, or the columns differ in length.
    """

    nodes: int
    sizes: tuple[int, ...]
    producers: tuple[int, ...]
    consumers: tuple[tuple[int, ...], ...]
    kept: tuple[bool, ...]
    held: int = 0

    def __post_init__(self) -> None:
        lengths = {len(self.sizes), len(self.producers), len(self.consumers), len(self.kept)}
        if len(lengths) != 1:
            raise ValueError(f"sizes, producers, consumers and kept have lengths {sorted(lengths)}, not one length")
        for tensor, (producer, readers) in enumerate(zip(self.producers, self.consumers, strict=True)):
            if readers and readers[0] <= producer:
                raise ValueError(f"tensor {tensor} is read by node {readers[0]} but written by node {producer}")

    @cached_property
    def writes(self) -> tuple[tuple[int, ...], ...]:
        """Node → the tensors it writes."""
        writes: list[list[int]] = [[] for _ in range(self.nodes)]
        for tensor, producer in enumerate(self.producers):
            if producer != OUTSIDE:
                writes[producer].append(tensor)
        return tuple(map(tuple, writes))

    @cached_property
    def reads(self) -> tuple[tuple[int, ...], ...]:
        """Node → the tensors it reads."""
        reads: list[list[int]] = [[] for _ in range(self.nodes)]
        for tensor, readers in enumerate(self.consumers):
            for node in readers:
                reads[node].append(tensor)
        return tuple(map(tuple, reads))

    @cached_property
    def predecessors(self) -> tuple[tuple[int, ...], ...]:
        """Node → the nodes whose tensors it reads."""
        producers = self.producers
        return tuple(tuple({producers[tensor] for tensor in reads} - {OUTSIDE}) for reads in self.reads)

    @cached_property
    def successors(self) -> tuple[tuple[int, ...], ...]:
        """Node → the nodes that read its tensors, ascending."""
        consumers = self.consumers
        return tuple(
            consumers[tensors[0]]
            if len(tensors) == 1
            else tuple(sorted({reader for tensor in tensors for reader in consumers[tensor]}))
            for tensors in self.writes
        )

    @cached_property
    def start(self) -> int:
        """Bytes alive before the first step: what is held, and what comes from outside and is of any use."""
        columns = zip(self.sizes, self.producers, self.consumers, self.kept, strict=True)
        return self.held + sum(
            size for size, producer, readers, kept in columns if producer == OUTSIDE and (readers or kept)
        )

    @property
    def exported(self) -> Order:
        """The order of the exported model."""
        return tuple(range(self.nodes))

    def trace(self, order: Sequence[int]) -> tuple[list[int], list[int]]:
        """Bytes alive before each step (and, last, after all of them), and bytes that each step takes.

        Raises
        ------
        ValueError
            The order is none of all nodes, or runs a node before one whose tensor it reads.
        """
        left = [len(readers) for readers in self.consumers]
        ran = bytearray(self.nodes)
        live = self.start
        before, during = [live], []
        for node in order:
            if ran[node]:
                raise ValueError(f"node {node} runs twice")
            for earlier in self.predecessors[node]:
                if not ran[earlier]:
                    raise ValueError(f"node {node} runs before node {earlier}, whose tensor it reads")
            ran[node] = 1
            for tensor in self.writes[node]:
                live += self.sizes[tensor]
            during.append(live)
            for tensor in self.writes[node]:
                if not left[tensor] and not self.kept[tensor]:
                    live -= self.sizes[tensor]
            for tensor in self.reads[node]:
                left[tensor] -= 1
                if not left[tensor] and not self.kept[tensor]:
                    live -= self.sizes[tensor]
            before.append(live)
        if len(during) != self.nodes:
            raise ValueError(f"the order has {len(during)} of {self.nodes} nodes")
        return before, during

    def peak(self, order: Sequence[int]) -> int:
        """Bytes of the largest step; errors are those of `trace`."""
        return max(self.trace(order)[1], default=self.start)
