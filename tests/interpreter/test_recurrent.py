"""LSTM, GRU and RNN against onnxruntime."""

import numpy as np
import pytest
from against_onnxruntime import FEW, agree
from hypothesis import given
from hypothesis import strategies as st

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
DIRECTIONS = ["forward", "reverse", "bidirectional"]


def inputs(op, random, *, direction, batch=2, length=4, hidden=3, features=2):
    ways = 2 if direction == "bidirectional" else 1
    gates = GATES[op]

    def normal(*shape):
        return random.standard_normal(shape, np.float32)

    x = normal(length, batch, features)
    w, r = normal(ways, gates * hidden, features), normal(ways, gates * hidden, hidden)
    bias, state = normal(ways, 2 * gates * hidden), normal(ways, batch, hidden)
    lengths = random.integers(1, length, batch, np.int32, endpoint=True)
    given = [x, w, r, bias, lengths, state]
    if op == "LSTM":
        given += [normal(ways, batch, hidden), normal(ways, 3 * hidden)]
    return given, {"direction": direction, "hidden_size": hidden}


@pytest.mark.parametrize("op", GATES)
@FEW
@given(st.sampled_from(DIRECTIONS), st.lists(st.booleans(), min_size=5, max_size=5), st.integers(0, 2**32 - 1))
def test_with_and_without_optional_inputs(op, direction, present, seed):
    given, attributes = inputs(op, np.random.default_rng(seed), direction=direction)
    kept = [value if keep else None for value, keep in zip(given[3:], present, strict=False)]
    agree(op, [*given[:3], *kept], attributes, outputs=3 if op == "LSTM" else 2, rtol=1e-4)


@pytest.mark.parametrize("op", GATES)
@pytest.mark.parametrize("clip", [0.3, 2.0])
def test_clip(op, clip):
    given, attributes = inputs(op, np.random.default_rng(1), direction="forward")
    agree(op, given, {**attributes, "clip": clip}, rtol=1e-4)


@pytest.mark.parametrize("linear", [0, 1])
def test_linear_before_reset(linear):
    given, attributes = inputs("GRU", np.random.default_rng(2), direction="bidirectional")
    agree("GRU", given, {**attributes, "linear_before_reset": linear}, rtol=1e-4)


def test_coupled_forget_gate():
    given, attributes = inputs("LSTM", np.random.default_rng(3), direction="forward")
    agree("LSTM", given[:7], {**attributes, "input_forget": 1}, rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("Relu", {}),
        ("Softsign", {}),
        ("Softplus", {}),
        ("Tanh", {}),
        ("Sigmoid", {}),
        ("LeakyRelu", {"activation_alpha": [0.2]}),
        ("ThresholdedRelu", {"activation_alpha": [0.1]}),
        ("Elu", {"activation_alpha": [0.5]}),
        ("ScaledTanh", {"activation_alpha": [0.5], "activation_beta": [1.5]}),
        ("HardSigmoid", {"activation_alpha": [0.3], "activation_beta": [0.4]}),
        ("Affine", {"activation_alpha": [0.3], "activation_beta": [0.4]}),
    ],
)
def test_activations(name, parameters):
    given, attributes = inputs("RNN", np.random.default_rng(4), direction="forward")
    agree("RNN", given, {**attributes, "activations": [name], **parameters}, rtol=1e-4)


def test_activations_take_their_parameters_in_order():
    given, attributes = inputs("LSTM", np.random.default_rng(5), direction="forward")
    activations = {"activations": ["HardSigmoid", "Tanh", "LeakyRelu"], "activation_alpha": [0.3, 0.2]}
    agree("LSTM", given[:7], {**attributes, **activations, "activation_beta": [0.4]}, rtol=1e-4)
