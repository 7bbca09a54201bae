"""A model as libraries for applications: the code that engines run, contexts, and what programs are built with."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import numpy as np

from mini_infer.export import folder
from mini_infer.export.library import code, cplusplus, examples, interface, packages, weights
from mini_infer.export.library.product import Product
from mini_infer.export.library.record import LIBRARY_SCHEMA, record
from mini_infer.export.library.systems import System
from mini_infer.export.library.trial import trial
from mini_infer.export.selftest import bound
from mini_infer.toolchain import Compiler, Libraries, Part, build_libraries

__all__ = ["LIBRARY_SCHEMA", "Product", "System", "libraries", "parts", "write"]


def parts(product: Product, of: System) -> Sequence[Part]:
    """What a system's libraries are compiled of."""
    lower = product.names.lower
    own = {f"{lower}.h": interface.header(product), f"{lower}_library.c": code.source(product, of)}
    made = [Part(edition.source.files, edition.target) for edition in of.editions]
    made.append(Part(own, of.base))
    return [*made, weights.part(product, of)] if product.inside else made


def write(
    product: Product, path: Path, given: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]
) -> tuple[dict[str, object], dict[str, int]]:
    """Build the libraries and write them into a folder, with a test on these inputs and outputs.

    Returns the report, and the bytes of each file. Errors are those of `build_libraries` and `folder.write`.
    """
    lower = product.names.lower
    bounds = {each.name: bound(each, expected[each.name]) for each in product.outputs}
    with ExitStack() as stack:
        binaries: dict[str, Iterable[str | bytes | memoryview]] = {}
        sizes: dict[str, dict[str, int]] = {}
        for of, compiler in zip(product.systems, product.compilers, strict=True):
            built = stack.enter_context(libraries(product, of, compiler))
            sizes[of.name] = {each.name: each.stat().st_size for each in built.paths}
            binaries |= {f"lib/{of.name}/{each.name}": _read(each) for each in built.paths}
            if not product.inside:
                name = f"{lower}.weights"
                sizes[of.name][name] = weights.HEAD_BYTES + of.constants.nbytes
                binaries[f"lib/{of.name}/{name}"] = weights.file(product, of)
        report = record(product, sizes, bounds)
        texts = {
            f"include/{lower}.h": [interface.header(product)],
            f"include/{lower}.hpp": [cplusplus.header(product)],
            f"examples/{lower}.c": [examples.in_c(product)],
            f"examples/{lower}.cpp": [examples.in_cplusplus(product)],
            f"examples/{lower}.rs": [examples.in_rust(product)],
            f"lib/cmake/{lower}/{lower}-config.cmake": [packages.cmake(product)],
            **{f"lib/{of.name}/pkgconfig/{lower}.pc": [packages.pkg_config(product, of)] for of in product.systems},
            f"{lower}_test.c": trial(product, given, expected),
            f"{lower}.json": [json.dumps(report, indent=2, allow_nan=False) + "\n"],
            "README.md": [packages.readme(product)],
        }
        return report, folder.write(path, {**texts, **binaries})


def libraries(
    product: Product, of: System, compiler: Compiler, *, sanitize: bool = False
) -> AbstractContextManager[Libraries]:
    """Build a system's libraries, as `build_libraries` does."""
    return build_libraries(product.names.lower, parts(product, of), compiler, of.base, sanitize=sanitize)


def _read(path: Path) -> Iterator[bytes]:
    """A file in one piece: Linux keeps in large pages what is written at once, and runs are up to 10 % faster."""
    yield path.read_bytes()
