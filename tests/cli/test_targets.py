"""Engines for other machines are written here, and refused where they cannot run."""

import numpy as np
import pytest

from mini_infer.errors import EngineError
from mini_infer.toolchain import Target, host

ARCH, SYSTEM = host.arch(), host.system()
FOREIGN = "x86_64" if ARCH == "aarch64" else "aarch64"
ELSEWHERE = [
    (f"{FOREIGN}-linux-gnu", f"{FOREIGN}-linux"),
    (f"{FOREIGN}-linux", f"{FOREIGN}-linux"),
    ("riscv64-linux-musl", "riscv64-linux"),
    (f"{ARCH}-{'linux' if SYSTEM != 'linux' else 'windows'}-gnu", "linux" if SYSTEM != "linux" else "windows"),
    (f"{FOREIGN}-macos", f"{FOREIGN}-macos"),
    *([(f"{ARCH}-linux-musl", "linux-musl")] if host.libc() == "gnu" else []),
]


@pytest.mark.parametrize(("target", "missing"), ELSEWHERE)
def test_an_engine_for_another_machine(record, command, lenet, tmp_path, target, missing):
    engine = tmp_path / "other.engine"
    answer = record("compile", lenet.model, "--target", target, "-o", engine)
    assert answer["target"] == str(Target.parse(target))
    assert record("plan", engine)["arena_bytes"] == answer["arena_bytes"]
    for words in (["run", engine, *lenet.digits], ["bench", engine], ["inspect", engine, "--measure"]):
        refused = command(*words)
        assert (refused.status, refused.out, len(refused.errors)) == (EngineError.exit_code, "", 1)
        assert "this machine lacks " in refused.errors[0]
        assert missing in refused.errors[0]
    refused = command("run", lenet.model, "--target", target, *lenet.digits)
    assert (refused.status, len(refused.errors)) == (EngineError.exit_code, 1)


@pytest.mark.parametrize(
    "spelt", [f"{ARCH}-{SYSTEM}", pytest.param(f"{ARCH}-linux-{host.libc()}", marks=pytest.mark.slow)]
)
@pytest.mark.skipif(SYSTEM != "linux", reason="a C library is Linux's question")
def test_this_machine_by_name(command, compiler, lenet, tmp_path, spelt):
    answers = []
    for target in ("native", spelt):
        path = tmp_path / "out.npz"
        words = [f"--target={target}", f"--compiler={compiler.command[0]}", f"--save-outputs={path}"]
        assert command("run", lenet.model, *lenet.digits, *words, "-o", tmp_path / "out.json").errors == []
        answers.append(np.load(path)["logits"].argmax(axis=1).tolist())
    assert answers[0] == answers[1]
