"""What a server's models take, known before they are loaded.

Weights are mapped from their files and counted once for all workers. Each worker has one arena, the largest that a
loaded model needs, and itself: Python, libraries and the server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mini_infer.errors import CapacityError
from mini_infer.runtime import Engine
from mini_infer.runtime.footprint import Sizes


@dataclass(frozen=True, slots=True)
class Need:
    """Of one model, in bytes: `weights` for all workers, `arena` for each."""

    name: str
    weights: int
    arena: int

    @classmethod
    def of(cls, name: str, found: Sizes | Engine) -> "Need":
        """Of an engine, or what its file's header says."""
        return cls(name, found.weight_bytes, found.arena_bytes)


@dataclass(frozen=True, slots=True)
class Budget:
    """`limit` bytes, or None, for a number of workers that take `base` bytes each without any model."""

    limit: int | None
    workers: int
    base: int

    def planned(self, needs: Sequence[Need]) -> int:
        """Bytes that models take together, with the workers."""
        arena = max((need.arena for need in needs), default=0)
        return sum(need.weights for need in needs) + self.workers * (arena + self.base)

    def leaving(self, loaded: Sequence[Need], new: Need, *, evict: bool) -> list[str]:
        """Which models leave for a new one, of those that are loaded, the first to leave first.

        Raises
        ------
        CapacityError
            It fits not even alone, or nothing may leave; nothing is changed.
        """
        stay, left = [need for need in loaded if need.name != new.name], []
        while self.limit is not None and self.planned([*stay, new]) > self.limit:
            if not evict or not stay:
                raise CapacityError(self._refusal([] if evict else stay, new))
            left.append(stay.pop(0).name)
        return left

    def _refusal(self, stay: Sequence[Need], new: Need) -> str:
        others = f" beside {', '.join(need.name for need in stay)}" if stay else ""
        return (
            f"{new.name} does not fit into {self.limit:,} bytes{others}: {self.planned([*stay, new]):,} are needed, "
            f"of them {new.weights:,} for its weights, {self.workers} x {new.arena:,} for its arena and "
            f"{self.workers} x {self.base:,} for the workers themselves"
        )


def own_bytes() -> int:
    """Private memory of this process in bytes; 0 where the system does not say."""
    return _status("RssAnon:", "RssShmem:")


def resident_bytes() -> int:
    """Resident memory of this process in bytes, with what it shares; 0 where the system does not say."""
    return _status("VmRSS:")


def _status(*fields: str) -> int:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith(fields))
