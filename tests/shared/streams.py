"""A small program with a step that streams."""

from dataclasses import replace

from all_passes import pipeline
from golden_files import TARGET, read_model

from mini_infer import frontend, lowering, memory, passes
from mini_infer.interpreter import evaluate
from mini_infer.runtime import Artifact, Variant
from mini_infer.streaming.estimate import Estimator
from mini_infer.streaming.fuse import Interval, streamed

ALIGNMENT = 64

CONVS = """\
constants: w=4,2,3,3 v=4,4,3,3 u=3,4,1,1
g (float[1,2,16,12] x) => (float[1,3,8,6] y) {
    a = Conv <pads = [1, 1, 1, 1]> (x, w)
    b = Relu (a)
    c = Conv <pads = [1, 1, 1, 1]> (b, v)
    d = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (c)
    e = Sigmoid (d)
    y = Conv (e, u)
}
"""


def whole_program(text=CONVS, target=TARGET):
    """The program of a model, as `golden_files.read_model` reads it; none of its steps streams."""
    exported = frontend.read(read_model(text)[0], evaluate=evaluate)
    graph = passes.run(exported, pipeline(), passes.Remarks())
    program = lowering.place(lowering.select(graph, lowering.Selector(target.machine)), alignment=ALIGNMENT)
    return replace(program, exported_bytes=lowering.exported_bytes(exported, ALIGNMENT))


def streamed_program(text=CONVS, *, start=0, end=None, bands=4, target=TARGET):
    """The same program, but the steps `[start, end)` are one that streams."""
    program = whole_program(text, target)
    estimator = Estimator(program, target.machine, ALIGNMENT)
    interval = Interval(start, len(program.steps) if end is None else end, bands)
    return streamed(program, estimator.accesses, estimator.flat, [interval], ALIGNMENT)


def artifact_of(program, target=TARGET):
    """What an engine of a program is made of."""
    return Artifact.of([Variant("", program, memory.solve(program.problem))], target)
