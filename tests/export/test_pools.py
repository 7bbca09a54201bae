"""Several arenas: each buffer whole in one of them, the busy ones in the first."""

import json

import numpy as np
import onnx
import pytest
from cli_checks import conforms
from exports import SANITIZE, exit_code, export, program
from onnx import TensorProto, helper
from quantized_models import classifier
from stream_models import random_model

from mini_infer import compiler
from mini_infer.cli import main
from mini_infer.demo import assets
from mini_infer.export.pools import traffic
from mini_infer.options import Options

LENET = str(assets.MODEL)
PLACED = {"dtcm": 1_504, "sram": 3_840}
"""Bytes of LeNet-5 with a fast memory of 4 KiB: rings of 1,152 bytes, which much goes through, are worth more there.

What comes of them takes 3,456."""


def _ports():
    """Tensors that are called like what headers have for pools, and a state."""
    nodes = [
        helper.make_node("Add", ["arena_fast", "past"], ["sum"], "add"),
        helper.make_node("Relu", ["sum"], ["arenas"], "relu"),
    ]
    values = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [5]) for name in names]
        for names in (("arena_fast", "past"), ("arenas", "sum"))
    ]
    graph = helper.make_graph(nodes, "small", *values)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


MODELS = {
    "lenet": (lambda: LENET, "fast:4K,slow:64K", ()),
    "int8": (lambda: classifier(np.int8), "fast:256,slow:64K", ()),
    "streams": (lambda: random_model(3), "fast:1K,slow:1M", ("--optimize=memory",)),
    "ports": (_ports, "fast:24,slow:1K", ("--state", "past=sum")),
    "empty": (lambda: LENET, "fast:0,slow:64K", ()),
}


@pytest.mark.parametrize(
    ("name", "io"), [*((name, "arena") for name in MODELS), ("lenet", "caller"), ("ports", "caller")]
)
def test_every_output_is_right(tmp_path, name, io):
    make, pools, words = MODELS[name]
    folder = export(make(), tmp_path / "net", "--pool", pools, f"--io={io}", *words)
    assert exit_code(program(folder, "-pedantic", *SANITIZE)) == 0
    assert exit_code(program(folder, "-DNET_STATIC_ARENA", "-pedantic")) == 0
    report = json.loads((folder / "net.json").read_text(encoding="utf-8"))
    conforms(report)
    bytes_of = {pool["name"]: pool["bytes"] for pool in report["pools"]}
    assert list(bytes_of) == ["fast", "slow"]
    assert report["arena_bytes"] == sum(bytes_of.values())
    assert all(pool["bytes"] <= pool["capacity"] for pool in report["pools"])
    for port in (*report["inputs"], *report["outputs"]) if io == "arena" and name != "ports" else ():
        assert port["offset"] + port["bytes"] <= bytes_of[port["pool"]]


def test_the_header_has_a_pointer_for_each(tmp_path, capsys):
    words = ["export", LENET, "-o", str(tmp_path / "net"), "--name=net", "--target=cortex-m7"]
    assert main([*words, "--pool", "DTCM:4K", "--pool", "sram:256K"]) == 0
    shown = capsys.readouterr().out
    assert f"dtcm       {PLACED['dtcm']:,} of 4,096 bytes" in shown
    assert f"sram       {PLACED['sram']:,} of 262,144 bytes" in shown
    text = (tmp_path / "net" / "net.h").read_text(encoding="utf-8")
    for line in (
        f"#define NET_ARENA_DTCM_BYTES {PLACED['dtcm']}u",
        f"#define NET_ARENA_SRAM_BYTES {PLACED['sram']}u",
        "typedef struct {\n  void *dtcm; /* NET_ARENA_DTCM_BYTES */\n  void *sram; /*",
        "static inline float *net_input(const net_arenas *arenas)",
        "int net_run(const net_arenas *arenas);",
    ):
        assert line in text


def test_a_fast_memory_has_what_is_busy():
    """Bytes of the rings count where their stream lies; each operand counts once for each call that has it."""
    program_ = compiler.build(LENET, io="arena", target="x86_64-linux+v3").program
    found = traffic(program_)
    operands = [view for step in program_.steps for call in step.calls for view in call.operands]
    assert sum(found) == sum(view.type.bytes for view in operands if view.space.name in ("ARENA", "RING"))


def test_a_program_of_fewer_bytes_is_taken_where_only_that_fits(tmp_path):
    path = tmp_path / "model.onnx"
    onnx.save(random_model(3), path)
    sizes = {goal: compiler.plan(path, options=Options(optimize=goal)).size for goal in ("memory", "balanced")}
    assert sizes["memory"] < sizes["balanced"]
    folder = export(str(path), tmp_path / "net", "--pool", f"fast:{sizes['balanced'] - 64}")
    report = json.loads((folder / "net.json").read_text(encoding="utf-8"))
    assert report["arena_bytes"] < sizes["balanced"]


def test_what_does_not_fit_is_refused_with_numbers(tmp_path, capsys):
    folder = tmp_path / "net"
    assert main(["export", LENET, "-o", str(folder), "--target=cortex-m4", "--pool", "dtcm:2K,sram:3K"]) == 5
    said = capsys.readouterr().err
    assert "--pool: there are dtcm 2,048, sram 3,072 bytes; 6,592 are alive in step 0" in said
    assert "the largest buffer, '/pool1/MaxPool_output_0_last', takes 3,456" in said
    assert not folder.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--pool", "a-b:1K"], "--pool 'a-b': write letters, digits and _"),
        (["--pool", "for:1K"], "--pool 'for': write letters, digits and _"),
        (["--pool", "A:1K,a:1K"], "--pool 'A' is given twice"),
        (["--pool", "sram"], "--pool 'sram': write name:size"),
        (["--pool", "sram:64K", "--ram", "64K"], "--ram and --pool are given"),
        (["--pool", "sram:64K", "--library"], "--pool is for boards"),
    ],
)
def test_wrong_words(tmp_path, capsys, words, said):
    assert main(["export", LENET, "-o", str(tmp_path / "net"), *words]) == 2
    assert said in capsys.readouterr().err
