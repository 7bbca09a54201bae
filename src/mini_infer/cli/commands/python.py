"""Run a Python program whose models run here: `import onnxruntime` gives it mini_infer.onnxruntime.

The program is not changed. Its models are compiled once, in a process of their own, and kept in the cache; what cannot
be run is run by onnxruntime, and said once. Processes that the program starts by itself are not changed.

For example:

  mini-infer python app.py photo.jpg
  mini-infer python -m magika photo.jpg
"""

import argparse
import runpy
import sys
import traceback
from pathlib import Path

from mini_infer.errors import InputError, UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("-m", dest="module", nargs=argparse.REMAINDER, metavar="MODULE", help="run a module, by name")
    parser.add_argument(
        "program", nargs=argparse.REMAINDER, metavar="app.py ...", help="the program, and its own arguments"
    )


def run(args: argparse.Namespace) -> int:
    """Run the program; returns what it exits with."""
    is_module = args.module is not None
    words = args.module if is_module else args.program
    if not words:
        raise UsageError("name a program: mini-infer python app.py, or -m MODULE")
    if not is_module and not Path(words[0]).is_file():
        raise InputError(f"{words[0]}: there is no such program")

    import mini_infer.onnxruntime

    before, sys.argv = sys.argv, words
    kept = sys.modules.get("onnxruntime")
    sys.modules["onnxruntime"] = mini_infer.onnxruntime
    try:
        if is_module:
            sys.path.insert(0, str(Path.cwd()))
            runpy.run_module(words[0], run_name="__main__", alter_sys=True)
        else:
            sys.path.insert(0, str(Path(words[0]).resolve().parent))
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as done:
        if isinstance(done.code, str):
            sys.stderr.write(f"{done.code}\n")
            return 1
        return int(done.code or 0)
    except Exception:  # noqa: BLE001 - the program's own, said as Python says it
        traceback.print_exc()
        return 1
    finally:
        sys.argv = before
        del sys.path[0]
        if kept is None:
            del sys.modules["onnxruntime"]
        else:
            sys.modules["onnxruntime"] = kept
    return 0
