"""What an engine takes, read from its header alone."""

from dataclasses import dataclass
from pathlib import Path

from mini_infer.ir import TensorType, ValueType
from mini_infer.program.ports import Port
from mini_infer.runtime.file import Header
from mini_infer.runtime.interface import Interface


@dataclass(frozen=True, slots=True)
class Memory:
    """What running a model takes, in bytes. The code, and Python where that is used, stand beside it.

    Parameters
    ----------
    arena
        Of one context.
    weights
        The constant block, which all contexts share.
    inputs, outputs
        The caller's tensors.
    state
        What one context carries from run to run.
    """

    arena: int
    weights: int
    inputs: int
    outputs: int
    state: int = 0

    @classmethod
    def of(cls, interface: Interface, weights: int) -> "Memory":
        """That of a variant, at its largest sizes."""
        given, made = (
            sum(port.type.most_bytes for port in ports if isinstance(port.type, TensorType))
            for ports in (interface.inputs, interface.outputs)
        )
        return cls(interface.arena_bytes, weights, given, made, interface.state_offsets[-1])

    @property
    def total(self) -> int:
        """What to reserve for one context."""
        return self.arena + self.weights + self.inputs + self.outputs + self.state


@dataclass(frozen=True, slots=True)
class VariantSizes:
    """What one profile takes.

    Parameters
    ----------
    name
        Of the profile; empty where there is one.
    memory
        In bytes, at the largest sizes.
    inputs, outputs
        Name → type.
    """

    name: str
    memory: Memory
    inputs: dict[str, ValueType]
    outputs: dict[str, ValueType]


@dataclass(frozen=True, slots=True)
class Sizes:
    """What an engine file takes.

    Parameters
    ----------
    title
        The model's name.
    target
        The machine that it is for, such as ``x86_64-linux+avx2``.
    file_bytes
        Of the engine file.
    weight_bytes
        Of the constant block: mapped from the file, and shared by all processes that run it.
    variants
        Of each profile.
    """

    title: str
    target: str
    file_bytes: int
    weight_bytes: int
    variants: tuple[VariantSizes, ...]

    @property
    def arena_bytes(self) -> int:
        """Of a context, which runs every profile."""
        return max(variant.memory.arena for variant in self.variants)

    @property
    def context_bytes(self) -> int:
        """What each further context takes: its arena, and its state."""
        return self.arena_bytes + max(variant.memory.state for variant in self.variants)


def sizes(path: str | Path) -> Sizes:
    """What an engine file takes, from its header alone: nothing else is read, mapped or checked.

    Raises
    ------
    EngineError
        When it is no engine file, of another format, or its header is corrupt.
    """
    header = Header.read(Path(path))
    weights = header.weight_bytes
    named = zip(header.fields["profiles"], header.interfaces, strict=True)
    variants = (
        VariantSizes(name, Memory.of(each, weights), _types(each.inputs), _types(each.outputs)) for name, each in named
    )
    return Sizes(header.interfaces[0].title, str(header.target), Path(path).stat().st_size, weights, tuple(variants))


def _types(ports: tuple[Port, ...]) -> dict[str, ValueType]:
    return {port.name: port.type for port in ports}
