"""A kernel's C function takes the kernel's operands, and a call gives it their places."""

import re

import pytest
from golden_files import compiled, paths

from mini_infer.codegen import generate
from mini_infer.codegen.function import Body, Function
from mini_infer.codegen.functions import Functions
from mini_infer.codegen.stream import Table
from mini_infer.program import Ring
from mini_infer.program.operand import Access, reads, updates, workspace, writes

SIZES = {
    **{f"{sign}int{8 * size}_t": size for sign in ("", "u") for size in (1, 2, 4, 8)},
    "_Float16": 2,
    "float": 4,
    "double": 8,
}


def declared(text):
    """The functions that a text defines: name → their parameters before the two of the items."""
    found = re.findall(
        r"^(?:static )?(?:int|void) (\w+_[0-9a-f]{8})\((.*), long begin, long end(?:, long \w+)*\) \{$",
        text,
        re.MULTILINE,
    )
    return {name: re.findall(r"(const )?(\w+) \*(restrict )?(\w+)", parameters) for name, parameters in found}


def calls_of(text, name):
    """The arguments of each call of a function, in the order of the text, without the two of the items."""
    starts = [found.end() for found in re.finditer(rf"\b{name}\((?=\()", text)]
    return [[*re.split(r", (?=\((?:const )?void \*\))", text[start : text.index("\n", start)])] for start in starts]


def kernels_of(step, functions):
    """The kernels of a step as they follow each other in the text: of a stream, one for each case of its switch."""
    if step.stream is None:
        return [call.kernel for call in step.calls]
    cases = Table.of(step.calls, step.stream, functions).cases
    return [case.piece.kernel for case in cases if not isinstance(case.piece, Ring)]


@pytest.mark.parametrize("path", paths("lowering"), ids=lambda path: path.stem)
def test_functions_take_what_their_kernels_state(path):
    artifact = compiled(path)
    machine, threads = artifact.target.machine, artifact.target.threads
    files = generate(artifact.program, artifact.plan, machine, threads=threads).files
    functions, text = declared("".join(files.values())), files["mini_infer.c"]
    names, places = Functions(machine), {}
    for kernel in (kernel for step in artifact.program.steps for kernel in kernels_of(step, names)):
        name, operands = names.of(kernel).name, kernel.operands()
        twins = [operand.twin for operand in operands]
        assert sum(twins) in (0, 2), operands
        for operand, (const, kind, restrict, parameter) in zip(operands, functions[name], strict=True):
            assert parameter == operand.name
            assert bool(const) == (operand.access is Access.READ), operand
            assert SIZES[kind] == operand.element_bytes, operand
            assert bool(restrict) != operand.twin, operand
        arguments = calls_of(text, name)[places.get(name, 0)]
        places[name] = places.get(name, 0) + 1
        for operand, argument in zip(operands, arguments, strict=True):
            assert argument.startswith("(const void *)") == (operand.access is Access.READ), operand
            if "worker" in argument:
                assert operand.private
                assert f"worker * {operand.reach[1]})" in argument
    assert places.keys() == functions.keys()


def test_parameters_say_what_is_done_with_them():
    function = Function(
        (
            reads("a", 2),
            updates("b", 1).like("c", Access.UPDATE, twin=True),
            reads("residual", 1).like("d", Access.READ, twin=True),
            workspace("e", 8, 3, private=True),
            writes("f", 4),
        ),
        Body("some", "*f = *a;", can_fail=True),
    )
    parameters = (
        "const uint16_t *restrict a, uint8_t *c, const uint8_t *d, uint64_t *restrict e, uint32_t *restrict f, "
        "long begin, long end"
    )
    assert function.head == f"int {function.name}({parameters})"
    assert function.text == f"{function.head} {{\n*f = *a;\nreturn 0;\n}}\n"
    assert re.fullmatch(r"some_[0-9a-f]{8}", function.name)
