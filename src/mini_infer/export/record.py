"""`net.json`: what the export is made of and takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from mini_infer.export.network import Network, Tensor, weight_bytes
from mini_infer.program import Constant

EXPORT_SCHEMA = "mini-infer/export/1"


def record(
    network: Network,
    arrays: Mapping[str, Constant],
    functions: Sequence[str],
    files: Sequence[str],
    bounds: Mapping[str, float],
) -> dict[str, Any]:
    """What the export is made of; sizes in bytes."""
    plan, program = network.plan, network.program
    costs = [sum(call.cost(network.machine).operations for call in step.calls) for step in program.steps]
    largest = max(range(len(costs)), key=costs.__getitem__, default=None)
    return {
        "schema": EXPORT_SCHEMA,
        "model": network.model,
        "name": network.names.lower,
        "target": str(network.machine),
        "plain": network.is_plain,
        "files": list(files),
        "arena_bytes": plan.size,
        "arena_alignment": network.alignment,
        "lower_bound_bytes": plan.lower_bound,
        "optimal": plan.optimal,
        "strategy": plan.strategy,
        "io": "arena" if network.in_arena else "caller",
        "state_bytes": network.state_bytes,
        "input_bytes": sum(each.type.bytes for each in network.inputs),
        "output_bytes": sum(each.type.bytes for each in network.outputs),
        "ram_bytes": network.ram,
        "constant_bytes": weight_bytes(arrays),
        "inputs": [_port(each) for each in network.inputs],
        "outputs": [{**_port(each), "tolerance": bounds[each.name]} for each in network.outputs],
        "constants": [
            {
                "name": constant.name,
                "array": name,
                "type": constant.value.dtype.name,
                "shape": list(constant.shape),
                "bytes": constant.nbytes,
            }
            for name, constant in arrays.items()
        ],
        "steps": len(program.steps),
        "operations": sum(costs),
        "largest_step": None
        if largest is None
        else {"step": largest, "node": program.steps[largest].node.name, "operations": costs[largest]},
        "functions": list(functions),
    }


def _port(tensor: Tensor) -> dict[str, Any]:
    return {
        "name": tensor.name,
        "parameter": tensor.called,
        "type": tensor.type.dtype.value,
        "shape": list(tensor.type.shape),
        "bytes": tensor.type.bytes,
        **({} if tensor.offset is None else {"offset": tensor.offset}),
    }
