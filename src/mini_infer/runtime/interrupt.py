"""Whether an interrupt from the keyboard is this thread's to obey."""

import signal
import threading


def ends_runs() -> bool:
    """Whether Ctrl-C now means a `KeyboardInterrupt` in this thread, so that a run in it is to be interruptible.

    Only the main thread gets it, and only where the program has not put a handler of its own, which may not want the
    run to end.
    """
    here = threading.get_ident() == threading.main_thread().ident
    return here and signal.getsignal(signal.SIGINT) is signal.default_int_handler
