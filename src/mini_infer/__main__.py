"""The program `mini-infer`, also as `python -m mini_infer`."""

import os
import sys

INTERRUPTED = 130


def main() -> int:
    """Run the command line; an interrupt ends it in silence even while it is still being imported."""
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
