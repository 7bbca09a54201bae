"""`net.json`: what the export is made of and takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from mini_infer.export.network import Network, Tensor, weight_bytes
from mini_infer.export.sizes import Sizes
from mini_infer.export.weight_file import WeightFile

EXPORT_SCHEMA = "mini-infer/export/1"


def record(
    network: Network,
    file: WeightFile,
    functions: Sequence[str],
    files: Sequence[str],
    bounds: Mapping[str, float],
    sizes: Sizes | None,
) -> dict[str, Any]:
    """What the export is made of; sizes in bytes; `file` is that of the constants, where they are one."""
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
        **({"pools": _pools(network)} if network.has_pools else {}),
        "lower_bound_bytes": plan.lower_bound,
        "optimal": plan.optimal,
        "strategy": plan.strategy,
        "io": "arena" if network.in_arena else "caller",
        "state_bytes": network.state_bytes,
        "input_bytes": sum(each.type.bytes for each in network.inputs),
        "output_bytes": sum(each.type.bytes for each in network.outputs),
        "ram_bytes": network.ram,
        "weights": "bin" if network.in_file else "arrays",
        "constant_bytes": file.nbytes if network.in_file else weight_bytes(file.arrays),
        **({} if sizes is None else _measured(sizes)),
        "inputs": [port_record(each) for each in network.inputs],
        "outputs": [{**port_record(each), "tolerance": bounds[each.name]} for each in network.outputs],
        "constants": [
            {
                "name": constant.name,
                "array": name,
                "type": constant.value.dtype.name,
                "shape": list(constant.shape),
                "bytes": constant.nbytes,
                **({"offset": file.offsets[name]} if network.in_file else {}),
            }
            for name, constant in file.arrays.items()
        ],
        "steps": len(program.steps),
        "operations": sum(costs),
        "largest_step": None
        if largest is None
        else {"step": largest, "node": program.steps[largest].node.name, "operations": costs[largest]},
        "functions": list(functions),
    }


def _pools(network: Network) -> list[dict[str, Any]]:
    """What lies in each of several arenas."""
    plan = network.plan
    return [
        {
            "name": placed.name,
            "bytes": placed.size,
            "capacity": pool.capacity,
            "buffers": len(placed.members),
            "traffic_bytes": sum(plan.problem.buffers[index].worth for index in placed.members),
        }
        for placed, pool in zip(plan.pools, plan.problem.pools, strict=True)
    ]


def _measured(sizes: Sizes) -> dict[str, Any]:
    return {"code_bytes": sizes.code, "stack_bytes": sizes.stack, "compiled_by": sizes.compiler}


def port_record(tensor: Tensor) -> dict[str, Any]:
    """What an input or output is."""
    return {
        "name": tensor.name,
        "parameter": tensor.called,
        "type": tensor.type.dtype.value,
        "shape": list(tensor.type.shape),
        "bytes": tensor.type.bytes,
        **({} if tensor.offset is None else {"offset": tensor.offset}),
        **({"pool": tensor.pool} if tensor.pool else {}),
        **({} if tensor.scale is None else {"scale": tensor.scale[0], "zero_point": tensor.scale[1]}),
    }
