"""What all kernel descriptions have in common."""


class Kernel:
    """What one call computes, with every size, stride and option fixed at build time.

    Each subclass is a frozen dataclass; its docstring says in which order its operands come: reads first, then writes.
    Equal descriptions share one C function. Strides and sizes are in elements.
    """

    __slots__ = ()

    @property
    def multiply_adds(self) -> int:
        """Products that the operator's definition sums up, however that is done; 0 where it has none to speak of."""
        return 0
