import time

import numpy as np

from mini_infer.demo.runs import time_ratio


class Sleeper:
    """An engine whose calls take a known time."""

    def __init__(self, seconds):
        self.seconds = seconds

    def create_context(self):
        return self

    def bind(self, inputs, outputs):
        assert inputs["input"].shape == (1, 1, 28, 28)
        assert outputs["logits"].shape == (1, 10)
        return lambda: time.sleep(self.seconds)


def test_time_ratio_is_engine_over_peer():
    ratio = time_ratio(Sleeper(0.004), Sleeper(0.001), np.zeros((1, 28, 28), np.float32), seconds=0)
    assert 1.2 < ratio < 20
