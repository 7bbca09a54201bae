"""`python -m mini_infer` is `mini-infer`."""

import sys

from mini_infer.cli import main

if __name__ == "__main__":
    sys.exit(main())
