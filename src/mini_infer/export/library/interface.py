"""What callers see of a library: the parameters of its functions, the codes that they return, and `net.h`."""

from mini_infer.codegen import comment
from mini_infer.export.header import port, tensors
from mini_infer.export.library.product import Product
from mini_infer.export.library.systems import ALIGNMENT
from mini_infer.version import __version__

CODES = {
    -1: ("NO_MEMORY", "there is not so much memory"),
    -2: ("NO_THREADS", "the system gives no more threads"),
    -3: ("NO_PROCESSOR", "this processor lacks"),
    -4: ("NO_WEIGHTS", "the file of weights cannot be read"),
    -5: ("WRONG_WEIGHTS", "the file of weights is not the one that was made with this library"),
    -6: ("BUSY", "the context is running in another thread"),
    -7: ("BAD_MEMORY", "the memory of a context does not begin at a multiple of its alignment"),
}
"""Code → its name behind the library's, and what it means."""


def create(product: Product) -> str:
    """The function that makes a context, without its end."""
    weights = "" if product.inside else "const char *weights, "
    return f"int {product.names.lower}_create({product.names.lower}_context **made, {weights}void *memory)"


def run(product: Product, *, numbered: bool = False) -> str:
    """The function that runs one, without its end."""
    lower = product.names.lower
    given = tensors(product.inputs, product.outputs, numbered=numbered)
    return f"int {lower}_run({', '.join([*given, f'{lower}_context *context'])})"


def header(product: Product) -> str:
    """The text of `net.h`."""
    lower, upper = product.names.lower, product.names.upper
    beside = f"\n   `weights` is the path of {lower}.weights, which is mapped, not read: processes share it."
    weights = "" if product.inside else beside
    reset = [
        "/* Begin anew what runs leave for the next: zeros, as in a context that was just made. */",
        f"{upper}_API int {lower}_reset({lower}_context *context);",
        "",
    ]
    lines = [
        f"/* {lower}: made by mini-infer {__version__} export --library of {comment(product.model)}. */",
        f"#ifndef {upper}_H",
        f"#define {upper}_H",
        "",
        "#include <stddef.h>",
        "#include <stdint.h>",
        "",
        f"#if !defined({upper}_BUILDING)",
        f"#define {upper}_API",
        "#elif defined(_WIN32)",
        f"#define {upper}_API __declspec(dllexport)",
        "#else",
        f'#define {upper}_API __attribute__((visibility("default")))',
        "#endif",
        "",
        "#ifdef __cplusplus",
        'extern "C" {',
        "#endif",
        "",
        "/* Memory in bytes. A context holds the arena, the state and the threads of a run; they share the weights. */",
        f"#define {upper}_CONTEXT_BYTES {product.context_bytes}u",
        f"#define {upper}_CONTEXT_ALIGN {ALIGNMENT}u",
        f"#define {upper}_ARENA_BYTES {product.arena_bytes}u",
        f"#define {upper}_STATE_BYTES {product.state_bytes}u",
        f"#define {upper}_THREADS {product.threads}u",
        "",
        *(line for each in product.inputs for line in port(product.network, "input", each)),
        *(line for each in product.outputs for line in port(product.network, "output", each)),
        "/* What functions return; a positive code is 256 * step + 1 where an index is out of range, + 2 where a",
        "   sequence length is, + 3 where a branch cannot run. */",
        "enum {",
        f"  {upper}_OK = 0,",
        *(f"  {upper}_{name} = {code}," for code, (name, _) in CODES.items()),
        "};",
        "",
        "/* Runs one thing at a time; several contexts run at once. */",
        f"typedef struct {lower}_context {lower}_context;",
        "",
        f"/* Make a context in memory of the caller, {upper}_CONTEXT_BYTES aligned to {upper}_CONTEXT_ALIGN, or, where",
        f"   that is null, allocate it; nothing later. `*made` is null unless the result is 0.{weights} */",
        f"{upper}_API {create(product)};",
        "",
        "/* Run once. Inputs and outputs are the caller's, and no output shares bytes with another tensor. */",
        f"{upper}_API {run(product)};",
        "",
        *(reset if product.state_bytes else []),
        "/* End the threads of a context, and free what was allocated for it; it may be null. */",
        f"{upper}_API void {lower}_destroy({lower}_context *context);",
        "",
        "/* Write what a code means, with a zero at its end, into `size` bytes; returns how long it is without it. */",
        f"{upper}_API size_t {lower}_explain(int code, char *text, size_t size);",
        "",
        "#ifdef __cplusplus",
        "}",
        "#endif",
        "#endif",
    ]
    return "\n".join(lines) + "\n"
