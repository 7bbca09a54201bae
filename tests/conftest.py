"""What every test may count on: a machine, a cache of its own, random numbers that repeat.

`--vector-bytes` and `--hide` make the machine a poorer one: code is then built for what is left of it, wherever a test
does not name a target of its own. `--sanitize` builds the generated code with sanitizers. Child processes that run the
tests again learn it from the environment.
"""

import functools
import importlib
import os
import signal
import sys

import numpy as np
import pytest
from hypothesis import settings

from mini_infer.errors import ToolchainError
from mini_infer.toolchain import Compiler, Target, find, host

VECTOR_BYTES, HIDE = "MINI_INFER_TEST_VECTOR_BYTES", "MINI_INFER_TEST_HIDE"
WITHOUT = {16: ("avx", "f16c", "fma"), 32: ("avx512",), 64: ()}
"""Beginnings of the features that must be missing for vectors to be that wide and no wider."""

# On a busy machine any example may take long. The normal run repeats itself, the quick one (without what is slow) on a
# third of the examples; the long one looks for what is new.
settings.register_profile("same", deadline=None, derandomize=True, database=None)
settings.register_profile("quick", settings.get_profile("same"), max_examples=34)
settings.register_profile("long", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("same")


def pytest_addoption(parser):
    group = parser.getgroup("mini-infer")
    group.addoption(
        "--vector-bytes",
        type=int,
        choices=WITHOUT,
        default=os.environ.get(VECTOR_BYTES),
        help="test as on a machine whose vectors are no wider",
    )
    group.addoption(
        "--hide",
        metavar="FEATURE",
        action="append",
        default=os.environ.get(HIDE, "").split(),
        help="test as on a machine without the x86-64 features that have this in their names, such as vnni",
    )
    group.addoption(
        "--sanitize",
        action="store_true",
        help="build the generated code with gcc's sanitizers, which must be loaded already: scripts/check --sanitize",
    )


def pytest_configure(config):
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell lets what runs in its background ignore interrupts
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("markexpr") == "not slow" and not config.getoption("--hypothesis-profile"):
        settings.load_profile("quick")
    if config.getoption("--sanitize"):
        _sanitize()
    _hide(config.getoption("--vector-bytes"), config.getoption("--hide"))


def _hide(width, hidden):
    """Make the machine one without what is hidden, and with vectors no wider than that."""
    if width is None and not hidden:
        return
    gone = WITHOUT.get(width, ())
    left = tuple(
        feature
        for feature in host.features()
        if not feature.startswith(gone) and not any(name in feature for name in hidden)
    )
    host.features = lambda: left
    own = Target.host().machine.vector_bytes
    if width is not None and own != width:
        raise pytest.UsageError(f"--vector-bytes={width}: this machine's vectors have {own}")
    os.environ.update({VECTOR_BYTES: str(width)} if width is not None else {}, **{HIDE: " ".join(hidden)})


def pytest_report_header():
    return f"target: {Target.host()}, vectors of {Target.host().machine.vector_bytes} bytes"


def _sanitize():
    """Use gcc alone, and build every library with the sanitizers, whoever builds it."""
    os.environ["MINI_INFER_CC"] = "gcc"
    os.environ["MINI_INFER_TEST_SANITIZE"] = "1"  # what single nodes are tested with: three threads, fewer examples
    building = importlib.import_module("mini_infer.toolchain.building")
    for name in ("compile_flags", "link_flags"):
        setattr(building, name, _sanitized(getattr(building, name)))


def _sanitized(flags):
    @functools.wraps(flags)
    def sanitized(*arguments, **options):
        return flags(*arguments, **{**options, "sanitize": True})

    return sanitized


def _installed():
    for name in ("gcc",) if "MINI_INFER_TEST_SANITIZE" in os.environ else ("clang", "zig", "gcc"):
        try:
            yield find(name)
        except ToolchainError:
            continue


@pytest.fixture(scope="session", params=list(_installed()), ids=lambda compiler: compiler.name)
def compiler(request) -> Compiler:
    return request.param


@pytest.fixture(scope="session", autouse=True)
def _caches_of_their_own(tmp_path_factory):
    """Nothing depends on what earlier runs built.

    Zig compiles its own libraries once: it keeps them beside our cache, and many tests have one of their own. Where
    Python shall write no bytecode beside its sources, our child processes keep theirs here: else each compiles all.
    """
    with pytest.MonkeyPatch.context() as patch:
        if sys.dont_write_bytecode:
            patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("bytecode")))
            patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("MINI_INFER_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("ZIG_GLOBAL_CACHE_DIR", str(tmp_path_factory.mktemp("zig")))
        yield


@pytest.fixture(autouse=True)
def _numbers_start_anew(request):
    """A module's `RNG` gives each test the same numbers, whichever tests ran before it."""
    generator = getattr(getattr(request.node, "module", None), "RNG", None)
    if isinstance(generator, np.random.Generator):
        generator.bit_generator.state = np.random.default_rng(0).bit_generator.state
