"""What the private cache holds: engines that load_or_compile made, and native code. --clear empties it.

For example:

  mini-infer cache
  mini-infer cache --clear
"""

import argparse
import time
from typing import Any

from mini_infer.cli import output
from mini_infer.report.sizes import exact_bytes, short_bytes
from mini_infer.runtime import store
from mini_infer.toolchain import CacheInfo, cache_info, clear_cache

CACHE_SCHEMA = "mini-infer/cache/1"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--clear", action="store_true", help="remove all of it; what is needed is made again")
    output.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Say what there is, and remove it where that is asked."""
    info, engines = cache_info(), sorted(store.entries(), key=lambda each: -each.used)
    if args.clear:
        clear_cache()
        store.clear()
    output.tell(
        args, lambda: record(info, engines, cleared=args.clear), lambda: text(info, engines, cleared=args.clear)
    )
    return 0


def record(info: CacheInfo, engines: list[store.Kept], *, cleared: bool) -> dict[str, Any]:
    """What there is, or was before it was cleared; sizes in bytes, times in seconds since the epoch."""
    return {
        "schema": CACHE_SCHEMA,
        "path": str(info.path),
        "cleared": cleared,
        "libraries": info.entries,
        "library_bytes": info.bytes,
        "engine_bytes": sum(each.bytes for each in engines),
        "engine_limit_bytes": store.limit(),
        "engines": [
            {"key": each.path.stem, "model": each.title, "bytes": each.bytes, "used": each.used} for each in engines
        ],
    }


def text(info: CacheInfo, engines: list[store.Kept], *, cleared: bool) -> str:
    """What there is, for people."""
    total = sum(each.bytes for each in engines)
    lines = [
        str(info.path),
        f"{info.entries} libraries of native code: {exact_bytes(info.bytes)} bytes with what they are made of",
        f"{len(engines)} engines: {exact_bytes(total)} bytes of at most {short_bytes(store.limit())}",
        *(
            f"  {each.path.stem}  {short_bytes(each.bytes):>8}  {_when(each.used)}  {each.title or 'unreadable'}"
            for each in engines
        ),
    ]
    return "\n".join([*lines, *(["all removed"] if cleared else [])]) + "\n"


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
