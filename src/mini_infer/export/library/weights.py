"""The weights of a library: inside it, by the assembler, or in a file beside it that is mapped."""

import hashlib
from collections.abc import Iterator

from mini_infer.errors import CapacityError
from mini_infer.export.library.product import Product
from mini_infer.export.library.systems import System
from mini_infer.export.library.template import fill
from mini_infer.toolchain import Part

HEAD_BYTES = 4096
"""Of a file, before the weights: a page."""
_MOST_INSIDE = (1 << 31) - (1 << 26)
"""Bytes that code and data of a library can be apart from each other."""
_DATA = "weights.bin"

_INSIDE = """\
/* The weights are in the library: a page that was never written is one for all processes. */
#if defined(_WIN32)
extern const uint8_t @NAME@_weights[];
#else
extern __attribute__((visibility("hidden"))) const uint8_t @NAME@_weights[];
#endif
typedef struct {
  const uint8_t *bytes;
} mapping;
static int map(mapping *made) {
  made->bytes = @NAME@_weights;
  return 0;
}
static void unmap(mapping *mapped) { (void)mapped; }
"""

_ASSEMBLY = """\
#if defined(_WIN32)
#if defined(__i386__)
#define SYMBOL "_@NAME@_weights"
#else
#define SYMBOL "@NAME@_weights"
#endif
#define SECTION ".section .rdata,\\"dr\\"\\n.globl " SYMBOL "\\n"
#elif defined(__APPLE__)
#define SYMBOL "_@NAME@_weights"
#define SECTION ".section __TEXT,__const\\n.globl " SYMBOL "\\n.private_extern " SYMBOL "\\n"
#else
#define SYMBOL "@NAME@_weights"
#define SECTION ".section .rodata." SYMBOL ",\\"a\\"\\n.globl " SYMBOL "\\n.hidden " SYMBOL "\\n"
#endif
__asm__(SECTION ".balign 64\\n" SYMBOL ":\\n.incbin \\"@DATA@\\"\\n.byte 0\\n.text\\n");
typedef int a_file_of_c_is_not_empty;
"""

_BESIDE = """\
/* The weights are a file that is mapped: its pages are read when they are used, and are the same for all processes. */
static const char weights_head[] =
@HEAD@;
enum { WEIGHTS_HEAD = @HEAD_BYTES@ };
static const size_t weights_size = WEIGHTS_HEAD + UINT64_C(@BYTES@);
typedef struct {
  const uint8_t *bytes;
} mapping;
#if defined(_WIN32)
#define SYSTEM(result) __declspec(dllimport) result __stdcall
SYSTEM(void *) CreateFileA(const char *, unsigned long, unsigned long, void *, unsigned long, unsigned long, void *);
SYSTEM(int) GetFileSizeEx(void *, int64_t *);
SYSTEM(void *) CreateFileMappingA(void *, void *, unsigned long, unsigned long, unsigned long, const char *);
SYSTEM(void *) MapViewOfFile(void *, unsigned long, unsigned long, unsigned long, size_t);
SYSTEM(int) UnmapViewOfFile(const void *);
SYSTEM(int) CloseHandle(void *);
static const uint8_t *mapped_file(const char *path, int64_t *size) {
  const uint8_t *bytes = 0;
  void *const file = CreateFileA(path, 0x80000000u, 1, 0, 3, 0, 0); /* to read, others may, as it is */
  if (file == (void *)(intptr_t)-1) return 0;
  if (GetFileSizeEx(file, size) && *size > 0) {
    void *const object = CreateFileMappingA(file, 0, 2, 0, 0, 0); /* to read */
    if (object) {
      bytes = (const uint8_t *)MapViewOfFile(object, 4, 0, 0, 0); /* to read */
      CloseHandle(object);
    }
  }
  CloseHandle(file);
  return bytes;
}
static void unmap_bytes(const uint8_t *bytes, size_t size) {
  (void)size;
  UnmapViewOfFile(bytes);
}
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
static const uint8_t *mapped_file(const char *path, int64_t *size) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  struct stat status;
  void *bytes = MAP_FAILED;
  if (fstat(file, &status) == 0 && status.st_size > 0) {
    *size = (int64_t)status.st_size;
    bytes = mmap(0, (size_t)status.st_size, PROT_READ, MAP_SHARED, file, 0);
  }
  close(file);
  return bytes == MAP_FAILED ? 0 : (const uint8_t *)bytes;
}
static void unmap_bytes(const uint8_t *bytes, size_t size) { munmap((void *)(uintptr_t)bytes, size); }
#endif
static int map(mapping *made, const char *path) {
  int64_t size = 0;
  const uint8_t *const bytes = path ? mapped_file(path, &size) : 0;
  if (!bytes) return @UPPER@_NO_WEIGHTS;
  if ((uint64_t)size != weights_size || memcmp(bytes, weights_head, sizeof weights_head) != 0) {
    unmap_bytes(bytes, (size_t)size);
    return @UPPER@_WRONG_WEIGHTS;
  }
  made->bytes = bytes + WEIGHTS_HEAD;
  return 0;
}
static void unmap(mapping *mapped) { unmap_bytes(mapped->bytes - WEIGHTS_HEAD, weights_size); }
"""


def mapping(product: Product, system: System) -> str:
    """C of a type `mapping`, and how one is made and undone."""
    text = _INSIDE if product.inside else _BESIDE
    head = "\n".join(f'    "{line}\\n"' for line in _head(product, system).splitlines())
    return fill(text, product, HEAD_BYTES=str(HEAD_BYTES), HEAD=head, BYTES=str(system.constants.nbytes))


def part(product: Product, system: System) -> Part:
    """The weights as a part of the library.

    Raises
    ------
    CapacityError
        When a library cannot hold so many.
    """
    constants = system.constants
    if constants.nbytes > _MOST_INSIDE:
        raise CapacityError(
            f"the weights for {system.name} are {constants.nbytes} bytes, and a library holds "
            f"{_MOST_INSIDE} at most: --weights beside"
        )
    sources = {f"{product.names.lower}_weights.c": fill(_ASSEMBLY, product, DATA=_DATA)}
    return Part(sources, system.base, {_DATA: constants.data})


def file(product: Product, system: System) -> Iterator[bytes | memoryview]:
    """The content of the file beside the library."""
    yield _head(product, system).encode().ljust(HEAD_BYTES, b"\0")
    yield system.constants.data


def _head(product: Product, system: System) -> str:
    """What a file begins with: whose weights they are, for which library."""
    digest = hashlib.sha256(system.constants.data).hexdigest()
    return f"mini-infer weights 1\n{product.names.lower} {system.name}\nsha256 {digest}\n"
