import pytest
from hypothesis import settings

from mini_infer.errors import ToolchainError
from mini_infer.toolchain import Compiler, find

settings.register_profile("shared", deadline=None)  # on a busy machine any example may take long
settings.load_profile("shared")


def _installed():
    for name in ("clang", "zig", "gcc"):
        try:
            yield find(name)
        except ToolchainError:
            continue


@pytest.fixture(scope="session", params=list(_installed()), ids=lambda compiler: compiler.name)
def compiler(request) -> Compiler:
    return request.param


@pytest.fixture(scope="session", autouse=True)
def _zig_compiles_its_own_libraries_once(tmp_path_factory):
    """Zig keeps them beside our cache, and most tests have a cache of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZIG_GLOBAL_CACHE_DIR", str(tmp_path_factory.mktemp("zig")))
        yield
