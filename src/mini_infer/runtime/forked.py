"""What others were running when a process forked is over in the child: there is only the thread that forked."""

import os
import weakref
from typing import Protocol


class _Held(Protocol):
    def release(self) -> None:
        """Be free again, in a forked child."""


_held: "weakref.WeakSet[_Held]" = weakref.WeakSet()


def watch(held: _Held) -> None:
    """Call its `release` in every child that this process forks, as long as it lives."""
    _held.add(held)


def _forked() -> None:
    for each in list(_held):
        each.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
