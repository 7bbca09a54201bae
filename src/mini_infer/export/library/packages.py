"""How build systems find the libraries: a package of CMake, a file of pkg-config for each system, and a README."""

from mini_infer.export.library.product import Product
from mini_infer.export.library.systems import System
from mini_infer.export.library.template import fill

_SYSTEMS = {"linux": "Linux", "macos": "Darwin", "windows": "Windows"}
_PROCESSORS = {"x86_64": "x86_64|AMD64|amd64", "aarch64": "aarch64|arm64|ARM64"}

_CMAKE = """\
# @NAME@: made by mini-infer @VERSION@ export --library
# Gives the targets @NAME@::@NAME@ (shared) and @NAME@::static; @NAME@_SYSTEM is the folder in lib/ that they are from.
get_filename_component(@NAME@_ROOT "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT DEFINED @NAME@_SYSTEM)
@CHOICE@
endif()
if(NOT @NAME@_SYSTEM)
  set(@NAME@_FOUND FALSE)
  set(@NAME@_NOT_FOUND_MESSAGE "@NAME@ was made for @ALL@, not for ${CMAKE_SYSTEM_NAME} on ${CMAKE_SYSTEM_PROCESSOR}")
  return()
endif()
set(_@NAME@_lib "${@NAME@_ROOT}/lib/${@NAME@_SYSTEM}")
@WEIGHTS@if(NOT TARGET @NAME@::@NAME@)
  find_package(Threads REQUIRED)
  add_library(@NAME@::@NAME@ SHARED IMPORTED)
  set_target_properties(@NAME@::@NAME@ PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${@NAME@_ROOT}/include")
  if(WIN32)
    set_target_properties(@NAME@::@NAME@ PROPERTIES
      IMPORTED_LOCATION "${_@NAME@_lib}/@NAME@.dll" IMPORTED_IMPLIB "${_@NAME@_lib}/lib@NAME@.dll.a")
  elseif(APPLE)
    set_target_properties(@NAME@::@NAME@ PROPERTIES
      IMPORTED_LOCATION "${_@NAME@_lib}/lib@NAME@.dylib" IMPORTED_SONAME "@rpath/lib@NAME@.dylib")
  else()
    set_target_properties(@NAME@::@NAME@ PROPERTIES
      IMPORTED_LOCATION "${_@NAME@_lib}/lib@NAME@.so" IMPORTED_SONAME "lib@NAME@.so")
  endif()
  add_library(@NAME@::static STATIC IMPORTED)
  set_target_properties(@NAME@::static PROPERTIES
    IMPORTED_LOCATION "${_@NAME@_lib}/lib@NAME@.a"
    INTERFACE_INCLUDE_DIRECTORIES "${@NAME@_ROOT}/include"
    INTERFACE_LINK_LIBRARIES Threads::Threads)
  if(UNIX)
    set_property(TARGET @NAME@::static APPEND PROPERTY INTERFACE_LINK_LIBRARIES m)
  endif()
endif()
"""

_PKG_CONFIG = """\
# made by mini-infer @VERSION@ export --library
prefix=${pcfiledir}/../../..
libdir=${prefix}/lib/@SYSTEM@
includedir=${prefix}/include
@WEIGHTS@
Name: @NAME@
Description: @MODEL@ as a library
Version: @VERSION@
Cflags: -I${includedir}
Libs: -L${libdir} -l@NAME@
Libs.private: @PRIVATE@
"""

_README = """\
# @NAME@

Made by `mini-infer export --library` @VERSION@ from `@MODEL@`. The libraries need the C
library and its threads, nothing else.

| | |
|---|---|
| `include/@NAME@.h`, `include/@NAME@.hpp` | for C, for C++17 |
| `lib/SYSTEM/` | a shared and a static library@BESIDE@ |
| `lib/cmake/`, `lib/SYSTEM/pkgconfig/` | for CMake's `find_package(@NAME@)`, for `pkg-config` |
| `examples/` | in C, C++ and Rust |
| `@NAME@_test.c` | a recorded input and its outputs; `main` returns 0 where they are met |
| `@NAME@.json` | what there is, in bytes |

Systems: @ALL@.

```sh
cc -Iinclude examples/@NAME@.c -Llib/@FIRST@ -l@NAME@ -o example
LD_LIBRARY_PATH=lib/@FIRST@ ./example@ARGUMENT@
```

```cmake
list(APPEND CMAKE_PREFIX_PATH "/path/of/this/folder")
find_package(@NAME@ REQUIRED CONFIG)
target_link_libraries(app PRIVATE @NAME@::@NAME@)  # or @NAME@::static
```

```sh
PKG_CONFIG_PATH=lib/@FIRST@/pkgconfig pkg-config --cflags --libs @NAME@
rustc examples/@NAME@.rs -L lib/@FIRST@ -o example
```
"""


def cmake(product: Product) -> str:
    """The text of `net-config.cmake`."""
    choice: list[str] = []
    for system in product.systems:
        test = f'CMAKE_SYSTEM_NAME STREQUAL "{_SYSTEMS[system.base.system]}"'
        processor = _PROCESSORS.get(system.base.arch, system.base.arch)
        test += f' AND CMAKE_SYSTEM_PROCESSOR MATCHES "^({processor})$"'
        choice += [f"  {'elseif' if choice else 'if'}({test})", f'    set(@NAME@_SYSTEM "{system.name}")']
    weights = "" if product.inside else 'set(@NAME@_WEIGHTS "${_@NAME@_lib}/@NAME@.weights")\n'
    return _filled(_CMAKE, product, CHOICE="\n".join([*choice, "  endif()"]), WEIGHTS=weights)


def pkg_config(product: Product, system: System) -> str:
    """The text of a system's `net.pc`."""
    private = {"linux": "-lm -pthread", "macos": "", "windows": ""}[system.base.system]
    weights = "" if product.inside else "weights=${libdir}/@NAME@.weights\n"
    return _filled(_PKG_CONFIG, product, WEIGHTS=weights, PRIVATE=private, SYSTEM=system.name)


def readme(product: Product) -> str:
    """The text of `README.md`."""
    beside = "" if product.inside else ", and `@NAME@.weights`, which both map"
    argument = "" if product.inside else " lib/@FIRST@/@NAME@.weights"
    return _filled(_README, product, BESIDE=beside, ARGUMENT=argument)


def _filled(text: str, product: Product, **values: str) -> str:
    names = [system.name for system in product.systems]
    return fill(text, product, **values, ALL=", ".join(names), FIRST=names[0])
