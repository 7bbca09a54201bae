"""Artifacts, engines, contexts and engine files: what runs."""

from mini_infer.runtime.artifact import Artifact, Memory
from mini_infer.runtime.context import Context
from mini_infer.runtime.engine import Engine, load
from mini_infer.runtime.variant import Variant

__all__ = ["Artifact", "Context", "Engine", "Memory", "Variant", "load"]
