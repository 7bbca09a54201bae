"""Which operators have native kernels, and who lowers each."""

from mini_infer.lowering.builder import Lowering

LOWERINGS: dict[tuple[str, str], Lowering] = {}
"""(domain, operator) → its lowering."""
