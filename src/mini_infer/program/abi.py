"""What native code and its caller have agreed on: a segment's function, and what it returns."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """Steps `[start, end)`, all native, and the C function that runs them (`None`: nothing to do).

    `parallel`: whether several threads do, so that it takes a thread pool. `interruptible`: whether it can be told that
    an interrupt ends it (see `codegen.interrupts`).
    """

    start: int
    end: int
    symbol: str | None
    parallel: bool = False
    interruptible: bool = False


UNUSABLE_BRANCH = 3
"""The error code of taking a branch that cannot run with the shapes around it."""

ERROR_MESSAGES = {
    1: "an index is out of range",
    2: "a sequence length is out of range",
    UNUSABLE_BRANCH: "this branch cannot run with the shapes that the model was compiled for: mini-infer doctor "
    "says which input chooses it, and the --fix that helps",
}
"""Error code → what it means, as the end of a sentence. A segment returns 256 times the step, and the code."""

INTERRUPTED = -2
"""What an interrupted segment returns."""

SHUTDOWN = "mini_infer_shutdown"
"""The exported function that joins the threads of a pool: `void mini_infer_shutdown(mi_thread_pool *)`."""

THREAD_POOL_BYTES = "mini_infer_thread_pool_bytes"
"""The exported `const long`: bytes of a pool. It starts at a multiple of 64."""
