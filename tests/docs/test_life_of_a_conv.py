"""The texts in docs/life-of-a-conv.md are what the stages make of its model.

With MINI_INFER_REGENERATE=1 in the environment they are written anew.
"""

import os
import re
import textwrap
from pathlib import Path

from all_passes import pipeline
from golden_files import TARGET, read_model

import mini_infer
from mini_infer import frontend, lowering, passes
from mini_infer.codegen import generate
from mini_infer.interpreter import evaluate
from mini_infer.ir.printer import format_graph
from mini_infer.program import format_program

PAGE = Path(__file__).parents[2] / "docs" / "life-of-a-conv.md"
BLOCK = re.compile(r"(<!-- ([\w-]+) -->\n```c?\n)(.*?)(```\n)", re.DOTALL)
CONSTANTS = "constants: w=16,8,3,3 scale=16 shift=16 mean=16 variance=16\n"
MODEL = """\
g (float[1,8,32,32] x) => (float[1,16,16,16] y) {
    conv = Conv <pads = [1, 1, 1, 1]> (x, w)
    norm = BatchNormalization (conv, scale, shift, mean, variance)
    positive = Relu (norm)
    y = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (positive)
}
"""


def test_every_text_is_what_its_stage_makes():
    page, texts = PAGE.read_text(encoding="utf-8"), stages()
    written = BLOCK.sub(lambda found: found[1] + texts.pop(found[2]) + found[4], page)
    assert not texts
    if os.environ.get("MINI_INFER_REGENERATE"):
        PAGE.write_text(written, encoding="utf-8", newline="\n")
    else:
        assert page == written


def stages():
    """Stage → its text."""
    model, _ = read_model(CONSTANTS + MODEL)
    graph = frontend.read(model, shapes={}, fixed={}, evaluate=evaluate)
    texts = {"model": MODEL, "read": format_graph(graph)}
    remarks = passes.Remarks()
    for rewrite in pipeline():
        rewritten = rewrite(graph, remarks)
        if rewritten is not graph:
            texts[rewrite.name] = format_graph(rewritten)
        graph = rewritten
    texts["remarks"] = "".join(f"{each.pass_name}: {each.text}\n" for each in remarks.entries)
    texts["program"] = format_program(lowering.place(lowering.select(graph, lowering.Selector(TARGET.machine))))
    artifact = mini_infer.build(model, target=TARGET, optimize="memory", time_limit=0)
    texts["streamed"] = format_program(artifact.program, artifact.plan)
    code = "\n".join(generate(artifact.program, artifact.plan, TARGET.machine, whole=True).files.values())
    texts["code"] = block(code, "MI_EXPORT int mini_infer_0")
    texts["kernel"] = block(code[code.index("void conv_") :], "for (long i = 0;")
    return texts


def block(code, beginning):
    """The lines from the first with that beginning to the brace that ends it."""
    lines = code.splitlines(keepends=True)
    start = next(index for index, line in enumerate(lines) if line.lstrip().startswith(beginning))
    indent = lines[start][: -len(lines[start].lstrip())]
    end = next(index for index in range(start, len(lines)) if lines[index] == f"{indent}}}\n")
    return textwrap.dedent("".join(lines[start : end + 1]))
