"""The constant block: every weight of an engine in one piece of memory, shared by its programs."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mini_infer.heap import Leftovers
from mini_infer.program.types import Constant, Program

ALIGNMENT = 64
"""Bytes: the block and every constant in it start at a multiple of this."""


def gather(programs: list[Program]) -> tuple[tuple[Program, ...], np.ndarray]:
    """Move the programs' constants into one block, equal ones once.

    The list is emptied: where nobody else has the programs, each array goes as soon as it is in the block, so that the
    weights are never in memory twice.

    Returns
    -------
    tuple of Program
        The programs, their constants read-only views of the block.
    numpy.ndarray
        The block: uint8, read-only.
    """
    constants, laid, end = _lay(programs)
    bare = [replace(program, constants=()) for program in programs]
    programs.clear()
    padded = np.zeros(end + ALIGNMENT, dtype=np.uint8)
    start = -padded.__array_interface__["data"][0] % ALIGNMENT
    block = padded[start : start + end]
    leftovers = Leftovers()
    for index in range(len(constants)):
        size = constants[index].value.nbytes
        constants[index] = _moved(constants[index], block)
        leftovers.add(size)
    block.flags.writeable = False
    return bind(bare, [[constants[index] for index in indices] for indices in laid], block), block


def _lay(programs: Sequence[Program]) -> tuple[list[Constant], list[list[int]], int]:
    """The constants with their offsets, equal ones once; which of them each program has; and where the last ends."""
    placed: dict[tuple[object, ...], list[int]] = {}
    constants: list[Constant] = []
    laid: list[list[int]] = []
    end = 0
    for program in programs:
        laid.append([])
        for constant in program.constants:
            kind = constant.name, constant.packing, constant.is_packed, constant.shape, constant.value.dtype.str
            alike = placed.setdefault(kind, [])
            found = next((index for index in alike if _equal(constants[index].value, constant.value)), len(constants))
            if found == len(constants):
                constants.append(replace(constant, offset=end))
                alike.append(found)
                end += 0 if constant.value.dtype.hasobject else -(-constant.nbytes // ALIGNMENT) * ALIGNMENT
            laid[-1].append(found)
    return constants, laid, end


def _moved(constant: Constant, block: np.ndarray) -> Constant:
    """The constant after its bytes were written into the block; one of Python objects as it is."""
    if constant.value.dtype.hasobject:
        return constant
    target = view(block, constant)
    target[...] = constant.data
    return replace(constant, value=target, is_packed=True)


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
    return data.view(constant.dtype).reshape(constant.shape)
