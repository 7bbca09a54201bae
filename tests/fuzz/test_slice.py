"""A few hundred cases of the fuzzer, always the same ones; `scripts/fuzz` tries as many as there is time for."""

import pytest

import fuzz


@pytest.mark.slow
def test_a_slice_has_no_fault(tmp_path, capfd):
    assert fuzz.main(["--cases=300", "--seed=1", "--minutes=30", f"--out={tmp_path}"]) == 0, capfd.readouterr().out
