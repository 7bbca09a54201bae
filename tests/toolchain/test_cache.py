import errno
import os
import time

import pytest

from mini_infer.errors import ToolchainError
from mini_infer.toolchain import CacheInfo, Target, build, cache_directory, cache_info, clear_cache, find
from mini_infer.toolchain import cache as module

posix = pytest.mark.skipif(os.name != "posix", reason="folder modes are POSIX")


@pytest.fixture
def directory(tmp_path):
    return cache_directory(tmp_path / "cache")


def put(directory, key, content=b"bytes", age=0.0):
    work = module.work_directory(directory)
    made = work / "library.so"
    made.write_bytes(content)
    path = module.store(directory, key, made)
    work.rmdir()
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_a_stored_library_is_found_by_its_key_and_suffix(directory):
    path = put(directory, "key")
    assert module.lookup(directory, "key", ".so") == path
    assert module.lookup(directory, "other", ".so") is None
    assert module.lookup(directory, "key", ".dll") is None


@pytest.mark.parametrize("content", [b"", b"byteS", b"bytes and more"])
def test_a_damaged_library_is_removed(directory, content):
    path = put(directory, "key")
    path.write_bytes(content)
    assert module.lookup(directory, "key", ".so") is None
    assert not path.exists()


def test_storing_again_replaces(directory):
    assert put(directory, "key") == put(directory, "key")
    assert cache_info(directory) == CacheInfo(directory, 1, 5)


def test_the_least_recently_used_goes_first(directory):
    old, used, new = (put(directory, name, age=age) for name, age in (("old", 30), ("used", 40), ("new", 10)))
    module.lookup(directory, "used", ".so")
    module.evict(directory, limit=10)
    assert [path.exists() for path in (old, used, new)] == [False, True, True]


def test_the_library_just_built_stays(directory):
    old, new = put(directory, "old"), put(directory, "new", age=30)
    module.evict(directory, keep=new, limit=0)
    assert [path.exists() for path in (old, new)] == [False, True]


def test_dead_builds_are_removed_after_a_day(directory):
    dead, alive = module.work_directory(directory), module.work_directory(directory)
    os.utime(dead, (time.time() - 90_000,) * 2)
    module.evict(directory)
    assert not dead.exists()
    assert alive.exists()


def test_clear_removes_everything(directory):
    put(directory, "one")
    put(directory, "two")
    module.work_directory(directory)
    assert clear_cache(directory) == 2
    assert list(directory.iterdir()) == []
    assert cache_info(directory) == CacheInfo(directory, 0, 0)


@posix
def test_the_folder_is_private(directory):
    assert directory.stat().st_mode & 0o777 == 0o700


@posix
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_others_can_write_to_is_refused(tmp_path, mode):
    tmp_path.chmod(mode)
    with pytest.raises(ToolchainError, match="chmod go-w"):
        cache_directory(tmp_path)


@posix
def test_a_folder_of_another_user_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(ToolchainError, match="belongs to user"):
        cache_directory(tmp_path)


def test_a_file_in_the_way_is_reported(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ToolchainError, match="MINI_INFER_CACHE"):
        cache_directory(tmp_path / "file")


def test_the_environment_names_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MINI_INFER_CACHE", str(tmp_path / "named"))
    assert cache_directory() == tmp_path / "named"


@pytest.mark.skipif(os.name != "posix" or os.uname().sysname == "Darwin", reason="XDG folders")
def test_the_default_is_in_the_users_cache_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("MINI_INFER_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_directory() == tmp_path / "mini-infer"


@posix
@pytest.mark.parametrize("mode", [0o720, 0o702])
def test_a_library_that_others_can_write_to_is_removed(directory, mode):
    path = put(directory, "key")
    path.chmod(mode)
    assert module.lookup(directory, "key", ".so") is None
    assert not path.exists()


@posix
def test_a_library_of_another_user_is_removed(directory, monkeypatch):
    path = put(directory, "key")
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    assert module.lookup(directory, "key", ".so") is None
    assert not path.exists()


@posix
def test_a_link_to_a_library_is_removed(directory, tmp_path):
    path = put(directory, "key")
    path.rename(tmp_path / "elsewhere.so")
    path.symlink_to(tmp_path / "elsewhere.so")
    assert module.lookup(directory, "key", ".so") is None
    assert not path.is_symlink()
    assert (tmp_path / "elsewhere.so").exists()


@posix
def test_what_is_stored_is_private_whatever_the_umask(directory):
    before = os.umask(0)
    try:
        path = put(directory, "key")
        work = module.work_directory(directory)
        (work / "f.c.o").write_bytes(b"bytes")
        module.keep(directory, "object", work / "f.c.o")
    finally:
        os.umask(before)
    assert module.lookup(directory, "key", ".so") == path
    assert module.fetch(directory, "object", work / "again.o")
    assert all(each.stat().st_mode & 0o077 == 0 for each in directory.iterdir())


@posix
def test_a_link_of_another_user_to_a_folder_is_refused(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir(mode=0o700)
    link = tmp_path / "link"
    link.symlink_to("mine")
    assert cache_directory(link) == link
    owner = type(link).lstat
    monkeypatch.setattr(
        type(link), "lstat", lambda path: os.stat_result((*owner(path)[:4], owner(path).st_uid + 1, *owner(path)[5:]))
    )
    with pytest.raises(ToolchainError, match="belongs to user"):
        cache_directory(link)


@pytest.mark.skipif(find() is None, reason="nothing to build with")
def test_a_full_or_read_only_cache_is_reported(directory, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    for name in ("work_directory", "store"):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, refuse)
            with pytest.raises(ToolchainError, match=r"cache folder .*: Read-only file system; name another in MINI_"):
                build({"f.c": "int f;"}, find(), Target.host(), cache=directory)


def test_a_cache_that_is_only_read_gives_what_it_has(directory, monkeypatch):
    path = put(directory, "key")

    def refuse(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "utime", refuse)
    assert module.lookup(directory, "key", ".so") == path


@pytest.mark.skipif(os.name != "posix", reason="homes are POSIX")
def test_a_user_without_a_home(monkeypatch):
    def nowhere(_):
        raise RuntimeError("Could not determine home directory.")

    for name in ("MINI_INFER_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pathlib.Path.expanduser", nowhere)
    with pytest.raises(ToolchainError, match=r"no home .*MINI_INFER_CACHE"):
        cache_directory()
