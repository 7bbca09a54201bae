"""What the workers of the tests' pipelines do with results."""

import os

import numpy as np
from batch_models import expected


def is_right(result, *, scale=1):
    wanted = expected({name: array[None] for name, array in result.example.items()}, scale=scale)
    return all(np.array_equal(result.inference[name], array[0]) for name, array in wanted.items())


def told(result):
    return f"{os.getpid()} {is_right(result)}"
