"""Kernels a band of rows at a time: the same bits as of the whole, and nothing touched that the whole does not."""

import itertools
import random

import numpy as np
import pytest
from banded_kernels import families
from machines import WIDTHS
from native_kernels import NativeKernels, random_bytes

from mini_infer.codegen.alike import Form, forms
from mini_infer.ir.dims import at
from mini_infer.program.kernels.bands import Pass
from mini_infer.toolchain import Target, find

RNG = np.random.default_rng(0)
WORKSPACE = {"inputs", "products", "sums"}
MACHINES = {f"{width} bytes": machine for width, machine in WIDTHS.items()}
RUN_HERE = {name for name, machine in MACHINES.items() if machine.vector_bytes <= Target.host().machine.vector_bytes}
FAMILIES = (
    "contraction",
    "winograd 2",
    "winograd 4",
    "pool",
    "elementwise",
    "copy",
    "mean",
    "sample",
    "images",
    "reduction",
)
SLOW = {"winograd 4", "images"}
PARTS = [
    pytest.param(name, family, marks=() if name == "32 bytes" and family not in SLOW else pytest.mark.slow)
    for name in MACHINES
    for family in FAMILIES
]


def cuts(kernel):
    """Ways to cut a kernel: into the smallest bands, and at random."""
    bands = kernel.bands()
    starts = range(0, bands.rows, bands.multiple)
    some = random.Random(bands.rows).sample(starts, -(-len(starts) // 3))
    for chosen in dict.fromkeys(map(frozenset, (starts, (0, *some)))):
        borders = [*sorted(chosen), bands.rows]
        yield [(first, end - first) for first, end in itertools.pairwise(borders)]


def starts_of(kernel, first, rows):
    """For each operand, where a band's begins in that of the whole, in bytes."""
    found = zip(kernel.bands().passes, kernel.operands(), strict=True)
    return [0 if each is None else each.slices(first, rows)[0] * each.step * one.element_bytes for each, one in found]


def reaches(kernel, first, rows):
    """For each operand, the bytes of the whole's that a band can touch."""
    operands = kernel.band(first, rows).operands()
    return [
        tuple(start + end for end in operand.reach) if operand.points else None
        for start, operand in zip(starts_of(kernel, first, rows), operands, strict=True)
    ]


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_bands_reach_together_as_far_as_the_whole(machine):
    for name, kernel in ((name, one) for family in families(machine).values() for name, one in family.items()):
        kernel.verified(machine)
        for cut in cuts(kernel):
            for first, rows in cut:
                kernel.band(first, rows).verified(machine)
            found = zip(*(reaches(kernel, *band) for band in cut), strict=True)
            for operand, parts in zip(kernel.operands(), found, strict=True):
                real = [part for part in parts if part is not None]
                if operand.name in WORKSPACE:
                    assert all(high <= operand.reach[1] for _, high in real), name
                    continue
                hull = (min(low for low, _ in real), max(high for _, high in real)) if real else (0, 0)
                assert hull == operand.reach, f"{name}: {operand.name} in {cut}"


def test_slices_of_many_bands_are_those_of_each():
    passes = [
        Pass(4, count, stride, pad, span)
        for count, stride, pad, span in itertools.product((1, 2, 9), (1, 3), (-2, 0, 4, 12), (1, 2, 5))
    ]
    passes.append(Pass(4, 5, picked=(0, 0, 1, 1, 1, 2, 4, 4)))
    bands = [(first, rows) for first in range(8) for rows in range(1, 9 - first)]
    firsts, counts = np.array(bands).T
    for each in passes:
        assert [*zip(*map(np.ndarray.tolist, each.slices_of(firsts, counts)), strict=True)] == [
            each.slices(*band) for band in bands
        ]


def memory_for(kernel, rng):
    """An array for each operand; what is written has a pattern, and floats are random numbers."""
    arrays = []
    for operand in kernel.operands():
        size = operand.reach[1]
        reads_first = operand.access.value != "writes"
        if operand.table:
            arrays.append(rng.integers(0, min(operand.table), size // 4, np.int32).view(np.uint8))
            continue
        arrays.append(random_bytes(rng, operand.kind, size) if reads_first else np.full(size, 0xA5, np.uint8))
    return arrays


def run_whole(natives, kernel, given):
    arrays = [array.copy() for array in given]
    natives.run(kernel, [array.ctypes.data for array in arrays])
    return arrays


def run_in_bands(natives, kernel, given, cut):
    """The arrays after all bands, each of which finds NaN wherever it has nothing to look for."""
    arrays = [array.copy() for array in given]
    for first, rows in cut:
        band = kernel.band(first, rows)
        starts, ranges = starts_of(kernel, first, rows), reaches(kernel, first, rows)
        shown = [np.full(array.size, 0xFF, np.uint8) for array in arrays]
        for array, copy, each in zip(arrays, shown, ranges, strict=True):
            low, high = each or (0, 0)
            copy[low:high] = array[low:high]
        natives.run(band, [copy.ctypes.data + start for copy, start in zip(shown, starts, strict=True)])
        for operand, array, copy, each in zip(kernel.operands(), arrays, shown, ranges, strict=True):
            low, high = each or (0, 0)
            assert (copy[:low] == 0xFF).all()
            assert (copy[high:] == 0xFF).all()
            if operand.written:
                array[low:high] = copy[low:high]
            else:
                assert np.array_equal(copy[low:high], array[low:high])
    return arrays


def pieces_of(kernel):
    """The bands of all ways to cut a kernel."""
    return [kernel.band(*band) for cut in cuts(kernel) for band in cut]


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_a_form_is_each_of_its_kernels_at_its_sizes(machine):
    for family in families(machine).values():
        for kernel in family.values():
            for piece, form in forms(pieces_of(kernel)).items():
                assert at(form.kernel, form.sizes) == piece


@pytest.mark.skipif(find() is None, reason="native code is compared")
@pytest.mark.parametrize(("machine", "family"), PARTS)
def test_bands_give_the_bits_of_the_whole(machine, family):
    if machine not in RUN_HERE:
        pytest.skip("this machine has no such vectors")
    kernels = families(MACHINES[machine])[family]
    pieces = {name: pieces_of(kernel) for name, kernel in kernels.items()}
    every = [*kernels.values(), *itertools.chain(*pieces.values())]
    shared = {kernel: Form(kernel, {}) for kernel in kernels.values()} | {
        piece: form for of_one in pieces.values() for piece, form in forms(of_one).items()
    }
    natives = [NativeKernels(every, MACHINES[machine], chosen) for chosen in (None, shared)]
    for name, kernel in kernels.items():
        given = memory_for(kernel, RNG)
        whole = run_whole(natives[0], kernel, given)
        for cut, found in ((cut, run_in_bands(each, kernel, given, cut)) for cut in cuts(kernel) for each in natives):
            for operand, one, other in zip(kernel.operands(), whole, found, strict=True):
                if operand.written and operand.name not in WORKSPACE:
                    assert np.array_equal(one, other), f"{name}: {operand.name} in {cut}"
