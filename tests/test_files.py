"""What is written is there whole or not at all, and goes to what is there; what is read is a regular file."""

import os
import stat
import subprocess
import sys
import threading

import pytest

from mini_infer.errors import InputError, ModelError
from mini_infer.files import open_regular, read_regular, write_atomically

posix = pytest.mark.skipif(os.name != "posix", reason="pipes, devices and modes are POSIX")


@posix
def test_a_device_stays_one(tmp_path):
    assert write_atomically(tmp_path / "file", [b"one", memoryview(b"two")]) == 6
    link = tmp_path / "null"
    link.symlink_to("/dev/null")
    for name in ("/dev/null", link):
        write_atomically(type(tmp_path)(name), [b"bytes"])
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)  # noqa: PTH116
    assert link.is_symlink()


@pytest.mark.skipif(not hasattr(os, "mknod"), reason="no devices to make")
def test_a_device_in_a_folder_that_could_be_written_stays_one(tmp_path):
    device = tmp_path / "null"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        device.open("wb").close()
    except OSError:
        pytest.skip("devices are root's to make")
    write_atomically(device, [b"bytes"])
    assert stat.S_ISCHR(device.stat().st_mode)


@posix
def test_the_reader_of_a_pipe_gets_the_bytes(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    assert write_atomically(pipe, [b"bytes"]) == 5
    reader.join()
    assert (got, pipe.is_fifo()) == ([b"bytes"], True)


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="no such names here")  # noqa: PTH110
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "link"])
def test_names_of_open_files_continue_them(tmp_path, name):
    (tmp_path / "link").symlink_to("/dev/stdout")
    code = (
        "import sys; from pathlib import Path; from mini_infer.files import write_atomically\n"
        "print('before', flush=True); write_atomically(Path(sys.argv[1]), [b'bytes\\n']); print('after')"
    )
    with (tmp_path / "out").open("wb") as out:  # a regular file, of which the beginning must stay
        subprocess.run([sys.executable, "-c", code, name], cwd=tmp_path, stdout=out, check=True, env=os.environ)
    assert (tmp_path / "out").read_text() == "before\nbytes\nafter\n"


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_a_link(tmp_path, there):
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "target", tmp_path / "link"
    if there:
        target.write_bytes(b"before")
    try:
        link.symlink_to("folder/target")
    except OSError:
        pytest.skip("links are not for everybody")
    write_atomically(link, [b"bytes"])
    assert link.is_symlink()
    assert target.read_bytes() == b"bytes"


@posix
def test_modes(tmp_path):
    new, old = tmp_path / "new", tmp_path / "old"
    old.touch()
    old.chmod(0o640)
    before = os.umask(0o027)
    try:
        for path in (new, old):
            write_atomically(path, [b"bytes"])
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (new, old)] == [0o640, 0o640]
    write_atomically(old, [b"again"])
    assert stat.S_IMODE(old.stat().st_mode) == 0o640


def test_long_names(tmp_path):
    path = tmp_path / ("n" * 250)
    write_atomically(path, [b"bytes"])
    assert path.read_bytes() == b"bytes"
    with pytest.raises(InputError, match="cannot be written"):
        write_atomically(tmp_path / ("n" * 300), [b"bytes"])


@pytest.mark.parametrize("name", ["no/file", "folder", "file/below", "a\0b"])
def test_what_cannot_be_written_says_so(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"before")
    with pytest.raises(InputError, match="cannot be written: "):
        write_atomically(tmp_path / name, [b"bytes"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full disk here")  # noqa: PTH110
def test_a_full_disk(tmp_path):
    with pytest.raises(InputError, match="cannot be written: No space left"):
        write_atomically(type(tmp_path)("/dev/full"), [b"bytes"])


def test_nothing_is_left_of_what_fails_half_way(tmp_path):
    def pieces():
        yield b"bytes"
        raise KeyboardInterrupt

    (tmp_path / "file").write_bytes(b"before")
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "file", pieces())
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes everywhere")
def test_what_is_read_only_stays(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"before")
    path.chmod(0o444)
    with pytest.raises(InputError, match="Permission denied"):
        write_atomically(path, [b"bytes"])
    path.chmod(0o644)
    tmp_path.chmod(0o555)
    with pytest.raises(InputError, match="Permission denied"):
        write_atomically(path, [b"bytes"])
    tmp_path.chmod(0o755)
    assert path.read_bytes() == b"before"


def test_reading(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"bytes")
    assert read_regular(path) == b"bytes"
    assert read_regular(path, limit=5) == b"bytes"
    with pytest.raises(ModelError, match="5 bytes, more than 4"):
        read_regular(path, limit=4, error=ModelError)
    for name in (tmp_path, tmp_path / "no", type(path)("a\0b")):
        with pytest.raises(InputError, match="cannot be read"):
            read_regular(name)


@posix
def test_what_never_ends_or_never_begins_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="it is a pipe"):
        open_regular(tmp_path / "pipe")
    for name in ("/dev/zero", "/dev/null"):
        with pytest.raises(InputError, match="cannot be read"):
            open_regular(type(tmp_path)(name))
