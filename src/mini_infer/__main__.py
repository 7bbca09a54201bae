"""The program `mini-infer`, also as `python -m mini_infer`."""

import gc
import os
import sys

INTERRUPTED = 130

_YOUNG = 200_000
"""Objects between two looks for cycles: a large model is millions that all stay, and next to none are in cycles."""


def main() -> int:
    """Run the command line; an interrupt ends it in silence even while it is still being imported."""
    gc.set_threshold(_YOUNG, 30, 30)
    try:
        from mini_infer import cli

        status = cli.main()
        if status != INTERRUPTED:
            return status
        sys.stderr.flush()
    except KeyboardInterrupt:
        pass
    os._exit(INTERRUPTED)  # at once, whatever threads are doing; what was to be written is


if __name__ == "__main__":
    sys.exit(main())
