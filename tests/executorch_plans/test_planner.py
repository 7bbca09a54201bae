"""The algorithm and the check, on tensors that are made here."""

import sys
from types import SimpleNamespace

import pytest
from executorch_fakes import Spec, module, suite

import mini_infer.executorch
from mini_infer.errors import CapacityError, PlanError, ProblemError, UnsupportedError, UsageError
from mini_infer.executorch import Planner, check, checked

pytestmark = pytest.mark.usefixtures("planning")


def bank(name, size, mem_id, alignment=None):
    return SimpleNamespace(name=name, size=size, mem_id=mem_id, alignment=alignment)


def planned(specs, *, graph=None, banks=None, padding=0, alignment=16):
    """Sizes of the memories, planned and checked, and the planner."""
    planner = Planner(banks)
    sizes = checked(suite(planner))(alignment, specs, graph or module(100), None, padding)
    return sizes, planner


def test_tensors_share_bytes_when_their_lives_are_apart():
    specs = [Spec(100, [0, 1]), Spec(60, [1, 2]), Spec(100, [2, 3])]
    sizes, planner = planned(specs)
    assert sizes == [0, 112 + 64]
    assert (planner.plans[0].memory, planner.plans[0].plan.optimal) == (1, True)
    assert specs[0].mem_offset == specs[2].mem_offset


def test_each_memory_is_planned_for_itself():
    specs = [Spec(32, [0, 3]), Spec(64, [0, 3], mem_id=3), Spec(16, [1, 2], mem_id=3)]
    sizes, planner = planned(specs)
    assert sizes == [0, 32, 0, 80]
    assert [(each.memory, each.plan.size) for each in planner.plans] == [(1, 32), (3, 80)]


def test_padding_is_added_where_there_is_something():
    assert planned([Spec(32, [0, 1], mem_id=2)], padding=64)[0] == [0, 0, 96]
    assert planned([], padding=64)[0] == [0, 0]


def test_a_tensor_in_the_storage_of_another_lies_there_and_makes_it_live():
    base = Spec(128, [0, 1])
    part = Spec(32, [2, 5], storage_base=base, storage_base_offset=64)
    part_of_part = Spec(16, [6, 7], storage_base=part, storage_base_offset=16)
    other = Spec(128, [6, 6])
    sizes, _ = planned([base, part, part_of_part, other])
    assert sizes == [0, 256]
    assert (part.mem_offset, part_of_part.mem_offset) == (base.mem_offset + 64, base.mem_offset + 80)


@pytest.mark.parametrize("distance", [-16, 112])
def test_a_part_must_lie_within_its_storage(distance):
    base = Spec(128, [0, 5], mem_offset=0, mem_id=1)
    part = Spec(32, [1, 2], storage_base=base, storage_base_offset=distance)
    with pytest.raises(PlanError, match=rf"takes 32 bytes from {distance} on of storage that has 128$"):
        planned([base, part])


def test_a_part_of_what_is_not_planned_or_of_itself_is_refused():
    lost = Spec(128, [0, 5])
    with pytest.raises(ProblemError, match=r"lies in the storage of .* which is not planned with it"):
        planned([Spec(32, [1, 2], storage_base=lost)])
    circle = Spec(16, [0, 1])
    circle.storage_base = circle
    with pytest.raises(ProblemError, match="lies in its own storage"):
        planned([circle])


def test_what_submodules_take_is_kept_from_their_node_to_the_end():
    """A result stays where the submodule put it: what lives later must not lie there."""
    early, late = Spec(64, [0, 3]), Spec(64, [6, 7])
    sizes, _ = planned([early, late], graph=module(8, {5: (100, 40)}))
    assert (early.mem_offset, late.mem_offset) == (0, 112)
    assert sizes == [0, 112 + 64]
    late.mem_offset = 0
    with pytest.raises(PlanError, match=r"'submodules from node 5 on' .* share bytes while both live"):
        check([early, late], sizes, module(8, {5: (100, 40)}), 16)


def test_submodules_without_tensors_around_them_have_their_bytes():
    assert planned([], graph=module(3, {1: (100, 200)}))[0] == [0, 200]


def test_later_submodules_add_what_they_take_more():
    between, last = Spec(16, [3, 3]), Spec(16, [6, 6])
    sizes, _ = planned([between, last], graph=module(8, {2: (32, 0), 5: (64, 16), 6: (48, 0)}))
    assert (between.mem_offset, last.mem_offset, sizes) == (32, 64, [0, 80])


def test_banks_are_filled_in_order_of_preference():
    specs = [Spec(64, [0, 3]), Spec(64, [1, 2]), Spec(32, [1, 3])]
    sizes, planner = planned(specs, banks=[bank("sram", 100, 3), bank("dram", 1000, 1)])
    assert sizes[3] <= 96
    assert sizes[1] + sizes[3] == 160
    assert planner.plans[0].memory == 0


def test_an_assigned_memory_is_kept_declared_or_not():
    specs = [Spec(64, [0, 3], mem_id=1), Spec(64, [0, 3], mem_id=7), Spec(64, [0, 3])]
    sizes, _ = planned(specs, banks=[bank("sram", 100, 2), bank("dram", 1000, 1)])
    assert [spec.mem_id for spec in specs] == [1, 7, 2]
    assert sizes == [0, 64, 64, 0, 0, 0, 0, 64]


def test_what_fits_no_bank_is_refused_with_the_padding_counted():
    assert planned([Spec(64, [0, 1])], banks=[bank("sram", 64, 1)])[0] == [0, 64]
    with pytest.raises(CapacityError):
        planned([Spec(64, [0, 1])], banks=[bank("sram", 100, 1)], padding=64)


def test_a_banks_alignment_is_kept():
    specs = [Spec(20, [0, 3]), Spec(20, [0, 3])]
    planned(specs, banks=[bank("sram", 1000, 1, alignment=64)])
    assert {spec.mem_offset % 64 for spec in specs} == {0}


def test_submodules_keep_their_bytes_in_banks_too():
    specs = [Spec(64, [6, 7])]
    sizes, _ = planned(specs, banks=[bank("sram", 150, 1), bank("dram", 1000, 2)], graph=module(8, {5: (100, 0)}))
    assert (specs[0].mem_id, sizes) == (2, [0, 100, 64])


def test_banks_are_of_the_processor():
    spec = Spec(64, [0, 1], device=SimpleNamespace(name="CUDA"))
    assert planned([spec])[0] == [0, 64]
    with pytest.raises(UnsupportedError, match="is on CUDA; banks are memories of the CPU"):
        planned([Spec(64, [0, 1], device=SimpleNamespace(name="CUDA"))], banks=[bank("sram", 100, 1)])


@pytest.mark.parametrize(
    ("banks", "message"),
    [
        ([bank("a", 1, 1), bank("a", 1, 2)], "two banks have the name 'a'"),
        ([bank("a", 1, 1), bank("b", 1, 1)], "two banks have the mem_id 1"),
        ([bank("a", 1, 0)], "bank 'a' is memory 0; 0 holds constants, banks begin at 1"),
    ],
)
def test_banks_that_make_no_sense(banks, message):
    with pytest.raises(UsageError, match=message):
        Planner(banks)


def zeros(_, specs, *__):
    """Everything at the beginning."""
    for spec in specs:
        spec.mem_id, spec.mem_offset = 1, 0
    return [0, max(spec.allocated_memory for spec in specs)]


def test_the_plan_of_all_zeros_is_refused():
    with pytest.raises(PlanError, match=r"'tensor 0 \(float32 16\)' at \[0, 64\) share bytes while both live in"):
        checked(zeros)(16, [Spec(64, [0, 2]), Spec(32, [2, 3])], module(5), None, 0)
    assert checked(zeros)(16, [Spec(64, [0, 2]), Spec(32, [3, 4])], module(5), None, 0) == [0, 64]


@pytest.mark.parametrize(
    ("mem_id", "offset", "sizes", "message"),
    [
        (None, 0, [0, 64], "has no place$"),
        (1, None, [0, 64], "has no place$"),
        (0, 0, [64, 64], "is in memory 0; there are 2, and the first is for constants$"),
        (2, 0, [0, 64], "is in memory 2; there are 2"),
        (1, 8, [0, 100], "offset 8, which is no multiple of its alignment 16$"),
        (1, 16, [0, 64], "memory 1 has 64 bytes; its tensors reach 80$"),
    ],
)
def test_places_that_are_wrong(mem_id, offset, sizes, message):
    with pytest.raises(PlanError, match=message):
        check([Spec(64, [0, 1], mem_id=mem_id, mem_offset=offset)], sizes, module(3), 16)


def test_a_part_elsewhere_than_its_storage_is_refused():
    base = Spec(64, [0, 5], mem_id=1, mem_offset=64)
    part = Spec(16, [1, 2], mem_id=1, mem_offset=0, storage_base=base, storage_base_offset=16)
    with pytest.raises(
        PlanError, match="lies at 0 of memory 1; the storage that it is part of begins at 64 of memory 1"
    ):
        check([base, part], [0, 128], module(6), 16)


def test_a_tensor_without_a_lifetime_is_refused():
    with pytest.raises(ProblemError, match="has no lifetime"):
        planned([Spec(64, [None, None])])


def test_an_algorithm_that_returns_a_result_needs_a_suite():
    with pytest.raises(
        UsageError, match=r"returns a Result goes through MemoryPlanningAlgorithmSuite\(\[algorithm\]\)$"
    ):
        checked(Planner())(16, [Spec(64, [0, 1])], module(3), None, 0)


def test_without_the_library(monkeypatch):
    for name in ("executorch", "executorch.exir", "executorch.exir.memory_planning"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=r"needs executorch, .* \"mini-infer-engine\[executorch\]\"$"):
        _ = mini_infer.executorch.MemoryPlanningPass
    with pytest.raises(AttributeError):
        _ = mini_infer.executorch.nothing
