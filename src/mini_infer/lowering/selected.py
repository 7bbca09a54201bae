"""What computes one node, on values: the kernels that its lowering function chooses, or why there are none."""

import logging
from dataclasses import dataclass
from functools import lru_cache

from mini_infer.ir import Node, TensorType, UndecidedError
from mini_infer.ir.alias import is_view
from mini_infer.lowering.builder import Builder, NotNativeError, StridedError
from mini_infer.lowering.flatten import CONTROL_DOMAIN, shown
from mini_infer.lowering.registry import LOWERINGS
from mini_infer.machine import Machine
from mini_infer.program import Call, Constant, Control, ControlKind
from mini_infer.program.kernels import Kernel
from mini_infer.program.kernels.rules import KernelError, LimitError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Selected:
    """What computes a node, on values.

    The views of calls and control lie in the node's storages, as numbered by its site, then in its workspaces, or in
    its constants. Neither calls nor control nor a reason: the node is no work at all.

    Parameters
    ----------
    calls
        In this order.
    control
        Of a marker, without its partner.
    workspaces, constants
        What it needs besides.
    interpreted_because
        Why there are no calls.
    strided
        The value that must have bytes of its own before there is anything to select; empty: none.
    """

    calls: tuple[Call, ...] = ()
    control: Control | None = None
    workspaces: tuple[TensorType, ...] = ()
    constants: tuple[Constant, ...] = ()
    interpreted_because: str = ""
    strided: str = ""


def lowered(node: Node, builder: Builder) -> Selected:
    """What computes a node: nothing, native calls, control flow, or the reason why it is interpreted."""
    if is_view(node) and _same_bytes(node, builder):
        return Selected()
    try:
        node = shown(node)
        if node.domain == CONTROL_DOMAIN:
            return Selected(control=_control(node, builder), constants=tuple(builder.pool.entries))
        lowering = LOWERINGS.get((node.domain, node.op))
        if lowering is None:
            raise NotNativeError(f"no native kernel for {node.op}")
        shapes = [builder.type(name).shape for name in node.writes]
        if all(0 in shape for shape in shapes):
            return Selected()
        calls = tuple(lowering(node, builder))
        for call in calls:
            if excess := _excess(call.kernel, builder.machine):
                raise NotNativeError(excess)
        workspaces = tuple(view.type for view in builder.workspaces)
        return Selected(calls, workspaces=workspaces, constants=tuple(builder.pool.entries))
    except (NotNativeError, UndecidedError) as reason:
        _log.info("%s (%s) is interpreted: %s", node.name, node.op, reason)
        asked = "its kernel asks " if isinstance(reason, UndecidedError) else ""
        return Selected(interpreted_because=f"{asked}{reason}")
    except StridedError as error:
        return Selected(strided=str(error))


def _same_bytes(node: Node, builder: Builder) -> bool:
    source, target = builder.places.get(node.inputs[0]), builder.places.get(node.outputs[0])
    return source is not None and target is not None and source.same_bytes(target)


def _control(node: Node, builder: Builder) -> Control:
    """A marker's operands; its partner is found when all are placed."""
    kind = ControlKind(node.op)
    names: tuple[str, ...] = ()
    match kind:
        case ControlKind.IF:
            names = node.inputs
        case ControlKind.LOOP:
            names = (*node.inputs, node.outputs[0])
        case ControlKind.APPEND:
            names = (node.inputs[0], node.outputs[0], node.inputs[1])
    return Control(kind, tuple(builder.view(name) for name in names), -1)


@lru_cache(maxsize=4096)
def _excess(kernel: Kernel, machine: Machine) -> str:
    """Why C is not written for a kernel of such sizes; what else may be wrong with one, the validator tells."""
    try:
        kernel.verified(machine)
    except LimitError as error:
        return str(error)
    except KernelError:
        return ""
    return ""
