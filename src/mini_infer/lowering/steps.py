"""Selected kernels → steps of a program: their operands where the program has them, its workspaces and constants."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.splats import is_splat
from mini_infer.lowering.builder import ConstantPool
from mini_infer.lowering.flatten import shown
from mini_infer.lowering.selected import Selected
from mini_infer.lowering.site import Site
from mini_infer.memory import Buffer
from mini_infer.program import Call, Constant, ControlKind, Space, Step, View


@dataclass(slots=True)
class StepWriter:
    """Writes one step after the other; `pool`, `buffers` and their `sizes` are the program's, so far."""

    pool: ConstantPool
    buffers: list[Buffer]
    sizes: list[int]
    alignment: int
    count: int = field(default=0, init=False)

    def step(self, node: Node, site: Site, selected: Selected) -> Step:
        """The next step: what was selected, where the program has its operands, its workspaces and its constants."""
        constants = [self.pool.add(constant) for constant in selected.constants]
        first = len(self.buffers) - len(site.storages)

        def placed(view: View) -> View:
            if view.space is not Space.CONSTANT and view.index < len(site.storages):
                return site.moved(view)
            index = constants[view.index] if view.space is Space.CONSTANT else first + view.index
            return View(view.space, index, view.offset, view.type, view.strides)

        self.buffers += [
            Buffer(
                f"{node.name}/workspace{position}",
                kind.most_bytes,
                self.count,
                self.count + 1,
                alignment=max(self.alignment, kind.dtype.numpy.itemsize),
            )
            for position, kind in enumerate(selected.workspaces)
        ]
        self.sizes += [kind.bytes for kind in selected.workspaces]
        self.count += 1
        calls = tuple(Call(call.kernel, tuple(map(placed, call.operands))) for call in selected.calls)
        control = selected.control
        if control is not None:
            control = replace(control, operands=tuple(map(placed, control.operands)))
        return Step(shown(node), calls, selected.interpreted_because, control)


def matched(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps, each control step told where its partner is."""
    partners = list(range(len(steps)))
    open_steps: list[int] = []
    for index, step in enumerate(steps):
        kind = step.control.kind if step.control else None
        if kind in {ControlKind.ELSE, ControlKind.END_IF, ControlKind.END_LOOP}:
            opened = open_steps.pop()
            partners[opened] = index
            partners[index] = opened
        if kind in {ControlKind.IF, ControlKind.ELSE, ControlKind.LOOP}:
            open_steps.append(index)
    return tuple(
        replace(step, control=replace(step.control, partner=partner)) if step.control else step
        for step, partner in zip(steps, partners, strict=True)
    )


def constant_values(graph: Graph, pool: ConstantPool) -> dict[str, View]:
    """Where the interpreter finds each constant: packed if a kernel packed it, else as the model has it."""
    found = {constant.name: index for index, constant in reversed(list(enumerate(pool.entries)))}
    values = {}
    for name, kind in graph.types.items():
        if name not in graph.constants:
            continue
        if is_splat(graph.constants[name]):
            values[name] = pool.view(name)
        elif isinstance(kind, TensorType):
            values[name] = View(Space.CONSTANT, found[name] if name in found else pool.view(name).index, 0, kind)
        else:
            pool.add(Constant(name, graph.constants[name]))  # strings, say: the interpreter finds it by name
    return values
