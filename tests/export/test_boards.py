"""What is exported runs on Cortex-M processors: where ziglang and unicorn are installed."""

import numpy as np
import pytest
from boards import CPUS, link, run
from exports import OPTIONS, export
from quantized_models import classifier

from mini_infer.demo import assets

COUNTED = {"cortex-m4": 907_000, "cortex-m7": 613_000}
"""Instructions that LeNet-5 may take; 281,640 multiply-adds."""


@pytest.mark.parametrize(
    "machine", [pytest.param(name, marks=[] if name == "cortex-m4" else [pytest.mark.slow]) for name in CPUS]
)
def test_lenet(tmp_path, machine):
    pytest.importorskip("unicorn")
    folder = export(str(assets.MODEL), tmp_path / "net", "--target", machine)
    ran = run(link(folder, machine, OPTIONS), count=machine in COUNTED)
    assert ran.result == 0
    assert ran.stack <= 512
    assert ran.instructions <= COUNTED.get(machine, 0)


@pytest.mark.slow
@pytest.mark.parametrize("machine", CPUS)
def test_bytes(tmp_path, machine):
    pytest.importorskip("unicorn")
    folder = export(classifier(np.int8), tmp_path / "net", "--target", machine)
    assert run(link(folder, machine, OPTIONS), count=False).result == 0
