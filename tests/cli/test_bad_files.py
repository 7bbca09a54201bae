"""Files that are no files, never end, or say strange things: one line, the right code, and soon."""

import json
import os
import zipfile

import numpy as np
import pytest

from mini_infer.cli import files
from mini_infer.errors import InputError, UsageError

posix = pytest.mark.skipif(os.name != "posix", reason="pipes and devices are POSIX")
HEADER = b"id,lower,upper,size\n"


@pytest.fixture
def refused(command):
    def run(error, *words):
        answer = command(*words)
        assert (answer.status, answer.out, len(answer.errors)) == (error.exit_code, "", 1), answer.errors
        assert "this is a bug" not in answer.errors[0]
        assert len(answer.errors[0]) < 4100
        return answer.errors[0]

    return run


@posix
@pytest.mark.parametrize("name", ["pipe", "/dev/zero", ".", "socket", "gone", "n" * 300])
def test_what_is_no_regular_file(refused, lenet, tmp_path, name, monkeypatch):
    import socket

    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
        for words in (["plan", name], ["run", name], ["solve", name], ["check", name], ["compare", name, lenet.model]):
            assert "cannot be read" in refused(InputError, *words)
        for suffix in (".json", ".npy", ".npz", ".pgm", ".png", ".bin"):
            link = tmp_path / f"link{suffix}"
            link.symlink_to(name)
            if suffix == ".json":
                refused(InputError, "solve", link)
                refused(InputError, "compare", link, lenet.model)
                refused(InputError, "plan", lenet.model, "--timings", link)
                continue
            assert "cannot be read" in refused(InputError, "run", lenet.model, f"--input={link}", "--compiler=none")
            if suffix == ".npy":
                refused(UsageError, "plan", lenet.model, f"--fix=input={link}")


@pytest.mark.parametrize("name", ["large.csv", "large.json"])
def test_a_text_that_is_too_large_is_not_read(refused, tmp_path, name):
    path = tmp_path / name
    with path.open("wb") as stream:
        stream.truncate(1 << 40)  # without a block on the disk
    for command in ("solve", "check"):
        assert "1099511627776 bytes, more than" in refused(InputError, command, path)


PLACEMENT = '{"schema": "mini-infer/placement/1", "buffers": [%s]}'
BUFFER = '{"id": "a", "size": %s, "start": 0, "end": 1, "offset": 0}'


@pytest.mark.parametrize(
    "text",
    [
        PLACEMENT % (BUFFER % ("9" * 5000)),
        PLACEMENT % (BUFFER % ("9" * 100)),
        PLACEMENT % (BUFFER % "NaN"),
        PLACEMENT % (BUFFER % "1e999"),
        PLACEMENT % (BUFFER % "true"),
        PLACEMENT % (BUFFER % '4, "size": 8'),
        PLACEMENT % (BUFFER % 4).replace('"a"', r'"\ud800"'),
        PLACEMENT % (BUFFER % 4).replace('"a"', r'"\udc00\ud800"'),
        PLACEMENT % ("[" * 100_000),
        PLACEMENT % ('{"a":' * 100_000),
        '{"schema": "mini-infer/placement/1", "pools": [{"name": "", "capacity": 1}], "buffers": []}',
        PLACEMENT.replace('"buffers"', '"pools": [{"name": "p"}], "buffers"') % BUFFER.replace("%s", '4, "pool": []'),
        "",
        "null",
        "\0",
    ],
)
def test_strange_json(refused, tmp_path, text):
    path = tmp_path / "strange.json"
    path.write_text(text, encoding="utf-8")
    for words in (["check", path], ["compare", path, path], ["solve", path]):
        if words[0] != "solve" or "pool" not in text or '"name": ""' in text:
            refused(InputError, *words)


@pytest.mark.parametrize("content", ["utf-16", "utf-32", "latin-1"])
def test_other_encodings(refused, tmp_path, content):
    for name, text in (("a.csv", HEADER.decode() + "ä,0,1,4\n"), ("a.json", PLACEMENT % (BUFFER % 4) + "ä")):
        path = tmp_path / name
        path.write_bytes(text.encode(content))
        assert "no text in UTF-8" in refused(InputError, "solve", path)


def test_a_byte_order_mark(record, tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf" + (PLACEMENT % (BUFFER % 4)).encode())
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + HEADER.replace(b"\n", b"\r\n") + b"a,0,1,4\r\n")
    assert record("check", tmp_path / "a.json")["height"] == 4
    assert record("solve", tmp_path / "a.json")["height"] == 4
    assert record("solve", tmp_path / "a.csv")["height"] == 4


@pytest.mark.parametrize(
    "rows",
    [
        b"a,0,1,%s\n" % (b"9" * 5000),
        b"a,0,1,%s\n" % (b"9" * 30),
        b"%s,0,1,4\n" % (b"a" * 200_000),
        b"a,0,1,1e3\n",
        b"a,0,1,nan\n",
        b"a,0,1,\0\n",
        b'"a,0,1,4\n',
        b"a,0,1\n",
        b"a,0,1,4,5\n",
        b"a,0,%s,4\n" % (b"1" * 40),
    ],
)
def test_strange_csv(refused, tmp_path, rows):
    (tmp_path / "a.csv").write_bytes(HEADER + rows)
    refused(InputError, "solve", tmp_path / "a.csv")


@pytest.mark.parametrize("gaps", ["1-%s" % ("9" * 5000), "%s-2" % ("9" * 30), "²-3", "1-2-3"])
def test_strange_gaps(refused, tmp_path, gaps):
    (tmp_path / "a.csv").write_text(f"id,lower,upper,size,gaps\na,0,9,4,{gaps}\n", encoding="utf-8")
    refused(InputError, "solve", tmp_path / "a.csv")


@pytest.mark.parametrize(
    "change",
    [
        {"buffers": 3},
        {"buffers": [{}]},
        {"buffers": [[]]},
        {"peak": None},
        {"peak": {"node": 3}},
        {"arena_bytes": "many"},
        {"arena_bytes": True},
        {"model": None},
    ],
)
def test_damaged_plans(refused, command, lenet, tmp_path, change):
    path = tmp_path / "plan.json"
    assert command("plan", lenet.model, "--json", "-o", path).status == 0
    plan = json.loads(path.read_text())
    path.write_text(json.dumps(plan | change))
    assert "damaged plan" in refused(InputError, "compare", path, lenet.model)
    path.write_text(json.dumps(plan | {"buffers": [plan["buffers"][0]] * 2}))
    assert "comes twice" in refused(InputError, "compare", lenet.model, path)


@pytest.mark.parametrize(
    "value", ["[" * 100_000, "9" * 5000, "[1,[2]]", "null", '{"a":1}', '"text"', "9" * 40, "x.npy"]
)
def test_strange_values_to_fix(refused, lenet, value):
    refused(UsageError, "plan", lenet.model, f"--fix=input={value}")


def test_an_archive_that_unpacks_to_more_than_memory(refused, lenet, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ARCHIVED", 1 << 20)
    np.savez_compressed(tmp_path / "x.npz", input=np.zeros(1 << 20, np.float32))
    line = refused(InputError, "run", lenet.model, f"--input={tmp_path / 'x.npz'}", "--compiler=none")
    assert "more than 1048576: save it as .npy" in line


@pytest.mark.parametrize(
    "content", [b"", b"\x93NUMPY", b"\x93NUMPY\x09\x00", b"no array", b"\x93NUMPY\x01\x00\xff\xff{"]
)
def test_damaged_arrays(refused, lenet, tmp_path, content):
    (tmp_path / "x.npy").write_bytes(content)
    refused(InputError, "run", lenet.model, f"--input={tmp_path / 'x.npy'}", "--compiler=none")
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("input.npy", content)
    refused(InputError, "run", lenet.model, f"--input={tmp_path / 'x.npz'}", "--compiler=none")


def test_raw_bytes_and_arrays_are_not_read_where_they_do_not_fit(refused, lenet, tmp_path):
    for name in ("x.bin", "x.npy"):
        path = tmp_path / name
        np.save(tmp_path / "x.npy", np.zeros(4, np.float32))
        if name == "x.npy":
            path.write_bytes(path.read_bytes().replace(b"(4,), }             ", b"(274877906944,), }  "))
        with path.open("ab") as stream:
            stream.truncate((1 << 40) + 128 * (name == "x.npy"))
        refused(InputError, "run", lenet.model, f"--input={path}", "--dtype=uint8", "--compiler=none")


@posix
def test_names_that_are_no_text(refused, command, lenet, tmp_path):
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n.onnx")
    assert "\\udcff" in refused(InputError, "plan", name)
    with open(lenet.model, "rb") as model, open(name, "wb") as copy:  # noqa: PTH123
        copy.write(model.read())
    for words in (
        ["plan"],
        ["plan", "--json"],
        ["inspect", "--c"],
        ["doctor"],
        ["plan", "--html", tmp_path / "x.html"],
    ):
        for extra in ([], ["-o", tmp_path / "out"]):
            answer = command(words[0], name, *words[1:], *extra)
            assert (answer.status, answer.errors) == (0, [])


@pytest.mark.parametrize("given", ["input=", "=", "", "input=.npy", "input", ":", ".npz:"])
def test_inputs_that_name_no_file(command, lenet, given):
    answer = command("run", lenet.model, f"--input={given}", "--compiler=none")
    assert answer.status in (InputError.exit_code, UsageError.exit_code)
    assert len(answer.errors) == 1
