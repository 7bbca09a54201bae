"""A batch worked on one image after the other, in the bytes of one: where that is possible, and not slower.

All images at once read each weight once for all of them, which counts where a product has few rows; one at a time keep
what is between the layers near, which counts wherever that is large.
"""

from dataclasses import replace

from mini_infer.candidates import Lowered
from mini_infer.ir import Graph, Symbol, TensorType
from mini_infer.ir.dims import at
from mini_infer.ir.images import dependence
from mini_infer.machine import Machine
from mini_infer.program import Port, Program, Space


def batch_of(graph: Graph) -> Symbol | None:
    """The size that is the first axis of every input and output, if no image's results depend on another's."""
    if graph.states:  # which are one, whatever the batch
        return None
    kinds = [graph.types[name] for name in (*graph.inputs, *graph.outputs)]
    first = {kind.shape[0] if isinstance(kind, TensorType) and kind.shape else 0 for kind in kinds}
    size = first.pop() if len(first) == 1 else 0
    if not isinstance(size, int):
        (symbol, *others) = size.symbols
        if not others and symbol.step == 1 and symbol.dim == size and not dependence(graph, symbol):
            return symbol
    return None


def pays(lowered: Lowered, machine: Machine, images: int) -> bool:
    """Whether so many images one by one take no longer than all at once, as far as the objective minds.

    Parameters
    ----------
    lowered
        The program of one image.
    machine
        Says what reading takes.
    images
        That there are typically.
    """
    spent = lost = 0.0
    # What stays in a cache is read while it is multiplied with; what does not comes from memory for each image anew.
    weight_bytes = sum(constant.nbytes for constant in lowered.program.constants)
    again = machine.rates.read[-1] if weight_bytes > machine.near(len(machine.caches)) else 0.0
    for call in (call for step in lowered.program.steps for call in step.calls):
        kernel = at(call.kernel)
        weights = sum(view.type.bytes for view in call.operands if view.space is Space.CONSTANT)
        others = [at(view.type.bytes) for view in call.operands if view.space is not Space.CONSTANT]
        computing = machine.nanoseconds(kernel.performed, kernel.loads, 0) * machine.rates.clock
        reading = weights * again
        spent += max(computing, reading)
        lost += max(0.0, reading - computing) * (1 - 1 / images)
        lost -= sum(size * (machine.read_cycles(size * images) - machine.read_cycles(size)) for size in others)
    return lost <= lowered.objective.slowdown * spent


def repeated(lowered: Lowered, batch: Symbol) -> Lowered:
    """The program of one image, run once for each of a batch."""
    program = lowered.program
    symbols = tuple(sorted((*program.symbols, batch)))
    sizes = program.sizes or tuple(buffer.size for buffer in program.problem.buffers)
    inputs, outputs = (tuple(_of_all(port, batch) for port in ports) for ports in (program.inputs, program.outputs))
    made = replace(program, inputs=inputs, outputs=outputs, symbols=symbols, sizes=sizes, images=batch.dim)
    noted = f"one of {batch.name} at a time: none depends on another, and the bytes are those of one"
    return replace(lowered, program=made).noted(noted)


def can_repeat(program: Program) -> bool:
    """Whether every step is native: an interpreted one would be between the images."""
    return all(step.native for step in program.steps)


def _of_all(port: Port, batch: Symbol) -> Port:
    kind = port.type
    assert isinstance(kind, TensorType)  # noqa: S101 - `batch_of` has looked
    return replace(port, type=replace(kind, shape=(batch.dim, *kind.shape[1:])))
