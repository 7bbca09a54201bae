"""What builds the files, and what says how."""

from mini_infer.codegen import comment
from mini_infer.export.header import parameters, where
from mini_infer.export.network import Network
from mini_infer.version import __version__

_OPTIONS = ("-fno-strict-aliasing", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast")


_HELD = """\
`weights` is the content of `{lower}_weights.bin`, in memory that is aligned to `{upper}_WEIGHTS_ALIGN`: flash of its
own, or read by the program. Its first characters are those of `{upper}_WEIGHTS_HEAD`, or it belongs to other code. The
test reads the file that it is given; where there are no files, define `{upper}_TEST_WEIGHTS` as the address.
"""


def options(network: Network) -> tuple[str, ...]:
    """What gcc and clang are told; without the first the program may be wrong, without the others it is slower.

    The last lets gcc fuse multiplications and additions, which `-std=c11` forbids it.
    """
    features = (f"-m{feature}" for feature in network.features)
    return (*_OPTIONS, *features, *(() if network.is_plain else ("-Wno-psabi",)))


def _sources(network: Network) -> tuple[str, ...]:
    """How the names of the files that programs need end."""
    return (".c",) if network.in_file else (".c", "_weights.c")


def cmake(network: Network) -> str:
    """The text of `CMakeLists.txt`."""
    lower = network.names.lower
    sources = " ".join(network.names.file(ending) for ending in _sources(network))
    return f"""\
# {lower}: made by mini-infer {__version__} export
cmake_minimum_required(VERSION 3.10)
project({lower} C)
add_library({lower} STATIC {sources})
target_include_directories({lower} PUBLIC ${{CMAKE_CURRENT_SOURCE_DIR}})
set_target_properties({lower} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON)
if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options({lower} PRIVATE {" ".join(options(network))})
endif()
if(UNIX)
  target_link_libraries({lower} PUBLIC m)
endif()
add_executable({lower}_test EXCLUDE_FROM_ALL {lower}_test.c)
target_link_libraries({lower}_test PRIVATE {lower})
"""


def readme(network: Network, functions: tuple[str, ...], constants: int) -> str:
    """The text of `README.md`."""
    lower, upper = network.names.lower, network.names.upper
    declared = "\n".join([*where(network), f"int {lower}_run({parameters(network, arena=True)});"])
    files = " ".join(network.names.file(ending) for ending in (*_sources(network), "_test.c"))
    given = f" {network.names.file('_weights.bin')}" if network.in_file else ""
    math = " -lm" if any(name not in ("memcpy", "memmove", "memset") for name in functions) else ""
    called = ", ".join(f"`{name}`" for name in functions) if network.is_plain else "those that its compiler needs"
    attributes = [*([] if network.in_file else ["WEIGHTS"]), "CODE", *(each.called.upper() for each in network.arenas)]
    sections = ", ".join(f"`{upper}_{each}_ATTRIBUTE`" for each in attributes)
    held = _HELD.format(lower=lower, upper=upper) if network.in_file else ""
    language = "C11" if network.is_plain else "C11 with the vectors of gcc and clang"
    return f"""\
# {lower}

Made by `mini-infer export` {__version__} from `{comment(network.model)}` for {network.machine}: {language}.

| bytes | |
|---|---|
{_rows(network)}
| inputs and outputs | {network.port_bytes}{", in the arena" if network.in_arena else ""} |
| state | {network.state_bytes} |
| constants | {constants} |

```c
#include "{lower}.h"

{declared}
```

{_memory(network)}
Functions of the C library: {called or "none"}.

```sh
cc -std=c11 -O2 {" ".join(options(network))} \\
  {files} -o {lower}_test{math}
./{lower}_test{given} && echo fine
```

`{lower}_test.c` has a recorded input and its outputs, and prints nothing: its exit code says whether they were met.
{held}Macros for sections ({sections}) and the hook
`{upper}_STEP` are in the header; `{lower}.json` lists what there is, in bytes.
"""


def _rows(network: Network) -> str:
    """The arenas as rows of a table."""
    if not network.has_pools:
        return f"| arena | {network.plan.size} |"
    return "\n".join(f"| arena in {arena.pool} | {arena.size} |" for arena in network.arenas)


def _memory(network: Network) -> str:
    """Whose memory the arenas are."""
    lower, upper = network.names.lower, network.names.upper
    if not network.has_pools:
        return f"""\
`arena` is memory of the caller, `{upper}_ARENA_BYTES` aligned to `{upper}_ARENA_ALIGN`; with
`{upper}_STATIC_ARENA` defined for all files it is a variable of `{lower}.c`, and no parameter. Nothing is allocated."""
    sizes = ", ".join(f"`{upper}_{arena.called.upper()}_BYTES`" for arena in network.arenas)
    return f"""\
`arenas` says where the memories of the caller are: {sizes}, aligned to `{upper}_ARENA_ALIGN`; with
`{upper}_STATIC_ARENA` defined for all files they are variables of `{lower}.c`, and no parameter.
Nothing is allocated."""
