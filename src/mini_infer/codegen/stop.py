"""How an interrupt from the keyboard ends a run: a flag that long programs look at between their steps.

While native code runs, Python's own handler only takes a note of the signal. A program with loops, or with much to do,
is therefore told when it runs in the thread that gets the interrupt: it puts a handler of its own before Python's,
which sets the flag, and takes it away at its end. What takes microseconds has none of this.
"""

STOPPED = -2
"""What a segment returns that was interrupted."""

LONG_NS = 20_000_000
"""Estimated nanoseconds from which steps without a loop are worth stopping."""

STEP_NS = 100_000
"""Estimated nanoseconds from which a step looks at the flag before it begins."""

LOOK = f"  if (*stop) return {STOPPED};"
"""A look at the flag, by a thread that is alone; a team looks where it meets."""

POSIX = "#define _POSIX_C_SOURCE 200809L\n"
"""What a file with `SUPPORT` begins with: C11 alone has no signals to catch."""


def watched(run: str) -> str:
    """Statements that watch while `run` lasts, if `watch` says so, and return what it gives; it is told the `flag`."""
    return (
        "  const int watching = watch && mi_watch();\n"
        "  const volatile sig_atomic_t *const flag = watching ? &mi_stopped : &mi_going;\n"
        f"  const int result = {run};\n"
        "  if (watching) mi_look_away();\n"
        "  return result;\n"
    )


SUPPORT = """\
/* An interrupt from the keyboard: watched for while a run lasts that is told to. */
#include <signal.h>
static volatile sig_atomic_t mi_stopped;
static const volatile sig_atomic_t mi_going;

#if defined(_WIN32)
__declspec(dllimport) int __stdcall SetConsoleCtrlHandler(int(__stdcall *handler)(unsigned long), int add);
static int __stdcall mi_interrupt(unsigned long event) {
    if (event == 0) mi_stopped = 1;
    return 0; /* Python's turn */
}
static int mi_watch(void) {
    mi_stopped = 0;
    return SetConsoleCtrlHandler(mi_interrupt, 1);
}
static void mi_look_away(void) { SetConsoleCtrlHandler(mi_interrupt, 0); }
#else
static struct sigaction mi_before;
static void mi_interrupt(int number) {
    mi_stopped = 1;
    mi_before.sa_handler(number); /* Python's */
}
static int mi_watch(void) {
    if (sigaction(SIGINT, 0, &mi_before) || mi_before.sa_flags & SA_SIGINFO) return 0;
    if (mi_before.sa_handler == SIG_DFL || mi_before.sa_handler == SIG_IGN) return 0;
    struct sigaction own = mi_before;
    own.sa_handler = mi_interrupt;
    mi_stopped = 0;
    return !sigaction(SIGINT, &own, 0);
}
static void mi_look_away(void) { sigaction(SIGINT, &mi_before, 0); }
#endif
"""
