"""`net.json`: what the libraries are made of and take."""

from collections.abc import Mapping
from typing import Any

from mini_infer.export.library.product import Product
from mini_infer.export.library.systems import ALIGNMENT, Edition
from mini_infer.export.record import port_record

LIBRARY_SCHEMA = "mini-infer/library/1"


def record(product: Product, sizes: Mapping[str, Mapping[str, int]], bounds: Mapping[str, float]) -> dict[str, Any]:
    """What the libraries are made of; sizes in bytes.

    Parameters
    ----------
    sizes
        Name of a system → name of a file of its folder → bytes.
    bounds
        How far the numbers of each output may be from the recorded ones.
    """
    return {
        "schema": LIBRARY_SCHEMA,
        "model": product.model,
        "name": product.names.lower,
        "weights": "inside" if product.inside else "beside",
        "threads": product.threads,
        "context_bytes": product.context_bytes,
        "context_alignment": ALIGNMENT,
        "arena_bytes": product.arena_bytes,
        "state_bytes": product.state_bytes,
        "inputs": [port_record(each) for each in product.inputs],
        "outputs": [{**port_record(each), "tolerance": bounds[each.name]} for each in product.outputs],
        "systems": [
            {
                "system": system.name,
                "compiler": compiler.version,
                "weight_bytes": system.constants.nbytes,
                "files": [{"name": name, "bytes": size} for name, size in sizes[system.name].items()],
                "editions": [_edition(edition) for edition in system.editions],
            }
            for system, compiler in zip(product.systems, product.compilers, strict=True)
        ],
    }


def _edition(edition: Edition) -> dict[str, Any]:
    plan = edition.network.plan
    return {
        "target": edition.called,
        "features": list(edition.target.features),
        "vector_bytes": edition.target.machine.vector_bytes,
        "steps": len(edition.network.program.steps),
        "threads": edition.target.threads if edition.parallel else 1,
        "arena_bytes": plan.size,
        "lower_bound_bytes": plan.lower_bound,
        "optimal": plan.optimal,
        "strategy": plan.strategy,
    }
