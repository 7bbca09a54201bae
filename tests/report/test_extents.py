"""What a plan takes at several sizes, and which of them fit."""

from types import SimpleNamespace

import pytest

from mini_infer.ir import DType, Node, Symbol, TensorType
from mini_infer.memory import Buffer, Problem, solve
from mini_infer.program import Port, Program, Step
from mini_infer.report.plan.extents import extents_lines, extents_of, extents_record, fits_lines
from mini_infer.runtime import Variant

H, W = Symbol("h", 8, 64, 8, 32), Symbol("w", 1, 10, 1, 10)


@pytest.fixture
def variant():
    """Two buffers alive at once: one of h * w, one of 4 * h bytes; a third of a fixed size in a step of its own."""
    h, w = H.dim, W.dim
    sizes = (h * w, 4 * h, 100)
    lives = ((0, 2), (0, 2), (2, 3))
    named = zip("abc", (640, 256, 100), lives, strict=True)
    problem = Problem(tuple(Buffer(name, size, *life, alignment=4) for name, size, life in named))
    node = Node(name="relu", op="Relu", inputs=("x",), outputs=("y",))
    kind = TensorType(DType.FLOAT32, (h, w))
    ports = [(Port(name, kind, name),) for name in "xy"]
    program = Program("g", (Step(node),) * 3, *ports, {}, (), problem, 5000, (H, W), sizes)
    return Variant("", program, solve(problem))


def test_each_end_and_each_dimension_alone(variant):
    extents = extents_of(variant)
    found = {(extent.sizes["h"], extent.sizes["w"]): (extent.note, extent.plan.size) for extent in extents.at}
    assert found == {
        (8, 1): ("least", 100),
        (32, 10): ("typical", 32 * 14),
        (64, 10): ("largest", 64 * 14),
        (8, 10): ("least h", 8 * 14),
        (64, 1): ("least w", 64 * 5),
    }
    assert {extent.sizes["h"]: extent.inputs for extent in extents.at if extent.sizes["w"] == 10} == {
        8: 320,
        32: 1280,
        64: 2560,
    }


def test_what_is_asked_for_is_said_once(variant):
    extents = extents_of(variant, asked=[{"h": 16}, {"h": 64, "w": 10}])
    notes = {(extent.sizes["h"], extent.sizes["w"]): extent.note for extent in extents.at}
    assert (notes[16, 10], notes[64, 10]) == ("asked for", "largest, asked for")


def test_each_alone_and_all_at_once(variant):
    extents = extents_of(variant, limit=16 * 14)
    h, w, both = extents.fits
    assert (h.sizes, h.fits, h.plan.size) == ({"h": 16, "w": 10}, True, 16 * 14)
    assert (w.sizes, w.fits, w.plan.size) == ({"h": 64, "w": 1}, False, 64 * 5)
    assert both.fits
    assert both.plan.size <= 16 * 14
    lines = "\n".join(fits_lines(extents, variant.program, 0, 1))
    assert "largest that these steps fit into 224 bytes (224 B)" in lines
    assert "h up to 16 beside w=10: arena 224 bytes\n    224 alive in step 0 (Relu relu)\n      160  a" in lines
    assert "and 1 more; --all shows them" in lines
    assert "w 1 beside h=64: NOT met, the least takes arena 320 bytes" in lines
    record = extents_record(extents, variant.program, 7)
    assert record["largest_that_fit"][0]["peak"]["live"] == [{"id": "a", "size": 160}, {"id": "b", "size": 64}]
    assert record["bytes_at"][0]["total_bytes"] == 100 + 7 + 2 * 32


def test_the_table_goes_up(variant):
    lines = extents_lines(extents_of(variant))
    assert lines[0] == "bytes at (h 8 to 64 in steps of 8, w 1 to 10)"
    assert [line.split()[2] for line in lines[2:]] == ["100", "112", "320", "448", "896"]


def test_where_no_dimension_has_a_range():
    extents = extents_of(SimpleNamespace(program=SimpleNamespace(symbols=())), limit=5)
    assert (extents.at, extents.fits, extents_lines(extents), fits_lines(extents, None, 0, 9)) == ((), (), [], [])
