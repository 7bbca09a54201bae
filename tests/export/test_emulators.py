"""What is exported runs on boards in QEMU, built by gcc for Arm and RISC-V, or by clang: where these are installed."""

from dataclasses import replace

import emulators
import numpy as np
import pytest
from emulators import CORES, run
from exports import export
from quantized_models import classifier, convolutions

from mini_infer.demo import assets

LENET = str(assets.MODEL)
TARGETS = {"microbit": "cortex-m0plus"}
"""Core → the machine that C is exported for, where that has another name."""
COUNTED = {"cortex-m4": 580_000, "cortex-m7": 645_000, "cortex-m55": 220_000}
"""Instructions that LeNet-5 may take by gcc 12.2, on a Cortex-M55 by clang 22; 281,640 multiply-adds."""

STACK = {"cortex-m55": 4096}
"""Bytes that kernels of 8-bit numbers may take where it is more than 512: tables of vectors, made by clang."""


def _cores(names, quick):
    """Cores as parameters: those that are not quick are slow, those whose tools are missing are skipped."""
    return [
        pytest.param(
            name,
            marks=[
                *([] if name in quick else [pytest.mark.slow]),
                pytest.mark.skipif(CORES[name].missing is not None, reason=f"there is no {CORES[name].missing}"),
            ],
        )
        for name in names
    ]


@pytest.mark.parametrize("core", _cores(CORES, ("microbit", "cortex-m4", "cortex-m55")))
def test_lenet(tmp_path, core):
    """On a microbit in its own 16 KiB of RAM and 256 KiB of flash."""
    ran = run(export(LENET, tmp_path / "net", "--io=arena", "--target", TARGETS.get(core, core)), core)
    assert ran.result == 0
    assert 0 < ran.stack <= 512
    assert 0 < ran.instructions <= COUNTED.get(core, ran.instructions)
    assert ran.code < 16 << 10


@pytest.mark.parametrize("core", _cores([name for name in CORES if name != "microbit"], ("cortex-m0plus", "rv32imc")))
@pytest.mark.parametrize("model", [lambda: classifier(np.int8), convolutions], ids=["floats between", "integers"])
def test_bytes(tmp_path, core, model):
    ran = run(export(model(), tmp_path / "net", "--io=arena", "--target", core), core)
    assert ran.result == 0
    assert 0 < ran.stack <= STACK.get(core, 512)


@pytest.mark.parametrize("core", _cores(["cortex-m7"], ("cortex-m7",)))
def test_two_memories(tmp_path, core):
    folder = export(LENET, tmp_path / "net", "--target", core, "--pool", "dtcm:4K,sram:64K")
    assert run(folder, core).result == 0


@pytest.mark.parametrize("core", _cores(["cortex-m55"], ("cortex-m55",)))
def test_gcc_is_refused_what_it_makes_wrong_code_of(tmp_path, core, monkeypatch):
    """Vectors of Helium; the plain C for a Cortex-M33 is right there."""
    monkeypatch.setitem(emulators.CORES, core, replace(CORES[core], clang=()))
    with pytest.raises(AssertionError, match="compile with clang, or export for cortex-m33"):
        run(export(LENET, tmp_path / "vectors", "--io=arena", "--target", core), core)
    assert run(export(LENET, tmp_path / "plain", "--target=cortex-m33"), core).result == 0
