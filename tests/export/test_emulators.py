"""What is exported runs on boards in QEMU, built by gcc for Arm: where these are installed."""

import numpy as np
import pytest
from emulators import CORES, missing, run
from exports import export
from quantized_models import classifier

from mini_infer.demo import assets

pytestmark = pytest.mark.skipif(missing() is not None, reason=f"there is no {missing()}")
LENET = str(assets.MODEL)
TARGETS = {"microbit": "cortex-m0plus"}
"""Core → the machine that C is exported for, where that has another name."""
COUNTED = {"cortex-m4": 580_000, "cortex-m7": 645_000}
"""Instructions that LeNet-5 may take by gcc 12.2; 281,640 multiply-adds."""


@pytest.mark.parametrize(
    "core",
    [pytest.param(name, marks=[] if name in ("microbit", "cortex-m4") else [pytest.mark.slow]) for name in CORES],
)
def test_lenet(tmp_path, core):
    """On a microbit in its own 16 KiB of RAM and 256 KiB of flash."""
    ran = run(export(LENET, tmp_path / "net", "--io=arena", "--target", TARGETS.get(core, core)), core)
    assert ran.result == 0
    assert 0 < ran.stack <= 512
    assert 0 < ran.instructions <= COUNTED.get(core, ran.instructions)
    assert ran.code < 16 << 10


@pytest.mark.slow
@pytest.mark.parametrize("core", [name for name in CORES if name != "microbit"])
def test_bytes(tmp_path, core):
    ran = run(export(classifier(np.int8), tmp_path / "net", "--io=arena", "--target", core), core)
    assert ran.result == 0
    assert 0 < ran.stack <= 512
