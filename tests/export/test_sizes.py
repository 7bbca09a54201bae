"""Code and stack, as a compiler reports them and as a board sees them."""

import json

import emulators
import pytest
from cli_checks import conforms
from exports import compiler, export

from mini_infer.cli import main
from mini_infer.demo import assets
from mini_infer.export.sizes import stack

LENET = str(assets.MODEL)
GRAPH = """\
graph: { title: "net.c"
node: { title: "net.c:leaf" label: "leaf\\nnet.c:1:41\\n96 bytes (static)" }
node: { title: "net.c:one" label: "one\\nnet.c:2:41\\n8 bytes (static)" }
node: { title: "net.c:two" label: "two\\nnet.c:3:41\\n100 bytes (dynamic,bounded)" }
node: { title: "net_run" label: "net_run\\nnet.c:9:5\\n32 bytes (static)" }
node: { title: "memcpy" label: "memcpy\\n<built-in>" shape : ellipse }
edge: { sourcename: "net_run" targetname: "net.c:one" label: "net.c:10:3" }
edge: { sourcename: "net_run" targetname: "net.c:two" label: "net.c:11:3" }
edge: { sourcename: "net.c:one" targetname: "net.c:leaf" label: "net.c:2:3" }
edge: { sourcename: "net.c:two" targetname: "memcpy" label: "net.c:3:3" }
}
"""


def _report(folder):
    report = json.loads((folder / "net.json").read_text(encoding="utf-8"))
    conforms(report)
    return report


def test_the_deepest_calls():
    assert stack(GRAPH, "net_run") == 32 + 8 + 96
    assert stack(GRAPH.replace("100 bytes", "105 bytes"), "net_run") == 32 + 105
    assert stack(GRAPH, "net.c:leaf") == 96
    assert stack("", "net_run") == 0


@pytest.mark.parametrize("words", [(), ("--weights=bin",), ("--target=native",), ("--io=arena", "--name=net")])
def test_this_machine(tmp_path, words):
    compiler()
    report = _report(export(LENET, tmp_path / "net", "--sizes", *words))
    assert 1000 < report["code_bytes"] < 100_000
    assert 0 < report["stack_bytes"] < 2000
    assert "-O2" in report["compiled_by"]


def test_nothing_is_said_where_nothing_was_asked(tmp_path):
    report = _report(export(LENET, tmp_path / "net"))
    assert not {"code_bytes", "stack_bytes", "compiled_by"} & set(report)


@pytest.mark.parametrize("core", ["cortex-m4", "cortex-m7"])
def test_as_on_the_board(tmp_path, core):
    """Code to the byte; of the stack the board writes all that there is, but for what a frame leaves unused."""
    if tool := emulators.CORES[core].missing:
        pytest.skip(f"there is no {tool}")
    folder = export(LENET, tmp_path / "net", "--sizes", f"--target={core}")
    report, ran = _report(folder), emulators.run(folder, core)
    assert report["code_bytes"] == ran.code
    assert report["stack_bytes"] - 32 <= ran.stack <= report["stack_bytes"]


def test_a_machine_whose_compiler_is_not_known(tmp_path, capsys):
    assert main(["export", LENET, "-o", str(tmp_path / "net"), "--sizes", "--target=cortex-m55"]) == 4
    assert "--sizes: no compiler is known for cortex-m55" in capsys.readouterr().err
