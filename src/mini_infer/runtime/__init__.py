"""Artifacts, engines, contexts and engine files: what runs."""

from mini_infer.runtime.artifact import Artifact
from mini_infer.runtime.context import Context
from mini_infer.runtime.engine import Engine, load
from mini_infer.runtime.footprint import Memory, Sizes, sizes
from mini_infer.runtime.pool import ContextPool
from mini_infer.runtime.variant import Variant

__all__ = ["Artifact", "Context", "ContextPool", "Engine", "Memory", "Sizes", "Variant", "load", "sizes"]
