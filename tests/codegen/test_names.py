"""Values may be called anything: their names meet in C, or are none there."""

import re

import numpy as np
from onnx import TensorProto, helper

import mini_infer
from mini_infer.codegen import generate

NAMES = (
    *(*(f"a_b_{index}" for index in range(40)), "a.b", "a_b", "a/b", "a b", "a-b"),
    *(
        "int",
        "for",
        "1st",
        "AT_x",
        "größe",
        "尺寸",
        "🙂",
        "_",
        "__",
        "*/ int x = 1; /*",
        "new\nline",
        "tab\t",
        "back\\",
    ),
    *("??/", "%s", '"quoted"', "x" * 3000, "x" * 3000 + "y", "x" * 3001, "arena", "main", "inputs"),
)


def test_values_of_any_names_have_places_of_their_own():
    names = list(NAMES)
    nodes = [helper.make_node("Transpose", [one], [two]) for one, two in zip(["given", *names], names, strict=False)]
    # all values are needed to the end, so that two with one place would show
    nodes.append(helper.make_node("Sum", names, ["result"]))
    matrix = [2, 2]
    graph = helper.make_graph(
        nodes,
        "a model */ of\nany name",
        [helper.make_tensor_value_info("given", TensorProto.FLOAT, matrix)],
        [helper.make_tensor_value_info("result", TensorProto.FLOAT, matrix)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    engine = mini_infer.compile(model, rewrite=False)
    (variant,) = engine.variants
    assert len(variant.program.problem.buffers) >= len(names)
    (text,) = generate(variant.program, variant.plan, engine.target.machine).files.values()
    offsets = re.findall(r"^#define (AT_\w+) \d+ /\*[^\n]*\*/$", text, flags=re.MULTILINE)
    assert len({name[:63] for name in offsets}) == len(variant.program.problem.buffers)
    given = np.float32([[1, 2], [3, 4]])
    made = engine.create_context().run({"given": given})["result"]
    turned = (len(names) + 1) // 2
    np.testing.assert_array_equal(made, given.T * turned + given * (len(names) - turned))
