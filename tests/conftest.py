import pytest

from mini_infer.errors import ToolchainError
from mini_infer.toolchain import Compiler, find


def _installed():
    for name in ("clang", "zig", "gcc"):
        try:
            yield find(name)
        except ToolchainError:
            continue


@pytest.fixture(scope="session", params=list(_installed()), ids=lambda compiler: compiler.name)
def compiler(request) -> Compiler:
    return request.param
