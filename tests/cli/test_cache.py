"""`mini-infer cache` and `inspect --sizes`: what is kept, and what an engine takes."""

import json

import pytest
from cli_checks import conforms

import mini_infer
from mini_infer.runtime import file


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MINI_INFER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def kept(lenet):
    """An engine in the cache."""
    return mini_infer.load_or_compile(lenet.model, compiler="none")


def test_an_empty_cache(command, tmp_path):
    assert command("cache").out.splitlines() == [
        str(tmp_path / "cache"),
        "0 libraries of native code: 0 bytes with what they are made of",
        "0 engines: 0 bytes of at most 4.29 GB",
    ]


def test_what_is_kept_is_listed_and_cleared(command, kept):
    size = kept.origin.path.stat().st_size
    answer = command("cache", "--json")
    content = json.loads(answer.out)
    conforms(content)
    (engine,) = content["engines"]
    assert (engine["key"], engine["bytes"], content["engine_bytes"]) == (kept.origin.path.stem, size, size)
    assert engine["model"] == kept.interface.title
    shown = command("cache").out.splitlines()
    assert shown[2] == f"1 engines: {size:,} bytes of at most 4.29 GB"
    assert kept.origin.path.stem in shown[3]
    assert command("cache", "--clear").out.endswith("all removed\n")
    assert not kept.origin.path.exists()
    assert json.loads(command("cache", "--json").out)["engines"] == []


def test_a_limit_that_is_none_is_a_usage_error(command, monkeypatch):
    monkeypatch.setenv("MINI_INFER_CACHE_LIMIT", "much")
    answer = command("cache")
    assert answer.status == 2
    assert answer.errors == ["mini-infer: error: MINI_INFER_CACHE_LIMIT is 'much': give a number of bytes"]


def test_sizes_are_those_of_the_engine(command, kept, tmp_path):
    kept.save(tmp_path / "net.engine")
    answer = command("inspect", tmp_path / "net.engine", "--sizes", "--json")
    content = json.loads(answer.out)
    conforms(content)
    (variant,) = content["variants"]
    memory = kept.memory
    assert content["weight_bytes"] == kept.weight_bytes
    assert (variant["arena_bytes"], variant["total_bytes"]) == (memory.arena, memory.total)
    assert (variant["input_bytes"], variant["output_bytes"]) == (memory.inputs, memory.outputs)
    lines = command("inspect", tmp_path / "net.engine", "--sizes").out.splitlines()
    assert f"{memory.weights:,}" in lines[2]
    assert f"{memory.arena:,}" in lines[3]


def test_sizes_need_nothing_but_the_header(kept, tmp_path):
    kept.save(tmp_path / "net.engine")
    end = file.Header.read(tmp_path / "net.engine").end
    (tmp_path / "cut.engine").write_bytes((tmp_path / "net.engine").read_bytes()[:end])
    assert mini_infer.sizes(tmp_path / "cut.engine").arena_bytes == kept.arena_bytes


def test_sizes_are_for_engines(command, lenet, tmp_path):
    answer = command("inspect", lenet.model, "--sizes")
    assert answer.status == 2
    assert "is no engine: --sizes is for engines" in answer.errors[0]
    (tmp_path / "bad.engine").write_bytes(b"MINIINFR" + bytes(100))
    assert command("inspect", tmp_path / "bad.engine", "--sizes").status == 7
