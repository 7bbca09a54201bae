"""Turn C source texts into a loaded shared library: find the compiler, name the machine, build once per content."""

from mini_infer.toolchain.build import build, load, sanitizer_environment
from mini_infer.toolchain.cache import CacheInfo, cache_directory, cache_info, clear_cache
from mini_infer.toolchain.compiler import Compiler, find
from mini_infer.toolchain.library import Libraries, Part, build_libraries
from mini_infer.toolchain.target import Target

__all__ = [
    "CacheInfo",
    "Compiler",
    "Libraries",
    "Part",
    "Target",
    "build",
    "build_libraries",
    "cache_directory",
    "cache_info",
    "clear_cache",
    "find",
    "load",
    "sanitizer_environment",
]
