"""The program `mini-infer`, also as `python -m mini_infer`."""

import sys


def main() -> int:
    """Run the command line; an interrupt ends it in silence even while it is still being imported."""
    try:
        from mini_infer import cli

        return cli.main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
