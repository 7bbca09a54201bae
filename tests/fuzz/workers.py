"""Processes that try mutated inputs one after another, and are watched: time, memory, signals."""

import contextlib
import faulthandler
import multiprocessing
import os
import resource
import shutil
import signal
import tempfile
import threading
import time
import warnings
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from mini_infer.toolchain import flags

SECONDS = 10
"""Of processor time that one case may take; the wall clock may show `PATIENCE` times as many on a busy machine."""
PATIENCE = 12
MEMORY = 1 << 30
"""Bytes by which one case may raise the resident set."""
CASES = 400
"""After so many a worker is replaced."""
_FORKING = threading.Lock()
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Case:
    """One input and how it is tried; all follows from these."""

    number: int
    kind: str
    suffix: str
    data: bytes
    native: bool
    seed: str
    story: str


@dataclass(frozen=True)
class Outcome:
    """How it went: `fault` is empty unless it must not be so; `place` is where."""

    result: str
    fault: str = ""
    place: str = ""


class Worker:
    """One process; `run` sends it a case and waits for the outcome."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
        self._start()

    def run(self, case: Case) -> Outcome:
        """The outcome of one case; a worker that died or was ended is replaced."""
        self._done += 1
        if self._done > CASES:
            self._stop()
            self._start()
        self._pipe.send(case)
        cpu, wall = self._cpu(), time.monotonic()
        while not self._pipe.poll(0.2):
            if self._process.exitcode is not None:
                break
            if self._cpu() - cpu > SECONDS or time.monotonic() - wall > SECONDS * PATIENCE:
                place = self._asked_where()
                self._restart()
                return Outcome("ended", f"more than {SECONDS} s", place)
        with contextlib.suppress(EOFError, ConnectionResetError):
            if self._pipe.poll():  # another worker may hold the dead one's end open: do not wait for its close
                return self._pipe.recv()
        self._process.join(5)
        code = self._process.exitcode or 0
        name = signal.Signals(-code).name if code < 0 else f"exit {code}"
        place = self._innermost()
        self._restart()
        return Outcome("died", name, place)

    def close(self) -> None:
        """End the process and remove its files."""
        self._stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        self._done = 0
        self._trace = self._folder / "trace"
        self._trace.write_text("")
        with _FORKING:
            self._pipe, theirs = multiprocessing.Pipe()
            context = multiprocessing.get_context("fork")
            self._process = context.Process(target=_serve, args=(theirs, self._folder), daemon=True)
            self._process.start()
            theirs.close()

    def _stop(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _restart(self) -> None:
        self._stop()
        self._start()

    def _cpu(self) -> float:
        """Processor seconds of the worker and of the compilers it waited for."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return sum(map(int, fields[11:13])) / _TICKS

    def _asked_where(self) -> str:
        os.kill(self._process.pid, signal.SIGUSR1)
        time.sleep(0.5)
        return self._innermost()

    def _innermost(self) -> str:
        """Our innermost line in what faulthandler wrote."""
        for line in self._trace.read_text(errors="replace").splitlines():
            if "mini_infer/" in line and "File" in line:
                path, _, rest = line.partition("mini_infer/")[2].partition('"')
                number, _, name = rest.removeprefix(", line ").partition(" in ")
                return f"{path}:{number} {name}"
        return "in native code"


def _serve(pipe: Connection, folder: Path) -> None:
    """Try cases until the other end is gone."""
    os.environ["MINI_INFER_CACHE"] = str(folder / "cache")
    os.chdir(folder)
    warnings.simplefilter("ignore")
    trace = (folder / "trace").open("w")
    faulthandler.enable(trace)
    faulthandler.register(signal.SIGUSR1, trace)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a file descriptor is wanted
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    flags._RELEASE = ("-O0", "-g0")  # the C that is built is run once
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + 3 * MEMORY, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            case = pipe.recv()
        except EOFError:
            return
        pipe.send(_outcome(case, folder))


def _outcome(case: Case, folder: Path) -> Outcome:
    from trial import FaultError, tried

    path = folder / f"case{case.suffix}"
    path.write_bytes(case.data)
    before = _peak(reset=True)
    try:
        result = tried(case.kind, path, Random(case.seed), native=case.native)
    except FaultError as fault:
        what, place = fault.args
        return Outcome("fault", what, place)
    except BaseException as error:  # noqa: BLE001 - KeyboardInterrupt, SystemExit, GeneratorExit: none is foreseen
        return Outcome("fault", f"{type(error).__name__}: {error}", "")
    if (grown := _peak() - before) > MEMORY:
        return Outcome("fault", f"{grown >> 20} MB more", result)
    return Outcome(result)


def _peak(*, reset: bool = False) -> int:
    """The largest resident set so far, or since it was last reset; in bytes."""
    if reset:
        with contextlib.suppress(OSError):  # not every kernel can; growth beyond the old peak is seen all the same
            Path("/proc/self/clear_refs").write_text("5")
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10
