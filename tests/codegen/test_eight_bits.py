"""Vectors of bytes and int32: the functions a kernel brings along, by every compiler, and kernels that use them."""

import ctypes
from dataclasses import replace

import numpy as np
import pytest
from driver import MACHINES, Case, run, run_graph
from machines import SCALAR, WIDTHS
from onnx import helper

from mini_infer.codegen.vectors.expression import has_vector_form, is_of_reals
from mini_infer.codegen.vectors.integers import definitions
from mini_infer.codegen.vectors.vector import prelude
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.program.kernels import Operation
from mini_infer.toolchain import Target, build, load

F32, U8, S8, S32 = DType.FLOAT32, DType.UINT8, DType.INT8, DType.INT32
KINDS = {"u8": np.uint8, "s8": np.int8, "s32": np.int32}
C_NAMES = {"u8": "uint8_t", "s8": "int8_t", "s32": "int32_t"}
AWKWARD = [0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 126.5, 127.5, 254.5, 255.5, -127.5, -128.5, 1e9, -1e9, 3e38, -3e38]


def source(machine):
    text = "\n".join(['#include "vector.h"', *definitions(machine, U8)])
    for kind, element in C_NAMES.items():
        text += f"""
        MI_EXPORT void load_{kind}(const {element} *x, float *y);
        void load_{kind}(const {element} *x, float *y) {{ mi_store(y, mi_load_{kind}(x)); }}
        MI_EXPORT void load_{kind}_n(const {element} *x, float *y, int n);
        void load_{kind}_n(const {element} *x, float *y, int n) {{ mi_store(y, mi_load_{kind}_n(x, n)); }}
        """
        if kind == "s32":
            continue
        text += f"""
        MI_EXPORT void store_{kind}(const float *x, {element} *y);
        void store_{kind}(const float *x, {element} *y) {{ mi_store_{kind}(y, mi_load(x)); }}
        MI_EXPORT void store_{kind}_n(const float *x, {element} *y, int n);
        void store_{kind}_n(const float *x, {element} *y, int n) {{ mi_store_{kind}_n(y, mi_load(x), n); }}
        """
    return text


@pytest.fixture(scope="module", params=[16, 32, 64])
def vector_bytes(request):
    return request.param


@pytest.fixture(scope="module")
def library(compiler, vector_bytes, tmp_path_factory):
    """The functions of `source`."""
    target = replace(Target.host(), machine=WIDTHS[vector_bytes])
    sources = {"vector.h": prelude(WIDTHS[vector_bytes]), "test.c": source(WIDTHS[vector_bytes])}
    return load(build(sources, compiler, target, cache=tmp_path_factory.mktemp("cache"), warnings=True))


def pointer(array):
    return ctypes.c_void_p(array.ctypes.data)


@pytest.mark.parametrize("kind", KINDS)
def test_loads_give_every_number_and_read_no_further(library, vector_bytes, kind):
    lanes, ends = vector_bytes // 4, np.iinfo(KINDS[kind])
    numbers = np.array([ends.min, ends.max, 0, 1, ends.max - 1, ends.min + 1, 2**24 + 1, 2**24 + 3], np.int64)
    every = np.arange(ends.min, ends.min + 256) if kind != "s32" else np.tile(numbers, 32)
    every = np.append(every, 0).astype(KINDS[kind])  # one more, so that no vector is aligned
    found = np.empty(lanes, np.float32)
    for start in range(1, 257 - lanes, lanes):
        part = every[start : start + lanes]
        library[f"load_{kind}"](pointer(part), pointer(found))
        np.testing.assert_array_equal(found, part.astype(np.float32))
        for n in range(lanes + 1):
            library[f"load_{kind}_n"](pointer(part), pointer(found), n)
            np.testing.assert_array_equal(found, np.where(np.arange(lanes) < n, part.astype(np.float32), 0))


@pytest.mark.parametrize("kind", ["u8", "s8"])
def test_stores_write_every_number_and_no_further(library, vector_bytes, kind):
    lanes, low = vector_bytes // 4, np.iinfo(KINDS[kind]).min
    for start in range(0, 256, lanes):
        whole = np.arange(low + start, low + start + lanes)
        found = np.full(lanes + 1, 77, KINDS[kind])
        library[f"store_{kind}"](pointer(whole.astype(np.float32)), pointer(found))
        assert found.tolist() == [*whole, 77]
        for n in range(lanes + 1):
            found[:] = 77
            library[f"store_{kind}_n"](pointer(whole.astype(np.float32)), pointer(found), n)
            assert found.tolist() == [*whole[:n], *[77] * (lanes + 1 - n)]


def quantized(x, scale, zero, dtype):
    """Exactly: in float64 everything but the quotient, which is float32's."""
    ends = np.iinfo(dtype)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        near = np.rint((x / np.float32(scale)).astype(np.float64)) + np.float64(zero)
    return np.where(np.isnan(near), 0, np.clip(near, ends.min, ends.max)).astype(dtype)


def reals(count, seed=0):
    """Ties, ends, NaN, infinities and random numbers around the 8-bit types, of three scales."""
    generator = np.random.default_rng(seed)
    steps = np.arange(-600, 600) / 2
    random = np.concatenate([generator.normal(size=count) * 10.0**power for power in (0, 2, 6)])
    x = np.concatenate([AWKWARD, [np.inf, -np.inf, np.nan, 1e-40], steps, np.nextafter(np.float32(steps), 0), random])
    generator.shuffle(x)
    return x[:count].astype(np.float32)


SIZES = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 2049, 4096 + 17]
EVERY = [*MACHINES, pytest.param(SCALAR, id="plain C")]


@pytest.mark.parametrize("machine", EVERY)
def test_quantize_linear(machine):
    cases, expected = [], []
    for dtype in (np.uint8, np.int8):
        ends = np.iinfo(dtype)
        for number, size in enumerate(SIZES):
            zero = dtype([0, ends.min, ends.max, 5][number % 4])
            scale = np.float32([1, 0.1, 3e-6][number % 3])
            x = reals(size, number)
            known = frozenset({1, 2}) if number % 2 else frozenset()
            cases.append(Case("QuantizeLinear", [x, scale, zero], {}, 21, known))
            expected.append([quantized(x, scale, zero, dtype)])
        for axis, shape in ((1, (2, 5, 19)), (2, (3, 2, 37)), (0, (4, 16))):
            scale = np.random.default_rng(axis).uniform(0.01, 2, shape[axis]).astype(np.float32)
            zero = np.linspace(ends.min, ends.max, shape[axis]).astype(dtype)
            x = reals(int(np.prod(shape)), axis).reshape(shape)
            cases.append(Case("QuantizeLinear", [x, scale, zero], {"axis": axis}, 21, frozenset({1, 2})))
            along = [-1 if at == axis else 1 for at in range(len(shape))]
            expected.append([quantized(x, scale.reshape(along), zero.reshape(along), dtype)])
    for case, (found,), (wanted,) in zip(cases, run(cases, expected, machine=machine), expected, strict=True):
        np.testing.assert_array_equal(found, wanted, err_msg=str(case))


@pytest.mark.parametrize("machine", EVERY)
def test_dequantize_linear(machine):
    cases, expected = [], []
    for dtype in (np.uint8, np.int8, np.int32):
        ends = np.iinfo(dtype)
        for number, size in enumerate(SIZES):
            x = np.random.default_rng(number).integers(ends.min, ends.max + 1, size).astype(dtype)
            zero = dtype(0 if dtype == np.int32 else [0, ends.min, ends.max][number % 3])
            scale = np.float32(0.1 + number)
            cases.append(Case("DequantizeLinear", [x, scale, zero], {}, 21, frozenset({1, 2})))
            expected.append([(x.astype(np.float32) - np.float32(zero)) * scale])
    for case, (found,), (wanted,) in zip(cases, run(cases, expected, machine=machine), expected, strict=True):
        np.testing.assert_array_equal(found, wanted, err_msg=str(case))


@pytest.mark.parametrize("machine", EVERY)
def test_what_lies_between_two_quantizations(machine):
    """One loop: what was dequantized is rounded before it is added to anything."""
    cases, expected = [], []
    for number, size in enumerate(SIZES):
        dtype = (np.uint8, np.int8)[number % 2]
        ends, random = np.iinfo(dtype), np.random.default_rng(number)
        a, b = (random.integers(ends.min, ends.max + 1, (3, size)).astype(dtype) for _ in range(2))
        s, t, r = random.uniform(0.01, 0.1, 3).astype(np.float32)
        zeros = random.integers(ends.min, ends.max + 1, 3).astype(dtype)
        body = [
            helper.make_node("DequantizeLinear", ["x0", "x2", "x3"], ["p"]),
            helper.make_node("DequantizeLinear", ["x1", "x4", "x5"], ["q"]),
            helper.make_node("Add", ["p", "q"], ["sum"]),
            helper.make_node("QuantizeLinear", ["sum", "x6", "x7"], ["y0"]),
        ]
        given = [a, b, s, zeros[0], t, zeros[1], r, zeros[2]]
        case = Case("Elementwise", list(map(np.asarray, given)), {}, 21, frozenset(range(2, 8)), body=body)
        cases.append(case)
        left, right = (
            (x.astype(np.float32) - np.float32(z)) * f for x, z, f in zip((a, b), zeros[:2], (s, t), strict=True)
        )
        expected.append([quantized(left + right, r, zeros[2], dtype)])
    for case, (found,), (wanted,) in zip(cases, run(cases, expected, machine=machine), expected, strict=True):
        np.testing.assert_array_equal(found, wanted, err_msg=str(case))


def test_rows_with_strides_are_quantized_in_place_and_between_others():
    """What is sliced, transposed and joined around a quantization changes nothing."""
    x = np.arange(256, dtype=np.uint8).reshape(2, 128)[:, :99].copy()
    scale, zero = np.float32(0.5), np.uint8(3)
    nodes = (
        Node("d", "DequantizeLinear", ("x", "scale", "zero"), ("real",), version=21),
        Node("q", "QuantizeLinear", ("real", "scale", "zero"), ("again",), version=21),
        Node("t", "Transpose", ("again",), ("turned",), {"perm": (1, 0)}, version=21),
        Node("e", "DequantizeLinear", ("turned", "scale", "zero"), ("y",), version=21),
    )
    types = {
        "x": TensorType(U8, x.shape),
        "real": TensorType(F32, x.shape),
        "again": TensorType(U8, x.shape),
        "turned": TensorType(U8, x.shape[::-1]),
        "y": TensorType(F32, x.shape[::-1]),
        "scale": TensorType(F32, ()),
        "zero": TensorType(U8, ()),
    }
    graph = Graph("g", nodes, ("x",), ("y",), types, {"scale": np.array(scale), "zero": np.array(zero)})
    (found,) = run_graph(graph, [x], machine=WIDTHS[32])
    np.testing.assert_array_equal(found, (x.T.astype(np.float32) - 3) * scale)


def test_which_expressions_have_vectors():
    quantize = Operation("Quantize", (0, 1), U8)
    cast = Operation("Cast", (0,), F32)
    assert has_vector_form((quantize,), [F32, F32])
    assert not is_of_reals((quantize,), [F32, F32])
    assert has_vector_form((quantize, Operation("Clip", (2,), U8, (3, 9))), [F32, F32])
    for dtype in (U8, S8, S32, F32):
        assert has_vector_form((cast, Operation("Exp", (1,), F32)), [dtype])
        assert is_of_reals((cast, Operation("Exp", (1,), F32)), [dtype]) == (dtype is F32)
    assert not has_vector_form((Operation("Cast", (0,), U8),), [F32])  # truncates and wraps around
    assert not has_vector_form((Operation("Add", (0, 1), U8),), [U8, U8])  # wraps around
    assert not has_vector_form((Operation("Max", (0, 1), S32),), [S32, S32])  # is not exact in float32
    assert not has_vector_form((Operation("Cast", (0,), DType.INT16),), [U8])
    assert not has_vector_form((cast,), [DType.BOOL])
    assert not has_vector_form((cast,), [DType.INT64])
