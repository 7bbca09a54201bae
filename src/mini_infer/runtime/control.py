"""Control flow of interpreted programs: what a control step makes of the position in the program."""

from collections.abc import Callable

from mini_infer.errors import InputError
from mini_infer.program import Control, ControlKind
from mini_infer.program.abi import ERROR_MESSAGES, UNUSABLE_BRANCH
from mini_infer.runtime.storage import Storage


def jump(control: Control, step: int, storage: Storage) -> Callable[[], int]:
    """A function that does what the control step says and returns the step to go on with.

    Parameters
    ----------
    control
        Of the step; `step` is its index.
    storage
        Where its operands are.
    """
    after = control.partner + 1

    def if_() -> int:
        return step + 1 if storage.array(control.operands[0]) else after

    def loop() -> int:
        trips, condition, iteration = map(storage.array, control.operands)
        done = storage.repetitions.pop(step, 0)
        if done < trips and condition:
            iteration[...] = done
            storage.repetitions[step] = done + 1
            return step + 1
        return after

    def append() -> int:
        source, target, iteration = map(storage.array, control.operands)
        target[int(iteration)] = source
        return step + 1

    def fail() -> int:
        raise InputError(f"step {step}: {ERROR_MESSAGES[UNUSABLE_BRANCH]}")

    return {
        ControlKind.IF: if_,
        ControlKind.ELSE: lambda: after,
        ControlKind.END_IF: lambda: step + 1,
        ControlKind.LOOP: loop,
        ControlKind.END_LOOP: lambda: control.partner,
        ControlKind.APPEND: append,
        ControlKind.FAIL: fail,
    }[control.kind]
