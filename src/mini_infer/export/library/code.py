"""`net_library.c`: contexts, the choice of an edition by the processor's features, and what codes mean."""

from mini_infer.codegen import comment
from mini_infer.export.library import cpu, weights
from mini_infer.export.library.interface import CODES, create, run
from mini_infer.export.library.product import Product
from mini_infer.export.library.systems import Edition, System
from mini_infer.export.library.template import fill
from mini_infer.program.abi import ERROR_MESSAGES

_HEAD = """\
/* @NAME@: made by mini-infer @VERSION@ export --library of @MODEL@. */
#define _POSIX_C_SOURCE 200809L
#define @UPPER@_BUILDING
#include "@NAME@.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

"""

_TYPES = """\
enum { ALIGN = @UPPER@_CONTEXT_ALIGN };

typedef struct mi_thread_pool mi_thread_pool;

typedef struct {
  const char *target;
  uint32_t needed; /* features, a bit each */
  size_t arena_bytes, step_count;
  const char *const *steps;
  int (*alone)(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena);
  int (*together)(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena,
                  mi_thread_pool *pool);
  void (*shut_down)(mi_thread_pool *pool);
  const long *pool_bytes;
} edition;

struct @NAME@_context {
  const edition *runs;
  mapping weights;
  void *allocated; /* null: the memory is the caller's */
  mi_thread_pool *pool;
  uint8_t *state, *arena;
  atomic_int busy;
};

"""

_FUNCTIONS = """\
/* The first edition that needs nothing that is not there; a null pointer for none. */
static const edition *chosen(void) {
  const uint32_t there = present();
  for (size_t i = 0; i < sizeof editions / sizeof *editions; ++i)
    if ((editions[i].needed & ~there) == 0) return &editions[i];
  return 0;
}

/* Bytes, up to a multiple of the alignment. */
static size_t whole(size_t bytes) { return (bytes + ALIGN - 1) / ALIGN * ALIGN; }

@CREATE@ {
  *made = 0;
  const edition *const runs = chosen();
  if (!runs) return @UPPER@_NO_PROCESSOR;
  if ((uintptr_t)memory % ALIGN) return @UPPER@_BAD_MEMORY;
  void *allocated = 0;
  if (!memory) {
    allocated = malloc(@UPPER@_CONTEXT_BYTES + ALIGN);
    if (!allocated) return @UPPER@_NO_MEMORY;
    memory = (uint8_t *)allocated + (ALIGN - (uintptr_t)allocated % ALIGN);
  }
  @NAME@_context *const context = (@NAME@_context *)memory;
  const size_t head = whole(sizeof *context), pool = runs->pool_bytes ? whole((size_t)*runs->pool_bytes) : 0;
  const size_t state = whole(@UPPER@_STATE_BYTES);
  if (head + pool + state + runs->arena_bytes > @UPPER@_CONTEXT_BYTES) { /* the system's threads are larger than any */
    free(allocated);
    return @UPPER@_NO_MEMORY;
  }
  memset(context, 0, head + pool + state);
  const int code = map(&context->weights@PATH@);
  if (code) {
    free(allocated);
    return code;
  }
  context->runs = runs;
  context->allocated = allocated;
  context->pool = pool ? (mi_thread_pool *)((uint8_t *)memory + head) : 0;
  context->state = (uint8_t *)memory + head + pool;
  context->arena = context->state + state;
  atomic_init(&context->busy, 0);
  *made = context;
  return 0;
}

@RUN@ {
  if (atomic_exchange_explicit(&context->busy, 1, memory_order_acquire)) return @UPPER@_BUSY;
  const edition *const runs = context->runs;
  const void *const inputs[] = {@INPUTS@context->state};
  void *const outputs[] = {@OUTPUTS@0};
  int code = 0;
  if (runs->together) code = runs->together(inputs, outputs, context->weights.bytes, context->arena, context->pool);
  else if (runs->alone) code = runs->alone(inputs, outputs, context->weights.bytes, context->arena);
  atomic_store_explicit(&context->busy, 0, memory_order_release);
  return code == -1 ? @UPPER@_NO_THREADS : code;
}

void @NAME@_destroy(@NAME@_context *context) {
  if (!context) return;
  if (context->pool) context->runs->shut_down(context->pool);
  unmap(&context->weights);
  free(context->allocated);
}

/* Write a word behind `at` characters, as far as there is room; how many characters there are then. */
static size_t put(char *text, size_t size, size_t at, const char *word) {
  for (; *word; ++word, ++at)
    if (at + 1 < size) text[at] = *word;
  if (size) text[at < size ? at : size - 1] = 0;
  return at;
}

/* The features that the edition with the fewest needs, and that are not there. */
static size_t put_missing(char *text, size_t size, size_t at) {
  const edition *const least = &editions[sizeof editions / sizeof *editions - 1];
  const uint32_t missing = least->needed & ~present();
  const char *between = " ";
  for (size_t i = 0; i < sizeof features / sizeof *features; ++i) {
    if (!(missing >> i & 1)) continue;
    at = put(text, size, put(text, size, at, between), features[i].name);
    between = ", ";
  }
  return put(text, size, put(text, size, at, "; @NAME@, made by mini-infer @VERSION@, was built for "), least->target);
}

size_t @NAME@_explain(int code, char *text, size_t size) {
  switch (code) {
    case 0: return put(text, size, 0, "all is well");
    case @UPPER@_NO_PROCESSOR: return put_missing(text, size, put(text, size, 0, "@LACKS@"));
@CASES@
  }
  const char *meaning = 0;
  switch (code > 0 ? code % 256 : 0) {
@KINDS@
  }
  const edition *const runs = chosen();
  const size_t step = (size_t)code / 256;
  if (!meaning || !runs || step >= runs->step_count) return put(text, size, 0, "there is no such code");
  return put(text, size, put(text, size, 0, runs->steps[step]), meaning);
}
"""

_RESET = """
int @NAME@_reset(@NAME@_context *context) {
  if (atomic_exchange_explicit(&context->busy, 1, memory_order_acquire)) return @UPPER@_BUSY;
  memset(context->state, 0, @UPPER@_STATE_BYTES);
  atomic_store_explicit(&context->busy, 0, memory_order_release);
  return 0;
}
"""


def source(product: Product, system: System) -> str:
    """The text of `net_library.c` of a system."""
    upper = product.names.upper
    inputs, outputs = (
        "".join(f"{kind}_{index}, " for index in range(len(tensors)))
        for kind, tensors in (("in", product.inputs), ("out", product.outputs))
    )
    cases = [f'    case {upper}_{name}: return put(text, size, 0, "{text}");' for name, text in CODES.values()]
    kinds = [f'    case {kind}: meaning = "{text}"; break;' for kind, text in ERROR_MESSAGES.items()]
    functions = fill(
        _FUNCTIONS,
        product,
        CREATE=create(product),
        RUN=run(product, numbered=True),
        PATH="" if product.inside else ", weights",
        INPUTS=inputs,
        OUTPUTS=outputs,
        CASES="\n".join(case for case in cases if f"{upper}_NO_PROCESSOR" not in case),
        KINDS="\n".join(kinds),
        LACKS=CODES[-3][1],
    )
    return "\n".join(
        [
            fill(_HEAD, product),
            weights.mapping(product, system),
            fill(_TYPES, product),
            *(_declarations(edition) for edition in system.editions),
            cpu.detection(system.features),
            *(_steps(edition) for edition in system.editions),
            _editions(system),
            functions,
            *([fill(_RESET, product)] if product.state_bytes else []),
        ]
    )


def _declarations(edition: Edition) -> str:
    """The functions of an edition that the library calls."""
    pointers = "const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena"
    if edition.function is None:
        return ""
    if not edition.parallel:
        return f"int {edition.function}({pointers});\n"
    return (
        f"int {edition.function}({pointers}, mi_thread_pool *pool);\n"
        f"void {edition.shut_down}(mi_thread_pool *pool);\nextern const long {edition.pool_bytes};\n"
    )


def _editions(system: System) -> str:
    rows = []
    for edition in system.editions:
        alone = edition.function if edition.function and not edition.parallel else "0"
        together, shut_down, pool_bytes = "0", "0", "0"
        if edition.parallel:
            together, shut_down, pool_bytes = str(edition.function), edition.shut_down, f"&{edition.pool_bytes}"
        needed = cpu.mask(system.features, edition.target.features)
        rows.append(
            f'    {{"{edition.called}", {needed:#x}, {edition.network.plan.size}, '
            f"{len(edition.network.program.steps)}, {edition.prefix}_steps, {alone}, {together}, "
            f"{shut_down}, {pool_bytes}}},"
        )
    return "/* The one to be preferred first. */\nstatic const edition editions[] = {\n" + "\n".join(rows) + "\n};\n"


def _steps(edition: Edition) -> str:
    """What the steps of an edition are, for messages."""
    rows = [
        f'    "step {index}, {step.node.op} {_quoted(step.node.name)}: ",'
        for index, step in enumerate(edition.network.program.steps)
    ]
    return f"static const char *const {edition.prefix}_steps[] = {{\n" + "\n".join(rows or ['    ""']) + "\n};\n"


def _quoted(name: str) -> str:
    """A name as part of a text in C."""
    plain = comment(name).replace("\\", "?").replace('"', "?")
    return f"'{plain}'"
