"""Where the operands of one node lie, said in a way that no order of the steps changes.

What a kernel may be depends on the gaps between its operands' rows, and on which operands share bytes and how; not on
the step, nor on which buffer it is. So a node sees its operands in *storages* of its own, numbered as they are met and
each beginning with the first byte that an operand has there: the buffers 0, 1, … of a program of this node alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mini_infer.ir import Node
from mini_infer.ir.dims import at_least
from mini_infer.program import Space, View

Layout = tuple[tuple[str, int, int, tuple[int, ...]], ...]
"""Of each operand that has a place: its name, its storage, its first byte there, and its strides."""


@dataclass(frozen=True, slots=True)
class Site:
    """The operands of a node where a program has them.

    Parameters
    ----------
    views
        Their places in the program; constants and what is no tensor have none.
    storages
        What each of them lies in: the buffer or array, and the first byte that the node uses.
    layout
        The same, without saying where the storages are.
    """

    views: tuple[View, ...]
    storages: tuple[View, ...]
    layout: Layout

    @classmethod
    def of(cls, node: Node, places: Mapping[str, View]) -> "Site":
        """The site of a node, given where all values lie."""
        names = [name for name in dict.fromkeys((*node.inputs, *node.outputs)) if name in places]
        views = tuple(places[name] for name in names)
        keys = [(view.space, view.index) for view in views]
        storages: dict[tuple[Space, int], View] = {}
        for key, view in zip(keys, views, strict=True):
            first = storages.setdefault(key, view).offset
            if view.offset != first and at_least(first, view.offset):
                storages[key] = view
        numbers = {key: number for number, key in enumerate(storages)}
        layout = tuple(
            (name, numbers[key], view.offset - storages[key].offset, view.strides)
            for name, key, view in zip(names, keys, views, strict=True)
        )
        return cls(views, tuple(storages.values()), layout)

    def local(self) -> dict[str, View]:
        """Name → place, in the node's own storages."""
        return {
            name: View(Space.ARENA, number, offset, view.type, strides)
            for (name, number, offset, strides), view in zip(self.layout, self.views, strict=True)
        }

    def moved(self, view: View) -> View:
        """Where a view of one of the node's storages lies in the program."""
        storage = self.storages[view.index]
        return View(storage.space, storage.index, view.offset + storage.offset, view.type, view.strides)
