import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.errors import EngineError, UsageError
from mini_infer.machine import MACHINES
from mini_infer.toolchain import Target
from mini_infer.toolchain import host as module
from mini_infer.toolchain.host import X86_FEATURES, X86_LEVELS, parse_cpuinfo, parse_sysctl

V3, V4 = Target.parse("x86_64-linux-gnu+v3"), Target.parse("x86_64-linux-gnu+v4")


def test_the_host_runs_its_own_target():
    host = Target.host()
    assert host == Target.parse("native")
    assert host.missing(host) == ()
    assert host.triple is None


def test_width_follows_the_features():
    assert Target.parse("x86_64-linux-gnu").machine.vector_bytes == 16
    assert Target.parse("x86_64-linux-gnu+avx2").machine.vector_bytes == 16
    assert V3.machine.vector_bytes == 32
    assert V4.machine.vector_bytes == 64
    assert Target.parse("aarch64-macos").machine.vector_bytes == 16


def test_xeon_phi_has_no_wide_vectors():
    assert Target.parse("x86_64-linux-gnu+v3+avx512f+avx512cd").machine.vector_bytes == 32


@pytest.mark.parametrize(
    ("text", "arch", "system", "suffix"),
    [
        ("aarch64-linux-gnu", "aarch64", "linux", ".so"),
        ("x86_64-windows-gnu", "x86_64", "windows", ".dll"),
        ("aarch64-macos", "aarch64", "macos", ".dylib"),
    ],
)
def test_triples(text, arch, system, suffix):
    target = Target.parse(text)
    assert (target.arch, target.system, target.library_suffix, target.triple) == (arch, system, suffix, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x86_64", "write 'native', ARCH-SYSTEM"),
        ("a-b-c-d", "write 'native', ARCH-SYSTEM"),
        ("thumb-freestanding-eabihf", "'freestanding': choose one of linux, macos, windows"),
        ("x86_64-linux-gnu+avx9", "'avx9' is unknown on x86_64: choose from sse3"),
        ("aarch64-linux-gnu+avx2", "'avx2' is unknown on aarch64: choose from none"),
    ],
)
def test_a_bad_target_says_what_to_write(text, message):
    with pytest.raises(UsageError, match=message.replace("+", r"\+")):
        Target.parse(text)


def test_missing_names_the_features_that_the_machine_lacks():
    assert V4.missing(V3) == ("avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl")
    assert V3.missing(V4) == ()


def test_a_foreign_machine_lacks_the_architecture():
    assert Target.parse("aarch64-linux-gnu").missing(V3) == ("aarch64-linux",)


@given(
    st.sets(st.sampled_from(X86_FEATURES)),
    st.sampled_from([machine for machine in MACHINES.values() if machine.hosted]),
    st.sampled_from([None, "x86_64-linux-gnu"]),
)
def test_json_round_trip(features, machine, triple):
    target = Target("x86_64", "linux", tuple(features), machine, triple)
    assert Target.from_json(json.loads(json.dumps(target.to_json()))) == target


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        *({**V3.to_json(), **wrong} for wrong in ({"features": "avx2"}, {"features": [1]}, {"triple": 1})),
        *({**V3.to_json(), "machine": wrong} for wrong in (None, "x86-64-v3", {}, {"name": "x86-64-v3"})),
    ],
)
def test_malformed_json_is_an_engine_error(data):
    with pytest.raises(EngineError, match="malformed"):
        Target.from_json(data)


def test_an_unknown_feature_in_json_is_an_engine_error():
    with pytest.raises(EngineError, match="'avx9' is unknown"):
        Target.from_json({**V3.to_json(), "features": ["avx9"]})


@pytest.mark.parametrize("name", ["x86-64-v2", "x86-64-v3", "x86-64-v4", "aarch64"])
def test_a_machine_stands_for_itself_with_the_system_of_this_one(name):
    target = Target.parse(name)
    assert (target.machine, target.arch) == (MACHINES[name], MACHINES[name].arch)
    assert target.system == Target.host().system
    assert (target.triple is None) == (target.arch == Target.host().arch)
    assert Target.parse(str(target)).machine is target.machine


@pytest.mark.parametrize("name", ["cortex-m4", "cortex-m55", "rv32imc", "rv64gcv", "generic"])
def test_no_engine_is_compiled_for_a_machine_without_shared_libraries(name):
    with pytest.raises(UsageError, match=f"none can be built for {name}: choose one of x86-64-v2, .*aarch64, or ARCH-"):
        Target.parse(name)


def test_a_target_has_a_system():
    with pytest.raises(UsageError, match="no shared libraries on cortex-m4"):
        replace(V3, machine=MACHINES["cortex-m4"])


def test_str_can_be_parsed_again():
    assert Target.parse(str(V4)) == V4


def test_linux_features():
    text = "processor\t: 0\nflags\t\t: fpu pni ssse3 sse4_1 avx bmi1 abm avx512_vnni\nprocessor\t: 1\nflags\t\t: avx2\n"
    assert parse_cpuinfo(text) == ("sse3", "ssse3", "sse4.1", "avx", "bmi", "lzcnt", "avx512vnni")
    assert parse_cpuinfo("") == ()


def test_macos_features():
    text = "FPU SSE3 SSSE3 FMA SSE4.2 POPCNT AVX1.0 F16C\nBMI1 AVX2 BMI2 AVX512F\nSYSCALL LZCNT\n"
    expected = ("sse3", "ssse3", "sse4.2", "popcnt", "avx", "f16c", "fma", "avx2", "bmi", "bmi2", "lzcnt", "avx512f")
    assert parse_sysctl(text) == expected


def test_levels_are_nested():
    assert set(X86_LEVELS["v2"]) < set(X86_LEVELS["v3"]) < set(X86_LEVELS["v4"]) < set(X86_FEATURES)


def test_other_architectures_have_no_features_to_name(monkeypatch):
    monkeypatch.setattr(module, "arch", lambda: "riscv64")
    assert module.features.__wrapped__() == ()


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("x86_64-linux", "x86_64-linux-musl"),
        ("x86_64-linux.5.10", "x86_64-linux.5.10-musl"),
        ("x86_64-linux-gnu.2.28", "x86_64-linux-gnu.2.28"),
        ("amd64-linux-gnu", "x86_64-linux-gnu"),
        ("x86_64-windows", "x86_64-windows-gnu"),
        ("arm64-macos", "aarch64-macos"),
    ],
)
def test_what_is_left_out_is_said_to_compilers(monkeypatch, text, full):
    monkeypatch.setattr(module, "libc", lambda: "musl")
    assert Target.parse(text).full_triple == full


def test_a_linux_without_a_c_library_is_that_of_this_machine(monkeypatch):
    for libc in ("gnu", "musl"):
        monkeypatch.setattr(module, "libc", lambda libc=libc: libc)
        assert Target.parse("x86_64-linux").libc == libc
    monkeypatch.setattr(module, "libc", lambda: "")  # macOS builds for Linux
    assert Target.parse("x86_64-linux").libc == "gnu"


def test_a_foreign_c_library_is_missing():
    gnu, musl = (Target.parse(f"x86_64-linux-{libc}+v2") for libc in ("gnu.2.28", "musl"))
    assert (gnu.missing(gnu), musl.missing(gnu), gnu.missing(musl)) == ((), ("linux-musl",), ("linux-gnu",))


@pytest.mark.parametrize("text", ["vax-linux", "s390x-linux-gnu", "aarch64_be-linux"])
def test_an_unknown_architecture(text):
    with pytest.raises(UsageError, match=r"choose one of aarch64, .*, x86_64"):
        Target.parse(text)
