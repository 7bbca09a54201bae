"""Whether an engine says what others say of the same model."""

from mini_infer.verify.compare import Comparison, OutputError, compare

__all__ = ["Comparison", "OutputError", "compare"]
