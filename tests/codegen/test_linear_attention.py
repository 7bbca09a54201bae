import numpy as np
from driver import FEW, SEEDS, Case, check
from hypothesis import given


def real(rng, *shape):
    return (rng.standard_normal(shape) * 0.5).astype(np.float32)


@FEW
@given(seed=SEEDS)
def test_linear_attention_with_every_rule(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for rule in ("linear", "gated", "delta", "gated_delta"):
        for begun in (False, True):
            batch, length, states, shared, size, width = (int(rng.integers(1, 5)) for _ in range(6))
            inputs = [real(rng, batch, length, states * shared * size), real(rng, batch, length, states * size)]
            inputs.append(real(rng, batch, length, states * width))
            inputs.append(real(rng, batch, states, size, width) if begun else None)
            decay = states * int(rng.choice([1, size]))
            inputs.append(-np.abs(real(rng, batch, length, decay)) if "gated" in rule else None)
            inputs.append(np.abs(real(rng, batch, length, int(rng.choice([1, states])))) if "delta" in rule else None)
            while inputs[-1] is None:
                inputs.pop()
            attributes = {"update_rule": rule, "q_num_heads": states * shared, "kv_num_heads": states}
            cases.append(Case("LinearAttention", inputs, attributes, outputs=2))
    check(cases, rtol=1e-4, atol=1e-5)


@FEW
@given(seed=SEEDS)
def test_causal_convolution_with_what_came_before(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for activation in ("none", "silu", "swish"):
        for bias in (False, True):
            for begun in (False, True):
                batch, channels, length, taps = (int(rng.integers(1, 6)) for _ in range(4))
                inputs = [real(rng, batch, channels, length), real(rng, channels, 1, taps)]
                inputs.append(real(rng, channels) if bias else None)
                inputs.append(real(rng, batch, channels, taps - 1) if begun else None)
                while inputs[-1] is None:
                    inputs.pop()
                cases.append(Case("CausalConvWithState", inputs, {"activation": activation}, outputs=2))
    check(cases, rtol=1e-4, atol=1e-5)
