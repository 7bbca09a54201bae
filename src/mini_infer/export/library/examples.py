"""Examples that call a library: in C, in C++ and in Rust. Each runs once on zeros, and prints what came first."""

from mini_infer.export.header import length
from mini_infer.export.library.product import Product
from mini_infer.export.library.template import fill
from mini_infer.export.network import Tensor

_C = """\
/* @NAME@ in C; made by mini-infer @VERSION@ export --library. */
#include <stdio.h>

#include "@NAME@.h"

@ARRAYS@
int main(@PARAMETERS@) {
@CHECK@  @NAME@_context *context;
  int code = @NAME@_create(&context, @PATH@NULL);
  if (code == 0) code = @NAME@_run(@TENSORS@context);
  if (code != 0) {
    char text[200];
    @NAME@_explain(code, text, sizeof text);
    fprintf(stderr, "@NAME@: %s\\n", text);
    return 1;
  }
  printf("%g\\n", (double)out_0[0]);
  @NAME@_destroy(context);
  return 0;
}
"""

_CPP = """\
/* @NAME@ in C++17; made by mini-infer @VERSION@ export --library. */
#include <cstdint>
#include <iostream>
#include <vector>

#include "@NAME@.hpp"

int main(@PARAMETERS@) {
@CHECK@@VECTORS@#ifdef @UPPER@_NO_EXCEPTIONS
  @NAME@::Engine engine@GIVEN@;
  if (const int code = engine.run(@PORTS@)) {
    std::cerr << @NAME@::explain(code) << '\\n';
    return 1;
  }
#else
  try {
    @NAME@::Engine engine@GIVEN@;
    engine.run(@PORTS@);
  } catch (const @NAME@::Error &error) {
    std::cerr << error.what() << '\\n';
    return 1;
  }
#endif
  std::cout << static_cast<double>(out_0[0]) << '\\n';
  return 0;
}
"""

_RUST = """\
// @NAME@ in Rust; made by mini-infer @VERSION@ export --library.
use std::ffi::{@IMPORTS@c_int, c_void};

#[link(name = "@NAME@")]
extern "C" {
    fn @NAME@_create(made: *mut *mut c_void, @FOREIGN_PATH@memory: *mut c_void) -> c_int;
    fn @NAME@_run(@FOREIGN@context: *mut c_void) -> c_int;
    fn @NAME@_destroy(context: *mut c_void);
}

fn main() {
@RUST_PATH@@RUST_VECTORS@    let mut context = std::ptr::null_mut();
    let code = unsafe {
        match @NAME@_create(&mut context, @RUST_GIVEN@std::ptr::null_mut()) {
            0 => @NAME@_run(@RUST_PORTS@context),
            code => code,
        }
    };
    unsafe { @NAME@_destroy(context) };
    if code != 0 {
        eprintln!("@NAME@: code {code}");
        std::process::exit(1);
    }
    println!("{}", out_0[0]);
}
"""

_CHECK = """\
  if (argc != 2) return 2; /* the path of @NAME@.weights */
"""

_RUST_PATH = """\
    let path = std::env::args().nth(1).expect("the path of @NAME@.weights");
    let path = CString::new(path).unwrap();
"""

_RUST_TYPES = {"float": "f32", "double": "f64"}


def in_c(product: Product) -> str:
    """The text of the example in C."""
    return _filled(_C, product)


def in_cplusplus(product: Product) -> str:
    """The text of the example in C++."""
    return _filled(_CPP, product)


def in_rust(product: Product) -> str:
    """The text of the example in Rust."""
    return _filled(_RUST, product)


def _filled(text: str, product: Product) -> str:
    ports = [("in", index, each) for index, each in enumerate(product.inputs)]
    ports += [("out", index, each) for index, each in enumerate(product.outputs)]
    inside = product.inside
    names = [f"{kind}_{index}" for kind, index, _ in ports]
    foreign = [
        f"{name}: *{'const' if kind == 'in' else 'mut'} {_rust(each)}, "
        for (kind, _, each), name in zip(ports, names, strict=True)
    ]
    return fill(
        text,
        product,
        ARRAYS="".join(f"static {each.c_type} {kind}_{index}[{length(each)}];\n" for kind, index, each in ports),
        VECTORS="".join(f"  std::vector<{each.c_type}> {kind}_{i}({length(each)});\n" for kind, i, each in ports),
        RUST_VECTORS="".join(
            f"    let {'mut ' if kind == 'out' else ''}{kind}_{index} = vec![0 as {_rust(each)}; {length(each)}];\n"
            for kind, index, each in ports
        ),
        PARAMETERS=("" if "std::" in text else "void") if inside else "int argc, char **argv",
        CHECK="" if inside else _CHECK,
        PATH="" if inside else "argv[1], ",
        GIVEN="" if inside else "(argv[1])",
        TENSORS="".join(f"{name}, " for name in names),
        PORTS=", ".join(names),
        IMPORTS="" if inside else "c_char, CString, ",
        FOREIGN_PATH="" if inside else "weights: *const c_char, ",
        FOREIGN="".join(foreign),
        RUST_PATH="" if inside else _RUST_PATH,
        RUST_GIVEN="" if inside else "path.as_ptr(), ",
        RUST_PORTS="".join(f"{name}.as_{'mut_' if 'out' in name else ''}ptr(), " for name in names),
    )


def _rust(tensor: Tensor) -> str:
    """The type of its elements in Rust."""
    kind = tensor.c_type
    return _RUST_TYPES.get(kind) or f"{'u' if kind.startswith('u') else 'i'}{''.join(filter(str.isdigit, kind))}"
