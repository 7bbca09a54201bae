"""A virtual environment of the project's own: made once, filled from the project's files, used again in seconds.

Standard library alone. Pythons that are too old for the project read this file, to say so: no newer syntax than 3.6's.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)

PLACE = "MINI_INFER_VENV"
"""Environment variable: the folder of the environment, where it shall not be `.venv` beside the project's files."""


def python(*extras: str) -> str:
    """Return the environment's Python, which has the project with these extras; what is missing is installed first."""
    if sys.version_info[:2] < OLDEST:
        found = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"mini-infer needs Python 3.11 or later, and this is {found}: try python3.12 {sys.argv[0]}")
    folder = Path(os.environ.get(PLACE) or str(ROOT / ".venv")).resolve()
    program = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not _works(program):
        _make(folder)
    wanted = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    stamp = folder / f"mini-infer-{'-'.join(extras) or 'alone'}"
    if not stamp.exists() or stamp.read_text() != _identity(program):
        _say(f"installing {wanted} into {folder}, once")
        _install(program, wanted)
        stamp.write_text(_identity(program))
    return str(program)


def has_compiler() -> bool:
    """Return whether a C compiler is installed and runs."""
    found = (shutil.which(name) for name in ("clang", "gcc"))
    return any(path and _works(Path(path)) for path in found)


def run(*command: str) -> int:
    """Run a program in the project's folder and return its exit code."""
    try:
        return subprocess.call(command, cwd=str(ROOT))
    except KeyboardInterrupt:
        return 130


def _works(program: Path) -> bool:
    try:
        return subprocess.call([str(program), "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def _make(folder: Path) -> None:
    """What is in the folder goes, if it was an environment."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").exists():
        sys.exit(f"{folder} is no virtual environment: empty it, or name another folder in {PLACE}")
    _say(f"making the virtual environment {folder}")
    if run(sys.executable, "-m", "venv", "--clear", str(folder)):
        shutil.rmtree(str(folder), ignore_errors=True)
        sys.exit("python3 -m venv failed, see above; Debian and Ubuntu have it as a package: apt install python3-venv")


def _install(program: Path, wanted: str) -> None:
    """With pip's own settings, an index among them."""
    failed = run(str(program), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", wanted)
    if failed:
        sys.exit(f"pip could not install {wanted}, see above; without a network, pip's settings must name an index")


def _identity(program: Path) -> str:
    """What an installation depends on: the project's file of requirements, its place, and the Python."""
    version = subprocess.check_output([str(program), "--version"])
    content = (ROOT / "pyproject.toml").read_bytes() + str(ROOT).encode() + version
    return hashlib.sha256(content).hexdigest()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
