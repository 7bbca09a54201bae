"""The prelude's elementary functions against float64."""

import ctypes
import math
from dataclasses import replace

import numpy as np
import pytest
from machines import WIDTHS

from mini_infer.codegen.vectors.vector import prelude
from mini_infer.codegen.vectors.vector_math import MATH_NAMES
from mini_infer.toolchain import Target, build, find, load

TARGETS = {
    "16 baseline": (16, False),
    "16": (16, True),
    "32": (32, True),
    "64": (64, True),
}


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x < -87, 0, np.where(x < 0, e, 1) / (1 + e))


REFERENCE = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "erf": np.vectorize(math.erf, otypes=[float]),
    "gelu": lambda x: 0.5 * x * np.vectorize(math.erfc, otypes=[float])(-x * math.sqrt(0.5)),
    "gelu_tanh": lambda x: x * sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)),
    "sin": np.sin,
    "cos": np.cos,
}
# Bounds that the module's docstring states. In units in the last place of the result (of the smallest normal number for
# smaller results); for GELU in units of 2^-24 max(1, |x|).
ULPS = {
    "exp": 1.1,
    "expm1": 1.7,
    "log": 1.0,
    "log1p": 1.6,
    "tanh": 2.8,
    "sigmoid": 2.5,
    "erf": 1.6,
    "sin": 2.5,
    "cos": 2.5,
}
ABSOLUTE = {"gelu": 2.0, "gelu_tanh": 2.7}
EDGES = [
    0,
    -0.0,
    1e-45,
    1e-40,
    1.1754944e-38,
    88.72283,
    88.72284,
    89,
    -87.33654,
    -103.97,
    -104,
    -150,
    1,
    -1,
    0.99999994,
]


def samples():
    """Every exponent and sign, the ranges where the functions bend, and multiples of pi / 2."""
    bits = np.arange(0, 1 << 32, 65_537 * 3, dtype=np.uint64).astype(np.uint32).view(np.float32)
    ranges = [np.linspace(-end, end, 20_001) for end in (1.5, 20, 110)]
    near_multiples = np.arange(-5300, 5300) * (np.pi / 2)
    x = np.concatenate([*ranges, near_multiples, EDGES]).astype(np.float32)
    x = np.concatenate([bits[np.isfinite(bits)], x, np.nextafter(x, np.float32(np.inf))])
    return x[: len(x) // 16 * 16]


X = samples()


@pytest.fixture(scope="module")
def reference():
    with np.errstate(all="ignore"):
        return {name: function(X.astype(np.float64)) for name, function in REFERENCE.items()}


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=[pytest.mark.slow] if name in {"16", "64"} else []) for name in TARGETS],
)
def target(request):
    vector_bytes, features = TARGETS[request.param]
    host = Target.host()
    return replace(host, machine=WIDTHS[vector_bytes], features=host.features if features else ())


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def library(compiler, target, cache):
    return built(compiler, target, cache)


def built(compiler, target, cache):
    text = '#include "vector.h"\n'
    for name in MATH_NAMES:
        text += f"""
        MI_EXPORT void t_{name}(const float *x, float *y, long n);
        void t_{name}(const float *x, float *y, long n) {{
            for (long i = 0; i < n; i += VL) mi_store(y + i, mi_{name}(mi_load(x + i)));
        }}
        MI_EXPORT void t_{name}1(const float *x, float *y, long n);
        void t_{name}1(const float *x, float *y, long n) {{
            for (long i = 0; i < n; i++) y[i] = mi_{name}1(x[i]);
        }}
        """
    text += """
        MI_EXPORT void t_exp_of_negative(const float *x, float *y, long n);
        void t_exp_of_negative(const float *x, float *y, long n) {
            for (long i = 0; i < n; i += VL) mi_store(y + i, mi_exp_of_negative(mi_load(x + i)));
        }
        """
    sources = {"vector.h": prelude(target.machine), "test.c": text}
    return load(build(sources, compiler, target, cache=cache, warnings=True))


def mapped(function, x):
    y = np.empty_like(x)
    function(ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(y.ctypes.data), ctypes.c_long(len(x)))
    return y


def check_bound(name, y, exact):
    with np.errstate(over="ignore"):
        rounded = exact.astype(np.float32)
    assert np.array_equal(np.isnan(y), np.isnan(exact))
    assert np.array_equal(np.isinf(y), np.isinf(rounded))
    finite = np.isfinite(rounded)
    if name in ULPS:
        unit = np.spacing(np.maximum(np.abs(rounded[finite]), np.finfo(np.float32).smallest_normal))
    else:
        unit = 2.0**-24 * np.maximum(1, np.abs(X[finite].astype(np.float64)))
    error = np.abs(y[finite] - exact[finite]) / unit
    worst = error.argmax()
    assert error[worst] <= {**ULPS, **ABSOLUTE}[name], f"{error[worst]} at x = {X[finite][worst]!r}"


@pytest.mark.parametrize("name", MATH_NAMES)
def test_error_stays_within_the_stated_bound(library, reference, name):
    check_bound(name, mapped(getattr(library, f"t_{name}"), X), reference[name])


@pytest.mark.parametrize("name", MATH_NAMES)
def test_one_float_gives_the_bits_of_a_lane(library, name):
    assert same_bits(mapped(getattr(library, f"t_{name}"), X), mapped(getattr(library, f"t_{name}1"), X))


def test_width_and_compiler_do_not_change_a_bit(library, target, cache):
    """Against narrow vectors of whichever compiler is found first."""
    narrow = built(find(), replace(target, machine=WIDTHS[16]), cache)
    for name in MATH_NAMES:
        assert same_bits(mapped(getattr(library, f"t_{name}"), X), mapped(getattr(narrow, f"t_{name}"), X)), name


def test_exponentials_of_negative_numbers_for_softmax(library):
    x = np.concatenate([X[X <= 0], np.linspace(-87, 0, 100_001, dtype=np.float32)])
    x = np.concatenate([x, np.float32([-np.inf] * (16 - len(x) % 16))])
    y, exact = mapped(library.t_exp_of_negative, x), np.exp(x.astype(np.float64))
    inside = x >= -87
    assert np.all(y[~inside] == 0)
    assert np.max(np.abs(y - exact)[inside] / np.spacing(exact[inside].astype(np.float32))) <= ULPS["exp"]
    assert np.isnan(mapped(library.t_exp_of_negative, np.full(16, np.nan, np.float32))).all()


def same_bits(a, b):
    """Equal bit by bit; any NaN is as good as another."""
    whole = ~np.isnan(a)
    return np.array_equal(np.isnan(b), ~whole) and np.array_equal(a[whole].view(np.uint32), b[whole].view(np.uint32))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("exp", {-np.inf: 0, np.inf: np.inf, 0.0: 1}),
        ("expm1", {-np.inf: -1, np.inf: np.inf, -0.0: -0.0, 1e-40: 1e-40}),
        ("log", {-0.0: -np.inf, 1e-45: -103.27893, np.inf: np.inf, -1.0: np.nan, -np.inf: np.nan, 1.0: 0}),
        ("log1p", {-1.0: -np.inf, np.inf: np.inf, -2.0: np.nan, -np.inf: np.nan, 0.0: 0, 1e-40: 1e-40}),
        ("tanh", {-np.inf: -1, np.inf: 1, -0.0: -0.0, 1e-40: 1e-40}),
        ("sigmoid", {-np.inf: 0, np.inf: 1, 0.0: 0.5}),
        ("erf", {-np.inf: -1, np.inf: 1, -0.0: -0.0}),
        ("gelu", {np.inf: np.inf, -np.inf: np.nan, -100.0: -0.0, 100.0: 100}),
        ("gelu_tanh", {np.inf: np.inf, -np.inf: np.nan, -100.0: -0.0, 100.0: 100}),
        ("sin", {np.inf: np.nan, -np.inf: np.nan, 0.0: 0, 1e-40: 1e-40}),
        ("cos", {np.inf: np.nan, -np.inf: np.nan, -0.0: 1}),
    ],
)
def test_special_values(library, name, values):
    x = np.array([*values, *[np.nan] * (16 - len(values))], np.float32)
    expected = np.array([*values.values(), *[np.nan] * (16 - len(values))], np.float32)
    y = mapped(getattr(library, f"t_{name}"), x)
    assert np.array_equal(y, expected, equal_nan=True)
    whole = ~np.isnan(expected)
    assert np.array_equal(np.signbit(y[whole]), np.signbit(expected[whole]))


def test_large_angles_are_reduced_exactly(library):
    """Against integers: x is a whole number of 2^-149, and so is pi to 1200 bits."""
    random = np.random.default_rng(0)
    x = np.ldexp(random.uniform(0.5, 1, 4096), random.integers(14, 129, 4096)).astype(np.float32)
    x *= random.choice([-1, 1], 4096).astype(np.float32)
    x = x[np.isfinite(x)]
    x = x[: len(x) // 16 * 16].copy()
    pi = whole_pi(1200)
    angles = [remainder(float(value), pi) for value in x]
    for name, function in (("sin", math.sin), ("cos", math.cos)):
        exact = np.array([function(angle) for angle in angles])
        error = np.abs(mapped(getattr(library, f"t_{name}"), x) - exact) / np.spacing(np.abs(exact).astype(np.float32))
        assert error.max() <= ULPS[name]


def whole_pi(bits):
    """floor(2^bits pi), by Machin's formula."""
    one = 1 << (bits + 20)

    def arctangent_of_inverse(n):
        term = total = one // n
        divisor = sign = 1
        while term:
            term //= n * n
            divisor, sign = divisor + 2, -sign
            total += sign * (term // divisor)
        return total

    return (16 * arctangent_of_inverse(5) - 4 * arctangent_of_inverse(239)) >> 20


def remainder(x, pi):
    """x modulo 2 pi, exact to float64."""
    numerator, denominator = x.as_integer_ratio()
    scaled = (numerator << 1200) // denominator % (2 * pi)
    return scaled / (1 << 1200)
