"""Machines as values, and which one a processor is."""

import json
from dataclasses import replace

import pytest

from mini_infer.errors import UsageError
from mini_infer.machine import GENERIC, MACHINES, Machine, machine_for
from mini_infer.toolchain.host import X86_FEATURES, X86_LEVELS

V3, V4, M4 = (MACHINES[name] for name in ("x86-64-v3", "x86-64-v4", "cortex-m4"))


@pytest.mark.parametrize("machine", MACHINES.values(), ids=str)
def test_json_round_trip(machine):
    again = Machine.from_json(json.loads(json.dumps(machine.to_json())))
    assert again == machine
    assert hash(again) == hash(machine)
    assert MACHINES[machine.name] is machine


@pytest.mark.parametrize(
    ("arch", "features", "name"),
    [
        ("x86_64", (), "x86-64-v2"),
        ("x86_64", X86_LEVELS["v2"], "x86-64-v2"),
        ("x86_64", ("avx2",), "x86-64-v2"),
        ("x86_64", X86_LEVELS["v3"], "x86-64-v3"),
        ("x86_64", (*X86_LEVELS["v3"], "avx512f", "avx512cd"), "x86-64-v3"),  # Xeon Phi
        ("x86_64", X86_FEATURES, "x86-64-v4"),
        ("aarch64", (), "aarch64"),
        ("riscv64", (), "generic"),
        ("thumb", (), "generic"),  # with an operating system it is no Cortex-M
    ],
)
def test_features_say_which_machine_a_processor_is(arch, features, name):
    assert machine_for(arch, features).name == name


def test_lanes_and_widths_follow_the_vectors():
    assert [(one.lanes, one.widths()) for one in (M4, GENERIC, V3, V4)] == [
        (1, (1,)),
        (4, (4,)),
        (8, (8, 4)),
        (16, (16, 8, 4)),
    ]


def test_wide_vectors_take_a_cycle_where_two_narrow_ones_do():
    assert [V4.vector_cycles(width) for width in (16, 8, 4)] == [1.0, 0.5, 0.5]
    assert [V3.vector_cycles(width) for width in (8, 4)] == [0.5, 0.5]
    assert GENERIC.vector_cycles(4) == 0.5
    assert M4.vector_cycles(1) == 1.0


def test_caches_hold_a_part_of_what_they_are():
    assert [V3.near(level) for level in range(4)] == [16 << 10, 512 << 10, 12 << 20, 12 << 20]
    assert (V3.near(1, 4), V3.near(1, 8)) == (256 << 10, 128 << 10)
    assert (M4.near(0), M4.near(1)) == (0, 0)
    assert MACHINES["cortex-m7"].near(1) == 8 << 10


def test_what_is_read_again_comes_from_the_cache_that_holds_it():
    sizes = {16 << 10: 0.0, (16 << 10) + 1: 1 / 24, 512 << 10: 1 / 24, 12 << 20: 1 / 12, 1 << 30: 1 / 6}
    assert {size: V3.read_cycles(size) for size in sizes} == sizes
    assert M4.read_cycles(1 << 20) == 0.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vector_bytes": 24}, "vectors of 24 bytes: choose 16, 32 or 64, or 0 for none"),
        ({"registers": 0}, "0 registers: choose 1 to 128"),
        ({"registers": 10**9}, "1000000000 registers"),
        ({"caches": (1 << 15, -1)}, "caches of"),
        ({"caches": ()}, "4 rates of reading for 0 caches and memory"),
        ({"pipeline": {"in_flight": 0}}, "0 multiply-adds in flight: choose 1 to 64"),
        ({"pipeline": {"decode": 0}}, "decode of a machine is 0"),
        ({"pipeline": {"issue": 1.5}}, "issue of a machine is 1.5"),
        ({"rates": {"barrier": 0}}, "barrier of a machine is 0"),
        ({"rates": {"bytes": float("nan")}}, "bytes of a machine is nan"),
        ({"rates": {"multiply_adds": "3"}}, "multiply_adds of a machine is '3'"),
    ],
)
def test_numbers_that_no_machine_has_are_refused(change, message):
    def changed():
        parts = {
            name: replace(getattr(V3, name), **value) if isinstance(value, dict) else value
            for name, value in change.items()
        }
        return replace(V3, **parts)

    with pytest.raises(UsageError, match=message):
        changed()


def test_pairs_of_bytes_are_added_up_where_nothing_adds_up_four():
    pairs = ("uint8", "int16")
    assert pairs in machine_for("x86_64", ("avx2", "fma")).dot
    assert pairs not in machine_for("x86_64", ("avx2", "fma", "avxvnni")).dot
    assert all(pairs not in MACHINES[name].dot for name in ("x86-64-v2", "x86-64-v4", "aarch64"))
