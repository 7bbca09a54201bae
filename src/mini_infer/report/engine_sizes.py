"""What an engine takes, from its header alone, as text and JSON."""

from typing import Any

from mini_infer.report.sizes import exact_bytes
from mini_infer.runtime import Sizes

SIZES_SCHEMA = "mini-infer/sizes/1"


def sizes_record(engine: str, sizes: Sizes) -> dict[str, Any]:
    """Sizes in bytes; `context_bytes` is what each further context takes, arena and state."""
    return {
        "schema": SIZES_SCHEMA,
        "engine": engine,
        "model": sizes.title,
        "target": sizes.target,
        "engine_bytes": sizes.file_bytes,
        "weight_bytes": sizes.weight_bytes,
        "context_bytes": sizes.context_bytes,
        "variants": [
            {
                "profile": variant.name,
                "arena_bytes": variant.memory.arena,
                "state_bytes": variant.memory.state,
                "input_bytes": variant.memory.inputs,
                "output_bytes": variant.memory.outputs,
                "total_bytes": variant.memory.total,
                "inputs": {name: str(kind) for name, kind in variant.inputs.items()},
                "outputs": {name: str(kind) for name, kind in variant.outputs.items()},
            }
            for variant in sizes.variants
        ],
    }


def sizes_text(engine: str, sizes: Sizes) -> str:
    """The same for people."""
    lines = [f"{engine}: {exact_bytes(sizes.file_bytes)} bytes, for {sizes.target}", ""]
    rows = [("weights", sizes.weight_bytes, "mapped from the file, once for all processes that run it")]
    for variant in sizes.variants:
        of = f" of {variant.name}" if variant.name else ""
        rows.append((f"arena{of}", variant.memory.arena, "each context"))
        if variant.memory.state:
            rows.append((f"state{of}", variant.memory.state, "each context, from run to run"))
        given, made = (
            ", ".join(f"{name}: {kind}" for name, kind in ports.items()) for ports in (variant.inputs, variant.outputs)
        )
        rows += [(f"inputs{of}", variant.memory.inputs, given), (f"outputs{of}", variant.memory.outputs, made)]
    width, digits = max(len(name) for name, *_ in rows), max(len(exact_bytes(size)) for _, size, _ in rows)
    lines += [f"{name:<{width}}  {exact_bytes(size):>{digits}}  {note}".rstrip() for name, size, note in rows]
    return "\n".join(lines) + "\n"
