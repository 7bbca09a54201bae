"""The constant block: every weight of an engine in one piece of memory, shared by its programs."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mini_infer.program.types import Constant, Program

ALIGNMENT = 64
"""Bytes: the block and every constant in it start at a multiple of this."""


def gather(programs: Sequence[Program]) -> tuple[tuple[Program, ...], np.ndarray]:
    """Copy the programs' constants into one block, equal ones once.

    Returns
    -------
    tuple of Program
        The programs, their constants read-only views of the block.
    numpy.ndarray
        The block: uint8, read-only.
    """
    placed: dict[tuple[object, ...], list[Constant]] = {}
    end = 0
    laid: list[list[Constant]] = []
    for program in programs:
        laid.append([])
        for constant in program.constants:
            kind = constant.name, constant.packing, constant.is_packed, constant.shape, constant.value.dtype.str
            alike = placed.setdefault(kind, [])
            found = next((other for other in alike if _equal(other.value, constant.value)), None)
            if found is None:
                found = replace(constant, offset=end)
                alike.append(found)
                end += 0 if constant.value.dtype.hasobject else -(-constant.nbytes // ALIGNMENT) * ALIGNMENT
            laid[-1].append(found)
    padded = np.zeros(end + ALIGNMENT, dtype=np.uint8)
    start = -padded.__array_interface__["data"][0] % ALIGNMENT
    block = padded[start : start + end]
    for constant in (constant for constants in placed.values() for constant in constants):
        if not constant.value.dtype.hasobject:
            view(block, constant)[...] = constant.data
    block.flags.writeable = False
    return bind(programs, laid, block), block


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    return one is other or np.array_equal(one, other)


def bind(programs: Sequence[Program], laid: Sequence[Sequence[Constant]], block: np.ndarray) -> tuple[Program, ...]:
    """The programs with these constants, their data views of the block."""
    return tuple(
        replace(
            program,
            constants=tuple(
                constant
                if constant.value.dtype.hasobject
                else replace(constant, value=view(block, constant), is_packed=True)
                for constant in constants
            ),
        )
        for program, constants in zip(programs, laid, strict=True)
    )


def view(block: np.ndarray, constant: Constant) -> np.ndarray:
    """The constant's bytes in the block, in its type and shape.

    Raises
    ------
    ValueError
        When it does not lie in the block.
    """
    if not 0 <= constant.offset <= block.size - constant.nbytes or constant.offset % ALIGNMENT:
        raise ValueError(f"constant {constant.name!r} of {constant.nbytes} bytes lies at {constant.offset}")
    data = block[constant.offset : constant.offset + constant.nbytes]
    return data.view(constant.value.dtype).reshape(constant.shape)
