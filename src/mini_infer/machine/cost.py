"""What a call costs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call has to do, and how long one thread should take for it.

    Parameters
    ----------
    operations
        Of the plain algorithm: a multiplication and an addition are two.
    bytes
        That it touches of its operands.
    nanoseconds
        On a machine, to call it left out.
    """

    operations: int
    bytes: int
    nanoseconds: int
