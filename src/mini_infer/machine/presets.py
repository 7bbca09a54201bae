"""The machines by name. To add one is to add an entry here.

The numbers of x86-64 were tuned on servers with AVX2 and AVX-512 (32 KiB, 1 MiB and 24 MiB of cache; what a kernel may
count on is a part of each). `machine_for` goes by the features of a processor alone, and looks at no cache or clock:
the same model compiled for the same level gives the same code on every machine. Those of the others are estimates from
instruction timings and clock rates, and were not measured; where several cores share a name, the common one stands for
all.
"""

from collections.abc import Iterable
from dataclasses import replace

from mini_infer.machine.machine import Machine
from mini_infer.machine.rates import Pipeline, Rates

KIB, MIB = 1 << 10, 1 << 20

# Two multiplications and two loads in a cycle, of up to 32 bytes each, each multiplication four cycles long.
_AVX2 = Pipeline(
    issue=2,
    bytes=64,
    decode=5,
    in_flight=8,
    reserved=1,
    broadcasts=0,
    loop=32,
    outputs=7,
    load=0.05,
    tile=12,
    tight_tile=32,
    store=2.0,
    store_apart=2.6,
    spill=4.0,
)
_SERVER = Rates(
    multiply_adds=3,
    loads=1,
    bytes=64,
    call=100,
    barrier=5_000,
    wake=50_000,
    read=(0.0, 1 / 24, 1 / 12, 1 / 6),
    stream=1 / 32,
    overflow=0.4,
    strassen_rows=32,
    strassen_half=256,
    strassen_k_block=384,
)

_V2 = Machine(
    name="x86-64-v2",
    arch="x86_64",
    needs=(),  # 16-byte vectors are part of every x86-64
    hosted=True,
    vector_bytes=16,
    registers=16,
    caches=(32 * KIB, 1 * MIB, 24 * MIB),
    dot={("int16", "int32"): 2, ("uint8", "int32"): 4},  # PMADDWD; VPDPBUSD, or two of the former
    pipeline=replace(_AVX2, bytes=32),
    rates=_SERVER,
)
_V3 = replace(
    _V2,
    name="x86-64-v3",
    needs=("avx2", "fma"),
    vector_bytes=32,
    dot={**_V2.dot, ("uint8", "int16"): 2},  # VPMADDUBSW, which saturates
    pipeline=_AVX2,
    rates=replace(_SERVER, multiply_adds=6),
)
_V4 = replace(
    _V3,
    name="x86-64-v4",
    needs=("avx512f", "avx512bw", "avx512vl", "avx512dq"),  # Xeon Phi has the first alone
    vector_bytes=64,
    registers=32,
    dot=_V2.dot,
    pipeline=replace(_AVX2, reserved=0, broadcasts=3),
    rates=replace(_SERVER, multiply_adds=3.8),
)

# Neoverse N1: two multiplications and two loads of 16 bytes in a cycle, four cycles long; four instructions decoded.
_AARCH64 = Machine(
    name="aarch64",
    arch="aarch64",
    needs=(),
    hosted=True,
    vector_bytes=16,
    registers=32,
    caches=(64 * KIB, 1 * MIB, 32 * MIB),
    dot={},  # SDOT (int8, four of them) is an extension that no baseline has
    pipeline=replace(_AVX2, bytes=32, decode=4),
    rates=_SERVER,
)

GENERIC = replace(_V2, name="generic", arch="", dot={})
"""What is taken for a processor that nothing is known of: vectors that every compiler can split."""

# One instruction at a time, loads of two cycles; memory on the chip, as near as a cache.
_SINGLE = Pipeline(
    issue=1,
    bytes=4,
    decode=1,
    in_flight=1,
    reserved=1,
    broadcasts=0,
    loop=28,
    outputs=7,
    load=1.0,
    tile=12,
    tight_tile=12,
    store=1.0,
    store_apart=1.0,
    spill=4.0,
)
_BOARD = Rates(
    multiply_adds=0.02,
    loads=0.04,
    bytes=0.2,
    call=200,
    barrier=1_000_000,  # there is one core
    wake=1_000_000,
    read=(0.0,),
    stream=0.0,
    overflow=0.0,
    strassen_rows=32,
    strassen_half=256,
    strassen_k_block=384,
    clock=0.168,
)
_M4 = Machine(
    name="cortex-m4",  # at 168 MHz: VMLA takes three cycles, and each of its loads two
    arch="thumb",
    needs=("vfp4d16sp",),
    hosted=False,
    vector_bytes=0,
    registers=32,
    caches=(),
    dot={("int16", "int32"): 2},  # SMLAD
    pipeline=_SINGLE,
    rates=_BOARD,
)
_M0 = replace(
    _M4,
    name="cortex-m0plus",  # at 48 MHz, floating point in software: some hundred cycles for a product
    needs=(),
    registers=8,
    dot={},
    rates=replace(_BOARD, multiply_adds=0.0004, loads=0.01, bytes=0.05, call=1_000, clock=0.048),
)
_M3 = replace(
    _M0,
    name="cortex-m3",  # at 72 MHz
    registers=12,
    rates=replace(_BOARD, multiply_adds=0.0008, loads=0.02, bytes=0.1, call=500, clock=0.072),
)
_M7 = replace(
    _M4,
    name="cortex-m7",  # at 400 MHz, two instructions in a cycle
    needs=("fp_armv8d16sp",),
    caches=(16 * KIB,),
    pipeline=replace(_SINGLE, issue=2, decode=2, in_flight=3),
    rates=replace(
        _BOARD,
        multiply_adds=0.1,
        loads=0.2,
        bytes=0.8,
        call=50,
        read=(0.0, 1.0),
        stream=0.5,
        overflow=2.0,
        clock=0.4,
    ),
)
_M33 = replace(_M4, name="cortex-m33", rates=replace(_BOARD, multiply_adds=0.03, loads=0.06, clock=0.16))  # at 160 MHz
_M55 = replace(
    _M4,
    name="cortex-m55",  # at 400 MHz; Helium: eight registers of 16 bytes, half of one multiplied in a cycle
    needs=("mve.fp",),
    vector_bytes=16,
    registers=8,
    caches=(32 * KIB,),
    dot={("int8", "int32"): 4, ("int16", "int32"): 2},  # VMLADAV
    pipeline=replace(_SINGLE, bytes=8, in_flight=2),
    rates=replace(_M7.rates, multiply_adds=0.15),
)
_M85 = replace(
    _M55,
    name="cortex-m85",  # at 480 MHz; Helium as in the M55, and two scalar instructions in a cycle
    pipeline=replace(_M55.pipeline, issue=2, decode=2, in_flight=3),
    rates=replace(_M55.rates, multiply_adds=0.2, loads=0.3, bytes=1.0, clock=0.48),
)
_RV32 = replace(
    _M0,
    name="rv32imc",  # at 160 MHz, floating point in software
    arch="riscv32",
    needs=("m", "c"),
    registers=16,
    rates=replace(_BOARD, multiply_adds=0.0015, loads=0.04, bytes=0.2, clock=0.16),
)
_PORTABLE = replace(_M4, name="portable", arch="", needs=(), registers=16, dot={})
"""Any machine with floating point: C11 without an extension, at the rates of a Cortex-M4."""
_RV64 = replace(
    _AARCH64,
    name="rv64gcv",  # 16 bytes are in every vector register, though many machines have more
    arch="riscv64",
    needs=("v",),
    caches=(32 * KIB, 512 * KIB),
    pipeline=replace(_AVX2, issue=1, bytes=16, decode=2, in_flight=4),
    rates=replace(_SERVER, multiply_adds=1, loads=0.5, bytes=4, call=200, read=(0.0, 1 / 8, 1.0), stream=1 / 4),
)

MACHINES = {
    one.name: one
    for one in (_V2, _V3, _V4, _AARCH64, _M0, _M3, _M4, _M7, _M33, _M55, _M85, _RV32, _RV64, _PORTABLE, GENERIC)
}
"""Name → machine."""


def machine_for(arch: str, features: Iterable[str]) -> Machine:
    """The machine that a processor of this architecture, with these features, is: the last one that it can be."""
    known = set(features)
    able = [one for one in MACHINES.values() if one.hosted and one.arch == arch and known.issuperset(one.needs)]
    found = able[-1] if able else GENERIC
    # Where an instruction adds up four products of bytes, none wants two of them.
    return replace(found, dot=_V2.dot) if found == _V3 and "avxvnni" in known else found
