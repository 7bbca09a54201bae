"""The calls of a program with sizes that are given at run time, each on memory of its own."""

import ctypes
import os

import numpy as np

from mini_infer.codegen.functions import Functions, inline
from mini_infer.codegen.vectors.vector import prelude
from mini_infer.program import Space
from mini_infer.runtime.native import pointers
from mini_infer.toolchain import Target, build, find, load


class Apart:
    """Runs every call with each operand in a block of exactly the bytes that the kernel says it reaches.

    With the sanitizers, a kernel that reaches further ends the process.
    """

    def __init__(self, engine, *, sanitize):
        self.engine, self.program = engine, engine.program
        functions = Functions(engine.target.machine)
        wrappers = []
        for call in self._calls(self.program):
            function = functions.of(call.kernel)
            arguments = [f"operands[{index}]" for index in range(len(call.operands))]
            symbols = [f"sizes[{self.program.symbols.index(symbol)}]" for symbol in function.symbols]
            names = "".join(
                f"const long {symbol.code} = sizes[{index}]; (void){symbol.code}; "
                for index, symbol in enumerate(self.program.symbols)
            )
            words = ", ".join([*arguments, "0", str(function.body.items), *symbols])
            value = f"{function.name}({words})"
            body = f"return {value};" if function.body.can_fail else f"{value}; return 0;"
            number = len(wrappers)
            wrappers.append(
                f"MI_EXPORT int call_{number}(void *const *operands, const long *sizes) {{ {names}{body} }}\n"
            )
        definitions = inline(functions.distinct.values())
        text = "\n".join([prelude(engine.target.machine), *definitions, *wrappers])
        compiler = find("gcc" if sanitize else os.environ.get("MINI_INFER_CC"))
        built = build({"apart.c": text}, compiler, Target.host(), warnings=True, sanitize=sanitize, jobs=1)
        self.library = load(built)

    def _calls(self, program):
        return [call for step in program.steps for call in step.calls]

    def run(self, feeds, sizes):
        """The outputs, in their order."""
        program = self.program.at(sizes)
        steps = np.array([sizes[symbol.name] // symbol.step for symbol in self.program.symbols], np.int64)
        inputs = [np.array(feeds[port.name], order="C") for port in program.inputs]
        outputs = [np.zeros(port.type.shape, port.type.dtype.numpy) for port in program.outputs]
        memory = {(Space.INPUT, index): _bytes(x) for index, x in enumerate(inputs)}
        memory |= {(Space.OUTPUT, index): _bytes(y) for index, y in enumerate(outputs)}
        for index, constant in enumerate(program.constants):
            memory[Space.CONSTANT, index] = _bytes(constant.data)
        for index, buffer in enumerate(program.problem.buffers):
            memory[Space.ARENA, index] = np.full(buffer.size, 0xFF, np.uint8)
        for number, call in enumerate(self._calls(program)):
            self._call(number, call, memory, steps)
        return outputs

    def _call(self, number, call, memory, steps):
        blocks, places = {}, []
        for view, operand in zip(call.operands, call.kernel.operands(), strict=True):
            low, high = operand.reach
            key = (view.space, view.index, view.offset + low, view.offset + high)
            whole = memory[key[:2]][key[2] : key[3]]
            assert whole.size == high - low
            blocks.setdefault(key, whole.copy())
            places.append((blocks[key].ctypes.data - low, whole, blocks[key], operand.written))
        function = self.library[f"call_{number}"]
        code = function(pointers([address for address, *_ in places]), ctypes.c_void_p(steps.ctypes.data))
        assert code == 0, f"call {number}, {call.kernel}, failed with code {code}"
        for _, whole, block, written in places:
            if written:
                whole[...] = block


def _bytes(array):
    return array.reshape(-1).view(np.uint8)
