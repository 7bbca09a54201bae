"""Start `mini-infer serve` as KServe wants it: the model under the service's name, the budget from the pod's limit."""

import os
import sys
import tempfile
from pathlib import Path

SUFFIXES = (".engine", ".onnx")
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where the system says what the pod may take; of control groups of version 2 and 1."""

UNLIMITED = 1 << 60
"""Version 1 writes a number beyond any memory where there is no limit."""


def named(mounted: Path, name: str, folder: Path) -> None:
    """Have the one model that is mounted under the service's name; several keep theirs, and clients say which."""
    models = [path for path in sorted(mounted.iterdir()) if path.suffix in SUFFIXES and path.is_file()]
    if not models:
        sys.exit(f"{mounted} has no model: NAME.engine or NAME.onnx")
    for path in models:
        (folder / (f"{name}{path.suffix}" if len(models) == 1 else path.name)).symlink_to(path)


def budget(limits: tuple[str, ...] = LIMITS) -> list[str]:
    """`--memory` of nine tenths of the pod's limit; the rest is for the requests themselves."""
    for path in limits:
        text = Path(path).read_text().strip() if Path(path).exists() else ""
        if text.isdecimal() and int(text) < UNLIMITED:
            return ["--memory", str(int(text) * 9 // 10)]
    return []


if __name__ == "__main__":
    name, mounted, *words = sys.argv[1:]
    folder = Path(tempfile.mkdtemp())
    named(Path(mounted), name, folder)
    command = [sys.executable, "-m", "mini_infer", "serve", str(folder)]
    command += ["--host", "0.0.0.0", *budget(), *words]  # noqa: S104 - a pod has an address of its own
    os.execv(command[0], command)  # noqa: S606 - so that SIGTERM reaches the server
