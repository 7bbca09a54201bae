import numpy as np
import pytest
from driver import FEW, MACHINES, SEEDS, Case, check, run
from hypothesis import given


def real(rng, dtype, *shape):
    return rng.standard_normal(shape).astype(dtype)


def some_case(rng, dtype, *, past=False, mask=None, flat=False, counted=False, most=(7, 9), **attributes):
    batch, queries, new = (int(rng.integers(1, n)) for n in (4, *most))
    kv_heads, shared, size, width = (int(n) for n in (rng.integers(1, 4), rng.integers(1, 3), 8, rng.integers(1, 20)))
    heads = kv_heads * shared
    before = int(rng.integers(1, 5)) if past else 0
    keys = before + new

    def rows(count, length, each):
        if flat:
            return real(rng, dtype, batch, length, count * each)
        return real(rng, dtype, batch, count, length, each)

    inputs = [rows(heads, queries, size), rows(kv_heads, new, size), rows(kv_heads, new, width)]
    if mask is not None:
        shape = [(queries, keys), (batch, 1, queries, keys), (1, heads, 1, keys), (queries, max(1, keys - 2))]
        chosen = shape[int(rng.integers(0, len(shape)))]
        masked = rng.random(chosen) < 0.3
        inputs.append(~masked if mask == "bool" else np.where(masked, -np.inf, real(rng, dtype, *chosen)).astype(dtype))
    if past:
        inputs += [None] * (mask is None)
        inputs += [real(rng, dtype, batch, kv_heads, before, size), real(rng, dtype, batch, kv_heads, before, width)]
    if counted:
        inputs += [None] * (6 - len(inputs))
        inputs.append(rng.integers(0, keys + 1, batch))
    if flat:
        attributes |= {"q_num_heads": heads, "kv_num_heads": kv_heads}
    return Case("Attention", inputs, attributes, 25, outputs=4 if past or "qk_matmul_output_mode" in attributes else 1)


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_heads_masks_caches_and_windows(seed):
    rng = np.random.default_rng(seed)
    cases = [
        some_case(rng, "float32"),
        some_case(rng, "float32", flat=True, is_causal=1),
        some_case(rng, "float32", mask="bool"),
        some_case(rng, "float32", mask="float", softcap=1.5, scale=0.3),
        some_case(rng, "float32", past=True, mask="float", is_causal=1),
        some_case(rng, "float32", past=True, flat=True),
        some_case(rng, "float32", counted=True, is_causal=1),
        some_case(rng, "float32", counted=True, mask="bool"),
        some_case(rng, "float32", left_window_size=2, right_window_size=1),
        some_case(rng, "float32", left_window_size=1, is_causal=1, past=True),
        some_case(rng, "float64", mask="float"),
    ]
    cases += [some_case(rng, "float32", mask="bool", qk_matmul_output_mode=mode) for mode in range(4)]
    check(cases, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("machine", MACHINES)
@FEW
@given(seed=SEEDS)
def test_many_queries_and_keys(seed, machine):
    rng = np.random.default_rng(seed)
    kinds = [{"is_causal": 1}, {"mask": "bool"}, {"mask": "float"}, {"right_window_size": 3}, {"flat": True}]
    cases = []
    for kind in kinds:
        cases.append(some_case(rng, "float32", most=(20, 70), **kind))
        cases.append(some_case(rng, "float32", most=(20, 70), past=True, **kind))
    check(cases, rtol=1e-4, atol=1e-5, machine=machine)


@FEW
@given(seed=SEEDS)
def test_half_floats(seed):
    rng = np.random.default_rng(seed)
    check([some_case(rng, "float16", mask="bool"), some_case(rng, "float16", is_causal=1)])


@FEW
@given(seed=SEEDS)
def test_rotary_embedding(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in ("float32", "float64", "float16"):
        for flat in (False, True):
            for interleaved in (0, 1):
                batch, heads, rows, pairs = (int(rng.integers(1, 5)) for _ in range(4))
                size = 2 * pairs + 2 * int(rng.integers(0, 3))
                shape = (batch, rows, heads * size) if flat else (batch, heads, rows, size)
                table = (9, pairs) if rng.random() < 0.5 else (batch, rows, pairs)
                inputs = [real(rng, dtype, *shape), real(rng, dtype, *table), real(rng, dtype, *table)]
                if len(table) == 2:
                    inputs.append(rng.integers(0, 9, (batch, rows)))
                attributes = {"interleaved": interleaved, "rotary_embedding_dim": 2 * pairs}
                attributes |= {"num_heads": heads} if flat else {}
                cases.append(Case("RotaryEmbedding", inputs, attributes, 23))
    check(cases, rtol=1e-4, atol=1e-5)


def test_a_position_beyond_the_table_is_an_error():
    x, table = np.zeros((1, 1, 2, 4), np.float32), np.zeros((3, 2), np.float32)
    case = Case("RotaryEmbedding", [x, table, table, np.array([[0, 3]])], version=23)
    with pytest.raises(AssertionError, match="failed with code 1"):
        run([case], [[x]])


@pytest.mark.parametrize("count", [-1, 4, 2**62, -(2**63)])
def test_more_valid_keys_than_there_are_is_an_error(count):
    x = np.zeros((1, 1, 3, 4), np.float32)
    case = Case("Attention", [x, x, x, None, None, None, np.array([count])], {"is_causal": 1}, 25)
    with pytest.raises(AssertionError, match="failed with code 2"):
        run([case], [[x]])


def test_windows_as_wide_as_an_integer_are_no_windows():
    rng = np.random.default_rng(7)
    x = rng.standard_normal((1, 1, 3, 4)).astype(np.float32)
    widest = {"left_window_size": 2**63 - 1, "right_window_size": 2**63 - 1}
    scores = np.exp(x[0, 0] @ x[0, 0].T.astype(np.float64) / 2)
    expected = (scores / scores.sum(axis=1, keepdims=True) @ x[0, 0])[None, None]
    case = Case("Attention", [x, x, x], widest, 25)
    (got,) = run([case], [[x]])
    np.testing.assert_allclose(got[0], expected, rtol=1e-5, atol=1e-6)
