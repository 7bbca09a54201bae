"""Turn C source texts into a loaded shared library: find the compiler, name the machine, build once per content."""

from typing import TYPE_CHECKING

from mini_infer.late import late

if TYPE_CHECKING:
    from mini_infer.toolchain.building import build, load, sanitizer_environment
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

__getattr__ = late(
    __name__,
    {
        **dict.fromkeys(("build", "load", "sanitizer_environment"), "mini_infer.toolchain.building"),
        **dict.fromkeys(("CacheInfo", "cache_directory", "cache_info", "clear_cache"), "mini_infer.toolchain.cache"),
        **dict.fromkeys(("Compiler", "find"), "mini_infer.toolchain.compiler"),
        **dict.fromkeys(("Libraries", "Part", "build_libraries"), "mini_infer.toolchain.library"),
        "Target": "mini_infer.toolchain.target",
    },
)
