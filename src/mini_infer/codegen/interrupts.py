"""How an interrupt from the keyboard ends a run: a flag that long programs check between their steps.

While native code runs, Python's own handler only records the signal. A program with loops, or with much to do, is
therefore told when it runs in the thread that gets the interrupt: it installs a handler of its own before Python's,
which sets the flag, and restores Python's at its end. What takes microseconds has none of this.
"""

from mini_infer.program.abi import INTERRUPTED

MIN_RUN_NS = 20_000_000
"""Estimated nanoseconds from which a segment without a loop can be interrupted."""

MIN_STEP_NS = 100_000
"""Estimated nanoseconds from which a step checks the flag before it begins."""

CHECK = f"  if (*interrupted) return {INTERRUPTED};"
"""A check of the flag, in serial code; a thread pool checks it at its barriers."""

POSIX = "#define _POSIX_C_SOURCE 200809L\n"
"""What a file with `SUPPORT` begins with: C11 alone has no signals to catch."""


def interruptible(run: str) -> str:
    """Statements that return the result of `run`; if the C parameter `interruptible` is 1, an interrupt sets `flag`."""
    return (
        "  const int installed = interruptible && mi_install_handler();\n"
        "  const volatile sig_atomic_t *const flag = installed ? &mi_interrupted : &mi_not_interrupted;\n"
        f"  const int result = {run};\n"
        "  if (installed) mi_restore_handler();\n"
        "  return result;\n"
    )


SUPPORT = """\
/* An interrupt from the keyboard sets a flag while an interruptible run lasts. */
#include <signal.h>
static volatile sig_atomic_t mi_interrupted;
static const volatile sig_atomic_t mi_not_interrupted;

#if defined(_WIN32)
__declspec(dllimport) int __stdcall SetConsoleCtrlHandler(int(__stdcall *handler)(unsigned long), int add);
static int __stdcall mi_handle_interrupt(unsigned long event) {
    if (event == 0) mi_interrupted = 1;
    return 0; /* Python's turn */
}
static int mi_install_handler(void) {
    mi_interrupted = 0;
    return SetConsoleCtrlHandler(mi_handle_interrupt, 1);
}
static void mi_restore_handler(void) { SetConsoleCtrlHandler(mi_handle_interrupt, 0); }
#else
static struct sigaction mi_previous;
static void mi_handle_interrupt(int number) {
    mi_interrupted = 1;
    mi_previous.sa_handler(number); /* Python's */
}
static int mi_install_handler(void) {
    if (sigaction(SIGINT, 0, &mi_previous) || mi_previous.sa_flags & SA_SIGINFO) return 0;
    if (mi_previous.sa_handler == SIG_DFL || mi_previous.sa_handler == SIG_IGN) return 0;
    struct sigaction own = mi_previous;
    own.sa_handler = mi_handle_interrupt;
    mi_interrupted = 0;
    return !sigaction(SIGINT, &own, 0);
}
static void mi_restore_handler(void) { sigaction(SIGINT, &mi_previous, 0); }
#endif
"""
